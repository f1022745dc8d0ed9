/* SPDX-License-Identifier: MIT */
#ifndef APL_BASE_ALLOC_H
#define APL_BASE_ALLOC_H

/*
 * All memory comes from the host's allocator, through this. Sizes are given
 * back on free, so that no header is needed per block. An arena is what lives
 * for one step or one batch: bump allocation, emptied at once.
 */

#include <stddef.h>
#include <stdint.h>

#include "aplomb.h"
#include "base/hard.h"

typedef aplomb_allocator apl_alloc; /* kept by value; fn is never NULL */

/* The C library's malloc. */
apl_alloc apl_alloc_system(void);

/* NULL when there is no memory. apl_new zeroes. */
void *apl_new(const apl_alloc *alloc, size_t size);
void *apl_resize(const apl_alloc *alloc, void *block, size_t old_size, size_t new_size);
void apl_free(const apl_alloc *alloc, void *block, size_t size);
/* A terminated copy; free with size strlen + 1. */
char *apl_copy_text(const apl_alloc *alloc, const char *bytes, size_t size);

/*
 * Room for one more of [size]-byte items in the array at *[items]: grows it by
 * doubling. Returns false, and leaves it, when there is no memory.
 */
bool apl_grow(const apl_alloc *alloc, void **items, uint32_t count, uint32_t *capacity, size_t size);
#define APL_GROW(alloc, items, count, capacity) apl_grow((alloc), (void **)&(items), (count), &(capacity), sizeof *(items))

typedef struct apl_arena_chunk apl_arena_chunk;
typedef struct apl_arena {
	apl_alloc alloc;
	apl_arena_chunk *chunk; /* newest */
	char *next;
	char *end;
	char *begin; /* where an empty arena is cut from; NULL: there are older chunks to be given back first */
} apl_arena;

typedef struct apl_arena_mark {
	apl_arena_chunk *chunk;
	char *next;
} apl_arena_mark;

void apl_arena_init(apl_arena *arena, const apl_alloc *alloc);
void apl_arena_dispose(apl_arena *arena);
/* Empties it; keeps its first chunk. */
void apl_arena_reset_slow(apl_arena *arena);
static inline void apl_arena_reset(apl_arena *arena) {
	if (APL_IS_HARD || arena->begin == NULL)
		apl_arena_reset_slow(arena);
	else
		arena->next = arena->begin;
}
apl_arena_mark apl_arena_here(const apl_arena *arena);
/* Gives back everything since [mark]. */
void apl_arena_rewind(apl_arena *arena, apl_arena_mark mark);
/* 16-byte aligned, not zeroed; NULL without memory. */
void *apl_arena_take_slow(apl_arena *arena, size_t size);
static inline __attribute__((always_inline)) void *apl_arena_take(apl_arena *arena, size_t size) {
	size_t rounded = (size + 15u) & ~(size_t)15u;
	if (rounded >= size && rounded <= (size_t)(arena->end - arena->next)) {
		void *block = arena->next;
		arena->next += rounded;
		return block;
	}
	return apl_arena_take_slow(arena, size);
}
/* A terminated copy in the arena. */
char *apl_arena_text(apl_arena *arena, const char *bytes, size_t size);

#endif
