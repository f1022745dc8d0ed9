/* SPDX-License-Identifier: MIT */
/*
 * Decides how an event is stepped that is known before it comes: its case and
 * its kind were looked up once. When nothing else is to be done first, nobody
 * wants the journal's lines, and the step is direct (direct.h), then it is done
 * where it stands: no row in the queue, no batch, and so nothing that could be
 * taken back, for nothing of it can fail. Everything else goes the way of
 * every event, by name.
 */
#include "engine/direct.h"
#include "engine/inside.h"

/* ---- kinds ------------------------------------------------------------------- */

static void free_kind(const apl_alloc *alloc, apl_event_kind *kind) {
	const apl_schema *schema = kind->program->events[kind->event];
	apl_free(alloc, kind->named, kind->n_fields * sizeof *kind->named);
	if (schema != NULL) apl_free(alloc, kind->words, schema->n_words * sizeof *kind->words);
	apl_form_free(kind->form);
	apl_free(alloc, kind, sizeof *kind);
}

void apl_kinds_free(apl_engine *engine) {
	while (engine->kinds != NULL) {
		apl_event_kind *gone = engine->kinds;
		engine->kinds = gone->next;
		free_kind(&engine->alloc, gone);
	}
}

int apl_engine_event_kind(apl_engine *engine, apl_program *program, const char *name, const char *const *fields, size_t n,
    apl_event_kind **out, aplomb_error *error) {
	const apl_alloc *alloc = &engine->alloc;
	int32_t event;
	int code = apl_door_event(program, apl_given_text(name), &event, error);
	if (code) return code;
	const apl_schema *schema = program->events[event];
	if (schema == NULL && n > 0)
		return apl_fail(
		    error, APLOMB_EREFUSED, "unknown-field", "event \"%s\" declares no data, so it has no field \"%s\"", name, fields[0]);
	apl_event_kind *kind = apl_new(alloc, sizeof *kind);
	if (kind == NULL) return apl_fail_memory(error);
	kind->engine = engine;
	kind->program = program;
	kind->event = event;
	kind->n_fields = n;
	if (schema != NULL) {
		code = apl_form_new(&kind->form, alloc, schema, "event", fields, n, error);
		kind->words = apl_new(alloc, schema->n_words * sizeof *kind->words);
		kind->named = n > 0 ? apl_new(alloc, n * sizeof *kind->named) : NULL;
		if (!code && (kind->words == NULL || (n > 0 && kind->named == NULL))) code = apl_fail_memory(error);
	}
	if (code) {
		free_kind(alloc, kind);
		return code;
	}
	const apl_direct *direct = program->prepared->direct;
	kind->is_direct = engine->steps_in_place && direct != NULL && direct->rows_of[event] != APL_NONE;
	kind->next = engine->kinds;
	engine->kinds = kind;
	*out = kind;
	return APLOMB_OK;
}

/* ---- in place ------------------------------------------------------------------ */

/* Is this event the only thing there is to be done? */
static inline bool is_alone(const apl_engine *engine, aplomb_instant now) {
	if (engine->queue.first != NULL || engine->sent.waiting.first != NULL) return false;
	const apl_timer *timer = apl_timerq_first(&engine->timers), *retry = apl_timerq_first(&engine->outbox.due);
	return (timer == NULL || timer->due_at > now) && (retry == NULL || retry->due_at > now);
}

/* What hangs on the case makes more of its step than its chart and its record know. */
static inline bool is_simple(const apl_engine *engine, const apl_case *c) {
	if (c->more != NULL && c->more->deferred != NULL) return false;
	if (engine->watching != NULL) return false;
	return engine->log->sink == NULL || !apl_wants(engine, APLOMB_LOG_TRACE, c);
}

static __attribute__((noinline)) void count_states(apl_prepared *prepared, const apl_direct_step *step, aplomb_instant at) {
	const uint32_t *states = prepared->direct->states;
	for (uint32_t i = 0; i < step->n; i++) {
		const apl_direct_move *move = step->moves[i];
		for (uint32_t k = 0; k < move->n_left; k++) {
			apl_count *count = &prepared->states[states[move->first_left + k]];
			count->inside--;
			count->total += (uint64_t)at;
		}
		for (uint32_t k = 0; k < move->n_entered; k++) {
			apl_count *count = &prepared->states[states[move->first_entered + k]];
			count->times++;
			count->inside++;
			count->total -= (uint64_t)at;
		}
	}
}

static inline bool step_in_place(
    apl_engine *engine, apl_case *c, const apl_event_kind *kind, const aplomb_known_event *event, aplomb_receipt *receipt) {
	/* First, for it is the host's, and might post something. */
	aplomb_instant now = apl_clock_now(engine->clock);
	aplomb_instant at = event->has_at ? event->at : now;
	if (c->program != kind->program || c->status != APLOMB_CASE_OPEN || event->id != NULL) return false;
	if (at > now || at < c->at || !is_alone(engine, now) || !is_simple(engine, c)) return false;
	if (event->by != NULL && !apl_door_is_sender(apl_given_text(event->by))) return false;
	if (kind->form != NULL && !apl_form_fill(kind->form, kind->words, event->fields)) return false;
	apl_direct_step step;
	apl_prepared *prepared = apl_prepared_of(c);
	if (!apl_direct_take(prepared->direct, c, kind->event, kind->words, &step)) return false;
	engine->n_in_place++;
	c->at = at;
	c->seq++;
	if (step.n_domains > 0) count_states(prepared, &step, at);
	prepared->events[kind->event].times++;
	engine->totals.events++;
	engine->totals.entries++;
	if (step.n == 0) {
		engine->totals.unhandled++;
		if (engine->log->sink != NULL)
			apl_tell(engine, APLOMB_LOG_INFO, "event-unhandled", c, "no state took %s", c->program->chart->events[kind->event].name);
	}
	if (receipt != NULL) {
		receipt->code = APLOMB_OK;
		receipt->case_id = apl_case_id(c);
		receipt->event_id = NULL;
		receipt->seq = c->seq;
		receipt->duplicate = receipt->deferred = receipt->faulted = receipt->closed = false;
		receipt->unhandled = step.n == 0;
		receipt->late_by = 0;
		receipt->message = NULL;
	}
	return true;
}

/* ---- by name --------------------------------------------------------------------- */

static __attribute__((noinline)) int step_by_name(apl_engine *engine, const apl_case *c, apl_event_kind *kind,
    const aplomb_known_event *known, aplomb_receipt *receipt, aplomb_error *error) {
	aplomb_event event = APLOMB_EVENT_INIT;
	event.id = known->id;
	event.case_id = apl_case_id(c);
	event.name = kind->program->chart->events[kind->event].name;
	event.by = known->by;
	event.has_at = known->has_at;
	event.at = known->at;
	for (size_t i = 0; i < known->n_fields; i++) {
		if (known->fields[i].kind == APLOMB_ABSENT) continue;
		kind->named[event.n_fields] = known->fields[i];
		kind->named[event.n_fields++].name = kind->form->names[i];
	}
	if (event.n_fields > 0) event.fields = kind->named;
	aplomb_receipt filled = {.size = sizeof filled};
	int code = apl_engine_post_wait(engine, &event, &filled, error);
	if (receipt != NULL) *receipt = filled;
	return code;
}

int apl_engine_step(apl_engine *engine, const aplomb_known_event *event, aplomb_receipt *receipt, aplomb_error *error) {
	apl_event_kind *kind = apl_event_kind_of(event->kind);
	if (kind->engine != engine)
		return apl_fail(error, APLOMB_EINVAL, "foreign-kind", "the event's kind is of another runtime: ask this one for its own");
	if (event->n_fields != kind->n_fields)
		return apl_fail(error, APLOMB_EINVAL, "field-count", "event \"%s\" is given %zu values, and its kind was asked for with %zu fields",
		    kind->program->chart->events[kind->event].name, event->n_fields, kind->n_fields);
	apl_case *c = apl_handle_case(&engine->handles, event->the_case);
	if (c == NULL)
		return apl_fail(error, APLOMB_ENOTFOUND, "stale-handle",
		    "the handle names no case of this runtime, or one that is gone: ask aplomb_case_find for a new one");
	if (kind->is_direct && step_in_place(engine, c, kind, event, receipt)) return APLOMB_OK;
	return step_by_name(engine, c, kind, event, receipt, error);
}
