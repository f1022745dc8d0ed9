/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_LOAD_H
#define APL_LUA_LOAD_H

/*
 * The door of this room for those on its right: the text of a playbook in
 * Lua becomes a program that the engine can step. (Room scxml, which puts such
 * texts together, has two smaller ones: syntax.h and lexer.h.) Nobody outside
 * this room sees lua.h.
 */

#include "base/buf.h"
#include "base/error.h"
#include "engine/program.h"

/* Where a playbook's other files come from: this room touches no file itself. */
typedef struct apl_lua_reader {
	/*
	 * Adds the file of that relative name ("x/y.lua") to [text], and to [shown] what findings call it. ENOTFOUND: there is none.
	 * EIO, with [error]: it cannot be read, or is larger than [most]. ENOMEM.
	 */
	int (*read)(void *self, const char *name, size_t most, apl_buf *text, apl_buf *shown, aplomb_error *error);
	/* Tells the names of files that might be meant, for hints. */
	void (*list)(void *self, void (*tell)(const char *name, void *payload), void *payload);
	void *self;
	/* As [read], but only of the playbook's own folder. NULL: it has none. */
	int (*read_beside)(void *self, const char *name, size_t most, apl_buf *text, apl_buf *shown, aplomb_error *error);
} apl_lua_reader;

typedef struct apl_lua_options {
	const char *path;   /* what findings call the file; journals leave the folder out; copied */
	const char *source; /* the text, or a bundle as an apl_program keeps it, which brings all its files along; copied */
	size_t source_size;
	const aplomb_limits *limits;         /* of a turn: instructions and memory count here; copied; NULL: the defaults */
	const struct apl_lua_reader *reader; /* of the other files, or NULL: there are none; lent for the call */
	bool examine;                        /* look the chart over as well (chart/explore.h): for those who read findings */
	const char *policy;                  /* the text of a policy, or NULL: the file policy.lua beside the playbook, if there is one; lent */
	size_t policy_size;
	const char *policy_path; /* what findings call it */
	const char *params;      /* parameters that stand before the policy's, as a JSON map, or NULL; lent */
	size_t params_size;
	const char *params_path; /* what findings call them */
	const char *places;      /* which place of a document each of [source] came from (origin.h), or NULL; lent */
	size_t places_size;
	const char *document; /* what findings call that document; copied */
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
