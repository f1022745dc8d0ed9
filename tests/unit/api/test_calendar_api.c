/* SPDX-License-Identifier: MIT */
/* A playbook's calendars as its host asks them, and deadlines in business time as cases have them. */
#include "../test_cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aplomb.h"
#include "journal_lines.h"

static const char two[] =
    "return playbook \"two\" {\n"
    "  data = { region = text { default = \"uk\" } },\n"
    "  calendar = from \"data.region\",\n"
    "  calendar \"uk\" { zone = \"Europe/London\", week = { [\"mon-fri\"] = \"08:00-17:00\" },\n"
    "    holidays = { [\"2026-12-25\"] = \"Christmas Day\", [\"2026-12-26\"] = \"Boxing Day\" },\n"
    "    exceptions = { [\"2026-12-24\"] = \"08:00-12:00\", [\"2026-12-26\"] = \"10:00-12:00\" } },\n"
    "  calendar \"newfoundland\" { zone = \"America/St_Johns\", week = { [\"mon-fri\"] = \"09:00-12:30 13:30-17:30\" } },\n"
    "  state \"s\" { after \"4 business hours\" { to = \"t\" } },\n"
    "  final \"t\" {},\n"
    "}\n";

static aplomb_instant at(const char *text) {
	aplomb_instant instant;
	assert_int_equal(aplomb_instant_read(text, &instant, NULL), APLOMB_OK);
	return instant;
}

static aplomb_runtime *open_with(const char *source, journal *to, aplomb_playbook **playbook) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_runtime *rt;
	aplomb_error error = {0};
	options.time_follows_events = true;
	if (to != NULL) {
		options.journal = journal_keep;
		options.journal_payload = to;
	}
	assert_int_equal(aplomb_open(&rt, &options, NULL), APLOMB_OK);
	load.source = source;
	load.source_size = strlen(source);
	if (aplomb_load(rt, &load, playbook, &error) != APLOMB_OK) fail_msg("%u: %s", error.line, error.message);
	assert_int_equal(aplomb_default_playbook(rt, *playbook, NULL), APLOMB_OK);
	return rt;
}

/* ---- asked by the host ----------------------------------------------------------- */

static void note_name(const char *name, const aplomb_calendar *calendar, void *payload) {
	char *names = payload;
	size_t used = strlen(names);
	snprintf(names + used, 256 - used, "%s in %s, ", name, aplomb_calendar_zone(calendar));
}

/* What a zone brings along is of the zone alone, whatever the hours are. */
static void zone_data_have_a_version_of_their_own(void **state) {
	(void)state;
	aplomb_playbook *playbook;
	aplomb_runtime *rt = open_with("return playbook 'three' { state 's' {},\n"
	                               "calendar 'desk' { zone = 'Europe/London', week = { ['mon-fri'] = '08:00-17:00' } },\n"
	                               "calendar 'night' { zone = 'Europe/London', week = { ['mon-sun'] = '22:00-24:00' } },\n"
	                               "calendar 'far' { zone = 'America/St_Johns', week = { ['mon-fri'] = '08:00-17:00' } } }",
	    NULL, &playbook);
	const aplomb_calendar *desk = aplomb_playbook_calendar(playbook, "desk"), *night = aplomb_playbook_calendar(playbook, "night"),
	                      *far = aplomb_playbook_calendar(playbook, "far");
	assert_int_equal(strlen(aplomb_calendar_zone_version(desk)), 64);
	assert_string_equal(aplomb_calendar_zone_version(desk), aplomb_calendar_zone_version(night));
	assert_string_not_equal(aplomb_calendar_version(desk), aplomb_calendar_version(night));
	assert_string_not_equal(aplomb_calendar_zone_version(desk), aplomb_calendar_zone_version(far));
	assert_null(aplomb_calendar_zone_version(NULL));
	aplomb_close(rt);
}

static void calendars_are_told_in_order_and_found_by_name(void **state) {
	(void)state;
	aplomb_playbook *playbook;
	aplomb_runtime *rt = open_with(two, NULL, &playbook);
	char names[256] = "";
	size_t size;
	assert_int_equal(aplomb_playbook_calendars(playbook, note_name, names), 2);
	assert_string_equal(names, "uk in Europe/London, newfoundland in America/St_Johns, ");
	assert_int_equal(aplomb_playbook_calendars(playbook, NULL, NULL), 2);
	assert_int_equal(aplomb_playbook_calendars(NULL, NULL, NULL), 0);
	const aplomb_calendar *uk = aplomb_playbook_calendar(playbook, "uk");
	assert_non_null(uk);
	assert_null(aplomb_playbook_calendar(playbook, "us"));
	assert_null(aplomb_playbook_calendar(playbook, NULL)); /* only a case could say which */
	assert_null(aplomb_playbook_calendar(NULL, "uk"));
	assert_int_equal(strlen(aplomb_calendar_version(uk)), 64);
	assert_string_not_equal(aplomb_calendar_version(uk), aplomb_calendar_version(aplomb_playbook_calendar(playbook, "newfoundland")));
	const char *text = aplomb_calendar_text(uk, &size);
	assert_int_equal(strlen(text), size);
	assert_non_null(strstr(aplomb_calendar_text(uk, NULL), "\"2026-12-25\":\"Christmas Day\""));
	assert_null(aplomb_calendar_version(NULL));
	assert_null(aplomb_calendar_zone(NULL));
	assert_null(aplomb_calendar_text(NULL, NULL));
	aplomb_close(rt);
}

static void spans_in_words_are_added_and_taken_away(void **state) {
	(void)state;
	static const struct {
		const char *calendar, *from, *span, *to;
	} sums[] = {
	    {"uk", "2026-11-20T16:00:00Z", "4 business hours", "2026-11-23T11:00:00Z"},
	    {"uk", "2026-11-23T11:00:00Z", "-4 business hours", "2026-11-20T16:00:00Z"},
	    {"uk", "2026-12-23T16:00:00Z", "2 business days", "2026-12-26T12:00:00Z"}, /* the 26th is open, until noon */
	    {"uk", "2026-11-20T16:00:00Z", "4h", "2026-11-20T20:00:00Z"},
	    {"uk", "2026-11-20T16:00:00Z", "-90m", "2026-11-20T14:30:00Z"},
	    {"newfoundland", "2026-11-20T20:30:00Z", "90 business minutes", "2026-11-23T13:30:00Z"},
	};
	aplomb_playbook *playbook;
	aplomb_runtime *rt = open_with(two, NULL, &playbook);
	aplomb_instant to;
	for (size_t i = 0; i < sizeof sums / sizeof sums[0]; i++) {
		const aplomb_calendar *calendar = aplomb_playbook_calendar(playbook, sums[i].calendar);
		assert_int_equal(aplomb_calendar_add(&to, calendar, at(sums[i].from), sums[i].span, NULL), APLOMB_OK);
		if (to != at(sums[i].to)) fail_msg("%s and %s", sums[i].from, sums[i].span);
	}
	static const struct {
		const char *span;
		int code;
		const char *slug;
	} wrong[] = {
	    {"4 busines hours", APLOMB_EINVAL, NULL},
	    {"--4h", APLOMB_EINVAL, NULL},
	    {"", APLOMB_EINVAL, NULL},
	    {"9000000 business hours", APLOMB_EREFUSED, "calendar-range"},
	    {"-9000000 business days", APLOMB_EREFUSED, "calendar-range"},
	};
	const aplomb_calendar *uk = aplomb_playbook_calendar(playbook, "uk");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		aplomb_error error = {0};
		to = 77;
		assert_int_equal(aplomb_calendar_add(&to, uk, at("2026-11-20T16:00:00Z"), wrong[i].span, &error), wrong[i].code);
		assert_true(to == 77);
		if (wrong[i].slug != NULL) assert_string_equal(error.slug, wrong[i].slug);
	}
	assert_int_equal(aplomb_calendar_add(NULL, uk, 0, "4h", NULL), APLOMB_EINVAL);
	assert_int_equal(aplomb_calendar_add(&to, NULL, 0, "4h", NULL), APLOMB_EINVAL);
	assert_int_equal(aplomb_calendar_add(&to, uk, 0, NULL, NULL), APLOMB_EINVAL);
	assert_int_equal(aplomb_calendar_add(&to, uk, INT64_MAX, "4h", NULL), APLOMB_EINVAL);
	aplomb_close(rt);
}

static void time_between_and_the_next_opening_are_told(void **state) {
	(void)state;
	aplomb_playbook *playbook;
	aplomb_runtime *rt = open_with(two, NULL, &playbook);
	const aplomb_calendar *uk = aplomb_playbook_calendar(playbook, "uk");
	const int64_t hour = INT64_C(3600000000);
	aplomb_instant out = 0;
	assert_true(aplomb_calendar_between(uk, at("2026-12-24T00:00:00Z"), at("2026-12-28T09:00:00Z")) == 7 * hour); /* 4, 0, 2, 0, 1 */
	assert_true(aplomb_calendar_between(uk, at("2026-12-28T09:00:00Z"), at("2026-12-24T00:00:00Z")) == -7 * hour);
	assert_true(aplomb_calendar_between(NULL, 0, hour) == 0);
	assert_true(aplomb_calendar_is_open(uk, at("2026-12-24T11:59:59.999999Z")));
	assert_false(aplomb_calendar_is_open(uk, at("2026-12-24T12:00:00Z")));
	assert_false(aplomb_calendar_is_open(NULL, 0));
	assert_true(aplomb_calendar_next(&out, uk, at("2026-12-24T12:00:00Z"), true));
	assert_true(out == at("2026-12-26T10:00:00Z"));
	assert_true(aplomb_calendar_next(&out, uk, at("2026-12-24T11:00:00Z"), false));
	assert_true(out == at("2026-12-24T12:00:00Z"));
	assert_true(aplomb_calendar_previous(&out, uk, at("2026-12-26T09:00:00Z"), true));
	assert_true(out == at("2026-12-24T08:00:00Z"));
	assert_true(aplomb_calendar_previous(&out, uk, at("2026-12-26T09:00:00Z"), false));
	assert_true(out == at("2026-12-24T12:00:00Z"));
	assert_false(aplomb_calendar_next(NULL, uk, 0, true));
	assert_false(aplomb_calendar_previous(&out, NULL, 0, true));
	aplomb_close(rt);
}

static void stretches_tile_all_time_and_their_open_ones_are_the_time_between(void **state) {
	(void)state;
	aplomb_playbook *playbook;
	aplomb_runtime *rt = open_with(two, NULL, &playbook);
	static const char *const names[] = {"uk", "newfoundland"};
	for (int i = 0; i < 2; i++) {
		const aplomb_calendar *calendar = aplomb_playbook_calendar(playbook, names[i]);
		const aplomb_instant from = at("2026-10-20T10:30:00Z"), until = at("2027-04-02T10:30:00Z");
		aplomb_span sum = 0;
		for (aplomb_instant now = from; now < until;) {
			aplomb_calendar_stretch is = APLOMB_CALENDAR_STRETCH_INIT;
			assert_int_equal(aplomb_calendar_stretch_at(calendar, now, &is, NULL), APLOMB_OK);
			assert_true(is.from <= now && is.until > now);
			assert_int_equal(is.reason == APLOMB_CALENDAR_OPEN, aplomb_calendar_is_open(calendar, now));
			if (is.reason == APLOMB_CALENDAR_HOLIDAY) assert_non_null(is.name);
			if (is.name != NULL) assert_true(is.reason == APLOMB_CALENDAR_HOLIDAY || is.reason == APLOMB_CALENDAR_EXCEPTION);
			aplomb_instant end = is.until < until ? is.until : until;
			if (is.reason == APLOMB_CALENDAR_OPEN) sum += end - now;
			now = end;
		}
		assert_true(sum == aplomb_calendar_between(calendar, from, until));
	}
	aplomb_calendar_stretch is = APLOMB_CALENDAR_STRETCH_INIT;
	assert_int_equal(aplomb_calendar_stretch_at(NULL, 0, &is, NULL), APLOMB_EINVAL);
	assert_int_equal(aplomb_calendar_stretch_at(aplomb_playbook_calendar(playbook, "uk"), INT64_MIN, &is, NULL), APLOMB_EINVAL);
	assert_int_equal(aplomb_calendar_stretch_at(aplomb_playbook_calendar(playbook, "uk"), 0, NULL, NULL), APLOMB_EINVAL);
	aplomb_close(rt);
}

static void a_date_and_the_clock_on_the_wall_are_told(void **state) {
	(void)state;
	aplomb_playbook *playbook;
	aplomb_runtime *rt = open_with(two, NULL, &playbook);
	const aplomb_calendar *uk = aplomb_playbook_calendar(playbook, "uk"), *nl = aplomb_playbook_calendar(playbook, "newfoundland");
	aplomb_wall wall = APLOMB_WALL_INIT;
	aplomb_error error;
	assert_int_equal(aplomb_calendar_wall(nl, at("2026-07-01T01:59:58.000007Z"), &wall, NULL), APLOMB_OK);
	assert_true(wall.year == 2026 && wall.month == 6 && wall.day == 30 && wall.weekday == 1);
	assert_true(wall.hour == 23 && wall.minute == 29 && wall.second == 58 && wall.microsecond == 7 && wall.offset == -9000);
	aplomb_calendar_day day = APLOMB_CALENDAR_DAY_INIT;
	assert_int_equal(aplomb_calendar_day_of(uk, 2026, 12, 26, &day, NULL), APLOMB_OK);
	assert_true(day.reason == APLOMB_CALENDAR_EXCEPTION && day.n_hours == 1 && day.hours[0].from == 600 && day.hours[0].until == 720);
	assert_string_equal(day.name, "Boxing Day");
	assert_true(day.weekday == 5 && day.days == 31 && day.jump == 0);
	assert_int_equal(aplomb_calendar_day_of(uk, 2026, 3, 29, &day, NULL), APLOMB_OK);
	assert_true(day.jump == INT64_C(3600000000) && day.reason == APLOMB_CALENDAR_CLOSED);
	static const int32_t none[][3] = {{2026, 2, 29}, {2026, 13, 1}, {2026, 0, 1}, {2026, 4, 31}, {1969, 12, 31}, {2300, 1, 1}};
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		assert_int_equal(aplomb_calendar_day_of(uk, none[i][0], none[i][1], none[i][2], &day, &error), APLOMB_EINVAL);
		assert_string_equal(error.slug, "calendar-date");
	}
	assert_int_equal(aplomb_calendar_wall(NULL, 0, &wall, NULL), APLOMB_EINVAL);
	assert_int_equal(aplomb_calendar_day_of(NULL, 2026, 1, 1, &day, NULL), APLOMB_EINVAL);
	aplomb_close(rt);
}

/* ---- deadlines of cases ------------------------------------------------------------ */

/* What happens to a case, and when something of it fires: "2026-11-23T11:00:00Z late, …". */
typedef struct story {
	const char *what;
	const char *playbook;  /* the rest of one whose calendar is `office`: Monday to Friday, 08:00 to 17:00 */
	const char *events[8]; /* "2026-11-20T16:00:00Z opened" */
	const char *until;
	const char *fires; /* instants at which a timer fired, and the state then */
} story;

static void note_state(const char *path, void *payload) {
	char *text = payload;
	size_t used = strlen(text);
	snprintf(text + used, 512 - used, " %s", path);
}

static void tell_story(const story *s) {
	static const char begins[] = "return playbook \"story\" {\n"
	                             "  params = { patience = span { default = \"4 business hours\" } },\n"
	                             "  calendar \"office\" { zone = \"Europe/London\", week = { [\"mon-fri\"] = \"08:00-17:00\" },\n"
	                             "    holidays = { [\"2026-12-25\"] = \"Christmas Day\", [\"2026-12-28\"] = \"Boxing Day, in lieu\" },\n"
	                             "    exceptions = { [\"2026-12-24\"] = \"08:00-12:00\" } },\n"
	                             "  event \"message\" {}, event \"answer\" {}, effect \"tell\" {},\n";
	char source[4096], fires[512] = "";
	snprintf(source, sizeof source, "%s%s}\n", begins, s->playbook);
	journal *kept = calloc(1, sizeof *kept);
	aplomb_playbook *playbook;
	aplomb_runtime *rt = open_with(source, kept, &playbook);
	for (int i = 0; i < 8 && s->events[i] != NULL; i++) {
		aplomb_event event = APLOMB_EVENT_INIT;
		aplomb_error error = {0};
		char when[32] = "";
		snprintf(when, sizeof when, "%.20s", s->events[i]);
		event.case_id = "c";
		event.name = s->events[i] + 21;
		event.has_at = true;
		event.at = at(when);
		if (aplomb_post_wait(rt, &event, NULL, &error) != APLOMB_OK) fail_msg("%s: %s", s->what, error.message);
	}
	assert_int_equal(aplomb_turn_clock(rt, at(s->until), NULL), APLOMB_OK);
	assert_int_equal(aplomb_pump(rt, 0, NULL, NULL), APLOMB_OK);
	for (uint32_t i = 0; i < kept->count; i++) {
		const char *when = strstr(kept->line[i], "\"at\":\"");
		if (strstr(kept->line[i], "\"kind\":\"timer\"") == NULL) continue;
		size_t used = strlen(fires);
		snprintf(fires + used, sizeof fires - used, "%s%.16s", used > 0 ? ", " : "", when + 6);
	}
	note_state("in", fires);
	aplomb_case_states(rt, "c", note_state, fires);
	if (strcmp(fires, s->fires) != 0) fail_msg("%s: %s, not %s", s->what, fires, s->fires);
	aplomb_close(rt);
	journal_drop(kept);
	free(kept);
}

#define WAITS                                                                                                                              \
	"state \"s\" { on \"message\" { to = \"s\" }, on \"answer\" { to = \"done\" }, after \"4 business hours\" { to = \"late\" } }, state " \
	"\"late\" {}, final \"done\" {},\n"

static void what_people_asked_of_sla_clocks_is_so(void **state) {
	(void)state;
	static const story stories[] = {
	    /* Clocks that run at night, at weekends, at lunch. */
	    {"before the opening", WAITS, {"2026-11-23T03:00:00Z message"}, "2026-11-25T00:00:00Z", "2026-11-23T12:00 in late"},
	    {"within hours", WAITS, {"2026-11-23T09:15:00Z message"}, "2026-11-25T00:00:00Z", "2026-11-23T13:15 in late"},
	    {"to the last minute of a day", WAITS, {"2026-11-23T13:00:00Z message"}, "2026-11-25T00:00:00Z", "2026-11-23T17:00 in late"},
	    {"at the closing", WAITS, {"2026-11-23T17:00:00Z message"}, "2026-11-25T00:00:00Z", "2026-11-24T12:00 in late"},
	    {"Friday 16:00 and four hours, which a manual took for Tuesday", WAITS, {"2026-11-20T16:00:00Z message"}, "2026-11-25T00:00:00Z",
	        "2026-11-23T11:00 in late"},
	    {"on a Saturday", WAITS, {"2026-11-21T12:00:00Z message"}, "2026-11-25T00:00:00Z", "2026-11-23T12:00 in late"},
	    {"on a holiday", WAITS, {"2026-12-25T10:00:00Z message"}, "2026-12-31T00:00:00Z", "2026-12-29T12:00 in late"},
	    {"across Christmas", WAITS, {"2026-12-24T11:00:00Z message"}, "2026-12-31T00:00:00Z", "2026-12-29T11:00 in late"},
	    {"a day is a day of the calendar, not 24 hours of it",
	        "state \"s\" { on \"message\" {}, after \"1 business day\" { to = \"late\" } }, state \"late\" {},\n",
	        {"2026-11-20T16:00:00Z message"}, "2026-11-30T00:00:00Z", "2026-11-23T16:00 in late"},
	    /* Daylight saving. */
	    {"clocks are put on in between", WAITS, {"2026-03-27T16:00:00Z message"}, "2026-04-02T00:00:00Z", "2026-03-30T10:00 in late"},
	    {"clocks are put back in between", WAITS, {"2026-10-23T15:00:00Z message"}, "2026-10-30T00:00:00Z", "2026-10-26T11:00 in late"},
	    {"every business day is at the same time on the wall",
	        "state \"s\" { on \"message\" {}, every \"1 business day\" { act = function(case) case:effect(\"tell\") end } },\n",
	        {"2026-10-22T08:30:00Z message"}, "2026-10-29T00:00:00Z",
	        "2026-10-23T08:30, 2026-10-26T09:30, 2026-10-27T09:30, 2026-10-28T09:30 in s"},
	    {"every business day leaves out weekend and holidays, and is early on Christmas Eve",
	        "state \"s\" { on \"message\" {}, every \"1 business day\" { act = function(case) case:effect(\"tell\") end } },\n",
	        {"2026-12-22T15:00:00Z message"}, "2026-12-31T00:00:00Z",
	        "2026-12-23T15:00, 2026-12-24T12:00, 2026-12-29T12:00, 2026-12-30T12:00 in s"},
	    /* Rules about time. */
	    {"what waits too long is escalated whatever else happens", WAITS, {"2026-11-20T16:00:00Z message"}, "2026-11-23T10:59:59Z",
	        " in s"},
	    {"an answer takes the deadline away", WAITS, {"2026-11-20T16:00:00Z message", "2026-11-23T10:59:59Z answer"},
	        "2026-11-30T00:00:00Z", " in"},
	    {"a deadline as a parameter, in business time",
	        "state \"s\" { on \"message\" {}, after(from \"params.patience\") { to = \"late\" } }, state \"late\" {},\n",
	        {"2026-11-20T16:00:00Z message"}, "2026-11-30T00:00:00Z", "2026-11-23T11:00 in late"},
	    {"silence begins anew with each message",
	        "state \"s\" { on \"message\" {}, after \"4 business hours\" { since = \"message\", to = \"late\" } }, state \"late\" {},\n",
	        {"2026-11-20T16:00:00Z message", "2026-11-20T16:30:00Z message", "2026-11-22T12:00:00Z message"}, "2026-11-30T00:00:00Z",
	        "2026-11-23T12:00 in late"},
	};
	for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++) tell_story(&stories[i]);
}

/* A date that does not exist is an error where it is written. */
static void a_date_that_does_not_exist_is_refused(void **state) {
	(void)state;
	static const char source[] = "return playbook \"p\" {\n"
	                             "  calendar \"c\" { zone = \"UTC\", week = { mon = \"09:00-17:00\" }, holidays = { \"2026-02-30\" } },\n"
	                             "  state \"s\" { after \"1 business hour\" { to = \"t\" } }, state \"t\" {} }\n";
	aplomb_runtime *rt;
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_playbook *playbook;
	aplomb_error error = {0};
	assert_int_equal(aplomb_open(&rt, NULL, NULL), APLOMB_OK);
	load.source = source;
	load.source_size = strlen(source);
	assert_int_equal(aplomb_load(rt, &load, &playbook, &error), APLOMB_EPLAYBOOK);
	assert_int_equal(error.line, 2);
	assert_non_null(strstr(error.message, "2026-02-30"));
	aplomb_close(rt);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(calendars_are_told_in_order_and_found_by_name),
	    cmocka_unit_test(zone_data_have_a_version_of_their_own),
	    cmocka_unit_test(spans_in_words_are_added_and_taken_away),
	    cmocka_unit_test(time_between_and_the_next_opening_are_told),
	    cmocka_unit_test(stretches_tile_all_time_and_their_open_ones_are_the_time_between),
	    cmocka_unit_test(a_date_and_the_clock_on_the_wall_are_told),
	    cmocka_unit_test(what_people_asked_of_sla_clocks_is_so),
	    cmocka_unit_test(a_date_that_does_not_exist_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
