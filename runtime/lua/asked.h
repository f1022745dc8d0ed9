/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_ASKED_H
#define APL_LUA_ASKED_H

#include "lua/host.h"
#include "lua/lexer.h"

/*
 * Findings for names in calls on `case` that name nothing: unknown-effect,
 * unknown-event, unknown-counter, unknown-clock, unknown-state. When everything is declared.
 * false without memory. Does not raise.
 */
bool apl_lua_check_asked(apl_lua *host);

#endif
