/* SPDX-License-Identifier: MIT */
/*
 * Decides how a playbook's callouts are handed to its host. What they come to
 * is decided in room engine.
 */
#include <string.h>

#include "api/runtime.h"
#include "engine/callout.h"

static const apl_callout *inner(const aplomb_callout *callout) {
	return (const apl_callout *)callout;
}

size_t aplomb_playbook_callouts(
    const aplomb_playbook *playbook, void (*tell)(const char *name, const aplomb_callout *callout, void *payload), void *payload) {
	if (playbook == NULL) return 0;
	const apl_program *program = apl_program_of(playbook);
	for (uint32_t i = 0; i < program->n_callouts && tell != NULL; i++)
		tell(program->callouts[i].name, (const aplomb_callout *)&program->callouts[i], payload);
	return program->n_callouts;
}

const aplomb_callout *aplomb_playbook_callout(const aplomb_playbook *playbook, const char *name) {
	if (playbook == NULL || name == NULL) return NULL;
	const apl_program *program = apl_program_of(playbook);
	for (uint32_t i = 0; i < program->n_callouts; i++) {
		if (strcmp(program->callouts[i].name, name) == 0) return (const aplomb_callout *)&program->callouts[i];
	}
	return NULL;
}

size_t aplomb_callout_steps(const aplomb_callout *callout) {
	return callout != NULL ? inner(callout)->n_steps : 0;
}

int aplomb_callout_step_at(const aplomb_callout *callout, size_t number, aplomb_callout_step *out, aplomb_error *error) {
	static const char *const ways[] = {[APL_NOBODY_SKIPS] = "skip", [APL_NOBODY_WAITS] = "wait", [APL_NOBODY_FALLS_BACK] = "fallback"};
	if (callout == NULL) return apl_fail_null(error, "aplomb_callout_step_at", "callout");
	if (out == NULL) return apl_fail_null(error, "aplomb_callout_step_at", "out");
	const apl_callout *own = inner(callout);
	if (number == 0 || number > own->n_steps)
		return apl_fail(error, APLOMB_EINVAL, "callout-step",
		    "aplomb_callout_step_at: callout \"%s\" has %u steps, and %zu is none of them", own->name, (unsigned)own->n_steps, number);
	const apl_callout_step *step = &own->steps[number - 1];
	const aplomb_callout_step all = {.size = sizeof all,
	    .to = step->to,
	    .rota = step->rota != APL_NONE ? own->program->rotas[step->rota].name : NULL,
	    .is_next = step->is_next,
	    .if_nobody = ways[step->if_nobody],
	    .fallback = step->fallback,
	    .only_during = step->calendar != APL_NONE ? own->program->calendars[step->calendar].name : NULL,
	    .answer_in = step->answer_in,
	    .times = step->times,
	    .file = step->place.file,
	    .line = step->place.line};
	apl_give_struct(out, &all, sizeof all);
	return APLOMB_OK;
}

static bool is_instant(aplomb_instant at) {
	return at >= APL_INSTANT_MIN && at <= APL_INSTANT_MAX;
}

static int check(const aplomb_callout *callout, aplomb_instant at, bool has_tell, const char *call, aplomb_error *error) {
	if (callout == NULL) return apl_fail_null(error, call, "callout");
	if (!has_tell) return apl_fail_null(error, call, "tell");
	if (is_instant(at)) return APLOMB_OK;
	return apl_fail(
	    error, APLOMB_EINVAL, "instant", "%s: %lld microseconds since 1970 lie outside of the years 1 to 9999", call, (long long)at);
}

int aplomb_callout_plan(const aplomb_callout *callout, aplomb_instant at, void (*tell)(const aplomb_call *call, void *payload),
    void *payload, aplomb_error *error) {
	int code = check(callout, at, tell != NULL, "aplomb_callout_plan", error);
	if (code == APLOMB_OK) apl_callout_plan(inner(callout), at, tell, payload);
	return code;
}

int aplomb_callout_reach(const aplomb_callout *callout, aplomb_instant from, aplomb_instant until,
    void (*tell)(const aplomb_reach *reach, void *payload), void *payload, aplomb_error *error) {
	static const char call[] = "aplomb_callout_reach";
	int code = check(callout, from, tell != NULL, call, error);
	if (code == APLOMB_OK) code = check(callout, until, true, call, error);
	if (code != APLOMB_OK) return code;
	const apl_callout *own = inner(callout);
	const apl_alloc *alloc = &own->program->params->alloc;
	aplomb_reach *all = apl_new(alloc, own->n_steps * sizeof *all);
	if (all == NULL) return apl_fail_memory(error);
	code = apl_callout_reach(own, from, until, all, error);
	for (uint32_t i = 0; i < own->n_steps && code == APLOMB_OK; i++) tell(&all[i], payload);
	apl_free(alloc, all, own->n_steps * sizeof *all);
	return code;
}

size_t aplomb_callout_holes(const aplomb_callout *callout, size_t step, aplomb_instant from, aplomb_instant until,
    void (*tell)(aplomb_instant from, aplomb_instant until, void *payload), void *payload) {
	if (callout == NULL || step == 0 || step > inner(callout)->n_steps || !is_instant(from) || !is_instant(until)) return 0;
	return apl_callout_holes(inner(callout), (uint32_t)step - 1, from, until, tell, payload);
}
