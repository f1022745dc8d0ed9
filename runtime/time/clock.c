/* SPDX-License-Identifier: MIT */
/*
 * Decides what "now" is: the host's answer, the system's, or what a hand set.
 * Whoever answers, now never goes back and always is an instant that can be
 * written. Does not decide when anything happens.
 */

#include "time/clock.h"

#include <time.h>

static aplomb_instant system_now(void *payload) {
	(void)payload;
	struct timespec now;
	if (clock_gettime(CLOCK_REALTIME, &now) != 0) return APL_INSTANT_MIN;
	return (aplomb_instant)now.tv_sec * APL_SECOND + now.tv_nsec / 1000;
}

void apl_clock_init(apl_clock *clock, aplomb_clock_fn fn, void *payload, bool by_hand) {
	clock->fn = by_hand ? NULL : fn != NULL ? fn : system_now;
	clock->payload = payload;
	clock->now = APL_INSTANT_MIN;
}

bool apl_clock_is_systems(const apl_clock *clock) {
	return clock->fn == system_now;
}

int64_t apl_elapsed(void) {
	struct timespec now;
	if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return 0;
	return (int64_t)now.tv_sec * APL_SECOND + now.tv_nsec / 1000;
}

bool apl_clock_turn(apl_clock *clock, aplomb_instant to) {
	if (clock->fn != NULL || to < clock->now || to > APL_INSTANT_MAX) return false;
	clock->now = to;
	return true;
}

void apl_clock_put(apl_clock *clock, aplomb_instant to) {
	if (clock->fn == NULL) clock->now = to;
}

void apl_clock_reset(apl_clock *clock) {
	if (clock->fn == NULL) clock->now = APL_INSTANT_MIN;
}
