/* SPDX-License-Identifier: MIT */
#ifndef APL_ENGINE_PAGING_H
#define APL_ENGINE_PAGING_H

/*
 * Cases leave memory and come back (paging.c), where the store keeps them. An
 * engine whose store does not has no pages, and nothing here happens.
 */
#include "engine/engine.h"

struct apl_case;

/* What only a case that may leave memory has, behind its words. */
typedef struct apl_page {
	uint64_t since;    /* bytes of its lines since its newest snapshot */
	uint64_t snapshot; /* bytes of that */
	bool is_used;      /* since the hand came by */
	bool is_pinned;    /* something points to the case; only while the hand moves */
} apl_page;

/* Marks of cases that were in memory once: open addressing, 64 neighbours a slot. */
typedef struct apl_mark_slot {
	uint64_t common; /* their high bits */
	uint64_t which;  /* of the low ones; 0: the slot is free */
} apl_mark_slot;
typedef struct apl_marks {
	apl_mark_slot *slots;
	uint32_t capacity, count;
} apl_marks;

typedef struct apl_pages {
	apl_program_loader loader;
	uint32_t most; /* cases in memory */
	/* Some had to stay when the hand came by: so many were left, and so many lines were written since. */
	uint32_t stayed;
	uint64_t lines_since;
	bool is_recalling;
	apl_log quiet;
	apl_tape tape;
	apl_buf text;    /* of a snapshot */
	apl_buf lines;   /* behind it, each with its newline */
	apl_marks known; /* counted already, so that a case which comes back is not counted twice */
} apl_pages;

int apl_pages_new(apl_pages **out, const apl_alloc *alloc, const apl_engine_options *options, aplomb_error *error);
void apl_pages_free(apl_pages *pages, const apl_alloc *alloc);

apl_page *apl_page_of(struct apl_case *c);
static inline size_t apl_page_room(const apl_pages *pages) {
	return pages != NULL ? sizeof(apl_page) : 0;
}
/* A line is stepped again that the store has: nothing of it is written, told, counted or handed out. */
static inline bool apl_is_recalling(const apl_pages *pages) {
	return pages != NULL && pages->is_recalling;
}

/* The case of that id, out of the store if it is not in memory; no batch may be running. ENOTFOUND (no-case), EDAMAGED, EDIFFERS, ESTORE, …
 */
int apl_page_in(apl_engine *engine, const char *id, size_t size, struct apl_case **out, aplomb_error *error);
/* The same, but that there is none is no error: [*out] is NULL then. Nor is it without pages. */
int apl_page_look(apl_engine *engine, const char *id, size_t size, struct apl_case **out, aplomb_error *error);
/* Is the case of that id, which is not in memory, closed? */
bool apl_page_is_closed(apl_engine *engine, const char *id, size_t size);
/* The program of that hash, out of the store if it is not loaded. */
int apl_page_program(apl_engine *engine, const char *hash, apl_program **out, aplomb_error *error);
/* The cases that have something to do by [now] come into memory, at most so many. */
int apl_pages_due(apl_engine *engine, aplomb_instant now, uint32_t most, aplomb_error *error);
/* When the first of those that are not in memory has something to do, or may, after an absence; APLOMB_NEVER. */
aplomb_instant apl_pages_next_due(apl_engine *engine, aplomb_instant now);
/* Those that have been idle longest leave it, if there are more than there may be. */
void apl_pages_out(apl_engine *engine);

/* The batch's commit gets the heads of its cases; [*heads] is the arena's. ENOMEM. */
int apl_pages_commit(apl_engine *engine, apl_store_batch *commit, aplomb_error *error);
/* It succeeded. */
void apl_pages_committed(apl_pages *pages, const apl_store_batch *commit);
/* A case that came as a snapshot is the store's from now on, before anything happens to it. ESTORE. */
int apl_pages_adopt(apl_engine *engine, struct apl_case *c, const char *json, size_t size, aplomb_error *error);
/* Is it worth a snapshot? One is not written more often than it is large. */
bool apl_page_is_due(struct apl_case *c);

#endif
