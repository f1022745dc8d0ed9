/* SPDX-License-Identifier: MIT */
/*
 * Decides how a moment of a case is kept in memory and how the case becomes
 * again what it was then, and how a case is forgotten. Only for rehearsals:
 * what was acknowledged cannot be gone back on.
 *
 * A moment is the text of a snapshot, but for the ids that the case has seen:
 * they only ever become more, so each moment holds those since the one before
 * it and shares the rest.
 *
 *   ids of entries  1..200 ←── 201..400 ←── 401..600
 *                                 ↑  ↖─────── 401..450   (another future)
 *                              a moment
 */
#include "base/assert.h"
#include "engine/inside.h"

struct aplomb_moment {
	apl_alloc alloc;
	apl_ids *ids; /* or NULL */
	aplomb_instant now;
	uint32_t id_size; /* of the case's id, which stands in front of the text */
	size_t size;
	char bytes[];
};

static size_t moment_size(const aplomb_moment *moment) {
	return sizeof *moment + moment->id_size + 1 + moment->size;
}

static size_t ids_size(const apl_ids *ids) {
	return sizeof *ids + ids->count * sizeof ids->each[0];
}

void apl_ids_drop(const apl_alloc *alloc, apl_ids *ids) {
	while (ids != NULL && --ids->refs == 0) {
		apl_ids *gone = ids;
		ids = gone->before;
		apl_free(alloc, gone, ids_size(gone));
	}
}

/* ---- keeping -------------------------------------------------------------- */

/* The ids that the case has seen since its newest moment become a list of their own; false without memory. */
static bool share_ids(apl_engine *engine, apl_case *c) {
	apl_case_more *more = c->more;
	if (more == NULL) return true;
	const apl_seen *seen = &more->seen;
	uint32_t count = 0;
	/* One that waits has no entry yet and is not the case's. */
	for (uint32_t i = 0; i < seen->capacity; i++) count += seen->slots[i].seq > more->ids_seq;
	if (count > 0) {
		apl_ids *ids = apl_new(&engine->alloc, sizeof *ids + count * sizeof ids->each[0]);
		if (ids == NULL) return false;
		ids->before = more->ids; /* its reference goes over */
		ids->refs = 1;
		ids->whole = count + (more->ids != NULL ? more->ids->whole : 0);
		for (uint32_t i = 0; i < seen->capacity; i++) {
			if (seen->slots[i].seq > more->ids_seq) ids->each[ids->count++] = seen->slots[i];
		}
		more->ids = ids;
	}
	more->ids_seq = c->seq;
	return true;
}

int apl_moment_keep(apl_engine *engine, apl_case *c, aplomb_moment **out, aplomb_error *error) {
	APL_ASSERT(!engine->inside);
	apl_buf *text = &engine->replayed;
	apl_buf_clear(text);
	if (!share_ids(engine, c) || !apl_snapshot_without_ids(engine, c, text)) return apl_fail_memory(error);
	aplomb_moment *moment = apl_new(&engine->alloc, sizeof *moment + c->id_size + 1 + text->size);
	if (moment == NULL) return apl_fail_memory(error);
	moment->alloc = engine->alloc;
	moment->now = apl_clock_now(engine->clock);
	moment->id_size = c->id_size;
	moment->size = text->size;
	memcpy(moment->bytes, apl_case_id(c), c->id_size + 1);
	memcpy(moment->bytes + c->id_size + 1, text->bytes, text->size);
	moment->ids = c->more != NULL ? c->more->ids : NULL;
	if (moment->ids != NULL) moment->ids->refs++;
	*out = moment;
	return APLOMB_OK;
}

size_t apl_moment_size(const aplomb_moment *moment) {
	return moment_size(moment);
}

void apl_moment_free(aplomb_moment *moment) {
	if (moment == NULL) return;
	const apl_alloc alloc = moment->alloc;
	apl_ids_drop(&alloc, moment->ids);
	apl_free(&alloc, moment, moment_size(moment));
}

/* ---- forgetting ------------------------------------------------------------ */

/* What was posted to the case and waits; what it sent itself goes with its timers. */
static void drop_waiting(apl_engine *engine, const apl_case *c) {
	apl_queued *next;
	for (apl_queued *queued = engine->queue.first; queued != NULL; queued = next) {
		next = queued->next;
		if (queued->the_case != c || queued->kind == APL_QUEUED_SENT) continue;
		if (queued->stays && queued->posting != NULL) {
			apl_postings_remove(&engine->sent.posted, queued->posting);
			apl_posting_over(engine, queued->posting);
		}
		apl_queue_release(&engine->queue, queued);
	}
}

/* Out of everything; [instead] (or NULL) takes its place in the list. */
static void remove_case(apl_engine *engine, apl_case *c, apl_case *instead) {
	apl_case *before = NULL, *after = c->next;
	for (apl_case *at = engine->first_case; at != c; at = at->next) before = at;
	if (instead != NULL) instead->next = after;
	apl_case *now = instead != NULL ? instead : after;
	if (before != NULL) {
		before->next = now;
	} else {
		engine->first_case = now;
	}
	if (engine->last_case == c) engine->last_case = instead != NULL ? instead : before;
	drop_waiting(engine, c);
	apl_outbox_forget(engine, c);
	apl_cases_remove(&engine->cases, c);
	apl_stats_gone(engine, c);
	apl_case_free(engine, c);
}

bool apl_engine_forget(apl_engine *engine, const char *id, size_t size) {
	apl_case *c = apl_engine_case(engine, id, size);
	if (c != NULL) {
		remove_case(engine, c, NULL);
		return true;
	}
	for (apl_case **link = &engine->readied; *link != NULL; link = &(*link)->next) {
		apl_case *gone = *link;
		if (gone->id_size != size || memcmp(apl_case_id(gone), id, size) != 0) continue;
		*link = gone->next;
		apl_case_free(engine, gone);
		return true;
	}
	return false;
}

/* ---- going back -------------------------------------------------------------- */

int apl_moment_return(apl_engine *engine, const aplomb_moment *moment, aplomb_error *error) {
	apl_case *c;
	int code = apl_case_read(engine, moment->bytes + moment->id_size + 1, moment->size, moment->ids, &c, error);
	if (code) return code;
	c->more->ids = moment->ids;
	if (moment->ids != NULL) moment->ids->refs++;
	c->more->ids_seq = c->seq;
	apl_case *old = apl_cases_find(&engine->cases, moment->bytes, moment->id_size);
	if (old != NULL && old->seq == 0) {
		/* Posted and not pumped: it never came about. */
		drop_waiting(engine, old);
		apl_case_vanish(engine, old, NULL);
		apl_case_free(engine, old);
		old = NULL;
	}
	if (old != NULL) {
		remove_case(engine, old, c);
		/* It takes the place that has just become free, so no memory is asked for. */
		bool added = apl_cases_add(&engine->cases, c);
		APL_ASSERT(added);
	} else if (!apl_case_enlist(engine, c)) {
		apl_case_free(engine, c);
		return apl_fail_memory(error);
	}
	apl_case_restored(engine, c);
	apl_clock_put(engine->clock, moment->now);
	return APLOMB_OK;
}
