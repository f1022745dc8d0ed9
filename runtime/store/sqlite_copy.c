/* SPDX-License-Identifier: MIT */
/*
 * Decides how a store's file becomes another file: copied while somebody writes
 * it, written anew without what nobody needs, and put in another one's place. A
 * new file has its name only when all of it is on the disk; whether it is sound
 * is asked by whoever calls, between the two.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite_inside.h"

enum { LONGEST_PATH = 4096 };

/* ---- names ------------------------------------------------------------------------- */

bool apl_store_sqlite_is_there(const char *path) {
	struct stat about;
	return lstat(path, &about) == 0;
}

uint64_t apl_store_sqlite_size(const char *path) {
	struct stat about;
	return stat(path, &about) == 0 && about.st_size > 0 ? (uint64_t)about.st_size : 0;
}

static void remove_with(const char *path, const char *end) {
	char name[LONGEST_PATH];
	int length = snprintf(name, sizeof name, "%s%s", path, end);
	if (length > 0 && (size_t)length < sizeof name) unlink(name);
}

void apl_store_sqlite_remove(const char *part) {
	static const char *const ends[] = {"", "-wal", "-shm", "-journal", "-owner", "-owner-journal"};
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) remove_with(part, ends[i]);
}

static int fail_file(const char *path, const char *doing, aplomb_error *error) {
	return apl_fail(error, APLOMB_EIO, "store-io", "%s: cannot %s: %s", path, doing, strerror(errno));
}

static int fail_sqlite(sqlite3 *db, int code, const char *path, const char *doing, aplomb_error *error) {
	const apl_sq as_store = {.db = db, .path = (char *)(uintptr_t)path};
	return apl_sq_fail(&as_store, code, doing, error);
}

/* What was written is on the disk; a folder's names, too. */
static bool sync_path(const char *path, int how) {
	int file = open(path, O_RDONLY | how);
	if (file < 0) return false;
	const bool is_synced = fsync(file) == 0;
	close(file);
	return is_synced;
}

static bool sync_folder_of(const char *path) {
	char folder[LONGEST_PATH];
	const char *slash = strrchr(path, '/');
	const size_t size = slash == NULL ? 1 : slash == path ? 1 : (size_t)(slash - path);
	if (size >= sizeof folder) return false;
	memcpy(folder, slash == NULL ? "." : path, size);
	folder[size] = '\0';
	return sync_path(folder, O_DIRECTORY);
}

/* ---- a copy ---------------------------------------------------------------------------- */

static int copy_pages(sqlite3 *from, sqlite3 *to, const char *path, aplomb_error *error) {
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
	if (backup == NULL) return fail_sqlite(to, sqlite3_errcode(to), path, "copy to it", error);
	/* All at once, within one transaction of who reads: what is written meanwhile is of another moment. */
	int code = sqlite3_backup_step(backup, -1);
	int ended = sqlite3_backup_finish(backup);
	if (code == SQLITE_DONE && ended == SQLITE_OK) return APLOMB_OK;
	return fail_sqlite(to, code == SQLITE_DONE ? ended : code, path, "copy to it", error);
}

int apl_store_sqlite_copy(const char *from, const char *part, aplomb_error *error) {
	sqlite3 *source = NULL, *target = NULL;
	int answer = APLOMB_OK;
	int code = sqlite3_open_v2(from, &source, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
	if (code == SQLITE_OK) sqlite3_busy_timeout(source, 2000);
	if (code == SQLITE_OK) code = sqlite3_exec(source, "BEGIN; SELECT count(*) FROM sqlite_master", NULL, NULL, NULL);
	if (code != SQLITE_OK) answer = fail_sqlite(source, code, from, "read it", error);
	if (!answer) {
		apl_store_sqlite_remove(part);
		code = sqlite3_open_v2(part, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
		if (code == SQLITE_OK) code = sqlite3_exec(target, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
		if (code != SQLITE_OK) answer = fail_sqlite(target, code, part, "make it", error);
	}
	if (!answer) answer = copy_pages(source, target, part, error);
	sqlite3_close(target);
	sqlite3_close(source);
	if (answer && target != NULL) apl_store_sqlite_remove(part);
	return answer;
}

/* ---- written anew ------------------------------------------------------------------------- */

#define KEPT_OF_OLD 16u
enum { BATCH_BYTES = 1 << 20, BATCH_LINES = 4096 };

typedef struct rewriting {
	const apl_alloc *alloc;
	const apl_store *source;
	apl_sq *from; /* the same */
	apl_store to;
	aplomb_error *error;                         /* for what is called back */
	uint64_t *marks;                             /* by number: of the new store */
	aplomb_instant *due;                         /* likewise: as far as the log was read */
	uint8_t *status, *is_touched, *has_snapshot; /* in the batch that is gathered: is its head to be told; must no line follow */
	apl_buf bytes, ids, lines, snapshots, numbers;
	aplomb_instant now;
} rewriting;

/* A line, or a snapshot, whose texts lie at these places in the buffers: those move while they grow. */
typedef struct piece {
	size_t id, text, size;
	uint32_t id_size, number;
	uint64_t seq;
} piece;

static const char *hash_of(rewriting *r, uint32_t number, char out[65]) {
	sqlite3_stmt *ask;
	out[0] = '\0';
	if (sqlite3_prepare_v2(r->from->db, "SELECT p.hash FROM cases c JOIN playbooks p ON p.number = c.playbook WHERE c.number = ?1", -1,
	        &ask, NULL) == SQLITE_OK) {
		sqlite3_bind_int64(ask, 1, number);
		const char *hash = sqlite3_step(ask) == SQLITE_ROW ? (const char *)sqlite3_column_text(ask, 0) : NULL;
		if (hash != NULL) snprintf(out, 65, "%s", hash);
	}
	sqlite3_finalize(ask);
	return out;
}

static int write_batch(rewriting *r, aplomb_error *error) {
	const size_t n_lines = r->lines.size / sizeof(piece), n_snapshots = r->snapshots.size / sizeof(piece),
	             n_heads = r->numbers.size / sizeof(uint32_t);
	if (n_heads == 0) return APLOMB_OK;
	const piece *lines = (const piece *)(const void *)r->lines.bytes, *snapshots = (const piece *)(const void *)r->snapshots.bytes;
	const uint32_t *numbers = (const uint32_t *)(const void *)r->numbers.bytes;
	apl_store_line *told_lines = apl_new(r->alloc, (n_lines + 1) * sizeof *told_lines);
	apl_store_snapshot *told_snapshots = apl_new(r->alloc, (n_snapshots + 1) * sizeof *told_snapshots);
	apl_store_head *heads = apl_new(r->alloc, (n_heads + 1) * sizeof *heads);
	char(*hashes)[65] = apl_new(r->alloc, (n_heads + 1) * sizeof *hashes);
	int code = told_lines == NULL || told_snapshots == NULL || heads == NULL || hashes == NULL ? apl_fail_memory(error) : APLOMB_OK;
	for (size_t i = 0; i < n_lines && !code; i++)
		told_lines[i] = (apl_store_line){r->ids.bytes + lines[i].id, lines[i].id_size, lines[i].seq, r->bytes.bytes + lines[i].text,
		    (uint32_t)lines[i].size, &r->marks[lines[i].number]};
	for (size_t i = 0; i < n_snapshots && !code; i++)
		told_snapshots[i] = (apl_store_snapshot){r->ids.bytes + snapshots[i].id, snapshots[i].id_size, snapshots[i].seq,
		    r->bytes.bytes + snapshots[i].text, snapshots[i].size, &r->marks[snapshots[i].number]};
	for (size_t i = 0; i < n_heads && !code; i++) {
		const uint32_t number = numbers[i];
		heads[i] = (apl_store_head){
		    .status = r->status[number], .due_at = r->due[number], .playbook = hash_of(r, number, hashes[i]), .mark = &r->marks[number]};
	}
	const apl_store_batch batch = {.size = sizeof batch,
	    .lines = told_lines,
	    .n_lines = (uint32_t)n_lines,
	    .bytes = r->bytes.bytes,
	    .bytes_size = r->bytes.size,
	    .snapshots = told_snapshots,
	    .n_snapshots = (uint32_t)n_snapshots,
	    .heads = heads,
	    .n_heads = (uint32_t)n_heads,
	    .now = r->now};
	if (!code) code = r->to.ops->commit(r->to.self, &batch, error);
	for (size_t i = 0; i < n_heads; i++) r->is_touched[numbers[i]] = r->has_snapshot[numbers[i]] = 0;
	if (told_lines != NULL) apl_free(r->alloc, told_lines, (n_lines + 1) * sizeof *told_lines);
	if (told_snapshots != NULL) apl_free(r->alloc, told_snapshots, (n_snapshots + 1) * sizeof *told_snapshots);
	if (heads != NULL) apl_free(r->alloc, heads, (n_heads + 1) * sizeof *heads);
	if (hashes != NULL) apl_free(r->alloc, hashes, (n_heads + 1) * sizeof *hashes);
	apl_buf *const bufs[] = {&r->bytes, &r->ids, &r->lines, &r->snapshots, &r->numbers};
	for (size_t i = 0; i < sizeof bufs / sizeof *bufs; i++) apl_buf_clear(bufs[i]);
	return code;
}

static int touch(rewriting *r, uint32_t number, aplomb_error *error) {
	if (r->is_touched[number]) return APLOMB_OK;
	r->is_touched[number] = 1;
	apl_buf_add(&r->numbers, (const char *)&number, sizeof number);
	return r->numbers.failed ? apl_fail_memory(error) : APLOMB_OK;
}

/* The entry's body, which the cursor stands before, into the batch. */
static int take(rewriting *r, apl_sq_cursor *cursor, const apl_sq_entry *entry, aplomb_error *error) {
	const bool is_line = entry->kind == APL_SQ_LINE;
	int code = apl_sq_body_read(cursor, entry->size, &r->from->body, error);
	if (!code) code = apl_sq_id_of(r->from, entry->number, error);
	if (!code) code = touch(r, entry->number, error);
	if (code) return code;
	const piece it = {.id = r->ids.size,
	    .id_size = (uint32_t)r->from->lent.size,
	    .text = r->bytes.size,
	    .size = r->from->body.size + is_line,
	    .number = entry->number,
	    .seq = entry->seq};
	apl_buf_add(&r->ids, r->from->lent.bytes, r->from->lent.size);
	apl_buf_add(&r->bytes, r->from->body.bytes, r->from->body.size);
	if (is_line) apl_buf_byte(&r->bytes, '\n');
	apl_buf_add(is_line ? &r->lines : &r->snapshots, (const char *)&it, sizeof it);
	if (!is_line) r->has_snapshot[entry->number] = 1;
	return r->ids.failed || r->bytes.failed || r->lines.failed || r->snapshots.failed ? apl_fail_memory(error) : APLOMB_OK;
}

/* The newest, one in so many of the others, and the one that a case without a beginning begins with. */
static bool is_kept(const rewriting *r, apl_sq_place place, const apl_sq_entry *entry) {
	return r->from->heads[entry->number].snapshot == place || entry->index % KEPT_OF_OLD == 0 || entry->back == 0;
}

static int rewrite_entry(rewriting *r, apl_sq_cursor *cursor, apl_sq_place place, const apl_sq_entry *entry, aplomb_error *error) {
	const bool is_piece = entry->kind == APL_SQ_LINE || entry->kind == APL_SQ_SNAPSHOT;
	int code = APLOMB_OK;
	if (entry->number >= r->from->n_heads)
		return apl_sq_damaged(r->from, error, "row %llu of the log tells of case number %u, which is none",
		    (unsigned long long)(place / APL_SQ_PAGE), entry->number);
	/* In a batch the lines of a case stand before its snapshot. */
	if (is_piece && r->has_snapshot[entry->number]) code = write_batch(r, error);
	if (code) return code;
	if (entry->kind == APL_SQ_LINE || (entry->kind == APL_SQ_SNAPSHOT && is_kept(r, place, entry))) return take(r, cursor, entry, error);
	if (entry->kind == APL_SQ_HEAD) {
		r->due[entry->number] = entry->due_at;
		r->status[entry->number] = entry->status;
		return touch(r, entry->number, error);
	}
	return apl_sq_body_read(cursor, entry->size, NULL, error);
}

static int rewrite_log(rewriting *r, aplomb_error *error) {
	apl_sq_cursor cursor;
	uint64_t end;
	for (uint64_t row = 1; row < r->from->next_row; row = end) {
		int code = apl_sq_commit_at(r->from, row, &cursor, &end, error);
		if (code) return code;
		r->now = apl_sq_chunk_of(&cursor).now;
		for (;;) {
			apl_sq_entry entry;
			apl_sq_place place;
			bool is_there;
			code = apl_sq_entry_next(&cursor, end, &place, &entry, &is_there, error);
			if (!code && !is_there) break;
			if (!code) code = rewrite_entry(r, &cursor, place, &entry, error);
			if (code) return code;
		}
		if (r->bytes.size < BATCH_BYTES && r->lines.size < BATCH_LINES * sizeof(piece)) continue;
		code = write_batch(r, error);
		if (code) return code;
	}
	return write_batch(r, error);
}

static int put_playbook(int64_t number, const char *hash, void *payload) {
	(void)number;
	rewriting *r = payload;
	const char *source;
	size_t size;
	int code = r->source->ops->get_source(r->from, hash, &source, &size, r->error);
	/* Of one that nobody has put the source the hash is entered with its cases. */
	if (code == APLOMB_ENOTFOUND) return APLOMB_OK;
	return code ? code : r->to.ops->put_source(r->to.self, hash, source, size, r->error);
}

static int put_effect(const apl_store_effect *effect, void *payload) {
	rewriting *r = payload;
	apl_store_effect again = *effect;
	const apl_store_batch batch = {.size = sizeof batch, .effects = &again, .n_effects = 1, .now = r->now};
	return r->to.ops->commit(r->to.self, &batch, r->error);
}

static int rewrite(rewriting *r, aplomb_error *error) {
	const uint32_t n = r->from->n_heads + 1;
	r->marks = apl_new(r->alloc, n * sizeof *r->marks);
	r->due = apl_new(r->alloc, n * sizeof *r->due);
	r->status = apl_new(r->alloc, 3 * (size_t)n);
	int code = r->marks == NULL || r->due == NULL || r->status == NULL ? apl_fail_memory(error) : APLOMB_OK;
	if (!code) {
		r->is_touched = r->status + n;
		r->has_snapshot = r->is_touched + n;
		for (uint32_t i = 0; i < n; i++) r->due[i] = APLOMB_NEVER;
		code = apl_store_sqlite_playbooks(r->source, put_playbook, r, error);
	}
	if (!code) code = rewrite_log(r, error);
	if (!code) code = r->source->ops->effects(r->from, NULL, 0, 0, put_effect, r, error);
	if (!code) code = r->source->ops->sent(r->from, put_effect, r, error);
	apl_buf *const bufs[] = {&r->bytes, &r->ids, &r->lines, &r->snapshots, &r->numbers};
	for (size_t i = 0; i < sizeof bufs / sizeof *bufs; i++) apl_buf_dispose(bufs[i]);
	if (r->marks != NULL) apl_free(r->alloc, r->marks, n * sizeof *r->marks);
	if (r->due != NULL) apl_free(r->alloc, r->due, n * sizeof *r->due);
	if (r->status != NULL) apl_free(r->alloc, r->status, 3 * (size_t)n);
	return code;
}

int apl_store_sqlite_rewrite(const apl_alloc *alloc, const char *from, const char *part, aplomb_error *error) {
	apl_store source;
	const apl_store_sqlite_options looks = {.path = from, .reads_only = true}, makes = {.path = part};
	int code = apl_store_sqlite_open(&source, alloc, &looks, error);
	if (code) return code;
	rewriting r = {.alloc = alloc, .source = &source, .from = source.self, .error = error, .now = APLOMB_NEVER};
	apl_store_sqlite_remove(part);
	code = apl_store_sqlite_open(&r.to, alloc, &makes, error);
	if (!code) {
		apl_buf *const bufs[] = {&r.bytes, &r.ids, &r.lines, &r.snapshots, &r.numbers};
		for (size_t i = 0; i < sizeof bufs / sizeof *bufs; i++) apl_buf_init(bufs[i], alloc);
		code = rewrite(&r, error);
		r.to.ops->close(r.to.self);
	}
	source.ops->close(source.self);
	if (code) apl_store_sqlite_remove(part);
	return code;
}

/* ---- its name --------------------------------------------------------------------------------- */

int apl_store_sqlite_lock(const char *path, apl_store_lock *out, aplomb_error *error) {
	sqlite3 *owner = NULL;
	int code = apl_sq_lock(path, NULL, &owner, error);
	out->owner = owner;
	if (code) apl_store_sqlite_unlock(out);
	return code;
}

void apl_store_sqlite_unlock(apl_store_lock *lock) {
	sqlite3_close(lock->owner);
	lock->owner = NULL;
}

/*
 * What SQLite has beside the old file belongs to that and not to the new one: it goes into the old file first, which only works when nobody
 * else has it open. One that cannot be read any more is no loss.
 */
static int part_with(const char *to, aplomb_error *error) {
	sqlite3 *db = NULL;
	int code = sqlite3_open_v2(to, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (code == SQLITE_OK) code = sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	const bool is_busy = (code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED;
	int answer = is_busy ? apl_fail(error, APLOMB_ESTORE, "store-in-use",
	                           "%s: somebody looks into it, and it cannot be exchanged meanwhile: try again in a moment", to)
	                     : APLOMB_OK;
	sqlite3_close(db);
	if (answer) return answer;
	remove_with(to, "-wal");
	remove_with(to, "-shm");
	return APLOMB_OK;
}

/* A name that nobody has is taken before it is given away, so that nothing is overwritten that came in between. */
static int take_name(const char *to, aplomb_error *error) {
	int file = open(to, O_CREAT | O_EXCL | O_WRONLY, 0666);
	if (file < 0 && errno == EEXIST)
		return apl_fail(error, APLOMB_EINVAL, "store-exists", "%s is there already, and nothing is written over it", to);
	if (file < 0) return fail_file(to, "make it", error);
	close(file);
	return APLOMB_OK;
}

int apl_store_sqlite_settle(const char *part, const char *to, bool replaces, aplomb_error *error) {
	const bool is_there = apl_store_sqlite_is_there(to);
	if (!sync_path(part, 0)) return fail_file(part, "write it to the disk", error);
	int code = replaces && is_there ? part_with(to, error) : take_name(to, error);
	if (code) return code;
	if (rename(part, to) != 0) {
		code = fail_file(to, "give it that name", error);
		if (!is_there) unlink(to);
		return code;
	}
	remove_with(part, "-owner");
	return sync_folder_of(to) ? APLOMB_OK : fail_file(to, "write its name to the disk", error);
}
