/* SPDX-License-Identifier: MIT */
/* What the door lets in, what it turns away and in which words, and what of that stands in the journal. */
#include <string.h>

#include "../test_cmocka.h"
#include "desk.h"
#include "time/instant.h"

static void an_event_opens_its_case_and_is_answered_after_the_commit(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	assert_int_equal(post_as(&w, "e1", "c1", "agent.message", 0, NULL, NULL), APLOMB_OK);
	assert_string_equal(text_of(&w.receipts), "");
	assert_null(case_of(&w, "c1"));
	pump(&w);
	assert_string_equal(text_of(&w.receipts), "c1 e1 OK 2\n");
	assert_string_equal(states_of(&w, "c1"), "work.conversation.answered work.respect.calm");
	assert_int_equal(count_lines(&w), 3);
	assert_text_has(line_at(&w, 0), "{'aplomb':'journal','case':'c1'");
	assert_text_has(line_at(&w, 1), "'kind':'opened'");
	assert_text_has(line_at(&w, 2), "'cause':{'by':'customer','event':'agent.message','id':'e1'}");
	assert_journal(&w);
	world_end(&w);
}

static void what_open_carries_fills_the_case(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	aplomb_event e = APLOMB_EVENT_INIT;
	e.case_id = "c1", e.playbook = "desk", e.name = "unloved", e.subject = "Ada";
	e.open = "{\"data\":{\"order\":\"A-1\"},\"params\":{\"patience\":\"5m\"},\"history\":[{\"at\":1}],\"locale\":\"en\",\"seed\":7}";
	assert_int_equal(apl_engine_post(w.engine, &e, NULL, NULL, NULL), APLOMB_OK);
	pump(&w);
	assert_text_has(line_at(&w, 0), "'locale':'en','params':{'patience':'5m'},");
	assert_text_has(line_at(&w, 0), "'seed':7,'seq':0,'subject':'Ada','tzdata':null,'v':1}");
	assert_text_has(line_at(&w, 1), "'cause':{'data':{'errors':0,'messages':0,'order':'A-1','reminders':0},'history':[{'at':1}]}");
	assert_text_has(line_at(&w, 1), "'due':'2026-01-01T00:05:00Z'");
	assert_string_equal(apl_case_subject(case_of(&w, "c1")), "Ada");
	assert_string_equal(apl_case_locale(case_of(&w, "c1")), "en");
	assert_string_equal(apl_case_subject_history(case_of(&w, "c1"))->bytes, "[{\"at\":1}]");
	assert_text_has(line_at(&w, 2), "'cause':{'by':'system','event':'unloved'}");
	world_end(&w);
}

typedef struct refusal {
	const char *case_id, *playbook, *event, *data, *open;
	int code;
	const char *slug, *message;
} refusal;

static void a_refusal_names_what_was_found_and_what_was_expected(void **state_) {
	(void)state_;
	static const refusal refusals[] = {
	    {"c1", "desk", "customer.mesage", NULL, NULL, APLOMB_EREFUSED, "unknown-event",
	        "event \"customer.mesage\" is not declared by playbook \"desk\"; did you mean \"customer.message\"?"},
	    {"c1", "desk", "done.state.work", NULL, NULL, APLOMB_EREFUSED, "unknown-event", "is not declared"},
	    {"c1", "desk", "customer.message", "{'tone':'x'}", NULL, APLOMB_EREFUSED, "wrong-type", "event.tone"},
	    {"c1", "desk", "customer.message", "{'tone':9}", NULL, APLOMB_EREFUSED, "out-of-bounds", "event.tone"},
	    {"c1", "desk", "customer.message", "{'txt':'x'}", NULL, APLOMB_EREFUSED, "unknown-field", "did you mean \"text\"?"},
	    {"c1", "desk", "customer.message", "{'txt'", NULL, APLOMB_EJSON, "json-syntax", ""},
	    {"c1", "desk", "pause", "{'why':1}", NULL, APLOMB_EREFUSED, "unknown-field", "event \"pause\" declares no data"},
	    {"c1", "dsk", "pause", NULL, NULL, APLOMB_EREFUSED, "wrong-playbook", "case \"c1\" runs playbook \"desk\", not \"dsk\""},
	    {"new", "dsk", "pause", NULL, NULL, APLOMB_EREFUSED, "unknown-playbook", "playbook \"dsk\" is not loaded; did you mean \"desk\"?"},
	    {"new", NULL, "pause", NULL, NULL, APLOMB_EREFUSED, "missing-playbook",
	        "case \"new\" is not open: its first event must name a playbook"},
	    {"new", "desk", "pause", NULL, "{'dat':{}}", APLOMB_EREFUSED, "unknown-field",
	        "open.dat: there is no such member; did you mean \"data\"?"},
	    {"new", "desk", "pause", NULL, "{'data':{'order':1}}", APLOMB_EREFUSED, "wrong-type", "data.order"},
	    {"new", "desk", "pause", NULL, "{'params':{'patience':'soon'}}", APLOMB_EREFUSED, "wrong-type", "params.patience"},
	    {"new", "desk", "pause", NULL, "{'seed':-1}", APLOMB_EREFUSED, "wrong-type", "open.seed"},
	    {"new", "desk", "pause", NULL, "{'locale':''}", APLOMB_EREFUSED, "wrong-type", "open.locale"},
	    {"new", "desk", "pause", NULL, "[]", APLOMB_EREFUSED, "wrong-type", "open: expected a map"},
	    {"", "desk", "pause", NULL, NULL, APLOMB_EINVAL, "bad-id", "case:"},
	    {NULL, "desk", "pause", NULL, NULL, APLOMB_EINVAL, "missing-case", "names no case"},
	    {"\xff", "desk", "pause", NULL, NULL, APLOMB_EINVAL, "bad-id", "valid UTF-8"},
	    {"c1", "desk", NULL, NULL, NULL, APLOMB_EINVAL, "missing-event", "names no event"},
	};
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		const refusal *r = &refusals[i];
		world w = {0};
		assert_true(world_open(&w, &desk, NULL));
		happen(&w, "c1", "pause", 0, NULL);
		uint32_t before = count_lines(&w);
		aplomb_event e = APLOMB_EVENT_INIT;
		char data[256] = "", open[256] = "";
		for (size_t n = 0; r->data != NULL && n < strlen(r->data); n++) data[n] = r->data[n] == '\'' ? '"' : r->data[n];
		for (size_t n = 0; r->open != NULL && n < strlen(r->open); n++) open[n] = r->open[n] == '\'' ? '"' : r->open[n];
		e.case_id = r->case_id, e.playbook = r->playbook, e.name = r->event, e.id = "e9";
		e.data = r->data != NULL ? data : NULL;
		e.open = r->open != NULL ? open : NULL;
		aplomb_error error;
		int code = apl_engine_post(w.engine, &e, NULL, NULL, &error);
		if (code != r->code || strcmp(error.slug, r->slug) != 0) fail_msg("%zu: %s %s", i, error.slug, error.message);
		assert_text_has(error.message, r->message);
		pump(&w);
		/* The case that is there says so in its journal, without the data; nobody else does. */
		bool is_noted = code == APLOMB_EREFUSED && strcmp(r->case_id, "c1") == 0;
		assert_int_equal(count_lines(&w), before + is_noted);
		if (is_noted) {
			assert_last_line_has(&w, "'cause':{'by':'system','event':'");
			assert_last_line_has(&w, "','id':'e9','message':'");
			assert_last_line_has(&w, "'items':[],'kind':'refused'");
			assert_last_line_has(&w, r->slug);
		}
		assert_null(case_of(&w, "new"));
		assert_journal(&w);
		/* Neither the case nor the id is taken. */
		assert_int_equal(post_as(&w, "e9", "new", "pause", 0, NULL, NULL), APLOMB_OK);
		pump(&w);
		assert_text_has(text_of(&w.receipts), "new e9 OK 2\n");
		world_end(&w);
	}
}

static void an_id_seen_before_gets_the_first_answer(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	/* The second comes while the first still waits, the third after it was stepped. */
	assert_int_equal(post_as(&w, "e1", "c1", "pause", 0, NULL, NULL), APLOMB_OK);
	assert_int_equal(post_as(&w, "e1", "c1", "pause", 0, NULL, NULL), APLOMB_OK);
	assert_int_equal(post_as(&w, "e2", "c1", "resume", 0, NULL, NULL), APLOMB_OK);
	pump(&w);
	uint32_t lines = count_lines(&w);
	assert_int_equal(post_as(&w, "e1", "c1", "no matter what", 0, NULL, NULL), APLOMB_OK);
	assert_int_equal(post_as(&w, "e1", "c2", "pause", 0, NULL, NULL), APLOMB_OK); /* another case's ids are its own */
	pump(&w);
	assert_string_equal(text_of(&w.receipts), "c1 e1 OK 2\nc1 e1 OK 2 duplicate\nc1 e2 OK 3\nc1 e1 OK 2 duplicate\nc2 e1 OK 2\n");
	assert_int_equal(count_lines(&w), lines + 3);
	for (int i = 0; i < 300; i++) {
		char id[16];
		snprintf(id, sizeof id, "n%d", i);
		assert_int_equal(post_as(&w, id, "c1", "unloved", 0, NULL, NULL), APLOMB_OK);
	}
	pump(&w);
	lines = count_lines(&w);
	for (int i = 0; i < 300; i++) {
		char id[16];
		snprintf(id, sizeof id, "n%d", i);
		assert_int_equal(post_as(&w, id, "c1", "unloved", 0, NULL, NULL), APLOMB_OK);
	}
	pump(&w);
	assert_int_equal(count_lines(&w), lines);
	aplomb_totals totals = APLOMB_TOTALS_INIT;
	apl_engine_count(w.engine, &totals);
	assert_int_equal(totals.duplicates, 302);
	assert_int_equal(totals.events, 303);
	world_end(&w);
}

static void a_closed_case_takes_no_more(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	assert_int_equal(post_as(&w, "e1", "c1", "solved", 0, NULL, NULL), APLOMB_OK);
	assert_int_equal(post_as(&w, "e2", "c1", "pause", 0, NULL, NULL), APLOMB_OK); /* let in, but too late when its turn comes */
	pump(&w);
	assert_string_equal(text_of(&w.receipts), "c1 e1 OK 2 closed\nc1 e2 EREFUSED 0: the case was closed before this event was stepped\n");
	assert_last_line_has(&w, "'kind':'refused'");
	assert_last_line_has(&w, "'slug':'case-closed'");
	assert_int_equal(post_as(&w, "e2", "c1", "pause", 0, NULL, NULL), APLOMB_EREFUSED);
	assert_string_equal(post_error.slug, "case-closed");
	assert_int_equal(post_as(&w, "e1", "c1", "pause", 0, NULL, NULL), APLOMB_OK); /* a duplicate all the same */
	pump(&w);
	assert_string_equal(apl_engine_outcome(case_of(&w, "c1")), "resolved");
	assert_string_equal(states_of(&w, "c1"), "");
	assert_text_has(line_at(&w, 2), "{'active':[],'do':'state'},{'do':'closed'");
	assert_text_has(line_at(&w, 2), "{'do':'closed','outcome':'resolved'}]");
	assert_int_equal(w.engine != NULL && apl_case_configuration(case_of(&w, "c1"))[0], 0);
	assert_journal(&w);
	world_end(&w);
}

static void a_full_queue_says_so(void **state_) {
	(void)state_;
	world w = {0};
	const aplomb_limits limits = {.size = sizeof limits, .queue = 3};
	const world_options options = {.limits = &limits};
	assert_true(world_open(&w, &desk, &options));
	for (int i = 0; i < 3; i++) assert_int_equal(post(&w, "c1", "pause", 0, NULL), APLOMB_OK);
	assert_int_equal(post(&w, "c1", "pause", 0, NULL), APLOMB_ELIMIT);
	assert_string_equal(post_error.slug, "limit-queue");
	assert_int_equal(post(&w, "c2", "pause", 0, NULL), APLOMB_ELIMIT);
	pump(&w);
	assert_int_equal(post(&w, "c1", "pause", 0, NULL), APLOMB_OK);
	pump(&w);
	assert_null(case_of(&w, "c2"));
	world_end(&w);
}

typedef struct envelope {
	const char *text;
	int code;
	const char *slug;
	uint32_t column;
} envelope;

static void an_envelope_is_read_member_by_member(void **state_) {
	(void)state_;
	static const envelope envelopes[] = {
	    {"{'case':'c','event':'pause','playbook':'desk'}", APLOMB_OK, "", 0},
	    {"{'v':1,'id':'e','case':'c','subject':'s','playbook':'desk','event':'customer.message','at':'2026-01-01T00:00:00Z','by':'agent:1',"
	     "'data':{'tone':-1},'open':{'seed':3}}",
	        APLOMB_OK, "", 0},
	    {"{'case':'c','event':'pause','playbook':'desk','id':null,'data':null}", APLOMB_OK, "", 0},
	    {"{'case':'c','playbook':'desk'}", APLOMB_EJSON, "missing-member", 0},
	    {"{'event':'pause','playbook':'desk'}", APLOMB_EJSON, "missing-member", 0},
	    {"{'case':'c','evnt':'pause'}", APLOMB_EJSON, "unknown-member", 14},
	    {"{'case':7}", APLOMB_EJSON, "wrong-member", 3},
	    {"{'case':'c','event':'pause','at':'yesterday'}", APLOMB_EJSON, "wrong-member", 30},
	    {"{'case':'c','event':'pause','data':[]}", APLOMB_EJSON, "wrong-member", 30},
	    {"{'case':'c','event':'pause','v':2}", APLOMB_EVERSION, "envelope-version", 0},
	    {"[]", APLOMB_EJSON, "wrong-member", 0},
	    {"{'case':", APLOMB_EJSON, "json-syntax", 9},
	};
	for (size_t i = 0; i < sizeof envelopes / sizeof envelopes[0]; i++) {
		world w = {0};
		assert_true(world_open(&w, &desk, NULL));
		char text[512] = "";
		for (size_t n = 0; n < strlen(envelopes[i].text); n++) text[n] = envelopes[i].text[n] == '\'' ? '"' : envelopes[i].text[n];
		aplomb_error error = {.code = 0};
		int code = apl_engine_post_json(w.engine, text, strlen(text), NULL, NULL, &error);
		if (code != envelopes[i].code || (code && strcmp(error.slug, envelopes[i].slug) != 0))
			fail_msg("%s: %s %s", text, error.slug, error.message);
		if (envelopes[i].column != 0 && error.column != envelopes[i].column) fail_msg("%s: column %u", text, error.column);
		pump(&w);
		assert_true((case_of(&w, "c") != NULL) == (code == APLOMB_OK));
		assert_journal(&w);
		world_end(&w);
	}
}

static void a_post_that_waits_returns_its_own_answer(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	assert_int_equal(post(&w, "c1", "pause", 0, NULL), APLOMB_OK);
	aplomb_event e = APLOMB_EVENT_INIT;
	e.case_id = "c1", e.id = "e7", e.name = "solved";
	aplomb_receipt receipt = {.size = sizeof receipt};
	assert_int_equal(apl_engine_post_wait(w.engine, &e, &receipt, NULL), APLOMB_OK);
	assert_int_equal(receipt.seq, 3);
	assert_true(receipt.closed);
	assert_string_equal(receipt.case_id, "c1");
	assert_string_equal(receipt.event_id, "e7");
	assert_string_equal(text_of(&w.receipts), "c1 - OK 2\n");
	e.id = "e8";
	aplomb_error error;
	assert_int_equal(apl_engine_post_wait(w.engine, &e, &receipt, &error), APLOMB_EREFUSED);
	assert_string_equal(error.slug, "case-closed");
	world_end(&w);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_event_opens_its_case_and_is_answered_after_the_commit),
	    cmocka_unit_test(what_open_carries_fills_the_case),
	    cmocka_unit_test(a_refusal_names_what_was_found_and_what_was_expected),
	    cmocka_unit_test(an_id_seen_before_gets_the_first_answer),
	    cmocka_unit_test(a_closed_case_takes_no_more),
	    cmocka_unit_test(a_full_queue_says_so),
	    cmocka_unit_test(an_envelope_is_read_member_by_member),
	    cmocka_unit_test(a_post_that_waits_returns_its_own_answer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
