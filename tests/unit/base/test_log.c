/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"
#include "../test_heap.h"

#include <string.h>

#include "base/log.h"

typedef struct heard {
	uint64_t lines;
	uint64_t dropped; /* as the last line said */
	size_t size;
} heard;

static void hear(const aplomb_log_record *record, void *payload) {
	heard *h = payload;
	h->lines++;
	h->dropped = record->dropped;
	h->size = record->size;
}

static void say(apl_log *log, aplomb_level level, const char *code, aplomb_instant at, const char *case_id) {
	aplomb_log_record record = {.at = at, .level = level, .room = "test", .code = code, .message = "m", .case_id = case_id, .dropped = 99};
	apl_log_send(log, &record);
}

static void a_line_is_let_through_by_its_level(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	heard h = {0};
	apl_log log;
	assert_true(apl_log_init(&log, &alloc, hear, &h, APLOMB_LOG_WARN, 0));
	for (int level = APLOMB_LOG_ERROR; level <= APLOMB_LOG_TRACE; level++) say(&log, (aplomb_level)level, "c", 0, "case");
	assert_int_equal(h.lines, 2);
	assert_int_equal(h.size, sizeof(aplomb_log_record));
	assert_int_equal(h.dropped, 0);
	apl_log_dispose(&log, &alloc);
}

static void without_a_sink_nothing_is_wanted_and_nothing_allocated(void **state) {
	(void)state;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	apl_log log;
	assert_true(apl_log_init(&log, &alloc, NULL, NULL, APLOMB_LOG_TRACE, 0));
	assert_int_equal(heap.calls, 0);
	assert_false(apl_log_wants(&log, APLOMB_LOG_ERROR, "c"));
	say(&log, APLOMB_LOG_ERROR, "c", 0, NULL);
	apl_log_dispose(&log, &alloc);
}

static void a_code_beyond_its_rate_is_counted_and_said_with_its_next_line(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	heard h = {0};
	apl_log log;
	assert_true(apl_log_init(&log, &alloc, hear, &h, APLOMB_LOG_INFO, 3));
	for (int i = 0; i < 10; i++) say(&log, APLOMB_LOG_INFO, "often", 1000 + i, NULL);
	assert_int_equal(h.lines, 3);
	char same_text[] = "often"; /* the code is its text, not its address */
	say(&log, APLOMB_LOG_INFO, same_text, 2000, NULL);
	assert_int_equal(h.lines, 3);
	say(&log, APLOMB_LOG_INFO, "seldom", 2000, NULL);
	assert_int_equal(h.lines, 4);
	assert_int_equal(h.dropped, 0);
	say(&log, APLOMB_LOG_INFO, "often", 1000 + 999999, NULL);
	assert_int_equal(h.lines, 4);
	say(&log, APLOMB_LOG_INFO, "often", 1000 + 1000000, NULL);
	assert_int_equal(h.lines, 5);
	assert_int_equal(h.dropped, 9);
	say(&log, APLOMB_LOG_INFO, "often", 1000 + 1000000, NULL);
	assert_int_equal(h.dropped, 0);
	apl_log_dispose(&log, &alloc);
}

static void time_that_is_turned_back_begins_a_new_second(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	heard h = {0};
	apl_log log;
	assert_true(apl_log_init(&log, &alloc, hear, &h, APLOMB_LOG_INFO, 1));
	say(&log, APLOMB_LOG_INFO, "c", INT64_MAX, NULL);
	say(&log, APLOMB_LOG_INFO, "c", INT64_MAX, NULL);
	assert_int_equal(h.lines, 1);
	say(&log, APLOMB_LOG_INFO, "c", INT64_MIN, NULL);
	assert_int_equal(h.lines, 2);
	assert_int_equal(h.dropped, 1);
	say(&log, APLOMB_LOG_INFO, "c", INT64_MAX, NULL);
	assert_int_equal(h.lines, 3);
	apl_log_dispose(&log, &alloc);
}

static void a_traced_case_is_heard_at_every_level_and_rate(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	heard h = {0};
	apl_log log;
	assert_true(apl_log_init(&log, &alloc, hear, &h, APLOMB_LOG_ERROR, 1));
	log.trace_case = "order-1";
	for (int i = 0; i < 100; i++) say(&log, APLOMB_LOG_TRACE, "guard", 5, "order-1");
	assert_int_equal(h.lines, 100);
	for (int i = 0; i < 100; i++) say(&log, APLOMB_LOG_TRACE, "guard", 5, "order-2");
	assert_int_equal(h.lines, 100);
	apl_log_dispose(&log, &alloc);
}

static void more_codes_than_are_told_apart_share_a_rate(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	heard h = {0};
	apl_log log;
	assert_true(apl_log_init(&log, &alloc, hear, &h, APLOMB_LOG_INFO, 2));
	for (int i = 0; i < 1000; i++) {
		char code[16];
		snprintf(code, sizeof code, "code-%d", i);
		for (int n = 0; n < 5; n++) say(&log, APLOMB_LOG_INFO, code, 7, NULL);
	}
	assert_int_equal(h.lines, 2 * 128 + 2);
	apl_log_dispose(&log, &alloc);
}

static void a_log_without_memory_says_so(void **state) {
	(void)state;
	test_heap heap = {.fail_at = 1};
	apl_alloc alloc = test_heap_allocator(&heap);
	apl_log log;
	assert_false(apl_log_init(&log, &alloc, hear, NULL, APLOMB_LOG_INFO, 0));
	apl_log_dispose(&log, &alloc);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_line_is_let_through_by_its_level),
	    cmocka_unit_test(without_a_sink_nothing_is_wanted_and_nothing_allocated),
	    cmocka_unit_test(a_code_beyond_its_rate_is_counted_and_said_with_its_next_line),
	    cmocka_unit_test(time_that_is_turned_back_begins_a_new_second),
	    cmocka_unit_test(a_traced_case_is_heard_at_every_level_and_rate),
	    cmocka_unit_test(more_codes_than_are_told_apart_share_a_rate),
	    cmocka_unit_test(a_log_without_memory_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
