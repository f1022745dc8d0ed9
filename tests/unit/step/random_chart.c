/* SPDX-License-Identifier: MIT */
#include "random_chart.h"

#include <stdlib.h>
#include <string.h>

uint64_t next_random(uint64_t *state) {
	uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

uint32_t below(uint64_t *state, uint32_t bound) {
	return bound == 0 ? 0 : (uint32_t)(next_random(state) % bound);
}

bool chance(uint64_t *state, uint32_t percent) {
	return below(state, 100) < percent;
}

static bool is_history(const random_chart *chart, uint32_t n) {
	return chart->nodes[n].kind == APL_BUILD_HISTORY || chart->nodes[n].kind == APL_BUILD_DEEP_HISTORY;
}

/* ---- making one ----------------------------------------------------------- */

static uint32_t add_node(random_chart *chart, uint32_t parent, apl_build_kind kind) {
	uint32_t number = chart->n_nodes++;
	chart->nodes[number] = (node){.kind = kind, .parent = parent, .end = number + 1};
	return number;
}

static apl_build_kind kind_of_child(uint64_t *rng, bool in_parallel, bool is_first) {
	uint32_t r = below(rng, 100);
	if (!is_first && r < 10) return APL_BUILD_HISTORY;
	if (!is_first && r < 20) return APL_BUILD_DEEP_HISTORY;
	if (!is_first && !in_parallel && r < 32) return APL_BUILD_FINAL;
	return r < 50 ? APL_BUILD_PARALLEL : APL_BUILD_STATE;
}

/* Children of [parent], depth first: numbers are document order. */
static void grow(random_chart *chart, uint64_t *rng, uint32_t parent, uint32_t depth, uint32_t most) {
	bool in_parallel = chart->nodes[parent].kind == APL_BUILD_PARALLEL;
	uint32_t count = 1 + below(rng, in_parallel ? 3 : 4);
	for (uint32_t i = 0; i < count; i++) {
		if (i > 0 && chart->n_nodes >= most) break;
		apl_build_kind kind = kind_of_child(rng, in_parallel, i == 0);
		bool may_have_children = chart->n_nodes + 2 < most && depth < 7;
		if (!may_have_children && kind == APL_BUILD_PARALLEL) kind = APL_BUILD_STATE;
		uint32_t child = add_node(chart, parent, kind);
		if (kind == APL_BUILD_PARALLEL || (kind == APL_BUILD_STATE && may_have_children && chance(rng, depth == 0 ? 85 : 45)))
			grow(chart, rng, child, depth + 1, most);
	}
	chart->nodes[parent].end = chart->n_nodes;
}

static bool has_children(const random_chart *chart, uint32_t n) {
	return chart->nodes[n].end > n + 1;
}

/* A state of [first .. end), histories whose parent lies in there included; APL_NONE when chance finds none. */
static uint32_t some_state(const random_chart *chart, uint64_t *rng, uint32_t first, uint32_t end) {
	for (uint32_t attempt = 0; attempt < 8 && first < end; attempt++) {
		uint32_t n = first + below(rng, end - first);
		if (n == 0 || (is_history(chart, n) && chart->nodes[n].parent < first)) continue;
		return n;
	}
	return APL_NONE;
}

/* Legal targets among the descendants of [scope]: one, or one in each of several regions of a parallel (or of [scope] itself). */
static uint32_t some_targets(const random_chart *chart, uint64_t *rng, uint32_t scope, uint32_t *targets) {
	uint32_t end = chart->nodes[scope].end;
	if (chance(rng, 30)) {
		uint32_t parallel = chance(rng, 40) ? scope : scope + below(rng, end - scope);
		uint32_t count = 0;
		if (chart->nodes[parallel].kind == APL_BUILD_PARALLEL)
			for (uint32_t region = parallel + 1; region < chart->nodes[parallel].end && count < MOST_TARGETS;
			     region = chart->nodes[region].end) {
				if (is_history(chart, region) || chance(rng, 25)) continue;
				uint32_t target = some_state(chart, rng, region, chart->nodes[region].end);
				if (target != APL_NONE) targets[count++] = target;
			}
		if (count > 0) return count;
	}
	/* Also histories of [scope] itself. */
	uint32_t target = scope + 1 < end ? scope + 1 + below(rng, end - scope - 1) : APL_NONE;
	if (target == APL_NONE) return 0;
	targets[0] = target;
	return 1;
}

static void choose_initials(random_chart *chart, uint64_t *rng) {
	for (uint32_t n = 0; n < chart->n_nodes; n++) {
		node *state = &chart->nodes[n];
		if (is_history(chart, n)) {
			state->has_initial = true;
			state->initial_block = chance(rng, 50);
			do {
				state->n_targets = some_targets(chart, rng, state->parent, state->targets);
				/* Not a history of the same state. */
			} while (
			    state->n_targets == 0 || (is_history(chart, state->targets[0]) && chart->nodes[state->targets[0]].parent == state->parent));
			continue;
		}
		if (state->kind != APL_BUILD_STATE || !has_children(chart, n) || chance(rng, 40)) continue;
		state->n_targets = some_targets(chart, rng, n, state->targets);
		state->has_initial = state->n_targets > 0;
		state->initial_block = chance(rng, 50);
	}
}

static const char *const descriptors[] = {"a", "a", "a", "a.b", "a.b", "a.*", "a.b.", "a.b.c", "b", "b", "b.x", "c", "c", "d", "ab", "*",
    "a b", "c d.e", "a.b a", "d *", "error", "error.execution", "done", "done.state", "*", "x.y"};

static void choose_descriptor(random_chart *chart, uint64_t *rng, char out[NAME_SIZE]) {
	if (chance(rng, 12))
		snprintf(out, NAME_SIZE, "done.state.s%u", below(rng, chart->n_nodes));
	else
		snprintf(out, NAME_SIZE, "%s", descriptors[below(rng, sizeof descriptors / sizeof *descriptors)]);
}

static void choose_edges(random_chart *chart, uint64_t *rng) {
	uint32_t most = 1 + below(rng, 4);
	for (uint32_t n = 0; n < chart->n_nodes; n++) {
		if (is_history(chart, n) || chart->nodes[n].kind == APL_BUILD_FINAL) continue;
		uint32_t count = below(rng, n == 0 ? 3 : most + 2);
		for (uint32_t i = 0; i < count && chart->n_edges < MOST_EDGES; i++) {
			edge *e = &chart->edges[chart->n_edges];
			*e = (edge){.source = n, .guard = chance(rng, 35), .block = chance(rng, 60), .internal = chance(rng, 30)};
			uint32_t r = below(rng, 100);
			e->kind = r < 84 ? EDGE_EVENT : r < 92 ? EDGE_EVENTLESS : EDGE_DELAY;
			if (e->kind == EDGE_EVENTLESS) e->guard = e->guard || chance(rng, 98);
			choose_descriptor(chart, rng, e->events);
			if (e->kind == EDGE_EVENT && chance(rng, 6)) {
				e->defers = true;
				e->block = false;
			} else if (chance(rng, 88)) {
				/* Often inside the source or beside it, sometimes anywhere. */
				uint32_t scope = 0;
				if (chance(rng, 35) && has_children(chart, n))
					scope = n;
				else if (chance(rng, 50) && n > 0)
					scope = chart->nodes[n].parent;
				e->n_targets = some_targets(chart, rng, scope, e->targets);
			}
			if (e->kind == EDGE_EVENTLESS && e->n_targets == 0) e->guard = true;
			chart->n_edges++;
		}
	}
}

void generate(random_chart *chart, uint64_t seed) {
	uint64_t rng = seed;
	memset(chart, 0, sizeof *chart);
	chart->seed = seed;
	uint32_t most = chance(&rng, 5) ? 66 + below(&rng, MOST_NODES - 74) : 4 + below(&rng, 22);
	add_node(chart, APL_NONE, chance(&rng, 12) ? APL_BUILD_PARALLEL : APL_BUILD_STATE);
	grow(chart, &rng, 0, 0, most);
	for (uint32_t n = 0; n < chart->n_nodes; n++) {
		if (is_history(chart, n)) continue;
		chart->nodes[n].n_entry = below(&rng, 10) < 6 ? below(&rng, 3) : 0;
		chart->nodes[n].n_exit = below(&rng, 10) < 6 ? below(&rng, 3) : 0;
	}
	choose_initials(chart, &rng);
	choose_edges(chart, &rng);
}

/* ---- building and printing ------------------------------------------------ */

static const char *names_of(const random_chart *chart, const uint32_t *targets, uint32_t count, char *out, size_t size) {
	size_t used = 0;
	(void)chart;
	out[0] = '\0';
	for (uint32_t i = 0; i < count && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%ss%u", i > 0 ? " " : "", targets[i]);
	return count > 0 ? out : NULL;
}

static int32_t guard_of(const random_chart *chart, uint32_t e) {
	return (chart->edges[e].kind == EDGE_EVENTLESS ? EVENTLESS_GUARDS : GUARDS) + (int32_t)e;
}

static apl_build_transition_options options_of(const random_chart *chart, uint32_t e, char *targets, size_t size) {
	const edge *from = &chart->edges[e];
	return (apl_build_transition_options){.events = from->kind == EDGE_EVENT ? from->events : NULL,
	    .targets = names_of(chart, from->targets, from->n_targets, targets, size),
	    .guard = from->guard ? guard_of(chart, e) : APL_NO_HANDLER,
	    .block = from->block ? BLOCKS + (int32_t)e : APL_NO_HANDLER,
	    .internal = from->internal,
	    .defers = from->defers,
	    .place = {"chart", e + 1, 0}};
}

static void build_edges(apl_builder *b, const random_chart *chart, uint32_t n) {
	for (uint32_t e = 0; e < chart->n_edges; e++) {
		char targets[128];
		if (chart->edges[e].gone || chart->edges[e].source != n) continue;
		apl_build_transition_options options = options_of(chart, e, targets, sizeof targets);
		if (chart->edges[e].kind == EDGE_DELAY)
			apl_build_delay(b, &(apl_build_delay_options){
			                       .kind = kind_of_delay(e), .span = SPANS + (int32_t)e, .transitions = &options, .n_transitions = 1});
		else
			apl_build_transition(b, &options);
	}
}

static void build_node(apl_builder *b, const random_chart *chart, uint32_t n) {
	const node *state = &chart->nodes[n];
	char text[128];
	snprintf(text, sizeof text, "s%u", n);
	apl_build_begin(b, state->kind, text, APL_NOWHERE);
	for (uint32_t i = 0; i < state->n_entry; i++) apl_build_entry(b, ENTRY_BLOCKS + (int32_t)(n * 4 + i));
	for (uint32_t i = 0; i < state->n_exit; i++) apl_build_exit(b, EXIT_BLOCKS + (int32_t)(n * 4 + i));
	if (state->has_initial)
		apl_build_initial(b, names_of(chart, state->targets, state->n_targets, text, sizeof text),
		    state->initial_block ? INITIAL_BLOCKS + (int32_t)n : APL_NO_HANDLER, APL_NOWHERE, NULL);
	build_edges(b, chart, n);
	for (uint32_t child = n + 1; child < state->end; child = chart->nodes[child].end)
		if (!chart->nodes[child].gone) build_node(b, chart, child);
	apl_build_end(b);
}

static void print_finding(const aplomb_finding *finding, void *payload) {
	fprintf(payload, "%s: %s\n", finding->slug, finding->message);
}

apl_chart *build(const random_chart *chart, FILE *complaints) {
	apl_alloc alloc = apl_alloc_system();
	apl_findings findings;
	apl_chart *built = NULL;
	apl_findings_init(&findings, &alloc);
	apl_builder *b = apl_builder_new(&alloc, &(apl_build_options){.name = "random", .free_targets = true, .any_event = true});
	apl_build_event(b, "a", APL_NOWHERE);
	apl_build_event(b, "a.b", APL_NOWHERE);
	apl_build_event(b, "a.b.c.d", APL_NOWHERE);
	apl_build_event(b, "b", APL_NOWHERE);
	apl_build_event(b, "c", APL_NOWHERE);
	build_node(b, chart, 0);
	if (apl_build_finish(b, &built, &findings) != APLOMB_OK) built = NULL;
	if (built == NULL && complaints != NULL) apl_findings_tell(&findings, print_finding, complaints);
	apl_builder_free(b);
	apl_findings_dispose(&findings);
	return built;
}

static void print_edges(FILE *out, const random_chart *chart, uint32_t n, int indent) {
	for (uint32_t e = 0; e < chart->n_edges; e++) {
		const edge *from = &chart->edges[e];
		char targets[128];
		if (from->gone || from->source != n) continue;
		fprintf(out, "%*son %s", indent, "",
		    from->kind == EDGE_EVENT   ? from->events
		    : from->kind == EDGE_DELAY ? "(delay)"
		                               : "(eventless)");
		if (from->guard) fprintf(out, " [%d]", guard_of(chart, e));
		if (from->internal) fprintf(out, " internal");
		if (from->defers) fprintf(out, " defers");
		if (from->n_targets > 0) fprintf(out, " -> %s", names_of(chart, from->targets, from->n_targets, targets, sizeof targets));
		if (from->block) fprintf(out, " / %d", BLOCKS + (int)e);
		fprintf(out, "\n");
	}
}

static void print_node(FILE *out, const random_chart *chart, uint32_t n, int indent) {
	static const char *const words[] = {"state", "parallel", "final", "history", "deep history"};
	const node *state = &chart->nodes[n];
	char targets[128];
	fprintf(out, "%*s%s s%u", indent, "", words[state->kind], n);
	for (uint32_t i = 0; i < state->n_entry; i++) fprintf(out, " entry %u", ENTRY_BLOCKS + n * 4 + i);
	for (uint32_t i = 0; i < state->n_exit; i++) fprintf(out, " exit %u", EXIT_BLOCKS + n * 4 + i);
	if (state->has_initial) {
		fprintf(out, " %s %s", is_history(chart, n) ? "default" : "initial",
		    names_of(chart, state->targets, state->n_targets, targets, sizeof targets));
		if (state->initial_block) fprintf(out, " / %u", INITIAL_BLOCKS + n);
	}
	fprintf(out, "\n");
	print_edges(out, chart, n, indent + 2);
	for (uint32_t child = n + 1; child < state->end; child = chart->nodes[child].end)
		if (!chart->nodes[child].gone) print_node(out, chart, child, indent + 2);
}

void print_chart(FILE *out, const random_chart *chart) {
	print_node(out, chart, 0, 0);
}

/* ---- making it smaller ----------------------------------------------------- */

static void drop_target(uint32_t *targets, uint32_t *count, uint32_t i) {
	(*count)--;
	memmove(targets + i, targets + i + 1, (*count - i) * sizeof *targets);
}

static bool lives(const random_chart *chart, uint32_t n) {
	for (; n != APL_NONE; n = chart->nodes[n].parent)
		if (chart->nodes[n].gone) return false;
	return true;
}

static uint32_t children_left(const random_chart *chart, uint32_t n, bool histories) {
	uint32_t count = 0;
	for (uint32_t child = n + 1; child < chart->nodes[n].end; child = chart->nodes[child].end)
		if (!chart->nodes[child].gone && is_history(chart, child) == histories) count++;
	return count;
}

/*
 * Takes away what refers to what is gone: targets, transitions that lose all
 * theirs, histories without default, parallels and states left without substance.
 */
static void tidy(random_chart *chart) {
	bool again = true;
	while (again) {
		again = false;
		for (uint32_t n = 1; n < chart->n_nodes; n++) {
			node *state = &chart->nodes[n];
			if (state->gone) continue;
			for (uint32_t i = state->n_targets; i-- > 0;)
				if (!lives(chart, state->targets[i])) drop_target(state->targets, &state->n_targets, i);
			bool gone = !lives(chart, n) || (is_history(chart, n) && state->n_targets == 0) ||
			            (state->kind == APL_BUILD_PARALLEL && children_left(chart, n, false) == 0) ||
			            (is_history(chart, n) && children_left(chart, state->parent, false) == 0);
			if (!gone) continue;
			state->gone = true;
			again = true;
		}
	}
	node *root = &chart->nodes[0];
	for (uint32_t i = root->n_targets; i-- > 0;)
		if (!lives(chart, root->targets[i])) drop_target(root->targets, &root->n_targets, i);
	for (uint32_t n = 0; n < chart->n_nodes; n++)
		if (!is_history(chart, n) && (chart->nodes[n].n_targets == 0 || children_left(chart, n, false) == 0)) {
			chart->nodes[n].has_initial = false;
			chart->nodes[n].n_targets = 0;
		}
	for (uint32_t e = 0; e < chart->n_edges; e++) {
		edge *from = &chart->edges[e];
		if (from->gone) continue;
		uint32_t had = from->n_targets;
		for (uint32_t i = from->n_targets; i-- > 0;)
			if (!lives(chart, from->targets[i])) drop_target(from->targets, &from->n_targets, i);
		from->gone = !lives(chart, from->source) || (had > 0 && from->n_targets == 0);
	}
}

enum { NODE_WAYS = 5, EDGE_WAYS = 6 };

bool smaller(random_chart *out, const random_chart *chart, uint32_t n) {
	if (n >= chart->n_nodes * NODE_WAYS + chart->n_edges * EDGE_WAYS) return false;
	*out = *chart;
	if (n < chart->n_nodes * NODE_WAYS) {
		node *state = &out->nodes[n / NODE_WAYS];
		switch (n % NODE_WAYS) {
		case 0: state->gone = n / NODE_WAYS > 0; break;
		case 1: state->n_entry = 0; break;
		case 2: state->n_exit = 0; break;
		case 3: state->initial_block = false; break;
		case 4:
			if (state->n_targets > 1) drop_target(state->targets, &state->n_targets, 0);
			break;
		}
	} else {
		n -= chart->n_nodes * NODE_WAYS;
		edge *from = &out->edges[n / EDGE_WAYS];
		switch (n % EDGE_WAYS) {
		case 0: from->gone = true; break;
		case 1: from->guard = from->guard && from->kind == EDGE_EVENTLESS; break;
		case 2: from->block = false; break;
		case 3: from->internal = false; break;
		case 4: from->defers = false; break;
		case 5:
			if (from->n_targets > 1) drop_target(from->targets, &from->n_targets, 0);
			break;
		}
	}
	tidy(out);
	return true;
}

uint32_t weight(const random_chart *chart) {
	uint32_t sum = 0;
	for (uint32_t n = 0; n < chart->n_nodes; n++)
		if (lives(chart, n))
			sum += 8 + chart->nodes[n].n_entry + chart->nodes[n].n_exit + chart->nodes[n].initial_block + chart->nodes[n].n_targets;
	for (uint32_t e = 0; e < chart->n_edges; e++) {
		const edge *from = &chart->edges[e];
		if (!from->gone && lives(chart, from->source))
			sum += 8u + from->guard + from->block + from->internal + from->defers + from->n_targets;
	}
	return sum;
}
