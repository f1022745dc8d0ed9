/* SPDX-License-Identifier: MIT */
/* Days, hours, dates and zones of calendars. */

#include <stdio.h>
#include <string.h>

#include "../test_cmocka.h"
#include "time/hours.h"

static void days_and_ranges_are_bits_of_the_week(void **state) {
	(void)state;
	static const struct {
		const char *text;
		uint8_t days;
	} cases[] = {{"mon", 1}, {"sun", 64}, {"mon-fri", 31}, {"sat-sun", 96}, {"mon-sun", 127}, {"wed-thu", 12}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t days = 0;
		assert_int_equal(apl_days_read(cases[i].text, strlen(cases[i].text), &days, NULL), APLOMB_OK);
		assert_int_equal(days, cases[i].days);
	}
}

typedef struct refused {
	const char *text;
	const char *message;
} refused;

static void what_is_no_day_is_refused_with_the_nearest(void **state) {
	(void)state;
	static const refused cases[] = {
	    {"Monday", "\"Monday\" is no day such as \"mon\" and no range such as \"mon-fri\"; did you mean \"mon\"?"},
	    {"TUE", "\"TUE\" is no day such as \"mon\" and no range such as \"mon-fri\"; did you mean \"tue\"?"},
	    {"mon-friday", "\"friday\" is no day such as \"mon\" and no range such as \"mon-fri\"; did you mean \"fri\"?"},
	    {"mo-fri", "\"mo\" is no day such as \"mon\" and no range such as \"mon-fri\"; did you mean \"mon\"?"},
	    {"wde", "\"wde\" is no day such as \"mon\" and no range such as \"mon-fri\"; did you mean \"wed\"?"},
	    {"weekend", "\"weekend\" is no day such as \"mon\" and no range such as \"mon-fri\""},
	    {"", "\"\" is no day such as \"mon\" and no range such as \"mon-fri\""},
	    {"mon-", "\"\" is no day such as \"mon\" and no range such as \"mon-fri\""},
	    {"sat-mon", "\"sat-mon\" goes back in the week, which begins with mon and ends with sun"},
	    {"mon-mon", "\"mon-mon\" goes back in the week, which begins with mon and ends with sun"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t days = 77;
		aplomb_error error = {0};
		assert_int_equal(apl_days_read(cases[i].text, strlen(cases[i].text), &days, &error), APLOMB_EINVAL);
		assert_string_equal(error.message, cases[i].message);
		assert_string_equal(error.slug, "calendar-day");
		assert_int_equal(days, 77);
	}
}

static void hours_are_read_in_the_order_of_the_day(void **state) {
	(void)state;
	apl_open_hours hours[APL_MOST_HOURS];
	uint32_t count;
	assert_int_equal(apl_hours_read("09:00-12:30 13:30-17:30", 23, hours, &count, NULL), APLOMB_OK);
	assert_int_equal(count, 2);
	assert_int_equal(hours[0].from, 540);
	assert_int_equal(hours[0].until, 750);
	assert_int_equal(hours[1].from, 810);
	assert_int_equal(hours[1].until, 1050);
	assert_int_equal(apl_hours_read("00:00-24:00", 11, hours, &count, NULL), APLOMB_OK);
	assert_int_equal(hours[0].until, 1440);
	assert_int_equal(apl_hours_read("08:00-12:00 12:00-13:00", 23, hours, &count, NULL), APLOMB_OK);
	assert_int_equal(count, 2);
}

static void hours_that_make_no_sense_are_refused(void **state) {
	(void)state;
	static const char form[] = ": hours such as \"09:00-17:30\" were expected, with a space between two of them";
	static const refused cases[] = {
	    {"", ": it is empty; a day on which nobody is there is left out"},
	    {"9:00-17:00", form},
	    {"09:00", form},
	    {"09:00-25:00", form},
	    {"09:60-17:00", form},
	    {"09:00-24:01", form},
	    {"09:00 - 17:00", form},
	    {"closed", form},
	    {"09:00-12:00,13:00-17:00", ": one space stands between two of them, and nothing behind the last"},
	    {"09:00-12:00 ", ": one space stands between two of them, and nothing behind the last"},
	    {"17:00-09:00", ": they end before they begin; what goes on beyond midnight is written on both days"},
	    {"09:00-09:00", ": they end before they begin; what goes on beyond midnight is written on both days"},
	    {"13:00-17:00 09:00-12:00", ": they come in the order of the day"},
	    {"09:00-12:00 11:59-13:00", ": two of them overlap"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		apl_open_hours hours[APL_MOST_HOURS];
		uint32_t count;
		aplomb_error error = {0};
		assert_int_equal(apl_hours_read(cases[i].text, strlen(cases[i].text), hours, &count, &error), APLOMB_EINVAL);
		assert_string_equal(error.slug, "calendar-hours");
		assert_string_equal(error.message + strlen(cases[i].text) + 2, cases[i].message);
	}
	char many[12 * 17] = "";
	for (int i = 0; i < 17; i++) {
		char one[] = " 00:00-00:00";
		one[2] = one[8] = (char)('0' + i % 10);
		one[1] = one[7] = (char)('0' + i / 10);
		one[11] = '1';
		memcpy(many + i * 12, one, 12);
	}
	apl_open_hours hours[APL_MOST_HOURS];
	uint32_t count;
	aplomb_error error = {0};
	assert_int_equal(apl_hours_read(many + 1, 12 * 16 - 1, hours, &count, &error), APLOMB_OK);
	assert_int_equal(count, 16);
	assert_int_equal(apl_hours_read(many + 1, 12 * 17 - 1, hours, &count, &error), APLOMB_EINVAL);
	assert_non_null(strstr(error.message, "more than 16"));
}

static void dates_and_zones_have_their_form(void **state) {
	(void)state;
	static const char *const dates[] = {
	    "2026-12-25", "2028-02-29", "1970-01-01", "1969-12-31", "0001-01-01", "9999-12-31", "1900-03-01", "2000-02-29"};
	static const char *const no_dates[] = {"", "2026-02-29", "2026-13-01", "25.12.2026", "2026-1-01", "2026-12-25T", "0000-01-01"};
	static const char *const zones[] = {"UTC", "Europe/London", "America/Argentina/Buenos_Aires", "Etc/GMT+2", "America/Port-au-Prince"};
	static const char *const no_zones[] = {"", "/London", "Europe/", "Europe//London", "Europe London", "+01:00", "Europe/L\xc3\xb6ndon",
	    "a123456789a123456789a123456789a123456789a123456789a123456789a123456789"};
	aplomb_error error;
#define EACH(list, call, code)                                                                                                             \
	for (size_t i = 0; i < sizeof(list) / sizeof *(list); i++) assert_int_equal(call((list)[i], strlen((list)[i]), &error), code)
	for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
		apl_date date;
		assert_int_equal(apl_date_read(dates[i], strlen(dates[i]), &date, &error), APLOMB_OK);
		apl_civil civil = apl_civil_of(date);
		char text[32];
		snprintf(text, sizeof text, "%04d-%02d-%02d", (int)civil.year, (int)civil.month, (int)civil.day);
		assert_string_equal(text, dates[i]);
		assert_int_equal(apl_date_of(civil.year, civil.month, civil.day), date);
	}
	for (size_t i = 0; i < sizeof no_dates / sizeof *no_dates; i++) {
		apl_date date = 77;
		assert_int_equal(apl_date_read(no_dates[i], strlen(no_dates[i]), &date, &error), APLOMB_EINVAL);
		assert_int_equal(date, 77);
	}
	assert_string_equal(error.slug, "calendar-date");
	EACH(zones, apl_zone_check, APLOMB_OK);
	EACH(no_zones, apl_zone_check, APLOMB_EINVAL);
	assert_string_equal(error.slug, "calendar-zone");
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(days_and_ranges_are_bits_of_the_week),
	    cmocka_unit_test(what_is_no_day_is_refused_with_the_nearest),
	    cmocka_unit_test(hours_are_read_in_the_order_of_the_day),
	    cmocka_unit_test(hours_that_make_no_sense_are_refused),
	    cmocka_unit_test(dates_and_zones_have_their_form),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
