/* SPDX-License-Identifier: MIT */
#ifndef APL_BASE_MAP_H
#define APL_BASE_MAP_H

/*
 * A hash table from bytes to a pointer-sized value. Keys are borrowed: they
 * must outlive the entry (most live inside what the value points to). Open
 * addressing, 24 bytes a slot, at most 7/8 full; forward iteration is in no
 * order, so nothing that is written may depend on it.
 */

#include "base/alloc.h"

typedef struct apl_map_slot {
	uint32_t hash; /* 0: empty, 1: deleted; others shifted up */
	uint32_t key_size;
	const char *key;
	void *value;
} apl_map_slot;

typedef struct apl_map {
	apl_alloc alloc;
	apl_map_slot *slots;
	uint32_t capacity; /* power of two, or 0 */
	uint32_t count;
	uint32_t used; /* count and deleted ones */
} apl_map;

void apl_map_init(apl_map *map, const apl_alloc *alloc);
void apl_map_dispose(apl_map *map);
/* The value, or NULL. */
void *apl_map_get(const apl_map *map, const char *key, size_t size);
/* Puts or replaces; false without memory. [value] is not NULL. */
bool apl_map_put(apl_map *map, const char *key, size_t size, void *value);
/* Returns the value removed, or NULL. */
void *apl_map_remove(apl_map *map, const char *key, size_t size);

#endif
