/* SPDX-License-Identifier: MIT */
#ifndef APL_TEST_ROUNDS_H
#define APL_TEST_ROUNDS_H

/*
 * How much of what a test repeats is done in which build. An optimised build does all of it. One with sanitizers looks for other faults,
 * takes many times as long, and is built by two compilers and once more in the hostile way: each does a quarter. Under valgrind a test does
 * the few that it names itself. APLOMB_ROUNDS=all does all of it everywhere.
 */

#include <stdbool.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define APL_IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define APL_IS_SANITIZED 1
#endif
#endif
#ifndef APL_IS_SANITIZED
#define APL_IS_SANITIZED 0
#endif

/* Does valgrind look at every instruction? (scripts/cmake/Rooms.cmake says so.) */
static inline bool apl_is_watched(void) {
	return getenv("APLOMB_VALGRIND") != NULL;
}

static inline bool apl_does_part(void) {
	return APL_IS_SANITIZED && getenv("APLOMB_ROUNDS") == NULL;
}

/* How many of [all]; of what is taken in steps, how wide a step is. Macros, for they are of any integer type. */
#define APL_ROUNDS(all, few) (apl_is_watched() ? (few) : apl_does_part() ? ((all) + 3) / 4 : (all))
#define APL_STRIDE(widest) (apl_is_watched() ? (widest) : apl_does_part() ? 4 : 1)

#endif
