/* SPDX-License-Identifier: MIT */
/*
 * Decides what keeps handlers pure. A variable outside of a function that a
 * handler can reach is not assigned to: the compiled form tells, before
 * anything runs. A table that one can reach is frozen: what it held lies in
 * another table behind it, where reading finds it and writing does not.
 *
 *     t = {} ── metatable: __index ──> what t held
 *                          __newindex: refused
 *
 * Reading a field of a frozen table costs a second look-up and no call;
 * docs/language.md says what that was measured to be.
 */

#include "lua/purity.h"

#include <string.h>

#include <lauxlib.h>

#include "lua/files.h"
#include "lua/slots.h"
#include "lua/where.h"

/* ---- frozen tables ------------------------------------------------------------------- */

/* Its address marks the metatables of frozen tables. */
static const char frozen_mark = 0;

/* Pushes what the frozen table at [index] holds; false, and nothing is pushed, when it is none. */
static bool push_held(lua_State *L, int index) {
	if (lua_type(L, index) != LUA_TTABLE || !lua_getmetatable(L, index)) return false;
	if (lua_rawgetp(L, -1, &frozen_mark) != LUA_TTABLE) {
		lua_pop(L, 2);
		return false;
	}
	lua_remove(L, -2);
	return true;
}

bool apl_lua_is_frozen(lua_State *L, int index) {
	if (!push_held(L, index)) return false;
	lua_pop(L, 1);
	return true;
}

void apl_lua_see_through(lua_State *L, int index) {
	index = lua_absindex(L, index);
	if (lua_checkstack(L, 3) && push_held(L, index)) lua_replace(L, index);
}

static int refuse_writing(lua_State *L) {
	apl_lua_push_as_text(L, 2);
	return apl_lua_refuse(L, "frozen-table",
	    "[%.60s] cannot be written: the table was made while the playbook was loaded, and all its cases share it; keep what changes in "
	    "case.data, or write to a table that is made here",
	    lua_tostring(L, -1));
}

void apl_lua_check_not_frozen(lua_State *L, int index, const char *function) {
	if (apl_lua_is_frozen(L, index))
		apl_lua_refuse(L, "frozen-table",
		    "table.%s would change a table that was made while the playbook was loaded, and that all its cases share; make a table here "
		    "and change that",
		    function);
}

static int length_of_frozen(lua_State *L) {
	apl_lua_see_through(L, 1);
	lua_pushinteger(L, (lua_Integer)lua_rawlen(L, 1));
	return 1;
}

/* The table at [index]: everything moves behind it. */
void apl_lua_freeze(lua_State *L, int index) {
	luaL_checkstack(L, 8, NULL);
	lua_createtable(L, 0, 0);
	int held = lua_gettop(L);
	lua_pushnil(L);
	while (lua_next(L, index) != 0) {
		lua_pushvalue(L, -2);
		lua_pushvalue(L, -2);
		lua_rawset(L, held);
		/* An existing key may be cleared while going through. */
		lua_pop(L, 1);
		lua_pushvalue(L, -1);
		lua_pushnil(L);
		lua_rawset(L, index);
	}
	if (lua_getmetatable(L, index)) lua_setmetatable(L, held); /* a list stays one; a module's table knows what it has not */
	lua_createtable(L, 0, 4);
	lua_pushvalue(L, held);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, refuse_writing);
	lua_setfield(L, -2, "__newindex");
	lua_pushcfunction(L, length_of_frozen);
	lua_setfield(L, -2, "__len");
	lua_pushvalue(L, held);
	lua_rawsetp(L, -2, &frozen_mark);
	lua_setmetatable(L, index);
	lua_settop(L, held - 1);
}

/* ---- the walk ---------------------------------------------------------------------------- */

/* What stands where on the stack while walking. */
typedef struct walk {
	int met;  /* value → true: seen, and looked at or waiting */
	int rows; /* those that wait */
	int told; /* file, line and name of an assignment → true */
	lua_Integer n_waiting;
	const void *globals;
} walk;

/* The value at the top, which is popped: looked at later when it is a function or a table that was not met. */
static void meet(lua_State *L, walk *w) {
	int type = lua_type(L, -1);
	bool is_new = (type == LUA_TFUNCTION || type == LUA_TTABLE) && lua_topointer(L, -1) != w->globals;
	if (is_new) {
		lua_pushvalue(L, -1);
		is_new = lua_rawget(L, w->met) == LUA_TNIL;
		lua_pop(L, 1);
	}
	if (!is_new) {
		lua_pop(L, 1);
		return;
	}
	lua_pushvalue(L, -1);
	lua_pushboolean(L, true);
	lua_rawset(L, w->met);
	lua_rawseti(L, w->rows, ++w->n_waiting);
}

/* Is this the first time that the assignment is told? Functions made by one function share their code. */
static bool is_news(lua_State *L, const walk *w, apl_place place, const char *name) {
	lua_pushfstring(L, "%p:%d:%s", (const void *)place.file, (int)place.line, name);
	lua_pushvalue(L, -1);
	bool is_news = lua_rawget(L, w->told) == LUA_TNIL;
	lua_pop(L, 1);
	lua_pushboolean(L, true);
	lua_rawset(L, w->told);
	return is_news;
}

static void tell_write(lua_State *L, const walk *w, int function, uint32_t file, const apl_upvalue_write *write) {
	const char *name = lua_getupvalue(L, function, (int)write->upvalue + 1);
	if (name == NULL) return;
	lua_pop(L, 1);
	apl_place place = apl_lua_place_of_word(L, file, write->line, name, strlen(name));
	if (!is_news(L, w, place, name)) return;
	apl_lua_found(L, place, "upvalue-write",
	    "\"%.60s\" is a variable outside of this function, which runs later: all cases would share it, and no journal would know of it; "
	    "keep "
	    "it in case.data, or make it local to the function",
	    name);
}

/* Names that the function looks up in the globals, which are its upvalue of that number: variables, perhaps. Only while loading. */
static void note_variables(lua_State *L, const apl_bytecode *code, uint32_t upvalue) {
	if (apl_lua_of(L)->findings == NULL) return;
	for (uint32_t i = 0; i < code->n_names; i++) {
		if (code->names[i].upvalue == upvalue) apl_lua_note_variable(L, code->names[i].text, code->names[i].size);
	}
}

/* The Lua function at [index]. */
static void look_at_function(lua_State *L, walk *w, int index) {
	apl_lua *host = apl_lua_of(L);
	lua_Debug about;
	apl_bytecode code;
	lua_pushvalue(L, index);
	lua_getinfo(L, ">S", &about);
	uint32_t file = apl_lua_file_of_chunk(host, about.source);
	lua_pushvalue(L, index);
	bool is_known = apl_lua_examine(L, &code) && host->bytecode_is_known;
	lua_pop(L, 1);
	for (uint32_t i = 0; is_known && i < code.n_writes && i < APL_BYTECODE_WRITES; i++) tell_write(L, w, index, file, &code.writes[i]);
	const char *name;
	for (int i = 1; (name = lua_getupvalue(L, index, i)) != NULL; i++) {
		if (is_known && host->is_imported && lua_topointer(L, -1) == w->globals) note_variables(L, &code, (uint32_t)i - 1);
		if (!is_known && lua_topointer(L, -1) != w->globals) {
			apl_place place = apl_lua_place_in(host, file, about.linedefined > 0 ? (uint32_t)about.linedefined : 0);
			if (is_news(L, w, place, name))
				apl_lua_found(L, place, "lua-build",
				    "this build of Lua compiles in a form that is not known here, so nobody can tell whether this function writes to "
				    "\"%.60s\", "
				    "which is outside of it",
				    name);
		}
		meet(L, w);
	}
}

/* A function in C: of the library, unless it was made by one and keeps something, as the iterators of pairs and gmatch do. */
static void look_at_c_function(lua_State *L, int index) {
	if (lua_getupvalue(L, index, 2) == NULL) return;
	lua_pop(L, 1);
	const apl_declaring *declaring = apl_lua_of(L)->declaring;
	apl_lua_found(L, declaring != NULL ? declaring->place : APL_NOWHERE, "upvalue-iterator",
	    "a handler can reach an iterator that was made while the playbook was loaded; going on with it in one case would change it for "
	    "all: "
	    "call pairs or gmatch in the handler");
}

/* The table at [index]: what it holds is met, and it is frozen unless it cannot be written anyway. */
static void look_at_table(lua_State *L, walk *w, int index) {
	lua_pushnil(L);
	while (lua_next(L, index) != 0) {
		meet(L, w); /* the value */
		lua_pushvalue(L, -1);
		meet(L, w);
	}
	if (lua_getmetatable(L, index)) {
		lua_pushliteral(L, "__newindex");
		bool is_locked = lua_rawget(L, -2) != LUA_TNIL;
		lua_pop(L, 1);
		lua_pushliteral(L, "__index");
		if (lua_rawget(L, -2) == LUA_TTABLE)
			meet(L, w); /* what a module or a library really is */
		else
			lua_pop(L, 1);
		lua_pop(L, 1);
		if (is_locked) return;
	}
	apl_lua_freeze(L, index);
}

/* Its tables stand on the stack from here on. */
static walk begin_walk(lua_State *L) {
	int top = lua_gettop(L);
	luaL_checkstack(L, 24, NULL);
	walk w = {.met = top + 1, .rows = top + 2, .told = top + 3};
	for (int i = 0; i < 3; i++) lua_createtable(L, 0, 0);
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_GLOBALS);
	w.globals = lua_topointer(L, -1);
	lua_pop(L, 1);
	return w;
}

/* Until nothing waits. */
static void go_on(lua_State *L, walk *w) {
	lua_settop(L, w->told);
	while (w->n_waiting > 0) {
		lua_rawgeti(L, w->rows, w->n_waiting);
		lua_pushnil(L);
		lua_rawseti(L, w->rows, w->n_waiting--);
		int index = lua_gettop(L);
		if (lua_type(L, index) == LUA_TTABLE)
			look_at_table(L, w, index);
		else if (lua_iscfunction(L, index))
			look_at_c_function(L, index);
		else
			look_at_function(L, w, index);
		lua_settop(L, w->told);
	}
	lua_settop(L, w->met - 1);
}

void apl_lua_purify(lua_State *L) {
	walk w = begin_walk(L);
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_FUNCTIONS);
	lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
	for (lua_Integer i = 1; i <= count; i++) {
		lua_rawgeti(L, w.told + 1, i);
		meet(L, &w);
	}
	go_on(L, &w);
}

void apl_lua_purify_value(lua_State *L, int index) {
	index = lua_absindex(L, index);
	walk w = begin_walk(L);
	lua_pushvalue(L, index);
	meet(L, &w);
	go_on(L, &w);
}
