/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"
#include "../test_rounds.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "repl/history.h"

static char folder[] = "/tmp/aplomb-history-XXXXXX";
static char path[64];

static void write_file(const char *bytes, size_t size) {
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

static char *file_text(void) {
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	char *text = calloc(1, 1 << 20);
	assert_non_null(text);
	assert_true(fread(text, 1, (1 << 20) - 1, file) < (1 << 20) - 1);
	fclose(file);
	return text;
}

static void expect_file(const char *expected) {
	char *text = file_text();
	assert_string_equal(text, expected);
	free(text);
}

static void open_history(repl_history *history, const char *expected_trouble) {
	char *trouble;
	repl_history_open(history, path, &trouble);
	if (expected_trouble == NULL) {
		if (trouble != NULL) fail_msg("%s", trouble);
	} else {
		assert_non_null(trouble);
		if (strstr(trouble, expected_trouble) == NULL) fail_msg("%s", trouble);
	}
	free(trouble);
}

static bool add(repl_history *history, const char *text) {
	char *trouble;
	bool kept = repl_history_add(history, text, strlen(text), &trouble);
	assert_null(trouble);
	return kept;
}

static void statements_come_back_as_they_were(void **state) {
	(void)state;
	static const char *const statements[] = {"say hi", "do x {\n\ta = \"\\n\",\n}", "größer 荷😀", "\\", "a\\nb"};
	repl_history history;
	unlink(path);
	open_history(&history, NULL);
	for (size_t i = 0; i < 5; i++) assert_true(add(&history, statements[i]));
	repl_history_dispose(&history);
	struct stat about;
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	open_history(&history, NULL);
	assert_int_equal(history.count, 5);
	for (size_t i = 0; i < 5; i++) assert_string_equal(history.statements[i], statements[i]);
	repl_history_dispose(&history);
}

static void some_statements_are_not_kept(void **state) {
	(void)state;
	repl_history history;
	char *trouble;
	unlink(path);
	open_history(&history, NULL);
	assert_true(add(&history, "one"));
	assert_false(add(&history, "one"));
	assert_false(add(&history, ""));
	assert_false(add(&history, " with a space before it"));
	assert_false(add(&history, "a\033b"));
	assert_false(add(&history, "a\xFF"));
	assert_false(repl_history_add(&history, "a\0b", 3, &trouble));
	assert_null(trouble);
	char *long_one = calloc(1, REPL_HISTORY_LONGEST + 2);
	memset(long_one, 'x', REPL_HISTORY_LONGEST + 1);
	assert_false(add(&history, long_one));
	long_one[REPL_HISTORY_LONGEST] = '\0';
	assert_true(add(&history, long_one));
	free(long_one);
	assert_true(add(&history, "one"));
	assert_int_equal(history.count, 3);
	repl_history_dispose(&history);
}

static void a_damaged_file_is_told_and_the_rest_of_it_used(void **state) {
	(void)state;
	repl_history history;
	write_file("good\nbad \\x\nalso \xFF\nno\0thing\nbetter\\\\\nlast\\nline", 53 - 7);
	open_history(&history, "3 of 6 lines of the history");
	assert_int_equal(history.count, 3);
	assert_string_equal(history.statements[0], "good");
	assert_string_equal(history.statements[1], "better\\");
	repl_history_dispose(&history);
}

static void a_write_that_was_cut_off_harms_no_other(void **state) {
	(void)state;
	repl_history history;
	write_file("one\nhalf", 8);
	open_history(&history, NULL);
	assert_true(add(&history, "two"));
	repl_history_dispose(&history);
	expect_file("one\nhalf\ntwo\n");
}

static void a_file_that_others_could_read_becomes_private(void **state) {
	(void)state;
	repl_history history;
	struct stat about;
	write_file("one\n", 4);
	assert_int_equal(chmod(path, 0644), 0);
	open_history(&history, NULL);
	repl_history_dispose(&history);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
}

static void what_is_no_file_is_left_alone(void **state) {
	(void)state;
	repl_history history;
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	open_history(&history, "cannot be used: it is no file");
	assert_true(add(&history, "one"));
	assert_int_equal(history.count, 1);
	repl_history_dispose(&history);
	unlink(path);
}

static void a_file_that_goes_away_under_a_session_comes_again(void **state) {
	(void)state;
	repl_history history;
	unlink(path);
	open_history(&history, NULL);
	assert_true(add(&history, "one"));
	unlink(path);
	assert_true(add(&history, "two"));
	repl_history_dispose(&history);
	expect_file("two\n");
}

static void a_file_that_has_grown_is_shortened_to_its_newest(void **state) {
	(void)state;
	enum { MANY = REPL_HISTORY_MOST * 2 + 5 };
	FILE *file = fopen(path, "wb");
	for (int i = 0; i < MANY; i++) fprintf(file, "number %d\n", i);
	fclose(file);
	repl_history history;
	open_history(&history, NULL);
	assert_int_equal(history.count, REPL_HISTORY_MOST);
	assert_string_equal(history.statements[REPL_HISTORY_MOST - 1], "number 4004");
	repl_history_dispose(&history);
	char *text = file_text();
	assert_memory_equal(text, "number 2005\n", 12);
	free(text);
}

/* Several sessions write, and one of them shortens the file again and again: every statement is there once. */
static void sessions_at_once_lose_nothing(void **state) {
	(void)state;
	enum { SESSIONS = 4 };
	const int each = APL_ROUNDS(200, 40);
	pid_t children[SESSIONS];
	unlink(path);
	fflush(NULL);
	for (int session = 0; session < SESSIONS; session++) {
		children[session] = fork();
		assert_true(children[session] >= 0);
		if (children[session] > 0) continue;
		repl_history history;
		char *trouble, text[64];
		repl_history_open(&history, path, &trouble);
		for (int i = 0; i < each; i++) {
			int size = snprintf(text, sizeof text, "session %d\nstatement %d", session, i);
			if (!repl_history_add(&history, text, (size_t)size, &trouble) || trouble != NULL) _exit(1);
		}
		repl_history_dispose(&history);
		_exit(0);
	}
	for (int session = 0; session < SESSIONS; session++) {
		int status;
		assert_int_equal(waitpid(children[session], &status, 0), children[session]);
		assert_int_equal(status, 0);
	}
	repl_history history;
	open_history(&history, NULL);
	assert_int_equal(history.count, SESSIONS * each);
	int next[SESSIONS] = {0};
	for (size_t i = 0; i < history.count; i++) {
		int session, number;
		assert_int_equal(sscanf(history.statements[i], "session %d\nstatement %d", &session, &number), 2);
		assert_int_equal(number, next[session]++);
	}
	repl_history_dispose(&history);
}

static int set_up(void **state) {
	(void)state;
	if (mkdtemp(folder) == NULL) return -1;
	snprintf(path, sizeof path, "%s/history", folder);
	return 0;
}

static int tear_down(void **state) {
	(void)state;
	unlink(path);
	return rmdir(folder); /* nothing temporary was left in it */
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(statements_come_back_as_they_were),
	    cmocka_unit_test(some_statements_are_not_kept),
	    cmocka_unit_test(a_damaged_file_is_told_and_the_rest_of_it_used),
	    cmocka_unit_test(a_write_that_was_cut_off_harms_no_other),
	    cmocka_unit_test(a_file_that_others_could_read_becomes_private),
	    cmocka_unit_test(what_is_no_file_is_left_alone),
	    cmocka_unit_test(a_file_that_goes_away_under_a_session_comes_again),
	    cmocka_unit_test(a_file_that_has_grown_is_shortened_to_its_newest),
	    cmocka_unit_test(sessions_at_once_lose_nothing),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
