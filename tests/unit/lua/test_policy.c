/* SPDX-License-Identifier: MIT */
/* What operations set: which value of a parameter counts, and what a policy may not hold. */

#include <string.h>

#include "book.h"

static const char source[] =
    "return playbook 'p' { calendar 'desk' { zone = 'UTC', week = { ['mon-fri'] = '09:00-17:00' } },\n"
    "params = { warnings = integer { default = 2, min = 2, max = 3 }, refund_limit = money { default = '40.00 GBP', max = '100.00 GBP' },\n"
    "  answer_in = span { default = '15 business minutes' }, who = text { required = true }, mode = one_of { 'soft', 'firm', default = "
    "'soft' "
    "},\n"
    "  tags = list { of = text { max = 5 } }, desk = fields { lead = text {}, size = integer { default = 1 } } },\n"
    "event 'go' {}, state 's' { on 'go' {} } }";

static const char *params_of(book *b) {
	static char params[1024];
	const char *at = strstr(apl_buf_terminate(&b->lines), "\"params\":");
	assert_non_null(at);
	snprintf(params, sizeof params, "%.*s", (int)strcspn(at + 9, "}") + 1, at + 9);
	for (char *c = params; *c != '\0'; c++) {
		if (*c == '"') *c = '\'';
	}
	return params;
}

static void the_policy_stands_before_the_default_and_the_opening_before_both(void **state) {
	(void)state;
	static const book_file files[] = {
	    {"policy.lua", "return { params = { refund_limit = '60.00 GBP', warnings = 3, who = 'Ada', answer_in = '1 business hour',\n"
	                   "tags = {}, mode = 'firm' } }"},
	    {NULL, NULL}};
	book b = {.files = files};
	book_open(&b, source, NULL);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	assert_string_equal(params_of(&b), "{'answer_in':'1 business hour','desk':{'size':1}");
	assert_text_has(
	    apl_buf_terminate(&b.lines), "\"mode\":\"firm\",\"refund_limit\":\"60.00 GBP\",\"tags\":[],\"warnings\":3,\"who\":\"Ada\"");
	book_close(&b);
	book_open(&b, source, NULL);
	say_opening(&b, "go", NULL, "{'params':{'warnings':2,'who':'Bea','refund_limit':null}}");
	assert_text_has(apl_buf_terminate(&b.lines), "\"refund_limit\":null,\"tags\":[],\"warnings\":2,\"who\":\"Bea\"");
	book_close(&b);
}

static void given_params_stand_before_the_policy(void **state) {
	(void)state;
	static const book_file files[] = {
	    {"policy.lua", "return { params = { warnings = 3, who = 'Ada', desk = { size = 4 } } }"}, {NULL, NULL}};
	book b = {.files = files, .params = "{\"who\":\"Bea\",\"desk\":{\"lead\":\"Cy\"}}"};
	book_open(&b, source, NULL);
	say(&b, "go", NULL);
	assert_string_equal(params_of(&b), "{'answer_in':'15 business minutes','desk':{'lead':'Cy','size':4}");
	assert_text_has(apl_buf_terminate(&b.lines), "\"warnings\":3,\"who\":\"Bea\"");
	char bundle[4096], hash[APL_SHA256_HEX + 1];
	snprintf(bundle, sizeof bundle, "%s", b.program->source);
	memcpy(hash, b.program->hash, sizeof hash);
	book_close(&b);
	/* The bundle brings both along. */
	book again = {0};
	book_open(&again, bundle, NULL);
	assert_string_equal(again.program->hash, hash);
	say(&again, "go", NULL);
	assert_text_has(apl_buf_terminate(&again.lines), "\"warnings\":3,\"who\":\"Bea\"");
	book_close(&again);
}

static void the_program_knows_where_each_value_comes_from(void **state) {
	(void)state;
	static const book_file files[] = {{"policy.lua", "return {\n params = {\n  warnings = 3,\n  mode = 'firm' } }"}, {NULL, NULL}};
	book b = {.files = files, .params = "{\"who\":\"Bea\",\"mode\":\"soft\"}"};
	book_open(&b, source, NULL);
	const apl_schema *params = b.program->params;
	static const struct {
		const char *name;
		apl_default_from from;
		const char *file;
		uint32_t line;
	} cases[] = {{"warnings", APL_DEFAULT_POLICY, "folder/policy.lua", 3}, {"who", APL_DEFAULT_GIVEN, "params", 1},
	    {"mode", APL_DEFAULT_GIVEN, "params", 1}, {"refund_limit", APL_DEFAULT_DECLARED, "book.lua", 2}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const apl_field *field = &params->fields[apl_schema_member(params, 0, cases[i].name, strlen(cases[i].name))];
		assert_true(field->has_default);
		assert_int_equal(field->default_from, cases[i].from);
		assert_string_equal(field->default_place.file, cases[i].file);
		assert_int_equal(field->default_place.line, cases[i].line);
	}
	book_close(&b);
}

static void what_a_policy_may_not_hold_is_told_by_its_place(void **state) {
	(void)state;
	static const struct {
		const char *policy, *found;
	} cases[] = {
	    {"return {\n params = {\n  warnings = 9 } }", "folder/policy.lua:3 policy-value: params.warnings: expected 2 to 3, found 9\n"},
	    {"return { params = { warnings = '3' } }",
	        "folder/policy.lua:1 policy-value: params.warnings: expected an integer, found the text \"3\"\n"},
	    {"return { params = { warnings = {} } }", "folder/policy.lua:1 policy-value: params.warnings: expected an integer, found a map\n"},
	    {"return { params = { refund_limit = '60.00 EUR' } }",
	        "folder/policy.lua:1 policy-value: params.refund_limit: expected at most 100.00 GBP, found 60.00 EUR\n"},
	    {"return { params = {\n mode = 'fimr' } }",
	        "folder/policy.lua:2 policy-value: params.mode: expected one of \"soft\", \"firm\", found \"fimr\"; did you mean \"firm\"?\n"},
	    {"return { params = { tags = { 'short', 'longer' } } }",
	        "folder/policy.lua:1 policy-value: params.tags[2]: expected at most 5 characters, found 6\n"},
	    {"return { params = {\n warnigns = 3 } }",
	        "folder/policy.lua:2 unknown-param: params.warnigns: the playbook has no such parameter; did you mean \"warnings\"?\n"},
	    {"return { params = { desk = {\n sise = 3 } } }",
	        "folder/policy.lua:2 unknown-param: params.desk.sise: the playbook has no such parameter; did you mean \"size\"?\n"},
	    {"return { params = { desk = 3 } }",
	        "folder/policy.lua:1 policy-value: params.desk has fields: params.desk = { … }; found an integer\n"},
	    {"return { params = 3 }", "folder/policy.lua:1 policy-shape: params is a table: params = { … }; found an integer\n"},
	    {"return { param = {} }",
	        "folder/policy.lua:1 policy-shape: a policy holds params and phrases, and no \"param\"; did you mean \"params\"?\n"},
	    {"return { params = { 3 } }", "folder/policy.lua:1 values-only: params: everything in here has a name; [1] is none\n"},
	    {"return {\n params = { warnings = function() return 3 end } }",
	        "folder/policy.lua:2 values-only: params.warnings is a function; this file holds values only\n"},
	    {"return {\n params = { warnings = math.max(2, 3) } }",
	        "folder/policy.lua:2 values-only: \"math\" means nothing here: policy.lua holds values only, no words and no functions\n"},
	    {"x = 3\nreturn {}", "folder/policy.lua:1 values-only: \"x\" means nothing here: policy.lua holds values only"},
	    {"return { params = { warnings = 3 },\nparams = {} }", "folder/policy.lua:2 duplicate-key: "},
	    {"return playbook 'p' {}", "folder/policy.lua:1 values-only: \"playbook\" means nothing here"},
	    {"return setmetatable({}, {})", "folder/policy.lua:1 values-only: \"setmetatable\" means nothing here"},
	    {"local t = {} t.t = t\nreturn t", "limit-depth"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const book_file files[] = {{"policy.lua", cases[i].policy}, {NULL, NULL}};
		assert_text_has(findings_among(source, files), cases[i].found);
	}
}

static void given_params_are_a_json_map(void **state) {
	(void)state;
	static const struct {
		const char *params, *found;
	} cases[] = {
	    {"{", "params:1 policy-shape: these params are no JSON map: "},
	    {"[3]", "params:1 policy-shape: these params are no JSON map: a map of params was expected, such as"},
	    {"{\"warnigns\":3}", "params:1 unknown-param: params.warnigns: the playbook has no such parameter; did you mean \"warnings\"?\n"},
	    {"{\"warnings\":4}", "params:1 policy-value: params.warnings: expected 2 to 3, found 4\n"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		book b = {.params = cases[i].params};
		assert_int_equal(book_try(&b, source, NULL), APLOMB_EPLAYBOOK);
		assert_text_has(apl_buf_terminate(&b.found), cases[i].found);
		book_close(&b);
	}
	book b = {.params = "{\"warnings\":null}"}; /* null says nothing */
	book_open(&b, source, NULL);
	book_close(&b);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_policy_stands_before_the_default_and_the_opening_before_both),
	    cmocka_unit_test(given_params_stand_before_the_policy),
	    cmocka_unit_test(the_program_knows_where_each_value_comes_from),
	    cmocka_unit_test(what_a_policy_may_not_hold_is_told_by_its_place),
	    cmocka_unit_test(given_params_are_a_json_map),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
