/* SPDX-License-Identifier: MIT */
/*
 * Decides how a transition is described to people and programs: made once for a
 * program, when somebody first asks.
 */
#include "engine/watch.h"

static const char *join(apl_prepared *prepared, apl_buf *list) {
	const char *text = list->failed ? NULL : apl_arena_text(&prepared->described_texts, list->bytes, list->size);
	apl_buf_clear(list);
	return text;
}

static void add_name(apl_buf *list, const char *name) {
	if (list->size > 0) apl_buf_byte(list, ' ');
	apl_buf_text(list, name);
}

/* The delay that takes it; NULL: none does. */
static const apl_delay *delay_of(const apl_chart *chart, const apl_transition *transition) {
	if (!(transition->flags & APL_DELAYED) || transition->n_patterns == 0) return NULL;
	const apl_state *state = &chart->states[transition->source];
	for (uint32_t i = state->first_delay; i < state->first_delay + state->n_delays; i++)
		if (strcmp(chart->delays[i].name, chart->patterns[transition->first_pattern]) == 0) return &chart->delays[i];
	return NULL;
}

uint32_t apl_transition_delay(const apl_chart *chart, uint32_t number) {
	const apl_delay *delay = delay_of(chart, &chart->transitions[number]);
	return delay != NULL ? (uint32_t)(delay - chart->delays) : APL_NONE;
}

/* false: no memory. */
static bool describe(apl_prepared *prepared, uint32_t number, apl_buf *list, aplomb_transition *out) {
	const apl_program *program = prepared->program;
	const apl_chart *chart = program->chart;
	const apl_transition *transition = &chart->transitions[number];
	const apl_delay *delay = delay_of(chart, transition);
	*out = (aplomb_transition){.size = sizeof *out,
	    .number = number + 1,
	    .state = chart->states[transition->source].path,
	    .because = transition->because,
	    .defers = (transition->flags & APL_DEFERS) != 0,
	    .after = delay != NULL && delay->span == APL_NO_HANDLER && delay->kind != APL_DELAY_AT ? delay->span_us : -1,
	    .file = transition->place.file != NULL ? transition->place.file : "",
	    .line = transition->place.line,
	    .column = transition->place.column};
	if (transition->flags & APL_DELAYED) {
		out->on = delay != NULL ? apl_delay_word((apl_delay_kind)delay->kind) : "after";
	} else if (transition->flags & APL_EVENTLESS) {
		out->on = "always";
	} else {
		for (uint32_t i = 0; i < transition->n_patterns; i++) add_name(list, chart->patterns[transition->first_pattern + i]);
		out->on = join(prepared, list);
	}
	for (uint32_t i = 0; i < transition->n_targets; i++) add_name(list, chart->states[chart->targets[transition->first_target + i]].path);
	out->to = join(prepared, list);
	if (transition->guard != APL_NO_HANDLER && program->ops->label != NULL)
		out->when = program->ops->label(program->self, transition->guard);
	return out->on != NULL && out->to != NULL;
}

uint32_t apl_transitions_described(apl_engine *engine, const apl_program *program) {
	apl_prepared *prepared = program->prepared;
	const apl_chart *chart = program->chart;
	uint32_t count = 0;
	while (count < chart->n_transitions && !(chart->transitions[count].flags & APL_INITIAL)) count++;
	if (prepared->described != NULL || count == 0) return count;
	aplomb_transition *described = apl_new(&engine->alloc, chart->n_transitions * sizeof *described);
	if (described == NULL) return 0;
	apl_buf list;
	apl_buf_init(&list, &engine->alloc);
	bool has_all = true;
	for (uint32_t i = 0; i < count && has_all; i++) has_all = describe(prepared, i, &list, &described[i]);
	apl_buf_dispose(&list);
	if (!has_all) {
		apl_free(&engine->alloc, described, chart->n_transitions * sizeof *described);
		apl_arena_reset(&prepared->described_texts);
		return 0;
	}
	prepared->described = described;
	return count;
}

bool apl_transitions_describe(apl_engine *engine, const apl_program *program) {
	const apl_chart *chart = program->chart;
	bool has_some = chart->n_transitions > 0 && !(chart->transitions[0].flags & APL_INITIAL);
	return !has_some || apl_transitions_described(engine, program) > 0;
}

size_t apl_engine_transitions(
    apl_engine *engine, const apl_program *program, void (*tell)(const aplomb_transition *transition, void *payload), void *payload) {
	uint32_t count = apl_transitions_described(engine, program);
	for (uint32_t i = 0; i < count && tell != NULL; i++) {
		const aplomb_transition lent = program->prepared->described[i];
		tell(&lent, payload);
	}
	return count;
}
