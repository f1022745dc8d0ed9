/* SPDX-License-Identifier: MIT */
/* Decides how the conversation's own words stand on the screen: wrapped, mistakes in their colour, instants as people say them. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repl/inside.h"

static void put(repl *r, tell_style style, const char *format, va_list arguments) {
	va_list again;
	va_copy(again, arguments);
	int size = vsnprintf(NULL, 0, format, arguments);
	char *text = tell_need((size_t)(size > 0 ? size : 0) + 1);
	vsnprintf(text, (size_t)(size > 0 ? size : 0) + 1, format, again);
	va_end(again);
	tell_page page = {r->out, 0, 0, false};
	tell_style_set(r->out, style);
	tell_page_text(&page, text);
	tell_style_set(r->out, TELL_PLAIN);
	tell_page_end(&page);
	free(text);
}

void repl_say(repl *r, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	put(r, TELL_PLAIN, format, arguments);
	va_end(arguments);
}

void repl_say_styled(repl *r, tell_style style, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	put(r, style, format, arguments);
	va_end(arguments);
}

int repl_fail(repl *r, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	put(r, TELL_BAD, format, arguments);
	va_end(arguments);
	return REPL_FAILED;
}

int repl_fail_error(repl *r, const aplomb_error *error) {
	if (error->file[0] != '\0' && error->line > 0)
		return repl_fail(r, "%s [%s] %s:%u", error->message, error->slug, error->file, error->line);
	return repl_fail(r, "%s [%s]", error->message, error->slug);
}

void repl_when(repl *r, aplomb_instant at, char out[96]) {
	char when[64], span[32];
	aplomb_instant now = aplomb_now(r->rt);
	snprintf(out, 96, "%s, in %s", tell_due_words(at, now, when), tell_span(at - now, span));
}
