/* SPDX-License-Identifier: MIT */
#ifndef APL_STORE_STORE_H
#define APL_STORE_STORE_H

/*
 * What the engine asks of a store, and what a store promises. The engine
 * commits through this and nothing else, in batches:
 *
 *   - a commit is taken whole or not at all;
 *   - when commit has returned APLOMB_OK, all of it is readable (and, for a
 *     durable store, survives as its durability says);
 *   - the lines of a case are kept in the order given, and a line is refused
 *     (whole commit: ESTORE, slug store-conflict) when the case's newest entry
 *     in the store is not the one before it;
 *   - a mark is the store's own word about a case (say, where its newest line
 *     lies). The engine keeps it with the case, hands it in and takes it back;
 *     0 means the case has nothing in the store yet: its first line is then
 *     taken whatever its number, for it may go on from a snapshot. Marks are changed only by
 *     a commit that succeeded.
 */

#include "base/error.h"

typedef struct apl_store_line {
	const char *case_id;
	uint32_t case_id_size;
	uint64_t seq;     /* 0: the head */
	const char *text; /* with its newline */
	uint32_t size;
	uint64_t *mark; /* in and out */
} apl_store_line;

typedef struct apl_store_snapshot {
	const char *case_id;
	uint32_t case_id_size;
	uint64_t seq; /* holds everything up to this entry */
	const char *text;
	size_t size;
} apl_store_snapshot;

typedef struct apl_store_batch {
	const apl_store_line *lines; /* their texts lie one behind the other in [bytes] */
	uint32_t n_lines;
	const char *bytes;
	size_t size;
	const apl_store_snapshot *snapshots;
	uint32_t n_snapshots;
} apl_store_batch;

typedef struct apl_store_ops {
	int (*commit)(void *self, const apl_store_batch *batch, aplomb_error *error);
	/* The case's lines from entry [from] on, in order, without newline; stops early when [line] returns non-zero, and returns that. */
	int (*read)(void *self, const char *case_id, uint32_t case_id_size, uint64_t mark, uint64_t from,
	    int (*line)(const char *text, size_t size, void *payload), void *payload, aplomb_error *error);
	/* The newest snapshot, lent until the next call; ENOTFOUND. */
	int (*snapshot)(
	    void *self, const char *case_id, uint32_t case_id_size, const char **text, size_t *size, uint64_t *seq, aplomb_error *error);
	/* A playbook's whole source by its content hash; putting the same twice is fine. */
	int (*put_source)(void *self, const char *hash, const char *bytes, size_t size, aplomb_error *error);
	int (*get_source)(void *self, const char *hash, const char **bytes, size_t *size, aplomb_error *error);
	void (*close)(void *self);
} apl_store_ops;

typedef struct apl_store {
	const apl_store_ops *ops;
	void *self;
	/*
	 * Nobody will ever see a line: the engine then composes none, its commits
	 * hold snapshots only, and the hashes of lines in snapshots are zero.
	 */
	bool drops_lines;
} apl_store;

typedef struct apl_store_memory_options {
	bool forget; /* keep no lines (read then finds none) */
	aplomb_journal_fn
	    sink; /* also hand all lines of each commit here; non-zero fails the commit (ESTORE, slug journal-sink) before anything is kept */
	void *sink_payload;
} apl_store_memory_options;

/* The reference: everything in memory, lines in large chunks, each holding the way to its case's line before. */
int apl_store_memory_open(apl_store *out, const apl_alloc *alloc, const apl_store_memory_options *options, aplomb_error *error);

#endif
