/* SPDX-License-Identifier: MIT */
/*
 * Decides how the lines of the played case are kept: each once, on the branch
 * that wrote it, found by its entry's number on the way from there back to the
 * head. How the case itself gets somewhere is travel.c's.
 */
#include "repl/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tell/tell.h"

/* ---- life -------------------------------------------------------------------- */

repl_story *repl_story_new(void) {
	repl_story *story = tell_need(sizeof *story);
	story->every = REPL_MOMENT_EVERY;
	return story;
}

void repl_story_clear(repl_story *story) {
	for (size_t i = 0; i < story->n_branches; i++) {
		repl_branch *branch = &story->branches[i];
		for (size_t n = 0; n < branch->n_moments; n++) aplomb_moment_free(branch->moments[n].moment);
		repl_text_dispose(&branch->lines);
		free(branch->name);
		free(branch->states);
		free(branch->starts);
		free(branch->moments);
	}
	for (size_t i = 0; i < story->n_marks; i++) free(story->marks[i].name);
	story->n_branches = story->n_marks = story->n_steps = story->step = story->branch = 0;
	story->count = 0;
}

void repl_story_free(repl_story *story) {
	if (story == NULL) return;
	repl_story_clear(story);
	free(story->branches);
	free(story->marks);
	free(story->steps);
	free(story);
}

/* ---- branches ----------------------------------------------------------------- */

static size_t add_branch(repl_story *story, size_t parent, uint64_t begins, const char *name) {
	tell_need_room(&story->branches, story->n_branches, 1, &story->branches_capacity, sizeof *story->branches);
	repl_branch *branch = &story->branches[story->n_branches];
	*branch = (repl_branch){.name = tell_need_copy(name), .parent = parent, .begins = begins, .now = REPL_ENTRY_TIME};
	return story->n_branches++;
}

size_t repl_story_branch(const repl_story *story, const char *name) {
	for (size_t i = 0; i < story->n_branches; i++)
		if (strcmp(story->branches[i].name, name) == 0) return i;
	return REPL_NO_BRANCH;
}

size_t repl_story_fork(repl_story *story, repl_place place, const char *name) {
	char made[32];
	for (size_t n = story->n_branches + 1; name == NULL; n++) {
		snprintf(made, sizeof made, "future-%zu", n);
		if (repl_story_branch(story, made) == REPL_NO_BRANCH) name = made;
	}
	/* Not of a branch that has nothing of its own up to there: its parent's line is the same. */
	size_t parent = place.branch;
	while (story->branches[parent].parent != REPL_NO_BRANCH && place.seq + 1 <= story->branches[parent].begins)
		parent = story->branches[parent].parent;
	return add_branch(story, parent, place.seq + 1, name);
}

uint64_t repl_story_length(const repl_story *story, size_t branch) {
	return story->branches[branch].begins + story->branches[branch].count;
}

uint64_t repl_story_common(const repl_story *story, size_t one, size_t other) {
	uint64_t until_one = repl_story_length(story, one), until_other = repl_story_length(story, other);
	/* Parents come before their children: the younger one steps back. */
	while (one != other) {
		size_t *younger = one > other ? &one : &other;
		uint64_t *until = one > other ? &until_one : &until_other;
		const repl_branch *branch = &story->branches[*younger];
		if (branch->begins < *until) *until = branch->begins;
		if (branch->parent == REPL_NO_BRANCH) return 0;
		*younger = branch->parent;
	}
	return until_one < until_other ? until_one : until_other;
}

void repl_story_begin(repl_story *story, const char *name, bool is_recorded) {
	story->branch = add_branch(story, REPL_NO_BRANCH, 0, name);
	story->branches[story->branch].is_recorded = is_recorded;
}

/* ---- lines ---------------------------------------------------------------------- */

static const char *own_line(const repl_branch *branch, size_t n, size_t *size) {
	size_t end = n + 1 < branch->count ? branch->starts[n + 1] : branch->lines.size;
	*size = end - branch->starts[n] - 1;
	return branch->lines.bytes + branch->starts[n];
}

const char *repl_story_line_of(const repl_story *story, size_t branch, uint64_t n, size_t *size) {
	if (branch >= story->n_branches || n >= repl_story_length(story, branch)) return NULL;
	while (n < story->branches[branch].begins) branch = story->branches[branch].parent;
	return own_line(&story->branches[branch], (size_t)(n - story->branches[branch].begins), size);
}

const char *repl_story_line(const repl_story *story, size_t n, size_t *size) {
	return repl_story_line_of(story, story->branch, n, size);
}

size_t repl_story_count(const repl_story *story) {
	return (size_t)story->count;
}

void repl_story_add(repl_story *story, size_t number, const char *line, size_t size) {
	repl_branch *branch = &story->branches[number];
	tell_need_room(&branch->starts, branch->count, 1, &branch->capacity, sizeof *branch->starts);
	branch->starts[branch->count++] = branch->lines.size;
	repl_text_add(&branch->lines, line, size);
	repl_text_put(&branch->lines, "\n");
}

void repl_story_cut(repl_story *story, size_t number, uint64_t count) {
	repl_branch *branch = &story->branches[number];
	size_t left = (size_t)(count - branch->begins);
	if (left >= branch->count) return;
	branch->lines.size = branch->starts[left];
	branch->count = left;
	while (branch->n_moments > 0 && branch->moments[branch->n_moments - 1].seq >= count)
		aplomb_moment_free(branch->moments[--branch->n_moments].moment);
}

/* One line, without its newline. */
static bool take(repl_story *story, const char *line, size_t size) {
	bool forks = false;
	if (story->n_branches == 0) repl_story_begin(story, "main", false);
	size_t there;
	const char *next = repl_story_line(story, (size_t)story->count, &there);
	if (next == NULL || there != size || memcmp(next, line, size) != 0) {
		forks = next != NULL || story->branches[story->branch].is_recorded;
		if (forks) story->branch = repl_story_fork(story, (repl_place){story->branch, story->count - 1, 0}, NULL);
		repl_story_add(story, story->branch, line, size);
		story->is_same_way = false;
	} else {
		story->is_same_way = true;
	}
	story->count++;
	return forks;
}

bool repl_story_take(repl_story *story, const char *lines, size_t size) {
	bool forked = false;
	for (const char *at = lines, *end = lines + size; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((newline != NULL ? newline : end) - at);
		forked = take(story, at, length) || forked;
		at += length + 1;
	}
	return forked;
}

/* ---- places ------------------------------------------------------------------------ */

repl_place repl_story_place(const repl_story *story, aplomb_instant now) {
	return (repl_place){story->branch, story->count > 0 ? story->count - 1 : 0, now};
}

const repl_mark *repl_story_find_mark(const repl_story *story, const char *name) {
	for (size_t i = 0; i < story->n_marks; i++)
		if (strcmp(story->marks[i].name, name) == 0) return &story->marks[i];
	return NULL;
}

void repl_story_mark(repl_story *story, const char *name, repl_place place) {
	for (size_t i = 0; i < story->n_marks; i++) {
		if (strcmp(story->marks[i].name, name) != 0) continue;
		story->marks[i].place = place;
		return;
	}
	tell_need_room(&story->marks, story->n_marks, 1, &story->marks_capacity, sizeof *story->marks);
	story->marks[story->n_marks++] = (repl_mark){tell_need_copy(name), place};
}

static bool is_same_place(repl_place one, repl_place other) {
	return one.branch == other.branch && one.seq == other.seq && one.now == other.now;
}

void repl_story_step(repl_story *story, repl_place place) {
	if (story->n_steps > 0) {
		if (is_same_place(story->steps[story->step], place)) return;
		story->n_steps = story->step + 1;
	}
	tell_need_room(&story->steps, story->n_steps, 1, &story->steps_capacity, sizeof *story->steps);
	story->step = story->n_steps++;
	story->steps[story->step] = place;
}

/* ---- moments -------------------------------------------------------------------------- */

const repl_moment *repl_story_moment(const repl_story *story, size_t number, uint64_t count) {
	while (number != REPL_NO_BRANCH) {
		const repl_branch *branch = &story->branches[number];
		size_t low = 0, high = branch->n_moments;
		while (low < high) {
			size_t middle = low + (high - low) / 2;
			if (branch->moments[middle].seq < count)
				low = middle + 1;
			else
				high = middle;
		}
		if (low > 0) return &branch->moments[low - 1];
		/* Of the parent only what lies before the fork. */
		if (branch->begins < count) count = branch->begins;
		number = branch->parent;
	}
	return NULL;
}

void repl_story_keep(repl_story *story, aplomb_runtime *rt, const char *case_id) {
	if (story->count < 2) return;
	uint64_t seq = story->count - 1;
	const repl_moment *nearest = repl_story_moment(story, story->branch, story->count);
	if (nearest != NULL && seq - nearest->seq < story->every) return;
	/* On whose way it lies. */
	size_t number = story->branch;
	while (seq < story->branches[number].begins) number = story->branches[number].parent;
	repl_branch *branch = &story->branches[number];
	aplomb_moment *moment;
	/* Without one the way is only longer. */
	if (aplomb_moment_keep(rt, case_id, &moment, NULL) != APLOMB_OK) return;
	tell_need_room(&branch->moments, branch->n_moments, 1, &branch->moments_capacity, sizeof *branch->moments);
	size_t at = branch->n_moments++;
	while (at > 0 && branch->moments[at - 1].seq > seq) {
		branch->moments[at] = branch->moments[at - 1];
		at--;
	}
	branch->moments[at] = (repl_moment){seq, moment};
}
