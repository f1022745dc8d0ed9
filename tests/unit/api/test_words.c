/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"

#include <string.h>

#include "aplomb.h"

typedef struct heard {
	aplomb_runtime *rt;
	unsigned n_words, n_examples;
	int inner;
} heard;

/* Every word of the language proper has an example that loads. */
static void hear(const aplomb_word *word, void *payload) {
	heard *h = payload;
	assert_int_equal(word->size, sizeof *word);
	assert_true(word->form[0] != '\0');
	if (word->kind >= APLOMB_WORD_CASE) {
		assert_null(word->example);
		return;
	}
	h->n_words++;
	if (word->example == NULL) fail_msg("%s has no example", word->name);
	h->n_examples++;
	aplomb_runtime *other;
	aplomb_playbook *playbook;
	aplomb_error error = {0};
	assert_int_equal(aplomb_open(&other, NULL, &error), APLOMB_OK);
	aplomb_load_options options = APLOMB_LOAD_OPTIONS_INIT;
	options.source = word->example;
	options.source_size = word->example_size;
	if (aplomb_load(other, &options, &playbook, &error) != APLOMB_OK) fail_msg("the example of %s: %s", word->name, error.message);
	aplomb_close(other);
}

static void every_word_comes_with_an_example_that_loads(void **state) {
	(void)state;
	aplomb_error error = {0};
	heard h = {0};
	assert_int_equal(aplomb_open(&h.rt, NULL, &error), APLOMB_OK);
	assert_int_equal(aplomb_words(h.rt, hear, &h, &error), APLOMB_OK);
	assert_true(h.n_words >= 27);
	assert_int_equal(h.n_words, h.n_examples);
	aplomb_close(h.rt);
}

static void count_words(const aplomb_word *word, void *payload) {
	heard *h = payload;
	assert_int_equal(word->kind, APLOMB_WORD_MODULE);
	assert_string_equal(word->name, "calls.once");
	h->n_words++;
}

static void a_playbooks_own_words_are_told(void **state) {
	(void)state;
	aplomb_error error = {0};
	heard h = {0};
	aplomb_playbook *playbook;
	aplomb_load_options options = APLOMB_LOAD_OPTIONS_INIT;
	options.source = "local once = define 'calls.once' { sentence = 'Calls once.', named = true }\n"
	                 "return playbook 'p' { state 's' {} }";
	options.source_size = strlen(options.source);
	assert_int_equal(aplomb_open(&h.rt, NULL, &error), APLOMB_OK);
	assert_int_equal(aplomb_load(h.rt, &options, &playbook, &error), APLOMB_OK);
	assert_int_equal(aplomb_playbook_words(h.rt, playbook, count_words, &h, &error), APLOMB_OK);
	assert_int_equal(h.n_words, 1);
	assert_int_equal(aplomb_playbook_words(h.rt, NULL, count_words, &h, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_playbook_words(h.rt, playbook, NULL, &h, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_playbook_words(NULL, playbook, count_words, &h, &error), APLOMB_EINVAL);
	aplomb_close(h.rt);
}

static void call_back(const aplomb_word *word, void *payload) {
	heard *h = payload;
	aplomb_error error = {0};
	(void)word;
	h->inner = aplomb_words(h->rt, call_back, h, &error);
}

static void wrong_calls_are_refused(void **state) {
	(void)state;
	aplomb_error error = {0};
	heard h = {0};
	assert_int_equal(aplomb_words(NULL, hear, &h, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_open(&h.rt, NULL, &error), APLOMB_OK);
	assert_int_equal(aplomb_words(h.rt, NULL, &h, &error), APLOMB_EINVAL);
	assert_non_null(strstr(error.message, "tell"));
	assert_int_equal(aplomb_words(h.rt, call_back, &h, &error), APLOMB_OK);
	assert_int_equal(h.inner, APLOMB_EBUSY);
	aplomb_close(h.rt);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_word_comes_with_an_example_that_loads),
	    cmocka_unit_test(a_playbooks_own_words_are_told),
	    cmocka_unit_test(wrong_calls_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
