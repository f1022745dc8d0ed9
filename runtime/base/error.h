/* SPDX-License-Identifier: MIT */
#ifndef APL_BASE_ERROR_H
#define APL_BASE_ERROR_H

/*
 * Filling the caller's aplomb_error, and gathering findings about a playbook.
 * A message names the thing, the fact and the way out:
 *   state "offered": target "resloved" does not exist; did you mean "resolved"?
 */

#include <stdarg.h>

#include "base/alloc.h"

/* A place in a source file. [file] outlives whatever holds the place. */
typedef struct apl_place {
	const char *file; /* NULL: unknown */
	uint32_t line;    /* from 1; 0: unknown */
	uint32_t column;  /* from 1; 0: unknown */
} apl_place;
/* The last part of a path: what journals call a file, so that a line does not depend on the folder the playbook was read from. */
const char *apl_file_name(const char *path);
#define APL_NOWHERE ((apl_place){NULL, 0, 0})

/* Fills [error] (NULL is fine) and returns [code]. Longer messages are cut with "…" at a character's edge. */
int apl_fail(aplomb_error *error, int code, const char *slug, const char *format, ...) __attribute__((format(printf, 4, 5)));
int apl_fail_at(aplomb_error *error, int code, const char *slug, apl_place place, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
int apl_vfail(aplomb_error *error, int code, const char *slug, apl_place place, const char *format, va_list arguments)
    __attribute__((format(printf, 5, 0)));
/* ENOMEM with its message. */
int apl_fail_memory(aplomb_error *error);

/*
 * Collects findings in the order of their places (file, line, column, then
 * order told), so that everything is reported at once. What is told twice of
 * one place, column and all, is kept once. A finding without memory is
 * counted as an error all the same ([out_of_memory]).
 */
typedef struct apl_findings {
	apl_alloc alloc;
	struct apl_finding_item *items;
	uint32_t count;
	uint32_t capacity;
	uint32_t errors; /* how many of severity error */
	bool out_of_memory;
	bool is_cut; /* there were more than are kept, which is one of them */
} apl_findings;

/* Of errors and of the others: nobody reads more, and a file of a megabyte can be made to give hundreds of thousands. */
#define APL_MOST_FINDINGS 20000u

void apl_findings_init(apl_findings *findings, const apl_alloc *alloc);
void apl_findings_dispose(apl_findings *findings);
/* Texts are copied; the place's file as well. */
void apl_found(apl_findings *findings, aplomb_severity severity, const char *slug, apl_place place, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void apl_vfound(apl_findings *findings, aplomb_severity severity, const char *slug, apl_place place, const char *format, va_list arguments)
    __attribute__((format(printf, 5, 0)));
/* Each gets the place that [move] makes of its own, and the order that follows from it. */
void apl_findings_move(apl_findings *findings, apl_place (*move)(const void *self, apl_place place), const void *self);
/* Tell all, sorted by place. */
void apl_findings_tell(apl_findings *findings, aplomb_finding_fn tell, void *payload);
/* EPLAYBOOK with the first error in [error]; APLOMB_OK when there is none; ENOMEM when one got lost. */
int apl_findings_verdict(const apl_findings *findings, aplomb_error *error);

/*
 * The name nearest to [name] by edit distance (transpositions count one), or
 * NULL when none is near enough to be meant. Feed candidates one by one.
 */
typedef struct apl_nearest {
	const char *name;
	size_t size;
	const char *best;
	uint32_t distance;
} apl_nearest;
apl_nearest apl_nearest_to(const char *name, size_t size);
void apl_nearest_try(apl_nearest *nearest, const char *candidate);
/* `; did you mean "x"?` in [out], or "" . Returns out. */
const char *apl_nearest_hint(const apl_nearest *nearest, char *out, size_t size);

#endif
