/* SPDX-License-Identifier: MIT */
#ifndef REPL_DIFFERENCE_H
#define REPL_DIFFERENCE_H

#include "repl/inside.h"

/*
 * Tells the first entry of two histories in which something is otherwise that
 * somebody would notice, with what was and what comes now, and where in the
 * playbook; or that there is none. Both are lines, each with its newline.
 */
void repl_tell_difference(repl *r, const char *was, size_t was_size, const char *now, size_t now_size);

#endif
