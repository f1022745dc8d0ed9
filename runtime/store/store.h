/* SPDX-License-Identifier: MIT */
#ifndef APL_STORE_STORE_H
#define APL_STORE_STORE_H

/*
 * What the engine asks of a store, and what a store promises: aplomb.h says it
 * (aplomb_store_ops), for a host may bring its own. The engine commits through
 * this and nothing else; a `close` that a host left out is there by then.
 * tests/store/contract.c is the promise as tests, which every store of ours
 * passes.
 */

#include "base/error.h"

/* Bytes of a case's id: `case:ID` and `ID/seq/item` are within the bound of other ids. */
#define APL_MOST_CASE_ID 256

typedef aplomb_store_line apl_store_line;
typedef aplomb_store_snapshot apl_store_snapshot;
typedef aplomb_store_head apl_store_head;
typedef aplomb_store_effect apl_store_effect;
typedef aplomb_store_batch apl_store_batch;
typedef aplomb_store_found apl_store_found;
typedef aplomb_store_ops apl_store_ops;

typedef struct apl_store {
	const apl_store_ops *ops;
	void *self;
	/*
	 * Nobody will ever see a line: the engine then composes none, its commits
	 * hold snapshots only, and the hashes of lines in snapshots are zero.
	 */
	bool drops_lines;
	/*
	 * Cases may leave memory and come back: commits hold heads, and what is said of holding, due and cases counts. Otherwise the engine
	 * keeps every case, and asks for nothing but commit, read, snapshot and sources.
	 */
	bool pages;
} apl_store;

typedef struct apl_store_memory_options {
	bool forget; /* keep no lines (read then finds none) */
	aplomb_journal_fn
	    sink; /* also hand all lines of each commit here; non-zero fails the commit (ESTORE, slug journal-sink) before anything is kept */
	void *sink_payload;
	bool pages; /* keep heads, too: for tests of what other stores are there for */
} apl_store_memory_options;

/* The reference: everything in memory, lines in large chunks, each holding the way to its case's line before. */
int apl_store_memory_open(apl_store *out, const apl_alloc *alloc, const apl_store_memory_options *options, aplomb_error *error);

/* Does the number of a row name what one case sent another? Effects have theirs below. */
static inline bool apl_store_is_sent(uint32_t item) {
	return (item & APLOMB_STORE_SENT) != 0;
}

/* What every store says. */
int apl_store_fail_conflict(const apl_store_line *line, aplomb_error *error);
int apl_store_fail_no_case(const char *case_id, uint32_t case_id_size, aplomb_error *error);
int apl_store_fail_no_snapshot(const char *case_id, uint32_t case_id_size, aplomb_error *error);
int apl_store_fail_no_source(const char *hash, aplomb_error *error);
/* The lines of a commit go to a sink before it is whole (NULL: there is none). */
int apl_store_ask_sink(aplomb_journal_fn sink, void *payload, const apl_store_batch *batch, aplomb_error *error);

#endif
