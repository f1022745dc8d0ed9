/* SPDX-License-Identifier: MIT */
#ifndef APL_TEST_DECLARE_H
#define APL_TEST_DECLARE_H

/*
 * Schemas and records for tests, from text. A schema is a map of its members:
 *
 *   {"order": {"type": "text", "required": true},
 *    "address": {"type": "fields", "members": {"city": {"type": "text"}}},
 *    "tags": {"type": "list", "items": {"type": "text", "max": 10}}}
 *
 * Single quotes may stand for double ones, so that C can be read.
 */

#include "data/record.h"

#define MOST_CHOICES 32

/* A member's declaration on a tape, to a builder. false: no memory. The n-th member stands on line n. */
bool declare_members(apl_schema_builder *builder, uint32_t parent, const apl_tape *tape, uint32_t map);

/* apl_schema_finish of the schema in [text]; asserts that the text is one. */
int declare(const apl_alloc *alloc, const char *text, apl_schema **out, apl_findings *findings);
/* Asserts that the schema is good. */
apl_schema *declared(const apl_alloc *alloc, const char *text);

/* The words of a record. Free with apl_free. */
uint64_t *new_words(const apl_alloc *alloc, const apl_schema *schema);
void free_words(const apl_alloc *alloc, const apl_schema *schema, uint64_t *words);

/* Parsed JSON with single quotes; asserts that it is. */
void read_json(apl_tape *tape, const char *text);
/* What the record is as JSON, in a static buffer. */
const char *as_json(const apl_schema *schema, const uint64_t *words, bool redact);
/* The field at a dotted path. */
uint32_t field_at(const apl_schema *schema, const char *path);

#endif
