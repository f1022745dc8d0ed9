/* SPDX-License-Identifier: MIT */
/*
 * Decides how `aplomb test` finds tests, runs them and tells what came of it.
 * What a test is, and when it has failed, is decided by room test.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/need.h"
#include "cli/progress.h"
#include "cli/test_files.h"
#include "cli/test_told.h"
#include "test/test.h"

typedef struct test_options {
	bool verbose;
	bool list;
	const char *filter;
} test_options;

static const cli_option OPTIONS[] = {
    {"verbose", 'v', CLI_FLAG, CLI_OFFSET(test_options, verbose), NULL, "a line for each test, and what it printed", NULL},
    {"filter", 'f', CLI_TEXT, CLI_OFFSET(test_options, filter), "TEXT", "only tests that have this text in their name", NULL},
    {"list", 'l', CLI_FLAG, CLI_OFFSET(test_options, list), NULL, "say which tests there are, and run none", NULL},
};

typedef struct testing {
	const cli_screens *cli;
	test_options options;
	const char *path; /* of the file being run */
	uint64_t passed, failed;
	uint64_t broken; /* files that could not be loaded */
	bool was_unreadable;
	bool told_finding;
} testing;

static bool is_wanted(const testing *t, const char *name) {
	return t->options.filter == NULL || strstr(name, t->options.filter) != NULL;
}

/* ---- told --------------------------------------------------------------- */

static void take_finding(const aplomb_finding *finding, void *payload) {
	testing *t = payload;
	if (finding->severity != APLOMB_ERROR) return;
	cli_tell_finding(&t->cli->out, finding);
	t->told_finding = true;
}

static void tell_broken(testing *t, const char *path, const aplomb_error *error) {
	const cli_screen *out = &t->cli->out;
	t->broken++;
	if (!t->told_finding) {
		const char *file = error->file[0] != '\0' ? error->file : path;
		aplomb_finding finding = {sizeof finding, APLOMB_ERROR, error->slug, error->message, file, error->line, error->column};
		cli_tell_finding(out, &finding);
	}
	cli_put_text(out, path, strlen(path), -1);
	cli_print(out, ": ");
	cli_print_styled(out, CLI_BAD, "cannot be run");
	cli_print(out, "\n");
}

static void tell_counts(const cli_screen *out, uint64_t passed, uint64_t failed) {
	char number[32];
	cli_print_styled(out, failed == 0 ? CLI_GOOD : CLI_PLAIN, "%s passed", cli_count(passed, number));
	if (failed == 0) return;
	cli_print(out, ", ");
	cli_print_styled(out, CLI_BAD, "%s failed", cli_count(failed, number));
}

static void tell_test(const testing *t, const char *name, const apl_test_result *result, double seconds) {
	const cli_screen *out = &t->cli->out;
	if (!t->options.verbose || !result->passed) return;
	cli_print(out, "  ");
	cli_print_styled(out, CLI_GOOD, "passed");
	cli_print(out, "  ");
	cli_put_text(out, name, strlen(name), -1);
	cli_print_styled(out, CLI_FAINT, "  %.1f ms", seconds * 1e3);
	cli_print(out, "\n");
	cli_tell_printed(out, result);
}

/* ---- run ---------------------------------------------------------------- */

static void list_tests(const testing *t, const apl_test_file *file) {
	const cli_screen *out = &t->cli->out;
	for (size_t i = 0; i < apl_test_count(file); i++) {
		uint32_t line;
		const char *name = apl_test_name(file, i, &line);
		if (!is_wanted(t, name)) continue;
		cli_put_text(out, t->path, strlen(t->path), -1);
		cli_print(out, ":%u: ", line);
		cli_put_text(out, name, strlen(name), -1);
		cli_print(out, "\n");
	}
}

static int run_tests(testing *t, apl_test_file *file) {
	const cli_screen *out = &t->cli->out;
	uint64_t passed = 0, failed = 0;
	for (size_t i = 0; i < apl_test_count(file); i++) {
		uint32_t line;
		const char *name = apl_test_name(file, i, &line);
		if (!is_wanted(t, name)) continue;
		apl_test_result result;
		aplomb_error error;
		int64_t began = cli_monotonic();
		if (apl_test_run(file, i, &result, &error) != APLOMB_OK) {
			cli_tell_error(t->cli, NULL, 0, 0, error.message, error.slug);
			return CLI_INTERNAL;
		}
		double seconds = (double)(cli_monotonic() - began) / 1e9;
		passed += result.passed;
		failed += !result.passed;
		if (!result.passed) cli_tell_failure(out, t->path, name, line, &result);
		tell_test(t, name, &result, seconds);
	}
	t->passed += passed;
	t->failed += failed;
	if (passed + failed == 0) return CLI_OK;
	cli_put_text(out, t->path, strlen(t->path), -1);
	cli_print(out, ": ");
	tell_counts(out, passed, failed);
	cli_print(out, "\n");
	return CLI_OK;
}

static int run_file(testing *t, const char *path) {
	apl_test_options options = {.on_finding = take_finding, .payload = t};
	apl_test_file *file;
	aplomb_error error;
	t->path = path;
	t->told_finding = false;
	int code = apl_test_open(&file, path, &options, &error);
	if (code == APLOMB_ENOMEM) {
		cli_tell_error(t->cli, NULL, 0, 0, error.message, error.slug);
		return CLI_INTERNAL;
	}
	if (code != APLOMB_OK) {
		tell_broken(t, path, &error);
		return CLI_OK;
	}
	int status = CLI_OK;
	if (t->options.list)
		list_tests(t, file);
	else
		status = run_tests(t, file);
	apl_test_close(file);
	return status;
}

/* The files of the command line, or those below the current folder. */
static void find_files(testing *t, cli_files *files, char **arguments, int count) {
	if (count == 0) cli_files_add(files, ".");
	for (int i = 0; i < count; i++) {
		size_t before = files->count;
		if (!cli_files_add(files, arguments[i])) {
			cli_complain(t->cli, &cli_test, "cannot read %s: %s", arguments[i], strerror(errno));
			t->was_unreadable = true;
		} else if (files->count == before) {
			cli_complain(t->cli, &cli_test, "there is no file whose name ends in _test.lua below %s", arguments[i]);
			t->was_unreadable = true;
		}
	}
}

static void tell_sum(const testing *t, double seconds) {
	const cli_screen *out = &t->cli->out;
	char number[32];
	tell_counts(out, t->passed, t->failed);
	if (t->failed == 0) cli_print(out, ", 0 failed");
	if (t->broken > 0) {
		cli_print(out, ", ");
		cli_print_styled(out, CLI_BAD, "%s %s cannot be run", cli_count(t->broken, number), t->broken == 1 ? "file" : "files");
	}
	cli_print_styled(out, CLI_FAINT, " in %.2f s", seconds);
	cli_print(out, "\n");
}

static int verdict(const testing *t) {
	if (t->was_unreadable) return CLI_NO_INPUT;
	if (t->failed > 0 || t->broken > 0) return CLI_ERRORS;
	return t->passed == 0 && !t->options.list ? CLI_LOOK : CLI_OK;
}

static int run(const cli_screens *cli, char **arguments, int count) {
	testing t = {.cli = cli};
	if (!cli_take(cli, &cli_test, &t.options, arguments, &count)) return CLI_USAGE;
	int64_t began = cli_monotonic();
	cli_files files = {0};
	find_files(&t, &files, arguments, count);
	int status = CLI_OK;
	for (size_t i = 0; i < files.count && status == CLI_OK; i++) status = run_file(&t, files.paths[i]);
	bool has_any = files.count > 0;
	cli_files_dispose(&files);
	if (status != CLI_OK) return status;
	if (!has_any && !t.was_unreadable) cli_complain(cli, &cli_test, "there is no file here whose name ends in _test.lua");
	if (has_any && !t.options.list) {
		if (t.passed + t.failed + t.broken == 0 && t.options.filter != NULL)
			cli_complain(cli, &cli_test, "no test has \"%.80s\" in its name", t.options.filter);
		tell_sum(&t, (double)(cli_monotonic() - began) / 1e9);
	}
	return verdict(&t);
}

const cli_verb cli_test = {
    .name = "test",
    .operands = "[PATH…]",
    .sentence = "run the tests that stand beside playbooks",
    .about =
        "Runs files whose names end in _test.lua: those given, those in the folders given and below, or those below the current folder. "
        "A test opens a case, lets people speak and time pass, and says what it expects; time moves only when the test says so. Of "
        "a test that fails it is told what was expected, what was found, and what happened.",
    .examples = "aplomb test\naplomb test playbooks/late-delivery --verbose\naplomb test late_test.lua --filter deadline",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .least = 0,
    .most = -1,
    .run = run,
};
