/* SPDX-License-Identifier: MIT */
#ifndef CLI_CASEBOOK_H
#define CLI_CASEBOOK_H

/*
 * What is known of each case from the journal lines read so far: where it is,
 * what is due. The journal is the only source; a running engine is not asked.
 */
#include "aplomb.h"

typedef struct cli_timer {
	char *name;  /* "after.work.waiting.1", or a send's id, or its event */
	char *label; /* what people read: the state's path, or the event */
	bool is_send;
	aplomb_instant due_at;
	aplomb_span span; /* from arming until due */
} cli_timer;

typedef struct cli_case {
	char *id;
	char *subject;  /* or NULL */
	char *playbook; /* or NULL: its head was not read */
	char *version;  /* or NULL */
	char *states;   /* active atomic states, separated by ", "; or NULL */
	char *outcome;  /* or NULL */
	aplomb_case_status status;
	uint64_t entries; /* without the head */
	uint64_t effects;
	aplomb_instant opened_at, at;
	cli_timer *timers; /* in the order they are due; equal ones as armed */
	size_t n_timers, timers_capacity;
	bool timers_changed; /* by the newest entry */
	/* Of the newest entry, when a timer fired: how long it had waited; -1: unknown. */
	aplomb_span waited;
	char day[11]; /* of the entry shown last: "2026-11-23"; kept for whoever shows the case */
} cli_case;

typedef struct cli_casebook {
	cli_case **slots; /* by hash of the id */
	size_t capacity;
	cli_case **cases; /* in the order of their first lines */
	size_t count, cases_capacity;
} cli_casebook;

void cli_casebook_init(cli_casebook *book);
void cli_casebook_dispose(cli_casebook *book);
/* Takes in a journal line; the case it belongs to, or NULL when it names none. Ends the program when there is no memory. */
cli_case *cli_casebook_note(cli_casebook *book, aplomb_value entry);
cli_case *cli_casebook_find(const cli_casebook *book, const char *id);

/* `at` of an entry as an instant; false when it has none. */
bool cli_entry_at(aplomb_value entry, aplomb_instant *out);

#endif
