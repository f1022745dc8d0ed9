/* SPDX-License-Identifier: MIT */
/* Decides how a case is shown: in short, its timers, its data, all that has happened. Nothing here changes anything. */
#include <stdlib.h>
#include <string.h>

#include "repl/inside.h"
#include "repl/literal.h"

/* "credit (case-1/credit.2), …" */
static void add_child(const char *invoke, const char *child, void *payload) {
	repl_text *line = payload;
	repl_text_format(line, "%s%s (%s)", *repl_text_of(line) != '\0' ? ", " : "", invoke, child);
}

/* "resolve runs: 2 business hours of 8 business hours, 6 business hours left, until …" */
static void tell_clock(const aplomb_clock *clock, void *payload) {
	repl *r = payload;
	repl_text line = {0};
	char when[64];
	repl_text_format(&line, "%s %s", clock->name, clock->is_running ? "runs" : clock->has_begun ? "is paused" : "has not begun");
	if (clock->has_begun)
		repl_text_format(&line, ": %s of %s, %s", clock->elapsed_said, clock->said, clock->is_breached ? "breached" : clock->left_said);
	if (clock->has_begun && !clock->is_breached) repl_text_format(&line, " left");
	if (clock->has_deadline)
		repl_text_format(
		    &line, "%s%s", clock->is_breached ? " since " : ", until ", tell_due_words(clock->deadline, aplomb_now(r->rt), when));
	tell_line(r->out, NULL, "clock", TELL_PLAIN, repl_text_of(&line));
	repl_text_dispose(&line);
}

static int run_show(repl *r, const char *rest) {
	if (*rest != '\0') return repl_fail(r, "show: takes nothing; `= %.40s` asks the case, `help` lists what else there is", rest);
	if (!repl_has_case(r)) return REPL_FAILED;
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	char day[40], at[32], span[32];
	aplomb_case_get(r->rt, r->case_id, &info, NULL);
	aplomb_instant now = aplomb_now(r->rt);
	tell_day_words(now, day);
	aplomb_instant_write(now, at);
	repl_text line = {0};
	const char *version = aplomb_playbook_version(info.playbook);
	repl_text_format(&line, "%s, playbook %s%s%s", info.id, aplomb_playbook_id(info.playbook), version != NULL ? " " : "",
	    version != NULL ? version : "");
	if (info.subject != NULL) repl_text_format(&line, ", about %s", info.subject);
	tell_line(r->out, NULL, "case", TELL_STRONG, repl_text_of(&line));
	repl_text_clear(&line);
	repl_text_format(&line, "%s, %s, %s after it was opened; entry %llu", day, at + 11, tell_span(now - info.opened_at, span),
	    (unsigned long long)info.seq);
	tell_line(r->out, NULL, "time", TELL_PLAIN, repl_text_of(&line));
	repl_text_clear(&line);
	if (aplomb_case_children(r->rt, r->case_id, add_child, &line) > 0) {
		tell_line(r->out, NULL, "invoked", TELL_PLAIN, repl_text_of(&line));
		tell_line(r->out, NULL, "", TELL_FAINT, "not opened here; play it: do done.invoke.ID");
	}
	repl_text_dispose(&line);
	aplomb_case_clocks(r->rt, r->case_id, tell_clock, r);
	repl_stand(r);
	return REPL_DONE;
}

static int run_timers(repl *r, const char *rest) {
	if (*rest != '\0') return repl_fail(r, "timers: takes nothing and shows all of them");
	if (!repl_has_case(r)) return REPL_FAILED;
	repl_dues(r, SIZE_MAX);
	return REPL_DONE;
}

/* ---- names with what belongs to them ---------------------------------------------- */

/* Rows that are told when all are there, so that their second column begins behind the longest name. */
typedef struct rows {
	repl_names names, texts;
} rows;

static void add_row(rows *all, const char *name, const char *text) {
	repl_names_add(&all->names, name);
	repl_names_add(&all->texts, text);
}

static void tell_rows(repl *r, rows *all) {
	int width = 0;
	for (size_t i = 0; i < all->names.count; i++) {
		int own = tell_width(all->names.items[i], strlen(all->names.items[i]));
		if (own > width) width = own;
	}
	for (size_t i = 0; i < all->names.count; i++) {
		tell_page page = {r->out, width + 4, width + 2, false};
		tell_print(r->out, "  ");
		tell_style_set(r->out, TELL_STRONG);
		tell_put_text(r->out, all->names.items[i], strlen(all->names.items[i]), width);
		tell_style_set(r->out, TELL_PLAIN);
		tell_page_text(&page, all->texts.items[i]);
		tell_page_end(&page);
	}
	repl_names_dispose(&all->names);
	repl_names_dispose(&all->texts);
}

/* Members of maps by their paths, as playbooks name them. */
static void add_values(rows *all, const char *path, aplomb_value value) {
	repl_text text = {0};
	if (aplomb_value_kind(value) == APLOMB_MAP && (aplomb_value_count(value) > 0 || path[0] == '\0')) {
		for (size_t i = 0; i < aplomb_value_count(value); i++) {
			const char *key;
			aplomb_value member = aplomb_value_at(value, i, &key);
			repl_text_clear(&text);
			repl_text_format(&text, "%s%s%s", path, path[0] != '\0' ? "." : "", key);
			add_values(all, repl_text_of(&text), member);
		}
	} else {
		repl_put_literal(&text, value, REPL_TONGUE_PROMPT);
		add_row(all, path, repl_text_of(&text));
	}
	repl_text_dispose(&text);
}

static int run_data(repl *r, const char *rest) {
	char *json;
	size_t size;
	aplomb_error error;
	aplomb_json *read;
	if (*rest != '\0') return repl_fail(r, "data: takes nothing and shows all of it");
	if (!repl_has_case(r)) return REPL_FAILED;
	if (aplomb_case_data(r->rt, r->case_id, &json, &size, &error) != APLOMB_OK) return repl_fail_error(r, &error);
	rows all = {0};
	if (aplomb_json_read(&read, json, size, &error) == APLOMB_OK) {
		add_values(&all, "", aplomb_json_root(read));
		aplomb_json_free(read);
	}
	aplomb_text_free(r->rt, json);
	if (all.names.count == 0) repl_say(r, "The case knows nothing.");
	tell_rows(r, &all);
	return REPL_DONE;
}

/* What counts nothing now is not worth a row. */
static void take_count(const char *name, uint64_t count, void *payload) {
	char text[32];
	if (count > 0) add_row(payload, name, tell_count(count, text));
}

static int run_counters(repl *r, const char *rest) {
	rows all = {0};
	if (*rest != '\0') return repl_fail(r, "counters: takes nothing and shows all of them");
	if (!repl_has_case(r)) return REPL_FAILED;
	size_t count = aplomb_case_counters(r->rt, r->case_id, take_count, &all), zero = count - all.names.count;
	if (count == 0) repl_say(r, "This playbook counts nothing.");
	tell_rows(r, &all);
	if (zero > 0) repl_say_styled(r, TELL_FAINT, zero < count ? "%zu more count nothing now." : "All %zu of them count nothing now.", zero);
	return REPL_DONE;
}

/* ---- all that has happened ----------------------------------------------------------- */

/* How many entries are asked for; SIZE_MAX: all. false: it is no number. */
static bool read_count(const char *text, size_t *count) {
	*count = SIZE_MAX;
	if (*text == '\0') return true;
	if (strspn(text, "0123456789") != strlen(text) || strlen(text) > 9) return false;
	*count = (size_t)strtoul(text, NULL, 10);
	return *count > 0;
}

static int run_timeline(repl *r, const char *rest) {
	size_t most, lines = repl_story_count(r->story);
	if (!read_count(rest, &most)) return repl_fail(r, "timeline: `timeline` tells everything, `timeline 5` the newest five entries");
	if (!repl_has_case(r)) return REPL_FAILED;
	tell_casebook book;
	tell_casebook_init(&book);
	tell_timeline timeline = {.screen = r->out};
	for (size_t i = 0; i < lines && !repl_is_interrupted(r); i++) {
		size_t size;
		const char *line = repl_story_line(r->story, i, &size);
		aplomb_json *json;
		if (line == NULL || aplomb_json_read(&json, line, size, NULL) != APLOMB_OK) continue;
		aplomb_value entry = aplomb_json_root(json);
		tell_case *c = tell_casebook_note(&book, entry);
		if (c != NULL && lines - i <= most) tell_timeline_show(&timeline, c, entry);
		aplomb_json_free(json);
	}
	tell_casebook_dispose(&book);
	return REPL_DONE;
}

const repl_command repl_cmd_show = {
    .name = "show",
    .form = "show",
    .sentence = "The case in short: where it is, since when, what is due.",
    .group = REPL_LOOK,
    .run = run_show,
};

const repl_command repl_cmd_timers = {
    .name = "timers",
    .form = "timers",
    .sentence = "Everything that will happen by itself, and when.",
    .group = REPL_LOOK,
    .run = run_timers,
};

const repl_command repl_cmd_data = {
    .name = "data",
    .form = "data",
    .sentence = "What the case knows.",
    .group = REPL_LOOK,
    .run = run_data,
};

const repl_command repl_cmd_counters = {
    .name = "counters",
    .form = "counters",
    .sentence = "How often each thing that is counted counts now.",
    .group = REPL_LOOK,
    .run = run_counters,
    .about = "What lies longer ago than a counter's window counts no more.",
};

const repl_command repl_cmd_timeline = {
    .name = "timeline",
    .form = "timeline [N]",
    .sentence = "Everything that has happened, or the newest N entries.",
    .group = REPL_LOOK,
    .run = run_timeline,
};
