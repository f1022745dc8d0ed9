/* SPDX-License-Identifier: MIT */
/*
 * Decides what a line of a file is. A line of more than 16 MiB is no line of
 * ours and is skipped, so that a file of any kind can be pointed at without
 * filling memory.
 */
#include "tell/lines.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_CAPACITY = 1 << 16 };

bool tell_lines_open(tell_lines *lines, const char *path) {
	*lines = (tell_lines){.name = path};
	if (strcmp(path, "-") == 0) {
		lines->file = stdin;
		lines->name = "standard input";
	} else {
		lines->file = fopen(path, "rb");
	}
	if (lines->file == NULL) return false;
	struct stat about;
	if (fstat(fileno(lines->file), &about) == 0) {
		if (S_ISDIR(about.st_mode)) {
			tell_lines_close(lines);
			errno = EISDIR;
			return false;
		}
		if (S_ISREG(about.st_mode)) lines->bytes_total = (uint64_t)about.st_size;
	}
	lines->buffer = malloc(FIRST_CAPACITY);
	lines->capacity = lines->buffer != NULL ? FIRST_CAPACITY : 0;
	if (lines->buffer != NULL) return true;
	tell_lines_close(lines);
	errno = ENOMEM;
	return false;
}

void tell_lines_close(tell_lines *lines) {
	if (lines->file != NULL && lines->file != stdin) fclose(lines->file);
	free(lines->buffer);
	*lines = (tell_lines){0};
}

/* Makes room behind what is kept, and reads into it. false: memory or the file failed; errno says why. */
static bool fill(tell_lines *lines) {
	if (lines->start > 0) {
		memmove(lines->buffer, lines->buffer + lines->start, lines->end - lines->start);
		lines->end -= lines->start;
		lines->start = 0;
	}
	if (lines->end == lines->capacity) {
		char *larger = realloc(lines->buffer, lines->capacity * 2);
		if (larger == NULL) {
			errno = ENOMEM;
			return false;
		}
		lines->buffer = larger;
		lines->capacity *= 2;
	}
	/* What is there, be it little: whoever writes may write no more before we have done our part. */
	ssize_t got;
	do got = read(fileno(lines->file), lines->buffer + lines->end, lines->capacity - lines->end);
	while (got < 0 && errno == EINTR);
	if (got <= 0) {
		lines->is_at_end = true;
		return got == 0;
	}
	lines->end += (size_t)got;
	lines->bytes_read += (uint64_t)got;
	return true;
}

bool tell_lines_lack(const tell_lines *lines, int milliseconds) {
	if (lines->is_at_end || memchr(lines->buffer + lines->start, '\n', lines->end - lines->start) != NULL) return false;
	struct pollfd from = {.fd = fileno(lines->file), .events = POLLIN};
	return poll(&from, 1, milliseconds) == 0;
}

tell_line_result tell_lines_next(tell_lines *lines, const char **text, size_t *size) {
	size_t seen = 0;
	bool is_too_long = false;
	for (;;) {
		char *from = lines->buffer + lines->start;
		char *newline = memchr(from + seen, '\n', lines->end - lines->start - seen);
		if (newline == NULL && !lines->is_at_end) {
			seen = lines->end - lines->start;
			if (seen > TELL_LONGEST_LINE) {
				is_too_long = true;
				lines->start = lines->end;
				seen = 0;
			}
			if (!fill(lines)) return TELL_LINES_FAILED;
			continue;
		}
		if (newline == NULL && lines->start == lines->end && !is_too_long) return TELL_LINES_END;
		size_t length = newline != NULL ? (size_t)(newline - from) : lines->end - lines->start;
		lines->number++;
		lines->ended_open = newline == NULL;
		lines->start += length + (newline != NULL ? 1 : 0);
		if (is_too_long || length > TELL_LONGEST_LINE) return TELL_LINE_TOO_LONG;
		if (length > 0 && from[length - 1] == '\r') length--;
		*text = from;
		*size = length;
		return TELL_LINE;
	}
}
