/* SPDX-License-Identifier: MIT */
/*
 * Decides whom a callout asks when, and which of its steps ask nobody.
 *
 * Which steps are come to is found without trying instants: the instants at
 * which somebody may be asked for are one stretch of time, and each step
 * makes other stretches of it: what finds it closed, or nobody there, goes on as
 * it is; what asks comes to the next step so much later; what waits comes to one instant. Where an answer is awaited in business
 * time the stretch that comes of it is taken whole, though there are gaps in it: so a step that is said not to be reached is not.
 */
#include "engine/callout.h"

#include <stdlib.h>
#include <string.h>

#include "engine/calendars.h"

enum { MOST_ROUNDS = 3 }; /* of one that goes on until somebody takes it: what was not reached by then was never to be */

static const apl_rota *rota_of(const apl_callout *callout, const apl_callout_step *step) {
	return step->rota != APL_NONE ? callout->program->rotas[step->rota].rota : NULL;
}

static const apl_calendar *hours_of(const apl_callout *callout, const apl_callout_step *step) {
	/* Of a bundle from before calendars counted there are none: it is always open then, as case:is_open says. */
	return step->calendar != APL_NONE ? callout->program->calendars[step->calendar].calendar : NULL;
}

/* Is it open, and until when is that so? */
static bool is_open(const apl_calendar *hours, aplomb_instant at, aplomb_instant *until) {
	*until = APL_INSTANT_MAX;
	if (hours == NULL) return true;
	bool open = apl_calendar_is_open(hours, at);
	if (!apl_calendar_next(hours, at, !open, until)) *until = APL_INSTANT_MAX;
	return open;
}

/* Whom the rota names for the step, and until when; [*source] says why. NULL: nobody. */
static const char *on_duty(const apl_rota *rota, bool is_next, aplomb_instant at, aplomb_instant *until, const char **source) {
	apl_rota_duty duty;
	aplomb_instant after;
	apl_rota_duty_at(rota, at, &duty);
	*until = duty.until < APL_INSTANT_MAX ? duty.until : APL_INSTANT_MAX;
	*source = duty.source;
	if (!is_next) return duty.who;
	if (duty.until == INT64_MAX || !apl_rota_next(rota, duty.until, &after)) return NULL;
	apl_rota_duty_at(rota, after, &duty);
	*source = duty.source;
	return duty.who;
}

/* The step's answer is due then; false: nobody can say. */
static bool answer_by(const apl_callout *callout, const apl_callout_step *step, aplomb_instant at, aplomb_instant *out) {
	if (step->answer_in == NULL) return false;
	uint32_t calendar = step->unit != APL_SPAN_CLOCK ? callout->program->calendar : APL_NO_CALENDAR;
	return apl_program_span_over(callout->program, at, step->span, step->unit, calendar, out, NULL) == APLOMB_OK;
}

/* ---- the steps as they are taken ------------------------------------------------------------- */

/* The n-th of them, from 0: all, and so often those from repeat_from on. false behind the last. */
static bool place_at(const apl_callout *callout, uint32_t n, uint32_t rounds, uint32_t *step, uint32_t *round) {
	*round = 0;
	*step = n;
	if (n < callout->n_steps) return true;
	uint32_t first = callout->repeat_from - 1, many = callout->n_steps - first;
	if (callout->repeat_from == 0) return false;
	*round = 1 + (n - callout->n_steps) / many;
	*step = first + (n - callout->n_steps) % many;
	return *round <= rounds;
}

/* ---- the plan ---------------------------------------------------------------------------------- */

typedef struct plan {
	const apl_callout *callout;
	void (*tell)(const aplomb_call *call, void *payload);
	void *payload;
	aplomb_call call;
} plan;

static void tell(plan *p, aplomb_call_what what, aplomb_instant until) {
	p->call.what = what;
	p->call.until = until;
	p->tell(&p->call, p->payload);
}

/* Whom the step asks then, in p->call; false: nobody. */
static bool find_whom(plan *p, const apl_callout_step *step) {
	aplomb_instant until;
	aplomb_call *call = &p->call;
	const apl_rota *rota = rota_of(p->callout, step);
	call->rota = rota != NULL ? p->callout->program->rotas[step->rota].name : NULL;
	call->source = NULL;
	call->is_fallback = false;
	call->who = rota != NULL ? on_duty(rota, step->is_next, call->at, &until, &call->source) : step->to;
	if (call->who == NULL && step->fallback != NULL) {
		call->who = step->fallback;
		call->is_fallback = true;
	}
	return call->who != NULL;
}

/* Before the first question: false when the step is passed over. */
static bool choose(plan *p, const apl_callout_step *step) {
	aplomb_instant until;
	for (;;) {
		bool has_somebody = find_whom(p, step);
		if (!is_open(hours_of(p->callout, step), p->call.at, &until)) {
			p->call.who = NULL;
			tell(p, APLOMB_CALL_CLOSED, p->call.at);
			return false;
		}
		if (has_somebody) return true;
		aplomb_instant next;
		if (step->if_nobody != APL_NOBODY_WAITS || !apl_rota_next(rota_of(p->callout, step), p->call.at, &next) || next <= p->call.at) {
			tell(p, APLOMB_CALL_NOBODY, p->call.at);
			return false;
		}
		tell(p, APLOMB_CALL_WAITS, next);
		p->call.at = next;
	}
}

/* false: nobody can say when it goes on. */
static bool take_step(plan *p, const apl_callout_step *step) {
	p->call.attempt = 1;
	if (!choose(p, step)) return true;
	for (;; p->call.attempt++) {
		aplomb_instant until;
		bool is_known = answer_by(p->callout, step, p->call.at, &until);
		tell(p, is_known ? APLOMB_CALL_MADE : APLOMB_CALL_MADE_UNTIL_WHEN, is_known ? until : p->call.at);
		if (!is_known) return false;
		p->call.at = until;
		if (p->call.attempt == step->times) return true;
		if (!find_whom(p, step)) {
			p->call.attempt++;
			tell(p, APLOMB_CALL_NOBODY, until);
			return true;
		}
	}
}

void apl_callout_plan(const apl_callout *callout, aplomb_instant at, void (*told)(const aplomb_call *call, void *payload), void *payload) {
	plan p = {callout, told, payload, {.size = sizeof p.call, .at = at}};
	uint32_t step, round;
	for (uint32_t n = 0; place_at(callout, n, callout->repeats, &step, &round); n++) {
		p.call.step = step + 1;
		p.call.round = round;
		if (!take_step(&p, &callout->steps[step])) return;
	}
	p.call.who = p.call.rota = p.call.source = NULL;
	p.call.is_fallback = false;
	p.call.attempt = 0;
	p.call.step = callout->until_taken ? callout->repeat_from : 0;
	tell(&p, callout->until_taken ? APLOMB_CALL_AGAIN : APLOMB_CALL_OVER, p.call.at);
}

/* ---- stretches of time --------------------------------------------------------------------------- */

typedef struct stretch {
	aplomb_instant from, until;
} stretch;

typedef struct stretches {
	stretch *items;
	uint32_t count, capacity;
} stretches;

typedef struct reaching {
	const apl_callout *callout;
	const apl_alloc *alloc;
	aplomb_instant until; /* of what is asked about */
	aplomb_reach *out;
	stretches entered, asking, next;
	bool has_failed; /* for want of memory */
} reaching;

static void add(reaching *r, stretches *to, aplomb_instant from, aplomb_instant until) {
	if (from >= until || r->has_failed) return;
	/* Most follow the one before. */
	stretch *last = to->count > 0 ? &to->items[to->count - 1] : NULL;
	if (last != NULL && from >= last->from && from <= last->until) {
		if (until > last->until) last->until = until;
		return;
	}
	if (!APL_GROW(r->alloc, to->items, to->count, to->capacity)) {
		r->has_failed = true;
		return;
	}
	to->items[to->count++] = (stretch){from, until};
}

static int by_begin(const void *left, const void *right) {
	const stretch *a = left, *b = right;
	return (a->from > b->from) - (a->from < b->from);
}

/* In order, and none touches another. */
static void put_in_order(stretches *s) {
	uint32_t kept = 0;
	if (s->count > 1) qsort(s->items, s->count, sizeof *s->items, by_begin);
	for (uint32_t i = 0; i < s->count; i++) {
		if (kept > 0 && s->items[i].from <= s->items[kept - 1].until) {
			if (s->items[i].until > s->items[kept - 1].until) s->items[kept - 1].until = s->items[i].until;
		} else {
			s->items[kept++] = s->items[i];
		}
	}
	s->count = kept;
}

static void swap(stretches *a, stretches *b) {
	stretches was = *a;
	*a = *b;
	*b = was;
}

static aplomb_instant least(aplomb_instant a, aplomb_instant b) {
	return a < b ? a : b;
}

/* ---- which steps are reached ------------------------------------------------------------------------ */

/* One stretch of those that come to the step: who is asked goes to [asking], who is not to [next]. Those who wait come back. */
static void choose_all(reaching *r, const apl_callout_step *step, aplomb_reach *told, stretch s, stretches *waiting) {
	const apl_calendar *hours = hours_of(r->callout, step);
	const apl_rota *rota = rota_of(r->callout, step);
	for (aplomb_instant at = s.from, end; at < s.until && !r->has_failed; at = end) {
		aplomb_instant changes, next;
		bool open = is_open(hours, at, &changes);
		end = least(s.until, changes);
		if (!open) {
			told->is_closed = true;
			add(r, &r->next, at, end);
			continue;
		}
		if (rota == NULL) {
			add(r, &r->asking, at, end);
			continue;
		}
		const char *source;
		bool is_there = on_duty(rota, step->is_next, at, &changes, &source) != NULL;
		end = least(end, changes > at ? changes : at + 1);
		if (!is_there) told->is_empty = true;
		if (is_there || step->fallback != NULL) {
			add(r, &r->asking, at, end);
		} else if (step->if_nobody == APL_NOBODY_WAITS && apl_rota_next(rota, at, &next) && next > at) {
			if (next >= r->until)
				told->waits_on = true;
			else
				add(r, waiting, next, next + 1);
		} else {
			add(r, &r->next, at, end);
		}
	}
}

/* Those who were asked and did not answer: later by as much as they had. */
static void pass_time(reaching *r, const apl_callout_step *step) {
	stretches later = {0};
	for (uint32_t i = 0; i < r->asking.count; i++) {
		const stretch *s = &r->asking.items[i];
		aplomb_instant from, until;
		if (step->answer_in == NULL) {
			/* At any time, for all that is known. */
			add(r, &later, s->from, s->until > r->until ? s->until : r->until);
		} else if (answer_by(r->callout, step, s->from, &from)) {
			bool has_end = answer_by(r->callout, step, s->until - 1, &until);
			add(r, &later, from, (has_end ? until : from) + 1);
		}
	}
	put_in_order(&later);
	swap(&r->asking, &later);
	apl_free(r->alloc, later.items, later.capacity * sizeof *later.items);
}

/* Between two questions: who finds nobody there any more goes on. */
static void look_again(reaching *r, const apl_callout_step *step) {
	const apl_rota *rota = rota_of(r->callout, step);
	stretches still = {0};
	if (rota == NULL || step->fallback != NULL) return;
	for (uint32_t i = 0; i < r->asking.count; i++) {
		const stretch s = r->asking.items[i];
		for (aplomb_instant at = s.from, end; at < s.until && !r->has_failed; at = end) {
			const char *source;
			bool is_there = on_duty(rota, step->is_next, at, &end, &source) != NULL;
			end = least(s.until, end > at ? end : at + 1);
			add(r, is_there ? &still : &r->next, at, end);
		}
	}
	swap(&r->asking, &still);
	apl_free(r->alloc, still.items, still.capacity * sizeof *still.items);
}

/* From those that come to the step (r->entered) to those that come to the one behind it. */
static void go_through(reaching *r, uint32_t number) {
	const apl_callout_step *step = &r->callout->steps[number];
	aplomb_reach *told = &r->out[number];
	stretches waiting = {0};
	r->next.count = r->asking.count = 0;
	told->is_come_to = told->is_come_to || r->entered.count > 0;
	for (uint32_t i = 0; i < r->entered.count; i++) choose_all(r, step, told, r->entered.items[i], &waiting);
	while (waiting.count > 0 && !r->has_failed) {
		stretches again = waiting;
		waiting = (stretches){0};
		put_in_order(&again);
		for (uint32_t i = 0; i < again.count; i++) choose_all(r, step, told, again.items[i], &waiting);
		apl_free(r->alloc, again.items, again.capacity * sizeof *again.items);
	}
	apl_free(r->alloc, waiting.items, waiting.capacity * sizeof *waiting.items);
	put_in_order(&r->asking);
	told->asks = told->asks || r->asking.count > 0;
	for (uint32_t attempt = 1; attempt <= step->times && r->asking.count > 0 && !r->has_failed; attempt++) {
		pass_time(r, step);
		if (attempt < step->times) look_again(r, step);
	}
	for (uint32_t i = 0; i < r->asking.count; i++) add(r, &r->next, r->asking.items[i].from, r->asking.items[i].until);
	put_in_order(&r->next);
	swap(&r->entered, &r->next);
}

static bool do_all_ask(const reaching *r) {
	for (uint32_t i = 0; i < r->callout->n_steps; i++) {
		if (!r->out[i].asks) return false;
	}
	return true;
}

/* Whoever is asked may send it to any step at once, so each may be come to whenever somebody is asked: at any time, for all that is known.
 */
static void send_on(reaching *r, aplomb_instant from) {
	bool is_anybody_asked = false;
	for (uint32_t i = 0; i < r->callout->n_steps; i++) is_anybody_asked = is_anybody_asked || r->out[i].asks;
	for (uint32_t i = 0; i < r->callout->n_steps && is_anybody_asked; i++) {
		r->entered.count = 0;
		add(r, &r->entered, from, r->until);
		go_through(r, i);
	}
}

int apl_callout_reach(const apl_callout *callout, aplomb_instant from, aplomb_instant until, aplomb_reach *out, aplomb_error *error) {
	reaching r = {.callout = callout, .alloc = &callout->program->params->alloc, .until = until, .out = out};
	uint32_t step, round, rounds = callout->until_taken ? MOST_ROUNDS : callout->repeats;
	for (uint32_t i = 0; i < callout->n_steps; i++) out[i] = (aplomb_reach){.size = sizeof out[i], .step = i + 1};
	add(&r, &r.entered, from, until);
	for (uint32_t n = 0; place_at(callout, n, rounds, &step, &round) && !do_all_ask(&r) && !r.has_failed; n++) go_through(&r, step);
	if (callout->may_send_on && !do_all_ask(&r)) send_on(&r, from);
	stretches *all[] = {&r.entered, &r.asking, &r.next};
	for (size_t i = 0; i < 3; i++) apl_free(r.alloc, all[i]->items, all[i]->capacity * sizeof *all[i]->items);
	return r.has_failed ? apl_fail_memory(error) : APLOMB_OK;
}

/* ---- holes -------------------------------------------------------------------------------------------- */

size_t apl_callout_holes(const apl_callout *callout, uint32_t number, aplomb_instant from, aplomb_instant until,
    void (*told)(aplomb_instant from, aplomb_instant until, void *payload), void *payload) {
	const apl_callout_step *step = &callout->steps[number];
	const apl_rota *rota = rota_of(callout, step);
	const apl_calendar *hours = hours_of(callout, step);
	size_t count = 0;
	stretch hole = {0, 0}; /* still growing */
	for (aplomb_instant at = from, end; at < until && rota != NULL; at = end) {
		aplomb_instant changes;
		const char *source;
		bool open = is_open(hours, at, &changes);
		end = least(until, changes);
		if (!open) continue;
		bool is_there = on_duty(rota, step->is_next, at, &changes, &source) != NULL;
		end = least(end, changes > at ? changes : at + 1);
		if (is_there) continue;
		if (hole.until == at && hole.from < hole.until) {
			hole.until = end;
			continue;
		}
		if (hole.from < hole.until && told != NULL) told(hole.from, hole.until, payload);
		hole = (stretch){at, end};
		count++;
	}
	if (hole.from < hole.until && told != NULL) told(hole.from, hole.until, payload);
	return count;
}
