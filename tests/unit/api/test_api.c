/* SPDX-License-Identifier: MIT */
#include "late.h"

#include <stdlib.h>

#include "../test_heap.h"

/* ---- life --------------------------------------------------------------- */

static void the_twelve_lines_of_the_header_work(void **state) {
	(void)state;
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_runtime *rt;
	aplomb_error error = {0};
	assert_int_equal(aplomb_open(&rt, &options, &error), APLOMB_OK);
	load_late(rt);
	aplomb_event event = said("order-1", 0, SAYS);
	event.has_at = false;
	event.by = "customer";
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, &error), APLOMB_OK);
	assert_true(aplomb_case_is_in(rt, "order-1", "work.answered"));
	assert_true(aplomb_now(rt) > AT_NINE - 365 * 24 * 60 * MINUTE);
	aplomb_close(rt);
	aplomb_close(NULL);
}

static void two_runtimes_do_not_know_each_other(void **state) {
	(void)state;
	aplomb_runtime *one = open_late(NULL), *other = open_late(NULL);
	aplomb_event event = said("c1", AT_NINE, SAYS);
	assert_int_equal(aplomb_post_wait(one, &event, NULL, NULL), APLOMB_OK);
	assert_true(aplomb_case_is_in(one, "c1", "work.answered"));
	assert_false(aplomb_case_is_in(other, "c1", "work.answered"));
	assert_int_equal(aplomb_cases(one, NULL, NULL), 1);
	assert_int_equal(aplomb_cases(other, NULL, NULL), 0);
	aplomb_close(one);
	event = said("c1", AT_NINE, SAYS);
	assert_int_equal(aplomb_post_wait(other, &event, NULL, NULL), APLOMB_OK);
	aplomb_close(other);
}

static aplomb_instant always_nine(void *payload) {
	++*(int *)payload;
	return AT_NINE;
}

static void options_that_do_not_go_together_are_refused(void **state) {
	(void)state;
	aplomb_runtime *rt = NULL;
	aplomb_error error;
	int asked = 0;
	aplomb_options options = APLOMB_OPTIONS_INIT;
	assert_int_equal(aplomb_open(NULL, &options, &error), APLOMB_EINVAL);
	options.clock = always_nine;
	options.clock_payload = &asked;
	options.time_follows_events = true;
	assert_int_equal(aplomb_open(&rt, &options, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "two-clocks");
	options = (aplomb_options)APLOMB_OPTIONS_INIT;
	options.log_level = (aplomb_level)9;
	assert_int_equal(aplomb_open(&rt, &options, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "log-level");
	options = (aplomb_options)APLOMB_OPTIONS_INIT;
	aplomb_allocator nobody = {NULL, NULL};
	options.allocator = &nobody;
	assert_int_equal(aplomb_open(&rt, &options, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "null-argument");
	assert_null(rt);
}

static void structs_may_be_shorter_or_longer_but_not_without_a_size(void **state) {
	(void)state;
	aplomb_runtime *rt = NULL;
	aplomb_error error;
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.size = 0;
	assert_int_equal(aplomb_open(&rt, &options, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "struct-size");
	/* A program made with an older header knows fewer members. */
	options = (aplomb_options)APLOMB_OPTIONS_INIT;
	options.size = offsetof(aplomb_options, log);
	options.log_level = (aplomb_level)9; /* not looked at */
	options.time_follows_events = true;
	assert_int_equal(aplomb_open(&rt, &options, &error), APLOMB_OK);
	assert_int_equal(aplomb_turn_clock(rt, AT_NINE, &error), APLOMB_OK);
	aplomb_close(rt);
	/* One made with a newer header knows more: fine as long as it does not use it. */
	struct {
		aplomb_options known;
		uint64_t more;
	} newer = {.known = APLOMB_OPTIONS_INIT, .more = 0};
	newer.known.size = sizeof newer;
	assert_int_equal(aplomb_open(&rt, &newer.known, &error), APLOMB_OK);
	aplomb_close(rt);
	newer.more = 1;
	assert_int_equal(aplomb_open(&rt, &newer.known, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "struct-size");
	/* What is given back is cut or filled up likewise. */
	rt = open_late(NULL);
	aplomb_event event = said("c1", AT_NINE, SAYS);
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	struct {
		aplomb_case_info known;
		uint64_t more;
	} info = {.known = APLOMB_CASE_INFO_INIT, .more = 77};
	info.known.size = sizeof info;
	assert_int_equal(aplomb_case_get(rt, "c1", &info.known, &error), APLOMB_OK);
	assert_int_equal(info.more, 0);
	assert_int_equal(info.known.size, sizeof info);
	aplomb_case_info older = APLOMB_CASE_INFO_INIT;
	older.size = offsetof(aplomb_case_info, seq);
	older.seq = 99;
	assert_int_equal(aplomb_case_get(rt, "c1", &older, &error), APLOMB_OK);
	assert_string_equal(older.id, "c1");
	assert_int_equal(older.seq, 99);
	older.size = 0;
	assert_int_equal(aplomb_case_get(rt, "c1", &older, &error), APLOMB_EINVAL);
	aplomb_receipt receipt = {0};
	assert_int_equal(aplomb_post_wait(rt, &event, &receipt, &error), APLOMB_EINVAL);
	aplomb_pump_report report = {0};
	assert_int_equal(aplomb_pump(rt, 0, &report, &error), APLOMB_EINVAL);
	aplomb_totals totals = {.size = 0, .cases = 5};
	aplomb_count(rt, &totals);
	assert_int_equal(totals.cases, 5);
	aplomb_count(rt, NULL);
	aplomb_close(rt);
}

static void the_clock_is_turned_forward_and_by_hand_only(void **state) {
	(void)state;
	aplomb_error error;
	aplomb_runtime *rt = open_late(NULL);
	assert_int_equal(aplomb_turn_clock(rt, AT_NINE, &error), APLOMB_OK);
	assert_true(aplomb_now(rt) == AT_NINE);
	assert_int_equal(aplomb_turn_clock(rt, AT_NINE - 1, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "clock-backwards");
	assert_int_equal(aplomb_turn_clock(rt, INT64_MAX, &error), APLOMB_EINVAL);
	aplomb_close(rt);
	int asked = 0;
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.clock = always_nine;
	options.clock_payload = &asked;
	assert_int_equal(aplomb_open(&rt, &options, &error), APLOMB_OK);
	assert_true(aplomb_now(rt) == AT_NINE);
	assert_true(asked > 0);
	assert_int_equal(aplomb_turn_clock(rt, AT_NINE + 1, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "clock-not-by-hand");
	aplomb_close(rt);
}

/* ---- memory ------------------------------------------------------------- */

/* All a host might do; the first code that is not OK. */
static int do_everything(aplomb_allocator allocator, aplomb_error *error) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_runtime *rt = NULL;
	options.allocator = &allocator;
	options.time_follows_events = true;
	options.trace_case = "c1";
	int code = aplomb_open(&rt, &options, error);
	if (code != APLOMB_OK) return code;
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_playbook *playbook;
	load.source = LATE;
	load.source_size = strlen(LATE);
	aplomb_event event = said("c1", AT_NINE, SAYS);
	aplomb_receipt receipt = APLOMB_RECEIPT_INIT;
	char *json = NULL;
	size_t size;
	code = aplomb_load(rt, &load, &playbook, error);
	if (code == APLOMB_OK) code = aplomb_post_wait(rt, &event, &receipt, error);
	if (code == APLOMB_OK) code = aplomb_case_data(rt, "c1", &json, &size, error);
	if (code == APLOMB_OK) {
		/* When Lua got no memory, the step was undone and the case is faulted. */
		assert_string_equal(json, receipt.faulted ? "{\"said\":0}" : "{\"said\":1}");
		assert_int_equal(size, strlen(json));
		aplomb_text_free(rt, json);
		code = aplomb_case_snapshot(rt, "c1", &json, &size, error);
	}
	if (code == APLOMB_OK) aplomb_text_free(rt, json);
	aplomb_close(rt);
	return code;
}

static void the_hosts_allocator_gets_everything_back_whichever_request_fails(void **state) {
	(void)state;
	test_heap heap = {0};
	aplomb_error error;
	for (heap.fail_at = 1;; heap.fail_at++) {
		heap.calls = 0;
		int code = do_everything(test_heap_allocator(&heap), &error);
		assert_int_equal(heap.blocks, 0);
		assert_int_equal(heap.bytes, 0);
		if (code == APLOMB_OK && heap.calls < heap.fail_at) break;
		/* A failed request may be got over (an optional buffer); one that is not is told as such, or as the limit it is for Lua. */
		bool is_told =
		    code == APLOMB_OK || code == APLOMB_ENOMEM || code == APLOMB_ESTORE || code == APLOMB_ELIMIT || code == APLOMB_EPLAYBOOK;
		if (!is_told) fail_msg("request %llu: %s: %s", (unsigned long long)heap.fail_at, aplomb_code_name(code), error.message);
	}
	assert_true(heap.fail_at > 100);
}

/* ---- callbacks ---------------------------------------------------------- */

typedef struct reentry {
	aplomb_runtime *rt;
	int calls;
	bool may_post;
	int posted_code;
} reentry;

static void tell_nothing(const char *text, void *payload) {
	(void)text;
	++*(int *)payload;
}

static int no_line(const char *text, size_t size, void *payload) {
	(void)text, (void)size, (void)payload;
	return 0;
}

/* Everything that may not be called from inside a callback says so, and getters answer nothing. */
static void try_everything(reentry *r) {
	aplomb_error error;
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_playbook *playbook = NULL;
	aplomb_totals totals = APLOMB_TOTALS_INIT;
	aplomb_event event = said("from-inside", AT_NINE, SAYS);
	char *json = NULL;
	int told = 0;
	if (r->calls++ > 0) return;
	assert_int_equal(aplomb_pump(r->rt, 0, NULL, &error), APLOMB_EBUSY);
	assert_string_equal(error.slug, "busy");
	assert_int_equal(aplomb_post_wait(r->rt, &event, NULL, &error), APLOMB_EBUSY);
	assert_int_equal(aplomb_load(r->rt, &load, &playbook, &error), APLOMB_EBUSY);
	assert_int_equal(aplomb_turn_clock(r->rt, AT_NINE, &error), APLOMB_EBUSY);
	assert_int_equal(aplomb_on_effect(r->rt, "x", NULL, NULL, &error), APLOMB_EBUSY);
	assert_int_equal(aplomb_default_playbook(r->rt, NULL, &error), APLOMB_EBUSY);
	assert_int_equal(aplomb_case_get(r->rt, "c1", &info, &error), APLOMB_EBUSY);
	assert_int_equal(aplomb_case_data(r->rt, "c1", &json, NULL, &error), APLOMB_EBUSY);
	assert_int_equal(aplomb_case_snapshot(r->rt, "c1", &json, NULL, &error), APLOMB_EBUSY);
	assert_int_equal(aplomb_case_restore(r->rt, "{}", 2, &error), APLOMB_EBUSY);
	assert_int_equal(aplomb_journal_each(r->rt, "c1", no_line, NULL, &error), APLOMB_EBUSY);
	assert_false(aplomb_case_is_in(r->rt, "c1", "work"));
	assert_false(aplomb_next_due(r->rt, NULL));
	assert_int_equal(aplomb_cases(r->rt, tell_nothing, &told), 0);
	assert_int_equal(aplomb_case_states(r->rt, "c1", tell_nothing, &told), 0);
	aplomb_count(r->rt, &totals);
	assert_int_equal(totals.cases, 0);
	assert_int_equal(told, 0);
	r->posted_code = aplomb_post(r->rt, &event, NULL, NULL, &error);
	assert_int_equal(r->posted_code, r->may_post ? APLOMB_OK : APLOMB_EBUSY);
}

static void from_receipt(const aplomb_receipt *receipt, void *payload) {
	assert_int_equal(receipt->code, APLOMB_OK);
	try_everything(payload);
}

static int from_effect(const aplomb_effect *effect, void *payload) {
	(void)effect;
	try_everything(payload);
	return 0;
}

static void from_log(const aplomb_log_record *record, void *payload) {
	(void)record;
	try_everything(payload);
}

static int from_journal(const char *text, size_t size, void *payload) {
	(void)text, (void)size;
	try_everything(payload);
	return 0;
}

static void receipts_and_effects_may_post_and_nothing_else(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	reentry receipt = {.rt = rt, .may_post = true}, effect = {.rt = rt, .may_post = true};
	assert_int_equal(aplomb_on_effect(rt, "suggest", from_effect, &effect, NULL), APLOMB_OK);
	aplomb_event event = said("c1", AT_NINE, SAYS);
	assert_int_equal(aplomb_post(rt, &event, from_receipt, &receipt, NULL), APLOMB_OK);
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	assert_int_equal(aplomb_pump(rt, 0, &report, NULL), APLOMB_OK);
	assert_int_equal(receipt.calls, 1);
	assert_int_equal(effect.calls, 1);
	assert_int_equal(report.effects, 1);
	assert_true(report.more); /* what was posted from inside waits */
	assert_int_equal(aplomb_pump(rt, 0, &report, NULL), APLOMB_OK);
	assert_true(aplomb_case_is_in(rt, "from-inside", "work"));
	aplomb_close(rt);
}

static void log_and_journal_sinks_may_call_nothing(void **state) {
	(void)state;
	reentry log = {0}, journal = {0};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.log = from_log;
	options.log_payload = &log;
	options.log_level = APLOMB_LOG_TRACE;
	options.journal = from_journal;
	options.journal_payload = &journal;
	aplomb_runtime *rt = open_late(&options);
	log.rt = journal.rt = rt;
	aplomb_event event = said("c1", AT_NINE, SAYS);
	event.name = "done";
	event.data = NULL;
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	event = said("c1", AT_NINE, SAYS); /* refused, with a line of the log: the case is closed */
	assert_int_equal(aplomb_post(rt, &event, NULL, NULL, NULL), APLOMB_EREFUSED);
	assert_true(journal.calls > 0);
	assert_true(log.calls > 0);
	aplomb_close(rt);
}

static void look_around(const char *text, void *payload) {
	(void)text;
	reentry *r = payload;
	r->may_post = true;
	try_everything(r);
}

static void tellers_are_callbacks_too(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	aplomb_event event = said("c1", AT_NINE, SAYS);
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	reentry cases = {.rt = rt}, states = {.rt = rt};
	assert_int_equal(aplomb_cases(rt, look_around, &cases), 1);
	assert_int_equal(cases.calls, 1);
	assert_int_equal(aplomb_case_states(rt, "c1", look_around, &states), 1);
	assert_int_equal(states.calls, 1);
	aplomb_close(rt);
}

/* ---- cases -------------------------------------------------------------- */

static void gather(const char *text, void *payload) {
	char *all = payload;
	strcat(all, text);
	strcat(all, " ");
}

static void gather_timer(const char *name, aplomb_instant due_at, void *payload) {
	char at[32];
	aplomb_instant_write(due_at, at);
	gather(name, payload);
	gather(at, payload);
}

static void a_case_can_be_looked_at(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	aplomb_error error;
	aplomb_event event = said("c1", AT_NINE, SAYS);
	event.subject = "Ms Okafor";
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	event = said("c1", AT_NINE + MINUTE, SAYS);
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	assert_int_equal(aplomb_case_get(rt, "c1", &info, &error), APLOMB_OK);
	assert_string_equal(info.id, "c1");
	assert_string_equal(info.subject, "Ms Okafor");
	assert_string_equal(aplomb_playbook_id(info.playbook), "late");
	assert_int_equal(info.status, APLOMB_CASE_OPEN);
	assert_int_equal(info.seq, 3);
	assert_true(info.opened_at == AT_NINE);
	assert_true(info.at == AT_NINE + MINUTE);
	assert_int_equal(info.n_timers, 1);
	assert_null(info.outcome);
	char all[256] = "";
	assert_int_equal(aplomb_case_states(rt, "c1", gather, all), 1);
	assert_string_equal(all, "work.waiting ");
	all[0] = '\0';
	assert_int_equal(aplomb_case_timers(rt, "c1", gather_timer, all), 1);
	assert_string_equal(all, "work.waiting 2026-03-31T09:11:00Z ");
	aplomb_instant due;
	assert_true(aplomb_next_due(rt, &due));
	assert_true(due == AT_NINE + 11 * MINUTE);
	assert_true(aplomb_case_is_in(rt, "c1", "work"));
	assert_false(aplomb_case_is_in(rt, "c1", "wrok"));
	assert_false(aplomb_case_is_in(rt, "c1", NULL));
	assert_false(aplomb_case_is_in(rt, NULL, "work"));
	event.name = "done";
	event.data = NULL;
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	assert_int_equal(aplomb_case_get(rt, "c1", &info, &error), APLOMB_OK);
	assert_int_equal(info.status, APLOMB_CASE_CLOSED);
	assert_string_equal(info.outcome, "delivered");
	aplomb_close(rt);
}

static void a_case_that_is_not_there_is_not_found(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	aplomb_error error;
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	char *json = NULL;
	assert_int_equal(aplomb_case_get(rt, "c9", &info, &error), APLOMB_ENOTFOUND);
	assert_string_equal(error.slug, "unknown-case");
	assert_int_equal(aplomb_case_get(rt, NULL, &info, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_case_data(rt, "c9", &json, NULL, &error), APLOMB_ENOTFOUND);
	assert_int_equal(aplomb_case_snapshot(rt, "c9", &json, NULL, &error), APLOMB_ENOTFOUND);
	assert_int_equal(aplomb_journal_each(rt, "c9", no_line, NULL, &error), APLOMB_ENOTFOUND);
	assert_int_equal(aplomb_case_states(rt, "c9", NULL, NULL), 0);
	assert_int_equal(aplomb_case_timers(rt, "c9", NULL, NULL), 0);
	assert_null(json);
	aplomb_text_free(rt, NULL);
	aplomb_close(rt);
}

static void a_case_moves_to_another_runtime_by_its_snapshot(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL), *other = open_late(NULL);
	aplomb_error error = {0};
	aplomb_event event = said("c1", AT_NINE, SAYS);
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	char *snapshot, *again;
	size_t size, again_size;
	assert_int_equal(aplomb_case_snapshot(rt, "c1", &snapshot, &size, &error), APLOMB_OK);
	if (aplomb_case_restore(other, snapshot, size, &error) != APLOMB_OK) fail_msg("%s", error.message);
	assert_true(aplomb_case_is_in(other, "c1", "work.answered"));
	assert_int_equal(aplomb_case_snapshot(other, "c1", &again, &again_size, &error), APLOMB_OK);
	assert_string_equal(again, snapshot);
	assert_int_equal(aplomb_case_restore(other, snapshot, size, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "case-exists");
	assert_int_equal(aplomb_case_restore(other, NULL, 0, &error), APLOMB_EINVAL);
	aplomb_text_free(rt, snapshot);
	aplomb_text_free(other, again);
	aplomb_close(rt);
	aplomb_close(other);
}

/* ---- events and effects ------------------------------------------------- */

static void an_event_says_what_became_of_it(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	aplomb_error error;
	aplomb_receipt receipt = APLOMB_RECEIPT_INIT;
	aplomb_event event = said("c1", AT_NINE, SAYS);
	event.id = "e1";
	assert_int_equal(aplomb_post_wait(rt, &event, &receipt, &error), APLOMB_OK);
	assert_int_equal(receipt.seq, 2);
	assert_string_equal(receipt.event_id, "e1");
	assert_false(receipt.duplicate);
	assert_int_equal(aplomb_post_wait(rt, &event, &receipt, &error), APLOMB_OK);
	assert_true(receipt.duplicate);
	assert_int_equal(receipt.seq, 2);
	event = said("c1", AT_NINE - MINUTE, SAYS);
	assert_int_equal(aplomb_post_wait(rt, &event, &receipt, &error), APLOMB_OK);
	assert_true(receipt.late_by == MINUTE);
	event = said("c1", AT_NINE, "{\"txt\":1}");
	assert_int_equal(aplomb_post_wait(rt, &event, &receipt, &error), APLOMB_EREFUSED);
	assert_string_equal(error.slug, "unknown-field");
	event = said("c1", AT_NINE, SAYS);
	event.name = "done";
	event.data = NULL;
	assert_int_equal(aplomb_post_wait(rt, &event, &receipt, &error), APLOMB_OK);
	assert_true(receipt.closed);
	aplomb_totals totals = APLOMB_TOTALS_INIT;
	aplomb_count(rt, &totals);
	assert_int_equal(totals.cases, 1);
	assert_int_equal(totals.closed, 1);
	assert_int_equal(totals.events, 3);
	assert_int_equal(totals.duplicates, 1);
	assert_int_equal(totals.late, 1);
	assert_int_equal(totals.refused, 1);
	aplomb_close(rt);
}

static void a_step_without_end_faults_its_case_and_no_other(void **state) {
	(void)state;
	aplomb_limits limits = {.size = sizeof limits, .instructions = 1000};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.limits = &limits;
	aplomb_runtime *rt = open_late(&options);
	aplomb_receipt receipt = APLOMB_RECEIPT_INIT;
	aplomb_error error;
	aplomb_event event = said("c1", AT_NINE, NULL);
	event.name = "spin";
	assert_int_equal(aplomb_post_wait(rt, &event, &receipt, &error), APLOMB_OK);
	assert_true(receipt.faulted);
	event = said("c1", AT_NINE, SAYS);
	assert_int_equal(aplomb_post_wait(rt, &event, &receipt, &error), APLOMB_EFAULTED);
	event = said("c2", AT_NINE, SAYS);
	assert_int_equal(aplomb_post_wait(rt, &event, &receipt, &error), APLOMB_OK);
	assert_true(aplomb_case_is_in(rt, "c2", "work.answered"));
	aplomb_close(rt);
}

static void fields_do_as_well_as_json(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	aplomb_error error;
	aplomb_event event = said("c1", AT_NINE, NULL);
	aplomb_field text = {.name = "text", .kind = APLOMB_TEXT};
	text.as.text.bytes = "Hello";
	text.as.text.size = 5;
	event.fields = &text;
	event.n_fields = 1;
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, &error), APLOMB_OK);
	event.data = SAYS;
	assert_int_equal(aplomb_post(rt, &event, NULL, NULL, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "data-twice");
	event.data = NULL;
	event.fields = NULL;
	assert_int_equal(aplomb_post(rt, &event, NULL, NULL, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "null-argument");
	event.n_fields = 0;
	event.case_id = NULL;
	assert_int_equal(aplomb_post(rt, &event, NULL, NULL, &error), APLOMB_EINVAL);
	event.case_id = "c1";
	event.name = NULL;
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_post(rt, NULL, NULL, NULL, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_post_wait(rt, NULL, NULL, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_post(NULL, &event, NULL, NULL, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_post_json(rt, NULL, 0, NULL, NULL, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_post_json(rt, "{", 1, NULL, NULL, &error), APLOMB_EJSON);
	aplomb_close(rt);
}

typedef struct taken {
	int count, refuse;
	char key[64], data[64], because[64];
} taken;

static int take_effect(const aplomb_effect *effect, void *payload) {
	taken *t = payload;
	t->count++;
	assert_int_equal(effect->attempt, t->count);
	snprintf(t->key, sizeof t->key, "%s", effect->key);
	snprintf(t->data, sizeof t->data, "%s", effect->data);
	return t->count <= t->refuse;
}

static void an_effect_is_offered_until_it_is_taken_with_the_same_key(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	taken t = {.refuse = 1};
	assert_int_equal(aplomb_on_effect(rt, "suggest", take_effect, &t, NULL), APLOMB_OK);
	aplomb_event event = said("c1", AT_NINE, SAYS);
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	assert_int_equal(t.count, 1);
	assert_string_equal(t.data, SAYS);
	char key[64];
	strcpy(key, t.key);
	aplomb_instant due;
	assert_true(aplomb_next_due(rt, &due));
	assert_true(due > AT_NINE);
	assert_int_equal(aplomb_turn_clock(rt, due, NULL), APLOMB_OK);
	assert_int_equal(aplomb_pump(rt, 0, NULL, NULL), APLOMB_OK);
	assert_int_equal(t.count, 2);
	assert_string_equal(t.key, key);
	aplomb_totals totals = APLOMB_TOTALS_INIT;
	aplomb_count(rt, &totals);
	assert_int_equal(totals.undelivered, 0);
	assert_int_equal(aplomb_on_effect(rt, NULL, take_effect, &t, NULL), APLOMB_EINVAL);
	assert_int_equal(aplomb_on_effect(rt, "x", NULL, &t, NULL), APLOMB_EINVAL);
	aplomb_close(rt);
}

static void gather_kind(const char *kind, const char *playbook, void *payload) {
	gather(kind, payload);
	gather(playbook, payload);
}

static void kinds_that_nobody_handles_are_told(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	char all[128] = "";
	assert_int_equal(aplomb_missing_handlers(rt, gather_kind, all), 2);
	assert_string_equal(all, "suggest late notify late ");
	taken t = {0};
	assert_int_equal(aplomb_on_effect(rt, "suggest", take_effect, &t, NULL), APLOMB_OK);
	assert_int_equal(aplomb_missing_handlers(rt, NULL, NULL), 1);
	assert_int_equal(aplomb_on_effect(rt, "*", take_effect, &t, NULL), APLOMB_OK);
	assert_int_equal(aplomb_missing_handlers(rt, NULL, NULL), 0);
	aplomb_close(rt);
}

/* ---- journal ------------------------------------------------------------ */

static int refuse_lines(const char *text, size_t size, void *payload) {
	(void)text, (void)size;
	return --*(int *)payload < 0 ? 28 : 0;
}

static void a_journal_that_cannot_be_written_leaves_the_case_as_it_was(void **state) {
	(void)state;
	int takes = 1;
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.journal = refuse_lines;
	options.journal_payload = &takes;
	aplomb_runtime *rt = open_late(&options);
	aplomb_error error;
	aplomb_event event = said("c1", AT_NINE, SAYS);
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, &error), APLOMB_OK);
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, &error), APLOMB_ESTORE);
	assert_string_equal(error.slug, "journal-sink");
	assert_true(aplomb_case_is_in(rt, "c1", "work.answered"));
	takes = 1;
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, &error), APLOMB_OK);
	assert_true(aplomb_case_is_in(rt, "c1", "work.waiting"));
	aplomb_close(rt);
}

static int count_lines(const char *text, size_t size, void *payload) {
	assert_true(size > 2 && text[0] == '{' && text[size - 1] == '}');
	return ++*(int *)payload == 2 ? 5 : 0;
}

static void lines_are_told_until_somebody_has_enough(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	aplomb_event event = said("c1", AT_NINE, SAYS);
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	int count = 0;
	aplomb_journal_each(rt, "c1", count_lines, &count, NULL);
	assert_int_equal(count, 2);
	assert_int_equal(aplomb_journal_each(rt, "c1", NULL, NULL, NULL), APLOMB_EINVAL);
	aplomb_close(rt);
}

/* A hint: whatever is announced, in whatever order, the same comes of the same events. */
static void to_announce_cases_changes_nothing(void **state) {
	(void)state;
	enum { CASES = 150 };
	static char ids[CASES][80];
	const char *announced[CASES + 4] = {NULL, "", "nobody", "a name that is so long that no case of this runtime has it, and longer"};
	aplomb_runtime *told = open_late(NULL), *untold = open_late(NULL);
	aplomb_expect(told, announced, 4); /* no case is there yet */
	for (size_t i = 0; i < CASES; i++) {
		snprintf(ids[i], sizeof ids[i], i % 3 == 0 ? "c%zu" : "a case with a name of more bytes than a key has, number %zu", i);
		announced[CASES + 3 - i] = ids[i];
	}
	for (int round = 0; round < 3; round++) {
		aplomb_expect(told, announced, sizeof announced / sizeof *announced);
		for (size_t i = 0; i < CASES; i++) {
			const aplomb_event event = said(ids[i], AT_NINE + round * MINUTE, i % 7 == 0 ? NULL : SAYS);
			aplomb_error error;
			assert_int_equal(aplomb_post(told, &event, NULL, NULL, &error), aplomb_post(untold, &event, NULL, NULL, NULL));
		}
		assert_int_equal(aplomb_pump(told, 0, NULL, NULL), APLOMB_OK);
		aplomb_expect(told, announced, 1);
		assert_int_equal(aplomb_pump(untold, 0, NULL, NULL), APLOMB_OK);
	}
	for (size_t i = 0; i < CASES; i++) {
		char *one, *other;
		if (aplomb_case_snapshot(told, ids[i], &one, NULL, NULL) != APLOMB_OK) {
			assert_int_equal(aplomb_case_snapshot(untold, ids[i], &other, NULL, NULL), APLOMB_ENOTFOUND);
			continue;
		}
		assert_int_equal(aplomb_case_snapshot(untold, ids[i], &other, NULL, NULL), APLOMB_OK);
		assert_string_equal(one, other);
		aplomb_text_free(told, one);
		aplomb_text_free(untold, other);
	}
	assert_int_equal(aplomb_cases(told, NULL, NULL), aplomb_cases(untold, NULL, NULL));
	assert_true(aplomb_cases(told, NULL, NULL) > CASES / 2);
	aplomb_close(told);
	aplomb_close(untold);
}

static void nothing_happens_to_nobody(void **state) {
	(void)state;
	aplomb_expect(NULL, NULL, 1);
	aplomb_error error;
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	assert_int_equal(aplomb_pump(NULL, 0, NULL, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "null-argument");
	assert_int_equal(aplomb_case_get(NULL, "c1", &info, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_now(NULL), 0);
	assert_false(aplomb_next_due(NULL, NULL));
	assert_false(aplomb_case_is_in(NULL, "c1", "work"));
	assert_int_equal(aplomb_cases(NULL, NULL, NULL), 0);
	assert_int_equal(aplomb_missing_handlers(NULL, NULL, NULL), 0);
	aplomb_text_free(NULL, NULL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_twelve_lines_of_the_header_work),
	    cmocka_unit_test(two_runtimes_do_not_know_each_other),
	    cmocka_unit_test(options_that_do_not_go_together_are_refused),
	    cmocka_unit_test(structs_may_be_shorter_or_longer_but_not_without_a_size),
	    cmocka_unit_test(the_clock_is_turned_forward_and_by_hand_only),
	    cmocka_unit_test(the_hosts_allocator_gets_everything_back_whichever_request_fails),
	    cmocka_unit_test(receipts_and_effects_may_post_and_nothing_else),
	    cmocka_unit_test(log_and_journal_sinks_may_call_nothing),
	    cmocka_unit_test(tellers_are_callbacks_too),
	    cmocka_unit_test(a_case_can_be_looked_at),
	    cmocka_unit_test(a_case_that_is_not_there_is_not_found),
	    cmocka_unit_test(a_case_moves_to_another_runtime_by_its_snapshot),
	    cmocka_unit_test(an_event_says_what_became_of_it),
	    cmocka_unit_test(a_step_without_end_faults_its_case_and_no_other),
	    cmocka_unit_test(fields_do_as_well_as_json),
	    cmocka_unit_test(an_effect_is_offered_until_it_is_taken_with_the_same_key),
	    cmocka_unit_test(kinds_that_nobody_handles_are_told),
	    cmocka_unit_test(a_journal_that_cannot_be_written_leaves_the_case_as_it_was),
	    cmocka_unit_test(lines_are_told_until_somebody_has_enough),
	    cmocka_unit_test(to_announce_cases_changes_nothing),
	    cmocka_unit_test(nothing_happens_to_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
