/* SPDX-License-Identifier: MIT */
#ifndef REPL_LINES_H
#define REPL_LINES_H

/* The runtime's journal, as far as it is the played case's: what aplomb_options.journal is given. */
#include "repl/inside.h"

int repl_take_lines(const char *lines, size_t size, void *payload);

#endif
