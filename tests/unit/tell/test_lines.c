/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tell/tell.h"

static char path[] = "/tmp/aplomb-lines-XXXXXX";

static void write_file(const char *bytes, size_t size) {
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

static void expect_line(tell_lines *lines, const char *expected) {
	const char *text;
	size_t size;
	assert_int_equal(tell_lines_next(lines, &text, &size), TELL_LINE);
	assert_int_equal(size, strlen(expected));
	assert_memory_equal(text, expected, size);
}

static void expect_end(tell_lines *lines) {
	const char *text;
	size_t size;
	assert_int_equal(tell_lines_next(lines, &text, &size), TELL_LINES_END);
	assert_int_equal(tell_lines_next(lines, &text, &size), TELL_LINES_END);
	tell_lines_close(lines);
}

static void lines_come_without_their_ends_and_counted(void **state) {
	(void)state;
	tell_lines lines;
	write_file("one\n\r\ntwo\r\n\nlast", 16);
	assert_true(tell_lines_open(&lines, path));
	expect_line(&lines, "one");
	expect_line(&lines, "");
	expect_line(&lines, "two");
	assert_int_equal(lines.number, 3);
	expect_line(&lines, "");
	assert_false(lines.ended_open);
	expect_line(&lines, "last");
	assert_true(lines.ended_open);
	assert_int_equal(lines.number, 5);
	assert_int_equal(lines.bytes_read, 16);
	assert_int_equal(lines.bytes_total, 16);
	expect_end(&lines);
	write_file("", 0);
	assert_true(tell_lines_open(&lines, path));
	expect_end(&lines);
}

static void long_lines_are_read_whole_and_endless_ones_skipped(void **state) {
	(void)state;
	enum { LONG = 3 << 20 };
	size_t size = LONG + 1 + TELL_LONGEST_LINE + 2 + 6;
	char *bytes = malloc(size);
	assert_non_null(bytes);
	memset(bytes, 'a', size);
	bytes[LONG] = '\n';
	memcpy(bytes + size - 6, "\nshort", 6);
	write_file(bytes, size);
	tell_lines lines;
	const char *text;
	size_t got;
	assert_true(tell_lines_open(&lines, path));
	assert_int_equal(tell_lines_next(&lines, &text, &got), TELL_LINE);
	assert_int_equal(got, LONG);
	assert_int_equal(tell_lines_next(&lines, &text, &got), TELL_LINE_TOO_LONG);
	assert_int_equal(lines.number, 2);
	expect_line(&lines, "short");
	expect_end(&lines);
	free(bytes);
}

static void what_is_no_file_is_not_opened(void **state) {
	(void)state;
	tell_lines lines;
	assert_false(tell_lines_open(&lines, "/nowhere/at/all"));
	assert_int_equal(errno, ENOENT);
	assert_false(tell_lines_open(&lines, "/tmp"));
	assert_int_equal(errno, EISDIR);
}

int main(void) {
	int file = mkstemp(path);
	if (file < 0) return 1;
	close(file);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_come_without_their_ends_and_counted),
	    cmocka_unit_test(long_lines_are_read_whole_and_endless_ones_skipped),
	    cmocka_unit_test(what_is_no_file_is_not_opened),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
