/* SPDX-License-Identifier: MIT */
/* What a playbook can name, and what it cannot do with it. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "book.h"

typedef struct sandbox_case {
	const char *body;
	const char *mistake;
} sandbox_case;

static void check(const sandbox_case *cases, size_t count) {
	size_t wrong = 0;
	for (size_t i = 0; i < count; i++) {
		const char *mistake = act(cases[i].body, NULL);
		if (strcmp(mistake, cases[i].mistake) == 0) continue;
		print_error("%s\ngives:    %s\nexpected: %s\n", cases[i].body, mistake, cases[i].mistake);
		wrong++;
	}
	end_book();
	assert_int_equal(wrong, 0);
}
#define CHECK(cases) check((cases), sizeof(cases) / sizeof *(cases))

static void what_is_not_listed_is_not_there(void **state) {
	(void)state;
	static const char *const gone[] = {"pcall", "xpcall", "coroutine", "load", "loadstring", "loadfile", "dofile", "package", "os", "io",
	    "debug", "setmetatable", "getmetatable", "rawset", "rawget", "rawequal", "rawlen", "collectgarbage", "print", "warn", "_G",
	    "_VERSION", "string.dump", "string.pack", "string.unpack", "string.packsize", "math.sqrt", "math.sin", "math.exp", "math.log",
	    "math.modf", "math.randomseed", "math.deg", "table.foreach"};
	for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
		char body[96];
		snprintf(body, sizeof body, "local x = %s", gone[i]);
		assert_text_has(act(body, NULL), "unknown-name");
	}
	end_book();
}

static void what_is_listed_is_there(void **state) {
	(void)state;
	static const char *const there[] = {"assert", "error", "ipairs", "next", "pairs", "select", "tonumber", "tostring", "type", "math.abs",
	    "math.ceil", "math.floor", "math.fmod", "math.max", "math.min", "math.tointeger", "math.type", "math.ult", "math.maxinteger",
	    "math.mininteger", "math.pi", "math.huge", "math.random", "string.byte", "string.char", "string.find", "string.format",
	    "string.gmatch", "string.gsub", "string.len", "string.lower", "string.match", "string.rep", "string.reverse", "string.sub",
	    "string.upper", "table.concat", "table.insert", "table.remove", "table.sort", "table.unpack", "table.pack", "table.move",
	    "utf8.char", "utf8.charpattern", "utf8.codepoint", "utf8.codes", "utf8.len", "utf8.offset"};
	for (size_t i = 0; i < sizeof there / sizeof *there; i++) {
		char body[96];
		snprintf(body, sizeof body, "local x = %s", there[i]);
		assert_string_equal(act(body, NULL), "");
	}
	end_book();
}

static void nothing_of_it_can_be_changed(void **state) {
	(void)state;
	static const sandbox_case cases[] = {
	    {"x = 1", "11 global-assignment: \"x\" would be a global variable, and a playbook has none; write \"local x = \xe2\x80\xa6\""},
	    {"_ENV.x = 1", "11 global-assignment: \"x\" would be a global variable, and a playbook has none; write \"local x = \xe2\x80\xa6\""},
	    {"pairs = nil",
	        "11 global-assignment: \"pairs\" would be a global variable, and a playbook has none; write \"local pairs = \xe2\x80\xa6\""},
	    {"math.floor = nil", "11 locked: math cannot be changed"},
	    {"math.mine = 1", "11 locked: math cannot be changed"},
	    {"string.rep = nil", "11 locked: string cannot be changed"},
	    {"local s = 'x' s.y = 1", "11 error-execution: attempt to index a string value (local 's')"},
	    {"table.insert(math, 1)", "11 wrong-type: table.insert: a table was expected, found a table"},
	    {"table.insert(case, 1)", "11 wrong-type: table.insert: a table was expected, found the case"},
	    {"table.insert(case.data, 1)", "11 wrong-type: table.insert: a table was expected, found a part of the case"},
	    {"table.sort(case)", "11 wrong-type: table.sort: a table was expected, found the case"},
	    {"for k in pairs(case) do end", "11 wrong-type: pairs: a table was expected, found the case"},
	    {"for k in pairs(math) do end", "11 wrong-type: pairs: a table was expected, found a table"},
	    {"next(case)", "11 wrong-type: next: a table was expected, found the case"},
	    {"local _ENV = {} x = 1", ""}, /* its own, and gone afterwards */
	    {"local _ENV = { s = 'x' } return s.nothing", "11 unknown-name: string.nothing is not there in a playbook"},
	    {"state 'x'",
	        "11 outside-load: state says what the playbook is, once, while it is loaded; a function that runs later cannot use it"},
	    {"integer {}",
	        "11 outside-load: integer says what the playbook is, once, while it is loaded; a function that runs later cannot use it"},
	};
	CHECK(cases);
}

static void the_string_metatable_leads_nowhere_else(void **state) {
	(void)state;
	static const sandbox_case cases[] = {
	    {"assert(('x'):rep(3) == 'xxx')", ""},
	    {"return ('x'):rep(1 << 40)", "11 out-of-bounds: string.rep: the text would have more than 1048576 bytes"},
	    {"assert((''):rep(1 << 30) == '')", ""},
	    {"return ('x').dump", "11 unknown-name: string.dump is not there in a playbook; did you mean \"string.sub\"?"},
	    {"return '1' + 1", "11 error-execution: attempt to perform arithmetic on a string value (constant '1')"},
	    {"return ('x').__index", "11 unknown-name: string.__index is not there in a playbook"},
	    {"return ('x')()", "11 word-missing: \"x\" stands before a table, but no word before it; was state \"x\" { \xe2\x80\xa6 } meant?"},
	    {"local t = { __index = 1 } return t.x", ""},
	};
	check(cases, 3);
	assert_text_has(act(cases[3].body, NULL), "unknown-name: string.dump is not there in a playbook");
	check(cases + 4, sizeof cases / sizeof *cases - 4);
}

static void no_address_can_be_seen(void **state) {
	(void)state;
	static const sandbox_case cases[] = {
	    {"assert(tostring({}) == 'table' and tostring(print_me or type) == 'function' and tostring(case) == 'table')",
	        "11 unknown-name: \"print_me\" is no word, no library and no local variable here"},
	    {"assert(tostring({}) == 'table' and tostring(type) == 'function' and tostring(function() end) == 'function')", ""},
	    {"assert(tostring(case.data) == 'userdata' and tostring(nil) == 'nil' and tostring(true) == 'true')", ""},
	    {"assert(string.format('%s %s %s', {}, type, case) == 'table function table')", ""},
	    {"return string.format('%p', {})", "11 no-address: string.format: %p would show an address, which no replay can repeat"},
	    {"return string.format('%d%5.1f%%%-10p', 1, 2, {})",
	        "11 no-address: string.format: %p would show an address, which no replay can repeat"},
	    {"assert(string.format('%5.2f|%d|%q|%-4s|%%', 1.5, 3, 'a', 'b') == ' 1.50|3|\"a\"|b   |%')", ""},
	    {"error({})", "11 error-execution: an error that is a table without a message"},
	    {"error({ message = 'told' })", "11 error-execution: told"},
	    {"error(type)", "11 error-execution: an error that is a function"},
	    {"error()", "11 error-execution: an error without a message"},
	    {"error('here', 0)", "10 error-execution: here"},
	    {"local function f() error('there', 2) end\nf()", "12 error-execution: there"},
	    {"error(5)", "11 error-execution: 5"},
	    {"assert(false)", "11 error-execution: assertion failed"},
	    {"assert(nil, 'because')", "11 error-execution: because"},
	    {"assert(select('#', assert(1, 2, 3)) == 3)", ""},
	    {"assert(tostring(0/0) == 'nan' and tostring(-(0/0)) == 'nan' and tostring(1/0) == 'inf' and tostring(-1/0) == '-inf')", ""},
	};
	CHECK(cases);
}

static void order_is_always_the_same(void **state) {
	(void)state;
	static const sandbox_case cases[] = {
	    {"local t = { z = 1, a = 1, [3] = 1, [-1] = 1, [0.5] = 1, [true] = 1, [false] = 1, B = 1, aa = 1, [1] = 1 } local s = ''\n"
	     "for k in pairs(t) do s = s .. tostring(k) .. ' ' end assert(s == '-1 1 3 0.5 B a aa z false true ', s)",
	        ""},
	    {"local t = {} for i = 1, 100 do t['k' .. i] = i end local s = 0 for k, v in pairs(t) do t[k] = nil s = s + v end assert(s == 5050 "
	     "and next(t) == nil)",
	        ""},
	    {"local t = { a = 1, b = 2, c = 3 } local s = '' for k in pairs(t) do s = s .. k t.b = nil end assert(s == 'ac', s)", ""},
	    {"local t = { 10, 20, 30 } local s = 0 for k, v in pairs(t) do s = s + k * v end assert(s == 140)", ""},
	    {"for k in pairs({ [{}] = 1 }) do end", "11 no-order: the table has a table as a key, and such keys have no order"},
	    {"for k in pairs({ [type] = 1 }) do end", "11 no-order: the table has a function as a key, and such keys have no order"},
	    {"for k in pairs(nil) do end", "11 wrong-type: pairs: a table was expected, found nothing"},
	    {"assert(next({}) == nil and next({ 1 }) == true and next({ x = 1 }) == true)", ""},
	    {"next({ 1, 2 }, 1)", "11 no-order: next only tells whether a table is empty; go through it with pairs"},
	    {"local t = { 3, 1, 2 } table.sort(t) assert(table.concat(t, ' ') == '1 2 3')", ""},
	    {"local t = { { 1, 'a' }, { 0, 'b' }, { 1, 'c' }, { 0, 'd' } } table.sort(t, function(x, y) return x[1] < y[1] end)\n"
	     "assert(t[1][2] .. t[2][2] .. t[3][2] .. t[4][2] == 'bdac')",
	        ""},
	    {"local t = {} for i = 1, 1000 do t[i] = i * 7919 % 1000 end table.sort(t) for i = 1, 1000 do assert(t[i] == i - 1) end", ""},
	    {"local t = {} for i = 1, 257 do t[i] = 257 - i end table.sort(t, function(a, b) return a < b end) for i = 1, 257 do assert(t[i] "
	     "== i - 1) end",
	        ""},
	    {"table.sort({ 1, 'x' })", "11 error-execution: attempt to compare string with number"},
	    {"table.sort({ 1, nil, 3 })", "11 wrong-type: table.sort: the list has a hole in it"},
	    {"local t = {} table.sort(t) t = { 1 } table.sort(t) assert(t[1] == 1)", ""},
	};
	CHECK(cases);
}

static void the_libraries_do_what_lua_says(void **state) {
	(void)state;
	static const sandbox_case cases[] = {
	    {"local t = { 1, 2, 3 } table.insert(t, 4) table.insert(t, 1, 0) assert(table.concat(t, ',') == '0,1,2,3,4')", ""},
	    {"local t = { 1, 2, 3 } assert(table.remove(t) == 3 and table.remove(t, 1) == 1 and #t == 1 and table.remove({}) == nil)", ""},
	    {"local a, b, c = table.unpack({ 1, 2, 3 }) assert(a == 1 and c == 3) assert(select('#', table.unpack({}, 1, 3)) == 3)", ""},
	    {"local t = table.pack(1, nil, 3) assert(t.n == 3 and t[3] == 3)", ""},
	    {"local t = table.move({ 1, 2, 3 }, 1, 3, 2) assert(table.concat(t, ',') == '1,1,2,3') t = table.move(t, 2, 4, 1) "
	     "assert(table.concat(t, ',') == '1,2,3,3')",
	        ""},
	    {"local t = table.move({ 1, 2 }, 1, 2, 1, { 9, 9, 9 }) assert(table.concat(t, ',') == '1,2,9')", ""},
	    {"table.insert({}, 5, 1)", "11 error-execution: bad argument #2 to 'insert' (position out of bounds)"},
	    {"return table.concat({ 1, {} })", "11 wrong-type: table.concat: item 2 is a table, not text or a number"},
	    {"return table.unpack({}, 1, 1 << 40)", "11 out-of-bounds: table.unpack: more than the 8192 items that a call may give"},
	    {"table.move({}, 1, math.maxinteger, 2)", "11 out-of-bounds: table.move: too many items"},
	    {"assert(tonumber('0x10') == 16 and tonumber(' 12 ') == 12 and tonumber('1e1') == 10.0 and tonumber('x') == nil and tonumber('1 "
	     "2') == nil)",
	        ""},
	    {"assert(tonumber('ff', 16) == 255 and tonumber('-zz', 36) == -1295 and tonumber('8', 8) == nil and tonumber('', 10) == nil)", ""},
	    {"assert(tonumber({}) == nil and tonumber(nil) == nil and tonumber(5) == 5)", ""},
	    {"assert(select(-1, 1, 2, 3) == 3 and select(2, 'a', 'b') == 'b' and select('#') == 0)", ""},
	    {"assert(math.type(3) == 'integer' and math.floor(2.5) == 2 and math.tointeger(3.0) == 3 and math.fmod(7, 3) == 1)", ""},
	    {"assert(('a,b,c'):gsub(',', ';') == 'a;b;c') assert(('k=v'):match('(%w+)=(%w+)') == 'k') assert(('hello'):find('l', 1, true) == "
	     "3)",
	        ""},
	    {"local s = '' for w in ('one two'):gmatch('%a+') do s = s .. w:upper() end assert(s == 'ONETWO')", ""},
	    {"assert(utf8.len('gr\\u{fc}n') == 4 and utf8.char(252) == '\\u{fc}' and utf8.codepoint('\\u{fc}') == 252)", ""},
	    {"local n = 0 for p, c in utf8.codes('\\u{fc}x') do n = n + c end assert(n == 252 + 120)", ""},
	    {"local n = 0 for i, v in ipairs({ 5, 6, nil, 7 }) do n = n + i * v end assert(n == 17)", ""},
	    {"for i in ipairs(case.data) do end", "11 wrong-type: ipairs: a list was expected, found a part of the case"},
	    {"assert(#case.params.tags == 2 and table.concat(case.params.tags) == 'ab')", ""},
	    {"goto over; error('no') ::over::", ""},
	    {"local a <const> = 5 assert(a == 5)", ""},
	    {"local function f(...) return ... end assert(select('#', f(1, nil)) == 2)", ""},
	};
	CHECK(cases);
}

static void random_numbers_come_from_the_case(void **state) {
	(void)state;
	assert_string_equal(
	    act("local t = {} for i = 1, 200 do local r = math.random(3) assert(r >= 1 and r <= 3) t[r] = true end assert(t[1] and t[2] and "
	        "t[3])\n"
	        "local f = math.random() assert(f >= 0 and f < 1) assert(math.random(5, 5) == 5)\n"
	        "case.data.l = { tostring(math.random(0, math.maxinteger)), tostring(math.random(math.mininteger, math.maxinteger)) }",
	        NULL),
	    "");
	char first[256];
	snprintf(first, sizeof first, "%s", data_of(the_book()));
	act("local t = {} for i = 1, 200 do local r = math.random(3) assert(r >= 1 and r <= 3) t[r] = true end assert(t[1] and t[2] and t[3])\n"
	    "local f = math.random() assert(f >= 0 and f < 1) assert(math.random(5, 5) == 5)\n"
	    "case.data.l = { tostring(math.random(0, math.maxinteger)), tostring(math.random(math.mininteger, math.maxinteger)) }",
	    NULL);
	assert_string_equal(data_of(the_book()), first); /* the case has the same id, so the same seed */
	assert_string_equal(act("math.random(2, 1)", NULL), "11 out-of-bounds: math.random: nothing lies between 2 and 1");
	assert_string_equal(act("math.random(0)", NULL), "11 out-of-bounds: math.random: nothing lies between 1 and 0");
	end_book();
	assert_text_has(findings_of("local x = math.random() return playbook 'x' { state 's' {} }"),
	    "1 outside-turn: math.random draws from a case's seed");
}

static void a_seed_repeats_the_random_numbers(void **state) {
	(void)state;
	char drawn[2][128];
	for (int i = 0; i < 2; i++) {
		book b = {0};
		book_open(&b,
		    "return playbook 'r' { data = { n = integer {}, d = number {} }, event 'a' {}, state 's' { on 'a' { act = function(case)\n"
		    "case.data.n = math.random(1000000) case.data.d = math.random() end } } }",
		    NULL);
		assert_int_equal(say_opening(&b, "a", NULL, "{'seed':42}"), APLOMB_OK);
		snprintf(drawn[i], sizeof drawn[i], "%s", data_of(&b));
		book_close(&b);
	}
	assert_string_equal(drawn[0], drawn[1]);
}

static void two_programs_do_not_see_each_other(void **state) {
	(void)state;
	static const char first[] =
	    "local t = { n = 0 } t.n = t.n + 1 return playbook 'p' { data = { n = integer {} }, event 'a' {}, state 's' { on 'a' { act = "
	    "function(case)\ncase.data.n = (case.data.n or 0) + t.n end } } }";
	book a = {0}, b = {0};
	book_open(&a, first, NULL);
	assert_int_equal(say(&a, "a", NULL), APLOMB_OK);
	book_open(&b, first, NULL);
	assert_int_equal(say(&a, "a", NULL), APLOMB_OK);
	assert_int_equal(say(&b, "a", NULL), APLOMB_OK);
	assert_string_equal(data_of(&a), "{'n':2}");
	assert_string_equal(data_of(&b), "{'n':1}");
	book_close(&a);
	book_close(&b);
}

static void the_case_is_not_there_while_the_playbook_loads(void **state) {
	(void)state;
	assert_text_has(findings_of("local x = case.data return playbook 'x' { state 's' {} }"), "1 unknown-name: \"case\" is no word");
}

/* Needs a locale in which numbers have commas; skipped where there is none. */
static void the_hosts_locale_does_not_matter(void **state) {
	(void)state;
	static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "fr_FR.utf8", "de_DE", "fr_FR"};
	const char *set = NULL;
	for (size_t i = 0; i < sizeof names / sizeof *names && set == NULL; i++) set = setlocale(LC_ALL, names[i]);
	if (set == NULL) {
		print_message("no locale with a decimal comma is installed\n");
		skip();
	}
	const char *mistake =
	    act("assert(tostring(0.5) == '0.5' and tonumber('0.5') == 0.5 and string.format('%.1f', 0.5) == '0.5' and 0.5 .. '' == '0.5')\n"
	        "assert('Z' < 'a' and ('\\xc4'):lower() == '\\xc4')",
	        NULL);
	char after[32];
	snprintf(after, sizeof after, "%.1f", 0.5);
	setlocale(LC_ALL, "C");
	assert_string_equal(mistake, "");
	assert_string_equal(after, "0,5");
	end_book();
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_not_listed_is_not_there),
	    cmocka_unit_test(what_is_listed_is_there),
	    cmocka_unit_test(nothing_of_it_can_be_changed),
	    cmocka_unit_test(the_string_metatable_leads_nowhere_else),
	    cmocka_unit_test(no_address_can_be_seen),
	    cmocka_unit_test(order_is_always_the_same),
	    cmocka_unit_test(the_libraries_do_what_lua_says),
	    cmocka_unit_test(random_numbers_come_from_the_case),
	    cmocka_unit_test(a_seed_repeats_the_random_numbers),
	    cmocka_unit_test(two_programs_do_not_see_each_other),
	    cmocka_unit_test(the_case_is_not_there_while_the_playbook_loads),
	    cmocka_unit_test(the_hosts_locale_does_not_matter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
