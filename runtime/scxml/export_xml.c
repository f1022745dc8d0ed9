/* SPDX-License-Identifier: MIT */
/* Decides how the elements, attributes and scripts of an exported document are written as XML. */
#include "scxml/export_inside.h"

#include <stdio.h>
#include <string.h>

#include "time/instant.h"

void apl_export_indent(apl_buf *out, uint32_t depth) {
	for (uint32_t i = 0; i < depth; i++) apl_buf_byte(out, '\t');
}

void apl_export_escaped(apl_buf *out, const char *text, size_t size) {
	for (size_t i = 0; i < size; i++) {
		switch (text[i]) {
		case '&': APL_BUF_LITERAL(out, "&amp;"); break;
		case '<': APL_BUF_LITERAL(out, "&lt;"); break;
		case '>': APL_BUF_LITERAL(out, "&gt;"); break;
		case '"': APL_BUF_LITERAL(out, "&quot;"); break;
		case '\n': APL_BUF_LITERAL(out, "&#10;"); break;
		case '\t': APL_BUF_LITERAL(out, "&#9;"); break;
		case '\r': APL_BUF_LITERAL(out, "&#13;"); break;
		default: apl_buf_byte(out, text[i]);
		}
	}
}

void apl_export_attribute(apl_buf *out, const char *name, const char *value) {
	apl_buf_format(out, " %s=\"", name);
	apl_export_escaped(out, value, strlen(value));
	apl_buf_byte(out, '"');
}

const char *apl_export_seconds(aplomb_span span, char out[APL_EXPORT_SECONDS]) {
	const int64_t seconds = span / APL_SECOND, rest = span % APL_SECOND;
	if (rest == 0) {
		snprintf(out, APL_EXPORT_SECONDS, "%llds", (long long)seconds);
		return out;
	}
	int size = snprintf(out, APL_EXPORT_SECONDS, "%lld.%06lld", (long long)seconds, (long long)rest);
	while (size > 0 && out[size - 1] == '0') size--;
	out[size] = 's';
	out[size + 1] = '\0';
	return out;
}

static void escape_script(apl_buf *out, const char *text, size_t size) {
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '&')
			APL_BUF_LITERAL(out, "&amp;");
		else if (text[i] == '<')
			APL_BUF_LITERAL(out, "&lt;");
		else if (text[i] == '>')
			APL_BUF_LITERAL(out, "&gt;");
		else
			apl_buf_byte(out, text[i]);
	}
}

void apl_export_script(apl_buf *out, uint32_t depth, const char *text, size_t size) {
	apl_export_indent(out, depth);
	APL_BUF_LITERAL(out, "<script>");
	escape_script(out, text, size);
	APL_BUF_LITERAL(out, "</script>\n");
}

void apl_export_close(apl_buf *out, const char *name, size_t inside, uint32_t depth) {
	if (out->failed) return;
	if (out->size > inside) {
		apl_export_indent(out, depth);
		apl_buf_format(out, "</%s>\n", name);
		return;
	}
	out->size -= 2; /* ">\n" */
	APL_BUF_LITERAL(out, "/>\n");
}

void apl_export_assign(apl_buf *out, uint32_t depth, const char *location, const char *value) {
	apl_export_indent(out, depth);
	APL_BUF_LITERAL(out, "<assign");
	apl_export_attribute(out, "location", location);
	apl_export_attribute(out, "expr", value);
	APL_BUF_LITERAL(out, "/>\n");
}
