/* SPDX-License-Identifier: MIT */
#ifndef APL_BASE_KEY_H
#define APL_BASE_KEY_H

/*
 * A name as two words, its first and its last eight bytes (overlapping when it
 * is shorter than sixteen), so that looking one up is a few instructions: most
 * ids of cases and all names that people write have at most 16 bytes. Two names
 * of the same size that short have the same words exactly when they are equal.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/hash.h"

#define APL_KEY_SHORT 16u

typedef struct apl_key {
	uint64_t first, last; /* may overlap */
} apl_key;

/* Of a longer name it is only the two ends. */
static inline apl_key apl_key_of(const char *name, size_t size) {
	apl_key key = {0, 0};
	if (size >= 8) {
		memcpy(&key.first, name, 8);
		memcpy(&key.last, name + size - 8, 8);
	} else if (size >= 4) {
		uint32_t first, last;
		memcpy(&first, name, 4);
		memcpy(&last, name + size - 4, 4);
		key.first = first;
		key.last = last;
	} else if (size > 0) {
		key.first = (unsigned char)name[0];
		key.last = (uint64_t)(unsigned char)name[size / 2] << 8 | (unsigned char)name[size - 1];
	}
	return key;
}

/* What a long name is told apart by, in tables: its hash. */
static inline apl_key apl_key_of_long(const char *name, size_t size) {
	uint64_t hash = apl_hash64(name, size);
	return (apl_key){hash, hash};
}

static inline apl_key apl_key_of_any(const char *name, size_t size) {
	return size <= APL_KEY_SHORT ? apl_key_of(name, size) : apl_key_of_long(name, size);
}

static inline bool apl_key_equal(apl_key a, apl_key b) {
	return a.first == b.first && a.last == b.last;
}

/* Differs from machine to machine: for tables in memory only. */
static inline uint32_t apl_key_hash(apl_key key, size_t size) {
	uint64_t mixed = (key.first ^ (key.last * UINT64_C(0x9E3779B97F4A7C15)) ^ ((uint64_t)size << 56)) * UINT64_C(0xD6E8FEB86659FD93);
	return (uint32_t)(mixed >> 32);
}

#endif
