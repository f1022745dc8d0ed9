/* SPDX-License-Identifier: MIT */
/* The tokens of Lua, their places and their worth, held against Lua itself. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <lauxlib.h>

#include "book.h"
#include "lua/lexer.h"

/* ---- tokens as text ------------------------------------------------------------------- */

/* "1:1 name local_name, 1:7 sign =": place, kind, and the token's own bytes. Line breaks in them are shown as "$". */
static const char *tokens_of(const char *source) {
	static const char *const kinds[] = {"end", "name", "keyword", "sign", "number", "text", "long", "wrong"};
	static char shown[4096];
	size_t at = 0;
	apl_lexer lexer;
	apl_lexer_init(&lexer, source, strlen(source));
	for (;;) {
		apl_token token = apl_lexer_next(&lexer);
		if (token.kind == APL_TOKEN_END) break;
		at += (size_t)snprintf(shown + at, sizeof shown - at, "%s%u:%u %s%s ", at > 0 ? ", " : "", (unsigned)token.line,
		    (unsigned)token.column, token.is_plain && token.kind != APL_TOKEN_WRONG ? "plain " : "", kinds[token.kind]);
		for (uint32_t i = 0; i < token.size && at + 1 < sizeof shown; i++) {
			char c = source[token.offset + i];
			shown[at++] = c == '\n' || c == '\r' ? '$' : c;
		}
		shown[at] = '\0';
	}
	return at > 0 ? shown : "";
}

typedef struct lexer_case {
	const char *source;
	const char *tokens;
} lexer_case;

static void each_token_has_its_place(void **state) {
	(void)state;
	static const lexer_case cases[] = {
	    {"", ""},
	    {"  \t\n\r\n ", ""},
	    {"local a = 1", "1:1 keyword local, 1:7 name a, 1:9 sign =, 1:11 number 1"},
	    {"\tx\n\t\ty", "1:2 name x, 2:3 name y"},
	    {"a\nb\rc\r\nd\n\re\n\nf", "1:1 name a, 2:1 name b, 3:1 name c, 4:1 name d, 5:1 name e, 7:1 name f"},
	    {"'\xc3\xa9\xe2\x82\xac' x", "1:1 plain text '\xc3\xa9\xe2\x82\xac', 1:6 name x"},
	    {"-- caf\xc3\xa9\nx --[[ a\nb ]] y --[==[ ]] ]=] ]==] z", "2:1 name x, 3:6 name y, 3:27 name z"},
	    {"--[=x\ny", "2:1 name y"},
	    {"--[[ never closed", ""},
	    {"--", ""},
	    {"and_ andy _and and", "1:1 name and_, 1:6 name andy, 1:11 name _and, 1:16 keyword and"},
	    {"while until true then return repeat or not nil in if goto function for false end elseif else do break",
	        "1:1 keyword while, 1:7 keyword until, 1:13 keyword true, 1:18 keyword then, 1:23 keyword return, 1:30 keyword repeat, "
	        "1:37 keyword or, 1:40 keyword not, 1:44 keyword nil, 1:48 keyword in, 1:51 keyword if, 1:54 keyword goto, "
	        "1:59 keyword function, 1:68 keyword for, 1:72 keyword false, 1:78 keyword end, 1:82 keyword elseif, 1:89 keyword else, "
	        "1:94 keyword do, 1:97 keyword break"},
	    {"a.b:c[d]{e}(f)",
	        "1:1 name a, 1:2 sign ., 1:3 name b, 1:4 sign :, 1:5 name c, 1:6 sign [, 1:7 name d, 1:8 sign ], 1:9 sign {, 1:10 name e, "
	        "1:11 sign }, 1:12 sign (, 1:13 name f, 1:14 sign )"},
	    {"+-*/ // % ^ # & ~ | << >> == ~= <= >= < > = :: ; , .. ...",
	        "1:1 sign +, 1:2 sign -, 1:3 sign *, 1:4 sign /, 1:6 sign //, 1:9 sign %, 1:11 sign ^, 1:13 sign #, 1:15 sign &, 1:17 sign ~, "
	        "1:19 sign |, 1:21 sign <<, 1:24 sign >>, 1:27 sign ==, 1:30 sign ~=, 1:33 sign <=, 1:36 sign >=, 1:39 sign <, 1:41 sign >, "
	        "1:43 sign =, 1:45 sign ::, 1:48 sign ;, 1:50 sign ,, 1:52 sign .., 1:55 sign ..."},
	    {"a<<=b", "1:1 name a, 1:2 sign <<, 1:4 sign =, 1:5 name b"},
	    {"....", "1:1 sign ..., 1:4 sign ."},
	    {"a..b", "1:1 name a, 1:2 sign .., 1:4 name b"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) assert_string_equal(tokens_of(cases[i].source), cases[i].tokens);
}

static void numbers_are_read_in_all_their_forms(void **state) {
	(void)state;
	static const lexer_case cases[] = {
	    {"0 12 3. .5 3.25 1e10 1E-3 2e+7 .5e1",
	        "1:1 number 0, 1:3 number 12, 1:6 number 3., 1:9 number .5, 1:12 number 3.25, 1:17 number 1e10, "
	        "1:22 number 1E-3, 1:27 number 2e+7, 1:32 number .5e1"},
	    {"0x10 0Xff 0x.8p1 0xA.p-4 0x1e+1", "1:1 number 0x10, 1:6 number 0Xff, 1:11 number 0x.8p1, 1:18 number 0xA.p-4, 1:26 number 0x1e, "
	                                        "1:30 sign +, 1:31 number 1"},
	    {"1..2", "1:1 wrong 1..2"},
	    {"3x", "1:1 wrong 3x"},
	    {"0x", "1:1 wrong 0x"},
	    {"1e 1e+ 0x1p", "1:1 wrong 1e, 1:4 wrong 1e+, 1:8 wrong 0x1p"},
	    {"1.2.3", "1:1 wrong 1.2.3"},
	    {"12_3", "1:1 wrong 12_3"},
	    {"1 ..2", "1:1 number 1, 1:3 sign .., 1:5 number 2"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) assert_string_equal(tokens_of(cases[i].source), cases[i].tokens);
}

static void texts_end_where_lua_ends_them(void **state) {
	(void)state;
	static const lexer_case cases[] = {
	    {"'a' \"b\" ''", "1:1 plain text 'a', 1:5 plain text \"b\", 1:9 plain text ''"},
	    {"'a\"' \"'\"", "1:1 plain text 'a\"', 1:6 plain text \"'\""},
	    {"'\\'' x", "1:1 text '\\'', 1:6 name x"},
	    {"'\\\\' x", "1:1 text '\\\\', 1:6 name x"},
	    {"'a\\\nb' x", "1:1 text 'a\\$b', 2:4 name x"},
	    {"'a\\\r\nb' x", "1:1 text 'a\\$$b', 2:4 name x"},
	    {"'a\\z \n\t b' x", "1:1 text 'a\\z $\t b', 2:6 name x"},
	    {"'\\x41\\u{1F600}\\065\\a' x", "1:1 text '\\x41\\u{1F600}\\065\\a', 1:23 name x"},
	    {"[[a]] x", "1:1 plain long [[a]], 1:7 name x"},
	    {"[[\na\nb]] x", "1:1 plain long [[$a$b]], 3:5 name x"},
	    {"[[a\r\nb]] x", "1:1 long [[a$$b]], 2:5 name x"},
	    {"[==[ ]] ]=] \\ ]==] x", "1:1 plain long [==[ ]] ]=] \\ ]==], 1:20 name x"},
	    {"[=[]]=]", "1:1 plain long [=[]]=]"},
	    {"'never", "1:1 wrong 'never"},
	    {"'never\nx'", "1:1 wrong 'never, 2:1 name x, 2:2 wrong '"},
	    {"'\\q' x", "1:1 wrong '\\, 1:3 name q, 1:4 wrong ' x"},
	    {"'\\300'", "1:1 wrong '\\300, 1:6 wrong '"},
	    {"'\\x4g'", "1:1 wrong '\\x, 1:4 wrong 4g, 1:6 wrong '"},
	    {"'\\u{110000000}'", "1:1 wrong '\\u{11000000, 1:13 wrong 0, 1:14 sign }, 1:15 wrong '"},
	    {"[[never\n", "1:1 wrong [[never$"},
	    {"[=x", "1:1 wrong [=, 1:3 name x"},
	    {"@ \xe2\x82\xac x", "1:1 wrong @, 1:3 wrong \xe2\x82\xac, 1:5 name x"},
	    {"\x01", "1:1 wrong \x01"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *tokens = tokens_of(cases[i].source);
		/* What follows a wrong text does not matter, only that reading goes on. */
		if (strncmp(cases[i].tokens, "1:1 wrong '\\", 12) == 0)
			assert_int_equal(strncmp(tokens, "1:1 wrong '\\", 12), 0);
		else
			assert_string_equal(tokens, cases[i].tokens);
	}
}

/* ---- against Lua ------------------------------------------------------------------------ */

static int keep(lua_State *L, const void *bytes, size_t size, void *payload) {
	(void)L;
	apl_buf_add(payload, bytes, size);
	return 0;
}

/* The compiled form without names, or nothing. */
static bool compile(lua_State *L, const char *source, size_t size, apl_buf *out) {
	apl_buf_clear(out);
	bool is_good = luaL_loadbufferx(L, source, size, "=x", "t") == LUA_OK;
	if (is_good) lua_dump(L, keep, out, 1);
	lua_settop(L, 0);
	return is_good;
}

/* The value of a text or number token is what Lua makes of it. */
static bool value_agrees(lua_State *L, const char *source, const apl_token *token) {
	apl_alloc alloc = apl_alloc_system();
	apl_buf text;
	apl_buf_init(&text, &alloc);
	apl_buf_text(&text, "return ");
	apl_buf_add(&text, source + token->offset, token->size);
	if (luaL_loadbufferx(L, text.bytes, text.size, "=value", "t") != LUA_OK || lua_pcall(L, 0, 1, 0) != LUA_OK) {
		apl_buf_dispose(&text);
		return false;
	}
	bool agrees;
	if (token->kind == APL_TOKEN_NUMBER) {
		int64_t integer = 0;
		double real = 0;
		apl_token_number kind = apl_token_to_number(source, token, &integer, &real);
		agrees = kind == APL_NUMBER_UNREAD || (kind == APL_NUMBER_INTEGER ? lua_isinteger(L, -1) && lua_tointeger(L, -1) == integer
		                                                                  : !lua_isinteger(L, -1) && lua_tonumber(L, -1) == real);
	} else {
		size_t size;
		const char *expected = lua_tolstring(L, -1, &size);
		apl_buf_clear(&text);
		apl_token_value(source, token, &text);
		agrees = text.size == size && (size == 0 || memcmp(text.bytes, expected, size) == 0);
		uint32_t from, to;
		apl_token_inside(source, token, &from, &to);
		if (agrees && token->is_plain) agrees = to - from == size && (size == 0 || memcmp(source + from, expected, size) == 0);
	}
	lua_settop(L, 0);
	apl_buf_dispose(&text);
	return agrees;
}

/* The tokens alone, each in its line with blanks between, compile to the same as the file. */
static void agree_with_lua(lua_State *L, const char *name, const char *source, size_t size) {
	apl_alloc alloc = apl_alloc_system();
	apl_buf whole, apart, text;
	apl_buf_init(&whole, &alloc);
	apl_buf_init(&apart, &alloc);
	apl_buf_init(&text, &alloc);
	if (!compile(L, source, size, &whole)) goto done; /* a file that is wrong on purpose */
	apl_lexer lexer;
	apl_lexer_init(&lexer, source, size);
	uint32_t line = 1;
	for (;;) {
		apl_token token = apl_lexer_next(&lexer);
		if (token.kind == APL_TOKEN_END) break;
		if (token.kind == APL_TOKEN_WRONG) fail_msg("%s:%u:%u: no token", name, (unsigned)token.line, (unsigned)token.column);
		apl_buf_byte(&text, ' ');
		for (; line < token.line; line++) apl_buf_byte(&text, '\n');
		apl_buf_add(&text, source + token.offset, token.size);
		bool is_value = token.kind == APL_TOKEN_TEXT || token.kind == APL_TOKEN_LONG_TEXT || token.kind == APL_TOKEN_NUMBER;
		if (is_value && !value_agrees(L, source, &token))
			fail_msg("%s:%u:%u: the value differs", name, (unsigned)token.line, (unsigned)token.column);
		line = lexer.line;
	}
	if (!compile(L, apl_buf_terminate(&text), text.size, &apart) || apart.size != whole.size ||
	    memcmp(apart.bytes, whole.bytes, whole.size) != 0)
		fail_msg("%s: its tokens do not make the same program", name);
done:
	apl_buf_dispose(&text);
	apl_buf_dispose(&apart);
	apl_buf_dispose(&whole);
}

static size_t agree_in_folder(lua_State *L, const char *folder, int depth) {
	size_t count = 0;
	DIR *listing = opendir(folder);
	if (listing == NULL) return 0;
	for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
		char path[1024];
		struct stat about;
		if (entry->d_name[0] == '.' || (depth == 0 && strcmp(entry->d_name, "build") == 0)) continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (stat(path, &about) != 0) continue;
		if (S_ISDIR(about.st_mode) && depth < 8) count += agree_in_folder(L, path, depth + 1);
		size_t length = strlen(path);
		if (!S_ISREG(about.st_mode) || length < 4 || strcmp(path + length - 4, ".lua") != 0) continue;
		size_t size;
		char *source = read_whole(path, &size);
		assert_non_null(source);
		agree_with_lua(L, path, source, size);
		free(source);
		count++;
	}
	closedir(listing);
	return count;
}

static void every_file_of_the_tree_is_read_as_lua_reads_it(void **state) {
	(void)state;
	lua_State *L = luaL_newstate();
	assert_true(agree_in_folder(L, ".", 0) > 60);
	lua_close(L);
}

static void values_are_what_lua_makes_of_them(void **state) {
	(void)state;
	static const char *const sources[] = {"'\\a\\b\\f\\n\\r\\t\\v\\\\\\\"\\''", "'\\0\\00\\000\\1a\\0123\\255'", "'\\x00\\x7f\\xfF'",
	    "'\\u{0}\\u{7f}\\u{80}\\u{7ff}\\u{800}\\u{ffff}\\u{10000}\\u{1fffff}\\u{200000}\\u{3ffffff}\\u{4000000}\\u{7fffffff}'",
	    "'a\\z  \n\r\n \t b\\\nc\\\r\nd\\\n\re\\\rf'", "[[\n\na\r\nb\n\rc\rd\\n]]", "[[\r\nx]]", "[=[\r\rx]=]", "[[]]", "[[\n]]",
	    "[==[]]]=]]==]", "''", "\"\xe2\x82\xac\"", "9223372036854775807", "9223372036854775808", "0x7fffffffffffffff",
	    "0xffffffffffffffffff", "1e308", "1e309", "123456789012345678901234567890", "0.1", ".1e-5", "3.", "00012",
	    "0.000000000000000000001", "1e-400", "5e-324", "0.1000000000000000055511151231257827021181583404541015625"};
	lua_State *L = luaL_newstate();
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
		apl_lexer lexer;
		apl_lexer_init(&lexer, sources[i], strlen(sources[i]));
		apl_token token = apl_lexer_next(&lexer);
		if (token.size != strlen(sources[i]) || !value_agrees(L, sources[i], &token)) fail_msg("%s", sources[i]);
	}
	lua_close(L);
}

/* What Lua's reader refuses is wrong here too, and the other way round. */
static void what_lua_refuses_is_no_token(void **state) {
	(void)state;
	static const char *const pieces[] = {"'", "\"", "\\", "\\x4", "\\u{", "}", "1", "e", "x", ".", "..", "p", "+", "0", "[", "=", "[[",
	    "]]", "\n", "\r", "a", "~", "@", "\\z", "\\2", "56", " ", "\xc3\xa9", "-", "--"};
	lua_State *L = luaL_newstate();
	size_t n = sizeof pieces / sizeof *pieces, compared = 0;
	uint32_t random = 1;
	for (int round = 0; round < 200000; round++) {
		char source[64] = "";
		for (int i = 0; i < 5; i++) {
			random = random * 1664525 + 1013904223;
			strcat(source, pieces[(random >> 8) % n]);
		}
		apl_lexer lexer;
		apl_lexer_init(&lexer, source, strlen(source));
		apl_token token = apl_lexer_next(&lexer);
		bool is_value = token.kind == APL_TOKEN_TEXT || token.kind == APL_TOKEN_LONG_TEXT || token.kind == APL_TOKEN_NUMBER;
		/* Only where one token is all there is: then the grammar of Lua has nothing to say. */
		if (token.kind == APL_TOKEN_WRONG ? token.offset + token.size != strlen(source) : !is_value) continue;
		if (is_value && apl_lexer_next(&lexer).kind != APL_TOKEN_END) continue;
		compared++;
		if (is_value ? value_agrees(L, source, &token) : !value_agrees(L, source, &token)) continue;
		fail_msg("%s", source);
	}
	assert_true(compared > 1000);
	lua_close(L);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_token_has_its_place),
	    cmocka_unit_test(numbers_are_read_in_all_their_forms),
	    cmocka_unit_test(texts_end_where_lua_ends_them),
	    cmocka_unit_test(every_file_of_the_tree_is_read_as_lua_reads_it),
	    cmocka_unit_test(values_are_what_lua_makes_of_them),
	    cmocka_unit_test(what_lua_refuses_is_no_token),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
