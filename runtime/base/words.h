/* SPDX-License-Identifier: MIT */
#ifndef APL_BASE_WORDS_H
#define APL_BASE_WORDS_H

/*
 * Copying what has just been written. A processor that is asked for several
 * words in one wide load, while they still are on their way from single writes
 * to the cache, waits until they have arrived. On the path of every event the
 * case's words are copied right after its last step wrote some of them: copying
 * them one by one took a tenth off the whole path.
 */

#include <stddef.h>
#include <stdint.h>

static inline void apl_copy_words(uint64_t *to, const uint64_t *from, size_t count) {
	for (size_t i = 0; i < count; i++) {
		uint64_t word = from[i];
		/* Keeps the compiler from turning the loop into memcpy. */
		__asm__("" : "+r"(word));
		to[i] = word;
	}
}

#endif
