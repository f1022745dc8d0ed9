/* SPDX-License-Identifier: MIT */
/*
 * The worst that each part of the sandbox can be made to do, at the default limits: the step ends with the limit that is named,
 * the case is faulted, and the next case goes on. APLOMB_TIMES=1 prints how long each took.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../test_rounds.h"
#include "book.h"

typedef struct worst_case {
	const char *body;  /* of an action, on line 6 and the following */
	const char *fault; /* a part of what it is faulted for; "": it is none */
} worst_case;

static const char frame[] = "return playbook 'worst' {\n"
                            "data = { n = integer { default = 0 }, t = text {}, u = text {}, x = any {} },\n"
                            "event 'go' { t = text {}, x = any {} }, event 'ok' {}, effect 'tell' {},\n"
                            "state 's' { on 'ok' { act = function(case) case.data.n = case.data.n + 1 end },\n"
                            "on 'go' { act = function(case, event)\n%s\nend } } }\n";

static double seconds(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Another case of the same playbook, after the worst. */
static void others_go_on(book *b) {
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = "other";
	event.playbook = "worst";
	event.name = "ok";
	assert_int_equal(apl_engine_post_wait(b->engine, &event, &b->receipt, &b->error), APLOMB_OK);
	assert_false(b->receipt.faulted);
}

static void check(const worst_case *cases, size_t count) {
	static char source[8192];
	/* How long it takes is a matter of an optimised build; the others look at what it touches. */
	const aplomb_limits few = {sizeof few, .instructions = apl_is_watched() ? 40000 : 200000};
	const bool is_short = apl_is_watched() || apl_does_part();
	size_t wrong = 0;
	for (size_t i = 0; i < count; i++) {
		book b = {0};
		snprintf(source, sizeof source, frame, cases[i].body);
		book_open(&b, source, is_short ? &few : NULL);
		double begun = seconds();
		say(&b, "go", NULL);
		double took = seconds() - begun;
		const char *mistake = mistake_of(&b);
		if (getenv("APLOMB_TIMES") != NULL) print_message("%7.3f s  %.40s  %s\n", took, mistake, cases[i].body);
		bool is_right = cases[i].fault[0] == '\0' ? mistake[0] == '\0' : strstr(mistake, cases[i].fault) != NULL && b.receipt.faulted;
		if (is_short) is_right = cases[i].fault[0] == '\0' || strstr(mistake, "limit-") != NULL;
		if (!is_right) {
			print_error("%s\nis stopped by: %s\nexpected:      %s\n", cases[i].body, mistake, cases[i].fault);
			wrong++;
		}
		others_go_on(&b);
		book_close(&b);
	}
	assert_int_equal(wrong, 0);
}
#define CHECK(cases) check((cases), sizeof(cases) / sizeof *(cases))

static void texts_that_are_alike_are_compared_at_a_price(void **state) {
	(void)state;
	static const worst_case cases[] = {
	    {"local a, b = ('x'):rep(1000000), ('x'):rep(999999) .. 'x' for i = 1, 1e9 do if a == b then end end", "6 limit-instructions"},
	    {"local a, b = ('x'):rep(1000000), ('x'):rep(999999) .. 'x' for i = 1, 1e9 do if a < b then end end", "6 limit-instructions"},
	    {"local a = ('\\0'):rep(1000000) for i = 1, 1e9 do if a < a then end end", "6 limit-instructions"},
	    {"local a = string.char(0):rep(60000) for i = 1, 1e9 do if a <= a then end end", "6 limit-instructions"},
	    {"local a = ('%c'):format(0):rep(60000) for i = 1, 1e9 do if a <= a then end end", "6 limit-instructions"},
	    {"local a = utf8.char(0):rep(60000) for i = 1, 1e9 do if a <= a then end end", "6 limit-instructions"},
	    {"local a = ('\\0'):rep(250) for i = 1, 1e9 do if a < a then end end", "6 limit-instructions"},
	    {"local a, b = ('x'):rep(100000), ('x'):rep(99999) .. 'x' local t = { [a] = 1 } for i = 1, 1e9 do local v = t[b] end",
	        "6 limit-instructions"},
	    {"local t = {} for i = 1, 2000 do t[i] = ('x'):rep(4000) .. i end for i = 1, 100 do table.sort(t) end", "6 limit-"},
	};
	CHECK(cases);
}

static void tables_are_put_in_order_anew_at_a_price(void **state) {
	(void)state;
	static const worst_case cases[] = {
	    /* The names are full: each other name goes through all of them. */
	    {"local t = {} for i = 1, 8192 do t['k' .. i] = 1 end for i = 1, 1e9 do t['k' .. i] = nil t['n' .. i] = 1 end",
	        "6 limit-instructions"},
	    /* Two names beside many items. */
	    {"local t = {} for i = 1, 300000 do t[i] = i end t.a = 1 t.b = 1 for i = 1, 1e9 do t[{}] = 1 t[{}] = 1 end", "6 limit-"},
	    {"local t, k = {}, {} for i = 1, 200000 do t[i] = i end for i = 1, 64 do k[i] = 'k' .. i end\n"
	     "for i = 1, 1e9 do local a, b = k[i % 64 + 1], k[(i + 7) % 64 + 1] t[a] = 1 t[b] = nil end",
	        "7 limit-instructions"},
	    /* All keys in one row. */
	    {"local t = {} for i = 1, 16000 do t[i * 16383] = i end for i = 1, 1e9 do local v = t[16383] end", "6 limit-instructions"},
	    {"local t = {} for i = 1, 16000 do t[i * 16383] = i end while true do for k in pairs(t) do end end", "6 limit-instructions"},
	    {"local t = {} for i = 1, 100000 do t[i] = i end for i = 1, 100000 do t[i] = nil end while true do next(t) end",
	        "6 limit-instructions"},
	    {"local t = {} for i = 1, 100000 do t[i] = i end for i = 1, 100000 do t[i] = nil end while true do pairs(t) end",
	        "6 limit-instructions"},
	    {"local t = {} for i = 1, 1e9 do t[i * 1.5] = true end", "6 limit-names: a table would have more than 16384 names"},
	    {"local t = {} for i = 1, 1e9 do t[-i] = true end", "6 limit-names"},
	};
	CHECK(cases);
}

static void the_stack_is_no_larger_than_it_may_be(void **state) {
	(void)state;
	static const worst_case cases[] = {
	    {"local function f(n) return 1 + f(n + 1) end f(1)", "6 limit-stack: functions call one another too deeply"},
	    {"local function f(...) return f(1, 2, 3, 4, 5, 6, 7, 8, ...) end f()", "6 limit-stack"},
	    {"local function f(n) if n > 0 then return 1 + f(n - 1) end return 0 end for i = 1, 5 do f(1500) end", ""},
	    {"local t = {} for i = 1, 8000 do t[i] = i end\n"
	     "local function f(...) for i = 1, 1e9 do local n = select('#', ...) end end f(table.unpack(t))",
	        "7 limit-instructions"},
	    {"local t = {} for i = 1, 5000 do t[i] = i end\n"
	     "local function g(...) return ... end local function f(...) for i = 1, 1e9 do g(...) end end f(table.unpack(t))",
	        "7 limit-instructions"},
	    {"local t = {} for i = 1, 8000 do t[i] = i end\n"
	     "local function f(...) for i = 1, 1e9 do local l = { ... } end end f(table.unpack(t))",
	        "7 limit-instructions"},
	    {"local s = ('x'):rep(8000) for i = 1, 1e9 do local n = select('#', s:byte(1, -1)) end", "6 limit-instructions"},
	    {"local t = {} for i = 1, 8000 do t[i] = i end for i = 1, 1e9 do local n = math.max(table.unpack(t)) end", "6 limit-instructions"},
	    {"local t = {} for i = 1, 8000 do t[i] = 65 end for i = 1, 1e9 do local s = string.char(table.unpack(t)) end",
	        "6 limit-instructions"},
	};
	CHECK(cases);
}

static void memory_that_is_nearly_full_is_not_collected_for_ever(void **state) {
	(void)state;
	static const worst_case cases[] = {
	    {"local t = {} for i = 1, 140000 do t[i] = { i } end while true do local u = {} end", "6 limit-"},
	    {"local t, s = {}, 'x' for i = 1, 200000 do t[i] = 'k' .. i end while true do for i = 1, 100 do s = 'n' .. i .. s:sub(1, 30) end "
	     "end",
	        "6 limit-"},
	    {"local t = {} for i = 1, 15 do t[i] = ('x'):rep(1000000 + i) end for i = 1, 1e9 do local s = ('y'):rep(1000 + i % 100) end",
	        "6 limit-"},
	    {"local s = ('x'):rep(1000000) while true do local t = s .. s end", "6 limit-text: a text would have more than 1048576 bytes"},
	};
	CHECK(cases);
}

static void every_function_of_the_library_has_a_price(void **state) {
	(void)state;
	static const worst_case cases[] = {
	    {"local s = 'a' .. ('\\x80'):rep(900000) local f = utf8.codes('a') while true do f(s, 1) end", "6 limit-instructions"},
	    {"local s = ('\\xc3\\xa9'):rep(400000) while true do for p, c in utf8.codes(s) do end end", "6 limit-instructions"},
	    {"local s = ('x'):rep(900000) while true do utf8.offset(s, -1) end", "6 limit-instructions"},
	    {"local s = ('x'):rep(900000) while true do utf8.len(s) end", "6 limit-instructions"},
	    {"local s = ('9'):rep(900000) while true do tonumber(s) end", "6 limit-instructions"},
	    {"local s = ('9'):rep(900000) while true do tonumber(s, 36) end", "6 limit-instructions"},
	    {"local s = ('x'):rep(900000) while true do s:lower() end", "6 limit-instructions"},
	    {"local s = ('x'):rep(900000) while true do s:reverse() end", "6 limit-instructions"},
	    {"local s = ('x'):rep(900000) while true do s:sub(2) end", "6 limit-instructions"},
	    {"local s = ('x'):rep(900000) while true do ('%q'):format(s) end", "6 limit-instructions"},
	    {"local s = ('x'):rep(900000) while true do ('%s'):format(s) end", "6 limit-instructions"},
	    {"while true do ('%99.99f'):format(1.7976931348623157e308) end", "6 limit-instructions"},
	    {"local f = ('%99.99f'):rep(2000) local t = {} for i = 1, 2000 do t[i] = 1e308 end while true do f:format(table.unpack(t)) end",
	        "6 limit-instructions"},
	    {"while true do (''):rep(math.maxinteger) end", "6 limit-instructions"},
	    {"local t = {} for i = 1, 4000 do t[i] = ('x'):rep(200) end while true do table.concat(t, ('y'):rep(50)) end",
	        "6 limit-instructions"},
	    {"table.concat({}, '', 1, math.maxinteger)", "6 limit-instructions"},
	    {"table.move({}, 1, math.maxinteger - 1, 2)", "6 limit-instructions"},
	    {"local t = { 1 } table.move(t, 1, 1e15 // 1 | 0, 2)", "6 limit-instructions"},
	    {"local t = {} for i = 1, 50000 do t[i] = i end while true do table.insert(t, 1, 1) end", "6 limit-instructions"},
	    {"local t = {} for i = 1, 50000 do t[i] = i end while true do table.remove(t, 1) end", "6 limit-instructions"},
	    {"local t = {} for i = 1, 50000 do t[i] = -i end while true do table.sort(t, function() return true end) end",
	        "6 limit-instructions"},
	    {"while true do pairs(case.data) end", "6 limit-instructions"},
	    {"while true do case:is_in('s') end", "6 limit-instructions"},
	    {"local s = ('x'):rep(900000) while true do case.data.t = s end", "6 limit-instructions"},
	    {"case.data.t = ('x'):rep(900000) while true do local s = case.data.t end", "6 limit-instructions"},
	    {"case.data.x = { ('x'):rep(900000) } while true do local s = case.data.x case.data.x = s end", "6 limit-instructions"},
	    {"while true do case:cancel('x') end", "6 limit-instructions"},
	    {"while true do tostring(1.5) end", "6 limit-instructions"},
	    {"while true do local m = money and 1 end", "6 limit-instructions"},
	};
	CHECK(cases);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts_that_are_alike_are_compared_at_a_price),
	    cmocka_unit_test(tables_are_put_in_order_anew_at_a_price),
	    cmocka_unit_test(the_stack_is_no_larger_than_it_may_be),
	    cmocka_unit_test(memory_that_is_nearly_full_is_not_collected_for_ever),
	    cmocka_unit_test(every_function_of_the_library_has_a_price),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
