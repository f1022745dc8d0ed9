/* SPDX-License-Identifier: MIT */
#ifndef CLI_CLI_H
#define CLI_CLI_H

/*
 * What every verb gets, and what a verb is. Verbs see the library through
 * aplomb.h alone, as any other program would.
 */
#include "cli/opt.h"
#include "cli/status.h"

typedef struct cli_screens {
	tell_screen out;
	tell_screen err;
} cli_screens;

typedef struct cli_verb {
	const char *name;
	const char *operands; /* "PLAYBOOK…" */
	const char *sentence; /* for the list of verbs */
	const char *about;    /* paragraphs, for its own help */
	const char *examples; /* command lines, one a line; or NULL */
	const cli_option *options;
	size_t n_options;
	int least, most;                                                 /* operands; most -1: any number */
	int (*run)(const cli_screens *cli, char **arguments, int count); /* takes its options itself; returns a status */
	/* What it can do, each with a page of its own: called "VERB ACT"; NULL ends them. What it does besides is its own `run`'s. */
	const struct cli_verb *const *acts;
} cli_verb;

extern const cli_verb cli_calendar, cli_params, cli_check, cli_test, cli_run, cli_repl, cli_journal, cli_replay, cli_draw, cli_import,
    cli_export, cli_explain, cli_words, cli_why, cli_who, cli_case, cli_store;

/* Every verb; NULL ends them. */
extern const cli_verb *const cli_verbs[];

/* A verb's act of that name, without the verb's; NULL. */
const cli_verb *cli_find_act(const cli_verb *verb, const char *name);
/* Runs the verb, or the act that the first argument names. A status. */
int cli_run_verb(const cli_screens *cli, const cli_verb *verb, char **arguments, int count);

/* Options out of the arguments into [values], and the number of operands into range: false when a mistake was told. */
bool cli_take(const cli_screens *cli, const cli_verb *verb, void *values, char **arguments, int *count);

/* `aplomb VERB: message`, on the error screen. */
void cli_complain(const cli_screens *cli, const cli_verb *verb, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* `file:line:column: message [slug]`, on the error screen; what is 0 or empty is left out. */
void cli_tell_error(const cli_screens *cli, const char *file, uint64_t line, uint32_t column, const char *message, const char *slug);

const char *cli_severity_name(aplomb_severity severity);
/* A finding as a line: `file:line:column: error: message [slug]`. */
void cli_tell_finding(const tell_screen *screen, const aplomb_finding *finding);

/* The playbook's file: a folder stands for the playbook.lua in it. free() it. */
char *cli_playbook_path(const char *given);

/* output.c: is there nothing in that file's way? Otherwise it is told. */
bool cli_may_write(const cli_screens *cli, const cli_verb *verb, const char *path, bool overwrite);
/* The text becomes the file, whatever it held. A status. */
int cli_write_file(const cli_screens *cli, const cli_verb *verb, const char *path, const char *text, size_t size);

/* verb_help.c */
int cli_help(const cli_screens *cli, char **arguments, int count);
void cli_verb_help(const tell_screen *screen, const cli_verb *verb);

#endif
