/* SPDX-License-Identifier: MIT */
#ifndef APL_ENGINE_INSIDE_H
#define APL_ENGINE_INSIDE_H

/*
 * What the files of this room share: the engine itself, a case's rarely used
 * belongings, timers, and what a batch must be able to take back.
 *
 * A batch is what one pump steps and commits together. Until the commit has
 * succeeded nothing of it may be irrevocable, so
 *   - a case is copied when the batch first touches it (image.c);
 *   - what is done to lists and timers is written down and undone backwards
 *     (batch.c);
 *   - numbers for people are added up only afterwards.
 * A step that breaks a limit is taken back in the same way, alone.
 */

#include "base/buf.h"
#include "base/key.h"
#include "engine/coverage.h"
#include "base/words.h"
#include "data/form.h"
#include "engine/calendars.h"
#include "engine/engine.h"
#include "engine/paging.h"
#include "engine/prepared.h"
#include "engine/queue.h"
#include "journal/entry.h"
#include "step/machine.h"

#define APL_MOST_ID 512 /* bytes of an event's id, of `by` and of a subject */

/* Into how many shares a pump's steps are divided, of which a case has one as long as others wait. */
#define APL_SHARES 8

/* ---- what hangs on a case ------------------------------------------------ */

/* What became of an event that a case has seen, for whoever sends it again. */
enum { APL_SEEN_UNHANDLED = 1, APL_SEEN_DEFERRED = 2, APL_SEEN_FAULTED = 4, APL_SEEN_CLOSED = 8 };

#define APL_MOST_SEQ ((UINT64_C(1) << 56) - 1)
/* Of a count or a span in a snapshot: all of the time there is fits seven times above it, so whatever goes on from there is no overflow. */
#define APL_MOST_RESTORED (INT64_MAX / 4)
/* The ids of events that a case has seen, as hashes, until limits.ids entries have come behind theirs. Open addressing; all zero: free. */
typedef struct apl_seen_id {
	apl_hash128 hash;
	uint64_t seq : 56; /* of its first entry; 0: queued, not stepped yet */
	uint64_t how : 8;  /* APL_SEEN_ bits */
} apl_seen_id;

typedef struct apl_seen {
	apl_seen_id *slots;
	uint32_t capacity; /* power of two, or 0 */
	uint32_t count;
} apl_seen;

/* Ids in a list that moments share (moment.c): those of some entries, and the list of all before. Never changed once made. */
typedef struct apl_ids {
	struct apl_ids *before; /* or NULL */
	uint32_t refs;
	uint32_t count, whole; /* in this one; with all before */
	apl_seen_id each[];
} apl_ids;

typedef struct apl_deferred {
	struct apl_deferred *next, *before;
	apl_case *the_case;
	int32_t event;
	uint64_t *words;           /* counted texts; or NULL */
	uint64_t seq;              /* the entry that deferred it */
	uint32_t id_size, by_size; /* id_size 0: no id */
	uint32_t invoke_size;      /* 0: it came from no invocation */
	char texts[];              /* by, NUL, id, NUL, invoke, NUL */
} apl_deferred;
static inline const char *apl_deferred_invoke(const apl_deferred *deferred) {
	return deferred->invoke_size > 0 ? deferred->texts + deferred->by_size + deferred->id_size + 2 : NULL;
}

/* A counter of the program, for one case. */
typedef struct apl_counted {
	uint64_t total;           /* without a window */
	aplomb_instant *instants; /* with one, oldest first */
	uint32_t count, capacity;
} apl_counted;

/* How long a case has been in a state; only for programs that ask. */
typedef struct apl_stay {
	aplomb_instant since; /* of the newest entry */
	aplomb_span total;    /* of stays that ended */
} apl_stay;

/* Who invoked a case: children.c. */
typedef struct apl_parent {
	uint32_t depth; /* 1: the parent was invoked by nobody */
	uint32_t id_size, invoke_size;
	char texts[]; /* the case's id, NUL, the invocation's, NUL */
} apl_parent;
static inline const char *apl_parent_invoke(const apl_parent *parent) {
	return parent->texts + parent->id_size + 1;
}

/* A case that a case invoked, and that has not told of its end. */
typedef struct apl_child {
	char hash[APL_SHA256_HEX + 1]; /* of its playbook */
	uint32_t id_size;
	char id[]; /* of the case, terminated */
} apl_child;

typedef struct apl_case_more {
	char *subject;
	char *locale;
	apl_text *history; /* of the subject: canonical JSON */
	uint64_t *params;  /* NULL: the playbook's defaults */
	apl_seen seen;
	apl_deferred *deferred, *last_deferred;
	uint32_t n_deferred;
	/*
	 * Only of a replayed case: it stands between a step that changed its configuration and the offers that follow
	 * from it. Deferred events behind entry [offered_seq] are still to be offered.
	 */
	bool owes_offers;
	bool has_snapshot; /* one was put into the store, or the case came out of one */
	uint64_t offered_seq;
	apl_ids *ids; /* what moments share of [seen]: those of entries up to ids_seq; or NULL */
	uint64_t ids_seq;
	uint64_t snapshot_seq;             /* the newest such */
	char *snapshot_sha256;             /* what it says of the lines before it, terminated; NULL and "": null */
	apl_counted *counters;             /* program->n_counters; or NULL */
	apl_stay *stays;                   /* chart->n_states; or NULL */
	apl_parent *parent;                /* or NULL */
	apl_child **children;              /* chart->n_invokes, each NULL unless it lives; or NULL */
	apl_text *fault;                   /* of a faulted case: the cause that broke it, canonical JSON; or NULL */
	aplomb_instant away_from, away_to; /* the newest absence that its journal tells of; both 0: none */
	apl_case_calendars calendars;      /* that were changed while it was open; usually none */
} apl_case_more;

/* What a case asked to have sent later, to itself or to another. */
typedef struct apl_send_row {
	int32_t event;
	uint32_t id_size, to_size; /* id_size 0: none; to_size 0: to itself */
	uint64_t *words;           /* to itself: counted texts; or NULL */
	apl_text *data;            /* to another: canonical JSON; or NULL */
	bool at_once;
	uint8_t overdue;   /* apl_overdue */
	apl_queued queued; /* its place when it is to happen at once */
	char texts[];      /* id, NUL, to, NUL */
} apl_send_row;

typedef struct apl_case_timer {
	apl_timer timer; /* first: the queue's pointers are cast to this */
	apl_case *owner;
	struct apl_case_timer *next, *before; /* of the same case, newest armed first */
	uint64_t armed_seq;
	aplomb_span span;   /* of a delay, as it was when the state was entered */
	apl_send_row *send; /* NULL: a delay */
	uint32_t delay;     /* of the chart's delays; behind them its clocks: apl_timer_clock */
	bool armed;         /* in its case's list */
	uint8_t unit;       /* apl_span_unit, of [span] */
	uint16_t calendar;  /* the number in its case of what [span] is counted by (calendars.h); APL_NO_CALENDAR: by the clock */
} apl_case_timer;

/* The clock that the timer belongs to, or APL_NONE. */
static inline uint32_t apl_timer_clock(const apl_case_timer *timer) {
	const uint32_t n_delays = timer->owner->program->chart->n_delays;
	return timer->send == NULL && timer->delay >= n_delays && timer->delay != APL_NONE ? timer->delay - n_delays : APL_NONE;
}

/* ---- what a batch can take back ------------------------------------------- */

typedef enum apl_deed {
	APL_DID_ARM,     /* row */
	APL_DID_DISARM,  /* row; flag: it stood in the heap */
	APL_DID_MOVE,    /* row, and where it was before */
	APL_DID_PARK,    /* row: left the heap, its case is faulted */
	APL_DID_DEFER,   /* deferred event, appended */
	APL_DID_OFFER,   /* deferred event, taken out */
	APL_DID_COUNT,   /* case and counter */
	APL_DID_SEE,     /* case and id */
	APL_DID_OUTBOX,  /* the newest row made for the outbox */
	APL_DID_POST,    /* the newest event made for another case */
	APL_DID_ARRIVE,  /* what: an event of another case that the step has disposed of; nothing is to be undone but its count */
	APL_DID_UNPARK,  /* row: stands in the heap again */
	APL_DID_FAULT,   /* case; what: what it kept of a fault before, or NULL */
	APL_DID_AWAY,    /* case; due_at and order: what its journal told of an absence before */
	APL_DID_SETTLE,  /* row of the outbox: the event that says what became of it was stepped; nothing is to be undone */
	APL_DID_CHILD,   /* case and number of the invoke: [what] lived there before (or NULL), [before] since (or NULL) */
	APL_DID_RECOUNT, /* row, and the number of the calendar that it was counted by before */
	APL_DID_CALENDAR /* case and number of the slot: [what] was there before (or NULL), as a version of [order] since [seq] */
} apl_deed;

typedef struct apl_did {
	uint8_t deed;
	bool flag;
	uint32_t number;
	apl_case *the_case;
	void *what;
	void *before, *next;
	aplomb_instant due_at;
	uint64_t order, seq;
	apl_hash128 hash;
} apl_did;

/* A case as it was: its head's changing members and its words. */
typedef struct apl_case_undo {
	struct apl_case_undo *next; /* touched before it in this batch */
	apl_case *the_case;
	uint64_t seq;
	apl_hash128 prev;
	uint64_t random;
	aplomb_instant at, opened_at;
	uint32_t final_state;
	uint8_t status;
	apl_stay *stays;
	uint64_t words[];
} apl_case_undo;

/* What is to be added to a count after the commit: all the same way, so that adding up is one short loop. */
typedef struct apl_tally {
	apl_count *count;
	int32_t times, inside;
	uint64_t total;
} apl_tally;

/* Where everything that grows during a batch stands, to go back to. */
typedef struct apl_batch_mark {
	uint32_t n_did, n_tallies;
} apl_batch_mark;

/* Postings in their order. */
typedef struct apl_postings {
	struct apl_posting *first, *last;
} apl_postings;

typedef struct apl_batch {
	apl_arena arena; /* images */
	apl_case_undo *touched;
	apl_did *did;
	uint32_t n_did, did_capacity;
	apl_tally *tallies;
	uint32_t n_tallies, tallies_capacity;
	apl_store_line *lines;
	uint32_t n_lines, lines_capacity;
	apl_buf bytes;
	/*
	 * Whose newest line, the last in [bytes], is not hashed yet; or NULL. It is
	 * hashed when the hash is needed and not while its bytes are still on
	 * their way to the cache: that would have to wait for them.
	 */
	apl_case *unhashed;
	size_t unhashed_begun;
	aplomb_totals totals;                         /* to be added after the commit */
	struct apl_outbox_row *effects, *last_effect; /* for handlers, in order */
	apl_postings postings;                        /* for other cases, in order */
	uint32_t n_arrived;                           /* of the postings of before: the batch has disposed of them */
} apl_batch;

/* ---- effects and events on their way out ----------------------------------- */

typedef struct apl_effect_handler {
	struct apl_effect_handler *next;
	aplomb_effect_fn fn;
	void *payload;
	char kind[]; /* "*": whatever has none of its own */
} apl_effect_handler;

/* Where an effect stands. What is here waits; what came of everything else is known. */
typedef enum apl_row_state {
	APL_ROW_WAITS,    /* to be handed out when its timer is due, or, without one, when its kind has a handler */
	APL_ROW_HANDED,   /* somebody has it and will say what came of it, by its timer */
	APL_ROW_ANSWERED, /* what came of it is an event that waits in the queue */
	APL_ROW_UNKNOWN,  /* of `once`: it may have been done; a person is to say */
	APL_ROW_OVER      /* its handler said so while it had it */
} apl_row_state;

typedef struct apl_outbox_row {
	apl_timer timer;                      /* when to offer it again, or when who has it was to have answered */
	struct apl_outbox_row *next, *before; /* of all that wait, in the order they were wanted */
	struct apl_outbox_row *batch_next, *batch_before;
	struct apl_outbox_row *same; /* whose case has the same place in the table, later wanted */
	apl_case *the_case;
	uint32_t kind; /* of its program */
	uint64_t seq;
	aplomb_instant at;
	uint32_t item, attempt;
	uint8_t state;                              /* apl_row_state */
	bool in_hand;                               /* its handler is being called */
	bool is_over;                               /* nothing waits here any more, but the store is to hear of it */
	bool has_changed;                           /* the store is to hear of that */
	bool is_marked;                             /* the store has it as handed out */
	bool is_kept;                               /* it waits, and the store has it as it stands: it may leave memory with its case */
	bool is_new;                                /* the commit that wants it is not over: it is handed out right after it */
	aplomb_instant answer_by;                   /* of a question */
	uint32_t because_size, data_size, ask_size; /* because_size UINT32_MAX: none; ask_size 0: no question */
	char texts[];                               /* because, NUL, data, NUL, the question's id, NUL */
} apl_outbox_row;

/* The effects that wait: in their order, by their case, and by when something is to happen to them. */
typedef struct apl_outbox {
	apl_timerq due;
	apl_outbox_row *first, *last;
	apl_outbox_row **table; /* a power of two of lists, by the case; or NULL */
	uint32_t table_size;
	uint32_t count; /* in memory, without those that are over: of others whose case has left memory the store knows */
	apl_effect_handler *handlers;
	aplomb_span patience; /* how long somebody who takes an effect has to say what came of it */
	bool keeps;           /* the store has what waits: commits say what is new, what has changed and what is over */
	apl_outbox_row *over; /* rows that are, linked as those of a batch */
	uint32_t n_changed;
	aplomb_instant held_until; /* what is due is not durable yet, and may wait so long for it; INT64_MIN: nothing does */
} apl_outbox;

typedef enum apl_posting_kind {
	APL_POST_EVENT,
	APL_POST_DONE,    /* done.invoke.ID: what the parent's playbook declares says in which form the donedata are its event's */
	APL_POST_OPENING, /* of a child: the event is its playbook's hash, the data are what `open` carries */
	APL_POST_CANCEL   /* of a child: it carries nothing */
} apl_posting_kind;

/*
 * What goes to another case, to be posted there after the commit. It lives until what came of it there is committed: a store has a row of
 * it from the one commit to the other (postings.c).
 */
typedef struct apl_posting {
	struct apl_posting *next, *before; /* of its list */
	apl_case *the_case;                /* the sender */
	uint64_t seq;
	uint64_t order; /* among all of the engine's, also those of before a restart: the least goes first */
	uint32_t item;
	uint32_t number; /* among those of its entry, from 1 */
	uint8_t kind;    /* apl_posting_kind */
	bool is_queued;  /* something in the queue disposes of it */
	aplomb_instant at;
	uint32_t event_size, to_size, data_size; /* data_size UINT32_MAX: none */
	uint32_t hops;                           /* as of apl_queued */
	uint32_t invoke_size;                    /* 0: it has to do with no invocation */
	uint32_t by_size;                        /* 0: it is from the case itself */
	char texts[];                            /* event, NUL, to, NUL, data, NUL, invoke, NUL, by, NUL */
} apl_posting;

/* Where postings stand that were committed: postings.c. */
typedef struct apl_sent {
	apl_postings waiting; /* to be posted, the first first */
	apl_postings posted;  /* what disposes of them is in the queue */
	apl_postings over;    /* nothing waits any more, but the store is to hear of it */
	apl_postings left;    /* the store has them, and this runtime cannot read the case that they are for */
	uint64_t next_order;
} apl_sent;

/* ---- absences ---------------------------------------------------------------- */

/* Timers that were due by [to] are overdue: away.c. */
typedef struct apl_away {
	aplomb_instant from, to; /* INT64_MIN: the runtime was never away */
	aplomb_instant second;   /* the one in which so many have fired */
	uint32_t fired, per_second;
} apl_away;

/* ---- the engine ------------------------------------------------------------ */

typedef struct apl_case_slot {
	uint32_t tag; /* 0: free */
	uint32_t id_size;
	apl_case *the_case;
} apl_case_slot;

/* Cases as handles name them: handles.c. */
typedef struct apl_handle_row {
	apl_case *the_case; /* NULL: gone */
	uint32_t generation;
	uint32_t next_free; /* from 1; 0: none */
} apl_handle_row;

typedef struct apl_handles {
	apl_handle_row *rows;
	uint32_t count, capacity, first_free;
} apl_handles;

/* An event of a program, and the fields it is given, looked up once: known.c. */
struct apl_event_kind {
	struct apl_event_kind *next;
	apl_engine *engine;
	apl_program *program;
	int32_t event;
	bool is_direct; /* some of its steps may be done in place */
	size_t n_fields;
	apl_form *form;      /* NULL: the event declares no data */
	uint64_t *words;     /* the record that is filled for a step */
	aplomb_field *named; /* the fields with their names */
};

/* Table of cases by id. */
typedef struct apl_cases {
	apl_alloc alloc;
	apl_case_slot *slots;
	uint32_t capacity, count;
	/* The one found last, when its id is short: events of one case often come together. */
	apl_key last_key;
	apl_case *last; /* or NULL */
} apl_cases;

/* A recorded line while it is stepped again: replay.c. */
typedef struct apl_replay {
	bool moved;   /* the step changed the configuration: deferred events are to be offered */
	bool follows; /* lines name the recorded line before them, whatever came out in its place */
	const apl_tape *tape;
} apl_replay;

/* A step while it happens: the turn, and what only the engine may know of it. */
typedef struct apl_step {
	apl_turn turn; /* first: handlers get a pointer to it */
	apl_prepared *prepared;
	uint32_t n_items;
	uint32_t n_asked;    /* effects, sends, log lines */
	uint32_t last_taken; /* the newest transition, or APL_NONE */
	bool no_memory;
	bool traced;
	bool error_untaken;  /* an error.* is being processed and no transition has taken it yet */
	bool counted;        /* some counter counted in it */
	bool breach_pending; /* a limit was broken where the machine could not be told */
	bool pends;          /* states were entered or left for which something is to be done when the step is quiet; the rest is known then */
	bool clocks_pend;    /* some of them have clocks */
	uint32_t n_invoking; /* of engine->invoking: states with invokes that were entered in this macrostep and are active, in that order */
	uint64_t clocks_asked; /* for their target, a bit each */
} apl_step;
static inline void apl_step_pends(apl_step *step) {
	if (step->pends) return;
	step->pends = true;
	step->clocks_pend = false;
	step->n_invoking = 0;
	step->clocks_asked = 0;
}

struct apl_engine {
	apl_alloc alloc;
	apl_log *log;
	apl_clock *clock;
	bool time_follows_events;
	apl_store store;
	aplomb_limits limits;
	uint32_t snapshot_every;
	uint32_t batch_most;       /* steps of a pump, unless it is told */
	aplomb_span batch_within;  /* with pages: after so long it commits */
	apl_pages *pages;          /* cases leave memory and come back; NULL: all of them stay */
	bool adds_behind;          /* a program that is added is not the newest of its playbook */
	bool inside;               /* a pump is running */
	bool mends_alone;          /* somebody mends who has stepped nothing since the store was opened: nobody was there all the same */
	bool covers;               /* programs' coverage is counted */
	bool composes;             /* lines are written: the store wants them */
	bool rehearses;            /* nothing leaves: no handlers, nothing is posted to other cases */
	bool steps_in_place;       /* nobody wants to know of steps but by the case itself: known.c */
	_Atomic bool *interrupted; /* the step that runs is to be broken off; NULL: never is */

	apl_prepared *programs;                  /* the newest first */
	apl_program *default_program;            /* of cases whose first event names none; or NULL */
	apl_schema *error_schema;                /* what error.* carries */
	uint32_t error_fields[APL_ERROR_FIELDS]; /* its fields */

	apl_cases cases;
	apl_handles handles;
	apl_case *held[APL_SHARES]; /* fair.c */
	uint32_t n_held;
	uint32_t hops;                 /* of the event that is being stepped, as of apl_queued; 0 between steps */
	uint64_t n_in_place, n_direct; /* steps so far that were done in place, and that only needed no machine: for tests */
	apl_event_kind *kinds;
	apl_case *first_case, *last_case;
	apl_case *readied;           /* replayed heads whose `opened` entry has not come yet */
	apl_replay *replay;          /* a recorded line is being stepped; or NULL */
	struct apl_attempt *attempt; /* a statement is tried in place of an event: step.c; or NULL */
	uint32_t n_owing;            /* cases that owe offers */
	apl_timerq timers;
	apl_away away;
	uint64_t next_order;
	apl_case_timer *spare_timers;
	apl_queue queue;
	aplomb_totals totals;
	apl_kept_calendar *calendars; /* versions that cases have beside those of their playbooks */

	apl_machine *machine;
	uint32_t *invoking; /* children.c */
	uint32_t invoking_count, invoking_capacity;
	struct apl_watching *watching; /* somebody wants to know why: watch.h; NULL: nobody does */
	apl_step step;
	apl_arena turn_arena;
	/*
	 * The line being written: the batch's bytes, or, when nobody wants lines, a
	 * buffer that takes what items are needed for effects and is forgotten.
	 */
	apl_buf *line;
	size_t line_begun, items_begun;
	apl_buf no_line, hashed, effect_bytes, scratch;
	apl_instant_writer instants;
	apl_batch batch;

	apl_outbox outbox;
	apl_sent sent; /* from case to case */

	apl_tape tape;           /* of the door */
	apl_tape open_tape;      /* of `open` */
	apl_tape recorded, made; /* of a replayed line, and of what came out when it is another */
	apl_buf replayed;        /* what came out */
	apl_buf limits_json;
	apl_buf answer; /* texts of the last receipt of post_wait */
	apl_buf tried;  /* texts of the last try */
};

static inline apl_prepared *apl_prepared_of(const apl_case *c) {
	return c->program->prepared;
}
static inline bool apl_has_invokes(const apl_case *c) {
	return c->program->chart->n_invokes > 0;
}
static inline aplomb_instant apl_later(aplomb_instant a, aplomb_instant b) {
	return a > b ? a : b;
}

/* case.c */
apl_case *apl_case_new(apl_engine *engine, apl_program *program, const char *id, uint32_t id_size);
void apl_case_free(apl_engine *engine, apl_case *c);
/* Its `more`, made when there is none; NULL without memory. */
/* Room for what a snapshot says of the lines before it; NULL without memory. */
char *apl_case_sha256_of(apl_engine *engine, apl_case_more *more);
apl_case_more *apl_case_more_of(apl_engine *engine, apl_case *c);
/* The record of counters and stays that its program needs; false without memory. */
bool apl_case_prepare_counts(apl_engine *engine, apl_case *c);
/* A record of counted texts out of one whose texts may be in an arena; false without memory. */
bool apl_record_own(const apl_alloc *alloc, const apl_schema *schema, uint64_t *to, const uint64_t *from);
uint32_t apl_case_count_timers(const apl_case *c);
/* Those that the limit on timers is about: a playbook has only so many clocks. */
uint32_t apl_case_limited_timers(const apl_case *c);
void apl_deferred_free(apl_engine *engine, apl_deferred *deferred);

/* cases.c */
void apl_cases_init(apl_cases *cases, const apl_alloc *alloc);
void apl_cases_dispose(apl_cases *cases);
apl_case *apl_cases_look_up(const apl_cases *cases, const char *id, size_t size, apl_key key);
static inline __attribute__((always_inline)) apl_case *apl_cases_find(apl_cases *cases, const char *id, size_t size) {
	apl_key key = apl_key_of_any(id, size);
	apl_case *last = cases->last;
	if (last != NULL && last->id_size == size && apl_key_equal(cases->last_key, key)) return last;
	apl_case *found = apl_cases_look_up(cases, id, size, key);
	if (found == NULL || size > APL_KEY_SHORT) return found;
	cases->last_key = key;
	cases->last = found;
	return found;
}
bool apl_cases_add(apl_cases *cases, apl_case *c);
void apl_cases_remove(apl_cases *cases, apl_case *c);
/* Where the walk to the case of that id begins; never 0. */
uint32_t apl_cases_tag(const char *id, size_t size);
/* Most likely the case of an id with that tag and size, without a look at the case; NULL: there is none. The table is not empty. */
apl_case *apl_cases_likely(const apl_cases *cases, uint32_t tag, size_t size);

/* moment.c */
void apl_ids_drop(const apl_alloc *alloc, apl_ids *ids);

/* handles.c */
void apl_handles_dispose(apl_handles *handles, const apl_alloc *alloc);
/* The case is gone. */
void apl_handle_drop(apl_handles *handles, apl_case *c);
/* NULL: it names none that is there. */
static inline apl_case *apl_handle_case(const apl_handles *handles, aplomb_case_handle handle) {
	uint32_t number = (uint32_t)handle;
	if (number - 1 >= handles->count) return NULL;
	const apl_handle_row *row = &handles->rows[number - 1];
	return row->generation == (uint32_t)(handle >> 32) ? row->the_case : NULL;
}

/* known.c */
void apl_kinds_free(apl_engine *engine);

/* seen.c: [floor]: what was seen in this entry or before is forgotten. */
uint64_t apl_seen_floor(const apl_engine *engine, const apl_case *c);
/* Room for that many, so that adding them cannot fail; false without memory. */
bool apl_seen_reserve(const apl_alloc *alloc, apl_seen *seen, uint32_t count);
/* Also one that is to be forgotten. */
apl_seen_id *apl_seen_find(const apl_seen *seen, apl_hash128 hash);
static inline bool apl_seen_is_forgotten(const apl_seen_id *id, uint64_t floor) {
	return id->seq > 0 && id->seq <= floor;
}
/* One that is there and forgotten is seen anew. false without memory. */
bool apl_seen_add(const apl_alloc *alloc, apl_seen *seen, apl_seen_id id, uint64_t floor);
void apl_seen_remove(apl_seen *seen, apl_hash128 hash);
void apl_seen_dispose(const apl_alloc *alloc, apl_seen *seen);

/* image.c */
/* Copies the case when this batch touches it first; false without memory. */
bool apl_touch(apl_engine *engine, apl_case *c);
/* A copy for the running step; NULL without memory. */
apl_case_undo *apl_image_take(apl_arena *arena, apl_case *c);
/* The case becomes what it was; the image is used up, or kept for another time. */
void apl_image_put_back(apl_engine *engine, apl_case_undo *image, bool keep);
void apl_image_drop(apl_engine *engine, apl_case_undo *image);

/* batch.c */
void apl_batch_init(apl_batch *batch, const apl_alloc *alloc);
/* Every case's prev is that of its newest line from now on. */
static inline void apl_prev_settle(apl_batch *batch) {
	if (batch->unhashed == NULL) return;
	const apl_store_line *line = &batch->lines[batch->n_lines - 1];
	apl_hash128 hash = apl_line_hash(batch->bytes.bytes + batch->unhashed_begun, line->size);
	APL_APART(hash.high, hash.low);
	batch->unhashed->prev.high = hash.high;
	batch->unhashed->prev.low = hash.low;
	batch->unhashed = NULL;
}
void apl_batch_dispose(apl_batch *batch);
/* A line of the list, to be filled in; NULL without memory. Reserve before you act. */
apl_did *apl_did_reserve(apl_engine *engine);
static inline void apl_did_done(apl_engine *engine) {
	engine->batch.n_did++;
}
static inline apl_batch_mark apl_batch_here(const apl_engine *engine) {
	return (apl_batch_mark){engine->batch.n_did, engine->batch.n_tallies};
}
/* Undoes, newest first, all that was done since [mark]. */
void apl_batch_undo(apl_engine *engine, apl_batch_mark mark);
/* Everything is as before the batch: after a lack of memory, or a failed commit. */
void apl_batch_take_back(apl_engine *engine);
/* The commit succeeded: frees what was kept for undoing. */
void apl_batch_settle(apl_engine *engine);
/* Takes a deferred event out of its case's list, so that it can be undone; false without memory. */
bool apl_deferred_take(apl_engine *engine, apl_deferred *deferred);
static inline bool apl_tally_add(apl_engine *engine, apl_count *count, int32_t times, int32_t inside, uint64_t total) {
	apl_batch *batch = &engine->batch;
	if (batch->n_tallies == batch->tallies_capacity &&
	    !APL_GROW(&engine->alloc, batch->tallies, batch->n_tallies, batch->tallies_capacity)) {
		return false;
	}
	batch->tallies[batch->n_tallies++] = (apl_tally){count, times, inside, total};
	return true;
}
/* Something happened once more. */
static inline bool apl_tally_once(apl_engine *engine, apl_count *count) {
	return apl_tally_add(engine, count, 1, 0, 0);
}

/* timers.c */
/* The delays of a state that was entered or left. */
void apl_delays_arm(apl_step *step, uint32_t state);
void apl_delays_disarm(apl_step *step, uint32_t state);
/*
 * An `every` that has just fired, and is out of its case's list, is armed again: as much later as it was due, so that it does not drift,
 * and before its step, so that a step that leaves the state takes it along. Its item is the step's first. false without memory.
 */
bool apl_delay_repeat(apl_engine *engine, const apl_case_timer *fired);
/* Delays that count from [event] begin anew. */
void apl_delays_restart(apl_step *step, const apl_step_event *event);
/* A new timer in the case's list, in the heap unless it is a send to happen at once; NULL without memory. [send] is taken over if it works.
 */
apl_case_timer *apl_timer_arm(
    apl_engine *engine, apl_case *c, aplomb_instant due_at, uint64_t armed_seq, uint32_t delay, apl_send_row *send);
/* Out of its case's list and out of the heap, so that it can be undone; false without memory. */
bool apl_timer_disarm(apl_engine *engine, apl_case_timer *timer);
/* Out of the heap, but still its case's. */
bool apl_timer_park(apl_engine *engine, apl_case_timer *timer);
/* The case's that was armed before all others, and its that would fire first: of those in the heap; or NULL. */
apl_case_timer *apl_oldest_timer(const apl_case *c);
apl_case_timer *apl_next_timer(const apl_case *c);
/* Is it the one that the cause of a timer's entry, the map at [cause], names? */
bool apl_timer_is_named(const apl_case_timer *timer, const apl_tape *tape, uint32_t cause);
/* When something is due next that happens to an open case without an event, be it parked or sent at once; APLOMB_NEVER. */
aplomb_instant apl_case_due(const apl_case *c);
/* It is due at another time, as if it had just been armed; false without memory. */
bool apl_timer_move(apl_engine *engine, apl_case_timer *timer, aplomb_instant due_at);
/* Its deadline is counted by the calendar of that number; false without memory. */
bool apl_timer_count_by(apl_engine *engine, apl_case_timer *timer, uint32_t calendar);
/* The number of the calendar by which its next time is counted, or what is counted anew. */
uint32_t apl_timer_counts_on(const apl_case_timer *timer);
/* Into the heap again, unless it is a send to happen at once; false without memory. */
bool apl_timer_unpark(apl_engine *engine, apl_case_timer *timer);
/* One that comes out of a snapshot: in the list, and in the heap when [runs]; NULL without memory. [send] is taken over if it works. */
apl_case_timer *apl_timer_restore(apl_engine *engine, apl_case *c, aplomb_instant due_at, uint32_t delay, apl_send_row *send, bool runs);
void apl_timer_free(apl_engine *engine, apl_case_timer *timer);
void apl_timer_undo(apl_engine *engine, const apl_did *did);

/* away.c */
/* The item of a timer that does not fire. */
void apl_skipped_item(apl_engine *engine, const apl_case_timer *timer);
void apl_away_init(apl_away *away, uint32_t per_second);
/* The entry that says from when to when nobody was there, at [at] or the case's own time, and what that means for timers. ENOMEM. */
int apl_away_note(apl_engine *engine, apl_case *c, aplomb_instant at, aplomb_instant from, aplomb_instant to);
void apl_away_undo(const apl_did *did);
/* Is what is due then overdue, and has the second of [now] had its share of such? When the next one begins. */
bool apl_away_holds(apl_engine *engine, aplomb_instant due_at, aplomb_instant now);
aplomb_instant apl_away_goes_on(const apl_engine *engine);
/* [first] is overdue: which timer fires now, by [until]; NULL: none, but [queued], if there is one. */
apl_timer *apl_away_choose(apl_engine *engine, apl_timer *first, const apl_queued *queued, aplomb_instant now, aplomb_instant until);
/* One step of an overdue timer's case: what is told before it, or the timer itself, which is then counted in [fired]. */
int apl_away_fire(apl_engine *engine, apl_case_timer *timer, uint32_t *fired);

/* clocks.c */
/* The step is quiet: clocks begin to run, or stop; with [closes] all end. */
void apl_clocks_settle(apl_step *step, bool closes);
/* The event that the clock's timer brings. */
int32_t apl_clock_next_event(const apl_case *c, uint32_t number);
/* What that carries at [at]: a record in the turn's arena. false without memory. */
bool apl_clock_tell(apl_engine *engine, const apl_case *c, uint32_t number, aplomb_instant at, apl_payload *out);
/* The step of such an event begins. */
void apl_clock_fired(apl_step *step, const apl_step_event *event);

/* The number of the calendar that counts it; APL_NO_CALENDAR: it has not begun, or counts the clock's time. */
uint32_t apl_clock_calendar(const apl_case *c, uint32_t number);
/* What is left of it is counted by that calendar from now on; its item. */
void apl_clock_recount(apl_step *step, uint32_t number, uint32_t calendar);

/* calendars.c: versions of calendars that cases have. */
/* The calendar's, kept by whoever asks until it is dropped; NULL without memory. */
apl_kept_calendar *apl_calendar_keep(apl_engine *engine, const apl_calendar *calendar);
/* Its own text; EINVAL (calendar-material), ENOMEM. */
int apl_calendar_keep_text(apl_engine *engine, const char *text, size_t size, apl_kept_calendar **out, aplomb_error *error);
/* NULL is fine. */
void apl_calendar_drop(apl_engine *engine, apl_kept_calendar *kept);
/* It takes [kept] over and counts by it what begins from the entry [since] on, as a version of the program's [of]. Its number; APL_NONE
 * without memory, and then it was dropped. */
uint32_t apl_calendar_adopt(apl_engine *engine, apl_case *c, apl_kept_calendar *kept, uint32_t of, uint64_t since);
/* Versions by which nothing is counted any more are let go. false without memory. */
bool apl_calendars_sweep(apl_engine *engine, apl_case *c);
void apl_calendar_undo(apl_engine *engine, const apl_did *did);
void apl_calendars_free(apl_engine *engine, apl_case *c);
/* "calendar":"…","calendar_version":"…", of what is counted by that calendar, in an item; nothing of the clock's. */
void apl_calendar_write_counting(apl_buf *out, const apl_case *c, uint32_t calendar);
/* "calendars":[…], of a snapshot; nothing when there are none. */
void apl_calendars_write(apl_buf *out, const apl_case *c);
/* That list, in a case that has none yet. */
int apl_calendars_read(apl_engine *engine, apl_case *c, const apl_tape *tape, uint32_t list, aplomb_error *error);
/* "calendar":"…", and of a version that is not the program's also "calendar_version":"…"; and the other way: APL_NO_CALENDAR when nothing
 * is said, APL_NONE when the case has no such calendar. */
void apl_calendar_write_number(apl_buf *out, const apl_case *c, uint32_t number);
uint32_t apl_calendar_read_number(const apl_case *c, const apl_tape *tape, uint32_t map);

/* clocks_text.c */
/* ,"clocks":{…} of a snapshot. */
void apl_clocks_write(apl_buf *out, const apl_case *c);
/* That map; what is wrong with it, or NULL. */
const char *apl_clocks_read(apl_case *c, const apl_tape *tape, uint32_t map);

/* digest.c */
apl_hash128 apl_case_digest(apl_engine *engine, apl_case *c, const char *effects, size_t effects_size);

/* pump.c: at most [most] steps of what is due at [now] or queued. ENOMEM: the batch is to be taken back. */
int apl_fail_interrupted(aplomb_error *error);
int apl_step_batch(apl_engine *engine, uint32_t most, aplomb_instant now, aplomb_pump_report *report);

/* The deferred events that cases owe an offer come first in a batch; they owe it until it is committed. ENOMEM likewise. */
int apl_offer_owed(apl_engine *engine);

/* step.c */
typedef struct apl_stimulus {
	apl_entry_kind kind;
	const apl_step_event *event; /* NULL: the case opens, or is cancelled */
	aplomb_instant at;           /* the case's time from now on */
} apl_stimulus;

typedef struct apl_outcome {
	bool unhandled, deferred, faulted, closed, moved;
	uint64_t seq;
} apl_outcome;

/*
 * One macrostep of the case and its entry, which apl_line_begin, the cause and
 * apl_line_items have begun.
 * [before] is the batch before what belongs to this step was begun (the fired
 * timer taken from its list, say): a breach goes back there. With [quiet] an
 * event that is deferred again leaves no entry and nothing else.
 * ENOMEM: the batch is to be taken back.
 */
int apl_step_run(apl_engine *engine, apl_case *c, const apl_stimulus *stimulus, apl_batch_mark before, bool quiet, apl_outcome *out);
/* A turn in which handlers can be asked though nothing is stepped: for a trial, which takes back what they ask for. */
void apl_step_prepare(apl_engine *engine, apl_case *c, aplomb_instant at);
/* A turn in which nothing is done: a case that is looked at, with the event it sees, or NULL. */
apl_turn *apl_step_look(apl_engine *engine, apl_case *c, const apl_step_event *event);
/*
 * A statement's macrostep and its entry, which have been begun as for apl_step_run. EINVAL or ELIMIT with [error]: it failed, or broke a
 * limit; that and ENOMEM: the batch is to be taken back.
 */
int apl_step_perform(apl_engine *engine, apl_case *c, apl_aside *aside, aplomb_instant at, apl_outcome *out, aplomb_error *error);
/* An entry without a macrostep: refused ones, and events sent on to other cases. Cause and items were written, apl_line_items in between.
 */
int apl_step_note(apl_engine *engine, apl_case *c, apl_entry_kind kind, aplomb_instant at);
/* The entry of a broken limit whose cause and items were written by whoever knows of it: the case becomes faulted. */
int apl_step_fault(apl_engine *engine, apl_case *c, aplomb_instant at);
/* A step that breaks a limit before it begins: it is taken back to [before], as one that breaks it later. */
int apl_step_refuse(
    apl_engine *engine, apl_case *c, const apl_stimulus *stimulus, apl_batch_mark before, const aplomb_error *breach, apl_outcome *out);
/* The case ends in no final state, without a step: clocks end, children and timers are cancelled. Its items. ENOMEM. */
int apl_step_close(apl_engine *engine, apl_case *c, aplomb_instant at);
/* Begins the case's next line; the caller then writes the cause to engine->line. */
void apl_line_begin(apl_engine *engine, apl_case *c, aplomb_instant at);
/* Behind the cause; the second when what comes between was written with it. */
void apl_line_items(apl_engine *engine);
void apl_line_items_begun(apl_engine *engine);
/* The bytes of an item that begins now: its comma, unless it is the first. */
void apl_item_begin(apl_step *step);
/* The item of an error, and its number in the statistics. */
void apl_item_finding(apl_step *step, const aplomb_error *error);
/* Adds the head or entry that was just written to the batch; false without memory. */
bool apl_line_add(apl_engine *engine, apl_case *c, uint64_t seq, size_t begun);

/* pump.c: one step each, for whoever knows what is next (replay.c); the batch is the caller's. */
int apl_take_queued(apl_engine *engine, apl_queued *queued);
int apl_fire(apl_engine *engine, apl_case_timer *timer);
/* [deferred] was taken out of its list behind [before]. When it is deferred again there is no line, and all is as at [before]. */
int apl_offer_one(apl_engine *engine, apl_case *c, apl_deferred *deferred, apl_batch_mark before, apl_outcome *outcome);
int apl_write_refusal(apl_engine *engine, apl_case *c, const apl_queued *queued, const char *name, const char *slug, const char *message);
static inline void apl_owe_nothing(apl_engine *engine, apl_case *c) {
	if (c->more == NULL || !c->more->owes_offers) return;
	c->more->owes_offers = false;
	engine->n_owing--;
}

/* opening.c */
/* Can the counters' windows be computed from the case's params? EREFUSED. */
int apl_case_check_windows(const apl_case *c, aplomb_error *error);
/* Can these states be active together, as a whole? (legal.c) */
bool apl_configuration_is_legal(const apl_chart *chart, const uint64_t *set);
/* Can the history state remember these? [scratch]: as many words as a set has. */
bool apl_history_is_legal(const apl_chart *chart, uint32_t history, const uint64_t *remembered, uint64_t *scratch);
/* Head, `opened` entry, initial macrostep. */
int apl_case_open(apl_engine *engine, apl_case *c, aplomb_instant at);
/* Fills data, params, history, locale and seed of a new case from `open`; [cell] APL_NO_FIELD: there is none. */
int apl_case_begin(apl_engine *engine, apl_case *c, const char *subject, const apl_tape *tape, uint32_t cell, aplomb_error *error);
/* The case never came about: nobody finds it any more, and waiting events from [from] on that meant it lose it. Free it when its id is
 * needed no more. */
void apl_case_vanish(apl_engine *engine, apl_case *c, apl_queued *from);
/* To the end of the list of cases. */
void apl_case_append(apl_engine *engine, apl_case *c);
/* Into the table and to the end of the list; false without memory. */
bool apl_case_enlist(apl_engine *engine, apl_case *c);
/* A case from its recorded head: all but what the `opened` entry says. */
int apl_case_from_head(apl_engine *engine, apl_case *c, const apl_tape *tape, aplomb_error *error);
/* What the `opened` entry's cause says: data, and history when there was one. */
int apl_case_fill(apl_engine *engine, apl_case *c, const apl_tape *tape, uint32_t cause, aplomb_error *error);
/* Appends the case's head line; returns its hash. Without memory [out] has failed. */
apl_hash128 apl_case_head(apl_engine *engine, const apl_case *c, apl_buf *out);

/* door.c */
typedef struct apl_given {
	const char *bytes; /* NULL: not given */
	size_t size;
} apl_given;

/* What only an event has that a case of this runtime sent. */
typedef struct apl_sender {
	apl_given invoke;         /* the invocation that it comes from */
	const apl_parent *parent; /* of a case that is invoked: copied; or NULL */
	apl_program *program;     /* that it is to run; NULL: see playbook */
	bool stays;               /* nobody would post it again: it waits until it is committed */
	uint32_t hops;            /* as of apl_queued */
	apl_posting *posting;     /* that what is queued disposes of; or NULL */
	bool has_another_way;     /* a refusal does not dispose of it: something else is said then */
} apl_sender;

/* An event, whatever it came in. */
typedef struct apl_inbound {
	apl_given id, case_id, subject, playbook, event, by;
	bool has_at;
	aplomb_instant at;
	const apl_tape *data; /* NULL: see fields */
	uint32_t data_cell;
	const aplomb_field *fields;
	size_t n_fields;
	const apl_tape *open; /* NULL: none */
	uint32_t open_cell;
	bool only_opens;          /* no event: the case is to be opened, and nothing else */
	const apl_sender *sender; /* it comes from a case of this runtime; NULL: from outside */
} apl_inbound;
int apl_door(apl_engine *engine, const apl_inbound *in, aplomb_receipt_fn done, void *payload, apl_queued **out, aplomb_error *error);
/* The same for the public struct. */
int apl_post_event(apl_engine *engine, const aplomb_event *event, bool only_opens, aplomb_receipt_fn done, void *payload, apl_queued **out,
    aplomb_error *error);
apl_given apl_given_text(const char *text);
/* A case that is open is to be cancelled: it waits its turn. ENOMEM, ELIMIT. */
int apl_door_cancel(apl_engine *engine, apl_given case_id, apl_given by, aplomb_instant at, const apl_sender *sender, apl_queued **out,
    aplomb_error *error);
/* The number of a declared event: EREFUSED, unknown-event, with the nearest name. */
int apl_door_event(const apl_program *program, apl_given name, int32_t *out, aplomb_error *error);
/* May `by` be this? */
bool apl_door_is_sender(apl_given by);

/* aside.c: a statement's step with its line, in a batch of its own that the caller commits or takes back. */
int apl_statement_step(
    apl_engine *engine, apl_case *c, apl_aside *aside, apl_given text, aplomb_instant at, apl_outcome *outcome, aplomb_error *error);

/* pump.c */
/* What was deferred is offered again, if the step changed the configuration. */
int apl_after_step(apl_engine *engine, apl_case *c, const apl_outcome *outcome);
/* The batch's lines go to the store, its receipts and effects out. ESTORE: it is taken back. */
int apl_batch_commit(apl_engine *engine, aplomb_error *error);

/* children.c */
/* A state that has invokes was entered or left. */
void apl_invokes_entered(apl_step *step, uint32_t state);
void apl_invokes_left(apl_step *step, uint32_t state);
/* The macrostep is quiet: what was entered in it and is still active is invoked. What it came to in the end. */
apl_step_result apl_invokes_begin(apl_step *step, apl_step_result so_far);
/* An outside event begins, before any transition is looked at: finalize and autoforward. */
void apl_children_hear(apl_step *step, const apl_step_event *event);
/* Does the event come from an invocation that is over? */
bool apl_child_is_over(const apl_case *c, const apl_payload *payload);
/* An outside event begins: when it is what tells of a child's end, the child is one no more. Its item. false without memory. */
bool apl_child_ended(apl_engine *engine, apl_case *c, int32_t event, const apl_payload *payload);
/* The case has come to its end by itself, or was faulted ([error]): its parent is told. The donedata are asked for. false without memory.
 */
bool apl_parent_hears_done(apl_step *step, uint32_t final);
bool apl_parent_hears_error(apl_engine *engine, apl_case *c, const aplomb_error *error, aplomb_instant at);
/* {"message":…,"slug":…}: what error.invoke.ID carries. */
void apl_error_write(apl_buf *out, const aplomb_error *error);
/* Where `to` leads when it is "parent" or "child:ID". */
typedef enum apl_relative { APL_NO_RELATIVE, APL_TO_PARENT, APL_TO_CHILD, APL_TO_NOBODY } apl_relative;
apl_relative apl_relative_of(const apl_case *c, apl_given to, apl_given *id, apl_given *invoke);
/* A case's own copy; NULL without memory. */
apl_parent *apl_parent_new(const apl_alloc *alloc, apl_given id, apl_given invoke, uint32_t depth);
apl_child *apl_child_new(const apl_alloc *alloc, apl_given id, apl_given hash);
void apl_children_free(const apl_alloc *alloc, apl_case *c);
void apl_child_free(const apl_alloc *alloc, apl_child *child);
void apl_child_undo(apl_engine *engine, const apl_did *did);

/* commit.c */
int apl_commit(apl_engine *engine, aplomb_error *error);
/* Gives the receipts of what the batch stepped, with [why] as ESTORE in place of each answer when it is not NULL, and releases it. */
void apl_answer(apl_engine *engine, const char *why);

/* snapshot.c */
/* Without ids, for a moment, which keeps them apart; false without memory. */
bool apl_snapshot_without_ids(apl_engine *engine, apl_case *c, apl_buf *out);
/* restore.c: a case out of such a text and [ids] (or NULL), in no table and no list yet. */
int apl_case_read(apl_engine *engine, const char *json, size_t size, const apl_ids *ids, apl_case **out, aplomb_error *error);
/* It is in the table and the list: what it sent itself waits in the queue, and it is counted. */
void apl_case_restored(apl_engine *engine, apl_case *c);
/* A case out of the store's snapshot, which has been read into [tape], is in the table and the list again. Effects that waited then are the
 * outbox's, and not looked at. */
int apl_case_put_back(apl_engine *engine, const apl_tape *tape, aplomb_error *error);
typedef struct apl_due_snapshot {
	apl_case *the_case;
	char sha256[APL_SHA256_HEX + 1];
} apl_due_snapshot;
/* Writes the snapshots that are due, in the batch's arena and [bytes]: they go into the commit. */
int apl_snapshots_due(apl_engine *engine, apl_store_batch *commit, apl_due_snapshot **due, apl_buf *bytes, aplomb_error *error);
/* The commit has them. */
void apl_snapshots_taken(const apl_store_batch *commit, const apl_due_snapshot *due);

/* outbox.c */
/* A row for the handler of this kind, if there is one; false without memory. */
bool apl_outbox_add(apl_engine *engine, apl_case *c, uint32_t kind, uint32_t item, aplomb_instant at, const char *because, const char *data,
    size_t data_size, const apl_ask *ask);
/* One that waited elsewhere: its other members are the caller's to fill, then apl_outbox_schedule puts it where it belongs. NULL without
 * memory. */
typedef struct apl_row_texts {
	apl_given because, data, ask; /* because and ask: bytes NULL when there is none */
} apl_row_texts;
apl_outbox_row *apl_outbox_restore(apl_engine *engine, apl_case *c, uint32_t kind, const apl_row_texts *texts);
void apl_outbox_schedule(apl_engine *engine, apl_outbox_row *row, aplomb_instant due_at);
void apl_outbox_deliver_new(apl_engine *engine, apl_outbox_row *first, uint32_t *delivered);
void apl_outbox_deliver_due(apl_engine *engine, aplomb_instant now, uint32_t *delivered);
/* When there is something to do for it: APLOMB_NEVER. */
aplomb_instant apl_outbox_next(const apl_engine *engine);
void apl_outbox_row_free(apl_engine *engine, apl_outbox_row *row);
/* It waits no more. Where the store has it, it stays until a commit has said so, for its case must stay as long. */
void apl_outbox_row_over(apl_engine *engine, apl_outbox_row *row);
/* Some of the kinds may have got a handler: what waited for that is offered. */
void apl_outbox_resolve(apl_engine *engine, apl_prepared *prepared);
/* What is offered again, it is offered after a pause that grows with the attempts. */
void apl_outbox_offer_later(apl_engine *engine, apl_outbox_row *row);
/* Its texts; NULL: there is none. */
const char *apl_row_because(const apl_outbox_row *row);
const char *apl_row_data(const apl_outbox_row *row);
const char *apl_row_ask(const apl_outbox_row *row);
typedef struct apl_row_key {
	char text[APL_MOST_CASE_ID + 64];
} apl_row_key;
/* As a handler sees it; [out] points into both. */
void apl_row_tell(const apl_outbox_row *row, apl_row_key *key, aplomb_effect *out);
/* The first of the case's rows, in the order they were wanted, and the next one. */
apl_outbox_row *apl_outbox_of(const apl_engine *engine, const apl_case *c);
apl_outbox_row *apl_outbox_next_of(const apl_outbox_row *row);
/* It is nothing that waits for a time any more. */
void apl_outbox_rest(apl_engine *engine, apl_outbox_row *row, apl_row_state state);
/* The case goes: nobody waits for its effects. */
void apl_outbox_forget(apl_engine *engine, const apl_case *c);
/* What waits for a case that might leave memory. */
typedef enum apl_outbox_says {
	APL_OUTBOX_GO,   /* nothing, or what the store has as it stands */
	APL_OUTBOX_WAIT, /* what a commit is to put first: apl_outbox_note_of says so to the next one */
	APL_OUTBOX_STAY  /* what somebody has in hand, has no handler, or asks for a person */
} apl_outbox_says;
apl_outbox_says apl_outbox_may_leave(const apl_engine *engine, const apl_case *c);
void apl_outbox_note_of(apl_engine *engine, const apl_case *c);
/* Its rows go with it, and wait in the store. */
void apl_outbox_leave(apl_engine *engine, const apl_case *c);
/* What waits is dropped; handlers stay. */
void apl_outbox_clear(apl_engine *engine);
void apl_outbox_dispose(apl_engine *engine);

/* outcomes.c: what came of effects. */
typedef struct apl_word_of {
	aplomb_outcome outcome;
	apl_given data;      /* DONE: canonical JSON or any; bytes NULL: nothing */
	const char *message; /* otherwise */
	const char *slug;
	const char *by; /* who says so; NULL: "effect:KIND" */
} apl_word_of;
/*
 * Somebody says what came of the effect. Its case is told when its playbook declares the event. EREFUSED, EFAULTED, ELIMIT, ENOMEM as at
 * the door: nothing has changed then.
 */
int apl_outbox_answer(apl_engine *engine, apl_outbox_row *row, const apl_word_of *word, aplomb_error *error);
/* Nobody can say whether it was done, and it must not be done twice. */
void apl_outbox_unknown(apl_engine *engine, apl_outbox_row *row, const char *why);
/* The row of that key, or NULL. */
apl_outbox_row *apl_outbox_find(const apl_engine *engine, const apl_case *c, apl_given key);
/* An event from outside begins: the effect that it tells of waits no more once this is committed. false without memory. */
bool apl_outcome_heard(apl_engine *engine, apl_case *c, const apl_event_name *event, const apl_payload *payload);

/* outbox_store.c: what the store knows of effects, and of what cases sent to one another. */
/* What a commit says of rows: their texts move while they are written. */
typedef struct apl_gathering {
	apl_store_effect *effects;
	size_t *begun; /* of each text; SIZE_MAX: it is taken out */
	uint32_t count;
	apl_buf *texts;
} apl_gathering;
/* Is there something for it in this batch, or from before? */
bool apl_outbox_has_news(const apl_engine *engine);
/* Into the commit, in the batch's arena and [texts], which live until it is over; false without memory. */
bool apl_outbox_gather(apl_engine *engine, apl_store_batch *commit, apl_buf *texts);
/* The commit has them. */
void apl_outbox_kept(apl_engine *engine);
/* A case came back into memory: its effects that wait come with it. ENOMEM, EDAMAGED, and what the store says. */
int apl_outbox_come_back(apl_engine *engine, apl_case *c, aplomb_error *error);
/* A runtime opens: what cases sent to one another, and their senders with it. ENOMEM, EDAMAGED, and what the store says. */
int apl_sent_reload(apl_engine *engine, aplomb_error *error);
/* snapshot.c: a row as a snapshot and a store have it. restore.c: the other way. */
void apl_effect_write(apl_buf *out, const apl_outbox_row *row);
int apl_effect_read(apl_engine *engine, apl_case *c, const apl_tape *tape, uint32_t map, aplomb_error *error);

/* mend.c */
typedef struct apl_mend {
	aplomb_mend_kind kind;
	apl_given because, by;
	const apl_tape *data; /* SET: a map, at [data_cell]; otherwise NULL */
	uint32_t data_cell;
	/* RESUME, in a replay: the limits that held from then on as they are recorded; 0: nothing is said of them. Otherwise the engine's. */
	const apl_tape *limits;
	uint32_t limits_cell;
} apl_mend;
/* recount.c: a calendar of the case becomes another version. */
typedef struct apl_change {
	uint32_t of;                  /* which, of its program */
	const apl_calendar *calendar; /* what it is from now on */
	apl_calendar_way way;
	apl_given because, by;
} apl_change;
/*
 * The entry, in a batch that the caller commits or takes back. [*out]: there is one; false: nothing would change. EREFUSED, EFAULTED,
 * ELIMIT, ENOMEM.
 */
int apl_calendar_step(apl_engine *engine, apl_case *c, const apl_change *change, aplomb_instant at, bool *out, aplomb_error *error);
bool apl_mend_named(apl_given name, aplomb_mend_kind *out);
/*
 * The entry, and what follows from it, in a batch that the caller commits or takes back. [queued]: the event that was stepped again, for
 * the caller to release; or NULL. EINVAL, EREFUSED, ENOMEM.
 */
int apl_mend_step(apl_engine *engine, apl_case *c, const apl_mend *mend, aplomb_instant at, apl_outcome *outcome, apl_queued **queued,
    aplomb_error *error);
/* The case broke a limit, and the running line has the cause, up to its items: it is kept. false without memory. */
bool apl_fault_keep(apl_engine *engine, apl_case *c);
void apl_fault_undo(apl_engine *engine, const apl_did *did);

/* send.c */
/* For another case, after the commit, with the invocation that it has to do with (or none) and its sender (or the case); false without
 * memory. */
bool apl_posting_add(apl_engine *engine, apl_posting_kind kind, apl_case *from, uint32_t item, aplomb_instant at, apl_given event,
    apl_given to, apl_given data, apl_given invoke, apl_given by);
/* The batch's postings go nowhere: a rehearsal. */
void apl_postings_drop(apl_engine *engine);
/* Posts what was committed. ENOMEM: the rest waits. */
int apl_postings_post(apl_engine *engine, aplomb_error *error);
/* The same when a runtime opens, as far as the cases are there that they are for: the others wait for what the host will load. */
void apl_postings_resume(apl_engine *engine);
/* What was sent to itself, to happen at once, takes its place in the queue. */
void apl_sent_enqueue(apl_engine *engine, apl_case_timer *timer);

/* postings.c: where postings stand, and what a store has of them. */
typedef struct apl_posting_texts {
	apl_given event, to, data, invoke, by; /* data.bytes NULL: none */
} apl_posting_texts;
/* In no list; NULL without memory. */
apl_posting *apl_posting_new(apl_engine *engine, apl_posting_kind kind, apl_case *from, const apl_posting_texts *texts);
void apl_posting_free(apl_engine *engine, apl_posting *posting);
apl_posting_texts apl_posting_texts_of(const apl_posting *posting);
void apl_postings_append(apl_postings *list, apl_posting *posting);
void apl_postings_remove(apl_postings *list, apl_posting *posting);
/* All of the batch's are committed. */
void apl_postings_join(apl_postings *list, apl_postings *behind);
/* Nothing waits for it any more that was not committed. It stands in no list. */
void apl_posting_over(apl_engine *engine, apl_posting *posting);
/* The running step has disposed of it, and its commit says so to the store. ENOMEM. */
int apl_posting_arrives(apl_engine *engine, apl_posting *posting);
/* What was in the queue did not come about, for the case that it was for never did: it is posted once more. */
void apl_posting_again(apl_engine *engine, apl_queued *queued);
/* Every case that a posting points to, perhaps several times. */
void apl_sent_each_case(apl_engine *engine, void (*tell)(apl_case *c, bool pinned), bool pinned);
/* All of them are forgotten. */
void apl_sent_clear(apl_engine *engine);
/* How many rows the running commit puts or takes out. */
static inline bool apl_sent_has_news(const apl_engine *engine) {
	return engine->batch.postings.first != NULL || engine->batch.n_arrived > 0 || engine->sent.over.first != NULL;
}
uint32_t apl_sent_count_news(const apl_engine *engine);
/* Into what the commit gathers, which has room for as many. */
void apl_sent_gather(apl_engine *engine, struct apl_gathering *g);
/* The commit has them. */
void apl_sent_kept(apl_engine *engine);
/* What is over and in no commit yet gets one of its own. */
void apl_sent_forget(apl_engine *engine);
/* A row of the store, whose text was read into [tape], waits to be posted. EDAMAGED, ENOMEM. */
int apl_sent_read(apl_engine *engine, apl_case *c, uint64_t seq, uint32_t item, const apl_tape *tape, aplomb_error *error);
/* All rows were read. ENOMEM. */
int apl_sent_sort(apl_engine *engine, aplomb_error *error);

/* turn.c */
/* apl_turn_effect; [ask]: the question that it is, or NULL. */
int apl_turn_effect_with(apl_turn *turn, uint32_t kind, uint64_t *words, const char *because, const apl_ask *ask, aplomb_error *error);

/* questions.c */
/* An event from outside begins: the question that it answers, if it does and that is open, is open no more. Its item. false without memory.
 */
bool apl_ask_answered(apl_engine *engine, apl_case *c, const apl_event_name *event);

/* fair.c: no case has a pump to itself. */
bool apl_is_held(const apl_engine *engine, const apl_case *c);
/* Events of held cases that are next step aside. */
void apl_make_way(apl_engine *engine);
/* It has had its share: when another timer of its is due by now, it does nothing more until apl_let_go. */
void apl_hold_if_due(apl_engine *engine, apl_case *c, aplomb_instant now);
/* Whatever was held is in its place again: when nobody else wants the pump, and before anything is taken back, committed or answered. */
void apl_let_go(apl_engine *engine);

/* own.c: what cases do of themselves, and to one another. */
/* A delay is about to fire: one thing more that the case does of itself. false: one too many, and the error says so. */
bool apl_own_fires(apl_engine *engine, const apl_case_timer *timer, aplomb_instant at, aplomb_error *error);
/* The step that runs sends something later, or to itself. false with the turn's breach. */
bool apl_own_sends(apl_turn *turn);
/* The step that runs speaks to another case, or invokes one. false with the turn's breach. */
bool apl_hop_is_within(apl_turn *turn, apl_place place);
/* As much as counts from now on; 0 when it does not matter any more. */
uint32_t apl_own_steps_now(const apl_case *c);
void apl_own_restore(apl_case *c, uint32_t steps);
/* The case's limit on children. */
uint32_t apl_children_limit(const apl_engine *engine, const apl_case *c);

/* stats.c */
/* A case that came out of a snapshot is counted where it is, from its own time on. */
void apl_stats_restored(apl_engine *engine, apl_case *c);
/* The other way round: the case is counted no more. */
void apl_stats_gone(apl_engine *engine, apl_case *c);
void apl_stats_apply(apl_engine *engine);
/* As if nothing had happened since the program was added. */
void apl_stats_clear(apl_prepared *prepared);
/* The count of this slug, made when it is new; NULL without memory. */
apl_count *apl_stats_finding(apl_engine *engine, apl_prepared *prepared, const char *slug);

/* tell.c: lines for operators. */
void apl_tell(apl_engine *engine, aplomb_level level, const char *code, apl_case *c, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* The same about a record of another kind: with fields and the playbook's room. */
void apl_tell_playbook(apl_engine *engine, aplomb_level level, apl_case *c, const char *message, const apl_text *fields);
bool apl_wants(const apl_engine *engine, aplomb_level level, const apl_case *c);

/* spans.c: what spans come to. Business time asks a calendar; without one it is the clock's. */

/* The counter's window in this case as of [now]: what happened after the instant answered counts. Only of a counter that has one. */
aplomb_instant apl_counter_since(const apl_case *c, uint32_t number, aplomb_instant now);
/* The window that a function says is known from now on. APL_PORT_FALSE; as apl_program_ops.span otherwise: nothing can be counted yet. */
int apl_counter_ask_window(apl_turn *turn, uint32_t number);
/* A window in business time has a calendar that counts it. EREFUSED (no-calendar). */
int apl_counter_check(const apl_case *c, uint32_t number, aplomb_error *error);
/* The calendar of the program that counts business time when a word says [named] and [handler]; answers as apl_program_ops.span, and tells.
 */
int apl_calendar_of(apl_turn *turn, uint32_t named, int32_t handler, apl_place place, uint32_t *out);

#endif
