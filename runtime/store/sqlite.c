/* SPDX-License-Identifier: MIT */
/*
 * Decides who may open a store's file and as what: its schema and how an older one
 * becomes today's, the lock of the one runtime that writes, playbooks'
 * sources, and how what SQLite says is told.
 */
#include "store/sqlite_inside.h"

#include <stdio.h>
#include <string.h>

#include "time/clock.h"

/* "Aplm": which program the file is of. */
#define APPLICATION 0x41706c6d

/*
 * The schema, a step a version: a file of an older version is brought on by the steps that it lacks, one transaction each. Steps that
 * were once released are never changed.
 */
static const char FIRST[] =
    "CREATE TABLE playbooks(number INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, source BLOB);"
    "CREATE TABLE cases(number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, playbook INTEGER NOT NULL REFERENCES playbooks);"
    "CREATE TABLE log(id INTEGER PRIMARY KEY, chunk BLOB NOT NULL);"
    "CREATE TABLE heads(page INTEGER PRIMARY KEY, bytes BLOB NOT NULL);";
static const char WAITING_EFFECTS[] =
    "CREATE TABLE effects(case_id BLOB NOT NULL, seq INTEGER NOT NULL, item INTEGER NOT NULL, due_at INTEGER NOT NULL, text BLOB NOT NULL,"
    " PRIMARY KEY(case_id, seq, item)) WITHOUT ROWID;";
/* They are entries of the log now, which nobody knew before. */
static const char EFFECTS_IN_THE_LOG[] = "";
/* Among them there may be what cases sent to one another, which who knows effects alone would take for damage. */
static const char SENT_BESIDE_EFFECTS[] = "";
static const char *const STEPS[] = {FIRST, WAITING_EFFECTS, EFFECTS_IN_THE_LOG, SENT_BESIDE_EFFECTS};
#define VERSION ((int)(sizeof STEPS / sizeof STEPS[0]))

static const char *const STATEMENTS[APL_SQ_STATEMENTS] = {
    [APL_SQ_BEGIN] = "BEGIN IMMEDIATE",
    [APL_SQ_COMMIT] = "COMMIT",
    [APL_SQ_ROLLBACK] = "ROLLBACK",
    [APL_SQ_APPEND] = "INSERT INTO log(id, chunk) VALUES(?1, ?2)",
    [APL_SQ_ROW] = "SELECT chunk FROM log WHERE id = ?1",
    [APL_SQ_PUT_PAGE] = "INSERT INTO heads(page, bytes) VALUES(?1, ?2) ON CONFLICT(page) DO UPDATE SET bytes = excluded.bytes",
    [APL_SQ_ADD_CASE] = "INSERT INTO cases(number, id, playbook) VALUES(?1, ?2, ?3)",
    [APL_SQ_FIND_CASE] = "SELECT number FROM cases WHERE id = ?1",
    [APL_SQ_CASE_ID] = "SELECT id FROM cases WHERE number = ?1",
    [APL_SQ_ADD_PLAYBOOK] = ("INSERT INTO playbooks(hash, source) VALUES(?1, ?2) ON CONFLICT(hash) DO UPDATE SET source = excluded.source"
                             " WHERE source IS NULL AND excluded.source IS NOT NULL"),
    [APL_SQ_PUT_EFFECT] = "INSERT OR REPLACE INTO effects(case_id, seq, item, due_at, text) VALUES(?1, ?2, ?3, ?4, ?5)",
    [APL_SQ_DROP_EFFECT] = "DELETE FROM effects WHERE case_id = ?1 AND seq = ?2 AND item = ?3",
};

/* ---- what is told ------------------------------------------------------------------ */

int apl_sq_damaged(const apl_sq *store, aplomb_error *error, const char *format, ...) {
	char what[400];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(what, sizeof what, format, arguments);
	va_end(arguments);
	return apl_fail(error, APLOMB_EDAMAGED, "store-damaged", "%s is damaged: %s", store->path, what);
}

int apl_sq_fail(const apl_sq *store, int code, const char *doing, aplomb_error *error) {
	const char *said = store->db != NULL ? sqlite3_errmsg(store->db) : sqlite3_errstr(code);
	switch (code & 0xff) {
	case SQLITE_NOMEM: return apl_fail_memory(error);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: return apl_sq_damaged(store, error, "cannot %s: %s", doing, said);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return apl_fail(error, APLOMB_ESTORE, "store-in-use", "%s: cannot %s: another program holds it: %s", store->path, doing, said);
	default: return apl_fail(error, APLOMB_ESTORE, "store-io", "%s: cannot %s: %s", store->path, doing, said);
	}
}

int apl_sq_run(apl_sq *store, apl_sq_statement which) {
	sqlite3_stmt *statement = store->statements[which];
	int code = sqlite3_step(statement);
	sqlite3_reset(statement);
	if (code == SQLITE_DONE || code == SQLITE_ROW) return SQLITE_OK;
	return code & 0xff;
}

/* ---- playbooks ----------------------------------------------------------------------- */

static int read_playbooks(apl_sq *store, aplomb_error *error) {
	sqlite3_stmt *all;
	int code = sqlite3_prepare_v2(store->db, "SELECT number, hash FROM playbooks", -1, &all, NULL), answer = APLOMB_OK;
	store->n_playbooks = 0;
	while (code == SQLITE_OK && !answer && (code = sqlite3_step(all)) == SQLITE_ROW) {
		code = SQLITE_OK;
		if (!APL_GROW(&store->alloc, store->playbooks, store->n_playbooks, store->playbooks_capacity)) {
			answer = apl_fail_memory(error);
			break;
		}
		apl_sq_playbook *playbook = &store->playbooks[store->n_playbooks++];
		*playbook = (apl_sq_playbook){.number = sqlite3_column_int64(all, 0)};
		const char *hash = (const char *)sqlite3_column_text(all, 1);
		if (hash != NULL) memcpy(playbook->hash, hash, strnlen(hash, sizeof playbook->hash - 1));
	}
	if (!answer && code != SQLITE_DONE) answer = apl_sq_fail(store, code, "read the playbooks", error);
	sqlite3_finalize(all);
	return answer;
}

static int add_playbook(apl_sq *store, const char *hash, const char *source, size_t size, aplomb_error *error) {
	sqlite3_stmt *add = store->statements[APL_SQ_ADD_PLAYBOOK];
	sqlite3_bind_text(add, 1, hash, -1, SQLITE_STATIC);
	if (source != NULL)
		sqlite3_bind_blob64(add, 2, source, size, SQLITE_STATIC);
	else
		sqlite3_bind_null(add, 2);
	int code = apl_sq_run(store, APL_SQ_ADD_PLAYBOOK);
	return code == SQLITE_OK ? APLOMB_OK : apl_sq_fail(store, code, "enter a playbook", error);
}

/* Those that were entered by a commit that did not come about are not known any more. */
static int64_t number_of(const apl_sq *store, const char *hash) {
	for (uint32_t i = 0; i < store->n_playbooks; i++) {
		if (strcmp(store->playbooks[i].hash, hash) == 0) return store->playbooks[i].number;
	}
	return -1;
}

int apl_sq_playbook_of(apl_sq *store, const char *hash, int64_t *out, aplomb_error *error) {
	*out = number_of(store, hash);
	if (*out >= 0) return APLOMB_OK;
	/* A case whose source nobody has put: its hash is kept all the same, and once for all, whatever becomes of the commit. */
	int code = add_playbook(store, hash, NULL, 0, error);
	if (code) return code;
	sqlite3_stmt *find;
	int answer = sqlite3_prepare_v2(store->db, "SELECT number FROM playbooks WHERE hash = ?1", -1, &find, NULL);
	if (answer == SQLITE_OK) {
		sqlite3_bind_text(find, 1, hash, -1, SQLITE_STATIC);
		answer = sqlite3_step(find);
		if (answer == SQLITE_ROW) *out = sqlite3_column_int64(find, 0);
	}
	sqlite3_finalize(find);
	return answer == SQLITE_ROW ? APLOMB_OK : apl_sq_fail(store, answer, "enter a playbook", error);
}

static int put_source(void *self, const char *hash, const char *bytes, size_t size, aplomb_error *error) {
	apl_sq *store = self;
	/* What is loaded beside the cases that are looked at is loaded, and not kept. */
	if (store->reads_only) return APLOMB_OK;
	int code = add_playbook(store, hash, size > 0 ? bytes : "", size, error);
	return code ? code : read_playbooks(store, error);
}

static int get_source(void *self, const char *hash, const char **bytes, size_t *size, aplomb_error *error) {
	apl_sq *store = self;
	sqlite3_stmt *find;
	int code = sqlite3_prepare_v2(store->db, "SELECT source FROM playbooks WHERE hash = ?1 AND source IS NOT NULL", -1, &find, NULL);
	if (code == SQLITE_OK) {
		sqlite3_bind_text(find, 1, hash, -1, SQLITE_STATIC);
		code = sqlite3_step(find);
	}
	apl_buf_clear(&store->lent);
	if (code == SQLITE_ROW) apl_buf_add(&store->lent, sqlite3_column_blob(find, 0), (size_t)sqlite3_column_bytes(find, 0));
	sqlite3_finalize(find);
	if (code == SQLITE_DONE) return apl_store_fail_no_source(hash, error);
	if (code != SQLITE_ROW) return apl_sq_fail(store, code, "read a playbook", error);
	*bytes = apl_buf_terminate(&store->lent);
	*size = store->lent.size;
	return store->lent.failed ? apl_fail_memory(error) : APLOMB_OK;
}

/* ---- what is durable --------------------------------------------------------------------- */

static aplomb_instant last_at(void *self) {
	const apl_sq *store = self;
	return store->last_at;
}

static bool is_durable(void *self) {
	const apl_sq *store = self;
	return store->is_full || store->is_synced;
}

static int sync_now(void *self, aplomb_error *error) {
	apl_sq *store = self;
	if (is_durable(self)) return APLOMB_OK;
	return apl_sq_mark_time(store, store->last_at, 1, true, error);
}

/* ---- opening --------------------------------------------------------------------------------- */

int apl_sq_ask_number(apl_sq *store, const char *sql, sqlite3_int64 *out, const char *doing, aplomb_error *error) {
	sqlite3_stmt *ask;
	int code = sqlite3_prepare_v2(store->db, sql, -1, &ask, NULL);
	if (code == SQLITE_OK) code = sqlite3_step(ask);
	bool is_there = code == SQLITE_ROW;
	*out = is_there && sqlite3_column_type(ask, 0) != SQLITE_NULL ? sqlite3_column_int64(ask, 0) : -1;
	sqlite3_finalize(ask);
	return is_there ? APLOMB_OK : apl_sq_fail(store, code, doing, error);
}

int apl_sq_execute(apl_sq *store, const char *sql, const char *doing, aplomb_error *error) {
	int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
	return code == SQLITE_OK ? APLOMB_OK : apl_sq_fail(store, code, doing, error);
}

/* One runtime writes a store. A lock of SQLite's on an empty file beside it goes with the process that held it, however that ends. */
int apl_sq_lock(const char *store, const char *vfs, sqlite3 **out, aplomb_error *error) {
	char path[4096];
	int length = snprintf(path, sizeof path, "%s-owner", store);
	if (length < 0 || (size_t)length >= sizeof path)
		return apl_fail(error, APLOMB_ESTORE, "store-io", "%.200s…: the path is too long", store);
	int code = sqlite3_open_v2(path, out, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, vfs);
	if (code == SQLITE_OK) code = sqlite3_exec(*out, "BEGIN EXCLUSIVE", NULL, NULL, NULL);
	if (code == SQLITE_OK) return APLOMB_OK;
	if ((code & 0xff) == SQLITE_BUSY)
		return apl_fail(
		    error, APLOMB_ESTORE, "store-in-use", "%s: another runtime has it open, and one at a time steps the cases of a store", store);
	return apl_fail(error, APLOMB_ESTORE, "store-io", "%s: cannot lock it: %s", store, sqlite3_errmsg(*out));
}

static int check_what_it_is(apl_sq *store, sqlite3_int64 *version, aplomb_error *error) {
	sqlite3_int64 application, tables;
	int code = apl_sq_ask_number(store, "PRAGMA application_id", &application, "read what kind of file it is", error);
	if (!code) code = apl_sq_ask_number(store, "PRAGMA user_version", version, "read its version", error);
	if (!code) code = apl_sq_ask_number(store, "SELECT count(*) FROM sqlite_master", &tables, "read its tables", error);
	if (code) return code;
	if (application == 0 && *version == 0 && tables == 0) return APLOMB_OK; /* nothing yet */
	if (application != APPLICATION)
		return apl_fail(
		    error, APLOMB_EDAMAGED, "store-foreign", "%s is a database of another program, and no store of Aplomb's", store->path);
	if (*version > VERSION || *version < 1)
		return apl_fail(error, APLOMB_EVERSION, "store-version",
		    "%s has version %lld of the store's format; this library knows 1 to %d: use the newer one that wrote it", store->path,
		    (long long)*version, VERSION);
	return APLOMB_OK;
}

static int bring_on(apl_sq *store, sqlite3_int64 version, aplomb_error *error) {
	for (; version < VERSION; version++) {
		char sql[1024];
		snprintf(sql, sizeof sql, "BEGIN IMMEDIATE; %s PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT", STEPS[version],
		    APPLICATION, (int)version + 1);
		int code = apl_sq_execute(store, sql, "bring its schema on", error);
		if (code) {
			if (!sqlite3_get_autocommit(store->db)) sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
			return code;
		}
	}
	return APLOMB_OK;
}

static int set_up(apl_sq *store, aplomb_error *error) {
	sqlite3_int64 version;
	sqlite3_busy_timeout(store->db, 2000);
	sqlite3_extended_result_codes(store->db, 1);
	int code = check_what_it_is(store, &version, error);
	if (!code && store->reads_only) {
		if (version == 0) return apl_fail(error, APLOMB_EDAMAGED, "store-foreign", "%s is empty, and no store of Aplomb's", store->path);
		if (version == VERSION) return apl_sq_execute(store, "PRAGMA query_only = ON; PRAGMA cache_size = -8192", "set it up", error);
		return apl_fail(error, APLOMB_EVERSION, "store-version",
		    "%s has version %lld of the store's format: run something with it once, which brings it to version %d", store->path,
		    (long long)version, VERSION);
	}
	if (!code) code = apl_sq_execute(store, "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL", "make its log", error);
	if (!code)
		code =
		    apl_sq_execute(store, "PRAGMA secure_delete = OFF; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY", "set it up", error);
	if (!code)
		code = apl_sq_execute(
		    store, store->is_full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", "say how durable a commit is", error);
	return code ? code : bring_on(store, version, error);
}

static int prepare_all(apl_sq *store, aplomb_error *error) {
	for (int i = 0; i < APL_SQ_STATEMENTS; i++) {
		int code = sqlite3_prepare_v3(store->db, STATEMENTS[i], -1, SQLITE_PREPARE_PERSISTENT, &store->statements[i], NULL);
		if (code != SQLITE_OK) return apl_sq_fail(store, code, "use its tables", error);
	}
	return APLOMB_OK;
}

int apl_sq_check_cases(const apl_sq *store, sqlite3_int64 most, sqlite3_int64 last_row, aplomb_error *error) {
	const sqlite3_int64 of_row = APL_SQ_CHUNK / 4; /* an entry has more bytes */
	if (most >= 0 && most < (sqlite3_int64)UINT32_MAX && last_row > most / of_row) return APLOMB_OK;
	return apl_sq_damaged(
	    store, error, "a case has number %lld, where the log ends in row %lld", (long long)most, (long long)(last_row > 0 ? last_row : 0));
}

/* Where the log stands: what its last chunk says. */
static int read_end(apl_sq *store, aplomb_error *error) {
	sqlite3_int64 last, most;
	int code = apl_sq_ask_number(store, "SELECT max(id) FROM log", &last, "read the log", error);
	if (!code) code = apl_sq_ask_number(store, "SELECT max(number) FROM cases", &most, "read the cases", error);
	if (code) return code;
	if (most != -1) code = apl_sq_check_cases(store, most, last, error);
	if (code) return code;
	store->n_heads = (uint32_t)(most + 1);
	store->next_row = last > 0 ? (uint64_t)last + 1 : 1;
	store->tail_from = store->next_row;
	if (last <= 0) return APLOMB_OK;
	apl_sq_cursor cursor;
	code = apl_sq_cursor_at(store, (uint64_t)last * APL_SQ_PAGE + APL_SQ_CHUNK_HEAD, &cursor, error);
	if (code) return code;
	const apl_sq_chunk chunk = apl_sq_chunk_of(&cursor);
	store->tail_from = chunk.tail_from;
	store->last_at = chunk.now;
	store->commits = chunk.commit;
	if (chunk.nth + 1 != chunk.of)
		return apl_sq_damaged(store, error, "the log ends in row %lld, in the midst of a commit", (long long)last);
	if (store->tail_from == 0 || store->tail_from > store->next_row)
		return apl_sq_damaged(
		    store, error, "row %lld of the log says to begin at row %llu", (long long)last, (unsigned long long)store->tail_from);
	return APLOMB_OK;
}

int apl_sq_load(apl_sq *store, aplomb_error *error) {
	int code = read_end(store, error);
	if (!code) code = read_playbooks(store, error);
	if (!code) code = apl_sq_effects_load(store, error);
	return code ? code : apl_sq_heads_load(store, error);
}

/* In one transaction, so that what somebody else commits meanwhile is all of it behind or before. */
static int load(apl_sq *store, const apl_store_sqlite_options *options, aplomb_error *error) {
	int code = apl_sq_execute(store, "BEGIN", "read it", error);
	if (code) return code;
	code = options->examines != NULL ? apl_sq_examine(store, options->examines, error) : apl_sq_load(store, error);
	/* Who only looks sees what there is now for as long as he looks. */
	if (!code && store->reads_only) return APLOMB_OK;
	int ended = apl_sq_execute(store, "COMMIT", "read it", code ? NULL : error);
	return code ? code : ended;
}

static bool is_there(const apl_sq *store, const char *vfs) {
	sqlite3_vfs *files = sqlite3_vfs_find(vfs);
	int found = 1;
	if (files != NULL) files->xAccess(files, store->path, SQLITE_ACCESS_EXISTS, &found);
	return found != 0;
}

static void close_store(void *self) {
	apl_sq *store = self;
	const apl_alloc alloc = store->alloc;
	/* So that the next one that opens it has nothing to read again. It is no loss if it fails. */
	if ((store->n_dirty > 0 || store->effects.first != 0) && !store->reads_only && store->statements[APL_SQ_STATEMENTS - 1] != NULL)
		apl_sq_mark_time(store, store->last_at, UINT32_MAX, true, NULL);
	for (int i = 0; i < APL_SQ_STATEMENTS; i++) sqlite3_finalize(store->statements[i]);
	sqlite3_close(store->db);
	sqlite3_close(store->owner);
	apl_sq_heads_dispose(store);
	apl_sq_effects_dispose(store);
	apl_free(&alloc, store->playbooks, store->playbooks_capacity * sizeof *store->playbooks);
	apl_free(&alloc, store->undo, store->undo_capacity * sizeof *store->undo);
	apl_free(&alloc, store->marks, store->marks_capacity * sizeof *store->marks);
	apl_free(&alloc, store->rows, APL_SQ_ROWS * sizeof *store->rows);
	apl_buf *const bufs[] = {&store->stream, &store->lent, &store->body};
	for (size_t i = 0; i < sizeof bufs / sizeof bufs[0]; i++) apl_buf_dispose(bufs[i]);
	if (store->path != NULL) apl_free(&alloc, store->path, strlen(store->path) + 1);
	apl_free(&alloc, store, sizeof *store);
}

int apl_store_sqlite_open(apl_store *out, const apl_alloc *alloc, const apl_store_sqlite_options *options, aplomb_error *error) {
	static const apl_store_ops ops = {.size = sizeof ops,
	    .commit = apl_sq_commit,
	    .read = apl_sq_read,
	    .snapshot = apl_sq_snapshot,
	    .put_source = put_source,
	    .get_source = get_source,
	    .find = apl_sq_find,
	    .leave = apl_sq_leave,
	    .due = apl_sq_due,
	    .next_due = apl_sq_next_due,
	    .cases = apl_sq_cases,
	    .effects = apl_sq_effects_each,
	    .n_effects = apl_sq_effects_count,
	    .sent = apl_sq_sent_each,
	    .last_at = last_at,
	    .is_durable = is_durable,
	    .sync = sync_now,
	    .close = close_store};
	apl_sq *store = apl_new(alloc, sizeof *store);
	if (store == NULL) return apl_fail_memory(error);
	store->alloc = *alloc;
	store->is_full = options->full;
	store->most_tail = options->most_tail > 0 ? options->most_tail : (uint64_t)512 * 1024 * 1024;
	store->reads_only = options->reads_only;
	store->sink = options->sink;
	store->sink_payload = options->sink_payload;
	store->last_at = APLOMB_NEVER;
	store->is_synced = true;
	store->synced_at = apl_elapsed();
	apl_buf *const bufs[] = {&store->stream, &store->lent, &store->body};
	for (size_t i = 0; i < sizeof bufs / sizeof bufs[0]; i++) apl_buf_init(bufs[i], alloc);
	store->path = apl_copy_text(alloc, options->path, strlen(options->path));
	store->rows = apl_new(alloc, APL_SQ_ROWS * sizeof *store->rows);
	int code = store->path == NULL || store->rows == NULL ? apl_fail_memory(error) : APLOMB_OK;
	if (!code && !store->reads_only) code = apl_sq_lock(store->path, options->vfs, &store->owner, error);
	if (!code) {
		const int how = store->reads_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
		int answer = sqlite3_open_v2(store->path, &store->db, how | SQLITE_OPEN_NOMUTEX, options->vfs);
		if (answer != SQLITE_OK) code = apl_sq_fail(store, answer, "open it", error);
		if (answer == SQLITE_CANTOPEN && store->reads_only && !is_there(store, options->vfs))
			code = apl_fail(error, APLOMB_ENOTFOUND, "store-missing", "there is no file %s", store->path);
	}
	if (!code) code = set_up(store, error);
	if (!code) code = prepare_all(store, error);
	if (!code) code = load(store, options, error);
	if (code) {
		close_store(store);
		return code;
	}
	*out = (apl_store){.ops = &ops, .self = store, .pages = true};
	return APLOMB_OK;
}
