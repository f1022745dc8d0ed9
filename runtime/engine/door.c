/* SPDX-License-Identifier: MIT */
/*
 * Decides which events come in: to which case they belong, whether they were
 * seen before, whether the playbook declares them and their data fit. What is
 * let in is copied into the queue and cannot be wrong any more; what is turned
 * away leaves a `refused` entry with its case, without its data.
 */
#include "engine/inside.h"
#include "time/instant.h"
#include "time/shown.h"

apl_given apl_given_text(const char *text) {
	return (apl_given){text, text != NULL ? strlen(text) : 0};
}

static int check_id(apl_given id, size_t most, const char *what, aplomb_error *error) {
	if (id.size == 0) return apl_fail(error, APLOMB_EINVAL, "bad-id", "%s: expected a text that is not empty", what);
	if (id.size > most) {
		return apl_fail(error, APLOMB_EINVAL, "bad-id", "%s: %zu bytes are more than the %zu that it may have", what, id.size, most);
	}
	if (memchr(id.bytes, '\0', id.size) != NULL || apl_utf8_valid(id.bytes, id.size) != id.size) {
		return apl_fail(error, APLOMB_EINVAL, "bad-id", "%s: expected valid UTF-8 without NUL", what);
	}
	return APLOMB_OK;
}

bool apl_door_is_sender(apl_given by) {
	return check_id(by, APL_MOST_ID, "by", NULL) == APLOMB_OK;
}

/* The case's id is checked when it is none that is known. */
static int check_envelope(const apl_inbound *in, aplomb_error *error) {
	if (in->case_id.bytes == NULL) return apl_fail(error, APLOMB_EINVAL, "missing-case", "the event names no case");
	if (in->event.bytes == NULL && !in->only_opens) return apl_fail(error, APLOMB_EINVAL, "missing-event", "the envelope names no event");
	int code = APLOMB_OK;
	if (in->id.bytes != NULL) code = check_id(in->id, APL_MOST_ID, "id", error);
	if (!code && in->by.bytes != NULL) code = check_id(in->by, APL_MOST_ID, "by", error);
	if (!code && in->subject.bytes != NULL) code = check_id(in->subject, APL_MOST_ID, "subject", error);
	if (!code && in->has_at && (in->at < APL_INSTANT_MIN || in->at > APL_INSTANT_MAX)) {
		code = apl_fail(error, APLOMB_EINVAL, "instant", "at: %lld microseconds lie outside the years 0001 to 9999", (long long)in->at);
	}
	return code;
}

/* ---- refusals -------------------------------------------------------------- */

static bool fits(apl_given given, const char *name) {
	return given.size == strlen(name) && memcmp(given.bytes, name, given.size) == 0;
}

static __attribute__((noinline, cold)) int refuse_playbook(const apl_engine *engine, const apl_inbound *in, aplomb_error *error) {
	char shown[APL_SHOWN], hint[128];
	apl_nearest nearest = apl_nearest_to(in->playbook.bytes, in->playbook.size);
	for (const apl_prepared *p = engine->programs; p != NULL; p = p->next) apl_nearest_try(&nearest, p->program->id);
	return apl_fail(error, APLOMB_EREFUSED, "unknown-playbook", "playbook \"%s\" is not loaded%s",
	    apl_shown(in->playbook.bytes, in->playbook.size, shown), apl_nearest_hint(&nearest, hint, sizeof hint));
}

static __attribute__((noinline, cold)) int refuse_event(const apl_program *program, apl_given name, aplomb_error *error) {
	const apl_chart *chart = program->chart;
	char shown[APL_SHOWN], hint[128];
	apl_nearest nearest = apl_nearest_to(name.bytes, name.size);
	for (uint32_t i = 0; i < chart->n_events; i++) {
		if (chart->events[i].declared) apl_nearest_try(&nearest, chart->events[i].name);
	}
	return apl_fail(error, APLOMB_EREFUSED, "unknown-event", "event \"%s\" is not declared by playbook \"%s\"%s",
	    apl_shown(name.bytes, name.size, shown), program->id, apl_nearest_hint(&nearest, hint, sizeof hint));
}

int apl_door_event(const apl_program *program, apl_given name, int32_t *out, aplomb_error *error) {
	*out = apl_prepared_event(program->prepared, name.bytes, name.size);
	return *out < 0 ? refuse_event(program, name, error) : APLOMB_OK;
}

/* The program that a new case begins with. */
static int find_program(const apl_engine *engine, const apl_inbound *in, apl_program **out, aplomb_error *error) {
	if (in->playbook.bytes == NULL && engine->default_program != NULL) {
		*out = engine->default_program;
		return APLOMB_OK;
	}
	if (in->playbook.bytes == NULL) {
		char shown[APL_SHOWN];
		return apl_fail(error, APLOMB_EREFUSED, "missing-playbook", "case \"%s\" is not open: its first event must name a playbook",
		    apl_shown(in->case_id.bytes, in->case_id.size, shown));
	}
	*out = apl_engine_program(engine, in->playbook.bytes, in->playbook.size);
	return *out != NULL ? APLOMB_OK : refuse_playbook(engine, in, error);
}

static int check_case(const apl_case *c, const apl_inbound *in, aplomb_error *error) {
	if (in->only_opens) {
		return apl_fail(error, APLOMB_EREFUSED, "case-known", "case \"%s\" is there already: a case opens once", apl_case_id(c));
	}
	if (c->status == APLOMB_CASE_CLOSED) {
		return apl_fail(
		    error, APLOMB_EREFUSED, "case-closed", "case \"%s\" is closed and takes no more events: open another one", apl_case_id(c));
	}
	if (c->status == APLOMB_CASE_FAULTED) {
		return apl_fail(error, APLOMB_EFAULTED, "case-faulted",
		    "case \"%s\" is faulted: its journal says which limit was broken, and by what", apl_case_id(c));
	}
	if (in->playbook.bytes != NULL && !fits(in->playbook, c->program->id)) {
		char shown[APL_SHOWN];
		return apl_fail(error, APLOMB_EREFUSED, "wrong-playbook", "case \"%s\" runs playbook \"%s\", not \"%s\"", apl_case_id(c),
		    c->program->id, apl_shown(in->playbook.bytes, in->playbook.size, shown));
	}
	return APLOMB_OK;
}

/* ---- the queue -------------------------------------------------------------- */

static int check_room(const apl_engine *engine, aplomb_error *error) {
	/* A line that is stepped again was let in once, and waits for nobody. */
	if (engine->queue.count < engine->limits.queue || apl_is_recalling(engine->pages)) return APLOMB_OK;
	return apl_fail(
	    error, APLOMB_ELIMIT, "limit-queue", "%u events are queued, the most that the limits allow: pump first", engine->queue.count);
}

APL_INLINE aplomb_instant time_of(apl_engine *engine, const apl_inbound *in, apl_case *c) {
	aplomb_instant now = apl_clock_now(engine->clock);
	if (!in->has_at || in->at == now) return now;
	if (in->at < now) return in->at;
	if (engine->time_follows_events) {
		apl_clock_turn(engine->clock, in->at);
		return in->at;
	}
	apl_tell(engine, APLOMB_LOG_WARN, "event-ahead", c,
	    "an event says it happened %lld microseconds from now: it is taken as happening now", (long long)(in->at - now));
	return now;
}

APL_INLINE apl_queued *new_queued(apl_engine *engine, apl_queued_kind kind, apl_case *c) {
	apl_queue_block *block = apl_queue_block_for_next(&engine->queue);
	apl_queued *queued = block != NULL ? apl_queue_make(block) : NULL;
	if (queued == NULL) return NULL;
	/* One by one: clearing the whole of it costs more, and most of it is filled in by what comes next. */
	queued->block = block;
	queued->the_case = c;
	queued->kind = (uint8_t)kind;
	queued->opens = queued->has_id = queued->linked = queued->stepped = queued->stays = false;
	queued->unhandled = queued->deferred = queued->faulted = queued->closed = false;
	queued->code = APLOMB_OK;
	queued->hops = 0;
	queued->payload = (apl_payload){.schema = NULL};
	queued->done = NULL;
	queued->seq = 0;
	queued->late_by = 0;
	queued->why = queued->name = NULL;
	return queued;
}

static inline __attribute__((always_inline)) bool copy_names(apl_queued *queued, const apl_inbound *in) {
	apl_arena *arena = &queued->block->arena;
	if (in->sender != NULL && in->sender->invoke.bytes != NULL) {
		queued->payload.invoke = apl_arena_text(arena, in->sender->invoke.bytes, in->sender->invoke.size);
		if (queued->payload.invoke == NULL) return false;
	}
	if (in->id.bytes != NULL) {
		queued->payload.id = apl_arena_text(arena, in->id.bytes, in->id.size);
		queued->id_size = (uint32_t)in->id.size;
		queued->id_hash = apl_hash_bytes(in->id.bytes, in->id.size);
		queued->has_id = true;
		if (queued->payload.id == NULL) return false;
	}
	if (in->by.bytes == NULL) {
		queued->payload.by = "system";
		queued->by_size = 6;
		return true;
	}
	queued->payload.by = apl_arena_text(arena, in->by.bytes, in->by.size);
	queued->by_size = (uint32_t)in->by.size;
	return queued->payload.by != NULL;
}

/* What another case sent is disposed of by what is queued: that waits until it is committed. */
static void dispose_of(apl_queued *queued, apl_posting *posting) {
	queued->stays = true;
	queued->posting = posting;
	posting->is_queued = true;
}

/* Its entry is written with the next commit. ENOMEM, ELIMIT: there is no room for that. */
static __attribute__((noinline, cold)) int queue_refusal(
    apl_engine *engine, apl_case *c, const apl_inbound *in, const aplomb_error *error) {
	if (check_room(engine, NULL)) return APLOMB_ELIMIT;
	apl_queue_block *block = apl_queue_block_for_next(&engine->queue);
	if (block == NULL) return APLOMB_ENOMEM;
	apl_arena_mark mark = apl_arena_here(&block->arena);
	apl_queued *queued = new_queued(engine, APL_QUEUED_REFUSED, c);
	if (queued != NULL && copy_names(queued, in)) {
		char shown[APL_SHOWN];
		apl_shown(in->event.bytes, in->event.size, shown);
		queued->name = apl_arena_text(&block->arena, shown, strlen(shown));
		queued->slug = apl_arena_text(&block->arena, error->slug, strlen(error->slug));
		queued->message = apl_arena_text(&block->arena, error->message, strlen(error->message));
		if (queued->name != NULL && queued->slug != NULL && queued->message != NULL) {
			queued->at = time_of(engine, in, c);
			const apl_sender *sender = in->sender;
			if (sender != NULL && sender->posting != NULL && !sender->has_another_way) dispose_of(queued, sender->posting);
			apl_queue_append(&engine->queue, queued);
			return APLOMB_OK;
		}
	}
	apl_arena_rewind(&block->arena, mark);
	return APLOMB_ENOMEM;
}

static __attribute__((noinline, cold)) int refuse(apl_engine *engine, apl_case *c, const apl_inbound *in, aplomb_error *error) {
	if (error->code != APLOMB_EREFUSED && error->code != APLOMB_EFAULTED) return error->code;
	/* To have been asked to open twice is nothing that happened to the case. */
	const int code = c != NULL && !in->only_opens ? queue_refusal(engine, c, in, error) : APLOMB_OK;
	/* What another case sent waits until its journal can tell; of what comes from outside the line for operators must do. */
	if (code && in->sender != NULL && in->sender->posting != NULL)
		return code == APLOMB_ENOMEM ? apl_fail_memory(error) : check_room(engine, error);
	engine->totals.refused++;
	apl_tell(engine, APLOMB_LOG_WARN, "event-refused", c, "%s", error->slug);
	return error->code;
}

/* ---- letting in --------------------------------------------------------------- */

/* The id was there before: the answer is given in the order of the queue, behind the first one's. */
static __attribute__((noinline)) int queue_duplicate(
    apl_engine *engine, apl_case *c, const apl_inbound *in, aplomb_receipt_fn done, void *payload, apl_queued **out, aplomb_error *error) {
	int code = check_room(engine, error);
	if (code) return code;
	apl_queue_block *block = apl_queue_block_for_next(&engine->queue);
	if (block == NULL) return apl_fail_memory(error);
	apl_arena_mark mark = apl_arena_here(&block->arena);
	apl_queued *queued = new_queued(engine, APL_QUEUED_DUPLICATE, c);
	if (queued == NULL || !copy_names(queued, in)) {
		apl_arena_rewind(&block->arena, mark);
		return apl_fail_memory(error);
	}
	queued->done = done;
	queued->done_payload = payload;
	queued->at = time_of(engine, in, c);
	if (in->sender != NULL && in->sender->posting != NULL) dispose_of(queued, in->sender->posting);
	apl_queue_append(&engine->queue, queued);
	*out = queued;
	return APLOMB_OK;
}

/*
 * What SCXML's _event.data is that this schema is of; APL_NO_FIELD: it has members of its own. A map that does not say so itself, as
 * {"data":…}, is all of it: who posts to such a chart knows nothing of how its playbook keeps it.
 */
static uint32_t whole_of(const apl_program *program, const apl_schema *schema, const apl_tape *data, uint32_t cell) {
	const uint32_t only = schema->fields[0].first_child;
	if (program->imported == NULL || data == NULL || only == APL_NO_FIELD || schema->fields[only].next != APL_NO_FIELD) return APL_NO_FIELD;
	if (schema->fields[only].type != APL_TYPE_ANY || strcmp(schema->fields[only].name, "data") != 0) return APL_NO_FIELD;
	if (data->cells[cell].kind != APLOMB_MAP || data->cells[cell].count == 0) return APL_NO_FIELD;
	return data->cells[cell].count == 1 && apl_tape_find(data, cell, "data", 4) != 0 ? APL_NO_FIELD : only;
}

/* Checks the event against its declaration and copies what it carries. */
static int fill_event(apl_queued *queued, const apl_alloc *alloc, const apl_program *program, const apl_inbound *in, aplomb_error *error) {
	const apl_chart *chart = program->chart;
	if (in->only_opens) {
		queued->event = APL_ONLY_OPENS;
		return copy_names(queued, in) ? APLOMB_OK : apl_fail_memory(error);
	}
	queued->event = apl_prepared_event(program->prepared, in->event.bytes, in->event.size);
	if (queued->event < 0) return refuse_event(program, in->event, error);
	if (!copy_names(queued, in)) return apl_fail_memory(error);
	const apl_schema *schema = program->events[queued->event];
	if (schema == NULL) {
		bool has_data =
		    in->n_fields > 0 ||
		    (in->data != NULL && (in->data->cells[in->data_cell].kind != APLOMB_MAP || in->data->cells[in->data_cell].count > 0));
		if (!has_data) return APLOMB_OK;
		return apl_fail(
		    error, APLOMB_EREFUSED, "unknown-field", "event \"%s\" declares no data: send none", chart->events[queued->event].name);
	}
	apl_arena *arena = &queued->block->arena;
	queued->payload.schema = schema;
	queued->payload.words = apl_arena_take(arena, schema->n_words * sizeof(uint64_t));
	if (queued->payload.words == NULL) return apl_fail_memory(error);
	const apl_writer writer = {.schema = schema, .words = queued->payload.words, .keep = {alloc, arena}, .what = "event"};
	if (in->fields != NULL) return apl_record_read_fields(&writer, in->fields, in->n_fields, error);
	const uint32_t whole = whole_of(program, schema, in->data, in->data_cell);
	if (whole != APL_NO_FIELD) {
		int code = apl_record_read(&writer, NULL, APL_NO_FIELD, error);
		return code == APLOMB_OK ? apl_record_set(&writer, whole, in->data, in->data_cell, error) : code;
	}
	return apl_record_read(&writer, in->data, in->data != NULL ? in->data_cell : APL_NO_FIELD, error);
}

static int take_parent(apl_engine *engine, apl_case *c, const apl_parent *parent, aplomb_error *error) {
	apl_case_more *more = apl_case_more_of(engine, c);
	if (more == NULL) return apl_fail_memory(error);
	const apl_given id = {parent->texts, parent->id_size}, invoke = {apl_parent_invoke(parent), parent->invoke_size};
	more->parent = apl_parent_new(&engine->alloc, id, invoke, parent->depth);
	return more->parent != NULL ? APLOMB_OK : apl_fail_memory(error);
}

static __attribute__((noinline, cold)) int new_case(
    apl_engine *engine, apl_program *program, const apl_inbound *in, apl_case **out, aplomb_error *error) {
	apl_case *c = apl_case_new(engine, program, in->case_id.bytes, (uint32_t)in->case_id.size);
	if (c == NULL) return apl_fail_memory(error);
	char subject[APL_MOST_ID + 1];
	if (in->subject.bytes != NULL) {
		memcpy(subject, in->subject.bytes, in->subject.size);
		subject[in->subject.size] = '\0';
	}
	int code = apl_case_begin(engine, c, in->subject.bytes != NULL ? subject : NULL, in->open, in->open_cell, error);
	if (!code && in->sender != NULL && in->sender->parent != NULL) code = take_parent(engine, c, in->sender->parent, error);
	if (!code && !apl_case_enlist(engine, c)) code = apl_fail_memory(error);
	if (code) {
		apl_case_free(engine, c);
		return code;
	}
	*out = c;
	return APLOMB_OK;
}

/* Has the case seen the id, not too long ago? */
static __attribute__((noinline)) bool is_remembered(const apl_engine *engine, const apl_case *c, apl_given id) {
	const apl_seen_id *seen = apl_seen_find(&c->more->seen, apl_hash_bytes(id.bytes, id.size));
	return seen != NULL && !apl_seen_is_forgotten(seen, apl_seen_floor(engine, c));
}

/* The id of an event that waits is known from now on; its entry is not. */
static int remember(apl_engine *engine, apl_case *c, const apl_queued *queued, aplomb_error *error) {
	if (!queued->has_id) return APLOMB_OK;
	apl_case_more *more = apl_case_more_of(engine, c);
	if (more != NULL && apl_seen_add(&engine->alloc, &more->seen, (apl_seen_id){.hash = queued->id_hash}, apl_seen_floor(engine, c)))
		return APLOMB_OK;
	return apl_fail_memory(error);
}

static int let_in(apl_engine *engine, apl_case *c, apl_program *program, const apl_inbound *in, aplomb_receipt_fn done, void *payload,
    apl_queued **out, aplomb_error *error) {
	int code = check_room(engine, error);
	if (code) return code;
	apl_queue_block *block = apl_queue_block_for_next(&engine->queue);
	if (block == NULL) return apl_fail_memory(error);
	apl_arena_mark mark = apl_arena_here(&block->arena);
	apl_queued *queued = new_queued(engine, APL_QUEUED_EVENT, c);
	code = queued == NULL ? apl_fail_memory(error) : fill_event(queued, &engine->alloc, program, in, error);
	apl_case *made = NULL;
	if (!code && c == NULL) code = new_case(engine, program, in, &made, error);
	if (!code) code = remember(engine, made != NULL ? made : c, queued, error);
	if (code) {
		if (made != NULL) {
			apl_case_vanish(engine, made, NULL);
			apl_case_free(engine, made);
		}
		apl_arena_rewind(&block->arena, mark);
		return code;
	}
	if (made != NULL) {
		queued->the_case = made;
		queued->opens = true;
	}
	queued->done = done;
	queued->done_payload = payload;
	if (in->sender != NULL) {
		queued->stays = in->sender->stays;
		queued->hops = in->sender->hops;
		queued->posting = NULL;
		if (in->sender->posting != NULL) dispose_of(queued, in->sender->posting);
	}
	queued->at = time_of(engine, in, queued->the_case);
	apl_queue_append(&engine->queue, queued);
	*out = queued;
	return APLOMB_OK;
}

int apl_door_cancel(apl_engine *engine, apl_given case_id, apl_given by, aplomb_instant at, const apl_sender *sender, apl_queued **out,
    aplomb_error *error) {
	*out = NULL;
	apl_case *c = apl_cases_find(&engine->cases, case_id.bytes, case_id.size);
	int code = c == NULL ? apl_page_look(engine, case_id.bytes, case_id.size, &c, error) : APLOMB_OK;
	if (code || c == NULL || c->status != APLOMB_CASE_OPEN) return code;
	code = check_room(engine, error);
	if (code) return code;
	apl_queue_block *block = apl_queue_block_for_next(&engine->queue);
	if (block == NULL) return apl_fail_memory(error);
	apl_arena_mark mark = apl_arena_here(&block->arena);
	apl_queued *queued = new_queued(engine, APL_QUEUED_CANCEL, c);
	const apl_inbound in = {.by = by, .has_at = true, .at = at};
	if (queued == NULL || !copy_names(queued, &in)) {
		apl_arena_rewind(&block->arena, mark);
		return apl_fail_memory(error);
	}
	queued->event = APL_ONLY_OPENS;
	queued->stays = true;
	queued->posting = NULL;
	if (sender != NULL) {
		queued->hops = sender->hops;
		if (sender->posting != NULL) dispose_of(queued, sender->posting);
	}
	queued->at = time_of(engine, &in, c);
	apl_queue_append(&engine->queue, queued);
	*out = queued;
	return APLOMB_OK;
}

int apl_door(apl_engine *engine, const apl_inbound *in, aplomb_receipt_fn done, void *payload, apl_queued **out, aplomb_error *error) {
	aplomb_error own;
	if (error == NULL) error = &own;
	int code = check_envelope(in, error);
	if (code) return code;
	apl_case *c = apl_cases_find(&engine->cases, in->case_id.bytes, in->case_id.size);
	apl_program *program = NULL;
	if (c == NULL) {
		code = apl_page_look(engine, in->case_id.bytes, in->case_id.size, &c, error);
		if (code) return code;
	}
	if (c == NULL) {
		code = check_id(in->case_id, APL_MOST_CASE_ID, "case", error);
		if (!code && in->sender != NULL && in->sender->program != NULL)
			program = in->sender->program;
		else if (!code)
			code = find_program(engine, in, &program, error);
	} else {
		program = c->program;
		/* Stepped soon, but not at once: with many cases its words are far away, and have time to come. */
		__builtin_prefetch(c->words);
		__builtin_prefetch((const char *)c->words + 64);
		__builtin_prefetch((const char *)c->words + 128);
		bool is_known = in->id.bytes != NULL && c->more != NULL && is_remembered(engine, c, in->id);
		if (is_known) return queue_duplicate(engine, c, in, done, payload, out, error);
		code = check_case(c, in, error);
	}
	if (!code) code = let_in(engine, c, program, in, done, payload, out, error);
	return code ? refuse(engine, c, in, error) : APLOMB_OK;
}

/* In line where most events come in. */
APL_INLINE int come_by_name(apl_engine *engine, const aplomb_event *event, bool only_opens, aplomb_receipt_fn done, void *payload,
    apl_queued **out, aplomb_error *error) {
	if (event->data != NULL && event->fields != NULL) {
		return apl_fail(error, APLOMB_EINVAL, "data-twice", "the event's data are given both as JSON and as fields: give one of them");
	}
	apl_inbound in = {
	    .id = apl_given_text(event->id),
	    .case_id = apl_given_text(event->case_id),
	    .subject = apl_given_text(event->subject),
	    .playbook = apl_given_text(event->playbook),
	    .event = apl_given_text(event->name),
	    .only_opens = only_opens,
	    .by = apl_given_text(event->by),
	    .has_at = event->has_at,
	    .at = event->at,
	    .fields = event->fields,
	    .n_fields = event->n_fields,
	};
	const apl_json_bounds bounds = {engine->limits.depth, engine->limits.data};
	if (event->data != NULL) {
		size_t size = event->data_size > 0 ? event->data_size : strlen(event->data);
		int code = apl_json_read(&engine->tape, event->data, size, &bounds, error);
		if (code) return code;
		in.data = &engine->tape;
	}
	if (event->open != NULL) {
		size_t size = event->open_size > 0 ? event->open_size : strlen(event->open);
		int code = apl_json_read(&engine->open_tape, event->open, size, &bounds, error);
		if (code) return code;
		in.open = &engine->open_tape;
	}
	return apl_door(engine, &in, done, payload, out, error);
}

int apl_engine_post(apl_engine *engine, const aplomb_event *event, aplomb_receipt_fn done, void *payload, aplomb_error *error) {
	apl_queued *queued;
	return come_by_name(engine, event, false, done, payload, &queued, error);
}

int apl_post_event(apl_engine *engine, const aplomb_event *event, bool only_opens, aplomb_receipt_fn done, void *payload, apl_queued **out,
    aplomb_error *error) {
	return come_by_name(engine, event, only_opens, done, payload, out, error);
}
