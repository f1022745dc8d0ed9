/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_DECLARE_INSIDE_H
#define APL_LUA_DECLARE_INSIDE_H

/*
 * How a playbook's table is taken apart, between the files that do: fields in
 * general (declare_fields.c), transitions and delays (declare_transitions.c),
 * and what has a name in the whole playbook (declare_named.c). All of it raises.
 * [label] is what findings call the word, [spot] where its table stands.
 */
#include "lua/text.h"
#include "lua/where.h"
#include "lua/words.h"

static inline void apl_lua_must(lua_State *L, bool has_memory) {
	if (!has_memory) apl_lua_raise_memory(L);
}

/* ---- fields -------------------------------------------------------------------------- */

/* Who carries a handler: for the texts in it. */
typedef struct apl_lua_carrier {
	apl_lua_text_owner owner;
	const char *key;      /* where it stands in [spot]; NULL: its actions are items of that */
	const apl_spot *spot; /* NULL: there are no texts */
} apl_lua_carrier;

/* Names in a row, with the place of each. */
typedef struct apl_lua_named {
	const char *joined;      /* separated by spaces, kept; NULL: none, or a finding tells why */
	const apl_place *places; /* in the arena */
} apl_lua_named;

/* The function at [index]: kept once, however often it is used. */
void apl_lua_declare_function(lua_State *L, int index);
/* A text or a function, or a list of them, at [index]: one block. [role]: the field or word that it stands behind. */
int32_t apl_lua_declare_handler(lua_State *L, int index, const char *role, const apl_lua_carrier *by);
/* Is the case in that state? */
int32_t apl_lua_declare_in_state(lua_State *L, uint32_t state, apl_place place);
/* The handler of the table's field, or APL_NO_HANDLER. [events]: what its transition listens to, or NULL. */
int32_t apl_lua_field_handler(
    lua_State *L, int table, const apl_word *word, const char *name, const char *label, const char *events, const apl_spot *spot);
/* Kept; NULL: it is not there. */
const char *apl_lua_field_text(lua_State *L, int table, const apl_word *word, const char *name, const apl_spot *spot);
bool apl_lua_field_flag(lua_State *L, int table, const apl_word *word, const char *name);
apl_lua_named apl_lua_field_names(lua_State *L, int table, const apl_word *word, const char *name, const char *label, const apl_spot *spot);
/* A text or a list of texts at [index]. [whole]: its place; [items]: where those of a list stand. */
apl_lua_named apl_lua_join_names(lua_State *L, int index, const char *label, const char *field, apl_place whole, const apl_spot *items);
/* What the part was called with before its table: a name, or several. */
apl_lua_named apl_lua_part_names(lua_State *L, int part, const char *label, const char *what);
/* Is the text at [index] one name? Otherwise a finding. */
bool apl_lua_check_name(lua_State *L, int index, const char *label, const char *field, apl_place place);

/* ---- words --------------------------------------------------------------------------- */

void apl_lua_declare_on(lua_State *L, int part, int table, const char *label, const apl_spot *spot);
void apl_lua_declare_always(lua_State *L, int table, const char *label, const apl_spot *spot);
/* `after`, `every`, `at`: the word of that number. */
void apl_lua_declare_delay(lua_State *L, int part, int table, uint32_t number, const char *label, const apl_spot *spot);

/* The id that the part was called with, [a-z][a-z0-9-_]*, with dots between several such names when [dotted]; NULL with a finding. */
const char *apl_lua_read_id(lua_State *L, int part, const char *label, bool dotted);
void apl_lua_declare_event(lua_State *L, int part, int table, const char *label, const apl_spot *spot);
void apl_lua_declare_effect(lua_State *L, int part, int table, const char *label, const apl_spot *spot);
void apl_lua_declare_counter(lua_State *L, int part, int table, const char *label, const apl_spot *spot);
void apl_lua_declare_clock(lua_State *L, int part, int table, const char *label, const apl_spot *spot);
void apl_lua_declare_calendar(lua_State *L, int part, int table, const char *label, const apl_spot *spot);
void apl_lua_declare_rota(lua_State *L, int part, int table, const char *label, const apl_spot *spot);
/* (callout.c) */
void apl_lua_declare_callout(lua_State *L, int part, int table, const char *label, const apl_spot *spot);
/* A child case of the state. */
void apl_lua_declare_invoke(lua_State *L, int part, int table, const char *label, const apl_spot *spot);

#endif
