/* SPDX-License-Identifier: MIT */
#ifndef TELL_TIMELINE_H
#define TELL_TIMELINE_H

/*
 * Journal entries as a person reads them: who said what, where the case went,
 * what it wants done and why, what is due when. `aplomb run --transcript`,
 * `aplomb journal`, a failed test and the REPL show the same.
 */
#include "tell/casebook.h"
#include "tell/screen.h"

typedef struct tell_timeline {
	const tell_screen *screen;
	bool effects_only;
	bool shows_places; /* file and line of each transition */
	bool is_played;    /* a case at a prompt: its steps, an empty line between two; whoever plays says where it then is and what is due */
	bool is_part;      /* entries before the first one were not read: what is due in all is not known, and not told */
	uint64_t shown;    /* entries; whoever plays sets it back before the next */
	const tell_case *last; /* whose entry was shown last; NULL: none yet */
} tell_timeline;

/* Shows an entry of [c], which the casebook has taken in already. Heads are not shown: a case's first entry brings its heading. */
void tell_timeline_show(tell_timeline *timeline, tell_case *c, aplomb_value entry);

/* The day of [at], when it is another than that of the entry shown last: for what is said at a later time than that entry's. */
void tell_timeline_day(tell_timeline *timeline, tell_case *c, aplomb_instant at);

/* One line of the same shape: [time] or NULL, a label, words in a style. */
void tell_line(const tell_screen *screen, const char *time, const char *name, tell_style style, const char *text);

/* The instant as people say it who are at [near]: "10:00:00", "Tue 3 Mar 10:00:00", "3 Mar 2027 10:00:00". Returns [out]. */
const char *tell_due_words(aplomb_instant at, aplomb_instant near, char out[64]);
/* "Thursday 16 January 2025". */
void tell_day_words(aplomb_instant at, char out[40]);

#endif
