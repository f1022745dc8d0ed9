/* SPDX-License-Identifier: MIT */
#include "tell/wall.h"

#include "../test_cmocka.h"

static void an_instant_reads_as_the_clock_on_the_wall_shows_it(void **state) {
	(void)state;
	static const struct {
		const char *at, *words;
	} cases[] = {{"2026-11-23T11:00:00Z", "Mon 23 November 2026 11:00 (+00:00)"},
	    {"1970-01-01T00:00:30Z", "Thu 1 January 1970 00:00:30 (+00:00)"},
	    {"1969-12-31T23:59:59.000001Z", "Wed 31 December 1969 23:59:59.000001 (+00:00)"}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		aplomb_instant at;
		char words[TELL_WALL];
		assert_int_equal(aplomb_instant_read(cases[i].at, &at, NULL), APLOMB_OK);
		const aplomb_wall wall = tell_wall_utc(at);
		assert_string_equal(tell_wall(&wall, words), cases[i].words);
	}
}

static void offsets_have_a_sign_hours_and_minutes(void **state) {
	(void)state;
	aplomb_wall wall = APLOMB_WALL_INIT;
	char offset[TELL_OFFSET];
	wall.offset = -(3 * 3600 + 30 * 60);
	assert_string_equal(tell_wall_offset(&wall, offset), "-03:30");
	wall.offset = 13 * 3600 + 45 * 60;
	assert_string_equal(tell_wall_offset(&wall, offset), "+13:45");
}

static void what_is_no_day_or_month_has_no_name(void **state) {
	(void)state;
	assert_string_equal(tell_weekday(6), "Sunday");
	assert_string_equal(tell_weekday(7), "?");
	assert_string_equal(tell_month(12), "December");
	assert_string_equal(tell_month(0), "?");
}

static void lengths_leave_out_what_is_none(void **state) {
	(void)state;
	const aplomb_span second = 1000000, hour = 3600 * second;
	char length[TELL_LENGTH];
	assert_string_equal(tell_length(60 * hour, false, length), "60 h");
	assert_string_equal(tell_length(60 * hour, true, length), "2 d 12 h");
	assert_string_equal(tell_length(hour + 90 * second, false, length), "1 h 1 min 30 s");
	assert_string_equal(tell_length(second / 2, true, length), "no time");
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_instant_reads_as_the_clock_on_the_wall_shows_it),
	    cmocka_unit_test(offsets_have_a_sign_hours_and_minutes),
	    cmocka_unit_test(what_is_no_day_or_month_has_no_name),
	    cmocka_unit_test(lengths_leave_out_what_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
