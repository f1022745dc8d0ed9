/* SPDX-License-Identifier: MIT */
/*
 * Decides how the cases of a store are told by what will happen to them: by
 * deadline, or that nothing will. Which those are is decided by the library.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/case.h"
#include "tell/tell.h"

enum { LISTED = 20 };

typedef struct due_options {
	cli_kept_options kept;
	const char *within;
	const char *playbook;
	bool all;
} due_options;

static const cli_option DUE_OPTIONS[] = {
    {"within", 0, CLI_TEXT, CLI_OFFSET(due_options, within), "SPAN", "what is due by then: \"2h\", \"1d12h\"; without it whatever is due",
        NULL},
    {"playbook", 0, CLI_TEXT, CLI_OFFSET(due_options, playbook), "ID", "only cases of this playbook, in whatever version", NULL},
    {"all", 'a', CLI_FLAG, CLI_OFFSET(due_options, all), NULL, "list all of them, where otherwise the first 20 are", NULL},
    CLI_KEPT_AT(due_options, kept),
    CLI_KEPT_JSON(due_options, kept, "a JSON map a case, of all of them"),
};

static const cli_option STUCK_OPTIONS[] = {
    {"playbook", 0, CLI_TEXT, CLI_OFFSET(due_options, playbook), "ID", "only cases of this playbook, in whatever version", NULL},
    {"all", 'a', CLI_FLAG, CLI_OFFSET(due_options, all), NULL, "list all of them, where otherwise the first 20 are", NULL},
    CLI_KEPT_AT(due_options, kept),
    CLI_KEPT_JSON(due_options, kept, "a JSON map a case, of all of them"),
};

typedef struct gathering {
	cli_kept kept;
	const due_options *options;
	aplomb_instant until;
	bool wants_stuck;
	cli_cases cases;
} gathering;

static int note(const aplomb_case_brief *brief, void *payload) {
	gathering *g = payload;
	const char *playbook = g->options->playbook;
	if (playbook != NULL && (brief->playbook == NULL || strcmp(aplomb_playbook_id(brief->playbook), playbook) != 0)) return 0;
	const bool counts = g->wants_stuck ? cli_may_be_stuck(brief) : brief->due_at != APLOMB_NEVER && brief->due_at <= g->until;
	if (counts) cli_cases_add(&g->cases, brief);
	return 0;
}

static int gather(gathering *g) {
	aplomb_error error = {0};
	if (aplomb_case_each(g->kept.rt, note, g, &error) == APLOMB_OK) return CLI_OK;
	return cli_kept_failed(g->kept.cli, g->kept.verb, g->kept.path, &error);
}

/* ---- by deadline -------------------------------------------------------------------- */

static int earlier(const void *a, const void *b) {
	const cli_case_line *one = a, *other = b;
	return one->due_at != other->due_at ? (one->due_at < other->due_at ? -1 : 1) : strcmp(one->id, other->id);
}

typedef struct first {
	char name[256];
	aplomb_instant due_at;
} first;

static void note_first(const char *name, aplomb_instant due_at, void *payload) {
	first *f = payload;
	if (due_at >= f->due_at) return;
	f->due_at = due_at;
	snprintf(f->name, sizeof f->name, "%s", name);
}

static void put_due(const gathering *g, const cli_case_line *line, int width) {
	const tell_screen *out = &g->kept.cli->out;
	char when[48], at[64];
	first f = {"", APLOMB_NEVER};
	aplomb_case_timers(g->kept.rt, line->id, note_first, &f);
	tell_print(out, "  ");
	tell_style_set(out, line->due_at < g->kept.now ? TELL_CAREFUL : TELL_PLAIN);
	tell_print(out, "%-10s", cli_kept_when(line->due_at, g->kept.now, when));
	tell_style_set(out, TELL_PLAIN);
	tell_print(out, "  %-19s  ", tell_due_words(line->due_at, g->kept.now, at));
	tell_put_text(out, line->id, strlen(line->id), width);
	tell_print(out, "  ");
	tell_style_set(out, TELL_STATE);
	tell_put_text(out, f.name, strlen(f.name), -1);
	tell_style_set(out, TELL_PLAIN);
	tell_print(out, "\n");
}

static int show_due(gathering *g) {
	const tell_screen *out = &g->kept.cli->out;
	char number[32];
	uint64_t overdue = 0;
	int status = CLI_OK;
	if (g->cases.count > 0) qsort(g->cases.items, g->cases.count, sizeof *g->cases.items, earlier);
	while (overdue < g->cases.count && g->cases.items[overdue].due_at < g->kept.now) overdue++;
	const size_t most = g->options->all || g->options->kept.json || g->cases.count < LISTED ? g->cases.count : LISTED;
	const int width = cli_case_width(g->cases.items, most);
	if (!g->options->kept.json) {
		tell_print_styled(out, TELL_STRONG, "%s case%s", tell_count(g->cases.count, number), g->cases.count == 1 ? "" : "s");
		if (g->options->within != NULL) tell_print(out, " with something due within %s", g->options->within);
		if (g->options->within == NULL) tell_print(out, " with something due");
		if (overdue > 0) tell_print(out, ", %s overdue", tell_count(overdue, number));
		tell_print(out, "\n%s", g->cases.count > 0 ? "\n" : "");
	}
	for (size_t i = 0; i < most && !ferror(out->file); i++) {
		if (!g->options->kept.json)
			put_due(g, &g->cases.items[i], width);
		else if (cli_case_json(&g->kept, &g->cases.items[i], NULL) != CLI_OK)
			status = CLI_ERRORS;
	}
	if (most < g->cases.count) tell_print(out, "\n  … and %s more: --all lists them\n", tell_count(g->cases.count - most, number));
	return status != CLI_OK ? status : overdue > 0 ? CLI_LOOK : CLI_OK;
}

static int run_due(const cli_screens *cli, char **arguments, int count) {
	due_options options = {0};
	aplomb_error error;
	aplomb_span within = 0;
	if (!cli_take(cli, &cli_case_due, &options, arguments, &count)) return CLI_USAGE;
	if (options.within != NULL && aplomb_span_read(options.within, &within, &error) != APLOMB_OK) {
		cli_complain(cli, &cli_case_due, "--within: %s", error.message);
		return CLI_USAGE;
	}
	gathering g = {.options = &options};
	int status = cli_kept_open(&g.kept, cli, &cli_case_due, arguments[0], &options.kept, NULL);
	if (status != CLI_OK) return status;
	g.until = options.within == NULL ? APLOMB_NEVER - 1 : g.kept.now > APLOMB_NEVER - 1 - within ? APLOMB_NEVER - 1 : g.kept.now + within;
	status = gather(&g);
	if (status == CLI_OK) status = show_due(&g);
	cli_cases_dispose(&g.cases);
	cli_kept_close(&g.kept);
	return status;
}

const cli_verb cli_case_due = {
    .name = "case due",
    .operands = "STORE",
    .sentence = "list what is due in a store, the earliest first",
    .about = "One line a case: when the first thing is due that happens to it without an event, and of which state, send or clock it is. "
             "With status 1 when something is overdue: no runtime has stepped it, or is still catching up.",
    .examples = "aplomb case due cases.db --within 2h\n"
                "aplomb case due cases.db --within 1d --json",
    .options = DUE_OPTIONS,
    .n_options = sizeof DUE_OPTIONS / sizeof DUE_OPTIONS[0],
    .least = 1,
    .most = 1,
    .run = run_due,
};

/* ---- nothing is due ------------------------------------------------------------------- */

static void put_stuck(const gathering *g, const cli_case_line *line, const aplomb_case_info *info) {
	const tell_screen *out = &g->kept.cli->out;
	char text[900], words[64], when[48];
	const uint64_t seq = info->seq;
	snprintf(text, sizeof text, "%s, %s", tell_due_words(info->at, g->kept.now, words), cli_kept_when(info->at, g->kept.now, when));
	tell_print(out, "\n");
	tell_style_set(out, TELL_STRONG);
	tell_put_text(out, line->id, strlen(line->id), -1);
	tell_style_set(out, TELL_PLAIN);
	tell_print(out, "\n");
	char *states = cli_kept_states(&g->kept, line->id);
	tell_line(out, NULL, "where", TELL_STATE, states);
	free(states);
	tell_line(out, NULL, "since", TELL_PLAIN, text);
	cli_fault fault = {0};
	if (line->status == APLOMB_CASE_FAULTED) cli_case_fault(&g->kept, line->id, seq, &fault);
	if (fault.is_known)
		snprintf(text, sizeof text, "faulted at entry %llu, over %s: %s [%s]", (unsigned long long)fault.seq, fault.cause, fault.message,
		    fault.slug);
	else
		snprintf(text, sizeof text, "%s",
		    line->status == APLOMB_CASE_FAULTED ? "faulted" : "no timer is armed, and no event that can come would move it");
	tell_line(out, NULL, "why", TELL_BAD, text);
}

/* Those of which that is so, in the place of those of which it may be. */
static int sift(gathering *g) {
	size_t kept = 0;
	int status = CLI_OK;
	for (size_t i = 0; i < g->cases.count; i++) {
		cli_case_line line = g->cases.items[i];
		aplomb_error error = {0};
		bool stuck = false;
		if (aplomb_case_stuck(g->kept.rt, line.id, &stuck, &error) != APLOMB_OK)
			status = cli_kept_failed(g->kept.cli, g->kept.verb, g->kept.path, &error);
		if (stuck)
			g->cases.items[kept++] = line;
		else
			free(line.id);
	}
	g->cases.count = kept;
	return status;
}

static int show_stuck(gathering *g) {
	const tell_screen *out = &g->kept.cli->out;
	char number[32];
	int status = sift(g);
	const size_t most = g->options->all || g->options->kept.json || g->cases.count < LISTED ? g->cases.count : LISTED;
	if (!g->options->kept.json) {
		if (g->cases.count == 0) tell_print(out, "no case is stuck\n");
		if (g->cases.count > 0)
			tell_print_styled(
			    out, TELL_STRONG, "%s case%s stuck", tell_count(g->cases.count, number), g->cases.count == 1 ? " is" : "s are");
		if (g->cases.count > 0) tell_print(out, "\n");
	}
	for (size_t i = 0; i < most && !ferror(out->file); i++) {
		const cli_case_line *line = &g->cases.items[i];
		aplomb_case_info info = APLOMB_CASE_INFO_INIT;
		if (g->options->kept.json)
			cli_case_json(&g->kept, line, NULL);
		else if (aplomb_case_get(g->kept.rt, line->id, &info, NULL) == APLOMB_OK)
			put_stuck(g, line, &info);
	}
	if (most < g->cases.count) tell_print(out, "\n… and %s more: --all lists them\n", tell_count(g->cases.count - most, number));
	return status != CLI_OK ? status : g->cases.count > 0 ? CLI_LOOK : CLI_OK;
}

static int run_stuck(const cli_screens *cli, char **arguments, int count) {
	due_options options = {0};
	if (!cli_take(cli, &cli_case_stuck, &options, arguments, &count)) return CLI_USAGE;
	gathering g = {.options = &options, .wants_stuck = true};
	int status = cli_kept_open(&g.kept, cli, &cli_case_stuck, arguments[0], &options.kept, NULL);
	if (status != CLI_OK) return status;
	status = gather(&g);
	if (status == CLI_OK) status = show_stuck(&g);
	cli_cases_dispose(&g.cases);
	cli_kept_close(&g.kept);
	return status;
}

const cli_verb cli_case_stuck = {
    .name = "case stuck",
    .operands = "STORE",
    .sentence = "find the cases that nothing can move any more",
    .about = "An open case is stuck when no timer is armed and no event that can come would move it: of the playbook's events none is "
             "listened to "
             "where the case is, by a transition whose guard holds, hangs on what the event carries, or may come to hold with time. What a "
             "function decides may change, as far as anybody knows. A faulted case is stuck, too: `aplomb case resume`, skip, set or close "
             "takes care of it.\n\n"
             "With status 1 when there is one.",
    .examples = "aplomb case stuck cases.db\n"
                "aplomb case stuck cases.db --json",
    .options = STUCK_OPTIONS,
    .n_options = sizeof STUCK_OPTIONS / sizeof STUCK_OPTIONS[0],
    .least = 1,
    .most = 1,
    .run = run_stuck,
};
