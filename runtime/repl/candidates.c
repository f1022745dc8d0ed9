/* SPDX-License-Identifier: MIT */
/* Decides nothing: what could stand at the cursor, each once. */
#include <stdlib.h>
#include <string.h>

#include "repl/reader.h"
#include "tell/tell.h"

void repl_candidate(repl_candidates *candidates, const char *text, const char *note) {
	for (size_t i = 0; i < candidates->count; i++)
		if (strcmp(candidates->texts[i], text) == 0) return;
	size_t capacity = candidates->capacity;
	tell_need_room(&candidates->texts, candidates->count, 1, &capacity, sizeof *candidates->texts);
	tell_need_room(&candidates->notes, candidates->count, 1, &candidates->capacity, sizeof *candidates->notes);
	candidates->texts[candidates->count] = tell_need_copy(text);
	candidates->notes[candidates->count++] = tell_need_copy(note);
}

void repl_candidates_dispose(repl_candidates *candidates) {
	for (size_t i = 0; i < candidates->count; i++) {
		free(candidates->texts[i]);
		free(candidates->notes[i]);
	}
	free(candidates->texts);
	free(candidates->notes);
	*candidates = (repl_candidates){0};
}
