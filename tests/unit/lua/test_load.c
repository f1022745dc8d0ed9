/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "book.h"

static void the_reference_chart_loads_without_a_finding(void **state) {
	(void)state;
	size_t size;
	char *source = read_whole("bench/reference.lua", &size);
	assert_non_null(source);
	assert_string_equal(findings_of(source), "");
	free(source);
}

static void a_case_of_the_reference_chart_counts(void **state) {
	(void)state;
	size_t size;
	char *source = read_whole("bench/reference.lua", &size);
	book b = {0};
	book_open(&b, source, NULL);
	free(source);
	assert_int_equal(say(&b, "message", "{'tone':2,'abusive':true,'text':'x'}"), APLOMB_OK);
	assert_string_equal(states_of(&b), "talk.conversation.listening talk.boundary.warned");
	assert_int_equal(say(&b, "message", "{'tone':-3,'abusive':true,'text':'x'}"), APLOMB_OK);
	assert_string_equal(states_of(&b), "talk.conversation.escalated talk.boundary.final-warning");
	assert_string_equal(data_of(&b),
	    "{'abuses':2,'messages':2,'n_calm':1,'n_escalated':1,'n_final_warning':1,'n_greeting':1,'n_listening':1,'n_negotiating':0,"
	    "'n_offering':0,'n_resolved':0,'n_solving':0,'n_warned':1,'rejects':0,'tone':-1}");
	book_close(&b);
}

/* A handler that needs the hook is charged for a hundred instructions, so none of these does. */
static void no_handler_of_the_reference_chart_needs_the_hook(void **state) {
	(void)state;
	size_t size;
	char *source = read_whole("bench/reference.lua", &size);
	book b = {0};
	aplomb_limits limits = {sizeof limits, .instructions = 99};
	book_open(&b, source, &limits);
	free(source);
	static const char *const events[] = {"message", "offer", "reject", "reject", "reject", "agent", "message", "offer", "accept", "agent"};
	for (int i = 0; i < 200; i++) {
		const char *name = events[i % 10];
		char data[64];
		snprintf(data, sizeof data, "{'tone':%d,'abusive':%s}", i % 7 - 3, i % 3 == 0 ? "true" : "false");
		assert_int_equal(say(&b, name, strcmp(name, "message") == 0 ? data : NULL), APLOMB_OK);
		assert_false(b.receipt.faulted);
	}
	book_close(&b);
}

static void the_hash_is_of_the_files_name_and_text(void **state) {
	(void)state;
	char bundle[256];
	static const char *const sources[] = {
	    "return playbook 'p' { state 's' {} }", "return playbook 'p' { state 's' {} }", "return playbook 'p' { state 's' {} } "};
	char hashes[3][APL_SHA256_HEX + 1];
	for (int i = 0; i < 3; i++) {
		book b = {0};
		book_open(&b, sources[i], NULL);
		memcpy(hashes[i], b.program->hash, sizeof hashes[i]);
		snprintf(
		    bundle, sizeof bundle, "{\"aplomb\":\"playbook\",\"files\":[{\"name\":\"book.lua\",\"text\":\"%s\"}],\"v\":1}", sources[i]);
		assert_int_equal(b.program->source_size, strlen(bundle));
		assert_string_equal(b.program->source, bundle);
		book_close(&b);
	}
	assert_string_equal(hashes[0], hashes[1]);
	assert_string_not_equal(hashes[0], hashes[2]);
}

static void first_lines_that_lua_does_not_know_are_skipped(void **state) {
	(void)state;
	assert_string_equal(findings_of("\xef\xbb\xbfreturn playbook 'p' { state 's' {} }"), "");
	assert_string_equal(findings_of("#!/usr/bin/aplomb\nreturn playbook 'p' { state 's' {} }"), "");
	assert_string_equal(findings_of("\xef\xbb\xbf#!/usr/bin/aplomb\nreturn playbook 'p' { state 's' {} }"), "");
	assert_text_has(findings_of("#!/usr/bin/aplomb\nreturn playbook 'p' { stat 's' {} }"), "2 unknown-name");
	assert_text_has(findings_of(""), "not-a-playbook");
	assert_text_has(findings_of("#"), "not-a-playbook");
	assert_text_has(findings_of("\x1bLua"), "bytecode");
}

static void the_program_says_what_it_is(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "return playbook 'p' { title = 'A title', version = '7', params = { a = integer {} }, data = { b = integer {}, c = fields { d = "
	    "text {} } },\n"
	    "event 'x' { e = integer {} }, event 'y' {}, effect 'f' {}, counter 'g' { of = { 'x', 'y.*' } }, state 's' { on 'x' {} } }",
	    NULL);
	const apl_program *p = b.program;
	assert_string_equal(p->id, "p");
	assert_string_equal(p->title, "A title");
	assert_string_equal(p->version, "7");
	assert_int_equal(p->params->n_fields, 2);
	assert_int_equal(p->data->n_fields, 4);
	assert_int_equal(p->n_effects, 1);
	assert_int_equal(p->n_counters, 1);
	assert_int_equal(p->counters[0].n_patterns, 2);
	assert_string_equal(p->counters[0].patterns[1], "y");
	assert_false(p->asks_time_in);
	int32_t x = apl_chart_event(p->chart, "x", 1);
	assert_non_null(p->events[x]);
	int32_t error = apl_chart_event(p->chart, "error.execution", 15);
	assert_true(error < 0 || p->events[error] == NULL);
	book_close(&b);
}

#define HOURS "zone = 'UTC', week = { ['mon-fri'] = '09:00-17:00' }"

static void business_time_without_a_calendar_is_refused_where_it_stands(void **state) {
	(void)state;
	static const char source[] = "return playbook 'p' {\n"
	                             "params = { answer_in = span { default = '15 business minutes' } },\n"
	                             "data = { wait = span { default = '1 business hour' }, other = span {} },\n"
	                             "event 'x' {}, counter 'c' { of = 'x', window = '3 business days' },\n"
	                             "state 's' {\n"
	                             "after '1 business hour' { to = 't' }, every '2 business days' {}, after '1h' { to = 't' } },\n"
	                             "state 't' {} }";
#define NONE_THERE " is business time, and the playbook has no calendar to count it by; declare calendar \"id\" { zone = …, week = … }\n"
	assert_string_equal(findings_of(source),
	    "2 no-calendar: params.answer_in: \"15 business minutes\"" NONE_THERE "3 no-calendar: data.wait: \"1 business hour\"" NONE_THERE
	    "4 no-calendar: counter \"c\": window: \"3 business days\"" NONE_THERE
	    "6 no-calendar: after \"1 business hour\": \"1 business hour\"" NONE_THERE
	    "6 no-calendar: every \"2 business days\": \"2 business days\"" NONE_THERE);
	static const char two[] = "return playbook 'p' {\n"
	                          "calendar 'a' { " HOURS " }, calendar 'b' { " HOURS " },\n"
	                          "state 's' {\n"
	                          "after '1 business hour' { to = 't' }, after '2 business hours' { calendar = 'b', to = 't' },\n"
	                          "after '3 business hours' { calendar = 'bb', to = 't' } },\n"
	                          "state 't' {} }";
	assert_string_equal(findings_of(two),
	    "4 no-calendar: after \"1 business hour\": \"1 business hour\" is business time, and the playbook has more than one calendar; say "
	    "which "
	    "counts it: calendar = \"a\"\n"
	    "5 unknown-calendar: after \"3 business hours\": there is no calendar \"bb\"; did you mean \"b\"?\n");
}

/* 2026-01-01 is a Thursday; cases open at midnight. */
static void the_only_calendar_counts_business_time_wherever_it_stands(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "return playbook 'p' { calendar 'desk' { " HOURS ", holidays = { ['2026-01-02'] = 'Bridge' } },\n"
	    "params = { answer_in = span { default = '15 business minutes' } }, data = { wait = span { default = '9 business hours' } },\n"
	    "event 'x' {}, counter 'c' { of = 'x', window = '3 business days' },\n"
	    "state 's' {\n"
	    "entry(function(case) case:send { event = 'x', after = '1 business minute' } end),\n"
	    "after '1 business day' { to = 't' }, after(from 'params.answer_in') { to = 't' },\n"
	    "after(function(case) return case.data.wait end) { to = 't' }, every '2 business days' {} },\n"
	    "state 't' {} }",
	    NULL);
	assert_int_equal(b.program->counters[0].window_unit, APL_SPAN_BUSINESS_DAYS);
	assert_int_equal(b.program->n_calendars, 1);
	say(&b, "x", NULL);
	const char *lines = apl_buf_terminate(&b.lines);
	char arm[512];
	assert_text_has(lines, "\"params\":{\"answer_in\":\"15 business minutes\"}");
	static const char *const due[] = {"2026-01-05T09:00:00Z\",\"timer\":\"after.s.1\"", "2026-01-01T09:15:00Z\",\"timer\":\"after.s.2\"",
	    "2026-01-05T10:00:00Z\",\"timer\":\"after.s.3\"", "2026-01-06T09:00:00Z\",\"timer\":\"every.s.4\""};
	for (size_t i = 0; i < 4; i++) {
		snprintf(arm, sizeof arm, "{\"calendar\":\"desk\",\"calendar_version\":\"%s\",\"do\":\"arm\",\"due\":\"%s",
		    apl_calendar_version(b.program->calendars[0].calendar), due[i]);
		assert_text_has(lines, arm);
	}
	assert_text_has(lines, "\"due\":\"2026-01-01T09:01:00Z\"");
	book_close(&b);
}

static void which_calendar_counts_may_depend_on_the_case(void **state) {
	(void)state;
	static const char source[] =
	    "return playbook 'p' { calendar 'gold' { zone = 'UTC', week = { ['mon-sun'] = '00:00-24:00' } },\n"
	    "calendar 'silver' { " HOURS " }, calendar = from 'params.tier',\n"
	    "params = { tier = one_of { 'gold', 'silver', default = '%s' }, answer_in = span { default = '1 business hour' } },\n"
	    "event 'x' {}, state 's' { entry(function(case) case:send { event = 'x', after = case.params.answer_in } end),\n"
	    "after(from 'params.answer_in') { to = 't' },\n"
	    "after '2 business hours' { to = 't', calendar = function(case) return 'silver' end } }, state 't' {} }";
	static const struct { const char *tier, *due; } cases[] = {{"gold", "2026-01-01T01:00:00Z"}, {"silver", "2026-01-01T10:00:00Z"}};
	for (size_t i = 0; i < 2; i++) {
		char text[1024], due[64];
		book b = {0};
		snprintf(text, sizeof text, source, cases[i].tier);
		book_open(&b, text, NULL);
		say(&b, "x", NULL);
		const char *lines = apl_buf_terminate(&b.lines);
		snprintf(due, sizeof due, "\"due\":\"%s\",\"event\":\"x\"", cases[i].due);
		assert_text_has(lines, due);
		snprintf(due, sizeof due, "\"due\":\"%s\",\"timer\":\"after.s.1\"", cases[i].due);
		assert_text_has(lines, due);
		assert_text_has(lines, "\"due\":\"2026-01-01T11:00:00Z\",\"timer\":\"after.s.2\"");
		book_close(&b);
	}
}

static void a_calendar_is_one_of_the_playbooks_files(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "return playbook 'p' { calendar 'support' { zone = 'Europe/London', week = { ['thu-fri'] = '09:00-12:30 13:30-17:30',\n"
	    "sat = '10:00-14:00' }, holidays = { '2026-12-26', ['2026-12-25'] = 'Christmas Day' },\n"
	    "exceptions = { ['2026-12-24'] = '09:00-12:00', ['2026-12-31'] = 'closed' } }, state 's' {} }",
	    NULL);
	assert_int_equal(b.program->n_calendars, 1);
	assert_string_equal(b.program->calendars[0].name, "support");
	size_t size;
	const char *text = apl_calendar_text(b.program->calendars[0].calendar, &size);
	assert_text_has(text,
	    "{\"exceptions\":{\"2026-12-24\":[[\"09:00\",\"12:00\"]],\"2026-12-31\":[]},"
	    "\"holidays\":{\"2026-12-25\":\"Christmas Day\",\"2026-12-26\":\"\"},\"v\":1,\"week\":{\"fri\":[[\"09:00\",\"12:30\"],"
	    "[\"13:30\",\"17:30\"]],\"sat\":[[\"10:00\",\"14:00\"]],\"thu\":[[\"09:00\",\"12:30\"],[\"13:30\",\"17:30\"]]},\"zone\":{");
	assert_text_has(b.program->source, "{\"name\":\"calendars/support.json\",\"text\":\"{\\\"exceptions\\\"");
	/* A bundle brings its calendars along, and is the same version again. */
	book again = {0};
	char version[APL_SHA256_HEX + 1];
	strcpy(version, apl_calendar_version(b.program->calendars[0].calendar));
	book_open(&again, b.program->source, NULL);
	assert_string_equal(again.program->hash, b.program->hash);
	assert_string_equal(apl_calendar_version(again.program->calendars[0].calendar), version);
	book_close(&again);
	/* One from before calendars counted has none, and keeps its hash and the clock. */
	static const char old[] =
	    "{\"aplomb\":\"playbook\",\"files\":[{\"name\":\"p.lua\",\"text\":\"return playbook 'p' { calendar 'desk' { " HOURS
	    " }, event 'x' {}, state 's' { after '1 business day' { to = 't' } }, state 't' {} }\"}],\"v\":1}";
	book_open(&again, old, NULL);
	assert_string_equal(again.program->source, old);
	say(&again, "x", NULL);
	assert_text_has(apl_buf_terminate(&again.lines), "{\"do\":\"arm\",\"due\":\"2026-01-02T00:00:00Z\",\"timer\":\"after.s.1\"");
	book_close(&again);
	book_close(&b);
}

static void a_file_that_is_too_long_is_refused(void **state) {
	(void)state;
	enum { SIZE = 1024 * 1024 };
	static char source[SIZE + 2];
	memset(source, ' ', SIZE + 1);
	memcpy(source, "return playbook 'p' { state 's' {} }", 36);
	assert_string_equal(
	    findings_of(source), "1 limit-source: the file has 1048577 bytes, and the loader reads at most 1048576; divide it into modules\n");
	source[SIZE] = '\0';
	assert_string_equal(findings_of(source), "");
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_handler_of_the_reference_chart_needs_the_hook),
	    cmocka_unit_test(the_hash_is_of_the_files_name_and_text),
	    cmocka_unit_test(first_lines_that_lua_does_not_know_are_skipped),
	    cmocka_unit_test(the_program_says_what_it_is),
	    cmocka_unit_test(a_calendar_is_one_of_the_playbooks_files),
	    cmocka_unit_test(business_time_without_a_calendar_is_refused_where_it_stands),
	    cmocka_unit_test(the_only_calendar_counts_business_time_wherever_it_stands),
	    cmocka_unit_test(which_calendar_counts_may_depend_on_the_case),
	    cmocka_unit_test(the_reference_chart_loads_without_a_finding),
	    cmocka_unit_test(a_case_of_the_reference_chart_counts),
	    cmocka_unit_test(a_file_that_is_too_long_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
