/* SPDX-License-Identifier: MIT */
/*
 * Decides how the parts of a guard are kept while it is asked, and nothing of
 * what they say.
 */
#include "engine/apart.h"

void apl_apart_init(apl_apart *apart, const apl_alloc *alloc, apl_arena *arena) {
	*apart = (apl_apart){.alloc = alloc, .arena = arena};
}

void apl_apart_dispose(apl_apart *apart) {
	apl_free(apart->alloc, apart->parts, apart->capacity * sizeof *apart->parts);
	apart->parts = NULL;
	apart->n_parts = apart->capacity = 0;
}

void apl_apart_clear(apl_apart *apart) {
	apart->n_parts = 0;
	apart->has_error = apart->looked_at_event = false;
}

aplomb_part *apl_apart_add(apl_apart *apart, aplomb_part_kind kind, uint32_t depth) {
	if (apart->n_parts == APL_MOST_PARTS) apart->n_parts = 1; /* the whole stays; the last are those on which it rests */
	if (!APL_GROW(apart->alloc, apart->parts, apart->n_parts, apart->capacity)) {
		apart->failed = true;
		return NULL;
	}
	aplomb_part *part = &apart->parts[apart->n_parts++];
	*part = (aplomb_part){
	    .size = sizeof *part, .kind = kind, .depth = depth, .text = "", .word = "", .verdict = APLOMB_VERDICT_NONE, .shown = ""};
	return part;
}

const char *apl_apart_text(apl_apart *apart, const char *bytes, size_t size) {
	char *text = apl_arena_text(apart->arena, bytes, size);
	if (text == NULL) {
		apart->failed = true;
		return "";
	}
	for (char *at = text; *at != '\0'; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7F) *at = ' ';
	return text;
}
