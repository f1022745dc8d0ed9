/* SPDX-License-Identifier: MIT */
#ifndef CLI_DICTIONARY_H
#define CLI_DICTIONARY_H

/*
 * The words of the language, kept: the library lends each only while it tells
 * it, and what shows them goes through them more than once.
 */
#include "cli/cli.h"

typedef struct cli_dictionary {
	aplomb_word *words; /* in the library's order: kind by kind */
	size_t count, capacity;
	void *blocks; /* what the words point to */
} cli_dictionary;

/* With a path, the words of that playbook's modules are among them. CLI_OK, or a status after it was told why not. */
int cli_dictionary_open(cli_dictionary *dictionary, const cli_screens *cli, const char *path, const cli_texts *roots);
void cli_dictionary_close(cli_dictionary *dictionary);
/* NULL: there is no such word. */
const aplomb_word *cli_dictionary_find(const cli_dictionary *dictionary, const char *name);
/* words_list.c: the list of all of them, or of the kinds up to [last]. */
void cli_words_list_until(const tell_screen *screen, const cli_dictionary *dictionary, aplomb_word_kind last);
void cli_words_list(const tell_screen *screen, const cli_dictionary *dictionary);

/* words_page.c, words_stubs.c: what is generated for docs/words.md, lua-language-server and luacheck. */
void cli_words_page(const tell_screen *screen, const cli_dictionary *dictionary);
void cli_words_stubs(const tell_screen *screen, const cli_dictionary *dictionary);
/* Of a module's words; false: there is none of that name. */
bool cli_words_module_stubs(const tell_screen *screen, const cli_dictionary *dictionary, const char *module);
void cli_words_luacheckrc(const tell_screen *screen, const cli_dictionary *dictionary);

#endif
