/* SPDX-License-Identifier: MIT */
/*
 * Decides how statements are read from a file or a pipe: a line each, joined
 * with the next as long as the statement is not whole. At a terminal the prompt
 * is shown, and nothing can be edited.
 */
#include "repl/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "repl/text.h"
#include "tell/tell.h"

struct repl_reader {
	repl_reader_options options;
	repl_text statement;
	char *line;
	size_t capacity;
};

bool repl_reader_open(repl_reader **out, const repl_reader_options *options) {
	repl_reader *reader = tell_need(sizeof *reader);
	reader->options = *options;
	*out = reader;
	return true;
}

void repl_reader_close(repl_reader *reader) {
	if (reader == NULL) return;
	repl_text_dispose(&reader->statement);
	free(reader->line);
	free(reader);
}

/* 1: a line, without its end; 0: none comes; otherwise one of REPL_READ_. */
static int next_line(repl_reader *reader, bool is_first, size_t *size) {
	const repl_reader_options *o = &reader->options;
	if (o->is_terminal) {
		fputs(o->prompt(o->payload, is_first), stdout);
		fflush(stdout);
	}
	errno = 0;
	ssize_t got = getline(&reader->line, &reader->capacity, o->input);
	if (got < 0) {
		if (ferror(o->input) == 0 || errno == 0) return 0;
		if (errno != EINTR) return REPL_READ_FAILED;
		clearerr(o->input);
		return REPL_READ_INTERRUPTED;
	}
	*size = (size_t)got;
	if (*size > 0 && reader->line[*size - 1] == '\n') (*size)--;
	if (*size > 0 && reader->line[*size - 1] == '\r') (*size)--;
	reader->line[*size] = '\0';
	if (*size > TELL_LONGEST_LINE || strlen(reader->line) != *size) return REPL_READ_TOO_LONG;
	return 1;
}

int repl_reader_statement(repl_reader *reader, const char **text, size_t *size) {
	const repl_reader_options *o = &reader->options;
	repl_text_clear(&reader->statement);
	for (bool is_first = true;; is_first = false) {
		size_t length;
		int got = next_line(reader, is_first, &length);
		if (got == 0 && is_first) return REPL_READ_END;
		if (got != 0 && got != 1) return got;
		if (got == 1) {
			if (!is_first) repl_text_put(&reader->statement, "\n");
			repl_text_add(&reader->statement, reader->line, length);
		}
		/* What ends in the middle is a statement all the same; whoever performs it says what is missing. */
		if (got == 0 || o->is_whole(o->payload, repl_text_of(&reader->statement), reader->statement.size)) break;
	}
	*text = repl_text_of(&reader->statement);
	*size = reader->statement.size;
	return REPL_READ_STATEMENT;
}
