/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_REFERENCE_H
#define APL_LUA_REFERENCE_H

/*
 * Words that stand for a value which is there only when a case is handled:
 * from "data.x", phrase "id". Each one made is remembered, so that all of them
 * are checked when the playbook is known, wherever they stand; and each becomes
 * its value where a value is needed.
 */

#include "lua/words.h"

typedef struct apl_lua_reference {
	uint8_t word;   /* APL_WORD_FROM, APL_WORD_PHRASE */
	uint8_t source; /* from: apl_lua_source */
	bool is_checked;
	bool is_good;
	bool is_personal; /* phrase: it says something about a person */
	apl_place place;  /* of its name */
	uint32_t number;  /* from: the field; phrase: its number in the catalogue */
	const char *name;
	struct apl_guard *value; /* from: an expression, typed by text.c; NULL: a path, in source and number */
	bool sees_event;         /* [value] does */
} apl_lua_reference;

/* The part at the top has just been made: remembers it. raises */
void apl_lua_refer(lua_State *L);
/* The part at [index] has become another, with a table: it is checked no more. Does not raise. */
void apl_lua_drop_reference(lua_State *L, int index);
/*
 * Is the path of the `from` at [index] one of the playbook's? Its field in
 * [*source] and [*field]. Told once, however often it is asked. false, too, of
 * an expression, which has no field. While the schemas are known and before they are. raises
 */
bool apl_lua_check_from(lua_State *L, int index, apl_lua_source *source, uint32_t *field);
/* The number in host->references of the `from` at [index] when it is an expression without a mistake; APL_NO_REFERENCE: it is none. raises
 */
#define APL_NO_REFERENCE UINT32_MAX
uint32_t apl_lua_expression_of(lua_State *L, int index);
/* What the expression comes to now. 0; -1: a mistake, which host->error says; 1: something in it is missing. Does not raise. */
int apl_lua_evaluate(struct apl_lua *host, const apl_lua_reference *r, struct apl_guard_value *out);
/* Everything is declared: the remaining ones are checked. raises */
void apl_lua_check_references(lua_State *L);
/* Pushes the value that the `from` or `phrase` at [index] stands for; false, and nothing is pushed, when it is neither. raises */
bool apl_lua_push_referred(lua_State *L, int index);
/* The reference that the part at [index] is; NULL: it is none. Does not raise. */
const apl_lua_reference *apl_lua_referred(lua_State *L, int index);
/* Adds the value of a `from`, for people; false: it is missing. */
bool apl_lua_show_from(lua_State *L, const apl_lua_reference *r, apl_buf *out);
/* Is the value at [index] a `from` of business time? Then its text is in [out]: as microseconds it would be clock time. Does not raise. */
bool apl_lua_referred_business(lua_State *L, int index, char out[APL_SPAN_TEXT]);

#endif
