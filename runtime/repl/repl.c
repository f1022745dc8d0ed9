/* SPDX-License-Identifier: MIT */
/*
 * Decides how a session goes: a runtime in which time is turned by hand and no
 * effect has a handler, a playbook, and statements, one after the other. What
 * a statement does is decided by its command.
 */
#include "repl/repl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "repl/inside.h"
#include "repl/interrupt.h"
#include "repl/lines.h"
#include "repl/lua.h"
#include "repl/travel.h"

static const char PROMPT[] = "aplomb> ", CONTINUATION[] = "      > ";

/* ---- the beginning ----------------------------------------------------------- */

static repl_end refuse(const repl *r, repl_end end, const aplomb_error *error) {
	tell_print(r->err, "aplomb repl: %s [%s]\n", error->message, error->slug);
	return end;
}

static repl_end begin(repl *r) {
	aplomb_error error;
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_limits limits = {.size = sizeof limits};
	const bool is_recorded = r->options->journal != NULL;
	repl_end end = is_recorded ? repl_recorded_read(r, &limits) : REPL_ENDED;
	if (end != REPL_ENDED) return end;
	options.limits = &limits;
	options.time_follows_events = true;
	options.rehearsal = true;
	options.forget_journal = true; /* the story keeps it */
	options.journal = repl_take_lines;
	options.journal_payload = r;
	if (aplomb_open(&r->rt, &options, &error) != APLOMB_OK) return refuse(r, REPL_ENDED_INTERNAL, &error);
	int code = aplomb_load(r->rt, r->options->load, &r->playbook, &error);
	if (code == APLOMB_EPLAYBOOK) return REPL_ENDED_PLAYBOOK; /* its findings were told */
	if (code == APLOMB_OK) code = aplomb_default_playbook(r->rt, r->playbook, &error);
	if (code == APLOMB_OK && !is_recorded) code = aplomb_turn_clock(r->rt, REPL_STARTS, &error);
	if (code == APLOMB_OK) return is_recorded ? repl_recorded_play(r) : REPL_ENDED;
	return refuse(r, code == APLOMB_EIO ? REPL_ENDED_INPUT : code == APLOMB_ELIMIT ? REPL_ENDED_PLAYBOOK : REPL_ENDED_INTERNAL, &error);
}

/* ---- reading --------------------------------------------------------------------- */

static const char *prompt(void *payload, bool is_first) {
	const repl *r = payload;
	if (!r->out->has_colour) return is_first ? PROMPT : CONTINUATION;
	return is_first ? "\033[1maplomb>\033[0m " : "\033[2m      >\033[0m ";
}

static void tell_of_reader(void *payload, const char *sentence) {
	repl_say_styled(payload, TELL_CAREFUL, "%s", sentence);
}

static bool is_whole(void *payload, const char *text, size_t size) {
	return repl_is_whole(payload, text, size);
}

static void complete(void *payload, const char *before, repl_candidates *out) {
	repl_complete(payload, before, out);
}

/* A transcript shows what was typed as a terminal does. */
static void echo(const repl *r, const char *text, size_t size) {
	const char *before = PROMPT;
	for (const char *at = text, *end = text + size; at <= end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((newline != NULL ? newline : end) - at);
		tell_print_styled(r->out, TELL_FAINT, "%s", before);
		tell_style_set(r->out, TELL_STRONG);
		tell_put_text(r->out, at, length, -1);
		tell_style_set(r->out, TELL_PLAIN);
		tell_print(r->out, "\n");
		before = CONTINUATION;
		at += length + 1;
	}
}

static bool is_comment(const char *text) {
	text = repl_skip(text);
	return text[0] == '-' && text[1] == '-' && strchr(text, '\n') == NULL;
}

/* A person is told where they are; a script knows. */
static void welcome(repl *r) {
	const char *title = aplomb_playbook_title(r->playbook), *version = aplomb_playbook_version(r->playbook);
	repl_text line = {0};
	repl_text_format(&line, "%s%s%s%s%s", aplomb_playbook_id(r->playbook), version != NULL ? " " : "", version != NULL ? version : "",
	    title != NULL ? ": " : "", title != NULL ? title : "");
	repl_say_styled(r, TELL_STRONG, "%s", repl_text_of(&line));
	repl_text_dispose(&line);
	repl_say_styled(r, TELL_FAINT,
	    "You are the customer, the agent and the clock. Nothing you type here reaches anybody. `help` lists what you can say, "
	    "Ctrl-D ends.");
	tell_print(r->out, "\n");
}

static repl_end read_all(repl *r, FILE *input, bool is_terminal) {
	char *history = is_terminal ? repl_history_path() : NULL;
	const repl_reader_options options = {.input = input,
	    .output = r->out->file,
	    .is_terminal = is_terminal,
	    .has_colour = r->out->has_colour,
	    .prompt = prompt,
	    .is_whole = is_whole,
	    .complete = complete,
	    .tell = tell_of_reader,
	    .history = history,
	    .payload = r};
	bool is_open = repl_reader_open(&r->reader, &options);
	free(history);
	if (!is_open) {
		tell_print(r->err, "aplomb repl: cannot read commands: %s\n", strerror(errno));
		return REPL_ENDED_INPUT;
	}
	if (is_terminal) welcome(r);
	while (!r->is_over) {
		const char *text = "";
		size_t size = 0;
		repl_interrupt_clear(r);
		int got = repl_reader_statement(r->reader, &text, &size);
		if (got == REPL_READ_END) break;
		if (got == REPL_READ_FAILED) {
			tell_print(r->err, "aplomb repl: cannot read commands: %s\n", strerror(errno));
			return REPL_ENDED_INPUT;
		}
		if (got == REPL_READ_INTERRUPTED) continue;
		if (*repl_skip(text) == '\0' && got == REPL_READ_STATEMENT) continue;
		if (!is_terminal) echo(r, text, size);
		int result = REPL_DONE;
		if (got == REPL_READ_TOO_LONG)
			result =
			    repl_fail(r, "This statement is longer than %s, or has a NUL in it; it was skipped.", is_terminal ? "1 MiB" : "16 MiB");
		else if (!is_comment(text))
			result = repl_perform(r, text);
		else
			continue;
		if (!r->is_over) tell_print(r->out, "\n");
		fflush(r->out->file);
		if (result == REPL_DONE) continue;
		r->failures++;
		/* As in a script, nothing happens behind what failed. */
		if (repl_reader_drop(r->reader) > 0) repl_say_styled(r, TELL_CAREFUL, "The rest of the paste was left out.");
		if (!is_terminal && !r->options->keep_going) return REPL_ENDED_COMMAND;
	}
	if (is_terminal && !r->is_over) tell_print(r->out, "\n");
	return r->failures > 0 && !is_terminal ? REPL_ENDED_LOOK : REPL_ENDED;
}

static repl_end converse(repl *r) {
	FILE *input = stdin;
	const char *path = r->options->script;
	if (path != NULL && strcmp(path, "-") != 0) input = fopen(path, "rb");
	if (input == NULL) {
		tell_print(r->err, "aplomb repl: cannot read the script %s: %s\n", path, strerror(errno));
		return REPL_ENDED_INPUT;
	}
	repl_end end = read_all(r, input, path == NULL && isatty(fileno(stdin)) != 0);
	if (input != stdin) fclose(input);
	return end;
}

repl_end repl_run(const repl_options *options) {
	repl *r = tell_need(sizeof *r);
	r->options = options;
	r->out = options->out;
	r->err = options->err;
	r->story = repl_story_new();
	r->timeline = (tell_timeline){.screen = options->out, .is_played = true};
	tell_casebook_init(&r->book);
	repl_end end = begin(r);
	if (end == REPL_ENDED) {
		repl_interrupt_begin(r);
		end = converse(r);
		repl_interrupt_end(r);
	}
	repl_reader_close(r->reader);
	repl_story_free(r->story);
	aplomb_close(r->rt);
	tell_casebook_dispose(&r->book);
	repl_text_dispose(&r->fresh);
	repl_own_names_dispose(&r->names);
	free(r->case_id);
	free(r);
	return end;
}
