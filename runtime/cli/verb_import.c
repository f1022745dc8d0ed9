/* SPDX-License-Identifier: MIT */
/*
 * Decides how `aplomb import` writes the playbooks that an SCXML document
 * becomes, and that nothing is written which would not load. What becomes of
 * the document is decided by the library.
 */
#include <stdlib.h>
#include <string.h>

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

/* A playbook that came out, and where it is to be written. */
typedef struct written {
	char *text, *path;
	size_t size;
} written;

typedef struct writing {
	const import_options *options;
	written *items;
	size_t count;
	bool no_memory;
} writing;

/* Of the first the one that was asked for, or standard output; of the others their own names beside it. */
static char *path_of(const writing *w, const aplomb_imported *imported) {
	const char *to = w->options->to;
	if (w->count == 0) return strdup(to != NULL ? to : "playbook.lua");
	const char *slash = to != NULL ? strrchr(to, '/') : NULL;
	const size_t folder = slash != NULL ? (size_t)(slash + 1 - to) : 0;
	char *path = malloc(folder + strlen(imported->name) + 1);
	if (path == NULL) return NULL;
	if (folder > 0) memcpy(path, to, folder);
	strcpy(path + folder, imported->name);
	return path;
}

static void keep(const aplomb_imported *imported, void *payload) {
	writing *w = payload;
	written *items = realloc(w->items, (w->count + 1) * sizeof *items);
	if (items != NULL) w->items = items;
	char *path = path_of(w, imported);
	char *text = malloc(imported->text_size + 1);
	if (items == NULL || path == NULL || text == NULL) {
		free(path);
		free(text);
		w->no_memory = true;
		return;
	}
	memcpy(text, imported->text, imported->text_size + 1);
	w->items[w->count++] = (written){text, path, imported->text_size};
}

static void dispose(writing *w) {
	for (size_t i = 0; i < w->count; i++) {
		free(w->items[i].text);
		free(w->items[i].path);
	}
	free(w->items);
}

/* Each has to load as well: what comes out is a playbook or nothing. Its own findings are `aplomb check`'s to tell. */
static int check_playbook(const cli_screens *cli, aplomb_runtime *rt, const written *item) {
	aplomb_error error = {0};
	aplomb_playbook *playbook;
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	load.path = item->path;
	load.source = item->text;
	load.source_size = item->size;
	if (aplomb_load(rt, &load, &playbook, &error) == APLOMB_OK) return CLI_OK;
	cli_tell_error(cli, error.file, error.line, error.column, error.message, error.slug);
	cli_complain(cli, &cli_import, "the playbook that came out does not load, so nothing was written; the line above is of that playbook");
	return CLI_INTERNAL;
}

static int write_all(const cli_screens *cli, const writing *w) {
	if (w->options->to == NULL) {
		/* One after the other could not be told apart again. */
		if (w->count > 1) {
			cli_complain(cli, &cli_import, "the document invokes others, and each becomes a file of its own: say where with -o FILE");
			return CLI_USAGE;
		}
		fwrite(w->items[0].text, 1, w->items[0].size, cli->out.file); /* whether it was written is asked of the stream in the end */
		return CLI_OK;
	}
	for (size_t i = 0; i < w->count; i++)
		if (!cli_may_write(cli, &cli_import, w->items[i].path, w->options->overwrite)) return CLI_NO_OUTPUT;
	for (size_t i = 0; i < w->count; i++) {
		int status = cli_write_file(cli, &cli_import, w->items[i].path, w->items[i].text, w->items[i].size);
		if (status != CLI_OK) return status;
		if (i > 0) tell_print(&cli->out, "%s, which it invokes\n", w->items[i].path);
	}
	return CLI_OK;
}

static int import(const cli_screens *cli, aplomb_runtime *rt, const char *path, const import_options *options) {
	aplomb_error error = {0};
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	load.path = path;
	load.on_finding = tell_finding;
	load.payload = (void *)(uintptr_t)cli;
	writing w = {.options = options};
	int code = aplomb_import_scxml_all(rt, &load, keep, &w, &error);
	int status = CLI_OK;
	if (code == APLOMB_EPLAYBOOK) {
		status = CLI_ERRORS;
	} else if (code != APLOMB_OK) {
		cli_tell_error(cli, NULL, 0, 0, error.message, error.slug);
		status = code == APLOMB_EIO ? CLI_NO_INPUT : CLI_INTERNAL;
	} else if (w.no_memory) {
		cli_complain(cli, &cli_import, "there is not enough memory for the playbooks that came out");
		status = CLI_INTERNAL;
	}
	for (size_t i = w.count; status == CLI_OK && i-- > 0;) status = check_playbook(cli, rt, &w.items[i]);
	if (status == CLI_OK) status = write_all(cli, &w);
	dispose(&w);
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
        "Each chart that it invokes becomes a file of its own beside the one that -o names. "
        "`aplomb run`, `check` and `draw` take a .scxml file as it is, without this.",
    .examples = "aplomb import traffic.scxml -o traffic.lua\naplomb run traffic.scxml",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .least = 1,
    .most = 1,
    .run = run,
};
