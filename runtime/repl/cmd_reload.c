/* SPDX-License-Identifier: MIT */
/*
 * Decides what becomes of the played case when the playbook has been written
 * anew: what came from outside is given to the new version at its own times,
 * and the first entry that comes out otherwise is told. It is the causes that
 * are repeated, not the bytes: timers fire when the new version says so, and
 * hashes, numbers of lines and the numbers of entries that armed a timer are
 * not compared. The session goes on with the new version on a branch of its
 * own; the old one stays as it was.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "repl/difference.h"
#include "repl/lua.h"
#include "repl/travel.h"

/* ---- giving it all again -------------------------------------------------------------- */

typedef struct again {
	repl *r;
	repl_text was;      /* the lines up to where the case stood, each with its newline */
	aplomb_instant now; /* how late it was there */
	aplomb_error error;
} again;

static const char *text_in(aplomb_value map, const char *key) {
	return aplomb_value_text(aplomb_value_get(map, key), NULL);
}

static bool is_kind(aplomb_value entry, const char *kind) {
	const char *found = text_in(entry, "kind");
	return found != NULL && strcmp(found, kind) == 0;
}

/* Everything that is due happens. */
static int settle(again *a) {
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	int code;
	do code = aplomb_pump(a->r->rt, 0, &report, &a->error);
	while (code == APLOMB_OK && report.more && !repl_is_interrupted(a->r));
	return code;
}

/* Time goes on to [at], from timer to timer. */
static int turn_to(again *a, aplomb_instant at) {
	aplomb_instant due;
	int code = APLOMB_OK;
	while (code == APLOMB_OK && aplomb_next_due(a->r->rt, &due) && due <= at && !repl_is_interrupted(a->r)) {
		if (due > aplomb_now(a->r->rt)) code = aplomb_turn_clock(a->r->rt, due, &a->error);
		if (code == APLOMB_OK) code = settle(a);
	}
	if (code == APLOMB_OK && at > aplomb_now(a->r->rt)) code = aplomb_turn_clock(a->r->rt, at, &a->error);
	return code;
}

static int give_event(again *a, aplomb_value cause, aplomb_instant at) {
	aplomb_event event = APLOMB_EVENT_INIT;
	aplomb_value data = aplomb_value_get(cause, "data");
	const char *sent_at = text_in(cause, "sent_at");
	char *json = aplomb_value_kind(data) == APLOMB_MAP ? aplomb_value_write(data) : NULL;
	event.case_id = a->r->case_id;
	event.name = text_in(cause, "event");
	event.by = text_in(cause, "by");
	event.id = text_in(cause, "id");
	event.has_at = true;
	event.at = at;
	if (sent_at != NULL) aplomb_instant_read(sent_at, &event.at, NULL);
	event.data = json;
	/* What the new version refuses stands in its journal as refused, and that is the difference. */
	int code = aplomb_post_wait(a->r->rt, &event, NULL, &a->error);
	free(json);
	return code == APLOMB_ENOMEM || code == APLOMB_ESTORE ? code : settle(a);
}

static int give_statement(again *a, aplomb_value cause) {
	size_t size;
	const char *text = aplomb_value_text(aplomb_value_get(cause, "statement"), &size);
	int code = aplomb_case_run(a->r->rt, a->r->case_id, text, size, NULL, &a->error);
	/* One that fails now never was, and that is the difference. */
	return code == APLOMB_ENOMEM || code == APLOMB_ESTORE ? code : settle(a);
}

static int give_entry(again *a, aplomb_value entry) {
	aplomb_instant at = 0;
	aplomb_value cause = aplomb_value_get(entry, "cause");
	const char *at_text = text_in(entry, "at");
	if (at_text != NULL) aplomb_instant_read(at_text, &at, NULL);
	int code = turn_to(a, at);
	if (code != APLOMB_OK) return code;
	bool is_offer = aplomb_value_kind(aplomb_value_get(cause, "deferred_seq")) != APLOMB_ABSENT;
	if ((is_kind(entry, "event") || is_kind(entry, "faulted")) && text_in(cause, "by") != NULL && !is_offer)
		return give_event(a, cause, at);
	if (is_kind(entry, "statement")) return give_statement(a, cause);
	return APLOMB_OK; /* it comes by itself, or it does not */
}

/* Head and opening are replayed as lines: parameters, seed and data are the recorded ones. */
static int give_line(again *a, size_t number, const char *line, size_t size) {
	if (number < 2) return aplomb_replay(a->r->rt, a->r->playbook, line, size, NULL, &a->error);
	aplomb_json *json;
	int code = aplomb_json_read(&json, line, size, &a->error);
	if (code != APLOMB_OK) return code;
	code = give_entry(a, aplomb_json_root(json));
	aplomb_json_free(json);
	return code;
}

static int give_all(again *a) {
	size_t number = 0;
	int code = APLOMB_OK;
	for (const char *at = repl_text_of(&a->was), *end = at + a->was.size; at < end && code == APLOMB_OK; number++) {
		size_t size = strcspn(at, "\n");
		if (repl_is_interrupted(a->r)) return APLOMB_OK;
		code = give_line(a, number, at, size);
		at += size + 1;
	}
	return code == APLOMB_OK ? turn_to(a, a->now) : code;
}

/* ---- the new branch ------------------------------------------------------------------------- */

static void name_branch(const repl *r, char out[32]) {
	for (size_t n = 1;; n++) {
		snprintf(out, 32, "reload-%zu", n);
		if (repl_story_branch(r->story, out) == REPL_NO_BRANCH) return;
	}
}

static void gather_was(again *a) {
	repl_story *story = a->r->story;
	a->now = aplomb_now(a->r->rt);
	for (size_t n = 0; n < repl_story_count(story); n++) {
		size_t size;
		const char *line = repl_story_line(story, n, &size);
		repl_text_add(&a->was, line, size);
		repl_text_put(&a->was, "\n");
	}
}

/* The case is stepped anew, its lines are a branch of their own, and it stands at its end. */
static int begin_anew(again *a, aplomb_playbook *before, repl_place place) {
	repl *r = a->r;
	char name[32];
	repl_leave(r);
	aplomb_error error;
	if (aplomb_case_forget(r->rt, r->case_id, &error) != APLOMB_OK) return repl_fail_error(r, &error);
	/* From here on nothing is known of it, until something was replayed. */
	r->story->count = 0;
	repl_text_clear(&r->fresh);
	int code = give_all(a);
	if (code != APLOMB_OK || repl_is_interrupted(r)) {
		repl_text_clear(&r->fresh);
		r->playbook = before;
		aplomb_default_playbook(r->rt, before, NULL);
		int result = code != APLOMB_OK
		                 ? repl_fail(r, "The case cannot be played on the new version: %s [%s]", a->error.message, a->error.slug)
		                 : repl_fail(r, "Interrupted; the session goes on with the version of before.");
		repl_travel(r, place);
		return result;
	}
	name_branch(r, name);
	repl_story_begin(r->story, name, false);
	repl_story_take(r->story, r->fresh.bytes, r->fresh.size);
	repl_story_keep(r->story, r->rt, r->case_id);
	return REPL_DONE;
}

static int replay(repl *r, aplomb_playbook *before) {
	again a = {.r = r};
	repl_place place = repl_story_place(r->story, aplomb_now(r->rt));
	char *was_on = tell_need_copy(r->story->branches[place.branch].name);
	gather_was(&a);
	int result = begin_anew(&a, before, place);
	if (result == REPL_DONE) {
		repl_tell_difference(r, repl_text_of(&a.was), a.was.size, r->fresh.bytes, r->fresh.size);
		repl_say(r, "The session goes on with the new version on the branch \"%s\"; `switch %s` goes back to the old one.",
		    r->story->branches[r->story->branch].name, was_on);
		repl_forget_told(r);
		repl_stand(r);
	}
	repl_text_dispose(&a.was);
	free(was_on);
	return result;
}

/* ---- loading ----------------------------------------------------------------------------------- */

int repl_reload(repl *r) {
	aplomb_error error;
	aplomb_playbook *playbook, *before = r->playbook;
	int code = aplomb_load(r->rt, r->options->load, &playbook, &error);
	if (code == APLOMB_EPLAYBOOK) return repl_fail(r, "The playbook has errors; the session goes on with the version of before.");
	if (code != APLOMB_OK) return repl_fail_error(r, &error);
	/* The case may stand on a branch of an older version, though a newer one was loaded before. */
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	bool has_case = r->case_id != NULL && aplomb_case_get(r->rt, r->case_id, &info, NULL) == APLOMB_OK;
	if (playbook == (has_case ? info.playbook : before)) {
		repl_say(r, "Nothing has changed: the files are those of the version that is played.");
		return REPL_DONE;
	}
	r->playbook = playbook;
	if (aplomb_default_playbook(r->rt, playbook, &error) != APLOMB_OK) return repl_fail_error(r, &error);
	const char *version = aplomb_playbook_version(playbook);
	repl_say(r, "Loaded %s%s%s, %.12s.", aplomb_playbook_id(playbook), version != NULL ? " " : "", version != NULL ? version : "",
	    aplomb_playbook_hash(playbook));
	if (!has_case) return REPL_DONE;
	return replay(r, before);
}

static int run_reload(repl *r, const char *rest) {
	if (*rest != '\0') return repl_fail(r, "reload: takes nothing; it loads the playbook's files again.");
	return repl_reload(r);
}

const repl_command repl_cmd_reload = {
    .name = "reload",
    .form = "reload",
    .sentence = "Loads the playbook's files again, and plays the case so far on them.",
    .group = REPL_LUA,
    .run = run_reload,
    .about =
        "What has happened to the case is given to the new version, at the same times: what came from outside, and statements that were "
        "tried. Timers fire when the new version says so. The first entry that comes out otherwise is shown. The session goes on with "
        "the new version, on a branch of its own; the version of before stays reachable with `switch`.",
};
