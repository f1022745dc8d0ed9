/* SPDX-License-Identifier: MIT */
/*
 * Decides how input is quoted in messages. Whether it may be quoted at all
 * (personal values may not) is the caller's to decide.
 */

#include "time/shown.h"

#include <string.h>

#include "base/text.h"

#define MOST 40u

/* The bytes of the character that begins at [text], or 0 when none does. */
static size_t character_size(const char *text, size_t size) {
	unsigned char first = (unsigned char)text[0];
	if (first < 0x20 || first == 0x7F) return 0;
	size_t wanted = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
	return wanted <= size && apl_utf8_valid(text, wanted) == wanted ? wanted : 0;
}

const char *apl_shown(const char *text, size_t size, char out[APL_SHOWN]) {
	size_t from = 0, to = 0;
	while (from < size && to < MOST) {
		size_t bytes = character_size(text + from, size - from);
		if (bytes == 0) {
			out[to++] = '?';
			from++;
			continue;
		}
		memcpy(out + to, text + from, bytes);
		to += bytes;
		from += bytes;
	}
	if (from < size) {
		memcpy(out + to, "\xE2\x80\xA6", 3);
		to += 3;
	}
	out[to] = '\0';
	return out;
}
