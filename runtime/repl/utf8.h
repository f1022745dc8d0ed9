/* SPDX-License-Identifier: MIT */
#ifndef REPL_UTF8_H
#define REPL_UTF8_H

/*
 * UTF-8 character by character, to and from the wide characters that libedit
 * edits. The locale is not asked.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

#include "repl/text.h"

void repl_text_char(repl_text *text, uint32_t c);
/* To the first [size] bytes. */
void repl_text_cut(repl_text *text, size_t size);
/*
 * The bytes as far as [columns] go, with "…" where they were cut, tabs as spaces, and no character that could take over a
 * terminal. Returns their columns.
 */
int repl_text_shown(repl_text *text, const char *bytes, size_t size, int columns);

/* One character from [at], of at least one byte; U+FFFD of one byte when it is none. Returns its bytes. */
size_t repl_utf8_read(const char *at, size_t left, uint32_t *c);
/* Is all of it UTF-8? */
bool repl_utf8_is_valid(const char *text, size_t size);

/* Terminated; free() both. */
wchar_t *repl_widened(const char *text, size_t size, size_t *count);
char *repl_narrowed(const wchar_t *wide, size_t count, size_t *size);

#endif
