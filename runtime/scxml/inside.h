/* SPDX-License-Identifier: MIT */
#ifndef APL_SCXML_INSIDE_H
#define APL_SCXML_INSIDE_H

/*
 * What the files of this room share: one import under way, and the pieces of
 * Lua that it is put together from. Texts live in the import's arena.
 */

#include "base/map.h"
#include "lua/lexer.h"
#include "lua/syntax.h"
#include "scxml/import.h"
#include "scxml/xml.h"

/* Which element a node is; APL_SCXML_NONE: none of SCXML's. */
typedef enum apl_scxml_element {
	APL_SCXML_NONE,
	APL_SCXML_SCXML,
	APL_SCXML_STATE,
	APL_SCXML_PARALLEL,
	APL_SCXML_TRANSITION,
	APL_SCXML_INITIAL,
	APL_SCXML_FINAL,
	APL_SCXML_ONENTRY,
	APL_SCXML_ONEXIT,
	APL_SCXML_HISTORY,
	APL_SCXML_RAISE,
	APL_SCXML_IF,
	APL_SCXML_ELSEIF,
	APL_SCXML_ELSE,
	APL_SCXML_FOREACH,
	APL_SCXML_LOG,
	APL_SCXML_DATAMODEL,
	APL_SCXML_DATA,
	APL_SCXML_ASSIGN,
	APL_SCXML_DONEDATA,
	APL_SCXML_CONTENT,
	APL_SCXML_PARAM,
	APL_SCXML_SCRIPT,
	APL_SCXML_SEND,
	APL_SCXML_CANCEL,
	APL_SCXML_INVOKE,
	APL_SCXML_FINALIZE,
	APL_SCXML_ELEMENTS
} apl_scxml_element;

/* A state, or a history, by its id; or an event by its name, and where it is first met. */
typedef struct apl_scxml_id {
	const char *id;
	const apl_xml_node *node;
} apl_scxml_id;

/* Something the world is asked for: a <send> of our own type. */
typedef struct apl_scxml_effect {
	const char *kind;
	const apl_xml_node *node; /* that names it first */
	const char **fields;
	uint32_t n_fields, fields_capacity;
} apl_scxml_effect;

/* A chart under way: the document's own, or one that is invoked. Each becomes a playbook. */
typedef struct apl_importing {
	struct apl_family *family;
	const char *path;   /* what findings call its document */
	const char *folder; /* of the document, seen from the first one: "", "parts/" */
	const char *id;     /* of the playbook */
	const apl_xml_node *root;
	bool is_invoked; /* by another: who begins it may say what its data are */
	apl_alloc alloc;
	apl_arena *arena;
	apl_syntax *syntax;
	apl_findings *findings;
	bool no_memory;

	apl_scxml_id *ids; /* sorted */
	uint32_t n_ids, ids_capacity;
	apl_scxml_id *events; /* to be declared, in the order they are first met */
	uint32_t n_events, events_capacity;
	apl_map event_names; /* of them */
	apl_map descriptors; /* what it listens to, "*" as well */
	apl_map invokes;     /* ids, once somebody has asked for one */
	bool knows_invokes;
	const char *sources;       /* which documents beside it its expressions may name, as a table's inside; NULL: nobody asked */
	apl_scxml_effect *effects; /* that it asks the world for */
	uint32_t n_effects, effects_capacity;

	const char *case_name;  /* what functions call the case: no variable of the chart has that name */
	const char *scxml_name; /* and the module */
	bool needs_module;
	bool is_late;             /* binding="late" */
	apl_buf chart, functions; /* what was written so far */
} apl_importing;

/* All charts of one import, the document's own first. */
typedef struct apl_family {
	const apl_scxml_options *options;
	apl_arena *arena;
	apl_importing **charts;
	const char **sources; /* [chart]: the file beside the document that it stands in; NULL: it stands in another chart */
	uint32_t n_charts, charts_capacity, sources_capacity;
} apl_family;

/* ---- import.c: which charts there are ---- */

/* The chart that stands in the element; the id of its playbook, NULL with a finding or without memory. */
const char *apl_family_inline(apl_importing *by, const apl_xml_node *scxml);
/* The chart that stands in the file of that name beside the document. NULL as above; [*is_there]: is there such a file at all? */
const char *apl_family_source(apl_importing *by, const apl_xml_node *node, const char *src, bool *is_there);

/* ---- invoke.c: charts that a state begins ---- */

/* Is that the name of the processor that runs SCXML? */
bool apl_invoke_is_own_type(const char *type);
/* The <invoke>, the n-th of the state's, from 1. */
void apl_invoke_write(apl_importing *im, const apl_xml_node *node, const char *state, uint32_t n, apl_buf *out, unsigned indent);
/* The id of the <invoke>: its own, or "state.n". */
const char *apl_invoke_id(apl_importing *im, const apl_xml_node *node, const char *state, uint32_t n);
/* Has the chart an <invoke> of that id? */
bool apl_invoke_exists(apl_importing *im, const char *id);
/* The value that an <scxml> in a <content>, <data> or <assign> stands for; NULL: there is none in it. */
const char *apl_invoke_value(apl_importing *im, const apl_xml_node *node);

/* ---- elements.c: which element may stand where, and what it may carry ---- */

apl_scxml_element apl_scxml_element_of(const apl_xml_node *node);
/* Tells of everything in the tree that is not SCXML's, or stands where it has no place. */
void apl_scxml_check(apl_importing *im, const apl_xml_node *node);
apl_place apl_scxml_place(const apl_importing *im, const apl_xml_node *node);
/* The next element or comment from [node] on; NULL behind the last. */
const apl_xml_node *apl_scxml_some(const apl_xml_node *node);
const apl_xml_node *apl_scxml_first(const apl_xml_node *parent, apl_scxml_element element);
const apl_xml_node *apl_scxml_next(const apl_xml_node *node, apl_scxml_element element);
/* The attribute, NULL when it is missing or empty. */
const char *apl_scxml_value(const apl_xml_node *node, const char *name);
/* A state's id, or one made from where it stands. NULL without memory. */
const char *apl_scxml_id_of(apl_importing *im, const apl_xml_node *node);

/* ---- pieces.c: pieces of Lua ---- */

/* A copy in the arena; sets no_memory and answers "" when there is none. */
const char *apl_piece(apl_importing *im, const char *text, size_t size);
const char *apl_piece_of(apl_importing *im, apl_buf *buf); /* disposes of it */
/* "text" with quotes, as Lua reads it. */
const char *apl_piece_quoted(apl_importing *im, const char *text, size_t size);
/*
 * The text, checked; NULL, with a warning, when it is not Lua: what it stands in is to be an error when it is reached, as SCXML has it.
 * [what]: "cond".
 */
const char *apl_piece_checked(apl_importing *im, const apl_xml_node *node, const char *what, apl_syntax_form form, const char *text);
/* What the text inside an element stands for: a number, a text, a table, JSON, otherwise text with its spaces made single. */
const char *apl_piece_literal(apl_importing *im, const char *text, size_t size);
/* Is it a number, a text, a truth value or nil, and nothing else? */
bool apl_piece_is_constant(const char *text);
/* Can its value be had whatever the variables are? Calls, arithmetic, comparisons by size and members of variables may fail. */
bool apl_piece_cannot_fail(const char *expression);
/* The expression, where its failing is to be no more than an error: `scxml.try(function() return … end)`. */
const char *apl_piece_tried(apl_importing *im, const char *expression);
/* The same of what is no Lua: it fails. */
const char *apl_piece_tried_failing(apl_importing *im, const char *failing);
/* A name that may stand before "=" in a table. */
bool apl_piece_is_name(const char *text, size_t size);
/* Does a name stand somewhere in the text as Lua? */
bool apl_piece_names(const char *text, const char *name);
/* The name = value of a table: name, or ["na me"]. */
void apl_piece_member(apl_importing *im, apl_buf *out, const char *name, const char *value);
/* As a guard or a donedata function answers it: one value. */
const char *apl_piece_single(apl_importing *im, const char *expression);
/* What fails when it is reached, with why. */
const char *apl_piece_failing(apl_importing *im, const apl_xml_node *node, const char *what);
/* A script's text, and where it begins in the document; line 0: it is another file's. */
typedef struct apl_script {
	const char *text;
	size_t size;
	uint32_t line, column;
} apl_script;
/*
 * The functions that the script declares on its outside, taken out of it: [*functions] are statements, the rest is answered, as many lines
 * long as before.
 */
const char *apl_piece_hoist(apl_importing *im, const apl_script *script, const char **functions);

/* ---- marks.c: where each piece came from ---- */

/* From here on, what is written came from that element; NULL: from where it did before. */
void apl_mark(apl_buf *out, const apl_xml_node *node);
/* From that line and column; and the lines that follow from those that follow there. */
void apl_mark_running(apl_buf *out, uint32_t line, uint32_t column);
/* How many bytes of it are no marks. */
size_t apl_width(const char *text, size_t size);
/* Takes the marks out of the text; what they say is added to [places]. */
void apl_marks_end(apl_buf *text, const char *document, apl_buf *places);

/* ---- content.c: executable content ---- */

/* The body of a function, a statement a line, not indented by its surroundings. A line that begins with APL_RAW stays where it is. */
#define APL_RAW '\1'
typedef struct apl_block {
	apl_buf text;
	uint32_t n_lines;
	unsigned indent;
	bool uses_case;
	const apl_xml_node *at; /* the next line comes from there; NULL: from where the one before does */
} apl_block;

void apl_block_init(apl_importing *im, apl_block *block);
void apl_block_dispose(apl_block *block);
void apl_block_line(apl_block *block, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* All that stands in the element. */
void apl_content_write(apl_importing *im, const apl_xml_node *parent, apl_block *block);
/* What stands in the <script>, or in the file that its src names; false with a finding. */
bool apl_content_script_of(apl_importing *im, const apl_xml_node *node, apl_script *out);
void apl_content_script(apl_importing *im, const apl_xml_node *node, const apl_script *script, apl_block *block);
/* The value that <content>, or <param>s and a namelist, make of an element; NULL: none. [*failing]: a name of the namelist is not Lua. */
const char *apl_content_data(apl_importing *im, const apl_xml_node *node, bool *failing);
/* The same of <param>s and the namelist alone, as a table. */
const char *apl_content_params(apl_importing *im, const apl_xml_node *node, bool *failing);
/* The attribute's expression; NULL: it is missing, or, with [*failing], not Lua. */
const char *apl_content_expression(apl_importing *im, const apl_xml_node *node, const char *name, bool *failing);
/* What the first document calls the file that src names in this one; NULL: it is no plain name. */
const char *apl_content_source_name(apl_importing *im, const char *src);
/* The text of that file, into [text]. ENOTFOUND, EIO, ENOMEM; EINVAL: it is no plain name. */
int apl_content_read(apl_importing *im, const char *src, apl_buf *text, apl_buf *shown, aplomb_error *error);
/* The file that src names, in the arena; NULL with a finding. */
const char *apl_content_source(apl_importing *im, const apl_xml_node *node, const char *src);
/* Adds the name, which lives in the arena. */
void apl_note(apl_importing *im, apl_map *names, const char *name);
/* The event is to be declared: the element names it. */
void apl_content_event(apl_importing *im, const apl_xml_node *node, const char *name);
void apl_comment_write(const apl_xml_node *node, apl_buf *out, unsigned indent);

/* ---- ours.c: what `aplomb export` says beside SCXML's own words ---- */

/* The attribute of our name space, or NULL. */
const char *apl_ours_value(const apl_xml_node *node, const char *name);
/* Is the attribute of another name space one of those, where it may stand? */
bool apl_ours_is(apl_scxml_element element, const apl_xml_attribute *attribute);
/* Is the <send> an effect? */
bool apl_ours_is_effect(const apl_xml_node *node);
void apl_ours_write_effect(apl_importing *im, const apl_xml_node *node, apl_block *block);
/* The declarations of all effects. */
void apl_ours_declare(apl_importing *im, apl_buf *out);
void apl_ours_dispose(apl_importing *im);

/* ---- chart.c: states and data ---- */

void apl_indent(apl_buf *out, unsigned indent);
/* "key = function(case) … end,"; [at]: the element that it comes from, or NULL. */
typedef struct apl_frame {
	const char *before, *after;
	const apl_xml_node *at;
} apl_frame;
void apl_function_write(apl_importing *im, apl_buf *out, unsigned indent, apl_frame frame, const apl_block *block);
/* Everything that stands in <scxml>, as children of the playbook. */
void apl_chart_write(apl_importing *im, const apl_xml_node *root, apl_buf *out, apl_buf *functions);
/* Is it one of the chart's states, and not of another's that stands in it? */
bool apl_scxml_is_state(apl_scxml_element which);
/* "initial = …," of a compound state, or of the whole. */
void apl_chart_initial(apl_importing *im, const apl_xml_node *node, apl_buf *out, unsigned indent);

#endif
