/* SPDX-License-Identifier: MIT */
/*
 * Decides what is asked of many cases at once, without any of them being
 * brought to memory, and what a runtime that only looks brings back when it is
 * asked for. Which cases there are and what could move one is decided by room engine.
 */
#include <string.h>

#include "api/runtime.h"

int aplomb_case_each(aplomb_runtime *rt, int (*tell)(const aplomb_case_brief *brief, void *payload), void *payload, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_case_each", error);
	if (code != APLOMB_OK) return code;
	if (tell == NULL) return apl_fail_null(error, "aplomb_case_each", "tell");
	apl_enter(rt);
	code = apl_engine_each(rt->engine, tell, payload, error);
	apl_leave(rt);
	return code;
}

int aplomb_case_stuck(aplomb_runtime *rt, const char *case_id, bool *stuck, aplomb_error *error) {
	static const char call[] = "aplomb_case_stuck";
	apl_case *c;
	int code = apl_may_enter(rt, call, error);
	if (code != APLOMB_OK) return code;
	if (case_id == NULL) return apl_fail_null(error, call, "case_id");
	if (stuck == NULL) return apl_fail_null(error, call, "stuck");
	code = apl_engine_find(rt->engine, case_id, strlen(case_id), &c, error);
	if (code != APLOMB_OK) return code;
	apl_enter(rt);
	if (rt->looks) apl_engine_look(rt->engine, c);
	code = apl_engine_stuck(rt->engine, c, stuck, error);
	apl_leave(rt);
	return code;
}
