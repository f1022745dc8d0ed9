/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_QUICK_H
#define APL_LUA_QUICK_H

/*
 * Most handlers are a line or two: compare a field, count one up. Such a
 * function is translated once, at load, from what Lua compiled it to, and then
 * answered over the record in C, at a tenth of what a call into Lua costs.
 *
 * It gives the same as Lua or nothing: whatever is out of the ordinary (a
 * missing field in a sum, a bound that is broken, an event of another shape)
 * makes it take back what it wrote and leave the whole function to Lua, which
 * then says what is wrong and where. docs/quick-functions.md.
 */

#include "lua/bytecode.h"
#include "lua/host.h"

typedef struct apl_quick apl_quick;

/*
 * The translation of a compiled function, in host->arena; NULL when it does
 * more than is understood here, or without memory. The schemas need not be
 * there yet: names are resolved by apl_quick_resolve. [globals]: the upvalue that holds them, where they are variables of the case.
 */
#define APL_NO_UPVALUE UINT32_MAX
apl_quick *apl_quick_translate(apl_lua *host, const apl_bytecode *code, uint32_t globals);

/* All schemas are there: looks names up. false: this function stays with Lua. */
bool apl_quick_resolve(apl_lua *host, apl_quick *quick);

/*
 * APL_PORT_TRUE or _FALSE; APL_QUICK_LEFT: nothing happened, ask Lua. The
 * host knows the event of the moment, and no table of the case's data is out
 * with a function (host->n_touched is 0).
 */
#define APL_QUICK_LEFT 3
int apl_quick_run(apl_lua *host, apl_quick *quick, bool is_guard);

/* Does the running library translate functions as quick.c knows it? raises */
bool apl_quick_is_known(lua_State *L);

/* From now on every function of the program is answered by Lua: for tests that compare. */
void apl_quick_forget(apl_lua *host);

#endif
