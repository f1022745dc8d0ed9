/* SPDX-License-Identifier: MIT */
/*
 * Decides when the line is given to libedit, what becomes of it when it comes
 * back, and in which locale all this happens. What keys do is in editor_keys.c.
 *
 * libedit asks the locale which characters are letters and how wide they are, and
 * the runtime must not see any locale but "C". So a locale of UTF-8 for characters
 * alone is this thread's while libedit runs, and the program's own is back before a
 * callback of the program is called. A terminal that knows no UTF-8 is not provided for;
 * neither does the rest of the command.
 */
#include "repl/editor_inside.h"

#include <errno.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>

#include "tell/tell.h"

void repl_editor_outside(const repl_editor *editor) {
	uselocale(editor->outside);
}
void repl_editor_inside(const repl_editor *editor) {
	uselocale(editor->locale);
}

/* The user's, when it is of UTF-8, for its notion of wide characters; otherwise the one that knows nothing but UTF-8. */
static locale_t locale_of_utf8(void) {
	static const char *const names[] = {"", "C.UTF-8", "C.utf8", "en_US.UTF-8"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		locale_t locale = newlocale(LC_CTYPE_MASK, names[i], (locale_t)0);
		if (locale == (locale_t)0) continue;
		if (strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0) return locale;
		freelocale(locale);
	}
	return (locale_t)0;
}

static bool can_move_its_cursor(const char *terminal) {
	return terminal != NULL && terminal[0] != '\0' && strcmp(terminal, "dumb") != 0;
}

repl_editor *repl_editor_open(const repl_reader_options *options, repl_keyboard *keyboard, const repl_history *history, char **trouble) {
	*trouble = NULL;
	if (!can_move_its_cursor(getenv("TERM"))) return NULL;
	locale_t locale = locale_of_utf8();
	if (locale == (locale_t)0) {
		*trouble = tell_need_copy("this system has no locale of UTF-8, which the line editor needs; lines are read plainly");
		return NULL;
	}
	repl_editor *editor = tell_need(sizeof *editor);
	editor->options = options;
	editor->keyboard = keyboard;
	editor->locale = locale;
	editor->outside = uselocale(locale);
	editor->errors = open_memstream(&editor->errors_text, &editor->errors_size);
	if (editor->errors != NULL) editor->el = el_init("aplomb", options->input, options->output, editor->errors);
	/* Of a terminal that it does not know libedit says so, and goes on as if it could do nothing. */
	bool is_known = editor->el != NULL && fflush(editor->errors) == 0 && editor->errors_size == 0;
	if (!is_known) {
		char text[256];
		snprintf(text, sizeof text, "the terminal \"%.100s\" (TERM) is not known here; lines are read plainly", getenv("TERM"));
		*trouble = tell_need_copy(text);
		uselocale(editor->outside);
		repl_editor_close(editor);
		return NULL;
	}
	editor->recalled = history_winit();
	HistEventW event;
	if (editor->recalled != NULL) {
		history_w(editor->recalled, &event, H_SETSIZE, REPL_HISTORY_MOST);
		history_w(editor->recalled, &event, H_SETUNIQUE, 1);
		el_wset(editor->el, EL_HIST, history_w, editor->recalled);
	}
	el_wset(editor->el, EL_CLIENTDATA, editor);
	el_wset(editor->el, EL_SIGNAL, 0);
	el_wset(editor->el, EL_GETCFN, repl_editor_next);
	el_wset(editor->el, EL_PROMPT_ESC, repl_editor_prompt, L'\1');
	repl_editor_bind(editor);
	uselocale(editor->outside);
	for (size_t i = 0; i < history->count; i++) repl_editor_remember(editor, history->statements[i], strlen(history->statements[i]));
	return editor;
}

void repl_editor_remember(repl_editor *editor, const char *text, size_t size) {
	HistEventW event;
	size_t count;
	if (editor->recalled == NULL) return;
	wchar_t *wide = repl_widened(text, size, &count);
	locale_t outside = uselocale(editor->locale);
	history_w(editor->recalled, &event, H_ENTER, wide);
	uselocale(outside);
	free(wide);
}

void repl_editor_so_far(const repl_editor *editor, bool to_cursor, repl_text *out) {
	const LineInfoW *line = el_wline(editor->el);
	size_t size;
	char *text = repl_narrowed(line->buffer, (size_t)((to_cursor ? line->cursor : line->lastchar) - line->buffer), &size);
	repl_text_add(out, editor->before.bytes != NULL ? editor->before.bytes : "", editor->before.size);
	repl_text_add(out, text, size);
	free(text);
}

/* The line that came back, without what only keys put into it. */
static void take_line(const wchar_t *line, int count, repl_text *out) {
	while (count > 0 && (line[count - 1] == L'\n' || line[count - 1] == L'\r')) count--;
	for (int i = 0; i < count; i++)
		if (line[i] < 0x80 || line[i] > 0x9F) repl_text_char(out, line[i] == L'\r' ? '\n' : (uint32_t)line[i]);
}

static void show(repl_editor *editor, const char *text) {
	fputs(text, editor->options->output);
	fflush(editor->options->output);
}

static void show_candidates(repl_editor *editor) {
	repl_editor_measure(editor);
	size_t most = editor->rows > 10 ? (size_t)editor->rows - 4 : 6;
	char *list = repl_candidates_list(&editor->candidates, editor->columns - 1, most);
	repl_candidates_dispose(&editor->candidates);
	show(editor, list);
	free(list);
}

static void show_message(repl_editor *editor) {
	if (editor->options->tell != NULL && editor->message != NULL) {
		repl_editor_outside(editor);
		editor->options->tell(editor->options->payload, editor->message);
		repl_editor_inside(editor);
	}
	free(editor->message);
	editor->message = NULL;
}

/* A line at a time, until there is nothing to go on with. */
static int edit(repl_editor *editor, repl_text *out) {
	for (;;) {
		int count = 0;
		editor->leave = REPL_LEAVE_NOT;
		repl_editor_measure(editor);
		if (editor->refill != NULL) el_wpush(editor->el, (const wchar_t[]){REPL_KEY_REFILL, L'\0'});
		const wchar_t *line = el_wgets(editor->el, &count);
		if (line == NULL || count <= 0) {
			/* Ctrl-D, a terminal that is gone, or an error of reading. */
			bool failed = count < 0 && !editor->has_ended;
			show(editor, "\n");
			repl_text_add(out, editor->before.bytes != NULL ? editor->before.bytes : "", editor->before.size);
			return failed ? REPL_EDITED_FAILED : REPL_EDITED_END;
		}
		/* libedit has given the terminal its own modes back; while something is shown, keys are still to come here. */
		bool goes_on = editor->leave != REPL_LEAVE_NOT && editor->leave != REPL_LEAVE_DONE && editor->leave != REPL_LEAVE_INTERRUPT;
		if (goes_on) el_wset(editor->el, EL_PREP_TERM, 1);
		switch (editor->leave) {
		case REPL_LEAVE_INTERRUPT: return REPL_EDITED_INTERRUPTED;
		case REPL_LEAVE_LIST: show_candidates(editor); break;
		case REPL_LEAVE_MESSAGE: show_message(editor); break;
		case REPL_LEAVE_PASTE:
			repl_editor_show_lines(editor, editor->pasted.bytes, editor->pasted.size);
			repl_text_add(&editor->before, editor->pasted.bytes, editor->pasted.size);
			repl_text_clear(&editor->pasted);
			break;
		case REPL_LEAVE_LINE:
			take_line(line, count, &editor->before);
			repl_text_put(&editor->before, "\n");
			break;
		default: /* also a key that the user bound to libedit's own ed-newline */
			take_line(line, count, &editor->before);
			repl_text_add(out, editor->before.bytes, editor->before.size);
			return REPL_EDITED;
		}
	}
}

int repl_editor_text(repl_editor *editor, repl_text *out) {
	editor->outside = uselocale(editor->locale);
	repl_keyboard_enter(editor->keyboard, true);
	repl_text_clear(&editor->before);
	repl_text_add(&editor->before, "", 0);
	repl_text_clear(&editor->tabbed);
	free(editor->refill);
	editor->refill = NULL;
	editor->is_interrupted = false;
	/* libedit gives the terminal back with modes that it thinks better of; the program gets its own. */
	struct termios modes;
	const int file = fileno(editor->options->input);
	bool has_modes = tcgetattr(file, &modes) == 0;
	/* Before the prompt is seen, so that nothing typed is shown by the terminal itself. */
	el_wset(editor->el, EL_PREP_TERM, 1);
	show(editor, "\033[?2004h");
	int result = edit(editor, out);
	int reason = errno;
	show(editor, "\033[?2004l");
	if (has_modes) tcsetattr(file, TCSADRAIN, &modes);
	repl_keyboard_leave(editor->keyboard);
	uselocale(editor->outside);
	errno = reason;
	return result;
}

void repl_editor_close(repl_editor *editor) {
	if (editor == NULL) return;
	locale_t outside = uselocale(editor->locale);
	if (editor->el != NULL) el_end(editor->el);
	if (editor->recalled != NULL) history_wend(editor->recalled);
	uselocale(outside);
	if (editor->errors != NULL) fclose(editor->errors);
	free(editor->errors_text);
	freelocale(editor->locale);
	repl_text_dispose(&editor->before);
	repl_text_dispose(&editor->pasted);
	repl_text_dispose(&editor->tabbed);
	repl_candidates_dispose(&editor->candidates);
	free(editor->message);
	free(editor->refill);
	free(editor->prompt);
	free(editor);
}
