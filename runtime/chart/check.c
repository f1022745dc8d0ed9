/* SPDX-License-Identifier: MIT */
/*
 * Decides whether what was declared makes sense: what each kind of state may
 * have, which targets can be active together, which regions a transition would
 * leave, what can ever be entered. Names are resolved by now.
 */
#include <stdlib.h>
#include <string.h>

#include "chart/draft.h"

static bool is_history(const apl_state *state) {
	return state->kind == APL_HISTORY_SHALLOW || state->kind == APL_HISTORY_DEEP;
}

/* How a message names a state besides the one it is about. */
static const char *name_of(const apl_chart *chart, uint32_t state) {
	return state == 0 ? chart->states[0].id : chart->states[state].path;
}

static void tell(apl_finish *finish, const char *slug, uint32_t state, const char *fact) {
	apl_found(finish->findings, APLOMB_ERROR, slug, finish->chart->states[state].place, "%s: %s", apl_who(finish, state), fact);
}

static void check_shape(apl_finish *finish, uint32_t number) {
	const apl_draft_state *draft = &finish->builder->states[number];
	const apl_state *state = &finish->chart->states[number];
	bool has_children = draft->n_children + draft->n_histories > 0;
	switch ((apl_state_kind)state->kind) {
	case APL_FINAL:
		if (has_children) tell(finish, "final-with-children", number, "a final has no children");
		if (state->n_transitions + state->n_delays > 0)
			tell(finish, "final-with-transition", number, "a final takes no events; nothing leads out of it");
		if (finish->chart->states[state->parent].kind == APL_PARALLEL)
			tell(finish, "final-in-parallel", number, "a parallel ends when all its regions have ended; put the final into a region");
		break;
	case APL_HISTORY_SHALLOW:
	case APL_HISTORY_DEEP:
		if (has_children || state->n_transitions + state->n_delays + state->n_entry + state->n_exit > 0)
			tell(finish, "history-with-content", number, "a history has a default and nothing else");
		if (draft->initial == NULL)
			tell(finish, "history-without-default", number, "say with default where to go when there is nothing to remember");
		return;
	case APL_PARALLEL:
		if (draft->n_children == 0) tell(finish, "empty-parallel", number, "a parallel has regions; this one has none");
		break;
	case APL_ATOMIC:
		if (number == 0)
			apl_found(
			    finish->findings, APLOMB_WARNING, "no-children", state->place, "%s: there are no states in it", apl_who(finish, number));
		break;
	case APL_COMPOUND: return;
	}
	if (draft->initial != NULL)
		apl_found(finish->findings, APLOMB_ERROR, "initial-not-compound", draft->initial_place,
		    "%s: initial \"%s\" is for a state that has children, one of them active", apl_who(finish, number), draft->initial);
}

static int by_number(const void *left, const void *right) {
	uint32_t a = *(const uint32_t *)left;
	uint32_t b = *(const uint32_t *)right;
	return (a > b) - (a < b);
}

/* Where a target puts the case, for legality: a history anywhere in its parent. */
static uint32_t stands_for(const apl_chart *chart, uint32_t target) {
	return is_history(&chart->states[target]) ? chart->states[target].parent : target;
}

static bool can_be_together(const apl_chart *chart, uint32_t a, uint32_t b) {
	uint32_t common = a;
	while (b != common && !apl_chart_is_descendant(chart, b, common)) common = chart->states[common].parent;
	return common != a && common != b && chart->states[common].kind == APL_PARALLEL;
}

/*
 * A legal state specification (SCXML 3.11): no two targets one inside the
 * other, every two in different regions. In document order neighbours are
 * enough: the common ancestor of the outer two of three is that of one of the pairs.
 */
static bool check_together(apl_finish *finish, const apl_transition *transition) {
	const apl_chart *chart = finish->chart;
	const uint32_t *targets = chart->targets + transition->first_target;
	uint32_t count = transition->n_targets;
	if (count < 2) return true;
	apl_arena_mark mark = apl_arena_here(&finish->work);
	uint32_t *places = apl_arena_take(&finish->work, count * sizeof *places);
	if (places == NULL) return false;
	for (uint32_t i = 0; i < count; i++) places[i] = stands_for(chart, targets[i]);
	qsort(places, count, sizeof *places, by_number);
	for (uint32_t i = 1; i < count; i++) {
		if (can_be_together(chart, places[i - 1], places[i])) continue;
		apl_found(finish->findings, APLOMB_ERROR, "target-not-legal", finish->target_places[transition->first_target],
		    "%s: it cannot be in \"%s\" and in \"%s\" at the same time", apl_who(finish, transition->source), name_of(chart, places[i - 1]),
		    name_of(chart, places[i]));
		break;
	}
	apl_arena_rewind(&finish->work, mark);
	return true;
}

/* A default that is another history of the same state could lead back and forth for ever. */
static void check_default(apl_finish *finish, const apl_transition *transition) {
	const apl_chart *chart = finish->chart;
	const apl_state *source = &chart->states[transition->source];
	if (!is_history(source)) return;
	for (uint32_t i = 0; i < transition->n_targets; i++) {
		const apl_state *target = &chart->states[chart->targets[transition->first_target + i]];
		if (is_history(target) && target->parent == source->parent)
			apl_found(finish->findings, APLOMB_ERROR, "target-not-legal", finish->target_places[transition->first_target + i],
			    "%s: default \"%s\" is a history of the same state; name a state", apl_who(finish, transition->source), target->id);
	}
}

static void check_deferring(apl_finish *finish, const apl_transition *transition) {
	const apl_draft_transition *draft = finish->drafts[transition - finish->chart->transitions];
	if ((transition->flags & APL_DEFERS) == 0) return;
	const char *fact = NULL;
	if ((transition->flags & (APL_EVENTLESS | APL_DELAYED)) != 0)
		fact = "only an event can be deferred";
	else if (transition->n_targets > 0 || transition->block != APL_NO_HANDLER)
		fact = "a deferred event waits; it has neither target nor action";
	if (fact != NULL)
		apl_found(
		    finish->findings, APLOMB_ERROR, "bad-defer", draft->options.defer_place, "%s: %s", apl_who(finish, transition->source), fact);
}

/*
 * A region is a child of a parallel. What a region's states carry stays inside:
 * SCXML would leave all regions for any other target, and for every external
 * transition that the region itself carries. The latter is what an author
 * means least when the target is inside, so there it is made internal.
 */
static void check_region(apl_finish *finish, apl_transition *transition) {
	const apl_chart *chart = finish->chart;
	uint32_t region = transition->source;
	while (region != 0 && chart->states[chart->states[region].parent].kind != APL_PARALLEL) region = chart->states[region].parent;
	if (region == 0 || transition->n_targets == 0) return;
	bool stays = transition->source != region || chart->states[region].kind == APL_COMPOUND;
	for (uint32_t i = 0; i < transition->n_targets; i++) {
		uint32_t target = chart->targets[transition->first_target + i];
		if (stays && apl_chart_is_descendant(chart, target, region)) continue;
		const char *parallel = name_of(chart, chart->states[region].parent);
		apl_found(finish->findings, APLOMB_ERROR, "cross-region-target", finish->target_places[transition->first_target + i],
		    "%s: target \"%s\" is reached only by leaving all regions of \"%s\"; carry the transition on \"%s\", or let the regions speak "
		    "through events",
		    apl_who(finish, transition->source), chart->states[target].path, parallel, parallel);
		return;
	}
	if (transition->source == region) transition->flags |= APL_INTERNAL;
}

/* Follows every transition there is, whatever its guard, so a warning is always true. */
static bool check_reach(apl_finish *finish) {
	const apl_chart *chart = finish->chart;
	bool *entered = apl_arena_take(&finish->work, chart->n_states * sizeof *entered);
	if (entered == NULL || !apl_reach(chart, &finish->work, entered)) return false;
	for (uint32_t i = 1; i < chart->n_states; i++)
		if (!entered[i] && entered[chart->states[i].parent])
			apl_found(finish->findings, APLOMB_WARNING, "unreachable-state", chart->states[i].place,
			    "%s: nothing ever enters it: no transition, initial or default leads here", apl_who(finish, i));
	return true;
}

/* The id is in the names of events, so it has to say which child is meant. */
static bool check_invokes(apl_finish *finish) {
	const apl_chart *chart = finish->chart;
	apl_map ids;
	apl_map_init(&ids, &finish->builder->alloc);
	bool has_memory = true;
	for (uint32_t i = 0; i < chart->n_invokes && has_memory; i++) {
		const apl_invoke *invoke = &chart->invokes[i];
		uint32_t first = apl_number_get(&ids, invoke->id, strlen(invoke->id));
		if (first != APL_NONE)
			apl_found(finish->findings, APLOMB_ERROR, "duplicate-invoke", invoke->place,
			    "%s: an invoke of the id \"%s\" is there already, in line %u; give one of them another id", apl_who(finish, invoke->state),
			    invoke->id, (unsigned)chart->invokes[first].place.line);
		else
			has_memory = apl_number_put(&ids, invoke->id, strlen(invoke->id), i);
	}
	apl_map_dispose(&ids);
	return has_memory;
}

bool apl_check(apl_finish *finish) {
	const apl_chart *chart = finish->chart;
	for (uint32_t i = 0; i < chart->n_states; i++) check_shape(finish, i);
	if (!check_invokes(finish)) return false;
	for (uint32_t i = 0; i < chart->n_transitions; i++) {
		apl_transition *transition = &chart->transitions[i];
		if (!check_together(finish, transition)) return false;
		if (i >= finish->n_regular)
			check_default(finish, transition);
		else
			check_deferring(finish, transition);
		if (i < finish->n_regular && !finish->builder->free_targets) check_region(finish, transition);
	}
	/* With names unresolved, or declarations refused before they came here, much would seem out of reach. */
	return finish->findings->errors > 0 || check_reach(finish);
}
