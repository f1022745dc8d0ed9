/* SPDX-License-Identifier: MIT */
/*
 * Decides when timers begin, end and begin anew. A timer is a row in its
 * case's list, newest first, and stands in the engine's heap while it may fire.
 * When it fires, and what then happens, is decided by the pump.
 */
#include "engine/inside.h"

#include "base/assert.h"
#include "time/instant.h"

/* ---- which of a case's timers ------------------------------------------------- */

apl_case_timer *apl_oldest_timer(const apl_case *c) {
	apl_case_timer *oldest = c->timers;
	while (oldest != NULL && oldest->next != NULL) oldest = oldest->next;
	return oldest;
}

apl_case_timer *apl_next_timer(const apl_case *c) {
	apl_case_timer *first = NULL;
	for (apl_case_timer *timer = c->timers; timer != NULL; timer = timer->next) {
		if (timer->timer.position == 0) continue;
		if (first == NULL || apl_timer_is_before(&timer->timer, &first->timer)) first = timer;
	}
	return first;
}

aplomb_instant apl_case_due(const apl_case *c) {
	aplomb_instant due_at = APLOMB_NEVER;
	if (c->status != APLOMB_CASE_OPEN) return due_at;
	for (const apl_case_timer *timer = c->timers; timer != NULL; timer = timer->next) {
		if (timer->timer.due_at < due_at) due_at = timer->timer.due_at;
	}
	return due_at;
}

/* Is the member of the cause this text? One that is missing is an empty one. */
static bool says(const apl_tape *tape, uint32_t cause, const char *name, const char *text, size_t size) {
	const uint32_t cell = apl_tape_find(tape, cause, name, strlen(name));
	return cell != 0 && tape->cells[cell].kind == APLOMB_TEXT ? apl_cell_is(&tape->cells[cell], text, size) : size == 0;
}

bool apl_timer_is_named(const apl_case_timer *timer, const apl_tape *tape, uint32_t cause) {
	const apl_chart *chart = timer->owner->program->chart;
	const apl_send_row *send = timer->send;
	const uint32_t clock = apl_timer_clock(timer);
	if (clock != APL_NONE || apl_tape_find(tape, cause, "clock", 5) != 0)
		return clock != APL_NONE && says(tape, cause, "clock", chart->clocks[clock].name, strlen(chart->clocks[clock].name));
	if ((apl_tape_find(tape, cause, "state", 5) != 0) != (send == NULL)) return false;
	if (send == NULL) return says(tape, cause, "event", chart->delays[timer->delay].name, strlen(chart->delays[timer->delay].name));
	return says(tape, cause, "event", chart->events[send->event].name, chart->events[send->event].size) &&
	       says(tape, cause, "send", send->texts, send->id_size) && says(tape, cause, "to", send->texts + send->id_size + 1, send->to_size);
}

/* ---- the list and the heap ----------------------------------------------- */

static void relink(apl_case_timer *timer) {
	if (timer->before != NULL) {
		timer->before->next = timer;
	} else {
		timer->owner->timers = timer;
	}
	if (timer->next != NULL) timer->next->before = timer;
	timer->armed = true;
}

static void unlink_timer(apl_case_timer *timer) {
	if (timer->before != NULL) {
		timer->before->next = timer->next;
	} else {
		timer->owner->timers = timer->next;
	}
	if (timer->next != NULL) timer->next->before = timer->before;
	timer->armed = false;
}

/* As the newest. */
static void link_timer(apl_case_timer *timer) {
	timer->before = NULL;
	timer->next = timer->owner->timers;
	relink(timer);
}

static bool is_at_once(const apl_case_timer *timer) {
	return timer->send != NULL && timer->send->at_once;
}

static apl_case_timer *take_timer(apl_engine *engine) {
	apl_case_timer *timer = engine->spare_timers;
	if (timer == NULL) return apl_new(&engine->alloc, sizeof *timer);
	engine->spare_timers = timer->next;
	memset(timer, 0, sizeof *timer);
	return timer;
}

static void free_send(apl_engine *engine, const apl_case *c, apl_send_row *send) {
	if (send->queued.linked) apl_queue_release(&engine->queue, &send->queued);
	if (send->words != NULL) {
		const apl_schema *schema = c->program->events[send->event];
		apl_record_dispose(schema, send->words, &engine->alloc);
		apl_free(&engine->alloc, send->words, schema->n_words * sizeof(uint64_t));
	}
	apl_text_drop(&engine->alloc, send->data);
	apl_free(&engine->alloc, send, sizeof *send + send->id_size + send->to_size + 2);
}

void apl_timer_free(apl_engine *engine, apl_case_timer *timer) {
	if (timer->send != NULL) free_send(engine, timer->owner, timer->send);
	timer->send = NULL;
	timer->next = engine->spare_timers;
	engine->spare_timers = timer;
}

/* A row that is in no list yet; NULL without memory. */
static apl_case_timer *make(apl_engine *engine, apl_case *c, aplomb_instant due_at, uint32_t delay, apl_send_row *send, bool runs) {
	apl_case_timer *timer = take_timer(engine);
	if (timer == NULL) return NULL;
	timer->timer.due_at = due_at;
	timer->timer.order = engine->next_order++;
	timer->owner = c;
	timer->delay = delay;
	timer->send = send;
	timer->calendar = APL_NO_CALENDAR;
	if (!runs || is_at_once(timer) || apl_timerq_push(&engine->timers, &timer->timer)) return timer;
	timer->send = NULL;
	apl_timer_free(engine, timer);
	return NULL;
}

apl_case_timer *apl_timer_restore(apl_engine *engine, apl_case *c, aplomb_instant due_at, uint32_t delay, apl_send_row *send, bool runs) {
	apl_case_timer *timer = make(engine, c, due_at, delay, send, runs);
	if (timer != NULL) link_timer(timer);
	return timer;
}

/* What a case does of itself is counted where it arms or fires, so it is uncounted with that. */
static void note_own(apl_did *did, const apl_case *c) {
	did->number = c->own_steps;
	did->seq = c->own_hour;
}

static void put_own_back(const apl_did *did, apl_case *c) {
	c->own_steps = did->number;
	c->own_hour = (uint32_t)did->seq;
}

apl_case_timer *apl_timer_arm(
    apl_engine *engine, apl_case *c, aplomb_instant due_at, uint64_t armed_seq, uint32_t delay, apl_send_row *send) {
	apl_did *did = apl_did_reserve(engine);
	apl_case_timer *timer = did != NULL ? make(engine, c, due_at, delay, send, true) : NULL;
	if (timer == NULL) return NULL;
	timer->armed_seq = armed_seq;
	link_timer(timer);
	did->deed = APL_DID_ARM;
	did->what = timer;
	note_own(did, c);
	apl_did_done(engine);
	return timer;
}

bool apl_timer_disarm(apl_engine *engine, apl_case_timer *timer) {
	apl_did *did = apl_did_reserve(engine);
	if (did == NULL) return false;
	did->deed = APL_DID_DISARM;
	did->what = timer;
	note_own(did, timer->owner);
	did->flag = timer->timer.position != 0;
	apl_did_done(engine);
	apl_timerq_remove(&engine->timers, &timer->timer);
	unlink_timer(timer);
	return true;
}

bool apl_timer_park(apl_engine *engine, apl_case_timer *timer) {
	if (timer->timer.position == 0) return true;
	apl_did *did = apl_did_reserve(engine);
	if (did == NULL) return false;
	did->deed = APL_DID_PARK;
	did->what = timer;
	apl_did_done(engine);
	apl_timerq_remove(&engine->timers, &timer->timer);
	return true;
}

bool apl_timer_unpark(apl_engine *engine, apl_case_timer *timer) {
	if (timer->timer.position != 0 || is_at_once(timer)) return true;
	apl_did *did = apl_did_reserve(engine);
	if (did == NULL || !apl_timerq_push(&engine->timers, &timer->timer)) return false;
	did->deed = APL_DID_UNPARK;
	did->what = timer;
	apl_did_done(engine);
	return true;
}

/* Counts anew: as if it had just been armed, so it also goes to the front of its case's list. */
bool apl_timer_move(apl_engine *engine, apl_case_timer *timer, aplomb_instant due_at) {
	apl_did *did = apl_did_reserve(engine);
	if (did == NULL) return false;
	did->deed = APL_DID_MOVE;
	did->what = timer;
	did->before = timer->before;
	did->next = timer->next;
	did->due_at = timer->timer.due_at;
	did->order = timer->timer.order;
	did->seq = timer->armed_seq;
	apl_did_done(engine);
	unlink_timer(timer);
	link_timer(timer);
	timer->timer.due_at = due_at;
	timer->timer.order = engine->next_order++;
	timer->armed_seq = timer->owner->seq + 1;
	apl_timerq_moved(&engine->timers, &timer->timer);
	return true;
}

bool apl_timer_count_by(apl_engine *engine, apl_case_timer *timer, uint32_t calendar) {
	if (timer->calendar == calendar) return true;
	apl_did *did = apl_did_reserve(engine);
	if (did == NULL) return false;
	did->deed = APL_DID_RECOUNT;
	did->what = timer;
	did->number = timer->calendar;
	apl_did_done(engine);
	timer->calendar = (uint16_t)calendar;
	return true;
}

uint32_t apl_timer_counts_on(const apl_case_timer *timer) {
	const apl_case *c = timer->owner;
	return timer->calendar == APL_NO_CALENDAR ? APL_NO_CALENDAR : apl_calendar_newest(c, apl_calendar_declared(c, timer->calendar));
}

/* It stood in the heap before, and everything pushed since has been undone: there is room. */
static void push_back(apl_engine *engine, apl_case_timer *timer) {
	bool pushed = apl_timerq_push(&engine->timers, &timer->timer);
	APL_ASSERT(pushed);
}

void apl_timer_undo(apl_engine *engine, const apl_did *did) {
	apl_case_timer *timer = did->what;
	switch ((apl_deed)did->deed) {
	case APL_DID_ARM:
		put_own_back(did, timer->owner);
		apl_timerq_remove(&engine->timers, &timer->timer);
		unlink_timer(timer);
		apl_timer_free(engine, timer);
		return;
	case APL_DID_DISARM:
		put_own_back(did, timer->owner);
		relink(timer);
		if (did->flag) push_back(engine, timer);
		return;
	case APL_DID_MOVE:
		unlink_timer(timer);
		timer->before = did->before;
		timer->next = did->next;
		relink(timer);
		timer->timer.due_at = did->due_at;
		timer->timer.order = did->order;
		timer->armed_seq = did->seq;
		apl_timerq_moved(&engine->timers, &timer->timer);
		return;
	case APL_DID_PARK: push_back(engine, timer); return;
	case APL_DID_UNPARK: apl_timerq_remove(&engine->timers, &timer->timer); return;
	case APL_DID_RECOUNT: timer->calendar = (uint16_t)did->number; return;
	default: APL_ASSERT(false);
	}
}

/* ---- delays -------------------------------------------------------------- */

/* [calendar]: the number of what the deadline was counted by, whose version the journal names; or APL_NO_CALENDAR. */
static void item_of(apl_engine *engine, const apl_case *c, const char *what, size_t what_size, const aplomb_instant *due_at, uint32_t delay,
    uint32_t calendar) {
	apl_buf *items = engine->line;
	apl_item_begin(&engine->step);
	apl_calendar_write_counting(items, c, calendar);
	apl_buf_add(items, what, what_size);
	if (due_at != NULL) {
		APL_BUF_LITERAL(items, "\"due\":\"");
		apl_instant_append(items, &engine->instants, *due_at);
		APL_BUF_LITERAL(items, "\",");
	}
	const apl_piece *name = &apl_prepared_of(c)->timer[delay];
	apl_buf_add(items, name->bytes, name->size);
}
#define ITEM_OF(step, what, due_at, delay, calendar)                                                                                       \
	item_of((step)->turn.engine, (step)->turn.the_case, (what), sizeof(what) - 1, (due_at), (delay), (calendar))

/* What a delay asks for, as it is when the state is entered. */
typedef struct asked_span {
	aplomb_span span;
	apl_span_unit unit;
	uint32_t calendar; /* APL_NO_CALENDAR: the clock's */
	aplomb_instant due_at;
} asked_span;

/*
 * The delay's span, and when it is due: fixed, or as the playbook says now. What is due at an instant that has passed is due now. false: an
 * author's error was written down, or a limit was broken.
 */
static bool due_of(apl_step *step, const apl_delay *delay, asked_span *out) {
	const apl_program *program = step->turn.program;
	aplomb_instant now = step->turn.now;
	int64_t asked = delay->span_us;
	aplomb_error error;
	out->unit = (apl_span_unit)delay->span_unit;
	out->calendar = APL_NO_CALENDAR;
	if (delay->span != APL_NO_HANDLER) {
		out->unit = APL_SPAN_CLOCK;
		int answer = program->ops->span(program->self, &step->turn, delay->span, &asked, &out->unit);
		if (answer == APL_PORT_BREACH) step->breach_pending = true;
		if (answer != APL_PORT_FALSE) return false;
	}
	const char *mistake = NULL;
	if (delay->kind == APL_DELAY_AT) {
		out->span = 0;
		out->due_at = apl_later(now, asked);
		if (asked > APL_INSTANT_MAX) mistake = "beyond the year 9999: give an earlier instant";
	} else {
		out->span = asked;
		if (asked > APL_INSTANT_MAX - now) mistake = "beyond the year 9999: give a shorter one";
		if (asked < 0) mistake = "negative: give one of zero or more";
		if (asked == 0 && delay->kind == APL_DELAY_EVERY)
			mistake = "no time at all, and what repeats would never end: give one of more than zero";
		if (mistake == NULL && out->unit == APL_SPAN_CLOCK) out->due_at = now + asked;
	}
	if (mistake == NULL && out->unit != APL_SPAN_CLOCK) {
		int answer = apl_calendar_of(&step->turn, delay->calendar, delay->calendar_handler, delay->place, &out->calendar);
		if (answer == APL_PORT_BREACH) step->breach_pending = true;
		if (answer != APL_PORT_FALSE) return false;
		if (apl_span_over(step->turn.the_case, now, asked, out->unit, out->calendar, &out->due_at, &error) == APLOMB_OK) return true;
		aplomb_error placed;
		apl_fail_at(
		    &placed, error.code, error.slug, delay->place, "state \"%s\": %s", program->chart->states[delay->state].path, error.message);
		apl_turn_error(&step->turn, &placed);
		return false;
	}
	if (mistake == NULL) return true;
	apl_fail_at(&error, APLOMB_EREFUSED, "bad-span", delay->place, "state \"%s\": %s %lld microseconds %sis %s",
	    step->turn.program->chart->states[delay->state].path, delay->kind == APL_DELAY_AT ? "the instant" : "a delay of", (long long)asked,
	    delay->kind == APL_DELAY_AT ? "after 1970 " : "", mistake);
	apl_turn_error(&step->turn, &error);
	return false;
}

static bool has_room(apl_step *step, apl_place place) {
	const apl_engine *engine = step->turn.engine;
	if (apl_case_limited_timers(step->turn.the_case) < engine->limits.timers) return true;
	apl_turn_breach(
	    &step->turn, "limit-timers", place, "the case has %u timers armed, the most that its limits allow", engine->limits.timers);
	step->breach_pending = true;
	return false;
}

void apl_delays_arm(apl_step *step, uint32_t state) {
	apl_engine *engine = step->turn.engine;
	apl_case *c = step->turn.the_case;
	const apl_chart *chart = step->turn.program->chart;
	const apl_state *entered = &chart->states[state];
	for (uint32_t i = entered->first_delay; i < entered->first_delay + entered->n_delays; i++) {
		const apl_delay *delay = &chart->delays[i];
		asked_span asked;
		if (!due_of(step, delay, &asked) || !has_room(step, delay->place)) continue;
		apl_case_timer *timer = apl_timer_arm(engine, c, asked.due_at, c->seq + 1, i, NULL);
		if (timer == NULL) {
			step->no_memory = true;
			return;
		}
		timer->span = asked.span;
		timer->unit = (uint8_t)asked.unit;
		timer->calendar = (uint16_t)asked.calendar;
		ITEM_OF(step, "\"do\":\"arm\",", &asked.due_at, i, asked.calendar);
	}
}

bool apl_delay_repeat(apl_engine *engine, const apl_case_timer *fired) {
	apl_case *c = fired->owner;
	const apl_delay *delay = &c->program->chart->delays[fired->delay];
	aplomb_instant due_at;
	const uint32_t calendar = apl_timer_counts_on(fired);
	/* Behind the last instant there is, nothing is due. */
	if (delay->kind != APL_DELAY_EVERY ||
	    apl_span_over(c, fired->timer.due_at, fired->span, (apl_span_unit)fired->unit, calendar, &due_at, NULL) != APLOMB_OK)
		return true;
	apl_case_timer *next = apl_timer_arm(engine, c, due_at, c->seq + 1, fired->delay, NULL);
	if (next == NULL) return false;
	next->span = fired->span;
	next->unit = fired->unit;
	next->calendar = (uint16_t)calendar;
	item_of(engine, c, "\"do\":\"arm\",", sizeof "\"do\":\"arm\"," - 1, &due_at, fired->delay, calendar);
	return true;
}

void apl_delays_disarm(apl_step *step, uint32_t state) {
	const apl_state *exited = &step->turn.program->chart->states[state];
	apl_case_timer *newer;
	for (apl_case_timer *timer = apl_oldest_timer(step->turn.the_case); timer != NULL; timer = newer) {
		newer = timer->before;
		if (timer->send != NULL || timer->delay - exited->first_delay >= exited->n_delays) continue;
		if (!apl_timer_disarm(step->turn.engine, timer)) {
			step->no_memory = true;
			return;
		}
		if (step->prepared->coverage != NULL) step->prepared->coverage->delays[timer->delay].beaten++;
		ITEM_OF(step, "\"do\":\"cancel\",", NULL, timer->delay, APL_NO_CALENDAR);
	}
}

static bool counts_from(const apl_chart *chart, const apl_delay *delay, const apl_step_event *event) {
	for (uint32_t i = delay->first_since; i < delay->first_since + delay->n_since; i++) {
		if (apl_pattern_matches(chart->patterns[i], event->name, event->size)) return true;
	}
	return false;
}

void apl_delays_restart(apl_step *step, const apl_step_event *event) {
	const apl_chart *chart = step->turn.program->chart;
	/* Oldest first, so that those armed in some order keep it. One that was moved comes by again at the front: it is due when it should be.
	 */
	apl_case_timer *newer;
	for (apl_case_timer *timer = apl_oldest_timer(step->turn.the_case); timer != NULL; timer = newer) {
		newer = timer->before;
		if (timer->send != NULL || timer->delay >= chart->n_delays || !counts_from(chart, &chart->delays[timer->delay], event)) continue;
		aplomb_instant due_at;
		const uint32_t calendar = apl_timer_counts_on(timer);
		if (apl_span_over(timer->owner, step->turn.now, timer->span, (apl_span_unit)timer->unit, calendar, &due_at, NULL) != APLOMB_OK ||
		    due_at == timer->timer.due_at)
			continue;
		if (!apl_timer_move(step->turn.engine, timer, due_at) || !apl_timer_count_by(step->turn.engine, timer, calendar)) {
			step->no_memory = true;
			return;
		}
		ITEM_OF(step, "\"do\":\"move\",", &due_at, timer->delay, calendar);
	}
}
