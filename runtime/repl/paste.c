/* SPDX-License-Identifier: MIT */
/*
 * Decides where a paste ends and what of it is text. Where it goes in the line
 * is decided by the editor.
 */
#include "repl/paste.h"

#include <string.h>

static const char END[] = "\033[201~";
enum { END_SIZE = sizeof END - 1 };

/* The bytes as text: newlines of any kind are one '\n', tabs stay, other control characters go. */
static void clean(repl_paste *paste) {
	const repl_text *raw = &paste->raw;
	uint32_t before = 0;
	repl_text_add(&paste->text, "", 0);
	for (size_t at = 0; at < raw->size;) {
		uint32_t c;
		at += repl_utf8_read(raw->bytes + at, raw->size - at, &c);
		/*
		 * Terminals send '\r' for a newline, or what the text had; and a line discipline that is set for
		 * editing turns '\r' and '\n' into each other. A pair of the two, in any order, is one newline.
		 */
		bool is_second = (before == '\r' && c == '\n') || (before == '\n' && c == '\r');
		if (is_second) {
			before = 0;
			continue;
		}
		before = c;
		if (c == '\r' || c == '\n')
			repl_text_add(&paste->text, "\n", 1);
		else if (c == '\t' || (c >= 0x20 && (c < 0x7F || c > 0x9F)))
			repl_text_char(&paste->text, c);
		else
			paste->dropped++;
	}
	size_t size = paste->text.size;
	while (size > 0 && paste->text.bytes[size - 1] == '\n') size--;
	repl_text_cut(&paste->text, size);
}

void repl_paste_begin(repl_paste *paste, size_t most) {
	*paste = (repl_paste){.most = most};
}

int repl_paste_read(repl_paste *paste, repl_keyboard *keyboard) {
	while (paste->matched < END_SIZE) {
		int byte = repl_keyboard_byte(keyboard, true);
		if (byte < 0) return byte;
		paste->size++;
		if (paste->raw.size < paste->most + END_SIZE) {
			char c = (char)byte;
			repl_text_add(&paste->raw, &c, 1);
		}
		/* ESC stands only at END's beginning, so a mismatch never needs to look further back. */
		paste->matched = byte == END[paste->matched] ? paste->matched + 1 : byte == END[0] ? 1 : 0;
	}
	paste->size -= END_SIZE;
	paste->is_too_long = paste->size > paste->most;
	if (!paste->is_too_long) {
		repl_text_cut(&paste->raw, paste->size);
		clean(paste);
	}
	repl_text_dispose(&paste->raw);
	return 0;
}

void repl_paste_dispose(repl_paste *paste) {
	repl_text_dispose(&paste->text);
	repl_text_dispose(&paste->raw);
}
