/* SPDX-License-Identifier: MIT */
#ifndef REPL_PASTE_H
#define REPL_PASTE_H

/*
 * A paste as terminals mark it: ESC [ 2 0 0 ~ before, ESC [ 2 0 1 ~ behind it.
 * It is text, whatever bytes are in it: no key of it does anything.
 */
#include "repl/keyboard.h"
#include "repl/utf8.h"

typedef struct repl_paste {
	repl_text text; /* UTF-8, lines parted by '\n', none at its end */
	size_t dropped; /* control characters that were left out */
	size_t size;    /* bytes that came, those beyond the bound too */
	bool is_too_long;
	/* while it is read */
	repl_text raw;
	size_t matched, most;
} repl_paste;

/* Behind the mark that begins a paste. Up to [most] bytes are kept; of a longer one nothing. */
void repl_paste_begin(repl_paste *paste, size_t most);
/* To the mark that ends it. Returns 0 then, or what repl_keyboard_byte gave instead of a byte; call it again to go on. */
int repl_paste_read(repl_paste *paste, repl_keyboard *keyboard);
void repl_paste_dispose(repl_paste *paste);

#endif
