/* SPDX-License-Identifier: MIT */
/* Decides what help says of a word, and how all words are listed. What a word is, the library says. */
#include <string.h>

#include "cli/dictionary.h"

/* The first line has its indentation already. */
static void wrapped(const tell_screen *screen, int indent, const char *text) {
	tell_page page = {screen, indent, indent, false};
	tell_page_text(&page, text);
	tell_page_end(&page);
}

static void fact(const tell_screen *screen, const char *name, const char *text) {
	tell_print_styled(screen, TELL_STRONG, "  %-12s", name);
	wrapped(screen, 14, text);
}

static void stands_in(const tell_screen *screen, const aplomb_word *word) {
	if (word->n_places == 0) return;
	tell_print_styled(screen, TELL_STRONG, "  %-12s", "stands in");
	tell_page page = {screen, 14, 14, false};
	for (size_t i = 0; i < word->n_places; i++) {
		tell_page_text(&page, word->places[i]);
		if (i + 1 < word->n_places) tell_page_text(&page, ",");
		page.wants_space = true;
	}
	tell_page_end(&page);
}

static void show_fields(const tell_screen *screen, const aplomb_word *word) {
	int width = 10;
	for (size_t i = 0; i < word->n_fields; i++)
		if ((int)strlen(word->fields[i].name) > width) width = (int)strlen(word->fields[i].name);
	tell_print(screen, "\n");
	tell_print_styled(screen, TELL_STRONG, "Fields");
	tell_print(screen, "\n");
	for (size_t i = 0; i < word->n_fields; i++) {
		const aplomb_word_field *field = &word->fields[i];
		char takes[160];
		tell_print_styled(screen, TELL_STRONG, "  %-*s", width, field->name);
		tell_print(screen, "  ");
		wrapped(screen, width + 4, field->sentence);
		tell_print(screen, "%*s", width + 4, "");
		tell_style_set(screen, TELL_FAINT);
		tell_page page = {screen, width + 4, width + 4, false};
		tell_page_text(&page, cli_takes(field->takes, takes, sizeof takes));
		if (field->is_required) tell_page_text(&page, "; it must be given");
		tell_page_end(&page);
		tell_style_set(screen, TELL_PLAIN);
	}
}

/* Tabs as two spaces: examples are narrow. */
static void show_example(const tell_screen *screen, const char *text, size_t size) {
	tell_print(screen, "\n");
	tell_print_styled(screen, TELL_STRONG, "Example");
	tell_print(screen, "\n  ");
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '\t')
			tell_print(screen, "  ");
		else
			tell_print(screen, "%c", text[i]);
		if (text[i] == '\n' && i + 1 < size) tell_print(screen, "  ");
	}
}

void cli_word_help(const tell_screen *screen, const aplomb_word *word) {
	tell_style_set(screen, TELL_STRONG);
	wrapped(screen, 4, word->form); /* further lines are indented, the first is not */
	tell_style_set(screen, TELL_PLAIN);
	tell_print(screen, "  ");
	wrapped(screen, 2,
	    word->kind == APLOMB_WORD_LIBRARY
	        ? "A function; which are Lua's own, and what is special about them here, stands in docs/language.md."
	        : word->sentence);
	if (word->kind == APLOMB_WORD_LIBRARY || word->kind == APLOMB_WORD_CASE) return;
	tell_print(screen, "\n");
	if (word->module != NULL) fact(screen, "of module", word->module);
	stands_in(screen, word);
	if (word->scxml[0] != '\0') fact(screen, "in SCXML", word->scxml);
	if (strcmp(word->items, "children") == 0) fact(screen, "in its list", "the words that stand in it");
	if (strcmp(word->items, "candidates") == 0) fact(screen, "in its list", "tables with the same fields, tried in order");
	if (strcmp(word->items, "texts") == 0) fact(screen, "in its list", "texts");
	if (word->kind == APLOMB_WORD_MODULE && word->items[0] != '\0') {
		char items[160];
		fact(screen, "in its list", cli_takes(word->items, items, sizeof items));
	}
	if (word->has_members) fact(screen, "members", "name = type, as many as there are");
	if (word->n_fields > 0) show_fields(screen, word);
	if (word->example != NULL) show_example(screen, word->example, word->example_size);
}

void cli_words_list_until(const tell_screen *screen, const cli_dictionary *dictionary, aplomb_word_kind last) {
	static const char *const titles[] = {[APLOMB_WORD_CHART] = "Of the chart",
	    [APLOMB_WORD_DECLARATION] = "Declarations",
	    [APLOMB_WORD_TYPE] = "Types",
	    [APLOMB_WORD_VALUE] = "Values",
	    [APLOMB_WORD_MODULE] = "Of modules",
	    [APLOMB_WORD_CASE] = "What a function sees",
	    [APLOMB_WORD_LIBRARY] = "Functions"};
	for (size_t i = 0; i < dictionary->count && dictionary->words[i].kind <= last;) {
		aplomb_word_kind kind = dictionary->words[i].kind;
		tell_print_styled(screen, TELL_STRONG, "  %s", titles[kind]);
		tell_print(screen, "\n    ");
		tell_page page = {screen, 4, 4, false};
		for (; i < dictionary->count && dictionary->words[i].kind == kind; i++) {
			tell_page_text(&page, dictionary->words[i].name);
			page.wants_space = true;
		}
		tell_page_end(&page);
	}
}

void cli_words_list(const tell_screen *screen, const cli_dictionary *dictionary) {
	cli_words_list_until(screen, dictionary, APLOMB_WORD_LIBRARY);
}
