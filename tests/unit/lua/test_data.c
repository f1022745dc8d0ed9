/* SPDX-License-Identifier: MIT */
/* What a playbook reads and writes, and what it is told when it cannot. */
#include <stdio.h>
#include <string.h>

#include "book.h"

#define CHECK(cases, event_data) check_actions((cases), sizeof(cases) / sizeof *(cases), (event_data), data_of)

static void every_type_takes_what_it_should(void **state) {
	(void)state;
	static const action_case cases[] = {
	    {"case.data.n = 5", "", "'n':5}"},
	    {"case.data.n = -9223372036854775807 - 1", "", "'n':-9223372036854775808"},
	    {"case.data.d = 0.5", "", "'d':0.5"},
	    {"case.data.d = 2", "", "'d':2.0"},
	    {"case.data.b = true", "", "'b':true"},
	    {"case.data.b = false", "", "'b':false"},
	    {"case.data.t = 'gr\\u{fc}n'", "", "'t':'gr\xc3\xbcn'"},
	    {"case.data.m = '1.50 EUR'", "", "'m':'1.50 EUR'"},
	    {"case.data.m = case.params.limit", "", "'m':'40.00 GBP'"},
	    {"case.data.at = case.now", "", "'at':'2026-01-01T00:00:00Z'"},
	    {"case.data.at = '2026-11-23T13:06:00Z'", "", "'at':'2026-11-23T13:06:00Z'"},
	    {"case.data.s = '2h30m'", "", "'s':'2h30m'"},
	    {"case.data.s = 1000000", "", "'s':'1s'"},
	    {"case.data.one = 'green'", "", "'one':'green'"},
	    {"case.data.l = { 'x', 'y' }", "", "'l':['x','y']"},
	    {"case.data.l = {}", "", "'l':[]"},
	    {"case.data.x = { b = 1, a = { true, 'q', 0.5 } }", "", "'x':{'a':[true,'q',0.5],'b':1}"},
	    {"case.data.x = 7", "", "'x':7"},
	    {"case.data.x = 'text'", "", "'x':'text'"},
	    {"case.data.x = {}", "", "'x':{}"},
	    {"case.data.x = case.params.limit", "", "'x':'40.00 GBP'"},
	    {"case.data.x = case.params.deep", "", "'x':{'n':7}"},
	    {"case.data.free = { 1, { 2 }, 'x' }", "", "'free':[1,[2],'x']"},
	    {"case.data.address.street = 'High St'", "", "'address':{'street':'High St'}"},
	    {"case.data.address.zip.code = 5", "", "'address':{'zip':{'code':5}}"},
	    {"case.data.address = { street = 'A', zip = { code = 1 } }", "", "'address':{'street':'A','zip':{'code':1}}"},
	    {"local a = case.data.address; a.street = 'A'; case.data.address = { city = 'B' }", "", "'address':{'city':'B','street':'A'}"},
	    {"case.data.n = 5; case.data.n = nil; case.data.small = 1", "", "{'must':1,'small':1}"},
	    {"case.data.address.street = 'A'; case.data.address = nil", "", "{'must':1}"},
	    {"local d = case.data; d.n = 3; d.n = d.n + 4", "", "'n':7"},
	};
	CHECK(cases, NULL);
}

static void a_wrong_write_names_field_fact_and_line(void **state) {
	(void)state;
	static const action_case cases[] = {
	    {"case.data.n = 'x'", "11 wrong-type: data.n: expected an integer, found the text \"x\"", "{'must':1}"},
	    {"\ncase.data.n = 1.0", "12 wrong-type: data.n: expected an integer, found the number 1.0; write 1", NULL},
	    {"case.data.n = true", "11 wrong-type: data.n: expected an integer, found true", NULL},
	    {"case.data.n = {}", "11 wrong-type: data.n: expected an integer, found a map", NULL},
	    {"case.data.n = function() end", "11 wrong-type: data.n: a function is no value", NULL},
	    {"case.data.small = 10", "11 out-of-bounds: data.small: expected 0 to 9, found 10", NULL},
	    {"case.data.d = 0/0", "11 wrong-type: data.d: expected a finite number, found NaN or infinity", NULL},
	    {"case.data.b = 1", "11 wrong-type: data.b: expected true or false, found the integer 1", NULL},
	    {"case.data.t = '\\xff'", "11 wrong-text: data.t: expected text in valid UTF-8", NULL},
	    {"case.data.short = 'four'", "11 out-of-bounds: data.short: expected at most 3 characters, found 4", NULL},
	    {"case.data.one = 'gren'", "11 not-a-choice: data.one: expected one of \"red\", \"green\", found \"gren\"; did you mean \"green\"?",
	        NULL},
	    {"case.data.must = nil", "11 missing-field: data.must: required, so it cannot be cleared; expected an integer", NULL},
	    {"case.data.l = { 'a', 5 }", "11 wrong-type: data.l[2]: expected text, found the integer 5", NULL},
	    {"case.data.l = { x = 1 }", "11 wrong-type: data.l: expected a list, found a map", NULL},
	    {"case.data.x = { [1] = 1, [3] = 1 }",
	        "11 wrong-table: data.x: the table is neither a list nor a map: [2] is missing and [3] is there", NULL},
	    {"case.data.x = { 1, a = 2 }", "11 wrong-table: data.x: the table is neither a list nor a map: [2] is missing and [a] is there",
	        NULL},
	    {"case.data.x = { a = { [true] = 2 } }", "11 wrong-table: data.x.a: [true] is no key that JSON can hold; a map's keys are texts",
	        NULL},
	    {"case.data.x = { a = { print_me = math.floor } }", "11 wrong-type: data.x.a.print_me: a function is no value", NULL},
	    {"case.data.x = { a = 1/0 }", "11 wrong-type: data.x.a: the number is not finite", NULL},
	    {"local t = {}; t.t = t; case.data.x = t",
	        "11 limit-depth: "
	        "data.x.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t."
	        "t."
	        "t.t.t.t: nested more than 64 deep; does a table contain itself?",
	        NULL},
	    {"case.data.x = case", "11 wrong-type: data.x: the case is no value", NULL},
	    {"case.data.nn = 1", "11 unknown-field: data has no field \"nn\"; did you mean \"n\"?", NULL},
	    {"case.data.address.sreet = 'x'", "11 unknown-field: data.address has no field \"sreet\"; did you mean \"street\"?", NULL},
	    {"case.data.address = { sreet = 'x' }", "11 unknown-field: data.address: unknown field \"sreet\"; did you mean \"street\"?", NULL},
	    {"case.data[1] = 1", "11 unknown-field: data has no field \"1\"", NULL},
	    {"case.data[{}] = 1", "11 unknown-field: data has names, and a table is none", NULL},
	    {"case.params.limit = '1.00 GBP'", "11 locked: params cannot be changed; only case.data can", NULL},
	    {"case.params.deep.n = 1", "11 locked: params cannot be changed; only case.data can", NULL},
	    {"event.tone = 1", "11 locked: event cannot be changed; only case.data can", NULL},
	    {"case.mood = 1", "11 locked: case.mood cannot be set; what a case remembers stands in case.data", NULL},
	    {"case.data = {}", "11 locked: case.data cannot be set; what a case remembers stands in case.data", NULL},
	};
	CHECK(cases, NULL);
}

static void a_failed_write_leaves_the_value_as_it_was(void **state) {
	(void)state;
	assert_text_has(act("case.data.l = { 'a' }; case.data.n = 1; case.data.l = { 1 }; case.data.n = 2", NULL), "wrong-type");
	assert_text_has(data_of(the_book()), "'l':['a'],'must':1,'n':1");
	end_book();
}

static void reading_gives_lua_values(void **state) {
	(void)state;
	static const action_case cases[] = {
	    {"assert(case.data.n == nil and case.data.t == nil and case.data.l == nil and case.data.x == nil)", "", NULL},
	    {"assert(case.data.must == 1 and math.type(case.data.must) == 'integer')", "", NULL},
	    {"case.data.d = 2; assert(math.type(case.data.d) == 'float')", "", NULL},
	    {"case.data.s = '1m'; assert(case.data.s == 60000000)", "", NULL},
	    {"case.data.one = 'red'; assert(case.data.one == 'red')", "", NULL},
	    {"assert(case.params.deep.n == 7 and case.params.tags[2] == 'b' and #case.params.tags == 2)", "", NULL},
	    {"assert(event.tone == 5 and event.text == 'hi' and event.place.city == 'Bath')", "", NULL},
	    {"assert(event.name == 'go' and event.by == 'customer' and event.id == 'mine')", "", NULL},
	    {"assert(event.elsewhere == nil)", "", NULL}, /* another event has it */
	    {"assert(#event.items == 3 and event.items[3].k == 'v')", "", NULL},
	    {"assert(event.any.b == nil and event.any.a[1] == nil and next(event.any.a) == nil)", "", NULL},
	    {"assert(case.id == 'c' and case.subject == nil and case.locale == nil and case.history == nil)", "", NULL},
	    {"assert(case.now == 1767225600000000 and case.opened_at == case.now)", "", NULL},
	    {"event.items[1] = 99; assert(event.items[1] == 99)", "", NULL}, /* a copy, for this function */
	    {"assert(case.data.address.city == nil); assert(case.data.address.zip.code == nil)", "", NULL},
	    {"assert(case.data == case.data and event == event and case.data ~= case.params)", "", NULL},
	    {"return event.wrong", "11 unknown-field: event has no field \"wrong\"", NULL},
	    {"return event.tonne", "11 unknown-field: event has no field \"tonne\"; did you mean \"tone\"?", NULL},
	    {"return event.place.citty", "11 unknown-field: event.place has no field \"citty\"; did you mean \"city\"?", NULL},
	    {"return case.data.smal", "11 unknown-field: data has no field \"smal\"; did you mean \"small\"?", NULL},
	    {"return case.params.limits", "11 unknown-field: params has no field \"limits\"; did you mean \"limit\"?", NULL},
	    {"return case.noww", "11 unknown-field: case has no field \"noww\"; did you mean \"now\"?", NULL},
	    {"return case[5]", "11 unknown-field: case has names, and an integer is none", NULL},
	    {"return case.data[2]", "11 unknown-field: data has no field \"2\"", NULL},
	};
	CHECK(cases, "{'tone':5,'text':'hi','place':{'city':'Bath'},'items':[1,2,{'k':'v'}],'any':{'a':[],'b':null},'id':'mine'}");
}

static void a_null_in_a_list_is_refused_when_it_is_read(void **state) {
	(void)state;
	assert_string_equal(
	    act("return #event.items", "{'items':[1,null]}"), "11 null-in-list: item 2 of a list is null, which a list in Lua cannot hold");
	end_book();
}

static void lists_and_any_can_be_changed_in_place(void **state) {
	(void)state;
	static const action_case cases[] = {
	    {"case.data.l = { 'a' }; table.insert(case.data.l, 'b')", "", "'l':['a','b']"},
	    {"case.data.x = { k = {} }; local x = case.data.x; x.k.deep = { 1 }; x.new = 'v'", "", "'x':{'k':{'deep':[1]},'new':'v'}"},
	    {"case.data.x = event.any; case.data.x.a[1] = 5", "", "'x':{'a':[5]}"},
	    {"local t = { 1 }; case.data.free = t; t[2] = 2", "", "'free':[1]"}, /* no aliasing */
	    {"case.data.free = { 1 }; local t = case.data.free; case.data.free = { 7 }; t[2] = 2", "", "'free':[7]"},
	    {"case.data.free = { 1 }; local t = case.data.free; case.data.free = nil; t[2] = 2", "", "{'must':1}"},
	    {"case.data.l = { 'a' }; case.data.l[2] = 5", "6 wrong-type: data.l[2]: expected text, found the integer 5", "'l':['a']"},
	    {"case.data.l = { 'a' }; case.data.l[3] = 'c'",
	        "6 wrong-table: data.l: the table is neither a list nor a map: [2] is missing and [3] is there", "'l':['a']"},
	    {"case.data.x = event.any", "", "'x':{'a':[]}"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *mistake = act(cases[i].body, "{'any':{'a':[],'b':null}}");
		/* The mistake is seen after the function, and told with its first line. */
		const char *expected = cases[i].mistake;
		if (strcmp(strchr(mistake, ' ') != NULL ? strchr(mistake, ' ') : mistake,
		        strchr(expected, ' ') != NULL ? strchr(expected, ' ') : expected) != 0)
			fail_msg("%s\ngives:    %s\nexpected: %s", cases[i].body, mistake, expected);
		assert_text_has(data_of(the_book()), cases[i].part);
	}
	end_book();
}

static const char kept[] =
    "return playbook 'kept' { data = { x = any {}, l = list {} }, event 'fill' { x = any {} }, event 'look' {}, event 'push' {}, event "
    "'fail' {}, event 'peek' {},\n"
    "state 's' {\n"
    "  on 'fill' { act = function(case, event) case.data.x = event.x; case.data.l = { 1 } end },\n"
    "  on 'look' { when = function(case) return case.data.x.n == nil end, act = { function(case) local seen = case.data.x; "
    "case.data.x.seen = "
    "true; assert(case.data.x == seen) end,\n"
    "     function(case) assert(case.data.x.seen); case.data.l[2] = 2 end } },\n"
    "  on 'push' { act = function(case) case.data.l[#case.data.l + 1] = 3 end },\n"
    "  on 'fail' { act = { function(case) case.data.x.gone = 1 end, function(case) case.data.l[9] = 1; error 'stop' end } },\n"
    "  on 'peek' { when = function(case) case.data.x.peeked = true; return true end },\n"
    "} }\n";

static void a_table_of_the_data_lasts_for_the_turn(void **state) {
	(void)state;
	book b = {0};
	book_open(&b, kept, NULL);
	assert_int_equal(say(&b, "fill", "{'x':{'a':null,'b':[]}}"), APLOMB_OK);
	/* Reading alone changes nothing, not even the null that a table cannot show. */
	assert_string_equal(data_of(&b), "{'l':[1],'x':{'b':[]}}");
	assert_int_equal(say(&b, "look", NULL), APLOMB_OK);
	assert_string_equal(mistake_of(&b), "");
	assert_string_equal(data_of(&b), "{'l':[1,2],'x':{'b':[],'seen':true}}");
	assert_int_equal(say(&b, "push", NULL), APLOMB_OK);
	assert_string_equal(data_of(&b), "{'l':[1,2,3],'x':{'b':[],'seen':true}}");
	assert_int_equal(say(&b, "fail", NULL), APLOMB_OK);
	assert_text_has(mistake_of(&b), "error-execution: stop");
	assert_string_equal(data_of(&b), "{'l':[1,2,3],'x':{'b':[],'gone':1,'seen':true}}");
	assert_int_equal(say(&b, "peek", NULL), APLOMB_OK);
	assert_text_has(mistake_of(&b), "guard-writes: a guard may look but not touch: data.x is to be changed in an action");
	assert_string_equal(data_of(&b), "{'l':[1,2,3],'x':{'b':[],'gone':1,'seen':true}}");
	book_close(&b);
}

static void nulls_that_came_with_data_survive_reading(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "return playbook 'nulls' { data = { x = any {} }, event 'look' {}, event 'peek' {}, state 's' { on 'look' { act = function(case) "
	    "local n = 0\n"
	    "for _ in pairs(case.data.x) do n = n + 1 end assert(n == 1) end }, on 'peek' { when = function(case) return case.data.x.b == nil "
	    "end } } }",
	    NULL);
	assert_int_equal(say_opening(&b, "look", NULL, "{'data':{'x':{'a':1,'b':null}}}"), APLOMB_OK);
	assert_string_equal(mistake_of(&b), "");
	assert_string_equal(data_of(&b), "{'x':{'a':1,'b':null}}");
	assert_int_equal(say(&b, "peek", NULL), APLOMB_OK);
	assert_string_equal(mistake_of(&b), "");
	assert_string_equal(data_of(&b), "{'x':{'a':1,'b':null}}");
	book_close(&b);
}

static void a_guard_may_look_but_not_touch(void **state) {
	(void)state;
	static const struct {
		const char *body;
		const char *answer;
	} cases[] = {
	    {"return true", "true"},
	    {"return false", "false"},
	    {"return case.data.must == 1 and event.tone > 4", "true"},
	    {"return event.text and #event.text > 0", "false"}, /* missing: nil is false */
	    {"case.data.n = 1 return true", "11 guard-writes: a guard may look but not touch: data.n is to be written in an action"},
	    {"case.data.nope = 1 return true", "11 guard-writes: a guard may look but not touch: data.nope is to be written in an action"},
	    {"case:raise('bare') return true", "11 guard-writes: a guard may look but not touch: case:raise is to be called in an action"},
	    {"case:send { event = 'bare' } return true",
	        "11 guard-writes: a guard may look but not touch: case:send is to be called in an action"},
	    {"case:cancel 'x' return true", "11 guard-writes: a guard may look but not touch: case:cancel is to be called in an action"},
	    {"case:effect('tell', { whom = 'x' }) return true",
	        "11 guard-writes: a guard may look but not touch: case:effect is to be called in an action"},
	    {"case:log('info', 'x') return true", "11 guard-writes: a guard may look but not touch: case:log is to be called in an action"},
	    {"return math.random(2) == 1",
	        "11 guard-writes: a guard may look but not touch: math.random uses up a number of the case, which is to be drawn in an action"},
	    {"return 1", "10 wrong-answer: the guard answered an integer where true or false was expected"},
	    {"return 'yes'", "10 wrong-answer: the guard answered text where true or false was expected"},
	    {"return {}", "10 wrong-answer: the guard answered a table where true or false was expected"},
	    {"return case", "10 wrong-answer: the guard answered the case where true or false was expected"},
	    {"local _ = case.data.n", "10 wrong-answer: the guard answered nothing; is \"return\" missing?"},
	    {"return true, true", "10 wrong-answer: the guard answered more than one value"},
	    {"error('no idea')", "11 error-execution: no idea"},
	};
	size_t wrong = 0;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *answer = ask(cases[i].body);
		if (strcmp(answer, cases[i].answer) == 0) continue;
		print_error("%s\ngives:    %s\nexpected: %s\n", cases[i].body, answer, cases[i].answer);
		wrong++;
	}
	end_book();
	assert_int_equal(wrong, 0);
}

static void an_action_answers_nothing(void **state) {
	(void)state;
	assert_string_equal(act("return 5", NULL), "10 wrong-answer: an action answers nothing, but this one returned an integer");
	assert_string_equal(act("return", NULL), "");
	assert_string_equal(act("return nil", NULL), "");
	assert_string_equal(act("return case:log('info', 'x')", NULL), "");
	end_book();
}

static void pairs_goes_through_proxies_in_the_order_of_names(void **state) {
	(void)state;
	static const action_case cases[] = {
	    {"case.data.n = 1; case.data.b = false; local t = '' for k, v in pairs(case.data) do t = t .. k .. '=' .. tostring(v) .. ' ' end "
	     "case.data.t = t",
	        "", "'t':'b=false must=1 n=1 '"},
	    {"local t = '' for k, v in pairs(event) do t = t .. k .. ' ' end case.data.t = t", "", "'t':'any place text tone '"},
	    {"local t = '' for k, v in pairs(event.place) do t = t .. k .. v end case.data.t = t", "", "'t':'cityBath'"},
	    {"local t = '' for k, v in pairs(case.params) do t = t .. k .. type(v) .. ' ' end case.data.t = t", "",
	        "'t':'deepuserdata limituserdata tagstable '"},
	    {"local t = '' for k in pairs(case.data.address) do t = t .. k end case.data.t = t", "", "'t':''"},
	    {"case.data.x = event", "", "'x':{'any':{'z':1},'place':{'city':'Bath'},'text':'hi','tone':5}"},
	    {"case.data.x = { who = event.place, all = case.data }", "", "'x':{'all':{'must':1},'who':{'city':'Bath'}}"},
	};
	CHECK(cases, "{'tone':5,'text':'hi','place':{'city':'Bath'},'any':{'z':1}}");
}

/* No variable outlives a handler, but a table of the data lasts for the turn. */
static const char leaked[] =
    "return playbook 'leaked' { data = { n = integer { default = 0 }, x = any {} }, event 'a' { n = integer {}, p = fields { q = integer "
    "{} } }, event 'b' {}, event 'd' {},\n"
    "state 's' { on 'a' { act = { function(case, event) case.data.x = {}; local x = case.data.x; x.old = event; x.place = event.p;\n"
    "      assert(x.old.n == 1 and x.old == event) end, function(case) case:raise('d') end } },\n"
    "  on 'b' { act = function(case, event) case.data.n = case.data.x.old.n + case.data.x.place.q end },\n"
    "  on 'd' { act = function(case, event) case.data.n = case.data.x.old.n end },\n"
    "} }\n";

static void an_event_kept_for_later_is_dead(void **state) {
	(void)state;
	book b = {0};
	book_open(&b, leaked, NULL);
	assert_int_equal(say(&b, "a", "{'n':1,'p':{'q':2}}"), APLOMB_OK);
	/* In the same macrostep, when the raised event is handled; what was written is a copy. */
	assert_text_has(line_of(&b), "dead-event");
	assert_string_equal(mistake_of(&b), "5 dead-event: this event is over; what a later function needs of it must be written to case.data");
	assert_string_equal(data_of(&b), "{'n':0,'x':{'old':{'n':1,'p':{'q':2}},'place':{'q':2}}}");
	assert_int_equal(say(&b, "b", NULL), APLOMB_OK);
	assert_string_equal(mistake_of(&b), "");
	assert_string_equal(data_of(&b), "{'n':3,'x':{'old':{'n':1,'p':{'q':2}},'place':{'q':2}}}");
	book_close(&b);
}

static void an_event_without_a_name_is_handed_over_when_a_case_opens(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "return playbook 'opens' { data = { n = integer { default = 0 } }, event 'a' { x = integer {} }, state 's' { entry(function(case, "
	    "event)\n"
	    "assert(event.name == nil and event.id == nil and event.by == nil and event.x == nil); case.data.n = case.data.n + 1 end), on 'a' "
	    "{} } }",
	    NULL);
	assert_int_equal(say(&b, "a", NULL), APLOMB_OK);
	assert_string_equal(mistake_of(&b), "");
	assert_string_equal(data_of(&b), "{'n':1}");
	book_close(&b);
}

static void error_events_can_be_read(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "return playbook 'errs' { data = { t = text {} }, event 'a' {}, state 's' { on 'a' { act = function() error 'oh' end },\n"
	    "on 'error.execution' { act = function(case, event) case.data.t = event.name .. ': ' .. event.message .. ' ' .. event.line .. ' ' "
	    ".. event.file .. ' ' .. event.slug end } } }",
	    NULL);
	assert_int_equal(say(&b, "a", NULL), APLOMB_OK);
	assert_string_equal(data_of(&b), "{'t':'error.execution: oh 1 book.lua error-execution'}");
	book_close(&b);
}

static void names_longer_than_lua_interns_work(void **state) {
	(void)state;
	book b = {0};
	char source[2048];
	const char *name = "a_name_longer_than_forty_bytes_so_lua_makes_a_new_text_each_time";
	snprintf(source, sizeof source,
	    "return playbook 'long' { data = { %s = integer { default = 1 }, f = fields { %s = integer {} } }, event 'a' { %s = integer {} }, "
	    "state 's' {\n"
	    "on 'a' { act = function(case, event) case.data.%s = case.data.%s + event.%s; case.data.f.%s = 5; assert(case.data.f.%s == 5) end "
	    "} } }",
	    name, name, name, name, name, name, name, name);
	book_open(&b, source, NULL);
	char data[256];
	snprintf(data, sizeof data, "{'%s':4}", name);
	assert_int_equal(say(&b, "a", data), APLOMB_OK);
	assert_string_equal(mistake_of(&b), "");
	snprintf(data, sizeof data, "{'%s':5,'f':{'%s':5}}", name, name);
	assert_string_equal(data_of(&b), data);
	book_close(&b);
}

static void money_is_a_value(void **state) {
	(void)state;
	static const action_case cases[] = {
	    {"local m = case.params.limit; assert(m.minor == 4000 and m.currency == 'GBP' and tostring(m) == '40.00 GBP')", "", NULL},
	    {"local m = case.params.limit; case.data.m = m + m * 2 - '1.00 GBP'", "", "'m':'119.00 GBP'"},
	    {"local m = case.params.limit; assert(m == m and m < m * 2 and m <= m and m > '39.99 GBP' and not (m < '40.00 GBP') and m == "
	     "case.params.limit)",
	        "", NULL},
	    {"case.data.m = 3 * case.params.limit; case.data.t = 'costs ' .. case.data.m", "", "'t':'costs 120.00 GBP'"},
	    {"case.data.m = -case.params.limit", "", "'m':'-40.00 GBP'"},
	    {"case.data.t = string.format('%s!', case.params.limit)", "", "'t':'40.00 GBP!'"},
	    {"return case.params.limit + '1.00 EUR'", "11 mixed-currencies: 40.00 GBP and 1.00 EUR are of different currencies", NULL},
	    {"return case.params.limit < '1.00 EUR'", "11 mixed-currencies: 40.00 GBP and 1.00 EUR are of different currencies", NULL},
	    {"return case.params.limit * 0.5", "11 wrong-type: money is multiplied by integers, not by a number", NULL},
	    {"return case.params.limit * case.params.limit", "11 wrong-type: money is multiplied by integers, not by money", NULL},
	    {"return case.params.limit / 2", "11 error-execution: attempt to perform arithmetic on a money value (field 'limit')", NULL},
	    {"return case.params.limit + 1", "11 wrong-type: money goes with money, or text such as \"40.00 GBP\", not with an integer", NULL},
	    {"return case.params.limit * math.maxinteger", "11 out-of-bounds: that is more money than there is room for", NULL},
	    {"return case.params.limit.pence", "11 unknown-field: money has .minor and .currency, not .pence", NULL},
	    {"case.params.limit.minor = 1", "11 locked: money never changes; write a new value to the field that holds it", NULL},
	};
	CHECK(cases, NULL);
}

/* Single writes fill an address in; at the end of the step it must be whole. */
static void what_is_required_must_be_there_when_the_step_ends(void **state) {
	(void)state;
	static const char source[] =
	    "return playbook 'p' { data = { n = integer { default = 0 },\n"
	    "address = fields { zip = text {},\n"
	    "city = text { required = true } } },\n"
	    "event 'whole' {}, event 'half' {}, event 'count' {}, event 'mend' {}, effect 'say' {},\n"
	    "state 's' {\n"
	    "on 'whole' { act = function(case) case.data.address.zip = '1' case.data.address.city = 'Ulm' end },\n"
	    "on 'half' { act = { function(case) case.data.address.zip = '1' end, function(case) case:effect('say') end } },\n"
	    "on 'count' { act = function(case) case.data.n = case.data.n + 1 end },\n"
	    "on 'mend' { act = function(case) case.data.address.city = 'Bath' end },\n"
	    "on 'error.execution' { act = function(case, event) case.data.n = case.data.n + 100 end } } }";
	book b = {0};
	book_open(&b, source, NULL);
	say(&b, "whole", NULL);
	assert_string_equal(mistake_of(&b), "");
	book_close(&b);
	book_open(&b, source, NULL);
	say(&b, "half", NULL);
	assert_string_equal(mistake_of(&b), "3 missing-field: data.address.city: required, but missing; expected text");
	assert_text_has(line_of(&b), "'kind':'say'");
	assert_string_equal(data_of(&b), "{'address':{'zip':'1'},'n':100}");
	/* Told once, until it is mended. */
	say(&b, "count", NULL);
	assert_string_equal(mistake_of(&b), "");
	assert_string_equal(data_of(&b), "{'address':{'zip':'1'},'n':101}");
	say(&b, "mend", NULL);
	assert_string_equal(data_of(&b), "{'address':{'city':'Bath','zip':'1'},'n':101}");
	book_close(&b);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_type_takes_what_it_should),
	    cmocka_unit_test(a_wrong_write_names_field_fact_and_line),
	    cmocka_unit_test(a_failed_write_leaves_the_value_as_it_was),
	    cmocka_unit_test(reading_gives_lua_values),
	    cmocka_unit_test(a_null_in_a_list_is_refused_when_it_is_read),
	    cmocka_unit_test(lists_and_any_can_be_changed_in_place),
	    cmocka_unit_test(a_table_of_the_data_lasts_for_the_turn),
	    cmocka_unit_test(nulls_that_came_with_data_survive_reading),
	    cmocka_unit_test(a_guard_may_look_but_not_touch),
	    cmocka_unit_test(an_action_answers_nothing),
	    cmocka_unit_test(pairs_goes_through_proxies_in_the_order_of_names),
	    cmocka_unit_test(an_event_kept_for_later_is_dead),
	    cmocka_unit_test(an_event_without_a_name_is_handed_over_when_a_case_opens),
	    cmocka_unit_test(error_events_can_be_read),
	    cmocka_unit_test(names_longer_than_lua_interns_work),
	    cmocka_unit_test(money_is_a_value),
	    cmocka_unit_test(what_is_required_must_be_there_when_the_step_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
