/* SPDX-License-Identifier: MIT */
/*
 * Decides how a host's handles come to the engine: what was handed in is
 * checked, and nothing more. This is the shortest way of an event, so what is
 * the rule is looked at first.
 */
#include "api/runtime.h"

int aplomb_case_find(aplomb_runtime *rt, const char *case_id, aplomb_case_handle *out, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_case_find", error);
	if (code != APLOMB_OK) return code;
	if (case_id == NULL) return apl_fail_null(error, "aplomb_case_find", "case_id");
	if (out == NULL) return apl_fail_null(error, "aplomb_case_find", "out");
	apl_case *c = apl_engine_case(rt->engine, case_id, strlen(case_id));
	if (c == NULL) return apl_fail(error, APLOMB_ENOTFOUND, "unknown-case", "there is no case \"%s\" in this runtime", case_id);
	return apl_engine_handle(rt->engine, c, out, error);
}

int aplomb_event_kind_find(aplomb_runtime *rt, const aplomb_playbook *playbook, const char *name, const char *const *fields,
    size_t n_fields, const aplomb_event_kind **out, aplomb_error *error) {
	static const char call[] = "aplomb_event_kind_find";
	int code = apl_may_enter(rt, call, error);
	if (code != APLOMB_OK) return code;
	if (playbook == NULL) return apl_fail_null(error, call, "playbook");
	if (name == NULL) return apl_fail_null(error, call, "name");
	if (out == NULL) return apl_fail_null(error, call, "out");
	if (fields == NULL && n_fields > 0) return apl_fail_null(error, call, "fields");
	for (size_t i = 0; i < n_fields; i++)
		if (fields[i] == NULL) return apl_fail_null(error, call, "the name of a field");
	apl_event_kind *kind;
	code = apl_engine_event_kind(rt->engine, apl_program_of(playbook), name, fields, n_fields, &kind, error);
	if (code == APLOMB_OK) *out = (const aplomb_event_kind *)kind;
	return code;
}

static int check_known(const aplomb_known_event *event, aplomb_error *error) {
	if (event->kind == NULL) return apl_fail_null(error, "aplomb_step", "event->kind");
	if (event->fields == NULL && event->n_fields > 0) return apl_fail_null(error, "aplomb_step", "event->fields");
	return APLOMB_OK;
}

/* Structs of another version's header. */
static __attribute__((noinline)) int step_copied(
    aplomb_runtime *rt, const aplomb_known_event *given, aplomb_receipt *receipt, aplomb_error *error) {
	aplomb_known_event event;
	aplomb_receipt filled = {.size = sizeof filled};
	int code = apl_take_struct(&event, sizeof event, given, "aplomb_known_event", error);
	if (code == APLOMB_OK) code = check_known(&event, error);
	if (code != APLOMB_OK) return code;
	if (receipt != NULL && receipt->size < sizeof receipt->size)
		return apl_fail(error, APLOMB_EINVAL, "struct-size", "aplomb_receipt: size is %zu; begin with APLOMB_RECEIPT_INIT, which sets it",
		    receipt->size);
	apl_enter(rt);
	code = apl_engine_step(rt->engine, &event, &filled, error);
	apl_leave(rt);
	if (receipt != NULL) apl_give_struct(receipt, &filled, sizeof filled);
	return code;
}

int aplomb_step(aplomb_runtime *rt, const aplomb_known_event *event, aplomb_receipt *receipt, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_step", error);
	if (code != APLOMB_OK) return code;
	if (event == NULL) return apl_fail_null(error, "aplomb_step", "event");
	if (event->size != sizeof *event || (receipt != NULL && receipt->size != sizeof *receipt))
		return step_copied(rt, event, receipt, error);
	code = check_known(event, error);
	if (code != APLOMB_OK) return code;
	apl_enter(rt);
	code = apl_engine_step(rt->engine, event, receipt, error);
	apl_leave(rt);
	return code;
}
