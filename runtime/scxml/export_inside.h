/* SPDX-License-Identifier: MIT */
#ifndef APL_SCXML_EXPORT_INSIDE_H
#define APL_SCXML_EXPORT_INSIDE_H

/*
 * What the files of an export share.
 *
 *   export.c           names, data, the document
 *   export_chart.c     states, transitions, clocks
 *   export_block.c     actions: texts and functions as executable content
 *   export_calls.c     what a case is asked to do, as elements
 *   export_xml.c       elements and attributes as XML
 *   export_lua.c       pieces of Lua that move from one place to another
 *   export_helpers.c   functions that the document brings along
 */

#include "base/alloc.h"
#include "data/guard_lua.h"
#include "lua/function_text.h"
#include "lua/lexer.h"
#include "scxml/export.h"

/* A function outside of the chart that comes along. */
typedef struct apl_carried {
	const char *file;
	uint32_t line, column;
	const char *name;
	const char *text; /* NULL: it is being written */
} apl_carried;

/* A field of an event that some expression looks at, and that has a default. */
typedef struct apl_looked_at {
	const apl_schema *schema;
	uint32_t field;
} apl_looked_at;

typedef struct apl_exporting {
	const apl_program *program;
	const apl_chart *chart;
	apl_lua *host;
	apl_alloc alloc;
	apl_arena arena;
	apl_findings *findings;
	bool no_memory;
	bool is_imported;
	bool has_shell; /* a state around everything, for what the playbook itself does */
	const char *shell;
	const char **ids;       /* by state */
	const char **variables; /* by field of the data, of those that are no members of others */
	const char **params;    /* the same of the params */
	bool *may_lack;         /* by field of the data */
	uint64_t helpers;       /* which are needed: a bit each */
	apl_carried *carried;
	uint32_t n_carried, carried_capacity;
	apl_looked_at *looked_at;
	uint32_t n_looked_at, looked_at_capacity;
	apl_guard_naming naming;
	uint32_t n_names; /* made up */
	apl_buf declared; /* a <data> for each variable that is made up */
} apl_exporting;

/* ---- export.c ---- */

const char *apl_export_text(apl_exporting *ex, const char *text, size_t size); /* in the arena; "" without memory */
const char *apl_export_taken(apl_exporting *ex, apl_buf *buf);                 /* disposes of it */
void apl_export_buf(apl_exporting *ex, apl_buf *out);
void apl_export_needs(apl_exporting *ex, apl_lua_helper helper);
/* The field of the data or the params at that dotted path as an expression; false: there is none. */
bool apl_export_variable(apl_exporting *ex, bool is_param, const char *path, apl_buf *out, const apl_field **field);
/* A variable that is made up: no other's name. */
void apl_export_declare(apl_exporting *ex, const char *name);
/* Adds what the field holds in the beginning, as Lua reads it. */
void apl_export_value(const apl_schema *schema, uint32_t field, apl_buf *out);
/* Is the name one that a variable or a carried function must not have? */
bool apl_export_is_taken(const apl_exporting *ex, const char *name);
#define apl_export_cannot(ex, place, slug, ...) apl_found((ex)->findings, APLOMB_ERROR, (slug), (place), __VA_ARGS__)

/* ---- export_lua.c ---- */

/* A function that is being read. Its texts are the file's, or the arena's. */
typedef struct apl_moving {
	apl_exporting *ex;
	int held;
	const char *bytes; /* from "(" to "end" */
	uint32_t size;
	uint32_t body;             /* offset behind the parameters */
	apl_place place;           /* of "function" */
	const char *parameters[2]; /* what it calls the case and the event; "" */
	const char **locals;       /* every name that is local somewhere in it */
	uint32_t n_locals, locals_capacity;
	const char *data_alias, *params_alias; /* local data = case.data */
	bool is_carried;                       /* outside of the chart: it sees neither case nor event */
	bool is_good;
} apl_moving;

/* Reads the head of host->functions[function], or of the held one; false: told. */
bool apl_moving_begin(apl_exporting *ex, apl_moving *m, int held, const char *role, apl_place fallback);
void apl_moving_end(apl_moving *m);
/* The piece of the body as it reads in the document: one expression, or statements. */
void apl_moving_write(apl_moving *m, uint32_t from, uint32_t to, apl_buf *out);
/* The same, with the lines that it has. */
void apl_moving_write_lines(apl_moving *m, uint32_t from, uint32_t to, apl_buf *out);
/* The expression, checked as the field checks what is written to it. */
void apl_moving_write_checked(apl_moving *m, const apl_field *field, uint32_t from, uint32_t to, apl_buf *out);
/* The field that the piece names, with the variable in [out]; NULL: it names none. */
const apl_field *apl_moving_field(apl_moving *m, uint32_t from, uint32_t to, apl_buf *out);
/* Is it `local data = case.data`? Behind it. */
bool apl_moving_is_alias(apl_moving *m, uint32_t from, uint32_t *end);
void apl_moving_cannot(apl_moving *m, uint32_t offset, const char *slug, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Behind the expression that begins at [from]. */
uint32_t apl_moving_skip(const apl_moving *m, uint32_t from);
apl_token apl_moving_token(const apl_moving *m, uint32_t offset); /* the next one from there on */
static inline uint32_t apl_behind(const apl_token *token) {
	return token->offset + token->size;
}
bool apl_moving_is(const apl_moving *m, const apl_token *token, const char *text);
bool apl_sign_is(const apl_token *token, apl_symbol symbol);
/* Is the name one of a module of the library, "aplomb.scxml"? */
bool apl_moving_is_module(apl_moving *m, const apl_token *token, const char *module);
/* The guard or the span that the function is, as an expression. false: told. */
bool apl_moving_expression(apl_exporting *ex, uint32_t function, const char *role, apl_buf *out);

/* ---- export_block.c ---- */

/* The handler's actions as executable content, each element a line. */
void apl_export_block(apl_exporting *ex, int32_t handler, uint32_t depth, apl_buf *out);
/* The guard as the value of cond; NULL: told. */
const char *apl_export_guard(apl_exporting *ex, int32_t handler);
/* What is due: of a delay that is computed, the value of delayexpr; NULL: told. */
const char *apl_export_span(apl_exporting *ex, const apl_delay *delay);
/* What donedata says of a final; false: nothing. */
void apl_export_donedata(apl_exporting *ex, uint32_t state, uint32_t depth, apl_buf *out);

/* ---- export_calls.c ---- */

/* The arguments of a call, as offsets in the body; of one without parentheses its one argument. */
enum { APL_EXPORT_MOST_ARGUMENTS = 32 };
typedef struct apl_export_arguments {
	uint32_t from[APL_EXPORT_MOST_ARGUMENTS], to[APL_EXPORT_MOST_ARGUMENTS];
	uint32_t n;
} apl_export_arguments;

/* Of the call whose callee ends at [at]. */
apl_export_arguments apl_export_arguments_of(const apl_moving *m, uint32_t at);
/* The element that says what the call at [at] does; [word]: its method, or the function of the library's module. [location]: of the id that
 * it is to leave there, or NULL. */
void apl_export_call(apl_moving *m, uint32_t at, const apl_token *word, const char *location, uint32_t depth, apl_buf *out);
/* The piece as it reads in the document, in the arena. */
const char *apl_export_piece(apl_moving *m, uint32_t from, uint32_t to);
/*
 * An expression of a function, where a failure would leave out no more than this piece, and not end the block: it is had before, in a
 * variable.
 */
const char *apl_export_had_before(apl_moving *m, const char *expression, uint32_t depth, apl_buf *out);
/* What an imported chart sends under `data`: <param>s again, or a <content>. */
void apl_export_imported_data(apl_moving *m, uint32_t from, uint32_t to, uint32_t depth, apl_buf *out);
/* May it raise an error? */
bool apl_export_may_fail(const char *expression);

/* ---- export_xml.c ---- */

void apl_export_indent(apl_buf *out, uint32_t depth);
void apl_export_escaped(apl_buf *out, const char *text, size_t size);
void apl_export_attribute(apl_buf *out, const char *name, const char *value);
/* "1.5s" */
#define APL_EXPORT_SECONDS 48
const char *apl_export_seconds(aplomb_span span, char out[APL_EXPORT_SECONDS]);
/* <script>, of statements. */
void apl_export_script(apl_buf *out, uint32_t depth, const char *text, size_t size);
/* Closes an element whose inside began at [inside]: in itself when nothing stands in it. */
void apl_export_close(apl_buf *out, const char *name, size_t inside, uint32_t depth);
void apl_export_assign(apl_buf *out, uint32_t depth, const char *location, const char *value);

/* ---- export_chart.c ---- */

void apl_export_chart(apl_exporting *ex, apl_buf *out);
/* A <data> for each span that is asked once and needed again. */
void apl_export_remembered(apl_exporting *ex, apl_buf *out);

/* ---- export_helpers.c ---- */

/* Adds the definitions of all helpers that are needed. */
void apl_export_helpers(apl_exporting *ex, apl_buf *out);

#endif
