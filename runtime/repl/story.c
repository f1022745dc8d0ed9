/* SPDX-License-Identifier: MIT */
/* Decides how the lines of the played case are kept: all of them, each found by its number. */
#include "repl/story.h"

#include <stdlib.h>
#include <string.h>

#include "repl/text.h"
#include "tell/tell.h"

struct repl_story {
	repl_text lines;
	size_t *begins; /* where each line begins */
	size_t count, capacity;
};

repl_story *repl_story_new(void) {
	return tell_need(sizeof(repl_story));
}

void repl_story_free(repl_story *story) {
	if (story == NULL) return;
	repl_text_dispose(&story->lines);
	free(story->begins);
	free(story);
}

void repl_story_clear(repl_story *story) {
	repl_text_clear(&story->lines);
	story->count = 0;
}

void repl_story_take(repl_story *story, const char *lines, size_t size) {
	for (const char *at = lines, *end = lines + size; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((newline != NULL ? newline + 1 : end) - at);
		tell_need_room(&story->begins, story->count, 1, &story->capacity, sizeof *story->begins);
		story->begins[story->count++] = story->lines.size;
		repl_text_add(&story->lines, at, length);
		at += length;
	}
}

size_t repl_story_count(const repl_story *story) {
	return story->count;
}

const char *repl_story_line(const repl_story *story, size_t n, size_t *size) {
	if (n >= story->count) return NULL;
	size_t end = n + 1 < story->count ? story->begins[n + 1] : story->lines.size;
	*size = end - story->begins[n] - 1;
	return story->lines.bytes + story->begins[n];
}
