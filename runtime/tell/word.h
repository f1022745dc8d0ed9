/* SPDX-License-Identifier: MIT */
#ifndef TELL_WORD_H
#define TELL_WORD_H

/* A word of the language as help shows it. */
#include "aplomb.h"
#include "tell/screen.h"

/* All about it: form, sentence, fields, an example. */
void tell_word(const tell_screen *screen, const aplomb_word *word);

/* The next item of a list of names that are separated by spaces, its size in [*size]; NULL behind the last. */
const char *tell_next_name(const char **list, size_t *size);
/* What a field takes, for people: "text or a list of texts". Returns [out]. */
const char *tell_takes(const char *takes, char *out, size_t size);

#endif
