/* SPDX-License-Identifier: MIT */
/*
 * Decides how a host reads clocks: what one shows now, and what a journal says
 * of it. What a clock counts is the engine's.
 */
#include <string.h>

#include "api/document.h"
#include "api/runtime.h"
#include "engine/calendars.h"
#include "engine/clocks.h"
#include "time/instant.h"
#include "time/shown.h"

/* ---- what it shows -------------------------------------------------------------- */

static void say(aplomb_span span, bool up, apl_span_unit unit, char out[APL_SPAN_TEXT]) {
	apl_clock_in_people_time(span, up, &unit, &span);
	apl_span_write_in(span, unit, out);
}

static void look(const aplomb_runtime *rt, const apl_case *c, uint32_t number, aplomb_clock *out) {
	const apl_program *program = c->program;
	apl_clock now_of = rt->clock; /* reading a clock that is handed in changes nothing of it */
	const aplomb_instant now = apl_clock_now(&now_of);
	apl_clock_view view;
	apl_clock_look(c, number, now > c->at ? now : c->at, &view);
	*out = (aplomb_clock){.size = sizeof *out,
	    .name = program->chart->clocks[number].name,
	    .because = program->clocks[number].because,
	    .has_begun = view.has_begun,
	    .is_running = view.runs,
	    .is_breached = view.is_breached,
	    .warned = view.warned,
	    .n_warnings = program->clocks[number].n_thresholds,
	    .elapsed = view.elapsed,
	    .target = view.target,
	    .left = view.left,
	    .since = view.runs ? view.since : 0,
	    .has_deadline = view.has_deadline,
	    .deadline = view.has_deadline ? view.deadline : 0};
	if (view.calendar != APL_NO_CALENDAR) {
		out->calendar = apl_case_calendar_name(c, view.calendar);
		out->calendar_version = apl_calendar_version(apl_case_calendar(c, view.calendar));
	}
	_Static_assert(sizeof out->said >= APL_SPAN_TEXT, "a span fits");
	if (view.has_target) apl_span_write_in(view.span, view.unit, out->said);
	if (!view.has_begun) return;
	say(view.elapsed, false, view.unit, out->elapsed_said);
	say(view.left, true, view.unit, out->left_said);
}

int aplomb_case_clock(aplomb_runtime *rt, const char *case_id, const char *clock, aplomb_clock *out, aplomb_error *error) {
	static const char call[] = "aplomb_case_clock";
	int code = apl_may_enter(rt, call, error);
	if (code != APLOMB_OK) return code;
	if (case_id == NULL || clock == NULL || out == NULL)
		return apl_fail_null(error, call, case_id == NULL ? "case_id" : clock == NULL ? "clock" : "out");
	if (out->size < sizeof out->size)
		return apl_fail(
		    error, APLOMB_EINVAL, "struct-size", "aplomb_clock: size is %zu; begin with APLOMB_CLOCK_INIT, which sets it", out->size);
	const apl_case *c = apl_find_case(rt, case_id);
	if (c == NULL) return apl_fail(error, APLOMB_ENOTFOUND, "unknown-case", "there is no case \"%s\" in this runtime", case_id);
	const apl_chart *chart = c->program->chart;
	const uint32_t number = apl_chart_clock(chart, clock, strlen(clock));
	if (number == APL_NONE) {
		char hint[128], shown[APL_SHOWN];
		apl_nearest nearest = apl_nearest_to(clock, strlen(clock));
		for (uint32_t i = 0; i < chart->n_clocks; i++) apl_nearest_try(&nearest, chart->clocks[i].name);
		return apl_fail(error, APLOMB_ENOTFOUND, "unknown-clock", "playbook \"%s\" has no clock \"%s\"%s", c->program->id,
		    apl_shown(clock, strlen(clock), shown), apl_nearest_hint(&nearest, hint, sizeof hint));
	}
	aplomb_clock found;
	look(rt, c, number, &found);
	apl_give_struct(out, &found, sizeof found);
	return APLOMB_OK;
}

size_t aplomb_case_clocks(aplomb_runtime *rt, const char *case_id, void (*tell)(const aplomb_clock *clock, void *payload), void *payload) {
	if (!apl_is_open(rt)) return 0;
	const apl_case *c = apl_find_case(rt, case_id);
	if (c == NULL) return 0;
	const uint32_t count = c->program->chart->n_clocks;
	apl_enter(rt);
	for (uint32_t i = 0; i < count && tell != NULL; i++) {
		aplomb_clock clock;
		look(rt, c, i, &clock);
		tell(&clock, payload);
	}
	apl_leave(rt);
	return count;
}

/* ---- what a journal says ----------------------------------------------------------- */

static bool read_instant(aplomb_value map, const char *name, aplomb_instant *out) {
	size_t size;
	const char *text = aplomb_value_text(aplomb_value_get(map, name), &size);
	return text != NULL && apl_instant_read(text, size, out, NULL) == APLOMB_OK;
}

static const char *read_text(aplomb_value map, const char *name) {
	return aplomb_value_text(aplomb_value_get(map, name), NULL);
}

static bool read_what(aplomb_value item, aplomb_clock_what *out) {
	static const char *const words[] = {[APLOMB_CLOCK_START] = "start",
	    [APLOMB_CLOCK_STOP] = "stop",
	    [APLOMB_CLOCK_END] = "end",
	    [APLOMB_CLOCK_MOVE] = "move",
	    [APLOMB_CLOCK_RESTART] = "restart",
	    [APLOMB_CLOCK_WARN] = "warn",
	    [APLOMB_CLOCK_BREACH] = "breach",
	    [APLOMB_CLOCK_RECOUNT] = "recount"};
	const char *what = read_text(item, "what");
	for (size_t i = 0; what != NULL && i < sizeof words / sizeof *words; i++) {
		if (strcmp(words[i], what) != 0) continue;
		*out = (aplomb_clock_what)i;
		return true;
	}
	return false;
}

static bool read_item(aplomb_value entry, aplomb_value item, const char *clock, aplomb_clock_entry *out) {
	const char *does = read_text(item, "do");
	if (does == NULL || strcmp(does, "clock") != 0) return false;
	*out = (aplomb_clock_entry){.size = sizeof *out,
	    .clock = read_text(item, "clock"),
	    .seq = (uint64_t)aplomb_value_integer(aplomb_value_get(entry, "seq")),
	    .elapsed = aplomb_value_integer(aplomb_value_get(item, "elapsed_us")),
	    .counted = aplomb_value_integer(aplomb_value_get(item, "counted_us")),
	    .target = aplomb_value_integer(aplomb_value_get(item, "target_us")),
	    .said = read_text(item, "target"),
	    .calendar = read_text(item, "calendar"),
	    .calendar_version = read_text(item, "calendar_version"),
	    .because = read_text(item, "because"),
	    .fraction = aplomb_value_number(aplomb_value_get(item, "fraction")),
	    .before = read_text(item, "before")};
	out->has_target = out->said != NULL;
	out->has_interval = read_instant(item, "from", &out->from);
	out->has_deadline = read_instant(item, "deadline", &out->deadline);
	out->had_deadline = read_instant(item, "was", &out->was);
	return out->clock != NULL && (clock == NULL || strcmp(clock, out->clock) == 0) && read_what(item, &out->what) &&
	       read_instant(entry, "at", &out->at);
}

size_t aplomb_entry_clocks(
    aplomb_value entry, const char *clock, void (*tell)(const aplomb_clock_entry *entry, void *payload), void *payload) {
	const aplomb_value items = aplomb_value_get(entry, "items");
	const size_t n_items = aplomb_value_count(items);
	size_t count = 0;
	for (size_t i = 0; i < n_items; i++) {
		aplomb_clock_entry told;
		if (!read_item(entry, aplomb_value_at(items, i, NULL), clock, &told)) continue;
		count++;
		if (tell != NULL) tell(&told, payload);
	}
	return count;
}

typedef struct reading {
	aplomb_json line;
	const char *clock;
	void (*tell)(const aplomb_clock_entry *entry, void *payload);
	void *payload;
	aplomb_error *error;
	int code;
} reading;

static int read_line(const char *text, size_t size, void *payload) {
	reading *r = payload;
	const apl_json_bounds bounds = {.depth = 1024, .size = SIZE_MAX};
	r->code = !apl_document_copy(&r->line, text, size) ? apl_fail_memory(r->error)
	                                                   : apl_json_read(&r->line.tape, r->line.text.bytes, size, &bounds, r->error);
	if (r->code == APLOMB_OK && !apl_document_terminate(&r->line)) r->code = apl_fail_memory(r->error);
	if (r->code == APLOMB_OK) aplomb_entry_clocks(aplomb_json_root(&r->line), r->clock, r->tell, r->payload);
	return r->code;
}

int aplomb_case_clock_entries(aplomb_runtime *rt, const char *case_id, const char *clock,
    void (*tell)(const aplomb_clock_entry *entry, void *payload), void *payload, aplomb_error *error) {
	if (tell == NULL) return apl_fail_null(error, "aplomb_case_clock_entries", "tell");
	const apl_alloc alloc = apl_alloc_system();
	reading r = {.clock = clock, .tell = tell, .payload = payload, .error = error};
	apl_document_init(&r.line, &alloc);
	int code = aplomb_journal_each(rt, case_id, read_line, &r, error);
	apl_document_dispose(&r.line);
	return code != APLOMB_OK ? code : r.code;
}
