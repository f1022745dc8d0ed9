/* SPDX-License-Identifier: MIT */
/*
 * Any bytes: what is read as JSON is what the plain recogniser accepts; what
 * was read is written, read and written again with equal bytes; what was
 * refused says where and leaves the tape empty.
 */
#include <stdint.h>
#include <string.h>

#include "../unit/value/plain_json.h"
#include "base/assert.h"
#include "base/text.h"
#include "value/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_survives(const apl_alloc *alloc, const apl_tape *tape, const apl_json_bounds *bounds) {
	apl_buf once, twice;
	apl_tape back;
	apl_buf_init(&once, alloc);
	apl_buf_init(&twice, alloc);
	apl_tape_init(&back, alloc);
	apl_json_write(&once, tape, 0);
	APL_ASSERT(!once.failed);
	APL_ASSERT(apl_utf8_valid(once.bytes, once.size) == once.size);
	/* Canonical text may be longer than what it was read from: 1e5 is 100000.0. */
	apl_json_bounds wider = {bounds->depth, once.size};
	aplomb_error error = {0};
	APL_ASSERT(apl_json_read(&back, once.bytes, once.size, &wider, &error) == APLOMB_OK);
	APL_ASSERT(back.count <= tape->count && back.cells[0].kind == tape->cells[0].kind);
	apl_json_write(&twice, &back, 0);
	APL_ASSERT(once.size == twice.size && memcmp(once.bytes, twice.bytes, once.size) == 0);
	apl_tape_dispose(&back);
	apl_buf_dispose(&twice);
	apl_buf_dispose(&once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	apl_alloc alloc = apl_alloc_system();
	const char *text = (const char *)data;
	apl_json_bounds bounds = {8, 4096};
	aplomb_error error = {0};
	apl_tape tape;
	apl_tape_init(&tape, &alloc);
	int code = apl_json_read(&tape, text, size, &bounds, &error);
	APL_ASSERT((code == APLOMB_OK) == (size <= bounds.size && plain_json_accepts(text, size, bounds.depth)));
	if (code == APLOMB_OK) {
		write_survives(&alloc, &tape, &bounds);
	} else {
		APL_ASSERT(code == APLOMB_EJSON && error.code == code && tape.count == 0);
		APL_ASSERT(error.line >= 1 && error.column >= 1 && error.slug[0] != '\0' && error.message[0] != '\0');
		APL_ASSERT(apl_utf8_valid(error.message, strlen(error.message)) == strlen(error.message));
	}
	apl_tape_dispose(&tape);
	return 0;
}
