/* SPDX-License-Identifier: MIT */
/* What only a rehearsal allows, as a host calls it; and that nothing leaves it. */
#include "late.h"

#include <stdlib.h>

/* ---- a history and its lines ----------------------------------------------------- */

enum { MOST = 64 };

typedef struct history {
	char *line[MOST];
	size_t count;
} history;

static int keep(const char *text, size_t size, void *payload) {
	history *to = payload;
	assert_true(to->count < MOST);
	to->line[to->count++] = strndup(text, size);
	return 0;
}

static void drop(history *h) {
	for (size_t i = 0; i < h->count; i++) free(h->line[i]);
	h->count = 0;
}

static void say(aplomb_runtime *rt, aplomb_instant at, const char *name) {
	aplomb_event event = said("c1", at, strcmp(name, "customer.message") == 0 ? SAYS : NULL);
	event.name = name;
	event.open = "{\"data\":{\"name\":\"Ada\"},\"locale\":\"en\",\"seed\":5}";
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
}

/* Two messages, silence until the timer fires, and the end. */
static void record(history *h, const aplomb_limits *limits) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.limits = limits;
	aplomb_runtime *rt = open_late(&options);
	say(rt, AT_NINE, "customer.message");
	say(rt, AT_NINE + MINUTE, "customer.message");
	say(rt, AT_NINE + 30 * MINUTE, "done");
	assert_int_equal(aplomb_journal_each(rt, "c1", keep, h, NULL), APLOMB_OK);
	assert_int_equal(h->count, 6);
	aplomb_close(rt);
}

static aplomb_runtime *rehearse(aplomb_options *options) {
	aplomb_options own = APLOMB_OPTIONS_INIT;
	if (options == NULL) options = &own;
	options->rehearsal = true;
	return open_late(options);
}

static char *snapshot_of(aplomb_runtime *rt) {
	char *json;
	size_t size;
	assert_int_equal(aplomb_case_snapshot(rt, "c1", &json, &size, NULL), APLOMB_OK);
	char *copy = strndup(json, size);
	aplomb_text_free(rt, json);
	return copy;
}

/* ---- tests ------------------------------------------------------------------------ */

static void a_host_replays_a_journal_line_by_line(void **state) {
	(void)state;
	history h = {{NULL}, 0}, again = {{NULL}, 0};
	record(&h, NULL);
	aplomb_runtime *rt = rehearse(NULL);
	for (size_t i = 0; i < h.count; i++) {
		aplomb_replayed out = APLOMB_REPLAYED_INIT;
		aplomb_error error;
		if (aplomb_replay(rt, NULL, h.line[i], strlen(h.line[i]), &out, &error)) fail_msg("%s: %s", error.slug, error.message);
		assert_true(out.same);
		assert_null(out.differs);
		assert_string_equal(out.text, h.line[i]);
		assert_string_equal(out.case_id, "c1");
		assert_int_equal(out.seq, i);
	}
	assert_int_equal(aplomb_journal_each(rt, "c1", keep, &again, NULL), APLOMB_OK);
	assert_int_equal(again.count, h.count);
	for (size_t i = 0; i < h.count; i++) assert_string_equal(again.line[i], h.line[i]);
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	assert_int_equal(aplomb_case_get(rt, "c1", &info, NULL), APLOMB_OK);
	assert_string_equal(info.outcome, "delivered");
	assert_true(aplomb_now(rt) == AT_NINE + 30 * MINUTE);
	aplomb_close(rt);
	drop(&h);
	drop(&again);
}

static void another_version_may_be_named_for_a_head(void **state) {
	(void)state;
	history h = {{NULL}, 0};
	record(&h, NULL);
	aplomb_runtime *rt = rehearse(NULL);
	/* The same, but that it answers otherwise. */
	char *changed = strdup(LATE);
	memcpy(strstr(changed, "we answer"), "so be it ", 9);
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	load.path = "late.lua";
	load.source = changed;
	load.source_size = strlen(changed);
	aplomb_playbook *other;
	assert_int_equal(aplomb_load(rt, &load, &other, NULL), APLOMB_OK);
	const char *const differs[] = {"playbook", "prev", "items"};
	for (size_t i = 0; i < 3; i++) {
		aplomb_replayed out = APLOMB_REPLAYED_INIT;
		assert_int_equal(aplomb_replay(rt, other, h.line[i], strlen(h.line[i]), &out, NULL), APLOMB_OK);
		assert_string_equal(out.differs, differs[i]);
	}
	/* Without a name the head's own version is taken, though another was loaded later. */
	assert_int_equal(aplomb_case_forget(rt, "c1", NULL), APLOMB_OK);
	aplomb_replayed out = APLOMB_REPLAYED_INIT;
	assert_int_equal(aplomb_replay(rt, NULL, h.line[0], strlen(h.line[0]), &out, NULL), APLOMB_OK);
	assert_true(out.same);
	free(changed);
	aplomb_close(rt);
	drop(&h);
}

static void a_host_goes_back_to_a_moment_and_takes_another_way(void **state) {
	(void)state;
	aplomb_runtime *rt = rehearse(NULL);
	say(rt, AT_NINE, "customer.message");
	char *was = snapshot_of(rt);
	aplomb_moment *moment;
	assert_int_equal(aplomb_moment_keep(rt, "c1", &moment, NULL), APLOMB_OK);
	assert_true(aplomb_moment_size(moment) > 100);
	assert_int_equal(aplomb_moment_size(NULL), 0);
	say(rt, AT_NINE + MINUTE, "done");
	assert_int_equal(aplomb_moment_return(rt, moment, NULL), APLOMB_OK);
	assert_true(aplomb_now(rt) == AT_NINE);
	assert_true(aplomb_case_is_in(rt, "c1", "work.answered"));
	say(rt, AT_NINE + 2 * MINUTE, "customer.message");
	assert_true(aplomb_case_is_in(rt, "c1", "work.waiting"));
	/* It stays good, also when the case is gone. */
	assert_int_equal(aplomb_case_forget(rt, "c1", NULL), APLOMB_OK);
	assert_int_equal(aplomb_cases(rt, NULL, NULL), 0);
	assert_int_equal(aplomb_moment_return(rt, moment, NULL), APLOMB_OK);
	char *is = snapshot_of(rt);
	/* Of the lines only those from now on are kept: there are none that a hash could be of. */
	char *of_lines = strstr(was, ",\"sha256\":");
	assert_memory_equal(is, was, (size_t)(of_lines - was));
	free(was);
	free(is);
	/* Nor does it need the journal, and after a reset it is good as well. */
	assert_int_equal(aplomb_reset(rt, NULL), APLOMB_OK);
	assert_int_equal(aplomb_moment_return(rt, moment, NULL), APLOMB_OK);
	say(rt, AT_NINE + 2 * MINUTE, "customer.message");
	history h = {{NULL}, 0};
	assert_int_equal(aplomb_journal_each(rt, "c1", keep, &h, NULL), APLOMB_OK);
	assert_int_equal(h.count, 1);
	drop(&h);
	aplomb_moment_free(moment);
	aplomb_moment_free(NULL);
	aplomb_close(rt);
}

static void the_clock_of_a_rehearsal_goes_back(void **state) {
	(void)state;
	aplomb_runtime *rt = rehearse(NULL);
	say(rt, AT_NINE, "customer.message");
	assert_int_equal(aplomb_turn_clock(rt, AT_NINE + MINUTE, NULL), APLOMB_OK);
	assert_int_equal(aplomb_turn_clock(rt, AT_NINE, NULL), APLOMB_OK);
	assert_true(aplomb_now(rt) == AT_NINE);
	aplomb_close(rt);
}

static int take(const aplomb_effect *effect, void *payload) {
	(void)effect;
	++*(int *)payload;
	return 0;
}

static void nothing_leaves_a_rehearsal(void **state) {
	(void)state;
	int taken = 0;
	aplomb_runtime *rt = rehearse(NULL);
	aplomb_error error;
	assert_int_equal(aplomb_on_effect(rt, "*", take, &taken, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "rehearsal-effects");
	say(rt, AT_NINE, "customer.message");
	aplomb_totals totals = APLOMB_TOTALS_INIT;
	aplomb_count(rt, &totals);
	assert_int_equal(totals.effects, 1);
	assert_int_equal(totals.undelivered, 0);
	assert_int_equal(taken, 0);
	aplomb_close(rt);
}

static void what_was_acknowledged_cannot_be_gone_back_on(void **state) {
	(void)state;
	history h = {{NULL}, 0};
	record(&h, NULL);
	aplomb_runtime *rt = open_late(NULL), *rehearsal = rehearse(NULL);
	say(rt, AT_NINE, "customer.message");
	say(rehearsal, AT_NINE, "customer.message");
	aplomb_moment *moment, *never = NULL;
	assert_int_equal(aplomb_moment_keep(rehearsal, "c1", &moment, NULL), APLOMB_OK);
	aplomb_error error;
	assert_int_equal(aplomb_replay(rt, NULL, h.line[0], strlen(h.line[0]), NULL, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "no-rehearsal");
	assert_int_equal(aplomb_moment_keep(rt, "c1", &never, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "no-rehearsal");
	assert_int_equal(aplomb_moment_return(rt, moment, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "no-rehearsal");
	assert_int_equal(aplomb_case_forget(rt, "c1", &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "no-rehearsal");
	assert_int_equal(aplomb_turn_clock(rt, AT_NINE - 1, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "clock-backwards");
	assert_null(never);
	/* And what is missing or NULL is said. */
	assert_int_equal(aplomb_replay(rehearsal, NULL, NULL, 0, NULL, NULL), APLOMB_EINVAL);
	aplomb_replayed small = {0};
	assert_int_equal(aplomb_replay(rehearsal, NULL, h.line[0], strlen(h.line[0]), &small, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "struct-size");
	assert_int_equal(aplomb_moment_keep(rehearsal, NULL, &never, NULL), APLOMB_EINVAL);
	assert_int_equal(aplomb_moment_keep(rehearsal, "c1", NULL, NULL), APLOMB_EINVAL);
	assert_int_equal(aplomb_moment_keep(rehearsal, "c2", &never, NULL), APLOMB_ENOTFOUND);
	assert_int_equal(aplomb_moment_return(rehearsal, NULL, NULL), APLOMB_EINVAL);
	assert_int_equal(aplomb_case_forget(rehearsal, NULL, NULL), APLOMB_EINVAL);
	assert_int_equal(aplomb_case_forget(rehearsal, "c2", NULL), APLOMB_ENOTFOUND);
	aplomb_moment_free(moment);
	aplomb_close(rt);
	aplomb_close(rehearsal);
	drop(&h);
}

static void a_replay_uses_the_limits_of_the_head(void **state) {
	(void)state;
	history h = {{NULL}, 0};
	const aplomb_limits given = {.size = sizeof given, .microsteps = 17, .memory = 4 << 20, .instructions = 5000};
	record(&h, &given);
	aplomb_limits limits = {.size = sizeof limits};
	assert_int_equal(aplomb_journal_limits(h.line[0], strlen(h.line[0]), &limits, NULL), APLOMB_OK);
	assert_int_equal(limits.microsteps, 17);
	assert_int_equal(limits.memory, 4 << 20);
	assert_int_equal(limits.instructions, 5000);
	assert_int_equal(limits.timers, 1000);
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.limits = &limits;
	aplomb_runtime *rt = rehearse(&options), *other = rehearse(NULL);
	aplomb_replayed out = APLOMB_REPLAYED_INIT;
	assert_int_equal(aplomb_replay(rt, NULL, h.line[0], strlen(h.line[0]), &out, NULL), APLOMB_OK);
	assert_true(out.same);
	assert_int_equal(aplomb_replay(other, NULL, h.line[0], strlen(h.line[0]), &out, NULL), APLOMB_OK);
	assert_string_equal(out.differs, "limits");
	aplomb_error error;
	assert_int_equal(aplomb_journal_limits(h.line[1], strlen(h.line[1]), &limits, &error), APLOMB_EDAMAGED);
	assert_string_equal(error.slug, "journal-headless");
	assert_int_equal(aplomb_journal_limits("{", 1, &limits, &error), APLOMB_EJSON);
	assert_int_equal(aplomb_journal_limits(NULL, 0, &limits, NULL), APLOMB_EINVAL);
	assert_int_equal(aplomb_journal_limits("{", 1, NULL, NULL), APLOMB_EINVAL);
	aplomb_close(rt);
	aplomb_close(other);
	drop(&h);
}

/* A step of Lua that breaks a limit, and one that fails, come out as they were. */
static void faults_are_replayed_too(void **state) {
	(void)state;
	history h = {{NULL}, 0};
	aplomb_runtime *rt = open_late(NULL);
	say(rt, AT_NINE, "customer.message");
	say(rt, AT_NINE + MINUTE, "spin");
	assert_int_equal(aplomb_journal_each(rt, "c1", keep, &h, NULL), APLOMB_OK);
	aplomb_close(rt);
	rt = rehearse(NULL);
	for (size_t i = 0; i < h.count; i++) {
		aplomb_replayed out = APLOMB_REPLAYED_INIT;
		assert_int_equal(aplomb_replay(rt, NULL, h.line[i], strlen(h.line[i]), &out, NULL), APLOMB_OK);
		assert_string_equal(out.text, h.line[i]);
	}
	assert_non_null(strstr(h.line[h.count - 1], "\"kind\":\"faulted\""));
	aplomb_close(rt);
	drop(&h);
}

static void lines_come_out_though_none_are_kept(void **state) {
	(void)state;
	history h = {{NULL}, 0};
	record(&h, NULL);
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.forget_journal = true;
	aplomb_runtime *rt = rehearse(&options);
	for (size_t i = 0; i < h.count; i++) {
		aplomb_replayed out = APLOMB_REPLAYED_INIT;
		assert_int_equal(aplomb_replay(rt, NULL, h.line[i], strlen(h.line[i]), &out, NULL), APLOMB_OK);
		assert_true(out.same);
	}
	aplomb_close(rt);
	drop(&h);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_host_replays_a_journal_line_by_line),
	    cmocka_unit_test(another_version_may_be_named_for_a_head),
	    cmocka_unit_test(a_host_goes_back_to_a_moment_and_takes_another_way),
	    cmocka_unit_test(the_clock_of_a_rehearsal_goes_back),
	    cmocka_unit_test(nothing_leaves_a_rehearsal),
	    cmocka_unit_test(what_was_acknowledged_cannot_be_gone_back_on),
	    cmocka_unit_test(a_replay_uses_the_limits_of_the_head),
	    cmocka_unit_test(faults_are_replayed_too),
	    cmocka_unit_test(lines_come_out_though_none_are_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
