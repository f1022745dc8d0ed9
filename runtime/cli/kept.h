/* SPDX-License-Identifier: MIT */
#ifndef CLI_KEPT_H
#define CLI_KEPT_H

/* A store as the verbs open it that look into one or mend what is in it, and what is said of it when that cannot be. */
#include "cli/cli.h"
#include "cli/limits.h"

/* What every one of them understands. */
typedef struct cli_kept_options {
	cli_instant at;
	bool json;
} cli_kept_options;

#define CLI_KEPT_AT(type, member)                                                                                                          \
	{ "at", 0, CLI_INSTANT, CLI_OFFSET(type, member.at), "INSTANT", "as of then; without it now", NULL }
#define CLI_KEPT_JSON(type, member, help)                                                                                                  \
	{ "json", 0, CLI_FLAG, CLI_OFFSET(type, member.json), NULL, help, NULL }

typedef struct cli_kept {
	const cli_screens *cli;
	const cli_verb *verb;
	const char *path;
	aplomb_runtime *rt;
	aplomb_instant now;
	bool is_fixed; /* time stands at [now] */
} cli_kept;

/*
 * Looking, beside whoever has the store open; or mending, with its lock and, where [mends] says some, with other limits than it was stepped
 * under; NULL: looking. A status; nothing is to be closed unless it is CLI_OK.
 */
int cli_kept_open(cli_kept *kept, const cli_screens *cli, const cli_verb *verb, const char *path, const cli_kept_options *options,
    const cli_limits *mends);
void cli_kept_close(cli_kept *kept);

/* How the command ends when a store, or a case in it, is what [error] says; it is told. */
int cli_kept_failed(const cli_screens *cli, const cli_verb *verb, const char *path, const aplomb_error *error);

/* The case, or a status with the nearest one's id told. */
int cli_kept_case(const cli_kept *kept, const char *id, aplomb_case_info *out);

/* "in 2h 10m", "3m ago", "now". */
const char *cli_kept_when(aplomb_instant at, aplomb_instant now, char out[48]);
/* The active states, ", " between them; free() it. */
char *cli_kept_states(const cli_kept *kept, const char *id);

/* The member "states" of a JSON map, not its first: the active states as a list. */
void cli_kept_json_states(const cli_kept *kept, const char *id);

#endif
