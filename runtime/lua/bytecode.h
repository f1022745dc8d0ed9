/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_BYTECODE_H
#define APL_LUA_BYTECODE_H

/*
 * What the compiled form of a function says about it. A function without
 * loops, calls, closures and concatenation ends after at most as many
 * instructions as it has, so it needs no hook that counts them. A function
 * that assigns to a variable outside of it is not pure (purity.c).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum apl_constant_kind {
	APL_CONSTANT_NIL,
	APL_CONSTANT_FALSE,
	APL_CONSTANT_TRUE,
	APL_CONSTANT_INTEGER,
	APL_CONSTANT_NUMBER,
	APL_CONSTANT_TEXT
} apl_constant_kind;

typedef struct apl_constant {
	apl_constant_kind kind;
	size_t size; /* of a text */
	union {
		int64_t integer;
		double number;
		const char *text; /* in what was read */
	} as;
} apl_constant;

#define APL_BYTECODE_KEPT 128
#define APL_BYTECODE_WRITES 16
#define APL_BYTECODE_NAMES 64

/* An assignment, in the function or in one within it, to a variable outside of it. */
typedef struct apl_upvalue_write {
	uint32_t upvalue; /* of the function itself, from 0 */
	uint32_t line;    /* 0: unknown */
} apl_upvalue_write;

/* A name that the function, or one within it, looks up in or writes to a variable outside: a global, when that is _ENV. */
typedef struct apl_upvalue_name {
	uint32_t upvalue; /* of the function itself, from 0 */
	const char *text; /* in what was read */
	size_t size;
} apl_upvalue_name;

typedef struct apl_bytecode {
	bool is_bounded;
	uint32_t n_instructions; /* of the function itself */
	bool names_time_in;      /* it, or a function within, has the text "time_in" */
	bool names_send;         /* likewise "send", or "ask": it may be woken by what it asked for */
	uint32_t n_writes;       /* the first of them are kept */
	apl_upvalue_write writes[APL_BYTECODE_WRITES];
	uint32_t n_names; /* likewise; each but once */
	apl_upvalue_name names[APL_BYTECODE_NAMES];
	bool has_zeros;  /* a text in it, or in a function within, has a zero byte */
	bool uses_power; /* it, or a function within, has the operator ^ */
	/* Of the function itself, for those who read on (quick.c): */
	bool is_kept; /* code and constants are all here; longer functions are not kept */
	uint8_t n_parameters, n_registers;
	uint32_t n_upvalues;
	uint32_t n_constants;
	uint32_t code[APL_BYTECODE_KEPT];
	apl_constant constants[APL_BYTECODE_KEPT];
} apl_bytecode;

/* Reads what lua_dump wrote (not stripped). false: this is not the format that this file knows. */
bool apl_bytecode_read(const unsigned char *bytes, size_t size, apl_bytecode *out);

#endif
