/* SPDX-License-Identifier: MIT */
/*
 * The built command before a pseudo-terminal: what the reader's own tests hold
 * about keys, here with the commands, a playbook and its answers behind it.
 *
 *   terminal APLOMB
 */
#include "../unit/test_cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pty.h"

static const char *aplomb;
static char folder[] = "/tmp/aplomb-terminal-XXXXXX";
static char history_path[64], endless_path[64];

/* Something that happens by itself every second, for ever. */
static const char ENDLESS[] = "return playbook \"endless\" {\n"
                              "  data = { count = integer { default = 0 } },\n"
                              "  event \"stop\" {},\n"
                              "  state \"ticking\" {\n"
                              "    every \"1s\" { act = function(case) case.data.count = case.data.count + 1 end },\n"
                              "    on \"stop\" { to = \"over\" },\n"
                              "  },\n"
                              "  final \"over\" {},\n"
                              "}\n";

static pty *start(int columns, int rows, const char *playbook) {
	const char *const arguments[] = {aplomb, "repl", playbook, NULL};
	pty *terminal = pty_run(columns, rows, arguments);
	pty_expect_last(terminal, "aplomb>");
	return terminal;
}

static void leave(pty *terminal) {
	pty_expect_last(terminal, "aplomb>");
	pty_send(terminal, "\004");
	assert_int_equal(pty_end(terminal), 0);
}

static void a_conversation_is_played_and_completed(void **state) {
	(void)state;
	pty *terminal = start(90, 40, "playbooks/late-delivery");
	pty_send(terminal, "ope\t{ ord\t");
	pty_expect(terminal, "aplomb> open { order =");
	pty_send(terminal, "\"A-17\" }\r");
	pty_expect(terminal, "opened");
	pty_expect_last(terminal, "aplomb>");
	pty_send(terminal, "do customer.p\t");
	pty_expect(terminal, "aplomb> do customer.picks {");
	pty_send(terminal, "\t\t");
	pty_expect(terminal, "option  text, required");
	pty_expect_last(terminal, "aplomb> do customer.picks {");
	pty_send(terminal, "\025say \"Wo ist mein 荷物?\" to\t-0.7\r");
	pty_expect(terminal, "“Wo ist mein 荷物?”");
	pty_expect(terminal, "tone: -0.7");
	pty_expect_last(terminal, "aplomb>");
	pty_send(terminal, "wait until 2\t\r"); /* what is due next is the only time there is */
	pty_expect(terminal, "10m passed");
	leave(terminal);
}

static void a_table_over_several_lines_is_recalled_after_a_restart(void **state) {
	(void)state;
	unlink(history_path);
	pty *terminal = start(80, 30, "playbooks/late-delivery");
	pty_send(terminal, "open {\r\torder = \"A-18\",\r}\r");
	pty_expect(terminal, "order: A-18");
	leave(terminal);
	terminal = start(80, 30, "playbooks/late-delivery");
	pty_send(terminal, "\033[A");
	pty_expect(terminal, "aplomb> open {\n        order = \"A-18\",\n}");
	pty_send(terminal, "\r");
	pty_expect(terminal, "order: A-18");
	leave(terminal);
}

static void a_paste_is_played_to_the_first_command_that_fails(void **state) {
	(void)state;
	pty *terminal = start(80, 60, "playbooks/late-delivery");
	pty_paste(terminal, "open { order = \"A-19\" }\nsay first\nno such command here\nsay last\n");
	pty_expect(terminal, "say last");
	pty_send(terminal, "\r");
	pty_expect(terminal, "“first”");
	pty_expect(terminal, "The rest of the paste was left out.");
	assert_null(strstr(pty_screen(terminal), "“last”"));
	leave(terminal);
}

static void ctrl_c_ends_what_runs_and_keeps_what_stands(void **state) {
	(void)state;
	pty *terminal = start(80, 20, endless_path);
	pty_send(terminal, "open\r");
	pty_expect(terminal, "opened");
	pty_expect_last(terminal, "aplomb>");
	pty_forget_raw(terminal);
	pty_send(terminal, "wait 300000d\r");
	pty_expect_raw(terminal, "\033[?2004l"); /* the line is no longer edited: what is typed now is for the step */
	pty_send(terminal, "\003");
	pty_expect_raw(terminal, "Interrupted");
	pty_expect_last(terminal, "aplomb>");
	pty_send(terminal, "half a\003");
	pty_expect_last(terminal, "aplomb>");
	pty_send(terminal, "do stop\r"); /* the case goes on from where it stands */
	pty_expect_raw(terminal, "over");
	leave(terminal);
}

static void colours_come_unless_they_are_not_wanted(void **state) {
	(void)state;
	pty *terminal = start(80, 20, "playbooks/late-delivery");
	pty_expect_raw(terminal, "\033[1m");
	leave(terminal);
	setenv("NO_COLOR", "1", 1);
	terminal = start(80, 20, "playbooks/late-delivery");
	pty_send(terminal, "help\r");
	pty_expect_raw(terminal, "quit");
	pty_expect_last(terminal, "aplomb>");
	assert_null(strstr(terminal->raw, "\033[0m"));
	assert_null(strstr(terminal->raw, "\033[1m"));
	unsetenv("NO_COLOR");
	leave(terminal);
}

static void a_terminal_that_can_do_nothing_is_enough(void **state) {
	(void)state;
	setenv("TERM", "dumb", 1);
	pty *terminal = start(80, 30, "playbooks/late-delivery");
	pty_send(terminal, "open {\n");
	pty_expect_last(terminal, "      >");
	pty_send(terminal, "order = \"A-20\" }\n");
	pty_expect(terminal, "order: A-20");
	assert_null(strstr(terminal->raw, "\033"));
	leave(terminal);
	setenv("TERM", "xterm-256color", 1);
}

static int set_up(void **state) {
	(void)state;
	if (mkdtemp(folder) == NULL) return -1;
	snprintf(history_path, sizeof history_path, "%s/history", folder);
	snprintf(endless_path, sizeof endless_path, "%s/endless.lua", folder);
	FILE *file = fopen(endless_path, "w");
	if (file == NULL || fputs(ENDLESS, file) < 0 || fclose(file) != 0) return -1;
	setenv("APLOMB_HISTORY", history_path, 1);
	setenv("HOME", folder, 1); /* no .editrc of whoever runs this */
	setenv("TERM", "xterm-256color", 1);
	unsetenv("NO_COLOR");
	unsetenv("COLUMNS");
	return 0;
}

static int tear_down(void **state) {
	(void)state;
	unlink(history_path);
	unlink(endless_path);
	return rmdir(folder);
}

int main(int count, char **arguments) {
	if (count != 2) return 2;
	aplomb = arguments[1];
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_conversation_is_played_and_completed),
	    cmocka_unit_test(a_table_over_several_lines_is_recalled_after_a_restart),
	    cmocka_unit_test(a_paste_is_played_to_the_first_command_that_fails),
	    cmocka_unit_test(ctrl_c_ends_what_runs_and_keeps_what_stands),
	    cmocka_unit_test(colours_come_unless_they_are_not_wanted),
	    cmocka_unit_test(a_terminal_that_can_do_nothing_is_enough),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
