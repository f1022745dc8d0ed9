/* SPDX-License-Identifier: MIT */
/*
 * A walk through time: commands by chance, thousands of them. Wherever it ends,
 * the case and its lines are those of a case to which the same was done
 * straight on, in a runtime that never went back.
 */
#include "../test_cmocka.h"
#include "../test_rounds.h"

#include <stdlib.h>
#include <string.h>

#include "repl/lines.h"
#include "repl/travel.h"

/* ---- a conversation without a reader ------------------------------------------- */

typedef struct talk {
	aplomb_load_options load;
	repl_options options;
	tell_screen out;
	repl r;
} talk;

static void begin(talk *t, const char *path, const char *source, const char *journal) {
	*t = (talk){.load = APLOMB_LOAD_OPTIONS_INIT};
	t->out = (tell_screen){.file = fopen("/dev/null", "w"), .width = 80};
	t->load.path = path;
	t->load.source = source;
	t->load.source_size = source != NULL ? strlen(source) : 0;
	t->options = (repl_options){.load = &t->load, .journal = journal, .out = &t->out, .err = &t->out};
	repl *r = &t->r;
	r->options = &t->options;
	r->out = r->err = &t->out;
	r->story = repl_story_new();
	r->timeline = (tell_timeline){.screen = r->out, .is_played = true};
	tell_casebook_init(&r->book);
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_limits limits = {.size = sizeof limits};
	if (journal != NULL) assert_int_equal(repl_recorded_read(r, &limits), REPL_ENDED);
	options.limits = &limits;
	options.rehearsal = options.time_follows_events = options.forget_journal = true;
	options.journal = repl_take_lines;
	options.journal_payload = r;
	aplomb_error error;
	if (aplomb_open(&r->rt, &options, &error) || aplomb_load(r->rt, &t->load, &r->playbook, &error)) fail_msg("%s", error.message);
	assert_int_equal(aplomb_default_playbook(r->rt, r->playbook, NULL), APLOMB_OK);
	assert_int_equal(aplomb_turn_clock(r->rt, REPL_STARTS, NULL), APLOMB_OK);
	if (journal != NULL) assert_int_equal(repl_recorded_play(r), REPL_ENDED);
}

static void end(talk *t) {
	repl *r = &t->r;
	repl_story_free(r->story);
	aplomb_close(r->rt);
	tell_casebook_dispose(&r->book);
	repl_text_dispose(&r->fresh);
	free(r->case_id);
	fclose(t->out.file);
}

/* ---- the same, straight on -------------------------------------------------------- */

static const char *text_in(aplomb_value map, const char *name) {
	return aplomb_value_text(aplomb_value_get(map, name), NULL);
}

/* Those of the played case: outside of a rehearsal what it sends to another arrives there. */
static int gather(const char *lines, size_t size, void *payload) {
	static const char ours[] = ",\"case\":\"case-1\",";
	for (const char *at = lines, *end = lines + size; at < end;) {
		size_t length = (size_t)((const char *)memchr(at, '\n', (size_t)(end - at)) - at) + 1;
		if (memmem(at, length, ours, sizeof ours - 1) != NULL) repl_text_add(payload, at, length);
		at += length;
	}
	return 0;
}

static void pump(aplomb_runtime *rt) {
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	do assert_int_equal(aplomb_pump(rt, 0, &report, NULL), APLOMB_OK);
	while (report.more);
}

/* Time goes on from one timer to the next, as it does for whoever waits. */
static void turn(aplomb_runtime *rt, aplomb_instant to) {
	aplomb_instant due;
	while (aplomb_next_due(rt, &due) && due <= to) {
		if (due > aplomb_now(rt)) assert_int_equal(aplomb_turn_clock(rt, due, NULL), APLOMB_OK);
		pump(rt);
	}
	if (to > aplomb_now(rt)) assert_int_equal(aplomb_turn_clock(rt, to, NULL), APLOMB_OK);
}

/* What came from outside, by the entry that holds it. */
static void give(aplomb_runtime *rt, const char *open, aplomb_value entry) {
	aplomb_value cause = aplomb_value_get(entry, "cause"), data = aplomb_value_get(cause, "data");
	aplomb_event event = APLOMB_EVENT_INIT;
	const char *kind = text_in(entry, "kind");
	assert_int_equal(aplomb_instant_read(text_in(entry, "at"), &event.at, NULL), APLOMB_OK);
	event.case_id = text_in(entry, "case");
	event.by = text_in(cause, "by");
	event.has_at = true;
	if (strcmp(kind, "opened") == 0) {
		event.open = open;
		turn(rt, event.at);
		aplomb_error error;
		if (aplomb_case_open(rt, &event, NULL, &error)) fail_msg("%s", error.message);
		return;
	}
	bool is_from_outside = event.by != NULL && aplomb_value_kind(aplomb_value_get(cause, "deferred_seq")) == APLOMB_ABSENT;
	if (!is_from_outside) return;
	turn(rt, event.at);
	event.name = text_in(cause, "event");
	char *json = aplomb_value_kind(data) == APLOMB_MAP ? aplomb_value_write(data) : NULL;
	event.data = json;
	aplomb_post_wait(rt, &event, NULL, NULL);
	pump(rt);
	free(json);
}

/* What the walk's lines say was done, done in a runtime of its own; the lines are the same, and so is the case. */
static void compare(talk *t, const char *open) {
	repl *r = &t->r;
	repl_text lines = {0}, walked = {0};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.time_follows_events = options.forget_journal = true;
	options.journal = gather;
	options.journal_payload = &lines;
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	assert_int_equal(aplomb_open(&rt, &options, NULL), APLOMB_OK);
	assert_int_equal(aplomb_load(rt, &t->load, &playbook, NULL), APLOMB_OK);
	assert_int_equal(aplomb_default_playbook(rt, playbook, NULL), APLOMB_OK);
	assert_int_equal(aplomb_turn_clock(rt, REPL_STARTS, NULL), APLOMB_OK);
	for (size_t i = 0; i < repl_story_count(r->story); i++) {
		size_t size;
		aplomb_json *json;
		const char *line = repl_story_line(r->story, i, &size);
		repl_text_add(&walked, line, size + 1);
		if (i == 0) continue;
		assert_int_equal(aplomb_json_read(&json, line, size, NULL), APLOMB_OK);
		give(rt, open, aplomb_json_root(json));
		aplomb_json_free(json);
	}
	turn(rt, aplomb_now(r->rt));
	/* Whoever goes back may stand in the midst of what otherwise happens at once. */
	aplomb_instant due;
	bool is_amidst = aplomb_next_due(r->rt, &due) && due <= aplomb_now(r->rt);
	if (is_amidst && lines.size > walked.size && memcmp(lines.bytes, walked.bytes, walked.size) == 0) {
		aplomb_close(rt);
		repl_text_dispose(&lines);
		repl_text_dispose(&walked);
		return;
	}
	if (strcmp(repl_text_of(&lines), repl_text_of(&walked)) != 0) {
		size_t at = 0;
		while (lines.bytes[at] == walked.bytes[at]) at++;
		while (at > 0 && lines.bytes[at - 1] != '\n') at--;
		fail_msg("straight on:\n%.*s\nby the walk:\n%.*s", 1500, lines.bytes + at, 1500, walked.bytes + at);
	}
	char *one, *other;
	assert_int_equal(aplomb_case_snapshot(rt, r->case_id, &one, NULL, NULL), APLOMB_OK);
	assert_int_equal(aplomb_case_snapshot(r->rt, r->case_id, &other, NULL, NULL), APLOMB_OK);
	/* Nothing keeps the lines, so neither says a hash of them. */
	assert_string_equal(one, other);
	aplomb_text_free(rt, one);
	aplomb_text_free(r->rt, other);
	aplomb_totals totals = APLOMB_TOTALS_INIT;
	aplomb_count(r->rt, &totals);
	assert_int_equal(totals.undelivered, 0);
	aplomb_close(rt);
	repl_text_dispose(&lines);
	repl_text_dispose(&walked);
}

/* ---- the walk ------------------------------------------------------------------------ */

static uint64_t next_random(uint64_t *state) {
	uint64_t x = (*state += UINT64_C(0x9E3779B97F4A7C15));
	x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
	return x ^ x >> 31;
}

static size_t below(uint64_t *random, size_t bound) {
	return (size_t)(next_random(random) % bound);
}

static void name_some_branch(const repl_story *story, uint64_t *random, char *out, size_t size) {
	snprintf(out, size, "%s", story->branches[below(random, story->n_branches)].name);
}

/* One command by chance; [does] are what can be done to the case. */
static void walk_one(talk *t, uint64_t *random, uint32_t n, const char *const *does, size_t n_does) {
	repl *r = &t->r;
	repl_story *story = r->story;
	char command[256], name[64];
	size_t last = (size_t)repl_story_length(story, story->branch) - 1;
	snprintf(command, sizeof command, "show");
	switch (below(random, 16)) {
	case 0:
	case 1:
	case 2:
	case 3:
	case 4: snprintf(command, sizeof command, "%s", does[below(random, n_does)]); break;
	case 5: snprintf(command, sizeof command, "wait %us", (unsigned)below(random, 1200)); break;
	case 6: snprintf(command, sizeof command, "next"); break;
	case 7: snprintf(command, sizeof command, "back %u", (unsigned)below(random, 6) + 1); break;
	case 8: snprintf(command, sizeof command, "forward %u", (unsigned)below(random, 6) + 1); break;
	case 9: snprintf(command, sizeof command, "goto %u", (unsigned)below(random, last) + 1); break;
	case 10: snprintf(command, sizeof command, "mark m%u", (unsigned)below(random, 9)); break;
	case 11: snprintf(command, sizeof command, "goto m%u", (unsigned)below(random, 9)); break;
	case 12:
		if (below(random, 4) == 0) snprintf(command, sizeof command, "branch b%u", n);
		break;
	case 13:
		name_some_branch(story, random, name, sizeof name);
		snprintf(command, sizeof command, "switch %s", name);
		break;
	case 14: snprintf(command, sizeof command, "undo"); break;
	default: snprintf(command, sizeof command, below(random, 30) == 0 ? "diff main" : "redo"); break;
	}
	repl_perform(r, command);
}

static void walk(const char *path, const char *source, const char *opening, const char *open, const char *const *does, size_t n_does,
    uint64_t seed, uint32_t commands) {
	talk *t = calloc(1, sizeof *t);
	begin(t, path, source, NULL);
	assert_int_equal(repl_perform(&t->r, opening), REPL_DONE);
	for (uint32_t n = 0; n < commands; n++) {
		walk_one(t, &seed, n, does, n_does);
		if (n % 500 == 499) compare(t, open);
	}
	compare(t, open);
	print_message(
	    "%s: %u commands; %zu branches, %zu lines in this one\n", path, commands, t->r.story->n_branches, repl_story_count(t->r.story));
	end(t);
	free(t);
}

static uint32_t how_many(uint32_t commands) {
	return APL_ROUNDS(commands, commands / 400);
}

static void ten_thousand_commands_over_late_delivery_end_as_a_straight_run_does(void **state) {
	(void)state;
	static const char *const does[] = {
	    "say Where is it?",
	    "say \"Where is it?\" tone=-0.7",
	    "say \"You thieves!\" tone=-0.9 abusive",
	    "say \"Thank you.\" tone=0.8",
	    "agent I am so sorry. Let me look.",
	    "do agent.cause { cause = \"product\" } by agent:mira",
	    "do agent.cause { cause = \"stress\" }",
	    "do customer.done",
	    "do agent.solved { of = \"nothing\" }",
	};
	walk("playbooks/late-delivery/playbook.lua", NULL, "open { order = \"A-17\", value = \"30.00 GBP\" }",
	    "{\"data\":{\"order\":\"A-17\",\"value\":\"30.00 GBP\"}}", does, sizeof does / sizeof does[0], 1, how_many(10000));
}

/* A playbook by chance: two regions, delays of every kind, deferring, sends to itself, random numbers, counters, history. */
static char *random_playbook(uint64_t seed) {
	repl_text out = {0};
	repl_text_put(&out, "local function act(case, event)\n"
	                    "  case.data.n = case.data.n + math.random(5)\n"
	                    "  if case.data.n % 3 == 0 then case:send { event = \"e1\", after = \"70s\" } end\n"
	                    "  if case.data.n % 7 == 0 then case:send { event = \"e2\" } end\n"
	                    "  if case.data.n % 5 == 0 then case:effect(\"note\", { n = case.data.n }) end\n"
	                    "  if case.data.n % 11 == 0 then case:send { event = \"e3\", to = \"another\" } end\n"
	                    "end\n"
	                    "return playbook \"chance\" {\n"
	                    "  data = { n = integer { default = 0 } },\n"
	                    "  event \"e1\" {}, event \"e2\" {}, event \"e3\" {}, event \"e4\" {},\n"
	                    "  effect \"note\" { n = integer {} },\n"
	                    "  counter \"lately\" { of = \"e1\", window = \"10m\" },\n"
	                    "  parallel \"all\" {\n");
	for (unsigned region = 0; region < 2; region++) {
		unsigned states = 3 + (unsigned)below(&seed, 3);
		repl_text_format(&out, "    state \"r%u\" {\n", region);
		for (unsigned s = 0; s < states; s++) {
			repl_text_format(&out, "      state \"s%u\" {\n", s);
			for (unsigned e = 1; e <= 4; e++) {
				unsigned to = (unsigned)below(&seed, states);
				switch (below(&seed, 5)) {
				case 0: repl_text_format(&out, "        on \"e%u\" { to = \"s%u\" },\n", e, to); break;
				case 1: repl_text_format(&out, "        on \"e%u\" { to = \"s%u\", act = act },\n", e, to); break;
				case 2: repl_text_format(&out, "        on \"e%u\" { act = act },\n", e); break;
				case 3: repl_text_format(&out, "        on \"e%u\" { defer = true },\n", e); break;
				default: break;
				}
			}
			/* One after the other, for compilers evaluate arguments in orders of their own. */
			unsigned minutes = 1 + (unsigned)below(&seed, 20), target = (unsigned)below(&seed, states);
			if (below(&seed, 2) == 0) repl_text_format(&out, "        after \"%um\" { to = \"s%u\", act = act },\n", minutes, target);
			if (below(&seed, 4) == 0) repl_text_format(&out, "        every \"%um\" { act = act },\n", 5 + (unsigned)below(&seed, 20));
			repl_text_put(&out, "      },\n");
		}
		repl_text_put(&out, "    },\n");
	}
	repl_text_put(&out, "  },\n}\n");
	return out.bytes;
}

static void walks_over_playbooks_by_chance_end_as_straight_runs_do(void **state) {
	(void)state;
	static const char *const does[] = {"do e1", "do e2", "do e3 by agent:7", "do e4"};
	for (uint64_t seed = 1; seed <= 10; seed++) {
		char *source = random_playbook(seed), path[32];
		snprintf(path, sizeof path, "chance-%u.lua", (unsigned)seed);
		walk(path, source, "open {}", "{\"data\":{}}", does, sizeof does / sizeof does[0], seed, how_many(1000));
		free(source);
	}
}

/* ---- a recorded journal ---------------------------------------------------------------- */

static char *read_all(const char *path) {
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	size_t size = (size_t)ftell(file);
	rewind(file);
	char *text = calloc(1, size + 1);
	assert_int_equal(fread(text, 1, size, file), size);
	fclose(file);
	return text;
}

static int write_lines(const char *lines, size_t size, void *payload) {
	return fwrite(lines, 1, size, payload) == size ? 0 : 1;
}

/* 2,000 entries and a few, of a case beside another. */
static uint64_t n_recorded(void) {
	return apl_is_watched() ? 400 : 2000;
}

static void record(const char *path, const char *source) {
	FILE *file = fopen(path, "wb");
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.time_follows_events = options.forget_journal = true;
	options.journal = write_lines;
	options.journal_payload = file;
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	load.path = "chance.lua";
	load.source = source;
	load.source_size = strlen(source);
	assert_int_equal(aplomb_open(&rt, &options, NULL), APLOMB_OK);
	assert_int_equal(aplomb_load(rt, &load, &playbook, NULL), APLOMB_OK);
	uint64_t random = 77;
	for (uint64_t n = 0; n < n_recorded(); n++) {
		static const char *const names[] = {"e1", "e2", "e3", "e4"};
		char id[24];
		aplomb_event event = APLOMB_EVENT_INIT;
		snprintf(id, sizeof id, "e%u", (unsigned)n);
		event.id = id;
		event.case_id = below(&random, 5) == 0 ? "another" : "the one";
		event.playbook = "chance";
		event.name = names[below(&random, 4)];
		event.has_at = true;
		event.at = REPL_STARTS + (aplomb_instant)(n * 40 * 1000000);
		turn(rt, event.at);
		assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	}
	aplomb_close(rt);
	fclose(file);
}

static void a_recorded_journal_is_travelled_in_and_only_read(void **state) {
	(void)state;
	char *source = random_playbook(3), path[] = "/tmp/aplomb-travel-XXXXXX";
	int made = mkstemp(path);
	assert_true(made >= 0);
	record(path, source);
	char *before = read_all(path);
	talk *t = calloc(1, sizeof *t);
	begin(t, "chance.lua", source, path);
	repl *r = &t->r;
	repl_story *story = r->story;
	assert_string_equal(r->case_id, "the one");
	const uint64_t length = repl_story_length(story, 0);
	assert_true(length > n_recorded() * 17 / 20);
	assert_int_equal(repl_story_count(story), length);
	/* What came out is what was recorded, line by line. */
	const char *at = before, *end_of_file = before + strlen(before);
	for (uint64_t n = 0; at < end_of_file;) {
		size_t size, there = (size_t)((const char *)memchr(at, '\n', (size_t)(end_of_file - at)) - at);
		if (memmem(at, there, "\"case\":\"the one\"", 16) != NULL) {
			const char *line = repl_story_line_of(story, 0, n++, &size);
			assert_int_equal(size, there);
			assert_memory_equal(at, line, size + 1);
		}
		at += there + 1;
		assert_true(at < end_of_file || n == length);
	}
	/* Moments are few, and the ids that they share stand once. */
	assert_true(story->branches[0].n_moments <= length / REPL_MOMENT_EVERY + 1);
	uint64_t random = 5;
	for (int i = 0; i < APL_ROUNDS(60, 6); i++) {
		char command[64];
		snprintf(command, sizeof command, "goto %u", (unsigned)below(&random, (size_t)length - 1) + 1);
		assert_int_equal(repl_perform(r, command), REPL_DONE);
		aplomb_case_info info = APLOMB_CASE_INFO_INIT;
		assert_int_equal(aplomb_case_get(r->rt, r->case_id, &info, NULL), APLOMB_OK);
		assert_int_equal(info.seq + 1, repl_story_count(story));
		assert_true(aplomb_now(r->rt) == info.at);
	}
	/* What is done there goes its own way; what was recorded stays. */
	char half[32];
	snprintf(half, sizeof half, "goto %u", (unsigned)n_recorded() / 2);
	assert_int_equal(repl_perform(r, half), REPL_DONE);
	assert_int_equal(repl_perform(r, "do e1 by somebody-new"), REPL_DONE);
	assert_int_equal(repl_perform(r, "diff recorded"), REPL_DONE);
	assert_int_equal(story->n_branches, 2);
	assert_int_equal(repl_story_length(story, 0), length);
	assert_int_equal(repl_perform(r, "switch recorded"), REPL_DONE);
	assert_int_equal(repl_perform(r, "do e1"), REPL_DONE);
	assert_int_equal(story->n_branches, 3);
	/* An id that was seen before the moment to which it went back is known. */
	assert_int_equal(repl_perform(r, half), REPL_DONE);
	aplomb_event again = APLOMB_EVENT_INIT;
	aplomb_receipt receipt = APLOMB_RECEIPT_INIT;
	again.id = "e1";
	again.case_id = r->case_id;
	again.name = "e1";
	assert_int_equal(aplomb_post_wait(r->rt, &again, &receipt, NULL), APLOMB_OK);
	assert_true(receipt.duplicate);
	end(t);
	free(t);
	char *after = read_all(path);
	assert_string_equal(before, after);
	free(before);
	free(after);
	free(source);
	remove(path);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ten_thousand_commands_over_late_delivery_end_as_a_straight_run_does),
	    cmocka_unit_test(walks_over_playbooks_by_chance_end_as_straight_runs_do),
	    cmocka_unit_test(a_recorded_journal_is_travelled_in_and_only_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
