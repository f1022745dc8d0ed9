/* SPDX-License-Identifier: MIT */
/*
 * Decides how a test ends: by itself, by an expectation that is not met, or by
 * a mistake; and which place of the file is told for it.
 */
#include <lauxlib.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/inside.h"

/* The value of errors whose words and place were noted already. */
static const char RAISED;

/* ---- memory ------------------------------------------------------------- */

int apl_test_no_memory(lua_State *L) {
	return apl_test_raise(L, "no-memory", "there is not enough memory");
}

void apl_test_need_room(lua_State *L, void *items, size_t count, size_t *capacity, size_t size) {
	if (count < *capacity) return;
	size_t wanted = *capacity > 0 ? *capacity * 2 : 16;
	void *block;
	memcpy(&block, items, sizeof block);
	block = realloc(block, wanted * size);
	if (block == NULL) apl_test_no_memory(L);
	memcpy(items, &block, sizeof block);
	*capacity = wanted;
}

char *apl_test_need_copy(lua_State *L, const char *text) {
	if (text == NULL) return NULL;
	char *copy = strdup(text);
	if (copy == NULL) apl_test_no_memory(L);
	return copy;
}

/* ---- places ------------------------------------------------------------- */

/* The innermost function that is Lua and came out of a file. In a hook, that may be the one at level 0. */
static uint32_t place_from(lua_State *L, int level, const char **file) {
	lua_Debug about;
	for (; lua_getstack(L, level, &about) != 0; level++) {
		if (lua_getinfo(L, "Sl", &about) == 0 || about.currentline <= 0 || about.source[0] != '@') continue;
		*file = about.source + 1;
		return (uint32_t)about.currentline;
	}
	const apl_test_file *own = apl_test_file_of(L);
	*file = own->world.recorded_path != NULL ? own->world.recorded_path : own->path;
	return own->world.recorded_line;
}

uint32_t apl_test_here(lua_State *L, const char **file) {
	return place_from(L, 0, file);
}

/* ---- mistakes ----------------------------------------------------------- */

static void note_raised(apl_test_file *file, const char *slug, const char *message, const char *place, uint32_t line) {
	free(file->raised);
	free(file->raised_file);
	file->raised = strdup(message);
	file->raised_file = strdup(place);
	file->raised_line = line;
	snprintf(file->raised_slug, sizeof file->raised_slug, "%s", slug);
}

int apl_test_raise(lua_State *L, const char *slug, const char *format, ...) {
	char message[1024];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(message, sizeof message, format, arguments);
	va_end(arguments);
	const char *place;
	uint32_t line = apl_test_here(L, &place);
	note_raised(apl_test_file_of(L), slug, message, place, line);
	lua_pushlightuserdata(L, (void *)(uintptr_t)&RAISED);
	return lua_error(L);
}

/* Lua's own errors begin with the place, which is told apart from the words here. */
static const char *without_place(lua_State *L, const char *message, const char *file, uint32_t line) {
	(void)file;
	lua_Debug about;
	char number[16];
	snprintf(number, sizeof number, ":%u: ", line);
	for (int level = 0; lua_getstack(L, level, &about) != 0; level++) {
		if (lua_getinfo(L, "Sl", &about) == 0 || about.currentline != (int)line) continue;
		size_t size = strlen(about.short_src);
		if (strncmp(message, about.short_src, size) == 0 && strncmp(message + size, number, strlen(number)) == 0)
			return message + size + strlen(number);
	}
	return message;
}

static int on_error(lua_State *L) {
	if (lua_touserdata(L, 1) == &RAISED) return 1;
	apl_test_file *file = apl_test_file_of(L);
	const char *place;
	uint32_t line = place_from(L, 0, &place);
	const char *message = lua_tostring(L, 1);
	if (message == NULL) message = lua_pushfstring(L, "an error that is a %s and no text", luaL_typename(L, 1));
	note_raised(file, "test-lua", without_place(L, message, place, line), place, line);
	lua_pushlightuserdata(L, (void *)(uintptr_t)&RAISED);
	return 1;
}

bool apl_test_call(apl_test_file *file, int n_arguments, int n_results) {
	lua_State *L = file->L;
	int handler = lua_gettop(L) - n_arguments;
	note_raised(file, "", "", "", 0);
	lua_pushcfunction(L, on_error);
	lua_insert(L, handler);
	apl_test_begin_budget(file);
	int status = lua_pcall(L, n_arguments, n_results, handler);
	lua_sethook(L, NULL, 0, 0);
	lua_remove(L, handler);
	if (status == LUA_OK) return true;
	if (status == LUA_ERRMEM || status == LUA_ERRERR)
		note_raised(file, "test-limit", "the tests need more memory than they may have; is there a table that grows without an end?",
		    file->path, 0);
	lua_pop(L, 1);
	return false;
}

/* ---- failures ----------------------------------------------------------- */

void apl_test_differ(lua_State *L, const char *about, const char *expected, const char *found, const char *hint) {
	apl_test_world *world = &apl_test_file_of(L)->world;
	apl_test_need_room(L, &world->differences, world->n_differences, &world->differences_capacity, sizeof *world->differences);
	apl_test_difference *difference = &world->differences[world->n_differences];
	*difference = (apl_test_difference){0};
	world->n_differences++;
	difference->about = apl_test_need_copy(L, about);
	difference->expected = apl_test_need_copy(L, expected);
	difference->found = apl_test_need_copy(L, found);
	difference->hint = apl_test_need_copy(L, hint);
}

int apl_test_fail(lua_State *L, size_t the_case, const char *message) {
	apl_test_file *file = apl_test_file_of(L);
	apl_test_world *world = &file->world;
	const char *place;
	uint32_t line = apl_test_here(L, &place);
	if (!world->has_failed) {
		world->message = apl_test_need_copy(L, message);
		world->file = apl_test_need_copy(L, place);
		world->line = line;
		world->the_case = the_case;
		world->has_failed = true;
	}
	note_raised(file, "", message, place, line);
	lua_pushlightuserdata(L, (void *)(uintptr_t)&RAISED);
	return lua_error(L);
}

int apl_test_fail_again(lua_State *L) {
	lua_pushlightuserdata(L, (void *)(uintptr_t)&RAISED);
	return lua_error(L);
}

bool apl_test_troubled(apl_test_file *file) {
	static const char *const sentences[] = {[APL_TEST_REFUSED] = "an event was refused, and the test does not expect it",
	    [APL_TEST_FINDING] = "something went wrong in the playbook, and the test does not expect it",
	    [APL_TEST_FAULTED] = "the case is faulted, and the test does not expect it"};
	apl_test_world *world = &file->world;
	for (size_t i = 0; i < world->n_troubles; i++) {
		const apl_test_trouble *trouble = &world->troubles[i];
		if (trouble->is_expected) continue;
		world->message = strdup(sentences[trouble->kind]);
		world->file = strdup(trouble->file);
		world->line = trouble->line;
		world->the_case = trouble->the_case;
		world->has_failed = true;
		apl_test_difference *difference = realloc(world->differences, sizeof *difference);
		if (difference != NULL) {
			world->differences = difference;
			world->differences_capacity = world->n_differences = 1;
			char found[1200];
			snprintf(found, sizeof found, "%s [%s]", trouble->message, trouble->slug);
			static const char *const names[] = {
			    [APL_TEST_REFUSED] = "refused", [APL_TEST_FINDING] = "finding", [APL_TEST_FAULTED] = "faulted"};
			*difference = (apl_test_difference){
			    strdup(names[trouble->kind]), NULL, strdup(found), trouble->place != NULL ? strdup(trouble->place) : NULL};
		}
		return true;
	}
	return false;
}

/* ---- a test ------------------------------------------------------------- */

static int reseed(lua_State *L) {
	/* Every test draws the same numbers. */
	lua_getglobal(L, "math");
	lua_getfield(L, -1, "randomseed");
	lua_pushinteger(L, 1);
	lua_call(L, 1, 0);
	return 0;
}

/* (function, row or nil) with the case in between. */
static int play(lua_State *L) {
	reseed(L);
	lua_settop(L, 2);
	apl_test_push_case(L, "case");
	lua_insert(L, 2);
	lua_call(L, 2, 0);
	return 0;
}

static void fill_failure(const apl_test_file *file, apl_test_result *out) {
	const apl_test_world *world = &file->world;
	out->passed = false;
	if (!world->has_failed) {
		out->message = file->raised != NULL ? file->raised : "";
		out->file = file->raised_file != NULL ? file->raised_file : "";
		out->line = file->raised_line;
		return;
	}
	out->message = world->message != NULL ? world->message : "";
	out->file = world->file != NULL ? world->file : "";
	out->line = world->line;
	out->differences = world->differences;
	out->n_differences = world->n_differences;
}

/* Which case and which of its entries the failure is about. */
static void fill_entries(const apl_test_file *file, apl_test_result *out) {
	const apl_test_world *world = &file->world;
	size_t the_case = world->has_failed ? world->the_case : 0;
	/* A word that is wrong is wrong whatever happened. */
	bool is_slip = !world->has_failed && (strcmp(file->raised_slug, "test-word") == 0 || strcmp(file->raised_slug, "test-value") == 0);
	if (out->passed || is_slip || the_case >= world->n_cases) return;
	out->case_id = world->cases[the_case].id;
	if (world->parted_seq > 0) {
		out->from_seq = world->parted_seq;
		return;
	}
	for (size_t i = world->n_entries; i > 0; i--) {
		const apl_test_entry *entry = &world->entries[i - 1];
		if (entry->step < world->step) break;
		if (entry->the_case == the_case && entry->seq > 0) out->from_seq = entry->seq;
	}
}

int apl_test_run(apl_test_file *file, size_t n, apl_test_result *out, aplomb_error *error) {
	apl_test_world *world = &file->world;
	const apl_test_item *item = &file->items[n];
	apl_test_group *group = &file->groups[item->group];
	*out = (apl_test_result){.passed = true};
	apl_test_world_clear(world);
	world->group = group;
	int code = aplomb_reset(group->rt, error);
	/* A recorded journal brings its own time. */
	world->recorded_path = item->recorded;
	if (code == APLOMB_OK && item->recorded == NULL) code = aplomb_turn_clock(group->rt, group->starts_at, error);
	if (code != APLOMB_OK) return code;
	lua_State *L = file->L;
	lua_pushcfunction(L, item->recorded != NULL ? apl_test_play_recorded : play);
	if (item->recorded == NULL) {
		lua_rawgeti(L, LUA_REGISTRYINDEX, item->function);
		lua_rawgeti(L, LUA_REGISTRYINDEX, item->row);
	}
	bool ended = apl_test_call(file, item->recorded != NULL ? 0 : 2, 0);
	/* A failure that the test caught is one all the same; trouble is told unless a failure came first. */
	if (!ended || world->has_failed || apl_test_troubled(file)) fill_failure(file, out);
	fill_entries(file, out);
	out->lines = apl_test_text_of(&world->lines);
	out->lines_size = world->lines.size;
	out->printed = apl_test_text_of(&world->printed);
	out->printed_size = world->printed.size;
	return APLOMB_OK;
}
