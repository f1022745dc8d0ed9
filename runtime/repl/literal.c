/* SPDX-License-Identifier: MIT */
/* Decides how values of a journal are written down for people to read and edit, and for Lua and the prompt to read back. */
#include <stdlib.h>
#include <string.h>

#include "repl/literal.h"

static bool is_name(const char *text, size_t size) {
	static const char *const reserved[] = {"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
	    "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while", "null"};
	if (size == 0 || (text[0] >= '0' && text[0] <= '9')) return false;
	for (size_t i = 0; i < size; i++) {
		char c = text[i];
		if (c != '_' && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z')) return false;
	}
	for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
		if (strlen(reserved[i]) == size && memcmp(reserved[i], text, size) == 0) return false;
	return true;
}

void repl_put_text_literal(repl_text *out, const char *text, size_t size) {
	repl_text_put(out, "\"");
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c == '"' || c == '\\')
			repl_text_format(out, "\\%c", c);
		else if (c == '\n')
			repl_text_put(out, "\\n");
		else if (c == '\t')
			repl_text_put(out, "\\t");
		else if (c < 0x20 || c == 0x7F)
			repl_text_format(out, "\\u{%x}", c);
		else
			repl_text_add(out, text + i, 1);
	}
	repl_text_put(out, "\"");
}

static void put_key(repl_text *out, const char *key) {
	size_t size = strlen(key);
	if (is_name(key, size)) {
		repl_text_add(out, key, size);
	} else {
		repl_text_put(out, "[");
		repl_put_text_literal(out, key, size);
		repl_text_put(out, "]");
	}
	repl_text_put(out, " = ");
}

void repl_put_literal(repl_text *out, aplomb_value value, repl_tongue tongue) {
	size_t size, count = aplomb_value_count(value);
	switch (aplomb_value_kind(value)) {
	case APLOMB_ABSENT:
	case APLOMB_NULL: repl_text_put(out, "nil"); return;
	case APLOMB_BOOLEAN: repl_text_put(out, aplomb_value_boolean(value) ? "true" : "false"); return;
	case APLOMB_INTEGER:
	case APLOMB_NUMBER: {
		char *written = aplomb_value_write(value);
		repl_text_put(out, written != NULL ? written : "0");
		free(written);
		return;
	}
	case APLOMB_TEXT: {
		const char *text = aplomb_value_text(value, &size);
		repl_put_text_literal(out, text, size);
		return;
	}
	case APLOMB_LIST:
	case APLOMB_MAP: break;
	}
	bool is_map = aplomb_value_kind(value) == APLOMB_MAP;
	if (count == 0) {
		/* An empty table is a map in both tongues. */
		repl_text_put(out, is_map ? "{}" : tongue == REPL_TONGUE_TEST ? "list {}" : "[]");
		return;
	}
	repl_text_put(out, "{ ");
	for (size_t i = 0; i < count; i++) {
		const char *key = NULL;
		aplomb_value member = aplomb_value_at(value, i, &key);
		if (i > 0) repl_text_put(out, ", ");
		if (is_map)
			repl_put_member(out, key, member, tongue);
		else
			repl_put_literal(out, member, tongue);
	}
	repl_text_put(out, " }");
}

void repl_put_member(repl_text *out, const char *key, aplomb_value value, repl_tongue tongue) {
	put_key(out, key);
	repl_put_literal(out, value, tongue);
}
