/* SPDX-License-Identifier: MIT */
#ifndef APL_DATA_GUARD_TOKEN_H
#define APL_DATA_GUARD_TOKEN_H

/* Private to room data: the words of a guard's text, one after another. */

#include "data/guard_tree.h"
#include "time/shown.h"

typedef enum apl_token_kind {
	APL_TOKEN_END,
	APL_TOKEN_NAME, /* and, or, not, true, false, nil too */
	APL_TOKEN_NUMBER,
	APL_TOKEN_TEXT,
	APL_TOKEN_SIGN, /* an operator or a bracket */
	APL_TOKEN_WRONG /* told already */
} apl_token_kind;

typedef struct apl_token {
	apl_token_kind kind;
	uint32_t begin, end;
	/* The constant of a number or a text. */
	apl_guard_value value;
} apl_token;

typedef struct apl_guard_parser {
	apl_guard *guard;
	apl_findings *findings;
	const char *text;
	uint32_t size;
	uint32_t at;       /* behind [now] */
	uint32_t last_end; /* of the token before [now] */
	apl_token now;
	unsigned depth;
	bool is_wrong;
	bool no_memory;
} apl_guard_parser;

/* Told once: what follows from the first mistake of syntax is no news. */
#define APL_GUARD_WRONG(p, begin, slug, ...)                                                                                               \
	do {                                                                                                                                   \
		if (!(p)->is_wrong && !(p)->no_memory) apl_guard_found((p)->guard, (p)->findings, (slug), (begin), __VA_ARGS__);                   \
		(p)->is_wrong = true;                                                                                                              \
		(p)->now.kind = APL_TOKEN_WRONG;                                                                                                   \
	} while (0)

/* To the next token; none behind a wrong one. */
void apl_token_next(apl_guard_parser *p);
/* Is it this name, keyword or sign? */
bool apl_token_is(const apl_guard_parser *p, const char *word);
/* As a message shows it: "the end" when there is none. */
const char *apl_token_shown(const apl_guard_parser *p, char out[APL_SHOWN]);
/* Is the next byte behind [at], blanks left out, an opening parenthesis? */
bool apl_token_calls(const apl_guard_parser *p, uint32_t at);

#endif
