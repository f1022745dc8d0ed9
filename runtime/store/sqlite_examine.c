/* SPDX-License-Identifier: MIT */
/*
 * Decides what of a store's file is not as it was written, and how much of what
 * there is. All of the log is read in its order, so that where each case stands
 * is known from it alone; what the other tables say is held against that. Whether
 * a case's lines mean anything, and replay, is asked by room api.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/sqlite_inside.h"

/* A case as the log tells it. */
typedef struct seen_case {
	apl_sq_place line, snapshot;
	aplomb_instant due_at;
	uint64_t seq, index;
	uint64_t snapshot_size;
	uint8_t status;
	bool is_there, is_broken; /* something of it was seen; what does not follow was told */
} seen_case;

typedef struct exam {
	apl_sq *store;
	apl_store_examination *to;
	seen_case *cases;
	uint32_t n_cases;
	bool is_lost; /* rows are passed over up to the next that begins a commit */
} exam;

/* ---- telling ------------------------------------------------------------------------- */

/* [number] UINT32_MAX: of no case. */
static void tell(exam *e, const char *table, int64_t row, uint32_t number, const char *message) {
	char id[1024];
	const bool has_id = number != UINT32_MAX && apl_sq_id_of(e->store, number, NULL) == APLOMB_OK && e->store->lent.size < sizeof id;
	if (has_id) {
		memcpy(id, e->store->lent.bytes, e->store->lent.size);
		id[e->store->lent.size] = '\0';
	}
	const apl_store_damage damage = {table, row, has_id ? id : NULL, message};
	e->to->damages++;
	e->to->damage(&damage, e->to->payload);
}

__attribute__((format(printf, 5, 6))) static void tell_words(
    exam *e, const char *table, int64_t row, uint32_t number, const char *format, ...) {
	char message[400];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(message, sizeof message, format, arguments);
	va_end(arguments);
	tell(e, table, row, number, message);
}

/* What reading met, without the file's name before it. The row that it names is the one that is meant. */
static void tell_error(exam *e, const char *table, int64_t row, const aplomb_error *error) {
	static const char is[] = " is damaged: ", word[] = "row ";
	const char *message = strstr(error->message, is), *named;
	message = message != NULL ? message + sizeof is - 1 : error->message;
	named = strncmp(message, word, sizeof word - 1) == 0 ? message + sizeof word - 1 : NULL;
	tell(e, table, named != NULL ? strtoll(named, NULL, 10) : row, UINT32_MAX, message);
}

/* SQLite's own words of what it could not read. */
static int tell_sqlite(exam *e, const char *table, int code, aplomb_error *error) {
	if ((code & 0xff) != SQLITE_CORRUPT) return apl_sq_fail(e->store, code, "read it", error);
	tell_words(e, table, -1, UINT32_MAX, "the table cannot be read to its end: %s", sqlite3_errmsg(e->store->db));
	return APLOMB_OK;
}

/* Each row that the statement gives. [row] returns APLOMB_OK to go on. */
static int each_row(
    exam *e, const char *sql, const char *table, int (*row)(exam *e, sqlite3_stmt *at, aplomb_error *error), aplomb_error *error) {
	sqlite3_stmt *all;
	int code = sqlite3_prepare_v2(e->store->db, sql, -1, &all, NULL), answer = APLOMB_OK;
	while (code == SQLITE_OK && !answer && (code = sqlite3_step(all)) == SQLITE_ROW) {
		answer = row(e, all, error);
		code = SQLITE_OK;
	}
	if (!answer && code != SQLITE_DONE && code != SQLITE_OK) answer = tell_sqlite(e, table, code, error);
	sqlite3_finalize(all);
	return answer;
}

/* ---- the file, and what names cases ------------------------------------------------------ */

static int look_at_structure(exam *e, sqlite3_stmt *at, aplomb_error *error) {
	(void)error;
	const char *said = (const char *)sqlite3_column_text(at, 0);
	if (said != NULL && strcmp(said, "ok") != 0) tell(e, "file", -1, UINT32_MAX, said);
	return APLOMB_OK;
}

static int look_at_playbook(exam *e, sqlite3_stmt *at, aplomb_error *error) {
	(void)error;
	const sqlite3_int64 number = sqlite3_column_int64(at, 0);
	const char *hash = (const char *)sqlite3_column_text(at, 1);
	e->to->measure.playbooks++;
	e->to->measure.source_bytes += (uint64_t)sqlite3_column_int64(at, 2);
	if (hash == NULL || strspn(hash, "0123456789abcdef") != 64 || hash[64] != '\0')
		tell(e, "playbooks", number, UINT32_MAX, "its hash is none");
	else if (sqlite3_column_type(at, 2) == SQLITE_NULL)
		tell_words(e, "playbooks", number, UINT32_MAX, "version %.12s has no source", hash);
	return APLOMB_OK;
}

static int look_at_case(exam *e, sqlite3_stmt *at, aplomb_error *error) {
	(void)error;
	const sqlite3_int64 number = sqlite3_column_int64(at, 0), expected = (sqlite3_int64)e->to->measure.cases;
	const void *id = sqlite3_column_blob(at, 1);
	const int size = sqlite3_column_bytes(at, 1);
	if (number > expected) tell_words(e, "cases", expected, UINT32_MAX, "case number %lld is missing", (long long)expected);
	if (!apl_sq_is_id(id, (size_t)size))
		tell_words(e, "cases", number, UINT32_MAX, "its id, of %lld bytes, is none that a case has", (long long)size);
	if (sqlite3_column_type(at, 2) == SQLITE_NULL) tell(e, "cases", number, (uint32_t)number, "it is of a playbook that there is not");
	e->to->measure.cases = (uint64_t)number + 1;
	return APLOMB_OK;
}

/* An effect, or what one case sent another: of an entry that there is? [row] -1: it stands in the log. */
static void count_effect(exam *e, int64_t row, uint32_t number, uint64_t seq, uint32_t item, uint64_t size) {
	apl_store_measure *m = &e->to->measure;
	const bool is_sent = apl_store_is_sent(item);
	*(is_sent ? &m->sent : &m->effects) += 1;
	*(is_sent ? &m->sent_bytes : &m->effect_bytes) += size;
	if (number != UINT32_MAX && (seq < 1 || (number < e->n_cases && seq > e->cases[number].seq)))
		tell_words(
		    e, "effects", row, number, "entry %lld %s it, which the case does not have", (long long)seq, is_sent ? "sent" : "wanted");
}

static int look_at_effect(exam *e, sqlite3_stmt *at, aplomb_error *error) {
	(void)error;
	const bool has_case = sqlite3_column_type(at, 0) != SQLITE_NULL;
	const int64_t row = (int64_t)(e->to->measure.effects + e->to->measure.sent) + 1;
	count_effect(e, row, has_case ? (uint32_t)sqlite3_column_int64(at, 0) : UINT32_MAX, (uint64_t)sqlite3_column_int64(at, 1),
	    (uint32_t)sqlite3_column_int64(at, 2), (uint64_t)sqlite3_column_int64(at, 3));
	if (!has_case) tell(e, "effects", row, UINT32_MAX, "it is of a case that there is not");
	return APLOMB_OK;
}

static void look_at_effect_in_log(const apl_sq_effect *effect, uint64_t size, void *payload) {
	count_effect(payload, -1, effect->name.number, effect->name.seq, effect->name.item, size);
}

/* ---- the log ------------------------------------------------------------------------------- */

static void break_case(exam *e, uint32_t number, apl_sq_place place, const char *what, uint64_t seq) {
	seen_case *c = &e->cases[number];
	if (c->is_broken) return;
	c->is_broken = true;
	tell_words(e, "log", (int64_t)(place / APL_SQ_PAGE), number, "%s %llu", what, (unsigned long long)seq);
}

static void note_line(exam *e, apl_sq_place place, const apl_sq_entry *entry) {
	seen_case *c = &e->cases[entry->number];
	apl_store_measure *m = &e->to->measure;
	m->line_bytes += entry->size;
	m->entries += entry->seq > 0;
	/* One that came as a snapshot goes on from that. */
	const uint64_t expected = c->is_there ? c->seq + 1 : 0;
	if (entry->seq != expected || entry->back != c->line)
		break_case(e, entry->number, place, "what stands before it is missing, or stands elsewhere: entry", entry->seq);
	c->line = place;
	c->seq = entry->seq;
	c->is_there = true;
}

static void note_snapshot(exam *e, apl_sq_place place, const apl_sq_entry *entry) {
	seen_case *c = &e->cases[entry->number];
	apl_store_measure *m = &e->to->measure;
	m->snapshots++;
	m->snapshot_bytes += entry->size;
	m->old_snapshot_bytes += c->snapshot_size;
	if ((c->is_there && entry->seq != c->seq) || entry->back != c->line || entry->snapshot != c->snapshot)
		break_case(e, entry->number, place, "what stands before it is missing, or stands elsewhere: the snapshot of entry", entry->seq);
	c->snapshot = place;
	c->snapshot_size = entry->size;
	c->index = entry->index;
	c->seq = entry->seq;
	c->is_there = true;
}

static void note(exam *e, apl_sq_place place, const apl_sq_entry *entry) {
	if (entry->number >= e->n_cases) {
		tell_words(e, "log", (int64_t)(place / APL_SQ_PAGE), UINT32_MAX, "it tells of case number %u, which is none", entry->number);
		return;
	}
	if (entry->kind == APL_SQ_LINE) note_line(e, place, entry);
	if (entry->kind == APL_SQ_SNAPSHOT) note_snapshot(e, place, entry);
	if (entry->kind != APL_SQ_HEAD) return;
	e->cases[entry->number].due_at = entry->due_at;
	e->cases[entry->number].status = entry->status;
}

/* The entries of a commit; the cursor stands before the first. */
static int read_entries(exam *e, apl_sq_cursor *cursor, uint64_t end, aplomb_error *error) {
	for (;;) {
		apl_sq_entry entry;
		apl_sq_place place;
		bool is_there;
		int code = apl_sq_entry_next(cursor, end, &place, &entry, &is_there, error);
		if (!code && !is_there) return APLOMB_OK;
		if (!code) code = apl_sq_body_read(cursor, entry.size, NULL, error);
		if (code) return code;
		note(e, place, &entry);
	}
}

/* The commit that begins in the row. [*next]: where to go on. */
static int look_at_commit(exam *e, uint64_t row, uint64_t *next, aplomb_error *error) {
	apl_sq_cursor cursor = {.row = row};
	apl_store_measure *m = &e->to->measure;
	*next = row + 1;
	int code = apl_sq_cursor_at(e->store, row * APL_SQ_PAGE + APL_SQ_CHUNK_HEAD, &cursor, error);
	if (!code) {
		const apl_sq_chunk chunk = apl_sq_chunk_of(&cursor);
		if (chunk.nth != 0) {
			if (!e->is_lost) tell(e, "log", (int64_t)row, UINT32_MAX, "it is in the midst of a commit that does not begin before it");
			e->is_lost = true;
			return APLOMB_OK;
		}
		if (chunk.of == 0 || row + chunk.of > e->store->next_row) {
			tell(e, "log", (int64_t)row, UINT32_MAX, "it begins a commit that does not end");
			e->is_lost = true;
			return APLOMB_OK;
		}
		e->is_lost = false;
		m->last_at = chunk.now;
		m->commits = chunk.commit;
		code = read_entries(e, &cursor, row + chunk.of, error);
		if (!code) *next = row + chunk.of;
	}
	if (!code) return APLOMB_OK;
	if (code == APLOMB_ENOMEM) return code;
	tell_error(e, "log", (int64_t)row, error);
	e->is_lost = true;
	if (cursor.row >= row) *next = cursor.row + 1;
	return APLOMB_OK;
}

/* [e->store->next_row] is the row behind the last. */
static int look_at_log(exam *e, aplomb_error *error) {
	apl_sq *store = e->store;
	sqlite3_stmt *rows;
	uint64_t expected = 1, next = 1;
	int code = sqlite3_prepare_v2(store->db, "SELECT id, length(chunk) FROM log ORDER BY id", -1, &rows, NULL), answer = APLOMB_OK;
	while (code == SQLITE_OK && !answer && (code = sqlite3_step(rows)) == SQLITE_ROW) {
		const uint64_t row = (uint64_t)sqlite3_column_int64(rows, 0);
		code = SQLITE_OK;
		e->to->measure.log_bytes += (uint64_t)sqlite3_column_int64(rows, 1);
		if (row > expected && next <= expected) {
			tell_words(e, "log", (int64_t)expected, UINT32_MAX, "%llu row%s missing before row %llu", (unsigned long long)(row - expected),
			    row - expected == 1 ? " is" : "s are", (unsigned long long)row);
			e->is_lost = true;
		}
		expected = row + 1;
		/* Those of a commit were read with its first. */
		if (row >= next) answer = look_at_commit(e, row, &next, error);
	}
	if (!answer && code != SQLITE_DONE && code != SQLITE_OK) answer = tell_sqlite(e, "log", code, error);
	sqlite3_finalize(rows);
	return answer;
}

/* ---- heads ------------------------------------------------------------------------------------ */

static int look_at_page(exam *e, sqlite3_stmt *at, aplomb_error *error) {
	(void)error;
	const int size = sqlite3_column_bytes(at, 1);
	const uint8_t *bytes = sqlite3_column_blob(at, 1);
	e->to->measure.head_bytes += (uint64_t)size;
	if (!apl_sq_heads_page_is_sound(bytes, size))
		tell(e, "heads", sqlite3_column_int64(at, 0), UINT32_MAX, "it is not what was written: its checksum is another one");
	return APLOMB_OK;
}

/* What a runtime would find where each case stands, against what the log says. */
static int compare_heads(exam *e, aplomb_error *error) {
	apl_sq *store = e->store;
	const uint64_t told = e->to->damages;
	int code = each_row(e, "SELECT page, bytes FROM heads ORDER BY page", "heads", look_at_page, error);
	if (code) return code;
	code = apl_sq_load(store, error);
	if (code == APLOMB_ENOMEM) return code;
	if (code && e->to->damages == told) tell_error(e, strstr(error->message, "heads") != NULL ? "heads" : "log", -1, error);
	if (code) return APLOMB_OK;
	for (uint32_t i = 0; i < e->n_cases && i < store->n_heads; i++) {
		const apl_sq_head *head = &store->heads[i];
		const seen_case *c = &e->cases[i];
		if (head->line == c->line && head->snapshot == c->snapshot && head->due_at == c->due_at && head->status == c->status) continue;
		tell(e, "heads", i / APL_SQ_HEADS_OF_PAGE, i, "it stands elsewhere than the log says");
	}
	return APLOMB_OK;
}

/* From here on cases are read as the log has them. */
static int take_heads(exam *e, aplomb_error *error) {
	apl_sq *store = e->store;
	if (!apl_sq_heads_reserve(store, e->n_cases)) return apl_fail_memory(error);
	store->n_heads = e->n_cases;
	store->n_due = 0;
	for (uint32_t i = 0; i < e->n_cases; i++) {
		const seen_case *c = &e->cases[i];
		store->heads[i] = (apl_sq_head){.line = c->line, .snapshot = c->snapshot, .due_at = c->due_at, .seq = c->seq, .status = c->status};
		if (!c->is_there && e->to->is_thorough) tell(e, "cases", i, i, "there is nothing of it in the log");
	}
	return APLOMB_OK;
}

/* ---- all of it ----------------------------------------------------------------------------------- */

static int examine(exam *e, aplomb_error *error) {
	apl_sq *store = e->store;
	apl_store_measure *m = &e->to->measure;
	sqlite3_int64 pages = 0, free_pages = 0, size = 0, last = 0;
	int code = apl_sq_ask_number(store, "PRAGMA page_count", &pages, "read its size", error);
	if (!code) code = apl_sq_ask_number(store, "PRAGMA freelist_count", &free_pages, "read its size", error);
	if (!code) code = apl_sq_ask_number(store, "PRAGMA page_size", &size, "read its size", error);
	if (!code && e->to->is_thorough) code = each_row(e, "PRAGMA integrity_check(100)", "file", look_at_structure, error);
	if (!code)
		code = each_row(e, "SELECT number, hash, length(source) FROM playbooks ORDER BY number", "playbooks", look_at_playbook, error);
	if (!code)
		code = each_row(e, "SELECT c.number, c.id, p.number FROM cases c LEFT JOIN playbooks p ON p.number = c.playbook ORDER BY c.number",
		    "cases", look_at_case, error);
	if (!code) code = apl_sq_ask_number(store, "SELECT max(id) FROM log", &last, "read the log", error);
	if (code) return code;
	m->page_bytes = (uint64_t)(pages * size);
	m->free_bytes = (uint64_t)(free_pages * size);
	if (m->cases != 0) code = apl_sq_check_cases(store, (sqlite3_int64)m->cases - 1, last, error);
	if (code) return code;
	e->n_cases = (uint32_t)m->cases;
	e->cases = apl_new(&store->alloc, (e->n_cases + 1) * sizeof *e->cases);
	if (e->cases == NULL) return apl_fail_memory(error);
	for (uint32_t i = 0; i < e->n_cases; i++) e->cases[i].due_at = APLOMB_NEVER;
	store->next_row = last > 0 ? (uint64_t)last + 1 : 1;
	code = look_at_log(e, error);
	if (!code) code = compare_heads(e, error);
	if (!code) code = take_heads(e, error);
	if (!code)
		code = each_row(e,
		    "SELECT c.number, e.seq, e.item, length(e.text) FROM effects e LEFT JOIN cases c ON c.id = e.case_id ORDER BY e.case_id, "
		    "e.seq, e.item",
		    "effects", look_at_effect, error);
	if (code) return code;
	code = apl_sq_effects_in_log(store, look_at_effect_in_log, e, error);
	/* What is wrong with the log has been told. */
	return code == APLOMB_ENOMEM ? code : APLOMB_OK;
}

int apl_sq_examine(apl_sq *store, apl_store_examination *examination, aplomb_error *error) {
	exam e = {.store = store, .to = examination};
	aplomb_error own;
	examination->measure = (apl_store_measure){.last_at = APLOMB_NEVER};
	examination->damages = 0;
	int code = examine(&e, error != NULL ? error : &own);
	apl_free(&store->alloc, e.cases, (e.n_cases + 1) * sizeof *e.cases);
	return code;
}

/* ---- for whoever reads the cases of it --------------------------------------------------------------- */

int apl_store_sqlite_case(const apl_store *store, uint32_t number, const char **id, uint32_t *size, aplomb_error *error) {
	apl_sq *self = store->self;
	int code = apl_sq_id_of(self, number, error);
	if (code) return code;
	*id = apl_buf_terminate(&self->lent);
	*size = (uint32_t)self->lent.size;
	return self->lent.failed ? apl_fail_memory(error) : APLOMB_OK;
}

bool apl_store_sqlite_last_case(const apl_store *store, uint32_t *out) {
	const apl_sq *self = store->self;
	if (self->n_heads == 0) return false;
	*out = self->n_heads - 1;
	return true;
}

int apl_store_sqlite_playbooks(
    const apl_store *store, int (*tell_one)(int64_t number, const char *hash, void *payload), void *payload, aplomb_error *error) {
	apl_sq *self = store->self;
	sqlite3_stmt *all;
	int code = sqlite3_prepare_v2(self->db, "SELECT number, hash FROM playbooks WHERE source IS NOT NULL ORDER BY number", -1, &all, NULL),
	    answer = APLOMB_OK;
	while (code == SQLITE_OK && !answer && (code = sqlite3_step(all)) == SQLITE_ROW) {
		const char *hash = (const char *)sqlite3_column_text(all, 1);
		code = SQLITE_OK;
		if (hash != NULL) answer = tell_one(sqlite3_column_int64(all, 0), hash, payload);
	}
	if (!answer && code != SQLITE_DONE && code != SQLITE_OK) answer = apl_sq_fail(self, code, "read the playbooks", error);
	sqlite3_finalize(all);
	return answer;
}
