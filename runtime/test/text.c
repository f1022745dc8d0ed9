/* SPDX-License-Identifier: MIT */
/* Decides how text grows. */
#include "test/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool make_room(apl_test_text *text, size_t more) {
	if (text->failed || more >= (size_t)-1 / 2 - text->size) text->failed = true;
	if (text->failed) return false;
	if (text->size + more < text->capacity) return true;
	size_t wanted = text->capacity > 0 ? text->capacity * 2 : 256;
	while (wanted <= text->size + more) wanted *= 2;
	char *bytes = realloc(text->bytes, wanted);
	if (bytes == NULL) {
		text->failed = true;
		return false;
	}
	text->bytes = bytes;
	text->capacity = wanted;
	return true;
}

void apl_test_text_add(apl_test_text *text, const char *bytes, size_t size) {
	if (!make_room(text, size)) return;
	if (size > 0) memcpy(text->bytes + text->size, bytes, size);
	text->size += size;
	text->bytes[text->size] = '\0';
}

void apl_test_text_put(apl_test_text *text, const char *string) {
	apl_test_text_add(text, string, strlen(string));
}

void apl_test_text_format(apl_test_text *text, const char *format, ...) {
	va_list arguments, again;
	va_start(arguments, format);
	va_copy(again, arguments);
	int size = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (size >= 0 && make_room(text, (size_t)size)) {
		vsnprintf(text->bytes + text->size, (size_t)size + 1, format, again);
		text->size += (size_t)size;
	}
	va_end(again);
}

void apl_test_text_cut(apl_test_text *text, size_t size) {
	if (size >= text->size) return;
	text->size = size;
	text->bytes[size] = '\0';
}

void apl_test_text_cut_front(apl_test_text *text, size_t size) {
	if (size > text->size) size = text->size;
	if (text->bytes == NULL) return;
	memmove(text->bytes, text->bytes + size, text->size - size + 1);
	text->size -= size;
}

void apl_test_text_dispose(apl_test_text *text) {
	free(text->bytes);
	*text = (apl_test_text){0};
}
