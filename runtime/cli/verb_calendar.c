/* SPDX-License-Identifier: MIT */
/*
 * Decides how a playbook's calendars look to those who keep them: a month as
 * text, what a span comes to from an instant, and what is worth a second look.
 * What counts is decided by the library.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/calendar_impact.h"
#include "cli/settings.h"
#include "tell/tell.h"

typedef struct calendar_options {
	cli_settings settings;
	cli_texts roots;
	const char *name;
	cli_instant from;
	uint64_t months;
} calendar_options;

static const cli_option OPTIONS[] = {
    {"calendar", 0, CLI_TEXT, CLI_OFFSET(calendar_options, name), "NAME", "this one of several", NULL},
    {"from", 0, CLI_INSTANT, CLI_OFFSET(calendar_options, from), "INSTANT", "from then on; without it from now on", NULL},
    {"months", 0, CLI_NUMBER, CLI_OFFSET(calendar_options, months), "N", "show so many months; 1 without it", NULL},
    CLI_SETTINGS_OPTIONS(calendar_options, settings),
    {"root", 0, CLI_TEXTS, CLI_OFFSET(calendar_options, roots), "DIR", "look for modules there too, after the playbook's own folder", NULL},
};

typedef struct calendars {
	const cli_screens *cli;
	const aplomb_calendar *items[1000];
	const char *names[1000];
	size_t count;
} calendars;

static void gather(const char *name, const aplomb_calendar *calendar, void *payload) {
	calendars *all = payload;
	if (all->count == sizeof all->items / sizeof *all->items) return;
	all->items[all->count] = calendar;
	all->names[all->count++] = name;
}

/* ---- instants ------------------------------------------------------------------- */

/* A deadline at the end of a day is 24:00 of it for nobody but us: it is told as it is. */
static const char *shown_instant(const aplomb_calendar *calendar, aplomb_instant at, char out[TELL_WALL]) {
	aplomb_wall wall = APLOMB_WALL_INIT;
	return aplomb_calendar_wall(calendar, at, &wall, NULL) == APLOMB_OK ? tell_wall(&wall, out) : "?";
}

/* Of open time; its days are no days. */
static const char *shown_length(aplomb_span span, char out[TELL_LENGTH]) {
	return tell_length(span, false, out);
}

/* ---- a month ---------------------------------------------------------------------- */

static void put_hours(const tell_screen *out, const aplomb_calendar_day *day) {
	for (size_t i = 0; i < day->n_hours; i++)
		tell_print(out, "%s%02u:%02u-%02u:%02u", i > 0 ? " " : "", day->hours[i].from / 60u, day->hours[i].from % 60u,
		    day->hours[i].until / 60u, day->hours[i].until % 60u);
	if (day->n_hours == 0) tell_print(out, "closed");
}

/* What stands beside a day's number: closed, a holiday, an exception, clocks that are put on or back. */
static char mark_of(const aplomb_calendar_day *day) {
	if (day->jump != 0) return day->jump > 0 ? '>' : '<';
	if (day->reason == APLOMB_CALENDAR_HOLIDAY) return '*';
	if (day->reason == APLOMB_CALENDAR_EXCEPTION) return '!';
	return day->n_hours == 0 ? '-' : ' ';
}

/* " (holidays/uk.ics)": where a name comes from that does not stand in the playbook. */
static const char *of_file(const aplomb_calendar_day *day, char out[256]) {
	out[0] = '\0';
	if (day->source != NULL) snprintf(out, 256, " (%.250s)", day->source);
	return out;
}

static void put_legend(const tell_screen *out, const aplomb_calendar *calendar, int32_t year, int32_t month, int32_t days) {
	for (int32_t d = 1; d <= days; d++) {
		aplomb_calendar_day day = APLOMB_CALENDAR_DAY_INIT;
		char length[TELL_LENGTH], file[256];
		if (aplomb_calendar_day_of(calendar, year, month, d, &day, NULL) != APLOMB_OK) return;
		if (day.reason == APLOMB_CALENDAR_HOLIDAY)
			tell_print(out, "  *%2d %.3s  %s%s\n", (int)d, tell_weekday(day.weekday), day.name != NULL ? day.name : "holiday",
			    of_file(&day, file));
		if (day.reason == APLOMB_CALENDAR_EXCEPTION) {
			tell_print(out, "  !%2d %.3s  ", (int)d, tell_weekday(day.weekday));
			put_hours(out, &day);
			tell_print(out, "%s%s%s\n",
			    day.name == NULL     ? ""
			    : day.source != NULL ? ", "
			                         : ", though ",
			    day.name != NULL ? day.name : "", of_file(&day, file));
		}
		if (day.jump != 0)
			tell_print(out, "  %c%2d %.3s  clocks are put %s by %s\n", day.jump > 0 ? '>' : '<', (int)d, tell_weekday(day.weekday),
			    day.jump > 0 ? "on" : "back", shown_length(day.jump < 0 ? -day.jump : day.jump, length));
	}
}

static void put_month(const tell_screen *out, const aplomb_calendar *calendar, int32_t year, int32_t month) {
	aplomb_calendar_day first = APLOMB_CALENDAR_DAY_INIT;
	if (aplomb_calendar_day_of(calendar, year, month, 1, &first, NULL) != APLOMB_OK) return;
	tell_print(out, "\n");
	tell_print_styled(out, TELL_STRONG, "%s %d", tell_month(month), (int)year);
	tell_print(out, "\n  Mon   Tue   Wed   Thu   Fri   Sat   Sun\n");
	for (int32_t cell = 0; cell < first.weekday; cell++) tell_print(out, "      ");
	for (int32_t d = 1; d <= first.days; d++) {
		aplomb_calendar_day day = APLOMB_CALENDAR_DAY_INIT;
		if (aplomb_calendar_day_of(calendar, year, month, d, &day, NULL) != APLOMB_OK) return;
		bool ends_line = day.weekday == 6 || d == first.days;
		char mark = mark_of(&day);
		tell_print(out, "  %c%2d", mark, (int)d);
		if (!ends_line) tell_print(out, " ");
		if (ends_line) tell_print(out, "\n");
	}
	put_legend(out, calendar, year, month, first.days);
}

/* A week as its weekdays are: what a holiday or an exception says of a date is not of its weekday. */
typedef struct week {
	aplomb_calendar_day days[7];
	bool has[7];
} week;

static void find_week(const aplomb_calendar *calendar, int32_t year, week *out) {
	memset(out, 0, sizeof *out);
	for (int32_t month = 1, found = 0; month <= 12 && found < 7; month++) {
		for (int32_t d = 1; d <= 28 && found < 7; d++) {
			aplomb_calendar_day day = APLOMB_CALENDAR_DAY_INIT;
			if (aplomb_calendar_day_of(calendar, year, month, d, &day, NULL) != APLOMB_OK) return;
			bool is_ordinary = day.reason == APLOMB_CALENDAR_OPEN || day.reason == APLOMB_CALENDAR_CLOSED;
			if (!is_ordinary || out->has[day.weekday]) continue;
			out->days[day.weekday] = day;
			out->has[day.weekday] = true;
			found++;
		}
	}
}

static bool same_hours(const aplomb_calendar_day *a, const aplomb_calendar_day *b) {
	return a->n_hours == b->n_hours && memcmp(a->hours, b->hours, a->n_hours * sizeof *a->hours) == 0;
}

/* Weekdays that are alike stand on one line: "Mon-Fri  08:00-17:00". */
static void put_week(const tell_screen *out, const aplomb_calendar *calendar, int32_t year) {
	week w;
	find_week(calendar, year, &w);
	for (int i = 0; i < 7;) {
		int last = i;
		while (last < 6 && w.has[last + 1] && w.has[i] && same_hours(&w.days[i], &w.days[last + 1])) last++;
		if (w.has[i]) {
			tell_print(out, "  %.3s%s%.3s  ", tell_weekday(i), last > i ? "-" : "    ", last > i ? tell_weekday(last) : "");
			put_hours(out, &w.days[i]);
			tell_print(out, "\n");
		}
		i = last + 1;
	}
}

static void put_versions(const tell_screen *out, const aplomb_calendar *calendar) {
	tell_print(out, "  %s, version %.12s, zone data %.12s\n", aplomb_calendar_zone(calendar), aplomb_calendar_version(calendar),
	    aplomb_calendar_zone_version(calendar));
}

static int show(const cli_screens *cli, const calendars *all, const calendar_options *options, aplomb_instant from) {
	for (size_t i = 0; i < all->count; i++) {
		const aplomb_calendar *calendar = all->items[i];
		aplomb_wall wall = APLOMB_WALL_INIT;
		aplomb_calendar_wall(calendar, from, &wall, NULL);
		if (i > 0) tell_print(&cli->out, "\n");
		tell_print_styled(&cli->out, TELL_STRONG, "%s", all->names[i]);
		put_versions(&cli->out, calendar);
		put_week(&cli->out, calendar, wall.year);
		for (uint64_t m = 0; m < options->months; m++) {
			int32_t month = wall.month - 1 + (int32_t)m;
			put_month(&cli->out, calendar, wall.year + month / 12, month % 12 + 1);
		}
	}
	return CLI_OK;
}

/* ---- adding ----------------------------------------------------------------------- */

/* Each stretch on the way, so that anybody can add them up. Of many the first and the last. */
static void put_way(const tell_screen *out, const aplomb_calendar *calendar, aplomb_instant from, aplomb_instant until) {
	enum { SHOWN = 24 };
	char begins[TELL_WALL], length[TELL_LENGTH];
	aplomb_span sum = 0;
	size_t told = 0, left_out = 0;
	for (aplomb_instant at = from; at < until;) {
		aplomb_calendar_stretch stretch = APLOMB_CALENDAR_STRETCH_INIT;
		if (aplomb_calendar_stretch_at(calendar, at, &stretch, NULL) != APLOMB_OK) return;
		aplomb_instant end = stretch.until < until ? stretch.until : until;
		bool is_open = stretch.reason == APLOMB_CALENDAR_OPEN;
		if (is_open) sum += end - at;
		if (told < SHOWN || end == until) {
			if (left_out > 0) tell_print(out, "  … %zu more\n", left_out);
			left_out = 0;
			tell_print(out, "  %-44s %s", shown_instant(calendar, at, begins), is_open ? "open" : "closed");
			if (is_open) tell_print(out, "  %s", shown_length(end - at, length));
			if (stretch.reason == APLOMB_CALENDAR_HOLIDAY)
				tell_print(out, "  holiday%s%s", stretch.name != NULL ? ": " : "", stretch.name != NULL ? stretch.name : "");
			if (stretch.reason == APLOMB_CALENDAR_EXCEPTION) tell_print(out, "  exception");
			tell_print(out, "\n");
			told++;
		} else {
			left_out++;
		}
		at = end;
	}
	tell_print(out, "  open in all: %s\n", shown_length(sum, length));
}

static int add(const cli_screens *cli, const calendars *all, const char *span, aplomb_instant from) {
	char shown[TELL_WALL];
	for (size_t i = 0; i < all->count; i++) {
		const aplomb_calendar *calendar = all->items[i];
		aplomb_instant until;
		aplomb_error error;
		int code = aplomb_calendar_add(&until, calendar, from, span, &error);
		if (code != APLOMB_OK) {
			cli_tell_error(cli, NULL, 0, 0, error.message, error.slug);
			return code == APLOMB_EINVAL ? CLI_USAGE : CLI_ERRORS;
		}
		if (i > 0) tell_print(&cli->out, "\n");
		tell_print_styled(&cli->out, TELL_STRONG, "%s", all->names[i]);
		put_versions(&cli->out, calendar);
		tell_print(&cli->out, "from     %s\n", shown_instant(calendar, from, shown));
		tell_print(&cli->out, "%-8s %s\n", span[0] == '-' ? "back to" : "until", shown_instant(calendar, until, shown));
		put_way(&cli->out, calendar, until < from ? until : from, until < from ? from : until);
	}
	return CLI_OK;
}

/* ---- checking ---------------------------------------------------------------------- */

typedef struct checking {
	const tell_screen *out;
	const char *name;
	size_t found;
} checking;

static void look(checking *c, const aplomb_wall *date, const char *what) {
	tell_print(c->out, "%s: %.3s %d %s %d: %s\n", c->name, tell_weekday(date->weekday), (int)date->day, tell_month(date->month),
	    (int)date->year, what);
	c->found++;
}

/* The year from [from] on, day by day. */
static void check_calendar(checking *c, const aplomb_calendar *calendar, aplomb_instant from) {
	const int64_t day_us = INT64_C(86400000000);
	week w;
	aplomb_wall date = APLOMB_WALL_INIT;
	size_t holidays = 0;
	aplomb_calendar_wall(calendar, from, &date, NULL);
	find_week(calendar, date.year, &w);
	int32_t last_year = 0, last_month = 0, last_day = 0;
	for (int i = 0; i < 366; i++) {
		aplomb_calendar_day day = APLOMB_CALENDAR_DAY_INIT;
		char length[TELL_LENGTH], text[256];
		if (aplomb_calendar_wall(calendar, from + i * day_us, &date, NULL) != APLOMB_OK) return;
		if (date.year == last_year && date.month == last_month && date.day == last_day) continue; /* a day of 25 hours */
		last_year = date.year, last_month = date.month, last_day = date.day;
		if (aplomb_calendar_day_of(calendar, date.year, date.month, date.day, &day, NULL) != APLOMB_OK) return;
		const aplomb_calendar_day *ordinary = w.has[day.weekday] ? &w.days[day.weekday] : NULL;
		if (day.reason == APLOMB_CALENDAR_HOLIDAY) holidays++;
		if (day.reason == APLOMB_CALENDAR_HOLIDAY && ordinary != NULL && ordinary->n_hours == 0) {
			snprintf(text, sizeof text, "%.150s falls on a day that is closed anyway", day.name != NULL ? day.name : "a holiday");
			look(c, &date, text);
		}
		if (day.reason == APLOMB_CALENDAR_EXCEPTION && day.name == NULL && ordinary != NULL && same_hours(&day, ordinary))
			look(c, &date, "the exception says what its weekday says already");
		for (size_t k = 0; day.jump != 0 && k < day.n_hours; k++) {
			/* Clocks change in the small hours: who is there then works an hour more or less. */
			if (day.hours[k].from >= 4 * 60) break;
			snprintf(text, sizeof text, "people are there when clocks are put %s by %s", day.jump > 0 ? "on" : "back",
			    shown_length(day.jump < 0 ? -day.jump : day.jump, length));
			look(c, &date, text);
			break;
		}
	}
	if (holidays == 0) look(c, &date, "no holiday is given for the whole year before this day");
	aplomb_instant opening;
	if (!aplomb_calendar_next(&opening, calendar, from, true)) look(c, &date, "it is never open again");
}

static int check(const cli_screens *cli, const calendars *all, aplomb_instant from) {
	checking c = {.out = &cli->out};
	for (size_t i = 0; i < all->count; i++) {
		c.name = all->names[i];
		check_calendar(&c, all->items[i], from);
	}
	tell_print(&cli->out, "%zu calendar%s, the year from then on: ", all->count, all->count == 1 ? "" : "s");
	if (c.found == 0)
		tell_print(&cli->out, "nothing that needs a second look\n");
	else
		tell_print(&cli->out, "%zu thing%s to look at\n", c.found, c.found == 1 ? "" : "s");
	return c.found == 0 ? CLI_OK : CLI_LOOK;
}

/* ---- the verb ------------------------------------------------------------------------ */

typedef enum calendar_act { SHOW, CHECK, ADD, NO_ACT } calendar_act;
static const char *const ACTS[] = {"show", "check", "add"};

/* The one that is meant, or all of them. */
static int choose(calendars *all, const char *name) {
	if (all->count == 0) {
		cli_complain(all->cli, &cli_calendar, "the playbook declares no calendar");
		return CLI_ERRORS;
	}
	if (name == NULL) return CLI_OK;
	for (size_t i = 0; i < all->count; i++) {
		if (strcmp(all->names[i], name) != 0) continue;
		all->items[0] = all->items[i];
		all->names[0] = all->names[i];
		all->count = 1;
		return CLI_OK;
	}
	char hint[128];
	cli_complain(all->cli, &cli_calendar, "the playbook has no calendar \"%.60s\"%s", name,
	    cli_hint_of(name, all->names, all->count, "", hint, sizeof hint));
	return CLI_USAGE;
}

static int do_act(calendars *all, calendar_options *options, calendar_act act, const char *span, const char *path) {
	aplomb_error error = {0};
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	if (aplomb_open(&rt, NULL, &error) != APLOMB_OK) {
		cli_tell_error(all->cli, NULL, 0, 0, error.message, error.slug);
		return CLI_INTERNAL;
	}
	int status = cli_settings_load(&options->settings, all->cli, &cli_calendar, rt, &options->roots, path, &playbook);
	aplomb_instant from = options->from.is_given ? options->from.at : aplomb_now(rt);
	if (status == CLI_OK) {
		aplomb_playbook_calendars(playbook, gather, all);
		status = choose(all, options->name);
	}
	if (status == CLI_OK)
		status = act == SHOW    ? show(all->cli, all, options, from)
		         : act == CHECK ? check(all->cli, all, from)
		                        : add(all->cli, all, span, from);
	aplomb_close(rt);
	return status;
}

static int run(const cli_screens *cli, char **arguments, int count) {
	calendar_options options = {.months = 1};
	char hint[64];
	if (!cli_take(cli, &cli_calendar, &options, arguments, &count)) return CLI_USAGE;
	calendar_act act = SHOW;
	while (act < NO_ACT && strcmp(arguments[0], ACTS[act]) != 0) act++;
	if (act == NO_ACT) {
		cli_complain(cli, &cli_calendar, "\"%.60s\" is none of show, check, add and impact%s", arguments[0],
		    cli_hint(arguments[0], "show check add impact", "", hint, sizeof hint));
		return CLI_USAGE;
	}
	if (count != (act == ADD ? 3 : 2)) {
		cli_complain(cli, &cli_calendar,
		    act == ADD ? "add takes a span and a playbook: add \"2 business days\" FILE" : "%s takes one playbook", ACTS[act]);
		return CLI_USAGE;
	}
	if (options.months < 1 || options.months > 120) {
		cli_complain(cli, &cli_calendar, "--months is 1 to 120");
		return CLI_USAGE;
	}
	calendars *all = tell_need(sizeof *all);
	*all = (calendars){.cli = cli};
	int status = do_act(all, &options, act, act == ADD ? arguments[1] : NULL, arguments[count - 1]);
	free(all);
	cli_settings_dispose(&options.settings);
	return status;
}

static const cli_verb *const MORE[] = {&cli_calendar_impact, NULL};

const cli_verb cli_calendar = {
    .name = "calendar",
    .operands = "show|check|add|impact [SPAN] PLAYBOOK",
    .sentence = "show a playbook's calendars, and what a span comes to",
    .about =
        "show draws months as text: closed days (-), holidays (*), exceptions (!) and days on which clocks are put on (>) or back (<).\n\n"
        "add says when a span is over, in business time (\"2 business days\") or the clock's (\"90m\"), and each stretch on the way; "
        "a \"-\" before the span goes back: write -- before it.\n\n"
        "check looks at the year from then on: holidays on closed days, exceptions that change nothing, clocks that change while people "
        "are there, "
        "a year without holidays. What it finds ends with status 1.",
    .examples = "aplomb calendar show desk.lua --months 3\n"
                "aplomb calendar add \"4 business hours\" desk.lua --from 2026-11-20T16:00:00Z\n"
                "aplomb calendar check desk.lua",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof *OPTIONS,
    .least = 2,
    .most = 3,
    .run = run,
    .acts = MORE,
};
