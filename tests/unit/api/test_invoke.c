/* SPDX-License-Identifier: MIT */
/* Child cases as a host sees them: begun with a state, ended with it, each with a journal that replays alone. */
#include "../test_cmocka.h"
#include "../test_heap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aplomb.h"
#include "host.h"

#define AT_NINE INT64_C(1774947600000000) /* 2026-03-31T09:00:00Z */
#define MINUTE INT64_C(60000000)

static const char check[] =
    "return playbook 'check' {\n"
    "  params = { strict = boolean { default = false } },\n"
    "  data = { amount = integer { required = true, max = 100 } },\n"
    "  event 'answer' { score = integer {} }, event 'question' { n = integer {} }, event 'weather' { sun = boolean {} }, event 'burn' {},\n"
    "  effect 'tidied' {},\n"
    "  state 'asking' {\n"
    "    entry(function(case) case:send { event = 'question', data = { n = case.data.amount }, to = 'parent' } end),\n"
    "    exit(function(case) case:effect('tidied') end),\n"
    "    on 'answer' { to = 'good', act = function(case, event) case.data.amount = event.score end },\n"
    "    on 'weather' { act = 'data.amount = 77' },\n"
    "    on 'burn' { act = function(case) while true do end end },\n"
    "    after '2h' { to = 'unknown' },\n"
    "  },\n"
    "  final 'good' { outcome = 'good', donedata = function(case) return { score = case.data.amount, by = case.parent } end },\n"
    "  final 'unknown' { outcome = 'unknown' },\n"
    "}\n";

static const char order[] =
    "return playbook 'order' {\n"
    "  data = { total = integer { default = 42 }, which = text { default = 'check' }, locale = text {}, heard = text { default = '' } },\n"
    "  event 'begin' {}, event 'leave' {}, event 'weather' { sun = boolean {} }, event 'question' { n = integer {} },\n"
    "  event 'answer' { score = integer {} }, event 'tell' { to = text {} },\n"
    "  state 'idle' {\n"
    "    on 'begin' { to = 'checking' },\n"
    "    on 'question' { act = \"data.heard = 'too late'\" },\n"
    "    on 'tell' { act = function(case, event) case:send { event = 'answer', data = { score = 9 }, to = event.to } case.data.heard = "
    "'went on' end },\n"
    "    on 'error.communication' { act = function(case, event) case.data.heard = case.data.heard .. ', ' .. event.slug end },\n"
    "  },\n"
    "  state 'checking' {\n"
    "    invoke(from 'data.which') {\n"
    "      id = 'credit', because = 'they pay later', autoforward = true,\n"
    "      data = { amount = from 'data.total' }, params = function(case) return { strict = true } end, locale = from 'data.locale',\n"
    "      finalize = function(case, event) case.data.heard = case.data.heard .. '<' .. event.name .. '>' end,\n"
    "    },\n"
    "    on 'question' {\n"
    "      when = function(case, event) return event.invoke == 'credit' and event.by == 'case:' .. case.id .. '/credit.2' end,\n"
    "      act = function(case, event) case.data.heard = case.data.heard .. event.n end,\n"
    "    },\n"
    "    on 'tell' { act = function(case, event) case:send { event = 'answer', data = { score = 9 }, to = event.to } end },\n"
    "    on 'done.invoke.credit' { to = 'over', act = function(case, event) case.data.heard = case.data.heard .. '!' .. event.data.score "
    ".. event.data.by end },\n"
    "    on 'error.invoke.credit' { to = 'idle', act = function(case, event) case.data.heard = case.data.heard .. event.slug end },\n"
    "    on 'error.execution' { to = 'idle', act = function(case, event) case.data.heard = event.message end },\n"
    "    on 'error.communication' { to = 'idle', act = function(case, event) case.data.heard = event.slug end },\n"
    "    on 'leave' { to = 'idle' },\n"
    "  },\n"
    "  final 'over' { outcome = 'over' },\n"
    "}\n";

/* ---- the stage ------------------------------------------------------------------- */

enum { MOST_LINES = 96 };

typedef struct stage {
	aplomb_runtime *rt;
	char *line[MOST_LINES]; /* of all cases, as they were committed */
	size_t count;
	int fails; /* so many commits do */
	int effects;
} stage;

static int keep_lines(const char *text, size_t size, void *payload) {
	stage *s = payload;
	if (s->fails > 0) {
		s->fails--;
		return 1;
	}
	for (const char *at = text; at < text + size;) {
		const char *end = memchr(at, '\n', (size_t)(text + size - at));
		assert_true(s->count < MOST_LINES);
		s->line[s->count++] = strndup(at, (size_t)(end - at));
		at = end + 1;
	}
	return 0;
}

static int take_effect(const aplomb_effect *effect, void *payload) {
	(void)effect;
	((stage *)payload)->effects++;
	return 0;
}

static void load(stage *s, const char *name, const char *source) {
	load_text(s->rt, name, source);
}

static void open_empty(stage *s, aplomb_options *options) {
	aplomb_options own = APLOMB_OPTIONS_INIT;
	aplomb_error error = {0};
	if (options == NULL) options = &own;
	options->time_follows_events = true;
	options->journal = keep_lines;
	options->journal_payload = s;
	if (aplomb_open(&s->rt, options, &error) != APLOMB_OK) fail_msg("%s", error.message);
}

static void open_stage(stage *s, aplomb_options *options) {
	open_empty(s, options);
	load(s, "check.lua", check);
	load(s, "order.lua", order);
	assert_int_equal(aplomb_on_effect(s->rt, "*", take_effect, s, NULL), APLOMB_OK);
}

static void close_stage(stage *s) {
	aplomb_close(s->rt);
	for (size_t i = 0; i < s->count; i++) free(s->line[i]);
	s->count = 0;
}

static int pump(stage *s) {
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	int code, first = APLOMB_OK;
	do {
		code = aplomb_pump(s->rt, 0, &report, NULL);
		if (first == APLOMB_OK) first = code;
	} while (code == APLOMB_OK && report.more);
	return first;
}

static int post(stage *s, const char *case_id, const char *name, aplomb_span at, const char *data, const char *open) {
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = case_id;
	event.playbook = strchr(case_id, '/') == NULL ? "order" : NULL;
	event.name = name;
	event.has_at = true;
	event.at = AT_NINE + at;
	event.data = data;
	event.open = open;
	event.by = "customer";
	return aplomb_post(s->rt, &event, NULL, NULL, NULL);
}

static void say(stage *s, const char *case_id, const char *name, aplomb_span at, const char *data) {
	assert_int_equal(post(s, case_id, name, at, data, NULL), APLOMB_OK);
	assert_int_equal(pump(s), APLOMB_OK);
}

static void open_with(stage *s, const char *open) {
	assert_int_equal(post(s, "c", "begin", 0, NULL, open), APLOMB_OK);
	assert_int_equal(pump(s), APLOMB_OK);
}

static const char *heard(stage *s) {
	static char text[512];
	char *json;
	size_t size;
	assert_int_equal(aplomb_case_data(s->rt, "c", &json, &size, NULL), APLOMB_OK);
	const char *from = strstr(json, "\"heard\":\"") + 9;
	snprintf(text, sizeof text, "%.*s", (int)(strchr(from, '"') - from), from);
	aplomb_text_free(s->rt, json);
	return text;
}

static bool says(const stage *s, const char *part) {
	for (size_t i = 0; i < s->count; i++)
		if (strstr(s->line[i], part) != NULL) return true;
	return false;
}

static void assert_a_line_says(const stage *s, const char *part) {
	if (says(s, part)) return;
	for (size_t i = 0; i < s->count; i++) print_message("%s\n", s->line[i]);
	fail_msg("no line has %s", part);
}

static void note_child(const char *invoke, const char *child, void *payload) {
	snprintf(payload, 64, "%s=%s", invoke, child);
}

static aplomb_case_status status_of(stage *s, const char *case_id) {
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	assert_int_equal(aplomb_case_get(s->rt, case_id, &info, NULL), APLOMB_OK);
	return info.status;
}

/*
 * Every line of the case [id] is stepped again in a runtime that knows [source]
 * alone, and is the same.
 */
static void replays_alone(const stage *from, const char *id, const char *name, const char *source) {
	stage s = {0};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.rehearsal = true;
	open_empty(&s, &options);
	load(&s, name, source);
	char of[80];
	snprintf(of, sizeof of, "\"case\":\"%s\",", id);
	for (size_t i = 0; i < from->count; i++) {
		const char *at = strstr(from->line[i], "\"case\":");
		if (strncmp(at, of, strlen(of)) != 0) continue;
		aplomb_replayed out = APLOMB_REPLAYED_INIT;
		aplomb_error error;
		if (aplomb_replay(s.rt, NULL, from->line[i], strlen(from->line[i]), &out, &error) != APLOMB_OK)
			fail_msg("%s: %s\n%s", error.slug, error.message, from->line[i]);
		if (!out.same) fail_msg("%s differs:\n%s\n%s", out.differs, from->line[i], out.text);
	}
	assert_int_equal(aplomb_cases(s.rt, NULL, NULL), 1);
	close_stage(&s);
}

static void all_replay(const stage *s, const char *child) {
	replays_alone(s, "c", "order.lua", order);
	if (child != NULL) replays_alone(s, child, "check.lua", check);
}

/* ---- a child's life ---------------------------------------------------------------- */

static void a_child_begins_when_its_parents_step_is_quiet_and_its_end_is_told(void **state) {
	(void)state;
	stage s = {0};
	open_stage(&s, NULL);
	open_with(&s, "{\"locale\":\"de\"}");
	assert_a_line_says(&s,
	    "\"items\":[{\"do\":\"transition\",\"from\":\"idle\",\"on\":\"begin\",\"place\":\"order.lua:6\",\"to\":[\"checking\"]},{"
	    "\"because\":\"they pay "
	    "later\",\"child\":\"c/"
	    "credit.2\",\"do\":\"invoke\",\"id\":\"credit\",\"open\":{\"data\":{\"amount\":42},\"locale\":\"de\",\"params\":{\"strict\":"
	    "true}},\"playbook\":{\"hash\":");
	char child[64] = "";
	assert_int_equal(aplomb_case_children(s.rt, "c", note_child, child), 1);
	assert_string_equal(child, "credit=c/credit.2");
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	assert_int_equal(aplomb_case_get(s.rt, "c/credit.2", &info, NULL), APLOMB_OK);
	assert_string_equal(info.parent, "c");
	assert_string_equal(info.invoke, "credit");
	assert_string_equal(aplomb_playbook_id(info.playbook), "check");
	assert_a_line_says(&s, "\"params\":{\"strict\":true},\"params_hash\":");
	assert_a_line_says(&s, "\"parent\":{\"case\":\"c\",\"depth\":1,\"invoke\":\"credit\"},\"playbook\":{");
	/* Its word came, and finalize was before the transition. */
	assert_string_equal(heard(&s), "<question>42");
	assert_a_line_says(&s, "\"cause\":{\"by\":\"case:c/credit.2\",\"data\":{\"n\":42},\"event\":\"question\",\"id\":\"c/credit.2/1/"
	                       "2\",\"invoke\":\"credit\"}");
	say(&s, "c/credit.2", "answer", MINUTE, "{\"score\":81}");
	assert_string_equal(heard(&s), "<question>42<done.invoke.credit>!81c");
	assert_int_equal(status_of(&s, "c"), APLOMB_CASE_CLOSED);
	assert_int_equal(status_of(&s, "c/credit.2"), APLOMB_CASE_CLOSED);
	assert_int_equal(aplomb_case_children(s.rt, "c", NULL, NULL), 0);
	assert_a_line_says(&s, "\"items\":[{\"child\":\"c/credit.2\",\"do\":\"ended\",\"id\":\"credit\"},{\"do\":\"transition\"");
	assert_false(says(&s, "\"cancelled\""));
	all_replay(&s, "c/credit.2");
	close_stage(&s);
}

static void a_state_that_is_left_takes_its_child_along_and_what_it_had_said_is_dropped(void **state) {
	(void)state;
	stage s = {0};
	open_stage(&s, NULL);
	/* Both in one batch: the child is opened and cancelled before it is heard. */
	assert_int_equal(post(&s, "c", "begin", 0, NULL, NULL), APLOMB_OK);
	assert_int_equal(post(&s, "c", "leave", MINUTE, NULL, NULL), APLOMB_OK);
	assert_int_equal(pump(&s), APLOMB_OK);
	assert_a_line_says(
	    &s, "{\"child\":\"c/credit.2\",\"do\":\"cancelled\",\"id\":\"credit\"},{\"do\":\"transition\",\"from\":\"checking\"");
	assert_a_line_says(&s, "\"case\":\"c/credit.2\",\"cause\":{\"by\":\"case:c\",\"invoke\":\"credit\"}");
	assert_a_line_says(&s,
	    "{\"do\":\"cancel\",\"timer\":\"after.asking.1\"},{\"active\":[],\"do\":\"state\"},{\"do\":\"closed\",\"outcome\":null}"
	    "],\"kind\":\"cancelled\"");
	assert_a_line_says(&s,
	    "\"event\":\"question\",\"id\":\"c/credit.2/1/2\",\"invoke\":\"credit\",\"message\":\"the invocation that this event "
	    "comes from is over\","
	    "\"slug\":\"invoke-over\"}");
	assert_string_equal(heard(&s), "");
	assert_int_equal(s.effects, 1); /* its exit block ran */
	assert_false(says(&s, "done.invoke"));
	assert_int_equal(status_of(&s, "c/credit.2"), APLOMB_CASE_CLOSED);
	all_replay(&s, "c/credit.2");
	/* The next one is another case. */
	say(&s, "c", "begin", 2 * MINUTE, NULL);
	assert_a_line_says(&s, "\"child\":\"c/credit.5\",\"do\":\"invoke\"");
	close_stage(&s);
}

static void a_parent_that_ends_takes_its_children_along(void **state) {
	(void)state;
	static const char twice[] = "return playbook 'order' {\n"
	                            "  event 'begin' {}, event 'leave' {},\n"
	                            "  state 'busy' {\n"
	                            "    invoke 'check' { data = { amount = 1 } },\n"
	                            "    parallel 'both' {\n"
	                            "      on 'leave' { to = 'over' },\n"
	                            "      state 'b' { invoke 'check' { id = 'second', data = { amount = 2 } }, always { to = 'b.gone', when = "
	                            "'false' }, state 'in' {}, state 'gone' {} },\n"
	                            "      state 'a' { invoke 'check' { data = { amount = 3 } } },\n"
	                            "      state 'never' { initial = 'x', state 'x' { invoke 'check' { data = { amount = 4 } }, always { to = "
	                            "'y' } }, state 'y' {} },\n"
	                            "    },\n"
	                            "  },\n"
	                            "  final 'over' { outcome = 'over' },\n"
	                            "}\n";
	stage s = {0};
	open_empty(&s, NULL);
	load(&s, "check.lua", check);
	load(&s, "order.lua", twice);
	say(&s, "c", "begin", 0, NULL);
	/* In the order of entry; a state that is left before the step is quiet invokes nobody. */
	const char *opened = NULL;
	for (size_t i = 0; i < s.count && opened == NULL; i++) opened = strstr(s.line[i], "\"do\":\"invoke\"") != NULL ? s.line[i] : NULL;
	assert_non_null(opened);
	const char *first = strstr(opened, "\"child\":\"c/busy.1.1\""), *second = strstr(opened, "\"child\":\"c/second.1\""),
	           *third = strstr(opened, "\"child\":\"c/busy.both.a.1.1\"");
	assert_true(first != NULL && second > first && third > second);
	assert_null(strstr(opened, "\"amount\":4"));
	assert_int_equal(aplomb_case_children(s.rt, "c", NULL, NULL), 3);
	say(&s, "c", "leave", MINUTE, NULL);
	assert_int_equal(status_of(&s, "c"), APLOMB_CASE_CLOSED);
	assert_int_equal(status_of(&s, "c/busy.1.1"), APLOMB_CASE_CLOSED);
	assert_int_equal(status_of(&s, "c/second.1"), APLOMB_CASE_CLOSED);
	assert_int_equal(status_of(&s, "c/busy.both.a.1.1"), APLOMB_CASE_CLOSED);
	replays_alone(&s, "c", "order.lua", twice);
	replays_alone(&s, "c/second.1", "check.lua", check);
	close_stage(&s);
}

/* ---- what does not begin ---------------------------------------------------------------- */

static void data_that_do_not_fit_are_a_mistake_and_nobody_is_invoked(void **state) {
	(void)state;
	stage s = {0};
	open_stage(&s, NULL);
	open_with(&s, "{\"data\":{\"total\":101}}");
	assert_string_equal(heard(&s), "invoke \\");
	assert_a_line_says(&s, "\"do\":\"finding\",\"file\":\"order.lua\",\"line\":12,\"message\":\"invoke \\\"credit\\\": data.amount");
	assert_true(aplomb_case_is_in(s.rt, "c", "idle"));
	assert_int_equal(aplomb_cases(s.rt, NULL, NULL), 1);
	all_replay(&s, NULL);
	close_stage(&s);
}

static void a_playbook_that_is_not_loaded_is_out_of_reach(void **state) {
	(void)state;
	stage s = {0};
	open_stage(&s, NULL);
	open_with(&s, "{\"data\":{\"which\":\"chekc\"}}");
	assert_string_equal(heard(&s), "unknown-playbook");
	assert_a_line_says(&s, "playbook \\\"chekc\\\" is not loaded; did you mean \\\"check\\\"?");
	assert_true(aplomb_case_is_in(s.rt, "c", "idle"));
	all_replay(&s, NULL);
	close_stage(&s);
}

static void what_an_action_of_an_invoke_gets_wrong_is_an_error_of_execution(void **state) {
	(void)state;
	static const char wrong[] =
	    "return playbook 'order' {\n"
	    "  data = { heard = text { default = '' } }, event 'begin' {},\n"
	    "  state 'a' {\n"
	    "    invoke 'check' { data = function(case) return { amount = nil + 1 } end },\n"
	    "    invoke 'check' { data = function(case) return { 1, 2 } end },\n"
	    "    invoke(function(case) return 7 end) { data = { amount = 1 } },\n"
	    "    on 'error.execution' { act = function(case, event) case.data.heard = case.data.heard .. event.line .. ' ' end },\n"
	    "  },\n"
	    "}\n";
	stage s = {0};
	open_empty(&s, NULL);
	load(&s, "check.lua", check);
	load(&s, "order.lua", wrong);
	say(&s, "c", "begin", 0, NULL);
	assert_string_equal(heard(&s), "4 5 6 ");
	assert_int_equal(aplomb_case_children(s.rt, "c", NULL, NULL), 0);
	replays_alone(&s, "c", "order.lua", wrong);
	close_stage(&s);
}

static void a_child_that_its_door_refuses_or_that_breaks_a_limit_is_told_as_an_error(void **state) {
	(void)state;
	stage s = {0};
	open_stage(&s, NULL);
	/* A locale is looked at when the case opens. */
	open_with(&s, "{\"data\":{\"locale\":\"0123456789012345678901234567890123456789012345678901234567890123456789\"}}");
	assert_string_equal(heard(&s), "<error.invoke.credit>wrong-type");
	assert_true(aplomb_case_is_in(s.rt, "c", "idle"));
	assert_int_equal(aplomb_cases(s.rt, NULL, NULL), 1);
	all_replay(&s, NULL);
	close_stage(&s);

	open_stage(&s, NULL);
	open_with(&s, NULL);
	say(&s, "c/credit.2", "burn", MINUTE, NULL);
	assert_int_equal(status_of(&s, "c/credit.2"), APLOMB_CASE_FAULTED);
	assert_string_equal(heard(&s), "<question>42<error.invoke.credit>limit-instructions");
	assert_true(aplomb_case_is_in(s.rt, "c", "idle"));
	all_replay(&s, "c/credit.2");
	close_stage(&s);
}

/* ---- speaking ----------------------------------------------------------------------------- */

static void a_child_hears_what_its_parent_sends_it_and_what_is_forwarded(void **state) {
	(void)state;
	stage s = {0};
	open_stage(&s, NULL);
	open_with(&s, NULL);
	say(&s, "c", "weather", MINUTE, "{\"sun\":true}");
	/* The same event, from the same sender; its own word came back to it, too, as SCXML has it, and nobody there took that. */
	assert_a_line_says(
	    &s, "\"case\":\"c/credit.2\",\"cause\":{\"by\":\"customer\",\"data\":{\"sun\":true},\"event\":\"weather\",\"id\":\"c/4/0\"}");
	assert_a_line_says(&s,
	    "\"case\":\"c/credit.2\",\"cause\":{\"by\":\"case:c/credit.2\",\"data\":{\"n\":42},\"event\":\"question\",\"id\":\"c/3/"
	    "0\",\"invoke\":\"credit\"}");
	/* What it does not declare it is spared. */
	assert_false(says(&s, "\"case\":\"c/credit.2\",\"cause\":{\"by\":\"customer\",\"data\":{},\"event\":\"tell\""));
	say(&s, "c", "tell", 2 * MINUTE, "{\"to\":\"child:credit\"}");
	assert_a_line_says(&s, "{\"data\":{\"score\":9},\"do\":\"send\",\"event\":\"answer\",\"to\":\"child:credit\"}");
	assert_string_equal(heard(&s), "<question>42<done.invoke.credit>!9c");
	all_replay(&s, "c/credit.2");
	close_stage(&s);
}

static void nobody_to_send_to_is_an_error_of_communication_and_the_function_goes_on(void **state) {
	(void)state;
	static const char *const nobody[] = {"{\"to\":\"parent\"}", "{\"to\":\"child:credit\"}", "{\"to\":\"child:\\u00e4\"}"};
	for (size_t i = 0; i < 3; i++) {
		stage s = {0};
		open_stage(&s, NULL);
		assert_int_equal(post(&s, "c", "tell", 0, nobody[i], NULL), APLOMB_OK);
		assert_int_equal(pump(&s), APLOMB_OK);
		assert_string_equal(heard(&s), "went on, not-reached");
		all_replay(&s, NULL);
		close_stage(&s);
	}
}

static void nobody_else_speaks_for_a_child(void **state) {
	(void)state;
	stage s = {0};
	open_stage(&s, NULL);
	open_with(&s, NULL);
	/* A stranger's word of that name is a person's who plays the child: then the child is over, and cancelled. */
	say(&s, "c", "done.invoke.credit", MINUTE, "{\"data\":{\"score\":1,\"by\":\"me\"}}");
	assert_string_equal(heard(&s), "<question>42<done.invoke.credit>!1me");
	assert_int_equal(status_of(&s, "c/credit.2"), APLOMB_CASE_CLOSED);
	assert_a_line_says(&s, "\"kind\":\"cancelled\"");
	all_replay(&s, "c/credit.2");
	close_stage(&s);
}

static void a_parent_may_say_what_the_donedata_are(void **state) {
	(void)state;
	static const char declares[] =
	    "return playbook 'order' {\n"
	    "  data = { heard = text { default = '' } }, event 'begin' {},\n"
	    "  event 'done.invoke.credit' { score = integer { required = true, max = 90 }, by = text {} },\n"
	    "  state 'a' {\n"
	    "    invoke 'check' { id = 'credit', data = { amount = 1 } },\n"
	    "    on 'done.invoke.credit' { act = function(case, event) case.data.heard = event.score .. event.by end },\n"
	    "    on 'error.invoke.credit' { act = function(case, event) case.data.heard = event.slug end },\n"
	    "  },\n"
	    "}\n";
	static const char *const scores[] = {"{\"score\":81}", "{\"score\":91}"}, *const says_[] = {"81c", "out-of-bounds"};
	for (size_t i = 0; i < 2; i++) {
		stage s = {0};
		open_empty(&s, NULL);
		load(&s, "check.lua", check);
		load(&s, "order.lua", declares);
		say(&s, "c", "begin", 0, NULL);
		say(&s, "c/credit.1", "answer", MINUTE, scores[i]);
		assert_string_equal(heard(&s), says_[i]);
		replays_alone(&s, "c", "order.lua", declares);
		close_stage(&s);
	}
}

/* ---- what goes wrong outside ------------------------------------------------------------------ */

static void a_commit_that_fails_leaves_everything_as_it_was(void **state) {
	(void)state;
	/* Which commit of this story it is that fails. */
	for (int which = 0; which < 6; which++) {
		stage s = {0}, plain = {0};
		stage *const both[] = {&s, &plain};
		for (size_t i = 0; i < 2; i++) {
			open_stage(both[i], NULL);
			open_with(both[i], NULL);
		}
		close_stage(&s);
		open_stage(&s, NULL);
		int steps = 0;
		assert_int_equal(post(&s, "c", "begin", 0, NULL, NULL), APLOMB_OK);
		aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
		bool was_told = false;
		do {
			if (steps++ == which) {
				size_t before = s.count;
				size_t children = aplomb_case_children(s.rt, "c", NULL, NULL), cases = aplomb_cases(s.rt, NULL, NULL);
				s.fails = 1;
				int code = aplomb_pump(s.rt, 0, &report, NULL);
				if (s.fails == 1) {
					s.fails = 0; /* there was nothing to commit */
				} else {
					was_told = true;
					assert_int_equal(code, APLOMB_ESTORE);
					assert_int_equal(s.count, before);
					assert_int_equal(aplomb_case_children(s.rt, "c", NULL, NULL), children);
					assert_int_equal(aplomb_cases(s.rt, NULL, NULL), cases);
					/* The host's own event is the host's to post again; what cases say to each other is not. */
					if (which == 0) assert_int_equal(post(&s, "c", "begin", 0, NULL, NULL), APLOMB_OK);
				}
				report.more = true;
			} else {
				assert_int_equal(aplomb_pump(s.rt, 0, &report, NULL), APLOMB_OK);
			}
		} while (report.more);
		assert_true(was_told || which > 2);
		assert_int_equal(s.count, plain.count);
		for (size_t i = 0; i < s.count; i++) assert_string_equal(s.line[i], plain.line[i]);
		close_stage(&s);
		close_stage(&plain);
	}
}

static void snapshots_hold_children_and_parents(void **state) {
	(void)state;
	stage s = {0}, other = {0};
	open_stage(&s, NULL);
	open_with(&s, NULL);
	open_stage(&other, NULL);
	static const char *const ids[] = {"c", "c/credit.2"};
	for (size_t i = 0; i < 2; i++) {
		char *json, *again;
		size_t size;
		assert_int_equal(aplomb_case_snapshot(s.rt, ids[i], &json, &size, NULL), APLOMB_OK);
		if (i == 0) assert_non_null(strstr(json, "\"children\":[{\"case\":\"c/credit.2\",\"hash\":\""));
		if (i == 1) assert_non_null(strstr(json, "\"parent\":{\"case\":\"c\",\"depth\":1,\"invoke\":\"credit\"}"));
		aplomb_error error;
		if (aplomb_case_restore(other.rt, json, size, &error) != APLOMB_OK) fail_msg("%s: %s", error.slug, error.message);
		assert_int_equal(aplomb_case_snapshot(other.rt, ids[i], &again, &size, NULL), APLOMB_OK);
		assert_string_equal(json, again);
		aplomb_text_free(s.rt, json);
		aplomb_text_free(other.rt, again);
	}
	size_t from = s.count;
	say(&s, "c/credit.2", "answer", MINUTE, "{\"score\":81}");
	say(&other, "c/credit.2", "answer", MINUTE, "{\"score\":81}");
	assert_string_equal(heard(&other), "<question>42<done.invoke.credit>!81c");
	assert_int_equal(other.count, s.count - from);
	for (size_t i = 0; i < other.count; i++) assert_string_equal(other.line[i], s.line[from + i]);
	close_stage(&s);
	close_stage(&other);
}

static void a_rehearsal_opens_nobody_and_a_person_may_play_the_child(void **state) {
	(void)state;
	stage s = {0};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.rehearsal = true;
	open_empty(&s, &options);
	load(&s, "check.lua", check);
	load(&s, "order.lua", order);
	open_with(&s, NULL);
	assert_int_equal(aplomb_cases(s.rt, NULL, NULL), 1);
	assert_int_equal(aplomb_case_children(s.rt, "c", NULL, NULL), 1);
	aplomb_moment *moment;
	assert_int_equal(aplomb_moment_keep(s.rt, "c", &moment, NULL), APLOMB_OK);
	say(&s, "c", "leave", MINUTE, NULL);
	assert_int_equal(aplomb_case_children(s.rt, "c", NULL, NULL), 0);
	assert_int_equal(aplomb_moment_return(s.rt, moment, NULL), APLOMB_OK);
	assert_int_equal(aplomb_case_children(s.rt, "c", NULL, NULL), 1);
	say(&s, "c", "done.invoke.credit", MINUTE, "{\"data\":{\"score\":1,\"by\":\"me\"}}");
	assert_string_equal(heard(&s), "<done.invoke.credit>!1me");
	aplomb_moment_free(moment);
	close_stage(&s);
}

static void more_children_than_allowed_fault_the_case(void **state) {
	(void)state;
	static const char two[] = "return playbook 'order' { event 'begin' {},\n"
	                          "  state 'a' { invoke 'check' { data = { amount = 1 } }, invoke 'check' { data = { amount = 1 } } } }\n";
	stage s = {0};
	const aplomb_limits limits = {.size = sizeof limits, .children = 1};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.limits = &limits;
	open_empty(&s, &options);
	load(&s, "check.lua", check);
	load(&s, "order.lua", two);
	say(&s, "c", "begin", 0, NULL);
	assert_int_equal(status_of(&s, "c"), APLOMB_CASE_FAULTED);
	assert_a_line_says(&s, "\"limits\":{\"children\":1,\"data\":");
	assert_a_line_says(&s, "\"slug\":\"limit-children\"");
	assert_int_equal(aplomb_cases(s.rt, NULL, NULL), 1);
	assert_int_equal(aplomb_case_children(s.rt, "c", NULL, NULL), 0);
	close_stage(&s);
}

static void a_playbook_that_invokes_itself_comes_to_a_limit(void **state) {
	(void)state;
	static const char itself[] = "return playbook 'order' { event 'begin' {},\n"
	                             "  state 'a' { invoke 'order' { id = 'x' }, on 'error.invoke.x' { to = 'b' } }, state 'b' {} }\n";
	stage s = {0};
	open_empty(&s, NULL);
	load(&s, "order.lua", itself);
	say(&s, "c", "begin", 0, NULL);
	/* The deepest may not invoke, is faulted, and whoever invoked it is told. */
	assert_int_equal(aplomb_cases(s.rt, NULL, NULL), 9);
	assert_a_line_says(&s, "\"slug\":\"limit-invoke-depth\"");
	assert_int_equal(status_of(&s, "c/x.1/x.1/x.1/x.1/x.1/x.1/x.1/x.1"), APLOMB_CASE_FAULTED);
	assert_true(aplomb_case_is_in(s.rt, "c/x.1/x.1/x.1/x.1/x.1/x.1/x.1", "b"));
	assert_true(aplomb_case_is_in(s.rt, "c", "a"));
	replays_alone(&s, "c/x.1/x.1/x.1/x.1/x.1/x.1/x.1", "order.lua", itself);
	close_stage(&s);
}

static void a_child_of_a_long_name_has_a_name_that_is_short_enough(void **state) {
	(void)state;
	char id[250];
	memset(id, 'c', sizeof id - 1);
	id[sizeof id - 1] = '\0';
	stage s = {0};
	open_stage(&s, NULL);
	assert_int_equal(post(&s, id, "begin", 0, NULL, NULL), APLOMB_OK);
	assert_int_equal(pump(&s), APLOMB_OK);
	assert_int_equal(aplomb_cases(s.rt, NULL, NULL), 2);
	assert_a_line_says(&s, "\"child\":\"~");
	close_stage(&s);
}

/* ---- memory ------------------------------------------------------------------------------------ */

static void keep_answer(const aplomb_receipt *receipt, void *payload) {
	*(int *)payload = receipt->code;
}

/*
 * The story of a child that is begun, heard and cancelled. Whoever gets no
 * memory asks again, as a host would. false: it did not come to its end.
 */
static bool play(test_heap *heap, stage *s, uint64_t *loaded) {
	const aplomb_allocator allocator = test_heap_allocator(heap);
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_load_options file = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_playbook *playbook;
	options.allocator = &allocator;
	options.time_follows_events = true;
	options.journal = keep_lines;
	options.journal_payload = s;
	if (aplomb_open(&s->rt, &options, NULL) != APLOMB_OK) return false;
	const char *const sources[] = {check, order}, *const names[] = {"begin", "leave"};
	int code = APLOMB_OK;
	for (size_t i = 0; i < 2 && code == APLOMB_OK; i++) {
		file.source = sources[i];
		file.source_size = strlen(sources[i]);
		code = aplomb_load(s->rt, &file, &playbook, NULL);
	}
	if (loaded != NULL) *loaded = heap->calls;
	for (int i = 0; i < 2 && code == APLOMB_OK; i++) {
		/* An event that was not committed is the host's to post again; what cases say to each other is not. */
		int answer;
		do {
			answer = APLOMB_OK;
			aplomb_event event = APLOMB_EVENT_INIT;
			event.case_id = "c";
			event.playbook = "order";
			event.name = names[i];
			event.has_at = true;
			event.at = AT_NINE + i * MINUTE;
			event.by = "customer";
			do code = aplomb_post(s->rt, &event, keep_answer, &answer, NULL);
			while (code == APLOMB_ENOMEM);
			if (code != APLOMB_OK) break;
			do code = pump(s);
			while (code == APLOMB_ENOMEM || code == APLOMB_ESTORE);
		} while (answer == APLOMB_ESTORE);
	}
	aplomb_close(s->rt);
	return code == APLOMB_OK;
}

static void drop_lines(stage *s) {
	for (size_t i = 0; i < s->count; i++) free(s->line[i]);
	s->count = 0;
}

static void whichever_request_for_memory_fails_it_is_as_if_it_had_not_been_made(void **state) {
	(void)state;
	test_heap heap = {0};
	stage plain = {0};
	heap.fail_at = UINT64_MAX;
	/* Loading asks very often, and is tested elsewhere: these are the requests of the cases. */
	uint64_t loaded = 0;
	assert_true(play(&heap, &plain, &loaded));
	assert_int_equal(plain.count, 9);
	const uint64_t all = heap.calls;
	uint32_t same = 0;
	for (heap.fail_at = loaded + 1; heap.fail_at <= all; heap.fail_at++) {
		stage s = {0};
		heap.calls = 0;
		bool has_ended = play(&heap, &s, NULL);
		assert_int_equal(heap.blocks, 0);
		assert_int_equal(heap.bytes, 0);
		/* Lua without memory is a limit that is broken, which is told as one. */
		if (has_ended && !says(&s, "\"slug\":\"limit-memory\"")) {
			assert_int_equal(s.count, plain.count);
			for (size_t i = 0; i < s.count; i++) assert_string_equal(s.line[i], plain.line[i]);
			same++;
		}
		drop_lines(&s);
	}
	print_message("%llu requests of cases, %u of them got over\n", (unsigned long long)(all - loaded), same);
	assert_true(same > 20);
	drop_lines(&plain);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_child_begins_when_its_parents_step_is_quiet_and_its_end_is_told),
	    cmocka_unit_test(a_state_that_is_left_takes_its_child_along_and_what_it_had_said_is_dropped),
	    cmocka_unit_test(a_parent_that_ends_takes_its_children_along),
	    cmocka_unit_test(data_that_do_not_fit_are_a_mistake_and_nobody_is_invoked),
	    cmocka_unit_test(a_playbook_that_is_not_loaded_is_out_of_reach),
	    cmocka_unit_test(what_an_action_of_an_invoke_gets_wrong_is_an_error_of_execution),
	    cmocka_unit_test(a_child_that_its_door_refuses_or_that_breaks_a_limit_is_told_as_an_error),
	    cmocka_unit_test(a_child_hears_what_its_parent_sends_it_and_what_is_forwarded),
	    cmocka_unit_test(nobody_to_send_to_is_an_error_of_communication_and_the_function_goes_on),
	    cmocka_unit_test(nobody_else_speaks_for_a_child),
	    cmocka_unit_test(a_parent_may_say_what_the_donedata_are),
	    cmocka_unit_test(a_commit_that_fails_leaves_everything_as_it_was),
	    cmocka_unit_test(snapshots_hold_children_and_parents),
	    cmocka_unit_test(a_rehearsal_opens_nobody_and_a_person_may_play_the_child),
	    cmocka_unit_test(more_children_than_allowed_fault_the_case),
	    cmocka_unit_test(a_playbook_that_invokes_itself_comes_to_a_limit),
	    cmocka_unit_test(a_child_of_a_long_name_has_a_name_that_is_short_enough),
	    cmocka_unit_test(whichever_request_for_memory_fails_it_is_as_if_it_had_not_been_made),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
