/* SPDX-License-Identifier: MIT */
/*
 * Decides when a span is over: the clock's by adding, business time by asking
 * the calendar that is in scope. A deadline is computed once, when it is armed,
 * and stands in the journal with the version of the calendar that gave it.
 *
 * A playbook's version holds its calendars, zones and all, and the journal those
 * that took their place, so a replay counts as the recording did, on whatever
 * machine.
 */

#include "engine/asked.h"
#include "engine/inside.h"

static int add(aplomb_instant from, aplomb_span span, aplomb_instant *out, aplomb_error *error) {
	if (span > APL_INSTANT_MAX - from)
		return apl_fail(error, APLOMB_EREFUSED, "bad-span", "the span would end after the year 9999: give a shorter one");
	*out = from + span;
	return APLOMB_OK;
}

static int over(
    const apl_calendar *hours, aplomb_instant from, aplomb_span span, apl_span_unit unit, aplomb_instant *out, aplomb_error *error) {
	return hours == NULL ? add(from, span, out, error) : apl_calendar_add(hours, from, span, unit, out, error);
}

int apl_span_over(const apl_case *c, aplomb_instant from, aplomb_span span, apl_span_unit unit, uint32_t calendar, aplomb_instant *out,
    aplomb_error *error) {
	const bool is_counted = unit != APL_SPAN_CLOCK && calendar != APL_NO_CALENDAR;
	return over(is_counted ? apl_case_calendar(c, calendar) : NULL, from, span, unit, out, error);
}

int apl_program_span_over(const apl_program *program, aplomb_instant from, aplomb_span span, apl_span_unit unit, uint32_t calendar,
    aplomb_instant *out, aplomb_error *error) {
	const bool is_counted = unit != APL_SPAN_CLOCK && calendar != APL_NO_CALENDAR;
	return over(is_counted ? program->calendars[calendar].calendar : NULL, from, span, unit, out, error);
}

static int refuse_business(const apl_program *program, apl_place place, aplomb_error *error) {
	return apl_fail_at(error, APLOMB_EREFUSED, "no-calendar", place,
	    program->n_calendars == 0 ? "this span is business time, and the playbook has no calendar: declare calendar \"id\" { … }"
	                              : "this span is business time, and no calendar is in scope: say which, as in calendar = \"%s\"",
	    program->n_calendars == 0 ? "" : program->calendars[0].name);
}

int apl_calendar_of(apl_turn *turn, uint32_t named, int32_t handler, apl_place place, uint32_t *out) {
	const apl_program *program = turn->program;
	aplomb_error error;
	if (named == APL_NONE && handler == APL_NO_HANDLER) {
		named = program->calendar;
		handler = program->calendar_handler;
	}
	int answer = APL_PORT_FALSE;
	*out = named;
	if (handler != APL_NO_HANDLER) answer = program->ops->calendar(program->self, turn, handler, out);
	if (answer == APL_PORT_FALSE && *out != APL_NONE) *out = apl_calendar_newest(turn->the_case, *out);
	if (answer != APL_PORT_FALSE || *out != APL_NONE) return answer;
	refuse_business(program, place, &error);
	apl_turn_error(turn, &error);
	return APL_PORT_ERROR;
}

/* ---- windows --------------------------------------------------------------------- */

static aplomb_span window_of(const apl_case *c, const apl_counter *counter, apl_span_unit *unit) {
	const apl_program *program = c->program;
	*unit = (apl_span_unit)counter->window_unit;
	if (counter->window_function != 0) {
		const apl_asked *asked = &apl_case_asked_of(c)[counter->asked];
		/* Nothing has been counted yet: whatever it is, nothing is in it. */
		if (asked->kind == APL_ASKED_NOT) return 0;
		*unit = (apl_span_unit)(asked->kind - APL_ASKED_SPAN);
		return asked->value;
	}
	if (counter->window_handler != 0) {
		aplomb_span window = 0; /* checked when the params became the case's */
		program->ops->window(program->self, (int32_t)counter->window_handler - 1, apl_case_params(c), &window, unit, NULL);
		return window;
	}
	if (counter->window_param == 0) return counter->window;
	const apl_field *field = &program->params->fields[counter->window_param];
	*unit = apl_record_span_unit(apl_case_params(c), field);
	return apl_record_integer(apl_case_params(c), field);
}

aplomb_instant apl_counter_since(const apl_case *c, uint32_t number, aplomb_instant now) {
	const apl_counter *counter = &c->program->counters[number];
	apl_span_unit unit;
	aplomb_instant since;
	aplomb_span window = window_of(c, counter, &unit);
	const apl_calendar *calendar = unit != APL_SPAN_CLOCK ? apl_case_calendar(c, apl_calendar_newest(c, counter->calendar)) : NULL;
	if (calendar == NULL) return window > now - APL_INSTANT_MIN ? INT64_MIN : now - window;
	/* Longer than the calendar knows of is for ever. */
	return apl_calendar_subtract(calendar, now, window, unit, &since, NULL) == APLOMB_OK ? since : INT64_MIN;
}

int apl_counter_check(const apl_case *c, uint32_t number, aplomb_error *error) {
	const apl_counter *counter = &c->program->counters[number];
	apl_span_unit unit;
	window_of(c, counter, &unit);
	return unit == APL_SPAN_CLOCK || counter->calendar != APL_NONE ? APLOMB_OK : refuse_business(c->program, counter->place, error);
}

int apl_counter_ask_window(apl_turn *turn, uint32_t number) {
	const apl_program *program = turn->program;
	const apl_counter *counter = &program->counters[number];
	if (apl_case_asked(turn->the_case)[counter->asked].kind != APL_ASKED_NOT) return APL_PORT_FALSE;
	aplomb_span window;
	apl_span_unit unit = APL_SPAN_CLOCK;
	aplomb_error error = {0};
	const int answer = program->ops->span(program->self, turn, (int32_t)counter->window_function - 1, &window, &unit);
	if (answer != APL_PORT_FALSE) return answer;
	if (window <= 0)
		apl_fail_at(&error, APLOMB_EREFUSED, "bad-span", counter->place,
		    "counter \"%s\": the window comes to no time at all: give a span of more than zero", counter->name);
	else if (unit != APL_SPAN_CLOCK && counter->calendar == APL_NONE)
		refuse_business(program, counter->place, &error);
	if (error.code != APLOMB_OK) {
		apl_turn_error(turn, &error);
		return APL_PORT_ERROR;
	}
	apl_case_asked(turn->the_case)[counter->asked] = apl_asked_span(window, unit);
	return APL_PORT_FALSE;
}
