/* SPDX-License-Identifier: MIT */
/*
 * Decides whether a calendar makes sense as a declaration, and keeps it as
 * canonical JSON: each day of the week with its hours, the holidays in order,
 * the zone. What time it makes of a span is not decided here, nor anywhere yet.
 */

#include "lua/where.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "time/hours.h"

enum { MOST_HOLIDAYS = 4096 };

typedef struct week {
	apl_open_hours hours[APL_WEEK_DAYS][APL_MOST_HOURS];
	uint32_t n_hours[APL_WEEK_DAYS];
	uint8_t given; /* a bit a day */
} week;

typedef struct calendar_reader {
	lua_State *L;
	const char *label;
	const apl_spot *spot;
	apl_spot week; /* of the field so called */
	bool is_wrong;
} calendar_reader;

static void wrong(calendar_reader *r, apl_place place, const char *field, const aplomb_error *error) {
	apl_lua_found(r->L, place, error->slug, "%s: %s: %s", r->label, field, error->message);
	r->is_wrong = true;
}

static const char *read_zone(calendar_reader *r, int table) {
	lua_State *L = r->L;
	aplomb_error error;
	if (!apl_lua_get_field(L, table, &apl_words[APL_WORD_CALENDAR], "zone")) {
		r->is_wrong = true; /* a finding tells already */
		return NULL;
	}
	size_t size;
	const char *zone = lua_tolstring(L, -1, &size);
	if (apl_zone_check(zone, size, &error) == APLOMB_OK) return apl_lua_keep_text(L, -1, apl_lua_place_of_value(L, r->spot, "zone"));
	wrong(r, apl_lua_place_of_value(L, r->spot, "zone"), "zone", &error);
	return NULL;
}

/* The key at the top - 1, the hours at the top. */
static void read_days(calendar_reader *r, week *out) {
	lua_State *L = r->L;
	aplomb_error error;
	uint8_t days;
	apl_open_hours hours[APL_MOST_HOURS];
	uint32_t count;
	size_t size, hours_size;
	if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING) {
		apl_lua_found(
		    L, r->week.place, "wrong-kind", "%s: week names days and says their hours as text: [\"mon-fri\"] = \"09:00-17:30\"", r->label);
		r->is_wrong = true;
		return;
	}
	const char *key = lua_tolstring(L, -2, &size);
	const char *text = lua_tolstring(L, -1, &hours_size);
	if (apl_days_read(key, size, &days, &error) != APLOMB_OK) {
		wrong(r, apl_lua_place_of_key(L, &r->week, key), "week", &error);
		return;
	}
	if (apl_hours_read(text, hours_size, hours, &count, &error) != APLOMB_OK) {
		char field[32];
		snprintf(field, sizeof field, "week: %s", key);
		wrong(r, apl_lua_place_of_value(L, &r->week, key), field, &error);
		return;
	}
	for (int i = 0; i < APL_WEEK_DAYS; i++) {
		if (((unsigned)days >> i & 1u) == 0) continue;
		if (((unsigned)out->given >> i & 1u) != 0) {
			apl_lua_found(L, apl_lua_place_of_key(L, &r->week, key), "calendar-day", "%s: week: the hours of %s are given twice", r->label,
			    apl_day_names[i]);
			r->is_wrong = true;
		}
		memcpy(out->hours[i], hours, sizeof hours);
		out->n_hours[i] = count;
	}
	out->given |= days;
}

static void read_week(calendar_reader *r, int table, week *out) {
	lua_State *L = r->L;
	if (!apl_lua_get_field(L, table, &apl_words[APL_WORD_CALENDAR], "week")) {
		r->is_wrong = true;
		return;
	}
	int at = lua_gettop(L);
	apl_lua_push_keys(L, at);
	for (lua_Integer i = 1; lua_rawgeti(L, at + 1, i) != LUA_TNIL; i++) {
		lua_pushvalue(L, -1);
		lua_rawget(L, at);
		read_days(r, out);
		lua_settop(L, at + 1);
	}
	if (out->given == 0 && !r->is_wrong) {
		apl_lua_found(L, r->week.place, "calendar-hours", "%s: week is empty, so nobody would ever be there", r->label);
		r->is_wrong = true;
	}
}

static int compare_dates(const void *left, const void *right) {
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The dates, in order, in the program's arena. */
static const char **read_holidays(calendar_reader *r, int table, uint32_t *count) {
	lua_State *L = r->L;
	apl_lua *host = apl_lua_of(L);
	*count = 0;
	if (!apl_lua_get_field(L, table, &apl_words[APL_WORD_CALENDAR], "holidays")) return NULL;
	lua_Integer size = (lua_Integer)lua_rawlen(L, -1);
	apl_spot spot = apl_lua_spot_of_key(L, r->spot, "holidays");
	if (size > MOST_HOLIDAYS) {
		apl_lua_found(L, spot.place, "calendar-date", "%s: there are more than %d holidays", r->label, MOST_HOLIDAYS);
		r->is_wrong = true;
		return NULL;
	}
	const char **dates = apl_arena_take(&host->arena, (size_t)(size + 1) * sizeof *dates);
	if (dates == NULL) apl_lua_raise_memory(L);
	for (lua_Integer i = 1; i <= size; i++) {
		aplomb_error error;
		size_t length;
		apl_place place = apl_lua_place_of_item(L, &spot, (uint64_t)i);
		lua_rawgeti(L, -1, i);
		const char *date = lua_tolstring(L, -1, &length);
		if (apl_date_read(date, length, &error) == APLOMB_OK) {
			dates[(*count)++] = apl_lua_keep_text(L, -1, place);
		} else {
			wrong(r, place, "holidays", &error);
		}
		lua_pop(L, 1);
	}
	qsort(dates, *count, sizeof *dates, compare_dates);
	for (uint32_t i = 1; i < *count; i++) {
		if (strcmp(dates[i - 1], dates[i]) != 0) continue;
		apl_lua_found(L, spot.place, "calendar-date", "%s: holidays: %s is there twice", r->label, dates[i]);
		r->is_wrong = true;
	}
	return dates;
}

static void write_week(apl_buf *out, const week *w) {
	static const uint8_t by_name[APL_WEEK_DAYS] = {4, 0, 5, 6, 3, 1, 2}; /* fri, mon, sat, sun, thu, tue, wed */
	bool is_first = true;
	for (size_t n = 0; n < APL_WEEK_DAYS; n++) {
		uint8_t day = by_name[n];
		if (w->n_hours[day] == 0) continue;
		apl_buf_format(out, "%s\"%s\":[", is_first ? "" : ",", apl_day_names[day]);
		is_first = false;
		for (uint32_t i = 0; i < w->n_hours[day]; i++) {
			const apl_open_hours *h = &w->hours[day][i];
			apl_buf_format(
			    out, "%s[\"%02u:%02u\",\"%02u:%02u\"]", i > 0 ? "," : "", h->from / 60u, h->from % 60u, h->until / 60u, h->until % 60u);
		}
		apl_buf_byte(out, ']');
	}
}

const char *apl_lua_read_calendar(lua_State *L, int table, const char *label, const apl_spot *spot) {
	apl_lua *host = apl_lua_of(L);
	int top = lua_gettop(L);
	calendar_reader r = {L, label, spot, apl_lua_spot_of_key(L, spot, "week"), false};
	week w;
	memset(&w, 0, sizeof w);
	uint32_t n_holidays;
	const char *zone = read_zone(&r, table);
	read_week(&r, table, &w);
	const char **holidays = read_holidays(&r, table, &n_holidays);
	lua_settop(L, top);
	if (r.is_wrong || zone == NULL) return NULL;
	apl_buf *out = &host->json;
	apl_buf_clear(out);
	APL_BUF_LITERAL(out, "{\"holidays\":[");
	for (uint32_t i = 0; i < n_holidays; i++) apl_buf_format(out, "%s\"%s\"", i > 0 ? "," : "", holidays[i]);
	APL_BUF_LITERAL(out, "],\"week\":{");
	write_week(out, &w);
	apl_buf_format(out, "},\"zone\":\"%s\"}", zone);
	const char *json = out->failed ? NULL : apl_arena_text(&host->arena, out->bytes, out->size);
	if (json == NULL) apl_lua_raise_memory(L);
	return json;
}
