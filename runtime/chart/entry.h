/* SPDX-License-Identifier: MIT */
#ifndef APL_CHART_ENTRY_H
#define APL_CHART_ENTRY_H

/*
 * What taking a transition would leave and enter, given what the histories
 * remember: SCXML's getTransitionDomain and computeEntrySet. Nothing here
 * changes a case. The builder asks once for every transition on which no
 * history has a say; the machine asks for the others while it steps.
 */

#include "chart/chart.h"

typedef struct apl_entry {
	const uint64_t *history; /* as in step/machine.h; NULL: nothing is recorded */
	/* Sets of n_words words each, borrowed. Only what they say of descendants of the domain counts; the rest is noise. */
	uint64_t *states;   /* to be entered */
	uint64_t *defaults; /* of them, compound states entered by default: their initial transition's block runs */
	/* History states whose default was taken: their default's block runs after their parent's entry. Room for chart->n_history_slots. */
	uint32_t *defaulted;
	uint32_t n_defaulted;
	bool met_history; /* some history state had a say */
} apl_entry;

/* The state whose descendants [transition] leaves (it has targets): its source for an internal one that may, else the least common compound
 * ancestor, else the root. */
uint32_t apl_entry_domain(const apl_chart *chart, const uint64_t *history, const apl_transition *transition);

/*
 * Fills [entry] for [transition], whose domain is [domain]. What the sets held
 * for descendants of [domain] before is forgotten.
 *
 * A departure from D: where a state goes to a history of one of its ancestors,
 * D's addDescendantStatesToEnter climbs to the history's parent, above the
 * domain, and would enter states that were never left (and give regions of a
 * parallel a second active child). SCXML 3.13's words, which enter only
 * what is not active or was exited, are followed: descendants of the domain.
 */
void apl_entry_compute(const apl_chart *chart, apl_entry *entry, const apl_transition *transition, uint32_t domain);

/* The same for the whole chart from its root on, the root included. */
void apl_entry_compute_initial(const apl_chart *chart, apl_entry *entry);

/* Is some state of [first .. end) in the set? */
bool apl_set_meets(const uint64_t *set, uint32_t first, uint32_t end);
/* The set's first state of [first .. end), or APL_NONE. */
uint32_t apl_set_next(const uint64_t *set, uint32_t first, uint32_t end);

#endif
