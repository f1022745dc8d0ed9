/* SPDX-License-Identifier: MIT */
/*
 * Clocks as their host asks them, and what is always true of them: what one has
 * counted is the sum of the intervals in the journal, counted by somebody else;
 * moving it changes none of that; a snapshot, a restored case and a replay have
 * it to the byte. Random walks over states, with moves and restarts.
 *
 * APLOMB_CLOCK_WALKS says how many walks.
 */
#include "../test_cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aplomb.h"
#include "host.h"
#include "journal_lines.h"

#define MINUTE INT64_C(60000000)
#define HOUR (60 * MINUTE)
/* 2026-03-24T09:00:00Z, a Tuesday; clocks are put on in London on the Sunday after. */
#define BEGIN INT64_C(1774342800000000)

static const char walked[] =
    "return playbook 'walked' {\n"
    "  calendar 'support' { zone = 'Europe/London', week = { ['mon-fri'] = '08:00-12:30 13:30-17:00', sun = '00:00-06:00' },\n"
    "    holidays = { '2026-04-03', '2026-04-06' } },\n"
    "  calendar 'night' { zone = 'Australia/Lord_Howe', week = { ['mon-sun'] = '00:00-05:00 22:00-24:00' } },\n"
    "  calendar = 'support',\n"
    "  data = { t = span { default = '7h' }, warned = integer { default = 0 }, breached = integer { default = 0 } },\n"
    "  event 'a' {}, event 'b' {}, event 'c' {}, event 'd' {}, event 'back' {}, event 'same' {}, event 'defers' {},\n"
    "  event 'more' { by = span { required = true } }, event 'target' { is = span { required = true } },\n"
    "  event 'plain' { is = span { required = true } }, event 'until' { at = instant { required = true } }, event 'anew' {},\n"
    "  clock 'resolve' { target = '9 business hours', runs_in = { 'all.one.x', 'all.two.q' }, warn_at = { 0.5, 0.8, '30 business minutes' "
    "} },\n"
    "  clock 'days' { target = '2 business days', calendar = 'night', runs_in = 'all.one', warn_at = 0.9 },\n"
    "  clock 'plain' { target = from 'data.t', runs_in = { 'all.one.y', 'all.two.p' }, warn_at = { '1h', 0.25, function(case) return "
    "case.data.warned % 2 == 0 and 0.25 or '20m' end } },\n"
    "  state 'out' { on 'back' { to = 'all.past' } },\n"
    "  parallel 'all' { history 'past' { default = { 'one', 'two' }, deep = true },\n"
    "    on 'd' { to = 'out' },\n"
    "    on 'clock.resolve.warning' { act = 'data.warned = data.warned + 1' },\n"
    "    on 'clock.resolve.breached' { act = 'data.breached = data.breached + 1' },\n"
    "    on 'more' { act = function(case, event) case:clock('resolve'):move({ by = event.by }, 'more') end },\n"
    "    on 'target' { act = function(case, event) case:clock('resolve'):move(event.is, 'another') case:clock('days'):move('3 business "
    "hours', 'x') end },\n"
    "    on 'plain' { act = function(case, event) case:clock('plain'):move(event.is, 'another') end },\n"
    "    on 'until' { act = function(case, event) case:clock('plain'):move({ to = event.at }, 'until') case:clock('resolve'):move({ to = "
    "event.at }, 'until') end },\n"
    "    on 'anew' { act = function(case) case:clock('resolve'):restart('anew') end },\n"
    "    state 'one' { on 'clock.plain.breached' { to = 'z' },\n"
    "      state 'x' { on 'a' { to = 'y' }, on 'same' { to = 'x' }, on 'clock.plain' { defer = true } },\n"
    "      state 'y' { on 'a' { to = 'x' }, on 'b' { to = 'z' }, after '5h' { to = 'z' } }, state 'z' { on 'b' { to = 'x' } } },\n"
    "    state 'two' { state 'p' { on 'c' { to = 'q' }, on 'same' { to = 'p' } }, state 'q' { on 'c' { to = 'p' }, after '1 business hour' "
    "{ to = 'p' } } } } }\n";

typedef struct stage {
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	journal lines;
} stage;

static void open_stage(stage *s, const char *source, bool rehearses) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	*s = (stage){0};
	options.time_follows_events = true;
	options.rehearsal = rehearses;
	options.journal = journal_keep;
	options.journal_payload = &s->lines;
	assert_int_equal(aplomb_open(&s->rt, &options, NULL), APLOMB_OK);
	s->playbook = load_text(s->rt, "clocks.lua", source);
	assert_int_equal(aplomb_default_playbook(s->rt, s->playbook, NULL), APLOMB_OK);
}

static void close_stage(stage *s) {
	aplomb_close(s->rt);
	journal_drop(&s->lines);
}

static void post(stage *s, const char *event, aplomb_instant at, const char *field, aplomb_field value) {
	aplomb_event given = APLOMB_EVENT_INIT;
	aplomb_error error = {0};
	given.case_id = "c";
	given.name = event;
	given.has_at = true;
	given.at = at;
	if (field != NULL) {
		value.name = field;
		given.fields = &value;
		given.n_fields = 1;
	}
	if (aplomb_post_wait(s->rt, &given, NULL, &error) != APLOMB_OK) fail_msg("%s: %s", event, error.message);
}

static void say(stage *s, const char *event, aplomb_instant at) {
	post(s, event, at, NULL, (aplomb_field){0});
}

static void say_text(stage *s, const char *event, aplomb_instant at, const char *field, const char *text) {
	post(s, event, at, field, (aplomb_field){.kind = APLOMB_TEXT, .as.text = {text, strlen(text)}});
}

/* ---- asked ------------------------------------------------------------------------ */

static const char small[] =
    "return playbook 'small' {\n"
    "  calendar 'support' { zone = 'Europe/London', week = { ['mon-fri'] = '08:00-17:00' } },\n"
    "  event 'go' {}, event 'wait' {}, event 'end' {},\n"
    "  clock 'resolve' { target = '8 business hours', runs_in = 'ours', warn_at = { 0.5, 0.8 }, because = 'the contract' },\n"
    "  clock 'first' { target = '10m', runs_in = 'ours' },\n"
    "  state 'theirs' { on 'go' { to = 'ours' } }, state 'ours' { on 'wait' { to = 'theirs' }, on 'end' { to = 'over' } }, final 'over' {} "
    "}\n";

static void a_clock_is_told_as_of_now(void **state) {
	(void)state;
	stage s;
	aplomb_clock clock = APLOMB_CLOCK_INIT;
	aplomb_error error;
	open_stage(&s, small, false);
	say(&s, "wait", BEGIN);
	assert_int_equal(aplomb_case_clock(s.rt, "c", "resolve", &clock, NULL), APLOMB_OK);
	assert_false(clock.has_begun || clock.is_running || clock.has_deadline);
	assert_string_equal(clock.because, "the contract");
	assert_string_equal(clock.said, "");
	say(&s, "go", BEGIN + HOUR);
	assert_int_equal(aplomb_turn_clock(s.rt, BEGIN + 6 * HOUR, NULL), APLOMB_OK);
	assert_int_equal(aplomb_pump(s.rt, 0, NULL, NULL), APLOMB_OK);
	assert_int_equal(aplomb_turn_clock(s.rt, BEGIN + 6 * HOUR + MINUTE / 2, NULL), APLOMB_OK);
	assert_int_equal(aplomb_case_clock(s.rt, "c", "resolve", &clock, NULL), APLOMB_OK);
	assert_true(clock.has_begun && clock.is_running && clock.has_deadline && !clock.is_breached);
	assert_int_equal(clock.elapsed, 5 * HOUR + MINUTE / 2);
	assert_int_equal(clock.left, 3 * HOUR - MINUTE / 2);
	assert_int_equal(clock.target, 8 * HOUR);
	assert_int_equal(clock.warned, 1);
	assert_int_equal(clock.n_warnings, 2);
	assert_int_equal(clock.since, BEGIN + HOUR);
	assert_int_equal(clock.deadline, BEGIN + 24 * HOUR); /* there were seven hours left of the first day */
	assert_string_equal(clock.calendar, "support");
	assert_int_equal(strlen(clock.calendar_version), 64);
	assert_string_equal(clock.said, "8 business hours");
	assert_string_equal(clock.elapsed_said, "5 business hours");
	assert_string_equal(clock.left_said, "3 business hours");
	assert_int_equal(aplomb_case_clock(s.rt, "c", "first", &clock, NULL), APLOMB_OK);
	assert_true(clock.is_breached);
	assert_int_equal(clock.left, 0);
	assert_int_equal(clock.deadline, BEGIN + HOUR + 10 * MINUTE);
	assert_null(clock.calendar);
	assert_int_equal(aplomb_case_clocks(s.rt, "c", NULL, NULL), 2);
	assert_int_equal(aplomb_case_clock(s.rt, "c", "resolv", &clock, &error), APLOMB_ENOTFOUND);
	assert_string_equal(error.message, "playbook \"small\" has no clock \"resolv\"; did you mean \"resolve\"?");
	assert_int_equal(aplomb_case_clock(s.rt, "d", "resolve", &clock, &error), APLOMB_ENOTFOUND);
	assert_string_equal(error.slug, "unknown-case");
	clock.size = 0;
	assert_int_equal(aplomb_case_clock(s.rt, "c", "resolve", &clock, &error), APLOMB_EINVAL);
	close_stage(&s);
}

/* ---- held against the journal --------------------------------------------------------- */

typedef struct counting {
	const aplomb_playbook *playbook;
	const char *calendar; /* NULL: the clock's */
	aplomb_span sum;      /* of intervals since the last restart */
	aplomb_instant running_since;
	bool runs;
	aplomb_span elapsed; /* as the newest item says */
	uint32_t items, warnings, breaches;
} counting;

static aplomb_span counted_by(const counting *c, aplomb_instant from, aplomb_instant to) {
	if (c->calendar == NULL) return to - from;
	/* Minute by minute: from one opening to the next closing. */
	const aplomb_calendar *calendar = aplomb_playbook_calendar(c->playbook, c->calendar);
	aplomb_span sum = 0;
	while (from < to) {
		aplomb_calendar_stretch stretch = APLOMB_CALENDAR_STRETCH_INIT;
		assert_int_equal(aplomb_calendar_stretch_at(calendar, from, &stretch, NULL), APLOMB_OK);
		const aplomb_instant until = stretch.until < to ? stretch.until : to;
		if (stretch.reason == APLOMB_CALENDAR_OPEN) sum += until - from;
		from = until;
	}
	return sum;
}

static void count(const aplomb_clock_entry *entry, void *payload) {
	counting *c = payload;
	c->items++;
	if (entry->has_interval) {
		assert_true(c->runs);
		assert_int_equal(entry->from, c->running_since);
		assert_int_equal(entry->counted, counted_by(c, entry->from, entry->at));
		c->sum += entry->counted;
		c->runs = false;
	}
	if (entry->what == APLOMB_CLOCK_RESTART) c->sum = 0;
	if (entry->what == APLOMB_CLOCK_START) {
		assert_false(c->runs);
		c->runs = true;
		c->running_since = entry->at;
	}
	/* Whatever happens to it: the sum of the intervals and of the one that lasts, and nothing else. */
	if (entry->what != APLOMB_CLOCK_RESTART && !(entry->what == APLOMB_CLOCK_MOVE && c->items == 1))
		assert_int_equal(entry->elapsed, c->sum + (c->runs ? counted_by(c, c->running_since, entry->at) : 0));
	if (entry->what == APLOMB_CLOCK_WARN) c->warnings++;
	if (entry->what == APLOMB_CLOCK_BREACH) c->breaches++;
	c->elapsed = entry->elapsed;
}

static uint32_t below(uint64_t *seed, uint32_t bound) {
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)((*seed >> 11) % bound);
}

/* Everything that is to be true between two steps. */
static void check(stage *s, const char *name, const char *calendar) {
	aplomb_clock clock = APLOMB_CLOCK_INIT;
	counting c = {.playbook = s->playbook, .calendar = calendar};
	assert_int_equal(aplomb_case_clock_entries(s->rt, "c", name, count, &c, NULL), APLOMB_OK);
	assert_int_equal(aplomb_case_clock(s->rt, "c", name, &clock, NULL), APLOMB_OK);
	assert_int_equal(clock.is_running, c.runs);
	assert_int_equal(clock.elapsed, c.sum + (c.runs ? counted_by(&c, c.running_since, aplomb_now(s->rt)) : 0));
	/* All that was due has come: breached is what has reached its target. */
	if (clock.has_begun) assert_int_equal(clock.is_breached, clock.elapsed >= clock.target);
	if (clock.has_begun && clock.is_running && !clock.is_breached && clock.has_deadline)
		assert_int_equal(clock.left, counted_by(&c, aplomb_now(s->rt), clock.deadline));
}

static void step(stage *s, uint64_t *seed, aplomb_instant at) {
	static const char *const events[] = {"a", "b", "c", "a", "c", "d", "back", "same", "anew"};
	static const char *const spans[] = {
	    "1 business hour", "20 business minutes", "3 business hours", "15 business hours", "0 business hours"};
	static const char *const plain[] = {"1h", "5h", "0s", "3d", "20m"};
	char text[32];
	switch (below(seed, 12)) {
	case 0: say_text(s, "more", at, "by", spans[below(seed, 5)]); break;
	case 1: say_text(s, "target", at, "is", spans[below(seed, 5)]); break;
	case 2: say_text(s, "plain", at, "is", plain[below(seed, 5)]); break;
	case 3:
		aplomb_instant_write(at + (int64_t)below(seed, 3000) * MINUTE - 600 * MINUTE, text);
		say_text(s, "until", at, "at", text);
		break;
	default: say(s, events[below(seed, 9)], at);
	}
}

/* Without what the lines since the last snapshot hash to, which is the runtime's matter. */
static char *snapshot_of(aplomb_runtime *rt) {
	char *json, *copy;
	assert_int_equal(aplomb_case_snapshot(rt, "c", &json, NULL, NULL), APLOMB_OK);
	copy = strdup(json);
	aplomb_text_free(rt, json);
	char *hash = strstr(copy, "\"sha256\":"), *behind = strstr(copy, "\"status\":");
	assert_true(hash != NULL && behind != NULL && hash < behind);
	memmove(hash, behind, strlen(behind) + 1);
	return copy;
}

/* Every line comes out of a replay again. */
static void verify(const stage *s, const char *source) {
	aplomb_verifier *verifier;
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_verified verified = APLOMB_VERIFIED_INIT;
	aplomb_error error = {0};
	assert_int_equal(aplomb_verifier_open(&verifier, NULL, NULL), APLOMB_OK);
	load.source = source;
	load.source_size = strlen(source);
	assert_int_equal(aplomb_verifier_load(verifier, &load, NULL, NULL), APLOMB_OK);
	for (uint32_t i = 0; i < s->lines.count; i++) {
		if (aplomb_verify(verifier, s->lines.line[i], strlen(s->lines.line[i]), i + 1, &error) != APLOMB_OK)
			fail_msg("line %u: %s", i + 1, error.message);
	}
	if (aplomb_verifier_end(verifier, &verified, &error) != APLOMB_OK) fail_msg("%s", error.message);
	assert_null(verified.difference);
	aplomb_verifier_close(verifier);
}

/* A second runtime goes on from the snapshot, and has the same snapshot after the same events. */
static void walk(uint64_t seed, uint32_t length) {
	stage s, other = {0};
	aplomb_instant at = BEGIN;
	open_stage(&s, walked, false);
	say(&s, "same", at);
	for (uint32_t i = 0; i < length; i++) {
		at += (int64_t)below(&seed, 200) * MINUTE + below(&seed, 2) * (int64_t)below(&seed, 60000000) +
		      (below(&seed, 8) == 0 ? 10 * HOUR : 0);
		uint64_t both = seed;
		step(&s, &seed, at);
		if (other.rt != NULL) {
			char *left = snapshot_of(s.rt), *right;
			step(&other, &both, at);
			right = snapshot_of(other.rt);
			if (strcmp(left, right) != 0) fail_msg("step %u: restored, the case is\n%s\nand not\n%s", i, right, left);
			free(left);
			free(right);
			close_stage(&other);
			other = (stage){0};
		}
		check(&s, "resolve", "support");
		check(&s, "days", "night");
		check(&s, "plain", NULL);
		if (below(&seed, 4) == 0) {
			char *json = snapshot_of(s.rt), *again, *whole;
			open_stage(&other, walked, false);
			assert_int_equal(aplomb_case_snapshot(s.rt, "c", &whole, NULL, NULL), APLOMB_OK);
			aplomb_error error = {0};
			if (aplomb_case_restore(other.rt, whole, strlen(whole), &error) != APLOMB_OK) fail_msg("%s\n%s", error.message, whole);
			aplomb_text_free(s.rt, whole);
			again = snapshot_of(other.rt);
			assert_string_equal(json, again);
			free(json);
			free(again);
		}
	}
	if (other.rt != NULL) close_stage(&other);
	verify(&s, walked);
	close_stage(&s);
}

static void what_a_clock_counts_is_what_the_journal_tells(void **state) {
	(void)state;
	const char *many = getenv("APLOMB_CLOCK_WALKS");
	const uint32_t walks = many != NULL ? (uint32_t)strtoul(many, NULL, 10) : getenv("APLOMB_VALGRIND") != NULL ? 1 : 4;
	for (uint32_t i = 0; i < walks; i++) walk(0x9e3779b97f4a7c15u * (i + 1), 60);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_clock_is_told_as_of_now),
	    cmocka_unit_test(what_a_clock_counts_is_what_the_journal_tells),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
