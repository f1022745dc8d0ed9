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
	size_t held;        /* bytes Lua holds */
	size_t limit;       /* most it may hold */
	size_t text_bytes;  /* of long strings made since the owner last looked: copying costs, and the owner charges for it */
	bool met_limit;     /* a request was refused because of the limit … */
	bool met_no_memory; /* … or because the host had no memory, since the owner last cleared these */
} apl_pool;

void apl_pool_init(apl_pool *pool, const apl_alloc *alloc, size_t limit);
/* After lua_close. */
void apl_pool_dispose(apl_pool *pool);
/* A lua_Alloc; [payload] is the pool. */
void *apl_pool_alloc(void *payload, void *block, size_t old_size, size_t new_size);

#endif
