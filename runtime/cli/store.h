/* SPDX-License-Identifier: MIT */
#ifndef CLI_STORE_H
#define CLI_STORE_H

/* What the acts of `aplomb store` share: sizes in words, and a verification that is told while it goes on. */
#include "cli/kept.h"
#include "cli/progress.h"

extern const cli_verb cli_store_stats, cli_store_verify, cli_store_backup, cli_store_restore, cli_store_compact;

/* "12.3 MiB", "400 bytes". */
const char *cli_bytes(uint64_t bytes, char out[32]);

typedef struct cli_verifying {
	const cli_screens *cli;
	const char *path;
	bool json, is_terminal;
	uint64_t told;
	aplomb_store_verify_options options;
} cli_verifying;

/* [v->options] tells what is damaged, up to a number, and how far it is on a terminal. */
void cli_verifying_begin(cli_verifying *v, const cli_screens *cli, const char *path, bool json);
/* Ends what it wrote of how far it is. */
void cli_verifying_end(cli_verifying *v);

#endif
