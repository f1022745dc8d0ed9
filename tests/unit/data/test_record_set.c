/* SPDX-License-Identifier: MIT */
/* Every type against every kind of value; bounds; single writes and what they leave alone. */

#include <math.h>
#include <string.h>

#include "../test_cmocka.h"
#include "../test_heap.h"
#include "declare.h"
#include "time/instant.h"

/* One record of one schema, and the heap all of it lives on. */
typedef struct desk {
	test_heap heap;
	apl_alloc alloc;
	apl_schema *schema;
	uint64_t *words;
	apl_tape tape;
	apl_writer writer;
	aplomb_error error;
} desk;

static void open_desk(desk *d, const char *schema) {
	*d = (desk){0};
	d->alloc = test_heap_allocator(&d->heap);
	d->schema = declared(&d->alloc, schema);
	d->words = new_words(&d->alloc, d->schema);
	apl_tape_init(&d->tape, &d->alloc);
	d->writer = (apl_writer){.schema = d->schema, .words = d->words, .keep = {&d->alloc, NULL}, .what = "data"};
	assert_true(apl_record_init(d->schema, d->words, d->writer.keep));
}

static void close_desk(desk *d) {
	apl_record_dispose(d->schema, d->words, &d->alloc);
	free_words(&d->alloc, d->schema, d->words);
	apl_tape_dispose(&d->tape);
	apl_schema_free(d->schema);
	assert_int_equal(d->heap.blocks, 0);
}

static int set(desk *d, const char *path, const char *json) {
	read_json(&d->tape, json);
	d->error = (aplomb_error){0};
	return apl_record_set(&d->writer, field_at(d->schema, path), &d->tape, 0, &d->error);
}

static void assert_set(desk *d, const char *path, const char *json) {
	if (set(d, path, json) != APLOMB_OK) fail_msg("%s = %s: %s", path, json, d->error.message);
}

/* Refused with these words, and nothing was changed. */
static void assert_refused(desk *d, const char *path, const char *json, const char *slug, const char *message) {
	char before[8192];
	strcpy(before, as_json(d->schema, d->words, false));
	int code = set(d, path, json);
	if (code != APLOMB_EREFUSED) fail_msg("%s = %s was not refused", path, json);
	assert_string_equal(d->error.message, message);
	assert_string_equal(d->error.slug, slug);
	assert_string_equal(as_json(d->schema, d->words, false), before);
}

#define EVERY_TYPE                                                                                                                         \
	"{'text':{'type':'text'},'integer':{'type':'integer'},'number':{'type':'number'},'boolean':{'type':'boolean'},"                        \
	"'money':{'type':'money'},'instant':{'type':'instant'},'span':{'type':'span'},'one_of':{'type':'one_of','choices':['low','high']},"    \
	"'list':{'type':'list','items':{'type':'integer'}},'any':{'type':'any'},'fields':{'type':'fields','members':{'a':{'type':'integer'}}}" \
	"}"

/* NULL: refused; otherwise what is written. The columns are the values. */
static void every_type_takes_its_kinds_of_values_and_no_others(void **state) {
	(void)state;
	static const struct {
		const char *json;
		const char *text, *integer, *number, *boolean, *money, *instant, *span, *one_of, *list, *any, *fields;
	} cases[] = {
#define NO NULL
	    /* value      text          integer number           boolean  money instant span one_of list any      fields */
	    {"true", NO, NO, NO, "true", NO, NO, NO, NO, NO, "true", NO},
	    {"false", NO, NO, NO, "false", NO, NO, NO, NO, NO, "false", NO},
	    {"0", NO, "0", "0.0", NO, NO, NO, NO, NO, NO, "0", NO},
	    {"-7", NO, "-7", "-7.0", NO, NO, NO, NO, NO, NO, "-7", NO},
	    {"9223372036854775807", NO, "9223372036854775807", NO, NO, NO, NO, NO, NO, NO, "9223372036854775807", NO},
	    {"-9223372036854775808", NO, "-9223372036854775808", "-9.223372036854776e18", NO, NO, NO, NO, NO, NO, "-9223372036854775808", NO},
	    {"9007199254740993", NO, "9007199254740993", NO, NO, NO, NO, NO, NO, NO, "9007199254740993", NO},
	    {"2.0", NO, NO, "2.0", NO, NO, NO, NO, NO, NO, "2.0", NO},
	    {"-0.0", NO, NO, "0.0", NO, NO, NO, NO, NO, NO, "0.0", NO},
	    {"0.1", NO, NO, "0.1", NO, NO, NO, NO, NO, NO, "0.1", NO},
	    {"''", "\"\"", NO, NO, NO, NO, NO, NO, NO, NO, "\"\"", NO},
	    {"'low'", "\"low\"", NO, NO, NO, NO, NO, NO, "\"low\"", NO, "\"low\"", NO},
	    {"'40 GBP'", "\"40 GBP\"", NO, NO, NO, "\"40.00 GBP\"", NO, NO, NO, NO, "\"40 GBP\"", NO},
	    {"'2026-11-23 14:06:00+01:00'", "\"2026-11-23 14:06:00+01:00\"", NO, NO, NO, NO, "\"2026-11-23T13:06:00Z\"", NO, NO, NO,
	        "\"2026-11-23 14:06:00+01:00\"", NO},
	    {"'90s'", "\"90s\"", NO, NO, NO, NO, NO, "\"1m30s\"", NO, NO, "\"90s\"", NO},
	    {"[]", NO, NO, NO, NO, NO, NO, NO, NO, "[]", "[]", NO},
	    {"[ 1, 2 ]", NO, NO, NO, NO, NO, NO, NO, NO, "[1,2]", "[1,2]", NO},
	    {"['a']", NO, NO, NO, NO, NO, NO, NO, NO, NO, "[\"a\"]", NO},
	    {"{'a':1}", NO, NO, NO, NO, NO, NO, NO, NO, NO, "{\"a\":1}", "{\"a\":1}"},
	    {"{'b':1,'a':2}", NO, NO, NO, NO, NO, NO, NO, NO, NO, "{\"a\":2,\"b\":1}", NO},
#undef NO
	};
	static const char *const types[] = {
	    "text", "integer", "number", "boolean", "money", "instant", "span", "one_of", "list", "any", "fields"};
	desk d;
	open_desk(&d, EVERY_TYPE);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *const *expected = &cases[i].text;
		for (size_t type = 0; type < 11; type++) {
			int code = set(&d, types[type], cases[i].json);
			if (expected[type] == NULL) {
				if (code != APLOMB_EREFUSED) fail_msg("%s took %s", types[type], cases[i].json);
				continue;
			}
			if (code != APLOMB_OK) fail_msg("%s refused %s: %s", types[type], cases[i].json, d.error.message);
			char written[256];
			snprintf(written, sizeof written, "{\"%s\":%s}", types[type], expected[type]);
			assert_string_equal(as_json(d.schema, d.words, false), written);
			assert_set(&d, types[type], "null");
			assert_string_equal(as_json(d.schema, d.words, false), "{}");
		}
	}
	close_desk(&d);
}

static void refusals_name_path_found_and_expected(void **state) {
	(void)state;
	desk d;
	open_desk(&d,
	    "{'order':{'type':'text'},'count':{'type':'integer'},'tone':{'type':'number'},'open':{'type':'boolean'},"
	    "'cost':{'type':'money'},'due':{'type':'instant'},'wait':{'type':'span'},'priority':{'type':'one_of','choices':['high','low']},"
	    "'tags':{'type':'list','items':{'type':'text'}},"
	    "'address':{'type':'fields','members':{'city':{'type':'text'},'geo':{'type':'fields','members':{'lat':{'type':'number'}}}}},"
	    "'items':{'type':'list','items':{'type':'fields','members':{'price':{'type':'money','required':true},'parts':{'type':'list',"
	    "'items':{'type':'fields','members':{'n':{'type':'integer'}}}}}}}}");
	assert_refused(&d, "order", "12", "wrong-type", "data.order: expected text, found the integer 12");
	assert_refused(&d, "order", "1.5", "wrong-type", "data.order: expected text, found the number 1.5");
	assert_refused(&d, "order", "true", "wrong-type", "data.order: expected text, found true");
	assert_refused(&d, "order", "[1]", "wrong-type", "data.order: expected text, found a list of 1 item");
	assert_refused(&d, "order", "{}", "wrong-type", "data.order: expected text, found a map");
	assert_refused(&d, "count", "2.0", "wrong-type", "data.count: expected an integer, found the number 2.0; write 2");
	assert_refused(&d, "count", "2.5", "wrong-type", "data.count: expected an integer, found the number 2.5");
	assert_refused(&d, "count", "1e300", "wrong-type", "data.count: expected an integer, found the number 1e300");
	assert_refused(&d, "count", "'2'", "wrong-type", "data.count: expected an integer, found the text \"2\"");
	assert_refused(&d, "tone", "9007199254740993", "wrong-type",
	    "data.tone: expected a number, found the integer 9007199254740993, which no number of 64 bits holds exactly");
	assert_refused(&d, "open", "'yes'", "wrong-type", "data.open: expected true or false, found the text \"yes\"");
	assert_refused(&d, "cost", "40", "wrong-type", "data.cost: expected money such as \"40.00 GBP\", found the integer 40");
	assert_refused(&d, "cost", "'40.5 GBP'", "wrong-type",
	    "data.cost: \"40.5 GBP\" is no amount such as \"40.00 GBP\": GBP has 2 digits behind the point");
	assert_refused(&d, "due", "1700000000", "wrong-type",
	    "data.due: expected an instant such as \"2026-11-23T13:06:00Z\", found the integer 1700000000");
	assert_refused(&d, "due", "'tomorrow'", "wrong-type",
	    "data.due: \"tomorrow\" is no instant such as \"2026-11-23T13:06:00Z\": it begins with the four digits of the year");
	assert_refused(&d, "wait", "'4 business weeks'", "wrong-type",
	    "data.wait: \"4 business weeks\" is no span such as \"1h30m\": business time is a number, \"business\" and minutes, hours or days, "
	    "such as \"2 business hours\"");
	assert_refused(&d, "priority", "'hihg'", "not-a-choice",
	    "data.priority: expected one of \"high\", \"low\", found \"hihg\"; did you mean \"high\"?");
	assert_refused(&d, "priority", "'urgent'", "not-a-choice", "data.priority: expected one of \"high\", \"low\", found \"urgent\"");
	assert_refused(&d, "priority", "1", "wrong-type", "data.priority: expected one of \"high\", \"low\", found the integer 1");
	assert_refused(&d, "tags", "'a'", "wrong-type", "data.tags: expected a list, found the text \"a\"");
	assert_refused(&d, "tags", "['a',null]", "wrong-type", "data.tags[2]: expected text, found null");
	assert_refused(&d, "address", "'home'", "wrong-type", "data.address: expected a map, found the text \"home\"");
	assert_refused(&d, "address", "{'city':1}", "wrong-type", "data.address.city: expected text, found the integer 1");
	assert_refused(&d, "address", "{'geo':{'lat':'x'}}", "wrong-type", "data.address.geo.lat: expected a number, found the text \"x\"");
	assert_refused(&d, "address", "{'cty':'x'}", "unknown-field", "data.address: unknown field \"cty\"; did you mean \"city\"?");
	assert_refused(&d, "address", "{'street':'x'}", "unknown-field", "data.address: unknown field \"street\"; its fields are city, geo");
	assert_refused(&d, "items", "[{'price':'1.00 EUR'},{'price':'1.00 EUR'},{'price':1}]", "wrong-type",
	    "data.items[3].price: expected money such as \"40.00 GBP\", found the integer 1");
	assert_refused(&d, "items", "[{'price':'1.00 EUR'},{}]", "missing-field",
	    "data.items[2].price: required, but missing; expected money such as \"40.00 GBP\"");
	assert_refused(&d, "items", "[7]", "wrong-type", "data.items[1]: expected a map, found the integer 7");
	assert_refused(&d, "items", "[{'prize':1}]", "unknown-field", "data.items[1]: unknown field \"prize\"; did you mean \"price\"?");
	assert_refused(&d, "items", "[{'price':'1.00 EUR','parts':[{'n':1},{'n':'x'}]}]", "wrong-type",
	    "data.items[1].parts[2].n: expected an integer, found the text \"x\"");
	close_desk(&d);
}

static void bounds_are_inclusive_and_refusals_say_both(void **state) {
	(void)state;
	desk d;
	open_desk(&d, "{'few':{'type':'integer','min':2,'max':3},'more':{'type':'integer','min':1},'less':{'type':'integer','max':-1},"
	              "'tone':{'type':'number','min':-1,'max':0.5},'name':{'type':'text','min':2,'max':4},"
	              "'refund':{'type':'money','min':'0.01 GBP','max':'40 GBP'},"
	              "'day':{'type':'instant','min':'2026-01-01T00:00:00Z','max':'2026-12-31T23:59:59Z'},"
	              "'wait':{'type':'span','min':'1m','max':'1h30m'},'tags':{'type':'list','items':{'type':'text','max':3},'max':2}}");
	static const struct {
		const char *path, *json;
		const char *refusal; /* NULL: taken */
	} cases[] = {
	    {"few", "2", NULL},
	    {"few", "3", NULL},
	    {"few", "1", "data.few: expected 2 to 3, found 1"},
	    {"few", "4", "data.few: expected 2 to 3, found 4"},
	    {"more", "1", NULL},
	    {"more", "0", "data.more: expected at least 1, found 0"},
	    {"less", "-1", NULL},
	    {"less", "0", "data.less: expected at most -1, found 0"},
	    {"tone", "-1", NULL},
	    {"tone", "0.5", NULL},
	    {"tone", "0.51", "data.tone: expected -1.0 to 0.5, found 0.51"},
	    {"tone", "-2", "data.tone: expected -1.0 to 0.5, found -2"},
	    {"name", "'ab'", NULL},
	    {"name", "'\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80z'", NULL}, /* four characters in ten bytes */
	    {"name", "'\xF0\x9F\x98\x80'", "data.name: expected 2 to 4 characters, found 1"},
	    {"name", "'abcde'", "data.name: expected 2 to 4 characters, found 5"},
	    {"refund", "'0.01 GBP'", NULL},
	    {"refund", "'40.00 GBP'", NULL},
	    {"refund", "'40.01 GBP'", "data.refund: expected 0.01 GBP to 40.00 GBP, found 40.01 GBP"},
	    {"refund", "'1.00 EUR'", "data.refund: expected 0.01 GBP to 40.00 GBP, found 1.00 EUR"},
	    {"day", "'2026-01-01T01:00:00+01:00'", NULL},
	    {"day", "'2027-01-01T00:00:00Z'", "data.day: expected 2026-01-01T00:00:00Z to 2026-12-31T23:59:59Z, found 2027-01-01T00:00:00Z"},
	    {"wait", "'90m'", NULL},
	    {"wait", "'59s'", "data.wait: expected 1m to 1h30m, found 59s"},
	    {"tags", "['a','b']", NULL},
	    {"tags", "[]", NULL},
	    {"tags", "['a','b','c']", "data.tags: expected at most 2 items, found 3"},
	    {"tags", "['a','bcde']", "data.tags[2]: expected at most 3 characters, found 4"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (cases[i].refusal == NULL)
			assert_set(&d, cases[i].path, cases[i].json);
		else
			assert_refused(&d, cases[i].path, cases[i].json, "out-of-bounds", cases[i].refusal);
	}
	close_desk(&d);
}

static void values_of_personal_fields_stay_out_of_messages(void **state) {
	(void)state;
	desk d;
	open_desk(&d, "{'name':{'type':'text','personal':true,'max':5},'age':{'type':'integer','personal':true,'max':120},"
	              "'born':{'type':'instant','personal':true},'kind':{'type':'one_of','personal':true,'choices':['friend','foe']},"
	              "'home':{'type':'fields','personal':true,'members':{'city':{'type':'text','max':5},'size':{'type':'number'}}},"
	              "'kin':{'type':'list','personal':true,'items':{'type':'fields','members':{'owes':{'type':'money'}}}}}");
	static const struct {
		const char *path, *json, *slug, *message;
	} cases[] = {
	    {"name", "4711", "wrong-type", "data.name: expected text, found an integer"},
	    {"name", "'secret'", "out-of-bounds", "data.name: expected at most 5 characters; what was found is personal"},
	    {"age", "'secret'", "wrong-type", "data.age: expected an integer, found a text"},
	    {"age", "2.0", "wrong-type", "data.age: expected an integer, found a number"},
	    {"age", "121", "out-of-bounds", "data.age: expected at most 120; what was found is personal"},
	    {"born", "'secret'", "wrong-type", "data.born: expected an instant such as \"2026-11-23T13:06:00Z\", found a text"},
	    {"kind", "'freind'", "not-a-choice", "data.kind: expected one of \"friend\", \"foe\"; what was found is personal"},
	    {"home", "{'city':'secret'}", "out-of-bounds", "data.home.city: expected at most 5 characters; what was found is personal"},
	    {"home", "{'size':true}", "wrong-type", "data.home.size: expected a number, found a boolean"},
	    {"kin", "[{'owes':'secret'}]", "wrong-type", "data.kin[1].owes: expected money such as \"40.00 GBP\", found a text"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_refused(&d, cases[i].path, cases[i].json, cases[i].slug, cases[i].message);
		assert_null(strstr(d.error.message, "secret"));
		assert_null(strstr(d.error.message, "4711"));
	}
	close_desk(&d);
}

static void a_map_for_fields_replaces_named_members_only(void **state) {
	(void)state;
	desk d;
	open_desk(&d, "{'address':{'type':'fields','members':{'city':{'type':'text'},'zip':{'type':'text'},'floor':{'type':'integer'},"
	              "'geo':{'type':'fields','members':{'lat':{'type':'number'},'lon':{'type':'number'}}}}}}");
	const apl_field *address = &d.schema->fields[field_at(d.schema, "address")];
	assert_false(apl_record_has(d.words, address));
	assert_set(&d, "address", "{'city':'Ulm','floor':3,'geo':{'lat':48.4,'lon':10.0}}");
	assert_true(apl_record_has(d.words, address));
	assert_set(&d, "address", "{'zip':'89073','floor':null,'geo':{'lat':48}}");
	assert_string_equal(
	    as_json(d.schema, d.words, false), "{\"address\":{\"city\":\"Ulm\",\"geo\":{\"lat\":48.0,\"lon\":10.0},\"zip\":\"89073\"}}");
	/* The good member before the bad one is not kept either. */
	assert_refused(
	    &d, "address", "{'city':'Bonn','floor':'x'}", "wrong-type", "data.address.floor: expected an integer, found the text \"x\"");
	assert_set(&d, "address", "{'city':null,'zip':null,'geo':{'lat':null}}");
	assert_true(apl_record_has(d.words, address));
	assert_set(&d, "address.geo.lon", "null");
	assert_false(apl_record_has(d.words, address));
	assert_string_equal(as_json(d.schema, d.words, false), "{}");
	assert_set(&d, "address.geo.lon", "1");
	assert_true(apl_record_has(d.words, address));
	assert_set(&d, "address", "null");
	assert_false(apl_record_has(d.words, address));
	close_desk(&d);
}

static void required_fields_cannot_be_cleared(void **state) {
	(void)state;
	desk d;
	open_desk(&d, "{'order':{'type':'text','required':true},'cause':{'type':'text','default':'unknown'},"
	              "'address':{'type':'fields','members':{'city':{'type':'text','required':true},'zip':{'type':'text'},'land':{'type':'text'"
	              ",'default':"
	              "'DE'}}}}");
	assert_int_equal(apl_record_check(&d.writer, &d.error), APLOMB_EREFUSED);
	assert_string_equal(d.error.message, "data.order: required, but missing; expected text");
	assert_string_equal(d.error.slug, "missing-field");
	assert_set(&d, "order", "'A1'");
	assert_int_equal(apl_record_check(&d.writer, &d.error), APLOMB_OK);
	assert_refused(&d, "order", "null", "missing-field", "data.order: required, so it cannot be cleared; expected text");
	assert_set(&d, "cause", "null");
	/* A default alone does not mean that an address was given; a zip does. */
	assert_string_equal(as_json(d.schema, d.words, false), "{\"address\":{\"land\":\"DE\"},\"cause\":null,\"order\":\"A1\"}");
	assert_refused(&d, "address", "{'zip':'1'}", "missing-field", "data.address.city: required, but missing; expected text");
	assert_set(&d, "address.zip", "'1'");
	assert_int_equal(apl_record_check(&d.writer, &d.error), APLOMB_EREFUSED);
	assert_string_equal(d.error.message, "data.address.city: required, but missing; expected text");
	assert_set(&d, "address.city", "'Ulm'");
	assert_int_equal(apl_record_check(&d.writer, &d.error), APLOMB_OK);
	assert_refused(&d, "address.city", "null", "missing-field", "data.address.city: required, so it cannot be cleared; expected text");
	assert_refused(&d, "address", "{'city':null}", "missing-field", "data.address.city: required, but missing; expected text");
	assert_set(&d, "address", "{'city':null,'zip':null}");
	assert_set(&d, "address", "{'city':'Ulm','zip':'1'}");
	assert_set(&d, "address", "null");
	assert_string_equal(as_json(d.schema, d.words, false), "{\"address\":{\"land\":null},\"cause\":null,\"order\":\"A1\"}");
	close_desk(&d);
}

static void a_business_span_keeps_its_unit_until_it_is_written_anew(void **state) {
	(void)state;
	desk d;
	open_desk(&d, "{'a':{'type':'integer'},'wait':{'type':'span','default':'2 business days'},"
	              "'all':{'type':'list','items':{'type':'span','max':'3 business days'}},'z':{'type':'text'}}");
	const apl_field *wait = &d.schema->fields[field_at(d.schema, "wait")];
	assert_string_equal(as_json(d.schema, d.words, false), "{\"wait\":\"2 business days\"}");
	assert_int_equal(apl_record_integer(d.words, wait), 2 * APL_DAY);
	assert_set(&d, "wait", "'15 business minutes'");
	assert_int_equal(apl_record_span_unit(d.words, wait), APL_SPAN_BUSINESS_MINUTES);
	assert_string_equal(as_json(d.schema, d.words, false), "{\"wait\":\"15 business minutes\"}");
	assert_int_equal(apl_record_set_integer(&d.writer, field_at(d.schema, "wait"), APL_HOUR, &d.error), APLOMB_OK);
	assert_string_equal(as_json(d.schema, d.words, false), "{\"wait\":\"1h\"}");
	assert_set(&d, "wait", "'1 business hour'");
	assert_set(&d, "wait", "null");
	assert_int_equal(apl_record_span_unit(d.words, wait), APL_SPAN_CLOCK);
	assert_set(&d, "all", "['2h','1 business day']");
	assert_string_equal(as_json(d.schema, d.words, false), "{\"all\":[\"2h\",\"1 business day\"],\"wait\":null}");
	assert_refused(&d, "all", "['4d']", "out-of-bounds", "data.all[1]: expected at most 3 business days, found 4d");
	close_desk(&d);
}

/* Sixty fields and a span: presence bits and the unit do not fit one word. */
static void units_lie_behind_all_presence_bits(void **state) {
	(void)state;
	char text[8192] = "{'wait':{'type':'span'}";
	for (int i = 0; i < 62; i++) snprintf(text + strlen(text), sizeof text - strlen(text), ",'f%d':{'type':'boolean'}", i);
	strcat(text, "}");
	desk d;
	open_desk(&d, text);
	const apl_field *wait = &d.schema->fields[field_at(d.schema, "wait")];
	assert_int_equal(wait->unit_bit, 63);
	assert_int_equal(d.schema->n_presence, 2);
	for (unsigned unit = 1; unit <= 3; unit++) {
		static const char *const texts[] = {"'7 business minutes'", "'7 business hours'", "'7 business days'"};
		assert_set(&d, "wait", texts[unit - 1]);
		assert_int_equal(apl_record_span_unit(d.words, wait), unit);
	}
	assert_set(&d, "wait", "null");
	assert_int_equal(d.words[0] | d.words[1], 0);
	close_desk(&d);
}

static void single_values_come_from_c_as_well(void **state) {
	(void)state;
	desk d;
	open_desk(&d, EVERY_TYPE);
	aplomb_error error;
	const apl_writer *w = &d.writer;
#define FIELD(path) field_at(d.schema, path)
	assert_int_equal(apl_record_set_integer(w, FIELD("integer"), 5, &error), APLOMB_OK);
	assert_int_equal(apl_record_set_integer(w, FIELD("number"), 5, &error), APLOMB_OK);
	assert_int_equal(apl_record_set_integer(w, FIELD("instant"), 0, &error), APLOMB_OK);
	assert_int_equal(apl_record_set_integer(w, FIELD("span"), 90 * APL_SECOND, &error), APLOMB_OK);
	assert_int_equal(apl_record_set_boolean(w, FIELD("boolean"), true, &error), APLOMB_OK);
	assert_int_equal(apl_record_set_text(w, FIELD("text"), "a\0b", 3, &error), APLOMB_OK);
	assert_int_equal(apl_record_set_text(w, FIELD("one_of"), "high", 4, &error), APLOMB_OK);
	assert_int_equal(apl_record_set_text(w, FIELD("money"), "1.50 EUR", 8, &error), APLOMB_OK);
	assert_int_equal(apl_record_set_number(w, FIELD("any"), -0.0, &error), APLOMB_OK);
	assert_string_equal(as_json(d.schema, d.words, false), "{\"any\":0.0,\"boolean\":true,\"instant\":\"1970-01-01T00:00:00Z\",\"integer\":"
	                                                       "5,\"money\":\"1.50 EUR\",\"number\":5.0,\"one_of\":\"high\","
	                                                       "\"span\":\"1m30s\",\"text\":\"a\\u0000b\"}");
	assert_int_equal(apl_record_integer(d.words, &d.schema->fields[FIELD("span")]), 90 * APL_SECOND);
	assert_true(apl_record_number(d.words, &d.schema->fields[FIELD("number")]) == 5.0);
	assert_int_equal(apl_record_text(d.words, &d.schema->fields[FIELD("text")])->size, 3);
	apl_money money = apl_record_money(d.words, &d.schema->fields[FIELD("money")]);
	assert_int_equal(money.minor, 150);
	money.minor = -1;
	assert_int_equal(apl_record_set_money(w, FIELD("money"), money, &error), APLOMB_OK);
	assert_int_equal(apl_record_set_money(w, FIELD("any"), money, &error), APLOMB_OK);
	assert_int_equal(apl_record_clear(w, FIELD("money"), &error), APLOMB_OK);
	assert_int_equal(apl_record_set_number(w, FIELD("number"), -0.0, &error), APLOMB_OK);
	assert_int_equal(d.words[d.schema->fields[FIELD("number")].word], 0);

	static const double not_finite[] = {NAN, INFINITY, -INFINITY};
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(apl_record_set_number(w, FIELD("number"), not_finite[i], &error), APLOMB_EREFUSED);
		assert_string_equal(error.slug, "wrong-type");
		assert_string_equal(error.message, "data.number: expected a finite number, found NaN or infinity");
		assert_int_equal(apl_record_set_number(w, FIELD("any"), not_finite[i], &error), APLOMB_EREFUSED);
	}
	assert_int_equal(apl_record_set_number(w, FIELD("integer"), 2.0, &error), APLOMB_EREFUSED);
	assert_string_equal(error.message, "data.integer: expected an integer, found the number 2.0; write 2");
	assert_int_equal(apl_record_set_integer(w, FIELD("text"), 2, &error), APLOMB_EREFUSED);
	assert_int_equal(apl_record_set_integer(w, FIELD("fields"), 2, &error), APLOMB_EREFUSED);
	assert_int_equal(apl_record_set_integer(w, FIELD("instant"), INT64_MAX, &error), APLOMB_EREFUSED);
	assert_string_equal(error.message, "data.instant: an instant lies within the years 0001 to 9999");
	assert_int_equal(apl_record_set_integer(w, FIELD("span"), -1, &error), APLOMB_EREFUSED);
	assert_string_equal(error.message, "data.span: a span is not negative");
	assert_int_equal(apl_record_set_text(w, FIELD("text"), "\xC3", 1, &error), APLOMB_EREFUSED);
	assert_string_equal(error.slug, "wrong-text");
	assert_int_equal(apl_record_set_text(w, FIELD("any"), "\xED\xA0\x80", 3, &error), APLOMB_EREFUSED);
	assert_int_equal(apl_record_set_money(w, FIELD("integer"), (apl_money){100, money.currency}, &error), APLOMB_EREFUSED);
	assert_string_equal(error.message, "data.integer: expected an integer, found the text \"1.00 EUR\"");
	assert_int_equal(apl_record_set_money(w, FIELD("money"), (apl_money){100, 0}, &error), APLOMB_EREFUSED);
#undef FIELD
	close_desk(&d);
}

static void lists_of_times_take_integers_only_when_told_to(void **state) {
	(void)state;
	desk d;
	open_desk(&d, "{'times':{'type':'list','items':{'type':'instant'}},'at':{'type':'instant'}}");
	assert_refused(
	    &d, "times", "[0]", "wrong-type", "data.times[1]: expected an instant such as \"2026-11-23T13:06:00Z\", found the integer 0");
	d.writer.times_are_integers = true;
	assert_set(&d, "times", "[0,'1970-01-01T01:00:01+01:00']");
	assert_set(&d, "at", "1000000");
	assert_string_equal(as_json(d.schema, d.words, false),
	    "{\"at\":\"1970-01-01T00:00:01Z\",\"times\":[\"1970-01-01T00:00:00Z\",\"1970-01-01T00:00:01Z\"]}");
	close_desk(&d);
}

/* An undo image: shared before the step, put back after it. ASan and the heap's count see what leaks. */
static void an_undo_image_can_be_kept_or_put_back(void **state) {
	(void)state;
	for (int undo = 0; undo < 2; undo++) {
		desk d;
		open_desk(&d, "{'a':{'type':'text','default':'first'},'b':{'type':'list'},'c':{'type':'any'},'n':{'type':'integer','default':1},"
		              "'f':{'type':'fields','members':{'t':{'type':'text'}}}}");
		assert_set(&d, "b", "[1,[2]]");
		assert_set(&d, "f", "{'t':'inner'}");
		char before[256];
		strcpy(before, as_json(d.schema, d.words, false));
		uint64_t image[32];
		apl_record_share(d.schema, image, d.words);
		assert_set(&d, "a", "'second'");
		assert_set(&d, "a", "'third'");
		assert_set(&d, "b", "null");
		assert_set(&d, "c", "{'x':[1]}");
		assert_set(&d, "n", "2");
		assert_set(&d, "f", "null");
		if (undo) {
			apl_record_dispose(d.schema, d.words, &d.alloc);
			memcpy(d.words, image, d.schema->n_words * sizeof *image);
			assert_string_equal(as_json(d.schema, d.words, false), before);
		} else {
			assert_string_equal(as_json(d.schema, image, false), before);
			apl_record_dispose(d.schema, image, &d.alloc);
			assert_string_equal(as_json(d.schema, d.words, false), "{\"a\":\"third\",\"c\":{\"x\":[1]},\"n\":2}");
		}
		close_desk(&d);
	}
}

/* More words than a trial has on the stack, more bits than one word. */
static void records_of_many_fields_are_no_different(void **state) {
	(void)state;
	char schema[8192] = "{'r':{'type':'text','required':true},'f':{'type':'fields','members':{";
	for (int i = 0; i < 130; i++) {
		char field[64];
		snprintf(field, sizeof field, "%s'f%d':{'type':'%s'}", i > 0 ? "," : "", i, i % 2 == 0 ? "integer" : "text");
		strcat(schema, field);
	}
	strcat(schema, "}}}");
	desk d;
	open_desk(&d, schema);
	assert_true(d.schema->n_presence == 3);
	assert_set(&d, "r", "'x'");
	assert_set(&d, "f", "{'f128':128,'f129':'last','f1':'one'}");
	assert_refused(&d, "f", "{'f3':'three','f127':1}", "wrong-type", "data.f.f127: expected text, found the integer 1");
	assert_refused(&d, "r", "null", "missing-field", "data.r: required, so it cannot be cleared; expected text");
	assert_set(&d, "f", "{'f1':null}");
	assert_string_equal(as_json(d.schema, d.words, false), "{\"f\":{\"f128\":128,\"f129\":\"last\"},\"r\":\"x\"}");
	assert_refused(&d, "f", "{'g':1}", "unknown-field",
	    "data.f: unknown field \"g\"; its fields are f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, \xE2\x80\xA6");
	close_desk(&d);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_type_takes_its_kinds_of_values_and_no_others),
	    cmocka_unit_test(refusals_name_path_found_and_expected),
	    cmocka_unit_test(bounds_are_inclusive_and_refusals_say_both),
	    cmocka_unit_test(values_of_personal_fields_stay_out_of_messages),
	    cmocka_unit_test(a_map_for_fields_replaces_named_members_only),
	    cmocka_unit_test(required_fields_cannot_be_cleared),
	    cmocka_unit_test(a_business_span_keeps_its_unit_until_it_is_written_anew),
	    cmocka_unit_test(units_lie_behind_all_presence_bits),
	    cmocka_unit_test(single_values_come_from_c_as_well),
	    cmocka_unit_test(lists_of_times_take_integers_only_when_told_to),
	    cmocka_unit_test(an_undo_image_can_be_kept_or_put_back),
	    cmocka_unit_test(records_of_many_fields_are_no_different),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
