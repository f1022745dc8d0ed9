/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_WORDS_H
#define APL_LUA_WORDS_H

/*
 * The register of words: what each means, where it may stand, what it takes.
 * The loader checks against it; docs/language.md is held against it by a test.
 */

#include "chart/build.h"
#include "lua/host.h"

typedef enum apl_word_number {
	APL_WORD_PLAYBOOK,
	APL_WORD_STATE,
	APL_WORD_PARALLEL,
	APL_WORD_FINAL,
	APL_WORD_HISTORY,
	APL_WORD_ON,
	APL_WORD_ALWAYS,
	APL_WORD_AFTER,
	APL_WORD_EVERY,
	APL_WORD_AT,
	APL_WORD_ENTRY,
	APL_WORD_EXIT,
	APL_WORD_INVOKE,
	APL_WORD_GROUP,
	APL_WORD_EVENT,
	APL_WORD_EFFECT,
	APL_WORD_COUNTER,
	APL_WORD_CLOCK,
	APL_WORD_CALENDAR,
	APL_WORD_ROTA,
	APL_WORD_CALLOUT,
	APL_WORD_DEFINE,
	APL_WORD_FROM,
	APL_WORD_PHRASE,
	APL_WORD_TEXT,
	APL_WORD_INTEGER,
	APL_WORD_NUMBER,
	APL_WORD_BOOLEAN,
	APL_WORD_MONEY,
	APL_WORD_INSTANT,
	APL_WORD_SPAN,
	APL_WORD_ONE_OF,
	APL_WORD_LIST,
	APL_WORD_FIELDS,
	APL_WORD_ANY,
	APL_WORDS
} apl_word_number;

/* What others may stand in is among the first. */
#define APL_WORD_BIT(word) ((word) < 32 ? UINT32_C(1) << ((word)&31) : 0)

typedef enum apl_word_shape {
	APL_SHAPE_NAMED,   /* word "name" { … } */
	APL_SHAPE_TABLE,   /* word { … } */
	APL_SHAPE_ACTIONS, /* word(function, …) */
	APL_SHAPE_PATH,    /* word "path" */
	APL_SHAPE_PHRASE   /* word "id", or word "id" { … } */
} apl_word_shape;

/* What stands in the table's list part. */
typedef enum apl_word_items {
	APL_ITEMS_NONE,
	APL_ITEMS_CHILDREN,   /* words */
	APL_ITEMS_CANDIDATES, /* tables with the same fields */
	APL_ITEMS_TEXTS
} apl_word_items;

/* What a field may be given. */
enum {
	APL_TAKES_TEXT = 1,
	APL_TAKES_TEXTS = 2, /* a list of them */
	APL_TAKES_BOOLEAN = 4,
	APL_TAKES_FUNCTION = 8,
	APL_TAKES_ACTIONS = 16, /* a list of functions and texts */
	APL_TAKES_TYPES = 32,   /* a table: name = type */
	APL_TAKES_TYPE = 64,
	APL_TAKES_START = 128, /* { to = …, act = … } */
	APL_TAKES_NUMBER = 256,
	APL_TAKES_TABLE = 512,        /* a list or a map of plain values */
	APL_TAKES_FROM = 1024,        /* from "params.x" */
	APL_TAKES_OUTCOMES = 1 << 16, /* a map of texts, and lists of them */
	APL_TAKES_MODULES = 1 << 17,  /* a list of modules */
	APL_TAKES_KINDS = 1 << 18,    /* a table: name = { kinds, … } */
	APL_TAKES_VALUES = 1 << 19,   /* a map of plain values, and of from and phrase */
	APL_TAKES_STEPS = 1 << 20,    /* a list of tables */
	APL_TAKES_WARNINGS = 1 << 21  /* a list of fractions and spans, and of what comes to one */
};
#define APL_TAKES_VALUE (APL_TAKES_TEXT | APL_TAKES_BOOLEAN | APL_TAKES_NUMBER | APL_TAKES_TABLE)

typedef struct apl_word_field {
	const char *name;
	uint32_t takes;
	bool is_required;
	bool is_of_the_word; /* with candidates: stands beside them, not in them */
	const char *sentence;
} apl_word_field;

typedef struct apl_word {
	const char *name;
	apl_word_shape shape;
	apl_word_items items;
	uint32_t names;   /* what the name may be: APL_TAKES_… */
	uint32_t places;  /* words whose child it may be, as bits; 0: a value, or the whole */
	bool has_members; /* other fields are members: name = type */
	bool is_type;
	apl_type type;
	const apl_word_field *fields;
	uint32_t n_fields;
	const char *form;  /* how it is written, for messages */
	const char *scxml; /* the element of SCXML, or "" */
	const char *sentence;
} apl_word;

extern const apl_word apl_words[APL_WORDS];

/* What a function sees of its case and of the event, beside the fields of their data. */
typedef struct apl_member {
	const char *name; /* "effect" */
	const char *form; /* `case:effect("kind", { … })` */
	const char *sentence;
} apl_member;

extern const apl_member apl_case_members[];
extern const size_t apl_n_case_members;
extern const apl_member apl_event_members[];
extern const size_t apl_n_event_members;

/* The word's field of that name, or NULL. */
const apl_word_field *apl_word_field_named(const apl_word *word, const char *name);

/* ---- node.c: what words make ---- */

typedef enum apl_part_stage { APL_PART_HALF, APL_PART_WHOLE, APL_PART_WRONG } apl_part_stage;

/* A call as it stands in a file. */
typedef struct apl_call {
	uint32_t file; /* in host->files */
	uint32_t line; /* as Lua tells it */
	uint32_t site; /* the call in the file's text, or APL_NO_SITE: where.h */
} apl_call;

/* A word's value: a userdata with two user values. */
typedef struct apl_part {
	uint8_t word;
	uint8_t stage;
	apl_call made;      /* the call that it and its table come from */
	apl_call called;    /* the call that its author wrote: another one when a module made it */
	uint32_t reference; /* of from and phrase: its number in host->references, from 1; 0: it is no such word */
} apl_part;
enum { APL_PART_NAME = 1, APL_PART_TABLE = 2 };

/* Pushes a value of the word. raises */
apl_part *apl_lua_push_part(lua_State *L, uint8_t word, apl_part_stage stage, const apl_call *call);
/* Pushes a value that says the same as the one at [index], but was called there. raises */
void apl_lua_push_part_like(lua_State *L, int index, const apl_call *call);
/* Adds the words to the table at the top. raises */
void apl_lua_open_words(lua_State *L);
/* NULL: it is none. Does not raise. */
const apl_part *apl_lua_to_part(lua_State *L, int index);
/* The word whose function this is, or -1: a word that was not called. Does not raise. */
int apl_lua_to_word(lua_State *L, int index);
/* `state "waiting"`, for messages. Returns [out]. */
const char *apl_lua_label(lua_State *L, int part, char *out, size_t size);

/* A table of the playbook as it stands in its file: where.h finds it and what is in it. */
typedef struct apl_spot {
	uint32_t file;
	uint32_t table;  /* constructor, or APL_NO_SITE: it was put together elsewhere */
	apl_place place; /* of the table, its word or what is nearest */
} apl_spot;

/* ---- declare.c ---- */

/* A C function: (the value that the file returned) → nothing; everything found goes to the findings and into the host. */
int apl_lua_declare(lua_State *L);

/* The function at [index] as a handler: its number. [role]: the word it stands behind. raises */
int32_t apl_lua_add_function(lua_State *L, int index, const char *role);

/* ---- calendar.c ---- */

/*
 * The calendar in the table, for the caller to free; false with findings. [*out] stays NULL when the playbook came as a bundle from before
 * calendars counted. raises, and then leaves nothing in [out]
 */
bool apl_lua_read_calendar(lua_State *L, int table, const char *name, const char *label, const apl_spot *spot, apl_calendar **out);

/* ---- rota.c ---- */

/* The rota in the table, for the caller to free; false with findings. raises, and then leaves nothing in [out] */
bool apl_lua_read_rota(lua_State *L, int table, const char *name, const char *label, const apl_spot *spot, apl_rota **out);

/* ---- declare_types.c ---- */

/* What is being built, hung on the host so that a jump does not lose it. */
typedef struct apl_declaring {
	apl_builder *builder;
	apl_schema_builder *schema_builder;
	apl_tape tapes[3];                          /* default, min, max */
	apl_buf texts[3];                           /* what the tapes read */
	struct apl_lua_waiting_text *texts_waiting; /* text.c */
	uint32_t n_visited;
	apl_place place;    /* of the word that is being read */
	apl_place asked_at; /* where somebody asked a module for what is being read; no file: nobody did */
	/* Of values.h's files: */
	const char *fallback, *library_fallback; /* locales, or NULL */
	struct apl_value_at *spots;              /* where policy.lua's params are, and where the fallback is: policy.h */
} apl_declaring;

void apl_declaring_init(apl_declaring *declaring, const apl_alloc *alloc);
void apl_declaring_dispose(apl_declaring *declaring);

/* A schema of the members name = type of the table at [index] (or of none); NULL, with findings, when it is none. raises */
apl_schema *apl_lua_declare_schema(lua_State *L, int index, const char *what, const apl_spot *spot);
/* A finding about the playbook. Does not raise. */
void apl_lua_found(lua_State *L, apl_place place, const char *slug, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The same of another severity. Does not raise. */
void apl_lua_remarked(lua_State *L, aplomb_severity severity, apl_place place, const char *slug, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* A span as text, in either kind of time; business time needs a calendar ([is_counted]: its word names one). false with a finding. Does not
 * raise. */
bool apl_lua_read_span(lua_State *L, const char *text, size_t size, const char *label, apl_place place, bool is_counted, aplomb_span *out,
    apl_span_unit *unit);
/* Business time that stands at [place] and has no calendar, as a finding. Does not raise. */
void apl_lua_found_uncounted(lua_State *L, apl_place place, const char *label, const char *text);
/* Is there a calendar that counts business time where a word names none? */
bool apl_lua_has_calendar(const apl_lua *host);
/* Copies the text at [index] into the program; a finding and NULL when it is not valid UTF-8. */
const char *apl_lua_keep_text(lua_State *L, int index, apl_place place);
/* Checks the named fields of the table at [index] against the register. */
void apl_lua_check_fields(lua_State *L, int index, const apl_word *word, const char *label, const apl_spot *spot, bool in_candidate);
/* Is the value at the top something that a field of these APL_TAKES_… takes? */
bool apl_lua_takes(lua_State *L, uint32_t kinds);
/* What such a field takes, for messages. Returns [out]. */
const char *apl_lua_expected(uint32_t kinds, char *out, size_t size);
/* What a message calls the value at the top, with a hint for a word that was not called. Returns [out]. */
const char *apl_lua_found_kind(lua_State *L, char *out, size_t size);
/* Pushes the raw field; true when it is there and passed the check. */
bool apl_lua_get_field(lua_State *L, int table, const apl_word *word, const char *name);

#endif
