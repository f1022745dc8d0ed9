/* SPDX-License-Identifier: MIT */
#ifndef APL_TIME_CLOCK_H
#define APL_TIME_CLOCK_H

/* Where "now" comes from: the host's function, the system's clock, or a hand. */

#include "aplomb.h"
#include "time/instant.h"

typedef struct apl_clock {
	aplomb_clock_fn fn; /* NULL: hand-turned */
	void *payload;
	aplomb_instant now; /* hand-turned: the instant; otherwise the latest answer, which never goes back */
} apl_clock;

/* [fn] NULL and not [by_hand]: the system's CLOCK_REALTIME. By hand begins at the earliest instant. */
void apl_clock_init(apl_clock *clock, aplomb_clock_fn fn, void *payload, bool by_hand);
static inline aplomb_instant apl_clock_now(apl_clock *clock) {
	if (clock->fn == NULL) return clock->now;
	aplomb_instant answer = clock->fn(clock->payload);
	/* A host's clock that was set back must not take cases back with it. */
	if (answer > APL_INSTANT_MAX) answer = APL_INSTANT_MAX;
	if (answer > clock->now) clock->now = answer;
	return clock->now;
}
/* Does it go by itself, as the machine's does? A host's may, or may be turned by the host: only the host knows. */
bool apl_clock_is_systems(const apl_clock *clock);
/* Microseconds of the machine since some beginning: for how long something takes, never for when it happens. */
int64_t apl_elapsed(void);
/* Turn by hand; false when it would go back or is not by hand. */
bool apl_clock_turn(apl_clock *clock, aplomb_instant to);
/* By hand: stand at [to], be it earlier; any other clock goes on. For rehearsals. */
void apl_clock_put(apl_clock *clock, aplomb_instant to);
/* By hand: the earliest instant again. Any other clock goes on. */
void apl_clock_reset(apl_clock *clock);

#endif
