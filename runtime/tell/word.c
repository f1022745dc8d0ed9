/* SPDX-License-Identifier: MIT */
/* Decides what help says of a word, and what it takes is called for people. What a word is, the library says. */
#include "tell/word.h"

#include <string.h>

/* ---- what a field takes ------------------------------------------------------ */

const char *tell_next_name(const char **list, size_t *size) {
	const char *name = *list + strspn(*list, " ");
	*size = strcspn(name, " ");
	*list = name + *size;
	return *size > 0 ? name : NULL;
}

static const char *phrase_of(const char *name, size_t size) {
	static const struct {
		const char *name;
		const char *phrase;
	} phrases[] = {{"text", "text"}, {"texts", "a list of texts"}, {"boolean", "true or false"}, {"number", "a number"},
	    {"function", "a function"}, {"actions", "a list of such"}, {"types", "name = type, \xe2\x80\xa6"}, {"type", "a type"},
	    {"start", "{ to = \xe2\x80\xa6, act = \xe2\x80\xa6 }"}, {"table", "a table"}, {"from", "from \"params.x\""},
	    {"outcomes", "{ final = \"target\", \xe2\x80\xa6 }"}, {"modules", "a list of modules"},
	    {"kinds", "name = { \"kind\", \xe2\x80\xa6 }, \xe2\x80\xa6"}, {"span", "a span"}, {"guard", "a guard"}, {"action", "an action"},
	    {"rota_id", "the name of a rota"}, {"calendar_id", "the name of a calendar"}, {"steps", "a list of tables"},
	    {"warnings", "a list of fractions and spans"}, {"any", "anything"}};
	for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
		if (strlen(phrases[i].name) == size && memcmp(phrases[i].name, name, size) == 0) return phrases[i].phrase;
	return NULL;
}

const char *tell_takes(const char *takes, char *out, size_t size) {
	size_t used = 0, length;
	out[0] = '\0';
	for (const char *left = takes, *name; (name = tell_next_name(&left, &length)) != NULL && used < size;) {
		const char *separator = used == 0 ? "" : left[strspn(left, " ")] == '\0' ? " or " : ", ";
		const char *phrase = phrase_of(name, length);
		/* What a newer library takes is better called by its own name than not at all. */
		used += (size_t)(phrase != NULL ? snprintf(out + used, size - used, "%s%s", separator, phrase)
		                                : snprintf(out + used, size - used, "%s%.*s", separator, (int)length, name));
	}
	return out;
}

/* ---- a word -------------------------------------------------------------------- */

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
		tell_page_text(&page, tell_takes(field->takes, takes, sizeof takes));
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

void tell_word(const tell_screen *screen, const aplomb_word *word) {
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
		fact(screen, "in its list", tell_takes(word->items, items, sizeof items));
	}
	if (word->has_members) fact(screen, "members", "name = type, as many as there are");
	if (word->n_fields > 0) show_fields(screen, word);
	if (word->example != NULL) show_example(screen, word->example, word->example_size);
}
