/* SPDX-License-Identifier: MIT */
/* Decides how mistakes and findings are told, by whichever verb met them. */
#include <stdarg.h>
#include <string.h>

#include "cli/cli.h"

void cli_complain(const cli_screens *cli, const cli_verb *verb, const char *format, ...) {
	tell_print(&cli->err, "aplomb %s: ", verb->name);
	va_list arguments;
	va_start(arguments, format);
	vfprintf(cli->err.file, format, arguments);
	va_end(arguments);
	tell_print(&cli->err, "\n");
}

void cli_tell_error(const cli_screens *cli, const char *file, uint64_t line, uint32_t column, const char *message, const char *slug) {
	const tell_screen *err = &cli->err;
	if (file != NULL) {
		tell_style_set(err, TELL_STRONG);
		tell_put_text(err, file, strlen(file), -1);
		if (line > 0) tell_print(err, ":%llu", (unsigned long long)line);
		if (line > 0 && column > 0) tell_print(err, ":%u", column);
		tell_style_set(err, TELL_PLAIN);
		tell_print(err, ": ");
	} else {
		tell_print(err, "aplomb: ");
	}
	tell_put_text(err, message, strlen(message), -1);
	if (slug != NULL && slug[0] != '\0') tell_print_styled(err, TELL_FAINT, " [%s]", slug);
	tell_print(err, "\n");
}

bool cli_take(const cli_screens *cli, const cli_verb *verb, void *values, char **arguments, int *count) {
	cli_options options = {verb->options, verb->n_options, values};
	if (!cli_options_take(&options, 1, arguments, count, verb->name, &cli->err)) {
		tell_print(&cli->err, "`aplomb help %s` tells all it understands\n", verb->name);
		return false;
	}
	if (*count < verb->least || (verb->most >= 0 && *count > verb->most)) {
		if (*count < verb->least)
			cli_complain(cli, verb, "something is missing; it is used so: aplomb %s %s", verb->name, verb->operands);
		else
			cli_complain(
			    cli, verb, "\"%.60s\" is too much; it is used so: aplomb %s %s", arguments[verb->most], verb->name, verb->operands);
		return false;
	}
	return true;
}

static const char *act_name(const cli_verb *verb, const cli_verb *act) {
	return act->name + strlen(verb->name) + 1;
}

const cli_verb *cli_find_act(const cli_verb *verb, const char *name) {
	for (size_t i = 0; verb->acts != NULL && verb->acts[i] != NULL; i++)
		if (strcmp(act_name(verb, verb->acts[i]), name) == 0) return verb->acts[i];
	return NULL;
}

int cli_run_verb(const cli_screens *cli, const cli_verb *verb, char **arguments, int count) {
	if (verb->acts == NULL) return verb->run(cli, arguments, count);
	const cli_verb *act = count > 0 ? cli_find_act(verb, arguments[0]) : NULL;
	if (act != NULL) return act->run(cli, arguments + 1, count - 1);
	if (verb->run != NULL) return verb->run(cli, arguments, count);
	char names[256] = "", hint[96];
	for (size_t i = 0; verb->acts[i] != NULL; i++) {
		size_t used = strlen(names);
		snprintf(names + used, sizeof names - used, "%s%s", i > 0 ? " " : "", act_name(verb, verb->acts[i]));
	}
	if (count == 0)
		cli_complain(cli, verb, "what is to be done? One of: %s", names);
	else
		cli_complain(cli, verb, "\"%.60s\" is none of: %s%s", arguments[0], names, cli_hint(arguments[0], names, "", hint, sizeof hint));
	tell_print(&cli->err, "`aplomb help %s` tells what each does\n", verb->name);
	return CLI_USAGE;
}

const char *cli_severity_name(aplomb_severity severity) {
	return severity == APLOMB_ERROR ? "error" : severity == APLOMB_WARNING ? "warning" : "note";
}

void cli_tell_finding(const tell_screen *screen, const aplomb_finding *finding) {
	static const tell_style styles[] = {TELL_FAINT, TELL_CAREFUL, TELL_BAD};
	tell_style_set(screen, TELL_STRONG);
	if (finding->file != NULL) tell_put_text(screen, finding->file, strlen(finding->file), -1);
	if (finding->file != NULL && finding->line > 0) tell_print(screen, ":%u", finding->line);
	if (finding->file != NULL && finding->line > 0 && finding->column > 0) tell_print(screen, ":%u", finding->column);
	tell_style_set(screen, TELL_PLAIN);
	if (finding->file != NULL) tell_print(screen, ": ");
	tell_print_styled(screen, styles[finding->severity], "%s:", cli_severity_name(finding->severity));
	tell_print(screen, " ");
	tell_put_text(screen, finding->message, strlen(finding->message), -1);
	tell_print_styled(screen, TELL_FAINT, " [%s]", finding->slug);
	tell_print(screen, "\n");
}
