/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_PATTERN_H
#define APL_LUA_PATTERN_H

/*
 * Lua's patterns over bytes, with the meaning of Lua 5.4 and its classes in the
 * "C" locale, but with a bound: every byte that is looked at counts, and a
 * search that looked at too many ends. Nothing here allocates or jumps.
 */

#include <stddef.h>
#include <stdint.h>

#define APL_PATTERN_MOST 256u /* bytes of a pattern */
#define APL_PATTERN_CAPTURES 32u

/* In place of a capture's size: it is not closed yet; it is a position, "()". */
#define APL_CAPTURE_OPEN (SIZE_MAX)
#define APL_CAPTURE_POSITION (SIZE_MAX - 1)

typedef struct apl_capture {
	const char *begin;
	size_t size;
} apl_capture;

typedef enum apl_lua_pattern_answer {
	APL_PATTERN_NO,
	APL_PATTERN_YES,
	APL_PATTERN_MALFORMED, /* [mistake] says how */
	APL_PATTERN_TOO_MUCH   /* more steps than there were */
} apl_lua_pattern_answer;

typedef struct apl_lua_pattern {
	const char *text, *text_end;
	const char *begin, *end; /* of the pattern, behind an anchor "^"; at most APL_PATTERN_MOST bytes */
	uint64_t steps;          /* that may still be taken */
	uint32_t n_captures;     /* of the last match */
	apl_capture captures[APL_PATTERN_CAPTURES];
	const char *mistake; /* a sentence; with %d where [mistake_number] stands, if that is not 0 */
	int mistake_number;
} apl_lua_pattern;

/* Does the pattern match from exactly [at] on? [*match_end]: behind what it took. Taken steps are taken from [steps]. */
apl_lua_pattern_answer apl_lua_pattern_match(apl_lua_pattern *pattern, const char *at, const char **match_end);
/* Would the pattern be the same as plain text? */
int apl_lua_pattern_is_plain(const char *pattern, size_t size);
/* Where [piece] stands in [text] first; NULL: nowhere, or the steps were used up, and [*steps] is 0 then. */
const char *apl_lua_pattern_find_plain(const char *text, size_t size, const char *piece, size_t piece_size, uint64_t *steps);

#endif
