/* SPDX-License-Identifier: MIT */
/* Trails, and that drawings survive any lack of memory. What drawings look like is held by tests/cli/draw.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chart/draw.h"
#include "chart_text.h"

typedef struct drawn {
	failing_allocator memory;
	apl_alloc alloc;
	chart_text *handlers;
	apl_chart *chart;
	apl_trail trail;
} drawn;

static const char *label(void *self, int32_t handler) {
	return ((const chart_text *)self)->handlers[handler];
}

static void build(drawn *d, const char *text) {
	apl_findings findings;
	*d = (drawn){0};
	d->alloc = failing_alloc(&d->memory);
	d->handlers = calloc(1, sizeof *d->handlers);
	apl_findings_init(&findings, &d->alloc);
	assert_int_equal(chart_text_build(d->handlers, text, &d->alloc, NULL, &d->chart, &findings), APLOMB_OK);
	apl_findings_dispose(&findings);
	assert_true(apl_trail_init(&d->trail, d->chart));
}

static void done(drawn *d) {
	apl_trail_dispose(&d->trail);
	apl_chart_free(d->chart);
	free(d->handlers);
	assert_int_equal(d->memory.bytes, 0);
}

static uint32_t state(const drawn *d, const char *path) {
	uint32_t number = apl_chart_state(d->chart, path, strlen(path));
	assert_int_not_equal(number, APL_NONE);
	return number;
}

static void take(drawn *d, const char *from, const char *on, const char *to, aplomb_instant at) {
	const apl_trail_step step = {.from = from, .on = on, .to = &to, .n_to = to != NULL ? 1 : 0};
	uint32_t found = apl_trail_find(&d->trail, &step);
	assert_int_not_equal(found, APL_NONE);
	apl_trail_take(&d->trail, found, at);
}

/* Active leaves, in a static buffer. */
static const char *where(const drawn *d) {
	static char text[256];
	text[0] = '\0';
	for (uint32_t i = 0; i < d->chart->n_states; i++) {
		if (!apl_set_has(d->trail.active, i) || !apl_set_has(d->chart->leaves, i)) continue;
		if (text[0] != '\0') strcat(text, " ");
		strcat(text, d->chart->states[i].path);
	}
	return text;
}

#define CHART                                                                                                                              \
	"event x\nevent y\nevent z\nstate r\n  state w\n    on y -> away\n    state a\n      on x -> b\n    state b\n      on x -> b do "      \
	"act\n "                                                                                                                               \
	"     on z if g do act\n      after -> a\n    history h default a\n  state away\n    on y -> w.h\n    on z -> p\n  parallel p\n    "   \
	"state q\n   "                                                                                                                         \
	"   state q1\n        on x -> q2\n      final q2\n    state s\n      entry act\n    on done.state.q -> end\n  final end outcome "      \
	"over\n"

static void a_trail_enters_what_the_case_entered(void **ignored) {
	(void)ignored;
	drawn d;
	build(&d, CHART);
	apl_trail_open(&d.trail, 1);
	assert_string_equal(where(&d), "w.a");
	take(&d, "w.a", "x", "w.b", 2);
	take(&d, "w.b", "x", "w.b", 3); /* left and entered again */
	assert_int_equal(d.trail.entered[state(&d, "w.b")], 2);
	assert_int_equal(d.trail.last[state(&d, "w.b")], 3);
	assert_int_equal(d.trail.entered[state(&d, "w")], 1);
	take(&d, "w.b", "z", NULL, 4); /* targetless */
	take(&d, "w", "y", "away", 5);
	take(&d, "away", "y", "w.h", 6); /* back to where it was */
	assert_string_equal(where(&d), "w.b");
	assert_int_equal(d.trail.entered[state(&d, "w.b")], 3);
	take(&d, "w.b", "after.w.b.1", "w.a", 7);
	take(&d, "w", "y", "away", 8);
	take(&d, "away", "z", "p", 9);
	assert_string_equal(where(&d), "p.q.q1 p.s");
	take(&d, "p.q.q1", "x", "p.q.q2", 10);
	take(&d, "p", "done.state.q", "end", 10);
	apl_trail_close(&d.trail);
	assert_string_equal(where(&d), "end");
	assert_true(d.trail.has_ended);
	assert_int_equal(d.trail.n_taken, 10);
	done(&d);
}

static void the_journal_is_believed_more_than_the_trail(void **ignored) {
	(void)ignored;
	drawn d;
	build(&d, CHART);
	apl_trail_open(&d.trail, 1);
	uint64_t leaves[1] = {0};
	apl_trail_stands(&d.trail, leaves, 2); /* says nothing */
	assert_string_equal(where(&d), "w.a");
	apl_set_add(leaves, state(&d, "w.b"));
	apl_trail_stands(&d.trail, leaves, 2);
	assert_string_equal(where(&d), "w.b");
	assert_int_equal(d.trail.entered[state(&d, "w.b")], 1);
	assert_int_equal(d.trail.entered[state(&d, "w")], 1);
	apl_trail_stands(&d.trail, leaves, 3);
	assert_int_equal(d.trail.entered[state(&d, "w.b")], 1);
	done(&d);
}

static void a_transition_is_found_by_source_event_targets_and_then_line_and_reason(void **ignored) {
	(void)ignored;
	drawn d;
	build(&d, "event x\nstate r\n  state a\n    on x if g -> b\n    on x -> b\n    always if h -> b\n  state b\n");
	const char *to[] = {"b"};
	apl_trail_step step = {.from = "a", .on = "x", .to = to, .n_to = 1};
	assert_int_equal(apl_trail_find(&d.trail, &step), 0);
	step.line = 5;
	assert_int_equal(apl_trail_find(&d.trail, &step), 1);
	step.on = NULL;
	assert_int_equal(apl_trail_find(&d.trail, &step), 2);
	step.on = "y";
	assert_int_equal(apl_trail_find(&d.trail, &step), APL_NONE);
	step.on = "x";
	to[0] = "a";
	assert_int_equal(apl_trail_find(&d.trail, &step), APL_NONE);
	step.from = "nowhere";
	assert_int_equal(apl_trail_find(&d.trail, &step), APL_NONE);
	done(&d);
}

static void drawings_survive_any_lack_of_memory(void **ignored) {
	(void)ignored;
	static void (*const writers[])(const apl_drawing *, apl_buf *) = {apl_draw_text, apl_draw_mermaid, apl_draw_dot, apl_draw_scxml};
	drawn d;
	build(&d, CHART);
	apl_trail_open(&d.trail, 1);
	take(&d, "w.a", "x", "w.b", 2);
	for (size_t w = 0; w < sizeof writers / sizeof *writers; w++) {
		for (uint64_t n = 1;; n++) {
			apl_drawing drawing = {.chart = d.chart, .self = d.handlers, .label = label, .trail = &d.trail};
			apl_buf out;
			apl_buf_init(&out, &d.alloc);
			d.memory.fails_at = d.memory.asked + n;
			writers[w](&drawing, &out);
			bool failed = out.failed;
			d.memory.fails_at = 0;
			apl_buf_dispose(&out);
			if (!failed) break;
			assert_true(n < 1000);
		}
	}
	done(&d);
}

/* A chart as deep as charts may be: guides and indentation have their bounds. */
static void the_deepest_chart_is_drawn(void **ignored) {
	(void)ignored;
	static void (*const writers[])(const apl_drawing *, apl_buf *) = {apl_draw_text, apl_draw_mermaid, apl_draw_dot, apl_draw_scxml};
	apl_alloc alloc = apl_alloc_system();
	apl_builder *b = apl_builder_new(&alloc, &(apl_build_options){.name = "deep"});
	apl_findings findings;
	apl_chart *chart = NULL;
	apl_findings_init(&findings, &alloc);
	assert_true(apl_build_begin(b, APL_BUILD_STATE, "deep", APL_NOWHERE));
	for (int i = 0; i < 64; i++) assert_true(apl_build_begin(b, i % 2 == 0 ? APL_BUILD_PARALLEL : APL_BUILD_STATE, "s", APL_NOWHERE));
	for (int i = 0; i < 65; i++) assert_true(apl_build_end(b));
	assert_int_equal(apl_build_finish(b, &chart, &findings), APLOMB_OK);
	apl_builder_free(b);
	apl_findings_dispose(&findings);
	for (size_t w = 0; w < sizeof writers / sizeof *writers; w++) {
		apl_drawing drawing = {.chart = chart, .width = 40};
		apl_buf out;
		apl_buf_init(&out, &alloc);
		writers[w](&drawing, &out);
		assert_false(out.failed);
		assert_true(out.size > 64);
		apl_buf_dispose(&out);
	}
	apl_chart_free(chart);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_trail_enters_what_the_case_entered),
	    cmocka_unit_test(the_journal_is_believed_more_than_the_trail),
	    cmocka_unit_test(a_transition_is_found_by_source_event_targets_and_then_line_and_reason),
	    cmocka_unit_test(drawings_survive_any_lack_of_memory),
	    cmocka_unit_test(the_deepest_chart_is_drawn),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
