/* SPDX-License-Identifier: MIT */
/* aplomb_reset begins anew, and a counter is told as of now. */
#include "late.h"

#include <stdlib.h>

#include "../test_heap.h"
#include "journal_text.h"

static void play(aplomb_runtime *rt) {
	assert_int_equal(aplomb_turn_clock(rt, AT_NINE, NULL), APLOMB_OK);
	aplomb_event event = said("c1", AT_NINE, SAYS);
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	event = said("c1", AT_NINE + MINUTE, SAYS);
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
}

static void nothing_of_before_is_left(void **state) {
	(void)state;
	journal_text *got = calloc(1, sizeof *got);
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.journal = journal_text_keep;
	options.journal_payload = got;
	aplomb_runtime *rt = open_late(&options);
	play(rt);
	char *first = strdup(got->text);
	/* Something waits: a timer, and an event that nobody pumped. */
	aplomb_event event = said("c2", AT_NINE + MINUTE, SAYS);
	assert_int_equal(aplomb_post(rt, &event, NULL, NULL, NULL), APLOMB_OK);
	assert_true(aplomb_next_due(rt, NULL));

	assert_int_equal(aplomb_reset(rt, NULL), APLOMB_OK);
	aplomb_instant at;
	assert_false(aplomb_next_due(rt, &at));
	assert_int_equal(aplomb_cases(rt, NULL, NULL), 0);
	assert_true(aplomb_now(rt) < AT_NINE);
	aplomb_totals totals = APLOMB_TOTALS_INIT;
	aplomb_count(rt, &totals);
	assert_int_equal(totals.events, 0);
	assert_int_equal(totals.cases, 0);

	/* The same story again is the same journal again, byte for byte. */
	got->size = 0;
	play(rt);
	assert_string_equal(got->text, first);
	free(first);
	aplomb_close(rt);
	free(got);
}

static int count_line(const char *text, size_t size, void *payload) {
	(void)text;
	(void)size;
	++*(int *)payload;
	return 0;
}

static void a_kept_journal_is_gone_too(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	int before = 0, after = 0;
	play(rt);
	assert_int_equal(aplomb_journal_each(rt, "c1", count_line, &before, NULL), APLOMB_OK);
	assert_int_equal(aplomb_reset(rt, NULL), APLOMB_OK);
	assert_int_equal(aplomb_journal_each(rt, "c1", count_line, &after, NULL), APLOMB_ENOTFOUND);
	play(rt);
	assert_int_equal(aplomb_journal_each(rt, "c1", count_line, &after, NULL), APLOMB_OK);
	assert_int_equal(after, before);
	aplomb_close(rt);
}

static int take(const aplomb_effect *effect, void *payload) {
	(void)effect;
	++*(int *)payload;
	return 1; /* offer it again */
}

static void handlers_stay_and_what_waits_for_them_goes(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	int offered = 0;
	assert_int_equal(aplomb_on_effect(rt, "*", take, &offered, NULL), APLOMB_OK);
	play(rt);
	int before = offered;
	assert_true(before > 0);
	assert_int_equal(aplomb_reset(rt, NULL), APLOMB_OK);
	assert_int_equal(aplomb_turn_clock(rt, AT_NINE - MINUTE, NULL), APLOMB_OK);
	assert_int_equal(aplomb_pump(rt, 0, NULL, NULL), APLOMB_OK);
	assert_int_equal(offered, before);
	play(rt);
	assert_int_equal(offered, 2 * before);
	aplomb_close(rt);
}

static int reset_inside(const aplomb_effect *effect, void *payload) {
	(void)effect;
	aplomb_error error;
	assert_int_equal(aplomb_reset(payload, &error), APLOMB_EBUSY);
	assert_string_equal(error.slug, "busy");
	return 0;
}

static void nobody_resets_from_a_callback(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	assert_int_equal(aplomb_on_effect(rt, "*", reset_inside, rt, NULL), APLOMB_OK);
	play(rt);
	assert_int_equal(aplomb_reset(NULL, NULL), APLOMB_EINVAL);
	aplomb_close(rt);
}

static void without_memory_everything_is_as_it_was(void **state) {
	(void)state;
	test_heap heap = {0};
	for (uint64_t n = 1;; n++) {
		apl_alloc allocator = test_heap_allocator(&heap);
		aplomb_options options = APLOMB_OPTIONS_INIT;
		options.allocator = &allocator;
		aplomb_runtime *rt = open_late(&options);
		play(rt);
		heap.calls = 0;
		heap.fail_at = n;
		int code = aplomb_reset(rt, NULL);
		bool has_failed = heap.calls >= n;
		heap.fail_at = 0;
		assert_int_equal(aplomb_cases(rt, NULL, NULL), code == APLOMB_OK ? 0 : 1);
		aplomb_close(rt);
		assert_int_equal(heap.blocks, 0);
		if (!has_failed) break;
		assert_int_equal(code, APLOMB_ENOMEM);
	}
}

/* ---- counters ----------------------------------------------------------- */

#define COUNTING                                                                                                                           \
	"return playbook \"counting\" { event \"rude\" {}, "                                                                                   \
	"counter \"lately\" { of = \"rude\", window = \"10m\" }, counter \"ever\" { of = \"rude\" }, state \"s\" {} }"

static void take_count(const char *name, uint64_t count, void *payload) {
	snprintf((char *)payload + strlen(payload), 64, "%s=%llu ", name, (unsigned long long)count);
}

static void a_counter_forgets_as_time_goes_by(void **state) {
	(void)state;
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.time_follows_events = true;
	aplomb_runtime *rt;
	assert_int_equal(aplomb_open(&rt, &options, NULL), APLOMB_OK);
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	load.source = COUNTING;
	load.source_size = strlen(COUNTING);
	aplomb_playbook *playbook;
	assert_int_equal(aplomb_load(rt, &load, &playbook, NULL), APLOMB_OK);
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = "c";
	event.playbook = "counting";
	event.name = "rude";
	event.has_at = true;
	event.at = AT_NINE;
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	event.at = AT_NINE + 5 * MINUTE;
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	char told[256] = "";
	assert_int_equal(aplomb_case_counters(rt, "c", take_count, told), 2);
	assert_string_equal(told, "lately=2 ever=2 ");
	assert_int_equal(aplomb_turn_clock(rt, AT_NINE + 10 * MINUTE, NULL), APLOMB_OK);
	told[0] = '\0';
	aplomb_case_counters(rt, "c", take_count, told);
	assert_string_equal(told, "lately=1 ever=2 ");
	assert_int_equal(aplomb_case_counters(rt, "nobody", take_count, told), 0);
	assert_int_equal(aplomb_case_counters(rt, "c", NULL, NULL), 2);
	aplomb_close(rt);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_of_before_is_left),
	    cmocka_unit_test(a_kept_journal_is_gone_too),
	    cmocka_unit_test(handlers_stay_and_what_waits_for_them_goes),
	    cmocka_unit_test(nobody_resets_from_a_callback),
	    cmocka_unit_test(without_memory_everything_is_as_it_was),
	    cmocka_unit_test(a_counter_forgets_as_time_goes_by),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
