/* SPDX-License-Identifier: MIT */
/* Decides what help says: the list of verbs, a verb's page, the statuses. */
#include <string.h>

#include "cli/cli.h"

static void paragraph(const cli_screen *screen, const char *text) {
	cli_page page = {screen, 0, 0, false};
	cli_page_text(&page, text);
	cli_page_end(&page);
}

static void heading(const cli_screen *screen, const char *text) {
	cli_print(screen, "\n");
	cli_print_styled(screen, CLI_STRONG, "%s", text);
	cli_print(screen, "\n");
}

static void command_lines(const cli_screen *screen, const char *lines) {
	while (*lines != '\0') {
		size_t length = strcspn(lines, "\n");
		cli_print(screen, "  %.*s\n", (int)length, lines);
		lines += length + (lines[length] == '\n');
	}
}

void cli_verb_help(const cli_screen *screen, const cli_verb *verb) {
	cli_print_styled(screen, CLI_STRONG, "aplomb %s", verb->name);
	cli_print(screen, "%s %s\n\n", verb->n_options > 0 ? " [OPTION]…" : "", verb->operands);
	paragraph(screen, verb->about);
	if (verb->n_options > 0) {
		heading(screen, "Options");
		cli_options_help(verb->options, verb->n_options, screen);
	}
	if (verb->examples != NULL) {
		heading(screen, "Examples");
		command_lines(screen, verb->examples);
	}
	cli_print(screen, "\n--color and --help are understood by every verb; `aplomb help status` lists how\nthe command may end.\n");
}

static void statuses(const cli_screen *screen) {
	static const struct {
		int number;
		const char *sentence;
	} table[] = {
#define ROW(name, number, sentence) {number, sentence},
	    CLI_STATUSES(ROW)
#undef ROW
	};
	cli_print_styled(screen, CLI_STRONG, "How the command ends");
	cli_print(screen, "\n");
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		cli_print(screen, "  %2d  ", table[i].number);
		cli_page page = {screen, 6, 6, false};
		cli_page_text(&page, table[i].sentence);
		cli_page_end(&page);
	}
}

static void overview(const cli_screen *screen) {
	cli_print_styled(screen, CLI_STRONG, "aplomb");
	cli_print(screen, " %s: playbooks for hard conversations\n", aplomb_version());
	heading(screen, "Verbs");
	for (size_t i = 0; cli_verbs[i] != NULL; i++) {
		cli_print_styled(screen, CLI_STRONG, "  %-10s", cli_verbs[i]->name);
		cli_print(screen, "%s\n", cli_verbs[i]->sentence);
	}
	cli_print_styled(screen, CLI_STRONG, "  %-10s", "help");
	cli_print(screen, "help VERB says more about a verb; help status lists how the\n            command may end\n");
	heading(screen, "Options of every verb");
	cli_print_styled(screen, CLI_STRONG, "  --color auto|always|never");
	cli_print(screen, "\n            auto: on a terminal, unless NO_COLOR is set\n");
	cli_print_styled(screen, CLI_STRONG, "  --help, -h");
	cli_print(screen, "  this, or the verb's page\n");
	cli_print_styled(screen, CLI_STRONG, "  --version");
	cli_print(screen, "   which version this is\n");
	heading(screen, "Begin with");
	command_lines(screen, "aplomb check examples/conversations/upset_customer.lua\n"
	                      "aplomb run examples/conversations/upset_customer.lua \\\n"
	                      "  --events examples/conversations/late_parcel.jsonl --transcript --drain");
}

int cli_help(const cli_screens *cli, char **arguments, int count) {
	if (count == 0) {
		overview(&cli->out);
		return CLI_OK;
	}
	if (strcmp(arguments[0], "status") == 0) {
		statuses(&cli->out);
		return CLI_OK;
	}
	char names[256] = "status";
	for (size_t i = 0; cli_verbs[i] != NULL; i++) {
		if (strcmp(cli_verbs[i]->name, arguments[0]) == 0) {
			cli_verb_help(&cli->out, cli_verbs[i]);
			return CLI_OK;
		}
		size_t used = strlen(names);
		snprintf(names + used, sizeof names - used, " %s", cli_verbs[i]->name);
	}
	char hint[96];
	cli_print(&cli->err, "aplomb help: there is no verb \"%.60s\"%s\n", arguments[0], cli_hint(arguments[0], names, "", hint, sizeof hint));
	return CLI_USAGE;
}
