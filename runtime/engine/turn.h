/* SPDX-License-Identifier: MIT */
#ifndef APL_ENGINE_TURN_H
#define APL_ENGINE_TURN_H

/*
 * A turn is one macrostep of one case while it happens: what the handlers of a
 * playbook may see and ask for. Everything a handler wants becomes an item of
 * the turn's journal entry; nothing is done before the entry is committed.
 *
 * Everything here returns APLOMB_OK or a code with [error] filled; the caller
 * (room lua) raises it as the author's error. ELIMIT means a limit of the step
 * was broken: the caller answers APL_PORT_BREACH, turn->breach is set.
 */

#include "engine/case.h"

/* What an event carries, as apl_step_event.payload. */
typedef struct apl_payload {
	const apl_schema *schema; /* NULL: no data */
	uint64_t *words;
	const char *id;     /* the sender's id of the event, or NULL */
	const char *by;     /* or NULL */
	const char *invoke; /* the id of the invocation that it came from, or NULL */
} apl_payload;

typedef struct apl_turn {
	struct apl_engine *engine;
	apl_case *the_case;
	const apl_program *program;
	aplomb_instant now;            /* the case's time in this turn */
	const apl_step_event *event;   /* being processed; NULL while the case opens */
	const apl_step_event *outside; /* the one that the turn began with; others are raised within; NULL while the case opens */
	apl_arena *arena;              /* emptied after the turn */
	uint64_t *data;                /* the case's record */
	bool breached;
	aplomb_error breach; /* which limit, where */
	const _Atomic bool *interrupted;
} apl_turn;

/* Is the step to be broken off? Whoever answers for a playbook asks now and then, and makes a breach of it. */
static inline bool apl_turn_is_interrupted(const apl_turn *turn) {
	return turn->interrupted != NULL && *turn->interrupted;
}

static inline const apl_payload *apl_turn_payload(const apl_turn *turn) {
	return turn->event == NULL ? NULL : (const apl_payload *)turn->event->payload;
}

/* How a handler writes to the case's data. */
apl_writer apl_turn_writer(apl_turn *turn);

/* case:raise: an internal event of this macrostep. [words]: a record of the event's schema in turn->arena, or NULL. EREFUSED
 * (unknown-event) with the nearest name. */
int apl_turn_raise(apl_turn *turn, const char *name, size_t size, uint64_t *words, aplomb_error *error);
/* The same, of a send that has an id (terminated, in turn->arena; or NULL). */
int apl_turn_raise_as(apl_turn *turn, const char *name, size_t size, uint64_t *words, const char *id, aplomb_error *error);

/* The schema of a declared event: EREFUSED (unknown-event) with the nearest name. [*out] may become NULL: no data declared. */
int apl_turn_event_schema(apl_turn *turn, const char *name, size_t size, const apl_schema **out, aplomb_error *error);

typedef struct apl_send {
	const char *event;
	size_t event_size;
	uint64_t *words; /* as for raise; for another case: a record of THIS playbook's schema of the event, sent as JSON */
	const char *to;  /* another case's id, or NULL: this one */
	size_t to_size;
	aplomb_span after; /* 0: as soon as this step is committed */
	const char *id;    /* for cancel, or NULL */
	size_t id_size;
	apl_overdue overdue; /* FIRE or SKIP */
} apl_send;
/* case:send: an outside event, later. */
int apl_turn_send(apl_turn *turn, const apl_send *send, aplomb_error *error);
/* case:cancel: a send of that id that has not happened yet. Unknown: nothing happens (SCXML 6.3). */
int apl_turn_cancel(apl_turn *turn, const char *id, size_t size, aplomb_error *error);

/* case:effect: [kind] is a number of program->effects; [words] a record of its schema in turn->arena. [because] may be NULL. */
int apl_turn_effect(apl_turn *turn, uint32_t kind, uint64_t *words, const char *because, aplomb_error *error);

/* An effect with an answer: the event done.ask.ID, or error.ask.ID, which also comes when the timeout has passed without either. */
typedef struct apl_ask {
	uint32_t kind; /* as for an effect */
	uint64_t *words;
	const char *because; /* or NULL */
	const char *id;      /* names the question: not empty, at most so many bytes as an event's id */
	size_t id_size;
	aplomb_span timeout;
} apl_ask;
/* case:ask. A question of the same id that is still open is asked anew: only the new timeout counts. EREFUSED (unknown-event, bad-span). */
int apl_turn_ask(apl_turn *turn, const apl_ask *ask, aplomb_error *error);

/* case:log: [fields] is a canonical JSON map, or NULL. */
int apl_turn_log(apl_turn *turn, aplomb_level level, const char *message, size_t size, const apl_text *fields, aplomb_error *error);

/* case:is_in, case:time_in, case:count, math.random. EREFUSED (unknown-state, unknown-counter) with the nearest name. */
int apl_turn_is_in(apl_turn *turn, const char *path, size_t size, bool *out, aplomb_error *error);
int apl_turn_time_in(apl_turn *turn, const char *path, size_t size, bool total, aplomb_span *out, aplomb_error *error);
int apl_turn_count(apl_turn *turn, const char *name, size_t size, int64_t *out, aplomb_error *error);
/* Counts something that a handler asks for: ELIMIT, when a step asks for too much. */
int apl_turn_takes_one(apl_turn *turn, apl_place place, aplomb_error *error);

/* The same by number, for who looked it up at load: a state of the chart (of a program that asks_time_in), a counter of the program. */
aplomb_span apl_turn_time_in_state(const apl_turn *turn, uint32_t state, bool total);
int64_t apl_turn_count_of(const apl_turn *turn, uint32_t counter);
static inline uint64_t apl_turn_random(apl_turn *turn) {
	return apl_random_next(&turn->the_case->random);
}

/*
 * The author's error in a guard or block: a finding in the journal, a line in
 * the log, and error.execution raised with { message, file, line }. Then the
 * handler answers APL_PORT_ERROR.
 */
void apl_turn_error(apl_turn *turn, const aplomb_error *error);
/*
 * The same of something that a handler tried to send, with the id it was to have (or NULL) as sendid: error.execution, or
 * error.communication, after which the handler goes on.
 */
void apl_turn_send_failed(apl_turn *turn, const aplomb_error *error, bool is_communication, const char *sendid);
/* A limit was broken: remembers it and returns APL_PORT_BREACH. */
int apl_turn_breach(apl_turn *turn, const char *slug, apl_place place, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Says what a guard answered, when this case is followed with --trace. */
void apl_turn_trace(apl_turn *turn, const char *code, const char *message);

#endif
