/* SPDX-License-Identifier: MIT */
/* Effects as a host sees them: handed out until somebody says what came of them, and what their case then hears. */
#include "../test_cmocka.h"

#include <stdio.h>
#include <string.h>

#include "aplomb.h"
#include "host.h"
#include "journal_text.h"

#define AT_NINE INT64_C(1774947600000000) /* 2026-03-31T09:00:00Z */
#define SECOND INT64_C(1000000)

static const char shop[] =
    "return playbook \"shop\" {\n"
    "  data = { why = text {}, slug = text {}, receipt = text {} },\n"
    "  event \"order\" {}, event \"letter\" {}, event \"stop\" {}, event \"ask\" {},\n"
    "  event \"done.effect.charge\" { receipt = text { required = true } },\n"
    "  event \"done.effect.mail\" {},\n"
    "  event \"done.ask.stock\" { there = boolean { required = true } },\n"
    "  effect \"charge\" { amount = integer { required = true }, once = true },\n"
    "  effect \"mail\" { to = text {} }, effect \"note\" {}, effect \"look-up\" {},\n"
    "  state \"idle\" {\n"
    "    on \"order\" { to = \"charging\", act = function(case)\n"
    "      case:effect(\"charge\", { amount = 40 }, { because = \"they ordered\" }) case:effect(\"note\") end },\n"
    "    on \"letter\" { to = \"mailing\", act = function(case) case:effect(\"mail\", { to = \"a@b\" }) end },\n"
    "    on \"ask\" { to = \"asking\", act = function(case) case:ask(\"look-up\", { timeout = \"5m\" }, { id = \"stock\" }) end },\n"
    "  },\n"
    "  state \"charging\" {\n"
    "    on \"done.effect.charge\" { to = \"paid\", act = \"data.receipt = event.receipt\" },\n"
    "    on \"error.effect.charge\" { to = \"doubtful\", act = \"data.why = event.message; data.slug = event.slug\" },\n"
    "    on \"stop\" { to = \"over\" },\n"
    "  },\n"
    "  state \"doubtful\" { on \"done.effect.charge\" { to = \"paid\", act = \"data.receipt = event.receipt\" } },\n"
    "  state \"mailing\" {\n"
    "    on \"done.effect.mail\" { to = \"mailed\" },\n"
    "    on \"error.effect.mail\" { to = \"unmailed\", act = \"data.why = event.message; data.slug = event.slug\" },\n"
    "  },\n"
    "  state \"asking\" { on \"done.ask.stock\" { to = \"mailed\" }, on \"error.ask.stock\" { to = \"unmailed\", act = \"data.slug = "
    "event.slug\" } },\n"
    "  state \"paid\" {}, state \"mailed\" {}, state \"unmailed\" {},\n"
    "  final \"over\" {},\n"
    "}\n";

typedef struct host {
	aplomb_runtime *rt;
	char handed[2048];  /* "KIND KEY ATTEMPT" a line */
	int answer;         /* of the handler */
	const char *inside; /* what it says of the effect from inside, or NULL */
	bool fails;         /* the journal takes nothing */
	journal_text lines;
	char log[4096];
} host;

static int handle(const aplomb_effect *effect, void *payload) {
	host *h = payload;
	size_t used = strlen(h->handed);
	snprintf(
	    h->handed + used, sizeof h->handed - used, "%s %s %u%s\n", effect->kind, effect->key, effect->attempt, effect->once ? " once" : "");
	if (h->inside != NULL) {
		aplomb_effect_answer answer = APLOMB_EFFECT_ANSWER_INIT;
		answer.key = effect->key;
		answer.data = h->inside;
		assert_int_equal(aplomb_answer_effect(h->rt, &answer, NULL), APLOMB_OK);
		aplomb_error error = {0};
		assert_int_equal(aplomb_answer_effect(h->rt, &answer, &error), APLOMB_ENOTFOUND);
	}
	return h->answer;
}

static int keep_lines(const char *text, size_t size, void *payload) {
	host *h = payload;
	return h->fails ? 1 : journal_text_keep(text, size, &h->lines);
}

static void keep_log(const aplomb_log_record *record, void *payload) {
	host *h = payload;
	size_t used = strlen(h->log);
	snprintf(h->log + used, sizeof h->log - used, "%s: %s\n", record->code, record->message);
}

static void load(aplomb_runtime *rt) {
	load_text(rt, "shop.lua", shop);
}

static void open_shop(host *h, bool listens) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_error error = {0};
	options.time_follows_events = true;
	options.journal = keep_lines;
	options.journal_payload = h;
	options.log = keep_log;
	options.log_payload = h;
	options.effect_patience = 30 * SECOND;
	if (aplomb_open(&h->rt, &options, &error) != APLOMB_OK) fail_msg("%s", error.message);
	load(h->rt);
	if (listens) assert_int_equal(aplomb_on_effect(h->rt, "*", handle, h, &error), APLOMB_OK);
	assert_int_equal(aplomb_turn_clock(h->rt, AT_NINE, &error), APLOMB_OK);
}

static void pump(host *h) {
	aplomb_error error = {0};
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	do
		if (aplomb_pump(h->rt, 0, &report, &error) != APLOMB_OK) fail_msg("%s", error.message);
	while (report.more);
}

static void post(host *h, const char *name) {
	aplomb_event event = APLOMB_EVENT_INIT;
	aplomb_error error = {0};
	event.case_id = "c/1";
	event.playbook = "shop";
	event.name = name;
	if (aplomb_post(h->rt, &event, NULL, NULL, &error) != APLOMB_OK) fail_msg("%s", error.message);
}

static void happen(host *h, const char *name) {
	post(h, name);
	pump(h);
}

static void turn_to(host *h, int64_t seconds) {
	assert_int_equal(aplomb_turn_clock(h->rt, AT_NINE + seconds * SECOND, NULL), APLOMB_OK);
	pump(h);
}

static int answer(host *h, const char *key, aplomb_outcome outcome, const char *data, const char *message, aplomb_error *error) {
	aplomb_effect_answer word = APLOMB_EFFECT_ANSWER_INIT;
	word.key = key;
	word.outcome = outcome;
	word.data = data;
	word.message = message;
	return aplomb_answer_effect(h->rt, &word, error);
}

static const char *data_of(host *h) {
	static char kept[512];
	char *json;
	size_t size;
	assert_int_equal(aplomb_case_data(h->rt, "c/1", &json, &size, NULL), APLOMB_OK);
	snprintf(kept, sizeof kept, "%s", json);
	aplomb_text_free(h->rt, json);
	return kept;
}

static void tell_state(const char *path, void *payload) {
	snprintf(payload, 32, "%s", path);
}

static void assert_in(host *h, const char *path) {
	char now[32] = "";
	aplomb_case_states(h->rt, "c/1", tell_state, now);
	assert_string_equal(now, path);
}

static void tell_waiting(const aplomb_waiting_effect *waiting, void *payload) {
	static const char *const stands[] = {"waits", "handed", "answered", "asks"};
	char *out = payload;
	size_t used = strlen(out);
	snprintf(out + used, 256 - used, "%s %s%s;", waiting->effect->key, stands[waiting->stand], waiting->has_due ? " due" : "");
}

static const char *waiting_of(host *h, const char *case_id) {
	static char told[256];
	told[0] = '\0';
	aplomb_effects(h->rt, case_id, tell_waiting, told);
	return told;
}

static void assert_replays(host *h) {
	assert_replays_as(h->lines.text, "shop.lua", shop);
}

static void end(host *h) {
	assert_replays(h);
	aplomb_close(h->rt);
}

/* ---- outcomes -------------------------------------------------------------------- */

static void what_was_done_later_is_an_event_of_its_case(void **state) {
	(void)state;
	host h = {.answer = APLOMB_EFFECT_LATER};
	aplomb_error error = {0};
	open_shop(&h, true);
	happen(&h, "order");
	assert_string_equal(h.handed, "charge c/1/2/2 1 once\nnote c/1/2/3 1\n");
	assert_string_equal(waiting_of(&h, "c/1"), "c/1/2/2 handed due;c/1/2/3 handed due;");
	assert_int_equal(answer(&h, "c/1/2/2", APLOMB_OUTCOME_DONE, "{\"receipt\":\"R-7\"}", NULL, NULL), APLOMB_OK);
	assert_string_equal(waiting_of(&h, NULL), "c/1/2/2 answered;c/1/2/3 handed due;");
	assert_int_equal(answer(&h, "c/1/2/2", APLOMB_OUTCOME_FAILED, NULL, NULL, &error), APLOMB_ENOTFOUND);
	assert_string_equal(error.slug, "effect-not-waiting");
	pump(&h);
	assert_in(&h, "paid");
	assert_says(h.lines.text,
	    "\"cause\":{\"by\":\"effect:charge\",\"data\":{\"receipt\":\"R-7\"},\"event\":\"done.effect.charge\",\"id\":\"c/1/2/2\"}");
	/* Nobody hears of a note, but it is done with, too. */
	const size_t before = strlen(h.lines.text);
	assert_int_equal(answer(&h, "c/1/2/3", APLOMB_OUTCOME_DONE, NULL, NULL, NULL), APLOMB_OK);
	pump(&h);
	assert_int_equal(strlen(h.lines.text), before);
	assert_int_equal(aplomb_effects(h.rt, NULL, NULL, NULL), 0);
	assert_int_equal(aplomb_effects(h.rt, "c/2", NULL, NULL), 0);
	end(&h);
}

static void what_is_done_at_once_or_cannot_be_done_is_heard_too(void **state) {
	(void)state;
	host h = {.answer = APLOMB_EFFECT_DONE};
	open_shop(&h, true);
	happen(&h, "letter");
	assert_in(&h, "mailed");
	end(&h);
	h = (host){.answer = APLOMB_EFFECT_FAILED};
	open_shop(&h, true);
	happen(&h, "letter");
	assert_in(&h, "unmailed");
	assert_string_equal(data_of(&h), "{\"slug\":\"effect-not-done\",\"why\":\"it could not be done\"}");
	assert_int_equal(aplomb_effects(h.rt, NULL, NULL, NULL), 0);
	end(&h);
	h = (host){.answer = APLOMB_EFFECT_LATER};
	open_shop(&h, true);
	happen(&h, "letter");
	assert_int_equal(answer(&h, "c/1/2/2", APLOMB_OUTCOME_FAILED, NULL, "the mailbox is full", NULL), APLOMB_OK);
	pump(&h);
	assert_string_equal(data_of(&h), "{\"slug\":\"effect-not-done\",\"why\":\"the mailbox is full\"}");
	end(&h);
}

static void a_handler_may_answer_from_inside(void **state) {
	(void)state;
	host h = {.answer = 1, .inside = "{}"};
	open_shop(&h, true);
	happen(&h, "letter");
	/* What it returns counts no more. */
	assert_in(&h, "mailed");
	assert_string_equal(h.handed, "mail c/1/2/2 1\n");
	turn_to(&h, 100);
	assert_string_equal(h.handed, "mail c/1/2/2 1\n");
	end(&h);
}

static void a_word_that_does_not_fit_changes_nothing(void **state) {
	(void)state;
	host h = {.answer = APLOMB_EFFECT_LATER};
	aplomb_error error = {0};
	open_shop(&h, true);
	happen(&h, "order");
	assert_int_equal(answer(&h, "c/1/2/2", APLOMB_OUTCOME_DONE, "{\"reciept\":\"R\"}", NULL, &error), APLOMB_EREFUSED);
	assert_string_equal(error.slug, "unknown-field");
	assert_int_equal(answer(&h, "c/1/2/2", APLOMB_OUTCOME_DONE, "{", NULL, &error), APLOMB_EJSON);
	static const char *const nobody[] = {
	    "c/1/2/9", "c/1/2", "c/2/2/2", "x", "", "c/1/2/2/unknown", "c/1/2/-2", "c/1/99999999999999999999/2"};
	for (size_t i = 0; i < sizeof nobody / sizeof *nobody; i++) {
		assert_int_equal(answer(&h, nobody[i], APLOMB_OUTCOME_DONE, NULL, NULL, &error), APLOMB_ENOTFOUND);
		assert_string_equal(error.slug, "effect-not-waiting");
	}
	assert_int_equal(answer(&h, NULL, APLOMB_OUTCOME_DONE, NULL, NULL, &error), APLOMB_EINVAL);
	assert_int_equal(answer(&h, "c/1/2/2", (aplomb_outcome)7, NULL, NULL, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "bad-outcome");
	pump(&h);
	assert_string_equal(waiting_of(&h, "c/1"), "c/1/2/2 handed due;c/1/2/3 handed due;");
	assert_in(&h, "charging");
	end(&h);
}

static void a_handler_that_says_too_little_does_not_leave_the_case_in_the_dark(void **state) {
	(void)state;
	host h = {.answer = APLOMB_EFFECT_DONE};
	open_shop(&h, true);
	happen(&h, "order");
	assert_in(&h, "doubtful");
	assert_says(data_of(&h), "\"slug\":\"effect-unfit\"");
	end(&h);
}

static void an_outcome_whose_commit_fails_waits_for_the_next(void **state) {
	(void)state;
	host h = {.answer = APLOMB_EFFECT_LATER};
	open_shop(&h, true);
	happen(&h, "order");
	assert_int_equal(answer(&h, "c/1/2/2", APLOMB_OUTCOME_DONE, "{\"receipt\":\"R-7\"}", NULL, NULL), APLOMB_OK);
	h.fails = true;
	assert_int_equal(aplomb_pump(h.rt, 0, NULL, NULL), APLOMB_ESTORE);
	assert_in(&h, "charging");
	assert_says(waiting_of(&h, "c/1"), "c/1/2/2 answered;");
	h.fails = false;
	pump(&h);
	assert_in(&h, "paid");
	assert_string_equal(waiting_of(&h, "c/1"), "c/1/2/3 handed due;");
	end(&h);
}

static void a_closed_case_hears_nothing_more(void **state) {
	(void)state;
	host h = {.answer = APLOMB_EFFECT_LATER};
	open_shop(&h, true);
	happen(&h, "order");
	post(&h, "stop");
	assert_int_equal(answer(&h, "c/1/2/2", APLOMB_OUTCOME_DONE, "{\"receipt\":\"R-7\"}", NULL, NULL), APLOMB_OK);
	pump(&h);
	/* It was stepped behind the event that closed the case. */
	assert_says(h.lines.text, "\"kind\":\"refused\"");
	assert_string_equal(waiting_of(&h, "c/1"), "c/1/2/3 handed due;");
	assert_int_equal(answer(&h, "c/1/2/3", APLOMB_OUTCOME_FAILED, NULL, "no pen", NULL), APLOMB_OK);
	assert_int_equal(aplomb_effects(h.rt, NULL, NULL, NULL), 0);
	assert_says(h.log, "effect-given-up: entry 2, item 3: note: no pen");
	end(&h);
}

static void a_question_that_was_taken_is_answered_by_its_key(void **state) {
	(void)state;
	host h = {.answer = APLOMB_EFFECT_LATER};
	open_shop(&h, true);
	happen(&h, "ask");
	assert_int_equal(answer(&h, "c/1/2/2", APLOMB_OUTCOME_DONE, "{\"there\":true}", NULL, NULL), APLOMB_OK);
	pump(&h);
	assert_in(&h, "mailed");
	assert_int_equal(aplomb_effects(h.rt, NULL, NULL, NULL), 0);
	end(&h);
	h = (host){.answer = APLOMB_EFFECT_LATER};
	open_shop(&h, true);
	happen(&h, "ask");
	/* Handed out once more when nothing was said; when the case has been told that nobody answered, no more. */
	turn_to(&h, 30);
	assert_string_equal(h.handed, "look-up c/1/2/2 1\nlook-up c/1/2/2 2\n");
	turn_to(&h, 300);
	turn_to(&h, 400);
	assert_string_equal(data_of(&h), "{\"slug\":\"ask-timeout\"}");
	assert_int_equal(aplomb_effects(h.rt, NULL, NULL, NULL), 0);
	end(&h);
}

/* ---- nobody knows ------------------------------------------------------------------ */

static void what_may_be_done_twice_is_handed_out_again_when_nothing_is_said(void **state) {
	(void)state;
	host h = {.answer = APLOMB_EFFECT_LATER};
	open_shop(&h, true);
	happen(&h, "letter");
	turn_to(&h, 29);
	assert_string_equal(h.handed, "mail c/1/2/2 1\n");
	turn_to(&h, 30);
	assert_string_equal(h.handed, "mail c/1/2/2 1\nmail c/1/2/2 2\n");
	assert_says(h.log, "effect-late: c/1/2/2: nothing was said of attempt 1 at mail");
	/* Who does not know is answered likewise. */
	assert_int_equal(answer(&h, "c/1/2/2", APLOMB_OUTCOME_UNKNOWN, NULL, NULL, NULL), APLOMB_OK);
	turn_to(&h, 31);
	assert_string_equal(h.handed, "mail c/1/2/2 1\nmail c/1/2/2 2\n");
	turn_to(&h, 32);
	assert_string_equal(h.handed, "mail c/1/2/2 1\nmail c/1/2/2 2\nmail c/1/2/2 3\n");
	assert_in(&h, "mailing");
	end(&h);
}

static void what_must_not_be_done_twice_becomes_a_question_to_a_person(void **state) {
	(void)state;
	host h = {.answer = APLOMB_EFFECT_LATER};
	open_shop(&h, true);
	happen(&h, "order");
	turn_to(&h, 30);
	assert_in(&h, "doubtful");
	assert_string_equal(data_of(&h), "{\"slug\":\"effect-unknown\",\"why\":\"who took it did not say what came of it\"}");
	assert_says(h.lines.text, "\"event\":\"error.effect.charge\",\"id\":\"c/1/2/2/unknown\"");
	assert_says(h.log, "effect-unknown: entry 2, item 2: nobody knows whether charge was done");
	assert_says(waiting_of(&h, "c/1"), "c/1/2/2 asks;");
	turn_to(&h, 100000);
	assert_null(strstr(h.handed, "charge c/1/2/2 2"));
	/* To say so again changes nothing; whoever found out says more. */
	assert_int_equal(answer(&h, "c/1/2/2", APLOMB_OUTCOME_UNKNOWN, NULL, NULL, NULL), APLOMB_OK);
	assert_int_equal(answer(&h, "c/1/2/2", APLOMB_OUTCOME_DONE, "{\"receipt\":\"R-8\"}", NULL, NULL), APLOMB_OK);
	pump(&h);
	assert_in(&h, "paid");
	assert_null(strstr(waiting_of(&h, "c/1"), "c/1/2/2"));
	end(&h);
}

static void what_was_refused_was_not_done_and_is_offered_again_even_once(void **state) {
	(void)state;
	host h = {.answer = 5};
	open_shop(&h, true);
	happen(&h, "order");
	turn_to(&h, 1);
	assert_says(h.handed, "charge c/1/2/2 2 once\n");
	h.answer = APLOMB_EFFECT_LATER;
	turn_to(&h, 3);
	assert_int_equal(answer(&h, "c/1/2/2", APLOMB_OUTCOME_REFUSED, NULL, NULL, NULL), APLOMB_OK);
	h.answer = APLOMB_EFFECT_UNKNOWN;
	turn_to(&h, 7);
	assert_in(&h, "doubtful");
	assert_says(h.handed, "charge c/1/2/2 4 once\n");
	turn_to(&h, 100000);
	assert_null(strstr(h.handed, "charge c/1/2/2 5"));
	end(&h);
}

/* ---- snapshots ----------------------------------------------------------------------- */

static char snapshot[8192];

static void take_snapshot(host *h) {
	char *json;
	size_t size;
	assert_int_equal(aplomb_case_snapshot(h->rt, "c/1", &json, &size, NULL), APLOMB_OK);
	assert_true(size < sizeof snapshot);
	memcpy(snapshot, json, size + 1);
	aplomb_text_free(h->rt, json);
}

/* The runtime ends; another goes on from the snapshot. */
static void restart(host *h, int64_t seconds) {
	aplomb_error error = {0};
	take_snapshot(h);
	end(h);
	*h = (host){.answer = h->answer};
	open_shop(h, false);
	assert_int_equal(aplomb_turn_clock(h->rt, AT_NINE + seconds * SECOND, &error), APLOMB_OK);
	if (aplomb_case_restore(h->rt, snapshot, strlen(snapshot), &error) != APLOMB_OK) fail_msg("%s", error.message);
}

static void what_waits_survives_in_the_snapshot(void **state) {
	(void)state;
	host h = {.answer = 5};
	open_shop(&h, true);
	happen(&h, "letter");
	turn_to(&h, 1);
	const char *const before = "\"effects\":[{\"at\":\"2026-03-31T09:00:00Z\",\"attempt\":2,\"data\":{\"to\":\"a@b\"},"
	                           "\"due\":\"2026-03-31T09:00:03Z\",\"item\":2,\"kind\":\"mail\",\"seq\":2}]";
	take_snapshot(&h);
	assert_says(snapshot, before);
	restart(&h, 2);
	/* It waits for its time and for a handler, and is the same again in the next snapshot. */
	take_snapshot(&h);
	assert_says(snapshot, before);
	pump(&h);
	turn_to(&h, 10);
	assert_string_equal(h.handed, "");
	assert_string_equal(waiting_of(&h, "c/1"), "c/1/2/2 waits;");
	h.answer = APLOMB_EFFECT_DONE;
	assert_int_equal(aplomb_on_effect(h.rt, "mail", handle, &h, NULL), APLOMB_OK);
	pump(&h);
	assert_string_equal(h.handed, "mail c/1/2/2 3\n");
	assert_in(&h, "mailed");
	aplomb_close(h.rt);
}

static void what_was_handed_out_and_not_answered_is_handed_out_again_but_once(void **state) {
	(void)state;
	host h = {.answer = APLOMB_EFFECT_LATER};
	open_shop(&h, true);
	happen(&h, "order");
	restart(&h, 5);
	assert_int_equal(aplomb_on_effect(h.rt, "*", handle, &h, NULL), APLOMB_OK);
	pump(&h);
	assert_string_equal(h.handed, "note c/1/2/3 2\n");
	assert_in(&h, "doubtful");
	assert_says(waiting_of(&h, "c/1"), "c/1/2/2 asks;");
	/* What is unknown stays so, and is not told twice. */
	take_snapshot(&h);
	assert_says(snapshot, "\"kind\":\"charge\",\"seq\":2,\"unknown\":true}");
	aplomb_close(h.rt);
	h = (host){.answer = APLOMB_EFFECT_LATER};
	open_shop(&h, true);
	assert_int_equal(aplomb_case_restore(h.rt, snapshot, strlen(snapshot), NULL), APLOMB_OK);
	pump(&h);
	assert_string_equal(h.lines.text, "");
	assert_string_equal(h.handed, "note c/1/2/3 3\n");
	assert_int_equal(answer(&h, "c/1/2/2", APLOMB_OUTCOME_DONE, "{\"receipt\":\"R-9\"}", NULL, NULL), APLOMB_OK);
	pump(&h);
	assert_in(&h, "paid");
	aplomb_close(h.rt);
}

static void damaged_effects_of_a_snapshot_are_refused(void **state) {
	(void)state;
	host h = {.answer = 5};
	open_shop(&h, true);
	happen(&h, "letter");
	take_snapshot(&h);
	end(&h);
	static const char *const changes[][2] = {{"\"kind\":\"mail\"", "\"kind\":\"male\""}, {"\"attempt\":1", "\"attempt\":-1"},
	    {"\"item\":2", "\"item\":0"}, {",\"seq\":2}]", ",\"seq\":9}]"}, {"\"data\":{\"to\":\"a@b\"}", "\"data\":7"},
	    {"\"attempt\":1", "\"ask\":\"x\",\"attempt\":1"}};
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		char changed[sizeof snapshot + 64];
		const char *at = strstr(snapshot, changes[i][0]);
		assert_non_null(at);
		snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - snapshot), snapshot, changes[i][1], at + strlen(changes[i][0]));
		aplomb_error error = {0};
		host other = {.answer = 5};
		open_shop(&other, true);
		assert_int_equal(aplomb_case_restore(other.rt, changed, strlen(changed), &error), APLOMB_EDAMAGED);
		assert_says(error.message, "effects");
		assert_int_equal(aplomb_effects(other.rt, NULL, NULL, NULL), 0);
		aplomb_close(other.rt);
	}
}

static void many_effects_wait_side_by_side(void **state) {
	(void)state;
	enum { CASES = 700 };
	host h = {.answer = APLOMB_EFFECT_LATER};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.time_follows_events = true;
	assert_int_equal(aplomb_open(&h.rt, &options, NULL), APLOMB_OK);
	load(h.rt);
	/* Told apart by their cases, whatever they are answered in. */
	assert_int_equal(aplomb_on_effect(h.rt, "*", handle, &h, NULL), APLOMB_OK);
	for (int i = 0; i < CASES; i++) {
		char id[16];
		snprintf(id, sizeof id, "c%d", i);
		aplomb_event event = APLOMB_EVENT_INIT;
		event.case_id = id;
		event.playbook = "shop";
		event.name = "order";
		assert_int_equal(aplomb_post(h.rt, &event, NULL, NULL, NULL), APLOMB_OK);
		h.handed[0] = '\0';
		pump(&h);
	}
	assert_int_equal(aplomb_effects(h.rt, NULL, NULL, NULL), 2 * CASES);
	for (int i = CASES - 1; i >= 0; i--) {
		char key[32], id[16];
		snprintf(key, sizeof key, "c%d/2/2", i * 3 % CASES);
		snprintf(id, sizeof id, "c%d", i * 3 % CASES);
		assert_int_equal(aplomb_effects(h.rt, id, NULL, NULL), 2);
		assert_int_equal(answer(&h, key, APLOMB_OUTCOME_DONE, "{\"receipt\":\"R\"}", NULL, NULL), APLOMB_OK);
		pump(&h);
		assert_true(aplomb_case_is_in(h.rt, id, "paid"));
		assert_int_equal(aplomb_effects(h.rt, id, NULL, NULL), 1);
	}
	aplomb_totals totals = APLOMB_TOTALS_INIT;
	aplomb_count(h.rt, &totals);
	assert_int_equal(totals.undelivered, CASES);
	aplomb_close(h.rt);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_done_later_is_an_event_of_its_case),
	    cmocka_unit_test(what_is_done_at_once_or_cannot_be_done_is_heard_too),
	    cmocka_unit_test(a_handler_may_answer_from_inside),
	    cmocka_unit_test(a_word_that_does_not_fit_changes_nothing),
	    cmocka_unit_test(a_handler_that_says_too_little_does_not_leave_the_case_in_the_dark),
	    cmocka_unit_test(an_outcome_whose_commit_fails_waits_for_the_next),
	    cmocka_unit_test(a_closed_case_hears_nothing_more),
	    cmocka_unit_test(a_question_that_was_taken_is_answered_by_its_key),
	    cmocka_unit_test(what_may_be_done_twice_is_handed_out_again_when_nothing_is_said),
	    cmocka_unit_test(what_must_not_be_done_twice_becomes_a_question_to_a_person),
	    cmocka_unit_test(what_was_refused_was_not_done_and_is_offered_again_even_once),
	    cmocka_unit_test(what_waits_survives_in_the_snapshot),
	    cmocka_unit_test(what_was_handed_out_and_not_answered_is_handed_out_again_but_once),
	    cmocka_unit_test(damaged_effects_of_a_snapshot_are_refused),
	    cmocka_unit_test(many_effects_wait_side_by_side),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
