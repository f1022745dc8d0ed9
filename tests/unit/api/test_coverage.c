/* SPDX-License-Identifier: MIT */
/* What aplomb_playbook_coverage counts and tells. */
#include "late.h"

#include <stdio.h>
#include <stdlib.h>

#define COVERED                                                                                                                            \
	"local function is_kind(case, event) return event.kind end\n"                                                                          \
	"local function span_of(case) return \"2h\" end\n"                                                                                     \
	"return playbook \"covered\" {\n"                                                                                                      \
	"  initial = \"talk\",\n"                                                                                                              \
	"  event \"says\" { kind = boolean {}, n = integer {} }, event \"goes\" {}, event \"keeps\" {}, event \"rude\" {},\n"                  \
	"  counter \"kinds\" { of = \"says\", when = is_kind },\n"                                                                             \
	"  state \"talk\" { initial = \"a\",\n"                                                                                                \
	"    done = { good = \"over\", bad = \"over\" },\n"                                                                                    \
	"    on { \"goes\", \"rude\" } { to = \"over\" },\n"                                                                                   \
	"    state \"a\" {\n"                                                                                                                  \
	"      on \"says\" {\n"                                                                                                                \
	"        { when = is_kind, to = \"b\" },\n"                                                                                            \
	"        { when = function(case, event) return event.n.x end },\n"                                                                     \
	"      },\n"                                                                                                                           \
	"      on \"keeps\" { defer = true },\n"                                                                                               \
	"      after \"1h\" { to = \"b\" },\n"                                                                                                 \
	"    },\n"                                                                                                                             \
	"    state \"b\" { on \"says\" { to = \"good\" }, after(span_of) { to = \"bad\" } },\n"                                                \
	"    final \"good\" {}, final \"bad\" {},\n"                                                                                           \
	"  },\n"                                                                                                                               \
	"  final \"over\" {},\n"                                                                                                               \
	"}\n"

typedef struct told {
	char text[8192];
} told;

static void tell(const aplomb_coverage_row *row, void *payload) {
	told *to = payload;
	size_t used = strlen(to->text);
	static const char *const kinds[] = {"state", "transition", "guard", "timer"};
	assert_int_equal(row->size, sizeof *row);
	/* Everything has a place; one that is sure is looked at. */
	assert_string_equal(row->file, "covered.lua");
	assert_true(row->line > 0);
	if (strcmp(row->state, "over") == 0) assert_int_equal(row->line, 21);
	int size = snprintf(to->text + used, sizeof to->text - used, "%s %s", kinds[row->what], row->state);
	used += (size_t)size;
	if (row->on != NULL) used += (size_t)snprintf(to->text + used, sizeof to->text - used, " on %s", row->on);
	if (row->to != NULL) used += (size_t)snprintf(to->text + used, sizeof to->text - used, " to %s", row->to);
	if (row->label != NULL) used += (size_t)snprintf(to->text + used, sizeof to->text - used, " [%s]", row->label);
	if (row->what == APLOMB_COVERED_TIMER)
		used += (size_t)snprintf(to->text + used, sizeof to->text - used, " span %lld", (long long)row->span);
	snprintf(to->text + used, sizeof to->text - used, ": %llu %llu %llu %llu\n", (unsigned long long)row->count,
	    (unsigned long long)row->other, (unsigned long long)row->unknown, (unsigned long long)row->errors);
}

static aplomb_playbook *open_covered(aplomb_runtime **rt, bool coverage) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.time_follows_events = true;
	options.coverage = coverage;
	assert_int_equal(aplomb_open(rt, &options, NULL), APLOMB_OK);
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	load.source = COVERED;
	load.source_size = strlen(COVERED);
	load.path = "covered.lua";
	aplomb_playbook *playbook = NULL;
	aplomb_error error = {0};
	if (aplomb_load(*rt, &load, &playbook, &error) != APLOMB_OK) fail_msg("%u: %s", error.line, error.message);
	return playbook;
}

static void post(aplomb_runtime *rt, const char *id, aplomb_instant at, const char *name, const char *data) {
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = id;
	event.playbook = "covered";
	event.name = name;
	event.has_at = true;
	event.at = at;
	event.data = data;
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
}

static void everything_is_told_in_the_order_of_the_playbook(void **state) {
	(void)state;
	aplomb_runtime *rt;
	aplomb_playbook *playbook = open_covered(&rt, true);
	told *to = calloc(1, sizeof *to);
	assert_int_equal(aplomb_playbook_coverage(rt, playbook, tell, to, NULL), APLOMB_OK);
	assert_string_equal(to->text, "guard  on says to kinds [is_kind]: 0 0 0 0\n"
	                              "state talk: 0 0 0 0\n"
	                              "transition talk on goes rude to over: 0 0 0 0\n"
	                              "transition talk on done.state.talk to over [good]: 0 0 0 0\n"
	                              "transition talk on done.state.talk to over [bad]: 0 0 0 0\n"
	                              "state talk.a: 0 0 0 0\n"
	                              "transition talk.a on says to talk.b [is_kind]: 0 0 0 0\n"
	                              "guard talk.a on says to talk.b [is_kind]: 0 0 0 0\n"
	                              "transition talk.a on says to  [event.n.x]: 0 0 0 0\n"
	                              "guard talk.a on says to  [event.n.x]: 0 0 0 0\n"
	                              "transition talk.a on after to talk.b: 0 0 0 0\n"
	                              "timer talk.a on after span 3600000000: 0 0 0 0\n"
	                              "state talk.b: 0 0 0 0\n"
	                              "transition talk.b on says to talk.good: 0 0 0 0\n"
	                              "transition talk.b on after to talk.bad: 0 0 0 0\n"
	                              "timer talk.b on after [span_of] span -1: 0 0 0 0\n"
	                              "state talk.good: 0 0 0 0\n"
	                              "state talk.bad: 0 0 0 0\n"
	                              "state over: 0 0 0 0\n");
	free(to);
	aplomb_close(rt);
}

/* The counts of the one row that begins so. */
static void counted(const told *to, const char *row, const char *counts) {
	const char *found = strstr(to->text, row);
	if (found == NULL) fail_msg("no row %s in\n%s", row, to->text);
	const char *colon = found + strlen(row);
	size_t size = strcspn(colon, "\n");
	if (strlen(counts) != size || memcmp(colon, counts, size) != 0) fail_msg("%s%.*s, expected%s", row, (int)size, colon, counts);
}

static void states_transitions_guards_and_timers_are_counted(void **state) {
	(void)state;
	aplomb_runtime *rt;
	aplomb_playbook *playbook = open_covered(&rt, true);
	/* c1: no, an error, yes; its timers are both beaten. c2: both fire. c3: left from outside, which beats the timer of a. */
	post(rt, "c1", AT_NINE, "says", "{\"kind\":false,\"n\":1}");
	post(rt, "c1", AT_NINE, "says", "{\"kind\":true}");
	post(rt, "c1", AT_NINE, "says", NULL);
	post(rt, "c2", AT_NINE, "keeps", NULL);
	post(rt, "c3", AT_NINE, "rude", NULL);
	assert_int_equal(aplomb_turn_clock(rt, AT_NINE + 600 * MINUTE, NULL), APLOMB_OK);
	assert_int_equal(aplomb_pump(rt, 0, NULL, NULL), APLOMB_OK);
	told *to = calloc(1, sizeof *to);
	assert_int_equal(aplomb_playbook_coverage(rt, playbook, tell, to, NULL), APLOMB_OK);
	counted(to, "guard  on says to kinds [is_kind]:", " 1 2 0 0");
	counted(to, "state talk:", " 3 0 0 0");
	counted(to, "over [good]:", " 1 0 0 0");
	counted(to, "over [bad]:", " 1 0 0 0");
	counted(to, "transition talk on goes rude to over:", " 1 0 0 0");
	counted(to, "state talk.a:", " 3 0 0 0");
	counted(to, "transition talk.a on says to talk.b [is_kind]:", " 1 0 0 0");
	counted(to, "guard talk.a on says to talk.b [is_kind]:", " 1 1 0 0");
	counted(to, "guard talk.a on says to  [event.n.x]:", " 0 0 0 1");
	counted(to, "timer talk.a on after span 3600000000:", " 1 2 0 0");
	counted(to, "timer talk.b on after [span_of] span -1:", " 1 1 0 0");
	counted(to, "state talk.good:", " 1 0 0 0");
	counted(to, "state over:", " 3 0 0 0");

	/* What was used stays used when the runtime begins anew; the numbers for people do not. */
	assert_int_equal(aplomb_reset(rt, NULL), APLOMB_OK);
	to->text[0] = '\0';
	assert_int_equal(aplomb_playbook_coverage(rt, playbook, tell, to, NULL), APLOMB_OK);
	counted(to, "state talk:", " 3 0 0 0");
	free(to);
	aplomb_close(rt);
}

/* A guard as text is told by its text, and cannot always know. */
static void a_guard_that_cannot_know_is_neither_true_nor_false(void **state) {
	(void)state;
	static const char source[] = "return playbook \"covered\" { event \"says\" { n = integer {} },\n"
	                             "state \"a\" { on \"says\" { when = \"event.n > 3\" } } }";
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.time_follows_events = true;
	options.coverage = true;
	aplomb_runtime *rt;
	assert_int_equal(aplomb_open(&rt, &options, NULL), APLOMB_OK);
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	load.source = source;
	load.source_size = strlen(source);
	load.path = "covered.lua";
	aplomb_playbook *playbook;
	assert_int_equal(aplomb_load(rt, &load, &playbook, NULL), APLOMB_OK);
	post(rt, "c", AT_NINE, "says", "{\"n\":4}");
	post(rt, "c", AT_NINE, "says", "{\"n\":3}");
	post(rt, "c", AT_NINE, "says", "{}");
	post(rt, "c", AT_NINE, "says", NULL);
	told *to = calloc(1, sizeof *to);
	assert_int_equal(aplomb_playbook_coverage(rt, playbook, tell, to, NULL), APLOMB_OK);
	counted(to, "guard a on says to  [event.n > 3]:", " 1 1 2 0");
	free(to);
	aplomb_close(rt);
}

static int keep(const char *text, size_t size, void *payload) {
	strncat(payload, text, size);
	return 0;
}

static char *journal_of(bool coverage) {
	char *lines = calloc(1, 65536);
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.coverage = coverage;
	options.journal = keep;
	options.journal_payload = lines;
	aplomb_runtime *rt = open_late(&options);
	aplomb_event event = said("c1", AT_NINE, SAYS);
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	event = said("c2", AT_NINE + 60 * MINUTE, SAYS);
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	aplomb_close(rt);
	return lines;
}

static void counting_changes_nothing_that_happens(void **state) {
	(void)state;
	char *with = journal_of(true), *without = journal_of(false);
	assert_true(strlen(with) > 1000);
	assert_string_equal(with, without);
	free(with);
	free(without);
}

static void what_was_not_counted_cannot_be_told(void **state) {
	(void)state;
	aplomb_runtime *rt;
	aplomb_error error;
	told to = {""};
	aplomb_playbook *playbook = open_covered(&rt, false);
	assert_int_equal(aplomb_playbook_coverage(rt, playbook, tell, &to, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "coverage-off");
	assert_int_equal(aplomb_playbook_coverage(NULL, playbook, tell, &to, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_playbook_coverage(rt, NULL, tell, &to, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_playbook_coverage(rt, playbook, NULL, &to, &error), APLOMB_EINVAL);
	aplomb_close(rt);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(everything_is_told_in_the_order_of_the_playbook),
	    cmocka_unit_test(states_transitions_guards_and_timers_are_counted),
	    cmocka_unit_test(a_guard_that_cannot_know_is_neither_true_nor_false),
	    cmocka_unit_test(counting_changes_nothing_that_happens),
	    cmocka_unit_test(what_was_not_counted_cannot_be_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
