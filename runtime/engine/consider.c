/* SPDX-License-Identifier: MIT */
/*
 * Decides where every transition of a case stands while nothing happens: is its
 * state active, does its guard hold whatever the event carries, does another
 * come first. Nothing is stepped; guards are asked in a turn that is taken back.
 */
#include "engine/watch.h"

typedef struct considering {
	apl_engine *engine;
	apl_case *the_case;
	const apl_program *program;
	const apl_chart *chart;
	const uint64_t *active;
	uint32_t count;      /* of transitions that can be selected */
	uint32_t transition; /* whose guard is asked */
	int *answers;        /* per transition; APL_PORT_TRUE without a guard */
	aplomb_guard **guards;
	apl_arena arena;
	apl_apart apart;
} considering;

/* ---- guards ------------------------------------------------------------------- */

/* May the counter count an event that the transition listens to? */
static bool counts(void *self, uint32_t number) {
	const considering *it = self;
	const apl_transition *transition = &it->chart->transitions[it->transition];
	const apl_counter *counter = &it->program->counters[number];
	for (uint32_t e = 0; e < it->chart->n_events; e++) {
		const apl_event_name *event = &it->chart->events[e];
		bool listens = transition->flags & APL_EVENTLESS ? event->declared
		                                                 : apl_chart_listens(it->chart, transition, (int32_t)e, event->name, event->size);
		for (uint32_t i = 0; listens && i < counter->n_patterns; i++)
			if (apl_pattern_matches(counter->patterns[i], event->name, event->size)) return true;
	}
	return false;
}

static bool ask(considering *it, uint32_t number) {
	apl_engine *engine = it->engine;
	int32_t handler = it->chart->transitions[number].guard;
	it->answers[number] = APL_PORT_TRUE;
	if (handler == APL_NO_HANDLER) return true;
	apl_apart_clear(&it->apart);
	it->transition = number;
	const apl_program *program = it->program;
	int answer = program->ops->apart != NULL ? program->ops->apart(program->self, &engine->step.turn, handler, &it->apart)
	                                         : program->ops->guard(program->self, &engine->step.turn, handler);
	/* A limit is one of the step, and this is none. */
	engine->step.turn.breached = false;
	it->answers[number] = answer;
	it->guards[number] = apl_guard_told_as(&it->arena, program, handler, answer, &it->apart);
	return it->guards[number] != NULL && !it->apart.failed;
}

/* A turn at the case's time, in which no event is there yet. */
static bool ask_all(considering *it) {
	apl_engine *engine = it->engine;
	apl_case *c = it->the_case;
	if (!apl_touch(engine, c)) return false;
	apl_step_prepare(engine, c, apl_later(c->at, apl_clock_now(engine->clock)));
	bool has_all = true;
	it->apart.lacks_event = true;
	it->apart.counts = counts;
	it->apart.self = it;
	for (uint32_t i = 0; i < it->count && has_all; i++) {
		/* Each in a turn of its own: what one spends is not taken from the next. */
		it->program->ops->begin(it->program->self, &engine->step.turn);
		has_all = ask(it, i);
		it->program->ops->end(it->program->self, &engine->step.turn);
	}
	apl_arena_reset(&engine->turn_arena);
	return has_all && !engine->step.no_memory;
}

/* ---- who comes first -------------------------------------------------------------- */

/* Is it taken, whatever the event carries, once the machine comes to it? */
static bool is_certain(const considering *it, uint32_t number) {
	return apl_set_has(it->active, it->chart->transitions[number].source) && it->answers[number] == APL_PORT_TRUE;
}

/* The first certain one of a state that listens to the event, up to transition [end]; APL_NONE: none. [event] NULL: eventless ones. */
static uint32_t certain_in(const considering *it, uint32_t state, int32_t event, uint32_t end) {
	const apl_state *where = &it->chart->states[state];
	for (uint32_t i = where->first_transition; i < where->first_transition + where->n_transitions && i < end; i++) {
		const apl_transition *transition = &it->chart->transitions[i];
		bool listens = event < 0
		                   ? (transition->flags & APL_EVENTLESS) != 0
		                   : apl_chart_listens(it->chart, transition, event, it->chart->events[event].name, it->chart->events[event].size);
		if (listens && is_certain(it, i)) return i;
	}
	return APL_NONE;
}

/* Who is taken before [number] is come to, from every leaf below its state; APL_NONE: from one at least nobody. */
static uint32_t first_before(const considering *it, uint32_t number, int32_t event) {
	const apl_chart *chart = it->chart;
	uint32_t source = chart->transitions[number].source;
	uint32_t own = certain_in(it, source, event, number), inner = APL_NONE;
	if (own != APL_NONE) return own;
	for (uint32_t leaf = source; leaf < chart->states[source].end; leaf++) {
		if (!apl_set_has(it->active, leaf) || !apl_set_has(chart->leaves, leaf)) continue;
		uint32_t found = APL_NONE;
		for (uint32_t s = leaf; s != source && found == APL_NONE; s = chart->states[s].parent) found = certain_in(it, s, event, UINT32_MAX);
		if (found == APL_NONE) return APL_NONE;
		if (inner == APL_NONE) inner = found;
	}
	return inner;
}

/* Whoever comes first for each event that it listens to; APL_NONE: for one of them nobody does. */
static uint32_t beaten_by(const considering *it, uint32_t number) {
	const apl_chart *chart = it->chart;
	const apl_transition *transition = &chart->transitions[number];
	if (transition->flags & APL_EVENTLESS) return first_before(it, number, -1);
	uint32_t winner = APL_NONE;
	for (uint32_t e = 0; e < chart->n_events; e++) {
		if (!apl_chart_listens(chart, transition, (int32_t)e, chart->events[e].name, chart->events[e].size)) continue;
		uint32_t found = first_before(it, number, (int32_t)e);
		if (found == APL_NONE) return APL_NONE;
		if (winner == APL_NONE) winner = found;
	}
	return winner;
}

/* ---- telling -------------------------------------------------------------------------- */

static aplomb_standing standing_of(const considering *it, uint32_t number, uint32_t *other) {
	const apl_transition *transition = &it->chart->transitions[number];
	*other = APL_NONE;
	if (!apl_set_has(it->active, transition->source)) return APLOMB_STANDS_INACTIVE;
	int answer = it->answers[number];
	if (answer != APL_PORT_TRUE && answer != APL_PORT_DEPENDS) return APLOMB_STANDS_REFUSED;
	*other = beaten_by(it, number);
	if (*other != APL_NONE) return APLOMB_STANDS_BEATEN;
	if (answer == APL_PORT_DEPENDS) return APLOMB_STANDS_DEPENDS;
	return transition->flags & APL_DEFERS ? APLOMB_STANDS_DEFERRED : APLOMB_STANDS_TAKEN;
}

static void tell_one(
    const considering *it, uint32_t number, void (*tell)(const aplomb_considered *considered, void *payload), void *payload) {
	const aplomb_transition *described = it->program->prepared->described;
	uint32_t other;
	aplomb_considered considered = {.size = sizeof considered, .transition = &described[number], .guard = it->guards[number]};
	considered.standing = standing_of(it, number, &other);
	if (other != APL_NONE) considered.other = &described[other];
	uint32_t delay = apl_transition_delay(it->chart, number);
	for (const apl_case_timer *timer = it->the_case->timers; timer != NULL && delay != APL_NONE; timer = timer->next) {
		if (timer->send != NULL || timer->delay != delay) continue;
		considered.has_due = true;
		considered.due_at = timer->timer.due_at;
	}
	tell(&considered, payload);
}

static bool prepare(considering *it) {
	apl_engine *engine = it->engine;
	if (!apl_transitions_describe(engine, it->program)) return false;
	it->count = apl_transitions_described(engine, it->program);
	it->answers = apl_new(&engine->alloc, it->count * sizeof *it->answers);
	it->guards = apl_new(&engine->alloc, it->count * sizeof *it->guards);
	return it->count == 0 || (it->answers != NULL && it->guards != NULL);
}

/* ---- what modules made -------------------------------------------------------------------- */

int apl_engine_made(
    apl_engine *engine, apl_case *c, void (*tell)(const aplomb_made *made, void *payload), void *payload, aplomb_error *error) {
	const apl_program *program = c->program;
	if (program->ops->made == NULL) return APLOMB_OK;
	apl_arena arena;
	apl_apart apart;
	apl_trial trial;
	apl_arena_init(&arena, &engine->alloc);
	apl_apart_init(&apart, &engine->alloc, &arena);
	apart.lacks_event = true;
	apl_trial_begin(engine, &trial);
	bool has_all = apl_touch(engine, c);
	if (has_all) {
		apl_step_prepare(engine, c, apl_later(c->at, apl_clock_now(engine->clock)));
		program->ops->begin(program->self, &engine->step.turn);
		has_all = program->ops->made(program->self, &engine->step.turn, &apart, tell, payload);
		program->ops->end(program->self, &engine->step.turn);
		apl_arena_reset(&engine->turn_arena);
	}
	apl_trial_end(engine, &trial);
	apl_apart_dispose(&apart);
	apl_arena_dispose(&arena);
	return has_all ? APLOMB_OK : apl_fail_memory(error);
}

int apl_engine_consider(
    apl_engine *engine, apl_case *c, void (*tell)(const aplomb_considered *considered, void *payload), void *payload, aplomb_error *error) {
	considering it = {
	    .engine = engine, .the_case = c, .program = c->program, .chart = c->program->chart, .active = apl_case_configuration(c)};
	apl_arena_init(&it.arena, &engine->alloc);
	apl_apart_init(&it.apart, &engine->alloc, &it.arena);
	bool has_all = prepare(&it);
	if (has_all) {
		apl_trial trial;
		apl_trial_begin(engine, &trial);
		has_all = ask_all(&it);
		apl_trial_end(engine, &trial);
	}
	for (uint32_t i = 0; i < it.count && has_all; i++) tell_one(&it, i, tell, payload);
	apl_free(&engine->alloc, it.answers, it.count * sizeof *it.answers);
	apl_free(&engine->alloc, it.guards, it.count * sizeof *it.guards);
	apl_apart_dispose(&it.apart);
	apl_arena_dispose(&it.arena);
	return has_all ? APLOMB_OK : apl_fail_memory(error);
}
