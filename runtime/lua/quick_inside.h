/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_QUICK_INSIDE_H
#define APL_LUA_QUICK_INSIDE_H

/*
 * What a translated function is: shared by quick.c, which makes it, and
 * quick_run.c, which answers with it.
 */

#include "lua/quick.h"

/* Texts beyond LONGEST_TEXT are left to Lua: it is charged for copying them (pool.c), and the budget must not depend on who answers. */
enum { MOST_CODE = APL_BYTECODE_KEPT, MOST_REGISTERS = 32, MOST_WRITES = 16, MOST_NAMES = 16, LONGEST_TEXT = 200 };

/* Where a name stands in a step, apl_quick_resolve puts the field. */
typedef enum quick_op {
	Q_MOVE,             /* a := b */
	Q_OBJECT,           /* a is case.data or case.params: nothing to read yet */
	Q_VALUE,            /* a := constant, and on behind the next y steps */
	Q_NIL,              /* a .. a+b := nil */
	Q_DATA,             /* a := data's field (name x) */
	Q_DATA_INTEGER,     /* the same for an integer in word x, there when bit y is set */
	Q_VARIABLE,         /* a := the variable (name x); its kind is byte y of data's words, its slot word x */
	Q_WRITE_VARIABLE,   /* the variable (name x) := b */
	Q_WRITE_VARIABLE_K, /* the variable (name x) := constant */
	Q_PARAMS,           /* a := params' field (name x) */
	Q_EVENT,            /* a := event's member of name x; event y-1 has it in word z with bit w, as the field says */
	Q_WRITE,            /* data's field (name x) := b */
	Q_WRITE_INTEGER,    /* the same for an integer without bounds, in word x with bit y */
	Q_WRITE_K,          /* data's field z (name x) := constant */
	Q_WRITE_INTEGER_K,  /* the same in word x with bit y */
	Q_COUNT,            /* a := data's integer in word x with bit y + constant, and write it there: three steps in one */
	Q_SUM_EVENT,        /* a := data's integer in word x with bit y + event's integer as the step behind has it, and write it there */
	Q_ADD,              /* a := b + c */
	Q_SUBTRACT,         /* a := b - c */
	Q_MULTIPLY,         /* a := b * c */
	Q_ADD_K,            /* a := b + constant */
	Q_SUBTRACT_K,
	Q_MULTIPLY_K,
	Q_NOT,   /* a := not b */
	Q_JUMP,  /* on at x */
	Q_EQUAL, /* (a == b) is c: on at x, else at y */
	Q_LESS,  /* (a < b) */
	Q_LESS_EQUAL,
	Q_EQUAL_K, /* (a == constant) is c */
	Q_LESS_K,
	Q_LESS_EQUAL_K,
	Q_GREATER_K,
	Q_GREATER_EQUAL_K,
	Q_TEST,     /* truth of a is c: on at x, else at y */
	Q_TEST_SET, /* truth of b is c: a := b and on at x, else at y */
	Q_RETURN_NOTHING,
	Q_RETURN /* a */
} quick_op;

/* What a register holds. Truth is everything but nil and false, as in Lua. */
typedef enum value_kind { V_NIL, V_FALSE, V_TRUE, V_INTEGER, V_NUMBER, V_TEXT, V_OBJECT } value_kind;

typedef struct quick_value {
	uint32_t kind;
	uint32_t size; /* of a text */
	union {
		int64_t integer;
		double number;
		const char *text;
	} as;
} quick_value;

typedef struct quick_step {
	uint8_t op, a, b, c;
	uint16_t next;  /* on from here: 1, or more where nothing is to be done */
	bool is_logged; /* a write that may have to be taken back */
	uint32_t x, y, z, w;
	union {
		const quick_value *constant;
		const apl_field *field;
	} of;
} quick_step;

typedef struct quick_name {
	const char *bytes;
	uint32_t size;
} quick_name;

struct apl_quick {
	quick_step *steps;
	uint32_t n_steps;
	uint32_t first;
	quick_value *constants;
	uint32_t n_constants;
	quick_name names[MOST_NAMES];
	uint32_t n_names;
	uint32_t n_writes;
	bool keeps_objects; /* what a register holds is asked for though it may be an object */
};

/* The member of that name when quick answers can read it, or APL_NO_FIELD. */
uint32_t apl_quick_member(const apl_schema *schema, const quick_name *name);

#endif
