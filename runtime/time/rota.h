/* SPDX-License-Identifier: MIT */
#ifndef APL_TIME_ROTA_H
#define APL_TIME_ROTA_H

/*
 * Who is on duty at an instant: shifts, each of which names somebody, comes
 * again, and has a rank. A table of turns and an .ics file become the same
 * thing, so one sentence decides for both:
 *
 *   Of the shifts that an instant lies in, the one of the highest rank says who
 *   it is; of equal ones the one that began last; then the later in the list.
 *
 * A shift may name nobody: then nobody is there, whoever ranks below. An instant
 * that no shift covers has nobody, too. Shifts are wall time of their zone
 * (ics.h says how that becomes instants): where the clock jumps over a handover it is
 * at the jump, where it shows it twice at the first, and so nobody is ever between two turns.
 *
 * A rota is immutable and a pure function of the instant; it takes no memory
 * after it was made.
 */

#include "time/ics.h"

#define APL_ROTA_MOST_SHIFTS 20000

typedef struct apl_rota apl_rota;

typedef struct apl_rota_shift {
	const char *who;    /* NULL: nobody */
	const char *source; /* what says so: "turns", "override", a file's name */
	uint32_t rank;
	apl_ics_event when;   /* its zone, starts, length and exceptions; the rest is not looked at */
	apl_wall from, until; /* what lies outside of these walls is cut off */
} apl_rota_shift;

#define APL_ROTA_ALWAYS_FROM INT64_MIN
#define APL_ROTA_ALWAYS_UNTIL INT64_MAX

typedef struct apl_rota_parts {
	const apl_zone *zone; /* the rota's own, in which it is told */
	const apl_rota_shift *shifts;
	uint32_t n_shifts;
} apl_rota_parts;

/* Everything is copied. ENOMEM. */
int apl_rota_new(apl_rota **out, const apl_alloc *alloc, const apl_rota_parts *parts, aplomb_error *error);
/* From its text alone. EINVAL, slug rota-material; ENOMEM. */
int apl_rota_read(apl_rota **out, const apl_alloc *alloc, const char *text, size_t size, aplomb_error *error);
void apl_rota_free(apl_rota *rota);

/* All that decides its answers, as canonical JSON (docs/formats.md); lent, terminated. */
const char *apl_rota_text(const apl_rota *rota, size_t *size);
/* SHA-256 of that text. */
const char *apl_rota_version(const apl_rota *rota);
const apl_zone *apl_rota_zone(const apl_rota *rota);

/* A stretch of time with one answer. */
typedef struct apl_rota_duty {
	aplomb_instant from, until; /* [from, until); INT64_MIN and INT64_MAX where nothing is before or behind */
	const char *who;            /* lent; NULL: nobody */
	const char *source;         /* lent; NULL: no shift covers it */
} apl_rota_duty;
const char *apl_rota_who(const apl_rota *rota, aplomb_instant at);
/*
 * The stretch that [at] lies in, turns of the same person taken together; cut
 * after a thousand turns on either side, or fewer in a rota of very many shifts.
 */
void apl_rota_duty_at(const apl_rota *rota, aplomb_instant at, apl_rota_duty *out);
/*
 * The first instant from [at] on at which somebody is on duty: [at] itself when it is so. false: nobody is again, as far as was looked:
 * through so many turns that it takes no longer than a blink.
 */
bool apl_rota_next(const apl_rota *rota, aplomb_instant at, aplomb_instant *out);
/* The shifts that a question about one instant looks at, for those who count work. */
uint32_t apl_rota_size(const apl_rota *rota);
/* apl_rota_next, and how many shifts it looked at. */
bool apl_rota_next_counted(const apl_rota *rota, aplomb_instant at, aplomb_instant *out, uint64_t *looks);

#endif
