/* SPDX-License-Identifier: MIT */
/*
 * Decides how a mistake travels out of Lua: as a filled aplomb_error on the
 * host, with a jump to the door in host.c. The value that Lua carries along
 * means nothing; no playbook can catch it.
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lua/files.h"

bool apl_lua_is_on_behalf(const apl_lua *host, uint32_t file) {
	return host->is_imported && file > 0 && file < host->n_files && strcmp(host->files[file].name, "aplomb/scxml.lua") == 0;
}

apl_place apl_lua_place(lua_State *L, int level) {
	const apl_lua *host = apl_lua_of(L);
	lua_Debug frame;
	apl_place inner = APL_NOWHERE;
	for (; lua_getstack(L, level, &frame); level++) {
		lua_getinfo(L, "Sl", &frame);
		if (frame.currentline <= 0) continue;
		const uint32_t file = apl_lua_file_of_chunk(host, frame.source);
		const apl_place place = apl_lua_place_in(host, file, (uint32_t)frame.currentline);
		if (!apl_lua_is_on_behalf(host, file)) return place;
		if (inner.file == NULL) inner = place;
	}
	return inner;
}

static void set_place(aplomb_error *error, apl_place place) {
	if (place.file == NULL) return;
	snprintf(error->file, sizeof error->file, "%s", place.file);
	error->line = place.line;
	error->column = place.column;
}

static int jump(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	host->has_error = true;
	lua_pushnil(L);
	return lua_error(L);
}

int apl_lua_stop(lua_State *L) {
	apl_lua_of(L)->error = (aplomb_error){.code = APLOMB_EPLAYBOOK};
	return jump(L);
}

int apl_lua_raise_placed(lua_State *L) {
	return jump(L);
}

int apl_lua_refuse(lua_State *L, const char *slug, const char *format, ...) {
	va_list args;
	va_start(args, format);
	apl_vfail(&apl_lua_of(L)->error, APLOMB_EPLAYBOOK, slug, apl_lua_place(L, 0), format, args);
	va_end(args);
	return jump(L);
}

int apl_lua_refuse_at(lua_State *L, apl_place place, const char *slug, const char *format, ...) {
	va_list args;
	va_start(args, format);
	apl_vfail(&apl_lua_of(L)->error, APLOMB_EPLAYBOOK, slug, place, format, args);
	va_end(args);
	return jump(L);
}

int apl_lua_refuse_touch(lua_State *L, const char *format, ...) {
	char what[256];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	if (apl_lua_of(L)->phase == APL_LUA_ASKED)
		return apl_lua_refuse(L, "expression-writes",
		    "an expression may look but not touch: %s in a statement, in rehearsal; a real case changes only through events", what);
	return apl_lua_refuse(L, "guard-writes", "a guard may look but not touch: %s in an action", what);
}

int apl_lua_breach(lua_State *L, const char *slug, const char *format, ...) {
	apl_lua *host = apl_lua_of(L);
	va_list args;
	va_start(args, format);
	apl_vfail(&host->error, APLOMB_ELIMIT, slug, apl_lua_place(L, 0), format, args);
	va_end(args);
	host->is_breach = true;
	host->pool.met_no_memory = false; /* of a request that was granted after a collection */
	return jump(L);
}

int apl_lua_raise_memory(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	host->pool.met_no_memory = true;
	apl_fail_memory(&host->error);
	set_place(&host->error, apl_lua_place(L, 0));
	host->is_breach = true;
	return jump(L);
}

int apl_lua_raise(lua_State *L, const aplomb_error *error) {
	apl_lua *host = apl_lua_of(L);
	if (error->code == APLOMB_ENOMEM) return apl_lua_raise_memory(L);
	host->error = *error;
	if (error->code == APLOMB_ELIMIT) host->is_breach = host->is_turns_breach = true;
	set_place(&host->error, apl_lua_place(L, 0));
	return jump(L);
}

void apl_lua_charge(lua_State *L, uint64_t instructions) {
	apl_lua *host = apl_lua_of(L);
	host->spent += instructions + host->pool.new_bytes / APL_LUA_BYTES_PER_INSTRUCTION;
	host->pool.new_bytes = 0;
	/* The engine sees why, and takes the step back; the words are nobody's to read. */
	if (host->turn != NULL && apl_turn_is_interrupted(host->turn)) apl_lua_breach(L, "interrupted", "the step was interrupted");
	if (host->spent <= host->instruction_limit) return;
	apl_lua_breach(L, "limit-instructions", "more than %llu instructions in one step", (unsigned long long)host->instruction_limit);
}

void apl_lua_push_text(lua_State *L, const char *bytes, size_t size) {
	if (memchr(bytes, '\0', size) != NULL) apl_lua_of(L)->has_zeros = true;
	lua_pushlstring(L, bytes, size);
}

const char *apl_lua_kind_name(lua_State *L, int index) {
	switch (lua_type(L, index)) {
	case LUA_TNONE:
	case LUA_TNIL: return "nothing";
	case LUA_TBOOLEAN: return "a boolean";
	case LUA_TNUMBER: return lua_isinteger(L, index) ? "an integer" : "a number";
	case LUA_TSTRING: return "text";
	case LUA_TFUNCTION: return "a function";
	case LUA_TLIGHTUSERDATA: return "a part of the case";
	case LUA_TUSERDATA: return apl_lua_to_money(L, index) != NULL ? "money" : "a word's value";
	default: return lua_topointer(L, index) == apl_lua_of(L)->case_pointer ? "the case" : "a table";
	}
}
