/* SPDX-License-Identifier: MIT */
/*
 * Decides how what people are told is written for programs. Which members there
 * are is decided by whoever tells.
 */
#include "tell/json.h"

void tell_json_text(const tell_screen *screen, const char *text) {
	fputc('"', screen->file);
	for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
		if (*c == '"' || *c == '\\')
			fprintf(screen->file, "\\%c", *c);
		else if (*c < 0x20)
			fprintf(screen->file, "\\u%04x", *c);
		else
			fputc(*c, screen->file);
	}
	fputc('"', screen->file);
}

void tell_json_member(const tell_screen *screen, const char *name, bool is_first) {
	if (!is_first) tell_print(screen, ",");
	tell_json_text(screen, name);
	tell_print(screen, ":");
}

void tell_json_text_member(const tell_screen *screen, const char *name, const char *text) {
	tell_json_member(screen, name, false);
	if (text != NULL)
		tell_json_text(screen, text);
	else
		tell_print(screen, "null");
}

void tell_json_instant_member(const tell_screen *screen, const char *name, aplomb_instant at) {
	char text[32];
	aplomb_instant_write(at, text);
	tell_json_text_member(screen, name, at != APLOMB_NEVER ? text : NULL);
}

void tell_json_number_member(const tell_screen *screen, const char *name, uint64_t number) {
	tell_json_member(screen, name, false);
	tell_print(screen, "%llu", (unsigned long long)number);
}
