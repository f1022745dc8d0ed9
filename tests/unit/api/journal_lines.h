/* SPDX-License-Identifier: MIT */
#ifndef TEST_JOURNAL_LINES_H
#define TEST_JOURNAL_LINES_H

/* The lines of a journal, each by itself: for options.journal and for aplomb_journal_each. */
#include <stdlib.h>
#include <string.h>

typedef struct journal {
	char *line[4096]; /* each without its newline */
	uint32_t count;
} journal;

static inline int journal_keep(const char *lines, size_t size, void *payload) {
	journal *to = payload;
	for (const char *at = lines, *end = lines + size; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((newline != NULL ? newline : end) - at);
		assert_true(to->count < sizeof to->line / sizeof to->line[0]);
		to->line[to->count++] = strndup(at, length);
		at += length + 1;
	}
	return 0;
}

static inline void journal_drop(journal *j) {
	for (uint32_t i = 0; i < j->count; i++) free(j->line[i]);
	j->count = 0;
}

#endif
