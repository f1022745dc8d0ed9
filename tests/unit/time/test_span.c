/* SPDX-License-Identifier: MIT */
/* Spans as text: of the clock, and of business time. */

#include <stdio.h>
#include <string.h>

#include "../test_cmocka.h"
#include "base/hash.h"
#include "time/instant.h"

static void spans_are_read_and_written_with_the_largest_units(void **state) {
	(void)state;
	static const struct {
		const char *text;
		aplomb_span span;
		const char *written;
	} cases[] = {
	    {"0s", 0, "0s"},
	    {"0w0d0h", 0, "0s"},
	    {"3d", 3 * APL_DAY, "3d"},
	    {"2w", 14 * APL_DAY, "14d"},
	    {"1w1d", 8 * APL_DAY, "8d"},
	    {"1h30m", 90 * APL_MINUTE, "1h30m"},
	    {"90m", 90 * APL_MINUTE, "1h30m"},
	    {"90s", 90 * APL_SECOND, "1m30s"},
	    {"24h", APL_DAY, "1d"},
	    {"05m", 5 * APL_MINUTE, "5m"},
	    {"250ms", 250000, "250ms"},
	    {"1500ms", 1500000, "1s500ms"},
	    {"7us", 7, "7us"},
	    {"1w2d3h4m5s6ms7us", 9 * APL_DAY + 3 * APL_HOUR + 4 * APL_MINUTE + 5 * APL_SECOND + 6007, "9d3h4m5s6ms7us"},
	    {"9223372036854775807us", INT64_MAX, "106751991d4h54s775ms807us"},
	    {"106751991d4h54s775ms807us", INT64_MAX, "106751991d4h54s775ms807us"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		aplomb_span span;
		char text[APL_INSTANT_TEXT];
		assert_int_equal(apl_span_read(cases[i].text, strlen(cases[i].text), &span, NULL), APLOMB_OK);
		assert_int_equal(span, cases[i].span);
		assert_int_equal(apl_span_write(span, text), strlen(cases[i].written));
		assert_string_equal(text, cases[i].written);
	}
}

static void negative_spans_are_written_only(void **state) {
	(void)state;
	char text[APL_INSTANT_TEXT];
	apl_span_write(-90 * APL_SECOND, text);
	assert_string_equal(text, "-1m30s");
	apl_span_write(INT64_MIN, text);
	assert_string_equal(text, "-106751991d4h54s775ms808us");
}

static void what_is_no_span_is_refused_with_the_reason(void **state) {
	(void)state;
	static const struct {
		const char *text;
		const char *slug;
		const char *reason;
	} cases[] = {
	    {"", "span", "it is empty"},
	    {"-2h", "span", "a span is not negative"},
	    {"h", "span", "a number and its unit were expected, such as \"90s\""},
	    {"soon", "span", "a number and its unit were expected, such as \"90s\""},
	    {"+2h", "span", "a number and its unit were expected, such as \"90s\""},
	    {"2h 30m", "span", "a number and its unit were expected, such as \"90s\""},
	    {"2h,", "span", "a number and its unit were expected, such as \"90s\""},
	    {"1.5h", "span", "numbers are whole; write \"1h30m\" for an hour and a half"},
	    {"2 h", "span", "there are no spaces within a span; write \"2h\""},
	    {"2 hours", "span", "there are no spaces within a span; write \"2h\""},
	    {"2", "span", "a unit is missing: w, d, h, m, s, ms or us"},
	    {"1h30", "span", "a unit is missing: w, d, h, m, s, ms or us"},
	    {"2hours", "span", "the units are w, d, h, m, s, ms and us"},
	    {"2H", "span", "the units are w, d, h, m, s, ms and us"},
	    {"2mo", "span", "the units are w, d, h, m, s, ms and us"},
	    {"2y", "span", "the units are w, d, h, m, s, ms and us"},
	    {"30m1h", "span", "the units come largest first, each once"},
	    {"1h1h", "span", "the units come largest first, each once"},
	    {"4 business hours", "business-span", "business time needs a calendar; here only clock time is taken"},
	    {"business", "business-span", "business time needs a calendar; here only clock time is taken"},
	    {"2 business days", "business-span", "business time needs a calendar; here only clock time is taken"},
	    {"9223372036854775808us", "span-overflow", "the longest span is some 292,000 years"},
	    {"18446744073709551617us", "span-overflow", "the longest span is some 292,000 years"},
	    {"106751991d5h", "span-overflow", "the longest span is some 292,000 years"},
	    {"99999999999999999999999999w", "span-overflow", "the longest span is some 292,000 years"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		aplomb_span span = 42;
		aplomb_error error = {0};
		char expected[256];
		assert_int_equal(apl_span_read(cases[i].text, strlen(cases[i].text), &span, &error), APLOMB_EINVAL);
		snprintf(expected, sizeof expected, "\"%s\" is no span such as \"1h30m\": %s", cases[i].text, cases[i].reason);
		assert_string_equal(error.message, expected);
		assert_string_equal(error.slug, cases[i].slug);
		assert_int_equal(span, 42);
	}
}

static void what_is_written_is_read_back(void **state) {
	(void)state;
	uint64_t random = 11;
	for (int i = 0; i < 200000; i++) {
		aplomb_span span = (aplomb_span)(apl_random_next(&random) >> (1 + apl_random_next(&random) % 62)), back;
		char text[APL_INSTANT_TEXT];
		size_t size = apl_span_write(span, text);
		assert_true(size < APL_INSTANT_TEXT);
		assert_int_equal(apl_span_read(text, size, &back, NULL), APLOMB_OK);
		assert_int_equal(back, span);
	}
}

static void business_spans_keep_their_unit(void **state) {
	(void)state;
	static const struct {
		const char *text;
		aplomb_span span;
		apl_span_unit unit;
		const char *written;
	} cases[] = {
	    {"15 business minutes", 15 * APL_MINUTE, APL_SPAN_BUSINESS_MINUTES, "15 business minutes"},
	    {"1 business hour", APL_HOUR, APL_SPAN_BUSINESS_HOURS, "1 business hour"},
	    {"1 business hours", APL_HOUR, APL_SPAN_BUSINESS_HOURS, "1 business hour"},
	    {"2 business day", 2 * APL_DAY, APL_SPAN_BUSINESS_DAYS, "2 business days"},
	    {"60 business minutes", APL_HOUR, APL_SPAN_BUSINESS_MINUTES, "60 business minutes"},
	    {"0 business days", 0, APL_SPAN_BUSINESS_DAYS, "0 business days"},
	    {"007 business days", 7 * APL_DAY, APL_SPAN_BUSINESS_DAYS, "7 business days"},
	    {"153722867280 business minutes", 153722867280 * APL_MINUTE, APL_SPAN_BUSINESS_MINUTES, "153722867280 business minutes"},
	    {"1h30m", 90 * APL_MINUTE, APL_SPAN_CLOCK, "1h30m"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		aplomb_span span;
		apl_span_unit unit = APL_SPAN_BUSINESS_DAYS;
		char text[APL_SPAN_TEXT];
		assert_int_equal(apl_span_read_any(cases[i].text, strlen(cases[i].text), &span, &unit, NULL), APLOMB_OK);
		assert_int_equal(span, cases[i].span);
		assert_int_equal(unit, cases[i].unit);
		assert_int_equal(apl_span_write_in(span, unit, text), strlen(cases[i].written));
		assert_string_equal(text, cases[i].written);
	}
	char text[APL_SPAN_TEXT];
	apl_span_write_in(90 * APL_MINUTE, APL_SPAN_BUSINESS_HOURS, text);
	assert_string_equal(text, "1h30m");
}

static void clock_time_and_business_time_do_not_mix(void **state) {
	(void)state;
	static const char form[] = "business time is a number, \"business\" and minutes, hours or days, such as \"2 business hours\"";
	static const struct {
		const char *text;
		const char *slug;
		const char *reason;
	} cases[] = {
	    {"1h 2 business days", "business-span", "clock time and business time are not mixed in one span"},
	    {"2h30m business", "business-span", "clock time and business time are not mixed in one span"},
	    {"2 business days 1h", "business-span", "a business span has one number and one unit"},
	    {"2 business days 3 business hours", "business-span", "a business span has one number and one unit"},
	    {"business", "business-span", form},
	    {"two business days", "business-span", form},
	    {"2 business", "business-span", form},
	    {"2 business ", "business-span", form},
	    {"2business days", "business-span", "clock time and business time are not mixed in one span"},
	    {"2  business days", "business-span", form},
	    {"2 business dayss", "business-span", form},
	    {"2 business weeks", "business-span", form},
	    {"1.5 business hours", "business-span", form},
	    {"-1 business hours", "business-span", form},
	    {"153722867281 business minutes", "span-overflow", "the longest span is some 292,000 years"},
	    {"99999999999999999999999 business days", "span-overflow", "the longest span is some 292,000 years"},
	    {"2 h", "span", "there are no spaces within a span; write \"2h\""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		aplomb_span span = 42;
		apl_span_unit unit = APL_SPAN_BUSINESS_DAYS;
		aplomb_error error = {0};
		char expected[256];
		assert_int_equal(apl_span_read_any(cases[i].text, strlen(cases[i].text), &span, &unit, &error), APLOMB_EINVAL);
		snprintf(expected, sizeof expected, "\"%s\" is no span such as \"1h30m\": %s", cases[i].text, cases[i].reason);
		assert_string_equal(error.message, expected);
		assert_string_equal(error.slug, cases[i].slug);
		assert_int_equal(span, 42);
		assert_int_equal(unit, APL_SPAN_BUSINESS_DAYS);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(spans_are_read_and_written_with_the_largest_units),
	    cmocka_unit_test(negative_spans_are_written_only),
	    cmocka_unit_test(what_is_no_span_is_refused_with_the_reason),
	    cmocka_unit_test(what_is_written_is_read_back),
	    cmocka_unit_test(business_spans_keep_their_unit),
	    cmocka_unit_test(clock_time_and_business_time_do_not_mix),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
