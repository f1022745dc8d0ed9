/* SPDX-License-Identifier: MIT */
/*
 * Decides what a terminal does with what it is sent. What should be on it is
 * decided by tests.
 */
#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../unit/test_cmocka.h"
#include "../unit/test_rounds.h"
#include "tell/tell.h"

/* Terminals that are open, for a process that is forked must not seem to have lost them. */
enum { MOST_OPEN = 64 };
static pty *open_terminals[MOST_OPEN];

static void forget(pty *t) {
	for (int i = 0; i < MOST_OPEN; i++)
		if (open_terminals[i] == t) open_terminals[i] = NULL;
	free(t->raw);
	free(t->scrolled);
	free(t);
}

/* How long something may take: a machine that is busy, and valgrind, are slow. */
static int64_t patience_ms(void) {
	return apl_is_watched() ? 120000 : 30000;
}

static int64_t now_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- the screen ------------------------------------------------------------ */

static void clear_cells(pty *t, int row, int from, int to) {
	for (int column = from; column < to; column++) strcpy(t->cells[row][column].text, " ");
}

static void row_text(const pty *t, int row, char *out) {
	size_t size = 0;
	for (int column = 0; column < t->columns; column++) {
		size_t length = strlen(t->cells[row][column].text);
		memcpy(out + size, t->cells[row][column].text, length);
		size += length;
	}
	while (size > 0 && out[size - 1] == ' ') size--;
	out[size] = '\0';
}

static void keep(char **text, size_t *size, const char *more, size_t more_size) {
	*text = realloc(*text, *size + more_size + 1);
	assert_non_null(*text);
	memcpy(*text + *size, more, more_size);
	*size += more_size;
	(*text)[*size] = '\0';
}

static void line_feed(pty *t) {
	if (t->row + 1 < t->rows) {
		t->row++;
		return;
	}
	char line[PTY_COLUMNS * 24 + 2];
	row_text(t, 0, line);
	strcat(line, "\n");
	keep(&t->scrolled, &t->scrolled_size, line, strlen(line));
	memmove(t->cells[0], t->cells[1], sizeof t->cells[0] * (size_t)(t->rows - 1));
	clear_cells(t, t->rows - 1, 0, PTY_COLUMNS);
}

static void shift_right(pty *t, int count) {
	for (int i = 0; i < count && t->column < t->columns; i++) {
		memmove(&t->cells[t->row][t->column + 1], &t->cells[t->row][t->column], sizeof(pty_cell) * (size_t)(t->columns - t->column - 1));
		strcpy(t->cells[t->row][t->column].text, " ");
	}
}

static void shift_left(pty *t, int count) {
	for (int i = 0; i < count; i++) {
		memmove(&t->cells[t->row][t->column], &t->cells[t->row][t->column + 1], sizeof(pty_cell) * (size_t)(t->columns - t->column - 1));
		strcpy(t->cells[t->row][t->columns - 1].text, " ");
	}
}

static void put_character(pty *t, const char *bytes, size_t size) {
	int width = tell_width(bytes, size);
	if (width == 0) { /* it stands on the one before */
		int column = t->wraps_next ? t->column : t->column - 1;
		while (column > 0 && t->cells[t->row][column].text[0] == '\0') column--;
		if (column < 0) return;
		pty_cell *cell = &t->cells[t->row][column];
		size_t used = strlen(cell->text);
		if (used + size >= sizeof cell->text) return;
		memcpy(cell->text + used, bytes, size);
		cell->text[used + size] = '\0';
		return;
	}
	if (t->wraps_next || t->column + width > t->columns) {
		t->column = 0;
		t->wraps_next = false;
		line_feed(t);
	}
	if (t->inserts) shift_right(t, width);
	pty_cell *cell = &t->cells[t->row][t->column];
	memcpy(cell->text, bytes, size);
	cell->text[size] = '\0';
	if (width == 2) cell[1].text[0] = '\0';
	t->column += width;
	if (t->column >= t->columns) {
		t->column = t->columns - 1;
		t->wraps_next = true;
	}
}

static int at_least_one(int number) {
	return number > 0 ? number : 1;
}
static int within(int value, int end) {
	return value < 0 ? 0 : value >= end ? end - 1 : value;
}

/* A control sequence: ESC [ parameters final. */
static void sequence(pty *t, const char *parameters, char final) {
	int numbers[8] = {0}, count = 0;
	bool is_private = parameters[0] == '?';
	for (const char *at = parameters + is_private; *at != '\0' && count < 8;) {
		char *end;
		numbers[count++] = (int)strtol(at, &end, 10);
		at = *end == ';' ? end + 1 : end;
		if (end == at && *at != '\0') break;
	}
	int first = numbers[0];
	if (is_private) {
		for (int i = 0; i < count; i++) {
			if (numbers[i] == 2004)
				t->takes_pastes = final == 'h';
			else if (numbers[i] != 1 && numbers[i] != 25 && numbers[i] != 12)
				t->unknown++;
		}
		return;
	}
	if (final != 'm') t->wraps_next = false;
	switch (final) {
	case 'm': break; /* colours are looked for in the bytes */
	case 'A': t->row = within(t->row - at_least_one(first), t->rows); break;
	case 'B': t->row = within(t->row + at_least_one(first), t->rows); break;
	case 'C': t->column = within(t->column + at_least_one(first), t->columns); break;
	case 'D': t->column = within(t->column - at_least_one(first), t->columns); break;
	case 'G': t->column = within(first - 1, t->columns); break;
	case 'H':
		t->row = within(first - 1, t->rows);
		t->column = within(numbers[1] - 1, t->columns);
		break;
	case 'J':
		if (first == 2) {
			for (int row = 0; row < t->rows; row++) clear_cells(t, row, 0, PTY_COLUMNS);
		} else {
			clear_cells(t, t->row, t->column, PTY_COLUMNS);
			for (int row = t->row + 1; row < t->rows; row++) clear_cells(t, row, 0, PTY_COLUMNS);
		}
		break;
	case 'K': clear_cells(t, t->row, first == 0 ? t->column : 0, first == 1 ? t->column + 1 : PTY_COLUMNS); break;
	case 'P': shift_left(t, at_least_one(first)); break;
	case '@': shift_right(t, at_least_one(first)); break;
	case 'h':
	case 'l':
		if (first == 4)
			t->inserts = final == 'h';
		else
			t->unknown++;
		break;
	default: t->unknown++; break;
	}
}

/* What stands at the front of [bytes]: how many of them it takes, 0 when more are needed. */
static size_t take(pty *t, const char *bytes, size_t size) {
	unsigned char c = (unsigned char)bytes[0];
	if (c == '\033') {
		if (size < 2) return 0;
		if (bytes[1] != '[') {
			t->unknown += strchr("=>78(", bytes[1]) == NULL;
			return bytes[1] == '(' ? (size < 3 ? 0 : 3) : 2;
		}
		size_t end = 2;
		while (end < size && (unsigned char)bytes[end] < 0x40) end++;
		if (end == size) return 0;
		char parameters[48] = {0};
		memcpy(parameters, bytes + 2, end - 2 < sizeof parameters - 1 ? end - 2 : sizeof parameters - 1);
		sequence(t, parameters, bytes[end]);
		return end + 1;
	}
	if (c < 0x20 || c == 0x7F) {
		t->wraps_next = false;
		if (c == '\r') t->column = 0;
		if (c == '\n') line_feed(t);
		if (c == '\b' && t->column > 0) t->column--;
		if (c == '\t') t->column = within((t->column / 8 + 1) * 8, t->columns);
		return 1;
	}
	size_t wanted = c < 0x80 ? 1 : (c & 0xE0) == 0xC0 ? 2 : (c & 0xF0) == 0xE0 ? 3 : (c & 0xF8) == 0xF0 ? 4 : 1;
	if (wanted > size) return 0;
	put_character(t, bytes, wanted);
	return wanted;
}

static void draw(pty *t, const char *bytes, size_t size) {
	keep(&t->raw, &t->raw_size, bytes, size);
	for (size_t i = 0; i < size; i++) {
		assert_true(t->pending_size < sizeof t->pending);
		t->pending[t->pending_size++] = bytes[i];
		if (take(t, t->pending, t->pending_size) > 0) t->pending_size = 0;
	}
}

const char *pty_screen(pty *t) {
	size_t size = 0, filled = 0;
	for (int row = 0; row < t->rows; row++) {
		row_text(t, row, t->shown + size);
		size += strlen(t->shown + size);
		if (t->shown[0] != '\0' && size > 0 && t->shown[size - 1] != '\n') filled = size;
		t->shown[size++] = '\n';
	}
	t->shown[filled] = '\0';
	return t->shown;
}

/* ---- the process -------------------------------------------------------------- */

static pty *new_terminal(int columns, int rows) {
	pty *t = calloc(1, sizeof *t);
	assert_non_null(t);
	assert_true(columns <= PTY_COLUMNS && rows <= PTY_ROWS);
	t->columns = columns;
	t->rows = rows;
	for (int row = 0; row < PTY_ROWS; row++) clear_cells(t, row, 0, PTY_COLUMNS);
	keep(&t->raw, &t->raw_size, "", 0);
	keep(&t->scrolled, &t->scrolled_size, "", 0);
	int place = 0;
	while (place < MOST_OPEN && open_terminals[place] != NULL) place++;
	assert_true(place < MOST_OPEN);
	open_terminals[place] = t;
	return t;
}

pty *pty_start(int columns, int rows, int (*child)(void *payload), void *payload) {
	pty *t = new_terminal(columns, rows);
	struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
	fflush(NULL);
	t->child = forkpty(&t->file, NULL, NULL, &size);
	assert_true(t->child >= 0);
	if (t->child == 0) {
		for (int i = 0; i < MOST_OPEN; i++)
			if (open_terminals[i] != NULL) forget(open_terminals[i]);
		exit(child(payload));
	}
	fcntl(t->file, F_SETFD, FD_CLOEXEC);
	return t;
}

static int run_program(void *payload) {
	char *const *arguments;
	memcpy(&arguments, &payload, sizeof arguments);
	execv(arguments[0], arguments);
	perror(arguments[0]);
	_exit(127);
}

pty *pty_run(int columns, int rows, const char *const *arguments) {
	void *payload;
	memcpy(&payload, &arguments, sizeof payload);
	return pty_start(columns, rows, run_program, payload);
}

/* Takes in what has come, waiting [ms] at most for it. False: nothing came, or nothing comes any more ([*has_ended]). */
static bool take_in(pty *t, int64_t ms, bool *has_ended) {
	struct pollfd one = {.fd = t->file, .events = POLLIN};
	char bytes[4096];
	if (poll(&one, 1, (int)(ms > 0 ? ms : 0)) <= 0) return false;
	ssize_t got = read(t->file, bytes, sizeof bytes);
	if (got <= 0) { /* EIO: the process has closed its side */
		*has_ended = got == 0 || errno == EIO;
		return false;
	}
	draw(t, bytes, (size_t)got);
	return true;
}

void pty_send_bytes(pty *t, const char *bytes, size_t size) {
	/* The program may draw while it is sent to; a terminal that does not read would make both wait. */
	int flags = fcntl(t->file, F_GETFL);
	fcntl(t->file, F_SETFL, flags | O_NONBLOCK);
	for (int64_t end = now_ms() + patience_ms(); size > 0;) {
		ssize_t sent = write(t->file, bytes, size);
		if (sent > 0) {
			bytes += sent;
			size -= (size_t)sent;
		}
		bool has_ended = false;
		take_in(t, sent > 0 ? 0 : 10, &has_ended);
		if (has_ended) fail_msg("the program ended while it was typed to; the screen:\n%s", pty_screen(t));
		if (now_ms() > end) fail_msg("the program does not read what is typed; the screen:\n%s", pty_screen(t));
	}
	fcntl(t->file, F_SETFL, flags);
}

void pty_send(pty *t, const char *keys) {
	pty_send_bytes(t, keys, strlen(keys));
}

void pty_paste(pty *t, const char *text) {
	size_t size = strlen(text);
	char *bytes = malloc(size + 1);
	assert_non_null(bytes);
	for (size_t i = 0; i <= size; i++) bytes[i] = text[i] == '\n' ? '\r' : text[i];
	bool marks = t->takes_pastes;
	if (marks) pty_send(t, "\033[200~");
	pty_send_bytes(t, bytes, size);
	if (marks) pty_send(t, "\033[201~");
	free(bytes);
}

void pty_resize(pty *t, int columns, int rows) {
	struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
	assert_true(columns <= PTY_COLUMNS && rows <= PTY_ROWS);
	t->columns = columns;
	t->rows = rows;
	t->row = within(t->row, rows);
	t->column = within(t->column, columns);
	assert_int_equal(ioctl(t->file, TIOCSWINSZ, &size), 0);
}

/* ---- waiting --------------------------------------------------------------------- */

typedef bool (*is_there_fn)(pty *t, const void *what);

static bool wait_for(pty *t, is_there_fn is_there, const void *what) {
	for (int64_t end = now_ms() + patience_ms();;) {
		bool has_ended = false;
		if (is_there(t, what)) return true;
		if (now_ms() > end) return false;
		if (!take_in(t, 50, &has_ended) && has_ended) return is_there(t, what);
	}
}

static bool stands_on_screen(pty *t, const void *what) {
	return strstr(pty_screen(t), what) != NULL;
}
static bool is_screen(pty *t, const void *what) {
	return strcmp(pty_screen(t), what) == 0;
}
static bool is_last(pty *t, const void *what) {
	const char *screen = pty_screen(t), *last = strrchr(screen, '\n');
	return strcmp(last != NULL ? last + 1 : screen, what) == 0;
}
static bool has_come(pty *t, const void *what) {
	return strstr(t->raw, what) != NULL;
}
static bool cursor_is_at(pty *t, const void *what) {
	const int *place = what;
	return t->row == place[0] && t->column == place[1];
}

static void fail_with(pty *t, const char *expected, const char *file, int line) {
	print_error("%s:%d: expected\n%s\nthe screen (cursor at %d,%d; %u unknown sequences):\n%s\n", file, line, expected, t->row, t->column,
	    t->unknown, pty_screen(t));
	kill(t->child, SIGKILL);
	_fail(file, line);
}

void pty_expect_at(pty *t, const char *text, const char *file, int line) {
	if (!wait_for(t, stands_on_screen, text)) fail_with(t, text, file, line);
}

void pty_expect_screen_at(pty *t, const char *text, const char *file, int line) {
	if (!wait_for(t, is_screen, text)) fail_with(t, text, file, line);
}

void pty_expect_last_at(pty *t, const char *text, const char *file, int line) {
	if (!wait_for(t, is_last, text)) fail_with(t, text, file, line);
}

void pty_expect_raw_at(pty *t, const char *text, const char *file, int line) {
	if (!wait_for(t, has_come, text)) fail_with(t, text, file, line);
}

void pty_expect_cursor_at(pty *t, int row, int column, const char *file, int line) {
	char expected[64];
	snprintf(expected, sizeof expected, "the cursor at %d,%d", row, column);
	if (!wait_for(t, cursor_is_at, (const int[]){row, column})) fail_with(t, expected, file, line);
}

void pty_forget_raw(pty *t) {
	t->raw_size = 0;
	t->raw[0] = '\0';
}

int pty_end_at(pty *t, const char *file, int line) {
	bool has_ended = false;
	int status = 0;
	pid_t gone = 0;
	for (int64_t end = now_ms() + patience_ms(); gone == 0 && now_ms() < end;) {
		take_in(t, 20, &has_ended);
		gone = waitpid(t->child, &status, WNOHANG);
	}
	if (gone == 0) fail_with(t, "the program to end", file, line);
	while (take_in(t, 0, &has_ended)) continue;
	if (t->unknown > 0) fail_with(t, "nothing that this terminal does not know", file, line);
	int result = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
	if (result != 0) print_message("the last screen:\n%s\n", pty_screen(t));
	close(t->file);
	forget(t);
	return result;
}
