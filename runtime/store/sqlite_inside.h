/* SPDX-License-Identifier: MIT */
#ifndef APL_STORE_SQLITE_INSIDE_H
#define APL_STORE_SQLITE_INSIDE_H

#include <sqlite3.h>

#include "store/sqlite.h"

/* A place in the log: row * 4096 + offset in the row's chunk. 0: nowhere. */
typedef uint64_t apl_sq_place;
#define APL_SQ_PAGE 4096u
/* The largest chunk that SQLite keeps within one leaf of its tree, where no other row has room then. */
#define APL_SQ_CHUNK 4056u
/*
 * A chunk's own head: XXH3-64 of what follows, the row from which a restart reads on, the runtime's instant, which commit of this file
 * it is of, how many chunks come before and behind it in that.
 */
#define APL_SQ_CHUNK_HEAD 40u

typedef enum apl_sq_kind { APL_SQ_LINE = 1, APL_SQ_SNAPSHOT = 2, APL_SQ_HEAD = 3, APL_SQ_EFFECT = 4, APL_SQ_OVER = 5 } apl_sq_kind;

/* How a case stands. 40 bytes, for there may be millions. */
typedef struct apl_sq_head {
	apl_sq_place line;     /* the newest; 0: none */
	apl_sq_place snapshot; /* likewise */
	aplomb_instant due_at;
	uint64_t seq;      /* APL_SQ_UNREAD: it stands in the log */
	uint32_t position; /* in the heap, from 1; 0: it is not there */
	uint8_t status;
	bool is_held;
	bool is_changed; /* by the running commit */
	bool has_effect; /* that waits: it is due with that, too */
} apl_sq_head;
#define APL_SQ_UNREAD (UINT64_MAX - 1) /* the entry before the head is UINT64_MAX */

/* Records of a page of heads, each of 32 bytes, behind a checksum. */
#define APL_SQ_HEADS_OF_PAGE 126u
#define APL_SQ_HEAD_BYTES 32u
#define APL_SQ_HEADS_PAGE (8u + APL_SQ_HEADS_OF_PAGE * APL_SQ_HEAD_BYTES)

/* What the running commit changed. */
typedef struct apl_sq_undo {
	uint32_t number;
	apl_sq_head head;
} apl_sq_undo;
typedef struct apl_sq_mark {
	uint64_t *mark;
	uint64_t before;
} apl_sq_mark;

typedef struct apl_sq_playbook {
	int64_t number;
	char hash[65];
} apl_sq_playbook;

typedef struct apl_sq_row {
	uint64_t row; /* 0: free */
	uint32_t size;
	uint8_t bytes[APL_SQ_CHUNK];
} apl_sq_row;
#define APL_SQ_ROWS 64u

/* An effect that waits. */
typedef struct apl_sq_effect_name {
	uint64_t seq;
	uint32_t number, item;
} apl_sq_effect_name;
typedef struct apl_sq_effect {
	apl_sq_effect_name name;
	apl_sq_place place; /* in the log; 0: it is a row of the table, and nowhere else */
	aplomb_instant due_at;
	uint32_t before, after; /* of those in the log, from 1; 0: none */
	uint32_t next;          /* of the same bucket, or free, likewise */
	bool is_row;            /* of the table; with a place, too, that row is not what was put last */
	bool is_news;           /* the running commit says something of it */
} apl_sq_effect;
/* What the running commit says. */
typedef struct apl_sq_news {
	apl_sq_effect_name name;
	apl_sq_place place; /* 0: it waits no more */
	aplomb_instant due_at;
} apl_sq_news;
typedef struct apl_sq_effects {
	apl_sq_effect **chunks; /* all of one size */
	uint32_t n_chunks, chunks_capacity;
	uint32_t count, first_free; /* the latter from 1; 0: none */
	uint32_t n_sent;            /* of them: no effects, but what was sent */
	uint32_t *buckets;          /* by the case, from 1; 0: empty */
	uint32_t n_buckets;
	uint32_t first, last; /* in the log */
	apl_sq_news *news;
	uint32_t n_news, news_capacity;
	uint32_t n_new;          /* of them: not known before */
	uint64_t written_before; /* those of rows before it are rows of the table by the running commit */
} apl_sq_effects;

typedef enum apl_sq_statement {
	APL_SQ_BEGIN,
	APL_SQ_COMMIT,
	APL_SQ_ROLLBACK,
	APL_SQ_APPEND,
	APL_SQ_ROW,
	APL_SQ_PUT_PAGE,
	APL_SQ_ADD_CASE,
	APL_SQ_FIND_CASE,
	APL_SQ_CASE_ID,
	APL_SQ_ADD_PLAYBOOK,
	APL_SQ_PUT_EFFECT,
	APL_SQ_DROP_EFFECT,
	APL_SQ_STATEMENTS
} apl_sq_statement;

typedef struct apl_sq {
	apl_alloc alloc;
	sqlite3 *db, *owner; /* the second holds the lock that says who writes; NULL when only reading */
	sqlite3_stmt *statements[APL_SQ_STATEMENTS];
	char *path;
	bool is_full, reads_only;
	aplomb_journal_fn sink;
	void *sink_payload;

	/* The log. */
	uint64_t next_row;
	uint64_t commits;   /* of this file so far */
	uint32_t page_left; /* in the tree's last leaf, as far as it is known */
	aplomb_instant last_at;
	uint64_t tail_from; /* where a restart would begin to read */
	uint64_t most_tail;
	uint64_t debt;    /* bytes of the log, times pages of heads that were dirty then, for which none was written */
	apl_sq_row *rows; /* read lately: by row % APL_SQ_ROWS */

	/* Heads. */
	apl_sq_head *heads;
	uint32_t n_heads, heads_capacity;
	uint32_t *due; /* a 4-ary heap of numbers, the earliest deadline, or effect that is due, first */
	uint32_t n_due, due_capacity;
	uint64_t *dirty_since; /* by page: the first row that no stored version of it knows; 0: none */
	uint32_t dirty_capacity;
	uint32_t *dirty; /* a ring of pages, the longest dirty first */
	uint32_t ring_capacity, ring_first, n_dirty;

	apl_sq_playbook *playbooks;
	uint32_t n_playbooks, playbooks_capacity;

	apl_sq_effects effects;

	/* The running commit. */
	apl_buf stream;
	uint64_t first_row;
	uint32_t first_room; /* for entries in its first chunk */
	apl_sq_undo *undo;
	uint32_t n_undo, undo_capacity;
	apl_sq_mark *marks;
	uint32_t n_marks, marks_capacity;
	uint32_t heads_before;

	bool is_synced;    /* all commits so far are on the disk */
	int64_t synced_at; /* monotonic, in microseconds */
	apl_buf lent, body;
} apl_sq;

/* sqlite.c */
int apl_sq_fail(const apl_sq *store, int code, const char *doing, aplomb_error *error);
int apl_sq_damaged(const apl_sq *store, aplomb_error *error, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A statement that answers nothing, reset afterwards; SQLite's code. */
int apl_sq_run(apl_sq *store, apl_sq_statement statement);
/* The number of the playbook of that hash, entered when it is new. */
int apl_sq_playbook_of(apl_sq *store, const char *hash, int64_t *out, aplomb_error *error);

/* May the last case have this number, in a log that ends in that row? Otherwise EDAMAGED: room is made for so many. */
int apl_sq_check_cases(const apl_sq *store, sqlite3_int64 most, sqlite3_int64 last_row, aplomb_error *error);

/* The lock of whoever writes the store; it goes with [*out], which is to be closed whatever is answered. */
int apl_sq_lock(const char *store, const char *vfs, sqlite3 **out, aplomb_error *error);
/* Where the log ends, the playbooks, and how cases stand, within a transaction that was begun. */
int apl_sq_load(apl_sq *store, aplomb_error *error);
int apl_sq_execute(apl_sq *store, const char *sql, const char *doing, aplomb_error *error);
int apl_sq_ask_number(apl_sq *store, const char *sql, sqlite3_int64 *out, const char *doing, aplomb_error *error);
/* sqlite_examine.c: in place of loading. What it returns keeps it from being opened. */
int apl_sq_examine(apl_sq *store, apl_store_examination *examination, aplomb_error *error);

/* sqlite_log.c */
/* Of [size] bytes, the lowest first. */
static inline void apl_sq_put_fixed(uint8_t *to, uint64_t number, uint32_t size) {
	for (uint32_t i = 0; i < size; i++) to[i] = (uint8_t)(number >> (8 * i));
}
static inline uint64_t apl_sq_get_fixed(const uint8_t *from, uint32_t size) {
	uint64_t number = 0;
	for (uint32_t i = 0; i < size; i++) number |= (uint64_t)from[i] << (8 * i);
	return number;
}
/* Where the [offset]-th byte of the running commit's entries will lie. */
apl_sq_place apl_sq_place_of(const apl_sq *store, size_t offset);
void apl_sq_put_number(apl_buf *out, uint64_t number);
/* Reading on from a place, across rows. */
typedef struct apl_sq_cursor {
	apl_sq *store;
	uint64_t row;
	uint32_t offset, size;
	const uint8_t *bytes;
} apl_sq_cursor;
typedef struct apl_sq_entry {
	apl_sq_kind kind;
	uint32_t number;
	uint64_t seq;
	apl_sq_place back;     /* line: the case's line before; snapshot: its line then; 0: none */
	apl_sq_place snapshot; /* snapshot: the one before; 0: none */
	apl_sq_place jump;     /* snapshot: one further back */
	uint64_t index;        /* snapshot: the how manieth of its case, from 1 */
	uint32_t item;         /* effect, over */
	aplomb_instant due_at; /* head, effect */
	uint8_t status;        /* head */
	uint64_t size;         /* line, snapshot, effect: of the body, which the cursor stands before */
} apl_sq_entry;
int apl_sq_cursor_at(apl_sq *store, apl_sq_place place, apl_sq_cursor *out, aplomb_error *error);
int apl_sq_entry_read(apl_sq_cursor *cursor, apl_sq_entry *out, aplomb_error *error);
/* What the head of the cursor's chunk says, but for its checksum. */
typedef struct apl_sq_chunk {
	uint64_t tail_from, commit;
	aplomb_instant now;
	uint32_t nth, of;
} apl_sq_chunk;
apl_sq_chunk apl_sq_chunk_of(const apl_sq_cursor *cursor);
/* Before the entries of the commit that begins in the row; [*end]: the row behind it. */
int apl_sq_commit_at(apl_sq *store, uint64_t row, apl_sq_cursor *out, uint64_t *end, aplomb_error *error);
/* The next of them, from chunk to chunk. The cursor stands before its body then, which is to be read before the one behind it. */
int apl_sq_entry_next(apl_sq_cursor *cursor, uint64_t end, apl_sq_place *place, apl_sq_entry *out, bool *is_there, aplomb_error *error);
/* Into [out], which is cleared; or past it when [out] is NULL. */
int apl_sq_body_read(apl_sq_cursor *cursor, uint64_t size, apl_buf *out, aplomb_error *error);
/* The entry at a place, of which kind and case it must be. */
int apl_sq_entry_at(
    apl_sq *store, apl_sq_place place, apl_sq_kind kind, uint32_t number, apl_sq_cursor *cursor, apl_sq_entry *out, aplomb_error *error);
/* The commit's entries are chunks of the log now; nothing is known of them in memory yet. */
int apl_sq_log_write(apl_sq *store, aplomb_instant now, uint64_t tail_from, aplomb_error *error);
uint32_t apl_sq_n_chunks(const apl_sq *store);
void apl_sq_room_begin(apl_sq *store);

/* sqlite_heads.c */
/* false without memory. */
bool apl_sq_heads_reserve(apl_sq *store, uint32_t count);
int apl_sq_heads_load(apl_sq *store, aplomb_error *error);
/* Is a page of heads what was written? */
bool apl_sq_heads_page_is_sound(const uint8_t *bytes, int size);
void apl_sq_heads_dispose(apl_sq *store);
void apl_sq_dirty(apl_sq *store, uint32_t number, uint64_t row);
/* At most so many pages of heads, the longest dirty first, into the transaction. */
int apl_sq_heads_write(apl_sq *store, uint32_t most, aplomb_error *error);
uint64_t apl_sq_tail_after(const apl_sq *store, uint32_t n_written);
/* They are stored; or they were not, and are dirty as before. */
void apl_sq_heads_written(apl_sq *store, uint32_t n_written);
/* When the case has something to do, by its head or an effect that waits. */
aplomb_instant apl_sq_due_of(const apl_sq *store, uint32_t number);
void apl_sq_due_add(apl_sq *store, uint32_t number);
void apl_sq_due_remove(apl_sq *store, uint32_t number);
/* The seq of its newest entry, read from the log when it is not known. */
int apl_sq_seq_of(apl_sq *store, uint32_t number, aplomb_error *error);

/* sqlite_effects.c */
void apl_sq_effects_dispose(apl_sq *store);
/* What waits as rows of the table; then what the tail of the log says. */
int apl_sq_effects_load(apl_sq *store, aplomb_error *error);
int apl_sq_effect_note(apl_sq *store, apl_sq_place place, const apl_sq_entry *entry, aplomb_error *error);
/* Everything has been noted: heads are told. */
void apl_sq_effects_in_heads(apl_sq *store);
/* When the first of the case's effects is due; APLOMB_NEVER. */
aplomb_instant apl_sq_effects_due(const apl_sq *store, uint32_t number);
/* One of the commit's, into its entries. */
int apl_sq_effect_put(apl_sq *store, const apl_store_effect *effect, aplomb_error *error);
/* What waits in rows of the log that no restart reads from now on becomes rows of the table. */
int apl_sq_effects_write(apl_sq *store, uint64_t tail_from, aplomb_error *error);
/* The commit begins, or did not come about; it did. */
void apl_sq_effects_begin(apl_sq *store);
void apl_sq_effects_settle(apl_sq *store);
/* Those that are no rows of the table. */
int apl_sq_effects_in_log(
    apl_sq *store, void (*tell)(const apl_sq_effect *effect, uint64_t size, void *payload), void *payload, aplomb_error *error);
/* Of aplomb_store_ops. */
int apl_sq_effects_each(void *self, const char *case_id, uint32_t case_id_size, uint64_t mark,
    int (*tell)(const apl_store_effect *effect, void *payload), void *payload, aplomb_error *error);
uint64_t apl_sq_effects_count(void *self);
int apl_sq_sent_each(void *self, int (*tell)(const apl_store_effect *effect, void *payload), void *payload, aplomb_error *error);

/* sqlite_commit.c */
int apl_sq_commit(void *self, const apl_store_batch *batch, aplomb_error *error);
/* A commit of nothing, with up to so many pages of heads; on the disk when it returns, if [synced]. */
int apl_sq_mark_time(apl_sq *store, aplomb_instant now, uint32_t pages, bool synced, aplomb_error *error);

/* sqlite_cases.c */
/* What the door lets in as a case's id, and so all that stands in the table. */
bool apl_sq_is_id(const void *bytes, size_t size);
/* The case's id, terminated, in [lent]. */
int apl_sq_id_of(apl_sq *store, uint32_t number, aplomb_error *error);
/* Of aplomb_store_ops. */
int apl_sq_read(void *self, const char *case_id, uint32_t case_id_size, uint64_t mark, uint64_t from,
    int (*line)(const char *text, size_t size, void *payload), void *payload, aplomb_error *error);
int apl_sq_snapshot(void *self, const char *case_id, uint32_t case_id_size, uint64_t mark, uint64_t upto, const char **text, size_t *size,
    uint64_t *seq, aplomb_error *error);
int apl_sq_find(void *self, const char *case_id, uint32_t case_id_size, apl_store_found *out, aplomb_error *error);
void apl_sq_leave(void *self, const char *case_id, uint32_t case_id_size, uint64_t mark);
int apl_sq_due(void *self, aplomb_instant until, uint32_t most,
    void (*tell)(const char *case_id, uint32_t case_id_size, aplomb_instant due_at, void *payload), void *payload, aplomb_error *error);
aplomb_instant apl_sq_next_due(void *self);
int apl_sq_cases(void *self, int (*tell)(const apl_store_head *head, void *payload), void *payload, aplomb_error *error);

#endif
