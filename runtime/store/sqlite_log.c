/* SPDX-License-Identifier: MIT */
/*
 * Decides how entries lie in the log. A commit's entries are one stream of
 * bytes, cut into chunks that fill the leaves of SQLite's tree; each entry
 * says how far back its case's entry before lies, so a case's history is found from its newest
 * place and nothing is written that is ordered by anything else than time.
 *
 *   line       1, case, seq, back, size, bytes
 *   snapshot   2, case, seq, back (its newest line), before, jump, index, size, bytes
 *   head       3, case, deadline (8 bytes), status (1 byte)
 *   effect     4, case, seq, item, due (8 bytes), size, bytes
 *   over       5, case, seq, item
 *
 * Numbers have seven bits a byte, the lowest first; distances count from the
 * entry's own place, and 0 says that there is none. The n-th snapshot of a case jumps to the one whose number is n
 * without its lowest bit: with that and the one before, any is found in few steps.
 */
#include <string.h>

#include "base/hash.h"
#include "store/sqlite_inside.h"

/* ---- writing ---------------------------------------------------------------- */

static uint32_t number_size(uint64_t number) {
	uint32_t size = 1;
	while (number >= 128) {
		number >>= 7;
		size++;
	}
	return size;
}

/* What a chunk of that size takes of a leaf of SQLite's tree: a pointer, the sizes of the payload and of the row's id, and the payload. */
static uint32_t leaf_size(uint32_t chunk, uint64_t row) {
	uint32_t payload = chunk + 2 + number_size(12 + 2 * (uint64_t)chunk);
	return 2 + number_size(payload) + number_size(row) + payload;
}

/* Room for entries in the first chunk of the commit that begins now: what is left of the last leaf, if that is worth a chunk. */
void apl_sq_room_begin(apl_sq *store) {
	const uint32_t around = leaf_size(APL_SQ_CHUNK, store->next_row) - APL_SQ_CHUNK, least = 512;
	uint32_t chunk = store->page_left >= around + least ? store->page_left - around : APL_SQ_CHUNK;
	if (chunk > APL_SQ_CHUNK) chunk = APL_SQ_CHUNK;
	store->first_row = store->next_row;
	store->first_room = chunk - APL_SQ_CHUNK_HEAD;
}

apl_sq_place apl_sq_place_of(const apl_sq *store, size_t offset) {
	const size_t room = APL_SQ_CHUNK - APL_SQ_CHUNK_HEAD;
	if (offset < store->first_room) return store->first_row * APL_SQ_PAGE + APL_SQ_CHUNK_HEAD + offset;
	offset -= store->first_room;
	return (store->first_row + 1 + offset / room) * APL_SQ_PAGE + APL_SQ_CHUNK_HEAD + offset % room;
}

void apl_sq_put_number(apl_buf *out, uint64_t number) {
	while (number >= 128) {
		apl_buf_byte(out, (char)(number | 128));
		number >>= 7;
	}
	apl_buf_byte(out, (char)number);
}

uint32_t apl_sq_n_chunks(const apl_sq *store) {
	const size_t room = APL_SQ_CHUNK - APL_SQ_CHUNK_HEAD;
	if (store->stream.size <= store->first_room) return 1;
	return 1 + (uint32_t)((store->stream.size - store->first_room + room - 1) / room);
}

int apl_sq_log_write(apl_sq *store, aplomb_instant now, uint64_t tail_from, aplomb_error *error) {
	uint8_t chunk[APL_SQ_CHUNK];
	const uint32_t n_chunks = apl_sq_n_chunks(store);
	sqlite3_stmt *append = store->statements[APL_SQ_APPEND];
	size_t done = 0;
	for (uint32_t i = 0; i < n_chunks; i++) {
		size_t room = i == 0 ? store->first_room : APL_SQ_CHUNK - APL_SQ_CHUNK_HEAD, left = store->stream.size - done;
		uint32_t size = (uint32_t)(left < room ? left : room);
		apl_sq_put_fixed(chunk + 8, tail_from, 8);
		apl_sq_put_fixed(chunk + 16, (uint64_t)now, 8);
		apl_sq_put_fixed(chunk + 24, store->commits + 1, 8);
		apl_sq_put_fixed(chunk + 32, i, 4);
		apl_sq_put_fixed(chunk + 36, n_chunks, 4);
		if (size > 0) memcpy(chunk + APL_SQ_CHUNK_HEAD, store->stream.bytes + done, size);
		done += size;
		size += APL_SQ_CHUNK_HEAD;
		apl_sq_put_fixed(chunk, apl_hash64(chunk + 8, size - 8), 8);
		sqlite3_bind_int64(append, 1, (sqlite3_int64)(store->first_row + i));
		sqlite3_bind_blob(append, 2, chunk, (int)size, SQLITE_STATIC);
		int code = apl_sq_run(store, APL_SQ_APPEND);
		if (code == SQLITE_CONSTRAINT)
			return apl_fail(error, APLOMB_ESTORE, "store-conflict",
			    "%s: row %llu of the log is there already: somebody else writes this store", store->path,
			    (unsigned long long)store->first_row + i);
		if (code != SQLITE_OK) return apl_sq_fail(store, code, "append to the log", error);
		uint32_t taken = leaf_size(size, store->first_row + i), leaf = APL_SQ_PAGE - 8;
		store->page_left = i == 0 && taken <= store->page_left ? store->page_left - taken : leaf > taken ? leaf - taken : 0;
	}
	return APLOMB_OK;
}

/* ---- reading ------------------------------------------------------------------- */

static int fail_row(const apl_sq *store, uint64_t row, const char *what, aplomb_error *error) {
	return apl_sq_damaged(store, error, "row %llu of the log %s", (unsigned long long)row, what);
}

static int read_row(apl_sq *store, uint64_t row, apl_sq_row **out, aplomb_error *error) {
	apl_sq_row *kept = &store->rows[row % APL_SQ_ROWS];
	*out = kept;
	if (kept->row == row) return APLOMB_OK;
	sqlite3_stmt *find = store->statements[APL_SQ_ROW];
	sqlite3_bind_int64(find, 1, (sqlite3_int64)row);
	int code = sqlite3_step(find), answer = APLOMB_OK;
	kept->row = 0;
	if (code == SQLITE_ROW) {
		int size = sqlite3_column_bytes(find, 0);
		const void *bytes = sqlite3_column_blob(find, 0);
		if (size < (int)APL_SQ_CHUNK_HEAD || size > (int)APL_SQ_CHUNK) {
			answer = fail_row(store, row, "has a size that no chunk has", error);
		} else {
			memcpy(kept->bytes, bytes, (size_t)size);
			kept->size = (uint32_t)size;
			if (apl_sq_get_fixed(kept->bytes, 8) != apl_hash64(kept->bytes + 8, kept->size - 8)) {
				answer = fail_row(store, row, "is not what was written: its checksum is another one", error);
			} else {
				kept->row = row;
			}
		}
	} else if (code == SQLITE_DONE) {
		answer = fail_row(store, row, "is missing", error);
	} else {
		answer = apl_sq_fail(store, code, "read the log", error);
	}
	sqlite3_reset(find);
	return answer;
}

static int move_to(apl_sq_cursor *cursor, uint64_t row, uint32_t offset, aplomb_error *error) {
	apl_sq_row *kept;
	int code = read_row(cursor->store, row, &kept, error);
	if (code) return code;
	cursor->row = row;
	cursor->offset = offset;
	cursor->size = kept->size;
	cursor->bytes = kept->bytes;
	return APLOMB_OK;
}

int apl_sq_cursor_at(apl_sq *store, apl_sq_place place, apl_sq_cursor *out, aplomb_error *error) {
	*out = (apl_sq_cursor){.store = store};
	const uint64_t row = place / APL_SQ_PAGE;
	int code = move_to(out, row, (uint32_t)(place % APL_SQ_PAGE), error);
	if (code) return code;
	if (out->offset < APL_SQ_CHUNK_HEAD || out->offset > out->size)
		return fail_row(store, row, "has nothing where an entry should be", error);
	return APLOMB_OK;
}

apl_sq_chunk apl_sq_chunk_of(const apl_sq_cursor *cursor) {
	const uint8_t *bytes = cursor->bytes;
	return (apl_sq_chunk){.tail_from = apl_sq_get_fixed(bytes + 8, 8),
	    .now = (aplomb_instant)apl_sq_get_fixed(bytes + 16, 8),
	    .commit = apl_sq_get_fixed(bytes + 24, 8),
	    .nth = (uint32_t)apl_sq_get_fixed(bytes + 32, 4),
	    .of = (uint32_t)apl_sq_get_fixed(bytes + 36, 4)};
}

int apl_sq_commit_at(apl_sq *store, uint64_t row, apl_sq_cursor *out, uint64_t *end, aplomb_error *error) {
	int code = apl_sq_cursor_at(store, row * APL_SQ_PAGE + APL_SQ_CHUNK_HEAD, out, error);
	if (code) return code;
	const apl_sq_chunk chunk = apl_sq_chunk_of(out);
	*end = row + chunk.of;
	return chunk.of > 0 && *end <= store->next_row ? APLOMB_OK : fail_row(store, row, "begins a commit that does not end", error);
}

int apl_sq_entry_next(apl_sq_cursor *cursor, uint64_t end, apl_sq_place *place, apl_sq_entry *out, bool *is_there, aplomb_error *error) {
	*is_there = false;
	while (cursor->offset == cursor->size) {
		if (cursor->row + 1 >= end) return APLOMB_OK;
		int code = move_to(cursor, cursor->row + 1, APL_SQ_CHUNK_HEAD, error);
		if (code) return code;
	}
	*is_there = true;
	*place = cursor->row * APL_SQ_PAGE + cursor->offset;
	return apl_sq_entry_read(cursor, out, error);
}

/* An entry goes on, at most to the end of its commit: what a damaged size says is not read into memory. */
static int go_on(apl_sq_cursor *cursor, aplomb_error *error) {
	const apl_sq_chunk here = apl_sq_chunk_of(cursor);
	if ((uint64_t)here.nth + 1 >= here.of) return fail_row(cursor->store, cursor->row, "ends in the midst of an entry", error);
	int code = move_to(cursor, cursor->row + 1, APL_SQ_CHUNK_HEAD, error);
	if (code) return code;
	const apl_sq_chunk next = apl_sq_chunk_of(cursor);
	if (next.commit != here.commit || next.nth != here.nth + 1 || cursor->size == APL_SQ_CHUNK_HEAD)
		return fail_row(cursor->store, cursor->row, "does not go on with the entry that the one before it breaks off", error);
	return APLOMB_OK;
}

static int read_byte(apl_sq_cursor *cursor, uint8_t *out, aplomb_error *error) {
	if (cursor->offset == cursor->size) {
		int code = go_on(cursor, error);
		if (code) return code;
	}
	*out = cursor->bytes[cursor->offset++];
	return APLOMB_OK;
}

static int read_number(apl_sq_cursor *cursor, uint64_t *out, aplomb_error *error) {
	uint64_t number = 0;
	for (uint32_t shift = 0; shift < 64; shift += 7) {
		uint8_t byte = 0;
		int code = read_byte(cursor, &byte, error);
		if (code) return code;
		number |= (uint64_t)(byte & 127) << shift;
		if (byte < 128) {
			*out = number;
			return APLOMB_OK;
		}
	}
	return fail_row(cursor->store, cursor->row, "holds a number that does not end", error);
}

static int read_instant(apl_sq_cursor *cursor, aplomb_instant *out, aplomb_error *error) {
	uint64_t bits = 0;
	for (uint32_t i = 0; i < 8; i++) {
		uint8_t byte = 0;
		int code = read_byte(cursor, &byte, error);
		if (code) return code;
		bits |= (uint64_t)byte << (8 * i);
	}
	*out = (aplomb_instant)bits;
	return APLOMB_OK;
}

static int read_back(apl_sq_cursor *cursor, apl_sq_place here, apl_sq_place *out, aplomb_error *error) {
	uint64_t distance = 0;
	int code = read_number(cursor, &distance, error);
	if (code) return code;
	if (distance > here) return fail_row(cursor->store, cursor->row, "points before the log's beginning", error);
	*out = distance == 0 ? 0 : here - distance;
	return APLOMB_OK;
}

int apl_sq_entry_read(apl_sq_cursor *cursor, apl_sq_entry *out, aplomb_error *error) {
	uint8_t kind = 0;
	uint64_t number = 0;
	*out = (apl_sq_entry){.number = 0};
	int code = read_byte(cursor, &kind, error);
	/* Where it begins: a chunk's last entry may have ended with the chunk. */
	const apl_sq_place here = cursor->row * APL_SQ_PAGE + cursor->offset - 1;
	if (!code && (kind < APL_SQ_LINE || kind > APL_SQ_OVER))
		code = fail_row(cursor->store, cursor->row, "holds an entry of no kind", error);
	if (!code) code = read_number(cursor, &number, error);
	if (code) return code;
	if (number >= UINT32_MAX) return fail_row(cursor->store, cursor->row, "names a case that cannot be", error);
	out->kind = (apl_sq_kind)kind;
	out->number = (uint32_t)number;
	if (out->kind == APL_SQ_HEAD) {
		code = read_instant(cursor, &out->due_at, error);
		return code ? code : read_byte(cursor, &out->status, error);
	}
	code = read_number(cursor, &out->seq, error);
	if (out->kind == APL_SQ_EFFECT || out->kind == APL_SQ_OVER) {
		uint64_t item = 0;
		if (!code) code = read_number(cursor, &item, error);
		out->item = (uint32_t)item;
		if (!code && item > UINT32_MAX) return fail_row(cursor->store, cursor->row, "names an effect that cannot be", error);
		if (out->kind == APL_SQ_OVER) return code;
		if (!code) code = read_instant(cursor, &out->due_at, error);
		return code ? code : read_number(cursor, &out->size, error);
	}
	if (!code) code = read_back(cursor, here, &out->back, error);
	if (!code && out->kind == APL_SQ_SNAPSHOT) {
		code = read_back(cursor, here, &out->snapshot, error);
		if (!code) code = read_back(cursor, here, &out->jump, error);
		if (!code) code = read_number(cursor, &out->index, error);
	}
	return code ? code : read_number(cursor, &out->size, error);
}

int apl_sq_body_read(apl_sq_cursor *cursor, uint64_t size, apl_buf *out, aplomb_error *error) {
	if (out != NULL) apl_buf_clear(out);
	while (size > 0) {
		if (cursor->offset == cursor->size) {
			int code = go_on(cursor, error);
			if (code) return code;
		}
		uint32_t here = cursor->size - cursor->offset;
		if (here > size) here = (uint32_t)size;
		if (out != NULL) apl_buf_add(out, cursor->bytes + cursor->offset, here);
		cursor->offset += here;
		size -= here;
	}
	return out != NULL && out->failed ? apl_fail_memory(error) : APLOMB_OK;
}

int apl_sq_entry_at(
    apl_sq *store, apl_sq_place place, apl_sq_kind kind, uint32_t number, apl_sq_cursor *cursor, apl_sq_entry *out, aplomb_error *error) {
	int code = apl_sq_cursor_at(store, place, cursor, error);
	if (!code) code = apl_sq_entry_read(cursor, out, error);
	if (code) return code;
	if (out->kind != kind || out->number != number)
		return apl_sq_damaged(store, error, "row %llu of the log, byte %u, holds another entry than the one that is looked for",
		    (unsigned long long)(place / APL_SQ_PAGE), (unsigned)(place % APL_SQ_PAGE));
	return APLOMB_OK;
}
