/* SPDX-License-Identifier: MIT */
/*
 * Decides how text becomes columns on a terminal or in a file: colours, widths,
 * wrapping, and what is harmless to show. What is shown is decided elsewhere.
 */
#include "tell/screen.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { USUAL_WIDTH = 80, LEAST_WIDTH = 40, MOST_WIDTH = 100 };

static int width_of(FILE *file, bool is_terminal) {
	const char *columns = getenv("COLUMNS");
	long width = columns != NULL ? strtol(columns, NULL, 10) : 0;
	struct winsize size;
	if (width <= 0 && is_terminal && ioctl(fileno(file), TIOCGWINSZ, &size) == 0) width = size.ws_col;
	if (width <= 0) return USUAL_WIDTH;
	if (width < LEAST_WIDTH) return LEAST_WIDTH;
	return width > MOST_WIDTH ? MOST_WIDTH : (int)width; /* longer lines are hard to read */
}

static bool has_colour(bool is_terminal, tell_colour_choice choice) {
	if (choice != TELL_COLOUR_AUTO) return choice == TELL_COLOUR_ALWAYS;
	const char *no = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	if (no != NULL && no[0] != '\0') return false;
	return is_terminal && term != NULL && strcmp(term, "dumb") != 0;
}

tell_screen tell_screen_of(FILE *file, tell_colour_choice choice) {
	int number = fileno(file); /* -1: a stream in memory */
	bool is_terminal = number >= 0 && isatty(number);
	return (tell_screen){file, width_of(file, is_terminal), is_terminal, has_colour(is_terminal, choice)};
}

void tell_style_set(const tell_screen *screen, tell_style style) {
	static const char *const codes[] = {"0", "1", "2", "36", "35", "32", "33", "31"};
	if (screen->has_colour) fprintf(screen->file, "\033[%sm", codes[style]);
}

void tell_print(const tell_screen *screen, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	vfprintf(screen->file, format, arguments);
	va_end(arguments);
}

void tell_print_styled(const tell_screen *screen, tell_style style, const char *format, ...) {
	tell_style_set(screen, style);
	va_list arguments;
	va_start(arguments, format);
	vfprintf(screen->file, format, arguments);
	va_end(arguments);
	tell_style_set(screen, TELL_PLAIN);
}

/* What the last failed write is likely to have said: a stream remembers that it failed, and not why. */
static int write_errno(int before) {
	return before == ENOSPC || before == EPIPE || before == EIO || before == EDQUOT || before == EFBIG ? before : 0;
}

bool tell_screen_flush(const tell_screen *screen, const tell_screen *errors, const char *what) {
	int reason = ferror(screen->file) != 0 ? write_errno(errno) : 0;
	bool was_bad = ferror(screen->file) != 0;
	if (fflush(screen->file) != 0)
		reason = errno;
	else if (!was_bad)
		return true;
	tell_print(errors, "aplomb: cannot write to %s: %s; what was shown is not all there is\n", what,
	    reason == EPIPE ? "nobody reads it any more"
	    : reason != 0   ? strerror(reason)
	                    : "an earlier write failed");
	return false;
}

/* ---- characters --------------------------------------------------------- */

typedef struct range {
	uint32_t first, last;
} range;

/* Those that stand on the character before, or nowhere. */
static const range NARROWEST[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F},
    {0x0E31, 0x0E31}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200D}, {0x20D0, 0x20FF},
    {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF}};
/* Those that take two columns. */
static const range WIDE[] = {{0x1100, 0x115F}, {0x2E80, 0x303E}, {0x3041, 0xA4CF}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF}, {0xFE30, 0xFE6F},
    {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1FAFF}, {0x20000, 0x3FFFD}};
/* Those that could take over a terminal, or turn what follows around (directional overrides). */
static const range HARMFUL[] = {{0x0000, 0x001F}, {0x007F, 0x009F}, {0x061C, 0x061C}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069},
    {0xFFF9, 0xFFFB}, {0xE0001, 0xE007F}};

static bool is_in(uint32_t c, const range *ranges, size_t count) {
	for (size_t i = 0; i < count; i++)
		if (c >= ranges[i].first && c <= ranges[i].last) return true;
	return false;
}
#define IS_IN(c, ranges) is_in((c), (ranges), sizeof(ranges) / sizeof(ranges)[0])

/* Reads one character; bytes that are none are one wrong character each. */
static uint32_t decode(const char **at, const char *end) {
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
	const unsigned char *bytes = (const unsigned char *)*at;
	size_t left = (size_t)(end - *at);
	size_t more = bytes[0] < 0x80 ? 0 : (bytes[0] & 0xE0) == 0xC0 ? 1 : (bytes[0] & 0xF0) == 0xE0 ? 2 : (bytes[0] & 0xF8) == 0xF0 ? 3 : 4;
	*at += 1;
	if (more == 4 || more >= left) return 0xFFFD;
	uint32_t c = more == 0 ? bytes[0] : bytes[0] & (0x3Fu >> more);
	for (size_t i = 1; i <= more; i++) {
		if ((bytes[i] & 0xC0) != 0x80) return 0xFFFD;
		c = c << 6 | (bytes[i] & 0x3Fu);
	}
	if (c < least[more] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return 0xFFFD;
	*at += more;
	return c;
}

int tell_shown(const char **at, const char *end, char out[8], size_t *out_size) {
	const char *start = *at;
	uint32_t c = decode(at, end);
	if (c == '\t' || c == '\n' || c == '\r') {
		out[0] = ' ';
		*out_size = 1;
		return 1;
	}
	if (c == 0xFFFD || IS_IN(c, HARMFUL)) {
		memcpy(out, "\xEF\xBF\xBD", 3);
		*out_size = 3;
		return 1;
	}
	*out_size = (size_t)(*at - start);
	memcpy(out, start, *out_size);
	if (c < 0x300) return 1;
	return IS_IN(c, NARROWEST) ? 0 : IS_IN(c, WIDE) ? 2 : 1;
}

int tell_width(const char *text, size_t size) {
	int width = 0;
	char shown[8];
	size_t shown_size;
	for (const char *at = text; at < text + size;) width += tell_shown(&at, text + size, shown, &shown_size);
	return width;
}

void tell_put_text(const tell_screen *screen, const char *text, size_t size, int columns) {
	const char *end = text + size;
	bool is_cut = columns >= 0 && tell_width(text, size) > columns;
	int room = is_cut ? columns - 1 : columns;
	int used = 0;
	char shown[8];
	size_t shown_size;
	for (const char *at = text; at < end;) {
		int width = tell_shown(&at, end, shown, &shown_size);
		if (columns >= 0 && used + width > room) break;
		fwrite(shown, 1, shown_size, screen->file);
		used += width;
	}
	if (is_cut && columns > 0) {
		fputs("\xE2\x80\xA6", screen->file);
		used++;
	}
	for (; used < columns; used++) fputc(' ', screen->file);
}

/* ---- pages -------------------------------------------------------------- */

static void move_to(tell_page *page, int column) {
	for (; page->column < column; page->column++) fputc(' ', page->screen->file);
}

void tell_page_break(tell_page *page) {
	if (page->column > page->indent) {
		fputc('\n', page->screen->file);
		page->column = 0;
	}
	move_to(page, page->indent);
	page->wants_space = false;
}

void tell_page_end(tell_page *page) {
	if (page->column > 0) fputc('\n', page->screen->file);
	page->column = 0;
	page->wants_space = false;
}

/* One word, on the next line when it does not fit on this one; one that fits on none is broken. */
static void put_word(tell_page *page, const char *word, size_t size) {
	int width = tell_width(word, size);
	move_to(page, page->indent);
	if (page->column > page->indent && page->column + (page->wants_space ? 1 : 0) + width > page->screen->width) tell_page_break(page);
	if (page->wants_space) {
		fputc(' ', page->screen->file);
		page->column++;
	}
	char shown[8];
	size_t shown_size;
	for (const char *at = word; at < word + size;) {
		int columns = tell_shown(&at, word + size, shown, &shown_size);
		if (page->column + columns > page->screen->width && page->column > page->indent) tell_page_break(page);
		fwrite(shown, 1, shown_size, page->screen->file);
		page->column += columns;
	}
	page->wants_space = false;
}

void tell_page_words(tell_page *page, const char *text, size_t size) {
	const char *end = text + size;
	for (const char *at = text; at < end;) {
		size_t length = 0;
		while (at + length < end && at[length] != ' ' && at[length] != '\n' && at[length] != '\t') length++;
		if (length > 0) put_word(page, at, length);
		at += length;
		if (at >= end) break;
		if (*at == '\n')
			tell_page_break(page);
		else
			page->wants_space = page->column > page->indent;
		at++;
	}
}

void tell_page_text(tell_page *page, const char *text) {
	tell_page_words(page, text, strlen(text));
}

/* ---- numbers ------------------------------------------------------------ */

const char *tell_count(uint64_t count, char out[32]) {
	char digits[24];
	int size = snprintf(digits, sizeof digits, "%llu", (unsigned long long)count);
	char *to = out;
	for (int i = 0; i < size; i++) {
		if (i > 0 && (size - i) % 3 == 0) *to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return out;
}

const char *tell_span(int64_t span, char out[32]) {
	static const struct {
		int64_t microseconds;
		const char *unit;
	} units[] = {{86400000000, "d"}, {3600000000, "h"}, {60000000, "m"}, {1000000, "s"}};
	uint64_t left = span < 0 ? 0 - (uint64_t)span : (uint64_t)span;
	const char *sign = span < 0 ? "-" : "";
	if (left == 0) return strcpy(out, "0s");
	if (left < 1000) {
		snprintf(out, 32, "%s%lluus", sign, (unsigned long long)left);
		return out;
	}
	if (left < 1000000) {
		snprintf(out, 32, "%s%llums", sign, (unsigned long long)(left / 1000));
		return out;
	}
	if (left < 10000000 && left % 1000000 != 0) {
		snprintf(out, 32, "%s%llu.%llus", sign, (unsigned long long)(left / 1000000), (unsigned long long)(left / 100000 % 10));
		return out;
	}
	size_t first = 0;
	while (left < (uint64_t)units[first].microseconds) first++;
	uint64_t unit = (uint64_t)units[first].microseconds;
	char count[32];
	int used = snprintf(out, 32, "%s%s%s", sign, tell_count(left / unit, count), units[first].unit);
	if (first + 1 < sizeof units / sizeof units[0]) {
		uint64_t next = (uint64_t)units[first + 1].microseconds;
		uint64_t rest = left % unit / next;
		if (rest > 0) snprintf(out + used, 32 - (size_t)used, " %llu%s", (unsigned long long)rest, units[first + 1].unit);
	}
	return out;
}
