/* SPDX-License-Identifier: MIT */
#ifndef REPL_STORY_H
#define REPL_STORY_H

/* What has happened to the played case: its journal lines, in order. */
#include <stddef.h>
#include <stdint.h>

typedef struct repl_story repl_story;

repl_story *repl_story_new(void);
void repl_story_free(repl_story *story);
/* Another case begins. */
void repl_story_clear(repl_story *story);
/* Takes in whole lines, as the runtime wrote them. */
void repl_story_take(repl_story *story, const char *lines, size_t size);
/* How many lines there are, the head among them. */
size_t repl_story_count(const repl_story *story);
/* The n-th line, from 0 (the head), without its newline; lent until the story changes. */
const char *repl_story_line(const repl_story *story, size_t n, size_t *size);

#endif
