/* SPDX-License-Identifier: MIT */
/* What can be expected of a case, and what is said when it is otherwise. */
#include "beside.h"

#define REPLIES "case:customer \"x\"\n"

static void states_by_as_much_of_their_path_as_tells_them_apart(void **state) {
	beside *b = *state;
	beside_passes(
	    b, REPLIES "case:expect \"answered\" case:expect { state = \"talk.answered\" } case:expect { state = \"work.talk.answered\" }");
	beside_passes(b, REPLIES "case:expect { state = { \"answered\", \"calm\", \"work\" }, not_state = { \"asked\", \"silent\" } }");
	beside_differs(b, REPLIES "case:expect { state = { \"asked\", \"calm\" } }", "state|asked, calm|work.talk.answered, work.watch.calm|-");
	beside_differs(
	    b, REPLIES "case:expect { not_state = { \"asked\", \"calm\" } }", "not_state|not calm|work.talk.answered, work.watch.calm|-");
	beside_fails(b, REPLIES "case:expect \"anwsered\"", 2, "playbook \"desk\" has no state \"anwsered\"; did you mean \"answered\"?");
	beside_fails(
	    b, REPLIES "case:expect { not_state = \"ansered\" }", 2, "playbook \"desk\" has no state \"ansered\"; did you mean \"answered\"?");
	beside_fails(b, REPLIES "case:expect { state = { 1 } }", 2, "a state is text, or a list of texts");
}

static void the_end_and_its_outcome(void **state) {
	beside *b = *state;
	beside_passes(b, REPLIES "case:expect { closed = false } case:team_lead \"x\" case:expect { closed = true, outcome = \"settled\" }");
	beside_differs(b, REPLIES "case:expect { closed = true, outcome = \"settled\" }",
	    "closed|closed|open|-\noutcome|settled|none: the case is not closed|-");
	beside_differs(b, REPLIES "case:team_lead \"x\" case:expect { closed = false, outcome = \"over\", state = \"over\" }",
	    "state|over|no state: the case is closed|-\nclosed|not closed|closed|-\noutcome|over|settled|-");
}

static void effects_all_of_them_in_order(void **state) {
	beside *b = *state;
	beside_passes(b, REPLIES "case:expect { effects = { \"say\", \"menu\" } }");
	beside_passes(b, REPLIES "case:expect { effects = { { \"say\", text = \"thank you\", because = \"manners\" }, \"menu\" } }");
	beside_passes(b, "case:agent \"x\" case:expect { effects = {} } case:wait \"48h\" case:expect { effects = \"remind\" }\n"
	                 "case:expect { effects = { \"remind\", order = \"A-1\", days = 2 } }");
	beside_differs(b, "case:agent \"x\" case:expect { effects = \"remind\" }",
	    "effects|remind|none|effect 1 is missing, and remind was expected there");
	beside_differs(b, "case:agent \"x\" case:next() case:expect { effects = {} }", "effects|none|remind { days = 2, order = \"A-1\" }|-");
	beside_differs(b, "case:agent \"x\" case:next() case:expect { effects = { { \"remind\", days = 3 }, \"say\" } }",
	    "effects|remind { days = 3 }; say|remind { days = 2, order = \"A-1\" }|effect 1, remind: days: expected 3, found 2");
	beside_differs(b, "case:agent \"x\" case:next() case:expect { effects = { \"remind\", dayz = 2 } }",
	    "effects|remind { dayz = 2 }|remind { days = 2, order = \"A-1\" }|remind: dayz: expected 2, found nothing; did you mean \"days\"?");
	beside_differs(b, "case:agent \"x\" case:next() case:expect { effects = { \"remind\", because = \"x\" } }",
	    "effects|remind { because = \"x\" }|remind { days = 2, order = \"A-1\" }|remind: because: expected \"x\", found nothing");
	beside_differs(b, "case:agent \"x\" case:next() case:expect { effects = { \"remind\", \"say\" } }",
	    "effects|remind; say|remind { days = 2, order = \"A-1\" }|effect 2 is missing, and say was expected there");
	beside_fails(
	    b, REPLIES "case:expect { effects = \"remnd\" }", 2, "the playbook declares no effect \"remnd\"; did you mean \"remind\"?");
	beside_fails(
	    b, REPLIES "case:expect { effects = { { text = 1 } } }", 2, "an effect is expected as its kind, or as { \"kind\", field = … }");
	beside_fails(b, REPLIES "case:expect { effects = 4 }", 2, "effects are expected as kinds, or as { \"kind\", field = … }, in a list");
}

static void effects_some_of_them_and_none(void **state) {
	beside *b = *state;
	beside_passes(b, REPLIES "case:expect { effects_include = \"menu\", no_effect = \"remind\" }");
	beside_passes(b, REPLIES "case:expect { effects_include = { \"say\", { \"menu\", options = ids { \"a\", \"b\" } } } }");
	beside_passes(b, REPLIES "case:expect { no_effect = { { \"say\", text = \"sorry\" } } }");
	beside_differs(b, REPLIES "case:expect { effects_include = { \"menu\", \"say\" } }",
	    "effects_include|menu; say|say { text = \"thank you\" }; menu { options = { { cost = 1, id = \"a\" }, { cost = 2.5, id = \"b\" } } "
	    "}|"
	    "the nearest say: it came before the others that were expected");
	beside_differs(b, "case:agent \"x\" case:next() case:expect { effects_include = { { \"remind\", days = 7 } } }",
	    "effects_include|remind { days = 7 }|remind { days = 2, order = \"A-1\" }|the nearest remind: days: expected 7, found 2");
	beside_differs(b, "case:agent \"x\" case:next() case:expect { effects_include = \"say\" }",
	    "effects_include|say|remind { days = 2, order = \"A-1\" }|there is no say");
	beside_differs(b, "case:agent \"x\" case:next() case:expect { no_effect = { \"say\", \"remind\" } }",
	    "no_effect|say; remind|remind { days = 2, order = \"A-1\" }|there is a remind");
}

static void the_newest_step_and_all_so_far(void **state) {
	beside *b = *state;
	beside_passes(b, "case:agent \"x\" case:wait \"48h\" case:customer \"x\"\n"
	                 "case:expect { effects = {} } case:expect_so_far { effects = \"remind\", because = \"two days without a word\" }\n"
	                 "case:wait \"1h\" case:expect { unhandled = false } case:expect_so_far { unhandled = true, raised = \"again\" }");
}

static void what_happened_besides(void **state) {
	beside *b = *state;
	beside_passes(
	    b, "case:agent \"x\" case:expect { unhandled = true } case:event \"later\" case:expect { deferred = true, unhandled = false }");
	beside_passes(b, "case:event(\"note\", { names = list {} }) case:expect { logged = \"noted\" }");
	beside_passes(b, REPLIES "case:expect { because = { \"the customer replied\", \"manners\" } }");
	beside_differs(b, REPLIES "case:expect { because = { \"the customer replied\", \"tea\" }, unhandled = true }",
	    "unhandled|unhandled|not unhandled|-\nbecause|tea|the customer replied; manners|-");
	beside_differs(b, "case:agent \"x\" case:next() case:expect { raised = \"agin\", sent = \"x\", logged = \"y\" }",
	    "raised|agin|again|-\nsent|x|none|-\nlogged|y|none|-");
	beside_fails(b, REPLIES "case:expect { unhandled = \"x\" }", 2, "unhandled is true or false");
}

static void data_and_counters(void **state) {
	beside *b = *state;
	beside_passes(b, REPLIES "case:expect { data = { order = \"A-1\", said = 1, paid = absent } }");
	beside_differs(
	    b, REPLIES "case:expect { data = { said = 2 } }", "data|{ said = 2 }|{ order = \"A-1\", said = 1 }|said: expected 2, found 1");
	beside_passes(b,
	    "case:customer(\"x\", { rude = true }) case:expect { counters = { rude = 1 } }\n"
	    "case:wait \"59m59s\" case:expect { counters = { rude = 1 } } case:wait \"1s\" case:expect { counters = { rude = 0 } }");
	beside_differs(b, REPLIES "case:expect { counters = { rud = 1 } }",
	    "counters|{ rud = 1 }|{ rude = 0 }|rud: expected 1, found nothing; did you mean \"rude\"?");
	beside_fails(b, REPLIES "case:expect { counters = 1 }", 2, "counters are expected by name: counters = { abuse = 2 }");
}

static void what_is_due_and_when(void **state) {
	beside *b = *state;
	beside_passes(b, "case:agent \"x\" case:expect { due = { asked = \"48h\" }, next_due = \"2d\", not_due = \"silent\" }\n"
	                 "case:wait \"8h\" case:expect { due = { [\"talk.asked\"] = \"2026-03-04T09:00:00Z\" }, next_due = \"40h\" }\n"
	                 "case:next() case:expect { due = {}, not_due = \"asked\" }");
	beside_differs(b, "case:agent \"x\" case:expect { due = { asked = \"1h\", silent = \"2h\" } }",
	    "due|asked in 1h, silent in 2h|work.talk.asked in 2d (2026-03-04T09:00:00Z)|-");
	beside_differs(b, "case:agent \"x\" case:expect { due = {}, not_due = \"asked\", next_due = \"1h\" }",
	    "due|nothing is due|work.talk.asked in 2d (2026-03-04T09:00:00Z)|-\n"
	    "not_due|nothing of asked|work.talk.asked in 2d (2026-03-04T09:00:00Z)|-\n"
	    "next_due|1h|work.talk.asked in 2d (2026-03-04T09:00:00Z)|-");
	beside_differs(b, REPLIES "case:expect { due = { asked = \"1h\" } }", "due|asked in 1h|nothing is due|-");
	beside_fails(b, REPLIES "case:expect { due = { asked = \"soon\" } }", 2,
	    "asked: when it is due is a span from now (\"47h59m\") or a time (\"2026-03-04T09:00:00Z\")");
}

static void what_went_wrong(void **state) {
	beside *b = *state;
	beside_passes(b, "case:agent \"x\" case:event \"spin\" case:expect { faulted = \"limit-instructions\", findings = false }");
	beside_passes(b,
	    "case:agent \"x\" case:event \"nope\" case:expect { refused = true } case:event \"nope\" case:expect { refused = true }\n"
	    "case:expect_so_far { refused = { \"unknown-event\", \"unknown-event\" } }");
	beside_differs(b, "case:agent \"x\" case:expect { refused = \"unknown-event\", findings = true, faulted = true }",
	    "refused|unknown-event|none|-\nfaulted|some|none|-\nfindings|some|none|-");
	apl_test_result result = beside_run(b, "case:agent \"x\" case:event \"break\" case:expect { findings = \"other\" }");
	assert_false(result.passed);
	assert_string_equal(result.differences[0].expected, "other");
	assert_non_null(strstr(result.differences[0].hint, "attempt to index a nil value"));
}

static void everything_that_is_otherwise_is_told_at_once(void **state) {
	beside *b = *state;
	apl_test_result result = beside_run(b, REPLIES "case:expect { state = \"asked\", effects = {}, data = { said = 0 }, closed = true }");
	assert_int_equal(result.n_differences, 4);
	assert_string_equal(result.message, "the case is not as expected");
	assert_string_equal(result.case_id, "case");
	assert_int_equal(result.from_seq, 1);
}

static void expectations_that_are_none(void **state) {
	beside *b = *state;
	beside_fails(b, REPLIES "case:expect { stat = \"x\" }", 2, "\"stat\" cannot be expected of a case; did you mean \"state\"?");
	beside_fails(b, REPLIES "case:expect { zzzzz = \"x\" }", 2,
	    "\"zzzzz\" cannot be expected of a case; state, effects, data and others can, see docs/testing.md");
	beside_fails(b, REPLIES "case:expect {}", 2, "nothing is expected here; write what: case:expect { state = \"…\" }");
	beside_fails(b, REPLIES "case:expect(1)", 2, "expect takes a state, or a table: case:expect { state = \"…\", effects = { … } }");
}

static void a_failure_that_is_caught_is_one_all_the_same(void **state) {
	beside_fails(*state, REPLIES "pcall(case.expect, case, \"asked\")\ncase:wait \"1h\"", 2, "the case is not as expected");
}

static void the_first_failure_counts_and_the_test_ends_there(void **state) {
	beside *b = *state;
	apl_test_result result = beside_run(b, REPLIES "case:expect \"asked\"\nprint \"not reached\"");
	assert_false(result.passed);
	assert_int_equal(result.printed_size, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    BESIDE_TEST(states_by_as_much_of_their_path_as_tells_them_apart),
	    BESIDE_TEST(the_end_and_its_outcome),
	    BESIDE_TEST(effects_all_of_them_in_order),
	    BESIDE_TEST(effects_some_of_them_and_none),
	    BESIDE_TEST(the_newest_step_and_all_so_far),
	    BESIDE_TEST(what_happened_besides),
	    BESIDE_TEST(data_and_counters),
	    BESIDE_TEST(what_is_due_and_when),
	    BESIDE_TEST(what_went_wrong),
	    BESIDE_TEST(everything_that_is_otherwise_is_told_at_once),
	    BESIDE_TEST(expectations_that_are_none),
	    BESIDE_TEST(a_failure_that_is_caught_is_one_all_the_same),
	    BESIDE_TEST(the_first_failure_counts_and_the_test_ends_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
