/* SPDX-License-Identifier: MIT */
/*
 * The same hash for a machine with AVX2, compiled for one: hash.c asks which
 * machine this is, and comes here with what is long enough to gain by it.
 */
#include "base/hash_avx2.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

apl_hash128 apl_hash_bytes_avx2(const void *bytes, size_t size) {
	XXH128_hash_t hash = XXH3_128bits(bytes, size);
	return (apl_hash128){hash.high64, hash.low64};
}
