/* SPDX-License-Identifier: MIT */
/* A case that broke a limit goes on, goes on without, is set right or is closed; its journal says why, and replays. */
#include "../test_cmocka.h"

#include <stdio.h>
#include <string.h>

#include "aplomb.h"
#include "host.h"
#include "journal_text.h"

#define AT_NINE INT64_C(1774947600000000) /* 2026-03-31T09:00:00Z */
#define MINUTE INT64_C(60000000)

/* What burns does so as long as `hot` is true. */
static const char stove[] =
    "local function burn(case, event) while case.data.hot do end end\n"
    "return playbook \"stove\" {\n"
    "  data = { hot = boolean { default = true }, n = integer { default = 0 }, note = text {} },\n"
    "  event \"touch\" { with = text {} }, event \"count\" {}, event \"later\" {}, event \"move\" {}, event \"send\" {}, event \"sent\" "
    "{},\n"
    "  state \"open\" {\n"
    "    on \"touch\" { act = { burn, \"data.n = data.n + 1; data.note = event.with\" } },\n"
    "    on \"count\" { act = \"data.n = data.n + 1\" }, on \"later\" { defer = true }, on \"move\" { to = \"moved\" },\n"
    "    on \"send\" { act = function(case) case:send { event = \"sent\", id = \"s\", after = \"5m\" } end },\n"
    "    on \"sent\" { act = { burn, \"data.n = data.n + 10\" } },\n"
    "    every \"10m\" { act = { burn, \"data.n = data.n + 100\" } },\n"
    "  },\n"
    "  state \"moved\" { on \"later\" { act = { burn, \"data.n = data.n + 1000\" } }, on \"count\" { act = \"data.n = data.n + 1\" } },\n"
    "}\n";
static const char born_hot[] = "return playbook \"stove\" {\n"
                               "  data = { hot = boolean { default = true }, n = integer { default = 0 } }, event \"count\" {},\n"
                               "  state \"open\" { entry(function(case) while case.data.hot do end end), on \"count\" { act = \"data.n = "
                               "data.n + 1\" } },\n"
                               "}\n";

typedef struct host {
	aplomb_runtime *rt;
	const char *source;
	bool fails;
	journal_text lines;
} host;

static int keep_lines(const char *text, size_t size, void *payload) {
	host *h = payload;
	return h->fails ? 1 : journal_text_keep(text, size, &h->lines);
}

static void open_stove(host *h, const char *source, bool keeps) {
	aplomb_limits limits = {.size = sizeof limits, .instructions = 20000};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_error error = {0};
	*h = (host){.source = source};
	options.time_follows_events = true;
	options.limits = &limits;
	options.forget_journal = !keeps;
	if (keeps) {
		options.journal = keep_lines;
		options.journal_payload = h;
	}
	if (aplomb_open(&h->rt, &options, &error) != APLOMB_OK) fail_msg("%s", error.message);
	load_text(h->rt, "stove.lua", source);
	assert_int_equal(aplomb_turn_clock(h->rt, AT_NINE, NULL), APLOMB_OK);
}

static aplomb_receipt post_as(host *h, const char *id, const char *name, const char *data) {
	aplomb_event event = APLOMB_EVENT_INIT;
	aplomb_receipt receipt = APLOMB_RECEIPT_INIT;
	event.id = id;
	event.case_id = "c1";
	event.playbook = "stove";
	event.name = name;
	event.data = data;
	aplomb_post_wait(h->rt, &event, &receipt, NULL);
	return receipt;
}

static aplomb_receipt post(host *h, const char *name) {
	return post_as(h, NULL, name, NULL);
}

static int mend(host *h, aplomb_mend_kind kind, const char *data, aplomb_receipt *receipt, aplomb_error *error) {
	aplomb_mend how = APLOMB_MEND_INIT;
	how.kind = kind;
	how.because = "it was looked into";
	how.by = "operator:7";
	how.data = data;
	return aplomb_case_mend(h->rt, "c1", &how, receipt, error);
}

static aplomb_receipt mended(host *h, aplomb_mend_kind kind, const char *data) {
	aplomb_receipt receipt = APLOMB_RECEIPT_INIT;
	aplomb_error error = {0};
	if (mend(h, kind, data, &receipt, &error) != APLOMB_OK) fail_msg("%s", error.message);
	return receipt;
}

static void pump_to(host *h, int64_t minutes) {
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	assert_int_equal(aplomb_turn_clock(h->rt, AT_NINE + minutes * MINUTE, NULL), APLOMB_OK);
	do assert_int_equal(aplomb_pump(h->rt, 0, &report, NULL), APLOMB_OK);
	while (report.more);
}

static aplomb_case_status status_of(host *h) {
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	assert_int_equal(aplomb_case_get(h->rt, "c1", &info, NULL), APLOMB_OK);
	return info.status;
}

static const char *data_of(host *h) {
	static char kept[512];
	char *json;
	size_t size;
	assert_int_equal(aplomb_case_data(h->rt, "c1", &json, &size, NULL), APLOMB_OK);
	snprintf(kept, sizeof kept, "%s", json);
	aplomb_text_free(h->rt, json);
	return kept;
}

/* Every line again; and the case as it came out is the one that is here. */
static void end(host *h) {
	assert_replays_as(h->lines.text, "stove.lua", h->source);
	aplomb_totals totals = APLOMB_TOTALS_INIT;
	aplomb_count(h->rt, &totals);
	assert_int_equal(totals.faulted, status_of(h) == APLOMB_CASE_FAULTED);
	assert_int_equal(totals.closed, status_of(h) == APLOMB_CASE_CLOSED);
	aplomb_close(h->rt);
}

/* Through a snapshot into another runtime. */
static void move(host *h) {
	char *json;
	size_t size;
	aplomb_error error = {0};
	aplomb_instant now = aplomb_now(h->rt);
	assert_int_equal(aplomb_case_snapshot(h->rt, "c1", &json, &size, NULL), APLOMB_OK);
	host other;
	open_stove(&other, h->source, false);
	assert_int_equal(aplomb_turn_clock(other.rt, now, NULL), APLOMB_OK);
	if (aplomb_case_restore(other.rt, json, size, &error) != APLOMB_OK) fail_msg("%s", error.message);
	aplomb_text_free(h->rt, json);
	aplomb_close(h->rt);
	*h = other;
}

static void a_case_goes_on_with_the_event_that_broke_it(void **state) {
	(void)state;
	host h;
	open_stove(&h, stove, true);
	assert_true(post_as(&h, "e1", "touch", "{\"with\":\"a spoon\"}").faulted);
	assert_int_equal(status_of(&h), APLOMB_CASE_FAULTED);
	/* Nothing is better yet: it breaks again, and stands as before. */
	aplomb_receipt receipt = mended(&h, APLOMB_MEND_RESUME, NULL);
	assert_true(receipt.faulted);
	assert_int_equal(status_of(&h), APLOMB_CASE_FAULTED);
	receipt = mended(&h, APLOMB_MEND_SET, "{\"hot\":false,\"n\":5}");
	assert_false(receipt.faulted);
	assert_int_equal(status_of(&h), APLOMB_CASE_FAULTED);
	assert_says(h.lines.text,
	    "\"cause\":{\"because\":\"it was looked into\",\"by\":\"operator:7\",\"data\":{\"hot\":false,\"n\":5},\"do\":\"set\"}");
	receipt = mended(&h, APLOMB_MEND_RESUME, NULL);
	assert_int_equal(status_of(&h), APLOMB_CASE_OPEN);
	assert_string_equal(data_of(&h), "{\"hot\":false,\"n\":6,\"note\":\"a spoon\"}");
	/* The sender's id is seen, and gets its first answer. */
	aplomb_receipt again = post_as(&h, "e1", "touch", NULL);
	assert_true(again.duplicate && again.faulted);
	assert_int_equal(post(&h, "count").seq, receipt.seq + 1);
	/* Timers go on as they were armed. */
	pump_to(&h, 10);
	assert_string_equal(data_of(&h), "{\"hot\":false,\"n\":107,\"note\":\"a spoon\"}");
	end(&h);
}

static void a_case_goes_on_without_the_event_that_broke_it(void **state) {
	(void)state;
	host h;
	open_stove(&h, stove, true);
	post(&h, "touch");
	assert_false(mended(&h, APLOMB_MEND_SKIP, NULL).faulted);
	assert_int_equal(status_of(&h), APLOMB_CASE_OPEN);
	post(&h, "count");
	assert_string_equal(data_of(&h), "{\"hot\":true,\"n\":1}");
	end(&h);
}

static void a_timer_that_broke_it_fires_again_or_is_skipped(void **state) {
	(void)state;
	for (int skips = 0; skips < 2; skips++) {
		host h;
		open_stove(&h, stove, true);
		post(&h, "send");
		pump_to(&h, 6);
		assert_int_equal(status_of(&h), APLOMB_CASE_FAULTED);
		aplomb_instant due;
		assert_false(aplomb_next_due(h.rt, &due));
		mended(&h, APLOMB_MEND_SET, "{\"hot\":false}");
		mended(&h, skips ? APLOMB_MEND_SKIP : APLOMB_MEND_RESUME, NULL);
		assert_int_equal(status_of(&h), APLOMB_CASE_OPEN);
		pump_to(&h, 9);
		assert_string_equal(data_of(&h), skips ? "{\"hot\":false,\"n\":0}" : "{\"hot\":false,\"n\":10}");
		if (skips) assert_says(h.lines.text, "\"items\":[{\"do\":\"skip\",\"event\":\"sent\",\"id\":\"s\",\"timer\":\"send\"}]");
		/* The other timer was parked with it, and fires at its time. */
		pump_to(&h, 10);
		assert_string_equal(data_of(&h), skips ? "{\"hot\":false,\"n\":100}" : "{\"hot\":false,\"n\":110}");
		end(&h);
	}
}

static void what_repeats_goes_on_when_one_time_is_skipped(void **state) {
	(void)state;
	host h;
	open_stove(&h, stove, true);
	post(&h, "count");
	pump_to(&h, 12);
	assert_int_equal(status_of(&h), APLOMB_CASE_FAULTED);
	mended(&h, APLOMB_MEND_SET, "{\"hot\":false}");
	mended(&h, APLOMB_MEND_SKIP, NULL);
	pump_to(&h, 19);
	assert_string_equal(data_of(&h), "{\"hot\":false,\"n\":1}");
	pump_to(&h, 20);
	assert_string_equal(data_of(&h), "{\"hot\":false,\"n\":101}");
	end(&h);
}

static void a_deferred_event_that_broke_it_is_offered_again_or_dropped(void **state) {
	(void)state;
	for (int skips = 0; skips < 2; skips++) {
		host h;
		open_stove(&h, stove, true);
		post(&h, "later");
		post(&h, "move");
		assert_int_equal(status_of(&h), APLOMB_CASE_FAULTED);
		assert_true(aplomb_case_is_in(h.rt, "c1", "moved"));
		mended(&h, APLOMB_MEND_SET, "{\"hot\":false}");
		mended(&h, skips ? APLOMB_MEND_SKIP : APLOMB_MEND_RESUME, NULL);
		assert_string_equal(data_of(&h), skips ? "{\"hot\":false,\"n\":0}" : "{\"hot\":false,\"n\":1000}");
		post(&h, "count");
		end(&h);
	}
}

static void a_case_that_broke_while_it_opened_opens_again_or_is_closed(void **state) {
	(void)state;
	host h;
	aplomb_error error = {0};
	open_stove(&h, born_hot, true);
	post(&h, "count");
	assert_int_equal(status_of(&h), APLOMB_CASE_FAULTED);
	assert_int_equal(mend(&h, APLOMB_MEND_SKIP, NULL, NULL, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "fault-final");
	assert_true(mended(&h, APLOMB_MEND_RESUME, NULL).faulted);
	mended(&h, APLOMB_MEND_SET, "{\"hot\":false}");
	assert_false(mended(&h, APLOMB_MEND_RESUME, NULL).faulted);
	assert_true(aplomb_case_is_in(h.rt, "c1", "open"));
	post(&h, "count");
	assert_string_equal(data_of(&h), "{\"hot\":false,\"n\":1}");
	end(&h);
	open_stove(&h, born_hot, true);
	post(&h, "count");
	assert_true(mended(&h, APLOMB_MEND_CLOSE, NULL).closed);
	assert_int_equal(status_of(&h), APLOMB_CASE_CLOSED);
	end(&h);
}

static void a_closed_case_has_no_timers_and_takes_nothing(void **state) {
	(void)state;
	host h;
	aplomb_instant due;
	aplomb_error error = {0};
	open_stove(&h, stove, true);
	post(&h, "send");
	post(&h, "touch");
	assert_true(mended(&h, APLOMB_MEND_CLOSE, NULL).closed);
	assert_says(h.lines.text, "\"do\":\"close\"}");
	assert_says(h.lines.text, "{\"do\":\"closed\",\"outcome\":null}");
	assert_false(aplomb_next_due(h.rt, &due));
	post(&h, "count");
	assert_string_equal(data_of(&h), "{\"hot\":true,\"n\":0}");
	assert_int_equal(mend(&h, APLOMB_MEND_RESUME, NULL, NULL, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "not-faulted");
	assert_says(error.message, "closed");
	end(&h);
}

static void what_broke_it_is_in_the_snapshot(void **state) {
	(void)state;
	host h;
	open_stove(&h, stove, true);
	post_as(&h, NULL, "touch", "{\"with\":\"a spoon\"}");
	char *json;
	size_t size;
	assert_int_equal(aplomb_case_snapshot(h.rt, "c1", &json, &size, NULL), APLOMB_OK);
	assert_says(json, "\"faulted\":{\"by\":\"system\",\"data\":{\"with\":\"a spoon\"},\"event\":\"touch\"},");
	aplomb_text_free(h.rt, json);
	move(&h);
	mended(&h, APLOMB_MEND_SET, "{\"hot\":false}");
	mended(&h, APLOMB_MEND_RESUME, NULL);
	assert_string_equal(data_of(&h), "{\"hot\":false,\"n\":1,\"note\":\"a spoon\"}");
	assert_int_equal(aplomb_case_snapshot(h.rt, "c1", &json, &size, NULL), APLOMB_OK);
	assert_null(strstr(json, "\"faulted\":"));
	aplomb_text_free(h.rt, json);
	aplomb_close(h.rt);
}

static void what_cannot_be_done_changes_nothing(void **state) {
	(void)state;
	host h;
	aplomb_error error = {0};
	open_stove(&h, stove, true);
	post(&h, "count");
	assert_int_equal(mend(&h, APLOMB_MEND_RESUME, NULL, NULL, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "not-faulted");
	post(&h, "touch");
	const size_t lines = strlen(h.lines.text);
	assert_int_equal(mend(&h, APLOMB_MEND_SET, "{\"hto\":false}", NULL, &error), APLOMB_EREFUSED);
	assert_string_equal(error.slug, "unknown-field");
	assert_says(error.message, "did you mean \"hot\"?");
	assert_int_equal(mend(&h, APLOMB_MEND_SET, "{\"hot\":false,\"n\":\"x\"}", NULL, &error), APLOMB_EREFUSED);
	assert_int_equal(mend(&h, APLOMB_MEND_SET, "[]", NULL, &error), APLOMB_EREFUSED);
	assert_int_equal(mend(&h, APLOMB_MEND_SET, "{", NULL, &error), APLOMB_EJSON);
	assert_int_equal(mend(&h, APLOMB_MEND_SET, NULL, NULL, &error), APLOMB_EINVAL);
	assert_int_equal(mend(&h, APLOMB_MEND_SKIP, "{}", NULL, &error), APLOMB_EINVAL);
	assert_int_equal(mend(&h, (aplomb_mend_kind)9, NULL, NULL, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "bad-mend");
	aplomb_mend silent = APLOMB_MEND_INIT;
	assert_int_equal(aplomb_case_mend(h.rt, "c1", &silent, NULL, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_case_mend(h.rt, "c2", &silent, NULL, &error), APLOMB_ENOTFOUND);
	h.fails = true;
	assert_int_equal(mend(&h, APLOMB_MEND_SKIP, NULL, NULL, &error), APLOMB_ESTORE);
	assert_int_equal(mend(&h, APLOMB_MEND_CLOSE, NULL, NULL, &error), APLOMB_ESTORE);
	assert_int_equal(mend(&h, APLOMB_MEND_RESUME, NULL, NULL, &error), APLOMB_ESTORE);
	h.fails = false;
	assert_int_equal(strlen(h.lines.text), lines);
	assert_int_equal(status_of(&h), APLOMB_CASE_FAULTED);
	assert_string_equal(data_of(&h), "{\"hot\":true,\"n\":1}");
	mended(&h, APLOMB_MEND_SKIP, NULL);
	end(&h);
}

static void who_writes_no_lines_can_only_close(void **state) {
	(void)state;
	host h;
	aplomb_error error = {0};
	open_stove(&h, stove, false);
	post(&h, "touch");
	assert_int_equal(mend(&h, APLOMB_MEND_RESUME, NULL, NULL, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "fault-unknown");
	assert_true(mended(&h, APLOMB_MEND_CLOSE, NULL).closed);
	aplomb_close(h.rt);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_case_goes_on_with_the_event_that_broke_it),
	    cmocka_unit_test(a_case_goes_on_without_the_event_that_broke_it),
	    cmocka_unit_test(a_timer_that_broke_it_fires_again_or_is_skipped),
	    cmocka_unit_test(what_repeats_goes_on_when_one_time_is_skipped),
	    cmocka_unit_test(a_deferred_event_that_broke_it_is_offered_again_or_dropped),
	    cmocka_unit_test(a_case_that_broke_while_it_opened_opens_again_or_is_closed),
	    cmocka_unit_test(a_closed_case_has_no_timers_and_takes_nothing),
	    cmocka_unit_test(what_broke_it_is_in_the_snapshot),
	    cmocka_unit_test(what_cannot_be_done_changes_nothing),
	    cmocka_unit_test(who_writes_no_lines_can_only_close),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
