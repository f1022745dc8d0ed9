/* SPDX-License-Identifier: MIT */
/* Handlers write nothing that outlives their call; what they find from the time of loading can be read and not changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>
#include <lualib.h>

#include "book.h"

typedef struct purity_case {
	const char *before; /* the playbook, line 1 on */
	const char *body;   /* of an action: the line behind */
	const char *told;   /* a part of the findings of loading, or of the mistake of running; "": neither */
	const char *data;   /* what the case's data are afterwards, when nothing is told; NULL: no matter */
} purity_case;

static const char *whole(const purity_case *c) {
	static char source[4096];
	snprintf(source, sizeof source,
	    "%s return playbook 'p' { data = { n = integer {}, l = list {}, a = any {}, t = text {} }, event 'go' { l = list {} }, effect "
	    "'tell' { l "
	    "= list {}, a = any {} }, state 's' { on 'go' { act = function(case, event)\n%s\nend } } }",
	    c->before, c->body);
	return source;
}

static void check(const purity_case *cases, size_t count) {
	size_t wrong = 0;
	for (size_t i = 0; i < count; i++) {
		const purity_case *c = &cases[i];
		book b = {0};
		int code = book_try(&b, whole(c), NULL);
		char told[1024], data[512] = "";
		if (code == APLOMB_OK && say(&b, "go", NULL) == APLOMB_OK) {
			snprintf(told, sizeof told, "%s", mistake_of(&b));
			snprintf(data, sizeof data, "%s", data_of(&b));
		} else {
			snprintf(told, sizeof told, "%s", apl_buf_terminate(&b.found));
		}
		book_close(&b);
		bool is_right = c->told[0] == '\0' ? told[0] == '\0' : strstr(told, c->told) != NULL;
		if (is_right && c->told[0] == '\0' && c->data != NULL) is_right = strcmp(data, c->data) == 0;
		if (is_right) continue;
		print_error(
		    "%s\n| %s\ntold: %s\ndata: %s\nexpected: %s %s\n", c->before, c->body, told, data, c->told, c->data != NULL ? c->data : "");
		wrong++;
	}
	assert_int_equal(wrong, 0);
}
#define CHECK(cases) check((cases), sizeof(cases) / sizeof *(cases))

static void a_variable_outside_is_not_written(void **state) {
	(void)state;
	static const purity_case cases[] = {
	    {"local n = 0", "n = n + 1", "2 upvalue-write: \"n\" is a variable outside of this function", NULL},
	    {"local n = 0", "local m = n + 1 m = m + 1 case.data.n = m", "", "{'n':2}"},
	    {"local n = 0", "local n = n n = n + 1 case.data.n = n", "", "{'n':1}"},
	    {"local n = 0", "for i = 1, 3 do if i == 2 then\n\nn = i end end", "4 upvalue-write: \"n\"", NULL},
	    {"local a, b, c = 1, 2, 3", "local x = a + b + c\nc = x", "3 upvalue-write: \"c\"", NULL},
	    {"local f", "f = function() end", "2 upvalue-write: \"f\"", NULL},
	    {"local f", "function f() end", "2 upvalue-write: \"f\"", NULL},
	    {"local n", "local function f() n = 1 end f()", "2 upvalue-write: \"n\"", NULL},
	    {"local n", "local g = function() return function() return function()\nn = 1 end end end", "3 upvalue-write: \"n\"", NULL},
	    {"local x", "local n = 0 local function f() n = n + 1 end f() f() case.data.n = n", "", "{'n':2}"},
	    {"local x", "local n = 0 local f = function() return function() n = n + 1 end end f()() f()() case.data.n = n", "", "{'n':2}"},
	    {"local x",
	        "local function odd(n) if n == 0 then return false end return not odd(n - 1) end case.data.t = odd(3) and 'odd' or 'even'", "",
	        "{'t':'odd'}"},
	    {"local x", "for i = 1, 3 do local f = function() i = i + 1 return i end case.data.n = f() end", "", "{'n':4}"},
	    {"local x",
	        "local a = {} for k, v in pairs({ 1, 2 }) do a[k] = function() v = v + 1 return v end end case.data.n = a[1]() + a[2]()", "",
	        "{'n':5}"},
	    {"local n = 0\nn = n + 1\nlocal function tick() n = n + 1 end\ntick()", "case.data.n = n", "", "{'n':2}"},
	    /* Through what it calls. */
	    {"local n = 0\nlocal function tick()\nn = n + 1\nreturn n end", "case.data.n = tick()", "3 upvalue-write: \"n\"", NULL},
	    {"local n = 0\nlocal function tick() n = n + 1 end\nlocal function more() tick() end\nlocal function most() more() end", "most()",
	        "2 upvalue-write: \"n\"", NULL},
	    {"local n = 0\nlocal tools = { deep = { tick = function() n = n + 1 end } }", "tools.deep.tick()", "2 upvalue-write: \"n\"", NULL},
	    {"local function counter() local n = 0\nreturn function() n = n + 1 return n end end\nlocal tick = counter()",
	        "case.data.n = tick()", "2 upvalue-write: \"n\"", NULL},
	    {"local function counter() local n = 0 return function() n = n + 1 return n end end",
	        "local tick = counter() tick() case.data.n = tick()", "", "{'n':2}"},
	    {"local function adder(by) return function(n) return n + by end end\nlocal two = adder(2)", "case.data.n = two(5)", "", "{'n':7}"},
	    {"local n = 0\nlocal function twice(f) f() f() end", "local m = n twice(function() m = m + 1 end) case.data.n = m", "", "{'n':2}"},
	    {"local n = 0\nlocal function twice(f) f() f() end", "twice(function() n = n + 1 end)", "3 upvalue-write: \"n\"", NULL},
	    /* Functions that only loading calls may. */
	    {"local n = 0\nlocal function id() n = n + 1 return 's' .. n end\nlocal name = id()", "case.data.t = name", "", "{'t':'s1'}"},
	    {"local _ENV = _ENV", "x = 1", "global-assignment: \"x\" would be a global variable", NULL},
	    {"local _ENV = { playbook = playbook, text = text, integer = integer, list = list, any = any, event = event, effect = effect, "
	     "state = "
	     "state, on = on }",
	        "x = 1", "2 frozen-table: [x] cannot be written", NULL},
	    /* Iterators keep where they are. */
	    {"local words = ('a b c'):gmatch('%a')", "case.data.t = words()", "upvalue-iterator: a handler can reach an iterator", NULL},
	    {"local each = pairs({ 1, 2 })", "case.data.n = each()", "upvalue-iterator", NULL},
	    {"local each, t, i = ipairs({ 7, 8 })", "local _, v = each(t, i) case.data.n = v", "", "{'n':7}"},
	    {"local floor, m, up = math.floor, math, string.upper", "case.data.n = floor(m.max(1.5, 2.5)) case.data.t = up('x')", "",
	        "{'n':2,'t':'X'}"},
	};
	CHECK(cases);
}

static void a_finding_tells_the_place_once(void **state) {
	(void)state;
	static const char source[] = "local n = 0\n"
	                             "local function made(by) return function(case) if by > 1 then n = n + by end end end\n"
	                             "return playbook 'p' { event 'go' {}, state 's' {\n"
	                             "entry(made(1)), entry(made(2)), exit(made(3)),\n"
	                             "on 'go' { to = 's', when = function() n = 1 return true end, act = { made(4), made(5) } } } }";
	const char *found = findings_of(source);
	assert_string_equal(found, "2 upvalue-write: \"n\" is a variable outside of this function, which runs later: all cases would share it, "
	                           "and no journal would know of "
	                           "it; keep it in case.data, or make it local to the function\n"
	                           "5 upvalue-write: \"n\" is a variable outside of this function, which runs later: all cases would share it, "
	                           "and no journal would know of "
	                           "it; keep it in case.data, or make it local to the function\n");
}

static void guards_spans_and_counters_are_looked_at_too(void **state) {
	(void)state;
	static const char *const parts[] = {"on 'go' { when = function() n = 1 return true end }", "always { when = function() n = 1 end }",
	    "after(function() n = 1 return '1h' end) {}", "after '1h' { act = function() n = 1 end }", "entry(function() n = 1 end)",
	    "exit(function() n = 1 end)", "counter 'c' { of = 'go', when = function() n = 1 return true end }",
	    "on 'go' { { when = function() return true end }, { act = { function() end, function() n = 1 end } } }"};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		char source[512];
		snprintf(source, sizeof source, "local n\nreturn playbook 'p' { event 'go' {}, state 's' {\n%s } }", parts[i]);
		assert_text_has(findings_of(source), "3 upvalue-write: \"n\"");
	}
}

static void tables_from_loading_are_read_as_ever(void **state) {
	(void)state;
	static const purity_case cases[] = {
	    {"local t = { x = 1, deep = { y = 2, 3 } }", "case.data.n = t.x + t.deep.y + t.deep[1] + #t.deep + (t.nothing or 10)", "",
	        "{'n':17}"},
	    {"local t = { 5, 6, 7 }", "case.data.n = #t * 100 + t[1] + t[3]", "", "{'n':312}"},
	    {"local t = { 'b', 'a', x = 1, [3.5] = 2, [true] = 3 }",
	        "local s = '' for k, v in pairs(t) do s = s .. tostring(k) .. tostring(v) end case.data.t = s", "", "{'t':'1b2a3.52x1true3'}"},
	    {"local t = { 'b', 'a', nil, 'd' }", "local s = '' for i, v in ipairs(t) do s = s .. i .. v end case.data.t = s", "",
	        "{'t':'1b2a'}"},
	    {"local t, e = { 1 }, {}", "case.data.t = tostring(next(t)) .. tostring(next(e))", "", "{'t':'truenil'}"},
	    {"local t = { 'a', 'b', 'c' }", "case.data.t = table.concat(t, '-') .. table.concat(t, '', 2) .. select('#', table.unpack(t))", "",
	        "{'t':'a-b-cbc3'}"},
	    {"local t = { 3, 1, 2 }", "local own = table.move(t, 1, #t, 1, {}) table.sort(own) case.data.t = table.concat(own)", "",
	        "{'t':'123'}"},
	    {"local t = { a = 'A' }", "case.data.t = ('a b'):gsub('%a', t)", "", "{'t':'A b'}"},
	    {"local t = { 1, { x = 'y' }, {} }", "case.data.l = t", "", "{'l':[1,{'x':'y'},{}]}"},
	    {"local t = { a = { 1, 2 }, b = {} }", "case.data.a = t", "", "{'a':{'a':[1,2],'b':{}}}"},
	    {"local t = { l = { 1 }, a = { x = 2 } }\nlocal because = { because = 'so' }",
	        "case:effect('tell', t, because) case:effect('tell', { l = t.l, a = t }) case:log('info', 'm', t)", "", "{}"},
	    {"local t = { event = 'go', after = '1h', data = { l = { 1 } } }", "case:send(t) case:raise('go', t.data)", NULL, NULL},
	    {"local t = { l = { 1 } }", "case.data.l = t.l case.data.l = case.data.l or {} table.insert(case.data.l, 2)", "", "{'l':[1,2]}"},
	    {"local t = { { n = 1 } }", "local own = t[1] case.data.n = own.n + (own == t[1] and 1 or 0)", "", "{'n':2}"},
	    {"local t = { message = 'told' }", "error(t)", "error-execution: told", NULL},
	    {"local a = { x = 1 }\nlocal b = { a = a }\na.b = b a.self = a", "case.data.n = a.b.a.self.b.a.x + b.a.x", "", "{'n':2}"},
	    {"local key = {}\nlocal t = { [key] = 5, [print_me or 1] = 2 }", "case.data.n = t[key]", "unknown-name: \"print_me\"", NULL},
	    {"local key = {}\nlocal t = { [key] = 5 }", "case.data.n = t[key]", "", "{'n':5}"},
	    {"local t = {}\nfor i = 1, 1000 do t[i] = { i } end", "local s = 0 for i, v in ipairs(t) do s = s + v[1] end case.data.n = s", "",
	        "{'n':500500}"},
	    {"local limits = { low = 1, high = 9 }\nlocal extra = integer { min = limits.low }", "case.data.n = limits.high", "", "{'n':9}"},
	    {"local t = { f = function(self) return self.n end, n = 4 }", "case.data.n = t:f()", "", "{'n':4}"},
	};
	check(cases, 11);
	book b = {0};
	book_open(&b, whole(&cases[11]), NULL);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	assert_text_has(mistake_of(&b), "limit-"); /* it raises itself for ever: what matters is that both tables were taken */
	book_close(&b);
	check(cases + 12, sizeof cases / sizeof *cases - 12);
}

static void tables_from_loading_are_not_written(void **state) {
	(void)state;
	static const purity_case cases[] = {
	    {"local t = { x = 1 }", "t.x = 2", "2 frozen-table: [x] cannot be written: the table was made while the playbook was loaded", NULL},
	    {"local t = { x = 1 }", "\nt.y = 2", "3 frozen-table: [y] cannot be written", NULL},
	    {"local t = { x = 1 }", "t.x = nil", "2 frozen-table: [x]", NULL},
	    {"local t = {}", "t[#t + 1] = case.id", "2 frozen-table: [1]", NULL},
	    {"local t = { deep = { deeper = {} } }", "t.deep.deeper.x = 1", "2 frozen-table: [x]", NULL},
	    {"local t = { 1, 2 }", "local own = t own[1] = 5", "2 frozen-table: [1]", NULL},
	    {"local function get() local t = { 1 } return function() return t end end\nlocal f = get()", "f()[1] = 2", "frozen-table: [1]",
	        NULL},
	    {"local function set(t) t.x = 1 end\nlocal t = {}", "set(t)", "1 frozen-table: [x]", NULL},
	    {"local t = { 1 }", "table.insert(t, 2)", "2 frozen-table: table.insert would change a table", NULL},
	    {"local t = { 1 }", "table.remove(t)", "2 frozen-table: table.remove would change a table", NULL},
	    {"local t = { 2, 1 }", "table.sort(t)", "2 frozen-table: table.sort would change a table", NULL},
	    {"local t = { 1, 2 }", "table.move(t, 1, 1, 2)", "2 frozen-table: table.move would change a table", NULL},
	    {"local t = { 1, 2 }", "table.move({ 5 }, 1, 1, 1, t)", "2 frozen-table: table.move would change a table", NULL},
	    {"local t = { 1, 2 }", "local _, s = ipairs(t) s[1] = 9", "2 frozen-table: [1]", NULL},
	    {"local t = { 1, 2 }", "local _, s = pairs(t) assert(s == nil) case.data.n = t[1]", "", "{'n':1}"},
	    {"local t = {}\nlocal keys = { [t] = 1 }", "for k in pairs({}) do end keys[t] = 2", "frozen-table: [table]", NULL},
	    {"local a = {} a.a = a", "a.a.a.x = 1", "2 frozen-table: [x]", NULL},
	    {"local t = list {}", "t.x = 1", "2 word-value: list is a value to be put into a table", NULL},
	};
	CHECK(cases);
}

static void modules_are_pure_as_well(void **state) {
	(void)state;
	static const book_file files[] = {
	    {"tools.lua", "local M = { limits = { 1, 2 }, name = 'tools' }\n"
	                  "local made = 0\n"
	                  "function M.plus(a, b) return a + b end\n"
	                  "function M.spoil() M.name = 'spoilt' end\n"
	                  "function M.grow() M.limits[3] = 3 end\n"
	                  "return M"},
	    {"counting.lua", "local M = {}\nlocal n = 0\nfunction M.tick()\nn = n + 1\nreturn n end\nreturn M"},
	    {NULL, NULL},
	};
	static const struct {
		const char *body, *told, *data;
	} cases[] = {
	    {"case.data.n = tools.plus(1, #tools.limits + tools.limits[2]) case.data.t = tools.name", "", "{'n':5,'t':'tools'}"},
	    {"tools.spoil()", "4 frozen-table: [name] cannot be written", NULL},
	    {"tools.grow()", "5 frozen-table: [3] cannot be written", NULL},
	    {"tools.limits.x = 1", "2 frozen-table: [x] cannot be written", NULL},
	    {"tools.name = 'mine'", "2 locked: module tools cannot be changed", NULL},
	    {"return tools.nome", "2 unknown-name: module tools has no member \"nome\"; did you mean \"name\"?", NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const purity_case c = {"local tools = require 'tools'", cases[i].body, cases[i].told, NULL};
		book b = {.files = files};
		book_open(&b, whole(&c), NULL);
		assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
		assert_text_has(mistake_of(&b), cases[i].told);
		if (cases[i].data != NULL) assert_string_equal(data_of(&b), cases[i].data);
		book_close(&b);
	}
	const purity_case counting = {"local counting = require 'counting'", "case.data.n = counting.tick()", "", NULL};
	assert_text_has(findings_among(whole(&counting), files), "counting.lua:4 upvalue-write: \"n\"");
}

/* What a case does to its own tables another case, and another playbook, does not see. */
static void a_case_leaves_nothing_behind(void **state) {
	(void)state;
	static const char source[] = "local t = { 1 } return playbook 'p' { data = { l = list {}, n = integer {} }, event 'go' {}, state 's' { "
	                             "on 'go' { act = function(case)\n"
	                             "case.data.l = t table.insert(case.data.l, 2) case.data.n = #t end } } }";
	book a = {0}, b = {0};
	book_open(&a, source, NULL);
	book_open(&b, source, NULL);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(say(&a, "go", NULL), APLOMB_OK);
		assert_string_equal(data_of(&a), "{'l':[1,2],'n':1}");
	}
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	assert_string_equal(data_of(&b), "{'l':[1,2],'n':1}");
	book_close(&a);
	book_close(&b);
}

/* ---- what is there at all ------------------------------------------------------------ */

/* Does the page list the name: of itself, or behind "of `library`:"? */
static bool is_listed(const char *page, const char *library, const char *name) {
	const char *at = strstr(page, "There are `assert`");
	const char *end = strstr(page, "Nothing else: no files");
	assert_true(at != NULL && end != NULL && at < end);
	char heading[64];
	if (strcmp(library, "utf8") == 0) return true; /* whole */
	snprintf(heading, sizeof heading, "of `%s`: ", library);
	const char *from = library[0] != '\0' ? strstr(at, heading) : at;
	if (from == NULL || from > end) return false;
	from += library[0] != '\0' ? strlen(heading) : 0;
	const char *to = strchr(from, ';'); /* libraries stand behind semicolons */
	size_t size = strlen(name);
	for (const char *c = from; c + size < to; c++) {
		bool begins = c[-1] == '`' || c[-1] == ' ' || c[-1] == '\n';
		bool ends = c[size] == '`' || c[size] == ' ' || c[size] == '\n';
		if (begins && ends && strncmp(c, name, size) == 0) return true;
	}
	return false;
}

/* Every name of Lua's own library is there, or is not, as the page says. */
static void the_allow_list_is_the_pages(void **state) {
	(void)state;
	static const char *const libraries[] = {"", "coroutine", "debug", "io", "math", "os", "package", "string", "table", "utf8"};
	size_t size, there = 0, gone = 0;
	char *page = read_whole("docs/language.md", &size);
	assert_non_null(page);
	lua_State *L = luaL_newstate();
	luaL_openlibs(L);
	for (size_t l = 0; l < sizeof libraries / sizeof *libraries; l++) {
		lua_pushglobaltable(L);
		if (libraries[l][0] != '\0') lua_getfield(L, -1, libraries[l]);
		lua_pushnil(L);
		while (lua_next(L, -2) != 0) {
			char body[128];
			const char *name = lua_tostring(L, -2);
			/* A library's own name, and `require`, which finds modules and is a word of its own. */
			bool is_other = lua_type(L, -1) == LUA_TTABLE || strcmp(name, "require") == 0;
			lua_pop(L, 1);
			if (is_other) continue;
			snprintf(body, sizeof body, "local x = %s%s%s", libraries[l], libraries[l][0] != '\0' ? "." : "", name);
			bool is_there = strcmp(act(body, NULL), "") == 0;
			if (is_there != is_listed(page, libraries[l], name)) fail_msg("%s: docs/language.md says something else", body);
			there += is_there;
			gone += !is_there;
		}
		lua_settop(L, 0);
	}
	lua_close(L);
	free(page);
	end_book();
	assert_true(there > 40 && gone > 60);
}

static void numbers_that_are_none_do_not_enter_the_data(void **state) {
	(void)state;
	static const purity_case cases[] = {
	    {"", "case.data.n = 1/0", "2 wrong-type: data.n", NULL},
	    {"", "case.data.n = 0/0", "2 wrong-type: data.n", NULL},
	    {"", "case.data.a = -1/0", "2 wrong-type: data.a: the number is not finite", NULL},
	    {"", "case.data.a = { x = { 1, 0/0 } }", "2 wrong-type: data.a.x[2]: the number is not finite", NULL},
	    {"", "case.data.l = {} table.insert(case.data.l, math.huge)", "wrong-type: data.l[1]: the number is not finite", NULL},
	    {"", "case:effect('tell', { a = 0/0 })", "2 wrong-type: effect \"tell\".a: the number is not finite", NULL},
	    {"local nan = 0/0", "case.data.a = nan", "2 wrong-type: data.a: the number is not finite", NULL},
	};
	CHECK(cases);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_variable_outside_is_not_written),
	    cmocka_unit_test(a_finding_tells_the_place_once),
	    cmocka_unit_test(guards_spans_and_counters_are_looked_at_too),
	    cmocka_unit_test(tables_from_loading_are_read_as_ever),
	    cmocka_unit_test(tables_from_loading_are_not_written),
	    cmocka_unit_test(modules_are_pure_as_well),
	    cmocka_unit_test(a_case_leaves_nothing_behind),
	    cmocka_unit_test(the_allow_list_is_the_pages),
	    cmocka_unit_test(numbers_that_are_none_do_not_enter_the_data),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
