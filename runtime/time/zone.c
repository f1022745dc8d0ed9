/* SPDX-License-Identifier: MIT */
/*
 * Decides how a zone is kept and written, and which instant a wall clock's
 * time means. It finds the yearly rule in the changes themselves: those who
 * gave them may have none to tell.
 */

#include "time/zone.h"

#include <stdio.h>

#include "value/json.h"

/* ---- making one ----------------------------------------------------------- */

bool apl_zone_add(apl_zone *zone, aplomb_instant at, int64_t offset) {
	if (zone->count > 0 && zone->changes[zone->count - 1].offset == offset) return true;
	if (!APL_GROW(&zone->alloc, zone->changes, zone->count, zone->capacity)) return false;
	zone->changes[zone->count++] = (apl_zone_change){at, offset};
	return true;
}

void apl_zone_dispose(apl_zone *zone) {
	if (zone->name != NULL) apl_free(&zone->alloc, zone->name, strlen(zone->name) + 1);
	if (zone->changes != NULL) apl_free(&zone->alloc, zone->changes, zone->capacity * sizeof *zone->changes);
	*zone = (apl_zone){.alloc = zone->alloc};
}

aplomb_instant apl_zone_instant(const apl_zone *zone, apl_wall wall) {
	uint32_t i = apl_zone_find(zone, wall - APL_ZONE_MOST_OFFSET * APL_SECOND);
	for (;; i++) {
		aplomb_instant at = wall - zone->changes[i].offset;
		if (at >= apl_zone_ends(zone, i)) continue; /* the last one never ends */
		return at < zone->changes[i].at ? zone->changes[i].at : at;
	}
}

/* ---- the yearly rule ------------------------------------------------------- */

enum { MOST_STEPS = 4 }; /* changes of a year that repeat */

typedef struct step {
	int32_t month, day, weekday, second; /* the first such weekday on or after the day, when the clocks there show that second of the day */
	int32_t offset;                      /* seconds */
} step;

typedef struct rule {
	int32_t from; /* the first year */
	uint32_t count;
	step steps[MOST_STEPS]; /* in the order of the year */
} rule;

/* Clocks show the offset of the step before, which of the first is the last of the year before. */
static aplomb_instant instant_of_step(const rule *r, uint32_t number, int32_t year) {
	const step *s = &r->steps[number];
	int32_t offset = r->steps[number > 0 ? number - 1 : r->count - 1].offset;
	apl_date date = apl_date_of(year, s->month, s->day);
	int32_t later = s->weekday - apl_weekday_of(date);
	if (later < 0) later += 7;
	return (int64_t)(date + later) * APL_DAY + (s->second - offset) * APL_SECOND;
}

static int32_t year_of(aplomb_instant at) {
	return apl_civil_of(apl_wall_date(at)).year;
}

/* The changes of [year], from [*first] on; how many. The first of all has no year. */
static uint32_t changes_of_year(const apl_zone *zone, int32_t year, uint32_t *first) {
	uint32_t i = 1 + apl_zone_find(zone, (int64_t)apl_date_of(year, 1, 1) * APL_DAY - 1), count = 0;
	*first = i;
	while (i + count < zone->count && year_of(zone->changes[i + count].at) == year) count++;
	return count;
}

/* What so many years up to [last] have in common, with the earliest day that each step fell on; false when they have nothing. */
static bool find_steps(const apl_zone *zone, int32_t last, int32_t years, rule *out) {
	uint32_t first;
	out->count = changes_of_year(zone, last, &first);
	if (out->count == 0 || out->count > MOST_STEPS) return false;
	for (int32_t year = last; year > last - years; year--) {
		if (changes_of_year(zone, year, &first) != out->count) return false;
		for (uint32_t i = 0; i < out->count; i++) {
			const apl_zone_change *change = &zone->changes[first + i];
			apl_wall wall = change->at + change[-1].offset;
			apl_date date = apl_wall_date(wall);
			apl_civil civil = apl_civil_of(date);
			step is = {civil.month, civil.day, apl_weekday_of(date), (int32_t)(apl_wall_of_day(wall) / APL_SECOND),
			    (int32_t)(change->offset / APL_SECOND)};
			step *s = &out->steps[i];
			if (year == last) *s = is;
			if (is.month != s->month || is.weekday != s->weekday || is.second != s->second || is.offset != s->offset) return false;
			if (is.day < s->day) s->day = is.day;
		}
	}
	return true;
}

static bool gives_year(const rule *r, const apl_zone *zone, int32_t year) {
	uint32_t first;
	if (changes_of_year(zone, year, &first) != r->count) return false;
	for (uint32_t i = 0; i < r->count; i++) {
		const apl_zone_change *change = &zone->changes[first + i];
		if (change->at != instant_of_step(r, i, year) || change->offset != r->steps[i].offset * APL_SECOND) return false;
	}
	return true;
}

/* Twelve years see every day of the week on every date, unless a century goes without its leap day in between. */
enum { SHORT_TIME = 12, LONG_TIME = 40 };

/* The rule that holds up to [last], for as many years at least. */
static bool find_rule(const apl_zone *zone, int32_t last, int32_t years, rule *out) {
	if (!find_steps(zone, last, years, out)) return false;
	out->from = last + 1;
	while (out->from > APL_ZONE_FIRST_YEAR && gives_year(out, zone, out->from - 1)) out->from--;
	return out->from <= last + 1 - years;
}

bool apl_zone_repeat(apl_zone *zone, int32_t last) {
	rule r;
	if (!find_rule(zone, last, SHORT_TIME, &r)) return true;
	while (year_of(zone->changes[zone->count - 1].at) > last) zone->count--;
	for (int32_t year = last + 1; year <= APL_ZONE_LAST_YEAR; year++) {
		for (uint32_t i = 0; i < r.count; i++) {
			if (!apl_zone_add(zone, instant_of_step(&r, i, year), r.steps[i].offset * APL_SECOND)) return false;
		}
	}
	return true;
}

/* ---- as text --------------------------------------------------------------- */

void apl_zone_write(const apl_zone *zone, apl_buf *out) {
	rule r;
	bool has_rule = find_rule(zone, APL_ZONE_LAST_YEAR, LONG_TIME, &r);
	APL_BUF_LITERAL(out, "{\"changes\":[");
	for (uint32_t i = 1; i < zone->count; i++) {
		const apl_zone_change *change = &zone->changes[i];
		if (has_rule && year_of(change->at) >= r.from) break;
		apl_buf_format(
		    out, "%s[%lld,%lld]", i > 1 ? "," : "", (long long)(change->at / APL_SECOND), (long long)(change->offset / APL_SECOND));
	}
	apl_buf_format(out, "],\"first\":%lld,\"name\":", (long long)(zone->changes[0].offset / APL_SECOND));
	apl_json_write_text(out, zone->name, strlen(zone->name));
	if (has_rule) {
		apl_buf_format(out, ",\"rule\":{\"from\":%d,\"to\":[", (int)r.from);
		for (uint32_t i = 0; i < r.count; i++) {
			const step *s = &r.steps[i];
			apl_buf_format(
			    out, "%s[%d,%d,%d,%d,%d]", i > 0 ? "," : "", (int)s->month, (int)s->day, (int)s->weekday, (int)s->second, (int)s->offset);
		}
		APL_BUF_LITERAL(out, "]}");
	}
	APL_BUF_LITERAL(out, ",\"v\":1}");
}

/* The list's integers, each between the bounds; false when it is no list of so many such. */
static bool read_integers(const apl_tape *tape, uint32_t list, const int64_t (*bounds)[2], int64_t *out, uint32_t count) {
	if (list == 0 || tape->cells[list].kind != APLOMB_LIST || tape->cells[list].count != count) return false;
	for (uint32_t i = 0; i < count; i++) {
		const apl_cell *cell = &tape->cells[list + 1 + i];
		if (cell->kind != APLOMB_INTEGER || cell->as.integer < bounds[i][0] || cell->as.integer > bounds[i][1]) return false;
		out[i] = cell->as.integer;
	}
	return true;
}

#define OFFSETS                                                                                                                            \
	{ -APL_ZONE_MOST_OFFSET, APL_ZONE_MOST_OFFSET }

static const char *read_rule(const apl_tape *tape, uint32_t map, rule *out) {
	static const int64_t bounds[5][2] = {{1, 12}, {1, 31}, {0, 6}, {0, 86399}, OFFSETS};
	uint32_t from = apl_tape_find(tape, map, "from", 4), to = apl_tape_find(tape, map, "to", 2);
	if (from == 0 || tape->cells[from].kind != APLOMB_INTEGER || tape->cells[from].as.integer < APL_ZONE_FIRST_YEAR ||
	    tape->cells[from].as.integer > APL_ZONE_LAST_YEAR)
		return "its rule has no year to begin with";
	if (to == 0 || tape->cells[to].kind != APLOMB_LIST || tape->cells[to].count == 0 || tape->cells[to].count > MOST_STEPS)
		return "its rule has no steps, or too many";
	*out = (rule){.from = (int32_t)tape->cells[from].as.integer, .count = tape->cells[to].count};
	uint32_t cell = to + 1;
	for (uint32_t i = 0; i < out->count; i++, cell = apl_tape_next(tape, cell)) {
		int64_t given[5];
		if (!read_integers(tape, cell, bounds, given, 5) || given[1] > apl_days_of_month(2001, (int32_t)given[0]))
			return "a step of its rule is month, day, weekday, second and offset";
		out->steps[i] = (step){(int32_t)given[0], (int32_t)given[1], (int32_t)given[2], (int32_t)given[3], (int32_t)given[4]};
	}
	return NULL;
}

/* A change that keeps the order, and is one. */
static const char *take_change(apl_zone *zone, aplomb_instant at, int64_t offset, bool *no_memory) {
	const apl_zone_change *last = &zone->changes[zone->count - 1];
	if (at < APL_ZONE_BEGIN || at >= APL_ZONE_END) return "a change lies outside the years 1970 to 2299";
	if (zone->count > 1 && at - last->at < APL_DAY) return "its changes are not in order, or less than a day apart";
	if (offset == last->offset) return "a change changes nothing";
	*no_memory = !apl_zone_add(zone, at, offset);
	return NULL;
}

static const char *fill(apl_zone *zone, const apl_tape *tape, bool *no_memory) {
	static const int64_t bounds[2][2] = {{0, APL_ZONE_END / APL_SECOND}, OFFSETS};
	uint32_t changes = apl_tape_find(tape, 0, "changes", 7), first = apl_tape_find(tape, 0, "first", 5);
	uint32_t v = apl_tape_find(tape, 0, "v", 1), yearly = apl_tape_find(tape, 0, "rule", 4);
	if (v == 0 || tape->cells[v].kind != APLOMB_INTEGER || tape->cells[v].as.integer != 1) return "its version (\"v\") is not 1";
	if (first == 0 || tape->cells[first].kind != APLOMB_INTEGER || tape->cells[first].as.integer < bounds[1][0] ||
	    tape->cells[first].as.integer > bounds[1][1])
		return "it has no \"first\" offset";
	if (changes == 0 || tape->cells[changes].kind != APLOMB_LIST) return "it has no \"changes\"";
	if (!apl_zone_add(zone, INT64_MIN, tape->cells[first].as.integer * APL_SECOND)) *no_memory = true;
	uint32_t cell = changes + 1;
	for (uint32_t i = 0; i < tape->cells[changes].count && !*no_memory; i++, cell = apl_tape_next(tape, cell)) {
		int64_t given[2];
		if (!read_integers(tape, cell, bounds, given, 2)) return "a change is a second and an offset";
		const char *wrong = take_change(zone, given[0] * APL_SECOND, given[1] * APL_SECOND, no_memory);
		if (wrong != NULL) return wrong;
	}
	if (yearly == 0) return NULL;
	rule r;
	const char *wrong = read_rule(tape, yearly, &r);
	for (int32_t year = r.from; wrong == NULL && year <= APL_ZONE_LAST_YEAR; year++) {
		for (uint32_t i = 0; wrong == NULL && i < r.count && !*no_memory; i++)
			wrong = take_change(zone, instant_of_step(&r, i, year), r.steps[i].offset * APL_SECOND, no_memory);
	}
	return wrong;
}

int apl_zone_read(apl_zone *out, const apl_alloc *alloc, const char *text, size_t size, aplomb_error *error) {
	apl_tape tape;
	bool no_memory = false;
	*out = (apl_zone){.alloc = *alloc};
	apl_tape_init(&tape, alloc);
	int code = apl_json_read(&tape, text, size, NULL, error);
	if (code == APLOMB_OK) {
		uint32_t name = apl_tape_find(&tape, 0, "name", 4);
		const char *wrong = "it has no \"name\"";
		if (name != 0 && tape.cells[name].kind == APLOMB_TEXT) {
			out->name = apl_copy_text(alloc, tape.cells[name].as.text, tape.cells[name].count);
			no_memory = out->name == NULL;
			wrong = no_memory ? NULL : fill(out, &tape, &no_memory);
		}
		if (no_memory)
			code = apl_fail_memory(error);
		else if (wrong != NULL)
			code = apl_fail(error, APLOMB_EINVAL, "calendar-material", "the text of a zone: %s", wrong);
	}
	apl_tape_dispose(&tape);
	if (code != APLOMB_OK) apl_zone_dispose(out);
	return code;
}
