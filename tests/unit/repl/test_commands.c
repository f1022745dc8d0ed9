/* SPDX-License-Identifier: MIT */
/* The table of commands, held against its page: every command has a row there, and a test that plays it. */
#include "../test_cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repl/inside.h"

static char *text_of(const char *path) {
	FILE *file = fopen(path, "rb");
	if (file == NULL) return NULL;
	fseek(file, 0, SEEK_END);
	long size = ftell(file);
	rewind(file);
	char *text = calloc(1, (size_t)size + 1);
	assert_int_equal(fread(text, 1, (size_t)size, file), size);
	fclose(file);
	return text;
}

static size_t count_commands(void) {
	size_t count = 0;
	while (repl_command_at(count) != NULL) count++;
	return count;
}

static void every_command_has_a_row_in_its_page_and_no_other_is_there(void **state) {
	(void)state;
	char *page = text_of("docs/repl.md");
	assert_non_null(page);
	size_t rows = 0;
	const char *table = strstr(page, "| command | what it does | tested in |\n|---|---|---|\n");
	assert_non_null(table);
	for (const char *line = strstr(table, "|---"); (line = strchr(line, '\n') + 1)[0] == '|';) rows++;
	assert_int_equal(rows, count_commands());
	for (size_t i = 0; repl_command_at(i) != NULL; i++) {
		const repl_command *command = repl_command_at(i);
		char row[512];
		/* A bar within the form is escaped on the page. */
		char form[256];
		size_t used = 0;
		for (const char *c = command->form; *c != '\0'; c++) {
			if (*c == '|') form[used++] = '\\';
			form[used++] = *c;
		}
		form[used] = '\0';
		snprintf(row, sizeof row, "\n| `%s` | %s | `", form, command->sentence);
		const char *found = strstr(page, row);
		if (found == NULL) fail_msg("docs/repl.md lacks the row: %s", row + 1);
		/* The test it names is there, and says the word. */
		const char *from = found + strlen(row);
		char path[128];
		snprintf(path, sizeof path, "%.*s", (int)strcspn(from, "`"), from);
		char *test = text_of(path);
		if (test == NULL) fail_msg("%s: its test %s is not there", command->name, path);
		if (strstr(test, command->name) == NULL) fail_msg("%s: its test %s does not say it", command->name, path);
		free(test);
	}
	free(page);
}

static void every_command_is_told_in_full(void **state) {
	(void)state;
	static const char *const groups[] = {REPL_PLAY, REPL_LOOK, REPL_TRAVEL, REPL_WHY, REPL_LUA, REPL_SESSION};
	for (size_t i = 0; repl_command_at(i) != NULL; i++) {
		const repl_command *command = repl_command_at(i);
		assert_int_equal(strncmp(command->form, command->name, strlen(command->name)), 0);
		assert_true(command->sentence[strlen(command->sentence) - 1] == '.');
		assert_non_null(command->run);
		bool has_group = false;
		for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++) has_group = has_group || strcmp(groups[g], command->group) == 0;
		assert_true(has_group);
		for (size_t k = 0; k < i; k++) assert_string_not_equal(repl_command_at(k)->name, command->name);
	}
}

static void the_longest_name_that_fits_is_the_command(void **state) {
	(void)state;
	const char *rest;
	assert_string_equal(repl_command_of("wait 2d", &rest)->name, "wait");
	assert_string_equal(rest, "2d");
	assert_string_equal(repl_command_of("  wait   until 14:30", &rest)->name, "wait until");
	assert_string_equal(rest, "14:30");
	assert_string_equal(repl_command_of("wait untilx", &rest)->name, "wait");
	assert_null(repl_command_of("waits 2d", &rest));
	assert_null(repl_command_of("", &rest));
	assert_string_equal(repl_command_of("next", &rest)->name, "next");
	assert_string_equal(rest, "");
}

static void a_statement_is_whole_when_its_table_is(void **state) {
	(void)state;
	static const struct {
		const char *text;
		bool is_whole;
	} statements[] = {
	    {"do x", true},
	    {"do x { a = 1 }", true},
	    {"do x {", false},
	    {"do x { a = { 1, 2 }", false},
	    {"do x {\n a = \"}\"", false},
	    {"do x {\n a = \"{\" }", true},
	    {"say it's {", true},
	    {"open { order = 'it\\'s {' }", true},
	};
	for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++)
		assert_int_equal(repl_is_whole(NULL, statements[i].text, strlen(statements[i].text)), statements[i].is_whole);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_command_has_a_row_in_its_page_and_no_other_is_there),
	    cmocka_unit_test(every_command_is_told_in_full),
	    cmocka_unit_test(the_longest_name_that_fits_is_the_command),
	    cmocka_unit_test(a_statement_is_whole_when_its_table_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
