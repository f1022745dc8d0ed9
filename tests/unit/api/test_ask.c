/* SPDX-License-Identifier: MIT */
/* case:ask as a host sees it: an effect that says what answers it, and the case's word when nobody did. */
#include "../test_cmocka.h"

#include <stdio.h>
#include <string.h>

#include "aplomb.h"
#include "host.h"
#include "journal_text.h"

#define AT_NINE INT64_C(1774947600000000) /* 2026-03-31T09:00:00Z */
#define SECOND INT64_C(1000000)

static const char asking[] =
    "return playbook \"asking\" {\n"
    "  data = { why = text {}, slug = text {}, asked = integer { default = 0 } },\n"
    "  event \"customer.message\" {}, event \"forget\" {}, event \"move\" {},\n"
    "  event \"done.ask.stock\" { there = boolean { required = true } },\n"
    "  effect \"look-up\" { order = text { required = true } },\n"
    "  state \"idle\" { on \"customer.message\" { to = \"looking\" } },\n"
    "  state \"looking\" {\n"
    "    entry(\"data.asked = data.asked + 1\", function(case)\n"
    "      case:ask(\"look-up\", { order = \"A-1\", timeout = \"10s\" }, { id = \"stock\", because = \"they asked\" })\n"
    "    end),\n"
    "    on \"done.ask.stock\" { { when = \"event.there\", to = \"there\" }, { to = \"gone\" } },\n"
    "    on \"error.ask.stock\" { to = \"unknown\", act = \"data.why = event.message; data.slug = event.slug\" },\n"
    "    on \"customer.message\" { to = \"looking\", because = \"they ask again\" },\n"
    "    on \"forget\" { act = function(case) case:cancel(\"stock\") end },\n"
    "    on \"move\" { to = \"idle\" },\n"
    "  },\n"
    "  state \"unknown\" { on \"customer.message\" { to = \"looking\" } },\n"
    "  state \"there\" {},\n"
    "  state \"gone\" {},\n"
    "}\n";

typedef struct asked {
	aplomb_runtime *rt;
	int count;
	char ask[32], key[64];
	aplomb_instant answer_by;
	const char *answer; /* posted from inside the handler, or NULL */
	const char *data;
	journal_text lines;
} asked;

static aplomb_event event_of(const char *name, aplomb_instant at, const char *data) {
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = "c1";
	event.playbook = "asking";
	event.name = name;
	event.has_at = true;
	event.at = at;
	event.data = data;
	event.data_size = data != NULL ? strlen(data) : 0;
	return event;
}

static int look_up(const aplomb_effect *effect, void *payload) {
	asked *a = payload;
	a->count++;
	assert_non_null(effect->ask);
	assert_string_equal(effect->data, "{\"order\":\"A-1\"}");
	assert_string_equal(effect->because, "they asked");
	snprintf(a->ask, sizeof a->ask, "%s", effect->ask);
	snprintf(a->key, sizeof a->key, "%s", effect->key);
	a->answer_by = effect->answer_by;
	if (a->answer == NULL) return 0;
	aplomb_event event = event_of(a->answer, effect->at + SECOND, a->data);
	event.id = effect->key;
	assert_int_equal(aplomb_post(a->rt, &event, NULL, NULL, NULL), APLOMB_OK);
	return 0;
}

static aplomb_runtime *open_asking(asked *a) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_error error = {0};
	options.time_follows_events = true;
	options.journal = journal_text_keep;
	options.journal_payload = &a->lines;
	if (aplomb_open(&a->rt, &options, &error) != APLOMB_OK) fail_msg("%s", error.message);
	load_text(a->rt, "asking.lua", asking);
	assert_int_equal(aplomb_on_effect(a->rt, "look-up", look_up, a, &error), APLOMB_OK);
	return a->rt;
}

static void say(asked *a, const char *name, aplomb_span at, const char *data) {
	aplomb_event event = event_of(name, AT_NINE + at, data);
	aplomb_error error = {0};
	if (aplomb_post(a->rt, &event, NULL, NULL, &error) != APLOMB_OK) fail_msg("%s", error.message);
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	do assert_int_equal(aplomb_pump(a->rt, 0, &report, &error), APLOMB_OK);
	while (report.more);
}

static const char *last_line(const asked *a) {
	const char *at = a->lines.text + strlen(a->lines.text) - 1;
	while (at > a->lines.text && at[-1] != '\n') at--;
	return at;
}

static void the_handler_learns_what_answers_and_may_answer_at_once(void **state) {
	(void)state;
	asked a = {.answer = "done.ask.stock", .data = "{\"there\":true}"};
	open_asking(&a);
	say(&a, "customer.message", 0, NULL);
	assert_int_equal(a.count, 1);
	assert_string_equal(a.ask, "stock");
	assert_true(a.answer_by == AT_NINE + 10 * SECOND);
	assert_true(aplomb_case_is_in(a.rt, "c1", "there"));
	/* The question is in the journal as an effect, the open question as what is due when nobody answers. */
	assert_says(a.lines.text,
	    "{\"ask\":\"stock\",\"because\":\"they asked\",\"data\":{\"order\":\"A-1\"},\"do\":\"effect\",\"kind\":\"look-up\"},"
	    "{\"do\":\"arm\",\"due\":\"2026-03-31T09:00:10Z\",\"event\":\"error.ask.stock\",\"id\":\"stock\",\"timer\":\"send\"}");
	assert_says(
	    last_line(&a), "\"items\":[{\"do\":\"cancel\",\"id\":\"stock\",\"timer\":\"send\"},{\"do\":\"transition\",\"from\":\"looking\"");
	aplomb_instant due;
	assert_false(aplomb_next_due(a.rt, &due));
	aplomb_close(a.rt);
}

static void when_nobody_answers_the_case_is_told_and_a_late_answer_is_an_ordinary_event(void **state) {
	(void)state;
	asked a = {0};
	open_asking(&a);
	say(&a, "customer.message", 0, NULL);
	say(&a, "done.ask.stock", 11 * SECOND, "{\"there\":true}");
	assert_true(aplomb_case_is_in(a.rt, "c1", "unknown"));
	assert_says(a.lines.text,
	    "\"cause\":{\"armed_seq\":2,\"data\":{\"message\":\"nobody answered \\\"stock\\\" within 10s\",\"slug\":\"ask-timeout\"},"
	    "\"event\":\"error.ask.stock\",\"send\":\"stock\"}");
	assert_says(last_line(&a), "\"event\":\"done.ask.stock\"");
	assert_says(last_line(&a), "\"items\":[{\"do\":\"unhandled\"}]");
	aplomb_close(a.rt);
}

static void a_host_that_cannot_answer_says_why(void **state) {
	(void)state;
	asked a = {.answer = "error.ask.stock", .data = "{\"message\":\"the stock is closed\",\"slug\":\"closed\"}"};
	open_asking(&a);
	say(&a, "customer.message", 0, NULL);
	assert_true(aplomb_case_is_in(a.rt, "c1", "unknown"));
	assert_says(last_line(&a), "{\"do\":\"cancel\",\"id\":\"stock\",\"timer\":\"send\"}");
	char *data;
	size_t size;
	assert_int_equal(aplomb_case_data(a.rt, "c1", &data, &size, NULL), APLOMB_OK);
	assert_string_equal(data, "{\"asked\":1,\"slug\":\"closed\",\"why\":\"the stock is closed\"}");
	aplomb_text_free(a.rt, data);
	aplomb_close(a.rt);
}

static void asked_anew_only_the_new_timeout_counts(void **state) {
	(void)state;
	asked a = {0};
	open_asking(&a);
	say(&a, "customer.message", 0, NULL);
	say(&a, "customer.message", 8 * SECOND, NULL);
	assert_int_equal(a.count, 2);
	assert_says(last_line(&a), "{\"do\":\"cancel\",\"id\":\"stock\",\"timer\":\"send\"},{\"ask\":\"stock\"");
	say(&a, "done.ask.stock", 17 * SECOND, "{\"there\":false}");
	assert_true(aplomb_case_is_in(a.rt, "c1", "gone"));
	aplomb_close(a.rt);
}

static void a_question_outlives_its_state_and_can_be_taken_back(void **state) {
	(void)state;
	asked a = {0};
	aplomb_instant due;
	open_asking(&a);
	say(&a, "customer.message", 0, NULL);
	say(&a, "move", SECOND, NULL);
	assert_true(aplomb_next_due(a.rt, &due) && due == AT_NINE + 10 * SECOND);
	/* The answer closes the question whether or not a state takes it. */
	say(&a, "done.ask.stock", 2 * SECOND, "{\"there\":true}");
	assert_says(last_line(&a), "\"items\":[{\"do\":\"cancel\",\"id\":\"stock\",\"timer\":\"send\"},{\"do\":\"unhandled\"}]");
	assert_false(aplomb_next_due(a.rt, &due));
	say(&a, "customer.message", 3 * SECOND, NULL);
	say(&a, "forget", 4 * SECOND, NULL);
	assert_false(aplomb_next_due(a.rt, &due));
	assert_true(aplomb_case_is_in(a.rt, "c1", "looking"));
	aplomb_close(a.rt);
}

static void an_open_question_survives_in_a_snapshot(void **state) {
	(void)state;
	for (int answers = 0; answers < 2; answers++) {
		asked a = {0}, b = {0};
		open_asking(&a);
		open_asking(&b);
		say(&a, "customer.message", 0, NULL);
		char *json;
		size_t size;
		assert_int_equal(aplomb_case_snapshot(a.rt, "c1", &json, &size, NULL), APLOMB_OK);
		aplomb_error error = {0};
		if (aplomb_case_restore(b.rt, json, size, &error) != APLOMB_OK) fail_msg("%s", error.message);
		aplomb_text_free(a.rt, json);
		char *before = a.lines.text + strlen(a.lines.text);
		for (int i = 0; i < 2; i++) {
			asked *which = i == 0 ? &a : &b;
			if (answers) say(which, "done.ask.stock", 3 * SECOND, "{\"there\":true}");
			say(which, "customer.message", 20 * SECOND, NULL);
			assert_true(aplomb_case_is_in(which->rt, "c1", answers ? "there" : "looking"));
		}
		assert_string_equal(b.lines.text, before);
		assert_int_equal(b.count, answers ? 0 : 1); /* what was asked before is not asked again */
		aplomb_close(a.rt);
		aplomb_close(b.rt);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_handler_learns_what_answers_and_may_answer_at_once),
	    cmocka_unit_test(when_nobody_answers_the_case_is_told_and_a_late_answer_is_an_ordinary_event),
	    cmocka_unit_test(a_host_that_cannot_answer_says_why),
	    cmocka_unit_test(asked_anew_only_the_new_timeout_counts),
	    cmocka_unit_test(a_question_outlives_its_state_and_can_be_taken_back),
	    cmocka_unit_test(an_open_question_survives_in_a_snapshot),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
