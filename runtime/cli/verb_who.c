/* SPDX-License-Identifier: MIT */
/*
 * Decides how a playbook's rotas are told to those who keep them: who is on
 * duty at an instant, the handovers from then on, and where nobody is there. Who
 * it is is decided by the library. Callouts are who_plan.c's.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/settings.h"
#include "cli/who_plan.h"
#include "tell/tell.h"

typedef struct who_options {
	cli_settings settings;
	cli_texts roots;
	const char *name, *callout;
	cli_instant at;
	const char *length;
	int format;
} who_options;

static const cli_option OPTIONS[] = {
    {"at", 0, CLI_INSTANT, CLI_OFFSET(who_options, at), "INSTANT", "then; without it now", NULL},
    {"for", 0, CLI_TEXT, CLI_OFFSET(who_options, length), "SPAN", "and every handover for so long: 1y, 4w, 10d, 36h", NULL},
    {"rota", 0, CLI_TEXT, CLI_OFFSET(who_options, name), "NAME", "this one of several, and no callout", NULL},
    {"callout", 0, CLI_TEXT, CLI_OFFSET(who_options, callout), "NAME", "this one of several, and no rota", NULL},
    {"format", 0, CLI_CHOICE, CLI_OFFSET(who_options, format), "text|json", "for people, or a JSON map a stretch (JSON Lines)",
        "text json"},
    CLI_SETTINGS_OPTIONS(who_options, settings),
    {"root", 0, CLI_TEXTS, CLI_OFFSET(who_options, roots), "DIR", "look for modules there too, after the playbook's own folder", NULL},
};

enum { MOST_STRETCHES = 100000 };

static const char *shown_instant(const aplomb_rota *rota, aplomb_instant at, char out[TELL_WALL]) {
	aplomb_wall wall = APLOMB_WALL_INIT;
	return aplomb_rota_wall(rota, at, &wall, NULL) == APLOMB_OK ? cli_who_wall(&wall, out, TELL_WALL) : "?";
}

typedef struct telling {
	const cli_screens *cli;
	const who_options *options;
	aplomb_instant from, until; /* [until] is [from] when only that instant is asked about */
	size_t rotas, holes;        /* told so far */
	const char *names[1000];
	size_t n_names;
} telling;

/* ---- one stretch ----------------------------------------------------------------------------- */

static void put_json(const telling *t, const char *name, const aplomb_duty *duty) {
	const tell_screen *out = &t->cli->out;
	tell_print(out, "{\"rota\":");
	tell_json_text(out, name);
	tell_json_instant_member(out, "from", duty->from);
	tell_json_instant_member(out, "until", duty->until);
	tell_json_text_member(out, "who", duty->who);
	tell_json_text_member(out, "source", duty->source);
	tell_print(out, "}\n");
}

static bool is_ever(aplomb_instant at) {
	/* Where nothing is behind, the years end; nobody asks for their clock. */
	return at < INT64_C(253402300799999999) && at > INT64_C(-62135596800000000);
}

static void put_duty(const telling *t, const aplomb_rota *rota, const aplomb_duty *duty) {
	const tell_screen *out = &t->cli->out;
	char from[TELL_WALL], until[TELL_WALL];
	tell_print(out, "  %s  %s  %s%s%s%s\n", is_ever(duty->from) ? shown_instant(rota, duty->from, from) : "since ever",
	    duty->who != NULL ? duty->who : "nobody", is_ever(duty->until) ? "until " : "from then on",
	    is_ever(duty->until) ? shown_instant(rota, duty->until, until) : "", duty->source != NULL ? ", " : "",
	    duty->source != NULL ? duty->source : "");
}

/* ---- one rota ---------------------------------------------------------------------------------- */

static void tell_rota(const char *name, const aplomb_rota *rota, void *payload) {
	telling *t = payload;
	const tell_screen *out = &t->cli->out;
	const bool is_json = t->options->format == 1;
	if (t->options->name != NULL && strcmp(t->options->name, name) != 0) return;
	t->rotas++;
	if (!is_json) {
		tell_print_styled(out, TELL_STRONG, "%s", name);
		tell_print(out, "  %s, version %.12s\n", aplomb_rota_zone(rota), aplomb_rota_version(rota));
	}
	aplomb_instant at = t->from;
	aplomb_span empty = 0;
	size_t holes = 0;
	for (size_t i = 0; i < MOST_STRETCHES; i++) {
		aplomb_duty duty = APLOMB_DUTY_INIT;
		if (aplomb_rota_duty_at(rota, at, &duty, NULL) != APLOMB_OK) return;
		if (is_json)
			put_json(t, name, &duty);
		else
			put_duty(t, rota, &duty);
		if (duty.who == NULL) {
			aplomb_instant begin = duty.from > t->from ? duty.from : t->from, end = duty.until < t->until ? duty.until : t->until;
			holes++;
			if (end > begin) empty += end - begin;
		}
		at = duty.until;
		if (at >= t->until) break;
	}
	t->holes += holes;
	if (is_json) return;
	char length[TELL_LENGTH];
	if (t->until > t->from && holes > 0)
		tell_print(out, "  nobody is there %zu time%s, %s in all\n", holes, holes == 1 ? "" : "s", tell_length(empty, true, length));
	else if (t->until > t->from)
		tell_print(out, "  somebody is always there\n");
}

/* ---- the verb ------------------------------------------------------------------------------------ */

/* "1y" is 366 days, so that no year is cut short; the rest as spans are written. */
static bool read_length(const char *text, aplomb_span *out) {
	char unit = 0, more = 0;
	unsigned number = 0;
	static const struct {
		char unit;
		int64_t hours;
	} units[] = {{'y', 366 * 24}, {'w', 7 * 24}, {'d', 24}, {'h', 1}};
	if (text[0] < '0' || text[0] > '9' || sscanf(text, "%5u%c%c", &number, &unit, &more) != 2) return false;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (units[i].unit != unit) continue;
		*out = (aplomb_span)number * units[i].hours * INT64_C(3600000000);
		return number > 0 && *out <= INT64_C(366) * 24 * 20 * INT64_C(3600000000);
	}
	return false;
}

static void gather(const char *name, const aplomb_rota *rota, void *payload) {
	(void)rota;
	telling *t = payload;
	if (t->n_names < sizeof t->names / sizeof *t->names) t->names[t->n_names++] = name;
}

static void gather_callout(const char *name, const aplomb_callout *callout, void *payload) {
	(void)callout;
	gather(name, NULL, payload);
}

/* There is no such rota or callout, or none at all. */
static int refuse(telling *t, const aplomb_playbook *playbook) {
	char hint[128];
	const who_options *options = t->options;
	const char *what = options->callout != NULL ? "callout" : "rota", *name = options->callout != NULL ? options->callout : options->name;
	if (options->callout != NULL)
		aplomb_playbook_callouts(playbook, gather_callout, t);
	else
		aplomb_playbook_rotas(playbook, gather, t);
	if (name == NULL || t->n_names == 0) {
		cli_complain(t->cli, &cli_who, "the playbook declares no %s", name != NULL ? what : "rota, and no callout");
		return CLI_ERRORS;
	}
	cli_complain(
	    t->cli, &cli_who, "the playbook has no %s \"%.60s\"%s", what, name, cli_hint_of(name, t->names, t->n_names, "", hint, sizeof hint));
	return CLI_USAGE;
}

static int tell_all(telling *t, const aplomb_playbook *playbook) {
	const who_options *options = t->options;
	cli_who_plan plan = {
	    .cli = t->cli, .playbook = playbook, .from = t->from, .until = t->until, .name = options->callout, .is_json = options->format == 1};
	if (options->callout == NULL) aplomb_playbook_rotas(playbook, tell_rota, t);
	if (options->name == NULL) cli_tell_callouts(&plan);
	if (plan.has_no_memory) {
		cli_complain(t->cli, &cli_who, "there is no memory for that");
		return CLI_INTERNAL;
	}
	if (t->rotas == 0 && plan.told == 0) return refuse(t, playbook);
	return t->holes > 0 || plan.unreached > 0 ? CLI_LOOK : CLI_OK;
}

static int run(const cli_screens *cli, char **arguments, int count) {
	who_options options = {0};
	aplomb_error error = {0};
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	aplomb_span length = 0;
	if (!cli_take(cli, &cli_who, &options, arguments, &count)) return CLI_USAGE;
	if (options.length != NULL && !read_length(options.length, &length)) {
		cli_complain(
		    cli, &cli_who, "--for is a number and y, w, d or h, such as 1y, and 20 years at most; found \"%.40s\"", options.length);
		return CLI_USAGE;
	}
	if (aplomb_open(&rt, NULL, &error) != APLOMB_OK) {
		cli_tell_error(cli, NULL, 0, 0, error.message, error.slug);
		return CLI_INTERNAL;
	}
	telling *t = tell_need(sizeof *t);
	*t = (telling){.cli = cli, .options = &options};
	int status = cli_settings_load(&options.settings, cli, &cli_who, rt, &options.roots, arguments[0], &playbook);
	if (status == CLI_OK) {
		t->from = options.at.is_given ? options.at.at : aplomb_now(rt);
		t->until = t->from + length;
		status = tell_all(t, playbook);
	}
	aplomb_close(rt);
	free(t);
	cli_settings_dispose(&options.settings);
	return status;
}

const cli_verb cli_who = {
    .name = "who",
    .operands = "PLAYBOOK",
    .sentence = "say who is on duty, and find when nobody is",
    .about = "Each rota of the playbook: who is on duty at an instant, since when and until when, and what says so (turns, override, or a "
             "file). With --for every handover from then on, and how often and how long nobody is there.\n\n"
             "Then each callout, such as an escalation.policy: its steps, and who would be asked at which time if somebody were asked for "
             "at that instant and nobody answered. With --for also where a rota has nobody within a step's hours, and which steps ask "
             "nobody, whenever it is begun in that time.\n\n"
             "Ends with status 0 when somebody is there all the while, 1 when once nobody is, or a step asks nobody.",
    .examples = "aplomb who desk.lua\n"
                "aplomb who desk.lua --at 2026-12-24T18:00:00Z\n"
                "aplomb who desk.lua --at 2026-12-01T00:00:00Z --for 1y --rota first-line",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof *OPTIONS,
    .least = 1,
    .most = 1,
    .run = run,
};
