/* SPDX-License-Identifier: MIT */
/* Bounds, failures, deferral, delays, memory: what SCXML says nothing about. What it says is in tests/conformance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stage.h"

static const char *const deferring = "state r\n"
                                     "  state closed\n"
                                     "    on call defers if in:closed\n"
                                     "    on open -> open\n"
                                     "  state open\n"
                                     "    on call -> busy do answer\n"
                                     "  state busy\n"
                                     "  on call do outer\n";

static void an_event_that_only_a_deferring_candidate_wants_is_deferred(void **state) {
	(void)state;
	stage s;
	stage_open(&s, deferring, NULL);
	assert_int_equal(stage_start(&s), APL_STEP_STABLE);
	assert_int_equal(stage_send(&s, "call"), APL_STEP_DEFERRED);
	/* It stands before the root's transition, and nothing at all happened. */
	assert_string_equal(s.log, "");
	assert_string_equal(s.moves, "");
	assert_int_equal(s.n_taken, 0);
	assert_int_equal(apl_machine_microsteps(s.machine), 0);
	assert_false(apl_machine_moved(s.machine));
	assert_int_equal(s.chart->event_defers[apl_chart_event(s.chart, "call", 4)], 1);
	assert_int_equal(s.chart->event_defers[apl_chart_event(s.chart, "open", 4)], 0);
	assert_int_equal(stage_send(&s, "open"), APL_STEP_STABLE);
	assert_true(apl_machine_moved(s.machine));
	assert_int_equal(stage_send(&s, "call"), APL_STEP_STABLE);
	assert_string_equal(s.log, "answer");
	stage_close(&s);
}

static void a_region_that_takes_the_event_beats_one_that_defers_it(void **state) {
	(void)state;
	stage s;
	stage_open(&s,
	    "parallel r\n"
	    "  state one\n"
	    "    on x defers\n"
	    "  state two\n"
	    "    on x if in:one do took\n",
	    NULL);
	stage_start(&s);
	assert_int_equal(stage_send(&s, "x"), APL_STEP_STABLE);
	assert_string_equal(s.log, "took");
	stage_close(&s);
}

static void a_deferring_transition_whose_guard_is_false_defers_nothing(void **state) {
	(void)state;
	stage s;
	stage_open(&s, "state r\n  state a\n    on x defers if no\n  on x do outer\n", NULL);
	stage_start(&s);
	assert_int_equal(stage_send(&s, "x"), APL_STEP_STABLE);
	assert_string_equal(s.log, "outer");
	stage_close(&s);
}

static void internal_events_are_not_deferred(void **state) {
	(void)state;
	stage s;
	stage_open(&s, "state r\n  state a\n    on x defers\n    on go do raise:x\n  on x do outer\n", NULL);
	stage_start(&s);
	assert_int_equal(stage_send(&s, "go"), APL_STEP_STABLE);
	assert_string_equal(s.log, "outer");
	assert_string_equal(s.events, "go x");
	stage_close(&s);
}

static void nothing_is_left_of_what_a_deferred_event_raised(void **state) {
	(void)state;
	stage s;
	stage_open(
	    &s, "state r\n  state a\n    on x if fail -> b\n    on x defers\n    on error.execution -> b\n    on y do seen\n  state b\n", NULL);
	stage_start(&s);
	assert_int_equal(stage_send(&s, "x"), APL_STEP_DEFERRED);
	assert_int_equal(stage_send(&s, "y"), APL_STEP_STABLE);
	assert_string_equal(s.events, "y");
	assert_string_equal(stage_leaves(&s), "a");
	stage_close(&s);
}

static void a_delay_happens_to_its_own_state_only(void **state) {
	(void)state;
	stage s;
	stage_open(&s,
	    "state r\n"
	    "  on * do star\n"
	    "  on after do prefix\n"
	    "  state a\n"
	    "    after if no -> b\n"
	    "    or -> c\n"
	    "    after -> b\n"
	    "  state b\n"
	    "  state c\n",
	    NULL);
	stage_start(&s);
	/* Candidates in order, by the delay they belong to. */
	assert_int_equal(stage_delay(&s, "a", 1), APL_STEP_STABLE);
	assert_string_equal(stage_leaves(&s), "c");
	assert_string_equal(s.events, "after.a.1");
	assert_string_equal(s.log, "");
	/* Left meanwhile: nobody takes it, not even "*". */
	assert_int_equal(stage_delay(&s, "a", 1), APL_STEP_UNHANDLED);
	assert_string_equal(s.log, "");
	stage_start(&s);
	assert_int_equal(stage_delay(&s, "a", 2), APL_STEP_STABLE);
	assert_string_equal(stage_leaves(&s), "b");
	stage_close(&s);
}

static void an_endless_microstep_ends_at_its_bound(void **state) {
	(void)state;
	stage s;
	stage_open(&s, "state r\n  state a\n    on go -> b\n  state b\n    always -> c\n  state c\n    always -> b\n", NULL);
	s.bounds.microsteps = 7;
	stage_start(&s);
	assert_int_equal(stage_send(&s, "go"), APL_STEP_MICROSTEPS);
	assert_int_equal(apl_machine_microsteps(s.machine), 7);
	stage_close(&s);
}

static void exactly_the_bound_is_allowed(void **state) {
	(void)state;
	stage s;
	stage_open(&s, "state r\n  state a\n    on go -> b do raise:x,raise:x\n  state b\n    always -> c\n  state c\n", NULL);
	s.bounds = (apl_machine_bounds){2, 2};
	stage_start(&s);
	assert_int_equal(stage_send(&s, "go"), APL_STEP_STABLE);
	assert_string_equal(s.events, "go x x");
	stage_start(&s);
	s.bounds = (apl_machine_bounds){1, 2};
	assert_int_equal(stage_send(&s, "go"), APL_STEP_MICROSTEPS);
	stage_start(&s);
	s.bounds = (apl_machine_bounds){2, 1};
	assert_int_equal(stage_send(&s, "go"), APL_STEP_QUEUE);
	stage_close(&s);
}

static void endless_internal_events_end_at_their_bound(void **state) {
	(void)state;
	stage s;
	stage_open(&s, "state r\n  state a\n    on x do seen,raise:x\n", NULL);
	s.bounds = (apl_machine_bounds){1000, 10};
	stage_start(&s);
	assert_int_equal(stage_send(&s, "x"), APL_STEP_QUEUE);
	assert_string_equal(s.log, "seen seen seen seen seen seen seen seen seen seen seen");
	/* What was raised in a step that failed is not left for the next. */
	stage_start(&s);
	assert_int_equal(stage_send(&s, "y"), APL_STEP_UNHANDLED);
	assert_string_equal(s.events, "y");
	stage_close(&s);
}

static void a_breach_stops_at_once(void **state) {
	(void)state;
	static const char *const charts[] = {
	    "state r\n  entry before\n  entry breach\n  entry after\n  state a\n    entry after\n",
	    "state r\n  state a\n    always if breach -> b\n  state b\n    entry after\n",
	    "state r\n  state a\n    exit before\n    exit breach\n    exit after\n    always -> b\n  state b\n    entry after\n",
	    "state r\n  state a\n    exit before\n    always -> b do breach\n  state b\n    entry after\n",
	    "state r\n  state a initial b / breach\n    state b\n      entry after\n",
	    "state r initial h\n  state a\n    entry after\n  history h default a / breach\n",
	};
	for (size_t i = 0; i < sizeof charts / sizeof *charts; i++) {
		stage s;
		stage_open(&s, charts[i], NULL);
		assert_int_equal(stage_start(&s), APL_STEP_BREACH);
		assert_null(strstr(s.log, "after"));
		stage_close(&s);
	}
}

static void an_erring_guard_on_a_shared_ancestor_is_asked_once(void **state) {
	(void)state;
	stage s;
	stage_open(&s,
	    "state r\n"
	    "  on error.execution do error\n"
	    "  parallel p\n"
	    "    on x if fail -> over\n"
	    "    on x if no -> over\n"
	    "    state one\n"
	    "    state two\n"
	    "    state three\n"
	    "  state over\n",
	    NULL);
	stage_start(&s);
	assert_int_equal(stage_send(&s, "x"), APL_STEP_UNHANDLED);
	assert_int_equal(s.n_guards, 2);
	assert_string_equal(s.log, "error");
	assert_string_equal(s.events, "x error.execution");
	stage_close(&s);
}

static void an_erring_guard_is_not_asked_for_the_error_it_caused(void **state) {
	(void)state;
	stage s;
	/* By D both would err again for every error.execution, for ever. */
	stage_open(&s, "state r\n  state a\n    always if fail -> b\n    on * if fail -> b\n  state b\n", NULL);
	assert_int_equal(stage_start(&s), APL_STEP_STABLE);
	assert_string_equal(s.events, "error.execution error.execution");
	assert_int_equal(stage_send(&s, "x"), APL_STEP_UNHANDLED);
	assert_string_equal(s.events, "x error.execution error.execution");
	stage_close(&s);
}

static void a_microstep_lets_an_erring_guard_be_asked_again(void **state) {
	(void)state;
	stage s;
	stage_open(&s, "state r\n  state a\n    always if fail -> b\n    on error.execution do seen\n  state b\n", NULL);
	s.bounds.microsteps = 3;
	assert_int_equal(stage_start(&s), APL_STEP_MICROSTEPS);
	assert_string_equal(s.log, "seen seen seen");
	stage_close(&s);
}

static void the_final_state_that_ended_the_root_is_told(void **state) {
	(void)state;
	stage s;
	stage_open(&s, "state r\n  exit last\n  state a\n    exit first\n    on x -> won\n  final won outcome solved\n    exit second\n", NULL);
	stage_start(&s);
	assert_int_equal(apl_machine_final(s.machine), APL_NONE);
	assert_int_equal(stage_send(&s, "x"), APL_STEP_FINISHED);
	assert_string_equal(s.chart->states[apl_machine_final(s.machine)].outcome, "solved");
	assert_string_equal(s.log, "first second last");
	assert_string_equal(s.moves, "-a +won -won -r");
	assert_string_equal(stage_leaves(&s), "");
	stage_close(&s);
}

static void a_parallel_root_ends_when_all_its_regions_have(void **state) {
	(void)state;
	stage s;
	stage_open(&s,
	    "parallel r\n"
	    "  state one\n    state a\n      on x -> f\n    final f\n"
	    "  state two\n    state b\n      on y -> g\n    final g\n",
	    NULL);
	stage_start(&s);
	assert_int_equal(stage_send(&s, "x"), APL_STEP_STABLE);
	assert_string_equal(s.events, "x done.state.one");
	assert_int_equal(stage_send(&s, "y"), APL_STEP_FINISHED);
	assert_string_equal(s.chart->states[apl_machine_final(s.machine)].path, "two.g");
	stage_close(&s);
}

static void transitions_of_the_root_leave_what_is_in_it(void **state) {
	(void)state;
	stage s;
	stage_open(&s, "state r\n  entry er\n  on x -> b\n  on i internal -> a\n  state a\n  state b\n", NULL);
	stage_start(&s);
	assert_string_equal(s.moves, "+r +a");
	stage_send(&s, "x");
	assert_string_equal(s.moves, "-a +b");
	stage_send(&s, "i");
	assert_string_equal(s.moves, "-b +a");
	assert_string_equal(s.log, "");
	stage_close(&s);
	/* One of kind parallel has left all its regions, and enters all. */
	stage_open(&s, "parallel r\n  on x -> one.b\n  state one\n    state a\n    state b\n  state two\n", NULL);
	stage_start(&s);
	stage_send(&s, "x");
	assert_string_equal(s.moves, "-two -one.a -one +one +one.b +two");
	stage_close(&s);
}

static void a_root_without_states_takes_events(void **state) {
	(void)state;
	stage s;
	stage_open(&s, "state r\n  entry in\n  on x do seen\n", NULL);
	assert_int_equal(stage_start(&s), APL_STEP_STABLE);
	assert_string_equal(s.log, "in");
	assert_int_equal(stage_send(&s, "x"), APL_STEP_STABLE);
	assert_string_equal(s.log, "seen");
	assert_string_equal(stage_leaves(&s), "r");
	stage_close(&s);
}

static void a_region_s_own_transition_inward_leaves_the_other_regions_alone(void **state) {
	(void)state;
	stage s;
	static const apl_build_options declared = {.name = "t"};
	stage_open(
	    &s, "event x\nstate r\n  parallel p\n    state one\n      on x -> b\n      state a\n      state b\n    state two\n", &declared);
	stage_start(&s);
	stage_send(&s, "x");
	assert_string_equal(s.moves, "-p.one.a +p.one.b");
	stage_close(&s);
}

/* The n-th allocation fails, for every n: nothing leaks, nothing half-built is left. */
static const char *const everything =
    "event a.b\n"
    "state r initial work.p.one.a work.p.two.h\n"
    "  entry x,raise:a.b\n"
    "  exit y\n"
    "  on done.state.work never -> over\n"
    "  state work\n"
    "    parallel p\n"
    "      state one\n"
    "        state a\n"
    "          on a.b if yes -> b do z,raise:q,raise:q,raise:q,raise:q,raise:q,raise:q,raise:q,raise:q,raise:q\n"
    "        state b\n"
    "          always -> f do raise:q,raise:q,raise:q,raise:q,raise:q,raise:q,raise:q,raise:q,raise:q,raise:q\n"
    "        final f\n"
    "      state two\n"
    "        state c\n"
    "          after since a.b a -> d\n"
    "        state d\n"
    "          on * -> g\n"
    "        final g\n"
    "        deep h default d / q\n"
    "    history back default p\n"
    "  state aside\n"
    "    on a -> work.back\n"
    "  on aside -> aside\n"
    "  final over outcome done\n";

static void building_survives_every_failing_allocation(void **state) {
	(void)state;
	static chart_text text;
	uint64_t n = 1;
	for (bool failed = true; failed; n++) {
		failing_allocator memory = {.fails_at = n};
		apl_alloc alloc = failing_alloc(&memory);
		apl_findings findings;
		apl_chart *chart = NULL;
		apl_findings_init(&findings, &alloc);
		int code = chart_text_build(&text, everything, &alloc, &(apl_build_options){.name = "t", .any_event = true}, &chart, &findings);
		failed = memory.asked >= n;
		assert_int_equal(code, failed ? APLOMB_ENOMEM : APLOMB_OK);
		assert_int_equal(chart == NULL, failed);
		apl_chart_free(chart);
		apl_findings_dispose(&findings);
		assert_int_equal(memory.bytes, 0);
	}
	assert_true(n > 20);
}

static void telling_findings_survives_every_failing_allocation(void **state) {
	(void)state;
	static chart_text text;
	for (uint64_t n = 1;; n++) {
		failing_allocator memory = {.fails_at = n};
		apl_alloc alloc = failing_alloc(&memory);
		apl_findings findings;
		apl_chart *chart = NULL;
		apl_findings_init(&findings, &alloc);
		int code =
		    chart_text_build(&text, "event x\nstate r initial q\n  state a\n    on y -> b\n  state a\n    final f\n      on x -> z c d\n",
		        &alloc, NULL, &chart, &findings);
		bool failed = memory.asked >= n;
		assert_int_equal(code, failed ? APLOMB_ENOMEM : APLOMB_EPLAYBOOK);
		assert_null(chart);
		apl_findings_dispose(&findings);
		assert_int_equal(memory.bytes, 0);
		if (!failed) break;
	}
}

static void stepping_survives_every_failing_allocation(void **state) {
	(void)state;
	stage s;
	stage_open(&s, everything, NULL);
	apl_machine *usual = s.machine;
	for (uint64_t n = 1;; n++) {
		failing_allocator memory = {.fails_at = n};
		apl_alloc alloc = failing_alloc(&memory);
		s.machine = apl_machine_new(&alloc);
		if (s.machine == NULL) {
			assert_int_equal(memory.bytes, 0);
			continue;
		}
		apl_step_result result = stage_start(&s);
		bool failed = memory.asked >= n;
		assert_int_equal(result, failed ? APL_STEP_NO_MEMORY : APL_STEP_STABLE);
		/* Once there is memory again the same machine goes on. */
		assert_int_equal(stage_start(&s), APL_STEP_STABLE);
		assert_int_equal(stage_send(&s, "aside"), APL_STEP_STABLE);
		assert_int_equal(stage_send(&s, "a"), APL_STEP_STABLE);
		apl_machine_free(s.machine);
		assert_int_equal(memory.bytes, 0);
		if (!failed) break;
	}
	s.machine = usual;
	stage_close(&s);
}

static void a_machine_that_has_seen_a_chart_allocates_no_more(void **state) {
	(void)state;
	stage s;
	stage small;
	failing_allocator memory = {0};
	apl_alloc alloc = failing_alloc(&memory);
	stage_open(&s, everything, NULL);
	stage_open(&small, deferring, NULL);
	apl_machine *usual = s.machine;
	apl_machine *small_usual = small.machine;
	s.machine = small.machine = apl_machine_new(&alloc);
	stage_start(&s);
	uint64_t before = memory.asked;
	for (int i = 0; i < 10; i++) {
		stage_start(&small);
		stage_send(&small, "open");
		stage_start(&s);
		stage_send(&s, "aside");
		stage_send(&s, "a");
	}
	assert_int_equal(memory.asked, before);
	apl_machine_free(s.machine);
	s.machine = usual;
	small.machine = small_usual;
	stage_close(&s);
	stage_close(&small);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_event_that_only_a_deferring_candidate_wants_is_deferred),
	    cmocka_unit_test(a_region_that_takes_the_event_beats_one_that_defers_it),
	    cmocka_unit_test(a_deferring_transition_whose_guard_is_false_defers_nothing),
	    cmocka_unit_test(internal_events_are_not_deferred),
	    cmocka_unit_test(nothing_is_left_of_what_a_deferred_event_raised),
	    cmocka_unit_test(a_delay_happens_to_its_own_state_only),
	    cmocka_unit_test(an_endless_microstep_ends_at_its_bound),
	    cmocka_unit_test(exactly_the_bound_is_allowed),
	    cmocka_unit_test(endless_internal_events_end_at_their_bound),
	    cmocka_unit_test(a_breach_stops_at_once),
	    cmocka_unit_test(an_erring_guard_on_a_shared_ancestor_is_asked_once),
	    cmocka_unit_test(an_erring_guard_is_not_asked_for_the_error_it_caused),
	    cmocka_unit_test(a_microstep_lets_an_erring_guard_be_asked_again),
	    cmocka_unit_test(the_final_state_that_ended_the_root_is_told),
	    cmocka_unit_test(a_parallel_root_ends_when_all_its_regions_have),
	    cmocka_unit_test(transitions_of_the_root_leave_what_is_in_it),
	    cmocka_unit_test(a_root_without_states_takes_events),
	    cmocka_unit_test(a_region_s_own_transition_inward_leaves_the_other_regions_alone),
	    cmocka_unit_test(building_survives_every_failing_allocation),
	    cmocka_unit_test(telling_findings_survives_every_failing_allocation),
	    cmocka_unit_test(stepping_survives_every_failing_allocation),
	    cmocka_unit_test(a_machine_that_has_seen_a_chart_allocates_no_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
