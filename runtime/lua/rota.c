/* SPDX-License-Identifier: MIT */
/*
 * Decides what a rota's declaration means: turns, layers, files and overrides
 * become shifts of rising rank, and all of them together a text that is one of
 * the playbook's files. So the playbook's version holds who is on duty when,
 * and a bundle asks no file and no zone data. Who it is at an instant is decided
 * in room time.
 */
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua/files.h"
#include "lua/ics_file.h"
#include "lua/where.h"
#include "lua/words.h"
#include "time/hours.h"
#include "time/rota.h"
#include "time/shown.h"

enum { MOST_PEOPLE = 200, MOST_LAYERS = 32, MOST_OVERRIDES = 2000, MOST_EACH = 1000, MOST_PIECES = 20000 };

typedef struct rota_reader {
	lua_State *L;
	const char *label;
	bool is_wrong;
	const apl_zone *zone; /* NULL: of a bundle, or wrong */
	apl_rota_shift *shifts;
	uint32_t n_shifts, capacity;
	uint32_t rank; /* of the layer that is read */
} rota_reader;

static void wrong(rota_reader *r, apl_place place, const char *slug, const char *format, ...) __attribute__((format(printf, 4, 5)));
static void wrong(rota_reader *r, apl_place place, const char *slug, const char *format, ...) {
	char text[512];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	apl_lua_found(r->L, place, slug, "%s: %s", r->label, text);
	r->is_wrong = true;
}

static void *take(rota_reader *r, size_t size) {
	void *block = apl_arena_take(&apl_lua_of(r->L)->arena, size);
	if (block == NULL) apl_lua_raise_memory(r->L);
	memset(block, 0, size);
	return block;
}

static apl_rota_shift *add_shift(rota_reader *r, apl_place place) {
	if (r->n_shifts == APL_ROTA_MOST_SHIFTS) {
		if (!r->is_wrong) wrong(r, place, "limit-rota", "there are more than %d shifts in it", APL_ROTA_MOST_SHIFTS);
		return NULL;
	}
	if (r->n_shifts == r->capacity) {
		uint32_t larger = r->capacity == 0 ? 16 : r->capacity * 2;
		apl_rota_shift *shifts = take(r, larger * sizeof *shifts);
		if (r->n_shifts > 0) memcpy(shifts, r->shifts, r->n_shifts * sizeof *shifts);
		r->shifts = shifts;
		r->capacity = larger;
	}
	apl_rota_shift *shift = &r->shifts[r->n_shifts++];
	*shift = (apl_rota_shift){.rank = r->rank, .from = APL_ROTA_ALWAYS_FROM, .until = APL_ROTA_ALWAYS_UNTIL};
	shift->when.zone = r->zone;
	shift->when.name = "";
	return shift;
}

/* ---- texts -------------------------------------------------------------------------------- */

static bool read_minute(const char *text, size_t size, uint32_t *out) {
	if (size != 5 || text[2] != ':') return false;
	for (int i = 0; i < 5; i++) {
		if (i != 2 && (text[i] < '0' || text[i] > '9')) return false;
	}
	uint32_t hour = (uint32_t)(text[0] - '0') * 10 + (uint32_t)(text[1] - '0'),
	         minute = (uint32_t)(text[3] - '0') * 10 + (uint32_t)(text[4] - '0');
	*out = hour * 60 + minute;
	return hour < 24 && minute < 60;
}

/* "2026-12-24 09:00", or a date for its midnight. */
static bool read_wall(const char *text, size_t size, apl_wall *out) {
	apl_date date;
	uint32_t minute = 0;
	if (size < 10 || apl_date_read(text, 10, &date, NULL) != APLOMB_OK) return false;
	if (size > 10 && ((text[10] != ' ' && text[10] != 'T') || !read_minute(text + 11, size - 11, &minute))) return false;
	*out = (apl_wall)date * APL_DAY + minute * APL_MINUTE;
	return date >= apl_wall_date(APL_ZONE_BEGIN) && date < apl_wall_date(APL_ZONE_END);
}

/* The field at the key, pushed; false: there is none. Of another kind is wrong, and none. */
static bool push_field(rota_reader *r, int table, const apl_spot *spot, const char *key, int kind, const char *expected) {
	lua_State *L = r->L;
	lua_pushstring(L, key);
	if (lua_rawget(L, table) == LUA_TNIL) return false;
	if (lua_type(L, -1) == kind) return true;
	wrong(r, apl_lua_place_of_value(L, spot, key), "wrong-kind", "%s is %s, found %s", key, expected, apl_lua_kind_name(L, -1));
	return false;
}

/* The wall time at the key; false: there is none, or it is wrong. */
static bool read_wall_field(rota_reader *r, int table, const apl_spot *spot, const char *key, apl_wall *out) {
	static const char form[] = "a time there: \"2026-12-24 09:00\", or a date for its midnight";
	lua_State *L = r->L;
	char shown[APL_SHOWN];
	size_t size;
	bool is_there = push_field(r, table, spot, key, LUA_TSTRING, form);
	const char *text = is_there ? lua_tolstring(L, -1, &size) : NULL;
	if (text != NULL && !read_wall(text, size, out)) {
		wrong(r, apl_lua_place_of_value(L, spot, key), "rota-time", "%s: \"%s\" is not %s", key, apl_shown(text, size, shown), form);
		is_there = false;
	}
	lua_pop(L, 1);
	return is_there;
}

/* No other names than these stand in the table. */
static void check_names(rota_reader *r, int table, const apl_spot *spot, const char *what, const char *const *fields, size_t count) {
	lua_State *L = r->L;
	apl_lua_push_keys(L, table);
	int keys = lua_gettop(L);
	for (lua_Integer i = 1; lua_rawgeti(L, keys, i) != LUA_TNIL; i++) {
		const char *key = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
		bool is_field = false;
		char shown[APL_SHOWN], hint[64];
		apl_nearest nearest = apl_nearest_to(key != NULL ? key : "", key != NULL ? strlen(key) : 0);
		for (size_t k = 0; k < count; k++) {
			is_field = is_field || (key != NULL && strcmp(key, fields[k]) == 0);
			apl_nearest_try(&nearest, fields[k]);
		}
		if (!is_field)
			wrong(r, key != NULL ? apl_lua_place_of_key(L, spot, key) : spot->place, "unknown-field", "%s has no field \"%s\"%s", what,
			    key != NULL ? apl_shown(key, strlen(key), shown) : "1", apl_nearest_hint(&nearest, hint, sizeof hint));
		lua_settop(L, keys);
	}
	lua_settop(L, keys - 1);
}

/* ---- turns ---------------------------------------------------------------------------------- */

typedef struct turns {
	const char *people[MOST_PEOPLE];
	apl_wall leaves[MOST_PEOPLE]; /* by person, who may have several turns */
	uint32_t count;
	bool is_weekly;
	uint32_t weekday, minute; /* of the handover */
	uint32_t each;            /* handovers from one turn to the next */
	apl_wall first, ends;
	apl_open_hours week[APL_WEEK_DAYS][APL_MOST_HOURS];
	uint32_t n_week[APL_WEEK_DAYS];
	bool has_hours;
	apl_place place;
} turns;

static void read_people(rota_reader *r, int table, const apl_spot *spot, turns *t) {
	lua_State *L = r->L;
	if (!push_field(r, table, spot, "turns", LUA_TTABLE, "a list of people, in their order")) return;
	int list = lua_gettop(L);
	apl_spot own = apl_lua_spot_of_key(L, spot, "turns");
	lua_Integer count = (lua_Integer)lua_rawlen(L, list);
	if (count == 0 || count > MOST_PEOPLE)
		wrong(r, own.place, "rota-turns", "turns names 1 to %d people, in their order; found %lld", MOST_PEOPLE, (long long)count);
	for (lua_Integer i = 1; i <= count && !r->is_wrong; i++) {
		apl_place place = apl_lua_place_of_item(L, &own, (uint64_t)i);
		if (lua_rawgeti(L, list, i) != LUA_TSTRING || lua_rawlen(L, -1) == 0) {
			wrong(r, place, "rota-turns", "turns names people, and item %lld is none", (long long)i);
		} else {
			t->people[t->count] = apl_lua_keep_text(L, -1, place);
			r->is_wrong = r->is_wrong || t->people[t->count] == NULL;
			t->leaves[t->count++] = INT64_MAX;
		}
		lua_settop(L, list);
	}
}

static void read_handover(rota_reader *r, int table, const apl_spot *spot, turns *t) {
	static const char form[] = "a time of the day, with or without a day of the week: \"mon 09:00\", \"08:00\"";
	lua_State *L = r->L;
	char shown[APL_SHOWN];
	if (!push_field(r, table, spot, "handover", LUA_TSTRING, form)) {
		if (!r->is_wrong) wrong(r, spot->place, "missing-field", "turns need handover: %s", form);
		return;
	}
	size_t size;
	const char *text = lua_tolstring(L, -1, &size);
	size_t day = size == 9 && text[3] == ' ' ? 3 : 0;
	uint8_t days = 0;
	bool is_well = read_minute(text + (day > 0 ? 4 : 0), size - (day > 0 ? 4 : 0), &t->minute) &&
	               (day == 0 || apl_days_read(text, 3, &days, NULL) == APLOMB_OK);
	t->is_weekly = day > 0;
	for (uint32_t i = 0; i < APL_WEEK_DAYS; i++) {
		if (days == 1u << i) t->weekday = i;
	}
	if (!is_well)
		wrong(
		    r, apl_lua_place_of_value(L, spot, "handover"), "rota-time", "handover: \"%s\" is not %s", apl_shown(text, size, shown), form);
}

static void read_each(rota_reader *r, int table, const apl_spot *spot, turns *t) {
	lua_State *L = r->L;
	t->each = 1;
	if (!push_field(r, table, spot, "each", LUA_TNUMBER, "a number: how many handovers a turn goes on for")) return;
	lua_Integer each = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
	if (each < 1 || each > MOST_EACH)
		wrong(r, apl_lua_place_of_value(L, spot, "each"), "rota-turns",
		    "each is a whole number from 1 to %d: after how many handovers it is the next one's turn", MOST_EACH);
	t->each = (uint32_t)each;
}

static void read_hours(rota_reader *r, int table, const apl_spot *spot, turns *t) {
	lua_State *L = r->L;
	if (!push_field(r, table, spot, "hours", LUA_TTABLE, "a table of days and hours: { [\"mon-fri\"] = \"09:00-17:30\" }")) return;
	int list = lua_gettop(L);
	apl_spot own = apl_lua_spot_of_key(L, spot, "hours");
	apl_lua_push_keys(L, list);
	for (lua_Integer i = 1; lua_rawgeti(L, list + 1, i) != LUA_TNIL && !r->is_wrong; i++) {
		aplomb_error error;
		apl_open_hours hours[APL_MOST_HOURS];
		uint32_t count = 0;
		uint8_t days = 0;
		size_t size, hours_size;
		lua_pushvalue(L, -1);
		lua_rawget(L, list);
		if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING) {
			wrong(r, own.place, "wrong-kind", "hours names days and says their hours as text: [\"mon-fri\"] = \"09:00-17:30\"");
			return;
		}
		const char *key = lua_tolstring(L, -2, &size), *text = lua_tolstring(L, -1, &hours_size);
		if (apl_days_read(key, size, &days, &error) != APLOMB_OK)
			wrong(r, apl_lua_place_of_key(L, &own, key), error.slug, "hours: %s", error.message);
		else if (apl_hours_read(text, hours_size, hours, &count, &error) != APLOMB_OK)
			wrong(r, apl_lua_place_of_value(L, &own, key), error.slug, "hours: %s: %s", key, error.message);
		for (uint32_t d = 0; d < APL_WEEK_DAYS && !r->is_wrong; d++) {
			if (((unsigned)days >> d & 1u) == 0) continue;
			if (t->n_week[d] > 0)
				wrong(r, apl_lua_place_of_key(L, &own, key), "calendar-day", "hours: the hours of %s are given twice", apl_day_names[d]);
			memcpy(t->week[d], hours, sizeof hours);
			t->n_week[d] = count;
			t->has_hours = true;
		}
		lua_settop(L, list + 1);
	}
	if (!t->has_hours && !r->is_wrong) wrong(r, own.place, "calendar-hours", "hours is empty, so nobody would ever be there");
}

static void read_leaves(rota_reader *r, int table, const apl_spot *spot, turns *t) {
	lua_State *L = r->L;
	if (!push_field(r, table, spot, "leaves", LUA_TTABLE, "a table of people and when they are there no more: { Bob = \"2027-03-01\" }"))
		return;
	int list = lua_gettop(L);
	apl_spot own = apl_lua_spot_of_key(L, spot, "leaves");
	apl_lua_push_keys(L, list);
	for (lua_Integer i = 1; lua_rawgeti(L, list + 1, i) != LUA_TNIL && !r->is_wrong; i++) {
		apl_wall wall;
		char hint[160], shown[APL_SHOWN];
		const char *name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
		bool is_known = false;
		apl_nearest nearest = apl_nearest_to(name != NULL ? name : "", name != NULL ? strlen(name) : 0);
		for (uint32_t k = 0; k < t->count && name != NULL; k++) {
			is_known = is_known || strcmp(t->people[k], name) == 0;
			apl_nearest_try(&nearest, t->people[k]);
		}
		if (!is_known) {
			wrong(r, name != NULL ? apl_lua_place_of_key(L, &own, name) : own.place, "rota-turns", "leaves: \"%s\" has no turn%s",
			    name != NULL ? apl_shown(name, strlen(name), shown) : "1", apl_nearest_hint(&nearest, hint, sizeof hint));
		} else if (read_wall_field(r, list, &own, name, &wall)) {
			for (uint32_t k = 0; k < t->count; k++) {
				if (strcmp(t->people[k], name) == 0) t->leaves[k] = wall;
			}
		}
		lua_settop(L, list + 1);
	}
}

/* The first handover on or after the date. */
static apl_wall first_handover(const turns *t, apl_wall begins) {
	apl_wall first = (apl_wall)apl_wall_date(begins) * APL_DAY + t->minute * APL_MINUTE;
	while (first < begins || (t->is_weekly && (uint32_t)apl_weekday_of(apl_wall_date(first)) != t->weekday)) first += APL_DAY;
	return first;
}

static void add_turn(rota_reader *r, const turns *t, const char *who, const apl_wall *starts, uint32_t count, apl_wall length,
    apl_wall period, apl_wall from, apl_wall until) {
	apl_rota_shift *shift = add_shift(r, t->place);
	if (shift == NULL) return;
	shift->who = who;
	shift->source = "turns";
	shift->from = from;
	shift->until = until < t->ends ? until : t->ends;
	apl_ics_event *when = &shift->when;
	when->starts = starts;
	when->n_starts = count;
	when->length = length;
	when->period = period;
	uint64_t rounds = (uint64_t)((APL_ZONE_END + APL_DAY - starts[0]) / period) + 1;
	when->total = (uint32_t)(rounds * count);
}

/* Whose turn that of [slot] is from [at] on: the next one's in order, of those who are there still. UINT32_MAX: nobody's. */
static uint32_t holder_of(const turns *t, uint32_t slot, apl_wall at) {
	for (uint32_t i = 0; i < t->count; i++) {
		uint32_t person = (slot + i) % t->count;
		if (t->leaves[person] > at) return person;
	}
	return UINT32_MAX;
}

/* What lasts equally long within a round, for whoever holds the slot, as one shift each. */
static void add_pieces(
    rota_reader *r, const turns *t, uint32_t slot, const apl_wall *starts, uint32_t count, apl_wall length, apl_wall period) {
	apl_wall at = INT64_MIN;
	for (uint32_t person; !r->is_wrong && (person = holder_of(t, slot, at)) != UINT32_MAX;) {
		add_turn(r, t, t->people[person], starts, count, length, period, at, t->leaves[person]);
		at = t->leaves[person];
		if (at == INT64_MAX) break;
	}
}

typedef struct piece {
	apl_wall start, length;
} piece;

static int by_length(const void *left, const void *right) {
	const piece *a = left, *b = right;
	if (a->length != b->length) return a->length < b->length ? -1 : 1;
	return (a->start > b->start) - (a->start < b->start);
}

/* The hours within the turns that a slot has in one round. */
static void add_slot(rota_reader *r, const turns *t, uint32_t slot, uint32_t repeats, apl_wall turn, apl_wall period) {
	uint32_t count = 0, most = 0;
	uint64_t days = (uint64_t)(turn / APL_DAY + 1) * repeats;
	if (days * APL_MOST_HOURS > MOST_PIECES * 16u) {
		wrong(r, t->place, "limit-rota", "its turns with hours repeat after too long a time; give each fewer handovers");
		return;
	}
	most = (uint32_t)days * APL_MOST_HOURS;
	piece *pieces = take(r, most * sizeof *pieces);
	for (uint32_t n = 0; n < repeats; n++) {
		apl_wall begin = t->first + slot * turn + n * (apl_wall)t->count * turn, end = begin + turn;
		for (apl_date date = apl_wall_date(begin); date <= apl_wall_date(end - 1); date++) {
			int32_t weekday = apl_weekday_of(date);
			for (uint32_t k = 0; k < t->n_week[weekday]; k++) {
				apl_wall from = (apl_wall)date * APL_DAY + t->week[weekday][k].from * APL_MINUTE;
				apl_wall until = (apl_wall)date * APL_DAY + t->week[weekday][k].until * APL_MINUTE;
				if (from < begin) from = begin;
				if (until > end) until = end;
				if (from < until) pieces[count++] = (piece){from, until - from};
			}
		}
	}
	qsort(pieces, count, sizeof *pieces, by_length);
	for (uint32_t i = 0, end; i < count; i = end) {
		for (end = i; end < count && pieces[end].length == pieces[i].length; end++) {}
		apl_wall *starts = take(r, (end - i) * sizeof *starts);
		for (uint32_t k = i; k < end; k++) starts[k - i] = pieces[k].start;
		add_pieces(r, t, slot, starts, end - i, pieces[i].length, period);
	}
}

static void add_turns(rota_reader *r, const turns *t) {
	apl_wall turn = (apl_wall)t->each * (t->is_weekly ? 7 : 1) * APL_DAY;
	/* Hours go by the week: a round of days is repeated until it ends with one. */
	uint32_t days = t->count * t->each, repeats = t->has_hours && !t->is_weekly && days % 7 != 0 ? 7 : 1;
	apl_wall period = repeats * (apl_wall)t->count * turn;
	for (uint32_t slot = 0; slot < t->count && !r->is_wrong; slot++) {
		if (t->has_hours) {
			add_slot(r, t, slot, repeats, turn, period);
		} else {
			apl_wall *start = take(r, sizeof *start);
			*start = t->first + slot * turn;
			add_pieces(r, t, slot, start, 1, turn, period);
		}
	}
}

static void read_turns(rota_reader *r, int table, const apl_spot *spot) {
	lua_State *L = r->L;
	turns *t = take(r, sizeof *t);
	t->place = spot->place;
	t->ends = APL_ROTA_ALWAYS_UNTIL;
	int top = lua_gettop(L);
	apl_wall begins = 0;
	read_people(r, table, spot, t);
	read_handover(r, table, spot, t);
	read_each(r, table, spot, t);
	read_hours(r, table, spot, t);
	if (!r->is_wrong) read_leaves(r, table, spot, t);
	if (!read_wall_field(r, table, spot, "begins", &begins) && !r->is_wrong)
		wrong(r, spot->place, "missing-field",
		    "turns need begins: the first turn is from the first handover on or after that date, such as \"2026-11-23\"");
	read_wall_field(r, table, spot, "ends", &t->ends);
	lua_settop(L, top);
	if (r->is_wrong || r->zone == NULL) return;
	t->first = first_handover(t, begins);
	if (t->ends <= t->first)
		wrong(r, apl_lua_place_of_value(L, spot, "ends"), "rota-time", "it ends before its first turn begins");
	else
		add_turns(r, t);
}

/* ---- files ------------------------------------------------------------------------------------- */

/* One event whoever it names; one without a name says nobody. The held file is left on the stack. */
static void read_events(rota_reader *r, uint32_t number, apl_place place) {
	lua_State *L = r->L;
	const apl_lua *host = apl_lua_of(L);
	apl_lua_ics *held = apl_lua_push_ics(L);
	if (!apl_lua_read_ics(L, held, r->zone, number, place)) {
		r->is_wrong = true;
		return;
	}
	if (held->ics.n_events == 0)
		wrong(r, place, "ics-event", "there is no event in %s, so nobody would ever be there", host->files[number].name);
	for (uint32_t i = 0; i < held->ics.n_events && !r->is_wrong; i++) {
		const apl_ics_event *event = &held->ics.events[i];
		apl_rota_shift *shift = add_shift(r, place);
		if (shift == NULL) return;
		shift->when = *event;
		shift->source = host->files[number].name;
		shift->rank = r->rank + (event->is_override ? 1 : 0);
		if (event->name[0] != '\0') shift->who = event->name;
	}
}

static void read_file(rota_reader *r, int table, const apl_spot *spot) {
	lua_State *L = r->L;
	apl_place place = apl_lua_place_of_value(L, spot, "file");
	if (!push_field(r, table, spot, "file", LUA_TSTRING, "the name of an .ics file beside the playbook")) return;
	if (!apl_lua_is_ics(L, -1)) {
		wrong(r, place, "ics-file", "file is the name of an .ics file beside the playbook");
		return;
	}
	size_t size;
	const char *name = lua_tolstring(L, -1, &size);
	uint32_t number = apl_lua_fetch_ics(L, r->label, name, size, place);
	if (number == APL_NONE)
		r->is_wrong = true;
	else if (!r->is_wrong && r->zone != NULL)
		read_events(r, number, place);
}

/* ---- layers and overrides ------------------------------------------------------------------------ */

#define TURN_FIELDS "turns", "begins", "handover", "each", "hours", "ends", "leaves", "file"
static const char *const layer_fields[] = {TURN_FIELDS};

static bool has(lua_State *L, int table, const char *key) {
	lua_pushstring(L, key);
	bool is_there = lua_rawget(L, table) != LUA_TNIL;
	lua_pop(L, 1);
	return is_there;
}

/* Turns, and above them a file: two ranks each, for an event that stands in for another is above it. */
static bool read_layer(rota_reader *r, int table, const apl_spot *spot) {
	bool has_turns = has(r->L, table, "turns"), has_file = has(r->L, table, "file");
	if (has_turns) read_turns(r, table, spot);
	r->rank += 2;
	if (has_file) read_file(r, table, spot);
	r->rank += 2;
	return has_turns || has_file;
}

static uint32_t read_layers(rota_reader *r, int table, const apl_spot *spot) {
	lua_State *L = r->L;
	if (!push_field(r, table, spot, "layers", LUA_TTABLE, "a list of layers, each above those before it")) return 0;
	int list = lua_gettop(L);
	apl_spot own = apl_lua_spot_of_key(L, spot, "layers");
	uint32_t count = (uint32_t)lua_rawlen(L, list);
	if (count > MOST_LAYERS) wrong(r, own.place, "limit-rota", "there are more than %d layers in it", MOST_LAYERS);
	for (uint32_t i = 1; i <= count && !r->is_wrong; i++) {
		apl_spot layer = apl_lua_spot_of_item(L, &own, i);
		luaL_checkstack(L, 16, NULL);
		if (lua_rawgeti(L, list, i) != LUA_TTABLE) {
			wrong(r, layer.place, "wrong-kind", "a layer is a table, { turns = { … }, … } or { file = \"…\" }");
			break;
		}
		int at = lua_gettop(L);
		check_names(r, at, &layer, "a layer", layer_fields, sizeof layer_fields / sizeof *layer_fields);
		if (!read_layer(r, at, &layer) && !r->is_wrong) wrong(r, layer.place, "rota-turns", "this layer has neither turns nor a file");
		/* What its file holds stays on the stack above it. */
	}
	return count;
}

static void read_override(rota_reader *r, int table, const apl_spot *spot) {
	static const char *const fields[] = {"who", "nobody", "from", "to"};
	lua_State *L = r->L;
	apl_wall from = 0, to = 0;
	check_names(r, table, spot, "an override", fields, 4);
	bool has_from = read_wall_field(r, table, spot, "from", &from);
	bool has_both = read_wall_field(r, table, spot, "to", &to) && has_from;
	bool is_nobody = push_field(r, table, spot, "nobody", LUA_TBOOLEAN, "true") && lua_toboolean(L, -1);
	lua_settop(L, lua_gettop(L) - 1);
	const char *who =
	    push_field(r, table, spot, "who", LUA_TSTRING, "a name") ? apl_lua_keep_text(L, -1, apl_lua_place_of_value(L, spot, "who")) : NULL;
	if (r->is_wrong) return;
	if (!has_both || (who == NULL) != is_nobody) {
		wrong(r, spot->place, "missing-field",
		    "an override is { who = \"…\", from = \"2026-12-24 09:00\", to = \"…\" }, or { nobody = true, from = …, to = … }");
	} else if (to <= from) {
		wrong(r, apl_lua_place_of_value(L, spot, "to"), "rota-time", "an override ends before it begins");
	} else if (r->zone != NULL) {
		apl_rota_shift *shift = add_shift(r, spot->place);
		apl_wall *start = take(r, sizeof *start);
		if (shift == NULL) return;
		*start = from;
		shift->who = who;
		shift->source = "override";
		shift->when.starts = start;
		shift->when.n_starts = shift->when.total = 1;
		shift->when.length = to - from;
	}
}

static void read_overrides(rota_reader *r, int table, const apl_spot *spot) {
	lua_State *L = r->L;
	if (!push_field(r, table, spot, "overrides", LUA_TTABLE, "a list of overrides")) return;
	int list = lua_gettop(L);
	apl_spot own = apl_lua_spot_of_key(L, spot, "overrides");
	lua_Integer count = (lua_Integer)lua_rawlen(L, list);
	if (count > MOST_OVERRIDES) wrong(r, own.place, "limit-rota", "there are more than %d overrides in it", MOST_OVERRIDES);
	for (lua_Integer i = 1; i <= count && !r->is_wrong; i++) {
		apl_spot item = apl_lua_spot_of_item(L, &own, (uint64_t)i);
		if (lua_rawgeti(L, list, i) == LUA_TTABLE)
			read_override(r, lua_gettop(L), &item);
		else
			wrong(r, item.place, "wrong-kind", "an override is a table, { who = \"…\", from = \"…\", to = \"…\" }");
		r->rank++; /* of those that overlap, what was written last counts */
		lua_settop(L, list);
	}
}

/* ---- all of it ----------------------------------------------------------------------------------- */

static int find_or_make(apl_lua *host, const char *name, const rota_reader *r, apl_rota **out, aplomb_error *error) {
	char file_name[256];
	uint32_t file;
	snprintf(file_name, sizeof file_name, "rotas/%s.json", name);
	if (host->is_bundled) {
		int code = apl_lua_fetch_beside(host, file_name, &file, error);
		if (code == APLOMB_ENOTFOUND)
			return apl_fail(error, APLOMB_EINVAL, "rota-material", "the bundle has no %s, which says who is on duty", file_name);
		return code != APLOMB_OK ? code : apl_rota_read(out, &host->alloc, host->files[file].text, host->files[file].size, error);
	}
	const apl_rota_parts parts = {r->zone, r->shifts, r->n_shifts};
	int code = apl_rota_new(out, &host->alloc, &parts, error);
	if (code != APLOMB_OK) return code;
	size_t size;
	const char *text = apl_rota_text(*out, &size);
	if (apl_lua_add_source(host, file_name, file_name, text, size) != APL_NONE) return APLOMB_OK;
	apl_rota_free(*out);
	*out = NULL;
	return apl_fail_memory(error);
}

static const apl_zone *push_zone(rota_reader *r, int table, const apl_spot *spot) {
	lua_State *L = r->L;
	apl_lua *host = apl_lua_of(L);
	aplomb_error error = {0};
	if (!apl_lua_get_field(L, table, &apl_words[APL_WORD_ROTA], "zone")) {
		r->is_wrong = true; /* a finding tells already */
		return NULL;
	}
	size_t size;
	const char *name = lua_tolstring(L, -1, &size);
	if (host->is_bundled) return NULL;
	apl_lua_ics *held = apl_lua_push_ics(L);
	int code = apl_zone_load(&held->zone, &host->alloc, name, size, &error);
	held->has_zone = code == APLOMB_OK;
	if (code == APLOMB_ENOMEM) apl_lua_raise_memory(L);
	if (code == APLOMB_OK) return &held->zone;
	wrong(r, apl_lua_place_of_value(L, spot, "zone"), error.slug, "zone: %s", error.message);
	return NULL;
}

bool apl_lua_read_rota(lua_State *L, int table, const char *name, const char *label, const apl_spot *spot, apl_rota **out) {
	int top = lua_gettop(L);
	rota_reader r = {.L = L, .label = label};
	*out = NULL;
	r.zone = push_zone(&r, table, spot);
	bool is_something = read_layer(&r, table, spot);
	is_something = read_layers(&r, table, spot) > 0 || is_something;
	read_overrides(&r, table, spot);
	if (!is_something && !r.is_wrong && !has(L, table, "overrides"))
		wrong(&r, spot->place, "rota-turns", "nobody would ever be there; give it turns, a file, or layers of them");
	bool is_well = !r.is_wrong && name != NULL;
	aplomb_error error = {0};
	int code = is_well ? find_or_make(apl_lua_of(L), name, &r, out, &error) : APLOMB_OK;
	lua_settop(L, top);
	if (code == APLOMB_ENOMEM) apl_lua_raise_memory(L);
	if (code != APLOMB_OK) apl_lua_found(L, spot->place, error.slug, "%s: %s", label, error.message);
	return is_well && code == APLOMB_OK;
}
