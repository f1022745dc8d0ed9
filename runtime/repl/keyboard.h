/* SPDX-License-Identifier: MIT */
#ifndef REPL_KEYBOARD_H
#define REPL_KEYBOARD_H

/*
 * Bytes from whoever types, and the signals that a terminal sends while they
 * type. Signals arrive here as something read, one after another: there is no
 * handler, nothing global, and no moment at which one can be missed.
 */
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct repl_keyboard {
	int file;
	bool is_own;     /* the file was opened here */
	int signals;     /* what is read in place of handlers, or -1 */
	sigset_t before; /* the mask that the program had */
	unsigned char bytes[4096];
	size_t at, have;
	int signal; /* the one that REPL_KEY_SIGNAL is about */
	int error;  /* errno of REPL_KEY_FAILED */
} repl_keyboard;

/* Besides bytes. */
enum { REPL_KEY_END = -1, REPL_KEY_SIGNAL = -2, REPL_KEY_FAILED = -3 };

/*
 * Of a terminal the keyboard opens a file of its own, whose reads do not wait; where that is not allowed,
 * [file] itself is read, and then a Ctrl-C within the instant in which another key is read may wait for the next key.
 * [file] stays the caller's and open until _dispose.
 */
void repl_keyboard_init(repl_keyboard *keyboard, int file);
void repl_keyboard_dispose(repl_keyboard *keyboard);
/*
 * From here to _leave, SIGINT is read by repl_keyboard_byte; with [all] also the ones that end or stop a
 * program or tell of a new window size, for whoever has the terminal in a state that nobody else could bear.
 */
void repl_keyboard_enter(repl_keyboard *keyboard, bool all);
void repl_keyboard_leave(repl_keyboard *keyboard);
/*
 * The next byte, or one of the above. [ahead]: it may read more than it gives. Off for the keys of a terminal, so
 * that what is typed ahead is there for whoever reads the terminal next.
 */
int repl_keyboard_byte(repl_keyboard *keyboard, bool ahead);
/* Lets the signal do what it would have done, and comes back if the program lives on. */
void repl_keyboard_let(repl_keyboard *keyboard, int number);

/* The next character of UTF-8, U+FFFD for what is none, or one of the above. */
int32_t repl_keyboard_character(repl_keyboard *keyboard);
/* Forgets what comes until nothing has come for a tenth of a second. */
void repl_keyboard_drain(repl_keyboard *keyboard);

#endif
