/* SPDX-License-Identifier: MIT */
#ifndef APL_ENGINE_ASKED_H
#define APL_ENGINE_ASKED_H

/*
 * Spans that a case asks its playbook for once and keeps: a counter's window
 * and a clock's warnings, where a function says them. They stand behind the
 * case's data, in front of its clocks, all zero until they were asked for, so
 * whatever takes a case back takes them back.
 */

#include "engine/case.h"

/* [kind]: APL_ASKED_NOT; APL_ASKED_FRACTION: [value] holds the bits of a double; from APL_ASKED_SPAN on the span's unit, and [value] the
 * span. */
typedef struct apl_asked {
	int64_t value;
	uint64_t kind;
} apl_asked;
_Static_assert(sizeof(apl_asked) == APL_ASKED_WORDS * sizeof(uint64_t), "an asked span is so many words of its case");

enum { APL_ASKED_NOT, APL_ASKED_FRACTION, APL_ASKED_SPAN };

static inline apl_asked *apl_case_asked(apl_case *c) {
	return (apl_asked *)(void *)(apl_case_data(c) + c->program->data->n_words);
}
static inline const apl_asked *apl_case_asked_of(const apl_case *c) {
	const apl_chart *chart = c->program->chart;
	return (const apl_asked *)(const void *)(c->words + (size_t)chart->n_words * (1 + chart->n_history_slots) + c->program->data->n_words);
}

static inline apl_asked apl_asked_span(aplomb_span span, apl_span_unit unit) {
	return (apl_asked){span, APL_ASKED_SPAN + (uint64_t)unit};
}
apl_asked apl_asked_fraction(double fraction);
double apl_asked_fraction_of(const apl_asked *asked);

/* As snapshots have it: a number for a fraction, a text for a span. */
void apl_asked_write(apl_buf *out, const apl_asked *asked);
/* false: [cell] is neither a fraction between 0 and 1 nor a span. */
bool apl_asked_read(const apl_cell *cell, apl_asked *out);

#endif
