/* SPDX-License-Identifier: MIT */
/* Decides how a line of source is shown beneath a finding. */
#include "cli/excerpt.h"

#include <stdlib.h>
#include <string.h>

#include "tell/tell.h"

/* A file that is longer was not written by hand; then the finding must do. */
enum { MOST_SIZE = 64 << 20, MOST_LINE = 64 << 10, GUTTER = 8 };

static void read_file(cli_excerpt *e, const char *path) {
	cli_excerpt_free(e);
	e->path = tell_need_copy(path);
	e->line = 1;
	FILE *file = fopen(path, "rb");
	if (file == NULL) return;
	size_t capacity = 0;
	for (;;) {
		tell_need_room(&e->text, e->size, 1 << 16, &capacity, 1);
		size_t got = fread(e->text + e->size, 1, 1 << 16, file);
		e->size += got;
		if (got == 0 || e->size > MOST_SIZE) break;
	}
	if (ferror(file) || e->size > MOST_SIZE) {
		free(e->text);
		e->text = NULL;
	}
	fclose(file);
}

void cli_excerpt_free(cli_excerpt *e) {
	free(e->path);
	free(e->text);
	*e = (cli_excerpt){0};
}

/* Goes to the line: onward from the last one, or from the beginning. */
static const char *find_line(cli_excerpt *e, uint32_t line, size_t *size) {
	if (line < e->line) {
		e->at = 0;
		e->line = 1;
	}
	for (; e->line < line; e->line++) {
		const char *eol = memchr(e->text + e->at, '\n', e->size - e->at);
		if (eol == NULL) return NULL;
		e->at = (size_t)(eol - e->text) + 1;
	}
	const char *first = e->text + e->at;
	const char *eol = memchr(first, '\n', e->size - e->at);
	*size = eol != NULL ? (size_t)(eol - first) : e->size - e->at;
	if (*size > 0 && first[*size - 1] == '\r') (*size)--;
	return first;
}

static bool is_word_byte(char c) {
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80) != 0;
}

/* What stands at [at]: a text with its quotes, a name, or one sign. */
static size_t token_size(const char *at, const char *end) {
	const char *next = at;
	if (at == end) return 0;
	if (*at == '"' || *at == '\'') {
		next++;
		while (next < end && *next != *at) next += *next == '\\' && next + 1 < end ? 2 : 1;
		return (size_t)(next < end ? next + 1 - at : next - at);
	}
	while (next < end && is_word_byte(*next)) next++;
	return next > at ? (size_t)(next - at) : 1;
}

/* The first bytes of the text that [characters] take. */
static size_t bytes_of(const char *text, size_t size, uint32_t characters) {
	const char *at = text;
	char shown[8];
	size_t shown_size;
	for (; characters > 0 && at < text + size; characters--) tell_shown(&at, text + size, shown, &shown_size);
	return (size_t)(at - text);
}

void cli_excerpt_show(cli_excerpt *e, const tell_screen *screen, const char *path, uint32_t line, uint32_t column) {
	if (path == NULL || line == 0 || column == 0) return;
	if (e->path == NULL || strcmp(e->path, path) != 0) read_file(e, path);
	size_t size;
	const char *text = e->text != NULL ? find_line(e, line, &size) : NULL;
	if (text == NULL || size > MOST_LINE) return; /* nor was such a line */
	size_t before = bytes_of(text, size, column - 1);
	int room = screen->width - GUTTER;
	/* A long line is shown from where the place is in sight; one that is not, from where its words begin. */
	size_t from = 0;
	while (from < before && (text[from] == ' ' || text[from] == '\t')) from++;
	if (tell_width(text + from, before - from) > room * 2 / 3) from = bytes_of(text, size, column - 1 - (uint32_t)room / 3);
	size_t marked = token_size(text + before, text + size);
	int offset = tell_width(text + from, before - from);
	int width = tell_width(text + before, marked);
	if (width > room - offset) width = room - offset;
	if (width < 1) width = 1;
	tell_print_styled(screen, TELL_FAINT, "%5u | ", line);
	tell_put_text(screen, text + from, size - from, tell_width(text + from, size - from) > room ? room : -1);
	tell_print_styled(screen, TELL_FAINT, "\n      | ");
	tell_print(screen, "%*s", offset, "");
	tell_style_set(screen, TELL_GOOD);
	tell_print(screen, "^");
	for (int i = 1; i < width; i++) tell_print(screen, "~");
	tell_style_set(screen, TELL_PLAIN);
	tell_print(screen, "\n");
}

const char *cli_excerpt_line(cli_excerpt *e, const char *path, uint32_t line, size_t *size) {
	if (path == NULL || line == 0) return NULL;
	if (e->path == NULL || strcmp(e->path, path) != 0) read_file(e, path);
	const char *text = e->text != NULL ? find_line(e, line, size) : NULL;
	for (; text != NULL && *size > 0 && (*text == ' ' || *text == '\t'); text++) --*size;
	return text;
}
