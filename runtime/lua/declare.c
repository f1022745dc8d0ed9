/* SPDX-License-Identifier: MIT */
/*
 * Decides how the value that a playbook's file returned becomes a program:
 * walks through the words in document order, gives events, types, functions
 * and states to the rooms that know about them, and goes on after a mistake,
 * so that all of them are told at once. Names and targets are chart/build.c's.
 */

#include "lua/define.h"
#include "lua/delays.h"
#include "lua/files.h"
#include "lua/invoke.h"
#include "lua/modules.h"
#include "lua/quick.h"
#include "lua/catalogue.h"
#include "lua/reference.h"
#include "lua/text.h"

#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "base/text.h"
#include "data/phrase.h"
#include "time/instant.h"

enum { MOST_NESTING = 100, MOST_CHILDREN = 1000000, MOST_CANDIDATES = 10000 };

/* Where a child stands: in which word, groups being no place of their own. */
typedef struct position {
	uint32_t word;
	const char *label;
	apl_spot spot; /* its children are items of this table */
	unsigned depth;
} position;

static void must(lua_State *L, bool has_memory) {
	if (!has_memory) apl_lua_raise_memory(L);
}

/* ---- handlers ----------------------------------------------------------------------- */

/* The upvalue through which the function at [index] of an imported chart reaches variables; APL_NO_UPVALUE. */
static uint32_t upvalue_of_globals(lua_State *L, int index) {
	uint32_t found = APL_NO_UPVALUE;
	if (!apl_lua_of(L)->is_imported) return found;
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_GLOBALS);
	for (int i = 1; found == APL_NO_UPVALUE && lua_getupvalue(L, index, i) != NULL; i++) {
		if (lua_rawequal(L, -1, -2)) found = (uint32_t)i - 1;
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	return found;
}

/* The function at [index]: kept once, however often it is used. */
static void add_function(lua_State *L, int index) {
	apl_lua *host = apl_lua_of(L);
	lua_Debug about;
	apl_bytecode code;
	lua_pushvalue(L, index);
	lua_getinfo(L, ">S", &about);
	lua_pushvalue(L, index);
	bool is_known = apl_lua_examine(L, &code) && host->bytecode_is_known;
	lua_pop(L, 1);
	must(L, APL_GROW(&host->alloc, host->functions, host->n_functions, host->functions_capacity));
	apl_lua_function *function = &host->functions[host->n_functions];
	function->text = NULL;
	function->is_counted = !is_known || !code.is_bounded;
	function->cost = function->is_counted ? APL_LUA_CHUNK : code.n_instructions;
	function->quick = is_known ? apl_quick_translate(host, &code, upvalue_of_globals(L, index)) : NULL;
	function->place =
	    apl_lua_place_in(host, apl_lua_file_of_chunk(host, about.source), about.linedefined > 0 ? (uint32_t)about.linedefined : 0);

	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_FUNCTIONS); /* functions, and function → number */
	lua_pushvalue(L, index);
	lua_rawget(L, -2);
	if (lua_isnil(L, -1)) {
		lua_Integer number = (lua_Integer)lua_rawlen(L, -2) + 1;
		lua_pushvalue(L, index);
		lua_rawseti(L, -3, number);
		lua_pushvalue(L, index);
		lua_pushinteger(L, number);
		lua_rawset(L, -4);
		function->reference = (uint32_t)number;
	} else {
		function->reference = (uint32_t)lua_tointeger(L, -1);
	}
	lua_pop(L, 2);
	host->n_functions++;
}

/* Who carries a handler: for the texts in it. */
typedef struct carrier {
	apl_lua_text_owner owner;
	const char *key;      /* where it stands in [spot]; NULL: its actions are items of that */
	const apl_spot *spot; /* NULL: there are no texts */
} carrier;

static void add_text(lua_State *L, int index, const carrier *by, const apl_spot *spot, const char *key, uint64_t item) {
	const apl_text_place place = apl_lua_place_of_text(L, spot, key, item);
	apl_lua_add_text(L, index, &by->owner, &place);
}

/* A text or a function, or a list of them, at [index]: one block. [role]: the field or word that it stands behind. */
static int32_t add_handler(lua_State *L, int index, const char *role, const carrier *by) {
	apl_lua *host = apl_lua_of(L);
	index = lua_absindex(L, index);
	uint32_t first = host->n_functions;
	if (lua_type(L, index) == LUA_TFUNCTION) {
		add_function(L, index);
	} else if (lua_type(L, index) == LUA_TSTRING) {
		add_text(L, index, by, by->spot, by->key, 0);
	} else {
		lua_Integer count = (lua_Integer)lua_rawlen(L, index);
		const apl_spot items = by->key != NULL ? apl_lua_spot_of_key(L, by->spot, by->key) : *by->spot;
		for (lua_Integer i = 1; i <= count; i++) {
			if (lua_rawgeti(L, index, i) == LUA_TSTRING)
				add_text(L, lua_gettop(L), by, &items, NULL, (uint64_t)i);
			else
				add_function(L, lua_gettop(L));
			lua_pop(L, 1);
		}
	}
	must(L, APL_GROW(&host->alloc, host->handlers, host->n_handlers, host->handlers_capacity));
	host->handlers[host->n_handlers] = (apl_lua_handler){
	    .kind = APL_LUA_FUNCTIONS, .first = first, .count = host->n_functions - first, .role = role, .place = host->functions[first].place};
	return (int32_t)host->n_handlers++;
}

/* The handler of the table's field, or APL_NO_HANDLER. [events]: what its transition listens to, or NULL. */
static int32_t field_handler(
    lua_State *L, int table, const apl_word *word, const char *name, const char *label, const char *events, const apl_spot *spot) {
	int32_t handler = APL_NO_HANDLER;
	apl_guard_form form = strcmp(name, "when") == 0 ? APL_GUARD_TRUTH : APL_GUARD_ACTIONS;
	const carrier by = {{form, label, name, events}, name, spot};
	if (apl_lua_get_field(L, table, word, name)) handler = add_handler(L, -1, name, &by);
	lua_settop(L, table);
	return handler;
}

static const char *field_text(lua_State *L, int table, const apl_word *word, const char *name, const apl_spot *spot) {
	const char *text = NULL;
	if (apl_lua_get_field(L, table, word, name)) text = apl_lua_keep_text(L, -1, apl_lua_place_of_value(L, spot, name));
	lua_settop(L, table);
	return text;
}

static bool field_flag(lua_State *L, int table, const apl_word *word, const char *name) {
	bool flag = apl_lua_get_field(L, table, word, name) && lua_toboolean(L, -1);
	lua_settop(L, table);
	return flag;
}

/* Is the case in that state? */
static int32_t add_in_state(lua_State *L, uint32_t state, apl_place place) {
	apl_lua *host = apl_lua_of(L);
	must(L, APL_GROW(&host->alloc, host->handlers, host->n_handlers, host->handlers_capacity));
	host->handlers[host->n_handlers] = (apl_lua_handler){.kind = APL_LUA_IN_STATE, .first = state, .place = place};
	return (int32_t)host->n_handlers++;
}

/* ---- lists of names -------------------------------------------------------------------- */

/* Names in a row, with the place of each. */
typedef struct names {
	const char *joined;      /* separated by spaces, kept; NULL: none, or a finding tells why */
	const apl_place *places; /* in the arena */
} names;

/* One name in a list separated by spaces. */
static bool check_name(lua_State *L, int index, const char *label, const char *field, apl_place place) {
	size_t size;
	const char *name = lua_tolstring(L, index, &size);
	if (size > 0 && strcspn(name, " \t\r\n") == size) return true;
	if (size == 0)
		apl_lua_found(L, place, "bad-text", "%s: %s is empty", label, field);
	else
		apl_lua_found(
		    L, place, "bad-text", "%s: %s \"%.60s\" has a space in it; several names are a list: { \"a\", \"b\" }", label, field, name);
	return false;
}

static apl_place *take_places(lua_State *L, lua_Integer count) {
	apl_place *places = apl_arena_take(&apl_lua_of(L)->arena, (size_t)count * sizeof *places);
	must(L, places != NULL);
	return places;
}

/* A text or a list of texts at [index]. [whole]: its place; [items]: where those of a list stand. */
static names join_names(lua_State *L, int index, const char *label, const char *field, apl_place whole, const apl_spot *items) {
	index = lua_absindex(L, index);
	int top = lua_gettop(L);
	names result = {NULL, NULL};
	if (lua_type(L, index) == LUA_TSTRING) {
		apl_place *place = take_places(L, 1);
		*place = whole;
		if (check_name(L, index, label, field, whole)) result = (names){apl_lua_keep_text(L, index, whole), place};
		return result;
	}
	lua_Integer count = (lua_Integer)lua_rawlen(L, index);
	apl_place *places = take_places(L, count);
	luaL_Buffer joined;
	luaL_buffinit(L, &joined);
	bool is_good = count > 0;
	if (!is_good) apl_lua_found(L, whole, "bad-text", "%s: %s is an empty list", label, field);
	for (lua_Integer i = 1; i <= count; i++) {
		places[i - 1] = apl_lua_place_of_item(L, items, (uint64_t)i);
		if (lua_rawgeti(L, index, i) != LUA_TSTRING) {
			apl_lua_found(
			    L, places[i - 1], "wrong-kind", "%s: %s %d must be text, found %s", label, field, (int)i, apl_lua_kind_name(L, -1));
			is_good = false;
			lua_pop(L, 1);
			continue;
		}
		is_good = check_name(L, -1, label, field, places[i - 1]) && is_good;
		luaL_addvalue(&joined);
		if (i < count) luaL_addchar(&joined, ' ');
	}
	luaL_pushresult(&joined);
	if (is_good) result = (names){apl_lua_keep_text(L, -1, whole), places};
	lua_settop(L, top);
	return result;
}

static names field_names(lua_State *L, int table, const apl_word *word, const char *name, const char *label, const apl_spot *spot) {
	names result = {NULL, NULL};
	apl_spot items = apl_lua_spot_of_key(L, spot, name);
	if (apl_lua_get_field(L, table, word, name)) result = join_names(L, -1, label, name, apl_lua_place_of_value(L, spot, name), &items);
	lua_settop(L, table);
	return result;
}

/* What the part was called with before its table: a name, or several. */
static names part_names(lua_State *L, int part, const char *label, const char *what) {
	int top = lua_gettop(L);
	lua_getiuservalue(L, part, APL_PART_NAME);
	apl_spot items = apl_lua_spot_of_names(L, part);
	apl_place place = apl_lua_place_of_name(L, part, 0);
	/* A name that a module put together is made of what it was given. */
	const apl_place asked_at = apl_lua_of(L)->declaring->asked_at;
	size_t size;
	const char *name = lua_type(L, -1) == LUA_TSTRING && asked_at.file != NULL ? lua_tolstring(L, -1, &size) : NULL;
	if (name != NULL && !apl_lua_text_at(L, place, name, size).is_plain) place = asked_at;
	names result = join_names(L, -1, label, what, place, &items);
	lua_settop(L, top);
	return result;
}

/* ---- transitions -------------------------------------------------------------------------- */

static apl_build_transition_options read_candidate(
    lua_State *L, int table, const apl_word *word, const char *label, const char *events, const apl_spot *spot) {
	apl_build_transition_options options = {0};
	names targets = field_names(L, table, word, "to", label, spot);
	options.place = spot->place;
	options.targets = targets.joined;
	options.target_places = targets.places;
	options.guard = field_handler(L, table, word, "when", label, events, spot);
	options.block = field_handler(L, table, word, "act", label, events, spot);
	options.because = field_text(L, table, word, "because", spot);
	options.internal = field_flag(L, table, word, "internal");
	if (word == &apl_words[APL_WORD_ON]) {
		options.defers = field_flag(L, table, word, "defer");
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
	must(L, all != NULL);
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

static void declare_on(lua_State *L, int part, int table, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	uint32_t count;
	names events = part_names(L, part, label, "the event");
	apl_build_transition_options *all = read_candidates(L, table, &apl_words[APL_WORD_ON], label, events.joined, spot, &count);
	if (events.joined == NULL) return;
	for (uint32_t i = 0; i < count; i++) {
		all[i].events = events.joined;
		all[i].event_places = events.places;
		must(L, apl_build_transition(host->declaring->builder, &all[i]));
	}
}

static void declare_always(lua_State *L, int table, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	uint32_t count;
	apl_build_transition_options *all = read_candidates(L, table, &apl_words[APL_WORD_ALWAYS], label, NULL, spot, &count);
	for (uint32_t i = 0; i < count; i++) must(L, apl_build_transition(host->declaring->builder, &all[i]));
}

int32_t apl_lua_add_function(lua_State *L, int index, const char *role) {
	return add_handler(L, index, role, NULL);
}

/* What becomes of it when nobody was there. */
static apl_overdue read_overdue(lua_State *L, int table, const apl_word *word, bool repeats, const char *label, const apl_spot *spot) {
	const char *given = field_text(L, table, word, "overdue", spot);
	if (given == NULL) return APL_OVERDUE_FIRE;
	for (apl_overdue overdue = APL_OVERDUE_FIRE; overdue <= (repeats ? APL_OVERDUE_COLLAPSE : APL_OVERDUE_SKIP); overdue++)
		if (strcmp(given, apl_overdue_name(overdue)) == 0) return overdue;
	apl_lua_found(L, apl_lua_place_of_value(L, spot, "overdue"), "not-a-choice", "%s: overdue is \"fire\"%s, found \"%.40s\"", label,
	    repeats ? ", \"skip\" or \"collapse\"" : " or \"skip\"", given);
	return APL_OVERDUE_FIRE;
}

/* `after`, `every`, `at`. */
static void declare_delay(lua_State *L, int part, int table, uint32_t number, const char *label, const apl_spot *spot) {
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
		names since = field_names(L, table, word, "since", label, spot);
		delay.since = since.joined;
		delay.since_places = since.places;
	}
	delay.transitions = read_candidates(L, table, word, label, NULL, spot, &delay.n_transitions);
	if (is_good && delay.n_transitions > 0) must(L, apl_build_delay(host->declaring->builder, &delay));
}

/* ---- declarations ---------------------------------------------------------------------------- */

/* [a-z][a-z0-9-_]*, with dots between several such names when [dotted]. */
static bool is_id(const char *text, bool dotted) {
	bool is_first = true;
	for (; *text != '\0'; text++) {
		char c = *text;
		bool is_letter = c >= 'a' && c <= 'z';
		bool is_inside = is_letter || (c >= '0' && c <= '9') || c == '-' || c == '_';
		if (is_first ? !is_letter : !(is_inside || (dotted && c == '.'))) return false;
		is_first = c == '.';
	}
	return !is_first;
}

/* The part's name, kept, when it is an id; NULL with a finding. */
static const char *read_id(lua_State *L, int part, const char *label, bool dotted) {
	int top = lua_gettop(L);
	apl_place place = apl_lua_place_of_name(L, part, 0);
	lua_getiuservalue(L, part, APL_PART_NAME);
	const char *id = apl_lua_keep_text(L, -1, place);
	lua_settop(L, top);
	if (id == NULL || is_id(id, dotted)) return id;
	apl_lua_found(L, place, "bad-id", "%s: a name begins with a small letter and goes on with small letters, digits and \"-\"%s", label,
	    dotted ? ", with dots between its parts" : "");
	return NULL;
}

/* Another declaration of the same kind has the part's name. */
static void duplicate(lua_State *L, const char *slug, const char *label, int part, apl_place first) {
	apl_place place = apl_lua_place_of_name(L, part, 0);
	if (first.file == place.file)
		apl_lua_found(L, place, slug, "%s is declared already, in line %u", label, (unsigned)first.line);
	else
		apl_lua_found(L, place, slug, "%s is declared already, in %s:%u", label, first.file, (unsigned)first.line);
}

static bool is_same_place(apl_place a, apl_place b) {
	return a.line == b.line && a.column == b.column && a.file == b.file;
}

/*
 * Is what stands here the declaration that was made at [first] already? Fragments declare what they raise, and one may be used twice: the
 * same line of the same file, with the same members.
 */
static bool is_the_same(lua_State *L, int table, const char *label, const apl_spot *spot, apl_place first, const apl_schema *known) {
	apl_lua *host = apl_lua_of(L);
	if (!is_same_place(spot->place, first)) return false;
	uint32_t errors_before = host->findings->errors;
	apl_schema *schema = apl_lua_declare_schema(L, table, label, spot);
	bool is_same = schema != NULL && known != NULL && apl_schema_equal(schema, known);
	apl_schema_free(schema);
	return is_same || host->findings->errors > errors_before;
}

static void add_event(lua_State *L, const char *name, apl_schema *schema, apl_place at, apl_place place) {
	apl_lua *host = apl_lua_of(L);
	if (!APL_GROW(&host->alloc, host->event_schemas, host->n_event_schemas, host->event_schemas_capacity)) {
		apl_schema_free(schema);
		apl_lua_raise_memory(L);
	}
	host->event_schemas[host->n_event_schemas++] = (apl_lua_event){.name = name, .schema = schema, .place = at};
	must(L, apl_build_event(host->declaring->builder, name, place));
}

/*
 * With what answers a question, or tells that an effect was done, comes what says the contrary: error.ask.ID, error.effect.KIND, which
 * carries what errors do.
 */
static void add_failure(lua_State *L, const char *name_of_done, uint8_t hears, apl_place at, apl_place place) {
	apl_lua *host = apl_lua_of(L);
	const char *pushed = lua_pushfstring(L, "error%s", name_of_done + strlen("done"));
	const char *name = apl_arena_text(&host->arena, pushed, strlen(pushed));
	lua_pop(L, 1);
	must(L, name != NULL);
	uint32_t fields[APL_ERROR_FIELDS];
	apl_schema *schema = apl_error_schema_new(&host->alloc, fields);
	must(L, schema != NULL);
	host->program.hears |= hears;
	add_event(L, name, schema, at, place);
}

static bool is_event_known(const apl_lua *host, const char *name) {
	uint32_t i = 0;
	while (i < host->n_event_schemas && strcmp(host->event_schemas[i].name, name) != 0) i++;
	return i < host->n_event_schemas;
}

/* What a child's end carries is the donedata, whole, unless the playbook says more; that it ended otherwise carries what errors do. */
static void declare_invoke_events(lua_State *L, const char *id, apl_place place) {
	apl_lua *host = apl_lua_of(L);
	for (int i = 0; i < 2; i++) {
		const char *pushed = lua_pushfstring(L, i == 0 ? "done.invoke.%s" : "error.invoke.%s", id);
		const char *name = apl_arena_text(&host->arena, pushed, strlen(pushed));
		lua_pop(L, 1);
		must(L, name != NULL);
		if (is_event_known(host, name)) continue;
		uint32_t fields[APL_ERROR_FIELDS];
		apl_schema *schema = i == 0 ? apl_lua_new_done_schema(&host->alloc) : apl_error_schema_new(&host->alloc, fields);
		must(L, schema != NULL);
		add_event(L, name, schema, place, place);
	}
}

/* A name is held against those before it, so loading takes the square of how many there are. */
static void check_count(lua_State *L, uint32_t count, const char *what, apl_place place) {
	if (count >= APL_LUA_MOST_DECLARED)
		apl_lua_refuse_at(L, place, "limit-declarations", "the playbook declares more than %d %s", APL_LUA_MOST_DECLARED, what);
}

static void declare_event(lua_State *L, int part, int table, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	apl_place place = apl_lua_place_of_name(L, part, 0);
	lua_getiuservalue(L, part, APL_PART_NAME);
	const char *name = apl_lua_keep_text(L, -1, place);
	lua_settop(L, table);
	apl_lua_check_fields(L, table, &apl_words[APL_WORD_EVENT], label, spot, false);
	if (name == NULL) return;
	if (strncmp(name, "error.ask.", 10) == 0) {
		apl_lua_found(L, place, "bad-event-name",
		    "%s: it is there with the event \"done.ask.%s\", which answers the same question, and is declared by nobody else", label,
		    name + 10);
		return;
	}
	if (strncmp(name, "error.effect.", 13) == 0) {
		apl_lua_found(L, place, "bad-event-name",
		    "%s: it is there with the event \"done.effect.%s\", which tells that the same effect was done, and is declared by nobody else",
		    label, name + 13);
		return;
	}
	if (strncmp(name, "error.invoke.", 13) == 0) {
		apl_lua_found(
		    L, place, "bad-event-name", "%s: it is there with the invoke \"%s\", and is declared by nobody else", label, name + 13);
		return;
	}
	for (uint32_t i = 0; i < host->n_event_schemas; i++) {
		const apl_lua_event *known = &host->event_schemas[i];
		if (strcmp(known->name, name) != 0) continue;
		if (!is_the_same(L, table, label, spot, known->place, known->schema)) duplicate(L, "duplicate-event", label, part, known->place);
		return;
	}
	check_count(L, host->n_event_schemas, "events", place);
	add_event(L, name, apl_lua_declare_schema(L, table, label, spot), spot->place, place);
	if (strncmp(name, "done.ask.", 9) == 0) add_failure(L, name, APL_HEARS_ANSWERS, spot->place, place);
	if (strncmp(name, "done.effect.", 12) == 0) add_failure(L, name, APL_HEARS_OUTCOMES, spot->place, place);
}

static void declare_effect(lua_State *L, int part, int table, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	const char *name = read_id(L, part, label, true);
	apl_lua_check_fields(L, table, &apl_words[APL_WORD_EFFECT], label, spot, false);
	if (name == NULL) return;
	for (uint32_t i = 0; i < host->n_effects; i++) {
		const apl_effect_kind *known = &host->effects[i];
		if (strcmp(known->name, name) != 0) continue;
		if (!is_the_same(L, table, label, spot, known->place, known->schema)) duplicate(L, "duplicate-effect", label, part, known->place);
		return;
	}
	check_count(L, host->n_effects, "effects", spot->place);
	must(L, APL_GROW(&host->alloc, host->effects, host->n_effects, host->effects_capacity));
	bool once = apl_lua_get_field(L, table, &apl_words[APL_WORD_EFFECT], "once") && lua_toboolean(L, -1);
	lua_settop(L, table);
	apl_schema *schema = apl_lua_declare_schema(L, table, label, spot);
	host->effects[host->n_effects++] = (apl_effect_kind){name, schema, spot->place, once};
}

/* The names in [joined] as descriptors: "customer.*" is "customer". */
static const char *const *split_patterns(lua_State *L, const char *joined, uint32_t *count) {
	apl_lua *host = apl_lua_of(L);
	*count = 1;
	for (const char *c = joined; *c != '\0'; c++) *count += *c == ' ';
	const char **patterns = apl_arena_take(&host->arena, *count * sizeof *patterns);
	must(L, patterns != NULL);
	for (uint32_t i = 0; i < *count; i++) {
		size_t size = strcspn(joined, " ");
		size_t kept = size;
		if (kept > 2 && joined[kept - 1] == '*' && joined[kept - 2] == '.') kept -= 2;
		patterns[i] = apl_arena_text(&host->arena, joined, kept);
		must(L, patterns[i] != NULL);
		joined += size + 1;
	}
	return patterns;
}

/* Is there an event that the descriptor takes? */
static void check_pattern(lua_State *L, const char *pattern, const char *label, apl_place place) {
	apl_lua *host = apl_lua_of(L);
	char hint[160];
	apl_nearest nearest = apl_nearest_to(pattern, strlen(pattern));
	for (uint32_t i = 0; i < host->n_event_schemas; i++) {
		const char *name = host->event_schemas[i].name;
		if (apl_pattern_matches(pattern, name, strlen(name))) return;
		apl_nearest_try(&nearest, name);
	}
	apl_lua_found(
	    L, place, "unknown-event", "%s: no event \"%s\" is declared%s", label, pattern, apl_nearest_hint(&nearest, hint, sizeof hint));
}

static void declare_counter(lua_State *L, int part, int table, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	const apl_word *word = &apl_words[APL_WORD_COUNTER];
	apl_counter counter = {0};
	counter.place = spot->place;
	counter.name = read_id(L, part, label, true);
	apl_lua_check_fields(L, table, word, label, spot, false);
	names of = field_names(L, table, word, "of", label, spot);
	if (of.joined != NULL) counter.patterns = split_patterns(L, of.joined, &counter.n_patterns);
	for (uint32_t i = 0; i < counter.n_patterns; i++) check_pattern(L, counter.patterns[i], label, of.places[i]);
	counter.guard = field_handler(L, table, word, "when", label, of.joined, spot);
	const char *calendar = field_text(L, table, word, "calendar", spot);
	counter.calendar =
	    calendar != NULL ? apl_lua_find_calendar(L, calendar, label, apl_lua_place_of_value(L, spot, "calendar")) : host->program.calendar;
	if (apl_lua_get_field(L, table, word, "window")) apl_lua_read_window(L, label, apl_lua_place_of_value(L, spot, "window"), &counter);
	lua_settop(L, table);
	if (counter.name == NULL || of.joined == NULL) return;
	for (uint32_t i = 0; i < host->n_counters; i++) {
		if (strcmp(host->counters[i].name, counter.name) != 0) continue;
		/* A module's own counter, met once more in what another one takes over. */
		if (is_same_place(host->counters[i].place, counter.place)) return;
		duplicate(L, "duplicate-counter", label, part, host->counters[i].place);
		return;
	}
	check_count(L, host->n_counters, "counters", spot->place);
	must(L, APL_GROW(&host->alloc, host->counters, host->n_counters, host->counters_capacity));
	host->counters[host->n_counters++] = counter;
}

/* ---- clocks ------------------------------------------------------------------------------------ */

static void add_clock_event(lua_State *L, const char *clock, bool warns, uint32_t fields[APL_CLOCK_FIELDS], apl_place place) {
	apl_lua *host = apl_lua_of(L);
	const char *pushed = lua_pushfstring(L, "clock.%s.%s", clock, warns ? "warning" : "breached");
	const char *name = apl_arena_text(&host->arena, pushed, strlen(pushed));
	lua_pop(L, 1);
	must(L, name != NULL);
	for (uint32_t i = 0; i < host->n_event_schemas; i++) {
		if (strcmp(host->event_schemas[i].name, name) != 0) continue;
		apl_lua_found(L, host->event_schemas[i].place, "bad-event-name",
		    "event \"%s\": it is there with the clock \"%s\", and is declared by nobody else", name, clock);
		return;
	}
	must(L, APL_GROW(&host->alloc, host->event_schemas, host->n_event_schemas, host->event_schemas_capacity));
	apl_schema *schema = apl_clock_schema_new(&host->alloc, warns, fields);
	must(L, schema != NULL);
	host->event_schemas[host->n_event_schemas++] = (apl_lua_event){.name = name, .schema = schema, .place = place, .is_of_clock = true};
}

/* One of warn_at, at the top: a fraction of the target, or a span before it. */
static void read_threshold(lua_State *L, const char *label, apl_place place, const apl_clock_rule *clock, apl_threshold *out) {
	*out = (apl_threshold){.place = place};
	if (lua_type(L, -1) == LUA_TNUMBER) {
		out->is_fraction = true;
		out->fraction = (double)lua_tonumber(L, -1);
		if (!(out->fraction >= 0.000001 && out->fraction < 1)) {
			apl_lua_found(L, place, "bad-warning",
			    "%s: warn_at holds %g; a fraction of the target is more than 0 and less than 1, and at the target it is breached", label,
			    out->fraction);
			return;
		}
		out->millionths = (int64_t)(out->fraction * APL_CLOCK_WHOLE + 0.5);
		return;
	}
	if (lua_type(L, -1) != LUA_TSTRING) {
		apl_lua_found(L, place, "wrong-kind",
		    "%s: warn_at holds fractions of the target, as in 0.8, and spans before it, as in \"1h\"; found %s", label,
		    apl_lua_kind_name(L, -1));
		return;
	}
	apl_span_unit unit = APL_SPAN_CLOCK;
	size_t size;
	const char *text = lua_tolstring(L, -1, &size);
	if (!apl_lua_read_span(L, text, size, label, place, true, &out->before, &unit)) return;
	out->unit = (uint8_t)unit;
	const char *kinds[] = {"clock time", "business time"};
	if (unit == APL_SPAN_BUSINESS_DAYS)
		apl_lua_found(L, place, "bad-warning",
		    "%s: \"%s\" before the target may be any time of that day; say it in business hours, or as a fraction", label, text);
	else if (clock->handler == APL_NO_HANDLER && (unit != APL_SPAN_CLOCK) != (clock->unit != APL_SPAN_CLOCK))
		apl_lua_found(L, place, "mixed-time", "%s: \"%s\" is %s, and the target is %s; they are not mixed", label, text,
		    kinds[unit != APL_SPAN_CLOCK], kinds[clock->unit != APL_SPAN_CLOCK]);
}

static void read_thresholds(lua_State *L, int table, const char *label, const apl_spot *spot, apl_clock_rule *clock) {
	apl_lua *host = apl_lua_of(L);
	if (!apl_lua_get_field(L, table, &apl_words[APL_WORD_CLOCK], "warn_at")) {
		lua_settop(L, table);
		return;
	}
	const int list = lua_gettop(L);
	const apl_place whole = apl_lua_place_of_value(L, spot, "warn_at");
	const apl_spot items = apl_lua_spot_of_key(L, spot, "warn_at");
	const bool is_list = lua_type(L, list) == LUA_TTABLE;
	lua_Integer count = is_list ? (lua_Integer)lua_rawlen(L, list) : 1;
	if (count > APL_MOST_THRESHOLDS) {
		apl_lua_found(L, whole, "limit-warnings", "%s: it warns at most %d times", label, APL_MOST_THRESHOLDS);
		count = APL_MOST_THRESHOLDS;
	}
	if (count == 0 && is_list)
		apl_lua_found(L, whole, "bad-warning", "%s: warn_at is a list of fractions and spans, as in { 0.5, 0.8 }", label);
	apl_threshold *thresholds = apl_arena_take(&host->arena, (size_t)(count + 1) * sizeof *thresholds);
	must(L, thresholds != NULL);
	for (lua_Integer i = 1; i <= count; i++) {
		if (is_list)
			lua_rawgeti(L, list, i);
		else
			lua_pushvalue(L, list);
		read_threshold(L, label, is_list ? apl_lua_place_of_item(L, &items, (uint64_t)i) : whole, clock, &thresholds[i - 1]);
		lua_settop(L, list);
	}
	clock->thresholds = thresholds;
	clock->n_thresholds = (uint32_t)count;
	lua_settop(L, table);
}

static void declare_clock(lua_State *L, int part, int table, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	const apl_word *word = &apl_words[APL_WORD_CLOCK];
	apl_clock_rule clock = {.handler = APL_NO_HANDLER, .place = spot->place};
	const char *name = read_id(L, part, label, false);
	apl_lua_check_fields(L, table, word, label, spot, false);
	uint32_t calendar, calendar_handler;
	apl_lua_read_scope(L, table, word, label, spot, &calendar, &calendar_handler);
	clock.calendar = calendar != 0 ? calendar - 1 : APL_NONE;
	clock.calendar_handler = calendar_handler != 0 ? (int32_t)calendar_handler - 1 : APL_NO_HANDLER;
	bool is_good = name != NULL;
	if (apl_lua_get_field(L, table, word, "target")) {
		char what[128];
		snprintf(what, sizeof what, "%s: target", label);
		apl_build_delay_options target = {.kind = APL_DELAY_AFTER, .calendar = calendar, .calendar_handler = calendar_handler};
		is_good = apl_lua_read_target(L, what, apl_lua_place_of_value(L, spot, "target"), &target) && is_good;
		clock.handler = target.span;
		clock.span = target.span_us;
		clock.unit = target.span_unit;
	} else {
		is_good = false;
	}
	lua_settop(L, table);
	read_thresholds(L, table, label, spot, &clock);
	const names states = field_names(L, table, word, "runs_in", label, spot);
	clock.because = field_text(L, table, word, "because", spot);
	if (!is_good || states.joined == NULL) return;
	for (uint32_t i = 0; i < host->n_clocks; i++) {
		if (strcmp(host->clock_names[i], name) != 0) continue;
		duplicate(L, "duplicate-clock", label, part, host->clocks[i].place);
		return;
	}
	if (host->n_clocks == APL_MOST_CLOCKS) {
		apl_lua_found(L, spot->place, "limit-clocks", "%s: a playbook has at most %d clocks", label, APL_MOST_CLOCKS);
		return;
	}
	add_clock_event(L, name, false, clock.fields, spot->place);
	add_clock_event(L, name, true, clock.fields, spot->place);
	must(L, APL_GROW(&host->alloc, host->clocks, host->n_clocks, host->clocks_capacity) &&
	            APL_GROW(&host->alloc, host->clock_names, host->n_clocks, host->clock_names_capacity));
	const apl_build_clock_options options = {name, states.joined, states.places, spot->place};
	must(L, apl_build_clock(host->declaring->builder, &options));
	host->clock_names[host->n_clocks] = name;
	host->clocks[host->n_clocks++] = clock;
}

enum { MOST_CALENDARS = 1000 };

static void declare_calendar(lua_State *L, int part, int table, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	const char *name = read_id(L, part, label, true);
	apl_lua_check_fields(L, table, &apl_words[APL_WORD_CALENDAR], label, spot, false);
	must(L, APL_GROW(&host->alloc, host->calendars, host->n_calendars, host->calendars_capacity));
	for (uint32_t i = 0; i < host->n_calendars && name != NULL; i++) {
		if (strcmp(host->calendars[i].name, name) != 0) continue;
		duplicate(L, "duplicate-calendar", label, part, host->calendars[i].place);
		return;
	}
	if (host->n_calendars == MOST_CALENDARS) {
		apl_lua_found(L, spot->place, "limit-calendars", "%s: a playbook has at most %d calendars", label, MOST_CALENDARS);
		return;
	}
	apl_calendar *calendar = NULL;
	if (apl_lua_read_calendar(L, table, name, label, spot, &calendar))
		host->calendars[host->n_calendars++] = (apl_declared_calendar){name, calendar, spot->place};
}

enum { MOST_ROTAS = 1000 };

static void declare_rota(lua_State *L, int part, int table, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	const char *name = read_id(L, part, label, true);
	apl_lua_check_fields(L, table, &apl_words[APL_WORD_ROTA], label, spot, false);
	must(L, APL_GROW(&host->alloc, host->rotas, host->n_rotas, host->rotas_capacity));
	for (uint32_t i = 0; i < host->n_rotas && name != NULL; i++) {
		if (strcmp(host->rotas[i].name, name) != 0) continue;
		duplicate(L, "duplicate-rota", label, part, host->rotas[i].place);
		return;
	}
	if (host->n_rotas == MOST_ROTAS) {
		apl_lua_found(L, spot->place, "limit-rota", "%s: a playbook has at most %d rotas", label, MOST_ROTAS);
		return;
	}
	apl_rota *rota = NULL;
	if (apl_lua_read_rota(L, table, name, label, spot, &rota)) host->rotas[host->n_rotas++] = (apl_declared_rota){name, rota, spot->place};
}

/* A child case of the state. Its id is told in the names of two events, which are there with it. */
static void declare_invoke(lua_State *L, int part, int table, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	apl_builder *builder = host->declaring->builder;
	const apl_word *word = &apl_words[APL_WORD_INVOKE];
	apl_lua_check_fields(L, table, word, label, spot, false);
	apl_build_invoke_options options = {.handler = (int32_t)apl_lua_keep_invoke(L, part, table, spot), .place = spot->place};
	lua_getiuservalue(L, part, APL_PART_NAME);
	bool is_good = true;
	if (lua_type(L, -1) == LUA_TSTRING) {
		options.playbook = apl_lua_keep_text(L, -1, apl_lua_place_of_name(L, part, 0));
		is_good = options.playbook != NULL && check_name(L, -1, label, "the playbook", apl_lua_place_of_name(L, part, 0));
	}
	lua_settop(L, table);
	if (apl_lua_get_field(L, table, word, "id")) {
		options.id = apl_lua_keep_text(L, -1, apl_lua_place_of_value(L, spot, "id"));
		is_good = options.id != NULL && check_name(L, -1, label, "the id", apl_lua_place_of_value(L, spot, "id")) && is_good;
	}
	lua_settop(L, table);
	options.autoforward = field_flag(L, table, word, "autoforward");
	options.finalize = field_handler(L, table, word, "finalize", label, NULL, spot);
	options.because = field_text(L, table, word, "because", spot);
	if (!is_good) return;
	must(L, apl_build_invoke(builder, &options));
	declare_invoke_events(L, apl_build_invoke_id(builder), spot->place);
}

/* ---- states ------------------------------------------------------------------------------------ */

static void declare_children(lua_State *L, int table, const position *at, bool declarations);

/* `initial` and `default`: a name, names, or { to =, act = }. */
static void declare_start(lua_State *L, int table, const apl_word *word, const char *name, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	names targets = {NULL, NULL};
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
			targets = field_names(L, start, &start_word, "to", label, &inside);
			block = field_handler(L, start, &start_word, "act", inner, NULL, &inside);
		} else {
			targets = join_names(L, start, label, name, place, &inside);
		}
	}
	lua_settop(L, table);
	if (targets.joined != NULL) must(L, apl_build_initial(host->declaring->builder, targets.joined, block, place, targets.places));
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
			names targets = join_names(L, -1, at->label, field, place, &items);
			apl_build_transition_options options = {.events = event,
			    .targets = targets.joined,
			    .target_places = targets.places,
			    .guard = add_in_state(L, number, place),
			    .block = APL_NO_HANDLER,
			    .place = place,
			    .outward = true};
			if (targets.joined != NULL) must(L, apl_build_transition(builder, &options));
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
		must(L, APL_GROW(&host->alloc, host->finals, host->n_finals, host->finals_capacity));
		host->finals[host->n_finals++] = (apl_lua_final){apl_build_number(host->declaring->builder), host->n_functions};
		add_function(L, lua_gettop(L));
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
	if (number == APL_WORD_HISTORY) kind = field_flag(L, table, word, "deep") ? APL_BUILD_DEEP_HISTORY : APL_BUILD_HISTORY;
	must(L, apl_build_begin(builder, kind, id, at->spot.place));
	if (number == APL_WORD_STATE) declare_start(L, table, word, "initial", at->label, &at->spot);
	if (number == APL_WORD_HISTORY) declare_start(L, table, word, "default", at->label, &at->spot);
	if (number == APL_WORD_FINAL) {
		const char *outcome = field_text(L, table, word, "outcome", &at->spot);
		if (outcome != NULL) must(L, apl_build_outcome(builder, outcome));
		declare_donedata(L, table, at);
	}
	if (number == APL_WORD_STATE || number == APL_WORD_PARALLEL) {
		const char *rests = field_text(L, table, word, "rests", &at->spot);
		if (rests != NULL) must(L, apl_build_rests(builder, rests));
	}
	if (word->items == APL_ITEMS_CHILDREN) declare_children(L, table, at, false);
	if (number == APL_WORD_STATE) declare_outcomes(L, table, id, at);
	must(L, apl_build_end(builder));
}

static void declare_actions(lua_State *L, int part, int table, const char *label, bool is_entry) {
	apl_lua *host = apl_lua_of(L);
	const apl_spot spot = apl_lua_spot_of(L, part);
	const carrier by = {{APL_GUARD_ACTIONS, label, NULL, NULL}, NULL, &spot};
	int32_t block = add_handler(L, table, is_entry ? "entry" : "exit", &by);
	apl_builder *builder = host->declaring->builder;
	must(L, is_entry ? apl_build_entry(builder, block) : apl_build_exit(builder, block));
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
			declare_event(L, part, table, label, spot);
		else if (number == APL_WORD_EFFECT)
			declare_effect(L, part, table, label, spot);
		else if (number == APL_WORD_ROTA)
			declare_rota(L, part, table, label, spot);
		else
			declare_calendar(L, part, table, label, spot);
	} else if (declarations) {
		/* Fragments declare what they raise, wherever they are put. */
		if (number == APL_WORD_STATE || number == APL_WORD_PARALLEL) declare_children(L, table, &at, true);
	} else {
		switch (number) {
		case APL_WORD_ON: declare_on(L, part, table, label, spot); break;
		case APL_WORD_ALWAYS: declare_always(L, table, label, spot); break;
		case APL_WORD_AFTER:
		case APL_WORD_EVERY:
		case APL_WORD_AT: declare_delay(L, part, table, number, label, spot); break;
		case APL_WORD_ENTRY: declare_actions(L, part, table, label, true); break;
		case APL_WORD_EXIT: declare_actions(L, part, table, label, false); break;
		case APL_WORD_INVOKE: declare_invoke(L, part, table, label, spot); break;
		case APL_WORD_COUNTER: declare_counter(L, part, table, label, spot); break;
		case APL_WORD_CLOCK: declare_clock(L, part, table, label, spot); break;
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
		if (!counters) declare_event(L, part, table, label, &spot);
	} else if (made->word == APL_WORD_EFFECT) {
		if (!counters) declare_effect(L, part, table, label, &spot);
	} else if (made->word == APL_WORD_COUNTER) {
		if (counters) declare_counter(L, part, table, label, &spot);
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
	const char *from = field_text(L, table, &apl_words[APL_WORD_PLAYBOOK], "imported", spot);
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
	host->program.id = read_id(L, part, label, false);
	apl_lua_check_fields(L, table, word, label, spot, false);
	host->program.title = field_text(L, table, word, "title", spot);
	host->program.version = field_text(L, table, word, "version", spot);
	host->program.params = declare_types(L, table, "params", spot);
	host->program.data = declare_types(L, table, "data", spot);
	declare_origin(L, table, label, spot);
	const bool is_free = host->is_imported;
	apl_build_options options = {host->program.id != NULL ? host->program.id : "playbook", is_free, is_free, host->most_states};
	d->builder = apl_builder_new(&host->alloc, &options);
	must(L, d->builder != NULL);
	must(L, apl_build_begin(d->builder, APL_BUILD_STATE, options.name, spot->place));
	declare_uses(L, table, label, spot, false);
	declare_children(L, table, &at, true);
	d->n_visited = 0;
	declare_scope(L, table, label, spot);
	declare_uses(L, table, label, spot, true);
	declare_start(L, table, word, "initial", label, spot);
	declare_children(L, table, &at, false);
	must(L, apl_build_end(d->builder));
	apl_lua_make_catalogue(L);
	apl_lua_check_references(L);
	apl_lua_check_effects_asked(L);
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
