/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_LOAD_H
#define APL_LUA_LOAD_H

/*
 * The one door of this room for those on its right: the text of a playbook in
 * Lua becomes a program that the engine can step. Nobody else needs a header of
 * this room, and nobody outside it sees lua.h.
 */

#include "base/alloc.h"
#include "base/error.h"
#include "engine/program.h"

typedef struct apl_lua_options {
	const char *path;   /* what findings and journals call the file; copied */
	const char *source; /* the text; copied */
	size_t source_size;
	const aplomb_limits *limits; /* of a turn: instructions and memory count here; copied; NULL: the defaults */
} apl_lua_options;

/*
 * Loads a playbook: runs its file in a sandbox, which makes the declaration,
 * checks all of that, and compiles the chart. Findings, warnings included, are
 * added to [findings], as many as can be found at once.
 *
 * APLOMB_OK: [*out] is the program; ops->free(self) frees it and all it holds.
 * EPLAYBOOK: [findings] holds at least one error, [error] the first of them.
 * ENOMEM: the host's allocator had no memory. [*out] is untouched after failure.
 */
int apl_lua_load(apl_program **out, const apl_alloc *alloc, const apl_lua_options *options, apl_findings *findings, aplomb_error *error);

#endif
