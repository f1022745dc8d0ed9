/* SPDX-License-Identifier: MIT */
/*
 * Decides what counts as used, and how that is told: states, transitions,
 * guards and delays in the order of the playbook, each with its place. What is
 * enough of it is decided by whoever asks.
 */
#include "engine/coverage.h"

#include "engine/inside.h"
#include "time/instant.h"

/* One past the greatest number of a guard. */
static uint32_t count_handlers(const apl_program *program) {
	const apl_chart *chart = program->chart;
	int32_t most = APL_NO_HANDLER;
	for (uint32_t i = 0; i < chart->n_transitions; i++)
		if (chart->transitions[i].guard > most) most = chart->transitions[i].guard;
	for (uint32_t i = 0; i < program->n_counters; i++)
		if (program->counters[i].guard > most) most = program->counters[i].guard;
	return (uint32_t)(most + 1);
}

apl_coverage *apl_coverage_new(const apl_alloc *alloc, const apl_program *program) {
	const apl_chart *chart = program->chart;
	apl_coverage *coverage = apl_new(alloc, sizeof *coverage);
	if (coverage == NULL) return NULL;
	coverage->n_handlers = count_handlers(program);
	coverage->entered = apl_new(alloc, chart->n_states * sizeof *coverage->entered);
	coverage->taken = apl_new(alloc, chart->n_transitions * sizeof *coverage->taken);
	coverage->answers = apl_new(alloc, coverage->n_handlers * sizeof *coverage->answers);
	coverage->delays = apl_new(alloc, chart->n_delays * sizeof *coverage->delays);
	if (coverage->entered != NULL && coverage->taken != NULL && coverage->answers != NULL && coverage->delays != NULL) return coverage;
	apl_coverage_free(alloc, coverage, program);
	return NULL;
}

void apl_coverage_free(const apl_alloc *alloc, apl_coverage *coverage, const apl_program *program) {
	if (coverage == NULL) return;
	const apl_chart *chart = program->chart;
	apl_free(alloc, coverage->entered, chart->n_states * sizeof *coverage->entered);
	apl_free(alloc, coverage->taken, chart->n_transitions * sizeof *coverage->taken);
	apl_free(alloc, coverage->answers, coverage->n_handlers * sizeof *coverage->answers);
	apl_free(alloc, coverage->delays, chart->n_delays * sizeof *coverage->delays);
	apl_free(alloc, coverage, sizeof *coverage);
}

void apl_coverage_answer(apl_coverage *coverage, int32_t handler, int answer) {
	apl_answers *answers = &coverage->answers[handler];
	switch (answer) {
	case APL_PORT_FALSE: answers->no++; return;
	case APL_PORT_TRUE: answers->yes++; return;
	case APL_PORT_ERROR: answers->errors++; return;
	case APL_PORT_BREACH: return; /* it did not come to an answer */
	default: answers->unknown++;
	}
}

/* ---- told ------------------------------------------------------------------ */

typedef struct telling {
	const apl_program *program;
	void (*row)(const aplomb_coverage_row *row, void *payload);
	void *payload;
	apl_buf on, to; /* lists of names */
} telling;

static void add_name(apl_buf *list, const char *name) {
	if (list->size > 0) apl_buf_byte(list, ' ');
	apl_buf_add(list, name, strlen(name));
}

static const char *ended(apl_buf *list) {
	apl_buf_byte(list, '\0');
	return list->failed ? "?" : list->bytes;
}

static void tell(const telling *t, aplomb_coverage_row row, apl_place place) {
	row.size = sizeof row;
	row.file = place.file != NULL ? place.file : "";
	row.line = place.line;
	row.column = place.column;
	t->row(&row, t->payload);
}

static bool is_listed(const apl_state *state) {
	return state->kind != APL_HISTORY_SHALLOW && state->kind != APL_HISTORY_DEEP;
}

/* The word that made the delay's transition. */
static const char *word_of(const apl_chart *chart, const apl_transition *transition) {
	const apl_state *state = &chart->states[transition->source];
	uint32_t number = state->first_delay;
	while (chart->delays[number].name != chart->patterns[transition->first_pattern]) number++;
	return apl_delay_word((apl_delay_kind)chart->delays[number].kind);
}

/* What the transition listens to: events; "always"; "after", "every" or "at" for a delay's. */
static const char *listens_to(telling *t, const apl_transition *transition) {
	const apl_chart *chart = t->program->chart;
	if (transition->flags & APL_DELAYED) return word_of(chart, transition);
	if (transition->flags & APL_EVENTLESS) return "always";
	apl_buf_clear(&t->on);
	for (uint32_t i = 0; i < transition->n_patterns; i++) add_name(&t->on, chart->patterns[transition->first_pattern + i]);
	return ended(&t->on);
}

static const char *leads_to(telling *t, const apl_transition *transition) {
	const apl_chart *chart = t->program->chart;
	apl_buf_clear(&t->to);
	for (uint32_t i = 0; i < transition->n_targets; i++) add_name(&t->to, chart->states[chart->targets[transition->first_target + i]].path);
	return ended(&t->to);
}

static const char *label_of(const telling *t, int32_t handler) {
	const apl_program *program = t->program;
	const char *label = handler != APL_NO_HANDLER && program->ops->label != NULL ? program->ops->label(program->self, handler) : NULL;
	return label;
}

static void tell_answers(const telling *t, aplomb_coverage_row row, int32_t handler, apl_place place) {
	const apl_program *program = t->program;
	/* One that nobody wrote has answers that nobody has to see. */
	if (program->ops->is_implied != NULL && program->ops->is_implied(program->self, handler)) return;
	const apl_answers *answers = &program->prepared->coverage->answers[handler];
	row.what = APLOMB_COVERED_GUARD;
	row.count = answers->yes;
	row.other = answers->no;
	row.unknown = answers->unknown;
	row.errors = answers->errors;
	tell(t, row, place);
}

static void tell_transition(telling *t, uint32_t number) {
	const apl_chart *chart = t->program->chart;
	const apl_transition *transition = &chart->transitions[number];
	aplomb_coverage_row row = {.what = APLOMB_COVERED_TRANSITION,
	    .state = chart->states[transition->source].path,
	    .on = listens_to(t, transition),
	    .to = leads_to(t, transition),
	    .label = label_of(t, transition->guard),
	    .count = t->program->prepared->coverage->taken[number]};
	/* A deferring one is never taken: it keeps the event. */
	if (!(transition->flags & APL_DEFERS)) tell(t, row, transition->place);
	if (transition->guard != APL_NO_HANDLER) tell_answers(t, row, transition->guard, transition->place);
}

static void tell_delay(const telling *t, uint32_t number) {
	const apl_chart *chart = t->program->chart;
	const apl_delay *delay = &chart->delays[number];
	const apl_delay_ends *ends = &t->program->prepared->coverage->delays[number];
	bool is_fixed = delay->span == APL_NO_HANDLER;
	char instant[APL_INSTANT_TEXT];
	if (delay->kind == APL_DELAY_AT && is_fixed) apl_instant_write(delay->span_us, instant);
	tell(t,
	    (aplomb_coverage_row){.what = APLOMB_COVERED_TIMER,
	        .state = chart->states[delay->state].path,
	        .on = apl_delay_word((apl_delay_kind)delay->kind),
	        .span = is_fixed && delay->kind != APL_DELAY_AT ? delay->span_us : -1,
	        .label = is_fixed && delay->kind == APL_DELAY_AT ? instant : label_of(t, delay->span),
	        .count = ends->fired,
	        .other = ends->beaten},
	    delay->place);
}

static void tell_counter(telling *t, const apl_counter *counter) {
	if (counter->guard == APL_NO_HANDLER) return;
	apl_buf_clear(&t->on);
	for (uint32_t i = 0; i < counter->n_patterns; i++) add_name(&t->on, counter->patterns[i]);
	const aplomb_coverage_row row = {.state = "", .on = ended(&t->on), .to = counter->name, .label = label_of(t, counter->guard)};
	tell_answers(t, row, counter->guard, counter->place);
}

static void tell_state(telling *t, uint32_t number) {
	const apl_state *state = &t->program->chart->states[number];
	if (number > 0 && is_listed(state)) {
		tell(t,
		    (aplomb_coverage_row){
		        .what = APLOMB_COVERED_STATE, .state = state->path, .count = t->program->prepared->coverage->entered[number]},
		    state->place);
	}
	for (uint32_t i = 0; i < state->n_transitions; i++) tell_transition(t, state->first_transition + i);
	for (uint32_t i = 0; i < state->n_delays; i++) tell_delay(t, state->first_delay + i);
}

int apl_engine_coverage(apl_engine *engine, const apl_program *program, void (*row)(const aplomb_coverage_row *row, void *payload),
    void *payload, aplomb_error *error) {
	if (program->prepared->coverage == NULL) {
		return apl_fail(
		    error, APLOMB_EINVAL, "coverage-off", "aplomb_playbook_coverage: nothing was counted; set options.coverage before aplomb_open");
	}
	telling t = {.program = program, .row = row, .payload = payload};
	apl_buf_init(&t.on, &engine->alloc);
	apl_buf_init(&t.to, &engine->alloc);
	for (uint32_t i = 0; i < program->n_counters; i++) tell_counter(&t, &program->counters[i]);
	for (uint32_t s = 0; s < program->chart->n_states; s++) tell_state(&t, s);
	bool failed = t.on.failed || t.to.failed;
	apl_buf_dispose(&t.on);
	apl_buf_dispose(&t.to);
	return failed ? apl_fail_memory(error) : APLOMB_OK;
}
