/* SPDX-License-Identifier: MIT */
/*
 * Decides how `aplomb replay` steps a journal again: which playbook, which
 * lines, and whether what comes out is verified or shown. What counts as a
 * difference is decided by the library, how it is told by replay_told.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/replay_told.h"
#include "cli/settings.h"
#include "tell/tell.h"

enum { CASES_LISTED = 20 };

typedef struct replay_options {
	bool verify;
	cli_texts playbooks;
	const char *case_id;
	bool all;
	bool json;
	bool places;
	cli_texts roots;
	cli_settings settings;
} replay_options;

#define OFFSET(member) CLI_OFFSET(replay_options, member)
static const cli_option OPTIONS[] = {
    {"verify", 0, CLI_FLAG, OFFSET(verify), NULL,
        "hold every line that comes out against the recorded one, and stop at the first difference", NULL},
    {"playbook", 0, CLI_TEXTS, OFFSET(playbooks), "FILE",
        "the playbook that the cases ran; several times for several, or for several versions of one: a case gets the one its head names",
        NULL},
    {"case", 'c', CLI_TEXT, OFFSET(case_id), "ID", "this case only", NULL},
    {"all", 'a', CLI_FLAG, OFFSET(all), NULL, "show every case of a journal of many, entry by entry", NULL},
    {"json", 0, CLI_FLAG, OFFSET(json), NULL, "with --verify what it came to as one line of JSON; without, the lines that come out", NULL},
    {"places", 0, CLI_FLAG, OFFSET(places), NULL, "say which line of the playbook took each transition", NULL},
    {"root", 0, CLI_TEXTS, OFFSET(roots), "DIR", "look for modules there too, after the playbook's own folder", NULL},
    CLI_SETTINGS_OPTIONS(replay_options, settings),
};

/* A case that came out otherwise, or could not go on: where first. */
typedef struct parted {
	char *case_id;
	uint64_t line, seq;
	char *what;
} parted;

typedef struct replaying {
	const cli_screens *cli;
	replay_options options;
	tell_lines lines;
	aplomb_verifier *verifier;
	cli_progress progress;
	cli_replay_told told;
	bool is_cut; /* the file ends in the middle of a line */
	/* Without --verify: what comes out, shown as a journal is. */
	tell_casebook book;
	tell_timeline timeline;
	char *aside; /* the timeline of the first case, until there is a second */
	size_t aside_size;
	FILE *aside_file;
	tell_screen aside_screen;
	char *playbook_path;
	parted *parted;
	size_t n_parted, parted_capacity;
} replaying;

/* ---- what is shown without --verify ---------------------------------------------- */

static bool shows_entries(const replaying *r) {
	return r->options.case_id != NULL || r->options.all || r->options.json;
}

static void give_up_aside(replaying *r) {
	if (r->aside_file == NULL) return;
	fclose(r->aside_file);
	free(r->aside);
	r->aside_file = NULL;
	r->aside = NULL;
}

static void note_parted(replaying *r, const aplomb_stepped_line *line, const char *case_id, const char *what) {
	for (size_t i = 0; i < r->n_parted; i++)
		if (strcmp(r->parted[i].case_id, case_id) == 0) return;
	tell_need_room(&r->parted, r->n_parted, 1, &r->parted_capacity, sizeof *r->parted);
	r->parted[r->n_parted++] = (parted){tell_need_copy(case_id), line->number, line->seq, tell_need_copy(what)};
}

static const char *case_of(aplomb_value entry) {
	const char *id = aplomb_value_text(aplomb_value_get(entry, "case"), NULL);
	return id != NULL ? id : "?";
}

static void tell_otherwise(const replaying *r, const aplomb_stepped_line *line) {
	char text[900], member[256];
	if (line->member == NULL)
		snprintf(text, sizeof text, "line %llu has the same in other bytes", (unsigned long long)line->number);
	else
		snprintf(text, sizeof text, "line %llu has in %.240s %.500s", (unsigned long long)line->number,
		    cli_replay_member(line->member, member, sizeof member), line->recorded_value != NULL ? line->recorded_value : "nothing");
	tell_line(r->timeline.screen, NULL, "recorded", TELL_BAD, text);
}

/* As a journal is shown, but what comes out here; what was recorded stands below where it was another thing. */
static void show_line(const aplomb_stepped_line *line, void *payload) {
	replaying *r = payload;
	aplomb_json *json;
	const char *text = line->produced != NULL ? line->produced : line->recorded;
	size_t size = line->produced != NULL ? line->produced_size : line->recorded_size;
	if (aplomb_json_read(&json, text, size, NULL) != APLOMB_OK) {
		cli_tell_error(r->cli, r->lines.name, line->number, 0, line->error != NULL ? line->error->message : "it is no JSON",
		    line->error != NULL ? line->error->slug : "");
		return;
	}
	aplomb_value entry = aplomb_json_root(json);
	if (line->produced == NULL) {
		note_parted(r, line, case_of(entry), line->error->message);
		if (shows_entries(r) || r->aside_file != NULL) tell_line(r->timeline.screen, NULL, "stops", TELL_BAD, line->error->message);
		aplomb_json_free(json);
		return;
	}
	tell_case *c = tell_casebook_note(&r->book, entry);
	if (c != NULL && !shows_entries(r) && r->book.count > 1) give_up_aside(r);
	char member[256];
	if (!line->same)
		note_parted(r, line, case_of(entry), line->member != NULL ? cli_replay_member(line->member, member, sizeof member) : "other bytes");
	if (r->options.json) {
		fwrite(text, 1, size, r->cli->out.file);
		fputc('\n', r->cli->out.file);
	} else if (c != NULL && (shows_entries(r) || r->aside_file != NULL)) {
		tell_timeline_show(&r->timeline, c, entry);
		if (!line->same) tell_otherwise(r, line);
	}
	aplomb_json_free(json);
}

static void list_parted(const replaying *r) {
	const tell_screen *out = &r->cli->out;
	char number[32];
	size_t most = r->options.all || r->n_parted <= CASES_LISTED ? r->n_parted : CASES_LISTED;
	tell_print(out, "\n");
	for (size_t i = 0; i < most; i++) {
		const parted *p = &r->parted[i];
		char text[400];
		snprintf(text, sizeof text, "%.120s parts from what was recorded in line %llu, at entry %llu: %.200s", p->case_id,
		    (unsigned long long)p->line, (unsigned long long)p->seq, p->what);
		tell_page page = {out, 2, 0, false};
		tell_print(out, "  ");
		page.column = 2;
		tell_page_text(&page, text);
		tell_page_end(&page);
	}
	if (most < r->n_parted) tell_print(out, "  … and %s more cases\n", tell_count(r->n_parted - most, number));
}

static int show_end(replaying *r, const aplomb_verified *v) {
	const tell_screen *out = &r->cli->out;
	char cases[32], lines[32], parts[32];
	if (r->aside_file != NULL) {
		fflush(r->aside_file);
		fwrite(r->aside, 1, r->aside_size, out->file);
	}
	if (r->n_parted > 0 && !r->options.json) list_parted(r);
	/* The lines are for a program. */
	const tell_screen *screen = r->options.json ? &r->cli->err : out;
	tell_print(screen, "%s%s %s: %s lines came out as they are recorded", r->options.json ? "" : "\n", tell_count(v->cases, cases),
	    v->cases == 1 ? "case" : "cases", tell_count(v->lines, lines));
	if (v->differing > 0) tell_print(screen, ", %s otherwise", tell_count(v->differing, parts));
	if (v->lost > 0) tell_print(screen, ", %s could not be stepped", tell_count(v->lost, parts));
	tell_print(screen, "\n");
	return v->differing == 0 && v->elsewhere == 0 ? CLI_OK : CLI_LOOK;
}

/* ---- playbooks ----------------------------------------------------------------------- */

static void take_finding(const aplomb_finding *finding, void *payload) {
	const cli_screens *cli = payload;
	if (finding->severity == APLOMB_ERROR) cli_tell_finding(&cli->err, finding);
}

static int load(replaying *r, const char *given) {
	aplomb_error error = {0};
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	int status = cli_settings_apply(&r->options.settings, r->cli, &cli_replay, &load);
	if (status != CLI_OK) return status;
	char *path = cli_playbook_path(given);
	load.path = path;
	load.on_finding = take_finding;
	load.payload = (void *)(uintptr_t)r->cli;
	load.roots = r->options.roots.items;
	load.n_roots = r->options.roots.count;
	int code = aplomb_verifier_load(r->verifier, &load, NULL, &error);
	free(r->playbook_path);
	r->playbook_path = path;
	r->told.playbook = path;
	if (code == APLOMB_OK) return CLI_OK;
	if (code == APLOMB_EPLAYBOOK) return CLI_ERRORS;
	cli_tell_error(r->cli, NULL, 0, 0, error.message, error.slug);
	return code == APLOMB_EIO ? CLI_NO_INPUT : code == APLOMB_ELIMIT ? CLI_ERRORS : CLI_INTERNAL;
}

static int load_all(replaying *r) {
	struct stat about;
	const cli_texts *given = &r->options.playbooks;
	int status = CLI_OK;
	for (size_t i = 0; i < given->count && status == CLI_OK; i++) status = load(r, given->items[i]);
	if (given->count > 0) return status;
	if (stat("playbook.lua", &about) == 0) return load(r, "playbook.lua");
	cli_complain(
	    r->cli, &cli_replay, "which playbook did the cases run? Give --playbook with its file or folder; there is no playbook.lua here");
	return CLI_USAGE;
}

/* ---- lines ---------------------------------------------------------------------------- */

/* [*more]: read on. */
static int take_line(replaying *r, const char *text, size_t size, bool *more) {
	aplomb_error error;
	int code = aplomb_verify(r->verifier, text, size, r->lines.number, &error);
	*more = code == APLOMB_OK;
	if (code == APLOMB_OK || code == APLOMB_EDIFFERS) return CLI_OK;
	cli_progress_clear(&r->progress);
	cli_tell_error(r->cli, r->lines.name, r->lines.number, error.column, error.message, error.slug);
	return code == APLOMB_ENOTFOUND ? CLI_USAGE : code == APLOMB_EPLAYBOOK ? CLI_ERRORS : CLI_INTERNAL;
}

static int read_all(replaying *r) {
	const char *text;
	size_t size;
	bool more = true;
	int status = CLI_OK;
	while (more && status == CLI_OK) {
		errno = 0;
		switch (tell_lines_next(&r->lines, &text, &size)) {
		case TELL_LINES_END: return CLI_OK;
		case TELL_LINES_FAILED:
			cli_progress_clear(&r->progress);
			tell_print(&r->cli->err, "aplomb replay: cannot read %s: %s\n", r->lines.name, strerror(errno));
			return CLI_NO_INPUT;
		case TELL_LINE_TOO_LONG:
			cli_progress_clear(&r->progress);
			cli_tell_error(
			    r->cli, r->lines.name, r->lines.number, 0, "the line is longer than 16 MiB: no journal writes such lines", "line-too-long");
			return CLI_ERRORS;
		case TELL_LINE:
			status = take_line(r, text, size, &more);
			r->is_cut = r->lines.ended_open;
			break;
		}
		if ((r->lines.number & 255) == 0) cli_progress_show(&r->progress, r->lines.bytes_read, r->lines.bytes_total, r->lines.number);
		if (ferror(r->cli->out.file)) return CLI_OK; /* told when everything is flushed */
	}
	return status;
}

static void tell_cut(const replaying *r) {
	fflush(r->cli->out.file);
	cli_tell_error(r->cli, r->lines.name, r->lines.number, 0, "the file ends in the middle of a line: its end was not written, or is lost",
	    "journal-cut");
}

static int tell_verified(const replaying *r, const aplomb_verified *v) {
	if (r->options.json)
		cli_replay_tell_json(r->cli, &r->told, v);
	else
		cli_replay_tell(r->cli, &r->told, v);
	if (r->is_cut) tell_cut(r);
	if (v->difference != NULL || r->is_cut) return CLI_ERRORS;
	/* Another engine is what replays are for. */
	bool is_other = false;
	for (size_t i = 0; i < v->n_ones; i++) is_other = is_other || (!v->ones[i].same && v->ones[i].ground != APLOMB_GROUND_ENGINE);
	return is_other || v->unfinished > 0 ? CLI_LOOK : CLI_OK;
}

static int finish(replaying *r) {
	aplomb_error error;
	aplomb_verified verified = APLOMB_VERIFIED_INIT;
	r->told.journal = r->lines.name;
	r->told.seconds = (double)(cli_monotonic() - r->progress.began) / 1e9;
	int code = aplomb_verifier_end(r->verifier, &verified, &error);
	if (code != APLOMB_OK && code != APLOMB_EDIFFERS) {
		cli_tell_error(r->cli, NULL, 0, 0, error.message, error.slug);
		return CLI_INTERNAL;
	}
	if (verified.lines == 0 && verified.difference == NULL) {
		if (verified.skipped > 0)
			cli_complain(r->cli, &cli_replay, "there is no case \"%.80s\" in %s; `aplomb journal` lists those there are",
			    r->options.case_id, r->lines.name);
		else
			cli_complain(r->cli, &cli_replay, "%s holds no journal: it is empty", r->lines.name);
		return CLI_LOOK;
	}
	if (r->options.verify) return tell_verified(r, &verified);
	int status = show_end(r, &verified);
	if (!r->is_cut) return status;
	tell_cut(r);
	return CLI_ERRORS;
}

/* ---- the verb --------------------------------------------------------------------------- */

static int open_verifier(replaying *r) {
	aplomb_error error;
	aplomb_verifier_options options = APLOMB_VERIFIER_OPTIONS_INIT;
	options.case_id = r->options.case_id;
	options.goes_on = !r->options.verify;
	options.on_line = r->options.verify ? NULL : show_line;
	options.payload = r;
	if (aplomb_verifier_open(&r->verifier, &options, &error) == APLOMB_OK) return CLI_OK;
	cli_tell_error(r->cli, NULL, 0, 0, error.message, error.slug);
	return CLI_INTERNAL;
}

static int replay_file(replaying *r, const char *path) {
	int status = open_verifier(r);
	if (status == CLI_OK) status = load_all(r);
	if (status != CLI_OK) return status;
	if (!tell_lines_open(&r->lines, path)) {
		cli_complain(r->cli, &cli_replay, "cannot read %s: %s", path, strerror(errno));
		return CLI_NO_INPUT;
	}
	if (!r->options.verify && !shows_entries(r)) {
		r->aside_file = open_memstream(&r->aside, &r->aside_size);
		r->aside_screen = r->cli->out;
		r->aside_screen.file = r->aside_file;
		r->timeline.screen = &r->aside_screen;
	}
	cli_progress_begin(&r->progress, &r->cli->err, r->options.verify);
	status = read_all(r);
	cli_progress_clear(&r->progress);
	if (status == CLI_OK) status = finish(r);
	tell_lines_close(&r->lines);
	return status;
}

static int check_options(const cli_screens *cli, const replay_options *options) {
	const char *wrong = NULL;
	if (options->verify && (options->all || options->places))
		wrong = "--all and --places say what is shown; --verify shows nothing but a difference";
	if (wrong == NULL) return CLI_OK;
	cli_complain(cli, &cli_replay, "%s", wrong);
	return CLI_USAGE;
}

static int run_verb(const cli_screens *cli, char **arguments, int count) {
	replaying r = {.cli = cli};
	int status = cli_take(cli, &cli_replay, &r.options, arguments, &count) ? check_options(cli, &r.options) : CLI_USAGE;
	if (status == CLI_OK) {
		r.timeline = (tell_timeline){.screen = &cli->out, .shows_places = r.options.places};
		tell_casebook_init(&r.book);
		status = replay_file(&r, arguments[0]);
		give_up_aside(&r);
		tell_casebook_dispose(&r.book);
	}
	aplomb_verifier_close(r.verifier);
	for (size_t i = 0; i < r.n_parted; i++) {
		free(r.parted[i].case_id);
		free(r.parted[i].what);
	}
	free(r.parted);
	free(r.playbook_path);
	cli_settings_dispose(&r.options.settings);
	return status;
}

const cli_verb cli_replay = {
    .name = "replay",
    .operands = "JOURNAL --playbook FILE",
    .sentence = "step a journal again, and say where it comes out otherwise",
    .about =
        "Reads a journal (- is standard input), of one case or of many mixed, and steps its cases again, as their lines say: nothing is "
        "sent "
        "to anybody. With --verify each line that comes out is held against the recorded one, to the byte; at the first difference it "
        "stops, and says which line and entry it is, what led there, what differs, and what it comes from. Without, it shows what comes "
        "out, "
        "as `aplomb journal` does, and what was recorded where that is another thing. Without --playbook it is the playbook.lua of the "
        "current folder. Params and limits are those that the journal names.",
    .examples = "aplomb replay incidents.journal --verify --playbook playbooks/it-incident\n"
                "aplomb replay incidents.journal --playbook changed.lua --case INC0000045\n"
                "zcat incidents.journal.gz | aplomb replay - --verify --json",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .least = 1,
    .most = 1,
    .run = run_verb,
};
