/* SPDX-License-Identifier: MIT */
/*
 * Decides what becomes of an open case when one of its calendars is another from
 * now on: a holiday was announced, the hours are others. That is an entry, with
 * the whole definition, so a replay needs nothing else to count as was counted.
 *
 * What begins from then on is counted by the new version. What began before
 * either keeps, and goes on being counted by the version that it began with, or
 * is recomputed: what was counted until now stays, and what is left of it is
 * counted by the new version. Nothing that has passed is counted again, so a
 * clock has the same before and behind the entry, and no timer that is due
 * already is due later.
 *
 * A timer keeps no instant from which it counts, so what is left of it is open
 * time, also of business days. Where the deadline was the opening of a day, the
 * new one is, too.
 */
#include "engine/clocks.h"
#include "engine/inside.h"
#include "engine/watch.h"
#include "time/instant.h"
#include "time/shown.h"

static const char *const ways[] = {[APL_CALENDAR_KEEP] = "keep", [APL_CALENDAR_RECOMPUTE] = "recompute"};

const char *apl_calendar_way_name(apl_calendar_way way) {
	return ways[way];
}

bool apl_calendar_way_named(const char *name, size_t size, apl_calendar_way *out) {
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		if (strlen(ways[i]) != size || memcmp(ways[i], name, size) != 0) continue;
		*out = (apl_calendar_way)i;
		return true;
	}
	return false;
}

/* ---- timers ------------------------------------------------------------------- */

/* When what is left of it at [now] will have passed by [to]; false: never in the years that calendars know. */
static bool later(const apl_calendar *from, const apl_calendar *to, aplomb_instant now, aplomb_instant due_at, aplomb_instant *out) {
	const aplomb_span left = apl_calendar_between(from, now, due_at);
	const bool is_opening = apl_calendar_is_open(from, due_at) && !apl_calendar_is_open(from, due_at - 1);
	if (apl_calendar_add(to, now, left, APL_SPAN_BUSINESS_MINUTES, out, NULL) != APLOMB_OK) return false;
	return !is_opening || apl_calendar_next(to, *out, true, out);
}

static void moved_item(apl_engine *engine, const apl_case_timer *timer, aplomb_instant was) {
	apl_buf *items = engine->line;
	apl_item_begin(&engine->step);
	apl_calendar_write_counting(items, timer->owner, timer->calendar);
	APL_BUF_LITERAL(items, "\"do\":\"move\",\"due\":\"");
	apl_instant_append(items, &engine->instants, timer->timer.due_at);
	APL_BUF_LITERAL(items, "\",");
	const apl_piece *name = &apl_prepared_of(timer->owner)->timer[timer->delay];
	apl_buf_add(items, name->bytes, name->size - 1); /* without its brace */
	APL_BUF_LITERAL(items, ",\"was\":\"");
	apl_instant_append(items, &engine->instants, was);
	APL_BUF_LITERAL(items, "\"}");
}

/* By no calendar of the new version it is ever due: it stays where it is. */
static void stays_item(apl_step *step, const apl_case_timer *timer) {
	const apl_case *c = timer->owner;
	const apl_delay *delay = &c->program->chart->delays[timer->delay];
	aplomb_error error;
	apl_fail_at(&error, APLOMB_EREFUSED, "calendar-range", delay->place,
	    "\"%s\" keeps its deadline: by the new version of calendar \"%s\" it would never be due", delay->name,
	    apl_case_calendar_name(c, timer->calendar));
	apl_item_finding(step, &error);
}

/* false without memory. */
static bool recount_timer(apl_engine *engine, apl_case_timer *timer, uint32_t calendar, aplomb_instant now) {
	const apl_case *c = timer->owner;
	const aplomb_instant was = timer->timer.due_at;
	aplomb_instant due_at;
	const bool is_known = later(apl_case_calendar(c, timer->calendar), apl_case_calendar(c, calendar), now, was, &due_at);
	if (!apl_timer_count_by(engine, timer, calendar)) return false;
	if (!is_known) stays_item(&engine->step, timer);
	if (!is_known || due_at == was) return true;
	if (!apl_timer_move(engine, timer, due_at)) return false;
	moved_item(engine, timer, was);
	return true;
}

/* A delay that is still to come, and is counted by another version than [calendar] of the same. */
static bool is_to_be_recounted(const apl_case_timer *timer, uint32_t of, uint32_t calendar, aplomb_instant now) {
	const apl_case *c = timer->owner;
	return timer->send == NULL && timer->calendar != APL_NO_CALENDAR && timer->calendar != calendar && timer->timer.due_at > now &&
	       apl_calendar_declared(c, timer->calendar) == of;
}

static bool is_clock_to_be_recounted(const apl_case *c, uint32_t number, uint32_t of, uint32_t calendar) {
	const uint32_t by = apl_clock_calendar(c, number);
	return by != APL_NO_CALENDAR && by != calendar && apl_calendar_declared(c, by) == of;
}

/* false without memory. */
static bool recount(apl_engine *engine, apl_case *c, uint32_t of, uint32_t calendar, aplomb_instant now) {
	for (uint32_t i = 0; i < c->program->chart->n_clocks; i++) {
		if (is_clock_to_be_recounted(c, i, of, calendar)) apl_clock_recount(&engine->step, i, calendar);
	}
	/* Oldest first, so that what is moved keeps its order; it is at the front then, and counted. */
	apl_case_timer *newer;
	for (apl_case_timer *timer = apl_oldest_timer(c); timer != NULL; timer = newer) {
		newer = timer->before;
		if (is_to_be_recounted(timer, of, calendar, now) && !recount_timer(engine, timer, calendar, now)) return false;
	}
	return !engine->step.no_memory;
}

/* ---- the entry -------------------------------------------------------------------- */

/* Is there something that is counted by an older version than the newest? */
static bool has_older(const apl_case *c, uint32_t of, aplomb_instant now) {
	const uint32_t newest = apl_calendar_newest(c, of);
	for (uint32_t i = 0; i < c->program->chart->n_clocks; i++) {
		if (is_clock_to_be_recounted(c, i, of, newest)) return true;
	}
	for (const apl_case_timer *timer = c->timers; timer != NULL; timer = timer->next) {
		if (is_to_be_recounted(timer, of, newest, now)) return true;
	}
	return false;
}

static void write_cause(apl_engine *engine, const apl_case *c, const apl_change *change) {
	const char *name = c->program->calendars[change->of].name;
	size_t size;
	const char *definition = apl_calendar_text(change->calendar, &size);
	apl_buf *cause = engine->line;
	APL_BUF_LITERAL(cause, "{\"because\":");
	apl_json_write_text(cause, change->because.bytes, change->because.size);
	APL_BUF_LITERAL(cause, ",\"by\":");
	apl_json_write_text(cause, change->by.bytes, change->by.size);
	APL_BUF_LITERAL(cause, ",\"calendar\":");
	apl_json_write_text(cause, name, strlen(name));
	APL_BUF_LITERAL(cause, ",\"changes\":\"");
	apl_buf_text(cause, ways[change->way]);
	APL_BUF_LITERAL(cause, "\",\"definition\":");
	apl_buf_add(cause, definition, size);
	APL_BUF_LITERAL(cause, ",\"from\":\"");
	apl_buf_add(cause, apl_calendar_version(apl_case_calendar(c, apl_calendar_newest(c, change->of))), APL_SHA256_HEX);
	APL_BUF_LITERAL(cause, "\",\"to\":\"");
	apl_buf_add(cause, apl_calendar_version(change->calendar), APL_SHA256_HEX);
	APL_BUF_LITERAL(cause, "\"}");
	apl_line_items(engine);
}

static int check(const apl_case *c, const apl_change *change, aplomb_error *error) {
	char shown[APL_SHOWN];
	apl_shown(apl_case_id(c), c->id_size, shown);
	if (c->status == APLOMB_CASE_CLOSED)
		return apl_fail(error, APLOMB_EREFUSED, "case-closed", "case \"%s\" is closed: nothing of it is counted any more", shown);
	if (c->status == APLOMB_CASE_FAULTED)
		return apl_fail(error, APLOMB_EFAULTED, "case-faulted", "case \"%s\" is faulted: mend it, then change its calendar", shown);
	if (c->program->calendars[change->of].calendar == NULL)
		return apl_fail(error, APLOMB_EREFUSED, "no-calendar",
		    "case \"%s\" is from before calendars counted, and its business time is the clock's: no calendar moves it", shown);
	if (c->more == NULL || c->more->calendars.count < APL_MOST_CALENDAR_VERSIONS) return APLOMB_OK;
	return apl_fail(error, APLOMB_ELIMIT, "limit-calendar-versions",
	    "case \"%s\" still counts by %d versions of its calendars: recompute, and it counts by one", shown, APL_MOST_CALENDAR_VERSIONS);
}

int apl_calendar_step(apl_engine *engine, apl_case *c, const apl_change *change, aplomb_instant at, bool *out, aplomb_error *error) {
	int code = check(c, change, error);
	if (code) return code;
	at = apl_later(c->at, at);
	const apl_calendar *newest = apl_case_calendar(c, apl_calendar_newest(c, change->of));
	const bool is_new = memcmp(apl_calendar_version(newest), apl_calendar_version(change->calendar), APL_SHA256_HEX) != 0;
	*out = is_new || (change->way == APL_CALENDAR_RECOMPUTE && has_older(c, change->of, at));
	if (!*out) return APLOMB_OK;
	if (!apl_touch(engine, c)) return apl_fail_memory(error);
	apl_step_prepare(engine, c, at);
	write_cause(engine, c, change);
	uint32_t number = apl_calendar_newest(c, change->of);
	if (is_new) {
		apl_kept_calendar *kept = apl_calendar_keep(engine, change->calendar);
		number = kept != NULL ? apl_calendar_adopt(engine, c, kept, change->of, c->seq + 1) : APL_NONE;
		if (number == APL_NONE) return apl_fail_memory(error);
	}
	if (change->way == APL_CALENDAR_RECOMPUTE && !recount(engine, c, change->of, number, at)) return apl_fail_memory(error);
	if (c->more != NULL && !apl_calendars_sweep(engine, c)) return apl_fail_memory(error);
	return apl_step_note(engine, c, APL_ENTRY_CALENDAR, at) ? apl_fail_memory(error) : APLOMB_OK;
}

/* ---- for hosts ----------------------------------------------------------------------- */

/* What is counted by the calendar, before and behind the change. */
typedef struct counted {
	aplomb_calendar_moved *all;
	uint32_t count, capacity;
} counted;

static bool add(apl_engine *engine, counted *list, const aplomb_calendar_moved *one) {
	if (!APL_GROW(&engine->alloc, list->all, list->count, list->capacity)) return false;
	list->all[list->count++] = *one;
	return true;
}

static void look_at_clock(const apl_case *c, uint32_t number, aplomb_instant now, aplomb_calendar_moved *out, bool is_before) {
	apl_clock_view view;
	apl_clock_look(c, number, now, &view);
	*(is_before ? &out->had_deadline : &out->has_deadline) = view.has_deadline;
	*(is_before ? &out->before : &out->after) = view.has_deadline ? view.deadline : 0;
	out->is_running = view.runs;
	out->is_breached = view.is_breached;
	out->elapsed = view.elapsed;
	out->target = view.target;
}

/* Clocks in their order, then timers, the oldest first. false without memory. */
static bool look_before(apl_engine *engine, const apl_case *c, uint32_t of, aplomb_instant now, counted *list) {
	const apl_chart *chart = c->program->chart;
	for (uint32_t i = 0; i < chart->n_clocks; i++) {
		const uint32_t by = apl_clock_calendar(c, i);
		if (by == APL_NO_CALENDAR || apl_calendar_declared(c, by) != of) continue;
		aplomb_calendar_moved one = {.size = sizeof one, .clock = chart->clocks[i].name};
		look_at_clock(c, i, now, &one, true);
		if (!add(engine, list, &one)) return false;
	}
	for (const apl_case_timer *timer = apl_oldest_timer(c); timer != NULL; timer = timer->before) {
		/* Of those that are due already nothing is left. */
		if (!is_to_be_recounted(timer, of, APL_NONE, now)) continue;
		const aplomb_calendar_moved one = {
		    .size = sizeof one, .timer = chart->delays[timer->delay].name, .had_deadline = true, .before = timer->timer.due_at};
		if (!add(engine, list, &one)) return false;
	}
	return true;
}

static void look_behind(const apl_case *c, aplomb_instant now, const counted *list) {
	const apl_chart *chart = c->program->chart;
	for (uint32_t i = 0; i < list->count; i++) {
		aplomb_calendar_moved *one = &list->all[i];
		if (one->clock != NULL) {
			look_at_clock(c, apl_chart_clock(chart, one->clock, strlen(one->clock)), now, one, false);
			continue;
		}
		const apl_case_timer *timer = c->timers;
		while (timer->send != NULL || timer->delay >= chart->n_delays || chart->delays[timer->delay].name != one->timer)
			timer = timer->next;
		one->has_deadline = true;
		one->after = timer->timer.due_at;
	}
}

static bool moves(const aplomb_calendar_moved *one) {
	return one->had_deadline != one->has_deadline || one->before != one->after;
}

/* What a host gives as what an entry says. */
static int take(const apl_case *c, const aplomb_calendar_change *given, apl_change *out, aplomb_error *error) {
	const apl_program *own = c->program, *other = (const apl_program *)(const void *)given->playbook;
	const char *name = given->calendar;
	char shown[APL_SHOWN], hint[128];
	const apl_declared_calendar *brought = NULL;
	apl_nearest nearest = apl_nearest_to(name, strlen(name));
	out->of = APL_NONE;
	for (uint32_t i = 0; i < own->n_calendars; i++) {
		apl_nearest_try(&nearest, own->calendars[i].name);
		if (strcmp(own->calendars[i].name, name) == 0) out->of = i;
	}
	for (uint32_t i = 0; i < other->n_calendars; i++) {
		if (strcmp(other->calendars[i].name, name) == 0 && other->calendars[i].calendar != NULL) brought = &other->calendars[i];
	}
	if (out->of == APL_NONE)
		return apl_fail(error, APLOMB_ENOTFOUND, "unknown-calendar", "the playbook of case \"%s\" has no calendar \"%s\"%s", apl_case_id(c),
		    apl_shown(name, strlen(name), shown), apl_nearest_hint(&nearest, hint, sizeof hint));
	if (brought == NULL)
		return apl_fail(error, APLOMB_ENOTFOUND, "unknown-calendar", "playbook \"%s\" brings no calendar \"%s\"", other->id,
		    apl_shown(name, strlen(name), shown));
	out->calendar = brought->calendar;
	out->way = given->changes == APLOMB_CALENDAR_KEEP        ? APL_CALENDAR_KEEP
	           : given->changes == APLOMB_CALENDAR_RECOMPUTE ? APL_CALENDAR_RECOMPUTE
	                                                         : (apl_calendar_way)brought->changes;
	return APLOMB_OK;
}

static int check_given(const aplomb_calendar_change *given, bool needs_reason, aplomb_error *error) {
	const apl_given because = apl_given_text(given->because), by = apl_given_text(given->by != NULL ? given->by : "system");
	if ((int)given->changes < APLOMB_CALENDAR_DECLARED || (int)given->changes > APLOMB_CALENDAR_RECOMPUTE)
		return apl_fail(error, APLOMB_EINVAL, "bad-change", "changes: %d is none: give DECLARED, KEEP or RECOMPUTE", (int)given->changes);
	if (needs_reason && (because.size == 0 || apl_utf8_valid(because.bytes, because.size) != because.size))
		return apl_fail(error, APLOMB_EINVAL, "bad-change", "say why in `because`, in valid UTF-8, for whoever reads the journal");
	if (!apl_door_is_sender(by))
		return apl_fail(error, APLOMB_EINVAL, "bad-id", "by: expected valid UTF-8 of at most %d bytes", APL_MOST_ID);
	return APLOMB_OK;
}

static void sum_up(const apl_case *c, const apl_change *change, const counted *list, aplomb_calendar_sum *sum) {
	const apl_calendar *newest = apl_case_calendar(c, apl_calendar_newest(c, change->of));
	sum->changes = change->way == APL_CALENDAR_KEEP ? APLOMB_CALENDAR_KEEP : APLOMB_CALENDAR_RECOMPUTE;
	memcpy(sum->to, apl_calendar_version(change->calendar), sizeof sum->to);
	if (newest != NULL) memcpy(sum->from, apl_calendar_version(newest), sizeof sum->from);
	sum->counted = list->count;
}

static void tell_all(
    counted *list, bool keeps, void (*tell)(const aplomb_calendar_moved *moved, void *payload), void *payload, aplomb_calendar_sum *sum) {
	for (uint32_t i = 0; i < list->count; i++) {
		list->all[i].keeps = keeps;
		list->all[i].moves = moves(&list->all[i]);
		sum->moved += list->all[i].moves;
		if (tell != NULL) tell(&list->all[i], payload);
	}
}

int apl_engine_calendar(apl_engine *engine, apl_case *c, const aplomb_calendar_change *given, bool looks,
    void (*tell)(const aplomb_calendar_moved *moved, void *payload), void *payload, aplomb_calendar_sum *sum, aplomb_error *error) {
	aplomb_error own;
	if (error == NULL) error = &own;
	apl_change change = {.because = apl_given_text(given->because != NULL ? given->because : ""),
	    .by = apl_given_text(given->by != NULL ? given->by : "system")};
	int code = check_given(given, !looks, error);
	if (!code) code = take(c, given, &change, error);
	if (!code) code = check(c, &change, error);
	if (code) return code;
	const aplomb_instant now = apl_later(c->at, apl_clock_now(engine->clock));
	const apl_calendar_way way = change.way;
	counted list = {0};
	apl_trial trial;
	if (!look_before(engine, c, change.of, now, &list)) code = apl_fail_memory(error);
	if (!code) sum_up(c, &change, &list, sum);
	if (looks)
		apl_trial_begin(engine, &trial);
	else
		engine->inside = true;
	/* Also of deadlines that will be kept it is told what recomputing would make of them. */
	if (looks) change.way = APL_CALENDAR_RECOMPUTE;
	if (!code) code = apl_calendar_step(engine, c, &change, now, &sum->differs, error);
	if (!looks && code) apl_batch_take_back(engine);
	if (!looks && !code && sum->differs) code = apl_batch_commit(engine, error);
	if (!code) look_behind(c, now, &list);
	if (looks)
		apl_trial_end(engine, &trial);
	else
		engine->inside = false;
	if (!code && !looks && sum->differs) sum->seq = c->seq;
	if (!code) tell_all(&list, way == APL_CALENDAR_KEEP, tell, payload, sum);
	apl_free(&engine->alloc, list.all, list.capacity * sizeof *list.all);
	return code;
}
