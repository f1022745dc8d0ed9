/* SPDX-License-Identifier: MIT */
/* Decides how mistakes and findings are told, by whichever verb met them. */
#include <stdarg.h>
#include <string.h>

#include "cli/cli.h"

void cli_complain(const cli_screens *cli, const cli_verb *verb, const char *format, ...) {
	cli_print(&cli->err, "aplomb %s: ", verb->name);
	va_list arguments;
	va_start(arguments, format);
	vfprintf(cli->err.file, format, arguments);
	va_end(arguments);
	cli_print(&cli->err, "\n");
}

void cli_tell_error(const cli_screens *cli, const char *file, uint64_t line, uint32_t column, const char *message, const char *slug) {
	const cli_screen *err = &cli->err;
	if (file != NULL) {
		cli_style_set(err, CLI_STRONG);
		cli_put_text(err, file, strlen(file), -1);
		if (line > 0) cli_print(err, ":%llu", (unsigned long long)line);
		if (line > 0 && column > 0) cli_print(err, ":%u", column);
		cli_style_set(err, CLI_PLAIN);
		cli_print(err, ": ");
	} else {
		cli_print(err, "aplomb: ");
	}
	cli_put_text(err, message, strlen(message), -1);
	if (slug != NULL && slug[0] != '\0') cli_print_styled(err, CLI_FAINT, " [%s]", slug);
	cli_print(err, "\n");
}

bool cli_take(const cli_screens *cli, const cli_verb *verb, void *values, char **arguments, int *count) {
	cli_options options = {verb->options, verb->n_options, values};
	if (!cli_options_take(&options, 1, arguments, count, verb->name, &cli->err)) {
		cli_print(&cli->err, "`aplomb help %s` tells all it understands\n", verb->name);
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

const char *cli_severity_name(aplomb_severity severity) {
	return severity == APLOMB_ERROR ? "error" : severity == APLOMB_WARNING ? "warning" : "note";
}

void cli_tell_finding(const cli_screen *screen, const aplomb_finding *finding) {
	static const cli_style styles[] = {CLI_FAINT, CLI_CAREFUL, CLI_BAD};
	cli_style_set(screen, CLI_STRONG);
	if (finding->file != NULL) cli_put_text(screen, finding->file, strlen(finding->file), -1);
	if (finding->file != NULL && finding->line > 0) cli_print(screen, ":%u", finding->line);
	if (finding->file != NULL && finding->line > 0 && finding->column > 0) cli_print(screen, ":%u", finding->column);
	cli_style_set(screen, CLI_PLAIN);
	if (finding->file != NULL) cli_print(screen, ": ");
	cli_print_styled(screen, styles[finding->severity], "%s:", cli_severity_name(finding->severity));
	cli_print(screen, " ");
	cli_put_text(screen, finding->message, strlen(finding->message), -1);
	cli_print_styled(screen, CLI_FAINT, " [%s]", finding->slug);
	cli_print(screen, "\n");
}

void cli_json_text(const cli_screen *screen, const char *text) {
	fputc('"', screen->file);
	for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
		if (*c == '"' || *c == '\\')
			fprintf(screen->file, "\\%c", *c);
		else if (*c < 0x20)
			fprintf(screen->file, "\\u%04x", *c);
		else
			fputc(*c, screen->file);
	}
	fputc('"', screen->file);
}
