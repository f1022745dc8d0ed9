/* SPDX-License-Identifier: MIT */
#ifndef CLI_TIMELINE_H
#define CLI_TIMELINE_H

/*
 * Journal entries as a person reads them: who said what, where the case went,
 * what it wants done and why, what is due when. `aplomb run --transcript` and
 * `aplomb journal` show the same.
 */
#include "cli/casebook.h"
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

typedef struct cli_timeline {
	const cli_screen *screen;
	bool effects_only;
	bool shows_places;    /* file and line of each transition */
	const cli_case *last; /* whose entry was shown last; NULL: none yet */
} cli_timeline;

/* Shows an entry of [c], which the casebook has taken in already. Heads are not shown: a case's first entry brings its heading. */
void cli_timeline_show(cli_timeline *timeline, cli_case *c, aplomb_value entry);

/* "Thursday 16 January 2025". */
void cli_day_words(aplomb_instant at, char out[40]);

#endif
