/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_INVOKED_H
#define APL_LUA_INVOKED_H

/* For room api: what can be said about an invoke when both playbooks are known. */

#include "base/error.h"
#include "engine/program.h"

/* What the invoke of that number gives as a table, against what [child] declares: names, what is required, and, where nothing is looked up,
 * values. Of programs that are not Lua's nothing is said. */
void apl_lua_check_invoke(const apl_program *program, uint32_t invoke, const apl_program *child, apl_findings *findings);

#endif
