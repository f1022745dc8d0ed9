/* SPDX-License-Identifier: MIT */
#ifndef TEST_JOURNAL_TEXT_H
#define TEST_JOURNAL_TEXT_H

/* The lines of a runtime's journal as one text, for options.journal: to be compared as a whole. */
#include <string.h>

typedef struct journal_text {
	char text[65536];
	size_t size;
} journal_text;

static inline int journal_text_keep(const char *lines, size_t size, void *payload) {
	journal_text *to = payload;
	assert_true(to->size + size < sizeof to->text);
	memcpy(to->text + to->size, lines, size);
	to->size += size;
	to->text[to->size] = '\0';
	return 0;
}

#endif
