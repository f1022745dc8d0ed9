/* SPDX-License-Identifier: MIT */
#ifndef APL_CHART_EXPLORE_H
#define APL_CHART_EXPLORE_H

/*
 * Looking a compiled chart over for what is legal and still not meant: places
 * that nobody gets out of, waits without an end, transitions that are never
 * taken. `aplomb check` asks for it; loading a playbook to run it does not.
 *
 * Guards, and events of the outside, count as possible whatever they are, and
 * regions of a parallel are looked at one by one, not in all their
 * combinations. Both make more possible than is, so what is said to be
 * impossible is; some of what is impossible is not said. The one exception
 * is waits-without-clock, which docs/findings.md describes.
 *
 * Findings (slug: meaning). Warnings:
 *   dead-end              nothing can happen any more, and it is no end
 *   no-way-to-final       from here no final of the root can be reached
 *   waits-without-clock   left only by what somebody does, and no delay says for how long
 *   done-never-comes      waits for the end of a state that never ends
 *   guard-shadowed        something that is asked before takes the event every time
 *   endless-always        eventless transitions that never come to rest
 * Notes:
 *   no-final              the root never ends
 *   dead-end              no state of the chart has a transition; told once, for the root
 *   waits-without-clock   no state of the chart has a delay; told once, for the root
 *
 * Each is told once, at the outermost state that it is true of. Time and memory grow
 * with states, transitions and descriptors, not with their product; the search
 * for outer transitions that inner ones shadow stops after a bounded number of looks.
 */

#include "chart/chart.h"

typedef struct apl_explore_options {
	void *self;
	/* What people call a handler, or NULL; and whether two handlers are the same guard, whatever the case. Both may be NULL. */
	const char *(*label)(void *self, int32_t handler);
	bool (*same)(void *self, int32_t a, int32_t b);
	bool has_other_clocks; /* a case may send itself events for later: waits are not looked at */
} apl_explore_options;

/* Adds findings. false: no memory. */
bool apl_explore(const apl_chart *chart, const apl_explore_options *options, apl_findings *findings);

#endif
