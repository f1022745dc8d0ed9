/* SPDX-License-Identifier: MIT */
/*
 * Decides what the terminal shows besides the line: the prompt's colours, the
 * lines of a large paste, and how the line is drawn anew when the window's size
 * has changed or the program was stopped.
 */
#include "repl/editor_inside.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tell/tell.h"

enum { SHOWN_FIRST = 6, SHOWN_LAST = 4, TAB_STOP = 8 };

void repl_editor_measure(repl_editor *editor) {
	struct winsize size;
	editor->columns = 80;
	editor->rows = 24;
	if (ioctl(fileno(editor->options->input), TIOCGWINSZ, &size) != 0) return;
	/* As libedit takes a terminal of one column, or of none. */
	if (size.ws_col >= 2) editor->columns = size.ws_col;
	if (size.ws_row >= 1) editor->rows = size.ws_row;
}

/* ---- the prompt ------------------------------------------------------------ */

/* The size of a colour's sequence, ESC [ … m, or 0. */
static size_t colour_size(const wchar_t *at) {
	if (at[0] != L'\033' || at[1] != L'[') return 0;
	size_t n = 2;
	while ((at[n] >= L'0' && at[n] <= L'9') || at[n] == L';') n++;
	return at[n] == L'm' ? n + 1 : 0;
}

/*
 * libedit takes what stands between two \1 as of no width, in one cell with the
 * character behind it; behind the last character it loses it. So colours that end
 * the prompt move before its last character, which is a space.
 */
wchar_t *repl_editor_prompt(EditLine *el) {
	repl_editor *editor = repl_editor_of(el);
	repl_editor_outside(editor);
	const char *text = editor->options->prompt != NULL ? editor->options->prompt(editor->options->payload, editor->before.size == 0) : "> ";
	repl_editor_inside(editor);
	size_t count, n = 0, last = 0;
	wchar_t *wide = repl_widened(text, strlen(text), &count);
	wchar_t *out = tell_need((3 * count + 1) * sizeof *out);
	editor->prompt_width = 0;
	for (size_t i = 0; i < count;) {
		size_t colour = colour_size(wide + i);
		if (colour > 0) {
			bool goes_on = n > 0 && out[n - 1] == L'\1';
			if (goes_on)
				n--; /* one run of colours */
			else
				out[n++] = L'\1';
			wmemcpy(out + n, wide + i, colour);
			n += colour;
			out[n++] = L'\1';
			i += colour;
			continue;
		}
		wchar_t c = wide[i++];
		if (c < 0x20 || (c >= 0x7F && c <= 0x9F)) continue;
		last = n;
		out[n++] = c;
		int width = wcwidth(c);
		if (width > 0) editor->prompt_width += width;
	}
	if (n > last + 1) { /* colours behind the last character */
		wchar_t c = out[last];
		wmemmove(out + last, out + last + 1, n - last - 1);
		out[n - 1] = c;
	}
	out[n] = L'\0';
	free(wide);
	free(editor->prompt);
	editor->prompt = out;
	return out;
}

/* ---- where the line is ------------------------------------------------------ */

typedef struct place {
	int row, column, columns;
} place;

static void go_on(place *at, int width) {
	if (at->column + width > at->columns) {
		at->row++;
		at->column = 0;
	}
	at->column += width;
	if (at->column >= at->columns) {
		at->row++;
		at->column = 0;
	}
}

/* As libedit draws it (re_addc): tabs to the next stop, control characters as two, newlines as lines. */
static void go_over(place *at, wchar_t c) {
	if (c == L'\n') {
		at->row++;
		at->column = 0;
	} else if (c == L'\t') {
		do go_on(at, 1);
		while (at->column % TAB_STOP != 0);
	} else if (c < 0x20 || c == 0x7F) {
		go_on(at, 1);
		go_on(at, 1);
	} else {
		int width = wcwidth(c);
		if (width > 0) go_on(at, width);
	}
}

int repl_editor_rows(const repl_editor *editor, const wchar_t *text, size_t count, size_t cursor, int columns, int *row) {
	place at = {0, 0, columns};
	for (int i = 0; i < editor->prompt_width; i++) go_on(&at, 1);
	for (size_t i = 0; i < count; i++) {
		if (i == cursor && row != NULL) *row = at.row;
		go_over(&at, text[i]);
	}
	if (cursor >= count && row != NULL) *row = at.row;
	return at.row + 1;
}

/*
 * Some terminals break lines anew when they become narrower or wider, some do not. The row that the cursor
 * is in is reckoned both ways, and the line drawn from the higher of the two: that may leave a piece of the old line
 * standing, and never takes away what was said before it.
 */
void repl_editor_resized(repl_editor *editor) {
	const LineInfoW *line = el_wline(editor->el);
	size_t count = (size_t)(line->lastchar - line->buffer), cursor = (size_t)(line->cursor - line->buffer);
	int row_before, row_now;
	repl_editor_rows(editor, line->buffer, count, cursor, editor->columns, &row_before);
	repl_editor_measure(editor);
	repl_editor_rows(editor, line->buffer, count, cursor, editor->columns, &row_now);
	int up = row_before < row_now ? row_before : row_now;
	if (up >= editor->rows) up = editor->rows - 1;
	el_resize(editor->el);
	fputs("\r", editor->options->output);
	if (up > 0) fprintf(editor->options->output, "\033[%dA", up);
	fputs("\033[J", editor->options->output);
	fflush(editor->options->output);
	el_wset(editor->el, EL_REFRESH);
}

void repl_editor_put_down(repl_editor *editor) {
	fputs("\033[?2004l", editor->options->output);
	fflush(editor->options->output);
	el_wset(editor->el, EL_PREP_TERM, 0);
}

void repl_editor_take_up(repl_editor *editor, bool redraw) {
	el_wset(editor->el, EL_PREP_TERM, 1);
	fputs("\033[?2004h", editor->options->output);
	if (redraw) fputs("\r\n", editor->options->output);
	fflush(editor->options->output);
	if (!redraw) return;
	repl_editor_measure(editor);
	el_resize(editor->el);
	el_wset(editor->el, EL_REFRESH);
}

/* ---- large pastes ------------------------------------------------------------ */

void repl_editor_show_lines(repl_editor *editor, const char *text, size_t size) {
	size_t lines = 0, number = 0;
	for (size_t i = 0; i < size; i++)
		if (text[i] == '\n') lines++;
	repl_text out = {0};
	for (size_t at = 0; at < size; number++) {
		const char *end = memchr(text + at, '\n', size - at);
		size_t length = end != NULL ? (size_t)(end - (text + at)) : size - at;
		bool is_shown = lines <= SHOWN_FIRST + SHOWN_LAST + 1 || number < SHOWN_FIRST || number + SHOWN_LAST >= lines;
		if (number > 0 && is_shown) { /* the first stands behind the prompt */
			repl_text_shown(&out, text + at, length, editor->columns - 1);
			repl_text_put(&out, "\n");
		} else if (number == SHOWN_FIRST) {
			char words[96];
			snprintf(words, sizeof words, "%s… %zu more lines …%s\n", editor->options->has_colour ? "\033[2m" : "",
			    lines - SHOWN_FIRST - SHOWN_LAST, editor->options->has_colour ? "\033[0m" : "");
			repl_text_put(&out, words);
		}
		at += length + 1;
	}
	if (out.size > 0) fwrite(out.bytes, 1, out.size, editor->options->output);
	fflush(editor->options->output);
	repl_text_dispose(&out);
}
