/* SPDX-License-Identifier: MIT */
/*
 * Decides what a watcher is told while a case steps: the candidates in the
 * order in which the machine weighs them, each with its guard taken apart, and
 * then those that it never came to, with the one that was taken instead.
 * Nothing here decides what is taken.
 */
#include "engine/watch.h"

void apl_watching_init(apl_watching *watching, apl_engine *engine, const aplomb_watch *watch) {
	*watching = (apl_watching){.watch = *watch};
	apl_arena_init(&watching->arena, &engine->alloc);
	apl_apart_init(&watching->apart, &engine->alloc, &watching->arena);
}

void apl_watching_dispose(apl_watching *watching, apl_engine *engine) {
	apl_apart_dispose(&watching->apart);
	apl_free(&engine->alloc, watching->weighed, watching->capacity * sizeof *watching->weighed);
	apl_arena_dispose(&watching->arena);
}

apl_watching *apl_watching_change(apl_engine *engine, apl_watching *watching) {
	apl_watching *before = engine->watching;
	engine->watching = watching;
	apl_machine_watch(engine->machine, watching != NULL ? &apl_engine_watcher : NULL);
	return before;
}

void apl_engine_watch_end(apl_engine *engine) {
	if (engine->watching == NULL) return;
	apl_watching *gone = apl_watching_change(engine, NULL);
	apl_watching_dispose(gone, engine);
	apl_free(&engine->alloc, gone, sizeof *gone);
}

int apl_engine_watch(apl_engine *engine, const aplomb_watch *watch, aplomb_error *error) {
	apl_watching *watching = NULL;
	if (watch != NULL) {
		watching = apl_new(&engine->alloc, sizeof *watching);
		if (watching == NULL) return apl_fail_memory(error);
		apl_watching_init(watching, engine, watch);
	}
	apl_engine_watch_end(engine);
	apl_watching_change(engine, watching);
	return APLOMB_OK;
}

/* ---- telling -------------------------------------------------------------------- */

static void tell(apl_watching *watching, aplomb_decision decision) {
	decision.size = sizeof decision;
	decision.case_id = apl_case_id(watching->the_case);
	decision.entry = watching->the_case->seq + 1;
	watching->watch.decision(&decision, watching->watch.payload);
}

static void tell_weighed(apl_watching *watching, const apl_weighed *weighed) {
	const aplomb_transition *described = apl_prepared_of(watching->the_case)->described;
	if (described == NULL) return; /* without memory; the step will be taken back */
	const apl_transition *transition = &watching->the_case->program->chart->transitions[weighed->transition];
	tell(watching, (aplomb_decision){.kind = APLOMB_DECISION_TRANSITION,
	                   .is_eventless = (transition->flags & APL_EVENTLESS) != 0,
	                   .transition = &described[weighed->transition],
	                   .standing = weighed->standing,
	                   .guard = weighed->guard,
	                   .other = weighed->other != APL_NONE ? &described[weighed->other] : NULL});
}

static void forget_selection(apl_watching *watching) {
	watching->n_weighed = 0;
	watching->asked = NULL;
	apl_arena_reset(&watching->arena);
}

void apl_watching_flush(apl_engine *engine) {
	apl_watching *watching = engine->watching;
	for (uint32_t i = 0; i < watching->n_weighed; i++) tell_weighed(watching, &watching->weighed[i]);
	forget_selection(watching);
}

void apl_watch_step(apl_step *step) {
	apl_watching *watching = step->turn.engine->watching;
	watching->the_case = step->turn.the_case;
	watching->has_begun = false;
	if (!apl_transitions_describe(step->turn.engine, step->turn.program)) step->no_memory = true;
	if (step->turn.event != NULL) return;
	watching->has_begun = true;
	tell(watching, (aplomb_decision){.kind = APLOMB_DECISION_EVENT});
}

void apl_watch_event(apl_step *step, const apl_step_event *event) {
	apl_watching *watching = step->turn.engine->watching;
	tell(watching, (aplomb_decision){.kind = APLOMB_DECISION_EVENT, .name = event->name, .is_internal = watching->has_begun});
	watching->has_begun = true;
}

/* ---- guards ----------------------------------------------------------------------- */

aplomb_guard *apl_guard_told_as(apl_arena *arena, const apl_program *program, int32_t handler, int answer, const apl_apart *apart) {
	aplomb_guard *guard = apl_arena_take(arena, sizeof *guard);
	size_t size = apart->n_parts * sizeof *apart->parts;
	aplomb_part *parts = size > 0 ? apl_arena_take(arena, size) : NULL;
	aplomb_error *error = apart->has_error ? apl_arena_take(arena, sizeof *error) : NULL;
	if (guard == NULL || (size > 0 && parts == NULL) || (apart->has_error && error == NULL)) return NULL;
	if (size > 0) memcpy(parts, apart->parts, size);
	if (error != NULL) *error = apart->error;
	const char *label = program->ops->label != NULL ? program->ops->label(program->self, handler) : NULL;
	*guard = (aplomb_guard){.size = sizeof *guard,
	    .label = label != NULL ? label : "",
	    .verdict = answer == APL_PORT_BREACH ? APLOMB_VERDICT_ERROR : (aplomb_verdict)answer,
	    .parts = parts,
	    .n_parts = apart->n_parts,
	    .error = error,
	    .is_implied = program->ops->is_implied != NULL && program->ops->is_implied(program->self, handler)};
	return guard;
}

int apl_watch_guard(apl_step *step, int32_t handler) {
	apl_watching *watching = step->turn.engine->watching;
	const apl_program *program = step->turn.program;
	apl_apart_clear(&watching->apart);
	int answer = program->ops->apart != NULL ? program->ops->apart(program->self, &step->turn, handler, &watching->apart)
	                                         : program->ops->guard(program->self, &step->turn, handler);
	watching->asked = apl_guard_told_as(&watching->arena, program, handler, answer, &watching->apart);
	if (watching->asked == NULL || watching->apart.failed) step->no_memory = true;
	return answer;
}

void apl_watch_counter(apl_step *step, uint32_t counter, bool has_guard) {
	apl_watching *watching = step->turn.engine->watching;
	tell(watching, (aplomb_decision){.kind = APLOMB_DECISION_COUNTER,
	                   .name = step->turn.program->counters[counter].name,
	                   .guard = has_guard ? watching->asked : NULL,
	                   .count = (uint64_t)apl_turn_count_of(&step->turn, counter)});
	watching->asked = NULL;
}

/* ---- transitions -------------------------------------------------------------------- */

static apl_weighed *add(apl_step *step, uint32_t transition) {
	apl_engine *engine = step->turn.engine;
	apl_watching *watching = engine->watching;
	if (!APL_GROW(&engine->alloc, watching->weighed, watching->n_weighed, watching->capacity)) {
		step->no_memory = true;
		return NULL;
	}
	apl_weighed *weighed = &watching->weighed[watching->n_weighed++];
	*weighed = (apl_weighed){.transition = transition, .other = APL_NONE};
	return weighed;
}

static void weighed(void *self, uint32_t transition, int answer) {
	apl_step *step = self;
	apl_weighed *one = add(step, transition);
	if (one == NULL) return;
	uint32_t flags = step->turn.program->chart->transitions[transition].flags;
	one->answer = answer;
	one->standing = answer != APL_PORT_TRUE ? APLOMB_STANDS_REFUSED : flags & APL_DEFERS ? APLOMB_STANDS_DEFERRED : APLOMB_STANDS_TAKEN;
	one->guard = step->turn.engine->watching->asked;
	step->turn.engine->watching->asked = NULL;
}

static void preempted(void *self, uint32_t loser, uint32_t winner) {
	const apl_step *step = self;
	apl_watching *watching = step->turn.engine->watching;
	for (uint32_t i = 0; i < watching->n_weighed; i++) {
		if (watching->weighed[i].transition != loser) continue;
		watching->weighed[i].standing = APLOMB_STANDS_PREEMPTED;
		watching->weighed[i].other = winner;
	}
}

/* Who was taken before the machine came to a transition of that state; APL_NONE: it was weighed itself. */
static uint32_t winner_over(const apl_chart *chart, const apl_watching *watching, uint32_t transition, uint32_t n_asked) {
	uint32_t state = chart->transitions[transition].source, winner = APL_NONE;
	for (uint32_t i = 0; i < n_asked; i++) {
		const apl_weighed *other = &watching->weighed[i];
		if (other->transition == transition) return APL_NONE;
		uint32_t source = chart->transitions[other->transition].source;
		bool is_in_the_way = source == state || apl_chart_is_descendant(chart, source, state);
		if (winner == APL_NONE && other->answer == APL_PORT_TRUE && is_in_the_way) winner = other->transition;
	}
	return winner;
}

/* What listens, too, and was never come to. */
static void add_beaten(apl_step *step, const apl_step_event *event, bool is_outside) {
	const apl_watching *watching = step->turn.engine->watching;
	const apl_chart *chart = step->turn.program->chart;
	const uint64_t *active = apl_case_configuration(step->turn.the_case);
	uint32_t n_asked = watching->n_weighed;
	for (uint32_t i = 0; i < chart->n_transitions && !(chart->transitions[i].flags & APL_INITIAL); i++) {
		const apl_transition *transition = &chart->transitions[i];
		if (!apl_set_has(active, transition->source) || (!is_outside && transition->flags & APL_DEFERS)) continue;
		bool listens = event == NULL ? (transition->flags & APL_EVENTLESS) != 0
		                             : apl_chart_listens(chart, transition, event->number, event->name, event->size);
		uint32_t winner = listens ? winner_over(chart, watching, i, n_asked) : APL_NONE;
		if (winner == APL_NONE) continue;
		apl_weighed *one = add(step, i);
		if (one == NULL) return;
		one->standing = APLOMB_STANDS_BEATEN;
		one->other = winner;
	}
}

static void selected(void *self, const apl_step_event *event, bool is_outside) {
	apl_step *step = self;
	apl_watching *watching = step->turn.engine->watching;
	if (watching->n_weighed == 0) return;
	add_beaten(step, event, is_outside);
	bool any = false;
	for (uint32_t i = 0; i < watching->n_weighed; i++) {
		any = any || watching->weighed[i].standing == APLOMB_STANDS_TAKEN;
		tell_weighed(watching, &watching->weighed[i]);
	}
	forget_selection(watching);
	if (any) tell(watching, (aplomb_decision){.kind = APLOMB_DECISION_SETTLED});
}

void apl_watch_state(apl_step *step, uint32_t state, bool is_entered) {
	tell(step->turn.engine->watching, (aplomb_decision){.kind = is_entered ? APLOMB_DECISION_ENTERED : APLOMB_DECISION_LEFT,
	                                      .name = step->turn.program->chart->states[state].path});
}

const apl_watcher apl_engine_watcher = {weighed, preempted, selected};
