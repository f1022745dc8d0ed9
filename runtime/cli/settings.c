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

void cli_settings_dispose(cli_settings *settings) {
	free(settings->read);
	settings->read = NULL;
}
