/* SPDX-License-Identifier: MIT */
/*
 * Decides which transitions are never taken because of the order in which
 * candidates are asked: an earlier one of the same state takes the event every
 * time, or one further in does so in every state around which this one stands.
 *
 * A transition takes an event every time when it has no guard; and it takes it from
 * a later one with the same guard. One that defers does neither: events that are
 * raised inside pass it by.
 */
#include <stdio.h>
#include <string.h>

#include "chart/exploring.h"

/* Looks at inner states for outer transitions, in all: a chart that needs more is looked at no further. */
enum { MOST_LOOKS = 1 << 22 };

typedef struct order {
	apl_exploring *e;
	apl_map first; /* descriptor, or "\1guard\1descriptor" → number + 1 of the first transition of the state with it */
	apl_buf key;
	uint64_t looks;
} order;

/* What eventless transitions are looked up by: no event has this name. */
static const char *const ALWAYS = "\2";

static bool takes_every_time(const apl_transition *transition) {
	return transition->guard == APL_NO_HANDLER && (transition->flags & APL_DEFERS) == 0;
}

/* ---- in one state -------------------------------------------------------------- */

static uint32_t look_up(order *o, const char *prefix, const char *pattern, size_t size) {
	apl_buf_clear(&o->key);
	apl_buf_text(&o->key, prefix);
	apl_buf_add(&o->key, pattern, size);
	return o->key.failed ? APL_NONE : apl_number_get(&o->first, o->key.bytes, o->key.size);
}

/* The first transition of the state that has this descriptor or one that takes more; APL_NONE: none. */
static uint32_t find_wider(order *o, const char *prefix, const apl_transition *transition, const char *pattern) {
	size_t size = strlen(pattern);
	uint32_t found = look_up(o, prefix, pattern, size);
	if ((transition->flags & (APL_EVENTLESS | APL_DELAYED)) != 0) return found; /* "*" and the like do not take these */
	for (size_t i = 0; i < size; i++) {
		if (pattern[i] != '.') continue;
		uint32_t number = look_up(o, prefix, pattern, i);
		if (number < found) found = number;
	}
	uint32_t all = look_up(o, prefix, "*", 1);
	return all < found ? all : found;
}

/* The guard's label between bytes that no descriptor has; empty for none. In the work arena; NULL: it has no name to be known by. */
static const char *prefix_of(order *o, const apl_transition *transition) {
	const apl_explore_options *options = o->e->options;
	if (transition->guard == APL_NO_HANDLER) return "";
	const char *label = options->label != NULL ? options->label(options->self, transition->guard) : NULL;
	if (label == NULL || options->same == NULL) return NULL;
	size_t size = strlen(label);
	char *prefix = apl_arena_take(&o->e->work, size + 3);
	if (prefix == NULL) {
		o->e->no_memory = true;
		return NULL;
	}
	prefix[0] = '\1';
	memcpy(prefix + 1, label, size);
	memcpy(prefix + 1 + size, "\1", 2);
	return prefix;
}

/* How many descriptors there are to look at, and the n-th. */
static uint32_t n_keys(const apl_transition *transition) {
	return (transition->flags & APL_EVENTLESS) != 0 ? 1 : transition->n_patterns;
}

static const char *key_of(const order *o, const apl_transition *transition, uint32_t n) {
	if ((transition->flags & APL_EVENTLESS) != 0) return ALWAYS;
	return o->e->chart->patterns[transition->first_pattern + n];
}

/* The earlier transition that takes each of this one's events every time; APL_NONE: none does. */
static uint32_t find_shadow(order *o, const apl_transition *transition, const char *prefix) {
	const apl_explore_options *options = o->e->options;
	uint32_t shadow = APL_NONE;
	for (uint32_t i = 0; i < n_keys(transition); i++) {
		const char *key = key_of(o, transition, i);
		uint32_t found = find_wider(o, "", transition, key);
		if (found == APL_NONE && prefix != NULL && prefix[0] != '\0') {
			found = find_wider(o, prefix, transition, key);
			if (found != APL_NONE && !options->same(options->self, o->e->chart->transitions[found].guard, transition->guard))
				found = APL_NONE;
		}
		if (found == APL_NONE) return APL_NONE;
		shadow = found;
	}
	return shadow;
}

static bool remember(order *o, uint32_t number, const char *prefix) {
	const apl_transition *transition = &o->e->chart->transitions[number];
	size_t prefix_size = strlen(prefix);
	for (uint32_t i = 0; i < n_keys(transition); i++) {
		const char *key = key_of(o, transition, i);
		size_t size = strlen(key);
		char *name = apl_arena_take(&o->e->work, prefix_size + size + 1);
		if (name == NULL) return false;
		memcpy(name, prefix, prefix_size);
		memcpy(name + prefix_size, key, size + 1);
		if (apl_number_get(&o->first, name, prefix_size + size) == APL_NONE && !apl_number_put(&o->first, name, prefix_size + size, number))
			return false;
	}
	return true;
}

/* What a message calls the event. */
static const char *event_of(const apl_exploring *e, const apl_transition *transition, char *out, size_t size) {
	if ((transition->flags & APL_EVENTLESS) != 0)
		snprintf(out, size, "this always");
	else if ((transition->flags & APL_DELAYED) != 0)
		snprintf(out, size, "this %.*s", (int)strcspn(e->chart->patterns[transition->first_pattern], "."),
		    e->chart->patterns[transition->first_pattern]);
	else
		snprintf(out, size, "this on \"%.200s\"", e->chart->patterns[transition->first_pattern]);
	return out;
}

static void tell_shadowed(apl_exploring *e, const apl_transition *transition, const apl_transition *shadow) {
	char event[256];
	char which[64] = "an earlier candidate";
	bool has_guard = shadow->guard != APL_NO_HANDLER;
	if (shadow->place.line != transition->place.line) snprintf(which, sizeof which, "the one in line %u", (unsigned)shadow->place.line);
	apl_found(e->findings, APLOMB_WARNING, "guard-shadowed", transition->place,
	    "%s: %s is never taken: %s comes first%s; change their order, or take one out", apl_explore_who(e, transition->source),
	    event_of(e, transition, event, sizeof event), which, has_guard ? ", with the same guard" : " and has no guard");
}

static bool check_state(order *o, uint32_t number) {
	apl_exploring *e = o->e;
	const apl_state *state = &e->chart->states[number];
	if (state->n_transitions < 2) return true;
	apl_arena_mark mark = apl_arena_here(&e->work);
	bool is_done = false;
	apl_map_init(&o->first, &e->chart->alloc);
	for (uint32_t i = state->first_transition; i < state->first_transition + state->n_transitions; i++) {
		const apl_transition *transition = &e->chart->transitions[i];
		const char *prefix = prefix_of(o, transition);
		if (e->no_memory) goto done;
		uint32_t shadow = find_shadow(o, transition, prefix);
		if (o->key.failed) goto done;
		if (shadow != APL_NONE && apl_explore_is_new(e, "guard-shadowed", transition->place))
			tell_shadowed(e, transition, &e->chart->transitions[shadow]);
		else if (shadow == APL_NONE && prefix != NULL && (transition->flags & APL_DEFERS) == 0 && !remember(o, i, prefix))
			goto done;
	}
	is_done = true;
done:
	apl_map_dispose(&o->first);
	apl_arena_rewind(&e->work, mark);
	return is_done;
}

/* ---- further in ------------------------------------------------------------------ */

/* Does descriptor [wide] take all that [narrow] takes? */
static bool is_wider(const char *wide, const char *narrow) {
	if (strcmp(wide, "*") == 0) return strcmp(narrow, ALWAYS) != 0;
	return apl_pattern_matches(wide, narrow, strlen(narrow));
}

static bool takes_here(const order *o, const apl_state *state, const char *key) {
	const apl_chart *chart = o->e->chart;
	bool is_always = key == ALWAYS;
	for (uint32_t i = state->first_transition; i < state->first_transition + state->n_transitions; i++) {
		const apl_transition *transition = &chart->transitions[i];
		if (!takes_every_time(transition) || (transition->flags & APL_DELAYED) != 0) continue;
		if (((transition->flags & APL_EVENTLESS) != 0) != is_always) continue;
		if (is_always) return true;
		for (uint32_t p = 0; p < transition->n_patterns; p++)
			if (is_wider(chart->patterns[transition->first_pattern + p], key)) return true;
	}
	return false;
}

/* Is the event taken in every leaf of the state before what stands around it is asked? In doubt it is not. */
static bool is_taken_in(order *o, uint32_t number, const char *key) {
	const apl_exploring *e = o->e;
	const apl_state *state = &e->chart->states[number];
	o->looks += 1 + state->n_transitions;
	if (o->looks > MOST_LOOKS) return false;
	if (takes_here(o, state, key)) return true;
	if (apl_is_leaf(state)) return false;
	bool has_any = false;
	for (uint32_t child = state->first_child; child < state->end; child = e->chart->states[child].end) {
		if (apl_is_history(&e->chart->states[child]) || !e->reached[child]) continue;
		has_any = true;
		if (!is_taken_in(o, child, key)) return false;
	}
	return has_any;
}

static void check_outer(order *o, uint32_t number) {
	apl_exploring *e = o->e;
	const apl_chart *chart = e->chart;
	const apl_state *state = &chart->states[number];
	if (apl_is_leaf(state) || apl_is_history(state)) return;
	for (uint32_t i = state->first_transition; i < state->first_transition + state->n_transitions && o->looks <= MOST_LOOKS; i++) {
		const apl_transition *transition = &chart->transitions[i];
		if ((transition->flags & APL_DELAYED) != 0) continue;
		bool is_taken = true;
		for (uint32_t k = 0; k < n_keys(transition) && is_taken; k++) {
			bool has_any = false;
			for (uint32_t child = state->first_child; child < state->end && is_taken; child = chart->states[child].end) {
				if (apl_is_history(&chart->states[child]) || !e->reached[child]) continue;
				has_any = true;
				is_taken = is_taken_in(o, child, key_of(o, transition, k));
			}
			is_taken = is_taken && has_any;
		}
		if (!is_taken || !apl_explore_is_new(e, "guard-shadowed", transition->place)) continue;
		char event[256];
		apl_found(e->findings, APLOMB_WARNING, "guard-shadowed", transition->place,
		    "%s: %s is never taken: every state inside takes it first, without a guard", apl_explore_who(e, number),
		    event_of(e, transition, event, sizeof event));
	}
}

bool apl_explore_order(apl_exploring *e) {
	order o = {.e = e};
	apl_buf_init(&o.key, &e->chart->alloc);
	bool is_done = true;
	for (uint32_t i = 0; i < e->chart->n_states && is_done; i++) {
		if (!e->reached[i]) continue;
		is_done = check_state(&o, i);
		check_outer(&o, i);
	}
	apl_buf_dispose(&o.key);
	return is_done;
}
