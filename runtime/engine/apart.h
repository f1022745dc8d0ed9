/* SPDX-License-Identifier: MIT */
#ifndef APL_ENGINE_APART_H
#define APL_ENGINE_APART_H

/*
 * A guard taken apart: what whoever answers for a program (room lua) writes
 * while it answers, for the one who asked why. Parts stand in the order of
 * aplomb_guard.parts. Everything hangs on the arena; without memory [failed] is
 * set and what follows is left out.
 */

#include "base/buf.h"

typedef struct apl_apart {
	const apl_alloc *alloc;
	apl_arena *arena;
	aplomb_part *parts;
	uint32_t n_parts, capacity;
	bool failed;
	/* What is asked: the event has not come yet. */
	bool lacks_event;
	bool (*counts)(void *self, uint32_t counter); /* may that counter count it? */
	void *self;
	/* What is answered. [looked_at_event]: a function asked for what has not come. */
	bool looked_at_event;
	bool has_error;
	aplomb_error error;
} apl_apart;

/* More parts than that are of no use to anybody: the first ones are dropped then. */
enum { APL_MOST_PARTS = 2000 };

void apl_apart_init(apl_apart *apart, const apl_alloc *alloc, apl_arena *arena);
void apl_apart_dispose(apl_apart *apart);
/* Empty again, of the same kind. */
void apl_apart_clear(apl_apart *apart);
/* A part to be filled in, all else zero, text and word ""; NULL without memory. Good until the next one is added. */
aplomb_part *apl_apart_add(apl_apart *apart, aplomb_part_kind kind, uint32_t depth);
/* A terminated copy on one line; "" without memory. */
const char *apl_apart_text(apl_apart *apart, const char *bytes, size_t size);

#endif
