/* SPDX-License-Identifier: MIT */
/* What a test does to its cases, and how tests are kept apart. */
#include "beside.h"

static void time_moves_only_when_the_test_says_so(void **state) {
	beside *b = *state;
	beside_passes(b, "assert(case.now == \"2026-03-02T09:00:00Z\")\n"
	                 "case:agent \"hello\" case:agent \"hello\"\n"
	                 "assert(case.now == \"2026-03-02T09:00:00Z\")\n"
	                 "case:wait \"1h30m\" assert(case.now == \"2026-03-02T10:30:00Z\")\n"
	                 "case:wait_until \"2026-03-03T00:00:00+01:00\" assert(case.now == \"2026-03-02T23:00:00Z\")\n"
	                 "case:wait \"0s\" assert(case.now == \"2026-03-02T23:00:00Z\")");
}

static void the_classic_before_at_and_after_the_deadline(void **state) {
	beside *b = *state;
	beside_passes(b, "case:agent \"hello\" case:wait \"47h59m\" case:customer \"yes\"\n"
	                 "case:expect { state = \"answered\", because = \"the customer replied\" }");
	beside_passes(b, "case:agent \"hello\" case:wait \"48h\" case:expect \"silent\" case:customer \"yes\" case:expect \"answered\"");
	beside_passes(b, "case:agent \"hello\" case:wait \"48h1m\" case:expect \"silent\" case:customer \"yes\" case:expect \"answered\"");
	/* At the same instant, the timer goes first. */
	beside_passes(b, "case:agent \"hello\" case:customer(\"yes\", nil, { at = \"2026-03-04T09:00:00Z\" })\n"
	                 "case:expect { state = \"answered\", effects = { \"remind\" } }");
}

static void timers_fire_on_the_way_at_their_own_times(void **state) {
	beside *b = *state;
	apl_test_result result = beside_run(b, "case:agent \"hello\" case:wait \"100h\" case:expect { state = \"silent\" }");
	assert_true(result.passed);
	assert_non_null(strstr(result.lines, "\"at\":\"2026-03-04T09:00:00Z\""));
	assert_null(strstr(result.lines, "\"kind\":\"away\""));
	beside_passes(b, "case:agent \"hello\" case:next() assert(case.now == \"2026-03-04T09:00:00Z\") case:expect \"silent\"");
	beside_fails(b, "case:customer \"yes\"\ncase:event(\"team-lead.message\", {})\ncase:next()", 3, "nothing is due: no timer is armed");
}

static void whoever_the_playbook_listens_to_can_speak(void **state) {
	beside *b = *state;
	beside_passes(b, "case:customer(\"no\", { tone = -0.5, rude = true })\ncase:expect { counters = { rude = 1 }, state = \"answered\" }");
	beside_passes(b, "case:customer { tone = -0.5 } case:expect { because = \"the customer replied\" }");
	beside_passes(b, "case:team_lead \"I am here\" case:expect { state = \"done\" }");
	beside_fails(b, "case:custmer \"x\"", 1, "a case has no \"custmer\"; did you mean \"customer\"?");
	beside_fails(
	    b, "case:zzzzzzzzz \"x\"", 1, "a case has no \"zzzzzzzzz\"; the playbook declares \"….message\" of: customer, agent, team-lead");
	beside_fails(b, "case.customer \"x\"", 1, "this is called on a case, with a colon: case:wait \"2h\"");
	beside_fails(b, "case:customer(4)", 1, "case:customer takes what is said: case:customer \"Where is it?\"");
	beside_fails(b, "case:customer(\"a\", 4)", 1, "behind what customer says stands a table of the event's other fields");
}

static void an_envelope_says_who_and_when(void **state) {
	beside *b = *state;
	apl_test_result result = beside_run(b, "case:agent(\"a\", nil, { by = \"agent:17\", id = \"e-1\" })\ncase:agent(\"b\", {}, { id = "
	                                       "\"e-1\" })\ncase:event(\"note\", nil, { by = \"bot\" })");
	assert_true(result.passed);
	assert_non_null(strstr(result.lines, "\"by\":\"agent:17\",\"data\":{\"text\":\"a\"},\"event\":\"agent.message\",\"id\":\"e-1\""));
	assert_null(strstr(result.lines, "\"text\":\"b\"")); /* the id was seen before */
	assert_non_null(strstr(result.lines, "\"by\":\"bot\""));
	beside_fails(
	    b, "case:agent(\"a\", nil, { By = \"x\" })", 1, "an event's envelope knows by, id and at, and not \"By\"; did you mean \"by\"?");
	beside_fails(b, "case:agent(\"a\", nil, { at = 4 })", 1, "at is a time, written so: \"2026-03-02T09:00:00Z\"");
	beside_fails(b, "case:event(\"agent.message\", 4)", 1, "what the event \"agent.message\" carries is a table of fields");
}

static void an_event_of_the_past_is_late_and_one_of_the_future_takes_time_along(void **state) {
	beside *b = *state;
	apl_test_result result = beside_run(b, "case:agent \"a\" case:wait \"1h\"\n"
	                                       "case:agent(\"b\", nil, { at = \"2026-03-02T09:30:00Z\" })\n"
	                                       "assert(case.now == \"2026-03-02T10:00:00Z\")\n"
	                                       "case:agent(\"c\", nil, { at = \"2026-03-02T12:00:00Z\" })\n"
	                                       "assert(case.now == \"2026-03-02T12:00:00Z\")");
	assert_true(result.passed);
	assert_null(strstr(result.lines, "late_by_us")); /* the case's own time was not later */
	result = beside_run(b, "case:agent \"a\" case:wait \"1h\" case:agent \"b\" case:agent(\"c\", nil, { at = \"2026-03-02T09:30:00Z\" })");
	assert_non_null(strstr(result.lines, "\"late_by_us\":1800000000"));
}

static void values_pass_as_they_are(void **state) {
	beside *b = *state;
	beside_passes(b, "case:event(\"note\", { names = { \"a\", \"b\\n\\\"\" }, n = 2.0 })\n"
	                 "assert(case.data.names[2] == \"b\\n\\\"\") assert(#case.data.names == 2)\n"
	                 "case:event(\"note\", { names = list {} }) assert(#case.data.names == 0)");
	beside_fails(b, "case:event(\"note\", { n = 1/0 })", 1, "infinity is nothing that an event can carry");
	beside_fails(b, "case:event(\"note\", { n = print })", 1, "a function is nothing that an event can carry");
	beside_fails(b, "case:event(\"note\", { names = { 1, x = 2 } })", 1,
	    "a table to be sent is a list with the keys 1 to n, or a map whose keys are all texts; it has both, or others");
	beside_fails(b, "case:event(\"note\", { n = anything })", 1, "a matcher says what is expected; it is nothing that could be sent");
	beside_fails(b, "local t = {} t.t = t case:event(\"note\", t)", 1, "a value is nested more than 64 deep");
}

static void what_a_case_opens_with(void **state) {
	beside *b = *state;
	apl_test_result result = beside_run(b,
	    "case:open { data = { order = \"B\" }, params = { patience = \"1h\" }, subject = \"Ada\", locale = \"de\", seed = 7 }\n"
	    "case:agent \"a\" case:expect { data = { order = \"B\" }, due = { asked = \"1h\" } }");
	assert_true(result.passed);
	assert_non_null(strstr(result.lines, "\"subject\":\"Ada\""));
	assert_non_null(strstr(result.lines, "\"seed\":7"));
	assert_non_null(strstr(result.lines, "\"locale\":\"de\""));
	beside_fails(b, "case:open { dta = {} }", 1,
	    "open knows data, params, subject, history, locale and seed, and not \"dta\"; did you mean \"data\"?");
	beside_fails(b, "case:open \"x\"", 1, "open takes a table: case:open { data = { … } }");
	beside_fails(b, "case:agent \"a\" case:open { data = { order = \"A\" } }", 1, "the case \"case\" is open already");
	beside_fails(
	    b, "case:expect \"asked\"", 1, "the case \"case\" has not begun: it opens with its first event, so let somebody speak first");
}

static void a_group_gives_its_cases_parameters_and_a_beginning(void **state) {
	beside *b = *state;
	assert_int_equal(
	    beside_open(b,
	        "return tests \"desk.lua\" { starts = \"2025-12-31T23:00:00Z\", params = { patience = \"2h\" },\n"
	        "test \"theirs\" (function(case) case:open { data = { order = \"A\" } } case:agent \"x\"\n"
	        "  case:expect { due = { asked = \"2026-01-01T01:00:00Z\" } } end),\n"
	        "test \"own\" (function(case) case:open { data = { order = \"A\" }, params = { patience = \"3h\" } } case:agent \"x\"\n"
	        "  case:expect { due = { asked = \"3h\" } } end) }"),
	    APLOMB_OK);
	for (size_t i = 0; i < 2; i++) {
		apl_test_result result;
		assert_int_equal(apl_test_run(b->file, i, &result, NULL), APLOMB_OK);
		assert_true(result.passed);
	}
}

static void several_cases_share_one_time(void **state) {
	beside *b = *state;
	beside_passes(b, "local other = case:another \"order-2\"\nother:open { data = { order = \"B\" } }\n"
	                 "case:agent \"a\" other:customer \"b\"\n"
	                 "case:expect { state = \"asked\", effects = {} } other:expect { state = \"answered\" }\n"
	                 "assert(other.id == \"order-2\")\n"
	                 "other:wait \"48h\" case:expect { state = \"silent\", effects = \"remind\" } other:expect { effects = {} }");
	/* They can write to one another. */
	beside_passes(b, "local other = case:another \"order-2\"\nother:open { data = { order = \"B\" } } other:agent \"x\"\n"
	                 "case:event(\"pass\", { to = \"order-2\" }) case:expect { sent = \"passed\" } other:expect { unhandled = true }");
	beside_fails(b, "case:another \"case\"", 1, "there is a case \"case\" already");
	beside_fails(b, "case:another()", 1, "another takes the new case's id: local other = case:another \"order-2\"");
}

static void no_test_sees_another(void **state) {
	beside *b = *state;
	assert_int_equal(
	    beside_open(b,
	        "local kept\nreturn tests \"desk.lua\" {\n"
	        "test \"one\" (function(case) kept = case case:open { data = { order = \"A\" } } case:agent \"x\" case:wait \"1h\" end),\n"
	        "test \"two\" (function(case) assert(case.now == \"2026-03-02T09:00:00Z\") case:open { data = { order = \"B\" } }\n"
	        "  case:agent \"x\" case:wait \"47h\" case:expect { state = \"asked\", data = { order = \"B\" } } end),\n"
	        "test \"three\" (function(case) case:another \"a\" kept:wait \"1h\" end),\n"
	        "test \"four\" (function(case) assert(math.random(1000000) == 981389 or true) end) }"),
	    APLOMB_OK);
	apl_test_result result;
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < 3; i++) {
			assert_int_equal(apl_test_run(b->file, i, &result, NULL), APLOMB_OK);
			if (!result.passed) fail_msg("%s", result.message);
		}
	}
}

static void the_same_test_gives_the_same_journal_every_time(void **state) {
	beside *b = *state;
	char *first = NULL;
	beside_run(b, "case:event(\"note\", { names = { \"a\" }, n = math.random() }) case:customer(\"x\", { tone = 0.5, rude = true }) "
	              "case:wait \"9d\"");
	for (int round = 0; round < 20; round++) {
		apl_test_result result;
		assert_int_equal(apl_test_run(b->file, 0, &result, NULL), APLOMB_OK);
		assert_true(result.passed);
		if (first == NULL) first = strdup(result.lines);
		assert_string_equal(result.lines, first);
	}
	free(first);
}

static void what_goes_wrong_must_be_expected_before_the_next_step(void **state) {
	beside *b = *state;
	static const char refused[] = "an event was refused, and the test does not expect it";
	beside_fails(b, "case:agent \"a\"\ncase:event \"nothing\"\ncase:wait \"1h\"\ncase:expect \"silent\"", 2, refused);
	beside_fails(b, "case:agent \"a\"\ncase:event \"nothing\"", 2, refused);
	beside_fails(b, "case:agent \"a\"\ncase:event \"break\"\ncase:wait \"1h\"", 2,
	    "something went wrong in the playbook, and the test does not expect it");
	beside_fails(b, "case:agent \"a\"\ncase:event \"spin\"", 2, "the case is faulted, and the test does not expect it");
	beside_differs(b, "case:agent \"a\" case:event \"agent.messag\"",
	    "refused|-|event \"agent.messag\" is not declared by playbook \"desk\"; did you mean \"agent.message\"? [unknown-event]|-");
	beside_passes(b, "case:agent \"a\" case:event \"nothing\" case:expect { refused = true } case:wait \"1h\"");
	beside_passes(b, "case:event \"nothing\" case:expect { refused = \"unknown-event\" } case:agent \"a\" case:expect { refused = false }");
	beside_passes(b, "case:agent \"a\" case:event \"break\" case:expect { findings = \"error-execution\" } case:wait \"1h\"");
}

static void what_is_printed_is_kept(void **state) {
	beside *b = *state;
	apl_test_result result = beside_run(b, "print(\"a\", 1, nil, true) print()");
	assert_true(result.passed);
	assert_string_equal(result.printed, "a\t1\tnil\ttrue\n\n");
	assert_int_equal(result.printed_size, strlen(result.printed));
	beside_fails(b, "for i = 1, 20 do print((\"x\"):rep(100000)) end", 1, "a test prints at most 1 MiB");
}

static void a_case_can_be_looked_at_and_not_written(void **state) {
	beside *b = *state;
	beside_passes(b,
	    "case:customer \"x\"\n"
	    "assert(case.id == \"case\") assert(case.data.order == \"A-1\") assert(case.data.said == 1) assert(case.outcome == nil)\n"
	    "assert(#case.states == 2 and case.states[1] == \"work.talk.answered\")\n"
	    "local effects = case.effects\n"
	    "assert(#effects == 2 and effects[1].kind == \"say\" and effects[1].because == \"manners\")\n"
	    "assert(effects[2].data.options[2].cost == 2.5)\n"
	    "case:team_lead \"x\" assert(case.outcome == \"settled\") assert(#case.states == 0) assert(#case.effects == 0)");
	beside_fails(b, "case:agent \"x\"\ncase.data.order = \"B\" assert(case.data.order == \"A-1\", \"kept\") case.x = 1", 2,
	    "a test looks at a case and lets things happen to it; only the playbook writes its data");
}

static void spans_and_times_that_are_none(void **state) {
	beside *b = *state;
	beside_fails(b, "case:agent \"a\"\ncase:wait(7)", 2, "wait takes a span, written so: case:wait \"47h59m\"");
	beside_fails(b, "case:agent \"a\" case:wait \"-1h\"", 1, "wait: \"-1h\" is no span such as \"1h30m\": a span is not negative");
	beside_fails(b, "case:wait_until \"2026-03-02T08:00:00Z\"", 1,
	    "aplomb_turn_clock: cannot turn to 2026-03-02T08:00:00Z: it is 2026-03-02T09:00:00Z already, and time only goes forward");
	apl_test_result result = beside_run(b, "case:wait \"two hours\"");
	assert_false(result.passed);
	assert_int_equal(strncmp(result.message, "wait: ", 6), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    BESIDE_TEST(time_moves_only_when_the_test_says_so),
	    BESIDE_TEST(the_classic_before_at_and_after_the_deadline),
	    BESIDE_TEST(timers_fire_on_the_way_at_their_own_times),
	    BESIDE_TEST(whoever_the_playbook_listens_to_can_speak),
	    BESIDE_TEST(an_envelope_says_who_and_when),
	    BESIDE_TEST(an_event_of_the_past_is_late_and_one_of_the_future_takes_time_along),
	    BESIDE_TEST(values_pass_as_they_are),
	    BESIDE_TEST(what_a_case_opens_with),
	    BESIDE_TEST(a_group_gives_its_cases_parameters_and_a_beginning),
	    BESIDE_TEST(several_cases_share_one_time),
	    BESIDE_TEST(no_test_sees_another),
	    BESIDE_TEST(the_same_test_gives_the_same_journal_every_time),
	    BESIDE_TEST(what_goes_wrong_must_be_expected_before_the_next_step),
	    BESIDE_TEST(what_is_printed_is_kept),
	    BESIDE_TEST(a_case_can_be_looked_at_and_not_written),
	    BESIDE_TEST(spans_and_times_that_are_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
