/* SPDX-License-Identifier: MIT */
/*
 * Decides how much a case may do of itself, and how long cases may go on with
 * one another, when nobody from outside says anything. What somebody says leads
 * to one step, and a step is bounded; what a case does to itself need not end:
 *
 *   a timer, or what it sent itself:  step ─▶ arms ─▶ (time, or none) ─▶ step …
 *   another case, or one it invoked:  step ─▶ event ─▶ step there ─▶ event …
 *
 * So a case that is led round by its own timers has a number of them for each
 * hour of its time, whether that hour takes an hour or a moment; an event that
 * a case sends because of an event from a case is one hop further than that one,
 * and has a most, too. All of it is counted in the case's own lines and nothing
 * else, so a replay counts the same. How steps of many cases share a pump is
 * not decided here.
 */
#include "engine/inside.h"
#include "time/instant.h"

/* ---- of itself --------------------------------------------------------------- */

/* A case's time does not go back, so an hour that is over never comes again. */
static uint32_t hour_of(aplomb_instant at) {
	return (uint32_t)(at / APL_HOUR);
}

/* false: that was one too many. */
static bool count_one(const apl_engine *engine, apl_case *c, aplomb_instant at) {
	if (c->own_hour != hour_of(at)) {
		c->own_hour = hour_of(at);
		c->own_steps = 0;
	}
	if (c->own_steps >= engine->limits.own_steps) return false;
	c->own_steps++;
	return true;
}

bool apl_own_fires(apl_engine *engine, const apl_case_timer *timer, aplomb_instant at, aplomb_error *error) {
	static const char *const words[] = {[APL_DELAY_AFTER] = "after", [APL_DELAY_EVERY] = "every", [APL_DELAY_AT] = "at"};
	apl_case *c = timer->owner;
	if (count_one(engine, c, at)) return true;
	const apl_chart *chart = c->program->chart;
	const uint32_t clock = apl_timer_clock(timer);
	if (clock != APL_NONE) {
		apl_fail_at(error, APLOMB_ELIMIT, "limit-own-steps", c->program->clocks[clock].place,
		    "clock \"%s\": what it tells would be the case's timer or event of its own after %u in one hour of its time, the most that its "
		    "limits "
		    "allow: is it restarted by what it tells?",
		    chart->clocks[clock].name, engine->limits.own_steps);
		return false;
	}
	const apl_delay *delay = &chart->delays[timer->delay];
	apl_fail_at(error, APLOMB_ELIMIT, "limit-own-steps", delay->place,
	    "state \"%s\": its \"%s\" would be the case's timer or event of its own after %u in one hour of its time, the most that its limits "
	    "allow: give it more time",
	    chart->states[delay->state].path, words[delay->kind], engine->limits.own_steps);
	return false;
}

/* Does the step that runs come of the case itself, or of another case? Nobody else leads it round in a circle. */
static bool is_unprompted(const apl_turn *turn) {
	const apl_step_event *outside = turn->outside;
	if (outside == NULL) return false;
	const apl_payload *payload = outside->payload;
	return payload == NULL || payload->by == NULL || strncmp(payload->by, "case:", 5) == 0;
}

bool apl_own_sends(apl_turn *turn) {
	if (!is_unprompted(turn) || count_one(turn->engine, turn->the_case, turn->now)) return true;
	apl_turn_breach(turn, "limit-own-steps", APL_NOWHERE,
	    "the case led itself to %u timers and events of its own in one hour of its time, the most that its limits allow, and would send "
	    "another: does it send itself round in a circle?",
	    turn->engine->limits.own_steps);
	return false;
}

uint32_t apl_own_steps_now(const apl_case *c) {
	return c->own_hour == hour_of(c->at) ? c->own_steps : 0;
}

void apl_own_restore(apl_case *c, uint32_t steps) {
	c->own_hour = hour_of(c->at);
	c->own_steps = steps;
}

/* ---- to one another ------------------------------------------------------------ */

bool apl_hop_is_within(apl_turn *turn, apl_place place) {
	const apl_engine *engine = turn->engine;
	if (engine->hops < engine->limits.hops || turn->outside == NULL) return true;
	apl_turn_breach(turn, "limit-hops", place,
	    "this event is the last of %u in a row from case to case, the most that the limits allow, and would lead to another: do cases go "
	    "round in a circle?",
	    engine->hops);
	return false;
}

/*
 * A case that was invoked has a quarter of what its parent has, so that cases which invoke as many as they may, each of which does the
 * same, come to an end: with the usual limits at fewer than 27,000, not at 64 to the eighth.
 */
uint32_t apl_children_limit(const apl_engine *engine, const apl_case *c) {
	uint32_t most = engine->limits.children;
	const apl_parent *parent = c->more != NULL ? c->more->parent : NULL;
	for (uint32_t depth = parent != NULL ? parent->depth : 0; depth > 0 && most > 1; depth--) most = most / 4 > 0 ? most / 4 : 1;
	return most;
}
