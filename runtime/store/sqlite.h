/* SPDX-License-Identifier: MIT */
#ifndef APL_STORE_SQLITE_H
#define APL_STORE_SQLITE_H

/*
 * Cases in one file of SQLite's (docs/store.md says how, and why so): what the
 * files of this backend share. Others see apl_store_sqlite_open and no more.
 *
 *   sqlite.c          the file: who may open it, its schema, sources, effects, errors
 *   sqlite_log.c      the log: entries of many cases in chunks of a page, and reading them
 *   sqlite_heads.c    how cases stand: in memory, in packed pages, and what is due
 *   sqlite_commit.c   a batch becomes a transaction, and how it is taken back
 *   sqlite_cases.c    reading a case, finding it, telling all
 */

#include "base/buf.h"
#include "store/store.h"

typedef struct apl_store_sqlite_options {
	const char *path;
	/* A commit is on the disk when it returns; otherwise it survives the process, and a power cut may take the newest ones. */
	bool full;
	/* Only to look, beside whoever has it open: at what there was when it was opened. `cases` says seq only where that is known already. */
	bool reads_only;
	/* A restart reads about so many bytes of the log at most, whatever the number of cases; 0: 64 MiB. Less writes more. */
	uint64_t most_tail;
	const char *vfs;        /* SQLite's name of what reads and writes, for tests; NULL: the usual one */
	aplomb_journal_fn sink; /* also hand all lines of each commit here, within the transaction; non-zero fails it */
	void *sink_payload;
} apl_store_sqlite_options;

/*
 * ESTORE (store-in-use, store-io), EDAMAGED (store-damaged, store-foreign), EVERSION (store-version), ENOMEM.
 * SQLite takes its memory from the C library, our own part of it from [alloc].
 */
int apl_store_sqlite_open(apl_store *out, const apl_alloc *alloc, const apl_store_sqlite_options *options, aplomb_error *error);

#endif
