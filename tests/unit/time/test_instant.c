/* SPDX-License-Identifier: MIT */
/* Instants as text, against the C library's calendar and against tables. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../test_cmocka.h"
#include "../test_rounds.h"
#include "base/hash.h"
#include "time/instant.h"

static int many(void) {
	return APL_ROUNDS(200000, 2000);
}

static void assert_written(aplomb_instant at, const char *expected) {
	char text[APL_INSTANT_TEXT];
	assert_int_equal(apl_instant_write(at, text), strlen(expected));
	assert_string_equal(text, expected);
}

static void writing_shows_a_fraction_only_when_there_is_one(void **state) {
	(void)state;
	assert_written(0, "1970-01-01T00:00:00Z");
	assert_written(1, "1970-01-01T00:00:00.000001Z");
	assert_written(1000, "1970-01-01T00:00:00.001Z");
	assert_written(250000, "1970-01-01T00:00:00.250Z");
	assert_written(-1, "1969-12-31T23:59:59.999999Z");
	assert_written(1795439160 * APL_SECOND, "2026-11-23T13:06:00Z");
	assert_written(APL_INSTANT_MIN, "0001-01-01T00:00:00Z");
	assert_written(APL_INSTANT_MAX, "9999-12-31T23:59:59.999999Z");
}

/* What the C library says of the same second. */
static void library_writes(int64_t seconds, char out[APL_INSTANT_TEXT]) {
	time_t t = (time_t)seconds;
	struct tm parts;
	assert_non_null(gmtime_r(&t, &parts));
	snprintf(out, APL_INSTANT_TEXT, "%04d-%02d-%02dT%02d:%02d:%02dZ", (parts.tm_year + 1900) % 10000, (parts.tm_mon + 1) % 100,
	    parts.tm_mday % 100, parts.tm_hour % 100, parts.tm_min % 100, parts.tm_sec % 100);
}

static void assert_as_the_library(int64_t seconds) {
	char ours[APL_INSTANT_TEXT], theirs[APL_INSTANT_TEXT];
	apl_instant_write(seconds * APL_SECOND, ours);
	library_writes(seconds, theirs);
	assert_string_equal(ours, theirs);
	aplomb_instant back;
	assert_int_equal(apl_instant_read(ours, strlen(ours), &back, NULL), APLOMB_OK);
	assert_int_equal(back, seconds * APL_SECOND);
}

static void every_day_of_ten_thousand_years_agrees_with_the_c_library(void **state) {
	(void)state;
	int64_t first = APL_INSTANT_MIN / APL_SECOND, last = APL_INSTANT_MAX / APL_SECOND;
	/* A day and a second at a time: every day, and other times of day. */
	int64_t days = APL_STRIDE(101);
	for (int64_t at = first; at <= last; at += days * 24 * 60 * 60 + 1) assert_as_the_library(at);
	assert_as_the_library(last);
}

static void random_instants_agree_with_the_c_library(void **state) {
	(void)state;
	uint64_t random = 7;
	uint64_t range = (uint64_t)(APL_INSTANT_MAX / APL_SECOND - APL_INSTANT_MIN / APL_SECOND);
	for (int i = 0; i < many(); i++) assert_as_the_library(APL_INSTANT_MIN / APL_SECOND + (int64_t)(apl_random_next(&random) % range));
}

static void what_is_written_is_read_back_to_the_microsecond(void **state) {
	(void)state;
	uint64_t random = 8;
	uint64_t range = (uint64_t)APL_INSTANT_MAX - (uint64_t)APL_INSTANT_MIN;
	for (int i = 0; i < many(); i++) {
		aplomb_instant at = (aplomb_instant)((uint64_t)APL_INSTANT_MIN + apl_random_next(&random) % (range + 1)), back;
		char text[APL_INSTANT_TEXT];
		size_t size = apl_instant_write(at, text);
		assert_int_equal(apl_instant_read(text, size, &back, NULL), APLOMB_OK);
		assert_int_equal(back, at);
	}
}

static void the_remembered_minute_writes_the_same(void **state) {
	(void)state;
	uint64_t random = 9;
	apl_alloc alloc = apl_alloc_system();
	apl_instant_writer writer = {0};
	apl_buf out;
	apl_buf_init(&out, &alloc);
	aplomb_instant at = APL_INSTANT_MIN;
	for (int i = 0; i < many(); i++) {
		uint64_t r = apl_random_next(&random);
		/* Mostly near, sometimes back, sometimes far. */
		aplomb_instant step = r % 100 == 0 ? (aplomb_instant)(r % (uint64_t)(4000 * APL_DAY)) : (aplomb_instant)(r % (uint64_t)APL_MINUTE);
		at += r % 7 == 0 ? -step : step;
		if (at < APL_INSTANT_MIN) at = APL_INSTANT_MIN;
		if (at > APL_INSTANT_MAX) at = APL_INSTANT_MAX;
		if (r % 3 == 0) at = at / APL_SECOND * APL_SECOND;
		apl_buf_clear(&out);
		apl_instant_append(&out, &writer, at);
		/* The same once more comes as it is. */
		apl_instant_append(&out, &writer, at);
		char text[APL_INSTANT_TEXT];
		size_t size = apl_instant_write(at, text);
		assert_int_equal(out.size, 2 * size);
		assert_memory_equal(out.bytes, text, size);
		assert_memory_equal(out.bytes + size, text, size);
	}
	apl_buf_dispose(&out);
}

static void offsets_and_spellings_are_read(void **state) {
	(void)state;
	static const struct {
		const char *text;
		const char *written;
	} cases[] = {
	    {"2026-11-23T13:06:00Z", "2026-11-23T13:06:00Z"},
	    {"2026-11-23t13:06:00z", "2026-11-23T13:06:00Z"},
	    {"2026-11-23 13:06:00Z", "2026-11-23T13:06:00Z"},
	    {"2026-11-23T13:06:00+01:00", "2026-11-23T12:06:00Z"},
	    {"2026-11-23T13:06:00-05:30", "2026-11-23T18:36:00Z"},
	    {"2026-11-23T13:06:00+00:00", "2026-11-23T13:06:00Z"},
	    {"2026-11-23T13:06:00-00:00", "2026-11-23T13:06:00Z"},
	    {"2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00Z"},
	    {"2026-01-01T00:30:00+23:59", "2025-12-31T00:31:00Z"},
	    {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
	    {"2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z"},
	    {"0004-02-29T00:00:00Z", "0004-02-29T00:00:00Z"},
	    {"2026-11-23T13:06:00.5Z", "2026-11-23T13:06:00.500Z"},
	    {"2026-11-23T13:06:00.000Z", "2026-11-23T13:06:00Z"},
	    {"2026-11-23T13:06:00.000100Z", "2026-11-23T13:06:00.000100Z"},
	    {"2026-11-23T13:06:00.123456+02:00", "2026-11-23T11:06:00.123456Z"},
	    {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
	    {"9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		aplomb_instant at;
		assert_int_equal(apl_instant_read(cases[i].text, strlen(cases[i].text), &at, NULL), APLOMB_OK);
		assert_written(at, cases[i].written);
	}
}

static void what_is_no_instant_is_refused_with_the_reason(void **state) {
	(void)state;
	static const struct {
		const char *text;
		const char *reason;
	} cases[] = {
	    {"", "it begins with the four digits of the year"},
	    {"yesterday", "it begins with the four digits of the year"},
	    {"26-11-23T13:06:00Z", "it begins with the four digits of the year"},
	    {" 2026-11-23T13:06:00Z", "it begins with the four digits of the year"},
	    {"-026-11-23T13:06:00Z", "it begins with the four digits of the year"},
	    {"1700000000", "a \"-\" follows the year"},
	    {"2026/11/23T13:06:00Z", "a \"-\" follows the year"},
	    {"2026-1-23T13:06:00Z", "the month has two digits"},
	    {"2026-11", "a \"-\" follows the month"},
	    {"2026-11-3T13:06:00Z", "the day has two digits"},
	    {"0000-01-01T00:00:00Z", "the years are 0001 to 9999"},
	    {"2026-00-23T13:06:00Z", "the months are 01 to 12"},
	    {"2026-13-23T13:06:00Z", "the months are 01 to 12"},
	    {"2026-11-00T13:06:00Z", "the days begin with 01"},
	    {"2026-11-31T13:06:00Z", "that month has no such day"},
	    {"2026-02-29T13:06:00Z", "that month has no such day"},
	    {"1900-02-29T13:06:00Z", "that month has no such day"},
	    {"2024-02-30T13:06:00Z", "that month has no such day"},
	    {"2026-12-32T13:06:00Z", "that month has no such day"},
	    {"2026-11-23", "a \"T\" and the time follow the date"},
	    {"2026-11-23_13:06:00Z", "a \"T\" and the time follow the date"},
	    {"2026-11-23T1:06:00Z", "the hour has two digits"},
	    {"2026-11-23T13", "a \":\" follows the hour"},
	    {"2026-11-23T130600Z", "a \":\" follows the hour"},
	    {"2026-11-23T13:6:00Z", "the minute has two digits"},
	    {"2026-11-23T13:06Z", "a \":\" and the seconds follow the minute"},
	    {"2026-11-23T13:06:0Z", "the second has two digits"},
	    {"2026-11-23T24:00:00Z", "the hours are 00 to 23"},
	    {"2026-11-23T13:60:00Z", "the minutes are 00 to 59"},
	    {"2026-12-31T23:59:60Z", "leap seconds (second 60) are not known here"},
	    {"2026-11-23T13:06:61Z", "the seconds are 00 to 59"},
	    {"2026-11-23T13:06:00.Z", "digits follow the point"},
	    {"2026-11-23T13:06:00.1234567Z", "a second has at most six digits behind the point"},
	    {"2026-11-23T13:06:00,5Z", "it ends with \"Z\" or an offset such as \"+01:00\""},
	    {"2026-11-23T13:06:00", "it ends with \"Z\" or an offset such as \"+01:00\""},
	    {"2026-11-23T13:06:00 Z", "it ends with \"Z\" or an offset such as \"+01:00\""},
	    {"2026-11-23T13:06:00+1:00", "an offset looks like \"+01:00\""},
	    {"2026-11-23T13:06:00+0100", "an offset looks like \"+01:00\""},
	    {"2026-11-23T13:06:00+01", "an offset looks like \"+01:00\""},
	    {"2026-11-23T13:06:00+24:00", "an offset is less than 24 hours, with minutes 00 to 59"},
	    {"2026-11-23T13:06:00+01:60", "an offset is less than 24 hours, with minutes 00 to 59"},
	    {"2026-11-23T13:06:00Z ", "nothing follows the offset"},
	    {"2026-11-23T13:06:00ZZ", "nothing follows the offset"},
	    {"0001-01-01T00:59:00+01:00", "in UTC it lies outside the years 0001 to 9999"},
	    {"9999-12-31T23:59:59-00:01", "in UTC it lies outside the years 0001 to 9999"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		aplomb_instant at = 42;
		aplomb_error error = {0};
		char expected[256];
		assert_int_equal(apl_instant_read(cases[i].text, strlen(cases[i].text), &at, &error), APLOMB_EINVAL);
		assert_string_equal(error.slug, "instant");
		snprintf(expected, sizeof expected, "\"%s\" is no instant such as \"2026-11-23T13:06:00Z\": %s", cases[i].text, cases[i].reason);
		assert_string_equal(error.message, expected);
		assert_int_equal(at, 42);
	}
}

/* Every prefix, and every change of one byte: refused, or read as what is then written. Run with ASan, over exact blocks. */
static void damaged_texts_are_never_read_beyond(void **state) {
	(void)state;
	static const char whole[] = "2026-11-23T13:06:00.123456+01:00";
	apl_alloc alloc = apl_alloc_system();
	for (size_t size = 0; size < sizeof whole - 1; size++) {
		char *exact = apl_new(&alloc, size + (size == 0));
		memcpy(exact, whole, size);
		aplomb_instant at;
		assert_int_equal(apl_instant_read(exact, size, &at, NULL), APLOMB_EINVAL);
		apl_free(&alloc, exact, size + (size == 0));
	}
	for (size_t i = 0; i < sizeof whole - 1; i++) {
		for (int byte = 0; byte < 256; byte++) {
			char text[sizeof whole];
			memcpy(text, whole, sizeof whole);
			text[i] = (char)byte;
			aplomb_instant at;
			if (apl_instant_read(text, sizeof whole - 1, &at, NULL) != APLOMB_OK) continue;
			assert_true(at >= APL_INSTANT_MIN && at <= APL_INSTANT_MAX);
		}
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writing_shows_a_fraction_only_when_there_is_one),
	    cmocka_unit_test(every_day_of_ten_thousand_years_agrees_with_the_c_library),
	    cmocka_unit_test(random_instants_agree_with_the_c_library),
	    cmocka_unit_test(what_is_written_is_read_back_to_the_microsecond),
	    cmocka_unit_test(the_remembered_minute_writes_the_same),
	    cmocka_unit_test(offsets_and_spellings_are_read),
	    cmocka_unit_test(what_is_no_instant_is_refused_with_the_reason),
	    cmocka_unit_test(damaged_texts_are_never_read_beyond),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
