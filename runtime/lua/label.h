/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_LABEL_H
#define APL_LUA_LABEL_H

/* What people call a handler: for drawings, reasons and reports. */

#include "lua/host.h"

/*
 * The label of the host's handler (apl_program_ops.label); made when it is first
 * asked for, and kept as long as the program. NULL without memory.
 * Not to be asked by a function that Lua is running.
 */
const char *apl_lua_label_handler(void *self, int32_t number);

/* The line of that place, without what it is indented by, of [*size] bytes; empty when there is none, or no memory. Does not raise. */
const char *apl_lua_line_at(apl_lua *host, apl_place place, size_t *size);

/* Are the two handlers one and the same, whatever the case? In doubt they are not. */
bool apl_lua_same_handler(void *self, int32_t a, int32_t b);

#endif
