/* SPDX-License-Identifier: MIT */
/*
 * The JSON test suite: y_ files are accepted, n_ files refused, and i_ files
 * behave as the table in docs/json.md says, which names them all.
 */
#include "../test_cmocka.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value/json.h"

static char *read_whole(const char *path, size_t *size) {
	FILE *file = fopen(path, "rb");
	if (file == NULL) return NULL;
	fseek(file, 0, SEEK_END);
	long length = ftell(file);
	rewind(file);
	assert_true(length >= 0);
	char *bytes = malloc(length > 0 ? (size_t)length : 1); /* exactly: a byte read too far is seen */
	assert_non_null(bytes);
	*size = fread(bytes, 1, (size_t)length, file);
	assert_int_equal(*size, length);
	fclose(file);
	return bytes;
}

typedef struct suite {
	char folder[512];
	char *page; /* docs/json.md, terminated */
	apl_alloc alloc;
	apl_tape tape;
	apl_buf once;
	apl_buf twice;
} suite;

static int open_suite(void **state) {
	static suite opened;
	suite *s = &opened;
	const char *data = getenv("APLOMB_DATA");
	snprintf(s->folder, sizeof s->folder, "%s/json-test-suite/test_parsing", data != NULL ? data : "../shared/data");
	size_t size;
	char *page = read_whole("docs/json.md", &size);
	if (page != NULL) {
		s->page = calloc(1, size + 1);
		memcpy(s->page, page, size);
		free(page);
	}
	s->alloc = apl_alloc_system();
	apl_tape_init(&s->tape, &s->alloc);
	apl_buf_init(&s->once, &s->alloc);
	apl_buf_init(&s->twice, &s->alloc);
	*state = s;
	return 0;
}

static int close_suite(void **state) {
	suite *s = *state;
	apl_buf_dispose(&s->once);
	apl_buf_dispose(&s->twice);
	apl_tape_dispose(&s->tape);
	free(s->page);
	return 0;
}

/* Calls [each] for every file whose name begins so; returns how many. Skips the test when the suite is not there. */
static int for_each(suite *s, const char *prefix, void (*each)(suite *, const char *name, const char *text, size_t size)) {
	DIR *folder = opendir(s->folder);
	if (folder == NULL) {
		print_message("skipped: %s is not there; set APLOMB_DATA to the folder that holds json-test-suite\n", s->folder);
		skip();
	}
	int count = 0;
	for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0) continue;
		char path[1024];
		snprintf(path, sizeof path, "%s/%s", s->folder, entry->d_name);
		size_t size;
		char *text = read_whole(path, &size);
		assert_non_null(text);
		each(s, entry->d_name, text, size);
		free(text);
		count++;
	}
	closedir(folder);
	return count;
}

static void accepts(suite *s, const char *name, const char *text, size_t size) {
	aplomb_error error = {0};
	if (apl_json_read(&s->tape, text, size, NULL, &error) != APLOMB_OK)
		fail_msg("%s is refused at %u:%u: %s", name, error.line, error.column, error.message);
	apl_buf_clear(&s->once);
	apl_json_write(&s->once, &s->tape, 0);
	assert_int_equal(apl_json_read(&s->tape, s->once.bytes, s->once.size, NULL, &error), APLOMB_OK);
	apl_buf_clear(&s->twice);
	apl_json_write(&s->twice, &s->tape, 0);
	assert_int_equal(s->once.size, s->twice.size);
	assert_memory_equal(s->once.bytes, s->twice.bytes, s->once.size);
}

static void refuses(suite *s, const char *name, const char *text, size_t size) {
	aplomb_error error = {0};
	int code = apl_json_read(&s->tape, text, size, NULL, &error);
	if (code != APLOMB_EJSON) fail_msg("%s gives %s", name, aplomb_code_name(code));
	assert_int_equal(s->tape.count, 0);
	assert_true(error.line >= 1 && error.column >= 1);
}

/* The row of docs/json.md's table: | name | fate | slug | why | */
static void does_as_documented(suite *s, const char *name, const char *text, size_t size) {
	char start[256];
	snprintf(start, sizeof start, "\n| %s | ", name);
	const char *row = strstr(s->page, start);
	if (row == NULL) fail_msg("docs/json.md does not name %s", name);
	char fate[32] = "", slug[32] = "", why[128] = "";
	if (sscanf(row + strlen(start), "%31[a-z] | %31[a-z-] | %127[^\n]", fate, slug, why) < 3)
		assert_int_equal(sscanf(row + strlen(start), "%31[a-z] | | %127[^\n]", fate, why), 2);
	if (strcmp(fate, "accepted") == 0) {
		assert_string_equal(slug, "");
		accepts(s, name, text, size);
		return;
	}
	assert_string_equal(fate, "refused");
	refuses(s, name, text, size);
	aplomb_error error = {0};
	apl_json_read(&s->tape, text, size, NULL, &error);
	if (strcmp(error.slug, slug) != 0) fail_msg("%s: documented as %s, refused as %s: %s", name, slug, error.slug, error.message);
}

static void y_files_are_accepted_and_survive_being_written(void **state) {
	assert_int_equal(for_each(*state, "y_", accepts), 95);
}

static void n_files_are_refused_with_a_place(void **state) {
	assert_int_equal(for_each(*state, "n_", refuses), 188);
}

static void i_files_do_as_the_page_says(void **state) {
	suite *s = *state;
	if (s->page == NULL) {
		print_message("skipped: docs/json.md is not there; run the test from the project's root\n");
		skip();
	}
	int files = for_each(s, "i_", does_as_documented);
	assert_int_equal(files, 35);
	int rows = 0;
	for (const char *row = s->page; (row = strstr(row, "\n| i_")) != NULL; row++) rows++;
	assert_int_equal(rows, files);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(y_files_are_accepted_and_survive_being_written),
	    cmocka_unit_test(n_files_are_refused_with_a_place),
	    cmocka_unit_test(i_files_do_as_the_page_says),
	};
	return cmocka_run_group_tests(tests, open_suite, close_suite);
}
