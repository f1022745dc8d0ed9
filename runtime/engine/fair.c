/* SPDX-License-Identifier: MIT */
/*
 * Decides how one pump is shared when a case has much to catch up on: a timer
 * every second, and nobody pumped for a week. Timers fire in the order of their
 * deadlines, so everybody else would wait until the week is over. A case whose
 * timer fires when it has had its share of the pump's steps is held until the
 * pump ends: its timers leave the heap, its events step aside in their order,
 * and the timers and events of other cases go on. Within a case the order of
 * what happens is as ever, and only that is in its journal.
 *
 *   queue   first … stepped … │ cursor …            while the batch runs
 *           first … stepped … │ held … │ cursor …   when it is over
 */
#include "engine/inside.h"

#include "base/assert.h"
#include "time/instant.h"

bool apl_is_held(const apl_engine *engine, const apl_case *c) {
	for (uint32_t i = 0; i < engine->n_held; i++) {
		if (engine->held[i] == c) return true;
	}
	return false;
}

void apl_make_way(apl_engine *engine) {
	while (engine->queue.cursor != NULL && apl_is_held(engine, engine->queue.cursor->the_case))
		apl_queue_put_aside(&engine->queue, engine->queue.cursor);
}

/* Where in the playbook it says what is due first, for operators. */
static void tell_held(apl_engine *engine, apl_case *c, const apl_case_timer *first) {
	char since[APL_INSTANT_TEXT];
	apl_instant_write(first->timer.due_at, since);
	const apl_chart *chart = c->program->chart;
	const uint32_t clock = apl_timer_clock(first);
	const bool is_delay = first->send == NULL && clock == APL_NONE;
	const apl_place place = is_delay            ? chart->delays[first->delay].place
	                        : clock != APL_NONE ? c->program->clocks[clock].place
	                                            : APL_NOWHERE;
	apl_tell(engine, APLOMB_LOG_INFO, "others-first", c, "%llu steps in one pump, and since %s %s is due (%s:%u): others go first",
	    (unsigned long long)(c->seq - c->undo->seq), since,
	    is_delay            ? chart->delays[first->delay].name
	    : clock != APL_NONE ? chart->events[apl_clock_next_event(c, clock)].name
	                        : chart->events[first->send->event].name,
	    place.file != NULL ? apl_program_file_name(c->program, place.file) : c->program->id, place.line);
}

void apl_hold_if_due(apl_engine *engine, apl_case *c, aplomb_instant now) {
	const apl_case_timer *first = apl_next_timer(c);
	if (first == NULL || first->timer.due_at > now) return;
	/* A case is held after so many steps that no more of them go into the pump. */
	APL_ASSERT(engine->n_held < APL_SHARES);
	tell_held(engine, c, first);
	engine->held[engine->n_held++] = c;
	for (apl_case_timer *timer = c->timers; timer != NULL; timer = timer->next) {
		if (timer->timer.position != 0) apl_timerq_put_aside(&engine->timers, &timer->timer);
	}
	apl_make_way(engine);
}

void apl_let_go(apl_engine *engine) {
	for (uint32_t i = 0; i < engine->n_held; i++) {
		for (apl_case_timer *timer = engine->held[i]->timers; timer != NULL; timer = timer->next) {
			const bool is_at_once = timer->send != NULL && timer->send->at_once;
			if (!is_at_once) apl_timerq_put_back(&engine->timers, &timer->timer);
		}
	}
	engine->n_held = 0;
	apl_queue_put_back(&engine->queue);
}
