/* SPDX-License-Identifier: MIT */
/*
 * Decides how a batch becomes one transaction: its entries behind the log, new
 * cases in their table, a few pages of heads; and how everything
 * in memory is as before when it does not come about.
 */
#include "base/assert.h"
#include "base/copy.h"
#include "store/sqlite_inside.h"
#include "time/clock.h"

/* Without durability = full: the commits of so long are on the disk by the next one, in microseconds. */
#define SYNC_AFTER 100000

/* ---- what can be taken back ------------------------------------------------------ */

static bool change(apl_sq *store, uint32_t number) {
	apl_sq_head *head = &store->heads[number];
	if (head->is_changed) return true;
	if (!APL_GROW(&store->alloc, store->undo, store->n_undo, store->undo_capacity)) return false;
	store->undo[store->n_undo++] = (apl_sq_undo){number, *head};
	head->is_changed = true;
	return true;
}

static bool set_mark(apl_sq *store, uint64_t *mark, uint64_t to) {
	if (!APL_GROW(&store->alloc, store->marks, store->n_marks, store->marks_capacity)) return false;
	store->marks[store->n_marks++] = (apl_sq_mark){mark, *mark};
	*mark = to;
	return true;
}

static void begin(apl_sq *store) {
	apl_buf_clear(&store->stream);
	store->n_undo = store->n_marks = 0;
	store->heads_before = store->n_heads;
	apl_sq_effects_begin(store);
	apl_sq_room_begin(store);
}

static void settle(apl_sq *store) {
	for (uint32_t i = 0; i < store->n_undo; i++) store->heads[store->undo[i].number].is_changed = false;
	apl_sq_effects_settle(store);
}

static void take_back(apl_sq *store) {
	while (store->n_marks > 0) {
		store->n_marks--;
		*store->marks[store->n_marks].mark = store->marks[store->n_marks].before;
	}
	while (store->n_undo > 0) {
		store->n_undo--;
		const apl_sq_undo *undo = &store->undo[store->n_undo];
		store->heads[undo->number] = undo->head;
	}
	store->n_heads = store->heads_before;
	apl_sq_effects_begin(store);
	store->page_left = 0;
}

/* ---- entries ------------------------------------------------------------------------ */

static const char *playbook_in(const apl_store_batch *batch, const uint64_t *mark) {
	for (uint32_t i = 0; i < batch->n_heads; i++) {
		if (batch->heads[i].mark == mark) return batch->heads[i].playbook;
	}
	return "";
}

static int add_case(apl_sq *store, const apl_store_batch *batch, const apl_store_line *line, aplomb_error *error) {
	const uint32_t number = store->n_heads;
	int64_t playbook;
	if (number == UINT32_MAX - 1) return apl_fail(error, APLOMB_ESTORE, "store-io", "%s: it holds as many cases as it can", store->path);
	if (!apl_sq_heads_reserve(store, number + 1)) return apl_fail_memory(error);
	int code = apl_sq_playbook_of(store, playbook_in(batch, line->mark), &playbook, error);
	if (code) return code;
	sqlite3_stmt *add = store->statements[APL_SQ_ADD_CASE];
	sqlite3_bind_int64(add, 1, number);
	sqlite3_bind_blob(add, 2, line->case_id, (int)line->case_id_size, SQLITE_STATIC);
	sqlite3_bind_int64(add, 3, playbook);
	code = apl_sq_run(store, APL_SQ_ADD_CASE);
	if (code == SQLITE_CONSTRAINT) return apl_store_fail_conflict(line, error);
	if (code != SQLITE_OK) return apl_sq_fail(store, code, "enter a case", error);
	store->heads[number] = (apl_sq_head){.due_at = APLOMB_NEVER, .seq = line->seq - 1, .is_held = true};
	store->n_heads++;
	if (!change(store, number) || !set_mark(store, line->mark, (uint64_t)number + 1)) return apl_fail_memory(error);
	return APLOMB_OK;
}

/* The case of a mark, entered when it is new. [line]: what it brings first. */
static int case_of(apl_sq *store, const apl_store_batch *batch, const apl_store_line *line, uint32_t *out, aplomb_error *error) {
	if (*line->mark == 0) {
		int code = add_case(store, batch, line, error);
		if (code) return code;
	}
	*out = (uint32_t)(*line->mark - 1);
	if (*out >= store->n_heads) return apl_store_fail_conflict(line, error);
	int code = apl_sq_seq_of(store, *out, error);
	if (code) return code;
	return change(store, *out) ? APLOMB_OK : apl_fail_memory(error);
}

static void put_distance(apl_buf *out, apl_sq_place here, apl_sq_place there) {
	apl_sq_put_number(out, there == 0 ? 0 : here - there);
}

static int put_line(apl_sq *store, const apl_store_batch *batch, const apl_store_line *line, aplomb_error *error) {
	uint32_t number;
	int code = case_of(store, batch, line, &number, error);
	if (code) return code;
	apl_sq_head *head = &store->heads[number];
	if (line->seq != head->seq + 1) return apl_store_fail_conflict(line, error);
	apl_buf *stream = &store->stream;
	const apl_sq_place here = apl_sq_place_of(store, stream->size);
	apl_buf_byte(stream, APL_SQ_LINE);
	apl_sq_put_number(stream, number);
	apl_sq_put_number(stream, line->seq);
	put_distance(stream, here, head->line);
	apl_sq_put_number(stream, line->size - 1);
	apl_buf_add(stream, line->text, line->size - 1);
	head->line = here;
	head->seq = line->seq;
	apl_sq_dirty(store, number, store->first_row);
	return APLOMB_OK;
}

/* The snapshot whose number is the new one's without its lowest bit, found from the one before. */
static int find_jump(apl_sq *store, uint32_t number, apl_sq_place before, uint64_t *index, apl_sq_place *out, aplomb_error *error) {
	apl_sq_cursor cursor;
	apl_sq_entry entry;
	*index = 1;
	*out = 0;
	if (before == 0) return APLOMB_OK;
	/* One of this very commit cannot be read yet: it is as the first. */
	if (before / APL_SQ_PAGE >= store->first_row) return APLOMB_OK;
	int code = apl_sq_entry_at(store, before, APL_SQ_SNAPSHOT, number, &cursor, &entry, error);
	if (code) return code;
	*index = entry.index + 1;
	const uint64_t wanted = *index & (*index - 1);
	apl_sq_place at = before;
	while (entry.index > wanted && at != 0) {
		at = entry.jump;
		if (at == 0) break;
		code = apl_sq_entry_at(store, at, APL_SQ_SNAPSHOT, number, &cursor, &entry, error);
		if (code) return code;
	}
	*out = at;
	return APLOMB_OK;
}

static int put_snapshot(apl_sq *store, const apl_store_batch *batch, const apl_store_snapshot *snapshot, aplomb_error *error) {
	const apl_store_line as_line = {
	    .case_id = snapshot->case_id, .case_id_size = snapshot->case_id_size, .seq = snapshot->seq + 1, .mark = snapshot->mark};
	uint32_t number;
	int code = case_of(store, batch, &as_line, &number, error);
	if (code) return code;
	apl_sq_head *head = &store->heads[number];
	if (snapshot->seq != head->seq) return apl_store_fail_conflict(&as_line, error);
	apl_sq_place jump;
	uint64_t index;
	code = find_jump(store, number, head->snapshot, &index, &jump, error);
	if (code) return code;
	apl_buf *stream = &store->stream;
	const apl_sq_place here = apl_sq_place_of(store, stream->size);
	apl_buf_byte(stream, APL_SQ_SNAPSHOT);
	apl_sq_put_number(stream, number);
	apl_sq_put_number(stream, snapshot->seq);
	put_distance(stream, here, head->line);
	put_distance(stream, here, head->snapshot);
	put_distance(stream, here, jump);
	apl_sq_put_number(stream, index);
	apl_sq_put_number(stream, snapshot->size);
	apl_buf_add(stream, snapshot->text, snapshot->size);
	head->snapshot = here;
	apl_sq_dirty(store, number, store->first_row);
	return APLOMB_OK;
}

static int put_head(apl_sq *store, const apl_store_head *head, aplomb_error *error) {
	const uint64_t number = *head->mark - 1;
	if (*head->mark == 0 || number >= store->n_heads) {
		const apl_store_line as_line = {.case_id = head->case_id, .case_id_size = head->case_id_size, .seq = head->seq};
		return apl_store_fail_conflict(&as_line, error);
	}
	apl_sq_head *kept = &store->heads[number];
	if (kept->due_at == head->due_at && kept->status == head->status) return APLOMB_OK;
	if (!change(store, (uint32_t)number)) return apl_fail_memory(error);
	apl_buf *stream = &store->stream;
	apl_buf_byte(stream, APL_SQ_HEAD);
	apl_sq_put_number(stream, number);
	for (uint32_t i = 0; i < 8; i++) apl_buf_byte(stream, (char)((uint64_t)head->due_at >> (8 * i)));
	apl_buf_byte(stream, (char)head->status);
	/* Whoever commits holds the case, so that it does not stand in the heap. */
	APL_ASSERT(kept->position == 0);
	kept->due_at = head->due_at;
	kept->status = (uint8_t)head->status;
	apl_sq_dirty(store, (uint32_t)number, store->first_row);
	return APLOMB_OK;
}

/* Heads lie where they lie: each is on its way while those before it are dealt with. In line: gcc drops the call of what only prefetches.
 */
APL_INLINE void call_for_head(const apl_sq *store, const apl_store_batch *batch, uint32_t line) {
	if (line >= batch->n_lines) return;
	const uint64_t mark = *batch->lines[line].mark;
	if (mark > 0 && mark <= store->n_heads) __builtin_prefetch(&store->heads[mark - 1]);
}

static int put_all(apl_sq *store, const apl_store_batch *batch, aplomb_error *error) {
	enum { AHEAD = 16 };
	int code = APLOMB_OK;
	for (uint32_t i = 0; i < AHEAD; i++) call_for_head(store, batch, i);
	for (uint32_t i = 0; i < batch->n_lines && !code; i++) {
		call_for_head(store, batch, i + AHEAD);
		code = put_line(store, batch, &batch->lines[i], error);
	}
	for (uint32_t i = 0; i < batch->n_snapshots && !code; i++) code = put_snapshot(store, batch, &batch->snapshots[i], error);
	for (uint32_t i = 0; i < batch->n_heads && !code; i++) code = put_head(store, &batch->heads[i], error);
	for (uint32_t i = 0; i < batch->n_effects && !code; i++) code = apl_sq_effect_put(store, &batch->effects[i], error);
	return !code && store->stream.failed ? apl_fail_memory(error) : code;
}

/* ---- the transaction ----------------------------------------------------------------- */

/* What was written just now, if SQLite keeps its word, is on the disk with all before it. */
static bool syncs_now(const apl_sq *store) {
	return store->is_full || apl_elapsed() - store->synced_at >= SYNC_AFTER;
}

static int set_level(apl_sq *store, bool full, aplomb_error *error) {
	int code = sqlite3_exec(store->db, full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", NULL, NULL, NULL);
	return code == SQLITE_OK ? APLOMB_OK : apl_sq_fail(store, code, "say how durable a commit is", error);
}

/* Within the transaction; [n_pages] of heads in any case. */
static int write_all(apl_sq *store, const apl_store_batch *batch, uint32_t *n_pages, aplomb_error *error) {
	int code = put_all(store, batch, error);
	if (code) return code;
	/* Each dirty page is written when so much of the log has come since it became that: as many of them, as often. */
	store->debt += store->n_dirty * (uint64_t)apl_sq_n_chunks(store) * APL_SQ_PAGE;
	const uint64_t owed = store->debt / store->most_tail;
	store->debt %= store->most_tail;
	if (*n_pages < owed) *n_pages = owed < store->n_dirty ? (uint32_t)owed : store->n_dirty;
	if (*n_pages > store->n_dirty) *n_pages = store->n_dirty;
	const uint64_t tail_from = apl_sq_tail_after(store, *n_pages);
	code = apl_sq_log_write(store, batch->now, tail_from, error);
	if (!code) code = apl_sq_effects_write(store, tail_from, error);
	if (!code) code = apl_sq_heads_write(store, *n_pages, error);
	return code ? code : apl_store_ask_sink(store->sink, store->sink_payload, batch, error);
}

static int transact(apl_sq *store, const apl_store_batch *batch, uint32_t n_pages, bool synced, aplomb_error *error) {
	begin(store);
	/* It changes between two transactions only. */
	int answer = synced && !store->is_full ? set_level(store, true, error) : APLOMB_OK;
	if (answer) return answer;
	int code = apl_sq_run(store, APL_SQ_BEGIN);
	if (code != SQLITE_OK) answer = apl_sq_fail(store, code, "begin a commit", error);
	if (!answer) answer = write_all(store, batch, &n_pages, error);
	if (!answer && (code = apl_sq_run(store, APL_SQ_COMMIT)) != SQLITE_OK) answer = apl_sq_fail(store, code, "commit", error);
	if (answer && !sqlite3_get_autocommit(store->db)) apl_sq_run(store, APL_SQ_ROLLBACK);
	if (synced && !store->is_full) set_level(store, false, NULL);
	if (answer) {
		take_back(store);
		return answer;
	}
	settle(store);
	store->tail_from = apl_sq_tail_after(store, n_pages);
	apl_sq_heads_written(store, n_pages);
	store->next_row += apl_sq_n_chunks(store);
	store->commits++;
	store->last_at = batch->now;
	store->is_synced = synced || store->is_full;
	if (store->is_synced && !store->is_full) store->synced_at = apl_elapsed();
	return APLOMB_OK;
}

int apl_sq_commit(void *self, const apl_store_batch *batch, aplomb_error *error) {
	apl_sq *store = self;
	if (store->reads_only)
		return apl_fail(error, APLOMB_ESTORE, "store-looks",
		    "%s is only looked into here, and nothing is written: open it without options.looks for that", store->path);
	return transact(store, batch, 0, syncs_now(store), error);
}

int apl_sq_mark_time(apl_sq *store, aplomb_instant now, uint32_t pages, bool synced, aplomb_error *error) {
	const apl_store_batch nothing = {.size = sizeof nothing, .now = now};
	return transact(store, &nothing, pages, synced, error);
}
