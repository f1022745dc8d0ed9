/* SPDX-License-Identifier: MIT */
/*
 * Decides how input becomes statements: which lines belong together, what is
 * handed out next, what goes into the history. How a line is edited
 * is decided in editor*.c; which text makes a statement, by the owner.
 */
#include "repl/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "repl/editor.h"
#include "repl/history.h"
#include "repl/keyboard.h"
#include "repl/utf8.h"
#include "tell/tell.h"

struct repl_reader {
	repl_reader_options options;
	repl_keyboard keyboard;
	repl_history history;
	repl_editor *editor; /* NULL: plain */
	repl_text pending;   /* what was read and not handed out */
	size_t taken;        /* of it */
	bool is_further;     /* what is handed out next came together with what went before */
	bool has_begun;
	repl_text statement;
};

enum { MOST_TYPED = 1 << 20, MOST_READ = 16 << 20 };

/* A sentence that somebody gave away. */
static void tell(const repl_reader *reader, char *sentence) {
	if (sentence != NULL && reader->options.tell != NULL) reader->options.tell(reader->options.payload, sentence);
	free(sentence);
}

bool repl_reader_open(repl_reader **out, const repl_reader_options *options) {
	repl_reader *reader = tell_need(sizeof *reader);
	char *trouble;
	reader->options = *options;
	if (options->output == NULL) reader->options.output = stdout;
	if (options->most == 0) reader->options.most = options->is_terminal ? MOST_TYPED : MOST_READ;
	repl_text_put(&reader->pending, "");
	repl_keyboard_init(&reader->keyboard, fileno(options->input));
	/* Statements of a script are no person's. */
	repl_history_open(&reader->history, options->is_terminal ? options->history : NULL, &trouble);
	tell(reader, trouble);
	if (options->is_terminal && isatty(fileno(options->input)) == 1 && isatty(fileno(reader->options.output)) == 1) {
		reader->editor = repl_editor_open(&reader->options, &reader->keyboard, &reader->history, &trouble);
		tell(reader, trouble);
	}
	*out = reader;
	return true;
}

void repl_reader_close(repl_reader *reader) {
	if (reader == NULL) return;
	repl_editor_close(reader->editor);
	repl_keyboard_dispose(&reader->keyboard);
	repl_history_dispose(&reader->history);
	repl_text_dispose(&reader->pending);
	repl_text_dispose(&reader->statement);
	free(reader);
}

bool repl_reader_edits(const repl_reader *reader) {
	return reader->editor != NULL;
}

size_t repl_reader_drop(repl_reader *reader) {
	size_t left = reader->pending.size - reader->taken;
	if (!reader->options.is_terminal) return 0; /* the lines of a script that were read ahead are still the script's */
	repl_text_clear(&reader->pending);
	reader->taken = 0;
	return left;
}

/* ---- what was read ---------------------------------------------------------------- */

static const char *left_text(const repl_reader *reader) {
	return reader->pending.bytes + reader->taken;
}
static size_t left_size(const repl_reader *reader) {
	return reader->pending.size - reader->taken;
}

size_t repl_first_statement(const repl_reader_options *options, const char *text, size_t size, size_t asked) {
	for (size_t at = asked; at < size;) {
		const char *end = memchr(text + at, '\n', size - at);
		size_t line_end = end != NULL ? (size_t)(end - text) : size;
		at = end != NULL ? line_end + 1 : size;
		if (options->is_whole == NULL) return at;
		/* It is asked about terminated text without its last newline. */
		char *copy = tell_need(line_end + 1);
		memcpy(copy, text, line_end);
		bool whole = options->is_whole(options->payload, copy, line_end);
		free(copy);
		if (whole) return at;
	}
	return 0;
}

static size_t first_statement(const repl_reader *reader, size_t asked) {
	return repl_first_statement(&reader->options, left_text(reader), left_size(reader), asked);
}

static int hand_out(repl_reader *reader, size_t taken, const char **text, size_t *size) {
	const char *from = left_text(reader);
	size_t length = taken;
	while (length > 0 && (from[length - 1] == '\n' || from[length - 1] == '\r')) length--;
	repl_text_clear(&reader->statement);
	repl_text_add(&reader->statement, from, length);
	reader->taken += taken;
	*text = reader->statement.bytes;
	*size = reader->statement.size;
	if (reader->is_further && reader->editor != NULL) {
		/* Of a paste each statement is shown again before its answer, so that it is seen which answer is whose. */
		fprintf(reader->options.output, "%s%s\n",
		    reader->options.prompt != NULL ? reader->options.prompt(reader->options.payload, true) : "", *text);
		fflush(reader->options.output);
	}
	reader->is_further = true;
	char *trouble = NULL;
	if (reader->options.is_terminal && repl_history_add(&reader->history, *text, *size, &trouble) && reader->editor != NULL)
		repl_editor_remember(reader->editor, *text, *size);
	tell(reader, trouble);
	return REPL_READ_STATEMENT;
}

/* What is left begins anew at the front of the bytes. */
static void settle(repl_reader *reader) {
	size_t left = left_size(reader);
	if (reader->taken == 0) return;
	const char *from = left_text(reader);
	/* Blank lines between the statements of a paste say nothing; Enter alone does. */
	while (reader->options.is_terminal && left > 0 && (*from == '\n' || *from == '\r')) {
		from++;
		left--;
	}
	memmove(reader->pending.bytes, from, left);
	repl_text_cut(&reader->pending, left);
	reader->taken = 0;
}

/* ---- reading plainly -------------------------------------------------------------- */

static void show_prompt(const repl_reader *reader) {
	if (!reader->options.is_terminal || reader->options.prompt == NULL) return;
	fputs(reader->options.prompt(reader->options.payload, left_size(reader) == 0), reader->options.output);
	fflush(reader->options.output);
}

/* One line more: 0, or what came instead of a byte. */
static int read_line(repl_reader *reader, bool *is_too_long) {
	size_t begin = reader->pending.size, skipped = 0;
	for (;;) {
		int byte = repl_keyboard_byte(&reader->keyboard, !reader->options.is_terminal);
		if (byte < 0 && !(byte == REPL_KEY_END && reader->pending.size + skipped > begin)) return byte;
		char c = (char)byte;
		if (byte == '\n') {
			size_t size = reader->pending.size;
			if (size > begin && reader->pending.bytes[size - 1] == '\r') repl_text_cut(&reader->pending, size - 1);
		}
		if (byte >= 0 && left_size(reader) <= reader->options.most)
			repl_text_add(&reader->pending, &c, 1);
		else if (byte >= 0)
			skipped++;
		if (byte == '\n' || byte < 0) break;
	}
	/* A NUL is nothing that anybody writes. */
	*is_too_long =
	    left_size(reader) > reader->options.most || memchr(reader->pending.bytes + begin, '\0', reader->pending.size - begin) != NULL;
	static const char mark[] = "\xEF\xBB\xBF"; /* what some editors put before a file of UTF-8 */
	if (!reader->has_begun && reader->pending.size >= 3 && memcmp(reader->pending.bytes, mark, 3) == 0) {
		memmove(reader->pending.bytes, reader->pending.bytes + 3, reader->pending.size - 3);
		repl_text_cut(&reader->pending, reader->pending.size - 3);
	}
	reader->has_begun = true;
	return 0;
}

static int skip_all(repl_reader *reader, int why) {
	repl_text_clear(&reader->pending);
	reader->taken = 0;
	return why;
}

/* Lines until there is a statement, or until there are no more. */
static int read_plainly(repl_reader *reader, const char **text, size_t *size) {
	const bool is_terminal = reader->options.is_terminal;
	for (;;) {
		size_t asked = left_size(reader);
		bool is_too_long = false;
		show_prompt(reader);
		int came = read_line(reader, &is_too_long);
		if (is_terminal && (came == REPL_KEY_SIGNAL || came == REPL_KEY_END)) fputs("\n", reader->options.output);
		if (came == REPL_KEY_SIGNAL) return skip_all(reader, REPL_READ_INTERRUPTED); /* only SIGINT is asked for */
		if (came == REPL_KEY_FAILED) {
			errno = reader->keyboard.error;
			return REPL_READ_FAILED;
		}
		/* What ends in the middle is a statement all the same; whoever performs it says what is missing. */
		if (came == REPL_KEY_END) return asked > 0 ? hand_out(reader, asked, text, size) : REPL_READ_END;
		if (is_too_long) return skip_all(reader, REPL_READ_TOO_LONG);
		size_t whole = first_statement(reader, asked);
		if (whole > 0) return hand_out(reader, whole, text, size);
	}
}

static int read_edited(repl_reader *reader, const char **text, size_t *size) {
	repl_text_clear(&reader->pending);
	int result = repl_editor_text(reader->editor, &reader->pending);
	if (result == REPL_EDITED_INTERRUPTED) return skip_all(reader, REPL_READ_INTERRUPTED);
	if (result == REPL_EDITED_FAILED) return REPL_READ_FAILED;
	if (left_size(reader) == 0) return result == REPL_EDITED_END ? REPL_READ_END : REPL_READ_STATEMENT;
	size_t whole = first_statement(reader, 0);
	return hand_out(reader, whole > 0 ? whole : left_size(reader), text, size);
}

int repl_reader_statement(repl_reader *reader, const char **text, size_t *size) {
	*text = "";
	*size = 0;
	settle(reader);
	if (left_size(reader) > 0) {
		/* What an editor gave is finished, whatever has become of the session since. */
		size_t whole = first_statement(reader, 0);
		if (whole == 0 && reader->editor != NULL) whole = left_size(reader);
		if (whole > 0) return hand_out(reader, whole, text, size);
	}
	reader->is_further = false;
	if (reader->editor != NULL) return read_edited(reader, text, size);
	repl_keyboard_enter(&reader->keyboard, false);
	int result = read_plainly(reader, text, size);
	repl_keyboard_leave(&reader->keyboard);
	return result;
}
