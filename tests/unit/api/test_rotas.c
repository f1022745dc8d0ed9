/* SPDX-License-Identifier: MIT */
/* Rotas as playbooks declare them: turns, layers, overrides, files, and what clocks and people do meanwhile. */
#include "late.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static aplomb_playbook *load(aplomb_runtime *rt, const char *path, const char *fields, aplomb_error *error) {
	char source[4096];
	aplomb_load_options options = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_playbook *playbook = NULL;
	snprintf(source, sizeof source, "return playbook 'p' { rota 'r' { %s }, state 's' {} }", fields);
	options.source = source;
	options.source_size = strlen(source);
	options.path = path;
	return aplomb_load(rt, &options, &playbook, error) == APLOMB_OK ? playbook : NULL;
}

/* "2026-11-24T00:00:00Z Ada, 2026-12-24T00:00:00Z nobody" */
static void check_of(const aplomb_rota *rota, const char *expected) {
	char text[2048];
	snprintf(text, sizeof text, "%s", expected);
	for (char *rest = text, *part; (part = strtok_r(rest, ",", &rest)) != NULL;) {
		while (*part == ' ') part++;
		char *name = strchr(part, ' ');
		aplomb_instant at;
		assert_non_null(name);
		*name++ = '\0';
		assert_int_equal(aplomb_instant_read(part, &at, NULL), APLOMB_OK);
		const char *who = aplomb_rota_who(rota, at);
		if (strcmp(who != NULL ? who : "nobody", name) != 0) fail_msg("%s: %s, not %s", part, who != NULL ? who : "nobody", name);
	}
}

static void check(const char *fields, const char *expected) {
	aplomb_runtime *rt = open_late(NULL);
	aplomb_error error = {0};
	aplomb_playbook *playbook = load(rt, NULL, fields, &error);
	if (playbook == NULL) fail_msg("%s", error.message);
	check_of(aplomb_playbook_rota(playbook, "r"), expected);
	aplomb_close(rt);
}

static void refused(const char *fields, const char *slug, const char *message) {
	aplomb_runtime *rt = open_late(NULL);
	aplomb_error error = {0};
	assert_null(load(rt, NULL, fields, &error));
	assert_string_equal(error.message, message);
	assert_string_equal(error.slug, slug);
	aplomb_close(rt);
}

#define LONDON "zone = 'Europe/London', "
#define WEEKLY LONDON "turns = { 'Ada', 'Bob', 'Cleo' }, begins = '2026-11-23', handover = 'mon 09:00', "

static void people_take_turns_in_their_order(void **state) {
	(void)state;
	check(WEEKLY, "2026-11-23T08:59:59Z nobody, 2026-11-23T09:00:00Z Ada, 2026-11-30T08:59:59Z Ada, 2026-11-30T09:00:00Z Bob, "
	              "2026-12-07T09:00:00Z Cleo, 2026-12-14T09:00:00Z Ada, 2299-12-30T12:00:00Z Cleo");
	/* The first handover on or after the day it begins. */
	check(LONDON "turns = { 'Ada', 'Bob' }, begins = '2026-11-24', handover = 'mon 09:00', each = 2",
	    "2026-11-24T12:00:00Z nobody, 2026-11-30T09:00:00Z Ada, 2026-12-13T09:00:00Z Ada, 2026-12-14T09:00:00Z Bob");
	check(LONDON "turns = { 'Ada', 'Bob' }, begins = '2026-11-24', handover = '08:00', ends = '2026-11-27 12:00'",
	    "2026-11-24T08:00:00Z Ada, 2026-11-25T08:00:00Z Bob, 2026-11-26T08:00:00Z Ada, 2026-11-27T11:59:00Z Bob, 2026-11-27T12:00:00Z "
	    "nobody");
}

static void a_handover_is_when_the_clock_shows_it_or_jumps_over_it(void **state) {
	(void)state;
	/* 2026-03-29, 01:00 to 02:00 is not there: the handover of 01:30 is at the jump. */
	check(LONDON "turns = { 'Ada', 'Bob' }, begins = '2026-03-28', handover = '01:30'",
	    "2026-03-29T00:59:59Z Ada, 2026-03-29T01:00:00Z Bob, 2026-03-30T00:29:59Z Bob, 2026-03-30T00:30:00Z Ada");
	/* 2026-10-25, 01:30 is there twice: the first. Nobody is between two turns. */
	check(LONDON "turns = { 'Ada', 'Bob' }, begins = '2026-10-24', handover = '01:30'",
	    "2026-10-25T00:29:59Z Ada, 2026-10-25T00:30:00Z Bob, 2026-10-25T01:30:00Z Bob, 2026-10-26T01:29:59Z Bob, 2026-10-26T01:30:00Z Ada");
	/* Nine o'clock stays nine o'clock: eight in UTC when summer begins. */
	check(LONDON "turns = { 'Ada', 'Bob' }, begins = '2026-03-23', handover = 'mon 09:00'",
	    "2026-03-30T07:59:59Z Ada, 2026-03-30T08:00:00Z Bob");
	/* Samoa had no 30 December 2011. */
	check("zone = 'Pacific/Apia', turns = { 'Ada', 'Bob' }, begins = '2011-12-29', handover = '12:00'",
	    "2011-12-30T09:59:59Z Ada, 2011-12-30T10:00:00Z Bob, 2011-12-30T22:00:00Z Ada");
	/* And the 29th of February is a day like others. */
	check(LONDON "turns = { 'Ada', 'Bob' }, begins = '2028-02-28', handover = '09:00'",
	    "2028-02-28T09:00:00Z Ada, 2028-02-29T09:00:00Z Bob, 2028-03-01T09:00:00Z Ada");
}

static void hours_cut_the_turns(void **state) {
	(void)state;
	check(WEEKLY "hours = { ['mon-fri'] = '08:00-12:00 13:00-18:00', sat = '10:00-14:00' }",
	    "2026-11-23T08:30:00Z nobody, 2026-11-23T09:00:00Z Ada, 2026-11-23T12:30:00Z nobody, 2026-11-23T13:00:00Z Ada, "
	    "2026-11-28T13:59:00Z Ada, 2026-11-28T14:00:00Z nobody, 2026-11-29T12:00:00Z nobody, 2026-11-30T08:30:00Z Ada, "
	    "2026-11-30T09:00:00Z Bob, 2026-12-19T12:00:00Z Ada");
	/* Two people by the day, and weeks of seven: it comes round after two weeks. */
	check(LONDON "turns = { 'Ada', 'Bob' }, begins = '2026-11-23', handover = '00:00', hours = { ['mon-fri'] = '09:00-17:00' }",
	    "2026-11-23T12:00:00Z Ada, 2026-11-24T12:00:00Z Bob, 2026-11-27T12:00:00Z Ada, 2026-11-28T12:00:00Z nobody, "
	    "2026-11-30T12:00:00Z Bob, 2026-12-07T12:00:00Z Ada, 2026-12-14T12:00:00Z Bob");
}

static void the_turns_of_who_leaves_are_the_next_ones(void **state) {
	(void)state;
	/* Bob's week is cut at the moment he leaves, and nobody else's turn moves. */
	check(WEEKLY "leaves = { Bob = '2026-12-02 12:00' }",
	    "2026-12-02T11:59:59Z Bob, 2026-12-02T12:00:00Z Cleo, 2026-12-07T09:00:00Z Cleo, 2026-12-14T09:00:00Z Ada, "
	    "2026-12-21T09:00:00Z Cleo, 2026-12-28T09:00:00Z Cleo, 2027-01-04T09:00:00Z Ada");
	check(WEEKLY "leaves = { Bob = '2026-12-02', Cleo = '2026-12-04' }",
	    "2026-12-03T12:00:00Z Cleo, 2026-12-04T00:00:00Z Ada, 2026-12-21T12:00:00Z Ada");
	check(WEEKLY "leaves = { Ada = '2027-01-01', Bob = '2027-01-01', Cleo = '2027-01-01' }",
	    "2026-12-31T23:59:59Z Cleo, 2027-01-01T00:00:00Z nobody");
}

static void layers_and_overrides_are_above_what_stands_before_them(void **state) {
	(void)state;
	check(WEEKLY
	    "layers = { { turns = { 'Night' }, begins = '2026-11-23', handover = '00:00', hours = { ['mon-sun'] = '20:00-24:00' } } }, "
	    "overrides = { { who = 'Dee', from = '2026-11-25 10:00', to = '2026-11-25 22:00' },"
	    "{ who = 'Eve', from = '2026-11-25 12:00', to = '2026-11-25 14:00' },"
	    "{ who = 'Fay', from = '2026-11-25 13:00', to = '2026-11-25 23:00' },"
	    "{ nobody = true, from = '2026-11-26', to = '2026-11-27' } }",
	    "2026-11-24T12:00:00Z Ada, 2026-11-24T20:00:00Z Night, 2026-11-25T00:00:00Z Ada, 2026-11-25T10:00:00Z Dee, "
	    "2026-11-25T12:30:00Z Eve, 2026-11-25T13:00:00Z Fay, 2026-11-25T21:00:00Z Fay, 2026-11-25T23:00:00Z Night, "
	    "2026-11-26T12:00:00Z nobody, 2026-11-26T21:00:00Z nobody, 2026-11-27T00:00:00Z Ada");
}

/* ---- files --------------------------------------------------------------------------------- */

static const char duties[] =
    "BEGIN:VCALENDAR\n"
    "BEGIN:VEVENT\nUID:day\nSUMMARY:Ada\nDTSTART;TZID=Europe/Paris:20261123T090000\nDTEND;TZID=Europe/Paris:20261123T170000\n"
    "RRULE:FREQ=DAILY\nEXDATE;TZID=Europe/Paris:20261126T090000\nEND:VEVENT\n"
    "BEGIN:VEVENT\nUID:day\nSUMMARY:Bob\nRECURRENCE-ID;TZID=Europe/Paris:20261124T090000\n"
    "DTSTART;TZID=Europe/Paris:20261124T080000\nDTEND;TZID=Europe/Paris:20261124T170000\nEND:VEVENT\n"
    "BEGIN:VEVENT\nUID:special\nSUMMARY:Cleo\nDTSTART:20261125T120000Z\nDTEND:20261125T130000Z\nEND:VEVENT\n"
    "BEGIN:VEVENT\nUID:whole\nSUMMARY:Dee\nDTSTART;VALUE=DATE:20261124\nEND:VEVENT\n"
    "END:VCALENDAR\n";

static void write_text(const char *path, const char *text) {
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void a_file_says_who_and_a_bundle_needs_none(void **state) {
	(void)state;
	static const char expected[] =
	    /* Of the events of a file the one that began last; one that stands in for another above them. */
	    "2026-11-23T07:59:59Z nobody, 2026-11-23T08:00:00Z Ada, 2026-11-23T16:00:00Z nobody, 2026-11-24T06:00:00Z Dee, "
	    "2026-11-24T07:00:00Z Bob, 2026-11-24T16:00:00Z Dee, 2026-11-25T12:30:00Z Cleo, 2026-11-25T13:00:00Z Ada, "
	    "2026-11-26T12:00:00Z nobody, 2026-11-27T12:00:00Z Ada, 2027-07-01T07:00:00Z Ada, 2299-11-27T12:00:00Z Ada";
	char folder[] = "/tmp/aplomb-rota-XXXXXX", path[64], file[64];
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/p.lua", folder);
	snprintf(file, sizeof file, "%s/duties.ics", folder);
	write_text(file, duties);
	aplomb_runtime *rt = open_late(NULL), *another = open_late(NULL);
	aplomb_error error = {0};
	aplomb_playbook *playbook = load(rt, path, LONDON "file = 'duties.ics'", &error), *again;
	if (playbook == NULL) fail_msg("%s", error.message);
	check_of(aplomb_playbook_rota(playbook, "r"), expected);
	/* An override of the playbook is above the file, and so is a later layer. */
	aplomb_playbook *changed = load(rt, path,
	    LONDON "layers = { { file = 'duties.ics' }, { turns = { 'Eve' }, begins = '2026-11-27', handover = 'fri 12:00' } },"
	           "overrides = { { who = 'Fay', from = '2026-11-24 09:00', to = '2026-11-24 10:00' } }",
	    &error);
	assert_non_null(changed);
	check_of(aplomb_playbook_rota(changed, "r"), "2026-11-24T09:30:00Z Fay, 2026-11-24T10:00:00Z Bob, 2026-11-27T13:00:00Z Eve");
	assert_int_equal(remove(file), 0);
	assert_int_equal(rmdir(folder), 0);
	aplomb_load_options bundle = APLOMB_LOAD_OPTIONS_INIT;
	bundle.source = aplomb_playbook_source(playbook, &bundle.source_size);
	assert_int_equal(aplomb_load(another, &bundle, &again, &error), APLOMB_OK);
	assert_string_equal(aplomb_playbook_hash(again), aplomb_playbook_hash(playbook));
	const aplomb_rota *rota = aplomb_playbook_rota(again, "r");
	assert_string_equal(aplomb_rota_version(rota), aplomb_rota_version(aplomb_playbook_rota(playbook, "r")));
	check_of(rota, expected);
	aplomb_duty duty = APLOMB_DUTY_INIT;
	assert_int_equal(aplomb_rota_duty_at(rota, INT64_C(1795521600000000), &duty, &error), APLOMB_OK); /* 2026-11-24T12:00Z */
	assert_string_equal(duty.who, "Bob");
	assert_string_equal(duty.source, "duties.ics");
	assert_string_equal(aplomb_rota_zone(rota), "Europe/London");
	aplomb_close(another);
	aplomb_close(rt);
}

/* ---- in a case ---------------------------------------------------------------------------------- */

static int keep_texts(const char *line, size_t size, void *payload) {
	char *text = payload;
	for (const char *at = line; (at = memmem(at, size - (size_t)(at - line), "\"text\":\"", 8)) != NULL;) {
		at += 8;
		const char *end = memchr(at, '"', size - (size_t)(at - line));
		size_t used = strlen(text);
		snprintf(text + used, 512 - used, "%.*s ", (int)(end - at), at);
	}
	return 0;
}

static void a_case_asks_who_is_on_duty(void **state) {
	(void)state;
	static const char source[] =
	    "return playbook 'p' {\n"
	    "rota 'r' { " WEEKLY "overrides = { { nobody = true, from = '2026-12-24', to = '2026-12-27' } } },\n"
	    "calendar 'c' { zone = 'Europe/London', week = { ['mon-fri'] = '09:00-17:00' } },\n"
	    "effect 'say' { text = text {} }, event 'ask' {},\n"
	    "state 's' { on 'ask' { act = function(case)\n"
	    "local next = case:next_duty('r')\n"
	    "case:effect('say', { text = (case:on_duty('r') or 'nobody') .. '/' .. (next and (next - case.now) // 60000000 or 'never') .. '/'\n"
	    ".. tostring(case:is_open('c')) .. '/' .. (case:on_duty('r', 'next') or 'nobody') }) end } } }";
	static const char *const lines[] = {"{\"event\":\"ask\",\"case\":\"1\",\"playbook\":\"p\",\"at\":\"2026-11-24T12:00:00Z\"}",
	    "{\"event\":\"ask\",\"case\":\"1\",\"playbook\":\"p\",\"at\":\"2026-12-05T12:00:00Z\"}",
	    "{\"event\":\"ask\",\"case\":\"1\",\"playbook\":\"p\",\"at\":\"2026-12-26T12:00:00Z\"}"};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	char said[512] = "";
	options.time_follows_events = true;
	options.journal = keep_texts;
	options.journal_payload = said;
	aplomb_runtime *rt;
	aplomb_error error = {0};
	assert_int_equal(aplomb_open(&rt, &options, &error), APLOMB_OK);
	aplomb_load_options load_options = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_playbook *playbook;
	load_options.source = source;
	load_options.source_size = sizeof source - 1;
	if (aplomb_load(rt, &load_options, &playbook, &error) != APLOMB_OK) fail_msg("%s", error.message);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(aplomb_post_json(rt, lines[i], strlen(lines[i]), NULL, NULL, &error), APLOMB_OK);
		assert_int_equal(aplomb_pump(rt, 0, NULL, &error), APLOMB_OK);
	}
	assert_string_equal(said, "Ada/0/true/Bob Bob/0/false/Cleo nobody/720/false/Bob ");
	aplomb_close(rt);
}

static void what_is_wrong_with_a_rota_is_told(void **state) {
	(void)state;
	refused(LONDON "turns = {}, begins = '2026-11-23', handover = '09:00'", "wrong-kind",
	    "rota \"r\": turns must be a list of texts, found a table");
	refused(LONDON "turns = { 'Ada' }, begins = '2026-11-23'", "missing-field",
	    "rota \"r\": turns need handover: a time of the day, with or without a day of the week: \"mon 09:00\", \"08:00\"");
	refused(LONDON "turns = { 'Ada' }, handover = '09:00'", "missing-field",
	    "rota \"r\": turns need begins: the first turn is from the first handover on or after that date, such as \"2026-11-23\"");
	refused(LONDON "turns = { 'Ada' }, begins = '2026-11-23', handover = 'monday 9'", "rota-time",
	    "rota \"r\": handover: \"monday 9\" is not a time of the day, with or without a day of the week: \"mon 09:00\", \"08:00\"");
	refused(LONDON "turns = { 'Ada' }, begins = '2026-02-30', handover = '09:00'", "rota-time",
	    "rota \"r\": begins: \"2026-02-30\" is not a time there: \"2026-12-24 09:00\", or a date for its midnight");
	refused(WEEKLY "leaves = { Bop = '2027-01-01' }", "rota-turns", "rota \"r\": leaves: \"Bop\" has no turn; did you mean \"Bob\"?");
	refused(WEEKLY "each = 0", "rota-turns",
	    "rota \"r\": each is a whole number from 1 to 1000: after how many handovers it is the next one's turn");
	refused(WEEKLY "ends = '2026-11-01'", "rota-time", "rota \"r\": it ends before its first turn begins");
	refused(LONDON, "rota-turns", "rota \"r\": nobody would ever be there; give it turns, a file, or layers of them");
	refused(WEEKLY "overrides = { { who = 'Dee', from = '2026-11-25' } }", "missing-field",
	    "rota \"r\": an override is { who = \"\xE2\x80\xA6\", from = \"2026-12-24 09:00\", to = \"\xE2\x80\xA6\" }, or { nobody = true, "
	    "from = "
	    "\xE2\x80\xA6, to = \xE2\x80\xA6 }");
	refused(WEEKLY "overrides = { { who = 'Dee', from = '2026-11-25', to = '2026-11-24' } }", "rota-time",
	    "rota \"r\": an override ends before it begins");
	refused(WEEKLY "overrides = { { whom = 'Dee', from = '2026-11-25', to = '2026-11-26' } }", "unknown-field",
	    "rota \"r\": an override has no field \"whom\"; did you mean \"who\"?");
	refused(
	    WEEKLY "layers = { { turn = { 'Ada' } } }", "unknown-field", "rota \"r\": a layer has no field \"turn\"; did you mean \"turns\"?");
	refused(LONDON "file = 'none.ics'", "ics-file", "rota \"r\": there is no file \"none.ics\" beside the playbook");
	refused("zone = 'Europe/Londn', turns = { 'Ada' }, begins = '2026-11-23', handover = '09:00'", "calendar-zone",
	    "rota \"r\": zone: \"Europe/Londn\" is no zone that this machine's zone data (tzdata) has; they are called like \"Europe/London\" "
	    "or "
	    "\"UTC\"");
}

static void asking_nothing_is_answered_with_nothing(void **state) {
	(void)state;
	aplomb_error error = {0};
	aplomb_duty duty = APLOMB_DUTY_INIT;
	aplomb_wall wall = APLOMB_WALL_INIT;
	aplomb_instant at;
	assert_int_equal(aplomb_playbook_rotas(NULL, NULL, NULL), 0);
	assert_null(aplomb_playbook_rota(NULL, "r"));
	assert_null(aplomb_rota_who(NULL, 0));
	assert_null(aplomb_rota_version(NULL));
	assert_null(aplomb_rota_zone(NULL));
	assert_null(aplomb_rota_text(NULL, NULL));
	assert_false(aplomb_rota_next(&at, NULL, 0));
	assert_int_equal(aplomb_rota_duty_at(NULL, 0, &duty, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_rota_wall(NULL, 0, &wall, &error), APLOMB_EINVAL);
	aplomb_runtime *rt = open_late(NULL);
	const aplomb_rota *rota = aplomb_playbook_rota(load(rt, NULL, WEEKLY, &error), "r");
	assert_non_null(rota);
	assert_null(aplomb_rota_who(rota, INT64_MAX));
	assert_int_equal(aplomb_rota_duty_at(rota, INT64_MAX, &duty, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_rota_duty_at(rota, 0, NULL, &error), APLOMB_EINVAL);
	size_t size;
	const char *text = aplomb_rota_text(rota, &size);
	assert_int_equal(strlen(text), size);
	assert_int_equal(aplomb_rota_wall(rota, INT64_C(1795521600000000), &wall, &error), APLOMB_OK);
	assert_int_equal(wall.hour, 12);
	aplomb_close(rt);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(people_take_turns_in_their_order),
	    cmocka_unit_test(a_handover_is_when_the_clock_shows_it_or_jumps_over_it),
	    cmocka_unit_test(hours_cut_the_turns),
	    cmocka_unit_test(the_turns_of_who_leaves_are_the_next_ones),
	    cmocka_unit_test(layers_and_overrides_are_above_what_stands_before_them),
	    cmocka_unit_test(a_file_says_who_and_a_bundle_needs_none),
	    cmocka_unit_test(a_case_asks_who_is_on_duty),
	    cmocka_unit_test(what_is_wrong_with_a_rota_is_told),
	    cmocka_unit_test(asking_nothing_is_answered_with_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
