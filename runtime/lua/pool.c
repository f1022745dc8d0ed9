/* SPDX-License-Identifier: MIT */
/*
 * Decides where a Lua state's memory comes from. Lua says a block's size when
 * it gives it back, so a small block needs no header: it goes to the list of
 * its size class. Pages are given back when the state is closed, not before.
 *
 * It also sees what no hook of Lua's does: how long the longest text is, how
 * many names the largest table has room for, that the stack wants to grow, that
 * a table is put in order anew, and that Lua collects again and again because
 * nearly all of the memory is in use.
 *
 * Not decided here: what becomes of a playbook that wanted too much (host.c).
 */

#include "lua/pool.h"

#include <string.h>

#include <lua.h>

#include "base/assert.h"

#define PAGE_SIZE ((size_t)16 * 1024)
#define SMALL (APL_POOL_STEP * APL_POOL_CLASSES)
/* Lua's table of short texts, as a new state has it. */
#define FIRST_STRINGS (128 * sizeof(void *))

typedef struct apl_pool_page {
	struct apl_pool_page *older;
	size_t size;
} apl_pool_page;

void apl_pool_init(apl_pool *pool, const apl_alloc *alloc, size_t limit) {
	memset(pool, 0, sizeof *pool);
	pool->alloc = *alloc;
	pool->limit = limit;
	pool->most_text = pool->most_names = SIZE_MAX;
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

static void *refuse(apl_pool *pool) {
	if (pool->refused != NULL) pool->refused(pool->payload);
	return NULL;
}

static void *has_no_memory(apl_pool *pool) {
	pool->met_no_memory = true;
	return refuse(pool);
}

static void *new_small(apl_pool *pool, size_t class_number) {
	size_t size = (class_number + 1) * APL_POOL_STEP;
	if ((size_t)(pool->end - pool->next) < size) {
		apl_pool_page *page = pool->alloc.fn(pool->alloc.payload, NULL, 0, PAGE_SIZE);
		if (page == NULL) {
			return has_no_memory(pool);
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
	if (block == NULL) has_no_memory(pool);
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
		if (moved == NULL) has_no_memory(pool);
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

/* Lua 5.4 keeps the names of a table in a block of a power of two nodes; how many there are in a block of that size, or 0. */
static size_t names_in(size_t size) {
	const size_t node = 24;
	size_t count = size / node;
	return size % node == 0 && (count & (count - 1)) == 0 ? count : 0;
}

/* A large block that is made, not grown. false: it is refused. */
static bool is_new_granted(apl_pool *pool, bool is_text, size_t size) {
	pool->is_touched = true;
	if (__builtin_expect(size == pool->stack_growth || pool->is_pinning, 0)) {
		if (pool->is_pinning) pool->stack_growth = size;
		pool->met_stack = true;
		return false;
	}
	pool->new_bytes += size;
	if (is_text) {
		if (size > pool->longest_text) pool->longest_text = size;
		if (size <= pool->most_text) return true;
		pool->met_text = true;
		return false;
	}
	if (size > pool->largest_block) pool->largest_block = size;
	size_t names = names_in(size);
	if (names > pool->largest_names) pool->largest_names = names;
	if (names <= pool->most_names) return true;
	pool->met_names = true;
	return false;
}

/* A large block that is to change. false: it is refused. */
static bool is_change_granted(apl_pool *pool, const void *block, size_t old_size, size_t new_size) {
	if (block == pool->strings) return true;
	pool->is_touched = true;
	/* A table's items keep their number when it is put in order anew, which goes through all of them. */
	if (old_size == new_size) pool->new_bytes += new_size;
	if (new_size > pool->largest_block) pool->largest_block = new_size;
	if (new_size != pool->stack_growth && !pool->is_pinning) return true;
	if (pool->is_pinning) pool->stack_growth = new_size;
	pool->met_stack = true;
	return false;
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
		pool->n_refused++;
		pool->is_touched = true;
		return refuse(pool);
	}
	/* Once it was full too often, it stays full until the owner clears the count. */
	if (__builtin_expect(pool->n_refused > APL_POOL_REFUSALS, 0) && new_size > was) return refuse(pool);
	void *result;
	if (block == NULL) {
		/* For a new object Lua says in [old_size] what it is. */
		if (new_size > SMALL && !is_new_granted(pool, old_size == LUA_TSTRING, new_size)) return refuse(pool);
		result = take(pool, new_size);
		if (pool->is_opening && new_size == FIRST_STRINGS) pool->strings = result;
	} else {
		if (old_size > SMALL && !is_change_granted(pool, block, old_size, new_size)) return refuse(pool);
		result = resize(pool, block, old_size, new_size);
		if (result != NULL && block == pool->strings) pool->strings = result;
	}
	if (result != NULL) pool->held = pool->held - was + new_size;
	return result;
}
