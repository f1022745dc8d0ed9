/* SPDX-License-Identifier: MIT */
/*
 * Decides which known name a misspelt one was meant to be. Distance is the
 * optimal string alignment distance over bytes (insert, remove, replace, swap
 * two neighbours), at most 3 and at most a third of the name, but 1 always.
 * Letters that differ only in case count less than any edit: they decide
 * between equally near names, and a name in the wrong case is always near.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"

enum {
	MOST_EDITS = 3,
	EDIT = 256, /* what an edit weighs; a change of case weighs 1 */
	BAND = 2 * MOST_EDITS + 1,
	FAR = (MOST_EDITS + 1) * EDIT
};

apl_nearest apl_nearest_to(const char *name, size_t size) {
	return (apl_nearest){name, size, NULL, FAR};
}

static uint32_t edits_allowed(size_t size) {
	size_t third = size / 3;
	uint32_t allowed = third < 1 ? 1 : third > MOST_EDITS ? MOST_EDITS : (uint32_t)third;
	/* Replacing all of a name is no likeness. */
	return allowed < size ? allowed : 0;
}

/* In the C locale, whatever the host's is. */
static char lower(char c) {
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static uint32_t replacing(char a, char b) {
	if (a == b) return 0;
	return lower(a) == lower(b) ? 1 : EDIT;
}

static uint32_t smaller(uint32_t a, uint32_t b) {
	return a < b ? a : b;
}

/*
 * The weight of turning [a] into [b], or FAR or more. Only the diagonal band
 * of the table that MOST_EDITS can reach is computed: row i holds columns
 * i - MOST_EDITS … i + MOST_EDITS, at places 0 … BAND - 1.
 */
static uint32_t weigh(const char *a, size_t a_size, const char *b, size_t b_size) {
	uint32_t rows[3][BAND];
	uint32_t *before = rows[0], *above = rows[1], *row = rows[2];
	for (size_t i = 0; i <= a_size; i++) {
		for (size_t place = 0; place < BAND; place++) {
			row[place] = FAR;
			if (i + place < MOST_EDITS || i + place - MOST_EDITS > b_size) continue;
			size_t j = i + place - MOST_EDITS;
			uint32_t least = i == 0 && j == 0 ? 0 : FAR;
			if (i > 0 && place + 1 < BAND) least = smaller(least, above[place + 1] + EDIT);
			if (j > 0 && place > 0) least = smaller(least, row[place - 1] + EDIT);
			if (i > 0 && j > 0) least = smaller(least, above[place] + replacing(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
				least = smaller(least, before[place] + EDIT);
			row[place] = least;
		}
		uint32_t *oldest = before;
		before = above;
		above = row;
		row = oldest;
	}
	return above[b_size + MOST_EDITS - a_size];
}

void apl_nearest_try(apl_nearest *nearest, const char *candidate) {
	size_t size = strlen(candidate);
	size_t longer = size > nearest->size ? size : nearest->size;
	size_t shorter = size > nearest->size ? nearest->size : size;
	if (longer - shorter > MOST_EDITS) return;
	if (size == nearest->size && memcmp(candidate, nearest->name, size) == 0) return; /* that is no other name */
	uint32_t weight = weigh(nearest->name, nearest->size, candidate, size);
	if (weight >= nearest->distance || weight / EDIT > edits_allowed(nearest->size)) return;
	nearest->distance = weight;
	nearest->best = candidate;
}

const char *apl_nearest_hint(const apl_nearest *nearest, char *out, size_t size) {
	if (size == 0) return "";
	out[0] = '\0';
	if (nearest->best == NULL) return out;
	int length = snprintf(out, size, "; did you mean \"%s\"?", nearest->best);
	if (length < 0 || (size_t)length >= size) out[0] = '\0'; /* half a name would mislead */
	return out;
}
