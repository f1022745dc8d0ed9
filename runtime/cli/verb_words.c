/* SPDX-License-Identifier: MIT */
/* Decides how `aplomb words` shows the language: for people, for programs, for editors. */
#include "cli/cli.h"
#include "cli/dictionary.h"
#include "tell/tell.h"

typedef struct words_options {
	int as;
	const char *module;
	cli_texts roots;
} words_options;

enum { AS_LIST, AS_JSON, AS_PAGE, AS_STUBS, AS_LUACHECKRC };

static const cli_option OPTIONS[] = {
    {"as", 0, CLI_CHOICE, CLI_OFFSET(words_options, as), "list|json|page|stubs|luacheckrc",
        "a list of names; all that is known of each as JSON; the page docs/words.md; annotations for lua-language-server; a .luacheckrc",
        "list json page stubs luacheckrc"},
    {"module", 0, CLI_TEXT, CLI_OFFSET(words_options, module), "NAME", "with --as stubs: those of this module's words, aplomb.talk say",
        NULL},
    {"root", 0, CLI_TEXTS, CLI_OFFSET(words_options, roots), "DIR", "look for the playbook's modules there too, after its own folder",
        NULL},
};

static void member(const tell_screen *screen, const char *name, const char *text) {
	tell_print(screen, ",\"%s\":", name);
	tell_json_text(screen, text);
}

static void word_as_json(const tell_screen *screen, const aplomb_word *word) {
	static const char *const kinds[] = {[APLOMB_WORD_CHART] = "chart",
	    [APLOMB_WORD_DECLARATION] = "declaration",
	    [APLOMB_WORD_TYPE] = "type",
	    [APLOMB_WORD_VALUE] = "value",
	    [APLOMB_WORD_MODULE] = "module",
	    [APLOMB_WORD_CASE] = "case",
	    [APLOMB_WORD_LIBRARY] = "library"};
	tell_print(screen, "{\"name\":");
	tell_json_text(screen, word->name);
	member(screen, "kind", kinds[word->kind]);
	if (word->module != NULL) member(screen, "module", word->module);
	member(screen, "form", word->form);
	member(screen, "sentence", word->sentence);
	member(screen, "scxml", word->scxml);
	member(screen, "shape", word->shape);
	member(screen, "named_by", word->named_by);
	member(screen, "items", word->items);
	tell_print(screen, ",\"has_members\":%s,\"has_example\":%s,\"places\":[", word->has_members ? "true" : "false",
	    word->example != NULL ? "true" : "false");
	for (size_t i = 0; i < word->n_places; i++) {
		tell_print(screen, "%s", i > 0 ? "," : "");
		tell_json_text(screen, word->places[i]);
	}
	tell_print(screen, "],\"fields\":[");
	for (size_t i = 0; i < word->n_fields; i++) {
		tell_print(screen, "%s{\"name\":", i > 0 ? "," : "");
		tell_json_text(screen, word->fields[i].name);
		member(screen, "takes", word->fields[i].takes);
		tell_print(screen, ",\"required\":%s", word->fields[i].is_required ? "true" : "false");
		member(screen, "sentence", word->fields[i].sentence);
		tell_print(screen, "}");
	}
	tell_print(screen, "]}");
}

static void as_json(const tell_screen *screen, const cli_dictionary *dictionary) {
	tell_print(screen, "[");
	for (size_t i = 0; i < dictionary->count; i++) {
		tell_print(screen, i > 0 ? ",\n" : "\n");
		word_as_json(screen, &dictionary->words[i]);
	}
	tell_print(screen, "\n]\n");
}

static int show(const cli_screens *cli, const words_options *options, const cli_dictionary *dictionary) {
	static void (*const shows[])(const tell_screen *, const cli_dictionary *) = {[AS_LIST] = cli_words_list,
	    [AS_JSON] = as_json,
	    [AS_PAGE] = cli_words_page,
	    [AS_STUBS] = cli_words_stubs,
	    [AS_LUACHECKRC] = cli_words_luacheckrc};
	if (options->module == NULL) {
		shows[options->as](&cli->out, dictionary);
		return CLI_OK;
	}
	if (cli_words_module_stubs(&cli->out, dictionary, options->module)) return CLI_OK;
	cli_complain(cli, &cli_words, "no module \"%.80s\" defines words; `aplomb words --as json` lists those that do", options->module);
	return CLI_USAGE;
}

static int run(const cli_screens *cli, char **arguments, int count) {
	words_options options = {0};
	cli_dictionary dictionary;
	if (!cli_take(cli, &cli_words, &options, arguments, &count)) return CLI_USAGE;
	if (options.module != NULL && options.as != AS_STUBS) {
		cli_complain(cli, &cli_words, "--module is for stubs: give --as stubs as well");
		return CLI_USAGE;
	}
	int status = cli_dictionary_open(&dictionary, cli, count > 0 ? arguments[0] : NULL, &options.roots);
	if (status == CLI_OK) status = show(cli, &options, &dictionary);
	cli_dictionary_close(&dictionary);
	return status;
}

const cli_verb cli_words = {
    .name = "words",
    .operands = "[PLAYBOOK]",
    .sentence = "list the words of the language, for people, programs and editors",
    .about =
        "Every word that a playbook may use, from the register that the loader checks against. `aplomb help WORD` says more about one. "
        "With a playbook, the words that its own modules define are among them.",
    .examples = "aplomb words\naplomb words --as stubs >aplomb.lua\naplomb words --as luacheckrc >.luacheckrc\naplomb words playbook.lua",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .least = 0,
    .most = 1,
    .run = run,
};
