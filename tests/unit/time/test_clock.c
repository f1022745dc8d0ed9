/* SPDX-License-Identifier: MIT */
/* Clocks: the host's, the system's, and the one turned by hand. */

#include <time.h>

#include "../test_cmocka.h"
#include "time/clock.h"
#include "time/instant.h"

typedef struct told {
	const aplomb_instant *answers;
	size_t next;
} told;

static aplomb_instant tell(void *payload) {
	told *t = payload;
	return t->answers[t->next++];
}

static void a_host_clock_that_goes_back_keeps_the_latest(void **state) {
	(void)state;
	static const aplomb_instant answers[] = {100, 90, INT64_MIN, 100, 101, -5};
	static const aplomb_instant expected[] = {100, 100, 100, 100, 101, 101};
	told host = {answers, 0};
	apl_clock clock;
	apl_clock_init(&clock, tell, &host, false);
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) assert_int_equal(apl_clock_now(&clock), expected[i]);
	assert_false(apl_clock_turn(&clock, 1000));
}

static void an_answer_beyond_the_calendar_is_brought_back_into_it(void **state) {
	(void)state;
	static const aplomb_instant answers[] = {INT64_MIN, INT64_MAX};
	told host = {answers, 0};
	apl_clock clock;
	apl_clock_init(&clock, tell, &host, false);
	assert_int_equal(apl_clock_now(&clock), APL_INSTANT_MIN);
	assert_int_equal(apl_clock_now(&clock), APL_INSTANT_MAX);
}

static void a_clock_turned_by_hand_begins_at_the_earliest_instant_and_only_goes_forward(void **state) {
	(void)state;
	apl_clock clock;
	apl_clock_init(&clock, NULL, NULL, true);
	assert_int_equal(apl_clock_now(&clock), APL_INSTANT_MIN);
	assert_true(apl_clock_turn(&clock, 5));
	assert_true(apl_clock_turn(&clock, 5));
	assert_false(apl_clock_turn(&clock, 4));
	assert_false(apl_clock_turn(&clock, INT64_MAX));
	assert_int_equal(apl_clock_now(&clock), 5);
}

static void the_systems_clock_is_the_systems(void **state) {
	(void)state;
	apl_clock clock;
	apl_clock_init(&clock, NULL, NULL, false);
	aplomb_instant before = (aplomb_instant)time(NULL) * APL_SECOND;
	aplomb_instant now = apl_clock_now(&clock);
	aplomb_instant after = ((aplomb_instant)time(NULL) + 2) * APL_SECOND;
	/* time() may lag a clock tick behind CLOCK_REALTIME. */
	assert_true(now >= before - APL_SECOND && now <= after);
	assert_true(apl_clock_now(&clock) >= now);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_host_clock_that_goes_back_keeps_the_latest),
	    cmocka_unit_test(an_answer_beyond_the_calendar_is_brought_back_into_it),
	    cmocka_unit_test(a_clock_turned_by_hand_begins_at_the_earliest_instant_and_only_goes_forward),
	    cmocka_unit_test(the_systems_clock_is_the_systems),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
