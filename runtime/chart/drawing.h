/* SPDX-License-Identifier: MIT */
#ifndef APL_CHART_DRAWING_H
#define APL_CHART_DRAWING_H

/* Private to the drawings: what all of them ask of a chart. */

#include "chart/draw.h"

static inline bool apl_drawn_history(const apl_state *state) {
	return state->kind == APL_HISTORY_SHALLOW || state->kind == APL_HISTORY_DEEP;
}
/* The handler's label; "" for none. */
const char *apl_drawn_label(const apl_drawing *drawing, int32_t handler);
/* Is the state where its parent begins? A region always is. */
bool apl_drawn_initial(const apl_chart *chart, uint32_t state);
/* The delay that the transition is of, or NULL. */
const apl_delay *apl_drawn_delay(const apl_chart *chart, const apl_transition *transition);
/* The compound or parallel state whose end, and nothing else, the transition waits for; APL_NONE: none. */
uint32_t apl_drawn_end(const apl_chart *chart, const apl_transition *transition);
/* What sets it off: "customer.message", "after 10m since agent.message", "always", "when talk ends". */
void apl_drawn_trigger(const apl_drawing *drawing, const apl_transition *transition, apl_buf *out);
/* A delay's span, or the instant of an `at`: "10m", "params.patience", "2026-12-24T18:00:00Z". */
void apl_drawn_span(const apl_drawing *drawing, const apl_delay *delay, apl_buf *out);
/* Labels of blocks, joined by ", "; false: there are none. */
bool apl_drawn_blocks(const apl_drawing *drawing, uint32_t first, uint32_t count, apl_buf *out);
/* The clocks that run in the state: "clock resolve, clock reply". */
void apl_drawn_clocks(const apl_chart *chart, uint32_t state, apl_buf *out);
/* What an invoke begins, and as what: "credit-check as credit"; of a computed playbook only the id. */
void apl_drawn_invoke(const apl_invoke *invoke, apl_buf *out);
/* The target's path, without what it has in common with the source's: as an author writes it. */
const char *apl_drawn_target(const apl_chart *chart, uint32_t source, uint32_t target);
/* Do the two stand in one list of candidates: the same triggers, one behind the other? */
bool apl_drawn_together(const apl_chart *chart, const apl_transition *a, const apl_transition *b);

/* How often the case entered the state, or took the transition; 0 without a trail. */
uint32_t apl_drawn_entered(const apl_drawing *drawing, uint32_t state);
uint32_t apl_drawn_taken(const apl_drawing *drawing, uint32_t transition);
bool apl_drawn_active(const apl_drawing *drawing, uint32_t state);

/* For people: "2026-03-02 09:14:00". */
#define APL_DRAWN_INSTANT 32
void apl_drawn_instant(aplomb_instant at, char out[APL_DRAWN_INSTANT]);

/* Reads one character; what is none, or could take over a terminal or turn a text around, is U+FFFD; white space is a space. */
uint32_t apl_drawn_character(const char **at);
/* Adds a character as UTF-8. */
void apl_drawn_add(apl_buf *out, uint32_t character);

#endif
