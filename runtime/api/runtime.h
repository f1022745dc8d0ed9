/* SPDX-License-Identifier: MIT */
#ifndef APL_API_RUNTIME_H
#define APL_API_RUNTIME_H

/*
 * What an aplomb_runtime is, and the two questions every public function asks
 * before it does anything: may it run now, and what did the caller hand in?
 */

#include "engine/engine.h"

/*
 * How far the runtime may be called. The engine calls back while it works: a
 * call that arrives then comes from a callback.
 */
typedef enum apl_presence {
	APL_OUTSIDE, /* nobody is inside: everything may be called */
	APL_INSIDE,  /* receipts and effects are handed out: aplomb_post still queues */
	APL_DEAF     /* a log or journal sink runs, in the midst of a step: nothing may be called */
} apl_presence;

struct aplomb_runtime {
	apl_alloc alloc;
	apl_log log;
	apl_clock clock;
	aplomb_limits limits;
	apl_engine *engine;
	apl_presence presence;
	aplomb_log_fn log_fn; /* the host's; ours stands before it and keeps calls out */
	void *log_payload;
	aplomb_journal_fn journal_fn;
	void *journal_payload;
	aplomb_watch watch;       /* the host's; ours stands before it, as before its log */
	bool forgets;             /* no lines are kept in memory */
	bool keeps;               /* cases are in a store, and outlive the runtime */
	bool looks;               /* options.looks: others may step them meanwhile */
	aplomb_store_ops own_ops; /* the host's, filled up with what it may leave out */
	bool rehearses;           /* options.rehearsal */
	char *trace_case;         /* or NULL */
	/* Set by aplomb_interrupt, whoever calls it; the engine looks at it while it steps. */
	_Atomic bool interrupted;
};

/* APLOMB_OK; EINVAL when [rt] is NULL; EBUSY from inside a callback. [call] is the function's name, for the message. */
int apl_may_enter(const aplomb_runtime *rt, const char *call, aplomb_error *error);
/* The same for what only a rehearsal allows: EINVAL (no-rehearsal) in any other runtime. */
int apl_may_rehearse(const aplomb_runtime *rt, const char *call, aplomb_error *error);
/* The same for getters, which have nowhere to put an error. */
bool apl_is_open(const aplomb_runtime *rt);
static inline void apl_enter(aplomb_runtime *rt) {
	/* What was interrupted while nothing ran is over. */
	if (rt->presence == APL_OUTSIDE && rt->interrupted) rt->interrupted = false; /* reading costs less than writing */
	rt->presence = APL_INSIDE;
}
static inline void apl_leave(aplomb_runtime *rt) {
	rt->presence = APL_OUTSIDE;
}

/*
 * Structs that begin with their size, so that they may grow. One from an older
 * header is shorter: what it lacks is zero. One from a newer header is longer:
 * fine while what this library does not know is zero, EINVAL otherwise.
 */
int apl_take_struct(void *to, size_t to_size, const void *from, const char *what, aplomb_error *error);
/* The other way: as much of [from] as the caller's struct holds, its size member apart. */
void apl_give_struct(void *to, const void *from, size_t from_size);

/* The case of that id, or NULL. */
apl_case *apl_find_case(const aplomb_runtime *rt, const char *case_id);

/* EINVAL saying that [argument] of [call] is NULL. */
int apl_fail_null(aplomb_error *error, const char *call, const char *argument);

/* A copy of the text that the host frees with aplomb_text_free; [size] may be NULL. ENOMEM, also when the text failed. */
int apl_give_text(aplomb_runtime *rt, apl_buf *text, char **out, size_t *size, aplomb_error *error);

/* A playbook's handle is its program, under another name. */
static inline aplomb_playbook *apl_playbook_of(apl_program *program) {
	return (aplomb_playbook *)program;
}
static inline apl_program *apl_program_of(const aplomb_playbook *playbook) {
	return (apl_program *)(uintptr_t)playbook;
}

/* What a clock of the zone shows then. */
void apl_give_wall(const apl_zone *zone, aplomb_instant at, aplomb_wall *out);

#endif
