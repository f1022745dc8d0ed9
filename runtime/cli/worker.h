/* SPDX-License-Identifier: MIT */
#ifndef CLI_WORKER_H
#define CLI_WORKER_H

/*
 * The program behind `aplomb run --effects COMMAND`: it is handed effects as
 * JSON Lines on its standard input, and says on its standard output what came of
 * them (docs/formats.md).
 */
#include "cli/cli.h"

typedef struct cli_worker cli_worker;

/* How many effects it may have at a time: when it has that many, whoever wants more waits. */
enum { CLI_WORKER_MOST = 64 };

/* Starts it, by /bin/sh -c. [seconds]: how long it may say nothing while it has something to say. NULL when that was told to be impossible.
 */
cli_worker *cli_worker_start(const cli_screens *cli, const cli_verb *verb, aplomb_runtime *rt, const char *command, uint64_t seconds);
/* The handler of all effects, with the worker as its payload. */
int cli_worker_hand(const aplomb_effect *effect, void *worker);
/* Waits until it has said of all it has what came of that. false: it does not do its part; nothing is handed to it any more. */
bool cli_worker_settle(cli_worker *worker);
/* How often the effect was handed out that was refused most often. */
uint32_t cli_worker_attempts(const cli_worker *worker);
/* How many of its lines said nothing. */
uint64_t cli_worker_wrong(const cli_worker *worker);
/* It gets no more: waits until it has ended. false: it did not do its part, which was told. NULL is fine. */
bool cli_worker_end(cli_worker *worker);

#endif
