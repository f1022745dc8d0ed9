/* SPDX-License-Identifier: MIT */
#ifndef CLI_WHO_PLAN_H
#define CLI_WHO_PLAN_H

/* The half of `aplomb who` that tells of callouts: who would be asked when, and what in them can never come. */
#include "cli/cli.h"

typedef struct cli_who_plan {
	const cli_screens *cli;
	const aplomb_playbook *playbook;
	aplomb_instant from, until; /* [until] is [from] when only that instant is asked about */
	const char *name;           /* this one of several, or NULL */
	bool is_json;
	size_t told;      /* callouts */
	size_t unreached; /* steps that ask nobody in that time */
	bool has_no_memory;
} cli_who_plan;

/* Tells the playbook's callouts. */
void cli_tell_callouts(cli_who_plan *plan);

/* "Mon 23 Nov 2026 09:00 (+00:00)" of what the clock shows, as wide as any other. Returns [out]. */
const char *cli_who_wall(const aplomb_wall *wall, char *out, size_t size);

#endif
