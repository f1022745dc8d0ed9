/* SPDX-License-Identifier: MIT */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H

/*
 * What people see: an output stream that knows its width and whether it may
 * be coloured, and a page on it that wraps words. Whatever was said by
 * customers or stands in a file passes through here, and no control character
 * of it reaches a terminal.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef enum cli_colour_choice { CLI_COLOUR_AUTO, CLI_COLOUR_ALWAYS, CLI_COLOUR_NEVER } cli_colour_choice;

typedef struct cli_screen {
	FILE *file;
	int width; /* columns */
	bool is_terminal;
	bool has_colour;
} cli_screen;

/* Colours of the terminal's own palette, so that they suit dark and light. */
typedef enum cli_style {
	CLI_PLAIN,
	CLI_STRONG, /* headings, who speaks */
	CLI_FAINT,  /* what may be skipped in reading */
	CLI_STATE,  /* where a case is */
	CLI_WISH,   /* what it wants done */
	CLI_GOOD,
	CLI_CAREFUL,
	CLI_BAD
} cli_style;

/* Looks at the stream and at NO_COLOR, TERM, COLUMNS and the terminal's size. */
cli_screen cli_screen_of(FILE *file, cli_colour_choice choice);
/* From here on; CLI_PLAIN ends it. Nothing without colour. */
void cli_style_set(const cli_screen *screen, cli_style style);
/* printf of our own words; what comes from outside goes through cli_put_text. */
void cli_print(const cli_screen *screen, const char *format, ...) __attribute__((format(printf, 2, 3)));
void cli_print_styled(const cli_screen *screen, cli_style style, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Everything was written? Otherwise says why on [errors]; [what] names the stream. Flushes. */
bool cli_screen_flush(const cli_screen *screen, const cli_screen *errors, const char *what);

/* A character that may be shown: its bytes in place of those at [*at], which moves on; returns its columns. */
int cli_shown(const char **at, const char *end, char out[8], size_t *out_size);
/* Columns that the text takes when shown. */
int cli_width(const char *text, size_t size);
/* The text, made harmless, cut to [columns] with "…" and filled up with spaces. columns < 0: neither. */
void cli_put_text(const cli_screen *screen, const char *text, size_t size, int columns);

/* Words that wrap: everything put on a page stands between [indent] and the screen's width. */
typedef struct cli_page {
	const cli_screen *screen;
	int indent;
	int column;       /* where the next byte goes */
	bool wants_space; /* a space belongs before the next word */
} cli_page;

/* The words of the text; a newline in it ends a line. */
void cli_page_words(cli_page *page, const char *text, size_t size);
void cli_page_text(cli_page *page, const char *text);
/* To column [indent] of a new line, unless nothing was put there yet. */
void cli_page_break(cli_page *page);
/* Ends the line, if one was begun. */
void cli_page_end(cli_page *page);

/* Numbers for people: 101,045. [out] holds 32 bytes. */
const char *cli_count(uint64_t count, char out[32]);
/* Spans for people, two units at most: "10m", "2h 13m", "3d 4h", "1.5s". */
const char *cli_span(int64_t span, char out[32]);

#endif
