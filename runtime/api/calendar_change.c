/* SPDX-License-Identifier: MIT */
/*
 * Decides how a host says that a calendar of a case is another from now on, and
 * how it asks what that would come to. What it comes to is decided in room engine.
 */
#include <string.h>

#include "api/runtime.h"

static int check(const aplomb_runtime *rt, const char *case_id, const char *call, const aplomb_calendar_change *change,
    const aplomb_calendar_sum *sum, aplomb_calendar_change *taken, aplomb_error *error) {
	int code = apl_may_enter(rt, call, error);
	if (code == APLOMB_OK && (case_id == NULL || change == NULL)) code = apl_fail_null(error, call, case_id == NULL ? "case_id" : "change");
	if (code == APLOMB_OK) code = apl_take_struct(taken, sizeof *taken, change, "aplomb_calendar_change", error);
	if (code == APLOMB_OK && (taken->calendar == NULL || taken->playbook == NULL))
		code = apl_fail_null(error, call, taken->calendar == NULL ? "change->calendar" : "change->playbook");
	if (code == APLOMB_OK && sum != NULL && sum->size < sizeof sum->size)
		code = apl_fail(error, APLOMB_EINVAL, "struct-size",
		    "aplomb_calendar_sum: size is %zu; begin with APLOMB_CALENDAR_SUM_INIT, which sets it", sum->size);
	return code;
}

static int find_and(aplomb_runtime *rt, const char *case_id, const aplomb_calendar_change *taken, bool looks,
    void (*tell)(const aplomb_calendar_moved *moved, void *payload), void *payload, aplomb_calendar_sum *sum, aplomb_error *error) {
	apl_case *c;
	aplomb_calendar_sum filled = APLOMB_CALENDAR_SUM_INIT;
	int code = apl_engine_find(rt->engine, case_id, strlen(case_id), &c, error);
	if (code == APLOMB_OK && c->seq == 0)
		code = apl_fail(error, APLOMB_ENOTFOUND, "unknown-case", "case \"%s\" has not opened yet: pump first", case_id);
	if (code == APLOMB_OK) code = apl_engine_calendar(rt->engine, c, taken, looks, tell, payload, &filled, error);
	if (code == APLOMB_OK && sum != NULL) apl_give_struct(sum, &filled, sizeof filled);
	return code;
}

int aplomb_case_calendar_change(aplomb_runtime *rt, const char *case_id, const aplomb_calendar_change *change,
    void (*tell)(const aplomb_calendar_moved *moved, void *payload), void *payload, aplomb_calendar_sum *sum, aplomb_error *error) {
	aplomb_calendar_change taken;
	int code = check(rt, case_id, "aplomb_case_calendar_change", change, sum, &taken, error);
	if (code != APLOMB_OK) return code;
	/* What happened before it happens before it. */
	aplomb_pump_report report = {.size = sizeof report, .more = true};
	apl_enter(rt);
	while (code == APLOMB_OK && report.more) code = apl_engine_pump(rt->engine, 0, &report, error);
	if (code == APLOMB_OK) code = find_and(rt, case_id, &taken, false, tell, payload, sum, error);
	apl_leave(rt);
	return code;
}

int aplomb_case_calendar_impact(aplomb_runtime *rt, const char *case_id, const aplomb_calendar_change *change,
    void (*tell)(const aplomb_calendar_moved *moved, void *payload), void *payload, aplomb_calendar_sum *sum, aplomb_error *error) {
	aplomb_calendar_change taken;
	int code = check(rt, case_id, "aplomb_case_calendar_impact", change, sum, &taken, error);
	if (code != APLOMB_OK) return code;
	apl_enter(rt);
	code = find_and(rt, case_id, &taken, true, tell, payload, sum, error);
	apl_leave(rt);
	return code;
}

aplomb_calendar_changes aplomb_playbook_calendar_changes(const aplomb_playbook *playbook, const char *name) {
	const apl_program *program = playbook != NULL && name != NULL ? apl_program_of(playbook) : NULL;
	for (uint32_t i = 0; program != NULL && i < program->n_calendars; i++) {
		if (strcmp(program->calendars[i].name, name) != 0) continue;
		return program->calendars[i].changes == APL_CALENDAR_RECOMPUTE ? APLOMB_CALENDAR_RECOMPUTE : APLOMB_CALENDAR_KEEP;
	}
	return APLOMB_CALENDAR_DECLARED;
}
