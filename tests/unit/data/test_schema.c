/* SPDX-License-Identifier: MIT */
/* Declarations: what is found wrong with them, and finding members by name. */

#include <stdio.h>
#include <string.h>

#include "../test_cmocka.h"
#include "../test_heap.h"
#include "base/hash.h"
#include "declare.h"

static void gather(const aplomb_finding *finding, void *payload) {
	char *all = payload;
	size_t size = strlen(all);
	snprintf(all + size, 4096 - size, "%u %s: %s\n", finding->line, finding->slug, finding->message);
}

static void declarations_that_make_no_sense_are_found_with_their_lines(void **state) {
	(void)state;
	static const struct {
		const char *schema;
		const char *findings;
	} cases[] = {
	    {"{'a':{'type':'text'},'a':{'type':'integer'}}", "2 duplicate-field: data.a: there is a field of this name already\n"},
	    {"{'f':{'type':'fields','members':{'a':{'type':'text'},'b':{'type':'any'},'a':{'type':'any'}}}}",
	        "3 duplicate-field: data.f.a: there is a field of this name already\n"},
	    {"{'':{'type':'text'},'1st':{'type':'text'},'a b':{'type':'text'},'fin\xC3\xA9':{'type':'text'},'_ok9':{'type':'text'}}",
	        "1 bad-field-name: data: a field's name begins with a letter or \"_\", goes on with letters, digits and \"_\", and has at most "
	        "64 of them\n"
	        "2 bad-field-name: data.1st: a field's name begins with a letter or \"_\", goes on with letters, digits and \"_\", and has at "
	        "most 64 of them\n"
	        "3 bad-field-name: data.a b: a field's name begins with a letter or \"_\", goes on with letters, digits and \"_\", and has at "
	        "most 64 of them\n"
	        "4 bad-field-name: data.fin\xC3\xA9: a field's name begins with a letter or \"_\", goes on with letters, digits and \"_\", and "
	        "has at most 64 of "
	        "them\n"},
	    {"{'a':{'type':'integer','default':2.0},'b':{'type':'text','default':12},'c':{'type':'integer','default':4,'max':3}}",
	        "1 bad-default: the default does not fit: data.a: expected an integer, found the number 2.0; write 2\n"
	        "2 bad-default: the default does not fit: data.b: expected text, found the integer 12\n"
	        "3 bad-default: the default does not fit: data.c: expected at most 3, found 4\n"},
	    {"{'a':{'type':'text','default':null},'f':{'type':'fields','default':{}},'l':{'type':'list','items':{'type':'text','default':'x'}},"
	     "'m':{'type':'list','items':{'type':'integer'},'default':[1,'x']}}",
	        "1 bad-default: data.a: null is no value; leave the default out\n"
	        "2 bad-default: data.f: fields have no default of their own; give their members one\n"
	        "3 bad-default: data.l[]: the items of a list have no default; the list may have one\n"
	        "4 bad-default: the default does not fit: data.m[2]: expected an integer, found the text \"x\"\n"},
	    {"{'a':{'type':'one_of'},'b':{'type':'one_of','choices':['x','y','x']},'c':{'type':'one_of','choices':['x',''],'default':'z'},"
	     "'d':{'type':'text','choices':['x']}}",
	        "1 bad-choice: data.a: one_of needs at least one choice\n"
	        "2 bad-choice: data.b: the choice \"x\" is given twice\n"
	        "3 bad-choice: data.c: a choice is a text that is not empty, in UTF-8\n"
	        "3 bad-default: the default does not fit: data.c: expected one of \"x\", \"\", found \"z\"\n"
	        "4 bad-choice: data.d: only one_of has choices\n"},
	    {"{'a':{'type':'integer','min':3,'max':2},'b':{'type':'integer','min':1.5},'c':{'type':'number','max':'x'},"
	     "'d':{'type':'text','min':-1},'e':{'type':'list','max':'3'},'f':{'type':'boolean','min':1},'g':{'type':'any','max':1},"
	     "'h':{'type':'number','min':0.5,'max':0.25}}",
	        "1 bad-bounds: data.a: min is greater than max, so nothing would fit\n"
	        "2 bad-bounds: data.b: a bound of an integer is an integer\n"
	        "3 bad-bounds: data.c: a bound of a number is a number\n"
	        "4 bad-bounds: data.d: a bound of a text is its length in characters, an integer from 0\n"
	        "5 bad-bounds: data.e: a bound of a list is its length, an integer from 0\n"
	        "6 bad-bounds: data.f: this type has no bounds\n"
	        "7 bad-bounds: data.g: this type has no bounds\n"
	        "8 bad-bounds: data.h: min is greater than max, so nothing would fit\n"},
	    {"{'a':{'type':'money','min':'1 GBP','max':'2 EUR'},'b':{'type':'money','min':1},'c':{'type':'span','max':'1 business week'},"
	     "'d':{'type':'instant','min':'2026-02-30T00:00:00Z'}}",
	        "1 bad-bounds: data.a: min and max are in different currencies\n"
	        "2 bad-bounds: data.b: a bound of money is an amount such as \"40.00 GBP\"\n"
	        "3 bad-bounds: data.c: a bound of a span is a span such as \"2h\"; \"1 business week\" is no span such as \"1h30m\": business "
	        "time is a number, \"business\" and minutes, hours or days, such as \"2 business hours\"\n"
	        "4 bad-bounds: data.d: a bound of an instant is an instant such as \"2026-11-23T13:06:00Z\"; \"2026-02-30T00:00:00Z\" is no "
	        "instant such as "
	        "\"2026-11-23T13:06:00Z\": that month has no such day\n"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		test_heap heap = {0};
		apl_alloc alloc = test_heap_allocator(&heap);
		apl_findings findings;
		apl_findings_init(&findings, &alloc);
		apl_schema *schema = NULL;
		char all[4096] = "";
		assert_int_equal(declare(&alloc, cases[i].schema, &schema, &findings), APLOMB_EPLAYBOOK);
		assert_null(schema);
		apl_findings_tell(&findings, gather, all);
		assert_string_equal(all, cases[i].findings);
		apl_findings_dispose(&findings);
		assert_int_equal(heap.blocks, 0);
	}
}

static void a_list_has_one_type_of_items(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	apl_schema_builder *builder = apl_schema_builder_new(&alloc, "event agent.offers");
	apl_field_options list = {.name = "menu", .type = APL_TYPE_LIST}, item = {.type = APL_TYPE_TEXT, .place = {"x.lua", 7, 1}};
	uint32_t number, inner;
	assert_true(apl_schema_add(builder, 0, &list, &number));
	assert_true(apl_schema_add(builder, number, &item, &inner));
	assert_true(apl_schema_add(builder, number, &item, &inner));
	apl_findings findings;
	apl_findings_init(&findings, &alloc);
	apl_schema *schema = NULL;
	char all[4096] = "";
	assert_int_equal(apl_schema_finish(builder, &schema, &findings), APLOMB_EPLAYBOOK);
	apl_findings_tell(&findings, gather, all);
	assert_string_equal(
	    all, "7 duplicate-field: event agent.offers.menu[]: a list has one type of items, but another one was given already\n");
	apl_findings_dispose(&findings);
	apl_schema_builder_free(builder);
}

static void a_schema_without_members_is_a_schema(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	apl_schema *schema = declared(&alloc, "{}");
	uint64_t nothing[1] = {7};
	apl_keep keep = {&alloc, NULL};
	assert_int_equal(schema->n_words, 0);
	assert_true(apl_record_init(schema, nothing, keep));
	assert_int_equal(nothing[0], 7);
	assert_string_equal(as_json(schema, nothing, false), "{}");
	apl_buf bytes;
	apl_buf_init(&bytes, &alloc);
	apl_record_bytes(&bytes, schema, nothing);
	assert_int_equal(bytes.size, 0);
	assert_int_equal(apl_schema_member(schema, 0, "", 0), APL_NO_FIELD);
	apl_tape tape;
	apl_tape_init(&tape, &alloc);
	read_json(&tape, "{'a':1}");
	apl_writer writer = {.schema = schema, .words = nothing, .keep = keep, .what = "event"};
	aplomb_error error;
	assert_int_equal(apl_record_read(&writer, &tape, 0, &error), APLOMB_EREFUSED);
	assert_string_equal(error.message, "event: unknown field \"a\"; it has no fields");
	apl_tape_dispose(&tape);
	apl_schema_free(schema);
}

static void the_layout_is_as_the_header_says(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	apl_schema *schema = declared(&alloc,
	    "{'name':{'type':'text','personal':true},'cost':{'type':'money','required':true},'home':{'type':'fields','members':{"
	    "'city':{'type':'text','default':'Ulm'},'tags':{'type':'list','items':{'type':'fields','members':{'z':{'type':'any'},'a':{'type':"
	    "'any'}}}}}},'n':{'type':'integer','default':-1}}");
	assert_int_equal(schema->n_presence, 1);
	assert_int_equal(schema->n_words, 1 + 1 + 2 + 1 + 1 + 1);
	assert_int_equal(schema->n_text_fields, 3);
	assert_true(schema->has_required && schema->has_personal);
	const apl_field *fields = schema->fields;
	uint32_t home = field_at(schema, "home"), city = field_at(schema, "home.city"), tags = field_at(schema, "home.tags");
	assert_string_equal(fields[city].path, "home.city");
	assert_int_equal(fields[city].parent, home);
	uint32_t item = fields[tags].first_child;
	assert_true(fields[item].is_item && fields[item].type == APL_TYPE_FIELDS);
	assert_string_equal(fields[item].path, "home.tags[]");
	assert_string_equal(fields[apl_schema_member(schema, item, "z", 1)].path, "home.tags[].z");
	assert_int_equal(fields[item].first_by_name, apl_schema_member(schema, item, "a", 1));
	static const char *const by_name[] = {"cost", "home", "n", "name"};
	uint32_t at = fields[0].first_by_name;
	for (size_t i = 0; i < 4; i++, at = fields[at].next_by_name) assert_string_equal(fields[at].name, by_name[i]);
	assert_int_equal(at, APL_NO_FIELD);
	assert_true(apl_record_has(schema->initial, &fields[city]) && apl_record_has(schema->initial, &fields[home]));
	assert_int_equal(apl_record_integer(schema->initial, &fields[field_at(schema, "n")]), -1);
	assert_string_equal(apl_record_text(schema->initial, &fields[city])->bytes, "Ulm");
	char hint[64];
	assert_string_equal(apl_schema_hint(schema, home, "ctiy", 4, hint, sizeof hint), "; did you mean \"city\"?");
	assert_string_equal(apl_schema_hint(schema, home, "zebra", 5, hint, sizeof hint), "");
	assert_int_equal(apl_schema_member(schema, city, "x", 1), APL_NO_FIELD);
	apl_schema_free(schema);
}

/* Personal is what lies in something personal, and a list that holds anything personal. */
static void personal_is_inherited_both_ways(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	apl_schema *schema = declared(&alloc,
	    "{'home':{'type':'fields','personal':true,'members':{'city':{'type':'text'}}},'kin':{'type':'list','items':{'type':'list','items':{"
	    "'type':'fields','members':{'name':{'type':'text','personal':true},'age':{'type':'integer'}}}}},'n':{'type':'integer'},"
	    "'f':{'type':'fields','members':{'p':{'type':'any','personal':true}}}}");
	assert_true(schema->fields[field_at(schema, "home.city")].personal);
	assert_true(schema->fields[field_at(schema, "kin")].personal);
	assert_false(schema->fields[field_at(schema, "n")].personal);
	assert_false(schema->fields[field_at(schema, "f")].personal);
	assert_true(schema->fields[field_at(schema, "f.p")].personal);
	apl_schema_free(schema);
}

/* Names of every length, many sharing length, head and tail. */
static void every_member_is_found_and_nothing_else(void **state) {
	(void)state;
	enum { MANY = 400 };
	apl_alloc alloc = apl_alloc_system();
	apl_schema_builder *builder = apl_schema_builder_new(&alloc, "data");
	static char names[MANY][65];
	uint64_t random = 5;
	for (uint32_t i = 0; i < MANY; i++) {
		bool is_new;
		do {
			size_t size = 1 + apl_random_next(&random) % 64;
			for (size_t j = 0; j < size; j++) names[i][j] = "abc_"[apl_random_next(&random) % (size > 8 && j != size / 2 ? 1 : 4)];
			names[i][size] = '\0';
			is_new = true;
			for (uint32_t j = 0; j < i; j++) is_new = is_new && strcmp(names[i], names[j]) != 0;
		} while (!is_new);
		apl_field_options options = {.name = names[i], .type = APL_TYPE_INTEGER};
		uint32_t number;
		assert_true(apl_schema_add(builder, 0, &options, &number));
		assert_int_equal(number, i + 1);
	}
	apl_findings findings;
	apl_findings_init(&findings, &alloc);
	apl_schema *schema = NULL;
	assert_int_equal(apl_schema_finish(builder, &schema, &findings), APLOMB_OK);
	apl_findings_dispose(&findings);
	apl_schema_builder_free(builder);
	for (uint32_t i = 0; i < MANY; i++) {
		size_t size = strlen(names[i]);
		assert_int_equal(apl_schema_member(schema, 0, names[i], size), i + 1);
		/* One byte changed, cut off or added: found only if there is such a name. The copy is exact, for ASan. */
		for (size_t j = 0; j <= size; j++) {
			char *changed = apl_new(&alloc, size + 1);
			memcpy(changed, names[i], size);
			if (j < size)
				changed[j] = 'd';
			else
				changed[size] = 'd';
			assert_int_equal(apl_schema_member(schema, 0, changed, size + (j == size)), APL_NO_FIELD);
			apl_free(&alloc, changed, size + 1);
		}
	}
	apl_schema_free(schema);
}

static void without_memory_nothing_is_left_behind(void **state) {
	(void)state;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	for (heap.fail_at = 1;; heap.fail_at++) {
		heap.calls = 0;
		apl_findings findings;
		apl_findings_init(&findings, &alloc);
		apl_schema *schema = NULL;
		int code = declare(&alloc,
		    "{'a':{'type':'text','default':'abc','min':1},'b':{'type':'one_of','choices':['x','y'],'default':'y'},'f':{'type':'fields','"
		    "members':"
		    "{'l':{'type':'list','items':{'type':'fields','members':{'n':{'type':'number','default':1},'t':{'type':'text','default':'z'}}},"
		    "'default':[{},{'n':2.5}]}}},'m':{'type':'any','default':{'x':[1,2]}},'r':{'type':'text','required':true}}",
		    &schema, &findings);
		apl_findings_dispose(&findings);
		if (code == APLOMB_OK) {
			assert_string_equal(as_json(schema, schema->initial, false),
			    "{\"a\":\"abc\",\"b\":\"y\",\"f\":{\"l\":[{\"n\":1.0,\"t\":\"z\"},{\"n\":2.5,\"t\":\"z\"}]},\"m\":{\"x\":[1,2]}}");
			apl_schema_free(schema);
			assert_int_equal(heap.blocks, 0);
			break;
		}
		assert_int_equal(code, APLOMB_ENOMEM);
		assert_null(schema);
		assert_int_equal(heap.blocks, 0);
	}
	assert_true(heap.fail_at > 20);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(declarations_that_make_no_sense_are_found_with_their_lines),
	    cmocka_unit_test(a_list_has_one_type_of_items),
	    cmocka_unit_test(a_schema_without_members_is_a_schema),
	    cmocka_unit_test(the_layout_is_as_the_header_says),
	    cmocka_unit_test(personal_is_inherited_both_ways),
	    cmocka_unit_test(every_member_is_found_and_nothing_else),
	    cmocka_unit_test(without_memory_nothing_is_left_behind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
