/* SPDX-License-Identifier: MIT */
/*
 * The machine beside Appendix D (appendix_d.c) on random charts: after every
 * event both must agree on the result, the configuration, what histories
 * remember, and the order of everything that happened. A chart on which they
 * differ is made smaller while they still do, and printed.
 *
 * 10,000 charts, 100 events each; a twentieth of that under valgrind.
 * APLOMB_RANDOM_SEED and APLOMB_RANDOM_CHARTS choose others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../test_rounds.h"
#include "appendix_d.h"
#include "random_chart.h"

enum { EVENTS_A_CHART = 100, MOST_TRACED = 4096 };

static const apl_machine_bounds bounds = {30, 30};

/* ---- the world: what both ask --------------------------------------------- */

/* 'V' event, 'X' exited, 'T' taken, 'E' entered, 'B' block. */
typedef struct happening {
	char what;
	int32_t number;
} happening;

/* Guards and blocks answer by chance that depends on the handler and on how many blocks ran before: the same for both as long as they
 * agree. */
typedef struct world {
	uint64_t seed;
	const apl_chart *chart;
	void (*raise)(void *target, const apl_step_event *event);
	void *target;
	uint32_t blocks_run;
	happening trace[MOST_TRACED];
	uint32_t n_trace;
	uint64_t blocks_erred, raised;
} world;

static void note(world *w, char what, int32_t number) {
	if (w->n_trace < MOST_TRACED) w->trace[w->n_trace] = (happening){what, number};
	w->n_trace++;
}

static apl_step_event event_called(const apl_chart *chart, const char *name) {
	return (apl_step_event){apl_chart_event(chart, name, strlen(name)), (uint32_t)strlen(name), name, NULL};
}

static void raise_called(world *w, const char *name) {
	apl_step_event event = event_called(w->chart, name);
	w->raised++;
	w->raise(w->target, &event);
}

static uint32_t decide(const world *w, int32_t handler) {
	uint64_t state = w->seed ^ ((uint64_t)(uint32_t)handler << 32) ^ w->blocks_run;
	return below(&state, 10000);
}

static int world_guard(void *self, int32_t handler) {
	world *w = self;
	uint32_t r = decide(w, handler);
	if (r % 100 < 3) {
		raise_called(w, "error.execution");
		return APL_PORT_ERROR;
	}
	/* Eventless transitions must run dry some time. */
	uint32_t often = handler >= EVENTLESS_GUARDS ? 14 : 56;
	return r % 100 < often ? APL_PORT_TRUE : APL_PORT_FALSE;
}

static const char *const raised_names[] = {"a", "a.b", "a.b.c", "b", "b.x", "c", "d", "never.heard.of", "x.y", "d.e"};

static int world_run(void *self, int32_t handler) {
	world *w = self;
	uint32_t r = decide(w, handler);
	note(w, 'B', handler);
	w->blocks_run++;
	/* Seldom enough that most macrosteps end within the bounds. */
	if (r % 1000 < 35) raise_called(w, raised_names[r / 1000]);
	if (r % 1000 < 10) raise_called(w, raised_names[r / 100 % 10]);
	if (r % 1000 < 985) return APL_PORT_FALSE;
	w->blocks_erred++;
	raise_called(w, "error.execution");
	return APL_PORT_ERROR;
}

static void world_event(void *self, const apl_step_event *event) {
	int32_t letters = 0;
	for (uint32_t i = 0; i < event->size; i++) letters = (letters * 31 + event->name[i]) & 0xFFFFFF;
	note(self, 'V', letters);
}

static void world_taken(void *self, uint32_t transition) {
	note(self, 'T', (int32_t)transition);
}
static void world_entered(void *self, uint32_t state) {
	note(self, 'E', (int32_t)state);
}
static void world_exited(void *self, uint32_t state) {
	note(self, 'X', (int32_t)state);
}

static const apl_port port = {world_guard, world_run, world_event, world_taken, world_entered, world_exited, NULL};

static void raise_to_machine(void *target, const apl_step_event *event) {
	apl_machine_raise(target, event);
}
static void raise_to_interpreter(void *target, const apl_step_event *event) {
	interpreter_raise(target, event);
}

/* ---- one chart ------------------------------------------------------------ */

typedef struct totals {
	occurrences seen;
	uint64_t charts, events, unknown_events, unhandled, deferred, finished, too_many_microsteps, too_many_raised;
	uint64_t without_rows, without_plans, several_words;
	uint64_t blocks_erred, raised;
} totals;

/* One chart on both sides. The two keep their own words and worlds. */
typedef struct contest {
	apl_chart *chart;
	apl_machine *machine;
	uint64_t *words; /* configuration, then histories */
	size_t n_words;
	interpreter *reference;
	world *ours, *theirs;
	const char *difference; /* NULL: they agree */
} contest;

static bool is_legal(const apl_chart *chart, const uint64_t *configuration) {
	for (uint32_t s = 0; s < chart->n_states; s++) {
		const apl_state *state = &chart->states[s];
		bool active = apl_set_has(configuration, s);
		if (active && (state->kind == APL_HISTORY_SHALLOW || state->kind == APL_HISTORY_DEEP)) return false;
		uint32_t children = 0;
		uint32_t active_children = 0;
		for (uint32_t child = s + 1; child < state->end; child = chart->states[child].end) {
			children += chart->states[child].kind < APL_HISTORY_SHALLOW;
			active_children += apl_set_has(configuration, child);
		}
		uint32_t wanted = !active ? 0 : state->kind == APL_COMPOUND ? 1 : state->kind == APL_PARALLEL ? children : 0;
		if (active_children != wanted) return false;
	}
	return true;
}

static bool same_set(const apl_chart *chart, const uint64_t *set, const ordered_set *states) {
	for (uint32_t s = 0; s < chart->n_states; s++)
		if (apl_set_has(set, s) != is_member(states, s)) return false;
	return true;
}

static bool moved(const world *w) {
	for (uint32_t i = 0; i < w->n_trace; i++)
		if (w->trace[i].what == 'E' || w->trace[i].what == 'X') return true;
	return false;
}

/* What is different after a step on both sides, or NULL. */
static const char *compare(const contest *c, apl_step_result ours, apl_step_result theirs) {
	const apl_chart *chart = c->chart;
	if (ours != theirs) return "the result";
	if (ours >= APL_STEP_MICROSTEPS) return NULL; /* a failure: what it left is not to be used */
	if (c->ours->n_trace != c->theirs->n_trace || c->ours->n_trace > MOST_TRACED ||
	    memcmp(c->ours->trace, c->theirs->trace, c->ours->n_trace * sizeof *c->ours->trace) != 0)
		return "the order of actions";
	if (!same_set(chart, c->words, &c->reference->configuration)) return "the configuration";
	for (uint32_t h = 0; h < chart->n_history_slots; h++)
		if (!same_set(chart, c->words + (size_t)(h + 1) * chart->n_words, &c->reference->history_value[h])) return "a history";
	if (apl_machine_final(c->machine) != c->reference->final) return "the final state";
	if (apl_machine_microsteps(c->machine) != c->reference->microsteps) return "the number of microsteps";
	if (apl_machine_moved(c->machine) != moved(c->ours)) return "whether it moved";
	if (ours != APL_STEP_FINISHED && !is_legal(chart, c->words)) return "nothing, but the configuration is not legal";
	return NULL;
}

static const char *const outside_names[] = {
    "a", "a", "a.b", "a.b.c", "a.b.c.d", "b", "b", "b.x", "c", "c", "d", "d.e", "ab", "x.y.z", "done.state.s1", "quite.unknown"};

static apl_step_event outside_event(const apl_chart *chart, uint64_t *rng) {
	uint32_t r = below(rng, 100);
	uint32_t pick = below(rng, 1 << 16);
	if (r < 15 && chart->n_delays > 0) {
		const apl_delay *delay = &chart->delays[pick % chart->n_delays];
		return (apl_step_event){delay->event, (uint32_t)strlen(delay->name), delay->name, NULL};
	}
	apl_step_event event = event_called(chart, outside_names[pick % (sizeof outside_names / sizeof *outside_names)]);
	/* Not knowing a known name's number must make no difference. */
	if (r > 90) event.number = -1;
	return event;
}

static void count_result(totals *t, apl_step_result result, const apl_step_event *event) {
	t->events++;
	if (event != NULL && event->number < 0) t->unknown_events++;
	switch (result) {
	case APL_STEP_UNHANDLED: t->unhandled++; break;
	case APL_STEP_DEFERRED: t->deferred++; break;
	case APL_STEP_FINISHED: t->finished++; break;
	case APL_STEP_MICROSTEPS: t->too_many_microsteps++; break;
	case APL_STEP_QUEUE: t->too_many_raised++; break;
	case APL_STEP_STABLE:
	case APL_STEP_BREACH:
	case APL_STEP_NO_MEMORY: break;
	}
}

static void tell_trace(FILE *out, const char *who, const world *w) {
	fprintf(out, "%s:", who);
	for (uint32_t i = 0; i < w->n_trace && i < MOST_TRACED; i++) fprintf(out, " %c%d", w->trace[i].what, w->trace[i].number);
	fprintf(out, "\n");
}

static void tell_set(FILE *out, const char *who, const apl_chart *chart, const uint64_t *words, const ordered_set *states) {
	fprintf(out, "%s:", who);
	for (uint32_t s = 0; s < chart->n_states; s++)
		if (words != NULL ? apl_set_has(words, s) : is_member(states, s)) fprintf(out, " %s", chart->states[s].id);
	fprintf(out, "\n");
}

/* One event to both. */
static void step_both(contest *c, const apl_step_event *event, totals *t, uint64_t *saved_words, interpreter *saved_reference) {
	uint32_t ours_before = c->ours->blocks_run;
	uint32_t theirs_before = c->theirs->blocks_run;
	memcpy(saved_words, c->words, c->n_words * sizeof *saved_words);
	*saved_reference = *c->reference;
	c->ours->n_trace = c->theirs->n_trace = 0;
	apl_step_result ours = event != NULL ? apl_machine_step(c->machine, event) : apl_machine_start(c->machine);
	apl_step_result theirs = event != NULL ? interpreter_step(c->reference, event) : interpreter_start(c->reference);
	c->difference = compare(c, ours, theirs);
	count_result(t, ours, event);
	if (ours < APL_STEP_MICROSTEPS) return;
	memcpy(c->words, saved_words, c->n_words * sizeof *saved_words);
	*c->reference = *saved_reference;
	/* Not quite as before, or the same event would fail for ever. */
	c->ours->blocks_run = ours_before + 1;
	c->theirs->blocks_run = theirs_before + 1;
}

static bool is_started(const contest *c) {
	return (c->words[0] & 1u) != 0; /* the root is active */
}

/*
 * Do both agree on the chart for [n_events] events? Returns how many they
 * agreed on: [n_events] when yes. [report], if any, is told the difference.
 */
static uint32_t agree(const random_chart *from, apl_machine *machine, uint32_t n_events, totals *t, FILE *report) {
	apl_chart *chart = build(from, report);
	static interpreter reference, saved_reference;
	static world ours, theirs;
	if (chart == NULL) {
		if (report != NULL) fprintf(report, "the builder refuses it\n");
		return report != NULL ? 0 : n_events; /* while making smaller: no smaller example */
	}
	bool no_rows = from->seed % 3 == 0;
	bool no_plans = from->seed % 5 == 0;
	if (no_rows) chart->rows = NULL;
	if (no_plans) memset(chart->plans, 0, chart->n_transitions * sizeof *chart->plans);
	t->charts++;
	t->without_rows += no_rows;
	t->without_plans += no_plans;
	t->several_words += chart->n_words > 1;

	contest c = {.chart = chart, .machine = machine, .reference = &reference, .ours = &ours, .theirs = &theirs};
	c.n_words = (size_t)chart->n_words * (1 + chart->n_history_slots);
	c.words = calloc(c.n_words, sizeof *c.words);
	uint64_t *saved_words = calloc(c.n_words, sizeof *saved_words);
	ours = (world){.seed = from->seed, .chart = chart, .raise = raise_to_machine, .target = machine};
	theirs = (world){.seed = from->seed, .chart = chart, .raise = raise_to_interpreter, .target = &reference};
	apl_machine_use(machine, chart, c.words, c.words + chart->n_words, &port, &ours, &bounds);
	interpreter_init(&reference, chart, &port, &theirs, bounds, &t->seen);

	uint32_t done = 0;
	uint64_t rng = from->seed ^ UINT64_C(0x5DEECE66D);
	for (; done < n_events && c.difference == NULL; done++) {
		uint64_t own = next_random(&rng); /* each event by its own chance, whatever was asked before */
		apl_step_event event = outside_event(chart, &own);
		step_both(&c, is_started(&c) ? &event : NULL, t, saved_words, &saved_reference);
		if (c.difference != NULL && report != NULL)
			fprintf(report, "they differ in %s after step %u, %s\n", c.difference, done, is_started(&c) ? event.name : "the start");
	}
	if (c.difference != NULL && report != NULL) {
		tell_trace(report, "the machine ", &ours);
		tell_trace(report, "appendix D  ", &theirs);
		tell_set(report, "the machine before", chart, saved_words, NULL);
		tell_set(report, "the machine after ", chart, c.words, NULL);
		tell_set(report, "appendix D after  ", chart, NULL, &reference.configuration);
	}
	t->blocks_erred += ours.blocks_erred;
	t->raised += ours.raised;
	free(c.words);
	free(saved_words);
	bool agreed = c.difference == NULL;
	apl_chart_free(chart);
	return agreed ? n_events : done - 1;
}

/* Tries every way to make it smaller, again and again, until none is left. */
static void shrink(random_chart *chart, apl_machine *machine, uint32_t n_events) {
	static random_chart candidate;
	totals ignored = {0};
	bool shrunk = true;
	while (shrunk) {
		shrunk = false;
		for (uint32_t n = 0; smaller(&candidate, chart, n); n++) {
			if (weight(&candidate) >= weight(chart) || agree(&candidate, machine, n_events, &ignored, NULL) == n_events) continue;
			*chart = candidate;
			shrunk = true;
		}
	}
}

static unsigned long long number_of(const char *name, unsigned long long otherwise) {
	const char *text = getenv(name);
	return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static void print_totals(const totals *t) {
	const occurrences *s = &t->seen;
#define SAY(value) (unsigned long long)(value)
	print_message("charts %llu (of several words %llu, without rows %llu, without plans %llu), events %llu (unknown %llu)\n",
	    SAY(t->charts), SAY(t->several_words), SAY(t->without_rows), SAY(t->without_plans), SAY(t->events), SAY(t->unknown_events));
	print_message("results: unhandled %llu, deferred %llu, finished %llu, too many microsteps %llu, too many internal events %llu\n",
	    SAY(t->unhandled), SAY(t->deferred), SAY(t->finished), SAY(t->too_many_microsteps), SAY(t->too_many_raised));
	print_message("microsteps %llu, transitions %llu: targetless %llu, internal %llu, external %llu, of several targets %llu, eventless "
	              "%llu, delayed %llu\n",
	    SAY(s->microsteps), SAY(s->transitions), SAY(s->targetless), SAY(s->internal), SAY(s->external), SAY(s->several_targets),
	    SAY(s->eventless), SAY(s->delayed));
	print_message("histories: restored %llu (deep %llu), defaulted %llu, as targets %llu, entries above the domain kept out %llu\n",
	    SAY(s->histories_restored), SAY(s->deep_restored), SAY(s->histories_defaulted), SAY(s->dynamic_domains), SAY(s->entries_kept_out));
	print_message("conflicts %llu, won by a descendant %llu, domains above a parallel %llu\n", SAY(s->conflicts),
	    SAY(s->preempted_by_descendant), SAY(s->domain_above_parallel));
	print_message("done: compound %llu, parallel %llu, further outward %llu, root parallel %llu\n", SAY(s->done_compound),
	    SAY(s->done_parallel), SAY(s->done_outward), SAY(s->done_root_parallel));
	print_message("errors: guards %llu (not asked again %llu), blocks %llu; events raised %llu; deferring passed over %llu\n",
	    SAY(s->guards_erred), SAY(s->guards_not_asked_again), SAY(t->blocks_erred), SAY(t->raised), SAY(s->deferring_passed_over));
#undef SAY
}

static void assert_nothing_was_missed(const totals *t) {
	const occurrences *s = &t->seen;
	const uint64_t counts[] = {t->unknown_events, t->unhandled, t->deferred, t->finished, t->too_many_microsteps, t->too_many_raised,
	    t->several_words, t->blocks_erred, s->targetless, s->internal, s->external, s->several_targets, s->eventless, s->delayed,
	    s->histories_restored, s->deep_restored, s->histories_defaulted, s->dynamic_domains, s->entries_kept_out, s->conflicts,
	    s->preempted_by_descendant, s->domain_above_parallel, s->done_compound, s->done_parallel, s->done_outward, s->done_root_parallel,
	    s->guards_erred, s->guards_not_asked_again, s->deferring_passed_over};
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) assert_true(counts[i] > 0);
}

static void the_machine_agrees_with_appendix_d_on_random_charts(void **state) {
	(void)state;
	static random_chart chart;
	static totals sums;
	apl_alloc alloc = apl_alloc_system();
	apl_machine *machine = apl_machine_new(&alloc);
	unsigned long long n_charts = number_of("APLOMB_RANDOM_CHARTS", APL_ROUNDS(6000, 100));
	unsigned long long seed = number_of("APLOMB_RANDOM_SEED", 20261123);
	for (unsigned long long i = 0; i < n_charts; i++) {
		generate(&chart, (seed << 20) + i);
		uint32_t agreed = agree(&chart, machine, EVENTS_A_CHART, &sums, NULL);
		if (agreed == EVENTS_A_CHART) continue;
		shrink(&chart, machine, agreed + 1);
		fprintf(stderr, "\nchart %llu of seed %llu, made smaller:\n", i, seed);
		print_chart(stderr, &chart);
		agree(&chart, machine, agreed + 1, &sums, stderr);
		fail_msg("the machine and Appendix D differ");
	}
	apl_machine_free(machine);
	print_totals(&sums);
	assert_int_equal(sums.charts, n_charts);
	if (n_charts >= 500) assert_nothing_was_missed(&sums);
}

int main(void) {
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_machine_agrees_with_appendix_d_on_random_charts)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
