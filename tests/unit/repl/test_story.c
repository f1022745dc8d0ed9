/* SPDX-License-Identifier: MIT */
/* The story as a tree of lines: what is taken in where, what forks, what is found. */
#include "../test_cmocka.h"

#include <string.h>

#include "repl/story.h"

static const char *line_of(const repl_story *story, size_t branch, uint64_t n) {
	static char line[64];
	size_t size;
	const char *at = repl_story_line_of(story, branch, n, &size);
	if (at == NULL) return NULL;
	assert_true(size < sizeof line && at[size] == '\n');
	memcpy(line, at, size);
	line[size] = '\0';
	return line;
}

/* The whole of a branch, its lines without separators. */
static const char *whole(const repl_story *story, size_t branch) {
	static char text[256];
	text[0] = '\0';
	for (uint64_t n = 0; line_of(story, branch, n) != NULL; n++) strcat(text, line_of(story, branch, n));
	return text;
}

static bool take(repl_story *story, const char *letters) {
	repl_text lines = {0};
	for (; *letters != '\0'; letters++) repl_text_format(&lines, "%c\n", *letters);
	bool forked = repl_story_take(story, repl_text_of(&lines), lines.size);
	repl_text_dispose(&lines);
	return forked;
}

static void what_happens_is_appended(void **state) {
	(void)state;
	repl_story *story = repl_story_new();
	assert_int_equal(repl_story_count(story), 0);
	assert_false(take(story, "ha"));
	assert_false(take(story, "b"));
	assert_int_equal(repl_story_count(story), 3);
	assert_string_equal(whole(story, 0), "hab");
	assert_string_equal(story->branches[0].name, "main");
	size_t size;
	assert_memory_equal(repl_story_line(story, 1, &size), "a", 1);
	assert_int_equal(size, 1);
	assert_null(repl_story_line(story, 3, &size));
	repl_story_free(story);
	repl_story_free(NULL);
}

static void another_step_in_the_past_forks_and_the_same_one_does_not(void **state) {
	(void)state;
	repl_story *story = repl_story_new();
	take(story, "habcde");
	story->count = 3;
	assert_false(story->is_same_way);
	assert_false(take(story, "cd"));
	assert_true(story->is_same_way);
	assert_int_equal(repl_story_count(story), 5);
	assert_int_equal(story->branch, 0);
	assert_true(take(story, "xy"));
	assert_false(story->is_same_way);
	assert_int_equal(story->branch, 1);
	assert_string_equal(story->branches[1].name, "future-2");
	assert_string_equal(whole(story, 0), "habcde");
	assert_string_equal(whole(story, 1), "habcdxy");
	assert_int_equal(story->branches[1].begins, 5);
	/* From the midst of what both share it is the elder's. */
	story->count = 2;
	assert_true(take(story, "z"));
	assert_int_equal(story->branches[2].parent, 0);
	assert_string_equal(whole(story, 2), "haz");
	assert_int_equal(repl_story_common(story, 0, 1), 5);
	assert_int_equal(repl_story_common(story, 1, 2), 2);
	assert_int_equal(repl_story_common(story, 2, 2), 3);
	/* And a fork of a fork. */
	story->branch = 1;
	story->count = 6;
	assert_true(take(story, "w"));
	assert_int_equal(story->branches[3].parent, 1);
	assert_string_equal(whole(story, 3), "habcdxw");
	assert_int_equal(repl_story_common(story, 3, 0), 5);
	assert_int_equal(repl_story_common(story, 3, 1), 6);
	assert_int_equal(repl_story_common(story, 3, 2), 2);
	repl_story_free(story);
}

static void a_recorded_branch_is_never_written_to(void **state) {
	(void)state;
	repl_story *story = repl_story_new();
	repl_story_begin(story, "recorded", true);
	repl_story_add(story, 0, "h", 1);
	repl_story_add(story, 0, "a", 1);
	assert_int_equal(repl_story_count(story), 0);
	story->count = 1;
	assert_false(take(story, "a"));
	assert_true(take(story, "b"));
	assert_string_equal(whole(story, 0), "ha");
	assert_string_equal(whole(story, 1), "hab");
	assert_false(take(story, "c"));
	assert_string_equal(whole(story, 1), "habc");
	repl_story_free(story);
}

static void a_branch_begun_by_hand_is_written_to_from_there_on(void **state) {
	(void)state;
	repl_story *story = repl_story_new();
	take(story, "habc");
	size_t made = repl_story_fork(story, (repl_place){0, 2, 0}, "what-if");
	assert_int_equal(repl_story_length(story, made), 3);
	story->branch = made;
	story->count = 3;
	assert_false(take(story, "c"));
	assert_string_equal(whole(story, made), "habc");
	assert_int_equal(repl_story_branch(story, "what-if"), made);
	assert_int_equal(repl_story_branch(story, "what"), REPL_NO_BRANCH);
	/* Names that are made up are none that is there. */
	repl_story_fork(story, (repl_place){0, 2, 0}, "future-4");
	size_t other = repl_story_fork(story, (repl_place){0, 2, 0}, NULL);
	assert_string_equal(story->branches[other].name, "future-5");
	repl_story_free(story);
}

static void what_was_only_looked_at_is_cut_off(void **state) {
	(void)state;
	repl_story *story = repl_story_new();
	take(story, "habcde");
	story->count = 3;
	repl_story_cut(story, 0, 4);
	assert_string_equal(whole(story, 0), "habc");
	repl_story_cut(story, 0, 9);
	assert_string_equal(whole(story, 0), "habc");
	assert_false(take(story, "cx"));
	assert_string_equal(whole(story, 0), "habcx");
	repl_story_free(story);
}

static void marks_are_found_by_name_and_move(void **state) {
	(void)state;
	repl_story *story = repl_story_new();
	take(story, "hab");
	assert_null(repl_story_find_mark(story, "here"));
	repl_story_mark(story, "here", (repl_place){0, 1, 7});
	repl_story_mark(story, "there", (repl_place){0, 2, 8});
	repl_story_mark(story, "here", (repl_place){0, 2, 9});
	assert_int_equal(story->n_marks, 2);
	assert_int_equal(repl_story_find_mark(story, "here")->place.seq, 2);
	assert_int_equal(repl_story_find_mark(story, "here")->place.now, 9);
	repl_story_clear(story);
	assert_null(repl_story_find_mark(story, "here"));
	assert_int_equal(repl_story_count(story), 0);
	repl_story_free(story);
}

static void steps_are_places_one_after_another_and_what_was_undone_is_forgotten_by_another(void **state) {
	(void)state;
	repl_story *story = repl_story_new();
	take(story, "habc");
	for (uint64_t i = 1; i <= 3; i++) repl_story_step(story, (repl_place){0, i, 5});
	repl_story_step(story, (repl_place){0, 3, 5});
	assert_int_equal(story->n_steps, 3);
	repl_story_step(story, (repl_place){0, 3, 6});
	assert_int_equal(story->n_steps, 4);
	story->step = 1;
	repl_story_step(story, story->steps[1]);
	assert_int_equal(story->n_steps, 4);
	repl_story_step(story, (repl_place){0, 1, 9});
	assert_int_equal(story->n_steps, 3);
	assert_int_equal(story->step, 2);
	repl_story_free(story);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_happens_is_appended),
	    cmocka_unit_test(another_step_in_the_past_forks_and_the_same_one_does_not),
	    cmocka_unit_test(a_recorded_branch_is_never_written_to),
	    cmocka_unit_test(a_branch_begun_by_hand_is_written_to_from_there_on),
	    cmocka_unit_test(what_was_only_looked_at_is_cut_off),
	    cmocka_unit_test(marks_are_found_by_name_and_move),
	    cmocka_unit_test(steps_are_places_one_after_another_and_what_was_undone_is_forgotten_by_another),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
