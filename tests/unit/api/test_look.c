/* SPDX-License-Identifier: MIT */
/* A store is looked into while a runtime has it open, and what is asked of many cases at once is answered without their coming to memory.
 */
#include "../../store/place.h"
#include "late.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "host.h"

static aplomb_runtime *open_writer(const place *p, bool anew) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	if (anew) place_remove_files(p);
	options.store = p->path;
	options.durability = APLOMB_DURABILITY_NORMAL;
	return open_late(&options);
}

static int looks(aplomb_runtime **out, const char *path, aplomb_error *error) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.store = path;
	options.looks = true;
	options.time_follows_events = true;
	return aplomb_open(out, &options, error);
}

static aplomb_runtime *open_looker(const place *p) {
	aplomb_runtime *rt;
	aplomb_error error = {0};
	if (looks(&rt, p->path, &error) != APLOMB_OK) fail_msg("%s", error.message);
	return rt;
}

/* Somebody takes what is wanted, and says later what came of it. */
static int takes(const aplomb_effect *effect, void *payload) {
	(void)effect;
	(void)payload;
	return APLOMB_EFFECT_LATER;
}

static void tells(aplomb_runtime *rt, const char *id, aplomb_instant at) {
	aplomb_event event = said(id, at, SAYS);
	aplomb_error error;
	if (aplomb_post_wait(rt, &event, NULL, &error) != APLOMB_OK) fail_msg("%s: %s", id, error.message);
}

static uint64_t entries_of(aplomb_runtime *rt, const char *id) {
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	return aplomb_case_get(rt, id, &info, NULL) == APLOMB_OK ? info.seq : 0;
}

/* ---- beside a runtime ------------------------------------------------------------ */

static void who_looks_sees_the_moment_in_which_he_began(void **state) {
	const place *p = *state;
	aplomb_runtime *writer = open_writer(p, true);
	tells(writer, "c1", AT_NINE);
	aplomb_runtime *looker = open_looker(p);
	tells(writer, "c1", AT_NINE + MINUTE);
	tells(writer, "c2", AT_NINE + MINUTE);
	assert_int_equal(entries_of(looker, "c1"), 2);
	assert_int_equal(entries_of(looker, "c2"), 0);
	assert_true(aplomb_case_is_in(looker, "c1", "work.answered"));
	assert_int_equal(aplomb_now(looker), AT_NINE);
	aplomb_close(looker);
	looker = open_looker(p);
	assert_int_equal(entries_of(looker, "c1"), 3);
	assert_int_equal(entries_of(looker, "c2"), 2);
	/* Any number may. */
	aplomb_runtime *other = open_looker(p);
	assert_int_equal(aplomb_cases(other, NULL, NULL), 2);
	aplomb_close(other);
	aplomb_close(looker);
	tells(writer, "c1", AT_NINE + 2 * MINUTE);
	aplomb_close(writer);
}

static void what_is_stepped_by_who_looks_never_was(void **state) {
	const place *p = *state;
	aplomb_runtime *writer = open_writer(p, true);
	tells(writer, "c1", AT_NINE);
	aplomb_runtime *looker = open_looker(p);
	aplomb_event event = said("c1", AT_NINE + MINUTE, SAYS);
	aplomb_error error;
	aplomb_receipt receipt = APLOMB_RECEIPT_INIT;
	assert_int_equal(aplomb_post_wait(looker, &event, &receipt, &error), APLOMB_ESTORE);
	assert_says(receipt.message, "only looked into");
	assert_int_equal(entries_of(looker, "c1"), 2);
	assert_true(aplomb_case_is_in(looker, "c1", "work.answered"));
	/* What would be is another thing: that can be asked. */
	aplomb_tried tried = APLOMB_TRIED_INIT;
	assert_int_equal(aplomb_try(looker, &event, NULL, &tried, &error), APLOMB_OK);
	assert_string_equal(tried.states, "work.waiting");
	/* Another version may be loaded beside: the store does not hear of it. */
	const char other[] = "return playbook \"late\" { state \"s\" {} }";
	load_text(looker, "other.lua", other);
	aplomb_close(looker);
	aplomb_close(writer);
	looker = open_looker(p);
	assert_int_equal(entries_of(looker, "c1"), 2);
	aplomb_close(looker);
}

/* ---- effects ----------------------------------------------------------------------- */

static void note_key(const aplomb_waiting_effect *waiting, void *payload) {
	char *keys = payload;
	strcat(keys, waiting->effect->key);
	strcat(keys, " ");
}

static void effects_that_wait_are_told_of_one_case_and_of_all(void **state) {
	const place *p = *state;
	aplomb_runtime *writer = open_writer(p, true);
	assert_int_equal(aplomb_on_effect(writer, "*", takes, NULL, NULL), APLOMB_OK);
	tells(writer, "c1", AT_NINE);
	tells(writer, "c2", AT_NINE);
	aplomb_runtime *looker = open_looker(p);
	char keys[256] = "";
	assert_int_equal(aplomb_effects(looker, "c1", note_key, keys), 1);
	assert_string_equal(keys, "c1/2/3 ");
	/* Asked again they are no more than they are. */
	for (int i = 0; i < 2; i++) {
		keys[0] = '\0';
		assert_int_equal(aplomb_effects(looker, NULL, note_key, keys), 2);
		assert_string_equal(keys, "c1/2/3 c2/2/3 ");
	}
	assert_int_equal(aplomb_effects(looker, "c1", NULL, NULL), 1);
	aplomb_close(looker);
	aplomb_close(writer);
}

/* ---- lists ---------------------------------------------------------------------------- */

static int note_brief(const aplomb_case_brief *brief, void *payload) {
	static const char *const statuses[] = {"open", "closed", "faulted"};
	char line[160], due[32] = "never", *out = payload;
	if (brief->due_at != APLOMB_NEVER) aplomb_instant_write(brief->due_at, due);
	snprintf(line, sizeof line, "%s %s %s %s\n", brief->id, statuses[brief->status], due,
	    brief->playbook != NULL ? aplomb_playbook_version(brief->playbook) : "?");
	assert_int_equal(strlen(brief->playbook_hash), 64);
	strcat(out, line);
	return strncmp(brief->id, "last", 4) == 0 ? 7 : 0;
}

static void post(aplomb_runtime *rt, const char *id, const char *name, aplomb_instant at) {
	aplomb_event event = said(id, at, NULL);
	event.name = name;
	aplomb_post_wait(rt, &event, NULL, NULL);
}

static void each_case_is_told_in_short(void **state) {
	const place *p = *state;
	aplomb_runtime *writer = open_writer(p, true);
	tells(writer, "waits", AT_NINE);
	tells(writer, "waits", AT_NINE + MINUTE);
	tells(writer, "talks", AT_NINE + MINUTE);
	post(writer, "over", "done", AT_NINE + MINUTE);
	tells(writer, "spins", AT_NINE + MINUTE);
	post(writer, "spins", "spin", AT_NINE + MINUTE);
	/* Of another version. */
	char source[4096];
	snprintf(source, sizeof source, "%s", LATE);
	memcpy(strstr(source, "version = \"3\""), "version = \"4\"", 13);
	load_text(writer, "late.lua", source);
	tells(writer, "last", AT_NINE + MINUTE);
	tells(writer, "behind", AT_NINE + MINUTE);
	static const char told[] = "waits open 2026-03-31T09:11:00Z 3\n"
	                           "talks open never 3\n"
	                           "over closed never 3\n"
	                           "spins faulted never 3\n"
	                           "last open never 4\n";
	aplomb_runtime *looker = open_looker(p);
	char out[1024] = "";
	assert_int_equal(aplomb_case_each(looker, note_brief, out, NULL), 7);
	assert_string_equal(out, told);
	/* Whoever steps them is told the same, and so is one without a store. */
	out[0] = '\0';
	assert_int_equal(aplomb_case_each(writer, note_brief, out, NULL), 7);
	assert_string_equal(out, told);
	aplomb_close(looker);
	aplomb_close(writer);
	aplomb_runtime *rt = open_late(NULL);
	tells(rt, "waits", AT_NINE);
	tells(rt, "waits", AT_NINE + MINUTE);
	out[0] = '\0';
	assert_int_equal(aplomb_case_each(rt, note_brief, out, NULL), APLOMB_OK);
	assert_string_equal(out, "waits open 2026-03-31T09:11:00Z 3\n");
	aplomb_close(rt);
}

static int note_seq(const char *line, size_t size, void *payload) {
	char *out = payload;
	const char *seq = memmem(line, size, "\"seq\":", 6);
	assert_non_null(seq);
	strncat(out, seq + 6, strcspn(seq + 6, ",}"));
	strcat(out, " ");
	return 0;
}

static void a_journal_is_read_from_any_entry_on(void **state) {
	const place *p = *state;
	aplomb_runtime *writer = open_writer(p, true);
	for (int i = 0; i < 40; i++) tells(writer, "c1", AT_NINE + i * MINUTE);
	aplomb_runtime *looker = open_looker(p);
	char out[1024] = "";
	assert_int_equal(aplomb_journal_from(looker, "c1", 39, note_seq, out, NULL), APLOMB_OK);
	assert_string_equal(out, "39 40 41 ");
	out[0] = '\0';
	assert_int_equal(aplomb_journal_from(looker, "c1", 42, note_seq, out, NULL), APLOMB_OK);
	assert_string_equal(out, "");
	aplomb_error error;
	assert_int_equal(aplomb_journal_from(looker, "c2", 0, note_seq, out, &error), APLOMB_ENOTFOUND);
	assert_string_equal(error.slug, "unknown-case");
	aplomb_close(looker);
	aplomb_close(writer);
}

static void what_is_personal_is_not_in_what_may_be_shown(void **state) {
	const place *p = *state;
	aplomb_runtime *rt = open_writer(p, true);
	aplomb_event event = said("c1", AT_NINE, SAYS);
	event.open = "{\"data\":{\"name\":\"Ada\"}}";
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	char *text;
	assert_int_equal(aplomb_case_data(rt, "c1", &text, NULL, NULL), APLOMB_OK);
	assert_string_equal(text, "{\"name\":\"Ada\",\"said\":1}");
	aplomb_text_free(rt, text);
	assert_int_equal(aplomb_case_data_shown(rt, "c1", &text, NULL, NULL), APLOMB_OK);
	assert_string_equal(text, "{\"name\":\"[personal]\",\"said\":1}");
	aplomb_text_free(rt, text);
	aplomb_close(rt);
}

/* ---- nothing is there, or nothing that could be looked into ----------------------------- */

static bool is_there(const char *path) {
	struct stat about;
	return stat(path, &about) == 0;
}

static void what_is_no_store_is_said_and_nothing_is_made(void **state) {
	const place *p = *state;
	aplomb_runtime *rt = NULL;
	aplomb_error error;
	char beside[128];
	place_remove_files(p);
	assert_int_equal(looks(&rt, p->path, &error), APLOMB_ENOTFOUND);
	assert_string_equal(error.slug, "store-missing");
	assert_says(error.message, p->path);
	assert_false(is_there(p->path));
	snprintf(beside, sizeof beside, "%s-owner", p->path);
	assert_false(is_there(beside));
	FILE *file = fopen(p->path, "wb");
	fclose(file);
	assert_int_equal(looks(&rt, p->path, &error), APLOMB_EDAMAGED);
	assert_string_equal(error.slug, "store-foreign");
	file = fopen(p->path, "wb");
	for (int i = 0; i < 1000; i++) fputs("this is no database\n", file);
	fclose(file);
	assert_int_equal(looks(&rt, p->path, &error), APLOMB_EDAMAGED);
	assert_string_equal(error.slug, "store-damaged");
	assert_int_equal(looks(&rt, NULL, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "looks-where");
	assert_null(rt);
}

/* ---- stuck ---------------------------------------------------------------------------------- */

static const char MAZE[] =
    "return playbook \"maze\" { initial = \"a\",\n"
    "  data = { key = boolean { default = false }, n = integer { default = 0 } },\n"
    "  event \"in\" { way = text {} }, event \"try\" {}, event \"hit\" {}, event \"done.effect.page\" {}, event \"done.invoke.kid\" {},\n"
    "  event \"elsewhere\" {},\n"
    "  effect \"page\" {}, counter \"hits\" { of = \"hit\" },\n"
    "  state \"a\" {\n"
    "    on \"in\" { to = \"locked\", when = \"event.way == 'locked'\" },\n"
    "    on \"in\" { to = \"open\", when = \"event.way == 'open'\" },\n"
    "    on \"in\" { to = \"asks\", when = \"event.way == 'asks'\" },\n"
    "    on \"in\" { to = \"counted\", when = \"event.way == 'counted'\" },\n"
    "    on \"in\" { to = \"timed\", when = \"event.way == 'timed'\" },\n"
    "    on \"in\" { to = \"paged\", when = \"event.way == 'paged'\", act = function(case) case:effect(\"page\", {}) end },\n"
    "    on \"in\" { to = \"paged\", when = \"event.way == 'unpaged'\" },\n"
    "    on \"in\" { to = \"lua\", when = \"event.way == 'lua'\" },\n"
    "    on \"in\" { to = \"kept\", when = \"event.way == 'kept'\" },\n"
    "    on \"in\" { to = \"clocked\", when = \"event.way == 'clocked'\" },\n"
    "    on \"in\" { to = \"over\", when = \"event.way == 'over'\" },\n"
    "    on \"in\" { act = function() while true do end end, when = \"event.way == 'spin'\" },\n"
    "  },\n"
    "  state \"locked\" { on \"try\" { to = \"over\", when = \"data.key\" }, always { to = \"over\", when = \"data.n > 3\" } },\n"
    "  state \"open\" { on \"try\" { act = \"data.n = data.n + 1\" } },\n"
    "  state \"asks\" { on \"in\" { to = \"over\", when = \"event.way == 'out' and not data.key\" } },\n"
    "  state \"counted\" { on \"try\" { to = \"over\", when = \"count('hits') > 2\" } },\n"
    "  state \"timed\" { on \"try\" { to = \"over\", when = \"time_in('timed') > '1h'\" } },\n"
    "  state \"paged\" { on \"done.effect.page\" { to = \"over\" } },\n"
    "  state \"lua\" { on \"try\" { to = \"over\", when = function(case) return case.data.key end } },\n"
    "  state \"kept\" { on \"try\" { defer = true } },\n"
    "  state \"clocked\" { after \"1d\" { to = \"over\" } },\n"
    "  final \"over\" {},\n"
    "}\n";

static void a_case_that_nothing_can_move_is_stuck(void **state) {
	(void)state;
	static const struct {
		const char *way;
		bool stuck;
	} ways[] = {{"none", false}, {"locked", true}, {"open", false}, {"asks", false}, {"counted", false}, {"timed", false}, {"paged", false},
	    {"unpaged", true}, {"lua", false}, {"kept", true}, {"clocked", false}, {"over", false}, {"spin", true}};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_runtime *rt;
	options.time_follows_events = true;
	assert_int_equal(aplomb_open(&rt, &options, NULL), APLOMB_OK);
	load_text(rt, "maze.lua", MAZE);
	assert_int_equal(aplomb_on_effect(rt, "*", takes, NULL, NULL), APLOMB_OK);
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		char data[64];
		aplomb_error error;
		bool stuck = !ways[i].stuck;
		snprintf(data, sizeof data, "{\"way\":\"%s\"}", ways[i].way);
		aplomb_event event = said(ways[i].way, AT_NINE, data);
		event.playbook = "maze";
		event.name = "in";
		int code = aplomb_post_wait(rt, &event, NULL, &error);
		assert_true(code == APLOMB_OK || strcmp(ways[i].way, "spin") == 0);
		if (aplomb_case_stuck(rt, ways[i].way, &stuck, &error) != APLOMB_OK) fail_msg("%s: %s", ways[i].way, error.message);
		if (stuck != ways[i].stuck) fail_msg("%s is %sstuck", ways[i].way, stuck ? "" : "not ");
	}
	/* What was asked changed nothing. */
	assert_true(aplomb_case_is_in(rt, "locked", "locked"));
	bool stuck;
	assert_int_equal(aplomb_case_stuck(rt, "nobody", &stuck, NULL), APLOMB_ENOTFOUND);
	/* An event that waits in the queue may move it. */
	aplomb_event event = said("locked", AT_NINE, NULL);
	event.playbook = "maze";
	event.name = "elsewhere";
	assert_int_equal(aplomb_post(rt, &event, NULL, NULL, NULL), APLOMB_OK);
	assert_int_equal(aplomb_case_stuck(rt, "locked", &stuck, NULL), APLOMB_OK);
	assert_false(stuck);
	assert_int_equal(aplomb_pump(rt, 0, NULL, NULL), APLOMB_OK);
	assert_int_equal(aplomb_case_stuck(rt, "locked", &stuck, NULL), APLOMB_OK);
	assert_true(stuck);
	aplomb_close(rt);
}

static void a_stuck_case_is_found_by_who_looks(void **state) {
	const place *p = *state;
	aplomb_runtime *writer = open_writer(p, true);
	load_text(writer, "maze.lua", MAZE);
	assert_int_equal(aplomb_on_effect(writer, "*", takes, NULL, NULL), APLOMB_OK);
	aplomb_event event = said("paged", AT_NINE, "{\"way\":\"paged\"}");
	event.playbook = "maze";
	event.name = "in";
	assert_int_equal(aplomb_post_wait(writer, &event, NULL, NULL), APLOMB_OK);
	event.case_id = "unpaged";
	event.data = "{\"way\":\"unpaged\"}";
	assert_int_equal(aplomb_post_wait(writer, &event, NULL, NULL), APLOMB_OK);
	aplomb_runtime *looker = open_looker(p);
	bool stuck = true;
	assert_int_equal(aplomb_case_stuck(looker, "paged", &stuck, NULL), APLOMB_OK);
	assert_false(stuck);
	assert_int_equal(aplomb_case_stuck(looker, "unpaged", &stuck, NULL), APLOMB_OK);
	assert_true(stuck);
	aplomb_close(looker);
	aplomb_close(writer);
}

static void who_looks_does_so_under_the_limits_of_who_stepped(void **state) {
	const place *p = *state;
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_limits limits = {.size = sizeof limits, .instructions = 20000, .timers = 77}, found = {.size = sizeof found};
	place_remove_files(p);
	options.store = p->path;
	options.limits = &limits;
	aplomb_runtime *writer = open_late(&options);
	tells(writer, "c1", AT_NINE);
	post(writer, "c1", "spin", AT_NINE);
	tells(writer, "c2", AT_NINE);
	aplomb_close(writer);
	/* Stepped again under others, what broke a limit would come out otherwise. */
	aplomb_runtime *looker = open_looker(p);
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	aplomb_error error;
	if (aplomb_case_get(looker, "c1", &info, &error) != APLOMB_OK) fail_msg("%s", error.message);
	assert_int_equal(info.status, APLOMB_CASE_FAULTED);
	assert_int_equal(aplomb_limits_of(looker, &found, NULL), APLOMB_OK);
	assert_int_equal(found.instructions, 20000);
	assert_int_equal(found.timers, 77);
	assert_int_equal(found.queue, 1000000);
	aplomb_close(looker);
	/* Unless he says which. */
	options.looks = true;
	limits.timers = 78;
	assert_int_equal(aplomb_open(&looker, &options, NULL), APLOMB_OK);
	assert_int_equal(aplomb_limits_of(looker, &found, NULL), APLOMB_OK);
	assert_int_equal(found.timers, 78);
	aplomb_close(looker);
}

/* ---- who mends ------------------------------------------------------------------------------ */

static int keep_away(const char *line, size_t size, void *payload) {
	if (memmem(line, size, "\"kind\":\"away\"", 13) != NULL) snprintf(payload, 512, "%.*s", (int)size, line);
	return 0;
}

static void who_only_mends_was_not_there_for_timers(void **state) {
	const place *p = *state;
	aplomb_runtime *rt = open_writer(p, true);
	tells(rt, "waits", AT_NINE);
	tells(rt, "waits", AT_NINE + MINUTE);
	tells(rt, "spins", AT_NINE + MINUTE);
	post(rt, "spins", "spin", AT_NINE + MINUTE);
	aplomb_close(rt);
	/* Somebody mends an hour later, and is gone again; a runtime comes another hour later. */
	rt = open_writer(p, false);
	aplomb_mend mend = APLOMB_MEND_INIT;
	mend.kind = APLOMB_MEND_SKIP;
	mend.because = "it was a test";
	assert_int_equal(aplomb_turn_clock(rt, AT_NINE + 60 * MINUTE, NULL), APLOMB_OK);
	assert_int_equal(aplomb_away(rt, AT_NINE + MINUTE, NULL), APLOMB_OK);
	assert_int_equal(aplomb_case_mend(rt, "spins", &mend, NULL, NULL), APLOMB_OK);
	aplomb_close(rt);
	aplomb_runtime *looker = open_looker(p);
	assert_int_equal(aplomb_now(looker), AT_NINE + MINUTE);
	assert_int_equal(entries_of(looker, "spins"), 4);
	aplomb_close(looker);
	rt = open_writer(p, false);
	assert_int_equal(aplomb_turn_clock(rt, AT_NINE + 120 * MINUTE, NULL), APLOMB_OK);
	assert_int_equal(aplomb_away(rt, AT_NINE + MINUTE, NULL), APLOMB_OK);
	while (aplomb_pump(rt, 0, NULL, NULL) == APLOMB_OK && aplomb_next_due(rt, NULL)) {}
	char away[512] = "";
	assert_int_equal(aplomb_journal_each(rt, "waits", keep_away, away, NULL), APLOMB_OK);
	assert_says(away, "\"from\":\"2026-03-31T09:01:00Z\",\"to\":\"2026-03-31T11:00:00Z\"");
	aplomb_close(rt);
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, place_make, place_drop)

int main(void) {
	const struct CMUnitTest tests[] = {
	    WITH_PLACE(who_looks_sees_the_moment_in_which_he_began),
	    WITH_PLACE(what_is_stepped_by_who_looks_never_was),
	    WITH_PLACE(effects_that_wait_are_told_of_one_case_and_of_all),
	    WITH_PLACE(each_case_is_told_in_short),
	    WITH_PLACE(a_journal_is_read_from_any_entry_on),
	    WITH_PLACE(what_is_personal_is_not_in_what_may_be_shown),
	    WITH_PLACE(what_is_no_store_is_said_and_nothing_is_made),
	    cmocka_unit_test(a_case_that_nothing_can_move_is_stuck),
	    WITH_PLACE(a_stuck_case_is_found_by_who_looks),
	    WITH_PLACE(who_looks_does_so_under_the_limits_of_who_stepped),
	    WITH_PLACE(who_only_mends_was_not_there_for_timers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
