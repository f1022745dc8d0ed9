/* SPDX-License-Identifier: MIT */
#ifndef APL_TIME_INSTANT_H
#define APL_TIME_INSTANT_H

/*
 * Instants (RFC 3339) and clock spans as text. Nothing here reads a clock.
 *
 * Written instants: UTC, "2026-11-23T13:06:00Z"; a fraction only when there is
 * one, three digits when it is whole milliseconds, six otherwise. Years 0001
 * to 9999. Read: any offset ("+01:00", "Z"), "T" or a space, up to six digits
 * of fraction (more are refused), second 60 is refused.
 *
 * Spans: one or more of number and unit, largest first, each unit once:
 * "3d", "1h30m", "90s", "250ms", "7us", "2w". Written: the largest units that
 * divide it ("1h30m", "2d", "0s"), weeks as days. Negative spans with a leading "-" are
 * written; read refuses them.
 *
 * Business spans count one unit of working time: "15 business minutes", "1
 * business hour", "2 business days"; singular and plural are read alike. A span
 * with its unit is written back as it was meant. Its microseconds are those of
 * so many hours, a business day being 24; what it comes to from an instant on
 * is for a calendar to say (calendar.h).
 */

#include "base/buf.h"
#include "base/error.h"

#define APL_INSTANT_TEXT 32 /* bytes that hold any instant or span, terminated */
#define APL_SECOND INT64_C(1000000)
#define APL_MINUTE (60 * APL_SECOND)
#define APL_HOUR (60 * APL_MINUTE)
#define APL_DAY (24 * APL_HOUR)
#define APL_INSTANT_MIN INT64_C(-62135596800000000) /* 0001-01-01T00:00:00Z */
#define APL_INSTANT_MAX INT64_C(253402300799999999) /* 9999-12-31T23:59:59.999999Z */

/* Returns the length written. [at] within MIN..MAX (asserted). */
size_t apl_instant_write(aplomb_instant at, char out[APL_INSTANT_TEXT]);
/* EINVAL, slug instant. */
int apl_instant_read(const char *text, size_t size, aplomb_instant *out, aplomb_error *error);
size_t apl_span_write(aplomb_span span, char out[APL_INSTANT_TEXT]);
/* A clock span. EINVAL, slugs span, business-span, span-overflow. */
int apl_span_read(const char *text, size_t size, aplomb_span *out, aplomb_error *error);

/* What a span counts in. */
typedef enum apl_span_unit { APL_SPAN_CLOCK, APL_SPAN_BUSINESS_MINUTES, APL_SPAN_BUSINESS_HOURS, APL_SPAN_BUSINESS_DAYS } apl_span_unit;
#define APL_SPAN_TEXT 48 /* bytes that hold any span with its unit, terminated */
/* A span of either kind; the same slugs. */
int apl_span_read_any(const char *text, size_t size, aplomb_span *out, apl_span_unit *unit, aplomb_error *error);
/* "minutes", "hours", "days" of business time; NULL of the clock's. */
const char *apl_business_unit_name(apl_span_unit unit);
size_t apl_span_write_in(aplomb_span span, apl_span_unit unit, char out[APL_SPAN_TEXT]);

/*
 * The same writing for many instants close to one another: remembers the one
 * last written, and its minute. Initialise with zeroes.
 */
typedef struct apl_instant_writer {
	int64_t minute; /* APL_INSTANT_MIN-based number of the minute in [text], plus 1; 0: none yet */
	aplomb_instant at;
	size_t size; /* of [at] as it stands in [text] */
	char text[APL_INSTANT_TEXT];
} apl_instant_writer;
char *apl_instant_put_another(char *to, apl_instant_writer *writer, aplomb_instant at);
/* Writes at [to], where APL_INSTANT_TEXT bytes may be written; returns behind the instant. */
static inline char *apl_instant_put(char *to, apl_instant_writer *writer, aplomb_instant at) {
	if (writer->minute == 0 || writer->at != at) return apl_instant_put_another(to, writer, at);
	memcpy(to, writer->text, APL_INSTANT_TEXT);
	return to + writer->size;
}
static inline void apl_instant_append(apl_buf *out, apl_instant_writer *writer, aplomb_instant at) {
	char *to = apl_buf_reserve(out, APL_INSTANT_TEXT);
	if (to != NULL) out->size += (size_t)(apl_instant_put(to, writer, at) - to);
}

#endif
