/* SPDX-License-Identifier: MIT */
/*
 * Decides how `aplomb case resume`, skip, set and close are said: whose hand it
 * was, why, and what is set. What each does to a case is decided by the library
 * (aplomb_case_mend), and stands in its journal.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/case.h"
#include "tell/tell.h"

typedef struct mend_options {
	cli_kept_options kept;
	const char *because;
	const char *by;
	cli_limits limits;
} mend_options;

#define HOW                                                                                                                                \
	{"because", 0, CLI_TEXT, CLI_OFFSET(mend_options, because), "TEXT", "why, for whoever reads the journal; it must be given", NULL},     \
	    {"by", 0, CLI_TEXT, CLI_OFFSET(mend_options, by), "WHO", "who says so, a kind or kind:id (agent:17); without it system", NULL},    \
	    CLI_KEPT_AT(mend_options, kept)
static const cli_option OPTIONS[] = {HOW};
/* Who lets it happen again may allow it more. */
static const cli_option RESUME_OPTIONS[] = {HOW, CLI_LIMITS_OPTIONS(mend_options, limits)};

/* ---- what is set -------------------------------------------------------------------- */

/* "name=VALUE": VALUE is JSON when it is that, and otherwise a text. A whole map stands for itself. */
static bool put_assignment(const tell_screen *to, const char *text, bool is_first) {
	const char *equals = strchr(text, '=');
	if (equals == NULL || equals == text) return false;
	char *name = tell_need_copy(text);
	name[equals - text] = '\0';
	tell_json_member(to, name, is_first);
	free(name);
	aplomb_json *json;
	if (aplomb_json_read(&json, equals + 1, strlen(equals + 1), NULL) == APLOMB_OK) {
		fputs(equals + 1, to->file);
		aplomb_json_free(json);
	} else {
		tell_json_text(to, equals + 1);
	}
	return true;
}

/* One JSON map of all that is given; NULL: a mistake was told. free() it. */
static char *data_of(const cli_screens *cli, char **given, int count) {
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	if (file == NULL) return NULL;
	const tell_screen to = {.file = file, .width = 80};
	bool is_sound = true;
	if (count == 1 && given[0][0] == '{') {
		fputs(given[0], file);
	} else {
		fputc('{', file);
		for (int i = 0; i < count && is_sound; i++) {
			is_sound = put_assignment(&to, given[i], i == 0);
			if (!is_sound)
				cli_complain(
				    cli, &cli_case_set, "\"%.60s\" sets nothing: write NAME=VALUE, or a JSON map in place of all of them", given[i]);
		}
		fputc('}', file);
	}
	fclose(file);
	if (is_sound) return text;
	free(text);
	return NULL;
}

/* ---- how it stands then ---------------------------------------------------------------- */

static int tell_outcome(const cli_kept *kept, const char *id, aplomb_mend_kind kind, const aplomb_receipt *receipt) {
	const tell_screen *out = &kept->cli->out;
	static const char *const done[] = {"goes on", "goes on without what broke it", "has other data, and is faulted still", "is closed"};
	char number[32];
	const bool again = receipt->faulted;
	tell_style_set(out, TELL_STRONG);
	tell_put_text(out, id, strlen(id), -1);
	tell_style_set(out, TELL_PLAIN);
	tell_print(out, " ");
	const uint64_t seq = receipt->seq;
	if (again)
		tell_print_styled(out, TELL_BAD, "was faulted again");
	else
		tell_print(out, "%s", receipt->closed ? done[APLOMB_MEND_CLOSE] : done[kind]);
	tell_print(out, ", entry %s\n", tell_count(seq, number));
	if (again) {
		cli_fault fault;
		char text[900];
		cli_case_fault(kept, id, seq, &fault);
		snprintf(text, sizeof text, "%s [%s]", fault.message, fault.slug);
		if (fault.is_known) tell_line(out, NULL, "why", TELL_BAD, text);
	}
	char *states = cli_kept_states(kept, id);
	if (states[0] != '\0') tell_line(out, NULL, "where", TELL_STATE, states);
	free(states);
	return again ? CLI_LOOK : CLI_OK;
}

static int refused(const cli_kept *kept, const aplomb_error *error) {
	cli_complain(kept->cli, kept->verb, "%s [%s]; nothing has changed", error->message, error->slug);
	return error->code == APLOMB_ENOMEM ? CLI_INTERNAL : error->code == APLOMB_ESTORE ? CLI_IO : CLI_USAGE;
}

static int mend(const cli_screens *cli, const cli_verb *verb, aplomb_mend_kind kind, char **arguments, int count) {
	mend_options options = {0};
	if (!cli_take(cli, verb, &options, arguments, &count)) return CLI_USAGE;
	if (options.because == NULL) {
		cli_complain(cli, verb, "say why with --because \"…\": it stands in the case's journal");
		return CLI_USAGE;
	}
	char *data = kind == APLOMB_MEND_SET ? data_of(cli, arguments + 2, count - 2) : NULL;
	if (kind == APLOMB_MEND_SET && data == NULL) return CLI_USAGE;
	cli_kept kept;
	int status = cli_kept_open(&kept, cli, verb, arguments[0], &options.kept, &options.limits);
	if (status == CLI_OK) {
		aplomb_case_info info;
		aplomb_error error = {0};
		aplomb_receipt receipt = APLOMB_RECEIPT_INIT;
		aplomb_mend how = APLOMB_MEND_INIT;
		how.kind = kind;
		how.because = options.because;
		how.by = options.by;
		how.data = data;
		status = cli_kept_case(&kept, arguments[1], &info);
		if (status == CLI_OK)
			status = aplomb_case_mend(kept.rt, arguments[1], &how, &receipt, &error) == APLOMB_OK
			             ? tell_outcome(&kept, arguments[1], kind, &receipt)
			             : refused(&kept, &error);
		cli_kept_close(&kept);
	}
	free(data);
	return status;
}

static int run_resume(const cli_screens *cli, char **arguments, int count) {
	return mend(cli, &cli_case_resume, APLOMB_MEND_RESUME, arguments, count);
}
static int run_skip(const cli_screens *cli, char **arguments, int count) {
	return mend(cli, &cli_case_skip, APLOMB_MEND_SKIP, arguments, count);
}
static int run_set(const cli_screens *cli, char **arguments, int count) {
	return mend(cli, &cli_case_set, APLOMB_MEND_SET, arguments, count);
}
static int run_close(const cli_screens *cli, char **arguments, int count) {
	return mend(cli, &cli_case_close, APLOMB_MEND_CLOSE, arguments, count);
}

#define COMMON .options = OPTIONS, .n_options = sizeof OPTIONS / sizeof OPTIONS[0]
#define ALONE                                                                                                                              \
	"\n\nIt is an entry of the case's journal, with who and why. No runtime may have the store open: while one has, that one mends "       \
	"(aplomb_case_mend), or is ended first."

const cli_verb cli_case_resume = {
    .name = "case resume",
    .operands = "STORE CASE --because TEXT",
    .sentence = "let a faulted case go on: what broke it happens again",
    .about =
        "The event is stepped again, the timer fires, the case opens: with what is the case by now, when the limit was one of the moment, "
        "or its data were set right, or with more than it was allowed. With status 1 when it breaks a limit again. What no option says is "
        "as "
        "the store was stepped last; a runtime that steps the case from then on is given the same." ALONE,
    .examples = "aplomb case resume cases.db order-2077 --because \"the address was set right\"\n"
                "aplomb case resume cases.db order-7 --because \"long\" --limit-instructions 5M",
    .options = RESUME_OPTIONS,
    .n_options = sizeof RESUME_OPTIONS / sizeof RESUME_OPTIONS[0],
    .least = 2,
    .most = 2,
    .run = run_resume,
};
const cli_verb cli_case_skip = {
    .name = "case skip",
    .operands = "STORE CASE --because TEXT",
    .sentence = "let a faulted case go on without what broke it",
    .about = "The event is left out, the timer does not fire; an `every` goes on with its next time." ALONE,
    .examples = "aplomb case skip cases.db order-7 --because \"it was a test\" --by agent:17",
    COMMON,
    .least = 2,
    .most = 2,
    .run = run_skip,
};
const cli_verb cli_case_set = {
    .name = "case set",
    .operands = "STORE CASE NAME=VALUE… --because TEXT",
    .sentence = "set data of a faulted case right; it stays faulted",
    .about =
        "NAME is a member of the case's data. VALUE is JSON when it is that, and otherwise a text: messages=0, note=\"lost in transit\", "
        "note='\"12\"' for the text 12. In place of all of them one JSON map may stand. What is not named stays as it is, and what "
        "does not fit is refused." ALONE,
    .examples = "aplomb case set cases.db order-2077 messages=0 --because \"counted twice\"\n"
                "aplomb case resume cases.db order-2077 --because \"its data are right now\"",
    COMMON,
    .least = 3,
    .most = -1,
    .run = run_set,
};
const cli_verb cli_case_close = {
    .name = "case close",
    .operands = "STORE CASE --because TEXT",
    .sentence = "end a faulted case, in no final state",
    .about = "No action runs; its timers and its children are cancelled." ALONE,
    .examples = "aplomb case close cases.db order-7 --because \"it is in court now\"",
    COMMON,
    .least = 2,
    .most = 2,
    .run = run_close,
};
