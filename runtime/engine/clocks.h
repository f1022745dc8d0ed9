/* SPDX-License-Identifier: MIT */
#ifndef APL_ENGINE_CLOCKS_H
#define APL_ENGINE_CLOCKS_H

/*
 * Named clocks of a case: what it keeps of each, and what a program says of
 * one. clocks.c decides what becomes of them.
 */

#include "engine/turn.h"

/* What a case keeps of a clock, behind its record: words of 64 bits, all zero when it never began. */
typedef struct apl_clock_row {
	aplomb_span elapsed;     /* counted in intervals that have ended */
	aplomb_instant since;    /* runs: when this interval began */
	aplomb_instant begun;    /* when it first ran */
	aplomb_span span;        /* the target as it was said */
	aplomb_span target;      /* the same in what it counts */
	aplomb_instant deadline; /* APL_CLOCK_HAS_DEADLINE: when the target will be reached, or was */
	uint64_t fired;          /* a bit for each threshold that was told; the highest: it was breached */
	uint64_t flags;
} apl_clock_row;
_Static_assert(sizeof(apl_clock_row) == APL_CLOCK_WORDS * sizeof(uint64_t), "a clock is so many words of its case");

enum {
	APL_CLOCK_RUNS = 1,
	APL_CLOCK_HAS_BEGUN = 2,
	APL_CLOCK_HAS_TARGET = 4,
	APL_CLOCK_HAS_DEADLINE = 8,
	APL_CLOCK_UNIT = 8,     /* from this bit on, eight: apl_span_unit, of [span] */
	APL_CLOCK_CALENDAR = 16 /* from this bit on, sixteen: which counts it, or APL_NO_CALENDAR */
};

static inline apl_clock_row *apl_case_clocks(apl_case *c) {
	return (apl_clock_row *)(void *)(c->words + c->n_words - (size_t)APL_CLOCK_WORDS * c->program->chart->n_clocks);
}
static inline const apl_clock_row *apl_case_clocks_of(const apl_case *c) {
	return (const apl_clock_row *)(const void *)(c->words + c->n_words - (size_t)APL_CLOCK_WORDS * c->program->chart->n_clocks);
}

/* What a clock is at an instant. Spans are in what it counts: microseconds of the clock, or of open time. */
typedef struct apl_clock_view {
	bool has_target; /* it began, or was moved before it did: [span] and [unit] are known */
	bool has_begun;  /* the rest is known */
	bool runs, is_breached, has_deadline;
	uint32_t warned;   /* how many thresholds of this target were told */
	uint32_t calendar; /* of program->calendars; APL_NO_CALENDAR: the clock's */
	aplomb_span span;  /* the target as it was said, in [unit] */
	apl_span_unit unit;
	aplomb_span elapsed, target, left; /* [left] is never negative */
	aplomb_instant begun, since, deadline;
} apl_clock_view;
void apl_clock_look(const apl_case *c, uint32_t number, aplomb_instant now, apl_clock_view *out);

/* Counted time as people and playbooks are told it: business time in whole minutes, [up] or down, or hours. [unit]: of the target. */
void apl_clock_in_people_time(aplomb_span span, bool up, apl_span_unit *unit, aplomb_span *out);

typedef enum apl_clock_way {
	APL_CLOCK_TARGET_IS, /* [span], counted from when it began */
	APL_CLOCK_MORE,      /* [span] more than now */
	APL_CLOCK_UNTIL      /* so much more as lies between now and [until] */
} apl_clock_way;
typedef struct apl_clock_move {
	apl_clock_way way;
	aplomb_span span;
	apl_span_unit unit;
	aplomb_instant until;
	const char *because;
	size_t because_size;
} apl_clock_move;
/* Another target: what was counted stays. EREFUSED (mixed-time, clock-not-begun, bad-span, calendar-range, missing-because); ELIMIT. */
int apl_turn_clock_move(apl_turn *turn, uint32_t number, const apl_clock_move *move, aplomb_error *error);
/* As if it had never run: when the step is quiet it begins anew, if it is to run then. EREFUSED, ELIMIT. */
int apl_turn_clock_restart(apl_turn *turn, uint32_t number, const char *because, size_t size, aplomb_error *error);

#endif
