/* SPDX-License-Identifier: MIT */
#ifndef CLI_OPT_H
#define CLI_OPT_H

/*
 * Options as data: a table says what there is, a struct takes what was given.
 * Help, parsing and the nearest name come from the same table.
 */
#include "aplomb.h"
#include "tell/tell.h"

typedef enum cli_option_kind {
	CLI_FLAG,    /* bool */
	CLI_TEXT,    /* const char *: as it stands on the command line */
	CLI_TEXTS,   /* cli_texts: may be given several times */
	CLI_CHOICE,  /* int: index into choices */
	CLI_MAYBE,   /* int: 0: not given; --name is the first of choices, --name=WORD that one, from 1 */
	CLI_INSTANT, /* cli_instant: RFC 3339 */
	CLI_NUMBER,  /* uint64_t: 1000, 1,000, 64k, 16M, 1G (powers of 1024) */
} cli_option_kind;

typedef struct cli_instant {
	bool is_given;
	aplomb_instant at;
} cli_instant;

enum { CLI_MOST_TEXTS = 32 };
typedef struct cli_texts {
	const char *items[CLI_MOST_TEXTS];
	size_t count;
} cli_texts;

typedef struct cli_option {
	const char *name; /* without the dashes */
	char letter;      /* or 0 */
	cli_option_kind kind;
	size_t offset;       /* in the struct that takes it */
	const char *value;   /* how help calls the value: "FILE"; NULL for flags */
	const char *help;    /* one sentence */
	const char *choices; /* CLI_CHOICE, CLI_MAYBE: words separated by spaces */
} cli_option;

#define CLI_OFFSET(type, member) offsetof(type, member)

typedef struct cli_options {
	const cli_option *options;
	size_t count;
	void *values; /* the struct, with its defaults */
} cli_options;

/*
 * Takes the options out of [arguments], whichever place they stand in; what is
 * left are operands, [*count] of them, in order. "--" ends options; "-" is an
 * operand. On a mistake says so on [errors], after [verb]'s name, and returns
 * false.
 */
bool cli_options_take(const cli_options *sets, size_t n_sets, char **arguments, int *count, const char *verb, const tell_screen *errors);

/* The table as help. */
void cli_options_help(const cli_option *options, size_t count, const tell_screen *screen);

/* `; did you mean "x"?`, or "", in [out]. [names]: words separated by spaces; [prefix] stands before the one shown. */
const char *cli_hint(const char *name, const char *names, const char *prefix, char *out, size_t size);
/* The same of a list. */
const char *cli_hint_of(const char *name, const char *const *names, size_t count, const char *prefix, char *out, size_t size);

#endif
