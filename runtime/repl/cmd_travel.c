/* SPDX-License-Identifier: MIT */
/*
 * Decides the words of travelling in time: by entries, to marks, to other
 * branches, and the undoing of commands. Each says where the case then stands.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "repl/travel.h"

/* A number of one or more, and nothing else. */
static bool read_count(const char *text, uint64_t *out) {
	if (*text < '0' || *text > '9') return false;
	char *end;
	errno = 0;
	*out = strtoull(text, &end, 10);
	return *end == '\0' && errno == 0;
}

static bool is_word(const char *text) {
	return *text != '\0' && text[strcspn(text, " \t\n")] == '\0';
}

/* Goes there and says so. */
static int go(repl *r, repl_place to) {
	int result = repl_travel(r, to);
	repl_arrive(r);
	return result;
}

/* ---- by entries ------------------------------------------------------------- */

/* Behind `back` and `forward`: how many, one when nobody says. */
static int read_steps(repl *r, const char *verb, const char *rest, uint64_t *out) {
	*out = 1;
	if (*rest == '\0' || (read_count(rest, out) && *out > 0)) return REPL_DONE;
	return repl_fail(r, "%s: how many entries? `%s` is one, `%s 5` is five; `goto` knows marks and numbers.", verb, verb, verb);
}

static int run_back(repl *r, const char *rest) {
	uint64_t steps;
	if (!repl_has_case(r) || read_steps(r, "back", rest, &steps) != REPL_DONE) return REPL_FAILED;
	repl_place place = repl_story_place(r->story, REPL_ENTRY_TIME);
	if (place.seq <= 1) return repl_fail(r, "back: this is the beginning; there is nothing before entry 1.");
	place.seq = steps < place.seq ? place.seq - steps : 1;
	return go(r, place);
}

static int run_forward(repl *r, const char *rest) {
	uint64_t steps;
	if (!repl_has_case(r) || read_steps(r, "forward", rest, &steps) != REPL_DONE) return REPL_FAILED;
	repl_place place = repl_story_place(r->story, REPL_ENTRY_TIME), end = repl_end_of(r, place.branch);
	if (place.seq == end.seq)
		return repl_fail(r, "forward: this is the end of %s; nothing has happened after it. `next` lets something happen.",
		    r->story->branches[place.branch].name);
	if (steps >= end.seq - place.seq) return go(r, end);
	place.seq += steps;
	return go(r, place);
}

static int unknown_place(repl *r, const char *name) {
	const repl_story *story = r->story;
	size_t count = 2;
	const char **names = tell_need((story->n_marks + story->n_branches + count) * sizeof *names);
	names[0] = "start";
	names[1] = "end";
	for (size_t i = 0; i < story->n_marks; i++) names[count++] = story->marks[i].name;
	for (size_t i = 0; i < story->n_branches; i++) names[count++] = story->branches[i].name;
	const char *near = aplomb_nearest(name, names, count);
	int result = near != NULL ? repl_fail(r, "goto: there is no mark \"%s\"; did you mean \"%s\"? `marks` lists them.", name, near)
	                          : repl_fail(r, "goto: there is no mark \"%s\"; `marks` lists those there are, and `mark %s` makes one here.",
	                                name, name);
	free(names);
	return result;
}

static int run_goto(repl *r, const char *rest) {
	repl_story *story = r->story;
	if (!repl_has_case(r)) return REPL_FAILED;
	repl_place place = repl_story_place(story, REPL_ENTRY_TIME);
	const uint64_t last = repl_story_length(story, story->branch) - 1;
	if (*rest == '\0')
		return repl_fail(r, "goto: where? An entry's number, from 1 to %llu here, a mark, or start or end.", (unsigned long long)last);
	const repl_mark *mark = repl_story_find_mark(story, rest);
	if (mark != NULL) return go(r, mark->place);
	if (strcmp(rest, "end") == 0) return go(r, repl_end_of(r, story->branch));
	size_t branch = repl_story_branch(story, rest);
	if (branch != REPL_NO_BRANCH) return go(r, repl_end_of(r, branch));
	if (strcmp(rest, "start") == 0)
		place.seq = 1;
	else if (!read_count(rest, &place.seq))
		return unknown_place(r, rest);
	if (place.seq == last) return go(r, repl_end_of(r, story->branch));
	if (place.seq < 1 || place.seq > last)
		return repl_fail(
		    r, "goto: %s has the entries 1 to %llu, and no entry %s.", story->branches[story->branch].name, (unsigned long long)last, rest);
	return go(r, place);
}

/* ---- commands taken back ------------------------------------------------------ */

static int go_to_step(repl *r, size_t step) {
	r->story->step = step;
	return go(r, r->story->steps[step]);
}

static int run_undo(repl *r, const char *rest) {
	if (*rest != '\0') return repl_fail(r, "undo: takes back one command; `back` counts entries.");
	if (r->story->n_steps == 0 || r->story->step == 0) return repl_fail(r, "undo: there is no command before this that moved the case.");
	return go_to_step(r, r->story->step - 1);
}

static int run_redo(repl *r, const char *rest) {
	if (*rest != '\0') return repl_fail(r, "redo: does one command again; `forward` counts entries.");
	if (r->story->step + 1 >= r->story->n_steps) return repl_fail(r, "redo: nothing was undone.");
	return go_to_step(r, r->story->step + 1);
}

/* ---- marks --------------------------------------------------------------------- */

static int run_mark(repl *r, const char *rest) {
	uint64_t number;
	if (!repl_has_case(r)) return REPL_FAILED;
	if (!is_word(rest)) return repl_fail(r, "mark: by which name? One word: `mark apology`");
	if (read_count(rest, &number) || strcmp(rest, "start") == 0 || strcmp(rest, "end") == 0 ||
	    repl_story_branch(r->story, rest) != REPL_NO_BRANCH)
		return repl_fail(r, "mark: `goto %s` means something already; take another name.", rest);
	repl_place place = repl_story_place(r->story, aplomb_now(r->rt));
	repl_story_mark(r->story, rest, place);
	repl_say(r, "Entry %llu of %s is marked %s; `goto %s` comes back here.", (unsigned long long)place.seq,
	    r->story->branches[place.branch].name, rest, rest);
	return REPL_DONE;
}

static int run_marks(repl *r, const char *rest) {
	const repl_story *story = r->story;
	if (*rest != '\0') return repl_fail(r, "marks: takes nothing; `mark %s` makes one.", rest);
	if (story->n_marks == 0) repl_say(r, "Nothing is marked; `mark NAME` marks where the case stands.");
	for (size_t i = 0; i < story->n_marks; i++) {
		repl_text line = {0};
		char at[32];
		aplomb_instant_write(story->marks[i].place.now, at);
		repl_text_format(&line, "entry %llu of %s, %s", (unsigned long long)story->marks[i].place.seq,
		    story->branches[story->marks[i].place.branch].name, at);
		tell_line(r->out, NULL, story->marks[i].name, TELL_PLAIN, repl_text_of(&line));
		repl_text_dispose(&line);
	}
	return REPL_DONE;
}

/* ---- branches ------------------------------------------------------------------- */

static int run_branch(repl *r, const char *rest) {
	repl_story *story = r->story;
	uint64_t number;
	if (!repl_has_case(r)) return REPL_FAILED;
	if (!is_word(rest)) return repl_fail(r, "branch: by which name? One word: `branch what-if`");
	if (read_count(rest, &number) || strcmp(rest, "start") == 0 || strcmp(rest, "end") == 0 || repl_story_find_mark(story, rest) != NULL)
		return repl_fail(r, "branch: `goto %s` means something already; take another name.", rest);
	if (repl_story_branch(story, rest) != REPL_NO_BRANCH)
		return repl_fail(r, "branch: there is a branch \"%s\" already; `switch %s` goes to its end.", rest, rest);
	repl_place place = repl_story_place(story, aplomb_now(r->rt));
	repl_leave(r);
	const char *old = story->branches[story->branch].name;
	size_t made = repl_story_fork(story, place, rest);
	story->branch = made;
	story->branches[made].now = place.now;
	repl_say(r, "From entry %llu on, what happens belongs to \"%s\"; \"%s\" stays as it is.", (unsigned long long)place.seq, rest, old);
	return REPL_DONE;
}

/* One line for a branch, and below it those that fork from it. */
static void tell_branch(repl *r, size_t number, int depth) {
	const repl_story *story = r->story;
	const repl_branch *branch = &story->branches[number];
	repl_text line = {0};
	uint64_t last = repl_story_length(story, number) - 1;
	if (branch->parent == REPL_NO_BRANCH)
		repl_text_format(&line, "entries 1 to %llu", (unsigned long long)last);
	else if (branch->count == 0)
		repl_text_format(&line, "behind entry %llu of %s; nothing has happened on it yet", (unsigned long long)branch->begins - 1,
		    story->branches[branch->parent].name);
	else if (branch->count == 1)
		repl_text_format(&line, "entry %llu, behind entry %llu of %s", (unsigned long long)last, (unsigned long long)branch->begins - 1,
		    story->branches[branch->parent].name);
	else
		repl_text_format(&line, "entries %llu to %llu, behind entry %llu of %s", (unsigned long long)branch->begins,
		    (unsigned long long)last, (unsigned long long)branch->begins - 1, story->branches[branch->parent].name);
	if (branch->is_recorded) repl_text_put(&line, "; it is only read");
	if (number == story->branch)
		repl_text_format(&line, "; here, at entry %llu", (unsigned long long)story->count - 1);
	else if (branch->states != NULL && branch->states[0] != '\0')
		repl_text_format(&line, "; ends in %s", branch->states);
	repl_text name = {0};
	for (int i = 0; i < depth; i++) repl_text_put(&name, " ");
	repl_text_put(&name, branch->name);
	tell_line(r->out, NULL, repl_text_of(&name), number == story->branch ? TELL_STRONG : TELL_PLAIN, repl_text_of(&line));
	repl_text_dispose(&name);
	repl_text_dispose(&line);
	for (size_t i = number + 1; i < story->n_branches; i++)
		if (story->branches[i].parent == number) tell_branch(r, i, depth + 1);
}

static int run_branches(repl *r, const char *rest) {
	if (*rest != '\0') return repl_fail(r, "branches: takes nothing; `branch %s` begins one here.", rest);
	if (!repl_has_case(r)) return REPL_FAILED;
	repl_leave(r);
	/* Another version of the playbook begins with a head of its own. */
	for (size_t i = 0; i < r->story->n_branches; i++)
		if (r->story->branches[i].parent == REPL_NO_BRANCH) tell_branch(r, i, 0);
	return REPL_DONE;
}

size_t repl_named_branch(repl *r, const char *verb, const char *name) {
	const repl_story *story = r->story;
	size_t branch = repl_story_branch(story, name);
	if (branch != REPL_NO_BRANCH) return branch;
	const char **names = tell_need((story->n_branches + 1) * sizeof *names);
	for (size_t i = 0; i < story->n_branches; i++) names[i] = story->branches[i].name;
	const char *near = aplomb_nearest(name, names, story->n_branches);
	if (near != NULL)
		repl_fail(r, "%s: there is no branch \"%s\"; did you mean \"%s\"? `branches` lists them.", verb, name, near);
	else
		repl_fail(r, "%s: there is no branch \"%s\"; `branches` lists those there are.", verb, name);
	free(names);
	return REPL_NO_BRANCH;
}

static int run_switch(repl *r, const char *rest) {
	if (!repl_has_case(r)) return REPL_FAILED;
	if (!is_word(rest)) return repl_fail(r, "switch: to which branch? `branches` lists them.");
	size_t branch = repl_named_branch(r, "switch", rest);
	return branch != REPL_NO_BRANCH ? go(r, repl_end_of(r, branch)) : REPL_FAILED;
}

/* ---- completion -------------------------------------------------------------------- */

static void offer(const char *name, const char *what, const char *before, repl_candidates *out) {
	if (strncmp(name, before, strlen(before)) == 0) repl_candidate(out, name, what);
}

void repl_complete_branch(repl *r, const char *before, repl_candidates *out) {
	for (size_t i = 0; i < r->story->n_branches; i++) offer(r->story->branches[i].name, "branch", before, out);
}

static void complete_place(repl *r, const char *before, repl_candidates *out) {
	for (size_t i = 0; i < r->story->n_marks; i++) offer(r->story->marks[i].name, "mark", before, out);
	offer("start", "the first entry", before, out);
	offer("end", "the newest entry", before, out);
	repl_complete_branch(r, before, out);
}

/* ---- the table ------------------------------------------------------------------------ */

const repl_command repl_cmd_back = {
    .name = "back",
    .form = "back [N]",
    .sentence = "Goes back in time, by one entry or N.",
    .group = REPL_TRAVEL,
    .run = run_back,
    .about =
        "Nothing is lost: `forward` goes the same way again. What you do in the past begins a new branch by itself, and the old future "
        "stays on its own.",
};

const repl_command repl_cmd_forward = {
    .name = "forward",
    .form = "forward [N]",
    .sentence = "Goes forward again on the branch, by one entry or N.",
    .group = REPL_TRAVEL,
    .run = run_forward,
};

const repl_command repl_cmd_goto = {
    .name = "goto",
    .form = "goto ENTRY|MARK",
    .sentence = "Goes to an entry by its number, to a mark, to start or end.",
    .group = REPL_TRAVEL,
    .run = run_goto,
    .complete = complete_place,
    .about = "A mark may lie on another branch. The name of a branch goes to its end, as `switch` does.",
};

const repl_command repl_cmd_undo = {
    .name = "undo",
    .form = "undo",
    .sentence = "The case stands where it stood before the last command that moved it.",
    .group = REPL_TRAVEL,
    .run = run_undo,
    .about =
        "One command may have written many entries, or none, such as `wait` while nothing is due; either way all of it is taken back, and "
        "travels are, too.",
};

const repl_command repl_cmd_redo = {
    .name = "redo",
    .form = "redo",
    .sentence = "Takes the last undo back.",
    .group = REPL_TRAVEL,
    .run = run_redo,
};

const repl_command repl_cmd_mark = {
    .name = "mark",
    .form = "mark NAME",
    .sentence = "Gives where the case stands a name to come back to.",
    .group = REPL_TRAVEL,
    .run = run_mark,
};

const repl_command repl_cmd_marks = {
    .name = "marks",
    .form = "marks",
    .sentence = "Lists what is marked.",
    .group = REPL_TRAVEL,
    .run = run_marks,
};

const repl_command repl_cmd_branch = {
    .name = "branch",
    .form = "branch NAME",
    .sentence = "Begins another future here, under a name.",
    .group = REPL_TRAVEL,
    .run = run_branch,
};

const repl_command repl_cmd_branches = {
    .name = "branches",
    .form = "branches",
    .sentence = "Lists the futures there are, and where each began.",
    .group = REPL_TRAVEL,
    .run = run_branches,
};

const repl_command repl_cmd_switch = {
    .name = "switch",
    .form = "switch NAME",
    .sentence = "Goes to the end of another branch.",
    .group = REPL_TRAVEL,
    .run = run_switch,
    .complete = repl_complete_branch,
};
