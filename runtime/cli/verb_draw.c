/* SPDX-License-Identifier: MIT */
/*
 * Decides how `aplomb draw` is asked for a drawing, and where it goes. What it
 * looks like is decided by the library.
 */
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/graphviz.h"
#include "cli/settings.h"
#include "tell/tell.h"

enum { AS_TEXT, AS_MERMAID, AS_DOT, AS_SVG, AS_SCXML };

typedef struct draw_options {
	int as;
	const char *journal;
	const char *case_id;
	uint64_t width;
	bool ascii;
	const char *to;
	cli_texts roots;
	cli_settings settings;
} draw_options;

#define OFFSET(member) CLI_OFFSET(draw_options, member)
static const cli_option OPTIONS[] = {
    {"as", 0, CLI_CHOICE, OFFSET(as), "FORM",
        "text to read, Mermaid's or Graphviz's language, SVG by way of Graphviz, or SCXML: text, mermaid, dot, svg or scxml",
        "text mermaid dot svg scxml"},
    {"case", 'c', CLI_TEXT, OFFSET(journal), "JOURNAL", "show where the case of this journal has been, and where it is", NULL},
    {"case-id", 0, CLI_TEXT, OFFSET(case_id), "ID", "which case, when the journal holds several", NULL},
    {"width", 'w', CLI_NUMBER, OFFSET(width), "N", "columns of the text: the terminal's, or 80", NULL},
    {"ascii", 0, CLI_FLAG, OFFSET(ascii), NULL, "text without lines and arrows beyond ASCII, as where the locale is not UTF-8", NULL},
    {"output", 'o', CLI_TEXT, OFFSET(to), "FILE", "write it there, and not to standard output", NULL},
    {"root", 0, CLI_TEXTS, OFFSET(roots), "DIR", "look for modules there too, after the playbook's own folder", NULL},
    CLI_SETTINGS_OPTIONS(draw_options, settings),
};

/* ---- the case ------------------------------------------------------------------ */

typedef struct following {
	const cli_screens *cli;
	const draw_options *options;
	aplomb_drawing *drawing;
	char *case_id; /* whose entries are noted; NULL: none was met */
	bool is_damaged;
	bool is_several;
	bool is_other; /* its head names another version of the playbook */
	const char *hash;
} following;

/* Is the entry of the case that is drawn: the one asked for, else the first? */
static bool is_wanted(following *f, aplomb_value entry) {
	const char *id = aplomb_value_text(aplomb_value_get(entry, "case"), NULL);
	if (id == NULL) return false;
	if (f->options->case_id != NULL && strcmp(id, f->options->case_id) != 0) return false;
	if (f->case_id == NULL) f->case_id = tell_need_copy(id);
	if (strcmp(f->case_id, id) == 0) return true;
	f->is_several = true;
	return false;
}

static int note_line(following *f, aplomb_journal *journal, const tell_lines *lines, const char *line, size_t size) {
	aplomb_error error = {0};
	aplomb_value entry;
	int code = aplomb_journal_read(journal, line, size, &entry, &error);
	if (code == APLOMB_ENOMEM) return CLI_INTERNAL;
	if (code != APLOMB_OK) {
		cli_tell_error(f->cli, lines->name, lines->number, error.column, error.message, error.slug);
		f->is_damaged = true;
		if (code != APLOMB_EDAMAGED) return CLI_OK;
	}
	if (!is_wanted(f, entry)) return CLI_OK;
	const char *hash = aplomb_value_text(aplomb_value_get(aplomb_value_get(entry, "playbook"), "hash"), NULL);
	if (hash != NULL && strcmp(hash, f->hash) != 0) f->is_other = true;
	if (aplomb_drawing_note(f->drawing, entry, &error) == APLOMB_OK) return CLI_OK;
	cli_tell_error(f->cli, lines->name, lines->number, 0, error.message, error.slug);
	return CLI_INTERNAL;
}

static int read_lines(following *f, tell_lines *lines, aplomb_journal *journal) {
	const char *line;
	size_t size;
	for (;;) {
		int status = CLI_OK;
		switch (tell_lines_next(lines, &line, &size)) {
		case TELL_LINES_END: return CLI_OK;
		case TELL_LINE:
			if (size > 0) status = note_line(f, journal, lines, line, size);
			break;
		case TELL_LINE_TOO_LONG:
			cli_tell_error(f->cli, lines->name, lines->number, 0, "the line is longer than 16 MiB; it is skipped", NULL);
			f->is_damaged = true;
			break;
		case TELL_LINES_FAILED: cli_tell_error(f->cli, lines->name, 0, 0, strerror(errno), NULL); return CLI_NO_INPUT;
		}
		if (status != CLI_OK) return status;
	}
}

/* What of the journal does not fit, in words; the drawing is made all the same. */
static int judge(const following *f) {
	const cli_screens *cli = f->cli;
	uint64_t unknown = aplomb_drawing_unknown(f->drawing);
	char count[32];
	if (f->case_id == NULL) {
		if (f->options->case_id != NULL)
			cli_complain(cli, &cli_draw, "%.200s holds no case \"%.200s\"", f->options->journal, f->options->case_id);
		else
			cli_complain(cli, &cli_draw, "%.200s holds no case", f->options->journal);
		return CLI_NO_INPUT;
	}
	if (f->is_several && f->options->case_id == NULL)
		cli_complain(cli, &cli_draw, "the journal holds several cases; this is \"%.200s\", and --case-id chooses another", f->case_id);
	if (unknown > 0)
		cli_complain(cli, &cli_draw, "%s of its transitions %s not in this playbook%s, and not shown", tell_count(unknown, count),
		    unknown == 1 ? "is" : "are", f->is_other ? ", which is another version than the case began with" : "");
	else if (f->is_other)
		cli_complain(cli, &cli_draw, "the case began with another version of this playbook; all its transitions are in this one, too");
	return f->is_damaged || unknown > 0 ? CLI_LOOK : CLI_OK;
}

static int follow(following *f) {
	aplomb_error error = {0};
	aplomb_journal *journal;
	tell_lines lines;
	if (!tell_lines_open(&lines, f->options->journal)) {
		cli_tell_error(f->cli, f->options->journal, 0, 0, strerror(errno), NULL);
		return CLI_NO_INPUT;
	}
	int status = CLI_INTERNAL;
	if (aplomb_journal_open(&journal, &error) == APLOMB_OK) {
		status = read_lines(f, &lines, journal);
		aplomb_journal_close(journal);
	} else {
		cli_tell_error(f->cli, NULL, 0, 0, error.message, error.slug);
	}
	tell_lines_close(&lines);
	return status != CLI_OK ? status : judge(f);
}

/* ---- the drawing ------------------------------------------------------------------ */

/* What the locale says of characters: lines and arrows are not for all. */
static bool is_utf8(void) {
	setlocale(LC_CTYPE, "");
	bool answer = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	setlocale(LC_CTYPE, "C");
	return answer;
}

static int write_drawing(const cli_screens *cli, aplomb_runtime *rt, aplomb_drawing *drawing, const draw_options *options) {
	static const aplomb_draw_form forms[] = {APLOMB_DRAW_TEXT, APLOMB_DRAW_MERMAID, APLOMB_DRAW_DOT, APLOMB_DRAW_DOT, APLOMB_DRAW_SCXML};
	aplomb_error error = {0};
	aplomb_draw_options draw = APLOMB_DRAW_OPTIONS_INIT;
	draw.form = forms[options->as];
	draw.width = options->width != 0 ? (uint32_t)options->width : options->to == NULL ? (uint32_t)cli->out.width : 0;
	draw.ascii = options->ascii || (options->to == NULL && !is_utf8());
	draw.colour = cli->out.has_colour && options->to == NULL;
	char *text;
	size_t size;
	if (aplomb_drawing_write(drawing, &draw, &text, &size, &error) != APLOMB_OK) {
		cli_tell_error(cli, NULL, 0, 0, error.message, error.slug);
		return CLI_INTERNAL;
	}
	int status = CLI_OK;
	FILE *to = options->to != NULL ? fopen(options->to, "wb") : cli->out.file;
	if (to == NULL) {
		cli_tell_error(cli, options->to, 0, 0, strerror(errno), NULL);
		status = CLI_NO_OUTPUT;
	} else if (options->as == AS_SVG) {
		status = cli_graphviz(cli, &cli_draw, text, size, to);
	} else {
		fwrite(text, 1, size, to); /* whether it was written is asked of the stream in the end */
	}
	if (to != NULL && to != cli->out.file) {
		bool is_whole = !ferror(to);
		if (fclose(to) != 0 || !is_whole) {
			cli_tell_error(cli, options->to, 0, 0, "the drawing could not be written", NULL);
			status = CLI_IO;
		}
	}
	aplomb_text_free(rt, text);
	return status;
}

static int draw(const cli_screens *cli, aplomb_runtime *rt, const char *path, draw_options *options) {
	aplomb_error error = {0};
	aplomb_playbook *playbook;
	aplomb_drawing *drawing;
	int status = cli_settings_load(&options->settings, cli, &cli_draw, rt, &options->roots, path, &playbook);
	if (status != CLI_OK) return status;
	if (options->journal == NULL) {
		if (aplomb_drawing_open(&drawing, rt, playbook, &error) != APLOMB_OK) return CLI_INTERNAL;
		status = write_drawing(cli, rt, drawing, options);
		aplomb_drawing_close(drawing);
		return status;
	}
	following f = {.cli = cli, .options = options, .hash = aplomb_playbook_hash(playbook)};
	if (aplomb_drawing_open(&f.drawing, rt, playbook, &error) != APLOMB_OK) return CLI_INTERNAL;
	status = follow(&f);
	if (status == CLI_OK || status == CLI_LOOK) {
		int written = write_drawing(cli, rt, f.drawing, options);
		if (written != CLI_OK) status = written;
	}
	aplomb_drawing_close(f.drawing);
	free(f.case_id);
	return status;
}

static int run(const cli_screens *cli, char **arguments, int count) {
	draw_options options = {0};
	if (!cli_take(cli, &cli_draw, &options, arguments, &count)) return CLI_USAGE;
	int status = CLI_USAGE;
	if (options.journal == NULL && options.case_id != NULL)
		cli_complain(cli, &cli_draw, "--case-id chooses a case of a journal; --case JOURNAL says of which");
	else if (options.journal != NULL && options.as == AS_SCXML)
		cli_complain(cli, &cli_draw, "SCXML has no words for where a case has been; draw it as text, mermaid, dot or svg");
	else if (options.width > 1000 || (options.width != 0 && options.width < 40))
		cli_complain(cli, &cli_draw, "--width is a number from 40 to 1,000");
	else
		status = CLI_OK;
	aplomb_runtime *rt;
	aplomb_error error = {0};
	if (status == CLI_OK && aplomb_open(&rt, NULL, &error) != APLOMB_OK) {
		cli_tell_error(cli, NULL, 0, 0, error.message, error.slug);
		status = CLI_INTERNAL;
	} else if (status == CLI_OK) {
		status = draw(cli, rt, arguments[0], &options);
		aplomb_close(rt);
	}
	cli_settings_dispose(&options.settings);
	return status;
}

const cli_verb cli_draw = {
    .name = "draw",
    .operands = "PLAYBOOK",
    .sentence = "draw a playbook, and where a case of it has been",
    .about = "Shows the playbook's states and what happens in them: as text to be read, or for programs that draw. With --case it shows "
             "where a case has been, how often and when last, and where it is.",
    .examples = "aplomb draw upset_customer.lua\naplomb draw upset_customer.lua --as svg -o upset.svg\naplomb draw upset_customer.lua "
                "--case late.journal",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .least = 1,
    .most = 1,
    .run = run,
};
