/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"

#include "aplomb.h"

static void instants_and_spans_are_written_and_read_back(void **state) {
	(void)state;
	char text[32];
	aplomb_instant at;
	aplomb_span span;
	aplomb_instant_write(INT64_C(1774947600000000), text);
	assert_string_equal(text, "2026-03-31T09:00:00Z");
	assert_int_equal(aplomb_instant_read("2026-03-31T10:00:00+01:00", &at, NULL), APLOMB_OK);
	assert_true(at == INT64_C(1774947600000000));
	aplomb_span_write(INT64_C(9000000000), text);
	assert_string_equal(text, "2h30m");
	assert_int_equal(aplomb_span_read("2h30m", &span, NULL), APLOMB_OK);
	assert_true(span == INT64_C(9000000000));
}

static void an_instant_that_has_no_text_says_so(void **state) {
	(void)state;
	char text[32];
	aplomb_instant_write(INT64_MIN, text);
	assert_string_equal(text, "before year 1");
	aplomb_instant_write(INT64_MAX, text);
	assert_string_equal(text, "after year 9999");
	aplomb_span_write(INT64_MIN, text);
	assert_int_equal(text[0], '-');
}

static void what_is_wrong_is_said(void **state) {
	(void)state;
	aplomb_error error;
	aplomb_instant at = 7;
	aplomb_span span = 7;
	assert_int_equal(aplomb_instant_read("yesterday", &at, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "instant");
	assert_int_equal(aplomb_span_read("soon", &span, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "span");
	assert_int_equal(aplomb_span_read("4 business hours", &span, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "business-span");
	assert_true(at == 7 && span == 7);
	assert_int_equal(aplomb_instant_read(NULL, &at, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "null-argument");
	assert_int_equal(aplomb_instant_read("2026-03-31T09:00:00Z", NULL, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_span_read(NULL, &span, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_span_read("1h", NULL, &error), APLOMB_EINVAL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(instants_and_spans_are_written_and_read_back),
	    cmocka_unit_test(an_instant_that_has_no_text_says_so),
	    cmocka_unit_test(what_is_wrong_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
