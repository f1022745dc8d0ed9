/* SPDX-License-Identifier: MIT */
#ifndef REPL_WHY_H
#define REPL_WHY_H

/*
 * Decisions of the runtime, kept and put into words: what was considered, what a
 * guard rests on, how a transition is called.
 */
#include "repl/inside.h"

/* A guard that outlives its telling. */
typedef struct why_guard {
	char *label;
	aplomb_verdict verdict;
	aplomb_part *parts; /* with texts of their own */
	size_t n_parts;
	char *error; /* of APLOMB_VERDICT_ERROR: what, and where; or NULL */
	bool is_implied;
} why_guard;

typedef struct why_decision {
	aplomb_decision_kind kind;
	uint64_t entry;
	char *name; /* or NULL */
	bool is_internal, is_eventless;
	aplomb_transition transition, other; /* [number] 0: none */
	aplomb_standing standing;
	why_guard *guard; /* or NULL */
	uint64_t count;
} why_decision;

typedef struct why_record {
	why_decision *items;
	size_t count, capacity;
} why_record;

/* Takes a decision in; for aplomb_watch. [payload] is the record. */
void why_note(const aplomb_decision *decision, void *payload);
void why_record_dispose(why_record *record);
why_guard *why_guard_copy(const aplomb_guard *guard);
void why_guard_free(why_guard *guard);

/* Entry [seq] of the story once more, watched; the case then stands where it stood. false: it could not be, and that was said. */
bool why_again(repl *r, uint64_t seq, why_record *record);

/* ---- words ------------------------------------------------------------------ */

/* "#12 respect on customer.message → warned" */
void why_name_transition(repl *r, repl_text *out, const aplomb_transition *transition);
/* What the guard rests on, as a clause: "event.tone < -0.6 is false, for event.tone is -0.3". */
void why_explain(repl_text *out, const why_guard *guard);
/* The guard with the value of every part, a line each; what it rests on is marked. */
void why_show_parts(repl *r, const why_guard *guard);
/* "aplomb/boundary.lua:94"; with why the transition is there, when its author says. */
void why_show_place(repl *r, const aplomb_transition *transition);

/* ---- naming ------------------------------------------------------------------- */

/* Transitions that a person may mean by STATE [EVENT [TARGET]], or #NUMBER. */
typedef struct why_transitions {
	aplomb_transition *items; /* texts live as long as the playbook */
	size_t count, capacity;
} why_transitions;
/* All of the playbook. */
void why_transitions_of(repl *r, why_transitions *out);
/* Those that fit [name]; the others are dropped. */
void why_narrow(why_transitions *all, const char *name);
void why_transitions_dispose(why_transitions *all);
/* Is [path] meant by [name]: the whole of it, or its last components? */
bool why_is_path(const char *path, const char *name);
/* Does the transition listen to that event (or is it "always", "after", "every", "at")? */
bool why_listens(const aplomb_transition *transition, const char *event);
/* For completion: states, and #NUMBERs. */
void why_complete(repl *r, const char *before, repl_candidates *out);

/* ---- clocks ------------------------------------------------------------------------ */

bool why_is_clock(repl *r, const char *name);
/* Its account as of now. REPL_DONE or REPL_FAILED. (why_clock.c) */
int why_clock(repl *r, const char *name);

/* ---- where transitions stand ----------------------------------------------------- */

typedef struct why_stand {
	aplomb_transition transition, other; /* other.number 0: none */
	aplomb_standing standing;
	why_guard *guard;
	bool has_due;
	aplomb_instant due_at;
} why_stand;

typedef struct why_stands {
	why_stand *items;
	size_t count, capacity;
} why_stands;
/* Of the played case, now. false: that was said. */
bool why_consider(repl *r, why_stands *out);
void why_stands_dispose(why_stands *all);

#endif
