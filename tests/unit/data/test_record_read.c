/* SPDX-License-Identifier: MIT */
/* Whole records from maps and from named scalars. */

#include <math.h>
#include <string.h>

#include "../test_cmocka.h"
#include "../test_heap.h"
#include "declare.h"

#define EVENT                                                                                                                              \
	"{'text':{'type':'text','required':true},'tone':{'type':'number','default':0},'abusive':{'type':'boolean'},"                           \
	"'channel':{'type':'one_of','choices':['mail','chat','phone'],'default':'chat'},'note':{'type':'text','default':'none'},"              \
	"'from':{'type':'fields','members':{'name':{'type':'text','required':true},'age':{'type':'integer'},"                                  \
	"'land':{'type':'text','default':'DE'}}},'parts':{'type':'list','items':{'type':'fields','members':{"                                  \
	"'n':{'type':'integer','required':true},'unit':{'type':'text','default':'piece'}}}}}"

typedef struct reading {
	const char *json;
	const char *written; /* NULL: refused */
	const char *slug;
	const char *message;
} reading;

/* Read with counted texts and into an arena: both must say the same. */
static void check_readings(const char *declaration, const reading *cases, size_t count) {
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	apl_schema *schema = declared(&alloc, declaration);
	apl_arena arena;
	apl_arena_init(&arena, &alloc);
	apl_tape tape;
	apl_tape_init(&tape, &alloc);
	uint64_t *words = new_words(&alloc, schema);
	for (size_t i = 0; i < count * 2; i++) {
		const reading *c = &cases[i / 2];
		bool in_arena = i % 2 == 1;
		apl_writer writer = {.schema = schema, .words = words, .keep = {&alloc, in_arena ? &arena : NULL}, .what = "event"};
		aplomb_error error = {0};
		read_json(&tape, c->json);
		uint64_t blocks = heap.blocks;
		int code = apl_record_read(&writer, &tape, 0, &error);
		if (c->written == NULL) {
			if (code != APLOMB_EREFUSED) fail_msg("%s was not refused", c->json);
			assert_string_equal(error.message, c->message);
			assert_string_equal(error.slug, c->slug);
			if (!in_arena) assert_int_equal(heap.blocks, blocks);
			continue;
		}
		if (code != APLOMB_OK) fail_msg("%s: %s", c->json, error.message);
		assert_string_equal(as_json(schema, words, false), c->written);
		assert_int_equal(apl_record_check(&writer, &error), APLOMB_OK);
		if (!in_arena) apl_record_dispose(schema, words, &alloc);
		apl_arena_reset(&arena);
	}
	free_words(&alloc, schema, words);
	apl_tape_dispose(&tape);
	apl_arena_dispose(&arena);
	apl_schema_free(schema);
	assert_int_equal(heap.blocks, 0);
}

static void events_are_filled_with_defaults_and_checked(void **state) {
	(void)state;
#define REST "\"from\":{\"land\":\"DE\"},\"note\":\"none\""
	static const reading cases[] = {
	    {"{'text':'hi'}", "{\"channel\":\"chat\"," REST ",\"text\":\"hi\",\"tone\":0.0}", NULL, NULL},
	    /* Declared order, another order, all of them. */
	    {"{'text':'hi','tone':-1.5,'abusive':true}", "{\"abusive\":true,\"channel\":\"chat\"," REST ",\"text\":\"hi\",\"tone\":-1.5}", NULL,
	        NULL},
	    {"{'abusive':true,'tone':-1.5,'text':'hi'}", "{\"abusive\":true,\"channel\":\"chat\"," REST ",\"text\":\"hi\",\"tone\":-1.5}", NULL,
	        NULL},
	    /* null is absent, and what has a default says so. */
	    {"{'text':'hi','tone':null,'note':null,'abusive':null}",
	        "{\"channel\":\"chat\",\"from\":{\"land\":\"DE\"},\"note\":null,\"text\":\"hi\",\"tone\":null}", NULL, NULL},
	    {"{'text':'hi','from':null}", "{\"channel\":\"chat\",\"from\":{\"land\":null},\"note\":\"none\",\"text\":\"hi\",\"tone\":0.0}",
	        NULL, NULL},
	    {"{'text':'hi','from':{}}", "{\"channel\":\"chat\"," REST ",\"text\":\"hi\",\"tone\":0.0}", NULL, NULL},
	    {"{'text':'hi','from':{'land':'CH'}}",
	        "{\"channel\":\"chat\",\"from\":{\"land\":\"CH\"},\"note\":\"none\",\"text\":\"hi\",\"tone\":0.0}", NULL, NULL},
	    {"{'text':'hi','from':{'name':'Ada'}}",
	        "{\"channel\":\"chat\",\"from\":{\"land\":\"DE\",\"name\":\"Ada\"},\"note\":\"none\",\"text\":\"hi\",\"tone\":0.0}", NULL,
	        NULL},
	    /* Named twice: the last one, and not a mixture. */
	    {"{'text':'a','text':'b','from':{'name':'Ada','age':36,'land':'UK'},'from':{'name':'Bob'}}",
	        "{\"channel\":\"chat\",\"from\":{\"land\":\"DE\",\"name\":\"Bob\"},\"note\":\"none\",\"text\":\"b\",\"tone\":0.0}", NULL, NULL},
	    {"{'text':'a','from':{'name':'Ada'},'from':null}",
	        "{\"channel\":\"chat\",\"from\":{\"land\":null},\"note\":\"none\",\"text\":\"a\",\"tone\":0.0}", NULL, NULL},
	    {"{'text':'a','parts':[{'n':1},{'unit':'kg','n':2},{'n':3,'unit':null}]}",
	        "{\"channel\":\"chat\"," REST
	        ",\"parts\":[{\"n\":1,\"unit\":\"piece\"},{\"n\":2,\"unit\":\"kg\"},{\"n\":3,\"unit\":null}],\"text\":\"a\","
	        "\"tone\":0.0}",
	        NULL, NULL},
	    {"{}", NULL, "missing-field", "event.text: required, but missing; expected text"},
	    {"null", NULL, "missing-field", "event.text: required, but missing; expected text"},
	    {"{'text':null}", NULL, "missing-field", "event.text: required, but missing; expected text"},
	    {"[]", NULL, "wrong-type", "event: expected a map, found a list of 0 items"},
	    {"'hi'", NULL, "wrong-type", "event: expected a map, found the text \"hi\""},
	    {"{'text':'hi','tome':1}", NULL, "unknown-field", "event: unknown field \"tome\"; did you mean \"tone\"?"},
	    {"{'text':'hi','':1}", NULL, "unknown-field",
	        "event: unknown field \"\"; its fields are text, tone, abusive, channel, note, from, parts"},
	    {"{'text':'hi','from':{'age':3}}", NULL, "missing-field", "event.from.name: required, but missing; expected text"},
	    {"{'text':'hi','from':{'name':'Ada','age':'3'}}", NULL, "wrong-type", "event.from.age: expected an integer, found the text \"3\""},
	    {"{'text':'hi','from':7}", NULL, "wrong-type", "event.from: expected a map, found the integer 7"},
	    {"{'text':'hi','channel':'mial'}", NULL, "not-a-choice",
	        "event.channel: expected one of \"mail\", \"chat\", \"phone\", found \"mial\"; did you mean \"mail\"?"},
	    {"{'text':'hi','parts':[{'n':1},{'unit':'kg'}]}", NULL, "missing-field",
	        "event.parts[2].n: required, but missing; expected an integer"},
	};
#undef REST
	check_readings(EVENT, cases, sizeof cases / sizeof cases[0]);
}

static void required_fields_demand_their_required_members(void **state) {
	(void)state;
	static const reading cases[] = {
	    {"{'a':{'b':{'c':1}}}", "{\"a\":{\"b\":{\"c\":1}}}", NULL, NULL},
	    {"{}", NULL, "missing-field", "event.a: required, but missing; expected a map"},
	    {"{'a':{}}", NULL, "missing-field", "event.a: required, but missing; expected a map"},
	    {"{'a':{'d':1}}", NULL, "missing-field", "event.a.b: required, but missing; expected a map"},
	    {"{'a':{'b':{'e':1}}}", NULL, "missing-field", "event.a.b.c: required, but missing; expected an integer"},
	    {"{'a':{'b':{'c':1}},'o':{'q':{'s':1}}}", NULL, "missing-field", "event.o.p: required, but missing; expected an integer"},
	    {"{'a':{'b':{'c':1}},'o':{'p':1,'q':{'s':1}}}", NULL, "missing-field", "event.o.q.r: required, but missing; expected an integer"},
	    {"{'a':{'b':{'c':1}},'o':{'p':1,'q':{'r':1}}}", "{\"a\":{\"b\":{\"c\":1}},\"o\":{\"p\":1,\"q\":{\"r\":1}}}", NULL, NULL},
	    {"{'a':{'b':{'c':1}},'o':{'p':1}}", "{\"a\":{\"b\":{\"c\":1}},\"o\":{\"p\":1}}", NULL, NULL},
	};
	check_readings("{'a':{'type':'fields','required':true,'members':{'b':{'type':'fields','required':true,'members':{"
	               "'c':{'type':'integer','required':true},'e':{'type':'integer'}}},'d':{'type':'integer'}}},"
	               "'o':{'type':'fields','members':{'p':{'type':'integer','required':true},'q':{'type':'fields','members':{"
	               "'r':{'type':'integer','required':true},'s':{'type':'integer'}}}}}}",
	    cases, sizeof cases / sizeof cases[0]);
}

static void lists_may_hold_lists_anything_and_optional_fields(void **state) {
	(void)state;
	static const reading cases[] = {
	    {"{'m':[[1,2],[],[3]],'x':[1,'a',null,[{'b':1,'a':2}]],'y':[null,{'z':[1.0]}]}",
	        "{\"m\":[[1,2],[],[3]],\"x\":[1,\"a\",null,[{\"a\":2,\"b\":1}]],\"y\":[null,{\"z\":[1.0]}]}", NULL, NULL},
	    {"{'m':[[1],[2,'x']]}", NULL, "wrong-type", "event.m[2][2]: expected an integer, found the text \"x\""},
	    {"{'m':[1]}", NULL, "wrong-type", "event.m[1]: expected a list, found the integer 1"},
	    {"{'m':[[1,2,3,4]]}", NULL, "out-of-bounds", "event.m[1]: expected at most 3 items, found 4"},
	    {"{'o':[{},{'g':{}},{'g':{'b':1,'a':2}},{'g':null}]}", "{\"o\":[{},{},{\"g\":{\"a\":2,\"b\":1}},{}]}", NULL, NULL},
	    {"{'o':[{},{'g':{'b':1}}]}", NULL, "missing-field", "event.o[2].g.a: required, but missing; expected an integer"},
	    {"{'c':['40 GBP','1.00 EUR'],'i':['2026-11-23T13:06:00+01:00'],'s':['60m'],'k':['b'],'f':[1,2.5],'t':[true],'w':['\xC3\xA4']}",
	        "{\"c\":[\"40.00 GBP\",\"1.00 "
	        "EUR\"],\"f\":[1.0,2.5],\"i\":[\"2026-11-23T12:06:00Z\"],\"k\":[\"b\"],\"s\":[\"1h\"],\"t\":[true],"
	        "\"w\":[\"\xC3\xA4\"]}",
	        NULL, NULL},
	};
	check_readings("{'m':{'type':'list','items':{'type':'list','max':3,'items':{'type':'integer'}}},'x':{'type':'list'},"
	               "'y':{'type':'list','items':{'type':'any'}},'o':{'type':'list','items':{'type':'fields','members':{'g':{'type':'fields',"
	               "'members':{'a':{'type':'integer','required':true},'b':{'type':'integer'}}}}}},"
	               "'c':{'type':'list','items':{'type':'money'}},'i':{'type':'list','items':{'type':'instant'}},"
	               "'s':{'type':'list','items':{'type':'span'}},'k':{'type':'list','items':{'type':'one_of','choices':['a','b']}},"
	               "'f':{'type':'list','items':{'type':'number'}},'t':{'type':'list','items':{'type':'boolean'}},"
	               "'w':{'type':'list','items':{'type':'text'}}}",
	    cases, sizeof cases / sizeof cases[0]);
}

#define TEXT_FIELD(field_name, text_bytes)                                                                                                 \
	{                                                                                                                                      \
		.name = (field_name), .kind = APLOMB_TEXT, .as.text = {(text_bytes), sizeof(text_bytes) - 1 }                                      \
	}

static void named_scalars_from_c_are_read_like_a_map(void **state) {
	(void)state;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	apl_schema *schema = declared(&alloc, EVENT);
	uint64_t *words = new_words(&alloc, schema);
	apl_writer writer = {.schema = schema, .words = words, .keep = {&alloc, NULL}, .what = "event"};
	aplomb_error error;
	const aplomb_field good[] = {TEXT_FIELD("text", "hi"), {.name = "tone", .kind = APLOMB_INTEGER, .as.integer = 2},
	    {.name = "abusive", .kind = APLOMB_BOOLEAN, .as.boolean = true}, {.name = "note", .kind = APLOMB_NULL},
	    TEXT_FIELD("from.name", "Ada")};
	/* Their order does not matter; of those named twice the last one counts. */
	for (size_t first = 0; first < 5; first++) {
		aplomb_field turned[] = {TEXT_FIELD("text", "not this one"), good[0], good[0], good[0], good[0], good[0]};
		for (size_t i = 0; i < 5; i++) turned[i + 1] = good[(first + i) % 5];
		assert_int_equal(apl_record_read_fields(&writer, turned, 6, &error), APLOMB_OK);
		assert_string_equal(as_json(schema, words, false), "{\"abusive\":true,\"channel\":\"chat\",\"from\":{\"land\":\"DE\",\"name\":"
		                                                   "\"Ada\"},\"note\":null,\"text\":\"hi\",\"tone\":2.0}");
		apl_record_dispose(schema, words, &alloc);
	}

	const struct {
		aplomb_field field;
		const char *message;
	} bad[] = {
	    {{.name = "tome", .kind = APLOMB_INTEGER}, "event: unknown field \"tome\"; did you mean \"tone\"?"},
	    {TEXT_FIELD("from.nmae", "x"), "event.from: unknown field \"nmae\"; did you mean \"name\"?"},
	    {TEXT_FIELD("text.name", "x"),
	        "event: unknown field \"text.name\"; its fields are text, tone, abusive, channel, note, from, parts"},
	    {TEXT_FIELD("text", "\xFF"), "event.text: expected text in valid UTF-8"},
	    {{.name = "tone", .kind = APLOMB_NUMBER, .as.number = NAN}, "event.tone: expected a finite number, found NaN or infinity"},
	    {{.name = "from", .kind = APLOMB_MAP}, "event.from: a named field is a boolean, an integer, a number, a text or null"},
	    {{.name = "from.age", .kind = APLOMB_INTEGER, .as.integer = 3}, "event.from.name: required, but missing; expected text"},
	    {{.name = "text", .kind = APLOMB_NULL}, "event.text: required, but missing; expected text"},
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		const aplomb_field both[] = {TEXT_FIELD("text", "hi"), bad[i].field};
		assert_int_equal(apl_record_read_fields(&writer, both, 2, &error), APLOMB_EREFUSED);
		assert_string_equal(error.message, bad[i].message);
	}
	free_words(&alloc, schema, words);
	apl_schema_free(schema);
	assert_int_equal(heap.blocks, 0);
}

/* The n-th request fails: then the record is gone, or as it was, and nothing is left behind. */
static void without_memory_reading_fails_whole(void **state) {
	(void)state;
	for (int in_arena = 0; in_arena < 2; in_arena++) {
		test_heap heap = {0};
		apl_alloc alloc = test_heap_allocator(&heap);
		apl_schema *schema = declared(&alloc, EVENT);
		apl_tape tape;
		apl_tape_init(&tape, &alloc);
		read_json(&tape, "{'text':'hi','note':'x','from':{'name':'Ada'},'from':{'name':'Bob'},'parts':[{'n':1},{'n':2,'unit':'kg'}]}");
		uint64_t *words = new_words(&alloc, schema);
		uint64_t blocks = heap.blocks;
		int code = APLOMB_ENOMEM;
		for (heap.fail_at = 1; code != APLOMB_OK; heap.fail_at++) {
			heap.calls = 0;
			apl_arena arena;
			apl_arena_init(&arena, &alloc);
			apl_writer writer = {.schema = schema, .words = words, .keep = {&alloc, in_arena ? &arena : NULL}, .what = "event"};
			aplomb_error error = {0};
			code = apl_record_read(&writer, &tape, 0, &error);
			if (code == APLOMB_OK) {
				assert_string_equal(as_json(schema, words, false), "{\"channel\":\"chat\",\"from\":{\"land\":\"DE\",\"name\":\"Bob\"},"
				                                                   "\"note\":\"x\",\"parts\":[{\"n\":1,\"unit\":\"piece\"},"
				                                                   "{\"n\":2,\"unit\":\"kg\"}],\"text\":\"hi\",\"tone\":0.0}");
				if (!in_arena) apl_record_dispose(schema, words, &alloc);
			} else {
				assert_int_equal(code, APLOMB_ENOMEM);
				assert_string_equal(error.slug, "no-memory");
			}
			apl_arena_dispose(&arena);
			assert_int_equal(heap.blocks, blocks);
		}
		heap.fail_at = 0;
		free_words(&alloc, schema, words);
		apl_tape_dispose(&tape);
		apl_schema_free(schema);
		assert_int_equal(heap.blocks, 0);
	}
}

static void without_memory_a_write_changes_nothing(void **state) {
	(void)state;
	static const struct {
		const char *path, *json;
	} writes[] = {{"text", "'longer than before'"}, {"from", "{'name':'Bob','land':'CH','age':3}"},
	    {"parts", "[{'n':1},{'n':2,'unit':'kg'}]"}, {"any", "{'x':[1,2,3]}"}, {"from", "null"}};
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	apl_schema *schema = declared(&alloc,
	    "{'any':{'type':'any','default':[0]},"
	    "'text':{'type':'text','required':true},'from':{'type':'fields','members':{'name':{'type':'text'},'age':{'type':'integer'},"
	    "'land':{'type':'text','default':'DE'}}},'parts':{'type':'list','items':{'type':'fields','members':{'n':{'type':'integer'},"
	    "'unit':{'type':'text','default':'piece'}}}}}");
	apl_tape tape;
	apl_tape_init(&tape, &alloc);
	for (size_t i = 0; i < sizeof writes / sizeof writes[0]; i++) {
		uint64_t *words = new_words(&alloc, schema);
		apl_writer writer = {.schema = schema, .words = words, .keep = {&alloc, NULL}, .what = "data"};
		read_json(&tape, "{'text':'hi','from':{'name':'Ada'}}");
		assert_int_equal(apl_record_read(&writer, &tape, 0, NULL), APLOMB_OK);
		read_json(&tape, writes[i].json);
		char before[1024];
		strcpy(before, as_json(schema, words, false));
		uint64_t blocks = heap.blocks;
		int code = APLOMB_ENOMEM;
		for (heap.fail_at = 1; code != APLOMB_OK; heap.fail_at++) {
			heap.calls = 0;
			code = apl_record_set(&writer, field_at(schema, writes[i].path), &tape, 0, NULL);
			if (code == APLOMB_OK) break;
			assert_int_equal(code, APLOMB_ENOMEM);
			assert_string_equal(as_json(schema, words, false), before);
			assert_int_equal(heap.blocks, blocks);
		}
		heap.fail_at = 0;
		assert_string_not_equal(as_json(schema, words, false), before);
		apl_record_dispose(schema, words, &alloc);
		free_words(&alloc, schema, words);
	}
	apl_tape_dispose(&tape);
	apl_schema_free(schema);
	assert_int_equal(heap.blocks, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(events_are_filled_with_defaults_and_checked),
	    cmocka_unit_test(required_fields_demand_their_required_members),
	    cmocka_unit_test(lists_may_hold_lists_anything_and_optional_fields),
	    cmocka_unit_test(named_scalars_from_c_are_read_like_a_map),
	    cmocka_unit_test(without_memory_reading_fails_whole),
	    cmocka_unit_test(without_memory_a_write_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
