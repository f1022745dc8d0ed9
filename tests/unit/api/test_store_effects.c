/* SPDX-License-Identifier: MIT */
/* When effects of cases in a store are handed out: when what wants them cannot be lost any more, and soon; and what if one is damaged. */
#include "../../store/place.h"
#include "../../store/sql.h"
#include "late.h"

#include <stdio.h>
#include <time.h>

/* A machine on which every step takes a tenth of a second shows nothing; so many tries are enough for one that is busy. */
enum { MOST_ROUNDS = 200, HELD = 3, TENTH = 100000 };

static int take(const aplomb_effect *effect, void *payload) {
	(void)effect;
	++*(int *)payload;
	return 0;
}

/* Time goes by itself. */
static aplomb_runtime *open_with(const place *p, aplomb_durability durability, bool by_hand, int *taken) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_runtime *rt;
	place_remove_files(p);
	options.store = p->path;
	options.durability = durability;
	options.time_follows_events = by_hand;
	assert_int_equal(aplomb_open(&rt, &options, NULL), APLOMB_OK);
	load_late(rt);
	assert_int_equal(aplomb_on_effect(rt, "*", take, taken, NULL), APLOMB_OK);
	return rt;
}

static aplomb_pump_report step(aplomb_runtime *rt, int round, aplomb_instant at) {
	char id[16];
	snprintf(id, sizeof id, "c%d", round);
	aplomb_event event = said(id, at, SAYS);
	event.has_at = at != 0;
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	assert_int_equal(aplomb_post(rt, &event, NULL, NULL, NULL), APLOMB_OK);
	assert_int_equal(aplomb_pump(rt, 0, &report, NULL), APLOMB_OK);
	return report;
}

static void wait_until(aplomb_runtime *rt, aplomb_instant at) {
	for (aplomb_instant now; (now = aplomb_now(rt)) < at;) {
		const struct timespec rest = {.tv_nsec = (at - now) * 1000};
		nanosleep(&rest, NULL);
	}
}

static void an_effect_waits_for_the_disk_and_not_longer_than_it_may(void **state) {
	int taken = 0, held = 0;
	aplomb_runtime *rt = open_with(*state, APLOMB_DURABILITY_NORMAL, false, &taken);
	for (int round = 0; held < HELD; round++) {
		assert_true(round < MOST_ROUNDS);
		const aplomb_pump_report report = step(rt, round, 0);
		/* There is nothing that could be done at once: who waits for it does not go round and round. */
		assert_false(report.more);
		if (taken == round + 1) continue; /* its commit came a tenth of a second after the last that waited for the disk, and did so, too */
		held++;
		assert_int_equal(taken, round);
		aplomb_instant due;
		assert_true(aplomb_next_due(rt, &due));
		assert_true(due <= aplomb_now(rt) + TENTH);
		wait_until(rt, due);
		assert_int_equal(aplomb_pump(rt, 0, NULL, NULL), APLOMB_OK);
		assert_int_equal(taken, round + 1);
	}
	aplomb_close(rt);
}

static void effects_that_wait_for_the_disk_when_a_runtime_ends_are_handed_out_by_the_next(void **state) {
	const place *p = *state;
	int taken = 0, wanted = 0;
	aplomb_runtime *rt = open_with(p, APLOMB_DURABILITY_NORMAL, false, &taken);
	while (taken == wanted) {
		assert_true(wanted < MOST_ROUNDS);
		step(rt, wanted++, 0);
	}
	aplomb_close(rt);
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.store = p->path;
	assert_int_equal(aplomb_open(&rt, &options, NULL), APLOMB_OK);
	load_late(rt);
	assert_int_equal(aplomb_on_effect(rt, "*", take, &taken, NULL), APLOMB_OK);
	assert_int_equal(aplomb_pump(rt, 0, NULL, NULL), APLOMB_OK);
	assert_int_equal(taken, wanted);
	aplomb_close(rt);
}

static void nothing_waits_where_every_commit_is_on_the_disk_or_time_is_turned_by_hand(void **state) {
	for (int by_hand = 0; by_hand < 2; by_hand++) {
		int taken = 0;
		aplomb_runtime *rt = open_with(*state, by_hand ? APLOMB_DURABILITY_NORMAL : APLOMB_DURABILITY_FULL, by_hand != 0, &taken);
		for (int round = 0; round < 5; round++) {
			step(rt, round, by_hand ? AT_NINE + round : 0);
			assert_int_equal(taken, round + 1);
		}
		aplomb_close(rt);
	}
}

static int refuse(const aplomb_effect *effect, void *payload) {
	(void)effect, (void)payload;
	return 1;
}

/* Of the case, and of nobody else: its effect is not handed out, the others are. */
static void a_damaged_effect_keeps_its_case_from_coming_back_and_no_other(void **state) {
	static const char *const damages[] = {
	    "UPDATE effects SET text = '[]' WHERE case_id = CAST('c1' AS BLOB)",
	    "UPDATE effects SET text = 'nothing' WHERE case_id = CAST('c1' AS BLOB)",
	    "UPDATE effects SET text = replace(text, '\"kind\":\"suggest\"', '\"kind\":\"sing\"') WHERE case_id = CAST('c1' AS BLOB)",
	    "UPDATE effects SET text = replace(text, '\"seq\":2', '\"seq\":1') WHERE case_id = CAST('c1' AS BLOB)",
	};
	const place *p = *state;
	for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
		int taken = 0;
		aplomb_runtime *rt = open_with(p, APLOMB_DURABILITY_FULL, true, &taken);
		assert_int_equal(aplomb_on_effect(rt, "*", refuse, NULL, NULL), APLOMB_OK);
		for (int round = 0; round < 3; round++) step(rt, round, AT_NINE);
		aplomb_close(rt);
		run_sql(p->path, damages[i]);
		aplomb_options options = APLOMB_OPTIONS_INIT;
		options.store = p->path;
		rt = open_late(&options);
		assert_int_equal(aplomb_on_effect(rt, "*", take, &taken, NULL), APLOMB_OK);
		for (int n = 0; n < 3; n++) assert_int_equal(aplomb_pump(rt, 0, NULL, NULL), APLOMB_OK);
		assert_int_equal(taken, 2);
		assert_int_equal(aplomb_effects(rt, NULL, NULL, NULL), 0);
		aplomb_case_info info = APLOMB_CASE_INFO_INIT;
		aplomb_error error;
		assert_int_equal(aplomb_case_get(rt, "c1", &info, &error), APLOMB_EDAMAGED);
		assert_int_equal(aplomb_case_get(rt, "c2", &info, &error), APLOMB_OK);
		aplomb_totals totals = APLOMB_TOTALS_INIT;
		aplomb_count(rt, &totals);
		assert_int_equal(totals.undelivered, 1);
		aplomb_close(rt);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_effect_waits_for_the_disk_and_not_longer_than_it_may),
	    cmocka_unit_test(effects_that_wait_for_the_disk_when_a_runtime_ends_are_handed_out_by_the_next),
	    cmocka_unit_test(a_damaged_effect_keeps_its_case_from_coming_back_and_no_other),
	    cmocka_unit_test(nothing_waits_where_every_commit_is_on_the_disk_or_time_is_turned_by_hand),
	};
	return cmocka_run_group_tests_name("effects of cases in a store", tests, place_make, place_drop);
}
