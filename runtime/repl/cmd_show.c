/* SPDX-License-Identifier: MIT */
/* Decides how a case is shown: in short, its timers, its data, all that has happened. Nothing here changes anything. */
#include <stdlib.h>
#include <string.h>

#include "repl/inside.h"

static int run_show(repl *r, const char *rest) {
	(void)rest;
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
	repl_text_dispose(&line);
	repl_stand(r);
	return REPL_DONE;
}

static int run_timers(repl *r, const char *rest) {
	(void)rest;
	if (!repl_has_case(r)) return REPL_FAILED;
	repl_dues(r, SIZE_MAX);
	return REPL_DONE;
}

static int run_data(repl *r, const char *rest) {
	(void)rest;
	char *json;
	size_t size;
	aplomb_error error;
	aplomb_json *read;
	if (!repl_has_case(r)) return REPL_FAILED;
	if (aplomb_case_data(r->rt, r->case_id, &json, &size, &error) != APLOMB_OK) return repl_fail_error(r, &error);
	if (aplomb_json_read(&read, json, size, &error) == APLOMB_OK) {
		aplomb_value data = aplomb_json_root(read);
		for (size_t i = 0; i < aplomb_value_count(data); i++) {
			const char *name;
			char *value = aplomb_value_write(aplomb_value_at(data, i, &name));
			tell_line(r->out, NULL, name, TELL_PLAIN, value != NULL ? value : "");
			free(value);
		}
		if (aplomb_value_count(data) == 0) repl_say(r, "The case has no data.");
		aplomb_json_free(read);
	}
	aplomb_text_free(r->rt, json);
	return REPL_DONE;
}

static int run_timeline(repl *r, const char *rest) {
	(void)rest;
	if (!repl_has_case(r)) return REPL_FAILED;
	tell_casebook book;
	tell_casebook_init(&book);
	tell_timeline timeline = {.screen = r->out};
	for (size_t i = 0; i < repl_story_count(r->story) && !repl_is_interrupted(r); i++) {
		size_t size;
		const char *line = repl_story_line(r->story, i, &size);
		aplomb_json *json;
		if (aplomb_json_read(&json, line, size, NULL) != APLOMB_OK) continue;
		aplomb_value entry = aplomb_json_root(json);
		tell_case *c = tell_casebook_note(&book, entry);
		if (c != NULL) tell_timeline_show(&timeline, c, entry);
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

const repl_command repl_cmd_timeline = {
    .name = "timeline",
    .form = "timeline",
    .sentence = "Everything that has happened, from the beginning.",
    .group = REPL_LOOK,
    .run = run_timeline,
};
