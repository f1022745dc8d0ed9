/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_WHOLE_H
#define APL_LUA_WHOLE_H

/* The third door of this room for those on its right: is a text of Lua complete? */

#include "base/alloc.h"

/* As an expression or as a statement; or wrong, so that more of it would not help. Without memory it counts as whole. */
bool apl_lua_is_whole(const apl_alloc *alloc, const char *text, size_t size);

#endif
