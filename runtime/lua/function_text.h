/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_FUNCTION_TEXT_H
#define APL_LUA_FUNCTION_TEXT_H

/*
 * A function of a loaded playbook as the text that it was written as, and the
 * values of the variables outside of it: for rooms to the right that carry a
 * playbook somewhere else. A function is held by a number until it is released;
 * whoever holds several releases the last one first. Nothing here raises.
 */

#include "engine/program.h"

typedef struct apl_lua apl_lua;

/* The host behind a program that is written in Lua; NULL: it is another one. */
apl_lua *apl_lua_of_program(const apl_program *program);

typedef struct apl_function_text {
	const char *file;  /* as findings call it */
	const char *bytes; /* from "(" before the parameters to the end's "end"; the file's */
	size_t size;
	uint32_t line, column; /* of "function" */
	bool has_file;
} apl_function_text;

typedef enum apl_found_text { APL_TEXT_FOUND, APL_TEXT_NOT_THERE, APL_TEXT_AMBIGUOUS } apl_found_text;

typedef enum apl_told_kind {
	APL_TOLD_FUNCTIONS,
	APL_TOLD_FROM_DATA,
	APL_TOLD_FROM_PARAMS,
	APL_TOLD_EXPRESSION,
	APL_TOLD_IN_STATE
} apl_told_kind;

/* What a handler is made of. */
typedef struct apl_handler_told {
	apl_told_kind kind;
	uint32_t first;              /* the first of its functions; of FROM_… the field; of IN_STATE the state */
	uint32_t count;              /* of functions; otherwise 0 */
	const apl_guard *expression; /* of EXPRESSION */
	const char *role;            /* the field or word that it stands behind, or NULL */
} apl_handler_told;
apl_handler_told apl_lua_handler_told(const apl_lua *host, int32_t handler);

/* Functions are numbered from 0. */
uint32_t apl_lua_functions(const apl_lua *host);
/* The text that it is; NULL: it is a function. */
const apl_guard *apl_lua_function_guard(const apl_lua *host, uint32_t function);
apl_place apl_lua_function_place(const apl_lua *host, uint32_t function);
/* What an imported chart's final tells its parent's done event; false: nothing. */
bool apl_lua_done_function(const apl_lua *host, uint32_t state, uint32_t *function);
/* Has the playbook functions, and stands ".name" somewhere in its files? */
bool apl_lua_names_member(const apl_lua *host, const char *name);

/* A function that is no text. 0: no memory. */
int apl_lua_hold(apl_lua *host, uint32_t function);
void apl_lua_release(apl_lua *host, int held);

/* [role]: the word or field that it stands behind, or NULL. AMBIGUOUS: several begin in its line, and nothing tells them apart. */
apl_found_text apl_lua_held_text(apl_lua *host, int held, const char *role, apl_function_text *out);

typedef enum apl_upvalue {
	APL_UPVALUE_NONE,     /* there is no such variable: the name is one of the library, or a chart's own */
	APL_UPVALUE_VALUE,    /* nil, a truth, a number, a text: [out] has it as Lua reads it */
	APL_UPVALUE_FUNCTION, /* [*function] holds it */
	APL_UPVALUE_MODULE,   /* [out] is the module's name */
	APL_UPVALUE_OTHER
} apl_upvalue;
apl_upvalue apl_lua_held_upvalue(apl_lua *host, int held, const char *name, size_t size, apl_buf *out, int *function);

#endif
