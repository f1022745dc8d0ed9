/* SPDX-License-Identifier: MIT */
/* What Tab offers behind commands, from a playbook and a case of it. */
#include "../test_cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "repl/complete.h"
#include "repl/lua.h"
#include "repl/table_place.h"

static const char PLAYBOOK[] =
    "return playbook \"desk\" {\n"
    "  data = { order = text { meaning = \"its number\" }, address = fields { city = text {}, street = text {} } },\n"
    "  params = { patience = span { default = \"2h\" } },\n"
    "  event \"customer.message\" { text = text { required = true }, angry = boolean {} },\n"
    "  event \"customer.left\" {},\n"
    "  event \"parcel.found\" { where = one_of { \"depot\", \"shop\" }, to = fields { city = text {}, floor = integer {} } },\n"
    "  rota \"first-line\" { zone = \"UTC\", turns = { \"Ada\" }, begins = \"2026-03-02\", handover = \"09:00\" },\n"
    "  rota \"nights\" { zone = \"Europe/London\", turns = { \"Bob\" }, begins = \"2026-03-02\", handover = \"09:00\" },\n"
    "  state \"open\" { after \"10m\" { to = \"closed\" }, on \"customer.left\" { to = \"closed\" } },\n"
    "  final \"closed\" {},\n"
    "}\n";

static repl conversation;

/* All that is offered, a line each: what stands there then, and its note in brackets. */
static void expect_offer(const char *before, const char *expected) {
	repl_candidates out;
	repl_text text = {0};
	repl_candidates_init(&out, before);
	repl_complete(&conversation, before, &out);
	repl_candidates_sort(&out);
	repl_text_put(&text, "");
	for (size_t i = 0; i < out.count; i++) {
		repl_text_add(&text, before, (size_t)(out.word - before));
		repl_text_format(&text, "%s%s", out.items[i].text, out.items[i].after);
		if (out.items[i].note != NULL) repl_text_format(&text, "(%s)", out.items[i].note);
		repl_text_put(&text, "\n");
	}
	assert_string_equal(text.bytes, expected);
	repl_text_dispose(&text);
	repl_candidates_dispose(&out);
}

static void commands_are_offered_by_their_beginning(void **state) {
	(void)state;
	expect_offer("ag", "agent (The agent says something.)\n");
	expect_offer("wai", "wait (Lets time pass, and what is due on the way happen.)\nwait until (The same, up to a time.)\n");
	expect_offer("wait u", "wait until (The same, up to a time.)\n");
	expect_offer("help ag", "help agent(The agent says something.)\n");
	expect_offer("help parc", "help parcel.found(an event of this playbook)\n");
	expect_offer("help paral", "help parallel(A situation whose children are all active at once.)\n");
	expect_offer("save docs/rep", "save docs/repl.md\n");
	expect_offer("who ", "who first-line (UTC)\nwho nights (Europe/London)\n");
	expect_offer("who ni", "who nights (Europe/London)\n");
	expect_offer("nothing-like-it", "");
}

static void events_are_offered_with_what_they_carry(void **state) {
	(void)state;
	expect_offer("do ", "do customer.left \ndo customer.message { (angry, text)\ndo parcel.found { (to.city, to.floor, where)\n");
	expect_offer("options cu", "options customer.left \noptions customer.message (angry, text)\n");
	expect_offer("try n", "try next(what happens next by itself)\n");
	expect_offer("try customer.message { t", "try customer.message { text = (text, required)\n");
	expect_offer("do customer.m", "do customer.message { (angry, text)\n");
}

static void fields_of_the_event_are_offered_within_its_table(void **state) {
	(void)state;
	expect_offer("do customer.message {", "do customer.message {angry = (boolean)\ndo customer.message {text = (text, required)\n");
	expect_offer("do customer.message { te", "do customer.message { text = (text, required)\n");
	/* What stands there already is not offered again. */
	expect_offer("do customer.message { text = \"a, b {\", ", "do customer.message { text = \"a, b {\", angry = (boolean)\n");
	expect_offer("do parcel.found { to = { city = \"x\", ", "do parcel.found { to = { city = \"x\", floor = (integer)\n");
	expect_offer("do parcel.found { t", "do parcel.found { to = { (fields)\n");
	expect_offer("do no.such.event { ", "");
}

static void values_are_offered_where_there_are_few(void **state) {
	(void)state;
	expect_offer("do parcel.found { where = ", "do parcel.found { where = \"depot\"\ndo parcel.found { where = \"shop\"\n");
	expect_offer("do parcel.found { where = \"sh", "do parcel.found { where = \"shop\"\n");
	expect_offer("do customer.message { angry = t", "do customer.message { angry = true\n");
	expect_offer("do customer.message { text = ", "");
}

static void behind_the_table_it_is_asked_who(void **state) {
	(void)state;
	expect_offer("do customer.left {} ", "do customer.left {} by (who it is from)\n");
	expect_offer("do customer.left by c", "do customer.left by customer\n");
}

static void names_of_lua_are_offered_where_no_command_stands(void **state) {
	(void)state;
	expect_offer("data.a", "data.address(fields)\n");
	expect_offer("data.address.", "data.address.city(text)\ndata.address.street(text)\n");
	expect_offer("1+params.p", "1+params.patience(span)\n");
	expect_offer("= ev", "= event(the newest event)\n");
	expect_offer("not is_in(\"x\") and has(event.an", "not is_in(\"x\") and has(event.angry(boolean)\n");
	expect_offer("case.data.or", "case.data.order(text)\n");
	expect_offer("string.up", "string.upper(function)\n");
	expect_offer("data.nothing", "");
	repl_own_names_keep(&conversation.names, "half", "5");
	expect_offer("2 * ha", "2 * half(5)\n2 * has(is it there?)\n");
	repl_own_names_dispose(&conversation.names);
}

static void what_opens_a_case_is_offered(void **state) {
	(void)state;
	expect_offer("open { ", "open { address = { (fields)\nopen { order = (text: its number)\n");
	expect_offer("open { address = { ci", "open { address = { city = (text)\n");
	expect_offer("open { order = \"A\" } par", "open { order = \"A\" } params { (parameters that are otherwise for this case)\n");
	expect_offer("open params { ", "open params { patience = (span)\n");
}

static void fields_of_what_is_said_are_offered_behind_its_quotation_marks(void **state) {
	(void)state;
	expect_offer("say \"You thieves!\" a", "say \"You thieves!\" angry=(boolean)\n");
	expect_offer("say \"You thieves!\" angry=f", "say \"You thieves!\" angry=false\n");
	expect_offer("say You a", "");
}

static void what_is_due_is_offered_as_a_time(void **state) {
	(void)state;
	expect_offer("wait until 2", "wait until 2026-03-02T09:10:00Z(open)\n");
}

static void states_are_offered_and_the_active_ones_named(void **state) {
	(void)state;
	repl_candidates out;
	repl_candidates_init(&out, "why ");
	repl_complete_state(&conversation, "", &out);
	assert_int_equal(out.count, 2);
	assert_string_equal(out.items[0].text, "open");
	assert_string_equal(out.items[0].note, "active");
	assert_null(out.items[1].note);
	repl_candidates_dispose(&out);
}

static void options_of_the_newest_menu_are_offered_to_whoever_asks_why(void **state) {
	(void)state;
	static const char lines[] = "{\"aplomb\":1}\n"
	                            "{\"at\":\"2026-03-02T09:00:00Z\",\"items\":[{\"do\":\"effect\",\"kind\":\"menu\",\"data\":{"
	                            "\"options\":[{\"id\":\"refund\",\"title\":\"Money\"}],"
	                            "\"closed\":[{\"id\":\"voucher\",\"why\":\"none left\"}]}}]}\n";
	conversation.story = repl_story_new();
	repl_story_take(conversation.story, lines, sizeof lines - 1);
	expect_offer("why r", "why refund (Money)\n");
	expect_offer("why not vou", "why not voucher (none left)\n");
	expect_offer("pick ", "pick refund (Money)\npick voucher (none left)\n");
	repl_story_free(conversation.story);
	conversation.story = NULL;
}

static void expressions_are_completed_where_one_is_looked_for(void **state) {
	(void)state;
	expect_offer("until data.ord", "until data.order(text)\n");
	expect_offer("back-until not data.ord", "back-until not data.order(text)\n");
}

static void expect_file(const char *before, const char *text, const char *after) {
	repl_candidates out;
	repl_candidates_init(&out, before);
	repl_complete_file(&conversation, before, &out);
	if (text == NULL) {
		assert_int_equal(out.count, 0);
	} else {
		assert_int_equal(out.count, 1);
		assert_string_equal(out.items[0].text, text);
		assert_string_equal(out.items[0].after, after);
	}
	repl_candidates_dispose(&out);
}

static void files_are_offered_and_folders_with_their_sign(void **state) {
	(void)state;
	expect_file("docs/rep", "docs/repl.md", "");
	expect_file("playb", "playbooks/", "");
	expect_file("playbooks/late-", "playbooks/late-delivery/", "");
	expect_file("no-such-folder/x", NULL, NULL);
	expect_file(".clang-f", ".clang-format", "");
}

static void expect_place(const char *before, int depth, const char *path, bool is_value, const char *names) {
	repl_table_place place;
	repl_table_place_find(&place, before);
	assert_int_equal(place.depth, depth);
	assert_string_equal(repl_text_of(&place.path), path);
	assert_int_equal(place.is_value, is_value);
	assert_string_equal(repl_text_of(&place.names), names);
	repl_table_place_dispose(&place);
}

static void the_place_in_an_unfinished_table_is_found(void **state) {
	(void)state;
	expect_place("", 0, "", false, "");
	expect_place("{", 1, "", false, "");
	expect_place("{ a = 1, b", 1, "", false, "a\n");
	expect_place("{ a = ", 1, "a", true, "a\n");
	expect_place("{ a = { b = { c = 1 }, d = ", 2, "a.d", true, "b\nd\n");
	expect_place("{ a = { b = 1 }, ", 1, "", false, "a\n");
	expect_place("{ \"a\": {\"b\": ", 2, "a.b", true, "b\n");
	expect_place("{ a = 'it\\'s { ', ", 1, "", false, "a\n");
	expect_place("{ a = \"{ = ,", 1, "a", true, "a\n");
	expect_place("{ a = 1 } }}", 0, "", false, "");
	expect_place("= = { = ,", 1, "", false, "");
	char deep[400] = {0};
	for (int i = 0; i < 100; i++) strcat(deep, "{a=");
	repl_table_place place;
	repl_table_place_find(&place, deep);
	assert_int_equal(place.depth, 100);
	repl_table_place_dispose(&place);
}

static int set_up(void **state) {
	(void)state;
	aplomb_error error;
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_event event = APLOMB_EVENT_INIT;
	options.time_follows_events = true;
	load.source = PLAYBOOK;
	load.source_size = sizeof PLAYBOOK - 1;
	if (aplomb_open(&conversation.rt, &options, &error) != APLOMB_OK) return -1;
	if (aplomb_load(conversation.rt, &load, &conversation.playbook, &error) != APLOMB_OK) {
		print_error("%s\n", error.message);
		return -1;
	}
	conversation.case_id = tell_need_copy("case-1");
	event.case_id = "case-1";
	event.playbook = "desk";
	event.name = "customer.message";
	event.data = "{\"text\":\"hi\"}";
	event.has_at = true;
	event.at = REPL_STARTS;
	return aplomb_post_wait(conversation.rt, &event, NULL, &error) == APLOMB_OK ? 0 : -1;
}

static int tear_down(void **state) {
	(void)state;
	free(conversation.case_id);
	aplomb_close(conversation.rt);
	return 0;
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(commands_are_offered_by_their_beginning),
	    cmocka_unit_test(events_are_offered_with_what_they_carry),
	    cmocka_unit_test(fields_of_the_event_are_offered_within_its_table),
	    cmocka_unit_test(values_are_offered_where_there_are_few),
	    cmocka_unit_test(behind_the_table_it_is_asked_who),
	    cmocka_unit_test(names_of_lua_are_offered_where_no_command_stands),
	    cmocka_unit_test(what_opens_a_case_is_offered),
	    cmocka_unit_test(fields_of_what_is_said_are_offered_behind_its_quotation_marks),
	    cmocka_unit_test(what_is_due_is_offered_as_a_time),
	    cmocka_unit_test(states_are_offered_and_the_active_ones_named),
	    cmocka_unit_test(options_of_the_newest_menu_are_offered_to_whoever_asks_why),
	    cmocka_unit_test(expressions_are_completed_where_one_is_looked_for),
	    cmocka_unit_test(files_are_offered_and_folders_with_their_sign),
	    cmocka_unit_test(the_place_in_an_unfinished_table_is_found),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
