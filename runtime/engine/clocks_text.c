/* SPDX-License-Identifier: MIT */
/*
 * Decides how a case's clocks stand in its snapshot, and which of such texts
 * are taken back (docs/formats.md). A clock that never began, and was not
 * moved, is not in it.
 */
#include <stdlib.h>

#include "engine/asked.h"
#include "engine/clocks.h"
#include "engine/inside.h"
#include "time/instant.h"

enum { BREACH_BIT = 63 };

/* ---- writing ------------------------------------------------------------------ */

static void write_instant(apl_buf *out, const char *label, aplomb_instant at) {
	char text[APL_INSTANT_TEXT];
	apl_buf_text(out, label);
	apl_json_write_text(out, text, apl_instant_write(at, text));
	apl_buf_byte(out, ',');
}

static void write_span(apl_buf *out, const char *label, aplomb_span span) {
	apl_buf_text(out, label);
	apl_json_write_integer(out, span);
	apl_buf_byte(out, ',');
}

static void write_fired(apl_buf *out, uint64_t fired) {
	bool any = false;
	APL_BUF_LITERAL(out, "\"fired\":[");
	for (uint32_t i = 0; i < BREACH_BIT; i++) {
		if ((fired >> i & 1) == 0) continue;
		if (any) apl_buf_byte(out, ',');
		apl_json_write_integer(out, (int64_t)i + 1);
		any = true;
	}
	if (fired >> BREACH_BIT != 0) apl_buf_text(out, any ? ",\"breached\"" : "\"breached\"");
	APL_BUF_LITERAL(out, "],");
}

/* Those that were asked for; what is written in the playbook is known. */
static void write_thresholds(apl_buf *out, const apl_case *c, uint32_t number) {
	const apl_clock_rule *rule = &c->program->clocks[number];
	bool any = false;
	APL_BUF_LITERAL(out, ",\"warn_at\":[");
	for (uint32_t i = 0; i < rule->n_thresholds; i++) {
		if (rule->thresholds[i].handler == APL_NO_HANDLER) continue;
		if (any) apl_buf_byte(out, ',');
		apl_asked_write(out, &apl_case_asked_of(c)[rule->thresholds[i].asked]);
		any = true;
	}
	apl_buf_byte(out, ']');
}

static void write_clock(apl_buf *out, const apl_case *c, uint32_t number) {
	const apl_clock_row *row = apl_case_clocks_of(c) + number;
	const apl_span_unit unit = (apl_span_unit)(row->flags >> APL_CLOCK_UNIT & 0xff);
	const uint32_t calendar = (uint32_t)(row->flags >> APL_CLOCK_CALENDAR & 0xffff);
	const char *name = c->program->chart->clocks[number].name;
	apl_json_write_text(out, name, strlen(name));
	APL_BUF_LITERAL(out, ":{");
	if ((row->flags & APL_CLOCK_HAS_BEGUN) != 0) {
		write_instant(out, "\"begun_at\":", row->begun);
		if (calendar != APL_NO_CALENDAR) {
			apl_calendar_write_number(out, c, calendar);
			apl_buf_byte(out, ',');
		}
		if ((row->flags & APL_CLOCK_HAS_DEADLINE) != 0) write_instant(out, "\"deadline\":", row->deadline);
		write_span(out, "\"elapsed_us\":", row->elapsed);
		write_fired(out, row->fired);
		if ((row->flags & APL_CLOCK_RUNS) != 0) write_instant(out, "\"since\":", row->since);
	}
	write_span(out, "\"span_us\":", row->span);
	if ((row->flags & APL_CLOCK_HAS_BEGUN) != 0) write_span(out, "\"target_us\":", row->target);
	APL_BUF_LITERAL(out, "\"unit\":");
	const char *unit_name = unit == APL_SPAN_CLOCK ? "clock" : apl_business_unit_name(unit);
	apl_json_write_text(out, unit_name, strlen(unit_name));
	if ((row->flags & APL_CLOCK_HAS_BEGUN) != 0 && c->program->clocks[number].asks_thresholds) write_thresholds(out, c, number);
	apl_buf_byte(out, '}');
}

/* Names in the order of their bytes, as canonical JSON wants them. There are few: the next one is looked for each time. */
void apl_clocks_write(apl_buf *out, const apl_case *c) {
	const apl_chart *chart = c->program->chart;
	const char *last = NULL;
	APL_BUF_LITERAL(out, ",\"clocks\":{");
	for (;;) {
		uint32_t next = APL_NONE;
		for (uint32_t i = 0; i < chart->n_clocks; i++) {
			const char *name = chart->clocks[i].name;
			if (apl_case_clocks_of(c)[i].flags == 0 || (last != NULL && strcmp(name, last) <= 0)) continue;
			if (next == APL_NONE || strcmp(name, chart->clocks[next].name) < 0) next = i;
		}
		if (next == APL_NONE) break;
		if (last != NULL) apl_buf_byte(out, ',');
		write_clock(out, c, next);
		last = chart->clocks[next].name;
	}
	apl_buf_byte(out, '}');
}

/* ---- reading ------------------------------------------------------------------ */

static uint32_t find(const apl_tape *tape, uint32_t map, const char *name, aplomb_kind kind) {
	const uint32_t cell = apl_tape_find(tape, map, name, strlen(name));
	return cell != 0 && tape->cells[cell].kind == kind ? cell : 0;
}

static bool read_instant(const apl_tape *tape, uint32_t map, const char *name, aplomb_instant *out) {
	const uint32_t cell = find(tape, map, name, APLOMB_TEXT);
	return cell != 0 && apl_instant_read(tape->cells[cell].as.text, tape->cells[cell].count, out, NULL) == APLOMB_OK;
}

static bool read_span(const apl_tape *tape, uint32_t map, const char *name, aplomb_span *out) {
	const uint32_t cell = find(tape, map, name, APLOMB_INTEGER);
	if (cell == 0 || tape->cells[cell].as.integer < 0 || tape->cells[cell].as.integer > APL_MOST_RESTORED) return false;
	*out = tape->cells[cell].as.integer;
	return true;
}

static bool read_unit(const apl_tape *tape, uint32_t map, apl_span_unit *out) {
	const uint32_t cell = find(tape, map, "unit", APLOMB_TEXT);
	if (cell == 0) return false;
	*out = APL_SPAN_CLOCK;
	if (apl_cell_is(&tape->cells[cell], "clock", 5)) return true;
	for (*out = APL_SPAN_BUSINESS_MINUTES; *out <= APL_SPAN_BUSINESS_DAYS; (*out)++) {
		const char *name = apl_business_unit_name(*out);
		if (apl_cell_is(&tape->cells[cell], name, strlen(name))) return true;
	}
	return false;
}

static bool read_fired(const apl_tape *tape, uint32_t map, uint32_t most, uint64_t *out) {
	const uint32_t list = find(tape, map, "fired", APLOMB_LIST);
	uint32_t cell = list + 1;
	for (uint32_t i = 0; list != 0 && i < tape->cells[list].count; i++, cell = apl_tape_next(tape, cell)) {
		const apl_cell *one = &tape->cells[cell];
		uint64_t bit;
		if (one->kind == APLOMB_INTEGER && one->as.integer >= 1 && one->as.integer <= (int64_t)most)
			bit = UINT64_C(1) << (one->as.integer - 1);
		else if (apl_cell_is(one, "breached", 8))
			bit = UINT64_C(1) << BREACH_BIT;
		else
			return false;
		if (bit <= *out) return false; /* in their order, each once */
		*out |= bit;
	}
	return list != 0;
}

/* As many as were asked for, each of which the target's [unit] goes with. */
static bool read_thresholds(apl_case *c, const apl_tape *tape, uint32_t map, uint32_t number, apl_span_unit unit) {
	const apl_clock_rule *rule = &c->program->clocks[number];
	const uint32_t list = find(tape, map, "warn_at", APLOMB_LIST);
	uint32_t cell = list + 1, left = list != 0 ? tape->cells[list].count : 0;
	for (uint32_t i = 0; i < rule->n_thresholds; i++) {
		if (rule->thresholds[i].handler == APL_NO_HANDLER) continue;
		apl_asked *asked = &apl_case_asked(c)[rule->thresholds[i].asked];
		if (left-- == 0 || !apl_asked_read(&tape->cells[cell], asked)) return false;
		cell = apl_tape_next(tape, cell);
		const bool is_business = asked->kind > APL_ASKED_SPAN;
		if (asked->kind != APL_ASKED_FRACTION && is_business != (unit != APL_SPAN_CLOCK)) return false;
		if (asked->kind == APL_ASKED_SPAN + APL_SPAN_BUSINESS_DAYS) return false;
	}
	return left == 0;
}

static const char *read_clock(apl_case *c, const apl_tape *tape, uint32_t map, uint32_t number, apl_clock_row *row) {
	const apl_program *program = c->program;
	apl_span_unit unit = APL_SPAN_CLOCK;
	uint32_t calendar = APL_NO_CALENDAR;
	if (row->flags != 0) return "one stands there twice";
	if (!read_span(tape, map, "span_us", &row->span) || !read_unit(tape, map, &unit)) return "a target is missing";
	row->flags = APL_CLOCK_HAS_TARGET;
	if (read_instant(tape, map, "begun_at", &row->begun)) {
		row->flags |= APL_CLOCK_HAS_BEGUN;
		calendar = apl_calendar_read_number(c, tape, map);
		if (calendar != APL_NO_CALENDAR && (calendar == APL_NONE || unit == APL_SPAN_CLOCK)) return "the case has no such calendar";
		if (!read_span(tape, map, "elapsed_us", &row->elapsed) || !read_span(tape, map, "target_us", &row->target) ||
		    !read_fired(tape, map, program->clocks[number].n_thresholds, &row->fired))
			return "what it has counted is missing";
		if (program->clocks[number].asks_thresholds && !read_thresholds(c, tape, map, number, unit)) return "when to warn is missing";
		if (read_instant(tape, map, "deadline", &row->deadline)) row->flags |= APL_CLOCK_HAS_DEADLINE;
		if (read_instant(tape, map, "since", &row->since)) row->flags |= APL_CLOCK_RUNS;
		if ((row->flags & APL_CLOCK_RUNS) != 0 && row->since < row->begun) return "one runs since before it began";
		/* What it counts next lies between that and the case's next time. */
		if (((row->flags & APL_CLOCK_RUNS) != 0 ? row->since : row->begun) > c->at) return "one runs since later than the case's time";
	}
	row->flags |= (uint64_t)unit << APL_CLOCK_UNIT | (uint64_t)calendar << APL_CLOCK_CALENDAR;
	return NULL;
}

const char *apl_clocks_read(apl_case *c, const apl_tape *tape, uint32_t map) {
	const apl_chart *chart = c->program->chart;
	uint32_t name = map + 1;
	for (uint32_t i = 0; i < tape->cells[map].count; i++, name = apl_tape_next(tape, name + 1)) {
		const uint32_t number = apl_chart_clock(chart, tape->cells[name].as.text, tape->cells[name].count);
		if (number == APL_NONE || tape->cells[name + 1].kind != APLOMB_MAP) return "the playbook has no such clock";
		const char *wrong = read_clock(c, tape, name + 1, number, apl_case_clocks(c) + number);
		if (wrong != NULL) return wrong;
	}
	return NULL;
}
