/* SPDX-License-Identifier: MIT */
/*
 * Decides what a calendar is: how its parts are kept, which of two words about
 * one date counts, and its text, whose hash is its version. What it makes of
 * time is decided in calendar_open.c and calendar_count.c.
 */

#include "time/calendar_inside.h"

#include <stdio.h>
#include <stdlib.h>

#include "time/shown.h"
#include "value/json.h"

/* ---- making one ----------------------------------------------------------- */

static int compare_texts(const char *a, const char *b) {
	if (a == NULL || b == NULL) return (a == NULL) - (b == NULL);
	return strcmp(a, b);
}

/* Exceptions before holidays, the playbook's before those of files, named ones first, by the bytes of their names: whatever order they were
 * given in, the same one counts. */
static int compare_days(const void *left, const void *right) {
	const apl_special_day *a = left, *b = right;
	if (a->date != b->date) return a->date < b->date ? -1 : 1;
	if (a->is_exception != b->is_exception) return a->is_exception ? -1 : 1;
	if ((a->source == NULL) != (b->source == NULL)) return a->source == NULL ? -1 : 1;
	int order = compare_texts(a->name, b->name);
	return order != 0 ? order : compare_texts(a->source, b->source);
}

/* One day a date: the exception, with the holiday's name. */
static uint32_t merge_days(apl_special_day *days, uint32_t count) {
	uint32_t kept = 0;
	for (uint32_t i = 0; i < count; i++) {
		apl_special_day *last = kept > 0 ? &days[kept - 1] : NULL;
		if (last == NULL || last->date != days[i].date) {
			days[kept++] = days[i];
		} else if (last->name == NULL && days[i].name != NULL) {
			last->name = days[i].name;
			last->source = days[i].source;
		}
	}
	return kept;
}

static bool is_known_date(apl_date date) {
	return date >= apl_wall_date(APL_ZONE_BEGIN) && date < apl_wall_date(APL_ZONE_END);
}

static bool copy_zone(apl_calendar *c, const apl_zone *zone) {
	c->zone = (apl_zone){.alloc = c->alloc, .name = apl_copy_text(&c->alloc, zone->name, strlen(zone->name))};
	bool has_memory = c->zone.name != NULL;
	for (uint32_t i = 0; i < zone->count && has_memory; i++)
		has_memory = apl_zone_add(&c->zone, zone->changes[i].at, zone->changes[i].offset);
	return has_memory;
}

/* A copy behind those before it; NULL of an empty text. */
static const char *copy_name(char **to, const char *text) {
	if (text == NULL || text[0] == '\0') return NULL;
	size_t size = strlen(text) + 1;
	const char *copy = memcpy(*to, text, size);
	*to += size;
	return copy;
}

static bool copy_days(apl_calendar *c, const apl_calendar_parts *parts) {
	for (uint32_t i = 0; i < parts->n_days; i++) {
		if (parts->days[i].name != NULL) c->names_size += strlen(parts->days[i].name) + 1;
		if (parts->days[i].source != NULL) c->names_size += strlen(parts->days[i].source) + 1;
	}
	c->n_days = parts->n_days;
	c->n_hours = parts->n_hours;
	c->days = apl_new(&c->alloc, (parts->n_days + 1) * sizeof *c->days);
	c->hours = apl_new(&c->alloc, (parts->n_hours + 1) * sizeof *c->hours);
	c->names = apl_new(&c->alloc, c->names_size + 1);
	c->years = apl_new(&c->alloc, APL_CALENDAR_YEARS * sizeof(apl_calendar_year *));
	if (c->days == NULL || c->hours == NULL || c->names == NULL || c->years == NULL) return false;
	if (parts->n_hours > 0) memcpy(c->hours, parts->hours, parts->n_hours * sizeof *c->hours);
	char *to = c->names;
	uint32_t count = 0;
	for (uint32_t i = 0; i < parts->n_days; i++) {
		apl_special_day day = parts->days[i];
		if (!is_known_date(day.date)) continue; /* nobody can ask about it */
		day.name = copy_name(&to, day.name);
		day.source = day.is_exception && day.name == NULL ? NULL : copy_name(&to, day.source);
		c->days[count++] = day;
	}
	qsort(c->days, count, sizeof *c->days, compare_days);
	c->n_used = merge_days(c->days, count);
	return true;
}

/* ---- its text --------------------------------------------------------------- */

static void write_hours(apl_buf *out, const apl_open_hours *hours, uint32_t count) {
	apl_buf_byte(out, '[');
	for (uint32_t i = 0; i < count; i++) {
		const apl_open_hours *h = &hours[i];
		apl_buf_format(
		    out, "%s[\"%02u:%02u\",\"%02u:%02u\"]", i > 0 ? "," : "", h->from / 60u, h->from % 60u, h->until / 60u, h->until % 60u);
	}
	apl_buf_byte(out, ']');
}

static void write_date(apl_buf *out, apl_date date, bool *is_first) {
	apl_civil civil = apl_civil_of(date);
	apl_buf_format(out, "%s\"%04d-%02d-%02d\":", *is_first ? "" : ",", (int)civil.year, (int)civil.month, (int)civil.day);
	*is_first = false;
}

static void write_text(apl_calendar *c) {
	static const uint8_t by_name[APL_WEEK_DAYS] = {4, 0, 5, 6, 3, 1, 2}; /* fri, mon, sat, sun, thu, tue, wed */
	apl_buf *out = &c->text;
	bool is_first = true;
	APL_BUF_LITERAL(out, "{\"exceptions\":{");
	for (uint32_t i = 0; i < c->n_used; i++) {
		if (!c->days[i].is_exception) continue;
		write_date(out, c->days[i].date, &is_first);
		write_hours(out, c->hours + c->days[i].first_hours, c->days[i].n_hours);
	}
	is_first = true;
	APL_BUF_LITERAL(out, "},\"holidays\":{");
	for (uint32_t i = 0; i < c->n_used; i++) {
		const char *name = c->days[i].name;
		if (c->days[i].is_exception && name == NULL) continue;
		write_date(out, c->days[i].date, &is_first);
		apl_json_write_text(out, name != NULL ? name : "", name != NULL ? strlen(name) : 0);
	}
	is_first = true;
	for (uint32_t i = 0; i < c->n_used; i++) {
		if (c->days[i].source == NULL) continue;
		if (is_first) APL_BUF_LITERAL(out, "},\"sources\":{");
		write_date(out, c->days[i].date, &is_first);
		apl_json_write_text(out, c->days[i].source, strlen(c->days[i].source));
	}
	is_first = true;
	APL_BUF_LITERAL(out, "},\"v\":1,\"week\":{");
	for (size_t n = 0; n < APL_WEEK_DAYS; n++) {
		uint8_t day = by_name[n];
		if (c->n_week[day] == 0) continue;
		apl_buf_format(out, "%s\"%s\":", is_first ? "" : ",", apl_day_names[day]);
		is_first = false;
		write_hours(out, c->week[day], c->n_week[day]);
	}
	APL_BUF_LITERAL(out, "},\"zone\":");
	c->zone_begun = out->size;
	apl_zone_write(&c->zone, out);
	apl_buf_byte(out, '}');
}

int apl_calendar_new(apl_calendar **out, const apl_alloc *alloc, const apl_calendar_parts *parts, aplomb_error *error) {
	apl_calendar *c = apl_new(alloc, sizeof *c);
	if (c == NULL) return apl_fail_memory(error);
	c->alloc = *alloc;
	apl_buf_init(&c->text, alloc);
	for (int i = 0; i < APL_WEEK_DAYS; i++) {
		c->n_week[i] = parts->n_week[i];
		memcpy(c->week[i], parts->week[i], parts->n_week[i] * sizeof *c->week[i]);
	}
	if (copy_zone(c, parts->zone) && copy_days(c, parts)) write_text(c);
	apl_buf_terminate(&c->text);
	if (c->text.failed || c->text.size == 0) {
		apl_calendar_free(c);
		return apl_fail_memory(error);
	}
	const apl_bytes text = {c->text.bytes, c->text.size}, zone = {c->text.bytes + c->zone_begun, text.size - 1 - c->zone_begun};
	apl_sha256_hex(&text, 1, c->version);
	apl_sha256_hex(&zone, 1, c->zone_version);
	*out = c;
	return APLOMB_OK;
}

void apl_calendar_free(apl_calendar *c) {
	if (c == NULL) return;
	const apl_alloc alloc = c->alloc;
	apl_zone_dispose(&c->zone);
	for (uint32_t i = 0; c->years != NULL && i < APL_CALENDAR_YEARS; i++) {
		if (c->years[i] != NULL) apl_free(&alloc, c->years[i], sizeof *c->years[i]);
	}
	if (c->years != NULL) apl_free(&alloc, c->years, APL_CALENDAR_YEARS * sizeof *c->years);
	if (c->days != NULL) apl_free(&alloc, c->days, (c->n_days + 1) * sizeof *c->days);
	if (c->hours != NULL) apl_free(&alloc, c->hours, (c->n_hours + 1) * sizeof *c->hours);
	if (c->names != NULL) apl_free(&alloc, c->names, c->names_size + 1);
	apl_buf_dispose(&c->text);
	apl_free(&alloc, c, sizeof *c);
}

const char *apl_calendar_text(const apl_calendar *c, size_t *size) {
	*size = c->text.size;
	return c->text.bytes;
}

const char *apl_calendar_version(const apl_calendar *c) {
	return c->version;
}

const char *apl_calendar_zone_version(const apl_calendar *c) {
	return c->zone_version;
}

const apl_zone *apl_calendar_zone(const apl_calendar *c) {
	return &c->zone;
}

/* ---- from its text ------------------------------------------------------------ */

typedef struct reader {
	const apl_tape *tape;
	apl_alloc alloc;
	const char *wrong; /* NULL: nothing yet */
	bool no_memory;
	apl_special_day *days;
	uint32_t n_days, days_capacity;
	apl_open_hours *hours;
	uint32_t n_hours, hours_capacity;
	apl_arena arena; /* terminated names */
} reader;

static uint32_t member(reader *r, uint32_t map, const char *name, aplomb_kind kind, const char *wrong) {
	uint32_t cell = apl_tape_find(r->tape, map, name, strlen(name));
	if (cell != 0 && r->tape->cells[cell].kind == kind) return cell;
	r->wrong = wrong;
	return 0;
}

/* [["09:00","12:30"],…] */
static bool read_hours(reader *r, uint32_t list, apl_open_hours out[APL_MOST_HOURS], uint32_t *count) {
	const apl_cell *cells = r->tape->cells;
	char text[APL_MOST_HOURS * 12];
	size_t size = 0;
	*count = 0;
	if (cells[list].kind != APLOMB_LIST || cells[list].count > APL_MOST_HOURS) return false;
	if (cells[list].count == 0) return true;
	uint32_t at = list + 1;
	for (uint32_t i = 0; i < cells[list].count; i++, at = apl_tape_next(r->tape, at)) {
		if (cells[at].kind != APLOMB_LIST || cells[at].count != 2 || cells[at + 1].kind != APLOMB_TEXT || cells[at + 1].count != 5 ||
		    cells[at + 2].kind != APLOMB_TEXT || cells[at + 2].count != 5)
			return false;
		if (i > 0) text[size++] = ' ';
		memcpy(text + size, cells[at + 1].as.text, 5);
		text[size + 5] = '-';
		memcpy(text + size + 6, cells[at + 2].as.text, 5);
		size += 11;
	}
	return apl_hours_read(text, size, out, count, NULL) == APLOMB_OK;
}

static void read_days(reader *r, uint32_t map, bool are_exceptions) {
	uint32_t at = map + 1;
	for (uint32_t i = 0; i < r->tape->cells[map].count && r->wrong == NULL && !r->no_memory; i++, at = apl_tape_next(r->tape, at)) {
		const apl_cell *name = &r->tape->cells[at++];
		apl_special_day day = {.is_exception = are_exceptions, .first_hours = r->n_hours};
		apl_open_hours hours[APL_MOST_HOURS];
		const apl_cell *value = &r->tape->cells[at];
		if (apl_date_read(name->as.text, name->count, &day.date, NULL) != APLOMB_OK) {
			r->wrong = "a date is none";
		} else if (are_exceptions && !read_hours(r, at, hours, &day.n_hours)) {
			r->wrong = "the hours of an exception are none";
		} else if (!are_exceptions && (value->kind != APLOMB_TEXT || memchr(value->as.text, '\0', value->count) != NULL)) {
			r->wrong = "the name of a holiday is no text";
		} else {
			if (!are_exceptions) {
				day.name = apl_arena_text(&r->arena, value->as.text, value->count);
				r->no_memory = day.name == NULL;
			}
			for (uint32_t k = 0; k < day.n_hours && !r->no_memory; k++) {
				r->no_memory = !APL_GROW(&r->alloc, r->hours, r->n_hours, r->hours_capacity);
				if (!r->no_memory) r->hours[r->n_hours++] = hours[k];
			}
			if (!r->no_memory) r->no_memory = !APL_GROW(&r->alloc, r->days, r->n_days, r->days_capacity);
			if (!r->no_memory) r->days[r->n_days++] = day;
		}
	}
}

/* Dates in their order, as all members of canonical text are, and as the holidays are that were read before. */
static void read_sources(reader *r, uint32_t map) {
	uint32_t at = map + 1, day = 0;
	for (uint32_t i = 0; i < r->tape->cells[map].count; i++, at = apl_tape_next(r->tape, at)) {
		const apl_cell *name = &r->tape->cells[at++], *value = &r->tape->cells[at];
		apl_date date;
		bool is_text = value->kind == APLOMB_TEXT && memchr(value->as.text, '\0', value->count) == NULL;
		if (!is_text || apl_date_read(name->as.text, name->count, &date, NULL) != APLOMB_OK) break;
		while (day < r->n_days && (r->days[day].is_exception || r->days[day].date < date)) day++;
		/* A holiday of that date bears it; an exception has its name and source from it. */
		if (day == r->n_days || r->days[day].date != date) break;
		r->days[day].source = apl_arena_text(&r->arena, value->as.text, value->count);
		r->no_memory = r->days[day].source == NULL;
		if (r->no_memory || i + 1 == r->tape->cells[map].count) return;
	}
	if (r->tape->cells[map].count > 0) r->wrong = "a file is named for a date that is no holiday";
}

static void read_week(reader *r, uint32_t map, apl_open_hours week[APL_WEEK_DAYS][APL_MOST_HOURS], uint32_t n_week[APL_WEEK_DAYS]) {
	uint32_t at = map + 1;
	for (uint32_t i = 0; i < r->tape->cells[map].count && r->wrong == NULL; i++, at = apl_tape_next(r->tape, at)) {
		const apl_cell *name = &r->tape->cells[at++];
		int day = 0;
		while (day < APL_WEEK_DAYS && (name->count != 3 || memcmp(apl_day_names[day], name->as.text, 3) != 0)) day++;
		if (day == APL_WEEK_DAYS || !read_hours(r, at, week[day], &n_week[day])) r->wrong = "a day of its week has no hours";
	}
}

static int read_parts(reader *r, apl_calendar **out, aplomb_error *error) {
	apl_open_hours week[APL_WEEK_DAYS][APL_MOST_HOURS];
	uint32_t n_week[APL_WEEK_DAYS] = {0};
	uint32_t v = member(r, 0, "v", APLOMB_INTEGER, "its version (\"v\") is not 1");
	if (v != 0 && r->tape->cells[v].as.integer != 1) r->wrong = "its version (\"v\") is not 1";
	uint32_t exceptions = r->wrong == NULL ? member(r, 0, "exceptions", APLOMB_MAP, "it has no \"exceptions\"") : 0;
	uint32_t holidays = r->wrong == NULL ? member(r, 0, "holidays", APLOMB_MAP, "it has no \"holidays\"") : 0;
	uint32_t sources = apl_tape_find(r->tape, 0, "sources", 7);
	if (sources != 0 && r->wrong == NULL && r->tape->cells[sources].kind != APLOMB_MAP) r->wrong = "its \"sources\" are none";
	uint32_t days = r->wrong == NULL ? member(r, 0, "week", APLOMB_MAP, "it has no \"week\"") : 0;
	uint32_t zone_cell = r->wrong == NULL ? member(r, 0, "zone", APLOMB_MAP, "it has no \"zone\"") : 0;
	if (r->wrong == NULL) read_days(r, exceptions, true);
	if (r->wrong == NULL && !r->no_memory) read_days(r, holidays, false);
	if (sources != 0 && r->wrong == NULL && !r->no_memory) read_sources(r, sources);
	if (r->wrong == NULL && !r->no_memory) read_week(r, days, week, n_week);
	if (r->no_memory) return apl_fail_memory(error);
	if (r->wrong != NULL) return apl_fail(error, APLOMB_EINVAL, "calendar-material", "the text of a calendar: %s", r->wrong);
	apl_buf text;
	apl_zone zone;
	apl_buf_init(&text, &r->alloc);
	apl_json_write(&text, r->tape, zone_cell);
	int code = text.failed ? apl_fail_memory(error) : apl_zone_read(&zone, &r->alloc, text.bytes, text.size, error);
	apl_buf_dispose(&text);
	if (code != APLOMB_OK) return code;
	apl_calendar_parts parts = {&zone, (const apl_open_hours(*)[APL_MOST_HOURS])week, n_week, r->days, r->n_days, r->hours, r->n_hours};
	code = apl_calendar_new(out, &r->alloc, &parts, error);
	apl_zone_dispose(&zone);
	return code;
}

int apl_calendar_read(apl_calendar **out, const apl_alloc *alloc, const char *text, size_t size, aplomb_error *error) {
	apl_tape tape;
	reader r = {.tape = &tape, .alloc = *alloc};
	apl_tape_init(&tape, alloc);
	apl_arena_init(&r.arena, alloc);
	const apl_json_bounds bounds = {.size = 8u << 20};
	int code = apl_json_read(&tape, text, size, &bounds, error);
	if (code == APLOMB_OK) code = read_parts(&r, out, error);
	if (r.days != NULL) apl_free(alloc, r.days, r.days_capacity * sizeof *r.days);
	if (r.hours != NULL) apl_free(alloc, r.hours, r.hours_capacity * sizeof *r.hours);
	apl_arena_dispose(&r.arena);
	apl_tape_dispose(&tape);
	return code;
}
