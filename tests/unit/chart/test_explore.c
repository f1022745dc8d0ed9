/* SPDX-License-Identifier: MIT */
/* Every finding of an exploration: a chart that has it, with the message to the letter, and charts beside it that do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "chart/explore.h"
#include "chart_text.h"

typedef struct told {
	char text[8192];
	size_t size;
} told;

static void tell(const aplomb_finding *finding, void *payload) {
	static const char *const words[] = {"note ", "", "error "};
	told *t = payload;
	t->size += (size_t)snprintf(t->text + t->size, sizeof t->text - t->size, "%u %s%s: %s\n", finding->line, words[finding->severity],
	    finding->slug, finding->message);
	assert_true(t->size < sizeof t->text);
}

static const char *label(void *self, int32_t handler) {
	return ((const chart_text *)self)->handlers[handler];
}

static bool same(void *self, int32_t a, int32_t b) {
	return strcmp(label(self, a), label(self, b)) == 0;
}

/* The chart must build without a finding of the builder, unless it is unreachable-state. Explores it; notes on the lack of finals and
 * clocks are left out of most tests. */
static const char *explored(const char *text, bool has_notes, bool has_other_clocks, told *t) {
	failing_allocator memory = {0};
	apl_alloc alloc = failing_alloc(&memory);
	apl_findings findings;
	chart_text *handlers = calloc(1, sizeof *handlers);
	apl_chart *chart = NULL;
	apl_findings_init(&findings, &alloc);
	assert_int_equal(chart_text_build(handlers, text, &alloc, NULL, &chart, &findings), APLOMB_OK);
	apl_findings_dispose(&findings);
	apl_findings_init(&findings, &alloc);
	apl_explore_options options = {handlers, label, same, has_other_clocks};
	assert_true(apl_explore(chart, &options, &findings));
	t->size = 0;
	t->text[0] = '\0';
	apl_findings_tell(&findings, tell, t);
	apl_findings_dispose(&findings);
	apl_chart_free(chart);
	free(handlers);
	assert_int_equal(memory.bytes, 0);
	if (has_notes) return t->text;
	char *to = t->text;
	for (char *line = t->text; *line != '\0';) {
		char *next = strchr(line, '\n') + 1;
		bool is_note = strstr(line, " note ") != NULL && strstr(line, " note ") < next;
		size_t size = (size_t)(next - line);
		if (!is_note) {
			memmove(to, line, size);
			to += size;
		}
		line = next;
	}
	*to = '\0';
	return t->text;
}

typedef struct sample {
	const char *chart;
	const char *findings;
} sample;

static void check_all(const sample *samples, size_t count, bool has_notes) {
	bool all_agree = true;
	for (size_t i = 0; i < count; i++) {
		told t;
		const char *found = explored(samples[i].chart, has_notes, false, &t);
		if (strcmp(found, samples[i].findings) == 0) continue;
		print_error("of the chart\n%s\nexpected:\n%sfound:\n%s\n", samples[i].chart, samples[i].findings, found);
		all_agree = false;
	}
	assert_true(all_agree);
}
#define CHECK(samples) check_all((samples), sizeof(samples) / sizeof *(samples), false)
#define CHECK_WITH_NOTES(samples) check_all((samples), sizeof(samples) / sizeof *(samples), true)

#define FOR_EVER ": nothing can happen here any more, and the case stays open for ever; lead somewhere from it, or make it a final\n"
#define NO_WAY ": no way leads from here to a final of the playbook: a case that comes here never ends\n"
#define WAITS                                                                                                                              \
	": it waits for somebody, and nothing happens when nobody comes; give it an after, or say with rests why nothing is due here\n"

static void what_nobody_gets_out_of_is_a_dead_end(void **state) {
	(void)state;
	static const sample samples[] = {
	    {"event x\nstate r\n  state a\n    on x -> b\n  state b\n  final f\n", "5 dead-end: state \"b\"" FOR_EVER},
	    {"event x\nstate r\n  state a\n    on x -> b\n  final b\n", ""},
	    /* Whoever acts is not dead, and neither is what another state leads out of. */
	    {"event x\nstate r\n  state a\n    on x -> b\n  state b\n    on x do act\n", ""},
	    {"event x\nstate r\n  on x -> c\n  state a\n    on x -> b\n  state b\n  final c\n", ""},
	    {"event x\nstate r\n  state a\n    on x -> b\n  state b\n    after -> c\n  final c\n", ""},
	    {"event x\nstate r\n  state a\n    on x -> b\n  state b\n    always if g -> c\n  final c\n", ""},
	    /* Once, at the outermost. */
	    {"event x\nstate r\n  state a\n    on x -> b\n  state b\n    parallel p\n      state c\n      state d\n        state e\n  final "
	     "f\n",
	        "5 dead-end: state \"b\"" FOR_EVER},
	    /* A region may come to rest while another goes on. */
	    {"event x\nstate r\n  parallel p\n    state a\n      state b\n        on x -> c\n      state c\n    state d\n      state e\n       "
	     " on x "
	     "-> f\n      final f\n    on done.state.d -> end\n  final end\n",
	        ""},
	    {"event x\nstate r\n  parallel p\n    state a\n      state b\n        on x -> c\n      state c\n    state d\n      on x do act\n  "
	     "final end\n",
	        ""},
	    {"event x\nstate r\n  parallel p\n    state a\n      state b\n        on x -> c\n      state c\n    state d\n  final end\n",
	        "7 dead-end: state \"p.a.c\"" FOR_EVER},
	    /* An end inside that nobody waits for. */
	    {"event x\nstate r\n  state a\n    state b\n      on x -> c\n    final c\n  final f\n",
	        "6 dead-end: final \"a.c\": it ends \"a\", and nothing waits for that: the case stays here for ever; give \"a\" an on "
	        "\"done.state.a\"\n"},
	    {"event x\nstate r\n  state a\n    on done.state.a -> f\n    state b\n      on x -> c\n    final c\n  final f\n", ""},
	    {"event x\nstate r\n  state a\n    on x -> f\n    state b\n      on x -> c\n    final c\n  final f\n", ""},
	    {"event x\nstate r\n  parallel p\n    on done.state.p -> f\n    state a\n      state b\n        on x -> c\n      final c\n    "
	     "state "
	     "d\n      state e\n        on x -> g\n      final g\n  final f\n",
	        ""},
	};
	CHECK(samples);
}

static void whence_no_final_is_reached_is_told_once(void **state) {
	(void)state;
	static const sample samples[] = {
	    {"event x\nevent y\nstate r\n  state a\n    on x -> b\n    on y -> f\n  state b\n    on x -> c\n  state c\n    on x -> b\n  final "
	     "f\n",
	        "7 no-way-to-final: state \"b\"" NO_WAY},
	    /* Only the last of what leads one into another is the cause. */
	    {"event x\nevent y\nstate r\n  state a\n    on x -> b\n    on y -> f\n  state b\n    on x -> c\n  state c\n    on x -> d\n  state "
	     "d\n "
	     "   on x -> c\n  final f\n",
	        "9 no-way-to-final: state \"c\"" NO_WAY},
	    {"event x\nevent y\nstate r\n  state a\n    on x -> b\n    on y -> f\n  state b\n    state c\n      on x -> d\n    state d\n      "
	     "on x "
	     "-> c\n  final f\n",
	        "7 no-way-to-final: state \"b\"" NO_WAY},
	    /* Delays, always and guards may lead out. */
	    {"event x\nstate r\n  state a\n    on x -> b\n  state b\n    on x -> a\n    after -> f\n  final f\n", ""},
	    {"event x\nstate r\n  state a\n    on x -> b\n  state b\n    on x if g -> f\n  final f\n", ""},
	    /* A history may lead anywhere in its parent. */
	    {"event x\nevent y\nstate r\n  state w\n    on y -> s\n    state a\n      on x -> b\n    state b\n      on x -> f\n    history h "
	     "default a\n  "
	     "state s\n    on x -> w.h\n  final f\n",
	        ""},
	    /* The end of a region leads out of all, but not by way of one that does not end. */
	    {"event x\nstate r\n  parallel p\n    on done.state.c -> f\n    state c\n      state d\n        on x -> e\n      final e\n    "
	     "state "
	     "w\n      state v\n        on x -> u\n      state u\n        on x -> v\n  final f\n",
	        ""},
	    {"event x\nevent y\nstate r\n  parallel p\n    on done.state.c -> f\n    state c\n      state d\n        on x -> e\n        on y "
	     "-> "
	     "g\n      final e\n      state g\n        on x -> h\n      state h\n        on x -> g\n  final f\n",
	        "11 no-way-to-final: state \"p.c.g\"" NO_WAY},
	    /* A dead end says more. */
	    {"event x\nevent y\nstate r\n  state a\n    on x -> b\n    on y -> f\n  state b\n    on x -> c\n  state c\n  final f\n",
	        "9 dead-end: state \"c\"" FOR_EVER},
	};
	CHECK(samples);
}

static void a_playbook_without_an_end_is_a_note(void **state) {
	(void)state;
	static const sample samples[] = {
	    {"event x\nstate r\n  state a\n    on x do act\n",
	        "2 note no-final: playbook \"r\": it has no final, so its cases stay open for ever\n"},
	    {"event x\nstate r\n  state a\n    on x do act\n  final f\n",
	        "2 note no-final: playbook \"r\": nothing leads to a final of it, so its cases stay open for ever\n"},
	    {"event x\nstate r\n  state a\n    on x -> f\n  final f\n", ""},
	};
	CHECK_WITH_NOTES(samples);
}

static void whoever_waits_has_a_clock(void **state) {
	(void)state;
	static const sample samples[] = {
	    {"event x\nstate r\n  state a\n    on x -> b\n  state b\n    on x -> c\n  state c\n    after -> f\n  final f\n",
	        "5 waits-without-clock: state \"b\"" WAITS},
	    {"event x\nstate r\n  state a\n    on x -> b\n  state b rests the team lead knows\n    on x -> c\n  state c\n    after -> f\n  "
	     "final "
	     "f\n",
	        ""},
	    /* A clock further out is one; so is one that only reminds. */
	    {"event x\nstate r\n  state a\n    on x -> w\n  state w\n    after do remind\n    state b\n      on x -> c\n    state c\n      on "
	     "x -> "
	     "f\n  final f\n",
	        ""},
	    {"event x\nstate r\n  state a\n    on x -> w\n    after -> f\n  state w rests why\n    state b\n      on x -> f\n  final f\n", ""},
	    /* Nothing is owed where a case begins. */
	    {"event x\nstate r\n  state a\n    on x -> b\n  state b\n    on x -> a\n    after -> f\n  final f\n", ""},
	    /* What moves on by itself waits for nobody. */
	    {"event x\nstate r\n  state a\n    on x -> b\n  state b\n    always if g -> f\n    always -> a\n  state c\n    after -> f\n  final "
	     "f\n",
	        ""},
	    /* In regions, one clock is enough. */
	    {"event x\nstate r\n  state o\n    on x -> p\n  parallel p\n    on x -> f\n    state a\n      state b\n        on x -> c\n      "
	     "state "
	     "c\n        on x -> b\n    state d\n      after do remind\n  final f\n",
	        ""},
	    /* The region that knows most of time is told about. */
	    {"event x\nevent y\nstate r\n  parallel p\n    on y -> f\n    state a\n      state b\n        on x -> c\n      state c\n        on "
	     "x -> b\n    "
	     "state d\n      state e\n        on x -> g\n        after -> g\n      state g\n        on x -> e\n  final f\n",
	        "15 waits-without-clock: state \"p.d.g\"" WAITS},
	};
	CHECK(samples);
}

static void a_playbook_without_any_clock_is_a_note(void **state) {
	(void)state;
	static const sample samples[] = {
	    {"event x\nstate r\n  state a\n    on x -> b\n  state b\n    on x -> f\n  final f\n",
	        "2 note waits-without-clock: playbook \"r\": no state has a clock: the case waits for people, however long they take\n"},
	    {"event x\nstate r\n  state a\n    on x -> f\n  final f\n", ""},
	    {"event x\nstate r\n  state a\n    on x -> b\n  state b rests nobody is owed\n    on x -> f\n  final f\n", ""},
	};
	CHECK_WITH_NOTES(samples);
}

static void waits_are_not_judged_when_a_case_may_wake_itself(void **state) {
	(void)state;
	told t;
	assert_string_equal(
	    explored("event x\nstate r\n  state a\n    on x -> b\n  state b\n    on x -> c\n  state c\n    after -> f\n  final f\n", false,
	        true, &t),
	    "");
}

static void an_end_that_never_comes_is_told(void **state) {
	(void)state;
	static const sample samples[] = {
	    {"event x\nevent y\nstate r\n  state a\n    on done.state.a -> f\n    on y -> f\n    state b\n      on x do act\n  final f\n",
	        "5 done-never-comes: state \"a\": \"done.state.a\" never comes: \"a\" has no final\n"},
	    {"event x\nevent y\nstate r\n  state a\n    on done.state.a if g -> f\n    on done.state.a -> f\n    on y -> f\n    state b\n      "
	     "on x do act\n  "
	     "  final c\n  final f\n",
	        "5 done-never-comes: state \"a\": \"done.state.a\" never comes: nothing ever enters its final \"c\"\n"},
	    {"event x\nstate r\n  parallel p\n    on done.state.p -> f\n    on x -> f\n    state a\n      state b\n        on x -> c\n      "
	     "final "
	     "c\n    state d\n  final f\n",
	        "4 done-never-comes: parallel \"p\": \"done.state.p\" never comes: its region \"d\" never ends\n"},
	    {"event x\nstate r\n  state a\n    on done.state.a -> f\n    state b\n      on x -> c\n    final c\n  final f\n", ""},
	};
	CHECK(samples);
}

#define SHADOWED(event, line, how)                                                                                                         \
	event " is never taken: the one in line " line " comes first" how "; change their order, or take one out\n"

static void what_comes_before_takes_it(void **state) {
	(void)state;
	static const sample samples[] = {
	    {"event x\nstate r\n  state a\n    on x -> b\n    on x if g -> a\n  final b\n",
	        "5 guard-shadowed: state \"a\": " SHADOWED("this on \"x\"", "4", " and has no guard")},
	    {"event x\nstate r\n  state a\n    on x if g -> a\n    on x if h -> b\n    on x -> b\n  final b\n", ""},
	    {"event x\nstate r\n  state a\n    on x if g -> a\n    on x if g -> b\n    on x -> b\n  final b\n",
	        "5 guard-shadowed: state \"a\": " SHADOWED("this on \"x\"", "4", ", with the same guard")},
	    /* Descriptors that take more. */
	    {"event x.y\nstate r\n  state a\n    on x -> b\n    on x.y -> a\n  final b\n",
	        "5 guard-shadowed: state \"a\": " SHADOWED("this on \"x.y\"", "4", " and has no guard")},
	    {"event x.y\nstate r\n  state a\n    on * -> b\n    on x.y -> a\n  final b\n",
	        "5 guard-shadowed: state \"a\": " SHADOWED("this on \"x.y\"", "4", " and has no guard")},
	    {"event x.y\nevent x.z\nstate r\n  state a\n    on x.y -> b\n    on x -> a\n  final b\n", ""},
	    {"event x\nevent y\nstate r\n  state a\n    on x -> b\n    on x y -> a\n  final b\n", ""},
	    {"event x\nevent y\nstate r\n  state a\n    on x -> b\n    on y -> b\n    on x y -> a\n  final b\n",
	        "7 guard-shadowed: state \"a\": " SHADOWED("this on \"x\"", "6", " and has no guard")},
	    /* Neither always nor a delay is an event. */
	    {"event x\nstate r\n  state a\n    on * -> b\n    after -> a\n    always if g -> b\n  final b\n", ""},
	    {"event x\nstate r\n  state a\n    always if g -> b\n    always -> b\n    always if h -> a\n  final b\n",
	        "6 guard-shadowed: state \"a\": " SHADOWED("this always", "5", " and has no guard")},
	    {"event x\nstate r\n  state a\n    after -> b\n    or if g -> a\n    after -> b\n  final b\n",
	        "5 guard-shadowed: state \"a\": " SHADOWED("this after", "4", " and has no guard")},
	    /* An event that is raised inside passes by what defers. */
	    {"event x\nstate r\n  state a\n    on x defers\n    on x -> b\n    after -> b\n  final b\n", ""},
	};
	CHECK(samples);
}

static void a_chart_in_which_nothing_happens_has_only_been_begun(void **state) {
	(void)state;
	static const sample samples[] = {
	    {"event x\nstate r\n  state a\n", "2 note dead-end: playbook \"r\": nothing can ever happen in it: no state has a transition\n"
	                                      "2 note no-final: playbook \"r\": it has no final, so its cases stay open for ever\n"}};
	CHECK_WITH_NOTES(samples);
}

static void what_stands_further_in_takes_it(void **state) {
	(void)state;
#define INSIDE(event) event " is never taken: every state inside takes it first, without a guard\n"
	static const sample samples[] = {
	    {"event x\nstate r\n  state w\n    on x -> f\n    state a\n      on x -> b\n    state b\n      on x -> a\n    after -> f\n  final "
	     "f\n",
	        "4 guard-shadowed: state \"w\": " INSIDE("this on \"x\"")},
	    {"event x\nstate r\n  state w\n    on x -> f\n    state a\n      on x -> b\n    state b\n      on x if g -> a\n    after -> f\n  "
	     "final "
	     "f\n",
	        ""},
	    {"event x\nevent y\nstate r\n  state w\n    on x y -> f\n    state a\n      on x -> b\n    state b\n      on x -> a\n  final f\n",
	        ""},
	    {"event x\nstate r\n  state w\n    on x -> f\n    state v\n      on * -> a\n      state a\n      state b\n        on x -> a\n    "
	     "after "
	     "-> f\n  final f\n",
	        "4 guard-shadowed: state \"w\": " INSIDE("this on \"x\"")},
	    /* All regions must: a leaf that does not take it lets it pass outward. */
	    {"event x\nstate r\n  parallel p\n    on x do act\n    after -> f\n    state a\n      on x do act\n    state b\n  final f\n", ""},
	};
	CHECK(samples);
}

static void an_always_without_rest_is_told(void **state) {
	(void)state;
#define ON_AND_ON(way) ": its always leads on and on without coming to rest: " way "; a step that comes here breaks its limit\n"
	static const sample samples[] = {
	    {"event x\nstate r\n  state a\n    on x -> b\n  state b\n    always -> c\n  state c\n    always if g -> b\n    always -> b\n    on "
	     "x "
	     "-> f\n  final f\n",
	        "5 endless-always: state \"b\"" ON_AND_ON("b \xe2\x86\x92 c \xe2\x86\x92 b")},
	    {"event x\nstate r\n  state a\n    on x -> b\n  state b\n    always do act\n    on x -> f\n  final f\n",
	        "5 endless-always: state \"b\"" ON_AND_ON("b \xe2\x86\x92 b")},
	    /* A guard may be false, or lead out. */
	    {"event x\nstate r\n  state a\n    on x -> b\n  state b\n    always -> c\n  state c\n    always if g -> b\n    on x -> f\n  final "
	     "f\n",
	        ""},
	    {"event x\nstate r\n  state a\n    on x -> b\n  state b\n    always -> c\n  state c\n    always if g -> f\n    always -> b\n  "
	     "final "
	     "f\n",
	        ""},
	};
	CHECK(samples);
}

static void it_survives_any_lack_of_memory(void **state) {
	(void)state;
	static const char text[] =
	    "event x\nevent y\nstate r\n  parallel p\n    on done.state.c -> f\n    on done.state.w -> f\n    state c\n      "
	    "state d\n        on x -> e\n        on y -> g\n      final e\n      state g\n        on x -> h\n      state h\n "
	    "       on x -> g\n        on x if g -> d\n    state w\n      state v\n        on x -> v\n        after -> v\n  "
	    "final f\n";
	for (uint64_t n = 1;; n++) {
		failing_allocator memory = {0};
		apl_alloc alloc = failing_alloc(&memory);
		apl_findings findings;
		chart_text *handlers = calloc(1, sizeof *handlers);
		apl_chart *chart = NULL;
		apl_findings_init(&findings, &alloc);
		assert_int_equal(chart_text_build(handlers, text, &alloc, NULL, &chart, &findings), APLOMB_OK);
		memory.fails_at = memory.asked + n;
		apl_explore_options options = {handlers, label, same, false};
		bool is_done = apl_explore(chart, &options, &findings);
		bool got_lost = findings.out_of_memory;
		apl_findings_dispose(&findings);
		apl_chart_free(chart);
		free(handlers);
		assert_int_equal(memory.bytes, 0);
		if (is_done && !got_lost && memory.asked < memory.fails_at) break;
		assert_true(n < 1000);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_nobody_gets_out_of_is_a_dead_end),
	    cmocka_unit_test(whence_no_final_is_reached_is_told_once),
	    cmocka_unit_test(a_playbook_without_an_end_is_a_note),
	    cmocka_unit_test(whoever_waits_has_a_clock),
	    cmocka_unit_test(a_playbook_without_any_clock_is_a_note),
	    cmocka_unit_test(waits_are_not_judged_when_a_case_may_wake_itself),
	    cmocka_unit_test(an_end_that_never_comes_is_told),
	    cmocka_unit_test(what_comes_before_takes_it),
	    cmocka_unit_test(what_stands_further_in_takes_it),
	    cmocka_unit_test(a_chart_in_which_nothing_happens_has_only_been_begun),
	    cmocka_unit_test(an_always_without_rest_is_told),
	    cmocka_unit_test(it_survives_any_lack_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
