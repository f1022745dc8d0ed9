/* SPDX-License-Identifier: MIT */
#ifndef APL_VALUE_JSON_H
#define APL_VALUE_JSON_H

/*
 * JSON (RFC 8259) both ways.
 *
 * Reading makes a tape: one 16-byte cell a value, in document order; a
 * container's cell knows where it ends, so that skipping is one step. Text
 * without escapes points into the source, which must therefore outlive the
 * tape; text with escapes is unescaped into the tape's arena.
 *
 * Numbers without fraction and exponent are 64-bit integers; one that does not
 * fit is refused, never rounded. Others are doubles; overflow is refused,
 * underflow gives 0.0, minus zero is zero. A member named twice is accepted,
 * as RFC 8259 allows, and the last one counts. Text is valid UTF-8; a lone
 * surrogate escape is refused. A byte order mark is refused.
 *
 * Writing is canonical: no spaces, members sorted by the bytes of their names,
 * the shortest escapes (\" \\ \b \f \n \r \t, \u00xx for other controls,
 * everything else as it is), integers in decimal, doubles in the shortest form
 * that reads back, always with a point or an exponent. Equal values, equal bytes.
 */

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"

typedef struct apl_cell {
	uint8_t kind;   /* aplomb_kind */
	uint8_t truth;  /* of a boolean */
	uint16_t plain; /* text: 1 when it is known to hold nothing to escape; 0 is always right */
	uint32_t count; /* text: bytes; list: items; map: members */
	union {
		int64_t integer;
		double number;
		const char *text; /* not terminated */
		uint32_t end;     /* container: the index of the cell behind its last descendant */
	} as;
} apl_cell;
/* A map's members follow its cell: name (a text cell), value, name, value … */

typedef struct apl_tape {
	apl_cell *cells; /* cells[0] is the root */
	uint32_t count;
	uint32_t capacity;
	apl_alloc alloc;
	apl_arena arena; /* unescaped text */
} apl_tape;

typedef struct apl_json_bounds {
	uint32_t depth; /* most nested containers; 0: 64 */
	size_t size;    /* most bytes; 0: 1 MiB */
} apl_json_bounds;

void apl_tape_init(apl_tape *tape, const apl_alloc *alloc);
void apl_tape_dispose(apl_tape *tape);

/*
 * Read one JSON text, whole: white space around it is allowed, anything else
 * behind it is refused. The tape is reused. Returns EJSON (slug json-syntax,
 * json-depth, json-size, json-number, json-text), with line and column (in
 * characters) in [error]; ENOMEM. After failure the tape is empty.
 */
int apl_json_read(apl_tape *tape, const char *text, size_t size, const apl_json_bounds *bounds, aplomb_error *error);

/* The value of the member of that name (the last one), or 0 when there is none or it is no map. */
uint32_t apl_tape_find(const apl_tape *tape, uint32_t map, const char *name, size_t size);
/* The index of the cell behind the value at [cell]. */
static inline uint32_t apl_tape_next(const apl_tape *tape, uint32_t cell) {
	const apl_cell *c = &tape->cells[cell];
	return c->kind >= APLOMB_LIST ? c->as.end : cell + 1;
}

/* Is the cell this text? */
static inline bool apl_cell_is(const apl_cell *cell, const char *text, size_t size) {
	return cell->kind == APLOMB_TEXT && cell->count == size && (size == 0 || memcmp(cell->as.text, text, size) == 0);
}

/* Canonical writing. */
void apl_json_write(apl_buf *out, const apl_tape *tape, uint32_t cell);
void apl_json_write_text(apl_buf *out, const char *bytes, size_t size); /* with quotes */
void apl_json_write_integer(apl_buf *out, int64_t value);
/* Finite only (asserted). */
void apl_json_write_number(apl_buf *out, double value);

/*
 * Numbers from text, without the locale: the whole of [bytes] in JSON's
 * grammar. Returns APLOMB_INTEGER or APLOMB_NUMBER, or APLOMB_ABSENT when it
 * is no number or out of range.
 */
aplomb_kind apl_number_read(const char *bytes, size_t size, int64_t *integer, double *number);

#endif
