/* SPDX-License-Identifier: MIT */
/* A guard taken apart and put together again: its parts, their values, its text, and where its mistakes stand. */

#include <stdio.h>
#include <string.h>

#include "../test_cmocka.h"
#include "guard_stage.h"

static const char *printed(const apl_guard *guard) {
	static char text[8192];
	apl_alloc system = apl_alloc_system();
	apl_buf out;
	apl_buf_init(&out, &system);
	apl_guard_print(&out, guard);
	snprintf(text, sizeof text, "%s", apl_buf_terminate(&out));
	apl_buf_dispose(&out);
	return text;
}

static void a_text_is_printed_as_one_would_write_it(void **state) {
	(void)state;
	static const struct {
		apl_guard_form form;
		const char *text, *expected;
	} cases[] = {
	    {APL_GUARD_TRUTH, "data.m==7", "data.m == 7"},
	    {APL_GUARD_TRUTH, "((data.m)  <\n (8))", "data.m < 8"},
	    {APL_GUARD_TRUTH, "(data.b and data.yes) or data.b", "data.b and data.yes or data.b"},
	    {APL_GUARD_TRUTH, "data.b and (data.yes or data.b)", "data.b and (data.yes or data.b)"},
	    {APL_GUARD_TRUTH, "data.m-(1-2)==-( -3 )", "data.m - (1 - 2) == -(-3)"},
	    {APL_GUARD_TRUTH, "not(not data.b)", "not not data.b"},
	    {APL_GUARD_TRUTH, "not (data.m==7)", "not (data.m == 7)"},
	    {APL_GUARD_TRUTH, "data.wait<'90m' or data.t=='it\\'s \"so\"\\n\\65'", "data.wait < \"90m\" or data.t == \"it's \\\"so\\\"\\nA\""},
	    {APL_GUARD_TRUTH, "is_in( 'done' )and time_in('done','stay')>'1h' and time_in('done' , 'total')>'1h'",
	        "is_in(\"done\") and time_in(\"done\") > \"1h\" and time_in(\"done\", \"total\") > \"1h\""},
	    {APL_GUARD_TRUTH, "on_duty ( 'support' )=='Ada' or nobody_on_duty('nights')",
	        "on_duty(\"support\") == \"Ada\" or nobody_on_duty(\"nights\")"},
	    {APL_GUARD_TRUTH, "left ( 'first-reply' )<'1h' or is_breached('resolve')",
	        "left(\"first-reply\") < \"1h\" or is_breached(\"resolve\")"},
	    {APL_GUARD_TRUTH, "contains( data.tags , 'a' ) or #data.tags>1 or len(data.hello)>=count('abuse')",
	        "contains(data.tags, \"a\") or #data.tags > 1 or len(data.hello) >= count(\"abuse\")"},
	    {APL_GUARD_TRUTH, "data.n==nil", "data.n == nil"},
	    {APL_GUARD_TRUTH, "1.50e1==15", "1.50e1 == 15"},
	    {APL_GUARD_ACTIONS, " ;data.m=data.m+1;;data.b=data.m>1 or data.b; ", "data.m = data.m + 1; data.b = data.m > 1 or data.b"},
	    {APL_GUARD_VALUE, "(data.m)", "data.m"},
	};
	stage s;
	stage_open(&s);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		apl_guard *guard = stage_guard(&s, cases[i].form, cases[i].text, APL_GUARD_ANY_SCALAR);
		if (guard == NULL) fail_msg("%s: %s", cases[i].text, s.said);
		assert_string_equal(printed(guard), cases[i].expected);
		/* What was printed prints alike. */
		guard = stage_guard(&s, cases[i].form, cases[i].expected, APL_GUARD_ANY_SCALAR);
		if (guard == NULL) fail_msg("%s: %s", cases[i].expected, s.said);
		assert_string_equal(printed(guard), cases[i].expected);
	}
	stage_close(&s);
}

/* Each part on a line: its place, its piece of the text, its kind, and what it comes to. */
static const char *taken_apart(stage *s, const apl_guard *guard) {
	static char text[8192];
	static const char *const kinds[] = {"literal", "path", "question", "operation", "assignment"};
	apl_alloc system = apl_alloc_system();
	apl_buf out;
	apl_buf_init(&out, &system);
	for (uint32_t i = 0; i < apl_guard_parts(guard); i++) {
		apl_guard_part part;
		apl_guard_value value;
		apl_guard_trouble trouble = {0};
		apl_guard_part_at(guard, i, &part);
		apl_buf_format(&out, "%u %.*s [%s%s%s]", (unsigned)part.at, (int)part.size, part.text, kinds[part.kind],
		    part.word[0] != '\0' ? " " : "", part.word);
		if (apl_guard_part_value(guard, i, &s->situation, &value, &trouble)) {
			APL_BUF_LITERAL(&out, " = ");
			apl_guard_show(&out, &value);
		} else {
			apl_buf_format(&out, " ! %s", trouble.slug);
		}
		if (part.is_personal) APL_BUF_LITERAL(&out, " (personal)");
		apl_buf_byte(&out, '\n');
	}
	snprintf(text, sizeof text, "%s", apl_buf_terminate(&out));
	apl_buf_dispose(&out);
	return text;
}

static void each_part_has_its_piece_and_its_value(void **state) {
	(void)state;
	stage s;
	stage_open(&s);
	apl_guard *guard = stage_guard(&s, APL_GUARD_TRUTH,
	    "data.price <= params.limit and (data.n > 3 or not is_in(\"done\")) and data.secret ~= 'x' or data.m // 0.0 > 1",
	    APL_GUARD_ANY_SCALAR);
	assert_non_null(guard);
	assert_string_equal(taken_apart(&s, guard),
	    "0 data.price [path] = 12.50 GBP\n"
	    "14 params.limit [path] = 40.00 GBP\n"
	    "0 data.price <= params.limit [operation <=] = true\n"
	    "32 data.n [path] = missing\n"
	    "41 3 [literal] = 3\n"
	    "32 data.n > 3 [operation >] = unknown\n"
	    "50 is_in(\"done\") [question is_in] = false\n"
	    "46 not is_in(\"done\") [operation not] = true\n"
	    "32 data.n > 3 or not is_in(\"done\") [operation or] = true\n"
	    "0 data.price <= params.limit and (data.n > 3 or not is_in(\"done\")) [operation and] = true\n"
	    "69 data.secret [path] = missing (personal)\n"
	    "84 'x' [literal] = \"x\"\n"
	    "69 data.secret ~= 'x' [operation ~=] = unknown (personal)\n"
	    "0 data.price <= params.limit and (data.n > 3 or not is_in(\"done\")) and data.secret ~= 'x' [operation and] = unknown (personal)\n"
	    "91 data.m [path] = 7\n"
	    "101 0.0 [literal] = 0.0\n"
	    "91 data.m // 0.0 [operation //] ! guard-division\n"
	    "107 1 [literal] = 1\n"
	    "91 data.m // 0.0 > 1 [operation >] ! guard-division\n"
	    "0 data.price <= params.limit and (data.n > 3 or not is_in(\"done\")) and data.secret ~= 'x' or data.m // 0.0 > 1 [operation or] "
	    "! guard-division (personal)\n");
	apl_guard_part last;
	apl_guard_part_at(guard, apl_guard_parts(guard) - 1, &last);
	assert_int_equal(last.parent, APL_GUARD_NO_PART);
	apl_guard_part left;
	apl_guard_part_at(guard, last.left, &left);
	assert_int_equal(left.parent, apl_guard_parts(guard) - 1);
	stage_close(&s);
}

static void every_kind_of_value_is_shown(void **state) {
	(void)state;
	stage s;
	stage_open(&s);
	apl_guard *guard = stage_guard(&s, APL_GUARD_ACTIONS,
	    "data.y = 0.5; data.m = 2; data.b = true; data.t = \"a\\\"b\"; data.value = \"1 JPY\"; data.at = case.now; data.wait = \"2h\"; "
	    "data.mood = "
	    "\"angry\"; data.said = data.tags; data.notes = nil; data.wait = data.days",
	    APL_GUARD_ANY_SCALAR);
	if (guard == NULL) fail_msg("%s", s.said);
	static const char *const shown[] = {"= 0.5", "= 2", "= true", "= \"a\\\"b\"", "= 1 JPY", "= 2026-11-23T13:00:00Z", "= 2h",
	    "= \"angry\"", "= [\"a\",\"b\\\"c\",\"\xc3\xa9\"]", "[assignment =] = missing", "= 2 business days"};
	const char *text = taken_apart(&s, guard);
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
		if (strstr(text, shown[i]) == NULL) fail_msg("%s is not in\n%s", shown[i], text);
	}
	stage_close(&s);
}

/* ---- places ---------------------------------------------------------------------------- */

static void take_place(const aplomb_finding *finding, void *payload) {
	char *out = payload;
	size_t used = strlen(out);
	snprintf(out + used, 512 - used, "%u:%u %s\n", (unsigned)finding->line, (unsigned)finding->column, finding->message);
}

static const char *places_of(stage *s, const char *text, bool is_plain) {
	static char out[512];
	apl_guard *guard = NULL;
	apl_findings findings;
	apl_findings_init(&findings, &s->alloc);
	const apl_guard_text given = {text, strlen(text), "when", {"p.lua", 7, 20}, is_plain};
	if (apl_guard_parse(&guard, &s->arena, APL_GUARD_TRUTH, &given, &findings) == APLOMB_OK)
		apl_guard_type(guard, &s->scope, APL_GUARD_ANY_SCALAR, &findings);
	out[0] = '\0';
	apl_findings_tell(&findings, take_place, out);
	apl_findings_dispose(&findings);
	return out;
}

static void a_mistake_stands_at_its_part(void **state) {
	(void)state;
	stage s;
	stage_open(&s);
	assert_string_equal(places_of(&s, "data.m > 1 and data.nope", true), "7:35 when: data has no field \"nope\"\n");
	/* Columns are characters. */
	assert_string_equal(places_of(&s, "data.t == '\xc3\xa9\xc3\xa9' and data.nope", true), "7:39 when: data has no field \"nope\"\n");
	/* A text of several lines, in long brackets. */
	assert_string_equal(places_of(&s, "data.m > 1\n  and data.nope", true), "8:7 when: data has no field \"nope\"\n");
	/* With escapes in it, a text's bytes are not those of the file. */
	assert_string_equal(places_of(&s, "data.m > 1 and data.nope", false),
	    "7:20 when: data has no field \"nope\" (character 16 of \"data.m > 1 and data.nope\")\n");
	/* What stands around it is enough of a long text. */
	assert_string_equal(
	    places_of(&s, "data.m > 1 and data.m > 2 and data.m > 3 and data.m > 4 and data.m > 5 and data.nope and data.m", false),
	    "7:20 when: data has no field \"nope\" (character 76 of \"\xe2\x80\xa6 > 4 and data.m > 5 and data.nope and data.m\")\n");
	stage_close(&s);
}

static void trouble_is_told_with_its_place(void **state) {
	(void)state;
	stage s;
	stage_open(&s);
	const char *text = "data.b or\n data.m // (data.m - 7) > 1";
	apl_guard *guard = NULL;
	apl_findings findings;
	apl_findings_init(&findings, &s.alloc);
	const apl_guard_text given = {text, strlen(text), "when", {"p.lua", 7, 20}, true};
	assert_int_equal(apl_guard_parse(&guard, &s.arena, APL_GUARD_TRUTH, &given, &findings), APLOMB_OK);
	assert_int_equal(apl_guard_type(guard, &s.scope, APL_GUARD_ANY_SCALAR, &findings), APLOMB_OK);
	apl_guard_trouble trouble = {0};
	aplomb_error error;
	assert_int_equal(apl_guard_ask(guard, &s.situation, &trouble), APL_GUARD_ERROR);
	assert_int_equal(apl_guard_explain(guard, &trouble, &error), APLOMB_EPLAYBOOK);
	assert_string_equal(error.message, "data.m // (data.m - 7) divides by zero (in \"data.b or  data.m // (data.m - 7) > 1\")");
	assert_string_equal(error.slug, "guard-division");
	assert_string_equal(error.file, "p.lua");
	assert_int_equal(error.line, 8);
	assert_int_equal(error.column, 2);
	apl_findings_dispose(&findings);
	stage_close(&s);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_text_is_printed_as_one_would_write_it),
	    cmocka_unit_test(each_part_has_its_piece_and_its_value),
	    cmocka_unit_test(every_kind_of_value_is_shown),
	    cmocka_unit_test(a_mistake_stands_at_its_part),
	    cmocka_unit_test(trouble_is_told_with_its_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
