/* SPDX-License-Identifier: MIT */
/*
 * Decides of which case `aplomb why` tells, and by which playbook. What counted
 * and why is decided by the library, how it looks by room tell.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/journal_lines.h"
#include "cli/settings.h"
#include "tell/tell.h"

typedef enum why_form { AS_TEXT, AS_JSON } why_form;

typedef struct why_options {
	const char *clock;
	const char *playbook;
	const char *case_id;
	cli_instant at;
	int format;
	cli_texts roots;
	cli_settings settings;
} why_options;

static const cli_option OPTIONS[] = {
    {"clock", 0, CLI_TEXT, CLI_OFFSET(why_options, clock), "NAME", "the clock that is asked about", NULL},
    {"playbook", 0, CLI_TEXT, CLI_OFFSET(why_options, playbook), "FILE",
        "the playbook that the case ran; without it the current folder's playbook.lua", NULL},
    {"case", 'c', CLI_TEXT, CLI_OFFSET(why_options, case_id), "ID", "which case, when the journal holds several", NULL},
    {"at", 0, CLI_INSTANT, CLI_OFFSET(why_options, at), "INSTANT", "as of then; without it as of the case's newest entry", NULL},
    {"format", 0, CLI_CHOICE, CLI_OFFSET(why_options, format), "FORMAT", "for people, or the same data as one line of JSON", "text json"},
    {"root", 0, CLI_TEXTS, CLI_OFFSET(why_options, roots), "DIR", "look for modules there too, after the playbook's own folder", NULL},
    CLI_SETTINGS_OPTIONS(why_options, settings),
};

typedef struct asking {
	const cli_screens *cli;
	const why_options *options;
	aplomb_account *account;
	aplomb_journal *journal;
	const char *path;
	char *case_id; /* of whom it is told; NULL: no line of a case was read yet */
	uint64_t others;
	bool is_damaged;
} asking;

static int note_line(const tell_lines *lines, const char *line, size_t size, void *payload) {
	asking *a = payload;
	aplomb_error error;
	aplomb_value entry = {NULL, 0};
	int code = aplomb_journal_read(a->journal, line, size, &entry, &error);
	if (code == APLOMB_ENOMEM) {
		cli_tell_error(a->cli, NULL, 0, 0, error.message, error.slug);
		return CLI_INTERNAL;
	}
	const char *id = aplomb_value_text(aplomb_value_get(entry, "case"), NULL);
	bool is_ours = id != NULL && strcmp(id, a->options->case_id != NULL ? a->options->case_id : a->case_id != NULL ? a->case_id : id) == 0;
	if (code != APLOMB_OK) {
		cli_tell_error(a->cli, lines->name, lines->number, error.column, error.message, error.slug);
		a->is_damaged = true;
	}
	if (!is_ours) {
		a->others += id != NULL;
		return CLI_OK;
	}
	if (a->case_id == NULL) a->case_id = tell_need_copy(id);
	code = aplomb_account_note(a->account, entry, &error);
	if (code == APLOMB_OK) return CLI_OK;
	cli_tell_error(a->cli, lines->name, lines->number, 0, error.message, error.slug);
	return code == APLOMB_ENOMEM ? CLI_INTERNAL : CLI_ERRORS;
}

static int read_journal(asking *a) {
	aplomb_error error = {0};
	if (aplomb_journal_open(&a->journal, &error) != APLOMB_OK) {
		cli_tell_error(a->cli, NULL, 0, 0, error.message, error.slug);
		return CLI_INTERNAL;
	}
	int status = cli_journal_lines(a->cli, &cli_why, a->path, note_line, a);
	aplomb_journal_close(a->journal);
	return status;
}

static int tell(asking *a) {
	aplomb_error error = {0};
	if (a->case_id == NULL) {
		if (a->options->case_id != NULL)
			cli_complain(
			    a->cli, &cli_why, "there is no case \"%.80s\" in %s; `aplomb journal` lists those there are", a->options->case_id, a->path);
		else
			cli_complain(a->cli, &cli_why, "%s holds no case", a->path);
		return CLI_NO_INPUT;
	}
	if (a->others > 0 && a->options->case_id == NULL)
		cli_complain(a->cli, &cli_why, "the journal holds several cases; this is \"%.80s\", and --case chooses another", a->case_id);
	const aplomb_instant *at = a->options->at.is_given ? &a->options->at.at : NULL;
	int code = (a->options->format == AS_JSON ? tell_account_json : tell_account)(&a->cli->out, a->account, at, &error);
	if (code == APLOMB_OK) return a->is_damaged ? CLI_ERRORS : CLI_OK;
	cli_tell_error(a->cli, a->path, 0, 0, error.message, error.slug);
	return code == APLOMB_EDIFFERS ? CLI_ERRORS : CLI_INTERNAL;
}

static int ask(const cli_screens *cli, aplomb_runtime *rt, why_options *options, const char *path) {
	struct stat about;
	aplomb_error error = {0};
	aplomb_playbook *playbook;
	asking a = {.cli = cli, .options = options, .path = path};
	if (options->playbook == NULL && stat("playbook.lua", &about) != 0) {
		cli_complain(
		    cli, &cli_why, "which playbook did the case run? Give --playbook with its file or folder; there is no playbook.lua here");
		return CLI_USAGE;
	}
	int status = cli_settings_load(
	    &options->settings, cli, &cli_why, rt, &options->roots, options->playbook != NULL ? options->playbook : "playbook.lua", &playbook);
	if (status != CLI_OK) return status;
	int code = aplomb_account_open(&a.account, rt, playbook, options->clock, &error);
	if (code != APLOMB_OK) {
		cli_complain(cli, &cli_why, "%s", error.message);
		return code == APLOMB_ENOTFOUND ? CLI_USAGE : CLI_INTERNAL;
	}
	status = read_journal(&a);
	if (status == CLI_OK) status = tell(&a);
	aplomb_account_close(a.account);
	free(a.case_id);
	return status;
}

static int run(const cli_screens *cli, char **arguments, int count) {
	why_options options = {0};
	aplomb_runtime *rt;
	aplomb_error error = {0};
	if (!cli_take(cli, &cli_why, &options, arguments, &count)) return CLI_USAGE;
	int status = CLI_USAGE;
	if (options.clock == NULL) {
		cli_complain(cli, &cli_why, "which clock? Give --clock with its name");
	} else if (aplomb_open(&rt, NULL, &error) != APLOMB_OK) {
		cli_tell_error(cli, NULL, 0, 0, error.message, error.slug);
		status = CLI_INTERNAL;
	} else {
		status = ask(cli, rt, &options, arguments[0]);
		aplomb_close(rt);
	}
	cli_settings_dispose(&options.settings);
	return status;
}

const cli_verb cli_why = {
    .name = "why",
    .operands = "JOURNAL --clock NAME",
    .sentence = "say why a clock of a case stands where it does",
    .about = "Reads a journal (- is standard input) and tells every stretch of a case's clock: from when, until when, what it counted, or "
             "why it did not: closed, a holiday, paused while the case was elsewhere. The stretches add up to the deadline, always; "
             "whatever the journal says of sums is held against them.\n\n"
             "The playbook must be the one that the case ran, for its calendars say what was open: the journal names their versions. "
             "Without --playbook it is the playbook.lua of the current folder.",
    .examples = "aplomb why ticket.journal --clock resolve --playbook desk.lua\n"
                "aplomb why incidents.journal --case INC0000045 --clock resolve --at 2016-03-01T09:00:00Z\n"
                "aplomb why ticket.journal --clock resolve --format json",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .least = 1,
    .most = 1,
    .run = run,
};
