/* SPDX-License-Identifier: MIT */
/*
 * Decides how effects that wait are kept. Most wait for less than a second, so
 * their place is the log: an entry says that one waits, another that it waits
 * no more, and which of them do is known in memory. What still waits when a
 * restart would not read that part of the log any more becomes a row of a table, ordered by its name; nothing else ever
 * does. What one case sent another and waits for that one's commit is kept alike, under numbers of its own (APLOMB_STORE_SENT).
 *
 *   effect     4, case, seq, item, due (8 bytes), size, bytes
 *   over       5, case, seq, item
 */
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/hard.h"
#include "store/sqlite_inside.h"

/* In pieces: one that grows by being copied would leave a hole of every size behind. */
#define CHUNK (APL_IS_HARD ? 4u : 512u)

static bool is_same(const apl_sq_effect *effect, const apl_sq_effect_name *name) {
	return effect->name.seq == name->seq && effect->name.number == name->number && effect->name.item == name->item;
}

static bool is_sent(const apl_sq_effect_name *name) {
	return apl_store_is_sent(name->item);
}

/* Those of a case stand in one. */
static uint32_t bucket_of(const apl_sq_effects *all, uint32_t number) {
	return (uint32_t)(number * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (all->n_buckets - 1);
}

static uint32_t first_of_bucket(const apl_sq_effects *all, uint32_t number) {
	return all->n_buckets > 0 ? all->buckets[bucket_of(all, number)] : 0;
}

static apl_sq_effect *effect_at(const apl_sq_effects *all, uint32_t at) {
	return &all->chunks[(at - 1) / CHUNK][(at - 1) % CHUNK];
}

/* Its place, from 1; 0: it does not wait. */
static uint32_t find(const apl_sq_effects *all, const apl_sq_effect_name *name) {
	uint32_t at = first_of_bucket(all, name->number);
	while (at != 0 && !is_same(effect_at(all, at), name)) at = effect_at(all, at)->next;
	return at;
}

/* ---- room ------------------------------------------------------------------------- */

static bool add_chunk(apl_sq *store) {
	apl_sq_effects *all = &store->effects;
	if (!APL_GROW(&store->alloc, all->chunks, all->n_chunks, all->chunks_capacity)) return false;
	apl_sq_effect *chunk = apl_new(&store->alloc, CHUNK * sizeof *chunk);
	if (chunk == NULL) return false;
	all->chunks[all->n_chunks++] = chunk;
	for (uint32_t at = all->n_chunks * CHUNK; at > (all->n_chunks - 1) * CHUNK; at--) {
		effect_at(all, at)->next = all->first_free;
		all->first_free = at;
	}
	return true;
}

/* For so many more than there are. */
static bool reserve(apl_sq *store, uint32_t more) {
	apl_sq_effects *all = &store->effects;
	const uint64_t wanted = (uint64_t)all->count + more;
	if (wanted >= UINT32_MAX / 2) return false;
	while (wanted > (uint64_t)all->n_chunks * CHUNK) {
		if (!add_chunk(store)) return false;
	}
	if (wanted <= all->n_buckets) return true;
	uint32_t n_buckets = all->n_buckets < 64 ? 64 : all->n_buckets;
	while (n_buckets < wanted) n_buckets *= 2;
	uint32_t *buckets = apl_new(&store->alloc, n_buckets * sizeof *buckets);
	if (buckets == NULL) return false;
	const apl_sq_effects before = *all;
	all->buckets = buckets;
	all->n_buckets = n_buckets;
	for (uint32_t i = 0; i < before.n_buckets; i++) {
		uint32_t next;
		for (uint32_t at = before.buckets[i]; at != 0; at = next) {
			apl_sq_effect *effect = effect_at(all, at);
			uint32_t *bucket = &buckets[bucket_of(all, effect->name.number)];
			next = effect->next;
			effect->next = *bucket;
			*bucket = at;
		}
	}
	apl_free(&store->alloc, before.buckets, before.n_buckets * sizeof *buckets);
	return true;
}

void apl_sq_effects_dispose(apl_sq *store) {
	apl_sq_effects *all = &store->effects;
	for (uint32_t i = 0; i < all->n_chunks; i++) apl_free(&store->alloc, all->chunks[i], CHUNK * sizeof *all->chunks[i]);
	apl_free(&store->alloc, all->chunks, all->chunks_capacity * sizeof(apl_sq_effect *));
	apl_free(&store->alloc, all->buckets, all->n_buckets * sizeof *all->buckets);
	apl_free(&store->alloc, all->news, all->news_capacity * sizeof *all->news);
	*all = (apl_sq_effects){.count = 0};
}

/* ---- what waits ---------------------------------------------------------------------- */

/* Those in the log stand in a list, the longest there first. */
static void unlink_effect(apl_sq_effects *all, apl_sq_effect *effect) {
	if (effect->place == 0) return;
	*(effect->before != 0 ? &effect_at(all, effect->before)->after : &all->first) = effect->after;
	*(effect->after != 0 ? &effect_at(all, effect->after)->before : &all->last) = effect->before;
	effect->place = 0;
}

aplomb_instant apl_sq_effects_due(const apl_sq *store, uint32_t number) {
	const apl_sq_effects *all = &store->effects;
	aplomb_instant due_at = APLOMB_NEVER;
	for (uint32_t at = first_of_bucket(all, number); at != 0; at = effect_at(all, at)->next) {
		const apl_sq_effect *effect = effect_at(all, at);
		if (effect->name.number == number && !is_sent(&effect->name) && effect->due_at < due_at) due_at = effect->due_at;
	}
	return due_at;
}

/* It was put there; room was reserved. */
static void waits(apl_sq_effects *all, const apl_sq_effect_name *name, apl_sq_place place, aplomb_instant due_at) {
	uint32_t at = find(all, name);
	if (at == 0) {
		APL_ASSERT(all->first_free != 0);
		at = all->first_free;
		apl_sq_effect *made = effect_at(all, at);
		uint32_t *bucket = &all->buckets[bucket_of(all, name->number)];
		all->first_free = made->next;
		*made = (apl_sq_effect){.name = *name, .next = *bucket};
		*bucket = at;
		all->count++;
		all->n_sent += is_sent(name);
	}
	apl_sq_effect *effect = effect_at(all, at);
	/* What an earlier version of Aplomb handed out has no time here: it is looked at at once. */
	effect->due_at = due_at != APLOMB_NEVER ? due_at : INT64_MIN;
	unlink_effect(all, effect);
	if (place == 0) return;
	effect->place = place;
	effect->before = all->last;
	effect->after = 0;
	*(all->last != 0 ? &effect_at(all, all->last)->after : &all->first) = at;
	all->last = at;
}

static void waits_no_more(apl_sq_effects *all, const apl_sq_effect_name *name) {
	if (all->n_buckets == 0) return;
	uint32_t *link = &all->buckets[bucket_of(all, name->number)];
	while (*link != 0 && !is_same(effect_at(all, *link), name)) link = &effect_at(all, *link)->next;
	if (*link == 0) return;
	const uint32_t at = *link;
	apl_sq_effect *effect = effect_at(all, at);
	unlink_effect(all, effect);
	*link = effect->next;
	effect->next = all->first_free;
	all->first_free = at;
	all->count--;
	all->n_sent -= is_sent(name);
}

/* ---- with a commit --------------------------------------------------------------------- */

/* [*out] UINT32_MAX: there is no such case. */
static int number_of(apl_sq *store, const apl_store_effect *effect, uint32_t *out, aplomb_error *error) {
	*out = UINT32_MAX;
	if (effect->mark != NULL && *effect->mark > 0) {
		if (*effect->mark <= store->n_heads) *out = (uint32_t)(*effect->mark - 1);
		return APLOMB_OK;
	}
	sqlite3_stmt *ask = store->statements[APL_SQ_FIND_CASE];
	sqlite3_bind_blob(ask, 1, effect->case_id, (int)effect->case_id_size, SQLITE_STATIC);
	int code = sqlite3_step(ask);
	if (code == SQLITE_ROW) *out = (uint32_t)sqlite3_column_int64(ask, 0);
	sqlite3_reset(ask);
	sqlite3_clear_bindings(ask);
	if (code != SQLITE_ROW && code != SQLITE_DONE) return apl_sq_fail(store, code, "look for a case", error);
	return APLOMB_OK;
}

static void put_name(apl_buf *stream, apl_sq_kind kind, const apl_sq_effect_name *name) {
	apl_buf_byte(stream, (char)kind);
	apl_sq_put_number(stream, name->number);
	apl_sq_put_number(stream, name->seq);
	apl_sq_put_number(stream, name->item);
}

static void bind_name(sqlite3_stmt *statement, const char *case_id, uint32_t case_id_size, const apl_sq_effect_name *name) {
	sqlite3_bind_blob(statement, 1, case_id, (int)case_id_size, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, (sqlite3_int64)name->seq);
	sqlite3_bind_int64(statement, 3, name->item);
}

int apl_sq_effect_put(apl_sq *store, const apl_store_effect *effect, aplomb_error *error) {
	apl_sq_effects *all = &store->effects;
	apl_sq_effect_name name = {.seq = effect->seq, .item = effect->item};
	int code = number_of(store, effect, &name.number, error);
	if (code) return code;
	if (name.number == UINT32_MAX) {
		const apl_store_line as_line = {.case_id = effect->case_id, .case_id_size = effect->case_id_size, .seq = effect->seq};
		return effect->text != NULL ? apl_store_fail_conflict(&as_line, error) : APLOMB_OK;
	}
	/* Each that is new needs a place when the commit has come about. */
	const uint32_t known = find(all, &name);
	all->n_new += effect->text != NULL && known == 0;
	if (!APL_GROW(&store->alloc, all->news, all->n_news, all->news_capacity) || !reserve(store, all->n_new)) return apl_fail_memory(error);
	if (known != 0) effect_at(all, known)->is_news = true;
	apl_buf *stream = &store->stream;
	const apl_sq_place here = apl_sq_place_of(store, stream->size);
	all->news[all->n_news++] = (apl_sq_news){name, effect->text != NULL ? here : 0, effect->due_at};
	if (effect->text != NULL) {
		put_name(stream, APL_SQ_EFFECT, &name);
		for (uint32_t i = 0; i < 8; i++) apl_buf_byte(stream, (char)((uint64_t)effect->due_at >> (8 * i)));
		apl_sq_put_number(stream, effect->size);
		apl_buf_add(stream, effect->text, effect->size);
		return APLOMB_OK;
	}
	put_name(stream, APL_SQ_OVER, &name);
	if (known == 0 || !effect_at(all, known)->is_row) return APLOMB_OK;
	bind_name(store->statements[APL_SQ_DROP_EFFECT], effect->case_id, effect->case_id_size, &name);
	int answer = apl_sq_run(store, APL_SQ_DROP_EFFECT);
	return answer == SQLITE_OK ? APLOMB_OK : apl_sq_fail(store, answer, "forget an effect", error);
}

/* From its place in the log, into [body]. */
static int read_effect(apl_sq *store, const apl_sq_effect *effect, aplomb_instant *due_at, aplomb_error *error) {
	apl_sq_cursor cursor;
	apl_sq_entry entry;
	int code = apl_sq_entry_at(store, effect->place, APL_SQ_EFFECT, effect->name.number, &cursor, &entry, error);
	if (!code) code = apl_sq_body_read(&cursor, entry.size, &store->body, error);
	*due_at = code ? APLOMB_NEVER : entry.due_at;
	return code;
}

static int write_row(apl_sq *store, const apl_sq_effect *effect, aplomb_error *error) {
	aplomb_instant due_at;
	int code = apl_sq_id_of(store, effect->name.number, error);
	if (!code) code = read_effect(store, effect, &due_at, error);
	if (code) return code;
	sqlite3_stmt *put = store->statements[APL_SQ_PUT_EFFECT];
	bind_name(put, store->lent.bytes, (uint32_t)store->lent.size, &effect->name);
	sqlite3_bind_int64(put, 4, due_at);
	sqlite3_bind_blob64(put, 5, store->body.size > 0 ? store->body.bytes : "", store->body.size, SQLITE_STATIC);
	int answer = apl_sq_run(store, APL_SQ_PUT_EFFECT);
	return answer == SQLITE_OK ? APLOMB_OK : apl_sq_fail(store, answer, "keep an effect", error);
}

int apl_sq_effects_write(apl_sq *store, uint64_t tail_from, aplomb_error *error) {
	apl_sq_effects *all = &store->effects;
	all->written_before = tail_from;
	for (uint32_t at = all->first; at != 0; at = effect_at(all, at)->after) {
		const apl_sq_effect *effect = effect_at(all, at);
		if (effect->place / APL_SQ_PAGE >= tail_from) break;
		/* What the commit says of it stands behind. */
		if (effect->is_news) continue;
		int code = write_row(store, effect, error);
		if (code) return code;
	}
	return APLOMB_OK;
}

void apl_sq_effects_begin(apl_sq *store) {
	apl_sq_effects *all = &store->effects;
	for (uint32_t i = 0; i < all->n_news; i++) {
		const uint32_t known = find(all, &all->news[i].name);
		if (known != 0) effect_at(all, known)->is_news = false;
	}
	all->n_news = all->n_new = 0;
	all->written_before = 0;
}

/* Something else of the case waits than before. */
static void note_in_head(apl_sq *store, const apl_sq_effect_name *name) {
	apl_sq_head *head = &store->heads[name->number];
	if (is_sent(name)) return;
	apl_sq_due_remove(store, name->number);
	head->has_effect = apl_sq_effects_due(store, name->number) != APLOMB_NEVER;
	if (!head->is_held) apl_sq_due_add(store, name->number);
}

void apl_sq_effects_settle(apl_sq *store) {
	apl_sq_effects *all = &store->effects;
	uint32_t next;
	for (uint32_t at = all->first; at != 0; at = next) {
		apl_sq_effect *effect = effect_at(all, at);
		next = effect->after;
		if (effect->place / APL_SQ_PAGE >= all->written_before) break;
		if (effect->is_news) continue;
		unlink_effect(all, effect);
		effect->is_row = true;
	}
	for (uint32_t i = 0; i < all->n_news; i++) {
		const apl_sq_news *news = &all->news[i];
		if (news->place == 0)
			waits_no_more(all, &news->name);
		else
			waits(all, &news->name, news->place, news->due_at);
		note_in_head(store, &news->name);
	}
	apl_sq_effects_begin(store);
}

/* ---- a restart ---------------------------------------------------------------------------- */

int apl_sq_effects_load(apl_sq *store, aplomb_error *error) {
	sqlite3_stmt *rows;
	int code = sqlite3_prepare_v2(
	        store->db, "SELECT c.number, e.seq, e.item, e.due_at FROM effects e LEFT JOIN cases c ON c.id = e.case_id", -1, &rows, NULL),
	    answer = APLOMB_OK;
	while (code == SQLITE_OK && !answer && (code = sqlite3_step(rows)) == SQLITE_ROW) {
		const sqlite3_int64 number = sqlite3_column_type(rows, 0) != SQLITE_NULL ? sqlite3_column_int64(rows, 0) : -1;
		code = SQLITE_OK;
		if (number < 0 || number >= store->n_heads) {
			/* Whoever only looks may find out more. */
			if (store->reads_only) continue;
			answer = apl_sq_damaged(store, error, "an effect waits of a case that there is not");
		} else if (!reserve(store, 1)) {
			answer = apl_fail_memory(error);
		} else {
			const apl_sq_effect_name name = {.number = (uint32_t)number,
			    .seq = (uint64_t)sqlite3_column_int64(rows, 1),
			    .item = (uint32_t)sqlite3_column_int64(rows, 2)};
			waits(&store->effects, &name, 0, (aplomb_instant)sqlite3_column_int64(rows, 3));
			effect_at(&store->effects, find(&store->effects, &name))->is_row = true;
		}
	}
	if (!answer && code != SQLITE_DONE && code != SQLITE_OK) answer = apl_sq_fail(store, code, "read the effects", error);
	sqlite3_finalize(rows);
	return answer;
}

int apl_sq_effect_note(apl_sq *store, apl_sq_place place, const apl_sq_entry *entry, aplomb_error *error) {
	const apl_sq_effect_name name = {.number = entry->number, .item = entry->item, .seq = entry->seq};
	if (entry->kind == APL_SQ_OVER) {
		waits_no_more(&store->effects, &name);
		return APLOMB_OK;
	}
	if (!reserve(store, 1)) return apl_fail_memory(error);
	waits(&store->effects, &name, place, entry->due_at);
	return APLOMB_OK;
}

void apl_sq_effects_in_heads(apl_sq *store) {
	const apl_sq_effects *all = &store->effects;
	for (uint32_t i = 0; i < all->n_buckets; i++) {
		for (uint32_t at = all->buckets[i]; at != 0; at = effect_at(all, at)->next) {
			const apl_sq_effect_name *name = &effect_at(all, at)->name;
			if (!is_sent(name)) store->heads[name->number].has_effect = true;
		}
	}
}

/* ---- who asks for them ----------------------------------------------------------------------- */

int apl_sq_effects_in_log(
    apl_sq *store, void (*tell)(const apl_sq_effect *effect, uint64_t size, void *payload), void *payload, aplomb_error *error) {
	const apl_sq_effects *all = &store->effects;
	for (uint32_t at = all->first; at != 0; at = effect_at(all, at)->after) {
		aplomb_instant due_at;
		if (effect_at(all, at)->is_row) continue;
		int code = read_effect(store, effect_at(all, at), &due_at, error);
		if (code) return code;
		tell(effect_at(all, at), store->body.size, payload);
	}
	return APLOMB_OK;
}

static int by_name(const void *a, const void *b) {
	const apl_sq_effect *one = a, *other = b;
	if (one->name.number != other->name.number) return one->name.number < other->name.number ? -1 : 1;
	if (one->name.seq != other->name.seq) return one->name.seq < other->name.seq ? -1 : 1;
	return (one->name.item > other->name.item) - (one->name.item < other->name.item);
}

/* Its row, into [body]; [*is_there]: it is still there, for whoever has the store open may have taken it out while we look. */
static int read_row(
    apl_sq *store, sqlite3_stmt *ask, const apl_sq_effect *effect, aplomb_instant *due_at, bool *is_there, aplomb_error *error) {
	bind_name(ask, store->lent.bytes, (uint32_t)store->lent.size, &effect->name);
	int code = sqlite3_step(ask);
	*is_there = code == SQLITE_ROW;
	apl_buf_clear(&store->body);
	if (*is_there) {
		*due_at = sqlite3_column_int64(ask, 0);
		const void *text = sqlite3_column_blob(ask, 1);
		if (text != NULL) apl_buf_add(&store->body, text, (size_t)sqlite3_column_bytes(ask, 1));
	}
	sqlite3_reset(ask);
	if (code != SQLITE_ROW && code != SQLITE_DONE) return apl_sq_fail(store, code, "read the effects", error);
	return store->body.failed ? apl_fail_memory(error) : APLOMB_OK;
}

/* Copies of those that are asked for, as they were put; [number] UINT32_MAX: of every case. */
static uint32_t choose(const apl_sq_effects *all, uint32_t bucket, uint32_t number, bool sent, apl_sq_effect *out) {
	uint32_t n = 0;
	for (uint32_t at = all->buckets[bucket]; at != 0; at = effect_at(all, at)->next) {
		const apl_sq_effect *effect = effect_at(all, at);
		if (is_sent(&effect->name) != sent || (number != UINT32_MAX && effect->name.number != number)) continue;
		if (out != NULL) out[n] = *effect;
		n++;
	}
	return n;
}

static int tell_one(apl_sq *store, sqlite3_stmt *ask, const apl_sq_effect *effect,
    int (*tell)(const apl_store_effect *effect, void *payload), void *payload, aplomb_error *error) {
	aplomb_instant due_at = APLOMB_NEVER;
	bool is_there = true;
	int code = apl_sq_id_of(store, effect->name.number, error);
	if (!code)
		code = effect->place != 0 ? read_effect(store, effect, &due_at, error) : read_row(store, ask, effect, &due_at, &is_there, error);
	if (code || !is_there) return code;
	const apl_store_effect told = {.case_id = store->lent.bytes,
	    .case_id_size = (uint32_t)store->lent.size,
	    .seq = effect->name.seq,
	    .item = effect->name.item,
	    .due_at = due_at,
	    .text = store->body.size > 0 ? store->body.bytes : "",
	    .size = store->body.size};
	return tell(&told, payload);
}

static int tell_each(apl_sq *store, uint32_t number, bool sent, int (*tell)(const apl_store_effect *effect, void *payload), void *payload,
    aplomb_error *error) {
	const apl_sq_effects *all = &store->effects;
	const uint32_t first = number != UINT32_MAX ? bucket_of(all, number) : 0, end = number != UINT32_MAX ? first + 1 : all->n_buckets;
	uint32_t count = 0, n = 0;
	for (uint32_t i = first; i < end; i++) count += choose(all, i, number, sent, NULL);
	if (count == 0) return APLOMB_OK;
	apl_sq_effect *sorted = apl_new(&store->alloc, count * sizeof *sorted);
	if (sorted == NULL) return apl_fail_memory(error);
	for (uint32_t i = first; i < end; i++) n += choose(all, i, number, sent, sorted + n);
	qsort(sorted, count, sizeof *sorted, by_name);
	sqlite3_stmt *ask = NULL;
	int answer = SQLITE_OK;
	for (uint32_t i = 0; i < count && ask == NULL && answer == SQLITE_OK; i++) {
		if (sorted[i].place != 0) continue;
		answer =
		    sqlite3_prepare_v2(store->db, "SELECT due_at, text FROM effects WHERE case_id = ?1 AND seq = ?2 AND item = ?3", -1, &ask, NULL);
	}
	int code = answer == SQLITE_OK ? APLOMB_OK : apl_sq_fail(store, answer, "read the effects", error);
	for (uint32_t i = 0; i < count && !code; i++) code = tell_one(store, ask, &sorted[i], tell, payload, error);
	sqlite3_finalize(ask);
	apl_free(&store->alloc, sorted, count * sizeof *sorted);
	return code;
}

int apl_sq_effects_each(void *self, const char *case_id, uint32_t case_id_size, uint64_t mark,
    int (*tell)(const apl_store_effect *effect, void *payload), void *payload, aplomb_error *error) {
	apl_sq *store = self;
	(void)case_id_size;
	if (case_id == NULL) return tell_each(store, UINT32_MAX, false, tell, payload, error);
	if (mark == 0 || mark > store->n_heads || !store->heads[mark - 1].has_effect) return APLOMB_OK;
	return tell_each(store, (uint32_t)(mark - 1), false, tell, payload, error);
}

uint64_t apl_sq_effects_count(void *self) {
	const apl_sq_effects *all = &((const apl_sq *)self)->effects;
	return all->count - all->n_sent;
}

int apl_sq_sent_each(void *self, int (*tell)(const apl_store_effect *effect, void *payload), void *payload, aplomb_error *error) {
	return tell_each(self, UINT32_MAX, true, tell, payload, error);
}
