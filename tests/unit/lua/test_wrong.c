/* SPDX-License-Identifier: MIT */
/*
 * Every playbook of tests/wrong gives exactly the findings that stand in the
 * file of the same name ending in .expected, to the letter, and is refused when
 * one of them is an error. Run with
 * APLOMB_WRITE_EXPECTED=1 to write those files anew, and read them before you
 * believe them.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book.h"

static const char folder[] = "tests/wrong";

typedef struct told {
	apl_buf lines;
	const char *file;
} told;

static void take_finding(const aplomb_finding *finding, void *payload) {
	told *t = payload;
	/* In a file of the library the line does not matter, and moves. */
	if (strcmp(finding->file, t->file) != 0)
		apl_buf_format(&t->lines, "%s: ", finding->file);
	else
		apl_buf_format(&t->lines, "%u:%u: ", (unsigned)finding->line, (unsigned)finding->column);
	apl_buf_format(&t->lines, "%s%s: %s\n",
	    finding->severity == APLOMB_ERROR     ? ""
	    : finding->severity == APLOMB_WARNING ? "(warning) "
	                                          : "(note) ",
	    finding->slug, finding->message);
}

/* What loading the file finds; false when it is refused without an error, or loads in spite of one. */
static bool find(const char *path, const char *file, apl_buf *out) {
	apl_alloc system = apl_alloc_system();
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	size_t size;
	char *source = read_whole(path, &size);
	assert_non_null(source);
	apl_findings findings;
	apl_findings_init(&findings, &system);
	apl_lua_options options = {.path = file, .source = source, .source_size = size, .examine = true};
	apl_program *program = NULL;
	aplomb_error error = {0};
	int code = apl_lua_load(&program, &alloc, &options, &findings, &error);
	told t = {.file = file};
	apl_buf_init(&t.lines, &system);
	apl_findings_tell(&findings, take_finding, &t);
	bool has_errors = findings.errors > 0;
	apl_findings_dispose(&findings);
	if (code == APLOMB_OK) {
		program->ops->free(program->self);
	} else {
		assert_int_equal(code, APLOMB_EPLAYBOOK);
		assert_int_not_equal(error.message[0], '\0');
	}
	free(source);
	assert_int_equal(heap.blocks, 0);
	*out = t.lines;
	return (code != APLOMB_OK) == has_errors;
}

static bool agrees(const char *name) {
	char path[512], expected_path[512];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	snprintf(expected_path, sizeof expected_path, "%s/%.*s.expected", folder, (int)(strlen(name) - 4), name);
	apl_buf found;
	bool is_judged = find(path, name, &found);
	const char *text = apl_buf_terminate(&found);
	if (getenv("APLOMB_WRITE_EXPECTED") != NULL) {
		FILE *file = fopen(expected_path, "wb");
		assert_non_null(file);
		fputs(text, file);
		fclose(file);
	}
	size_t size;
	char *expected = read_whole(expected_path, &size);
	bool is_same = is_judged && text[0] != '\0' && expected != NULL && strcmp(expected, text) == 0;
	if (!is_same)
		print_error("%s %s\n--- expected\n%s--- found\n%s", name, is_judged ? "" : "is refused without an error, or taken with one",
		    expected != NULL ? expected : "(no file)\n", text);
	free(expected);
	apl_buf_dispose(&found);
	return is_same;
}

static void every_wrong_playbook_gives_its_findings(void **state) {
	(void)state;
	DIR *listing = opendir(folder);
	assert_non_null(listing);
	size_t count = 0, wrong = 0;
	for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
		size_t size = strlen(entry->d_name);
		if (size < 5 || strcmp(entry->d_name + size - 4, ".lua") != 0) continue;
		count++;
		if (!agrees(entry->d_name)) wrong++;
	}
	closedir(listing);
	assert_true(count >= 80);
	assert_int_equal(wrong, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_wrong_playbook_gives_its_findings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
