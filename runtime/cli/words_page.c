/* SPDX-License-Identifier: MIT */
/*
 * Decides the shape of docs/words.md: the register as a page. The examples in it
 * are the page's own, and come back out of the library as they went in.
 */
#include <string.h>

#include "cli/dictionary.h"

/* A bar would end a table's cell. */
static void cell(const tell_screen *screen, const char *text) {
	for (; *text != '\0'; text++) tell_print(screen, *text == '|' ? "\\|" : "%c", *text);
}

static void list_names(const tell_screen *screen, const char *const *names, size_t count) {
	for (size_t i = 0; i < count; i++) tell_print(screen, "%s`%s`", i == 0 ? "" : i + 1 == count ? " and " : ", ", names[i]);
}

static void facts(const tell_screen *screen, const aplomb_word *word) {
	tell_print(screen, "`%s`: %s", word->form, word->sentence);
	if (word->module != NULL) tell_print(screen, " Of the module `%s`.", word->module);
	if (word->n_places > 0) {
		tell_print(screen, " It stands in ");
		list_names(screen, word->places, word->n_places);
		tell_print(screen, ".");
	}
	if (strcmp(word->items, "children") == 0) tell_print(screen, " Words stand in its list.");
	if (strcmp(word->items, "candidates") == 0) tell_print(screen, " In its list may stand tables with the same fields, tried in order.");
	if (strcmp(word->items, "texts") == 0) tell_print(screen, " Texts stand in its list.");
	if (word->kind == APLOMB_WORD_MODULE && word->items[0] != '\0') {
		char items[160];
		tell_print(screen, " In its list stands %s.", tell_takes(word->items, items, sizeof items));
	}
	if (word->has_members) tell_print(screen, " Every other field is a member: its name and a type.");
	if (word->scxml[0] != '\0') tell_print(screen, " In SCXML: `%s`.", word->scxml);
	tell_print(screen, "\n\n");
}

static void show_fields(const tell_screen *screen, const aplomb_word *word) {
	if (word->n_fields == 0) return;
	tell_print(screen, "| field | takes | |\n|---|---|---|\n");
	for (size_t i = 0; i < word->n_fields; i++) {
		const aplomb_word_field *field = &word->fields[i];
		char takes[160];
		tell_print(screen, "| `%s` | ", field->name);
		cell(screen, tell_takes(field->takes, takes, sizeof takes));
		tell_print(screen, "%s | ", field->is_required ? "; it must be given" : "");
		cell(screen, field->sentence);
		tell_print(screen, " |\n");
	}
	tell_print(screen, "\n");
}

void cli_words_page(const tell_screen *screen, const cli_dictionary *dictionary) {
	tell_print(screen,
	    "# Words\n\n"
	    "Every word of the language, from the register that the loader checks against. `aplomb help WORD` shows the same. This page is\n"
	    "generated but for its examples ([contributing.md](contributing.md) says how); how it all fits together stands in\n"
	    "[language.md](language.md).\n");
	size_t i = 0;
	for (; i < dictionary->count && dictionary->words[i].kind < APLOMB_WORD_CASE; i++) {
		const aplomb_word *word = &dictionary->words[i];
		tell_print(screen, "\n## %s\n\n", word->name);
		facts(screen, word);
		show_fields(screen, word);
		if (word->example != NULL)
			tell_print(screen, "```lua playbook\n%.*s```\n", (int)word->example_size, word->example);
		else
			tell_print(screen, "No example yet.\n");
	}
	tell_print(screen, "\n## What a function sees\n\n| | |\n|---|---|\n");
	for (; i < dictionary->count && dictionary->words[i].kind == APLOMB_WORD_CASE; i++) {
		tell_print(screen, "| `");
		cell(screen, dictionary->words[i].form);
		tell_print(screen, "` | ");
		cell(screen, dictionary->words[i].sentence);
		tell_print(screen, " |\n");
	}
	tell_print(screen, "\n## Functions\n\n");
	for (size_t first = i; i < dictionary->count; i++) tell_print(screen, "%s`%s`", i == first ? "" : ",\n", dictionary->words[i].name);
	tell_print(screen, ".\n");
}
