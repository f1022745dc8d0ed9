/* SPDX-License-Identifier: MIT */
/*
 * Decides what becomes of events that cases send once their step is committed:
 * one for the case itself takes its place in the queue, one for another case is
 * checked at that case's door like any other. A refusal there is nobody's
 * failure but a line for operators; the sender's journal says what was sent.
 * How long each is remembered, and by whom, is postings.c's.
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

void apl_postings_drop(apl_engine *engine) {
	apl_postings *list = &engine->batch.postings;
	while (list->first != NULL) {
		apl_posting *gone = list->first;
		apl_postings_remove(list, gone);
		apl_posting_free(engine, gone);
	}
}

bool apl_posting_add(apl_engine *engine, apl_posting_kind kind, apl_case *from, uint32_t item, aplomb_instant at, apl_given event,
    apl_given to, apl_given data, apl_given invoke, apl_given by) {
	const apl_posting_texts texts = {event, to, data, invoke, by};
	apl_did *did = apl_did_reserve(engine);
	apl_posting *posting = did != NULL ? apl_posting_new(engine, kind, from, &texts) : NULL;
	if (posting == NULL) return false;
	const apl_posting *before = engine->batch.postings.last;
	posting->seq = from->seq + 1;
	/* What is stepped again is sent to nobody. */
	posting->order = apl_is_recalling(engine->pages) ? 0 : engine->sent.next_order++;
	posting->item = item;
	/* Those of an entry come one after the other. */
	posting->number = before != NULL && before->the_case == from && before->seq == posting->seq ? before->number + 1 : 1;
	posting->hops = engine->hops + 1;
	posting->at = at;
	apl_postings_append(&engine->batch.postings, posting);
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

/* Deeper than limits.depth of another runtime it may be: it was taken once. */
static int read_data(const apl_posting_texts *texts, apl_tape *tape, aplomb_error *error) {
	const apl_json_bounds bounds = {.depth = 1024, .size = SIZE_MAX};
	return apl_json_read(tape, texts->data.bytes, texts->data.size, &bounds, error);
}

/* Must the parent hear of what the door does not let in? */
static bool is_of_a_child(const apl_posting *posting) {
	return posting->kind == APL_POST_OPENING || posting->kind == APL_POST_DONE;
}

static int post(apl_engine *engine, apl_posting *posting, aplomb_error *error) {
	char id[APL_MOST_ID], by[APL_MOST_ID];
	const char *from = apl_case_id(posting->the_case);
	const apl_posting_texts texts = apl_posting_texts_of(posting);
	snprintf(id, sizeof id, "%s/%llu/%u", from, (unsigned long long)posting->seq, posting->item);
	snprintf(by, sizeof by, "case:%s", from);
	const apl_sender sender = {
	    .invoke = texts.invoke, .stays = true, .hops = posting->hops, .posting = posting, .has_another_way = is_of_a_child(posting)};
	apl_inbound in = {
	    .id = apl_given_text(id),
	    .case_id = texts.to,
	    .event = texts.event,
	    .by = texts.by.size > 0 ? texts.by : apl_given_text(by),
	    .has_at = true,
	    .at = posting->at,
	    .sender = &sender,
	};
	if (texts.data.bytes != NULL) {
		int code = read_data(&texts, &engine->tape, error);
		if (code) return code;
		in.data = &engine->tape;
		if (posting->kind == APL_POST_DONE) fit_donedata(engine, &in);
	}
	apl_queued *queued;
	return apl_door(engine, &in, NULL, NULL, &queued, error);
}

/* The child comes about as any case does, but for who invoked it. */
static int open_child(apl_engine *engine, apl_posting *posting, aplomb_error *error) {
	const apl_case *c = posting->the_case;
	const apl_posting_texts texts = apl_posting_texts_of(posting);
	uint32_t depth = c->more->parent != NULL ? c->more->parent->depth : 0;
	apl_program *program = apl_engine_program_by_hash(engine, texts.event.bytes);
	int code = program == NULL && engine->pages != NULL ? apl_page_program(engine, texts.event.bytes, &program, error) : APLOMB_OK;
	/* One that is not there, or loads no more, the parent hears of. */
	if (code && code != APLOMB_ENOTFOUND && code != APLOMB_EPLAYBOOK) return code;
	apl_parent *parent = apl_parent_new(&engine->alloc, (apl_given){apl_case_id(c), c->id_size}, texts.invoke, depth + 1);
	if (parent == NULL) return apl_fail_memory(error);
	const apl_sender sender = {.parent = parent, .program = program, .stays = true, .hops = posting->hops, .posting = posting};
	apl_inbound in = {
	    .case_id = texts.to,
	    .subject = apl_given_text(apl_case_subject(c)),
	    .has_at = true,
	    .at = posting->at,
	    .open = &engine->open_tape,
	    .only_opens = true,
	    .sender = &sender,
	};
	apl_queued *queued;
	code = read_data(&texts, &engine->open_tape, error);
	if (!code) code = apl_door(engine, &in, NULL, NULL, &queued, error);
	apl_free(&engine->alloc, parent, sizeof *parent + parent->id_size + parent->invoke_size + 2);
	return code;
}

static int post_as(apl_engine *engine, apl_posting *posting, aplomb_error *error) {
	if (posting->kind == APL_POST_OPENING) return open_child(engine, posting, error);
	if (posting->kind != APL_POST_CANCEL) return post(engine, posting, error);
	char by[APL_MOST_ID];
	apl_queued *queued;
	snprintf(by, sizeof by, "case:%s", apl_case_id(posting->the_case));
	const apl_sender sender = {.stays = true, .hops = posting->hops, .posting = posting};
	return apl_door_cancel(engine, apl_posting_texts_of(posting).to, apl_given_text(by), posting->at, &sender, &queued, error);
}

/* A child that could not come about, or whose last word the parent cannot read: the parent hears that instead. */
static int tell_of_failure(apl_engine *engine, apl_posting *posting, const aplomb_error *why, aplomb_error *error) {
	const apl_posting_texts texts = apl_posting_texts_of(posting);
	const bool is_opening = posting->kind == APL_POST_OPENING;
	const char *parent = is_opening ? apl_case_id(posting->the_case) : texts.to.bytes;
	const char *child = is_opening ? texts.to.bytes : apl_case_id(posting->the_case);
	apl_buf data, name, by;
	apl_buf *const bufs[] = {&data, &name, &by};
	for (size_t i = 0; i < 3; i++) apl_buf_init(bufs[i], &engine->alloc);
	apl_error_write(&data, why);
	apl_buf_text(&name, "error.invoke.");
	apl_buf_add(&name, texts.invoke.bytes, texts.invoke.size);
	apl_buf_text(&by, "case:");
	apl_buf_text(&by, child);
	const apl_json_bounds bounds = {engine->limits.depth, SIZE_MAX};
	int code = data.failed || name.failed || by.failed ? apl_fail_memory(error)
	                                                   : apl_json_read(&engine->tape, data.bytes, data.size, &bounds, error);
	apl_queued *queued;
	if (!code) {
		const apl_sender sender = {.invoke = texts.invoke, .stays = true, .hops = posting->hops + 1, .posting = posting};
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

/* Not refused: what it is for cannot be read, or what there is of it. */
static bool is_unreadable(int code) {
	return code != APLOMB_OK && code != APLOMB_EREFUSED && code != APLOMB_EFAULTED && code != APLOMB_EINVAL && code != APLOMB_EJSON;
}

/* Something for the same case was left: what is for it comes behind that, at a restart. */
static bool is_behind_what_was_left(const apl_engine *engine, const apl_posting *posting) {
	const apl_given to = apl_posting_texts_of(posting).to;
	for (const apl_posting *left = engine->sent.left.first; left != NULL; left = left->next) {
		const apl_given other = apl_posting_texts_of(left).to;
		if (other.size == to.size && memcmp(other.bytes, to.bytes, to.size) == 0) return true;
	}
	return false;
}

/* The first of those that wait is none of them any more, whatever came of it. ENOMEM, ELIMIT: it is. */
static int post_first(apl_engine *engine, aplomb_error *error) {
	apl_sent *sent = &engine->sent;
	apl_posting *posting = sent->waiting.first;
	/* What cases say to one another takes half of the queue, so that there is room for those who speak to them. */
	if (engine->queue.count > engine->limits.queue / 2) return APLOMB_ELIMIT;
	aplomb_error own = {.code = APLOMB_OK};
	bool is_left = sent->left.first != NULL && is_behind_what_was_left(engine, posting);
	int code = is_left ? APLOMB_OK : post_as(engine, posting, &own);
	if (code == APLOMB_EREFUSED || code == APLOMB_EFAULTED || code == APLOMB_EINVAL || code == APLOMB_EJSON) {
		aplomb_error why = own;
		if (is_of_a_child(posting)) code = tell_of_failure(engine, posting, &why, &own);
	}
	if (code == APLOMB_ENOMEM || code == APLOMB_ELIMIT) {
		/* It waits until there is room again. */
		if (error != NULL) *error = own;
		return code;
	}
	const apl_posting_texts texts = apl_posting_texts_of(posting);
	if (is_unreadable(code)) {
		is_left = true;
		apl_tell(engine, APLOMB_LOG_ERROR, "case-unreadable", NULL,
		    "what entry %llu of case %s sent to case %s waits for a restart, for that case cannot be read: %s",
		    (unsigned long long)posting->seq, apl_case_id(posting->the_case), texts.to.bytes, own.message);
	} else if (code) {
		apl_tell(engine, APLOMB_LOG_WARN, "send-refused", posting->the_case,
		    "event %s, sent to case %s by entry %llu, was refused there: %s", texts.event.bytes, texts.to.bytes,
		    (unsigned long long)posting->seq, own.slug);
	}
	apl_postings_remove(&sent->waiting, posting);
	if (posting->is_queued)
		apl_postings_append(&sent->posted, posting);
	else if (is_left)
		apl_postings_append(&sent->left, posting);
	else
		apl_posting_over(engine, posting);
	return APLOMB_OK;
}

int apl_postings_post(apl_engine *engine, aplomb_error *error) {
	int code = APLOMB_OK;
	while (engine->sent.waiting.first != NULL && !code) code = post_first(engine, error);
	return code;
}

/* What is for a case that is not there is refused, or opens one: that is for the playbooks to say which the host has not loaded yet. */
static __attribute__((noinline, cold)) bool waits_for_the_host(apl_engine *engine, const apl_posting *posting) {
	const apl_given to = apl_posting_texts_of(posting).to;
	apl_case *c = apl_cases_find(&engine->cases, to.bytes, to.size);
	if (c != NULL || posting->kind == APL_POST_OPENING || posting->kind == APL_POST_CANCEL) return false;
	return apl_page_look(engine, to.bytes, to.size, &c, NULL) == APLOMB_OK && c == NULL;
}

__attribute__((noinline, cold)) void apl_postings_resume(apl_engine *engine) {
	while (engine->sent.waiting.first != NULL && !waits_for_the_host(engine, engine->sent.waiting.first)) {
		if (post_first(engine, NULL) != APLOMB_OK) return;
	}
}
