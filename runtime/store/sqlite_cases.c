/* SPDX-License-Identifier: MIT */
/*
 * Decides how a case is found and read: by its id in a table that is written when a
 * case opens and never again, then from its head along the places in the log.
 */
#include <string.h>

#include "base/text.h"
#include "store/sqlite_inside.h"

/* ---- lines --------------------------------------------------------------------- */

static int damaged_case(const apl_sq *store, const char *case_id, uint32_t size, uint64_t seq, aplomb_error *error) {
	return apl_sq_damaged(
	    store, error, "case \"%.*s\": entry %llu of the log is not behind the one before it", (int)size, case_id, (unsigned long long)seq);
}

/* The places of its lines from entry [from] on, the newest first. */
static int gather(
    apl_sq *store, const char *case_id, uint32_t case_id_size, uint32_t number, uint64_t from, apl_buf *places, aplomb_error *error) {
	uint64_t expected = 0;
	for (apl_sq_place at = store->heads[number].line; at != 0;) {
		apl_sq_cursor cursor;
		apl_sq_entry entry;
		int code = apl_sq_entry_at(store, at, APL_SQ_LINE, number, &cursor, &entry, error);
		if (code) return code;
		if (places->size > 0 && entry.seq != expected) return damaged_case(store, case_id, case_id_size, entry.seq, error);
		if (entry.seq < from) break;
		apl_buf_add(places, &at, sizeof at);
		if (places->failed) return apl_fail_memory(error);
		at = entry.seq == from ? 0 : entry.back;
		expected = entry.seq - 1;
	}
	return APLOMB_OK;
}

int apl_sq_read(void *self, const char *case_id, uint32_t case_id_size, uint64_t mark, uint64_t from,
    int (*line)(const char *text, size_t size, void *payload), void *payload, aplomb_error *error) {
	apl_sq *store = self;
	if (mark == 0 || mark > store->n_heads) return APLOMB_OK;
	const uint32_t number = (uint32_t)(mark - 1);
	apl_buf places;
	apl_buf_init(&places, &store->alloc);
	int code = gather(store, case_id, case_id_size, number, from, &places, error);
	for (size_t i = places.size / sizeof(apl_sq_place); i-- > 0 && !code;) {
		apl_sq_place at;
		apl_sq_cursor cursor;
		apl_sq_entry entry;
		memcpy(&at, places.bytes + i * sizeof at, sizeof at);
		code = apl_sq_entry_at(store, at, APL_SQ_LINE, number, &cursor, &entry, error);
		if (!code) code = apl_sq_body_read(&cursor, entry.size, &store->body, error);
		if (!code) code = line(store->body.bytes, store->body.size, payload);
	}
	apl_buf_dispose(&places);
	return code;
}

/* ---- snapshots ------------------------------------------------------------------- */

int apl_sq_snapshot(void *self, const char *case_id, uint32_t case_id_size, uint64_t mark, uint64_t upto, const char **text, size_t *size,
    uint64_t *seq, aplomb_error *error) {
	apl_sq *store = self;
	if (mark == 0 || mark > store->n_heads) return apl_store_fail_no_snapshot(case_id, case_id_size, error);
	const uint32_t number = (uint32_t)(mark - 1);
	apl_sq_place at = store->heads[number].snapshot;
	while (at != 0) {
		apl_sq_cursor cursor, further;
		apl_sq_entry entry, there;
		int code = apl_sq_entry_at(store, at, APL_SQ_SNAPSHOT, number, &cursor, &entry, error);
		if (code) return code;
		if (entry.seq <= upto) {
			code = apl_sq_body_read(&cursor, entry.size, &store->lent, error);
			if (code) return code;
			*text = apl_buf_terminate(&store->lent);
			*size = store->lent.size;
			*seq = entry.seq;
			return store->lent.failed ? apl_fail_memory(error) : APLOMB_OK;
		}
		/* As far as it is still too new, and no further. */
		const apl_sq_place before = entry.snapshot;
		at = before;
		if (entry.jump == 0 || entry.jump == before) continue;
		code = apl_sq_entry_at(store, entry.jump, APL_SQ_SNAPSHOT, number, &further, &there, error);
		if (code) return code;
		if (there.seq > upto) at = entry.jump;
	}
	return apl_store_fail_no_snapshot(case_id, case_id_size, error);
}

/* ---- who holds what ----------------------------------------------------------------- */

int apl_sq_find(void *self, const char *case_id, uint32_t case_id_size, apl_store_found *out, aplomb_error *error) {
	apl_sq *store = self;
	sqlite3_stmt *find = store->statements[APL_SQ_FIND_CASE];
	sqlite3_bind_blob(find, 1, case_id, (int)case_id_size, SQLITE_STATIC);
	int code = sqlite3_step(find);
	sqlite3_int64 number = code == SQLITE_ROW ? sqlite3_column_int64(find, 0) : -1;
	sqlite3_reset(find);
	sqlite3_clear_bindings(find);
	if (code == SQLITE_DONE) return apl_store_fail_no_case(case_id, case_id_size, error);
	if (code != SQLITE_ROW) return apl_sq_fail(store, code, "look for a case", error);
	/* One that came since, when somebody else writes and we only look. */
	if (number < 0 || number >= store->n_heads) return apl_store_fail_no_case(case_id, case_id_size, error);
	int answer = apl_sq_seq_of(store, (uint32_t)number, error);
	if (answer) return answer;
	apl_sq_head *head = &store->heads[number];
	head->is_held = true;
	apl_sq_due_remove(store, (uint32_t)number);
	out->mark = (uint64_t)number + 1;
	out->seq = head->seq;
	out->status = head->status;
	out->due_at = head->due_at;
	return APLOMB_OK;
}

void apl_sq_leave(void *self, const char *case_id, uint32_t case_id_size, uint64_t mark) {
	apl_sq *store = self;
	(void)case_id;
	(void)case_id_size;
	if (mark == 0 || mark > store->n_heads) return;
	store->heads[mark - 1].is_held = false;
	apl_sq_due_add(store, (uint32_t)(mark - 1));
}

bool apl_sq_is_id(const void *bytes, size_t size) {
	return size > 0 && size <= APL_MOST_CASE_ID && memchr(bytes, '\0', size) == NULL && apl_utf8_valid(bytes, size) == size;
}

static int damaged_id(const apl_sq *store, sqlite3_int64 number, aplomb_error *error) {
	return apl_sq_damaged(store, error, "case number %lld has an id that no case has", (long long)number);
}

int apl_sq_id_of(apl_sq *store, uint32_t number, aplomb_error *error) {
	sqlite3_stmt *find = store->statements[APL_SQ_CASE_ID];
	sqlite3_bind_int64(find, 1, number);
	int code = sqlite3_step(find);
	apl_buf_clear(&store->lent);
	if (code == SQLITE_ROW) apl_buf_add(&store->lent, sqlite3_column_blob(find, 0), (size_t)sqlite3_column_bytes(find, 0));
	sqlite3_reset(find);
	if (code == SQLITE_DONE) return apl_sq_damaged(store, error, "case number %u has no id", number);
	if (code != SQLITE_ROW) return apl_sq_fail(store, code, "read a case's id", error);
	if (store->lent.failed) return apl_fail_memory(error);
	return apl_sq_is_id(store->lent.bytes, store->lent.size) ? APLOMB_OK : damaged_id(store, number, error);
}

/*
 * The earliest are taken out of the heap, told, and put back: few at a time, and no other order is kept. One whose id is damaged is told
 * as that and not put back, so that the others have their turn the next time.
 */
int apl_sq_due(void *self, aplomb_instant until, uint32_t most,
    void (*tell)(const char *case_id, uint32_t case_id_size, aplomb_instant due_at, void *payload), void *payload, aplomb_error *error) {
	apl_sq *store = self;
	apl_buf taken;
	apl_buf_init(&taken, &store->alloc);
	int code = APLOMB_OK;
	for (uint32_t n = 0; n < most && store->n_due > 0 && !code; n++) {
		const uint32_t number = store->due[0];
		const aplomb_instant due_at = apl_sq_due_of(store, number);
		if (due_at > until) break;
		apl_buf_add(&taken, &number, sizeof number);
		if (taken.failed) {
			code = apl_fail_memory(error);
			break;
		}
		apl_sq_due_remove(store, number);
		code = apl_sq_id_of(store, number, error);
		if (code == APLOMB_EDAMAGED) store->heads[number].is_held = true;
		if (!code) tell(store->lent.bytes, (uint32_t)store->lent.size, due_at, payload);
	}
	for (size_t i = 0; i < taken.size / sizeof(uint32_t); i++) {
		uint32_t number;
		memcpy(&number, taken.bytes + i * sizeof number, sizeof number);
		if (!store->heads[number].is_held) apl_sq_due_add(store, number);
	}
	apl_buf_dispose(&taken);
	return code;
}

aplomb_instant apl_sq_next_due(void *self) {
	const apl_sq *store = self;
	return store->n_due > 0 ? apl_sq_due_of(store, store->due[0]) : APLOMB_NEVER;
}

int apl_sq_cases(void *self, int (*tell)(const apl_store_head *head, void *payload), void *payload, aplomb_error *error) {
	apl_sq *store = self;
	sqlite3_stmt *all;
	int damaged = APLOMB_OK; /* the others are told all the same */
	int code = sqlite3_prepare_v2(store->db,
	        "SELECT c.number, c.id, p.hash FROM cases c JOIN playbooks p ON p.number = c.playbook ORDER BY c.number", -1, &all, NULL),
	    answer = APLOMB_OK;
	while (code == SQLITE_OK && !answer && (code = sqlite3_step(all)) == SQLITE_ROW) {
		sqlite3_int64 number = sqlite3_column_int64(all, 0);
		code = SQLITE_OK;
		if (number < 0 || number >= store->n_heads) break; /* opened since we looked */
		if (!apl_sq_is_id(sqlite3_column_blob(all, 1), (size_t)sqlite3_column_bytes(all, 1))) {
			damaged = damaged_id(store, number, error);
			continue;
		}
		/* Who only looks at many is not kept waiting for what would be read from all over the log. */
		answer = store->reads_only ? APLOMB_OK : apl_sq_seq_of(store, (uint32_t)number, error);
		if (answer) break;
		const apl_sq_head *head = &store->heads[number];
		const apl_store_head told = {.case_id = sqlite3_column_blob(all, 1),
		    .case_id_size = (uint32_t)sqlite3_column_bytes(all, 1),
		    .status = head->status,
		    .seq = head->seq,
		    .due_at = head->due_at,
		    .playbook = (const char *)sqlite3_column_text(all, 2)};
		answer = tell(&told, payload);
	}
	if (!answer && code != SQLITE_DONE && code != SQLITE_OK) answer = apl_sq_fail(store, code, "read the cases", error);
	sqlite3_finalize(all);
	return answer ? answer : damaged;
}
