/* SPDX-License-Identifier: MIT */
#ifndef APL_STORE_SQLITE_H
#define APL_STORE_SQLITE_H

/*
 * Cases in one file of SQLite's (docs/store.md says how, and why so): what the
 * files of this backend share. Others see apl_store_sqlite_open and no more.
 *
 *   sqlite.c          the file: who may open it, its schema, sources, errors
 *   sqlite_log.c      the log: entries of many cases in chunks of a page, and reading them
 *   sqlite_heads.c    how cases stand: in memory, in packed pages, and what is due
 *   sqlite_effects.c  effects that wait: in the log, and in a table when that is read no more
 *   sqlite_commit.c   a batch becomes a transaction, and how it is taken back
 *   sqlite_cases.c    reading a case, finding it, telling all
 *   sqlite_examine.c  all of a file is looked at: what is damaged where, and what it holds how much of
 *   sqlite_copy.c     a file is copied while somebody writes it, written anew without what nobody needs, put in another's place
 */

#include "base/buf.h"
#include "store/store.h"

/* What is not as it was written. Lent for the call. */
typedef struct apl_store_damage {
	const char *table;   /* "file", or the table of SQLite's */
	int64_t row;         /* its number there; -1: none is meant */
	const char *case_id; /* NUL-terminated, or NULL */
	const char *message;
} apl_store_damage;

/* How much of what there is. */
typedef struct apl_store_measure {
	uint64_t cases, playbooks, commits, entries, snapshots, effects, sent; /* sent: from case to case, and not there yet */
	uint64_t line_bytes, snapshot_bytes, old_snapshot_bytes;               /* of snapshots: those behind which their case has a newer one */
	uint64_t log_bytes, head_bytes, source_bytes, effect_bytes, sent_bytes;
	uint64_t page_bytes, free_bytes; /* of the file: all its pages, and those that hold nothing */
	aplomb_instant last_at;          /* APLOMB_NEVER: there was no commit */
} apl_store_measure;

typedef struct apl_store_examination {
	/* Also what SQLite thinks of its own structure, and whether the tables agree; otherwise only what is read anyway is checked. */
	bool is_thorough;
	void (*damage)(const apl_store_damage *damage, void *payload);
	void *payload;
	uint64_t damages; /* told */
	apl_store_measure measure;
} apl_store_examination;

typedef struct apl_store_sqlite_options {
	const char *path;
	/* A commit is on the disk when it returns; otherwise it survives the process, and a power cut may take the newest ones. */
	bool full;
	/* Only to look, beside whoever has it open: at what there was when it was opened. `cases` says seq only where that is known already. */
	bool reads_only;
	/* A restart reads about so many bytes of the log at most, whatever the number of cases; 0: 512 MiB. Less writes more. */
	uint64_t most_tail;
	/*
	 * With reads_only: nothing that is damaged keeps it from being opened, but is told; what it says of cases is what the log says of
	 * them, whatever their heads do. For reading them, and nothing else. NULL: as usual.
	 */
	apl_store_examination *examines;
	const char *vfs;        /* SQLite's name of what reads and writes, for tests; NULL: the usual one */
	aplomb_journal_fn sink; /* also hand all lines of each commit here, within the transaction; non-zero fails it */
	void *sink_payload;
} apl_store_sqlite_options;

/*
 * ESTORE (store-in-use, store-io), EDAMAGED (store-damaged, store-foreign), EVERSION (store-version), ENOMEM.
 * SQLite takes its memory from the C library, our own part of it from [alloc].
 */
int apl_store_sqlite_open(apl_store *out, const apl_alloc *alloc, const apl_store_sqlite_options *options, aplomb_error *error);

/* Of a store that is looked into: the id of the case of that number, lent; its mark is one more. */
int apl_store_sqlite_case(const apl_store *store, uint32_t number, const char **id, uint32_t *size, aplomb_error *error);
/* Which was opened last; false: there is none. */
bool apl_store_sqlite_last_case(const apl_store *store, uint32_t *out);
/* And every version of a playbook, in the order in which they came. Stops when [tell] returns non-zero, and returns that. */
int apl_store_sqlite_playbooks(
    const apl_store *store, int (*tell)(int64_t number, const char *hash, void *payload), void *payload, aplomb_error *error);

/* ---- files ---- */

/* Is there such a file, or anything else of that name? */
bool apl_store_sqlite_is_there(const char *path);
/* How large it is; 0 when there is none. */
uint64_t apl_store_sqlite_size(const char *path);
/* A file that has no name yet, and what SQLite puts beside it. */
void apl_store_sqlite_remove(const char *part);
/* The store at one moment, whoever writes it meanwhile, as the file [part]. */
int apl_store_sqlite_copy(const char *from, const char *part, aplomb_error *error);
/*
 * The store's journal, in its order, and what else is needed, as the new store [part]: of the snapshots behind which a case has a newer one
 * every sixteenth, so that an old entry is found without all before it being stepped. Nobody may write it meanwhile.
 */
int apl_store_sqlite_rewrite(const apl_alloc *alloc, const char *from, const char *part, aplomb_error *error);
/* A lock on a store that no runtime may have while it is exchanged. */
typedef struct apl_store_lock {
	void *owner;
} apl_store_lock;
int apl_store_sqlite_lock(const char *path, apl_store_lock *out, aplomb_error *error);
void apl_store_sqlite_unlock(apl_store_lock *lock);
/*
 * [part] gets the name [to], all of it on the disk. EINVAL (store-exists): there is something of that name. With [replaces] that is lost,
 * when all of the new one is there; the caller has its lock. ESTORE (store-in-use): somebody looks into it.
 */
int apl_store_sqlite_settle(const char *part, const char *to, bool replaces, aplomb_error *error);

#endif
