/* SPDX-License-Identifier: MIT */
#ifndef CLI_FILTER_H
#define CLI_FILTER_H

/* Which journal entries a verb shows. */
#include "cli/opt.h"

/* Which entries are shown. All zero: all. */
typedef struct cli_filter {
	const char *case_id; /* or NULL */
	const char *kind;    /* or NULL */
	cli_instant since, until;
	bool effects_only;
} cli_filter;

/* Does the entry (or head) pass? A head passes when its case does. */
bool cli_filter_passes(const cli_filter *filter, aplomb_value entry);

#endif
