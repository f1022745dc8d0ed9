/* SPDX-License-Identifier: MIT */
/*
 * Decides which cases of a store `aplomb case list` lists, and how a case looks
 * in one line. No case is brought to memory but those that are shown, and those
 * whose states are asked about.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/case.h"
#include "tell/tell.h"

enum { LISTED = 20 };

typedef struct list_options {
	cli_kept_options kept;
	const char *playbook;
	const char *state;
	int status;
	bool stuck;
	bool all;
} list_options;

#define OFFSET(member) CLI_OFFSET(list_options, member)
static const cli_option OPTIONS[] = {
    {"status", 0, CLI_CHOICE, OFFSET(status), "STATUS", "only those that are so: open, closed or faulted", "any open closed faulted"},
    {"playbook", 0, CLI_TEXT, OFFSET(playbook), "ID", "only those of this playbook, in whatever version", NULL},
    {"state", 0, CLI_TEXT, OFFSET(state), "PATH", "only those that are in this state, or within it", NULL},
    {"stuck", 0, CLI_FLAG, OFFSET(stuck), NULL, "only those that nothing can move any more, as `aplomb case stuck` finds them", NULL},
    {"all", 'a', CLI_FLAG, OFFSET(all), NULL, "list all of them, where otherwise the first 20 are", NULL},
    CLI_KEPT_AT(list_options, kept),
    CLI_KEPT_JSON(list_options, kept, "a JSON map a case, of all of them"),
};

typedef struct listed {
	cli_kept kept;
	const list_options *options;
	cli_cases cases;
	uint64_t by_status[3];
	bool knows_state; /* some version has a state of that path */
	char **playbooks; /* each id that there is */
	size_t n_playbooks, playbooks_capacity;
	const aplomb_playbook *last; /* the one that was looked at last */
} listed;

/* ---- which -------------------------------------------------------------------------- */

static void note_playbook(listed *l, const aplomb_playbook *playbook) {
	if (playbook == NULL || playbook == l->last) return;
	l->last = playbook;
	const char *id = aplomb_playbook_id(playbook);
	for (size_t i = 0; i < l->n_playbooks; i++)
		if (strcmp(l->playbooks[i], id) == 0) return;
	tell_need_room(&l->playbooks, l->n_playbooks, 1, &l->playbooks_capacity, sizeof *l->playbooks);
	l->playbooks[l->n_playbooks++] = tell_need_copy(id);
}

static int note(const aplomb_case_brief *brief, void *payload) {
	listed *l = payload;
	const list_options *o = l->options;
	l->by_status[brief->status]++;
	note_playbook(l, brief->playbook);
	if (o->status != 0 && (int)brief->status != o->status - 1) return 0;
	if (o->playbook != NULL && (brief->playbook == NULL || strcmp(aplomb_playbook_id(brief->playbook), o->playbook) != 0)) return 0;
	/* What has a deadline is not stuck, and what is over neither. */
	if (o->stuck && !cli_may_be_stuck(brief)) return 0;
	cli_cases_add(&l->cases, brief);
	return 0;
}

static bool is_asked_for(listed *l, const cli_case_line *line) {
	bool stuck = true;
	if (l->options->state != NULL && !aplomb_case_is_in(l->kept.rt, line->id, l->options->state)) return false;
	if (!l->options->stuck) return true;
	return aplomb_case_stuck(l->kept.rt, line->id, &stuck, NULL) == APLOMB_OK && stuck;
}

/* ---- showing ------------------------------------------------------------------------- */

static void heading(const listed *l) {
	const tell_screen *out = &l->kept.cli->out;
	char number[32];
	const uint64_t all = l->by_status[0] + l->by_status[1] + l->by_status[2];
	tell_print_styled(out, TELL_STRONG, "%s case%s", tell_count(all, number), all == 1 ? "" : "s");
	tell_print(out, ": %s open", tell_count(l->by_status[APLOMB_CASE_OPEN], number));
	tell_print(out, ", %s closed", tell_count(l->by_status[APLOMB_CASE_CLOSED], number));
	if (l->by_status[APLOMB_CASE_FAULTED] > 0) tell_print(out, ", %s faulted", tell_count(l->by_status[APLOMB_CASE_FAULTED], number));
	tell_print(out, "\n");
}

/* A word that is not there, and what there is. CLI_OK: it is. */
static int check_words(const listed *l) {
	char hint[128];
	bool is_there = l->options->playbook == NULL;
	for (size_t i = 0; i < l->n_playbooks; i++) is_there = is_there || strcmp(l->playbooks[i], l->options->playbook) == 0;
	if (is_there) return CLI_OK;
	cli_complain(l->kept.cli, l->kept.verb, "no case in %s is of a playbook \"%.60s\"%s", l->kept.path, l->options->playbook,
	    cli_hint_of(l->options->playbook, (const char *const *)l->playbooks, l->n_playbooks, "", hint, sizeof hint));
	return CLI_USAGE;
}

static int show(listed *l) {
	const tell_screen *out = &l->kept.cli->out;
	const bool is_json = l->options->kept.json, shows_all = l->options->all || is_json;
	const bool asks_each = l->options->state != NULL || l->options->stuck;
	int status = CLI_OK;
	uint64_t shown = 0, left_out = 0;
	char number[32];
	/* Of those that are asked for, or may be: no more can be known before they are shown. */
	const int width = cli_case_width(l->cases.items, shows_all || l->cases.count < LISTED ? l->cases.count : LISTED);
	if (!is_json) heading(l);
	for (size_t i = 0; i < l->cases.count; i++) {
		const cli_case_line *line = &l->cases.items[i];
		if (!shows_all && shown >= LISTED && !asks_each) {
			left_out = l->cases.count - i;
			break;
		}
		if (asks_each && !is_asked_for(l, line)) continue;
		if (!shows_all && shown >= LISTED) {
			left_out++;
			continue;
		}
		if (shown++ == 0 && !is_json) cli_case_heading(&l->kept, width, l->n_playbooks > 1);
		const int answer = is_json ? cli_case_json(&l->kept, line, NULL) : cli_case_row(&l->kept, line, width, l->n_playbooks > 1);
		if (answer != CLI_OK) status = answer;
		if (ferror(out->file)) break;
	}
	if (is_json) return status;
	if (shown == 0) tell_print(out, "none of them is what was asked for\n");
	if (left_out > 0) tell_print(out, "\n  … and %s more: --all lists them\n", tell_count(left_out, number));
	return status;
}

static int run(const cli_screens *cli, char **arguments, int count) {
	list_options options = {0};
	aplomb_error error = {0};
	if (!cli_take(cli, &cli_case_list, &options, arguments, &count)) return CLI_USAGE;
	listed l = {.options = &options};
	int status = cli_kept_open(&l.kept, cli, &cli_case_list, arguments[0], &options.kept, NULL);
	if (status != CLI_OK) return status;
	if (aplomb_case_each(l.kept.rt, note, &l, &error) != APLOMB_OK) status = cli_kept_failed(cli, &cli_case_list, arguments[0], &error);
	if (status == CLI_OK) status = check_words(&l);
	if (status == CLI_OK) status = show(&l);
	for (size_t i = 0; i < l.n_playbooks; i++) free(l.playbooks[i]);
	free(l.playbooks);
	cli_cases_dispose(&l.cases);
	cli_kept_close(&l.kept);
	return status;
}

const cli_verb cli_case_list = {
    .name = "case list",
    .operands = "STORE",
    .sentence = "list the cases of a store, in the order in which they were opened",
    .about = "One line a case: when it was opened, how many entries its journal has, when something is due next, where it is. Nothing "
             "is locked: a runtime may have the store open, and what is listed is one moment of it.",
    .examples = "aplomb case list cases.db --status faulted\n"
                "aplomb case list cases.db --playbook late --state work.waiting --all",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .least = 1,
    .most = 1,
    .run = run,
};
