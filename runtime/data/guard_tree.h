/* SPDX-License-Identifier: MIT */
#ifndef APL_DATA_GUARD_TREE_H
#define APL_DATA_GUARD_TREE_H

/*
 * Private to room data: a text as a tree.
 *
 *   guard_token.c   text → words
 *   guard_parse.c   words → nodes
 *   guard_names.c   what names mean
 *   guard_type.c    the type of every node
 *   guard_ways.c    which nodes are answered in one go
 *   guard_eval.c    nodes over records
 *   guard_brief.c   nodes as two tables, for whoever knows the event: brief.h
 *   guard_list.c    which item of a list a value is
 *   guard_print.c   nodes → text, and what is said about them
 *   guard_apart.c   which nodes an answer came from
 *
 * Nodes hang in a list in the order they were made, which is: what belongs to
 * a node before it. Who walks the list meets everything once and never recurses;
 * only evaluation does, at most APL_GUARD_MOST_DEPTH deep.
 */

#include "data/guard.h"

typedef enum apl_guard_op {
	APL_OP_NIL,
	APL_OP_CONSTANT,
	APL_OP_PATH,
	APL_OP_IS_IN,
	APL_OP_TIME_IN,
	APL_OP_COUNT,
	APL_OP_CLOCK_ELAPSED, /* of clocks, up to APL_OP_CLOCK_BREACHED */
	APL_OP_CLOCK_LEFT,
	APL_OP_CLOCK_TARGET,
	APL_OP_CLOCK_DEADLINE,
	APL_OP_CLOCK_RUNNING,
	APL_OP_CLOCK_BREACHED,
	APL_OP_ON_DUTY, /* of rotas, and the next */
	APL_OP_NOBODY_ON_DUTY,
	APL_OP_HAS,
	APL_OP_LEN,
	APL_OP_CONTAINS,
	APL_OP_OR,
	APL_OP_AND,
	APL_OP_LESS,
	APL_OP_LESS_EQUAL,
	APL_OP_GREATER,
	APL_OP_GREATER_EQUAL,
	APL_OP_EQUAL,
	APL_OP_UNEQUAL,
	APL_OP_ADD,
	APL_OP_SUBTRACT,
	APL_OP_MULTIPLY,
	APL_OP_DIVIDE,
	APL_OP_FLOOR_DIVIDE,
	APL_OP_MODULO,
	APL_OP_NOT,
	APL_OP_MINUS,
	APL_OP_SIZE,
	APL_OP_ASSIGN,
	APL_OPS
} apl_guard_op;

static inline bool apl_guard_op_is_of_clock(unsigned op) {
	return op >= APL_OP_CLOCK_ELAPSED && op <= APL_OP_CLOCK_BREACHED;
}

static inline bool apl_guard_op_is_of_rota(unsigned op) {
	return op == APL_OP_ON_DUTY || op == APL_OP_NOBODY_ON_DUTY;
}

/* How tightly it binds, as in Lua; 0: it is no operator. */
typedef struct apl_guard_op_about {
	const char *word;
	uint8_t binding;
	uint8_t kind; /* apl_guard_kind */
} apl_guard_op_about;
extern const apl_guard_op_about apl_guard_ops[APL_OPS];
enum { APL_BINDING_COMPARISON = 3, APL_BINDING_UNARY = 12 };

/* Where a path begins. */
typedef enum apl_guard_origin {
	APL_FROM_DATA,
	APL_FROM_PARAMS,
	APL_FROM_EVENT,    /* a field of the event's data; [topic] when it may be the envelope's instead */
	APL_FROM_ENVELOPE, /* event.name, event.by, event.id, case.… */
	APL_FROM_NOWHERE
} apl_guard_origin;

/* How a node is answered when it is simpler than its kind. Decided last. */
typedef enum apl_guard_way {
	APL_WAY_LONG,
	APL_WAY_WORD,        /* a comparison of one slot with one constant word: integers and times, booleans, a choice's number */
	APL_WAY_NUMBER,      /* a comparison of a number in a slot with a constant */
	APL_WAY_FLAG,        /* a boolean in a slot, as a truth */
	APL_WAY_COUNT,       /* data.n = data.n + constant, without bounds */
	APL_WAY_PUT_INTEGER, /* data.n = an integer */
	APL_WAY_PUT_FLAG,    /* data.b = a truth */
	APL_WAY_PUT_MONEY    /* data.m = money */
} apl_guard_way;

typedef struct apl_guard_member {
	const apl_schema *schema;
	const apl_field *field;
	uint32_t number;
} apl_guard_member;

typedef struct apl_guard_node apl_guard_node;
struct apl_guard_node {
	uint8_t op;   /* apl_guard_op */
	uint8_t does; /* what it is answered as: [op], or APL_OP_CONSTANT when nothing of the case is in it */
	uint8_t type; /* apl_type of what comes out */
	uint8_t source;
	uint8_t way;
	uint8_t kinds; /* how two operands go together: apl_guard_kinds */
	bool is_wrong; /* told already */
	bool is_total; /* time_in: in all stays */
	bool is_personal;
	bool has_topic;
	bool is_constant;    /* nothing of the case is in it */
	uint16_t begin, end; /* of its piece of the text */
	uint16_t depth;
	uint32_t order; /* in the list */
	apl_guard_node *left, *right, *parent;
	apl_guard_node *next;
	const char *name; /* path: without spaces; is_in, time_in, count, of clocks and rotas: what is named */
	uint32_t name_size;
	uint32_t topic;
	uint32_t number;        /* of the state, counter, clock or rota */
	const apl_field *field; /* path into data, params: the field; into an event: that of the first event that has one */
	const apl_schema *schema;
	uint32_t field_number;
	const apl_guard_member *members; /* path into an event: which events have it */
	uint32_t n_members;
	uint8_t item_type; /* path to a list: of its items; APL_TYPE_ANY: not declared */
	apl_guard_value constant;
	/* Of the ways: the slot, the comparison with the slot on its left, the constant. */
	const apl_guard_node *slot;
	uint8_t slot_op;
	union {
		uint64_t word;
		double number;
	} literal;
};

/* How the two sides of a comparison, or of a sum, are taken. */
typedef enum apl_guard_kinds {
	APL_KINDS_INTEGERS, /* integers, instants, spans */
	APL_KINDS_NUMBERS,  /* at least one is a number */
	APL_KINDS_TEXTS,
	APL_KINDS_MONEY,
	APL_KINDS_BOOLEANS,
	APL_KINDS_NIL
} apl_guard_kinds;

struct apl_guard {
	apl_guard_form form;
	const char *text;
	uint32_t size;
	const char *what;
	apl_place place;
	bool is_plain;
	apl_guard_node *first, *last;
	uint32_t n_nodes;
	apl_guard_node **nodes; /* by order, after parsing */
	apl_guard_node **roots; /* the whole, or the assignments */
	uint32_t n_roots;
	bool asks_time_in;
	bool sees_event;
	bool wants_number; /* the integer that comes out is to be a number */
	apl_arena *arena;
};

/* guard_eval.c: what the node comes to; false: trouble. */
bool apl_guard_node_value(const apl_guard *guard, const apl_guard_node *node, const apl_guard_situation *situation, apl_guard_value *out,
    apl_guard_trouble *trouble);
/* Writes what an assignment's right side came to, which is there. */
int apl_guard_write(const apl_writer *writer, uint32_t field, const apl_guard_value *value, aplomb_error *error);

/* guard_list.c: -1, 0, 1: integers and numbers, exactly. */
int apl_guard_order_numbers(const apl_guard_value *x, const apl_guard_value *y);
int64_t apl_guard_count_items(const apl_guard_value *list);
bool apl_guard_list_has(const apl_guard_value *list, uint8_t item_type, const apl_guard_value *wanted);

/* guard_ways.c: marks what can be answered in one go; everything is typed. */
void apl_guard_find_ways(apl_guard *guard);

/* guard_print.c: a finding at a piece of the text. */
void apl_guard_told(const apl_guard *guard, apl_findings *findings, aplomb_severity severity, const char *slug, uint32_t begin,
    const char *format, ...) __attribute__((format(printf, 6, 7)));
#define apl_guard_found(guard, findings, slug, begin, ...) apl_guard_told((guard), (findings), APLOMB_ERROR, (slug), (begin), __VA_ARGS__)
/* What the trouble was, in a sentence. Returns [out]. */
const char *apl_guard_fact(const apl_guard *guard, const apl_guard_trouble *trouble, char *out, size_t size);
/* The node's piece of the text, short enough for a message. */
const char *apl_guard_piece(const apl_guard *guard, const apl_guard_node *node, char *out, size_t size);

#endif
