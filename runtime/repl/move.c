/* SPDX-License-Identifier: MIT */
/*
 * Decides how the played case moves: an event is posted and stepped with all
 * that is due with it, or time is turned from timer to timer. The lines that
 * come out go to the story, and wait to be told.
 */
#include <stdlib.h>
#include <string.h>

#include "repl/inside.h"
#include "repl/lines.h"
#include "repl/travel.h"

enum { MOST_FIRED = 100000 };

/* ---- lines ------------------------------------------------------------------ */

/* Only the played case is told; what it sends to others stands in its own lines. */
static bool is_played(const repl *r, const char *line, size_t size) {
	aplomb_json *json;
	if (aplomb_json_read(&json, line, size, NULL) != APLOMB_OK) return false;
	const char *id = aplomb_value_text(aplomb_value_get(aplomb_json_root(json), "case"), NULL);
	bool is_ours = id != NULL && r->case_id != NULL && strcmp(id, r->case_id) == 0;
	aplomb_json_free(json);
	return is_ours;
}

int repl_take_lines(const char *lines, size_t size, void *payload) {
	repl *r = payload;
	if (r->is_seeking) return 0;
	for (const char *at = lines, *end = lines + size; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((newline != NULL ? newline : end) - at);
		if (is_played(r, at, length)) {
			repl_text_add(&r->fresh, at, length);
			repl_text_put(&r->fresh, "\n");
		}
		at += length + 1;
	}
	return 0;
}

/* ---- events ------------------------------------------------------------------- */

bool repl_has_case(repl *r) {
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	if (r->case_id != NULL && aplomb_case_get(r->rt, r->case_id, &info, NULL) == APLOMB_OK) return true;
	repl_fail(r, "There is no case yet. `open { … }` opens one with data of its own; the first `say` opens one with none.");
	return false;
}

static bool is_open(const repl *r) {
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	return r->case_id != NULL && aplomb_case_get(r->rt, r->case_id, &info, NULL) == APLOMB_OK;
}

/* ---- what goes wrong on the way ---------------------------------------------- */

/* Why a move ended early; said below what happened until then. */
typedef struct trouble {
	bool is_there;
	aplomb_error error;
	const char *sentence; /* in place of the error */
	const char *event;    /* that was to happen; NULL: the case was to open */
} trouble;

static void meet(trouble *t, const aplomb_error *error) {
	if (t->is_there) return;
	t->is_there = true;
	t->error = *error;
	if (error->code == APLOMB_EINTERRUPTED) t->sentence = "Interrupted. What happened before it stands.";
}

static void meet_sentence(trouble *t, const char *sentence) {
	if (t->is_there) return;
	t->is_there = true;
	t->sentence = sentence;
}

/* Below what was refused: what the playbook would have taken. */
static void show_the_way(repl *r, const trouble *t) {
	if (strcmp(t->error.slug, "case-closed") == 0 || strcmp(t->error.slug, "case-known") == 0) return;
	if (t->event == NULL) {
		if (strncmp(t->error.message, "data", 4) == 0) repl_say_declared(r, APLOMB_DECLARES_DATA, "data");
		return;
	}
	if (repl_say_declared(r, APLOMB_DECLARES_EVENT, t->event) || strstr(t->error.message, "did you mean") != NULL) return;
	repl_names events = repl_declared(r, APLOMB_DECLARES_EVENT);
	repl_text all = {0};
	for (size_t i = 0; i < events.count; i++) repl_text_format(&all, "%s%s", i > 0 ? ", " : "", events.items[i]);
	if (events.count > 0) repl_say(r, "What can happen to its cases is %s. `do EVENT` lets it happen.", repl_text_of(&all));
	repl_text_dispose(&all);
	repl_names_dispose(&events);
}

/* What was written since [*from] belongs to the story. Often on a long way, so that its moments lie close enough. */
static void take_into_story(repl *r, size_t *from) {
	if (r->fresh.size > *from) repl_take(r, r->fresh.bytes + *from, r->fresh.size - *from);
	*from = r->fresh.size;
}

/* The end of a move: its lines go to the story; trouble is said where it belongs. */
static int end_move(repl *r, size_t from, const trouble *t) {
	take_into_story(r, &from);
	if (!t->is_there) return REPL_DONE;
	bool is_told = repl_tell_fresh(r);
	if (t->sentence != NULL)
		repl_fail(r, "%s", t->sentence);
	else
		repl_fail_error(r, &t->error);
	if (t->error.code == APLOMB_EREFUSED && t->sentence == NULL) show_the_way(r, t);
	if (is_told) repl_stand(r);
	return REPL_FAILED;
}

/* Steps all that is due now. */
static void pump(repl *r, uint64_t *fired, trouble *t) {
	aplomb_error error;
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	do {
		if (aplomb_pump(r->rt, 0, &report, &error) != APLOMB_OK) {
			meet(t, &error);
			return;
		}
		*fired += report.timers;
		if (repl_is_interrupted(r)) meet_sentence(t, "Interrupted. What has happened so far stands.");
		if (*fired > MOST_FIRED)
			meet_sentence(
			    t, "More than 100,000 timers fired on the way; is there one that arms itself for ever? What has happened so far stands.");
	} while (report.more && !t->is_there);
}

/* ---- moves ------------------------------------------------------------------------ */

int repl_open_case(repl *r, const char *open, const char *case_id, const char *subject) {
	aplomb_error error;
	trouble t = {0};
	uint64_t fired = 0;
	size_t from = r->fresh.size;
	if (is_open(r)) return repl_fail(r, "A case is open already: %s. `new` puts it away.", r->case_id);
	if (case_id != NULL || r->case_id == NULL) {
		free(r->case_id);
		r->case_id = tell_need_copy(case_id != NULL ? case_id : REPL_FIRST_CASE);
	}
	aplomb_event opening = APLOMB_EVENT_INIT;
	opening.case_id = r->case_id;
	opening.subject = subject;
	opening.open = open;
	if (aplomb_case_open(r->rt, &opening, NULL, &error) != APLOMB_OK) meet(&t, &error);
	pump(r, &fired, &t);
	return end_move(r, from, &t);
}

static bool is_refused(repl *r, const aplomb_event *event, aplomb_error *error) {
	aplomb_tried tried = APLOMB_TRIED_INIT;
	if (aplomb_try(r->rt, event, NULL, &tried, error) != APLOMB_OK) return true;
	if (tried.code != APLOMB_EREFUSED && tried.code != APLOMB_EFAULTED) return false;
	*error = (aplomb_error){.code = tried.code};
	snprintf(error->slug, sizeof error->slug, "%s", tried.slug);
	snprintf(error->message, sizeof error->message, "%s", tried.message);
	return true;
}

int repl_post(repl *r, const aplomb_event *given) {
	aplomb_event event = *given;
	aplomb_error error;
	trouble t = {0};
	uint64_t fired = 0;
	if (!is_open(r) && repl_open_case(r, NULL, NULL, NULL) != REPL_DONE) return REPL_FAILED;
	size_t from = r->fresh.size;
	event.case_id = r->case_id;
	t.event = event.name;
	/* What would be refused is not even posted: a slip of the hand is nothing that happened to the case. */
	if (is_refused(r, &event, &error) || aplomb_post_wait(r->rt, &event, NULL, &error) != APLOMB_OK) meet(&t, &error);
	pump(r, &fired, &t);
	return end_move(r, from, &t);
}

int repl_wait_until(repl *r, aplomb_instant at) {
	aplomb_error error;
	aplomb_instant due;
	trouble t = {0};
	uint64_t fired = 0;
	size_t from = r->fresh.size;
	while (!t.is_there && aplomb_next_due(r->rt, &due) && due <= at) {
		if (due > aplomb_now(r->rt) && aplomb_turn_clock(r->rt, due, &error) != APLOMB_OK)
			meet(&t, &error);
		else
			pump(r, &fired, &t);
		take_into_story(r, &from);
	}
	if (!t.is_there && aplomb_turn_clock(r->rt, at, &error) != APLOMB_OK) meet(&t, &error);
	return end_move(r, from, &t);
}

/* ---- statements ------------------------------------------------------------------- */

static const char ASIDE[] = "tried-";

/* The story goes on beside what is real: what follows is not taken into the branch that the case stands on. */
static void go_aside(repl *r) {
	repl_story *story = r->story;
	const repl_branch *here = &story->branches[story->branch];
	bool is_at_end = story->count == repl_story_length(story, story->branch);
	if (strncmp(here->name, ASIDE, sizeof ASIDE - 1) == 0 && is_at_end && !here->is_recorded) return;
	char name[32];
	size_t n = 0;
	do snprintf(name, sizeof name, "%s%zu", ASIDE, ++n);
	while (repl_story_branch(story, name) != REPL_NO_BRANCH);
	repl_place place = repl_story_place(story, aplomb_now(r->rt));
	repl_say(r,
	    "Tried on a copy: behind entry %llu the story goes on as \"%s\", and \"%s\" stays as it is (`switch %s`). A real case changes only "
	    "through events.",
	    (unsigned long long)place.seq, name, here->name, here->name);
	story->branch = repl_story_fork(story, place, name);
	story->branches[story->branch].now = place.now;
}

int repl_try(repl *r, const char *text, aplomb_error *error) {
	trouble t = {0};
	uint64_t fired = 0;
	size_t from = r->fresh.size;
	pump(r, &fired, &t);
	if (t.is_there) return end_move(r, from, &t);
	take_into_story(r, &from);
	repl_leave(r);
	int code = aplomb_case_run(r->rt, r->case_id, text, 0, NULL, error);
	if (code != APLOMB_OK) return code;
	go_aside(r);
	pump(r, &fired, &t);
	return end_move(r, from, &t);
}
