/* SPDX-License-Identifier: MIT */
/* Guards taken apart: what each part came to, on which the answer rests, and what an event that has not come can still change. */

#include <stdio.h>
#include <string.h>

#include "../test_cmocka.h"
#include "base/hash.h"
#include "guard_stage.h"

enum { MOST_PARTS = 500 };

static apl_guard_apart parts[MOST_PARTS];

static bool counts_abuse(void *self, uint32_t counter) {
	(void)self;
	return counter == 0;
}
static const apl_guard_waiting waiting = {counts_abuse, NULL};

/* The parts on which it rests, as "piece: what it came to | …"; with [is_waiting] before the event. */
static const char *decided(stage *s, const char *text, bool is_waiting) {
	static char out[2048];
	apl_guard *guard = stage_guard(s, APL_GUARD_TRUTH, text, APL_GUARD_ANY_SCALAR);
	if (guard == NULL) fail_msg("%s: %s", text, s->said);
	assert_true(apl_guard_parts(guard) <= MOST_PARTS);
	apl_guard_take_apart(guard, &s->situation, is_waiting ? &waiting : NULL, parts);
	apl_buf buf;
	apl_buf_init(&buf, &s->alloc);
	static const char *const findings[] = {"error", "false", "true", "unknown", "depends", "not asked"};
	for (uint32_t i = 0; i < apl_guard_parts(guard); i++) {
		apl_guard_part about;
		apl_guard_part_at(guard, parts[i].part, &about);
		if (!parts[i].decides || about.kind == APL_GUARD_LITERAL || i == 0) continue;
		if (buf.size > 0) APL_BUF_LITERAL(&buf, " | ");
		apl_buf_format(&buf, "%.*s: ", (int)about.size, about.text);
		if (parts[i].finding != APL_PART_VALUE)
			apl_buf_text(&buf, findings[parts[i].finding + 1]);
		else if (parts[i].depends)
			APL_BUF_LITERAL(&buf, "depends");
		else
			apl_guard_show(&buf, &parts[i].value);
		if (parts[i].missing != APL_GUARD_NO_PART && parts[i].missing != parts[i].part) {
			apl_guard_part_at(guard, parts[i].missing, &about);
			apl_buf_format(&buf, " for %.*s is missing", (int)about.size, about.text);
		}
	}
	snprintf(out, sizeof out, "%.*s", (int)buf.size, buf.bytes);
	apl_buf_dispose(&buf);
	return out;
}

typedef struct decided_case {
	const char *text, *expected;
} decided_case;

static void check(stage *s, const decided_case *cases, size_t count, bool is_waiting) {
	size_t wrong = 0;
	for (size_t i = 0; i < count; i++) {
		const char *found = decided(s, cases[i].text, is_waiting);
		if (strcmp(found, cases[i].expected) == 0) continue;
		print_error("%s\nis       %s\nexpected %s\n", cases[i].text, found, cases[i].expected);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}
#define CHECK(s, cases, is_waiting) check((s), (cases), sizeof(cases) / sizeof *(cases), (is_waiting))

static void an_answer_rests_on_the_parts_that_made_it(void **state) {
	(void)state;
	static const decided_case cases[] = {
	    {"data.m == 7", "data.m: 7"},
	    {"data.m < params.most", "data.m: 7 | params.most: 3"},
	    /* Of a false `and` the first that is false; of a true one both. */
	    {"data.m == 7 and data.m == 8 and data.yes", "data.m == 7 and data.m == 8: false | data.m == 8: false | data.m: 7"},
	    {"data.m == 7 and data.yes", "data.m == 7: true | data.m: 7 | data.yes: true"},
	    /* Of a false `or` all, of a true one the first that is true. */
	    {"data.m == 8 or not data.yes", "data.m == 8: false | data.m: 7 | not data.yes: false | data.yes: true"},
	    {"data.m == 8 or data.yes or data.m == 7", "data.m == 8 or data.yes: true | data.yes: true"},
	    /* What is false beside what is unknown is false for its own sake. */
	    {"data.n == 1 and data.m == 8", "data.m == 8: false | data.m: 7"},
	    {"data.n == 1 and data.yes", "data.n == 1: unknown for data.n is missing | data.n: missing"},
	    {"data.n + 1 < data.m", "data.n + 1: missing for data.n is missing | data.m: 7"},
	    {"data.b", ""},
	    {"has(data.n)", "data.n: missing"},
	    {"contains(data.tags, 'a')", "data.tags: [\"a\",\"b\\\"c\",\"\xC3\xA9\"]"},
	    {"is_in('talking') and count('abuse') >= 3", "count('abuse') >= 3: false | count('abuse'): 2"},
	    {"data.m // 0 == 1 or data.yes", "data.m // 0 == 1: error | data.m // 0: error"},
	    {"event.tone < 0 and event.abusive", "event.tone < 0: false | event.tone: 0.5"},
	    {"event.abusive == true", "event.abusive: unknown"},
	};
	stage s;
	stage_open(&s);
	stage_event(&s, 0, "{'tone':0.5}");
	CHECK(&s, cases, false);
	stage_close(&s);
}

static void what_was_not_asked_says_so(void **state) {
	(void)state;
	stage s;
	stage_open(&s);
	apl_guard *guard = stage_guard(&s, APL_GUARD_TRUTH, "data.m == 8 and data.m // 0 == 1", APL_GUARD_ANY_SCALAR);
	apl_guard_take_apart(guard, &s.situation, NULL, parts);
	assert_int_equal(parts[0].finding, APL_PART_FALSE);
	uint32_t n_not_asked = 0;
	for (uint32_t i = 0; i < apl_guard_parts(guard); i++) n_not_asked += parts[i].finding == APL_PART_NOT_ASKED;
	assert_int_equal(n_not_asked, 5);
	stage_close(&s);
}

static void what_asks_for_the_event_depends_on_it_unless_it_is_the_same_whatever_that_is(void **state) {
	(void)state;
	static const decided_case cases[] = {
	    {"event.tone < 0", "event.tone: depends"},
	    {"data.m == 8 and event.tone < 0", "data.m == 8: false | data.m: 7"},
	    {"event.tone < 0 and data.m == 8", "data.m == 8: false | data.m: 7"},
	    {"data.m == 7 and event.tone < 0", "event.tone < 0: depends | event.tone: depends"},
	    {"data.yes or event.abusive", "data.yes: true"},
	    {"event.count == data.n", "event.count: depends | data.n: missing"},
	    {"count('abuse') >= 2 and count('offers') >= 3", "count('abuse') >= 2: depends | count('abuse'): depends"},
	    {"event.name == 'go'", "event.name: depends"},
	    {"has(event.text) or not has(event.text)", "has(event.text): depends | event.text: depends | not has(event.text): depends | "
	                                               "has(event.text): depends | event.text: depends"},
	};
	stage s;
	stage_open(&s);
	stage_listen(&s, "g");
	CHECK(&s, cases, true);
	stage_close(&s);
}

/* ---- by chance --------------------------------------------------------------------- */

static const char *const atoms[] = {"event.tone < 0", "event.abusive", "data.n == 1", "data.m == 7", "has(event.text)",
    "event.cause == 'stress'", "count('abuse') >= 2", "count('offers') >= 4", "data.yes", "data.b", "is_in('talking')", "event.tone == nil",
    "event.count > data.m", "data.m == 8", "event.count == data.n", "len(event.text) > 2"};

static void add_expression(apl_buf *out, uint64_t *random, int depth) {
	uint64_t pick = apl_random_next(random);
	if (depth == 0 || pick % 4 == 0) {
		apl_buf_text(out, atoms[(pick >> 8) % (sizeof atoms / sizeof atoms[0])]);
		return;
	}
	if (pick % 4 == 1) {
		APL_BUF_LITERAL(out, "not (");
		add_expression(out, random, depth - 1);
		apl_buf_byte(out, ')');
		return;
	}
	apl_buf_byte(out, '(');
	add_expression(out, random, depth - 1);
	apl_buf_text(out, pick % 4 == 2 ? ") and (" : ") or (");
	add_expression(out, random, depth - 1);
	apl_buf_byte(out, ')');
}

static void what_is_told_before_the_event_holds_for_every_event(void **state) {
	(void)state;
	static const char *const events[] = {"{}", "{'tone':-1}", "{'tone':1,'abusive':true}", "{'abusive':false,'text':'hello','count':9}",
	    "{'tone':-0.5,'abusive':true,'text':'a','cause':'stress','count':1}", "{'cause':'product','count':7}"};
	stage s;
	stage_open(&s);
	stage_listen(&s, "g");
	apl_alloc system = apl_alloc_system();
	apl_buf text;
	apl_buf_init(&text, &system);
	uint64_t random = 20261125;
	uint32_t certain = 0, open = 0;
	for (int i = 0; i < 4000; i++) {
		apl_buf_clear(&text);
		add_expression(&text, &random, 4);
		apl_guard *guard = stage_guard(&s, APL_GUARD_TRUTH, apl_buf_terminate(&text), APL_GUARD_ANY_SCALAR);
		if (guard == NULL) fail_msg("%s: %s", text.bytes, s.said);
		stage_event(&s, -1, NULL);
		apl_guard_take_apart(guard, &s.situation, &waiting, parts);
		apl_guard_finding before = parts[0].finding;
		for (size_t e = 0; e < sizeof events / sizeof events[0]; e++) {
			apl_guard_trouble trouble = {0};
			stage_event(&s, 0, events[e]);
			apl_guard_answer answer = apl_guard_ask(guard, &s.situation, &trouble);
			apl_guard_take_apart(guard, &s.situation, NULL, parts);
			if ((int)parts[0].finding != (int)answer) fail_msg("%s with %s: %d, told %d", text.bytes, events[e], answer, parts[0].finding);
			/* Every part that was asked is what it is when it is asked alone. */
			for (uint32_t n = 0; n < apl_guard_parts(guard); n++) {
				apl_guard_value value;
				if (parts[n].finding > APL_PART_UNKNOWN) continue;
				assert_true(apl_guard_part_value(guard, parts[n].part, &s.situation, &value, &trouble));
				assert_int_equal(parts[n].finding, !value.is_there ? APL_PART_UNKNOWN : value.as.truth ? APL_PART_TRUE : APL_PART_FALSE);
			}
			/* The counter is what it is: an event may have changed it, and that is what depends. */
			bool holds = before == APL_PART_DEPENDS || (int)before == (int)answer || (before != APL_PART_TRUE && answer != APL_GUARD_TRUE);
			if (!holds) fail_msg("%s: told %d before the event, and %d with %s", text.bytes, before, answer, events[e]);
		}
		certain += before != APL_PART_DEPENDS;
		open += before == APL_PART_DEPENDS;
	}
	print_message("%u certain before the event, %u not\n", certain, open);
	assert_true(certain > 300 && open > 300);
	apl_buf_dispose(&text);
	stage_close(&s);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_answer_rests_on_the_parts_that_made_it),
	    cmocka_unit_test(what_was_not_asked_says_so),
	    cmocka_unit_test(what_asks_for_the_event_depends_on_it_unless_it_is_the_same_whatever_that_is),
	    cmocka_unit_test(what_is_told_before_the_event_holds_for_every_event),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
