/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_DEFINE_H
#define APL_LUA_DEFINE_H

/*
 * Words that modules make with `define`: what each takes is data, as it is of
 * the core's words, so that the loader checks a call and people can be told.
 */

#include "lua/words.h"

/* What a field, or an item, may be: one of these, by itself. */
typedef enum apl_kind_of {
	APL_KIND_TAKES,     /* a value as a core word's field takes it: [takes] */
	APL_KIND_SPAN,      /* text that is a span, from, or a function */
	APL_KIND_WORD,      /* what the core word [word] makes */
	APL_KIND_MADE,      /* what the module word [name] makes */
	APL_KIND_CONDITION, /* what `when` takes; the module is handed a function */
	APL_KIND_ROTA,      /* text: the name of a rota that is declared */
	APL_KIND_CALENDAR,  /* likewise of a calendar */
	APL_KIND_ANY
} apl_kind_of;

typedef struct apl_module_kind {
	apl_kind_of of;
	uint32_t takes;
	uint32_t word;
	const char *name; /* as the module wrote it: "text", "span", "counter", "solutions.option" */
} apl_module_kind;

typedef struct apl_module_field {
	const char *name;
	const apl_module_kind *kinds;
	uint32_t n_kinds;
	bool is_required;
	const char *sentence;
} apl_module_field;

typedef struct apl_module_word {
	const char *name;               /* "solutions.menu" */
	const char *form;               /* how it is written */
	const char *sentence;           /* what it is for */
	bool is_named;                  /* word "name" { … }; with neither fields nor items word "name" */
	const apl_module_field *fields; /* in the order of their names' bytes */
	uint32_t n_fields;
	const apl_module_kind *items; /* what stands in the list part; none: nothing may */
	uint32_t n_items;
	const char *const *asks; /* effects */
	uint32_t n_asks;
	apl_place place; /* of its definition */
	bool is_broken;  /* its definition has mistakes: calls are wrong, and nothing more is said about them */
} apl_module_word;

/* Every word that the playbook's modules have defined, in the order in which they did. */
const apl_module_word *apl_lua_module_words(const apl_lua *host, uint32_t *count);

/* ---- between define.c and made.c ---- */

/* What is kept of a word inside Lua, in APL_REGISTRY_MAKERS: its function, or false; the defaults of its fields. */
enum { APL_KEPT_MAKE = 1, APL_KEPT_DEFAULTS = 2 };
/* Pushes the function that a module calls its word by. raises */
void apl_lua_push_module_word(lua_State *L, uint32_t number);

/* Pushes the function that answers the text at [index], which stands in that field of the call. (condition.c) raises */
void apl_lua_push_condition(lua_State *L, int index, const char *label, const char *field, const apl_spot *spot);
/* The number in host->functions of the condition's text at [index]; UINT32_MAX: it is none. Does not raise. */
uint32_t apl_lua_condition_at(lua_State *L, int index);
/* Pushes the text of a condition that is one; false, and nothing is pushed, for another value. Does not raise. */
bool apl_lua_push_condition_text(lua_State *L, int index);

/* ---- for the rest of this room ---- */

/* Adds described to the table at the top, and what values of module words are. raises */
void apl_lua_open_define(lua_State *L);
/* (…, the word's name, its table at [table]) → the word. raises */
int apl_lua_define(lua_State *L, int name, int table, const apl_call *call);
/* A value that a module's word made for another word of a module, or half of a word. Does not raise. */
bool apl_lua_is_made(lua_State *L, int index);
/* Of these, the half. Does not raise. */
bool apl_lua_is_half_made(lua_State *L, int index);
/* The word of a module whose function this is, or NULL: one that was not called. Does not raise. */
const apl_module_word *apl_lua_to_module_word(lua_State *L, int index);
/* `solutions.option "refund"`, for messages; the value at [index] is one of those. Returns [out]. */
const char *apl_lua_made_label(lua_State *L, int index, char *out, size_t size);
/* Everything is declared: are the effects that module words ask for? Findings. raises */
void apl_lua_check_effects_asked(lua_State *L);
/* Everything is declared: do the rotas and calendars exist that calls of module words name? Findings. raises */
void apl_lua_check_names_given(lua_State *L);
/* Does a call of a module's word name that rota, or calendar? Then it is told there when there is none of that name. */
bool apl_lua_is_given(const apl_lua *host, const char *name, bool is_calendar);
/* Every "done.effect.KIND" tells of an effect that is declared, and of each that is `once` there is one. */
void apl_lua_check_outcomes(lua_State *L);
/* Loading has failed: tells it at each call of a word that was under way. Does not raise. */
void apl_lua_tell_makers(apl_lua *host);

#endif
