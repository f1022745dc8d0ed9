/* SPDX-License-Identifier: MIT */
/* What is asked of a case in Lua is answered and leaves nothing behind; a statement is a step with an entry of its own. */
#include "late.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

#include "../test_heap.h"

/* Two modules: one that anybody may use, one that keeps something in a variable outside of its functions. */
#define DESK                                                                                                                               \
	"{\"aplomb\":\"playbook\",\"files\":[{\"name\":\"desk.lua\",\"text\":\""                                                               \
	"local limits = require \\\"shop.limits\\\"\\nlocal counts = require \\\"shop.counts\\\"\\n"                                           \
	"return playbook \\\"desk\\\" {\\n"                                                                                                    \
	"  params = { refund_limit = money { default = \\\"40.00 GBP\\\" }, patience = span { default = \\\"15m\\\" } },\\n"                   \
	"  data = { n = integer { default = 3, max = 100 }, value = money {}, wait = span {}, due = instant {}, note = text {},\\n"            \
	"    half = number { default = 0.5 }, flag = boolean {}, cause = one_of { \\\"stress\\\", \\\"product\\\" },\\n"                       \
	"    list = list { of = text {} }, any = any {}, address = fields { city = text {}, floor = integer {} } },\\n"                        \
	"  event \\\"go\\\" { tone = number {}, text = text {} },\\n  event \\\"bare\\\" {},\\n  event \\\"end\\\" {},\\n"                     \
	"  effect \\\"say\\\" { text = text {} },\\n  counter \\\"goes\\\" { of = \\\"go\\\" },\\n"                                            \
	"  initial = \\\"a\\\",\\n"                                                                                                            \
	"  state \\\"a\\\" { always { to = \\\"b\\\", when = \\\"data.n > 50\\\" }, on \\\"go\\\" {}, on \\\"bare\\\" {},\\n"                  \
	"    on \\\"end\\\" { to = \\\"over\\\" }, after \\\"10m\\\" { act = \\\"data.note = 'waited'\\\" } },\\n"                             \
	"  state \\\"b\\\" { on \\\"go\\\" { act = function(case) return case:time_in(\\\"b\\\") end } },\\n"                                  \
	"  final \\\"over\\\" {},\\n}\\n\"},"                                                                                                  \
	"{\"name\":\"shop/counts.lua\",\"text\":\"local n = 0\\nreturn { next = function() n = n + 1 return n end }\"},"                       \
	"{\"name\":\"shop/limits.lua\",\"text\":\"return { most = 7, deep = { er = { 1 } }, twice = function(n) return n * 2 end "             \
	"}\"}],\"v\":1}"

typedef struct desk {
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	aplomb_error error;
} desk;

static void tell_finding(const aplomb_finding *finding, void *payload) {
	(void)payload;
	fail_msg("%s:%u: %s [%s]", finding->file, finding->line, finding->message, finding->slug);
}

static desk open_desk(aplomb_options *given) {
	desk d = {0};
	aplomb_options own = APLOMB_OPTIONS_INIT, *options = given != NULL ? given : &own;
	options->time_follows_events = true;
	options->rehearsal = given == NULL || options->rehearsal;
	assert_int_equal(aplomb_open(&d.rt, options, &d.error), APLOMB_OK);
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	load.path = "desk.lua";
	load.source = DESK;
	load.source_size = strlen(DESK);
	load.on_finding = tell_finding;
	assert_int_equal(aplomb_load(d.rt, &load, &d.playbook, &d.error), APLOMB_OK);
	return d;
}

static void post(desk *d, const char *name, aplomb_instant at, const char *data, const char *open) {
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = "c";
	event.playbook = "desk";
	event.name = name;
	event.by = "customer";
	event.has_at = true;
	event.at = at;
	event.data = data;
	event.open = open;
	if (aplomb_post_wait(d->rt, &event, NULL, &d->error) != APLOMB_OK) fail_msg("%s", d->error.message);
}

#define OPENING                                                                                                                            \
	"{\"data\":{\"value\":\"30.00 GBP\",\"wait\":\"2h\",\"due\":\"2026-04-01T09:00:00Z\",\"list\":[\"x\",\"y\"],\"any\":{\"k\":[1,2.5]},"  \
	"\"address\":{\"city\":\"Bath\"}}}"

static desk open_case(void) {
	desk d = open_desk(NULL);
	post(&d, "go", AT_NINE, "{\"tone\":-0.5,\"text\":\"Where is it?\"}", OPENING);
	return d;
}

static int keep_last(const char *text, size_t size, void *payload) {
	free(*(char **)payload);
	*(char **)payload = strndup(text, size);
	return 0;
}

/* Not inlined: gcc takes what is found in the line for something in the variable that it came out of. */
static __attribute__((noinline)) char *last_line(const desk *d) {
	char *line = NULL;
	assert_int_equal(aplomb_journal_each(d->rt, "c", keep_last, &line, NULL), APLOMB_OK);
	return line;
}

/* Everything that the case is. */
static char *snapshot(const desk *d) {
	char *json = NULL;
	size_t size;
	assert_int_equal(aplomb_case_snapshot(d->rt, "c", &json, &size, NULL), APLOMB_OK);
	char *copy = strdup(json);
	aplomb_text_free(d->rt, json);
	return copy;
}

/* "text|json|literal", or "slug: message", with "line:column " before it when it has a place; into a static buffer. */
static const char *asked(desk *d, const char *text) {
	static char out[4096];
	aplomb_expression *expression = NULL;
	aplomb_answer answer = APLOMB_ANSWER_INIT;
	aplomb_error error = {0};
	int code = aplomb_expression_read(d->rt, d->playbook, text, 0, &expression, &error);
	bool was_read = code == APLOMB_OK;
	if (code == APLOMB_OK) code = aplomb_expression_answer(expression, "c", NULL, 0, &answer, &error);
	if (code != APLOMB_OK) {
		assert_true(code == APLOMB_EINVAL || code == APLOMB_ELIMIT);
		snprintf(out, sizeof out, "%s%u:%u %s: %s", was_read ? "" : "read ", error.line, error.column, error.slug, error.message);
	} else {
		assert_int_equal(strlen(answer.text), answer.text_size);
		if (answer.json != NULL) assert_int_equal(strlen(answer.json), answer.json_size);
		if (answer.literal != NULL) assert_int_equal(strlen(answer.literal), answer.literal_size);
		snprintf(out, sizeof out, "%s%.3000s|%.400s|%.400s", answer.is_there ? "" : "-", answer.text,
		    answer.json != NULL ? answer.json : "", answer.literal != NULL ? answer.literal : "");
	}
	aplomb_expression_free(expression);
	return out;
}

typedef struct question {
	const char *text;
	const char *answer;
} question;

/* All are asked before the test fails, and the case is what it was. */
static void check_questions(desk *d, const question *questions, size_t count) {
	char *before = snapshot(d), *line = last_line(d);
	int wrong = 0;
	for (size_t i = 0; i < count; i++) {
		const char *answer = asked(d, questions[i].text);
		size_t size = strlen(questions[i].answer);
		bool is_cut = size > 3 && strcmp(questions[i].answer + size - 3, "…") == 0;
		if (is_cut ? strncmp(answer, questions[i].answer, size - 3) == 0 : strcmp(answer, questions[i].answer) == 0) continue;
		print_error("%s\n  expected %s\n  found    %s\n", questions[i].text, questions[i].answer, answer);
		wrong++;
	}
	char *after = snapshot(d), *now = last_line(d);
	assert_string_equal(before, after);
	assert_string_equal(line, now);
	free(before);
	free(after);
	free(line);
	free(now);
	assert_int_equal(wrong, 0);
}
#define CHECK(d, questions) check_questions((d), (questions), sizeof(questions) / sizeof *(questions))

static void an_expression_is_answered_as_people_read_it(void **state) {
	(void)state;
	desk d = open_case();
	static const question questions[] = {
	    /* Texts of guards: typed, and what is missing is told from false. */
	    {"data.n", "3|3|3"},
	    {"data.value", "30.00 GBP|\"30.00 GBP\"|money \"30.00 GBP\""},
	    {"data.value <= params.refund_limit", "true|true|true"},
	    {"data.value + '1.50 GBP'", "31.50 GBP|\"31.50 GBP\"|money \"31.50 GBP\""},
	    {"data.wait", "2h|\"2h\"|7200000000"},
	    {"data.due", "2026-04-01T09:00:00Z|\"2026-04-01T09:00:00Z\"|1775034000000000"},
	    {"now", "2026-03-31T09:00:00Z|\"2026-03-31T09:00:00Z\"|1774947600000000"},
	    {"data.due - case.now", "1d|\"1d\"|86400000000"},
	    {"data.note", "-missing||"},
	    {"data.flag", "-unknown||"},
	    {"not data.flag", "-unknown||"},
	    {"has(data.flag)", "false|false|false"},
	    {"data.cause == 'stress'", "-unknown||"},
	    {"event.text", "\"Where is it?\"|\"Where is it?\"|\"Where is it?\""},
	    {"event.name", "\"go\"|\"go\"|\"go\""},
	    {"event.by", "\"customer\"|\"customer\"|\"customer\""},
	    {"event.tone", "-0.5|-0.5|-0.5"},
	    {"is_in('a')", "true|true|true"},
	    {"count('goes')", "1|1|1"},
	    {"time_in('a') < '1m'", "true|true|true"},
	    {"1 / 4", "0.25|0.25|0.25"},
	    /* Lua. */
	    {"data.note or 'none'", "\"none\"|\"none\"|\"none\""},
	    {"nil", "nil|null|nil"},
	    {"data.list", "{ \"x\", \"y\" }|[\"x\",\"y\"]|{ \"x\", \"y\" }"},
	    {"#data.list", "2|2|2"},
	    {"data.any.k[2]", "2.5|2.5|2.5"},
	    {"data.any", "{ k = { 1, 2.5 } }|{\"k\":[1,2.5]}|{ k = { 1, 2.5 } }"},
	    {"data.address", "{ city = \"Bath\" }|{\"city\":\"Bath\"}|{ city = \"Bath\" }"},
	    {"event",
	        "{ text = \"Where is it?\", tone = -0.5 }|{\"text\":\"Where is it?\",\"tone\":-0.5}|{ text = \"Where is it?\", tone = -0.5 }"},
	    {"params", "{ patience = \"15m\", refund_limit = \"40.00 GBP\" }|{\"patience\":\"15m\",\"refund_limit\":\"40.00 GBP\"}|"
	               "{ patience = 900000000, refund_limit = money \"40.00 GBP\" }"},
	    {"{ data.value, data.wait }", "{ \"30.00 GBP\", 7200000000 }|[\"30.00 GBP\",7200000000]|{ money \"30.00 GBP\", 7200000000 }"},
	    {"{ b = 1, a = 2, ['x y'] = 3, ['end'] = 4, 5 }",
	        "{ 5, a = 2, b = 1, [\"end\"] = 4, [\"x y\"] = 3 }||{ 5, a = 2, b = 1, [\"end\"] = 4, [\"x y\"] = 3 }"},
	    {"'tab\\t\"quoted\" \\xff é'", "\"tab\\t\\\"quoted\\\" \\xff é\"||\"tab\\t\\\"quoted\\\" \\xff é\""},
	    {"1e100, -0.0", "1e100, -0.0|1e100|1e100"},
	    {"math.mininteger", "math.mininteger|-9223372036854775808|math.mininteger"},
	    {"math.huge", "math.huge||math.huge"},
	    {"('abc'):find('b')", "2, 2|2|2"},
	    {"(function() end)()", "-nothing||"},
	    {"function() return 1 end", "a function||"},
	    {"{ f = tostring }", "{ f = a function }||"},
	    {"{}", "{}|{}|{}"},
	    {"case.id", "\"c\"|\"c\"|\"c\""},
	    {"case", "the case||"},
	    {"case:is_in('a') and case:count('goes') == 1", "true|true|true"},
	    {"case:time_in('a')", "0|0|0"},
	    {"string.rep('ab', 3)", "\"ababab\"|\"ababab\"|\"ababab\""},
	    {"len('höre')", "4|4|4"},
	    {"contains(data.list, 'y') and not contains('abc', 'x')", "true|true|true"},
	    {"data.list[1] .. '!' -- and a comment", "\"x!\"|\"x!\"|\"x!\""},
	    {"money '3.00 GBP' + money '4.00 GBP'", "7.00 GBP|\"7.00 GBP\"|money \"7.00 GBP\""},
	    {"(function()\n  local sum = 0\n  for i = 1, 4 do sum = sum + i end\n  return sum\nend)()", "10|10|10"},
	    /* Modules of the playbook. */
	    {"limits.most", "7|7|7"},
	    {"require('shop.limits').twice(limits.most)", "14|14|14"},
	    {"limits", "module \"shop.limits\"||"},
	    {"string", "a library||"},
	};
	CHECK(&d, questions);
	aplomb_close(d.rt);
}

static void what_is_wrong_with_an_expression_has_a_place_and_a_way_out(void **state) {
	(void)state;
	desk d = open_case();
	static const question questions[] = {
	    {"", "read 1:1 aside-empty: there is nothing in this expression"},
	    {" -- nothing", "read 1:1 aside-empty: there is nothing in this expression"},
	    {"1 +", "read 1:4 lua-syntax: unexpected symbol near <eof>"},
	    {"#", "read 1:2 lua-syntax: unexpected symbol near <eof>"},
	    {"1 + 2 ^ 3", "read 1:7 bad-operator: …"},
	    {"1 + )", "read 1:5 lua-syntax: unexpected symbol near ')'"},
	    {"data.n = 5", "read 1:8 lua-syntax: <eof> expected near '='"},
	    {"{\n  1,\n  end }", "read 3:3 lua-syntax: …"},
	    {"1; local x = 2", "read 1:4 lua-syntax: <eof> expected near 'local'"},
	    {"data.vlaue", "1:0 unknown-field: data has no field \"vlaue\"; did you mean \"value\"?"},
	    {"dta.n", "1:0 unknown-name: \"dta\" is no name here; did you mean \"data\"?"},
	    {"n", "1:0 unknown-name: \"n\" is a field of the case: data.n"},
	    {"limit.most", "1:0 unknown-name: \"limit\" is no name here; did you mean \"limits\"?"},
	    {"pcall(function() end)", "1:0 unknown-name: \"pcall\" is no name here…"},
	    {"is_in('nope')", "1:0 unknown-state: playbook \"desk\" has no state \"nope\""},
	    {"data.n // (data.n - 3)", "1:1 guard-division: …"},
	    {"1 < 'x'", "1:0 lua-error: attempt to compare number with string"},
	    {"(function()\n\n  error('mine')\nend)()", "3:0 lua-error: mine"},
	    {"error({ message = 'of a table' })", "1:0 lua-error: of a table"},
	    {"error(setmetatable)", "1:0 unknown-name: \"setmetatable\" is no name here…"},
	    {"error()", "1:0 lua-error: an error without a message"},
	    {"state 's' {}", "1:0 outside-load: …"},
	    {"require 'shop.other'", "1:0 outside-load: the playbook does not require \"shop.other\"; …"},
	    {"require 'shop.counts'", "1:0 module-impure: module \"shop.counts\" cannot be used here: …"},
	    {"counts.next()", "1:0 unknown-name: \"counts\" is not to be had by this name; …"},
	};
	CHECK(&d, questions);
	aplomb_close(d.rt);
}

static void an_expression_may_look_and_not_touch(void **state) {
	(void)state;
	desk d = open_case();
#define TOUCHES(what)                                                                                                                      \
	"1:0 expression-writes: an expression may look but not touch: " what                                                                   \
	" in a statement, in rehearsal; a real case changes only through events"
	static const question questions[] = {
	    {"(function() data.n = 5 end)()", TOUCHES("data.n is to be written")},
	    {"(function() case.data.n = 5 end)()", TOUCHES("data.n is to be written")},
	    {"(function() data.address.city = 'York' end)()", TOUCHES("data.city is to be written")},
	    {"table.insert(data.list, 'z')", TOUCHES("data.list is to be changed")},
	    {"(function() data.any.k[1] = 9 return data.any end)()", TOUCHES("data.any is to be changed")},
	    {"case:effect('say', { text = 'x' })", TOUCHES("case:effect is to be called")},
	    {"case:raise('go')", TOUCHES("case:raise is to be called")},
	    {"case:send { event = 'go' }", TOUCHES("case:send is to be called")},
	    {"case:cancel('x')", TOUCHES("case:cancel is to be called")},
	    {"case:log('info', 'x')", TOUCHES("case:log is to be called")},
	    {"math.random()", TOUCHES("math.random uses up a number of the case, which is to be drawn")},
	    {"(function() params.patience = 5 end)()", "1:0 locked: params cannot be changed; only case.data can"},
	    {"(function() event.text = 'x' end)()", "1:0 locked: event cannot be changed; only case.data can"},
	    {"(function() case.id = 'x' end)()", "1:0 locked: case.id cannot be set; …"},
	    {"(function() string.upper = nil end)()", "1:0 locked: string cannot be changed"},
	    {"(function() limits.most = 8 end)()", "1:0 locked: …"},
	    {"(function() limits.deep.er = 8 end)()", "1:0 frozen-table: …"},
	    {"(function() limits.deep.er[2] = 8 end)()", "1:0 frozen-table: …"},
	    {"table.insert(limits.deep.er, 8)", "1:0 frozen-table: …"},
	    {"(function() x = 5 end)()",
	        "1:0 global-assignment: \"x\" would be a global variable, and there is none here; write \"local x = …\""},
	    {"(function() data = {} end)()", "1:0 global-assignment: …"},
	    {"('').rep('x', 3)", "\"xxx\"|\"xxx\"|\"xxx\""},
	    /* Nothing of it is to be seen afterwards. */
	    {"{ string.upper('a'), limits.most, #limits.deep.er, #data.list, data.any.k[1], data.n }",
	        "{ \"A\", 7, 1, 2, 1, 3 }|[\"A\",7,1,2,1,3]|{ \"A\", 7, 1, 2, 1, 3 }"},
	};
	CHECK(&d, questions);
	aplomb_close(d.rt);
}

static void a_hostile_expression_ends_and_leaves_the_case_as_it_was(void **state) {
	(void)state;
	desk d = open_case();
	static const question questions[] = {
	    {"(function() while true do end end)()", "1:0 limit-instructions: more than 1000000 instructions in one step"},
	    {"(function()\n  repeat until false\nend)()", "2:0 limit-instructions: …"},
	    {"(function() local t = {} for i = 1, 1e9 do t[i] = { i } end end)()", "1:0 limit-…"},
	    {"(function() local s = 'x' for i = 1, 60 do s = s .. s end return s end)()",
	        "1:0 limit-text: a text would have more than 1048576 bytes"},
	    {"string.rep('x', 1e10)", "1:0 …"},
	    {"string.rep('x', 1 << 40)", "1:0 out-of-bounds: …"},
	    {"(function() local function f() return 1 + f() end return f() end)()", "1:0 limit-stack: …"},
	    {"(function() local function f(x) return (x:gsub('.', f)) end return f('x') end)()", "1:0 lua-error: …"},
	    {"(function() local t = {} t.t = t return t end)()", "{ t = { t = …"},
	    {"(function() local t = {} for i = 1, 20 do t = { t, t, t, t } end return t end)()", "{ { { …"},
	    {"(function() local t = {} for i = 1, 100000 do t[i] = 'some text' end return t end)()", "{ \"some text\", \"some text\", …"},
	};
	CHECK(&d, questions);
	/* It goes on as if nothing had been. */
	post(&d, "go", AT_NINE + MINUTE, "{\"tone\":0.5}", NULL);
	assert_string_equal(asked(&d, "count('goes')"), "2|2|2");
	assert_string_equal(asked(&d, "event.text"), "-missing||");
	aplomb_close(d.rt);
}

static void a_long_answer_is_cut_and_says_so(void **state) {
	(void)state;
	desk d = open_case();
	aplomb_expression *expression;
	aplomb_answer answer = APLOMB_ANSWER_INIT;
	assert_int_equal(aplomb_expression_read(d.rt, d.playbook, "('ü'):rep(20000)", 0, &expression, NULL), APLOMB_OK);
	assert_int_equal(aplomb_expression_answer(expression, "c", NULL, 0, &answer, NULL), APLOMB_OK);
	assert_true(answer.is_cut);
	assert_true(answer.text_size < 17000);
	assert_string_equal(answer.text + answer.text_size - 3, "…");
	assert_int_equal(answer.json_size, 40002);
	assert_int_equal(answer.literal_size, 40002);
	aplomb_expression_free(expression);
	aplomb_close(d.rt);
}

static void an_expression_is_read_once_and_asked_often(void **state) {
	(void)state;
	desk d = open_case();
	aplomb_expression *text, *lua;
	aplomb_answer answer = APLOMB_ANSWER_INIT;
	assert_int_equal(aplomb_expression_read(d.rt, d.playbook, "count('goes') >= 3", 0, &text, NULL), APLOMB_OK);
	assert_int_equal(aplomb_expression_read(d.rt, d.playbook, "event and event.text or 'nothing'", 0, &lua, NULL), APLOMB_OK);
	for (int i = 1; i <= 4; i++) {
		assert_int_equal(aplomb_expression_answer(text, "c", NULL, 0, &answer, NULL), APLOMB_OK);
		assert_int_equal(answer.kind, APLOMB_BOOLEAN);
		assert_int_equal(answer.truth, i >= 3);
		char data[64], expected[64];
		snprintf(data, sizeof data, "{\"text\":\"number %d\"}", i + 1);
		post(&d, "go", AT_NINE + i * MINUTE, data, NULL);
		snprintf(expected, sizeof expected, "\"number %d\"", i + 1);
		assert_int_equal(aplomb_expression_answer(lua, "c", NULL, 0, &answer, NULL), APLOMB_OK);
		assert_string_equal(answer.json, expected);
	}
	aplomb_expression_free(lua);
	aplomb_expression_free(text);
	aplomb_close(d.rt);
}

static void the_newest_event_is_that_of_the_line_that_is_given(void **state) {
	(void)state;
	desk d = open_case();
	char *first = last_line(&d);
	post(&d, "go", AT_NINE + MINUTE, "{\"text\":\"Hello?\"}", NULL);
	aplomb_expression *expression;
	aplomb_answer answer = APLOMB_ANSWER_INIT;
	assert_int_equal(aplomb_expression_read(d.rt, d.playbook, "event.text", 0, &expression, NULL), APLOMB_OK);
	assert_int_equal(aplomb_expression_answer(expression, "c", first, strlen(first), &answer, NULL), APLOMB_OK);
	assert_string_equal(answer.text, "\"Where is it?\"");
	assert_int_equal(aplomb_expression_answer(expression, "c", NULL, 0, &answer, NULL), APLOMB_OK);
	assert_string_equal(answer.text, "\"Hello?\"");
	/* A statement has none, so the one before it is still the newest; a timer's has no data. */
	assert_int_equal(aplomb_case_run(d.rt, "c", "data.n = 4", 0, NULL, NULL), APLOMB_OK);
	assert_int_equal(aplomb_expression_answer(expression, "c", NULL, 0, &answer, NULL), APLOMB_OK);
	assert_string_equal(answer.text, "\"Hello?\"");
	assert_int_equal(aplomb_turn_clock(d.rt, AT_NINE + 30 * MINUTE, NULL), APLOMB_OK);
	assert_int_equal(aplomb_pump(d.rt, 0, NULL, NULL), APLOMB_OK);
	assert_int_equal(aplomb_expression_answer(expression, "c", NULL, 0, &answer, NULL), APLOMB_OK);
	assert_false(answer.is_there);
	assert_int_equal(answer.kind, APLOMB_ABSENT);
	assert_int_equal(aplomb_expression_answer(expression, "c", "{", 1, &answer, &d.error), APLOMB_EJSON);
	aplomb_expression_free(expression);
	free(first);
	aplomb_close(d.rt);
}

/* Adds to [out] what stands in the text between the two; all of it when they are empty. Returns how much is there. */
static size_t add_between(char *out, size_t used, size_t room, const char *text, const char *from, const char *to) {
	const char *begin = strstr(text, from);
	assert_non_null(begin);
	begin += strlen(from);
	const char *end = *to != '\0' ? strstr(begin, to) : begin + strlen(begin);
	assert_non_null(end);
	size_t size = (size_t)(end - begin);
	assert_true(used + size < room);
	memcpy(out + used, begin, size);
	out[used + size] = '\0';
	return used + size;
}

/* The statement's entry, up to the digest, and the items; or the mistake. In a static buffer. */
static const char *ran(desk *d, const char *text) {
	static char out[2048];
	uint64_t seq = 0;
	aplomb_error error = {0};
	char *before = snapshot(d), *line = last_line(d);
	int code = aplomb_case_run(d->rt, "c", text, 0, &seq, &error);
	if (code == APLOMB_OK) {
		free(line);
		line = last_line(d);
		size_t used = add_between(out, 0, sizeof out, line, "\"cause\":", ",\"digest\"");
		used = add_between(out, used, sizeof out, " ", "", "");
		add_between(out, used, sizeof out, line, "\"items\":", ",\"prev\"");
		aplomb_case_info info = APLOMB_CASE_INFO_INIT;
		assert_int_equal(aplomb_case_get(d->rt, "c", &info, NULL), APLOMB_OK);
		assert_int_equal(seq, info.seq);
	} else {
		assert_true(code == APLOMB_EINVAL || code == APLOMB_ELIMIT);
		char *after = snapshot(d), *now = last_line(d);
		assert_string_equal(before, after);
		assert_string_equal(line, now);
		free(after);
		free(now);
		snprintf(out, sizeof out, "%u:%u %s: %s", error.line, error.column, error.slug, error.message);
	}
	free(before);
	free(line);
	return out;
}

static void a_statement_is_a_step_with_an_entry_of_its_own(void **state) {
	(void)state;
	desk d = open_case();
	assert_string_equal(ran(&d, "data.n = 5"), "{\"statement\":\"data.n = 5\"} [],\"kind\":\"statement\"");
	assert_string_equal(asked(&d, "data.n"), "5|5|5");
	ran(&d, "data.value = '12.00 GBP'; data.wait = data.wait + '1h'; data.cause = 'stress'");
	assert_string_equal(asked(&d, "data.value"), "12.00 GBP|\"12.00 GBP\"|money \"12.00 GBP\"");
	assert_string_equal(asked(&d, "data.wait"), "3h|\"3h\"|10800000000");
	assert_string_equal(ran(&d, "local most = limits.most\nfor i = 1, most do data.n = data.n + 1 end\ntable.insert(data.list, 'z')"),
	    "{\"statement\":\"local most = limits.most\\nfor i = 1, most do data.n = data.n + 1 end\\ntable.insert(data.list, 'z')\"} "
	    "[],\"kind\":\"statement\"");
	assert_string_equal(asked(&d, "{ data.n, #data.list }"), "{ 12, 3 }|[12,3]|{ 12, 3 }");
	assert_string_equal(ran(&d, "case:effect('say', { text = 'x' }, { because = 'I try' })"),
	    "{\"statement\":\"case:effect('say', { text = 'x' }, { because = 'I try' })\"} "
	    "[{\"because\":\"I try\",\"data\":{\"text\":\"x\"},\"do\":\"effect\",\"kind\":\"say\"}],\"kind\":\"statement\"");
	/* What is raised is taken, and eventless transitions follow. */
	assert_non_null(strstr(ran(&d, "case:raise('bare')"), "\"do\":\"raise\",\"event\":\"bare\"},{\"do\":\"transition\""));
	assert_non_null(strstr(ran(&d, "data.n = 60"), "{\"active\":[\"b\"],\"do\":\"state\"}"));
	assert_true(aplomb_case_is_in(d.rt, "c", "b"));
	aplomb_close(d.rt);
}

static void a_statement_that_errs_never_was(void **state) {
	(void)state;
	desk d = open_case();
	static const question statements[] = {
	    {"", "1:1 aside-empty: there is nothing in this statement"},
	    {"data.n =", "1:9 lua-syntax: unexpected symbol near <eof>"},
	    {"data.n = 500", "1:0 out-of-bounds: data.n: expected at most 100, found 500"},
	    {"local n = 500 data.n = n", "1:0 out-of-bounds: …"},
	    {"data.n = 7\ndata.vlaue = 1", "2:0 unknown-field: data has no field \"vlaue\"; did you mean \"value\"?"},
	    {"data.n = 'many'", "1:…"},
	    {"data.n = 7\ncase:effect('say', { text = 'x' })\nerror('after all')", "3:0 lua-error: after all"},
	    {"data.n = 7\nwhile true do end", "2:0 limit-instructions: …"},
	    {"data.n = 7 return data.n", "1:0 wrong-answer: a statement answers nothing, but this one returned an integer; …"},
	    {"data.note = event.text", "1:1 statement-event: a statement is a step of its own, without an event; write what it is to have"},
	    {"local e = event", "1:0 statement-event: …"},
	    {"# data.n = 5", "1:1 lua-syntax: …"},
	    {"x = 5", "1:0 global-assignment: …"},
	    {"for i = 1, 2000 do case:raise('bare') end", "1:0 limit-internal-events: …"},
	    {"for i = 1, 300 do case:effect('say', {}) end", "1:0 limit-effects: …"},
	};
	int wrong = 0;
	for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
		const char *answer = ran(&d, statements[i].text);
		size_t size = strlen(statements[i].answer);
		bool is_cut = size > 3 && strcmp(statements[i].answer + size - 3, "…") == 0;
		if (is_cut ? strncmp(answer, statements[i].answer, size - 3) == 0 : strcmp(answer, statements[i].answer) == 0) continue;
		print_error("%s\n  expected %s\n  found    %s\n", statements[i].text, statements[i].answer, answer);
		wrong++;
	}
	assert_int_equal(wrong, 0);
	aplomb_close(d.rt);
}

static void what_is_due_comes_before_a_statement(void **state) {
	(void)state;
	desk d = open_case();
	assert_int_equal(aplomb_turn_clock(d.rt, AT_NINE + 20 * MINUTE, NULL), APLOMB_OK);
	ran(&d, "data.note = data.note .. ', then tried'");
	assert_string_equal(asked(&d, "data.note"), "\"waited, then tried\"|\"waited, then tried\"|\"waited, then tried\"");
	aplomb_close(d.rt);
}

static void gather_name(const char *name, const char *note, void *payload) {
	char *names = payload;
	if (strlen(note) == 0) fail_msg("%s has no note", name);
	assert_true(strlen(names) + strlen(name) + 2 < 4096);
	strcat(names, name);
	strcat(names, " ");
}

/* The names behind the owner, each with a blank behind it, in a static buffer. */
static const char *names_of(desk *d, const char *owner) {
	static char names[4096];
	names[0] = '\0';
	assert_int_equal(aplomb_expression_names(d->rt, d->playbook, owner, gather_name, names, &d->error), APLOMB_OK);
	return names;
}

static void names_are_told_for_whoever_completes_them(void **state) {
	(void)state;
	desk d = open_case();
	assert_string_equal(names_of(&d, "data"), "address any cause due flag half list n note value wait ");
	assert_string_equal(names_of(&d, "data.address"), "city floor ");
	assert_string_equal(names_of(&d, "case.data.address"), "city floor ");
	assert_string_equal(names_of(&d, "params"), "patience refund_limit ");
	assert_string_equal(names_of(&d, "event"), "text tone by invoke id name ");
	assert_string_equal(names_of(&d, "limits"), "deep most twice ");
	assert_string_equal(names_of(&d, "counts"), "");
	assert_string_equal(names_of(&d, "data.n"), "");
	assert_string_equal(names_of(&d, "nothing"), "");
	assert_non_null(strstr(names_of(&d, "case"), "is_in "));
	assert_non_null(strstr(names_of(&d, "string"), "upper "));
	assert_string_equal(names_of(&d, NULL), "case clock contains count data event has is_in len money now params require time_in "
	                                        "assert error ipairs next pairs select tonumber tostring type math string table utf8 limits ");
	/* Each that an expression can begin with means something in one. */
	char all[4096];
	strcpy(all, names_of(&d, ""));
	for (char *name = strtok(all, " "); name != NULL; name = strtok(NULL, " "))
		if (strstr(asked(&d, name), "unknown-name") != NULL) fail_msg("%s is told, and means nothing", name);
	aplomb_close(d.rt);
}

typedef struct kept_lines {
	char *line[32];
	size_t count;
} kept_lines;

static int keep_all(const char *text, size_t size, void *payload) {
	kept_lines *to = payload;
	assert_true(to->count < sizeof to->line / sizeof *to->line);
	to->line[to->count++] = strndup(text, size);
	return 0;
}

static void a_replay_tries_it_again(void **state) {
	(void)state;
	desk d = open_case();
	ran(&d, "data.n = 7");
	ran(&d, "case:effect('say', { text = 'x' })\ncase:raise('bare')\ntable.insert(data.list, tostring(now))");
	post(&d, "go", AT_NINE + MINUTE, NULL, NULL);
	ran(&d, "data.n = 60");
	kept_lines lines = {0};
	assert_int_equal(aplomb_journal_each(d.rt, "c", keep_all, &lines, NULL), APLOMB_OK);
	aplomb_close(d.rt);

	d = open_desk(NULL);
	aplomb_replayed out = APLOMB_REPLAYED_INIT;
	for (size_t i = 0; i < lines.count; i++) {
		if (aplomb_replay(d.rt, d.playbook, lines.line[i], strlen(lines.line[i]), &out, &d.error) != APLOMB_OK)
			fail_msg("%s", d.error.message);
		if (!out.same) fail_msg("%s\n%s", lines.line[i], out.text);
	}
	assert_true(aplomb_case_is_in(d.rt, "c", "b"));
	assert_int_equal(aplomb_case_forget(d.rt, "c", NULL), APLOMB_OK);

	/* On another version it fails, and says so. */
	aplomb_playbook *late = load_late(d.rt);
	assert_int_equal(aplomb_replay(d.rt, late, lines.line[0], strlen(lines.line[0]), &out, &d.error), APLOMB_EREFUSED);
	for (size_t i = 0; i < lines.count; i++) free(lines.line[i]);
	aplomb_close(d.rt);
}

static void a_replayed_statement_that_fails_says_so(void **state) {
	(void)state;
	desk d = open_desk(NULL);
	post(&d, "go", AT_NINE, NULL, NULL);
	char *line = last_line(&d);
	ran(&d, "data.n = 7");
	char *tried = last_line(&d);
	char *n = strstr(tried, "data.n");
	assert_non_null(n);
	n[5] = 'm';
	assert_int_equal(aplomb_case_forget(d.rt, "c", NULL), APLOMB_OK);
	post(&d, "go", AT_NINE, NULL, NULL);
	aplomb_replayed out = APLOMB_REPLAYED_INIT;
	assert_int_equal(aplomb_replay(d.rt, d.playbook, tried, strlen(tried), &out, &d.error), APLOMB_EREFUSED);
	assert_string_equal(d.error.slug, "replay-statement");
	assert_non_null(strstr(d.error.message, "entry 3: the statement fails here, in line 1: data has no field \"m\""));
	char *now = last_line(&d);
	assert_string_equal(now, line);
	free(now);
	free(line);
	free(tried);
	aplomb_close(d.rt);
}

static aplomb_runtime *to_interrupt;

static void on_alarm(int number) {
	(void)number;
	aplomb_interrupt(to_interrupt);
}

static void set_alarm(void) {
	/* Again and again: on a busy machine the first one may come before there is anything to interrupt. */
	const struct itimerval soon = {{0, 20000}, {0, 20000}};
	assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
}

static void what_runs_too_long_for_somebody_can_be_interrupted(void **state) {
	(void)state;
	aplomb_limits limits = {.size = sizeof limits, .instructions = UINT64_C(1) << 60};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.limits = &limits;
	options.rehearsal = true;
	desk d = open_desk(&options);
	post(&d, "go", AT_NINE, NULL, OPENING);
	char *before = snapshot(&d);
	struct sigaction action = {.sa_handler = on_alarm}, old;
	to_interrupt = d.rt;
	assert_int_equal(sigaction(SIGALRM, &action, &old), 0);

	aplomb_expression *expression;
	aplomb_answer answer = APLOMB_ANSWER_INIT;
	assert_int_equal(aplomb_expression_read(d.rt, d.playbook, "(function() while true do end end)()", 0, &expression, NULL), APLOMB_OK);
	set_alarm();
	assert_int_equal(aplomb_expression_answer(expression, "c", NULL, 0, &answer, &d.error), APLOMB_EINTERRUPTED);
	set_alarm();
	assert_int_equal(aplomb_case_run(d.rt, "c", "data.n = 7 while true do end", 0, NULL, &d.error), APLOMB_EINTERRUPTED);
	const struct itimerval never = {{0, 0}, {0, 0}};
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	assert_string_equal(d.error.slug, "interrupted");
	sigaction(SIGALRM, &old, NULL);
	aplomb_expression_free(expression);

	char *after = snapshot(&d);
	assert_string_equal(before, after);
	assert_string_equal(asked(&d, "data.n"), "3|3|3");
	ran(&d, "data.n = 4");
	assert_string_equal(asked(&d, "data.n"), "4|4|4");
	free(before);
	free(after);
	aplomb_close(d.rt);
}

static void a_closed_case_is_asked_and_not_changed(void **state) {
	(void)state;
	desk d = open_case();
	post(&d, "end", AT_NINE + MINUTE, NULL, NULL);
	assert_string_equal(asked(&d, "{ data.n, event.name }"), "{ 3, \"end\" }|[3,\"end\"]|{ 3, \"end\" }");
	assert_int_equal(aplomb_case_run(d.rt, "c", "data.n = 5", 0, NULL, &d.error), APLOMB_EREFUSED);
	assert_string_equal(d.error.slug, "case-closed");
	aplomb_close(d.rt);
}

static void a_real_case_changes_through_events_only(void **state) {
	(void)state;
	aplomb_options options = APLOMB_OPTIONS_INIT;
	desk d = open_desk(&options);
	post(&d, "go", AT_NINE, NULL, NULL);
	assert_int_equal(aplomb_case_run(d.rt, "c", "data.n = 5", 0, NULL, &d.error), APLOMB_EINVAL);
	assert_string_equal(d.error.slug, "no-rehearsal");
	assert_string_equal(asked(&d, "data.n"), "3|3|3");
	aplomb_close(d.rt);
}

static void of_a_chart_from_scxml_one_asks_what_its_own_code_sees(void **state) {
	(void)state;
	static const char document[] = "<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" version=\"1.0\" datamodel=\"lua\" initial=\"s\">"
	                               "<datamodel><data id=\"Var1\" expr=\"{ 1, 2 }\"/></datamodel>"
	                               "<state id=\"s\"><transition cond=\"Var1[1] == 7\" target=\"t\"/></state><state id=\"t\"/></scxml>";
	desk d = {0};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.time_follows_events = options.rehearsal = true;
	assert_int_equal(aplomb_open(&d.rt, &options, &d.error), APLOMB_OK);
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	load.path = "chart.scxml";
	load.source = document;
	load.source_size = strlen(document);
	assert_int_equal(aplomb_load(d.rt, &load, &d.playbook, &d.error), APLOMB_OK);
	aplomb_event opening = APLOMB_EVENT_INIT;
	opening.case_id = "c";
	opening.playbook = "chart";
	assert_int_equal(aplomb_case_open(d.rt, &opening, NULL, &d.error), APLOMB_OK);
	aplomb_pump(d.rt, 0, NULL, NULL);
	static const question questions[] = {
	    {"Var1", "{ 1, 2 }|[1,2]|{ 1, 2 }"},
	    {"Var1[1] + #Var1", "3|3|3"},
	    {"In('s') and not In('t')", "true|true|true"},
	    {"_event", "nil|null|nil"},
	    {"Var2", "nil|null|nil"},
	    {"(function() Var1 = 5 end)()", "1:0 expression-writes: …"},
	    {"(function() Var1[1] = 5 end)()", "1:0 expression-writes: …"},
	};
	CHECK(&d, questions);
	assert_string_equal(names_of(&d, ""), "");
	assert_non_null(strstr(ran(&d, "Var1[1] = 7"), "{\"active\":[\"t\"],\"do\":\"state\"}"));
	aplomb_close(d.rt);
}

static void an_expression_is_for_the_playbook_it_was_read_for(void **state) {
	(void)state;
	desk d = open_desk(NULL);
	aplomb_playbook *late = load_late(d.rt);
	post(&d, "go", AT_NINE, NULL, NULL);
	aplomb_expression *expression;
	aplomb_answer answer = APLOMB_ANSWER_INIT;
	assert_int_equal(aplomb_expression_read(d.rt, late, "data.said", 0, &expression, NULL), APLOMB_OK);
	assert_int_equal(aplomb_expression_answer(expression, "c", NULL, 0, &answer, &d.error), APLOMB_EINVAL);
	assert_string_equal(d.error.slug, "other-playbook");
	assert_int_equal(aplomb_expression_answer(expression, "nobody", NULL, 0, &answer, &d.error), APLOMB_ENOTFOUND);
	assert_int_equal(aplomb_expression_answer(expression, "c", NULL, 0, NULL, &d.error), APLOMB_EINVAL);
	answer.size = 0;
	aplomb_expression_free(expression);
	aplomb_expression_free(NULL);
	aplomb_close(d.rt);
}

static void what_is_kept_for_asking_is_not_taken_from_the_case(void **state) {
	(void)state;
	/* So little memory that a large expression would show if it counted. */
	aplomb_limits limits = {.size = sizeof limits, .memory = 200 * 1000};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.limits = &limits;
	options.rehearsal = true;
	desk d = open_desk(&options);
	post(&d, "go", AT_NINE, NULL, NULL);
	enum { MANY = 40 };
	aplomb_expression *expressions[MANY];
	char text[2048] = "#'";
	memset(text + 2, 'x', sizeof text - 4);
	text[sizeof text - 3] = '\'';
	for (int i = 0; i < MANY; i++) assert_int_equal(aplomb_expression_read(d.rt, d.playbook, text, 0, &expressions[i], NULL), APLOMB_OK);
	static const char fits[] = "#('x'):rep(90000)";
	assert_string_equal(asked(&d, fits), "90000|90000|90000");
	for (int i = 0; i < MANY; i++) aplomb_expression_free(expressions[i]);
	assert_string_equal(asked(&d, fits), "90000|90000|90000");
	assert_non_null(strstr(asked(&d, "#('x'):rep(900000)"), "limit-memory"));
	aplomb_close(d.rt);
}

static void a_text_is_whole_when_lua_would_read_no_further(void **state) {
	(void)state;
	aplomb_runtime *rt;
	assert_int_equal(aplomb_open(&rt, NULL, NULL), APLOMB_OK);
	static const char *const whole[] = {"1 + 1", "data.n = 5", "local x = 1", "for i = 1, 3 do\n  f(i)\nend", "", "1 +* 2", "end", NULL};
	static const char *const open[] = {
	    "1 +", "data.n =", "for i = 1, 3 do", "function f()", "{ 1,", "f(", "[[long", "if x then\n  y()", NULL};
	for (int i = 0; whole[i] != NULL; i++) {
		if (!aplomb_is_whole(rt, whole[i], 0)) fail_msg("%s is whole", whole[i]);
	}
	for (int i = 0; open[i] != NULL; i++) {
		if (aplomb_is_whole(rt, open[i], 0)) fail_msg("%s is not whole", open[i]);
	}
	assert_false(aplomb_is_whole(rt, "f(1)", 2));
	aplomb_close(rt);
}

static void without_memory_nothing_is_left(void **state) {
	(void)state;
	test_heap heap = {0};
	aplomb_allocator allocator = test_heap_allocator(&heap);
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.allocator = &allocator;
	options.rehearsal = true;
	desk d = open_desk(&options);
	post(&d, "go", AT_NINE, "{\"text\":\"Where is it?\"}", OPENING);
	char *before = snapshot(&d);
	static const char *const texts[] = {"data.value", "{ data, event, limits.twice(3), #data.list }"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		for (uint64_t nth = 1;; nth++) {
			aplomb_expression *expression = NULL;
			aplomb_answer answer = APLOMB_ANSWER_INIT;
			heap.calls = 0;
			heap.fail_at = nth;
			int code = aplomb_expression_read(d.rt, d.playbook, texts[i], 0, &expression, &d.error);
			if (code == APLOMB_OK) code = aplomb_expression_answer(expression, "c", NULL, 0, &answer, &d.error);
			heap.fail_at = 0;
			aplomb_expression_free(expression);
			if (code == APLOMB_OK) break;
			assert_int_equal(code, APLOMB_ENOMEM);
		}
	}
	for (uint64_t nth = 1;; nth++) {
		heap.calls = 0;
		heap.fail_at = nth;
		int code = aplomb_case_run(d.rt, "c", "local n = 60 data.n = n case:effect('say', {})", 0, NULL, &d.error);
		heap.fail_at = 0;
		if (code == APLOMB_OK) break;
		assert_true(code == APLOMB_ENOMEM || code == APLOMB_ESTORE);
		char *now = snapshot(&d);
		assert_string_equal(before, now);
		free(now);
	}
	assert_true(aplomb_case_is_in(d.rt, "c", "b"));
	free(before);
	aplomb_close(d.rt);
	assert_int_equal(heap.blocks, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_expression_is_answered_as_people_read_it),
	    cmocka_unit_test(what_is_wrong_with_an_expression_has_a_place_and_a_way_out),
	    cmocka_unit_test(an_expression_may_look_and_not_touch),
	    cmocka_unit_test(a_hostile_expression_ends_and_leaves_the_case_as_it_was),
	    cmocka_unit_test(a_long_answer_is_cut_and_says_so),
	    cmocka_unit_test(an_expression_is_read_once_and_asked_often),
	    cmocka_unit_test(the_newest_event_is_that_of_the_line_that_is_given),
	    cmocka_unit_test(a_statement_is_a_step_with_an_entry_of_its_own),
	    cmocka_unit_test(a_statement_that_errs_never_was),
	    cmocka_unit_test(what_is_due_comes_before_a_statement),
	    cmocka_unit_test(names_are_told_for_whoever_completes_them),
	    cmocka_unit_test(a_replay_tries_it_again),
	    cmocka_unit_test(a_replayed_statement_that_fails_says_so),
	    cmocka_unit_test(what_runs_too_long_for_somebody_can_be_interrupted),
	    cmocka_unit_test(a_closed_case_is_asked_and_not_changed),
	    cmocka_unit_test(a_real_case_changes_through_events_only),
	    cmocka_unit_test(of_a_chart_from_scxml_one_asks_what_its_own_code_sees),
	    cmocka_unit_test(an_expression_is_for_the_playbook_it_was_read_for),
	    cmocka_unit_test(what_is_kept_for_asking_is_not_taken_from_the_case),
	    cmocka_unit_test(a_text_is_whole_when_lua_would_read_no_further),
	    cmocka_unit_test(without_memory_nothing_is_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
