/* SPDX-License-Identifier: MIT */
#ifndef APL_DATA_GUARD_H
#define APL_DATA_GUARD_H

/*
 * Guards, values and assignments that are written as text:
 *
 *   data.value <= params.refund_limit and not is_in("respect.warned")
 *   data.messages = data.messages + 1; data.cause = event.cause
 *
 * A text is parsed when it is met, typed when the schemas and the chart are
 * there, and from then on answered over records, without Lua and without
 * memory. It can be taken apart: each part knows its piece of the text, and in
 * a given situation its value and its truth. docs/guards.md says what a text means.
 *
 * Everything of a guard lies in the arena it was parsed into and never changes
 * after typing, so one guard may be asked by whoever holds it.
 */

#include "base/buf.h"
#include "data/record.h"

/* What a text may be at most: slug limit-guard. */
enum { APL_GUARD_MOST_BYTES = 4096, APL_GUARD_MOST_PARTS = 500, APL_GUARD_MOST_DEPTH = 64 };

typedef struct apl_guard apl_guard;

/* ---- from text ----------------------------------------------------------- */

typedef enum apl_guard_form {
	APL_GUARD_TRUTH,  /* true or false */
	APL_GUARD_VALUE,  /* any value, or one of a wanted type */
	APL_GUARD_ACTIONS /* assignments, separated by ";" */
} apl_guard_form;

typedef struct apl_guard_text {
	const char *bytes; /* copied */
	size_t size;
	const char *what; /* begins messages: `on "go": when`; copied */
	apl_place place;  /* of the text, as near as it is known */
	/*
	 * [place] is that of the text's first byte, and each of its bytes stands in
	 * the file as it is: then findings name the place of the part. Else they
	 * have this place, and say at which character of the text the part stands.
	 */
	bool is_plain;
} apl_guard_text;

/* ENOMEM; EPLAYBOOK with a finding: guard-syntax, bad-operator, limit-guard. Nothing is looked up yet. */
int apl_guard_parse(apl_guard **out, apl_arena *arena, apl_guard_form form, const apl_guard_text *text, apl_findings *findings);

/* An event that may be the one of the moment when the text is asked. */
typedef struct apl_guard_event {
	const char *name;
	const apl_schema *schema;
} apl_guard_event;

/* What names mean. */
typedef struct apl_guard_scope {
	const apl_schema *data, *params; /* NULL: it has mistakes of its own, and nothing is said about its fields */
	const apl_guard_event *events;
	uint32_t n_events;
	bool lacks_events;     /* one of them has mistakes of its own: nothing is said about fields that are not found */
	bool is_of_all_events; /* not of a transition that names some: for messages */
	/*
	 * The state of that path, or the counter, clock or rota of that name, or APL_NO_FIELD, with
	 * the nearest name as a hint. NULL: there is no chart, and nothing is said about names.
	 */
	uint32_t (*state)(void *self, const char *path, size_t size, char *hint, size_t hint_size);
	uint32_t (*counter)(void *self, const char *name, size_t size, char *hint, size_t hint_size);
	uint32_t (*clock)(void *self, const char *name, size_t size, char *hint, size_t hint_size);
	uint32_t (*rota)(void *self, const char *name, size_t size, char *hint, size_t hint_size);
	/* Does the clock of that number count business time (1), or the clock's (0)? -1: only a case knows. NULL: nobody says. */
	int (*clock_counts)(void *self, uint32_t number);
	void *self;
} apl_guard_scope;

/* Any scalar type will do. */
#define APL_GUARD_ANY_SCALAR (-1)

/*
 * Looks up every name and gives every part its type. [wanted] is the apl_type
 * that a value must have, or APL_GUARD_ANY_SCALAR; of the other forms it is
 * not looked at. A text without a path in it is read as what is wanted, and an integer is
 * taken for a number. ENOMEM; EPLAYBOOK with findings, as many as can be told at once (with none, when all that is
 * wrong is that the scope lacks a schema).
 */
int apl_guard_type(apl_guard *guard, const apl_guard_scope *scope, int wanted, apl_findings *findings);

/* Does it ask time_in? Then the instants of entry must be kept. Known after parsing. */
bool apl_guard_asks_time_in(const apl_guard *guard);
/* Does it look at the event's data? Known after typing. */
bool apl_guard_sees_event(const apl_guard *guard);
/* How much work it is, in parts: what an instruction budget is charged. */
uint32_t apl_guard_cost(const apl_guard *guard);
/* The type of the value that comes out; of assignments nothing. */
apl_type apl_guard_type_of(const apl_guard *guard);
/* The text as it was given, terminated. */
const char *apl_guard_source(const apl_guard *guard, size_t *size);

#define APL_GUARD_NO_PART UINT32_MAX

/* ---- asking -------------------------------------------------------------- */

typedef struct apl_guard_value {
	uint8_t type;  /* apl_type; of one_of the choice stands in text */
	uint8_t unit;  /* of a span: apl_span_unit */
	bool is_there; /* false: missing; of a truth: unknown */
	union {
		int64_t integer; /* integer, instant, span */
		double number;
		bool truth;
		apl_money money;
		struct {
			const char *bytes; /* as long as what it was read from */
			uint32_t size;
		} text; /* text, one_of; of list and any canonical JSON */
	} as;
} apl_guard_value;

/* What only whoever runs the case knows. */
typedef enum apl_guard_topic {
	APL_GUARD_CASE_ID,
	APL_GUARD_CASE_SUBJECT,
	APL_GUARD_CASE_LOCALE,
	APL_GUARD_CASE_NOW,
	APL_GUARD_CASE_OPENED_AT,
	APL_GUARD_EVENT_NAME,
	APL_GUARD_EVENT_BY,
	APL_GUARD_EVENT_ID,
	APL_GUARD_IS_IN,         /* [number]: what scope->state answered */
	APL_GUARD_TIME_IN_STAY,  /* the same */
	APL_GUARD_TIME_IN_TOTAL, /* the same */
	APL_GUARD_COUNT,         /* [number]: what scope->counter answered */
	APL_GUARD_CLOCK_ELAPSED, /* [number]: what scope->clock answered; and of the others */
	APL_GUARD_CLOCK_LEFT,
	APL_GUARD_CLOCK_TARGET,
	APL_GUARD_CLOCK_DEADLINE,
	APL_GUARD_CLOCK_RUNNING,
	APL_GUARD_CLOCK_BREACHED,
	APL_GUARD_ON_DUTY, /* [number]: what scope->rota answered; and of the next */
	APL_GUARD_NOBODY_ON_DUTY
} apl_guard_topic;

typedef struct apl_guard_situation {
	const uint64_t *data, *params;
	const apl_schema *event_schema; /* of the event of the moment; NULL: it carries no data, or there is none */
	const uint64_t *event;
	/* Fills what [topic] is about, type and is_there included; texts live as long as the asking. */
	void (*know)(void *self, apl_guard_topic topic, uint32_t number, apl_guard_value *out);
	/* A spread field as one text, which lives as long as the asking; needed where data's schema has one. */
	void (*whole)(void *self, const uint64_t *data, apl_guard_value *out);
	void *self;
} apl_guard_situation;

/* As step/port.h has them. */
typedef enum apl_guard_answer { APL_GUARD_FALSE = 0, APL_GUARD_TRUE = 1, APL_GUARD_UNKNOWN = 2, APL_GUARD_ERROR = -1 } apl_guard_answer;

/* Where and why an asking came to nothing. [work]: bytes that were searched or compared beyond the usual. */
typedef struct apl_guard_trouble {
	const char *slug; /* guard-overflow, guard-division, mixed-currencies, mixed-time, missing-value; NULL: none */
	uint32_t part;
	uint32_t other; /* mixed-currencies: the second; missing-value: what is missing */
	uint64_t currencies[2];
	uint64_t work;
} apl_guard_trouble;

/* [trouble] is filled when the answer is APL_GUARD_ERROR; its work always grows. */
apl_guard_answer apl_guard_ask(const apl_guard *guard, const apl_guard_situation *situation, apl_guard_trouble *trouble);
/* The value of a value; false: trouble. A number is there as one when one was wanted. */
bool apl_guard_evaluate(const apl_guard *guard, const apl_guard_situation *situation, apl_guard_value *out, apl_guard_trouble *trouble);

/* Where assignments write. */
typedef struct apl_guard_writing {
	const apl_writer *writer; /* of the case's data; situation->data are the same words */
	apl_tape *tape;           /* for lists and any */
	uint32_t depth;           /* how deep these may be nested */
} apl_guard_writing;

/*
 * Runs the assignments from [first] on in order, each seeing what those before it wrote; the
 * first that fails ends them, and what was written stays. APLOMB_OK; EPLAYBOOK
 * with slug, message and place; EREFUSED as the record refuses a write; ENOMEM.
 */
int apl_guard_act(const apl_guard *guard, uint32_t first, const apl_guard_situation *situation, const apl_guard_writing *writing,
    apl_guard_trouble *trouble, aplomb_error *error);
/*
 * The same as far as it is simple: counters, flags and the like, that need no
 * writer. Returns the first assignment that was not done, for apl_guard_act to
 * begin with; APL_GUARD_NO_PART when all are.
 */
uint32_t apl_guard_act_simply(const apl_guard *guard, const apl_guard_situation *situation, uint64_t *data, apl_guard_trouble *trouble);
/* The field of data that assignment [number] writes, or APL_NO_FIELD behind the last. */
uint32_t apl_guard_target(const apl_guard *guard, uint32_t number);

/* What went wrong, as a person's error with slug and place. Returns EPLAYBOOK. */
int apl_guard_explain(const apl_guard *guard, const apl_guard_trouble *trouble, aplomb_error *error);

/* ---- taking apart -------------------------------------------------------- */

typedef enum apl_guard_kind {
	APL_GUARD_LITERAL,
	APL_GUARD_PATH,     /* data.x, params.x, event.x, case.x */
	APL_GUARD_QUESTION, /* is_in, time_in, count, has, len, contains, and those of clocks and rotas */
	APL_GUARD_OPERATION,
	APL_GUARD_ASSIGNMENT
} apl_guard_kind;

typedef struct apl_guard_part {
	apl_guard_kind kind;
	apl_type type;    /* of its value; of truths boolean */
	const char *text; /* its piece of the source, not terminated */
	size_t size;
	uint32_t at;          /* the byte of the source that it begins with */
	uint32_t parent;      /* or APL_GUARD_NO_PART */
	uint32_t left, right; /* its own parts, or APL_GUARD_NO_PART */
	const char *word;     /* the operator, or the question's name; else "" */
	bool is_personal;     /* its value must not be shown */
} apl_guard_part;

/* Parts are numbered from 0, what belongs to a part before it; the last one is the whole, or the last assignment. */
uint32_t apl_guard_parts(const apl_guard *guard);
void apl_guard_part_at(const apl_guard *guard, uint32_t number, apl_guard_part *out);
/* What the part comes to in a situation; false: an error, and [trouble] says which. An assignment comes to what it would write. */
bool apl_guard_part_value(
    const apl_guard *guard, uint32_t number, const apl_guard_situation *situation, apl_guard_value *out, apl_guard_trouble *trouble);
/* As a person reads it: `12`, `"red"`, `40.00 GBP`, `2h`, `true`, `missing`; of a truth that is not there `unknown`. */
void apl_guard_show(apl_buf *out, const apl_guard_value *value);
/* The same value as JSON, canonical: as a record with a field of that type holds it; false, and nothing is written: it is not there. */
bool apl_guard_write_json(apl_buf *out, const apl_guard_value *value);

/* What a part came to when the whole was asked. */
typedef enum apl_guard_finding {
	APL_PART_ERROR = -1,
	APL_PART_FALSE = 0,
	APL_PART_TRUE = 1,
	APL_PART_UNKNOWN = 2,
	APL_PART_DEPENDS = 3,   /* on the event that has not come */
	APL_PART_NOT_ASKED = 4, /* what stands before it knew */
	APL_PART_VALUE = 5      /* it is no truth: see the value */
} apl_guard_finding;

typedef struct apl_guard_apart {
	uint32_t part;
	uint32_t depth;
	apl_guard_finding finding;
	bool decides;          /* the whole is what it is because of this part */
	bool depends;          /* it asks for the event that has not come; of a value: so it is not known */
	uint32_t missing;      /* the path that is missing, so that this is unknown or missing; or APL_GUARD_NO_PART */
	apl_guard_value value; /* when it was asked, without error, and does not depend */
} apl_guard_apart;

/* A situation in which the event has not come yet. */
typedef struct apl_guard_waiting {
	bool (*counts)(void *self, uint32_t counter); /* may that counter count the event? */
	void *self;
} apl_guard_waiting;

/*
 * The whole part by part, each before what belongs to it. [out] has room for
 * apl_guard_parts. [waiting] NULL: the situation is what it is. Otherwise what
 * asks for the event depends on it, and so does what is made of that, unless it is the same whatever the event is.
 */
void apl_guard_take_apart(
    const apl_guard *guard, const apl_guard_situation *situation, const apl_guard_waiting *waiting, apl_guard_apart *out);

/* The text with one space where one belongs, and only the parentheses it needs. Parses to the same guard. */
void apl_guard_print(apl_buf *out, const apl_guard *guard);

#endif
