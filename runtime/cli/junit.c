/* SPDX-License-Identifier: MIT */
/* Decides how results look to a CI server. */
#include "cli/junit.h"

#include <stdlib.h>
#include <string.h>

#include "tell/tell.h"

void cli_junit_begin(cli_junit *junit, const char *path) {
	tell_need_room(&junit->suites, junit->count, 1, &junit->capacity, sizeof *junit->suites);
	junit->suites[junit->count++] = (cli_junit_suite){.path = tell_need_copy(path)};
}

void cli_junit_add(cli_junit *junit, const cli_junit_test *test) {
	cli_junit_suite *suite = &junit->suites[junit->count - 1];
	tell_need_room(&suite->tests, suite->count, 1, &suite->capacity, sizeof *suite->tests);
	cli_junit_test *kept = &suite->tests[suite->count++];
	*kept = *test;
	kept->name = tell_need_copy(test->name);
	kept->failure = tell_need_copy(test->failure);
	kept->told = tell_need_copy(test->told);
	if (test->printed == NULL) return;
	kept->printed = tell_need(test->printed_size + 1);
	memcpy(kept->printed, test->printed, test->printed_size);
}

void cli_junit_dispose(cli_junit *junit) {
	for (size_t i = 0; i < junit->count; i++) {
		cli_junit_suite *suite = &junit->suites[i];
		for (size_t t = 0; t < suite->count; t++) {
			free(suite->tests[t].name);
			free(suite->tests[t].failure);
			free(suite->tests[t].told);
			free(suite->tests[t].printed);
		}
		free(suite->tests);
		free(suite->path);
	}
	free(junit->suites);
	*junit = (cli_junit){0};
}

/* ---- XML ---------------------------------------------------------------- */

/* What XML cannot say (control characters, bytes that are no UTF-8) becomes what people are shown in its place. */
static void write_bytes(FILE *file, const char *text, size_t length, bool is_attribute) {
	for (const char *at = text, *end = text + length; at < end;) {
		char shown[8];
		size_t size;
		if (*at == '\n' || *at == '\t') {
			if (is_attribute)
				fputs(*at == '\n' ? "&#10;" : "&#9;", file);
			else
				fputc(*at, file);
			at++;
			continue;
		}
		tell_shown(&at, end, shown, &size);
		/* Two that are no characters, and that XML does not want. */
		if (size == 3 && (memcmp(shown, "\xEF\xBF\xBE", 3) == 0 || memcmp(shown, "\xEF\xBF\xBF", 3) == 0)) shown[2] = '\xBD';
		if (size == 1 && strchr("<>&\"", shown[0]) != NULL)
			fputs(shown[0] == '<' ? "&lt;" : shown[0] == '>' ? "&gt;" : shown[0] == '&' ? "&amp;" : "&quot;", file);
		else
			fwrite(shown, 1, size, file);
	}
}

static void write_text(FILE *file, const char *text, bool is_attribute) {
	write_bytes(file, text, strlen(text), is_attribute);
}

static void write_attribute(FILE *file, const char *name, const char *text) {
	fprintf(file, " %s=\"", name);
	write_text(file, text, true);
	fputc('"', file);
}

typedef struct sums {
	size_t tests, failures, errors;
	double seconds;
} sums;

static void add_suite(sums *to, const cli_junit_suite *suite) {
	to->tests += suite->count;
	for (size_t i = 0; i < suite->count; i++) {
		to->seconds += suite->tests[i].seconds;
		to->errors += suite->tests[i].is_error;
		to->failures += suite->tests[i].failure != NULL && !suite->tests[i].is_error;
	}
}

static void write_sums(FILE *file, const sums *sum) {
	fprintf(file, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"%.6f\">\n", sum->tests, sum->failures, sum->errors, sum->seconds);
}

/* The class is the file, as a path without its end: what servers group by. */
static void write_test(FILE *file, const cli_junit_suite *suite, const cli_junit_test *test) {
	fputs("    <testcase", file);
	write_attribute(file, "name", test->name);
	write_attribute(file, "classname", suite->path);
	write_attribute(file, "file", suite->path);
	if (test->line > 0) fprintf(file, " line=\"%u\"", test->line);
	fprintf(file, " time=\"%.6f\"", test->seconds);
	if (test->failure == NULL && test->printed == NULL) {
		fputs("/>\n", file);
		return;
	}
	fputs(">\n", file);
	if (test->failure != NULL) {
		const char *element = test->is_error ? "error" : "failure";
		fprintf(file, "      <%s", element);
		write_attribute(file, "message", test->failure);
		fputc('>', file);
		write_text(file, test->told != NULL ? test->told : test->failure, false);
		fprintf(file, "</%s>\n", element);
	}
	if (test->printed != NULL) {
		fputs("      <system-out>", file);
		write_bytes(file, test->printed, test->printed_size, false);
		fputs("</system-out>\n", file);
	}
	fputs("    </testcase>\n", file);
}

void cli_junit_write(const cli_junit *junit, FILE *file) {
	sums all = {0};
	for (size_t i = 0; i < junit->count; i++) add_suite(&all, &junit->suites[i]);
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"aplomb test\"", file);
	write_sums(file, &all);
	for (size_t i = 0; i < junit->count; i++) {
		const cli_junit_suite *suite = &junit->suites[i];
		sums own = {0};
		add_suite(&own, suite);
		fputs("  <testsuite", file);
		write_attribute(file, "name", suite->path);
		write_sums(file, &own);
		for (size_t t = 0; t < suite->count; t++) write_test(file, suite, &suite->tests[t]);
		fputs("  </testsuite>\n", file);
	}
	fputs("</testsuites>\n", file);
}
