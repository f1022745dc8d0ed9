/* SPDX-License-Identifier: MIT */
/*
 * Patterns mean what Lua means: random patterns over random texts are given to
 * our find, match, gmatch and gsub and to Lua's own, which have to give the
 * same values, or both refuse. And no pattern costs more than it is allowed to.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>
#include <lualib.h>

#include "../test_cmocka.h"
#include "../test_heap.h"
#include "../test_rounds.h"
#include "lua/mod_string.h"
#include "lua/pattern.h"

enum { SEARCHES = 40000, FEWER_SEARCHES = 2000 };

/* (ours, theirs, how many, seed) → how many matched, how many were refused; raises at the first difference. */
static const char comparing[] =
    "local ours, theirs, count, seed = ...\n"
    "local function draw(n) seed = (seed * 6364136223846793005 + 1442695040888963407) return (seed >> 33) % n + 1 end\n"
    "local function one(list) return list[draw(#list)] end\n"
    "local letters = { 'a', 'b', 'a', 'b', 'x', 'A', '1', ' ', '(', ')', '(', ']', '-', '%', '\\0', '\\xe9', '\\n', '_', '^' }\n"
    "local items = { 'a', 'b', 'x', '.', '%a', '%A', '%d', '%s', '%w', '%W', '%l', '%u', '%p', '%x', '%g', '%c', '%C', '%z', '%%', '%(', "
    "'%)',\n"
    "  '%-', '%]', '[ab]', '[^a]', '[a-x]', '[%w_]', '[^%s]', '[]]', '[^]]', '[a-]', '[-a]', '[%-x]', '[a%]', '[%a-x]', '[+--]', "
    "'[\\0-\\xff]',\n"
    "  '\\0', '\\xe9', ' ', '(', ')', ']', '^', '1', '_', '[x-a]', '[%]]', '[^%]a]', '[a-%%b]' }\n"
    "local others = { '()', '(', ')', '(', ')', '(a)', '(.-)', '(.*)', '(%a+)', '%1', '%2', '%0', '%b()', '%bab', '%baa', '%f[%w]', "
    "'%f[^a]', "
    "'%f[%z]', '%fa',\n"
    "  '%b', '%bx', '%f', '%', '[', '[^', '[a', '[%', '*', '+', '-', '?', '$', '^', '(()', '((a)(b))', '(.)%1' }\n"
    "local suffixes = { '', '', '', '*', '+', '-', '?' }\n"
    "local function text(most) local t = {} for i = 1, draw(most) - 1 do t[i] = one(letters) end return table.concat(t) end\n"
    "local function pattern()\n"
    "  local t = { draw(6) == 1 and '^' or '' }\n"
    "  for i = 1, draw(7) - 1 do t[#t + 1] = (draw(3) == 1 and one(others) or one(items)) .. one(suffixes) end\n"
    "  if draw(6) == 1 then t[#t + 1] = '$' end\n"
    "  return table.concat(t)\n"
    "end\n"
    "local inits = { nil, nil, nil, 1, 2, 5, 0, -1, -3, -100, 100, math.mininteger, math.maxinteger }\n"
    "local table_of = { a = 'A', b = false, ab = 7, x = 1.5, [1] = 'one' }\n"
    "local bad_table = setmetatable({}, { __index = function(_, k) return #tostring(k) > 1 and {} or nil end })\n"
    "local replacements = { '', 'x', '%0', '<%1>', '%2%1', '%%', '%', '%x', 7, 2.5, '[%0%0]', table_of, bad_table, true,\n"
    "  function(...) return table.concat({ ... }, ',') end, function() end, function(a) return a == 'a' and 'long' end, function() return "
    "{} end }\n"
    "local function all(library, s, p, init)\n"
    "  local t = {}\n"
    "  local next = library.gmatch(s, p, init)\n"
    "  for i = 1, 30 do\n"
    "    local row = table.pack(next())\n"
    "    for k = 1, row.n do t[#t + 1] = type(row[k]) .. tostring(row[k]) end\n"
    "    t[#t + 1] = row.n\n"
    "  end\n"
    "  return table.concat(t, ';')\n"
    "end\n"
    "local function shown(row) for i = 1, row.n do row[i] = type(row[i]) .. ':' .. tostring(row[i]) end return table.concat(row, ' | ') "
    "end\n"
    "local matched, refused = 0, 0\n"
    "local function compare(what, a, b, ...)\n"
    "  local x, y = table.pack(pcall(a, ...)), table.pack(pcall(b, ...))\n"
    "  if not x[1] and not y[1] then\n"
    "    local said = tostring(x[2])\n"
    "    if said:find('invalid conversion', 1, true) or said:find(\"after '%f'\", 1, true) == nil and said:find(\"after '\", 1, true) "
    "then\n"
    "      error('told as: ' .. said, 0)\n"
    "    end\n"
    "    refused = refused + 1 return\n"
    "  end\n"
    "  if x[1] and x[2] then matched = matched + 1 end\n"
    "  x, y = shown(x), shown(y)\n"
    "  if x ~= y then error(what .. ' of ' .. shown(table.pack(...)) .. '\\nours:   ' .. x .. '\\ntheirs: ' .. y, 0) end\n"
    "end\n"
    "for i = 1, count do\n"
    "  local s, p, init = text(14), pattern(), one(inits)\n"
    "  compare('find', ours.find, theirs.find, s, p, init)\n"
    "  compare('match', ours.match, theirs.match, s, p, init)\n"
    "  compare('plain find', ours.find, theirs.find, s, p, init, true)\n"
    "  compare('short find', ours.find, theirs.find, s, text(3), init)\n"
    "  compare('gsub', ours.gsub, theirs.gsub, s, p, one(replacements), draw(3) == 1 and draw(5) - 2 or nil)\n"
    "  compare('gmatch', function() return all(ours, s, p, init) end, function() return all(theirs, s, p, init) end)\n"
    "end\n"
    "return matched, refused\n";

static void patterns_find_what_lua_finds(void **state) {
	(void)state;
	test_heap heap = {0};
	const apl_alloc alloc = {test_heap_alloc, &heap};
	apl_lua *host;
	aplomb_error error;
	assert_int_equal(apl_lua_host_new(&host, &alloc, NULL, &error), APLOMB_OK);
	host->instruction_limit = UINT64_MAX;
	lua_State *L = host->L;
	luaL_openlibs(L);
	const char *wanted = getenv("APLOMB_PATTERNS");
	const char *seed = getenv("APLOMB_PATTERN_SEED");
	lua_Integer count = wanted != NULL ? atoll(wanted) : APL_ROUNDS(SEARCHES, FEWER_SEARCHES);
	if (luaL_loadbufferx(L, comparing, sizeof comparing - 1, "=comparing", "t") != LUA_OK) fail_msg("%s", lua_tostring(L, -1));
	lua_createtable(L, 0, 4);
	apl_lua_put_searches(L);
	lua_getglobal(L, "string");
	lua_pushinteger(L, count);
	lua_pushinteger(L, seed != NULL ? atoll(seed) : 42);
	if (lua_pcall(L, 4, 2, 0) != LUA_OK) fail_msg("%s", lua_tostring(L, -1));
	/* The test tests something: many patterns match, and some are malformed. */
	assert_true(lua_tointeger(L, -2) > count);
	assert_true(lua_tointeger(L, -1) > count / 4);
	lua_settop(L, 0);
	apl_lua_host_free(host);
	assert_int_equal(heap.blocks, 0);
}

/* How a search over [size] times "a" ends that may take [steps]. */
static apl_lua_pattern_answer search(const char *text, const char *pattern, uint64_t steps, uint64_t *taken) {
	apl_lua_pattern p = {.text = text, .text_end = text + strlen(text), .begin = pattern, .end = pattern + strlen(pattern), .steps = steps};
	const char *end;
	apl_lua_pattern_answer answer = apl_lua_pattern_match(&p, text, &end);
	*taken = steps - p.steps;
	return answer;
}

static void a_search_that_would_take_for_ever_ends(void **state) {
	(void)state;
	static const char *const patterns[] = {"a*a*a*a*a*a*a*a*b", "a-a-a-a-a-a-a-a-b",
	    "a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?b", "(a*)(a*)(a*)%1%2%3%1%2%3b", ".-.-.-.-.-.-.-x",
	    "[^x]*[^x]*[^x]*[^x]*[^x]*x", "%a+%a+%a+%a+%a+%d"};
	char text[1001];
	uint64_t taken;
	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
		assert_int_equal(search(text, patterns[i], 100000, &taken), APL_PATTERN_TOO_MUCH);
		assert_int_equal(taken, 100000);
	}
	/* What is no trouble takes about as many steps as there are bytes. */
	assert_int_equal(search(text, "a*b", 100000, &taken), APL_PATTERN_NO);
	assert_in_range(taken, 1000, 4000);
	assert_int_equal(search(text, ".-$", 100000, &taken), APL_PATTERN_YES);
	assert_in_range(taken, 1000, 4000);
	assert_int_equal(search(text, "%b()", 100000, &taken), APL_PATTERN_NO);
	assert_in_range(taken, 1, 8);
}

static void the_longest_pattern_has_a_row_for_each_item(void **state) {
	(void)state;
	char pattern[APL_PATTERN_MOST + 1], text[APL_PATTERN_MOST + 1];
	uint64_t taken;
	for (size_t i = 0; i < APL_PATTERN_MOST; i += 2) memcpy(pattern + i, "a?", 2);
	pattern[APL_PATTERN_MOST] = '\0';
	memset(text, 'a', APL_PATTERN_MOST);
	text[APL_PATTERN_MOST] = '\0';
	assert_int_equal(search(text, pattern, 100000, &taken), APL_PATTERN_YES);
	for (size_t i = 0; i < APL_PATTERN_MOST; i += 2) memcpy(pattern + i, "a*", 2);
	assert_int_equal(search(text, pattern, 100000, &taken), APL_PATTERN_YES);
	for (size_t i = 0; i < APL_PATTERN_MOST; i += 2) memcpy(pattern + i, "a-", 2);
	pattern[APL_PATTERN_MOST - 1] = '$';
	assert_int_equal(search(text, pattern, 100000, &taken), APL_PATTERN_YES);
}

static void plain_text_is_looked_for_within_its_steps(void **state) {
	(void)state;
	char text[4096];
	memset(text, 'a', sizeof text);
	text[4000] = 'b';
	uint64_t steps = 100000;
	assert_ptr_equal(apl_lua_pattern_find_plain(text, sizeof text, "ab", 2, &steps), text + 3999);
	steps = 100000;
	assert_ptr_equal(apl_lua_pattern_find_plain(text, sizeof text, "b", 1, &steps), text + 4000);
	assert_true(steps > 99000); /* what does not begin like it is passed over quickly */
	steps = 100;
	assert_null(apl_lua_pattern_find_plain(text, sizeof text, "ab", 2, &steps));
	assert_int_equal(steps, 0);
	steps = 100;
	assert_null(apl_lua_pattern_find_plain(text, 3, "aaaa", 4, &steps));
	assert_true(steps > 0);
	assert_ptr_equal(apl_lua_pattern_find_plain(text, 0, "", 0, &steps), text);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(patterns_find_what_lua_finds),
	    cmocka_unit_test(a_search_that_would_take_for_ever_ends),
	    cmocka_unit_test(the_longest_pattern_has_a_row_for_each_item),
	    cmocka_unit_test(plain_text_is_looked_for_within_its_steps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
