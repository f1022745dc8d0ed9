/* SPDX-License-Identifier: MIT */
/* Decides how work under way looks. */
#include "cli/progress.h"

#include <time.h>

int64_t cli_monotonic(void) {
	struct timespec now;
	if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return 0;
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void cli_progress_begin(cli_progress *progress, const tell_screen *screen, bool is_wanted) {
	int64_t now = cli_monotonic();
	*progress = (cli_progress){screen, is_wanted && screen->is_terminal, false, now, now};
}

void cli_progress_clear(cli_progress *progress) {
	if (!progress->is_shown) return;
	tell_print(progress->screen, "\r\033[K");
	fflush(progress->screen->file);
	progress->is_shown = false;
}

void cli_progress_show(cli_progress *progress, uint64_t done, uint64_t total, uint64_t events) {
	if (!progress->is_on) return;
	int64_t now = cli_monotonic();
	if (now - progress->shown < 100000000) return;
	progress->shown = now;
	double seconds = (double)(now - progress->began) / 1e9;
	char count[32], rate[32];
	tell_count(events, count);
	tell_count((uint64_t)((double)events / (seconds > 0 ? seconds : 1)), rate);
	tell_print(progress->screen, "\r");
	if (total > 0 && done <= total) {
		enum { BAR = 30 };
		int filled = (int)(done * BAR / total);
		tell_style_set(progress->screen, TELL_STATE);
		for (int i = 0; i < BAR; i++) tell_print(progress->screen, "%s", i < filled ? "\xE2\x94\x81" : " ");
		tell_style_set(progress->screen, TELL_PLAIN);
		tell_print(progress->screen, " %3d%%  ", (int)(done * 100 / total));
	}
	tell_print(progress->screen, "%s events, %s a second\033[K", count, rate);
	fflush(progress->screen->file);
	progress->is_shown = true;
}
