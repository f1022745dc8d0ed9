/* SPDX-License-Identifier: MIT */
/*
 * Decides the life of a lua_State and what one call into it may cost. Nothing
 * else calls lua_pcall. A call ends in one of four ways: done; the author's
 * error; a breach of a limit, which no playbook can catch; no memory.
 */

#include "lua/define.h"
#include "lua/files.h"
#include "lua/catalogue.h"
#include "lua/reference.h"
#include "lua/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

/* ---- life --------------------------------------------------------------- */

/* Only reached when Lua raises outside of the door, which is a mistake of this room. */
static int panic(lua_State *L) {
	const char *message = lua_tostring(L, -1);
	fprintf(stderr, "aplomb: an error outside of a protected call: %s\n", message != NULL ? message : "?");
	APL_ASSERT(false);
	return 0;
}

static int explain(lua_State *L);
static void note_refusal(void *self);

void apl_lua_limit_texts(apl_lua *host, size_t least) {
	size_t most = host->data_limit > least ? host->data_limit : least;
	host->pool.most_text = most < SIZE_MAX - APL_LUA_TEXT_HEADER ? most + APL_LUA_TEXT_HEADER : SIZE_MAX;
}

/*
 * Makes the stack as large as it may ever be. The outermost call keeps room for all of it, so that no collection shrinks it, and whether
 * it is full depends on nothing but the calls that are under way.
 */
static bool pin_stack(apl_lua *host) {
	if (!lua_checkstack(host->L, APL_LUA_MOST_STACK)) return false;
	host->pool.is_pinning = true;
	lua_checkstack(host->L, APL_LUA_MOST_STACK + 1);
	host->pool.is_pinning = host->pool.met_stack = false;
	return true;
}

int apl_lua_host_new(apl_lua **out, const apl_alloc *alloc, const aplomb_limits *limits, aplomb_error *error) {
	apl_lua *host = apl_new(alloc, sizeof *host);
	if (host == NULL) return apl_fail_memory(error);
	host->alloc = *alloc;
	apl_arena_init(&host->arena, alloc);
	apl_pool_init(&host->pool, alloc, APL_LUA_LOAD_MEMORY);
	apl_buf_init(&host->json, alloc);
	apl_buf_init(&host->said, alloc);
	apl_buf_init(&host->path, alloc);
	apl_buf_init(&host->whole, alloc);
	apl_tape_init(&host->tape, alloc);
	apl_tape_init(&host->bundle, alloc);
	host->instruction_limit = APL_LUA_LOAD_INSTRUCTIONS;
	host->turn_instructions = limits != NULL && limits->instructions > 0 ? limits->instructions : 1000000;
	host->memory_limit = limits != NULL && limits->memory > 0 ? limits->memory : (size_t)16 * 1024 * 1024;
	host->data_limit = limits != NULL && limits->data > 0 ? limits->data : (size_t)1024 * 1024;
	host->depth_limit = limits != NULL && limits->depth > 0 ? limits->depth : 64;
	if (host->depth_limit >= APL_LUA_MOST_DEPTH) host->depth_limit = APL_LUA_MOST_DEPTH - 1;
	host->most_states = limits != NULL && limits->states > 0 ? limits->states : 16384;
	apl_lua_limit_texts(host, APL_SOURCE_MOST);
	host->pool.most_names = APL_LUA_MOST_NAMES;
	host->phase = APL_LUA_LOADING;
	host->program.calendar = APL_NONE;
	host->program.calendar_handler = APL_NO_HANDLER;
	host->plain_slug = "lua-error";
	host->c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	host->pool.is_opening = true;
	if (host->c_locale != (locale_t)0) host->L = lua_newstate(apl_pool_alloc, &host->pool);
	host->pool.is_opening = false;
	if (host->L == NULL) {
		apl_lua_host_free(host);
		return apl_fail_memory(error);
	}
	lua_atpanic(host->L, panic);
	host->pool.refused = note_refusal;
	host->pool.payload = host;
	memcpy(lua_getextraspace(host->L), &host, sizeof host);
	if (!pin_stack(host)) {
		apl_lua_host_free(host);
		return apl_fail_memory(error);
	}
	lua_pushcfunction(host->L, explain);
	*out = host;
	return APLOMB_OK;
}

void apl_lua_host_free(apl_lua *host) {
	if (host == NULL) return;
	apl_alloc alloc = host->alloc;
	if (host->L != NULL) lua_close(host->L);
	apl_pool_dispose(&host->pool);
	if (host->c_locale != (locale_t)0) freelocale(host->c_locale);
	apl_program *program = &host->program;
	if (program->chart != NULL) apl_chart_free(program->chart);
	apl_schema_free(program->data);
	apl_schema_free(program->params);
	apl_schema_free(host->error_schema);
	apl_schema_free(host->done_schema);
	apl_free(&host->alloc, host->finals, host->finals_capacity * sizeof *host->finals);
	apl_free(&host->alloc, host->invokes, host->invokes_capacity * sizeof *host->invokes);
	for (uint32_t i = 0; i < host->n_event_schemas; i++) apl_schema_free(host->event_schemas[i].schema);
	for (uint32_t i = 0; i < host->n_effects; i++) apl_schema_free(host->effects[i].schema);
	apl_free(&alloc, host->event_schemas, host->event_schemas_capacity * sizeof *host->event_schemas);
	apl_free(&alloc, host->effects, host->effects_capacity * sizeof *host->effects);
	apl_free(&alloc, host->counters, host->counters_capacity * sizeof *host->counters);
	apl_free(&alloc, host->clocks, host->clocks_capacity * sizeof *host->clocks);
	apl_free(&alloc, host->clock_names, host->clock_names_capacity * sizeof *host->clock_names);
	apl_free(&alloc, host->sayings, host->sayings_capacity * sizeof *host->sayings);
	apl_free(&alloc, host->references, host->references_capacity * sizeof *host->references);
	for (uint32_t i = 0; i < host->n_calendars; i++) apl_calendar_free(host->calendars[i].calendar);
	apl_free(&alloc, host->calendars, host->calendars_capacity * sizeof *host->calendars);
	for (uint32_t i = 0; i < host->n_rotas; i++) apl_rota_free(host->rotas[i].rota);
	apl_free(&alloc, host->rotas, host->rotas_capacity * sizeof *host->rotas);
	apl_free(&alloc, host->callouts, host->callouts_capacity * sizeof *host->callouts);
	apl_free(&alloc, host->functions, host->functions_capacity * sizeof *host->functions);
	apl_free(&alloc, host->handlers, host->handlers_capacity * sizeof *host->handlers);
	for (uint32_t i = 0; i < host->n_nodes; i++) {
		if (host->nodes[i].slots != NULL) apl_free(&alloc, host->nodes[i].slots, (host->nodes[i].mask + 1) * sizeof *host->nodes[i].slots);
	}
	apl_free(&alloc, host->nodes, host->nodes_capacity * sizeof *host->nodes);
	apl_lua_files_dispose(host);
	apl_free(&alloc, host->made, host->made_capacity * sizeof *host->made);
	apl_free(&alloc, host->asked, host->asked_capacity * sizeof *host->asked);
	apl_free(&alloc, host->given, host->given_capacity * sizeof *host->given);
	apl_free(&alloc, host->module_words, host->module_words_capacity * sizeof *host->module_words);
	apl_tape_dispose(&host->bundle);
	apl_tape_dispose(&host->tape);
	apl_buf_dispose(&host->path);
	apl_buf_dispose(&host->whole);
	apl_buf_dispose(&host->json);
	apl_buf_dispose(&host->said);
	apl_arena_dispose(&host->arena);
	apl_free(&alloc, host, sizeof *host);
}

/* ---- the door ----------------------------------------------------------- */

static void count_instructions(lua_State *L, lua_Debug *frame) {
	(void)frame;
	apl_lua_charge(L, APL_LUA_CHUNK * (1 + apl_lua_surcharge(apl_lua_of(L))));
}

/* "playbook:12: message" or "@3:12: message" is how Lua says where; returns the message. */
static const char *split_place(const apl_lua *host, const char *text, apl_place *place) {
	size_t prefix = strcspn(text, ":");
	bool is_main = prefix == strlen(APL_LUA_CHUNK_NAME) && strncmp(text, APL_LUA_CHUNK_NAME, prefix) == 0;
	bool is_aside = prefix == 1 && text[0] == '?';
	if ((!is_main && !is_aside && text[0] != '@') || text[prefix] != ':') return text;
	char *end;
	unsigned long line = strtoul(text + prefix + 1, &end, 10);
	if (line == 0 || line > UINT32_MAX || end[0] != ':' || end[1] != ' ') return text;
	const uint32_t file = apl_lua_file_of_chunk(host, text);
	if (!apl_lua_is_on_behalf(host, file)) *place = apl_lua_place_in(host, file, (uint32_t)line);
	return end + 2;
}

/* The message handler: an error that Lua itself raised becomes the host's. */
/* While loading: where the playbook's own file was, when a module's function erred that it called. */
static void note_caller(lua_State *L, apl_lua *host) {
	lua_Debug frame;
	bool is_in_module = false;
	host->caller = APL_NOWHERE;
	for (int level = 1; lua_getstack(L, level, &frame); level++) {
		lua_getinfo(L, "Sl", &frame);
		if (frame.currentline <= 0) continue;
		if (apl_lua_file_of_chunk(host, frame.source) == 0) {
			if (is_in_module) host->caller = apl_lua_place_in(host, 0, (uint32_t)frame.currentline);
			return;
		}
		is_in_module = true;
	}
}

static int explain(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	if (host->phase == APL_LUA_LOADING) note_caller(L, host);
	if (host->has_error) return 1;
	host->has_error = true;
	apl_place place = apl_lua_place(L, 1);
	if (place.file == NULL) place = apl_lua_place_in(host, 0, 0);
	const char *text = lua_type(L, 1) == LUA_TSTRING ? lua_tostring(L, 1) : "an error that is no text";
	text = split_place(host, text, &place);
	apl_fail_at(&host->error, APLOMB_EPLAYBOOK, host->plain_slug, place, "%s", text);
	return 1;
}

void apl_lua_push_explain(lua_State *L) {
	lua_pushcfunction(L, explain);
}

/*
 * Lua calls no message handler when it has no memory, so the line is noted when the request is refused. This looks at the stack and
 * allocates nothing.
 */
static void note_refusal(void *self) {
	apl_lua *host = self;
	if (host->L != NULL) host->refused_place = apl_lua_place(host->L, 0);
}

static apl_lua_verdict out_of_memory(apl_lua *host, apl_place place) {
	if (host->refused_place.file != NULL) place = host->refused_place;
	host->refused_place = APL_NOWHERE;
	const apl_pool pool = host->pool;
	host->pool.met_no_memory = host->pool.met_limit = host->pool.met_text = host->pool.met_names = host->pool.met_stack = false;
	host->pool.n_refused = 0;
	if (pool.met_no_memory) {
		apl_fail_memory(&host->error);
		return APL_LUA_NO_MEMORY;
	}
	if (pool.met_text || pool.met_names || pool.met_stack) {
		const char *slug = pool.met_text ? "limit-text" : pool.met_names ? "limit-names" : "limit-stack";
		if (pool.met_text)
			apl_fail_at(
			    &host->error, APLOMB_ELIMIT, slug, place, "a text would have more than %zu bytes", pool.most_text - APL_LUA_TEXT_HEADER);
		else if (pool.met_names)
			apl_fail_at(&host->error, APLOMB_ELIMIT, slug, place, "a table would have more than %zu names", pool.most_names);
		else
			apl_fail_at(&host->error, APLOMB_ELIMIT, slug, place,
			    "functions call one another too deeply, or hand on too many values: more than %d on the stack", APL_LUA_MOST_STACK);
		return APL_LUA_BREACH;
	}
	apl_fail_at(&host->error, APLOMB_ELIMIT, "limit-memory", place, "Lua wants more than %zu bytes of memory",
	    host->phase == APL_LUA_LOADING ? APL_LUA_LOAD_MEMORY : host->memory_limit);
	return APL_LUA_BREACH;
}

static apl_lua_verdict failed(apl_lua *host, int status, apl_place place) {
	lua_settop(host->L, APL_AT_TOP);
	bool is_breach = host->is_breach;
	host->is_breach = false;
	if (status == LUA_ERRMEM || (is_breach && host->pool.met_no_memory)) return out_of_memory(host, place);
	if (!host->has_error) {
		/* An error in the message handler: it had no stack left. */
		apl_fail_at(&host->error, APLOMB_EPLAYBOOK, host->plain_slug, place, "stack overflow: a function calls itself without end");
	}
	host->has_error = false;
	if (host->error.line == 0 && place.file != NULL) {
		snprintf(host->error.file, sizeof host->error.file, "%s", place.file);
		host->error.line = place.line;
	}
	return is_breach ? APL_LUA_BREACH : APL_LUA_ERROR;
}

apl_lua_verdict apl_lua_call(apl_lua *host, int n_args, bool is_counted, apl_place place) {
	lua_State *L = host->L;
	if (APL_IS_HARD) lua_gc(L, LUA_GCCOLLECT);
	host->n_calls++;
	if (is_counted) lua_sethook(L, count_instructions, LUA_MASKCOUNT, APL_LUA_CHUNK);
	int status = lua_pcall(L, n_args, LUA_MULTRET, APL_AT_EXPLAIN);
	if (is_counted) lua_sethook(L, NULL, 0, 0);
	APL_ASSERT(lua_gettop(L) >= APL_AT_TOP || host->phase == APL_LUA_LOADING);
	if (APL_IS_HARD) lua_gc(L, LUA_GCCOLLECT);
	if (__builtin_expect(status != LUA_OK, 0)) return failed(host, status, place);
	return APL_LUA_DONE;
}

/* ---- what compiled functions say ---------------------------------------- */

static int keep_dump(lua_State *L, const void *bytes, size_t size, void *payload) {
	(void)L;
	apl_buf *buf = payload;
	apl_buf_add(buf, bytes, size);
	return buf->failed ? 1 : 0;
}

bool apl_lua_examine(lua_State *L, apl_bytecode *out) {
	apl_lua *host = apl_lua_of(L);
	memset(out, 0, sizeof *out);
	apl_buf_clear(&host->json);
	if (lua_dump(L, keep_dump, &host->json, 0) != 0) {
		if (host->json.failed) apl_lua_raise_memory(L);
		return false;
	}
	return apl_bytecode_read((const unsigned char *)host->json.bytes, host->json.size, out);
}
