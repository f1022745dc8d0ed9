/* SPDX-License-Identifier: MIT */
#ifndef REPL_INTERRUPT_H
#define REPL_INTERRUPT_H

/* Ctrl-C, from the terminal to whatever runs. */
#include "repl/inside.h"

/* From here on Ctrl-C is ours; the one before is kept. */
void repl_interrupt_begin(repl *r);
/* A statement begins: nobody has interrupted it yet. */
void repl_interrupt_clear(repl *r);
/* Ctrl-C does again what it did before. */
void repl_interrupt_end(repl *r);

#endif
