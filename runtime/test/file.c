/* SPDX-License-Identifier: MIT */
/*
 * Decides the life of a file of tests: a Lua of its own, one runtime for each
 * playbook that it tests. A runtime per test would load the playbook as often
 * as there are tests; a runtime that is reset between them is as new to each.
 */
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/inside.h"

static int fail_memory(aplomb_error *error) {
	if (error == NULL) return APLOMB_ENOMEM;
	*error = (aplomb_error){.code = APLOMB_ENOMEM, .slug = "no-memory", .message = "there is not enough memory"};
	return APLOMB_ENOMEM;
}

static int fail_raised(const apl_test_file *file, aplomb_error *error) {
	if (error == NULL) return APLOMB_EPLAYBOOK;
	*error = (aplomb_error){.code = APLOMB_EPLAYBOOK, .line = file->raised_line};
	snprintf(error->slug, sizeof error->slug, "%s", file->raised_slug);
	snprintf(error->file, sizeof error->file, "%s", file->raised_file != NULL ? file->raised_file : file->path);
	snprintf(error->message, sizeof error->message, "%s", file->raised != NULL ? file->raised : "");
	return APLOMB_EPLAYBOOK;
}

/* What Lua says of a file that is none: "path:line: words", the path cut when it is long. */
static int fail_syntax(const apl_test_file *file, aplomb_error *error) {
	if (error == NULL) return APLOMB_EPLAYBOOK;
	*error = (aplomb_error){.code = APLOMB_EPLAYBOOK, .slug = "test-lua"};
	const char *message = lua_tostring(file->L, -1);
	snprintf(error->file, sizeof error->file, "%s", file->path);
	for (const char *colon = strchr(message, ':'); colon != NULL; colon = strchr(colon + 1, ':')) {
		size_t digits = strspn(colon + 1, "0123456789");
		if (digits == 0 || colon[digits + 1] != ':') continue;
		error->line = (uint32_t)strtoul(colon + 1, NULL, 10);
		message = colon + digits + 2 + (colon[digits + 2] == ' ');
		break;
	}
	snprintf(error->message, sizeof error->message, "%s", message);
	return APLOMB_EPLAYBOOK;
}

int apl_test_load_playbook(apl_test_file *file, apl_test_group *group, aplomb_error *error) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.time_follows_events = true;
	options.forget_journal = true; /* the lines are ours */
	options.journal = apl_test_take_lines;
	options.journal_payload = file;
	options.coverage = file->options.coverage;
	int code = aplomb_open(&group->rt, &options, error);
	if (code != APLOMB_OK) return code;
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	load.path = group->path;
	load.roots = file->options.roots;
	load.n_roots = file->options.n_roots;
	load.policy_path = file->options.policy_path;
	load.params = file->options.params;
	load.params_size = file->options.params_size;
	load.params_path = file->options.params_path;
	load.on_finding = file->options.on_finding;
	load.payload = file->options.payload;
	code = aplomb_load(group->rt, &load, &group->playbook, error);
	if (code == APLOMB_OK) code = aplomb_default_playbook(group->rt, group->playbook, error);
	if (code == APLOMB_OK && !apl_test_names_of(group)) code = fail_memory(error);
	return code;
}

static int open_lua(lua_State *L) {
	apl_test_open_lua(L);
	apl_test_open_play(L);
	return 0;
}

static int take_tests(lua_State *L) {
	apl_test_take_tests(L);
	return 0;
}

/* The file's Lua, and what it returns taken apart. */
static int read_tests(apl_test_file *file, aplomb_error *error) {
	lua_State *L = file->L;
	lua_pushcfunction(L, open_lua);
	if (!apl_test_call(file, 0, 0)) return fail_raised(file, error);
	int code;
	if (!apl_test_load_file(file, file->path, &code)) {
		if (code == APLOMB_ENOMEM) return fail_memory(error);
		if (code == APLOMB_EPLAYBOOK) return fail_syntax(file, error);
		if (error != NULL) {
			*error = (aplomb_error){.code = code, .slug = "file-unreadable"};
			snprintf(error->message, sizeof error->message, "cannot read the tests %.600s", file->path);
		}
		return code;
	}
	if (!apl_test_call(file, 0, 1)) return fail_raised(file, error);
	lua_pushcfunction(L, take_tests);
	lua_insert(L, -2);
	return apl_test_call(file, 1, 0) ? APLOMB_OK : fail_raised(file, error);
}

/* One with a Lua and nothing in it yet. */
static int make(apl_test_file **out, const char *path, const apl_test_options *options, aplomb_error *error) {
	apl_test_file *file = calloc(1, sizeof *file);
	if (file == NULL) return fail_memory(error);
	if (options != NULL) file->options = *options;
	const char *slash = strrchr(path, '/');
	file->path = strdup(path);
	file->folder = strdup(path);
	file->L = lua_newstate(apl_test_lua_alloc, file);
	if (file->path == NULL || file->folder == NULL || file->L == NULL) {
		apl_test_close(file);
		return fail_memory(error);
	}
	file->folder[slash != NULL ? slash + 1 - path : 0] = '\0';
	*(apl_test_file **)lua_getextraspace(file->L) = file;
	*out = file;
	return APLOMB_OK;
}

static int load_playbooks(apl_test_file *file, apl_test_file **out, int code, aplomb_error *error) {
	for (size_t i = 0; i < file->n_groups && code == APLOMB_OK; i++) code = apl_test_load_playbook(file, &file->groups[i], error);
	if (code != APLOMB_OK) {
		apl_test_close(file);
		return code;
	}
	*out = file;
	return APLOMB_OK;
}

int apl_test_open(apl_test_file **out, const char *path, const apl_test_options *options, aplomb_error *error) {
	apl_test_file *file;
	int code = make(&file, path, options, error);
	return code != APLOMB_OK ? code : load_playbooks(file, out, read_tests(file, error), error);
}

int apl_test_open_journal(
    apl_test_file **out, const char *path, const char *playbook, const apl_test_options *options, aplomb_error *error) {
	apl_test_file *file;
	int code = make(&file, path, options, error);
	if (code != APLOMB_OK) return code;
	file->groups = calloc(1, sizeof *file->groups);
	file->items = calloc(1, sizeof *file->items);
	if (file->groups != NULL) {
		file->groups_capacity = file->n_groups = 1;
		file->groups[0].path = strdup(playbook);
		file->groups[0].params = LUA_NOREF;
	}
	if (file->items != NULL) {
		file->items_capacity = file->n_items = 1;
		file->items[0] = (apl_test_item){.name = strdup("as recorded"), .recorded = strdup(path), .function = LUA_NOREF, .row = LUA_NOREF};
	}
	if (file->groups == NULL || file->items == NULL || file->groups[0].path == NULL || file->items[0].name == NULL ||
	    file->items[0].recorded == NULL)
		code = fail_memory(error);
	return load_playbooks(file, out, code, error);
}

void apl_test_close(apl_test_file *file) {
	if (file == NULL) return;
	apl_test_world_clear(&file->world);
	if (file->L != NULL) lua_close(file->L);
	for (size_t i = 0; i < file->n_groups; i++) {
		apl_test_group *group = &file->groups[i];
		aplomb_close(group->rt);
		free(group->path);
		apl_test_names_dispose(&group->states);
		apl_test_names_dispose(&group->effects);
		apl_test_names_dispose(&group->events);
	}
	for (size_t i = 0; i < file->n_items; i++) {
		free(file->items[i].name);
		free(file->items[i].recorded);
	}
	apl_test_text *texts[] = {&file->expected, &file->found, &file->hint, &file->json, &file->path_text, &file->refusal};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) apl_test_text_dispose(texts[i]);
	free(file->groups);
	free(file->items);
	free(file->raised);
	free(file->raised_file);
	free(file->path);
	free(file->folder);
	free(file);
}

size_t apl_test_count(const apl_test_file *file) {
	return file->n_items;
}

const char *apl_test_name(const apl_test_file *file, size_t n, uint32_t *line) {
	if (line != NULL) *line = file->items[n].line;
	return file->items[n].name;
}

const char *apl_test_playbook(const apl_test_file *file, size_t n, const char **id, const char **hash) {
	if (n >= file->n_groups) return NULL;
	const apl_test_group *group = &file->groups[n];
	if (id != NULL) *id = aplomb_playbook_id(group->playbook);
	if (hash != NULL) *hash = aplomb_playbook_hash(group->playbook);
	return group->path;
}

int apl_test_coverage(
    apl_test_file *file, size_t n, void (*row)(const aplomb_coverage_row *row, void *payload), void *payload, aplomb_error *error) {
	const apl_test_group *group = &file->groups[n];
	return aplomb_playbook_coverage(group->rt, group->playbook, row, payload, error);
}
