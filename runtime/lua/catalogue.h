/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_CATALOGUE_H
#define APL_LUA_CATALOGUE_H

/*
 * What a playbook can say: its phrases, by id and locale. An entry of
 * policy.lua stands before one of phrases.lua, and that before the library's;
 * a locale before its language, and that before the fallback.
 */

#include "data/phrase.h"
#include "lua/values.h"
#include "lua/words.h"

typedef enum apl_phrase_layer { APL_PHRASE_POLICY, APL_PHRASE_PLAYBOOK, APL_PHRASE_LIBRARY } apl_phrase_layer;

/* One text of one phrase, as a file has it. */
typedef struct apl_saying {
	const char *id, *locale, *text;
	size_t size;
	uint8_t layer;          /* apl_phrase_layer */
	const char *attributes; /* canonical JSON of tags and what else stands beside the text, or NULL: nothing does */
	apl_value_at spot;      /* of the entry; its places are there only while loading */
	apl_value_at text_spot;
	apl_wording wording;
	uint32_t locale_number;
} apl_saying;

typedef struct apl_phrase {
	const char *id;
	const apl_saying **in; /* by locale; NULL: not said in it */
	const apl_saying *first;
	bool has_tags;
	bool is_used; /* some word names it */
} apl_phrase;

typedef struct apl_catalogue {
	apl_phrase *phrases; /* in the order of their ids' bytes */
	uint32_t n_phrases;
	const char **locales; /* in the order of their bytes */
	uint32_t n_locales;
	uint32_t fallback;         /* of the playbook */
	uint32_t library_fallback; /* of the library, behind the playbook's */
} apl_catalogue;

/* Takes the phrases in the table at [index], locale → id → text, in. [may_fall_back]: it may name the fallback. raises */
void apl_lua_take_phrases(lua_State *L, int index, const apl_value_at *spot, apl_phrase_layer layer, bool may_fall_back);
/* Everything is declared: makes the catalogue of what was taken in, with findings. raises */
void apl_lua_make_catalogue(lua_State *L);
/* The references are checked: what nobody uses, and what is not said in every locale. raises */
void apl_lua_look_over_phrases(lua_State *L);

/* The phrase's number, or APL_NONE. */
uint32_t apl_catalogue_find(const apl_catalogue *catalogue, const char *id, size_t size);
const char *apl_catalogue_hint(const apl_catalogue *catalogue, const char *id, size_t size, char *out, size_t out_size);
/* What the phrase says in the locale (NULL: the fallback). */
const apl_saying *apl_catalogue_say(const apl_catalogue *catalogue, const apl_phrase *phrase, const char *locale);

#endif
