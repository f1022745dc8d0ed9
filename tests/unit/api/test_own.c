/* SPDX-License-Identifier: MIT */
/*
 * What cases do of themselves and to one another without end: it comes to a limit that names the playbook's line, others go on meanwhile,
 * and a replay comes to the same.
 */
#include "../test_cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aplomb.h"
#include "host.h"
#include "journal_lines.h"

#define AT_NINE INT64_C(1774947600000000) /* 2026-03-31T09:00:00Z */
#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

/* ---- the stage ------------------------------------------------------------------- */

typedef struct stage {
	aplomb_runtime *rt;
	journal lines; /* of all cases, as they were committed */
	aplomb_pump_report report;
	int fails; /* so many commits do */
	char held[512];
	aplomb_log_fn log;
} stage;

static const char honest[] = "return playbook 'honest' { data = { n = integer { default = 0 } }, event 'go' {},\n"
                             "state 's' { on 'go' { act = 'data.n = data.n + 1' }, after '30m' { act = 'data.n = data.n + 100' } } }\n";

static int keep(const char *text, size_t size, void *payload) {
	stage *s = payload;
	if (s->fails > 0) {
		s->fails--;
		return 1;
	}
	return journal_keep(text, size, &s->lines);
}

static void note_held(const aplomb_log_record *record, void *payload) {
	stage *s = payload;
	if (strcmp(record->code, "others-first") == 0) snprintf(s->held, sizeof s->held, "%s: %s", record->case_id, record->message);
}

static void load(stage *s, const char *name, const char *source) {
	load_text(s->rt, name, source);
}

static stage *open_stage(const char *source, const aplomb_limits *limits, aplomb_log_fn log) {
	stage *s = calloc(1, sizeof *s);
	aplomb_options options = APLOMB_OPTIONS_INIT;
	assert_non_null(s);
	options.time_follows_events = true;
	options.limits = limits;
	options.journal = keep;
	options.journal_payload = s;
	options.log = log != NULL ? log : note_held;
	options.log_payload = s;
	options.log_level = log != NULL ? APLOMB_LOG_TRACE : APLOMB_LOG_INFO;
	options.log_per_second = 1000000;
	assert_int_equal(aplomb_open(&s->rt, &options, NULL), APLOMB_OK);
	load(s, "book.lua", source);
	load(s, "honest.lua", honest);
	assert_int_equal(aplomb_turn_clock(s->rt, AT_NINE, NULL), APLOMB_OK);
	s->report = (aplomb_pump_report)APLOMB_PUMP_REPORT_INIT;
	return s;
}

static void close_stage(stage *s) {
	aplomb_close(s->rt);
	journal_drop(&s->lines);
	free(s);
}

static int pump(stage *s) {
	aplomb_error error = {0};
	return aplomb_pump(s->rt, 0, &s->report, &error);
}

/* How many pumps it took until there was nothing more to do; more than [most] fail the test. */
static int pump_all(stage *s, int most) {
	int count = 0;
	do {
		assert_int_equal(pump(s), APLOMB_OK);
		if (++count > most) fail_msg("there is more to do after %d pumps", most);
	} while (s->report.more);
	return count;
}

static void turn(stage *s, aplomb_span span) {
	assert_int_equal(aplomb_turn_clock(s->rt, aplomb_now(s->rt) + span, NULL), APLOMB_OK);
}

static void post_with(stage *s, const char *case_id, const char *playbook, const char *name, aplomb_receipt_fn done, void *payload) {
	aplomb_event event = APLOMB_EVENT_INIT;
	aplomb_error error = {0};
	event.case_id = case_id;
	event.playbook = playbook;
	event.name = name;
	event.by = "customer";
	if (aplomb_post(s->rt, &event, done, payload, &error)) fail_msg("%s", error.message);
}

static void post(stage *s, const char *case_id, const char *playbook, const char *name) {
	post_with(s, case_id, playbook, name, NULL, NULL);
}

static aplomb_case_status status_of(const stage *s, const char *id) {
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	if (aplomb_case_get(s->rt, id, &info, NULL) != APLOMB_OK) fail_msg("there is no case %s", id);
	return info.status;
}

static void expect_data(const stage *s, const char *id, const char *expected) {
	char *json;
	assert_int_equal(aplomb_case_data(s->rt, id, &json, NULL, NULL), APLOMB_OK);
	assert_string_equal(json, expected);
	aplomb_text_free(s->rt, json);
}

/* The case's faulted entry as "line slug", or "" when it has none. */
static const char *breach_of(const stage *s, const char *id) {
	static char out[96];
	out[0] = '\0';
	for (uint32_t i = 0; i < s->lines.count; i++) {
		if (strstr(s->lines.line[i], "\"kind\":\"faulted\"") == NULL) continue;
		aplomb_json *json;
		assert_int_equal(aplomb_json_read(&json, s->lines.line[i], strlen(s->lines.line[i]), NULL), APLOMB_OK);
		aplomb_value root = aplomb_json_root(json), finding = aplomb_value_at(aplomb_value_get(root, "items"), 0, NULL);
		const char *of = aplomb_value_text(aplomb_value_get(root, "case"), NULL);
		if (of != NULL && strcmp(of, id) == 0)
			snprintf(out, sizeof out, "%lld %s", (long long)aplomb_value_integer(aplomb_value_get(finding, "line")),
			    aplomb_value_text(aplomb_value_get(finding, "slug"), NULL));
		aplomb_json_free(json);
	}
	return out;
}

/* Every case's lines give themselves again, each case replayed alone, by somebody who knows the playbooks and nothing else. */
static void expect_replayed(const stage *s, const char *source) {
	aplomb_verifier *verifier;
	aplomb_error error = {0};
	assert_int_equal(aplomb_verifier_open(&verifier, NULL, &error), APLOMB_OK);
	const char *const sources[] = {source, honest};
	for (int i = 0; i < 2; i++) {
		const aplomb_load_options options = options_of(i == 0 ? "book.lua" : "honest.lua", sources[i]);
		assert_int_equal(aplomb_verifier_load(verifier, &options, NULL, &error), APLOMB_OK);
	}
	for (uint32_t i = 0; i < s->lines.count; i++)
		if (aplomb_verify(verifier, s->lines.line[i], strlen(s->lines.line[i]), i + 1, &error) != APLOMB_OK) break;
	aplomb_verified verified = APLOMB_VERIFIED_INIT;
	if (aplomb_verifier_end(verifier, &verified, &error) != APLOMB_OK)
		fail_msg("%s %s\nrecorded %s\nproduced %s", error.message, verified.difference != NULL ? verified.difference->message : "",
		    verified.difference != NULL ? verified.difference->recorded_line : "",
		    verified.difference != NULL ? verified.difference->produced_line : "");
	assert_int_equal(verified.lines, s->lines.count);
	aplomb_verifier_close(verifier);
}

/* ---- of itself ------------------------------------------------------------------- */

typedef struct round_case {
	const char *states; /* from line 2 on */
	const char *breach;
} round_case;

static const round_case rounds[] = {
    {"state 's' { on 'go' { to = 'a' } },\nstate 'a' { every '1us' { act = 'data.n = data.n + 1' } }", "3 limit-own-steps"},
    {"state 's' { on 'go' { to = 'a' } },\nstate 'a' { every '1ms' { act = 'data.n = data.n + 1' },\nevery '50m' {} }",
        "3 limit-own-steps"},
    {"state 's' { on 'go' { to = 'a' } },\nstate 'a' { after '0s' { to = 'b' } },\nstate 'b' { after '0s' { to = 'a' } }",
        "3 limit-own-steps"},
    {"state 's' { on 'go' { to = 'a' } },\nstate 'a' {\nat(function(case) return case.opened_at end) { to = 'a' } }", "4 limit-own-steps"},
    {"state 's' { on 'go' { to = 'a' } },\nstate 'a' {\nafter(function() return '1us' end) { to = 'a' } }", "4 limit-own-steps"},
    {"state 's' { on { 'go', 'round' } { act = function(case)\ncase:send { event = 'round', after = '1us' }\nend } }", "3 limit-own-steps"},
    {"state 's' { on { 'go', 'round' } { act = function(case)\n\ncase:send { event = 'round' }\nend } }", "4 limit-own-steps"},
    {"state 's' { on { 'go', 'round' } { act = function(case)\ncase:send { event = 'round' }\ncase:send { event = 'round' }\nend } }",
        "3 limit-own-steps|4 limit-own-steps"},
    {"state 's' { on { 'go', 'error.ask.tell' } { act = function(case)\ncase:ask('tell', { timeout = '1us' })\nend } }",
        "3 limit-own-steps"},
    {"state 's' { on 'go' { to = 'a' } },\nstate 'a' { defer_me, after '1us' { to = 'b' } },\nstate 'b' { after '1us' { to = 'a' } }",
        "3 limit-own-steps|4 limit-own-steps"},
};

static const char *book_of(const char *states) {
	static char source[2048];
	snprintf(source, sizeof source,
	    "local defer_me = on 'round' { defer = true } return playbook 'book' { data = { n = integer { default = 0 } }, event 'go' {}, "
	    "event "
	    "'round' {}, effect 'tell' {}, event 'done.ask.tell' {},\n%s }\n",
	    states);
	return source;
}

static bool is_one_of(const char *text, const char *several) {
	const size_t size = strlen(text);
	const char *found = strstr(several, text);
	return size > 0 && found != NULL && (found[size] == '\0' || found[size] == '|');
}

static void what_a_case_does_of_itself_comes_to_a_limit(void **state) {
	(void)state;
	static const aplomb_limits limits = {.size = sizeof limits, .own_steps = 200};
	size_t wrong = 0;
	for (size_t i = 0; i < sizeof rounds / sizeof *rounds; i++) {
		const char *source = book_of(rounds[i].states);
		stage *s = open_stage(source, &limits, NULL);
		post(s, "c", "book", "go");
		post(s, "h", "honest", "go");
		pump_all(s, 300);
		/* A year at once: however much is due in it, the case is done with after what it may do in an hour. */
		turn(s, 365 * 24 * HOUR);
		post(s, "h", "honest", "go");
		pump_all(s, 300);
		const char *breach = breach_of(s, "c");
		if (!is_one_of(breach, rounds[i].breach)) {
			print_error("%s\ntold:     %s\nexpected: %s\n", rounds[i].states, breach, rounds[i].breach);
			wrong++;
		}
		assert_int_equal(status_of(s, "c"), APLOMB_CASE_FAULTED);
		assert_int_equal(status_of(s, "h"), APLOMB_CASE_OPEN);
		expect_data(s, "h", "{\"n\":102}");
		assert_true(s->lines.count < 500);
		expect_replayed(s, source);
		close_stage(s);
	}
	assert_int_equal(wrong, 0);
}

/* An hour's worth in each hour is no breach, however many hours are caught up on, and what people say counts for nothing. */
static void an_hour_of_a_case_is_its_own(void **state) {
	(void)state;
	static const aplomb_limits limits = {.size = sizeof limits, .own_steps = 60};
	const char *source =
	    book_of("state 's' { every '1m' { act = 'data.n = data.n + 1' }, on 'go' { act = function(case) case:send { event = "
	            "'round' } end }, on 'round' {} }");
	stage *s = open_stage(source, &limits, NULL);
	post(s, "c", "book", "go");
	turn(s, 5 * HOUR);
	pump_all(s, 10);
	expect_data(s, "c", "{\"n\":300}");
	for (int i = 0; i < 100; i++) post(s, "c", "book", "go");
	pump_all(s, 10);
	assert_int_equal(status_of(s, "c"), APLOMB_CASE_OPEN);
	turn(s, 30 * MINUTE);
	pump_all(s, 10);
	expect_data(s, "c", "{\"n\":330}");
	expect_replayed(s, source);
	close_stage(s);
}

/* Half of the hour is in the snapshot. */
static void a_case_that_comes_back_counts_on(void **state) {
	(void)state;
	static const aplomb_limits limits = {.size = sizeof limits, .own_steps = 50};
	const char *source = book_of("state 's' { every '1m' { act = 'data.n = data.n + 1' } }");
	for (int goes_away = 0; goes_away < 2; goes_away++) {
		stage *s = open_stage(source, &limits, NULL);
		post(s, "c", "book", "go");
		turn(s, 30 * MINUTE);
		pump_all(s, 10);
		if (goes_away) {
			char *snapshot, *again;
			size_t size;
			stage *other = open_stage(source, &limits, NULL);
			assert_int_equal(aplomb_case_snapshot(s->rt, "c", &snapshot, &size, NULL), APLOMB_OK);
			assert_non_null(strstr(snapshot, "\"own_steps\":30,"));
			assert_int_equal(aplomb_case_restore(other->rt, snapshot, size, NULL), APLOMB_OK);
			assert_int_equal(aplomb_case_snapshot(other->rt, "c", &again, NULL, NULL), APLOMB_OK);
			assert_non_null(strstr(again, "\"own_steps\":30,"));
			aplomb_text_free(s->rt, snapshot);
			aplomb_text_free(other->rt, again);
			close_stage(s);
			s = other;
		}
		assert_int_equal(aplomb_turn_clock(s->rt, AT_NINE + 59 * MINUTE, NULL), APLOMB_OK);
		pump_all(s, 10);
		assert_int_equal(status_of(s, "c"), APLOMB_CASE_FAULTED);
		expect_data(s, "c", "{\"n\":50}");
		assert_string_equal(breach_of(s, "c"), "2 limit-own-steps");
		close_stage(s);
	}
}

/* ---- to one another ------------------------------------------------------------------ */

static const char ring[] = "return playbook 'book' { data = { to = text { default = '' } }, event 'go' {}, event 'round' {}, state 's' {\n"
                           "on { 'go', 'round' } { act = function(case)\n"
                           "local next = { a = 'b', b = case.subject, c = 'a' }\n"
                           "case:send { event = 'round', to = next[case.id] }\n"
                           "end } } }\n";

static void cases_that_go_round_in_a_ring_come_to_a_limit(void **state) {
	(void)state;
	/* Two of them and three: whoever began it is the one whose step breaks the limit. */
	static const aplomb_limits limits = {.size = sizeof limits, .hops = 60};
	for (int three = 0; three < 2; three++) {
		stage *s = open_stage(ring, &limits, NULL);
		static const char *const ids[] = {"a", "b", "c"};
		for (int i = 0; i < 2 + three; i++) {
			aplomb_event opening = APLOMB_EVENT_INIT;
			opening.case_id = ids[i];
			opening.playbook = "book";
			opening.subject = three ? "c" : "a";
			assert_int_equal(aplomb_case_open(s->rt, &opening, NULL, NULL), APLOMB_OK);
		}
		post(s, "a", "book", "go");
		post(s, "h", "honest", "go");
		pump_all(s, 80);
		assert_string_equal(breach_of(s, "a"), "4 limit-hops");
		for (int i = 1; i < 2 + three; i++) assert_int_equal(status_of(s, ids[i]), APLOMB_CASE_OPEN);
		expect_data(s, "h", "{\"n\":1}");
		expect_replayed(s, ring);
		close_stage(s);
	}
}

static void a_ring_that_takes_a_moment_comes_to_a_limit(void **state) {
	(void)state;
	static const char source[] = "return playbook 'book' { event 'go' {}, event 'round' {}, state 's' {\n"
	                             "on { 'go', 'round' } { act = function(case)\n"
	                             "case:send { event = 'round', to = case.id == 'a' and 'b' or 'a', after = '1us' }\n"
	                             "end } } }\n";
	static const aplomb_limits limits = {.size = sizeof limits, .own_steps = 100};
	stage *s = open_stage(source, &limits, NULL);
	post(s, "a", "book", "go");
	post(s, "b", "book", "go");
	turn(s, MINUTE);
	pump_all(s, 500);
	assert_true(strcmp(breach_of(s, "a"), "3 limit-own-steps") == 0 || strcmp(breach_of(s, "b"), "3 limit-own-steps") == 0);
	expect_replayed(s, source);
	close_stage(s);
}

static void a_case_that_always_invokes_another_comes_to_a_limit(void **state) {
	(void)state;
	static const char source[] = "return playbook 'book' { event 'go' {}, state 's' { on 'go' { to = 'a' } },\n"
	                             "state 'a' {\n"
	                             "invoke 'over' { id = 'x' }, on 'done.invoke.x' { to = 'a' } } }\n";
	static const aplomb_limits limits = {.size = sizeof limits, .hops = 30};
	stage *s = open_stage("return playbook 'over' { final 'o' {} }\n", &limits, NULL);
	load(s, "again.lua", source);
	post(s, "c", "book", "go");
	pump_all(s, 80);
	assert_string_equal(breach_of(s, "c"), "3 limit-hops");
	assert_true(aplomb_cases(s->rt, NULL, NULL) < 40);
	close_stage(s);
}

static void count_one(const char *case_id, void *payload) {
	(void)case_id;
	++*(size_t *)payload;
}

/* Each invokes as many as it may, and so does each of those. */
static void families_do_not_grow_without_end(void **state) {
	(void)state;
	static const char wide[] = "local children = {}\nfor i = 1, 8 do children[i] = invoke 'book' { id = 'c' .. i } end\n"
	                           "return playbook 'book' { event 'go' {}, state 's' { group(children) } }\n";
	static const char few[] =
	    "local function some(n, id, what) local l = {} for i = 1, n do l[i] = invoke(what) { id = id .. i } end return "
	    "group(l) end\n"
	    "return playbook 'book' { event 'go' {}, state 's' { some(%d, 'c', '%s') } }\n";
	static const aplomb_limits limits = {.size = sizeof limits, .children = 8};
	stage *s = open_stage(wide, &limits, NULL);
	post(s, "c", "book", "go");
	pump_all(s, 50);
	size_t count = 0;
	aplomb_cases(s->rt, count_one, &count);
	assert_int_equal(count, 9); /* its children may have two, and want eight */
	assert_string_equal(breach_of(s, "c/c1.1"), "2 limit-children");
	close_stage(s);
	/* Those that keep to it: eight, of which each has two, of which each has one, of which each has one … */
	char source[512];
	s = open_stage("return playbook 'one' { state 's' { invoke 'one' { id = 'o' }, on 'error.invoke.o' {} } }\n", &limits, NULL);
	snprintf(source, sizeof source, few, 2, "one");
	char *book = strstr(source, "playbook 'book'");
	memcpy(book, "playbook 'some'", 15);
	load(s, "some.lua", source);
	snprintf(source, sizeof source, few, 8, "some");
	load(s, "all.lua", source);
	post(s, "c", "book", "go");
	pump_all(s, 50);
	count = 0;
	aplomb_cases(s->rt, count_one, &count);
	assert_int_equal(count, 1 + 8 + 8 * 2 * 7);
	assert_int_equal(status_of(s, "c"), APLOMB_CASE_OPEN);
	close_stage(s);
}

/* ---- others go on ------------------------------------------------------------------- */

static const char busy[] =
    "return playbook 'book' { data = { n = integer { default = 0 }, seen = integer { default = -1 } }, event 'go' {}, event 'round' {},\n"
    "state 's' {\n"
    "every '1s' { act = 'data.n = data.n + 1' },\n"
    "on 'go' { act = 'data.seen = data.n' } } }\n";

static void take_receipt(const aplomb_receipt *receipt, void *payload) {
	*(int *)payload = receipt->code;
}

static void others_go_first_when_a_case_has_much_to_catch_up_on(void **state) {
	(void)state;
	enum { NOTHING = 77 };
	int first = NOTHING, second = NOTHING, own = NOTHING, own_again = NOTHING;
	stage *s = open_stage(busy, NULL, NULL);
	post(s, "c", "book", "round");
	post(s, "h", "honest", "go");
	post(s, "d", "book", "round");
	pump_all(s, 5);
	turn(s, 31 * MINUTE);
	/* Those of the busy ones stand in front. */
	post_with(s, "c", NULL, "go", take_receipt, &own);
	post_with(s, "h", NULL, "go", take_receipt, &first);
	post_with(s, "c", NULL, "round", take_receipt, &own_again);
	post_with(s, "h", NULL, "go", take_receipt, &second);
	assert_int_equal(pump(s), APLOMB_OK);
	assert_int_equal(first, APLOMB_OK);
	assert_int_equal(second, APLOMB_OK);
	assert_int_equal(own, NOTHING);
	assert_int_equal(own_again, NOTHING);
	/* Its timer fired, too, and what was left of the pump was not wasted. */
	expect_data(s, "h", "{\"n\":103}");
	assert_int_equal(s->report.timers + s->report.events, 256);
	assert_true(s->report.more);
	assert_true(strncmp(s->held, "d: ", 3) == 0 || strncmp(s->held, "c: ", 3) == 0);
	assert_non_null(strstr(s->held, "every.s.1 is due (book.lua:3): others go first"));
	/* Within a case everything is in its order: it heard when all that was due before had happened. */
	pump_all(s, 100);
	assert_int_equal(own, APLOMB_OK);
	assert_int_equal(own_again, APLOMB_OK);
	expect_data(s, "c", "{\"n\":1860,\"seen\":1860}");
	expect_data(s, "d", "{\"n\":1860,\"seen\":-1}");
	close_stage(s);
}

/* The lines of one case, in their order. */
static void lines_of(const stage *s, const char *id, journal *out) {
	journal_drop(out);
	char of[32];
	snprintf(of, sizeof of, "\"case\":\"%s\"", id);
	for (uint32_t i = 0; i < s->lines.count; i++) {
		if (strstr(s->lines.line[i], of) != NULL) out->line[out->count++] = strdup(s->lines.line[i]);
	}
}

/* [disturbs]: commits fail while cases are held. What each case's journal holds is the same, and the same as when none is ever held. */
static void a_failed_commit_leaves_those_that_were_held_in_their_order(void **state) {
	(void)state;
	static journal kept[2], now;
	for (int how = 0; how < 3; how++) {
		stage *s = open_stage(busy, NULL, NULL);
		post(s, "c", "book", "round");
		post(s, "d", "book", "round");
		pump_all(s, 5);
		turn(s, 3 * MINUTE);
		post(s, "c", "book", "go");
		post(s, "d", "book", "go");
		post(s, "c", "book", "round");
		for (bool more = true; more;) {
			static int rounds_done;
			s->fails = how == 1 && ++rounds_done % 2 == 1;
			/* One step at a time nobody is held. What a failed commit took back of the host's it posts again. */
			int code = aplomb_pump(s->rt, how == 2 ? 1 : 64, &s->report, NULL);
			assert_true(code == APLOMB_OK || (code == APLOMB_ESTORE && how == 1));
			more = code != APLOMB_OK || s->report.more;
		}
		for (int i = 0; i < 2; i++) {
			lines_of(s, i == 0 ? "c" : "d", how == 0 ? &kept[i] : &now);
			if (how == 2) {
				assert_int_equal(now.count, kept[i].count);
				for (uint32_t k = 0; k < now.count; k++) assert_string_equal(now.line[k], kept[i].line[k]);
			}
		}
		if (how != 1) expect_data(s, "c", "{\"n\":180,\"seen\":180}");
		close_stage(s);
	}
	for (int i = 0; i < 2; i++) journal_drop(&kept[i]);
	journal_drop(&now);
}

/* As a signal would, while the step runs. */
static void interrupt_on_spin(const aplomb_log_record *record, void *payload) {
	const stage *s = payload;
	if (strstr(record->message, "spin") != NULL) aplomb_interrupt(s->rt);
}

static void a_step_that_is_interrupted_while_others_are_held_is_the_one_that_is_dropped(void **state) {
	(void)state;
	static const char source[] = "return playbook 'book' { data = { n = integer { default = 0 } }, event 'go' {}, event 'spin' {},\n"
	                             "state 's' { every '1s' { act = 'data.n = data.n + 1' },\n"
	                             "on 'spin' { act = function(case) while true do case.data.n = case.data.n + 1 end end } } }\n";
	static const aplomb_limits limits = {.size = sizeof limits, .instructions = UINT64_C(100000000000)};
	int own = 77, spun = 77, behind = 77;
	stage *s = open_stage(source, &limits, interrupt_on_spin);
	post(s, "c", "book", "go");
	pump_all(s, 5);
	turn(s, 10 * MINUTE);
	post_with(s, "c", NULL, "go", take_receipt, &own);
	post_with(s, "x", "book", "spin", take_receipt, &spun);
	post_with(s, "h", "honest", "go", take_receipt, &behind);
	assert_int_equal(pump(s), APLOMB_EINTERRUPTED);
	assert_int_equal(spun, APLOMB_EINTERRUPTED);
	assert_int_equal(own, 77);
	pump_all(s, 20);
	assert_int_equal(own, APLOMB_OK);
	assert_int_equal(behind, APLOMB_OK);
	assert_int_equal(aplomb_case_get(s->rt, "x", &(aplomb_case_info)APLOMB_CASE_INFO_INIT, NULL), APLOMB_ENOTFOUND);
	expect_data(s, "c", "{\"n\":600}");
	expect_data(s, "h", "{\"n\":1}");
	close_stage(s);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_a_case_does_of_itself_comes_to_a_limit),
	    cmocka_unit_test(an_hour_of_a_case_is_its_own),
	    cmocka_unit_test(a_case_that_comes_back_counts_on),
	    cmocka_unit_test(cases_that_go_round_in_a_ring_come_to_a_limit),
	    cmocka_unit_test(a_ring_that_takes_a_moment_comes_to_a_limit),
	    cmocka_unit_test(a_case_that_always_invokes_another_comes_to_a_limit),
	    cmocka_unit_test(families_do_not_grow_without_end),
	    cmocka_unit_test(others_go_first_when_a_case_has_much_to_catch_up_on),
	    cmocka_unit_test(a_failed_commit_leaves_those_that_were_held_in_their_order),
	    cmocka_unit_test(a_step_that_is_interrupted_while_others_are_held_is_the_one_that_is_dropped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
