/* SPDX-License-Identifier: MIT */
/*
 * A calendar that changes while cases are open: what moves and what is kept,
 * what the journal says of it, and that replays, snapshots and moments count by
 * it as the case does. Random walks with changes between are at the end;
 * APLOMB_CALENDAR_WALKS says how many.
 */
#include "../../store/place.h"
#include "../test_heap.h"
#include "../test_rounds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aplomb.h"
#include "host.h"
#include "journal_lines.h"

#define MINUTE INT64_C(60000000)
#define HOUR (60 * MINUTE)
/* 2026-03-24T00:00:00Z, a Tuesday; clocks are put on in London on the Sunday after. */
#define TUESDAY INT64_C(1774310400000000)
#define DAY (24 * HOUR)

/* %s: what else the calendar says. */
static const char desk[] =
    "return playbook 'desk' {\n"
    "  calendar 'support' { zone = 'Europe/London', week = { ['mon-fri'] = '08:00-17:00' }%s },\n"
    "  data = { asked = integer { default = 0 }, open = boolean { default = false } },\n"
    "  event 'go' {}, event 'wait' {}, event 'look' {}, event 'anew' {}, event 'end' {},\n"
    "  clock 'resolve' { target = '8 business hours', runs_in = 'ours', warn_at = { 0.5 } },\n"
    "  clock 'plain' { target = '30h', runs_in = 'ours' },\n"
    "  state 'theirs' { on 'go' { to = 'ours' } },\n"
    "  state 'ours' { on 'wait' { to = 'theirs' }, on 'end' { to = 'over' }, after '12 business hours' { to = 'late' },\n"
    "    on 'look' { act = function(case) case.data.open = case:is_open('support') end },\n"
    "    on 'anew' { act = function(case) case:clock('resolve'):restart('asked again') end },\n"
    "    every '1 business day' { act = 'data.asked = data.asked + 1' } },\n"
    "  state 'late' { on 'wait' { to = 'theirs' }, on 'end' { to = 'over' } }, final 'over' {} }\n";
static const char wednesday_off[] = ", holidays = { ['2026-03-25'] = 'Founders Day' }, changes = 'recompute'";
static const char kept[] = ", holidays = { ['2026-03-25'] = 'Founders Day' }";

typedef struct stage {
	aplomb_runtime *rt;
	aplomb_playbook *old, *other;
	journal lines;
	char source[2048];
} stage;

static aplomb_playbook *load_with(stage *s, const char *source, const char *calendar, char *out, size_t size) {
	snprintf(out, size, source, calendar);
	return load_text(s->rt, "desk.lua", out);
}

static void open_stage(stage *s, const char *change) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	char source[2048];
	*s = (stage){0};
	options.time_follows_events = true;
	options.rehearsal = true;
	options.journal = journal_keep;
	options.journal_payload = &s->lines;
	assert_int_equal(aplomb_open(&s->rt, &options, NULL), APLOMB_OK);
	s->old = load_with(s, desk, "", s->source, sizeof s->source);
	assert_int_equal(aplomb_default_playbook(s->rt, s->old, NULL), APLOMB_OK);
	s->other = load_with(s, desk, change, source, sizeof source);
}

static void close_stage(stage *s) {
	aplomb_close(s->rt);
	journal_drop(&s->lines);
}

static void say(stage *s, const char *event, aplomb_instant at) {
	aplomb_event given = APLOMB_EVENT_INIT;
	aplomb_error error = {0};
	given.case_id = "c";
	given.name = event;
	given.has_at = true;
	given.at = at;
	if (aplomb_post_wait(s->rt, &given, NULL, &error) != APLOMB_OK) fail_msg("%s: %s", event, error.message);
}

static void turn(stage *s, aplomb_instant at) {
	assert_int_equal(aplomb_turn_clock(s->rt, at, NULL), APLOMB_OK);
	assert_int_equal(aplomb_pump(s->rt, 0, NULL, NULL), APLOMB_OK);
}

static aplomb_calendar_change change_to(const aplomb_playbook *playbook, aplomb_calendar_changes changes) {
	aplomb_calendar_change change = APLOMB_CALENDAR_CHANGE_INIT;
	change.calendar = "support";
	change.playbook = playbook;
	change.changes = changes;
	change.because = "a holiday was announced";
	change.by = "agent:7";
	return change;
}

typedef struct heard {
	uint32_t count;
	aplomb_calendar_moved each[8];
} heard;

static void hear(const aplomb_calendar_moved *moved, void *payload) {
	heard *all = payload;
	if (all->count < 8) all->each[all->count++] = *moved;
}

static aplomb_calendar_sum do_change(stage *s, const aplomb_playbook *playbook, aplomb_calendar_changes changes, heard *all) {
	const aplomb_calendar_change change = change_to(playbook, changes);
	aplomb_calendar_sum sum = APLOMB_CALENDAR_SUM_INIT;
	aplomb_error error = {0};
	if (all != NULL) *all = (heard){0};
	if (aplomb_case_calendar_change(s->rt, "c", &change, all != NULL ? hear : NULL, all, &sum, &error) != APLOMB_OK)
		fail_msg("%s", error.message);
	return sum;
}

static aplomb_clock clock_of(const stage *s, const char *name) {
	aplomb_clock clock = APLOMB_CLOCK_INIT;
	assert_int_equal(aplomb_case_clock(s->rt, "c", name, &clock, NULL), APLOMB_OK);
	return clock;
}

typedef struct due {
	uint32_t skip;
	aplomb_instant at;
} due;

static void note_timer(const char *name, aplomb_instant due_at, void *payload) {
	due *it = payload;
	if (strcmp(name, "ours") == 0 && it->at == 0 && it->skip-- == 0) it->at = due_at;
}

/* Of the state's two delays the one that is due first, or second: the `every`, and the `after`. */
static aplomb_instant due_of(const stage *s, uint32_t skip) {
	due it = {skip, 0};
	aplomb_case_timers(s->rt, "c", note_timer, &it);
	return it.at;
}

static const char *newest_line(const stage *s) {
	return s->lines.line[s->lines.count - 1];
}

/* Every line comes out of a replay again, with only the version that the case was opened with. */
static void verify(const stage *s, const char *source) {
	aplomb_verifier *verifier;
	aplomb_verified verified = APLOMB_VERIFIED_INIT;
	const aplomb_load_options load = options_of("desk.lua", source);
	aplomb_error error = {0};
	assert_int_equal(aplomb_verifier_open(&verifier, NULL, NULL), APLOMB_OK);
	assert_int_equal(aplomb_verifier_load(verifier, &load, NULL, NULL), APLOMB_OK);
	for (uint32_t i = 0; i < s->lines.count; i++) {
		if (aplomb_verify(verifier, s->lines.line[i], strlen(s->lines.line[i]), i + 1, &error) != APLOMB_OK)
			fail_msg("line %u: %s\n%s", i + 1, error.message, s->lines.line[i]);
	}
	if (aplomb_verifier_end(verifier, &verified, &error) != APLOMB_OK) fail_msg("%s", error.message);
	assert_null(verified.difference);
	aplomb_verifier_close(verifier);
}

/* ---- recomputed ---------------------------------------------------------------- */

static void what_is_left_is_counted_by_the_new_version(void **state) {
	(void)state;
	stage s;
	heard all;
	open_stage(&s, wednesday_off);
	say(&s, "wait", TUESDAY + 9 * HOUR);
	say(&s, "go", TUESDAY + 10 * HOUR);
	assert_int_equal(clock_of(&s, "resolve").deadline, TUESDAY + DAY + 9 * HOUR);
	assert_int_equal(due_of(&s, 1), TUESDAY + DAY + 13 * HOUR);
	assert_int_equal(due_of(&s, 0), TUESDAY + DAY + 10 * HOUR);
	turn(&s, TUESDAY + 12 * HOUR);
	const aplomb_span before = clock_of(&s, "resolve").elapsed;
	const aplomb_calendar_sum sum = do_change(&s, s.other, APLOMB_CALENDAR_DECLARED, &all);
	assert_true(sum.differs);
	assert_int_equal(sum.changes, APLOMB_CALENDAR_RECOMPUTE);
	assert_string_equal(sum.from, aplomb_calendar_version(aplomb_playbook_calendar(s.old, "support")));
	assert_string_equal(sum.to, aplomb_calendar_version(aplomb_playbook_calendar(s.other, "support")));
	assert_int_equal(sum.counted, 3);
	assert_int_equal(sum.moved, 3);
	/* Two hours have passed, six are left: five of them on Tuesday, none on Wednesday. */
	const aplomb_clock clock = clock_of(&s, "resolve");
	assert_int_equal(clock.elapsed, before);
	assert_int_equal(clock.elapsed, 2 * HOUR);
	assert_int_equal(clock.deadline, TUESDAY + 2 * DAY + 9 * HOUR);
	assert_string_equal(clock.calendar_version, sum.to);
	assert_int_equal(due_of(&s, 1), TUESDAY + 2 * DAY + 13 * HOUR);
	assert_int_equal(due_of(&s, 0), TUESDAY + 2 * DAY + 10 * HOUR);
	assert_string_equal(all.each[0].clock, "resolve");
	assert_true(all.each[0].moves && !all.each[0].keeps && all.each[0].is_running && !all.each[0].is_breached);
	assert_int_equal(all.each[0].before, TUESDAY + DAY + 9 * HOUR);
	assert_int_equal(all.each[0].after, TUESDAY + 2 * DAY + 9 * HOUR);
	assert_int_equal(all.each[0].elapsed, 2 * HOUR);
	assert_string_equal(all.each[1].timer, "after.ours.1");
	assert_string_equal(all.each[2].timer, "every.ours.2");
	/* A clock of the clock's time has nothing to do with it. */
	assert_int_equal(clock_of(&s, "plain").deadline, TUESDAY + DAY + 16 * HOUR);
	assert_says(newest_line(&s), "\"kind\":\"calendar\"");
	assert_says(newest_line(&s),
	    "\"cause\":{\"because\":\"a holiday was announced\",\"by\":\"agent:7\",\"calendar\":\"support\",\"changes\":\"recompute\","
	    "\"definition\":{");
	assert_says(newest_line(&s),
	    "\"counted_us\":7200000000,\"deadline\":\"2026-03-26T09:00:00Z\",\"do\":\"clock\",\"due\":\"2026-03-24T14:00:00Z\","
	    "\"elapsed_us\":7200000000,\"from\":\"2026-03-24T10:00:00Z\",\"target\":\"8 business hours\","
	    "\"target_us\":28800000000,\"was\":\"2026-03-25T09:00:00Z\",\"what\":\"recount\"}");
	assert_says(
	    newest_line(&s), "\"do\":\"move\",\"due\":\"2026-03-26T13:00:00Z\",\"timer\":\"after.ours.1\",\"was\":\"2026-03-25T13:00:00Z\"}");
	/* It goes on so: the warning at four hours on Tuesday, the breach on Thursday. */
	turn(&s, TUESDAY + 2 * DAY + 8 * HOUR + 59 * MINUTE);
	assert_false(clock_of(&s, "resolve").is_breached);
	turn(&s, TUESDAY + 2 * DAY + 9 * HOUR);
	assert_true(clock_of(&s, "resolve").is_breached);
	turn(&s, TUESDAY + 2 * DAY + 11 * HOUR);
	assert_int_equal(due_of(&s, 1), TUESDAY + 3 * DAY + 10 * HOUR);
	verify(&s, s.source);
	close_stage(&s);
}

static void the_same_again_changes_nothing(void **state) {
	(void)state;
	stage s;
	open_stage(&s, wednesday_off);
	say(&s, "go", TUESDAY + 10 * HOUR);
	say(&s, "go", TUESDAY + 10 * HOUR);
	assert_true(do_change(&s, s.other, APLOMB_CALENDAR_DECLARED, NULL).differs);
	const uint32_t lines = s.lines.count;
	const aplomb_calendar_sum sum = do_change(&s, s.other, APLOMB_CALENDAR_DECLARED, NULL);
	assert_false(sum.differs);
	assert_int_equal(sum.seq, 0);
	assert_int_equal(s.lines.count, lines);
	/* And back again: that is a change like any other. */
	assert_true(do_change(&s, s.old, APLOMB_CALENDAR_RECOMPUTE, NULL).differs);
	assert_int_equal(clock_of(&s, "resolve").deadline, TUESDAY + DAY + 9 * HOUR);
	verify(&s, s.source);
	close_stage(&s);
}

/* ---- kept -------------------------------------------------------------------------- */

static void what_stands_is_kept_and_what_begins_is_counted_by_the_new_version(void **state) {
	(void)state;
	stage s;
	heard all;
	open_stage(&s, kept);
	say(&s, "wait", TUESDAY + 9 * HOUR);
	say(&s, "go", TUESDAY + 10 * HOUR);
	turn(&s, TUESDAY + 12 * HOUR);
	const aplomb_calendar_sum sum = do_change(&s, s.other, APLOMB_CALENDAR_DECLARED, &all);
	assert_int_equal(sum.changes, APLOMB_CALENDAR_KEEP);
	assert_int_equal(sum.counted, 3);
	assert_int_equal(sum.moved, 0);
	assert_true(all.each[0].keeps);
	assert_says(newest_line(&s), "\"items\":[],\"kind\":\"calendar\"");
	assert_int_equal(clock_of(&s, "resolve").deadline, TUESDAY + DAY + 9 * HOUR);
	assert_int_equal(due_of(&s, 0), TUESDAY + DAY + 10 * HOUR);
	/* The promise stands: on the day that is a holiday now it is breached. */
	turn(&s, TUESDAY + DAY + 9 * HOUR);
	assert_true(clock_of(&s, "resolve").is_breached);
	/* The next time of what repeats is no promise yet. */
	turn(&s, TUESDAY + DAY + 10 * HOUR);
	assert_int_equal(due_of(&s, 1), TUESDAY + 3 * DAY + 8 * HOUR); /* asked on what is a holiday now, it counts from Thursday */
	say(&s, "look", TUESDAY + DAY + 11 * HOUR);
	char *data;
	assert_int_equal(aplomb_case_data(s.rt, "c", &data, NULL, NULL), APLOMB_OK);
	assert_string_equal(data, "{\"asked\":1,\"open\":false}");
	aplomb_text_free(s.rt, data);
	/* What begins anew begins with the version of now. */
	say(&s, "anew", TUESDAY + DAY + 11 * HOUR);
	assert_int_equal(clock_of(&s, "resolve").deadline, TUESDAY + 2 * DAY + 16 * HOUR);
	assert_string_equal(clock_of(&s, "resolve").calendar_version, sum.to);
	verify(&s, s.source);
	close_stage(&s);
}

static void what_was_kept_can_be_recomputed_later(void **state) {
	(void)state;
	stage s;
	open_stage(&s, kept);
	say(&s, "wait", TUESDAY + 9 * HOUR);
	say(&s, "go", TUESDAY + 10 * HOUR);
	do_change(&s, s.other, APLOMB_CALENDAR_DECLARED, NULL);
	turn(&s, TUESDAY + 12 * HOUR);
	const aplomb_calendar_sum sum = do_change(&s, s.other, APLOMB_CALENDAR_RECOMPUTE, NULL);
	assert_true(sum.differs);
	assert_string_equal(sum.from, sum.to);
	assert_int_equal(sum.moved, 3);
	assert_int_equal(clock_of(&s, "resolve").deadline, TUESDAY + 2 * DAY + 9 * HOUR);
	verify(&s, s.source);
	close_stage(&s);
}

static void a_clock_that_is_paused_goes_on_by_its_version(void **state) {
	(void)state;
	for (int recomputes = 0; recomputes < 2; recomputes++) {
		stage s;
		open_stage(&s, kept);
		say(&s, "wait", TUESDAY + 9 * HOUR);
		say(&s, "go", TUESDAY + 10 * HOUR);
		say(&s, "wait", TUESDAY + 11 * HOUR);
		do_change(&s, s.other, recomputes ? APLOMB_CALENDAR_RECOMPUTE : APLOMB_CALENDAR_KEEP, NULL);
		assert_int_equal(clock_of(&s, "resolve").elapsed, HOUR);
		assert_false(clock_of(&s, "resolve").has_deadline);
		say(&s, "go", TUESDAY + 12 * HOUR);
		assert_int_equal(clock_of(&s, "resolve").deadline, TUESDAY + (recomputes ? 2 : 1) * DAY + 10 * HOUR);
		verify(&s, s.source);
		close_stage(&s);
	}
}

/* ---- what it would come to ----------------------------------------------------------- */

static void the_impact_is_told_and_nothing_is_changed(void **state) {
	(void)state;
	stage s;
	heard all = {0}, then;
	open_stage(&s, kept);
	say(&s, "wait", TUESDAY + 9 * HOUR);
	say(&s, "go", TUESDAY + 10 * HOUR);
	turn(&s, TUESDAY + 12 * HOUR);
	char *left, *right;
	const uint32_t lines = s.lines.count;
	assert_int_equal(aplomb_case_snapshot(s.rt, "c", &left, NULL, NULL), APLOMB_OK);
	aplomb_calendar_change change = change_to(s.other, APLOMB_CALENDAR_DECLARED);
	change.because = NULL;
	aplomb_calendar_sum sum = APLOMB_CALENDAR_SUM_INIT;
	assert_int_equal(aplomb_case_calendar_impact(s.rt, "c", &change, hear, &all, &sum, NULL), APLOMB_OK);
	assert_int_equal(aplomb_case_snapshot(s.rt, "c", &right, NULL, NULL), APLOMB_OK);
	assert_string_equal(left, right);
	aplomb_text_free(s.rt, left);
	aplomb_text_free(s.rt, right);
	assert_int_equal(s.lines.count, lines);
	assert_true(sum.differs);
	assert_int_equal(sum.changes, APLOMB_CALENDAR_KEEP);
	assert_int_equal(sum.seq, 0);
	assert_int_equal(all.count, 3);
	/* They are kept, and this is what recomputing makes of them. */
	do_change(&s, s.other, APLOMB_CALENDAR_RECOMPUTE, &then);
	for (uint32_t i = 0; i < 3; i++) {
		assert_true(all.each[i].keeps && all.each[i].moves);
		assert_int_equal(all.each[i].before, then.each[i].before);
		assert_int_equal(all.each[i].after, then.each[i].after);
	}
	close_stage(&s);
}

/* ---- what is refused -------------------------------------------------------------------- */

static void what_cannot_be_changed_is_said(void **state) {
	(void)state;
	stage s;
	aplomb_error error;
	open_stage(&s, kept);
	say(&s, "go", TUESDAY + 10 * HOUR);
	aplomb_calendar_change change = change_to(s.other, APLOMB_CALENDAR_DECLARED);
	assert_int_equal(aplomb_case_calendar_change(s.rt, "d", &change, NULL, NULL, NULL, &error), APLOMB_ENOTFOUND);
	assert_string_equal(error.slug, "unknown-case");
	change.calendar = "suport";
	assert_int_equal(aplomb_case_calendar_change(s.rt, "c", &change, NULL, NULL, NULL, &error), APLOMB_ENOTFOUND);
	assert_string_equal(error.message, "the playbook of case \"c\" has no calendar \"suport\"; did you mean \"support\"?");
	change.calendar = "support";
	change.because = "";
	assert_int_equal(aplomb_case_calendar_change(s.rt, "c", &change, NULL, NULL, NULL, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "bad-change");
	change.because = "why";
	change.playbook = NULL;
	assert_int_equal(aplomb_case_calendar_change(s.rt, "c", &change, NULL, NULL, NULL, &error), APLOMB_EINVAL);
	change.playbook = load_text(s.rt, "none.lua", "return playbook 'none' { state 's' {} }");
	assert_int_equal(aplomb_case_calendar_change(s.rt, "c", &change, NULL, NULL, NULL, &error), APLOMB_ENOTFOUND);
	assert_string_equal(error.message, "playbook \"none\" brings no calendar \"support\"");
	say(&s, "go", TUESDAY + 10 * HOUR);
	say(&s, "end", TUESDAY + 10 * HOUR);
	change.playbook = s.other;
	assert_int_equal(aplomb_case_calendar_change(s.rt, "c", &change, NULL, NULL, NULL, &error), APLOMB_EREFUSED);
	assert_string_equal(error.slug, "case-closed");
	assert_int_equal(aplomb_playbook_calendar_changes(s.other, "support"), APLOMB_CALENDAR_KEEP);
	assert_int_equal(aplomb_playbook_calendar_changes(s.other, "other"), APLOMB_CALENDAR_DECLARED);
	close_stage(&s);
}

static void a_definition_that_was_changed_is_damage(void **state) {
	(void)state;
	stage s;
	aplomb_replayed replayed = {.size = sizeof replayed};
	aplomb_error error = {0};
	open_stage(&s, kept);
	say(&s, "go", TUESDAY + 10 * HOUR);
	do_change(&s, s.other, APLOMB_CALENDAR_DECLARED, NULL);
	assert_int_equal(aplomb_case_forget(s.rt, "c", NULL), APLOMB_OK);
	const uint32_t last = s.lines.count - 1;
	for (uint32_t i = 0; i < last; i++)
		assert_int_equal(aplomb_replay(s.rt, NULL, s.lines.line[i], strlen(s.lines.line[i]), &replayed, &error), APLOMB_OK);
	char *line = strdup(s.lines.line[last]), *day = strstr(line, "Founders");
	assert_non_null(day);
	day[0] = 'B';
	assert_int_equal(aplomb_replay(s.rt, NULL, line, strlen(line), &replayed, &error), APLOMB_EDAMAGED);
	assert_string_equal(error.slug, "journal-calendar");
	free(line);
	close_stage(&s);
}

/* ---- whatever happens --------------------------------------------------------------- */

static uint32_t below(uint64_t *seed, uint32_t bound) {
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)((*seed >> 11) % bound);
}

static const char *const versions[] = {
    "",
    ", holidays = { '2026-03-25', '2026-03-31' }",
    ", exceptions = { ['2026-03-26'] = '10:00-12:00', ['2026-03-28'] = '09:00-23:00' }",
    ", holidays = { '2026-03-24', '2026-04-01', '2026-04-02' }, exceptions = { ['2026-03-30'] = '00:00-24:00' }",
};
enum { VERSIONS = sizeof versions / sizeof *versions };

typedef struct adding {
	aplomb_instant cursor;
	aplomb_span sum;
	bool has_begun;
	aplomb_instant deadline; /* 0: none was told */
	aplomb_span at_deadline;
	uint32_t recounts;
} adding;

static void add_line(const aplomb_account_line *line, void *payload) {
	adding *a = payload;
	if (line->kind == APLOMB_ACCOUNT_STARTS && !a->has_begun) {
		a->has_begun = true;
		a->cursor = line->from;
	}
	if (a->has_begun) assert_true(line->from == a->cursor);
	a->cursor = line->until;
	if (line->kind < APLOMB_ACCOUNT_PAUSED && line->calendar != NULL)
		assert_true(aplomb_calendar_between(line->calendar, line->from, line->until) == line->counted);
	if (line->kind == APLOMB_ACCOUNT_RESTARTS) {
		a->sum = 0;
		a->has_begun = false;
	}
	a->recounts += line->kind == APLOMB_ACCOUNT_RECOUNTS;
	a->sum += line->counted;
	assert_true(a->sum == line->elapsed);
	if (line->kind != APLOMB_ACCOUNT_DEADLINE) return;
	a->deadline = line->from;
	a->at_deadline = a->sum;
}

/* The printed intervals add up to the deadline, by whichever versions they were counted. */
static uint32_t check_account(const stage *s) {
	aplomb_account *account;
	aplomb_journal *reader;
	aplomb_value entry;
	aplomb_error error = {0};
	aplomb_account_sum sum = APLOMB_ACCOUNT_SUM_INIT;
	adding a = {0};
	const aplomb_instant now = aplomb_now(s->rt);
	assert_int_equal(aplomb_account_open(&account, s->rt, s->old, "resolve", NULL), APLOMB_OK);
	assert_int_equal(aplomb_journal_open(&reader, NULL), APLOMB_OK);
	for (uint32_t i = 0; i < s->lines.count; i++) {
		assert_int_equal(aplomb_journal_read(reader, s->lines.line[i], strlen(s->lines.line[i]), &entry, NULL), APLOMB_OK);
		if (aplomb_account_note(account, entry, &error) != APLOMB_OK) fail_msg("%s", error.message);
	}
	if (aplomb_account_tell(account, &now, add_line, &a, &sum, &error) != APLOMB_OK) fail_msg("%s", error.message);
	const aplomb_clock clock = clock_of(s, "resolve");
	if (clock.has_begun) assert_int_equal(sum.elapsed, clock.elapsed);
	assert_int_equal(sum.has_deadline, clock.has_deadline);
	if (sum.has_deadline) {
		assert_int_equal(a.deadline, clock.deadline);
		assert_int_equal(a.at_deadline, clock.target);
	}
	aplomb_account_close(account);
	aplomb_journal_close(reader);
	return a.recounts;
}

static char *snapshot_of(const stage *s) {
	char *json;
	assert_int_equal(aplomb_case_snapshot(s->rt, "c", &json, NULL, NULL), APLOMB_OK);
	return json;
}

/* Out of its snapshot it is the same case, to the byte. */
static void check_restored(const stage *s) {
	stage other;
	aplomb_error error = {0};
	char *json = snapshot_of(s);
	open_stage(&other, versions[1]);
	if (aplomb_case_restore(other.rt, json, strlen(json), &error) != APLOMB_OK) fail_msg("%s\n%s", error.message, json);
	char *again = snapshot_of(&other);
	assert_string_equal(json, again);
	aplomb_text_free(s->rt, json);
	aplomb_text_free(other.rt, again);
	close_stage(&other);
}

/* A change, held against what was foretold of it. */
static void change_and_check(stage *s, const aplomb_playbook *to, aplomb_calendar_changes changes) {
	heard told = {0}, done;
	const aplomb_calendar_change change = change_to(to, changes);
	aplomb_calendar_sum sum = APLOMB_CALENDAR_SUM_INIT;
	aplomb_clock before[2], after[2];
	before[0] = clock_of(s, "resolve");
	before[1] = clock_of(s, "plain");
	char *left = snapshot_of(s);
	assert_int_equal(aplomb_case_calendar_impact(s->rt, "c", &change, hear, &told, &sum, NULL), APLOMB_OK);
	char *right = snapshot_of(s);
	assert_string_equal(left, right);
	aplomb_text_free(s->rt, left);
	aplomb_text_free(s->rt, right);
	do_change(s, to, changes, &done);
	assert_int_equal(told.count, done.count);
	after[0] = clock_of(s, "resolve");
	after[1] = clock_of(s, "plain");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(before[i].elapsed, after[i].elapsed);
		assert_int_equal(before[i].target, after[i].target);
		assert_int_equal(before[i].is_breached, after[i].is_breached);
		assert_int_equal(before[i].is_running, after[i].is_running);
	}
	for (uint32_t i = 0; i < told.count; i++) {
		assert_int_equal(told.each[i].before, done.each[i].before);
		if (changes == APLOMB_CALENDAR_RECOMPUTE) assert_int_equal(told.each[i].after, done.each[i].after);
		if (changes == APLOMB_CALENDAR_KEEP) assert_false(done.each[i].moves);
		/* What is not due is not due before now. */
		if (done.each[i].moves) assert_true(done.each[i].after >= aplomb_now(s->rt));
	}
}

static uint32_t walk(uint64_t seed, uint32_t length) {
	static const char *const events[] = {"go", "wait", "look", "anew", "go", "wait"};
	stage s;
	aplomb_playbook *all[VERSIONS];
	char source[2048];
	aplomb_instant at = TUESDAY + 9 * HOUR;
	uint32_t recounts = 0;
	open_stage(&s, versions[1]);
	for (uint32_t i = 0; i < VERSIONS; i++) all[i] = load_with(&s, desk, versions[i], source, sizeof source);
	say(&s, "wait", at);
	for (uint32_t i = 0; i < length; i++) {
		at += (int64_t)below(&seed, 300) * MINUTE + (int64_t)below(&seed, 60000000) * below(&seed, 2) +
		      (below(&seed, 5) == 0 ? 10 * HOUR : 0);
		turn(&s, at);
		if (below(&seed, 3) == 0)
			change_and_check(&s, all[below(&seed, VERSIONS)], below(&seed, 2) == 0 ? APLOMB_CALENDAR_KEEP : APLOMB_CALENDAR_RECOMPUTE);
		else
			say(&s, events[below(&seed, 6)], at);
		if (below(&seed, 3) == 0) check_restored(&s);
		if (below(&seed, 4) == 0 || i + 1 == length) recounts = check_account(&s);
	}
	verify(&s, s.source);
	close_stage(&s);
	return recounts;
}

static void no_change_alters_what_was_counted_whatever_happens(void **state) {
	(void)state;
	const char *many = getenv("APLOMB_CALENDAR_WALKS");
	const uint32_t walks = many != NULL ? (uint32_t)strtoul(many, NULL, 10) : APL_ROUNDS(6u, 1u);
	uint32_t recounts = 0;
	for (uint32_t i = 0; i < walks; i++) recounts += walk(0x9e3779b97f4a7c15u * (i + 1), apl_is_watched() ? 12 : 40);
	assert_true(recounts > 0);
}

/* ---- kept elsewhere ------------------------------------------------------------------ */

enum { CASES = 12 };

static void tell_case(aplomb_runtime *rt, int number, const char *event, aplomb_instant at) {
	aplomb_event given = APLOMB_EVENT_INIT;
	aplomb_error error = {0};
	char id[16];
	snprintf(id, sizeof id, "case-%d", number);
	given.case_id = id;
	given.name = event;
	given.has_at = true;
	given.at = at;
	if (aplomb_post_wait(rt, &given, NULL, &error) != APLOMB_OK) fail_msg("%s: %s", event, error.message);
}

/* One line for each case: what a clock says whose calendar changed, and one's that was kept. */
static void write_clocks(aplomb_runtime *rt, char out[CASES][128]) {
	for (int i = 0; i < CASES; i++) {
		aplomb_clock clock = APLOMB_CLOCK_INIT;
		aplomb_error error = {0};
		char id[16];
		snprintf(id, sizeof id, "case-%d", i);
		if (aplomb_case_clock(rt, id, "resolve", &clock, &error) != APLOMB_OK) fail_msg("%s: %s", id, error.message);
		snprintf(out[i], 128, "%lld %d %.12s %s", (long long)clock.deadline, clock.is_breached, clock.calendar_version, clock.said);
	}
}

/* With at most so many cases in memory; [path] NULL: in no store. */
static void play(const char *path, uint32_t resident, char out[CASES][128]) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_runtime *rt;
	aplomb_error error = {0};
	char source[2048], changed[2048];
	options.time_follows_events = true;
	options.store = path;
	options.resident = resident;
	options.durability = APLOMB_DURABILITY_NORMAL;
	assert_int_equal(aplomb_open(&rt, &options, NULL), APLOMB_OK);
	snprintf(source, sizeof source, desk, "");
	snprintf(changed, sizeof changed, desk, wednesday_off);
	assert_int_equal(aplomb_default_playbook(rt, load_text(rt, "desk.lua", source), NULL), APLOMB_OK);
	for (int i = 0; i < CASES; i++) tell_case(rt, i, "wait", TUESDAY + 9 * HOUR);
	for (int i = 0; i < CASES; i++) tell_case(rt, i, "go", TUESDAY + 10 * HOUR);
	const aplomb_playbook *other = load_text(rt, "desk.lua", changed);
	for (int i = 0; i < CASES; i++) {
		const aplomb_calendar_change change = change_to(other, i % 3 == 0 ? APLOMB_CALENDAR_KEEP : APLOMB_CALENDAR_DECLARED);
		char id[16];
		snprintf(id, sizeof id, "case-%d", i);
		if (aplomb_case_calendar_change(rt, id, &change, NULL, NULL, NULL, &error) != APLOMB_OK) fail_msg("%s: %s", id, error.message);
	}
	for (int i = 0; i < CASES; i++) tell_case(rt, i, i % 2 == 0 ? "anew" : "look", TUESDAY + 11 * HOUR);
	write_clocks(rt, out);
	aplomb_close(rt);
}

static void cases_that_leave_memory_come_back_with_their_versions(void **state) {
	const place *p = *state;
	static char in_memory[CASES][128], in_store[CASES][128], again[CASES][128];
	play(NULL, 0, in_memory);
	for (uint32_t resident = 1; resident <= 4; resident += 3) {
		place_remove_files(p);
		play(p->path, resident, in_store);
		for (int i = 0; i < CASES; i++) assert_string_equal(in_store[i], in_memory[i]);
		/* And once more from the file, which has the versions that its cases run. */
		aplomb_options options = APLOMB_OPTIONS_INIT;
		aplomb_runtime *rt;
		options.time_follows_events = true;
		options.store = p->path;
		options.resident = resident;
		assert_int_equal(aplomb_open(&rt, &options, NULL), APLOMB_OK);
		write_clocks(rt, again);
		for (int i = 0; i < CASES; i++) assert_string_equal(again[i], in_memory[i]);
		aplomb_close(rt);
	}
}

/* ---- without memory -------------------------------------------------------------------- */

static void a_change_that_lacks_memory_was_none(void **state) {
	(void)state;
	test_heap heap = {0};
	const aplomb_allocator allocator = {test_heap_alloc, &heap};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	char source[2048], changed[2048];
	aplomb_runtime *rt;
	options.allocator = &allocator;
	options.time_follows_events = true;
	assert_int_equal(aplomb_open(&rt, &options, NULL), APLOMB_OK);
	snprintf(source, sizeof source, desk, "");
	snprintf(changed, sizeof changed, desk, wednesday_off);
	assert_int_equal(aplomb_default_playbook(rt, load_text(rt, "desk.lua", source), NULL), APLOMB_OK);
	tell_case(rt, 0, "wait", TUESDAY + 9 * HOUR);
	tell_case(rt, 0, "go", TUESDAY + 10 * HOUR);
	const aplomb_calendar_change change = change_to(load_text(rt, "desk.lua", changed), APLOMB_CALENDAR_DECLARED);
	char *before, *after;
	uint32_t failed = 0;
	assert_int_equal(aplomb_case_snapshot(rt, "case-0", &before, NULL, NULL), APLOMB_OK);
	for (heap.fail_at = 1;; heap.fail_at++) {
		aplomb_error error = {0};
		heap.calls = 0;
		const int code = aplomb_case_calendar_change(rt, "case-0", &change, NULL, NULL, NULL, &error);
		const uint64_t fails = heap.fail_at;
		heap.fail_at = 0;
		if (code == APLOMB_OK) break;
		assert_int_equal(code, APLOMB_ENOMEM);
		failed++;
		assert_int_equal(aplomb_case_snapshot(rt, "case-0", &after, NULL, NULL), APLOMB_OK);
		assert_string_equal(before, after);
		aplomb_text_free(rt, after);
		heap.fail_at = fails;
	}
	assert_true(failed >= 5);
	aplomb_clock clock = APLOMB_CLOCK_INIT;
	assert_int_equal(aplomb_case_clock(rt, "case-0", "resolve", &clock, NULL), APLOMB_OK);
	assert_int_equal(clock.deadline, TUESDAY + 2 * DAY + 9 * HOUR);
	aplomb_text_free(rt, before);
	aplomb_close(rt);
	assert_int_equal(heap.blocks, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_left_is_counted_by_the_new_version),
	    cmocka_unit_test(the_same_again_changes_nothing),
	    cmocka_unit_test(what_stands_is_kept_and_what_begins_is_counted_by_the_new_version),
	    cmocka_unit_test(what_was_kept_can_be_recomputed_later),
	    cmocka_unit_test(a_clock_that_is_paused_goes_on_by_its_version),
	    cmocka_unit_test(the_impact_is_told_and_nothing_is_changed),
	    cmocka_unit_test(what_cannot_be_changed_is_said),
	    cmocka_unit_test(a_definition_that_was_changed_is_damage),
	    cmocka_unit_test(cases_that_leave_memory_come_back_with_their_versions),
	    cmocka_unit_test(a_change_that_lacks_memory_was_none),
	    cmocka_unit_test(no_change_alters_what_was_counted_whatever_happens),
	};
	return cmocka_run_group_tests(tests, place_make, place_drop);
}
