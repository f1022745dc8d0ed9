/* SPDX-License-Identifier: MIT */
/* Decides how `aplomb words` shows the language: for people, for programs, for editors. */
#include "cli/cli.h"
#include "cli/dictionary.h"

typedef struct words_options {
	int as;
} words_options;

enum { AS_LIST, AS_JSON, AS_PAGE, AS_STUBS, AS_LUACHECKRC };

static const cli_option OPTIONS[] = {
    {"as", 0, CLI_CHOICE, CLI_OFFSET(words_options, as), "list|json|page|stubs|luacheckrc",
        "a list of names; all that is known of each as JSON; the page docs/words.md; annotations for lua-language-server; a .luacheckrc",
        "list json page stubs luacheckrc"},
};

static void member(const cli_screen *screen, const char *name, const char *text) {
	cli_print(screen, ",\"%s\":", name);
	cli_json_text(screen, text);
}

static void word_as_json(const cli_screen *screen, const aplomb_word *word) {
	static const char *const kinds[] = {[APLOMB_WORD_CHART] = "chart",
	    [APLOMB_WORD_DECLARATION] = "declaration",
	    [APLOMB_WORD_TYPE] = "type",
	    [APLOMB_WORD_VALUE] = "value",
	    [APLOMB_WORD_CASE] = "case",
	    [APLOMB_WORD_LIBRARY] = "library"};
	cli_print(screen, "{\"name\":");
	cli_json_text(screen, word->name);
	member(screen, "kind", kinds[word->kind]);
	member(screen, "form", word->form);
	member(screen, "sentence", word->sentence);
	member(screen, "scxml", word->scxml);
	member(screen, "shape", word->shape);
	member(screen, "named_by", word->named_by);
	member(screen, "items", word->items);
	cli_print(screen, ",\"has_members\":%s,\"has_example\":%s,\"places\":[", word->has_members ? "true" : "false",
	    word->example != NULL ? "true" : "false");
	for (size_t i = 0; i < word->n_places; i++) {
		cli_print(screen, "%s", i > 0 ? "," : "");
		cli_json_text(screen, word->places[i]);
	}
	cli_print(screen, "],\"fields\":[");
	for (size_t i = 0; i < word->n_fields; i++) {
		cli_print(screen, "%s{\"name\":", i > 0 ? "," : "");
		cli_json_text(screen, word->fields[i].name);
		member(screen, "takes", word->fields[i].takes);
		cli_print(screen, ",\"required\":%s", word->fields[i].is_required ? "true" : "false");
		member(screen, "sentence", word->fields[i].sentence);
		cli_print(screen, "}");
	}
	cli_print(screen, "]}");
}

static void as_json(const cli_screen *screen, const cli_dictionary *dictionary) {
	cli_print(screen, "[");
	for (size_t i = 0; i < dictionary->count; i++) {
		cli_print(screen, i > 0 ? ",\n" : "\n");
		word_as_json(screen, &dictionary->words[i]);
	}
	cli_print(screen, "\n]\n");
}

static int run(const cli_screens *cli, char **arguments, int count) {
	words_options options = {0};
	cli_dictionary dictionary;
	if (!cli_take(cli, &cli_words, &options, arguments, &count)) return CLI_USAGE;
	if (!cli_dictionary_open(&dictionary, cli)) return CLI_INTERNAL;
	static void (*const shows[])(const cli_screen *, const cli_dictionary *) = {[AS_LIST] = cli_words_list,
	    [AS_JSON] = as_json,
	    [AS_PAGE] = cli_words_page,
	    [AS_STUBS] = cli_words_stubs,
	    [AS_LUACHECKRC] = cli_words_luacheckrc};
	shows[options.as](&cli->out, &dictionary);
	cli_dictionary_close(&dictionary);
	return CLI_OK;
}

const cli_verb cli_words = {
    .name = "words",
    .operands = "",
    .sentence = "list the words of the language, for people, programs and editors",
    .about =
        "Every word that a playbook may use, from the register that the loader checks against. `aplomb help WORD` says more about one.",
    .examples = "aplomb words\naplomb words --as stubs >aplomb.lua\naplomb words --as luacheckrc >.luacheckrc",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .least = 0,
    .most = 0,
    .run = run,
};
