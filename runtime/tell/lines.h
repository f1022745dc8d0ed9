/* SPDX-License-Identifier: MIT */
#ifndef TELL_LINES_H
#define TELL_LINES_H

/* Lines of a file or of standard input ("-"), of bounded length, counted. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TELL_LONGEST_LINE ((size_t)16 << 20)

typedef enum tell_line_result {
	TELL_LINE,
	TELL_LINES_END,
	TELL_LINE_TOO_LONG, /* skipped; the next call reads on behind it */
	TELL_LINES_FAILED   /* reading failed: errno says why */
} tell_line_result;

typedef struct tell_lines {
	FILE *file;
	const char *name; /* for messages: the path, or "standard input" */
	char *buffer;
	size_t capacity, start, end;
	bool is_at_end;
	uint64_t number; /* of the last line read, from 1 */
	uint64_t bytes_read;
	uint64_t bytes_total; /* 0: unknown */
	bool ended_open;      /* the last line read had no newline */
} tell_lines;

/* false: errno says why. */
bool tell_lines_open(tell_lines *lines, const char *path);
void tell_lines_close(tell_lines *lines);
/* Is no whole line here, nor within so many milliseconds? The next call would wait for whoever writes. */
bool tell_lines_lack(const tell_lines *lines, int milliseconds);
/* [*text] is lent until the next call; without its newline and a carriage return before it. */
tell_line_result tell_lines_next(tell_lines *lines, const char **text, size_t *size);

#endif
