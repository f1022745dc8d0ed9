/* SPDX-License-Identifier: MIT */
/*
 * A field that is spread is to everybody else what it was: the same JSON, the
 * same bytes for the digest, the same undo. Random values go through both.
 */

#include <stdio.h>
#include <string.h>

#include "../test_cmocka.h"
#include "../test_heap.h"
#include "base/hash.h"
#include "declare.h"

#define SCHEMA "{'a':{'type':'integer'},'v':{'type':'any','default':{'b':7,'odd':[1],'zz':true}},'z':{'type':'text'}}"

static const apl_spread_name names[] = {{"_x", 2}, {"a", 1}, {"ab", 2}, {"b", 1}, {"m_1", 3}, {"text", 4}, {"x", 1}, {"y", 1}, {"zz", 2}};
enum { N_NAMES = sizeof names / sizeof *names };

static uint64_t random_state;
static uint64_t below(uint64_t bound) {
	return apl_random_next(&random_state) % bound;
}

typedef struct bench {
	test_heap heap;
	apl_alloc alloc;
	apl_schema *plain, *spread;
	uint64_t *one, *other; /* a record of each */
	apl_tape tape;
} bench;

static void begin(bench *b) {
	memset(b, 0, sizeof *b);
	b->alloc = test_heap_allocator(&b->heap);
	b->plain = declared(&b->alloc, SCHEMA);
	b->spread = declared(&b->alloc, SCHEMA);
	assert_true(apl_schema_spread(b->spread, field_at(b->spread, "v"), names, N_NAMES));
	b->one = new_words(&b->alloc, b->plain);
	b->other = new_words(&b->alloc, b->spread);
	assert_true(apl_record_init(b->plain, b->one, (apl_keep){&b->alloc, NULL}));
	assert_true(apl_record_init(b->spread, b->other, (apl_keep){&b->alloc, NULL}));
	apl_tape_init(&b->tape, &b->alloc);
}

static void end(bench *b) {
	apl_tape_dispose(&b->tape);
	apl_record_dispose(b->plain, b->one, &b->alloc);
	apl_record_dispose(b->spread, b->other, &b->alloc);
	free_words(&b->alloc, b->plain, b->one);
	free_words(&b->alloc, b->spread, b->other);
	apl_schema_free(b->plain);
	apl_schema_free(b->spread);
	assert_int_equal(b->heap.blocks, 0);
}

static void assert_alike(bench *b) {
	static char shown[65536];
	snprintf(shown, sizeof shown, "%s", as_json(b->plain, b->one, false));
	assert_string_equal(as_json(b->spread, b->other, false), shown);
	apl_buf one, other;
	apl_buf_init(&one, &b->alloc);
	apl_buf_init(&other, &b->alloc);
	apl_record_bytes(&one, b->plain, b->one);
	apl_record_bytes(&other, b->spread, b->other);
	assert_int_equal(one.size, other.size);
	assert_memory_equal(one.bytes, other.bytes, one.size);
	apl_buf_clear(&other);
	if (apl_record_has(b->other, &b->spread->fields[b->spread->spread->field])) {
		apl_spread_write(&other, b->spread, b->other);
		assert_true(other.size <= apl_spread_most_bytes(b->spread, b->other));
	}
	apl_buf_dispose(&one);
	apl_buf_dispose(&other);
}

static int set(bench *b, const char *path, const char *json) {
	const apl_writer one = {.schema = b->plain, .words = b->one, .keep = {&b->alloc, NULL}, .what = "data"};
	const apl_writer other = {.schema = b->spread, .words = b->other, .keep = {&b->alloc, NULL}, .what = "data"};
	read_json(&b->tape, json);
	aplomb_error error, others;
	int code = apl_record_set(&one, field_at(b->plain, path), &b->tape, 0, &error);
	assert_int_equal(apl_record_set(&other, field_at(b->spread, path), &b->tape, 0, &others), code);
	return code;
}

static void a_default_lies_where_later_values_do(void **state) {
	(void)state;
	bench b;
	begin(&b);
	assert_alike(&b);
	const apl_spread *spread = b.spread->spread;
	assert_int_equal(apl_spread_slot(spread, "b", 1), 3);
	assert_int_equal(apl_slot_kinds(spread, b.other)[3], APL_SLOT_INTEGER);
	assert_int_equal(b.other[spread->first + 3], 7);
	assert_int_equal(apl_slot_kinds(spread, b.other)[8], APL_SLOT_TRUE);
	assert_int_equal(apl_spread_slot(spread, "odd", 3), APL_NO_SLOT);
	assert_int_equal(apl_spread_slot(spread, "", 0), APL_NO_SLOT);
	assert_string_equal(apl_record_text(b.other, &b.spread->fields[spread->field])->bytes, "{\"odd\":[1]}");
	end(&b);
}

static void every_kind_of_value_comes_out_as_it_went_in(void **state) {
	(void)state;
	static const char *const values[] = {"{}", "{'b':null}", "{'b':null,'c':null}", "7", "'text'", "[]", "[1,{'b':2}]", "true",
	    "{'a':1,'b':2.5,'x':'t','y':[1,2],'zz':{'q':{}}}", "{'x':1,'x':'again','x':[2]}", "{'x':'text','x':1}", "{'nine':9,'nine':10}",
	    "{'a\\\\b':1,'a\\\"':2,'a\\u0001':3,'a':4,'ab':5,'aa':6,'abc':7}", "{'\\\\':1,'\\u0000':2,'':3,'~':4,'\\n\\t\\r\\b\\f':5}",
	    "{'text':'\\u0001\\n\\\"','m_1':-0.0,'y':1e300,'x':-9223372036854775808}", "{'m_':1,'m_1':2,'m_10':3,'m':4}",
	    "{'r':{'b':[{'x':'}],'},{'y':'\\\"'}]},'s':[]}", "{'r':'a,b','t':'{'}"};
	bench b;
	begin(&b);
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		assert_int_equal(set(&b, "v", values[i]), APLOMB_OK);
		assert_alike(&b);
	}
	assert_int_equal(set(&b, "v", "null"), APLOMB_OK); /* cleared */
	assert_alike(&b);
	assert_int_equal(set(&b, "a", "5"), APLOMB_OK);
	assert_alike(&b);
	assert_int_equal(set(&b, "v", "{'x':'there again'}"), APLOMB_OK);
	assert_alike(&b);
	end(&b);
}

static void add_value(apl_buf *out, int depth) {
	switch (below(depth > 0 ? 9 : 7)) {
	case 0: APL_BUF_LITERAL(out, "null"); return;
	case 1: APL_BUF_LITERAL(out, "false"); return;
	case 2: apl_buf_integer(out, (int64_t)apl_random_next(&random_state)); return;
	case 3: apl_buf_format(out, "%d.5", (int)below(100)); return;
	case 4: APL_BUF_LITERAL(out, "'\\u00e4,}]\\\\'"); return;
	case 5: APL_BUF_LITERAL(out, "'plain'"); return;
	case 6: APL_BUF_LITERAL(out, "0"); return;
	case 7:
		APL_BUF_LITERAL(out, "[");
		add_value(out, depth - 1);
		APL_BUF_LITERAL(out, ",");
		add_value(out, depth - 1);
		APL_BUF_LITERAL(out, "]");
		return;
	default:
		APL_BUF_LITERAL(out, "{'x':");
		add_value(out, depth - 1);
		APL_BUF_LITERAL(out, ",'r':");
		add_value(out, depth - 1);
		APL_BUF_LITERAL(out, "}");
	}
}

static void add_map(apl_buf *out) {
	static const char *const others[] = {"r", "A", "abc", "m_", "t\\u0009", "\\\\", "zzz", "_", "y1"};
	apl_buf_byte(out, '{');
	for (uint64_t n = below(8), i = 0; i < n; i++) {
		if (i > 0) apl_buf_byte(out, ',');
		apl_buf_format(out, "'%s':", below(3) > 0 ? names[below(N_NAMES)].bytes : others[below(sizeof others / sizeof *others)]);
		add_value(out, 2);
	}
	apl_buf_byte(out, '}');
}

/* What a single write to a slot comes to: the map with that member changed. */
static void put(bench *b, uint32_t slot, apl_slot_kind kind, uint64_t word) {
	const apl_spread *spread = b->spread->spread;
	apl_spread_put(spread, b->other, &b->alloc, slot, kind, word);
	/* The plain record gets the whole, as text. */
	apl_buf json;
	apl_buf_init(&json, &b->alloc);
	apl_spread_write(&json, b->spread, b->other);
	aplomb_error error;
	assert_int_equal(apl_json_read(&b->tape, json.bytes, json.size, NULL, &error), APLOMB_OK);
	const apl_writer one = {.schema = b->plain, .words = b->one, .keep = {&b->alloc, NULL}, .what = "data"};
	assert_int_equal(apl_record_set(&one, field_at(b->plain, "v"), &b->tape, 0, &error), APLOMB_OK);
	apl_buf_dispose(&json);
}

static void random_values_are_alike_and_an_image_puts_them_back(void **state) {
	(void)state;
	bench b;
	begin(&b);
	random_state = 11;
	uint64_t *image = new_words(&b.alloc, b.spread);
	for (int i = 0; i < 3000; i++) {
		static char before[65536];
		snprintf(before, sizeof before, "%s", as_json(b.spread, b.other, false));
		apl_record_share(b.spread, image, b.other);
		apl_buf json;
		apl_buf_init(&json, &b.alloc);
		if (below(8) == 0)
			add_value(&json, 2);
		else
			add_map(&json);
		assert_int_equal(set(&b, "v", apl_buf_terminate(&json)), APLOMB_OK);
		apl_buf_dispose(&json);
		assert_alike(&b);
		const apl_spread *spread = b.spread->spread;
		const apl_field *field = &b.spread->fields[spread->field];
		if (apl_record_has(b.other, field) && apl_record_text(b.other, field)->bytes[0] == '{') {
			put(&b, (uint32_t)below(N_NAMES), APL_SLOT_INTEGER, below(100));
			put(&b, (uint32_t)below(N_NAMES), APL_SLOT_ABSENT, 0);
			put(&b, (uint32_t)below(N_NAMES), APL_SLOT_TEXT, (uint64_t)(uintptr_t)apl_text_new(&b.alloc, "put \"in\"", 8));
			assert_alike(&b);
		}
		if (below(3) == 0) {
			/* As the engine takes a step back; then what it was is what it is. */
			apl_record_dispose(b.spread, b.other, &b.alloc);
			memcpy(b.other, image, b.spread->n_words * sizeof *image);
			assert_string_equal(as_json(b.spread, b.other, false), before);
			read_json(&b.tape, before);
			assert_int_equal(set(&b, "v", "{}"), APLOMB_OK);
		} else {
			apl_record_dispose(b.spread, image, &b.alloc);
		}
	}
	free_words(&b.alloc, b.spread, image);
	end(&b);
}

static void without_memory_nothing_is_changed(void **state) {
	(void)state;
	bench b;
	begin(&b);
	assert_int_equal(set(&b, "v", "{'x':'kept','r':[1]}"), APLOMB_OK);
	const apl_writer writer = {.schema = b.spread, .words = b.other, .keep = {&b.alloc, NULL}, .what = "data"};
	int code = APLOMB_ENOMEM;
	for (b.heap.fail_at = 1; code != APLOMB_OK; b.heap.fail_at++) {
		aplomb_error error;
		uint64_t fail_at = b.heap.fail_at;
		b.heap.fail_at = 0;
		read_json(&b.tape, "{'x':'new','y':[1,'2'],'text':'t','other':{'q':'w'},'x':{'z':1}}");
		b.heap.fail_at = fail_at;
		b.heap.calls = 0;
		code = apl_record_set(&writer, field_at(b.spread, "v"), &b.tape, 0, &error);
		b.heap.fail_at = 0;
		if (code != APLOMB_OK) assert_alike(&b);
		b.heap.fail_at = fail_at;
	}
	b.heap.fail_at = 0;
	assert_string_equal(
	    as_json(b.spread, b.other, false), "{\"v\":{\"other\":{\"q\":\"w\"},\"text\":\"t\",\"x\":{\"z\":1},\"y\":[1,\"2\"]}}");
	end(&b);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_default_lies_where_later_values_do),
	    cmocka_unit_test(every_kind_of_value_comes_out_as_it_went_in),
	    cmocka_unit_test(random_values_are_alike_and_an_image_puts_them_back),
	    cmocka_unit_test(without_memory_nothing_is_changed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
