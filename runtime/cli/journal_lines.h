/* SPDX-License-Identifier: MIT */
#ifndef CLI_JOURNAL_LINES_H
#define CLI_JOURNAL_LINES_H

/* A journal's file as the verbs read it that need all of it to be whole. */
#include "cli/cli.h"
#include "tell/tell.h"

/*
 * Each line that is not empty, until [take] returns another status than CLI_OK. A file that cannot be read, and a line that no journal
 * writes, are told. A status.
 */
int cli_journal_lines(const cli_screens *cli, const cli_verb *verb, const char *path,
    int (*take)(const tell_lines *lines, const char *line, size_t size, void *payload), void *payload);

#endif
