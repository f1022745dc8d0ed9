/* SPDX-License-Identifier: MIT */
/* aplomb_case_open: a case that begins before anything has happened to it. */
#include "late.h"

#include <stdlib.h>

#include "journal_text.h"

static aplomb_event opening_of(const char *case_id) {
	aplomb_event opening = APLOMB_EVENT_INIT;
	opening.case_id = case_id;
	opening.playbook = "late";
	opening.has_at = true;
	opening.at = AT_NINE;
	return opening;
}

static void a_case_opens_and_waits_for_its_first_event(void **state) {
	(void)state;
	journal_text *got = calloc(1, sizeof *got);
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.journal = journal_text_keep;
	options.journal_payload = got;
	aplomb_runtime *rt = open_late(&options);
	aplomb_event opening = opening_of("c1");
	aplomb_receipt receipt = APLOMB_RECEIPT_INIT;
	assert_int_equal(aplomb_case_open(rt, &opening, &receipt, NULL), APLOMB_OK);
	assert_int_equal(receipt.code, APLOMB_OK);
	assert_int_equal(receipt.seq, 1);
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	assert_int_equal(aplomb_case_get(rt, "c1", &info, NULL), APLOMB_OK);
	assert_int_equal(info.seq, 1);
	assert_true(info.opened_at == AT_NINE);
	assert_true(aplomb_next_due(rt, NULL));

	/* With its first event it is, byte for byte, what a case is that its first event opened. */
	aplomb_event event = said("c1", AT_NINE, SAYS);
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	char *opened = strdup(got->text);
	got->size = 0;
	assert_int_equal(aplomb_reset(rt, NULL), APLOMB_OK);
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	assert_string_equal(got->text, opened);
	free(opened);
	aplomb_close(rt);
	free(got);
}

static void a_case_opens_once(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	aplomb_event opening = opening_of("c1");
	aplomb_error error;
	assert_int_equal(aplomb_case_open(rt, &opening, NULL, NULL), APLOMB_OK);
	assert_int_equal(aplomb_case_open(rt, &opening, NULL, &error), APLOMB_EREFUSED);
	assert_string_equal(error.slug, "case-known");
	assert_string_equal(error.message, "case \"c1\" is there already: a case opens once");
	/* To have been asked is nothing that happened to the case. */
	assert_int_equal(aplomb_pump(rt, 0, NULL, NULL), APLOMB_OK);
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	assert_int_equal(aplomb_case_get(rt, "c1", &info, NULL), APLOMB_OK);
	assert_int_equal(info.seq, 1);
	aplomb_close(rt);
}

static void an_opening_carries_no_event_and_what_it_carries_is_checked(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	aplomb_event opening = opening_of("c1");
	aplomb_error error;
	opening.name = "customer.message";
	assert_int_equal(aplomb_case_open(rt, &opening, NULL, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "opening-event");
	opening = opening_of("c1");
	opening.playbook = "lat";
	assert_int_equal(aplomb_case_open(rt, &opening, NULL, &error), APLOMB_EREFUSED);
	assert_string_equal(error.slug, "unknown-playbook");
	opening = opening_of("c1");
	opening.open = "{\"dta\":{}}";
	assert_int_equal(aplomb_case_open(rt, &opening, NULL, &error), APLOMB_EREFUSED);
	assert_string_equal(error.slug, "unknown-field");
	opening = opening_of(NULL);
	assert_int_equal(aplomb_case_open(rt, &opening, NULL, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_case_open(rt, NULL, NULL, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_cases(rt, NULL, NULL), 0);
	assert_false(aplomb_next_due(rt, NULL));
	aplomb_close(rt);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_case_opens_and_waits_for_its_first_event),
	    cmocka_unit_test(a_case_opens_once),
	    cmocka_unit_test(an_opening_carries_no_event_and_what_it_carries_is_checked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
