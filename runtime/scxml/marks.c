/* SPDX-License-Identifier: MIT */
/*
 * Decides how the playbook that is being written remembers which element of the
 * document each of its pieces came from: marks stand in the text, of bytes that
 * no text of XML holds, until the whole is done; then they are taken out, and
 * what they say becomes a text of its own (lua/origin.h reads it):
 *
 *     counter.scxml
 *     12 2 7 3          from line 12, column 2 on: the element in line 7, column 3
 *     14 3 9 12 +       the same, and the lines below it came from the lines below
 */

#include "scxml/inside.h"

#include <string.h>

#define MARK '\x1d'

void apl_mark(apl_buf *out, const apl_xml_node *node) {
	if (node != NULL) apl_buf_format(out, "%c%u %u%c", MARK, (unsigned)node->line, (unsigned)node->column, MARK);
}

void apl_mark_running(apl_buf *out, uint32_t line, uint32_t column) {
	apl_buf_format(out, "%c%u %u +%c", MARK, (unsigned)line, (unsigned)column, MARK);
}

/* Behind the mark that begins at [at]. */
static const char *end_of_mark(const char *at, const char *end) {
	const char *stop = memchr(at + 1, MARK, (size_t)(end - at) - 1);
	return stop != NULL ? stop + 1 : end;
}

size_t apl_width(const char *text, size_t size) {
	size_t width = 0;
	for (const char *at = text, *end = text + size; at < end;) {
		if (*at == MARK) {
			at = end_of_mark(at, end);
		} else {
			at++;
			width++;
		}
	}
	return width;
}

/* A line of the playbook counts characters, as places do everywhere. */
static bool begins_character(char c) {
	return ((unsigned char)c & 0xC0) != 0x80;
}

void apl_marks_end(apl_buf *text, const char *document, apl_buf *places) {
	if (text->failed) return;
	for (const char *c = document; *c != '\0'; c++) apl_buf_byte(places, *c >= ' ' ? *c : '?');
	apl_buf_byte(places, '\n');
	char *to = text->bytes;
	unsigned line = 1, column = 1;
	for (const char *at = to, *end = text->bytes + text->size; at < end;) {
		if (*at == MARK) {
			const char *behind = end_of_mark(at, end);
			apl_buf_format(places, "%u %u %.*s\n", line, column, (int)(behind - at - 2), at + 1);
			at = behind;
			continue;
		}
		if (begins_character(*at)) column++;
		if (*at == '\n') {
			line++;
			column = 1;
		}
		*to++ = *at++;
	}
	text->size = (size_t)(to - text->bytes);
}
