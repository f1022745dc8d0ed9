/* SPDX-License-Identifier: MIT */
#ifndef APL_CHART_TRAIL_H
#define APL_CHART_TRAIL_H

/*
 * Where a case has been: which states it entered, how often and when last,
 * which transitions it took, and where it is. It follows transitions that were
 * taken, from a journal, and asks no guard. What the journal says of the active
 * states afterwards is believed more than what was followed.
 */

#include "chart/chart.h"

typedef struct apl_trail {
	const apl_chart *chart;
	uint32_t *entered;    /* [state]: how often */
	aplomb_instant *last; /* [state]: when last, if ever */
	uint32_t *taken;      /* [transition]: how often */
	uint64_t *active;     /* set: where the case is, or was when it ended */
	uint64_t *history;    /* as in step/machine.h */
	uint64_t *entering;   /* scratch */
	uint64_t *defaults;   /* scratch */
	uint32_t *defaulted;  /* scratch */
	uint64_t n_taken;     /* in all */
	bool is_open;         /* it was begun */
	bool has_ended;
} apl_trail;

/* false: no memory. Dispose of it either way. */
bool apl_trail_init(apl_trail *trail, const apl_chart *chart);
void apl_trail_dispose(apl_trail *trail);

/* The case is opened: enters the initial states. */
void apl_trail_open(apl_trail *trail, aplomb_instant at);
void apl_trail_take(apl_trail *trail, uint32_t transition, aplomb_instant at);
/* It stands in exactly these leaves: what it was not seen to enter is entered now. An empty set says nothing. */
void apl_trail_stands(apl_trail *trail, const uint64_t *leaves, aplomb_instant at);
/* It has ended, in the states where it stands. */
void apl_trail_close(apl_trail *trail);

/* How a journal tells of a transition. */
typedef struct apl_trail_step {
	const char *from; /* path of its source */
	const char *on;   /* the event's name, of a delay the delay's; NULL: eventless */
	const char *const *to;
	uint32_t n_to;
	uint32_t line;       /* 0: unknown */
	const char *because; /* or NULL */
} apl_trail_step;

/* Which one it is: source, event and targets must be the same; of several the one that has also line and reason. APL_NONE: none. */
uint32_t apl_trail_find(const apl_trail *trail, const apl_trail_step *step);

#endif
