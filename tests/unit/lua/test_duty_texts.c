/* SPDX-License-Identifier: MIT */
/*
 * Texts that ask who is on duty: as of the step's time, typed and looked up
 * when the playbook is loaded, and told as other questions are.
 */
#include "book.h"

#define HOUR INT64_C(3600000000)

static const char desk[] =
    "return playbook 'desk' {\n"
    "rota 'support' { zone = 'UTC', turns = { 'Ada', 'Bob' }, begins = '2026-01-01', handover = '00:00',\n"
    "hours = { ['mon-sun'] = '08:00-18:00' } },\n"
    "data = { who = text {}, said = integer { default = 0 } },\n"
    "event 'ask' {}, event 'want' { who = text {} },\n"
    "state 's' { on 'ask' {\n"
    "{ when = \"nobody_on_duty('support')\", act = \"data.who = nil; data.said = data.said + 100\" },\n"
    "{ when = \"on_duty('support') == 'Ada'\", act = \"data.who = on_duty('support'); data.said = data.said + 1\" },\n"
    "{ act = \"data.who = on_duty('support')\" } },\n"
    "on 'want' { when = \"event.who == on_duty('support')\", to = 't' } },\n"
    "state 't' {} }";

static void a_text_asks_who_is_on_duty_at_the_time_of_the_step(void **state) {
	(void)state;
	book b = {0};
	book_open(&b, desk, NULL);
	say(&b, "ask", NULL); /* at midnight */
	assert_string_equal(data_of(&b), "{'said':100}");
	wait_for(&b, 8 * HOUR);
	say(&b, "ask", NULL);
	assert_string_equal(data_of(&b), "{'said':101,'who':'Ada'}");
	wait_for(&b, 10 * HOUR - 1);
	say(&b, "ask", NULL);
	assert_string_equal(data_of(&b), "{'said':102,'who':'Ada'}");
	wait_for(&b, 1);
	say(&b, "ask", NULL);
	assert_string_equal(data_of(&b), "{'said':202}");
	wait_for(&b, 15 * HOUR);
	say(&b, "ask", NULL);
	assert_string_equal(data_of(&b), "{'said':202,'who':'Bob'}");
	assert_string_equal(mistake_of(&b), "");
	book_close(&b);
}

/* Nobody is no value: a comparison with it is unknown, and neither it nor its contrary fires. */
static void nobody_is_unknown_in_a_comparison(void **state) {
	(void)state;
	book b = {0};
	book_open(&b, desk, NULL);
	say(&b, "want", "{'who':'Ada'}");
	assert_string_equal(states_of(&b), "s");
	wait_for(&b, 9 * HOUR);
	say(&b, "want", "{'who':'Bob'}");
	assert_string_equal(states_of(&b), "s");
	say(&b, "want", "{'who':'Ada'}");
	assert_string_equal(states_of(&b), "t");
	book_close(&b);
}

static void its_name_and_its_type_are_checked_when_the_playbook_is_loaded(void **state) {
	(void)state;
#define BOOK(guard)                                                                                                                        \
	"return playbook 'p' { event 'e' {}, rota 'support' { zone = 'UTC', turns = { 'Ada' }, begins = '2026-01-01', handover = '00:00' },\n" \
	"state 's' { on 'e' { to = 't', when = \"" guard "\" } }, state 't' {} }"
	assert_string_equal(findings_of(BOOK("on_duty('suport') == 'Ada'")),
	    "2 unknown-rota: on \"e\": when: there is no rota \"suport\"; did you mean \"support\"?\n");
	assert_string_equal(findings_of(BOOK("nobody_on_duty('x')")), "2 unknown-rota: on \"e\": when: there is no rota \"x\"\n");
	assert_text_has(findings_of(BOOK("on_duty('support') > 3")), "2 wrong-type: ");
	assert_text_has(findings_of(BOOK("on_duty('support')")), "but on_duty('support') is text");
	assert_text_has(findings_of(BOOK("on_duty(support)")), "on_duty takes a text, as in on_duty(\"rota\")");
	assert_text_has(findings_of(BOOK("on_dutty('support') == 'Ada'")), "did you mean \"on_duty\"?");
	assert_string_equal(findings_of(BOOK("contains(on_duty('support'), 'd') and not nobody_on_duty('support')")), "");
}

int main(void) {
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_text_asks_who_is_on_duty_at_the_time_of_the_step),
	    cmocka_unit_test(nobody_is_unknown_in_a_comparison),
	    cmocka_unit_test(its_name_and_its_type_are_checked_when_the_playbook_is_loaded)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
