/* SPDX-License-Identifier: MIT */
/*
 * Procedures stand in the order of the standard, Appendix D. Clarity before
 * speed: sets are lists, searched from their beginning and passed by value.
 */
#include "appendix_d.h"

#include <string.h>

#include "base/assert.h"

/* ---- datatypes ------------------------------------------------------------ */

bool is_member(const ordered_set *set, uint32_t item) {
	for (uint32_t i = 0; i < set->count; i++)
		if (set->items[i] == item) return true;
	return false;
}

static void add(ordered_set *set, uint32_t item) {
	if (is_member(set, item)) return;
	APL_ASSERT(set->count < MOST_STATES);
	set->items[set->count++] = (uint16_t)item;
}

static void delete_item(ordered_set *set, uint32_t item) {
	uint32_t kept = 0;
	for (uint32_t i = 0; i < set->count; i++)
		if (set->items[i] != item) set->items[kept++] = set->items[i];
	set->count = kept;
}

static void add_all(ordered_set *set, const ordered_set *others) {
	for (uint32_t i = 0; i < others->count; i++) add(set, others->items[i]);
}

static bool has_intersection(const ordered_set *a, const ordered_set *b) {
	for (uint32_t i = 0; i < a->count; i++)
		if (is_member(b, a->items[i])) return true;
	return false;
}

/* Document order is the order of the numbers; entry order is document order, exit order its reverse. */
static ordered_set in_entry_order(ordered_set set) {
	for (uint32_t i = 1; i < set.count; i++)
		for (uint32_t k = i; k > 0 && set.items[k - 1] > set.items[k]; k--) {
			uint16_t item = set.items[k];
			set.items[k] = set.items[k - 1];
			set.items[k - 1] = item;
		}
	return set;
}

static ordered_set in_exit_order(ordered_set set) {
	ordered_set forward = in_entry_order(set);
	for (uint32_t i = 0; i < set.count; i++) set.items[i] = forward.items[set.count - 1 - i];
	return set;
}

/* ---- predicates ----------------------------------------------------------- */

static const apl_state *state_of(const interpreter *in, uint32_t s) {
	return &in->chart->states[s];
}
static const apl_transition *transition_of(const interpreter *in, uint32_t t) {
	return &in->chart->transitions[t];
}
static bool is_scxml_element(uint32_t s) {
	return s == 0;
}
static bool is_compound_state(const interpreter *in, uint32_t s) {
	return state_of(in, s)->kind == APL_COMPOUND;
}
static bool is_parallel_state(const interpreter *in, uint32_t s) {
	return state_of(in, s)->kind == APL_PARALLEL;
}
static bool is_final_state(const interpreter *in, uint32_t s) {
	return state_of(in, s)->kind == APL_FINAL;
}
static bool is_atomic_state(const interpreter *in, uint32_t s) {
	return state_of(in, s)->kind == APL_ATOMIC || is_final_state(in, s);
}
static bool is_history_state(const interpreter *in, uint32_t s) {
	return state_of(in, s)->kind == APL_HISTORY_SHALLOW || state_of(in, s)->kind == APL_HISTORY_DEEP;
}

static bool is_descendant(const interpreter *in, uint32_t s1, uint32_t s2) {
	for (uint32_t s = state_of(in, s1)->parent; s != APL_NONE; s = state_of(in, s)->parent)
		if (s == s2) return true;
	return false;
}

/* Without histories. */
static ordered_set get_child_states(const interpreter *in, uint32_t s1) {
	ordered_set children = {0};
	for (uint32_t s = 0; s < in->chart->n_states; s++)
		if (state_of(in, s)->parent == s1 && !is_history_state(in, s)) add(&children, s);
	return children;
}

/* From the parent outward, up to but without s2; APL_NONE: up to the scxml element. */
static ordered_set get_proper_ancestors(const interpreter *in, uint32_t s1, uint32_t s2) {
	ordered_set ancestors = {0};
	for (uint32_t s = state_of(in, s1)->parent; s != APL_NONE && s != s2; s = state_of(in, s)->parent) add(&ancestors, s);
	return ancestors;
}

static ordered_set targets_of(const interpreter *in, uint32_t t) {
	ordered_set targets = {0};
	for (uint32_t i = 0; i < transition_of(in, t)->n_targets; i++)
		add(&targets, in->chart->targets[transition_of(in, t)->first_target + i]);
	return targets;
}

static const ordered_set *history_value(const interpreter *in, uint32_t h) {
	return &in->history_value[state_of(in, h)->history];
}

static bool is_in_final_state(const interpreter *in, uint32_t s) {
	if (is_compound_state(in, s)) {
		ordered_set children = get_child_states(in, s);
		for (uint32_t i = 0; i < children.count; i++)
			if (is_final_state(in, children.items[i]) && is_member(&in->configuration, children.items[i])) return true;
		return false;
	}
	if (is_parallel_state(in, s)) {
		ordered_set children = get_child_states(in, s);
		for (uint32_t i = 0; i < children.count; i++)
			if (!is_in_final_state(in, children.items[i])) return false;
		return true;
	}
	return false;
}

/* ---- events --------------------------------------------------------------- */

static bool fail(interpreter *in, apl_step_result failure) {
	if (in->failure == APL_STEP_STABLE) in->failure = failure;
	return false;
}

void interpreter_raise(interpreter *in, const apl_step_event *event) {
	if (in->queue_count == in->bounds.internal_events) {
		fail(in, APL_STEP_QUEUE);
		return;
	}
	APL_ASSERT(in->queue_count < MOST_QUEUED);
	in->internal_queue[in->queue_count++] = *event;
}

static void enqueue_done(interpreter *in, uint32_t s) {
	int32_t number = state_of(in, s)->done_event;
	apl_step_event event = {number, in->chart->events[number].size, in->chart->events[number].name, NULL};
	interpreter_raise(in, &event);
}

/* SCXML 3.12.1: the descriptor's tokens are the event's first tokens. */
static bool descriptor_matches(const char *descriptor, const char *name) {
	if (strcmp(descriptor, "*") == 0) return true;
	for (; *descriptor != '\0'; descriptor++, name++)
		if (*descriptor != *name) return false;
	return *name == '\0' || *name == '.';
}

static bool name_match(const interpreter *in, uint32_t t, const apl_step_event *event) {
	const apl_transition *transition = transition_of(in, t);
	/* A delay's own event happens to its transitions alone, and nothing else happens to them. */
	for (uint32_t d = 0; d < in->chart->n_delays; d++)
		if (in->chart->delays[d].event == event->number)
			return (transition->flags & APL_DELAYED) != 0 && strcmp(in->chart->patterns[transition->first_pattern], event->name) == 0 &&
			       in->chart->delays[d].state == transition->source;
	if ((transition->flags & (APL_DELAYED | APL_EVENTLESS)) != 0) return false;
	for (uint32_t i = 0; i < transition->n_patterns; i++)
		if (descriptor_matches(in->chart->patterns[transition->first_pattern + i], event->name)) return true;
	return false;
}

/*
 * DEPARTURE: within one selection a transition's condition is evaluated once,
 * though it be considered for several atomic states; an error is raised once.
 * DEPARTURE: on behalf of an error event, what erred since the last microstep
 * is not evaluated again; D would go on for ever.
 */
static bool condition_match(interpreter *in, uint32_t t) {
	if (transition_of(in, t)->guard == APL_NO_HANDLER) return true;
	if (in->asked[t] != 0) return in->asked[t] > 0;
	if (in->on_error && in->erred[t]) {
		in->seen->guards_not_asked_again++;
		return false;
	}
	int answer = in->port->guard(in->self, transition_of(in, t)->guard);
	if (answer == APL_PORT_ERROR) {
		in->erred[t] = true;
		in->seen->guards_erred++;
	}
	if (answer == APL_PORT_BREACH) fail(in, APL_STEP_BREACH);
	in->asked[t] = answer == APL_PORT_TRUE ? 1 : -1;
	return in->asked[t] > 0;
}

static void execute_content(interpreter *in, int32_t block) {
	if (block == APL_NO_HANDLER || in->failure != APL_STEP_STABLE) return;
	if (in->port->run(in->self, block) == APL_PORT_BREACH) fail(in, APL_STEP_BREACH);
}

/* ---- domains and exit sets ------------------------------------------------ */

static ordered_set get_effective_target_states(const interpreter *in, uint32_t t) {
	ordered_set targets = {0};
	ordered_set named = targets_of(in, t);
	for (uint32_t i = 0; i < named.count; i++) {
		uint32_t s = named.items[i];
		if (!is_history_state(in, s)) {
			add(&targets, s);
		} else if (history_value(in, s)->count > 0) {
			add_all(&targets, history_value(in, s));
		} else {
			ordered_set defaults = get_effective_target_states(in, state_of(in, s)->initial);
			add_all(&targets, &defaults);
		}
	}
	return targets;
}

static bool every_is_descendant(const interpreter *in, const ordered_set *states, uint32_t ancestor) {
	for (uint32_t i = 0; i < states->count; i++)
		if (!is_descendant(in, states->items[i], ancestor)) return false;
	return true;
}

/* Of [head] and all of [tail]: compound ancestors of the head, innermost first; the scxml element counts, whatever its kind here. */
static uint32_t find_lcca(const interpreter *in, uint32_t head, const ordered_set *tail) {
	ordered_set ancestors = get_proper_ancestors(in, head, APL_NONE);
	for (uint32_t i = 0; i < ancestors.count; i++) {
		uint32_t anc = ancestors.items[i];
		if ((is_compound_state(in, anc) || is_scxml_element(anc)) && every_is_descendant(in, tail, anc)) return anc;
	}
	/* D says nothing of transitions of the scxml element itself; Aplomb's root may carry some, and leaves what is in it. */
	return 0;
}

/* APL_NONE: targetless. */
static uint32_t get_transition_domain(const interpreter *in, uint32_t t) {
	ordered_set tstates = get_effective_target_states(in, t);
	const apl_transition *transition = transition_of(in, t);
	if (tstates.count == 0) return APL_NONE;
	if ((transition->flags & APL_INTERNAL) != 0 && is_compound_state(in, transition->source) &&
	    every_is_descendant(in, &tstates, transition->source))
		return transition->source;
	return find_lcca(in, transition->source, &tstates);
}

static ordered_set compute_exit_set(const interpreter *in, const ordered_set *transitions) {
	ordered_set states_to_exit = {0};
	for (uint32_t i = 0; i < transitions->count; i++) {
		uint32_t domain = get_transition_domain(in, transitions->items[i]);
		if (domain == APL_NONE) continue;
		for (uint32_t k = 0; k < in->configuration.count; k++)
			if (is_descendant(in, in->configuration.items[k], domain)) add(&states_to_exit, in->configuration.items[k]);
	}
	return states_to_exit;
}

static bool exit_sets_intersect(const interpreter *in, uint32_t t1, uint32_t t2) {
	ordered_set one = {1, {(uint16_t)t1}};
	ordered_set other = {1, {(uint16_t)t2}};
	ordered_set exits_of_one = compute_exit_set(in, &one);
	ordered_set exits_of_other = compute_exit_set(in, &other);
	return has_intersection(&exits_of_one, &exits_of_other);
}

/* ---- selection ------------------------------------------------------------ */

static ordered_set remove_conflicting_transitions(interpreter *in, const ordered_set *enabled_transitions) {
	ordered_set filtered = {0};
	for (uint32_t i = 0; i < enabled_transitions->count; i++) {
		uint32_t t1 = enabled_transitions->items[i];
		bool t1_preempted = false;
		ordered_set transitions_to_remove = {0};
		for (uint32_t k = 0; k < filtered.count; k++) {
			uint32_t t2 = filtered.items[k];
			if (!exit_sets_intersect(in, t1, t2)) continue;
			in->seen->conflicts++;
			if (is_descendant(in, transition_of(in, t1)->source, transition_of(in, t2)->source)) {
				add(&transitions_to_remove, t2);
			} else {
				t1_preempted = true;
				break;
			}
		}
		if (t1_preempted) continue;
		for (uint32_t k = 0; k < transitions_to_remove.count; k++) {
			in->seen->preempted_by_descendant++;
			delete_item(&filtered, transitions_to_remove.items[k]);
		}
		add(&filtered, t1);
	}
	return filtered;
}

/* The first enabled transition of [s], or APL_NONE. [event] NULL: eventless ones. */
static uint32_t first_enabled_of(interpreter *in, uint32_t s, const apl_step_event *event) {
	uint32_t end = state_of(in, s)->first_transition + state_of(in, s)->n_transitions;
	for (uint32_t t = state_of(in, s)->first_transition; t < end; t++) {
		bool eventless = (transition_of(in, t)->flags & APL_EVENTLESS) != 0;
		if (event == NULL ? !eventless : eventless || !name_match(in, t, event)) continue;
		/* Deferring is not SCXML's: only what comes from outside can be kept for later. */
		if ((transition_of(in, t)->flags & APL_DEFERS) != 0 && !in->external) {
			in->seen->deferring_passed_over++;
			continue;
		}
		if (condition_match(in, t)) return t;
	}
	return APL_NONE;
}

static ordered_set select_transitions(interpreter *in, const apl_step_event *event) {
	ordered_set enabled_transitions = {0};
	ordered_set states = in_entry_order(in->configuration);
	memset(in->asked, 0, sizeof in->asked);
	in->deferred = false;
	for (uint32_t i = 0; i < states.count; i++) {
		if (!is_atomic_state(in, states.items[i])) continue;
		ordered_set chain = {1, {states.items[i]}};
		ordered_set ancestors = get_proper_ancestors(in, states.items[i], APL_NONE);
		add_all(&chain, &ancestors);
		for (uint32_t k = 0; k < chain.count; k++) {
			uint32_t t = first_enabled_of(in, chain.items[k], event);
			if (t == APL_NONE) continue;
			if ((transition_of(in, t)->flags & APL_DEFERS) != 0)
				in->deferred = true;
			else
				add(&enabled_transitions, t);
			break;
		}
	}
	return remove_conflicting_transitions(in, &enabled_transitions);
}

/* ---- exit ----------------------------------------------------------------- */

static void exit_states(interpreter *in, const ordered_set *enabled_transitions) {
	ordered_set states_to_exit = compute_exit_set(in, enabled_transitions);
	states_to_exit = in_exit_order(states_to_exit);
	for (uint32_t i = 0; i < states_to_exit.count; i++) {
		uint32_t s = states_to_exit.items[i];
		for (uint32_t h = 0; h < in->chart->n_states; h++) {
			if (!is_history_state(in, h) || state_of(in, h)->parent != s) continue;
			ordered_set value = {0};
			for (uint32_t k = 0; k < in->configuration.count; k++) {
				uint32_t s0 = in->configuration.items[k];
				if (state_of(in, h)->kind == APL_HISTORY_DEEP ? is_atomic_state(in, s0) && is_descendant(in, s0, s)
				                                              : state_of(in, s0)->parent == s)
					add(&value, s0);
			}
			in->history_value[state_of(in, h)->history] = in_entry_order(value);
		}
	}
	for (uint32_t i = 0; i < states_to_exit.count; i++) {
		uint32_t s = states_to_exit.items[i];
		for (uint32_t k = 0; k < state_of(in, s)->n_exit; k++) execute_content(in, in->chart->blocks[state_of(in, s)->first_exit + k]);
		delete_item(&in->configuration, s);
		in->port->exited(in->self, s);
	}
}

static void execute_transition_content(interpreter *in, const ordered_set *enabled_transitions) {
	for (uint32_t i = 0; i < enabled_transitions->count; i++) {
		in->port->taken(in->self, enabled_transitions->items[i]);
		execute_content(in, transition_of(in, enabled_transitions->items[i])->block);
	}
}

/* ---- entry ---------------------------------------------------------------- */

typedef struct entry_set {
	ordered_set states_to_enter;
	ordered_set states_for_default_entry;
	int32_t default_history_content[MOST_STATES]; /* by the history's parent */
} entry_set;

static void add_ancestor_states_to_enter(interpreter *in, uint32_t state, uint32_t ancestor, entry_set *entry);

static bool some_is_descendant(const interpreter *in, const ordered_set *states, uint32_t ancestor) {
	for (uint32_t i = 0; i < states->count; i++)
		if (is_descendant(in, states->items[i], ancestor)) return true;
	return false;
}

static void add_descendant_states_to_enter(interpreter *in, uint32_t state, entry_set *entry) {
	if (is_history_state(in, state)) {
		uint32_t parent = state_of(in, state)->parent;
		const ordered_set *value = history_value(in, state);
		ordered_set targets = targets_of(in, state_of(in, state)->initial);
		if (value->count > 0) {
			in->seen->histories_restored++;
			if (state_of(in, state)->kind == APL_HISTORY_DEEP) in->seen->deep_restored++;
		} else {
			in->seen->histories_defaulted++;
			entry->default_history_content[parent] = transition_of(in, state_of(in, state)->initial)->block;
			value = &targets;
		}
		for (uint32_t i = 0; i < value->count; i++) add_descendant_states_to_enter(in, value->items[i], entry);
		for (uint32_t i = 0; i < value->count; i++) add_ancestor_states_to_enter(in, value->items[i], parent, entry);
		return;
	}
	add(&entry->states_to_enter, state);
	if (is_compound_state(in, state)) {
		ordered_set targets = targets_of(in, state_of(in, state)->initial);
		add(&entry->states_for_default_entry, state);
		for (uint32_t i = 0; i < targets.count; i++) add_descendant_states_to_enter(in, targets.items[i], entry);
		for (uint32_t i = 0; i < targets.count; i++) add_ancestor_states_to_enter(in, targets.items[i], state, entry);
	} else if (is_parallel_state(in, state)) {
		ordered_set children = get_child_states(in, state);
		for (uint32_t i = 0; i < children.count; i++)
			if (!some_is_descendant(in, &entry->states_to_enter, children.items[i]))
				add_descendant_states_to_enter(in, children.items[i], entry);
	}
}

static void add_ancestor_states_to_enter(interpreter *in, uint32_t state, uint32_t ancestor, entry_set *entry) {
	ordered_set ancestors = get_proper_ancestors(in, state, ancestor);
	for (uint32_t i = 0; i < ancestors.count; i++) {
		uint32_t anc = ancestors.items[i];
		add(&entry->states_to_enter, anc);
		if (!is_parallel_state(in, anc)) continue;
		ordered_set children = get_child_states(in, anc);
		for (uint32_t k = 0; k < children.count; k++)
			if (!some_is_descendant(in, &entry->states_to_enter, children.items[k]))
				add_descendant_states_to_enter(in, children.items[k], entry);
	}
}

static void no_content(entry_set *entry) {
	for (uint32_t s = 0; s < MOST_STATES; s++) entry->default_history_content[s] = APL_NO_HANDLER;
}

/*
 * DEPARTURE: D gathers the sets of all transitions in one, and lets a history
 * of an ancestor of the source pull in states above the transition's domain,
 * which are active and were not exited. SCXML 3.13 enters only what is not
 * active or was exited: descendants of the domain.
 */
static void compute_entry_set(interpreter *in, const ordered_set *transitions, entry_set *all) {
	for (uint32_t i = 0; i < transitions->count; i++) {
		uint32_t t = transitions->items[i];
		entry_set own = {0};
		no_content(&own);
		ordered_set targets = targets_of(in, t);
		for (uint32_t k = 0; k < targets.count; k++) add_descendant_states_to_enter(in, targets.items[k], &own);
		uint32_t ancestor = in->domain[t];
		if (ancestor == APL_NONE) continue;
		ordered_set effective = get_effective_target_states(in, t);
		for (uint32_t k = 0; k < effective.count; k++) add_ancestor_states_to_enter(in, effective.items[k], ancestor, &own);
		/* A root of kind parallel has left all its regions and enters all: D's <scxml> is never one. */
		if (is_parallel_state(in, ancestor)) {
			ordered_set children = get_child_states(in, ancestor);
			for (uint32_t k = 0; k < children.count; k++)
				if (!some_is_descendant(in, &own.states_to_enter, children.items[k]))
					add_descendant_states_to_enter(in, children.items[k], &own);
		}
		for (uint32_t k = 0; k < own.states_to_enter.count; k++) {
			uint32_t s = own.states_to_enter.items[k];
			if (!is_descendant(in, s, ancestor)) {
				in->seen->entries_kept_out++;
				continue;
			}
			add(&all->states_to_enter, s);
			if (is_member(&own.states_for_default_entry, s)) add(&all->states_for_default_entry, s);
			all->default_history_content[s] = own.default_history_content[s];
		}
	}
}

static void enter_set(interpreter *in, const entry_set *entry) {
	ordered_set states = in_entry_order(entry->states_to_enter);
	for (uint32_t i = 0; i < states.count; i++) {
		uint32_t s = states.items[i];
		add(&in->configuration, s);
		in->port->entered(in->self, s);
		for (uint32_t k = 0; k < state_of(in, s)->n_entry; k++) execute_content(in, in->chart->blocks[state_of(in, s)->first_entry + k]);
		if (is_member(&entry->states_for_default_entry, s)) execute_content(in, transition_of(in, state_of(in, s)->initial)->block);
		execute_content(in, entry->default_history_content[s]);
		if (!is_final_state(in, s)) continue;
		uint32_t parent = state_of(in, s)->parent;
		if (is_scxml_element(parent)) {
			in->running = false;
			in->final = s;
			continue;
		}
		enqueue_done(in, parent);
		in->seen->done_compound++;
		/*
		 * DEPARTURE: D looks at the grandparent alone; SCXML 3.4 says that a
		 * parallel is done when all its children are in final states, which a
		 * parallel among them is too. And a root of kind parallel ends as one
		 * of kind compound does.
		 */
		for (uint32_t up = state_of(in, parent)->parent; is_parallel_state(in, up) && is_in_final_state(in, up);
		     up = state_of(in, up)->parent) {
			if (up != state_of(in, parent)->parent) in->seen->done_outward++;
			if (is_scxml_element(up)) {
				in->running = false;
				in->final = s;
				in->seen->done_root_parallel++;
				break;
			}
			enqueue_done(in, up);
			in->seen->done_parallel++;
		}
	}
}

static void enter_states(interpreter *in, const ordered_set *enabled_transitions) {
	entry_set entry = {0};
	no_content(&entry);
	compute_entry_set(in, enabled_transitions, &entry);
	enter_set(in, &entry);
}

/* ---- the interpreter ------------------------------------------------------ */

static void count_taken(interpreter *in, const ordered_set *transitions) {
	occurrences *seen = in->seen;
	seen->microsteps++;
	for (uint32_t i = 0; i < transitions->count; i++) {
		const apl_transition *t = transition_of(in, transitions->items[i]);
		seen->transitions++;
		if ((t->flags & APL_EVENTLESS) != 0) seen->eventless++;
		if ((t->flags & APL_DELAYED) != 0) seen->delayed++;
		if (t->n_targets > 1) seen->several_targets++;
		if (t->n_targets == 0) {
			seen->targetless++;
			continue;
		}
		uint32_t domain = get_transition_domain(in, transitions->items[i]);
		if (domain == t->source)
			seen->internal++;
		else
			seen->external++;
		for (uint32_t s = state_of(in, t->source)->parent; s != APL_NONE && s != domain; s = state_of(in, s)->parent)
			if (is_parallel_state(in, s)) {
				seen->domain_above_parallel++;
				break;
			}
		ordered_set named = targets_of(in, transitions->items[i]);
		for (uint32_t k = 0; k < named.count; k++)
			if (is_history_state(in, named.items[k])) seen->dynamic_domains++;
	}
}

static void microstep(interpreter *in, const ordered_set *enabled_transitions) {
	if (in->microsteps == in->bounds.microsteps) {
		fail(in, APL_STEP_MICROSTEPS);
		return;
	}
	in->microsteps++;
	count_taken(in, enabled_transitions);
	memset(in->erred, 0, sizeof in->erred);
	for (uint32_t i = 0; i < enabled_transitions->count; i++)
		in->domain[enabled_transitions->items[i]] = get_transition_domain(in, enabled_transitions->items[i]);
	exit_states(in, enabled_transitions);
	execute_transition_content(in, enabled_transitions);
	enter_states(in, enabled_transitions);
}

static void exit_interpreter(interpreter *in) {
	ordered_set states_to_exit = in_exit_order(in->configuration);
	for (uint32_t i = 0; i < states_to_exit.count; i++) {
		uint32_t s = states_to_exit.items[i];
		for (uint32_t k = 0; k < state_of(in, s)->n_exit; k++) execute_content(in, in->chart->blocks[state_of(in, s)->first_exit + k]);
		delete_item(&in->configuration, s);
		in->port->exited(in->self, s);
	}
}

/* The part of mainEventLoop between two outside events. */
static apl_step_result complete_macrostep(interpreter *in, apl_step_result when_quiet) {
	bool macrostep_done = false;
	while (in->running && !macrostep_done && in->failure == APL_STEP_STABLE) {
		ordered_set enabled_transitions = select_transitions(in, NULL);
		if (enabled_transitions.count == 0) {
			if (in->queue_next == in->queue_count) {
				macrostep_done = true;
			} else {
				apl_step_event internal_event = in->internal_queue[in->queue_next++];
				in->on_error = internal_event.number >= 0 && (internal_event.number == in->chart->error_execution ||
				                                                 internal_event.number == in->chart->error_communication);
				in->port->event(in->self, &internal_event);
				enabled_transitions = select_transitions(in, &internal_event);
			}
		}
		if (enabled_transitions.count > 0 && in->failure == APL_STEP_STABLE) microstep(in, &enabled_transitions);
	}
	if (in->failure == APL_STEP_STABLE && !in->running) {
		exit_interpreter(in);
		when_quiet = APL_STEP_FINISHED;
	}
	return in->failure != APL_STEP_STABLE ? in->failure : when_quiet;
}

void interpreter_init(
    interpreter *in, const apl_chart *chart, const apl_port *port, void *self, apl_machine_bounds bounds, occurrences *seen) {
	APL_ASSERT(chart->n_states <= MOST_STATES && chart->n_transitions <= MOST_TRANSITIONS && chart->n_history_slots <= MOST_HISTORIES);
	memset(in, 0, sizeof *in);
	in->chart = chart;
	in->port = port;
	in->self = self;
	in->bounds = bounds;
	in->seen = seen;
}

static void begin(interpreter *in) {
	in->running = true;
	in->external = in->on_error = in->deferred = false;
	in->final = APL_NONE;
	in->microsteps = 0;
	in->failure = APL_STEP_STABLE;
	in->queue_next = in->queue_count = 0;
	memset(in->erred, 0, sizeof in->erred);
}

apl_step_result interpreter_start(interpreter *in) {
	entry_set entry = {0};
	begin(in);
	in->configuration.count = 0;
	memset(in->history_value, 0, sizeof in->history_value);
	no_content(&entry);
	/* enterStates([doc.initial.transition]), with the scxml element entered as a state, which Aplomb's root is. */
	add_descendant_states_to_enter(in, 0, &entry);
	enter_set(in, &entry);
	return complete_macrostep(in, APL_STEP_STABLE);
}

apl_step_result interpreter_step(interpreter *in, const apl_step_event *event) {
	begin(in);
	in->port->event(in->self, event);
	in->external = true;
	ordered_set enabled_transitions = select_transitions(in, event);
	in->external = false;
	if (in->failure != APL_STEP_STABLE) return in->failure;
	if (enabled_transitions.count == 0 && in->deferred) return APL_STEP_DEFERRED;
	if (enabled_transitions.count > 0) microstep(in, &enabled_transitions);
	return complete_macrostep(in, enabled_transitions.count > 0 ? APL_STEP_STABLE : APL_STEP_UNHANDLED);
}
