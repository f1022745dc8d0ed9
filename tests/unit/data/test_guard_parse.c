/* SPDX-License-Identifier: MIT */
/* Texts that are no guards and no assignments, and what is said about each, to the letter. How operators bind is seen in what is printed.
 */

#include <stdio.h>
#include <string.h>

#include "../test_cmocka.h"
#include "guard_stage.h"

typedef struct wrong_case {
	apl_guard_form form;
	const char *text;
	const char *said; /* every finding, each on a line */
} wrong_case;

static const wrong_case wrong_texts[] = {
    {APL_GUARD_TRUTH, "", "guard-syntax: when: the text is empty; something that is true or false was expected (character 1 of \"\")"},
    {APL_GUARD_TRUTH, "   ",
        "guard-syntax: when: the text is empty; something that is true or false was expected (character 1 of \"   \")"},
    {APL_GUARD_ACTIONS, "", "guard-syntax: when: the text is empty; an assignment was expected, as data.x = 1 (character 1 of \"\")"},
    {APL_GUARD_ACTIONS, " ; ", "guard-syntax: when: the text is empty; an assignment was expected, as data.x = 1 (character 1 of \" ; \")"},
    {APL_GUARD_TRUTH, "data.m ==", "guard-syntax: when: a value was expected, found the end (character 10 of \"data.m ==\")"},
    {APL_GUARD_TRUTH, "== 7", "guard-syntax: when: a value was expected, found == (character 1 of \"== 7\")"},
    {APL_GUARD_TRUTH, "data.m == 7 8", "guard-syntax: when: an operator was expected, found 8 (character 13 of \"data.m == 7 8\")"},
    {APL_GUARD_TRUTH, "(data.m == 7", "guard-syntax: when: \")\" was expected, found the end (character 13 of \"(data.m == 7\")"},
    {APL_GUARD_TRUTH, "data.m == 7)", "guard-syntax: when: an operator was expected, found ) (character 12 of \"data.m == 7)\")"},
    {APL_GUARD_TRUTH, "data.m = 7",
        "guard-syntax: when: = assigns, which only an action may do; equal is written == (character 8 of \"data.m = 7\")"},
    {APL_GUARD_TRUTH, "data.m == 7; data.b",
        "guard-syntax: when: one expression was expected, and another begins behind \";\"; join them with and, or or (character 12 of "
        "\"data.m == 7; data.b\")"},
    {APL_GUARD_TRUTH, "data.m != 7", "guard-syntax: when: not equal is written ~= (character 8 of \"data.m != 7\")"},
    {APL_GUARD_TRUTH, "data.m <> 7", "guard-syntax: when: not equal is written ~= (character 8 of \"data.m <> 7\")"},
    {APL_GUARD_TRUTH, "data.b && data.yes", "guard-syntax: when: write \"and\" for && (character 8 of \"data.b && data.yes\")"},
    {APL_GUARD_TRUTH, "data.b || data.yes", "guard-syntax: when: write \"or\" for || (character 8 of \"data.b || data.yes\")"},
    {APL_GUARD_TRUTH, "!data.b", "guard-syntax: when: write \"not\" for ! (character 1 of \"!data.b\")"},
    {APL_GUARD_TRUTH, "data.m => 7", "guard-syntax: when: at least is written >= (character 8 of \"data.m => 7\")"},
    {APL_GUARD_TRUTH, "data.m =< 7", "guard-syntax: when: at most is written <= (character 8 of \"data.m =< 7\")"},
    {APL_GUARD_TRUTH, "data.t .. 'x' == 'y'",
        "bad-operator: when: .. joins texts, which takes memory; a text written here only asks and counts, so use a function (character 8 "
        "of \"data.t .. 'x' == 'y'\")"},
    {APL_GUARD_TRUTH, "data.m ^ 2 == 4",
        "bad-operator: when: the operator ^ gives other last digits on other machines, so no replay could repeat it; multiply instead "
        "(character 8 of \"data.m ^ 2 == 4\")"},
    {APL_GUARD_TRUTH, "data.m & 1 == 1",
        "bad-operator: when: the operator & is not there; \"and\" joins what is true or false (character 8 of \"data.m & 1 == 1\")"},
    {APL_GUARD_TRUTH, "data.m | 1 == 1",
        "bad-operator: when: the operator | is not there; \"or\" joins what is true or false (character 8 of \"data.m | 1 == 1\")"},
    {APL_GUARD_TRUTH, "~data.m == 1",
        "bad-operator: when: the operator ~ is not there; not equal is written ~= (character 1 of \"~data.m == 1\")"},
    {APL_GUARD_TRUTH, "data.m << 1 == 1",
        "bad-operator: when: the operator << is not there; use a function (character 8 of \"data.m << 1 == 1\")"},
    {APL_GUARD_TRUTH, "data.m >> 1 == 1",
        "bad-operator: when: the operator >> is not there; use a function (character 8 of \"data.m >> 1 == 1\")"},
    {APL_GUARD_TRUTH, "data['m'] == 7",
        "guard-syntax: when: a field is named by its path, as data.address.city; items of lists cannot be looked up: use a function "
        "(character 5 of \"data['m'] == 7\")"},
    {APL_GUARD_TRUTH, "data.tags[1] == 1",
        "guard-syntax: when: a field is named by its path, as data.address.city; items of lists cannot be looked up: use a function "
        "(character 10 of \"data.tags[1] == 1\")"},
    {APL_GUARD_TRUTH, "{ 1 } == 1", "guard-syntax: when: there are no tables in a text; use a function (character 1 of \"{ 1 } == 1\")"},
    {APL_GUARD_TRUTH, "case:is_in('done')",
        "guard-syntax: when: questions are asked without \"case:\": is_in(\"path\"), time_in(\"path\"), count(\"counter\") (character 5 of "
        "\"case:is_in('done')\")"},
    {APL_GUARD_TRUTH, "data.m == 7 -- always",
        "guard-syntax: when: -- begins a comment in Lua; there are none within a text (for a double minus write -(-x)) (character 13 of "
        "\"data.m == 7 -- always\")"},
    {APL_GUARD_TRUTH, "data.m == 0x10",
        "guard-syntax: when: 0x10 is no number that is known here; write it as 12, 0.5 or 1.5e3 (character 11 of \"data.m == 0x10\")"},
    {APL_GUARD_TRUTH, "data.m == .5",
        "guard-syntax: when: .5 is no number that is known here; write it as 12, 0.5 or 1.5e3 (character 11 of \"data.m == .5\")"},
    {APL_GUARD_TRUTH, "data.m == 5.",
        "guard-syntax: when: 5. is no number that is known here; write it as 12, 0.5 or 1.5e3 (character 11 of \"data.m == 5.\")"},
    {APL_GUARD_TRUTH, "data.m == 9223372036854775808",
        "guard-syntax: when: 9223372036854775808 is no number that is known here; an integer has 64 bits (character 11 of \"data.m == "
        "9223372036854775808\")"},
    {APL_GUARD_TRUTH, "data.m == 1e999",
        "guard-syntax: when: 1e999 is no number that is known here; write it as 12, 0.5 or 1.5e3 (character 11 of \"data.m == 1e999\")"},
    {APL_GUARD_TRUTH, "data.t == 'abc",
        "guard-syntax: when: the text that begins here has no end; ' is missing (character 11 of \"data.t == 'abc\")"},
    {APL_GUARD_TRUTH, "data.t == \"abc",
        "guard-syntax: when: the text that begins here has no end; \" is missing (character 11 of \"data.t == \"abc\")"},
    {APL_GUARD_TRUTH, "data.t == '\\q'",
        "guard-syntax: when: the escape \\q is not known here; there are \\n \\t \\r \\a \\b \\f \\v \\\\ \\\" \\' \\65 \\x41 (character "
        "12 of \"data.t == '\\q'\")"},
    {APL_GUARD_TRUTH, "data.t == '\\300'",
        "guard-syntax: when: the escape \\3 is not known here; there are \\n \\t \\r \\a \\b \\f \\v \\\\ \\\" \\' \\65 \\x41 (character "
        "12 of \"data.t == '\\300'\")"},
    {APL_GUARD_TRUTH, "data.t == '\\0'",
        "bad-text: when: this text is not valid UTF-8, or has a zero byte in it (character 11 of \"data.t == '\\0'\")"},
    {APL_GUARD_TRUTH, "data.m == $x", "guard-syntax: when: \"$\" means nothing here (character 11 of \"data.m == $x\")"},
    {APL_GUARD_TRUTH, "data.m == €", "guard-syntax: when: \"€\" means nothing here (character 11 of \"data.m == €\")"},
    {APL_GUARD_TRUTH, "data. == 7",
        "guard-syntax: when: behind the point of a path stands a name, found == (character 7 of \"data. == 7\")"},
    {APL_GUARD_TRUTH, "data.5 == 7",
        "guard-syntax: when: behind the point of a path stands a name, found 5 (character 6 of \"data.5 == 7\")"},
    {APL_GUARD_TRUTH, "data.m. == 7",
        "guard-syntax: when: behind the point of a path stands a name, found == (character 9 of \"data.m. == 7\")"},
    {APL_GUARD_TRUTH, "if data.b then",
        "guard-syntax: when: \"if\" belongs into a function; a text is one expression (character 1 of \"if data.b then\")"},
    {APL_GUARD_TRUTH, "function() end",
        "guard-syntax: when: \"function\" belongs into a function; a text is one expression (character 1 of \"function() end\")"},
    {APL_GUARD_TRUTH, "and data.b", "guard-syntax: when: something is missing before \"and\" (character 1 of \"and data.b\")"},
    {APL_GUARD_TRUTH, "foo(data.m)",
        "unknown-name: when: there is no question foo(…); there are is_in, time_in, count, has, len, contains, of clocks elapsed, "
        "left, target, "
        "deadline, is_running and is_breached, and of rotas on_duty and nobody_on_duty; everything else is for a function (character 1 of "
        "\"foo(data.m)\")"},
    {APL_GUARD_TRUTH, "hsa(data.m)",
        "unknown-name: when: there is no question hsa(…); did you mean \"has\"? (character 1 of \"hsa(data.m)\")"},
    {APL_GUARD_TRUTH, "is_in(data.t)",
        "guard-syntax: when: is_in takes a text, as in is_in(\"path.of.state\"), found data (character 7 of \"is_in(data.t)\")"},
    {APL_GUARD_TRUTH, "count()", "guard-syntax: when: count takes a text, as in count(\"counter\"), found ) (character 7 of \"count()\")"},
    {APL_GUARD_TRUTH, "left()", "guard-syntax: when: left takes a text, as in left(\"clock\"), found ) (character 6 of \"left()\")"},
    {APL_GUARD_TRUTH, "time_in('done', 'all') > '1h'",
        "not-a-choice: when: time_in: \"stay\" or \"total\" was expected, found 'all' (character 17 of \"time_in('done', 'all') > '1h'\")"},
    {APL_GUARD_TRUTH, "time_in('done', data.t) > '1h'",
        "not-a-choice: when: time_in: \"stay\" or \"total\" was expected, found data (character 17 of \"time_in('done', data.t) > '1h'\")"},
    {APL_GUARD_TRUTH, "is_in('done', 'x')", "guard-syntax: when: \")\" was expected, found , (character 13 of \"is_in('done', 'x')\")"},
    {APL_GUARD_TRUTH, "contains(data.tags)", "guard-syntax: when: \",\" was expected, found ) (character 19 of \"contains(data.tags)\")"},
    {APL_GUARD_TRUTH, "has(data.m", "guard-syntax: when: \")\" was expected, found the end (character 11 of \"has(data.m\")"},
    {APL_GUARD_ACTIONS, "data.m + 1",
        "guard-syntax: when: \"=\" was expected, found +; an action that is text assigns, as data.x = 1 (character 8 of \"data.m + 1\")"},
    {APL_GUARD_ACTIONS, "raise('x')",
        "guard-syntax: when: a text assigns, as data.x = 1; what is to be asked of the world belongs into a function (character 1 of "
        "\"raise('x')\")"},
    {APL_GUARD_ACTIONS, "data.m == 1",
        "guard-syntax: when: \"=\" was expected, found ==; an action that is text assigns, as data.x = 1 (character 8 of \"data.m == 1\")"},
    {APL_GUARD_ACTIONS, "5 = data.m",
        "guard-syntax: when: an assignment was expected, as data.x = 1, found 5 (character 1 of \"5 = data.m\")"},
    {APL_GUARD_ACTIONS, "data.m = 1 data.n = 2",
        "guard-syntax: when: an operator was expected, found data (character 12 of \"data.m = 1 data.n = 2\")"},
    {APL_GUARD_ACTIONS, "data.m = ; data.n = 2",
        "guard-syntax: when: a value was expected, found ; (character 10 of \"data.m = ; data.n = 2\")"},
    {APL_GUARD_ACTIONS, "data.m += 1",
        "guard-syntax: when: \"=\" was expected, found +; an action that is text assigns, as data.x = 1 (character 8 of \"data.m += 1\")"},
    {APL_GUARD_ACTIONS, "data.m = 1, 2", "guard-syntax: when: an operator was expected, found , (character 11 of \"data.m = 1, 2\")"},
};

static void what_cannot_be_read_is_told_to_the_letter(void **state) {
	(void)state;
	stage s;
	stage_open(&s);
	size_t wrong = 0;
	for (size_t i = 0; i < sizeof wrong_texts / sizeof *wrong_texts; i++) {
		const wrong_case *c = &wrong_texts[i];
		apl_guard *guard = stage_guard(&s, c->form, c->text, APL_GUARD_ANY_SCALAR);
		if (guard == NULL && strcmp(s.said, c->said) == 0) continue;
		print_error("%s\nsays     %s\nexpected %s\n", c->text, guard != NULL ? "nothing" : s.said, c->said);
		wrong++;
	}
	stage_close(&s);
	assert_int_equal(wrong, 0);
}

/* ---- how parts hang together ------------------------------------------------------ */

/* With every pair of parentheses that the tree has. */
static void print_tree(const apl_guard *guard, uint32_t number, char *out, size_t size) {
	apl_guard_part part;
	apl_guard_part_at(guard, number, &part);
	if (part.kind != APL_GUARD_OPERATION) {
		size_t used = strlen(out);
		snprintf(out + used, size - used, "%.*s", (int)part.size, part.text);
		return;
	}
	strncat(out, "(", size - strlen(out) - 1);
	if (part.right == APL_GUARD_NO_PART) strncat(out, part.word, size - strlen(out) - 1);
	print_tree(guard, part.left, out, size);
	if (part.right != APL_GUARD_NO_PART) {
		strncat(out, part.word, size - strlen(out) - 1);
		print_tree(guard, part.right, out, size);
	}
	strncat(out, ")", size - strlen(out) - 1);
}

static void operators_bind_as_in_lua(void **state) {
	(void)state;
	static const struct {
		const char *text, *tree;
	} cases[] = {
	    {"data.m + 1 * 2 == 3", "((data.m+(1*2))==3)"},
	    {"(data.m + 1) * 2 == 3", "(((data.m+1)*2)==3)"},
	    {"data.m - 1 - 2 == 3", "(((data.m-1)-2)==3)"},
	    {"data.m - (1 - 2) == 3", "((data.m-(1-2))==3)"},
	    {"data.m // 2 * 3 % 4 / 5 > 1", "(((((data.m//2)*3)%4)/5)>1)"},
	    {"-data.m * 2 == - 3", "(((-data.m)*2)==(-3))"},
	    {"not data.b == data.yes", "((notdata.b)==data.yes)"},
	    {"not data.b and data.yes or data.b", "(((notdata.b)anddata.yes)ordata.b)"},
	    {"data.b or data.yes and data.b", "(data.bor(data.yesanddata.b))"},
	    {"data.b and data.yes and data.b", "((data.banddata.yes)anddata.b)"},
	    {"1 < 2 == true ~= false", "(((1<2)==true)~=false)"},
	    {"data.m + 1 < data.m * 2 and #data.tags >= - 1 + 2", "(((data.m+1)<(data.m*2))and((#data.tags)>=((-1)+2)))"},
	    {"not not (data.b or data.yes)", "(not(not(data.bordata.yes)))"},
	};
	stage s;
	stage_open(&s);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char tree[512] = "";
		apl_guard *guard = stage_guard(&s, APL_GUARD_TRUTH, cases[i].text, APL_GUARD_ANY_SCALAR);
		if (guard == NULL) fail_msg("%s: %s", cases[i].text, s.said);
		print_tree(guard, apl_guard_parts(guard) - 1, tree, sizeof tree);
		assert_string_equal(tree, cases[i].tree);
	}
	stage_close(&s);
}

/* ---- limits -------------------------------------------------------------------------- */

static char *repeat(char *out, const char *first, const char *again, int count, const char *last) {
	strcpy(out, first);
	for (int i = 0; i < count; i++) strcat(out, again);
	return strcat(out, last);
}

static void what_is_too_long_or_too_deep_is_refused(void **state) {
	(void)state;
	static char text[16384];
	stage s;
	stage_open(&s);
	struct {
		const char *first, *again, *last;
		int most;         /* so many are accepted, one more is not */
		const char *said; /* how the refusal begins */
	} cases[] = {
	    {"data.b", " or data.b", "", 63,
	        "limit-guard: when: the text is nested more than 64 deep, or joins more than that in one row; use parentheses or a function"},
	    {"", "(", "data.b", 64, "limit-guard: when: parentheses and signs are nested more than 64 deep; use a function"},
	    {"", "not ", "data.b", 63, "limit-guard: when: the text is nested more than 64 deep"},
	    {"data.b == (data.m == ", " ", "7)", 4073, "limit-guard: when: the text has 4097 bytes, and at most 4096 are read; use a function"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (int more = 0; more < 2; more++) {
			repeat(text, cases[i].first, cases[i].again, cases[i].most + more, cases[i].last);
			for (int n = 0; i == 1 && n < cases[i].most + more; n++) strcat(text, ")");
			apl_guard *guard = stage_guard(&s, APL_GUARD_TRUTH, text, APL_GUARD_ANY_SCALAR);
			if ((guard != NULL) != (more == 0)) fail_msg("%s: %s", cases[i].said, s.said);
			if (more) assert_memory_equal(s.said, cases[i].said, strlen(cases[i].said));
		}
	}
	/* 4 parts each, and 100 of them are 400; the next 25 are the 500. */
	repeat(text, "", "data.m = data.m + 1;", 100, "");
	assert_non_null(stage_guard(&s, APL_GUARD_ACTIONS, text, APL_GUARD_ANY_SCALAR));
	repeat(text, "", "data.m = data.m + 1;", 101, "");
	assert_null(stage_guard(&s, APL_GUARD_ACTIONS, text, APL_GUARD_ANY_SCALAR));
	assert_non_null(strstr(s.said, "limit-guard: when: the text has more than 500 parts; use a function (character 2001 of \""));
	/* Hostile: nothing overflows, whatever is nested. */
	memset(text, '(', 4096);
	text[4096] = '\0';
	assert_null(stage_guard(&s, APL_GUARD_TRUTH, text, APL_GUARD_ANY_SCALAR));
	memset(text, '-', 4096);
	for (int i = 1; i < 4096; i += 2) text[i] = ' ';
	assert_null(stage_guard(&s, APL_GUARD_TRUTH, text, APL_GUARD_ANY_SCALAR));
	stage_close(&s);
}

static void parsing_fails_whole_at_every_request(void **state) {
	(void)state;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap), system = apl_alloc_system();
	const char *text = "data.m = data.m + 1; data.t = \"a\"; data.b = contains(data.tags, 'x') and not is_in('done')";
	stage s;
	stage_open(&s);
	int code = APLOMB_ENOMEM;
	for (uint64_t fail_at = 1; code == APLOMB_ENOMEM; fail_at++) {
		apl_arena arena;
		apl_findings findings;
		apl_guard *guard = NULL;
		apl_arena_init(&arena, &alloc);
		apl_findings_init(&findings, &system);
		heap.fail_at = heap.calls + fail_at;
		const apl_guard_text given = {text, strlen(text), "act", {"p.lua", 7, 3}, true};
		code = apl_guard_parse(&guard, &arena, APL_GUARD_ACTIONS, &given, &findings);
		if (code == APLOMB_OK) code = apl_guard_type(guard, &s.scope, APL_GUARD_ANY_SCALAR, &findings);
		heap.fail_at = 0;
		assert_int_equal(findings.count, 0);
		apl_findings_dispose(&findings);
		apl_arena_dispose(&arena);
	}
	assert_int_equal(code, APLOMB_OK);
	assert_int_equal(heap.blocks, 0);
	stage_close(&s);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_cannot_be_read_is_told_to_the_letter),
	    cmocka_unit_test(operators_bind_as_in_lua),
	    cmocka_unit_test(what_is_too_long_or_too_deep_is_refused),
	    cmocka_unit_test(parsing_fails_whole_at_every_request),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
