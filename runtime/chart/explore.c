/* SPDX-License-Identifier: MIT */
/*
 * Decides what every exploration begins with: which states can be entered and
 * which can end; and tells of ends that are waited for and never come.
 */
#include "chart/explore.h"

#include <stdio.h>
#include <string.h>

#include "chart/exploring.h"

const char *apl_explore_who(apl_exploring *e, uint32_t number) {
	static const char *const words[] = {"state", "state", "parallel", "final", "history", "history"};
	const apl_state *state = &e->chart->states[number];
	apl_buf_clear(&e->who);
	apl_buf_text(&e->who, number == 0 ? "playbook" : words[state->kind]);
	APL_BUF_LITERAL(&e->who, " \"");
	apl_buf_text(&e->who, number == 0 ? state->id : state->path);
	APL_BUF_LITERAL(&e->who, "\"");
	const char *who = apl_buf_terminate(&e->who);
	if (e->who.failed) e->no_memory = true;
	return who;
}

bool apl_explore_is_new(apl_exploring *e, const char *slug, apl_place place) {
	if (place.line == 0) return true;
	apl_buf_clear(&e->who);
	apl_buf_format(&e->who, "%s %s:%u:%u", slug, place.file != NULL ? place.file : "", (unsigned)place.line, (unsigned)place.column);
	char *key = e->who.failed ? NULL : apl_arena_text(&e->kept, e->who.bytes, e->who.size);
	if (key == NULL) {
		e->no_memory = true;
		return false;
	}
	if (apl_map_get(&e->told, key, e->who.size) != NULL) return false;
	if (!apl_map_put(&e->told, key, e->who.size, key)) e->no_memory = true;
	return true;
}

const char *apl_explore_name(const apl_chart *chart, uint32_t state) {
	return state == 0 ? chart->states[0].id : chart->states[state].path;
}

uint32_t apl_explore_done(const apl_exploring *e, const char *pattern) {
	uintptr_t found = (uintptr_t)apl_map_get(&e->done, pattern, strlen(pattern));
	return found <= 1 ? APL_NONE : (uint32_t)(found - 1);
}

bool apl_explore_waits_for_ends(const apl_exploring *e, const apl_transition *transition) {
	for (uint32_t i = 0; i < transition->n_patterns; i++)
		if (apl_explore_done(e, e->chart->patterns[transition->first_pattern + i]) == APL_NONE) return false;
	return transition->n_patterns > 0;
}

uint32_t apl_explore_transitions_in(const apl_chart *chart, uint32_t state, uint32_t *first) {
	const apl_state *last = &chart->states[chart->states[state].end - 1];
	*first = chart->states[state].first_transition;
	return last->first_transition + last->n_transitions - *first;
}

/* The root ends the case and has no event; it is kept as one of several, that is, as none. */
static bool know_ends(apl_exploring *e) {
	const apl_chart *chart = e->chart;
	for (uint32_t i = 1; i < chart->n_states; i++) {
		if (chart->states[i].done_event < 0) continue;
		const apl_event_name *event = &chart->events[chart->states[i].done_event];
		uintptr_t value = apl_map_get(&e->done, event->name, event->size) == NULL && !event->declared ? (uintptr_t)i + 1 : 1;
		if (!apl_map_put(&e->done, event->name, event->size, (void *)value)) return false;
	}
	return true;
}

/* Children come before their parents here, for the numbers go down. */
static void find_ends(apl_exploring *e) {
	const apl_chart *chart = e->chart;
	for (uint32_t i = chart->n_states; i-- > 0;) {
		const apl_state *state = &chart->states[i];
		bool is_parallel = state->kind == APL_PARALLEL;
		e->ends[i] = e->reached[i] && (state->kind == APL_FINAL || is_parallel);
		if (state->kind != APL_COMPOUND && !is_parallel) continue;
		for (uint32_t child = state->first_child; child < state->end; child = chart->states[child].end) {
			if (apl_is_history(&chart->states[child])) continue;
			if (is_parallel)
				e->ends[i] = e->ends[i] && e->ends[child];
			else if (chart->states[child].kind == APL_FINAL && e->ends[child])
				e->ends[i] = true;
		}
	}
}

/* Why a state that does not end never does. */
static void tell_never(apl_exploring *e, const apl_transition *transition, const char *pattern, uint32_t state) {
	const apl_chart *chart = e->chart;
	char fact[2 * APL_MOST_ID + 64];
	const apl_state *of = &chart->states[state];
	if (!e->reached[state]) {
		snprintf(fact, sizeof fact, "nothing ever enters \"%.255s\"", of->id);
	} else {
		snprintf(fact, sizeof fact, "\"%.255s\" has no final", of->id);
		for (uint32_t child = of->first_child; child < of->end; child = chart->states[child].end) {
			if (apl_is_history(&chart->states[child]) || e->ends[child]) continue;
			if (of->kind == APL_PARALLEL)
				snprintf(fact, sizeof fact, "its region \"%.255s\" never ends", chart->states[child].id);
			else if (chart->states[child].kind == APL_FINAL)
				snprintf(fact, sizeof fact, "nothing ever enters its final \"%.255s\"", chart->states[child].id);
			else
				continue;
			break;
		}
	}
	apl_found(e->findings, APLOMB_WARNING, "done-never-comes", transition->place, "%s: \"%s\" never comes: %s",
	    apl_explore_who(e, transition->source), pattern, fact);
}

static void check_ends_waited_for(apl_exploring *e) {
	const apl_chart *chart = e->chart;
	const char *told = NULL; /* candidates of one `on` come one after the other */
	uint32_t told_of = APL_NONE;
	for (uint32_t i = 0; i < chart->n_transitions; i++) {
		const apl_transition *transition = &chart->transitions[i];
		if ((transition->flags & APL_INITIAL) != 0 || !e->reached[transition->source]) continue;
		for (uint32_t p = 0; p < transition->n_patterns; p++) {
			const char *pattern = chart->patterns[transition->first_pattern + p];
			uint32_t state = apl_explore_done(e, pattern);
			if (state == APL_NONE || e->ends[state]) continue;
			if (told_of == transition->source && strcmp(told, pattern) == 0) continue;
			if (!apl_explore_is_new(e, "done-never-comes", transition->place)) continue;
			tell_never(e, transition, pattern, state);
			told = pattern;
			told_of = transition->source;
		}
	}
}

bool apl_explore_is_waited_for(const apl_chart *chart, int32_t event) {
	for (uint32_t i = 0; i < chart->n_transitions && event >= 0; i++)
		if (apl_chart_listens(chart, &chart->transitions[i], event, chart->events[event].name, chart->events[event].size)) return true;
	return false;
}

static void check_children(apl_exploring *e) {
	const apl_chart *chart = e->chart;
	for (uint32_t i = 0; i < chart->n_invokes; i++) {
		const apl_invoke *invoke = &chart->invokes[i];
		if (!e->reached[invoke->state] || apl_explore_is_waited_for(chart, invoke->done)) continue;
		if (!apl_explore_is_new(e, "invoke-unheard", invoke->place)) continue;
		apl_found(e->findings, APLOMB_NOTE, "invoke-unheard", invoke->place,
		    "%s: nothing waits for the end of what it invokes: on \"done.invoke.%s\"", apl_explore_who(e, invoke->state), invoke->id);
	}
}

static void check_clocks(apl_exploring *e) {
	const apl_chart *chart = e->chart;
	for (uint32_t i = 0; i < chart->n_clocks; i++) {
		const apl_named_clock *clock = &chart->clocks[i];
		bool runs = false;
		for (uint32_t s = 0; s < chart->n_states && !runs; s++) runs = e->reached[s] && apl_set_has(clock->states, s);
		if (!runs)
			apl_found(e->findings, APLOMB_WARNING, "clock-never-runs", clock->place,
			    "clock \"%s\": nothing ever enters a state in which it runs", clock->name);
	}
}

static bool explore(apl_exploring *e) {
	size_t n = e->chart->n_states;
	e->reached = apl_arena_take(&e->work, n * sizeof *e->reached);
	e->ends = apl_arena_take(&e->work, n * sizeof *e->ends);
	e->dead = apl_arena_take(&e->work, n * sizeof *e->dead);
	if (e->reached == NULL || e->ends == NULL || e->dead == NULL) return false;
	memset(e->dead, 0, n * sizeof *e->dead);
	if (!apl_reach(e->chart, &e->work, e->reached) || !know_ends(e)) return false;
	find_ends(e);
	check_ends_waited_for(e);
	check_children(e);
	check_clocks(e);
	return apl_explore_ends(e) && apl_explore_waits(e) && apl_explore_order(e) && apl_explore_always(e);
}

bool apl_explore(const apl_chart *chart, const apl_explore_options *options, apl_findings *findings) {
	static const apl_explore_options nothing = {0};
	if (chart->n_states < 2) return true; /* no-children is told already */
	apl_exploring e = {.chart = chart, .options = options != NULL ? options : &nothing, .findings = findings};
	apl_arena_init(&e.work, &chart->alloc);
	apl_arena_init(&e.kept, &chart->alloc);
	apl_map_init(&e.done, &chart->alloc);
	apl_map_init(&e.told, &chart->alloc);
	apl_buf_init(&e.who, &chart->alloc);
	bool is_done = explore(&e) && !e.no_memory;
	apl_buf_dispose(&e.who);
	apl_map_dispose(&e.told);
	apl_map_dispose(&e.done);
	apl_arena_dispose(&e.kept);
	apl_arena_dispose(&e.work);
	return is_done;
}
