/* SPDX-License-Identifier: MIT */
/*
 * Decides what becomes of events that cases send once their step is committed:
 * one for the case itself takes its place in the queue, one for another case is
 * checked at that case's door like any other. A refusal there is nobody's
 * failure but a line for operators; the sender's journal says what was sent.
 */
#include <stdio.h>

#include "engine/inside.h"

void apl_sent_enqueue(apl_engine *engine, apl_case_timer *timer) {
	apl_queued *queued = &timer->send->queued;
	memset(queued, 0, sizeof *queued);
	queued->kind = APL_QUEUED_SENT;
	queued->the_case = timer->owner;
	queued->at = timer->timer.due_at;
	queued->timer = timer;
	apl_queue_append(&engine->queue, queued);
}

static size_t posting_size(const apl_posting *posting) {
	size_t data = posting->data_size == UINT32_MAX ? 0 : posting->data_size;
	return sizeof *posting + posting->event_size + posting->to_size + data + 3;
}

void apl_posting_free(apl_engine *engine, apl_posting *posting) {
	apl_free(&engine->alloc, posting, posting_size(posting));
}

void apl_postings_drop(apl_engine *engine) {
	apl_batch *batch = &engine->batch;
	while (batch->postings != NULL) {
		apl_posting *gone = batch->postings;
		batch->postings = gone->next;
		apl_posting_free(engine, gone);
	}
	batch->last_posting = NULL;
}

bool apl_posting_add(apl_engine *engine, apl_case *from, uint32_t item, aplomb_instant at, apl_given event, apl_given to, apl_given data) {
	apl_did *did = apl_did_reserve(engine);
	apl_posting *posting = did != NULL ? apl_new(&engine->alloc, sizeof *posting + event.size + to.size + data.size + 3) : NULL;
	if (posting == NULL) return false;
	posting->the_case = from;
	posting->seq = from->seq + 1;
	posting->item = item;
	posting->at = at;
	posting->event_size = (uint32_t)event.size;
	posting->to_size = (uint32_t)to.size;
	posting->data_size = data.bytes != NULL ? (uint32_t)data.size : UINT32_MAX;
	memcpy(posting->texts, event.bytes, event.size);
	memcpy(posting->texts + event.size + 1, to.bytes, to.size);
	if (data.bytes != NULL) memcpy(posting->texts + event.size + to.size + 2, data.bytes, data.size);
	apl_batch *batch = &engine->batch;
	posting->before = batch->last_posting;
	if (batch->last_posting != NULL) {
		batch->last_posting->next = posting;
	} else {
		batch->postings = posting;
	}
	batch->last_posting = posting;
	did->deed = APL_DID_POST;
	apl_did_done(engine);
	return true;
}

static int post(apl_engine *engine, const apl_posting *posting, aplomb_error *error) {
	char id[APL_MOST_ID], by[APL_MOST_ID];
	const char *from = apl_case_id(posting->the_case);
	snprintf(id, sizeof id, "%s/%llu/%u", from, (unsigned long long)posting->seq, posting->item);
	snprintf(by, sizeof by, "case:%s", from);
	apl_inbound in = {
	    .id = apl_given_text(id),
	    .case_id = {posting->texts + posting->event_size + 1, posting->to_size},
	    .event = {posting->texts, posting->event_size},
	    .by = apl_given_text(by),
	    .has_at = true,
	    .at = posting->at,
	};
	if (posting->data_size != UINT32_MAX) {
		const apl_json_bounds bounds = {engine->limits.depth, SIZE_MAX};
		const char *data = in.case_id.bytes + posting->to_size + 1;
		int code = apl_json_read(&engine->tape, data, posting->data_size, &bounds, error);
		if (code) return code;
		in.data = &engine->tape;
	}
	apl_queued *queued;
	return apl_door(engine, &in, NULL, NULL, &queued, error);
}

int apl_postings_post(apl_engine *engine, aplomb_error *error) {
	while (engine->postings != NULL) {
		apl_posting *posting = engine->postings;
		aplomb_error own;
		int code = post(engine, posting, &own);
		if (code == APLOMB_ENOMEM || code == APLOMB_ELIMIT) {
			/* It waits until there is room again. */
			if (error != NULL) *error = own;
			return code;
		}
		if (code) {
			apl_tell(engine, APLOMB_LOG_WARN, "send-refused", posting->the_case,
			    "event %s, sent to case %s by entry %llu, was refused there: %s", posting->texts, posting->texts + posting->event_size + 1,
			    (unsigned long long)posting->seq, own.slug);
		}
		engine->postings = posting->next;
		if (engine->postings == NULL) engine->last_posting = NULL;
		apl_posting_free(engine, posting);
	}
	return APLOMB_OK;
}
