/* SPDX-License-Identifier: MIT */
#ifndef TELL_SCREEN_H
#define TELL_SCREEN_H

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

typedef enum tell_colour_choice { TELL_COLOUR_AUTO, TELL_COLOUR_ALWAYS, TELL_COLOUR_NEVER } tell_colour_choice;

typedef struct tell_screen {
	FILE *file;
	int width; /* columns */
	bool is_terminal;
	bool has_colour;
} tell_screen;

/* Colours of the terminal's own palette, so that they suit dark and light. */
typedef enum tell_style {
	TELL_PLAIN,
	TELL_STRONG, /* headings, who speaks */
	TELL_FAINT,  /* what may be skipped in reading */
	TELL_STATE,  /* where a case is */
	TELL_WISH,   /* what it wants done */
	TELL_GOOD,
	TELL_CAREFUL,
	TELL_BAD
} tell_style;

/* Looks at the stream and at NO_COLOR, TERM, COLUMNS and the terminal's size. */
tell_screen tell_screen_of(FILE *file, tell_colour_choice choice);
/* From here on; TELL_PLAIN ends it. Nothing without colour. */
void tell_style_set(const tell_screen *screen, tell_style style);
/* printf of our own words; what comes from outside goes through tell_put_text. */
void tell_print(const tell_screen *screen, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tell_print_styled(const tell_screen *screen, tell_style style, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Everything was written? Otherwise says why on [errors]; [what] names the stream. Flushes. */
bool tell_screen_flush(const tell_screen *screen, const tell_screen *errors, const char *what);

/* A character that may be shown: its bytes in place of those at [*at], which moves on; returns its columns. */
int tell_shown(const char **at, const char *end, char out[8], size_t *out_size);
/* Columns that the text takes when shown. */
int tell_width(const char *text, size_t size);
/* The text, made harmless, cut to [columns] with "…" and filled up with spaces. columns < 0: neither. */
void tell_put_text(const tell_screen *screen, const char *text, size_t size, int columns);

/* Words that wrap: everything put on a page stands between [indent] and the screen's width. */
typedef struct tell_page {
	const tell_screen *screen;
	int indent;
	int column;       /* where the next byte goes */
	bool wants_space; /* a space belongs before the next word */
} tell_page;

/* The words of the text; a newline in it ends a line. */
void tell_page_words(tell_page *page, const char *text, size_t size);
void tell_page_text(tell_page *page, const char *text);
/* To column [indent] of a new line, unless nothing was put there yet. */
void tell_page_break(tell_page *page);
/* Ends the line, if one was begun. */
void tell_page_end(tell_page *page);

/* Numbers for people: 101,045. [out] holds 32 bytes. */
const char *tell_count(uint64_t count, char out[32]);
/* Spans for people, two units at most: "10m", "2h 13m", "3d 4h", "1.5s". */
const char *tell_span(int64_t span, char out[32]);

#endif
