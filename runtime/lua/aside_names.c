/* SPDX-License-Identifier: MIT */
/*
 * Decides which names are told to whoever writes an expression: those that it
 * can begin with, and those behind a dot or a colon, as far as they are known
 * without asking a case.
 */

#include "lua/names.h"

#include <string.h>

#include <lauxlib.h>

#include "lua/aside.h"
#include "lua/purity.h"
#include "lua/words.h"

typedef struct telling {
	void (*tell)(const char *name, const char *note, void *payload);
	void *payload;
} telling;

/* What the world has of its own. Its test holds this against what is there. */
static const struct {
	const char *name, *note;
} of_the_world[] = {{"case", "the case, and its questions"}, {"clock", "a clock: clock(\"id\").left"},
    {"contains", "is it an item of the list, a part of the text?"}, {"count", "how often a counter counted"},
    {"data", "the case's own data"}, {"event", "the newest event"}, {"has", "is it there?"}, {"is_in", "is that state active?"},
    {"len", "characters of a text, items of a list"}, {"money", "an amount: money \"40.00 GBP\""},
    {"now", "the time at which the case stands"}, {"params", "the case's parameters"}, {"require", "a module that the playbook requires"},
    {"time_in", "how long the case is in a state"}};

/* ---- records ----------------------------------------------------------------------- */

static void tell_members(const apl_schema *schema, const char *path, const telling *to) {
	uint32_t field = 0;
	while (*path == '.' && field != APL_NO_FIELD) {
		path++;
		size_t size = strcspn(path, ".");
		field = apl_schema_member(schema, field, path, size);
		path += size;
	}
	if (field == APL_NO_FIELD || schema->fields[field].type != APL_TYPE_FIELDS) return;
	for (uint32_t i = schema->fields[field].first_by_name; i != APL_NO_FIELD; i = schema->fields[i].next_by_name)
		to->tell(schema->fields[i].name, apl_type_name((apl_type)schema->fields[i].type), to->payload);
}

static void tell_events(const apl_lua *host, const char *path, const telling *to) {
	for (uint32_t i = 0; i < host->n_event_schemas; i++) tell_members(host->event_schemas[i].schema, path, to);
	if (*path != '\0') return;
	to->tell("by", "who did it", to->payload);
	to->tell("invoke", "the id of the invoke whose child it came from, or nil", to->payload);
	to->tell("id", "the sender's id of the event, or nil", to->payload);
	to->tell("name", "the event's name", to->payload);
}

/* Behind [name] at the beginning of the path: "" or "." and the rest; NULL: it begins otherwise. */
static const char *behind(const char *path, const char *name) {
	size_t size = strlen(name);
	return strncmp(path, name, size) == 0 && (path[size] == '\0' || path[size] == '.') ? path + size : NULL;
}

static bool tell_record(const apl_lua *host, const char *path, const telling *to) {
	const char *rest;
	if ((rest = behind(path, "data")) != NULL || (rest = behind(path, "case.data")) != NULL)
		tell_members(host->program.data, rest, to);
	else if ((rest = behind(path, "params")) != NULL || (rest = behind(path, "case.params")) != NULL)
		tell_members(host->program.params, rest, to);
	else if ((rest = behind(path, "event")) != NULL)
		tell_events(host, rest, to);
	else
		return false;
	return true;
}

/* ---- what is in Lua ------------------------------------------------------------------- */

/* Names in host->json, each with what it is and a line break behind it: Lua may raise, and a teller may do anything. */
static void add_name(lua_State *L, const char *name, const char *what) {
	apl_lua *host = apl_lua_of(L);
	apl_buf_format(&host->json, "%s\t%s\n", name, what);
	if (host->json.failed) apl_lua_raise_memory(L);
}

/* The table at the top, popped: its names whose values are wanted. */
static void add_keys(lua_State *L, bool (*is_wanted)(lua_State *L, const char *name), const char *what) {
	int table = lua_gettop(L);
	apl_lua_see_through(L, table);
	apl_lua_push_keys(L, table);
	for (lua_Integer i = 1; lua_rawgeti(L, table + 1, i) != LUA_TNIL; i++) {
		if (lua_type(L, -1) == LUA_TSTRING) {
			const char *name = lua_tostring(L, -1);
			lua_pushvalue(L, -1);
			lua_rawget(L, table);
			if (is_wanted == NULL || is_wanted(L, name)) add_name(L, name, what != NULL ? what : luaL_typename(L, -1));
		}
		lua_settop(L, table + 1);
	}
	lua_settop(L, table - 1);
}

static bool is_table(lua_State *L, const char *name) {
	(void)name;
	return lua_type(L, -1) == LUA_TTABLE;
}

/* A function that stands for itself, and not a word of the language, which nobody can call any more. */
static bool is_base_function(lua_State *L, const char *name) {
	static const char *const names[] = {"assert", "error", "ipairs", "next", "pairs", "select", "tonumber", "tostring", "type"};
	(void)L;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i], name) == 0) return true;
	return false;
}

/* (case, owner as a light userdata): "" for what an expression may begin with. */
static int list(lua_State *L) {
	const char *owner = lua_touserdata(L, 2);
	lua_settop(L, 1);
	if (apl_lua_of(L)->is_imported) {
		apl_buf_clear(&apl_lua_of(L)->json);
		return 0; /* what variables there are a case knows, and nobody else */
	}
	apl_lua_push_world_part(L, 1, APL_WORLD_SANDBOX);
	apl_lua_push_world_part(L, 1, APL_WORLD_MODULES);
	apl_buf_clear(&apl_lua_of(L)->json); /* making the world may have used it */
	if (*owner == '\0') {
		lua_pushvalue(L, 2);
		add_keys(L, is_base_function, "function");
		lua_pushvalue(L, 2);
		add_keys(L, is_table, "library");
		lua_pushvalue(L, 3);
		add_keys(L, is_table, "module");
		return 0;
	}
	for (int part = 2; part <= 3; part++) {
		lua_pushstring(L, owner);
		if (lua_rawget(L, part) != LUA_TTABLE || !lua_getmetatable(L, -1)) continue;
		lua_pushliteral(L, "__index");
		if (lua_rawget(L, -2) == LUA_TTABLE) add_keys(L, NULL, NULL);
		return 0;
	}
	return 0;
}

static void tell_listed(const apl_lua *host, const telling *to) {
	char name[128], what[32];
	for (const char *at = host->json.bytes, *end = at + host->json.size; at < end;) {
		size_t size = strcspn(at, "\t"), what_size = strcspn(at + size + 1, "\n");
		if (size < sizeof name && what_size < sizeof what) {
			memcpy(name, at, size);
			memcpy(what, at + size + 1, what_size);
			name[size] = what[what_size] = '\0';
			to->tell(name, what, to->payload);
		}
		at += size + 1 + what_size + 1;
	}
}

static int tell_lua(apl_lua *host, const char *owner, const telling *to, aplomb_error *error) {
	apl_lua_verdict verdict = apl_lua_aside_call(host, list, owner);
	if (verdict == APL_LUA_NO_MEMORY) return apl_fail_memory(error);
	if (verdict != APL_LUA_DONE) return apl_fail(error, APLOMB_ELIMIT, host->error.slug, "%s", host->error.message);
	apl_buf_byte(&host->json, '\0');
	if (host->json.failed) return apl_fail_memory(error);
	host->json.size--;
	tell_listed(host, to);
	return APLOMB_OK;
}

int apl_lua_names(const apl_program *program, const char *owner, void (*tell)(const char *name, const char *note, void *payload),
    void *payload, aplomb_error *error) {
	const telling to = {tell, payload};
	if (program->ops != &apl_lua_ops) return APLOMB_OK;
	apl_lua *host = program->self;
	if (tell_record(host, owner, &to)) return APLOMB_OK;
	if (strcmp(owner, "case") == 0) {
		for (size_t i = 0; i < apl_n_case_members; i++)
			tell(apl_case_members[i].name,
			    apl_case_members[i].sentence[0] != '\0' ? apl_case_members[i].sentence : apl_case_members[i].form, payload);
		return APLOMB_OK;
	}
	for (size_t i = 0; *owner == '\0' && !host->is_imported && i < sizeof of_the_world / sizeof *of_the_world; i++)
		tell(of_the_world[i].name, of_the_world[i].note, payload);
	return tell_lua(host, owner, &to, error);
}
