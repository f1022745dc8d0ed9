/* SPDX-License-Identifier: MIT */
#ifndef TELL_JSON_H
#define TELL_JSON_H

/* The same for programs: texts and members of a JSON map. */
#include "aplomb.h"
#include "tell/screen.h"

/* A text, with quotes. */
void tell_json_text(const tell_screen *screen, const char *text);
/* The name of a member, with the comma before it unless it is the first; its value is to follow. */
void tell_json_member(const tell_screen *screen, const char *name, bool is_first);
/* Whole members, none of which is the first. */
void tell_json_text_member(const tell_screen *screen, const char *name, const char *text);     /* NULL: null */
void tell_json_instant_member(const tell_screen *screen, const char *name, aplomb_instant at); /* APLOMB_NEVER: null */
void tell_json_number_member(const tell_screen *screen, const char *name, uint64_t number);

#endif
