/* SPDX-License-Identifier: MIT */
/* Decides what help says: the list of verbs and words, a verb's page, the statuses; whose page a name asks for. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/dictionary.h"
#include "tell/tell.h"

static void paragraph(const tell_screen *screen, const char *text) {
	tell_page page = {screen, 0, 0, false};
	tell_page_text(&page, text);
	tell_page_end(&page);
}

static void heading(const tell_screen *screen, const char *text) {
	tell_print(screen, "\n");
	tell_print_styled(screen, TELL_STRONG, "%s", text);
	tell_print(screen, "\n");
}

static void command_lines(const tell_screen *screen, const char *lines) {
	while (*lines != '\0') {
		size_t length = strcspn(lines, "\n");
		tell_print(screen, "  %.*s\n", (int)length, lines);
		lines += length + (lines[length] == '\n');
	}
}

void cli_verb_help(const tell_screen *screen, const cli_verb *verb) {
	tell_print_styled(screen, TELL_STRONG, "aplomb %s", verb->name);
	tell_print(screen, "%s %s\n\n", verb->n_options > 0 ? " [OPTION]…" : "", verb->operands);
	paragraph(screen, verb->about);
	if (verb->acts != NULL) {
		heading(screen, "What it does");
		for (size_t i = 0; verb->acts[i] != NULL; i++) {
			const cli_verb *act = verb->acts[i];
			tell_print_styled(screen, TELL_STRONG, "  %-9s", act->name + strlen(verb->name) + 1);
			tell_page page = {screen, 11, 11, false};
			tell_page_text(&page, act->sentence);
			tell_page_end(&page);
		}
		tell_print(screen, "\n`aplomb help %s ACT` tells of each, with its options.\n", verb->name);
	}
	if (verb->n_options > 0) {
		heading(screen, "Options");
		cli_options_help(verb->options, verb->n_options, screen);
	}
	if (verb->examples != NULL) {
		heading(screen, "Examples");
		command_lines(screen, verb->examples);
	}
	tell_print(screen, "\n--color and --help are understood by every verb; `aplomb help status` lists how\nthe command may end.\n");
}

static void statuses(const tell_screen *screen) {
	static const struct {
		int number;
		const char *sentence;
	} table[] = {
#define ROW(name, number, sentence) {number, sentence},
	    CLI_STATUSES(ROW)
#undef ROW
	};
	tell_print_styled(screen, TELL_STRONG, "How the command ends");
	tell_print(screen, "\n");
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		tell_print(screen, "  %2d  ", table[i].number);
		tell_page page = {screen, 6, 6, false};
		tell_page_text(&page, table[i].sentence);
		tell_page_end(&page);
	}
}

static void overview(const tell_screen *screen, const cli_dictionary *dictionary) {
	tell_print_styled(screen, TELL_STRONG, "aplomb");
	tell_print(screen, " %s: playbooks for hard conversations\n", aplomb_version());
	heading(screen, "Verbs");
	for (size_t i = 0; cli_verbs[i] != NULL; i++) {
		tell_print_styled(screen, TELL_STRONG, "  %-10s", cli_verbs[i]->name);
		tell_print(screen, "%s\n", cli_verbs[i]->sentence);
	}
	tell_print_styled(screen, TELL_STRONG, "  %-10s", "help");
	tell_print(screen, "help VERB, help WORD, help SLUG say more about a verb, a word of the\n"
	                   "            language, a finding; help status lists how the command may end\n");
	heading(screen, "Words of the language");
	cli_words_list_until(screen, dictionary, APLOMB_WORD_CASE);
	heading(screen, "Options of every verb");
	tell_print_styled(screen, TELL_STRONG, "  --color auto|always|never");
	tell_print(screen, "\n            auto: on a terminal, unless NO_COLOR is set\n");
	tell_print_styled(screen, TELL_STRONG, "  --help, -h");
	tell_print(screen, "  this, or the verb's page\n");
	tell_print_styled(screen, TELL_STRONG, "  --version");
	tell_print(screen, "   which version this is\n");
	heading(screen, "Begin with");
	command_lines(screen, "aplomb check examples/conversations/upset_customer.lua\n"
	                      "aplomb run examples/conversations/upset_customer.lua \\\n"
	                      "  --events examples/conversations/late_parcel.jsonl --transcript --drain");
}

/* The name that was meant: a verb's, a word's, or "status". */
static const char *nearest_name(const cli_dictionary *dictionary, const char *name) {
	size_t count = 0;
	while (cli_verbs[count] != NULL) count++;
	const char **names = tell_need((count + dictionary->count + 1) * sizeof *names);
	for (size_t i = 0; i < count; i++) names[i] = cli_verbs[i]->name;
	for (size_t i = 0; i < dictionary->count; i++) names[count++] = dictionary->words[i].name;
	names[count++] = "status";
	const char *nearest = aplomb_nearest(name, names, count);
	free(names);
	return nearest;
}

static int help_with_name(const cli_screens *cli, const cli_dictionary *dictionary, char *name) {
	size_t size;
	const aplomb_word *word = cli_dictionary_find(dictionary, name);
	if (word != NULL) {
		tell_word(&cli->out, word);
		return CLI_OK;
	}
	if (aplomb_explain(name, &size) != NULL) return cli_explain.run(cli, &name, 1);
	const char *nearest = nearest_name(dictionary, name);
	tell_print(&cli->err, "aplomb help: there is no verb, word or slug \"%.60s\"%s%s%s\n", name, nearest != NULL ? "; did you mean \"" : "",
	    nearest != NULL ? nearest : "", nearest != NULL ? "\"?" : "; `aplomb help` lists what there is");
	return CLI_USAGE;
}

static const cli_verb *find_verb(const char *name) {
	for (size_t i = 0; cli_verbs[i] != NULL; i++) {
		if (strcmp(cli_verbs[i]->name, name) == 0) return cli_verbs[i];
	}
	return NULL;
}

/* A verb that is called like a word leaves it its name here: the verb's page is what --help shows, too. */
static bool is_word_too(const cli_screens *cli, const cli_verb *verb) {
	cli_dictionary dictionary;
	if (cli_dictionary_open(&dictionary, cli, NULL, NULL) != CLI_OK) return false;
	bool is_word = cli_dictionary_find(&dictionary, verb->name) != NULL;
	cli_dictionary_close(&dictionary);
	return is_word;
}

int cli_help(const cli_screens *cli, char **arguments, int count) {
	const cli_verb *verb = count > 0 ? find_verb(arguments[0]) : NULL;
	const cli_verb *act = verb != NULL && count > 1 ? cli_find_act(verb, arguments[1]) : NULL;
	if (act != NULL) {
		cli_verb_help(&cli->out, act);
		return CLI_OK;
	}
	if (verb != NULL && !is_word_too(cli, verb)) {
		cli_verb_help(&cli->out, verb);
		return CLI_OK;
	}
	if (verb != NULL) tell_print(&cli->out, "Of the verb tells `aplomb %s --help`; this is the word of the language.\n\n", verb->name);
	if (count > 0 && strcmp(arguments[0], "status") == 0) {
		statuses(&cli->out);
		return CLI_OK;
	}
	cli_dictionary dictionary;
	int status = cli_dictionary_open(&dictionary, cli, NULL, NULL);
	if (status != CLI_OK) return status;
	if (count == 0)
		overview(&cli->out, &dictionary);
	else
		status = help_with_name(cli, &dictionary, arguments[0]);
	cli_dictionary_close(&dictionary);
	return status;
}
