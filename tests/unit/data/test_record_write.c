/* SPDX-License-Identifier: MIT */
/* Records as canonical JSON, redacted and not, and as bytes for the digest. */

#include <string.h>

#include "../test_cmocka.h"
#include "declare.h"

typedef struct paper {
	apl_alloc alloc;
	apl_schema *schema;
	uint64_t *words;
	apl_tape tape;
} paper;

static void open_paper(paper *p, const char *schema) {
	p->alloc = apl_alloc_system();
	p->schema = declared(&p->alloc, schema);
	p->words = new_words(&p->alloc, p->schema);
	apl_tape_init(&p->tape, &p->alloc);
}

static void fill(paper *p, uint64_t *words, const char *json) {
	apl_writer writer = {.schema = p->schema, .words = words, .keep = {&p->alloc, NULL}, .what = "data"};
	aplomb_error error;
	read_json(&p->tape, json);
	if (apl_record_read(&writer, &p->tape, 0, &error) != APLOMB_OK) fail_msg("%s: %s", json, error.message);
}

static void close_paper(paper *p) {
	free_words(&p->alloc, p->schema, p->words);
	apl_tape_dispose(&p->tape);
	apl_schema_free(p->schema);
}

static void members_are_written_in_the_order_of_their_bytes(void **state) {
	(void)state;
	paper p;
	open_paper(&p, "{'b':{'type':'integer'},'a':{'type':'integer'},'aa':{'type':'integer'},'B':{'type':'integer'},'a1':{'type':'integer'},"
	               "'_':{'type':'integer'},'f':{'type':'fields','members':{'z':{'type':'integer'},'y':{'type':'integer'}}}}");
	fill(&p, p.words, "{'f':{'z':1,'y':2},'b':3,'a':4,'aa':5,'B':6,'a1':7,'_':8}");
	assert_string_equal(as_json(p.schema, p.words, false), "{\"B\":6,\"_\":8,\"a\":4,\"a1\":7,\"aa\":5,\"b\":3,\"f\":{\"y\":2,\"z\":1}}");
	close_paper(&p);
}

static void texts_and_choices_are_escaped(void **state) {
	(void)state;
	paper p;
	open_paper(&p, "{'t':{'type':'text'},'c':{'type':'one_of','choices':['a\\\\b','\\u0001']}}");
	fill(&p, p.words, "{'t':'\\u0022\\n\\u0007\\\\','c':'a\\\\b'}");
	assert_string_equal(as_json(p.schema, p.words, false), "{\"c\":\"a\\\\b\",\"t\":\"\\\"\\n\\u0007\\\\\"}");
	apl_record_dispose(p.schema, p.words, &p.alloc);
	fill(&p, p.words, "{'c':'\\u0001'}");
	assert_string_equal(as_json(p.schema, p.words, false), "{\"c\":\"\\u0001\"}");
	close_paper(&p);
}

static void personal_values_are_redacted_whole(void **state) {
	(void)state;
	paper p;
	open_paper(&p,
	    "{'name':{'type':'text','personal':true},'n':{'type':'integer'},'home':{'type':'fields','personal':true,'members':{'city':{'type':'"
	    "text'}}},"
	    "'work':{'type':'fields','members':{'city':{'type':'text'},'phone':{'type':'text','personal':true}}},"
	    "'kin':{'type':'list','items':{'type':'fields','members':{'name':{'type':'text','personal':true},'n':{'type':'integer'}}}},"
	    "'gone':{'type':'integer','personal':true,'default':1},'absent':{'type':'text','personal':true}}");
	fill(&p, p.words,
	    "{'name':'Ada','n':1,'home':{'city':'Ulm'},'work':{'city':'Bonn','phone':'1'},'kin':[{'name':'Bob','n':2}],'gone':null}");
	assert_string_equal(as_json(p.schema, p.words, true), "{\"gone\":null,\"home\":\"[personal]\",\"kin\":\"[personal]\",\"n\":1,\"name\":"
	                                                      "\"[personal]\",\"work\":{\"city\":\"Bonn\",\"phone\":"
	                                                      "\"[personal]\"}}");
	assert_string_equal(as_json(p.schema, p.words, false), "{\"gone\":null,\"home\":{\"city\":\"Ulm\"},\"kin\":[{\"n\":2,\"name\":\"Bob\"}]"
	                                                       ",\"n\":1,\"name\":\"Ada\",\"work\":{\"city\":\"Bonn\","
	                                                       "\"phone\":\"1\"}}");
	apl_record_dispose(p.schema, p.words, &p.alloc);
	close_paper(&p);
}

static bool same_bytes(paper *p, const char *a, const char *b) {
	const char *texts[2] = {a, b};
	apl_buf bytes[2];
	for (int i = 0; i < 2; i++) {
		apl_buf_init(&bytes[i], &p->alloc);
		fill(p, p->words, texts[i]);
		apl_record_bytes(&bytes[i], p->schema, p->words);
		apl_record_dispose(p->schema, p->words, &p->alloc);
		assert_false(bytes[i].failed);
	}
	bool same = bytes[0].size == bytes[1].size && memcmp(bytes[0].bytes, bytes[1].bytes, bytes[0].size) == 0;
	apl_buf_dispose(&bytes[0]);
	apl_buf_dispose(&bytes[1]);
	return same;
}

static void bytes_are_equal_exactly_when_records_are(void **state) {
	(void)state;
	paper p;
	open_paper(&p,
	    "{'a':{'type':'text'},'b':{'type':'text'},'n':{'type':'integer'},'x':{'type':'number'},'l':{'type':'list'},'m':{'type':'money'},"
	    "'d':{'type':'integer','default':0}}");
	assert_true(same_bytes(&p, "{'a':'x','b':'y'}", "{'b':'y','a':'x'}"));
	assert_true(same_bytes(&p, "{'x':1,'l':[ {'b':1,'a':2} ]}", "{'x':1.0,'l':[{'a':2,'b':1}]}"));
	assert_true(same_bytes(&p, "{'x':-0.0,'m':'1 EUR'}", "{'x':0,'m':'1.00 EUR'}"));
	assert_true(same_bytes(&p, "{'d':0}", "{}"));
	/* What stands where in the texts, and what is absent, makes a difference. */
	assert_false(same_bytes(&p, "{'a':'xy','b':''}", "{'a':'x','b':'y'}"));
	assert_false(same_bytes(&p, "{'a':''}", "{}"));
	assert_false(same_bytes(&p, "{'a':'','b':'x'}", "{'b':'x'}"));
	assert_false(same_bytes(&p, "{'a':'x'}", "{'b':'x'}"));
	assert_false(same_bytes(&p, "{'n':0}", "{}"));
	assert_false(same_bytes(&p, "{'d':null}", "{}"));
	assert_false(same_bytes(&p, "{'m':'1.00 EUR'}", "{'m':'1.00 GBP'}"));
	close_paper(&p);
}

static void without_texts_the_bytes_are_the_words(void **state) {
	(void)state;
	paper p;
	open_paper(&p, "{'n':{'type':'integer'},'b':{'type':'boolean'},'c':{'type':'one_of','choices':['x','y']}}");
	fill(&p, p.words, "{'n':258,'c':'y'}");
	apl_buf bytes;
	apl_buf_init(&bytes, &p.alloc);
	apl_record_bytes(&bytes, p.schema, p.words);
	static const unsigned char expected[32] = {5, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
	assert_int_equal(bytes.size, sizeof expected);
	assert_memory_equal(bytes.bytes, expected, sizeof expected);
	apl_buf_dispose(&bytes);
	close_paper(&p);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(members_are_written_in_the_order_of_their_bytes),
	    cmocka_unit_test(texts_and_choices_are_escaped),
	    cmocka_unit_test(personal_values_are_redacted_whole),
	    cmocka_unit_test(bytes_are_equal_exactly_when_records_are),
	    cmocka_unit_test(without_texts_the_bytes_are_the_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
