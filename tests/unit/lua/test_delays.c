/* SPDX-License-Identifier: MIT */
/* after, every, at: when they are due, how often, and what they may be given. */

#include <string.h>

#include "book.h"
#include "time/instant.h"

/* The journal's timers that fired, as "clock event" a line. */
static const char *fired(book *b) {
	static char out[4096];
	size_t used = 0;
	out[0] = '\0';
	for (const char *line = apl_buf_terminate(&b->lines); *line != '\0'; line = strchr(line, '\n') + 1) {
		const char *cause = strstr(line, "\"cause\":{\"armed_seq\"");
		if (cause == NULL || cause > strchr(line, '\n')) continue;
		const char *event = strstr(cause, "\"event\":\"") + 9;
		used += (size_t)snprintf(out + used, sizeof out - used, "%.8s %.*s\n", line + 18, (int)strcspn(event, "\""), event);
	}
	return out;
}

static void every_comes_again_and_does_not_drift(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "return playbook 'p' { data = { n = integer { default = 0 } }, event 'go' {}, event 'stop' {},\n"
	    "state 's' { every '10m' { act = 'data.n = data.n + 1' }, on 'stop' { to = 't' } },\n"
	    "state 't' { on 'go' { to = 's' } } }",
	    NULL);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	wait_for(&b, 10 * APL_MINUTE + 7 * APL_SECOND);
	assert_string_equal(fired(&b), "00:10:00 every.s.1\n");
	/* Again ten minutes after it was due, not after it came. The arming is the first thing of its step. */
	assert_text_has(line_of(&b), "'items':[{'do':'arm','due':'2026-01-01T00:20:00Z','timer':'every.s.1'},{'do':'transition'");
	/* Nobody was there for half an hour: each comes at its own time. */
	wait_for(&b, 31 * APL_MINUTE);
	assert_string_equal(fired(&b), "00:10:00 every.s.1\n00:20:00 every.s.1\n00:30:00 every.s.1\n00:40:00 every.s.1\n");
	assert_string_equal(data_of(&b), "{'n':4}");
	assert_int_equal(say(&b, "stop", NULL), APLOMB_OK);
	assert_text_has(line_of(&b), "{'do':'cancel','timer':'every.s.1'}");
	wait_for(&b, APL_DAY);
	assert_string_equal(data_of(&b), "{'n':4}");
	/* Entered anew, it counts anew. */
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	assert_text_has(line_of(&b), "'due':'2026-01-02T00:51:07Z','timer':'every.s.1'");
	book_close(&b);
}

static void every_that_leaves_its_state_comes_no_more(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "return playbook 'p' { data = { n = integer { default = 0 } }, event 'go' {},\n"
	    "state 's' { every '10m' { { when = 'data.n < 2', act = 'data.n = data.n + 1' }, { to = 't' } } },\n"
	    "state 't' {} }",
	    NULL);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	wait_for(&b, APL_DAY);
	assert_string_equal(fired(&b), "00:10:00 every.s.1\n00:20:00 every.s.1\n00:30:00 every.s.1\n");
	assert_text_has(line_of(&b), "'items':[{'do':'arm','due':'2026-01-01T00:40:00Z','timer':'every.s.1'},"
	                             "{'do':'cancel','timer':'every.s.1'},{'do':'transition'");
	assert_string_equal(states_of(&b), "t");
	book_close(&b);
}

static void every_comes_again_when_no_guard_held(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "return playbook 'p' { data = { n = integer { default = 0 } }, event 'go' {}, event 'count' {},\n"
	    "state 's' { every '10m' { when = 'data.n > 0', act = 'data.n = 10' }, on 'count' { act = 'data.n = 1' } } }",
	    NULL);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	wait_for(&b, 20 * APL_MINUTE);
	assert_text_has(line_of(&b), "{'do':'unhandled'}");
	assert_int_equal(say(&b, "count", NULL), APLOMB_OK);
	wait_for(&b, 10 * APL_MINUTE);
	assert_string_equal(data_of(&b), "{'n':10}");
	book_close(&b);
}

static void its_span_is_asked_when_the_state_is_entered(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "return playbook 'p' { data = { pace = span { default = '10m' }, n = integer { default = 0 } }, event 'go' {}, event 'pace' {},\n"
	    "state 's' { every(from 'data.pace') { act = 'data.n = data.n + 1' }, on 'pace' { act = \"data.pace = '1h'\" },\n"
	    "on 'go' { to = 's' } } }",
	    NULL);
	assert_int_equal(say(&b, "pace", NULL), APLOMB_OK);
	wait_for(&b, 30 * APL_MINUTE);
	assert_string_equal(fired(&b), "00:10:00 every.s.1\n00:20:00 every.s.1\n00:30:00 every.s.1\n");
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	assert_text_has(line_of(&b), "'due':'2026-01-01T01:30:00Z','timer':'every.s.1'");
	book_close(&b);
}

static void every_since_counts_anew_from_the_event(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "return playbook 'p' { data = { n = integer { default = 0 } }, event 'said' {},\n"
	    "state 's' { every '10m' { since = 'said', act = 'data.n = data.n + 1' } } }",
	    NULL);
	assert_int_equal(say(&b, "said", NULL), APLOMB_OK);
	wait_for(&b, 15 * APL_MINUTE);
	assert_int_equal(say(&b, "said", NULL), APLOMB_OK);
	assert_text_has(line_of(&b), "{'do':'move','due':'2026-01-01T00:25:00Z','timer':'every.s.1'}");
	wait_for(&b, 21 * APL_MINUTE);
	assert_string_equal(fired(&b), "00:10:00 every.s.1\n00:25:00 every.s.1\n00:35:00 every.s.1\n");
	book_close(&b);
}

static void a_span_of_nothing_cannot_repeat(void **state) {
	(void)state;
	assert_string_equal(findings_of("return playbook 'p' {\nstate 's' { every '0s' {} } }"),
	    "2 bad-span: every \"0s\": what repeats after no time at all never ends; give a span of more than zero\n");
	book b = {0};
	book_open(&b,
	    "return playbook 'p' { data = { pace = span { default = '0s' } }, event 'go' {},\n"
	    "state 's' {\nevery(from 'data.pace') { act = \"data.pace = '1h'\" }, on 'go' {} } }",
	    NULL);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	assert_text_has(apl_buf_terminate(&b.lines),
	    "\"line\":3,\"message\":\"state \\\"s\\\": a delay of 0 microseconds is no time at all, and "
	    "what repeats would never end: give one of more than zero\",\"slug\":\"bad-span\"");
	wait_for(&b, APL_DAY);
	assert_string_equal(fired(&b), "");
	book_close(&b);
}

static const char instants[] =
    "return playbook 'p' { params = { gala = instant { default = '2026-01-01T02:00:00Z' } },\n"
    "data = { promised = instant {}, seen = list { of = text {}, default = {} } },\n"
    "event 'go' {}, event 'promise' { at = instant { required = true } },\n"
    "state 's' {\n"
    "  at '2026-01-01T03:00:00+00:00' { act = function(case) table.insert(case.data.seen, 'text') end },\n"
    "  at(from 'params.gala') { act = function(case) table.insert(case.data.seen, 'params') end },\n"
    "  at(function(case) return case.opened_at + 60 * 1000000 end) { act = function(case) table.insert(case.data.seen, 'function') end },\n"
    "  on 'promise' { act = 'data.promised = event.at', to = 'kept' } },\n"
    "state 'kept' {\n"
    "  at(from 'data.promised') { to = 'over', because = 'it was promised' }, on 'go' {} },\n"
    "final 'over' {} }";

static void at_is_due_at_its_instant(void **state) {
	(void)state;
	book b = {0};
	book_open(&b, instants, NULL);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	wait_for(&b, 5 * APL_HOUR);
	assert_string_equal(fired(&b), "00:01:00 at.s.3\n02:00:00 at.s.2\n03:00:00 at.s.1\n");
	assert_text_has(data_of(&b), "'seen':['function','params','text']");
	assert_int_equal(say(&b, "promise", "{'at':'2026-01-01T08:30:00+02:00'}"), APLOMB_OK);
	assert_text_has(line_of(&b), "{'do':'arm','due':'2026-01-01T06:30:00Z','timer':'at.kept.1'}");
	wait_for(&b, 2 * APL_HOUR);
	assert_text_has(line_of(&b), "{'at':'2026-01-01T06:30:00Z'");
	assert_text_has(line_of(&b), "'because':'it was promised'");
	assert_text_has(line_of(&b), "'outcome':");
	book_close(&b);
}

static void an_instant_that_has_passed_is_now(void **state) {
	(void)state;
	book b = {0};
	book_open(&b, instants, NULL);
	wait_for(&b, APL_DAY);
	assert_int_equal(say(&b, "promise", "{'at':'2025-06-01T00:00:00Z'}"), APLOMB_OK);
	assert_text_has(apl_buf_terminate(&b.lines), "{\"do\":\"arm\",\"due\":\"2026-01-02T00:00:00Z\",\"timer\":\"at.kept.1\"}");
	assert_text_has(line_of(&b), "'cause':{'armed_seq':2,'event':'at.kept.1','state':'kept'}");
	/* Those of s, long past when the case opened, were due at once, but the event that opened it was there before them. */
	assert_text_has(apl_buf_terminate(&b.lines), "{\"do\":\"arm\",\"due\":\"2026-01-02T00:00:00Z\",\"timer\":\"at.s.1\"}");
	assert_text_has(apl_buf_terminate(&b.lines), "{\"do\":\"cancel\",\"timer\":\"at.s.1\"}");
	book_close(&b);
}

static void an_instant_that_is_missing_or_none_is_told(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "return playbook 'p' { data = { at = instant {} }, event 'go' {},\nstate 's' { on 'go' {},\nat(from 'data.at') { to = 's' } } }",
	    NULL);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	assert_text_has(
	    apl_buf_terminate(&b.lines), "\"line\":3,\"message\":\"data.at is missing, so this at has no instant\",\"slug\":\"missing-field\"");
	book_close(&b);
	static const struct {
		const char *answer, *message;
	} cases[] = {
	    {"'tomorrow'", "\"message\":\"the instant of this at: "},
	    {"true", "\"message\":\"the instant of this at must be an instant, \\\"2026-12-24T18:00:00Z\\\" or microseconds since 1970, found "
	             "a boolean\""},
	    {"1.5", "\"message\":\"the instant of this at must be an instant, \\\"2026-12-24T18:00:00Z\\\" or microseconds since 1970, found a "
	            "number\""},
	    {"math.maxinteger",
	        "\"message\":\"the instant of this at: 9223372036854775807 microseconds since 1970 lie outside of the years 1 to 9999\""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char source[512];
		snprintf(source, sizeof source,
		    "return playbook 'p' { event 'go' {}, state 's' { on 'go' {}, at(function() return %s end) { to = 's' } } }", cases[i].answer);
		book other = {0};
		book_open(&other, source, NULL);
		assert_int_equal(say(&other, "go", NULL), APLOMB_OK);
		assert_text_has(apl_buf_terminate(&other.lines), cases[i].message);
		book_close(&other);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_comes_again_and_does_not_drift),
	    cmocka_unit_test(every_that_leaves_its_state_comes_no_more),
	    cmocka_unit_test(every_comes_again_when_no_guard_held),
	    cmocka_unit_test(its_span_is_asked_when_the_state_is_entered),
	    cmocka_unit_test(every_since_counts_anew_from_the_event),
	    cmocka_unit_test(a_span_of_nothing_cannot_repeat),
	    cmocka_unit_test(at_is_due_at_its_instant),
	    cmocka_unit_test(an_instant_that_has_passed_is_now),
	    cmocka_unit_test(an_instant_that_is_missing_or_none_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
