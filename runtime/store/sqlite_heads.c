/* SPDX-License-Identifier: MIT */
/*
 * Decides how is known where each case stands: in memory for all of them, and in
 * the file as pages of packed records. A commit changes heads of cases at
 * random, so not every changed page is written with it: the one that has been
 * dirty longest is, a few with each commit, and the log says from where on no
 * stored page knows it. A restart reads the pages and then the log from there.
 *
 * Those that nobody holds and that have a deadline, or an effect that waits, stand in a heap.
 */
#include <string.h>

#include "base/assert.h"
#include "base/hash.h"
#include "store/sqlite_inside.h"

#define WAYS 4

/* ---- what is due --------------------------------------------------------------- */

aplomb_instant apl_sq_due_of(const apl_sq *store, uint32_t number) {
	const apl_sq_head *head = &store->heads[number];
	const aplomb_instant effect = head->has_effect ? apl_sq_effects_due(store, number) : APLOMB_NEVER;
	return effect < head->due_at ? effect : head->due_at;
}

static bool goes_before(const apl_sq *store, uint32_t a, uint32_t b) {
	const aplomb_instant one = apl_sq_due_of(store, a), other = apl_sq_due_of(store, b);
	/* Those that are due at once come in the order of opening. */
	return one != other ? one < other : a < b;
}

static void put(apl_sq *store, uint32_t index, uint32_t number) {
	store->due[index] = number;
	store->heads[number].position = index + 1;
}

static void rise(apl_sq *store, uint32_t index, uint32_t number) {
	while (index > 0) {
		uint32_t parent = (index - 1) / WAYS;
		if (!goes_before(store, number, store->due[parent])) break;
		put(store, index, store->due[parent]);
		index = parent;
	}
	put(store, index, number);
}

static void sink(apl_sq *store, uint32_t index, uint32_t number) {
	for (;;) {
		uint64_t first = (uint64_t)index * WAYS + 1, end = first + WAYS < store->n_due ? first + WAYS : store->n_due;
		if (first >= store->n_due) break;
		uint32_t least = (uint32_t)first;
		for (uint32_t child = least + 1; child < end; child++) {
			if (goes_before(store, store->due[child], store->due[least])) least = child;
		}
		if (!goes_before(store, store->due[least], number)) break;
		put(store, index, store->due[least]);
		index = least;
	}
	put(store, index, number);
}

void apl_sq_due_add(apl_sq *store, uint32_t number) {
	if (store->heads[number].position != 0 || apl_sq_due_of(store, number) == APLOMB_NEVER) return;
	APL_ASSERT(store->n_due < store->due_capacity);
	rise(store, store->n_due++, number);
}

void apl_sq_due_remove(apl_sq *store, uint32_t number) {
	if (store->heads[number].position == 0) return;
	uint32_t index = store->heads[number].position - 1, last = store->due[--store->n_due];
	store->heads[number].position = 0;
	if (last == number) return;
	if (index > 0 && goes_before(store, last, store->due[(index - 1) / WAYS]))
		rise(store, index, last);
	else
		sink(store, index, last);
}

/* ---- room ------------------------------------------------------------------------- */

static bool grow_to(const apl_alloc *alloc, void **items, uint32_t count, uint32_t *capacity, size_t size) {
	if (*capacity >= count) return true;
	/* By an eighth: of a million cases twice as much would be more than all else. */
	uint64_t wanted = *capacity < 64 ? 64 : *capacity;
	while (wanted < count) wanted += wanted / 8;
	if (wanted > UINT32_MAX) wanted = UINT32_MAX;
	void *more = apl_resize(alloc, *items, *capacity * size, wanted * size);
	if (more == NULL) return false;
	memset((char *)more + *capacity * size, 0, (wanted - *capacity) * size);
	*items = more;
	*capacity = (uint32_t)wanted;
	return true;
}

static uint32_t pages_of(uint32_t n_heads) {
	return (n_heads + APL_SQ_HEADS_OF_PAGE - 1) / APL_SQ_HEADS_OF_PAGE;
}

/* The ring is laid out anew when it grows. */
static bool grow_ring(apl_sq *store, uint32_t pages) {
	if (store->ring_capacity >= pages) return true;
	uint32_t wanted = store->ring_capacity < 16 ? 16 : store->ring_capacity;
	while (wanted < pages) wanted *= 2;
	uint32_t *ring = apl_new(&store->alloc, wanted * sizeof *ring);
	if (ring == NULL) return false;
	for (uint32_t i = 0; i < store->n_dirty; i++) ring[i] = store->dirty[(store->ring_first + i) % store->ring_capacity];
	apl_free(&store->alloc, store->dirty, store->ring_capacity * sizeof *ring);
	store->dirty = ring;
	store->ring_capacity = wanted;
	store->ring_first = 0;
	return true;
}

bool apl_sq_heads_reserve(apl_sq *store, uint32_t count) {
	const apl_alloc *alloc = &store->alloc;
	uint32_t pages = pages_of(count);
	return grow_to(alloc, (void **)&store->heads, count, &store->heads_capacity, sizeof *store->heads) &&
	       grow_to(alloc, (void **)&store->due, count, &store->due_capacity, sizeof *store->due) &&
	       grow_to(alloc, (void **)&store->dirty_since, pages, &store->dirty_capacity, sizeof *store->dirty_since) &&
	       grow_ring(store, pages);
}

void apl_sq_heads_dispose(apl_sq *store) {
	const apl_alloc *alloc = &store->alloc;
	apl_free(alloc, store->heads, store->heads_capacity * sizeof *store->heads);
	apl_free(alloc, store->due, store->due_capacity * sizeof *store->due);
	apl_free(alloc, store->dirty_since, store->dirty_capacity * sizeof *store->dirty_since);
	apl_free(alloc, store->dirty, store->ring_capacity * sizeof *store->dirty);
}

/* ---- pages ------------------------------------------------------------------------- */

/* line, snapshot, deadline, status and seven bytes for later. */
static void pack(const apl_sq *store, uint32_t page, uint8_t bytes[APL_SQ_HEADS_PAGE]) {
	memset(bytes, 0, APL_SQ_HEADS_PAGE);
	for (uint32_t i = 0; i < APL_SQ_HEADS_OF_PAGE; i++) {
		uint32_t number = page * APL_SQ_HEADS_OF_PAGE + i;
		if (number >= store->n_heads) break;
		const apl_sq_head *head = &store->heads[number];
		uint8_t *to = bytes + 8 + i * APL_SQ_HEAD_BYTES;
		apl_sq_put_fixed(to, head->line, 8);
		apl_sq_put_fixed(to + 8, head->snapshot, 8);
		apl_sq_put_fixed(to + 16, (uint64_t)head->due_at, 8);
		to[24] = head->status;
	}
	apl_sq_put_fixed(bytes, apl_hash64(bytes + 8, APL_SQ_HEADS_PAGE - 8), 8);
}

bool apl_sq_heads_page_is_sound(const uint8_t *bytes, int size) {
	return size == (int)APL_SQ_HEADS_PAGE && apl_sq_get_fixed(bytes, 8) == apl_hash64(bytes + 8, APL_SQ_HEADS_PAGE - 8);
}

static int unpack(apl_sq *store, uint32_t page, const uint8_t *bytes, int size, aplomb_error *error) {
	if (!apl_sq_heads_page_is_sound(bytes, size)) return apl_sq_damaged(store, error, "page %u of heads is not what was written", page);
	for (uint32_t i = 0; i < APL_SQ_HEADS_OF_PAGE; i++) {
		uint32_t number = page * APL_SQ_HEADS_OF_PAGE + i;
		if (number >= store->n_heads) break;
		const uint8_t *from = bytes + 8 + i * APL_SQ_HEAD_BYTES;
		store->heads[number] = (apl_sq_head){.line = apl_sq_get_fixed(from, 8),
		    .snapshot = apl_sq_get_fixed(from + 8, 8),
		    .due_at = (aplomb_instant)apl_sq_get_fixed(from + 16, 8),
		    .status = from[24],
		    .seq = APL_SQ_UNREAD};
	}
	return APLOMB_OK;
}

void apl_sq_dirty(apl_sq *store, uint32_t number, uint64_t row) {
	uint32_t page = number / APL_SQ_HEADS_OF_PAGE;
	if (store->dirty_since[page] != 0) return;
	store->dirty_since[page] = row;
	store->dirty[(store->ring_first + store->n_dirty++) % store->ring_capacity] = page;
}

static uint32_t dirty_at(const apl_sq *store, uint32_t n) {
	return store->dirty[(store->ring_first + n) % store->ring_capacity];
}

int apl_sq_heads_write(apl_sq *store, uint32_t most, aplomb_error *error) {
	uint8_t bytes[APL_SQ_HEADS_PAGE];
	sqlite3_stmt *put_page = store->statements[APL_SQ_PUT_PAGE];
	for (uint32_t i = 0; i < most && i < store->n_dirty; i++) {
		pack(store, dirty_at(store, i), bytes);
		sqlite3_bind_int64(put_page, 1, dirty_at(store, i));
		sqlite3_bind_blob(put_page, 2, bytes, sizeof bytes, SQLITE_STATIC);
		int code = apl_sq_run(store, APL_SQ_PUT_PAGE);
		if (code != SQLITE_OK) return apl_sq_fail(store, code, "write a page of heads", error);
	}
	return APLOMB_OK;
}

/* Where a restart has to begin when the first so many dirty pages are written. */
uint64_t apl_sq_tail_after(const apl_sq *store, uint32_t n_written) {
	return n_written < store->n_dirty ? store->dirty_since[dirty_at(store, n_written)] : store->first_row;
}

void apl_sq_heads_written(apl_sq *store, uint32_t n_written) {
	for (uint32_t i = 0; i < n_written && store->n_dirty > 0; i++) {
		store->dirty_since[dirty_at(store, 0)] = 0;
		store->ring_first = (store->ring_first + 1) % store->ring_capacity;
		store->n_dirty--;
	}
}

/* ---- a restart ------------------------------------------------------------------------ */

static int read_pages(apl_sq *store, aplomb_error *error) {
	sqlite3_stmt *pages;
	int code = sqlite3_prepare_v2(store->db, "SELECT page, bytes FROM heads ORDER BY page", -1, &pages, NULL), answer = APLOMB_OK;
	while (code == SQLITE_OK && !answer && (code = sqlite3_step(pages)) == SQLITE_ROW) {
		sqlite3_int64 page = sqlite3_column_int64(pages, 0);
		code = SQLITE_OK;
		if (page < 0 || page >= pages_of(store->n_heads)) {
			answer = apl_sq_damaged(store, error, "there is a page %lld of heads, and no case that could stand in it", (long long)page);
		} else {
			int size = sqlite3_column_bytes(pages, 1);
			answer = unpack(store, (uint32_t)page, sqlite3_column_blob(pages, 1), size, error);
		}
	}
	if (!answer && code != SQLITE_DONE && code != SQLITE_OK) answer = apl_sq_fail(store, code, "read the heads", error);
	sqlite3_finalize(pages);
	return answer;
}

/* What an entry of the tail says of its case. */
static int note(apl_sq *store, apl_sq_place place, const apl_sq_entry *entry, aplomb_error *error) {
	if (entry->number >= store->n_heads)
		return apl_sq_damaged(store, error, "row %llu of the log tells of case number %u, which is none",
		    (unsigned long long)(place / APL_SQ_PAGE), entry->number);
	if (entry->kind == APL_SQ_EFFECT || entry->kind == APL_SQ_OVER) return apl_sq_effect_note(store, place, entry, error);
	apl_sq_head *head = &store->heads[entry->number];
	if (!store->reads_only) apl_sq_dirty(store, entry->number, place / APL_SQ_PAGE);
	switch (entry->kind) {
	case APL_SQ_LINE:
		head->line = place;
		head->seq = entry->seq;
		break;
	case APL_SQ_SNAPSHOT:
		head->snapshot = place;
		if (head->line == 0) head->seq = entry->seq;
		break;
	case APL_SQ_HEAD:
		head->due_at = entry->due_at;
		head->status = entry->status;
		break;
	case APL_SQ_EFFECT:
	case APL_SQ_OVER: break;
	}
	return APLOMB_OK;
}

static int read_tail(apl_sq *store, aplomb_error *error) {
	apl_sq_cursor cursor;
	uint64_t end;
	for (uint64_t row = store->tail_from; row < store->next_row; row = end) {
		int code = apl_sq_commit_at(store, row, &cursor, &end, error);
		if (code) return code;
		for (;;) {
			apl_sq_entry entry;
			apl_sq_place place;
			bool is_there;
			code = apl_sq_entry_next(&cursor, end, &place, &entry, &is_there, error);
			if (!code && !is_there) break;
			if (!code) code = note(store, place, &entry, error);
			if (!code) code = apl_sq_body_read(&cursor, entry.size, NULL, error);
			if (code) return code;
		}
	}
	return APLOMB_OK;
}

int apl_sq_heads_load(apl_sq *store, aplomb_error *error) {
	if (!apl_sq_heads_reserve(store, store->n_heads)) return apl_fail_memory(error);
	for (uint32_t i = 0; i < store->n_heads; i++) store->heads[i] = (apl_sq_head){.due_at = APLOMB_NEVER, .seq = APL_SQ_UNREAD};
	int code = read_pages(store, error);
	if (!code) code = read_tail(store, error);
	if (code) return code;
	apl_sq_effects_in_heads(store);
	/* All at once costs less than one by one. */
	for (uint32_t i = 0; i < store->n_heads; i++) {
		if (store->heads[i].line == 0 && store->heads[i].snapshot == 0)
			return apl_sq_damaged(store, error, "case number %u has neither a line nor a snapshot", i);
		if (apl_sq_due_of(store, i) == APLOMB_NEVER) continue;
		store->due[store->n_due] = i;
		store->heads[i].position = ++store->n_due;
	}
	for (uint32_t i = store->n_due / WAYS + 1; i-- > 0;) {
		if (i < store->n_due) sink(store, i, store->due[i]);
	}
	return APLOMB_OK;
}

int apl_sq_seq_of(apl_sq *store, uint32_t number, aplomb_error *error) {
	apl_sq_head *head = &store->heads[number];
	if (head->seq != APL_SQ_UNREAD) return APLOMB_OK;
	apl_sq_cursor cursor;
	apl_sq_entry entry;
	int code = head->line != 0 ? apl_sq_entry_at(store, head->line, APL_SQ_LINE, number, &cursor, &entry, error)
	                           : apl_sq_entry_at(store, head->snapshot, APL_SQ_SNAPSHOT, number, &cursor, &entry, error);
	if (code) return code;
	head->seq = entry.seq;
	return APLOMB_OK;
}
