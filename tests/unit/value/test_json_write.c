/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"
#include "../test_heap.h"
#include "../test_rounds.h"

#include <string.h>

#include "base/hash.h"
#include "value/json.h"

typedef struct json {
	apl_alloc alloc;
	apl_tape tape;
	apl_buf out;
} json;

static void open_json(json *j) {
	j->alloc = apl_alloc_system();
	apl_tape_init(&j->tape, &j->alloc);
	apl_buf_init(&j->out, &j->alloc);
}

static void close_json(json *j) {
	apl_buf_dispose(&j->out);
	apl_tape_dispose(&j->tape);
}

static const char *canonical(json *j, const char *text, size_t size) {
	static const apl_json_bounds bounds = {1000000, 100000000};
	aplomb_error error = {0};
	if (apl_json_read(&j->tape, text, size, &bounds, &error) != APLOMB_OK) fail_msg("%u:%u: %s", error.line, error.column, error.message);
	apl_buf_clear(&j->out);
	apl_json_write(&j->out, &j->tape, 0);
	return apl_buf_terminate(&j->out);
}

static void every_value_has_one_text(void **state) {
	(void)state;
	static const struct {
		const char *text;
		const char *canonical;
	} cases[] = {
	    {" null ", "null"},
	    {"true", "true"},
	    {"false", "false"},
	    {"-0", "0"},
	    {"-0.0", "0.0"},
	    {"0e5", "0.0"},
	    {"-1e-999", "0.0"},
	    {"9223372036854775807", "9223372036854775807"},
	    {"-9223372036854775808", "-9223372036854775808"},
	    {"1.0", "1.0"},
	    {"1", "1"},
	    {"10E-1", "1.0"},
	    {"0.60", "0.6"},
	    {"-12.500", "-12.5"},
	    {"1e15", "1000000000000000.0"},
	    {"123456789012345e1", "1234567890123450.0"},
	    {"9007199254740993.0", "9007199254740992.0"},
	    {"1e16", "1e16"},
	    {"12345678901234567890e0", "1.2345678901234567e19"},
	    {"1e300", "1e300"},
	    {"1.5e+300", "1.5e300"},
	    {"0.0001", "0.0001"},
	    {"0.00012345678901234567", "0.00012345678901234567"},
	    {"0.00001", "1e-5"},
	    {"0.00000015", "1.5e-7"},
	    {"5e-324", "5e-324"},
	    {"2.2250738585072014e-308", "2.2250738585072014e-308"},
	    {"1.7976931348623157e308", "1.7976931348623157e308"},
	    {"0.1", "0.1"},
	    {"0.30000000000000004", "0.30000000000000004"},
	    {"100.0", "100.0"},
	    {"123.456", "123.456"},
	    {"[ ]", "[]"},
	    {"{ }", "{}"},
	    {"[1 , [ ] ,{ } , [ 2 ] ]", "[1,[],{},[2]]"},
	    {"{\"b\":1,\"a\":2}", "{\"a\":2,\"b\":1}"},
	    {"{\"a\":1,\"a\":2}", "{\"a\":2}"},
	    {"{\"b\":0,\"a\":1,\"b\":[2],\"a\":{\"y\":1,\"x\":2,\"y\":3}}", "{\"a\":{\"x\":2,\"y\":3},\"b\":[2]}"},
	    {"{\"ab\":1,\"a\":2,\"\":3,\"b\":4}", "{\"\":3,\"a\":2,\"ab\":1,\"b\":4}"},
	    {"{\"a\\u0000\":1,\"a\":2,\"a\\u0000\\u0000\":3}", "{\"a\":2,\"a\\u0000\":1,\"a\\u0000\\u0000\":3}"},
	    {"{\"abcdefghi\":1,\"abcdefgh\":2,\"abcdefg\":3,\"abcdefgi\":4}", "{\"abcdefg\":3,\"abcdefgh\":2,\"abcdefghi\":1,\"abcdefgi\":4}"},
	    {"{\"\xC3\xBC\":1,\"z\":2,\"\xF0\x9F\x98\x80\":3,\"\xEF\xBF\xBD\":4}",
	        "{\"z\":2,\"\xC3\xBC\":1,\"\xEF\xBF\xBD\":4,\"\xF0\x9F\x98\x80\":3}"},
	    {"{\"\\u0061\":1,\"a\":2}", "{\"a\":2}"},
	    {"\"\\u0022\\u005c\\/\\u0008\\u000C\\u000a\\u000d\\u0009\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
	    {"\"\\u0000\\u001F\\u007f\\u00fc\\u20ac\\ud83d\\ude00\"", "\"\\u0000\\u001f\x7F\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80\""},
	};
	json j;
	open_json(&j);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_string_equal(canonical(&j, cases[i].text, strlen(cases[i].text)), cases[i].canonical);
		assert_string_equal(canonical(&j, cases[i].canonical, strlen(cases[i].canonical)), cases[i].canonical);
	}
	close_json(&j);
}

static void any_cell_can_be_written_alone(void **state) {
	(void)state;
	json j;
	open_json(&j);
	canonical(&j, "{\"a\":[1,{\"c\":2,\"b\":3}],\"d\":\"x\\n\"}", 33);
	static const char *const alone[] = {"{\"a\":[1,{\"b\":3,\"c\":2}],\"d\":\"x\\n\"}", "\"a\"", "[1,{\"b\":3,\"c\":2}]", "1",
	    "{\"b\":3,\"c\":2}", "\"c\"", "2", "\"b\"", "3", "\"d\"", "\"x\\n\""};
	assert_int_equal(j.tape.count, sizeof alone / sizeof *alone);
	for (uint32_t cell = 0; cell < j.tape.count; cell++) {
		apl_buf_clear(&j.out);
		apl_json_write(&j.out, &j.tape, cell);
		assert_string_equal(apl_buf_terminate(&j.out), alone[cell]);
	}
	close_json(&j);
}

static void every_byte_of_a_text_is_written_wherever_it_stands(void **state) {
	(void)state;
	json j;
	open_json(&j);
	for (size_t size = 0; size < 36; size++) {
		for (size_t at = 0; at < size; at++) {
			for (int byte = 0; byte < 0x80; byte++) {
				char text[36];
				memset(text, 'x', sizeof text);
				text[at] = (char)byte;
				apl_buf_clear(&j.out);
				apl_json_write_text(&j.out, text, size);
				assert_int_equal(apl_json_read(&j.tape, j.out.bytes, j.out.size, NULL, NULL), APLOMB_OK);
				assert_int_equal(j.tape.cells[0].count, size);
				assert_memory_equal(j.tape.cells[0].as.text, text, size);
				bool is_plain = byte >= 0x20 && byte != '"' && byte != '\\';
				assert_int_equal(j.tape.cells[0].plain, is_plain);
				assert_true(is_plain ? j.out.size == size + 2 : j.out.size == size + 3 || j.out.size == size + 7);
			}
		}
	}
	close_json(&j);
}

/* ---- random values ----------------------------------------------------- */

typedef struct draw {
	uint64_t random;
	int values; /* that may still be drawn */
} draw;

static uint64_t below(draw *d, uint64_t bound) {
	return apl_random_next(&d->random) % bound;
}

static void draw_text(draw *d, apl_buf *out, uint64_t most) {
	static const char *const pieces[] = {"a", "b", "c", "abcdefgh", " ", "\\n", "\\\"", "\\\\", "\\u0000", "\\u00fc", "\xC3\xBC",
	    "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\\ud83d\\ude00", "/", "\\/", "\x7F"};
	apl_buf_byte(out, '"');
	for (uint64_t count = below(d, most); count > 0; count--) apl_buf_text(out, pieces[below(d, sizeof pieces / sizeof *pieces)]);
	apl_buf_byte(out, '"');
}

static void draw_space(draw *d, apl_buf *out) {
	if (below(d, 8) == 0) apl_buf_byte(out, " \t\r\n"[below(d, 4)]);
}

static void draw_value(draw *d, apl_buf *out, int depth) {
	d->values--;
	draw_space(d, out);
	switch (below(d, depth > 6 || d->values <= 0 ? 6 : 9)) {
	case 0: apl_buf_text(out, "null"); break;
	case 1: apl_buf_text(out, below(d, 2) ? "true" : "false"); break;
	case 2: apl_buf_integer(out, (int64_t)(apl_random_next(&d->random) >> below(d, 64))); break;
	case 3: apl_buf_format(out, "%.*g.%de%d", 0, (double)below(d, 10), (int)below(d, 100000), (int)below(d, 600) - 300); break;
	case 4: apl_buf_format(out, "-%d.%d", (int)below(d, 1000), (int)below(d, 1000)); break;
	case 5: draw_text(d, out, 12); break;
	default: {
		bool is_map = below(d, 2);
		apl_buf_byte(out, is_map ? '{' : '[');
		uint64_t count = below(d, 10) == 0 ? below(d, 60) : below(d, 6);
		for (uint64_t i = 0; i < count; i++) {
			if (i > 0) apl_buf_byte(out, ',');
			draw_space(d, out);
			if (is_map) {
				draw_text(d, out, 3); /* short: names meet again */
				draw_space(d, out);
				apl_buf_byte(out, ':');
			}
			draw_value(d, out, depth + 1);
		}
		draw_space(d, out);
		apl_buf_byte(out, is_map ? '}' : ']');
	}
	}
	draw_space(d, out);
}

/* Do two values hold the same, member by member? Written plainly and slowly, without any order. */
static bool same(const apl_tape *a, uint32_t x, const apl_tape *b, uint32_t y);

/* Each member of one that counts is in the other, the last of its name in both. */
static bool same_members(const apl_tape *a, uint32_t x, const apl_tape *b, uint32_t y) {
	for (uint32_t at = x + 1; at < a->cells[x].as.end; at = apl_tape_next(a, at + 1)) {
		const apl_cell *name = &a->cells[at];
		uint32_t mine = apl_tape_find(a, x, name->as.text, name->count);
		uint32_t other = apl_tape_find(b, y, name->as.text, name->count);
		if (mine == 0 || other == 0 || !same(a, mine, b, other)) return false;
	}
	return true;
}

static bool same(const apl_tape *a, uint32_t x, const apl_tape *b, uint32_t y) {
	const apl_cell *left = &a->cells[x], *right = &b->cells[y];
	if (left->kind != right->kind) return false;
	switch ((aplomb_kind)left->kind) {
	case APLOMB_BOOLEAN: return left->truth == right->truth;
	case APLOMB_INTEGER: return left->as.integer == right->as.integer;
	case APLOMB_NUMBER: return memcmp(&left->as.number, &right->as.number, sizeof left->as.number) == 0;
	case APLOMB_TEXT: return left->count == right->count && memcmp(left->as.text, right->as.text, left->count) == 0;
	case APLOMB_LIST:
		if (left->count != right->count) return false;
		for (x++, y++; x < left->as.end; x = apl_tape_next(a, x), y = apl_tape_next(b, y)) {
			if (!same(a, x, b, y)) return false;
		}
		return true;
	case APLOMB_MAP: return same_members(a, x, b, y) && same_members(b, y, a, x);
	default: return true;
	}
}

static void a_value_that_is_written_reads_back_as_the_same_value(void **state) {
	(void)state;
	int rounds = APL_ROUNDS(20000, 300);
	json first, again;
	open_json(&first);
	open_json(&again);
	apl_buf text;
	apl_buf_init(&text, &first.alloc);
	draw d = {5, 0};
	size_t bytes = 0;
	for (int round = 0; round < rounds; round++) {
		d.values = 200;
		apl_buf_clear(&text);
		draw_value(&d, &text, 0);
		bytes += text.size;
		canonical(&first, text.bytes, text.size);
		canonical(&again, first.out.bytes, first.out.size);
		assert_int_equal(first.out.size, again.out.size);
		assert_memory_equal(first.out.bytes, again.out.bytes, first.out.size);
		if (!same(&first.tape, 0, &again.tape, 0)) fail_msg("%.*s", (int)text.size, text.bytes);
	}
	assert_true(bytes > (size_t)rounds * 20);
	apl_buf_dispose(&text);
	close_json(&again);
	close_json(&first);
}

/* Writes {"k0":0,…} in the order of [order]. */
static void write_members(apl_buf *out, const uint32_t *order, uint32_t count) {
	apl_buf_clear(out);
	apl_buf_byte(out, '{');
	for (uint32_t i = 0; i < count; i++) apl_buf_format(out, "%s\"member number %u\":%u", i > 0 ? "," : "", order[i], order[i]);
	apl_buf_byte(out, '}');
}

static void the_order_of_members_does_not_matter_however_many_there_are(void **state) {
	(void)state;
	static const uint32_t counts[] = {0, 1, 2, 11, 12, 13, 24, 25, 47, 48, 49, 97, 1000, 100000};
	json j;
	open_json(&j);
	apl_buf text, expected;
	apl_buf_init(&text, &j.alloc);
	apl_buf_init(&expected, &j.alloc);
	uint64_t random = 9;
	for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
		uint32_t count = counts[c];
		uint32_t *order = malloc((count + 1) * sizeof *order);
		for (uint32_t i = 0; i < count; i++) order[i] = i;
		for (int round = 0; round < 4; round++) {
			write_members(&text, order, count);
			canonical(&j, text.bytes, text.size);
			if (round == 0) {
				apl_buf_clear(&expected);
				apl_buf_add(&expected, j.out.bytes, j.out.size);
			}
			assert_int_equal(j.out.size, expected.size);
			assert_memory_equal(j.out.bytes, expected.bytes, expected.size);
			/* In the order of the first round, then turned round, then shuffled. */
			for (uint32_t i = 0; i < count / 2 && round == 0; i++) {
				uint32_t other = order[count - 1 - i];
				order[count - 1 - i] = order[i];
				order[i] = other;
			}
			for (uint32_t i = count; i > 1 && round > 0; i--) {
				uint32_t with = (uint32_t)(apl_random_next(&random) % i), other = order[i - 1];
				order[i - 1] = order[with];
				order[with] = other;
			}
		}
		free(order);
	}
	apl_buf_dispose(&expected);
	apl_buf_dispose(&text);
	close_json(&j);
}

static void the_last_of_many_equal_names_is_written(void **state) {
	(void)state;
	json j;
	open_json(&j);
	apl_buf text;
	apl_buf_init(&text, &j.alloc);
	apl_buf_byte(&text, '{');
	for (int i = 0; i < 1000; i++) apl_buf_format(&text, "%s\"n%d\":%d", i > 0 ? "," : "", (i * 7) % 3, i);
	apl_buf_byte(&text, '}');
	/* 999 * 7 % 3 is 0; 998 gives 2, 997 gives 1. */
	assert_string_equal(canonical(&j, text.bytes, text.size), "{\"n0\":999,\"n1\":997,\"n2\":998}");
	apl_buf_dispose(&text);
	close_json(&j);
}

static void depth_costs_no_stack(void **state) {
	(void)state;
	enum { DEPTH = 300000 };
	json j;
	open_json(&j);
	apl_buf text;
	apl_buf_init(&text, &j.alloc);
	for (int i = 0; i < DEPTH; i++) apl_buf_text(&text, i % 2 ? "[" : "{\"b\":1,\"a\":");
	apl_buf_text(&text, "0");
	for (int i = DEPTH; i-- > 0;) apl_buf_text(&text, i % 2 ? "]" : "}");
	const char *written = canonical(&j, text.bytes, text.size);
	assert_int_equal(j.out.size, text.size);
	assert_memory_equal(written, "{\"a\":[{\"a\":[", 12);
	assert_memory_equal(written + j.out.size - 16, "],\"b\":1}],\"b\":1}", 16);
	apl_buf_dispose(&text);
	close_json(&j);
}

static void a_writer_without_memory_fails_the_buffer_and_loses_nothing(void **state) {
	(void)state;
	json j;
	open_json(&j);
	apl_buf text;
	apl_buf_init(&text, &j.alloc);
	/* Deeper and with more members than the writer keeps room for by itself. */
	for (int i = 0; i < 40; i++) apl_buf_text(&text, "[");
	apl_buf_byte(&text, '{');
	for (int i = 100; i > 0; i--) apl_buf_format(&text, "\"name %d\":\"with \\n\",", i);
	apl_buf_text(&text, "\"a\":{\"c\":1.5,\"b\":2}}");
	for (int i = 0; i < 40; i++) apl_buf_text(&text, "]");
	canonical(&j, text.bytes, text.size);
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	for (heap.fail_at = 1;; heap.fail_at++) {
		heap.calls = 0;
		apl_buf out;
		apl_buf_init(&out, &alloc);
		apl_json_write(&out, &j.tape, 0);
		bool failed = out.failed;
		assert_int_equal(failed, heap.calls >= heap.fail_at);
		if (!failed) {
			assert_int_equal(out.size, j.out.size);
			assert_memory_equal(out.bytes, j.out.bytes, out.size);
		}
		apl_buf_dispose(&out);
		assert_int_equal(heap.blocks, 0);
		if (!failed) break;
	}
	assert_true(heap.fail_at > 5);
	apl_buf_dispose(&text);
	close_json(&j);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_value_has_one_text),
	    cmocka_unit_test(any_cell_can_be_written_alone),
	    cmocka_unit_test(every_byte_of_a_text_is_written_wherever_it_stands),
	    cmocka_unit_test(a_value_that_is_written_reads_back_as_the_same_value),
	    cmocka_unit_test(the_order_of_members_does_not_matter_however_many_there_are),
	    cmocka_unit_test(the_last_of_many_equal_names_is_written),
	    cmocka_unit_test(depth_costs_no_stack),
	    cmocka_unit_test(a_writer_without_memory_fails_the_buffer_and_loses_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
