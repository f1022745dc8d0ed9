/* SPDX-License-Identifier: MIT */
/*
 * Decides how the host's allocator is asked, how arrays grow, and how an arena
 * is cut into chunks. It does not decide what a caller does without memory:
 * every function says so with NULL or false and leaves things as they were.
 */
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/hard.h"

/* What given-back memory is filled with in the hard build, so that a loan kept too long is seen. */
#define GIVEN_BACK 0xDD

static void *system_alloc(void *payload, void *block, size_t old_size, size_t new_size) {
	(void)payload;
	(void)old_size;
	if (new_size == 0) {
		free(block);
		return NULL;
	}
	return realloc(block, new_size);
}

apl_alloc apl_alloc_system(void) {
	return (apl_alloc){system_alloc, NULL};
}

/* To the host, size 0 means "free"; to our callers an empty block is a block. One byte serves both. */
static size_t at_least_one(size_t size) {
	return size + (size == 0);
}

void *apl_new(const apl_alloc *alloc, size_t size) {
	void *block = alloc->fn(alloc->payload, NULL, 0, at_least_one(size));
	if (block != NULL) memset(block, 0, at_least_one(size));
	return block;
}

static void *resize_by_moving(const apl_alloc *alloc, void *block, size_t old_size, size_t new_size) {
	void *moved = alloc->fn(alloc->payload, NULL, 0, new_size);
	/* Shrinking must not fail, and the host's own does not. */
	if (moved == NULL) return new_size <= old_size ? alloc->fn(alloc->payload, block, old_size, new_size) : NULL;
	memcpy(moved, block, old_size < new_size ? old_size : new_size);
	apl_free(alloc, block, old_size);
	return moved;
}

void *apl_resize(const apl_alloc *alloc, void *block, size_t old_size, size_t new_size) {
	new_size = at_least_one(new_size);
	if (block == NULL) return alloc->fn(alloc->payload, NULL, 0, new_size);
	old_size = at_least_one(old_size);
	if (APL_IS_HARD) return resize_by_moving(alloc, block, old_size, new_size);
	return alloc->fn(alloc->payload, block, old_size, new_size);
}

void apl_free(const apl_alloc *alloc, void *block, size_t size) {
	if (block == NULL) return;
	if (APL_IS_HARD) memset(block, GIVEN_BACK, at_least_one(size));
	alloc->fn(alloc->payload, block, at_least_one(size), 0);
}

char *apl_copy_text(const apl_alloc *alloc, const char *bytes, size_t size) {
	if (size == SIZE_MAX) return NULL;
	char *copy = alloc->fn(alloc->payload, NULL, 0, size + 1);
	if (copy == NULL) return NULL;
	if (size > 0) memcpy(copy, bytes, size);
	copy[size] = '\0';
	return copy;
}

bool apl_grow(const apl_alloc *alloc, void **items, uint32_t count, uint32_t *capacity, size_t size) {
	if (count < *capacity) return true;
	uint32_t larger = *capacity == 0 ? APL_START(8) : *capacity > UINT32_MAX / 2 ? UINT32_MAX : *capacity * 2;
	if (larger <= count || larger > SIZE_MAX / size) return false;
	/* [items] really points to a pointer of another type: it is copied, not read as a void *. */
	void *block;
	memcpy(&block, items, sizeof block);
	block = apl_resize(alloc, block, *capacity * size, larger * size);
	if (block == NULL) return false;
	memcpy(items, &block, sizeof block);
	*capacity = larger;
	return true;
}

/*
 * An arena is a list of chunks, newest first, each at least as large as the
 * one before it up to a bound; only the newest is cut from.
 *
 *   arena.chunk ─→ [ header | used … next │ free … end ]
 *                     │ older
 *                     ↓
 *                  [ header | used, and a rest too small for what was asked ]
 */
struct apl_arena_chunk {
	apl_arena_chunk *older;
	size_t size; /* of the room behind the header */
	_Alignas(16) char room[];
};

#define FIRST_CHUNK APL_START(4096)
#define LARGEST_CHUNK ((size_t)256 * 1024)

/* Where an arena without chunks points: taking nothing from it is then not mistaken for a lack of memory. */
static const _Alignas(16) char no_room[16];

static void empty(apl_arena *arena) {
	arena->chunk = NULL;
	arena->next = arena->end = arena->begin = (char *)no_room;
}

void apl_arena_init(apl_arena *arena, const apl_alloc *alloc) {
	arena->alloc = *alloc;
	empty(arena);
}

static void drop_newest(apl_arena *arena) {
	apl_arena_chunk *chunk = arena->chunk;
	arena->chunk = chunk->older;
	apl_free(&arena->alloc, chunk, sizeof *chunk + chunk->size);
}

void apl_arena_dispose(apl_arena *arena) {
	while (arena->chunk != NULL) drop_newest(arena);
	empty(arena);
}

/* Makes the newest chunk free from [next] on. */
static void cut_from(apl_arena *arena, char *next) {
	arena->next = next;
	arena->end = arena->chunk->room + arena->chunk->size;
	arena->begin = arena->chunk->older == NULL ? arena->chunk->room : NULL;
	if (APL_IS_HARD) memset(next, GIVEN_BACK, (size_t)(arena->end - next));
}

void apl_arena_reset_slow(apl_arena *arena) {
	if (arena->chunk == NULL) return;
	while (arena->chunk->older != NULL) drop_newest(arena);
	cut_from(arena, arena->chunk->room);
}

apl_arena_mark apl_arena_here(const apl_arena *arena) {
	return (apl_arena_mark){arena->chunk, arena->next};
}

void apl_arena_rewind(apl_arena *arena, apl_arena_mark mark) {
	if (mark.chunk == NULL) {
		apl_arena_reset(arena);
		return;
	}
	while (arena->chunk != mark.chunk) {
		APL_ASSERT(arena->chunk != NULL); /* the mark is of this arena, and not older than its last reset */
		drop_newest(arena);
	}
	cut_from(arena, mark.next);
}

void *apl_arena_take_slow(apl_arena *arena, size_t size) {
	if (size > SIZE_MAX / 2) return NULL;
	size_t needed = (size + 15u) & ~(size_t)15u;
	size_t room = FIRST_CHUNK;
	if (arena->chunk != NULL) room = arena->chunk->size < LARGEST_CHUNK / 2 ? arena->chunk->size * 2 : LARGEST_CHUNK;
	if (room < needed) room = needed;
	apl_arena_chunk *chunk = apl_resize(&arena->alloc, NULL, 0, sizeof *chunk + room);
	if (chunk == NULL) return NULL;
	chunk->older = arena->chunk;
	chunk->size = room;
	arena->chunk = chunk;
	arena->next = chunk->room + needed;
	arena->end = chunk->room + room;
	arena->begin = chunk->older == NULL ? chunk->room : NULL;
	return chunk->room;
}

char *apl_arena_text(apl_arena *arena, const char *bytes, size_t size) {
	if (size == SIZE_MAX) return NULL;
	char *copy = apl_arena_take(arena, size + 1);
	if (copy == NULL) return NULL;
	if (size > 0) memcpy(copy, bytes, size);
	copy[size] = '\0';
	return copy;
}
