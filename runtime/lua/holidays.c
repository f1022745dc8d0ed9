/* SPDX-License-Identifier: MIT */
/*
 * Decides what an .ics file means for a calendar: a whole day is a holiday,
 * hours are closed on their date. The file is one of the playbook's, and so
 * part of its version; what it comes to is kept with the calendar, so that a
 * bundle reads none. Which of its events count may be said: `only`, `except`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua/calendar_inside.h"
#include "lua/files.h"
#include "lua/ics_file.h"
#include "time/shown.h"

enum { MINUTE_OF_DAY = 1440 };

/* ---- which events ----------------------------------------------------------------------- */

typedef struct holiday_file {
	apl_calendar_reader *r;
	const char *name;
	uint32_t file;
	apl_place place;
	int only, except; /* tables of names on the stack, or 0 */
	uint32_t days;
} holiday_file;

/* The list at the field, pushed with what was used of it: { "Halloween" = false, … }; 0 without one. */
static int push_names(holiday_file *f, int table, const char *field, const apl_spot *spot) {
	lua_State *L = f->r->L;
	lua_pushstring(L, field);
	if (lua_rawget(L, table) == LUA_TNIL) return 0;
	int list = lua_gettop(L);
	bool is_list = lua_type(L, list) == LUA_TTABLE;
	lua_newtable(L);
	lua_Integer count = is_list ? (lua_Integer)lua_rawlen(L, list) : 0;
	for (lua_Integer i = 1; i <= count && is_list; i++) {
		is_list = lua_rawgeti(L, list, i) == LUA_TSTRING;
		lua_pushboolean(L, 0);
		if (is_list) lua_rawset(L, list + 1);
	}
	lua_settop(L, list + 1);
	if (is_list && count > 0) return list + 1;
	apl_lua_found(L, apl_lua_place_of_value(L, spot, field), "wrong-kind", "%s: %s is a list of names of events: { \"Christmas Day\", … }",
	    f->r->label, field);
	f->r->is_wrong = true;
	return 0;
}

/* Is the name in that list? Then it is used. */
static bool is_named(lua_State *L, int names, const char *name) {
	if (names == 0) return false;
	lua_pushstring(L, name);
	bool is_there = lua_rawget(L, names) != LUA_TNIL;
	lua_pop(L, 1);
	if (!is_there) return false;
	lua_pushstring(L, name);
	lua_pushboolean(L, 1);
	lua_rawset(L, names);
	return true;
}

/* A name that no event has. */
static void check_names(holiday_file *f, int names, const char *field, const apl_spot *spot, const apl_ics *ics) {
	lua_State *L = f->r->L;
	if (names == 0) return;
	apl_lua_push_keys(L, names);
	int keys = lua_gettop(L);
	for (lua_Integer i = 1; lua_rawgeti(L, keys, i) != LUA_TNIL; i++) {
		char shown[APL_SHOWN], hint[160];
		size_t size;
		const char *name = lua_tolstring(L, -1, &size);
		lua_pushvalue(L, -1);
		lua_rawget(L, names);
		if (!lua_toboolean(L, -1)) {
			apl_nearest nearest = apl_nearest_to(name, size);
			for (uint32_t n = 0; n < ics->n_events; n++) apl_nearest_try(&nearest, ics->events[n].name);
			apl_lua_found(L, apl_lua_place_of_value(L, spot, field), "ics-event", "%s: %s: %s has no event \"%s\"%s", f->r->label, field,
			    f->name, apl_shown(name, size, shown), apl_nearest_hint(&nearest, hint, sizeof hint));
			f->r->is_wrong = true;
		}
		lua_settop(L, keys);
	}
	lua_settop(L, keys - 1);
}

/* ---- what they come to -------------------------------------------------------------------- */

/* The name as long as the program lives, and without what would end it. */
static const char *keep(holiday_file *f, const char *name) {
	const char *copy = apl_arena_text(&apl_lua_of(f->r->L)->arena, name, strlen(name));
	if (copy == NULL) apl_lua_raise_memory(f->r->L);
	return copy;
}

static bool has_room(holiday_file *f, const apl_ics_event *event) {
	if (f->r->out->n_days + f->r->out->n_closings < APL_CALENDAR_MOST_READ) return true;
	if (!f->r->is_wrong)
		apl_lua_found(f->r->L, apl_lua_place_in(apl_lua_of(f->r->L), f->file, event->line), "ics-limit",
		    "%s: its files close it on more than %d days", f->r->label, APL_CALENDAR_MOST_READ);
	f->r->is_wrong = true;
	return false;
}

static bool is_known(apl_date date) {
	return date >= apl_wall_date(APL_ZONE_BEGIN) && date < apl_wall_date(APL_ZONE_END);
}

static void add_dates(holiday_file *f, const apl_ics_event *event, const char *name, apl_wall start) {
	for (apl_wall day = start; day < start + event->length && has_room(f, event); day += APL_DAY) {
		if (!is_known(apl_wall_date(day))) continue;
		*apl_calendar_add_day(f->r) = (apl_special_day){.date = apl_wall_date(day), .name = name, .source = f->name};
		f->days++;
	}
}

static void add_closing(holiday_file *f, const apl_ics_event *event, const char *name, apl_date date, apl_wall from, apl_wall until) {
	apl_calendar_draft *out = f->r->out;
	if (!is_known(date) || !has_room(f, event)) return;
	if (out->n_closings == out->closings_capacity) {
		uint32_t larger = out->closings_capacity == 0 ? 16 : out->closings_capacity * 2;
		apl_closing *closings = apl_calendar_take(f->r, larger * sizeof *closings);
		if (out->n_closings > 0) memcpy(closings, out->closings, out->n_closings * sizeof *closings);
		out->closings = closings;
		out->closings_capacity = larger;
	}
	out->closings[out->n_closings++] = (apl_closing){date, (uint16_t)(from / APL_MINUTE), (uint16_t)((until + APL_MINUTE - 1) / APL_MINUTE),
	    name, f->name, apl_lua_place_in(apl_lua_of(f->r->L), f->file, event->line)};
	f->days++;
}

/* On each of the dates that the calendar's clocks show meanwhile. */
static void add_hours(holiday_file *f, const apl_zone *zone, const apl_ics_event *event, const char *name, apl_wall start) {
	apl_wall from = apl_zone_wall(zone, apl_zone_instant(event->zone, start));
	apl_wall until = apl_zone_wall(zone, apl_zone_instant(event->zone, start + event->length));
	for (apl_date date = apl_wall_date(from); (apl_wall)date * APL_DAY < until && !f->r->is_wrong; date++) {
		apl_wall begin = (apl_wall)date * APL_DAY, end = begin + APL_DAY;
		apl_wall first = from > begin ? from : begin, last = until < end ? until : end;
		if (first == begin && last == end) {
			apl_ics_event day = *event;
			day.length = APL_DAY;
			add_dates(f, &day, name, begin);
		} else {
			add_closing(f, event, name, date, first - begin, last - begin);
		}
	}
}

/* Events of which nobody can ask are passed over: before 1970 there is no calendar. */
static void add_event(holiday_file *f, const apl_zone *zone, const apl_ics_event *event) {
	lua_State *L = f->r->L;
	if (f->only != 0 && !is_named(L, f->only, event->name)) return;
	if (is_named(L, f->except, event->name)) return;
	const char *name = event->name[0] != '\0' ? keep(f, event->name) : NULL;
	for (uint32_t n = apl_ics_find(event, APL_ZONE_BEGIN - event->length - 2 * APL_DAY); n < event->total && !f->r->is_wrong; n++) {
		apl_wall start = apl_ics_start(event, n);
		if (apl_ics_is_without(event, start)) continue;
		if (event->is_all_day)
			add_dates(f, event, name, start);
		else
			add_hours(f, zone, event, name, start);
	}
}

/* ---- the file ------------------------------------------------------------------------------- */

static void read_events(holiday_file *f, const apl_spot *spot) {
	lua_State *L = f->r->L;
	apl_lua *host = apl_lua_of(L);
	const char *zone = f->r->out->zone;
	if (zone == NULL || host->is_bundled) return; /* a bundle's calendar is read, and not made */
	apl_lua_ics *held = apl_lua_push_ics(L);
	const int code = apl_zone_load(&held->zone, &host->alloc, zone, strlen(zone), NULL);
	if (code == APLOMB_ENOMEM) apl_lua_raise_memory(L);
	if (code != APLOMB_OK) return; /* calendar.c tells of the zone */
	held->has_zone = true;
	if (!apl_lua_read_ics(L, held, &held->zone, f->file, f->place)) {
		f->r->is_wrong = true;
		return;
	}
	for (uint32_t i = 0; i < held->ics.n_events && !f->r->is_wrong; i++) add_event(f, &held->zone, &held->ics.events[i]);
	if (!f->r->is_wrong) {
		check_names(f, f->only, "only", spot, &held->ics);
		check_names(f, f->except, "except", spot, &held->ics);
	}
	if (f->days == 0 && !f->r->is_wrong) {
		apl_lua_found(L, f->place, "ics-event", "%s: no event of %s closes it on any day", f->r->label, f->name);
		f->r->is_wrong = true;
	}
	apl_lua_drop_ics(held);
}

/* The fields of { file = "…", only = { … }, except = { … } }, and no others; what is pushed is the file's name. */
static bool push_file(holiday_file *f, int table, const apl_spot *spot) {
	lua_State *L = f->r->L;
	static const char *const fields[] = {"file", "only", "except"};
	apl_lua_push_keys(L, table);
	int keys = lua_gettop(L);
	for (lua_Integer i = 1; lua_rawgeti(L, keys, i) != LUA_TNIL; i++) {
		const char *key = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
		bool is_field = false;
		for (size_t k = 0; key != NULL && k < 3; k++) is_field = is_field || strcmp(key, fields[k]) == 0;
		if (!is_field) {
			char shown[APL_SHOWN], hint[64];
			apl_nearest nearest = apl_nearest_to(key != NULL ? key : "", key != NULL ? strlen(key) : 0);
			for (size_t k = 0; k < 3; k++) apl_nearest_try(&nearest, fields[k]);
			apl_lua_found(L, key != NULL ? apl_lua_place_of_key(L, spot, key) : spot->place, "unknown-field",
			    "%s: holidays: a file is { file = \"holidays/uk.ics\", only = { … }, except = { … } }, and has no \"%s\"%s", f->r->label,
			    key != NULL ? apl_shown(key, strlen(key), shown) : "1", apl_nearest_hint(&nearest, hint, sizeof hint));
			f->r->is_wrong = true;
		}
		lua_settop(L, keys);
	}
	lua_pushliteral(L, "file");
	lua_rawget(L, table);
	if (apl_lua_is_ics(L, -1)) return !f->r->is_wrong;
	apl_lua_found(L, apl_lua_place_of_value(L, spot, "file"), "ics-file",
	    "%s: holidays: file is the name of an .ics file beside the playbook", f->r->label);
	f->r->is_wrong = true;
	return false;
}

void apl_calendar_read_file(apl_calendar_reader *r, const apl_spot *spot, uint64_t item) {
	lua_State *L = r->L;
	int top = lua_gettop(L);
	bool is_table = lua_type(L, top) == LUA_TTABLE;
	apl_spot own = is_table ? apl_lua_spot_of_item(L, spot, item) : *spot;
	holiday_file f = {.r = r, .place = apl_lua_place_of_item(L, spot, item)};
	if (!is_table || push_file(&f, top, &own)) {
		int named = lua_gettop(L);
		size_t size;
		const char *name = lua_tolstring(L, named, &size);
		if (is_table) f.place = apl_lua_place_of_value(L, &own, "file");
		if (is_table) f.only = push_names(&f, top, "only", &own);
		if (is_table) f.except = push_names(&f, top, "except", &own);
		f.file = apl_lua_fetch_ics(L, r->label, name, size, f.place);
		f.name = f.file != APL_NONE ? apl_lua_of(L)->files[f.file].name : NULL;
		if (f.file == APL_NONE)
			r->is_wrong = true;
		else if (!r->is_wrong)
			read_events(&f, &own);
	}
	lua_settop(L, top);
}

/* ---- hours that are closed -------------------------------------------------------------------- */

static int by_date(const void *left, const void *right) {
	const apl_closing *a = left, *b = right;
	if (a->date != b->date) return a->date < b->date ? -1 : 1;
	if (a->from != b->from) return a->from < b->from ? -1 : 1;
	if (a->until != b->until) return a->until < b->until ? -1 : 1;
	int order = strcmp(a->source, b->source);
	return order != 0 ? order : strcmp(a->name != NULL ? a->name : "", b->name != NULL ? b->name : "");
}

/* What is left of the hours; more pieces than a date may have: false. */
static bool without(apl_open_hours hours[APL_MOST_HOURS], uint32_t *count, uint16_t from, uint16_t until) {
	apl_open_hours left[2 * APL_MOST_HOURS];
	uint32_t n = 0;
	for (uint32_t i = 0; i < *count; i++) {
		if (hours[i].from < from) left[n++] = (apl_open_hours){hours[i].from, hours[i].until < from ? hours[i].until : from};
		if (hours[i].until > until) left[n++] = (apl_open_hours){hours[i].from > until ? hours[i].from : until, hours[i].until};
	}
	if (n > APL_MOST_HOURS) return false;
	memcpy(hours, left, n * sizeof *left);
	*count = n;
	return true;
}

/* What the playbook says about a date, and a whole holiday, leave nothing to be closed. */
static bool is_said(const apl_calendar_draft *draft, uint32_t n_days, apl_date date) {
	for (uint32_t i = 0; i < n_days; i++) {
		if (draft->days[i].date == date) return true;
	}
	return false;
}

void apl_calendar_close(apl_calendar_reader *r) {
	apl_calendar_draft *draft = r->out;
	uint32_t said = draft->n_days;
	apl_open_hours *all = apl_calendar_take(r, (draft->n_hours + (size_t)draft->n_closings * APL_MOST_HOURS) * sizeof *all);
	if (draft->n_hours > 0) memcpy(all, draft->hours, draft->n_hours * sizeof *all);
	draft->hours = all;
	qsort(draft->closings, draft->n_closings, sizeof *draft->closings, by_date);
	for (uint32_t i = 0; i < draft->n_closings;) {
		const apl_closing *first = &draft->closings[i];
		int32_t weekday = apl_weekday_of(first->date);
		apl_open_hours hours[APL_MOST_HOURS];
		uint32_t count = draft->n_week[weekday];
		memcpy(hours, draft->week[weekday], count * sizeof *hours);
		for (; i < draft->n_closings && draft->closings[i].date == first->date; i++) {
			if (without(hours, &count, draft->closings[i].from, draft->closings[i].until)) continue;
			apl_lua_found(r->L, draft->closings[i].place, "calendar-hours", "%s: this leaves the day in more than %d pieces", r->label,
			    APL_MOST_HOURS);
			r->is_wrong = true;
		}
		bool is_same = count == draft->n_week[weekday] && memcmp(hours, draft->week[weekday], count * sizeof *hours) == 0;
		if (is_same || is_said(draft, said, first->date)) continue;
		memcpy(draft->hours + draft->n_hours, hours, count * sizeof *hours);
		*apl_calendar_add_day(r) = (apl_special_day){first->date, true, first->name, draft->n_hours, count, first->source};
		draft->n_hours += count;
	}
}
