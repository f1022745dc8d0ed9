/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "repl/candidates.h"

static void expect_word(const char *before, const char *word) {
	repl_candidates candidates;
	repl_candidates_init(&candidates, before);
	assert_string_equal(candidates.word, word);
	repl_candidates_dispose(&candidates);
}

static void a_word_begins_behind_what_parts_words(void **state) {
	(void)state;
	expect_word("", "");
	expect_word("sho", "sho");
	expect_word("do customer.mess", "customer.mess");
	expect_word("do x {te", "te");
	expect_word("do x { a = 1,te", "te");
	expect_word("data.x==dat", "dat");
	expect_word("save ../a-b:c", "../a-b:c");
	expect_word("show ", "");
}

static void only_what_goes_on_with_the_word_stays_and_once(void **state) {
	(void)state;
	repl_candidates candidates;
	const char *rest;
	repl_candidates_init(&candidates, "do cu");
	repl_candidate(&candidates, "customer.message", "the customer writes");
	repl_candidate(&candidates, "parcel.found", NULL);
	repl_candidate(&candidates, "customer.left", "");
	repl_candidate(&candidates, "customer.left", "again");
	assert_int_equal(candidates.count, 2);
	assert_null(candidates.items[1].note);
	assert_int_equal(repl_candidates_common(&candidates, &rest), 7);
	assert_memory_equal(rest, "stomer.", 7);
	repl_candidates_dispose(&candidates);
}

static void what_is_common_ends_with_a_character(void **state) {
	(void)state;
	repl_candidates candidates;
	const char *rest;
	repl_candidates_init(&candidates, "gr");
	repl_candidate(&candidates, "größe", NULL); /* ö and õ begin with the same byte */
	repl_candidate(&candidates, "grõ", NULL);
	assert_int_equal(repl_candidates_common(&candidates, &rest), 0);
	repl_candidates_dispose(&candidates);
}

static void a_word_may_hold_blanks(void **state) {
	(void)state;
	repl_candidates candidates;
	const char *before = "wait u", *rest;
	repl_candidates_init(&candidates, before);
	repl_candidates_begin_at(&candidates, before);
	repl_candidate(&candidates, "wait until", NULL);
	assert_int_equal(repl_candidates_common(&candidates, &rest), 4);
	assert_string_equal(rest, "ntil");
	repl_candidates_dispose(&candidates);
}

static void expect_list(repl_candidates *candidates, int columns, size_t most, const char *expected) {
	char *list = repl_candidates_list(candidates, columns, most);
	assert_string_equal(list, expected);
	free(list);
}

static void notes_stand_in_a_column_within_the_width(void **state) {
	(void)state;
	repl_candidates candidates;
	repl_candidates_init(&candidates, "");
	repl_candidate(&candidates, "荷物", "wide");
	repl_candidate(&candidates, "a", "a sentence that is longer than there is room for");
	repl_candidate(&candidates, "none", NULL);
	expect_list(&candidates, 30, 10, "荷物  wide\na     a sentence that is long…\nnone\n");
	expect_list(&candidates, 30, 2, "荷物  wide\n… and 2 more; type on to see fewer\n");
	repl_candidates_dispose(&candidates);
}

static void names_alone_stand_side_by_side_and_are_read_downwards(void **state) {
	(void)state;
	repl_candidates candidates;
	repl_candidates_init(&candidates, "");
	for (const char *const *name = (const char *const[]){"e", "dd", "ccc", "b", "a", NULL}; *name != NULL; name++)
		repl_candidate(&candidates, *name, NULL);
	repl_candidates_sort(&candidates);
	expect_list(&candidates, 20, 10, "a    ccc  e\nb    dd\n");
	repl_candidates_dispose(&candidates);
}

static void control_characters_of_a_name_reach_no_terminal(void **state) {
	(void)state;
	repl_candidates candidates;
	repl_candidates_init(&candidates, "");
	repl_candidate(&candidates, "a\033[2Jb", NULL);
	expect_list(&candidates, 40, 10, "a\xEF\xBF\xBD[2Jb\n");
	repl_candidates_dispose(&candidates);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_word_begins_behind_what_parts_words),
	    cmocka_unit_test(only_what_goes_on_with_the_word_stays_and_once),
	    cmocka_unit_test(what_is_common_ends_with_a_character),
	    cmocka_unit_test(a_word_may_hold_blanks),
	    cmocka_unit_test(notes_stand_in_a_column_within_the_width),
	    cmocka_unit_test(names_alone_stand_side_by_side_and_are_read_downwards),
	    cmocka_unit_test(control_characters_of_a_name_reach_no_terminal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
