/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_SOURCE_H
#define APL_LUA_SOURCE_H

/* A playbook's text before Lua sees it. */

#include "base/error.h"

/* A longer file is refused. */
#define APL_SOURCE_MOST ((size_t)1024 * 1024)

/*
 * What Lua is given of [*source]: without a byte order mark, the first line
 * emptied when it begins with "#" (a script's interpreter). Findings: limit-source, bytecode,
 * source-text (not UTF-8), bad-operator (^). false: Lua need not look at it.
 */
bool apl_source_check(const char *file, const char **source, size_t *size, apl_findings *findings);

/* Does this line begin with a text and an opening brace, as `"waiting" {`? */
bool apl_source_forgets_word(const char *source, size_t size, uint32_t line);

#endif
