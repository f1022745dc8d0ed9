/* SPDX-License-Identifier: MIT */
#include "late.h"

#include <stdio.h>
#include <stdlib.h>

static void a_playbook_is_drawn_in_every_form(void **state) {
	(void)state;
	static const char *const parts[] = {"customer.message \xe2\x86\x92 answered", "stateDiagram-v2", "digraph chart {", "<scxml "};
	aplomb_runtime *rt = open_late(NULL);
	aplomb_playbook *playbook = load_late(rt);
	for (int form = APLOMB_DRAW_TEXT; form <= APLOMB_DRAW_SCXML; form++) {
		aplomb_draw_options options = APLOMB_DRAW_OPTIONS_INIT;
		options.form = (aplomb_draw_form)form;
		char *text = NULL;
		size_t size = 0;
		assert_int_equal(aplomb_playbook_draw(rt, playbook, &options, &text, &size, NULL), APLOMB_OK);
		assert_int_equal(strlen(text), size);
		assert_non_null(strstr(text, parts[form]));
		aplomb_text_free(rt, text);
	}
	aplomb_close(rt);
}

static void what_is_missing_is_named(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	aplomb_playbook *playbook = load_late(rt);
	aplomb_error error = {0};
	aplomb_draw_options options = APLOMB_DRAW_OPTIONS_INIT;
	aplomb_drawing *drawing = NULL;
	char *text = NULL;
	options.form = (aplomb_draw_form)77;
	assert_int_equal(aplomb_playbook_draw(rt, playbook, &options, &text, NULL, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "draw-form");
	assert_int_equal(aplomb_playbook_draw(NULL, playbook, NULL, &text, NULL, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_playbook_draw(rt, NULL, NULL, &text, NULL, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_playbook_draw(rt, playbook, NULL, NULL, NULL, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_drawing_open(&drawing, rt, NULL, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_drawing_open(NULL, rt, playbook, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_drawing_note(NULL, (aplomb_value){0}, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_drawing_write(NULL, NULL, &text, NULL, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_drawing_unknown(NULL), 0);
	aplomb_drawing_close(NULL);
	assert_null(text);
	aplomb_close(rt);
}

static int note_line(const char *line, size_t size, void *payload) {
	aplomb_json *json = NULL;
	assert_int_equal(aplomb_json_read(&json, line, size, NULL), APLOMB_OK);
	assert_int_equal(aplomb_drawing_note(payload, aplomb_json_root(json), NULL), APLOMB_OK);
	aplomb_json_free(json);
	return 0;
}

static void a_case_is_followed_by_its_journal(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	aplomb_playbook *playbook = load_late(rt);
	aplomb_drawing *drawing = NULL;
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = "c1";
	event.playbook = "late";
	event.name = "customer.message";
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	assert_int_equal(aplomb_drawing_open(&drawing, rt, playbook, NULL), APLOMB_OK);
	assert_int_equal(aplomb_journal_each(rt, "c1", note_line, drawing, NULL), APLOMB_OK);
	assert_int_equal(aplomb_drawing_unknown(drawing), 0);
	char *text = NULL;
	assert_int_equal(aplomb_drawing_write(drawing, NULL, &text, NULL, NULL), APLOMB_OK);
	assert_non_null(strstr(text, "case c1: 1 transition taken"));
	const char *now = strstr(text, "\xe2\x97\x80 now");
	const char *answered = strstr(text, " answered  ");
	assert_non_null(now);
	assert_true(answered != NULL && answered < now && memchr(answered, '\n', (size_t)(now - answered)) == NULL);
	aplomb_text_free(rt, text);
	/* A transition that this playbook does not have is counted, and nothing else. */
	static const char strange[] =
	    "{\"at\":\"2026-03-31T09:00:00Z\",\"case\":\"c1\",\"items\":[{\"do\":\"transition\",\"from\":\"work.nowhere\",\"on\":\"done\","
	    "\"to\":[\"over\"]}]}";
	note_line(strange, sizeof strange - 1, drawing);
	assert_int_equal(aplomb_drawing_unknown(drawing), 1);
	aplomb_drawing_close(drawing);
	aplomb_close(rt);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_playbook_is_drawn_in_every_form),
	    cmocka_unit_test(what_is_missing_is_named),
	    cmocka_unit_test(a_case_is_followed_by_its_journal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
