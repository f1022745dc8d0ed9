/* SPDX-License-Identifier: MIT */
#ifndef APL_JOURNAL_ENTRY_H
#define APL_JOURNAL_ENTRY_H

/*
 * The journal's lines (docs/formats.md): canonical JSON, one line a macrostep.
 *
 *   head   {"aplomb":"journal","case":…,"engine":…,"limits":{…},"locale":…,"params":{…},"parent":{…},"personal":{…},
 *           "playbook":{"hash":…,"id":…,"version":…},"seed":…,"seq":0,"subject":…,"tzdata":…,"v":1}
 *   entry  {"at":…,"case":…,"cause":{…},"digest":…,"items":[…],"kind":…,"prev":…,"seq":1,"v":1}
 *
 * digest: XXH3-128 over configuration, history, data, timers and effects after
 * the step. prev: XXH3-128 of the case's previous line, without its newline.
 * Both as 32 hex digits.
 */

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "time/instant.h"
#include "value/json.h"

#define APL_JOURNAL_VERSION 1
#define APL_SNAPSHOT_VERSION 1

typedef enum apl_entry_kind {
	APL_ENTRY_OPENED,
	APL_ENTRY_EVENT,
	APL_ENTRY_TIMER,
	APL_ENTRY_REFUSED,
	APL_ENTRY_FAULTED,
	APL_ENTRY_AWAY,
	APL_ENTRY_STATEMENT,
	APL_ENTRY_CANCELLED,
	APL_ENTRY_MENDED,
	APL_ENTRY_CALENDAR,
	APL_ENTRY_KINDS
} apl_entry_kind;
const char *apl_entry_kind_name(apl_entry_kind kind);

/*
 * Writing a line, in four parts, each straight to its place:
 *
 *   apl_entry_begin   {"at":…,"case":…,"cause":
 *   the caller        the cause, a canonical JSON map
 *   apl_entry_items   ,"digest":"…","items":[       the caller notes out->size behind it
 *   the caller        items, canonical JSON, separated by commas
 *   apl_entry_end     ],"kind":…,"prev":…,"seq":…,"v":1} and the newline; the digest is filled in
 *
 * [plain]: the case's id needs no escapes in JSON. Without memory [out] has
 * failed.
 */
void apl_entry_begin(apl_buf *out, apl_instant_writer *instants, aplomb_instant at, const char *case_id, size_t case_id_size, bool plain);
void apl_entry_items(apl_buf *out);
void apl_entry_end(apl_buf *out, size_t items, apl_entry_kind kind, uint64_t seq, apl_hash128 digest, apl_hash128 prev);
/* Of a line as it stands in the buffer, [size] with its newline: the next entry's prev. */
static inline apl_hash128 apl_line_hash(const char *line, size_t size) {
	return apl_hash_bytes(line, size - 1);
}

/* What a case was opened with, and under which limits: everything a replay must know before the first entry. */
typedef struct apl_head {
	const char *case_json; /* the id as JSON text, with quotes */
	size_t case_json_size;
	const char *limits; /* canonical JSON map */
	size_t limits_size;
	const char *params; /* canonical JSON map: the effective parameters */
	size_t params_size;
	const char *personal; /* ,"personal":{…}; or nothing */
	size_t personal_size;
	const char *parent;        /* the case that invoked it, or NULL; */
	const char *parent_invoke; /* as which invocation of it */
	uint32_t parent_depth;     /* 1: the parent was invoked by nobody */
	const char *locale;        /* or NULL */
	const char *subject;       /* or NULL */
	const char *playbook;      /* id */
	const char *playbook_hash;
	const char *playbook_version; /* or NULL */
	int64_t seed;                 /* of the case's random numbers, never negative */
} apl_head;
/* Appends the head line and its newline; returns its hash, the first entry's prev. */
apl_hash128 apl_head_write(apl_buf *out, const apl_head *head);
/* {"hash":…,"id":…,"version":…}: which playbook, as head and snapshot say it. [version] may be NULL. */
void apl_playbook_write(apl_buf *out, const char *hash, const char *id, const char *version);
/* What limits are that nobody set, of those that a head leaves out then. */
enum { APL_USUAL_CHILDREN = 64, APL_USUAL_INVOKE_DEPTH = 8, APL_USUAL_OWN_STEPS = 10000, APL_USUAL_HOPS = 2520, APL_USUAL_IDS = 1000000 };
/* The limits as the head holds them. */
void apl_limits_write(apl_buf *out, const aplomb_limits *limits);
/* The other way: of the map at [cell]; one that it does not name stays as it is. */
void apl_limits_read(const apl_tape *tape, uint32_t cell, aplomb_limits *out);

/* A line's members that every line has; texts point into its tape. */
typedef struct apl_line_head {
	bool is_head;
	const char *id;
	uint32_t id_size;
	uint64_t seq;
	apl_hash128 prev; /* of an entry */
} apl_line_head;
/* Is it a line of a journal, by its shape alone? EDAMAGED (journal-shape), EVERSION. */
int apl_line_shape(const apl_tape *tape, apl_line_head *out, aplomb_error *error);

/*
 * Reading: feeds lines of a journal file, of one or many cases mixed, and checks
 * version, shape, that seq goes up by one within a case and that prev is the
 * hash of the case's line before. It keeps 40 bytes and the id per case.
 */
typedef struct apl_journal_reader apl_journal_reader;
apl_journal_reader *apl_journal_reader_new(const apl_alloc *alloc);
void apl_journal_reader_free(apl_journal_reader *reader);
/* EDAMAGED (journal-seq, journal-chain, journal-shape, journal-headless), EVERSION, EJSON; [tape] then holds the line's cells as far as it
 * was read. */
int apl_journal_read(apl_journal_reader *reader, const char *line, size_t size, apl_tape *tape, aplomb_error *error);

#endif
