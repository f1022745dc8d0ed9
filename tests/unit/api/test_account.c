/* SPDX-License-Identifier: MIT */
/*
 * Why a clock stands where it does. The lines of an account follow one another without a gap, each counted one is open by the
 * calendar and each other one closed, or paused, and they add up to the deadline, to the microsecond: over random calendars, targets,
 * states, moves and restarts.
 */
#include "../test_cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../test_heap.h"
#include "../test_rounds.h"
#include "aplomb.h"
#include "host.h"
#include "base/hash.h"
#include "journal_lines.h"

static const char desk[] =
    "return playbook \"desk\" {\n"
    "  data = { target = span { default = \"4 business hours\" }, where = text { default = \"office\" } },\n"
    "  calendar = from \"data.where\",\n"
    "  calendar \"office\" { zone = \"Europe/London\", week = { [\"mon-fri\"] = \"08:00-17:00\" },\n"
    "    holidays = { [\"2026-12-25\"] = \"Christmas Day\", [\"2026-12-28\"] = \"Boxing Day, in lieu\" },\n"
    "    exceptions = { [\"2026-12-24\"] = \"08:00-12:00\" } },\n"
    "  calendar \"shifts\" { zone = \"America/St_Johns\", week = { [\"mon-fri\"] = \"00:00-06:30 09:00-12:30 13:30-24:00\", sat = "
    "\"00:00-02:00\" } },\n"
    "  calendar \"always\" { zone = \"Australia/Lord_Howe\", week = { [\"mon-sun\"] = \"00:00-24:00\" } },\n"
    "  event \"asks\" {}, event \"answers\" {}, event \"waits\" {}, event \"ends\" {}, event \"again\" {},\n"
    "  event \"extends\" { by = span {} }, event \"sets\" { to = span {} },\n"
    "  clock \"resolve\" { target = from \"data.target\", runs_in = { \"work.ours\" }, warn_at = { 0.5, 0.8 } },\n"
    "  clock \"respond\" { target = \"1h\", runs_in = { \"work\" } },\n"
    "  state \"work\" {\n"
    "    on \"ends\" { to = \"over\" },\n"
    "    on \"extends\" { act = function(case, event) case:clock(\"resolve\"):move({ by = event.by }, \"the customer agreed\") end },\n"
    "    on \"sets\" { act = function(case, event) case:clock(\"resolve\"):move(event.to, \"another contract\") end },\n"
    "    on \"again\" { act = function(case) case:clock(\"resolve\"):restart(\"reopened\") end },\n"
    "    state \"ours\" { on \"answers\" { to = \"theirs\" } },\n"
    "    state \"theirs\" { on \"asks\" { to = \"ours\" }, on \"waits\" { to = \"vendor\" } },\n"
    "    state \"vendor\" { on \"asks\" { to = \"ours\" } },\n"
    "  },\n"
    "  final \"over\" {},\n"
    "}\n";

static aplomb_instant at(const char *text) {
	aplomb_instant instant;
	assert_int_equal(aplomb_instant_read(text, &instant, NULL), APLOMB_OK);
	return instant;
}

typedef struct world {
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	journal kept;
} world;

static world *open_world(const char *source) {
	world *w = calloc(1, sizeof *w);
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.time_follows_events = true;
	options.journal = journal_keep;
	options.journal_payload = &w->kept;
	assert_int_equal(aplomb_open(&w->rt, &options, NULL), APLOMB_OK);
	w->playbook = load_text(w->rt, "clocks.lua", source);
	assert_int_equal(aplomb_default_playbook(w->rt, w->playbook, NULL), APLOMB_OK);
	return w;
}

static void close_world(world *w) {
	aplomb_close(w->rt);
	journal_drop(&w->kept);
	free(w);
}

static void post(world *w, aplomb_instant when, const char *name, const char *data, const char *open) {
	aplomb_event event = APLOMB_EVENT_INIT;
	aplomb_error error = {0};
	event.case_id = "c";
	event.name = name;
	event.has_at = true;
	event.at = when;
	event.data = data;
	event.open = open;
	if (aplomb_post_wait(w->rt, &event, NULL, &error) != APLOMB_OK) fail_msg("%s: %s", name, error.message);
}

/* The account of the case's journal. */
static aplomb_account *account_of(world *w, const char *clock) {
	aplomb_account *account;
	aplomb_journal *reader;
	aplomb_error error = {0};
	assert_int_equal(aplomb_account_open(&account, w->rt, w->playbook, clock, NULL), APLOMB_OK);
	assert_int_equal(aplomb_journal_open(&reader, NULL), APLOMB_OK);
	for (uint32_t i = 0; i < w->kept.count; i++) {
		aplomb_value entry;
		if (aplomb_journal_read(reader, w->kept.line[i], strlen(w->kept.line[i]), &entry, &error)) fail_msg("%s", error.message);
		assert_int_equal(aplomb_account_note(account, entry, NULL), APLOMB_OK);
	}
	aplomb_journal_close(reader);
	return account;
}

/* ---- one that a person can follow ---------------------------------------------- */

static const char *const names[] = {
    "open", "closed", "holiday", "exception", "paused", "starts", "stops", "moves", "restarts", "warns", "breaches", "ends", "deadline"};

static void write_line(const aplomb_account_line *line, void *payload) {
	char *text = payload, from[32], until[32], elapsed[32];
	size_t used = strlen(text);
	assert_int_equal(line->size, sizeof *line);
	aplomb_instant_write(line->from, from);
	aplomb_instant_write(line->until, until);
	aplomb_span_write(line->elapsed, elapsed);
	used += (size_t)snprintf(text + used, 8192 - used, "%s%.16s %s", line->is_ahead ? "~" : "", from, names[line->kind]);
	if (line->until != line->from) used += (size_t)snprintf(text + used, 8192 - used, " to %.16s", until);
	if (line->name != NULL) used += (size_t)snprintf(text + used, 8192 - used, " (%s)", line->name);
	if (line->states != NULL) used += (size_t)snprintf(text + used, 8192 - used, " in %s", line->states);
	if (line->target != NULL) used += (size_t)snprintf(text + used, 8192 - used, " %s", line->target);
	if (line->because != NULL) used += (size_t)snprintf(text + used, 8192 - used, ": %s", line->because);
	snprintf(text + used, 8192 - used, " = %s\n", elapsed);
}

/* [texts]: where the case is, where the clock runs, and by which calendar. */
static void expect_account(world *w, const char *clock, const char *when, const char *wanted, aplomb_account_sum *sum, const char *texts) {
	static char text[8192];
	aplomb_account *account = account_of(w, clock);
	aplomb_error error = {0};
	aplomb_instant as_of = when != NULL ? at(when) : 0;
	text[0] = '\0';
	if (aplomb_account_tell(account, when != NULL ? &as_of : NULL, write_line, text, sum, &error)) fail_msg("%s", error.message);
	if (strcmp(text, wanted) != 0) fail_msg("\n%s\nnot\n%s", text, wanted);
	snprintf(text, sizeof text, "%s; %s; %s", sum->states, sum->runs_in, sum->calendar_name != NULL ? sum->calendar_name : "none");
	assert_string_equal(text, texts);
	aplomb_account_close(account);
}

static void a_weekend_a_holiday_a_pause_and_a_move_are_told_and_add_up(void **state) {
	(void)state;
	world *w = open_world(desk);
	aplomb_account_sum sum = APLOMB_ACCOUNT_SUM_INIT;
	post(w, at("2026-12-23T15:00:00Z"), "asks", NULL, NULL);
	post(w, at("2026-12-23T16:30:00Z"), "answers", NULL, NULL);
	post(w, at("2026-12-24T09:00:00Z"), "waits", NULL, NULL);
	post(w, at("2026-12-24T11:00:00Z"), "asks", NULL, NULL);
	post(w, at("2026-12-25T10:00:00Z"), "extends", "{\"by\":\"1 business hour\"}", NULL);
	expect_account(w, "resolve", NULL,
	    "2026-12-23T15:00 starts in work.ours 4 business hours = 0s\n"
	    "2026-12-23T15:00 open to 2026-12-23T16:30 = 1h30m\n"
	    "2026-12-23T16:30 stops in work.theirs = 1h30m\n"
	    "2026-12-23T16:30 paused to 2026-12-24T09:00 in work.theirs = 1h30m\n"
	    "2026-12-24T09:00 paused to 2026-12-24T11:00 in work.vendor = 1h30m\n"
	    "2026-12-24T11:00 starts in work.ours 4 business hours = 1h30m\n"
	    "2026-12-24T11:00 open to 2026-12-24T11:30 = 2h\n"
	    "2026-12-24T11:30 warns (50 %) = 2h\n"
	    "2026-12-24T11:30 open to 2026-12-24T12:00 = 2h30m\n"
	    "2026-12-24T12:00 exception to 2026-12-25T00:00 = 2h30m\n"
	    "2026-12-25T00:00 holiday to 2026-12-25T10:00 (Christmas Day) = 2h30m\n"
	    "2026-12-25T10:00 moves 5 business hours: the customer agreed = 2h30m\n"
	    "~2026-12-25T10:00 holiday to 2026-12-26T00:00 (Christmas Day) = 2h30m\n"
	    "~2026-12-26T00:00 closed to 2026-12-28T00:00 = 2h30m\n"
	    "~2026-12-28T00:00 holiday to 2026-12-29T00:00 (Boxing Day, in lieu) = 2h30m\n"
	    "~2026-12-29T00:00 closed to 2026-12-29T08:00 = 2h30m\n"
	    "~2026-12-29T08:00 open to 2026-12-29T10:30 = 5h\n"
	    "~2026-12-29T10:30 deadline 5 business hours = 5h\n",
	    &sum, "work.ours; work.ours; office");
	assert_true(sum.has_deadline && sum.deadline == at("2026-12-29T10:30:00Z"));
	assert_true(sum.is_running && !sum.is_breached && !sum.is_over && sum.elapsed == 150 * INT64_C(60000000) && sum.left == sum.elapsed);
	/* As of an earlier time it is told as it was then. */
	expect_account(w, "resolve", "2026-12-24T08:00:00Z",
	    "2026-12-23T15:00 starts in work.ours 4 business hours = 0s\n"
	    "2026-12-23T15:00 open to 2026-12-23T16:30 = 1h30m\n"
	    "2026-12-23T16:30 stops in work.theirs = 1h30m\n"
	    "2026-12-23T16:30 paused to 2026-12-24T08:00 in work.theirs = 1h30m\n",
	    &sum, "work.theirs; work.ours; office");
	assert_true(!sum.has_deadline && !sum.is_running && sum.left == 150 * INT64_C(60000000));
	/* A clock of clock time has no calendar. */
	expect_account(w, "respond", NULL,
	    "2026-12-23T15:00 starts in work.ours 1h = 0s\n"
	    "2026-12-23T15:00 open to 2026-12-23T16:00 = 1h\n"
	    "2026-12-23T16:00 deadline 1h = 1h\n"
	    "2026-12-23T16:00 breaches = 1h\n"
	    "2026-12-23T16:00 open to 2026-12-25T10:00 = 1d19h\n",
	    &sum, "work.ours; work; none");
	assert_true(sum.is_breached && sum.calendar == NULL && sum.left == 0);
	/* The case is over: nothing is ahead. */
	post(w, at("2026-12-29T09:00:00Z"), "ends", NULL, NULL);
	aplomb_account *account = account_of(w, "resolve");
	assert_int_equal(aplomb_account_tell(account, NULL, NULL, NULL, &sum, NULL), APLOMB_OK);
	assert_true(sum.is_over && !sum.is_running && !sum.has_deadline && sum.left == 90 * INT64_C(60000000));
	aplomb_account_close(account);
	close_world(w);
}

static void what_is_wrong_is_said(void **state) {
	(void)state;
	world *w = open_world(desk), *other;
	aplomb_account *account;
	aplomb_error error = {0};
	assert_int_equal(aplomb_account_open(&account, w->rt, w->playbook, "resolv", &error), APLOMB_ENOTFOUND);
	assert_string_equal(error.slug, "unknown-clock");
	assert_string_equal(error.message, "playbook \"desk\" has no clock \"resolv\"; did you mean \"resolve\"?");
	assert_int_equal(aplomb_account_open(NULL, w->rt, w->playbook, "resolve", NULL), APLOMB_EINVAL);
	assert_int_equal(aplomb_account_open(&account, w->rt, NULL, "resolve", NULL), APLOMB_EINVAL);
	assert_int_equal(aplomb_account_open(&account, w->rt, w->playbook, NULL, NULL), APLOMB_EINVAL);
	assert_int_equal(aplomb_account_tell(NULL, NULL, NULL, NULL, NULL, NULL), APLOMB_EINVAL);
	post(w, at("2026-12-23T15:00:00Z"), "asks", NULL, NULL);
	post(w, at("2026-12-23T16:30:00Z"), "answers", NULL, NULL);
	post(w, at("2026-12-24T09:00:00Z"), "asks", NULL, NULL);
	/* A line is lost: the sum of what is left is not what the journal says. */
	for (uint32_t i = 0; i < w->kept.count; i++) {
		aplomb_journal *reader;
		aplomb_value entry;
		assert_int_equal(aplomb_account_open(&account, w->rt, w->playbook, "resolve", NULL), APLOMB_OK);
		assert_int_equal(aplomb_journal_open(&reader, NULL), APLOMB_OK);
		bool tells = strstr(w->kept.line[i], "\"what\":\"stop\"") != NULL;
		for (uint32_t k = 0; k < w->kept.count; k++) {
			aplomb_journal_read(reader, w->kept.line[k], strlen(w->kept.line[k]), &entry, NULL);
			if (k != i) assert_int_equal(aplomb_account_note(account, entry, NULL), APLOMB_OK);
		}
		int code = aplomb_account_tell(account, NULL, NULL, NULL, NULL, &error);
		if (tells) {
			assert_int_equal(code, APLOMB_EDIFFERS);
			assert_string_equal(error.slug, "account-sum");
		}
		aplomb_account_close(account);
		aplomb_journal_close(reader);
	}
	/* The playbook's calendar is another now. */
	char changed[sizeof desk + 16];
	const char *hours = strstr(desk, "08:00-17:00");
	snprintf(changed, sizeof changed, "%.*s09:00%s", (int)(hours - desk), desk, hours + 5);
	other = open_world(changed);
	aplomb_account_close(NULL);
	aplomb_journal *reader;
	aplomb_value entry;
	assert_int_equal(aplomb_account_open(&account, other->rt, other->playbook, "resolve", NULL), APLOMB_OK);
	assert_int_equal(aplomb_journal_open(&reader, NULL), APLOMB_OK);
	for (uint32_t k = 0; k < w->kept.count; k++) {
		aplomb_journal_read(reader, w->kept.line[k], strlen(w->kept.line[k]), &entry, NULL);
		assert_int_equal(aplomb_account_note(account, entry, NULL), APLOMB_OK);
	}
	assert_int_equal(aplomb_account_tell(account, NULL, NULL, NULL, NULL, &error), APLOMB_EDIFFERS);
	assert_string_equal(error.slug, "account-calendar");
	aplomb_account_close(account);
	aplomb_journal_close(reader);
	close_world(other);
	close_world(w);
}

/* Whichever request for memory fails, it is said, and nothing is left behind. */
static void without_memory_there_is_no_account_and_no_leak(void **state) {
	(void)state;
	world *w = open_world(desk);
	post(w, at("2026-12-23T15:00:00Z"), "asks", NULL, NULL);
	post(w, at("2026-12-23T16:30:00Z"), "answers", NULL, NULL);
	post(w, at("2026-12-24T11:00:00Z"), "extends", "{\"by\":\"1 business hour\"}", NULL);
	test_heap heap = {0};
	const aplomb_allocator allocator = {test_heap_alloc, &heap};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.allocator = &allocator;
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	assert_int_equal(aplomb_open(&rt, &options, NULL), APLOMB_OK);
	load.source = desk;
	load.source_size = strlen(desk);
	assert_int_equal(aplomb_load(rt, &load, &playbook, NULL), APLOMB_OK);
	const uint64_t blocks = heap.blocks;
	uint64_t failed = 0;
	for (heap.fail_at = 1;; heap.fail_at++) {
		aplomb_account *account = NULL;
		aplomb_journal *reader;
		aplomb_value entry;
		assert_int_equal(aplomb_journal_open(&reader, NULL), APLOMB_OK);
		heap.calls = 0;
		int code = aplomb_account_open(&account, rt, playbook, "resolve", NULL);
		for (uint32_t i = 0; code == APLOMB_OK && i < w->kept.count; i++) {
			assert_int_equal(aplomb_journal_read(reader, w->kept.line[i], strlen(w->kept.line[i]), &entry, NULL), APLOMB_OK);
			code = aplomb_account_note(account, entry, NULL);
		}
		if (code == APLOMB_OK) code = aplomb_account_tell(account, NULL, NULL, NULL, NULL, NULL);
		aplomb_account_close(account);
		aplomb_journal_close(reader);
		assert_int_equal(heap.blocks, blocks);
		if (code == APLOMB_OK) break;
		assert_int_equal(code, APLOMB_ENOMEM);
		failed++;
	}
	assert_true(failed >= 3);
	heap.fail_at = 0;
	aplomb_close(rt);
	assert_int_equal(heap.blocks, 0);
	close_world(w);
}

/* ---- whatever happens --------------------------------------------------------------- */

typedef struct adding {
	aplomb_instant cursor;
	aplomb_span sum;
	bool has_begun, has_deadline;
	aplomb_instant deadline;
	aplomb_span at_deadline;
	uint32_t lines;
} adding;

static void add_line(const aplomb_account_line *line, void *payload) {
	adding *a = payload;
	a->lines++;
	if (line->kind == APLOMB_ACCOUNT_STARTS && !a->has_begun) {
		a->has_begun = true;
		a->cursor = line->from;
	}
	/* No gap, nothing twice. */
	if (a->has_begun) assert_true(line->from == a->cursor);
	a->cursor = line->until;
	assert_true(line->until >= line->from);
	if (line->kind > APLOMB_ACCOUNT_PAUSED) assert_true(line->until == line->from && line->counted == 0);
	if (line->kind < APLOMB_ACCOUNT_STARTS) assert_true(line->until > line->from);
	/* All of it counted or nothing, and a stretch counts just when the calendar says so. */
	assert_true(line->counted == (line->kind == APLOMB_ACCOUNT_OPEN ? line->until - line->from : 0));
	if (line->kind < APLOMB_ACCOUNT_PAUSED && line->calendar != NULL)
		assert_true(aplomb_calendar_between(line->calendar, line->from, line->until) == line->counted);
	if (line->kind == APLOMB_ACCOUNT_RESTARTS) {
		a->sum = 0;
		a->has_begun = false;
	}
	a->sum += line->counted;
	assert_true(a->sum == line->elapsed);
	if (line->kind == APLOMB_ACCOUNT_DEADLINE) {
		assert_false(a->has_deadline);
		a->has_deadline = true;
		a->deadline = line->from;
		a->at_deadline = a->sum;
	}
}

static uint32_t one_story(uint64_t seed, uint32_t *deadlines, uint32_t *at_target) {
	static const char *const wheres[] = {"office", "shifts", "always"};
	static const char *const targets[] = {"4 business hours", "30 business minutes", "2 business days", "90m", "3d", "0 business hours"};
	static const char *const spans[] = {"1 business hour", "45 business minutes", "1 business day", "2h", "1d", "0 business minutes"};
	static const char *const events[] = {"asks", "answers", "waits", "asks", "answers", "extends", "sets", "again"};
	world *w = open_world(desk);
	uint64_t random = seed;
	const size_t target = apl_random_next(&random) % 6;
	const bool is_business = strstr(targets[target], "business") != NULL;
	aplomb_instant now = at("2026-10-20T00:00:00Z") + (int64_t)(apl_random_next(&random) % (90 * UINT64_C(86400000000)));
	char open[160];
	snprintf(open, sizeof open, "{\"data\":{\"target\":\"%s\",\"where\":\"%s\"}}", targets[target], wheres[apl_random_next(&random) % 3]);
	post(w, now, "asks", NULL, open);
	uint32_t count = 2 + (uint32_t)(apl_random_next(&random) % 10);
	for (uint32_t i = 0; i < count; i++) {
		const char *name = events[apl_random_next(&random) % 8];
		const char *span = spans[apl_random_next(&random) % 6];
		char data[64];
		if (name[0] == 'e' || name[0] == 's') {
			if ((strstr(span, "business") != NULL) != is_business) continue;
			snprintf(data, sizeof data, "{\"%s\":\"%s\"}", name[0] == 'e' ? "by" : "to", span);
		}
		now += (int64_t)(apl_random_next(&random) % (apl_random_next(&random) % 3 == 0 ? 4 * UINT64_C(86400000000) : UINT64_C(9000000000)));
		if (apl_random_next(&random) % 6 == 0) now = now / 3600000000 * 3600000000 + 3600000000; /* where hours begin and end */
		post(w, now, name, name[0] == 'e' || name[0] == 's' ? data : NULL, NULL);
	}
	if (apl_random_next(&random) % 4 == 0) post(w, now + (int64_t)(apl_random_next(&random) % UINT64_C(90000000000)), "ends", NULL, NULL);
	aplomb_account *account = account_of(w, "resolve");
	/* In the end, and as of any time. */
	for (int i = 0; i < 4; i++) {
		const aplomb_instant as_of = now + (int64_t)(apl_random_next(&random) % UINT64_C(900000000000)) - INT64_C(600000000000);
		aplomb_account_sum sum = APLOMB_ACCOUNT_SUM_INIT;
		aplomb_error error = {0};
		adding a = {0};
		if (aplomb_account_tell(account, i == 0 ? NULL : &as_of, add_line, &a, &sum, &error))
			fail_msg("seed %llu: %s", (unsigned long long)seed, error.message);
		if (a.has_deadline != sum.has_deadline) fail_msg("seed %llu: the deadline is not told", (unsigned long long)seed);
		if (!sum.has_deadline) continue;
		++*deadlines;
		assert_true(a.deadline == sum.deadline && a.at_deadline == sum.elapsed_at_deadline);
		*at_target += a.at_deadline == sum.deadline_target;
		/* More than the target only where a move put it below what was counted. */
		if (a.at_deadline < sum.deadline_target) {
			static char text[8192];
			text[0] = 0;
			aplomb_account_tell(account, i == 0 ? NULL : &as_of, write_line, text, NULL, NULL);
			print_message("%s\n%s\n", open, text);
			fail_msg("seed %llu: the lines do not add up to the target", (unsigned long long)seed);
		}
		if (a.at_deadline > sum.deadline_target) {
			bool is_moved = false;
			for (uint32_t k = 0; k < w->kept.count; k++) is_moved = is_moved || strstr(w->kept.line[k], "\"what\":\"move\"") != NULL;
			assert_true(is_moved);
		}
	}
	aplomb_account_close(account);
	uint32_t lines = w->kept.count;
	close_world(w);
	return lines;
}

static void the_lines_add_up_to_the_deadline_whatever_happens(void **state) {
	(void)state;
	uint32_t deadlines = 0, at_target = 0, lines = 0;
	const char *given = getenv("APLOMB_ACCOUNTS");
	uint64_t most = given != NULL ? strtoull(given, NULL, 10) : APL_ROUNDS(160u, 4u);
	for (uint64_t seed = 1; seed <= most; seed++) lines += one_story(seed, &deadlines, &at_target);
	print_message("%u lines of journals, %u deadlines, %u of them where the target is reached\n", lines, deadlines, at_target);
	assert_true(deadlines > 0 && at_target > 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_weekend_a_holiday_a_pause_and_a_move_are_told_and_add_up),
	    cmocka_unit_test(what_is_wrong_is_said),
	    cmocka_unit_test(without_memory_there_is_no_account_and_no_leak),
	    cmocka_unit_test(the_lines_add_up_to_the_deadline_whatever_happens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
