/* SPDX-License-Identifier: MIT */
#ifndef APLOMB_H
#define APLOMB_H

/*
 * Aplomb: an embeddable runtime for Lua playbooks, the rules by which an
 * organisation handles a hard conversation.
 *
 * Three objects.
 *
 *   aplomb_runtime    owns everything: loaded playbooks, cases, timers, the
 *                     journal's store. It belongs to one thread. It starts no
 *                     thread, installs no signal handler, keeps no global, and
 *                     reads no clock but the one you hand in, so two runtimes
 *                     may live in one process without knowing of each other.
 *   aplomb_playbook   one loaded version of a playbook; lent by its runtime.
 *   a case            named by its id. It begins with its first event and
 *                     lives in the runtime; you read it through functions
 *                     that take the id.
 *
 * The loop. aplomb_post() queues an event; aplomb_pump() fires the timers that
 * are due, steps the queued events, commits them together, and only then hands
 * out receipts and effects. aplomb_next_due() says when to pump again though
 * nothing was posted. Put it into whatever event loop you have:
 *
 *     aplomb_options options = APLOMB_OPTIONS_INIT;
 *     aplomb_runtime *rt;
 *     aplomb_playbook *playbook;
 *     aplomb_error error = {0};
 *     if (aplomb_open(&rt, &options, &error)) die(&error);
 *     if (aplomb_load_file(rt, "late.lua", &playbook, &error)) die(&error);
 *     aplomb_event event = APLOMB_EVENT_INIT;
 *     event.case_id = "order-1";  event.playbook = "late";
 *     event.name = "customer.message";  event.by = "customer";
 *     event.data = "{\"text\":\"Where is it?\"}";
 *     if (aplomb_post_wait(rt, &event, NULL, &error)) die(&error);
 *     aplomb_close(rt);
 *
 * What you must not do: call into a runtime from inside one of its callbacks
 * (functions answer APLOMB_EBUSY, getters nothing; only aplomb_post, which
 * queues, is allowed in receipts and effect handlers, and aplomb_now
 * everywhere), use a runtime from two threads at once, or fork with one open
 * and use it in both processes.
 *
 * Ownership. Inputs are borrowed for the call and copied where they must live
 * longer. What a getter returns is lent until the next call that takes the
 * runtime, unless it says otherwise. Text is UTF-8. Instants are microseconds
 * since 1970-01-01T00:00:00Z.
 *
 * Errors. Functions return APLOMB_OK (0) or a negative code and fill the
 * aplomb_error you pass (NULL: you do not care). After a failure outputs are
 * untouched and the runtime is as it was before the call. Nothing is kept in a
 * hidden last error.
 *
 * Numbers: MAJOR changes when a program must be changed, MINOR when something
 * was added, PATCH when only behaviour that was wrong has changed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define APLOMB_VERSION_MAJOR 0
#define APLOMB_VERSION_MINOR 1
#define APLOMB_VERSION_PATCH 0
#define APLOMB_VERSION "0.1.0"

#if defined(__GNUC__)
#define APLOMB_API __attribute__((visibility("default")))
#else
#define APLOMB_API
#endif

/* ---- codes and errors -------------------------------------------------- */

/* code, number, sentence. The only table of codes there is. */
#define APLOMB_CODES(X)                                                                                                                    \
	X(OK, 0, "it worked")                                                                                                                  \
	X(ENOMEM, -1, "the allocator returned NULL")                                                                                           \
	X(EINVAL, -2, "an argument is wrong")                                                                                                  \
	X(ENOTFOUND, -3, "there is no such thing")                                                                                             \
	X(EREFUSED, -4, "the event was refused at the door")                                                                                   \
	X(EPLAYBOOK, -5, "the playbook has errors")                                                                                            \
	X(EJSON, -6, "the text is not the JSON that was expected")                                                                             \
	X(ELIMIT, -7, "a limit was reached")                                                                                                   \
	X(EFAULTED, -8, "the case is faulted and takes no events")                                                                             \
	X(ESTORE, -9, "the store did not take the commit")                                                                                     \
	X(EIO, -10, "reading or writing a file failed")                                                                                        \
	X(EDAMAGED, -11, "a journal or snapshot is damaged")                                                                                   \
	X(EVERSION, -12, "the format's version is not known here")                                                                             \
	X(EBUSY, -13, "the runtime is inside a callback")                                                                                      \
	X(EINTERRUPTED, -14, "the step was interrupted and did not happen")                                                                    \
	X(EDIFFERS, -15, "a replay gave something else than what was recorded")

enum {
#define APLOMB_CODE(name, number, sentence) APLOMB_##name = number,
	APLOMB_CODES(APLOMB_CODE)
#undef APLOMB_CODE
};

/*
 * What went wrong. [slug] is stable and has a page in docs/findings.md;
 * [message] is for people; [file], [line] and [column] (both from 1, 0 when
 * unknown) say where in the playbook, the JSON text or the file.
 */
typedef struct aplomb_error {
	int code;
	uint32_t line;
	uint32_t column;
	char slug[48];
	char file[208];
	char message[768];
} aplomb_error;

/* The code's name without the prefix ("EREFUSED"), or "?" for a number that is none. */
APLOMB_API const char *aplomb_code_name(int code);
/* The code's sentence. */
APLOMB_API const char *aplomb_code_sentence(int code);
/* The library's version, as the running library has it. */
APLOMB_API const char *aplomb_version(void);

/*
 * What a slug means, how it comes about and what to do: its page of
 * docs/findings.md, as Markdown of [*size] bytes, not terminated, never freed.
 * NULL when there is no such slug.
 */
APLOMB_API const char *aplomb_explain(const char *slug, size_t *size);
/* The n-th slug that aplomb_explain knows, from 0, of [*size] bytes, not terminated; NULL behind the last. */
APLOMB_API const char *aplomb_explained(size_t n, size_t *size);
/* The one of [names] that somebody who wrote [name] may have meant, or NULL when none is near enough. For messages. */
APLOMB_API const char *aplomb_nearest(const char *name, const char *const *names, size_t n_names);

/* ---- the plugs --------------------------------------------------------- */

/*
 * The host's allocator, in the manner of lua_Alloc: [block] NULL allocates,
 * [new_size] 0 frees and returns NULL, otherwise the block is resized;
 * [old_size] is the size that was asked for. Returns NULL when there is no
 * memory, and then the old block stays as it was. Shrinking must not fail.
 */
typedef void *(*aplomb_alloc_fn)(void *payload, void *block, size_t old_size, size_t new_size);

typedef struct aplomb_allocator {
	aplomb_alloc_fn fn;
	void *payload;
} aplomb_allocator;

/* Microseconds since 1970-01-01T00:00:00Z, in UTC without leap seconds. */
typedef int64_t aplomb_instant;
/* Microseconds. */
typedef int64_t aplomb_span;

/* Where "now" comes from; must not go backwards (if it does, cases keep their time). */
typedef aplomb_instant (*aplomb_clock_fn)(void *payload);

typedef enum aplomb_level {
	APLOMB_LOG_OFF = 0,
	APLOMB_LOG_ERROR = 1,
	APLOMB_LOG_WARN = 2,
	APLOMB_LOG_INFO = 3,
	APLOMB_LOG_DEBUG = 4,
	APLOMB_LOG_TRACE = 5
} aplomb_level;

typedef enum aplomb_kind {
	APLOMB_ABSENT = 0,
	APLOMB_NULL,
	APLOMB_BOOLEAN,
	APLOMB_INTEGER,
	APLOMB_NUMBER,
	APLOMB_TEXT,
	APLOMB_LIST,
	APLOMB_MAP
} aplomb_kind;

/* A named scalar: a field of a log record, or of an event's data. */
typedef struct aplomb_field {
	const char *name;
	aplomb_kind kind; /* BOOLEAN, INTEGER, NUMBER, TEXT or NULL */
	bool personal;    /* log: the sinks write "[personal]" in its place */
	union {
		bool boolean;
		int64_t integer;
		double number;
		struct {
			const char *bytes; /* UTF-8, not necessarily terminated */
			size_t size;
		} text;
	} as;
} aplomb_field;

/*
 * One line for operators. Not the journal: it may be lost, and it never holds
 * what customers said. Everything is borrowed for the call.
 */
typedef struct aplomb_log_record {
	size_t size;
	aplomb_instant at;
	aplomb_level level;
	const char *room; /* which part of the library: "engine", "lua", "playbook", … */
	const char *code; /* stable: "event-refused" */
	const char *message;
	const char *case_id;  /* or NULL */
	const char *playbook; /* or NULL */
	const char *state;    /* active states, space separated, or NULL */
	uint64_t entry;       /* journal entry (seq), or 0 */
	uint64_t dropped;     /* lines of this code dropped by the rate limit before this one */
	const aplomb_field *fields;
	size_t n_fields;
} aplomb_log_record;

/* Takes a log record. Must not block and cannot call into the runtime. */
typedef void (*aplomb_log_fn)(const aplomb_log_record *record, void *payload);

/*
 * Sinks that come with the library: each formats [record] as one line with its
 * newline into [line] (at most [size] bytes, cut with "…" when longer, always
 * terminated) and returns its length. The host writes it where it likes.
 */
APLOMB_API size_t aplomb_log_as_text(const aplomb_log_record *record, char *line, size_t size);
APLOMB_API size_t aplomb_log_as_json(const aplomb_log_record *record, char *line, size_t size);

/*
 * Takes journal lines: [lines] holds whole lines of canonical JSON, each ended
 * by '\n', of one commit. Returns 0, or non-zero when they could not be
 * written: then the commit fails and every case of the batch is as it was.
 */
typedef int (*aplomb_journal_fn)(const char *lines, size_t size, void *payload);

/* ---- a store of your own ----------------------------------------------- */

/*
 * Whoever keeps cases: the journal, snapshots, when something is due next,
 * effects that wait, and what cases sent to one another and is on its way. Without one a runtime keeps everything in memory;
 * options.store names a file that Aplomb's own store keeps; options.own_store
 * is one of yours. docs/store.md says more, examples/own_store.c is a whole one.
 *
 *   - A commit is taken whole or not at all. When commit has returned APLOMB_OK
 *     all of it can be read, and it survives as much as your store promises.
 *   - A case's lines are kept in the order given. A line that is not the one
 *     behind the case's newest (its seq is that one's plus one) is somebody
 *     else's step: the whole commit is refused, APLOMB_ESTORE, store-conflict.
 *   - A mark is your own word about a case, never 0 once it has something in the
 *     store: a row's number, an address. The runtime keeps it with the case,
 *     hands it in and takes it back; only a commit that succeeds changes it. With
 *     mark 0 a case's first line is taken whatever its number, for it may go on
 *     from a snapshot; but a case of that id must not be there already.
 *   - A runtime *holds* a case from find, or from its first commit, until leave.
 *     Cases that nobody holds are not in anybody's memory, nor are their effects
 *     that wait: the store says when one of them has something to do (due, next_due).
 *
 * Functions answer APLOMB_OK or a code, and then fill [error], which may be NULL. They are called one at a
 * time, by the thread that calls the runtime, and must not call it.
 * What they are handed is borrowed for the call; what they lend lives until the
 * next call. These structs are not extended but for those that begin with their size.
 */
#define APLOMB_NEVER INT64_MAX

/* A line of the journal. */
typedef struct aplomb_store_line {
	const char *case_id;
	uint32_t case_id_size;
	uint64_t seq;     /* 0: the head */
	const char *text; /* with its newline */
	uint32_t size;
	uint64_t *mark; /* in and out */
} aplomb_store_line;

typedef struct aplomb_store_snapshot {
	const char *case_id;
	uint32_t case_id_size;
	uint64_t seq; /* holds everything up to this entry */
	const char *text;
	size_t size;
	uint64_t *mark; /* in and out */
} aplomb_store_snapshot;

/* How a case stands. */
typedef struct aplomb_store_head {
	const char *case_id;
	uint32_t case_id_size;
	int status;            /* aplomb_case_status */
	uint64_t seq;          /* of its newest entry */
	aplomb_instant due_at; /* when something is due next without an event; APLOMB_NEVER */
	const char *playbook;  /* the hash of the version it runs: 64 digits, terminated; never another one for the same case */
	uint64_t *mark;        /* in a batch: in and out; otherwise NULL */
} aplomb_store_head;

/*
 * An effect that waits, or waits no more; or what one case sent another and the other has not taken yet: then item has the bit
 * APLOMB_STORE_SENT, it is the sender's case and entry, and the commit of whoever takes it takes it out. A store keeps both alike. Case,
 * entry and item name it; what the text says is the runtime's.
 */
#define APLOMB_STORE_SENT 0x80000000u
typedef struct aplomb_store_effect {
	const char *case_id;
	uint32_t case_id_size;
	uint64_t seq;
	uint32_t item;
	aplomb_instant due_at; /* when it is to be offered; of what was sent it says nothing */
	const char *text;      /* put, in place of the one of that name; NULL: taken out, if it is there */
	size_t size;
	const uint64_t *mark; /* in a batch: its case's, which need have nothing else in it; otherwise NULL */
} aplomb_store_effect;

/* What is to be kept together. */
typedef struct aplomb_store_batch {
	size_t size;
	const aplomb_store_line *lines; /* their texts lie one behind the other in [bytes] */
	uint32_t n_lines;
	const char *bytes;
	size_t bytes_size;
	const aplomb_store_snapshot *snapshots;
	uint32_t n_snapshots;
	const aplomb_store_head *heads; /* of each case with a line or a snapshot in the batch, as it is behind it */
	uint32_t n_heads;
	const aplomb_store_effect *effects;
	uint32_t n_effects;
	aplomb_instant now; /* the runtime's */
} aplomb_store_batch;

/* A case that was looked up. */
typedef struct aplomb_store_found {
	size_t size;
	uint64_t mark, seq;
	int status;
	aplomb_instant due_at;
} aplomb_store_found;

typedef struct aplomb_store_ops {
	size_t size;
	int (*commit)(void *self, const aplomb_store_batch *batch, aplomb_error *error);
	/*
	 * The case's lines from entry [from] on, in order, without newline; stops early
	 * when [line] returns non-zero, and returns that.
	 */
	int (*read)(void *self, const char *case_id, uint32_t case_id_size, uint64_t mark, uint64_t from,
	    int (*line)(const char *text, size_t size, void *payload), void *payload, aplomb_error *error);
	/*
	 * The newest snapshot that holds no entry behind [upto], lent. ENOTFOUND: there is none, or
	 * the store keeps only the newest and that one holds more.
	 */
	int (*snapshot)(void *self, const char *case_id, uint32_t case_id_size, uint64_t mark, uint64_t upto, const char **text, size_t *size,
	    uint64_t *seq, aplomb_error *error);
	/* A playbook's whole source by its content hash; putting the same twice is fine. Lent. ENOTFOUND. */
	int (*put_source)(void *self, const char *hash, const char *bytes, size_t size, aplomb_error *error);
	int (*get_source)(void *self, const char *hash, const char **bytes, size_t *size, aplomb_error *error);
	/* The runtime holds the case from now on. ENOTFOUND: there is none of that id. */
	int (*find)(void *self, const char *case_id, uint32_t case_id_size, aplomb_store_found *out, aplomb_error *error);
	/* It does no more. */
	void (*leave)(void *self, const char *case_id, uint32_t case_id_size, uint64_t mark);
	/*
	 * The cases that nobody holds and that have something to do by [until], for their head or an effect of theirs that waits is due by
	 * then: the earliest first, at most so many. It may be called again.
	 * EDAMAGED: one of them cannot be told; it is left out from then on, operators hear of it, and what was told before it counts.
	 */
	int (*due)(void *self, aplomb_instant until, uint32_t most,
	    void (*tell)(const char *case_id, uint32_t case_id_size, aplomb_instant due_at, void *payload), void *payload, aplomb_error *error);
	/* When the first of those that nobody holds has something to do; APLOMB_NEVER. */
	aplomb_instant (*next_due)(void *self);
	/* Every case in the order of opening; stops when [tell] returns non-zero, and returns that. EDAMAGED when some cannot be told. */
	int (*cases)(void *self, int (*tell)(const aplomb_store_head *head, void *payload), void *payload, aplomb_error *error);
	/*
	 * Every effect that waits, of the case or, when [case_id] is NULL, of all, those of a case by entry and item; stops as `cases` does.
	 * [tell] asks the store for nothing.
	 */
	int (*effects)(void *self, const char *case_id, uint32_t case_id_size, uint64_t mark,
	    int (*tell)(const aplomb_store_effect *effect, void *payload), void *payload, aplomb_error *error);
	/* How many that are, of all cases. */
	uint64_t (*n_effects)(void *self);
	/* Likewise everything that was sent, of all cases. Called once, when the runtime opens. */
	int (*sent)(void *self, int (*tell)(const aplomb_store_effect *effect, void *payload), void *payload, aplomb_error *error);
	/* The newest `now` of a commit; APLOMB_NEVER: there was none. */
	aplomb_instant (*last_at)(void *self);
	/*
	 * Would all that was committed be there after the power is cut? The runtime hands out effects only then; until then it asks again, and
	 * when an effect has waited for a tenth of a second it calls sync, which makes it so; where time does not go by itself (options.clock,
	 * time_follows_events), as soon as there is nothing else to do. NULL: always.
	 */
	bool (*is_durable)(void *self);
	int (*sync)(void *self, aplomb_error *error);
	/* The runtime is closed, or could not be opened. NULL: nothing is to be done. */
	void (*close)(void *self);
} aplomb_store_ops;

typedef struct aplomb_store {
	size_t size;
	const aplomb_store_ops *ops; /* lives as long as the runtime */
	void *self;
} aplomb_store;

/* What a power cut may take of what was acknowledged. The end of a process, however sudden, takes nothing either way. */
typedef enum aplomb_durability {
	APLOMB_DURABILITY_FULL,  /* nothing: every commit is on the disk before it is acknowledged */
	APLOMB_DURABILITY_NORMAL /* the newest commits, about a tenth of a second of them, whole ones; many times faster. Effects wait until
	                            theirs is on the disk */
} aplomb_durability;

/* Limits of one step and of one case. 0 means the default named beside it. */
typedef struct aplomb_limits {
	size_t size;
	uint64_t instructions;    /* Lua VM instructions per step: 1,000,000 */
	size_t memory;            /* bytes Lua may hold beyond what the loaded playbook holds: 16 MiB */
	uint32_t microsteps;      /* per macrostep: 1,000 */
	uint32_t internal_events; /* raised in one macrostep: 1,000 */
	uint32_t effects;         /* effects, sends and log lines of one step: 256 */
	uint32_t queue;           /* events queued for the whole runtime: 1,000,000 */
	uint32_t timers;          /* armed per case: 1,000 */
	uint32_t deferred;        /* deferred events per case: 100 */
	uint32_t states;          /* per playbook: 16,384 */
	size_t data;              /* canonical bytes of one event, effect or value: 1 MiB */
	uint32_t depth;           /* nesting of lists and maps: 64 */
	uint32_t children;     /* invoked cases that a case has at a time: 64; one that was invoked itself a quarter of its parent's, but one */
	uint32_t invoke_depth; /* invoked cases of invoked cases: 8 */
	uint32_t own_steps;    /* what a case does of itself in one hour of its time (docs/sandbox.md): 10,000 */
	uint32_t hops;         /* events in a row, from case to case, of which each led to the next: 2,520 */
	uint32_t ids;          /* an event's id is remembered until so many entries of its case have come behind its own: 1,000,000 */
} aplomb_limits;

typedef struct aplomb_options {
	size_t size;
	const aplomb_allocator *allocator; /* NULL: malloc; copied */
	aplomb_clock_fn clock;             /* NULL: the system's clock, or hand-turned if time_follows_events */
	void *clock_payload;
	/*
	 * Virtual time: "now" is the latest `at` posted, or what aplomb_turn_clock
	 * set. Needs clock NULL. What `aplomb run` uses.
	 */
	bool time_follows_events;
	aplomb_log_fn log; /* NULL: no log */
	void *log_payload;
	aplomb_level log_level;    /* 0: APLOMB_LOG_WARN when there is a sink; APLOMB_LOG_OFF is "no sink" */
	uint32_t log_per_second;   /* lines of one code per second of "now" before they are counted instead: 0 = 20 */
	const char *trace_case;    /* follow this case through every guard at APLOMB_LOG_TRACE, or NULL */
	aplomb_journal_fn journal; /* also hand every line here within the commit, or NULL */
	void *journal_payload;
	bool forget_journal;         /* do not keep lines in memory (aplomb_journal_each then finds none) */
	uint32_t snapshot_every;     /* entries of a case between two snapshots: 0 = only on aplomb_case_snapshot; with a store 16, or more when
	                                they are large */
	const aplomb_limits *limits; /* NULL: defaults; copied */
	bool coverage;               /* count what is used of each playbook, for aplomb_playbook_coverage; costs nothing when it is not set */
	bool rehearsal;              /* nothing leaves, and time may be gone back in: see "rehearsals" below */
	aplomb_span effect_patience; /* how long who takes an effect has to say what came of it: 0 = a minute */
	uint32_t overdue_per_second; /* timers that fire in a second of "now" of those that were due before aplomb_away: 0 = 1,000 */
	/*
	 * Durable cases: the file that keeps them, made when it is not there; NULL: everything is in memory, and gone with the runtime. Cases
	 * of before are there again when it is opened, with their deadlines, on the versions they ran; those that are idle leave memory. Not
	 * for rehearsals. ESTORE, EDAMAGED, EVERSION.
	 */
	const char *store;
	aplomb_durability durability;  /* of [store] */
	uint32_t resident;             /* cases in memory, or nearly so, when there is a store; 0 = 100,000 */
	const aplomb_store *own_store; /* in place of [store]; copied */
	/*
	 * Only to look into [store], while another runtime may have it open: no lock is taken, nothing is written, and no file is made. All
	 * that can be asked of cases can be asked, aplomb_try and expressions included, of the store as it was in the moment of opening.
	 * What would be committed is answered with ESTORE (store-looks) and taken back. Where [limits] is NULL those count under which the
	 * store was stepped last. Do not keep it open for long: meanwhile SQLite cannot
	 * cut the log that lies beside the file, which grows by all that the other runtime writes.
	 */
	bool looks;
	uint32_t batch_most; /* steps that aplomb_pump commits together unless it is told how many: 0 = 256 */
	/*
	 * With a store: when the steps of a pump have taken so long, it commits them, be they fewer, so that nobody waits for an answer because
	 * those behind are slow. Of the machine's time, whatever the runtime's is; 0 = a twentieth of a second.
	 */
	aplomb_span batch_within;
} aplomb_options;
#define APLOMB_OPTIONS_INIT                                                                                                                \
	{                                                                                                                                      \
		sizeof(aplomb_options), NULL, NULL, NULL, false, NULL, NULL, APLOMB_LOG_OFF, 0, NULL, NULL, NULL, false, 0, NULL, false, false, 0, \
		    0, NULL, APLOMB_DURABILITY_FULL, 0, NULL, false, 0, 0                                                                          \
	}

typedef struct aplomb_runtime aplomb_runtime;
typedef struct aplomb_playbook aplomb_playbook;

/* ---- life -------------------------------------------------------------- */

/*
 * Open a runtime. [options] NULL means all defaults; its size field must be
 * set. [*out] is yours, end it with aplomb_close. ENOMEM, EINVAL.
 */
APLOMB_API int aplomb_open(aplomb_runtime **out, const aplomb_options *options, aplomb_error *error);

/*
 * End it and free everything, playbooks and cases too. Events posted and not
 * pumped are dropped without receipt: they were never acknowledged. NULL is fine.
 */
APLOMB_API void aplomb_close(aplomb_runtime *rt);

/*
 * Begin anew: as if the runtime had just been opened and its playbooks loaded.
 * Cases, timers, waiting events and effects, kept journal lines and the numbers
 * of aplomb_playbook_stats are gone; playbooks, their handles, effect handlers,
 * sinks and limits stay. A hand-turned clock stands at its beginning again.
 * Events posted and not pumped are dropped without receipt. For whoever runs
 * many small stories, each for itself, through one playbook. ENOMEM, EBUSY.
 */
APLOMB_API int aplomb_reset(aplomb_runtime *rt, aplomb_error *error);

/* The limits that count in it, those that were 0 filled in. EINVAL. */
APLOMB_API int aplomb_limits_of(const aplomb_runtime *rt, aplomb_limits *out, aplomb_error *error);

/* What "now" is for this runtime. */
APLOMB_API aplomb_instant aplomb_now(aplomb_runtime *rt);

/*
 * Hand-turned time only: move "now" to [at]. EINVAL when the clock is not hand-turned, or when it would go back, which is
 * for rehearsals. Cases keep their time.
 */
APLOMB_API int aplomb_turn_clock(aplomb_runtime *rt, aplomb_instant at, aplomb_error *error);

/* Free text that this library gave away. */
APLOMB_API void aplomb_text_free(aplomb_runtime *rt, char *text);

/* ---- playbooks --------------------------------------------------------- */

typedef enum aplomb_severity { APLOMB_NOTE = 0, APLOMB_WARNING = 1, APLOMB_ERROR = 2 } aplomb_severity;

/* Something to say about a playbook. Borrowed for the call. */
typedef struct aplomb_finding {
	size_t size;
	aplomb_severity severity;
	const char *slug;
	const char *message;
	const char *file;
	uint32_t line;   /* from 1; 0: unknown */
	uint32_t column; /* from 1; 0: unknown */
} aplomb_finding;

typedef void (*aplomb_finding_fn)(const aplomb_finding *finding, void *payload);

typedef struct aplomb_load_options {
	size_t size;
	const char *path; /* what findings call the file; "playbook.lua" when NULL. Its modules are looked for in its folder, if it is given */
	const char *source; /* Lua source text (never bytecode), or a bundle (docs/formats.md); NULL: the file at [path] is read */
	size_t source_size;
	aplomb_finding_fn on_finding; /* each finding, in the order of the file; NULL: only the first error, in [error] */
	void *payload;
	const char *const *roots; /* folders in which modules are looked for, in this order, when there is none beside the playbook */
	size_t n_roots;
	bool
	    examine; /* also look for what is legal and still not meant: dead ends, waits without a clock (docs/findings.md); warnings, notes */
	const char
	    *policy_path;   /* a policy (docs/policy.md) in place of the file policy.lua beside the playbook; NULL: that one, if there is one */
	const char *policy; /* its text; NULL: the file at [policy_path] is read */
	size_t policy_size;
	const char *params; /* parameters that stand before the policy's, as a JSON map, or NULL */
	size_t params_size;
	const char *params_path; /* what findings call them; "params" when NULL */
} aplomb_load_options;
#define APLOMB_LOAD_OPTIONS_INIT                                                                                                           \
	{ sizeof(aplomb_load_options), NULL, NULL, 0, NULL, NULL, NULL, 0, false, NULL, NULL, 0, NULL, 0, NULL }

/*
 * Load a playbook from source, with the modules that it requires
 * (docs/modules.md), and the playbooks that it invokes: ID.lua or ID.scxml in the folder of [path], where no playbook of that id is loaded
 * yet (not with a bundle). Their findings are told before its own, and an error in one of them is an error of this call. All findings are
 * told; when none is an error
 * [*out] is the version, lent until aplomb_close, and new cases that name its
 * id get it (the latest loaded wins; open cases keep theirs). Loading the same
 * files again gives the same version. EPLAYBOOK: [error] holds the first
 * error. EIO when the file cannot be read. ENOMEM, EINVAL, ELIMIT.
 */
APLOMB_API int aplomb_load(aplomb_runtime *rt, const aplomb_load_options *options, aplomb_playbook **out, aplomb_error *error);

/* The same from a file, telling no findings but the first error. */
APLOMB_API int aplomb_load_file(aplomb_runtime *rt, const char *path, aplomb_playbook **out, aplomb_error *error);

/*
 * Turn an SCXML document into the text of a playbook (docs/scxml.md says what becomes of what), which aplomb_load takes like any
 * other. Of [options] the path, the source and the way to tell findings count. [*text] is yours: aplomb_text_free. aplomb_load takes an
 * SCXML document, too: it does this, and loads what comes out; findings, errors and journals name the document's own lines then.
 * EPLAYBOOK: something cannot be carried over, or it is no such document; [error] holds the first such finding. EIO, ENOMEM,
 * EINVAL.
 */
APLOMB_API int aplomb_import_scxml(aplomb_runtime *rt, const aplomb_load_options *options, char **text, size_t *size, aplomb_error *error);

/* A playbook that an SCXML document became. */
typedef struct aplomb_imported {
	size_t size;
	const char *id;       /* the playbook's */
	const char *name;     /* what its file would be called: "order.lua" */
	const char *document; /* the document that its chart stands in: the one that was given, or one beside it */
	const char *text;     /* NUL-terminated */
	size_t text_size;
} aplomb_imported;

/*
 * The same of a document that invokes others (<invoke>): each of them becomes a playbook, too, whether it stands in the document or
 * beside it. They are told one by one, lent for the call: the document's own first. aplomb_load loads them all, and gives the first.
 * EINVAL, EPLAYBOOK, EIO, ENOMEM; nothing is told then.
 */
APLOMB_API int aplomb_import_scxml_all(aplomb_runtime *rt, const aplomb_load_options *options,
    void (*tell)(const aplomb_imported *imported, void *payload), void *payload, aplomb_error *error);

/*
 * The other way: a loaded playbook as the text of an SCXML document with the data model "lua" (docs/scxml.md, Export). What SCXML has no
 * word for is an error, what another interpreter may do otherwise a warning; each is told to [on_finding], unless that is NULL, in the
 * order of the playbook's files. [*text] is yours: aplomb_text_free. EPLAYBOOK: something does not fit; [error] holds the first such
 * finding, and there is no text. ENOMEM, EINVAL.
 */
APLOMB_API int aplomb_export_scxml(aplomb_runtime *rt, const aplomb_playbook *playbook, aplomb_finding_fn on_finding, void *payload,
    char **text, size_t *size, aplomb_error *error);

/*
 * What a case begins with when its first event names no playbook. NULL, as at
 * first: such an event is refused (missing-playbook). EINVAL, EBUSY.
 */
APLOMB_API int aplomb_default_playbook(aplomb_runtime *rt, aplomb_playbook *playbook, aplomb_error *error);

APLOMB_API const char *aplomb_playbook_id(const aplomb_playbook *playbook);
/* NULL when the playbook has none. */
APLOMB_API const char *aplomb_playbook_title(const aplomb_playbook *playbook);
/* What its author calls this version, or NULL. */
APLOMB_API const char *aplomb_playbook_version(const aplomb_playbook *playbook);
/* What its chart was brought in from: "scxml", or NULL when it was written as a playbook. */
APLOMB_API const char *aplomb_playbook_imported(const aplomb_playbook *playbook);
/* SHA-256 of all its files, in hex: what cases are pinned to. */
APLOMB_API const char *aplomb_playbook_hash(const aplomb_playbook *playbook);
/*
 * All its files in one text, a bundle (docs/formats.md) of [*size] bytes: loaded
 * as `source` anywhere, it is the same version. Lent until aplomb_close. NULL
 * for NULL. [size] may be NULL.
 */
APLOMB_API const char *aplomb_playbook_source(const aplomb_playbook *playbook, size_t *size);

/* Who says what a parameter is when nobody gives it at the opening of a case. */
typedef enum aplomb_param_from {
	APLOMB_PARAM_NOBODY = 0, /* it has no value then */
	APLOMB_PARAM_DEFAULT,    /* the playbook */
	APLOMB_PARAM_POLICY,     /* policy.lua */
	APLOMB_PARAM_GIVEN       /* aplomb_load_options.params */
} aplomb_param_from;

/* A parameter of a playbook: a knob that operations may turn (docs/policy.md). Borrowed for the call. */
typedef struct aplomb_param {
	size_t size;
	const char *path;    /* "refund_limit", "desk.lead" */
	const char *type;    /* "money", as playbooks write it */
	const char *meaning; /* a sentence for people, or NULL */
	const char *value;   /* what it is as the playbook was loaded, as canonical JSON, or NULL */
	aplomb_param_from from;
	const char *file; /* where that is said; of NOBODY: where the parameter is declared */
	uint32_t line;
	uint32_t column;            /* 0: unknown */
	const char *default_value;  /* what the playbook says, as canonical JSON, or NULL */
	const char *min, *max;      /* as the playbook writes them, or NULL; of texts and lists: lengths */
	const char *const *choices; /* of one_of */
	size_t n_choices;
	bool required, personal;
} aplomb_param;

/*
 * Tell every parameter of the playbook, in the order in which they are
 * declared; of `fields` their members. Returns how many. [tell] may be NULL.
 */
APLOMB_API size_t aplomb_playbook_params(
    const aplomb_playbook *playbook, void (*tell)(const aplomb_param *param, void *payload), void *payload);

/*
 * A calendar of a playbook: when people are there, and what that makes of
 * business time (docs/time.md). Lent until aplomb_close. Its functions belong
 * to the runtime's thread; they take no memory that they would have to ask for,
 * and none fails for want of it.
 */
typedef struct aplomb_calendar aplomb_calendar;

/* Tell each calendar that the playbook declares, in order; returns how many. [tell] may be NULL. */
APLOMB_API size_t aplomb_playbook_calendars(
    const aplomb_playbook *playbook, void (*tell)(const char *name, const aplomb_calendar *calendar, void *payload), void *payload);
/* The calendar of that name; of NULL the one that counts where a word names none. NULL: there is none, or only a case could say which. */
APLOMB_API const aplomb_calendar *aplomb_playbook_calendar(const aplomb_playbook *playbook, const char *name);
/* SHA-256 of all that decides its answers, in hex: what the journal names beside each deadline. */
APLOMB_API const char *aplomb_calendar_version(const aplomb_calendar *calendar);
/* As IANA names it: "Europe/London". */
APLOMB_API const char *aplomb_calendar_zone(const aplomb_calendar *calendar);
/*
 * SHA-256, in hex, of the zone's changes from 1970 to 2299 as the calendar brought them along: what of the machine's zone data (tzdata) it
 * counts with. A release of tzdata that leaves the zone alone leaves this alone.
 */
APLOMB_API const char *aplomb_calendar_zone_version(const aplomb_calendar *calendar);
/* The same as its version, in full: canonical JSON (docs/formats.md), [*size] bytes and terminated. Lent. [size] may be NULL. */
APLOMB_API const char *aplomb_calendar_text(const aplomb_calendar *calendar, size_t *size);

/*
 * When a span is over that begins at [from]: text as playbooks write it, in
 * business time ("2 business days") or the clock's ("90m"). A "-" before it
 * goes back. EINVAL (span, business-span, span-overflow); EREFUSED
 * (calendar-range) when that leads out of the years 1970 to 2299. [*out] is
 * untouched then.
 */
APLOMB_API int aplomb_calendar_add(
    aplomb_instant *out, const aplomb_calendar *calendar, aplomb_instant from, const char *span, aplomb_error *error);
/* Open time from one instant to another; negative when they stand the other way round. */
APLOMB_API aplomb_span aplomb_calendar_between(const aplomb_calendar *calendar, aplomb_instant from, aplomb_instant to);
APLOMB_API bool aplomb_calendar_is_open(const aplomb_calendar *calendar, aplomb_instant at);
/* The first instant from [at] on at which it is open, or closed ([open] false): [at] itself when it is so. false: there is none. */
APLOMB_API bool aplomb_calendar_next(aplomb_instant *out, const aplomb_calendar *calendar, aplomb_instant at, bool open);
/* The latest instant up to [at] at which it opened, or closed. false: there is none. */
APLOMB_API bool aplomb_calendar_previous(aplomb_instant *out, const aplomb_calendar *calendar, aplomb_instant at, bool open);

/* Why it is open or closed. */
typedef enum aplomb_calendar_reason {
	APLOMB_CALENDAR_OPEN = 0,
	APLOMB_CALENDAR_CLOSED,   /* outside the hours of its weekday */
	APLOMB_CALENDAR_HOLIDAY,  /* a holiday */
	APLOMB_CALENDAR_EXCEPTION /* outside the hours that an exception gives its date */
} aplomb_calendar_reason;

/* Time in one piece with one reason, from [from] up to [until], which is not of it any more. */
typedef struct aplomb_calendar_stretch {
	size_t size;
	aplomb_instant from, until;
	aplomb_calendar_reason reason;
	const char *name; /* of the holiday, lent, or NULL */
} aplomb_calendar_stretch;
#define APLOMB_CALENDAR_STRETCH_INIT                                                                                                       \
	{ .size = sizeof(aplomb_calendar_stretch) }
/* The one that [at] lies in, so that time can be walked through: the next begins at [until]. EINVAL. */
APLOMB_API int aplomb_calendar_stretch_at(
    const aplomb_calendar *calendar, aplomb_instant at, aplomb_calendar_stretch *out, aplomb_error *error);

/* What the clock on the wall shows. */
typedef struct aplomb_wall {
	size_t size;
	int32_t year, month, day; /* month and day from 1 */
	int32_t weekday;          /* 0: Monday */
	int32_t hour, minute, second, microsecond;
	int32_t offset; /* seconds, to be added to UTC */
} aplomb_wall;
#define APLOMB_WALL_INIT                                                                                                                   \
	{ .size = sizeof(aplomb_wall) }
/* In the calendar's zone. EINVAL. */
APLOMB_API int aplomb_calendar_wall(const aplomb_calendar *calendar, aplomb_instant at, aplomb_wall *out, aplomb_error *error);

/* A date in the calendar. */
typedef struct aplomb_calendar_day {
	size_t size;
	size_t n_hours; /* how many pieces of hours it has; 0: closed */
	struct {
		uint16_t from, until; /* minutes of the day */
	} hours[16];
	aplomb_calendar_reason reason; /* HOLIDAY, EXCEPTION; else OPEN, or CLOSED when its weekday has no hours */
	const char *name;              /* of the holiday, also of one that an exception opens; lent, or NULL */
	aplomb_span jump;              /* by which clocks are put on within it, or back (negative); 0: they are not */
	int32_t weekday;               /* 0: Monday */
	int32_t days;                  /* of its month */
	const char *source;            /* the file that the name comes from: "holidays/uk.ics", lent; NULL: the playbook itself */
} aplomb_calendar_day;
#define APLOMB_CALENDAR_DAY_INIT                                                                                                           \
	{ .size = sizeof(aplomb_calendar_day) }
/* EINVAL: there is no such date in the years 1970 to 2299. */
APLOMB_API int aplomb_calendar_day_of(
    const aplomb_calendar *calendar, int32_t year, int32_t month, int32_t day, aplomb_calendar_day *out, aplomb_error *error);

/*
 * A rota of a playbook: who is on duty when (docs/time.md). Lent until
 * aplomb_close, of the runtime's thread, and a pure function of the instant:
 * nothing it answers takes memory or can fail for want of it.
 */
typedef struct aplomb_rota aplomb_rota;

/* Tell each rota that the playbook declares, in order; returns how many. [tell] may be NULL. */
APLOMB_API size_t aplomb_playbook_rotas(
    const aplomb_playbook *playbook, void (*tell)(const char *name, const aplomb_rota *rota, void *payload), void *payload);
/* The rota of that name, or NULL. */
APLOMB_API const aplomb_rota *aplomb_playbook_rota(const aplomb_playbook *playbook, const char *name);
/* SHA-256 of all that decides its answers, in hex. */
APLOMB_API const char *aplomb_rota_version(const aplomb_rota *rota);
/* The zone in which its times are told, as IANA names it. */
APLOMB_API const char *aplomb_rota_zone(const aplomb_rota *rota);
/* The same as its version, in full: canonical JSON (docs/formats.md), [*size] bytes and terminated. Lent. [size] may be NULL. */
APLOMB_API const char *aplomb_rota_text(const aplomb_rota *rota, size_t *size);
/* Who is on duty: lent, or NULL when nobody is. */
APLOMB_API const char *aplomb_rota_who(const aplomb_rota *rota, aplomb_instant at);
/* The first instant from [at] on at which somebody is on duty: [at] itself when it is so then. false: nobody ever is. */
APLOMB_API bool aplomb_rota_next(aplomb_instant *out, const aplomb_rota *rota, aplomb_instant at);

/* Time in one piece with one answer, from [from] up to [until], which is not of it any more. */
typedef struct aplomb_duty {
	size_t size;
	aplomb_instant from, until; /* where nothing is before or behind, the ends of the years 1 to 9999 */
	const char *who;            /* lent; NULL: nobody */
	const char *source;         /* lent: what says so, "turns", "override" or the name of a file; NULL: nothing covers it */
} aplomb_duty;
#define APLOMB_DUTY_INIT                                                                                                                   \
	{ .size = sizeof(aplomb_duty) }
/*
 * The one that [at] lies in, so that time can be walked through: the next
 * begins at [until]. Turns of one person that follow one another are one, cut
 * after a thousand of them. EINVAL.
 */
APLOMB_API int aplomb_rota_duty_at(const aplomb_rota *rota, aplomb_instant at, aplomb_duty *out, aplomb_error *error);
/* What the clock on the wall shows in the rota's zone. EINVAL. */
APLOMB_API int aplomb_rota_wall(const aplomb_rota *rota, aplomb_instant at, aplomb_wall *out, aplomb_error *error);

/*
 * A callout of a playbook: who is asked, one after another (docs/time.md). Lent
 * until aplomb_close, of the runtime's thread. What it says is what the playbook
 * declares; a case's states do the asking.
 */
typedef struct aplomb_callout aplomb_callout;

/* Tell each callout that the playbook declares, in order; returns how many. [tell] may be NULL. */
APLOMB_API size_t aplomb_playbook_callouts(
    const aplomb_playbook *playbook, void (*tell)(const char *name, const aplomb_callout *callout, void *payload), void *payload);
/* The callout of that name, or NULL. */
APLOMB_API const aplomb_callout *aplomb_playbook_callout(const aplomb_playbook *playbook, const char *name);

/* A step as it is declared. Texts are lent; what only a case knows is the name it is looked up by, such as "data.lead". */
typedef struct aplomb_callout_step {
	size_t size;
	const char *to;          /* whom; NULL: whoever the rota says */
	const char *rota;        /* or NULL */
	bool is_next;            /* not who is on duty, but who is so after them */
	const char *if_nobody;   /* "skip", "wait" or "fallback", when the rota has nobody */
	const char *fallback;    /* who is asked then, or NULL */
	const char *only_during; /* the calendar outside of whose hours it is passed over, or NULL */
	const char *answer_in;   /* "10m"; NULL: only a case knows */
	uint32_t times;          /* how often they are asked */
	const char *file;        /* where it is declared */
	uint32_t line;
} aplomb_callout_step;
#define APLOMB_CALLOUT_STEP_INIT                                                                                                           \
	{ .size = sizeof(aplomb_callout_step) }
APLOMB_API size_t aplomb_callout_steps(const aplomb_callout *callout);
/* The step of that number, from 1. EINVAL. */
APLOMB_API int aplomb_callout_step_at(const aplomb_callout *callout, size_t number, aplomb_callout_step *out, aplomb_error *error);

/* What a callout does at an instant. */
typedef enum aplomb_call_what {
	APLOMB_CALL_MADE = 0,        /* [who] is asked, and has until [until] */
	APLOMB_CALL_MADE_UNTIL_WHEN, /* [who] is asked, and only a case knows how long they have: the plan ends here */
	APLOMB_CALL_CLOSED,          /* the step is passed over: its calendar is closed */
	APLOMB_CALL_NOBODY,          /* the step is passed over: nobody is on duty, or nobody any more */
	APLOMB_CALL_WAITS,           /* nobody is on duty; it waits until [until], when somebody is */
	APLOMB_CALL_AGAIN,           /* it begins again at [step], until somebody takes it: the plan ends here */
	APLOMB_CALL_OVER             /* nobody is left who could be asked */
} aplomb_call_what;

typedef struct aplomb_call {
	size_t size;
	aplomb_call_what what;
	uint32_t step;    /* from 1; 0: OVER */
	uint32_t round;   /* 0; from 1 when it has begun again */
	uint32_t attempt; /* from 1 */
	aplomb_instant at, until;
	const char *who;    /* lent, or NULL */
	const char *rota;   /* the rota that was asked, lent, or NULL */
	const char *source; /* what says that it is they: as aplomb_duty's, or NULL */
	bool is_fallback;   /* the rota has nobody, and they are asked instead */
} aplomb_call;
/*
 * What happens when somebody is asked for at [at], and nobody answers: each
 * call and each step that is passed over, in the order of time. EINVAL.
 */
APLOMB_API int aplomb_callout_plan(const aplomb_callout *callout, aplomb_instant at, void (*tell)(const aplomb_call *call, void *payload),
    void *payload, aplomb_error *error);

/* What comes of a step when somebody is asked for at any instant of a stretch of time, and nobody answers. */
typedef struct aplomb_reach {
	size_t size;
	uint32_t step;   /* from 1 */
	bool asks;       /* somebody is asked by it, at some instant: it can be reached */
	bool is_come_to; /* the steps before it lead to it, or it is the first */
	bool is_closed;  /* it is passed over at some instant because its calendar is closed; looked at only until it asks somebody */
	bool is_empty;   /* its rota has nobody at some instant; likewise */
	bool waits_on;   /* it waits for somebody beyond the end of that time */
} aplomb_reach;
/* Tells it of each step. Exact for clock time; where business time is awaited a step may count as reached that is not. EINVAL, ENOMEM. */
APLOMB_API int aplomb_callout_reach(const aplomb_callout *callout, aplomb_instant from, aplomb_instant until,
    void (*tell)(const aplomb_reach *reach, void *payload), void *payload, aplomb_error *error);

/*
 * The stretches of [from, until) within the hours of the step (from 1) in which
 * its rota has nobody, in order. Returns how many; none of a step without a
 * rota. [tell] may be NULL.
 */
APLOMB_API size_t aplomb_callout_holes(const aplomb_callout *callout, size_t step, aplomb_instant from, aplomb_instant until,
    void (*tell)(aplomb_instant from, aplomb_instant until, void *payload), void *payload);

/* What a playbook declares that carries fields. */
typedef enum aplomb_declares {
	APLOMB_DECLARES_DATA,  /* what its cases know; one, without a name of its own */
	APLOMB_DECLARES_EVENT, /* what may happen to them */
	APLOMB_DECLARES_EFFECT /* what they may want done */
} aplomb_declares;

/* Borrowed for the call. */
typedef struct aplomb_declaration {
	size_t size;
	aplomb_declares what;
	const char *name; /* "customer.message"; of DATA "data" */
	size_t n_fields;  /* as aplomb_playbook_fields tells them */
} aplomb_declaration;

/*
 * Tell what the playbook declares: its data, then every event that may come
 * from outside, then every effect, each in the order of declaration. For
 * prompts, forms and editors that must know what can be said. Returns how
 * many. [tell] may be NULL.
 */
APLOMB_API size_t aplomb_playbook_declarations(
    const aplomb_playbook *playbook, void (*tell)(const aplomb_declaration *declaration, void *payload), void *payload);

/*
 * Tell the fields of one of them, in their order; of `fields` their members,
 * by their path. They look like parameters: `default_value` is the default,
 * and nobody but the playbook sets one. Returns how many; 0 for what is not
 * declared, too. [tell] may be NULL.
 */
APLOMB_API size_t aplomb_playbook_fields(const aplomb_playbook *playbook, aplomb_declares what, const char *name,
    void (*tell)(const aplomb_param *field, void *payload), void *payload);

/* What a number of aplomb_playbook_stats counts. */
typedef enum aplomb_stat {
	APLOMB_STAT_STATE,   /* name: path; count: times entered; inside: cases in it now; total: time spent, up to now */
	APLOMB_STAT_EFFECT,  /* name: kind; count: effects recorded */
	APLOMB_STAT_OUTCOME, /* name: outcome of the root's final state; count: cases closed so */
	APLOMB_STAT_EVENT,   /* name: event; count: events stepped */
	APLOMB_STAT_FINDING  /* name: slug; count: findings in the journal */
} aplomb_stat;

typedef struct aplomb_stat_line {
	size_t size;
	aplomb_stat stat;
	const char *name;
	uint64_t count;
	uint64_t inside;
	aplomb_span total;
} aplomb_stat_line;

/* Tell what this version's cases did since it was loaded, a line a name, in document order. */
APLOMB_API void aplomb_playbook_stats(
    aplomb_runtime *rt, const aplomb_playbook *playbook, void (*line)(const aplomb_stat_line *, void *), void *payload);

/* What a row of aplomb_playbook_coverage is about. */
typedef enum aplomb_covered {
	APLOMB_COVERED_STATE,      /* count: times entered */
	APLOMB_COVERED_TRANSITION, /* count: times taken */
	APLOMB_COVERED_GUARD,      /* count: true; other: false; unknown, errors */
	APLOMB_COVERED_TIMER       /* count: fired; other: beaten, for its state was left first */
} aplomb_covered;

/* Borrowed for the call. */
typedef struct aplomb_coverage_row {
	size_t size;
	aplomb_covered what;
	const char *state; /* path: the state, or whose transition, guard or timer it is; of a counter's guard "" */
	/* transitions and guards: the events, space separated, or "always", or of a delay "after", "every" or "at"; timers: one of these;
	 * otherwise NULL */
	const char *on;
	const char *to; /* transitions and their guards: the targets' paths, space separated; of a counter's guard the counter's name */
	const char
	    *label; /* what people call the guard, the function that says a timer's span, or the instant it is due at; NULL: there is none */
	aplomb_span span; /* timers: how long, -1 when the playbook says it at each entry, or it is due at an instant */
	const char *file; /* "" when unknown */
	uint32_t line;    /* from 1; 0: unknown */
	uint32_t column;  /* from 1; 0: unknown */
	uint64_t count, other, unknown, errors;
} aplomb_coverage_row;

/*
 * Tell what was ever used of this version since it was loaded, in document
 * order: each state, behind it its transitions with their guards, and its
 * timers; guards of counters first. Guards and transitions are counted when
 * they are asked and taken, also in a step that a broken limit takes back, and
 * aplomb_reset does not forget them. EINVAL: options.coverage was not set. ENOMEM, EBUSY.
 */
APLOMB_API int aplomb_playbook_coverage(aplomb_runtime *rt, const aplomb_playbook *playbook,
    void (*row)(const aplomb_coverage_row *row, void *payload), void *payload, aplomb_error *error);

/* ---- events ------------------------------------------------------------ */

/*
 * An event in its envelope. `case_id` and `name` are required. The case's
 * first event also names the `playbook` and may carry `open`.
 * The data are given as JSON text (a map) or as [fields]; both NULL: none.
 */
typedef struct aplomb_event {
	size_t size;
	const char *id; /* the sender's id: the same id again, limits.ids entries later at most, gets the first answer; or NULL */
	const char *case_id;
	const char *subject;  /* whom the case is about, at opening; or NULL */
	const char *playbook; /* needed by the first event of a case; otherwise NULL or the case's own */
	const char *name;
	const char *by; /* kind, or kind:id ("customer", "agent:17", "system"); NULL: "system" */
	bool has_at;
	aplomb_instant at; /* when it happened; without has_at: now */
	const char *data;
	size_t data_size; /* 0: data is NUL-terminated */
	const aplomb_field *fields;
	size_t n_fields;
	const char *open; /* JSON map { data, params, history, locale, seed }, or NULL */
	size_t open_size;
} aplomb_event;
#define APLOMB_EVENT_INIT                                                                                                                  \
	{ sizeof(aplomb_event), NULL, NULL, NULL, NULL, NULL, NULL, false, 0, NULL, 0, NULL, 0, NULL, 0 }

/* What became of an event. Borrowed for the call. */
typedef struct aplomb_receipt {
	size_t size;
	int code; /* OK; EREFUSED; EFAULTED; ESTORE: not committed, post it again; EINTERRUPTED: aplomb_interrupt, it did not happen */
	const char *case_id;
	const char *event_id; /* or NULL */
	uint64_t seq;         /* the journal entry that holds it; 0: none */
	bool duplicate;       /* the id was seen before: seq and what follows, but for late_by, are the first one's */
	bool unhandled;       /* journalled, but no state took it */
	bool deferred;        /* kept for later */
	bool faulted;         /* this event's step broke a limit: the case is faulted, the event kept in its entry */
	bool closed;          /* the case reached its end with this step */
	aplomb_span late_by;  /* how far `at` lay before the case's time */
	const char *message;  /* when code is not OK: why; otherwise NULL */
} aplomb_receipt;
#define APLOMB_RECEIPT_INIT                                                                                                                \
	{ sizeof(aplomb_receipt), 0, NULL, NULL, 0, false, false, false, false, false, 0, NULL }

typedef void (*aplomb_receipt_fn)(const aplomb_receipt *receipt, void *payload);

/*
 * Queue an event for its case.
 *
 * aplomb_pump steps it, commits it with its batch, and only then hands
 * [payload] the receipt ([done] may be NULL); a failed commit leaves the case
 * as it was.
 *
 * Returns EREFUSED when the playbook does not declare the event, or its data
 * do not fit, or the case is closed: [error] then names what was found, what
 * was expected and the nearest name, and nothing was queued but a `refused`
 * entry when the case exists. EFAULTED, ELIMIT (queue full), EINVAL, ENOMEM.
 */
APLOMB_API int aplomb_post(aplomb_runtime *rt, const aplomb_event *event, aplomb_receipt_fn done, void *payload, aplomb_error *error);

/*
 * The same for an envelope as JSON text: { v, id, case, subject?, playbook?,
 * event, at, by?, data, open? }. `at` is RFC 3339. EJSON: not JSON, or an
 * unknown or missing member, with line and column.
 */
APLOMB_API int aplomb_post_json(
    aplomb_runtime *rt, const char *text, size_t size, aplomb_receipt_fn done, void *payload, aplomb_error *error);

/*
 * Events for these cases come next: [count] ids, terminated; those that are NULL, or of no case, are passed over. A hint, on which nothing
 * depends. With hundreds of thousands of cases in memory an event waits mostly for where its case is; of a batch that is announced before
 * it is posted all of that is on its way together. Some tens to some hundreds at a time are best.
 */
APLOMB_API void aplomb_expect(const aplomb_runtime *rt, const char *const *case_ids, size_t count);

/*
 * Post, then pump until it is committed; the receipt's code is returned. [receipt] (or NULL) is filled; its text is lent. ENOMEM: the event
 * was not stepped and waits no more, so the call may be made again.
 */
APLOMB_API int aplomb_post_wait(aplomb_runtime *rt, const aplomb_event *event, aplomb_receipt *receipt, aplomb_error *error);

/*
 * Open a case before anything has happened to it: its first states are
 * entered, its timers armed. Of [opening] count case_id, subject, playbook,
 * by, at and open; name, id, data and fields must be NULL. Pumps until that is
 * committed. (A case needs no such call: its first event opens it.) EREFUSED:
 * the case is there already (case-known), or as in aplomb_post.
 */
APLOMB_API int aplomb_case_open(aplomb_runtime *rt, const aplomb_event *opening, aplomb_receipt *receipt, aplomb_error *error);

/*
 * The same for a program that posts all day: the case, the event and its fields
 * are looked up once, and then named by handles.
 *
 *     static const char *const fields[] = {"tone", "text"};
 *     if (aplomb_event_kind_find(rt, playbook, "message", fields, 2, &message, &error)) die(&error);
 *     if (aplomb_case_find(rt, "order-1", &order, &error)) die(&error);
 *     …
 *     aplomb_field values[2] = {{.kind = APLOMB_INTEGER, .as.integer = -1}, {.kind = APLOMB_TEXT, .as.text = {text, size}}};
 *     aplomb_known_event event = APLOMB_KNOWN_EVENT_INIT;
 *     event.the_case = order;  event.kind = message;
 *     event.fields = values;   event.n_fields = 2;
 *     if (aplomb_step(rt, &event, &receipt, &error)) die(&error);
 *
 * aplomb_step() does what aplomb_post_wait() does with the same event by name,
 * in every respect; it only takes less time, and least where it can step in
 * place (docs/performance.md says when).
 */

/* Names a case; 0 names none. Another case never gets the same one. */
typedef uint64_t aplomb_case_handle;

/* The case's handle, good until the case is gone: after aplomb_reset, say. ENOTFOUND, ENOMEM, EINVAL, EBUSY. */
APLOMB_API int aplomb_case_find(aplomb_runtime *rt, const char *case_id, aplomb_case_handle *out, aplomb_error *error);

/* An event of a playbook, and the fields that it is given, in an order of your own. */
typedef struct aplomb_event_kind aplomb_event_kind;

/*
 * Look up the event and its fields ("address.city" is a member of `fields`).
 * [*out] is lent until aplomb_close. EREFUSED: the playbook does not declare
 * the event or the field. ENOMEM, EINVAL, EBUSY.
 */
APLOMB_API int aplomb_event_kind_find(aplomb_runtime *rt, const aplomb_playbook *playbook, const char *name, const char *const *fields,
    size_t n_fields, const aplomb_event_kind **out, aplomb_error *error);

/* An event whose case and kind are known. Everything in it is borrowed for the call. */
typedef struct aplomb_known_event {
	size_t size;
	aplomb_case_handle the_case;
	const aplomb_event_kind *kind; /* of another playbook, or another version than the case's: its names are looked up again */
	const aplomb_field *fields;    /* as many as the kind has, in its order; their names are not looked at; ABSENT: not given */
	size_t n_fields;
	const char *id; /* these as in aplomb_event */
	const char *by;
	bool has_at;
	aplomb_instant at;
} aplomb_known_event;
#define APLOMB_KNOWN_EVENT_INIT                                                                                                            \
	{ sizeof(aplomb_known_event), 0, NULL, NULL, 0, NULL, NULL, false, 0 }

/*
 * Step the event at once: what is due before it, the event, the commit; then
 * [receipt] (or NULL) is filled, its text lent. Returns what aplomb_post_wait
 * returns, and ENOTFOUND (stale-handle) when the handle names no case that is there.
 */
APLOMB_API int aplomb_step(aplomb_runtime *rt, const aplomb_known_event *event, aplomb_receipt *receipt, aplomb_error *error);

typedef struct aplomb_pump_report {
	size_t size;
	uint32_t events;  /* stepped from the queue */
	uint32_t timers;  /* fired */
	uint32_t effects; /* handed to handlers */
	bool more;        /* there is more to do now: call again */
} aplomb_pump_report;
#define APLOMB_PUMP_REPORT_INIT                                                                                                            \
	{ sizeof(aplomb_pump_report), 0, 0, 0, false }

/*
 * Step what is due: timers in the order of their deadlines (equal ones in the
 * order they were armed), each at its own time and before an event of the same
 * instant; queued events in the order posted; but a case that has had an eighth of
 * the steps and more that is overdue lets others go first. At most [most] steps (0: options.batch_most), and with a
 * store no more when they have taken options.batch_within; one commit, then receipts and effects, which with a store may have to wait for
 * the disk: aplomb_next_due says so. [report] may be NULL. ESTORE: the commit failed; the batch's cases are as they were and its events got
 * receipts with ESTORE. ENOMEM: nothing was stepped, what was posted waits as before. EBUSY from inside a callback.
 */
APLOMB_API int aplomb_pump(aplomb_runtime *rt, uint32_t most, aplomb_pump_report *report, aplomb_error *error);

/*
 * Break off the step that runs in this moment, from a signal handler or another
 * thread: the one call that is allowed there. Its Lua stops at the next
 * opportunity, the step is taken back as if it had not begun, and the case does
 * not become faulted. Steps of the same pump that were done before it are
 * committed; aplomb_pump and aplomb_post_wait answer EINTERRUPTED. The event
 * that was being stepped is dropped with that receipt; a timer stays armed and
 * due. When nothing runs, nothing happens.
 */
APLOMB_API void aplomb_interrupt(aplomb_runtime *rt);

/* When to pump again: false when nothing is armed; [*at] may lie in the past (pump now). */
APLOMB_API bool aplomb_next_due(aplomb_runtime *rt, aplomb_instant *at);

/*
 * The runtime was away from [from] until now: the process was not there, or did not pump. Timers that were due by now are overdue: each
 * fires at its own time, in the order of their deadlines, or what its playbook says of being overdue happens (docs/time.md); before the
 * first of them its case gets an entry of kind `away`. At most options.overdue_per_second of them fire in one second of "now", so that
 * coming back is no storm: aplomb_next_due says when to go on. Call it once, when the cases are back and before the next aplomb_pump.
 * EINVAL: [from] lies ahead.
 */
APLOMB_API int aplomb_away(aplomb_runtime *rt, aplomb_instant from, aplomb_error *error);

/* ---- effects ----------------------------------------------------------- */

/* Something a case wants done. [key] is the same at every attempt. Borrowed for the call. */
typedef struct aplomb_effect {
	size_t size;
	const char *kind;
	const char *key; /* case/seq/item */
	const char *case_id;
	const char *subject; /* or NULL */
	uint64_t seq;
	uint32_t item;       /* number of the item in its entry, from 1 */
	uint32_t attempt;    /* from 1 */
	aplomb_instant at;   /* the step's time */
	const char *because; /* or NULL */
	const char *data;    /* canonical JSON map */
	size_t data_size;
	/*
	 * An effect with an answer (case:ask): post the event "done.ask.ID" to the case with what the playbook declares of it, or
	 * "error.ask.ID" with { message, slug } when there will be none. ID is this text; NULL: no answer is waited for.
	 */
	const char *ask;
	aplomb_instant answer_by; /* of a question: after that the case was told that nobody answered */
	bool once;                /* it must not be done twice: refuse it only when nothing of it was done */
} aplomb_effect;

/*
 * What a handler answers. DONE: it is done, and its case hears so if the playbook declares "done.effect.KIND"; a question is taken, and its
 * answer comes as an event. LATER: it was taken, and aplomb_answer_effect will say what came of it. FAILED: it cannot be done, now or
 * later. UNKNOWN: nobody can say whether it was done. Any other number: it was not taken and nothing of it was done; it is offered again.
 */
enum { APLOMB_EFFECT_DONE = 0, APLOMB_EFFECT_LATER = -1001, APLOMB_EFFECT_FAILED = -1002, APLOMB_EFFECT_UNKNOWN = -1003 };

/*
 * Returns one of the above. What is not taken is offered again, under the same key, after 1, 2, 4, … seconds of the runtime's time, at most
 * an hour, for as long as it takes. What was taken for LATER and is not answered within options.effect_patience (or that pause, when it is
 * longer) is handed out again; an effect that is declared `once = true` becomes unknown then, and is never handed out again by itself.
 */
typedef int (*aplomb_effect_fn)(const aplomb_effect *effect, void *payload);

typedef enum aplomb_outcome {
	APLOMB_OUTCOME_DONE,
	APLOMB_OUTCOME_FAILED,  /* and will not be tried again */
	APLOMB_OUTCOME_UNKNOWN, /* it may have been done. Unless it is `once` it is handed out again */
	APLOMB_OUTCOME_REFUSED  /* nothing of it was done: it is handed out again, as when its handler refuses */
} aplomb_outcome;

/* What came of an effect, said by its key. Borrowed for the call. */
typedef struct aplomb_effect_answer {
	size_t size;
	const char *key;
	aplomb_outcome outcome;
	const char *data; /* DONE: what the playbook declares of "done.effect.KIND", or of a question's answer, as a JSON map; NULL: nothing */
	size_t data_size; /* 0: it is terminated */
	const char *message; /* otherwise: why, for people; or NULL */
	const char *slug;    /* otherwise: why, for the playbook; NULL: "effect-not-done", "effect-unknown" */
	const char *by;      /* who says so; NULL: "effect:KIND" */
} aplomb_effect_answer;
#define APLOMB_EFFECT_ANSWER_INIT                                                                                                          \
	{ sizeof(aplomb_effect_answer), NULL, APLOMB_OUTCOME_DONE, NULL, 0, NULL, NULL, NULL }

/*
 * Say what came of an effect, from anywhere, also from inside a handler or a receipt: what its case hears of it is queued as by
 * aplomb_post. With DONE and FAILED it waits no more as soon as that is committed. What is unknown and `once` stays until DONE or FAILED is
 * said.
 *
 * ENOTFOUND (effect-not-waiting): no effect of that key waits; it was answered before, or never wanted. EREFUSED: the data do not fit what
 * the playbook declares; EFAULTED: the case is; ELIMIT, ENOMEM, EJSON, EINVAL; where the case has to be brought in from a store, EDAMAGED,
 * EDIFFERS and ESTORE. After these it waits as before.
 */
APLOMB_API int aplomb_answer_effect(aplomb_runtime *rt, const aplomb_effect_answer *answer, aplomb_error *error);

typedef enum aplomb_effect_stand {
	APLOMB_EFFECT_WAITS,    /* for its first or next attempt */
	APLOMB_EFFECT_HANDED,   /* somebody has it */
	APLOMB_EFFECT_ANSWERED, /* the event that says what came of it waits in the queue */
	APLOMB_EFFECT_ASKS      /* it is `once`, nobody knows whether it was done, and a person is to find out and say */
} aplomb_effect_stand;

typedef struct aplomb_waiting_effect {
	size_t size;
	const aplomb_effect *effect; /* attempt: how often it was handed out */
	aplomb_effect_stand stand;
	bool has_due; /* something happens to it at [due_at]: it is handed out, or who has it has had time enough */
	aplomb_instant due_at;
} aplomb_waiting_effect;

/*
 * Every effect that waits, of the case or (NULL) of all cases, in the order they were wanted; where there is a store, those of cases that
 * are not in memory come behind the others, case by case. Returns how many; [tell] may be NULL.
 */
APLOMB_API size_t aplomb_effects(
    aplomb_runtime *rt, const char *case_id, void (*tell)(const aplomb_waiting_effect *effect, void *payload), void *payload);

/*
 * Hand effects of [kind] to [fn]; kind "*" takes those without a handler of
 * their own. Effects of a kind with no handler stay recorded in the journal
 * and nobody is told: aplomb_missing_handlers says which those are.
 */
APLOMB_API int aplomb_on_effect(aplomb_runtime *rt, const char *kind, aplomb_effect_fn fn, void *payload, aplomb_error *error);

/* Tell each effect kind that a loaded playbook declares and nobody handles; returns how many. [tell] may be NULL. */
APLOMB_API size_t aplomb_missing_handlers(
    aplomb_runtime *rt, void (*tell)(const char *kind, const char *playbook, void *payload), void *payload);

/* A value of a document that aplomb_json_read or aplomb_journal_read has read: see "JSON" below. */
typedef struct aplomb_json aplomb_json;
typedef struct aplomb_value {
	const aplomb_json *json;
	uint32_t cell;
} aplomb_value;

/* ---- cases ------------------------------------------------------------- */

typedef enum aplomb_case_status { APLOMB_CASE_OPEN, APLOMB_CASE_CLOSED, APLOMB_CASE_FAULTED } aplomb_case_status;

typedef struct aplomb_case_info {
	size_t size;
	const char *id;
	const char *subject; /* or NULL */
	aplomb_playbook *playbook;
	aplomb_case_status status;
	uint64_t seq; /* newest entry */
	aplomb_instant opened_at;
	aplomb_instant at; /* the case's time */
	uint32_t n_timers;
	const char *outcome; /* of a closed case, or NULL */
	const char *parent;  /* the id of the case that invoked it, or NULL */
	const char *invoke;  /* as which of its invocations, or NULL */
} aplomb_case_info;
#define APLOMB_CASE_INFO_INIT                                                                                                              \
	{ sizeof(aplomb_case_info), NULL, NULL, NULL, APLOMB_CASE_OPEN, 0, 0, 0, 0, NULL, NULL, NULL }

/* ENOTFOUND when there is none. */
APLOMB_API int aplomb_case_get(aplomb_runtime *rt, const char *case_id, aplomb_case_info *out, aplomb_error *error);
/* Is the state of this path active? false for an unknown case or path. */
APLOMB_API bool aplomb_case_is_in(aplomb_runtime *rt, const char *case_id, const char *path);
/* Every active atomic state's path, in document order. Returns how many. */
APLOMB_API size_t aplomb_case_states(aplomb_runtime *rt, const char *case_id, void (*tell)(const char *path, void *payload), void *payload);
/* Every armed timer in the order it is due: the state's path or the send's id, and the deadline. Returns how many. */
APLOMB_API size_t aplomb_case_timers(
    aplomb_runtime *rt, const char *case_id, void (*tell)(const char *name, aplomb_instant due_at, void *payload), void *payload);
/*
 * Every case that this one has invoked and that is not over, as the invokes stand in the playbook: the id of the invocation and the
 * case's. It is there as a case of the runtime as soon as the next pump has opened it; in a rehearsal it never is. Returns how many.
 */
APLOMB_API size_t aplomb_case_children(
    aplomb_runtime *rt, const char *case_id, void (*tell)(const char *invoke, const char *child, void *payload), void *payload);
/*
 * Every counter of the case's playbook, in its order, and how often it counts as of now: what has
 * left the counter's window counts no more. Returns how many.
 */
APLOMB_API size_t aplomb_case_counters(
    aplomb_runtime *rt, const char *case_id, void (*tell)(const char *name, uint64_t count, void *payload), void *payload);

/*
 * A clock of a case (docs/time.md, "Clocks") as of now. Its spans are
 * microseconds of what it counts: the clock's, or a calendar's open time.
 */
typedef struct aplomb_clock {
	size_t size;
	const char *name;    /* of the playbook, like the other texts; lent as long as the playbook is loaded */
	const char *because; /* what it is for, or NULL */
	bool has_begun;      /* it has run; false: nothing below is known but `said`, when it was moved before it ran */
	bool is_running;     /* one of its states is active */
	bool is_breached;    /* its target was reached */
	uint32_t warned;     /* how many of its warnings were given, of [n_warnings] */
	uint32_t n_warnings;
	aplomb_span elapsed; /* counted in all stays */
	aplomb_span target;
	aplomb_span left;     /* not negative */
	aplomb_instant since; /* running: the stay began then */
	bool has_deadline;
	aplomb_instant deadline;      /* when the target will be reached if it runs on, or was */
	const char *calendar;         /* that counts it; NULL: clock time */
	const char *calendar_version; /* its SHA-256, or NULL; lent until a calendar of the case changes */
	char said[48];                /* the target as it was said: "8 business hours"; "" when nobody knows yet */
	/* Elapsed and left as a playbook is told them: business time in whole minutes or hours, what is left rounded up; "" likewise. */
	char elapsed_said[48], left_said[48];
} aplomb_clock;
#define APLOMB_CLOCK_INIT                                                                                                                  \
	{ .size = sizeof(aplomb_clock) }
/* The clock of that name. ENOTFOUND: there is no such case (unknown-case), or its playbook has no such clock (unknown-clock). */
APLOMB_API int aplomb_case_clock(aplomb_runtime *rt, const char *case_id, const char *clock, aplomb_clock *out, aplomb_error *error);
/* Every clock of the case's playbook, in its order; lent for the call. Returns how many. [tell] may be NULL. */
APLOMB_API size_t aplomb_case_clocks(
    aplomb_runtime *rt, const char *case_id, void (*tell)(const aplomb_clock *clock, void *payload), void *payload);

/* What happened to a clock: an item of the journal (docs/formats.md). */
typedef enum aplomb_clock_what {
	APLOMB_CLOCK_START = 0, /* it runs from now on */
	APLOMB_CLOCK_STOP,      /* it runs no more: [from] up to [at] was an interval, of which [counted] counts */
	APLOMB_CLOCK_END,       /* the same, because the case was closed */
	APLOMB_CLOCK_MOVE,      /* another target; what was counted stays */
	APLOMB_CLOCK_RESTART,   /* what was counted is forgotten; with an interval as above when it ran */
	APLOMB_CLOCK_WARN,
	APLOMB_CLOCK_BREACH,
	APLOMB_CLOCK_RECOUNT /* what is left is counted by another version of its calendar; with an interval as above when it ran */
} aplomb_clock_what;
typedef struct aplomb_clock_entry {
	size_t size;
	const char *clock;
	aplomb_clock_what what;
	uint64_t seq; /* of the entry */
	aplomb_instant at;
	aplomb_span elapsed; /* after this, up to [at] */
	bool has_interval;   /* STOP, END, and RESTART and RECOUNT of a clock that ran */
	aplomb_instant from;
	aplomb_span counted;
	bool has_target;    /* START, MOVE, RECOUNT */
	aplomb_span target; /* in what it counts; 0 of a MOVE before it ever ran */
	const char *said;   /* the target as it was said, or NULL */
	bool has_deadline;
	aplomb_instant deadline;
	const char *calendar;         /* START, MOVE and RECOUNT of business time, or NULL */
	const char *calendar_version; /* the same */
	const char *because;          /* MOVE and RESTART, or NULL */
	double fraction;              /* WARN: of the target, or 0: see before */
	const char *before;           /* WARN: so long before the target, or NULL */
	bool had_deadline;            /* RECOUNT: there was one, [was] */
	aplomb_instant was;
} aplomb_clock_entry;
/*
 * What an entry of a journal, as aplomb_journal_read gives it, says of clocks: each item in order, of [clock] or, when it is NULL, of all.
 * Everything told is lent for the call. Returns how many. [tell] may be NULL.
 */
APLOMB_API size_t aplomb_entry_clocks(
    aplomb_value entry, const char *clock, void (*tell)(const aplomb_clock_entry *entry, void *payload), void *payload);
/* The same of all lines that the runtime keeps of the case. As aplomb_journal_each. */
APLOMB_API int aplomb_case_clock_entries(aplomb_runtime *rt, const char *case_id, const char *clock,
    void (*tell)(const aplomb_clock_entry *entry, void *payload), void *payload, aplomb_error *error);

/* The case's data as canonical JSON; yours, free with aplomb_text_free. */
APLOMB_API int aplomb_case_data(aplomb_runtime *rt, const char *case_id, char **json, size_t *size, aplomb_error *error);
/* The same for whoever is not to see what the playbook marks personal: such values are "[personal]". */
APLOMB_API int aplomb_case_data_shown(aplomb_runtime *rt, const char *case_id, char **json, size_t *size, aplomb_error *error);
/* The case's snapshot (docs/formats.md) as canonical JSON; yours, free with aplomb_text_free. */
APLOMB_API int aplomb_case_snapshot(aplomb_runtime *rt, const char *case_id, char **json, size_t *size, aplomb_error *error);
/*
 * Put a case back from its snapshot. Restoring is not a transition: nothing is
 * entered again, timers keep their deadlines. Its playbook must be loaded
 * (ENOTFOUND names the hash), the case must not be there yet (EINVAL).
 * EDAMAGED, EVERSION, EJSON.
 */
APLOMB_API int aplomb_case_restore(aplomb_runtime *rt, const char *json, size_t size, aplomb_error *error);
/* How a case goes on that broke a limit. */
typedef enum aplomb_mend_kind {
	APLOMB_MEND_RESUME, /* what broke it happens again: the event is stepped, the timer fires, the case opens */
	APLOMB_MEND_SKIP,   /* it goes on without what broke it */
	APLOMB_MEND_SET,    /* members of its data become what is given; it stays faulted */
	APLOMB_MEND_CLOSE   /* it ends, in no final state: no action runs, its timers and children are cancelled */
} aplomb_mend_kind;

typedef struct aplomb_mend {
	size_t size;
	aplomb_mend_kind kind;
	const char *because; /* why, for the journal */
	const char *by;      /* who says so; NULL: "system" */
	const char *data;    /* SET: a JSON map; otherwise NULL */
	size_t data_size;    /* 0: it is terminated */
} aplomb_mend;
#define APLOMB_MEND_INIT                                                                                                                   \
	{ sizeof(aplomb_mend), APLOMB_MEND_RESUME, NULL, NULL, NULL, 0 }

/*
 * Take care of a case that is faulted. That is an entry of its journal, of kind `mended`, and committed when the call returns; what is
 * stepped because of it is committed with it. [receipt] (or NULL) says how the case stands then: seq is its newest entry; faulted: it broke
 * a limit again; closed. Its text is lent. EINVAL: the case is not faulted, nothing is said in [because], or there is nothing to go on with
 * (fault-final, fault-unknown); EREFUSED: the data do not fit. ENOTFOUND, EJSON, ENOMEM, ESTORE, EBUSY. Then nothing has changed.
 */
APLOMB_API int aplomb_case_mend(
    aplomb_runtime *rt, const char *case_id, const aplomb_mend *mend, aplomb_receipt *receipt, aplomb_error *error);

/*
 * A calendar that changed: a case keeps the calendars of the version that it was opened with, until somebody says that one of them is
 * another from now on (docs/time.md, "A calendar that changes"). What begins then is counted by the new version. Of deadlines that stand,
 * and clocks that have begun, either nothing changes, or what is left of them is counted by it; what was counted stays in any case.
 */
typedef enum aplomb_calendar_changes {
	APLOMB_CALENDAR_DECLARED = 0, /* as the calendar that is brought says: `changes`, which is "keep" when nobody says more */
	APLOMB_CALENDAR_KEEP,
	APLOMB_CALENDAR_RECOMPUTE
} aplomb_calendar_changes;

typedef struct aplomb_calendar_change {
	size_t size;
	const char *calendar;            /* its name, in the case's playbook and in [playbook] */
	const aplomb_playbook *playbook; /* whose calendar it is from now on: as a rule a newer version of the case's */
	aplomb_calendar_changes changes;
	const char *because; /* why, for the journal */
	const char *by;      /* who says so; NULL: "system" */
} aplomb_calendar_change;
#define APLOMB_CALENDAR_CHANGE_INIT                                                                                                        \
	{ .size = sizeof(aplomb_calendar_change) }

/* A clock or a timer that the calendar counts, before and after. Borrowed for the call; names are the playbook's. */
typedef struct aplomb_calendar_moved {
	size_t size;
	const char *clock; /* a clock that has begun; or NULL */
	const char *timer; /* a delay ("after.waiting.1"); or NULL */
	bool moves;        /* [before] and [after] are two */
	bool keeps;        /* it is kept as it was; told by the impact, [after] is what recomputing would make of it */
	bool had_deadline, has_deadline;
	aplomb_instant before, after;
	/* Of a clock, and not changed: */
	bool is_running, is_breached;
	aplomb_span elapsed, target;
} aplomb_calendar_moved;

typedef struct aplomb_calendar_sum {
	size_t size;
	bool differs; /* there is something to change: the case has another version, or something is still counted by an older one */
	aplomb_calendar_changes changes; /* KEEP or RECOMPUTE: which it is */
	char from[65], to[65];           /* versions: that by which the case counts what begins, and the new one */
	uint32_t counted, moved;         /* how many were told, and how many of them move, or would */
	uint64_t seq;                    /* the entry that says so; 0: none */
} aplomb_calendar_sum;
#define APLOMB_CALENDAR_SUM_INIT                                                                                                           \
	{ .size = sizeof(aplomb_calendar_sum) }

/*
 * The case's calendar is another from now on. What is due, or waits, is stepped first; then it is an entry of kind `calendar`, with the
 * whole definition, committed when the call returns. Each clock and timer that the calendar counts is told. The same again changes nothing,
 * and leaves no entry. EREFUSED: the case is closed; EFAULTED: mend it first; ENOTFOUND: unknown-case, unknown-calendar; EINVAL: nothing is
 * said in [because]. ELIMIT (limit-calendar-versions), ENOMEM, ESTORE, EBUSY. Then the case is as before. [tell] and [sum] may be NULL.
 */
APLOMB_API int aplomb_case_calendar_change(aplomb_runtime *rt, const char *case_id, const aplomb_calendar_change *change,
    void (*tell)(const aplomb_calendar_moved *moved, void *payload), void *payload, aplomb_calendar_sum *sum, aplomb_error *error);
/* What that would come to now. Nothing is changed, stepped or committed; [because] may be NULL. */
APLOMB_API int aplomb_case_calendar_impact(aplomb_runtime *rt, const char *case_id, const aplomb_calendar_change *change,
    void (*tell)(const aplomb_calendar_moved *moved, void *payload), void *payload, aplomb_calendar_sum *sum, aplomb_error *error);
/* What the playbook says of its calendar: KEEP or RECOMPUTE; DECLARED: it has none of that name. */
APLOMB_API aplomb_calendar_changes aplomb_playbook_calendar_changes(const aplomb_playbook *playbook, const char *name);

/* Every case's id, in the order they were opened. Returns how many. */
APLOMB_API size_t aplomb_cases(aplomb_runtime *rt, void (*tell)(const char *case_id, void *payload), void *payload);

/* A case as whoever keeps it has it, without its having been brought to memory. Borrowed for the call. */
typedef struct aplomb_case_brief {
	size_t size;
	const char *id;
	aplomb_case_status status;
	aplomb_instant due_at;           /* when something happens to it without an event; APLOMB_NEVER */
	const aplomb_playbook *playbook; /* the version that it runs; NULL: it cannot be loaded here */
	const char *playbook_hash;
} aplomb_case_brief;

/*
 * Tell every case in the order of opening; stops when [tell] returns non-zero, and returns that. With a store no case is brought to memory
 * for this, so that it is what a list of very many begins with; what else there is to know is asked of the few that matter, afterwards.
 * ESTORE, EDAMAGED, ENOMEM, EINVAL, EBUSY.
 */
APLOMB_API int aplomb_case_each(
    aplomb_runtime *rt, int (*tell)(const aplomb_case_brief *brief, void *payload), void *payload, aplomb_error *error);

/*
 * Can nothing move the case any more but somebody who mends or closes it? No timer is armed, and of all events that could come, those of
 * the playbook from outside and what its waiting effects and living children would tell, none is listened to in a state that is active, by
 * a transition whose guard holds, depends on what the event carries, or may come to hold as time passes and counters count. A closed case
 * is not stuck: nothing is to happen to it. A faulted one is. ENOTFOUND, ENOMEM, EINVAL, EBUSY.
 */
APLOMB_API int aplomb_case_stuck(aplomb_runtime *rt, const char *case_id, bool *stuck, aplomb_error *error);

/* Each line of the case's journal (head first, without the newline), in order; stops when [line] returns non-zero. */
APLOMB_API int aplomb_journal_each(
    aplomb_runtime *rt, const char *case_id, int (*line)(const char *text, size_t size, void *payload), void *payload, aplomb_error *error);
/* The same from entry [from] on; 0 is the head. */
APLOMB_API int aplomb_journal_from(aplomb_runtime *rt, const char *case_id, uint64_t from,
    int (*line)(const char *text, size_t size, void *payload), void *payload, aplomb_error *error);

typedef struct aplomb_totals {
	size_t size;
	uint64_t cases, open, closed, faulted;
	uint64_t events, refused, duplicates, late, unhandled, deferred;
	uint64_t timers, effects, findings, entries;
	uint64_t undelivered; /* effects offered, not yet taken */
	uint64_t invoked;     /* of the cases: those that another case invoked */
} aplomb_totals;
#define APLOMB_TOTALS_INIT                                                                                                                 \
	{ sizeof(aplomb_totals), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }
APLOMB_API void aplomb_count(aplomb_runtime *rt, aplomb_totals *out);

/* ---- rehearsals -------------------------------------------------------- */

/*
 * A runtime that was opened with options.rehearsal plays at what cases do; nothing of it is meant. No effect handler can
 * be registered, and what a case sends to another stays an item of its journal, so nothing leaves the case. In return
 * the functions below may be used, which an acknowledged history forbids: stepping recorded lines again, keeping a
 * moment and going back to it, forgetting a case. Everything else works as ever, and the lines are the same.
 */

/* What came out of a replayed line. Texts are lent until the next call that takes the runtime. */
typedef struct aplomb_replayed {
	size_t size;
	const char *case_id;
	uint64_t seq;
	const char *text; /* the line that came out, without its newline */
	size_t text_size;
	bool same; /* byte for byte what was handed in */
	/*
	 * When it is not: the first of these members that is another one. Of a head "playbook", "params", "seed",
	 * "subject", "locale", "parent", "limits"; of an entry "kind", "at", "cause", "items", "digest"; "prev" when only the line
	 * before was another one; "other" for the rest, such as the engine's version, and when there was no memory to look for
	 * it. NULL when it is the same.
	 */
	const char *differs;
} aplomb_replayed;
#define APLOMB_REPLAYED_INIT                                                                                                               \
	{ sizeof(aplomb_replayed), NULL, 0, NULL, 0, false, NULL }

/*
 * Step a case by one line of a recorded journal, as it stands there, and tell the line that comes out. Lines are handed in
 * one by one in their order, of one case or of many mixed; another case's lines may be left out. What time it is and which
 * timers are due does not matter: the line says what happened next, and when. docs/formats.md says for each kind of line
 * what is done with it.
 *
 * With the same playbook, parameters, seed, limits (aplomb_journal_limits) and engine the same line comes out. If another
 * one does, that is no error: the case then stands where its own line led, and goes on from there.
 *
 * [playbook] is the version on which a head begins its case; NULL: the one whose hash the head names or, when that is
 * not loaded, the latest of its id. It does not matter for entries.
 *
 * After an error the case is as it was: EINVAL (no-rehearsal; replay-order: another entry is next), ENOTFOUND
 * (unknown-playbook; replay-headless), EREFUSED: the cause cannot come about here (replay-timer, replay-deferred,
 * replay-duplicate, or what parameters and data of an opening were refused for). EJSON, EDAMAGED, EVERSION, ESTORE.
 */
APLOMB_API int aplomb_replay(
    aplomb_runtime *rt, const aplomb_playbook *playbook, const char *line, size_t size, aplomb_replayed *out, aplomb_error *error);

/* The limits that a journal's head line names, for the options of the runtime that is to replay it. EJSON, EDAMAGED, EVERSION. */
APLOMB_API int aplomb_journal_limits(const char *head, size_t size, aplomb_limits *out, aplomb_error *error);

/*
 * A moment of a case, kept in memory: less than a snapshot, for the ids it has seen are shared between its moments, and
 * good only in the runtime that kept it. It is yours; free it before aplomb_close.
 */
typedef struct aplomb_moment aplomb_moment;
APLOMB_API int aplomb_moment_keep(aplomb_runtime *rt, const char *case_id, aplomb_moment **out, aplomb_error *error);
/*
 * The case becomes what it was at that moment, whatever it is now, or whether it is there at all; a hand-turned clock stands where it
 * stood. Its events that were posted and not pumped are dropped without receipt. As after aplomb_case_restore, aplomb_journal_each tells
 * the lines that come from now on. The moment stays good.
 */
APLOMB_API int aplomb_moment_return(aplomb_runtime *rt, const aplomb_moment *moment, aplomb_error *error);
/* How many bytes it holds by itself, what it shares with others left out. */
APLOMB_API size_t aplomb_moment_size(const aplomb_moment *moment);
/* NULL is fine. */
APLOMB_API void aplomb_moment_free(aplomb_moment *moment);

/* As if the case had never been. Its events that were posted and not pumped are dropped without receipt. ENOTFOUND. */
APLOMB_API int aplomb_case_forget(aplomb_runtime *rt, const char *case_id, aplomb_error *error);

/* ---- verifying ----------------------------------------------------------- */

/*
 * A verifier steps a journal again and holds every line that comes out against
 * the one that stands there, to the byte: cause, items (so effects and timers),
 * the digest of state, data and timers, and the chain of hashes. It stops at
 * the first difference and says what it is and what it comes from.
 *
 *     aplomb_verifier *verifier;
 *     if (aplomb_verifier_open(&verifier, NULL, &error)) die(&error);
 *     if (aplomb_verifier_load(verifier, &load, NULL, &error)) die(&error);
 *     int code = APLOMB_OK;
 *     while (code == APLOMB_OK && read_line(&line, &size))
 *         code = aplomb_verify(verifier, line, size, ++number, &error);
 *     aplomb_verified verified = APLOMB_VERIFIED_INIT;
 *     code = aplomb_verifier_end(verifier, &verified, &error);
 *     if (code == APLOMB_EDIFFERS) show(verified.difference);
 *     aplomb_verifier_close(verifier);
 *
 * It has rehearsals of its own, one for each set of limits that heads name, so
 * nothing reaches anybody, and no runtime of yours is touched. A journal may be
 * of one case or of many mixed. It belongs to one thread, like a runtime.
 *
 * A case's head says what the case stands on: engine, playbook, params, tzdata,
 * limits. Params and limits are taken from it. Where something else is here (a
 * newer engine, another version of the playbook) that is told and is no
 * difference by itself: what counts is whether anything else comes of it. In
 * which lines of the playbook its transitions stand does not count then.
 */
typedef struct aplomb_verifier aplomb_verifier;

/* What a case stands on. */
typedef enum aplomb_ground {
	APLOMB_GROUND_ENGINE = 0,
	APLOMB_GROUND_PLAYBOOK,
	APLOMB_GROUND_PARAMS,
	APLOMB_GROUND_TZDATA,
	APLOMB_GROUND_LIMITS
} aplomb_ground;

/* One of them, as the case's head says it and as it is here. */
typedef struct aplomb_stands_on {
	size_t size;
	aplomb_ground ground;
	const char *name;     /* "engine", "playbook", "params", "tzdata", "limits" */
	const char *recorded; /* canonical JSON; NULL: an older head does not say it */
	const char *here;
	bool same;
} aplomb_stands_on;

typedef enum aplomb_differs {
	APLOMB_DIFFERS_LINE,  /* another line came out: [member] says where in it */
	APLOMB_DIFFERS_CAUSE, /* what the line says happened cannot come about here: [slug], [message] */
	APLOMB_DIFFERS_CHAIN, /* it does not hold the hash of its case's line before it */
	APLOMB_DIFFERS_ORDER, /* another entry of its case is next: lines are missing, doubled or moved */
	APLOMB_DIFFERS_DAMAGE /* it is no line of a journal: [slug], [message] */
} aplomb_differs;

/* Whether the line was changed after it was written: the next line of its case holds the hash of what was written. */
typedef enum aplomb_vouched {
	APLOMB_VOUCHED_NOT,      /* no other line of the case follows */
	APLOMB_VOUCHED_RECORDED, /* it is as it was written (a CHAIN: so the line before it was changed) */
	APLOMB_VOUCHED_PRODUCED, /* it was changed: what comes out here is what was written */
	APLOMB_VOUCHED_NEITHER   /* it was changed, or the one that follows was */
} aplomb_vouched;

/* The first difference. Its texts are lent until the verifier is closed; what there is not is NULL or 0. */
typedef struct aplomb_difference {
	size_t size;
	aplomb_differs how;
	uint64_t line; /* its number, as handed in */
	const char *case_id;
	uint64_t seq;              /* of the entry as it is recorded; 0: a head */
	const char *at;            /* the entry's time, RFC 3339 */
	const char *slug;          /* of all but LINE; "journal-chain", "replay-timer" … */
	const char *message;       /* in words, likewise */
	const char *recorded_line; /* as handed in */
	const char *produced_line; /* what came out */
	/*
	 * Of LINE and CHAIN: the first member that differs, as deep inside as it does ("items[2].data.text"), and both values as canonical
	 * JSON, NULL where there is none. [member] is NULL when the values are the same and only their bytes are others.
	 */
	const char *member;
	const char *recorded;
	const char *produced;
	uint32_t item;              /* in which item, from 1 */
	const char *recorded_place; /* file:line of the playbook, as far as the lines say: of the item, or of the transition before it */
	const char *produced_place;
	const char *states; /* where the case stands here after the line: paths separated by spaces */
	const char *data;   /* and with which data, canonical JSON */
	aplomb_vouched vouched;
	uint64_t vouching_line;       /* which line vouches */
	uint64_t changed_line;        /* which line was changed after it was written, as far as that is known */
	const aplomb_stands_on *ones; /* what the case stands on, each */
	size_t n_ones;
} aplomb_difference;

/* What a verification came to. Texts are lent until the verifier is closed. */
typedef struct aplomb_verified {
	size_t size;
	uint64_t lines;                      /* that were stepped and came out as they are recorded; heads count */
	uint64_t cases;                      /* whose head was among them */
	uint64_t entries;                    /* lines without heads */
	uint64_t skipped;                    /* of other cases than the one that was asked for */
	uint64_t differing;                  /* lines that came out otherwise; more than one only with options.goes_on */
	uint64_t lost;                       /* with goes_on: lines of cases that could not go on */
	const aplomb_difference *difference; /* the first, or NULL */
	/* Cases that stand on something else here, and what the first of them stands on. */
	uint64_t elsewhere;
	const char *elsewhere_case;
	const aplomb_stands_on *ones;
	size_t n_ones;
	/*
	 * Cases for which something was to happen by itself before the newest instant in the journal, and no line says that it did: lines are
	 * missing at their end, or nobody was there to step them. The first of them, its newest entry, and what was due when.
	 */
	uint64_t unfinished;
	const char *unfinished_case;
	uint64_t unfinished_seq;
	const char *unfinished_due;
	aplomb_instant unfinished_at;
} aplomb_verified;
#define APLOMB_VERIFIED_INIT                                                                                                               \
	{ sizeof(aplomb_verified), 0, 0, 0, 0, 0, 0, NULL, 0, NULL, NULL, 0, 0, NULL, 0, NULL, 0 }

/* A line that was stepped again. Borrowed for the call. */
typedef struct aplomb_stepped_line {
	size_t size;
	uint64_t number;
	const char *case_id;
	uint64_t seq;
	const char *recorded;
	size_t recorded_size;
	const char *produced; /* NULL: it could not be stepped, [error] says why */
	size_t produced_size;
	bool same; /* but for what the case stands on, of a head */
	const aplomb_error *error;
	const char *member; /* of one that is not the same: as of aplomb_difference */
	const char *recorded_value;
	const char *produced_value;
} aplomb_stepped_line;

typedef struct aplomb_verifier_options {
	size_t size;
	const aplomb_allocator *allocator; /* NULL: malloc; copied */
	const char *case_id;               /* this case's lines only; NULL: all; copied */
	bool goes_on; /* not to stop at a difference: the case goes on from where its own line led, and is held against the next all the same */
	void (*on_line)(const aplomb_stepped_line *line, void *payload); /* each line that was stepped, or could not be; or NULL */
	void *payload;
} aplomb_verifier_options;
#define APLOMB_VERIFIER_OPTIONS_INIT                                                                                                       \
	{ sizeof(aplomb_verifier_options), NULL, NULL, false, NULL, NULL }

/* [options] NULL means all defaults. ENOMEM, EINVAL. */
APLOMB_API int aplomb_verifier_open(aplomb_verifier **out, const aplomb_verifier_options *options, aplomb_error *error);
/* NULL is fine. */
APLOMB_API void aplomb_verifier_close(aplomb_verifier *verifier);

/*
 * A playbook for the journal's cases, as in aplomb_load; before the first line. Several may be loaded: a case gets the version that its
 * head names by its hash, or, when that is not here, the newest of its id. [*out] (or NULL) is lent until the verifier is closed. As
 * aplomb_load.
 */
APLOMB_API int aplomb_verifier_load(
    aplomb_verifier *verifier, const aplomb_load_options *options, aplomb_playbook **out, aplomb_error *error);

/*
 * The next line, without its newline; [number] is what you call it. OK: hand in the next one. After a difference lines are only looked at
 * for whether they vouch for the one that differs. EDIFFERS: there is a difference, and nothing that follows can say more of it.
 * ENOTFOUND (unknown-playbook): no version of the case's playbook is loaded. EREFUSED: as of aplomb_replay, from the playbook's side.
 * EINVAL, EBUSY, and as of aplomb_load when other limits need another runtime. ENOMEM: the line may have been stepped already, so this
 * verifier says nothing but that from now on; close it, and begin with another one.
 */
APLOMB_API int aplomb_verify(aplomb_verifier *verifier, const char *line, size_t size, uint64_t number, aplomb_error *error);

/* There are no more lines: what it came to. EDIFFERS when there is a difference, otherwise OK. ENOMEM, EINVAL. */
APLOMB_API int aplomb_verifier_end(aplomb_verifier *verifier, aplomb_verified *out, aplomb_error *error);

/* ---- keeping a store ----------------------------------------------------- */

/*
 * What operations need of a store that Aplomb keeps in a file (options.store): how much there is of what, whether it is sound, a copy, the
 * copy in its place, less of it. None of these needs a runtime; [allocator] NULL is malloc. Measuring, verifying and copying take no lock
 * and write nothing to the store: another program may have it open, and what is looked at is one moment of it. ENOTFOUND (store-missing),
 * EDAMAGED (store-damaged, store-foreign), EVERSION, ESTORE, EIO, ENOMEM.
 */

/* How much of what there is. */
typedef struct aplomb_store_measure {
	size_t size;
	uint64_t cases, playbooks, commits, entries, snapshots, effects; /* effects: those that wait */
	uint64_t entry_bytes, snapshot_bytes;                            /* as they were written */
	uint64_t old_snapshot_bytes; /* of snapshots that have a newer one of their case behind them: only whoever seeks far back reads them */
	uint64_t log_bytes, head_bytes, source_bytes, effect_bytes; /* as they lie in their tables */
	uint64_t file_bytes, wal_bytes;                             /* the file, and SQLite's log beside it */
	uint64_t free_bytes;                                        /* of the file: pages that hold nothing */
	aplomb_instant last_at;                                     /* the newest commit's; APLOMB_NEVER: there was none */
	uint64_t sent, sent_bytes;                                  /* what cases sent to one another and is not there yet */
} aplomb_store_measure;
#define APLOMB_STORE_MEASURE_INIT                                                                                                          \
	{ .size = sizeof(aplomb_store_measure), .last_at = APLOMB_NEVER }
/* Reads all of the log. EDAMAGED says what cannot be. */
APLOMB_API int aplomb_store_measured(const char *path, const aplomb_allocator *allocator, aplomb_store_measure *out, aplomb_error *error);

/* Something that is not as it was written. Borrowed for the call. */
typedef struct aplomb_store_damage {
	size_t size;
	const char *table;   /* "file": SQLite's own structure; "playbooks", "cases", "log", "heads", "effects" */
	int64_t row;         /* its number in the table, a page's for heads; -1: none is meant */
	const char *case_id; /* whose, or NULL */
	uint64_t seq;        /* which entry of that case; 0: none is meant */
	const char *slug;    /* "store-damaged", "journal-chain", "replay-differs", … */
	const char *message;
} aplomb_store_damage;

typedef struct aplomb_store_verify_options {
	size_t size;
	const aplomb_allocator *allocator;
	void (*on_damage)(const aplomb_store_damage *damage, void *payload); /* or NULL */
	void (*on_progress)(uint64_t cases, uint64_t of, void *payload);     /* cases that were replayed; or NULL */
	void *payload;
	bool only_structure; /* no case is replayed */
} aplomb_store_verify_options;
#define APLOMB_STORE_VERIFY_OPTIONS_INIT                                                                                                   \
	{ sizeof(aplomb_store_verify_options), NULL, NULL, NULL, NULL, false }

typedef struct aplomb_store_verified {
	size_t size;
	uint64_t damages;           /* told */
	uint64_t replayed, lines;   /* cases of which every line came out of a replay as it is recorded, and those lines */
	uint64_t without_beginning; /* cases that came as a snapshot: there is nothing to replay them from */
	aplomb_store_measure measure;
} aplomb_store_verified;
#define APLOMB_STORE_VERIFIED_INIT                                                                                                         \
	{ .size = sizeof(aplomb_store_verified), .measure = APLOMB_STORE_MEASURE_INIT }
/*
 * Look at all of a store: SQLite's structure, each playbook's hash, the checksum of every chunk of the log and every page of heads, that
 * each case's entries follow one another, that tables agree; then replay every case from its first line on with the version that it ran,
 * under its own limits, hold each line against the recorded one (aplomb_verify), and bring it back from its newest snapshot, as a restart
 * would. EDAMAGED: something was told; [out] says how much. It is filled in either way, but not after other errors.
 */
APLOMB_API int aplomb_store_verify(
    const char *path, const aplomb_store_verify_options *options, aplomb_store_verified *out, aplomb_error *error);

/*
 * A copy of the store as it is in one moment, while others go on with it. [to] has that name when all of it is on the disk, and not before.
 * EINVAL (store-exists): there is something of that name.
 */
APLOMB_API int aplomb_store_backup(const char *path, const char *to, const aplomb_allocator *allocator, aplomb_error *error);

/*
 * Put a copy in a store's place: it is copied, the copy is verified as by aplomb_store_verify, and then it gets the name [to]. EINVAL
 * (store-exists): there is something, and [replaces] is false. With it what is there is lost in that moment, and not before; ESTORE
 * (store-in-use): a runtime has it open, or somebody looks into it. EDAMAGED: the copy is not sound, and nothing was changed. [options] and
 * [out] as of aplomb_store_verify; [out] may be NULL.
 */
APLOMB_API int aplomb_store_restore(const char *path, const char *to, bool replaces, const aplomb_store_verify_options *options,
    aplomb_store_verified *out, aplomb_error *error);

/*
 * Write a store anew without what nobody needs: of the snapshots behind which their case has a newer one 15 of 16, pages that hold nothing,
 * and the room that is left in chunks of small commits. Every line of every journal stays, byte for byte. The new file is verified before
 * it takes the place of the old one; until then nothing is changed. ESTORE (store-in-use): a runtime has it open, or somebody looks into
 * it. [before] and [out] (or NULL): how much there was, and what the verification of the new one came to.
 */
APLOMB_API int aplomb_store_compact(const char *path, const aplomb_store_verify_options *options, aplomb_store_measure *before,
    aplomb_store_verified *out, aplomb_error *error);

/* ---- why, and what if -------------------------------------------------- */

/* What a guard came to, or a part of one that is true or false. */
typedef enum aplomb_verdict {
	APLOMB_VERDICT_ERROR = -1, /* it came to nothing: taken for false, and an error of the playbook */
	APLOMB_VERDICT_FALSE = 0,
	APLOMB_VERDICT_TRUE = 1,
	APLOMB_VERDICT_UNKNOWN = 2, /* something that it asks about is missing: taken for false */
	APLOMB_VERDICT_DEPENDS = 3, /* on an event that has not come: only aplomb_case_consider says so */
	APLOMB_VERDICT_NONE = 4     /* the part is no truth, or it was not asked: what stands before it knew already */
} aplomb_verdict;

typedef enum aplomb_part_kind {
	APLOMB_PART_LITERAL,
	APLOMB_PART_PATH,      /* data.x, params.x, event.x, case.x */
	APLOMB_PART_QUESTION,  /* is_in, time_in, count, has, len, contains; [word] says which */
	APLOMB_PART_OPERATION, /* and, or, not, a comparison, a sum; [word] says which */
	APLOMB_PART_FUNCTION,  /* a function in Lua; below it the lines of code at which it looked at something, in their order */
	APLOMB_PART_LINE,      /* such a line, as it is written; below it what was looked at */
	APLOMB_PART_CONDITION, /* a condition of a module's word, asked by a function; below it its parts */
	APLOMB_PART_STATE      /* of `done`: the final state in which its state has to have ended */
} aplomb_part_kind;

/* A part of a guard as it was when the guard was asked. Borrowed for the call. */
typedef struct aplomb_part {
	size_t size;
	aplomb_part_kind kind;
	uint32_t depth;   /* 0: the whole; what belongs to a part stands behind it, one deeper */
	const char *text; /* its piece of the playbook, on one line */
	const char *word; /* "and", "<=", "count", or "" */
	aplomb_verdict verdict;
	const char *value;   /* canonical JSON; NULL: missing, unknown, not asked, or personal */
	const char *shown;   /* as a person reads it: `40.00 GBP`, "missing", "unknown", "[personal]" */
	const char *missing; /* what is missing, when that makes it unknown: "data.value"; otherwise NULL */
	/*
	 * The whole is what it is because of this part. Of `and` the parts that have its
	 * verdict (of a false one the first false part, of a true one both), of `or` likewise,
	 * of a comparison both sides, of a function the last line at which it looked at something.
	 */
	bool decides;
	bool is_personal;
	const char *file; /* of functions and lines, otherwise NULL */
	uint32_t line;
} aplomb_part;

/* A guard that was asked. Borrowed for the call. */
typedef struct aplomb_guard {
	size_t size;
	const char *label; /* what people call it: its text, or the function's name */
	aplomb_verdict verdict;
	const aplomb_part *parts; /* the whole first; n_parts 0: the program cannot take it apart */
	size_t n_parts;
	const aplomb_error *error; /* of APLOMB_VERDICT_ERROR, otherwise NULL */
	bool is_implied;           /* nobody wrote it: it is part of what `done` means */
} aplomb_guard;

/* A transition as it is written. Texts live as long as the playbook. */
typedef struct aplomb_transition {
	size_t size;
	uint32_t number;     /* from 1, in the order of the playbook; the same in every run of this version */
	const char *state;   /* the path of the state that carries it; "": the root */
	const char *on;      /* the events that it listens to, separated by spaces; "always"; of a timer "after", "every", "at" */
	const char *to;      /* its targets' paths, separated by spaces; "": it goes nowhere */
	const char *when;    /* its guard's label, or NULL */
	const char *because; /* or NULL */
	aplomb_span after;   /* of `after` and `every`: how long; -1: the playbook says so at each entry */
	bool defers;         /* it keeps the event for later */
	const char *file;    /* "" when unknown */
	uint32_t line;
	uint32_t column;
} aplomb_transition;

/* A child that cases of a playbook have while they are in a state (docs/language.md). Borrowed for the call. */
typedef struct aplomb_invoke {
	size_t size;
	const char *state;    /* the path of the state */
	const char *id;       /* of the invocation: "done.invoke.ID" tells of its end */
	const char *playbook; /* the child's, or NULL: it is computed */
	const char *because;  /* or NULL */
	bool autoforward;     /* it hears what its parent hears */
	const char *file;     /* "" when unknown */
	uint32_t line;
	uint32_t column;
} aplomb_invoke;

/* Tell every invoke of the playbook in the order of its states. Returns how many; [tell] may be NULL. */
APLOMB_API size_t aplomb_playbook_invokes(
    aplomb_runtime *rt, const aplomb_playbook *playbook, void (*tell)(const aplomb_invoke *invoke, void *payload), void *payload);

/* Tell every transition of the playbook in its order. Returns how many; [tell] may be NULL. 0 without memory. */
APLOMB_API size_t aplomb_playbook_transitions(
    aplomb_runtime *rt, const aplomb_playbook *playbook, void (*tell)(const aplomb_transition *transition, void *payload), void *payload);

/* Where a transition stands towards an event. */
typedef enum aplomb_standing {
	APLOMB_STANDS_TAKEN,       /* it is taken; of aplomb_case_consider: it would be, if its event came now */
	APLOMB_STANDS_DEPENDS,     /* that depends on what the event carries: its guard's parts say on what */
	APLOMB_STANDS_INACTIVE,    /* its state is not active */
	APLOMB_STANDS_OTHER_EVENT, /* it listens to other events */
	APLOMB_STANDS_REFUSED,     /* its guard is not true */
	APLOMB_STANDS_BEATEN,      /* [other] is taken first: it stands before it, in the same state or further inside */
	APLOMB_STANDS_PREEMPTED,   /* [other], of another region, leaves what it would leave */
	APLOMB_STANDS_DEFERRED     /* it keeps the event for later */
} aplomb_standing;

typedef enum aplomb_decision_kind {
	APLOMB_DECISION_EVENT,      /* [name] is being processed from now on, up to the next of these; the first is the cause of the step */
	APLOMB_DECISION_COUNTER,    /* a counter listens to it: [name], [guard] or NULL, [count] afterwards */
	APLOMB_DECISION_TRANSITION, /* [transition] was a candidate: [standing], [guard] or NULL, [other] */
	APLOMB_DECISION_SETTLED,    /* what is taken together is known: a microstep begins */
	APLOMB_DECISION_LEFT,       /* state [name] was left */
	APLOMB_DECISION_ENTERED     /* state [name] was entered */
} aplomb_decision_kind;

/* Borrowed for the call. */
typedef struct aplomb_decision {
	size_t size;
	aplomb_decision_kind kind;
	const char *case_id;
	uint64_t entry;    /* the journal entry (seq) that its step writes */
	const char *name;  /* an event, a counter, a state's path; NULL, of an event: the case opens, and of a transition */
	bool is_internal;  /* event: raised in this step, or the machine's own */
	bool is_eventless; /* transition: it waits for no event */
	const aplomb_transition *transition;
	aplomb_standing standing;
	const aplomb_guard *guard;      /* NULL: it has none, or it was not asked */
	const aplomb_transition *other; /* BEATEN, PREEMPTED: by which */
	uint64_t count;
} aplomb_decision;

/* Who wants to know why. May not call the runtime. */
typedef struct aplomb_watch {
	size_t size;
	void (*decision)(const aplomb_decision *decision, void *payload);
	void *payload;
} aplomb_watch;
#define APLOMB_WATCH_INIT                                                                                                                  \
	{ sizeof(aplomb_watch), NULL, NULL }

/*
 * From now on [watch] is told of each step while it happens, whatever it is caused by; NULL, as at first: nobody is. A step that is taken
 * back afterwards, by a broken limit or a failed commit, was told all the same. Steps that are watched take longer, for guards are taken
 * apart; without a watch nothing does. EINVAL, ENOMEM, EBUSY.
 */
APLOMB_API int aplomb_watch_steps(aplomb_runtime *rt, const aplomb_watch *watch, aplomb_error *error);

/* What an event would have done. Its texts are lent until the next call that takes the runtime. */
typedef struct aplomb_tried {
	size_t size;
	int code;         /* as of a receipt: OK; EREFUSED, EFAULTED: [message] says why */
	const char *slug; /* of EREFUSED and EFAULTED, otherwise NULL */
	const char *message;
	uint64_t seq; /* the entry that would hold it; 0: none */
	bool duplicate, unhandled, deferred, faulted, closed;
	aplomb_span late_by;
	const char *lines; /* the journal lines that the case would get, each ended by '\n': those of timers that are due before it, too */
	size_t lines_size;
	const char *states; /* the paths of the active atomic states afterwards, separated by spaces */
	const char *data;   /* the case's data afterwards, canonical JSON */
	const char *timers; /* armed afterwards, in the order they are due: [{"due":"…","name":"…"},…] */
	aplomb_instant at;  /* the case's time afterwards */
} aplomb_tried;
#define APLOMB_TRIED_INIT                                                                                                                  \
	{ sizeof(aplomb_tried), 0, NULL, NULL, 0, false, false, false, false, false, 0, NULL, 0, NULL, NULL, NULL, 0 }

/*
 * What would happen if this event were posted now, and the runtime pumped until it is answered: everything is done as by
 * aplomb_post_wait, told through [watch] (or NULL) while it happens, and then taken back. Nothing is committed or logged, no effect and no
 * receipt is handed out, no number of the runtime changes, nor its clock. An event whose name is NULL stands for the next timer of the
 * case: it is tried at the time it is due.
 *
 * What waits in the queue is stepped before it, as it would be. A refused event is no failure of this call: [tried] says why it was.
 * ENOTFOUND: the case has no timer, or there is no such case to have one. EINVAL, ENOMEM, EBUSY, EJSON.
 */
APLOMB_API int aplomb_try(
    aplomb_runtime *rt, const aplomb_event *event, const aplomb_watch *watch, aplomb_tried *tried, aplomb_error *error);

/* A transition as the case is now, whatever happens next. Borrowed for the call. */
typedef struct aplomb_considered {
	size_t size;
	const aplomb_transition *transition;
	aplomb_standing standing;
	const aplomb_guard *guard;      /* asked without an event, also when the state is not active; NULL: it has none */
	const aplomb_transition *other; /* BEATEN: by which, whatever the event carries */
	bool has_due;                   /* its timer is armed, and due at [due_at] */
	aplomb_instant due_at;
} aplomb_considered;

/*
 * Tell every transition of the case's playbook in its order, and where it stands, supposed that an event that it listens to came now. What
 * such an event would carry is not known: what asks for it depends on it. Nothing of the case changes, errors of guards are told and
 * forgotten. ENOTFOUND, ENOMEM, EBUSY.
 */
APLOMB_API int aplomb_case_consider(aplomb_runtime *rt, const char *case_id,
    void (*tell)(const aplomb_considered *considered, void *payload), void *payload, aplomb_error *error);

/* A field that a word of a module was given. Borrowed for the call. */
typedef struct aplomb_made_field {
	size_t size;
	const char *name;
	const char *value;         /* of a scalar, as canonical JSON; of a condition its text, as JSON; otherwise NULL */
	const aplomb_guard *guard; /* of a condition that is written as text: asked now; otherwise NULL */
} aplomb_made_field;

/* What a word of a module made, as solutions.option "refund" { when = "data.value <= params.limit" }. Borrowed for the call. */
typedef struct aplomb_made {
	size_t size;
	const char *word; /* "solutions.option" */
	const char *id;   /* "refund" */
	const char *file; /* where the playbook says so */
	uint32_t line;
	const aplomb_made_field *fields;
	size_t n_fields;
} aplomb_made;

/*
 * Tell everything of the case's playbook that was made by a word of a module which takes a condition and a name, in the
 * order of the playbook, with its conditions as they are now: which options are open, say, and why another is not.
 * What asks for the event depends on it, as of aplomb_case_consider. ENOTFOUND, ENOMEM, EBUSY.
 */
APLOMB_API int aplomb_case_made(
    aplomb_runtime *rt, const char *case_id, void (*tell)(const aplomb_made *made, void *payload), void *payload, aplomb_error *error);

/* ---- Lua of yours ------------------------------------------------------ */

/*
 * An expression that you ask of cases, in the language of playbooks:
 * `data.value <= params.refund_limit`, `#data.offers`,
 * `case:time_in("work.waiting") > 3600 * 1000000`. What means something as a
 * guard that is written as text (docs/guards.md) is that; anything else is Lua,
 * in the playbook's sandbox and within the limits of a step. docs/embedding.md
 * says what it sees. It may look and not touch: nothing of the case is another
 * afterwards, and no entry is written.
 */
typedef struct aplomb_expression aplomb_expression;

/*
 * Read it for the cases of a playbook. [size] 0: as long as it is. [*out] is yours:
 * aplomb_expression_free, before the runtime is closed. EINVAL with line and
 * column when it is no expression, ENOMEM, EBUSY.
 */
APLOMB_API int aplomb_expression_read(
    aplomb_runtime *rt, const aplomb_playbook *playbook, const char *text, size_t size, aplomb_expression **out, aplomb_error *error);
APLOMB_API void aplomb_expression_free(aplomb_expression *expression);

/* What an expression came to. Texts are terminated, and lent until it is asked again or freed. */
typedef struct aplomb_answer {
	size_t size;
	bool is_there;    /* false: there is no value: a field that is missing, a truth that nobody knows, a function that gave nothing */
	bool truth;       /* of kind BOOLEAN: which */
	bool is_cut;      /* [text] says not all of it */
	aplomb_kind kind; /* of [json]; ABSENT when there is none. Lua's nil is NULL */
	const char *text; /* for people: `40.00 GBP`, `2h`, `{ cause = "stress" }`, `missing` */
	size_t text_size;
	const char *json; /* canonical, or NULL: a function, say, has none */
	size_t json_size;
	const char *literal; /* as a statement would write it, or NULL: `money "40.00 GBP"`, microseconds for spans and instants */
	size_t literal_size;
} aplomb_answer;
#define APLOMB_ANSWER_INIT                                                                                                                 \
	{ sizeof(aplomb_answer), false, false, false, APLOMB_ABSENT, NULL, 0, NULL, 0, NULL, 0 }

/*
 * Ask it of a case, as if a step were to happen now. `event` is the newest event
 * of the case: that of the journal line [entry] (no newline; [entry_size] bytes),
 * or, when [entry] is NULL, of the newest line that the runtime keeps. EINVAL:
 * it came to a mistake, and where; the case is of another playbook. ELIMIT: it
 * broke a limit of a step. EINTERRUPTED. ENOTFOUND, ENOMEM, EJSON, EBUSY.
 */
APLOMB_API int aplomb_expression_answer(
    aplomb_expression *expression, const char *case_id, const char *entry, size_t entry_size, aplomb_answer *out, aplomb_error *error);

/*
 * Tell the names that can stand in an expression for a case of the playbook, for whoever completes what is typed: behind
 * [owner] and a dot or a colon ("data.address", "case", the last part of a module's name), or, with NULL or "", at its
 * beginning. [note] says in a few words what it is. A name may be told twice when two events have it. ENOMEM, EINVAL, EBUSY.
 */
APLOMB_API int aplomb_expression_names(aplomb_runtime *rt, const aplomb_playbook *playbook, const char *owner,
    void (*tell)(const char *name, const char *note, void *payload), void *payload, aplomb_error *error);

/*
 * In rehearsal only: try a statement on a case, `data.messages = 5` or several
 * lines of Lua, as an action in a step of its own, with an entry of its own kind
 * in the journal (docs/formats.md); eventless transitions follow as after any
 * step. A real case changes through events and nothing else, so a runtime that is not
 * opened with options.rehearsal answers EINVAL. What is due is stepped before it. [*seq] is its entry; it may be NULL.
 * EINVAL or ELIMIT with line (and column) when the statement is wrong, errs or
 * breaks a limit, EINTERRUPTED when it is broken off: then it never was. EREFUSED, EFAULTED: the case takes nothing more. ENOTFOUND,
 * ESTORE, ENOMEM, EBUSY.
 */
APLOMB_API int aplomb_case_run(aplomb_runtime *rt, const char *case_id, const char *text, size_t size, uint64_t *seq, aplomb_error *error);

/*
 * Is the text whole, as an expression or a statement, or would Lua read on? For
 * whoever takes lines one by one. A text that is wrong counts as whole: more of it would not make it right.
 */
APLOMB_API bool aplomb_is_whole(aplomb_runtime *rt, const char *text, size_t size);

/* ---- words ------------------------------------------------------------- */

typedef enum aplomb_word_kind {
	APLOMB_WORD_CHART,       /* of the statechart: `state`, `on`, `after` */
	APLOMB_WORD_DECLARATION, /* `event`, `effect`, `counter` */
	APLOMB_WORD_TYPE,        /* `text`, `money`, `one_of` */
	APLOMB_WORD_VALUE,       /* what stands for something else: `from`, `group` */
	APLOMB_WORD_MODULE,      /* of a module: `boundary.ladder` */
	APLOMB_WORD_CASE,        /* what a function sees: `case:effect`, `event.by` */
	APLOMB_WORD_LIBRARY      /* a function: Lua's own, as `string.format`, and `require` */
} aplomb_word_kind;

/*
 * A named field of a word's table. [takes] says what it may be given, in words
 * separated by spaces: text, texts, boolean, number, function, actions, type,
 * types, start, outcomes, modules, table; of a module's word also span, guard,
 * action, any, and the name of a word whose value it takes.
 */
typedef struct aplomb_word_field {
	size_t size;
	const char *name;
	const char *takes;
	bool is_required;
	const char *sentence;
} aplomb_word_field;

/*
 * A word of the language, from the register that the loader checks against.
 * Everything in it is borrowed for the call. [shape] is "named" (word "name"
 * { … }), "table" (word { … }), "actions" (word(function, …)), "path" (word
 * "text"), "phrase" (word "id", or word "id" { … }), or "" for what is no word. [items] is what stands in the table's
 * list: "children", "candidates" (tables with the same fields), "texts", of a
 * module's word as [takes], or "".
 */
typedef struct aplomb_word {
	size_t size;
	aplomb_word_kind kind;
	const char *name;
	const char *module;   /* "aplomb.boundary", of a module's word; otherwise NULL */
	const char *form;     /* how it is written: `state "id" { … }` */
	const char *sentence; /* what it is; "" for functions of Lua's library */
	const char *scxml;    /* its counterpart in SCXML, or "" */
	const char *shape;
	const char *named_by; /* what its name may be, as a field's [takes]; "" when it has none */
	const char *items;
	bool has_members;          /* every field that is not listed is a member: name = type */
	const char *const *places; /* the words in whose tables it stands */
	size_t n_places;
	const aplomb_word_field *fields;
	size_t n_fields;
	const char *example; /* a whole playbook that `aplomb check` accepts, of [example_size] bytes, or NULL */
	size_t example_size;
} aplomb_word;

/*
 * Tell every word of the language, kind by kind: the core's, those of the
 * modules that come with Aplomb, what a function sees of its case, and the
 * functions that a playbook's sandbox holds. [rt] lends its memory, and is not
 * changed. ENOMEM, EINVAL, EBUSY.
 */
APLOMB_API int aplomb_words(aplomb_runtime *rt, void (*tell)(const aplomb_word *word, void *payload), void *payload, aplomb_error *error);
/* Tell the words that the modules of this playbook define, its own modules among them. EINVAL, EBUSY. */
APLOMB_API int aplomb_playbook_words(aplomb_runtime *rt, const aplomb_playbook *playbook,
    void (*tell)(const aplomb_word *word, void *payload), void *payload, aplomb_error *error);

/* ---- reading JSON ------------------------------------------------------ */

/*
 * What this library writes (journal lines, effects, snapshots) is JSON; this
 * reads it. A document keeps its own copy of the text; values are cursors into
 * it and cost nothing. Every reader accepts an absent value and answers
 * absent, 0, false or NULL, so that paths can be chained without checks. A
 * document belongs to one thread at a time: it remembers where it was read
 * last, so that going through a list costs what it should.
 */

/* EJSON with line and column. */
APLOMB_API int aplomb_json_read(aplomb_json **out, const char *text, size_t size, aplomb_error *error);
APLOMB_API void aplomb_json_free(aplomb_json *json);
APLOMB_API aplomb_value aplomb_json_root(const aplomb_json *json);
APLOMB_API aplomb_kind aplomb_value_kind(aplomb_value value);
APLOMB_API aplomb_value aplomb_value_get(aplomb_value map, const char *key);
/* How many items or members. */
APLOMB_API size_t aplomb_value_count(aplomb_value value);
/* The n-th item of a list or member of a map, from 0, absent behind the last; [key] (or NULL) gets a member's name. */
APLOMB_API aplomb_value aplomb_value_at(aplomb_value value, size_t n, const char **key);
/* NUL-terminated, lent by the document; NULL when it is no text. [size] may be NULL. */
APLOMB_API const char *aplomb_value_text(aplomb_value value, size_t *size);
APLOMB_API int64_t aplomb_value_integer(aplomb_value value);
APLOMB_API double aplomb_value_number(aplomb_value value);
APLOMB_API bool aplomb_value_boolean(aplomb_value value);
/* The value's canonical text, yours: free with free() of the C library. NULL: no memory, or absent. */
APLOMB_API char *aplomb_value_write(aplomb_value value);

/*
 * Reading a journal file, of one case or many mixed: hand its lines in order.
 * Each is checked: version, shape, seq going up by one within its case, and
 * `prev` being the hash of the case's line before.
 */
typedef struct aplomb_journal aplomb_journal;
APLOMB_API int aplomb_journal_open(aplomb_journal **out, aplomb_error *error);
APLOMB_API void aplomb_journal_close(aplomb_journal *journal);
/*
 * [line] without its newline. [*entry] is lent until the next call. EDAMAGED
 * (journal-seq, journal-chain, journal-shape, journal-headless), EVERSION,
 * EJSON; after EDAMAGED [*entry] is what was read and reading may go on.
 */
APLOMB_API int aplomb_journal_read(aplomb_journal *journal, const char *line, size_t size, aplomb_value *entry, aplomb_error *error);

/* ---- drawings ---------------------------------------------------------- */

typedef enum aplomb_draw_form {
	APLOMB_DRAW_TEXT,    /* a tree of states, to be read */
	APLOMB_DRAW_MERMAID, /* a stateDiagram-v2 of Mermaid's */
	APLOMB_DRAW_DOT,     /* for Graphviz */
	APLOMB_DRAW_SCXML    /* the chart alone, for programs that read SCXML; it shows no case */
} aplomb_draw_form;

typedef struct aplomb_draw_options {
	size_t size;
	aplomb_draw_form form;
	uint32_t width; /* of text: columns; 0: 80 */
	bool ascii;     /* of text: nothing but ASCII */
	bool colour;    /* of text: with a terminal's colours */
} aplomb_draw_options;
#define APLOMB_DRAW_OPTIONS_INIT                                                                                                           \
	{ sizeof(aplomb_draw_options), APLOMB_DRAW_TEXT, 0, false, false }

/* The playbook's chart as a person, or a program that draws, reads it. [*text] is yours: aplomb_text_free. ENOMEM, EINVAL. */
APLOMB_API int aplomb_playbook_draw(aplomb_runtime *rt, const aplomb_playbook *playbook, const aplomb_draw_options *options, char **text,
    size_t *size, aplomb_error *error);

/*
 * The same, lit by where a case has been. Note the entries of its journal in
 * their order (aplomb_journal_read gives them), then write. A drawing belongs to its runtime and
 * is closed before it; it may be noted in and written again.
 */
typedef struct aplomb_drawing aplomb_drawing;
APLOMB_API int aplomb_drawing_open(aplomb_drawing **out, aplomb_runtime *rt, const aplomb_playbook *playbook, aplomb_error *error);
APLOMB_API int aplomb_drawing_note(aplomb_drawing *drawing, aplomb_value entry, aplomb_error *error);
/* How many noted transitions the playbook does not have: the journal is of another version, or of another playbook. */
APLOMB_API uint64_t aplomb_drawing_unknown(const aplomb_drawing *drawing);
APLOMB_API int aplomb_drawing_write(
    aplomb_drawing *drawing, const aplomb_draw_options *options, char **text, size_t *size, aplomb_error *error);
APLOMB_API void aplomb_drawing_close(aplomb_drawing *drawing);

/* ---- why a clock stands where it does ---------------------------------- */

/* A stretch of time that a clock's account tells of, or what happened to the clock at an instant. */
typedef enum aplomb_account_kind {
	APLOMB_ACCOUNT_OPEN,      /* it counted: open time of its calendar, or the clock's time */
	APLOMB_ACCOUNT_CLOSED,    /* not counted: outside of the hours of its weekday */
	APLOMB_ACCOUNT_HOLIDAY,   /* not counted; [name] may say which */
	APLOMB_ACCOUNT_EXCEPTION, /* not counted: outside of the hours that an exception gives its date */
	APLOMB_ACCOUNT_PAUSED,    /* not counted: the case was in [states], in which the clock does not run */
	/* At an instant: */
	APLOMB_ACCOUNT_STARTS,   /* [target]; the case is in [states] from then on */
	APLOMB_ACCOUNT_STOPS,    /* likewise */
	APLOMB_ACCOUNT_MOVES,    /* another [target], [because]; [elapsed] is what it was */
	APLOMB_ACCOUNT_RESTARTS, /* all that was counted is forgotten, [because] */
	APLOMB_ACCOUNT_WARNS,    /* [name] says at what: "80 %" of the target, or the span before it */
	APLOMB_ACCOUNT_BREACHES,
	APLOMB_ACCOUNT_ENDS,     /* the case was closed while it ran */
	APLOMB_ACCOUNT_DEADLINE, /* here the lines before have added up to the target */
	APLOMB_ACCOUNT_RECOUNTS  /* its calendar is another version from here on, [because]: [name] is its SHA-256 */
} aplomb_account_kind;

/* Borrowed for the call; its texts and its calendar live as long as the account. */
typedef struct aplomb_account_line {
	size_t size;
	aplomb_account_kind kind;
	bool is_ahead; /* it has not happened: so it will be, if the case stays where it is */
	aplomb_instant from, until;
	aplomb_span counted;             /* of this stretch: all of it or nothing */
	aplomb_span elapsed;             /* the sum of all [counted] since the clock first ran, or was restarted, this line's included */
	const char *name;                /* or NULL */
	const char *states;              /* paths of the active atomic states, ", " between them; or NULL */
	const char *because;             /* or NULL */
	const char *target;              /* as it was said, or NULL */
	aplomb_span target_length;       /* as it is counted */
	const aplomb_calendar *calendar; /* by which is counted from here on; NULL: by the clock */
	uint64_t entry;                  /* the journal's, of what happened at an instant; 0: no entry tells it */
} aplomb_account_line;

typedef struct aplomb_account_sum {
	size_t size;
	const char *clock;
	aplomb_instant at; /* as of then */
	bool has_begun, is_running, is_breached;
	bool is_over; /* the case was closed */
	bool has_deadline;
	aplomb_instant deadline; /* when the target will be reached if it runs on, or was */
	aplomb_instant begun_at;
	aplomb_span elapsed, target, left;
	aplomb_span deadline_target; /* the target that the deadline is of: a breached clock that is moved and stays so keeps its deadline */
	aplomb_span elapsed_at_deadline;              /* that target; more of it only when a move put it below what was counted */
	const char *target_text;                      /* or NULL */
	const aplomb_calendar *calendar;              /* NULL: it counts the clock's time */
	const char *calendar_name, *calendar_version; /* or NULL */
	const char *runs_in;                          /* paths of the states in which it runs, ", " between them */
	const char *states;                           /* where the case is, likewise; or NULL */
} aplomb_account_sum;
#define APLOMB_ACCOUNT_SUM_INIT                                                                                                            \
	{ .size = sizeof(aplomb_account_sum) }

/*
 * Why a clock of a case stands where it does: note the entries of the case's journal in their order (aplomb_journal_read gives them), from
 * its first, then tell. [playbook] is the version that the case ran: of it are the calendars, that say why a stretch did not count, unless
 * an entry changes one. An account belongs to its runtime and is closed before it; it may be noted in and told again. ENOTFOUND
 * (unknown-clock), EINVAL, ENOMEM.
 */
typedef struct aplomb_account aplomb_account;
APLOMB_API int aplomb_account_open(
    aplomb_account **out, aplomb_runtime *rt, const aplomb_playbook *playbook, const char *clock, aplomb_error *error);
APLOMB_API int aplomb_account_note(aplomb_account *account, aplomb_value entry, aplomb_error *error);
/*
 * Every line as of [*at] (NULL: the newest entry's time), in the order of time and without a gap: from when the clock first ran until
 * then, and of one that runs on to its deadline. The lines' [counted] add up to the target at the deadline, and every sum
 * that the journal names is held against them: EDIFFERS (account-sum, and account-calendar, when the playbook's calendar is another than
 * the one that counted); some lines were told then. [tell] and [sum] may be NULL; what [sum] lends lives as long as the account. ENOMEM,
 * EINVAL.
 */
APLOMB_API int aplomb_account_tell(aplomb_account *account, const aplomb_instant *at,
    void (*tell)(const aplomb_account_line *line, void *payload), void *payload, aplomb_account_sum *sum, aplomb_error *error);
APLOMB_API void aplomb_account_close(aplomb_account *account);

/* ---- instants and spans ------------------------------------------------ */

/*
 * RFC 3339. Write: UTC with "Z", no fraction when there is none; [out] holds at
 * least 32 bytes. An instant outside the years 1 to 9999 has no such text:
 * "before year 1" or "after year 9999" is written.
 */
APLOMB_API void aplomb_instant_write(aplomb_instant at, char out[32]);
/* EINVAL says what was expected. */
APLOMB_API int aplomb_instant_read(const char *text, aplomb_instant *out, aplomb_error *error);
/* "2h30m", "3d": [out] holds at least 32 bytes. */
APLOMB_API void aplomb_span_write(aplomb_span span, char out[32]);
APLOMB_API int aplomb_span_read(const char *text, aplomb_span *out, aplomb_error *error);

#ifdef __cplusplus
}
#endif
#endif
