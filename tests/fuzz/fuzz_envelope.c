/* SPDX-License-Identifier: MIT */
/*
 * Any lines as envelopes of events, posted one by one to a desk; a line "+N" turns the clock on by N minutes, "=K" and "=R" bring another
 * calendar to all of them (keep, recompute), "=k" and "=r" the first one again. What is refused says why.
 * What became of the cases is a journal that reads and chains, and that comes out again byte for byte when it is stepped again; a
 * snapshot of each case is restored elsewhere and goes on.
 */
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_LINES = 24 };

static void take_line(aplomb_runtime *rt, const char *line, size_t size) {
	aplomb_error error = {0};
	if (size > 1 && size < 8 && line[0] == '+') {
		char digits[8] = "";
		memcpy(digits, line + 1, size - 1);
		world_turn(rt, INT64_C(60000000) * (strtol(digits, NULL, 10) & 0xffff));
		return;
	}
	if (size == 2 && line[0] == '=' && strchr("KRkr", line[1]) != NULL) {
		world_change_calendar(rt, line[1] < 'a', (line[1] | ' ') == 'k' ? APLOMB_CALENDAR_KEEP : APLOMB_CALENDAR_RECOMPUTE);
		return;
	}
	world_check_error(aplomb_post_json(rt, line, size, NULL, NULL, &error), &error);
	world_pump(rt);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	aplomb_runtime *rt = world_anew(0, false, NULL);
	const char *at = (const char *)data, *end = at + size;
	for (int i = 0; at < end && i < MOST_LINES; i++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline != NULL ? newline : end;
		take_line(rt, at, (size_t)(stop - at));
		at = stop + 1;
	}
	world_check_cases(rt, world_desk_again, NULL);
	return 0;
}
