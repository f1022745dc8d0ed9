/* SPDX-License-Identifier: MIT */
/* In which order timers and events happen, and at what time each. */
#include <string.h>

#include "../test_cmocka.h"
#include "desk.h"
#include "engine/inside.h"
#include "time/instant.h"

/* What the journal says happened, as "at kind event" per line, of all cases. */
static const char *story(world *w, uint32_t from) {
	static char out[8192];
	size_t used = 0;
	out[0] = '\0';
	for (uint32_t i = from; i < count_lines(w); i++) {
		const char *line = line_at(w, i);
		const char *at = strstr(line, "\"at\":\""), *of = strstr(line, "\"case\":\""), *event = strstr(line, "\"event\":\"");
		if (at == NULL || strncmp(line, "{\"at\"", 5) != 0) continue;
		if (strstr(line, "\"kind\":\"opened\"") != NULL) event = NULL;
		of += 8;
		used += (size_t)snprintf(out + used, sizeof out - used, "%.8s %.*s ", at + 6 + 11, (int)strcspn(of, "\""), of);
		if (event == NULL) {
			used += (size_t)snprintf(out + used, sizeof out - used, "opened\n");
		} else {
			event += 9;
			used += (size_t)snprintf(out + used, sizeof out - used, "%.*s\n", (int)strcspn(event, "\""), event);
		}
	}
	return out;
}

static void timers_fire_between_events_each_at_its_own_time(void **state_) {
	(void)state_;
	for (int follows = 0; follows < 2; follows++) {
		world w = {0};
		const world_options options = {.time_follows_events = follows != 0};
		assert_true(world_open(&w, &desk, &options));
		if (!follows) apl_clock_turn(&w.clock, NEW_YEAR + APL_DAY);
		/* Everything is posted at once; nothing is stepped before its time. */
		assert_int_equal(post(&w, "a", "unloved", 0, NULL), APLOMB_OK);
		assert_int_equal(post(&w, "b", "unloved", 5 * APL_MINUTE, NULL), APLOMB_OK);
		assert_int_equal(post(&w, "a", "unloved", 11 * APL_MINUTE, NULL), APLOMB_OK);
		assert_int_equal(post(&w, "a", "agent.message", 15 * APL_MINUTE, NULL), APLOMB_OK); /* the instant of b's timer: that goes first */
		assert_int_equal(post(&w, "b", "unloved", 3 * APL_HOUR, NULL), APLOMB_OK);
		pump(&w);
		assert_string_equal(story(&w, 0),
		    "00:00:00 a opened\n00:00:00 a unloved\n00:05:00 b opened\n00:05:00 b unloved\n00:10:00 a after.work.conversation.waiting.1\n"
		    "00:11:00 a unloved\n00:15:00 b after.work.conversation.waiting.1\n00:15:00 a agent.message\n03:00:00 b unloved\n");
		assert_int_equal(apl_clock_now(&w.clock), NEW_YEAR + (follows ? 3 * APL_HOUR : APL_DAY));
		assert_journal(&w);
		world_end(&w);
	}
}

static void equal_deadlines_fire_in_arming_order(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	assert_int_equal(post(&w, "b", "later", 0, "{'n':1}"), APLOMB_OK);
	assert_int_equal(post(&w, "a", "later", 0, "{'n':2}"), APLOMB_OK);
	assert_int_equal(post(&w, "b", "later", 0, "{'n':3}"), APLOMB_OK);
	pump(&w);
	uint32_t before = count_lines(&w);
	turn_to(&w, APL_HOUR);
	assert_string_equal(story(&w, before), "00:10:00 b after.work.conversation.waiting.1\n00:10:00 a "
	                                       "after.work.conversation.waiting.1\n01:00:00 b remind\n01:00:00 a remind\n01:00:00 b remind\n");
	assert_text_has(data_of(&w, "b"), "'reminders':42}");
	assert_last_line_has(&w, "'cause':{'armed_seq':3,'data':{'n':3},'event':'remind','send':'nudge'}");
	assert_last_line_has(&w, "'kind':'timer'");
	world_end(&w);
}

static void after_downtime_overdue_timers_fire_by_deadline(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	happen(&w, "a", "later", 0, NULL);
	happen(&w, "b", "unloved", 30 * APL_SECOND, NULL);
	uint32_t before = count_lines(&w);
	aplomb_instant due;
	assert_true(apl_engine_next_due(w.engine, &due));
	assert_int_equal(due, NEW_YEAR + 10 * APL_MINUTE);
	turn_to(&w, 5 * APL_DAY);
	assert_string_equal(story(&w, before),
	    "00:10:00 a after.work.conversation.waiting.1\n00:10:30 b after.work.conversation.waiting.1\n01:00:00 a remind\n");
	assert_false(apl_engine_next_due(w.engine, &due));
	assert_int_equal(case_of(&w, "a")->at, NEW_YEAR + APL_HOUR);
	world_end(&w);
}

static void a_late_event_runs_at_the_time_of_its_case(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	happen(&w, "a", "unloved", APL_HOUR, NULL);
	happen(&w, "a", "unloved", APL_MINUTE, NULL);
	assert_last_line_has(&w, "{'at':'2026-01-01T01:00:00Z'");
	assert_last_line_has(&w, "'event':'unloved','late_by_us':3540000000,'sent_at':'2026-01-01T00:01:00Z'}");
	assert_text_has(text_of(&w.receipts), "a - OK 3 unhandled late 3540000000\n");
	assert_text_has(text_of(&w.said), "event-late ");
	world_end(&w);
}

static void an_event_from_the_future_happens_now(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	assert_int_equal(post(&w, "a", "unloved", APL_DAY, NULL), APLOMB_OK);
	pump(&w);
	assert_last_line_has(&w, "{'at':'2026-01-01T00:00:00Z'");
	assert_text_has(text_of(&w.said), "event-ahead ");
	assert_int_equal(w.clock.now, NEW_YEAR);
	world_end(&w);
}

static void since_counts_anew_from_the_event(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	happen(&w, "a", "unloved", 0, NULL);
	happen(&w, "a", "agent.note", 9 * APL_MINUTE, NULL);
	assert_last_line_has(
	    &w, "'items':[{'do':'move','due':'2026-01-01T00:19:00Z','timer':'after.work.conversation.waiting.1'},{'do':'unhandled'}]");
	turn_to(&w, 18 * APL_MINUTE);
	assert_string_equal(states_of(&w, "a"), "work.conversation.waiting work.respect.calm");
	turn_to(&w, 19 * APL_MINUTE);
	assert_string_equal(states_of(&w, "a"), "work.conversation.chased work.respect.calm");
	assert_text_has(
	    line_at(&w, 4), "'cause':{'armed_seq':3,'event':'after.work.conversation.waiting.1','state':'work.conversation.waiting'}");
	assert_text_has(line_at(&w, 4), "{'because':'nobody "
	                                "answered','do':'transition','from':'work.conversation.waiting','on':'after.work.conversation.waiting."
	                                "1','place':'desk.lua:1','to':['work.conversation.chased']}");
	world_end(&w);
}

static void leaving_a_state_disarms_its_delays(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	happen(&w, "a", "agent.message", 0, NULL);
	assert_last_line_has(&w, "'items':[{'do':'cancel','timer':'after.work.conversation.waiting.1'},{'do':'cancel','timer':'after.work."
	                         "conversation.waiting.2'},{'do':'transition'");
	assert_null(case_of(&w, "a")->timers);
	turn_to(&w, APL_DAY);
	assert_int_equal(count_lines(&w), 3);
	world_end(&w);
}

static void a_span_may_be_answered_by_a_function(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	assert_int_equal(post_as(&w, NULL, "a", "unloved", 0, NULL, "{'params':{'patience':'1m'}}"), APLOMB_OK);
	pump(&w);
	turn_to(&w, APL_MINUTE);
	assert_last_line_has(&w, "'event':'after.work.conversation.waiting.2'");
	assert_text_has(data_of(&w, "a"), "'reminders':1");
	/* It was targetless: the state was not left, and the other delay runs on. */
	assert_int_equal(apl_engine_timers(w.engine, case_of(&w, "a"), NULL, NULL), 1);
	world_end(&w);
}

static void note_timer(const char *name, aplomb_instant due_at, void *payload) {
	apl_buf_format(payload, "%s %lld\n", name, (long long)((due_at - NEW_YEAR) / APL_SECOND));
}

static void timers_are_told_in_the_order_they_are_due(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	happen(&w, "a", "later", 0, NULL);
	apl_buf out;
	apl_alloc system = apl_alloc_system();
	apl_buf_init(&out, &system);
	assert_int_equal(apl_engine_timers(w.engine, case_of(&w, "a"), note_timer, &out), 3);
	assert_string_equal(text_of(&out), "work.conversation.waiting 600\nnudge 3600\nwork.conversation.waiting 7200\n");
	apl_buf_dispose(&out);
	world_end(&w);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(timers_fire_between_events_each_at_its_own_time),
	    cmocka_unit_test(equal_deadlines_fire_in_arming_order),
	    cmocka_unit_test(after_downtime_overdue_timers_fire_by_deadline),
	    cmocka_unit_test(a_late_event_runs_at_the_time_of_its_case),
	    cmocka_unit_test(an_event_from_the_future_happens_now),
	    cmocka_unit_test(since_counts_anew_from_the_event),
	    cmocka_unit_test(leaving_a_state_disarms_its_delays),
	    cmocka_unit_test(a_span_may_be_answered_by_a_function),
	    cmocka_unit_test(timers_are_told_in_the_order_they_are_due),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
