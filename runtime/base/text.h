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
#include "base/copy.h"

typedef struct apl_text {
	uint32_t refs; /* 0: in an arena */
	uint32_t size;
	char bytes[]; /* valid UTF-8, and a NUL behind, not counted */
} apl_text;

/* Owned, one reference; NULL without memory or above 4 GiB. */
apl_text *apl_text_new(const apl_alloc *alloc, const char *bytes, size_t size);
/* Of a text in an arena so many bytes may be read, however short it is: those who copy it need not mind its length. */
#define APL_TEXT_READABLE 32
static inline apl_text *apl_text_in(apl_arena *arena, const char *bytes, size_t size) {
	if (size > UINT32_MAX - sizeof(apl_text) - 1) return NULL;
	apl_text *text = (apl_text *)apl_arena_take(arena, sizeof *text + (size < APL_TEXT_READABLE ? APL_TEXT_READABLE : size + 1));
	if (text == NULL) return NULL;
	text->refs = 0;
	text->size = (uint32_t)size;
	apl_copy_short(text->bytes, bytes, size);
	text->bytes[size] = '\0';
	return text;
}
/* The same for bytes of which nobody knows that they are UTF-8: NULL also when they are not all ASCII. */
static inline apl_text *apl_text_in_ascii(apl_arena *arena, const char *bytes, size_t size) {
	if (size > UINT32_MAX - sizeof(apl_text) - 1) return NULL;
	apl_text *text = (apl_text *)apl_arena_take(arena, sizeof *text + (size < APL_TEXT_READABLE ? APL_TEXT_READABLE : size + 1));
	if (text == NULL) return NULL;
	text->refs = 0;
	text->size = (uint32_t)size;
	text->bytes[size] = '\0';
	return apl_copy_ascii(text->bytes, bytes, size) ? text : NULL;
}
/* One more reference to an owned text; an owned copy of one in an arena. NULL without memory. */
apl_text *apl_text_keep(const apl_alloc *alloc, apl_text *text);
/* NULL and arena texts are fine. */
void apl_text_drop(const apl_alloc *alloc, apl_text *text);

/* The length of valid UTF-8 at the start of [bytes]: [size] when all is valid (RFC 3629: no surrogates, nothing overlong). */
size_t apl_utf8_valid(const char *bytes, size_t size);

#endif
