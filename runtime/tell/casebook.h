/* SPDX-License-Identifier: MIT */
#ifndef TELL_CASEBOOK_H
#define TELL_CASEBOOK_H

/*
 * What is known of each case from the journal lines read so far: where it is,
 * what is due. The journal is the only source; a running engine is not asked.
 */
#include "aplomb.h"

typedef struct tell_timer {
	char *name;  /* "after.work.waiting.1", or a send's id, or its event */
	char *label; /* what people read: the state's path, or the event */
	bool is_send;
	aplomb_instant due_at;
	aplomb_span span; /* from arming until due */
} tell_timer;

typedef struct tell_case {
	char *id;
	char *subject;  /* or NULL */
	char *parent;   /* the case that invoked it, or NULL */
	char *playbook; /* or NULL: its head was not read */
	char *version;  /* or NULL */
	char *states;   /* active atomic states, separated by ", "; or NULL */
	char *outcome;  /* or NULL */
	aplomb_case_status status;
	uint64_t entries; /* without the head */
	uint64_t effects;
	aplomb_instant opened_at, at;
	tell_timer *timers; /* in the order they are due; equal ones as armed */
	size_t n_timers, timers_capacity;
	bool timers_changed; /* by the newest entry */
	/* Of the newest entry, when a timer fired: how long it had waited; -1: unknown. */
	aplomb_span waited;
	char day[11]; /* of the entry shown last: "2026-11-23"; kept for whoever shows the case */
} tell_case;

typedef struct tell_casebook {
	tell_case **slots; /* by hash of the id */
	size_t capacity;
	tell_case **cases; /* in the order of their first lines */
	size_t count, cases_capacity;
} tell_casebook;

void tell_casebook_init(tell_casebook *book);
void tell_casebook_dispose(tell_casebook *book);
/* Takes in a journal line; the case it belongs to, or NULL when it names none. Ends the program when there is no memory. */
tell_case *tell_casebook_note(tell_casebook *book, aplomb_value entry);
tell_case *tell_casebook_find(const tell_casebook *book, const char *id);

/* `at` of an entry as an instant; false when it has none. */
bool tell_entry_at(aplomb_value entry, aplomb_instant *out);

#endif
