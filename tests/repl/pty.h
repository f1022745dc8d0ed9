/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PTY_H
#define TESTS_PTY_H

/*
 * A person before a terminal, for tests: a program runs on a pseudo-terminal,
 * keys are sent to it, and what it draws is read as a screen. The terminal is an
 * xterm as far as line editors use one; what it is told and does not know
 * is counted, so that a test sees that it is no longer enough.
 *
 * Nothing sleeps: a test says what must come to be seen, and waits for that.
 */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { PTY_COLUMNS = 200, PTY_ROWS = 60 }; /* at most */

typedef struct pty_cell {
	char text[24]; /* one character and those that combine with it; "" in the right half of a wide one */
} pty_cell;

typedef struct pty {
	pid_t child;
	int file;
	int columns, rows;
	pty_cell cells[PTY_ROWS][PTY_COLUMNS];
	int row, column;
	bool wraps_next;   /* a character stands in the last column, and the next goes to the next line */
	bool inserts;      /* insert mode */
	bool takes_pastes; /* bracketed paste is on */
	unsigned unknown;  /* sequences that this terminal does not know */
	char *scrolled;    /* lines that went out at the top */
	size_t scrolled_size;
	char *raw; /* every byte that came */
	size_t raw_size;
	char pending[64]; /* a sequence or character that is not complete */
	size_t pending_size;
	char shown[PTY_ROWS * (PTY_COLUMNS * 4 + 1)];
} pty;

/* Runs [child] in a process of its own, on a terminal of this size; when it returns, the process ends with what it returned. */
pty *pty_start(int columns, int rows, int (*child)(void *payload), void *payload);
/* The same for a program. [arguments] end with NULL. */
pty *pty_run(int columns, int rows, const char *const *arguments);
void pty_send(pty *terminal, const char *keys);
void pty_send_bytes(pty *terminal, const char *bytes, size_t size);
/* As a terminal pastes: between marks, newlines as carriage returns; without marks when the program did not ask for them. */
void pty_paste(pty *terminal, const char *text);
void pty_resize(pty *terminal, int columns, int rows);

/* The screen, a line a row, without blanks at their ends and without empty rows at its end. */
const char *pty_screen(pty *terminal);
/* Waits until the text stands on the screen. Fails, showing the screen, when it does not come. */
#define pty_expect(terminal, text) pty_expect_at((terminal), (text), __FILE__, __LINE__)
void pty_expect_at(pty *terminal, const char *text, const char *file, int line);
/* Waits until the screen is this. */
#define pty_expect_screen(terminal, text) pty_expect_screen_at((terminal), (text), __FILE__, __LINE__)
void pty_expect_screen_at(pty *terminal, const char *text, const char *file, int line);
/* Waits until the last row that is not empty is this: a prompt, say, at which nothing is typed yet. */
#define pty_expect_last(terminal, text) pty_expect_last_at((terminal), (text), __FILE__, __LINE__)
void pty_expect_last_at(pty *terminal, const char *text, const char *file, int line);
/* Waits until the cursor stands there, from 0. */
#define pty_expect_cursor(terminal, row, column) pty_expect_cursor_at((terminal), (row), (column), __FILE__, __LINE__)
void pty_expect_cursor_at(pty *terminal, int row, int column, const char *file, int line);
/* Waits until the text came at all, as bytes: also what has scrolled away, and colours. */
#define pty_expect_raw(terminal, text) pty_expect_raw_at((terminal), (text), __FILE__, __LINE__)
void pty_expect_raw_at(pty *terminal, const char *text, const char *file, int line);
/* Forgets the bytes that came, so that pty_expect_raw sees new ones only. */
void pty_forget_raw(pty *terminal);

/* Waits for the process's end and gives its exit status, or -signal. Frees [terminal]. */
#define pty_end(terminal) pty_end_at((terminal), __FILE__, __LINE__)
int pty_end_at(pty *terminal, const char *file, int line);

#endif
