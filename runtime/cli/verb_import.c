/* SPDX-License-Identifier: MIT */
/*
 * Decides how `aplomb import` writes the playbook that an SCXML document
 * becomes, and that nothing is written which would not load. What becomes of
 * the document is decided by the library.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "tell/tell.h"

typedef struct import_options {
	const char *to;
	bool overwrite;
} import_options;

static const cli_option OPTIONS[] = {
    {"output", 'o', CLI_TEXT, CLI_OFFSET(import_options, to), "FILE", "write the playbook there, and not to standard output", NULL},
    {"overwrite", 0, CLI_FLAG, CLI_OFFSET(import_options, overwrite), NULL, "that file may hold something already, and loses it", NULL},
};

static void tell_finding(const aplomb_finding *finding, void *payload) {
	const cli_screens *cli = payload;
	cli_tell_finding(&cli->err, finding);
}

/* The playbook has to load as well: what comes out is a playbook or nothing. Its own findings are `aplomb check`'s to tell. */
static int check_playbook(const cli_screens *cli, aplomb_runtime *rt, const char *path, const char *text, size_t size) {
	aplomb_error error = {0};
	aplomb_playbook *playbook;
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	load.path = path;
	load.source = text;
	load.source_size = size;
	if (aplomb_load(rt, &load, &playbook, &error) == APLOMB_OK) return CLI_OK;
	cli_tell_error(cli, error.file, error.line, error.column, error.message, error.slug);
	cli_complain(cli, &cli_import, "the playbook that came out does not load, so nothing was written; the line above is of that playbook");
	return CLI_INTERNAL;
}

static int write_text(const cli_screens *cli, const import_options *options, const char *text, size_t size) {
	if (options->to == NULL) {
		fwrite(text, 1, size, cli->out.file); /* whether it was written is asked of the stream in the end */
		return CLI_OK;
	}
	struct stat about;
	if (!options->overwrite && stat(options->to, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0) {
		cli_complain(cli, &cli_import, "%s holds something already; name another file, or give --overwrite and lose it", options->to);
		return CLI_NO_OUTPUT;
	}
	FILE *to = fopen(options->to, "wb");
	if (to == NULL) {
		cli_complain(cli, &cli_import, "cannot make %s: %s", options->to, strerror(errno));
		return CLI_NO_OUTPUT;
	}
	bool is_whole = fwrite(text, 1, size, to) == size;
	if (fclose(to) == 0 && is_whole) return CLI_OK;
	cli_complain(cli, &cli_import, "cannot write to %s", options->to);
	return CLI_IO;
}

static int import(const cli_screens *cli, aplomb_runtime *rt, const char *path, const import_options *options) {
	aplomb_error error = {0};
	char *text;
	size_t size;
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	load.path = path;
	load.on_finding = tell_finding;
	load.payload = (void *)(uintptr_t)cli;
	int code = aplomb_import_scxml(rt, &load, &text, &size, &error);
	if (code == APLOMB_EPLAYBOOK) return CLI_ERRORS;
	if (code != APLOMB_OK) {
		cli_tell_error(cli, NULL, 0, 0, error.message, error.slug);
		return code == APLOMB_EIO ? CLI_NO_INPUT : CLI_INTERNAL;
	}
	int status = check_playbook(cli, rt, options->to != NULL ? options->to : "playbook.lua", text, size);
	if (status == CLI_OK) status = write_text(cli, options, text, size);
	aplomb_text_free(rt, text);
	return status;
}

static int run(const cli_screens *cli, char **arguments, int count) {
	import_options options = {0};
	if (!cli_take(cli, &cli_import, &options, arguments, &count)) return CLI_USAGE;
	aplomb_runtime *rt;
	aplomb_error error = {0};
	if (aplomb_open(&rt, NULL, &error) != APLOMB_OK) {
		cli_tell_error(cli, NULL, 0, 0, error.message, error.slug);
		return CLI_INTERNAL;
	}
	int status = import(cli, rt, arguments[0], &options);
	aplomb_close(rt);
	return status;
}

const cli_verb cli_import = {
    .name = "import",
    .operands = "CHART.scxml",
    .sentence = "turn a chart of SCXML into a playbook",
    .about =
        "Writes the playbook that a document of SCXML with the data model \"lua\" or \"null\" becomes: readable, and yours to go on with. "
        "What cannot be carried over is an error with its line, and nothing is written; what will fail when it is reached is a warning. "
        "`aplomb run`, `check` and `draw` take a .scxml file as it is, without this.",
    .examples = "aplomb import traffic.scxml -o traffic.lua\naplomb run traffic.scxml",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .least = 1,
    .most = 1,
    .run = run,
};
