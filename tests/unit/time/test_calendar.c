/* SPDX-License-Identifier: MIT */
/* Calendars by hand: what a table on paper says. test_calendar_slow.c compares them with a slow one. */

#include <string.h>

#include "../test_cmocka.h"
#include "time/calendar.h"

typedef struct given {
	const char *zone;
	const char *week[APL_WEEK_DAYS]; /* Monday first; NULL: closed */
	const char *holidays;            /* "2026-12-25 2026-12-28" */
	const char *exceptions[4];       /* "2026-12-24 09:00-12:00", "2026-12-31" */
} given;

static const given office = {"UTC", {"08:00-17:00", "08:00-17:00", "08:00-17:00", "08:00-17:00", "08:00-17:00"}, NULL, {NULL}};
static const given shop = {"Europe/London",
    {"09:00-12:30 13:30-17:30", "09:00-12:30 13:30-17:30", "09:00-12:30 13:30-17:30", "09:00-12:30 13:30-17:30", "09:00-12:30 13:30-17:30",
        "10:00-14:00"},
    "2026-12-25 2026-12-28", {"2026-12-24 09:00-12:00", "2026-12-28 10:00-11:00", "2026-12-29"}};

static apl_date date_of(const char *text) {
	char instant[32] = {0};
	aplomb_instant at;
	memcpy(instant, text, 10);
	strcat(instant, "T00:00:00Z");
	assert_int_equal(apl_instant_read(instant, strlen(instant), &at, NULL), APLOMB_OK);
	return apl_wall_date(at);
}

static apl_calendar *calendar_of(const given *from) {
	const apl_alloc alloc = apl_alloc_system();
	apl_zone zone;
	apl_open_hours week[APL_WEEK_DAYS][APL_MOST_HOURS], hours[4 * APL_MOST_HOURS];
	uint32_t n_week[APL_WEEK_DAYS] = {0}, n_days = 0, n_hours = 0;
	apl_special_day days[16];
	assert_int_equal(apl_zone_load(&zone, &alloc, from->zone, strlen(from->zone), NULL), APLOMB_OK);
	for (int i = 0; i < APL_WEEK_DAYS; i++) {
		if (from->week[i] != NULL)
			assert_int_equal(apl_hours_read(from->week[i], strlen(from->week[i]), week[i], &n_week[i], NULL), APLOMB_OK);
	}
	for (const char *at = from->holidays; at != NULL && *at != '\0'; at += at[10] == ' ' ? 11 : 10)
		days[n_days++] = (apl_special_day){.date = date_of(at), .name = "a holiday"};
	for (int i = 0; i < 4 && from->exceptions[i] != NULL; i++) {
		const char *text = from->exceptions[i];
		uint32_t count = 0;
		if (text[10] == ' ') assert_int_equal(apl_hours_read(text + 11, strlen(text + 11), hours + n_hours, &count, NULL), APLOMB_OK);
		days[n_days++] = (apl_special_day){date_of(text), true, NULL, n_hours, count, NULL};
		n_hours += count;
	}
	apl_calendar *calendar;
	apl_calendar_parts parts = {&zone, (const apl_open_hours(*)[APL_MOST_HOURS])week, n_week, days, n_days, hours, n_hours};
	assert_int_equal(apl_calendar_new(&calendar, &alloc, &parts, NULL), APLOMB_OK);
	apl_zone_dispose(&zone);
	return calendar;
}

static aplomb_instant at(const char *text) {
	aplomb_instant instant;
	assert_int_equal(apl_instant_read(text, strlen(text), &instant, NULL), APLOMB_OK);
	return instant;
}

typedef struct sum {
	const char *from, *span, *to;
} sum;

static void check_sums(const given *from, const sum *sums, size_t count, bool back) {
	apl_calendar *calendar = calendar_of(from);
	for (size_t i = 0; i < count; i++) {
		aplomb_span span;
		apl_span_unit unit;
		aplomb_instant to;
		char text[APL_INSTANT_TEXT];
		assert_int_equal(apl_span_read_any(sums[i].span, strlen(sums[i].span), &span, &unit, NULL), APLOMB_OK);
		assert_int_equal((back ? apl_calendar_subtract : apl_calendar_add)(calendar, at(sums[i].from), span, unit, &to, NULL), APLOMB_OK);
		apl_instant_write(to, text);
		if (strcmp(text, sums[i].to) != 0) fail_msg("%s and %s is %s, not %s", sums[i].from, sums[i].span, text, sums[i].to);
	}
	apl_calendar_free(calendar);
}
#define CHECK(calendar, sums, back) check_sums(&(calendar), (sums), sizeof(sums) / sizeof *(sums), (back))

/* 2026-11-23 is a Monday. */
static void four_hours_from_friday_at_four_are_over_on_monday_at_eleven(void **state) {
	(void)state;
	static const sum sums[] = {
	    {"2026-11-20T16:00:00Z", "4 business hours", "2026-11-23T11:00:00Z"},
	    {"2026-11-20T16:00:00Z", "1 business hour", "2026-11-20T17:00:00Z"}, /* closing time, not the next opening */
	    {"2026-11-20T17:00:00Z", "1 business hour", "2026-11-23T09:00:00Z"},
	    {"2026-11-21T12:00:00Z", "30 business minutes", "2026-11-23T08:30:00Z"}, /* a Saturday */
	    {"2026-11-23T03:00:00Z", "9 business hours", "2026-11-23T17:00:00Z"},
	    {"2026-11-23T03:00:00Z", "0 business hours", "2026-11-23T03:00:00Z"},
	    {"2026-11-23T12:00:00Z", "45 business hours", "2026-11-30T12:00:00Z"},
	    {"2026-11-20T16:00:00.000001Z", "4 business hours", "2026-11-23T11:00:00.000001Z"},
	    {"2026-11-20T16:00:00Z", "4h", "2026-11-20T20:00:00Z"}, /* the clock does not ask */
	};
	CHECK(office, sums, false);
}

static void hours_are_taken_away_as_they_are_added(void **state) {
	(void)state;
	static const sum sums[] = {
	    {"2026-11-23T11:00:00Z", "4 business hours", "2026-11-20T16:00:00Z"},
	    {"2026-11-20T17:00:00Z", "1 business hour", "2026-11-20T16:00:00Z"},
	    {"2026-11-21T12:00:00Z", "30 business minutes", "2026-11-20T16:30:00Z"},
	    {"2026-11-20T17:00:00Z", "9 business hours", "2026-11-20T08:00:00Z"},
	    {"2026-11-23T12:00:00Z", "4 business hours", "2026-11-23T08:00:00Z"}, /* the opening, not the closing before */
	};
	CHECK(office, sums, true);
}

static void a_business_day_is_the_same_time_on_another_day(void **state) {
	(void)state;
	static const sum sums[] = {
	    {"2026-11-24T14:00:00Z", "2 business days", "2026-11-26T14:00:00Z"},
	    {"2026-11-26T14:00:00Z", "2 business days", "2026-11-28T14:00:00Z"}, /* Saturday, to its closing */
	    {"2026-11-26T16:00:00Z", "2 business days", "2026-11-28T14:00:00Z"},
	    {"2026-11-27T16:00:00Z", "2 business days", "2026-11-30T16:00:00Z"},
	    {"2026-11-28T13:00:00Z", "1 business day", "2026-11-30T13:30:00Z"}, /* into Monday's break: to its end */
	    {"2026-11-24T20:00:00Z", "1 business day", "2026-11-26T09:00:00Z"}, /* after hours: from the next opening */
	    {"2026-11-24T17:30:00Z", "1 business day", "2026-11-25T17:30:00Z"}, /* closing time is of the day still */
	    {"2026-11-24T05:00:00Z", "1 business day", "2026-11-25T09:00:00Z"},
	    {"2026-11-29T12:00:00Z", "1 business day", "2026-12-01T09:00:00Z"}, /* a Sunday: from Monday's opening */
	    {"2026-12-23T16:00:00Z", "1 business day", "2026-12-24T12:00:00Z"}, /* closes early */
	    {"2026-12-24T11:00:00Z", "1 business day", "2026-12-26T11:00:00Z"}, /* not the holiday */
	    {"2026-12-26T11:00:00Z", "1 business day", "2026-12-28T11:00:00Z"}, /* open on a holiday, by an exception; 11:00 is closing */
	    {"2026-12-28T10:30:00Z", "1 business day", "2026-12-30T10:30:00Z"}, /* not what an exception closes */
	};
	CHECK(shop, sums, false);
	static const sum back[] = {
	    {"2026-11-26T14:00:00Z", "2 business days", "2026-11-24T14:00:00Z"},
	    {"2026-11-30T13:00:00Z", "1 business day", "2026-11-28T12:30:00Z"}, /* out of the break, to its beginning */
	    {"2026-11-29T12:00:00Z", "1 business day", "2026-11-27T14:00:00Z"}, /* a Sunday: from Saturday's closing, 14:00 */
	    {"2026-11-30T05:00:00Z", "1 business day", "2026-11-27T14:00:00Z"},
	};
	CHECK(shop, back, true);
}

static void an_hour_that_never_is_counts_for_nothing_and_one_that_is_twice_counts_twice(void **state) {
	(void)state;
	static const given night = {"Europe/London", {[6] = "00:00-08:00"}, NULL, {NULL}};
	static const sum sums[] = {
	    {"2026-03-29T00:00:00Z", "7 business hours",
	        "2026-03-29T07:00:00Z"}, /* from 01:00 to 02:00 there was nobody: there was no such hour */
	    {"2026-10-24T23:00:00Z", "9 business hours", "2026-10-25T08:00:00Z"},
	    {"2026-10-24T23:00:00Z", "2 business hours", "2026-10-25T01:00:00Z"},
	    {"2026-03-22T01:30:00Z", "1 business day", "2026-03-29T01:00:00Z"}, /* 01:30 is not there: when the clock jumps */
	    {"2026-10-18T00:30:00Z", "1 business day", "2026-10-25T00:30:00Z"}, /* 01:30 is there twice: the first */
	};
	CHECK(night, sums, false);
	apl_calendar *calendar = calendar_of(&night);
	assert_true(apl_calendar_between(calendar, at("2026-03-28T12:00:00Z"), at("2026-03-29T12:00:00Z")) == 7 * APL_HOUR);
	assert_true(apl_calendar_between(calendar, at("2026-10-24T12:00:00Z"), at("2026-10-25T12:00:00Z")) == 9 * APL_HOUR);
	apl_calendar_day day;
	apl_calendar_day_of(calendar, date_of("2026-03-29"), &day);
	assert_true(day.jump == APL_HOUR);
	apl_calendar_day_of(calendar, date_of("2026-10-25"), &day);
	assert_true(day.jump == -APL_HOUR);
	apl_calendar_day_of(calendar, date_of("2026-10-26"), &day);
	assert_true(day.jump == 0 && day.reason == APL_CALENDAR_CLOSED);
	apl_calendar_free(calendar);
}

/* Samoa went from the 29th of December 2011 to the 31st. */
static void a_date_that_never_was_is_no_business_day(void **state) {
	(void)state;
	static const given samoa = {"Pacific/Apia", {"09:00-17:00", "09:00-17:00", "09:00-17:00", "09:00-17:00", "09:00-17:00"}, NULL, {NULL}};
	static const sum sums[] = {
	    {"2011-12-29T20:00:00Z", "1 business day", "2012-01-01T20:00:00Z"}, /* Thursday 10:00, then Monday 10:00 */
	    {"2011-12-29T20:00:00Z", "8 business hours", "2012-01-01T20:00:00Z"},
	};
	CHECK(samoa, sums, false);
}

/* Until 2011 clocks in St John's were put back at one minute past midnight: yesterday came again. */
static void a_date_that_comes_twice_is_open_twice(void **state) {
	(void)state;
	static const given late = {"America/St_Johns", {[5] = "22:00-24:00"}, NULL, {NULL}};
	apl_calendar *calendar = calendar_of(&late);
	assert_true(apl_calendar_between(calendar, at("2010-11-06T12:00:00Z"), at("2010-11-08T12:00:00Z")) == 2 * APL_HOUR + 59 * APL_MINUTE);
	aplomb_instant closing;
	assert_true(apl_calendar_next(calendar, at("2010-11-07T00:30:00Z"), false, &closing));
	assert_true(closing == at("2010-11-07T02:30:00Z"));
	assert_true(apl_calendar_next(calendar, closing, true, &closing));
	assert_true(closing == at("2010-11-07T02:31:00Z"));
	apl_calendar_free(calendar);
}

static void each_stretch_of_time_has_its_reason(void **state) {
	(void)state;
	static const struct {
		const char *at, *from, *until;
		apl_calendar_reason reason;
		const char *name;
	} cases[] = {
	    {"2026-11-24T10:00:00Z", "2026-11-24T09:00:00Z", "2026-11-24T12:30:00Z", APL_CALENDAR_OPEN, NULL},
	    {"2026-11-24T12:30:00Z", "2026-11-24T12:30:00Z", "2026-11-24T13:30:00Z", APL_CALENDAR_CLOSED, NULL},
	    {"2026-11-29T12:00:00Z", "2026-11-28T14:00:00Z", "2026-11-30T09:00:00Z", APL_CALENDAR_CLOSED, NULL}, /* Saturday to Monday */
	    {"2026-12-25T12:00:00Z", "2026-12-25T00:00:00Z", "2026-12-26T00:00:00Z", APL_CALENDAR_HOLIDAY, "a holiday"},
	    {"2026-12-24T13:00:00Z", "2026-12-24T12:00:00Z", "2026-12-25T00:00:00Z", APL_CALENDAR_EXCEPTION, NULL},
	    {"2026-12-29T13:00:00Z", "2026-12-29T00:00:00Z", "2026-12-30T00:00:00Z", APL_CALENDAR_EXCEPTION, NULL},
	    {"2026-12-28T10:00:00Z", "2026-12-28T10:00:00Z", "2026-12-28T11:00:00Z", APL_CALENDAR_OPEN, NULL},
	};
	apl_calendar *calendar = calendar_of(&shop);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		apl_calendar_stretch is;
		apl_calendar_stretch_at(calendar, at(cases[i].at), &is);
		assert_true(is.from == at(cases[i].from));
		assert_true(is.until == at(cases[i].until));
		assert_int_equal(is.reason, cases[i].reason);
		assert_int_equal(is.name == NULL, cases[i].name == NULL);
		if (is.name != NULL) assert_string_equal(is.name, cases[i].name);
	}
	apl_calendar_free(calendar);
}

static void a_calendar_that_is_never_open_says_so_and_one_that_never_closes_goes_on(void **state) {
	(void)state;
	static const given never = {"UTC", {NULL}, NULL, {NULL}};
	static const given always = {"Africa/Casablanca",
	    {"00:00-24:00", "00:00-24:00", "00:00-24:00", "00:00-24:00", "00:00-24:00", "00:00-24:00", "00:00-24:00"}, NULL, {NULL}};
	aplomb_error error;
	aplomb_instant out = 77, now = at("2026-11-24T10:00:00Z");
	apl_calendar_stretch stretch;
	apl_calendar *calendar = calendar_of(&never);
	assert_int_equal(apl_calendar_add(calendar, now, APL_MINUTE, APL_SPAN_BUSINESS_MINUTES, &out, &error), APLOMB_EREFUSED);
	assert_string_equal(error.slug, "calendar-range");
	assert_string_equal(error.message,
	    "from 2026-11-24T10:00:00Z the calendar is not open for so long: calendars know the years 1970 to 2299; give "
	    "a shorter span, or a calendar that is open");
	assert_int_equal(apl_calendar_subtract(calendar, now, APL_MINUTE, APL_SPAN_BUSINESS_MINUTES, &out, &error), APLOMB_EREFUSED);
	assert_int_equal(apl_calendar_add(calendar, now, APL_DAY, APL_SPAN_BUSINESS_DAYS, &out, &error), APLOMB_EREFUSED);
	assert_int_equal(apl_calendar_subtract(calendar, now, APL_DAY, APL_SPAN_BUSINESS_DAYS, &out, &error), APLOMB_EREFUSED);
	assert_true(out == 77);
	assert_false(apl_calendar_next(calendar, now, true, &out));
	assert_false(apl_calendar_previous(calendar, now, true, &out));
	assert_true(apl_calendar_between(calendar, INT64_MIN, INT64_MAX) == 0);
	apl_calendar_stretch_at(calendar, now, &stretch);
	assert_true(stretch.from <= now && stretch.until > now && stretch.reason == APL_CALENDAR_CLOSED);
	apl_calendar_free(calendar);

	calendar = calendar_of(&always);
	assert_false(apl_calendar_next(calendar, now, false, &out));
	assert_true(apl_calendar_between(calendar, APL_ZONE_BEGIN, APL_ZONE_END) == APL_ZONE_END - APL_ZONE_BEGIN);
	assert_int_equal(apl_calendar_add(calendar, now, 876600 * APL_HOUR, APL_SPAN_BUSINESS_HOURS, &out, &error), APLOMB_OK);
	assert_true(out == now + 876600 * APL_HOUR); /* a hundred years */
	assert_int_equal(apl_calendar_subtract(calendar, out, 876600 * APL_HOUR, APL_SPAN_BUSINESS_HOURS, &out, &error), APLOMB_OK);
	assert_true(out == now);
	assert_int_equal(apl_calendar_add(calendar, now, 36525 * APL_DAY, APL_SPAN_BUSINESS_DAYS, &out, &error), APLOMB_OK);
	assert_true(out == at("2126-11-25T10:00:00Z")); /* 2100 has no leap day */
	assert_int_equal(apl_calendar_add(calendar, now, INT64_MAX / APL_DAY * APL_DAY, APL_SPAN_BUSINESS_DAYS, &out, &error), APLOMB_EREFUSED);
	assert_int_equal(
	    apl_calendar_add(calendar, now, INT64_MAX / APL_HOUR * APL_HOUR, APL_SPAN_BUSINESS_HOURS, &out, &error), APLOMB_EREFUSED);
	apl_calendar_free(calendar);
}

static void its_text_is_all_there_is_to_it(void **state) {
	(void)state;
	const apl_alloc alloc = apl_alloc_system();
	aplomb_error error;
	size_t size, again_size;
	apl_calendar *calendar = calendar_of(&shop), *again;
	const char *text = apl_calendar_text(calendar, &size);
	static const char begins[] =
	    "{\"exceptions\":{\"2026-12-24\":[[\"09:00\",\"12:00\"]],\"2026-12-28\":[[\"10:00\",\"11:00\"]],\"2026-12-29\":[]},"
	    "\"holidays\":{\"2026-12-25\":\"a holiday\",\"2026-12-28\":\"a holiday\"},\"v\":1,\"week\":{\"fri\":[[\"09:00\",\"12:30\"],"
	    "[\"13:30\",\"17:30\"]],";
	assert_memory_equal(text, begins, sizeof begins - 1);
	assert_int_equal(apl_calendar_read(&again, &alloc, text, size, &error), APLOMB_OK);
	assert_string_equal(apl_calendar_text(again, &again_size), text);
	assert_int_equal(size, again_size);
	assert_string_equal(apl_calendar_version(again), apl_calendar_version(calendar));
	assert_int_equal(strlen(apl_calendar_version(calendar)), 64);
	apl_calendar_free(again);
	apl_calendar_free(calendar);
	static const struct {
		const char *text, *message;
	} wrong[] = {
	    {"{}", "the text of a calendar: its version (\"v\") is not 1"},
	    {"{\"v\":2}", "the text of a calendar: its version (\"v\") is not 1"},
	    {"{\"v\":1}", "the text of a calendar: it has no \"exceptions\""},
	    {"{\"exceptions\":{\"2026-02-30\":[]},\"holidays\":{},\"v\":1,\"week\":{},\"zone\":{}}", "the text of a calendar: a date is none"},
	    {"{\"exceptions\":{\"2026-02-20\":[[\"9:00\",\"12:00\"]]},\"holidays\":{},\"v\":1,\"week\":{},\"zone\":{}}",
	        "the text of a calendar: the hours of an exception are none"},
	    {"{\"exceptions\":{},\"holidays\":{\"2026-02-20\":1},\"v\":1,\"week\":{},\"zone\":{}}",
	        "the text of a calendar: the name of a holiday is no text"},
	    {"{\"exceptions\":{},\"holidays\":{},\"v\":1,\"week\":{\"Mon\":[]},\"zone\":{}}",
	        "the text of a calendar: a day of its week has no hours"},
	    {"{\"exceptions\":{},\"holidays\":{},\"v\":1,\"week\":{},\"zone\":{}}", "the text of a zone: it has no \"name\""},
	    {"{\"exceptions\":{},\"holidays\":{},\"v\":1,\"week\":{},\"zone\":{\"changes\":[[10,0]],\"first\":0,\"name\":\"X\",\"v\":1}}",
	        "the text of a zone: a change changes nothing"},
	    {"{\"exceptions\":{},\"holidays\":{},\"v\":1,\"week\":{},\"zone\":{\"changes\":[[10,1],[20,0]],\"first\":0,\"name\":\"X\",\"v\":1}"
	     "}",
	        "the text of a zone: its changes are not in order, or less than a day apart"},
	};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_int_equal(apl_calendar_read(&again, &alloc, wrong[i].text, strlen(wrong[i].text), &error), APLOMB_EINVAL);
		assert_string_equal(error.slug, "calendar-material");
		assert_string_equal(error.message, wrong[i].message);
	}
}

static void what_is_no_zone_of_this_machine_is_refused(void **state) {
	(void)state;
	static const char *const none[] = {"Europe/Atlantis", "Paris5", "UTC+3", "Mars"};
	const apl_alloc alloc = apl_alloc_system();
	apl_zone zone;
	aplomb_error error;
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		assert_int_equal(apl_zone_load(&zone, &alloc, none[i], strlen(none[i]), &error), APLOMB_EINVAL);
		assert_string_equal(error.slug, "calendar-zone");
	}
	assert_int_equal(apl_zone_load(&zone, &alloc, "Mars", 4, &error), APLOMB_EINVAL);
	assert_string_equal(
	    error.message, "\"Mars\" is no zone that this machine's zone data (tzdata) has; they are called like \"Europe/London\" or \"UTC\"");
}

/* Ireland's file calls winter the time that saves, which GLib misreads behind the years that the file spells out. */
static void irelands_clocks_go_as_britains_in_all_years(void **state) {
	(void)state;
	const apl_alloc alloc = apl_alloc_system();
	apl_zone dublin, london;
	assert_int_equal(apl_zone_load(&dublin, &alloc, "Europe/Dublin", 13, NULL), APLOMB_OK);
	assert_int_equal(apl_zone_load(&london, &alloc, "Europe/London", 13, NULL), APLOMB_OK);
	for (aplomb_instant t = apl_date_of(1997, 1, 1) * APL_DAY; t < APL_ZONE_END; t += 7 * APL_HOUR)
		assert_true(apl_zone_offset(&dublin, t) == apl_zone_offset(&london, t));
	apl_zone_dispose(&dublin);
	apl_zone_dispose(&london);
}

typedef struct stingy {
	int64_t left; /* allocations that succeed */
} stingy;

static void *give_so_many(void *payload, void *block, size_t old_size, size_t new_size) {
	stingy *s = payload;
	const apl_alloc alloc = apl_alloc_system();
	if (new_size > 0 && s->left-- <= 0) return NULL;
	return alloc.fn(alloc.payload, block, old_size, new_size);
}

static void without_memory_it_is_refused_or_counts_without_tables(void **state) {
	(void)state;
	apl_calendar *model = calendar_of(&shop), *calendar = NULL;
	size_t size;
	const char *text = apl_calendar_text(model, &size);
	stingy s;
	const apl_alloc alloc = {.fn = give_so_many, .payload = &s};
	int64_t n = 0;
	for (int code = APLOMB_ENOMEM; code != APLOMB_OK; n++) {
		s.left = n;
		code = apl_calendar_read(&calendar, &alloc, text, size, NULL);
		assert_true(code == APLOMB_OK || code == APLOMB_ENOMEM);
	}
	assert_true(n > 5);
	s.left = 0;
	aplomb_instant with, without, from = at("2026-11-24T10:00:00Z");
	assert_int_equal(apl_calendar_add(model, from, 4000 * APL_HOUR, APL_SPAN_BUSINESS_HOURS, &with, NULL), APLOMB_OK);
	assert_int_equal(apl_calendar_add(calendar, from, 4000 * APL_HOUR, APL_SPAN_BUSINESS_HOURS, &without, NULL), APLOMB_OK);
	assert_true(with == without);
	apl_calendar_free(calendar);
	apl_calendar_free(model);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(four_hours_from_friday_at_four_are_over_on_monday_at_eleven),
	    cmocka_unit_test(hours_are_taken_away_as_they_are_added),
	    cmocka_unit_test(a_business_day_is_the_same_time_on_another_day),
	    cmocka_unit_test(an_hour_that_never_is_counts_for_nothing_and_one_that_is_twice_counts_twice),
	    cmocka_unit_test(a_date_that_never_was_is_no_business_day),
	    cmocka_unit_test(a_date_that_comes_twice_is_open_twice),
	    cmocka_unit_test(each_stretch_of_time_has_its_reason),
	    cmocka_unit_test(a_calendar_that_is_never_open_says_so_and_one_that_never_closes_goes_on),
	    cmocka_unit_test(its_text_is_all_there_is_to_it),
	    cmocka_unit_test(what_is_no_zone_of_this_machine_is_refused),
	    cmocka_unit_test(irelands_clocks_go_as_britains_in_all_years),
	    cmocka_unit_test(without_memory_it_is_refused_or_counts_without_tables),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
