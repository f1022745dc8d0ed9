/* SPDX-License-Identifier: MIT */
#ifndef REPL_TRAVEL_H
#define REPL_TRAVEL_H

/* Getting the case to another place of its story, and saying where that is. */
#include "repl/inside.h"

/*
 * The case goes there: to the nearest moment before it, and on by its lines. Nothing is posted and nothing is told.
 * Ctrl-C ends it where it is then. REPL_FAILED: why was said; the case stands where repl_story_place says.
 */
int repl_travel(repl *r, repl_place to);
/* From where it stands to the next entry of its branch, which is there. REPL_FAILED as above. */
int repl_travel_on(repl *r);
/* The end of a branch, as it was left. */
repl_place repl_end_of(const repl *r, size_t branch);
/* What is said on arrival: which entry of which branch, what happened in it, where the case is and what is due. */
void repl_arrive(repl *r);
/* What a branch's end is remembered by, before the case leaves it. */
void repl_leave(repl *r);
/* The lines that the case has just written go into the story, and when they fork it that is said. */
void repl_take(repl *r, const char *lines, size_t size);
/* The branch of that name; REPL_NO_BRANCH: [verb] says that there is none, and which is near. */
size_t repl_named_branch(repl *r, const char *verb, const char *name);
void repl_complete_branch(repl *r, const char *before, repl_candidates *out);
/* After each command. */
void repl_step(repl *r);

/*
 * The case that options.journal recorded: read, replayed once from its head, and standing at its end. What comes out
 * otherwise is said. [*limits] is to be had before the runtime is opened: those of the journal's head.
 */
repl_end repl_recorded_read(repl *r, aplomb_limits *limits);
repl_end repl_recorded_play(repl *r);

#endif
