/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"

#include <string.h>

#include "aplomb.h"

static void every_slug_that_is_listed_can_be_explained(void **state) {
	(void)state;
	size_t count = 0, size;
	for (const char *slug; (slug = aplomb_explained(count, &size)) != NULL; count++) {
		char name[64];
		assert_in_range(size, 1, sizeof name - 1);
		memcpy(name, slug, size);
		name[size] = '\0';
		size_t text_size;
		const char *text = aplomb_explain(name, &text_size);
		if (text == NULL || text_size < 20) fail_msg("%s is not explained", name);
		/* A page ends before the next heading. */
		for (size_t i = 0; i + 1 < text_size; i++) assert_false(text[i] == '\n' && text[i + 1] == '#');
	}
	assert_true(count > 100);
}

static void a_page_is_what_stands_under_its_heading(void **state) {
	(void)state;
	size_t size;
	const char *text = aplomb_explain("clock-backwards", &size);
	assert_non_null(text);
	assert_int_equal(size, strlen("The clock was to be turned back. Time only goes forward."));
	assert_memory_equal(text, "The clock was to be turned back. Time only goes forward.", size);
}

static void the_last_page_ends_with_the_text_and_the_last_of_a_section_before_the_next(void **state) {
	(void)state;
	size_t size;
	const char *text = aplomb_explain("commit-failed", &size);
	assert_non_null(text);
	assert_int_equal(text[size - 1], '.');
	text = aplomb_explain("source-text", &size);
	assert_non_null(text);
	assert_int_equal(text[size - 1], '.');
	assert_true(size < 300);
}

static void what_is_no_slug_is_not_explained(void **state) {
	(void)state;
	size_t size = 9;
	static const char *const none[] = {"unknown-targe", "unknown-targets", "", "Findings and errors", "# unknown-target"};
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		assert_null(aplomb_explain(none[i], &size));
		assert_int_equal(size, 0);
	}
	assert_null(aplomb_explain(NULL, &size));
	assert_null(aplomb_explain("nothing", NULL));
	assert_null(aplomb_explained(100000, &size));
}

static void the_nearest_name_is_found_or_none(void **state) {
	(void)state;
	static const char *const names[] = {"check", NULL, "run", "journal"};
	assert_string_equal(aplomb_nearest("chek", names, 4), "check");
	assert_string_equal(aplomb_nearest("jurnal", names, 4), "journal");
	assert_null(aplomb_nearest("something else", names, 4));
	assert_null(aplomb_nearest(NULL, names, 4));
	assert_null(aplomb_nearest("run", NULL, 4));
	assert_null(aplomb_nearest("rn", names, 0));
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_slug_that_is_listed_can_be_explained),
	    cmocka_unit_test(a_page_is_what_stands_under_its_heading),
	    cmocka_unit_test(the_last_page_ends_with_the_text_and_the_last_of_a_section_before_the_next),
	    cmocka_unit_test(what_is_no_slug_is_not_explained),
	    cmocka_unit_test(the_nearest_name_is_found_or_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
