/* SPDX-License-Identifier: MIT */
#include "late.h"

#include <stdlib.h>

enum { MOST_LINES = 32 };

typedef struct lines {
	char *text[MOST_LINES];
	size_t count;
} lines;

static int keep(const char *text, size_t size, void *payload) {
	lines *kept = payload;
	assert_true(kept->count < MOST_LINES);
	char *copy = malloc(size + 1);
	assert_non_null(copy);
	memcpy(copy, text, size);
	copy[size] = '\0';
	kept->text[kept->count++] = copy;
	return 0;
}

/* The journal of a case that was spoken to three times. */
static lines journal_of_three(void) {
	aplomb_runtime *rt = open_late(NULL);
	for (int i = 0; i < 3; i++) {
		aplomb_event event = said("c1", AT_NINE + i * MINUTE, SAYS);
		assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	}
	lines kept = {0};
	assert_int_equal(aplomb_journal_each(rt, "c1", keep, &kept, NULL), APLOMB_OK);
	assert_int_equal(kept.count, 5); /* head, opened, three events */
	aplomb_close(rt);
	return kept;
}

static void drop(lines *kept) {
	for (size_t i = 0; i < kept->count; i++) free(kept->text[i]);
}

/* The first code that is not OK. */
static int read_all(const lines *kept, size_t from, aplomb_error *error) {
	aplomb_journal *journal;
	assert_int_equal(aplomb_journal_open(&journal, NULL), APLOMB_OK);
	int code = APLOMB_OK;
	for (size_t i = from; i < kept->count && code == APLOMB_OK; i++)
		code = aplomb_journal_read(journal, kept->text[i], strlen(kept->text[i]), NULL, error);
	aplomb_journal_close(journal);
	return code;
}

static void a_sound_journal_reads_and_says_what_happened(void **state) {
	(void)state;
	lines kept = journal_of_three();
	aplomb_journal *journal;
	assert_int_equal(aplomb_journal_open(&journal, NULL), APLOMB_OK);
	for (size_t i = 0; i < kept.count; i++) {
		aplomb_value entry;
		aplomb_error error = {0};
		if (aplomb_journal_read(journal, kept.text[i], strlen(kept.text[i]), &entry, &error) != APLOMB_OK) fail_msg("%s", error.message);
		assert_int_equal(aplomb_value_integer(aplomb_value_get(entry, "seq")), i);
		assert_string_equal(aplomb_value_text(aplomb_value_get(entry, "case"), NULL), "c1");
		/* What was read is written back as it was: texts were ended in place, and nothing else was touched. */
		char *again = aplomb_value_write(entry);
		assert_string_equal(again, kept.text[i]);
		free(again);
	}
	aplomb_journal_close(journal);
	drop(&kept);
}

static void a_changed_byte_anywhere_is_found_by_the_end_of_the_next_line(void **state) {
	(void)state;
	lines kept = journal_of_three();
	aplomb_error error;
	for (size_t i = 0; i + 1 < kept.count; i++) {
		size_t size = strlen(kept.text[i]);
		for (size_t at = 0; at < size; at++) {
			char before = kept.text[i][at];
			kept.text[i][at] = (char)(before ^ 1);
			int code = read_all(&kept, 0, &error);
			if (code == APLOMB_OK) fail_msg("line %zu, byte %zu was changed, and nobody noticed: %s", i + 1, at + 1, kept.text[i]);
			kept.text[i][at] = before;
		}
	}
	assert_int_equal(read_all(&kept, 0, &error), APLOMB_OK);
	drop(&kept);
}

static void a_lost_a_swapped_and_a_repeated_line_are_found(void **state) {
	(void)state;
	lines kept = journal_of_three();
	aplomb_error error;
	lines other = kept;
	assert_int_equal(read_all(&other, 1, &error), APLOMB_EDAMAGED);
	assert_string_equal(error.slug, "journal-headless");
	for (size_t i = 2; i + 1 < kept.count; i++) other.text[i] = kept.text[i + 1];
	other.count--;
	assert_int_equal(read_all(&other, 0, &error), APLOMB_EDAMAGED);
	assert_string_equal(error.slug, "journal-seq");
	other = kept;
	other.text[2] = kept.text[3];
	other.text[3] = kept.text[2];
	assert_int_equal(read_all(&other, 0, &error), APLOMB_EDAMAGED);
	assert_string_equal(error.slug, "journal-seq");
	other = kept;
	other.text[3] = kept.text[2];
	assert_int_equal(read_all(&other, 0, &error), APLOMB_EDAMAGED);
	assert_string_equal(error.slug, "journal-seq");
	drop(&kept);
}

static void reading_goes_on_behind_a_damaged_line(void **state) {
	(void)state;
	lines kept = journal_of_three();
	aplomb_journal *journal;
	aplomb_value entry;
	aplomb_error error;
	assert_int_equal(aplomb_journal_open(&journal, NULL), APLOMB_OK);
	assert_int_equal(aplomb_journal_read(journal, kept.text[0], strlen(kept.text[0]), &entry, &error), APLOMB_OK);
	assert_int_equal(aplomb_journal_read(journal, "{", 1, &entry, &error), APLOMB_EJSON);
	assert_int_equal(aplomb_journal_read(journal, kept.text[1], strlen(kept.text[1]), &entry, &error), APLOMB_OK);
	assert_int_equal(aplomb_journal_read(journal, kept.text[3], strlen(kept.text[3]), &entry, &error), APLOMB_EDAMAGED);
	/* What it says is told all the same. */
	assert_int_equal(aplomb_value_integer(aplomb_value_get(entry, "seq")), 3);
	assert_int_equal(aplomb_journal_read(journal, kept.text[4], strlen(kept.text[4]), &entry, &error), APLOMB_OK);
	aplomb_journal_close(journal);
	drop(&kept);
}

static void a_format_of_the_future_is_refused(void **state) {
	(void)state;
	lines kept = journal_of_three();
	aplomb_error error;
	char *version = strstr(kept.text[0], "\"v\":1");
	assert_non_null(version);
	version[4] = '2';
	assert_int_equal(read_all(&kept, 0, &error), APLOMB_EVERSION);
	assert_string_equal(error.slug, "journal-version");
	drop(&kept);
}

static void wrong_arguments_are_named(void **state) {
	(void)state;
	aplomb_journal *journal;
	aplomb_error error;
	assert_int_equal(aplomb_journal_open(NULL, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_journal_open(&journal, &error), APLOMB_OK);
	assert_int_equal(aplomb_journal_read(journal, NULL, 0, NULL, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_journal_read(NULL, "{}", 2, NULL, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "null-argument");
	aplomb_journal_close(journal);
	aplomb_journal_close(NULL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_sound_journal_reads_and_says_what_happened),
	    cmocka_unit_test(a_changed_byte_anywhere_is_found_by_the_end_of_the_next_line),
	    cmocka_unit_test(a_lost_a_swapped_and_a_repeated_line_are_found),
	    cmocka_unit_test(reading_goes_on_behind_a_damaged_line),
	    cmocka_unit_test(a_format_of_the_future_is_refused),
	    cmocka_unit_test(wrong_arguments_are_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
