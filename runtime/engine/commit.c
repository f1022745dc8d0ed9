/* SPDX-License-Identifier: MIT */
/*
 * Decides how a batch is handed to the store and how its events are answered.
 * Only here do lines leave the engine.
 */
#include "engine/inside.h"

/* The lines' texts: the buffer moved while it grew, so their addresses are known only now. */
static void address_lines(apl_batch *batch) {
	const char *at = batch->bytes.bytes;
	for (uint32_t i = 0; i < batch->n_lines; i++) {
		batch->lines[i].text = at;
		at += batch->lines[i].size;
	}
}

int apl_commit(apl_engine *engine, aplomb_error *error) {
	apl_batch *batch = &engine->batch;
	apl_prev_settle(batch);
	const bool has_rows = engine->outbox.keeps && (apl_sent_has_news(engine) || apl_outbox_has_news(engine));
	if (batch->n_lines == 0 && !has_rows && (engine->composes || engine->snapshot_every == 0)) return APLOMB_OK;
	address_lines(batch);
	apl_store_batch commit = {.size = sizeof commit,
	    .lines = batch->lines,
	    .n_lines = batch->n_lines,
	    .bytes = batch->bytes.bytes,
	    .bytes_size = batch->bytes.size};
	if (engine->snapshot_every == 0 && !has_rows) return engine->store.ops->commit(engine->store.self, &commit, error);
	if (apl_is_recalling(engine->pages)) return APLOMB_OK;
	apl_due_snapshot *due = NULL;
	apl_buf bytes, rows;
	apl_buf_init(&bytes, &engine->alloc);
	apl_buf_init(&rows, &engine->alloc);
	int code = has_rows && !apl_outbox_gather(engine, &commit, &rows) ? apl_fail_memory(error) : APLOMB_OK;
	if (!code && engine->snapshot_every > 0) code = apl_snapshots_due(engine, &commit, &due, &bytes, error);
	if (!code && engine->pages != NULL) code = apl_pages_commit(engine, &commit, error);
	if (!code) code = engine->store.ops->commit(engine->store.self, &commit, error);
	if (!code && engine->snapshot_every > 0) apl_snapshots_taken(&commit, due);
	if (!code && engine->pages != NULL) apl_pages_committed(engine->pages, &commit);
	if (!code && has_rows) apl_outbox_kept(engine);
	apl_buf_dispose(&bytes);
	apl_buf_dispose(&rows);
	return code;
}

/* A duplicate gets the first one's answer, as far as the journal has it. */
static void answer_duplicate(apl_queued *queued) {
	const apl_case *c = queued->the_case;
	const apl_seen_id *id = c != NULL && c->more != NULL ? apl_seen_find(&c->more->seen, queued->id_hash) : NULL;
	if (id != NULL && id->seq > 0) {
		queued->seq = id->seq;
		queued->unhandled = (id->how & APL_SEEN_UNHANDLED) != 0;
		queued->deferred = (id->how & APL_SEEN_DEFERRED) != 0;
		queued->faulted = (id->how & APL_SEEN_FAULTED) != 0;
		queued->closed = (id->how & APL_SEEN_CLOSED) != 0;
		return;
	}
	queued->code = APLOMB_ESTORE;
	queued->why = "the event of this id that came first was not committed: post it again";
}

static void give_receipt(const apl_queued *queued) {
	const char *case_id = queued->the_case != NULL ? apl_case_id(queued->the_case) : queued->name;
	const aplomb_receipt receipt = {
	    .size = sizeof receipt,
	    .code = queued->code,
	    .case_id = case_id != NULL ? case_id : "",
	    .event_id = queued->payload.id,
	    .seq = queued->seq,
	    .duplicate = queued->kind == APL_QUEUED_DUPLICATE && queued->code == APLOMB_OK,
	    .unhandled = queued->unhandled,
	    .deferred = queued->deferred,
	    .faulted = queued->faulted,
	    .closed = queued->closed,
	    .late_by = queued->late_by,
	    .message = queued->why,
	};
	queued->done(&receipt, queued->done_payload);
}

static bool is_of_batch(const apl_queued *queued) {
	return queued != NULL && queued->stepped;
}

/* What others sent to it in the same batch stays, and there is nobody that it is for. */
static void take_case_from(apl_queue *queue, const apl_case *gone) {
	for (apl_queued *queued = queue->first; is_of_batch(queued); queued = queued->next) {
		if (queued->stays && queued->the_case == gone) queued->the_case = NULL;
	}
}

static void fail_answer(apl_engine *engine, apl_queued *queued, const char *why) {
	apl_case *c = queued->the_case;
	queued->code = APLOMB_ESTORE;
	queued->why = why;
	queued->seq = 0;
	queued->unhandled = queued->deferred = queued->faulted = queued->closed = false;
	queued->late_by = 0;
	if (c == NULL) return;
	/* It was not stepped: when it is posted again it must not be taken for a duplicate. */
	if (queued->kind == APL_QUEUED_EVENT && queued->has_id) apl_seen_remove(&c->more->seen, queued->id_hash);
	/* Out of the table before anybody hears of it, so that posting it again opens it anew. */
	if (!queued->opens) return;
	apl_case_vanish(engine, c, engine->queue.cursor);
	take_case_from(&engine->queue, c);
}

static void answer_committed(apl_engine *engine) {
	apl_queue *queue = &engine->queue;
	while (is_of_batch(queue->first)) {
		apl_queued *queued = queue->first;
		if (queued->kind == APL_QUEUED_DUPLICATE) answer_duplicate(queued);
		/* Turned away after all: an id counts as seen only with an entry. */
		if (queued->kind == APL_QUEUED_EVENT && queued->seq == 0 && queued->has_id && queued->the_case != NULL) {
			apl_seen_remove(&queued->the_case->more->seen, queued->id_hash);
		}
		if (queued->done != NULL) give_receipt(queued);
		apl_queue_release(queue, queued);
	}
}

static void answer_failed(apl_engine *engine, const char *why) {
	apl_queue *queue = &engine->queue;
	/* First of all of them, so that whoever hears of one finds nothing left of the others. */
	for (apl_queued *queued = queue->first; is_of_batch(queued); queued = queued->next) {
		if ((queued->kind == APL_QUEUED_EVENT || queued->kind == APL_QUEUED_DUPLICATE) && !queued->stays) fail_answer(engine, queued, why);
	}
	for (apl_queued *queued = queue->first; is_of_batch(queued); queued = queued->next) {
		if (queued->done != NULL) give_receipt(queued);
	}
	apl_queued *next;
	for (apl_queued *queued = queue->first; is_of_batch(queued); queued = next) {
		next = queued->next;
		/* What a case sent itself stays, for its step did not come about. */
		if (queued->kind == APL_QUEUED_SENT || queued->stays) continue;
		apl_case *gone = queued->kind == APL_QUEUED_EVENT && queued->opens ? queued->the_case : NULL;
		apl_queue_release(queue, queued);
		if (gone != NULL) apl_case_free(engine, gone);
	}
}

void apl_answer(apl_engine *engine, const char *why) {
	if (why == NULL) {
		answer_committed(engine);
	} else {
		answer_failed(engine, why);
	}
}
