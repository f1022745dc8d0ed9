/* SPDX-License-Identifier: MIT */
#ifndef APL_BASE_HASH_AVX2_H
#define APL_BASE_HASH_AVX2_H

/* Only for base/hash.c, and only where the compiler knows x86-64 (APL_HAS_AVX2_HASH). */

#include <stddef.h>

#include "base/hash.h"

/* Up to this XXH3 has no loop that could take wider steps. */
#define APL_HASH_SHORT 240u

apl_hash128 apl_hash_bytes_avx2(const void *bytes, size_t size);

#endif
