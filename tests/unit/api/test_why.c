/* SPDX-License-Identifier: MIT */
/* What aplomb_try and aplomb_case_consider tell, and that nothing of it stays. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../test_cmocka.h"
#include "aplomb.h"

static const char *const why =
    "local function is_loud(case, event)\n"
    "  if event.tone == nil then return false end\n"
    "  return event.tone < case.params.limit\n"
    "    and case:count(\"loud\") >= 2\n"
    "end\n"
    "local function breaks(case, event) return event.tone < case.data.tries.x end\n"
    "return playbook \"why\" {\n"
    "  params = { limit = number { default = -0.5 } },\n"
    "  data = { value = money {}, tries = integer { default = 0 }, name = text { personal = true } },\n"
    "  event \"says\" { tone = number {} }, event \"goes\" {}, event \"ends\" {}, event \"keeps\" {}, event \"breaks\" { tone = number {} "
    "},\n"
    "  effect \"shout\" {},\n"
    "  counter \"loud\" { of = \"says\", when = \"event.tone < 0\", window = \"1h\" },\n"
    "  parallel \"work\" {\n"
    "    on \"ends\" { to = \"over\", because = \"it is enough\" },\n"
    "    on \"goes\" { act = \"data.tries = data.tries + 1\" },\n"
    "    state \"talk\" {\n"
    "      state \"a\" {\n"
    "        on \"says\" {\n"
    "          { to = \"b\", when = \"event.tone < -0.5 and (count('loud') >= 2 or has(data.value))\", because = \"too loud\" },\n"
    "          { to = \"c\", when = is_loud },\n"
    "        },\n"
    "        on \"goes\" { to = \"b\", when = \"data.value <= '40.00 GBP' and data.name == 'Eve'\" },\n"
    "        on \"goes\" { act = \"data.tries = data.tries + 10\" },\n"
    "        on \"goes\" { to = \"c\" },\n"
    "        on \"keeps\" { defer = true },\n"
    "        on \"breaks\" { to = \"c\", when = breaks },\n"
    "        after \"1h\" { to = \"c\" },\n"
    "      },\n"
    "      state \"b\" { entry(function(case) case:effect(\"shout\") end), always { to = \"a\", when = \"data.tries > 100\" } },\n"
    "      state \"c\" {},\n"
    "    },\n"
    "    state \"mood\" {\n"
    "      state \"calm\" { on \"ends\" { act = \"data.tries = 0\" } },\n"
    "    },\n"
    "  },\n"
    "  final \"over\" {},\n"
    "}\n";

/* ---- as text ----------------------------------------------------------------- */

typedef struct told {
	char text[16384];
	bool parts;
} told;

__attribute__((format(printf, 2, 3))) static void add(told *to, const char *format, ...) {
	size_t used = strlen(to->text);
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(to->text + used, sizeof to->text - used, format, arguments);
	va_end(arguments);
}

static void add_guard(told *to, const aplomb_guard *guard) {
	static const char *const verdicts[] = {"error", "false", "true", "unknown", "depends", "-"};
	if (guard == NULL) return;
	assert_int_equal(guard->size, sizeof *guard);
	add(to, " [%s: %s%s]", guard->label, verdicts[guard->verdict + 1], guard->is_implied ? ", implied" : "");
	if (guard->error != NULL) add(to, " %s:%u %s", guard->error->file, guard->error->line, guard->error->slug);
	for (size_t i = 0; i < guard->n_parts && to->parts; i++) {
		const aplomb_part *part = &guard->parts[i];
		assert_int_equal(part->size, sizeof *part);
		add(to, "\n  %*s%s%s = %s", (int)part->depth * 2, "", part->decides ? "* " : "", part->text, part->shown);
		if (part->file != NULL) add(to, " (%s:%u)", part->file, part->line);
		if (part->missing != NULL) add(to, " missing %s", part->missing);
		if (part->is_personal) add(to, " personal");
		/* What is shown of a truth is its verdict; what has a value is known. */
		if (part->verdict == APLOMB_VERDICT_TRUE) assert_string_equal(part->value, "true");
		if (part->verdict == APLOMB_VERDICT_UNKNOWN || part->verdict == APLOMB_VERDICT_DEPENDS) assert_null(part->value);
	}
}

static const char *const standings[] = {"taken", "depends", "inactive", "other event", "refused", "beaten", "preempted", "deferred"};

static void add_transition(told *to, const aplomb_transition *transition, aplomb_standing standing, const aplomb_transition *other) {
	add(to, "%s: #%u %s %s -> %s", standings[standing], transition->number, transition->state, transition->on, transition->to);
	if (other != NULL) add(to, " by #%u", other->number);
}

static void hear(const aplomb_decision *decision, void *payload) {
	told *to = payload;
	assert_int_equal(decision->size, sizeof *decision);
	assert_string_equal(decision->case_id, "k");
	switch (decision->kind) {
	case APLOMB_DECISION_EVENT:
		add(to, "%s%s, entry %llu", decision->is_internal ? "internal " : "", decision->name != NULL ? decision->name : "opening",
		    (unsigned long long)decision->entry);
		break;
	case APLOMB_DECISION_COUNTER:
		add(to, "counter %s is %llu", decision->name, (unsigned long long)decision->count);
		add_guard(to, decision->guard);
		break;
	case APLOMB_DECISION_TRANSITION:
		add_transition(to, decision->transition, decision->standing, decision->other);
		add_guard(to, decision->guard);
		break;
	case APLOMB_DECISION_SETTLED: add(to, "settled"); break;
	case APLOMB_DECISION_LEFT: add(to, "left %s", decision->name); break;
	case APLOMB_DECISION_ENTERED: add(to, "entered %s", decision->name); break;
	}
	add(to, "\n");
}

static void consider(const aplomb_considered *considered, void *payload) {
	told *to = payload;
	assert_int_equal(considered->size, sizeof *considered);
	add_transition(to, considered->transition, considered->standing, considered->other);
	if (considered->has_due) {
		char due[32];
		aplomb_instant_write(considered->due_at, due);
		add(to, " due %s", due);
	}
	add_guard(to, considered->guard);
	add(to, "\n");
}

/* ---- a runtime ------------------------------------------------------------------- */

typedef struct world {
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	char before[32768];
} world;

static const aplomb_instant noon = INT64_C(1767268800000000); /* 2026-01-01T12:00:00Z */

static void must_not_be_called(const aplomb_log_record *record, void *payload) {
	(void)payload;
	fail_msg("logged: %s %s", record->code, record->message);
}

static void open_with(world *w, aplomb_log_fn log) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.time_follows_events = true;
	options.coverage = true;
	options.log = log;
	options.log_level = APLOMB_LOG_WARN;
	assert_int_equal(aplomb_open(&w->rt, &options, NULL), APLOMB_OK);
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	load.source = why;
	load.source_size = strlen(why);
	load.path = "why.lua";
	aplomb_error error = {0};
	if (aplomb_load(w->rt, &load, &w->playbook, &error) != APLOMB_OK) fail_msg("%u: %s", error.line, error.message);
}

/* Nothing but what is tried may go wrong in it. */
static void open_world(world *w) {
	open_with(w, must_not_be_called);
}

static void open_quiet_world(world *w) {
	open_with(w, NULL);
}

static aplomb_event event_of(const char *name, const char *data, aplomb_span after) {
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = "k";
	event.playbook = "why";
	event.name = name;
	event.data = data;
	event.has_at = true;
	event.at = noon + after;
	return event;
}

static void post(world *w, const char *name, const char *data, aplomb_span after) {
	const aplomb_event event = event_of(name, data, after);
	aplomb_error error = {0};
	if (aplomb_post_wait(w->rt, &event, NULL, &error) != APLOMB_OK) fail_msg("%s", error.message);
}

static void add_row(const aplomb_coverage_row *row, void *payload) {
	char *text = payload;
	size_t used = strlen(text);
	snprintf(text + used, 32768 - used, "%llu %llu %llu %llu\n", (unsigned long long)row->count, (unsigned long long)row->other,
	    (unsigned long long)row->unknown, (unsigned long long)row->errors);
}

static void add_stat(const aplomb_stat_line *line, void *payload) {
	char *text = payload;
	size_t used = strlen(text);
	snprintf(text + used, 32768 - used, "%s %llu %llu\n", line->name, (unsigned long long)line->count, (unsigned long long)line->inside);
}

static void look(world *w, char text[32768]) {
	char *snapshot;
	aplomb_totals totals = APLOMB_TOTALS_INIT;
	text[0] = '\0';
	if (aplomb_case_snapshot(w->rt, "k", &snapshot, NULL, NULL) == APLOMB_OK) {
		snprintf(text, 16384, "%s\n", snapshot);
		aplomb_text_free(w->rt, snapshot);
	}
	aplomb_playbook_stats(w->rt, w->playbook, add_stat, text);
	assert_int_equal(aplomb_playbook_coverage(w->rt, w->playbook, add_row, text, NULL), APLOMB_OK);
	aplomb_count(w->rt, &totals);
	size_t used = strlen(text);
	snprintf(text + used, 32768 - used, "%llu cases %llu events %llu refused %llu findings %llu entries now %lld",
	    (unsigned long long)totals.cases, (unsigned long long)totals.events, (unsigned long long)totals.refused,
	    (unsigned long long)totals.findings, (unsigned long long)totals.entries, (long long)aplomb_now(w->rt));
}

static void assert_unchanged(world *w) {
	char after[32768];
	look(w, after);
	assert_string_equal(after, w->before);
}

static void assert_text_begins(const char *text, const char *beginning) {
	if (strncmp(text, beginning, strlen(beginning)) != 0) fail_msg("%s\ndoes not begin with %s", text, beginning);
}

static int keep_line(const char *text, size_t size, void *payload) {
	char *line = payload;
	snprintf(line, 2048, "%.*s\n", (int)size, text);
	return 0;
}

static void assert_last_line(world *w, const char *lines) {
	char last[2048] = "";
	assert_int_equal(aplomb_journal_each(w->rt, "k", keep_line, last, NULL), APLOMB_OK);
	assert_string_equal(last, lines);
}

static aplomb_tried try_it(world *w, const char *name, const char *data, aplomb_span after, told *to) {
	const aplomb_event event = event_of(name, data, after);
	const aplomb_watch watch = {sizeof watch, hear, to};
	aplomb_tried tried = APLOMB_TRIED_INIT;
	aplomb_error error = {0};
	to->text[0] = '\0';
	look(w, w->before);
	if (aplomb_try(w->rt, &event, &watch, &tried, &error) != APLOMB_OK) fail_msg("%s", error.message);
	return tried;
}

static void an_event_that_would_open_a_case_is_tried_and_there_is_no_case(void **state_) {
	(void)state_;
	world w;
	static told to = {.parts = true};
	open_world(&w);
	aplomb_tried tried = try_it(&w, "says", "{\"tone\":-1}", 0, &to);
	assert_int_equal(tried.code, APLOMB_OK);
	assert_int_equal(tried.seq, 2);
	assert_text_begins(tried.lines, "{\"aplomb\":\"journal\"");
	assert_string_equal(tried.states, "work.talk.a work.mood.calm");
	assert_string_equal(tried.data, "{\"tries\":0}");
	assert_string_equal(tried.timers, "[{\"due\":\"2026-01-01T13:00:00Z\",\"name\":\"work.talk.a\"}]");
	assert_int_equal(tried.at, noon);
	assert_int_equal(aplomb_case_get(w.rt, "k", &(aplomb_case_info){.size = sizeof(aplomb_case_info)}, NULL), APLOMB_ENOTFOUND);
	assert_string_equal(to.text,
	    "opening, entry 1\n"
	    "entered \n"
	    "entered work\n"
	    "entered work.talk\n"
	    "entered work.talk.a\n"
	    "entered work.mood\n"
	    "entered work.mood.calm\n"
	    "says, entry 2\n"
	    "counter loud is 1 [event.tone < 0: true]\n"
	    "  * event.tone < 0 = true\n"
	    "    * event.tone = -1.0\n"
	    "    * 0 = 0\n"
	    "refused: #3 work.talk.a says -> work.talk.b [event.tone < -0.5 and (count(\"loud\") >= 2 or has(data.value)): false]\n"
	    "  * event.tone < -0.5 and (count('loud') >= 2 or has(data.value)) = false\n"
	    "    event.tone < -0.5 = true\n"
	    "      event.tone = -1.0\n"
	    "      -0.5 = -0.5\n"
	    "        0.5 = 0.5\n"
	    "    * count('loud') >= 2 or has(data.value) = false\n"
	    "      * count('loud') >= 2 = false\n"
	    "        * count('loud') = 1\n"
	    "        * 2 = 2\n"
	    "      * has(data.value) = false\n"
	    "        * data.value = missing missing data.value\n"
	    "refused: #4 work.talk.a says -> work.talk.c [is_loud: false]\n"
	    "  * is_loud = false (why.lua:1)\n"
	    "    if event.tone == nil then return false end =  (why.lua:2)\n"
	    "      event.tone = -1.0\n"
	    "    return event.tone < case.params.limit =  (why.lua:3)\n"
	    "      event.tone = -1.0\n"
	    "      params.limit = -0.5\n"
	    "    * and case:count(\"loud\") >= 2 =  (why.lua:4)\n"
	    "      * count(\"loud\") = 1\n");
	assert_unchanged(&w);
	aplomb_close(w.rt);
}

static void a_watcher_hears_each_candidate_with_the_parts_of_its_guard(void **state_) {
	(void)state_;
	world w;
	static told to = {.parts = true};
	open_world(&w);
	post(&w, "says", "{\"tone\":-1}", 0);
	aplomb_tried tried = try_it(&w, "says", "{\"tone\":-1}", 1, &to);
	assert_string_equal(to.text,
	    "says, entry 3\n"
	    "counter loud is 2 [event.tone < 0: true]\n"
	    "  * event.tone < 0 = true\n"
	    "    * event.tone = -1.0\n"
	    "    * 0 = 0\n"
	    "taken: #3 work.talk.a says -> work.talk.b [event.tone < -0.5 and (count(\"loud\") >= 2 or has(data.value)): true]\n"
	    "  * event.tone < -0.5 and (count('loud') >= 2 or has(data.value)) = true\n"
	    "    * event.tone < -0.5 = true\n"
	    "      * event.tone = -1.0\n"
	    "      * -0.5 = -0.5\n"
	    "        0.5 = 0.5\n"
	    "    * count('loud') >= 2 or has(data.value) = true\n"
	    "      * count('loud') >= 2 = true\n"
	    "        * count('loud') = 2\n"
	    "        * 2 = 2\n"
	    "      has(data.value) = not asked\n"
	    "        data.value = not asked\n"
	    "beaten: #4 work.talk.a says -> work.talk.c by #3\n"
	    "settled\n"
	    "left work.talk.a\n"
	    "entered work.talk.b\n"
	    "refused: #11 work.talk.b always -> work.talk.a [data.tries > 100: false]\n"
	    "  * data.tries > 100 = false\n"
	    "    * data.tries = 0\n"
	    "    * 100 = 100\n");
	assert_unchanged(&w);
	/* And what is posted then writes the same. */
	char lines[2048];
	snprintf(lines, sizeof lines, "%s", tried.lines);
	post(&w, "says", "{\"tone\":-1}", 1);
	assert_last_line(&w, lines);
	aplomb_close(w.rt);
}

static void what_is_missing_is_named(void **state_) {
	(void)state_;
	world w;
	static told to = {.parts = true};
	open_world(&w);
	post(&w, "says", "{\"tone\":-1}", 0);
	try_it(&w, "says", NULL, 1, &to);
	assert_string_equal(to.text,
	    "says, entry 3\n"
	    "counter loud is 1 [event.tone < 0: unknown]\n"
	    "  * event.tone < 0 = unknown missing event.tone\n"
	    "    * event.tone = missing missing event.tone\n"
	    "    * 0 = 0\n"
	    "refused: #3 work.talk.a says -> work.talk.b [event.tone < -0.5 and (count(\"loud\") >= 2 or has(data.value)): false]\n"
	    "  * event.tone < -0.5 and (count('loud') >= 2 or has(data.value)) = false\n"
	    "    event.tone < -0.5 = unknown missing event.tone\n"
	    "      event.tone = missing missing event.tone\n"
	    "      -0.5 = -0.5\n"
	    "        0.5 = 0.5\n"
	    "    * count('loud') >= 2 or has(data.value) = false\n"
	    "      * count('loud') >= 2 = false\n"
	    "        * count('loud') = 1\n"
	    "        * 2 = 2\n"
	    "      * has(data.value) = false\n"
	    "        * data.value = missing missing data.value\n"
	    "refused: #4 work.talk.a says -> work.talk.c [is_loud: false]\n"
	    "  * is_loud = false (why.lua:1)\n"
	    "    * if event.tone == nil then return false end =  (why.lua:2)\n"
	    "      * event.tone = missing missing event.tone\n");
	assert_unchanged(&w);
	try_it(&w, "goes", NULL, 1, &to);
	assert_string_equal(to.text,
	    "goes, entry 3\n"
	    "refused: #5 work.talk.a goes -> work.talk.b [data.value <= \"40.00 GBP\" and data.name == \"Eve\": unknown]\n"
	    "  * data.value <= '40.00 GBP' and data.name == 'Eve' = unknown missing data.value personal\n"
	    "    * data.value <= '40.00 GBP' = unknown missing data.value\n"
	    "      * data.value = missing missing data.value\n"
	    "      * '40.00 GBP' = 40.00 GBP\n"
	    "    * data.name == 'Eve' = unknown missing data.name personal\n"
	    "      * data.name = missing missing data.name personal\n"
	    "      * 'Eve' = \"Eve\"\n"
	    "taken: #6 work.talk.a goes -> \n"
	    "taken: #2 work goes -> \n"
	    "beaten: #7 work.talk.a goes -> work.talk.c by #6\n"
	    "settled\n");
	assert_unchanged(&w);
	aplomb_close(w.rt);
}

static void a_guard_that_fails_says_where(void **state_) {
	(void)state_;
	world w;
	static told to = {.parts = true};
	open_world(&w);
	post(&w, "says", "{\"tone\":-1}", 0);
	try_it(&w, "breaks", "{\"tone\":1}", 1, &to);
	assert_string_equal(to.text, "breaks, entry 3\n"
	                             "refused: #9 work.talk.a breaks -> work.talk.c [breaks: error] why.lua:6 error-execution\n"
	                             "  * breaks = an error (why.lua:6)\n"
	                             "    * local function breaks(case, event) return event.tone < case.data.tries.x end =  (why.lua:6)\n"
	                             "      * event.tone = 1.0\n"
	                             "      * data.tries = 0\n"
	                             "internal error.execution, entry 3\n");
	assert_unchanged(&w);
	aplomb_close(w.rt);
}

static void an_end_is_tried_too_and_so_is_the_next_timer(void **state_) {
	(void)state_;
	world w;
	static told to = {.parts = true};
	open_world(&w);
	post(&w, "says", "{\"tone\":-1}", 0);
	try_it(&w, "ends", NULL, 1, &to);
	assert_string_equal(to.text, "ends, entry 3\n"
	                             "taken: #1 work ends -> over\n"
	                             "taken: #12 work.mood.calm ends -> \n"
	                             "settled\n"
	                             "left work.mood.calm\n"
	                             "left work.mood\n"
	                             "left work.talk.a\n"
	                             "left work.talk\n"
	                             "left work\n"
	                             "entered over\n"
	                             "left over\n"
	                             "left \n");
	assert_unchanged(&w);
	aplomb_tried tried = try_it(&w, NULL, NULL, 1, &to);
	assert_string_equal(tried.states, "work.talk.c work.mood.calm");
	assert_int_equal(tried.at, noon + INT64_C(3600000000));
	assert_string_equal(to.text, "after.work.talk.a.1, entry 3\n"
	                             "taken: #10 work.talk.a after -> work.talk.c\n"
	                             "settled\n"
	                             "left work.talk.a\n"
	                             "entered work.talk.c\n");
	assert_unchanged(&w);
	const aplomb_event none = {.size = sizeof none, .case_id = "another"};
	aplomb_error error = {0};
	assert_int_equal(aplomb_try(w.rt, &none, NULL, NULL, &error), APLOMB_ENOTFOUND);
	assert_string_equal(error.slug, "unknown-case");
	post(&w, "goes", NULL, 1);
	post(&w, "says", "{\"tone\":-1}", 2);
	const aplomb_event next = {.size = sizeof next, .case_id = "k"};
	assert_int_equal(aplomb_try(w.rt, &next, NULL, NULL, &error), APLOMB_ENOTFOUND);
	assert_string_equal(error.slug, "no-timer");
	aplomb_close(w.rt);
}

static void each_transition_is_told_where_it_stands(void **state_) {
	(void)state_;
	world w;
	static told to = {.parts = true};
	open_world(&w);
	post(&w, "says", "{\"tone\":-1}", 0);
	to.text[0] = '\0';
	look(&w, w.before);
	assert_int_equal(aplomb_case_consider(w.rt, "k", consider, &to, NULL), APLOMB_OK);
	assert_string_equal(to.text,
	    "taken: #1 work ends -> over\n"
	    "taken: #2 work goes -> \n"
	    "depends: #3 work.talk.a says -> work.talk.b [event.tone < -0.5 and (count(\"loud\") >= 2 or has(data.value)): depends]\n"
	    "  * event.tone < -0.5 and (count('loud') >= 2 or has(data.value)) = depends on the event\n"
	    "    * event.tone < -0.5 = depends on the event\n"
	    "      * event.tone = depends on the event\n"
	    "      * -0.5 = -0.5\n"
	    "        0.5 = 0.5\n"
	    "    * count('loud') >= 2 or has(data.value) = depends on the event\n"
	    "      * count('loud') >= 2 = depends on the event\n"
	    "        * count('loud') = depends on the event\n"
	    "        * 2 = 2\n"
	    "      has(data.value) = false\n"
	    "        data.value = missing missing data.value\n"
	    "depends: #4 work.talk.a says -> work.talk.c [is_loud: depends]\n"
	    "  * is_loud = depends on the event (why.lua:1)\n"
	    "    * if event.tone == nil then return false end =  (why.lua:2)\n"
	    "      * event.tone = depends on the event\n"
	    "refused: #5 work.talk.a goes -> work.talk.b [data.value <= \"40.00 GBP\" and data.name == \"Eve\": unknown]\n"
	    "  * data.value <= '40.00 GBP' and data.name == 'Eve' = unknown missing data.value personal\n"
	    "    * data.value <= '40.00 GBP' = unknown missing data.value\n"
	    "      * data.value = missing missing data.value\n"
	    "      * '40.00 GBP' = 40.00 GBP\n"
	    "    * data.name == 'Eve' = unknown missing data.name personal\n"
	    "      * data.name = missing missing data.name personal\n"
	    "      * 'Eve' = \"Eve\"\n"
	    "taken: #6 work.talk.a goes -> \n"
	    "beaten: #7 work.talk.a goes -> work.talk.c by #6\n"
	    "deferred: #8 work.talk.a keeps -> \n"
	    "depends: #9 work.talk.a breaks -> work.talk.c [breaks: depends]\n"
	    "  * breaks = depends on the event (why.lua:6)\n"
	    "    * local function breaks(case, event) return event.tone < case.data.tries.x end =  (why.lua:6)\n"
	    "      * event.tone = depends on the event\n"
	    "      * data.tries = 0\n"
	    "taken: #10 work.talk.a after -> work.talk.c due 2026-01-01T13:00:00Z\n"
	    "inactive: #11 work.talk.b always -> work.talk.a [data.tries > 100: false]\n"
	    "  * data.tries > 100 = false\n"
	    "    * data.tries = 0\n"
	    "    * 100 = 100\n"
	    "taken: #12 work.mood.calm ends -> \n");
	assert_unchanged(&w);
	aplomb_close(w.rt);
}

static void a_refused_event_says_why_and_what_its_entry_would_be(void **state_) {
	(void)state_;
	world w;
	static told to;
	open_world(&w);
	post(&w, "says", NULL, 0);
	aplomb_tried tried = try_it(&w, "says", "{\"tone\":\"low\"}", 1, &to);
	assert_unchanged(&w);
	assert_int_equal(tried.code, APLOMB_EREFUSED);
	assert_string_equal(tried.slug, "wrong-type");
	assert_string_equal(tried.message, "event.tone: expected a number, found the text \"low\"");
	assert_int_equal(tried.seq, 3);
	assert_non_null(strstr(tried.lines, "\"kind\":\"refused\""));
	assert_string_equal(to.text, "");
	tried = try_it(&w, "sais", NULL, 1, &to);
	assert_string_equal(tried.slug, "unknown-event");
	assert_unchanged(&w);
	/* What is no event at all is a failure of the call. */
	const aplomb_event event = event_of("says", "{", 1);
	assert_int_equal(aplomb_try(w.rt, &event, NULL, NULL, NULL), APLOMB_EJSON);
	assert_unchanged(&w);
	aplomb_close(w.rt);
}

static void seen_ids_are_not_seen_for_having_been_tried(void **state_) {
	(void)state_;
	world w;
	open_world(&w);
	aplomb_event event = event_of("goes", NULL, 0);
	event.id = "e1";
	aplomb_tried tried = APLOMB_TRIED_INIT;
	aplomb_receipt receipt = APLOMB_RECEIPT_INIT;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(aplomb_try(w.rt, &event, NULL, &tried, NULL), APLOMB_OK);
		assert_false(tried.duplicate);
	}
	assert_int_equal(aplomb_post_wait(w.rt, &event, &receipt, NULL), APLOMB_OK);
	assert_false(receipt.duplicate);
	assert_int_equal(aplomb_try(w.rt, &event, NULL, &tried, NULL), APLOMB_OK);
	assert_true(tried.duplicate);
	assert_int_equal(tried.seq, receipt.seq);
	assert_string_equal(tried.lines, "");
	assert_int_equal(aplomb_post_wait(w.rt, &event, &receipt, NULL), APLOMB_OK);
	assert_true(receipt.duplicate);
	aplomb_close(w.rt);
}

static void count_one(const aplomb_transition *transition, void *payload) {
	uint32_t *count = payload;
	assert_int_equal(transition->number, ++*count);
	assert_string_equal(transition->file, "why.lua");
	if (strcmp(transition->on, "after") == 0) assert_int_equal(transition->after, INT64_C(3600000000));
}

static void the_transitions_of_a_playbook_are_told_in_its_order(void **state_) {
	(void)state_;
	world w;
	uint32_t count = 0;
	open_world(&w);
	assert_int_equal(aplomb_playbook_transitions(w.rt, w.playbook, count_one, &count), 12);
	assert_int_equal(count, 12);
	assert_int_equal(aplomb_playbook_transitions(w.rt, w.playbook, NULL, NULL), 12);
	assert_int_equal(aplomb_playbook_transitions(w.rt, NULL, NULL, NULL), 0);
	aplomb_close(w.rt);
}

static void call_back(const aplomb_decision *decision, void *payload) {
	(void)decision;
	const aplomb_event event = event_of("goes", NULL, 0);
	assert_int_equal(aplomb_post(payload, &event, NULL, NULL, NULL), APLOMB_EBUSY);
	assert_int_equal(aplomb_try(payload, &event, NULL, NULL, NULL), APLOMB_EBUSY);
}

static void arguments_are_checked_and_a_watcher_cannot_call(void **state_) {
	(void)state_;
	world w;
	open_world(&w);
	const aplomb_event event = event_of("goes", NULL, 0);
	aplomb_watch watch = {sizeof watch, call_back, w.rt};
	assert_int_equal(aplomb_try(w.rt, &event, &watch, NULL, NULL), APLOMB_OK);
	assert_int_equal(aplomb_try(NULL, &event, NULL, NULL, NULL), APLOMB_EINVAL);
	assert_int_equal(aplomb_try(w.rt, NULL, NULL, NULL, NULL), APLOMB_EINVAL);
	const aplomb_event nobody = {.size = sizeof nobody, .name = "goes"};
	assert_int_equal(aplomb_try(w.rt, &nobody, NULL, NULL, NULL), APLOMB_EINVAL);
	aplomb_tried tried = {0};
	assert_int_equal(aplomb_try(w.rt, &event, NULL, &tried, NULL), APLOMB_EINVAL);
	assert_int_equal(aplomb_case_consider(w.rt, "k", consider, NULL, NULL), APLOMB_ENOTFOUND);
	assert_int_equal(aplomb_case_consider(w.rt, NULL, consider, NULL, NULL), APLOMB_EINVAL);
	assert_int_equal(aplomb_case_consider(w.rt, "k", NULL, NULL, NULL), APLOMB_EINVAL);
	aplomb_close(w.rt);
}

static int add_line(const char *text, size_t size, void *payload) {
	told *to = payload;
	add(to, "%.*s\n", (int)size, text);
	return 0;
}

/* The same story with and without somebody who watches: lines, numbers and coverage. */
static void a_watched_runtime_does_the_same_and_tells_what_a_try_tells(void **state_) {
	(void)state_;
	static const struct {
		const char *name, *data;
	} story[] = {{"goes", NULL}, {"says", "{\"tone\":-0.7}"}, {"breaks", "{\"tone\":1}"}, {"keeps", NULL}, {"says", "{\"tone\":-0.7}"},
	    {"says", NULL}, {"ends", NULL}};
	static told heard[2], lines[2], tried;
	world worlds[2];
	memset(heard, 0, sizeof heard);
	memset(lines, 0, sizeof lines);
	for (int watched = 0; watched < 2; watched++) {
		world *w = &worlds[watched];
		open_quiet_world(w);
		const aplomb_watch watch = {sizeof watch, hear, &heard[watched]};
		if (watched) assert_int_equal(aplomb_watch_steps(w->rt, &watch, NULL), APLOMB_OK);
		for (size_t i = 0; i < sizeof story / sizeof story[0]; i++) {
			if (watched) {
				/* Who watches all steps hears nothing of what is only tried. */
				try_it(w, story[i].name, story[i].data, (aplomb_span)i, &tried);
				heard[1].text[0] = '\0';
			}
			post(w, story[i].name, story[i].data, (aplomb_span)i);
			if (watched) assert_string_equal(heard[1].text, tried.text);
		}
		assert_int_equal(aplomb_journal_each(w->rt, "k", add_line, &lines[watched], NULL), APLOMB_OK);
		look(w, w->before);
	}
	assert_string_equal(heard[0].text, "");
	assert_string_equal(lines[0].text, lines[1].text);
	assert_string_equal(worlds[0].before, worlds[1].before);
	assert_int_equal(aplomb_watch_steps(worlds[1].rt, NULL, NULL), APLOMB_OK);
	aplomb_close(worlds[0].rt);
	aplomb_close(worlds[1].rt);
}

static void take_made(const aplomb_made *made, void *payload) {
	told *to = payload;
	assert_int_equal(made->size, sizeof *made);
	add(to, "%s %s (%s:%u)", made->word, made->id, made->file, made->line);
	for (size_t i = 0; i < made->n_fields; i++) {
		add(to, " %s=%s", made->fields[i].name, made->fields[i].value != NULL ? made->fields[i].value : "-");
		add_guard(to, made->fields[i].guard);
	}
	add(to, "\n");
}

static void what_a_module_made_is_told_with_its_conditions_as_they_are_now(void **state_) {
	(void)state_;
	static const char source[] = "local s = require 'aplomb.solutions'\n"
	                             "return playbook 'shop' { data = { value = money {} }, event 'go' {}, initial = 'choosing',\n"
	                             "  s.menu 'choosing' { done = { accepted = 'over', exhausted = 'over' },\n"
	                             "    s.option 'refund' { title = 'Money', when = \"data.value <= '40.00 GBP'\", otherwise = 'voucher' },\n"
	                             "    s.option 'voucher' { title = 'A voucher', cost = '5.00 GBP', authority = 'lead' },\n"
	                             "    s.option 'cake' { title = 'Cake', when = function() return true end },\n"
	                             "  }, final 'over' {} }\n";
	static told to = {.parts = true};
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	aplomb_error error = {0};
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	load.source = source;
	load.source_size = sizeof source - 1;
	load.path = "shop.lua";
	assert_int_equal(aplomb_open(&rt, NULL, NULL), APLOMB_OK);
	if (aplomb_load(rt, &load, &playbook, &error) != APLOMB_OK) fail_msg("%u: %s", error.line, error.message);
	aplomb_event event = event_of("go", NULL, 0);
	event.playbook = "shop";
	event.open = "{\"data\":{\"value\":\"50.00 GBP\"}}";
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	assert_int_equal(aplomb_case_made(rt, "k", take_made, &to, NULL), APLOMB_OK);
	assert_string_equal(to.text,
	    "solutions.option refund (shop.lua:4) compromise=false otherwise=\"voucher\" title=\"Money\" when=\"data.value <= '40.00 GBP'\" "
	    "[data.value <= '40.00 GBP': false]\n"
	    "  * data.value <= '40.00 GBP' = false\n"
	    "    * data.value = 50.00 GBP\n"
	    "    * '40.00 GBP' = 40.00 GBP\n"
	    "solutions.option voucher (shop.lua:5) authority=\"lead\" compromise=false cost=\"5.00 GBP\" title=\"A voucher\"\n"
	    "solutions.option cake (shop.lua:6) compromise=false title=\"Cake\" when=-\n");
	assert_int_equal(aplomb_case_made(rt, "none", take_made, &to, NULL), APLOMB_ENOTFOUND);
	assert_int_equal(aplomb_case_made(rt, NULL, take_made, &to, NULL), APLOMB_EINVAL);
	assert_int_equal(aplomb_case_made(rt, "k", NULL, &to, NULL), APLOMB_EINVAL);
	aplomb_close(rt);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_event_that_would_open_a_case_is_tried_and_there_is_no_case),
	    cmocka_unit_test(a_watcher_hears_each_candidate_with_the_parts_of_its_guard),
	    cmocka_unit_test(what_is_missing_is_named),
	    cmocka_unit_test(a_guard_that_fails_says_where),
	    cmocka_unit_test(an_end_is_tried_too_and_so_is_the_next_timer),
	    cmocka_unit_test(each_transition_is_told_where_it_stands),
	    cmocka_unit_test(a_refused_event_says_why_and_what_its_entry_would_be),
	    cmocka_unit_test(seen_ids_are_not_seen_for_having_been_tried),
	    cmocka_unit_test(the_transitions_of_a_playbook_are_told_in_its_order),
	    cmocka_unit_test(a_watched_runtime_does_the_same_and_tells_what_a_try_tells),
	    cmocka_unit_test(what_a_module_made_is_told_with_its_conditions_as_they_are_now),
	    cmocka_unit_test(arguments_are_checked_and_a_watcher_cannot_call),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
