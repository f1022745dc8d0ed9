/* SPDX-License-Identifier: MIT */
#ifndef CLI_SUMMARY_H
#define CLI_SUMMARY_H

/* What a run came to, for people and for programs. */
#include "cli/cli.h"

/* How often something happened, by name, in the order of first mention. */
typedef struct cli_tally_line {
	char *name;
	uint64_t count;
	uint64_t inside;
	aplomb_span total;
} cli_tally_line;

typedef struct cli_tally {
	cli_tally_line *lines;
	size_t count, capacity;
} cli_tally;

/* The line of that name, made when there is none. */
cli_tally_line *cli_tally_of(cli_tally *tally, const char *name);
void cli_tally_dispose(cli_tally *tally);

typedef struct cli_summary {
	const char *playbook; /* id */
	const char *version;  /* or NULL */
	const char *events_name;
	const char *stopped; /* why it did not go to the end, or NULL */
	bool is_alone;       /* of a chart that was run without events */
	const char *ended;   /* the final state that its case ended in, or NULL */
	aplomb_totals totals;
	cli_tally states, effects, outcomes, findings, refusals;
	uint64_t lines, bad_lines, left_out; /* left_out: later than --until */
	bool has_time;
	aplomb_instant from, until; /* virtual time */
	double seconds;
	uint64_t peak_kib;
} cli_summary;

void cli_summary_text(const tell_screen *screen, const cli_summary *summary);
void cli_summary_json(const tell_screen *screen, const cli_summary *summary);

#endif
