/* SPDX-License-Identifier: MIT */
/*
 * Decides how a batch, or one step of it, is taken back: what was done to
 * lists, timers and ids is undone newest first, so every link is put back
 * exactly where it was; then each case becomes what its image says.
 */
#include "engine/inside.h"

#include "base/assert.h"

void apl_batch_init(apl_batch *batch, const apl_alloc *alloc) {
	*batch = (apl_batch){.touched = NULL};
	apl_arena_init(&batch->arena, alloc);
	apl_buf_init(&batch->bytes, alloc);
}

void apl_batch_dispose(apl_batch *batch) {
	const apl_alloc *alloc = &batch->bytes.alloc;
	apl_free(alloc, batch->did, batch->did_capacity * sizeof *batch->did);
	apl_free(alloc, batch->tallies, batch->tallies_capacity * sizeof *batch->tallies);
	apl_free(alloc, batch->lines, batch->lines_capacity * sizeof *batch->lines);
	apl_arena_dispose(&batch->arena);
	apl_buf_dispose(&batch->bytes);
}

apl_did *apl_did_reserve(apl_engine *engine) {
	apl_batch *batch = &engine->batch;
	if (!APL_GROW(&engine->alloc, batch->did, batch->n_did, batch->did_capacity)) return NULL;
	apl_did *did = &batch->did[batch->n_did];
	memset(did, 0, sizeof *did);
	return did;
}

static void unlink_deferred(apl_case_more *more, apl_deferred *deferred) {
	if (deferred->before != NULL) {
		deferred->before->next = deferred->next;
	} else {
		more->deferred = deferred->next;
	}
	if (deferred->next != NULL) {
		deferred->next->before = deferred->before;
	} else {
		more->last_deferred = deferred->before;
	}
	more->n_deferred--;
}

/* Its neighbours are again those it had when it was taken out. */
static void relink_deferred(apl_case_more *more, apl_deferred *deferred) {
	if (deferred->before != NULL) {
		deferred->before->next = deferred;
	} else {
		more->deferred = deferred;
	}
	if (deferred->next != NULL) {
		deferred->next->before = deferred;
	} else {
		more->last_deferred = deferred;
	}
	more->n_deferred++;
}

bool apl_deferred_take(apl_engine *engine, apl_deferred *deferred) {
	apl_did *did = apl_did_reserve(engine);
	if (did == NULL) return false;
	did->deed = APL_DID_OFFER;
	did->the_case = deferred->the_case;
	did->what = deferred;
	apl_did_done(engine);
	unlink_deferred(deferred->the_case->more, deferred);
	return true;
}

static void undo_count(const apl_did *did) {
	apl_counted *counted = &did->the_case->more->counters[did->number];
	if (did->the_case->program->counters[did->number].window == 0) {
		counted->total--;
	} else {
		counted->count--;
	}
}

static void undo_outbox(apl_batch *batch, apl_engine *engine) {
	apl_outbox_row *row = batch->last_effect;
	batch->last_effect = row->batch_before;
	if (row->batch_before != NULL) {
		row->batch_before->batch_next = NULL;
	} else {
		batch->effects = NULL;
	}
	apl_outbox_row_free(engine, row);
}

static void undo_post(apl_batch *batch, apl_engine *engine) {
	apl_posting *posting = batch->postings.last;
	apl_postings_remove(&batch->postings, posting);
	apl_posting_free(engine, posting);
}

static void undo(apl_engine *engine, const apl_did *did) {
	switch ((apl_deed)did->deed) {
	case APL_DID_ARM:
	case APL_DID_DISARM:
	case APL_DID_MOVE:
	case APL_DID_PARK:
	case APL_DID_UNPARK:
	case APL_DID_RECOUNT: apl_timer_undo(engine, did); return;
	case APL_DID_CALENDAR: apl_calendar_undo(engine, did); return;
	case APL_DID_DEFER:
		unlink_deferred(did->the_case->more, did->what);
		apl_deferred_free(engine, did->what);
		return;
	case APL_DID_OFFER: relink_deferred(did->the_case->more, did->what); return;
	case APL_DID_COUNT: undo_count(did); return;
	case APL_DID_SEE: {
		apl_seen_id *id = apl_seen_find(&did->the_case->more->seen, did->hash);
		if (id != NULL) id->seq = 0;
		return;
	}
	case APL_DID_OUTBOX: undo_outbox(&engine->batch, engine); return;
	case APL_DID_POST: undo_post(&engine->batch, engine); return;
	case APL_DID_ARRIVE: engine->batch.n_arrived--; return;
	case APL_DID_SETTLE: return;
	case APL_DID_AWAY: apl_away_undo(did); return;
	case APL_DID_FAULT: apl_fault_undo(engine, did); return;
	case APL_DID_CHILD: apl_child_undo(engine, did); return;
	}
}

void apl_batch_undo(apl_engine *engine, apl_batch_mark mark) {
	apl_batch *batch = &engine->batch;
	while (batch->n_did > mark.n_did) {
		batch->n_did--;
		undo(engine, &batch->did[batch->n_did]);
	}
	batch->n_tallies = mark.n_tallies;
}

static void begin_anew(apl_batch *batch) {
	batch->touched = NULL;
	batch->unhashed = NULL;
	batch->n_did = batch->n_tallies = batch->n_lines = 0;
	batch->effects = batch->last_effect = NULL;
	batch->postings = (apl_postings){NULL, NULL};
	batch->n_arrived = 0;
	batch->totals = (aplomb_totals){.size = sizeof batch->totals};
	apl_buf_clear(&batch->bytes);
	apl_arena_reset(&batch->arena);
}

void apl_batch_take_back(apl_engine *engine) {
	apl_batch *batch = &engine->batch;
	apl_batch_undo(engine, (apl_batch_mark){0, 0});
	APL_ASSERT(batch->effects == NULL && batch->postings.first == NULL);
	for (apl_case_undo *image = batch->touched; image != NULL; image = image->next) {
		image->the_case->undo = NULL;
		apl_image_put_back(engine, image, false);
	}
	begin_anew(batch);
}

/* What has left its window is counted no more; only now, for an undone step must find it again. */
static void prune(const apl_did *did) {
	const apl_case *c = did->the_case;
	apl_counted *counted = &c->more->counters[did->number];
	aplomb_instant since = apl_counter_since(c, did->number, c->at);
	uint32_t gone = 0;
	while (gone < counted->count && counted->instants[gone] <= since) gone++;
	if (gone < counted->count / 2 || gone == 0) return;
	memmove(counted->instants, counted->instants + gone, (counted->count - gone) * sizeof *counted->instants);
	counted->count -= gone;
}

void apl_batch_settle(apl_engine *engine) {
	apl_batch *batch = &engine->batch;
	for (apl_case_undo *image = batch->touched; image != NULL; image = image->next) {
		image->the_case->undo = NULL;
		apl_image_drop(engine, image);
	}
	for (uint32_t i = 0; i < batch->n_did; i++) {
		const apl_did *did = &batch->did[i];
		switch ((apl_deed)did->deed) {
		case APL_DID_ARM: {
			apl_case_timer *timer = did->what;
			if (timer->armed && timer->send != NULL && timer->send->at_once) apl_sent_enqueue(engine, timer);
			break;
		}
		case APL_DID_DISARM: apl_timer_free(engine, did->what); break;
		case APL_DID_OFFER: apl_deferred_free(engine, did->what); break;
		case APL_DID_CHILD: apl_child_free(&engine->alloc, did->what); break;
		case APL_DID_SETTLE: apl_outbox_row_free(engine, did->what); break;
		case APL_DID_ARRIVE:
			apl_postings_remove(&engine->sent.posted, did->what);
			apl_posting_free(engine, did->what);
			break;
		case APL_DID_FAULT: apl_text_drop(&engine->alloc, did->what); break;
		case APL_DID_CALENDAR: apl_calendar_drop(engine, did->what); break;
		case APL_DID_COUNT:
			if (did->the_case->program->counters[did->number].window > 0) prune(did);
			break;
		default: break;
		}
	}
	begin_anew(batch);
}
