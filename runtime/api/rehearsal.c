/* SPDX-License-Identifier: MIT */
/*
 * Decides who may replay, go back and forget: runtimes that were opened as
 * rehearsals, and nobody else. What that does to a case is decided by room
 * engine.
 */
#include <string.h>

#include "api/runtime.h"

int aplomb_replay(
    aplomb_runtime *rt, const aplomb_playbook *playbook, const char *line, size_t size, aplomb_replayed *out, aplomb_error *error) {
	int code = apl_may_rehearse(rt, "aplomb_replay", error);
	if (code != APLOMB_OK) return code;
	if (line == NULL) return apl_fail_null(error, "aplomb_replay", "line");
	if (out != NULL && out->size < sizeof out->size)
		return apl_fail(
		    error, APLOMB_EINVAL, "struct-size", "aplomb_replayed: size is %zu; begin with APLOMB_REPLAYED_INIT, which sets it", out->size);
	aplomb_replayed replayed = APLOMB_REPLAYED_INIT;
	apl_enter(rt);
	code = apl_engine_replay(rt->engine, playbook != NULL ? apl_program_of(playbook) : NULL, line, size, &replayed, error);
	apl_leave(rt);
	if (code == APLOMB_OK && out != NULL) apl_give_struct(out, &replayed, sizeof replayed);
	return code;
}

int aplomb_journal_limits(const char *head, size_t size, aplomb_limits *out, aplomb_error *error) {
	if (head == NULL) return apl_fail_null(error, "aplomb_journal_limits", "head");
	if (out == NULL) return apl_fail_null(error, "aplomb_journal_limits", "out");
	if (out->size < sizeof out->size)
		return apl_fail(error, APLOMB_EINVAL, "struct-size", "aplomb_limits: size is %zu; set it to sizeof the struct", out->size);
	const apl_alloc alloc = apl_alloc_system();
	aplomb_limits limits = {.size = sizeof limits};
	int code = apl_head_limits(&alloc, head, size, &limits, error);
	if (code == APLOMB_OK) apl_give_struct(out, &limits, sizeof limits);
	return code;
}

int aplomb_moment_keep(aplomb_runtime *rt, const char *case_id, aplomb_moment **out, aplomb_error *error) {
	int code = apl_may_rehearse(rt, "aplomb_moment_keep", error);
	if (code != APLOMB_OK) return code;
	if (case_id == NULL) return apl_fail_null(error, "aplomb_moment_keep", "case_id");
	if (out == NULL) return apl_fail_null(error, "aplomb_moment_keep", "out");
	apl_case *c = apl_engine_case(rt->engine, case_id, strlen(case_id));
	if (c == NULL) return apl_fail(error, APLOMB_ENOTFOUND, "unknown-case", "there is no case \"%s\" in this runtime", case_id);
	return apl_moment_keep(rt->engine, c, out, error);
}

int aplomb_moment_return(aplomb_runtime *rt, const aplomb_moment *moment, aplomb_error *error) {
	int code = apl_may_rehearse(rt, "aplomb_moment_return", error);
	if (code != APLOMB_OK) return code;
	if (moment == NULL) return apl_fail_null(error, "aplomb_moment_return", "moment");
	apl_enter(rt);
	code = apl_moment_return(rt->engine, moment, error);
	apl_leave(rt);
	return code;
}

size_t aplomb_moment_size(const aplomb_moment *moment) {
	return moment != NULL ? apl_moment_size(moment) : 0;
}

void aplomb_moment_free(aplomb_moment *moment) {
	apl_moment_free(moment);
}

int aplomb_case_forget(aplomb_runtime *rt, const char *case_id, aplomb_error *error) {
	int code = apl_may_rehearse(rt, "aplomb_case_forget", error);
	if (code != APLOMB_OK) return code;
	if (case_id == NULL) return apl_fail_null(error, "aplomb_case_forget", "case_id");
	if (apl_engine_forget(rt->engine, case_id, strlen(case_id))) return APLOMB_OK;
	return apl_fail(error, APLOMB_ENOTFOUND, "unknown-case", "there is no case \"%s\" in this runtime", case_id);
}
