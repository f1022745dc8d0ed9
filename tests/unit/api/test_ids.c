/* SPDX-License-Identifier: MIT */
/* An event with an id counts once: whoever sends it again hears what became of it the first time. */
#include "../test_cmocka.h"

#include <stdio.h>
#include <string.h>

#include "aplomb.h"
#include "host.h"
#include "journal_text.h"

static const char desk[] =
    "return playbook \"desk\" {\n"
    "  data = { n = integer { default = 0 } },\n"
    "  event \"count\" {}, event \"unloved\" {}, event \"later\" {}, event \"end\" {}, event \"burn\" {},\n"
    "  state \"open\" {\n"
    "    on \"count\" { act = \"data.n = data.n + 1\" }, on \"later\" { defer = true }, on \"end\" { to = \"over\" },\n"
    "    on \"burn\" { act = function() while true do end end },\n"
    "  },\n"
    "  final \"over\" {},\n"
    "}\n";

typedef struct host {
	aplomb_runtime *rt;
	journal_text lines;
} host;

static void open_desk(host *h, uint32_t ids) {
	aplomb_limits limits = {.size = sizeof limits, .instructions = 10000, .ids = ids};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_error error = {0};
	options.time_follows_events = true;
	options.limits = &limits;
	options.journal = journal_text_keep;
	options.journal_payload = &h->lines;
	if (aplomb_open(&h->rt, &options, &error) != APLOMB_OK) fail_msg("%s", error.message);
	load_text(h->rt, "desk.lua", desk);
}

static aplomb_receipt post(host *h, const char *case_id, const char *id, const char *name) {
	aplomb_event event = APLOMB_EVENT_INIT;
	aplomb_receipt receipt = APLOMB_RECEIPT_INIT;
	aplomb_error error = {0};
	event.id = id;
	event.case_id = case_id;
	event.playbook = "desk";
	event.name = name;
	if (aplomb_post_wait(h->rt, &event, &receipt, &error) != APLOMB_OK) fail_msg("%s: %s", name, error.message);
	return receipt;
}

/* Through a snapshot into another runtime. */
static void move_to(host *from, host *to, const char *case_id) {
	char *json;
	size_t size;
	aplomb_error error = {0};
	assert_int_equal(aplomb_case_snapshot(from->rt, case_id, &json, &size, NULL), APLOMB_OK);
	if (aplomb_case_restore(to->rt, json, size, &error) != APLOMB_OK) fail_msg("%s", error.message);
	aplomb_text_free(from->rt, json);
}

static void assert_same_answer(aplomb_receipt first, aplomb_receipt again) {
	assert_true(again.duplicate && !first.duplicate);
	assert_int_equal(again.seq, first.seq);
	assert_int_equal(again.unhandled, first.unhandled);
	assert_int_equal(again.deferred, first.deferred);
	assert_int_equal(again.faulted, first.faulted);
	assert_int_equal(again.closed, first.closed);
}

static void the_second_gets_the_first_answer_in_all_it_says(void **state) {
	(void)state;
	static const char *const names[] = {"count", "unloved", "later", "end", "burn"};
	host h = {0}, other = {0};
	open_desk(&h, 0);
	open_desk(&other, 0);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char id[8];
		snprintf(id, sizeof id, "c%zu", i);
		aplomb_receipt first = post(&h, id, "e1", names[i]);
		assert_int_equal(first.unhandled, strcmp(names[i], "unloved") == 0);
		assert_int_equal(first.deferred, strcmp(names[i], "later") == 0);
		assert_int_equal(first.closed, strcmp(names[i], "end") == 0);
		assert_int_equal(first.faulted, strcmp(names[i], "burn") == 0);
		assert_same_answer(first, post(&h, id, "e1", names[i]));
		/* Whatever it is called the second time, and wherever the case is by then. */
		assert_same_answer(first, post(&h, id, "e1", "count"));
		move_to(&h, &other, id);
		assert_same_answer(first, post(&other, id, "e1", names[i]));
	}
	assert_string_equal(other.lines.text, "");
	aplomb_close(h.rt);
	aplomb_close(other.rt);
}

static void an_id_is_remembered_as_long_as_the_limit_says(void **state) {
	(void)state;
	host h = {0}, other = {0};
	open_desk(&h, 5);
	open_desk(&other, 5);
	assert_int_equal(post(&h, "c1", "e1", "count").seq, 2);
	for (int i = 0; i < 4; i++) post(&h, "c1", NULL, "count");
	/* Entry 6 is the newest: entry 2 is the fifth, counted from it. */
	assert_true(post(&h, "c1", "e1", "count").duplicate);
	move_to(&h, &other, "c1");
	assert_true(post(&other, "c1", "e1", "count").duplicate);
	post(&h, "c1", NULL, "count");
	aplomb_receipt anew = post(&h, "c1", "e1", "count");
	assert_false(anew.duplicate);
	assert_int_equal(anew.seq, 8);
	assert_same_answer(anew, post(&h, "c1", "e1", "count"));
	/* However many there are, so few are kept. */
	for (int i = 0; i < 100; i++) {
		char id[16];
		snprintf(id, sizeof id, "x%d", i);
		assert_false(post(&h, "c1", id, "count").duplicate);
	}
	char *json;
	size_t size;
	assert_int_equal(aplomb_case_snapshot(h.rt, "c1", &json, &size, NULL), APLOMB_OK);
	const char *ids = strstr(json, "\"ids\":[");
	assert_non_null(ids);
	char kept[512] = "";
	snprintf(kept, sizeof kept, "%.*s", (int)strcspn(ids + 7, "}") - 1, ids + 7);
	assert_int_equal(count_of(kept, "\",10"), 5);
	assert_int_equal(count_of(h.lines.text, "\"limits\":{\"data\":1048576,\"deferred\":100,\"depth\":64,\"effects\":256,\"ids\":5,"), 1);
	aplomb_text_free(h.rt, json);
	/* A replay forgets when the journal's runtime forgot. */
	assert_replays_as(h.lines.text, "desk.lua", desk);
	aplomb_close(h.rt);
	aplomb_close(other.rt);
}

static void note(const aplomb_receipt *receipt, void *payload) {
	char *told = payload;
	size_t used = strlen(told);
	snprintf(told + used, 128 - used, "%d %d %s;", receipt->code, (int)receipt->seq, receipt->duplicate ? "duplicate" : "first");
}

static void one_that_waits_is_answered_before_its_second(void **state) {
	(void)state;
	host h = {0};
	char told[128] = "";
	open_desk(&h, 0);
	aplomb_event event = APLOMB_EVENT_INIT;
	event.id = "e1";
	event.case_id = "c1";
	event.playbook = "desk";
	event.name = "count";
	for (int i = 0; i < 3; i++) assert_int_equal(aplomb_post(h.rt, &event, note, told, NULL), APLOMB_OK);
	assert_int_equal(aplomb_pump(h.rt, 0, NULL, NULL), APLOMB_OK);
	assert_string_equal(told, "0 2 first;0 2 duplicate;0 2 duplicate;");
	aplomb_close(h.rt);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_second_gets_the_first_answer_in_all_it_says),
	    cmocka_unit_test(an_id_is_remembered_as_long_as_the_limit_says),
	    cmocka_unit_test(one_that_waits_is_answered_before_its_second),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
