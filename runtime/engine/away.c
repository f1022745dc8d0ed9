/* SPDX-License-Identifier: MIT */
/*
 * Decides what becomes of timers that were due while nobody was there to step
 * them. They fire in the order of their deadlines, each at its own time, as they
 * would have, but for what their words say of being overdue: `skip` does not
 * fire, `collapse` makes of the missed times of an `every` the last one. What
 * was decided so stands in an `away` entry before the first of them, which says
 * from when to when nobody was there; a replay decides it again from that.
 *
 * So that a restart is no storm, only so many of them fire in one second of the
 * runtime's time; a case whose event waits catches up first, whatever that comes
 * to, for its timers go before its event.
 */
#include "engine/inside.h"
#include "time/instant.h"

#define USUAL_PER_SECOND 1000u

/* What a clock tells comes late, as it would have come. */
static bool is_delay(const apl_case_timer *timer) {
	return timer->delay < timer->owner->program->chart->n_delays;
}

static apl_overdue policy_of(const apl_case_timer *timer) {
	if (timer->send != NULL) return (apl_overdue)timer->send->overdue;
	return is_delay(timer) ? (apl_overdue)timer->owner->program->chart->delays[timer->delay].overdue : APL_OVERDUE_FIRE;
}

static bool repeats(const apl_case_timer *timer) {
	return timer->send == NULL && is_delay(timer) && timer->owner->program->chart->delays[timer->delay].kind == APL_DELAY_EVERY;
}

/* One span after [from]; false: that is behind the last instant there is. */
static bool one_later(const apl_case_timer *timer, aplomb_instant from, aplomb_instant *out) {
	return apl_span_over(timer->owner, from, timer->span, (apl_span_unit)timer->unit, apl_timer_counts_on(timer), out, NULL) == APLOMB_OK;
}

/* Is there something to be decided about it, other than that it fires? */
static bool is_to_be_decided(const apl_case_timer *timer, aplomb_instant to) {
	aplomb_instant next;
	if (timer->timer.due_at > to) return false;
	switch (policy_of(timer)) {
	case APL_OVERDUE_SKIP: return true;
	case APL_OVERDUE_COLLAPSE: return one_later(timer, timer->timer.due_at, &next) && next <= to;
	default: return false;
	}
}

/*
 * Where what repeats stands after all missed times, or, of what collapses, at the last of them. Returns how many of them do not fire.
 * [*is_over]: there is no next time.
 */
static uint64_t pass(const apl_case_timer *timer, aplomb_instant to, bool to_last, aplomb_instant *due_at, bool *is_over) {
	uint64_t missed = 0;
	aplomb_instant at = timer->timer.due_at, next = at;
	*is_over = false;
	if (timer->unit == APL_SPAN_CLOCK && timer->span > 0) {
		missed = (uint64_t)((to - at) / timer->span) + (to_last ? 0u : 1u);
		*is_over = missed > (uint64_t)((APL_INSTANT_MAX - at) / timer->span);
		if (!*is_over) *due_at = at + (aplomb_span)missed * timer->span;
		return missed;
	}
	while (at <= to) {
		if (!one_later(timer, at, &next)) {
			*is_over = true;
			break;
		}
		if (to_last && next > to) break;
		missed++;
		at = next;
	}
	*due_at = at;
	return missed;
}

static void moved_item(apl_engine *engine, const apl_case_timer *timer, aplomb_instant due_at, uint64_t missed) {
	apl_buf *items = engine->line;
	apl_item_begin(&engine->step);
	APL_BUF_LITERAL(items, "\"do\":\"move\",\"due\":\"");
	apl_instant_append(items, &engine->instants, due_at);
	APL_BUF_LITERAL(items, "\",\"missed\":");
	apl_json_write_integer(items, (int64_t)missed);
	apl_buf_byte(items, ',');
	const apl_piece *name = &apl_prepared_of(timer->owner)->timer[timer->delay];
	apl_buf_add(items, name->bytes, name->size);
}

void apl_skipped_item(apl_engine *engine, const apl_case_timer *timer) {
	apl_buf *items = engine->line;
	apl_item_begin(&engine->step);
	APL_BUF_LITERAL(items, "\"do\":\"skip\",");
	if (timer->send == NULL) {
		const apl_piece *name = &apl_prepared_of(timer->owner)->timer[timer->delay];
		apl_buf_add(items, name->bytes, name->size);
		return;
	}
	APL_BUF_LITERAL(items, "\"event\":");
	const apl_piece *name = &apl_prepared_of(timer->owner)->event[timer->send->event];
	apl_buf_add(items, name->bytes, name->size);
	if (timer->send->id_size > 0) {
		APL_BUF_LITERAL(items, ",\"id\":");
		apl_json_write_text(items, timer->send->texts, timer->send->id_size);
	}
	APL_BUF_LITERAL(items, ",\"timer\":\"send\"}");
}

/* false without memory. */
static bool decide(apl_engine *engine, apl_case_timer *timer, aplomb_instant to) {
	aplomb_instant due_at;
	bool is_over = false;
	if (repeats(timer)) {
		const uint64_t missed = pass(timer, to, policy_of(timer) == APL_OVERDUE_COLLAPSE, &due_at, &is_over);
		if (!is_over) {
			moved_item(engine, timer, due_at, missed);
			return apl_timer_move(engine, timer, due_at) && apl_timer_count_by(engine, timer, apl_timer_counts_on(timer));
		}
	}
	apl_skipped_item(engine, timer);
	return apl_timer_disarm(engine, timer);
}

int apl_away_note(apl_engine *engine, apl_case *c, aplomb_instant at, aplomb_instant from, aplomb_instant to) {
	apl_case_more *more = apl_case_more_of(engine, c);
	apl_did *did = more != NULL ? apl_did_reserve(engine) : NULL;
	if (did == NULL) return APLOMB_ENOMEM;
	did->deed = APL_DID_AWAY;
	did->the_case = c;
	did->due_at = more->away_to;
	did->order = (uint64_t)more->away_from;
	apl_did_done(engine);
	more->away_from = from;
	more->away_to = to;
	apl_line_begin(engine, c, apl_later(c->at, at));
	apl_buf *cause = engine->line;
	APL_BUF_LITERAL(cause, "{\"from\":\"");
	apl_instant_append(cause, &engine->instants, from);
	APL_BUF_LITERAL(cause, "\",\"to\":\"");
	apl_instant_append(cause, &engine->instants, to);
	APL_BUF_LITERAL(cause, "\"}");
	apl_line_items(engine);
	/* Oldest first, so that what is moved keeps its order; it then is at the front, and nothing is to be decided about it any more. */
	apl_case_timer *newer;
	for (apl_case_timer *timer = apl_oldest_timer(c); timer != NULL; timer = newer) {
		newer = timer->before;
		if (is_to_be_decided(timer, to) && !decide(engine, timer, to)) return APLOMB_ENOMEM;
	}
	return apl_step_note(engine, c, APL_ENTRY_AWAY, apl_later(c->at, at));
}

void apl_away_undo(const apl_did *did) {
	did->the_case->more->away_to = did->due_at;
	did->the_case->more->away_from = (aplomb_instant)did->order;
}

/* ---- catching up ------------------------------------------------------------------ */

/* The second that the clock shows has had its share. */
static bool is_full(apl_away *away, aplomb_instant now) {
	const aplomb_instant second = now - now % APL_SECOND;
	if (second != away->second) {
		away->second = second;
		away->fired = 0;
	}
	return away->fired >= away->per_second;
}

bool apl_away_holds(apl_engine *engine, aplomb_instant due_at, aplomb_instant now) {
	return due_at <= engine->away.to && is_full(&engine->away, now);
}

aplomb_instant apl_away_goes_on(const apl_engine *engine) {
	return engine->away.second + APL_SECOND;
}

/* The first of the case's timers that is due by [until], and overdue. */
static apl_timer *first_overdue(const apl_engine *engine, const apl_case *c, aplomb_instant until) {
	apl_timer *first = NULL;
	for (apl_case_timer *timer = c->timers; timer != NULL; timer = timer->next) {
		apl_timer *at = &timer->timer;
		if (at->position == 0 || at->due_at > until || at->due_at > engine->away.to) continue;
		if (first == NULL || apl_timer_is_before(at, first)) first = at;
	}
	return first;
}

apl_timer *apl_away_choose(apl_engine *engine, apl_timer *first, const apl_queued *queued, aplomb_instant now, aplomb_instant until) {
	if (!is_full(&engine->away, now)) return first;
	return queued != NULL && queued->the_case != NULL ? first_overdue(engine, queued->the_case, until) : NULL;
}

int apl_away_fire(apl_engine *engine, apl_case_timer *timer, uint32_t *fired) {
	apl_case *c = timer->owner;
	const apl_away *away = &engine->away;
	if (c->more == NULL || c->more->away_to != away->to || is_to_be_decided(timer, away->to)) {
		/* Before whatever was due first, for that happens at its own time. */
		const aplomb_instant due_at = timer->timer.due_at;
		return apl_away_note(engine, c, away->from < due_at ? away->from : due_at, away->from, away->to);
	}
	engine->away.fired++;
	++*fired;
	return apl_fire(engine, timer);
}

int apl_engine_away(apl_engine *engine, aplomb_instant from, aplomb_error *error) {
	const aplomb_instant now = apl_clock_now(engine->clock);
	if (from > now)
		return apl_fail(error, APLOMB_EINVAL, "away-ahead",
		    "the runtime cannot have been away from an instant that is %lld microseconds ahead", (long long)(from - now));
	engine->away.from = from;
	engine->away.to = now;
	return APLOMB_OK;
}

void apl_away_init(apl_away *away, uint32_t per_second) {
	*away =
	    (apl_away){.from = INT64_MIN, .to = INT64_MIN, .second = INT64_MIN, .per_second = per_second > 0 ? per_second : USUAL_PER_SECOND};
}
