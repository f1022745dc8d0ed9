/* SPDX-License-Identifier: MIT */
/*
 * Decides which verb runs, and that nothing which was to be printed gets lost
 * without a word. What verbs do is decided by them.
 */
#include <signal.h>
#include <string.h>

#include "cli/cli.h"

const cli_verb *const cli_verbs[] = {&cli_check, &cli_test, &cli_run, &cli_repl, &cli_params, &cli_calendar, &cli_who, &cli_journal,
    &cli_replay, &cli_case, &cli_store, &cli_why, &cli_draw, &cli_import, &cli_export, &cli_explain, &cli_words, NULL};

/* What every verb understands, wherever on the line it stands. */
typedef struct common_options {
	int colour;
	bool help;
	bool version;
} common_options;

static const char *const COLOURS[] = {"auto", "always", "never"};

static bool take_colour(const char *text, int *out) {
	for (int i = 0; i < 3; i++)
		if (strcmp(text, COLOURS[i]) == 0) {
			*out = i;
			return true;
		}
	fprintf(stderr, "aplomb: --color is one of: auto always never; \"%.60s\" was given\n", text);
	return false;
}

/* Takes them out; what is left is for the verb, which knows its own. false: a mistake was told. */
static bool take_common(common_options *options, char **arguments, int *count) {
	int kept = 0;
	bool is_over = false;
	for (int i = 0; i < *count; i++) {
		const char *argument = arguments[i];
		is_over = is_over || strcmp(argument, "--") == 0;
		if (!is_over && (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0)) {
			options->help = true;
		} else if (!is_over && strcmp(argument, "--version") == 0) {
			options->version = true;
		} else if (!is_over && strncmp(argument, "--color=", 8) == 0) {
			if (!take_colour(argument + 8, &options->colour)) return false;
		} else if (!is_over && strcmp(argument, "--color") == 0) {
			if (!take_colour(i + 1 < *count ? arguments[++i] : "nothing", &options->colour)) return false;
		} else {
			arguments[kept++] = arguments[i];
		}
	}
	*count = kept;
	return true;
}

static const cli_verb *find_verb(const char *name) {
	for (size_t i = 0; cli_verbs[i] != NULL; i++)
		if (strcmp(cli_verbs[i]->name, name) == 0) return cli_verbs[i];
	return NULL;
}

static int unknown_verb(const cli_screens *cli, const char *name) {
	char names[256] = "help", hint[96];
	for (size_t i = 0; cli_verbs[i] != NULL; i++) {
		size_t used = strlen(names);
		snprintf(names + used, sizeof names - used, " %s", cli_verbs[i]->name);
	}
	tell_print(&cli->err, "aplomb: there is no verb \"%.60s\"%s\n`aplomb help` lists the verbs there are\n", name,
	    cli_hint(name, names, "", hint, sizeof hint));
	return CLI_USAGE;
}

static int dispatch(const cli_screens *cli, const common_options *options, char **arguments, int count) {
	if (options->version) {
		tell_print(&cli->out, "aplomb %s\n", aplomb_version());
		return CLI_OK;
	}
	if (count == 0) {
		if (options->help) return cli_help(cli, arguments, 0);
		tell_print(&cli->err, "aplomb: what is to be done? `aplomb help` lists the verbs there are\n");
		return CLI_USAGE;
	}
	if (strcmp(arguments[0], "help") == 0) return cli_help(cli, arguments + 1, count - 1);
	if (arguments[0][0] == '-') {
		tell_print(&cli->err, "aplomb: \"%.60s\" stands where a verb belongs; `aplomb help` lists the verbs there are\n", arguments[0]);
		return CLI_USAGE;
	}
	const cli_verb *verb = find_verb(arguments[0]);
	if (verb == NULL) return unknown_verb(cli, arguments[0]);
	if (!options->help) return cli_run_verb(cli, verb, arguments + 1, count - 1);
	const cli_verb *act = count > 1 ? cli_find_act(verb, arguments[1]) : NULL;
	cli_verb_help(&cli->out, act != NULL ? act : verb);
	return CLI_OK;
}

int main(int count, char **arguments) {
	/* A reader that went away is told by the write that failed, with a status, and not by a silent death. */
	signal(SIGPIPE, SIG_IGN);
	common_options options = {0};
	count--;
	if (count < 0 || !take_common(&options, arguments + 1, &count)) return CLI_USAGE;
	cli_screens cli = {
	    tell_screen_of(stdout, (tell_colour_choice)options.colour), tell_screen_of(stderr, (tell_colour_choice)options.colour)};
	int status = dispatch(&cli, &options, arguments + 1, count);
	if (!tell_screen_flush(&cli.out, &cli.err, "standard output")) return CLI_IO;
	return status;
}
