/* SPDX-License-Identifier: MIT */
/*
 * Decides what it means to look for a moment by what is true in it: forward
 * entry by entry to the first at which the expression is true, back to the
 * newest at which it became true, that is, where it is true and was not at the
 * entry before. An expression that errs at an entry is not true there; when
 * nothing is found, that is said, too.
 */
#include <string.h>

#include "repl/travel.h"

/* Timers that `until` lets fire where nothing lies ahead. */
enum { MOST_FIRED = 1000 };

typedef struct search {
	repl *r;
	aplomb_expression *expression;
	repl_place from;
	uint64_t answered;    /* how often it could be asked */
	aplomb_error mistake; /* the newest; code 0: none */
} search;

static bool is_true(search *s) {
	repl *r = s->r;
	aplomb_answer answer = APLOMB_ANSWER_INIT;
	aplomb_error error;
	size_t size;
	const char *line = repl_story_line(r->story, repl_story_count(r->story) - 1, &size);
	if (aplomb_expression_answer(s->expression, r->case_id, line, size, &answer, &error) != APLOMB_OK) {
		s->mistake = error;
		return false;
	}
	s->answered++;
	if (answer.kind == APLOMB_BOOLEAN) return answer.is_there && answer.truth;
	return answer.is_there && answer.kind != APLOMB_NULL;
}

/* Nowhere: back to where it was. */
static int give_up(search *s, const char *verb, const char *why) {
	repl *r = s->r;
	if (repl_travel(r, s->from) != REPL_DONE) return REPL_FAILED;
	if (s->answered == 0) return repl_fail(r, "%s: %s [%s]", verb, s->mistake.message, s->mistake.slug);
	if (s->mistake.code == APLOMB_OK) return repl_fail(r, "%s: %s The case stands where it stood.", verb, why);
	return repl_fail(r, "%s: %s The case stands where it stood. At some entries it could not be asked: %s [%s]", verb, why,
	    s->mistake.message, s->mistake.slug);
}

static int begin(search *s, repl *r, const char *verb, const char *text) {
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	aplomb_error error;
	*s = (search){.r = r};
	if (!repl_has_case(r)) return REPL_FAILED;
	if (*text == '\0')
		return repl_fail(r, "%s: what is to be true? `%s is_in \"respect.warned\"`, `%s data.warnings > 1`", verb, verb, verb);
	if (aplomb_case_get(r->rt, r->case_id, &info, &error) != APLOMB_OK) return repl_fail_error(r, &error);
	s->from = repl_story_place(r->story, aplomb_now(r->rt));
	if (aplomb_expression_read(r->rt, info.playbook, text, 0, &s->expression, &error) == APLOMB_OK) return REPL_DONE;
	return repl_fail(r, "%s: %s [%s]", verb, error.message, error.slug);
}

/* ---- forward ------------------------------------------------------------------- */

/* Along the entries that lie ahead. *found: it is true where the case now stands. */
static int look_ahead(search *s, bool *found) {
	repl *r = s->r;
	while (!*found && repl_story_count(r->story) < repl_story_length(r->story, r->story->branch)) {
		if (repl_is_interrupted(r)) return repl_fail(r, "Interrupted; the case stands where the search was.");
		if (repl_travel_on(r) != REPL_DONE) return REPL_FAILED;
		*found = is_true(s);
	}
	return REPL_DONE;
}

/* At the end of what was played: time goes on from timer to timer. What came of each is looked at entry by entry. */
static int look_on(search *s, bool *found) {
	repl *r = s->r;
	aplomb_instant due;
	for (int fired = 0; !*found && fired < MOST_FIRED && aplomb_next_due(r->rt, &due); fired++) {
		/* What can be asked nowhere will not be true. */
		if (fired > 0 && s->answered == 0) return REPL_DONE;
		aplomb_instant now = aplomb_now(r->rt);
		repl_place before = repl_story_place(r->story, now);
		if (repl_wait_until(r, due > now ? due : now) != REPL_DONE) return REPL_FAILED;
		repl_place after = repl_story_place(r->story, aplomb_now(r->rt));
		if (after.seq == before.seq) continue;
		if (after.seq == before.seq + 1) {
			*found = is_true(s);
			continue;
		}
		/* Several at once: the first of them that makes it true. */
		before.branch = after.branch;
		if (repl_travel(r, before) != REPL_DONE || look_ahead(s, found) != REPL_DONE) return REPL_FAILED;
	}
	return REPL_DONE;
}

/* Along what lies ahead, and then on; what was played in vain is as if it had not been. */
static int look_forward(search *s) {
	repl *r = s->r;
	const size_t branch = r->story->branch;
	const uint64_t length = repl_story_length(r->story, branch);
	bool found = false, goes_on = !r->story->branches[branch].is_recorded;
	if (look_ahead(s, &found) != REPL_DONE) return REPL_FAILED;
	if (!found && goes_on && look_on(s, &found) != REPL_DONE) return REPL_FAILED;
	if (found) return REPL_DONE;
	int result = give_up(
	    s, "until", goes_on ? "it does not become true by itself, in the next 1,000 timers." : "it is not true at any entry ahead.");
	if (repl_story_count(r->story) <= length) repl_story_cut(r->story, branch, length);
	return result;
}

static int run_until(repl *r, const char *rest) {
	search s;
	int result = begin(&s, r, "until", rest);
	if (result != REPL_DONE) return result;
	if (is_true(&s)) {
		repl_say(r, "It is true here already.");
	} else {
		result = look_forward(&s);
		/* What happened on the way is not told; where it led is. */
		repl_text_clear(&r->fresh);
		r->story->is_same_way = false;
		repl_arrive(r);
	}
	aplomb_expression_free(s.expression);
	return result;
}

/* ---- back ------------------------------------------------------------------------ */

/*
 * From the beginning of one stretch between two moments to its end, for it can
 * only be walked forward; *turned becomes the newest entry of it, behind its
 * first, at which it became true. *was_true: at its first.
 */
static int look_at_stretch(search *s, uint64_t first, uint64_t last, uint64_t *turned, bool *was_true) {
	repl *r = s->r;
	repl_place to = s->from;
	to.seq = first;
	to.now = REPL_ENTRY_TIME;
	if (repl_travel(r, to) != REPL_DONE) return REPL_FAILED;
	bool before = *was_true = is_true(s);
	for (uint64_t seq = first + 1; seq <= last; seq++) {
		if (repl_is_interrupted(r)) return repl_fail(r, "Interrupted; the case stands where the search was.");
		if (repl_travel_on(r) != REPL_DONE) return REPL_FAILED;
		bool now = is_true(s);
		if (now && !before) *turned = seq;
		before = now;
	}
	return REPL_DONE;
}

static int look_back(search *s, uint64_t *turned) {
	const repl_story *story = s->r->story;
	for (uint64_t last = s->from.seq; *turned == 0;) {
		const repl_moment *moment = repl_story_moment(story, s->from.branch, last);
		uint64_t first = moment != NULL ? moment->seq : 1;
		bool was_true;
		if (look_at_stretch(s, first, last, turned, &was_true) != REPL_DONE) return REPL_FAILED;
		/* Before the case was opened nothing was true. */
		if (*turned == 0 && first == 1 && was_true) *turned = 1;
		if (first == 1 || first == last) return REPL_DONE;
		last = first;
	}
	return REPL_DONE;
}

static int run_back_until(repl *r, const char *rest) {
	search s;
	uint64_t turned = 0;
	int result = begin(&s, r, "back-until", rest);
	if (result != REPL_DONE) return result;
	result = look_back(&s, &turned);
	if (result == REPL_DONE && turned == 0) {
		result = give_up(&s, "back-until", "it was not true at any entry up to here.");
	} else if (result == REPL_DONE) {
		repl_place to = s.from;
		to.seq = turned;
		to.now = turned == s.from.seq ? s.from.now : REPL_ENTRY_TIME;
		result = repl_travel(r, to);
	}
	repl_arrive(r);
	aplomb_expression_free(s.expression);
	return result;
}

const repl_command repl_cmd_until = {
    .name = "until",
    .form = "until EXPR",
    .sentence = "Goes forward to the first entry at which this is true.",
    .group = REPL_TRAVEL,
    .run = run_until,
    .complete = repl_lua_complete,
    .about = "Along the entries that lie ahead; where none do, time goes on from timer to timer, unless the journal is a recorded one. An "
             "expression is written as in a playbook.\n\nuntil is_in \"supervisor.step-1\"\nuntil data.messages > 3 and event.tone < 0",
};

const repl_command repl_cmd_back_until = {
    .name = "back-until",
    .form = "back-until EXPR",
    .sentence = "Goes back to the entry at which this became true.",
    .group = REPL_TRAVEL,
    .run = run_back_until,
    .complete = repl_lua_complete,
    .about =
        "The newest one up to here at which it is true and was not at the entry before. To find the time before that, go `back` first.",
};
