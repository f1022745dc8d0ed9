/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"
#include "../test_heap.h"
#include "../test_rounds.h"

#include <string.h>

#include "base/hard.h"
#include "base/hash.h"
#include "plain_json.h"
#include "value/json.h"

/* Reads a copy of exactly [size] bytes, so that AddressSanitizer sees a byte read too far. The tape is not to be looked at. */
static int read_copy(apl_tape *tape, const char *text, size_t size, const apl_json_bounds *bounds, aplomb_error *error) {
	char *copy = malloc(size > 0 ? size : 1);
	assert_non_null(copy);
	memcpy(copy, text, size);
	int code = apl_json_read(tape, copy, size, bounds, error);
	free(copy);
	return code;
}

static apl_tape new_tape(void) {
	apl_alloc alloc = apl_alloc_system();
	apl_tape tape;
	apl_tape_init(&tape, &alloc);
	return tape;
}

static void a_tape_holds_the_values_in_the_order_of_the_text(void **state) {
	(void)state;
	static const char text[] = " {\"a\" : [1, -2.5, {}], \"b\\n\":true, \"c\":{\"d\":null,\"e\":[]}, \"f\":false}\n";
	apl_tape tape = new_tape();
	aplomb_error error = {0};
	assert_int_equal(apl_json_read(&tape, text, strlen(text), NULL, &error), APLOMB_OK);
	static const struct {
		aplomb_kind kind;
		uint32_t count;
		uint32_t end;
	} cells[] = {
	    {APLOMB_MAP, 4, 16},    /* 0 */
	    {APLOMB_TEXT, 1, 0},    /* 1 a */
	    {APLOMB_LIST, 3, 6},    /* 2 */
	    {APLOMB_INTEGER, 0, 0}, /* 3 */
	    {APLOMB_NUMBER, 0, 0},  /* 4 */
	    {APLOMB_MAP, 0, 6},     /* 5 */
	    {APLOMB_TEXT, 2, 0},    /* 6 b\n */
	    {APLOMB_BOOLEAN, 0, 0}, /* 7 */
	    {APLOMB_TEXT, 1, 0},    /* 8 c */
	    {APLOMB_MAP, 2, 14},    /* 9 */
	    {APLOMB_TEXT, 1, 0},    /* 10 d */
	    {APLOMB_NULL, 0, 0},    /* 11 */
	    {APLOMB_TEXT, 1, 0},    /* 12 e */
	    {APLOMB_LIST, 0, 14},   /* 13 */
	    {APLOMB_TEXT, 1, 0},    /* 14 f */
	    {APLOMB_BOOLEAN, 0, 0}, /* 15 */
	};
	assert_int_equal(tape.count, sizeof cells / sizeof *cells);
	for (uint32_t i = 0; i < tape.count; i++) {
		assert_int_equal(tape.cells[i].kind, cells[i].kind);
		assert_int_equal(tape.cells[i].count, cells[i].count);
		if (cells[i].end != 0) assert_int_equal(tape.cells[i].as.end, cells[i].end);
		assert_int_equal(apl_tape_next(&tape, i), cells[i].end != 0 ? cells[i].end : i + 1);
	}
	assert_int_equal(tape.cells[3].as.integer, 1);
	assert_true(tape.cells[4].as.number == -2.5);
	assert_int_equal(tape.cells[7].truth, 1);
	assert_int_equal(tape.cells[15].truth, 0);
	/* Text without escapes lies in the source, text with escapes in the arena. */
	assert_ptr_equal(tape.cells[1].as.text, text + 3);
	assert_memory_equal(tape.cells[6].as.text, "b\n", 2);
	assert_true(tape.cells[6].as.text < text || tape.cells[6].as.text > text + sizeof text);
	apl_tape_dispose(&tape);
}

static void a_member_is_found_by_its_name_the_last_one_of_several(void **state) {
	(void)state;
	static const char text[] = "{\"a\":1,\"list\":[{\"a\":9}],\"\":2,\"a\":3,\"ab\":4}";
	apl_tape tape = new_tape();
	assert_int_equal(apl_json_read(&tape, text, strlen(text), NULL, NULL), APLOMB_OK);
	assert_int_equal(tape.cells[apl_tape_find(&tape, 0, "a", 1)].as.integer, 3);
	assert_int_equal(tape.cells[apl_tape_find(&tape, 0, "", 0)].as.integer, 2);
	assert_int_equal(tape.cells[apl_tape_find(&tape, 0, "ab", 2)].as.integer, 4);
	assert_int_equal(apl_tape_find(&tape, 0, "b", 1), 0);
	uint32_t list = apl_tape_find(&tape, 0, "list", 4);
	assert_int_equal(tape.cells[list].kind, APLOMB_LIST);
	assert_int_equal(apl_tape_find(&tape, list, "a", 1), 0);
	assert_int_equal(tape.cells[apl_tape_find(&tape, list + 1, "a", 1)].as.integer, 9);
	apl_tape_dispose(&tape);
}

static void escapes_become_what_they_stand_for(void **state) {
	(void)state;
	static const struct {
		const char *text;
		const char *means;
		size_t size;
	} cases[] = {
	    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8},
	    {"\"\\u0041\\u00fC\\u20AC\"", "A\xC3\xBC\xE2\x82\xAC", 6},
	    {"\"\\ud83d\\uDE00\"", "\xF0\x9F\x98\x80", 4},
	    {"\"\\uDBFF\\uDFFF\\uE000\\uD7FF\"", "\xF4\x8F\xBF\xBF\xEE\x80\x80\xED\x9F\xBF", 10},
	    {"\"a\\u0000b\"", "a\0b", 3},
	    {"\"before it\\nbehind it, and more of it\"", "before it\nbehind it, and more of it", 35},
	    {"\"gr\xC3\xBC\xC3\x9F\\u0064ich \xF0\x9F\x98\x80\"",
	        "gr\xC3\xBC\xC3\x9F"
	        "dich \xF0\x9F\x98\x80",
	        15},
	};
	apl_tape tape = new_tape();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(apl_json_read(&tape, cases[i].text, strlen(cases[i].text), NULL, NULL), APLOMB_OK);
		assert_int_equal(tape.cells[0].count, cases[i].size);
		assert_memory_equal(tape.cells[0].as.text, cases[i].means, cases[i].size);
	}
	apl_tape_dispose(&tape);
}

static void a_refusal_says_where_and_what(void **state) {
	(void)state;
	static const struct {
		const char *text;
		const char *slug;
		uint32_t line;
		uint32_t column;
		const char *says;
	} cases[] = {
	    {"", "json-syntax", 1, 1, "expected a value, found the end of the text"},
	    {" \n  ", "json-syntax", 2, 3, "the end of the text"},
	    {"Where is it?", "json-syntax", 1, 1, "expected a value, found \"W\""},
	    {"[tru]", "json-syntax", 1, 2, "expected a value"},
	    {"[nul", "json-syntax", 1, 2, "expected a value"},
	    {"{\"a\":1,\n \"\xC3\xBC\xE2\x82\xAC\":x}", "json-syntax", 2, 7, "found \"x\""},
	    {"[\"\xC3\xBC\" \xE2\x82\xAC]", "json-syntax", 1, 6, "found \"\xE2\x82\xAC\""},
	    {"[1,]", "json-syntax", 1, 4, "expected a value, found \"]\""},
	    {"[1 2]", "json-syntax", 1, 4, "expected \",\" or \"]\" behind an item, found \"2\""},
	    {"[1}", "json-syntax", 1, 3, "behind an item, found \"}\""},
	    {"{\"a\":1 \"b\":2}", "json-syntax", 1, 8, "expected \",\" or \"}\" behind a member, found a text"},
	    {"{\"a\" 1}", "json-syntax", 1, 6, "expected \":\""},
	    {"{a:1}", "json-syntax", 1, 2, "name in quotes, found \"a\""},
	    {"{\"a\":1,}", "json-syntax", 1, 8, "name in quotes, found \"}\""},
	    {"{", "json-syntax", 1, 2, "name in quotes, found the end"},
	    {"1 2", "json-syntax", 1, 3, "expected nothing more behind the value"},
	    {"{}}", "json-syntax", 1, 3, "nothing more"},
	    {"[012]", "json-syntax", 1, 3, "a number is written like"},
	    {"[-]", "json-syntax", 1, 3, "a number is written like"},
	    {"[1.]", "json-syntax", 1, 4, "a number is written like"},
	    {"[1e+]", "json-syntax", 1, 5, "a number is written like"},
	    {"[.5]", "json-syntax", 1, 2, "expected a value"},
	    {"[+1]", "json-syntax", 1, 2, "expected a value"},
	    {"[9223372036854775808]", "json-number", 1, 2, "64 bits"},
	    {"[-9223372036854775809]", "json-number", 1, 2, "64 bits"},
	    {"[1e309]", "json-number", 1, 2, "1.8e308"},
	    {"\"abc", "json-syntax", 1, 5, "not closed"},
	    {"\"abc\\", "json-syntax", 1, 5, "after a backslash"},
	    {"\"abc\\\"", "json-syntax", 1, 7, "not closed"},
	    {"\"a\\x\"", "json-syntax", 1, 3, "after a backslash"},
	    {"\"\\u12G4\"", "json-syntax", 1, 2, "four hexadecimal"},
	    {"\"\\u12", "json-syntax", 1, 2, "four hexadecimal"},
	    {"\"a\nb\"", "json-syntax", 1, 3, "control character in a text is written as an escape (\\n, \\t, \\u0001), found the byte 0x0A"},
	    {"\"\\\\a\tb\"", "json-syntax", 1, 5, "control character"},
	    {"\"\\ud83d\"", "json-text", 1, 2, "surrogate"},
	    {"\"\\ud83d\\u0041\"", "json-text", 1, 2, "surrogate"},
	    {"\"\\ud83d\\ud83d\"", "json-text", 1, 2, "surrogate"},
	    {"\"\\ude00\\ud83d\"", "json-text", 1, 2, "surrogate"},
	    {"\"\\ud83d\\u12\"", "json-text", 1, 2, "surrogate"},
	    {"\"a\xFF\"", "json-text", 1, 3, "no valid UTF-8, found the byte 0xFF"},
	    {"\"\\n\xC3\xBC\xC0\x80\"", "json-text", 1, 5, "the byte 0xC0"},
	    {"\xEF\xBB\xBF{}", "json-syntax", 1, 1, "byte order mark"},
	    {"[\x01]", "json-syntax", 1, 2, "the byte 0x01"},
	};
	apl_tape tape = new_tape();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		aplomb_error error = {0};
		assert_int_equal(read_copy(&tape, cases[i].text, strlen(cases[i].text), NULL, &error), APLOMB_EJSON);
		if (strcmp(error.slug, cases[i].slug) != 0 || error.line != cases[i].line || error.column != cases[i].column ||
		    strstr(error.message, cases[i].says) == NULL)
			fail_msg("%s: %s at %u:%u: %s", cases[i].text, error.slug, error.line, error.column, error.message);
		assert_int_equal(tape.count, 0);
	}
	apl_tape_dispose(&tape);
}

static void depth_and_size_are_bounded(void **state) {
	(void)state;
	apl_tape tape = new_tape();
	aplomb_error error = {0};
	for (uint32_t depth = 1; depth < 80; depth++) {
		char text[512] = "";
		for (uint32_t i = 0; i < depth; i++) strcat(text, i % 2 ? "[" : "{\"\":");
		strcat(text, "0");
		for (uint32_t i = depth; i-- > 0;) strcat(text, i % 2 ? "]" : "}");
		assert_int_equal(read_copy(&tape, text, strlen(text), NULL, &error), depth <= 64 ? APLOMB_OK : APLOMB_EJSON);
		if (depth > 64) assert_string_equal(error.slug, "json-depth");
		apl_json_bounds bounds = {.depth = depth};
		assert_int_equal(read_copy(&tape, text, strlen(text), &bounds, &error), APLOMB_OK);
		bounds.depth = depth - 1;
		if (depth == 1) continue;
		assert_int_equal(read_copy(&tape, text, strlen(text), &bounds, &error), APLOMB_EJSON);
		assert_string_equal(error.slug, "json-depth");
	}
	enum { MIB = 1024 * 1024 };
	char *large = malloc(MIB + 1);
	memset(large, ' ', MIB + 1);
	large[MIB - 1] = '1';
	assert_int_equal(apl_json_read(&tape, large, MIB, NULL, &error), APLOMB_OK);
	assert_int_equal(apl_json_read(&tape, large, MIB + 1, NULL, &error), APLOMB_EJSON);
	assert_string_equal(error.slug, "json-size");
	apl_json_bounds bounds = {.size = MIB + 1};
	assert_int_equal(apl_json_read(&tape, large, MIB + 1, &bounds, &error), APLOMB_OK);
	free(large);
	apl_tape_dispose(&tape);
}

/* Opened and never closed, far beyond any stack: nothing here recurs. */
static void depth_costs_no_stack(void **state) {
	(void)state;
	enum { DEPTH = 1000000 };
	char *text = malloc(2 * DEPTH);
	memset(text, '[', DEPTH);
	memset(text + DEPTH, ']', DEPTH);
	apl_tape tape = new_tape();
	apl_json_bounds bounds = {DEPTH, 2 * DEPTH};
	assert_int_equal(apl_json_read(&tape, text, 2 * DEPTH, &bounds, NULL), APLOMB_OK);
	assert_int_equal(tape.count, DEPTH);
	assert_int_equal(apl_json_read(&tape, text, 2 * DEPTH - 1, &bounds, NULL), APLOMB_EJSON);
	free(text);
	apl_tape_dispose(&tape);
}

static const char *const VALID[] = {
    "{\"event\":\"message\",\"tone\":-2,\"abusive\":false,\"text\":\"I want my money back\"}",
    "[true,false,null,\"\\ud83d\\ude00\\n\\u00fc\",\"gr\xC3\xBC\xC3\x9F dich \xF0\x9F\x98\x80\",[],{},[[{\"a\":[1.5e10,-0.25]}]]]",
    "{\"long text that is longer than eight and sixteen bytes\":\"and another with \\\" and \\\\ in it, long enough\"}",
    " [ 123456789012345678 , 1234567890.0123456789 , 1e-5 ] ",
    "\"\\u0041 only a text \\t with escapes\"",
};

static void every_prefix_of_a_valid_text_is_refused(void **state) {
	(void)state;
	apl_tape tape = new_tape();
	for (size_t i = 0; i < sizeof VALID / sizeof *VALID; i++) {
		size_t size = strlen(VALID[i]);
		while (VALID[i][size - 1] == ' ') size--;
		for (size_t cut = 0; cut < size; cut++) {
			aplomb_error error = {0};
			assert_int_equal(read_copy(&tape, VALID[i], cut, NULL, &error), APLOMB_EJSON);
			assert_int_equal(error.line, 1);
		}
		assert_int_equal(read_copy(&tape, VALID[i], size, NULL, NULL), APLOMB_OK);
	}
	apl_tape_dispose(&tape);
}

/* Valid texts with a few bytes changed, inserted or left out; and bytes drawn from what JSON is made of. */
static size_t draw_text(uint64_t *random, char *out, size_t most) {
	static const char MADE_OF[] = "{}[]\",:0123456789-+.eE \t\n\\/bfnrtuaclsd\x01\x7F\xC3\xBC\xED\xA0\x80\xF0\x9F\x98\x80\xFF";
	size_t size;
	if (apl_random_next(random) % 4 == 0) {
		size = apl_random_next(random) % 24;
		for (size_t i = 0; i < size; i++) out[i] = MADE_OF[apl_random_next(random) % (sizeof MADE_OF - 1)];
		return size;
	}
	const char *from = VALID[apl_random_next(random) % (sizeof VALID / sizeof *VALID)];
	size = strlen(from);
	memcpy(out, from, size);
	for (uint64_t changes = apl_random_next(random) % 4; changes > 0 && size > 0 && size < most; changes--) {
		size_t at = apl_random_next(random) % size;
		char byte = MADE_OF[apl_random_next(random) % (sizeof MADE_OF - 1)];
		switch (apl_random_next(random) % 3) {
		case 0: out[at] = byte; break;
		case 1:
			memmove(out + at + 1, out + at, size - at);
			out[at] = byte;
			size++;
			break;
		default: memmove(out + at, out + at + 1, size - at - 1); size--;
		}
	}
	return size;
}

static void the_reader_agrees_with_the_plain_recogniser(void **state) {
	(void)state;
	int texts = APL_ROUNDS(300000, 5000);
	apl_tape tape = new_tape();
	uint64_t random = 11;
	int accepted = 0;
	for (int i = 0; i < texts; i++) {
		char text[256];
		size_t size = draw_text(&random, text, sizeof text);
		bool plain = plain_json_accepts(text, size, 64);
		int code = read_copy(&tape, text, size, NULL, NULL);
		if ((code == APLOMB_OK) != plain) fail_msg("%.*s: %s, plainly %d", (int)size, text, aplomb_code_name(code), plain);
		accepted += plain;
	}
	assert_true(accepted > texts / 20 && accepted < texts - texts / 20);
	apl_tape_dispose(&tape);
}

static void a_tape_is_used_again_without_memory(void **state) {
	(void)state;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	apl_tape tape;
	apl_tape_init(&tape, &alloc);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < sizeof VALID / sizeof *VALID; i++) {
			assert_int_equal(apl_json_read(&tape, VALID[i], strlen(VALID[i]), NULL, NULL), APLOMB_OK);
			assert_int_equal(apl_json_read(&tape, "[", 1, NULL, NULL), APLOMB_EJSON);
		}
		if (round == 0) heap.calls = 0;
	}
	if (!APL_IS_HARD) assert_int_equal(heap.calls, 0);
	apl_tape_dispose(&tape);
	assert_int_equal(heap.blocks, 0);
}

static void without_memory_nothing_is_read_and_nothing_lost(void **state) {
	(void)state;
	static const char text[] =
	    "[\"\\n\",\"\\t\",{\"a\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]},\"\\u00fc a longer text in the arena\",2.5]";
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	for (heap.fail_at = 1;; heap.fail_at++) {
		heap.calls = 0;
		apl_tape tape;
		apl_tape_init(&tape, &alloc);
		aplomb_error error = {0};
		int code = apl_json_read(&tape, text, strlen(text), NULL, &error);
		if (code != APLOMB_OK) {
			assert_int_equal(code, APLOMB_ENOMEM);
			assert_int_equal(error.code, APLOMB_ENOMEM);
			assert_int_equal(tape.count, 0);
			/* The tape is as good as before. */
			assert_int_equal(apl_json_read(&tape, text, strlen(text), NULL, NULL), APLOMB_OK);
		}
		apl_tape_dispose(&tape);
		assert_int_equal(heap.blocks, 0);
		if (code == APLOMB_OK) break;
	}
	assert_true(heap.fail_at > 3);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_tape_holds_the_values_in_the_order_of_the_text),
	    cmocka_unit_test(a_member_is_found_by_its_name_the_last_one_of_several),
	    cmocka_unit_test(escapes_become_what_they_stand_for),
	    cmocka_unit_test(a_refusal_says_where_and_what),
	    cmocka_unit_test(depth_and_size_are_bounded),
	    cmocka_unit_test(depth_costs_no_stack),
	    cmocka_unit_test(every_prefix_of_a_valid_text_is_refused),
	    cmocka_unit_test(the_reader_agrees_with_the_plain_recogniser),
	    cmocka_unit_test(a_tape_is_used_again_without_memory),
	    cmocka_unit_test(without_memory_nothing_is_read_and_nothing_lost),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
