/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_TEXT_H
#define APL_LUA_TEXT_H

/*
 * Guards and assignments that a playbook writes as text, between the words
 * that carry them and data/guard.h, which knows what they mean: which events a
 * text may see, which state it stands in, and what the case of the turn
 * answers to its questions.
 */

#include "lua/where.h"

/* Who carries a text. */
typedef struct apl_lua_text_owner {
	apl_guard_form form;
	const char *label;  /* the word: `on "go"` */
	const char *field;  /* "when", "act"; NULL: the word itself */
	const char *events; /* the descriptors that its transition listens to, separated by spaces, kept; NULL: any event may be the one of the
	                       moment */
} apl_lua_text_owner;

/* Parses the text at [index] and adds it to the host's functions: one of a handler's, like a function. Findings. raises */
void apl_lua_add_text(lua_State *L, int index, const apl_lua_text_owner *owner, const apl_text_place *place);
/* The schemas are there, and the chart unless it has mistakes: looks every name up and types all texts. Findings. raises */
void apl_lua_type_texts(lua_State *L);

/* What the texts ask of the case of the turn. */
void apl_lua_know(void *self, apl_guard_topic topic, uint32_t number, apl_guard_value *out);

#endif
