/* SPDX-License-Identifier: MIT */
/*
 * Decides under which limits a store is looked into, for lines that are stepped
 * again come out otherwise under others; and what is asked of many cases at once, without any of them being
 * brought to memory. Which cases there are and what could move one is decided by room engine.
 */
#include <string.h>

#include "api/store_api.h"
#include "journal/entry.h"
#include "store/sqlite.h"
#include "value/json.h"

/* ---- under which limits ------------------------------------------------------------ */

typedef struct finding {
	const apl_alloc *alloc;
	aplomb_limits *limits;
} finding;

/* Heads and snapshots name them. What cannot be read names none. */
static int take_limits(const char *text, size_t size, void *payload) {
	finding *f = payload;
	apl_tape tape;
	apl_tape_init(&tape, f->alloc);
	const apl_json_bounds bounds = {.depth = 1024, .size = SIZE_MAX};
	if (apl_json_read(&tape, text, size, &bounds, NULL) == APLOMB_OK && tape.cells[0].kind == APLOMB_MAP) {
		const uint32_t cell = apl_tape_find(&tape, 0, "limits", 6);
		aplomb_limits found = {.size = sizeof found};
		if (cell != 0 && tape.cells[cell].kind == APLOMB_MAP) {
			apl_limits_read(&tape, cell, &found);
			*f->limits = apl_limits_or_default(&found);
		}
	}
	apl_tape_dispose(&tape);
	return 1;
}

void apl_look_limits(const apl_alloc *alloc, const apl_store *store, aplomb_limits *limits) {
	const char *id, *text;
	uint32_t size, number;
	size_t text_size;
	uint64_t seq;
	finding f = {alloc, limits};
	if (!apl_store_sqlite_last_case(store, &number) || apl_store_sqlite_case(store, number, &id, &size, NULL) != APLOMB_OK) return;
	const uint64_t mark = (uint64_t)number + 1;
	if (store->ops->snapshot(store->self, id, size, mark, UINT64_MAX, &text, &text_size, &seq, NULL) == APLOMB_OK)
		take_limits(text, text_size, &f);
	else
		store->ops->read(store->self, id, size, mark, 0, take_limits, &f, NULL);
}

int aplomb_limits_of(const aplomb_runtime *rt, aplomb_limits *out, aplomb_error *error) {
	if (rt == NULL) return apl_fail_null(error, "aplomb_limits_of", "the runtime");
	if (out == NULL) return apl_fail_null(error, "aplomb_limits_of", "out");
	if (out->size < sizeof out->size)
		return apl_fail(error, APLOMB_EINVAL, "struct-size", "aplomb_limits: size is %zu; set it to sizeof the struct", out->size);
	apl_give_struct(out, &rt->limits, sizeof rt->limits);
	return APLOMB_OK;
}

/* ---- many cases ----------------------------------------------------------------------- */

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
	code = apl_engine_stuck(rt->engine, c, stuck, error);
	apl_leave(rt);
	return code;
}
