/* SPDX-License-Identifier: MIT */
#ifndef CLI_CASE_H
#define CLI_CASE_H

/* What the acts of `aplomb case` share: a list of cases, and a case in one line. */
#include "cli/kept.h"

extern const cli_verb cli_case_list, cli_case_show, cli_case_journal, cli_case_due, cli_case_stuck, cli_case_resume, cli_case_skip,
    cli_case_set, cli_case_close;

typedef struct cli_case_line {
	char *id;
	aplomb_case_status status;
	aplomb_instant due_at;
	const aplomb_playbook *playbook; /* or NULL */
} cli_case_line;

typedef struct cli_cases {
	cli_case_line *items;
	size_t count, capacity;
} cli_cases;

void cli_cases_add(cli_cases *cases, const aplomb_case_brief *brief);
void cli_cases_dispose(cli_cases *cases);

/* Only such a one is asked whether it is stuck: what has a deadline is not. */
bool cli_may_be_stuck(const aplomb_case_brief *brief);

/* The heading of a list and a line of it, with so many columns for the id. A status: a case that cannot be read is told in its line. */
int cli_case_width(const cli_case_line *lines, size_t count);
void cli_case_heading(const cli_kept *kept, int width, bool names_playbooks);
int cli_case_row(const cli_kept *kept, const cli_case_line *line, int width, bool names_playbooks);
/* The same as a JSON map on a line, with the member that [more] (or NULL) puts, comma before it. */
int cli_case_json(const cli_kept *kept, const cli_case_line *line, void (*more)(const cli_kept *kept, const cli_case_line *line));

/* What made the case faulted: the newest such entry's finding, and what it came of. */
typedef struct cli_fault {
	bool is_known;
	uint64_t seq;
	char at[32], slug[64], message[512], cause[128];
} cli_fault;
void cli_case_fault(const cli_kept *kept, const char *id, uint64_t seq, cli_fault *out);

#endif
