/* SPDX-License-Identifier: MIT */
/*
 * Decides how a phrase is said while a case is handled: in the case's locale,
 * filled from what the case knows and from the arguments it is given; and what
 * is wrong with the word `phrase` where it stands. Which phrases there are is
 * catalogue.c's.
 */

#include "lua/phrases.h"

#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "base/text.h"
#include "lua/catalogue.h"

/* Phrases as arguments of phrases; a table that contains itself is found by it. */
enum { MOST_DEPTH = 8 };

/* ---- arguments ----------------------------------------------------------------------------- */

typedef struct saying {
	lua_State *L;
	const apl_phrase *phrase;
	int arguments; /* a table on the stack, or 0 */
	unsigned depth;
} saying;

static void say(lua_State *L, const apl_phrase *phrase, int arguments, apl_buf *out, unsigned depth);

/* The value at the top, for people. */
static bool add_value(const saying *s, const char *name, apl_buf *out) {
	lua_State *L = s->L;
	size_t size;
	const char *text;
	char money[32];
	switch (lua_type(L, -1)) {
	case LUA_TNIL: return false;
	case LUA_TSTRING:
		text = lua_tolstring(L, -1, &size);
		if (apl_utf8_valid(text, size) != size)
			apl_lua_refuse(L, "wrong-text", "phrase \"%s\": the argument %s is not valid UTF-8", s->phrase->id, name);
		apl_buf_add(out, text, size);
		return true;
	case LUA_TNUMBER:
		apl_lua_push_as_text(L, lua_gettop(L));
		apl_buf_text(out, lua_tostring(L, -1));
		lua_pop(L, 1);
		return true;
	default: break;
	}
	const apl_money *amount = apl_lua_to_money(L, -1);
	if (amount != NULL) {
		apl_buf_add(out, money, apl_money_write(*amount, money));
		return true;
	}
	const apl_lua_reference *r = apl_lua_referred(L, -1);
	if (r == NULL)
		apl_lua_refuse(L, "wrong-type", "phrase \"%s\": the argument %s is %s, which has no form for people", s->phrase->id, name,
		    apl_lua_kind_name(L, -1));
	if (r->word == APL_WORD_FROM) return apl_lua_show_from(L, r, out);
	lua_getiuservalue(L, -1, APL_PART_TABLE);
	say(L, &apl_lua_of(L)->catalogue->phrases[r->number], lua_istable(L, -1) ? lua_gettop(L) : 0, out, s->depth + 1);
	lua_pop(L, 1);
	return true;
}

static bool give_argument(void *payload, const char *name, apl_buf *out) {
	const saying *s = payload;
	if (s->arguments == 0) return false;
	luaL_checkstack(s->L, 8, NULL);
	lua_pushstring(s->L, name);
	lua_rawget(s->L, s->arguments);
	bool has = add_value(s, name, out);
	lua_pop(s->L, 1);
	return has;
}

/* ---- saying -------------------------------------------------------------------------------- */

static void say(lua_State *L, const apl_phrase *phrase, int arguments, apl_buf *out, unsigned depth) {
	apl_lua *host = apl_lua_of(L);
	const apl_program *program = &host->program;
	const apl_case *c = host->turn->the_case;
	if (depth > MOST_DEPTH)
		apl_lua_refuse(L, "limit-depth", "phrase \"%s\": phrases are arguments of phrases more than %d deep here", phrase->id, MOST_DEPTH);
	saying s = {L, phrase, arguments, depth};
	const apl_saying *chosen = apl_catalogue_say(host->catalogue, phrase, apl_case_locale(c));
	const apl_filling from = {.data = program->data,
	    .data_words = host->words[APL_LUA_DATA],
	    .params = program->params,
	    .params_words = host->words[APL_LUA_PARAMS],
	    .subject = apl_case_subject(c),
	    .case_id = apl_case_id(c),
	    .argument = give_argument,
	    .payload = &s};
	const apl_piece *missing = apl_wording_fill(&chosen->wording, &from, out);
	if (missing != NULL) {
		char label[96];
		apl_piece_label(missing, program->data, program->params, label, sizeof label);
		apl_lua_refuse(L, "missing-field", "phrase \"%s\" (%s): {%s} is missing; write {%s|…} with what is said then", phrase->id,
		    chosen->locale, label, label);
	}
	if (out->failed) apl_lua_raise_memory(L);
	if (out->size > host->data_limit)
		apl_lua_breach(L, "limit-data", "phrase \"%s\" would have more than %zu bytes", phrase->id, host->data_limit);
}

/* Pushes what the phrase says. */
static void push_said(lua_State *L, uint32_t number, int arguments) {
	apl_lua *host = apl_lua_of(L);
	apl_buf_clear(&host->said);
	say(L, &host->catalogue->phrases[number], arguments, &host->said, 0);
	apl_lua_charge(L, 1 + host->said.size / APL_LUA_BYTES_PER_INSTRUCTION);
	apl_lua_push_text(L, host->said.bytes, host->said.size);
}

void apl_lua_push_phrase(lua_State *L, int part, const apl_lua_reference *r) {
	luaL_checkstack(L, 8, NULL);
	lua_getiuservalue(L, part, APL_PART_TABLE);
	push_said(L, r->number, lua_istable(L, -1) ? lua_gettop(L) : 0);
	lua_remove(L, -2);
}

/* ---- the word, where it stands ------------------------------------------------------------------ */

static bool has_argument(const apl_wording *wording, const char *name) {
	for (uint32_t i = 0; i < wording->n_pieces; i++) {
		if (wording->pieces[i].kind == APL_PIECE_ARGUMENT && strcmp(wording->pieces[i].text, name) == 0) return true;
	}
	return false;
}

/* Every argument that is given is one of the phrase, in some locale. */
static void check_given(lua_State *L, const apl_lua_reference *r, const apl_phrase *phrase, int arguments) {
	const apl_catalogue *c = apl_lua_of(L)->catalogue;
	apl_lua_push_keys(L, arguments);
	int keys = lua_gettop(L);
	for (lua_Integer i = 1; lua_rawgeti(L, keys, i) != LUA_TNIL; i++) {
		if (lua_type(L, -1) != LUA_TSTRING) {
			apl_lua_found(
			    L, r->place, "phrase-argument", "phrase \"%s\": arguments have names: phrase \"%s\" { amount = … }", r->name, r->name);
			break;
		}
		const char *name = lua_tostring(L, -1);
		apl_nearest nearest = apl_nearest_to(name, strlen(name));
		bool is_known = false;
		for (uint32_t n = 0; n < c->n_locales; n++) {
			if (phrase->in[n] == NULL) continue;
			const apl_wording *wording = &phrase->in[n]->wording;
			is_known = is_known || has_argument(wording, name);
			for (uint32_t p = 0; p < wording->n_pieces; p++) {
				if (wording->pieces[p].kind == APL_PIECE_ARGUMENT) apl_nearest_try(&nearest, wording->pieces[p].text);
			}
		}
		char hint[160];
		if (!is_known)
			apl_lua_found(L, r->place, "phrase-argument", "phrase \"%s\" has no placeholder {%s}%s", r->name, name,
			    apl_nearest_hint(&nearest, hint, sizeof hint));
		lua_settop(L, keys);
	}
	lua_settop(L, keys - 1);
}

/* May the value at the top be missing when the phrase is said? */
static bool may_lack(lua_State *L) {
	apl_lua_source source;
	uint32_t field;
	if (lua_isnil(L, -1)) return true;
	const apl_part *part = apl_lua_to_part(L, -1);
	if (part == NULL || part->word != APL_WORD_FROM || !apl_lua_check_from(L, -1, &source, &field)) return false;
	const apl_program *program = &apl_lua_of(L)->program;
	return apl_field_may_lack(source == APL_LUA_DATA ? program->data : program->params, field);
}

/* Every placeholder that is an argument, and has no alternative, is given one that is there. */
static void check_wanted(lua_State *L, const apl_lua_reference *r, const apl_saying *said, int arguments) {
	for (uint32_t i = 0; i < said->wording.n_pieces; i++) {
		const apl_piece *piece = &said->wording.pieces[i];
		if (piece->kind != APL_PIECE_ARGUMENT || piece->alternative != NULL) continue;
		if (arguments != 0) {
			lua_pushstring(L, piece->text);
			lua_rawget(L, arguments);
		} else {
			lua_pushnil(L);
		}
		bool is_given = !lua_isnil(L, -1);
		if (may_lack(L))
			apl_lua_found(L, r->place, is_given ? "phrase-may-lack" : "phrase-argument",
			    is_given ? "phrase \"%s\" (%s): the argument %s comes from what may be missing, and {%s} has no alternative"
			             : "phrase \"%s\" (%s) needs the argument %s, for it has {%s} in it",
			    r->name, said->locale, piece->text, piece->text);
		lua_pop(L, 1);
	}
}

static bool is_text_for_people(lua_State *L) {
	int type = lua_type(L, -1);
	return type == LUA_TSTRING || type == LUA_TNUMBER || apl_lua_to_money(L, -1) != NULL;
}

/* An argument is text, a number, money, from or phrase. What is personal in it makes the phrase so. */
static void check_kinds(lua_State *L, apl_lua_reference *r, int arguments) {
	lua_pushnil(L);
	while (lua_next(L, arguments) != 0) {
		const apl_part *part = apl_lua_to_part(L, -1);
		apl_lua_source source;
		uint32_t field;
		bool is_from = part != NULL && part->word == APL_WORD_FROM;
		const apl_program *program = &apl_lua_of(L)->program;
		if (is_from && apl_lua_check_from(L, -1, &source, &field)) {
			const apl_schema *schema = source == APL_LUA_DATA ? program->data : program->params;
			apl_type type = (apl_type)schema->fields[field].type;
			r->is_personal = r->is_personal || schema->fields[field].personal;
			if (!apl_type_is_shown(type))
				apl_lua_found(L, r->place, "phrase-argument", "phrase \"%s\": an argument is %s, which has no form for people", r->name,
				    apl_type_name(type));
		} else if (is_from && apl_lua_expression_of(L, lua_gettop(L)) != APL_NO_REFERENCE) {
			r->is_personal = r->is_personal || apl_lua_referred(L, -1)->is_personal;
		} else if (part != NULL && part->word == APL_WORD_PHRASE) {
			const apl_lua_reference *said = apl_lua_referred(L, -1); /* made before this one, and so checked */
			/* NULL: it was called wrongly, as was told there. */
			r->is_personal = r->is_personal || (said != NULL && said->is_personal);
		} else if (!is_from && !is_text_for_people(L)) {
			apl_lua_found(L, r->place, "phrase-argument",
			    "phrase \"%s\": an argument is text, a number, money, from \"…\" or phrase \"…\"; found %s", r->name,
			    apl_lua_kind_name(L, -1));
		}
		lua_pop(L, 1);
	}
}

/* Is there a field that may hold what is said of a person? */
static bool has_room_for_persons(const apl_program *program, const apl_lua *host) {
	for (uint32_t i = 0; i < host->n_effects; i++) {
		if (host->effects[i].schema != NULL && host->effects[i].schema->has_personal) return true;
	}
	return program->data == NULL || program->data->has_personal;
}

void apl_lua_check_phrase(lua_State *L, int part, apl_lua_reference *r) {
	apl_lua *host = apl_lua_of(L);
	const apl_catalogue *c = host->catalogue;
	char hint[160];
	size_t size = strlen(r->name);
	int top = lua_gettop(L);
	r->number = apl_catalogue_find(c, r->name, size);
	if (r->number == APL_NONE) {
		apl_lua_found(
		    L, r->place, "unknown-phrase", "there is no phrase \"%s\"%s", r->name, apl_catalogue_hint(c, r->name, size, hint, sizeof hint));
		return;
	}
	r->is_good = true;
	apl_phrase *phrase = &host->catalogue->phrases[r->number];
	phrase->is_used = true;
	luaL_checkstack(L, 12, NULL);
	lua_getiuservalue(L, part, APL_PART_TABLE);
	int arguments = lua_istable(L, -1) ? lua_gettop(L) : 0;
	if (arguments != 0) {
		check_given(L, r, phrase, arguments);
		check_kinds(L, r, arguments);
	}
	for (uint32_t i = 0; i < c->n_locales; i++) {
		if (phrase->in[i] == NULL) continue;
		check_wanted(L, r, phrase->in[i], arguments);
		r->is_personal = r->is_personal || phrase->in[i]->wording.is_personal;
	}
	if (r->is_personal && !has_room_for_persons(&host->program, host))
		apl_lua_remarked(L, APLOMB_WARNING, r->place, "phrase-personal",
		    "phrase \"%s\" says something personal, but no field of an effect, or of data, is marked personal = true to take it", r->name);
	lua_settop(L, top);
}

/* ---- on the case ----------------------------------------------------------------------------------- */

void apl_lua_say_phrase(lua_State *L, int id, int arguments) {
	const apl_lua *host = apl_lua_of(L);
	char hint[160];
	size_t size;
	const char *name = lua_tolstring(L, id, &size);
	uint32_t number = apl_catalogue_find(host->catalogue, name, size);
	if (number == APL_NONE)
		apl_lua_refuse(L, "unknown-phrase", "there is no phrase \"%.80s\"%s", name,
		    apl_catalogue_hint(host->catalogue, name, size, hint, sizeof hint));
	push_said(L, number, arguments);
}

/* Is the value at [value] one of the tags in the table at [attributes]? */
static bool has_tag(lua_State *L, int attributes, int value) {
	int top = lua_gettop(L);
	bool has = false;
	if (lua_getfield(L, attributes, "tags") == LUA_TTABLE) {
		for (lua_Integer i = 1; !has && lua_rawgeti(L, top + 1, i) != LUA_TNIL; i++) {
			has = lua_rawequal(L, -1, value) != 0;
			lua_pop(L, 1);
		}
	}
	lua_settop(L, top);
	return has;
}

/* Has the phrase, whose attributes are the table at [attributes], all that the filter asks? */
static bool fits(lua_State *L, int attributes, int filter) {
	int top = lua_gettop(L);
	bool all = true;
	lua_pushnil(L);
	while (all && lua_next(L, filter) != 0) {
		if (lua_type(L, top + 1) != LUA_TSTRING)
			apl_lua_refuse(L, "wrong-type", "case:phrases is asked by name: case:phrases { tag = \"apology\" }");
		if (strcmp(lua_tostring(L, top + 1), "tag") == 0) {
			all = has_tag(L, attributes, top + 2);
		} else {
			lua_pushvalue(L, top + 1);
			lua_rawget(L, attributes);
			all = lua_rawequal(L, -1, top + 2) != 0;
		}
		lua_settop(L, top + 1);
	}
	lua_settop(L, top);
	return all;
}

void apl_lua_push_phrases(lua_State *L, int filter) {
	const apl_lua *host = apl_lua_of(L);
	const apl_catalogue *c = host->catalogue;
	int top = lua_gettop(L);
	lua_Integer count = 0;
	lua_createtable(L, 0, 0);
	apl_lua_mark_list(L);
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_PHRASES);
	for (uint32_t i = 0; c != NULL && i < c->n_phrases; i++) {
		lua_getfield(L, top + 2, c->phrases[i].id);
		if (filter == 0 || fits(L, top + 3, filter)) {
			lua_pushstring(L, c->phrases[i].id);
			lua_rawseti(L, top + 1, ++count);
		}
		lua_settop(L, top + 2);
	}
	apl_lua_charge(L, c != NULL ? c->n_phrases : 1);
	lua_settop(L, top + 1);
}
