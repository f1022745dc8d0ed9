/* SPDX-License-Identifier: MIT */
/* Constructors, keys, items and calls of a Lua file, found in many layouts. */
#include <stdio.h>
#include <string.h>

#include "../test_rounds.h"
#include "book.h"
#include "lua/places.h"

static test_heap heap;
static apl_findings findings;
static apl_places *places;

static void forget(void) {
	apl_places_free(places);
	places = NULL;
	if (findings.alloc.fn != NULL) apl_findings_dispose(&findings);
	memset(&findings, 0, sizeof findings);
	assert_int_equal(heap.blocks, 0);
}

static void read_text(const char *source, bool line_is_of_arguments) {
	forget();
	apl_alloc alloc = test_heap_allocator(&heap);
	apl_findings_init(&findings, &alloc);
	apl_places_options options = {"f.lua", source, strlen(source), line_is_of_arguments};
	places = apl_places_new(&alloc, &options, &findings);
	assert_non_null(places);
}

static int forget_all(void **state) {
	(void)state;
	forget();
	return 0;
}

static size_t show_place(char *out, size_t size, uint32_t offset) {
	apl_place place = apl_places_at(places, offset);
	assert_string_equal(place.file, "f.lua");
	return (size_t)snprintf(out, size, "%u:%u", (unsigned)place.line, (unsigned)place.column);
}

/* "a@1:2=1:5text" for a key, "1:7table" for an item. */
static size_t show_entry(char *out, size_t size, const apl_site_entry *entry) {
	static const char *const kinds[] = {"other", "text", "table", "call", "name", "function"};
	size_t at = 0;
	switch ((apl_key_kind)entry->key_kind) {
	case APL_KEY_NONE: break;
	case APL_KEY_TEXT:
		at += (size_t)snprintf(out, size, "%.*s@", (int)entry->key.text.size, places->texts.bytes + entry->key.text.at);
		break;
	case APL_KEY_INTEGER: at += (size_t)snprintf(out, size, "[%lld]@", (long long)entry->key.integer); break;
	case APL_KEY_NUMBER: at += (size_t)snprintf(out, size, "[%g]@", entry->key.number); break;
	case APL_KEY_BOOLEAN: at += (size_t)snprintf(out, size, "[%s]@", entry->key.integer ? "true" : "false"); break;
	case APL_KEY_COMPUTED: at += (size_t)snprintf(out, size, "?@"); break;
	}
	if (entry->key_kind != APL_KEY_NONE) {
		at += show_place(out + at, size - at, entry->key_at);
		out[at++] = '=';
	}
	at += show_place(out + at, size - at, entry->value_at);
	at += (size_t)snprintf(out + at, size - at, "%s", kinds[entry->value_kind]);
	return at;
}

/* Every table in order of its "{": "1:1{items; keys}". Arguments in parentheses are shown with "(". */
static const char *tables_of(const char *source) {
	static char shown[4096];
	size_t at = 0;
	read_text(source, false);
	shown[0] = '\0';
	for (uint32_t i = 0; i < places->n_tables; i++) {
		const apl_site_table *table = &places->tables[i];
		if (i > 0) shown[at++] = ' ';
		at += show_place(shown + at, sizeof shown - at, table->at);
		shown[at++] = table->is_arguments ? '(' : '{';
		for (uint32_t e = 0; e < table->n_items + table->n_keys; e++) {
			if (e > 0) shown[at++] = ' ';
			at += show_entry(shown + at, sizeof shown - at, &places->entries[table->first_entry + e]);
		}
		shown[at++] = table->is_arguments ? ')' : '}';
	}
	shown[at] = '\0';
	return shown;
}

typedef struct places_case {
	const char *source;
	const char *shown;
} places_case;

static void constructors_are_found_with_their_keys_and_items(void **state) {
	(void)state;
	static const places_case cases[] = {
	    {"return {}", "1:8{}"},
	    {"return { a = 1, b = 'x' }", "1:8{a@1:10=1:14other b@1:17=1:21text}"},
	    {"return {\n\tb = 1;\n\ta = 2,\n}", "1:8{a@3:2=3:6other b@2:2=2:6other}"},
	    {"return { 1, x, 'y', {}, f'z', function() end }", "1:8{1:10other 1:13name 1:16text 1:21table 1:25call 1:31function} 1:21{}"},
	    {"return { ['a'] = 1, [\"b\\x63\"] = 2, [3] = 3, [-1] = 4, [0.5] = 5, [2.0] = 6, [true] = 7, [x] = 8, ['a' .. 'b'] = 9, [ [[k]] ] "
	     "= 1 }",
	        "1:8{a@1:11=1:18other bc@1:22=1:33other k@1:118=1:128other [-1]@1:46=1:52other [2]@1:67=1:74other [3]@1:37=1:42other "
	        "[0.5]@1:56=1:63other [true]@1:78=1:86other ?@1:90=1:95other ?@1:99=1:113other}"},
	    {"return { a = -1, b = not x, c = x or {}, d = (x), e = #x, f = 'a' .. 'b', g = 1 + 1 }",
	        "1:8{a@1:10=1:14other b@1:18=1:22other c@1:29=1:33other d@1:42=1:46other e@1:51=1:55other f@1:59=1:63other g@1:75=1:79other} "
	        "1:38{}"},
	    {"return { f, f.g, f[1], f(), f.g'', f.g:h{}, f'' }",
	        "1:8{1:10name 1:13other 1:18other 1:24call 1:29call 1:36call 1:45call} 1:25() 1:41{}"},
	    {"return { a == b, a = b }", "1:8{1:10other a@1:18=1:22name}"},
	    {"return { function(x) return { y = x } end, z = function(...) if a then b{} else c() end end }",
	        "1:8{1:10function z@1:44=1:48function} 1:29{y@1:31=1:35name} 1:73{} 1:82()"},
	    {"return { { { } } }", "1:8{1:10table} 1:10{1:12table} 1:12{}"},
	    {"return { [1] = { a = 1 } }", "1:8{[1]@1:11=1:16table} 1:16{a@1:18=1:22other}"},
	    {"return {\n  -- { no = 1 }\n  a = --[[ b = 2, ]] 1, '}',\n}", "1:8{3:25text a@3:3=3:22other}"},
	    {"return { f\n{ 1 } }", "1:8{1:10call} 2:1{2:3other}"},
	    {"local t = { 1 } (f)()", "1:11{1:13other} 1:20()"},
	    {"goto x ::x:: { }", "1:14{}"},
	    {"while f{ a = 1 } do g{} end for i = 1, #{} do end repeat local x = {} until x", "1:8{a@1:10=1:14other} 1:22{} 1:41{} 1:68{}"},
	    {"return { '\xc3\xa9', a = 1 }", "1:8{1:10text a@1:15=1:19other}"},
	    {"return { f 'x' { a = 1 } 'y', b = 2 }", "1:8{1:10call b@1:31=1:35other} 1:16{a@1:18=1:22other}"},
	    /* What Lua would refuse is read as far as it makes sense. */
	    {"return { a = { b = 1 ) }", "1:8{} 1:14{}"},
	    {"return { a = 'x", "1:8{}"},
	    {"} ] ) end", ""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) assert_string_equal(tables_of(cases[i].source), cases[i].shown);
}

/* Every call in the order in which they are made: "line word "name" 1:2{". */
static const char *calls_of(const char *source, bool line_is_of_arguments) {
	static char shown[4096];
	size_t at = 0;
	read_text(source, line_is_of_arguments);
	shown[0] = '\0';
	for (uint32_t i = 0; i < places->n_calls; i++) {
		const apl_site_call *call = &places->calls[i];
		const apl_site_call *named = call->before != APL_NO_SITE ? &places->calls[call->before] : call;
		at += (size_t)snprintf(shown + at, sizeof shown - at, "%s%u@", i > 0 ? ", " : "", (unsigned)call->line);
		at += show_place(shown + at, sizeof shown - at, call->at);
		at += (size_t)snprintf(
		    shown + at, sizeof shown - at, " %.*s%s", (int)call->word_size, source + call->word, call->before != APL_NO_SITE ? "+" : "");
		if (named->name_size != UINT32_MAX)
			at += (size_t)snprintf(shown + at, sizeof shown - at, " '%.*s'", (int)named->name_size, places->texts.bytes + named->name);
		if (call->table != APL_NO_SITE) {
			shown[at++] = ' ';
			at += show_place(shown + at, sizeof shown - at, places->tables[call->table].at);
		}
	}
	return shown;
}

static void calls_are_found_with_what_is_called(void **state) {
	(void)state;
	static const places_case cases[] = {
	    {"f()", "1@1:1 f 1:2"},
	    {"state 'a' {}", "1@1:1 state 'a', 1@1:1 state+ 'a' 1:11"},
	    {"state('a'){}", "1@1:1 state 'a' 1:6, 1@1:1 state+ 'a' 1:11"},
	    {"state('a', {})", "1@1:1 state 'a' 1:6"},
	    {"text {}", "1@1:1 text 1:6"},
	    {"m.menu 'a' {}", "1@1:1 menu 'a', 1@1:1 menu+ 'a' 1:12"},
	    {"on { 'a', 'b' } { to = 'c' }", "1@1:1 on 1:4, 1@1:1 on+ 1:17"},
	    {"after(from 'p.x') {}", "1@1:7 from 'p.x', 1@1:1 after 1:6, 1@1:1 after+ 1:19"},
	    {"state(id) {}", "1@1:1 state 1:6, 1@1:1 state+ 1:11"},
	    {"state\n'a'\n{\n}", "1@1:1 state 'a', 1@1:1 state+ 'a' 3:1"},
	    {"list { of = list { of = text {} } }", "1@1:25 text 1:30, 1@1:13 list 1:18, 1@1:1 list 1:6"},
	    {"entry(f, g)", "1@1:1 entry 1:6"},
	    {"a.b.c[1]:d 'x'", "1@1:1 d 'x'"},
	    {"('x'):rep(3)", "1@1:1 rep 1:10"},
	    {"function f.g(a, b) return h 'x' end", "1@1:27 h 'x'"},
	    {"local function f(a) end (g)()", "1@1:25  1:28"},
	    {"local x f {}", "1@1:9 f 1:11"},
	    {"local x <const> = f {}", "1@1:19 f 1:21"},
	    {"x = y f {}", "1@1:7 f 1:9"},
	    {"state \"a\\u{e9}\" {}", "1@1:1 state 'a\xc3\xa9', 1@1:1 state+ 'a\xc3\xa9' 1:17"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) assert_string_equal(calls_of(cases[i].source, false), cases[i].shown);
	assert_string_equal(calls_of("state\n'a'\n{\n}", true), "2@1:1 state 'a', 3@1:1 state+ 'a' 3:1");
	assert_string_equal(calls_of("f(\n)", true), "1@1:1 f 1:2");
}

static void calls_are_found_again_by_line_word_and_name(void **state) {
	(void)state;
	read_text("state 'a' { x = text {}, y = text {}, z = list { of = text {} } } state 'b' {}\ntext {} state(id) {} state 'a' {}", false);
	uint32_t first;
	assert_int_equal(apl_places_calls(places, 1, "state", "a", 1, true, &first), 1);
	assert_int_equal(apl_places_at(places, places->calls[places->sorted[first]].at).column, 1);
	assert_int_equal(apl_places_calls(places, 1, "state", "b", 1, true, &first), 1);
	assert_int_equal(apl_places_at(places, places->calls[places->sorted[first]].at).column, 67);
	assert_int_equal(apl_places_calls(places, 1, "state", "a", 1, false, &first), 1);
	assert_int_equal(apl_places_calls(places, 1, "text", "", 0, false, &first), 3);
	static const uint32_t columns[] = {17, 30, 55};
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(apl_places_at(places, places->calls[places->sorted[first + i]].at).column, columns[i]);
	assert_int_equal(apl_places_calls(places, 2, "text", "", 0, false, &first), 1);
	assert_int_equal(apl_places_calls(places, 2, "state", "", 0, true, &first), 1);
	assert_int_equal(apl_places_calls(places, 3, "text", "", 0, false, &first), 0);
	assert_int_equal(apl_places_calls(places, 1, "stat", "a", 1, true, &first), 0);
	assert_int_equal(apl_places_calls(places, 1, "state", "", 0, true, &first), 0);
}

static void tables_of_variables_are_known_when_there_is_one(void **state) {
	(void)state;
	read_text("local a = { 1 }\nlocal b = { 2 }\nlocal b = { 3 }\nlocal c, d = {}, {}\nlocal e <const> = {}\nlocal f = g\nlocal f = {}\n"
	          "return { a, b, c, e, x, { 4 }, f }",
	    false);
	uint32_t whole = places->n_tables - 2;
	static const uint32_t lines[] = {1, 0, 0, 5, 0, 8, 0};
	for (uint32_t i = 0; i < 7; i++) {
		uint32_t table = apl_places_table_of(places, apl_places_item(places, whole, i + 1));
		if (lines[i] == 0)
			assert_int_equal(table, APL_NO_SITE);
		else
			assert_int_equal(apl_places_at(places, places->tables[table].at).line, lines[i]);
	}
	assert_null(apl_places_item(places, whole, 0));
	assert_null(apl_places_item(places, whole, 8));
	assert_null(apl_places_item(places, APL_NO_SITE, 1));
	assert_null(apl_places_key(places, APL_NO_SITE, "a", 1));
}

static void the_bytes_of_a_text_are_found(void **state) {
	(void)state;
	read_text("return { a = 'plain', b = 'es\\caped' }", false); /* refused by Lua: nothing of it is known */
	assert_null(apl_places_key(places, 0, "a", 1));
	read_text("return { a = 'plain', b = 'es\\\\caped', c = [[\nlong]], d = 'x' .. 'y', e = x, f = [[a\r\nb]] }", false);
	uint32_t offset = 0;
	bool is_plain = false;
	assert_true(apl_places_text(places, apl_places_key(places, 0, "a", 1), &offset, &is_plain));
	assert_true(is_plain);
	assert_int_equal(strncmp(places->source + offset, "plain'", 6), 0);
	assert_true(apl_places_text(places, apl_places_key(places, 0, "b", 1), &offset, &is_plain));
	assert_false(is_plain);
	assert_int_equal(strncmp(places->source + offset, "es", 2), 0);
	assert_true(apl_places_text(places, apl_places_key(places, 0, "c", 1), &offset, &is_plain));
	assert_true(is_plain);
	assert_int_equal(strncmp(places->source + offset, "long]", 5), 0);
	assert_int_equal(apl_places_at(places, offset).line, 2);
	assert_int_equal(apl_places_at(places, offset).column, 1);
	assert_false(apl_places_text(places, apl_places_key(places, 0, "d", 1), &offset, &is_plain));
	assert_false(apl_places_text(places, apl_places_key(places, 0, "e", 1), &offset, &is_plain));
	assert_true(apl_places_text(places, apl_places_key(places, 0, "f", 1), &offset, &is_plain));
	assert_false(is_plain);
	assert_false(apl_places_text(places, NULL, &offset, &is_plain));
}

static void take_finding(const aplomb_finding *finding, void *payload) {
	apl_buf_format(payload, "%u:%u %s %s\n", (unsigned)finding->line, (unsigned)finding->column, finding->slug, finding->message);
}

static const char *duplicates_of(const char *source) {
	static char shown[2048];
	read_text(source, false);
	apl_alloc alloc = apl_alloc_system();
	apl_buf lines;
	apl_buf_init(&lines, &alloc);
	apl_findings_tell(&findings, take_finding, &lines);
	snprintf(shown, sizeof shown, "%s", apl_buf_terminate(&lines));
	apl_buf_dispose(&lines);
	return shown;
}

#define TWICE(where) " is given twice, first in line " where "; Lua would keep one of them and say nothing\n"

static void a_key_is_given_once(void **state) {
	(void)state;
	static const places_case cases[] = {
	    {"return { a = 1, b = 1, c = { a = 1 } }", ""},
	    {"return { a = 1,\n b = 2,\n a = 3 }", "3:2 duplicate-key \"a\"" TWICE("1, column 10")},
	    {"return { a = nil, ['a'] = 3 }", "1:20 duplicate-key \"a\"" TWICE("1, column 10")},
	    {"return { a = 1, ['\\97'] = 3, [ [[a]] ] = 2 }",
	        "1:18 duplicate-key \"a\"" TWICE("1, column 10") "1:32 duplicate-key \"a\"" TWICE("1, column 18")},
	    {"return { [1] = 1, [1.0] = 2 }", "1:20 duplicate-key [1]" TWICE("1, column 11")},
	    {"return { [0x10] = 1, [16] = 2, [-16] = 3, [0.5] = 1, [.5] = 2 }",
	        "1:23 duplicate-key [16]" TWICE("1, column 11") "1:55 duplicate-key [0.5]" TWICE("1, column 44")},
	    {"return { [true] = 1, [false] = 2, [true] = 3 }", "1:36 duplicate-key [true]" TWICE("1, column 11")},
	    {"return { 'x', [1] = 'y' }", "1:16 duplicate-key [1]" TWICE("1, column 10")},
	    {"return { [2] = 'y', 'x', 'z' }", "1:26 duplicate-key [2]" TWICE("1, column 11")},
	    {"return { 'x', [2] = 'y', [0] = 1 }", ""},
	    {"return { [x] = 1, [x] = 2, [f()] = 1, [1 + 1] = 1, [2] = 1 }", ""},
	    {"return { ['1'] = 1, [1] = 2 }", ""},
	    {"state 's' { initial = 'a', initial = 'b' }", "1:28 duplicate-key state \"s\": \"initial\"" TWICE("1, column 13")},
	    {"m.word { a = 1, a = 2 }", "1:17 duplicate-key word: \"a\"" TWICE("1, column 10")},
	    {"f(function() return { a = 1, a = 2 } end)", "1:30 duplicate-key \"a\"" TWICE("1, column 23")},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) assert_string_equal(duplicates_of(cases[i].source), cases[i].shown);
}

static void lines_and_columns_of_every_byte_are_those_of_the_lexer(void **state) {
	(void)state;
	static char source[20000];
	static const char *const pieces[] = {
	    "a ", "\n", "\r", "\r\n", "\n\r", "'\xc3\xa9\xe2\x82\xac' ", "-- long comment \xe2\x80\xa6\n", "[[\n\r\n]] ", "123 "};
	uint32_t random = 7;
	for (int round = 0; round < APL_ROUNDS(20, 3); round++) {
		size_t size = 0;
		while (size < sizeof source - 40) {
			random = random * 1664525 + 1013904223;
			const char *piece = pieces[(random >> 10) % (sizeof pieces / sizeof *pieces)];
			if (round % 2 == 0 && strpbrk(piece, "\r\n") != NULL && (random >> 20) % 64 != 0) continue; /* long lines */
			memcpy(source + size, piece, strlen(piece) + 1);
			size += strlen(piece);
		}
		read_text(source, false);
		apl_lexer lexer;
		apl_lexer_init(&lexer, source, strlen(source));
		for (apl_token token; (token = apl_lexer_next(&lexer)).kind != APL_TOKEN_END;) {
			apl_place place = apl_places_at(places, token.offset);
			assert_int_equal(place.line, token.line);
			assert_int_equal(place.column, token.column);
		}
	}
}

/* A megabyte (valgrind: less) of the worst, in a time that is no matter, and within the memory that is promised. */
static void hostile_files_cost_little(void **state) {
	(void)state;
	static const char *const pieces[] = {"{", "(", "[", "f{", "{},", "f{},", "f'',", "f()", "a=1,", "[1]=1,", "'',", "function() ", "f''",
	    "=", "local a={}", "\n", "\r", "x.", "{{},{},{},{},{},{},{},{}},"};
	const size_t most = (size_t)1 << (apl_is_watched() ? 16 : 20);
	char *source = malloc(most + 1);
	assert_non_null(source);
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		static const char begin[] = "return {";
		size_t piece = strlen(pieces[i]), size = sizeof begin - 1;
		memcpy(source, begin, size);
		while (size + piece <= most) {
			memcpy(source + size, pieces[i], piece);
			size += piece;
		}
		source[size] = '\0';
		forget();
		apl_alloc alloc = test_heap_allocator(&heap);
		apl_findings_init(&findings, &alloc);
		apl_places_options options = {"f.lua", source, size, false};
		places = apl_places_new(&alloc, &options, &findings);
		assert_non_null(places);
		if (findings.count == 0) assert_true(heap.bytes < 100u * most);
	}
	forget();
	free(source);
}

static void without_memory_nothing_is_left(void **state) {
	(void)state;
	static const char source[] =
	    "local a = { x = 1 }\nlocal b = {}\nreturn state 'a' { on { 'b' } { to = 'c', ['d'] = f(1, 2) }, z = text {}, a = a }";
	forget();
	for (heap.fail_at = 1;; heap.fail_at++) {
		heap.calls = 0;
		apl_alloc alloc = test_heap_allocator(&heap);
		apl_findings_init(&findings, &alloc);
		apl_places_options options = {"f.lua", source, sizeof source - 1, false};
		places = apl_places_new(&alloc, &options, &findings);
		bool has_memory = places != NULL;
		forget();
		if (has_memory) break;
	}
	assert_true(heap.fail_at > 8);
	heap.fail_at = 0;
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(constructors_are_found_with_their_keys_and_items, forget_all),
	    cmocka_unit_test_teardown(calls_are_found_with_what_is_called, forget_all),
	    cmocka_unit_test_teardown(calls_are_found_again_by_line_word_and_name, forget_all),
	    cmocka_unit_test_teardown(tables_of_variables_are_known_when_there_is_one, forget_all),
	    cmocka_unit_test_teardown(the_bytes_of_a_text_are_found, forget_all),
	    cmocka_unit_test_teardown(a_key_is_given_once, forget_all),
	    cmocka_unit_test_teardown(lines_and_columns_of_every_byte_are_those_of_the_lexer, forget_all),
	    cmocka_unit_test_teardown(hostile_files_cost_little, forget_all),
	    cmocka_unit_test_teardown(without_memory_nothing_is_left, forget_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
