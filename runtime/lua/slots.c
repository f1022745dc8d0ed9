/* SPDX-License-Identifier: MIT */
/*
 * Decides which variables of a chart from SCXML have slots, and what goes into
 * them: nothing, a truth value, a number, a text. A chart's functions say the
 * names of its variables, so they are known when it is loaded. What is made up
 * later, and every table, is reached by way of the table of all variables
 * (mod_variables.c), as is the rest once that table is out in a turn.
 */

#include "lua/slots.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* More variables than this have no slots: each takes nine bytes of every case. */
enum { MOST_VARIABLES = 256, LONGEST_NAME = 40 };

/* ---- which ------------------------------------------------------------------------------------ */

/* Names that begin with "_" are the system's (SCXML 5.10); those that are not lie with the other variables that have no slot. */
static bool is_system(const char *name) {
	return name[0] == '_' || strcmp(name, "In") == 0;
}

static bool is_identifier(const char *name, size_t size) {
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)name[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')) return false;
	}
	/* Of longer texts Lua keeps several copies, and an address says nothing. */
	return size > 0 && size <= LONGEST_NAME;
}

void apl_lua_note_variable(lua_State *L, const char *name, size_t size) {
	if (!is_identifier(name, size)) return;
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_VARIABLES);
	lua_pushlstring(L, name, size);
	lua_pushboolean(L, true);
	lua_rawset(L, -3);
	lua_pop(L, 1);
}

static int compare(const void *a, const void *b) {
	return strcmp(((const apl_spread_name *)a)->bytes, ((const apl_spread_name *)b)->bytes);
}

static uint32_t mask_for(uint32_t count) {
	uint32_t size = 4;
	while (size < count * 2) size *= 2;
	return size - 1;
}

static inline uint32_t hash(const char *key) {
	uintptr_t address = (uintptr_t)key;
	return (uint32_t)(address >> 4) ^ (uint32_t)(address >> 11);
}

/* Names are found by the address of Lua's own copy, of which there is one as long as the table in the registry holds it. */
static void index_names(lua_State *L, const apl_spread *spread) {
	apl_lua *host = apl_lua_of(L);
	uint32_t mask = mask_for(spread->n_slots);
	apl_lua_slot *slots = apl_arena_take(&host->arena, (mask + 1) * sizeof *slots);
	if (slots == NULL) apl_lua_raise_memory(L);
	memset(slots, 0, (mask + 1) * sizeof *slots);
	for (uint32_t i = 0; i < spread->n_slots; i++) {
		lua_pushlstring(L, spread->names[i].bytes, spread->names[i].size);
		const char *key = lua_tostring(L, -1);
		lua_pop(L, 1); /* the registry holds it */
		uint32_t at = hash(key);
		while (slots[at & mask].key != NULL) at++;
		slots[at & mask] = (apl_lua_slot){key, i, 0};
	}
	host->variable_slots = slots;
	host->variable_slots_mask = mask;
}

static size_t count_keys(lua_State *L, int table) {
	size_t count = 0;
	lua_pushnil(L);
	for (; lua_next(L, table) != 0; count++) lua_pop(L, 1);
	return count;
}

/*
 * The names in the table at [names] that are no system variables and not of Lua's library, which is in [globals]. In the order of their
 * bytes, so that which have slots does not depend on the order of Lua's table.
 */
static const apl_spread_name *gather(lua_State *L, int globals, int names, uint32_t *out) {
	apl_lua *host = apl_lua_of(L);
	apl_spread_name *gathered = apl_arena_take(&host->arena, (count_keys(L, names) + 1) * sizeof *gathered);
	if (gathered == NULL) apl_lua_raise_memory(L);
	size_t count = 0;
	lua_pushnil(L);
	while (lua_next(L, names) != 0) {
		lua_pop(L, 1);
		size_t size;
		const char *name = lua_tolstring(L, -1, &size);
		if (!is_system(name) && !apl_lua_is_library(L, globals, lua_gettop(L))) gathered[count++] = (apl_spread_name){name, (uint32_t)size};
	}
	qsort(gathered, count, sizeof *gathered, compare);
	*out = count < MOST_VARIABLES ? (uint32_t)count : MOST_VARIABLES;
	return gathered;
}

void apl_lua_spread_variables(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	uint32_t count;
	int top = lua_gettop(L);
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_GLOBALS);
	lua_getmetatable(L, -1);
	lua_pushliteral(L, "__index");
	lua_rawget(L, -2);
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_VARIABLES);
	const apl_spread_name *names = gather(L, top + 3, top + 4, &count);
	apl_schema *data = host->program.data;
	if (!apl_schema_spread(data, host->variables, names, count)) apl_lua_raise_memory(L);
	if (data->spread != NULL) index_names(L, data->spread);
	lua_settop(L, top);
}

/* ---- reading and writing --------------------------------------------------------------------------- */

uint32_t apl_lua_slot_of(const apl_lua *host, const char *key) {
	if (host->variable_slots == NULL) return APL_NO_SLOT;
	for (uint32_t at = hash(key);; at++) {
		const apl_lua_slot *slot = &host->variable_slots[at & host->variable_slots_mask];
		if (slot->key == key) return slot->field;
		if (slot->key == NULL) return APL_NO_SLOT;
	}
}

bool apl_lua_push_slot(lua_State *L, uint32_t slot) {
	const apl_lua *host = apl_lua_of(L);
	const apl_spread *spread = host->program.data->spread;
	const uint64_t *data = host->words[APL_LUA_DATA];
	const uint64_t word = data[spread->first + slot];
	const apl_text *text;
	double number;
	switch ((apl_slot_kind)apl_slot_kinds(spread, data)[slot]) {
	case APL_SLOT_ABSENT:
	case APL_SLOT_NULL:
		if (!apl_lua_has_variables(host, data)) return false;
		lua_pushnil(L);
		return true;
	case APL_SLOT_FALSE:
	case APL_SLOT_TRUE: lua_pushboolean(L, apl_slot_kinds(spread, data)[slot] == APL_SLOT_TRUE); return true;
	case APL_SLOT_INTEGER: lua_pushinteger(L, (lua_Integer)word); return true;
	case APL_SLOT_NUMBER:
		memcpy(&number, &word, sizeof number);
		lua_pushnumber(L, number);
		return true;
	case APL_SLOT_TEXT:
		text = (const apl_text *)(uintptr_t)word;
		apl_lua_push_text(L, text->bytes, text->size);
		return true;
	case APL_SLOT_JSON: return false;
	}
	return false;
}

void apl_lua_check_variable(lua_State *L, const char *name, int index) {
	if (lua_type(L, index) == LUA_TFUNCTION)
		apl_lua_refuse(L, "wrong-type",
		    "%.80s: a function cannot be saved with the case, so no variable holds one; a local function above the playbook is there for "
		    "all "
		    "cases",
		    name);
	if (lua_type(L, index) == LUA_TNUMBER && !lua_isinteger(L, index) && !isfinite(lua_tonumber(L, index)))
		apl_lua_refuse(L, "wrong-type", "data.variables.%.80s: the number is not finite", name);
	if (lua_type(L, index) == LUA_TSTRING) {
		size_t size;
		const char *text = lua_tolstring(L, index, &size);
		if (apl_utf8_valid(text, size) != size) apl_lua_refuse(L, "wrong-text", "data.variables.%.80s: the text is not valid UTF-8", name);
	}
}

static uint64_t number_word(double number) {
	uint64_t word;
	if (number == 0) number = 0; /* minus zero too */
	memcpy(&word, &number, sizeof word);
	return word;
}

bool apl_lua_write_slot(lua_State *L, uint32_t slot, int index) {
	apl_lua *host = apl_lua_of(L);
	const apl_spread *spread = host->program.data->spread;
	const apl_writer writer = apl_turn_writer(host->turn);
	apl_slot_kind kind;
	uint64_t word = 0;
	size_t size;
	const char *bytes;
	apl_text *text;
	if (!apl_lua_has_variables(host, writer.words)) return false;
	switch (lua_type(L, index)) {
	case LUA_TNIL: kind = APL_SLOT_ABSENT; break;
	case LUA_TBOOLEAN: kind = lua_toboolean(L, index) ? APL_SLOT_TRUE : APL_SLOT_FALSE; break;
	case LUA_TNUMBER:
		kind = lua_isinteger(L, index) ? APL_SLOT_INTEGER : APL_SLOT_NUMBER;
		word = kind == APL_SLOT_INTEGER ? (uint64_t)lua_tointeger(L, index) : number_word(lua_tonumber(L, index));
		break;
	case LUA_TSTRING:
		bytes = lua_tolstring(L, index, &size);
		apl_lua_charge(L, size / APL_LUA_BYTES_PER_INSTRUCTION);
		text = apl_text_new(writer.keep.alloc, bytes, size);
		if (text == NULL) apl_lua_raise_memory(L);
		kind = APL_SLOT_TEXT;
		word = (uint64_t)(uintptr_t)text;
		break;
	default: return false;
	}
	apl_spread_put(spread, writer.words, writer.keep.alloc, slot, kind, word);
	return true;
}
