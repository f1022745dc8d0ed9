/* SPDX-License-Identifier: MIT */
/* Cases that outlive their runtime, and that leave memory while it lives. */
#include "../../store/place.h"
#include "../../store/sql.h"
#include "../test_heap.h"
#include "host.h"
#include "late.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "journal_text.h"

static aplomb_options with_store(const place *p, uint32_t resident) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.store = p->path;
	options.durability = APLOMB_DURABILITY_NORMAL;
	options.resident = resident;
	return options;
}

static aplomb_runtime *open_again(const place *p, uint32_t resident) {
	aplomb_options options = with_store(p, resident);
	return open_late(&options);
}

static aplomb_runtime *open_new(const place *p, uint32_t resident) {
	place_remove_files(p);
	return open_again(p, resident);
}

static void tells(aplomb_runtime *rt, const char *id, aplomb_instant at) {
	aplomb_event event = said(id, at, SAYS);
	aplomb_error error;
	if (aplomb_post_wait(rt, &event, NULL, &error) != APLOMB_OK) fail_msg("%s: %s", id, error.message);
}

static int append(const char *text, size_t size, void *payload) {
	char *out = payload;
	size_t used = strlen(out);
	assert_true(used + size + 2 < 65536);
	memcpy(out + used, text, size);
	memcpy(out + used + size, "\n", 2);
	return 0;
}

static char *journal_of(aplomb_runtime *rt, const char *id) {
	char *text = calloc(1, 65536);
	aplomb_error error;
	if (aplomb_journal_each(rt, id, append, text, &error) != APLOMB_OK) fail_msg("%s: %s", id, error.message);
	return text;
}

/* ---- a restart ------------------------------------------------------------------ */

static void a_case_is_there_again_as_it_was(void **state) {
	const place *p = *state;
	aplomb_runtime *rt = open_new(p, 0);
	tells(rt, "c1", AT_NINE);
	char *before = journal_of(rt, "c1");
	aplomb_close(rt);
	rt = open_again(p, 0);
	assert_int_equal(aplomb_now(rt), AT_NINE);
	assert_int_equal(aplomb_cases(rt, NULL, NULL), 1);
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	assert_int_equal(aplomb_case_get(rt, "c1", &info, NULL), APLOMB_OK);
	assert_int_equal(info.status, APLOMB_CASE_OPEN);
	assert_int_equal(info.opened_at, AT_NINE);
	assert_true(aplomb_case_is_in(rt, "c1", "work.answered"));
	char *after = journal_of(rt, "c1");
	assert_string_equal(after, before);
	assert_int_equal(aplomb_case_get(rt, "c2", &info, NULL), APLOMB_ENOTFOUND);
	tells(rt, "c1", AT_NINE + MINUTE);
	assert_true(aplomb_case_is_in(rt, "c1", "work.waiting"));
	free(before);
	free(after);
	aplomb_close(rt);
}

static void a_timer_keeps_its_deadline_while_nobody_runs(void **state) {
	const place *p = *state;
	aplomb_runtime *rt = open_new(p, 0);
	tells(rt, "c1", AT_NINE);
	tells(rt, "c1", AT_NINE + MINUTE); /* waits again, until 9:11 */
	tells(rt, "c2", AT_NINE + 3 * MINUTE);
	tells(rt, "c2", AT_NINE + 4 * MINUTE); /* until 9:14 */
	aplomb_close(rt);
	rt = open_again(p, 0);
	aplomb_instant at;
	assert_true(aplomb_next_due(rt, &at));
	assert_int_equal(at, AT_NINE + 11 * MINUTE);
	assert_int_equal(aplomb_turn_clock(rt, AT_NINE + 60 * MINUTE, NULL), APLOMB_OK);
	assert_int_equal(aplomb_pump(rt, 0, NULL, NULL), APLOMB_OK);
	assert_true(aplomb_case_is_in(rt, "c1", "work.overdue"));
	assert_true(aplomb_case_is_in(rt, "c2", "work.overdue"));
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	assert_int_equal(aplomb_case_get(rt, "c1", &info, NULL), APLOMB_OK);
	assert_int_equal(info.at, AT_NINE + 11 * MINUTE);
	assert_int_equal(aplomb_case_get(rt, "c2", &info, NULL), APLOMB_OK);
	assert_int_equal(info.at, AT_NINE + 14 * MINUTE);
	assert_false(aplomb_next_due(rt, &at));
	aplomb_close(rt);
}

/* With the playbook as it was edited meanwhile: nobody is answered any more. */
static aplomb_runtime *open_edited(const place *p, aplomb_playbook **playbook) {
	char source[4096];
	snprintf(source, sizeof source, "%s", LATE);
	char *to = strstr(source, "to = \"answered\"");
	assert_non_null(to);
	memcpy(to, "to = \"overdue\" ", 15);
	aplomb_options options = with_store(p, 0);
	options.time_follows_events = true;
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	load.path = "late.lua";
	load.source = source;
	load.source_size = strlen(source);
	aplomb_runtime *rt;
	assert_int_equal(aplomb_open(&rt, &options, NULL), APLOMB_OK);
	assert_int_equal(aplomb_load(rt, &load, playbook, NULL), APLOMB_OK);
	return rt;
}

static void count_unreadable(const aplomb_log_record *record, void *payload) {
	*(int *)payload += strcmp(record->code, "case-unreadable") == 0;
}

static void count_case(const char *id, void *payload) {
	assert_string_equal(id, "c2");
	++*(int *)payload;
}

/* Whose id is no id any more is told, once, and keeps nobody waiting. */
static void a_case_whose_id_is_damaged_does_not_hold_up_the_others(void **state) {
	static const char *const damages[] = {"UPDATE cases SET id = x'' WHERE number = 0", "UPDATE cases SET id = x'6100' WHERE number = 0",
	    "UPDATE cases SET id = x'ff' WHERE number = 0", "DELETE FROM cases WHERE number = 0"};
	const place *p = *state;
	for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
		aplomb_runtime *rt = open_new(p, 0);
		tells(rt, "c1", AT_NINE);
		tells(rt, "c1", AT_NINE + MINUTE);
		tells(rt, "c2", AT_NINE);
		tells(rt, "c2", AT_NINE + MINUTE);
		aplomb_close(rt);
		run_sql(p->path, damages[i]);
		int unreadable = 0, count = 0;
		aplomb_options options = with_store(p, 0);
		options.log = count_unreadable;
		options.log_payload = &unreadable;
		rt = open_late(&options);
		assert_int_equal(aplomb_turn_clock(rt, AT_NINE + 60 * MINUTE, NULL), APLOMB_OK);
		for (int n = 0; n < 3; n++) assert_int_equal(aplomb_pump(rt, 1, NULL, NULL), APLOMB_OK);
		assert_int_equal(unreadable, 1);
		assert_true(aplomb_case_is_in(rt, "c2", "work.overdue"));
		aplomb_instant at;
		assert_false(aplomb_next_due(rt, &at));
		aplomb_cases(rt, count_case, &count);
		assert_int_equal(count, 1);
		aplomb_close(rt);
	}
}

static void an_open_case_stays_on_the_version_that_the_store_has(void **state) {
	const place *p = *state;
	aplomb_runtime *rt = open_new(p, 0);
	tells(rt, "old", AT_NINE);
	aplomb_close(rt);
	aplomb_playbook *playbook;
	rt = open_edited(p, &playbook);
	tells(rt, "old", AT_NINE + MINUTE); /* waits again */
	tells(rt, "old", AT_NINE + 2 * MINUTE);
	assert_true(aplomb_case_is_in(rt, "old", "work.answered"));
	tells(rt, "new", AT_NINE + 3 * MINUTE);
	assert_true(aplomb_case_is_in(rt, "new", "work.overdue"));
	aplomb_case_info old = APLOMB_CASE_INFO_INIT, new = APLOMB_CASE_INFO_INIT;
	assert_int_equal(aplomb_case_get(rt, "old", &old, NULL), APLOMB_OK);
	assert_int_equal(aplomb_case_get(rt, "new", &new, NULL), APLOMB_OK);
	assert_ptr_not_equal(old.playbook, new.playbook);
	assert_ptr_equal(new.playbook, playbook);
	aplomb_close(rt);
}

/* It is not opened a second time in the place of the one that cannot be read. */
static void a_case_whose_version_is_gone_is_damaged_and_stays(void **state) {
	const place *p = *state;
	aplomb_runtime *rt = open_new(p, 0);
	tells(rt, "old", AT_NINE);
	aplomb_close(rt);
	run_sql(p->path, "UPDATE playbooks SET source = NULL");
	aplomb_playbook *playbook;
	rt = open_edited(p, &playbook);
	aplomb_error error;
	aplomb_event event = said("old", AT_NINE + MINUTE, SAYS);
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, &error), APLOMB_EDAMAGED);
	assert_string_equal(error.slug, "no-source");
	assert_int_equal(error.code, APLOMB_EDAMAGED);
	tells(rt, "new", AT_NINE + MINUTE);
	aplomb_close(rt);
	rt = open_again(p, 0); /* as it was, where the version comes from elsewhere */
	assert_true(aplomb_case_is_in(rt, "old", "work.answered"));
	aplomb_close(rt);
}

static void an_event_of_before_is_known_by_its_id(void **state) {
	const place *p = *state;
	aplomb_runtime *rt = open_new(p, 0);
	aplomb_event event = said("c1", AT_NINE, SAYS);
	aplomb_receipt first = APLOMB_RECEIPT_INIT, second = APLOMB_RECEIPT_INIT;
	event.id = "message-1";
	assert_int_equal(aplomb_post_wait(rt, &event, &first, NULL), APLOMB_OK);
	const uint64_t seq = first.seq;
	for (int i = 0; i < 40; i++) tells(rt, "c1", AT_NINE + MINUTE * (i + 1));
	aplomb_close(rt);
	rt = open_again(p, 0);
	assert_int_equal(aplomb_post_wait(rt, &event, &second, NULL), APLOMB_OK);
	assert_true(second.duplicate);
	assert_int_equal(second.seq, seq);
	aplomb_close(rt);
}

static void a_restored_case_is_durable_before_anything_happens_to_it(void **state) {
	const place *p = *state;
	aplomb_runtime *rt = open_new(p, 0);
	tells(rt, "c1", AT_NINE);
	char *json;
	size_t size;
	assert_int_equal(aplomb_case_snapshot(rt, "c1", &json, &size, NULL), APLOMB_OK);
	aplomb_error error;
	assert_int_equal(aplomb_case_restore(rt, json, size, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "case-exists");
	char *copy = strndup(json, size);
	aplomb_text_free(rt, json);
	aplomb_close(rt);
	rt = open_again(p, 0);
	/* It is not in memory, and there all the same. */
	assert_int_equal(aplomb_case_restore(rt, copy, size, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "case-exists");
	aplomb_close(rt);
	rt = open_new(p, 0);
	assert_int_equal(aplomb_case_restore(rt, copy, size, &error), APLOMB_OK);
	aplomb_close(rt);
	rt = open_again(p, 0);
	assert_true(aplomb_case_is_in(rt, "c1", "work.answered"));
	tells(rt, "c1", AT_NINE + MINUTE);
	aplomb_close(rt);
	rt = open_again(p, 0);
	assert_true(aplomb_case_is_in(rt, "c1", "work.waiting"));
	aplomb_close(rt);
	free(copy);
}

/* ---- out of memory and back -------------------------------------------------------- */

enum { CASES = 30, ROUNDS = 50 };

/* Many cases, few of them in memory: the journals, and what is counted. */
static void play(aplomb_runtime *rt, char **journals, aplomb_totals *totals) {
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < CASES; i++) {
			char id[16], message[24];
			/* Some are spoken to seldom, so that their timers fire. */
			if (i % 3 == 0 && round % 12 != 0) continue;
			snprintf(id, sizeof id, "case-%d", i);
			snprintf(message, sizeof message, "m-%d-%d", i, round % 20);
			aplomb_event event = said(id, AT_NINE + MINUTE * round + i, SAYS);
			if (i % 5 == 0) event.id = message;
			assert_int_equal(aplomb_post(rt, &event, NULL, NULL, NULL), APLOMB_OK);
		}
		aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
		do assert_int_equal(aplomb_pump(rt, 7, &report, NULL), APLOMB_OK);
		while (report.more);
	}
	aplomb_count(rt, totals);
	for (int i = 0; i < CASES; i++) {
		char id[16];
		snprintf(id, sizeof id, "case-%d", i);
		journals[i] = journal_of(rt, id);
	}
}

static void who_leaves_memory_writes_the_same_journal(void **state) {
	const place *p = *state;
	char *in_memory[CASES], *in_store[CASES];
	aplomb_totals one = APLOMB_TOTALS_INIT, other = APLOMB_TOTALS_INIT;
	aplomb_runtime *rt = open_late(NULL);
	play(rt, in_memory, &one);
	aplomb_close(rt);
	static const uint32_t residents[] = {1, 4, 1000};
	for (size_t n = 0; n < 3; n++) {
		rt = open_new(p, residents[n]);
		play(rt, in_store, &other);
		aplomb_close(rt);
		for (int i = 0; i < CASES; i++) {
			assert_string_equal(in_store[i], in_memory[i]);
			free(in_store[i]);
		}
		assert_memory_equal(&other, &one, sizeof one);
	}
	/* And once more from the file. */
	rt = open_again(p, 2);
	for (int i = 0; i < CASES; i++) {
		char id[16];
		snprintf(id, sizeof id, "case-%d", i);
		char *again = journal_of(rt, id);
		assert_string_equal(again, in_memory[i]);
		free(again);
		free(in_memory[i]);
	}
	aplomb_close(rt);
}

static void a_handle_keeps_its_case_in_memory(void **state) {
	const place *p = *state;
	aplomb_runtime *rt = open_new(p, 1);
	tells(rt, "kept", AT_NINE);
	aplomb_case_handle handle;
	assert_int_equal(aplomb_case_find(rt, "kept", &handle, NULL), APLOMB_OK);
	for (int i = 0; i < 50; i++) {
		char id[16];
		snprintf(id, sizeof id, "case-%d", i);
		tells(rt, id, AT_NINE + i);
	}
	const char *const fields[] = {"text"};
	const aplomb_event_kind *kind;
	assert_int_equal(aplomb_event_kind_find(rt, load_late(rt), "customer.message", fields, 1, &kind, NULL), APLOMB_OK);
	aplomb_field text = {.kind = APLOMB_TEXT, .as.text = {"Hello", 5}};
	aplomb_known_event known = APLOMB_KNOWN_EVENT_INIT;
	known.the_case = handle;
	known.kind = kind;
	known.fields = &text;
	known.n_fields = 1;
	assert_int_equal(aplomb_step(rt, &known, NULL, NULL), APLOMB_OK);
	assert_true(aplomb_case_is_in(rt, "kept", "work.waiting"));
	aplomb_close(rt);
}

/* ---- what is refused ------------------------------------------------------------------ */

static void a_store_has_its_conditions(void **state) {
	const place *p = *state;
	aplomb_error error;
	aplomb_runtime *rt, *second;
	place_remove_files(p);
	aplomb_options options = with_store(p, 0);
	options.rehearsal = true;
	assert_int_equal(aplomb_open(&rt, &options, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "store-rehearsal");
	options.rehearsal = false;
	const aplomb_store own = {.size = sizeof own};
	options.own_store = &own;
	assert_int_equal(aplomb_open(&rt, &options, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "two-stores");
	options.store = NULL;
	assert_int_equal(aplomb_open(&rt, &options, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "null-argument");
	options = with_store(p, 0);
	assert_int_equal(aplomb_open(&rt, &options, &error), APLOMB_OK);
	assert_int_equal(aplomb_open(&second, &options, &error), APLOMB_ESTORE);
	assert_string_equal(error.slug, "store-in-use");
	assert_int_equal(aplomb_reset(rt, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "store-reset");
	aplomb_close(rt);
}

static void a_case_that_comes_back_otherwise_is_refused_and_the_others_go_on(void **state) {
	const place *p = *state;
	aplomb_limits limits = {.size = sizeof limits, .instructions = 100000};
	aplomb_options options = with_store(p, 0);
	place_remove_files(p);
	options.limits = &limits;
	aplomb_runtime *rt = open_late(&options);
	aplomb_event spins = APLOMB_EVENT_INIT;
	tells(rt, "c1", AT_NINE);
	tells(rt, "c2", AT_NINE);
	spins.case_id = "c1";
	spins.name = "spin";
	spins.has_at = true;
	spins.at = AT_NINE + MINUTE;
	assert_int_equal(aplomb_post_wait(rt, &spins, NULL, NULL), APLOMB_OK);
	aplomb_close(rt);
	/* What was within the limits is beyond them now. */
	limits.instructions = 2;
	rt = open_late(&options);
	aplomb_error error;
	aplomb_event event = said("c2", AT_NINE + 2 * MINUTE, SAYS);
	assert_int_equal(aplomb_post(rt, &event, NULL, NULL, &error), APLOMB_EDIFFERS);
	assert_string_equal(error.slug, "case-differs");
	assert_non_null(strstr(error.message, "\"c2\""));
	event.case_id = "c1";
	assert_int_equal(aplomb_post(rt, &event, NULL, NULL, &error), APLOMB_EFAULTED);
	aplomb_close(rt);
	limits.instructions = 100000;
	rt = open_late(&options);
	tells(rt, "c2", AT_NINE + 2 * MINUTE);
	aplomb_close(rt);
}

/* What broke a limit is not stepped again when its case comes back, so whoever allows it more can mend it; and the journal says under what.
 */
static void what_broke_a_limit_comes_back_under_another_and_goes_on(void **state) {
	const place *p = *state;
	aplomb_limits limits = {.size = sizeof limits, .microsteps = 3};
	aplomb_options options = with_store(p, 0);
	static const char source[] = "return playbook 'chain' { data = { n = integer { default = 0 } }, event 'go' {},\n"
	                             "state 'a' { on 'go' { to = 'b' } },\n"
	                             "state 'b' { always { when = 'data.n < 5', to = 'b', act = 'data.n = data.n + 1' } } }";
	place_remove_files(p);
	options.limits = &limits;
	aplomb_runtime *rt;
	aplomb_error error = {0};
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	aplomb_mend mend = APLOMB_MEND_INIT;
	assert_int_equal(aplomb_open(&rt, &options, &error), APLOMB_OK);
	assert_int_equal(aplomb_default_playbook(rt, load_text(rt, "chain.lua", source), NULL), APLOMB_OK);
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = "c";
	event.name = "go";
	event.has_at = true;
	event.at = AT_NINE;
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	aplomb_close(rt);
	mend.kind = APLOMB_MEND_RESUME;
	mend.because = "five rounds are right";
	for (uint32_t most = 4; most <= 10; most += 3) {
		aplomb_receipt receipt = APLOMB_RECEIPT_INIT;
		limits.microsteps = most;
		assert_int_equal(aplomb_open(&rt, &options, &error), APLOMB_OK);
		if (aplomb_case_get(rt, "c", &info, &error) != APLOMB_OK) fail_msg("%s", error.message);
		if (info.status != APLOMB_CASE_FAULTED) break;
		assert_int_equal(aplomb_case_mend(rt, "c", &mend, &receipt, &error), APLOMB_OK);
		assert_int_equal(receipt.faulted, most < 7);
		aplomb_close(rt);
		rt = NULL;
	}
	if (rt == NULL) assert_int_equal(aplomb_open(&rt, &options, &error), APLOMB_OK);
	assert_int_equal(aplomb_case_get(rt, "c", &info, &error), APLOMB_OK);
	assert_int_equal(info.status, APLOMB_CASE_OPEN);
	assert_true(aplomb_case_is_in(rt, "c", "b"));
	char *lines = journal_of(rt, "c");
	aplomb_close(rt);
	assert_says(lines, "\"do\":\"resume\",\"limits\":{");
	assert_int_equal(count_of(lines, "\"kind\":\"faulted\""), 2);
	/* Whoever verifies it follows from limits to limits. */
	assert_replays_as(lines, "chain.lua", source);
	free(lines);
}

/* Whoever is handed effects; and how often which was. */
typedef struct taker {
	bool takes;
	uint32_t attempts, most_attempts, taken;
	char keys[600][24];
} taker;

static int takes_it(const aplomb_effect *effect, void *payload) {
	taker *t = payload;
	t->attempts++;
	if (effect->attempt > t->most_attempts) t->most_attempts = effect->attempt;
	if (!t->takes) return 1;
	for (uint32_t i = 0; i < t->taken; i++) assert_string_not_equal(t->keys[i], effect->key);
	assert_true(t->taken < sizeof t->keys / sizeof *t->keys);
	snprintf(t->keys[t->taken++], sizeof *t->keys, "%s", effect->key);
	return APLOMB_EFFECT_DONE;
}

static void pump_at(aplomb_runtime *rt, aplomb_instant at) {
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	assert_int_equal(aplomb_turn_clock(rt, at, NULL), APLOMB_OK);
	do assert_int_equal(aplomb_pump(rt, 0, &report, NULL), APLOMB_OK);
	while (report.more);
}

static void note_key(const aplomb_waiting_effect *waiting, void *payload) {
	taker *t = payload;
	assert_int_equal(waiting->stand, APLOMB_EFFECT_WAITS);
	assert_true(waiting->has_due);
	snprintf(t->keys[t->taken++], sizeof *t->keys, "%s", waiting->effect->key);
}

static uint64_t undelivered(aplomb_runtime *rt) {
	aplomb_totals totals = APLOMB_TOTALS_INIT;
	aplomb_count(rt, &totals);
	return totals.undelivered;
}

/* They are many more than there may be in memory; what waits is in the store, and is offered when it is due, as often as without one. */
static void effects_that_nobody_takes_leave_memory_with_their_cases(void **state) {
	enum { FEW = 50, MANY = 200, RESIDENT = 10 };
	const place *p = *state;
	test_heap heap = {0};
	const aplomb_allocator allocator = test_heap_allocator(&heap);
	aplomb_options options = with_store(p, RESIDENT);
	static taker t, listed;
	char id[16];
	uint64_t blocks = 0;
	t = listed = (taker){.takes = false};
	place_remove_files(p);
	options.allocator = &allocator;
	aplomb_runtime *rt = open_late(&options);
	assert_int_equal(aplomb_on_effect(rt, "*", takes_it, &t, NULL), APLOMB_OK);
	for (int i = 0; i < MANY; i++) {
		snprintf(id, sizeof id, "c%d", i);
		tells(rt, id, AT_NINE);
		if (i == FEW) blocks = heap.blocks;
	}
	/* Those that stayed would be a block each at least, and their effects another; the store's list of effects is a few. */
	assert_in_range(heap.blocks, 1, blocks + MANY / 2);
	assert_int_equal(undelivered(rt), MANY);
	assert_int_equal(aplomb_effects(rt, NULL, note_key, &listed), MANY);
	for (uint32_t i = 0; i < listed.taken; i++) {
		for (uint32_t k = 0; k < i; k++) assert_string_not_equal(listed.keys[i], listed.keys[k]);
	}
	/* After 1, 2 and 4 seconds more each of them has been offered four times, wherever its case was meanwhile. */
	for (int i = 1; i <= 7; i++) pump_at(rt, AT_NINE + i * INT64_C(1000000));
	assert_int_equal(t.attempts, 4 * MANY);
	assert_int_equal(t.most_attempts, 4);
	assert_in_range(heap.blocks, 1, blocks + MANY / 2);
	/* Somebody does one by hand; another runtime goes on with what the store says. */
	aplomb_effect_answer done = APLOMB_EFFECT_ANSWER_INIT;
	done.key = listed.keys[MANY - 1];
	assert_int_equal(aplomb_answer_effect(rt, &done, NULL), APLOMB_OK);
	done.key = listed.keys[0];
	assert_int_equal(aplomb_answer_effect(rt, &done, NULL), APLOMB_OK);
	assert_int_equal(aplomb_answer_effect(rt, &done, NULL), APLOMB_ENOTFOUND);
	pump_at(rt, AT_NINE + 8 * INT64_C(1000000));
	assert_int_equal(undelivered(rt), MANY - 2);
	aplomb_close(rt);
	assert_int_equal(heap.blocks, 0);
	rt = open_late(&options);
	assert_int_equal(undelivered(rt), MANY - 2);
	assert_int_equal(aplomb_on_effect(rt, "*", takes_it, &t, NULL), APLOMB_OK);
	t.takes = true;
	pump_at(rt, AT_NINE + MINUTE);
	assert_int_equal(t.taken, MANY - 2);
	pump_at(rt, AT_NINE + MINUTE);
	assert_int_equal(undelivered(rt), 0);
	assert_int_equal(aplomb_effects(rt, NULL, NULL, NULL), 0);
	for (int i = 0; i < MANY; i++) {
		snprintf(id, sizeof id, "c%d", i);
		assert_true(aplomb_case_is_in(rt, id, "work"));
	}
	aplomb_close(rt);
	assert_int_equal(heap.blocks, 0);
}

/* ---- batches ---------------------------------------------------------------------- */

static aplomb_pump_report pump_of_twenty(const place *p, const aplomb_options *given) {
	aplomb_options options = *given;
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	place_remove_files(p);
	aplomb_runtime *rt = open_late(&options);
	for (int i = 0; i < 20; i++) {
		char id[8];
		snprintf(id, sizeof id, "c%d", i);
		aplomb_event event = said(id, AT_NINE, SAYS);
		assert_int_equal(aplomb_post(rt, &event, NULL, NULL, NULL), APLOMB_OK);
	}
	assert_int_equal(aplomb_pump(rt, 0, &report, NULL), APLOMB_OK);
	aplomb_close(rt);
	return report;
}

static void a_batch_ends_when_it_is_large_and_when_it_has_taken_long(void **state) {
	const place *p = *state;
	aplomb_options options = with_store(p, 0);
	options.batch_within = 3600 * INT64_C(1000000);
	aplomb_pump_report report = pump_of_twenty(p, &options);
	assert_int_equal(report.events, 20);
	assert_false(report.more);
	options.batch_most = 7;
	report = pump_of_twenty(p, &options);
	assert_int_equal(report.events, 7);
	assert_true(report.more);
	/* No step takes less. */
	options.batch_most = 0;
	options.batch_within = 1;
	report = pump_of_twenty(p, &options);
	assert_in_range(report.events, 1, 8);
	assert_true(report.more);
	/* In memory nobody waits for a commit. */
	options.store = NULL;
	report = pump_of_twenty(p, &options);
	assert_int_equal(report.events, 20);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_case_is_there_again_as_it_was),
	    cmocka_unit_test(a_timer_keeps_its_deadline_while_nobody_runs),
	    cmocka_unit_test(a_case_whose_id_is_damaged_does_not_hold_up_the_others),
	    cmocka_unit_test(an_open_case_stays_on_the_version_that_the_store_has),
	    cmocka_unit_test(a_case_whose_version_is_gone_is_damaged_and_stays),
	    cmocka_unit_test(an_event_of_before_is_known_by_its_id),
	    cmocka_unit_test(a_restored_case_is_durable_before_anything_happens_to_it),
	    cmocka_unit_test(who_leaves_memory_writes_the_same_journal),
	    cmocka_unit_test(a_handle_keeps_its_case_in_memory),
	    cmocka_unit_test(a_store_has_its_conditions),
	    cmocka_unit_test(a_case_that_comes_back_otherwise_is_refused_and_the_others_go_on),
	    cmocka_unit_test(what_broke_a_limit_comes_back_under_another_and_goes_on),
	    cmocka_unit_test(effects_that_nobody_takes_leave_memory_with_their_cases),
	    cmocka_unit_test(a_batch_ends_when_it_is_large_and_when_it_has_taken_long),
	};
	return cmocka_run_group_tests_name("cases in a store", tests, place_make, place_drop);
}
