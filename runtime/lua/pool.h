/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_POOL_H
#define APL_LUA_POOL_H

/*
 * The memory of one Lua state: small blocks from free lists by size, large
 * ones from the host's allocator; every byte counted against a limit.
 */

#include "base/alloc.h"
#include "base/hard.h"

#define APL_POOL_STEP 16u
#define APL_POOL_CLASSES 16u /* the largest small block: 256 bytes */

typedef struct apl_pool {
	apl_alloc alloc;
	void *free_blocks[APL_POOL_CLASSES];
	struct apl_pool_page *pages; /* newest first */
	char *next;                  /* what is left of the newest page */
	char *end;
	size_t held;      /* bytes Lua holds */
	size_t limit;     /* most it may hold */
	size_t new_bytes; /* of large blocks made since the owner last looked: filling them costs, and the owner charges for it */
	/* The longest text and the largest table of names since the owner last cleared these: what is looked through in one instruction. */
	size_t longest_text, largest_names, largest_block;
	size_t most_text, most_names; /* that are granted: bytes of a text, places for names in a table */
	/* The state's stack does not grow once it is pinned: what Lua then asks for has this size, which nothing else has. 0: not pinned. */
	size_t stack_growth;
	bool is_pinning;                /* the next large request is the stack's growth: it is noted, and refused */
	const void *strings;            /* Lua's own table of short texts: when it grows depends on what was there before */
	bool is_opening;                /* that table is being made */
	uint32_t n_refused;             /* requests that were refused because of the limit: each makes Lua collect everything */
	bool met_limit;                 /* a request was refused because of the limit … */
	bool met_no_memory;             /* … or because the host had no memory, … */
	bool met_text;                  /* … or because the text was too long, … */
	bool met_names;                 /* … or because the table had too many names, … */
	bool met_stack;                 /* … or because the stack was full, since the owner last cleared these */
	bool is_touched;                /* a large block was made or changed, or a request refused, since the owner last cleared this */
	void (*refused)(void *payload); /* told of a request that is not granted, before a collection and after it; or NULL */
	void *payload;
} apl_pool;

/* So often may a state with a full pool collect everything before it gets nothing more. */
#define APL_POOL_REFUSALS 16u

void apl_pool_init(apl_pool *pool, const apl_alloc *alloc, size_t limit);
/* After lua_close. */
void apl_pool_dispose(apl_pool *pool);
/* A lua_Alloc; [payload] is the pool. */
void *apl_pool_alloc(void *payload, void *block, size_t old_size, size_t new_size);

#endif
