/* SPDX-License-Identifier: MIT */
/*
 * Decides what a case's handle is: the number of a row that names the case, and
 * the row's generation, which changes when the case is gone. So an old handle
 * is known for what it is, however often its row was used since.
 */
#include "engine/inside.h"

void apl_handles_dispose(apl_handles *handles, const apl_alloc *alloc) {
	apl_free(alloc, handles->rows, handles->capacity * sizeof *handles->rows);
}

/* A free row, from 1; 0 without memory. */
static uint32_t take_row(apl_engine *engine) {
	apl_handles *handles = &engine->handles;
	uint32_t number = handles->first_free;
	if (number != 0) {
		handles->first_free = handles->rows[number - 1].next_free;
		return number;
	}
	if (handles->count == UINT32_MAX - 1 || !APL_GROW(&engine->alloc, handles->rows, handles->count, handles->capacity)) return 0;
	handles->rows[handles->count] = (apl_handle_row){NULL, 0, 0};
	return ++handles->count;
}

int apl_engine_handle(apl_engine *engine, apl_case *c, aplomb_case_handle *out, aplomb_error *error) {
	if (c->handle == 0) {
		uint32_t number = take_row(engine);
		if (number == 0) return apl_fail_memory(error);
		engine->handles.rows[number - 1].the_case = c;
		c->handle = number;
	}
	*out = (uint64_t)engine->handles.rows[c->handle - 1].generation << 32 | c->handle;
	return APLOMB_OK;
}

void apl_handle_drop(apl_handles *handles, apl_case *c) {
	apl_handle_row *row = &handles->rows[c->handle - 1];
	row->the_case = NULL;
	/* One that was used as often as there are generations is not used again. */
	if (++row->generation != UINT32_MAX) {
		row->next_free = handles->first_free;
		handles->first_free = c->handle;
	}
	c->handle = 0;
}
