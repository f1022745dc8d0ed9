/* SPDX-License-Identifier: MIT */
/*
 * Decides how `aplomb export` is asked for the SCXML document that a playbook becomes, and where it goes. What becomes of
 * the playbook is decided by the library.
 */
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/settings.h"
#include "tell/tell.h"

typedef struct export_options {
	const char *to;
	bool overwrite;
	cli_texts roots;
	cli_settings settings;
} export_options;

#define OFFSET(member) CLI_OFFSET(export_options, member)
static const cli_option OPTIONS[] = {
    {"output", 'o', CLI_TEXT, OFFSET(to), "FILE", "write the document there, and not to standard output", NULL},
    {"overwrite", 0, CLI_FLAG, OFFSET(overwrite), NULL, "that file may hold something already, and loses it", NULL},
    {"root", 0, CLI_TEXTS, OFFSET(roots), "DIR", "look for modules there too, after the playbook's own folder", NULL},
    CLI_SETTINGS_OPTIONS(export_options, settings),
};

static void tell_finding(const aplomb_finding *finding, void *payload) {
	const cli_screens *cli = payload;
	cli_tell_finding(&cli->err, finding);
}

/* What is wrong with the playbook itself; its warnings are `aplomb check`'s to tell. */
static int export(const cli_screens *cli, aplomb_runtime *rt, const char *path, export_options *options) {
	aplomb_error error = {0};
	aplomb_playbook *playbook;
	char *text;
	size_t size;
	int status = cli_settings_load(&options->settings, cli, &cli_export, rt, &options->roots, path, &playbook);
	if (status != CLI_OK) return status;
	int code = aplomb_export_scxml(rt, playbook, tell_finding, (void *)(uintptr_t)cli, &text, &size, &error);
	if (code == APLOMB_EPLAYBOOK) return CLI_ERRORS;
	if (code != APLOMB_OK) {
		cli_tell_error(cli, NULL, 0, 0, error.message, error.slug);
		return CLI_INTERNAL;
	}
	if (options->to == NULL)
		fwrite(text, 1, size, cli->out.file); /* whether it was written is asked of the stream in the end */
	else if (!cli_may_write(cli, &cli_export, options->to, options->overwrite))
		status = CLI_NO_OUTPUT;
	else
		status = cli_write_file(cli, &cli_export, options->to, text, size);
	aplomb_text_free(rt, text);
	return status;
}

static int run(const cli_screens *cli, char **arguments, int count) {
	export_options options = {0};
	if (!cli_take(cli, &cli_export, &options, arguments, &count)) return CLI_USAGE;
	aplomb_runtime *rt;
	aplomb_error error = {0};
	int status = CLI_INTERNAL;
	if (aplomb_open(&rt, NULL, &error) == APLOMB_OK) {
		status = export(cli, rt, arguments[0], &options);
		aplomb_close(rt);
	} else {
		cli_tell_error(cli, NULL, 0, 0, error.message, error.slug);
	}
	cli_settings_dispose(&options.settings);
	return status;
}

const cli_verb cli_export = {
    .name = "export",
    .operands = "PLAYBOOK",
    .sentence = "write a playbook as a chart of SCXML",
    .about = "Writes the document of SCXML with the data model \"lua\" that does what the playbook does: for programs that run or draw "
             "such charts. "
             "What SCXML has no word for is an error with its line, and nothing is written; what another interpreter may do otherwise is a "
             "warning. `aplomb import` takes the document back.",
    .examples = "aplomb export upset_customer.lua -o upset_customer.scxml",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .least = 1,
    .most = 1,
    .run = run,
};
