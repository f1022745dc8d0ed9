/* SPDX-License-Identifier: MIT */
/*
 * Decides how a store is opened by the verbs that look into one or mend, as of
 * when they look, and how a store or a case that is not there is told.
 */
#include "cli/kept.h"

#include <stdlib.h>
#include <string.h>

#include "tell/tell.h"

/* ---- opening ------------------------------------------------------------------------ */

static aplomb_instant stands_still(void *payload) {
	return ((const cli_kept *)payload)->now;
}

static void log_line(const aplomb_log_record *record, void *payload) {
	const cli_screens *cli = payload;
	char line[1024];
	size_t size = aplomb_log_as_text(record, line, sizeof line);
	fwrite(line, 1, size, cli->err.file);
}

int cli_kept_failed(const cli_screens *cli, const cli_verb *verb, const char *path, const aplomb_error *error) {
	cli_tell_error(cli, NULL, 0, 0, error->message, error->slug);
	if (strcmp(error->slug, "store-in-use") == 0) {
		tell_print(&cli->err,
		    "aplomb %s: while a runtime has it open, that one alone steps its cases. A program mends with\n"
		    "aplomb_case_mend; otherwise end it in order, do this, and start it again\n",
		    verb->name);
		return CLI_IN_USE;
	}
	if (strcmp(error->slug, "store-missing") == 0) {
		cli_complain(cli, verb, "a store is made by whoever runs cases: aplomb run --store %s", path);
		return CLI_NO_INPUT;
	}
	switch (error->code) {
	case APLOMB_ENOMEM: return CLI_INTERNAL;
	case APLOMB_ENOTFOUND: return CLI_NO_INPUT;
	case APLOMB_EDAMAGED:
	case APLOMB_EVERSION:
	case APLOMB_EDIFFERS: return CLI_ERRORS;
	case APLOMB_ESTORE:
	case APLOMB_EIO: return CLI_IO;
	default: return CLI_USAGE;
	}
}

int cli_kept_open(cli_kept *kept, const cli_screens *cli, const cli_verb *verb, const char *path, const cli_kept_options *options,
    const cli_limits *mends) {
	*kept = (cli_kept){.cli = cli, .verb = verb, .path = path, .is_fixed = options->at.is_given, .now = options->at.at};
	aplomb_options how = APLOMB_OPTIONS_INIT;
	aplomb_error error = {0};
	aplomb_limits limits = {.size = sizeof limits};
	how.store = path;
	how.looks = mends == NULL;
	how.resident = 1000;
	how.log = log_line;
	how.log_payload = (void *)(uintptr_t)cli;
	how.log_level = APLOMB_LOG_ERROR;
	if (kept->is_fixed) {
		how.clock = stands_still;
		how.clock_payload = kept;
	}
	int code = APLOMB_OK;
	if (mends != NULL) {
		/* Whoever mends makes no store: is there one? And he mends under the limits under which it was stepped, but for what he says. */
		aplomb_options look = how;
		look.looks = true;
		code = aplomb_open(&kept->rt, &look, &error);
		if (code == APLOMB_OK) {
			aplomb_limits_of(kept->rt, &limits, NULL);
			aplomb_close(kept->rt);
		}
		cli_limits_apply(mends, &limits);
		how.limits = &limits;
		/* An older one is brought on by opening it. */
		if (code == APLOMB_EVERSION) code = APLOMB_OK;
	}
	if (code == APLOMB_OK) code = aplomb_open(&kept->rt, &how, &error);
	if (code != APLOMB_OK) return cli_kept_failed(cli, verb, path, &error);
	kept->now = aplomb_now(kept->rt);
	return CLI_OK;
}

void cli_kept_close(cli_kept *kept) {
	aplomb_close(kept->rt);
	kept->rt = NULL;
}

/* ---- cases ---------------------------------------------------------------------------- */

typedef struct ids {
	char **items;
	size_t count, capacity;
} ids;

static int gather_id(const aplomb_case_brief *brief, void *payload) {
	ids *all = payload;
	tell_need_room(&all->items, all->count, 1, &all->capacity, sizeof *all->items);
	all->items[all->count++] = tell_need_copy(brief->id);
	return 0;
}

static int tell_unknown(const cli_kept *kept, const char *id) {
	ids all = {0};
	char hint[320];
	aplomb_case_each(kept->rt, gather_id, &all, NULL);
	cli_complain(kept->cli, kept->verb, "there is no case \"%.80s\" in %s%s", id, kept->path,
	    cli_hint_of(id, (const char *const *)all.items, all.count, "", hint, sizeof hint));
	if (hint[0] == '\0') tell_print(&kept->cli->err, "`aplomb case list %s` lists those there are\n", kept->path);
	for (size_t i = 0; i < all.count; i++) free(all.items[i]);
	free(all.items);
	return CLI_NO_INPUT;
}

int cli_kept_case(const cli_kept *kept, const char *id, aplomb_case_info *out) {
	aplomb_error error = {0};
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	int code = aplomb_case_get(kept->rt, id, &info, &error);
	*out = info;
	if (code == APLOMB_OK) return CLI_OK;
	if (code == APLOMB_ENOTFOUND && strcmp(error.slug, "unknown-case") == 0) return tell_unknown(kept, id);
	return cli_kept_failed(kept->cli, kept->verb, kept->path, &error);
}

static void add_state(const char *path, void *payload) {
	char **out = payload;
	const size_t used = *out != NULL ? strlen(*out) : 0, size = used + strlen(path) + 3;
	char *more = tell_need(size);
	snprintf(more, size, "%s%s%s", used > 0 ? *out : "", used > 0 ? ", " : "", path);
	free(*out);
	*out = more;
}

char *cli_kept_states(const cli_kept *kept, const char *id) {
	char *states = NULL;
	aplomb_case_states(kept->rt, id, add_state, &states);
	return states != NULL ? states : tell_need(1);
}

const char *cli_kept_when(aplomb_instant at, aplomb_instant now, char out[48]) {
	char span[32];
	/* Seconds are enough: what is told changes while it is read. */
	const aplomb_span apart = at > now ? at - now : now - at, second = 1000000;
	const aplomb_span told = apart >= second ? apart - apart % second : apart;
	if (at == now)
		snprintf(out, 48, "now");
	else
		snprintf(out, 48, at > now ? "in %s" : "%s ago", tell_span(told, span));
	return out;
}

/* ---- for programs ------------------------------------------------------------------------- */

typedef struct listing {
	const tell_screen *screen;
	bool any;
} listing;

static void put_state(const char *path, void *payload) {
	listing *l = payload;
	if (l->any) tell_print(l->screen, ",");
	l->any = true;
	tell_json_text(l->screen, path);
}

void cli_kept_json_states(const cli_kept *kept, const char *id) {
	listing l = {&kept->cli->out, false};
	tell_json_member(l.screen, "states", false);
	tell_print(l.screen, "[");
	aplomb_case_states(kept->rt, id, put_state, &l);
	tell_print(l.screen, "]");
}
