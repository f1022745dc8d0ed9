/* SPDX-License-Identifier: MIT */
/*
 * Decides what the declaration of a callout means: steps, each with whom it
 * asks and how long they have. The names of rotas and calendars are looked up,
 * and what params say is put in, for a policy and its values are known here.
 * Who would be asked at an instant is room engine's; what a case does is its states'.
 */
#include "lua/declare_inside.h"

#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/define.h"
#include "lua/delays.h"
#include "lua/reference.h"
#include "lua/text.h"
#include "time/shown.h"

enum { MOST_STEPS = 100, MOST_CALLOUTS = 1000, MOST_TIMES = 1000, MOST_REPEATS = 100 };

#define WHOM (APL_TAKES_TEXT | APL_TAKES_FROM)
static const apl_word_field step_fields[] = {{"to", WHOM, false, false, "Whom."},
    {"rota", APL_TAKES_TEXT, false, false, "Whoever this rota says is on duty."},
    {"next", APL_TAKES_BOOLEAN, false, false, "Not who is on duty, but who is so after them."},
    {"if_nobody", APL_TAKES_TEXT, false, false, "\"skip\", \"wait\" or \"fallback\"."},
    {"fallback", WHOM, false, false, "Who is asked when nobody is on duty."},
    {"only_during", APL_TAKES_TEXT, false, false, "The calendar outside of whose hours it is passed over."},
    {"answer_in", APL_TAKES_TEXT | APL_TAKES_FROM, false, false, "How long they have; without it only a case knows."},
    {"times", APL_TAKES_NUMBER, false, false, "How often they are asked."}};
static const apl_word step_word = {
    "a step", APL_SHAPE_TABLE, APL_ITEMS_NONE, 0, 0, false, false, 0, step_fields, sizeof step_fields / sizeof *step_fields, "", "", ""};

typedef struct reader {
	lua_State *L;
	int table;
	const char *label;
	const apl_spot *spot;
} reader;

static const char *keep(lua_State *L, const char *text, size_t size) {
	const char *kept = apl_arena_text(&apl_lua_of(L)->arena, text, size);
	apl_lua_must(L, kept != NULL);
	return kept;
}

/* The parameter that the `from` at the top names, when every case has that value; NULL: only a case knows. [*name]: what stands for it. */
static const apl_field *known_param(lua_State *L, const char **name) {
	const apl_lua *host = apl_lua_of(L);
	const apl_lua_reference *reference = apl_lua_referred(L, lua_gettop(L));
	apl_lua_source source = APL_LUA_DATA;
	uint32_t field = 0;
	*name = reference != NULL ? keep(L, reference->name, strlen(reference->name)) : NULL;
	if (apl_lua_expression_of(L, lua_gettop(L)) != APL_NO_REFERENCE || !apl_lua_check_from(L, -1, &source, &field)) return NULL;
	const apl_field *found = source == APL_LUA_PARAMS ? &host->program.params->fields[field] : NULL;
	return found != NULL && found->has_default ? found : NULL;
}

/* `to`, `fallback`: NULL when it is not there. */
static const char *read_whom(const reader *r, const char *key) {
	lua_State *L = r->L;
	const char *name = NULL;
	if (apl_lua_get_field(L, r->table, &step_word, key)) {
		if (lua_type(L, -1) == LUA_TSTRING) {
			name = apl_lua_keep_text(L, -1, apl_lua_place_of_value(L, r->spot, key));
		} else {
			const apl_field *field = known_param(L, &name);
			if (field != NULL && field->type == APL_TYPE_TEXT) {
				const apl_text *text = apl_record_text(apl_lua_of(L)->program.params->initial, field);
				name = keep(L, text->bytes, text->size);
			}
		}
	}
	lua_settop(L, r->table);
	return name;
}

static void read_answer(const reader *r, apl_callout_step *step) {
	lua_State *L = r->L;
	if (apl_lua_get_field(L, r->table, &step_word, "answer_in")) {
		char text[APL_SPAN_TEXT], label[176];
		const char *name;
		if (lua_type(L, -1) == LUA_TSTRING) {
			size_t size;
			const char *written = lua_tolstring(L, -1, &size);
			apl_place place = apl_lua_place_of_value(L, r->spot, "answer_in");
			snprintf(label, sizeof label, "%s: answer_in", r->label);
			if (apl_lua_read_span(L, written, size, label, place, false, &step->span, &step->unit))
				step->answer_in = keep(L, written, size);
		} else {
			const apl_field *field = known_param(L, &name);
			if (field != NULL && field->type == APL_TYPE_SPAN) {
				const uint64_t *words = apl_lua_of(L)->program.params->initial;
				step->span = apl_record_integer(words, field);
				step->unit = apl_record_span_unit(words, field);
				step->answer_in = keep(L, text, apl_span_write_in(step->span, step->unit, text));
			}
		}
	}
	lua_settop(L, r->table);
}

/* The number of the rota at the key, or APL_NONE. A name that a module was given is told where it was given. */
static uint32_t read_rota(const reader *r) {
	lua_State *L = r->L;
	const apl_lua *host = apl_lua_of(L);
	const char *name = apl_lua_field_text(L, r->table, &step_word, "rota", r->spot);
	char hint[160], shown[APL_SHOWN];
	if (name == NULL) return APL_NONE;
	const uint32_t number = apl_lua_find_rota(host, name, strlen(name), hint, sizeof hint);
	if (number != APL_NO_FIELD) return number;
	if (!apl_lua_is_given(host, name, false))
		apl_lua_found(L, apl_lua_place_of_value(L, r->spot, "rota"), "unknown-rota", "%s: there is no rota \"%s\"%s", r->label,
		    apl_shown(name, strlen(name), shown), hint);
	return APL_NONE;
}

static uint32_t read_hours(const reader *r) {
	lua_State *L = r->L;
	const char *name = apl_lua_field_text(L, r->table, &step_word, "only_during", r->spot);
	if (name == NULL) return APL_NONE;
	for (uint32_t i = 0; i < apl_lua_of(L)->n_calendars; i++) {
		if (strcmp(apl_lua_of(L)->calendars[i].name, name) == 0) return i;
	}
	if (apl_lua_is_given(apl_lua_of(L), name, true)) return APL_NONE;
	return apl_lua_find_calendar(L, name, r->label, apl_lua_place_of_value(L, r->spot, "only_during"));
}

/* A whole number at the key of a table; [otherwise] when there is none. */
static uint32_t read_count(const reader *r, const apl_word *word, const char *key, uint32_t otherwise, uint32_t most, const char *slug) {
	lua_State *L = r->L;
	uint32_t count = otherwise;
	if (apl_lua_get_field(L, r->table, word, key)) {
		lua_Integer given = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
		if (given < 1 || given > (lua_Integer)most)
			apl_lua_found(
			    L, apl_lua_place_of_value(L, r->spot, key), slug, "%s: %s is a whole number from 1 to %u", r->label, key, (unsigned)most);
		else
			count = (uint32_t)given;
	}
	lua_settop(L, r->table);
	return count;
}

static void read_if_nobody(const reader *r, apl_callout_step *step, bool names_rota) {
	static const char *const ways[] = {"skip", "wait", "fallback"};
	lua_State *L = r->L;
	const char *name = apl_lua_field_text(L, r->table, &step_word, "if_nobody", r->spot);
	apl_place place = apl_lua_place_of_value(L, r->spot, "if_nobody");
	char hint[64], shown[APL_SHOWN];
	apl_nearest nearest = apl_nearest_to(name != NULL ? name : "", name != NULL ? strlen(name) : 0);
	bool is_known = name == NULL;
	for (uint32_t i = 0; i < 3 && name != NULL; i++) {
		apl_nearest_try(&nearest, ways[i]);
		if (strcmp(ways[i], name) != 0) continue;
		is_known = true;
		step->if_nobody = (apl_if_nobody)i;
	}
	if (!is_known)
		apl_lua_found(L, place, "callout-step", "%s: if_nobody is \"skip\", \"wait\" or \"fallback\", found \"%s\"%s", r->label,
		    apl_shown(name, strlen(name), shown), apl_nearest_hint(&nearest, hint, sizeof hint));
	else if (!names_rota && (name != NULL || step->fallback != NULL || step->is_next))
		apl_lua_found(L, r->spot->place, "callout-step", "%s has no rota, so next, if_nobody and fallback mean nothing in it", r->label);
	else if ((step->if_nobody == APL_NOBODY_FALLS_BACK) != (step->fallback != NULL))
		apl_lua_found(
		    L, r->spot->place, "callout-step", "%s needs both if_nobody = \"fallback\" and fallback = \"…\", or neither", r->label);
}

static void read_step(const reader *r, apl_callout_step *step) {
	lua_State *L = r->L;
	/* A step that a module put together stands where the module was asked. */
	const apl_place asked_at = apl_lua_of(L)->declaring->asked_at;
	*step = (apl_callout_step){.place = asked_at.file != NULL ? asked_at : r->spot->place};
	apl_lua_check_fields(L, r->table, &step_word, r->label, r->spot, false);
	step->to = read_whom(r, "to");
	step->fallback = read_whom(r, "fallback");
	bool names_rota = apl_lua_get_field(L, r->table, &step_word, "rota");
	lua_settop(L, r->table);
	step->rota = read_rota(r);
	step->calendar = read_hours(r);
	step->is_next = apl_lua_field_flag(L, r->table, &step_word, "next");
	step->times = read_count(r, &step_word, "times", 1, MOST_TIMES, "callout-step");
	read_if_nobody(r, step, names_rota);
	read_answer(r, step);
	if ((step->to != NULL) == names_rota)
		apl_lua_found(L, r->spot->place, "callout-step", "%s says whom it asks by one of to = \"…\" and rota = \"…\"", r->label);
	/* Whose hours count is asked of a case: so is when they have passed. */
	if (step->unit != APL_SPAN_CLOCK && apl_lua_of(L)->program.calendar == APL_NONE) step->answer_in = NULL;
}

static void read_steps(lua_State *L, int table, const char *label, const apl_spot *spot, apl_callout *callout) {
	const apl_word *word = &apl_words[APL_WORD_CALLOUT];
	if (!apl_lua_get_field(L, table, word, "steps")) {
		lua_settop(L, table);
		return;
	}
	int list = lua_gettop(L);
	const apl_spot steps = apl_lua_spot_of_key(L, spot, "steps");
	size_t count = lua_rawlen(L, list);
	if (count == 0 || count > MOST_STEPS) {
		apl_lua_found(L, steps.place, "callout-step", "%s: steps is a list of 1 to %d steps; it has %zu", label, MOST_STEPS, count);
		count = count == 0 ? 0 : MOST_STEPS;
	}
	apl_callout_step *all = apl_arena_take(&apl_lua_of(L)->arena, (count + 1) * sizeof *all);
	apl_lua_must(L, all != NULL);
	for (size_t i = 1; i <= count; i++) {
		char own[160];
		const apl_spot at = apl_lua_spot_of_item(L, &steps, i);
		snprintf(own, sizeof own, "%s: step %zu", label, i);
		luaL_checkstack(L, 16, NULL);
		if (lua_rawgeti(L, list, (lua_Integer)i) == LUA_TTABLE) {
			const reader r = {L, lua_gettop(L), own, &at};
			read_step(&r, &all[callout->n_steps++]);
		} else {
			apl_lua_found(
			    L, at.place, "wrong-kind", "%s is a table, { rota = \"…\", answer_in = \"…\" }, found %s", own, apl_lua_kind_name(L, -1));
		}
		lua_settop(L, list);
	}
	callout->steps = all;
	lua_settop(L, table);
}

void apl_lua_declare_callout(lua_State *L, int part, int table, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	const apl_word *word = &apl_words[APL_WORD_CALLOUT];
	apl_callout callout = {.name = apl_lua_read_id(L, part, label, true), .place = spot->place, .program = &host->program};
	uint32_t errors_before = host->findings->errors;
	apl_lua_check_fields(L, table, word, label, spot, false);
	read_steps(L, table, label, spot, &callout);
	const reader r = {L, table, label, spot};
	callout.until_taken = apl_lua_field_flag(L, table, word, "until_taken");
	callout.may_send_on = apl_lua_field_flag(L, table, word, "may_send_on");
	callout.repeat_from = read_count(&r, word, "repeat_from", 0, callout.n_steps > 0 ? callout.n_steps : 1, "callout-step");
	callout.repeats = read_count(&r, word, "repeats", 0, MOST_REPEATS, "callout-step");
	if (callout.repeats > 0 && (callout.repeat_from == 0 || callout.until_taken))
		apl_lua_found(L, apl_lua_place_of_value(L, spot, "repeats"), "callout-step",
		    "%s: repeats goes with repeat_from, and not with until_taken", label);
	if (callout.repeat_from > 0 && callout.repeats == 0 && !callout.until_taken) callout.repeats = 1;
	if (callout.until_taken && callout.repeat_from == 0) callout.repeat_from = 1;
	for (uint32_t i = 0; i < host->n_callouts && callout.name != NULL; i++) {
		if (strcmp(host->callouts[i].name, callout.name) == 0)
			apl_lua_found(L, apl_lua_place_of_name(L, part, 0), "duplicate-callout", "%s is declared already, in line %u", label,
			    (unsigned)host->callouts[i].place.line);
	}
	if (host->n_callouts == MOST_CALLOUTS)
		apl_lua_found(L, spot->place, "limit-declarations", "%s: a playbook has at most %d callouts", label, MOST_CALLOUTS);
	if (callout.name == NULL || callout.n_steps == 0 || host->findings->errors > errors_before) return;
	apl_lua_must(L, APL_GROW(&host->alloc, host->callouts, host->n_callouts, host->callouts_capacity));
	host->callouts[host->n_callouts++] = callout;
}
