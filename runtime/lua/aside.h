/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_ASIDE_H
#define APL_LUA_ASIDE_H

/*
 * Lua that is not the playbook's: an expression that somebody asks of a case,
 * a statement that is tried on one. It runs in the playbook's sandbox, within
 * the limits of a step, and sees what a handler sees, and more by name: see
 * aside_world.c. What it leaves behind in Lua is nothing.
 */

#include "lua/host.h"

struct apl_aside {
	apl_lua *host;
	apl_aside_form form;
	apl_arena arena;
	apl_guard *text;    /* it means something as a text of guards or actions, and is that; NULL: it is Lua */
	int reference;      /* otherwise: of its function, in APL_REGISTRY_ASIDES */
	const char *source; /* as Lua is given it: an expression behind a "return" */
	size_t size;
	apl_buf shown, literal, json; /* the last answer */
};

/* aside.c: apl_program_ops */
int apl_lua_read_aside(void *self, apl_aside_form form, const char *text, size_t size, apl_aside **out, aplomb_error *error);
int apl_lua_ask_aside(void *self, apl_turn *turn, apl_aside *aside, aplomb_answer *out, aplomb_error *error);
int apl_lua_run_aside(void *self, apl_turn *turn, apl_aside *aside, aplomb_error *error);
void apl_lua_free_aside(void *self, apl_aside *aside);

/* Calls a C function with (case, [what] as a light userdata), what is kept for it being no part of what a turn may hold. Its results are
 * gone. */
apl_lua_verdict apl_lua_aside_call(apl_lua *host, lua_CFunction function, const void *what);

/* aside_world.c: pushes what asides see by name, made when it is first asked for. [case_index]: where `case` is. raises */
void apl_lua_push_world(lua_State *L, int case_index);
/* A part of it: what the sandbox holds, or modules by the last part of their names; false stands for one that is not offered. raises */
typedef enum apl_world_part { APL_WORLD_SANDBOX = 2, APL_WORLD_MODULES = 3 } apl_world_part;
void apl_lua_push_world_part(lua_State *L, int case_index, apl_world_part part);

/* ---- aside_show.c: values as Lua would write them ---- */

/* Most bytes for people; a literal may have as many as one value of a case. */
enum { APL_ASIDE_MOST_SHOWN = 16 * 1024 };

typedef struct apl_shower {
	apl_buf *out;
	size_t most;
	bool for_people; /* money, spans and instants as playbooks write them; what has no literal is named */
	bool is_cut;     /* there was more */
	bool is_lacking; /* something in it has no literal */
} apl_shower;

/* Appends the value at [index]. raises */
void apl_lua_show(lua_State *L, apl_shower *shower, int index);
/* The same of what a text of guards came to; nothing of it is missing. Does not raise. */
void apl_lua_show_value(apl_shower *shower, const apl_guard_value *value);
/* As canonical JSON: money, spans and instants as journals write them. */
void apl_lua_write_value(apl_buf *out, const apl_guard_value *value);
/* The record that the proxy at [index] stands for; false: it is none, or there is no event. Does not raise. */
bool apl_lua_record_at(lua_State *L, int index, const apl_schema **schema, const uint64_t **words, uint32_t *field);

#endif
