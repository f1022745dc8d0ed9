/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_ICS_FILE_H
#define APL_LUA_ICS_FILE_H

/* .ics files beside a playbook, for whichever of its declarations names one. All of these raise, when there is no memory. */
#include "lua/host.h"
#include "time/ics.h"

/* What was read, and the zone it is read in, in a userdata: they are C's, and go when Lua jumps. */
typedef struct apl_lua_ics {
	apl_zone zone;
	apl_ics ics;
	bool has_zone, has_ics;
} apl_lua_ics;

/* Is the text at [index] the name of an .ics file? */
bool apl_lua_is_ics(lua_State *L, int index);
/* The text of the file beside the playbook, which becomes one of its files: its number, or APL_NONE with a finding at [place]. */
uint32_t apl_lua_fetch_ics(lua_State *L, const char *label, const char *name, size_t size, apl_place place);
/* Empty, on the stack, where it stays as long as what it holds is needed. */
apl_lua_ics *apl_lua_push_ics(lua_State *L);
/* Reads the events of that file of the playbook's, by the clocks of [zone]; false with a finding, at its line or at [place]. */
bool apl_lua_read_ics(lua_State *L, apl_lua_ics *into, const apl_zone *zone, uint32_t file, apl_place place);
/* What it holds is given back, before the collector does. */
void apl_lua_drop_ics(apl_lua_ics *held);

#endif
