/* SPDX-License-Identifier: MIT */
#ifndef REPL_TEXT_H
#define REPL_TEXT_H

/* Text that grows. Without memory the command ends (tell_need). */
#include <stddef.h>

typedef struct repl_text {
	char *bytes; /* terminated, when anything was put */
	size_t size, capacity;
} repl_text;

void repl_text_add(repl_text *text, const char *bytes, size_t size);
void repl_text_put(repl_text *text, const char *string);
void repl_text_format(repl_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* As a JSON text, with its quotes. [bytes] are UTF-8. */
void repl_text_json(repl_text *text, const char *bytes, size_t size);
/* Empty again; keeps its room. */
void repl_text_clear(repl_text *text);
/* Never NULL. */
const char *repl_text_of(const repl_text *text);
void repl_text_dispose(repl_text *text);

#endif
