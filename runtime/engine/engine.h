/* SPDX-License-Identifier: MIT */
#ifndef APL_ENGINE_ENGINE_H
#define APL_ENGINE_ENGINE_H

/*
 * The engine decides which case steps and when: it keeps cases, timers and the
 * queue, steps a batch, commits it through the store, and then delivers. The
 * functions mean what their namesakes in aplomb.h say; room api only checks
 * arguments and wires.
 */

#include "base/log.h"
#include "engine/turn.h"
#include "journal/entry.h"
#include "store/store.h"
#include "time/clock.h"

typedef struct apl_engine apl_engine;

/* Makes a program of a source that the store kept and adds it (apl_engine_add); what is asked for is found by its hash then. */
typedef struct apl_program_loader {
	int (*load)(void *payload, const char *source, size_t size, aplomb_error *error);
	void *payload;
} apl_program_loader;

typedef struct apl_engine_options {
	apl_alloc alloc;
	apl_log *log;     /* outlives the engine */
	apl_clock *clock; /* outlives the engine */
	bool time_follows_events;
	apl_store store;         /* the engine closes it */
	aplomb_limits limits;    /* all filled in */
	uint32_t snapshot_every; /* 0: never; where cases leave memory: of a usual number */
	uint32_t resident;       /* cases in memory at most, or nearly so, where the store lets them leave it; 0: a usual number */
	apl_program_loader loader;
	aplomb_span patience;        /* of effects; 0: a minute */
	uint32_t overdue_per_second; /* 0: 1,000 */
	uint32_t batch_most;         /* 0: 256 */
	aplomb_span batch_within;    /* 0: a twentieth of a second; without pages it is not asked */
	bool covers;                 /* counts what is used of programs: coverage.h */
	bool rehearses;              /* nothing leaves: no handlers, and what cases send to others stays in their journals */
	/*
	 * Set by somebody else when the step that runs is to be broken off; cleared when that was done, and by whoever calls the engine, before
	 * the call. Such a step is taken back and the call answers EINTERRUPTED. NULL: never.
	 */
	_Atomic bool *interrupted;
} apl_engine_options;

/* The limits a host gave, with the documented defaults where it gave 0 (NULL: all defaults). */
aplomb_limits apl_limits_or_default(const aplomb_limits *limits);

int apl_engine_new(apl_engine **out, const apl_engine_options *options, aplomb_error *error);
void apl_engine_free(apl_engine *engine);

/*
 * As if no case had ever been: cases, timers, queue, outbox and the numbers for
 * people are gone, programs and handlers stay. [store], which has the programs'
 * sources already (apl_engine_put_sources), takes the place of the old one.
 */
void apl_engine_reset(apl_engine *engine, apl_store store);
int apl_engine_put_sources(const apl_engine *engine, const apl_store *store, aplomb_error *error);

/* What cases sent to one another before takes its place in the queue, and they come with it. */
int apl_engine_reload(apl_engine *engine, aplomb_error *error);

/* Takes [program] over (also when it fails). One with the same hash is there already: frees the new one and gives the old. Its source goes
 * to the store. */
int apl_engine_add(apl_engine *engine, apl_program *program, apl_program **out, aplomb_error *error);
/* The newest program of that playbook id, or NULL; by hash. */
apl_program *apl_engine_program(const apl_engine *engine, const char *id, size_t size);
apl_program *apl_engine_program_by_hash(const apl_engine *engine, const char *hash);
/* What a case begins with when its first event names no playbook; NULL (as at first): such an event is refused. */
void apl_engine_default(apl_engine *engine, apl_program *program);
void apl_engine_stats(apl_engine *engine, const apl_program *program, void (*line)(const aplomb_stat_line *, void *), void *payload);

/* EINVAL: it was not counted. */
int apl_engine_coverage(apl_engine *engine, const apl_program *program, void (*row)(const aplomb_coverage_row *row, void *payload),
    void *payload, aplomb_error *error);

int apl_engine_post(apl_engine *engine, const aplomb_event *event, aplomb_receipt_fn done, void *payload, aplomb_error *error);
/* Events for these cases come next: a hint (expect.c). [ids]: terminated texts; NULL and unknown ones are passed over. */
void apl_engine_expect(const apl_engine *engine, const char *const *ids, size_t count);
int apl_engine_post_json(apl_engine *engine, const char *text, size_t size, aplomb_receipt_fn done, void *payload, aplomb_error *error);
int apl_engine_post_wait(apl_engine *engine, const aplomb_event *event, aplomb_receipt *receipt, aplomb_error *error);
/* The same for a case that only opens: the event's name and data are not looked at. */
int apl_engine_open_case(apl_engine *engine, const aplomb_event *opening, aplomb_receipt *receipt, aplomb_error *error);
/* The case's handle, made when it has none yet. ENOMEM. */
int apl_engine_handle(apl_engine *engine, apl_case *c, aplomb_case_handle *out, aplomb_error *error);
typedef struct apl_event_kind apl_event_kind;
int apl_engine_event_kind(apl_engine *engine, apl_program *program, const char *name, const char *const *fields, size_t n,
    apl_event_kind **out, aplomb_error *error);
/* A kind's handle is the kind, under another name. */
static inline apl_event_kind *apl_event_kind_of(const aplomb_event_kind *kind) {
	return (apl_event_kind *)(uintptr_t)kind;
}
/* [receipt] (or NULL) is all filled in but its size. */
int apl_engine_step(apl_engine *engine, const aplomb_known_event *event, aplomb_receipt *receipt, aplomb_error *error);
int apl_engine_pump(apl_engine *engine, uint32_t most, aplomb_pump_report *report, aplomb_error *error);
bool apl_engine_next_due(apl_engine *engine, aplomb_instant *at);

int apl_engine_on_effect(apl_engine *engine, const char *kind, aplomb_effect_fn fn, void *payload, aplomb_error *error);
/* mend.c */
int apl_engine_mend(apl_engine *engine, apl_case *c, const aplomb_mend *given, aplomb_receipt *receipt, aplomb_error *error);
/* recount.c: [looks]: nothing is changed, and of what is kept it is told what recomputing would make. [sum] is all zero but for its size.
 */
int apl_engine_calendar(apl_engine *engine, apl_case *c, const aplomb_calendar_change *given, bool looks,
    void (*tell)(const aplomb_calendar_moved *moved, void *payload), void *payload, aplomb_calendar_sum *sum, aplomb_error *error);
/* away.c */
int apl_engine_away(apl_engine *engine, aplomb_instant from, aplomb_error *error);
/* outcomes.c */
int apl_engine_answer_effect(apl_engine *engine, const aplomb_effect_answer *answer, aplomb_error *error);
size_t apl_engine_effects(apl_engine *engine, apl_case *c, void (*tell)(const aplomb_waiting_effect *effect, void *payload), void *payload);
size_t apl_engine_missing_handlers(apl_engine *engine, void (*tell)(const char *kind, const char *playbook, void *payload), void *payload);

/* engine/transitions.c, try.c, consider.c */
size_t apl_engine_transitions(
    apl_engine *engine, const apl_program *program, void (*tell)(const aplomb_transition *transition, void *payload), void *payload);
int apl_engine_watch(apl_engine *engine, const aplomb_watch *watch, aplomb_error *error);
void apl_engine_watch_end(apl_engine *engine);
int apl_engine_try(apl_engine *engine, const aplomb_event *event, const aplomb_watch *watch, aplomb_tried *tried, aplomb_error *error);
int apl_engine_made(
    apl_engine *engine, apl_case *c, void (*tell)(const aplomb_made *made, void *payload), void *payload, aplomb_error *error);
int apl_engine_consider(
    apl_engine *engine, apl_case *c, void (*tell)(const aplomb_considered *considered, void *payload), void *payload, aplomb_error *error);

/* Out of the store, if it is not in memory. NULL: there is none, or it cannot be read, which operators are told. */
apl_case *apl_engine_case(apl_engine *engine, const char *id, size_t size);
/* The same, and why not. ENOTFOUND (unknown-case), EDAMAGED, EDIFFERS, ESTORE, ENOMEM. */
int apl_engine_find(apl_engine *engine, const char *id, size_t size, apl_case **out, aplomb_error *error);
size_t apl_engine_cases(apl_engine *engine, void (*tell)(const char *case_id, void *payload), void *payload);
/* Every case as the store has it, or as it is in memory where there is none to leave it for; stops when [tell] returns non-zero, and
 * returns that. */
int apl_engine_each(apl_engine *engine, int (*tell)(const aplomb_case_brief *brief, void *payload), void *payload, aplomb_error *error);
/* engine/stuck.c: can nothing move it any more but somebody who mends it? */
int apl_engine_stuck(apl_engine *engine, apl_case *c, bool *stuck, aplomb_error *error);
size_t apl_engine_timers(
    apl_engine *engine, apl_case *c, void (*tell)(const char *name, aplomb_instant due_at, void *payload), void *payload);
/* Every child that is not over. Returns how many. */
size_t apl_engine_children(const apl_case *c, void (*tell)(const char *invoke, const char *child, void *payload), void *payload);
/* Every counter in the order of the playbook, as of the later of the case's time and [now]. Returns how many. */
size_t apl_engine_counters(apl_case *c, aplomb_instant now, void (*tell)(const char *name, uint64_t count, void *payload), void *payload);
/* Outcome of a closed case's root final, or NULL. */
const char *apl_engine_outcome(const apl_case *c);
/* From entry [from] on; 0 is the head. */
int apl_engine_journal_each(apl_engine *engine, apl_case *c, uint64_t from, int (*line)(const char *text, size_t size, void *payload),
    void *payload, aplomb_error *error);
void apl_engine_count(apl_engine *engine, aplomb_totals *out);

/*
 * engine/aside.c. What an aside of the case's program comes to, as if a step were to happen now; [line] is the journal line whose
 * event is the newest, NULL: the newest that the store has. Nothing changes.
 */
int apl_engine_ask(
    apl_engine *engine, apl_case *c, apl_aside *aside, const char *line, size_t size, aplomb_answer *out, aplomb_error *error);
/*
 * A statement's step at [at], or at the case's time when that is later, committed by itself; nothing may wait to be stepped before it.
 * [text] is its text, for the journal. EINVAL and ELIMIT with what is wrong: then nothing happened. ESTORE.
 */
int apl_engine_perform(apl_engine *engine, apl_case *c, apl_aside *aside, const char *text, size_t size, aplomb_instant at, uint64_t *seq,
    aplomb_error *error);

/* engine/snapshot.c: the snapshot as canonical JSON, appended. */
int apl_engine_snapshot(apl_engine *engine, apl_case *c, apl_buf *out, aplomb_error *error);
int apl_engine_restore(apl_engine *engine, const char *json, size_t size, aplomb_error *error);

/* ---- rehearsals (aplomb.h says what they are) ---- */

/*
 * engine/replay.c: one recorded line is stepped again. [program] (or NULL: the head's own version) counts at heads.
 * apl_engine_replay does it all and says in out->differs which member is another one. apl_replay_read reads the line and says whose it is;
 * apl_replay_step steps what was read last, and leaves out->differs to whoever looks closer (verify.c).
 */
typedef struct apl_recorded_line {
	const char *text;
	size_t size;
	apl_line_head head;
	bool follows; /* what the case writes next names this line as it is recorded, not what came out in its place */
} apl_recorded_line;
int apl_replay_read(apl_engine *engine, const char *line, size_t size, apl_line_head *head, aplomb_error *error);
int apl_replay_step(apl_engine *engine, apl_program *program, const apl_recorded_line *line, aplomb_replayed *out, aplomb_error *error);
int apl_engine_replay(apl_engine *engine, apl_program *program, const char *line, size_t size, aplomb_replayed *out, aplomb_error *error);
/*
 * engine/verify.c: the line replayed last, held against what came out. Texts are in the arena that was given, NULL: there is none. Another
 * version of the playbook may have its lines elsewhere: then places are not compared.
 */
#define APL_GROUNDS 5 /* how many of aplomb_ground there are */
typedef enum apl_verdict_kind {
	APL_VERDICT_SAME,    /* nothing differs, or only what an older format had not */
	APL_VERDICT_GROUNDS, /* of a head: what its case stands on is another thing here */
	APL_VERDICT_CHAIN,   /* it does not hold the hash of the recorded line before it */
	APL_VERDICT_OTHER    /* something else came out */
} apl_verdict_kind;

typedef struct apl_verdict {
	apl_verdict_kind kind;
	const char *member; /* the first that differs, as "items[2].data.text"; NULL: the values are the same, in other bytes */
	const char *recorded, *produced;
	const char *recorded_place, *produced_place; /* where the playbook is told to have done it */
	uint32_t item;                               /* in which item, from 1; 0: in none */
	uint32_t grounds;                            /* which, one bit each: APLOMB_GROUND_ENGINE is bit 0 */
} apl_verdict;
int apl_verify_line(apl_engine *engine, bool is_head, bool is_other_version, apl_arena *arena, apl_verdict *out, aplomb_error *error);
/* Where the playbook began what the line replayed last tells: its first place, in the arena; or NULL. */
const char *apl_verify_place(const apl_engine *engine, apl_arena *arena);
/* The case, also one whose head was replayed and nothing yet. */
apl_case *apl_verify_case(apl_engine *engine, const char *id, size_t size);
/*
 * What a case stands on: the value that a head says, and that the case's head would say here. Canonical JSON in the arena. Without a
 * [head] both are the case's; without a case, for its head was refused, what is here is said as far as that is known, otherwise NULL.
 */
int apl_verify_ground(apl_engine *engine, const apl_case *c, const char *head, size_t head_size, aplomb_ground ground, apl_arena *arena,
    const char **recorded, const char **here, aplomb_error *error);
/* Open cases to which something was to happen by itself before [horizon]; and the first of them, with what is due first. */
typedef struct apl_unfinished {
	uint64_t count;
	const apl_case *the_case;
	const char *name;
	aplomb_instant due_at;
} apl_unfinished;
void apl_verify_unfinished(const apl_engine *engine, aplomb_instant horizon, apl_unfinished *out);
/* The line that was read last (apl_replay_read), and belongs to the engine. */
const apl_tape *apl_replay_tape(const apl_engine *engine);
/* The limits that a head names. EJSON, EDAMAGED. */
int apl_head_limits(const apl_alloc *alloc, const char *line, size_t size, aplomb_limits *out, aplomb_error *error);

/* engine/moment.c */
int apl_moment_keep(apl_engine *engine, apl_case *c, aplomb_moment **out, aplomb_error *error);
int apl_moment_return(apl_engine *engine, const aplomb_moment *moment, aplomb_error *error);
size_t apl_moment_size(const aplomb_moment *moment);
/* NULL is fine. */
void apl_moment_free(aplomb_moment *moment);
/* false: there is no such case, nor a replayed head that waits for its `opened` entry. */
bool apl_engine_forget(apl_engine *engine, const char *id, size_t size);

#endif
