/* SPDX-License-Identifier: MIT */
#ifndef APL_BASE_HASH_H
#define APL_BASE_HASH_H

/*
 * XXH3 finds damage and fills hash tables; SHA-256 finds tampering and names
 * contents. Neither is computed by us.
 */

#include <stddef.h>
#include <stdint.h>

typedef struct apl_hash128 {
	uint64_t high;
	uint64_t low;
} apl_hash128;

uint64_t apl_hash64(const void *bytes, size_t size);
apl_hash128 apl_hash_bytes(const void *bytes, size_t size);
static inline int apl_hash128_equal(apl_hash128 a, apl_hash128 b) {
	return a.high == b.high && a.low == b.low;
}

#define APL_HASH_HEX 32 /* digits of an apl_hash128, high half first, lower case */
/* Writes APL_HASH_HEX digits, no terminator. */
void apl_hash_hex(apl_hash128 hash, char *out);
/* Returns 0, or -1 when the digits are none. */
int apl_hash_from_hex(const char *digits, size_t size, apl_hash128 *out);

#define APL_SHA256_HEX 64
/* SHA-256 of the pieces, one after another, as hex and terminated. */
typedef struct apl_bytes {
	const void *bytes;
	size_t size;
} apl_bytes;
void apl_sha256_hex(const apl_bytes *pieces, size_t count, char out[APL_SHA256_HEX + 1]);

/* SplitMix64: the case's random numbers. Advances *state. */
uint64_t apl_random_next(uint64_t *state);

#endif
