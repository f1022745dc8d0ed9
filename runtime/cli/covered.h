/* SPDX-License-Identifier: MIT */
#ifndef CLI_COVERED_H
#define CLI_COVERED_H

/*
 * What tests used of playbooks, added up over all files of tests: a playbook is
 * known by its hash, so several files may test it.
 */
#include "cli/cli.h"

typedef struct cli_covered_row {
	aplomb_covered what;
	char *state, *on, *to, *label, *file; /* as in aplomb_coverage_row; label or NULL */
	aplomb_span span;
	uint32_t line, column;
	uint64_t count, other, unknown, errors;
} cli_covered_row;

typedef struct cli_covered_playbook {
	char *path, *id, *hash;
	cli_covered_row *rows;              /* in the order of the playbook */
	size_t n_rows, rows_capacity, next; /* next: the row that is told next, while adding up */
} cli_covered_playbook;

typedef struct cli_covered {
	cli_covered_playbook *playbooks;
	size_t count, capacity;
} cli_covered;

/* How much of how much. Of states and transitions one each; of guards two: true and false; of timers two: fired and beaten. */
typedef struct cli_covered_sum {
	uint64_t met, all;
} cli_covered_sum;

/* Rows of this playbook follow. */
cli_covered_playbook *cli_covered_begin(cli_covered *covered, const char *path, const char *id, const char *hash);
/* As a callback of aplomb_playbook_coverage: the payload is what cli_covered_begin gave. */
void cli_covered_add(const aplomb_coverage_row *row, void *payload);
void cli_covered_dispose(cli_covered *covered);

cli_covered_sum cli_covered_sum_of(const cli_covered *covered);
/* In whole percent, rounded down, so that 100 is all. */
unsigned cli_covered_percent(cli_covered_sum sum);
/* What was never used, and sums; or all rows as one JSON map. */
void cli_covered_text(const tell_screen *screen, const cli_covered *covered);
void cli_covered_json(const tell_screen *screen, const cli_covered *covered);

#endif
