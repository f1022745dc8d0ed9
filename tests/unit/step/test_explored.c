/* SPDX-License-Identifier: MIT */
/*
 * What an exploration says is impossible never happens: random charts are
 * explored, and then run with random events and guards. A warning that a run
 * proves wrong is printed with its chart.
 *
 * 4,000 charts, 100 events each; a twentieth of that under valgrind.
 * APLOMB_RANDOM_SEED and APLOMB_RANDOM_CHARTS choose others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../test_rounds.h"
#include "chart/explore.h"
#include "random_chart.h"
#include "step/machine.h"

enum { EVENTS_A_CHART = 100, MOST_SAID = 128 };

static const apl_machine_bounds bounds = {30, 30};

/* A finding: of a transition by its edge, of a state by its number. */
typedef struct said {
	char slug[32];
	uint32_t line;  /* 0: of a state */
	uint32_t state; /* the root for what is true of all */
} said;

typedef struct run {
	uint64_t rng;
	apl_machine *machine;
	apl_chart *chart;
	uint64_t *words;
	said all[MOST_SAID];
	uint32_t n_said;
	bool *taken;   /* [transition]: ever */
	bool *entered; /* [state]: in this step */
	bool took_any; /* in this step */
	const char *wrong;
} run;

/* The state named by the first quoted text of the message. */
static void note_finding(const aplomb_finding *finding, void *payload) {
	run *r = payload;
	const char *first = strchr(finding->message, '"');
	assert_non_null(first);
	const char *end = strchr(first + 1, '"');
	assert_non_null(end);
	if (r->n_said == MOST_SAID) return;
	said *s = &r->all[r->n_said++];
	snprintf(s->slug, sizeof s->slug, "%s", finding->slug);
	s->line = finding->line;
	s->state = apl_chart_state(r->chart, first + 1, (size_t)(end - first - 1));
	if (strncmp(finding->message, "playbook", 8) == 0) s->state = 0;
	assert_int_not_equal(s->state, APL_NONE);
}

static int guard(void *self, int32_t handler) {
	run *r = self;
	return chance(&r->rng, handler >= EVENTLESS_GUARDS && handler < BLOCKS ? 14 : 56) ? APL_PORT_TRUE : APL_PORT_FALSE;
}

static int act(void *self, int32_t handler) {
	static const char *const names[] = {"a", "a.b", "b", "c", "d", "x.y"};
	run *r = self;
	(void)handler;
	if (!chance(&r->rng, 3)) return APL_PORT_FALSE;
	const char *name = names[below(&r->rng, sizeof names / sizeof *names)];
	apl_step_event event = {apl_chart_event(r->chart, name, strlen(name)), (uint32_t)strlen(name), name, NULL};
	apl_machine_raise(r->machine, &event);
	return APL_PORT_FALSE;
}

static void heard(void *self, const apl_step_event *event) {
	(void)self;
	(void)event;
}
static void took(void *self, uint32_t transition) {
	run *r = self;
	r->taken[transition] = true;
	r->took_any = true;
}
static void entered(void *self, uint32_t state) {
	((run *)self)->entered[state] = true;
}
static void exited(void *self, uint32_t state) {
	(void)self;
	(void)state;
}
static const apl_port port = {guard, act, heard, took, entered, exited, NULL};

static bool is_in(const run *r, uint32_t state) {
	for (uint32_t s = state; s < r->chart->states[state].end; s++)
		if (apl_set_has(r->words, s)) return true;
	return false;
}

/* After a step. [was_dead], [was_stuck]: before it, by finding. */
static void judge(run *r, apl_step_result result, const bool *was_in) {
	for (uint32_t i = 0; i < r->n_said; i++) {
		const said *s = &r->all[i];
		if (strcmp(s->slug, "dead-end") == 0 && was_in[i] && r->took_any) r->wrong = "dead-end";
		if (strcmp(s->slug, "no-way-to-final") == 0 && was_in[i] && result == APL_STEP_FINISHED) r->wrong = "no-way-to-final";
		if (strcmp(s->slug, "no-final") == 0 && result == APL_STEP_FINISHED) r->wrong = "no-final";
		if (strcmp(s->slug, "endless-always") == 0 && r->entered[s->state] && result < APL_STEP_FINISHED) r->wrong = "endless-always";
		if (strcmp(s->slug, "guard-shadowed") != 0 && strcmp(s->slug, "done-never-comes") != 0) continue;
		for (uint32_t t = 0; t < r->chart->n_transitions; t++) {
			const apl_transition *transition = &r->chart->transitions[t];
			if (!r->taken[t] || transition->place.line != s->line || (transition->flags & APL_INITIAL) != 0) continue;
			/* One of several events that never come does not keep a transition from being taken. */
			if (s->slug[0] == 'g' || transition->n_patterns == 1) r->wrong = s->slug;
		}
	}
}

static void play(run *r) {
	static const char *const names[] = {
	    "a", "a", "a.b", "a.b.c", "a.b.c.d", "b", "b", "b.x", "c", "c", "d", "d.e", "x.y.z", "quite.unknown"};
	apl_chart *chart = r->chart;
	bool was_in[MOST_SAID];
	apl_machine_use(r->machine, chart, r->words, r->words + chart->n_words, &port, r, &bounds);
	apl_step_result result = apl_machine_start(r->machine);
	memset(was_in, 0, sizeof was_in);
	judge(r, result, was_in);
	for (int i = 0; i < EVENTS_A_CHART && r->wrong == NULL && result < APL_STEP_FINISHED; i++) {
		for (uint32_t n = 0; n < r->n_said; n++) was_in[n] = is_in(r, r->all[n].state);
		memset(r->entered, 0, chart->n_states * sizeof *r->entered);
		r->took_any = false;
		const char *name = names[below(&r->rng, sizeof names / sizeof *names)];
		apl_step_event event = {apl_chart_event(chart, name, strlen(name)), (uint32_t)strlen(name), name, NULL};
		if (chance(&r->rng, 15) && chart->n_delays > 0) {
			const apl_delay *delay = &chart->delays[below(&r->rng, chart->n_delays)];
			event = (apl_step_event){delay->event, (uint32_t)strlen(delay->name), delay->name, NULL};
		}
		result = apl_machine_step(r->machine, &event);
		judge(r, result, was_in);
	}
}

typedef struct totals {
	uint64_t charts, ends, noways, nofinals, nevers, shadows, endless;
} totals;

static void count(totals *t, const run *r) {
	for (uint32_t i = 0; i < r->n_said; i++) {
		const char *slug = r->all[i].slug;
		t->ends += strcmp(slug, "dead-end") == 0;
		t->noways += strcmp(slug, "no-way-to-final") == 0;
		t->nofinals += strcmp(slug, "no-final") == 0;
		t->nevers += strcmp(slug, "done-never-comes") == 0;
		t->shadows += strcmp(slug, "guard-shadowed") == 0;
		t->endless += strcmp(slug, "endless-always") == 0;
	}
}

static void explore_and_play(const random_chart *description, apl_machine *machine, totals *t) {
	run r = {.rng = description->seed ^ 0x5EED, .machine = machine, .chart = build(description, NULL)};
	if (r.chart == NULL) return; /* what chance made is refused */
	apl_alloc alloc = apl_alloc_system();
	apl_findings findings;
	apl_findings_init(&findings, &alloc);
	assert_true(apl_explore(r.chart, NULL, &findings));
	apl_findings_tell(&findings, note_finding, &r);
	apl_findings_dispose(&findings);
	r.words = calloc(((size_t)r.chart->n_history_slots + 1) * r.chart->n_words, sizeof *r.words);
	r.taken = calloc(r.chart->n_transitions + 1, sizeof *r.taken);
	r.entered = calloc(r.chart->n_states, sizeof *r.entered);
	assert_true(r.words != NULL && r.taken != NULL && r.entered != NULL);
	for (int i = 0; i < 4 && r.wrong == NULL; i++) {
		memset(r.words, 0, ((size_t)r.chart->n_history_slots + 1) * r.chart->n_words * sizeof *r.words);
		memset(r.entered, 0, r.chart->n_states);
		play(&r);
	}
	t->charts++;
	count(t, &r);
	if (r.wrong != NULL) {
		print_error("%s was said, and is not so, of the chart of seed %llu:\n", r.wrong, (unsigned long long)description->seed);
		for (uint32_t i = 0; i < r.n_said; i++)
			print_error("%s, edge %u, state %s\n", r.all[i].slug, r.all[i].line - 1, r.chart->states[r.all[i].state].id);
		print_chart(stderr, description);
	}
	assert_null(r.wrong);
	free(r.words);
	free(r.taken);
	free(r.entered);
	apl_chart_free(r.chart);
}

/* Few charts that chance makes can end; here most have a final, and some transitions lead to it. */
static void add_final(random_chart *chart, uint64_t *rng) {
	if (chart->nodes[0].kind != APL_BUILD_STATE || chart->n_nodes == MOST_NODES) return;
	uint32_t final = chart->n_nodes++;
	chart->nodes[final] = (node){.kind = APL_BUILD_FINAL, .parent = 0, .end = final + 1};
	chart->nodes[0].end = chart->n_nodes;
	for (uint32_t i = 0; i < chart->n_edges; i++) {
		edge *e = &chart->edges[i];
		if (e->defers || !chance(rng, 9)) continue;
		e->targets[0] = final;
		e->n_targets = 1;
	}
}

static void what_is_said_to_be_impossible_never_happens(void **state) {
	(void)state;
	const char *seed = getenv("APLOMB_RANDOM_SEED");
	const char *charts = getenv("APLOMB_RANDOM_CHARTS");
	uint64_t first = seed != NULL ? strtoull(seed, NULL, 10) : 20260101;
	uint64_t n = charts != NULL ? strtoull(charts, NULL, 10) : APL_ROUNDS(4000, 200);
	apl_alloc alloc = apl_alloc_system();
	apl_machine *machine = apl_machine_new(&alloc);
	assert_non_null(machine);
	totals t = {0};
	for (uint64_t i = 0; i < n; i++) {
		random_chart description;
		uint64_t rng = first + i;
		generate(&description, first + i * 7919);
		if (i % 4 != 0) add_final(&description, &rng);
		explore_and_play(&description, machine, &t);
	}
	apl_machine_free(machine);
	print_message(
	    "%llu charts: %llu dead ends, %llu without a way to a final, %llu without an end, %llu ends that never come, %llu shadowed, %llu "
	    "endless\n",
	    (unsigned long long)t.charts, (unsigned long long)t.ends, (unsigned long long)t.noways, (unsigned long long)t.nofinals,
	    (unsigned long long)t.nevers, (unsigned long long)t.shadows, (unsigned long long)t.endless);
	/* Chance must have made some of each, or nothing was tried. */
	if (n >= 1000) assert_true(t.ends > 0 && t.noways > 0 && t.nofinals > 0 && t.nevers > 0 && t.shadows > 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_said_to_be_impossible_never_happens)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
