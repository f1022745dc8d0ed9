/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_USES_H
#define APL_LUA_USES_H

/* Declarations that nothing uses. */

#include "lua/host.h"

/*
 * For a playbook that has loaded. Notes (unused-effect, unused-event) for what its own
 * file declares and no text of any file names. false: no memory.
 */
bool apl_lua_check_uses(apl_lua *host, apl_findings *findings);

#endif
