/* SPDX-License-Identifier: MIT */
#ifndef APL_TEST_DESK_H
#define APL_TEST_DESK_H

/*
 * A small help desk that uses everything a program can: a parallel with
 * delays, history, deferral, counters, effects, sends, raised events, errors.
 *
 *   root
 *     work ∥
 *       conversation: waiting ⇄ answered, chased, paused (defers messages), back (history)
 *       respect: calm → warned
 *     done (final, "resolved")
 */

#include "world.h"

extern const test_program desk;

#endif
