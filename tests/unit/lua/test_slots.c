/* SPDX-License-Identifier: MIT */
/*
 * Variables of a chart from SCXML that have slots, beside the same chart whose
 * variables have none: its functions reach them by names that are known only
 * when they run, so that the table of all variables is made and written back in every turn.
 * Random charts, and what random charts rarely meet.
 */
#include <stdio.h>
#include <string.h>

#include "../test_rounds.h"
#include "base/hash.h"
#include "book.h"
#include "lua/host.h"
#include "lua/quick.h"

static uint64_t random_state;
static uint64_t below(uint64_t bound) {
	return apl_random_next(&random_state) % bound;
}

/* ---- the same chart in two spellings ------------------------------------------------------------ */

/* In [text] @x stands for the variable x: by its name, or looked up under it. */
static void spell(apl_buf *out, const char *text, bool by_name) {
	for (; *text != '\0'; text++) {
		if (*text != '@') {
			apl_buf_byte(out, *text);
		} else if (by_name) {
			apl_buf_byte(out, *++text);
		} else {
			apl_buf_format(out, "_ENV[name_%c]", *++text);
		}
	}
}

static const char frame[] = "local name_a, name_b, name_c, name_d, name_t, name_u = 'a', 'b', 'c', 'd', 't', 'u'\n"
                            "return playbook 'slots' { imported = 'scxml', initial = 'one',\n"
                            "data = { variables = any { default = {} } },\n"
                            "event 'go' { data = any {} }, event 'other' { data = any {} },\n";

/* An expression over variables; [depth] of it. */
static void add_expression(apl_buf *out, int depth) {
	static const char *const simple[] = {"@a", "@b", "@c", "@d", "1", "0", "-1", "0.5", "-0.0", "'k'", "nil", "true", "false", "1e308",
	    "9007199254740993", "@a", "@b", "_event.data", "'a text that is longer than those that Lua keeps once'", "{ 1, 2 }", "{ q = @a }"};
	static const char *const sums[] = {"+", "-", "*", "==", "<", "<=", "~=", "and", "or", "..", "//"};
	if (depth == 0 || below(3) == 0) {
		apl_buf_text(out, simple[below(sizeof simple / sizeof *simple)]);
		return;
	}
	apl_buf_byte(out, '(');
	add_expression(out, depth - 1);
	apl_buf_format(out, " %s ", sums[below(sizeof sums / sizeof *sums)]);
	add_expression(out, depth - 1);
	apl_buf_byte(out, ')');
}

static void add_statement(apl_buf *out) {
	static const char *const whole[] = {"@t = { n = 1, m = @a }", "@u = @t", "@t.n = @a", "@u[1] = 'x'", "@a = #@t",
	    "case.data.variables.a = 3", "case.data.variables.extra = @b", "@a = extra", "@b = case.data.variables.a",
	    "case.data.variables = { a = 1, b = 'w' }", "case.data.variables = nil", "@a = 0/0", "@b = 1/0", "@c = function() end",
	    "@d = '\\xff'", "for i = 1, 3 do @a = i end", "@a = math.max(1, 2)", "error('mine')", "@a, @b = @b, @a", "@c = _x",
	    "@d = _sessionid", "_name = 1", "@t = { @t }", "@a = string.rep('y', 300)",
	    "local keep = case.data.variables keep.a = 5 @b = 6 keep.b = 7", "math = 1", "@a = math.pi", "if In('two') then @a = 'two' end"};
	uint64_t kind = below(10);
	if (kind == 0) {
		apl_buf_text(out, whole[below(sizeof whole / sizeof *whole)]);
	} else {
		apl_buf_format(out, kind < 8 ? "@%c = " : "if @%c then @b = ", "abcd"[below(4)]);
		add_expression(out, 2);
		if (kind >= 8) APL_BUF_LITERAL(out, " end");
	}
	apl_buf_byte(out, ' ');
}

static void add_block(apl_buf *out, const char *word) {
	apl_buf_format(out, "%s function(case) ", word);
	for (uint64_t n = 1 + below(3); n > 0; n--) add_statement(out);
	apl_buf_byte(out, '\n');
	APL_BUF_LITERAL(out, "end");
}

static void add_transition(apl_buf *out, const char *event) {
	apl_buf_format(out, "on '%s' { %s", event, below(3) == 0 ? "" : below(2) ? "to = 'two', " : "to = 'one', ");
	if (below(3) > 0) {
		APL_BUF_LITERAL(out, "when = function() return ");
		add_expression(out, 2);
		APL_BUF_LITERAL(out, " end, ");
	}
	add_block(out, "act =");
	APL_BUF_LITERAL(out, " },\n");
}

static void add_chart(apl_buf *out) {
	apl_buf_text(out, frame);
	APL_BUF_LITERAL(out, "entry(function() @a = 0 @b = 1 end),\n");
	for (int s = 0; s < 2; s++) {
		apl_buf_format(out, "state '%s' {\n", s == 0 ? "one" : "two");
		if (below(2)) {
			add_block(out, "entry(");
			APL_BUF_LITERAL(out, "),\n");
		}
		for (uint64_t n = 1 + below(3); n > 0; n--) add_transition(out, below(3) ? "go" : "other");
		APL_BUF_LITERAL(out, "},\n");
	}
	APL_BUF_LITERAL(out, "}\n");
}

/* ---- two books ------------------------------------------------------------------------------------ */

static apl_lua *host_of(const book *b) {
	return b->program->self;
}

static int post(book *b, const char *case_id, const char *name, const char *data, const char *open) {
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = case_id;
	event.playbook = "slots";
	event.name = name;
	event.data = data;
	event.open = open;
	b->error = (aplomb_error){0};
	return apl_engine_post_wait(b->engine, &event, &b->receipt, &b->error);
}

/* The value of a text member in a line: its bytes are left out. */
static char *skip_text(char *at) {
	for (at++; *at != '"'; at++) at += *at == '\\';
	return at;
}

/*
 * What happened in the newest entry, with its digest: without what depends on
 * the playbook's text, which is its hash, and how Lua calls a variable in a message.
 */
static const char *newest(book *b, char *out, size_t size) {
	static const char message[] = "\"message\":";
	apl_buf_terminate(&b->lines);
	char *line = b->lines.bytes, *to = out;
	for (char *at = line; (at = strchr(at, '\n')) != NULL && at[1] != '\0';) line = ++at;
	const char *prev = strstr(line, "\"prev\":");
	assert_non_null(strstr(line, "\"digest\":"));
	for (char *at = line; *at != '\0' && *at != '\n'; at++) {
		if (at == prev) at = skip_text(at + strlen("\"prev\":")) + 1;
		if (strncmp(at, message, sizeof message - 1) == 0) at = skip_text(at + sizeof message - 1) + 1;
		assert_true((size_t)(to - out) + 1 < size);
		*to++ = *at;
	}
	*to = '\0';
	return out;
}

typedef struct tally {
	uint64_t events, alike, findings;
} tally;

static void compare(uint64_t seed, tally *sum) {
	static const char *const cases[] = {"a", "b", "c"};
	static const char *const opens[] = {
	    NULL, "{\"data\":{\"variables\":{\"a\":\"given\",\"other\":[1]}}}", "{\"data\":{\"variables\":{\"b\":null,\"t\":{\"n\":2}}}}"};
	static const char *const data[] = {NULL, "{\"data\":3}", "{\"data\":\"text\"}", "{\"data\":{\"deep\":[1]}}", "{\"data\":0.25}"};
	static char left[65536], right[65536];
	book one = {0}, other = {0}, third = {0};
	apl_alloc system = apl_alloc_system();
	apl_buf chart, spelled, unspelled;
	apl_buf_init(&chart, &system);
	apl_buf_init(&spelled, &system);
	apl_buf_init(&unspelled, &system);
	random_state = seed;
	add_chart(&chart);
	spell(&spelled, apl_buf_terminate(&chart), true);
	spell(&unspelled, apl_buf_terminate(&chart), false);
	book_open(&one, apl_buf_terminate(&spelled), NULL);
	book_open(&third, apl_buf_terminate(&spelled), NULL);
	book_open(&other, apl_buf_terminate(&unspelled), NULL);
	apl_quick_forget(host_of(&third));
	assert_non_null(one.program->data->spread);
	bool is_open[3] = {false, false, false};
	for (int i = 0; i < 40; i++) {
		uint64_t to = below(3);
		const char *name = below(3) ? "go" : "other", *with = data[below(5)], *open = is_open[to] ? NULL : opens[to];
		int code = post(&one, cases[to], name, with, open);
		assert_int_equal(post(&other, cases[to], name, with, open), code);
		assert_int_equal(post(&third, cases[to], name, with, open), code);
		is_open[to] = true;
		sum->events++;
		newest(&one, left, sizeof left);
		newest(&other, right, sizeof right);
		/* Answered without Lua or by Lua: the same to the byte. */
		assert_string_equal(apl_buf_terminate(&one.lines), apl_buf_terminate(&third.lines));
		sum->findings += strstr(left, "\"do\":\"finding\"") != NULL;
		if (strcmp(left, right) != 0) {
			print_error("seed %llu, event %d %s for %s:\n%s\nby name:  %s\nwithout:  %s\n", (unsigned long long)seed, i, name, cases[to],
			    spelled.bytes, left, right);
			fail();
		}
		sum->alike++;
	}
	book_close(&one);
	book_close(&other);
	book_close(&third);
	apl_buf_dispose(&chart);
	apl_buf_dispose(&spelled);
	apl_buf_dispose(&unspelled);
}

static void random_charts_come_to_the_same_with_and_without_slots(void **state) {
	(void)state;
	tally sum = {0};
	const int charts = APL_ROUNDS(120, 6);
	for (int seed = 1; seed <= charts; seed++) compare((uint64_t)seed, &sum);
	print_message(
	    "%d charts, %llu events alike, %llu with findings\n", charts, (unsigned long long)sum.alike, (unsigned long long)sum.findings);
	assert_true(sum.findings > 0);
}

/* ---- what random charts rarely meet -------------------------------------------------------------- */

/* The case's data after one step of a block, and the mistake that it made. */
typedef struct situation {
	const char *block; /* Lua */
	const char *variables;
	const char *mistake;
} situation;

static void rare_situations_end_as_the_page_says(void **state) {
	(void)state;
	static const situation situations[] = {
	    /* What a block wrote before an error stays, wherever it lies. */
	    {"a = 1 b = 'x' error('mine')", "{'a':1,'b':'x'}", "4 error-execution: mine"},
	    {"a = 1 made_up = 2 error('mine')", "{'a':1,'made_up':2}", "4 error-execution: mine"},
	    {"a = 1 t = { 1 } t[2] = a error('mine')", "{'a':1,'t':[1,1]}", "4 error-execution: mine"},
	    /* What no variable can hold is refused where it is assigned. */
	    {"a = 1 b = 0/0 c = 3", "{'a':1}", "4 wrong-type: data.variables.b: the number is not finite"},
	    {"a = 1 b = '\\xff' c = 3", "{'a':1}", "4 wrong-text: data.variables.b: the text is not valid UTF-8"},
	    {"a = 1 b = function() end", "{'a':1}",
	        "4 wrong-type: b: a function cannot be saved with the case, so no variable holds one; a local function above the playbook is "
	        "there for all cases"},
	    {"a = 1 _ENV['made'] = 1/0", "{'a':1}", "4 wrong-type: data.variables.made: the number is not finite"},
	    /* A table that is no value is found when the block is over; what came since a table was touched is lost. */
	    {"a = 1 t = { n = 1, 2 } b = 3", "{'a':1}",
	        "3 wrong-table: data.variables.t: the table is neither a list nor a map: [2] is missing and [n] is there"},
	    /* A name is what it is, whatever it looks like: a system variable, a library, a word while loading. */
	    {"math = 5 a = math", "{'a':5,'math':5}", ""},
	    {"state = 1 a = state", "{'a':1,'state':1}", ""},
	    {"a = _name", "{'a':'t'}", ""},
	    {"a = math.max(1, 2)", "{'a':2}", ""},
	    {"a = b == nil", "{'a':true}", ""},
	    /* A minus zero is a zero, as it would be in JSON. */
	    {"a = -0.0 b = 1 / a > 0", "{'a':0.0,'b':true}", ""},
	    {"a = 1 a = nil", "{}", ""},
	    {"a = 3 local all = case.data.variables all.b = a + 1 a = 5 c = all.a", "{'a':5,'b':4,'c':5}", ""},
	    {"case.data.variables = nil a = 1", "{'a':1}", ""},
	    {"case.data.variables = { a = 4 } b = a", "{'a':4,'b':4}", ""},
	    {"case.data.variables = 5 a = 1", "5",
	        "4 wrong-type: data.variables holds an integer; in an imported chart it is the table of its variables"},
	};
	bool is_good = true;
	for (size_t i = 0; i < sizeof situations / sizeof *situations; i++) {
		char source[1024];
		snprintf(source, sizeof source,
		    "return playbook 'slots' { imported = 'scxml', title = 't', data = { variables = any { default = {} } },\n"
		    "event 'go' { data = any {} },\nstate 's' { on 'go' { act = function(case)\n%s\nend } } }",
		    situations[i].block);
		book b = {0};
		book_open(&b, source, NULL);
		post(&b, "c", "go", NULL, NULL);
		char expected[512];
		snprintf(expected, sizeof expected, "{'variables':%s}", situations[i].variables);
		const char *mistake = mistake_of(&b);
		if (strcmp(data_of(&b), expected) != 0 || strcmp(mistake, situations[i].mistake) != 0) {
			print_error(
			    "%s\n  is   %s, \"%s\"\n  not  %s, \"%s\"\n", situations[i].block, data_of(&b), mistake, expected, situations[i].mistake);
			is_good = false;
		}
		book_close(&b);
	}
	assert_true(is_good);
}

static void the_limit_on_one_value_holds_for_all_variables_together(void **state) {
	(void)state;
	aplomb_limits limits = {.size = sizeof limits, .data = 64};
	static const char source[] = "return playbook 'slots' { imported = 'scxml', data = { variables = any { default = {} } },\n"
	                             "event 'go' { data = any {} },\n"
	                             "state 's' { on 'go' { act = function() if a then b = 'twenty characters, so' else a = 'thirty characters "
	                             "and a half!' end end } } }";
	book b = {0};
	book_open(&b, source, &limits);
	assert_int_equal(post(&b, "c", "go", NULL, NULL), APLOMB_OK);
	assert_string_equal(data_of(&b), "{'variables':{'a':'thirty characters and a half!'}}");
	post(&b, "c", "go", NULL, NULL);
	assert_true(b.receipt.faulted);
	assert_string_equal(data_of(&b), "{'variables':{'a':'thirty characters and a half!'}}");
	assert_text_has(line_of(&b), "data.variables: 65 bytes are more than the 64 that one value may have");
	book_close(&b);
}

/* Names beyond those that have slots, and names that are too long for one. */
static void variables_without_slots_are_variables_all_the_same(void **state) {
	(void)state;
	static char source[65536];
	apl_alloc system = apl_alloc_system();
	apl_buf text;
	apl_buf_init(&text, &system);
	APL_BUF_LITERAL(&text,
	    "return playbook 'slots' { imported = 'scxml', data = { variables = any { default = {} } }, event 'go' { data = any {} },\n"
	    "state 's' { on 'go' { act = { ");
	for (int i = 0; i < 300; i++) apl_buf_format(&text, "function() v%d = (v%d or %d) + 1 end, ", i, i, i);
	APL_BUF_LITERAL(&text, "function() a_name_that_is_longer_than_forty_characters_is_rare = v299 end } } } }");
	snprintf(source, sizeof source, "%s", apl_buf_terminate(&text));
	apl_buf_dispose(&text);
	book b = {0};
	book_open(&b, source, NULL);
	assert_int_equal(b.program->data->spread->n_slots, 256);
	post(&b, "c", "go", NULL, NULL);
	post(&b, "c", "go", NULL, NULL);
	assert_text_has(data_of(&b), "'a_name_that_is_longer_than_forty_characters_is_rare':301,");
	assert_text_has(data_of(&b), "'v0':2,'v1':3,'v10':12,");
	assert_text_has(data_of(&b), "'v98':100,'v99':101}}");
	book_close(&b);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_charts_come_to_the_same_with_and_without_slots),
	    cmocka_unit_test(rare_situations_end_as_the_page_says),
	    cmocka_unit_test(the_limit_on_one_value_holds_for_all_variables_together),
	    cmocka_unit_test(variables_without_slots_are_variables_all_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
