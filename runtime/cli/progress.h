/* SPDX-License-Identifier: MIT */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

/* A bar on the terminal's last line; nothing at all where there is no terminal. */
#include "tell/tell.h"

typedef struct cli_progress {
	const tell_screen *screen;
	bool is_on;
	bool is_shown;
	int64_t began; /* nanoseconds of the monotonic clock */
	int64_t shown;
} cli_progress;

/* Nanoseconds of the monotonic clock. */
int64_t cli_monotonic(void);

void cli_progress_begin(cli_progress *progress, const tell_screen *screen, bool is_wanted);
/* At most ten times a second; [total] 0: unknown. */
void cli_progress_show(cli_progress *progress, uint64_t done, uint64_t total, uint64_t events);
/* Takes the bar away, before something else is written to the same terminal. It comes back by itself. */
void cli_progress_clear(cli_progress *progress);

#endif
