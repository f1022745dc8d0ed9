/* SPDX-License-Identifier: MIT */
/*
 * Callouts: what the plan says is what a case of the library's escalation does,
 * call by call and to the second; and a step that is said to ask nobody is
 * asked of each minute of that time, one by one.
 */
#include "../test_cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../test_rounds.h"
#include "aplomb.h"
#include "host.h"
#include "journal_text.h"

#define MINUTE INT64_C(60000000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
/* 2026-03-26T09:00:00Z, a Thursday; clocks are put on in London on the Sunday after. */
#define BEGIN INT64_C(1774515600000000)

static uint32_t next_random(uint32_t *seed) {
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

#define DECLARED                                                                                                                           \
	"local e = require 'aplomb.escalation'\n"                                                                                              \
	"return playbook 'p' {\n"                                                                                                              \
	" calendar 'office' { zone = 'Europe/London', week = { ['mon-fri'] = '09:00-12:00 13:00-17:00' } },\n"                                 \
	" rota 'days' { zone = 'Europe/London', turns = { 'Ada', 'Bob' }, begins = '2026-03-02', handover = '08:00',\n"                        \
	"  hours = { ['mon-sat'] = '07:00-19:30' }, overrides = { { nobody = true, from = '2026-03-27 10:00', to = '2026-03-27 11:15' } } "    \
	"},\n"                                                                                                                                 \
	" rota 'nights' { zone = 'America/St_Johns', turns = { 'Night' }, begins = '2026-03-02', handover = '00:00',\n"                        \
	"  hours = { ['mon-sun'] = '19:00-23:00' } },\n"                                                                                       \
	" rota 'once' { zone = 'UTC', overrides = { { who = 'Zoe', from = '2026-03-30 12:00', to = '2026-03-30 13:00' } } },\n"                \
	" rota 'gone' { zone = 'UTC', overrides = { { who = 'Yan', from = '2026-03-01', to = '2026-03-02' } } },\n"                            \
	" params = { patience = span { default = '25m' }, lead = text { default = 'Lea' } },\n"                                                \
	" parallel 'work' {\n"                                                                                                                 \
	"  state 'other' { rests = 'nothing' },\n"                                                                                             \
	"  e.policy 'c' {\n"

/* A playbook with a policy of random steps in it. */
static void random_policy(char *out, size_t size, uint32_t *seed) {
	static const char *const rotas[] = {"days", "nights", "once", "gone"}, *const ways[] = {"skip", "wait"};
	static const char *const answers[] = {"'10m'", "'45m'", "'5h'", "from 'params.patience'", "'2 business hours'", "'1 business day'"};
	uint32_t steps = 1 + next_random(seed) % 4, kind = next_random(seed) % 4;
	size_t used = (size_t)snprintf(out, size, DECLARED);
	if (kind == 1)
		used += (size_t)snprintf(out + used, size - used, "repeat_from = %u, repeats = 2,\n", 1 + next_random(seed) % (steps + 1));
	for (uint32_t i = 0; i < steps; i++) {
		used += (size_t)snprintf(out + used, size - used, "e.step { answer_in = %s, times = %u, ",
		    answers[next_random(seed) % (sizeof answers / sizeof *answers)], 1 + next_random(seed) % 3);
		if (next_random(seed) % 3 == 0) used += (size_t)snprintf(out + used, size - used, "only_during = 'office', ");
		if (next_random(seed) % 4 == 0) {
			used += (size_t)snprintf(out + used, size - used, "to = from 'params.lead' },\n");
			continue;
		}
		used += (size_t)snprintf(out + used, size - used, "rota = '%s', ", rotas[next_random(seed) % 4]);
		if (next_random(seed) % 3 == 0) used += (size_t)snprintf(out + used, size - used, "next = true, ");
		if (next_random(seed) % 3 == 0)
			used += (size_t)snprintf(out + used, size - used, "if_nobody = 'fallback', fallback = 'Fay' },\n");
		else
			used += (size_t)snprintf(out + used, size - used, "if_nobody = '%s' },\n", ways[next_random(seed) % 2]);
	}
	snprintf(out + used, size - used, "e.step { to = 'manager', answer_in = '1h' } } } }\n");
}

/* ---- what the plan says is what a case does -------------------------------------------------- */

typedef struct calls {
	char text[16384];
	size_t used;
} calls;

static void note(calls *to, aplomb_instant at, unsigned step, unsigned attempt, const char *who, size_t who_size) {
	to->used += (size_t)snprintf(to->text + to->used, sizeof to->text - to->used, "%lld %u.%u %.*s\n", (long long)((at - BEGIN) / MINUTE),
	    step, attempt, (int)who_size, who);
	assert_true(to->used < sizeof to->text);
}

static void note_call(const aplomb_call *call, void *payload) {
	if (call->what == APLOMB_CALL_MADE) note(payload, call->at, call->step, call->attempt, call->who, strlen(call->who));
}

/* The pages in the journal. */
static void note_pages(const char *lines, calls *to) {
	for (const char *line = lines; *line != '\0'; line = strchr(line, '\n') + 1) {
		const char *end = strchr(line, '\n'), *page = line;
		while ((page = strstr(page, "\"kind\":\"page\"")) != NULL && page < end) {
			/* {"data":{"attempt":1,"policy":"c","rota":"days","step":1,"to":"Ada"},"do":"effect","kind":"page"} */
			const char *begin = page;
			while (strncmp(begin, "\"data\":", 7) != 0) begin--;
			const char *step = strstr(begin, "\"step\":"), *attempt = strstr(begin, "\"attempt\":"), *who = strstr(begin, "\"to\":\"");
			const char *at = strstr(line, "\"at\":\"");
			aplomb_instant instant;
			char text[64];
			snprintf(text, sizeof text, "%.*s", (int)strcspn(at + 6, "\""), at + 6);
			assert_int_equal(aplomb_instant_read(text, &instant, NULL), APLOMB_OK);
			note(to, instant, (unsigned)strtoul(step + 7, NULL, 10), (unsigned)strtoul(attempt + 10, NULL, 10), who + 6,
			    strcspn(who + 6, "\""));
			page++;
		}
	}
}

static void what_the_plan_says_is_what_a_case_does(void **state) {
	(void)state;
	for (uint32_t round = 0; round < APL_ROUNDS(120u, 4u); round++) {
		uint32_t seed = round * 7919 + 1;
		char source[8192];
		static journal_text lines;
		static calls planned, done;
		lines = (journal_text){0};
		planned = done = (calls){0};
		random_policy(source, sizeof source, &seed);
		const aplomb_instant at = BEGIN + (next_random(&seed) % (7 * 24 * 4)) * 15 * MINUTE;
		aplomb_options options = APLOMB_OPTIONS_INIT;
		options.time_follows_events = true;
		options.journal = journal_text_keep;
		options.journal_payload = &lines;
		aplomb_runtime *rt;
		aplomb_error error = {0};
		assert_int_equal(aplomb_open(&rt, &options, &error), APLOMB_OK);
		aplomb_playbook *playbook = load_text(rt, "callouts.lua", source);
		assert_int_equal(aplomb_default_playbook(rt, playbook, NULL), APLOMB_OK);
		const aplomb_callout *callout = aplomb_playbook_callout(playbook, "c");
		assert_non_null(callout);
		assert_int_equal(aplomb_callout_plan(callout, at, note_call, &planned, &error), APLOMB_OK);
		/* And the case: asked once, and nobody answers. */
		aplomb_event event = APLOMB_EVENT_INIT;
		event.case_id = "k";
		event.has_at = true;
		event.name = "c.requested";
		event.at = at;
		if (aplomb_post_wait(rt, &event, NULL, &error) != APLOMB_OK) fail_msg("%s", error.message);
		event.name = "c.withdrawn";
		event.at = at + 90 * DAY;
		if (aplomb_post_wait(rt, &event, NULL, &error) != APLOMB_OK) fail_msg("%s", error.message);
		note_pages(lines.text, &done);
		if (strcmp(planned.text, done.text) != 0) {
			print_message("%s\n%s\n", source, lines.text);
			fail_msg("%sis planned, and done\n%s", planned.text, done.text);
		}
		assert_true(done.used > 0);
		aplomb_close(rt);
	}
}

/* ---- which steps ask nobody --------------------------------------------------------------------- */

typedef struct seen {
	bool asks[64];
	bool waits_on[64];
	aplomb_instant until;
} seen;

static void see_call(const aplomb_call *call, void *payload) {
	seen *s = payload;
	if (call->what == APLOMB_CALL_WAITS && call->until >= s->until) s->waits_on[call->step] = true;
	/* What comes after such a wait is not asked about. */
	for (uint32_t i = 0; i < 64; i++) {
		if (s->waits_on[i]) return;
	}
	if (call->what == APLOMB_CALL_MADE || call->what == APLOMB_CALL_MADE_UNTIL_WHEN) s->asks[call->step] = true;
}

static void see_reach(const aplomb_reach *reach, void *payload) {
	((seen *)payload)->asks[reach->step] = reach->asks;
}

static void a_step_that_asks_nobody_asks_nobody_at_any_minute(void **state) {
	(void)state;
	size_t unreached = 0;
	for (uint32_t round = 0; round < APL_ROUNDS(60u, 2u); round++) {
		uint32_t seed = round * 104729 + 5;
		char source[8192];
		random_policy(source, sizeof source, &seed);
		const bool is_clock_time = strstr(source, "business") == NULL;
		const aplomb_instant from = BEGIN + (next_random(&seed) % (7 * 24)) * HOUR;
		const aplomb_instant until = from + (1 + next_random(&seed) % 20) * HOUR;
		aplomb_runtime *rt;
		aplomb_error error = {0};
		assert_int_equal(aplomb_open(&rt, NULL, &error), APLOMB_OK);
		const aplomb_callout *callout = aplomb_playbook_callout(load_text(rt, "callouts.lua", source), "c");
		seen one_by_one = {.until = until}, at_once = {0};
		for (aplomb_instant at = from; at < until; at += MINUTE) {
			memset(one_by_one.waits_on, 0, sizeof one_by_one.waits_on);
			assert_int_equal(aplomb_callout_plan(callout, at, see_call, &one_by_one, &error), APLOMB_OK);
		}
		assert_int_equal(aplomb_callout_reach(callout, from, until, see_reach, &at_once, &error), APLOMB_OK);
		for (size_t i = 1; i <= aplomb_callout_steps(callout); i++) {
			unreached += !at_once.asks[i];
			if (one_by_one.asks[i] && !at_once.asks[i]) fail_msg("%s\nstep %zu asks somebody", source, i);
			if (is_clock_time && !one_by_one.asks[i] && at_once.asks[i]) fail_msg("%s\nstep %zu asks nobody", source, i);
		}
		aplomb_close(rt);
	}
	assert_true(unreached > 0 || apl_is_watched());
}

/* ---- as it is declared ---------------------------------------------------------------------------- */

static const char own[] = "return playbook 'own' {\n"
                          " calendar 'weekend' { zone = 'UTC', week = { ['sat-sun'] = '00:00-24:00' } },\n"
                          " rota 'workdays' { zone = 'UTC', turns = { 'Ada' }, begins = '2026-01-01', handover = '00:00', hours = { "
                          "['mon-fri'] = '00:00-24:00' } },\n"
                          " rota 'later' { zone = 'UTC', overrides = { { who = 'Bob', from = '2027-01-01', to = '2027-02-01' } } },\n"
                          " rota 'never' { zone = 'UTC', overrides = { { nobody = true, from = '2027-01-01', to = '2027-02-01' } } },\n"
                          " data = { patience = span {} },\n"
                          " callout 'a' { steps = {\n"
                          "  { rota = 'workdays', only_during = 'weekend', answer_in = '5m' },\n"
                          "  { rota = 'never', answer_in = '5m' },\n"
                          "  { rota = 'never', if_nobody = 'fallback', fallback = 'Cat', answer_in = '5m' },\n"
                          "  { rota = 'later', if_nobody = 'wait', answer_in = '5m' },\n"
                          "  { to = 'manager', times = 2, answer_in = from 'data.patience' } } },\n"
                          " callout 'b' { until_taken = true, steps = { { to = 'x', answer_in = '1h' } } },\n"
                          " state 's' {} }\n";

static void copy_reach(const aplomb_reach *reach, void *payload) {
	((aplomb_reach *)payload)[reach->step - 1] = *reach;
}

static void count_stretch(aplomb_instant from, aplomb_instant until, void *payload) {
	*(aplomb_span *)payload += until - from;
}

static void last_call(const aplomb_call *call, void *payload) {
	*(aplomb_call *)payload = *call;
}

static void each_reason_is_told_for_its_step(void **state) {
	(void)state;
	aplomb_runtime *rt;
	aplomb_error error = {0};
	aplomb_reach reach[5];
	aplomb_call call;
	aplomb_span empty = 0;
	assert_int_equal(aplomb_open(&rt, NULL, &error), APLOMB_OK);
	aplomb_playbook *playbook = load_text(rt, "own.lua", own);
	assert_int_equal(aplomb_playbook_callouts(playbook, NULL, NULL), 2);
	assert_null(aplomb_playbook_callout(playbook, "c"));
	const aplomb_callout *a = aplomb_playbook_callout(playbook, "a");
	assert_int_equal(aplomb_callout_reach(a, BEGIN, BEGIN + 30 * DAY, copy_reach, reach, &error), APLOMB_OK);
	assert_true(!reach[0].asks && reach[0].is_come_to && reach[0].is_closed && reach[0].is_empty);
	assert_true(!reach[1].asks && reach[1].is_come_to && !reach[1].is_closed && reach[1].is_empty);
	assert_true(reach[2].asks);
	assert_true(!reach[3].asks && reach[3].is_come_to && reach[3].waits_on);
	assert_true(!reach[4].asks && !reach[4].is_come_to);
	/* Only the hours of the step count: four weekends, and nine hours of a fifth. */
	assert_int_equal(aplomb_callout_holes(a, 1, BEGIN, BEGIN + 30 * DAY, count_stretch, &empty), 5);
	assert_true(empty == 8 * DAY + 9 * HOUR);
	assert_int_equal(aplomb_callout_holes(a, 5, BEGIN, BEGIN + 30 * DAY, NULL, NULL), 0);
	/* Only a case knows for how long: the plan ends there. */
	assert_int_equal(aplomb_callout_plan(a, INT64_C(1767225600000000) + 400 * DAY, last_call, &call, &error), APLOMB_OK);
	assert_int_equal(call.what, APLOMB_CALL_MADE_UNTIL_WHEN);
	assert_string_equal(call.who, "manager");
	assert_int_equal(aplomb_callout_plan(aplomb_playbook_callout(playbook, "b"), BEGIN, last_call, &call, &error), APLOMB_OK);
	assert_int_equal(call.what, APLOMB_CALL_AGAIN);
	assert_true(call.at == BEGIN + HOUR && call.step == 1);
	aplomb_callout_step step = APLOMB_CALLOUT_STEP_INIT;
	assert_int_equal(aplomb_callout_step_at(a, 3, &step, &error), APLOMB_OK);
	assert_string_equal(step.rota, "never");
	assert_string_equal(step.fallback, "Cat");
	assert_string_equal(step.if_nobody, "fallback");
	assert_int_equal(step.line, 10);
	assert_int_equal(aplomb_callout_step_at(a, 6, &step, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_callout_plan(a, INT64_MAX, last_call, &call, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_callout_plan(NULL, BEGIN, last_call, &call, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_callout_steps(NULL), 0);
	aplomb_close(rt);
}

int main(void) {
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_the_plan_says_is_what_a_case_does),
	    cmocka_unit_test(a_step_that_asks_nobody_asks_nobody_at_any_minute), cmocka_unit_test(each_reason_is_told_for_its_step)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
