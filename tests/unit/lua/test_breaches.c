/* SPDX-License-Identifier: MIT */
/*
 * Each limit of a step, broken: the slug and the playbook's line, the step taken back, the event kept in the entry, the case faulted,
 * another case of the same playbook going on; and what one case did cannot be seen by another.
 */
#include <stdio.h>
#include <string.h>

#include "book.h"

typedef struct breach_case {
	const char *body; /* of an action, from line 7 on */
	aplomb_limits limits;
	const char *told; /* "line slug: message", a part from its beginning */
} breach_case;

static const char frame[] = "return playbook 'breach' {\n"
                            "data = { n = integer { default = 0 }, t = text {}, x = any {}, l = list {} },\n"
                            "event 'go' {}, event 'ok' {}, event 'later' { x = any {} }, event 'round' {}, effect 'tell' { x = any {} },\n"
                            "state 's' { on 'ok' { act = function(case) case.data.n = case.data.n + 1 end },\n"
                            "on 'round' { act = function(case) case:raise('round') end },\n"
                            "on 'go' { act = function(case, event) case.data.n = 7\n%s\nend } } }\n";

static void each_limit_tells_its_line_and_takes_the_step_back(void **state) {
	(void)state;
	static const breach_case cases[] = {
	    {"while true do end", {.instructions = 10000}, "7 limit-instructions: more than 10000 instructions in one step"},
	    {"\nlocal t = {} for i = 1, 1e9 do t[i] = { i } end", {.memory = 1 << 20}, "8 limit-memory: Lua wants more than 1048576 bytes"},
	    {"local s = 'x' while true do s = s .. s end", {.data = 1000}, "7 limit-text: a text would have more than 65536 bytes"},
	    {"local t = {} for i = 1, 1e9 do t[-i] = i end", {0}, "7 limit-names: a table would have more than 16384 names"},
	    {"local function f() return 1 + f() end f()", {0}, "7 limit-stack: functions call one another too deeply"},
	    {"\ncase.data.x = { ('x'):rep(900) .. ('x'):rep(900) }", {.data = 1000},
	        "8 limit-data: data.x[1]: the value has more than 1000 bytes"},
	    {"case.data.t = ('x'):rep(2000)", {.data = 1000}, "7 out-of-bounds: string.rep"},
	    {"local t = {} for i = 1, 20 do t = { t } end case.data.x = t", {.depth = 10}, "7 limit-depth: data.x"},
	    {"for i = 1, 6 do\ncase:effect('tell') end", {.effects = 5}, "8 limit-effects: one step asked for more than 5 effects"},
	    {"for i = 1, 6 do\n\ncase:log('info', 'x') end", {.effects = 5}, "9 limit-effects: one step asked for more than 5 effects"},
	    {"for i = 1, 6 do case:send { event = 'ok', to = 'else' } end", {.effects = 5}, "7 limit-effects: one step asked for more than 5"},
	    {"for i = 1, 6 do\ncase:send { event = 'ok', after = '1h', id = 'i' .. i } end", {.timers = 5},
	        "8 limit-timers: the case has 5 timers armed"},
	    {"case:effect('tell', { x = { ('x'):rep(600), ('x'):rep(600) } })", {.data = 1000}, "7 limit-data: effect \"tell\""},
	    {"case:send { event = 'later', data = { x = { ('x'):rep(600), ('x'):rep(600) } }, to = 'else' }", {.data = 1000},
	        "7 limit-data: event \"later\""},
	    {"case:log('info', ('x'):rep(600), { y = ('x'):rep(600) })", {.data = 1000}, "7 limit-data: log line"},
	    {"\nfor i = 1, 6 do case:raise('later') end", {.internal_events = 5}, "8 limit-internal-events: "},
	    {"case:raise('round')", {.internal_events = 50, .microsteps = 20}, "5 limit-microsteps: 20 microsteps were not enough"},
	};
	size_t wrong = 0;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		static char source[4096];
		book b = {0};
		aplomb_limits limits = cases[i].limits;
		limits.size = sizeof limits;
		snprintf(source, sizeof source, frame, cases[i].body);
		book_open(&b, source, &limits);
		assert_int_equal(say(&b, "ok", NULL), APLOMB_OK);
		assert_string_equal(data_of(&b), "{'n':1}");
		say(&b, "go", NULL);
		char told[512];
		snprintf(told, sizeof told, "%s", mistake_of(&b));
		bool is_mistake = strstr(cases[i].told, "out-of-bounds") != NULL || strstr(cases[i].told, "limit-depth") != NULL;
		if (strncmp(told, cases[i].told, strlen(cases[i].told)) != 0) {
			print_error("%s\ntold:     %s\nexpected: %s\n", cases[i].body, told, cases[i].told);
			wrong++;
		}
		/* Those two are mistakes of the author's, which leave the case as it is; a breach takes the step back. */
		assert_int_equal(b.receipt.faulted, !is_mistake);
		assert_string_equal(data_of(&b), is_mistake ? "{'n':7}" : "{'n':1}");
		assert_text_has(line_of(&b), "'event':'go'");
		if (!is_mistake) assert_int_equal(say(&b, "ok", NULL), APLOMB_EFAULTED);
		aplomb_event event = APLOMB_EVENT_INIT;
		event.case_id = "other";
		event.playbook = "breach";
		event.name = "ok";
		assert_int_equal(apl_engine_post_wait(b.engine, &event, &b.receipt, &b.error), APLOMB_OK);
		assert_false(b.receipt.faulted);
		book_close(&b);
	}
	assert_int_equal(wrong, 0);
}

static void post(book *b, const char *case_id, const char *name) {
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = case_id;
	event.playbook = "shared";
	event.name = name;
	assert_int_equal(apl_engine_post_wait(b->engine, &event, &b->receipt, &b->error), APLOMB_OK);
}

/* No handler does it: the line is that of the transition that defers. */
static void the_event_that_is_one_too_many_to_defer_is_kept(void **state) {
	(void)state;
	book b = {0};
	const aplomb_limits limits = {sizeof limits, .deferred = 3};
	book_open(&b,
	    "return playbook 'shared' { data = { n = integer { default = 0 } }, event 'wait' { n = integer {} }, event 'go' {},\n"
	    "state 'busy' {\n"
	    "on 'wait' { defer = true },\n"
	    "on 'go' { to = 'free' } }, state 'free' { on 'wait' { act = 'data.n = data.n + 1' } } }",
	    &limits);
	for (int i = 0; i < 3; i++) post(&b, "one", "wait");
	assert_string_equal(mistake_of(&b), "");
	post(&b, "one", "wait");
	assert_true(b.receipt.faulted);
	assert_text_has(mistake_of(&b), "3 limit-deferred: ");
	assert_text_has(line_of(&b), "'event':'wait'");
	for (int i = 0; i < 3; i++) post(&b, "two", "wait");
	post(&b, "two", "go");
	assert_false(b.receipt.faulted);
	book_close(&b);
}

/* What one case holds in tables does not count for the next one: its step may use all of the memory. */
static void a_case_leaves_no_weight_behind(void **state) {
	(void)state;
	book b = {0};
	const aplomb_limits limits = {sizeof limits, .memory = 4 << 20, .instructions = 10000000};
	book_open(&b,
	    "return playbook 'shared' { data = { l = list {} }, event 'heavy' {}, event 'again' {}, event 'light' {}, state 's' {\n"
	    "on 'heavy' { act = function(case) local l = {} for i = 1, 20000 do l[i] = { i } end case.data.l = l end },\n"
	    "on 'again' { act = function(case) local l = case.data.l l[1] = { 2 } end },\n"
	    "on 'light' { act = function(case) local t = {} for i = 1, 20000 do t[i] = { i } end end } } }",
	    &limits);
	post(&b, "one", "heavy");
	assert_string_equal(mistake_of(&b), "");
	for (int i = 0; i < 5; i++) {
		post(&b, "one", "again");
		assert_string_equal(mistake_of(&b), "");
		post(&b, "two", "light");
		assert_string_equal(mistake_of(&b), "");
	}
	book_close(&b);
}

/* Many small tables in a large one are what cases hold: each costs by what it is, not by what the large one is. */
static void a_large_list_of_small_tables_is_affordable(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "return playbook 'shared' { data = { l = list {} }, event 'fill' {}, event 'walk' {}, state 's' {\n"
	    "on 'fill' { act = function(case) local l = {} for i = 1, 10000 do l[i] = { at = i, by = 'x' } end case.data.l = l end },\n"
	    "on 'walk' { act = function(case) for i, item in ipairs(case.data.l) do for k, v in pairs(item) do end end end } } }",
	    NULL);
	post(&b, "one", "fill");
	assert_string_equal(mistake_of(&b), "");
	post(&b, "one", "walk");
	assert_string_equal(mistake_of(&b), "");
	book_close(&b);
}

/* A breach in the middle of the library, or of what is shared, leaves all of it as it was. */
static void a_breach_leaves_what_is_shared_as_it_was(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    "local shared = { list = { 3, 1, 2 }, n = 1 }\n"
	    "local function try(f) return f() end\n"
	    "return playbook 'shared' { data = { t = text {} }, event 'bad' {}, event 'sort' {}, event 'keep' {}, event 'look' {}, state 's' "
	    "{\n"
	    "on 'bad' { act = function(case) local l = { 3, 2, 1 } table.sort(l, function() while true do end end) end },\n"
	    "on 'sort' { act = function(case) table.sort(shared.list) end },\n"
	    "on 'keep' { act = function(case) local mt = ('x').rep shared.list[1] = 9 end },\n"
	    "on 'look' { act = function(case) case:log('info', table.concat(shared.list, ',') .. ('x'):upper() .. shared.n) end } } }",
	    NULL);
	post(&b, "one", "bad");
	assert_true(b.receipt.faulted);
	post(&b, "two", "sort");
	assert_false(b.receipt.faulted);
	assert_text_has(mistake_of(&b), "frozen-table");
	post(&b, "two", "keep");
	assert_text_has(mistake_of(&b), "frozen-table");
	post(&b, "three", "look");
	assert_string_equal(mistake_of(&b), "");
	assert_text_has(line_of(&b), "3,1,2X1");
	book_close(&b);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_limit_tells_its_line_and_takes_the_step_back),
	    cmocka_unit_test(the_event_that_is_one_too_many_to_defer_is_kept),
	    cmocka_unit_test(a_case_leaves_no_weight_behind),
	    cmocka_unit_test(a_large_list_of_small_tables_is_affordable),
	    cmocka_unit_test(a_breach_leaves_what_is_shared_as_it_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
