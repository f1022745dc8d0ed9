/* SPDX-License-Identifier: MIT */
/* What a step leaves behind: items, effects, sends, errors, deferral, broken limits. */
#include <string.h>

#include "../test_cmocka.h"
#include "desk.h"
#include "engine/inside.h"
#include "time/instant.h"

static void an_event_that_nobody_takes_is_journalled(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	happen(&w, "a", "unloved", 0, NULL);
	assert_last_line_has(&w, "'items':[{'do':'unhandled'}],'kind':'event'");
	assert_string_equal(text_of(&w.receipts), "a - OK 2 unhandled\n");
	assert_text_has(text_of(&w.said), "event-unhandled ");
	world_end(&w);
}

static void deferred_events_come_again_in_order(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	happen(&w, "a", "pause", 0, NULL);
	assert_int_equal(post_as(&w, "m1", "a", "customer.message", 0, "{'text':'one'}", NULL), APLOMB_OK);
	assert_int_equal(post_as(&w, "m2", "a", "customer.message", APL_SECOND, "{'text':'two'}", NULL), APLOMB_OK);
	turn_to(&w, APL_SECOND);
	assert_text_has(text_of(&w.receipts), "a m1 OK 3 deferred\na m2 OK 4 deferred\n");
	assert_last_line_has(&w, "'items':[{'do':'deferred'}]");
	uint32_t before = count_lines(&w);
	/* In `answered` the first is taken and leads to `waiting`, where the second is unhandled; both happen with their step. */
	happen(&w, "a", "next", APL_MINUTE, NULL);
	assert_int_equal(count_lines(&w), before + 3);
	assert_text_has(line_at(&w, before + 1),
	    "'cause':{'by':'customer','data':{'text':'one','tone':0},'deferred_seq':3,'event':'customer.message','id':'m1'}");
	assert_text_has(line_at(&w, before + 1), "{'at':'2026-01-01T00:01:00Z'");
	assert_text_has(line_at(&w, before + 2), "'deferred_seq':4");
	assert_text_has(line_at(&w, before + 2), "{'do':'unhandled'}");
	assert_text_has(data_of(&w, "a"), "'last':'one','messages':1");
	assert_int_equal(case_of(&w, "a")->more->n_deferred, 0);
	assert_journal(&w);
	world_end(&w);
}

static void what_is_deferred_again_keeps_its_place_silently(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	happen(&w, "a", "pause", 0, NULL);
	happen(&w, "a", "customer.message", 0, "{'text':'one'}");
	happen(&w, "a", "customer.message", 0, "{'text':'two'}");
	uint32_t before = count_lines(&w);
	for (int i = 0; i < 3; i++) happen(&w, "a", "customer.message", 0, "{'tone':-1}"); /* often rude: warned */
	assert_string_equal(states_of(&w, "a"), "work.conversation.paused work.respect.warned");
	/* The messages that led to `warned` were taken by respect, so they were not deferred. */
	assert_int_equal(count_lines(&w), before + 3);
	assert_int_equal(case_of(&w, "a")->more->n_deferred, 4);
	world_end(&w);
}

static void an_error_in_an_action_is_found_and_raised(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	happen(&w, "a", "boom", 0, NULL);
	assert_last_line_has(&w, "{'do':'finding','file':'desk.lua','line':77,'message':'it went wrong on purpose','slug':'error-execution'}");
	assert_last_line_has(&w, "'do':'transition','from':'work','on':'error.execution'");
	assert_text_has(data_of(&w, "a"), "'errors':1");
	happen(&w, "a", "doubt", 0, NULL); /* false, so unhandled; the error is taken all the same */
	assert_text_has(data_of(&w, "a"), "'errors':2");
	assert_null(strstr(text_of(&w.said), "error-unhandled"));
	world_end(&w);
}

static bool go(apl_builder *b, const char *events, const char *target, int32_t block) {
	apl_build_transition_options options = {.events = events, .targets = target, .guard = APL_NO_HANDLER, .block = block};
	return apl_build_transition(b, &options);
}

static bool build_careless(apl_builder *b) {
	return state(b, "root") && go(b, "spin", "circle", APL_NO_HANDLER) && go(b, "echo", NULL, 1) && state(b, "here") &&
	       go(b, "boom", NULL, 0) && go(b, "go", "there", APL_NO_HANDLER) && apl_build_end(b) && state(b, "there") &&
	       go(b, NULL, "here", APL_NO_HANDLER) && apl_build_end(b) && state(b, "circle") && go(b, NULL, "circle", APL_NO_HANDLER) &&
	       apl_build_end(b) && apl_build_end(b);
}

static int careless_fail(apl_turn *turn) {
	aplomb_error error;
	apl_fail_at(&error, APLOMB_EREFUSED, "error-execution", (apl_place){"careless.lua", 3, 1}, "nobody minds");
	apl_turn_error(turn, &error);
	return APL_PORT_ERROR;
}

static int careless_echo(apl_turn *turn) {
	aplomb_error error;
	for (int i = 0; i < 3; i++) {
		int code = apl_turn_raise(turn, "echo", 4, NULL, &error);
		if (code == APLOMB_ELIMIT) return APL_PORT_BREACH;
		assert_int_equal(code, APLOMB_OK);
	}
	return APL_PORT_FALSE;
}

static const test_handler careless_handlers[] = {careless_fail, careless_echo};
static const test_event careless_events[] = {{"boom", NULL}, {"go", NULL}, {"spin", NULL}, {"echo", NULL}};
static const test_program careless = {
    .id = "desk", .events = careless_events, .n_events = 4, .handlers = careless_handlers, .build = build_careless};

static void an_error_that_no_state_takes_is_told_to_operators(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &careless, NULL));
	happen(&w, "a", "boom", 0, NULL);
	assert_text_has(text_of(&w.said), "error-unhandled no state took error.execution");
	assert_last_line_has(&w, "'do':'finding','file':'careless.lua','line':3");
	happen(&w, "a", "go", 0, NULL);
	assert_last_line_has(
	    &w, "'items':[{'do':'transition','from':'here','on':'go','to':['there']},{'do':'transition','from':'there','to':['here']}]");
	world_end(&w);
}

static void raised_events_happen_in_the_same_step(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	happen(&w, "a", "call", 0, NULL);
	assert_last_line_has(
	    &w, "'on':'call','place':'desk.lua:1','to':[]},{'do':'raise','event':'ping'},{'do':'transition','from':'work','on':'ping'");
	assert_text_has(data_of(&w, "a"), "'reminders':1");
	world_end(&w);
}

static void a_send_to_itself_is_a_step_of_its_own(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	assert_int_equal(post(&w, "a", "now", 0, "{'n':4}"), APLOMB_OK);
	assert_int_equal(post(&w, "a", "unloved", 0, NULL), APLOMB_OK);
	pump(&w);
	assert_text_has(line_at(&w, 2), "{'do':'arm','due':'2026-01-01T00:00:00Z','event':'remind','timer':'send'}");
	assert_text_has(line_at(&w, 3), "'event':'unloved'"); /* it was in the queue before */
	assert_last_line_has(&w, "'cause':{'armed_seq':2,'data':{'n':4},'event':'remind'}");
	assert_last_line_has(&w, "'kind':'timer'");
	assert_text_has(data_of(&w, "a"), "'reminders':41");
	assert_int_equal(apl_engine_timers(w.engine, case_of(&w, "a"), NULL, NULL), 2);
	world_end(&w);
}

static void a_send_can_be_cancelled(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	happen(&w, "a", "later", 0, "{'n':1}");
	assert_last_line_has(&w, "{'do':'arm','due':'2026-01-01T01:00:00Z','event':'remind','id':'nudge','timer':'send'}");
	happen(&w, "a", "later", 1, "{'n':2}");
	happen(&w, "a", "forget", 2, NULL);
	assert_last_line_has(&w, "{'do':'cancel','id':'nudge','timer':'send'},{'do':'cancel','id':'nudge','timer':'send'}]");
	happen(&w, "a", "forget", 3, NULL); /* unknown by now: nothing happens */
	turn_to(&w, APL_DAY);
	assert_text_has(data_of(&w, "a"), "'reminders':0");
	world_end(&w);
}

static void a_send_to_another_case_goes_through_its_door(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	happen(&w, "a", "tell", 0, "{'n':1}"); /* "other" is not open: refused there */
	assert_last_line_has(&w, "{'data':{'n':1},'do':'send','event':'remind','to':'other'}");
	assert_text_has(text_of(&w.said), "send-refused event remind, sent to case other by entry 2, was refused there: missing-playbook");
	happen(&w, "other", "unloved", 0, NULL);
	happen(&w, "a", "tell", 0, "{'n':2}");
	assert_last_line_has(&w, "'case':'other','cause':{'by':'case:a','data':{'n':2},'event':'remind','id':'a/3/2'}");
	assert_text_has(data_of(&w, "other"), "'reminders':21");
	happen(&w, "a", "delayed", 0, "{'n':3}");
	assert_last_line_has(&w, "'event':'remind','id':'later','timer':'send','to':'other'}");
	turn_to(&w, APL_MINUTE);
	uint32_t count = count_lines(&w);
	assert_text_has(
	    line_at(&w, count - 2), "'case':'a','cause':{'armed_seq':4,'data':{'n':3},'event':'remind','send':'later','to':'other'}");
	assert_text_has(line_at(&w, count - 2), "'items':[{'data':{'n':3},'do':'send','event':'remind','to':'other'}],'kind':'timer'");
	assert_last_line_has(&w, "'cause':{'by':'case:a','data':{'n':3},'event':'remind','id':'a/5/1'}");
	assert_journal(&w);
	world_end(&w);
}

static void counters_count_before_transitions_are_selected(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	happen(&w, "a", "customer.message", 0, "{'tone':-1}");
	assert_string_equal(states_of(&w, "a"), "work.conversation.waiting work.respect.calm");
	happen(&w, "a", "customer.message", 31 * APL_MINUTE, "{'tone':-1}"); /* the first has left the window */
	assert_string_equal(states_of(&w, "a"), "work.conversation.chased work.respect.calm");
	happen(&w, "a", "customer.message", 32 * APL_MINUTE, "{'tone':1}");
	assert_string_equal(states_of(&w, "a"), "work.conversation.chased work.respect.calm");
	happen(&w, "a", "customer.message", 33 * APL_MINUTE, "{'tone':-2}");
	assert_string_equal(states_of(&w, "a"), "work.conversation.chased work.respect.warned");
	world_end(&w);
}

static void a_closing_case_says_what_it_leaves(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	happen(&w, "a", "pause", 0, NULL);
	happen(&w, "a", "customer.message", 0, NULL);
	happen(&w, "a", "solved", 0, NULL);
	assert_text_has(text_of(&w.said), "deferred-left the case closed with 1 deferred events that nobody took");
	world_end(&w);
}

static int send_badly(apl_turn *turn) {
	static char long_id[600];
	memset(long_id, 'x', sizeof long_id);
	static const apl_send sends[] = {
	    {.event = "nothing", .event_size = 7},
	    {.event = "go", .event_size = 2, .after = -1},
	    {.event = "go", .event_size = 2, .after = INT64_MAX},
	    {.event = "go", .event_size = 2, .id = "a\0b", .id_size = 3},
	    {.event = "go", .event_size = 2, .id = "\xff", .id_size = 1},
	    {.event = "go", .event_size = 2, .id = long_id, .id_size = sizeof long_id},
	    {.event = "go", .event_size = 2, .to = "", .to_size = 0},
	    {.event = "go", .event_size = 2, .to = long_id, .to_size = 257},
	};
	static const char *const slugs[] = {"unknown-event", "bad-span", "bad-span", "wrong-text", "wrong-text", "bad-id", "bad-id", "bad-id"};
	for (size_t i = 0; i < sizeof sends / sizeof sends[0]; i++) {
		aplomb_error error;
		assert_int_equal(apl_turn_send(turn, &sends[i], &error), APLOMB_EREFUSED);
		assert_string_equal(error.slug, slugs[i]);
	}
	aplomb_error error;
	bool is_in;
	aplomb_span span;
	int64_t count;
	assert_int_equal(apl_turn_is_in(turn, "onyl", 4, &is_in, &error), APLOMB_EREFUSED);
	assert_text_has(error.message, "has no state \"onyl\"; did you mean \"only\"?");
	assert_int_equal(apl_turn_is_in(turn, "only", 4, &is_in, &error), APLOMB_OK);
	assert_true(is_in);
	assert_int_equal(apl_turn_time_in(turn, "only", 4, true, &span, &error), APLOMB_EREFUSED);
	assert_string_equal(error.slug, "no-time-in");
	assert_int_equal(apl_turn_count(turn, "any", 3, &count, &error), APLOMB_EREFUSED);
	assert_string_equal(error.slug, "unknown-counter");
	assert_int_equal(apl_turn_log(turn, APLOMB_LOG_INFO, "\xc3", 1, NULL, &error), APLOMB_EREFUSED);
	assert_int_equal(apl_turn_raise(turn, "og", 2, NULL, &error), APLOMB_EREFUSED);
	assert_text_has(error.message, "did you mean \"go\"?");
	return APL_PORT_FALSE;
}

static bool build_bad_sender(apl_builder *b) {
	return state(b, "root") && state(b, "only") && go(b, "go", NULL, 0) && apl_build_end(b) && apl_build_end(b);
}

static void what_a_handler_asks_for_wrongly_is_refused_and_leaves_nothing(void **state_) {
	(void)state_;
	static const test_handler handlers[] = {send_badly};
	static const test_event events[] = {{"go", NULL}};
	static const test_program bad_sender = {.id = "desk", .events = events, .n_events = 1, .handlers = handlers, .build = build_bad_sender};
	world w = {0};
	assert_true(world_open(&w, &bad_sender, NULL));
	happen(&w, "a", "go", 0, NULL);
	assert_last_line_has(&w, "'items':[{'do':'transition','from':'only','on':'go','to':[]}]");
	assert_int_equal(case_of(&w, "a")->status, APLOMB_CASE_OPEN);
	world_end(&w);
}

static void a_case_knows_how_long_it_was_where(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	happen(&w, "a", "agent.message", 0, NULL);
	happen(&w, "a", "customer.message", 10 * APL_SECOND, NULL);
	happen(&w, "a", "agent.message", 40 * APL_SECOND, NULL);
	happen(&w, "a", "customer.message", 50 * APL_SECOND, NULL);
	happen(&w, "a", "time", 55 * APL_SECOND, NULL);
	assert_text_has(data_of(&w, "a"), "'waited':350005"); /* 35 s in all, 5 s this time */
	world_end(&w);
}

static void the_log_hides_what_is_personal(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	happen(&w, "a", "say", 0, "{'text':'my secret'}");
	assert_last_line_has(&w, "{'do':'log','level':'info','message':'my secret'}");
	assert_text_has(text_of(&w.said), "playbook-log [personal]\n");
	happen(&w, "a", "say", 0, NULL);
	assert_text_has(text_of(&w.said), "playbook-log all is well\n");
	world_end(&w);
}

typedef struct breach_case {
	const test_program *spec;
	aplomb_limits limits;
	const char *event, *slug;
} breach_case;

static void a_broken_limit_takes_the_step_back_and_faults_the_case(void **state_) {
	(void)state_;
	static const breach_case breaches[] = {
	    {&desk, {.size = sizeof(aplomb_limits)}, "breach", "limit-instructions"},
	    {&desk, {.size = sizeof(aplomb_limits)}, "effects", "limit-effects"},
	    {&desk, {.size = sizeof(aplomb_limits), .effects = 5000}, "sends", "limit-timers"},
	    {&desk, {.size = sizeof(aplomb_limits), .data = 1000}, "grow", "limit-data"},
	    {&careless, {.size = sizeof(aplomb_limits)}, "spin", "limit-microsteps"},
	    {&careless, {.size = sizeof(aplomb_limits)}, "echo", "limit-internal-events"},
	};
	for (size_t i = 0; i < sizeof breaches / sizeof breaches[0]; i++) {
		const breach_case *breach = &breaches[i];
		world w = {0};
		const world_options options = {.limits = &breach->limits};
		assert_true(world_open(&w, breach->spec, &options));
		happen(&w, "good", "boom", 0, NULL);
		happen(&w, "a", "boom", 0, NULL);
		char before[4096];
		snprintf(before, sizeof before, "%s %s", data_of(&w, "a"), states_of(&w, "a"));
		/* Twice in one batch for the good one, so that the faulty step is not the batch's first of its case either. */
		assert_int_equal(post(&w, "a", "boom", 0, NULL), APLOMB_OK);
		assert_int_equal(post_as(&w, "x", "a", breach->event, 0, NULL, NULL), APLOMB_OK);
		assert_int_equal(post(&w, "a", "boom", 0, NULL), APLOMB_OK);
		assert_int_equal(post(&w, "good", "boom", 0, NULL), APLOMB_OK);
		pump(&w);
		uint32_t count = count_lines(&w);
		assert_text_has(line_at(&w, count - 3), "'kind':'faulted'");
		assert_text_has(line_at(&w, count - 3), breach->slug);
		assert_text_has(line_at(&w, count - 3), "'items':[{'do':'finding'");
		assert_text_has(line_at(&w, count - 3), "'id':'x'");
		assert_text_has(line_at(&w, count - 2), "'slug':'case-faulted'");
		assert_text_has(line_at(&w, count - 1), "'case':'good'");
		assert_text_has(text_of(&w.receipts), "a x OK 4 faulted\na - EFAULTED 0: ");
		assert_text_has(text_of(&w.said), "case-faulted ");
		assert_int_equal(case_of(&w, "a")->status, APLOMB_CASE_FAULTED);
		assert_string_equal(strchr(before, ' ') + 1, states_of(&w, "a"));
		if (breach->spec == &desk) assert_text_has(data_of(&w, "a"), "'errors':2,'messages':0");
		assert_int_equal(post(&w, "a", "boom", 0, NULL), APLOMB_EFAULTED);
		/* Its timers are recorded but do not fire. */
		if (breach->spec == &desk) assert_int_equal(apl_engine_timers(w.engine, case_of(&w, "a"), NULL, NULL), 2);
		count = count_lines(&w);
		pump(&w);
		assert_int_equal(count_lines(&w), count + 1);
		turn_to(&w, APL_DAY);
		if (breach->spec == &desk) assert_null(strstr(last_line(&w), "\"case\":\"a\""));
		assert_journal(&w);
		assert_string_equal(text_of(&w.effects), breach->spec == &desk
		                                             ? "good/4/3 notify attempt 1: {\"messages\":0} because they wait\ngood/4/4 notify "
		                                               "attempt 1: {\"messages\":0} because they wait\n"
		                                             : "");
		world_end(&w);
	}
}

static void too_many_deferred_events_fault_the_case(void **state_) {
	(void)state_;
	world w = {0};
	const aplomb_limits limits = {.size = sizeof limits, .deferred = 2};
	const world_options options = {.limits = &limits};
	assert_true(world_open(&w, &desk, &options));
	happen(&w, "a", "pause", 0, NULL);
	for (int i = 0; i < 3; i++) happen(&w, "a", "customer.message", 0, NULL);
	assert_last_line_has(&w, "'slug':'limit-deferred'");
	assert_int_equal(case_of(&w, "a")->more->n_deferred, 2);
	world_end(&w);
}

static bool build_bad_start(apl_builder *b) {
	return state(b, "root") && apl_build_entry(b, 0) && leaf(b, "only") && apl_build_end(b);
}

static int break_limit(apl_turn *turn) {
	return apl_turn_breach(turn, "limit-instructions", APL_NOWHERE, "too many");
}

static void a_case_whose_opening_breaks_a_limit_is_faulted_from_the_start(void **state_) {
	(void)state_;
	static const test_handler handlers[] = {break_limit};
	static const test_event events[] = {{"go", NULL}};
	static const test_program bad_start = {.id = "desk", .events = events, .n_events = 1, .handlers = handlers, .build = build_bad_start};
	world w = {0};
	assert_true(world_open(&w, &bad_start, NULL));
	assert_int_equal(post(&w, "a", "go", 0, NULL), APLOMB_OK);
	pump(&w);
	assert_int_equal(count_lines(&w), 3);
	assert_text_has(line_at(&w, 1), "'cause':{'data':{}},");
	assert_text_has(line_at(&w, 1), "'kind':'faulted'");
	assert_text_has(line_at(&w, 2), "'kind':'refused'");
	assert_string_equal(text_of(&w.receipts), "a - EFAULTED 0: the case was faulted before this event was stepped\n");
	assert_string_equal(states_of(&w, "a"), "");
	assert_journal(&w);
	world_end(&w);
}

static void a_traced_case_is_followed(void **state_) {
	(void)state_;
	world w = {0};
	const world_options options = {.log_level = APLOMB_LOG_ERROR, .trace_case = "a"};
	assert_true(world_open(&w, &desk, &options));
	happen(&w, "b", "agent.message", 0, NULL);
	assert_string_equal(text_of(&w.said), "");
	happen(&w, "a", "agent.message", 0, NULL);
	assert_text_has(text_of(&w.said), "event agent.message\n");
	assert_text_has(text_of(&w.said), "exited work.conversation.waiting\n");
	assert_text_has(text_of(&w.said), "transition work.conversation.waiting\n");
	assert_text_has(text_of(&w.said), "entered work.conversation.answered\n");
	world_end(&w);
}

static void add_stat(const aplomb_stat_line *line, void *payload) {
	if (line->count == 0 && line->inside == 0) return;
	apl_buf_format(payload, "%d %s %llu %llu %lld\n", (int)line->stat, line->name, (unsigned long long)line->count,
	    (unsigned long long)line->inside, (long long)(line->total / APL_SECOND));
}

static void numbers_for_people_add_up(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	happen(&w, "a", "agent.message", 0, NULL);
	happen(&w, "a", "customer.message", 10 * APL_SECOND, NULL);
	happen(&w, "b", "boom", 10 * APL_SECOND, NULL);
	happen(&w, "b", "solved", 20 * APL_SECOND, NULL);
	apl_clock_turn(&w.clock, NEW_YEAR + 30 * APL_SECOND);
	apl_buf out;
	apl_alloc system = apl_alloc_system();
	apl_buf_init(&out, &system);
	apl_engine_stats(w.engine, apl_engine_program(w.engine, "desk", 4), add_stat, &out);
	assert_string_equal(text_of(&out),
	    "0 work 2 1 40\n0 work.conversation 2 1 40\n0 work.conversation.waiting 3 1 30\n0 work.conversation.answered 1 0 10\n"
	    "0 work.respect 2 1 40\n0 work.respect.calm 2 1 40\n0 done 1 0 0\n3 customer.message 1 0 0\n3 agent.message 1 0 0\n3 solved 1 0 "
	    "0\n3 boom 1 0 0\n"
	    "1 notify 1 0 0\n2 resolved 1 0 0\n4 error-execution 1 0 0\n");
	apl_buf_dispose(&out);
	aplomb_totals totals = APLOMB_TOTALS_INIT;
	apl_engine_count(w.engine, &totals);
	assert_int_equal(totals.cases, 2);
	assert_int_equal(totals.open, 1);
	assert_int_equal(totals.closed, 1);
	assert_int_equal(totals.events, 4);
	assert_int_equal(totals.findings, 1);
	assert_int_equal(totals.effects, 1);
	assert_int_equal(totals.entries, 6);
	world_end(&w);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_event_that_nobody_takes_is_journalled),
	    cmocka_unit_test(deferred_events_come_again_in_order),
	    cmocka_unit_test(what_is_deferred_again_keeps_its_place_silently),
	    cmocka_unit_test(an_error_in_an_action_is_found_and_raised),
	    cmocka_unit_test(an_error_that_no_state_takes_is_told_to_operators),
	    cmocka_unit_test(raised_events_happen_in_the_same_step),
	    cmocka_unit_test(a_send_to_itself_is_a_step_of_its_own),
	    cmocka_unit_test(a_send_can_be_cancelled),
	    cmocka_unit_test(a_send_to_another_case_goes_through_its_door),
	    cmocka_unit_test(counters_count_before_transitions_are_selected),
	    cmocka_unit_test(a_closing_case_says_what_it_leaves),
	    cmocka_unit_test(what_a_handler_asks_for_wrongly_is_refused_and_leaves_nothing),
	    cmocka_unit_test(a_case_knows_how_long_it_was_where),
	    cmocka_unit_test(the_log_hides_what_is_personal),
	    cmocka_unit_test(a_broken_limit_takes_the_step_back_and_faults_the_case),
	    cmocka_unit_test(too_many_deferred_events_fault_the_case),
	    cmocka_unit_test(a_case_whose_opening_breaks_a_limit_is_faulted_from_the_start),
	    cmocka_unit_test(a_traced_case_is_followed),
	    cmocka_unit_test(numbers_for_people_add_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
