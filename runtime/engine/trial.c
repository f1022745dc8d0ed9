/* SPDX-License-Identifier: MIT */
/*
 * Decides what makes a step a trial: all that a batch cannot take back by
 * itself, for it is done at the door or told to people, is kept here and put
 * back. What a batch does, batch.c undoes.
 */
#include "engine/watch.h"

static void rest(apl_prepared *prepared) {
	prepared->kept_coverage = prepared->coverage;
	prepared->coverage = NULL;
	prepared->kept_findings = prepared->n_findings;
}

static void go_on(apl_engine *engine, apl_prepared *prepared) {
	prepared->coverage = prepared->kept_coverage;
	prepared->kept_coverage = NULL;
	while (prepared->n_findings > prepared->kept_findings) {
		prepared->n_findings--;
		apl_free(&engine->alloc, prepared->findings[prepared->n_findings], sizeof *prepared->findings[0]);
	}
}

void apl_trial_begin(apl_engine *engine, apl_trial *trial) {
	*trial = (apl_trial){.totals = engine->totals,
	    .now = engine->clock->now,
	    .next_order = engine->next_order,
	    .sink = engine->log->sink,
	    .last = engine->queue.last,
	    .line = engine->line,
	    .covers = engine->covers,
	    .composes = engine->composes};
	engine->inside = true;
	engine->log->sink = NULL;
	engine->covers = false;
	engine->composes = true;
	engine->line = &engine->batch.bytes;
	for (apl_prepared *prepared = engine->programs; prepared != NULL; prepared = prepared->next) rest(prepared);
}

/* An event that came in for the trial: what the door did for it is undone. */
static void turn_out(apl_engine *engine, apl_queued *queued) {
	apl_case *c = queued->kind == APL_QUEUED_EVENT ? queued->the_case : NULL;
	bool opens = c != NULL && queued->opens;
	if (c != NULL && queued->has_id) apl_seen_remove(&c->more->seen, queued->id_hash);
	apl_queue_release(&engine->queue, queued);
	if (!opens) return;
	apl_case_vanish(engine, c, NULL);
	apl_case_free(engine, c);
}

void apl_trial_end(apl_engine *engine, const apl_trial *trial) {
	apl_batch_take_back(engine);
	apl_queue_go_back(&engine->queue);
	while (engine->queue.last != trial->last) turn_out(engine, engine->queue.last);
	for (apl_prepared *prepared = engine->programs; prepared != NULL; prepared = prepared->next) go_on(engine, prepared);
	engine->totals = trial->totals;
	engine->clock->now = trial->now;
	engine->next_order = trial->next_order;
	engine->log->sink = trial->sink;
	engine->line = trial->line;
	engine->covers = trial->covers;
	engine->composes = trial->composes;
	engine->inside = false;
}
