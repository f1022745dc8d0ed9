/* SPDX-License-Identifier: MIT */
/*
 * Decides what is UTF-8 and what stands in place of what is not. What may be
 * shown, and how wide it is, is not decided here.
 */
#include "repl/utf8.h"

#include <stdlib.h>
#include <string.h>

#include "tell/tell.h"

enum { REPLACEMENT = 0xFFFD, LAST = 0x10FFFF, TAB = 4 };

_Static_assert(sizeof(wchar_t) >= 4, "a wide character holds any character");

void repl_text_char(repl_text *text, uint32_t c) {
	char out[4];
	size_t size;
	if (c > LAST || (c >= 0xD800 && c <= 0xDFFF)) c = REPLACEMENT;
	if (c < 0x80) {
		out[0] = (char)c;
		size = 1;
	} else {
		size = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		for (size_t i = size - 1; i > 0; i--) {
			out[i] = (char)(0x80 | (c & 0x3F));
			c >>= 6;
		}
		out[0] = (char)((size == 2 ? 0xC0 : size == 3 ? 0xE0 : 0xF0) | c);
	}
	repl_text_add(text, out, size);
}

void repl_text_cut(repl_text *text, size_t size) {
	if (size >= text->size) return;
	text->size = size;
	text->bytes[size] = '\0';
}

static int width_with_tabs(const char *bytes, size_t size) {
	int width = tell_width(bytes, size);
	for (size_t i = 0; i < size; i++)
		if (bytes[i] == '\t') width += TAB - 1; /* one is counted already */
	return width;
}

int repl_text_shown(repl_text *text, const char *bytes, size_t size, int columns) {
	const char *end = bytes + size;
	bool fits = width_with_tabs(bytes, size) <= columns;
	int most = columns - (fits ? 0 : 1), put = 0;
	while (bytes < end) {
		char shown[8];
		size_t shown_size;
		int times = *bytes == '\t' ? TAB : 1;
		int width = tell_shown(&bytes, end, shown, &shown_size) * times;
		if (put + width > most) break;
		for (int i = 0; i < times; i++) repl_text_add(text, shown, shown_size);
		put += width;
	}
	if (!fits && columns > 0) {
		repl_text_put(text, "…");
		put++;
	}
	return put;
}

size_t repl_utf8_read(const char *at, size_t left, uint32_t *c) {
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
	const unsigned char *bytes = (const unsigned char *)at;
	size_t more = bytes[0] < 0x80 ? 0 : (bytes[0] & 0xE0) == 0xC0 ? 1 : (bytes[0] & 0xF0) == 0xE0 ? 2 : (bytes[0] & 0xF8) == 0xF0 ? 3 : 4;
	*c = REPLACEMENT;
	if (more == 4 || more >= left) return 1;
	uint32_t read = more == 0 ? bytes[0] : bytes[0] & (0x3Fu >> more);
	for (size_t i = 1; i <= more; i++) {
		if ((bytes[i] & 0xC0) != 0x80) return 1;
		read = read << 6 | (bytes[i] & 0x3Fu);
	}
	if (read < least[more] || read > LAST || (read >= 0xD800 && read <= 0xDFFF)) return 1;
	*c = read;
	return more + 1;
}

bool repl_utf8_is_valid(const char *text, size_t size) {
	uint32_t c;
	for (size_t at = 0; at < size;) {
		size_t step = repl_utf8_read(text + at, size - at, &c);
		if (c == REPLACEMENT && step == 1) return false; /* the character itself takes three bytes */
		at += step;
	}
	return true;
}

wchar_t *repl_widened(const char *text, size_t size, size_t *count) {
	wchar_t *wide = tell_need((size + 1) * sizeof *wide);
	size_t n = 0;
	for (size_t at = 0; at < size;) {
		uint32_t c;
		at += repl_utf8_read(text + at, size - at, &c);
		wide[n++] = (wchar_t)c;
	}
	wide[n] = L'\0';
	*count = n;
	return wide;
}

char *repl_narrowed(const wchar_t *wide, size_t count, size_t *size) {
	repl_text bytes = {0};
	repl_text_add(&bytes, "", 0);
	for (size_t i = 0; i < count; i++) repl_text_char(&bytes, (uint32_t)wide[i]);
	*size = bytes.size;
	return bytes.bytes;
}
