/* SPDX-License-Identifier: MIT */
/*
 * Decides who is on duty, and where one stretch of duty ends and the next
 * begins. How a rota is kept as text is decided in rota_text.c.
 */
#include "time/rota.h"

#include "time/rota_inside.h"

enum { MOST_TURNS = 1000, LEAST_TURNS = 16, MOST_LOOKS = 400000 };

uint32_t apl_rota_size(const apl_rota *rota) {
	return rota->n_shifts;
}

/* How many turns are looked through: a thousand, and fewer of a rota in which each takes long. */
static uint32_t most_turns(const apl_rota *rota) {
	uint32_t most = MOST_LOOKS / (rota->n_shifts + 1);
	return most > MOST_TURNS ? MOST_TURNS : most < LEAST_TURNS ? LEAST_TURNS : most;
}

/* What a shift is at an instant, and when that changes. */
typedef struct look {
	bool covers;
	aplomb_instant began;        /* of the turn that covers */
	aplomb_instant since, until; /* nothing changes between: [since, until) */
} look;

static aplomb_instant instant_of(const apl_rota_shift *shift, apl_wall wall) {
	return wall == INT64_MIN || wall == INT64_MAX ? wall : apl_zone_instant(shift->when.zone, wall);
}

/* How many starts are at or before [at]. */
static uint32_t started(const apl_rota_shift *shift, aplomb_instant at) {
	uint32_t low = 0, high = shift->when.total;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (apl_zone_instant(shift->when.zone, apl_ics_start(&shift->when, middle)) <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static look look_at(const apl_rota_shift *shift, aplomb_instant at) {
	look l = {false, 0, INT64_MIN, INT64_MAX};
	const apl_ics_event *when = &shift->when;
	aplomb_instant first = instant_of(shift, shift->from), last = instant_of(shift, shift->until);
	if (at < first) {
		l.until = first;
		return l;
	}
	if (at >= last) {
		l.since = last;
		return l;
	}
	l.since = first;
	l.until = last;
	uint32_t next = started(shift, at), before = next;
	while (next < when->total && apl_ics_is_without(when, apl_ics_start(when, next))) next++;
	if (next < when->total) {
		aplomb_instant start = apl_zone_instant(when->zone, apl_ics_start(when, next));
		if (start < l.until) l.until = start;
	}
	while (before > 0 && apl_ics_is_without(when, apl_ics_start(when, before - 1))) before--;
	if (before == 0) return l;
	apl_wall begin = apl_ics_start(when, before - 1);
	aplomb_instant start = apl_zone_instant(when->zone, begin), end = apl_zone_instant(when->zone, begin + when->length);
	l.covers = end > at;
	l.began = start;
	aplomb_instant since = l.covers ? start : end;
	if (since > l.since) l.since = since;
	if (l.covers && end < l.until) l.until = end;
	return l;
}

/* One piece: between two changes of any shift. */
static void piece_at(const apl_rota *rota, aplomb_instant at, apl_rota_duty *out) {
	const apl_rota_shift *best = NULL;
	aplomb_instant began = 0;
	*out = (apl_rota_duty){INT64_MIN, INT64_MAX, NULL, NULL};
	for (uint32_t i = 0; i < rota->n_shifts; i++) {
		const apl_rota_shift *shift = &rota->shifts[i];
		look l = look_at(shift, at);
		if (l.since > out->from) out->from = l.since;
		if (l.until < out->until) out->until = l.until;
		if (!l.covers) continue;
		if (best != NULL && (best->rank > shift->rank || (best->rank == shift->rank && began > l.began))) continue;
		best = shift;
		began = l.began;
	}
	if (best == NULL) return;
	out->who = best->who;
	out->source = best->source;
}

static bool is_same(const char *a, const char *b) {
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

const char *apl_rota_who(const apl_rota *rota, aplomb_instant at) {
	apl_rota_duty piece;
	piece_at(rota, at, &piece);
	return piece.who;
}

void apl_rota_duty_at(const apl_rota *rota, aplomb_instant at, apl_rota_duty *out) {
	apl_rota_duty piece;
	piece_at(rota, at, out);
	const uint32_t most = most_turns(rota);
	for (uint32_t i = 0; i < most && out->from > INT64_MIN; i++) {
		piece_at(rota, out->from - 1, &piece);
		if (!is_same(piece.who, out->who)) break;
		out->from = piece.from;
	}
	for (uint32_t i = 0; i < most && out->until < INT64_MAX; i++) {
		piece_at(rota, out->until, &piece);
		if (!is_same(piece.who, out->who)) break;
		out->until = piece.until;
	}
}

bool apl_rota_next_counted(const apl_rota *rota, aplomb_instant at, aplomb_instant *out, uint64_t *looks) {
	apl_rota_duty piece;
	*looks = 0;
	for (uint32_t i = 0; i < most_turns(rota); i++) {
		piece_at(rota, at, &piece);
		*looks += rota->n_shifts;
		if (piece.who != NULL) {
			*out = at;
			return true;
		}
		if (piece.until == INT64_MAX) return false;
		at = piece.until;
	}
	return false;
}

bool apl_rota_next(const apl_rota *rota, aplomb_instant at, aplomb_instant *out) {
	uint64_t looks;
	return apl_rota_next_counted(rota, at, out, &looks);
}
