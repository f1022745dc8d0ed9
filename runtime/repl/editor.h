/* SPDX-License-Identifier: MIT */
#ifndef REPL_EDITOR_H
#define REPL_EDITOR_H

/*
 * The line editor: libedit, with what it lacks. One call gives a text that is
 * finished: one statement, or several when somebody pasted them.
 */
#include "repl/history.h"
#include "repl/keyboard.h"
#include "repl/reader.h"
#include "repl/utf8.h"

typedef struct repl_editor repl_editor;

/*
 * How much of the text is its first statement: as few lines as make one, as if
 * they came one by one. 0: all of it is not enough. Lines up to [asked] are known not to be enough.
 */
size_t repl_first_statement(const repl_reader_options *options, const char *text, size_t size, size_t asked);

enum {
	REPL_EDITED_FAILED = -1,
	REPL_EDITED_END = 0, /* [out] may hold what was typed and not finished */
	REPL_EDITED = 1,
	REPL_EDITED_INTERRUPTED = 2
};

/* [options], [keyboard] and [history] are lent. NULL: there can be none; [*trouble] then is a sentence, free() it, or NULL. */
repl_editor *repl_editor_open(const repl_reader_options *options, repl_keyboard *keyboard, const repl_history *history, char **trouble);
int repl_editor_text(repl_editor *editor, repl_text *out);
/* What Up recalls next. */
void repl_editor_remember(repl_editor *editor, const char *text, size_t size);
void repl_editor_close(repl_editor *editor);

#endif
