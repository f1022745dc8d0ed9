/* SPDX-License-Identifier: MIT */
/*
 * Decides how shared bytes are counted, and what valid UTF-8 is. Whether bytes
 * must be valid is decided at the door they come in by.
 */
#include "base/text.h"

#include <string.h>

#include "base/assert.h"

static size_t block_size(size_t size) {
	return sizeof(apl_text) + size + 1;
}

static apl_text *fill(apl_text *text, uint32_t refs, const char *bytes, size_t size) {
	if (text == NULL) return NULL;
	text->refs = refs;
	text->size = (uint32_t)size;
	if (size > 0) memcpy(text->bytes, bytes, size);
	text->bytes[size] = '\0';
	return text;
}

apl_text *apl_text_new(const apl_alloc *alloc, const char *bytes, size_t size) {
	if (size > UINT32_MAX - block_size(0)) return NULL;
	return fill(apl_resize(alloc, NULL, 0, block_size(size)), 1, bytes, size);
}

apl_text *apl_text_keep(const apl_alloc *alloc, apl_text *text) {
	if (text->refs == 0) return apl_text_new(alloc, text->bytes, text->size);
	APL_ASSERT(text->refs < UINT32_MAX);
	text->refs++;
	return text;
}

void apl_text_drop(const apl_alloc *alloc, apl_text *text) {
	if (text == NULL || text->refs == 0) return;
	if (--text->refs == 0) apl_free(alloc, text, block_size(text->size));
}

static bool continues(unsigned char byte) {
	return (byte & 0xC0) == 0x80;
}

/* The size of the character that begins with a byte above 0x7F, or 0 when it is none (RFC 3629, section 4). */
static size_t character(const unsigned char *at, size_t left) {
	unsigned char first = at[0];
	if (first >= 0xC2 && first <= 0xDF) return left >= 2 && continues(at[1]) ? 2 : 0;
	if (first >= 0xE0 && first <= 0xEF) {
		if (left < 3 || !continues(at[1]) || !continues(at[2])) return 0;
		if (first == 0xE0 && at[1] < 0xA0) return 0; /* overlong */
		if (first == 0xED && at[1] > 0x9F) return 0; /* surrogate */
		return 3;
	}
	if (first >= 0xF0 && first <= 0xF4) {
		if (left < 4 || !continues(at[1]) || !continues(at[2]) || !continues(at[3])) return 0;
		if (first == 0xF0 && at[1] < 0x90) return 0; /* overlong */
		if (first == 0xF4 && at[1] > 0x8F) return 0; /* above U+10FFFF */
		return 4;
	}
	return 0;
}

static inline bool eight_are_ascii(const unsigned char *at) {
	uint64_t eight;
	memcpy(&eight, at, sizeof eight);
	return (eight & 0x8080808080808080u) == 0;
}

size_t apl_utf8_valid(const char *bytes, size_t size) {
	const unsigned char *at = (const unsigned char *)bytes;
	size_t done = 0;
	while (done < size) {
		if (size - done >= 8 && eight_are_ascii(at + done)) {
			done += 8;
			continue;
		}
		/* The rest is shorter than eight: the last eight, some of them once more, answer for it. */
		if (size - done < 8 && size >= 8 && eight_are_ascii(at + size - 8)) return size;
		if (at[done] < 0x80) {
			done++;
			continue;
		}
		size_t length = character(at + done, size - done);
		if (length == 0) return done;
		done += length;
	}
	return done;
}
