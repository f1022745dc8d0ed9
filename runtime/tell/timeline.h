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
	bool shows_places;     /* file and line of each transition */
	const tell_case *last; /* whose entry was shown last; NULL: none yet */
} tell_timeline;

/* Shows an entry of [c], which the casebook has taken in already. Heads are not shown: a case's first entry brings its heading. */
void tell_timeline_show(tell_timeline *timeline, tell_case *c, aplomb_value entry);

/* "Thursday 16 January 2025". */
void tell_day_words(aplomb_instant at, char out[40]);

#endif
