/* SPDX-License-Identifier: MIT */
/*
 * Decides how `aplomb check` looks at playbooks and what it answers. What is a
 * finding is decided by the library.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/excerpt.h"
#include "tell/tell.h"
#include "cli/settings.h"

typedef struct check_options {
	int format;
	bool notes;
	const char *explain;
	cli_texts roots;
	cli_settings settings;
} check_options;

static const cli_option OPTIONS[] = {
    {"format", 0, CLI_CHOICE, CLI_OFFSET(check_options, format), "text|json", "for people, or a JSON map a finding (JSON Lines)",
        "text json"},
    {"root", 0, CLI_TEXTS, CLI_OFFSET(check_options, roots), "DIR", "look for modules there too, after the playbook's own folder", NULL},
    CLI_SETTINGS_OPTIONS(check_options, settings),
    {"notes", 0, CLI_FLAG, CLI_OFFSET(check_options, notes), NULL, "show notes, too, and not only how many there are", NULL},
    {"explain", 0, CLI_TEXT, CLI_OFFSET(check_options, explain), "SLUG", "say what a slug means instead, as `aplomb explain SLUG` does",
        NULL},
};

/* What is told of all files together, in the order of the command line. */
typedef struct report {
	const cli_screens *cli;
	const cli_texts *roots;
	cli_settings *settings;
	bool is_json;
	bool has_notes;
	uint64_t files, errors, warnings, notes;
	bool was_unreadable;
	cli_excerpt excerpt;
} report;

static void tell_json(const tell_screen *screen, const aplomb_finding *finding) {
	size_t size;
	const char *page = aplomb_explain(finding->slug, &size);
	char *explained = tell_need(page != NULL ? size + 1 : 1);
	if (page != NULL) memcpy(explained, page, size);
	tell_print(screen, "{\"column\":%u,\"explain\":", finding->column);
	tell_json_text(screen, explained);
	tell_print(screen, ",\"file\":");
	tell_json_text(screen, finding->file != NULL ? finding->file : "");
	tell_print(screen, ",\"line\":%u,\"message\":", finding->line);
	tell_json_text(screen, finding->message);
	tell_print(screen, ",\"severity\":\"%s\",\"slug\":", cli_severity_name(finding->severity));
	tell_json_text(screen, finding->slug);
	tell_print(screen, "}\n");
	free(explained);
}

static void take_finding(const aplomb_finding *finding, void *payload) {
	report *r = payload;
	const tell_screen *out = &r->cli->out;
	uint64_t *counts[] = {&r->notes, &r->warnings, &r->errors};
	++*counts[finding->severity];
	if (r->is_json) {
		tell_json(out, finding);
	} else if (r->has_notes || finding->severity != APLOMB_NOTE) {
		cli_tell_finding(out, finding);
		cli_excerpt_show(&r->excerpt, out, finding->file, finding->line, finding->column);
	}
}

/* Each file in a runtime of its own: two versions of one playbook do not meet. */
static int check_file(report *r, const char *path) {
	aplomb_error error;
	aplomb_runtime *rt;
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	int status = cli_settings_apply(r->settings, r->cli, &cli_check, &load);
	if (status != CLI_OK) return status;
	int code = aplomb_open(&rt, NULL, &error);
	if (code == APLOMB_OK) {
		uint64_t told_before = r->errors;
		load.path = path;
		load.on_finding = take_finding;
		load.payload = r;
		load.roots = r->roots->items;
		load.n_roots = r->roots->count;
		load.examine = true;
		aplomb_playbook *playbook;
		code = aplomb_load(rt, &load, &playbook, &error);
		/* An error without a finding (a limit, say) is one all the same. */
		if (code == APLOMB_EPLAYBOOK || code == APLOMB_ELIMIT) {
			aplomb_finding finding = {sizeof finding, APLOMB_ERROR, error.slug, error.message, path, error.line, error.column};
			if (r->errors == told_before) take_finding(&finding, r);
			code = APLOMB_OK;
		}
		aplomb_close(rt);
	}
	if (code == APLOMB_OK) {
		r->files++;
		return CLI_OK;
	}
	cli_tell_error(r->cli, NULL, 0, 0, error.message, error.slug);
	if (code != APLOMB_EIO) return CLI_INTERNAL;
	r->was_unreadable = true;
	return CLI_OK;
}

static void summary_part(const tell_screen *screen, uint64_t count, const char *one, const char *many, const char *separator) {
	char number[32];
	tell_print(screen, "%s%s %s", separator, tell_count(count, number), count == 1 ? one : many);
}

static void summarise(const report *r) {
	const tell_screen *out = &r->cli->out;
	if (r->is_json) return; /* a line a finding, and the status */
	tell_style_set(out, r->errors > 0 ? TELL_BAD : r->warnings > 0 ? TELL_CAREFUL : TELL_GOOD);
	summary_part(out, r->files, "playbook", "playbooks", "");
	summary_part(out, r->errors, "error", "errors", ": ");
	summary_part(out, r->warnings, "warning", "warnings", ", ");
	if (r->notes > 0) summary_part(out, r->notes, "note", "notes", ", ");
	tell_style_set(out, TELL_PLAIN);
	tell_print(out, "\n");
}

static int run(const cli_screens *cli, char **arguments, int count) {
	check_options options = {0};
	if (!cli_take(cli, &cli_check, &options, arguments, &count)) return CLI_USAGE;
	if (options.explain != NULL) return cli_explain.run(cli, (char *[]){(char *)(uintptr_t)options.explain, NULL}, 1);
	if (count == 0) {
		cli_complain(cli, &cli_check, "which playbook? give one or more files");
		return CLI_USAGE;
	}
	report r = {
	    .cli = cli, .roots = &options.roots, .settings = &options.settings, .is_json = options.format == 1, .has_notes = options.notes};
	int status = CLI_OK;
	for (int i = 0; i < count && status == CLI_OK; i++) {
		char *path = cli_playbook_path(arguments[i]);
		status = check_file(&r, path);
		free(path);
	}
	cli_excerpt_free(&r.excerpt);
	cli_settings_dispose(&options.settings);
	if (status != CLI_OK) return status;
	summarise(&r);
	if (r.was_unreadable) return CLI_NO_INPUT;
	return r.errors > 0 ? CLI_ERRORS : r.warnings > 0 ? CLI_LOOK : CLI_OK;
}

const cli_verb cli_check = {
    .name = "check",
    .operands = "PLAYBOOK…",
    .sentence = "look at playbooks and say everything that is wrong with them",
    .about =
        "Loads each playbook as a runtime would, without opening a case, looks its states over for dead ends, waits without a clock and "
        "the like, and tells all findings of all files at once, in the order of the files and their lines: file:line:column: severity: "
        "message [slug]. Columns count characters from 1; where only the line is known, the column is left out. A folder stands for the "
        "playbook.lua in it. Notes are counted; --notes shows them.",
    .examples = "aplomb check upset_customer.lua\naplomb check --format json playbooks/*/playbook.lua",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .least = 0,
    .most = -1,
    .run = run,
};
