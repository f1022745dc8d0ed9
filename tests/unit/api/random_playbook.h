/* SPDX-License-Identifier: MIT */
#ifndef APL_TEST_RANDOM_PLAYBOOK_H
#define APL_TEST_RANDOM_PLAYBOOK_H

/*
 * Playbooks made by chance: two regions or one, states within states, guards
 * and actions as texts and now and then as functions, and of everything that a
 * chart may have a little: timers, history, finals, eventless transitions,
 * deferral, counters, required data, bounds that texts run into.
 */

#include <stdint.h>

enum { RANDOM_EVENTS = 5 };
extern const char *const random_event_names[RANDOM_EVENTS];
/* The fields of each, NULL behind the last. */
extern const char *const random_event_fields[RANDOM_EVENTS][4];

uint32_t random_below(uint64_t *seed, uint32_t bound);
/* The source, in a static buffer. [plain]: mostly what texts in brief can do. */
const char *random_playbook(uint64_t *seed, int plain);

#endif
