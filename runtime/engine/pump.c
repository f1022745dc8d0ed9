/* SPDX-License-Identifier: MIT */
/*
 * Decides which case steps next and when a batch ends: timers by deadline
 * before an event of the same instant, events in the order posted, one commit,
 * then receipts and effects. What a step is, is step.c's.
 */
#include "engine/inside.h"
#include "time/instant.h"

/* ---- causes ------------------------------------------------------------------ */

static void cause_data(apl_buf *cause, const apl_payload *payload) {
	if (payload->schema == NULL || payload->words == NULL) return;
	APL_BUF_LITERAL(cause, ",\"data\":");
	apl_record_write(cause, payload->schema, payload->words, false);
}

static void cause_text(apl_buf *cause, const char *label, const char *text, size_t size) {
	apl_buf_text(cause, label);
	apl_json_write_text(cause, text, size);
}

static void cause_by(apl_buf *cause, const char *by, size_t size) {
	static const char system[] = "{\"by\":\"system\"";
	if (size == 6 && memcmp(by, "system", 6) == 0) {
		apl_buf_add(cause, system, sizeof system - 1);
		return;
	}
	APL_BUF_LITERAL(cause, "{\"by\":");
	apl_json_write_text(cause, by, size);
}

/* Only when there are so many that the step may break the limit: then a replay must know. */
static void cause_hops(const apl_engine *engine, apl_buf *cause) {
	if (engine->hops < engine->limits.hops) return;
	APL_BUF_LITERAL(cause, ",\"hops\":");
	apl_json_write_integer(cause, engine->hops);
}

/* Up to the first item. */
APL_INLINE void event_cause(apl_engine *engine, const apl_case *c, const apl_queued *queued) {
	apl_buf *cause = engine->line;
	if (!engine->composes) return;
	cause_by(cause, queued->payload.by, queued->by_size);
	cause_data(cause, &queued->payload);
	if (!queued->has_id && queued->late_by <= 0) {
		const apl_piece *rest = &apl_prepared_of(c)->cause[queued->event];
		apl_buf_add_blocks(cause, rest->bytes, rest->size);
		apl_line_items_begun(engine);
		return;
	}
	APL_BUF_LITERAL(cause, ",\"event\":");
	const apl_piece *name = &apl_prepared_of(c)->event[queued->event];
	apl_buf_add(cause, name->bytes, name->size);
	cause_hops(engine, cause);
	if (queued->has_id) cause_text(cause, ",\"id\":", queued->payload.id, queued->id_size);
	if (queued->payload.invoke != NULL) cause_text(cause, ",\"invoke\":", queued->payload.invoke, strlen(queued->payload.invoke));
	if (queued->late_by > 0) {
		APL_BUF_LITERAL(cause, ",\"late_by_us\":");
		apl_json_write_integer(cause, queued->late_by);
		APL_BUF_LITERAL(cause, ",\"sent_at\":\"");
		apl_instant_append(cause, &engine->instants, queued->at);
		apl_buf_byte(cause, '"');
	}
	apl_buf_byte(cause, '}');
	apl_line_items(engine);
}

static void deferred_cause(apl_engine *engine, const apl_case *c, const apl_deferred *deferred, const apl_payload *payload) {
	apl_buf *cause = engine->line;
	cause_by(cause, deferred->texts, deferred->by_size);
	cause_data(cause, payload);
	APL_BUF_LITERAL(cause, ",\"deferred_seq\":");
	apl_json_write_integer(cause, (int64_t)deferred->seq);
	APL_BUF_LITERAL(cause, ",\"event\":");
	const apl_piece *name = &apl_prepared_of(c)->event[deferred->event];
	apl_buf_add(cause, name->bytes, name->size);
	cause_hops(engine, cause);
	if (deferred->id_size > 0) cause_text(cause, ",\"id\":", deferred->texts + deferred->by_size + 1, deferred->id_size);
	if (deferred->invoke_size > 0) cause_text(cause, ",\"invoke\":", apl_deferred_invoke(deferred), deferred->invoke_size);
	apl_buf_byte(cause, '}');
	apl_line_items(engine);
}

static void timer_cause(apl_engine *engine, const apl_case_timer *timer, const apl_payload *payload) {
	const apl_case *c = timer->owner;
	const apl_chart *chart = c->program->chart;
	const apl_send_row *send = timer->send;
	apl_buf *cause = engine->line;
	APL_BUF_LITERAL(cause, "{\"armed_seq\":");
	apl_json_write_integer(cause, (int64_t)timer->armed_seq);
	const uint32_t clock = apl_timer_clock(timer);
	if (clock != APL_NONE) {
		const char *event = chart->events[apl_clock_next_event(c, clock)].name;
		cause_text(cause, ",\"clock\":", chart->clocks[clock].name, strlen(chart->clocks[clock].name));
		cause_data(cause, payload);
		cause_text(cause, ",\"event\":", event, strlen(event));
	} else if (send == NULL) {
		const apl_delay *delay = &chart->delays[timer->delay];
		cause_text(cause, ",\"event\":", delay->name, strlen(delay->name));
		cause_text(cause, ",\"state\":", chart->states[delay->state].path, strlen(chart->states[delay->state].path));
	} else {
		cause_data(cause, payload);
		if (send->data != NULL) {
			APL_BUF_LITERAL(cause, ",\"data\":");
			apl_buf_add(cause, send->data->bytes, send->data->size);
		}
		APL_BUF_LITERAL(cause, ",\"event\":");
		const apl_piece *name = &apl_prepared_of(c)->event[send->event];
		apl_buf_add(cause, name->bytes, name->size);
		if (send->id_size > 0) cause_text(cause, ",\"send\":", send->texts, send->id_size);
		if (send->to_size > 0) cause_text(cause, ",\"to\":", send->texts + send->id_size + 1, send->to_size);
	}
	apl_buf_byte(cause, '}');
	apl_line_items(engine);
}

/* ---- steps ------------------------------------------------------------------- */

/* [deferred] is out of the list; its step may put it back. */
int apl_offer_one(apl_engine *engine, apl_case *c, apl_deferred *deferred, apl_batch_mark before, apl_outcome *outcome) {
	const apl_event_name *name = &c->program->chart->events[deferred->event];
	apl_payload payload = {
	    .schema = c->program->events[deferred->event],
	    .words = deferred->words,
	    .id = deferred->id_size > 0 ? deferred->texts + deferred->by_size + 1 : NULL,
	    .by = deferred->texts,
	    .invoke = apl_deferred_invoke(deferred),
	};
	const apl_step_event event = {deferred->event, name->size, name->name, &payload};
	apl_line_begin(engine, c, c->at);
	deferred_cause(engine, c, deferred, &payload);
	const apl_stimulus stimulus = {APL_ENTRY_EVENT, &event, c->at};
	return apl_step_run(engine, c, &stimulus, before, true, outcome);
}

/*
 * The configuration changed: deferred events are offered again, the oldest
 * first, and from the oldest again whenever one of them changed it. One that is
 * still deferred stays where it is and leaves no trace.
 */
static int offer_deferred(apl_engine *engine, apl_case *c, apl_deferred *next) {
	while (next != NULL) {
		apl_deferred *deferred = next;
		next = deferred->next;
		apl_batch_mark before = apl_batch_here(engine);
		if (!apl_deferred_take(engine, deferred)) return APLOMB_ENOMEM;
		apl_outcome outcome;
		int code = apl_offer_one(engine, c, deferred, before, &outcome);
		if (code) return code;
		if (outcome.faulted || outcome.closed) return APLOMB_OK;
		if (outcome.moved) next = c->more->deferred;
	}
	return APLOMB_OK;
}

int apl_after_step(apl_engine *engine, apl_case *c, const apl_outcome *outcome) {
	if (!outcome->moved || outcome->closed || outcome->faulted || c->more == NULL) return APLOMB_OK;
	if (engine->replay == NULL) return offer_deferred(engine, c, c->more->deferred);
	/* The recorded lines say when which one was taken; what they do not say any more is owed. */
	engine->replay->moved = true;
	return APLOMB_OK;
}

/* What replayed cases owe their deferred events is done before anything else happens. */
int apl_offer_owed(apl_engine *engine) {
	for (apl_case *c = engine->first_case; c != NULL; c = c->next) {
		if (c->more == NULL || !c->more->owes_offers || c->status != APLOMB_CASE_OPEN) continue;
		apl_deferred *next = c->more->deferred;
		while (next != NULL && next->seq <= c->more->offered_seq) next = next->next;
		int code = offer_deferred(engine, c, next);
		if (code) return code;
	}
	return APLOMB_OK;
}

/* A timer's row fires: it is gone, unless its step breaks a limit and is taken back. */
int apl_fire(apl_engine *engine, apl_case_timer *timer) {
	apl_case *c = timer->owner;
	apl_send_row *send = timer->send;
	aplomb_instant at = apl_later(c->at, timer->timer.due_at);
	apl_payload payload = {.schema = NULL};
	int32_t number;
	const uint32_t clock = apl_timer_clock(timer);
	if (clock != APL_NONE) {
		number = apl_clock_next_event(c, clock);
		if (!apl_clock_tell(engine, c, clock, at, &payload)) return APLOMB_ENOMEM;
	} else if (send == NULL) {
		number = c->program->chart->delays[timer->delay].event;
		if (engine->covers) apl_prepared_of(c)->coverage->delays[timer->delay].fired++;
	} else {
		number = send->event;
		if (send->words != NULL)
			payload =
			    (apl_payload){.schema = c->program->events[number], .words = send->words, .id = send->id_size > 0 ? send->texts : NULL};
	}
	apl_line_begin(engine, c, at);
	timer_cause(engine, timer, &payload);
	apl_batch_mark before = apl_batch_here(engine);
	if (!apl_timer_disarm(engine, timer) || (send == NULL && clock == APL_NONE && !apl_delay_repeat(engine, timer))) return APLOMB_ENOMEM;
	engine->batch.totals.timers++;
	const apl_event_name *name = &c->program->chart->events[number];
	aplomb_error breach;
	if (send == NULL && !apl_own_fires(engine, timer, at, &breach)) {
		const apl_stimulus stimulus = {APL_ENTRY_TIMER, NULL, at};
		apl_outcome outcome;
		engine->batch.totals.timers--;
		return apl_step_refuse(engine, c, &stimulus, before, &breach, &outcome);
	}
	if (send != NULL && send->to_size > 0) {
		/* For another case: no step here, only the fact; it is posted there after the commit. */
		apl_buf *items = engine->line;
		apl_item_begin(&engine->step);
		if (send->data != NULL) {
			APL_BUF_LITERAL(items, "\"data\":");
			apl_buf_add(items, send->data->bytes, send->data->size);
			apl_buf_byte(items, ',');
		}
		APL_BUF_LITERAL(items, "\"do\":\"send\",\"event\":");
		apl_buf_add(items, apl_prepared_of(c)->event[number].bytes, apl_prepared_of(c)->event[number].size);
		cause_text(items, ",\"to\":", send->texts + send->id_size + 1, send->to_size);
		apl_buf_byte(items, '}');
		apl_given data = {send->data != NULL ? send->data->bytes : NULL, send->data != NULL ? send->data->size : 0};
		apl_given to = {send->texts + send->id_size + 1, send->to_size}, invoke = {NULL, 0};
		const apl_given nobody = {NULL, 0};
		if (apl_relative_of(c, to, &to, &invoke) == APL_TO_NOBODY)
			apl_tell(engine, APLOMB_LOG_WARN, "send-refused", c, "event %s was for a case that is not there any more: %s", name->name,
			    send->texts + send->id_size + 1);
		else if (!apl_posting_add(engine, APL_POST_EVENT, c, 1, at, (apl_given){name->name, name->size}, to, data, invoke, nobody))
			return APLOMB_ENOMEM;
		return apl_step_note(engine, c, APL_ENTRY_TIMER, at);
	}
	if ((send != NULL || clock != APL_NONE) && !apl_tally_once(engine, &apl_prepared_of(c)->events[number])) return APLOMB_ENOMEM;
	const apl_step_event event = {number, name->size, name->name, &payload};
	const apl_stimulus stimulus = {APL_ENTRY_TIMER, &event, at};
	apl_outcome outcome;
	int code = apl_step_run(engine, c, &stimulus, before, false, &outcome);
	return code ? code : apl_after_step(engine, c, &outcome);
}

int apl_write_refusal(apl_engine *engine, apl_case *c, const apl_queued *queued, const char *name, const char *slug, const char *message) {
	aplomb_instant at = apl_later(c->at, queued->at);
	apl_line_begin(engine, c, at);
	apl_buf *cause = engine->line;
	cause_by(cause, queued->payload.by, queued->by_size);
	cause_text(cause, ",\"event\":", name, strlen(name));
	if (queued->has_id) cause_text(cause, ",\"id\":", queued->payload.id, queued->id_size);
	if (queued->payload.invoke != NULL) cause_text(cause, ",\"invoke\":", queued->payload.invoke, strlen(queued->payload.invoke));
	cause_text(cause, ",\"message\":", message, strlen(message));
	cause_text(cause, ",\"slug\":", slug, strlen(slug));
	apl_buf_byte(cause, '}');
	apl_line_items(engine);
	return apl_step_note(engine, c, APL_ENTRY_REFUSED, at);
}

/* The case took events when this one was posted, and does no more. */
static int turn_away(apl_engine *engine, apl_queued *queued) {
	apl_case *c = queued->the_case;
	bool is_closed = c->status == APLOMB_CASE_CLOSED;
	queued->code = is_closed ? APLOMB_EREFUSED : APLOMB_EFAULTED;
	queued->why = is_closed ? "the case was closed before this event was stepped" : "the case was faulted before this event was stepped";
	engine->batch.totals.refused++;
	const char *slug = is_closed ? "case-closed" : "case-faulted";
	apl_tell(engine, APLOMB_LOG_WARN, "event-refused", c, "%s", slug);
	/* Nobody will hear what came of the effect, but it is known. */
	if (is_closed && c->program->hears != 0 && queued->has_id &&
	    !apl_outcome_heard(engine, c, &c->program->chart->events[queued->event], &queued->payload))
		return APLOMB_ENOMEM;
	return apl_write_refusal(engine, c, queued, c->program->chart->events[queued->event].name, slug, queued->why);
}

/* The child that it comes from is over: nothing of it is heard any more. */
static __attribute__((noinline, cold)) int drop_late_word(apl_engine *engine, apl_queued *queued) {
	apl_case *c = queued->the_case;
	static const char slug[] = "invoke-over";
	queued->code = APLOMB_EREFUSED;
	queued->why = "the invocation that this event comes from is over";
	engine->batch.totals.refused++;
	apl_tell(engine, APLOMB_LOG_DEBUG, "event-refused", c, "%s", slug);
	return apl_write_refusal(engine, c, queued, c->program->chart->events[queued->event].name, slug, queued->why);
}

/* Its id is known by the entry from now on. */
static int note_id(apl_engine *engine, apl_case *c, const apl_queued *queued) {
	if (!queued->has_id) return APLOMB_OK;
	apl_did *did = apl_did_reserve(engine);
	if (did == NULL) return APLOMB_ENOMEM;
	did->deed = APL_DID_SEE;
	did->the_case = c;
	did->hash = queued->id_hash;
	apl_did_done(engine);
	apl_seen_id *id = apl_seen_find(&c->more->seen, queued->id_hash);
	id->seq = queued->seq & APL_MOST_SEQ;
	id->how = (queued->unhandled ? APL_SEEN_UNHANDLED : 0u) | (queued->deferred ? APL_SEEN_DEFERRED : 0u) |
	          (queued->faulted ? APL_SEEN_FAULTED : 0u) | (queued->closed ? APL_SEEN_CLOSED : 0u);
	return APLOMB_OK;
}

/* Nothing but the opening was asked for. */
static int opened(apl_queued *queued) {
	const apl_case *c = queued->the_case;
	queued->seq = c->seq;
	queued->closed = c->status == APLOMB_CASE_CLOSED;
	queued->faulted = c->status == APLOMB_CASE_FAULTED;
	return APLOMB_OK;
}

/* An answer that somebody waits for is here. false without memory. */
static __attribute__((noinline)) bool hear_answer(
    apl_engine *engine, apl_case *c, const apl_event_name *event, const apl_payload *payload) {
	const uint8_t hears = c->program->hears;
	if ((hears & APL_HEARS_ANSWERS) != 0 && c->timers != NULL && !apl_ask_answered(engine, c, event)) return false;
	return payload->id == NULL || apl_outcome_heard(engine, c, event, payload);
}

static inline __attribute__((always_inline)) int take_event(apl_engine *engine, apl_queued *queued) {
	apl_case *c = queued->the_case;
	queued->code = APLOMB_OK;
	queued->why = NULL;
	if (c == NULL) {
		queued->code = APLOMB_ESTORE;
		queued->why = "the case was never opened, because its first event was not committed: post that again first";
		return APLOMB_OK;
	}
	if (c->seq == 0) {
		int code = apl_case_open(engine, c, queued->at);
		if (code) return code;
		if (queued->event == APL_ONLY_OPENS) return opened(queued);
	}
	if (c->status != APLOMB_CASE_OPEN) return turn_away(engine, queued);
	if (queued->payload.invoke != NULL && apl_child_is_over(c, &queued->payload)) return drop_late_word(engine, queued);
	aplomb_instant at = apl_later(c->at, queued->at);
	queued->late_by = at - queued->at;
	if (queued->late_by > 0) {
		engine->batch.totals.late++;
		apl_tell(
		    engine, APLOMB_LOG_DEBUG, "event-late", c, "an event came %lld microseconds after the case's time", (long long)queued->late_by);
	}
	apl_line_begin(engine, c, at);
	event_cause(engine, c, queued);
	const apl_event_name *name = &c->program->chart->events[queued->event];
	const apl_step_event event = {queued->event, name->size, name->name, &queued->payload};
	const apl_stimulus stimulus = {APL_ENTRY_EVENT, &event, at};
	apl_outcome outcome;
	apl_batch_mark before = apl_batch_here(engine);
	if (c->program->hears != 0 && !hear_answer(engine, c, name, &queued->payload)) return APLOMB_ENOMEM;
	if (apl_has_invokes(c) && !apl_child_ended(engine, c, queued->event, &queued->payload)) return APLOMB_ENOMEM;
	int code = apl_step_run(engine, c, &stimulus, before, false, &outcome);
	if (code) return code;
	queued->seq = outcome.seq;
	queued->unhandled = outcome.unhandled;
	queued->deferred = outcome.deferred;
	queued->faulted = outcome.faulted;
	queued->closed = outcome.closed;
	engine->batch.totals.events++;
	code = note_id(engine, c, queued);
	if (!code && !apl_tally_once(engine, &apl_prepared_of(c)->events[queued->event])) code = APLOMB_ENOMEM;
	return code ? code : apl_after_step(engine, c, &outcome);
}

/* The state in which it was invoked has been left. A case that has ended meanwhile has ended. */
static __attribute__((noinline, cold)) int take_cancel(apl_engine *engine, apl_queued *queued) {
	apl_case *c = queued->the_case;
	if (c == NULL || c->seq == 0 || c->status != APLOMB_CASE_OPEN) return APLOMB_OK;
	aplomb_instant at = apl_later(c->at, queued->at);
	apl_line_begin(engine, c, at);
	apl_buf *cause = engine->line;
	const apl_parent *parent = c->more != NULL ? c->more->parent : NULL;
	cause_by(cause, queued->payload.by, queued->by_size);
	if (parent != NULL) cause_text(cause, ",\"invoke\":", apl_parent_invoke(parent), parent->invoke_size);
	apl_buf_byte(cause, '}');
	apl_line_items(engine);
	const apl_stimulus stimulus = {APL_ENTRY_CANCELLED, NULL, at};
	apl_outcome outcome;
	int code = apl_step_run(engine, c, &stimulus, apl_batch_here(engine), false, &outcome);
	queued->seq = outcome.seq;
	queued->faulted = outcome.faulted;
	queued->closed = outcome.closed;
	return code;
}

static int take_refused(apl_engine *engine, apl_queued *queued) {
	apl_case *c = queued->the_case;
	if (c == NULL || c->seq == 0) return APLOMB_OK;
	return apl_write_refusal(engine, c, queued, queued->name, queued->slug, queued->message);
}

static int take_duplicate(apl_engine *engine, apl_queued *queued) {
	queued->code = APLOMB_OK;
	queued->why = NULL;
	engine->batch.totals.duplicates++;
	return APLOMB_OK;
}

/* What it leads to is one hop further. Whatever becomes of it, what the other case sent has arrived. */
static __attribute__((noinline, cold)) int take_from_a_case(apl_engine *engine, apl_queued *queued) {
	if (queued->the_case == NULL && queued->posting != NULL) {
		apl_posting_again(engine, queued);
		return APLOMB_OK;
	}
	engine->hops = queued->hops;
	int code = queued->kind == APL_QUEUED_CANCEL      ? take_cancel(engine, queued)
	           : queued->kind == APL_QUEUED_REFUSED   ? take_refused(engine, queued)
	           : queued->kind == APL_QUEUED_DUPLICATE ? take_duplicate(engine, queued)
	                                                  : take_event(engine, queued);
	engine->hops = 0;
	return !code && queued->posting != NULL ? apl_posting_arrives(engine, queued->posting) : code;
}

APL_INLINE int take_queued(apl_engine *engine, apl_queued *queued) {
	apl_case *c = queued->the_case;
	switch ((apl_queued_kind)queued->kind) {
	case APL_QUEUED_EVENT: return __builtin_expect(queued->hops == 0, 1) ? take_event(engine, queued) : take_from_a_case(engine, queued);
	case APL_QUEUED_REFUSED: return queued->stays ? take_from_a_case(engine, queued) : take_refused(engine, queued);
	case APL_QUEUED_DUPLICATE: return queued->stays ? take_from_a_case(engine, queued) : take_duplicate(engine, queued);
	case APL_QUEUED_CANCEL: return take_from_a_case(engine, queued);
	case APL_QUEUED_SENT: break;
	}
	apl_case_timer *timer = queued->timer;
	return timer->armed && c->status == APLOMB_CASE_OPEN ? apl_fire(engine, timer) : APLOMB_OK;
}

int apl_take_queued(apl_engine *engine, apl_queued *queued) {
	return take_queued(engine, queued);
}

/* ---- the batch ---------------------------------------------------------------- */

/* What a batch came to when it did not come to its end. */
typedef struct apl_broken_off {
	bool has_begun;      /* not even what was owed is whole */
	uint32_t share;      /* given: after so many steps a case is held when its timer is due first */
	uint32_t holds;      /* the same, until nobody else wants what is left of the pump */
	uint32_t steps;      /* that are whole */
	apl_queued *running; /* the event whose step was broken off, or NULL */
} apl_broken_off;

/* Steps on, until there are [most]. */
static int step_some(apl_engine *engine, uint32_t most, aplomb_instant now, aplomb_pump_report *report, apl_broken_off *at) {
	at->running = NULL;
	while (at->steps < most) {
		/* Between two steps nothing needs to be taken back. */
		if (at->steps > 0 && apl_turn_is_interrupted(&engine->step.turn)) return APLOMB_EINTERRUPTED;
		apl_queued *queued = engine->queue.cursor;
		apl_timer *timer = apl_timerq_first(&engine->timers);
		aplomb_instant until = queued != NULL && queued->at < now ? queued->at : now;
		int code;
		if (timer != NULL && timer->due_at <= until &&
		    (timer->due_at > engine->away.to || (timer = apl_away_choose(engine, timer, queued, now, until)) != NULL)) {
			apl_case_timer *fired = (apl_case_timer *)(void *)timer;
			apl_case *c = fired->owner;
			if (timer->due_at > engine->away.to) {
				report->timers++;
				code = apl_fire(engine, fired);
			} else {
				code = apl_away_fire(engine, fired, &report->timers);
			}
			if (!code && c->seq - c->undo->seq >= at->holds) apl_hold_if_due(engine, c, now);
		} else if (queued != NULL) {
			report->events++;
			code = take_queued(engine, queued);
			if (code == APLOMB_EINTERRUPTED && queued->kind == APL_QUEUED_EVENT) at->running = queued;
			if (!code) {
				queued->stepped = true;
				engine->queue.cursor = queued->next;
				if (__builtin_expect(engine->n_held > 0, 0)) apl_make_way(engine);
			}
		} else if (engine->n_held > 0) {
			/* Nobody else wants what is left of the pump. */
			apl_let_go(engine);
			at->holds = UINT32_MAX;
			continue;
		} else {
			return APLOMB_OK;
		}
		if (code) return code;
		at->steps++;
	}
	return APLOMB_OK;
}

int apl_step_batch(apl_engine *engine, uint32_t most, aplomb_instant now, aplomb_pump_report *report) {
	apl_broken_off at = {.holds = UINT32_MAX};
	return step_some(engine, most, now, report, &at);
}

/* A few at a time, until that has taken long enough. */
static int step_for_a_while(apl_engine *engine, uint32_t most, aplomb_instant now, aplomb_pump_report *report, apl_broken_off *at) {
	enum { FEW = 4 };
	const int64_t until = apl_elapsed() + engine->batch_within;
	for (;;) {
		const uint32_t some = most - at->steps > FEW ? at->steps + FEW : most;
		int code = step_some(engine, some, now, report, at);
		if (code || at->steps < some || some == most || apl_elapsed() >= until) return code;
	}
}

/* What replayed cases owe, then steps. */
static int step_all(apl_engine *engine, uint32_t most, aplomb_instant now, aplomb_pump_report *report, apl_broken_off *at) {
	at->has_begun = true;
	at->steps = 0;
	at->holds = at->share;
	int code = engine->n_owing > 0 ? apl_offer_owed(engine) : APLOMB_OK;
	if (code) return code;
	at->has_begun = false;
	if (engine->pages != NULL) return step_for_a_while(engine, most, now, report, at);
	return step_some(engine, most, now, report, at);
}

/* [answers]: some event of the batch has its answer already, so the batch cannot wait to be stepped again. */
static int commit_batch(apl_engine *engine, bool answers, aplomb_pump_report *report, aplomb_error *error) {
	aplomb_error own;
	int code = apl_commit(engine, &own);
	if (code == APLOMB_ENOMEM && !answers) {
		/* Not the store's fault, nor a commit that failed: as when there is no memory for a step. */
		apl_batch_take_back(engine);
		apl_queue_go_back(&engine->queue);
		report->events = report->timers = 0;
		return apl_fail_memory(error);
	}
	if (code) {
		uint32_t cases = 0;
		for (const apl_case_undo *image = engine->batch.touched; image != NULL; image = image->next) cases++;
		apl_tell(engine, APLOMB_LOG_ERROR, "commit-failed", NULL, "%s: %s; %u cases are as they were", own.slug, own.message, cases);
		apl_batch_take_back(engine);
		apl_answer(engine, own.message);
		apl_queue_go_back(&engine->queue);
		return apl_fail(error, APLOMB_ESTORE, own.slug, "%s", own.message);
	}
	apl_stats_apply(engine);
	apl_outbox_row *effects = engine->batch.effects;
	if (engine->rehearses) apl_postings_drop(engine);
	if (engine->batch.postings.first != NULL) apl_postings_join(&engine->sent.waiting, &engine->batch.postings);
	apl_batch_settle(engine);
	apl_answer(engine, NULL);
	apl_outbox_deliver_new(engine, effects, &report->effects);
	return APLOMB_OK;
}

int apl_batch_commit(apl_engine *engine, aplomb_error *error) {
	aplomb_pump_report report = {.size = sizeof report};
	return commit_batch(engine, false, &report, error);
}

static bool has_more(apl_engine *engine, aplomb_instant now) {
	const apl_timer *timer = apl_timerq_first(&engine->timers);
	return engine->queue.cursor != NULL || engine->sent.waiting.first != NULL || engine->n_owing > 0 ||
	       (timer != NULL && timer->due_at <= now && !apl_away_holds(engine, timer->due_at, now)) || apl_outbox_next(engine) <= now ||
	       (engine->pages != NULL && apl_pages_next_due(engine, now) <= now);
}

/*
 * A step was broken off in the midst of a batch. Everything is taken back, and what was whole before it is stepped once more: the same
 * again, for nothing has come in between. Whoever interrupts that, too, finds less to wait for.
 */
static int step_what_was_whole(apl_engine *engine, aplomb_instant now, aplomb_pump_report *report, apl_broken_off *at) {
	int code;
	do {
		*engine->interrupted = false;
		apl_let_go(engine);
		apl_batch_take_back(engine);
		apl_queue_go_back(&engine->queue);
		report->events = report->timers = 0;
		if (at->has_begun) return APLOMB_OK;
		code = step_all(engine, at->steps, now, report, at);
	} while (code == APLOMB_EINTERRUPTED);
	return code;
}

/* The event that was being stepped is not to be stepped: its sender hears why. Returns the case that it would have opened, out of the
 * table already. */
static apl_case *drop(apl_engine *engine, apl_queued *queued) {
	apl_case *c = queued->the_case;
	bool is_unopened = queued->opens && c != NULL && c->seq == 0;
	queued->code = APLOMB_EINTERRUPTED;
	queued->why = "the step was interrupted and did not happen";
	queued->seq = 0;
	queued->opens = false;
	queued->stepped = true;
	engine->queue.cursor = queued->next;
	if (!is_unopened) return NULL;
	apl_case_vanish(engine, c, queued->next);
	return c;
}

int apl_fail_interrupted(aplomb_error *error) {
	return apl_fail(
	    error, APLOMB_EINTERRUPTED, "interrupted", "the step was interrupted and did not happen; what was done before it stands");
}

static int pump(apl_engine *engine, uint32_t most, aplomb_pump_report *report, aplomb_error *error) {
	int code = apl_postings_post(engine, error);
	if (code == APLOMB_ENOMEM) return code;
	aplomb_instant now = apl_clock_now(engine->clock);
	apl_broken_off at = {.share = most / APL_SHARES > 0 ? most / APL_SHARES : UINT32_MAX};
	apl_case *unopened = NULL;
	if (engine->pages != NULL) {
		code = apl_pages_due(engine, now, most, error);
		if (code) return code;
	}
	code = step_all(engine, most, now, report, &at);
	bool is_interrupted = code == APLOMB_EINTERRUPTED;
	if (is_interrupted) {
		const apl_queued *running = at.running;
		code = step_what_was_whole(engine, now, report, &at);
		/* It is the next again, unless less than what stood before it could be stepped. */
		if (engine->queue.cursor != running) apl_let_go(engine);
		if (!code && running != NULL && engine->queue.cursor == running && !running->stays) unopened = drop(engine, engine->queue.cursor);
	}
	apl_let_go(engine);
	if (code) {
		/* Nothing of the batch happened; its events wait as before. */
		apl_batch_take_back(engine);
		apl_queue_go_back(&engine->queue);
		report->events = report->timers = 0;
		return apl_fail_memory(error);
	}
	code = commit_batch(engine, is_interrupted, report, error);
	if (unopened != NULL) apl_case_free(engine, unopened);
	if (code) return code;
	for (apl_case *c = engine->first_case; engine->n_owing > 0; c = c->next) apl_owe_nothing(engine, c);
	apl_outbox_deliver_due(engine, now, &report->effects);
	/* What does not find room now waits, and the next pump says so. */
	apl_postings_post(engine, NULL);
	if (engine->sent.over.first != NULL) apl_sent_forget(engine);
	report->more = has_more(engine, now);
	return is_interrupted ? apl_fail_interrupted(error) : APLOMB_OK;
}

static int busy(aplomb_error *error) {
	return apl_fail(error, APLOMB_EBUSY, "busy", "the runtime is inside a callback: only posting is allowed there");
}

int apl_engine_pump(apl_engine *engine, uint32_t most, aplomb_pump_report *report, aplomb_error *error) {
	if (engine->inside) return busy(error);
	aplomb_pump_report counted = {.size = sizeof counted};
	engine->inside = true;
	int code = pump(engine, most != 0 ? most : engine->batch_most, &counted, error);
	engine->inside = false;
	apl_pages_out(engine);
	if (report != NULL) {
		counted.size = report->size;
		*report = counted;
	}
	return code;
}

bool apl_engine_next_due(apl_engine *engine, aplomb_instant *at) {
	const apl_timer *timer = apl_timerq_first(&engine->timers);
	const aplomb_instant outbox = apl_outbox_next(engine);
	if (engine->queue.cursor != NULL || engine->sent.waiting.first != NULL || engine->n_owing > 0) {
		*at = apl_clock_now(engine->clock);
		return true;
	}
	*at = APLOMB_NEVER;
	const aplomb_instant now = apl_clock_now(engine->clock);
	if (timer != NULL) *at = apl_away_holds(engine, timer->due_at, now) ? apl_away_goes_on(engine) : timer->due_at;
	if (outbox < *at) *at = outbox;
	if (engine->pages == NULL) return timer != NULL || outbox != APLOMB_NEVER;
	const aplomb_instant elsewhere = apl_pages_next_due(engine, now);
	if (elsewhere < *at) *at = elsewhere;
	return *at != APLOMB_NEVER;
}

/* ---- post and wait -------------------------------------------------------------- */

typedef struct waiting {
	apl_engine *engine;
	aplomb_receipt receipt;
	bool answered;
} waiting;

/* Keeps the receipt's texts beyond the call: case id, event id, message, each terminated. */
static void keep_answer(const aplomb_receipt *receipt, void *payload) {
	waiting *wait = payload;
	apl_buf *texts = &wait->engine->answer;
	apl_buf_clear(texts);
	apl_buf_text(texts, receipt->case_id);
	apl_buf_byte(texts, '\0');
	size_t event_id = texts->size;
	if (receipt->event_id != NULL) apl_buf_text(texts, receipt->event_id);
	apl_buf_byte(texts, '\0');
	size_t message = texts->size;
	if (receipt->message != NULL) apl_buf_text(texts, receipt->message);
	apl_buf_byte(texts, '\0');
	wait->receipt = *receipt;
	wait->receipt.case_id = texts->failed ? "" : texts->bytes;
	wait->receipt.event_id = texts->failed || receipt->event_id == NULL ? NULL : texts->bytes + event_id;
	wait->receipt.message = receipt->message == NULL ? NULL : texts->failed ? "" : texts->bytes + message;
	wait->answered = true;
}

/* Something before it was interrupted, or there was no memory, and whoever waited is told so: it does not happen behind their back later.
 */
static void withdraw(apl_engine *engine, apl_queued *queued) {
	apl_case *c = queued->the_case;
	apl_case *unopened = queued->opens && c != NULL && c->seq == 0 ? c : NULL;
	if (queued->has_id && c != NULL) apl_seen_remove(&c->more->seen, queued->id_hash);
	if (unopened != NULL) apl_case_vanish(engine, unopened, queued->next);
	apl_queue_release(&engine->queue, queued);
	if (unopened != NULL) apl_case_free(engine, unopened);
}

static int post_wait(apl_engine *engine, const aplomb_event *event, bool only_opens, aplomb_receipt *receipt, aplomb_error *error) {
	if (engine->inside) return busy(error);
	waiting wait = {.engine = engine};
	apl_queued *queued;
	int code = apl_post_event(engine, event, only_opens, keep_answer, &wait, &queued, error);
	if (code) return code;
	while (!wait.answered) {
		code = apl_engine_pump(engine, 0, NULL, error);
		if (!wait.answered && code && code != APLOMB_ESTORE) {
			withdraw(engine, queued);
			return code;
		}
	}
	if (receipt != NULL) {
		wait.receipt.size = receipt->size;
		*receipt = wait.receipt;
	}
	/* Its own answer counts, not what a pump said about other events. */
	if (wait.receipt.code == APLOMB_OK) return APLOMB_OK;
	if (wait.receipt.code == APLOMB_ESTORE)
		return code ? code : apl_fail(error, APLOMB_ESTORE, "not-committed", "%s", wait.receipt.message);
	if (wait.receipt.code == APLOMB_EINTERRUPTED) return apl_fail_interrupted(error);
	const char *slug = wait.receipt.code == APLOMB_EFAULTED ? "case-faulted" : "case-closed";
	return apl_fail(error, wait.receipt.code, slug, "%s", wait.receipt.message);
}

int apl_engine_post_wait(apl_engine *engine, const aplomb_event *event, aplomb_receipt *receipt, aplomb_error *error) {
	return post_wait(engine, event, false, receipt, error);
}

int apl_engine_open_case(apl_engine *engine, const aplomb_event *opening, aplomb_receipt *receipt, aplomb_error *error) {
	return post_wait(engine, opening, true, receipt, error);
}
