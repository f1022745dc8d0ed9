/* SPDX-License-Identifier: MIT */
#ifndef APL_ENGINE_PROGRAM_H
#define APL_ENGINE_PROGRAM_H

/*
 * One version of a playbook as the engine sees it: a chart, schemas, and
 * somebody who answers for its guards and actions (room lua, or plain C in the
 * tests). Immutable once given to the engine, which then owns it.
 */

#include "chart/chart.h"
#include "data/guard.h"
#include "data/record.h"
#include "base/hash.h"
#include "step/port.h"
#include "time/calendar.h"
#include "time/rota.h"

struct apl_turn;
struct apl_apart;

/* Some event is the answer to a case:ask, "done.ask.ID"; some tells what came of an effect, "done.effect.KIND". */
enum { APL_HEARS_ANSWERS = 1, APL_HEARS_OUTCOMES = 2 };

typedef struct apl_effect_kind {
	const char *name;
	apl_schema *schema; /* never NULL; may have no members */
	apl_place place;
	bool once; /* when nobody knows whether it was done, a person is asked; otherwise it is handed out again */
} apl_effect_kind;

/* `counter`: how often something happened within a window; counted before transitions are selected. */
typedef struct apl_counter {
	const char *name;
	const char *const *patterns; /* event descriptors */
	uint32_t n_patterns;
	int32_t guard;            /* handler, or APL_NO_HANDLER */
	aplomb_span window;       /* 0: for ever; the longest there is, when something else says it */
	uint32_t window_param;    /* the span of program->params that holds it, or 0 */
	uint32_t window_handler;  /* one more than the handler that computes it from the params; 0: none does */
	uint32_t window_function; /* one more than the handler that is asked for it before something is first counted; 0: none is */
	uint32_t asked;           /* which of the case's asked spans keeps what that answered */
	uint8_t window_unit;      /* apl_span_unit, of [window] */
	uint32_t calendar;        /* of program->calendars, which business time is counted by; APL_NONE: there is none */
	apl_place place;
} apl_counter;

/* A `warn_at` of a clock: a part of its target, or so long before it. */
typedef struct apl_threshold {
	int32_t handler; /* answers what follows together with the target; APL_NO_HANDLER: it is written there */
	uint32_t asked;  /* which of the case's asked spans keeps that answer */
	bool is_fraction;
	uint8_t unit;       /* apl_span_unit, of [before]: minutes, hours, or the clock's */
	int64_t millionths; /* of the target, of APL_CLOCK_WHOLE */
	double fraction;    /* as it was written */
	aplomb_span before;
	apl_place place;
} apl_threshold;
#define APL_CLOCK_WHOLE 1000000
/* The threshold becomes that part of the target; false: it is none, for it is not more than 0 and less than 1. */
static inline bool apl_threshold_fraction(apl_threshold *threshold, double fraction) {
	if (!(fraction >= 0.000001 && fraction < 1)) return false;
	threshold->is_fraction = true;
	threshold->fraction = fraction;
	threshold->millionths = (int64_t)(fraction * APL_CLOCK_WHOLE + 0.5);
	return true;
}
#define APL_MOST_THRESHOLDS 16
#define APL_MOST_CLOCKS 64
#define APL_CLOCK_WORDS 8 /* of a case, for each clock: clocks.h */
#define APL_ASKED_WORDS 2 /* of a case, for each span that it asks for once and keeps: asked.h */

/* What the events of a clock carry; only a warning has what comes from APL_CLOCK_LEFT on. */
enum { APL_CLOCK_ELAPSED, APL_CLOCK_TARGET, APL_CLOCK_DEADLINE, APL_CLOCK_LEFT, APL_CLOCK_FRACTION, APL_CLOCK_BEFORE, APL_CLOCK_FIELDS };

/* `clock`, as far as it is not the chart's. */
typedef struct apl_clock_rule {
	int32_t handler;          /* answers the target, when it first begins; APL_NO_HANDLER: [span] */
	aplomb_span span;         /* the target, in [unit] */
	uint8_t unit;             /* apl_span_unit */
	uint32_t calendar;        /* its number, which business time is counted by; APL_NONE: the playbook's */
	int32_t calendar_handler; /* says which one that is; APL_NO_HANDLER: [calendar] */
	const apl_threshold *thresholds;
	uint32_t n_thresholds;
	bool asks_thresholds;              /* one of them has a handler */
	const char *because;               /* what it is for, or NULL */
	uint32_t fields[APL_CLOCK_FIELDS]; /* of its events' schemas */
	apl_place place;
} apl_clock_rule;
/* What clock.NAME.warning carries, or clock.NAME.breached; the same field has the same number in both. NULL without memory. */
apl_schema *apl_clock_schema_new(const apl_alloc *alloc, bool warns, uint32_t fields[APL_CLOCK_FIELDS]);

/* What becomes of deadlines that stand when a calendar becomes another version of itself. */
typedef enum apl_calendar_way {
	APL_CALENDAR_KEEP,     /* they stay, and go on being counted as they were */
	APL_CALENDAR_RECOMPUTE /* what is left of them is counted by the new version */
} apl_calendar_way;

bool apl_calendar_way_named(const char *name, size_t size, apl_calendar_way *out);
const char *apl_calendar_way_name(apl_calendar_way way);

/* `calendar`. */
typedef struct apl_declared_calendar {
	const char *name;
	apl_calendar *calendar; /* the program's; NULL: of a bundle from before calendars counted, and business time is the clock's there */
	apl_place place;
	uint8_t changes; /* apl_calendar_way: of cases that are open when this version comes */
} apl_declared_calendar;

/* `rota`. */
typedef struct apl_declared_rota {
	const char *name;
	apl_rota *rota; /* the program's */
	apl_place place;
} apl_declared_rota;

/* `callout`: who is asked, one after another. What happens is what its states do; this is what they are meant to do, for people. */
typedef enum apl_if_nobody { APL_NOBODY_SKIPS, APL_NOBODY_WAITS, APL_NOBODY_FALLS_BACK } apl_if_nobody;
typedef struct apl_callout_step {
	const char *to;       /* whom, or "data.x" where only a case knows; NULL: whoever the rota says */
	const char *fallback; /* likewise, when if_nobody falls back; or NULL */
	uint32_t rota;        /* of program->rotas, or APL_NONE */
	uint32_t calendar;    /* outside of whose hours it is passed over, of program->calendars, or APL_NONE */
	apl_if_nobody if_nobody;
	bool is_next; /* not who is on duty, but who is so after them */
	uint32_t times;
	const char *answer_in; /* as written, or what the parameter holds; NULL: only a case knows */
	aplomb_span span;      /* of it, in [unit] */
	apl_span_unit unit;
	apl_place place;
} apl_callout_step;

typedef struct apl_callout {
	const char *name;
	const apl_callout_step *steps;
	uint32_t n_steps;     /* one at least */
	uint32_t repeat_from; /* a step, from 1; 0: it does not begin again */
	uint32_t repeats;     /* how often; 0 with [until_taken] */
	bool until_taken, may_send_on;
	apl_place place;
	const struct apl_program *program;
} apl_callout;

/* What is not the playbook's: an expression that somebody asks of a case, a statement that is tried on one. */
typedef struct apl_aside apl_aside;
typedef enum apl_aside_form { APL_ASIDE_EXPRESSION, APL_ASIDE_STATEMENT } apl_aside_form;

/* What an invoke opens, as the playbook has it now: texts in turn->arena. */
typedef struct apl_invocation {
	const char *playbook; /* id; not terminated */
	size_t playbook_size;
	const char *open; /* canonical JSON: what the opening carries, {"data":{…},"locale":"…","params":{…}}, without what nobody gave */
	size_t open_size;
} apl_invocation;

typedef struct apl_program_ops {
	/*
	 * Answers as in step/port.h. APL_PORT_ERROR: apl_turn_error was called.
	 * APL_PORT_BREACH: turn->breach says which limit.
	 */
	int (*guard)(void *self, struct apl_turn *turn, int32_t handler);
	int (*run)(void *self, struct apl_turn *turn, int32_t handler);
	/* The span of a delay, or the instant of an `at`: APL_PORT_FALSE and [*out], or as above. */
	int (*span)(void *self, struct apl_turn *turn, int32_t handler, aplomb_span *out, apl_span_unit *unit);
	/* What a handler of warn_at says: [*out] is a fraction or a span, but for its place; answers as `span`. NULL: there is no such one. */
	int (*threshold)(void *self, struct apl_turn *turn, int32_t handler, apl_threshold *out);
	/* Which calendar business time is counted by now, by its number; answers as `span`. NULL: no handler says so. */
	int (*calendar)(void *self, struct apl_turn *turn, int32_t handler, uint32_t *out);
	/* Around every turn: budgets begin anew; what a handler leaked of the turn is dead after it. */
	void (*begin)(void *self, struct apl_turn *turn);
	void (*end)(void *self, struct apl_turn *turn);
	void (*free)(void *self);
	/*
	 * What people call a handler: a guard's text, the name of a function, "function at
	 * line 12", "params.patience". It lives as long as the program. NULL without
	 * memory. The op itself is NULL where handlers have no names.
	 */
	const char *(*label)(void *self, int32_t handler);
	/* Is the handler one that nobody wrote, made for another word's sake? NULL: none is. */
	bool (*is_implied)(void *self, int32_t handler);
	/*
	 * A counter's window that is computed: what the handler makes of these params, always the same of the same. EREFUSED: nothing that a
	 * window can be; such params never become a case's. NULL: no counter has such a window.
	 */
	int (*window)(void *self, int32_t handler, const uint64_t *params, aplomb_span *out, apl_span_unit *unit, aplomb_error *error);
	/*
	 * The same as [guard], which it is called in place of, and writes down what the guard's parts came to. With
	 * [out->lacks_event] it also answers APL_PORT_DEPENDS. NULL: guards cannot be taken apart.
	 */
	int (*apart)(void *self, struct apl_turn *turn, int32_t handler, struct apl_apart *out);
	/* aplomb_case_made, with what [apart] holds for conditions; false: no memory. NULL: there are no such words. */
	bool (*made)(
	    void *self, struct apl_turn *turn, struct apl_apart *apart, void (*tell)(const aplomb_made *made, void *payload), void *payload);
	/*
	 * The texts of a guard (one) or of a block, by number from 0, and what each is
	 * charged; [*text] NULL behind the last. false: this one is no text. The op
	 * itself is NULL where there are none.
	 */
	bool (*text)(void *self, int32_t handler, uint32_t number, const apl_guard **text, uint32_t *cost);
	/* The final state ends its parent: what done.state.PARENT carries, a record in turn->arena, or NULL; answers as `run`. NULL: nothing.
	 */
	int (*done)(void *self, struct apl_turn *turn, uint32_t final, const apl_schema **schema, uint64_t **words);
	/* What the invoke of that number opens; answers as `run`. NULL: what the chart says, with nothing given. */
	int (*invoke)(void *self, struct apl_turn *turn, uint32_t invoke, apl_invocation *out);
	/*
	 * Asides; all four are NULL where nobody can be asked. [error] is the one who
	 * asks's: EINVAL says what is wrong with the text and where, ELIMIT that it
	 * broke a limit; nothing of that is the playbook's mistake. An answer's texts
	 * are lent until the aside is asked again or freed.
	 */
	int (*read_aside)(void *self, apl_aside_form form, const char *text, size_t size, apl_aside **out, aplomb_error *error);
	int (*ask_aside)(void *self, struct apl_turn *turn, apl_aside *aside, aplomb_answer *out, aplomb_error *error);
	/* As an action. What it did before it failed is for the caller to take back. */
	int (*run_aside)(void *self, struct apl_turn *turn, apl_aside *aside, aplomb_error *error);
	void (*free_aside)(void *self, apl_aside *aside);
} apl_program_ops;

/* What a guard says that asks for an event which has not come. */
#define APL_PORT_DEPENDS 3

/* A file that the program was made of. */
typedef struct apl_program_file {
	const char *shown; /* as places and errors name it: with its folder */
	const char *name;  /* as journals do: the same wherever the playbook was read from */
} apl_program_file;

typedef struct apl_program {
	const char *id;                /* of the playbook */
	const char *title;             /* or NULL */
	const char *version;           /* or NULL: as the author calls it */
	const char *imported;          /* what its chart was brought in from ("scxml"), or NULL */
	char hash[APL_SHA256_HEX + 1]; /* of the whole source: the identity */
	const char *source;            /* the whole source in one text, as the store keeps it */
	size_t source_size;
	const apl_program_file *files; /* NULL: journals take the last part of a path */
	uint32_t n_files;
	apl_chart *chart;
	apl_schema *data;    /* never NULL */
	apl_schema *params;  /* never NULL */
	apl_schema **events; /* by the chart's event number; NULL: no declared data (done.state.*, error.*, delays) */
	apl_effect_kind *effects;
	uint32_t n_effects;
	apl_counter *counters;
	uint32_t n_counters;
	apl_clock_rule *clocks; /* as chart->clocks */
	uint32_t n_asked;       /* how many spans a case asks for once and keeps */
	bool asks_windows;      /* some of them are counters' windows */
	apl_declared_calendar *calendars;
	uint32_t n_calendars;
	apl_declared_rota *rotas;
	uint32_t n_rotas;
	apl_callout *callouts;
	uint32_t n_callouts;
	uint32_t calendar;        /* the one that counts where a word names none; APL_NONE: none */
	int32_t calendar_handler; /* says which that is; APL_NO_HANDLER: [calendar] */
	uint8_t hears;            /* APL_HEARS_ bits: which events say what came of something */
	bool asks_time_in;        /* some handler may ask case:time_in, so instants of entry are kept */
	const apl_program_ops *ops;
	void *self;                    /* ops->free(self) frees all of the above and the program */
	struct apl_prepared *prepared; /* the engine's, from apl_engine_add on; NULL before */
} apl_program;

/* What journals call the file that a place or an error calls [shown]. Lent by one of the two. */
const char *apl_program_file_name(const apl_program *program, const char *shown);
/*
 * Which fields the program marks personal, as a case's head says it:
 * ,"personal":{"data":[…],"effects":{…},"events":{…},"params":[…]}, each only
 * when there is something in it; nothing at all when nothing is marked.
 */
void apl_personal_write(apl_buf *out, const apl_program *program);

/*
 * What error.execution and error.communication carry. Whoever makes this schema
 * gets the same layout, so that a record of one is a record of another.
 * [fields]: their numbers. NULL without memory.
 */
enum { APL_ERROR_MESSAGE, APL_ERROR_SLUG, APL_ERROR_FILE, APL_ERROR_LINE, APL_ERROR_SENDID, APL_ERROR_FIELDS };
apl_schema *apl_error_schema_new(const apl_alloc *alloc, uint32_t fields[APL_ERROR_FIELDS]);

/* The effect kind's number, or APL_NONE. */
uint32_t apl_program_effect(const apl_program *program, const char *name, size_t size);
/* The counter's number, or APL_NONE. */
uint32_t apl_program_counter(const apl_program *program, const char *name, size_t size);

#endif
