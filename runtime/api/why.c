/* SPDX-License-Identifier: MIT */
/*
 * Decides nothing: the calls that try and consider, checked and handed on.
 */
#include <string.h>

#include "api/runtime.h"

size_t aplomb_playbook_transitions(
    aplomb_runtime *rt, const aplomb_playbook *playbook, void (*tell)(const aplomb_transition *transition, void *payload), void *payload) {
	if (!apl_is_open(rt) || playbook == NULL) return 0;
	apl_enter(rt);
	size_t count = apl_engine_transitions(rt->engine, apl_program_of(playbook), tell, payload);
	apl_leave(rt);
	return count;
}

/* The engine tells in the midst of its work: what the host's watcher would call then is refused. */
static void guard_watch(const aplomb_decision *decision, void *payload) {
	aplomb_runtime *rt = payload;
	apl_presence before = rt->presence;
	rt->presence = APL_DEAF;
	rt->watch.decision(decision, rt->watch.payload);
	rt->presence = before;
}

int aplomb_watch_steps(aplomb_runtime *rt, const aplomb_watch *given, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_watch_steps", error);
	aplomb_watch watch = APLOMB_WATCH_INIT;
	if (code == APLOMB_OK && given != NULL) code = apl_take_struct(&watch, sizeof watch, given, "aplomb_watch", error);
	if (code != APLOMB_OK) return code;
	const aplomb_watch ours = {sizeof ours, guard_watch, rt};
	code = apl_engine_watch(rt->engine, watch.decision != NULL ? &ours : NULL, error);
	if (code == APLOMB_OK) rt->watch = watch;
	return code;
}

int aplomb_try(aplomb_runtime *rt, const aplomb_event *given, const aplomb_watch *given_watch, aplomb_tried *tried, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_try", error);
	if (code != APLOMB_OK) return code;
	if (given == NULL) return apl_fail_null(error, "aplomb_try", "event");
	aplomb_event event;
	aplomb_watch watch = APLOMB_WATCH_INIT;
	aplomb_tried filled = APLOMB_TRIED_INIT;
	code = apl_take_struct(&event, sizeof event, given, "aplomb_event", error);
	if (code == APLOMB_OK && given_watch != NULL) code = apl_take_struct(&watch, sizeof watch, given_watch, "aplomb_watch", error);
	if (code != APLOMB_OK) return code;
	if (event.case_id == NULL) return apl_fail_null(error, "aplomb_try", "event->case_id");
	if (event.fields == NULL && event.n_fields > 0) return apl_fail_null(error, "aplomb_try", "event->fields");
	if (tried != NULL && tried->size < sizeof tried->size)
		return apl_fail(
		    error, APLOMB_EINVAL, "struct-size", "aplomb_tried: size is %zu; begin with APLOMB_TRIED_INIT, which sets it", tried->size);
	rt->presence = APL_DEAF;
	code = apl_engine_try(rt->engine, &event, &watch, &filled, error);
	apl_leave(rt);
	if (code == APLOMB_OK && tried != NULL) apl_give_struct(tried, &filled, sizeof filled);
	return code;
}

int aplomb_case_made(
    aplomb_runtime *rt, const char *case_id, void (*tell)(const aplomb_made *made, void *payload), void *payload, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_case_made", error);
	if (code != APLOMB_OK) return code;
	if (case_id == NULL) return apl_fail_null(error, "aplomb_case_made", "case_id");
	if (tell == NULL) return apl_fail_null(error, "aplomb_case_made", "tell");
	apl_case *c = apl_engine_case(rt->engine, case_id, strlen(case_id));
	if (c == NULL) return apl_fail(error, APLOMB_ENOTFOUND, "unknown-case", "there is no case \"%s\" in this runtime", case_id);
	rt->presence = APL_DEAF;
	code = apl_engine_made(rt->engine, c, tell, payload, error);
	apl_leave(rt);
	return code;
}

int aplomb_case_consider(aplomb_runtime *rt, const char *case_id, void (*tell)(const aplomb_considered *considered, void *payload),
    void *payload, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_case_consider", error);
	if (code != APLOMB_OK) return code;
	if (case_id == NULL) return apl_fail_null(error, "aplomb_case_consider", "case_id");
	if (tell == NULL) return apl_fail_null(error, "aplomb_case_consider", "tell");
	apl_case *c = apl_engine_case(rt->engine, case_id, strlen(case_id));
	if (c == NULL) return apl_fail(error, APLOMB_ENOTFOUND, "unknown-case", "there is no case \"%s\" in this runtime", case_id);
	rt->presence = APL_DEAF;
	code = apl_engine_consider(rt->engine, c, tell, payload, error);
	apl_leave(rt);
	return code;
}
