/* SPDX-License-Identifier: MIT */
/*
 * Decides what a host may hand in as text of an instant or a span: what room
 * time reads, and nothing that is NULL.
 */
#include <string.h>

#include "time/instant.h"

void aplomb_instant_write(aplomb_instant at, char out[32]) {
	if (at < APL_INSTANT_MIN)
		memcpy(out, "before year 1", sizeof "before year 1");
	else if (at > APL_INSTANT_MAX)
		memcpy(out, "after year 9999", sizeof "after year 9999");
	else
		apl_instant_write(at, out);
}

int aplomb_instant_read(const char *text, aplomb_instant *out, aplomb_error *error) {
	if (text == NULL || out == NULL)
		return apl_fail(error, APLOMB_EINVAL, "null-argument", "aplomb_instant_read: %s is NULL", text == NULL ? "text" : "out");
	return apl_instant_read(text, strlen(text), out, error);
}

void aplomb_span_write(aplomb_span span, char out[32]) {
	apl_span_write(span, out);
}

int aplomb_span_read(const char *text, aplomb_span *out, aplomb_error *error) {
	if (text == NULL || out == NULL)
		return apl_fail(error, APLOMB_EINVAL, "null-argument", "aplomb_span_read: %s is NULL", text == NULL ? "text" : "out");
	return apl_span_read(text, strlen(text), out, error);
}
