/* SPDX-License-Identifier: MIT */
/*
 * Documents of SCXML as they run: what implementers of the standard get wrong,
 * and what is ours: variables that stay with their case.
 */
#include "late.h"

#include <stdio.h>
#include <stdlib.h>

#define HEAD "<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" version=\"1.0\" datamodel=\"lua\" initial=\"s\">"
#define TAIL "<final id=\"pass\"/><final id=\"fail\"/></scxml>"
#define CHART(body) HEAD body TAIL

static aplomb_runtime *open_runtime(void) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.time_follows_events = true;
	aplomb_runtime *rt;
	assert_int_equal(aplomb_open(&rt, &options, NULL), APLOMB_OK);
	return rt;
}

static void load(aplomb_runtime *rt, const char *document) {
	aplomb_error error = {0};
	aplomb_load_options options = APLOMB_LOAD_OPTIONS_INIT;
	options.path = "chart.scxml";
	options.source = document;
	options.source_size = strlen(document);
	aplomb_playbook *playbook;
	if (aplomb_load(rt, &options, &playbook, &error) != APLOMB_OK)
		fail_msg("%s:%u: %s [%s]", error.file, error.line, error.message, error.slug);
	assert_string_equal(aplomb_playbook_imported(playbook), "scxml");
	assert_string_equal(aplomb_playbook_id(playbook), "chart");
}

static void open_case(aplomb_runtime *rt, const char *id) {
	aplomb_error error = {0};
	aplomb_event opening = APLOMB_EVENT_INIT;
	opening.case_id = id;
	opening.playbook = "chart";
	opening.has_at = true;
	opening.at = AT_NINE;
	if (aplomb_case_open(rt, &opening, NULL, &error) != APLOMB_OK) fail_msg("%s", error.message);
}

static void pump(aplomb_runtime *rt) {
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	do assert_int_equal(aplomb_pump(rt, 0, &report, NULL), APLOMB_OK);
	while (report.more);
}

/* Time goes on until nothing is due. */
static void drain(aplomb_runtime *rt) {
	aplomb_instant due;
	pump(rt);
	while (aplomb_next_due(rt, &due)) {
		if (due > aplomb_now(rt)) assert_int_equal(aplomb_turn_clock(rt, due, NULL), APLOMB_OK);
		pump(rt);
	}
}

static int show_line(const char *text, size_t size, void *payload) {
	(void)payload;
	print_error("%.*s\n", (int)size, text);
	return 0;
}

static void has_ended_in(aplomb_runtime *rt, const char *id, const char *outcome) {
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	assert_int_equal(aplomb_case_get(rt, id, &info, NULL), APLOMB_OK);
	if (info.outcome == NULL || strcmp(info.outcome, outcome) != 0) aplomb_journal_each(rt, id, show_line, NULL, NULL);
	assert_int_equal(info.status, APLOMB_CASE_CLOSED);
	assert_string_equal(info.outcome, outcome);
}

/* ---- again, from what was written down ---- */

typedef struct lines_kept {
	char *text;
	size_t size;
} lines_kept;

static int keep_line(const char *lines, size_t size, void *payload) {
	lines_kept *kept = payload;
	kept->text = realloc(kept->text, kept->size + size + 1);
	assert_non_null(kept->text);
	memcpy(kept->text + kept->size, lines, size);
	kept->text[kept->size + size] = '\n';
	kept->size += size + 1;
	return 0;
}

typedef struct ids_kept {
	char ids[8][64];
	size_t count;
} ids_kept;

static void keep_id(const char *id, void *payload) {
	ids_kept *all = payload;
	assert_true(all->count < 8);
	snprintf(all->ids[all->count++], sizeof all->ids[0], "%s", id);
}

static void replay_lines(aplomb_runtime *rt, const lines_kept *kept) {
	for (const char *at = kept->text; at < kept->text + kept->size;) {
		const size_t size = strcspn(at, "\n");
		aplomb_error error = {0};
		aplomb_replayed out = APLOMB_REPLAYED_INIT;
		if (aplomb_replay(rt, NULL, at, size, &out, &error) != APLOMB_OK) fail_msg("%.*s: %s", (int)size, at, error.message);
		if (!out.same) fail_msg("another line comes out, %s differs:\n%s\n%.*s", out.differs, out.text, (int)size, at);
		at += size + 1;
	}
}

/* Each case for itself: of what crossed between them nothing is missing in its own lines. */
static void replays(aplomb_runtime *rt, const char *document) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.rehearsal = true;
	options.time_follows_events = true;
	ids_kept all = {.count = 0};
	aplomb_cases(rt, keep_id, &all);
	for (size_t i = 0; i < all.count; i++) {
		lines_kept kept = {NULL, 0};
		aplomb_runtime *other;
		assert_int_equal(aplomb_journal_each(rt, all.ids[i], keep_line, &kept, NULL), APLOMB_OK);
		assert_int_equal(aplomb_open(&other, &options, NULL), APLOMB_OK);
		load(other, document);
		replay_lines(other, &kept);
		aplomb_close(other);
		free(kept.text);
	}
}

/* The chart, left to itself, ends in its final "pass". */
static void passes(const char *document) {
	aplomb_runtime *rt = open_runtime();
	load(rt, document);
	open_case(rt, "c");
	drain(rt);
	has_ended_in(rt, "c", "pass");
	replays(rt, document);
	aplomb_close(rt);
}

static void post(aplomb_runtime *rt, const char *id, const char *name, const char *data) {
	aplomb_error error = {0};
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = id;
	event.name = name;
	event.data = data;
	event.by = "customer";
	if (aplomb_post_wait(rt, &event, NULL, &error) != APLOMB_OK) fail_msg("%s", error.message);
}

/* ---- the chart ---------------------------------------------------------------- */

static void the_common_ancestor_of_a_transition_is_no_parallel(void **state) {
	(void)state;
	/* From one region's inside to the other's: both are left and entered, for the parallel is no compound state. */
	passes(CHART("<datamodel><data id=\"left\" expr=\"0\"/></datamodel>"
	             "<parallel id=\"s\"><transition event=\"over\" cond=\"left == 2\" target=\"pass\"/>"
	             "<transition event=\"over\" target=\"fail\"/>"
	             "<state id=\"a\"><onexit><assign location=\"left\" expr=\"left + 1\"/></onexit>"
	             "<state id=\"a1\"><transition event=\"go\" target=\"b2\"/></state></state>"
	             "<state id=\"b\"><onexit><assign location=\"left\" expr=\"left + 1\"/></onexit>"
	             "<state id=\"b1\"><onentry><raise event=\"go\"/></onentry></state>"
	             "<state id=\"b2\"><onentry><raise event=\"over\"/></onentry></state></state></parallel>"));
}

static void an_internal_transition_of_an_atomic_state_is_external(void **state) {
	(void)state;
	passes(CHART("<datamodel><data id=\"left\" expr=\"0\"/></datamodel>"
	             "<state id=\"s\"><onentry><raise event=\"go\"/></onentry><onexit><assign location=\"left\" expr=\"left + 1\"/></onexit>"
	             "<transition event=\"go\" type=\"internal\" cond=\"left == 0\" target=\"s\"/>"
	             "<transition event=\"go\" cond=\"left == 1\" target=\"pass\"/></state>"));
}

static void an_internal_transition_to_what_is_not_inside_is_external(void **state) {
	(void)state;
	/* From s to itself: it is left. From s to what is in it: it is not. */
	passes(CHART(
	    "<datamodel><data id=\"left\" expr=\"0\"/></datamodel>"
	    "<state id=\"s\"><onentry><raise event=\"inside\"/></onentry><onexit><assign location=\"left\" expr=\"left + 1\"/></onexit>"
	    "<transition event=\"inside\" type=\"internal\" cond=\"left == 0\" target=\"b\"/>"
	    "<transition event=\"again\" type=\"internal\" target=\"s\"/><transition event=\"inside\" cond=\"left == 1\" target=\"pass\"/>"
	    "<transition event=\"*\" target=\"fail\"/>"
	    "<state id=\"a\"/><state id=\"b\"><onentry><if cond=\"left == 0\"><raise event=\"again\"/></if></onentry></state></state>"));
}

/* What two transitions leave decides whether both are taken, and not where they stand. */
static void a_transition_without_a_target_conflicts_with_none(void **state) {
	(void)state;
	passes(CHART(
	    "<datamodel><data id=\"n\" expr=\"0\"/></datamodel><parallel id=\"s\"><onentry><raise event=\"go\"/></onentry>"
	    "<state id=\"a\"><transition event=\"go\"><assign location=\"n\" expr=\"n + 1\"/></transition></state>"
	    "<state id=\"b\"><transition event=\"go\" target=\"t\"><assign location=\"n\" expr=\"n + 2\"/></transition></state></parallel>"
	    "<state id=\"t\"><transition cond=\"n == 3\" target=\"pass\"/><transition target=\"fail\"/></state>"));
	/* Of two that leave the same the one that stands first is taken, unless the other's source lies inside its own. */
	passes(CHART(
	    "<datamodel><data id=\"n\" expr=\"0\"/></datamodel><parallel id=\"s\"><onentry><raise event=\"go\"/></onentry>"
	    "<state id=\"a\"><transition event=\"go\" target=\"t\"><assign location=\"n\" expr=\"n + 1\"/></transition></state>"
	    "<state id=\"b\"><transition event=\"go\" target=\"fail\"><assign location=\"n\" expr=\"n + 2\"/></transition></state></parallel>"
	    "<state id=\"t\"><transition cond=\"n == 1\" target=\"pass\"/><transition target=\"fail\"/></state>"));
}

static void a_dot_and_a_star_take_every_event(void **state) {
	(void)state;
	passes(CHART("<state id=\"s\"><onentry><raise event=\"whatever.it.is\"/></onentry><transition event=\".*\" target=\"pass\"/></state>"));
}

static void a_descriptor_takes_whole_words_only(void **state) {
	(void)state;
	passes(CHART("<state id=\"s\"><onentry><raise event=\"customers\"/><raise event=\"customer.message\"/></onentry>"
	             "<transition event=\"customer.*\" cond=\"_event.name == 'customer.message'\" target=\"pass\"/>"
	             "<transition event=\"customer\" target=\"fail\"/></state>"));
}

static void history_brings_back_what_was_left(void **state) {
	(void)state;
	passes(CHART("<datamodel><data id=\"n\" expr=\"0\"/></datamodel>"
	             "<state id=\"s\" initial=\"one\"><history id=\"h\" type=\"deep\"><transition target=\"one\"/></history>"
	             "<transition event=\"out\" target=\"away\"/>"
	             "<state id=\"one\"><transition target=\"two\"/></state>"
	             "<state id=\"two\"><onentry><assign location=\"n\" expr=\"n + 1\"/><raise event=\"out\"/></onentry>"
	             "<transition cond=\"n == 2\" target=\"pass\"/></state></state>"
	             "<state id=\"away\"><transition target=\"h\"/></state>"));
}

/* ---- errors ------------------------------------------------------------------------ */

static void an_error_ends_its_own_block_and_what_was_written_stays(void **state) {
	(void)state;
	passes(CHART("<datamodel><data id=\"a\" expr=\"0\"/><data id=\"b\" expr=\"0\"/></datamodel>"
	             "<state id=\"s\"><onentry><assign location=\"a\" expr=\"1\"/><assign location=\"no.such.place\" expr=\"1\"/>"
	             "<assign location=\"a\" expr=\"2\"/></onentry><onentry><assign location=\"b\" expr=\"a\"/></onentry>"
	             "<transition event=\"error.execution\" cond=\"a == 1 and b == 1 and _event.type == 'platform'\" target=\"pass\"/>"
	             "<transition event=\"*\" target=\"fail\"/></state>"));
}

static void a_guard_that_fails_is_false_and_raises_an_error(void **state) {
	(void)state;
	passes(
	    CHART("<state id=\"s\"><onentry><raise event=\"go\"/></onentry><transition event=\"go\" cond=\"no.such.place\" target=\"fail\"/>"
	          "<transition event=\"go\" target=\"t\"/></state>"
	          "<state id=\"t\"><transition event=\"error.execution\" target=\"pass\"/><transition event=\"*\" target=\"fail\"/></state>"));
	/* One that is not even Lua, too. */
	passes(CHART(
	    "<state id=\"s\"><transition cond=\"return\" target=\"fail\"/><transition event=\"error.execution\" target=\"pass\"/></state>"));
}

static void data_that_cannot_be_made_are_empty_and_the_others_are_made(void **state) {
	(void)state;
	passes(CHART("<datamodel><data id=\"a\" expr=\"nothing.at.all\"/><data id=\"b\" expr=\"2\"/></datamodel>"
	             "<state id=\"s\"><transition event=\"error.execution\" cond=\"a == nil and b == 2\" target=\"pass\"/>"
	             "<transition event=\"*\" target=\"fail\"/></state>"));
}

static void a_guard_writes_nothing(void **state) {
	(void)state;
	passes(CHART("<script>function count() n = (n or 0) + 1 return true end</script>"
	             "<state id=\"s\"><transition cond=\"count()\" target=\"fail\"/>"
	             "<transition event=\"error.execution\" cond=\"n == nil\" target=\"pass\"/></state>"));
}

static void a_guard_changes_no_table_either(void **state) {
	(void)state;
	passes(CHART("<datamodel><data id=\"list\">{}</data><data id=\"other\" expr=\"list\"/></datamodel>"
	             "<script>function add() table.insert(other, 1) return true end</script>"
	             "<state id=\"s\"><transition cond=\"add()\" target=\"fail\"/>"
	             "<transition event=\"error.execution\" cond=\"#list == 0 and #other == 0\" target=\"pass\"/></state>"));
}

static void a_table_that_two_names_hold_is_one_within_a_step_and_saved_as_it_is(void **state) {
	(void)state;
	passes(CHART("<datamodel><data id=\"a\"/></datamodel>"
	             "<state id=\"s\"><onentry><send event=\"x\"><param name=\"n\" expr=\"1\"/></send></onentry>"
	             "<transition event=\"x\" target=\"t\"><assign location=\"a\" expr=\"_event.data\"/></transition></state>"
	             "<state id=\"t\"><onentry><script>_event.data.n = 2</script><send event=\"y\" delay=\"1s\"/></onentry>"
	             "<transition event=\"y\" cond=\"a.n == 2\" target=\"pass\"/><transition event=\"y\" target=\"fail\"/></state>"));
}

/* ---- sends -------------------------------------------------------------------------- */

static void a_send_to_no_target_is_an_error_and_one_out_of_reach_another(void **state) {
	(void)state;
	passes(CHART(
	    "<state id=\"s\"><onentry><send target=\"baz\" event=\"x\" id=\"first\"/><raise event=\"skipped\"/></onentry>"
	    "<transition event=\"error.execution\" cond=\"_event.sendid == 'first'\" target=\"t\"/><transition event=\"*\" "
	    "target=\"fail\"/></state>"
	    "<state id=\"t\"><onentry><send target=\"#_scxml_nobody\" event=\"x\" idlocation=\"second\"/><raise event=\"after\"/></onentry>"
	    "<transition event=\"error.communication\" cond=\"_event.sendid == second\" target=\"u\"/><transition event=\"*\" "
	    "target=\"fail\"/></state>"
	    "<state id=\"u\"><transition event=\"after\" target=\"pass\"/></state>"));
}

static void events_have_their_fields(void **state) {
	(void)state;
	passes(CHART(
	    "<state id=\"s\"><onentry><send event=\"x\" id=\"mine\"><param name=\"a\" expr=\"1\"/></send><raise event=\"y\"/></onentry>"
	    "<transition event=\"y\" cond=\"_event.type == 'internal' and _event.origin == nil and _event.sendid == nil\" "
	    "target=\"t\"/></state>"
	    "<state id=\"t\"><transition event=\"x\" cond=\"_event.type == 'external' and _event.sendid == 'mine' and _event.data.a == 1 and "
	    "_event.origin == '#_scxml_' .. _sessionid and _event.origintype == 'http://www.w3.org/TR/scxml/#SCXMLEventProcessor'\" "
	    "target=\"pass\"/><transition event=\"*\" target=\"fail\"/></state>"));
}

static void delays_and_cancels_are_minded(void **state) {
	(void)state;
	passes(CHART("<datamodel><data id=\"wait\" expr=\"'.5s'\"/></datamodel>"
	             "<state id=\"s\"><onentry><send event=\"late\" delay=\"1.5s\"/><send event=\"soon\" delayexpr=\"wait\"/>"
	             "<send event=\"never\" id=\"n\" delay=\"100ms\"/><cancel sendid=\"n\"/></onentry>"
	             "<transition event=\"soon\" target=\"t\"/><transition event=\"*\" target=\"fail\"/></state>"
	             "<state id=\"t\"><transition event=\"late\" target=\"pass\"/><transition event=\"*\" target=\"fail\"/></state>"));
}

static void what_stands_in_content_is_a_number_or_a_text_with_single_spaces(void **state) {
	(void)state;
	passes(CHART("<state id=\"s\"><onentry><send event=\"a\"><content>foo</content></send><send event=\"b\"><content>123</content></send>"
	             "<send event=\"c\"><content>\n one  \n two </content></send><send event=\"d\"><content>{\"x\": [1, "
	             "\"y\"]}</content></send></onentry>"
	             "<transition event=\"a\" cond=\"_event.data == 'foo'\" target=\"t\"/><transition event=\"*\" target=\"fail\"/></state>"
	             "<state id=\"t\"><transition event=\"b\" cond=\"_event.data == 123\" target=\"u\"/><transition event=\"*\" "
	             "target=\"fail\"/></state>"
	             "<state id=\"u\"><transition event=\"c\" cond=\"_event.data == 'one two'\" target=\"v\"/><transition event=\"*\" "
	             "target=\"fail\"/></state>"
	             "<state id=\"v\"><transition event=\"d\" cond=\"_event.data.x[2] == 'y'\" target=\"pass\"/><transition event=\"*\" "
	             "target=\"fail\"/></state>"));
}

static void what_a_final_tells_is_the_data_of_the_end(void **state) {
	(void)state;
	passes(
	    CHART("<datamodel><data id=\"n\" expr=\"4\"/></datamodel>"
	          "<state id=\"s\"><transition event=\"done.state.s\" cond=\"_event.data.n == 4\" target=\"t\"/>"
	          "<final id=\"over\"><donedata><param name=\"n\" location=\"n\"/></donedata></final></state>"
	          "<state id=\"t\"><transition event=\"error.execution\" target=\"u\"/><final id=\"wrong\"><donedata><content "
	          "expr=\"x.y.z\"/></donedata>"
	          "</final></state><state id=\"u\"><transition event=\"done.state.t\" cond=\"_event.data == nil\" target=\"pass\"/></state>"));
}

static void a_param_that_fails_takes_only_itself_with_it(void **state) {
	(void)state;
	passes(
	    CHART("<state id=\"s\"><onentry><send event=\"x\"><param name=\"a\" expr=\"1\"/><param name=\"b\" expr=\"no.such.thing\"/>"
	          "<param name=\"c\" expr=\"return\"/><param name=\"d\" expr=\"nothing + 1\"/><param name=\"d\" expr=\"1 + 1\"/></send>"
	          "<assign location=\"after\" expr=\"true\"/></onentry>"
	          "<transition event=\"error.execution\" cond=\"after\"><assign location=\"errors\" expr=\"(errors or 0) + 1\"/></transition>"
	          "<transition event=\"x\" cond=\"errors == 3 and _event.data.a == 1 and _event.data.b == nil and _event.data.c == nil and "
	          "#_event.data.d == 1 and _event.data.d[1] == 2\" target=\"pass\"/><transition event=\"*\" target=\"fail\"/></state>"));
	/* Of a final as well; when all fail, there are no data. */
	passes(CHART(
	    "<state id=\"s\" initial=\"e\"><final id=\"e\"><donedata><param name=\"a\" expr=\"x.y\"/><param name=\"b\" expr=\"2\"/></donedata>"
	    "</final><transition event=\"done.state.s\" cond=\"_event.data.a == nil and _event.data.b == 2 and failed\" target=\"t\"/>"
	    "<transition event=\"error.execution\"><assign location=\"failed\" expr=\"true\"/></transition></state>"
	    "<state id=\"t\"><onentry><send event=\"x\"><param name=\"a\" location=\"x.y\"/></send></onentry>"
	    "<transition event=\"x\" cond=\"_event.data == nil\" target=\"pass\"/></state>"));
	/* A name of a namelist that fails takes the message with it (SCXML 6.2.3). */
	passes(CHART("<state id=\"s\"><onentry><send event=\"x\" namelist=\"no.such.thing\"/></onentry><onentry><send event=\"y\"/></onentry>"
	             "<transition event=\"x\" target=\"fail\"/><transition event=\"y\" target=\"pass\"/></state>"));
}

static void content_that_fails_is_no_data_and_the_message_goes(void **state) {
	(void)state;
	passes(CHART("<state id=\"s\"><onentry><send event=\"x\"><content expr=\"no.such.thing\"/></send></onentry>"
	             "<transition event=\"error.execution\"><assign location=\"failed\" expr=\"true\"/></transition>"
	             "<transition event=\"x\" cond=\"failed and _event.data == nil\" target=\"pass\"/></state>"));
}

static void a_cond_of_if_that_fails_is_false_and_the_block_goes_on(void **state) {
	(void)state;
	passes(
	    CHART("<state id=\"s\"><onentry><if cond=\"nothing > 1\"><raise event=\"wrong\"/><elseif cond=\"return\"/><raise event=\"wrong\"/>"
	          "<elseif cond=\"1 + 1 == 2\"/><raise event=\"right\"/></if><raise event=\"after\"/></onentry>"
	          "<transition event=\"error.execution\"><assign location=\"errors\" expr=\"(errors or 0) + 1\"/></transition>"
	          "<transition event=\"right\" cond=\"errors == 2\" target=\"t\"/><transition event=\"*\" target=\"fail\"/></state>"
	          "<state id=\"t\"><transition event=\"after\" target=\"pass\"/><transition event=\"*\" target=\"fail\"/></state>"));
}

static void a_send_to_itself_within_the_step_has_its_id(void **state) {
	(void)state;
	passes(CHART(
	    "<state id=\"s\"><onentry><send event=\"x\" target=\"#_internal\" id=\"mine\"/>"
	    "<send event=\"y\" targetexpr=\"'#_internal'\" idlocation=\"made\"/><send event=\"z\" target=\"#_internal\"/></onentry>"
	    "<transition event=\"x\" cond=\"_event.sendid == 'mine' and _event.type == 'internal' and _event.origin == nil\" target=\"t\"/>"
	    "<transition event=\"*\" target=\"fail\"/></state>"
	    "<state id=\"t\"><transition event=\"y\" cond=\"made ~= nil and _event.sendid == made\" target=\"u\"/>"
	    "<transition event=\"*\" target=\"fail\"/></state>"
	    "<state id=\"u\"><transition event=\"z\" cond=\"_event.sendid == nil\" target=\"pass\"/></state>"));
}

/* A limit is not an error that a chart could go on after. */
static void a_limit_goes_through_what_may_fail(void **state) {
	(void)state;
	aplomb_runtime *rt = open_runtime();
	load(rt, CHART("<script>function spin() while true do end end</script>"
	               "<state id=\"s\"><transition event=\"go\"><if cond=\"spin()\"><raise event=\"go\"/></if></transition></state>"));
	open_case(rt, "c");
	post(rt, "c", "go", NULL);
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	assert_int_equal(aplomb_case_get(rt, "c", &info, NULL), APLOMB_OK);
	assert_int_equal(info.status, APLOMB_CASE_FAULTED);
	aplomb_close(rt);
}

/* ---- variables ------------------------------------------------------------------------ */

static void foreach_goes_through_a_copy(void **state) {
	(void)state;
	passes(CHART(
	    "<datamodel><data id=\"list\">{1, 2, 3}</data><data id=\"n\" expr=\"0\"/></datamodel>"
	    "<state id=\"s\"><onentry><foreach array=\"list\" item=\"it\" index=\"at\"><assign location=\"list[#list + 1]\" expr=\"it\"/>"
	    "<assign location=\"n\" expr=\"n + it * at\"/></foreach></onentry>"
	    "<transition cond=\"n == 14 and #list == 6 and it == 3 and at == 3\" target=\"pass\"/><transition target=\"fail\"/></state>"));
}

static void tables_of_the_system_are_the_same_in_a_later_step_and_cannot_be_written(void **state) {
	(void)state;
	passes(CHART(
	    "<datamodel><data id=\"p\" expr=\"_ioprocessors\"/></datamodel>"
	    "<state id=\"s\"><onentry><send event=\"go\" delay=\"1s\"/></onentry><transition event=\"go\" cond=\"p == _ioprocessors and "
	    "p.scxml.location == '#_scxml_c'\" target=\"t\"/><transition event=\"go\" target=\"fail\"/></state>"
	    "<state id=\"t\"><onentry><assign location=\"_event.name\" expr=\"'other'\"/></onentry>"
	    "<transition event=\"error.execution\" target=\"u\"/><transition event=\"*\" target=\"fail\"/></state>"
	    "<state id=\"u\"><onentry><assign location=\"e\" expr=\"_event\"/><assign location=\"_ioprocessors\" expr=\"1\"/></onentry>"
	    "<transition cond=\"e == _event\" target=\"v\"/></state>"
	    "<state id=\"v\"><transition event=\"error.execution\" cond=\"e ~= _event and p == _ioprocessors\" target=\"pass\"/></state>"));
}

static void late_data_are_made_when_their_state_is_entered_first(void **state) {
	(void)state;
	passes("<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" version=\"1.0\" datamodel=\"lua\" binding=\"late\">"
	       "<state id=\"s\"><transition cond=\"n == nil\" target=\"t\"/><transition target=\"fail\"/></state>"
	       "<state id=\"t\"><datamodel><data id=\"n\" expr=\"1\"/></datamodel><onentry><assign location=\"n\" expr=\"n + 1\"/></onentry>"
	       "<transition cond=\"n == 3\" target=\"pass\"/><transition cond=\"n == 2\" target=\"t\"/><transition "
	       "target=\"fail\"/></state>" TAIL);
}

static void functions_of_a_script_call_each_other_and_change_variables(void **state) {
	(void)state;
	passes(CHART("<script>limit = 3 function add(x) n = (n or 0) + twice(x) end function twice(x) return x * 2 end</script>"
	             "<state id=\"s\"><onentry><script>add(limit) local hidden = 1</script></onentry>"
	             "<transition cond=\"n == 6 and hidden == nil\" target=\"pass\"/><transition target=\"fail\"/></state>"));
}

static void a_variable_named_as_ours_is_the_charts(void **state) {
	(void)state;
	passes(
	    CHART("<datamodel><data id=\"case\" expr=\"1\"/><data id=\"scxml\" expr=\"2\"/><data id=\"state\" expr=\"3\"/></datamodel>"
	          "<state id=\"s\"><onentry><log label=\"x\" expr=\"case\"/><assign location=\"case\" expr=\"case + scxml + state\"/></onentry>"
	          "<transition cond=\"case == 6\" target=\"pass\"/><transition target=\"fail\"/></state>"));
}

static const char counting[] = CHART("<datamodel><data id=\"n\" expr=\"0\"/><data id=\"list\">{}</data></datamodel>"
                                     "<state id=\"s\"><transition event=\"add\"><assign location=\"n\" expr=\"n + _event.data.by\"/>"
                                     "<script>list[#list + 1] = n</script></transition>"
                                     "<transition event=\"stop\" cond=\"n == 5 and list[2] == 5\" target=\"pass\"/></state>");

static void cases_of_one_chart_share_nothing(void **state) {
	(void)state;
	aplomb_runtime *rt = open_runtime();
	load(rt, counting);
	open_case(rt, "c");
	open_case(rt, "d");
	post(rt, "c", "add", "{\"data\":{\"by\":2}}");
	post(rt, "d", "add", "{\"data\":{\"by\":7}}");
	post(rt, "c", "add", "{\"data\":{\"by\":3}}");
	char *data;
	assert_int_equal(aplomb_case_data(rt, "c", &data, NULL, NULL), APLOMB_OK);
	assert_string_equal(data, "{\"variables\":{\"list\":[2,5],\"n\":5}}");
	aplomb_text_free(rt, data);
	assert_int_equal(aplomb_case_data(rt, "d", &data, NULL, NULL), APLOMB_OK);
	assert_string_equal(data, "{\"variables\":{\"list\":[7],\"n\":7}}");
	aplomb_text_free(rt, data);
	post(rt, "c", "stop", NULL);
	has_ended_in(rt, "c", "pass");
	aplomb_close(rt);
}

static void what_comes_from_outside_is_the_data_of_the_event(void **state) {
	(void)state;
	aplomb_runtime *rt = open_runtime();
	load(rt,
	    CHART(
	        "<state id=\"s\"><transition event=\"a\" cond=\"_event.data.by == 2 and _event.data.data == nil\"><assign location=\"n\" "
	        "expr=\"(n or 0) + 1\"/></transition><transition event=\"b\" cond=\"_event.data == 'text'\"><assign location=\"n\" expr=\"n + "
	        "1\"/></transition><transition event=\"c\" cond=\"_event.data == nil and n == 4\" target=\"pass\"/>"
	        "<transition event=\"d\" cond=\"_event.data.data == 1 and _event.data.by == 2\"><assign location=\"n\" expr=\"n + "
	        "1\"/></transition>"
	        "<transition event=\"*\" target=\"fail\"/></state>"));
	open_case(rt, "c");
	post(rt, "c", "a", "{\"by\":2}");
	post(rt, "c", "a", "{\"data\":{\"by\":2}}"); /* as the journal has it */
	post(rt, "c", "b", "{\"data\":\"text\"}");
	post(rt, "c", "d", "{\"by\":2,\"data\":1}");
	post(rt, "c", "c", "{}");
	has_ended_in(rt, "c", "pass");
	aplomb_close(rt);
}

static void variables_are_in_the_snapshot(void **state) {
	(void)state;
	aplomb_runtime *rt = open_runtime();
	load(rt, counting);
	open_case(rt, "c");
	post(rt, "c", "add", "{\"data\":{\"by\":2}}");
	char *snapshot;
	size_t size;
	assert_int_equal(aplomb_case_snapshot(rt, "c", &snapshot, &size, NULL), APLOMB_OK);
	aplomb_runtime *other = open_runtime();
	load(other, counting);
	assert_int_equal(aplomb_case_restore(other, snapshot, size, NULL), APLOMB_OK);
	aplomb_text_free(rt, snapshot);
	aplomb_close(rt);
	post(other, "c", "add", "{\"data\":{\"by\":3}}");
	post(other, "c", "stop", NULL);
	has_ended_in(other, "c", "pass");
	aplomb_close(other);
}

static void an_unknown_event_is_refused_with_the_nearest(void **state) {
	(void)state;
	aplomb_runtime *rt = open_runtime();
	load(rt, counting);
	open_case(rt, "c");
	aplomb_error error = {0};
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = "c";
	event.name = "stopp";
	assert_int_equal(aplomb_post(rt, &event, NULL, NULL, &error), APLOMB_EREFUSED);
	assert_non_null(strstr(error.message, "did you mean \"stop\"?"));
	aplomb_close(rt);
}

static void the_text_that_is_given_loads_as_the_document_does(void **state) {
	(void)state;
	aplomb_runtime *rt = open_runtime();
	aplomb_load_options options = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_playbook *one, *other;
	options.path = "chart.scxml";
	options.source = counting;
	options.source_size = strlen(counting);
	assert_int_equal(aplomb_load(rt, &options, &one, NULL), APLOMB_OK);
	char *text;
	size_t size;
	assert_int_equal(aplomb_import_scxml(rt, &options, &text, &size, NULL), APLOMB_OK);
	options.path = "chart.lua";
	options.source = text;
	options.source_size = size;
	assert_int_equal(aplomb_load(rt, &options, &other, NULL), APLOMB_OK);
	/* The same but for the lines that they speak of: the document's, or their own. */
	assert_string_not_equal(aplomb_playbook_hash(one), aplomb_playbook_hash(other));
	size_t size_of_one, size_of_other;
	const char *inside = strstr(aplomb_playbook_source(one, &size_of_one), "return playbook");
	const char *inside_other = strstr(aplomb_playbook_source(other, &size_of_other), "return playbook");
	size_t length = (size_t)(strchr(inside_other, '"') - inside_other);
	assert_true(length > 0 && strncmp(inside, inside_other, length) == 0);
	assert_non_null(strstr(aplomb_playbook_source(one, NULL), "chart.lua.places"));
	assert_null(strstr(aplomb_playbook_source(other, NULL), "chart.lua.places"));
	aplomb_text_free(rt, text);
	options.source = "return playbook \"p\" { state \"s\" {} }";
	options.source_size = strlen(options.source);
	assert_int_equal(aplomb_load(rt, &options, &one, NULL), APLOMB_OK);
	assert_null(aplomb_playbook_imported(one));
	assert_null(aplomb_playbook_imported(NULL));
	assert_int_equal(aplomb_import_scxml(rt, &options, &text, &size, NULL), APLOMB_EPLAYBOOK);
	assert_int_equal(aplomb_import_scxml(rt, NULL, &text, &size, NULL), APLOMB_EINVAL);
	assert_int_equal(aplomb_import_scxml(rt, &options, NULL, &size, NULL), APLOMB_EINVAL);
	aplomb_close(rt);
}

/* ---- charts that it invokes ------------------------------------------------------------------ */

#define CHILD(body) "<content><scxml>" body "</scxml></content>"
#define ENDING CHILD("<final id=\"end\"/>")

static void an_invoke_begins_when_the_step_ends_and_only_where_it_still_is(void **state) {
	(void)state;
	passes(CHART("<state id=\"s\" initial=\"a\"><onentry><send event=\"late\" delay=\"1s\"/></onentry>"
	             "<transition event=\"done.invoke.through\" target=\"fail\"/><transition event=\"error\" target=\"fail\"/>"
	             "<transition event=\"late\" cond=\"n == 1\" target=\"pass\"/>"
	             "<state id=\"a\"><invoke id=\"through\">" ENDING "</invoke><transition target=\"b\"/></state>"
	             "<state id=\"b\"><invoke id=\"there\">" ENDING "</invoke>"
	             "<transition event=\"done.invoke.there\"><assign location=\"n\" expr=\"(n or 0) + 1\"/></transition></state></state>"));
}

static void what_a_cancelled_child_sends_comes_to_nothing(void **state) {
	(void)state;
	passes(CHART("<state id=\"s\"><onentry><send event=\"leave\" delay=\"1s\"/></onentry><invoke id=\"i\">" CHILD(
	    "<state id=\"c\"><onentry><send event=\"over\" delay=\"2s\"/><send event=\"later\" target=\"#_parent\" delay=\"3s\"/></onentry>"
	    "<onexit><send event=\"gone\" target=\"#_parent\"/></onexit><transition event=\"over\" target=\"end\"/></state><final "
	    "id=\"end\"/>") "</invoke><transition event=\"leave\" target=\"t\"/></state>"
	                    "<state id=\"t\"><onentry><send event=\"quiet\" delay=\"5s\"/></onentry><transition event=\"quiet\" "
	                    "target=\"pass\"/>"
	                    "<transition event=\"*\" target=\"fail\"/></state>"));
}

/* It was on its way before the state was left. */
static void a_child_that_ended_by_itself_is_heard_to_its_end(void **state) {
	(void)state;
	passes(CHART("<state id=\"s\"><invoke id=\"i\">" CHILD(
	    "<final id=\"end\"><onexit><send event=\"last\" target=\"#_parent\"/></onexit></final>") "</invoke><transition event=\"last\" "
	                                                                                             "target=\"t\"/></state>"
	                                                                                             "<state id=\"t\"><onentry><send "
	                                                                                             "event=\"quiet\" delay=\"1s\"/></onentry>"
	                                                                                             "<transition event=\"done.invoke.i\" "
	                                                                                             "target=\"pass\"/><transition event=\"*\" "
	                                                                                             "target=\"fail\"/></state>"));
}

static void a_child_takes_what_it_has_data_for_and_gives_back_its_donedata(void **state) {
	(void)state;
	passes(CHART(
	    "<datamodel><data id=\"n\" expr=\"2\"/><data id=\"other\" expr=\"7\"/></datamodel><state id=\"s\"><invoke id=\"i\" namelist=\"n "
	    "other\"><param name=\"list\" expr=\"{n, n + 1}\"/><param name=\"wrong\" expr=\"no.such.thing\"/>" CHILD(
	        "<datamodel><data id=\"n\" expr=\"f()\"/><data id=\"list\"/><data id=\"sum\" expr=\"n + list[2]\"/><data id=\"wrong\" "
	        "expr=\"1\"/></datamodel><final id=\"end\"><donedata><content expr=\"{sum = sum, other = other, wrong = "
	        "wrong}\"/></donedata></final>") "</invoke>"
	                                         "<transition event=\"error.execution\"><assign location=\"failed\" "
	                                         "expr=\"true\"/></transition>"
	                                         "<transition event=\"done.invoke.i\" cond=\"failed and _event.data.sum == 5 and "
	                                         "_event.data.other == nil and _event.data.wrong == 1 "
	                                         "and _event.invokeid == 'i' and _event.type == 'external'\" target=\"pass\"/><transition "
	                                         "event=\"*\" target=\"fail\"/></state>"));
}

static void finalize_runs_before_transitions_are_looked_for(void **state) {
	(void)state;
	passes(CHART(
	    "<datamodel><data id=\"n\" expr=\"1\"/><data id=\"m\" expr=\"1\"/></datamodel><parallel id=\"s\"><state id=\"a\"><invoke "
	    "id=\"i\">" CHILD("<state id=\"c\"><onentry><send event=\"tell\" target=\"#_parent\"><param name=\"n\" "
	                      "expr=\"5\"/></send></onentry></state>") "<finalize><assign location=\"n\" "
	                                                               "expr=\"_event.data.n\"/></finalize></invoke></state>"
	                                                               "<state id=\"b\"><invoke id=\"j\">" CHILD(
	                                                                   "<state id=\"c\"/>") "<finalize><assign location=\"m\" "
	                                                                                        "expr=\"2\"/></finalize></invoke></state>"
	                                                                                        "<transition event=\"tell\" cond=\"n == 5 and "
	                                                                                        "m == 1\" target=\"pass\"/><transition "
	                                                                                        "event=\"*\" target=\"fail\"/></parallel>"));
	/* An empty one takes back what was handed over by its place. */
	passes(CHART(
	    "<datamodel><data id=\"n\" expr=\"1\"/><data id=\"t\" expr=\"{x = 1}\"/><data id=\"kept\" expr=\"3\"/></datamodel><state id=\"s\">"
	    "<invoke id=\"i\" namelist=\"n kept\"><param name=\"x\" location=\"t.x\"/><param name=\"y\" expr=\"1\"/>" CHILD(
	        "<state id=\"c\"><onentry><send event=\"tell\" target=\"#_parent\"><param name=\"n\" expr=\"5\"/><param name=\"x\" "
	        "expr=\"6\"/><param name=\"y\" expr=\"7\"/></send></onentry></state>") "<finalize/></invoke>"
	                                                                               "<transition event=\"tell\" cond=\"n == 5 and t.x == 6 "
	                                                                               "and kept == 3 and y == nil\" "
	                                                                               "target=\"pass\"/><transition event=\"*\" "
	                                                                               "target=\"fail\"/></state>"));
}

static void parent_and_child_reach_each_other_by_every_name(void **state) {
	(void)state;
	passes(CHART("<state id=\"s\"><invoke id=\"kid\">" CHILD(
	    "<state id=\"c\"><onentry><send event=\"hello\" target=\"#_parent\"/></onentry><transition event=\"a\" cond=\"_event.invokeid == "
	    "nil\">"
	    "<send eventexpr=\"'got.a'\" targetexpr=\"_event.origin\"/></transition><transition event=\"b\" target=\"end\"/></state><final "
	    "id=\"end\"/>") "</invoke><transition event=\"hello\" cond=\"_event.origin ~= nil and _event.origin ~= '#_scxml_c' and "
	                    "_event.origintype ~= nil\">"
	                    "<send event=\"a\" target=\"#_kid\"/></transition>"
	                    "<transition event=\"got.a\"><send event=\"b\" targetexpr=\"_event.origin\"/></transition>"
	                    "<transition event=\"done.invoke.kid\" target=\"t\"/><transition event=\"*\" target=\"fail\"/></state>"
	                    /* There is no child any more, and never was a parent. */
	                    "<state id=\"t\"><onentry><send event=\"a\" target=\"#_kid\" id=\"x\"/><send event=\"a\" "
	                    "target=\"#_parent\"/><raise "
	                    "event=\"after\"/></onentry><transition event=\"error.communication\"><assign location=\"n\" expr=\"(n or 0) + "
	                    "1\"/></transition>"
	                    "<transition event=\"after\" cond=\"n == 2\" target=\"pass\"/><transition event=\"*\" target=\"fail\"/></state>"));
}

static void an_event_is_forwarded_with_what_it_carries(void **state) {
	(void)state;
	passes(CHART("<state id=\"s\"><onentry><send event=\"x\"><param name=\"n\" expr=\"4\"/></send></onentry><invoke id=\"i\" "
	             "autoforward=\"true\">" CHILD(
	                 "<state id=\"c\"><transition event=\"x\" cond=\"_event.data.n == 4\" target=\"end\"/></state><final "
	                 "id=\"end\"/>") "</invoke>"
	                                 "<invoke id=\"j\">" CHILD("<state id=\"c\"><transition event=\"x\" target=\"end\"/></state><final "
	                                                           "id=\"end\"/>") "</invoke>"
	                                                                           "<transition event=\"done.invoke.i\" "
	                                                                           "target=\"pass\"/><transition event=\"done.invoke.j\" "
	                                                                           "target=\"fail\"/></state>"));
}

/* What a child sent comes back to it as its parent saw it, and to another child as well. */
static void a_childs_event_is_forwarded_with_the_invocation_that_it_came_from(void **state) {
	(void)state;
	passes(CHART("<state id=\"s\"><invoke id=\"i\" autoforward=\"true\">" CHILD(
	    "<state id=\"c\"><onentry><send event=\"x\" target=\"#_parent\"/></onentry><transition event=\"x\" cond=\"_event.invokeid == 'i' "
	    "and "
	    "_event.sendid == nil and _event.origin == '#_scxml_' .. _sessionid\" target=\"end\"/></state><final id=\"end\"/>") "</invoke>"
	                                                                                                                        "<invoke "
	                                                                                                                        "id=\"j\" "
	                                                                                                                        "autoforward="
	                                                                                                                        "\"true\""
	                                                                                                                        ">" CHILD(
	                                                                                                                            "<state "
	                                                                                                                            "id=\"c\"><"
	                                                                                                                            "invoke "
	                                                                                                                            "id="
	                                                                                                                            "\"i\""
	                                                                                                                            ">" CHILD(
	                                                                                                                                "<state"
	                                                                                                                                " id="
	                                                                                                                                "\"z\"/"
	                                                                                                                                ">") "<"
	                                                                                                                                     "f"
	                                                                                                                                     "i"
	                                                                                                                                     "n"
	                                                                                                                                     "a"
	                                                                                                                                     "l"
	                                                                                                                                     "i"
	                                                                                                                                     "z"
	                                                                                                                                     "e"
	                                                                                                                                     ">"
	                                                                                                                                     "<"
	                                                                                                                                     "a"
	                                                                                                                                     "s"
	                                                                                                                                     "s"
	                                                                                                                                     "i"
	                                                                                                                                     "g"
	                                                                                                                                     "n"
	                                                                                                                                     " "
	                                                                                                                                     "l"
	                                                                                                                                     "o"
	                                                                                                                                     "c"
	                                                                                                                                     "a"
	                                                                                                                                     "t"
	                                                                                                                                     "i"
	                                                                                                                                     "o"
	                                                                                                                                     "n"
	                                                                                                                                     "="
	                                                                                                                                     "\"wrong\" expr=\"true\"/></finalize></invoke>"
	                                                                                                                                     "<"
	                                                                                                                                     "t"
	                                                                                                                                     "r"
	                                                                                                                                     "a"
	                                                                                                                                     "n"
	                                                                                                                                     "s"
	                                                                                                                                     "i"
	                                                                                                                                     "t"
	                                                                                                                                     "i"
	                                                                                                                                     "o"
	                                                                                                                                     "n"
	                                                                                                                                     " "
	                                                                                                                                     "e"
	                                                                                                                                     "v"
	                                                                                                                                     "e"
	                                                                                                                                     "n"
	                                                                                                                                     "t"
	                                                                                                                                     "="
	                                                                                                                                     "\"x\" cond=\"_event.invokeid == 'i' and wrong == nil\" target=\"end\"/></state><final id=\"end\"/>") "</invoke>"
	                                                                                                                                                                                                                                           "<transition event=\"x\" cond=\"_event.invokeid == 'i' and _event.sendid == nil\"><assign location=\"heard\" expr=\"true\"/></transition>"
	                                                                                                                                                                                                                                           "<transition event=\"done.invoke\" cond=\"heard\"><assign location=\"n\" expr=\"(n or 0) + 1\"/></transition>"
	                                                                                                                                                                                                                                           "<transition cond=\"n == 2\" target=\"pass\"/><transition event=\"error\" target=\"fail\"/></state>"));
}

static void an_invoke_that_cannot_be_made_raises_an_error_and_the_others_begin(void **state) {
	(void)state;
	passes(CHART("<datamodel><data id=\"kind\" expr=\"'http'\"/></datamodel><state id=\"s\"><invoke id=\"a\" typeexpr=\"kind\">" ENDING
	             "</invoke><invoke id=\"b\" type=\"x\">" ENDING "</invoke><invoke id=\"c\" srcexpr=\"'nowhere.scxml'\"/><invoke id=\"d\" "
	             "namelist=\"no.such.thing\">" ENDING "</invoke><invoke id=\"e\" idlocation=\"\" >" ENDING "</invoke>"
	             "<transition event=\"error.execution\"><assign location=\"n\" expr=\"(n or 0) + 1\"/></transition>"
	             "<transition event=\"done.invoke.e\" cond=\"n == 4\" target=\"pass\"/><transition event=\"*\" target=\"fail\"/></state>"));
}

typedef struct told_charts {
	char text[1024];
	size_t count;
} told_charts;

static void tell_chart(const aplomb_imported *imported, void *payload) {
	told_charts *told = payload;
	assert_int_equal(imported->size, sizeof *imported);
	assert_int_equal(strlen(imported->text), imported->text_size);
	const size_t used = strlen(told->text);
	snprintf(told->text + used, sizeof told->text - used, "%s %s %s; ", imported->id, imported->name, imported->document);
	told->count++;
}

static void each_chart_is_told_with_its_name_the_documents_own_first(void **state) {
	(void)state;
	static const char family[] = CHART("<state id=\"s\"><invoke>" CHILD(
	    "<state id=\"c\"><invoke><content><scxml name=\"A Grand Child\"><final/></scxml></content></invoke></state>") "</invoke></state>");
	aplomb_runtime *rt = open_runtime();
	aplomb_load_options options = APLOMB_LOAD_OPTIONS_INIT;
	options.path = "some/where/Order Status.scxml";
	options.source = family;
	options.source_size = strlen(family);
	told_charts told = {"", 0};
	assert_int_equal(aplomb_import_scxml_all(rt, &options, tell_chart, &told, NULL), APLOMB_OK);
	assert_string_equal(told.text, "order-status Order Status.lua some/where/Order Status.scxml; "
	                               "order-status-child order-status-child.lua some/where/Order Status.scxml; "
	                               "order-status-a-grand-child order-status-a-grand-child.lua some/where/Order Status.scxml; ");
	/* Nothing is told when something is wrong. */
	told = (told_charts){"", 0};
	assert_int_equal(aplomb_import_scxml_all(rt, NULL, tell_chart, &told, NULL), APLOMB_EINVAL);
	assert_int_equal(aplomb_import_scxml_all(rt, &options, NULL, &told, NULL), APLOMB_EINVAL);
	options.source = CHART("<state id=\"s\"><invoke/></state>");
	options.source_size = strlen(options.source);
	assert_int_equal(aplomb_import_scxml_all(rt, &options, tell_chart, &told, NULL), APLOMB_EPLAYBOOK);
	options.source = NULL;
	options.path = "no/such/file.scxml";
	assert_int_equal(aplomb_import_scxml_all(rt, &options, tell_chart, &told, NULL), APLOMB_EIO);
	options.path = NULL;
	assert_int_equal(aplomb_import_scxml_all(rt, &options, tell_chart, &told, NULL), APLOMB_EINVAL);
	assert_int_equal(told.count, 0);
	aplomb_close(rt);
}

/* ---- places ------------------------------------------------------------------------------ */

static const char erring[] =
    "<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" version=\"1.0\" datamodel=\"lua\">\n"
    "<datamodel>\n<data id=\"a\" expr=\"1\"/>\n<data id=\"b\" expr=\"no.where.at.all\"/></datamodel>\n"      /* 4 */
    "<script>\n"                                                                                             /* 5 */
    "  function far(x)\n    local y = x\n    return y.z.w\n  end\n\n\n  a = a + no.such.thing\n"             /* 12 */
    "</script>\n<state id=\"s\">\n<onentry>\n<script>local hidden = 1\n  far(hidden)</script>\n</onentry>\n" /* 18 */
    "<transition event=\"go\" cond=\"no.cond.here\" target=\"s\">\n<raise event=\"x\"/></transition>\n"      /* 20 */
    "<transition event=\"go\" target=\"pass\">\n"                                                            /* 21 */
    "<assign location=\"a.b\" expr=\"2\"/></transition>\n</state>\n<state id=\"alone\"/>\n" TAIL;            /* 24 */

typedef struct lines_told {
	char text[1024];
} lines_told;

/* Every "file":…,"line":… and "place":… of the journal, in their order. */
static int tell_lines(const char *text, size_t size, void *payload) {
	lines_told *told = payload;
	char line[8192];
	assert_true(size < sizeof line);
	memcpy(line, text, size);
	line[size] = '\0';
	for (const char *at = line; (at = strstr(at, "\"file\":\"")) != NULL; at++) {
		unsigned number;
		char file[64];
		assert_int_equal(sscanf(at, "\"file\":\"%63[^\"]\",\"line\":%u", file, &number), 2);
		size_t used = strlen(told->text);
		snprintf(told->text + used, sizeof told->text - used, "%s:%u ", file, number);
	}
	for (const char *at = line; (at = strstr(at, "\"place\":\"")) != NULL; at++) {
		char place[64];
		assert_int_equal(sscanf(at, "\"place\":\"%63[^\"]", place), 1);
		size_t used = strlen(told->text);
		snprintf(told->text + used, sizeof told->text - used, "%s ", place);
	}
	return 0;
}

static void runs_into_its_lines(aplomb_runtime *rt) {
	lines_told told = {""};
	open_case(rt, "c");
	post(rt, "c", "go", NULL);
	assert_int_equal(aplomb_journal_each(rt, "c", tell_lines, &told, NULL), APLOMB_OK);
	assert_string_equal(told.text, "chart.scxml:4 chart.scxml:12 chart.scxml:8 chart.scxml:19 chart.scxml:22 chart.scxml:21 ");
}

static void what_fails_names_the_line_of_the_document(void **state) {
	(void)state;
	aplomb_runtime *rt = open_runtime();
	load(rt, erring);
	runs_into_its_lines(rt);
	aplomb_close(rt);
}

static void what_a_send_fails_with_names_the_send(void **state) {
	(void)state;
	aplomb_runtime *rt = open_runtime();
	lines_told told = {""};
	load(rt, HEAD "\n<state id=\"s\"><onentry>\n<send event=\"x\" target=\"nowhere\"/></onentry>\n<onentry>\n"
	              "<send eventexpr=\"1\"/></onentry><onentry>\n<send event=\"y\" target=\"#_scxml_nobody\"/>\n"
	              "<if cond=\"a.b\"><raise event=\"z\"/></if><foreach item=\"i\"\n array=\"2\"/></onentry></state>" TAIL);
	open_case(rt, "c");
	assert_int_equal(aplomb_journal_each(rt, "c", tell_lines, &told, NULL), APLOMB_OK);
	assert_string_equal(told.text, "chart.scxml:3 chart.scxml:5 chart.scxml:6 chart.scxml:7 chart.scxml:7 ");
	aplomb_close(rt);
}

static void a_bundle_of_a_document_still_knows_its_lines(void **state) {
	(void)state;
	aplomb_runtime *rt = open_runtime(), *other = open_runtime();
	aplomb_load_options options = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_playbook *playbook, *again;
	options.path = "folder/chart.scxml";
	options.source = erring;
	options.source_size = strlen(erring);
	assert_int_equal(aplomb_load(rt, &options, &playbook, NULL), APLOMB_OK);
	options.path = "elsewhere.lua";
	options.source = aplomb_playbook_source(playbook, &options.source_size);
	assert_int_equal(aplomb_load(other, &options, &again, NULL), APLOMB_OK);
	assert_string_equal(aplomb_playbook_hash(playbook), aplomb_playbook_hash(again));
	runs_into_its_lines(rt);
	runs_into_its_lines(other);
	aplomb_close(other);
	aplomb_close(rt);
}

static void tell_place(const aplomb_finding *finding, void *payload) {
	lines_told *told = payload;
	size_t used = strlen(told->text);
	snprintf(told->text + used, sizeof told->text - used, "%s:%u:%u %s ", finding->file, finding->line, finding->column, finding->slug);
}

static void findings_name_the_elements_of_the_document(void **state) {
	(void)state;
	aplomb_runtime *rt = open_runtime();
	lines_told told = {""};
	aplomb_error error = {0};
	aplomb_load_options options = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_playbook *playbook;
	options.path = "folder/chart.scxml";
	options.examine = true;
	options.on_finding = tell_place;
	options.payload = &told;
	options.source = erring;
	options.source_size = strlen(erring);
	assert_int_equal(aplomb_load(rt, &options, &playbook, NULL), APLOMB_OK);
	assert_string_equal(told.text, "folder/chart.scxml:24:1 unreachable-state folder/chart.scxml:25:19 unreachable-state ");
	/* An error, too, and it is the first in the document. */
	options.source = "<scxml>\n<state id=\"s\"/>\n <state id=\"\xc3\xa9 \"/></scxml>";
	options.source_size = strlen(options.source);
	assert_int_equal(aplomb_load(rt, &options, &playbook, &error), APLOMB_EPLAYBOOK);
	assert_string_equal(error.file, "folder/chart.scxml");
	assert_int_equal(error.line, 3);
	aplomb_close(rt);
}

static void a_bundle_whose_places_are_none_is_refused(void **state) {
	(void)state;
	static const char *const wrong[] = {"", "\\n", "x.scxml", "x.scxml\\n", "x.scxml\\n1 1 1\\n", "x.scxml\\n1 1 1 1",
	    "x.scxml\\n0 1 1 1\\n", "x.scxml\\n1 1 1 1 -\\n", "x.scxml\\n2 1 1 1\\n1 1 1 1\\n", "x.scxml\\n4294967296 1 1 1\\n",
	    "x.scxml\\n\\n"};
	for (size_t i = 0; i <= sizeof wrong / sizeof *wrong; i++) {
		const bool is_right = i == sizeof wrong / sizeof *wrong;
		char bundle[1024];
		snprintf(bundle, sizeof bundle,
		    "{\"aplomb\":\"playbook\",\"files\":[{\"name\":\"p.lua\",\"text\":\"return playbook \\\"p\\\" { state \\\"s\\\" {} }\"},"
		    "{\"name\":\"p.lua.places\",\"text\":\"%s\"}],\"v\":1}",
		    is_right ? "x.scxml\\n1 1 4294967295 1 +\\n1 1 2 1\\n" : wrong[i]);
		aplomb_runtime *rt = open_runtime();
		aplomb_error error = {0};
		aplomb_playbook *playbook;
		aplomb_load_options options = APLOMB_LOAD_OPTIONS_INIT;
		options.source = bundle;
		options.source_size = strlen(bundle);
		assert_int_equal(aplomb_load(rt, &options, &playbook, &error), is_right ? APLOMB_OK : APLOMB_EPLAYBOOK);
		if (!is_right) assert_string_equal(error.slug, "bundle-shape");
		aplomb_close(rt);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_common_ancestor_of_a_transition_is_no_parallel),
	    cmocka_unit_test(an_internal_transition_of_an_atomic_state_is_external),
	    cmocka_unit_test(an_internal_transition_to_what_is_not_inside_is_external),
	    cmocka_unit_test(a_transition_without_a_target_conflicts_with_none),
	    cmocka_unit_test(a_dot_and_a_star_take_every_event),
	    cmocka_unit_test(a_descriptor_takes_whole_words_only),
	    cmocka_unit_test(history_brings_back_what_was_left),
	    cmocka_unit_test(an_error_ends_its_own_block_and_what_was_written_stays),
	    cmocka_unit_test(a_guard_that_fails_is_false_and_raises_an_error),
	    cmocka_unit_test(data_that_cannot_be_made_are_empty_and_the_others_are_made),
	    cmocka_unit_test(a_guard_writes_nothing),
	    cmocka_unit_test(a_guard_changes_no_table_either),
	    cmocka_unit_test(a_table_that_two_names_hold_is_one_within_a_step_and_saved_as_it_is),
	    cmocka_unit_test(a_send_to_no_target_is_an_error_and_one_out_of_reach_another),
	    cmocka_unit_test(events_have_their_fields),
	    cmocka_unit_test(delays_and_cancels_are_minded),
	    cmocka_unit_test(what_stands_in_content_is_a_number_or_a_text_with_single_spaces),
	    cmocka_unit_test(what_a_final_tells_is_the_data_of_the_end),
	    cmocka_unit_test(a_param_that_fails_takes_only_itself_with_it),
	    cmocka_unit_test(content_that_fails_is_no_data_and_the_message_goes),
	    cmocka_unit_test(a_cond_of_if_that_fails_is_false_and_the_block_goes_on),
	    cmocka_unit_test(a_send_to_itself_within_the_step_has_its_id),
	    cmocka_unit_test(a_limit_goes_through_what_may_fail),
	    cmocka_unit_test(foreach_goes_through_a_copy),
	    cmocka_unit_test(tables_of_the_system_are_the_same_in_a_later_step_and_cannot_be_written),
	    cmocka_unit_test(late_data_are_made_when_their_state_is_entered_first),
	    cmocka_unit_test(functions_of_a_script_call_each_other_and_change_variables),
	    cmocka_unit_test(a_variable_named_as_ours_is_the_charts),
	    cmocka_unit_test(cases_of_one_chart_share_nothing),
	    cmocka_unit_test(what_comes_from_outside_is_the_data_of_the_event),
	    cmocka_unit_test(variables_are_in_the_snapshot),
	    cmocka_unit_test(an_unknown_event_is_refused_with_the_nearest),
	    cmocka_unit_test(the_text_that_is_given_loads_as_the_document_does),
	    cmocka_unit_test(an_invoke_begins_when_the_step_ends_and_only_where_it_still_is),
	    cmocka_unit_test(what_a_cancelled_child_sends_comes_to_nothing),
	    cmocka_unit_test(a_child_that_ended_by_itself_is_heard_to_its_end),
	    cmocka_unit_test(a_child_takes_what_it_has_data_for_and_gives_back_its_donedata),
	    cmocka_unit_test(finalize_runs_before_transitions_are_looked_for),
	    cmocka_unit_test(parent_and_child_reach_each_other_by_every_name),
	    cmocka_unit_test(an_event_is_forwarded_with_what_it_carries),
	    cmocka_unit_test(a_childs_event_is_forwarded_with_the_invocation_that_it_came_from),
	    cmocka_unit_test(an_invoke_that_cannot_be_made_raises_an_error_and_the_others_begin),
	    cmocka_unit_test(each_chart_is_told_with_its_name_the_documents_own_first),
	    cmocka_unit_test(what_fails_names_the_line_of_the_document),
	    cmocka_unit_test(what_a_send_fails_with_names_the_send),
	    cmocka_unit_test(a_bundle_of_a_document_still_knows_its_lines),
	    cmocka_unit_test(findings_name_the_elements_of_the_document),
	    cmocka_unit_test(a_bundle_whose_places_are_none_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
