/* SPDX-License-Identifier: MIT */
/*
 * Decides how the value that a playbook's file returned becomes a program:
 * walks through the words in document order, gives events, types, functions
 * and states to the rooms that know about them, and goes on after a mistake,
 * so that all of them are told at once. Names and targets are chart/build.c's.
 */

#include "lua/declare_inside.h"
#include "lua/define.h"
#include "lua/delays.h"
#include "lua/modules.h"
#include "lua/catalogue.h"
#include "lua/reference.h"

#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

enum { MOST_NESTING = 100, MOST_CHILDREN = 1000000 };

/* Where a child stands: in which word, groups being no place of their own. */
typedef struct position {
	uint32_t word;
	const char *label;
	apl_spot spot; /* its children are items of this table */
	unsigned depth;
} position;

/* ---- states ------------------------------------------------------------------------------------ */

static void declare_children(lua_State *L, int table, const position *at, bool declarations);

/* `initial` and `default`: a name, names, or { to =, act = }. */
static void declare_start(lua_State *L, int table, const apl_word *word, const char *name, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	apl_lua_named targets = {NULL, NULL};
	int32_t block = APL_NO_HANDLER;
	apl_place place = apl_lua_place_of_value(L, spot, name);
	if (apl_lua_get_field(L, table, word, name)) {
		int start = lua_gettop(L);
		apl_spot inside = apl_lua_spot_of_key(L, spot, name);
		if (lua_type(L, start) == LUA_TTABLE && lua_rawlen(L, start) == 0) {
			static const apl_word_field fields[] = {{"to", APL_TAKES_TEXT | APL_TAKES_TEXTS, true, false, "The state to begin in."},
			    {"act", APL_TAKES_TEXT | APL_TAKES_FUNCTION | APL_TAKES_ACTIONS, false, false, "What to do on the way."}};
			static const apl_word start_word = {"initial", APL_SHAPE_TABLE, APL_ITEMS_NONE, 0, 0, false, false, 0, fields, 2, "", "", ""};
			char inner[128];
			snprintf(inner, sizeof inner, "%s: %s", label, name);
			apl_lua_check_fields(L, start, &start_word, inner, &inside, false);
			targets = apl_lua_field_names(L, start, &start_word, "to", label, &inside);
			block = apl_lua_field_handler(L, start, &start_word, "act", inner, NULL, &inside);
		} else {
			targets = apl_lua_join_names(L, start, label, name, place, &inside);
		}
	}
	lua_settop(L, table);
	if (targets.joined != NULL) apl_lua_must(L, apl_build_initial(host->declaring->builder, targets.joined, block, place, targets.places));
}

/* Every name in done must be a final's. */
static void check_outcomes(lua_State *L, int outcomes, const position *at, const apl_spot *spot) {
	apl_builder *builder = apl_lua_of(L)->declaring->builder;
	uint32_t number;
	const char *final;
	apl_lua_push_keys(L, outcomes);
	int keys = lua_gettop(L);
	for (lua_Integer i = 1; lua_rawgeti(L, keys, i) != LUA_TNIL; i++) {
		const char *name = lua_tostring(L, -1);
		char hint[128];
		apl_nearest nearest = apl_nearest_to(name, strlen(name));
		bool is_known = false;
		apl_place place = apl_lua_place_of_key(L, spot, name);
		for (uint32_t n = 0; (final = apl_build_final(builder, n, &number)) != NULL; n++) {
			is_known = is_known || strcmp(final, name) == 0;
			apl_nearest_try(&nearest, final);
		}
		if (!is_known && apl_build_final(builder, 0, &number) == NULL)
			apl_lua_found(L, place, "unknown-outcome", "%s: done names \"%.60s\", but there is no final in it", at->label, name);
		else if (!is_known)
			apl_lua_found(L, place, "unknown-outcome", "%s: done names \"%.60s\", which is no final of it%s", at->label, name,
			    apl_nearest_hint(&nearest, hint, sizeof hint));
		lua_settop(L, keys);
	}
}

/* `done = { final = "target" }`: what happens when the state ends in each of its finals. Its children are declared. */
static void declare_outcomes(lua_State *L, int table, const char *id, const position *at) {
	apl_builder *builder = apl_lua_of(L)->declaring->builder;
	if (!apl_lua_get_field(L, table, &apl_words[APL_WORD_STATE], "done")) {
		lua_settop(L, table);
		return;
	}
	int outcomes = lua_gettop(L);
	uint32_t number;
	const char *final;
	char field[96];
	apl_spot spot = apl_lua_spot_of_key(L, &at->spot, "done");
	if (spot.table == APL_NO_SITE) spot.place = at->spot.place;
	const char *event = lua_pushfstring(L, "done.state.%s", id);
	int top = lua_gettop(L);
	for (uint32_t n = 0; (final = apl_build_final(builder, n, &number)) != NULL; n++) {
		lua_pushstring(L, final);
		if (lua_rawget(L, outcomes) == LUA_TNIL) {
			apl_lua_found(L, spot.place, "outcome-not-mapped",
			    "%s can end in \"%s\", and done does not say where that leads; add %s = \"…\"", at->label, final, final);
		} else {
			snprintf(field, sizeof field, "done.%.60s", final);
			/* A table that a module hands on stands where the module was asked. */
			apl_place place = spot.table != APL_NO_SITE ? apl_lua_place_of_value(L, &spot, final) : at->spot.place;
			apl_spot items = apl_lua_spot_of_key(L, &spot, final);
			apl_lua_named targets = apl_lua_join_names(L, -1, at->label, field, place, &items);
			apl_build_transition_options options = {.events = event,
			    .targets = targets.joined,
			    .target_places = targets.places,
			    .guard = apl_lua_declare_in_state(L, number, place),
			    .block = APL_NO_HANDLER,
			    .place = place,
			    .outward = true};
			if (targets.joined != NULL) apl_lua_must(L, apl_build_transition(builder, &options));
		}
		lua_settop(L, top);
	}
	check_outcomes(L, outcomes, at, &spot);
	lua_settop(L, table);
}

/* What done.state.PARENT carries, in a chart from SCXML; at the top, what done.invoke.ID carries. */
static void declare_donedata(lua_State *L, int table, const position *at) {
	apl_lua *host = apl_lua_of(L);
	if (apl_lua_get_field(L, table, &apl_words[APL_WORD_FINAL], "donedata")) {
		if (!host->is_imported && apl_build_parent(host->declaring->builder) != 0)
			apl_lua_found(L, apl_lua_place_of_key(L, &at->spot, "donedata"), "donedata-not-imported",
			    "%s: donedata is what a case tells whoever invoked it, so it stands at a final at the top; here an exit or an event says "
			    "what "
			    "came of it",
			    at->label);
		apl_lua_must(L, APL_GROW(&host->alloc, host->finals, host->n_finals, host->finals_capacity));
		host->finals[host->n_finals++] = (apl_lua_final){apl_build_number(host->declaring->builder), host->n_functions};
		apl_lua_declare_function(L, lua_gettop(L));
	}
	lua_settop(L, table);
}

static void declare_state(lua_State *L, int part, int table, uint32_t number, const position *at) {
	apl_lua *host = apl_lua_of(L);
	apl_builder *builder = host->declaring->builder;
	const apl_word *word = &apl_words[number];
	lua_getiuservalue(L, part, APL_PART_NAME);
	const char *id = apl_lua_keep_text(L, -1, apl_lua_place_of_name(L, part, 0));
	lua_settop(L, table);
	apl_lua_check_fields(L, table, word, at->label, &at->spot, false);
	if (id == NULL) return;
	apl_build_kind kind = APL_BUILD_STATE;
	if (number == APL_WORD_PARALLEL) kind = APL_BUILD_PARALLEL;
	if (number == APL_WORD_FINAL) kind = APL_BUILD_FINAL;
	if (number == APL_WORD_HISTORY) kind = apl_lua_field_flag(L, table, word, "deep") ? APL_BUILD_DEEP_HISTORY : APL_BUILD_HISTORY;
	apl_lua_must(L, apl_build_begin(builder, kind, id, at->spot.place));
	if (number == APL_WORD_STATE) declare_start(L, table, word, "initial", at->label, &at->spot);
	if (number == APL_WORD_HISTORY) declare_start(L, table, word, "default", at->label, &at->spot);
	if (number == APL_WORD_FINAL) {
		const char *outcome = apl_lua_field_text(L, table, word, "outcome", &at->spot);
		if (outcome != NULL) apl_lua_must(L, apl_build_outcome(builder, outcome));
		declare_donedata(L, table, at);
	}
	if (number == APL_WORD_STATE || number == APL_WORD_PARALLEL) {
		const char *rests = apl_lua_field_text(L, table, word, "rests", &at->spot);
		if (rests != NULL) apl_lua_must(L, apl_build_rests(builder, rests));
	}
	if (word->items == APL_ITEMS_CHILDREN) declare_children(L, table, at, false);
	if (number == APL_WORD_STATE) declare_outcomes(L, table, id, at);
	apl_lua_must(L, apl_build_end(builder));
}

static void declare_actions(lua_State *L, int part, int table, const char *label, bool is_entry) {
	apl_lua *host = apl_lua_of(L);
	const apl_spot spot = apl_lua_spot_of(L, part);
	const apl_lua_carrier by = {{APL_GUARD_ACTIONS, label, NULL, NULL}, NULL, &spot};
	int32_t block = apl_lua_declare_handler(L, table, is_entry ? "entry" : "exit", &by);
	apl_builder *builder = host->declaring->builder;
	apl_lua_must(L, is_entry ? apl_build_entry(builder, block) : apl_build_exit(builder, block));
}

/* Something among the children that is no word's value. */
static void wrong_child(lua_State *L, const position *at, lua_Integer number) {
	int word = apl_lua_to_word(L, -1);
	apl_place place = apl_lua_place_of_item(L, &at->spot, (uint64_t)number);
	if (word >= 0) {
		apl_lua_found(L, place, "word-call", "%s: child %lld is the word %s without its table; write %s", at->label, (long long)number,
		    apl_words[word].name, apl_words[word].form);
		return;
	}
	if (apl_lua_is_made(L, -1)) {
		char label[160];
		apl_lua_found(L, place, "wrong-child", "%s: child %lld is %s%s", at->label, (long long)number,
		    apl_lua_found_kind(L, label, sizeof label), apl_lua_is_half_made(L, -1) ? "" : ", a value for another word of its module");
		return;
	}
	const apl_module_word *uncalled = apl_lua_to_module_word(L, -1);
	if (uncalled != NULL) {
		apl_lua_found(L, place, "word-call", "%s: child %lld is the word %s without its table; write %s", at->label, (long long)number,
		    uncalled->name, uncalled->form);
		return;
	}
	const char *hint = "";
	if (lua_type(L, -1) == LUA_TFUNCTION) hint = "; actions stand in entry(…), exit(…) or act =";
	if (lua_type(L, -1) == LUA_TSTRING) hint = "; a word is missing before it";
	if (lua_type(L, -1) == LUA_TTABLE) hint = "; a word is missing before it, or it is meant to be group { … }";
	apl_lua_found(L, place, "wrong-child", "%s: child %lld is %s, not a word's value%s", at->label, (long long)number,
	    apl_lua_kind_name(L, -1), hint);
}

static const char *list_places(uint32_t places, char *out, size_t size) {
	size_t used = 0;
	out[0] = '\0';
	for (uint32_t i = 0; i < APL_WORDS && used < size; i++) {
		if ((places & APL_WORD_BIT(i)) == 0) continue;
		int added = snprintf(out + used, size - used, "%s%s", used > 0 ? " or " : "", apl_words[i].name);
		used += added > 0 ? (size_t)added : 0;
	}
	return out;
}

static bool is_declaration(uint32_t word) {
	return word == APL_WORD_EVENT || word == APL_WORD_EFFECT || word == APL_WORD_CALENDAR || word == APL_WORD_ROTA;
}

static bool is_of_module(const apl_part *part) {
	const apl_call *made = &part->made, *called = &part->called;
	return made->file != called->file || made->line != called->line || made->site != called->site;
}

static void declare_here(lua_State *L, const position *outer, bool declarations);

/* The part at the top, which is a whole one, in its place. */
static void declare_child(lua_State *L, const position *outer, bool declarations) {
	apl_declaring *d = apl_lua_of(L)->declaring;
	const apl_place asked_at = d->asked_at;
	int part = lua_gettop(L);
	if (is_of_module(apl_lua_to_part(L, part))) d->asked_at = apl_lua_place_of(L, part);
	declare_here(L, outer, declarations);
	d->asked_at = asked_at;
}

static void declare_here(lua_State *L, const position *outer, bool declarations) {
	int part = lua_gettop(L);
	const apl_part *made = apl_lua_to_part(L, part);
	uint32_t number = made->word;
	const apl_word *word = &apl_words[number];
	position at = {number, NULL, apl_lua_spot_of(L, part), outer->depth + 1};
	const apl_spot *spot = &at.spot;
	apl_lua_of(L)->declaring->place = spot->place;
	char label[96], places[160];
	apl_lua_label(L, part, label, sizeof label);
	if ((word->places & APL_WORD_BIT(outer->word)) == 0) {
		if (declarations) return;
		if (word->places == 0)
			apl_lua_found(L, spot->place, "wrong-place", "%s is no child of %s%s", label, outer->label,
			    word->is_type ? "; types stand behind a name: name = text {}" : "");
		else
			apl_lua_found(L, spot->place, "wrong-place", "%s stands in %s; its place is in %s", label, outer->label,
			    list_places(word->places, places, sizeof places));
		return;
	}
	lua_getiuservalue(L, part, APL_PART_TABLE);
	int table = lua_gettop(L);
	at.label = label;
	if (number == APL_WORD_GROUP) {
		at.word = outer->word;
		at.label = outer->label;
		if (!declarations) apl_lua_check_fields(L, table, word, label, spot, false);
		declare_children(L, table, &at, declarations);
	} else if (is_declaration(number)) {
		if (!declarations) return;
		if (number == APL_WORD_EVENT)
			apl_lua_declare_event(L, part, table, label, spot);
		else if (number == APL_WORD_EFFECT)
			apl_lua_declare_effect(L, part, table, label, spot);
		else if (number == APL_WORD_ROTA)
			apl_lua_declare_rota(L, part, table, label, spot);
		else
			apl_lua_declare_calendar(L, part, table, label, spot);
	} else if (declarations) {
		/* Fragments declare what they raise, wherever they are put. */
		if (number == APL_WORD_STATE || number == APL_WORD_PARALLEL) declare_children(L, table, &at, true);
	} else {
		switch (number) {
		case APL_WORD_ON: apl_lua_declare_on(L, part, table, label, spot); break;
		case APL_WORD_ALWAYS: apl_lua_declare_always(L, table, label, spot); break;
		case APL_WORD_AFTER:
		case APL_WORD_EVERY:
		case APL_WORD_AT: apl_lua_declare_delay(L, part, table, number, label, spot); break;
		case APL_WORD_ENTRY: declare_actions(L, part, table, label, true); break;
		case APL_WORD_EXIT: declare_actions(L, part, table, label, false); break;
		case APL_WORD_INVOKE: apl_lua_declare_invoke(L, part, table, label, spot); break;
		case APL_WORD_COUNTER: apl_lua_declare_counter(L, part, table, label, spot); break;
		case APL_WORD_CALLOUT: apl_lua_declare_callout(L, part, table, label, spot); break;
		case APL_WORD_CLOCK: apl_lua_declare_clock(L, part, table, label, spot); break;
		default: declare_state(L, part, table, number, &at); break;
		}
	}
}

/* The children in the table's list part. Declarations are gathered first, so that everything after knows them. */
static void declare_children(lua_State *L, int table, const position *at, bool declarations) {
	apl_declaring *d = apl_lua_of(L)->declaring;
	lua_Integer count = (lua_Integer)lua_rawlen(L, table);
	luaL_checkstack(L, 16, NULL);
	if (at->depth > MOST_NESTING) {
		if (!declarations)
			apl_lua_found(L, at->spot.place, "limit-depth", "%s: words are nested more than %d deep here", at->label, MOST_NESTING);
		return;
	}
	for (lua_Integer i = 1; i <= count; i++) {
		lua_settop(L, table);
		lua_rawgeti(L, table, i);
		if (++d->n_visited >= MOST_CHILDREN) {
			if (d->n_visited == MOST_CHILDREN)
				apl_lua_found(L, at->spot.place, "limit-states", "the playbook has more than %d words in it", MOST_CHILDREN);
			break;
		}
		const apl_part *part = apl_lua_to_part(L, -1);
		if (part != NULL && part->stage == APL_PART_WHOLE) {
			declare_child(L, at, declarations);
		} else if (declarations || (part != NULL && part->stage == APL_PART_WRONG)) {
			continue;
		} else if (part != NULL) {
			char label[96];
			apl_lua_found(L, apl_lua_place_of(L, lua_gettop(L)), "word-call", "%s has no table; write %s",
			    apl_lua_label(L, lua_gettop(L), label, sizeof label), apl_words[part->word].form);
		} else {
			wrong_child(L, at, i);
		}
	}
	lua_settop(L, table);
}

/* ---- the whole --------------------------------------------------------------------------------- */

static apl_schema *declare_types(lua_State *L, int table, const char *name, const apl_spot *spot) {
	int types = 0;
	apl_spot inside = apl_lua_spot_of_key(L, spot, name);
	if (apl_lua_get_field(L, table, &apl_words[APL_WORD_PLAYBOOK], name)) {
		types = lua_gettop(L);
		apl_lua_check_fields(L, types, &apl_words[APL_WORD_FIELDS], name, &inside, false);
	}
	lua_settop(L, table + 1); /* nil, or the types */
	apl_schema *schema = apl_lua_declare_schema(L, table + 1, name, &inside);
	lua_settop(L, table);
	return schema;
}

/*
 * What stands in a module's `declares`: events, effects and counters, in groups
 * or not. The part is at the top. Events and effects first: counters count them.
 */
static void declare_of_module(lua_State *L, const char *module, bool counters, unsigned depth) {
	int part = lua_gettop(L);
	const apl_part *made = apl_lua_to_part(L, part);
	apl_spot spot = apl_lua_spot_of(L, part);
	char label[96];
	apl_lua_of(L)->declaring->place = spot.place;
	apl_lua_label(L, part, label, sizeof label);
	luaL_checkstack(L, 16, NULL);
	lua_getiuservalue(L, part, APL_PART_TABLE);
	int table = lua_gettop(L);
	if (made->stage != APL_PART_WHOLE) {
		if (made->stage == APL_PART_HALF && !counters)
			apl_lua_found(L, spot.place, "word-call", "%s has no table; write %s", label, apl_words[made->word].form);
	} else if (made->word == APL_WORD_EVENT) {
		if (!counters) apl_lua_declare_event(L, part, table, label, &spot);
	} else if (made->word == APL_WORD_EFFECT) {
		if (!counters) apl_lua_declare_effect(L, part, table, label, &spot);
	} else if (made->word == APL_WORD_COUNTER) {
		if (counters) apl_lua_declare_counter(L, part, table, label, &spot);
	} else if (made->word == APL_WORD_GROUP && depth < MOST_NESTING) {
		lua_Integer count = (lua_Integer)lua_rawlen(L, table);
		for (lua_Integer i = 1; i <= count; i++) {
			lua_rawgeti(L, table, i);
			if (apl_lua_to_part(L, -1) != NULL)
				declare_of_module(L, module, counters, depth + 1);
			else if (!counters)
				apl_lua_found(L, apl_lua_place_of_item(L, &spot, (uint64_t)i), "bad-declares",
				    "%s.declares: item %lld is %s, not an event, an effect or a counter", module, (long long)i, apl_lua_kind_name(L, -1));
			lua_settop(L, table);
		}
	} else if (!counters) {
		apl_lua_found(L, spot.place, "bad-declares", "%s.declares holds %s; only events, effects and counters are declared for others",
		    module, label);
	}
	lua_settop(L, part);
}

static void declare_uses(lua_State *L, int table, const char *label, const apl_spot *spot, bool counters) {
	if (apl_lua_get_field(L, table, &apl_words[APL_WORD_PLAYBOOK], "uses")) {
		int uses = lua_gettop(L);
		apl_spot inside = apl_lua_spot_of_key(L, spot, "uses");
		lua_Integer count = (lua_Integer)lua_rawlen(L, uses);
		for (lua_Integer i = 1; i <= count; i++) {
			lua_rawgeti(L, uses, i);
			const char *module = apl_lua_to_module(L, -1);
			APL_ASSERT(module != NULL);
			lua_pushliteral(L, "declares");
			lua_rawget(L, -2);
			if (apl_lua_to_part(L, -1) != NULL)
				declare_of_module(L, module, counters, 0);
			else if (!counters)
				apl_lua_found(L, apl_lua_place_of_item(L, &inside, (uint64_t)i), "bad-declares",
				    "%s uses %s, which declares nothing: it has no declares = group { event …, effect … }", label, module);
			lua_settop(L, uses);
		}
	}
	lua_settop(L, table);
}

/* `imported = "scxml"`: names and targets as SCXML has them, and variables that nobody declared. */
static void declare_origin(lua_State *L, int table, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	const char *from = apl_lua_field_text(L, table, &apl_words[APL_WORD_PLAYBOOK], "imported", spot);
	if (from == NULL) return;
	const apl_place place = apl_lua_place_of_value(L, spot, "imported");
	if (strcmp(from, "scxml") != 0)
		apl_lua_found(L, place, "bad-text", "%s: imported is \"%.60s\"; charts are brought in from \"scxml\" only", label, from);
	host->is_imported = true;
	host->variables = host->program.data != NULL ? apl_lua_find_variables(L, place) : APL_NO_FIELD;
}

/* Which calendar counts where no other is named: the one that is said, or the only one there is. */
static void declare_scope(lua_State *L, int table, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	uint32_t calendar, handler;
	apl_lua_read_scope(L, table, &apl_words[APL_WORD_PLAYBOOK], label, spot, &calendar, &handler);
	if (calendar == 0 && handler == 0 && host->n_calendars == 1) calendar = 1;
	host->program.calendar = calendar != 0 ? calendar - 1 : APL_NONE;
	host->program.calendar_handler = handler != 0 ? (int32_t)handler - 1 : APL_NO_HANDLER;
	apl_lua_check_default_spans(L, host->program.params, "params");
	apl_lua_check_default_spans(L, host->program.data, "data");
}

static void declare_playbook(lua_State *L, int part) {
	apl_lua *host = apl_lua_of(L);
	apl_declaring *d = host->declaring;
	const apl_word *word = &apl_words[APL_WORD_PLAYBOOK];
	char label[96];
	position at = {APL_WORD_PLAYBOOK, label, apl_lua_spot_of(L, part), 1};
	const apl_spot *spot = &at.spot;
	d->place = spot->place;
	apl_lua_label(L, part, label, sizeof label);
	lua_getiuservalue(L, part, APL_PART_TABLE);
	int table = lua_gettop(L);
	host->program.id = apl_lua_read_id(L, part, label, false);
	apl_lua_check_fields(L, table, word, label, spot, false);
	host->program.title = apl_lua_field_text(L, table, word, "title", spot);
	host->program.version = apl_lua_field_text(L, table, word, "version", spot);
	host->program.params = declare_types(L, table, "params", spot);
	host->program.data = declare_types(L, table, "data", spot);
	declare_origin(L, table, label, spot);
	const bool is_free = host->is_imported;
	apl_build_options options = {host->program.id != NULL ? host->program.id : "playbook", is_free, is_free, host->most_states};
	d->builder = apl_builder_new(&host->alloc, &options);
	apl_lua_must(L, d->builder != NULL);
	apl_lua_must(L, apl_build_begin(d->builder, APL_BUILD_STATE, options.name, spot->place));
	declare_uses(L, table, label, spot, false);
	declare_children(L, table, &at, true);
	d->n_visited = 0;
	declare_scope(L, table, label, spot);
	declare_uses(L, table, label, spot, true);
	declare_start(L, table, word, "initial", label, spot);
	declare_children(L, table, &at, false);
	apl_lua_must(L, apl_build_end(d->builder));
	apl_lua_make_catalogue(L);
	apl_lua_check_references(L);
	apl_lua_check_effects_asked(L);
	apl_lua_check_names_given(L);
	apl_lua_check_outcomes(L);
	apl_lua_look_over_phrases(L);
	int code = apl_build_finish(d->builder, &host->program.chart, host->findings);
	if (code == APLOMB_ENOMEM) apl_lua_raise_memory(L);
	apl_lua_type_texts(L);
}

int apl_lua_declare(lua_State *L) {
	const apl_part *part = apl_lua_to_part(L, 1);
	lua_settop(L, 1);
	apl_place place = part != NULL ? apl_lua_place_of(L, 1) : (apl_place){apl_lua_of(L)->files[0].shown, 1, 1};
	if (part == NULL)
		apl_lua_found(L, place, "not-a-playbook", "the file must return a playbook: return playbook \"id\" { … }; it returned %s",
		    apl_lua_kind_name(L, 1));
	else if (part->word != APL_WORD_PLAYBOOK)
		apl_lua_found(L, place, "not-a-playbook", "the file must return a playbook; it returned %s", apl_words[part->word].form);
	else if (part->stage == APL_PART_HALF)
		apl_lua_found(L, place, "word-call", "the playbook has no table; write %s", apl_words[APL_WORD_PLAYBOOK].form);
	else if (part->stage == APL_PART_WHOLE)
		declare_playbook(L, 1);
	return 0;
}
