/* SPDX-License-Identifier: MIT */
/* The reader, before a pseudo-terminal and without one. Its owner here answers each statement with what it got. */
#include "../test_cmocka.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "../../repl/pty.h"
#include "repl/reader.h"

static char folder[] = "/tmp/aplomb-reader-XXXXXX";
static char history_path[64];

/* ---- an owner ------------------------------------------------------------------ */

typedef struct owner {
	bool has_history, has_colour;
	size_t most;
	const char *terminal; /* TERM */
} owner;

static const char *prompt(void *payload, bool is_first) {
	const owner *o = payload;
	if (o->has_colour) return is_first ? "\033[1;36mplay>\033[0m " : "\033[2m    >\033[0m ";
	return is_first ? "play> " : "    > ";
}

/* Brackets are closed, and the program's locale is its own: nobody else's characters are letters. */
static bool is_whole(void *payload, const char *text, size_t size) {
	(void)payload;
	if (isalpha(0xE9) || strlen(text) != size) abort();
	int depth = 0;
	for (size_t i = 0; i < size; i++) depth += text[i] == '{' ? 1 : text[i] == '}' ? -1 : 0;
	return depth <= 0;
}

static void complete(void *payload, const char *before, repl_candidates *out) {
	(void)payload;
	if (strncmp(before, "do ", 3) == 0) {
		repl_candidate_with(out, "customer.message", "the customer writes", " {");
		repl_candidate_with(out, "customer.left", "the customer is gone", "");
		repl_candidate(out, "parcel.found", "the carrier has it");
		return;
	}
	repl_candidate(out, "do", "post an event");
	repl_candidate(out, "data", "what the case knows");
	repl_candidate(out, "undo", "take the last step back");
	if (strncmp(before, "größe", 6) == 0) repl_candidate(out, "größenordnung", NULL);
}

static void say(void *payload, const char *sentence) {
	(void)payload;
	printf("(%s)\n", sentence);
}

/* Statements are shown in brackets, their newlines as "|" and their tabs as "→". */
static void show(const char *text, size_t size) {
	printf("[%zu:", size);
	for (size_t i = 0; i < size && i < 160; i++) {
		if (text[i] == '\n')
			putchar('|');
		else if (text[i] == '\t')
			fputs("→", stdout);
		else
			putchar(text[i]);
	}
	puts(size > 160 ? "…]" : "]");
	fflush(stdout);
}

static unsigned sum_of(const char *text, size_t size) {
	unsigned sum = 0;
	for (size_t i = 0; i < size; i++) sum = sum * 31 + (unsigned char)text[i];
	return sum;
}

static volatile sig_atomic_t program_was_interrupted;
static void take_signal(int number) {
	(void)number;
	program_was_interrupted = 1;
}

/* What `sleep` does: a step that lasts until Ctrl-C, told by the program's own handler. */
static void last_long(void) {
	sigset_t none;
	sigemptyset(&none);
	puts("working");
	fflush(stdout);
	while (!program_was_interrupted) {
		sigset_t held, before;
		sigemptyset(&held);
		sigaddset(&held, SIGINT);
		sigprocmask(SIG_BLOCK, &held, &before);
		if (!program_was_interrupted) sigsuspend(&before);
		sigprocmask(SIG_SETMASK, &before, NULL);
	}
	program_was_interrupted = 0;
	puts("the step was interrupted");
	fflush(stdout);
}

static int play(void *payload) {
	const owner *o = payload;
	struct sigaction action = {.sa_handler = take_signal};
	struct termios before, after;
	sigset_t mask_before = {0}, mask_after = {0}; /* the kernel fills in what it has of them */
	sigaction(SIGINT, &action, NULL);
	if (o->terminal != NULL)
		setenv("TERM", o->terminal, 1);
	else
		unsetenv("TERM");
	setenv("HOME", folder, 1);
	tcgetattr(STDIN_FILENO, &before);
	sigprocmask(SIG_BLOCK, NULL, &mask_before);
	const repl_reader_options options = {.input = stdin,
	    .is_terminal = isatty(STDIN_FILENO) == 1,
	    .has_colour = o->has_colour,
	    .prompt = prompt,
	    .is_whole = is_whole,
	    .complete = complete,
	    .tell = say,
	    .history = o->has_history ? history_path : NULL,
	    .most = o->most,
	    .payload = payload};
	repl_reader *reader;
	const char *text;
	size_t size;
	repl_reader_open(&reader, &options);
	int got;
	while ((got = repl_reader_statement(reader, &text, &size)) != REPL_READ_END && got != REPL_READ_FAILED) {
		if (got == REPL_READ_INTERRUPTED)
			puts("dropped");
		else if (got == REPL_READ_TOO_LONG)
			puts("too long");
		else if (strcmp(text, "sleep") == 0)
			last_long();
		else if (strcmp(text, "forget") == 0)
			printf("forgot %zu\n", repl_reader_drop(reader));
		else
			show(text, size);
		if (got == REPL_READ_STATEMENT && size > 160) printf("sum %u\n", sum_of(text, size));
		fflush(stdout);
		tcgetattr(STDIN_FILENO, &after);
		if (o->terminal != NULL && (after.c_lflag != before.c_lflag || after.c_iflag != before.c_iflag)) {
			puts("the terminal is not as it was");
			return 3;
		}
		if ((fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK) != 0) {
			puts("the terminal's file is not as it was");
			return 6;
		}
		sigprocmask(SIG_BLOCK, NULL, &mask_after);
		if (memcmp(&mask_before, &mask_after, sizeof mask_before) != 0) {
			puts("the signals are not as they were");
			return 4;
		}
	}
	repl_reader_close(reader);
	puts(got == REPL_READ_END ? "end" : "failed");
	return got == REPL_READ_END ? 0 : 5;
}

static pty *start(int columns, int rows, const owner *o) {
	owner copy = *o; /* the child has its own */
	pty *terminal = pty_start(columns, rows, play, &copy);
	return terminal;
}

static const owner PLAIN_OWNER = {.terminal = "xterm-256color"};
static const owner KEEPER = {.terminal = "xterm-256color", .has_history = true};

/* Then the next line can be typed: what is typed before is the terminal's, as Ctrl-D and Ctrl-R are. */
static void expect_answer(pty *terminal, const char *text) {
	pty_expect(terminal, text);
	pty_expect_last(terminal, "play>");
}

static void leave(pty *terminal) {
	pty_expect_last(terminal, "play>"); /* before, Ctrl-D would be the terminal's own */
	pty_send(terminal, "\004");
	pty_expect(terminal, "end");
	assert_int_equal(pty_end(terminal), 0);
}

/* ---- typing --------------------------------------------------------------------- */

static void a_line_is_a_statement_and_ctrl_d_the_end(void **state) {
	(void)state;
	pty *terminal = start(60, 12, &PLAIN_OWNER);
	pty_expect(terminal, "play>");
	assert_true(terminal->takes_pastes);
	pty_send(terminal, "say hello\r");
	expect_answer(terminal, "[9:say hello]");
	pty_send(terminal, "\r");
	expect_answer(terminal, "[0:]");
	leave(terminal);
}

static void what_is_not_whole_goes_on_below_and_is_edited_as_one(void **state) {
	(void)state;
	pty *terminal = start(60, 12, &PLAIN_OWNER);
	pty_expect(terminal, "play>");
	pty_send(terminal, "do x {\r");
	pty_send(terminal, "a = 1\r");
	pty_send(terminal, "}");
	pty_expect_screen(terminal, "play> do x {\na = 1\n}");
	/* Up goes to the line above: the text stays one, and Enter anywhere in it hands it out when it is whole. */
	pty_send(terminal, "\033[A\033[F");
	pty_expect_cursor(terminal, 1, 5);
	pty_send(terminal, "2\r");
	expect_answer(terminal, "[15:do x {|a = 12|}]");
	leave(terminal);
}

static void home_and_end_go_within_the_line_first(void **state) {
	(void)state;
	pty *terminal = start(60, 12, &PLAIN_OWNER);
	pty_expect(terminal, "play>");
	pty_send(terminal, "do {\rabc");
	pty_expect_cursor(terminal, 1, 3);
	pty_send(terminal, "\001");
	pty_expect_cursor(terminal, 1, 0);
	pty_send(terminal, "\001");
	pty_expect_cursor(terminal, 0, 6);
	pty_send(terminal, "\005");
	pty_expect_cursor(terminal, 0, 10);
	pty_send(terminal, "\005");
	pty_expect_cursor(terminal, 1, 3);
	pty_send(terminal, "\033[A"); /* up, to the same column of the text */
	pty_expect_cursor(terminal, 0, 9);
	pty_send(terminal, "\033[B}\r");
	expect_answer(terminal, "[9:do {|abc}]");
	leave(terminal);
}

static void a_further_line_can_be_asked_for(void **state) {
	(void)state;
	pty *terminal = start(60, 12, &PLAIN_OWNER);
	pty_expect(terminal, "play>");
	pty_send(terminal, "one\033\rtwo\r"); /* Alt-Enter; two lines that are two statements */
	pty_expect(terminal, "[3:one]");
	expect_answer(terminal, "play> two\n[3:two]");
	leave(terminal);
}

static void a_statement_taller_than_the_window_is_kept_whole(void **state) {
	(void)state;
	pty *terminal = start(40, 6, &PLAIN_OWNER);
	pty_expect(terminal, "play>");
	pty_send(terminal, "{\r1\r2\r3\r4\r5\r6\r7\r8\r9\r}");
	pty_expect(terminal, "    > "); /* what has gone up cannot be edited any more, and the prompt says so */
	pty_send(terminal, "\r");
	expect_answer(terminal, "[21:{|1|2|3|4|5|6|7|8|9|}]");
	leave(terminal);
}

static void wide_characters_take_their_columns(void **state) {
	(void)state;
	pty *terminal = start(40, 8, &PLAIN_OWNER);
	pty_expect(terminal, "play>");
	pty_send(terminal, "say 荷物が😀é");
	pty_expect(terminal, "play> say 荷物が😀é");
	pty_expect_cursor(terminal, 0, 19);
	pty_send(terminal, "\002\002\177"); /* back over é and 😀, away with が */
	pty_expect(terminal, "play> say 荷物😀é");
	pty_expect_cursor(terminal, 0, 14);
	pty_send(terminal, "\001X");
	pty_expect(terminal, "play> Xsay 荷物😀é");
	pty_send(terminal, "\r");
	expect_answer(terminal, "[17:Xsay 荷物😀é]");
	leave(terminal);
}

static void a_wide_character_does_not_stand_on_two_lines(void **state) {
	(void)state;
	pty *terminal = start(20, 8, &PLAIN_OWNER);
	pty_expect(terminal, "play>");
	pty_send(terminal, "1234567890123荷x");
	pty_expect_screen(terminal, "play> 1234567890123\n荷x");
	pty_expect_cursor(terminal, 1, 3);
	pty_send(terminal, "\r");
	expect_answer(terminal, "[17:1234567890123荷x\n]");
	leave(terminal);
}

static void combining_characters_are_kept(void **state) {
	(void)state;
	pty *terminal = start(40, 8, &PLAIN_OWNER);
	pty_expect(terminal, "play>");
	pty_send(terminal, "e\xCC\x81x\r");
	expect_answer(terminal, "[4:e\xCC\x81x]");
	leave(terminal);
}

static void a_very_long_line_wraps_and_comes_whole(void **state) {
	(void)state;
	char line[801];
	pty *terminal = start(40, 30, &PLAIN_OWNER);
	pty_expect(terminal, "play>");
	for (size_t i = 0; i < 800; i++) line[i] = (char)('a' + i % 26);
	line[800] = '\0';
	pty_send(terminal, line);
	pty_send(terminal, "\001\033[1;5C!\r");
	char expected[64];
	char with[802];
	snprintf(with, sizeof with, "%s!", line);
	snprintf(expected, sizeof expected, "sum %u", sum_of(with, 801));
	pty_expect(terminal, expected);
	leave(terminal);
}

static void bytes_that_are_no_characters_do_no_harm(void **state) {
	(void)state;
	pty *terminal = start(40, 8, &PLAIN_OWNER);
	pty_expect(terminal, "play>");
	pty_send(terminal, "a\xFF"
	                   "b\xC3"
	                   "c\xC2\x85"
	                   "d\r");
	expect_answer(terminal, "[10:a\xEF\xBF\xBD"
	                        "b\xEF\xBF\xBD"
	                        "cd]");
	leave(terminal);
}

/* ---- signals -------------------------------------------------------------------------- */

static void ctrl_c_drops_what_is_typed(void **state) {
	(void)state;
	pty *terminal = start(60, 14, &PLAIN_OWNER);
	pty_expect(terminal, "play>");
	pty_send(terminal, "do {\rhalf");
	pty_expect(terminal, "half");
	pty_send(terminal, "\003");
	expect_answer(terminal, "half^C\ndropped");
	pty_send(terminal, "next\r");
	expect_answer(terminal, "[4:next]");
	pty_send(terminal, "\033"); /* a sequence that was begun does not swallow it */
	pty_send(terminal, "\003");
	expect_answer(terminal, "[4:next]\nplay> ^C\ndropped"); /* this one: the first still stands above */
	leave(terminal);
}

static void ctrl_c_in_a_running_step_is_the_programs(void **state) {
	(void)state;
	pty *terminal = start(60, 14, &PLAIN_OWNER);
	pty_expect(terminal, "play>");
	pty_send(terminal, "sleep\r");
	pty_expect(terminal, "working");
	pty_send(terminal, "\003");
	expect_answer(terminal, "the step was interrupted");
	assert_null(strstr(pty_screen(terminal), "dropped"));
	leave(terminal);
}

static void a_new_size_of_the_window_is_drawn(void **state) {
	(void)state;
	pty *terminal = start(60, 10, &PLAIN_OWNER);
	pty_expect(terminal, "play>");
	pty_send(terminal, "say the parcel is late again");
	pty_expect(terminal, "again");
	pty_resize(terminal, 30, 10);
	pty_expect(terminal, "play> say the parcel is late a\ngain");
	pty_expect_cursor(terminal, 1, 4);
	pty_send(terminal, "!");
	pty_expect(terminal, "\ngain!");
	pty_resize(terminal, 50, 10);
	pty_expect(terminal, "play> say the parcel is late again!");
	pty_send(terminal, "\001\033[1;5CX\r");
	expect_answer(terminal, "[30:sayX the parcel is late again!]");
	leave(terminal);
}

static void a_program_that_is_told_to_end_leaves_the_terminal_in_order(void **state) {
	(void)state;
	pty *terminal = start(60, 10, &PLAIN_OWNER);
	pty_expect(terminal, "play>");
	pty_send(terminal, "half");
	pty_expect(terminal, "half");
	kill(terminal->child, SIGTERM);
	pty_expect_raw(terminal, "\033[?2004l");
	struct termios modes;
	assert_int_equal(pty_end(terminal), -SIGTERM);
	(void)modes;
}

/* ---- pastes ------------------------------------------------------------------------------ */

static char *lines_of(int count, const char *form) {
	char *text = calloc(1, (size_t)count * 96 + 16);
	assert_non_null(text);
	for (int i = 1; i <= count; i++) sprintf(text + strlen(text), form, i);
	return text;
}

static void a_paste_of_two_hundred_lines_arrives_whole(void **state) {
	(void)state;
	pty *terminal = start(80, 24, &PLAIN_OWNER);
	pty_expect(terminal, "play>");
	char *lines = lines_of(198, "\tzeile_%03d = \"Grüße, 荷物 😀\",\n"), *text = NULL;
	assert_true(asprintf(&text, "{\n%s}", lines) > 0);
	pty_paste(terminal, text);
	pty_expect(terminal, "… 189 more lines …");
	pty_expect(terminal, "    > }");
	assert_null(strstr(terminal->raw, "sum"));           /* nothing was handed out before Enter */
	assert_null(strstr(terminal->raw, "post an event")); /* its tabs complete nothing */
	pty_send(terminal, "\r");
	char expected[64];
	snprintf(expected, sizeof expected, "sum %u", sum_of(text, strlen(text)));
	pty_expect(terminal, expected);
	free(lines);
	free(text);
	leave(terminal);
}

static void a_paste_that_fits_is_edited_in_place(void **state) {
	(void)state;
	pty *terminal = start(60, 12, &PLAIN_OWNER);
	pty_expect(terminal, "play>");
	pty_send(terminal, "do ");
	pty_paste(terminal, "x {\n\ta = 1,\n}\n");
	pty_expect_screen(terminal, "play> do x {\n        a = 1,\n}");
	pty_send(terminal, "\033[A\005\1772;\r");
	expect_answer(terminal, "[17:do x {|→a = 12;|}]");
	leave(terminal);
}

static void statements_of_a_paste_come_one_after_the_other(void **state) {
	(void)state;
	pty *terminal = start(60, 20, &PLAIN_OWNER);
	pty_expect(terminal, "play>");
	pty_paste(terminal, "one\ntwo {\n}\n\nthree\n");
	pty_expect(terminal, "three");
	pty_send(terminal, "\r");
	pty_expect_screen(terminal, "play> one\ntwo {\n}\n\nthree\n[3:one]\nplay> two {\n}\n[7:two {|}]\nplay> three\n[5:three]\nplay>");
	leave(terminal);
}

static void the_rest_of_a_paste_can_be_forgotten(void **state) {
	(void)state;
	pty *terminal = start(60, 20, &PLAIN_OWNER);
	pty_expect(terminal, "play>");
	pty_paste(terminal, "forget\ntwo\nthree");
	pty_expect(terminal, "three");
	pty_send(terminal, "\r");
	pty_expect(terminal, "forgot 9\nplay>");
	assert_null(strstr(pty_screen(terminal), "[3:two]"));
	leave(terminal);
}

static void a_paste_beyond_the_bound_is_refused_with_a_sentence(void **state) {
	(void)state;
	const owner small = {.terminal = "xterm-256color", .most = 1000};
	pty *terminal = start(70, 14, &small);
	pty_expect(terminal, "play>");
	char *lines = lines_of(60, "line number %d, and some more\n");
	pty_send(terminal, "kept");
	pty_paste(terminal, lines);
	free(lines);
	pty_expect(terminal, "is longer than the 1000 that a");
	pty_expect(terminal, "play> kept");
	pty_send(terminal, " it\r");
	expect_answer(terminal, "[7:kept it]");
	leave(terminal);
}

static void control_characters_of_a_paste_are_left_out_and_told(void **state) {
	(void)state;
	pty *terminal = start(70, 14, &PLAIN_OWNER);
	pty_expect(terminal, "play>");
	pty_paste(terminal, "a\033[31mb\001c");
	pty_expect(terminal, "(2 control characters of the paste were left out)");
	pty_expect(terminal, "play> a[31mbc");
	pty_send(terminal, "\r");
	expect_answer(terminal, "[7:a[31mbc]");
	leave(terminal);
}

/* ---- history ----------------------------------------------------------------------------- */

static void statements_are_recalled_after_a_restart_whole(void **state) {
	(void)state;
	unlink(history_path);
	pty *terminal = start(60, 16, &KEEPER);
	pty_expect(terminal, "play>");
	pty_send(terminal, "do x {\ra = 1\r}\r");
	expect_answer(terminal, "[14:do x {|a = 1|}]");
	pty_send(terminal, "say größer\\n\r");
	expect_answer(terminal, "[14:say größer\\n]");
	pty_send(terminal, "say größer\\n\r"); /* twice is once */
	pty_send(terminal, " secret\r");
	expect_answer(terminal, "[7: secret]");
	leave(terminal);
	struct stat about;
	assert_int_equal(stat(history_path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);

	terminal = start(60, 16, &KEEPER);
	pty_expect(terminal, "play>");
	pty_send(terminal, "\033[A");
	pty_expect(terminal, "play> say größer\\n");
	pty_send(terminal, "\033[A");
	pty_expect_screen(terminal, "play> do x {\na = 1\n}");
	pty_send(terminal, "\033[A\005\1777\r"); /* it is edited as one */
	expect_answer(terminal, "[14:do x {|a = 7|}]");
	pty_send(terminal, "\022größ"); /* Ctrl-R */
	pty_expect(terminal, "say größer\\n");
	pty_send(terminal, "\r");
	expect_answer(terminal, "[14:say größer\\n]");
	pty_send(terminal, "new\020\020\016\016 line\r"); /* back and forth: what was being typed is still there */
	expect_answer(terminal, "[8:new line]");
	leave(terminal);
}

static void a_history_that_cannot_be_used_is_told_once(void **state) {
	(void)state;
	unlink(history_path);
	assert_int_equal(mkdir(history_path, 0700), 0);
	pty *terminal = start(160, 12, &KEEPER);
	pty_expect(terminal, "cannot be used: Is a directory");
	pty_send(terminal, "one\r");
	expect_answer(terminal, "[3:one]");
	pty_send(terminal, "\033[A\r");
	pty_expect(terminal, "play> one\n[3:one]\nplay> one\n[3:one]");
	leave(terminal);
	rmdir(history_path);
}

/* ---- completion ------------------------------------------------------------------------------ */

static void tab_completes_and_a_second_one_lists(void **state) {
	(void)state;
	pty *terminal = start(60, 16, &PLAIN_OWNER);
	pty_expect(terminal, "play>");
	pty_send(terminal, "u\t");
	pty_expect(terminal, "play> undo");
	pty_expect_cursor(terminal, 0, 11); /* a space follows */
	pty_send(terminal, "\025do cu\t");
	pty_expect(terminal, "play> do customer.");
	pty_send(terminal, "\t");
	pty_expect_screen(terminal, "play> do customer.\n"
	                            "customer.left     the customer is gone\n"
	                            "customer.message  the customer writes\n"
	                            "play> do customer.");
	pty_send(terminal, "m\t");
	pty_expect(terminal, "\nplay> do customer.message {");
	pty_send(terminal, "}\r");
	expect_answer(terminal, "[22:do customer.message {}]");
	leave(terminal);
}

static void completion_keeps_what_stands_behind_the_cursor(void **state) {
	(void)state;
	pty *terminal = start(60, 16, &PLAIN_OWNER);
	pty_expect(terminal, "play>");
	pty_send(terminal, "do  now\002\002\002\002p\t");
	pty_expect(terminal, "play> do parcel.found now");
	pty_send(terminal, "\r");
	expect_answer(terminal, "[19:do parcel.found now]");
	pty_send(terminal, "größ\t");
	pty_expect(terminal, "play> größenordnung");
	pty_send(terminal, "\025nothing-like-it\t\t!\r");
	expect_answer(terminal, "[16:nothing-like-it!]");
	leave(terminal);
}

static void a_tab_at_the_beginning_of_a_further_line_is_a_tab(void **state) {
	(void)state;
	pty *terminal = start(60, 16, &PLAIN_OWNER);
	pty_expect(terminal, "play>");
	pty_send(terminal, "do {\r\ta}\r");
	expect_answer(terminal, "[8:do {|→a}]");
	leave(terminal);
}

/* ---- terminals and none ------------------------------------------------------------------------- */

static void colours_of_the_prompt_take_no_columns(void **state) {
	(void)state;
	const owner coloured = {.terminal = "xterm-256color", .has_colour = true};
	pty *terminal = start(20, 8, &coloured);
	pty_expect(terminal, "play>");
	pty_expect_raw(terminal, "\033[1;36m");
	pty_expect_raw(terminal, "\033[0m");
	pty_send(terminal, "12345678901234567");
	pty_expect_screen(terminal, "play> 12345678901234\n567");
	pty_send(terminal, "\001X");
	pty_expect_screen(terminal, "play> X1234567890123\n4567");
	pty_expect_cursor(terminal, 0, 7);
	pty_send(terminal, "\r");
	expect_answer(terminal, "[18:X123456789012345\n67]");
	leave(terminal);
}

static void without_colours_none_is_sent(void **state) {
	(void)state;
	pty *terminal = start(60, 8, &PLAIN_OWNER);
	pty_expect(terminal, "play>");
	pty_send(terminal, "do \t\t\r");
	expect_answer(terminal, "[3:do ]");
	assert_null(strstr(terminal->raw, "m\033"));
	assert_null(strstr(terminal->raw, "\033[0m"));
	assert_null(strstr(terminal->raw, "\033[1;"));
	leave(terminal);
}

static void a_terminal_that_can_do_nothing_is_read_plainly(void **state) {
	(void)state;
	const char *const terminals[] = {"dumb", NULL, "no-such-terminal"};
	for (size_t i = 0; i < 3; i++) {
		const owner plain = {.terminal = terminals[i]};
		pty *terminal = start(100, 14, &plain);
		if (i == 2) pty_expect(terminal, "(the terminal \"no-such-terminal\" (TERM) is not known here; lines are read plainly)");
		pty_expect(terminal, "play>");
		assert_false(terminal->takes_pastes);
		pty_send(terminal, "do {\n");
		pty_expect(terminal, "    >");
		pty_send(terminal, "}\n");
		expect_answer(terminal, "[6:do {|}]");
		pty_send(terminal, "half");
		pty_expect(terminal, "half");
		pty_send(terminal, "\003");
		expect_answer(terminal, "dropped");
		pty_send(terminal, "\004");
		pty_expect(terminal, "end");
		assert_int_equal(pty_end(terminal), 0);
	}
}

/* Through a pipe: no prompt, the same statements. */
static void read_from_pipe(const char *input, size_t size, size_t most, const char *const *expected) {
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], input, size), size);
	close(ends[1]);
	FILE *file = fdopen(ends[0], "r");
	const repl_reader_options options = {.input = file, .is_whole = is_whole, .most = most};
	repl_reader *reader;
	const char *text;
	size_t text_size;
	assert_true(repl_reader_open(&reader, &options));
	assert_false(repl_reader_edits(reader));
	for (; *expected != NULL; expected++) {
		int got = repl_reader_statement(reader, &text, &text_size);
		if (strcmp(*expected, "too long") == 0) {
			assert_int_equal(got, REPL_READ_TOO_LONG);
			continue;
		}
		assert_int_equal(got, REPL_READ_STATEMENT);
		assert_string_equal(text, *expected);
		assert_int_equal(text_size, strlen(*expected));
	}
	assert_int_equal(repl_reader_statement(reader, &text, &text_size), REPL_READ_END);
	repl_reader_close(reader);
	fclose(file);
}

static void a_pipe_gives_the_same_statements(void **state) {
	(void)state;
	static const char input[] = "\xEF\xBB\xBFone\r\n\ndo {\n\ta\n}\nlast {";
	read_from_pipe(input, sizeof input - 1, 0, (const char *const[]){"one", "", "do {\n\ta\n}", "last {", NULL});
	read_from_pipe("", 0, 0, (const char *const[]){NULL});
}

static void lines_beyond_the_bound_and_with_nul_are_skipped(void **state) {
	(void)state;
	read_from_pipe("short\n0123456789\nend\n", 21, 8, (const char *const[]){"short", "too long", "end", NULL});
	read_from_pipe("a\0b\nend\n", 8, 0, (const char *const[]){"too long", "end", NULL});
}

static void the_history_file_follows_the_environment(void **state) {
	(void)state;
	setenv("APLOMB_HISTORY", "/elsewhere/h", 1);
	char *path = repl_history_path();
	assert_string_equal(path, "/elsewhere/h");
	free(path);
	setenv("APLOMB_HISTORY", "", 1);
	assert_null(repl_history_path());
	unsetenv("APLOMB_HISTORY");
	setenv("XDG_STATE_HOME", "/state", 1);
	path = repl_history_path();
	assert_string_equal(path, "/state/aplomb/history");
	free(path);
	setenv("XDG_STATE_HOME", "relative", 1);
	setenv("HOME", "/people/ann", 1);
	path = repl_history_path();
	assert_string_equal(path, "/people/ann/.local/state/aplomb/history");
	free(path);
	unsetenv("XDG_STATE_HOME");
	unsetenv("HOME");
	assert_null(repl_history_path());
}

static int set_up(void **state) {
	(void)state;
	if (mkdtemp(folder) == NULL) return -1;
	snprintf(history_path, sizeof history_path, "%s/state/aplomb/history", folder);
	return 0;
}

static int tear_down(void **state) {
	(void)state;
	char path[128];
	unlink(history_path);
	for (const char *const *name = (const char *const[]){"/state/aplomb", "/state", "", NULL}; *name != NULL; name++) {
		snprintf(path, sizeof path, "%s%s", folder, *name);
		rmdir(path);
	}
	return 0;
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_line_is_a_statement_and_ctrl_d_the_end),
	    cmocka_unit_test(what_is_not_whole_goes_on_below_and_is_edited_as_one),
	    cmocka_unit_test(home_and_end_go_within_the_line_first),
	    cmocka_unit_test(a_further_line_can_be_asked_for),
	    cmocka_unit_test(a_statement_taller_than_the_window_is_kept_whole),
	    cmocka_unit_test(wide_characters_take_their_columns),
	    cmocka_unit_test(a_wide_character_does_not_stand_on_two_lines),
	    cmocka_unit_test(combining_characters_are_kept),
	    cmocka_unit_test(a_very_long_line_wraps_and_comes_whole),
	    cmocka_unit_test(bytes_that_are_no_characters_do_no_harm),
	    cmocka_unit_test(ctrl_c_drops_what_is_typed),
	    cmocka_unit_test(ctrl_c_in_a_running_step_is_the_programs),
	    cmocka_unit_test(a_new_size_of_the_window_is_drawn),
	    cmocka_unit_test(a_program_that_is_told_to_end_leaves_the_terminal_in_order),
	    cmocka_unit_test(a_paste_of_two_hundred_lines_arrives_whole),
	    cmocka_unit_test(a_paste_that_fits_is_edited_in_place),
	    cmocka_unit_test(statements_of_a_paste_come_one_after_the_other),
	    cmocka_unit_test(the_rest_of_a_paste_can_be_forgotten),
	    cmocka_unit_test(a_paste_beyond_the_bound_is_refused_with_a_sentence),
	    cmocka_unit_test(control_characters_of_a_paste_are_left_out_and_told),
	    cmocka_unit_test(statements_are_recalled_after_a_restart_whole),
	    cmocka_unit_test(a_history_that_cannot_be_used_is_told_once),
	    cmocka_unit_test(tab_completes_and_a_second_one_lists),
	    cmocka_unit_test(completion_keeps_what_stands_behind_the_cursor),
	    cmocka_unit_test(a_tab_at_the_beginning_of_a_further_line_is_a_tab),
	    cmocka_unit_test(colours_of_the_prompt_take_no_columns),
	    cmocka_unit_test(without_colours_none_is_sent),
	    cmocka_unit_test(a_terminal_that_can_do_nothing_is_read_plainly),
	    cmocka_unit_test(a_pipe_gives_the_same_statements),
	    cmocka_unit_test(lines_beyond_the_bound_and_with_nul_are_skipped),
	    cmocka_unit_test(the_history_file_follows_the_environment),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
