/* SPDX-License-Identifier: MIT */
/* Decides what the command does without memory: it says so, and ends with its status for that. */
#include "tell/need.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_end(void *block) {
	if (block != NULL) return block;
	fputs("aplomb: there is no memory left\n", stderr);
	exit(TELL_NO_MEMORY);
}

void *tell_need(size_t size) {
	return or_end(calloc(1, size > 0 ? size : 1));
}

void tell_need_room(void *items, size_t count, size_t more, size_t *capacity, size_t size) {
	if (count + more <= *capacity) return;
	size_t wanted = *capacity > 0 ? *capacity : 8;
	while (wanted < count + more) wanted *= 2;
	void *block;
	memcpy(&block, items, sizeof block);
	block = or_end(realloc(block, wanted * size));
	memcpy(items, &block, sizeof block);
	*capacity = wanted;
}

char *tell_need_copy(const char *text) {
	if (text == NULL) return NULL;
	size_t size = strlen(text) + 1;
	return memcpy(tell_need(size), text, size);
}
