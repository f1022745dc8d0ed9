/* SPDX-License-Identifier: MIT */
/* What a finished chart looks like, how it is looked up in, and that large ones can be built. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "chart_text.h"

static chart_text text;

static apl_chart *build(const char *chart_lines, const apl_build_options *options) {
	apl_alloc alloc = apl_alloc_system();
	apl_findings findings;
	apl_chart *chart = NULL;
	apl_findings_init(&findings, &alloc);
	assert_int_equal(chart_text_build(&text, chart_lines, &alloc, options, &chart, &findings), APLOMB_OK);
	apl_findings_dispose(&findings);
	return chart;
}

static const apl_build_options free_chart = {.name = "free", .free_targets = true, .any_event = true};

static uint32_t state_called(const apl_chart *chart, const char *path) {
	uint32_t number = apl_chart_state(chart, path, strlen(path));
	assert_int_not_equal(number, APL_NONE);
	return number;
}

static const char *const incident = "event customer.message\n"
                                    "event customer.left\n"
                                    "event offer\n"
                                    "state incident\n"
                                    "  entry hello\n"
                                    "  state work initial talk / begin\n"
                                    "    on customer.left -> over do note\n"
                                    "    entry one\n"
                                    "    exit bye\n"
                                    "    entry two\n"
                                    "    parallel talk\n"
                                    "      state speech\n"
                                    "        state listening\n"
                                    "          on customer -> solving\n"
                                    "          on offer if yes internal -> solving\n"
                                    "          after since customer.message -> solving\n"
                                    "          or if no -> solving\n"
                                    "          always if no -> solving\n"
                                    "          after if yes\n"
                                    "        state solving\n"
                                    "        deep memory default solving / recall\n"
                                    "      state respect\n"
                                    "    on * do count\n"
                                    "    history back default talk\n"
                                    "    on offer -> back\n"
                                    "  final over outcome left\n";

static void states_are_numbered_in_document_order(void **state) {
	(void)state;
	apl_chart *chart = build(incident, NULL);
	static const char *const paths[] = {"", "work", "work.talk", "work.talk.speech", "work.talk.speech.listening",
	    "work.talk.speech.solving", "work.talk.speech.memory", "work.talk.respect", "work.back", "over"};
	static const uint32_t kinds[] = {APL_COMPOUND, APL_COMPOUND, APL_PARALLEL, APL_COMPOUND, APL_ATOMIC, APL_ATOMIC, APL_HISTORY_DEEP,
	    APL_ATOMIC, APL_HISTORY_SHALLOW, APL_FINAL};
	static const uint32_t ends[] = {10, 9, 8, 7, 5, 6, 7, 8, 9, 10};
	assert_int_equal(chart->n_states, 10);
	for (uint32_t i = 0; i < 10; i++) {
		assert_string_equal(chart->states[i].path, paths[i]);
		assert_int_equal(chart->states[i].kind, kinds[i]);
		assert_int_equal(chart->states[i].end, ends[i]);
		assert_int_equal(apl_chart_state(chart, paths[i], strlen(paths[i])), i);
	}
	assert_int_equal(apl_chart_state(chart, "work.talk.x", 11), APL_NONE);
	assert_int_equal(apl_chart_state(chart, "incident", 8), APL_NONE);
	assert_int_equal(chart->states[4].depth, 4);
	assert_int_equal(chart->states[4].parent, 3);
	assert_int_equal(chart->states[1].first_child, 2);
	assert_int_equal(chart->states[4].first_child, APL_NONE);
	assert_int_equal(chart->states[4].place.line, 13);
	assert_string_equal(chart->states[4].place.file, "t");
	assert_string_equal(chart->states[9].outcome, "left");
	assert_null(chart->states[1].outcome);
	/* Candidates of several leaves at once: a parallel and what is around it. */
	static const bool shared[] = {true, true, true, false, false, false, false, false, false, false};
	for (uint32_t i = 0; i < 10; i++) assert_int_equal(chart->states[i].shared, shared[i]);
	assert_int_equal(chart->n_history_slots, 2);
	assert_int_equal(chart->states[3].n_history, 1);
	assert_int_equal(chart->histories[chart->states[3].first_history], 6);
	apl_chart_free(chart);
}

static const char *handler_of(int32_t number) {
	return number == APL_NO_HANDLER ? "" : text.handlers[number];
}

static void what_a_state_carries_stands_in_document_order(void **state) {
	(void)state;
	apl_chart *chart = build(incident, NULL);
	const apl_state *work = &chart->states[state_called(chart, "work")];
	assert_int_equal(work->n_entry, 2);
	assert_string_equal(handler_of(chart->blocks[work->first_entry]), "one");
	assert_string_equal(handler_of(chart->blocks[work->first_entry + 1]), "two");
	assert_int_equal(work->n_exit, 1);
	assert_string_equal(handler_of(chart->blocks[work->first_exit]), "bye");
	assert_int_equal(work->n_transitions, 3);
	const apl_transition *t = &chart->transitions[work->first_transition];
	assert_string_equal(chart->patterns[t[0].first_pattern], "customer.left");
	assert_string_equal(chart->patterns[t[1].first_pattern], "*");
	assert_string_equal(chart->patterns[t[2].first_pattern], "offer");
	assert_string_equal(handler_of(t[0].block), "note");
	assert_int_equal(t[0].domain, 0);
	assert_int_equal(t[1].domain, APL_NONE);
	assert_int_equal(t[2].domain, APL_NONE);
	assert_true((t[2].flags & APL_DYNAMIC) != 0);
	assert_int_equal(chart->transitions[work->initial].flags, APL_INITIAL);
	assert_string_equal(handler_of(chart->transitions[work->initial].block), "begin");

	const apl_state *listening = &chart->states[state_called(chart, "work.talk.speech.listening")];
	static const uint32_t flags[] = {0, APL_INTERNAL, APL_DELAYED, APL_DELAYED, APL_EVENTLESS, APL_DELAYED};
	assert_int_equal(listening->n_transitions, 6);
	for (uint32_t i = 0; i < 6; i++) assert_int_equal(chart->transitions[listening->first_transition + i].flags, flags[i]);
	assert_int_equal(chart->transitions[listening->first_transition].domain, state_called(chart, "work.talk.speech"));
	apl_chart_free(chart);
}

static void delays_are_named_by_path_and_place(void **state) {
	(void)state;
	apl_chart *chart = build(incident, NULL);
	assert_int_equal(chart->n_delays, 2);
	for (uint32_t i = 0; i < 2; i++) {
		const apl_delay *delay = &chart->delays[i];
		char name[64];
		snprintf(name, sizeof name, "after.work.talk.speech.listening.%u", i + 1);
		assert_string_equal(delay->name, name);
		assert_int_equal(delay->event, chart->n_events - 2 + i);
		assert_int_equal(apl_chart_event(chart, name, strlen(name)), delay->event);
		assert_true(apl_chart_is_delay(chart, delay->event));
		assert_false(chart->events[delay->event].declared);
		assert_int_equal(delay->n_since, i == 0 ? 1 : 0);
	}
	assert_string_equal(chart->patterns[chart->delays[0].first_since], "customer.message");
	apl_chart_free(chart);
	chart = build("state r\n  after -> b\n  state a\n  state b\n", NULL);
	assert_string_equal(chart->delays[0].name, "after.1");
	apl_chart_free(chart);
}

static void events_of_the_chart_are_known(void **state) {
	(void)state;
	apl_chart *chart = build(incident, NULL);
	static const char *const known[] = {"customer.message", "customer.left", "offer", "error.execution", "error.communication",
	    "done.state.work", "done.state.talk", "done.state.speech"};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		int32_t number = apl_chart_event(chart, known[i], strlen(known[i]));
		assert_int_equal(number, i);
		assert_int_equal(chart->events[number].declared, i < 3);
		assert_int_equal(chart->events[number].size, strlen(known[i]));
	}
	assert_int_equal(apl_chart_event(chart, "customer", 8), -1);
	assert_int_equal(apl_chart_event(chart, "done.state.incident", 19), -1);
	assert_int_equal(chart->error_execution, 3);
	assert_int_equal(chart->error_communication, 4);
	assert_int_equal(chart->states[1].done_event, 5);
	assert_int_equal(chart->states[0].done_event, -1);
	assert_int_equal(chart->states[4].done_event, -1);
	apl_chart_free(chart);
}

static void an_event_declared_twice_is_one(void **state) {
	(void)state;
	apl_chart *chart = build("event x\nevent error.execution\nevent x\nstate r\n  state a\n", NULL);
	assert_int_equal(apl_chart_event(chart, "x", 1), 0);
	assert_int_equal(chart->error_execution, 1);
	assert_true(chart->events[1].declared);
	assert_int_equal(chart->n_events, 3);
	apl_chart_free(chart);
}

static void ids_with_dots_are_escaped_in_paths(void **state) {
	(void)state;
	apl_chart *chart = build("state r\n  state a.b\n    state c\\d\n  state a\n    state b\n", &free_chart);
	assert_string_equal(chart->states[1].path, "a\\.b");
	assert_string_equal(chart->states[2].path, "a\\.b.c\\\\d");
	assert_int_equal(state_called(chart, "a.b"), 4);
	apl_chart_free(chart);
}

static void descriptors_match_whole_tokens(void **state) {
	(void)state;
	static const struct {
		const char *pattern, *event;
		bool matches;
	} samples[] = {
	    {"a", "a", true},
	    {"a", "a.b", true},
	    {"a", "a.b.c", true},
	    {"a", "ab", false},
	    {"a", "b", false},
	    {"a", "", false},
	    {"a.b", "a", false},
	    {"a.b", "a.b", true},
	    {"a.b", "a.bc", false},
	    {"a.b", "a.b.c", true},
	    {"a.*", "a", true},
	    {"a.*", "a.b", true},
	    {"a.*", "ab", false},
	    {"a.", "a", true},
	    {"a.", "a.b", true},
	    {"a.", "ab", false},
	    {"*", "a", true},
	    {"*", "a.b", true},
	    {"a-b", "a-b", true},
	    {"a-b", "a", false},
	};
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
		assert_int_equal(apl_pattern_matches(samples[i].pattern, samples[i].event, strlen(samples[i].event)), samples[i].matches);
}

/* What rows[] say must be what descriptors say. */
static void rows_hold_what_the_descriptors_match(void **state) {
	(void)state;
	apl_chart *chart = build("event a\nevent a-b\nevent a.b\nevent a.b.c\nevent ab\nevent b\nevent a!\nstate r\n  on a.b.* a do one\n  on "
	                         "* b do two\n  on b defers\n"
	                         "  state s\n    on a.b\n    on done error\n    on ab a-b\n    after -> t\n  state t\n    always if no -> s\n",
	    &free_chart);
	assert_non_null(chart->rows);
	for (uint32_t e = 0; e < chart->n_events; e++) {
		bool defers = false;
		for (uint32_t s = 0; s < chart->n_states; s++) {
			const apl_state *of = &chart->states[s];
			const apl_candidate_row *row = &chart->rows[e * chart->n_states + s];
			uint32_t found = 0;
			for (uint32_t t = of->first_transition; t < of->first_transition + of->n_transitions; t++) {
				if (!apl_chart_listens(chart, &chart->transitions[t], (int32_t)e, chart->events[e].name, chart->events[e].size)) continue;
				assert_true(found < row->count);
				assert_int_equal(chart->candidates[row->first + found++], t);
				if ((chart->transitions[t].flags & APL_DEFERS) != 0) defers = true;
			}
			assert_int_equal(found, row->count);
		}
		assert_int_equal(chart->event_defers[e], defers);
	}
	assert_int_equal(chart->eventless[state_called(chart, "t")].count, 1);
	assert_int_equal(chart->eventless[0].count, 0);
	assert_true(apl_set_has(chart->eventless_takers, state_called(chart, "t")));
	assert_false(apl_set_has(chart->eventless_takers, state_called(chart, "s")));
	apl_chart_free(chart);
}

static void a_region_s_own_transition_inward_becomes_internal(void **state) {
	(void)state;
	static const char lines[] =
	    "event x\nstate r\n  parallel p\n    state one\n      on x -> b\n      state a\n      state b\n    state two\n";
	apl_chart *chart = build(lines, NULL);
	const apl_transition *t = &chart->transitions[chart->states[state_called(chart, "p.one")].first_transition];
	assert_int_equal(t->flags, APL_INTERNAL);
	assert_int_equal(t->domain, state_called(chart, "p.one"));
	apl_chart_free(chart);
	/* An imported chart means what SCXML says. */
	chart = build(lines, &free_chart);
	t = &chart->transitions[chart->states[state_called(chart, "p.one")].first_transition];
	assert_int_equal(t->flags, 0);
	assert_int_equal(t->domain, 0);
	apl_chart_free(chart);
}

/* ---- large ----------------------------------------------------------------- */

static double seconds(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* A tree eight wide, with transitions everywhere; ids unique in the chart. Returns how many states were declared. */
static uint32_t declare_tree(apl_builder *b, uint32_t first, uint32_t depth, uint32_t most, uint32_t n_events) {
	uint32_t number = first;
	for (uint32_t i = 0; i < 8 && number < most; i++) {
		char id[32], target[32], event[32];
		snprintf(id, sizeof id, "s%u", number);
		assert_true(apl_build_begin(b, i % 4 == 3 && depth < 4 ? APL_BUILD_PARALLEL : APL_BUILD_STATE, id, APL_NOWHERE));
		for (uint32_t k = 0; k < 4; k++) {
			snprintf(target, sizeof target, "s%u", (number * 7919 + k * 104729) % most);
			snprintf(event, sizeof event, k == 3 ? "e%u.*" : "e%u.x", (number * 31 + k) % n_events);
			if (strcmp(target, "s0") == 0) continue;
			assert_true(apl_build_transition(
			    b, &(apl_build_transition_options){.events = event, .targets = target, .guard = APL_NO_HANDLER, .block = APL_NO_HANDLER}));
		}
		number++;
		if (depth < 5) number = declare_tree(b, number, depth + 1, most, n_events);
		if (depth < 5 && number == first + i + 1 && i % 4 == 3) { /* a parallel wants a region */
			snprintf(id, sizeof id, "r%u", number);
			assert_true(apl_build_begin(b, APL_BUILD_STATE, id, APL_NOWHERE));
			assert_true(apl_build_end(b));
		}
		assert_true(apl_build_end(b));
	}
	return number;
}

static void a_chart_of_the_largest_size_is_built_quickly(void **state) {
	(void)state;
	enum { STATES = 16000, EVENTS = 1000 };
	failing_allocator memory = {0};
	apl_alloc alloc = failing_alloc(&memory);
	apl_findings findings;
	apl_chart *chart = NULL;
	apl_findings_init(&findings, &alloc);
	double began = seconds();
	apl_builder *b = apl_builder_new(&alloc, &(apl_build_options){.name = "large", .free_targets = true, .any_event = true});
	for (uint32_t i = 0; i < EVENTS; i++) {
		char name[32];
		snprintf(name, sizeof name, "e%u.x", i);
		assert_true(apl_build_event(b, name, APL_NOWHERE));
	}
	apl_build_begin(b, APL_BUILD_STATE, "s0", APL_NOWHERE);
	apl_build_transition(b, &(apl_build_transition_options){.events = "*", .guard = APL_NO_HANDLER, .block = APL_NO_HANDLER});
	assert_int_equal(declare_tree(b, 1, 0, STATES, EVENTS), STATES);
	apl_build_end(b);
	assert_int_equal(apl_build_finish(b, &chart, &findings), APLOMB_OK);
	apl_builder_free(b);
	print_message("%u states, %u transitions, %u events: %.2f s, %.1f MB\n", chart->n_states, chart->n_transitions, chart->n_events,
	    seconds() - began, (double)memory.bytes / 1e6);
	/* Too many pairs for rows: takers do. */
	assert_null(chart->rows);
	assert_true(memory.bytes < 64 * 1000 * 1000);
	for (uint32_t s = 0; s < chart->n_states; s += 97)
		assert_int_equal(apl_chart_state(chart, chart->states[s].path, strlen(chart->states[s].path)), s);
	apl_chart_free(chart);
	apl_findings_dispose(&findings);
	assert_int_equal(memory.bytes, 0);
}

/* A wide parallel that every state aims at: entry sets are large, plans are not made for them. */
static void many_ways_into_a_wide_parallel_are_built_quickly(void **state) {
	(void)state;
	enum { REGIONS = 4000, SIBLINGS = 4000 };
	apl_alloc alloc = apl_alloc_system();
	apl_findings findings;
	apl_chart *chart = NULL;
	apl_findings_init(&findings, &alloc);
	double began = seconds();
	apl_builder *b = apl_builder_new(&alloc, &(apl_build_options){.name = "wide", .any_event = true});
	char id[32];
	apl_build_begin(b, APL_BUILD_STATE, "r", APL_NOWHERE);
	for (uint32_t i = 0; i < SIBLINGS; i++) {
		snprintf(id, sizeof id, "a%u", i);
		apl_build_begin(b, APL_BUILD_STATE, id, APL_NOWHERE);
		apl_build_transition(
		    b, &(apl_build_transition_options){.events = "x", .targets = "p", .guard = APL_NO_HANDLER, .block = APL_NO_HANDLER});
		apl_build_end(b);
	}
	apl_build_begin(b, APL_BUILD_PARALLEL, "p", APL_NOWHERE);
	for (uint32_t i = 0; i < REGIONS; i++) {
		snprintf(id, sizeof id, "b%u", i);
		apl_build_begin(b, APL_BUILD_STATE, id, APL_NOWHERE);
		apl_build_end(b);
	}
	apl_build_end(b);
	apl_build_end(b);
	assert_int_equal(apl_build_finish(b, &chart, &findings), APLOMB_OK);
	print_message("%d ways into %d regions: %.2f s\n", SIBLINGS, REGIONS, seconds() - began);
	assert_int_equal(chart->plans[0].count, 0);
	apl_builder_free(b);
	apl_chart_free(chart);
	apl_findings_dispose(&findings);
}

/* Unknown targets and events by the thousand: near names are looked for so often only. */
static void a_chart_full_of_mistakes_is_told_quickly(void **state) {
	(void)state;
	enum { STATES = 8000 };
	apl_alloc alloc = apl_alloc_system();
	apl_findings findings;
	apl_chart *chart = NULL;
	apl_findings_init(&findings, &alloc);
	double began = seconds();
	apl_builder *b = apl_builder_new(&alloc, &(apl_build_options){.name = "wrong"});
	apl_build_begin(b, APL_BUILD_STATE, "r", APL_NOWHERE);
	for (uint32_t i = 0; i < STATES; i++) {
		char id[32], target[32];
		snprintf(id, sizeof id, "a%u", i);
		snprintf(target, sizeof target, "b%u", i);
		apl_build_begin(b, APL_BUILD_STATE, id, APL_NOWHERE);
		apl_build_transition(
		    b, &(apl_build_transition_options){.events = target, .targets = target, .guard = APL_NO_HANDLER, .block = APL_NO_HANDLER});
		apl_build_end(b);
	}
	apl_build_end(b);
	assert_int_equal(apl_build_finish(b, &chart, &findings), APLOMB_EPLAYBOOK);
	assert_int_equal(findings.errors, 2 * STATES);
	print_message("%u findings: %.2f s\n", findings.count, seconds() - began);
	apl_builder_free(b);
	apl_findings_dispose(&findings);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(states_are_numbered_in_document_order),
	    cmocka_unit_test(what_a_state_carries_stands_in_document_order),
	    cmocka_unit_test(delays_are_named_by_path_and_place),
	    cmocka_unit_test(events_of_the_chart_are_known),
	    cmocka_unit_test(an_event_declared_twice_is_one),
	    cmocka_unit_test(ids_with_dots_are_escaped_in_paths),
	    cmocka_unit_test(descriptors_match_whole_tokens),
	    cmocka_unit_test(rows_hold_what_the_descriptors_match),
	    cmocka_unit_test(a_region_s_own_transition_inward_becomes_internal),
	    cmocka_unit_test(a_chart_of_the_largest_size_is_built_quickly),
	    cmocka_unit_test(many_ways_into_a_wide_parallel_are_built_quickly),
	    cmocka_unit_test(a_chart_full_of_mistakes_is_told_quickly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
