/* SPDX-License-Identifier: MIT */
/* Decides how all words are listed. */
#include "cli/dictionary.h"

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
