/* SPDX-License-Identifier: MIT */
/*
 * Decides which .ics file a declaration means, and holds what is read of it for
 * as long as the declaration needs it. What its events mean is decided by
 * whoever asks.
 */
#include "lua/ics_file.h"

#include <lauxlib.h>
#include <string.h>

#include "lua/files.h"
#include "lua/words.h"
#include "time/shown.h"

bool apl_lua_is_ics(lua_State *L, int index) {
	size_t size;
	const char *text = lua_type(L, index) == LUA_TSTRING ? lua_tolstring(L, index, &size) : NULL;
	return text != NULL && size > 4 && strcmp(text + size - 4, ".ics") == 0;
}

uint32_t apl_lua_fetch_ics(lua_State *L, const char *label, const char *name, size_t size, apl_place place) {
	char shown[APL_SHOWN];
	uint32_t file = APL_NONE;
	aplomb_error error = {0};
	if (!apl_lua_is_file_name(name, size) || size > 200 || memchr(name, '\0', size) != NULL) {
		apl_lua_found(L, place, "ics-file",
		    "%s: \"%s\" is no file beside the playbook: its name begins there, and has letters, digits, \"-\", \"_\" and \".\" between "
		    "\"/\"",
		    label, apl_shown(name, size, shown));
		return APL_NONE;
	}
	int code = apl_lua_fetch_beside(apl_lua_of(L), name, &file, &error);
	if (code == APLOMB_ENOMEM) apl_lua_raise_memory(L);
	if (code == APLOMB_OK) return file;
	if (code == APLOMB_ENOTFOUND)
		apl_lua_found(L, place, "ics-file", "%s: there is no file \"%s\" beside the playbook", label, apl_shown(name, size, shown));
	else
		apl_lua_found(L, place, error.slug, "%s: %s", label, error.message);
	return APL_NONE;
}

static int drop(lua_State *L) {
	apl_lua_drop_ics(lua_touserdata(L, 1));
	return 0;
}

apl_lua_ics *apl_lua_push_ics(lua_State *L) {
	luaL_checkstack(L, 8, NULL);
	apl_lua_ics *held = lua_newuserdatauv(L, sizeof *held, 0);
	memset(held, 0, sizeof *held);
	lua_createtable(L, 0, 1);
	lua_pushcfunction(L, drop);
	lua_setfield(L, -2, "__gc");
	lua_setmetatable(L, -2);
	return held;
}

bool apl_lua_read_ics(lua_State *L, apl_lua_ics *into, const apl_zone *zone, uint32_t file, apl_place place) {
	apl_lua *host = apl_lua_of(L);
	aplomb_error error = {0};
	const int code = apl_ics_read(&into->ics, &host->alloc, zone, host->files[file].text, host->files[file].size, &error);
	into->has_ics = code == APLOMB_OK;
	if (code == APLOMB_ENOMEM) apl_lua_raise_memory(L);
	if (code != APLOMB_OK)
		apl_lua_found(L, error.line > 0 ? apl_lua_place_in(host, file, error.line) : place, error.slug, "%s", error.message);
	return code == APLOMB_OK;
}

void apl_lua_drop_ics(apl_lua_ics *held) {
	if (held->has_ics) apl_ics_dispose(&held->ics);
	if (held->has_zone) apl_zone_dispose(&held->zone);
	held->has_ics = held->has_zone = false;
}
