/* SPDX-License-Identifier: MIT */
/* Timers that were due while nobody was there: what fires, when, and what the journal tells of it. */
#include "../test_cmocka.h"

#include <stdio.h>
#include <string.h>

#include "aplomb.h"
#include "host.h"
#include "journal_text.h"

#define AT_NINE INT64_C(1774947600000000) /* 2026-03-31T09:00:00Z */
#define MINUTE INT64_C(60000000)

static const char watch[] =
    "return playbook \"watch\" {\n"
    "  data = { each = integer { default = 0 }, skipped = integer { default = 0 }, collapsed = integer { default = 0 },\n"
    "    after = integer { default = 0 }, sent = integer { default = 0 } },\n"
    "  event \"go\" {}, event \"look\" {}, event \"letter\" {}, event \"step\" {},\n"
    "  state \"idle\" { on \"go\" { to = \"work\" }, on \"step\" { to = \"first\" } },\n"
    "  state \"work\" {\n"
    "    entry(function(case)\n"
    "      case:send { event = \"letter\", after = \"15m\", id = \"a\" }\n"
    "      case:send { event = \"letter\", after = \"16m\", id = \"b\", overdue = \"skip\" }\n"
    "      case:send { event = \"letter\", after = \"17m\", overdue = \"fire\" }\n"
    "    end),\n"
    "    every \"10m\" { act = \"data.each = data.each + 1\" },\n"
    "    every \"10m\" { overdue = \"skip\", act = \"data.skipped = data.skipped + 1\" },\n"
    "    every \"10m\" { overdue = \"collapse\", act = \"data.collapsed = data.collapsed + 1\" },\n"
    "    after \"25m\" { overdue = \"skip\", act = \"data.after = data.after + 100\" },\n"
    "    after \"35m\" { overdue = \"fire\", act = \"data.after = data.after + 1\" },\n"
    "    on \"letter\" { act = \"data.sent = data.sent + 1\" }, on \"look\" {},\n"
    "  },\n"
    "  state \"first\" { after \"10m\" { to = \"second\" }, on \"look\" {} },\n"
    "  state \"second\" { after \"10m\" { overdue = \"skip\", to = \"third\" }, after \"30m\" { to = \"fourth\" }, on \"look\" {} },\n"
    "  state \"third\" { on \"look\" {} },\n"
    "  state \"fourth\" { on \"look\" {} },\n"
    "}\n";

typedef struct host {
	aplomb_runtime *rt;
	bool fails;
	journal_text lines;
} host;

static int keep_lines(const char *text, size_t size, void *payload) {
	host *h = payload;
	return h->fails ? 1 : journal_text_keep(text, size, &h->lines);
}

static void open_watch(host *h, uint32_t per_second) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_error error = {0};
	options.time_follows_events = true;
	options.journal = keep_lines;
	options.journal_payload = h;
	options.overdue_per_second = per_second;
	if (aplomb_open(&h->rt, &options, &error) != APLOMB_OK) fail_msg("%s", error.message);
	load_text(h->rt, "watch.lua", watch);
	assert_int_equal(aplomb_turn_clock(h->rt, AT_NINE, &error), APLOMB_OK);
}

static uint32_t pump(host *h) {
	aplomb_error error = {0};
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	uint32_t fired = 0;
	do {
		if (aplomb_pump(h->rt, 0, &report, &error) != APLOMB_OK) fail_msg("%s", error.message);
		fired += report.timers;
	} while (report.more);
	return fired;
}

static void post(host *h, const char *case_id, const char *name) {
	aplomb_event event = APLOMB_EVENT_INIT;
	aplomb_error error = {0};
	event.case_id = case_id;
	event.playbook = "watch";
	event.name = name;
	if (aplomb_post(h->rt, &event, NULL, NULL, &error) != APLOMB_OK) fail_msg("%s", error.message);
}

static void turn_to(host *h, int64_t minutes) {
	assert_int_equal(aplomb_turn_clock(h->rt, AT_NINE + minutes * MINUTE, NULL), APLOMB_OK);
}

/* Nobody pumped from minute 5 on. */
static void come_back(host *h, int64_t minutes) {
	turn_to(h, minutes);
	assert_int_equal(aplomb_away(h->rt, AT_NINE + 5 * MINUTE, NULL), APLOMB_OK);
}

static const char *data_of(host *h, const char *case_id) {
	static char kept[512];
	char *json;
	size_t size;
	assert_int_equal(aplomb_case_data(h->rt, case_id, &json, &size, NULL), APLOMB_OK);
	snprintf(kept, sizeof kept, "%s", json);
	aplomb_text_free(h->rt, json);
	return kept;
}

static void assert_replays(host *h) {
	assert_replays_as(h->lines.text, "watch.lua", watch);
}

static void overdue_timers_do_what_their_words_say(void **state) {
	(void)state;
	host h = {0};
	open_watch(&h, 0);
	post(&h, "c1", "go");
	pump(&h);
	come_back(&h, 63);
	/* Six of the first, one of the third, one after, two letters. */
	assert_int_equal(pump(&h), 10);
	assert_string_equal(data_of(&h, "c1"), "{\"after\":1,\"collapsed\":1,\"each\":6,\"sent\":2,\"skipped\":0}");
	/* One entry tells it, at the time when it began. */
	assert_int_equal(count_of(h.lines.text, "\"kind\":\"away\""), 1);
	assert_says(h.lines.text,
	    "{\"at\":\"2026-03-31T09:05:00Z\",\"case\":\"c1\",\"cause\":{\"from\":\"2026-03-31T09:05:00Z\",\"to\":\"2026-03-31T10:03:00Z\"}");
	assert_says(h.lines.text,
	    "\"items\":[{\"do\":\"move\",\"due\":\"2026-03-31T10:10:00Z\",\"missed\":6,\"timer\":\"every.work.2\"},"
	    "{\"do\":\"move\",\"due\":\"2026-03-31T10:00:00Z\",\"missed\":5,\"timer\":\"every.work.3\"},"
	    "{\"do\":\"skip\",\"timer\":\"after.work.4\"},{\"do\":\"skip\",\"event\":\"letter\",\"id\":\"b\",\"timer\":\"send\"}]");
	/* Each fired at its own time. */
	assert_says(h.lines.text, "{\"at\":\"2026-03-31T09:15:00Z\",\"case\":\"c1\",\"cause\":{\"armed_seq\":2,");
	assert_says(h.lines.text, "{\"at\":\"2026-03-31T09:35:00Z\",\"case\":\"c1\",\"cause\":{\"armed_seq\":2,\"event\":\"after.work.5\"");
	assert_says(h.lines.text, "{\"at\":\"2026-03-31T10:00:00Z\",\"case\":\"c1\",\"cause\":{\"armed_seq\":3,\"event\":\"every.work.3\"");
	/* And all goes on as ever. */
	turn_to(&h, 70);
	assert_int_equal(pump(&h), 3);
	assert_string_equal(data_of(&h, "c1"), "{\"after\":1,\"collapsed\":2,\"each\":7,\"sent\":2,\"skipped\":1}");
	assert_int_equal(count_of(h.lines.text, "\"kind\":\"away\""), 1);
	assert_replays(&h);
	aplomb_close(h.rt);
}

static void who_missed_nothing_is_told_nothing(void **state) {
	(void)state;
	host h = {0};
	aplomb_error error = {0};
	open_watch(&h, 0);
	post(&h, "c1", "go");
	pump(&h);
	come_back(&h, 9);
	assert_int_equal(pump(&h), 0);
	assert_null(strstr(h.lines.text, "\"kind\":\"away\""));
	turn_to(&h, 10);
	assert_int_equal(pump(&h), 3);
	assert_null(strstr(h.lines.text, "\"kind\":\"away\""));
	assert_int_equal(aplomb_away(h.rt, AT_NINE + 11 * MINUTE, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "away-ahead");
	assert_replays(&h);
	aplomb_close(h.rt);
}

static void what_is_armed_while_catching_up_is_overdue_too(void **state) {
	(void)state;
	host h = {0};
	open_watch(&h, 0);
	post(&h, "c1", "step");
	pump(&h);
	come_back(&h, 45);
	pump(&h);
	/* first until 9:10; second's way to the third is skipped, its way to the fourth is taken at 9:40. */
	assert_true(aplomb_case_is_in(h.rt, "c1", "fourth"));
	assert_says(h.lines.text, "\"items\":[{\"do\":\"skip\",\"timer\":\"after.second.1\"}]");
	assert_says(h.lines.text, "{\"at\":\"2026-03-31T09:40:00Z\",\"case\":\"c1\",\"cause\":{\"armed_seq\":4,\"event\":\"after.second.2\"");
	assert_replays(&h);
	aplomb_close(h.rt);
}

static void overdue_timers_of_all_cases_fire_in_the_order_of_their_deadlines(void **state) {
	(void)state;
	host h = {0};
	open_watch(&h, 0);
	static const char *const ids[] = {"c1", "c2", "c3"};
	for (int i = 0; i < 3; i++) {
		turn_to(&h, i);
		post(&h, ids[i], i == 1 ? "step" : "go");
		pump(&h);
	}
	come_back(&h, 60);
	pump(&h);
	char before[32] = "";
	for (const char *at = strstr(h.lines.text, "\"kind\":\"away\""); at != NULL; at = strchr(at, '\n')) {
		const char *line = strstr(at, "{\"at\":\"");
		if (line == NULL) break;
		char now[21] = "";
		memcpy(now, line + strlen("{\"at\":\""), 20);
		const char *end = strchr(line, '\n');
		/* Absences are told before what is due first, and say when they began. */
		if (memmem(line, (size_t)(end - line), "\"kind\":\"away\"", 13) == NULL) {
			if (strcmp(before, now) > 0) fail_msg("%s comes behind %s", now, before);
			snprintf(before, sizeof before, "%s", now);
		}
		at = line;
	}
	assert_int_equal(count_of(h.lines.text, "\"kind\":\"away\""), 4);
	assert_replays(&h);
	aplomb_close(h.rt);
}

static void coming_back_is_no_storm(void **state) {
	(void)state;
	enum { CASES = 10 };
	host h = {0};
	open_watch(&h, 3);
	for (int i = 0; i < CASES; i++) {
		char id[8];
		snprintf(id, sizeof id, "c%d", i);
		post(&h, id, "step");
	}
	pump(&h);
	come_back(&h, 15);
	aplomb_instant due;
	assert_int_equal(pump(&h), 3);
	assert_true(aplomb_next_due(h.rt, &due));
	assert_true(due == AT_NINE + 15 * MINUTE + 1000000);
	assert_int_equal(pump(&h), 0);
	/* A case that is spoken to catches up first, whatever that comes to; the others wait. */
	post(&h, "c9", "look");
	assert_int_equal(pump(&h), 1);
	assert_true(aplomb_case_is_in(h.rt, "c9", "second"));
	assert_false(aplomb_case_is_in(h.rt, "c5", "second"));
	uint32_t fired = 4;
	for (int seconds = 1; aplomb_next_due(h.rt, &due) && due < AT_NINE + 20 * MINUTE; seconds++) {
		assert_true(due == AT_NINE + 15 * MINUTE + seconds * INT64_C(1000000));
		assert_int_equal(aplomb_turn_clock(h.rt, due, NULL), APLOMB_OK);
		uint32_t now = pump(&h);
		assert_true(now <= 3);
		fired += now;
	}
	assert_int_equal(fired, CASES);
	/* However late they fired, it was at their own time. */
	assert_int_equal(count_of(h.lines.text, "{\"at\":\"2026-03-31T09:10:00Z\""), CASES);
	assert_replays(&h);
	aplomb_close(h.rt);
}

static void a_failed_commit_tells_it_once_all_the_same(void **state) {
	(void)state;
	host h = {0};
	open_watch(&h, 0);
	post(&h, "c1", "go");
	pump(&h);
	come_back(&h, 63);
	h.fails = true;
	assert_int_equal(aplomb_pump(h.rt, 0, NULL, NULL), APLOMB_ESTORE);
	assert_string_equal(data_of(&h, "c1"), "{\"after\":0,\"collapsed\":0,\"each\":0,\"sent\":0,\"skipped\":0}");
	h.fails = false;
	assert_int_equal(pump(&h), 10);
	assert_int_equal(count_of(h.lines.text, "\"kind\":\"away\""), 1);
	assert_replays(&h);
	aplomb_close(h.rt);
}

static void a_snapshot_in_the_midst_of_catching_up_goes_on_where_it_was(void **state) {
	(void)state;
	host h = {0};
	open_watch(&h, 2);
	post(&h, "c1", "go");
	pump(&h);
	come_back(&h, 63);
	assert_int_equal(pump(&h), 2);
	char *json;
	size_t size;
	assert_int_equal(aplomb_case_snapshot(h.rt, "c1", &json, &size, NULL), APLOMB_OK);
	assert_says(json, "\"away\":{\"from\":\"2026-03-31T09:05:00Z\",\"to\":\"2026-03-31T10:03:00Z\"},\"case\":");
	host other = {0};
	open_watch(&other, 0);
	turn_to(&other, 66);
	assert_int_equal(aplomb_case_restore(other.rt, json, size, NULL), APLOMB_OK);
	aplomb_text_free(h.rt, json);
	assert_int_equal(aplomb_away(other.rt, AT_NINE + 63 * MINUTE, NULL), APLOMB_OK);
	assert_int_equal(pump(&other), 8);
	assert_string_equal(data_of(&other, "c1"), "{\"after\":1,\"collapsed\":1,\"each\":6,\"sent\":2,\"skipped\":0}");
	/* Another absence, told before what of the first one was left. */
	assert_int_equal(count_of(other.lines.text, "\"kind\":\"away\""), 1);
	assert_says(other.lines.text, "\"cause\":{\"from\":\"2026-03-31T10:03:00Z\",\"to\":\"2026-03-31T10:06:00Z\"}");
	aplomb_close(other.rt);
	assert_replays(&h);
	aplomb_close(h.rt);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(overdue_timers_do_what_their_words_say),
	    cmocka_unit_test(who_missed_nothing_is_told_nothing),
	    cmocka_unit_test(what_is_armed_while_catching_up_is_overdue_too),
	    cmocka_unit_test(overdue_timers_of_all_cases_fire_in_the_order_of_their_deadlines),
	    cmocka_unit_test(coming_back_is_no_storm),
	    cmocka_unit_test(a_failed_commit_tells_it_once_all_the_same),
	    cmocka_unit_test(a_snapshot_in_the_midst_of_catching_up_goes_on_where_it_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
