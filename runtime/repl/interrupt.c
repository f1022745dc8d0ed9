/* SPDX-License-Identifier: MIT */
/*
 * Decides what Ctrl-C does: it sets a flag, and breaks off the step that runs.
 * A signal handler is given nothing but a number, so what it must know are the
 * room's only variables that can be written; they belong to the process, as
 * the terminal does.
 */
#include "repl/interrupt.h"

static volatile sig_atomic_t interrupted;
/* Of the session that has Ctrl-C; NULL: none has. */
static aplomb_runtime *volatile running;

static void take_signal(int number) {
	(void)number;
	interrupted = 1;
	aplomb_interrupt(running);
}

void repl_interrupt_begin(repl *r) {
	struct sigaction action = {.sa_handler = take_signal};
	sigemptyset(&action.sa_mask);
	running = r->rt;
	/* No SA_RESTART: reading a line ends, too. */
	r->has_signals = sigaction(SIGINT, &action, &r->signals_before) == 0;
}

void repl_interrupt_clear(repl *r) {
	(void)r;
	interrupted = 0;
}

void repl_interrupt_end(repl *r) {
	if (r->has_signals) sigaction(SIGINT, &r->signals_before, NULL);
	running = NULL;
}

bool repl_is_interrupted(const repl *r) {
	(void)r;
	return interrupted != 0;
}
