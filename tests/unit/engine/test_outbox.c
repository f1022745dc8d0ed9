/* SPDX-License-Identifier: MIT */
/* Effects are offered until they are taken, under one key. */
#include <string.h>

#include "../test_cmocka.h"
#include "engine/inside.h"
#include "desk.h"
#include "time/instant.h"

static void an_effect_that_is_not_taken_is_offered_again_later(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	w.refuse_effects = 3;
	happen(&w, "a", "solved", 0, NULL);
	aplomb_instant due;
	aplomb_totals totals = APLOMB_TOTALS_INIT;
	static const aplomb_span after[] = {1, 3, 7};
	for (int i = 0; i < 3; i++) {
		apl_engine_count(w.engine, &totals);
		assert_int_equal(totals.undelivered, 1);
		assert_true(apl_engine_next_due(w.engine, &due));
		assert_int_equal(due, NEW_YEAR + after[i] * APL_SECOND);
		turn_to(&w, after[i] * APL_SECOND - 1);
		assert_true(apl_engine_next_due(w.engine, &due));
		turn_to(&w, after[i] * APL_SECOND);
	}
	assert_string_equal(text_of(&w.effects),
	    "a/2/4 notify attempt 1: {\"messages\":0} because they wait\na/2/4 notify attempt 2: {\"messages\":0} because they wait\n"
	    "a/2/4 notify attempt 3: {\"messages\":0} because they wait\na/2/4 notify attempt 4: {\"messages\":0} because they wait\n");
	assert_false(apl_engine_next_due(w.engine, &due));
	apl_engine_count(w.engine, &totals);
	assert_int_equal(totals.undelivered, 0);
	assert_text_has(text_of(&w.said), "effect-failed a/2/4: attempt 1 at notify was answered with 1; again in 1 seconds");
	world_end(&w);
}

static void the_wait_ends_at_an_hour(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	w.refuse_effects = 20;
	happen(&w, "a", "solved", 0, NULL);
	aplomb_instant due, before = NEW_YEAR;
	aplomb_span longest = 0;
	while (apl_engine_next_due(w.engine, &due)) {
		if (due - before > longest) longest = due - before;
		before = due;
		turn_to(&w, due - NEW_YEAR);
	}
	assert_int_equal(longest, APL_HOUR);
	world_end(&w);
}

static int post_from_handler(const aplomb_effect *effect, void *payload) {
	world *w = payload;
	aplomb_event e = APLOMB_EVENT_INIT;
	e.case_id = "b", e.playbook = "desk", e.name = "unloved", e.id = effect->key;
	assert_int_equal(apl_engine_post(w->engine, &e, NULL, NULL, NULL), APLOMB_OK);
	aplomb_error error;
	assert_int_equal(apl_engine_pump(w->engine, 0, NULL, &error), APLOMB_EBUSY);
	assert_int_equal(apl_engine_post_wait(w->engine, &e, NULL, &error), APLOMB_EBUSY);
	assert_int_equal(apl_engine_on_effect(w->engine, "page", post_from_handler, NULL, &error), APLOMB_EBUSY);
	assert_int_equal(apl_engine_restore(w->engine, "{}", 2, &error), APLOMB_EBUSY);
	return 0;
}

static void a_handler_may_post_and_nothing_else(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	assert_int_equal(apl_engine_on_effect(w.engine, "notify", post_from_handler, &w, NULL), APLOMB_OK);
	happen(&w, "a", "solved", 0, NULL);
	assert_last_line_has(&w, "'case':'b','cause':{'by':'system','event':'unloved','id':'a/2/4'}");
	world_end(&w);
}

static void note_missing(const char *kind, const char *playbook, void *payload) {
	apl_buf_format(payload, "%s %s\n", playbook, kind);
}

static void missing_handlers_are_named(void **state_) {
	(void)state_;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap), system = apl_alloc_system();
	apl_log log;
	apl_clock clock;
	apl_log_init(&log, &system, NULL, NULL, 0, 0);
	apl_clock_init(&clock, NULL, NULL, true);
	apl_engine_options options = {.alloc = alloc, .log = &log, .clock = &clock, .limits = apl_limits_or_default(NULL)};
	assert_int_equal(apl_store_memory_open(&options.store, &alloc, NULL, NULL), APLOMB_OK);
	apl_engine *engine;
	assert_int_equal(apl_engine_new(&engine, &options, NULL), APLOMB_OK);
	apl_program *program = program_new(&alloc, &desk), *same;
	assert_int_equal(apl_engine_add(engine, program, &program, NULL), APLOMB_OK);
	assert_int_equal(apl_engine_add(engine, program_new(&alloc, &desk), &same, NULL), APLOMB_OK);
	assert_ptr_equal(same, program);
	apl_buf out;
	apl_buf_init(&out, &system);
	assert_int_equal(apl_engine_missing_handlers(engine, note_missing, &out), 2);
	assert_string_equal(text_of(&out), "desk notify\ndesk page\n");
	assert_int_equal(apl_engine_on_effect(engine, "page", post_from_handler, NULL, NULL), APLOMB_OK);
	assert_int_equal(apl_engine_missing_handlers(engine, NULL, NULL), 1);
	apl_buf_dispose(&out);
	apl_engine_free(engine);
	assert_int_equal(heap.blocks, 0);
}

static void an_effect_without_a_handler_is_only_recorded(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	for (apl_effect_handler *h = w.engine->outbox.handlers; h != NULL; h = h->next) h->kind[0] = 'x';
	apl_outbox_resolve(w.engine, w.engine->programs);
	happen(&w, "a", "solved", 0, NULL);
	assert_string_equal(text_of(&w.effects), "");
	assert_int_equal(w.engine->totals.effects, 1);
	w.engine->outbox.handlers->kind[0] = '*';
	world_end(&w);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_effect_that_is_not_taken_is_offered_again_later),
	    cmocka_unit_test(the_wait_ends_at_an_hour),
	    cmocka_unit_test(a_handler_may_post_and_nothing_else),
	    cmocka_unit_test(missing_handlers_are_named),
	    cmocka_unit_test(an_effect_without_a_handler_is_only_recorded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
