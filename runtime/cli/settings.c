/* SPDX-License-Identifier: MIT */
/*
 * Decides what --policy and --params mean: a text that begins with a brace is
 * JSON, any other names a file. What is in them is judged by the library.
 */
#include "cli/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tell/tell.h"

enum { MOST_PARAMS = 1024 * 1024 };

static int read_params(cli_settings *settings, const cli_screens *cli, const cli_verb *verb, size_t *size) {
	FILE *file = fopen(settings->params, "rb");
	if (file == NULL) {
		cli_complain(cli, verb, "cannot read the params %s: %s", settings->params, strerror(errno));
		return CLI_NO_INPUT;
	}
	settings->read = tell_need(MOST_PARAMS + 1);
	*size = fread(settings->read, 1, MOST_PARAMS + 1, file);
	const char *why = ferror(file) ? strerror(errno) : *size > MOST_PARAMS ? "it is larger than 1 MiB" : *size == 0 ? "it is empty" : NULL;
	fclose(file);
	if (why == NULL) return CLI_OK;
	cli_complain(cli, verb, "cannot read the params %s: %s", settings->params, why);
	return CLI_NO_INPUT;
}

int cli_settings_apply(cli_settings *settings, const cli_screens *cli, const cli_verb *verb, aplomb_load_options *load) {
	load->policy_path = settings->policy;
	if (settings->params == NULL) return CLI_OK;
	load->params = settings->params;
	load->params_size = strlen(settings->params);
	load->params_path = "--params";
	if (settings->params[strspn(settings->params, " \t\n")] == '{') return CLI_OK;
	int status = settings->read == NULL ? read_params(settings, cli, verb, &load->params_size) : CLI_OK;
	load->params = settings->read;
	load->params_path = settings->params;
	return status;
}

static void tell_error(const aplomb_finding *finding, void *payload) {
	const cli_screens *cli = payload;
	if (finding->severity == APLOMB_ERROR) cli_tell_finding(&cli->err, finding);
}

int cli_settings_load(cli_settings *settings, const cli_screens *cli, const cli_verb *verb, aplomb_runtime *rt, const cli_texts *roots,
    const char *given, aplomb_playbook **out) {
	aplomb_error error = {0};
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	int status = cli_settings_apply(settings, cli, verb, &load);
	if (status != CLI_OK) return status;
	char *path = cli_playbook_path(given);
	load.path = path;
	load.on_finding = tell_error;
	load.payload = (void *)(uintptr_t)cli;
	load.roots = roots->items;
	load.n_roots = roots->count;
	int code = aplomb_load(rt, &load, out, &error);
	free(path);
	if (code == APLOMB_OK) return CLI_OK;
	if (code == APLOMB_EPLAYBOOK) return CLI_ERRORS;
	cli_tell_error(cli, NULL, 0, 0, error.message, error.slug);
	return code == APLOMB_EIO ? CLI_NO_INPUT : code == APLOMB_ELIMIT ? CLI_ERRORS : CLI_INTERNAL;
}

void cli_settings_dispose(cli_settings *settings) {
	free(settings->read);
	settings->read = NULL;
}
