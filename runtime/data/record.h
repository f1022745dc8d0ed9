/* SPDX-License-Identifier: MIT */
#ifndef APL_DATA_RECORD_H
#define APL_DATA_RECORD_H

/*
 * A record: the words a schema lays out. It belongs to whoever holds the
 * words; its texts are counted references, or live in an arena (an event's).
 * Every write is checked: a wrong type, a bound, a choice. A failed write
 * changes nothing. Messages name path, found and expected:
 *   data.priority: expected one of "high", "low", found "hihg"; did you mean "high"?
 */

#include "data/schema.h"
#include "time/instant.h"

/* Where a record's texts live: [arena] when it is not NULL, else counted references from [alloc]. */
typedef struct apl_keep {
	const apl_alloc *alloc;
	apl_arena *arena;
} apl_keep;

/* The schema's defaults; false without memory. */
bool apl_record_init(const apl_schema *schema, uint64_t *words, apl_keep keep);
/* Drops its texts; the words are then nothing. */
void apl_record_dispose(const apl_schema *schema, uint64_t *words, const apl_alloc *alloc);
/* A second record with its own references (an undo image). Cannot fail for a record whose texts are counted (asserted). */
void apl_record_share(const apl_schema *schema, uint64_t *to, const uint64_t *from);

static inline bool apl_record_has(const uint64_t *words, const apl_field *field) {
	return (words[field->bit >> 6] >> (field->bit & 63u)) & 1u;
}
static inline int64_t apl_record_integer(const uint64_t *words, const apl_field *field) {
	return (int64_t)words[field->word];
}
/* What a span that is there was counted in. */
static inline apl_span_unit apl_record_span_unit(const uint64_t *words, const apl_field *field) {
	uint32_t low = field->unit_bit, high = field->unit_bit + 1;
	return (apl_span_unit)((words[low >> 6] >> (low & 63u) & 1u) | (words[high >> 6] >> (high & 63u) & 1u) << 1);
}
static inline double apl_record_number(const uint64_t *words, const apl_field *field) {
	double value;
	__builtin_memcpy(&value, &words[field->word], sizeof value);
	return value;
}
static inline const apl_text *apl_record_text(const uint64_t *words, const apl_field *field) {
	return (const apl_text *)(uintptr_t)words[field->word];
}
static inline apl_money apl_record_money(const uint64_t *words, const apl_field *field) {
	return (apl_money){(int64_t)words[field->word], words[field->word + 1]};
}

/* ---- a spread field: see apl_spread ---- */

static inline const uint8_t *apl_slot_kinds(const apl_spread *spread, const uint64_t *words) {
	return (const uint8_t *)(words + spread->kinds);
}
static inline uint8_t *apl_slot_kinds_of(const apl_spread *spread, uint64_t *words) {
	return (uint8_t *)(words + spread->kinds);
}
#define APL_NO_SLOT UINT32_MAX
/* The slot of that name, or APL_NO_SLOT. */
uint32_t apl_spread_slot(const apl_spread *spread, const char *name, size_t size);
/* The field, which is there, as canonical JSON: slots and the rest. */
void apl_spread_write(apl_buf *out, const apl_schema *schema, const uint64_t *words);
/* As many bytes as that has, or a few more; less work than writing it. */
size_t apl_spread_most_bytes(const apl_schema *schema, const uint64_t *words);
/* Puts a value into the slot of a record whose texts are counted; a text changes hands. The field is there, and its rest is a map. */
void apl_spread_put(const apl_spread *spread, uint64_t *words, const apl_alloc *alloc, uint32_t slot, apl_slot_kind kind, uint64_t word);

/* Writes. EREFUSED with slugs wrong-type, out-of-bounds, not-a-choice; ENOMEM. [what] names the record in messages ("data", "event"). */
typedef struct apl_writer {
	const apl_schema *schema;
	uint64_t *words;
	apl_keep keep;
	const char *what;
	/*
	 * In a parsed value an integer is taken for an instant or a span, in
	 * microseconds, as Lua and C have them. Not for JSON from outside, where
	 * 1700000000 may well be meant as seconds.
	 */
	bool times_are_integers;
} apl_writer;
int apl_record_set_integer(
    const apl_writer *w, uint32_t field, int64_t value, aplomb_error *error); /* integer, number, instant, clock span */
int apl_record_set_number(const apl_writer *w, uint32_t field, double value, aplomb_error *error);
int apl_record_set_boolean(const apl_writer *w, uint32_t field, bool value, aplomb_error *error);
int apl_record_set_money(const apl_writer *w, uint32_t field, apl_money value, aplomb_error *error);
/* text, one_of; instant, span and money from their text form. Must be valid UTF-8 (checked, slug wrong-text). */
int apl_record_set_text(const apl_writer *w, uint32_t field, const char *bytes, size_t size, aplomb_error *error);
/* Absent from now on; EREFUSED (missing-field) when it is there and required. For `fields`: all its members. */
int apl_record_clear(const apl_writer *w, uint32_t field, aplomb_error *error);
/* Any type, from a parsed value. null clears. list: each item is checked; `fields`: members that are not named keep their value. */
int apl_record_set(const apl_writer *w, uint32_t field, const apl_tape *tape, uint32_t cell, aplomb_error *error);

/*
 * Fill a whole record from a map: defaults, then each member. Unknown member:
 * EREFUSED, unknown-field, with the nearest name. Missing required field:
 * missing-field. null is absent, whatever the default. On failure the record
 * is disposed of. cell APL_NO_FIELD, or null: no map, defaults only (still
 * checked for required ones).
 */
int apl_record_read(const apl_writer *w, const apl_tape *tape, uint32_t cell, aplomb_error *error);
/* The same from named scalars; "address.city" names a member of `fields`. */
int apl_record_read_fields(const apl_writer *w, const aplomb_field *fields, size_t count, aplomb_error *error);

/*
 * Is every required field there? Single writes cannot tell (an order may be
 * filled in field by field), so ask when the step ends and when a record was
 * filled with apl_record_set_… EREFUSED, missing-field. Cheap, and free when
 * nothing is required. A required member of `fields` that are not required
 * themselves is demanded only when a member of them that has no default is there.
 */
int apl_record_check(const apl_writer *w, aplomb_error *error);
/* The same, but what is missing in [before] already is not told again. */
int apl_record_check_since(const apl_writer *w, const uint64_t *before, aplomb_error *error);

/*
 * Canonical JSON map of what is present. A field that has a default and was
 * cleared is written as null, so that reading gives the same record again.
 * With [redact], personal values are written as "[personal]".
 */
void apl_record_write(apl_buf *out, const apl_schema *schema, const uint64_t *words, bool redact);
/* A single field that is there, as canonical JSON. */
void apl_field_write(apl_buf *out, const apl_schema *schema, const uint64_t *words, uint32_t field);
/* A bound that the field has, as a playbook writes it. */
void apl_bound_write(apl_buf *out, const apl_field *field, bool max);
/* Bytes that are equal exactly when the records are: for the digest. Same on every machine (little-endian words; texts as length and
 * bytes). */
void apl_record_bytes(apl_buf *out, const apl_schema *schema, const uint64_t *words);

#endif
