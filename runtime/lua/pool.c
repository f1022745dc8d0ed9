/* SPDX-License-Identifier: MIT */
/*
 * Decides where a Lua state's memory comes from. Lua says a block's size when
 * it gives it back, so a small block needs no header: it goes to the list of
 * its size class. Pages are given back when the state is closed, not before.
 *
 * Not decided here: what becomes of a playbook that wanted too much (host.c).
 */

#include "lua/pool.h"

#include <string.h>

#include <lua.h>

#include "base/assert.h"

#define PAGE_SIZE ((size_t)16 * 1024)
#define SMALL (APL_POOL_STEP * APL_POOL_CLASSES)

typedef struct apl_pool_page {
	struct apl_pool_page *older;
	size_t size;
} apl_pool_page;

void apl_pool_init(apl_pool *pool, const apl_alloc *alloc, size_t limit) {
	memset(pool, 0, sizeof *pool);
	pool->alloc = *alloc;
	pool->limit = limit;
}

void apl_pool_dispose(apl_pool *pool) {
	APL_ASSERT(pool->held == 0);
	while (pool->pages != NULL) {
		apl_pool_page *page = pool->pages;
		pool->pages = page->older;
		apl_free(&pool->alloc, page, page->size);
	}
	pool->next = pool->end = NULL;
}

static size_t class_of(size_t size) {
	return (size - 1) / APL_POOL_STEP;
}

static void put_small(apl_pool *pool, void *block, size_t class_number) {
	memcpy(block, &pool->free_blocks[class_number], sizeof(void *));
	pool->free_blocks[class_number] = block;
}

/* What is left of a page goes to the lists, so that nothing of it is lost. */
static void use_up_page(apl_pool *pool) {
	size_t left = (size_t)(pool->end - pool->next);
	while (left >= APL_POOL_STEP) {
		size_t size = left < SMALL ? left / APL_POOL_STEP * APL_POOL_STEP : SMALL;
		put_small(pool, pool->next, class_of(size));
		pool->next += size;
		left -= size;
	}
}

static void *new_small(apl_pool *pool, size_t class_number) {
	size_t size = (class_number + 1) * APL_POOL_STEP;
	if ((size_t)(pool->end - pool->next) < size) {
		apl_pool_page *page = pool->alloc.fn(pool->alloc.payload, NULL, 0, PAGE_SIZE);
		if (page == NULL) {
			pool->met_no_memory = true;
			return NULL;
		}
		use_up_page(pool);
		page->older = pool->pages;
		page->size = PAGE_SIZE;
		pool->pages = page;
		pool->next = (char *)page + APL_POOL_STEP;
		pool->end = (char *)page + PAGE_SIZE;
	}
	void *block = pool->next;
	pool->next += size;
	return block;
}

static inline void *take_small(apl_pool *pool, size_t size) {
	size_t class_number = class_of(size);
	void *block = pool->free_blocks[class_number];
	if (block == NULL) return new_small(pool, class_number);
	memcpy(&pool->free_blocks[class_number], block, sizeof(void *));
	return block;
}

static void *take(apl_pool *pool, size_t size) {
	if (size <= SMALL) return take_small(pool, size);
	void *block = pool->alloc.fn(pool->alloc.payload, NULL, 0, size);
	if (block == NULL) pool->met_no_memory = true;
	return block;
}

static void give(apl_pool *pool, void *block, size_t size) {
	if (size <= SMALL)
		put_small(pool, block, class_of(size));
	else
		pool->alloc.fn(pool->alloc.payload, block, size, 0);
}

static void *resize(apl_pool *pool, void *block, size_t old_size, size_t new_size) {
	bool both_small = old_size <= SMALL && new_size <= SMALL;
	if (both_small && class_of(old_size) == class_of(new_size) && !APL_IS_HARD) return block;
	if (old_size > SMALL && new_size > SMALL) {
		void *moved = pool->alloc.fn(pool->alloc.payload, block, old_size, new_size);
		if (moved == NULL) pool->met_no_memory = true;
		return moved;
	}
	void *moved = take(pool, new_size);
	if (moved == NULL) {
		/* A smaller small block: the old one may serve, and later goes to the list of the smaller size. */
		return both_small && new_size < old_size ? block : NULL;
	}
	memcpy(moved, block, old_size < new_size ? old_size : new_size);
	give(pool, block, old_size);
	return moved;
}

void *apl_pool_alloc(void *payload, void *block, size_t old_size, size_t new_size) {
	apl_pool *pool = payload;
	if (new_size == 0) {
		if (block == NULL) return NULL;
		give(pool, block, old_size);
		pool->held -= old_size;
		return NULL;
	}
	size_t was = block == NULL ? 0 : old_size;
	if (new_size > was && new_size - was > pool->limit - (pool->held < pool->limit ? pool->held : pool->limit)) {
		pool->met_limit = true;
		return NULL;
	}
	void *result;
	if (block == NULL) {
		/* For a new object Lua says in [old_size] what it is. */
		if (old_size == LUA_TSTRING && new_size > SMALL) pool->text_bytes += new_size;
		result = take(pool, new_size);
	} else {
		result = resize(pool, block, old_size, new_size);
	}
	if (result != NULL) pool->held = pool->held - was + new_size;
	return result;
}
