/* SPDX-License-Identifier: MIT */
#ifndef REPL_EDITOR_INSIDE_H
#define REPL_EDITOR_INSIDE_H

/*
 * What the editor's files share: editor.c leads libedit, editor_keys.c is what
 * keys do, editor_screen.c is what the terminal shows besides.
 *
 * Two things about libedit decide the shape of this:
 *
 *   It hides its inner functions. What a key of ours cannot do itself (go to the
 *   line's end on the screen and hand the line out, walk the history) it has done by
 *   pushing a key of no keyboard, to which libedit's own function is bound.
 *
 *   It draws the line where the cursor was when it began. So whatever is shown
 *   while somebody types (candidates, a message, the lines of a large paste) is
 *   shown by leaving the line (`leave`), and beginning it again with the
 *   same text (`refill`).
 */
#include <histedit.h>
#include <locale.h>
#include <wchar.h>

#include "repl/editor.h"

/*
 * Keys of no keyboard: control characters of the second kind, which nobody types
 * and no paste brings in (repl_editor_next drops them), below the 256 that libedit looks up.
 */
enum {
	REPL_KEY_NEWLINE = 0x81,   /* libedit's ed-newline */
	REPL_KEY_OLDER = 0x82,     /* ed-prev-history */
	REPL_KEY_NEWER = 0x83,     /* ed-next-history */
	REPL_KEY_REFILL = 0x84,    /* puts [refill] into the line */
	REPL_KEY_INTERRUPT = 0x85, /* Ctrl-C, which came as a signal */
};

/* Why the line was left. */
typedef enum repl_leave {
	REPL_LEAVE_NOT,
	REPL_LEAVE_DONE,     /* the text is finished */
	REPL_LEAVE_LINE,     /* the statement goes on, and these lines of it cannot be edited any more */
	REPL_LEAVE_LIST,     /* to show candidates */
	REPL_LEAVE_MESSAGE,  /* to show [message] */
	REPL_LEAVE_PASTE,    /* to show a paste that is too large for the line */
	REPL_LEAVE_INTERRUPT /* Ctrl-C */
} repl_leave;

struct repl_editor {
	EditLine *el;
	HistoryW *recalled;
	const repl_reader_options *options;
	repl_keyboard *keyboard;
	locale_t locale;  /* UTF-8 for characters, and nothing else */
	locale_t outside; /* the program's, while ours is used */
	FILE *errors;     /* what libedit complains of: into memory */
	char *errors_text;
	size_t errors_size;

	repl_text before; /* lines of this text that were left already; each with its newline */
	repl_leave leave;
	wchar_t *refill; /* what the line begins with next, or NULL */
	size_t refill_cursor;
	repl_candidates candidates; /* of REPL_LEAVE_LIST */
	char *message;
	repl_text pasted; /* of REPL_LEAVE_PASTE: the lines that go to [before], the first of which stands in the line */
	repl_text tabbed; /* what stood before the cursor at the last Tab */
	wchar_t *prompt;  /* as libedit wants it */
	int prompt_width;
	bool is_interrupted; /* a Ctrl-C was not taken yet */
	bool has_ended;
	int columns, rows;
};

/* editor.c: our callbacks of the program run in its own locale. */
void repl_editor_outside(const repl_editor *editor);
void repl_editor_inside(const repl_editor *editor);
/* All of the text so far, up to the cursor or to the end. */
void repl_editor_so_far(const repl_editor *editor, bool to_cursor, repl_text *out);

/* editor_keys.c */
void repl_editor_bind(repl_editor *editor);
/* libedit's source of characters (EL_GETCFN). */
int repl_editor_next(EditLine *el, wchar_t *c);
repl_editor *repl_editor_of(EditLine *el);

/* editor_screen.c */
void repl_editor_measure(repl_editor *editor);
/* How many lines of the terminal the prompt and this text take; [*row] (or NULL) is the one of the cursor, from 0. */
int repl_editor_rows(const repl_editor *editor, const wchar_t *text, size_t count, size_t cursor, int columns, int *row);
void repl_editor_resized(repl_editor *editor);
/* The terminal as the program had it, and as the editor needs it. */
void repl_editor_put_down(repl_editor *editor);
void repl_editor_take_up(repl_editor *editor, bool redraw);
/* The prompt for libedit: colours set apart. */
wchar_t *repl_editor_prompt(EditLine *el);
/* Lines of a large text: its first and last ones, and how many are between. */
void repl_editor_show_lines(repl_editor *editor, const char *text, size_t size);

#endif
