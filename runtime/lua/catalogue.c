/* SPDX-License-Identifier: MIT */
/*
 * Decides which phrases there are: what a file of them may hold, which entry
 * stands before which, and which text a case gets. How a text is filled is
 * data/phrase.c's.
 */

#include "lua/catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/lexer.h"
#include "lua/policy.h"

enum { MOST_SAYINGS = 100000, LONGEST_ID = 100, LONGEST_LOCALE = 35 };

/* ---- taking in ------------------------------------------------------------------------ */

/* "de", "de-AT", "zh-Hant-TW": a language, and parts of letters and digits. */
static bool is_locale(const char *text) {
	size_t at = 0;
	while ((text[at] >= 'a' && text[at] <= 'z')) at++;
	if (at < 2 || at > 3) return false;
	while (text[at] == '-') {
		size_t begins = ++at;
		while ((text[at] >= 'a' && text[at] <= 'z') || (text[at] >= 'A' && text[at] <= 'Z') || (text[at] >= '0' && text[at] <= '9')) at++;
		if (at == begins || at - begins > 8) return false;
	}
	return text[at] == '\0' && at <= LONGEST_LOCALE;
}

/* Names of small letters, digits, "-" and "_", joined by dots. */
static bool is_phrase_id(const char *id) {
	bool is_first = true;
	size_t size = strlen(id);
	for (size_t i = 0; i < size; i++) {
		char c = id[i];
		bool is_letter = c >= 'a' && c <= 'z';
		bool is_inside = is_letter || (c >= '0' && c <= '9') || c == '-' || c == '_';
		if (is_first ? !is_letter && !(c >= '0' && c <= '9' && i > 0) : !(is_inside || c == '.')) return false;
		is_first = c == '.';
	}
	return !is_first && size <= LONGEST_ID;
}

typedef struct taking {
	lua_State *L;
	apl_phrase_layer layer;
	const char *locale;
} taking;

/* What stands beside the text in the table at the top: checked, as canonical JSON; NULL: nothing. */
static const char *take_attributes(taking *t, int table, const apl_value_at *spot, const char *id) {
	lua_State *L = t->L;
	apl_lua *host = apl_lua_of(L);
	bool has_any = false;
	lua_createtable(L, 0, 4);
	int copy = lua_gettop(L);
	apl_lua_push_keys(L, table);
	for (lua_Integer i = 1; lua_rawgeti(L, copy + 1, i) != LUA_TNIL; i++) {
		if (lua_type(L, -1) == LUA_TSTRING) {
			const char *key = lua_tostring(L, -1);
			apl_value_at at = apl_value_key(L, spot, key);
			lua_pushvalue(L, -1);
			lua_rawget(L, table);
			bool is_tags = strcmp(key, "tags") == 0;
			bool is_good = is_tags ? lua_type(L, -1) == LUA_TTABLE : lua_type(L, -1) != LUA_TTABLE;
			if (is_tags && is_good) {
				lua_Integer size = (lua_Integer)lua_rawlen(L, -1);
				for (lua_Integer n = 1; n <= size; n++) {
					is_good = lua_rawgeti(L, -1, n) == LUA_TSTRING && is_good;
					lua_pop(L, 1);
				}
			}
			if (!is_good)
				apl_lua_found_at(L, APLOMB_ERROR, &at, "phrase-shape", "phrase \"%s\": %s is %s", id, key,
				    is_tags ? "a list of texts: tags = { \"apology\" }" : "one text, number or boolean");
			has_any = true;
			if (is_good) lua_rawset(L, copy);
		} else if (lua_tointeger(L, -1) != 1) {
			apl_value_at at = apl_value_item(L, spot, (uint64_t)i);
			apl_lua_found_at(L, APLOMB_ERROR, &at, "phrase-shape", "phrase \"%s\" has one text in each locale, and attributes by name", id);
		}
		lua_settop(L, copy + 1);
	}
	const char *json = NULL;
	if (has_any) {
		apl_lua_write_json(L, copy, id, NULL, 0, false);
		json = apl_arena_text(&host->arena, host->json.bytes, host->json.size);
		if (json == NULL) apl_lua_raise_memory(L);
	}
	lua_settop(L, copy - 1);
	return json;
}

/* The entry at the top, of the phrase that is named below it. */
static void take_saying(taking *t, const apl_value_at *spot) {
	lua_State *L = t->L;
	apl_lua *host = apl_lua_of(L);
	int entry = lua_gettop(L);
	const char *id = lua_tostring(L, entry - 1);
	apl_saying saying = {.locale = t->locale, .layer = (uint8_t)t->layer, .spot = *spot, .text_spot = *spot};
	if (!is_phrase_id(id)) {
		apl_lua_found_at(L, APLOMB_ERROR, spot, "phrase-shape",
		    "\"%.60s\" is no phrase's id: that is made of small letters, digits, \"-\" and \"_\", with dots between its parts", id);
		return;
	}
	if (lua_type(L, entry) == LUA_TTABLE) {
		saying.attributes = take_attributes(t, entry, spot, id);
		saying.text_spot = apl_value_item(L, spot, 1);
		lua_rawgeti(L, entry, 1);
	} else {
		lua_pushvalue(L, entry);
	}
	if (lua_type(L, -1) != LUA_TSTRING) {
		apl_lua_found_at(L, APLOMB_ERROR, spot, "phrase-shape",
		    "phrase \"%s\" is a text, or a table that begins with one: { \"…\", tags = { … } }; found %s", id, apl_lua_kind_name(L, -1));
		return;
	}
	saying.text = apl_lua_keep_text(L, -1, spot->place);
	saying.id = apl_lua_keep_text(L, entry - 1, spot->place);
	if (saying.text == NULL || saying.id == NULL) return;
	saying.size = strlen(saying.text);
	if (saying.size == 0) {
		apl_lua_found_at(L, APLOMB_ERROR, spot, "phrase-shape", "phrase \"%s\" says nothing", id);
		return;
	}
	if (host->n_sayings >= MOST_SAYINGS)
		apl_lua_refuse(L, "limit-phrases", "a playbook has at most %d texts of phrases, in all locales together", MOST_SAYINGS);
	if (!APL_GROW(&host->alloc, host->sayings, host->n_sayings, host->sayings_capacity)) apl_lua_raise_memory(L);
	host->sayings[host->n_sayings++] = saying;
}

/* The table of a locale at the top, its name below it. */
static void take_locale(taking *t, const apl_value_at *spot) {
	lua_State *L = t->L;
	int table = lua_gettop(L);
	const char *locale = lua_tostring(L, table - 1);
	if (!is_locale(locale)) {
		apl_lua_found_at(L, APLOMB_ERROR, spot, "bad-locale", "\"%.40s\" is no locale such as \"en\" or \"de-AT\"", locale);
		return;
	}
	if (lua_type(L, table) != LUA_TTABLE) {
		apl_lua_found_at(L, APLOMB_ERROR, spot, "phrase-shape",
		    "the phrases of a locale are a table: %s = { [\"greeting\"] = \"…\" }; found %s", locale, apl_lua_kind_name(L, table));
		return;
	}
	if (!apl_lua_has_names_only(L, table, spot, locale)) return;
	t->locale = apl_lua_keep_text(L, table - 1, spot->place);
	if (t->locale == NULL) return; /* a zero byte, behind which it went on */
	apl_lua_push_keys(L, table);
	for (lua_Integer i = 1; lua_rawgeti(L, table + 1, i) != LUA_TNIL; i++) {
		apl_value_at at = apl_value_key(L, spot, lua_tostring(L, -1));
		lua_pushvalue(L, -1);
		lua_rawget(L, table);
		take_saying(t, &at);
		lua_settop(L, table + 1);
	}
	lua_settop(L, table);
}

static void take_fallback(lua_State *L, const apl_value_at *spot, apl_phrase_layer layer) {
	apl_lua *host = apl_lua_of(L);
	if (lua_type(L, -1) != LUA_TSTRING || !is_locale(lua_tostring(L, -1))) {
		apl_lua_found_at(L, APLOMB_ERROR, spot, "bad-locale", "fallback is a locale such as \"en\" or \"de-AT\"");
		return;
	}
	const char **fallback = layer == APL_PHRASE_LIBRARY ? &host->declaring->library_fallback : &host->declaring->fallback;
	*fallback = apl_lua_keep_text(L, -1, spot->place);
	if (layer != APL_PHRASE_LIBRARY) host->declaring->spots[APL_SPOT_FALLBACK] = *spot;
}

void apl_lua_take_phrases(lua_State *L, int index, const apl_value_at *spot, apl_phrase_layer layer, bool may_fall_back) {
	taking t = {L, layer, NULL};
	int top = lua_gettop(L);
	index = lua_absindex(L, index);
	if (!apl_lua_has_names_only(L, index, spot, "the phrases")) return;
	apl_lua_push_keys(L, index);
	for (lua_Integer i = 1; lua_rawgeti(L, top + 1, i) != LUA_TNIL; i++) {
		const char *key = lua_tostring(L, -1);
		apl_value_at at = apl_value_key(L, spot, key);
		lua_pushvalue(L, -1);
		lua_rawget(L, index);
		if (may_fall_back && strcmp(key, "fallback") == 0)
			take_fallback(L, &at, layer);
		else
			take_locale(&t, &at);
		lua_settop(L, top + 1);
	}
	lua_settop(L, top);
}

/* ---- putting in order -------------------------------------------------------------------- */

static int compare_sayings(const void *left, const void *right) {
	const apl_saying *a = left, *b = right;
	int order = strcmp(a->id, b->id);
	if (order == 0) order = strcmp(a->locale, b->locale);
	return order != 0 ? order : (int)a->layer - (int)b->layer;
}

static int compare_texts(const void *left, const void *right) {
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void *take(lua_State *L, size_t count, size_t size) {
	void *block = apl_arena_take(&apl_lua_of(L)->arena, count * size + 1);
	if (block == NULL) apl_lua_raise_memory(L);
	memset(block, 0, count * size + 1);
	return block;
}

/* The locale's number, or APL_NONE. */
static uint32_t find_locale(const apl_catalogue *c, const char *locale) {
	for (uint32_t i = 0; i < c->n_locales; i++) {
		if (strcmp(c->locales[i], locale) == 0) return i;
	}
	return APL_NONE;
}

static void collect_locales(lua_State *L, apl_catalogue *c) {
	apl_lua *host = apl_lua_of(L);
	const char **all = take(L, host->n_sayings, sizeof *all);
	for (uint32_t i = 0; i < host->n_sayings; i++) all[i] = host->sayings[i].locale;
	qsort(all, host->n_sayings, sizeof *all, compare_texts);
	for (uint32_t i = 0; i < host->n_sayings; i++) {
		if (i == 0 || strcmp(all[i - 1], all[i]) != 0) all[c->n_locales++] = all[i];
	}
	c->locales = all;
	for (uint32_t i = 0; i < host->n_sayings; i++) host->sayings[i].locale_number = find_locale(c, host->sayings[i].locale);
}

/* Is anything said in the locale by the playbook's own files? */
static bool is_own_locale(const apl_lua *host, uint32_t locale) {
	for (uint32_t i = 0; i < host->n_sayings; i++) {
		if (host->sayings[i].locale_number == locale && host->sayings[i].layer != APL_PHRASE_LIBRARY) return true;
	}
	return false;
}

/* As declared; else English, if the playbook speaks it; else the first locale it speaks; else the library's. */
static void choose_fallback(lua_State *L, apl_catalogue *c) {
	const apl_lua *host = apl_lua_of(L);
	const apl_declaring *d = host->declaring;
	uint32_t english = find_locale(c, "en");
	c->library_fallback = d->library_fallback != NULL ? find_locale(c, d->library_fallback) : english;
	if (c->library_fallback == APL_NONE) c->library_fallback = 0;
	c->fallback = APL_NONE;
	if (d->fallback != NULL) {
		c->fallback = find_locale(c, d->fallback);
		if (c->fallback != APL_NONE) return;
		char hint[160];
		apl_nearest nearest = apl_nearest_to(d->fallback, strlen(d->fallback));
		for (uint32_t i = 0; i < c->n_locales; i++) apl_nearest_try(&nearest, c->locales[i]);
		apl_lua_found_at(L, APLOMB_ERROR, &d->spots[APL_SPOT_FALLBACK], "bad-locale", "the fallback is \"%s\", but nothing is said in it%s",
		    d->fallback, apl_nearest_hint(&nearest, hint, sizeof hint));
	}
	if (english != APL_NONE && is_own_locale(host, english)) c->fallback = english;
	for (uint32_t i = 0; i < c->n_locales && c->fallback == APL_NONE; i++) {
		if (is_own_locale(host, i)) c->fallback = i;
	}
	if (c->fallback == APL_NONE) c->fallback = c->library_fallback;
}

/* ---- attributes ------------------------------------------------------------------------------ */

/* They belong to the id: the first layer that gives any gives all of them, in each of its locales the same. */
static void choose_attributes(lua_State *L, apl_phrase *phrase, const apl_saying *all, uint32_t count) {
	const apl_saying *chosen = NULL;
	for (uint32_t i = 0; i < count; i++) {
		if (all[i].attributes != NULL && (chosen == NULL || all[i].layer < chosen->layer)) chosen = &all[i];
	}
	for (uint32_t i = 0; chosen != NULL && i < count; i++) {
		if (all[i].attributes == NULL || all[i].layer != chosen->layer || strcmp(all[i].attributes, chosen->attributes) == 0) continue;
		apl_lua_found_at(L, APLOMB_ERROR, &all[i].spot, "phrase-attributes",
		    "phrase \"%s\" has other tags or attributes in %s than in %s; they belong to the phrase, so one locale is enough", phrase->id,
		    all[i].locale, chosen->locale);
	}
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_PHRASES);
	if (chosen != NULL) {
		bool had_null;
		apl_lua_push_json(L, chosen->attributes, strlen(chosen->attributes), &had_null);
		phrase->has_tags = lua_getfield(L, -1, "tags") == LUA_TTABLE;
		lua_pop(L, 1);
	} else {
		lua_createtable(L, 0, 0);
	}
	lua_setfield(L, -2, phrase->id);
	lua_pop(L, 1);
}

/* ---- the catalogue ----------------------------------------------------------------------------- */

typedef struct fault {
	lua_State *L;
	const apl_saying *saying;
} fault;

static void tell_fault(void *payload, uint32_t at, const char *slug, const char *message) {
	const fault *f = payload;
	apl_value_at spot = f->saying->text_spot;
	spot.place = apl_value_text(f->L, &f->saying->text_spot, at);
	apl_lua_found_at(f->L, APLOMB_ERROR, &spot, slug, "phrase \"%s\" (%s): %s", f->saying->id, f->saying->locale, message);
}

static void add_phrase(lua_State *L, apl_catalogue *c, const apl_saying *all, uint32_t count) {
	apl_phrase *phrase = &c->phrases[c->n_phrases++];
	*phrase = (apl_phrase){.id = all[0].id, .in = take(L, c->n_locales, sizeof *phrase->in), .first = &all[0]};
	for (uint32_t i = count; i-- > 0;) phrase->in[all[i].locale_number] = &all[i]; /* the first layer comes last */
	for (uint32_t i = 0; i < count; i++) {
		if (all[i].layer < phrase->first->layer) phrase->first = &all[i];
	}
	choose_attributes(L, phrase, all, count);
}

void apl_lua_make_catalogue(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	const apl_program *program = &host->program;
	if (host->n_sayings == 0) return;
	apl_catalogue *c = take(L, 1, sizeof *c);
	qsort(host->sayings, host->n_sayings, sizeof *host->sayings, compare_sayings);
	collect_locales(L, c);
	choose_fallback(L, c);
	c->phrases = take(L, host->n_sayings, sizeof *c->phrases);
	for (uint32_t i = 0; i < host->n_sayings; i++) {
		apl_saying *saying = &host->sayings[i];
		fault f = {L, saying};
		if (program->data == NULL || program->params == NULL) continue; /* their findings come first */
		if (!apl_wording_read(&saying->wording, &host->arena, saying->text, saying->size, program->data, program->params, tell_fault, &f))
			apl_lua_raise_memory(L);
	}
	for (uint32_t i = 0; i < host->n_sayings;) {
		uint32_t next = i + 1;
		while (next < host->n_sayings && strcmp(host->sayings[next].id, host->sayings[i].id) == 0) next++;
		add_phrase(L, c, &host->sayings[i], next - i);
		i = next;
	}
	host->catalogue = c;
}

/* ---- finding ---------------------------------------------------------------------------------- */

uint32_t apl_catalogue_find(const apl_catalogue *c, const char *id, size_t size) {
	uint32_t low = 0, high = c != NULL ? c->n_phrases : 0;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = strncmp(c->phrases[middle].id, id, size);
		if (order == 0 && c->phrases[middle].id[size] == '\0') return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return APL_NONE;
}

const char *apl_catalogue_hint(const apl_catalogue *c, const char *id, size_t size, char *out, size_t out_size) {
	apl_nearest nearest = apl_nearest_to(id, size);
	for (uint32_t i = 0; c != NULL && i < c->n_phrases; i++) apl_nearest_try(&nearest, c->phrases[i].id);
	return apl_nearest_hint(&nearest, out, out_size);
}

/* Letters whatever their size, "_" like "-": as hosts write locales. */
static char folded(char c) {
	if (c == '_') return '-';
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_same_locale(const char *locale, const char *wanted, size_t size) {
	for (size_t i = 0; i < size; i++) {
		if (locale[i] == '\0' || folded(locale[i]) != folded(wanted[i])) return false;
	}
	return locale[size] == '\0';
}

/* The part of [wanted] of that size, in which the phrase may be said. */
static const apl_saying *say_in(const apl_catalogue *c, const apl_phrase *phrase, const char *wanted, size_t size) {
	for (uint32_t i = 0; i < c->n_locales; i++) {
		if (phrase->in[i] != NULL && is_same_locale(c->locales[i], wanted, size)) return phrase->in[i];
	}
	return NULL;
}

const apl_saying *apl_catalogue_say(const apl_catalogue *c, const apl_phrase *phrase, const char *locale) {
	for (size_t size = locale != NULL ? strcspn(locale, ".@") : 0; size > 0;) {
		const apl_saying *saying = say_in(c, phrase, locale, size);
		if (saying != NULL) return saying;
		while (size > 0 && folded(locale[size - 1]) != '-') size--;
		if (size > 0) size--; /* "de-AT", then "de" */
	}
	if (phrase->in[c->fallback] != NULL) return phrase->in[c->fallback];
	if (phrase->in[c->library_fallback] != NULL) return phrase->in[c->library_fallback];
	return phrase->first;
}

/* ---- looking over -------------------------------------------------------------------------------- */

/* policy.lua and the like: what is in them is said by somebody else, if at all. */
static bool holds_values(const char *name) {
	const char *slash = strrchr(name, '/');
	const char *last = slash != NULL ? slash + 1 : name;
	return strcmp(last, "policy.lua") == 0 || strcmp(last, "phrases.lua") == 0 || strcmp(last, "params.json") == 0;
}

/* A phrase is used when its id stands as a text in the playbook or in one of its modules. */
static void mark_named(const apl_lua *host, apl_catalogue *c) {
	for (uint32_t i = 0; i < host->n_files; i++) {
		const apl_lua_file *file = &host->files[i];
		if (holds_values(file->name)) continue;
		apl_lexer lexer;
		apl_lexer_init(&lexer, file->text, file->size);
		for (apl_token token = apl_lexer_next(&lexer); token.kind != APL_TOKEN_END; token = apl_lexer_next(&lexer)) {
			uint32_t from, to;
			if (token.kind != APL_TOKEN_TEXT || !token.is_plain) continue;
			apl_token_inside(file->text, &token, &from, &to);
			uint32_t number = apl_catalogue_find(c, file->text + from, to - from);
			if (number != APL_NONE) c->phrases[number].is_used = true;
		}
	}
}

/* Is the locale, or the language it is of, one in which the phrase is said? */
static bool is_said_in(const apl_catalogue *c, const apl_phrase *phrase, const char *locale) {
	for (size_t size = strlen(locale); size > 0;) {
		if (say_in(c, phrase, locale, size) != NULL) return true;
		while (size > 0 && locale[size - 1] != '-') size--;
		if (size > 0) size--;
	}
	return false;
}

static void look_at_locales(lua_State *L, const apl_phrase *phrase) {
	const apl_lua *host = apl_lua_of(L);
	const apl_catalogue *c = host->catalogue;
	const char *fallback = c->locales[c->fallback];
	if (!is_said_in(c, phrase, fallback) && phrase->first->layer != APL_PHRASE_LIBRARY) {
		apl_lua_found_at(L, APLOMB_WARNING, &phrase->first->spot, "phrase-not-translated",
		    "phrase \"%s\" is not said in %s, the fallback: a case of another locale would hear it in %s", phrase->id, fallback,
		    phrase->first->locale);
	}
	char missing[256];
	size_t used = 0;
	for (uint32_t i = 0; i < c->n_locales; i++) {
		if (i == c->fallback || !is_own_locale(host, i) || is_said_in(c, phrase, c->locales[i])) continue;
		int added = snprintf(missing + used, sizeof missing - used, "%s%s", used > 0 ? ", " : "", c->locales[i]);
		if (added > 0 && (size_t)added < sizeof missing - used) used += (size_t)added;
	}
	if (used > 0)
		apl_lua_found_at(
		    L, APLOMB_NOTE, &phrase->first->spot, "phrase-not-translated", "phrase \"%s\" is not said in %s", phrase->id, missing);
}

void apl_lua_look_over_phrases(lua_State *L) {
	const apl_lua *host = apl_lua_of(L);
	apl_catalogue *c = host->catalogue;
	if (c == NULL) return;
	mark_named(host, c);
	for (uint32_t i = 0; i < c->n_phrases; i++) {
		const apl_phrase *phrase = &c->phrases[i];
		bool is_library = phrase->first->layer == APL_PHRASE_LIBRARY;
		bool is_used = phrase->is_used || (phrase->has_tags && !is_library);
		if (is_used) {
			look_at_locales(L, phrase);
			continue;
		}
		if (is_library) continue;
		/* In a policy it may be a slip of the pen; in a catalogue it is a phrase for later. */
		bool is_slip = phrase->first->layer == APL_PHRASE_POLICY;
		char hint[160] = "";
		apl_nearest nearest = apl_nearest_to(phrase->id, strlen(phrase->id));
		for (uint32_t n = 0; n < c->n_phrases; n++) {
			if (n != i) apl_nearest_try(&nearest, c->phrases[n].id);
		}
		if (is_slip) apl_nearest_hint(&nearest, hint, sizeof hint);
		/* An override of a library's phrase that a module says by a name made at run time: not for us to judge. */
		for (uint32_t n = 0; is_slip && n < host->n_sayings; n++) {
			if (host->sayings[n].layer != APL_PHRASE_POLICY && strcmp(host->sayings[n].id, phrase->id) == 0) is_slip = false;
		}
		apl_lua_found_at(L, is_slip ? APLOMB_WARNING : APLOMB_NOTE, &phrase->first->spot, "phrase-unused",
		    "phrase \"%s\" is said nowhere%s", phrase->id, is_slip ? hint : "");
	}
}
