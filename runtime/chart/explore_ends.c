/* SPDX-License-Identifier: MIT */
/*
 * Decides from where a case cannot end: states in which nothing can happen any
 * more, and states from which no final of the root is reached.
 *
 * Four questions are asked of each state, and linked to what they depend on:
 *
 *   while it is active, does some transition of it or around it lead on?
 *   does entering it lead on?
 *   does some leaf in it lead on? (histories go to any)
 *   does its end lead on?
 *
 * "On" is to a final of the root. What is left with "no" is searched for circles; of
 * those that lead one into another only the last is the cause and is told.
 */
#include <string.h>

#include "chart/exploring.h"

enum { WHILE_ACTIVE, ON_ENTRY, ANYWHERE_IN, AT_END, QUESTIONS };

/* Region and region that hears of its end: beyond so many, the parallel hears of it, which makes more possible. */
enum { MOST_HEARERS = 1 << 20 };

typedef struct endings {
	apl_exploring *e;
	apl_graph graph;
	bool *is_heard;    /* [state]: something waits for its end, which comes */
	bool *leads_on;    /* [node] */
	bool *has_a_way;   /* [state]: something can happen while it is active */
	uint32_t *held_by; /* [state]: the circle that all its leaves are in; NOBODY, or SEVERAL */
	uint32_t n_hearers;
} endings;

/* An enumerator would have to be an int. */
#define NOBODY UINT32_MAX
#define SEVERAL (UINT32_MAX - 1)

static uint32_t node(uint32_t state, unsigned question) {
	return state * QUESTIONS + question;
}

static bool link_nodes(endings *s, uint32_t from, unsigned question, uint32_t to, unsigned answer) {
	return apl_graph_add(&s->graph, node(from, question), node(to, answer));
}

static bool link_targets(endings *s, uint32_t from, unsigned question, const apl_transition *transition) {
	for (uint32_t i = 0; i < transition->n_targets; i++)
		if (!link_nodes(s, from, question, s->e->chart->targets[transition->first_target + i], ON_ENTRY)) return false;
	return true;
}

/* A target beyond a region takes along whatever is active in the others; only imported charts have such. */
static bool link_crossing(endings *s, uint32_t state, const apl_transition *transition) {
	const apl_chart *chart = s->e->chart;
	for (uint32_t region = state; region != 0; region = chart->states[region].parent) {
		if (chart->states[chart->states[region].parent].kind != APL_PARALLEL) continue;
		bool crosses = false;
		for (uint32_t i = 0; i < transition->n_targets; i++)
			crosses = crosses || !apl_chart_is_descendant(chart, chart->targets[transition->first_target + i], region);
		crosses = crosses || (transition->n_targets > 0 && state == region);
		if (crosses && !link_targets(s, chart->states[region].parent, WHILE_ACTIVE, transition)) return false;
	}
	return true;
}

static bool link_transition(endings *s, uint32_t state, const apl_transition *transition) {
	const apl_chart *chart = s->e->chart;
	if (!link_crossing(s, state, transition)) return false;
	if (!apl_explore_waits_for_ends(s->e, transition)) return link_targets(s, state, WHILE_ACTIVE, transition);
	for (uint32_t i = 0; i < transition->n_patterns; i++) {
		uint32_t ended = apl_explore_done(s->e, chart->patterns[transition->first_pattern + i]);
		if (!s->e->ends[ended]) continue;
		s->is_heard[ended] = true;
		if (!link_targets(s, ended, AT_END, transition)) return false;
	}
	return true;
}

/* Entering it. */
static bool link_entry(endings *s, uint32_t number) {
	const apl_chart *chart = s->e->chart;
	const apl_state *state = &chart->states[number];
	switch ((apl_state_kind)state->kind) {
	case APL_ATOMIC:
	case APL_FINAL: return link_nodes(s, number, ON_ENTRY, number, WHILE_ACTIVE);
	case APL_COMPOUND: return link_targets(s, number, ON_ENTRY, &chart->transitions[state->initial]);
	case APL_HISTORY_SHALLOW:
	case APL_HISTORY_DEEP:
		return link_targets(s, number, ON_ENTRY, &chart->transitions[state->initial]) &&
		       link_nodes(s, number, ON_ENTRY, state->parent, ANYWHERE_IN);
	case APL_PARALLEL: break;
	}
	for (uint32_t child = state->first_child; child < state->end; child = chart->states[child].end)
		if (!apl_is_history(&chart->states[child]) && !link_nodes(s, number, ON_ENTRY, child, ON_ENTRY)) return false;
	return true;
}

static bool link_state(endings *s, uint32_t number) {
	const apl_chart *chart = s->e->chart;
	const apl_state *state = &chart->states[number];
	if (!link_entry(s, number)) return false;
	if (apl_is_history(state)) return true;
	for (uint32_t i = 0; i < state->n_transitions; i++)
		if (!link_transition(s, number, &chart->transitions[state->first_transition + i])) return false;
	if (apl_is_leaf(state) && !link_nodes(s, number, ANYWHERE_IN, number, WHILE_ACTIVE)) return false;
	if (number == 0) return true;
	if (state->kind == APL_FINAL && !link_nodes(s, number, WHILE_ACTIVE, state->parent, AT_END)) return false;
	/* The end of a region may be the last that its parallel waits for. */
	if (chart->states[state->parent].kind == APL_PARALLEL && !link_nodes(s, number, AT_END, state->parent, AT_END)) return false;
	return link_nodes(s, number, WHILE_ACTIVE, state->parent, WHILE_ACTIVE) &&
	       link_nodes(s, state->parent, ANYWHERE_IN, number, ANYWHERE_IN);
}

/* While other regions stand somewhere, this state's end may come and be heard. */
static bool link_hearers(endings *s, uint32_t ended) {
	const apl_chart *chart = s->e->chart;
	for (uint32_t inner = ended; inner != 0; inner = chart->states[inner].parent) {
		uint32_t parallel = chart->states[inner].parent;
		if (chart->states[parallel].kind != APL_PARALLEL) continue;
		if (s->n_hearers >= MOST_HEARERS) {
			if (!link_nodes(s, parallel, WHILE_ACTIVE, ended, AT_END)) return false;
			continue;
		}
		for (uint32_t region = parallel + 1; region < chart->states[parallel].end; region = chart->states[region].end) {
			if (region == inner || apl_is_history(&chart->states[region])) continue;
			s->n_hearers++;
			if (!link_nodes(s, region, WHILE_ACTIVE, ended, AT_END)) return false;
		}
	}
	return true;
}

static bool link_all(endings *s) {
	const apl_chart *chart = s->e->chart;
	for (uint32_t i = 0; i < chart->n_states; i++)
		if (s->e->reached[i] && !link_state(s, i)) return false;
	for (uint32_t i = 1; i < chart->n_states; i++)
		if (s->is_heard[i] && !link_hearers(s, i)) return false;
	return true;
}

/* Back from the root's end along all links. */
static bool find_what_leads_on(endings *s) {
	uint32_t *queue = apl_arena_take(&s->e->work, s->graph.n_nodes * sizeof *queue);
	uint32_t count = 0;
	if (queue == NULL || !apl_graph_seal(&s->graph, true)) return false;
	if (s->e->ends[0]) {
		s->leads_on[node(0, AT_END)] = true;
		queue[count++] = node(0, AT_END);
	}
	for (uint32_t next = 0; next < count; next++) {
		uint32_t at = queue[next];
		for (uint32_t i = s->graph.first[at]; i < s->graph.first[at + 1]; i++) {
			uint32_t from = s->graph.to[i];
			if (s->leads_on[from]) continue;
			s->leads_on[from] = true;
			queue[count++] = from;
		}
	}
	return true;
}

/* ---- dead ends -------------------------------------------------------------- */

/* Can something happen while the state itself is active, leaving out what stands around it? */
static bool has_own_way(const apl_exploring *e, const apl_state *state) {
	for (uint32_t i = 0; i < state->n_transitions; i++)
		if (!apl_explore_waits_for_ends(e, &e->chart->transitions[state->first_transition + i])) return true;
	return false;
}

static bool is_end_heard(const endings *s, uint32_t final) {
	const apl_chart *chart = s->e->chart;
	for (uint32_t ended = chart->states[final].parent; ended != 0; ended = chart->states[ended].parent) {
		if (s->is_heard[ended]) return true;
		if (chart->states[chart->states[ended].parent].kind != APL_PARALLEL) return false;
	}
	return true; /* the case ends */
}

static bool find_ways(endings *s) {
	apl_exploring *e = s->e;
	const apl_chart *chart = e->chart;
	/* How many ends are heard in the states before. */
	uint32_t *heard_before = apl_arena_take(&e->work, ((size_t)chart->n_states + 1) * sizeof *heard_before);
	if (heard_before == NULL) return false;
	heard_before[0] = 0;
	for (uint32_t i = 0; i < chart->n_states; i++) heard_before[i + 1] = heard_before[i] + s->is_heard[i];
	for (uint32_t i = 0; i < chart->n_states; i++) {
		const apl_state *state = &chart->states[i];
		s->has_a_way[i] = has_own_way(e, state) || (i != 0 && s->has_a_way[state->parent]);
		if (i == 0 || s->has_a_way[i] || chart->states[state->parent].kind != APL_PARALLEL) continue;
		uint32_t first;
		uint32_t parallel = state->parent;
		uint32_t others = apl_explore_transitions_in(chart, parallel, &first) - apl_explore_transitions_in(chart, i, &first) -
		                  chart->states[parallel].n_transitions;
		uint32_t heard = heard_before[chart->states[parallel].end] - heard_before[parallel + 1];
		heard -= heard_before[state->end] - heard_before[i];
		s->has_a_way[i] = others + heard > 0;
	}
	return true;
}

static void tell_dead(endings *s, uint32_t number) {
	apl_exploring *e = s->e;
	const apl_state *state = &e->chart->states[number];
	if (state->kind == APL_FINAL)
		apl_found(e->findings, APLOMB_WARNING, "dead-end", state->place,
		    "%s: it ends \"%s\", and nothing waits for that: the case stays here for ever; give \"%s\" an on \"done.state.%s\"",
		    apl_explore_who(e, number), apl_explore_name(e->chart, state->parent), apl_explore_name(e->chart, state->parent),
		    e->chart->states[state->parent].id);
	else
		apl_found(e->findings, APLOMB_WARNING, "dead-end", state->place,
		    "%s: nothing can happen here any more, and the case stays open for ever; lead somewhere from it, or make it a final",
		    apl_explore_who(e, number));
}

/* Told at the outermost states all of whose leaves are dead. */
static bool check_dead_ends(endings *s) {
	apl_exploring *e = s->e;
	const apl_chart *chart = e->chart;
	uint32_t first;
	if (apl_explore_transitions_in(chart, 0, &first) == 0) {
		/* Whoever writes down states alone has only begun. */
		apl_found(e->findings, APLOMB_NOTE, "dead-end", chart->states[0].place,
		    "%s: nothing can ever happen in it: no state has a transition", apl_explore_who(e, 0));
		for (uint32_t i = 1; i < chart->n_states; i++) e->dead[i] = apl_is_leaf(&chart->states[i]) && e->reached[i];
		return true;
	}
	bool *alive = apl_arena_take(&e->work, chart->n_states * sizeof *alive); /* some leaf in it is not dead */
	if (alive == NULL || !find_ways(s)) return false;
	memset(alive, 0, chart->n_states * sizeof *alive);
	for (uint32_t i = chart->n_states; i-- > 1;) {
		const apl_state *state = &chart->states[i];
		if (apl_is_leaf(state) && e->reached[i]) {
			bool is_final = state->kind == APL_FINAL;
			e->dead[i] = !s->has_a_way[i] && !(is_final && is_end_heard(s, i));
			alive[i] = !e->dead[i];
		}
		if (alive[i]) alive[state->parent] = true;
	}
	for (uint32_t i = 1; i < chart->n_states; i++) {
		const apl_state *state = &chart->states[i];
		if (!e->reached[i] || alive[i] || apl_is_history(state)) continue;
		if (!apl_is_leaf(state)) { /* a state in which nothing ever is has no leaves to be dead */
			uint32_t leaf = i + 1;
			while (leaf < state->end && !e->dead[leaf]) leaf++;
			if (leaf == state->end) continue;
		}
		if (apl_explore_is_new(e, "dead-end", state->place)) tell_dead(s, i);
		i = state->end - 1;
	}
	return true;
}

/* ---- circles ------------------------------------------------------------------ */

/* Of each circle of leaves: does it lead to another? [order] are nodes by component. */
static bool find_last_circles(endings *s, const uint32_t *component, uint32_t n, bool *has_leaf, bool *leads) {
	const apl_exploring *e = s->e;
	const apl_chart *chart = e->chart;
	uint32_t n_nodes = s->graph.n_nodes;
	uint32_t *first = apl_arena_take(&s->e->work, ((size_t)n + 1) * sizeof *first);
	uint32_t *order = apl_arena_take(&s->e->work, n_nodes * sizeof *order);
	if (first == NULL || order == NULL) return false;
	memset(first, 0, ((size_t)n + 1) * sizeof *first);
	memset(has_leaf, 0, n);
	memset(leads, 0, n);
	for (uint32_t i = 0; i < n_nodes; i++)
		if (component[i] != APL_NONE) first[component[i] + 1]++;
	for (uint32_t i = 0; i < n; i++) first[i + 1] += first[i];
	for (uint32_t i = n_nodes; i-- > 0;)
		if (component[i] != APL_NONE) order[--first[component[i] + 1]] = i;
	uint32_t total = 0;
	for (uint32_t i = 0; i < n_nodes; i++) total += component[i] != APL_NONE;
	for (uint32_t i = 0; i < chart->n_states; i++)
		if (e->reached[i] && apl_is_leaf(&chart->states[i]) && component[node(i, WHILE_ACTIVE)] != APL_NONE)
			has_leaf[component[node(i, WHILE_ACTIVE)]] = true;
	for (uint32_t i = 0; i < total; i++) {
		uint32_t own = component[order[i]];
		for (uint32_t k = s->graph.first[order[i]]; k < s->graph.first[order[i] + 1]; k++) {
			uint32_t to = component[s->graph.to[k]];
			if (to != APL_NONE && to != own && (has_leaf[to] || leads[to])) leads[own] = true;
		}
	}
	return true;
}

static uint32_t holder_of_leaf(const endings *s, uint32_t number, const uint32_t *component, const bool *leads) {
	if (!s->e->reached[number]) return NOBODY;
	uint32_t own = component[node(number, WHILE_ACTIVE)];
	return own == APL_NONE || leads[own] ? SEVERAL : own;
}

/* [own]: holder of all of a state's leaves so far, and of one more of its children. */
static uint32_t join_holders(uint32_t own, uint32_t childs) {
	if (own == NOBODY || own == childs) return childs;
	return childs == NOBODY ? own : SEVERAL;
}

/* Told at the outermost state all of whose leaves are in one circle; at the first one, when there are several. */
static bool check_circles(endings *s) {
	apl_exploring *e = s->e;
	const apl_chart *chart = e->chart;
	uint32_t n;
	uint32_t *component = apl_arena_take(&e->work, s->graph.n_nodes * sizeof *component);
	if (component == NULL || !apl_graph_seal(&s->graph, false) || !apl_graph_components(&s->graph, s->leads_on, component, &n))
		return false;
	bool *has_leaf = apl_arena_take(&e->work, n);
	bool *leads = apl_arena_take(&e->work, n);
	bool *is_told = apl_arena_take(&e->work, n);
	s->held_by = apl_arena_take(&e->work, chart->n_states * sizeof *s->held_by);
	if (has_leaf == NULL || leads == NULL || is_told == NULL || s->held_by == NULL) return false;
	if (!find_last_circles(s, component, n, has_leaf, leads)) return false;
	memset(is_told, 0, n);
	for (uint32_t i = chart->n_states; i-- > 0;) s->held_by[i] = NOBODY;
	for (uint32_t i = chart->n_states; i-- > 0;) {
		const apl_state *state = &chart->states[i];
		if (apl_is_leaf(state)) s->held_by[i] = holder_of_leaf(s, i, component, leads);
		if (e->dead[i] && s->held_by[i] < n) is_told[s->held_by[i]] = true; /* as a dead end, which says more */
		if (i > 0) s->held_by[state->parent] = join_holders(s->held_by[state->parent], s->held_by[i]);
	}
	for (uint32_t i = 0; i < chart->n_states; i++) {
		uint32_t holder = s->held_by[i];
		if (holder == NOBODY || holder == SEVERAL || is_told[holder]) continue;
		is_told[holder] = true;
		if (!apl_explore_is_new(e, "no-way-to-final", chart->states[i].place)) continue;
		apl_found(e->findings, APLOMB_WARNING, "no-way-to-final", chart->states[i].place,
		    "%s: no way leads from here to a final of the playbook: a case that comes here never ends", apl_explore_who(e, i));
	}
	return true;
}

static void tell_no_final(apl_exploring *e) {
	const apl_chart *chart = e->chart;
	const apl_state *root = &chart->states[0];
	const char *fact = "it has no final";
	for (uint32_t child = 1; child < root->end; child = chart->states[child].end)
		if (chart->states[child].kind == APL_FINAL) fact = "nothing leads to a final of it";
	if (root->kind == APL_PARALLEL) fact = "not all of its regions end";
	apl_found(e->findings, APLOMB_NOTE, "no-final", root->place, "%s: %s, so its cases stay open for ever", apl_explore_who(e, 0), fact);
}

bool apl_explore_ends(apl_exploring *e) {
	uint32_t n = e->chart->n_states;
	endings s = {.e = e};
	apl_graph_init(&s.graph, &e->work, n * QUESTIONS);
	s.is_heard = apl_arena_take(&e->work, n);
	s.has_a_way = apl_arena_take(&e->work, n);
	s.leads_on = apl_arena_take(&e->work, (size_t)n * QUESTIONS);
	bool is_done = false;
	if (s.is_heard == NULL || s.has_a_way == NULL || s.leads_on == NULL) goto done;
	memset(s.is_heard, 0, n);
	memset(s.leads_on, 0, (size_t)n * QUESTIONS);
	if (!link_all(&s) || !find_what_leads_on(&s) || !check_dead_ends(&s)) goto done;
	if (!e->ends[0])
		tell_no_final(e);
	else if (!check_circles(&s))
		goto done;
	is_done = true;
done:
	apl_graph_dispose(&s.graph);
	return is_done;
}
