/* SPDX-License-Identifier: MIT */
/*
 * Decides how `aplomb journal` shows a journal: the timeline of a case, or what
 * became of many. All of the file is verified, whatever is shown of it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/filter.h"
#include "tell/tell.h"

enum { CASES_LISTED = 20, DAMAGE_TOLD = 20, NO_JOURNAL = 3 };

typedef struct journal_options {
	const char *case_id;
	bool all;
	bool list;
	int kind;
	cli_instant since, until;
	bool effects;
	bool json;
	bool places;
} journal_options;

#define KINDS "any opened event timer refused faulted away statement mended calendar"
#define OFFSET(member) CLI_OFFSET(journal_options, member)
static const cli_option OPTIONS[] = {
    {"case", 'c', CLI_TEXT, OFFSET(case_id), "ID", "show this case only", NULL},
    {"all", 'a', CLI_FLAG, OFFSET(all), NULL, "show every case, entry by entry as they were written", NULL},
    {"list", 'l', CLI_FLAG, OFFSET(list), NULL, "list every case with where it is, where otherwise the first 20 are", NULL},
    {"kind", 'k', CLI_CHOICE, OFFSET(kind), "KIND",
        "entries of this kind only: opened, event, timer, refused, faulted, away, statement, mended or calendar", KINDS},
    {"since", 's', CLI_INSTANT, OFFSET(since), "TIME", "entries from this time on", NULL},
    {"until", 'u', CLI_INSTANT, OFFSET(until), "TIME", "entries up to this time", NULL},
    {"effects", 'e', CLI_FLAG, OFFSET(effects), NULL, "only what cases wanted done, and on what", NULL},
    {"json", 0, CLI_FLAG, OFFSET(json), NULL, "the lines themselves, as they stand in the file", NULL},
    {"places", 0, CLI_FLAG, OFFSET(places), NULL, "say which line of the playbook took each transition", NULL},
};

typedef struct reading {
	const cli_screens *cli;
	journal_options options;
	cli_filter filter;
	tell_lines lines;
	aplomb_journal *journal;
	tell_casebook book;
	tell_timeline timeline;
	/*
	 * A file of one case shows its timeline, a file of many what became of them.
	 * Which it is shows only in reading, so the timeline is kept aside until then.
	 */
	char *aside;
	size_t aside_size;
	FILE *aside_file;
	tell_screen aside_screen;
	uint64_t entries, sound, shown, damaged;
} reading;

static bool shows_entries(const reading *r) {
	return r->options.case_id != NULL || r->options.all || r->options.json || r->options.effects || r->options.kind != 0 ||
	       r->options.since.is_given || r->options.until.is_given;
}

static void tell_damage(reading *r, const aplomb_error *error) {
	if (r->damaged++ < DAMAGE_TOLD) cli_tell_error(r->cli, r->lines.name, r->lines.number, error->column, error->message, error->slug);
	if (r->damaged == DAMAGE_TOLD + 1) tell_print(&r->cli->err, "more lines are damaged; only their number is told\n");
}

/* The second case: what was kept of the first is not what is asked for. */
static void give_up_aside(reading *r) {
	if (r->aside_file == NULL) return;
	fclose(r->aside_file);
	free(r->aside);
	r->aside_file = NULL;
	r->aside = NULL;
}

static void show(reading *r, const char *text, size_t size, aplomb_value entry) {
	tell_case *c = tell_casebook_note(&r->book, entry);
	if (c == NULL) return;
	if (!shows_entries(r) && r->book.count > 1) give_up_aside(r);
	if (!cli_filter_passes(&r->filter, entry)) return;
	if (r->options.json) {
		fwrite(text, 1, size, r->cli->out.file);
		fputc('\n', r->cli->out.file);
	} else if (shows_entries(r) || r->aside_file != NULL) {
		tell_timeline_show(&r->timeline, c, entry);
	}
	if (aplomb_value_kind(aplomb_value_get(entry, "kind")) == APLOMB_TEXT) r->shown++; /* heads come with their entries */
}

/* CLI_OK: read on. */
static int read_line(reading *r, const char *text, size_t size) {
	aplomb_error error;
	aplomb_value entry = {NULL, 0};
	int code = aplomb_journal_read(r->journal, text, size, &entry, &error);
	if (code == APLOMB_ENOMEM) {
		cli_tell_error(r->cli, NULL, 0, 0, error.message, error.slug);
		return CLI_INTERNAL;
	}
	r->entries++;
	if (code == APLOMB_OK)
		r->sound++;
	else
		tell_damage(r, &error);
	show(r, text, size, entry);
	if (r->sound > 0 || r->damaged < NO_JOURNAL) return CLI_OK;
	cli_complain(r->cli, &cli_journal, "%s is no journal: none of its first lines is an entry", r->lines.name);
	return CLI_ERRORS;
}

static int read_all(reading *r) {
	for (;;) {
		const char *text;
		size_t size;
		int status = CLI_OK;
		errno = 0;
		switch (tell_lines_next(&r->lines, &text, &size)) {
		case TELL_LINES_END: return CLI_OK;
		case TELL_LINES_FAILED:
			tell_print(&r->cli->err, "aplomb journal: cannot read %s: %s\n", r->lines.name, strerror(errno));
			return CLI_NO_INPUT;
		case TELL_LINE_TOO_LONG: {
			aplomb_error error = {.slug = "line-too-long", .message = "the line is longer than 16 MiB: no journal writes such lines"};
			tell_damage(r, &error);
			break;
		}
		case TELL_LINE:
			status = read_line(r, text, size);
			if (r->lines.ended_open) {
				aplomb_error error = {
				    .slug = "journal-cut", .message = "the file ends in the middle of a line: its end was not written, or is lost"};
				tell_damage(r, &error);
			}
			break;
		}
		if (status != CLI_OK) return status;
		if (ferror(r->cli->out.file)) return CLI_OK; /* told when everything is flushed */
	}
}

/* ---- what became of many ------------------------------------------------ */

static void overview_line(const reading *r, const tell_case *c) {
	const tell_screen *out = &r->cli->out;
	static const char *const statuses[] = {"open", "closed", "FAULTED"};
	static const tell_style styles[] = {TELL_STATE, TELL_GOOD, TELL_BAD};
	char opened[32], count[32];
	aplomb_instant_write(c->opened_at, opened);
	tell_print(out, "  ");
	tell_put_text(out, c->id, strlen(c->id), 20);
	tell_print(out, "  %.10s %.5s%8s  ", opened, opened + 11, tell_count(c->entries, count));
	tell_style_set(out, styles[c->status]);
	tell_print(out, "%-8s", statuses[c->status]);
	const char *where = c->status == APLOMB_CASE_CLOSED ? c->outcome : c->states;
	int room = out->width - 58;
	if (where != NULL) tell_put_text(out, where, strlen(where), tell_width(where, strlen(where)) > room ? room : -1);
	tell_style_set(out, TELL_PLAIN);
	tell_print(out, "\n");
}

static void overview(const reading *r) {
	const tell_screen *out = &r->cli->out;
	char number[32], entries[32];
	uint64_t by_status[3] = {0};
	for (size_t i = 0; i < r->book.count; i++) by_status[r->book.cases[i]->status]++;
	tell_print_styled(out, TELL_STRONG, "%s cases", tell_count(r->book.count, number));
	tell_print(out, " in %s lines: %s open", tell_count(r->entries, entries), tell_count(by_status[APLOMB_CASE_OPEN], number));
	tell_print(out, ", %s closed", tell_count(by_status[APLOMB_CASE_CLOSED], number));
	if (by_status[APLOMB_CASE_FAULTED] > 0) tell_print(out, ", %s faulted", tell_count(by_status[APLOMB_CASE_FAULTED], number));
	tell_print(out, "\n\n");
	tell_print_styled(out, TELL_STRONG, "  %-20s  %-16s%8s  %s", "case", "opened", "entries", "where it is");
	tell_print(out, "\n");
	size_t most = r->options.list || r->book.count <= CASES_LISTED ? r->book.count : CASES_LISTED;
	for (size_t i = 0; i < most; i++) overview_line(r, r->book.cases[i]);
	if (most < r->book.count)
		tell_print(
		    out, "\n  … and %s more: --list lists them, --case ID shows one, --all shows all\n", tell_count(r->book.count - most, number));
	else
		tell_print(out, "\n  --case ID shows one, --all shows all\n");
}

/* ---- the end ------------------------------------------------------------ */

static void nothing_shown(const reading *r) {
	if (r->options.case_id == NULL || tell_casebook_find(&r->book, r->options.case_id) != NULL) {
		cli_complain(r->cli, &cli_journal, "no entry of %s is what was asked for", r->lines.name);
		return;
	}
	const char **ids = tell_need(r->book.count * sizeof *ids);
	for (size_t i = 0; i < r->book.count; i++) ids[i] = r->book.cases[i]->id;
	const char *nearest = aplomb_nearest(r->options.case_id, ids, r->book.count);
	free(ids);
	cli_complain(r->cli, &cli_journal, "there is no case \"%.80s\" in %s%s%s%s", r->options.case_id, r->lines.name,
	    nearest != NULL ? "; did you mean \"" : "", nearest != NULL ? nearest : "", nearest != NULL ? "\"?" : "");
}

static int finish(reading *r) {
	const tell_screen *out = &r->cli->out;
	if (!shows_entries(r) && r->book.count > 1) overview(r);
	if (r->aside_file != NULL) {
		fflush(r->aside_file);
		fwrite(r->aside, 1, r->aside_size, out->file);
	}
	if (r->damaged > 0) {
		char number[32];
		fflush(out->file);
		tell_print(&r->cli->err, "aplomb journal: %s of %s is damaged\n", r->damaged == 1 ? "one line" : tell_count(r->damaged, number),
		    r->lines.name);
		return CLI_ERRORS;
	}
	if (r->entries == 0) {
		cli_complain(r->cli, &cli_journal, "%s holds no journal: it is empty", r->lines.name);
		return CLI_LOOK;
	}
	if (shows_entries(r) && r->shown == 0) {
		nothing_shown(r);
		return CLI_LOOK;
	}
	return CLI_OK;
}

static int run_verb(const cli_screens *cli, char **arguments, int count) {
	static const char *const kinds[] = {NULL, "opened", "event", "timer", "refused", "faulted", "away", "statement", "mended", "calendar"};
	reading r = {.cli = cli};
	if (!cli_take(cli, &cli_journal, &r.options, arguments, &count)) return CLI_USAGE;
	r.filter = (cli_filter){r.options.case_id, kinds[r.options.kind], r.options.since, r.options.until, r.options.effects};
	r.timeline = (tell_timeline){.screen = &cli->out, .effects_only = r.options.effects, .shows_places = r.options.places};
	aplomb_error error;
	if (!tell_lines_open(&r.lines, arguments[0])) {
		cli_complain(cli, &cli_journal, "cannot read %s: %s", arguments[0], strerror(errno));
		return CLI_NO_INPUT;
	}
	if (aplomb_journal_open(&r.journal, &error) != APLOMB_OK) {
		cli_tell_error(cli, NULL, 0, 0, error.message, error.slug);
		tell_lines_close(&r.lines);
		return CLI_INTERNAL;
	}
	if (!shows_entries(&r)) {
		r.aside_file = open_memstream(&r.aside, &r.aside_size);
		r.aside_screen = cli->out;
		r.aside_screen.file = r.aside_file;
		r.timeline.screen = &r.aside_screen;
	}
	tell_casebook_init(&r.book);
	int status = read_all(&r);
	if (status == CLI_OK) status = finish(&r);
	give_up_aside(&r);
	tell_casebook_dispose(&r.book);
	aplomb_journal_close(r.journal);
	tell_lines_close(&r.lines);
	return status;
}

const cli_verb cli_journal = {
    .name = "journal",
    .operands = "FILE",
    .sentence = "show a journal as a person reads it, and say where it is damaged",
    .about =
        "Reads a journal file (- is standard input), of one case or of many mixed, and verifies all of it: version, shape, the numbers of "
        "the "
        "entries, and that each names the line before it. A file of one case is shown as its timeline, a file of many as a list. What is "
        "shown may be narrowed; what is verified is always everything.",
    .examples = "aplomb journal late_parcel.journal\n"
                "aplomb journal incidents.journal --case INC0000045\n"
                "aplomb journal incidents.journal --effects --since 2016-03-01T00:00:00Z",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .least = 1,
    .most = 1,
    .run = run_verb,
};
