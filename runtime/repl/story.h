/* SPDX-License-Identifier: MIT */
#ifndef REPL_STORY_H
#define REPL_STORY_H

/*
 * What has happened to the played case, and what might have: its journal lines
 * as a tree of branches, and where in it the case stands.
 *
 *   main      0 1 2 3 4 5 6 7        entries; 0 is the head
 *                   └ 4 5 6          future-2, which forks behind entry 3
 *                       ↑ stands here
 *
 * Every line that was ever taken stays. Every so often a moment of the case is
 * kept with them, so that any entry is soon come back to: travel.c does that.
 * The lines of a recorded journal are a branch that is never written to.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aplomb.h"
#include "repl/text.h"

/*
 * How many entries lie between two moments, at least. bench/seek.c: with fewer
 * a story needs more memory and is not noticeably faster to travel in, with
 * more it takes longer.
 */
#define REPL_MOMENT_EVERY 256

#define REPL_NO_BRANCH ((size_t)-1)
/* Of a place: as late as its entry says. */
#define REPL_ENTRY_TIME INT64_MIN

/* Somewhere in a story. */
typedef struct repl_place {
	size_t branch;
	uint64_t seq; /* newest entry; there is no place before entry 1 */
	aplomb_instant now;
} repl_place;

typedef struct repl_moment {
	uint64_t seq;
	aplomb_moment *moment;
} repl_moment;

typedef struct repl_branch {
	char *name;
	size_t parent;   /* REPL_NO_BRANCH: it begins with the head */
	uint64_t begins; /* its first own entry; those before are its parent's */
	bool is_recorded;
	aplomb_instant now; /* how late it was at its end when that was last left */
	char *states;       /* likewise where the case was; or NULL */
	repl_text lines;    /* its own, each with its newline */
	size_t *starts;     /* where each begins */
	size_t count, capacity;
	repl_moment *moments; /* in the order of their entries */
	size_t n_moments, moments_capacity;
} repl_branch;

typedef struct repl_mark {
	char *name;
	repl_place place;
} repl_mark;

typedef struct repl_story {
	repl_branch *branches;
	size_t n_branches, branches_capacity;
	size_t branch;    /* on which the case stands */
	uint64_t count;   /* how many lines have happened there, the head among them; 0: none */
	bool is_same_way; /* what was taken in last was there already */
	repl_mark *marks;
	size_t n_marks, marks_capacity;
	/* Where the case stood after each command, for undo and redo. */
	repl_place *steps;
	size_t n_steps, steps_capacity;
	size_t step;    /* which of them it stands on; the others behind it were undone */
	uint64_t every; /* REPL_MOMENT_EVERY */
} repl_story;

repl_story *repl_story_new(void);
/* Before its runtime is closed. */
void repl_story_free(repl_story *story);
/* Another case begins. */
void repl_story_clear(repl_story *story);
/* Its first branch, without lines; without this it is "main". */
void repl_story_begin(repl_story *story, const char *name, bool is_recorded);

/*
 * Takes in whole lines that the case has just written where it stands. As long
 * as they are what the branch holds there already, it is the same way again;
 * when another one comes, or the branch is recorded, a new branch goes on from
 * here, and what lay ahead stays on the old one. Did it fork?
 */
bool repl_story_take(repl_story *story, const char *lines, size_t size);
/* A line at the end of a branch that is being read: the case does not stand there yet. */
void repl_story_add(repl_story *story, size_t branch, const char *line, size_t size);

/* The branch ends after [count] lines again, where the case stands at or before and nothing has forked behind: what was only looked at. */
void repl_story_cut(repl_story *story, size_t branch, uint64_t count);

/* How many lines have happened where the case stands, the head among them. */
size_t repl_story_count(const repl_story *story);
/* The n-th line of the branch on which the case stands, from 0 (the head), without its newline, also of those that lie ahead. */
const char *repl_story_line(const repl_story *story, size_t n, size_t *size);
/* The same of any branch, and how many there are in all. */
const char *repl_story_line_of(const repl_story *story, size_t branch, uint64_t n, size_t *size);
uint64_t repl_story_length(const repl_story *story, size_t branch);
/* With how many lines both branches begin. */
uint64_t repl_story_common(const repl_story *story, size_t one, size_t other);

/* Where the case stands. [now] is the caller's. */
repl_place repl_story_place(const repl_story *story, aplomb_instant now);
/* A branch that goes on behind the place; without lines of its own. [name] NULL: one is made up. */
size_t repl_story_fork(repl_story *story, repl_place place, const char *name);
/* The branch of that name, or REPL_NO_BRANCH. */
size_t repl_story_branch(const repl_story *story, const char *name);

/* A name for a place; one that is there goes to the new place. */
void repl_story_mark(repl_story *story, const char *name, repl_place place);
const repl_mark *repl_story_find_mark(const repl_story *story, const char *name);

/* Keeps a moment where the case stands, unless one is near enough. */
void repl_story_keep(repl_story *story, aplomb_runtime *rt, const char *case_id);
/* The newest moment on the branch's way that holds at most [count] lines; NULL: none. */
const repl_moment *repl_story_moment(const repl_story *story, size_t branch, uint64_t count);

/* The case stands there after a command; nothing happens when it stood there before it, too. */
void repl_story_step(repl_story *story, repl_place place);

#endif
