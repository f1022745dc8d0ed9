/* SPDX-License-Identifier: MIT */
#ifndef APL_BASE_TEXT_H
#define APL_BASE_TEXT_H

/*
 * Immutable bytes shared by reference: what text, list and any slots of a
 * record point to. A text that lives in an arena has refs 0 and is never
 * freed; whoever keeps it longer than the arena makes it its own with
 * apl_text_keep.
 */

#include "base/alloc.h"

typedef struct apl_text {
	uint32_t refs; /* 0: in an arena */
	uint32_t size;
	char bytes[]; /* valid UTF-8, and a NUL behind, not counted */
} apl_text;

/* Owned, one reference; NULL without memory or above 4 GiB. */
apl_text *apl_text_new(const apl_alloc *alloc, const char *bytes, size_t size);
apl_text *apl_text_in(apl_arena *arena, const char *bytes, size_t size);
/* One more reference to an owned text; an owned copy of one in an arena. NULL without memory. */
apl_text *apl_text_keep(const apl_alloc *alloc, apl_text *text);
/* NULL and arena texts are fine. */
void apl_text_drop(const apl_alloc *alloc, apl_text *text);

/* The length of valid UTF-8 at the start of [bytes]: [size] when all is valid (RFC 3629: no surrogates, nothing overlong). */
size_t apl_utf8_valid(const char *bytes, size_t size);

#endif
