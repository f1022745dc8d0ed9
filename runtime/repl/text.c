/* SPDX-License-Identifier: MIT */
/* Decides nothing: text that grows. */
#include "repl/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tell/tell.h"

void repl_text_add(repl_text *text, const char *bytes, size_t size) {
	tell_need_room(&text->bytes, text->size, size + 1, &text->capacity, 1);
	if (size > 0) memcpy(text->bytes + text->size, bytes, size);
	text->size += size;
	text->bytes[text->size] = '\0';
}

void repl_text_put(repl_text *text, const char *string) {
	repl_text_add(text, string, strlen(string));
}

void repl_text_format(repl_text *text, const char *format, ...) {
	va_list arguments, again;
	va_start(arguments, format);
	va_copy(again, arguments);
	int size = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (size > 0) {
		tell_need_room(&text->bytes, text->size, (size_t)size + 1, &text->capacity, 1);
		vsnprintf(text->bytes + text->size, (size_t)size + 1, format, again);
		text->size += (size_t)size;
	}
	va_end(again);
}

void repl_text_json(repl_text *text, const char *bytes, size_t size) {
	repl_text_put(text, "\"");
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)bytes[i];
		if (c == '"' || c == '\\')
			repl_text_format(text, "\\%c", c);
		else if (c < 0x20)
			repl_text_format(text, "\\u%04x", c);
		else
			repl_text_add(text, bytes + i, 1);
	}
	repl_text_put(text, "\"");
}

void repl_text_clear(repl_text *text) {
	text->size = 0;
	if (text->bytes != NULL) text->bytes[0] = '\0';
}

const char *repl_text_of(const repl_text *text) {
	return text->bytes != NULL ? text->bytes : "";
}

void repl_text_dispose(repl_text *text) {
	free(text->bytes);
	*text = (repl_text){0};
}
