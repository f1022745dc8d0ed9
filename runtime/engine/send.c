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
	return sizeof *posting + posting->event_size + posting->to_size + data + posting->invoke_size + posting->by_size + 5;
}

static const char *to_of(const apl_posting *posting) {
	return posting->texts + posting->event_size + 1;
}

static const char *data_of(const apl_posting *posting) {
	return to_of(posting) + posting->to_size + 1;
}

static const char *invoke_of(const apl_posting *posting) {
	return data_of(posting) + (posting->data_size == UINT32_MAX ? 0 : posting->data_size) + 1;
}

static const char *by_of(const apl_posting *posting) {
	return invoke_of(posting) + posting->invoke_size + 1;
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

/* Behind what stands there, terminated. */
static char *put(char *at, apl_given text) {
	if (text.size > 0) memcpy(at, text.bytes, text.size);
	at[text.size] = '\0';
	return at + text.size + 1;
}

bool apl_posting_add(apl_engine *engine, apl_posting_kind kind, apl_case *from, uint32_t item, aplomb_instant at, apl_given event,
    apl_given to, apl_given data, apl_given invoke, apl_given by) {
	apl_did *did = apl_did_reserve(engine);
	size_t size = event.size + to.size + (data.bytes != NULL ? data.size : 0) + invoke.size + by.size + 5;
	apl_posting *posting = did != NULL ? apl_new(&engine->alloc, sizeof *posting + size) : NULL;
	if (posting == NULL) return false;
	posting->the_case = from;
	posting->seq = from->seq + 1;
	posting->item = item;
	posting->kind = (uint8_t)kind;
	posting->hops = engine->hops + 1;
	posting->at = at;
	posting->event_size = (uint32_t)event.size;
	posting->to_size = (uint32_t)to.size;
	posting->data_size = data.bytes != NULL ? (uint32_t)data.size : UINT32_MAX;
	posting->invoke_size = (uint32_t)invoke.size;
	posting->by_size = (uint32_t)by.size;
	char *behind = put(put(posting->texts, event), to);
	put(put(put(behind, data.bytes != NULL ? data : (apl_given){NULL, 0}), invoke), by);
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

void apl_error_write(apl_buf *out, const aplomb_error *error) {
	APL_BUF_LITERAL(out, "{\"message\":");
	apl_json_write_text(out, error->message, strlen(error->message));
	APL_BUF_LITERAL(out, ",\"slug\":");
	apl_json_write_text(out, error->slug, strlen(error->slug));
	apl_buf_byte(out, '}');
}

/* Does the parent take the donedata whole, in the one field "data"? */
static bool takes_whole(const apl_schema *schema) {
	uint32_t field = apl_schema_member(schema, 0, "data", 4);
	return schema->n_fields == 2 && field != APL_NO_FIELD && schema->fields[field].type == APL_TYPE_ANY;
}

/*
 * {"data":X} is what a child's end brings. Whoever declared done.invoke.ID with
 * fields of its own gets those of X; whoever declared it with none, none.
 */
static void fit_donedata(apl_engine *engine, apl_inbound *in) {
	const apl_case *parent = apl_engine_case(engine, in->case_id.bytes, in->case_id.size);
	int32_t event = parent != NULL ? apl_prepared_event(apl_prepared_of(parent), in->event.bytes, in->event.size) : -1;
	if (event < 0) return;
	const apl_schema *schema = parent->program->events[event];
	if (schema != NULL && takes_whole(schema)) return;
	in->data_cell = apl_tape_find(in->data, 0, "data", 4);
	if (schema == NULL || in->data_cell == 0) in->data = NULL;
}

static int post(apl_engine *engine, const apl_posting *posting, aplomb_error *error) {
	char id[APL_MOST_ID], by[APL_MOST_ID];
	const char *from = apl_case_id(posting->the_case);
	snprintf(id, sizeof id, "%s/%llu/%u", from, (unsigned long long)posting->seq, posting->item);
	snprintf(by, sizeof by, "case:%s", from);
	apl_sender sender = {.stays = true, .hops = posting->hops};
	if (posting->invoke_size > 0) sender.invoke = (apl_given){invoke_of(posting), posting->invoke_size};
	apl_inbound in = {
	    .id = apl_given_text(id),
	    .case_id = {to_of(posting), posting->to_size},
	    .event = {posting->texts, posting->event_size},
	    .by = posting->by_size > 0 ? (apl_given){by_of(posting), posting->by_size} : apl_given_text(by),
	    .has_at = true,
	    .at = posting->at,
	    .sender = &sender,
	};
	if (posting->data_size != UINT32_MAX) {
		const apl_json_bounds bounds = {engine->limits.depth, SIZE_MAX};
		int code = apl_json_read(&engine->tape, data_of(posting), posting->data_size, &bounds, error);
		if (code) return code;
		in.data = &engine->tape;
		if (posting->kind == APL_POST_DONE) fit_donedata(engine, &in);
	}
	apl_queued *queued;
	return apl_door(engine, &in, NULL, NULL, &queued, error);
}

/* The child comes about as any case does, but for who invoked it. */
static int open_child(apl_engine *engine, const apl_posting *posting, aplomb_error *error) {
	const apl_case *c = posting->the_case;
	const apl_json_bounds bounds = {engine->limits.depth, SIZE_MAX};
	uint32_t depth = c->more->parent != NULL ? c->more->parent->depth : 0;
	apl_parent *parent = apl_parent_new(
	    &engine->alloc, (apl_given){apl_case_id(c), c->id_size}, (apl_given){invoke_of(posting), posting->invoke_size}, depth + 1);
	if (parent == NULL) return apl_fail_memory(error);
	apl_program *program = apl_engine_program_by_hash(engine, posting->texts);
	if (program == NULL && engine->pages != NULL) apl_page_program(engine, posting->texts, &program, NULL);
	const apl_sender sender = {.parent = parent, .program = program, .stays = true, .hops = posting->hops};
	apl_inbound in = {
	    .case_id = {to_of(posting), posting->to_size},
	    .subject = apl_given_text(apl_case_subject(c)),
	    .has_at = true,
	    .at = posting->at,
	    .open = &engine->open_tape,
	    .only_opens = true,
	    .sender = &sender,
	};
	apl_queued *queued;
	int code = apl_json_read(&engine->open_tape, data_of(posting), posting->data_size, &bounds, error);
	if (!code) code = apl_door(engine, &in, NULL, NULL, &queued, error);
	apl_free(&engine->alloc, parent, sizeof *parent + parent->id_size + parent->invoke_size + 2);
	return code;
}

static int post_as(apl_engine *engine, const apl_posting *posting, aplomb_error *error) {
	if (posting->kind == APL_POST_OPENING) return open_child(engine, posting, error);
	if (posting->kind != APL_POST_CANCEL) return post(engine, posting, error);
	char by[APL_MOST_ID];
	apl_queued *queued;
	snprintf(by, sizeof by, "case:%s", apl_case_id(posting->the_case));
	queued = NULL;
	int code = apl_door_cancel(engine, (apl_given){to_of(posting), posting->to_size}, apl_given_text(by), posting->at, &queued, error);
	if (queued != NULL) queued->hops = posting->hops;
	return code;
}

/* A child that could not come about, or whose last word the parent cannot read: the parent hears that instead. */
static int tell_of_failure(apl_engine *engine, const apl_posting *posting, const aplomb_error *why, aplomb_error *error) {
	const bool is_opening = posting->kind == APL_POST_OPENING;
	const char *parent = is_opening ? apl_case_id(posting->the_case) : to_of(posting);
	const char *child = is_opening ? to_of(posting) : apl_case_id(posting->the_case);
	apl_buf data, name, by;
	apl_buf *const bufs[] = {&data, &name, &by};
	for (size_t i = 0; i < 3; i++) apl_buf_init(bufs[i], &engine->alloc);
	apl_error_write(&data, why);
	apl_buf_text(&name, "error.invoke.");
	apl_buf_add(&name, invoke_of(posting), posting->invoke_size);
	apl_buf_text(&by, "case:");
	apl_buf_text(&by, child);
	const apl_json_bounds bounds = {engine->limits.depth, SIZE_MAX};
	int code = data.failed || name.failed || by.failed ? apl_fail_memory(error)
	                                                   : apl_json_read(&engine->tape, data.bytes, data.size, &bounds, error);
	apl_queued *queued;
	if (!code) {
		const apl_sender sender = {.invoke = {invoke_of(posting), posting->invoke_size}, .stays = true, .hops = posting->hops + 1};
		const apl_inbound in = {
		    .case_id = apl_given_text(parent),
		    .event = {name.bytes, name.size},
		    .by = {by.bytes, by.size},
		    .has_at = true,
		    .at = posting->at,
		    .data = &engine->tape,
		    .sender = &sender,
		};
		code = apl_door(engine, &in, NULL, NULL, &queued, error);
	}
	for (size_t i = 0; i < 3; i++) apl_buf_dispose(bufs[i]);
	return code;
}

int apl_postings_post(apl_engine *engine, aplomb_error *error) {
	while (engine->postings != NULL) {
		apl_posting *posting = engine->postings;
		aplomb_error own;
		/* What cases say to one another takes half of the queue, so that there is room for those who speak to them. */
		if (engine->queue.count > engine->limits.queue / 2) return APLOMB_ELIMIT;
		int code = post_as(engine, posting, &own);
		const bool is_of_a_child = posting->kind == APL_POST_OPENING || posting->kind == APL_POST_DONE;
		if (code && code != APLOMB_ENOMEM && code != APLOMB_ELIMIT && is_of_a_child) {
			aplomb_error why = own;
			code = tell_of_failure(engine, posting, &why, &own);
		}
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
