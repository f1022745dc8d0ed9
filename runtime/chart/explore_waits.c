/* SPDX-License-Identifier: MIT */
/*
 * Decides where a case waits for somebody and nothing says for how long.
 *
 * A state waits when it is a leaf that some event leads out of. It has a clock when
 * it or a state around it has a delay, or a named clock runs there and somebody listens to it; so has a leaf of a parallel while another
 * region surely has one. Whether two regions can be without at the same time is not
 * searched for: when each can be without, all can. Then the region is told
 * about that knows most of time, for one clock there is enough.
 *
 * What always moves on by itself waits for nobody. Nothing is owed where a case begins, so the leaves that it begins in may wait for
 * ever; so may what says why it `rests`. Delays of which an action might be the
 * maker (case:send with after) are not seen: then nothing is told at all.
 */
#include <string.h>

#include "chart/exploring.h"

typedef struct waits {
	apl_exploring *e;
	bool *can_be_without; /* [state]: it may be active with no clock in it, and nothing that says why */
	bool *is_first;       /* [state]: a case begins in it */
	bool *is_timed;       /* [state]: a clock runs in it that somebody listens to */
	uint32_t *delays_before;
} waits;

static uint32_t delays_in(const waits *w, uint32_t state) {
	return w->delays_before[w->e->chart->states[state].end] - w->delays_before[state];
}

static bool has_answer(const waits *w, uint32_t number) {
	const apl_state *state = &w->e->chart->states[number];
	return state->n_delays > 0 || state->rests != NULL || w->is_timed[number];
}

/* Is there any such state? */
static bool find_timed(waits *w) {
	const apl_chart *chart = w->e->chart;
	bool any = false;
	for (uint32_t i = 0; i < chart->n_clocks; i++) {
		const apl_named_clock *clock = &chart->clocks[i];
		if (!apl_explore_is_waited_for(chart, clock->warning) && !apl_explore_is_waited_for(chart, clock->breached)) continue;
		for (uint32_t s = 1; s < chart->n_states; s++) w->is_timed[s] = w->is_timed[s] || apl_set_has(clock->states, s);
		any = true;
	}
	return any;
}

/* Some eventless transition of the leaf, or of a state around it, has no guard. */
static bool moves_on(const apl_chart *chart, uint32_t leaf) {
	for (uint32_t s = leaf; s != APL_NONE; s = chart->eventless[s].up)
		for (uint32_t i = 0; i < chart->eventless[s].count; i++)
			if (chart->transitions[chart->candidates[chart->eventless[s].first + i]].guard == APL_NO_HANDLER) return true;
	return false;
}

/* Where a case begins: defaults, and what they name. */
static void begin_in(waits *w, uint32_t number) {
	const apl_chart *chart = w->e->chart;
	const apl_state *state = &chart->states[number];
	w->is_first[number] = true;
	if (state->kind == APL_COMPOUND || apl_is_history(state)) {
		const apl_transition *initial = &chart->transitions[state->initial];
		for (uint32_t i = 0; i < initial->n_targets; i++) {
			uint32_t target = chart->targets[initial->first_target + i];
			for (uint32_t s = chart->states[target].parent; s != number && s != APL_NONE && !w->is_first[s]; s = chart->states[s].parent)
				w->is_first[s] = true;
			begin_in(w, target);
		}
	}
	if (state->kind != APL_PARALLEL) return;
	for (uint32_t child = state->first_child; child < state->end; child = chart->states[child].end)
		if (!apl_is_history(&chart->states[child])) begin_in(w, child);
}

/* Children come before their parents here. A final says nothing about what goes on beside it: then nothing is told. */
static void find_those_without(waits *w) {
	const apl_chart *chart = w->e->chart;
	for (uint32_t i = chart->n_states; i-- > 0;) {
		const apl_state *state = &chart->states[i];
		w->can_be_without[i] = false;
		if (has_answer(w, i) || !w->e->reached[i]) continue;
		if (state->kind == APL_ATOMIC) w->can_be_without[i] = !moves_on(chart, i);
		if (state->kind == APL_PARALLEL) w->can_be_without[i] = true;
		if (state->kind != APL_PARALLEL && state->kind != APL_COMPOUND) continue;
		for (uint32_t child = state->first_child; child < state->end; child = chart->states[child].end) {
			if (apl_is_history(&chart->states[child])) continue;
			if (state->kind == APL_PARALLEL)
				w->can_be_without[i] = w->can_be_without[i] && w->can_be_without[child];
			else
				w->can_be_without[i] = w->can_be_without[i] || w->can_be_without[child];
		}
	}
}

/* Some event of the outside leads out of the leaf. */
static bool waits_for_somebody(const waits *w, uint32_t leaf) {
	const apl_exploring *e = w->e;
	const apl_chart *chart = e->chart;
	if (e->dead[leaf]) return false;
	for (uint32_t s = leaf; s != APL_NONE; s = chart->states[s].parent) {
		const apl_state *state = &chart->states[s];
		for (uint32_t i = 0; i < state->n_transitions; i++) {
			const apl_transition *transition = &chart->transitions[state->first_transition + i];
			if (transition->n_targets > 0 && (transition->flags & (APL_EVENTLESS | APL_DELAYED)) == 0 &&
			    !apl_explore_waits_for_ends(e, transition))
				return true;
		}
	}
	return false;
}

static void look_into(waits *w, uint32_t number) {
	apl_exploring *e = w->e;
	const apl_chart *chart = e->chart;
	const apl_state *state = &chart->states[number];
	if (!w->can_be_without[number]) return;
	if (state->kind == APL_ATOMIC) {
		if (w->is_first[number] || !waits_for_somebody(w, number) || !apl_explore_is_new(e, "waits-without-clock", state->place)) return;
		apl_found(e->findings, APLOMB_WARNING, "waits-without-clock", state->place,
		    "%s: it waits for somebody, and nothing happens when nobody comes; give it an after, or say with rests why nothing is due here",
		    apl_explore_who(e, number));
		return;
	}
	uint32_t most = APL_NONE;
	for (uint32_t child = state->first_child; child < state->end; child = chart->states[child].end) {
		if (apl_is_history(&chart->states[child])) continue;
		if (state->kind == APL_COMPOUND)
			look_into(w, child);
		else if (most == APL_NONE || delays_in(w, child) > delays_in(w, most))
			most = child;
	}
	if (most != APL_NONE) look_into(w, most);
}

bool apl_explore_waits(apl_exploring *e) {
	const apl_chart *chart = e->chart;
	waits w = {.e = e};
	if (e->options->has_other_clocks) return true;
	w.can_be_without = apl_arena_take(&e->work, chart->n_states);
	w.is_first = apl_arena_take(&e->work, chart->n_states);
	w.delays_before = apl_arena_take(&e->work, ((size_t)chart->n_states + 1) * sizeof *w.delays_before);
	w.is_timed = apl_arena_take(&e->work, chart->n_states);
	if (w.can_be_without == NULL || w.is_first == NULL || w.is_timed == NULL || w.delays_before == NULL) return false;
	memset(w.is_first, 0, chart->n_states);
	memset(w.is_timed, 0, chart->n_states);
	const bool has_timed = find_timed(&w);
	w.delays_before[0] = 0;
	for (uint32_t i = 0; i < chart->n_states; i++) w.delays_before[i + 1] = w.delays_before[i] + chart->states[i].n_delays;
	begin_in(&w, 0);
	find_those_without(&w);
	if (chart->n_delays > 0 || has_timed) {
		look_into(&w, 0);
		return true;
	}
	for (uint32_t i = 1; i < chart->n_states; i++) {
		if (chart->states[i].kind != APL_ATOMIC || !w.can_be_without[i] || w.is_first[i] || !waits_for_somebody(&w, i)) continue;
		apl_found(e->findings, APLOMB_NOTE, "waits-without-clock", chart->states[0].place,
		    "%s: no state has a clock: the case waits for people, however long they take", apl_explore_who(e, 0));
		break;
	}
	return true;
}
