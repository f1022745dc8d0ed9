/* SPDX-License-Identifier: MIT */
/*
 * Decides which of the names that may stand somewhere go on with what is typed,
 * what they have in common, and how the list of them is shown. Where the names
 * come from is decided by commands.
 */
#include "repl/candidates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repl/utf8.h"
#include "tell/tell.h"

enum { GAP = 2 };

/* What ends the word before it. A dot, a dash, a slash and a colon stand inside of names. */
static bool parts_words(char c) {
	return c != '\0' && strchr(" \t\n({[]}),;=<>~\"'#", c) != NULL;
}

void repl_candidates_init(repl_candidates *candidates, const char *before) {
	const char *word = before + strlen(before);
	while (word > before && !parts_words(word[-1])) word--;
	*candidates = (repl_candidates){.before = before, .word = word};
}

void repl_candidates_dispose(repl_candidates *candidates) {
	for (size_t i = 0; i < candidates->count; i++) {
		free(candidates->items[i].text);
		free(candidates->items[i].note);
		free(candidates->items[i].after);
	}
	free(candidates->items);
	*candidates = (repl_candidates){0};
}

void repl_candidates_begin_at(repl_candidates *candidates, const char *word) {
	candidates->word = word;
}

void repl_candidate(repl_candidates *candidates, const char *text, const char *note) {
	repl_candidate_with(candidates, text, note, " ");
}

void repl_candidate_with(repl_candidates *candidates, const char *text, const char *note, const char *after) {
	if (strncmp(text, candidates->word, strlen(candidates->word)) != 0) return;
	for (size_t i = 0; i < candidates->count; i++)
		if (strcmp(candidates->items[i].text, text) == 0) return;
	tell_need_room(&candidates->items, candidates->count, 1, &candidates->capacity, sizeof *candidates->items);
	bool is_noted = note != NULL && note[0] != '\0';
	candidates->items[candidates->count++] =
	    (repl_one_candidate){tell_need_copy(text), is_noted ? tell_need_copy(note) : NULL, tell_need_copy(after)};
}

static int by_name(const void *a, const void *b) {
	return strcmp(((const repl_one_candidate *)a)->text, ((const repl_one_candidate *)b)->text);
}

void repl_candidates_sort(repl_candidates *candidates) {
	if (candidates->count > 1) qsort(candidates->items, candidates->count, sizeof *candidates->items, by_name);
}

size_t repl_candidates_common(const repl_candidates *candidates, const char **text) {
	size_t typed = strlen(candidates->word);
	*text = "";
	if (candidates->count == 0) return 0;
	const char *first = candidates->items[0].text;
	size_t same = strlen(first);
	for (size_t i = 1; i < candidates->count; i++) {
		size_t n = 0;
		while (n < same && candidates->items[i].text[n] == first[n]) n++;
		same = n;
	}
	while (same > typed && (first[same] & 0xC0) == 0x80) same--; /* not within a character */
	*text = first + typed;
	return same > typed ? same - typed : 0;
}

static int width_of(const char *text) {
	return tell_width(text, strlen(text));
}

static void put_spaces(repl_text *out, int count) {
	for (int i = 0; i < count; i++) repl_text_add(out, " ", 1);
}

static void put_more(repl_text *out, size_t left) {
	char line[64];
	snprintf(line, sizeof line, "… and %zu more; type on to see fewer\n", left);
	repl_text_put(out, line);
}

static void list_with_notes(const repl_candidates *candidates, int columns, size_t most, int widest, repl_text *out) {
	int for_name = widest < columns / 2 ? widest : columns / 2;
	for (size_t i = 0; i < candidates->count; i++) {
		if (i + 1 >= most && candidates->count > most) {
			put_more(out, candidates->count - i);
			return;
		}
		const repl_one_candidate *one = &candidates->items[i];
		int put = repl_text_shown(out, one->text, strlen(one->text), one->note != NULL ? for_name : columns);
		if (one->note != NULL) {
			put_spaces(out, for_name - put + GAP);
			repl_text_shown(out, one->note, strlen(one->note), columns - for_name - GAP);
		}
		repl_text_put(out, "\n");
	}
}

static void list_of_names(const repl_candidates *candidates, int columns, size_t most, int widest, repl_text *out) {
	size_t across = widest + GAP <= columns ? (size_t)((columns + GAP) / (widest + GAP)) : 1;
	size_t lines = (candidates->count + across - 1) / across;
	size_t shown_lines = lines > most ? most - 1 : lines;
	/* Down the columns, as people read lists; cut at the bottom of each. */
	for (size_t line = 0; line < shown_lines; line++) {
		for (size_t column = 0; column < across; column++) {
			size_t i = column * lines + line;
			if (i >= candidates->count) break;
			int put = repl_text_shown(out, candidates->items[i].text, strlen(candidates->items[i].text), columns);
			if (column + 1 < across && (column + 1) * lines + line < candidates->count) put_spaces(out, widest + GAP - put);
		}
		repl_text_put(out, "\n");
	}
	if (shown_lines < lines) {
		size_t shown = 0;
		for (size_t i = 0; i < candidates->count; i++)
			if (i % lines < shown_lines) shown++;
		put_more(out, candidates->count - shown);
	}
}

char *repl_candidates_list(const repl_candidates *candidates, int columns, size_t most) {
	repl_text out = {0};
	repl_text_add(&out, "", 0);
	int widest = 0;
	bool has_notes = false;
	for (size_t i = 0; i < candidates->count; i++) {
		int width = width_of(candidates->items[i].text);
		if (width > widest) widest = width;
		if (candidates->items[i].note != NULL) has_notes = true;
	}
	if (columns < 20) columns = 20;
	if (most < 2) most = 2;
	if (has_notes)
		list_with_notes(candidates, columns, most, widest, &out);
	else
		list_of_names(candidates, columns, most, widest, &out);
	return out.bytes;
}
