/* SPDX-License-Identifier: MIT */
/* Decides what is said of a journal's file that cannot be read to its end. What its lines say is for whoever reads them. */
#include "cli/journal_lines.h"

#include <errno.h>
#include <string.h>

static int read_all(const cli_screens *cli, tell_lines *lines,
    int (*take)(const tell_lines *lines, const char *line, size_t size, void *payload), void *payload) {
	for (;;) {
		const char *line;
		size_t size;
		int status = CLI_OK;
		errno = 0;
		switch (tell_lines_next(lines, &line, &size)) {
		case TELL_LINES_END: return CLI_OK;
		case TELL_LINE:
			if (size > 0) status = take(lines, line, size, payload);
			break;
		case TELL_LINE_TOO_LONG:
			cli_tell_error(
			    cli, lines->name, lines->number, 0, "the line is longer than 16 MiB: no journal writes such lines", "line-too-long");
			return CLI_ERRORS;
		case TELL_LINES_FAILED: cli_tell_error(cli, lines->name, 0, 0, strerror(errno), NULL); return CLI_NO_INPUT;
		}
		if (status != CLI_OK) return status;
	}
}

int cli_journal_lines(const cli_screens *cli, const cli_verb *verb, const char *path,
    int (*take)(const tell_lines *lines, const char *line, size_t size, void *payload), void *payload) {
	tell_lines lines;
	if (!tell_lines_open(&lines, path)) {
		cli_complain(cli, verb, "cannot read %s: %s", path, strerror(errno));
		return CLI_NO_INPUT;
	}
	int status = read_all(cli, &lines, take, payload);
	tell_lines_close(&lines);
	return status;
}
