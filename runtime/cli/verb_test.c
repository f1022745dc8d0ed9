/* SPDX-License-Identifier: MIT */
/*
 * Decides how `aplomb test` finds tests, runs them and tells what came of it.
 * What a test is, and when it has failed, is decided by room test.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/covered.h"
#include "cli/junit.h"
#include "tell/tell.h"
#include "cli/progress.h"
#include "cli/settings.h"
#include "cli/test_files.h"
#include "cli/test_told.h"
#include "test/test.h"

typedef struct test_options {
	bool verbose;
	bool list;
	const char *filter;
	int coverage; /* COVERAGE_ */
	uint64_t fail_under;
	const char *junit;
	const char *playbook;
	cli_texts roots;
	cli_settings settings;
} test_options;

enum { COVERAGE_NONE, COVERAGE_TEXT, COVERAGE_JSON };

static const cli_option OPTIONS[] = {
    {"verbose", 'v', CLI_FLAG, CLI_OFFSET(test_options, verbose), NULL, "a line for each test, and what it printed", NULL},
    {"filter", 'f', CLI_TEXT, CLI_OFFSET(test_options, filter), "TEXT", "only tests that have this text in their name", NULL},
    {"list", 'l', CLI_FLAG, CLI_OFFSET(test_options, list), NULL, "say which tests there are, and run none", NULL},
    {"coverage", 0, CLI_MAYBE, CLI_OFFSET(test_options, coverage), "text|json",
        "say what of the playbooks was never used; as JSON, on standard output, and all else on standard error", "text json"},
    {"fail-under", 0, CLI_NUMBER, CLI_OFFSET(test_options, fail_under), "N", "end with 1 when less than N percent is tested", NULL},
    {"junit", 0, CLI_TEXT, CLI_OFFSET(test_options, junit), "FILE", "write the results there as JUnit's XML", NULL},
    {"playbook", 'p', CLI_TEXT, CLI_OFFSET(test_options, playbook), "FILE",
        "hold recorded journals against this playbook: every PATH whose name does not end in .lua", NULL},
    {"root", 0, CLI_TEXTS, CLI_OFFSET(test_options, roots), "DIR", "look for playbooks' modules there too, after the playbook's own folder",
        NULL},
    CLI_SETTINGS_POLICY(test_options, settings),
    CLI_SETTINGS_PARAMS(test_options, settings, 0),
};

typedef struct testing {
	const cli_screens *cli;
	const tell_screen *out; /* where results are told */
	test_options options;
	aplomb_load_options load; /* what --policy and --params say */
	const char *path;         /* of the file being run */
	uint64_t passed, failed;
	uint64_t broken; /* files that could not be loaded */
	bool was_unreadable;
	bool told_finding;
	cli_covered covered;
	cli_junit junit;
} testing;

static bool is_wanted(const testing *t, const char *name) {
	return t->options.filter == NULL || strstr(name, t->options.filter) != NULL;
}

/* ---- told --------------------------------------------------------------- */

static void take_finding(const aplomb_finding *finding, void *payload) {
	testing *t = payload;
	if (finding->severity != APLOMB_ERROR) return;
	cli_tell_finding(t->out, finding);
	t->told_finding = true;
}

static void tell_broken(testing *t, const char *path, const aplomb_error *error) {
	const tell_screen *out = t->out;
	t->broken++;
	if (!t->told_finding) {
		const char *file = error->file[0] != '\0' ? error->file : path;
		aplomb_finding finding = {sizeof finding, APLOMB_ERROR, error->slug, error->message, file, error->line, error->column};
		cli_tell_finding(out, &finding);
	}
	tell_put_text(out, path, strlen(path), -1);
	tell_print(out, ": ");
	tell_print_styled(out, TELL_BAD, "cannot be run");
	tell_print(out, "\n");
	if (t->options.junit == NULL) return;
	cli_junit_begin(&t->junit, path);
	cli_junit_add(
	    &t->junit, &(cli_junit_test){.name = (char *)(uintptr_t)path, .is_error = true, .failure = (char *)(uintptr_t)error->message});
}

static void tell_counts(const tell_screen *out, uint64_t passed, uint64_t failed) {
	char number[32];
	tell_print_styled(out, failed == 0 ? TELL_GOOD : TELL_PLAIN, "%s passed", tell_count(passed, number));
	if (failed == 0) return;
	tell_print(out, ", ");
	tell_print_styled(out, TELL_BAD, "%s failed", tell_count(failed, number));
}

static void tell_test(const testing *t, const char *name, const apl_test_result *result, double seconds) {
	const tell_screen *out = t->out;
	if (!t->options.verbose || !result->passed) return;
	tell_print(out, "  ");
	tell_print_styled(out, TELL_GOOD, "passed");
	tell_print(out, "  ");
	tell_put_text(out, name, strlen(name), -1);
	tell_print_styled(out, TELL_FAINT, "  %.1f ms", seconds * 1e3);
	tell_print(out, "\n");
	cli_tell_printed(out, result);
}

/* All that is told of a failure, in one text, without colours and at the usual width. */
static char *failure_text(const testing *t, const char *name, uint32_t line, const apl_test_result *result) {
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	if (file == NULL) return NULL;
	tell_screen screen = tell_screen_of(file, TELL_COLOUR_NEVER);
	cli_tell_failure(&screen, t->path, name, line, result);
	fclose(file);
	return text;
}

static void note_junit(testing *t, const char *name, uint32_t line, const apl_test_result *result, double seconds) {
	if (t->options.junit == NULL) return;
	char *told = result->passed ? NULL : failure_text(t, name, line, result);
	cli_junit_add(&t->junit, &(cli_junit_test){.name = (char *)(uintptr_t)name,
	                             .line = line,
	                             .seconds = seconds,
	                             .failure = result->passed ? NULL : (char *)(uintptr_t)result->message,
	                             .told = told,
	                             .printed = result->printed_size > 0 ? (char *)(uintptr_t)result->printed : NULL,
	                             .printed_size = result->printed_size});
	free(told);
}

/* ---- run ---------------------------------------------------------------- */

static void list_tests(const testing *t, const apl_test_file *file) {
	const tell_screen *out = t->out;
	for (size_t i = 0; i < apl_test_count(file); i++) {
		uint32_t line;
		const char *name = apl_test_name(file, i, &line);
		if (!is_wanted(t, name)) continue;
		tell_put_text(out, t->path, strlen(t->path), -1);
		tell_print(out, ":%u: ", line);
		tell_put_text(out, name, strlen(name), -1);
		tell_print(out, "\n");
	}
}

static int run_tests(testing *t, apl_test_file *file) {
	const tell_screen *out = t->out;
	uint64_t passed = 0, failed = 0;
	if (t->options.junit != NULL) cli_junit_begin(&t->junit, t->path);
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
		note_junit(t, name, line, &result, seconds);
	}
	t->passed += passed;
	t->failed += failed;
	if (passed + failed == 0) return CLI_OK;
	tell_put_text(out, t->path, strlen(t->path), -1);
	tell_print(out, ": ");
	tell_counts(out, passed, failed);
	tell_print(out, "\n");
	return CLI_OK;
}

static int add_coverage(testing *t, apl_test_file *file) {
	const char *path, *id, *hash;
	for (size_t i = 0; (path = apl_test_playbook(file, i, &id, &hash)) != NULL; i++) {
		aplomb_error error;
		if (apl_test_coverage(file, i, cli_covered_add, cli_covered_begin(&t->covered, path, id, hash), &error) == APLOMB_OK) continue;
		cli_tell_error(t->cli, NULL, 0, 0, error.message, error.slug);
		return CLI_INTERNAL;
	}
	return CLI_OK;
}

static bool is_journal(const char *path) {
	size_t size = strlen(path);
	return size < 4 || strcmp(path + size - 4, ".lua") != 0;
}

static int fail_without_playbook(aplomb_error *error) {
	*error = (aplomb_error){.code = APLOMB_EPLAYBOOK, .slug = "test-word"};
	snprintf(error->message, sizeof error->message,
	    "its name does not end in .lua; a recorded journal is held against a playbook: give --playbook FILE");
	return APLOMB_EPLAYBOOK;
}

static int run_file(testing *t, const char *path) {
	apl_test_options options = {.coverage = t->options.coverage != COVERAGE_NONE,
	    .roots = t->options.roots.items,
	    .n_roots = t->options.roots.count,
	    .policy_path = t->load.policy_path,
	    .params = t->load.params,
	    .params_size = t->load.params_size,
	    .params_path = t->load.params_path,
	    .on_finding = take_finding,
	    .payload = t};
	apl_test_file *file;
	aplomb_error error;
	t->path = path;
	t->told_finding = false;
	int code;
	if (!is_journal(path))
		code = apl_test_open(&file, path, &options, &error);
	else if (t->options.playbook != NULL)
		code = apl_test_open_journal(&file, path, t->options.playbook, &options, &error);
	else
		code = fail_without_playbook(&error);
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
	if (status == CLI_OK && options.coverage) status = add_coverage(t, file);
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
	const tell_screen *out = t->out;
	char number[32];
	tell_counts(out, t->passed, t->failed);
	if (t->failed == 0) tell_print(out, ", 0 failed");
	if (t->broken > 0) {
		tell_print(out, ", ");
		tell_print_styled(out, TELL_BAD, "%s %s cannot be run", tell_count(t->broken, number), t->broken == 1 ? "file" : "files");
	}
	tell_print_styled(out, TELL_FAINT, " in %.2f s", seconds);
	tell_print(out, "\n");
}

static bool is_too_little(const testing *t) {
	if (t->options.fail_under == 0) return false;
	unsigned percent = cli_covered_percent(cli_covered_sum_of(&t->covered));
	if (percent >= t->options.fail_under) return false;
	cli_complain(
	    t->cli, &cli_test, "%u %% is tested, and --fail-under asks for %llu %%", percent, (unsigned long long)t->options.fail_under);
	return true;
}

static int verdict(const testing *t) {
	if (t->was_unreadable) return CLI_NO_INPUT;
	if (t->failed > 0 || t->broken > 0) return CLI_ERRORS;
	bool has_run = t->passed > 0 || t->options.list;
	return is_too_little(t) || !has_run ? CLI_LOOK : CLI_OK;
}

static int write_junit(const testing *t) {
	FILE *file = fopen(t->options.junit, "wb");
	if (file == NULL) {
		cli_complain(t->cli, &cli_test, "cannot make %s: %s", t->options.junit, strerror(errno));
		return CLI_NO_OUTPUT;
	}
	cli_junit_write(&t->junit, file);
	bool is_bad = ferror(file) != 0;
	if (fclose(file) == 0 && !is_bad) return CLI_OK;
	cli_complain(t->cli, &cli_test, "cannot write %s: %s", t->options.junit, strerror(errno));
	return CLI_IO;
}

static int check_options(const cli_screens *cli, const test_options *options) {
	const char *wrong = NULL;
	if (options->fail_under > 0 && options->coverage == COVERAGE_NONE)
		wrong = "--fail-under needs something to measure; give --coverage as well";
	if (options->fail_under > 100) wrong = "--fail-under is a percentage, 100 at most";
	if (options->list && (options->coverage != COVERAGE_NONE || options->junit != NULL))
		wrong = "--list runs no test, so there is nothing to measure and no result to write";
	if (wrong == NULL) return CLI_OK;
	cli_complain(cli, &cli_test, "%s", wrong);
	return CLI_USAGE;
}

/* Every file was run: what is told at the end. */
static int conclude(const testing *t, size_t n_files, double seconds) {
	if (n_files == 0 && !t->was_unreadable) cli_complain(t->cli, &cli_test, "there is no file here whose name ends in _test.lua");
	if (n_files > 0 && !t->options.list) {
		if (t->passed + t->failed + t->broken == 0 && t->options.filter != NULL)
			cli_complain(t->cli, &cli_test, "no test has \"%.80s\" in its name", t->options.filter);
		if (t->options.coverage == COVERAGE_TEXT) {
			cli_covered_text(t->out, &t->covered);
			tell_print(t->out, "\n");
		}
		tell_sum(t, seconds);
	}
	if (t->options.coverage == COVERAGE_JSON) cli_covered_json(&t->cli->out, &t->covered);
	int status = t->options.junit != NULL ? write_junit(t) : CLI_OK;
	return status != CLI_OK ? status : verdict(t);
}

static int run(const cli_screens *cli, char **arguments, int count) {
	testing t = {.cli = cli, .load = APLOMB_LOAD_OPTIONS_INIT};
	if (!cli_take(cli, &cli_test, &t.options, arguments, &count)) return CLI_USAGE;
	int status = check_options(cli, &t.options);
	if (status == CLI_OK) status = cli_settings_apply(&t.options.settings, cli, &cli_test, &t.load);
	if (status != CLI_OK) {
		cli_settings_dispose(&t.options.settings);
		return status;
	}
	/* JSON is for a program, which wants nothing else on standard output. */
	t.out = t.options.coverage == COVERAGE_JSON ? &cli->err : &cli->out;
	int64_t began = cli_monotonic();
	cli_files files = {0};
	find_files(&t, &files, arguments, count);
	for (size_t i = 0; i < files.count && status == CLI_OK; i++) status = run_file(&t, files.paths[i]);
	if (status == CLI_OK) status = conclude(&t, files.count, (double)(cli_monotonic() - began) / 1e9);
	cli_files_dispose(&files);
	cli_covered_dispose(&t.covered);
	cli_junit_dispose(&t.junit);
	cli_settings_dispose(&t.options.settings);
	return status;
}

const cli_verb cli_test = {
    .name = "test",
    .operands = "[PATH…]",
    .sentence = "run the tests that stand beside playbooks",
    .about =
        "Runs files whose names end in _test.lua: those given, those in the folders given and below, or those below the current folder. "
        "A test opens a case, lets people speak and time pass, and says what it expects; time moves only when the test says so. Of "
        "a test that fails it is told what was expected, what was found, and what happened.",
    .examples = "aplomb test\naplomb test playbooks/late-delivery --verbose\naplomb test late_test.lua --filter deadline\n"
                "aplomb test --coverage --fail-under 80 --junit results.xml",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .least = 0,
    .most = -1,
    .run = run,
};
