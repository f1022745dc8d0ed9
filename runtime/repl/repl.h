/* SPDX-License-Identifier: MIT */
#ifndef REPL_REPL_H
#define REPL_REPL_H

/*
 * A conversation with a playbook (docs/repl.md): one case in a runtime of its
 * own, in turned time, without handlers of effects, so that nothing typed can
 * reach the world. The one entry of the room.
 */
#include <stdbool.h>

#include "aplomb.h"
#include "tell/tell.h"

typedef struct repl_options {
	/*
	 * How the playbook is loaded: its path, its policy, roots, who is told of
	 * findings. A reload loads with the same. Lent until repl_run returns.
	 */
	const aplomb_load_options *load;
	const char *journal; /* begin with the case that this file recorded; or NULL */
	const char *case_id; /* which one; NULL: the first */
	const char *script;  /* read commands from this file; NULL: standard input */
	bool keep_going;     /* a command that fails does not end a script */
	const tell_screen *out, *err;
} repl_options;

/* How it ended. */
typedef enum repl_end {
	REPL_ENDED,          /* all went as told */
	REPL_ENDED_LOOK,     /* commands of a script failed, and it went on */
	REPL_ENDED_COMMAND,  /* a command of a script failed, and ended it */
	REPL_ENDED_PLAYBOOK, /* the playbook has errors, or the journal is damaged */
	REPL_ENDED_INPUT,    /* a file cannot be read */
	REPL_ENDED_INTERNAL  /* a fault of ours */
} repl_end;

/* Reads commands until they end. What prevents a beginning is told on [err], everything else on [out]. */
repl_end repl_run(const repl_options *options);

#endif
