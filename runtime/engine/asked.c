/* SPDX-License-Identifier: MIT */
/* Decides how a span that a case asked for once is kept, and how its snapshot tells it. */
#include "engine/asked.h"

#include <string.h>

#include "time/instant.h"
#include "value/json.h"

apl_asked apl_asked_fraction(double fraction) {
	apl_asked asked = {.kind = APL_ASKED_FRACTION};
	memcpy(&asked.value, &fraction, sizeof fraction);
	return asked;
}

double apl_asked_fraction_of(const apl_asked *asked) {
	double fraction;
	memcpy(&fraction, &asked->value, sizeof fraction);
	return fraction;
}

void apl_asked_write(apl_buf *out, const apl_asked *asked) {
	char text[APL_SPAN_TEXT];
	if (asked->kind == APL_ASKED_FRACTION)
		apl_json_write_number(out, apl_asked_fraction_of(asked));
	else
		apl_json_write_text(out, text, apl_span_write_in(asked->value, (apl_span_unit)(asked->kind - APL_ASKED_SPAN), text));
}

bool apl_asked_read(const apl_cell *cell, apl_asked *out) {
	aplomb_span span;
	apl_span_unit unit;
	apl_threshold fraction;
	if (cell->kind == APLOMB_NUMBER) {
		*out = apl_asked_fraction(cell->as.number);
		return apl_threshold_fraction(&fraction, cell->as.number);
	}
	if (cell->kind != APLOMB_TEXT || apl_span_read_any(cell->as.text, cell->count, &span, &unit, NULL) != APLOMB_OK) return false;
	*out = apl_asked_span(span, unit);
	return true;
}
