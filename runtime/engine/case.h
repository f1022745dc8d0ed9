/* SPDX-License-Identifier: MIT */
#ifndef APL_ENGINE_CASE_H
#define APL_ENGINE_CASE_H

/*
 * A case in memory: one block. What every case has stands in the head; what
 * few have hangs on [more], which most never get. In front of the head lies
 * the id, beside what a look-up reads; behind it the
 * words: configuration, history, the data record, and its clocks (clocks.h).
 *
 * An idle case of the reference chart costs at most 320 bytes in all
 * (bench/reference prints it), so look before you add a member.
 */

#include "base/hash.h"
#include "engine/program.h"
#include "time/timerq.h"

typedef struct apl_case {
	apl_program *program;
	struct apl_case *next;         /* in the order of opening */
	struct apl_case_more *more;    /* subject, history, params, ids seen, deferred, counters, times; or NULL */
	struct apl_case_timer *timers; /* armed, the newest first; or NULL */
	struct apl_case_undo *undo;    /* what it was before the running batch; NULL outside a batch */
	aplomb_instant opened_at;
	aplomb_instant at; /* the case's time: never goes back */
	uint64_t seq;      /* newest entry; 0: not opened yet */
	apl_hash128 prev;  /* of the newest line */
	uint64_t mark;     /* the store's */
	uint64_t random;   /* state of its random numbers */
	uint16_t id_size;
	uint8_t status;       /* aplomb_case_status */
	bool plain_id;        /* the id needs no escapes in JSON */
	uint32_t final_state; /* of a closed case: the root's final state; else APL_NONE */
	uint32_t handle;      /* its row in engine->handles, from 1; 0: nobody asked for one */
	uint32_t n_words;     /* apl_program_case_words, so that copying it asks nobody */
	uint32_t own_hour;    /* the hour since 1970 in which it did something of itself last, and ... */
	uint32_t own_steps;   /* ... how often in that hour: own.c */
	uint64_t words[];
} apl_case;

static inline uint64_t *apl_case_configuration(apl_case *c) {
	return c->words;
}
static inline uint64_t *apl_case_history(apl_case *c) {
	return c->words + c->program->chart->n_words;
}
static inline uint64_t *apl_case_data(apl_case *c) {
	const apl_chart *chart = c->program->chart;
	return c->words + (size_t)chart->n_words * (1 + chart->n_history_slots);
}
static inline uint32_t apl_program_case_words(const apl_program *p) {
	return p->chart->n_words * (1 + p->chart->n_history_slots) + p->data->n_words + APL_ASKED_WORDS * p->n_asked +
	       APL_CLOCK_WORDS * p->chart->n_clocks;
}
/* What the id takes in front of the case: terminated, rounded up for what follows. */
static inline size_t apl_case_id_room(size_t id_size) {
	return (id_size + 8u) & ~(size_t)7u;
}
/* Terminated. */
static inline const char *apl_case_id(const apl_case *c) {
	return (const char *)c - apl_case_id_room(c->id_size);
}
/* The case's parameters: its own, or the playbook's defaults. */
const uint64_t *apl_case_params(const apl_case *c);
/* The subject, or NULL; the history of the subject as canonical JSON, or NULL; the locale, or NULL. */
const char *apl_case_subject(const apl_case *c);
const apl_text *apl_case_subject_history(const apl_case *c);
const char *apl_case_locale(const apl_case *c);
/* The id of the case that invoked it, or NULL. */
const char *apl_case_parent(const apl_case *c);
/* As which of its invocations, or NULL. */
const char *apl_case_invoke(const apl_case *c);

#endif
