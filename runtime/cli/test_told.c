/* SPDX-License-Identifier: MIT */
/*
 * Decides how a failed test is told:
 *
 *   late_test.lua:14: FAILED: the customer replied in time
 *     the case is not as expected
 *     state     expected  understanding
 *               found     waiting
 *     what happened to case-1:
 *   …its timeline
 */
#include "cli/test_told.h"

#include <stdlib.h>
#include <string.h>

#include "tell/tell.h"

enum { LABEL_COLUMN = 2, WORD_COLUMN = 19, TEXT_COLUMN = 29, MOST_ENTRIES = 12, SHOWN_ENTRIES = 8 };

static void put(const tell_screen *screen, tell_style style, const char *text, size_t size) {
	tell_style_set(screen, style);
	tell_put_text(screen, text, size, -1);
	tell_style_set(screen, TELL_PLAIN);
}

/* "expected  …", wrapped under itself; the first of a difference carries what it is about. */
static void tell_part(const tell_screen *screen, const char **about, const char *word, tell_style style, const char *text) {
	if (text == NULL) return;
	tell_page page = {screen, WORD_COLUMN, 0, false};
	tell_print(screen, "%*s", LABEL_COLUMN, "");
	page.column = LABEL_COLUMN;
	if (*about != NULL) {
		put(screen, TELL_STRONG, *about, strlen(*about));
		page.column += tell_width(*about, strlen(*about));
		*about = NULL;
	}
	if (page.column >= WORD_COLUMN) {
		tell_print(screen, "\n");
		page.column = 0;
	}
	tell_print(screen, "%*s", WORD_COLUMN - page.column, "");
	tell_print_styled(screen, TELL_FAINT, "%s", word);
	tell_print(screen, "%*s", TEXT_COLUMN - WORD_COLUMN - (int)strlen(word), "");
	page.indent = page.column = TEXT_COLUMN;
	tell_style_set(screen, style);
	tell_page_text(&page, text);
	tell_style_set(screen, TELL_PLAIN);
	tell_page_end(&page);
}

static void tell_difference(const tell_screen *screen, const apl_test_difference *difference) {
	const char *about = difference->about;
	tell_part(screen, &about, "expected", TELL_GOOD, difference->expected);
	tell_part(screen, &about, "found", TELL_BAD, difference->found);
	tell_part(screen, &about, "where", TELL_CAREFUL, difference->hint);
}

/* ---- what happened ------------------------------------------------------ */

typedef struct story {
	tell_casebook book;
	tell_timeline timeline;
	const char *case_id;
	uint64_t from; /* the first entry shown */
} story;

typedef void (*line_fn)(story *s, aplomb_value entry);

static void each_line(story *s, const apl_test_result *result, line_fn take) {
	for (const char *at = result->lines, *end = at + result->lines_size; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t size = (size_t)((newline != NULL ? newline : end) - at);
		aplomb_json *json;
		if (aplomb_json_read(&json, at, size, NULL) == APLOMB_OK) {
			take(s, aplomb_json_root(json));
			aplomb_json_free(json);
		}
		at += size + 1;
	}
}

static bool is_of_case(const story *s, aplomb_value entry) {
	const char *id = aplomb_value_text(aplomb_value_get(entry, "case"), NULL);
	return id != NULL && strcmp(id, s->case_id) == 0;
}

static void find_last(story *s, aplomb_value entry) {
	if (is_of_case(s, entry)) s->from = (uint64_t)aplomb_value_integer(aplomb_value_get(entry, "seq"));
}

static void show(story *s, aplomb_value entry) {
	tell_case *c = tell_casebook_note(&s->book, entry);
	uint64_t seq = (uint64_t)aplomb_value_integer(aplomb_value_get(entry, "seq"));
	if (c != NULL && is_of_case(s, entry) && seq >= s->from) tell_timeline_show(&s->timeline, c, entry);
}

/* A long story from a little before what was looked at; a short one whole. */
static void tell_story(const tell_screen *screen, const apl_test_result *result) {
	if (result->case_id == NULL) return;
	story s = {.timeline = {.screen = screen, .shows_places = true}, .case_id = result->case_id};
	each_line(&s, result, find_last);
	uint64_t last = s.from;
	if (last == 0) return;
	s.from = 1;
	if (last > MOST_ENTRIES) {
		s.from = last - SHOWN_ENTRIES + 1;
		if (result->from_seq > 0 && result->from_seq < s.from) s.from = result->from_seq;
		if (last - s.from > 4 * MOST_ENTRIES) s.from = last - 4 * MOST_ENTRIES;
	}
	tell_print(screen, "\n");
	if (s.from > 1) {
		char number[32];
		tell_print_styled(screen, TELL_FAINT, "(%s entries before these)", tell_count(s.from - 1, number));
		tell_print(screen, "\n");
	}
	tell_casebook_init(&s.book);
	each_line(&s, result, show);
	tell_casebook_dispose(&s.book);
}

void cli_tell_printed(const tell_screen *screen, const apl_test_result *result) {
	for (const char *at = result->printed, *end = at + result->printed_size; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t size = (size_t)((newline != NULL ? newline : end) - at);
		tell_print(screen, "  | ");
		tell_put_text(screen, at, size, -1);
		tell_print(screen, "\n");
		at += size + 1;
	}
}

void cli_tell_failure(const tell_screen *screen, const char *path, const char *name, uint32_t line, const apl_test_result *result) {
	bool is_placed = result->line > 0 && result->file[0] != '\0';
	const char *file = is_placed ? result->file : path;
	put(screen, TELL_STRONG, file, strlen(file));
	tell_print_styled(screen, TELL_STRONG, ":%u", is_placed ? result->line : line);
	tell_print(screen, ": ");
	tell_print_styled(screen, TELL_BAD, "FAILED: ");
	put(screen, TELL_PLAIN, name, strlen(name));
	tell_print(screen, "\n");
	tell_page page = {screen, LABEL_COLUMN, 0, false};
	tell_page_break(&page);
	tell_page_text(&page, result->message);
	tell_page_end(&page);
	for (size_t i = 0; i < result->n_differences; i++) tell_difference(screen, &result->differences[i]);
	if (result->printed_size > 0) {
		tell_print_styled(screen, TELL_FAINT, "  it printed:");
		tell_print(screen, "\n");
		cli_tell_printed(screen, result);
	}
	tell_story(screen, result);
	tell_print(screen, "\n");
}
