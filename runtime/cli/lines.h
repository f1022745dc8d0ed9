/* SPDX-License-Identifier: MIT */
#ifndef CLI_LINES_H
#define CLI_LINES_H

/* Lines of a file or of standard input ("-"), of bounded length, counted. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CLI_LONGEST_LINE ((size_t)16 << 20)

typedef enum cli_line_result {
	CLI_LINE,
	CLI_LINES_END,
	CLI_LINE_TOO_LONG, /* skipped; the next call reads on behind it */
	CLI_LINES_FAILED   /* reading failed: errno says why */
} cli_line_result;

typedef struct cli_lines {
	FILE *file;
	const char *name; /* for messages: the path, or "standard input" */
	char *buffer;
	size_t capacity, start, end;
	bool is_at_end;
	uint64_t number; /* of the last line read, from 1 */
	uint64_t bytes_read;
	uint64_t bytes_total; /* 0: unknown */
	bool ended_open;      /* the last line read had no newline */
} cli_lines;

/* false: errno says why. */
bool cli_lines_open(cli_lines *lines, const char *path);
void cli_lines_close(cli_lines *lines);
/* [*text] is lent until the next call; without its newline and a carriage return before it. */
cli_line_result cli_lines_next(cli_lines *lines, const char **text, size_t *size);

#endif
