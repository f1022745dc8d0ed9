/* SPDX-License-Identifier: MIT */
/*
 * Random schemas and random values that fit them: what is written reads back
 * to the same record and the same bytes, whatever the members' order; a random
 * write is taken or changes nothing; an undo image puts everything back.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../test_cmocka.h"
#include "../test_heap.h"
#include "../test_rounds.h"
#include "base/hash.h"
#include "declare.h"
#include "time/instant.h"

static uint64_t random_state;
static uint64_t below(uint64_t bound) {
	return apl_random_next(&random_state) % bound;
}

/* ---- schemas ------------------------------------------------------------ */

static void random_members(apl_buf *out, int depth, uint64_t count);

static void random_declaration(apl_buf *out, int depth, bool is_item) {
	apl_type type = (apl_type)below(depth > 0 ? APL_TYPES : APL_TYPE_LIST);
	apl_buf_format(out, "{\"type\":\"%s\"", apl_type_name(type));
	if (below(8) == 0) APL_BUF_LITERAL(out, ",\"personal\":true");
	if (!is_item && below(5) == 0) APL_BUF_LITERAL(out, ",\"required\":true");
	bool has_default = !is_item && below(3) == 0;
	switch (type) {
	case APL_TYPE_TEXT:
		if (below(2)) APL_BUF_LITERAL(out, ",\"max\":9");
		if (has_default) APL_BUF_LITERAL(out, ",\"default\":\"\xC3\xA4\\\"b\"");
		break;
	case APL_TYPE_INTEGER:
		if (below(2)) APL_BUF_LITERAL(out, ",\"min\":-100,\"max\":100");
		if (has_default) APL_BUF_LITERAL(out, ",\"default\":-7");
		break;
	case APL_TYPE_NUMBER:
		if (below(2)) APL_BUF_LITERAL(out, ",\"min\":-100.5");
		if (has_default) APL_BUF_LITERAL(out, ",\"default\":0.1");
		break;
	case APL_TYPE_BOOLEAN:
		if (has_default) APL_BUF_LITERAL(out, ",\"default\":true");
		break;
	case APL_TYPE_MONEY:
		if (has_default) APL_BUF_LITERAL(out, ",\"default\":\"-3.50 EUR\"");
		break;
	case APL_TYPE_INSTANT:
		if (has_default) APL_BUF_LITERAL(out, ",\"default\":\"2024-02-29T23:59:59.5Z\"");
		break;
	case APL_TYPE_SPAN:
		if (has_default) APL_BUF_LITERAL(out, ",\"default\":\"90m\"");
		break;
	case APL_TYPE_ONE_OF:
		APL_BUF_LITERAL(out, ",\"choices\":[\"low\",\"high\",\"a rather long choice, longer than sixteen\",\"\xE2\x82\xAC\"]");
		if (has_default) APL_BUF_LITERAL(out, ",\"default\":\"high\"");
		break;
	case APL_TYPE_LIST:
		if (below(4) > 0) {
			APL_BUF_LITERAL(out, ",\"items\":");
			random_declaration(out, depth - 1, true);
		}
		if (below(2)) APL_BUF_LITERAL(out, ",\"max\":5");
		if (has_default) APL_BUF_LITERAL(out, ",\"default\":[]");
		break;
	case APL_TYPE_ANY:
		if (has_default) APL_BUF_LITERAL(out, ",\"default\":[1,{\"b\":null,\"a\":2.0}]");
		break;
	case APL_TYPE_FIELDS:
		APL_BUF_LITERAL(out, ",\"members\":");
		random_members(out, depth - 1, below(5));
		break;
	}
	apl_buf_byte(out, '}');
}

static void random_members(apl_buf *out, int depth, uint64_t count) {
	apl_buf_byte(out, '{');
	uint64_t begin = below(97);
	for (uint64_t i = 0; i < count; i++) {
		/* Different names, in no order: 13 and 97 have no common divisor. */
		uint64_t n = (begin + i * 13) % 97;
		apl_buf_format(
		    out, "%s\"%c%llu%s\":", i > 0 ? "," : "", (char)('a' + n % 26), (unsigned long long)n, n % 5 == 0 ? "_and_a_long_name" : "");
		random_declaration(out, depth, false);
	}
	apl_buf_byte(out, '}');
}

/* ---- values that fit ---------------------------------------------------- */

static void random_anything(apl_buf *out, int depth) {
	switch (below(depth > 0 ? 7 : 5)) {
	case 0: APL_BUF_LITERAL(out, "null"); return;
	case 1: APL_BUF_LITERAL(out, "true"); return;
	case 2: apl_buf_integer(out, (int64_t)apl_random_next(&random_state)); return;
	case 3: APL_BUF_LITERAL(out, "-2.50"); return;
	case 4: APL_BUF_LITERAL(out, "\"\\u00e4\\n\xF0\x9F\x98\x80\""); return;
	case 5:
		APL_BUF_LITERAL(out, "[ ");
		random_anything(out, depth - 1);
		apl_buf_byte(out, ']');
		return;
	default:
		APL_BUF_LITERAL(out, "{\"z\":");
		random_anything(out, depth - 1);
		APL_BUF_LITERAL(out, ",\"a\":");
		random_anything(out, depth - 1);
		apl_buf_byte(out, '}');
		return;
	}
}

static void random_map(apl_buf *out, const apl_schema *schema, uint32_t parent);

static void random_value(apl_buf *out, const apl_schema *schema, uint32_t number) {
	const apl_field *field = &schema->fields[number];
	char text[APL_INSTANT_TEXT];
	switch ((apl_type)field->type) {
	case APL_TYPE_TEXT:
		apl_buf_byte(out, '"');
		for (uint64_t n = below(10); n > 0; n--) apl_buf_text(out, below(2) ? "\xE2\x82\xAC" : below(2) ? "x" : "\\u0000");
		apl_buf_byte(out, '"');
		return;
	case APL_TYPE_INTEGER:
		apl_buf_integer(out, field->has_min ? (int64_t)below(201) - 100 : (int64_t)apl_random_next(&random_state));
		return;
	case APL_TYPE_NUMBER:
		if (below(2))
			apl_buf_integer(out, (int64_t)below(1000) - 100);
		else
			apl_buf_format(out, "%llu.%06llue%d", (unsigned long long)below(10), (unsigned long long)below(1000000), (int)below(600) - 300);
		return;
	case APL_TYPE_BOOLEAN: apl_buf_text(out, below(2) ? "true" : "false"); return;
	case APL_TYPE_MONEY:
		apl_buf_format(out, "\"%llu%s\"", (unsigned long long)below(1000000), below(2) ? ".07 GBP" : below(2) ? " JPY" : " EUR");
		return;
	case APL_TYPE_INSTANT:
		/* A day from either end, so that any offset stays within the years. */
		apl_instant_write(
		    APL_INSTANT_MIN + APL_DAY + (int64_t)below((uint64_t)(APL_INSTANT_MAX - 2 * APL_DAY) - (uint64_t)APL_INSTANT_MIN), text);
		text[strlen(text) - 1] = '\0';
		apl_buf_format(out, "\"%s%c%02u:%02u\"", text, "+-"[below(2)], (unsigned)below(24), (unsigned)below(60));
		return;
	case APL_TYPE_SPAN:
		apl_buf_format(out, "\"%llum%llums\"", (unsigned long long)below(100000), (unsigned long long)below(100000));
		return;
	case APL_TYPE_ONE_OF: {
		const char *choice = field->choices[below(field->n_choices)];
		apl_json_write_text(out, choice, strlen(choice));
		return;
	}
	case APL_TYPE_LIST:
		apl_buf_byte(out, '[');
		for (uint64_t n = below(4), i = 0; i < n; i++) {
			if (i > 0) apl_buf_byte(out, ',');
			if (field->first_child == APL_NO_FIELD)
				random_anything(out, 2);
			else
				random_value(out, schema, field->first_child);
		}
		apl_buf_byte(out, ']');
		return;
	case APL_TYPE_ANY: random_anything(out, 3); return;
	case APL_TYPE_FIELDS: random_map(out, schema, number); return;
	}
}

/* Members in an order of its own; required ones are there, others perhaps, or null. */
static void random_map(apl_buf *out, const apl_schema *schema, uint32_t parent) {
	uint32_t members[64], count = 0;
	for (uint32_t i = schema->fields[parent].first_child; i != APL_NO_FIELD; i = schema->fields[i].next) members[count++] = i;
	for (uint32_t i = count; i > 1; i--) {
		uint32_t j = (uint32_t)below(i), other = members[i - 1];
		members[i - 1] = members[j];
		members[j] = other;
	}
	const char *comma = "";
	apl_buf_byte(out, '{');
	for (uint32_t i = 0; i < count; i++) {
		const apl_field *field = &schema->fields[members[i]];
		if (!field->required && below(3) == 0) continue;
		apl_buf_format(out, "%s\"%s\" : ", comma, field->name);
		comma = ",";
		if (!field->required && below(8) == 0)
			APL_BUF_LITERAL(out, "null");
		else
			random_value(out, schema, members[i]);
	}
	apl_buf_byte(out, '}');
}

/* ---- the properties ----------------------------------------------------- */

typedef struct bench {
	test_heap heap;
	apl_alloc alloc;
	apl_schema *schema;
	apl_tape tape;
	apl_buf json, first, second;
	uint64_t taken, refused, writes, records;
} bench;

static int read_record(bench *b, uint64_t *words, const apl_buf *json, apl_arena *arena, aplomb_error *error) {
	aplomb_error syntax;
	if (apl_json_read(&b->tape, json->bytes, json->size, NULL, &syntax) != APLOMB_OK) fail_msg("%s", syntax.message);
	apl_writer writer = {.schema = b->schema, .words = words, .keep = {&b->alloc, arena}, .what = "data"};
	return apl_record_read(&writer, &b->tape, 0, error);
}

static void write_record(const bench *b, apl_buf *out, const uint64_t *words) {
	apl_buf_clear(out);
	apl_record_write(out, b->schema, words, false);
	assert_false(out->failed);
}

static void assert_same(const apl_buf *a, const apl_buf *b) {
	if (a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0) return;
	fail_msg("%.*s\nis not\n%.*s", (int)a->size, a->bytes, (int)b->size, b->bytes);
}

static void check_round_trip(bench *b, uint64_t *words) {
	uint64_t *again = new_words(&b->alloc, b->schema);
	apl_arena arena;
	apl_arena_init(&arena, &b->alloc);
	aplomb_error error;
	write_record(b, &b->first, words);
	/* The tape of [first] is read with counted texts and into an arena. */
	for (int in_arena = 0; in_arena < 2; in_arena++) {
		if (read_record(b, again, &b->first, in_arena ? &arena : NULL, &error) != APLOMB_OK) {
			fail_msg("%.*s was written, but reading says: %s", (int)b->first.size, b->first.bytes, error.message);
		}
		write_record(b, &b->second, again);
		assert_same(&b->second, &b->first);
		apl_buf_clear(&b->json);
		apl_buf_clear(&b->second);
		apl_record_bytes(&b->json, b->schema, words);
		apl_record_bytes(&b->second, b->schema, again);
		assert_same(&b->json, &b->second);
		if (!in_arena) apl_record_dispose(b->schema, again, &b->alloc);
	}
	/* The canonical reading is canonical JSON itself. */
	apl_buf_clear(&b->second);
	apl_json_write(&b->second, &b->tape, 0);
	assert_same(&b->second, &b->first);
	apl_arena_dispose(&arena);
	free_words(&b->alloc, b->schema, again);
}

/* One value of any kind into any field: taken, or refused with the record as it was. */
static void random_write(bench *b, uint64_t *words) {
	if (b->schema->n_fields < 2) return;
	uint32_t number = 1 + (uint32_t)below(b->schema->n_fields - 1);
	for (uint32_t up = number; up != 0; up = b->schema->fields[up].parent) {
		if (b->schema->fields[up].is_item) return; /* lives in a list */
	}
	apl_buf_clear(&b->json);
	if (below(3) == 0)
		random_anything(&b->json, 2);
	else
		random_value(&b->json, b->schema, number);
	assert_int_equal(apl_json_read(&b->tape, b->json.bytes, b->json.size, NULL, NULL), APLOMB_OK);
	write_record(b, &b->first, words);
	apl_writer writer = {.schema = b->schema, .words = words, .keep = {&b->alloc, NULL}, .what = "data"};
	aplomb_error error;
	int code = apl_record_set(&writer, number, &b->tape, 0, &error);
	write_record(b, &b->second, words);
	b->writes++;
	if (code == APLOMB_OK) return;
	b->refused++;
	assert_int_equal(code, APLOMB_EREFUSED);
	assert_true(strncmp(error.message, "data.", 5) == 0);
	assert_same(&b->second, &b->first);
}

static void check_record(bench *b) {
	uint64_t *words = new_words(&b->alloc, b->schema), *image = new_words(&b->alloc, b->schema);
	aplomb_error error;
	apl_buf_clear(&b->json);
	random_map(&b->json, b->schema, 0);
	uint64_t blocks = b->heap.blocks;
	int code = read_record(b, words, &b->json, NULL, &error);
	b->records++;
	if (code != APLOMB_OK) {
		/* Only what random_map cannot promise: a required `fields` without a member, or one with a null in it. */
		if (strcmp(error.slug, "missing-field") != 0) fail_msg("%.*s: %s", (int)b->json.size, b->json.bytes, error.message);
		assert_true(b->heap.blocks <= blocks + 2); /* the tape's own */
	} else {
		b->taken++;
		check_round_trip(b, words);
		apl_writer writer = {.schema = b->schema, .words = words, .keep = {&b->alloc, NULL}, .what = "data"};
		char *before = strdup(as_json(b->schema, words, false));
		apl_record_share(b->schema, image, words);
		for (int i = 0; i < 8; i++) random_write(b, words);
		/* A record that still has what is required reads back; one that has not is told by the check. */
		if (apl_record_check(&writer, &error) == APLOMB_OK) check_round_trip(b, words);
		if (below(2)) {
			apl_record_dispose(b->schema, words, &b->alloc);
			memcpy(words, image, b->schema->n_words * sizeof *words);
			assert_string_equal(as_json(b->schema, words, false), before);
		} else {
			assert_string_equal(as_json(b->schema, image, false), before);
			apl_record_dispose(b->schema, image, &b->alloc);
		}
		free(before);
		apl_record_dispose(b->schema, words, &b->alloc);
	}
	free_words(&b->alloc, b->schema, words);
	free_words(&b->alloc, b->schema, image);
}

static void random_records_of_random_schemas_survive_writing_and_reading(void **state) {
	(void)state;
	enum { SCHEMAS = 400, RECORDS = 25 };
	bench b = {0};
	b.alloc = test_heap_allocator(&b.heap);
	apl_tape_init(&b.tape, &b.alloc);
	apl_buf_init(&b.json, &b.alloc);
	apl_buf_init(&b.first, &b.alloc);
	apl_buf_init(&b.second, &b.alloc);
	/* Under valgrind a tenth shows as much. */
	int schemas = APL_ROUNDS(SCHEMAS, SCHEMAS / 10);
	for (int i = 0; i < schemas; i++) {
		random_state = (uint64_t)i;
		do {
			apl_buf_clear(&b.json);
			random_members(&b.json, 3, below(9));
		} while (b.json.size > 8000);
		b.schema = declared(&b.alloc, apl_buf_terminate(&b.json));
		for (int j = 0; j < RECORDS; j++) check_record(&b);
		apl_schema_free(b.schema);
	}
	apl_buf_dispose(&b.json);
	apl_buf_dispose(&b.first);
	apl_buf_dispose(&b.second);
	apl_tape_dispose(&b.tape);
	assert_int_equal(b.heap.blocks, 0);
	print_message("%llu of %llu records taken; of %llu single writes %llu refused\n", (unsigned long long)b.taken,
	    (unsigned long long)b.records, (unsigned long long)b.writes, (unsigned long long)b.refused);
	assert_true(b.taken > b.records / 2 && b.refused > b.writes / 20);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_records_of_random_schemas_survive_writing_and_reading),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
