/* SPDX-License-Identifier: MIT */
/*
 * Any lines as a journal. Each is read, which may say that it is damaged, and then stepped again all the same, as if a program took no
 * notice: what cannot come about says why, and leaves the case as it was. What came about is a case like any other.
 */
#include <string.h>

#include "base/assert.h"
#include "world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_LINES = 24 };

static void take_line(aplomb_runtime *rt, aplomb_playbook *desk, aplomb_journal *journal, const char *line, size_t size) {
	aplomb_error error = {0};
	aplomb_value entry = {0};
	int code = aplomb_journal_read(journal, line, size, &entry, &error);
	world_check_error(code, &error);
	APL_ASSERT(code == APLOMB_OK || code == APLOMB_EDAMAGED || code == APLOMB_EVERSION || code == APLOMB_EJSON);
	aplomb_limits limits = {.size = sizeof limits};
	memset(&error, 0, sizeof error);
	world_check_error(aplomb_journal_limits(line, size, &limits, &error), &error);
	aplomb_replayed replayed = APLOMB_REPLAYED_INIT;
	memset(&error, 0, sizeof error);
	code = aplomb_replay(rt, desk, line, size, &replayed, &error);
	world_check_error(code, &error);
	if (code != APLOMB_OK) return;
	APL_ASSERT(replayed.text != NULL && replayed.same == (replayed.text_size == size && memcmp(replayed.text, line, size) == 0));
	APL_ASSERT(replayed.same == (replayed.differs == NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	aplomb_playbook *desk;
	aplomb_runtime *rt = world_anew(0, true, &desk);
	aplomb_journal *journal;
	aplomb_error error = {0};
	APL_ASSERT(aplomb_journal_open(&journal, &error) == APLOMB_OK);
	const char *at = (const char *)data, *end = at + size;
	for (int i = 0; at < end && i < MOST_LINES; i++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline != NULL ? newline : end;
		take_line(rt, desk, journal, at, (size_t)(stop - at));
		at = stop + 1;
	}
	aplomb_journal_close(journal);
	world_check_cases(rt, world_desk_again, NULL);
	world_turn(rt, INT64_C(7200000000));
	return 0;
}
