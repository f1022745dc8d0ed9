/* SPDX-License-Identifier: MIT */
/* What a handler may cost, and that going beyond it cannot be caught. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../test_rounds.h"
#include "book.h"

static const char frame[] = "return playbook 'limits' {\n"
                            "data = { n = integer { default = 0 }, t = text {}, x = any {}, l = list {} },\n"
                            "event 'go' {}, event 'ok' {}, event 'more' { x = any {} }, effect 'tell' {},\n"
                            "state 's' { on 'ok' { act = function(case) case.data.n = case.data.n + 1 end },\n"
                            "on 'more' { act = function(case, event) case.data.x = event.x end },\n"
                            "on 'go' { act = function(case, event)\n%s\nend } } }\n";

/* What the case is faulted for; the book is open afterwards. */
static const char *fault_of(book *b, const char *body, const aplomb_limits *limits) {
	static char source[65536];
	snprintf(source, sizeof source, frame, body);
	*b = (book){0};
	book_open(b, source, limits);
	say(b, "go", NULL);
	return mistake_of(b);
}

/* Each of them runs to its limit, which takes valgrind seconds: there every eighth does. */
static size_t step(void) {
	return apl_is_watched() ? 8 : 1;
}

static void loops_without_end_are_stopped(void **state) {
	(void)state;
	static const char *const bodies[] = {
	    "while true do end",
	    "local n = 0 repeat n = n + 1 until false",
	    "for i = 1, math.huge do end",
	    "::again:: goto again",
	    "local function f() return f() end f()",
	    "local t = {} for i = 1, 1e9 do t[i % 10] = i end",
	    "while true do local _ = pcall end",
	    "local f = function() while true do end end f()",
	    "local t = { 3, 2, 1 } table.sort(t, function() while true do end end)",
	    "local s = ('x'):rep(1000):gsub('x', function() while true do end end)",
	    "while true do for k in pairs({ a = 1 }) do end end",
	    "while true do local t = { 1, 2, 3 } table.insert(t, 1, 0) end",
	    "local s = ('x'):rep(100000) while true do local t = s .. s end",
	    "local s = ('x'):rep(100000) while true do local t = s:upper() end",
	    "local s = ('x'):rep(60000) while true do local t = s:find('a', 1, true) end",
	    "while true do local s = ('x'):rep(1000000) end",
	    "local t = {} for i = 1, 10000 do t[i] = i end while true do table.remove(t, 1) table.insert(t, 1) end",
	    "local t = {} for i = 1, 10000 do t[i] = i end while true do table.sort(t) end",
	    "local t = {} for i = 1, 10000 do t[i] = i end while true do local s = table.concat(t) end",
	    "local t = {} for i = 1, 10000 do t[i] = i end while true do local n = select('#', table.unpack(t, 1, 8000)) end",
	    "while true do case.data.l = { 1, 2, 3 } end",
	    "while true do local n = utf8.len(('x'):rep(10000)) end",
	};
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i += step()) {
		book b;
		const char *fault = fault_of(&b, bodies[i], NULL);
		if (strstr(bodies[i], "pcall") != NULL) {
			assert_text_has(fault, "unknown-name");
		} else if (strstr(fault, "limit-instructions: more than 1000000 instructions in one step") == NULL) {
			fail_msg("%s\nis stopped by: %s", bodies[i], fault);
		} else {
			assert_int_not_equal(atoi(fault), 0); /* the line is known */
			assert_true(b.receipt.faulted);
		}
		book_close(&b);
	}
}

static void a_breach_undoes_the_step(void **state) {
	(void)state;
	book b;
	fault_of(&b, "case.data.n = 99 case.data.t = 'x' case.data.l = { 1 } while true do end", NULL);
	assert_string_equal(data_of(&b), "{'n':0}");
	assert_int_equal(say(&b, "ok", NULL), APLOMB_EFAULTED);
	book_close(&b);
}

static void the_limit_counts_over_all_handlers_of_a_turn(void **state) {
	(void)state;
	book b = {0};
	aplomb_limits limits = {sizeof limits, .instructions = 20000};
	book_open(&b,
	    "local function work() for i = 1, 5000 do end end\n"
	    "return playbook 'sum' { event 'few' {}, event 'many' {}, state 's' { on 'few' { act = { work, work } }, on 'many' { act = { work, "
	    "work, work, work, work } } } }",
	    &limits);
	say(&b, "few", NULL);
	assert_false(b.receipt.faulted);
	say(&b, "few", NULL);
	assert_false(b.receipt.faulted); /* each turn begins anew */
	say(&b, "many", NULL);
	assert_true(b.receipt.faulted);
	assert_text_has(mistake_of(&b), "limit-instructions");
	book_close(&b);
}

static void handlers_that_are_not_hooked_are_charged_too(void **state) {
	(void)state;
	book b = {0};
	aplomb_limits limits = {sizeof limits, .instructions = 100, .microsteps = 100000};
	book_open(&b,
	    "local function one(case) case.data.n = case.data.n + 1 end\n"
	    "return playbook 'light' { data = { n = integer { default = 0 } }, event 'go' {}, state 's' { on 'go' { act = { one, one } },\n"
	    "always { when = function(case) return case.data.n > 0 end, act = one } } }",
	    &limits);
	say(&b, "go", NULL);
	assert_true(b.receipt.faulted);
	assert_text_has(mistake_of(&b), "limit-instructions");
	book_close(&b);
}

static void memory_is_bounded(void **state) {
	(void)state;
	static const char *const bodies[] = {
	    "local t = {} for i = 1, 1e9 do t[i] = i end",
	    "local t = {} for i = 1, 1e9 do t[i] = {} end",
	    "local t = {} for i = 1, 1e9 do t[i] = 'k' .. i end",
	    "local s = ('x'):rep(1000) while true do s = s .. s end",
	    "local t = {} for i = 1, 100 do t[i] = ('x'):rep(1000000 + i) end",
	    "local t = {} for i = 1, 2000 do t[i] = ('x'):rep(1000) end local u = {} for i = 1, 100 do u[i] = table.concat(t) .. i end",
	};
	aplomb_limits limits = {sizeof limits, .memory = 2 * 1024 * 1024, .instructions = 100000000};
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i += step()) {
		book b;
		const char *fault = fault_of(&b, bodies[i], &limits);
		if (strstr(fault, "limit-memory: Lua wants more than 2097152 bytes of memory") == NULL)
			fail_msg("%s\nis stopped by: %s", bodies[i], fault);
		assert_int_not_equal(atoi(fault), 0);
		assert_true(b.receipt.faulted);
		book_close(&b);
	}
}

static void the_program_lives_on_after_a_breach(void **state) {
	(void)state;
	book b;
	aplomb_limits limits = {sizeof limits, .memory = 1024 * 1024};
	fault_of(&b, "local t = {} for i = 1, 1e9 do t[i] = i end", &limits);
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = "other";
	event.playbook = "limits";
	event.name = "ok";
	assert_int_equal(apl_engine_post_wait(b.engine, &event, &b.receipt, &b.error), APLOMB_OK);
	assert_false(b.receipt.faulted);
	event.name = "go";
	apl_engine_post_wait(b.engine, &event, &b.receipt, &b.error);
	assert_true(b.receipt.faulted);
	book_close(&b);
}

static void deep_recursion_is_a_mistake_or_a_breach(void **state) {
	(void)state;
	static const char *const bodies[] = {
	    "local function f() return 1 + f() end f()",
	    "local function f(t) return t.x + f(t) end f({ x = 1 })",
	    "local f f = function(a) local s = ('x'):gsub('x', function() return f(a) end) return s end f(1)",
	    "local function f() table.sort({ 1, 2 }, function() f() end) end f()",
	    "local s = ('('):rep(300) .. (')'):rep(300) return ('x'):find(s)",
	};
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i += step()) {
		book b;
		const char *fault = fault_of(&b, bodies[i], NULL);
		assert_string_not_equal(fault, "");
		book_close(&b);
	}
}

static void values_have_a_size(void **state) {
	(void)state;
	book b;
	aplomb_limits limits = {sizeof limits, .data = 1000};
	assert_text_has(fault_of(&b, "case.data.x = { ('x'):rep(999) }", &limits), "limit-data: data.x[1]: the value has more than 1000 bytes");
	book_close(&b);
	assert_text_has(fault_of(&b, "local t = {} for i = 1, 600 do t[i] = i end case.data.l = t", &limits), "limit-data: data.l[");
	book_close(&b);
	assert_string_equal(fault_of(&b, "case.data.x = { ('x'):rep(900) }", &limits), "");
	book_close(&b);
}

static void searches_are_bounded(void **state) {
	(void)state;
	book b;
	static const char *const bodies[] = {
	    "local s = ('a'):rep(100000) return s:find('a*a*a*b')",
	    "local s = ('a'):rep(100000) return s:find('.-.-.-b')",
	    "local s = ('a'):rep(100000) return s:match('^(a*)(a*)(a*)%1%2b')",
	    "local s = ('a'):rep(100000) for w in s:gmatch('a-a-b') do end",
	    "local s = ('a'):rep(100000) return s:gsub('a*a*a*b', '')",
	    "local s = ('('):rep(100000) return s:find('%b()')",
	    "local s = ('ab'):rep(100000) return s:find(('ab'):rep(50000) .. 'c', 1, true)",
	    "local s = ('a'):rep(100000) local next = s:gmatch('b') while true do next() end",
	};
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i += step()) {
		const char *fault = fault_of(&b, bodies[i], NULL);
		if (strstr(fault, "7 limit-instructions: more than 1000000 instructions in one step") == NULL)
			fail_msg("%s\nis stopped by: %s", bodies[i], fault);
		book_close(&b);
	}
	assert_string_equal(
	    fault_of(&b, "local s = ('x'):rep(100000) assert(s:find('y*z') == nil) assert(#s:gsub('x', 'yz') == 200000)", NULL), "");
	book_close(&b);
	assert_text_has(fault_of(&b, "return ('x'):find(('y*'):rep(200))", NULL), "out-of-bounds: a pattern may have 256 bytes");
	book_close(&b);
	assert_string_equal(
	    fault_of(&b, "local s = ('x'):rep(100000) assert(s:find('y', 1, true) == nil) assert(s:find('xx') == 1)", NULL), "");
	book_close(&b);
}

static void loading_is_bounded(void **state) {
	(void)state;
	assert_text_has(findings_of("while true do end"), "1 limit-instructions: more than 10000000 instructions in one step");
	assert_text_has(findings_of("\nlocal function f() return f() end f()"), "2 limit-instructions");
	if (apl_is_watched()) return;
	assert_text_has(
	    findings_of("local t = {} for i = 1, 1e9 do t[i] = {} end"), "limit-memory: Lua wants more than 67108864 bytes of memory");
	assert_text_has(findings_of("local s = 'x' while true do s = s .. s end"), "limit-");
}

/* [count] times the piece, with something before and behind: free() it. */
static char *repeated(const char *before, const char *piece, size_t count, const char *behind) {
	size_t size = strlen(piece) * count + strlen(before) + strlen(behind) + 1;
	char *text = malloc(size), *next = text;
	assert_non_null(text);
	next += snprintf(text, size, "%s", before);
	for (size_t i = 0; i < count; i++, next += strlen(piece)) memcpy(next, piece, strlen(piece));
	snprintf(next, size - (size_t)(next - text), "%s", behind);
	return text;
}

/* What a megabyte can be made of: each ends with a finding, and within a second or two of a machine that does nothing else. */
static void a_megabyte_of_source_is_read_or_refused(void **state) {
	(void)state;
	static const struct {
		const char *before, *piece, *behind, *told;
	} files[] = {
	    {"local x = ", "(", "1", "1 limit-depth: the source is nested more deeply"},
	    {"local x = ", "{", "1", "1 limit-depth: the source is nested more deeply"},
	    {"local x = ", "function() return ", "1", "1 limit-depth: the source is nested more deeply"},
	    {"local x = ", "not ", "1", "1 limit-depth: the source is nested more deeply"},
	    {"local x = ", "- ", "1", "1 limit-depth: the source is nested more deeply"},
	    {"local x = ", "'a' .. ", "1", "1 limit-depth: the source is nested more deeply"},
	    {"local x = 1 ", "^ 1 ", "", "bad-operator"},
	    {"local a local x = a", ".b", "", "lua-error: attempt to index a nil value"},
	    {"local a if a then ", "elseif a then ", "end", "limit-source: the file has more than 32768 of"},
	    {"local a local x = ", "a or ", "a", "limit-source: the file has more than 32768 of"},
	    {"local a local x = ", "a and ", "a", "limit-source: the file has more than 32768 of"},
	    {"return playbook 'x' { ", "bogus = 1, ", "}", "limit-"},
	    {"--[[", "x", "", "lua-syntax"},
	    {"local x = [[", "x", "", "lua-syntax"},
	    {"local x = [", "=", "", "lua-syntax"},
	};
	for (size_t i = 0; i < sizeof files / sizeof *files; i += step()) {
		char *source = repeated(files[i].before, files[i].piece, ((1 << 20) - 100) / strlen(files[i].piece), files[i].behind);
		const char *told = findings_of(source);
		if (strstr(told, files[i].told) == NULL) fail_msg("%s…: %.300s", files[i].piece, told);
		free(source);
	}
}

static void shared_groups_cannot_blow_up_the_chart(void **state) {
	(void)state;
	if (apl_is_watched()) return; /* as many states as may be: a minute of valgrind's */
	assert_text_has(
	    findings_of("local g = group { state 'a' {} } for i = 1, 60 do g = group { g, g } end return playbook 'x' { g }"), "limit-");
}

static void words_can_be_nested_only_so_deep(void **state) {
	(void)state;
	assert_text_has(
	    findings_of("local s = state 'a' {} for i = 1, 150 do s = state 'a' { s } end return playbook 'x' { s }"), "limit-depth: ");
	assert_text_has(findings_of("local t = {} local s = state 'a' (t) t[1] = s return playbook 'x' { s }"), "limit-depth: ");
	assert_text_has(findings_of("local f = fields { a = text {} } for i = 1, 40 do f = fields { a = f } end return playbook 'x' { data = { "
	                            "f = f }, state 's' {} }"),
	    "limit-depth: ");
}

static void unending_functions_are_told_by_their_bytecode(void **state) {
	(void)state;
	/* With a limit below what one begun hundred costs, only what is proven to end by itself can run. */
	static const struct {
		const char *body;
		bool is_bounded;
	} cases[] = {
	    {"local d = case.data d.n = d.n + 1", true},
	    {"if case.data.n == 0 and not event.x then case.data.n = case.data.n * 2 - 1 end", true},
	    {"case.data.l = { 1, 2, 3 }", true},
	    {"local a, b = 1, 2 a, b = b, a case.data.n = a // b % 7 << 1", true},
	    {"case:log('info', 'x')", false},
	    {"local t = 'a' .. case.data.n", false},
	    {"for i = 1, 2 do end", false},
	    {"while case.data.n > 5 do end", false},
	    {"local f = function() end", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char source[2048];
		snprintf(source, sizeof source,
		    "return playbook 'p' { data = { n = integer { default = 0 }, l = list {} }, event 'go' { x = integer {} }, state 's' { on 'go' "
		    "{ act = function(case, event)\n%s\nend } } }",
		    cases[i].body);
		aplomb_limits limits = {sizeof limits, .instructions = 99};
		book b = {0};
		book_open(&b, source, &limits);
		say(&b, "go", NULL);
		if (b.receipt.faulted == cases[i].is_bounded) fail_msg("%s: %s", cases[i].body, mistake_of(&b));
		book_close(&b);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(loops_without_end_are_stopped),
	    cmocka_unit_test(a_breach_undoes_the_step),
	    cmocka_unit_test(the_limit_counts_over_all_handlers_of_a_turn),
	    cmocka_unit_test(handlers_that_are_not_hooked_are_charged_too),
	    cmocka_unit_test(memory_is_bounded),
	    cmocka_unit_test(the_program_lives_on_after_a_breach),
	    cmocka_unit_test(deep_recursion_is_a_mistake_or_a_breach),
	    cmocka_unit_test(values_have_a_size),
	    cmocka_unit_test(searches_are_bounded),
	    cmocka_unit_test(loading_is_bounded),
	    cmocka_unit_test(a_megabyte_of_source_is_read_or_refused),
	    cmocka_unit_test(shared_groups_cannot_blow_up_the_chart),
	    cmocka_unit_test(words_can_be_nested_only_so_deep),
	    cmocka_unit_test(unending_functions_are_told_by_their_bytecode),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
