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

/* The same for two that were just written, or just computed: no one load or store is made of them. */
#define APL_APART(a, b) __asm__("" : "+r"(a), "+r"(b))

static inline void apl_copy_words(uint64_t *to, const uint64_t *from, size_t count) {
	size_t i = 0;
	for (; i + 8 <= count; i += 8) {
		uint64_t a = from[i], b = from[i + 1], c = from[i + 2], d = from[i + 3];
		uint64_t e = from[i + 4], f = from[i + 5], g = from[i + 6], h = from[i + 7];
		__asm__("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+r"(f), "+r"(g), "+r"(h));
		to[i] = a;
		to[i + 1] = b;
		to[i + 2] = c;
		to[i + 3] = d;
		to[i + 4] = e;
		to[i + 5] = f;
		to[i + 6] = g;
		to[i + 7] = h;
	}
	for (; i + 4 <= count; i += 4) {
		uint64_t a = from[i], b = from[i + 1], c = from[i + 2], d = from[i + 3];
		/* Keeps the compiler from making wide copies of them, or memcpy of the loop. */
		__asm__("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d));
		to[i] = a;
		to[i + 1] = b;
		to[i + 2] = c;
		to[i + 3] = d;
	}
	for (; i < count; i++) {
		uint64_t a = from[i];
		__asm__("" : "+r"(a));
		to[i] = a;
	}
}

#endif
