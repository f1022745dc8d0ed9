/* SPDX-License-Identifier: MIT */
/*
 * Decides what keys do that libedit does not have, or has for lines where we have
 * statements of many lines: Enter, Tab, Up and Down, Home and End, a paste, Ctrl-C.
 * docs/repl.md lists them.
 */
#include "repl/editor_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "repl/paste.h"
#include "tell/tell.h"

repl_editor *repl_editor_of(EditLine *el) {
	void *editor = NULL;
	el_wget(el, EL_CLIENTDATA, &editor);
	return editor;
}

/* ---- characters -------------------------------------------------------------- */

/* What a signal does while somebody types. True: the line is to be dropped. */
static bool is_interrupt(repl_editor *editor) {
	int number = editor->keyboard->signal;
	switch (number) {
	case SIGINT: return true;
	case SIGWINCH: repl_editor_resized(editor); return false;
	case SIGCONT: /* somebody stopped the program in a way that it could not see */
		repl_editor_put_down(editor);
		repl_editor_take_up(editor, true);
		return false;
	default: /* it ends the program, or stops it, and then the terminal must not be ours */
		repl_editor_put_down(editor);
		repl_keyboard_let(editor->keyboard, number);
		repl_editor_take_up(editor, number != SIGTSTP); /* of that SIGCONT tells */
		return false;
	}
}

int repl_editor_next(EditLine *el, wchar_t *c) {
	repl_editor *editor = repl_editor_of(el);
	for (;;) {
		/* Given until a key's function has taken it: the first may end a sequence that was begun with ESC. */
		if (editor->is_interrupted) {
			*c = REPL_KEY_INTERRUPT;
			return 1;
		}
		int32_t key = repl_keyboard_character(editor->keyboard);
		if (key >= 0x80 && key <= 0x9F) continue;
		if (key >= 0) {
			*c = (wchar_t)key;
			return 1;
		}
		if (key == REPL_KEY_END) {
			editor->has_ended = true;
			return 0;
		}
		if (key == REPL_KEY_FAILED) {
			errno = editor->keyboard->error;
			return -1;
		}
		editor->is_interrupted = is_interrupt(editor);
	}
}

/* ---- leaving the line --------------------------------------------------------- */

static unsigned char leave(repl_editor *editor, repl_leave why) {
	editor->leave = why;
	el_wpush(editor->el, (const wchar_t[]){REPL_KEY_NEWLINE, L'\0'});
	return CC_REFRESH;
}

static void push(EditLine *el, wchar_t key) {
	el_wpush(el, (const wchar_t[]){key, L'\0'});
}

static void set_refill(repl_editor *editor, const wchar_t *text, size_t count, size_t cursor) {
	free(editor->refill);
	editor->refill = tell_need((count + 1) * sizeof *editor->refill);
	wmemcpy(editor->refill, text, count);
	editor->refill_cursor = cursor;
}

/* To come back with the same line. */
static unsigned char leave_and_return(repl_editor *editor, repl_leave why) {
	const LineInfoW *line = el_wline(editor->el);
	set_refill(editor, line->buffer, (size_t)(line->lastchar - line->buffer), (size_t)(line->cursor - line->buffer));
	return leave(editor, why);
}

static void replace_line(EditLine *el, const wchar_t *text) {
	const LineInfoW *line = el_wline(el);
	el_cursor(el, (int)(line->lastchar - line->cursor));
	line = el_wline(el);
	el_wdeletestr(el, (int)(line->lastchar - line->buffer));
	if (text[0] != L'\0') el_winsertstr(el, text);
}

static unsigned char on_refill(EditLine *el, wint_t key) {
	(void)key;
	repl_editor *editor = repl_editor_of(el);
	if (editor->refill == NULL) return CC_NORM;
	if (editor->refill[0] != L'\0') el_winsertstr(el, editor->refill);
	const LineInfoW *line = el_wline(el);
	el_cursor(el, (int)editor->refill_cursor - (int)(line->cursor - line->buffer));
	free(editor->refill);
	editor->refill = NULL;
	return CC_REFRESH;
}

static unsigned char on_interrupt(EditLine *el, wint_t key) {
	(void)key;
	repl_editor *editor = repl_editor_of(el);
	const LineInfoW *line = el_wline(el);
	editor->is_interrupted = false;
	el_cursor(el, (int)(line->lastchar - line->cursor));
	el_winsertstr(el, L"^C"); /* what a terminal shows itself; the line is dropped */
	return leave(editor, REPL_LEAVE_INTERRUPT);
}

/* ---- Enter ---------------------------------------------------------------------- */

static bool is_finished(const repl_editor *editor, const char *text, size_t size) {
	size_t at = 0, first = 1;
	repl_editor_outside(editor);
	while (at < size && first > 0) {
		first = repl_first_statement(editor->options, text + at, size - at, 0);
		at += first;
	}
	repl_editor_inside(editor);
	return at >= size;
}

static unsigned char on_newline(EditLine *el, wint_t key) {
	(void)key;
	repl_editor *editor = repl_editor_of(el);
	const LineInfoW *line = el_wline(el);
	size_t count = (size_t)(line->lastchar - line->buffer);
	repl_editor_measure(editor);
	/* What does not fit in the window any more cannot be edited in it. */
	bool fits = repl_editor_rows(editor, line->buffer, count, count, editor->columns, NULL) < editor->rows - 1;
	if (!fits && line->cursor == line->lastchar) return leave(editor, REPL_LEAVE_LINE);
	el_winsertstr(el, L"\n");
	return CC_REFRESH;
}

static unsigned char on_enter(EditLine *el, wint_t key) {
	repl_editor *editor = repl_editor_of(el);
	repl_text text = {0};
	repl_editor_so_far(editor, false, &text);
	bool finished = is_finished(editor, text.bytes, text.size);
	repl_text_dispose(&text);
	return finished ? leave(editor, REPL_LEAVE_DONE) : on_newline(el, key);
}

/* ---- moving in statements of many lines ------------------------------------------- */

static const wchar_t *line_begin(const LineInfoW *line, const wchar_t *at) {
	while (at > line->buffer && at[-1] != L'\n') at--;
	return at;
}
static const wchar_t *line_end(const LineInfoW *line, const wchar_t *at) {
	while (at < line->lastchar && *at != L'\n') at++;
	return at;
}

static unsigned char move_to(EditLine *el, const LineInfoW *line, const wchar_t *at) {
	el_cursor(el, (int)(at - line->cursor));
	return CC_CURSOR;
}

static unsigned char on_home(EditLine *el, wint_t key) {
	(void)key;
	const LineInfoW *line = el_wline(el);
	const wchar_t *begin = line_begin(line, line->cursor);
	return move_to(el, line, begin == line->cursor ? line->buffer : begin);
}

static unsigned char on_end(EditLine *el, wint_t key) {
	(void)key;
	const LineInfoW *line = el_wline(el);
	const wchar_t *end = line_end(line, line->cursor);
	return move_to(el, line, end == line->cursor ? line->lastchar : end);
}

/* A text taller than the window is not walked in: libedit then draws the cursor where it is not. */
static bool fits_in_window(repl_editor *editor, const LineInfoW *line) {
	size_t count = (size_t)(line->lastchar - line->buffer);
	repl_editor_measure(editor);
	return repl_editor_rows(editor, line->buffer, count, count, editor->columns, NULL) <= editor->rows;
}

static unsigned char on_up(EditLine *el, wint_t key) {
	(void)key;
	const LineInfoW *line = el_wline(el);
	const wchar_t *begin = line_begin(line, line->cursor);
	if (begin == line->buffer || !fits_in_window(repl_editor_of(el), line)) {
		push(el, REPL_KEY_OLDER);
		return CC_NORM;
	}
	const wchar_t *above = line_begin(line, begin - 1);
	ptrdiff_t column = line->cursor - begin, length = begin - 1 - above;
	return move_to(el, line, above + (column < length ? column : length));
}

static unsigned char on_down(EditLine *el, wint_t key) {
	(void)key;
	const LineInfoW *line = el_wline(el);
	const wchar_t *end = line_end(line, line->cursor);
	if (end == line->lastchar || !fits_in_window(repl_editor_of(el), line)) {
		push(el, REPL_KEY_NEWER);
		return CC_NORM;
	}
	ptrdiff_t column = line->cursor - line_begin(line, line->cursor), length = line_end(line, end + 1) - (end + 1);
	return move_to(el, line, end + 1 + (column < length ? column : length));
}

/* ---- Tab ---------------------------------------------------------------------------- */

static void insert(EditLine *el, const char *text, size_t size) {
	size_t count;
	wchar_t *wide = repl_widened(text, size, &count);
	if (count > 0) el_winsertstr(el, wide);
	free(wide);
}

/* Nothing but blanks since the last newline: a tab there is indentation. */
static bool begins_a_further_line(const repl_text *text) {
	size_t at = text->size;
	while (at > 0 && (text->bytes[at - 1] == ' ' || text->bytes[at - 1] == '\t')) at--;
	return at > 0 && text->bytes[at - 1] == '\n';
}

static unsigned char complete(repl_editor *editor, repl_candidates *candidates, bool again) {
	EditLine *el = editor->el;
	const char *rest;
	repl_editor_outside(editor);
	editor->options->complete(editor->options->payload, candidates->before, candidates);
	repl_editor_inside(editor);
	repl_candidates_sort(candidates);
	if (candidates->count == 0) return CC_REFRESH_BEEP;
	size_t common = repl_candidates_common(candidates, &rest);
	insert(el, rest, common);
	if (candidates->count == 1) {
		const char *after = candidates->items[0].after;
		const LineInfoW *line = el_wline(el);
		bool is_there = after[0] != '\0' && line->cursor < line->lastchar && *line->cursor == (wchar_t)(unsigned char)after[0];
		if (!is_there) insert(el, after, strlen(after));
		repl_text_clear(&editor->tabbed);
		return CC_REFRESH;
	}
	repl_text_add(&editor->tabbed, rest, common);
	if (common > 0) return CC_REFRESH;
	if (!again) return CC_REFRESH_BEEP;
	return leave_and_return(editor, REPL_LEAVE_LIST);
}

static unsigned char on_tab(EditLine *el, wint_t key) {
	(void)key;
	repl_editor *editor = repl_editor_of(el);
	repl_text text = {0};
	repl_editor_so_far(editor, true, &text);
	if (begins_a_further_line(&text) || editor->options->complete == NULL) {
		repl_text_dispose(&text);
		el_winsertstr(el, L"\t");
		return CC_REFRESH;
	}
	bool again =
	    editor->tabbed.size == text.size && editor->tabbed.bytes != NULL && memcmp(editor->tabbed.bytes, text.bytes, text.size) == 0;
	repl_text_clear(&editor->tabbed);
	repl_text_add(&editor->tabbed, text.bytes, text.size);
	repl_candidates candidates;
	repl_candidates_init(&candidates, text.bytes);
	unsigned char result = complete(editor, &candidates, again);
	if (editor->leave == REPL_LEAVE_LIST) {
		editor->candidates = candidates;
		editor->candidates.before = editor->candidates.word = NULL; /* the text goes now; a list needs it no more */
	} else {
		repl_candidates_dispose(&candidates);
	}
	repl_text_dispose(&text);
	return result;
}

/* ---- a paste --------------------------------------------------------------------------- */

static void say_of_paste(repl_editor *editor, const repl_paste *paste) {
	char text[200];
	if (paste->is_too_long)
		snprintf(text, sizeof text,
		    "the paste of %zu bytes is longer than the %zu that a statement may have, and was left out; a file can be read with --script",
		    paste->size, editor->options->most);
	else
		snprintf(text, sizeof text, "%zu control characters of the paste were left out", paste->dropped);
	free(editor->message);
	editor->message = tell_need_copy(text);
}

/*
 * The text goes into the line when the window holds it. A larger one is shown above, shortened, and kept
 * whole; only its last line, and what stood behind the cursor, can be edited then.
 */
static unsigned char take_paste(repl_editor *editor, const repl_paste *paste) {
	EditLine *el = editor->el;
	const LineInfoW *line = el_wline(el);
	size_t left = (size_t)(line->cursor - line->buffer), right = (size_t)(line->lastchar - line->cursor), count;
	wchar_t *wide = repl_widened(paste->text.bytes, paste->text.size, &count);
	wchar_t *all = tell_need((left + count + right + 1) * sizeof *all);
	wmemcpy(all, line->buffer, left);
	wmemcpy(all + left, wide, count);
	wmemcpy(all + left + count, line->cursor, right);
	repl_editor_measure(editor);
	int rows = repl_editor_rows(editor, all, left + count + right, 0, editor->columns, NULL);
	size_t lines_end = left + count;
	while (lines_end > 0 && all[lines_end - 1] != L'\n') lines_end--;
	unsigned char result = CC_REFRESH;
	if (rows < editor->rows || lines_end == 0) {
		if (count > 0) el_winsertstr(el, wide);
		if (paste->dropped > 0) result = leave_and_return(editor, REPL_LEAVE_MESSAGE);
	} else {
		size_t size;
		char *lines = repl_narrowed(all, lines_end, &size);
		repl_text_clear(&editor->pasted);
		repl_text_add(&editor->pasted, lines, size);
		free(lines);
		set_refill(editor, all + lines_end, left + count + right - lines_end, left + count - lines_end);
		*wmemchr(all, L'\n', lines_end) = L'\0';
		replace_line(el, all);
		result = leave(editor, REPL_LEAVE_PASTE);
	}
	free(wide);
	free(all);
	return result;
}

static unsigned char on_paste(EditLine *el, wint_t key) {
	(void)key;
	repl_editor *editor = repl_editor_of(el);
	repl_paste paste;
	unsigned char result = CC_NORM;
	int got;
	repl_paste_begin(&paste, editor->options->most);
	while ((got = repl_paste_read(&paste, editor->keyboard)) == REPL_KEY_SIGNAL && !is_interrupt(editor))
		;
	if (got == REPL_KEY_SIGNAL) {
		/* Ctrl-C amid a paste. What is still to come of it must not be taken for keys. */
		repl_keyboard_drain(editor->keyboard);
		editor->is_interrupted = true;
	} else if (got == REPL_KEY_END || got == REPL_KEY_FAILED) {
		editor->has_ended = true;
		result = CC_EOF;
	} else if (paste.is_too_long) {
		say_of_paste(editor, &paste);
		result = leave_and_return(editor, REPL_LEAVE_MESSAGE);
	} else {
		if (paste.dropped > 0) say_of_paste(editor, &paste);
		result = take_paste(editor, &paste);
	}
	repl_paste_dispose(&paste);
	return result;
}

/* ---- which key does what ------------------------------------------------------------------ */

static void bind_key(EditLine *el, const wchar_t *key, const wchar_t *function) {
	el_wset(el, EL_BIND, key, function, NULL);
	el_wset(el, EL_BIND, L"-a", key, function, NULL); /* vi's other map */
}

typedef struct binding {
	const wchar_t *key, *function;
} binding;

static void bind_all(EditLine *el, const binding *bindings, size_t count) {
	for (size_t i = 0; i < count; i++) bind_key(el, bindings[i].key, bindings[i].function);
}

/* Those that people may bind otherwise in ~/.editrc. */
static const binding COMFORT[] = {{L"^I", L"aplomb-complete"}, {L"\\e[A", L"aplomb-up"}, {L"\\eOA", L"aplomb-up"},
    {L"\\e[B", L"aplomb-down"}, {L"\\eOB", L"aplomb-down"}, {L"\\e[H", L"aplomb-home"}, {L"\\eOH", L"aplomb-home"},
    {L"\\e[1~", L"aplomb-home"}, {L"\\e[F", L"aplomb-end"}, {L"\\eOF", L"aplomb-end"}, {L"\\e[4~", L"aplomb-end"},
    {L"\\e[3~", L"ed-delete-next-char"}, {L"\\e[1;5C", L"em-next-word"}, {L"\\e[1;5D", L"ed-prev-word"}};
static const binding COMFORT_EMACS[] = {
    {L"^A", L"aplomb-home"}, {L"^E", L"aplomb-end"}, {L"^R", L"em-inc-search-prev"}, {L"^W", L"ed-delete-prev-word"}};
/* Those without which nothing here works. */
static const binding NEEDED[] = {{L"^J", L"aplomb-enter"}, {L"^M", L"aplomb-enter"}, {L"\\e^J", L"aplomb-newline"},
    {L"\\e^M", L"aplomb-newline"}, {L"\\e[200~", L"aplomb-paste"}, {(const wchar_t[]){REPL_KEY_NEWLINE, 0}, L"ed-newline"},
    {(const wchar_t[]){REPL_KEY_OLDER, 0}, L"ed-prev-history"}, {(const wchar_t[]){REPL_KEY_NEWER, 0}, L"ed-next-history"},
    {(const wchar_t[]){REPL_KEY_REFILL, 0}, L"aplomb-refill"}, {(const wchar_t[]){REPL_KEY_INTERRUPT, 0}, L"aplomb-interrupt"}};
#define BIND_ALL(el, bindings) bind_all((el), (bindings), sizeof(bindings) / sizeof(bindings)[0])

static void bind_comfort(EditLine *el, bool is_emacs) {
	BIND_ALL(el, COMFORT);
	if (is_emacs) BIND_ALL(el, COMFORT_EMACS);
}

void repl_editor_bind(repl_editor *editor) {
	EditLine *el = editor->el;
	const wchar_t *kind = NULL;
	el_wset(el, EL_ADDFN, L"aplomb-enter", L"Hand out the statement when it is whole, otherwise begin a further line", on_enter);
	el_wset(el, EL_ADDFN, L"aplomb-newline", L"Begin a further line", on_newline);
	el_wset(el, EL_ADDFN, L"aplomb-complete", L"Complete the word, or list what may stand here", on_tab);
	el_wset(el, EL_ADDFN, L"aplomb-up", L"The line above, or the statement before", on_up);
	el_wset(el, EL_ADDFN, L"aplomb-down", L"The line below, or the statement behind", on_down);
	el_wset(el, EL_ADDFN, L"aplomb-home", L"To the line's beginning, then to the statement's", on_home);
	el_wset(el, EL_ADDFN, L"aplomb-end", L"To the line's end, then to the statement's", on_end);
	el_wset(el, EL_ADDFN, L"aplomb-paste", L"Take a paste as text", on_paste);
	el_wset(el, EL_ADDFN, L"aplomb-refill", L"Go on with the line that was left", on_refill);
	el_wset(el, EL_ADDFN, L"aplomb-interrupt", L"Drop what was typed", on_interrupt);
	el_wset(el, EL_EDITOR, L"emacs");
	bind_comfort(el, true);
	el_source(el, NULL);
	/* Choosing the other editor made all keys its own. */
	if (el_wget(el, EL_EDITOR, &kind) == 0 && kind != NULL && wcscmp(kind, L"emacs") != 0) bind_comfort(el, false);
	BIND_ALL(el, NEEDED);
}
