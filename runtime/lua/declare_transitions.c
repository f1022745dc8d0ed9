/* SPDX-License-Identifier: MIT */
/*
 * Decides how `on`, `always`, `after`, `every` and `at` become transitions:
 * candidates in their order, each with its guard, target and actions.
 */
#include "lua/declare_inside.h"

#include <string.h>

#include "lua/delays.h"

enum { MOST_CANDIDATES = 10000 };

/* ---- transitions -------------------------------------------------------------------------- */

static apl_build_transition_options read_candidate(
    lua_State *L, int table, const apl_word *word, const char *label, const char *events, const apl_spot *spot) {
	apl_build_transition_options options = {0};
	apl_lua_named targets = apl_lua_field_names(L, table, word, "to", label, spot);
	options.place = spot->place;
	options.targets = targets.joined;
	options.target_places = targets.places;
	options.guard = apl_lua_field_handler(L, table, word, "when", label, events, spot);
	options.block = apl_lua_field_handler(L, table, word, "act", label, events, spot);
	options.because = apl_lua_field_text(L, table, word, "because", spot);
	options.internal = apl_lua_field_flag(L, table, word, "internal");
	if (word == &apl_words[APL_WORD_ON]) {
		options.defers = apl_lua_field_flag(L, table, word, "defer");
		options.defer_place = apl_lua_place_of_key(L, spot, "defer");
	}
	return options;
}

/* Does the table list candidates? Then its own fields may only be the word's. */
static bool has_candidates(lua_State *L, int table, const apl_word *word, const char *label, const apl_spot *spot) {
	if (lua_rawlen(L, table) == 0) return false;
	for (uint32_t i = 0; i < word->n_fields; i++) {
		const char *name = word->fields[i].name;
		lua_pushstring(L, name);
		if (lua_rawget(L, table) != LUA_TNIL && !word->fields[i].is_of_the_word)
			apl_lua_found(L, apl_lua_place_of_key(L, spot, name), "mixed-candidates",
			    "%s: \"%s\" stands beside candidates; put it into each of them", label, name);
		lua_pop(L, 1);
	}
	return true;
}

/* Reads the transition, or its candidates in order, into the arena. */
static apl_build_transition_options *read_candidates(
    lua_State *L, int table, const apl_word *word, const char *label, const char *events, const apl_spot *spot, uint32_t *count) {
	apl_lua *host = apl_lua_of(L);
	apl_lua_check_fields(L, table, word, label, spot, false);
	bool is_list = has_candidates(L, table, word, label, spot);
	lua_Integer size = is_list ? (lua_Integer)lua_rawlen(L, table) : 1;
	if (size > MOST_CANDIDATES) {
		apl_lua_found(L, spot->place, "limit-candidates", "%s has more than %d candidates", label, MOST_CANDIDATES);
		size = MOST_CANDIDATES;
	}
	apl_build_transition_options *all = apl_arena_take(&host->arena, (size_t)size * sizeof *all);
	apl_lua_must(L, all != NULL);
	*count = 0;
	if (!is_list) {
		all[(*count)++] = read_candidate(L, table, word, label, events, spot);
		return all;
	}
	for (lua_Integer i = 1; i <= size; i++) {
		apl_spot inner = apl_lua_spot_of_item(L, spot, (uint64_t)i);
		lua_rawgeti(L, table, i);
		if (apl_lua_is_plain_table(L, -1)) {
			apl_lua_check_fields(L, -1, word, label, &inner, true);
			if (lua_rawlen(L, -1) > 0)
				apl_lua_found(L, apl_lua_place_of_item(L, &inner, 1), "unexpected-item",
				    "%s: candidate %d has something without a name in it", label, (int)i);
			all[(*count)++] = read_candidate(L, lua_gettop(L), word, label, events, &inner);
		} else {
			apl_lua_found(L, inner.place, "wrong-kind", "%s: candidate %d must be a table of fields, found %s", label, (int)i,
			    apl_lua_kind_name(L, -1));
		}
		lua_settop(L, table);
	}
	return all;
}

void apl_lua_declare_on(lua_State *L, int part, int table, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	uint32_t count;
	apl_lua_named events = apl_lua_part_names(L, part, label, "the event");
	apl_build_transition_options *all = read_candidates(L, table, &apl_words[APL_WORD_ON], label, events.joined, spot, &count);
	if (events.joined == NULL) return;
	for (uint32_t i = 0; i < count; i++) {
		all[i].events = events.joined;
		all[i].event_places = events.places;
		apl_lua_must(L, apl_build_transition(host->declaring->builder, &all[i]));
	}
}

void apl_lua_declare_always(lua_State *L, int table, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	uint32_t count;
	apl_build_transition_options *all = read_candidates(L, table, &apl_words[APL_WORD_ALWAYS], label, NULL, spot, &count);
	for (uint32_t i = 0; i < count; i++) apl_lua_must(L, apl_build_transition(host->declaring->builder, &all[i]));
}

/* What becomes of it when nobody was there. */
static apl_overdue read_overdue(lua_State *L, int table, const apl_word *word, bool repeats, const char *label, const apl_spot *spot) {
	const char *given = apl_lua_field_text(L, table, word, "overdue", spot);
	if (given == NULL) return APL_OVERDUE_FIRE;
	for (apl_overdue overdue = APL_OVERDUE_FIRE; overdue <= (repeats ? APL_OVERDUE_COLLAPSE : APL_OVERDUE_SKIP); overdue++)
		if (strcmp(given, apl_overdue_name(overdue)) == 0) return overdue;
	apl_lua_found(L, apl_lua_place_of_value(L, spot, "overdue"), "not-a-choice", "%s: overdue is \"fire\"%s, found \"%.40s\"", label,
	    repeats ? ", \"skip\" or \"collapse\"" : " or \"skip\"", given);
	return APL_OVERDUE_FIRE;
}

/* `after`, `every`, `at`. */
void apl_lua_declare_delay(lua_State *L, int part, int table, uint32_t number, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	const apl_word *word = &apl_words[number];
	apl_build_delay_options delay = {.kind = number == APL_WORD_AFTER   ? APL_DELAY_AFTER
	                                         : number == APL_WORD_EVERY ? APL_DELAY_EVERY
	                                                                    : APL_DELAY_AT,
	    .place = spot->place};
	delay.overdue = read_overdue(L, table, word, number == APL_WORD_EVERY, label, spot);
	if (number != APL_WORD_AT) apl_lua_read_scope(L, table, word, label, spot, &delay.calendar, &delay.calendar_handler);
	lua_getiuservalue(L, part, APL_PART_NAME);
	bool is_good = apl_lua_read_delay(L, label, apl_lua_place_of_name(L, part, 0), &delay);
	lua_settop(L, table);
	if (number != APL_WORD_AT) {
		apl_lua_named since = apl_lua_field_names(L, table, word, "since", label, spot);
		delay.since = since.joined;
		delay.since_places = since.places;
	}
	delay.transitions = read_candidates(L, table, word, label, NULL, spot, &delay.n_transitions);
	if (is_good && delay.n_transitions > 0) apl_lua_must(L, apl_build_delay(host->declaring->builder, &delay));
}
