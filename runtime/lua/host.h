/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_HOST_H
#define APL_LUA_HOST_H

/*
 * Private to room lua. One host is one program: the lua_State that holds its
 * functions, and the C side that answers for it. Functions marked "raises" end
 * in a Lua error, so no caller may hold anything that only it can free: what C
 * needs longer than a call hangs on the host.
 */

#include <locale.h>

#include <lua.h>

#include "base/assert.h"
#include "data/guard.h"
#include "engine/turn.h"
#include "lua/bytecode.h"
#include "lua/pool.h"

#define APL_LUA_LOAD_INSTRUCTIONS UINT64_C(10000000)
#define APL_LUA_LOAD_MEMORY ((size_t)64 * 1024 * 1024)
/* The hook counts in these; a counted handler is charged for one when it begins. */
#define APL_LUA_CHUNK 100
/* Copying so many bytes of text costs as much as an instruction. */
#define APL_LUA_BYTES_PER_INSTRUCTION 32
/* Values that calls and their arguments may hold on the stack. */
#define APL_LUA_MOST_STACK 16384
/* Names of one table, beside the items of a list: a table's names are in one row when somebody picked them so. */
#define APL_LUA_MOST_NAMES ((size_t)16384)
/* Values that one call may give, or be given, at once. */
#define APL_LUA_MOST_RESULTS (APL_LUA_MOST_STACK / 2)
/* However small a host makes values: texts in Lua may have so many bytes. */
#define APL_LUA_LEAST_TEXT ((size_t)64 * 1024)
/* … and this is Lua's besides. */
#define APL_LUA_TEXT_HEADER ((size_t)32)
/* However deep a host allows values to be: converting them takes the stack. */
#define APL_LUA_MOST_DEPTH 1000u
/* Events, effects, counters, choices of one type; fields of one table. */
#define APL_LUA_MOST_DECLARED 4096
/* What the main file's chunk is called inside Lua, the others "@3"; outside they have their path (files.h). */
#define APL_LUA_CHUNK_NAME "playbook"

/* What stands on the state's stack for good; calls happen above. */
enum { APL_AT_EXPLAIN = 1, APL_AT_HANDLERS = 2, APL_AT_CASE = 3, APL_AT_TOP = 3 };

/* Fixed places in the registry, behind Lua's own two. */
enum {
	APL_REGISTRY_GLOBALS = 3,
	APL_REGISTRY_NAMES,
	APL_REGISTRY_DATA_CACHE,
	APL_REGISTRY_CALL_CACHE,
	APL_REGISTRY_LIST,
	APL_REGISTRY_MODULES,    /* name → module, and module → name: modules.c */
	APL_REGISTRY_MAKERS,     /* of each word of a module: define.c */
	APL_REGISTRY_POLICY,     /* [1]: what policy.lua says of params; [2]: what was given beside it */
	APL_REGISTRY_REFERENCES, /* number → part: reference.c; while loading */
	APL_REGISTRY_PHRASES,    /* id → tags and attributes: catalogue.c */
	APL_REGISTRY_SYSTEM,     /* of this turn: SCXML's system variables: mod_variables.c */
	APL_REGISTRY_VARIABLES,  /* names that functions of an imported chart say: slots.c */
	APL_REGISTRY_ASIDES,     /* what is not the playbook's: aside.c */
	APL_REGISTRY_INVOKES,    /* what invokes are given that is no function: invoke.c */
	APL_REGISTRY_FUNCTIONS
};

typedef enum apl_lua_phase {
	APL_LUA_LOADING,
	APL_LUA_IDLE,
	APL_LUA_GUARD, /* a guard or a span: may look, may not touch */
	APL_LUA_ASKED, /* an expression that is not the playbook's: likewise */
	APL_LUA_BLOCK
} apl_lua_phase;

/* A member of a record by the address of its name: Lua keeps one copy of every short text. */
typedef struct apl_lua_slot {
	const char *key; /* NULL: free */
	uint32_t field;
	uint32_t node; /* of `fields`: theirs */
} apl_lua_slot;

typedef enum apl_lua_source { APL_LUA_DATA, APL_LUA_PARAMS, APL_LUA_EVENT } apl_lua_source;

/* One `fields` of one schema as a playbook sees it. */
typedef struct apl_lua_node {
	const apl_schema *schema;
	uint32_t field;  /* of type fields */
	uint32_t source; /* apl_lua_source */
	uint32_t mask;   /* of slots: a power of two, less one */
	apl_lua_slot *slots;
	const char *what; /* "data", "params", "event": for messages */
} apl_lua_node;

/* The first two nodes: of events that have no schema, or one that is not the playbook's; and of no event, while a case opens. */
enum { APL_LUA_FOREIGN_NODE = 0, APL_LUA_NO_EVENT_NODE = 1 };

/* A proxy is a light userdata: the node in the low bits, above them the event's generation (0: not of an event). */
#define APL_LUA_NODE_BITS 20
#define APL_LUA_MOST_NODES (1u << APL_LUA_NODE_BITS)

typedef enum apl_lua_handler_kind {
	APL_LUA_FUNCTIONS,
	APL_LUA_FROM_DATA,
	APL_LUA_FROM_PARAMS,
	APL_LUA_EXPRESSION, /* from an expression */
	APL_LUA_IN_STATE
} apl_lua_handler_kind;

/* A guard, a block of actions, or a span or an instant. */
typedef struct apl_lua_handler {
	uint32_t kind;
	uint32_t first; /* functions: in [functions]; in a state: its number; an expression: in [references]; otherwise the field */
	uint32_t count;
	apl_type answers;     /* of a delay: APL_TYPE_SPAN or APL_TYPE_INSTANT; of `calendar`: APL_TYPE_TEXT */
	bool may_be_fraction; /* of `warn_at`: a number will do, too */
	const char *role;     /* the field or word that it stands behind ("when", "entry"), or NULL */
	apl_place place;
} apl_lua_handler;

/* One of a handler: a function, or a text that data/guard.h answers. */
typedef struct apl_lua_function {
	struct apl_guard *text;  /* NULL: a function */
	uint32_t reference;      /* its place in the table of functions */
	bool is_counted;         /* not proven to end by itself: needs the hook */
	bool sees_event;         /* a text: looks at the event's data */
	uint32_t cost;           /* instructions that are charged when it begins */
	struct apl_quick *quick; /* its translation, or NULL: quick.h */
	apl_place place;
} apl_lua_function;

/* A list or any of the case's data that stands in a Lua table during this turn. */
typedef struct apl_lua_touched {
	uint32_t field;
	bool had_null; /* nulls that the table does not show */
} apl_lua_touched;

/* A declared event. */
typedef struct apl_lua_event {
	const char *name;
	apl_schema *schema;
	apl_place place;
	bool is_of_clock; /* nobody declared it: it is there with a clock, and nobody outside may bear it */
} apl_lua_event;

/* A file of the playbook. */
typedef struct apl_lua_file {
	const char *name;  /* what the bundle and the journal call it: "late.lua", "aplomb/talk.lua" */
	const char *shown; /* what findings call it: with the folder it was read from */
	const char *text;
	size_t size;
	const size_t *lines; /* where each line begins; NULL until a label is asked for (label.c) */
	uint32_t n_lines;
	struct apl_places *places; /* while loading, once it has compiled: where.h */
} apl_lua_file;

/* From [line] and [column] of the main file on: origin.h. */
typedef struct apl_origin_row {
	uint32_t line, column, to_line, to_column;
	bool runs;
} apl_origin_row;

/* The document that the main file was made of. */
typedef struct apl_origin {
	uint32_t file;              /* that says so, in host->files */
	const char *name;           /* what journals call the document */
	const char *shown;          /* what findings call it */
	const apl_origin_row *rows; /* in their order; NULL: the file was written by hand */
	uint32_t n_rows;
} apl_origin;

/* A final state of an imported chart that says what its parent's done event carries. */
typedef struct apl_lua_final {
	uint32_t state;
	uint32_t function; /* of host->functions */
} apl_lua_final;

/* What an `invoke` is given, as far as it is not the chart's. By apl_lua_invoke_part: a function of host->functions; none: what the
 * registry has. */
typedef enum apl_lua_invoke_part {
	APL_INVOKE_PLAYBOOK,
	APL_INVOKE_DATA,
	APL_INVOKE_PARAMS,
	APL_INVOKE_LOCALE,
	APL_INVOKE_PARTS
} apl_lua_invoke_part;
typedef struct apl_lua_invoke {
	uint32_t functions[APL_INVOKE_PARTS]; /* UINT32_MAX: none */
	bool is_given[APL_INVOKE_PARTS];
	apl_place places[APL_INVOKE_PARTS];
} apl_lua_invoke;

/* A module that is being loaded. */
typedef struct apl_lua_require {
	uint32_t file;
	apl_place place; /* of the require */
} apl_lua_require;

/* A field of what a module's word made. */
typedef struct apl_lua_made_field {
	const char *name;
	const char *json;   /* of a scalar or a condition; or NULL */
	uint32_t condition; /* in host->functions; UINT32_MAX: it is none */
} apl_lua_made_field;

/* What a module's word made that takes a condition and has a name. */
typedef struct apl_lua_made {
	uint32_t word;
	const char *id;
	apl_place place;
	const apl_lua_made_field *fields;
	uint32_t n_fields;
} apl_lua_made;

/* A word of a module that is making its value. */
typedef struct apl_lua_making {
	uint32_t word;
	apl_place place; /* of the call */
} apl_lua_making;

/* A rota or a calendar that a call of a module's word names. */
typedef struct apl_lua_given {
	const char *what; /* whose field: "escalation.step: rota" */
	const char *name;
	apl_place place;
	bool is_calendar;
} apl_lua_given;

typedef enum apl_lua_verdict { APL_LUA_DONE, APL_LUA_ERROR, APL_LUA_BREACH, APL_LUA_NO_MEMORY } apl_lua_verdict;

typedef struct apl_lua {
	apl_program program; /* what the engine holds */
	apl_alloc alloc;
	apl_arena arena; /* texts and small arrays that live as long as the program */
	apl_pool pool;
	apl_place refused_place; /* the line at which it last granted nothing, or APL_NOWHERE */
	lua_State *L;
	locale_t c_locale;
	locale_t other_locale; /* what the thread had before the turn; 0: Lua was not entered in this one */
	apl_lua_file *files;   /* the main one first; then in the order they were asked for */
	uint32_t n_files, files_capacity;
	apl_origin origin;
	const char *source; /* as the program keeps it: all files in one text */
	size_t source_size;
	const char *plain_slug;     /* of errors that Lua itself raises */
	uint64_t instruction_limit; /* of this turn, or of loading */
	uint64_t turn_instructions;
	uint32_t most_states;
	size_t data_limit;
	size_t loaded_text, loaded_names, loaded_block; /* the longest text and the largest tables that the playbook was loaded with */
	bool loaded_zeros;                              /* a text in it has a zero byte */
	uint32_t depth_limit;
	size_t memory_limit; /* beyond what the loaded playbook holds */
	bool bytecode_is_known, quick_is_known;
	bool may_send_later; /* some function may call case:send or case:ask */
	bool is_imported;    /* from SCXML: mod_variables.c */
	uint32_t variables;  /* the field of data that holds its variables */
	bool are_assigned,
	    are_exposed; /* of the variables in this turn: one was assigned and not written back; a table of them is in other hands */
	struct apl_lua_slot *variable_slots; /* the names of variables that have slots in the record; NULL: none have */
	uint32_t variable_slots_mask;
	apl_buf whole;                /* data.variables as one text, while somebody looks at it */
	apl_schema *done_schema;      /* of its done.state.*: NULL otherwise */
	struct apl_lua_final *finals; /* whose done event carries something */
	uint32_t n_finals, finals_capacity;
	struct apl_lua_invoke *invokes; /* by apl_invoke.handler */
	uint32_t n_invokes, invokes_capacity;
	const apl_text *failed_send; /* the id of the send that the error of this call is about, or NULL */
	bool line_is_of_arguments;   /* which line Lua tells of a call: places.h */

	apl_lua_function *functions;
	uint32_t n_functions, functions_capacity;
	apl_lua_handler *handlers;
	uint32_t n_handlers, handlers_capacity;
	apl_lua_node *nodes;
	uint32_t n_nodes, nodes_capacity;
	uint32_t data_node, params_node;
	uint32_t *event_nodes;     /* by the chart's event number; 0: none of its own */
	apl_lua_slot *event_names; /* every name that a member of some event has */
	uint32_t event_names_mask;

	struct apl_lua_reference *references; /* every from and phrase that was made: reference.h */
	uint32_t n_references, references_capacity;

	/* Files of values: values.h, policy.c, catalogue.c. */
	const struct apl_lua_options *options; /* while loading */
	struct apl_catalogue *catalogue;       /* NULL: the playbook has no phrases */
	struct apl_saying *sayings;            /* what it is made of */
	uint32_t n_sayings, sayings_capacity;
	apl_buf said; /* the phrase that is being said */

	/* What the program points to. */
	apl_lua_event *event_schemas;
	uint32_t n_event_schemas, event_schemas_capacity;
	apl_effect_kind *effects;
	uint32_t n_effects, effects_capacity;
	apl_counter *counters;
	uint32_t n_counters, counters_capacity;
	apl_clock_rule *clocks; /* as declared; the chart has their names */
	const char **clock_names;
	uint32_t n_clocks, clocks_capacity, clock_names_capacity;
	apl_declared_calendar *calendars;
	uint32_t n_calendars, calendars_capacity;
	apl_declared_rota *rotas;
	uint32_t n_rotas, rotas_capacity;
	apl_callout *callouts;
	uint32_t n_callouts, callouts_capacity;

	const char *aside; /* what errors call the text that is not the playbook's: "expression", "statement" */

	/* Of label.c, when it was first asked. */
	const char **labels; /* by handler; NULL: not asked for yet */

	/* The turn. */
	apl_lua_phase phase;
	apl_turn *turn;           /* NULL: none */
	const uint64_t *words[3]; /* by apl_lua_source */
	uint64_t spent;
	bool has_zeros; /* a text with a zero byte came up in this turn */
	uint64_t n_turns;
	uint64_t n_calls;
	uint64_t n_left;               /* times that a simple function was left to Lua after all: quick.h */
	uint64_t generation;           /* of the event; what an older event left behind is dead */
	void *event;                   /* the proxy, as a light userdata */
	apl_schema *error_schema;      /* of error.*, as texts see them; NULL: no text asks */
	apl_guard_situation situation; /* what texts are answered over: apl_lua_situation */
	const apl_step_event *event_was;
	int32_t event_number;
	const void *event_payload;
	struct apl_apart *apart; /* what the running guard looks at is written there (apart.h); NULL: nobody asks */
	bool event_is_own;       /* declared by the playbook, with a record of that declaration's shape */
	apl_writer writer;
	bool has_writer;
	apl_lua_touched *touched;
	uint32_t n_touched;
	uint64_t data_cache_turn;
	uint64_t call_cache_call;
	uint64_t system_turn, system_generation; /* what APL_REGISTRY_SYSTEM holds is of these */

	/* The error of the call that just failed. */
	bool has_error;
	bool is_breach;
	bool is_turns_breach; /* the turn wrote it down already */
	aplomb_error error;

	/* Scratch that outlives a jump. */
	apl_buf json;
	apl_buf path;
	apl_tape tape;
	const void *case_pointer; /* lua_topointer of `case` */

	apl_findings *findings;              /* while loading */
	const struct apl_lua_reader *reader; /* while loading, or NULL */
	apl_tape bundle;                     /* while loading, when [is_bundled]: what the files are taken from */
	bool is_bundled;
	apl_lua_require *under_way; /* modules being loaded, the innermost last */
	uint32_t n_under_way;
	apl_lua_made *made; /* in the order of their calls */
	uint32_t n_made, made_capacity;
	apl_lua_making *asked; /* calls of words that ask for effects */
	uint32_t n_asked, asked_capacity;
	apl_lua_given *given;
	uint32_t n_given, given_capacity;
	apl_place caller;       /* of the module's function that erred while loading */
	apl_lua_making *making; /* likewise */
	uint32_t n_making;
	struct apl_module_word *module_words; /* define.h */
	uint32_t n_module_words, module_words_capacity;
	bool host_is_out_of_memory; /* found while loading, outside of Lua's allocator */
	struct apl_declaring *declaring;
} apl_lua;

static inline apl_lua *apl_lua_of(lua_State *L) {
	apl_lua *host;
	__builtin_memcpy(&host, lua_getextraspace(L), sizeof host);
	return host;
}

/* ---- host.c ---- */

int apl_lua_host_new(apl_lua **out, const apl_alloc *alloc, const aplomb_limits *limits, aplomb_error *error);
void apl_lua_host_free(apl_lua *host);
/* Texts in Lua may have as many bytes as one value may, or so many. */
void apl_lua_limit_texts(apl_lua *host, size_t least);
/*
 * The one door into Lua: the function stands below its arguments at the top of
 * the stack. Results are left above APL_AT_TOP; after a failure nothing is, and
 * host->error says what it was. [place]: for failures that know none.
 */
apl_lua_verdict apl_lua_call(apl_lua *host, int n_args, bool is_counted, apl_place place);
/* Pushes the message handler that fills host->error. */
void apl_lua_push_explain(lua_State *L);
/* attempt.c: `_try`, which charts of SCXML have. A C function. */
int apl_lua_attempt(lua_State *L);
/* What the compiled function at the top of the stack says; false: the format is not known. raises */
bool apl_lua_examine(lua_State *L, apl_bytecode *out);

/* ---- raise.c: everything here raises ---- */

/* The author's mistake, found at the line that is running. */
int apl_lua_refuse(lua_State *L, const char *slug, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same, found somewhere else. */
int apl_lua_refuse_at(lua_State *L, apl_place place, const char *slug, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Ends loading: what is wrong has been told as findings. */
int apl_lua_stop(lua_State *L);
/* The author's mistake that stands in host->error already, with its place. */
int apl_lua_raise_placed(lua_State *L);
/* What a room to the left answered: its slug and message. ELIMIT: the turn's breach; ENOMEM: a breach as well. */
int apl_lua_raise(lua_State *L, const aplomb_error *error);
int apl_lua_breach(lua_State *L, const char *slug, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* What only an action may do was tried elsewhere. [format] says what belongs there: "data.x is to be written". */
int apl_lua_refuse_touch(lua_State *L, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* ENOMEM outside of Lua's own memory. */
int apl_lua_raise_memory(lua_State *L);
/* So many instructions' worth of work is about to be done in C. */
void apl_lua_charge(lua_State *L, uint64_t instructions);
/*
 * What an instruction costs besides, for there are some that look through a whole text or a row of names, and nobody sees which:
 * comparing two texts that are alike, with `<` above all when they have zero bytes in them; finding a name in a table in which
 * all names lie in one row. 0 as long as texts have less than 128 KiB and tables less than 1,024 names.
 */
static inline uint64_t apl_lua_surcharge(const apl_lua *host) {
	/* Nothing large came up, and the playbook was loaded with nothing large. */
	if (__builtin_expect(!(host->pool.is_touched | host->has_zeros), 1)) return 0;
	uint64_t surcharge = host->pool.longest_text >> (host->has_zeros ? 7 : 17);
	return surcharge + (host->pool.largest_names >> 10);
}
/*
 * Going to the next key of a table may pass all the places that the largest one has, and there may be nothing in them. Whose places they
 * are nobody tells, so the price is low: small tables in a large one are what cases hold.
 */
static inline uint64_t apl_lua_cost_of_next(const apl_lua *host) {
	return host->pool.largest_block >> 16;
}
/* A new table for so many items. */
static inline void apl_lua_create_list(lua_State *L, lua_Integer count) {
	/* An even number, for an odd one may be what the stack would grow to: pool.h. */
	lua_createtable(L, count < INT32_MAX - 1 ? (int)((count + 1) & ~(lua_Integer)1) : 0, 0);
}
/* A text that comes from outside, or that the playbook makes of numbers: pushed, and looked at for zero bytes. raises */
void apl_lua_push_text(lua_State *L, const char *bytes, size_t size);

/* Is the file the module that does for charts of SCXML what the core has no word for? What fails in it failed in the chart. */
bool apl_lua_is_on_behalf(const apl_lua *host, uint32_t file);
/* Not raising: the line of the innermost Lua function from [level] on that is the playbook's, or nowhere. */
apl_place apl_lua_place(lua_State *L, int level);
/* Not raising: what a message calls the value ("text", "integer", "a table"). */
const char *apl_lua_kind_name(lua_State *L, int index);

/* ---- sandbox.c ---- */

/* Everything that a playbook's file sees: words, libraries, nothing else. raises */
void apl_lua_sandbox(lua_State *L);
/* Puts an empty table that reads through to the table at the top in its place; writing is refused. [name] is for messages. raises */
void apl_lua_lock(lua_State *L, const char *name);

/* ---- mod_*.c: each leaves its table on the stack, or adds to the one at the top. raises ---- */

typedef struct apl_lua_entry {
	const char *name;
	lua_CFunction function;
} apl_lua_entry;
/* Into the table at the top of the stack. */
void apl_lua_put(lua_State *L, const apl_lua_entry *entries, size_t count);
#define APL_LUA_PUT(L, entries) apl_lua_put((L), (entries), sizeof(entries) / sizeof *(entries))

void apl_lua_open_base(lua_State *L);
void apl_lua_open_math(lua_State *L);
void apl_lua_open_string(lua_State *L);
void apl_lua_open_table(lua_State *L);
void apl_lua_open_utf8(lua_State *L);
void apl_lua_open_money(lua_State *L);
void apl_lua_open_case(lua_State *L);
/* mod_clock.c: adds nothing to the stack; pushes the clock of that name. */
void apl_lua_open_clocks(lua_State *L);
int apl_lua_push_clock(lua_State *L, const char *name, size_t size);

/* mod_case.c: the span at the top of the stack, text or microseconds, and what it is counted in. [what] begins messages. */
aplomb_span apl_lua_check_span(lua_State *L, const char *what, apl_span_unit *unit);
/* answer.c: the calendar that the handler names, by its number; answers as apl_program_ops.calendar, and runs no Lua: EREFUSED in
 * host->error when it would have to. */
int apl_lua_calendar_of_field(apl_lua *host, const apl_lua_handler *handler, uint32_t *out);
/* Likewise the instant. */
aplomb_instant apl_lua_check_instant(lua_State *L, const char *what);

/* mod_base.c: pushes what tostring gives; no addresses. */
void apl_lua_push_as_text(lua_State *L, int index);

/* mod_money.c */
void apl_lua_push_money(lua_State *L, apl_money money);
const apl_money *apl_lua_to_money(lua_State *L, int index); /* NULL: it is none. Does not raise. */

/* order.c: a list of the table's keys in the one order there is. raises */
void apl_lua_push_keys(lua_State *L, int table);

/* ---- mod_data.c: records as playbooks see them ---- */

/* Nodes for each `fields` of the schema; false: too many. raises */
bool apl_lua_add_nodes(lua_State *L, const apl_schema *schema, apl_lua_source source, uint32_t *root);
/* The names of all events' members, when all nodes are there. raises */
void apl_lua_collect_event_names(lua_State *L);
void apl_lua_open_data(lua_State *L);
void *apl_lua_proxy(uint64_t generation, uint32_t node);
/* The event of the turn has become another. */
void apl_lua_event_changed(apl_lua *host);
/* Pushes the member's value, or nil. */
void apl_lua_push_field(lua_State *L, const apl_lua_node *node, const uint64_t *words, uint32_t field);
/* Pushes what the canonical JSON holds: for one function the same table. */
void apl_lua_push_copy(lua_State *L, const apl_text *text);
/* Writes the value at [index] into the record. */
void apl_lua_write_field(lua_State *L, const apl_writer *writer, uint32_t field, int index);
/* Fills a record of the schema from the table at [index] (none or nil: no members), in the turn's arena. */
uint64_t *apl_lua_fill_record(lua_State *L, const apl_schema *schema, const char *what, int index);
/* Not raising: the tables that this turn's values stood in are nobody's any more. */
void apl_lua_drop_tables(apl_lua *host);
/* What the record holds of this field from now on is not what its table holds. */
void apl_lua_forget_table(apl_lua *host, uint32_t field);
/* Writes lists and any of the case's data that handlers may have changed in their tables back into the record. A C function. */
int apl_lua_write_back(lua_State *L);
/* For pairs: pushes an iterator over a proxy's present members. */
int apl_lua_proxy_pairs(lua_State *L);

/* The text of a list or an any that is there in the record; of a spread field put together in host->whole, until the next is. raises */
typedef struct apl_lua_json {
	const char *bytes;
	size_t size;
} apl_lua_json;
apl_lua_json apl_lua_text_of_field(lua_State *L, const apl_schema *schema, const uint64_t *words, uint32_t field);

/* ---- mod_variables.c: what a chart from SCXML sees ---- */

/*
 * May a table of the case's data hold something else than the record does? A chart's variables only when one was assigned, or a table
 * among them came into somebody's hands: most guards do neither.
 */
bool apl_lua_variables_may_differ(const apl_lua *host);
static inline bool apl_lua_tables_may_differ(const apl_lua *host) {
	return host->n_touched > 0 && (!host->is_imported || apl_lua_variables_may_differ(host));
}
/* The field of data that holds its variables; APL_NO_FIELD with a finding. raises */
uint32_t apl_lua_find_variables(lua_State *L, apl_place place);
/* Loading is over: from now on a name that is not local is a variable of the case. raises */
void apl_lua_open_variables(lua_State *L);
/* Is the name at [index] one of Lua's library among the globals of loading at [globals]? What words are is free for variables. */
bool apl_lua_is_library(lua_State *L, int globals, int index);
/* { data = any {} }: what done events carry that nobody declared. NULL without memory. */
apl_schema *apl_lua_new_done_schema(const apl_alloc *alloc);
/* (the answer of a donedata) → a record of host->done_schema, as a light userdata. A C function. */
int apl_lua_fill_done(lua_State *L);

/* ---- convert.c: JSON and Lua ---- */

/* Pushes the value at [cell]; [*had_null] is set when a map held a null, which a table cannot show. */
void apl_lua_push_cell(lua_State *L, const apl_tape *tape, uint32_t cell, bool *had_null);
/* The same from canonical JSON, by way of host->tape. */
void apl_lua_push_json(lua_State *L, const char *json, size_t size, bool *had_null);
/*
 * Writes the value at [index] as canonical JSON into host->json (emptied
 * first). [what] begins the path in messages. An empty table is a map unless
 * it is marked as a list, or [schema] says of [field] that one stands there,
 * or, without a schema, [is_list].
 */
void apl_lua_write_json(lua_State *L, int index, const char *what, const apl_schema *schema, uint32_t field, bool is_list);
/* Pushes a table of the members that the proxy at [index] has now. (mod_data.c) */
void apl_lua_push_proxy_table(lua_State *L, int index);
/* Marks a table as a list, so that it stays one when it is empty. */
void apl_lua_mark_list(lua_State *L);
/* Did the playbook, or this file, make it: a table without a metatable, or one marked as list? Does not raise. */
bool apl_lua_is_plain_table(lua_State *L, int index);

/* ---- answer.c ---- */

extern const apl_program_ops apl_lua_ops;
/* In place of bytes that are no UTF-8 stands "?". */
void apl_lua_make_valid(char *text);

#endif
