/* SPDX-License-Identifier: MIT */
/* A recorded journal is a test. */
#include "beside.h"

/* The journal of a story, written to other.lua's place beside the playbook; it is no Lua, and nobody minds. */
static char *record(beside *b, const char *body) {
	apl_test_result result = beside_run(b, body);
	if (!result.passed) fail_msg("%s", result.message);
	char *lines = strdup(result.lines);
	beside_write(b, "other.lua", lines);
	return lines;
}

static const char STORY[] =
    "local other = case:another \"order-2\"\nother:open { data = { order = \"B\" }, params = { patience = \"1h\" }, subject = \"Ada\", "
    "seed = 9 }\n"
    "case:customer(\"hello\", { rude = true }, { id = \"e-1\" })\n"
    "other:agent \"one moment\"\ncase:wait \"30m\"\nother:event \"later\"\ncase:event(\"note\", { names = { \"a\" } })\n"
    "other:event \"break\" other:expect { findings = true }\n"
    "case:event(\"pass\", { to = \"order-2\" })\n"
    "other:event(\"agent.message\", { text = \"late\" }, { at = \"2026-03-02T09:10:00Z\" })\n"
    "other:event \"nothing\" other:expect { refused = true }\n"
    "case:wait \"3h\" other:customer \"yes\" other:team_lead \"over\" case:team_lead \"over\"";

static apl_test_result play(beside *b) {
	apl_test_result result;
	assert_int_equal(beside_open(b, "return tests \"desk.lua\" { recorded \"other.lua\" }"), APLOMB_OK);
	assert_string_equal(apl_test_name(b->file, 0, NULL), "recorded other.lua");
	assert_int_equal(apl_test_run(b->file, 0, &result, NULL), APLOMB_OK);
	return result;
}

static void the_same_playbook_does_the_same(void **state) {
	beside *b = *state;
	char *lines = record(b, STORY);
	apl_test_result result = play(b);
	if (!result.passed)
		fail_msg("%u: %s: expected %s, found %s", result.line, result.message, result.differences[0].expected, result.differences[0].found);
	/* All of it happened again: only that an event was refused is not in it. */
	assert_non_null(strstr(lines, "\"kind\":\"refused\""));
	assert_null(strstr(result.lines, "\"kind\":\"refused\""));
	assert_non_null(strstr(result.lines, "\"late_by_us\":1200000000"));
	assert_non_null(strstr(result.lines, "\"deferred_seq\""));
	assert_non_null(strstr(result.lines, "\"outcome\":\"settled\""));
	size_t before = 0, after = 0;
	for (const char *at = lines; *at != '\0'; at++) before += *at == '\n';
	for (size_t i = 0; i < result.lines_size; i++) after += result.lines[i] == '\n';
	assert_int_equal(after, before - 1);
	free(lines);
}

/* [change] of the playbook from [one] to [other], both of one size. */
static void change_playbook(const beside *b, const char *one, const char *other) {
	char *text = strdup(BESIDE_PLAYBOOK);
	char *at = strstr(text, one);
	assert_non_null(at);
	assert_int_equal(strlen(one), strlen(other));
	memcpy(at, other, strlen(other));
	beside_write(b, "desk.lua", text);
	free(text);
}

static void differs(beside *b, uint64_t seq, const char *about, const char *expected, const char *found) {
	apl_test_result result = play(b);
	assert_false(result.passed);
	assert_int_equal(result.n_differences, 1);
	assert_string_equal(result.differences[0].about, about);
	assert_string_equal(result.differences[0].expected, expected);
	assert_string_equal(result.differences[0].found, found);
	assert_int_equal(result.from_seq, seq);
	assert_non_null(strstr(result.file, "other.lua"));
}

static void the_first_difference_is_told(void **state) {
	beside *b = *state;
	char *lines = record(b, "case:agent \"x\" case:wait \"48h\" case:customer \"yes\"");
	change_playbook(b, "days = 2", "days = 3");
	differs(b, 3, "effect", "remind { days = 2, order = \"A-1\" }", "remind { days = 3, order = \"A-1\" }");
	apl_test_result result = play(b);
	assert_string_equal(result.message, "the case \"case\" parts from what was recorded, at entry 3");
	assert_int_equal(result.line, 4);
	change_playbook(b, "state \"silent\" {", "state \"silenz\" {");
	beside_write(b, "other.lua", lines);
	free(lines);
	/* Not even loaded: the transition leads nowhere. */
	assert_int_equal(beside_open(b, "return tests \"desk.lua\" { recorded \"other.lua\" }"), APLOMB_EPLAYBOOK);
}

static void times_states_and_missing_effects_are_seen(void **state) {
	beside *b = *state;
	free(record(b, "case:agent \"x\" case:wait \"48h\" case:customer \"yes\""));
	change_playbook(b, "{ to = \"silent\", because", "{ to = \"asked\",  because");
	differs(b, 3, "what happens", "effect remind { days = 2, order = \"A-1\" }", "nothing more");
	change_playbook(b, "default = \"48h\"", "default = \"49h\"");
	/* The parameters of the case are those that were recorded, so nothing changes. */
	assert_true(play(b).passed);
	change_playbook(b, "after(from \"params.patience\")", "after(                 \"47h\")");
	differs(b, 3, "what happens", "timer work.talk.asked at 2026-03-04T09:00:00Z", "timer work.talk.asked at 2026-03-04T08:00:00Z");
	change_playbook(b, "after(from \"params.patience\")", "after(                 \"49h\")");
	differs(b, 2, "what happens", "timer work.talk.asked at 2026-03-04T09:00:00Z", "nothing happens");
	change_playbook(b, "on \"customer.message\" { to = \"answered\" },", "on \"customer.message\" { act = nil       },");
	differs(b, 4, "what happens", "state { \"work.talk.answered\", \"work.watch.calm\" }", "nothing more");
}

static void what_was_not_recorded_is_seen_too(void **state) {
	beside *b = *state;
	char *lines = record(b, "case:agent \"x\" case:wait \"48h\" case:agent \"y\"");
	/* Without the timer's entry, though it must have fired before the last. */
	char *timer = strstr(lines, "\"kind\":\"timer\"");
	assert_non_null(timer);
	free(lines);
	lines = record(b, "case:agent \"x\" case:wait \"47h\" case:agent \"y\"");
	change_playbook(b, "after(from \"params.patience\")", "after(                 \"46h\")");
	differs(b, 3, "what happens", "event agent.message at 2026-03-04T08:00:00Z", "timer work.talk.asked at 2026-03-04T07:00:00Z");
	free(lines);
}

static void journals_that_are_none_say_so(void **state) {
	beside *b = *state;
	char *lines = record(b, "case:agent \"x\" case:wait \"48h\"");
	apl_test_result result;
	char *x = strstr(lines, "\"text\":\"x\"");
	x[8] = 'y';
	beside_write(b, "other.lua", lines);
	result = play(b);
	assert_false(result.passed);
	assert_int_equal(result.line, 4);
	assert_int_equal(strncmp(result.message, "the recorded journal is damaged: ", 33), 0);
	beside_write(b, "other.lua", "");
	assert_string_equal(play(b).message, "the recorded journal is empty");
	beside_write(b, "other.lua", "not json\n");
	assert_false(play(b).passed);
	free(lines);
	assert_int_equal(beside_open(b, "return tests \"desk.lua\" { recorded \"nowhere.jsonl\" }"), APLOMB_OK);
	assert_int_equal(apl_test_run(b->file, 0, &result, NULL), APLOMB_OK);
	assert_string_equal(result.message, "the recorded journal cannot be read");
}

typedef struct tried {
	char text[16384];
	size_t size;
} tried;

static int keep_lines(const char *lines, size_t size, void *payload) {
	tried *to = payload;
	assert_true(to->size + size < sizeof to->text);
	memcpy(to->text + to->size, lines, size);
	to->size += size;
	return 0;
}

/* A statement came about through no event, so no event gives it again. */
static void what_was_tried_in_a_rehearsal_is_no_test(void **state) {
	beside *b = *state;
	char path[192];
	tried lines = {0};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.rehearsal = options.time_follows_events = true;
	options.journal = keep_lines;
	options.journal_payload = &lines;
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	snprintf(path, sizeof path, "%s/desk.lua", b->folder);
	assert_int_equal(aplomb_open(&rt, &options, NULL), APLOMB_OK);
	assert_int_equal(aplomb_load_file(rt, path, &playbook, NULL), APLOMB_OK);
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = "c";
	event.playbook = "desk";
	event.name = "agent.message";
	event.by = "agent";
	event.data = "{\"text\":\"x\"}";
	event.open = "{\"data\":{\"order\":\"A-1\"}}";
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	assert_int_equal(aplomb_case_run(rt, "c", "data.said = 3", 0, NULL, NULL), APLOMB_OK);
	aplomb_close(rt);
	beside_write(b, "other.lua", lines.text);
	apl_test_result result = play(b);
	assert_false(result.passed);
	assert_string_equal(result.message,
	    "entry 3 of the recorded journal was tried in a rehearsal, as a statement, and no event would bring it about; record a journal "
	    "without it");
	assert_int_equal(result.line, 4);
}

static void a_case_that_the_playbook_refuses_now_fails(void **state) {
	beside *b = *state;
	free(record(b, "case:agent \"x\""));
	change_playbook(b, "event \"agent.message\"", "event \"agent.massage\"");
	apl_test_result result = play(b);
	assert_false(result.passed);
	assert_non_null(strstr(result.differences[0].found, "[unknown-event]"));
}

static void a_journal_alone_is_held_against_a_playbook(void **state) {
	beside *b = *state;
	free(record(b, STORY));
	char journal[192], playbook[192];
	snprintf(journal, sizeof journal, "%s/other.lua", b->folder);
	snprintf(playbook, sizeof playbook, "%s/desk.lua", b->folder);
	apl_test_close(b->file);
	b->file = NULL;
	assert_int_equal(apl_test_open_journal(&b->file, journal, playbook, NULL, &b->error), APLOMB_OK);
	assert_int_equal(apl_test_count(b->file), 1);
	apl_test_result result;
	assert_int_equal(apl_test_run(b->file, 0, &result, NULL), APLOMB_OK);
	assert_true(result.passed);
	apl_test_file *other = NULL;
	assert_int_equal(apl_test_open_journal(&other, journal, "nowhere.lua", NULL, &b->error), APLOMB_EIO);
	assert_null(other);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    BESIDE_TEST(the_same_playbook_does_the_same),
	    BESIDE_TEST(the_first_difference_is_told),
	    BESIDE_TEST(times_states_and_missing_effects_are_seen),
	    BESIDE_TEST(what_was_not_recorded_is_seen_too),
	    BESIDE_TEST(what_was_tried_in_a_rehearsal_is_no_test),
	    BESIDE_TEST(journals_that_are_none_say_so),
	    BESIDE_TEST(a_case_that_the_playbook_refuses_now_fails),
	    BESIDE_TEST(a_journal_alone_is_held_against_a_playbook),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
