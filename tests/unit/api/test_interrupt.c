/* SPDX-License-Identifier: MIT */
/* aplomb_interrupt: a step that runs is broken off and did not happen; what was done before it stands. */
#include "late.h"

#include <stdio.h>
#include <stdlib.h>

#define SLOW                                                                                                                               \
	"return playbook \"slow\" {\n"                                                                                                         \
	"  data = { count = integer { default = 0 } },\n"                                                                                      \
	"  event \"add\" {}, event \"spin\" {},\n"                                                                                             \
	"  effect \"added\" {},\n"                                                                                                             \
	"  state \"here\" {\n"                                                                                                                 \
	"    on \"add\" { act = function(case) case.data.count = case.data.count + 1 case:effect(\"added\", {}) end },\n"                      \
	"    on \"spin\" { act = function(case) case.data.count = 100 while true do case.data.count = case.data.count + 1 end end },\n"        \
	"    after \"10m\" { act = function(case) for i = 1, 50000000 do case.data.count = i end end },\n"                                     \
	"  },\n"                                                                                                                               \
	"}\n"

/* A runtime that is interrupted, and what came of it. */
typedef struct heard {
	aplomb_runtime *rt;
	uint64_t effects;
	char text[65536];
	size_t size;
	int receipts, code;
	char why[128];
} heard;

static int keep(const char *text, size_t size, void *payload) {
	heard *h = payload;
	assert_true(h->size + size < sizeof h->text);
	memcpy(h->text + h->size, text, size);
	h->size += size;
	h->text[h->size] = '\0';
	return 0;
}

static void take_receipt(const aplomb_receipt *receipt, void *payload) {
	heard *h = payload;
	h->receipts++;
	h->code = receipt->code;
	snprintf(h->why, sizeof h->why, "%s", receipt->message != NULL ? receipt->message : "");
}

/* As a signal would: while the step runs. With tracing on, every event's step logs before its actions run. */
static void interrupt_on_spin(const aplomb_log_record *record, void *payload) {
	heard *h = payload;
	if (strstr(record->message, "spin") != NULL || strstr(record->message, "after.") != NULL) aplomb_interrupt(h->rt);
}

static heard *open_slow(void) {
	static const aplomb_limits limits = {.size = sizeof limits, .instructions = UINT64_C(100000000000)};
	heard *h = calloc(1, sizeof *h);
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_playbook *playbook;
	aplomb_error error;
	options.time_follows_events = true;
	options.journal = keep;
	options.journal_payload = h;
	options.limits = &limits;
	options.log = interrupt_on_spin;
	options.log_payload = h;
	options.log_level = APLOMB_LOG_TRACE;
	options.log_per_second = 1000000;
	assert_int_equal(aplomb_open(&h->rt, &options, NULL), APLOMB_OK);
	load.source = SLOW;
	load.source_size = strlen(SLOW);
	if (aplomb_load(h->rt, &load, &playbook, &error) != APLOMB_OK) fail_msg("%u: %s", error.line, error.message);
	assert_int_equal(aplomb_default_playbook(h->rt, playbook, NULL), APLOMB_OK);
	return h;
}

static void end(heard *h) {
	aplomb_close(h->rt);
	free(h);
}

static aplomb_event event_of(const char *name, aplomb_instant at) {
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = "c1";
	event.name = name;
	event.has_at = true;
	event.at = at;
	return event;
}

static void assert_count(heard *h, const char *json) {
	char *data;
	assert_int_equal(aplomb_case_data(h->rt, "c1", &data, NULL, NULL), APLOMB_OK);
	assert_string_equal(data, json);
	aplomb_text_free(h->rt, data);
}

static void a_step_that_is_interrupted_did_not_happen(void **state) {
	(void)state;
	heard *h = open_slow();
	aplomb_event event = event_of("add", AT_NINE);
	aplomb_error error;
	assert_int_equal(aplomb_post_wait(h->rt, &event, NULL, NULL), APLOMB_OK);
	size_t before = h->size;
	event = event_of("spin", AT_NINE);
	event.id = "e7";
	assert_int_equal(aplomb_post_wait(h->rt, &event, NULL, &error), APLOMB_EINTERRUPTED);
	assert_string_equal(error.slug, "interrupted");
	assert_int_equal(h->size, before);
	assert_count(h, "{\"count\":1}");
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	assert_int_equal(aplomb_case_get(h->rt, "c1", &info, NULL), APLOMB_OK);
	assert_int_equal(info.status, APLOMB_CASE_OPEN);
	/* The case goes on, and the id is not taken for seen. */
	event = event_of("add", AT_NINE);
	event.id = "e7";
	aplomb_receipt receipt = APLOMB_RECEIPT_INIT;
	assert_int_equal(aplomb_post_wait(h->rt, &event, &receipt, NULL), APLOMB_OK);
	assert_false(receipt.duplicate);
	assert_count(h, "{\"count\":2}");
	end(h);
}

static void what_was_done_before_it_in_the_same_pump_stands(void **state) {
	(void)state;
	heard *h = open_slow();
	aplomb_event add = event_of("add", AT_NINE), spin = event_of("spin", AT_NINE);
	for (int i = 0; i < 3; i++) assert_int_equal(aplomb_post(h->rt, &add, NULL, NULL, NULL), APLOMB_OK);
	assert_int_equal(aplomb_post(h->rt, &spin, take_receipt, h, NULL), APLOMB_OK);
	assert_int_equal(aplomb_post(h->rt, &add, NULL, NULL, NULL), APLOMB_OK);
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	aplomb_error error;
	assert_int_equal(aplomb_pump(h->rt, 0, &report, &error), APLOMB_EINTERRUPTED);
	assert_int_equal(report.events, 3);
	assert_true(report.more);
	assert_count(h, "{\"count\":3}");
	assert_int_equal(h->receipts, 1);
	assert_int_equal(h->code, APLOMB_EINTERRUPTED);
	assert_string_equal(h->why, "the step was interrupted and did not happen");
	/* What came behind it is stepped by the next pump, and the journal is what it is without the interrupted one. */
	assert_int_equal(aplomb_pump(h->rt, 0, NULL, NULL), APLOMB_OK);
	assert_count(h, "{\"count\":4}");
	char *with = strdup(h->text);
	assert_int_equal(aplomb_reset(h->rt, NULL), APLOMB_OK);
	h->size = 0;
	for (int i = 0; i < 4; i++) assert_int_equal(aplomb_post(h->rt, &add, NULL, NULL, NULL), APLOMB_OK);
	assert_int_equal(aplomb_pump(h->rt, 0, NULL, NULL), APLOMB_OK);
	assert_string_equal(h->text, with);
	free(with);
	end(h);
}

static void a_case_that_an_interrupted_event_would_have_opened_is_not_there(void **state) {
	(void)state;
	heard *h = open_slow();
	aplomb_event event = event_of("spin", AT_NINE);
	assert_int_equal(aplomb_post_wait(h->rt, &event, NULL, NULL), APLOMB_EINTERRUPTED);
	assert_int_equal(aplomb_cases(h->rt, NULL, NULL), 0);
	assert_int_equal(h->size, 0);
	event = event_of("add", AT_NINE);
	assert_int_equal(aplomb_post_wait(h->rt, &event, NULL, NULL), APLOMB_OK);
	assert_count(h, "{\"count\":1}");
	end(h);
}

static void a_timer_that_was_interrupted_stays_due(void **state) {
	(void)state;
	heard *h = open_slow();
	aplomb_event event = event_of("add", AT_NINE);
	assert_int_equal(aplomb_post_wait(h->rt, &event, NULL, NULL), APLOMB_OK);
	size_t before = h->size;
	assert_int_equal(aplomb_turn_clock(h->rt, AT_NINE + 10 * MINUTE, NULL), APLOMB_OK);
	assert_int_equal(aplomb_pump(h->rt, 0, NULL, NULL), APLOMB_EINTERRUPTED);
	assert_int_equal(h->size, before);
	assert_count(h, "{\"count\":1}");
	aplomb_instant due;
	assert_true(aplomb_next_due(h->rt, &due));
	assert_true(due == AT_NINE + 10 * MINUTE);
	/* Whoever waits behind it is interrupted with it, and their event does not happen later. */
	event = event_of("add", AT_NINE + 10 * MINUTE);
	assert_int_equal(aplomb_post_wait(h->rt, &event, NULL, NULL), APLOMB_EINTERRUPTED);
	assert_count(h, "{\"count\":1}");
	end(h);
}

static void an_interruption_of_nothing_is_nothing(void **state) {
	(void)state;
	heard *h = open_slow();
	aplomb_event event = event_of("add", AT_NINE);
	aplomb_interrupt(h->rt);
	assert_int_equal(aplomb_post_wait(h->rt, &event, NULL, NULL), APLOMB_OK);
	aplomb_interrupt(h->rt);
	assert_int_equal(aplomb_pump(h->rt, 0, NULL, NULL), APLOMB_OK);
	aplomb_interrupt(NULL);
	assert_count(h, "{\"count\":1}");
	end(h);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_step_that_is_interrupted_did_not_happen),
	    cmocka_unit_test(what_was_done_before_it_in_the_same_pump_stands),
	    cmocka_unit_test(a_case_that_an_interrupted_event_would_have_opened_is_not_there),
	    cmocka_unit_test(a_timer_that_was_interrupted_stays_due),
	    cmocka_unit_test(an_interruption_of_nothing_is_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
