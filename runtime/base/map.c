/* SPDX-License-Identifier: MIT */
/*
 * Decides where a key's slot is: open addressing, next slot on collision,
 * removed slots marked until the table is next filled anew. It owns slots
 * only, neither keys nor values.
 */
#include "base/map.h"

#include <string.h>

#include "base/assert.h"
#include "base/hard.h"
#include "base/hash.h"

enum { EMPTY = 0, REMOVED = 1, FIRST_HASH = 2 };

void apl_map_init(apl_map *map, const apl_alloc *alloc) {
	*map = (apl_map){.alloc = *alloc};
}

void apl_map_dispose(apl_map *map) {
	apl_free(&map->alloc, map->slots, map->capacity * sizeof *map->slots);
	apl_alloc alloc = map->alloc;
	apl_map_init(map, &alloc);
}

static uint32_t hash_of(const char *key, size_t size) {
	uint64_t wide = apl_hash64(key, size);
	uint32_t hash = (uint32_t)(wide ^ (wide >> 32));
	return hash < FIRST_HASH ? hash + FIRST_HASH : hash;
}

/* The key's slot, or NULL. The table always has an empty slot, so the walk ends. */
static apl_map_slot *find(const apl_map *map, uint32_t hash, const char *key, size_t size) {
	if (map->capacity == 0) return NULL;
	uint32_t mask = map->capacity - 1;
	for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
		apl_map_slot *slot = &map->slots[i];
		if (slot->hash == EMPTY) return NULL;
		if (slot->hash == hash && slot->key_size == size && (size == 0 || memcmp(slot->key, key, size) == 0)) return slot;
	}
}

void *apl_map_get(const apl_map *map, const char *key, size_t size) {
	apl_map_slot *slot = find(map, hash_of(key, size), key, size);
	return slot != NULL ? slot->value : NULL;
}

/* How many slots may be in use, removed ones included: seven eighths, and one always empty. */
static uint32_t most_used(uint32_t capacity) {
	return capacity - capacity / 8 - (capacity < 8);
}

/* Fills a table of [capacity] slots anew, without removed ones. */
static bool refill(apl_map *map, uint32_t capacity) {
	size_t size;
	if (__builtin_mul_overflow(capacity, sizeof *map->slots, &size)) return false;
	apl_map_slot *slots = apl_new(&map->alloc, size);
	if (slots == NULL) return false;
	uint32_t mask = capacity - 1;
	for (uint32_t i = 0; i < map->capacity; i++) {
		const apl_map_slot *old = &map->slots[i];
		if (old->hash < FIRST_HASH) continue;
		uint32_t to = old->hash & mask;
		while (slots[to].hash != EMPTY) to = (to + 1) & mask;
		slots[to] = *old;
	}
	apl_free(&map->alloc, map->slots, map->capacity * sizeof *map->slots);
	map->slots = slots;
	map->capacity = capacity;
	map->used = map->count;
	return true;
}

static bool make_room(apl_map *map) {
	if (map->capacity == 0) return refill(map, APL_START(8) < 2 ? 2 : APL_START(8));
	if (map->used < most_used(map->capacity)) return true;
	/* Mostly removed ones: the same size does. */
	if (map->count < most_used(map->capacity) / 2) return refill(map, map->capacity);
	return map->capacity <= UINT32_MAX / 2 && refill(map, map->capacity * 2);
}

bool apl_map_put(apl_map *map, const char *key, size_t size, void *value) {
	APL_ASSERT(value != NULL);
	if (size > UINT32_MAX) return false;
	uint32_t hash = hash_of(key, size);
	apl_map_slot *slot = find(map, hash, key, size);
	if (slot != NULL) {
		/* The key as well: the old one may live inside the old value. */
		slot->key = key;
		slot->value = value;
		return true;
	}
	if (!make_room(map)) return false;
	uint32_t mask = map->capacity - 1;
	uint32_t to = hash & mask;
	while (map->slots[to].hash >= FIRST_HASH) to = (to + 1) & mask;
	if (map->slots[to].hash == EMPTY) map->used++;
	map->slots[to] = (apl_map_slot){hash, (uint32_t)size, key, value};
	map->count++;
	return true;
}

void *apl_map_remove(apl_map *map, const char *key, size_t size) {
	apl_map_slot *slot = find(map, hash_of(key, size), key, size);
	if (slot == NULL) return NULL;
	void *value = slot->value;
	uint32_t next = (uint32_t)(slot - map->slots + 1) & (map->capacity - 1);
	bool ends_a_run = map->slots[next].hash == EMPTY;
	*slot = (apl_map_slot){.hash = ends_a_run ? EMPTY : REMOVED};
	if (ends_a_run) map->used--;
	map->count--;
	return value;
}
