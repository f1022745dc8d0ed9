/* SPDX-License-Identifier: MIT */
/*
 * Decides which open cases `aplomb calendar impact` looks at, and how it tells
 * what a calendar that changed would move. What moves is decided by the library,
 * which takes the step and takes it back: nothing is changed by looking.
 *
 * The playbook that brings the calendar is loaded in a runtime of its own, for a
 * store that is only looked at takes no playbook in.
 */
#include "cli/calendar_impact.h"

#include <stdlib.h>
#include <string.h>

#include "cli/case.h"
#include "cli/journal_lines.h"
#include "cli/settings.h"
#include "tell/tell.h"

enum { LISTED = 20 };

typedef enum way { AS_DECLARED, KEEP, RECOMPUTE } way;

typedef struct impact_options {
	cli_kept_options kept;
	const char *store;
	const char *journal;
	const char *ran; /* the playbook that the journal's cases ran */
	const char *name;
	int changes;
	bool all;
	cli_texts roots;
	cli_settings settings;
} impact_options;

#define OFFSET(member) CLI_OFFSET(impact_options, member)
static const cli_option OPTIONS[] = {
    {"store", 0, CLI_TEXT, OFFSET(store), "STORE", "look at the open cases of this store; a runtime may have it open", NULL},
    {"journal", 0, CLI_TEXT, OFFSET(journal), "FILE", "look at the cases of this journal that are open at its end", NULL},
    {"playbook", 0, CLI_TEXT, OFFSET(ran), "FILE", "with --journal: the version that its cases ran", NULL},
    {"calendar", 0, CLI_TEXT, OFFSET(name), "NAME", "only this one of several", NULL},
    {"changes", 0, CLI_CHOICE, OFFSET(changes), "WHAT",
        "as if the calendar said so: keep deadlines that stand, or recompute them; without it as it says itself",
        "declared keep recompute"},
    {"all", 'a', CLI_FLAG, OFFSET(all), NULL, "list all of them, where otherwise the first 20 are", NULL},
    {"at", 0, CLI_INSTANT, OFFSET(kept.at), "INSTANT", "as of then; without it now, or with --journal as of its newest entry", NULL},
    {"json", 0, CLI_FLAG, OFFSET(kept.json), NULL, "a JSON map a clock or timer, of all of them, and one for each calendar", NULL},
    {"root", 0, CLI_TEXTS, OFFSET(roots), "DIR", "look for modules there too, after the playbook's own folder", NULL},
    CLI_SETTINGS_OPTIONS(impact_options, settings),
};

typedef struct looking {
	const cli_screens *cli;
	const impact_options *options;
	aplomb_runtime *other; /* of [playbook] */
	aplomb_playbook *playbook;
	aplomb_runtime *rt; /* of the cases */
	cli_cases cases;
	/* Of the calendar that is being told: */
	const char *name;
	const aplomb_calendar *calendar;
	const char *case_id;
	aplomb_calendar_changes changes;
	uint64_t n_cases, n_counted, n_moved, n_later, n_earlier, n_breached, n_paused, n_without, n_faulted, shown, left_out;
	uint64_t moved_before; /* calendars told before this one: how much of them moves */
} looking;

/* ---- the cases ------------------------------------------------------------------------- */

static int note_case(const aplomb_case_brief *brief, void *payload) {
	looking *l = payload;
	if (brief->status == APLOMB_CASE_CLOSED || brief->playbook == NULL) return 0;
	if (strcmp(aplomb_playbook_id(brief->playbook), aplomb_playbook_id(l->playbook)) == 0) cli_cases_add(&l->cases, brief);
	return 0;
}

static int damaged(const looking *l, const tell_lines *lines, const aplomb_error *error) {
	cli_tell_error(l->cli, lines->name, lines->number, error->column, error->message, error->slug);
	return error->code == APLOMB_ENOMEM ? CLI_INTERNAL : CLI_ERRORS;
}

/* A rehearsal, with the limits of the journal's first head and the version that its cases ran. */
static int open_rehearsal(looking *l, const tell_lines *lines, const char *line, size_t size) {
	aplomb_limits limits = {.size = sizeof limits};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_error error = {0};
	aplomb_playbook *ran;
	if (aplomb_journal_limits(line, size, &limits, &error) != APLOMB_OK) return damaged(l, lines, &error);
	options.rehearsal = true;
	options.time_follows_events = true;
	options.limits = &limits;
	if (aplomb_open(&l->rt, &options, &error) != APLOMB_OK) {
		cli_tell_error(l->cli, NULL, 0, 0, error.message, error.slug);
		return CLI_INTERNAL;
	}
	cli_settings settings = {.policy = l->options->settings.policy, .params = l->options->settings.params};
	const int status = cli_settings_load(&settings, l->cli, &cli_calendar_impact, l->rt, &l->options->roots, l->options->ran, &ran);
	cli_settings_dispose(&settings);
	return status;
}

static int replay_line(const tell_lines *lines, const char *line, size_t size, void *payload) {
	looking *l = payload;
	aplomb_replayed replayed = {.size = sizeof replayed};
	aplomb_error error = {0};
	int status = l->rt == NULL ? open_rehearsal(l, lines, line, size) : CLI_OK;
	if (status != CLI_OK) return status;
	if (aplomb_replay(l->rt, NULL, line, size, &replayed, &error) != APLOMB_OK) return damaged(l, lines, &error);
	if (replayed.same) return CLI_OK;
	cli_tell_error(l->cli, lines->name, lines->number, 0,
	    "this playbook is not the one that the case ran: something else comes out. Give the version that it ran with --playbook",
	    "replay-differs");
	return CLI_ERRORS;
}

static int read_journal(looking *l) {
	aplomb_error error = {0};
	int status = cli_journal_lines(l->cli, &cli_calendar_impact, l->options->journal, replay_line, l);
	if (status == CLI_OK && l->rt == NULL) {
		cli_complain(l->cli, &cli_calendar_impact, "%s holds no journal: it is empty", l->options->journal);
		return CLI_NO_INPUT;
	}
	if (status == CLI_OK && l->options->kept.at.is_given && aplomb_turn_clock(l->rt, l->options->kept.at.at, &error) != APLOMB_OK) {
		cli_complain(l->cli, &cli_calendar_impact, "--at: %s", error.message);
		return CLI_USAGE;
	}
	return status;
}

/* ---- telling ----------------------------------------------------------------------------- */

static const char *shown_instant(const looking *l, aplomb_instant at, char out[TELL_WALL]) {
	aplomb_wall wall = APLOMB_WALL_INIT;
	return aplomb_calendar_wall(l->calendar, at, &wall, NULL) == APLOMB_OK ? tell_wall(&wall, out) : "?";
}

static void put_json(const looking *l, const aplomb_calendar_moved *moved) {
	const tell_screen *out = &l->cli->out;
	tell_print(out, "{");
	tell_json_member(out, "case", true);
	tell_json_text(out, l->case_id);
	tell_json_text_member(out, "calendar", l->name);
	tell_json_text_member(out, moved->clock != NULL ? "clock" : "timer", moved->clock != NULL ? moved->clock : moved->timer);
	tell_json_instant_member(out, "before", moved->had_deadline ? moved->before : APLOMB_NEVER);
	tell_json_instant_member(out, "after", moved->has_deadline ? moved->after : APLOMB_NEVER);
	tell_print(out, ",\"moves\":%s,\"kept\":%s", moved->moves ? "true" : "false", moved->keeps ? "true" : "false");
	if (moved->had_deadline && moved->has_deadline) tell_print(out, ",\"by_us\":%lld", (long long)(moved->after - moved->before));
	if (moved->clock != NULL)
		tell_print(out, ",\"running\":%s,\"breached\":%s,\"elapsed_us\":%lld,\"target_us\":%lld", moved->is_running ? "true" : "false",
		    moved->is_breached ? "true" : "false", (long long)moved->elapsed, (long long)moved->target);
	tell_print(out, "}\n");
}

static void put_text(const looking *l, const aplomb_calendar_moved *moved) {
	const tell_screen *out = &l->cli->out;
	const char *name = moved->clock != NULL ? moved->clock : moved->timer;
	char before[TELL_WALL], after[TELL_WALL], apart[TELL_LENGTH];
	tell_style_set(out, TELL_STRONG);
	tell_put_text(out, l->case_id, strlen(l->case_id), -1);
	tell_style_set(out, TELL_PLAIN);
	tell_print(out, "  %s ", moved->clock != NULL ? "clock" : "timer");
	tell_put_text(out, name, strlen(name), -1);
	tell_print(out, "\n  ");
	if (!moved->moves && moved->is_breached) {
		tell_print(out, "breached, and stays so\n");
	} else if (!moved->has_deadline && !moved->had_deadline) {
		tell_print(out, "does not run now, so no deadline stands\n");
	} else if (!moved->moves) {
		tell_print(out, "%s, and stays there\n", shown_instant(l, moved->before, before));
	} else if (!moved->has_deadline || !moved->had_deadline) {
		tell_print(out, moved->has_deadline ? "from never to %s\n" : "from %s to never\n",
		    shown_instant(l, moved->has_deadline ? moved->after : moved->before, before));
	} else {
		const bool is_later = moved->after > moved->before;
		tell_length(is_later ? moved->after - moved->before : moved->before - moved->after, true, apart);
		shown_instant(l, moved->before, before);
		shown_instant(l, moved->after, after);
		tell_style_set(out, moved->keeps ? TELL_PLAIN : TELL_CAREFUL);
		tell_print(out, moved->keeps ? "kept at %s; recomputed it would be %s, %s %s\n" : "from %s to %s, %s %s\n", before, after, apart,
		    is_later ? "later" : "earlier");
		tell_style_set(out, TELL_PLAIN);
	}
}

static void note_moved(const aplomb_calendar_moved *moved, void *payload) {
	looking *l = payload;
	l->n_counted++;
	l->n_moved += moved->moves;
	l->n_breached += moved->clock != NULL && moved->is_breached;
	l->n_paused += !moved->had_deadline && !moved->has_deadline;
	if (moved->moves && moved->had_deadline && moved->has_deadline) {
		l->n_later += moved->after > moved->before;
		l->n_earlier += moved->after < moved->before;
	}
	if (l->options->kept.json)
		put_json(l, moved);
	else if (!moved->moves && !l->options->all)
		return;
	else if (l->shown >= LISTED && !l->options->all)
		l->left_out++;
	else
		put_text(l, moved);
	l->shown++;
}

static void put_heading(const looking *l) {
	const tell_screen *out = &l->cli->out;
	tell_print_styled(out, TELL_STRONG, "calendar %s", l->name);
	tell_print(out, "  %s, version %.12s: deadlines that stand are %s\n\n", aplomb_calendar_zone(l->calendar),
	    aplomb_calendar_version(l->calendar), l->changes == APLOMB_CALENDAR_KEEP ? "kept" : "recomputed");
}

static void put_sum(const looking *l) {
	const tell_screen *out = &l->cli->out;
	char number[32];
	if (l->options->kept.json) {
		tell_print(out, "{");
		tell_json_member(out, "calendar", true);
		tell_json_text(out, l->name);
		tell_json_text_member(out, "version", aplomb_calendar_version(l->calendar));
		tell_json_text_member(out, "changes", l->changes == APLOMB_CALENDAR_KEEP ? "keep" : "recompute");
		tell_json_number_member(out, "cases", l->n_cases);
		tell_json_number_member(out, "counted", l->n_counted);
		tell_json_number_member(out, "moved", l->changes == APLOMB_CALENDAR_KEEP ? 0 : l->n_moved);
		tell_json_number_member(out, "kept", l->changes == APLOMB_CALENDAR_KEEP ? l->n_moved : 0);
		tell_json_number_member(out, "later", l->n_later);
		tell_json_number_member(out, "earlier", l->n_earlier);
		tell_json_number_member(out, "breached", l->n_breached);
		tell_json_number_member(out, "paused", l->n_paused);
		tell_json_number_member(out, "faulted", l->n_faulted);
		tell_json_number_member(out, "without", l->n_without);
		tell_print(out, "}\n");
		return;
	}
	if (l->left_out > 0) tell_print(out, "… and %s more: --all lists them\n", tell_count(l->left_out, number));
	if (l->shown > 0) tell_print(out, "\n");
	tell_print(out, "%s open case%s", tell_count(l->n_cases, number), l->n_cases == 1 ? "" : "s");
	tell_print(out, ", %s of their clocks and timers of this calendar", tell_count(l->n_counted, number));
	tell_print(out, ": %s %s", tell_count(l->n_moved, number),
	    l->changes == APLOMB_CALENDAR_KEEP ? "would move if they were not kept"
	    : l->n_moved == 1                  ? "moves"
	                                       : "move");
	if (l->n_later > 0) tell_print(out, ", %s later", tell_count(l->n_later, number));
	if (l->n_earlier > 0) tell_print(out, ", %s earlier", tell_count(l->n_earlier, number));
	tell_print(out, "\n");
	if (l->n_breached > 0) tell_print(out, "%s breached already, and stay so: what was counted stays\n", tell_count(l->n_breached, number));
	if (l->n_paused > 0) tell_print(out, "%s without a deadline now\n", tell_count(l->n_paused, number));
	if (l->n_faulted > 0) tell_print(out, "%s faulted, and to be mended first\n", tell_count(l->n_faulted, number));
	if (l->n_without > 0) tell_print(out, "%s of versions without this calendar\n", tell_count(l->n_without, number));
}

static int failed(const looking *l, const aplomb_error *error) {
	if (l->options->store != NULL) return cli_kept_failed(l->cli, &cli_calendar_impact, l->options->store, error);
	cli_tell_error(l->cli, NULL, 0, 0, error->message, error->slug);
	return CLI_INTERNAL;
}

static int tell_calendar(looking *l) {
	aplomb_calendar_change change = APLOMB_CALENDAR_CHANGE_INIT;
	change.calendar = l->name;
	change.playbook = l->playbook;
	change.changes = l->changes;
	l->n_cases = l->n_counted = l->n_moved = l->n_later = l->n_earlier = l->n_breached = l->n_paused = l->n_without = l->n_faulted = 0;
	l->shown = l->left_out = 0;
	if (!l->options->kept.json) put_heading(l);
	for (size_t i = 0; i < l->cases.count && !ferror(l->cli->out.file); i++) {
		aplomb_error error = {0};
		l->case_id = l->cases.items[i].id;
		const int code = aplomb_case_calendar_impact(l->rt, l->case_id, &change, note_moved, l, NULL, &error);
		if (code == APLOMB_ENOTFOUND && strcmp(error.slug, "unknown-calendar") == 0)
			l->n_without++;
		else if (code == APLOMB_EFAULTED)
			l->n_faulted++;
		else if (code != APLOMB_OK)
			return failed(l, &error);
		else
			l->n_cases++;
	}
	put_sum(l);
	if (l->changes == APLOMB_CALENDAR_RECOMPUTE) l->moved_before += l->n_moved;
	return CLI_OK;
}

/* ---- the verb ------------------------------------------------------------------------------ */

typedef struct names {
	const char *items[1000];
	size_t count;
} names;

static void gather_name(const char *name, const aplomb_calendar *calendar, void *payload) {
	(void)calendar;
	names *all = payload;
	if (all->count < sizeof all->items / sizeof *all->items) all->items[all->count++] = name;
}

static int tell_all(looking *l, const names *all) {
	int status = CLI_OK;
	bool is_first = true;
	for (size_t i = 0; i < all->count && status == CLI_OK; i++) {
		if (l->options->name != NULL && strcmp(l->options->name, all->items[i]) != 0) continue;
		if (!is_first && !l->options->kept.json) tell_print(&l->cli->out, "\n");
		is_first = false;
		l->name = all->items[i];
		l->calendar = aplomb_playbook_calendar(l->playbook, l->name);
		l->changes = l->options->changes == KEEP        ? APLOMB_CALENDAR_KEEP
		             : l->options->changes == RECOMPUTE ? APLOMB_CALENDAR_RECOMPUTE
		                                                : aplomb_playbook_calendar_changes(l->playbook, l->name);
		status = tell_calendar(l);
	}
	if (!is_first) return status != CLI_OK ? status : l->moved_before > 0 ? CLI_LOOK : CLI_OK;
	char hint[128];
	if (all->count == 0)
		cli_complain(l->cli, &cli_calendar_impact, "the playbook declares no calendar");
	else
		cli_complain(l->cli, &cli_calendar_impact, "the playbook has no calendar \"%.60s\"%s", l->options->name,
		    cli_hint_of(l->options->name, all->items, all->count, "", hint, sizeof hint));
	return CLI_USAGE;
}

static int look(looking *l) {
	aplomb_error error = {0};
	cli_kept kept = {0};
	names *all = tell_need(sizeof *all);
	aplomb_playbook_calendars(l->playbook, gather_name, all);
	int status = l->options->store != NULL ? cli_kept_open(&kept, l->cli, &cli_calendar_impact, l->options->store, &l->options->kept, NULL)
	                                       : read_journal(l);
	if (l->options->store != NULL) l->rt = kept.rt;
	if (status == CLI_OK && aplomb_case_each(l->rt, note_case, l, &error) != APLOMB_OK) status = failed(l, &error);
	if (status == CLI_OK) status = tell_all(l, all);
	cli_cases_dispose(&l->cases);
	aplomb_close(l->rt);
	free(all);
	return status;
}

static int run(const cli_screens *cli, char **arguments, int count) {
	impact_options options = {0};
	aplomb_error error = {0};
	if (!cli_take(cli, &cli_calendar_impact, &options, arguments, &count)) return CLI_USAGE;
	looking l = {.cli = cli, .options = &options};
	int status = CLI_USAGE;
	if ((options.store != NULL) == (options.journal != NULL)) {
		cli_complain(cli, &cli_calendar_impact, "which cases? Give --store with a store, or --journal with a journal");
	} else if ((options.journal != NULL) != (options.ran != NULL)) {
		cli_complain(cli, &cli_calendar_impact,
		    options.journal != NULL ? "which playbook did the journal's cases run? Give --playbook with its file"
		                            : "--playbook goes with --journal: a store has the versions that its cases run");
	} else if (aplomb_open(&l.other, NULL, &error) != APLOMB_OK) {
		cli_tell_error(cli, NULL, 0, 0, error.message, error.slug);
		status = CLI_INTERNAL;
	} else {
		status = cli_settings_load(&options.settings, cli, &cli_calendar_impact, l.other, &options.roots, arguments[0], &l.playbook);
		if (status == CLI_OK) status = look(&l);
		aplomb_close(l.other);
	}
	cli_settings_dispose(&options.settings);
	return status;
}

const cli_verb cli_calendar_impact = {
    .name = "calendar impact",
    .operands = "PLAYBOOK --store STORE | --journal FILE --playbook OLD",
    .sentence = "list what a calendar that changed would move in open cases",
    .about =
        "PLAYBOOK is the edited one, with the calendar as it is to be. Of each open case of a playbook of that name, each clock and timer "
        "is told that would have another deadline, from when to when, and what is kept; --all also lists what does not move. Nothing "
        "is changed: a program brings the calendar to a case with aplomb_case_calendar_change.\n\n"
        "With status 1 when something would move.",
    .examples = "aplomb calendar impact desk.lua --store cases.db\n"
                "aplomb calendar impact desk.lua --store cases.db --changes recompute --json\n"
                "aplomb calendar impact desk.lua --journal cases.journal --playbook desk-before.lua",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .least = 1,
    .most = 1,
    .run = run,
};
