/* SPDX-License-Identifier: MIT */
#ifndef APL_DATA_FORM_H
#define APL_DATA_FORM_H

/*
 * A form: the fields of a schema that somebody fills again and again, in an
 * order of his own. Names are looked up once; then a record is filled by
 * position. What is not simply so (a value that does not fit, a type that must
 * be read) is left to apl_record_read_fields, which knows how to say it.
 */

#include "data/record.h"

/* Where a value goes that is written as it comes. */
typedef struct apl_form_row {
	uint32_t kind; /* aplomb_kind that it takes; APLOMB_ABSENT: none that simply */
	uint32_t word;
	uint32_t presence;
	uint64_t mask;
	int64_t min, max; /* of an integer */
} apl_form_row;

typedef struct apl_form {
	apl_alloc alloc;
	const apl_schema *schema;
	uint32_t n_rows;
	bool is_checked;        /* what is required must be looked for, */
	bool is_simply_checked; /* and is one rule over one word */
	const char **names;
	char *texts; /* what they point into */
	size_t texts_size;
	apl_form_row rows[];
} apl_form;

/* EREFUSED, unknown-field, with the nearest name; "address.city" is a member of `fields`. ENOMEM. */
int apl_form_new(apl_form **out, const apl_alloc *alloc, const apl_schema *schema, const char *what, const char *const *names, size_t n,
    aplomb_error *error);
void apl_form_free(apl_form *form);

/*
 * Fills the record from as many values as the form has rows; APLOMB_ABSENT is
 * not given. Texts are looked at, and not kept: their slots are not to be read.
 * false: the long way is to do it, and what is in the words is nothing.
 */
bool apl_form_fill(const apl_form *form, uint64_t *words, const aplomb_field *values);

#endif
