/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_SLOTS_H
#define APL_LUA_SLOTS_H

/*
 * Variables of a chart from SCXML that have slots of their own in the record:
 * those whose names its functions say. See apl_spread in data/schema.h.
 */

#include "lua/host.h"

/* While loading: some function says this name of a global. raises */
void apl_lua_note_variable(lua_State *L, const char *name, size_t size);
/* All names are noted, and the globals are still those of loading: data.variables is spread. raises */
void apl_lua_spread_variables(lua_State *L);

/* The slot of a name that stands at [key] in Lua's own copy; APL_NO_SLOT. */
uint32_t apl_lua_slot_of(const apl_lua *host, const char *key);
/* Pushes what the slot holds; false, and nothing is pushed: a table, or there are no variables, and the table of all of them is to be
 * asked. */
bool apl_lua_push_slot(lua_State *L, uint32_t slot);
/* Puts the value at [index] into the slot; false: it is a table or something else that slots do not hold, or there are no variables yet. */
bool apl_lua_write_slot(lua_State *L, uint32_t slot, int index);
/* Refuses a value that no variable can hold, at once. raises */
void apl_lua_check_variable(lua_State *L, const char *name, int index);

/* Are slots what the variables are? Otherwise a table of them is out, until the turn ends. */
static inline bool apl_lua_slots_are_current(const apl_lua *host) {
	for (uint32_t i = 0; i < host->n_touched; i++) {
		if (host->touched[i].field == host->variables) return false;
	}
	return true;
}

/* Is the field there, and a map? Only then do slots hold anything. */
static inline bool apl_lua_has_variables(const apl_lua *host, const uint64_t *data) {
	const apl_field *field = &host->program.data->fields[host->variables];
	return apl_record_has(data, field) && apl_record_text(data, field)->bytes[0] == '{';
}

/* Is every variable there is in a slot? Then a name that has none is no variable. */
static inline bool apl_lua_slots_are_all(const apl_lua *host) {
	const apl_field *field = &host->program.data->fields[host->variables];
	const uint64_t *data = host->words[APL_LUA_DATA];
	return apl_lua_slots_are_current(host) && apl_record_has(data, field) && apl_record_text(data, field)->size == 2 &&
	       apl_record_text(data, field)->bytes[0] == '{';
}

#endif
