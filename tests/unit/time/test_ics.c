/* SPDX-License-Identifier: MIT */
/* Events of .ics files by hand; scripts/ics compares whole files with another reader. */

#include <stdio.h>
#include <string.h>

#include "../test_cmocka.h"
#include "../test_heap.h"
#include "../test_rounds.h"
#include "time/ics.h"

#define EVENT(lines) "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:u\r\nSUMMARY:Ada\r\n" lines "END:VEVENT\r\nEND:VCALENDAR\r\n"
#define ANOTHER(lines) "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:u\r\nSUMMARY:Bob\r\n" lines

typedef struct read {
	apl_zone zone;
	apl_ics ics;
	aplomb_error error;
	int code;
} read;

/* Events point at the zone, so what is read stays where it is. */
static int read_in(read *r, const apl_alloc *alloc, const char *zone, const char *text, size_t size) {
	const apl_alloc system = apl_alloc_system();
	*r = (read){.code = APLOMB_OK};
	assert_int_equal(apl_zone_load(&r->zone, &system, zone, strlen(zone), NULL), APLOMB_OK);
	r->code = apl_ics_read(&r->ics, alloc, &r->zone, text, size, &r->error);
	return r->code;
}

static int read_text(read *r, const char *text) {
	const apl_alloc system = apl_alloc_system();
	return read_in(r, &system, "Europe/London", text, strlen(text));
}

static void done(read *r) {
	if (r->code == APLOMB_OK) apl_ics_dispose(&r->ics);
	apl_zone_dispose(&r->zone);
}

/* "Ada 2026-11-23T09:00:00Z 2026-11-23T17:00:00Z\n…": the first [most] starts of each event, in the file's order. */
static void put(const read *r, uint32_t most, char *out, size_t size) {
	size_t used = 0;
	out[0] = '\0';
	for (uint32_t i = 0; i < r->ics.n_events; i++) {
		const apl_ics_event *event = &r->ics.events[i];
		const apl_zone *zone = event->zone;
		uint32_t told = 0;
		for (uint32_t n = 0; n < event->total && told < most; n++) {
			apl_wall start = apl_ics_start(event, n);
			char from[APL_INSTANT_TEXT], until[APL_INSTANT_TEXT];
			if (apl_ics_is_without(event, start)) continue;
			apl_instant_write(event->is_all_day ? start : apl_zone_instant(zone, start), from);
			apl_instant_write(event->is_all_day ? start + event->length : apl_zone_instant(zone, start + event->length), until);
			used += (size_t)snprintf(out + used, size - used, "%s %.*s %.*s\n", event->name, event->is_all_day ? 10 : 20, from,
			    event->is_all_day ? 10 : 20, until);
			told++;
		}
	}
}

static void check(const char *text, uint32_t most, const char *expected) {
	char out[4096];
	read r;
	read_text(&r, text);
	if (r.code != APLOMB_OK) fail_msg("line %u: %s", (unsigned)r.error.line, r.error.message);
	put(&r, most, out, sizeof out);
	assert_string_equal(out, expected);
	done(&r);
}

static void check_refused(const char *text, const char *slug, uint32_t line, const char *message) {
	read r;
	assert_int_equal(read_text(&r, text), APLOMB_EINVAL);
	assert_string_equal(r.error.message, message);
	assert_string_equal(r.error.slug, slug);
	assert_int_equal(r.error.line, line);
	done(&r);
}

static void an_event_without_a_zone_is_of_the_zone_that_is_given(void **state) {
	(void)state;
	check(EVENT("DTSTART:20260701T090000\r\nDTEND:20260701T170000\r\n"), 9, "Ada 2026-07-01T08:00:00Z 2026-07-01T16:00:00Z\n");
	check(EVENT("DTSTART:20260701T090000Z\r\nDURATION:PT8H\r\n"), 9, "Ada 2026-07-01T09:00:00Z 2026-07-01T17:00:00Z\n");
	check(
	    EVENT("DTSTART;TZID=America/New_York:20260701T090000\r\nDURATION:PT90M\r\n"), 9, "Ada 2026-07-01T13:00:00Z 2026-07-01T14:30:00Z\n");
}

static void a_date_lasts_the_whole_day_and_its_end_is_the_day_behind_it(void **state) {
	(void)state;
	check(EVENT("DTSTART;VALUE=DATE:20261225\r\n"), 9, "Ada 2026-12-25 2026-12-26\n");
	check(EVENT("DTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261227\r\n"), 9, "Ada 2026-12-25 2026-12-27\n");
	check(EVENT("DTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261225\r\n"), 9, "Ada 2026-12-25 2026-12-26\n");
	check(EVENT("DTSTART;VALUE=DATE:20261224\r\nDTEND:20261224T050001Z\r\n"), 9, "Ada 2026-12-24 2026-12-25\n");
	check(EVENT("DTSTART;VALUE=DATE:20261224\r\nDTEND:20261225T000000\r\n"), 9, "Ada 2026-12-24 2026-12-25\n");
	check(EVENT("DTSTART;VALUE=DATE:20261224\r\nDURATION:P1W\r\n"), 9, "Ada 2026-12-24 2026-12-31\n");
}

static void a_shift_is_the_same_on_the_clock_on_days_of_23_and_25_hours(void **state) {
	(void)state;
	check(EVENT("DTSTART:20260328T220000\r\nDTEND:20260329T060000\r\nRRULE:FREQ=DAILY\r\n"), 2,
	    "Ada 2026-03-28T22:00:00Z 2026-03-29T05:00:00Z\n"
	    "Ada 2026-03-29T21:00:00Z 2026-03-30T05:00:00Z\n");
	check(EVENT("DTSTART:20261024T220000\r\nDTEND:20261025T060000\r\nRRULE:FREQ=DAILY\r\n"), 2,
	    "Ada 2026-10-24T21:00:00Z 2026-10-25T06:00:00Z\n"
	    "Ada 2026-10-25T22:00:00Z 2026-10-26T06:00:00Z\n");
	/* 01:30 is not there on the 29th of March: the clock's jump; and twice on the 25th of October: the first. */
	check(EVENT("DTSTART:20260329T013000\r\nDTEND:20260329T033000\r\n"), 2, "Ada 2026-03-29T01:00:00Z 2026-03-29T02:30:00Z\n");
	check(EVENT("DTSTART:20261025T013000\r\nDTEND:20261025T033000\r\n"), 2, "Ada 2026-10-25T00:30:00Z 2026-10-25T03:30:00Z\n");
}

static void what_repeats_without_end_is_kept_as_what_comes_again(void **state) {
	(void)state;
	static const struct {
		const char *rule;
		uint32_t kept;
		apl_wall days;
	} cases[] = {
	    {"FREQ=DAILY", 7, 7},
	    {"FREQ=DAILY;INTERVAL=3", 7, 21},
	    {"FREQ=WEEKLY", 1, 7},
	    {"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,FR", 3, 14},
	    {"FREQ=HOURLY;INTERVAL=12", 14, 84},
	    {"FREQ=DAILY;BYHOUR=6,14,22", 21, 7},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[512];
		snprintf(text, sizeof text, EVENT("DTSTART:20260101T060000\r\nDURATION:PT1H\r\nRRULE:%s\r\n"), cases[i].rule);
		read r;
		assert_int_equal(read_text(&r, text), APLOMB_OK);
		/* A first start that the rule does not give is an event of its own, and stands before it. */
		const apl_ics_event *event = &r.ics.events[r.ics.n_events - 1];
		assert_int_equal(event->period, cases[i].days * APL_DAY);
		apl_wall last = apl_ics_start(event, event->total - 1);
		assert_true(last > APL_ZONE_END - 30 * APL_DAY && last < APL_ZONE_END + 2 * APL_DAY);
		if (strncmp(cases[i].rule, "FREQ=HOURLY", 11) != 0) assert_int_equal(event->n_starts, cases[i].kept);
		for (uint32_t n = 1; n < APL_ROUNDS(2000u, 100u); n++) assert_true(apl_ics_start(event, n) > apl_ics_start(event, n - 1));
		for (uint32_t n = 0; n < event->total; n += apl_is_watched() ? 9973 : 997)
			assert_int_equal(apl_ics_find(event, apl_ics_start(event, n)), n);
		done(&r);
	}
}

static void a_rule_ends_with_its_count_or_with_until(void **state) {
	(void)state;
	check(EVENT("DTSTART:20260105T090000\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;COUNT=2\r\n"), 9,
	    "Ada 2026-01-05T09:00:00Z 2026-01-05T10:00:00Z\nAda 2026-01-12T09:00:00Z 2026-01-12T10:00:00Z\n");
	/* An instant, and the clock's time as an instant is it: one second sooner and it is out. */
	check(EVENT("DTSTART:20260706T090000\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;UNTIL=20260713T080000Z\r\n"), 9,
	    "Ada 2026-07-06T08:00:00Z 2026-07-06T09:00:00Z\nAda 2026-07-13T08:00:00Z 2026-07-13T09:00:00Z\n");
	check(EVENT("DTSTART:20260706T090000\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;UNTIL=20260713T075959Z\r\n"), 9,
	    "Ada 2026-07-06T08:00:00Z 2026-07-06T09:00:00Z\n");
	/* A date is that day, all of it. */
	check(EVENT("DTSTART:20260706T090000\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;UNTIL=20260713\r\n"), 9,
	    "Ada 2026-07-06T08:00:00Z 2026-07-06T09:00:00Z\nAda 2026-07-13T08:00:00Z 2026-07-13T09:00:00Z\n");
	check(EVENT("DTSTART;VALUE=DATE:20300130\r\nRRULE:FREQ=DAILY;UNTIL=20300131T000000Z\r\n"), 9,
	    "Ada 2030-01-30 2030-01-31\nAda 2030-01-31 2030-02-01\n");
	/* A billion is more than there is. */
	read r;
	assert_int_equal(read_text(&r, EVENT("DTSTART:20260101T060000\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=1000000000\r\n")), APLOMB_OK);
	assert_in_range(r.ics.events[0].total, 100076, 100078);
	done(&r);
}

static void the_29th_of_february_comes_in_leap_years_only(void **state) {
	(void)state;
	check(EVENT("DTSTART;VALUE=DATE:20960229\r\nRRULE:FREQ=YEARLY\r\n"), 2, "Ada 2096-02-29 2096-03-01\nAda 2104-02-29 2104-03-01\n");
}

static void dates_are_added_and_taken_away(void **state) {
	(void)state;
	check(EVENT("DTSTART:20260105T090000\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=4\r\nEXDATE:20260106T090000,20260107T090000Z\r\n"
	            "RDATE:20260110T120000,20260105T090000\r\n"),
	    9,
	    "Ada 2026-01-05T09:00:00Z 2026-01-05T10:00:00Z\n"
	    "Ada 2026-01-08T09:00:00Z 2026-01-08T10:00:00Z\n"
	    "Ada 2026-01-10T12:00:00Z 2026-01-10T13:00:00Z\n");
	check(EVENT("DTSTART:20260105T090000\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=3\r\nEXDATE;VALUE=DATE:20260106\r\n"
	            "RDATE;VALUE=PERIOD:20260201T100000Z/PT2H,20260202T100000Z/20260202T133000Z\r\n"),
	    9,
	    "Ada 2026-01-05T09:00:00Z 2026-01-05T10:00:00Z\n"
	    "Ada 2026-01-07T09:00:00Z 2026-01-07T10:00:00Z\n"
	    "Ada 2026-02-01T10:00:00Z 2026-02-01T12:00:00Z\n"
	    "Ada 2026-02-02T10:00:00Z 2026-02-02T13:30:00Z\n");
	/* A time on a day of whole days is that day. */
	check(EVENT("DTSTART;VALUE=DATE:20260105\r\nRDATE:20260110T120000Z\r\n"), 9, "Ada 2026-01-05 2026-01-06\nAda 2026-01-10 2026-01-11\n");
	/* The first start is one, whatever the rule says. */
	check(EVENT("DTSTART:20260106T090000\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20260113\r\n"), 9,
	    "Ada 2026-01-06T09:00:00Z 2026-01-06T10:00:00Z\nAda 2026-01-12T09:00:00Z 2026-01-12T10:00:00Z\n");
}

static void an_edited_recurrence_stands_in_for_the_one_it_names(void **state) {
	(void)state;
	check(EVENT("DTSTART:20260705T090000\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=3\r\n" ANOTHER(
	          "RECURRENCE-ID:20260706T080000Z\r\nDTSTART:20260706T130000\r\nDURATION:PT1H\r\n")),
	    9,
	    "Ada 2026-07-05T08:00:00Z 2026-07-05T09:00:00Z\n"
	    "Ada 2026-07-07T08:00:00Z 2026-07-07T09:00:00Z\n"
	    "Bob 2026-07-06T12:00:00Z 2026-07-06T13:00:00Z\n");
	/* Cancelled: nobody instead. Of two versions the later one counts, wherever it stands. */
	check(EVENT("DTSTART:20260705T090000\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=2\r\n" ANOTHER(
	          "STATUS:CANCELLED\r\nRECURRENCE-ID:20260706T090000\r\nDTSTART:20260706T090000\r\nDURATION:PT1H\r\n")),
	    9, "Ada 2026-07-05T08:00:00Z 2026-07-05T09:00:00Z\n");
	check(EVENT("SEQUENCE:2\r\nRECURRENCE-ID:20260705T090000\r\nDTSTART:20260705T120000\r\nDURATION:PT1H\r\n" ANOTHER(
	          "SEQUENCE:1\r\nRECURRENCE-ID:20260705T090000\r\nDTSTART:20260705T150000\r\nDURATION:PT1H\r\n")),
	    9, "Ada 2026-07-05T11:00:00Z 2026-07-05T12:00:00Z\n");
}

static void events_that_are_cancelled_or_last_no_time_are_left_out(void **state) {
	(void)state;
	check(EVENT("STATUS:CANCELLED\r\nDTSTART:20260705T090000\r\nDURATION:PT1H\r\n"), 9, "");
	check(EVENT("DTSTART:20260705T090000\r\n"), 9, "");
	check(EVENT("DTSTART:20260705T090000\r\nDTEND:20260705T090000\r\n"), 9, "");
}

static void a_zone_is_found_by_its_name_its_ending_or_its_timezone(void **state) {
	(void)state;
	static const char expected[] = "Ada 2026-07-01T13:00:00Z 2026-07-01T14:00:00Z\n";
	check(EVENT("DTSTART;TZID=/mozilla.org/20050126_1/America/New_York:20260701T090000\r\nDURATION:PT1H\r\n"), 9, expected);
	check("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Ada\nDTSTART;TZID=\"The office\":20260701T090000\nDURATION:PT1H\nEND:VEVENT\n"
	      "BEGIN:VTIMEZONE\nTZID:The office\nX-LIC-LOCATION:America/New_York\nBEGIN:STANDARD\nTZOFFSETFROM:+0900\nTZOFFSETTO:+0900\n"
	      "DTSTART:19700101T000000\nEND:STANDARD\nEND:VTIMEZONE\nEND:VCALENDAR\n",
	    9, expected);
	check_refused(EVENT("DTSTART;TZID=Romance Standard Time:20260701T090000\r\nDURATION:PT1H\r\n"), "ics-zone", 6,
	    "the zone \"Romance Standard Time\" is none that this machine's zone data (tzdata) has; zones are called like \"Europe/London\"");
}

static void lines_are_unfolded_and_text_is_what_was_meant(void **state) {
	(void)state;
	static const char text[] =
	    "\xEF\xBB\xBF"
	    "begin:vcalendar\n\nBEGIN:VEVENT\nUID:x\nSUMMARY;LANGUAGE=tr:  Yeni Y\xC4\n \xB1l\\, G\n\t\xC3\xBCn\xC3\xBC \n"
	    "DESCRIPTION:never looked at\nDTSTART;VALUE=DA\n TE:20260101\nBEGIN:VALARM\nDTSTART:nonsense\nEND:VALARM\n"
	    "END:VEVENT\nEND:VCALENDAR";
	check(text, 1, "Yeni Y\xC4\xB1l, G\xC3\xBCn\xC3\xBC 2026-01-01 2026-01-02\n");
}

static void what_is_wrong_with_a_file_is_told_with_its_line(void **state) {
	(void)state;
	check_refused("", "ics-text", 1, "the file is empty");
	check_refused("hello", "ics-text", 1, "there is no \":\" in \"hello\"; a line of an .ics file is NAME:VALUE");
	check_refused("VERSION:2.0\n", "ics-text", 1, "an .ics file begins with BEGIN:VCALENDAR");
	check_refused("BEGIN:VEVENT\n", "ics-text", 1, "BEGIN:VEVENT stands outside of a VCALENDAR");
	check_refused("BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "ics-text", 2, "the file ends before this VEVENT does; it is cut off");
	check_refused(
	    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n", "ics-text", 3, "END:VCALENDAR, but what was begun last is the VEVENT of line 2");
	check_refused("BEGIN:VCALENDAR\nEND:VCALENDAR\nEND:VCALENDAR\n", "ics-text", 3, "END:VCALENDAR ends nothing");
	check_refused("BEGIN:VCALENDAR\nX:\xFF\n", "ics-text", 2, "this line is no UTF-8; save the file as UTF-8");
	check_refused("BEGIN:VCALENDAR\nX:a\n b\x01\n", "ics-text", 2, "there is a control character (0x01) in this line");
	check_refused(EVENT(""), "ics-event", 3, "this event has no DTSTART");
	check_refused(EVENT("DTSTART:20260230T090000\r\n"), "ics-event", 6, "the DTSTART \"20260230T090000\" cannot be read");
	check_refused(EVENT("DTSTART:20260101T240000\r\n"), "ics-event", 6, "the DTSTART \"20260101T240000\" cannot be read");
	check_refused(EVENT("DTSTART:tomorrow\r\n"), "ics-event", 6, "the DTSTART \"tomorrow\" cannot be read");
	check_refused(
	    EVENT("DTSTART:20260101T090000\r\nDTSTART:20260101T100000\r\n"), "ics-event", 7, "the event has said this in line 6 already");
	check_refused(EVENT("DTSTART:20260101T090000\r\nDTEND:20260101T080000\r\n"), "ics-event", 7, "the event ends before it begins");
	check_refused(EVENT("DTSTART:20260101T090000\r\nDURATION:-PT1H\r\n"), "ics-event", 7, "the DURATION \"-PT1H\" cannot be read");
	check_refused(EVENT("DTSTART:20260101T090000\r\nDTEND;VALUE=DATE:20260102\r\n"), "ics-event", 7,
	    "the event begins at a time, and its DTEND is a date");
	check_refused(
	    EVENT("DTSTART;VALUE=DATE:20260101\r\nDURATION:PT1H\r\n"), "ics-event", 3, "the event begins on a date, and lasts no whole days");
	check_refused(EVENT("DTSTART;VALUE=DATE:20260101\r\nRDATE;VALUE=PERIOD:20260201T100000Z/PT2H\r\n"), "ics-event", 7,
	    "the event lasts whole days, and this RDATE is a period with times");
	check_refused(EVENT("DTSTART:20260101T090000\r\nEXRULE:FREQ=DAILY\r\n"), "ics-event", 7,
	    "EXRULE is of the standard no longer and is not read; use EXDATE");
	check_refused(EVENT("DTSTART:20260101T090000\r\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260101T090000\r\n"), "ics-event", 7,
	    "RECURRENCE-ID with RANGE changes all that follows, which cannot be read; give the rule an UNTIL and begin another event");
}

#define RULE(rule) EVENT("DTSTART:20260101T090000\r\nDURATION:PT1H\r\nRRULE:" rule "\r\n")

static void a_rule_that_cannot_be_is_refused(void **state) {
	(void)state;
	check_refused(RULE("FREQ=BANANA"), "ics-rule", 8, "the rule \"FREQ=BANANA\" cannot be read");
	check_refused(RULE("FREQ=DAILY;INTERVAL=0"), "ics-rule", 8, "the rule \"FREQ=DAILY;INTERVAL=0\" cannot be read");
	check_refused(
	    RULE("FREQ=WEEKLY;COUNT=3;UNTIL=20300101"), "ics-rule", 8, "the rule \"FREQ=WEEKLY;COUNT=3;UNTIL=20300101\" cannot be read");
	check_refused(RULE("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), "ics-rule", 8,
	    "the rule \"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\" puts together what cannot be");
	check_refused(RULE("RSCALE=HEBREW;FREQ=YEARLY"), "ics-rule", 8, "the rule counts by another calendar (RSCALE) than the Gregorian");
	check_refused(RULE("FREQ=SECONDLY"), "ics-rule", 8, "the rule repeats by the minute or second; hours are the least that can be read");
	check_refused(EVENT("DTSTART:20260101T090000\r\nRRULE:FREQ=DAILY\r\nRRULE:FREQ=DAILY\r\n"), "ics-event", 8,
	    "the event has a rule in line 7 already; make it two events");
	/* These are looked for to the end of time, which takes valgrind seconds. */
	if (apl_is_watched()) return;
	check_refused(RULE("FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30"), "ics-rule", 8,
	    "a rule by the hour says also on which days or hours; say it by the day: FREQ=DAILY;BYHOUR=\xE2\x80\xA6");
	check_refused(RULE("FREQ=DAILY;BYDAY=FR;INTERVAL=7"), "ics-rule", 8, "the rule \"FREQ=DAILY;BYDAY=FR;INTERVAL=7\" is never met");
}

/* So many events, each with that rule. */
static char *many(size_t count, const char *rule, size_t *size) {
	char *text = malloc(count * 160 + 64);
	assert_non_null(text);
	size_t used = (size_t)sprintf(text, "BEGIN:VCALENDAR\n");
	for (size_t i = 0; i < count; i++)
		used += (size_t)sprintf(text + used, "BEGIN:VEVENT\nDTSTART:20260101T090000\nDURATION:PT1H\nRRULE:%s\nEND:VEVENT\n", rule);
	*size = used + (size_t)sprintf(text + used, "END:VCALENDAR\n");
	return text;
}

static void a_hostile_file_is_bounded(void **state) {
	(void)state;
	if (apl_is_watched()) skip(); /* it steps as far as it may, and what that does with memory the other tests do */
	static const struct {
		size_t count;
		const char *rule, *message;
	} cases[] = {
	    {APL_ICS_MOST_EVENTS + 1, "FREQ=YEARLY;COUNT=1", "there are more than 10000 events in this file"},
	    {1, "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12;BYMINUTE=0,1,2,3,4,5,6,7,8,9,10,11,12;BYSECOND=0,1,2,3,4,5,6,7,8",
	        "this rule repeats more often than can be kept"},
	    {400, "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=28;COUNT=1",
	        "with this rule, the rules of this file would take too long to step through; give those that are over an UNTIL"},
	    {60, "FREQ=MONTHLY;BYHOUR=0,1,2,3;BYMINUTE=0", "this rule repeats more often than can be kept"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const apl_alloc system = apl_alloc_system();
		size_t size;
		char *text = many(cases[i].count, cases[i].rule, &size);
		read r;
		assert_int_equal(read_in(&r, &system, "UTC", text, size), APLOMB_EINVAL);
		assert_string_equal(r.error.message, cases[i].message);
		assert_string_equal(r.error.slug, "ics-limit");
		done(&r);
		free(text);
	}
}

static void without_memory_nothing_is_left(void **state) {
	(void)state;
	static const char text[] = EVENT("DTSTART;TZID=Asia/Kolkata:20260105T090000\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY\r\n"
	                                 "EXDATE;TZID=Asia/Kolkata:20260106T090000\r\nRDATE:20260110T120000Z\r\n" ANOTHER(
	                                     "RECURRENCE-ID:20260107T033000Z\r\nDTSTART:20260107T130000Z\r\nDURATION:PT1H\r\n"));
	test_heap heap = {0};
	const apl_alloc alloc = test_heap_allocator(&heap);
	for (heap.fail_at = 1;; heap.fail_at += APL_STRIDE(17)) {
		heap.calls = 0;
		read r;
		int code = read_in(&r, &alloc, "UTC", text, sizeof text - 1);
		if (code != APLOMB_OK && code != APLOMB_ENOMEM) fail_msg("request %d: %s", (int)heap.fail_at, r.error.message);
		done(&r);
		if (heap.blocks != 0) fail_msg("request %d: %d blocks", (int)heap.fail_at, (int)heap.blocks);
		if (code == APLOMB_OK) break;
	}
	assert_true(heap.fail_at > 20);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_event_without_a_zone_is_of_the_zone_that_is_given),
	    cmocka_unit_test(a_date_lasts_the_whole_day_and_its_end_is_the_day_behind_it),
	    cmocka_unit_test(a_shift_is_the_same_on_the_clock_on_days_of_23_and_25_hours),
	    cmocka_unit_test(what_repeats_without_end_is_kept_as_what_comes_again),
	    cmocka_unit_test(a_rule_ends_with_its_count_or_with_until),
	    cmocka_unit_test(the_29th_of_february_comes_in_leap_years_only),
	    cmocka_unit_test(dates_are_added_and_taken_away),
	    cmocka_unit_test(an_edited_recurrence_stands_in_for_the_one_it_names),
	    cmocka_unit_test(events_that_are_cancelled_or_last_no_time_are_left_out),
	    cmocka_unit_test(a_zone_is_found_by_its_name_its_ending_or_its_timezone),
	    cmocka_unit_test(lines_are_unfolded_and_text_is_what_was_meant),
	    cmocka_unit_test(what_is_wrong_with_a_file_is_told_with_its_line),
	    cmocka_unit_test(a_rule_that_cannot_be_is_refused),
	    cmocka_unit_test(a_hostile_file_is_bounded),
	    cmocka_unit_test(without_memory_nothing_is_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
