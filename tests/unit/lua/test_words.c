/* SPDX-License-Identifier: MIT */
/* The register of words, and the page about them. */
#include <stdio.h>
#include <string.h>

#include "book.h"
#include "lua/words.h"

static void every_word_says_what_it_is(void **state) {
	(void)state;
	for (int i = 0; i < APL_WORDS; i++) {
		const apl_word *word = &apl_words[i];
		assert_non_null(word->name);
		assert_int_equal(strncmp(word->form, word->name, strlen(word->name)), 0);
		assert_int_equal(word->sentence[strlen(word->sentence) - 1], '.');
		for (uint32_t f = 0; f < word->n_fields; f++) {
			assert_ptr_equal(apl_word_field_named(word, word->fields[f].name), &word->fields[f]);
			assert_int_equal(word->fields[f].sentence[strlen(word->fields[f].sentence) - 1], '.');
			assert_int_not_equal(word->fields[f].takes, 0);
		}
	}
}

static void the_page_has_every_word_and_field(void **state) {
	(void)state;
	size_t size;
	char *page = read_whole("docs/language.md", &size);
	assert_non_null(page);
	for (int i = 0; i < APL_WORDS; i++) {
		char quoted[64];
		snprintf(quoted, sizeof quoted, "`%s", apl_words[i].name);
		if (strstr(page, quoted) == NULL) fail_msg("docs/language.md has no word %s", apl_words[i].name);
		for (uint32_t f = 0; f < apl_words[i].n_fields; f++) {
			const char *name = apl_words[i].fields[f].name;
			snprintf(quoted, sizeof quoted, "`%s`", name);
			char assigned[64];
			snprintf(assigned, sizeof assigned, "%s =", name);
			if (strstr(page, quoted) == NULL && strstr(page, assigned) == NULL)
				fail_msg("docs/language.md has no field %s of %s", name, apl_words[i].name);
		}
	}
	free(page);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_word_says_what_it_is),
	    cmocka_unit_test(the_page_has_every_word_and_field),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
