/* SPDX-License-Identifier: MIT */
/*
 * Decides what a calendar's declaration means: hours, holidays, exceptions, a
 * zone, and that all of it together, as the text that calendars have, is one of
 * the playbook's files. So the playbook's version holds what its calendars
 * count with, its zone's changes included, and a bundle needs no zone data: what
 * it brings along is what counts. What time a calendar makes of a span is
 * decided in room time.
 */

#include "lua/where.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua/calendar_inside.h"
#include "lua/ics_file.h"
#include "lua/files.h"

enum { MOST_NAME = 200 };

typedef apl_calendar_reader calendar_reader;
typedef apl_calendar_draft parts;

static void wrong(calendar_reader *r, apl_place place, const char *field, const aplomb_error *error) {
	apl_lua_found(r->L, place, error->slug, "%s: %s: %s", r->label, field, error->message);
	r->is_wrong = true;
}

void *apl_calendar_take(calendar_reader *r, size_t size) {
	void *block = apl_arena_take(&apl_lua_of(r->L)->arena, size);
	if (block == NULL) apl_lua_raise_memory(r->L);
	memset(block, 0, size);
	return block;
}

static void read_zone(calendar_reader *r, int table) {
	lua_State *L = r->L;
	aplomb_error error;
	if (!apl_lua_get_field(L, table, &apl_words[APL_WORD_CALENDAR], "zone")) {
		r->is_wrong = true; /* a finding tells already */
		return;
	}
	size_t size;
	const char *zone = lua_tolstring(L, -1, &size);
	apl_place place = apl_lua_place_of_value(L, r->spot, "zone");
	if (apl_zone_check(zone, size, &error) == APLOMB_OK)
		r->out->zone = apl_lua_keep_text(L, -1, place);
	else
		wrong(r, place, "zone", &error);
}

/* ---- the week ------------------------------------------------------------------- */

/* The key at the top - 1, the hours at the top. */
static void read_days(calendar_reader *r, const apl_spot *spot) {
	lua_State *L = r->L;
	aplomb_error error;
	uint8_t days;
	apl_open_hours hours[APL_MOST_HOURS];
	uint32_t count;
	size_t size, hours_size;
	parts *out = r->out;
	if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING) {
		apl_lua_found(
		    L, spot->place, "wrong-kind", "%s: week names days and says their hours as text: [\"mon-fri\"] = \"09:00-17:30\"", r->label);
		r->is_wrong = true;
		return;
	}
	const char *key = lua_tolstring(L, -2, &size);
	const char *text = lua_tolstring(L, -1, &hours_size);
	if (apl_days_read(key, size, &days, &error) != APLOMB_OK) {
		wrong(r, apl_lua_place_of_key(L, spot, key), "week", &error);
		return;
	}
	if (apl_hours_read(text, hours_size, hours, &count, &error) != APLOMB_OK) {
		char field[32];
		snprintf(field, sizeof field, "week: %s", key);
		wrong(r, apl_lua_place_of_value(L, spot, key), field, &error);
		return;
	}
	for (int i = 0; i < APL_WEEK_DAYS; i++) {
		if (((unsigned)days >> i & 1u) == 0) continue;
		if (((unsigned)out->given >> i & 1u) != 0) {
			apl_lua_found(L, apl_lua_place_of_key(L, spot, key), "calendar-day", "%s: week: the hours of %s are given twice", r->label,
			    apl_day_names[i]);
			r->is_wrong = true;
		}
		memcpy(out->week[i], hours, sizeof hours);
		out->n_week[i] = count;
	}
	out->given |= days;
}

static void read_week(calendar_reader *r, int table) {
	lua_State *L = r->L;
	if (!apl_lua_get_field(L, table, &apl_words[APL_WORD_CALENDAR], "week")) {
		r->is_wrong = true;
		return;
	}
	apl_spot spot = apl_lua_spot_of_key(L, r->spot, "week");
	int at = lua_gettop(L);
	apl_lua_push_keys(L, at);
	for (lua_Integer i = 1; lua_rawgeti(L, at + 1, i) != LUA_TNIL; i++) {
		lua_pushvalue(L, -1);
		lua_rawget(L, at);
		read_days(r, &spot);
		lua_settop(L, at + 1);
	}
	if (r->out->given == 0 && !r->is_wrong) {
		apl_lua_found(L, spot.place, "calendar-hours", "%s: week is empty, so nobody would ever be there", r->label);
		r->is_wrong = true;
	}
}

/* ---- days of their own ------------------------------------------------------------ */

apl_special_day *apl_calendar_add_day(calendar_reader *r) {
	parts *out = r->out;
	if (out->n_days == out->days_capacity) {
		uint32_t larger = out->days_capacity == 0 ? 64 : out->days_capacity * 2;
		apl_special_day *days = apl_calendar_take(r, larger * sizeof *days);
		if (out->n_days > 0) memcpy(days, out->days, out->n_days * sizeof *days);
		out->days = days;
		out->days_capacity = larger;
	}
	return &out->days[out->n_days++];
}

/* A date of its own, twice the same is told; NULL with a finding. */
static apl_special_day *add_day(calendar_reader *r, const char *field, const char *text, size_t size, apl_place place, bool is_exception) {
	aplomb_error error;
	apl_date date;
	parts *out = r->out;
	if (apl_date_read(text, size, &date, &error) != APLOMB_OK) {
		wrong(r, place, field, &error);
		return NULL;
	}
	for (uint32_t i = 0; i < out->n_days; i++) {
		if (out->days[i].date != date || out->days[i].is_exception != is_exception || out->days[i].source != NULL) continue;
		apl_lua_found(r->L, place, "calendar-date", "%s: %s: %s is there twice", r->label, field, text);
		r->is_wrong = true;
		return NULL;
	}
	apl_special_day *day = apl_calendar_add_day(r);
	*day = (apl_special_day){.date = date, .is_exception = is_exception, .first_hours = out->n_hours};
	return day;
}

/* "2026-12-25", ["2026-12-25"] = "Christmas Day", "holidays/uk.ics", or { file = "holidays/uk.ics", … }. The key at the top - 1, the value
 * at the top. */
static void read_holiday(calendar_reader *r, const apl_spot *spot) {
	lua_State *L = r->L;
	bool is_named = lua_type(L, -2) == LUA_TSTRING;
	apl_place place = is_named ? apl_lua_place_of_key(L, spot, lua_tostring(L, -2))
	                           : apl_lua_place_of_item(L, spot, lua_isinteger(L, -2) ? (uint64_t)lua_tointeger(L, -2) : 0);
	if (!is_named && (lua_type(L, -1) == LUA_TTABLE || apl_lua_is_ics(L, -1))) {
		apl_calendar_read_file(r, spot, lua_isinteger(L, -2) ? (uint64_t)lua_tointeger(L, -2) : 0);
		return;
	}
	if (lua_type(L, -1) != LUA_TSTRING) {
		apl_lua_found(L, place, "wrong-kind",
		    "%s: holidays are dates, \"2026-12-25\", dates with names: [\"2026-12-25\"] = \"Christmas Day\", or files: \"holidays/uk.ics\"",
		    r->label);
		r->is_wrong = true;
		return;
	}
	size_t size;
	const char *date = lua_tolstring(L, is_named ? -2 : -1, &size);
	apl_special_day *day = add_day(r, "holidays", date, size, place, false);
	if (day == NULL || !is_named) return;
	day->name = apl_lua_keep_text(L, -1, place);
	r->is_wrong = r->is_wrong || day->name == NULL;
}

/* ["2026-12-24"] = "09:00-12:00", ["2026-12-31"] = "closed". */
static void read_exception(calendar_reader *r, const apl_spot *spot) {
	lua_State *L = r->L;
	aplomb_error error;
	size_t size, hours_size;
	if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING) {
		apl_lua_found(L, spot->place, "wrong-kind",
		    "%s: exceptions name dates and say their hours as text: [\"2026-12-24\"] = \"09:00-12:00\", [\"2026-12-31\"] = \"closed\"",
		    r->label);
		r->is_wrong = true;
		return;
	}
	const char *date = lua_tolstring(L, -2, &size);
	const char *hours = lua_tolstring(L, -1, &hours_size);
	apl_special_day *day = add_day(r, "exceptions", date, size, apl_lua_place_of_key(L, spot, date), true);
	if (day == NULL || strcmp(hours, "closed") == 0) return;
	if (apl_hours_read(hours, hours_size, r->out->hours + r->out->n_hours, &day->n_hours, &error) != APLOMB_OK)
		wrong(r, apl_lua_place_of_value(L, spot, date), "exceptions", &error);
	r->out->n_hours += day->n_hours;
}

/* The table's entries in the order of their keys; how many: 0 when there is no such field. */
static uint32_t count_of(calendar_reader *r, int table, const char *field) {
	lua_State *L = r->L;
	uint32_t count = 0;
	if (!apl_lua_get_field(L, table, &apl_words[APL_WORD_CALENDAR], field)) return 0;
	if (lua_type(L, -1) == LUA_TSTRING) return 1;
	for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) count++;
	if (count > APL_CALENDAR_MOST_WRITTEN) {
		apl_lua_found(L, apl_lua_spot_of_key(L, r->spot, field).place, "calendar-date", "%s: there are more than %d %s", r->label,
		    APL_CALENDAR_MOST_WRITTEN, field);
		r->is_wrong = true;
		return 0;
	}
	return count;
}

static void read_each(calendar_reader *r, int table, const char *field, void (*read)(calendar_reader *r, const apl_spot *spot)) {
	lua_State *L = r->L;
	int top = lua_gettop(L);
	if (apl_lua_get_field(L, table, &apl_words[APL_WORD_CALENDAR], field)) {
		apl_spot spot = apl_lua_spot_of_key(L, r->spot, field);
		if (lua_type(L, -1) == LUA_TSTRING) { /* holidays = "uk.ics": a list of one */
			spot = (apl_spot){r->spot->file, APL_NO_SITE, apl_lua_place_of_value(L, r->spot, field)};
			lua_createtable(L, 1, 0);
			lua_insert(L, -2);
			lua_rawseti(L, -2, 1);
		}
		int at = lua_gettop(L);
		apl_lua_push_keys(L, at);
		for (lua_Integer i = 1; lua_rawgeti(L, at + 1, i) != LUA_TNIL; i++) {
			lua_pushvalue(L, -1);
			lua_rawget(L, at);
			read(r, &spot);
			lua_settop(L, at + 1);
		}
	}
	lua_settop(L, top);
}

/* ---- what it is made of -------------------------------------------------------------- */

/* Does not raise: what is held here is C's. */
static int make(apl_lua *host, const parts *p, apl_calendar **out, aplomb_error *error) {
	apl_zone zone;
	int code = apl_zone_load(&zone, &host->alloc, p->zone, strlen(p->zone), error);
	if (code != APLOMB_OK) return code;
	const apl_calendar_parts all = {
	    &zone, (const apl_open_hours(*)[APL_MOST_HOURS])p->week, p->n_week, p->days, p->n_days, p->hours, p->n_hours};
	code = apl_calendar_new(out, &host->alloc, &all, error);
	apl_zone_dispose(&zone);
	return code;
}

/* As the bundle has it, or made now and added to the files. [*out] stays NULL for a bundle from before calendars counted. */
static int find_or_make(apl_lua *host, const char *name, const parts *p, apl_calendar **out, aplomb_error *error) {
	char file_name[MOST_NAME];
	uint32_t file;
	snprintf(file_name, sizeof file_name, "calendars/%s.json", name);
	if (host->is_bundled) {
		int code = apl_lua_fetch_beside(host, file_name, &file, error);
		if (code == APLOMB_ENOTFOUND) return APLOMB_OK;
		return code != APLOMB_OK ? code : apl_calendar_read(out, &host->alloc, host->files[file].text, host->files[file].size, error);
	}
	int code = make(host, p, out, error);
	if (code != APLOMB_OK) return code;
	size_t size;
	const char *text = apl_calendar_text(*out, &size);
	if (apl_lua_add_source(host, file_name, file_name, text, size) != APL_NONE) return APLOMB_OK;
	apl_calendar_free(*out);
	*out = NULL;
	return apl_fail_memory(error);
}

bool apl_lua_read_calendar(lua_State *L, int table, const char *name, const char *label, const apl_spot *spot, apl_calendar **out) {
	apl_lua *host = apl_lua_of(L);
	int top = lua_gettop(L);
	calendar_reader r = {.L = L, .label = label, .spot = spot};
	r.out = apl_calendar_take(&r, sizeof *r.out);
	read_zone(&r, table);
	read_week(&r, table);
	lua_settop(L, top);
	uint32_t n_holidays = count_of(&r, table, "holidays"), n_exceptions = count_of(&r, table, "exceptions");
	r.out->hours = apl_calendar_take(&r, (n_exceptions + 1) * APL_MOST_HOURS * sizeof *r.out->hours);
	lua_settop(L, top);
	/* Exceptions first: what a file's events close is taken from the hours that a date has. */
	if (n_exceptions > 0) read_each(&r, table, "exceptions", read_exception);
	if (n_holidays > 0) read_each(&r, table, "holidays", read_holiday);
	if (r.out->n_closings > 0) apl_calendar_close(&r);
	if (r.is_wrong || r.out->zone == NULL || name == NULL) return false;
	aplomb_error error;
	*out = NULL;
	int code = find_or_make(host, name, r.out, out, &error);
	if (code == APLOMB_ENOMEM) apl_lua_raise_memory(L);
	if (code == APLOMB_OK) return true;
	apl_lua_found(L, apl_lua_place_of_value(L, spot, "zone"), error.slug, "%s: %s", label, error.message);
	return false;
}
