/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "book.h"

/* A fragment as a module has it: it asks, and ends in one of two ways. */
#define ASKING                                                                                                                             \
	"local M = {}\nfunction M.ask(id, done)\n\treturn state(id) { done = done, event(id .. '.asked') {},\n\t\tstate 'asking' { on 'yes' "  \
	"{ to = "                                                                                                                              \
	"'agreed' }, on 'no' { to = 'refused' } },\n\t\tfinal 'agreed' {}, final 'refused' {} }\nend\nreturn M"

static const book_file asking[] = {{"asking.lua", ASKING}, {0}};

#define BOOK(children)                                                                                                                     \
	"local ask = require('asking').ask\nreturn playbook 'p' { event 'yes' {}, event 'no' {}, event 'go' {},\n" children " }"

/* ---- done ---------------------------------------------------------------------------------- */

static void each_final_leads_where_done_says(void **state) {
	(void)state;
	static const char source[] =
	    BOOK("ask('first', { agreed = 'second', refused = 'first' }), ask('second', { agreed = 'over', refused = 'first' }), "
	         "state 'over' {}");
	assert_string_equal(findings_among(source, asking), "");
	book b = {.files = asking};
	book_open(&b, source, NULL);
	say(&b, "no", NULL);
	assert_string_equal(states_of(&b), "first.asking");
	say(&b, "yes", NULL);
	assert_string_equal(states_of(&b), "second.asking");
	assert_text_has(line_of(&b), "'do':'transition','from':'first','on':'done.state.first','place':'asking.lua:3','to':['second']");
	say(&b, "no", NULL);
	assert_string_equal(states_of(&b), "first.asking");
	say(&b, "yes", NULL);
	say(&b, "yes", NULL);
	assert_string_equal(states_of(&b), "over");
	book_close(&b);
}

static void what_a_fragment_holds_does_not_catch_its_ways_out(void **state) {
	(void)state;
	/* The fragment has a state "asking" itself; the caller means its own. The caller's "agreed" is further out than the fragment's. */
	static const char source[] =
	    BOOK("state 'talk' { ask('ask', { agreed = 'asking', refused = 'agreed' }), state 'asking' {} }, state 'agreed' {}");
	assert_string_equal(findings_among(source, asking), "");
	book b = {.files = asking};
	book_open(&b, source, NULL);
	say(&b, "yes", NULL);
	assert_string_equal(states_of(&b), "talk.asking");
	book_close(&b);
	memset(&b, 0, sizeof b);
	b.files = asking;
	book_open(&b, source, NULL);
	say(&b, "no", NULL);
	assert_string_equal(states_of(&b), "agreed");
	book_close(&b);
}

static void one_fragment_in_two_regions_ends_each_for_itself(void **state) {
	(void)state;
	static const char source[] =
	    BOOK("parallel 'both' { state 'a' { ask('q', { agreed = 'rest', refused = 'rest' }), state 'rest' {} },\n"
	         "  state 'b' { state 'before' { on 'go' { to = 'q' } }, ask('q', { agreed = 'rest', refused = 'rest' }), state 'rest' {} } }");
	assert_string_equal(findings_among(source, asking), "");
	book b = {.files = asking};
	book_open(&b, source, NULL);
	say(&b, "yes", NULL);
	assert_string_equal(states_of(&b), "both.a.rest both.b.before");
	say(&b, "go", NULL);
	assert_string_equal(states_of(&b), "both.a.rest both.b.q.asking");
	say(&b, "no", NULL);
	assert_string_equal(states_of(&b), "both.a.rest both.b.rest");
	book_close(&b);
}

static void a_way_out_may_enter_several_regions(void **state) {
	(void)state;
	static const char source[] = BOOK("ask('ask', { agreed = { 'l.two', 'r.two' }, refused = 'ask' }), parallel 'lr' { \n"
	                                  "state 'l' { state 'one' {}, state 'two' {} }, state 'r' { state 'one' {}, state 'two' {} } }");
	/* Both are inside of lr, which is beside. */
	assert_text_has(findings_among(source, asking), "unknown-target");
	static const char right[] = BOOK("ask('ask', { agreed = { 'lr.l.two', 'lr.r.two' }, refused = 'ask' }), parallel 'lr' {\n"
	                                 "state 'l' { state 'one' {}, state 'two' {} }, state 'r' { state 'one' {}, state 'two' {} } }");
	book b = {.files = asking};
	book_open(&b, right, NULL);
	say(&b, "yes", NULL);
	assert_string_equal(states_of(&b), "lr.l.two lr.r.two");
	book_close(&b);
}

typedef struct wrong_case {
	const char *source, *found;
} wrong_case;

static void check_wrong(const wrong_case *cases, size_t count, const book_file *files) {
	int wrong = 0;
	for (size_t i = 0; i < count; i++) {
		const char *found = findings_among(cases[i].source, files);
		if (strcmp(found, cases[i].found) == 0) continue;
		print_error("--- %s\n--- expected\n%s--- found\n%s", cases[i].source, cases[i].found, found);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}
#define CHECK_WRONG(cases, files) check_wrong((cases), sizeof(cases) / sizeof *(cases), (files))

static void done_is_whole_and_names_nothing_else(void **state) {
	(void)state;
	static const wrong_case cases[] = {
	    {BOOK("ask('first', { agreed = 'over' }), state 'over' {}"), "folder/asking.lua:3 outcome-not-mapped: state \"first\" can end in "
	                                                                 "\"refused\", and done does not say where that leads; add refused "
	                                                                 "= \"…\"\n"},
	    {BOOK("ask('first', { agreed = 'over', refused = 'over', refsued = 'over' }), state 'over' {}"),
	        "folder/asking.lua:3 unknown-outcome: state \"first\": done names \"refsued\", which is no final of it; did you mean "
	        "\"refused\"?\n"},
	    {BOOK("ask('first', { agreed = 'ovre', refused = 'asking' }), state 'over' {}"),
	        "folder/asking.lua:3 unknown-target: state \"first\": target \"ovre\" does not exist; did you mean \"over\"?\n"
	        "folder/asking.lua:3 unknown-target: state \"first\": target \"asking\" is not in reach; there is \"first.asking\"\n"},
	    {BOOK("state 's' { done = { agreed = 'over' } }, state 'over' {}"),
	        "3 unknown-outcome: state \"s\": done names \"agreed\", but there is no final in it\n"
	        "3 (warning) unreachable-state: state \"over\": nothing ever enters it: no transition, initial or default leads here\n"},
	    {BOOK("state 's' { done = { 'over' }, final 'x' {} }"),
	        "3 wrong-kind: state \"s\": done must be a table such as { accepted = \"resolved\" }, found a table\n"},
	    {BOOK("state 's' { done = { x = 5 }, final 'x' {} }"),
	        "3 wrong-kind: state \"s\": done must be a table such as { accepted = \"resolved\" }, found a table\n"},
	    {BOOK("state 's' { done = { x = 'two words' }, final 'x' {} }"),
	        "3 bad-text: state \"s\": done.x \"two words\" has a space in it; several names are a list: { \"a\", \"b\" }\n"},
	    {BOOK("parallel 'both' { ask('q', { agreed = 'out', refused = 'q' }), state 'b' {} }, state 'out' {}"),
	        "folder/asking.lua:3 cross-region-target: state \"both.q\": target \"out\" is reached only by leaving all regions of \"both\"; "
	        "carry the "
	        "transition on \"both\", or let the regions speak through events\n"
	        "folder/asking.lua:3 cross-region-target: state \"both.q\": target \"both.q\" is reached only by leaving all regions of "
	        "\"both\"; carry "
	        "the transition on \"both\", or let the regions speak through events\n"},
	    /* Without done a fragment is free, and its end is an event as ever. */
	    {BOOK("state 'talk' { on 'done.state.ask' { to = 'over' }, ask('ask') }, state 'over' {}"), ""},
	};
	CHECK_WRONG(cases, asking);
}

/* ---- declarations ---------------------------------------------------------------------------- */

static void a_fragment_declares_what_it_raises(void **state) {
	(void)state;
	static const char source[] =
	    BOOK("ask('first', { agreed = 'second', refused = 'first' }), state 'second' { on 'first.asked' { to = 'third' } },\n"
	         "state 'third' { group { event 'deep' { n = integer {} }, effect 'tell' {} }, on 'deep' { act = function(case, event) "
	         "case:effect('tell') end } }");
	assert_string_equal(findings_among(source, asking), "");
	book b = {.files = asking};
	book_open(&b, source, NULL);
	say(&b, "yes", NULL);
	say(&b, "first.asked", NULL);
	assert_string_equal(states_of(&b), "third");
	assert_int_equal(say(&b, "deep", "{'n':1}"), APLOMB_OK);
	assert_text_has(line_of(&b), "'do':'effect'");
	book_close(&b);
}

static void one_declaration_may_be_met_twice_and_two_may_not(void **state) {
	(void)state;
	static const book_file files[] = {
	    {"shared.lua", "local M = {}\nfunction M.s(id, t) return state(id) { event 'shared' { n = t } , effect 'told' {} } end\nreturn M"},
	    {"words.lua",
	        "local declares = group { event 'said' { text = text { min = 1, max = 9, default = 'x' }, tone = number { min = -1 }, who = "
	        "one_of { 'a', 'b' } }, group { effect 'say' { sum = money { max = '4.00 GBP' } } } }\nreturn { declares = declares }"},
	    {"more.lua", "return { declares = group { (require 'words').declares,\nevent 'more' {} } }"},
	    {"other.lua", "return { declares = event 'said' {} }"}, {"none.lua", "return {}"},
	    {"odd.lua", "return { declares = group { event 'odd' {}, state 's' {}, 5, event 'half' } }"}, {0}};
#define SHARED(children) "local s = require('shared').s\nreturn playbook 'p' {\n" children " }"
	static const wrong_case cases[] = {
	    {SHARED("state 'x' { s('a', integer {}), s('b', integer {}) , initial = 'a', on 'shared' { to = 'b' } }"), ""},
	    {SHARED("state 'x' { s('a', integer {}), s('b', number {}) , initial = 'a', on 'shared' { to = 'b' } }"),
	        "folder/shared.lua:2 duplicate-event: event \"shared\" is declared already, in line 2\n"},
	    {SHARED("event 'shared' {}, s('a', integer {})"),
	        "folder/shared.lua:2 duplicate-event: event \"shared\" is declared already, in book.lua:3\n"},
	    {"return playbook 'p' { uses = { require 'words', require 'more', require 'words' }, state 's' { on { 'said', 'more' } {} } }", ""},
	    {"return playbook 'p' { uses = { require 'words', require 'other' }, state 's' { on 'said' {} } }",
	        "folder/other.lua:1 duplicate-event: event \"said\" is declared already, in folder/words.lua:1\n"},
	    {"return playbook 'p' { uses = { require 'words' }, effect 'say' {}, state 's' { on 'said' {} } }",
	        "1 duplicate-effect: effect \"say\" is declared already, in folder/words.lua:1\n"},
	    {"return playbook 'p' {\nuses = { require 'none' }, state 's' {} }",
	        "1 bad-declares: playbook \"p\" uses none, which declares nothing: it has no declares = group { event …, effect … }\n"},
	    {"return playbook 'p' { uses = require 'words', state 's' {} }",
	        "1 wrong-kind: playbook \"p\": uses must be a list of modules, as require gives them, found a table\n"},
	    {"return playbook 'p' { uses = { 'words' }, state 's' {} }",
	        "1 wrong-kind: playbook \"p\": uses must be a list of modules, as require gives them, found a table\n"},
	    {"return playbook 'p' { uses = { require 'odd' }, state 's' { on 'odd' {} } }",
	        "folder/odd.lua:1 bad-declares: odd.declares holds state \"s\"; only events and effects are declared for others\n"
	        "folder/odd.lua:1 bad-declares: odd.declares: item 3 is an integer, not an event or an effect\n"
	        "folder/odd.lua:1 word-call: event \"half\" has no table; write event \"name\" { field = type, … }\n"},
	};
	CHECK_WRONG(cases, files);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_final_leads_where_done_says),
	    cmocka_unit_test(what_a_fragment_holds_does_not_catch_its_ways_out),
	    cmocka_unit_test(one_fragment_in_two_regions_ends_each_for_itself),
	    cmocka_unit_test(a_way_out_may_enter_several_regions),
	    cmocka_unit_test(done_is_whole_and_names_nothing_else),
	    cmocka_unit_test(a_fragment_declares_what_it_raises),
	    cmocka_unit_test(one_declaration_may_be_met_twice_and_two_may_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
