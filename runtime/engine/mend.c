/* SPDX-License-Identifier: MIT */
/*
 * Decides how a case that broke a limit goes on: somebody says why, and that it
 * takes up again what broke it (the limits may be others now), or goes on
 * without, or that its data are set right first, or that it ends. Each is an
 * entry, and what follows from it are the entries it would have been without
 * the fault. What broke it is the cause of its `faulted` entry, which the case
 * keeps, so that no journal need be read for that.
 */
#include "engine/inside.h"
#include "time/instant.h"
#include "time/shown.h"

static const char *const names[] = {
    [APLOMB_MEND_RESUME] = "resume", [APLOMB_MEND_SKIP] = "skip", [APLOMB_MEND_SET] = "set", [APLOMB_MEND_CLOSE] = "close"};

bool apl_mend_named(apl_given name, aplomb_mend_kind *out) {
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (name.bytes == NULL || strlen(names[i]) != name.size || memcmp(names[i], name.bytes, name.size) != 0) continue;
		*out = (aplomb_mend_kind)i;
		return true;
	}
	return false;
}

/* ---- what broke it ------------------------------------------------------------------- */

/* The case keeps [fault] (or NULL) from now on; false without memory, and then it was dropped. */
static bool keep(apl_engine *engine, apl_case *c, apl_text *fault) {
	apl_case_more *more = apl_case_more_of(engine, c);
	apl_did *did = more != NULL ? apl_did_reserve(engine) : NULL;
	if (did == NULL) {
		apl_text_drop(&engine->alloc, fault);
		return false;
	}
	did->deed = APL_DID_FAULT;
	did->the_case = c;
	did->what = more->fault;
	apl_did_done(engine);
	more->fault = fault;
	return true;
}

void apl_fault_undo(apl_engine *engine, const apl_did *did) {
	apl_case_more *more = did->the_case->more;
	apl_text_drop(&engine->alloc, more->fault);
	more->fault = did->what;
}

bool apl_fault_keep(apl_engine *engine, apl_case *c) {
	static const char label[] = ",\"cause\":", behind[] = ",\"digest\":\"";
	const apl_buf *line = engine->line;
	/* Who writes no lines writes no causes. */
	if (!engine->composes) return keep(engine, c, NULL);
	const char *at = line->bytes + engine->line_begun, *end = line->bytes + engine->items_begun;
	/* Within a text the quotes have backslashes, so this is the member. */
	const char *cause = memmem(at, (size_t)(end - at), label, sizeof label - 1);
	if (line->failed || cause == NULL) return false;
	cause += sizeof label - 1;
	const char *last = end - (sizeof behind - 1);
	while (last > cause && memcmp(last, behind, sizeof behind - 1) != 0) last--;
	apl_text *fault = apl_text_new(&engine->alloc, cause, (size_t)(last - cause));
	return fault != NULL && keep(engine, c, fault);
}

/* ---- kinds of it ---------------------------------------------------------------------- */

typedef enum broken {
	BROKE_UNKNOWN,
	BROKE_OPENING,
	BROKE_EVENT,
	BROKE_TIMER,
	BROKE_CLOCK, /* in what a clock tells */
	BROKE_OFFER, /* of a deferred event */
	BROKE_CANCELLING
} broken;

static bool has(const apl_tape *tape, const char *name) {
	return apl_tape_find(tape, 0, name, strlen(name)) != 0;
}

static apl_given text_of(const apl_tape *tape, const char *name) {
	uint32_t cell = apl_tape_find(tape, 0, name, strlen(name));
	if (cell == 0 || tape->cells[cell].kind != APLOMB_TEXT) return (apl_given){NULL, 0};
	return (apl_given){tape->cells[cell].as.text, tape->cells[cell].count};
}

static int64_t number_of(const apl_tape *tape, const char *name) {
	uint32_t cell = apl_tape_find(tape, 0, name, strlen(name));
	return cell != 0 && tape->cells[cell].kind == APLOMB_INTEGER ? tape->cells[cell].as.integer : -1;
}

/* Reads what broke the case into engine->tape. */
static int read_fault(apl_engine *engine, const apl_case *c, broken *out, aplomb_error *error) {
	*out = BROKE_UNKNOWN;
	const apl_text *fault = c->more != NULL ? c->more->fault : NULL;
	if (fault == NULL) return APLOMB_OK;
	const apl_json_bounds bounds = {.depth = 1024, .size = SIZE_MAX};
	apl_tape *tape = &engine->tape;
	int code = apl_json_read(tape, fault->bytes, fault->size, &bounds, error);
	if (code) return code;
	if (tape->cells[0].kind != APLOMB_MAP) return APLOMB_OK;
	*out = has(tape, "clock")          ? BROKE_CLOCK
	       : has(tape, "armed_seq")    ? BROKE_TIMER
	       : has(tape, "deferred_seq") ? BROKE_OFFER
	       : has(tape, "event")        ? BROKE_EVENT
	       : has(tape, "invoke")       ? BROKE_CANCELLING
	                                   : BROKE_OPENING;
	return APLOMB_OK;
}

/* ---- what is done ----------------------------------------------------------------------- */

/* Its timers may fire again. false without memory. */
static bool unpark(apl_engine *engine, apl_case *c) {
	for (apl_case_timer *timer = c->timers; timer != NULL; timer = timer->next) {
		if (!apl_timer_unpark(engine, timer)) return false;
	}
	return true;
}

/* The timer that broke the case: it fired, and then had not. */
static apl_case_timer *broken_timer(const apl_tape *tape, const apl_case *c) {
	apl_case_timer *first = NULL;
	for (apl_case_timer *timer = c->timers; timer != NULL; timer = timer->next) {
		if ((int64_t)timer->armed_seq != number_of(tape, "armed_seq") || !apl_timer_is_named(timer, tape, 0)) continue;
		if (first == NULL || apl_timer_is_before(&timer->timer, &first->timer)) first = timer;
	}
	return first;
}

/* What broke it does not happen; an `every` goes on with its next time. */
static int drop_cause(apl_engine *engine, apl_case *c, broken what) {
	if (what == BROKE_TIMER) {
		apl_case_timer *timer = broken_timer(&engine->tape, c);
		if (timer == NULL) return APLOMB_OK;
		apl_skipped_item(engine, timer);
		return apl_timer_disarm(engine, timer) && (timer->send != NULL || apl_delay_repeat(engine, timer)) ? APLOMB_OK : APLOMB_ENOMEM;
	}
	if (what == BROKE_OFFER) {
		apl_deferred *deferred = c->more->deferred;
		while (deferred != NULL && (int64_t)deferred->seq != number_of(&engine->tape, "deferred_seq")) deferred = deferred->next;
		return deferred == NULL || apl_deferred_take(engine, deferred) ? APLOMB_OK : APLOMB_ENOMEM;
	}
	return APLOMB_OK;
}

/* Members of the data that are given become what is given; the others stay. */
static int set_data(apl_engine *engine, apl_case *c, const apl_mend *mend, aplomb_error *error) {
	const apl_schema *schema = c->program->data;
	const apl_writer writer = {.schema = schema, .words = apl_case_data(c), .keep = {&engine->alloc, NULL}, .what = "data"};
	const apl_tape *tape = mend->data;
	uint32_t name = mend->data_cell + 1;
	for (uint32_t i = 0; i < tape->cells[mend->data_cell].count; i++, name = apl_tape_next(tape, name + 1)) {
		const apl_cell *key = &tape->cells[name];
		uint32_t field = apl_schema_member(schema, 0, key->as.text, key->count);
		if (field == APL_NO_FIELD) {
			char shown[APL_SHOWN], hint[128];
			apl_nearest nearest = apl_nearest_to(key->as.text, key->count);
			for (uint32_t f = 1; f < schema->n_fields; f++) {
				if (schema->fields[f].name != NULL && schema->fields[f].parent == 0) apl_nearest_try(&nearest, schema->fields[f].name);
			}
			return apl_fail(error, APLOMB_EREFUSED, "unknown-field", "data has no field \"%s\"%s",
			    apl_shown(key->as.text, key->count, shown), apl_nearest_hint(&nearest, hint, sizeof hint));
		}
		int code = apl_record_set(&writer, field, tape, name + 1, error);
		if (code) return code;
	}
	return APLOMB_OK;
}

static void write_cause(apl_engine *engine, const apl_mend *mend) {
	apl_buf *cause = engine->line;
	APL_BUF_LITERAL(cause, "{\"because\":");
	apl_json_write_text(cause, mend->because.bytes, mend->because.size);
	APL_BUF_LITERAL(cause, ",\"by\":");
	apl_json_write_text(cause, mend->by.bytes, mend->by.size);
	if (mend->data != NULL) {
		APL_BUF_LITERAL(cause, ",\"data\":");
		apl_json_write(cause, mend->data, mend->data_cell);
	}
	APL_BUF_LITERAL(cause, ",\"do\":\"");
	apl_buf_text(cause, names[mend->kind]);
	apl_buf_byte(cause, '"');
	if (mend->kind == APLOMB_MEND_RESUME && (mend->limits == NULL || mend->limits_cell != 0)) {
		APL_BUF_LITERAL(cause, ",\"limits\":");
		if (mend->limits != NULL)
			apl_json_write(cause, mend->limits, mend->limits_cell);
		else
			apl_buf_add(cause, engine->limits_json.bytes, engine->limits_json.size);
	}
	apl_buf_byte(cause, '}');
	apl_line_items(engine);
}

static int check(const apl_case *c, const apl_mend *mend, broken what, aplomb_error *error) {
	char shown[APL_SHOWN];
	apl_shown(apl_case_id(c), c->id_size, shown);
	if (c->status != APLOMB_CASE_FAULTED)
		return apl_fail(error, APLOMB_EINVAL, "not-faulted", "case \"%s\" is %s: only one that is faulted can be mended", shown,
		    c->status == APLOMB_CASE_CLOSED ? "closed" : "open");
	const bool goes_on = mend->kind == APLOMB_MEND_RESUME || mend->kind == APLOMB_MEND_SKIP;
	if (goes_on && what == BROKE_UNKNOWN)
		return apl_fail(error, APLOMB_EINVAL, "fault-unknown",
		    "what broke case \"%s\" was not kept, for no lines were written: close it, or put back a snapshot of before", shown);
	const char *instead = what == BROKE_CANCELLING                       ? "close it"
	                      : what == BROKE_OPENING || what == BROKE_CLOCK ? "resume or close it"
	                                                                     : NULL;
	if (instead == NULL || !goes_on || (mend->kind == APLOMB_MEND_RESUME && what != BROKE_CANCELLING)) return APLOMB_OK;
	return apl_fail(error, APLOMB_EINVAL, "fault-final", "case \"%s\" broke a limit while it %s, and that cannot be left out: %s", shown,
	    what == BROKE_OPENING ? "opened"
	    : what == BROKE_CLOCK ? "heard one of its clocks"
	                          : "was cancelled",
	    instead);
}

/* The event that broke it, in the entry behind. */
static int step_again(apl_engine *engine, apl_case *c, aplomb_instant at, apl_outcome *outcome, apl_queued **out, aplomb_error *error) {
	const apl_tape *tape = &engine->tape;
	const uint32_t data = apl_tape_find(tape, 0, "data", 4);
	const apl_sender sender = {.invoke = text_of(tape, "invoke"), .stays = true};
	const apl_inbound in = {
	    .case_id = {apl_case_id(c), c->id_size},
	    .event = text_of(tape, "event"),
	    .by = text_of(tape, "by"),
	    .sender = &sender,
	    .data = data != 0 ? tape : NULL,
	    .data_cell = data,
	};
	int code = apl_door(engine, &in, NULL, NULL, out, error);
	if (code) return code;
	(*out)->at = at;
	code = apl_take_queued(engine, *out);
	outcome->faulted = (*out)->faulted;
	outcome->closed = (*out)->closed;
	return code == APLOMB_ENOMEM ? apl_fail_memory(error) : code;
}

int apl_mend_step(apl_engine *engine, apl_case *c, const apl_mend *mend, aplomb_instant at, apl_outcome *outcome, apl_queued **queued,
    aplomb_error *error) {
	broken what;
	int code = read_fault(engine, c, &what, error);
	if (!code) code = check(c, mend, what, error);
	if (code) return code;
	at = apl_later(c->at, at);
	apl_batch_mark before = apl_batch_here(engine);
	if (!apl_touch(engine, c)) return apl_fail_memory(error);
	apl_line_begin(engine, c, at);
	write_cause(engine, mend);
	*outcome = (apl_outcome){.seq = c->seq + 1};
	const bool goes_on = mend->kind == APLOMB_MEND_RESUME || mend->kind == APLOMB_MEND_SKIP;
	if (mend->kind == APLOMB_MEND_SET) code = set_data(engine, c, mend, error);
	if (code) return code;
	if (mend->kind != APLOMB_MEND_SET) {
		if (!keep(engine, c, NULL)) return apl_fail_memory(error);
		engine->batch.totals.faulted--;
	}
	if (goes_on) {
		c->status = APLOMB_CASE_OPEN;
		if (!unpark(engine, c)) return apl_fail_memory(error);
	}
	if (mend->kind == APLOMB_MEND_RESUME && what == BROKE_OPENING) {
		const apl_stimulus stimulus = {APL_ENTRY_MENDED, NULL, at};
		code = apl_step_run(engine, c, &stimulus, before, false, outcome);
		return code == APLOMB_ENOMEM ? apl_fail_memory(error) : code;
	}
	if (mend->kind == APLOMB_MEND_SKIP && drop_cause(engine, c, what)) return apl_fail_memory(error);
	if (mend->kind == APLOMB_MEND_CLOSE) {
		outcome->closed = true;
		if (apl_step_close(engine, c, at)) return apl_fail_memory(error);
	}
	if (apl_step_note(engine, c, APL_ENTRY_MENDED, at)) return apl_fail_memory(error);
	outcome->moved = mend->kind == APLOMB_MEND_RESUME && what == BROKE_OFFER;
	if (apl_after_step(engine, c, outcome)) return apl_fail_memory(error);
	/* A replay has that entry's line. */
	if (mend->kind == APLOMB_MEND_RESUME && what == BROKE_EVENT && engine->replay == NULL)
		return step_again(engine, c, at, outcome, queued, error);
	return APLOMB_OK;
}

/* ---- for hosts ----------------------------------------------------------------------------- */

/* What it sent itself at once waited in the queue, and was passed over there. */
static void enqueue_sent(apl_engine *engine, apl_case *c) {
	for (apl_case_timer *timer = apl_oldest_timer(c); timer != NULL && c->status == APLOMB_CASE_OPEN; timer = timer->before) {
		if (timer->send != NULL && timer->send->at_once && !timer->send->queued.linked) apl_sent_enqueue(engine, timer);
	}
}

/* What a host gives as what an entry says. The data are in engine->open_tape. */
static int take(apl_engine *engine, const aplomb_mend *given, apl_mend *out, aplomb_error *error) {
	const apl_given because = apl_given_text(given->because), by = apl_given_text(given->by != NULL ? given->by : "system");
	if ((int)given->kind < APLOMB_MEND_RESUME || (int)given->kind > APLOMB_MEND_CLOSE)
		return apl_fail(error, APLOMB_EINVAL, "bad-mend", "%d is no way to mend a case: give RESUME, SKIP, SET or CLOSE", (int)given->kind);
	if (because.size == 0 || apl_utf8_valid(because.bytes, because.size) != because.size)
		return apl_fail(error, APLOMB_EINVAL, "bad-mend", "say why in `because`, in valid UTF-8, for whoever reads the journal");
	if ((given->data != NULL) != (given->kind == APLOMB_MEND_SET))
		return apl_fail(error, APLOMB_EINVAL, "bad-mend", "`data` is what SET sets, and is given for that alone");
	if (!apl_door_is_sender(by))
		return apl_fail(error, APLOMB_EINVAL, "bad-id", "by: expected valid UTF-8 of at most %d bytes", APL_MOST_ID);
	*out = (apl_mend){.kind = given->kind, .because = because, .by = by};
	if (given->data == NULL) return APLOMB_OK;
	const apl_json_bounds bounds = {engine->limits.depth, engine->limits.data};
	const size_t size = given->data_size > 0 ? given->data_size : strlen(given->data);
	int code = apl_json_read(&engine->open_tape, given->data, size, &bounds, error);
	if (code) return code;
	if (engine->open_tape.cells[0].kind != APLOMB_MAP)
		return apl_fail(error, APLOMB_EREFUSED, "wrong-type", "the data to be set are a map");
	out->data = &engine->open_tape;
	return APLOMB_OK;
}

int apl_engine_mend(apl_engine *engine, apl_case *c, const aplomb_mend *given, aplomb_receipt *receipt, aplomb_error *error) {
	aplomb_error own;
	if (error == NULL) error = &own;
	apl_mend mend;
	int code = take(engine, given, &mend, error);
	if (code) return code;
	apl_outcome outcome = {0};
	apl_queued *queued = NULL;
	engine->inside = true;
	/* Who opens a store, mends and goes has not stepped timers: since when nobody did stays what it was. */
	engine->mends_alone = engine->away.to != INT64_MIN && engine->totals.events + engine->totals.timers == 0;
	code = apl_mend_step(engine, c, &mend, apl_clock_now(engine->clock), &outcome, &queued, error);
	if (code)
		apl_batch_take_back(engine);
	else
		code = apl_batch_commit(engine, error);
	if (queued != NULL) apl_queue_release(&engine->queue, queued);
	if (!code) enqueue_sent(engine, c);
	engine->inside = engine->mends_alone = false;
	if (code) return code;
	receipt->code = APLOMB_OK;
	receipt->case_id = apl_case_id(c);
	receipt->seq = c->seq;
	receipt->faulted = c->status == APLOMB_CASE_FAULTED && mend.kind != APLOMB_MEND_SET;
	receipt->closed = c->status == APLOMB_CASE_CLOSED;
	return APLOMB_OK;
}
