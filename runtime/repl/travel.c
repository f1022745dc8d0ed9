/* SPDX-License-Identifier: MIT */
/*
 * Decides how the case gets to another place of its story: which moment is
 * nearest, which lines are replayed from there, what time it is on arrival. It
 * is a rehearsal's replay: nothing is posted, nothing is asked of anybody.
 */
#include "repl/travel.h"

#include <stdlib.h>
#include <string.h>

/* Between two looks at Ctrl-C. */
enum { LOOK_EVERY = 64, KNOWN_BEFORE = 256 };

/* ---- going ---------------------------------------------------------------------- */

static int fail_line(repl *r, size_t branch, uint64_t n, const char *why) {
	return repl_fail(r, "Entry %llu of \"%s\" does not come about as it did: %s. The case stands before it.", (unsigned long long)n,
	    r->story->branches[branch].name, why);
}

/* One line more. */
static int replay_line(repl *r, uint64_t n) {
	repl_story *story = r->story;
	aplomb_replayed out = APLOMB_REPLAYED_INIT;
	aplomb_error error;
	size_t size;
	const char *line = repl_story_line(story, (size_t)n, &size);
	if (aplomb_replay(r->rt, NULL, line, size, &out, &error) != APLOMB_OK) return fail_line(r, story->branch, n, error.message);
	if (out.same) {
		story->count = n + 1;
		repl_story_keep(story, r->rt, r->case_id);
		return REPL_DONE;
	}
	/* It went its own way: back to what is known. */
	char why[64];
	snprintf(why, sizeof why, "its %s differs", out.differs);
	const repl_moment *before = repl_story_moment(story, story->branch, n);
	if (before != NULL && aplomb_moment_return(r->rt, before->moment, NULL) == APLOMB_OK) story->count = before->seq + 1;
	return fail_line(r, story->branch, n, why);
}

/* To where the way to [count] lines of the branch is shortest: where the case stands, a moment, or the head. */
static int begin_way(repl *r, size_t branch, uint64_t count) {
	repl_story *story = r->story;
	uint64_t shared = story->count > 0 ? repl_story_common(story, story->branch, branch) : 0;
	bool is_on_way = story->count > 0 && story->count <= shared && story->count <= count;
	const repl_moment *moment = repl_story_moment(story, branch, count);
	story->branch = branch;
	if (is_on_way && (moment == NULL || story->count > moment->seq)) return REPL_DONE;
	if (moment != NULL) {
		aplomb_error error;
		if (aplomb_moment_return(r->rt, moment->moment, &error) != APLOMB_OK) return repl_fail_error(r, &error);
		story->count = moment->seq + 1;
		return REPL_DONE;
	}
	/* The case may not be there: at the beginning of a recorded journal. */
	aplomb_case_forget(r->rt, r->case_id, NULL);
	story->count = 0;
	return REPL_DONE;
}

static int go(repl *r, repl_place to) {
	int result = begin_way(r, to.branch, to.seq + 1);
	for (uint64_t n = r->story->count; result == REPL_DONE && n <= to.seq; n++) {
		result = replay_line(r, n);
		/* Between head and first entry there is no case to stand at. */
		if (n % LOOK_EVERY != LOOK_EVERY - 1 || result != REPL_DONE || !repl_is_interrupted(r)) continue;
		return repl_fail(r, "Interrupted on the way.");
	}
	return result;
}

int repl_travel(repl *r, repl_place to) {
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	aplomb_error error;
	if (to.branch != r->story->branch || to.seq + 1 != r->story->count) repl_leave(r);
	r->is_seeking = true;
	int result = go(r, to);
	r->is_seeking = false;
	if (aplomb_case_get(r->rt, r->case_id, &info, &error) != APLOMB_OK) return repl_fail_error(r, &error);
	aplomb_instant now = result == REPL_DONE && to.now > info.at ? to.now : info.at;
	if (aplomb_turn_clock(r->rt, now, &error) != APLOMB_OK) return repl_fail_error(r, &error);
	return result;
}

int repl_travel_on(repl *r) {
	repl_place to = repl_story_place(r->story, REPL_ENTRY_TIME);
	to.seq++;
	return repl_travel(r, to);
}

repl_place repl_end_of(const repl *r, size_t branch) {
	return (repl_place){branch, repl_story_length(r->story, branch) - 1, r->story->branches[branch].now};
}

/* ---- leaving and arriving ---------------------------------------------------------- */

void repl_leave(repl *r) {
	repl_story *story = r->story;
	if (story->count == 0 || story->count != repl_story_length(story, story->branch)) return;
	repl_branch *branch = &story->branches[story->branch];
	free(branch->states);
	branch->states = repl_state_line(r);
	branch->now = aplomb_now(r->rt);
}

void repl_take(repl *r, const char *lines, size_t size) {
	repl_story *story = r->story;
	size_t was = story->branch;
	bool forked = repl_story_take(story, lines, size);
	repl_story_keep(story, r->rt, r->case_id);
	if (!forked) return;
	const repl_branch *old = &story->branches[was];
	uint64_t ahead = repl_story_length(story, was) - story->branches[story->branch].begins;
	if (ahead == 0) {
		repl_say(r, "What is recorded stays as it is: this goes on from its end as \"%s\".", story->branches[story->branch].name);
		return;
	}
	repl_say(r,
	    "This is another way than \"%s\" went behind entry %llu: it goes on as \"%s\", and \"%s\" keeps its %llu entr%s ahead (`switch "
	    "%s`).",
	    old->name, (unsigned long long)story->branches[story->branch].begins - 1, story->branches[story->branch].name, old->name,
	    (unsigned long long)ahead, ahead == 1 ? "y" : "ies", old->name);
}

void repl_step(repl *r) {
	repl_story *story = r->story;
	if (story->count == 0) return;
	if (story->is_same_way)
		repl_say_styled(r, TELL_FAINT, "So it went on %s, too; this is entry %llu of %llu.", story->branches[story->branch].name,
		    (unsigned long long)story->count - 1, (unsigned long long)repl_story_length(story, story->branch) - 1);
	story->is_same_way = false;
	repl_story_step(story, repl_story_place(story, aplomb_now(r->rt)));
}

/* The book of what was told learns what came shortly before, so that timers have their names and spans. */
static void know(repl *r) {
	repl_story *story = r->story;
	uint64_t here = story->count - 1, from = here > KNOWN_BEFORE ? here - KNOWN_BEFORE : 1;
	tell_case *c = NULL;
	repl_forget_told(r);
	for (uint64_t n = 0; n <= here; n = n == 0 ? from : n + 1) {
		size_t size;
		const char *line = repl_story_line(story, (size_t)n, &size);
		aplomb_json *json;
		if (aplomb_json_read(&json, line, size, NULL) != APLOMB_OK) continue;
		c = tell_casebook_note(&r->book, aplomb_json_root(json));
		if (n == here && c != NULL) {
			/* It needs no heading: the line above says which case it is. */
			r->timeline.last = c;
			tell_timeline_show(&r->timeline, c, aplomb_json_root(json));
		}
		aplomb_json_free(json);
	}
}

void repl_arrive(repl *r) {
	const repl_story *story = r->story;
	const repl_branch *branch = &story->branches[story->branch];
	uint64_t end = repl_story_length(story, story->branch) - 1, here = story->count - 1;
	repl_text line = {0};
	repl_text_format(&line, "%llu of %llu on %s", (unsigned long long)here, (unsigned long long)end, branch->name);
	for (size_t i = 0; i < story->n_marks; i++) {
		const repl_place *place = &story->marks[i].place;
		if (place->branch == story->branch && place->seq == here) repl_text_format(&line, ", marked %s", story->marks[i].name);
	}
	tell_line(r->out, NULL, "entry", TELL_STRONG, repl_text_of(&line));
	repl_text_dispose(&line);
	r->timeline.shown = 0;
	know(r);
	repl_stand(r);
}
