/* SPDX-License-Identifier: MIT */
/*
 * Decides what is declared under a name of its own for the whole playbook:
 * events, effects, counters, clocks, calendars, rotas, and the ids of
 * invocations; which names there may be, and what is said of one that is there
 * already.
 */
#include "lua/declare_inside.h"

#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/delays.h"
#include "lua/invoke.h"

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
const char *apl_lua_read_id(lua_State *L, int part, const char *label, bool dotted) {
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
	apl_lua_must(L, apl_build_event(host->declaring->builder, name, place));
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
	apl_lua_must(L, name != NULL);
	uint32_t fields[APL_ERROR_FIELDS];
	apl_schema *schema = apl_error_schema_new(&host->alloc, fields);
	apl_lua_must(L, schema != NULL);
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
		apl_lua_must(L, name != NULL);
		if (is_event_known(host, name)) continue;
		uint32_t fields[APL_ERROR_FIELDS];
		apl_schema *schema = i == 0 ? apl_lua_new_done_schema(&host->alloc) : apl_error_schema_new(&host->alloc, fields);
		apl_lua_must(L, schema != NULL);
		add_event(L, name, schema, place, place);
	}
}

/* A name is held against those before it, so loading takes the square of how many there are. */
static void check_count(lua_State *L, uint32_t count, const char *what, apl_place place) {
	if (count >= APL_LUA_MOST_DECLARED)
		apl_lua_refuse_at(L, place, "limit-declarations", "the playbook declares more than %d %s", APL_LUA_MOST_DECLARED, what);
}

void apl_lua_declare_event(lua_State *L, int part, int table, const char *label, const apl_spot *spot) {
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

void apl_lua_declare_effect(lua_State *L, int part, int table, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	const char *name = apl_lua_read_id(L, part, label, true);
	apl_lua_check_fields(L, table, &apl_words[APL_WORD_EFFECT], label, spot, false);
	if (name == NULL) return;
	for (uint32_t i = 0; i < host->n_effects; i++) {
		const apl_effect_kind *known = &host->effects[i];
		if (strcmp(known->name, name) != 0) continue;
		if (!is_the_same(L, table, label, spot, known->place, known->schema)) duplicate(L, "duplicate-effect", label, part, known->place);
		return;
	}
	check_count(L, host->n_effects, "effects", spot->place);
	apl_lua_must(L, APL_GROW(&host->alloc, host->effects, host->n_effects, host->effects_capacity));
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
	apl_lua_must(L, patterns != NULL);
	for (uint32_t i = 0; i < *count; i++) {
		size_t size = strcspn(joined, " ");
		size_t kept = size;
		if (kept > 2 && joined[kept - 1] == '*' && joined[kept - 2] == '.') kept -= 2;
		patterns[i] = apl_arena_text(&host->arena, joined, kept);
		apl_lua_must(L, patterns[i] != NULL);
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

void apl_lua_declare_counter(lua_State *L, int part, int table, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	const apl_word *word = &apl_words[APL_WORD_COUNTER];
	apl_counter counter = {0};
	counter.place = spot->place;
	counter.name = apl_lua_read_id(L, part, label, true);
	apl_lua_check_fields(L, table, word, label, spot, false);
	apl_lua_named of = apl_lua_field_names(L, table, word, "of", label, spot);
	if (of.joined != NULL) counter.patterns = split_patterns(L, of.joined, &counter.n_patterns);
	for (uint32_t i = 0; i < counter.n_patterns; i++) check_pattern(L, counter.patterns[i], label, of.places[i]);
	counter.guard = apl_lua_field_handler(L, table, word, "when", label, of.joined, spot);
	const char *calendar = apl_lua_field_text(L, table, word, "calendar", spot);
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
	if (counter.window_function != 0) {
		counter.asked = host->program.n_asked++;
		host->program.asks_windows = true;
	}
	apl_lua_must(L, APL_GROW(&host->alloc, host->counters, host->n_counters, host->counters_capacity));
	host->counters[host->n_counters++] = counter;
}

/* ---- clocks ------------------------------------------------------------------------------------ */

static void add_clock_event(lua_State *L, const char *clock, bool warns, uint32_t fields[APL_CLOCK_FIELDS], apl_place place) {
	apl_lua *host = apl_lua_of(L);
	const char *pushed = lua_pushfstring(L, "clock.%s.%s", clock, warns ? "warning" : "breached");
	const char *name = apl_arena_text(&host->arena, pushed, strlen(pushed));
	lua_pop(L, 1);
	apl_lua_must(L, name != NULL);
	for (uint32_t i = 0; i < host->n_event_schemas; i++) {
		if (strcmp(host->event_schemas[i].name, name) != 0) continue;
		apl_lua_found(L, host->event_schemas[i].place, "bad-event-name",
		    "event \"%s\": it is there with the clock \"%s\", and is declared by nobody else", name, clock);
		return;
	}
	apl_lua_must(L, APL_GROW(&host->alloc, host->event_schemas, host->n_event_schemas, host->event_schemas_capacity));
	apl_schema *schema = apl_clock_schema_new(&host->alloc, warns, fields);
	apl_lua_must(L, schema != NULL);
	host->event_schemas[host->n_event_schemas++] = (apl_lua_event){.name = name, .schema = schema, .place = place, .is_of_clock = true};
}

/* One of warn_at, at the top: a fraction of the target, or a span before it. */
static void read_threshold(lua_State *L, const char *label, apl_place place, apl_clock_rule *clock, apl_threshold *out) {
	const apl_part *part = apl_lua_to_part(L, lua_gettop(L));
	*out = (apl_threshold){.handler = APL_NO_HANDLER, .place = place};
	if (lua_type(L, -1) == LUA_TNUMBER) {
		const double fraction = (double)lua_tonumber(L, -1);
		if (!apl_threshold_fraction(out, fraction))
			apl_lua_found(L, place, "bad-warning",
			    "%s: warn_at holds %g; a fraction of the target is more than 0 and less than 1, and at the target it is breached", label,
			    fraction);
		return;
	}
	if ((lua_type(L, -1) == LUA_TFUNCTION && !lua_iscfunction(L, -1)) || (part != NULL && part->word == APL_WORD_FROM)) {
		out->handler = apl_lua_add_threshold(L, place);
		out->asked = apl_lua_of(L)->program.n_asked++;
		clock->asks_thresholds = true;
		return;
	}
	if (lua_type(L, -1) != LUA_TSTRING) {
		apl_lua_found(L, place, "wrong-kind",
		    "%s: warn_at holds fractions of the target, as in 0.8, spans before it, as in \"1h\", from \"…\" and functions; found %s",
		    label, apl_lua_kind_name(L, -1));
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

/* Is there something beside the items 1, 2, …? */
static bool has_more_than_a_list(lua_State *L, int list) {
	const lua_Unsigned size = lua_rawlen(L, list);
	lua_Unsigned members = 0;
	for (lua_pushnil(L); lua_next(L, list) != 0; lua_pop(L, 1)) members++;
	return members > size;
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
	if (is_list && (count == 0 || has_more_than_a_list(L, list)))
		apl_lua_found(L, whole, "bad-warning", "%s: warn_at is a list of fractions and spans, as in { 0.5, 0.8 }", label);
	apl_threshold *thresholds = apl_arena_take(&host->arena, (size_t)(count + 1) * sizeof *thresholds);
	apl_lua_must(L, thresholds != NULL);
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

void apl_lua_declare_clock(lua_State *L, int part, int table, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	const apl_word *word = &apl_words[APL_WORD_CLOCK];
	apl_clock_rule clock = {.handler = APL_NO_HANDLER, .place = spot->place};
	const char *name = apl_lua_read_id(L, part, label, false);
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
	const apl_lua_named states = apl_lua_field_names(L, table, word, "runs_in", label, spot);
	clock.because = apl_lua_field_text(L, table, word, "because", spot);
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
	apl_lua_must(L, APL_GROW(&host->alloc, host->clocks, host->n_clocks, host->clocks_capacity) &&
	                    APL_GROW(&host->alloc, host->clock_names, host->n_clocks, host->clock_names_capacity));
	const apl_build_clock_options options = {name, states.joined, states.places, spot->place};
	apl_lua_must(L, apl_build_clock(host->declaring->builder, &options));
	host->clock_names[host->n_clocks] = name;
	host->clocks[host->n_clocks++] = clock;
}

enum { MOST_CALENDARS = 1000 };

static apl_calendar_way read_changes(lua_State *L, int table, const char *label, const apl_spot *spot) {
	const char *given = apl_lua_field_text(L, table, &apl_words[APL_WORD_CALENDAR], "changes", spot);
	apl_calendar_way way = APL_CALENDAR_KEEP;
	if (given == NULL || apl_calendar_way_named(given, strlen(given), &way)) return way;
	apl_lua_found(L, apl_lua_place_of_value(L, spot, "changes"), "not-a-choice",
	    "%s: changes is \"keep\" or \"recompute\", found \"%.40s\"", label, given);
	return way;
}

void apl_lua_declare_calendar(lua_State *L, int part, int table, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	const char *name = apl_lua_read_id(L, part, label, true);
	apl_lua_check_fields(L, table, &apl_words[APL_WORD_CALENDAR], label, spot, false);
	apl_lua_must(L, APL_GROW(&host->alloc, host->calendars, host->n_calendars, host->calendars_capacity));
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
		host->calendars[host->n_calendars++] =
		    (apl_declared_calendar){name, calendar, spot->place, (uint8_t)read_changes(L, table, label, spot)};
}

enum { MOST_ROTAS = 1000 };

void apl_lua_declare_rota(lua_State *L, int part, int table, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	const char *name = apl_lua_read_id(L, part, label, true);
	apl_lua_check_fields(L, table, &apl_words[APL_WORD_ROTA], label, spot, false);
	apl_lua_must(L, APL_GROW(&host->alloc, host->rotas, host->n_rotas, host->rotas_capacity));
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
void apl_lua_declare_invoke(lua_State *L, int part, int table, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	apl_builder *builder = host->declaring->builder;
	const apl_word *word = &apl_words[APL_WORD_INVOKE];
	apl_lua_check_fields(L, table, word, label, spot, false);
	apl_build_invoke_options options = {.handler = (int32_t)apl_lua_keep_invoke(L, part, table, spot), .place = spot->place};
	lua_getiuservalue(L, part, APL_PART_NAME);
	bool is_good = true;
	if (lua_type(L, -1) == LUA_TSTRING) {
		options.playbook = apl_lua_keep_text(L, -1, apl_lua_place_of_name(L, part, 0));
		is_good = options.playbook != NULL && apl_lua_check_name(L, -1, label, "the playbook", apl_lua_place_of_name(L, part, 0));
	}
	lua_settop(L, table);
	if (apl_lua_get_field(L, table, word, "id")) {
		options.id = apl_lua_keep_text(L, -1, apl_lua_place_of_value(L, spot, "id"));
		is_good = options.id != NULL && apl_lua_check_name(L, -1, label, "the id", apl_lua_place_of_value(L, spot, "id")) && is_good;
	}
	lua_settop(L, table);
	options.autoforward = apl_lua_field_flag(L, table, word, "autoforward");
	options.finalize = apl_lua_field_handler(L, table, word, "finalize", label, NULL, spot);
	options.because = apl_lua_field_text(L, table, word, "because", spot);
	if (!is_good) return;
	apl_lua_must(L, apl_build_invoke(builder, &options));
	declare_invoke_events(L, apl_build_invoke_id(builder), spot->place);
}
