/* SPDX-License-Identifier: MIT */
/*
 * Decides how an instant is written and which texts are instants. The calendar
 * is the proleptic Gregorian one, in integers; neither the C library's time
 * functions nor its locale are asked. Zones and business hours are not known
 * here, only offsets.
 *
 * Everything counts from 0001-01-01, so that nothing is negative and a cycle
 * of 400 years begins at zero.
 */

#include "time/instant.h"

#include "base/assert.h"
#include "time/shown.h"

#define DAYS_IN_400_YEARS 146097
#define DAYS_IN_100_YEARS 36524
#define DAYS_IN_4_YEARS 1461
#define DAYS_IN_YEAR 365

static bool is_leap(int64_t year) {
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days of the year before the month (from 0), in a year that is no leap year. */
static const int16_t before_month[13] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};

static int64_t month_begins(int64_t month, bool leap) {
	return before_month[month] + (leap && month > 1 ? 1 : 0);
}

/* Days from 0001-01-01 to the first of January of [year]. */
static int64_t days_before_year(int64_t year) {
	int64_t past = year - 1;
	return past * DAYS_IN_YEAR + past / 4 - past / 100 + past / 400;
}

static int64_t at_most(int64_t value, int64_t most) {
	return value < most ? value : most;
}

static void put_digits(char *to, uint32_t value, unsigned digits) {
	while (digits > 0) {
		to[--digits] = (char)('0' + value % 10);
		value /= 10;
	}
}

/* "2026-11-23", ten bytes. */
static void write_date(int64_t days, char *out) {
	int64_t cycle = days / DAYS_IN_400_YEARS;
	days %= DAYS_IN_400_YEARS;
	/* The last century of a cycle, and the last year of four, are a day longer: so the quotient would be one too many on their last day. */
	int64_t century = at_most(days / DAYS_IN_100_YEARS, 3);
	days -= century * DAYS_IN_100_YEARS;
	int64_t fours = days / DAYS_IN_4_YEARS;
	days %= DAYS_IN_4_YEARS;
	int64_t one = at_most(days / DAYS_IN_YEAR, 3);
	days -= one * DAYS_IN_YEAR;
	int64_t year = cycle * 400 + century * 100 + fours * 4 + one + 1;
	bool leap = is_leap(year);
	int64_t month = days / 32; /* never too late, at most one too early */
	if (days >= month_begins(month + 1, leap)) month++;
	put_digits(out, (uint32_t)year, 4);
	out[4] = '-';
	put_digits(out + 5, (uint32_t)month + 1, 2);
	out[7] = '-';
	put_digits(out + 8, (uint32_t)(days - month_begins(month, leap)) + 1, 2);
}

#define MINUTE_SIZE 17 /* "2026-11-23T13:06:" */

/* [minute] counts from APL_INSTANT_MIN. */
static void write_minute(int64_t minute, char *out) {
	write_date(minute / (24 * 60), out);
	uint32_t of_day = (uint32_t)(minute % (24 * 60));
	out[10] = 'T';
	put_digits(out + 11, of_day / 60, 2);
	out[13] = ':';
	put_digits(out + 14, of_day % 60, 2);
	out[16] = ':';
}

/* "00Z", "00.250Z" or "00.000001Z"; returns the length. */
static inline size_t write_seconds(uint32_t micros, char *out) {
	uint32_t seconds = micros / 1000000, fraction = micros % 1000000;
	out[0] = (char)('0' + seconds / 10);
	out[1] = (char)('0' + seconds % 10);
	size_t size = 2;
	if (fraction != 0) {
		out[size++] = '.';
		bool millis = fraction % 1000 == 0;
		put_digits(out + size, millis ? fraction / 1000 : fraction, millis ? 3 : 6);
		size += millis ? 3 : 6;
	}
	out[size++] = 'Z';
	return size;
}

size_t apl_instant_write(aplomb_instant at, char out[APL_INSTANT_TEXT]) {
	APL_ASSERT(at >= APL_INSTANT_MIN && at <= APL_INSTANT_MAX);
	int64_t since = at - APL_INSTANT_MIN;
	write_minute(since / APL_MINUTE, out);
	size_t size = MINUTE_SIZE + write_seconds((uint32_t)(since % APL_MINUTE), out + MINUTE_SIZE);
	out[size] = '\0';
	return size;
}

char *apl_instant_put_another(char *to, apl_instant_writer *writer, aplomb_instant at) {
	APL_ASSERT(at >= APL_INSTANT_MIN && at <= APL_INSTANT_MAX);
	int64_t since = at - APL_INSTANT_MIN;
	int64_t in_minute = since - (writer->minute - 1) * APL_MINUTE;
	if (writer->minute == 0 || in_minute < 0 || in_minute >= APL_MINUTE) {
		writer->minute = since / APL_MINUTE + 1;
		in_minute = since % APL_MINUTE;
		write_minute(writer->minute - 1, writer->text);
	}
	writer->at = at;
	/* Twice, rather than copied: reading at once what was just written by single bytes would have to wait for them. */
	writer->size = MINUTE_SIZE + write_seconds((uint32_t)in_minute, writer->text + MINUTE_SIZE);
	memcpy(to, writer->text, MINUTE_SIZE);
	return to + MINUTE_SIZE + write_seconds((uint32_t)in_minute, to + MINUTE_SIZE);
}

/* ---- reading ------------------------------------------------------------ */

typedef struct reading {
	const char *next;
	const char *end;
} reading;

static bool read_digits(reading *r, unsigned digits, int64_t *out) {
	if (r->end - r->next < (ptrdiff_t)digits) return false;
	int64_t value = 0;
	for (unsigned i = 0; i < digits; i++) {
		unsigned digit = (unsigned)(unsigned char)r->next[i] - '0';
		if (digit > 9) return false;
		value = value * 10 + digit;
	}
	r->next += digits;
	*out = value;
	return true;
}

static bool read_one(reading *r, char wanted, char or_wanted) {
	if (r->next == r->end || (*r->next != wanted && *r->next != or_wanted)) return false;
	r->next++;
	return true;
}

/* Each returns what is wrong, or NULL. */
static const char *read_date(reading *r, int64_t *days) {
	int64_t year, month, day;
	if (!read_digits(r, 4, &year)) return "it begins with the four digits of the year";
	if (!read_one(r, '-', '-')) return "a \"-\" follows the year";
	if (!read_digits(r, 2, &month)) return "the month has two digits";
	if (!read_one(r, '-', '-')) return "a \"-\" follows the month";
	if (!read_digits(r, 2, &day)) return "the day has two digits";
	if (year == 0) return "the years are 0001 to 9999";
	if (month < 1 || month > 12) return "the months are 01 to 12";
	bool leap = is_leap(year);
	if (day < 1) return "the days begin with 01";
	if (day > month_begins(month, leap) - month_begins(month - 1, leap)) return "that month has no such day";
	*days = days_before_year(year) + month_begins(month - 1, leap) + day - 1;
	return NULL;
}

static const char *read_time(reading *r, int64_t *micros) {
	int64_t hour, minute, second, fraction = 0;
	if (!read_digits(r, 2, &hour)) return "the hour has two digits";
	if (!read_one(r, ':', ':')) return "a \":\" follows the hour";
	if (!read_digits(r, 2, &minute)) return "the minute has two digits";
	if (!read_one(r, ':', ':')) return "a \":\" and the seconds follow the minute";
	if (!read_digits(r, 2, &second)) return "the second has two digits";
	if (hour > 23) return "the hours are 00 to 23";
	if (minute > 59) return "the minutes are 00 to 59";
	if (second == 60) return "leap seconds (second 60) are not known here";
	if (second > 59) return "the seconds are 00 to 59";
	if (read_one(r, '.', '.')) {
		unsigned digits = 0;
		while (r->next < r->end && *r->next >= '0' && *r->next <= '9') {
			if (++digits > 6) return "a second has at most six digits behind the point";
			fraction = fraction * 10 + (*r->next++ - '0');
		}
		if (digits == 0) return "digits follow the point";
		for (; digits < 6; digits++) fraction *= 10;
	}
	*micros = hour * APL_HOUR + minute * APL_MINUTE + second * APL_SECOND + fraction;
	return NULL;
}

static const char *read_offset(reading *r, int64_t *micros) {
	*micros = 0;
	if (read_one(r, 'Z', 'z')) return NULL;
	if (r->next == r->end || (*r->next != '+' && *r->next != '-')) return "it ends with \"Z\" or an offset such as \"+01:00\"";
	bool west = *r->next++ == '-';
	int64_t hour, minute;
	if (!read_digits(r, 2, &hour) || !read_one(r, ':', ':') || !read_digits(r, 2, &minute)) return "an offset looks like \"+01:00\"";
	if (hour > 23 || minute > 59) return "an offset is less than 24 hours, with minutes 00 to 59";
	*micros = (hour * APL_HOUR + minute * APL_MINUTE) * (west ? -1 : 1);
	return NULL;
}

static const char *read_instant(const char *text, size_t size, aplomb_instant *out) {
	reading r = {text, text + size};
	int64_t days, of_day, offset;
	const char *wrong = read_date(&r, &days);
	if (wrong != NULL) return wrong;
	if (!read_one(&r, 'T', 't') && !read_one(&r, ' ', ' ')) return "a \"T\" and the time follow the date";
	wrong = read_time(&r, &of_day);
	if (wrong != NULL) return wrong;
	wrong = read_offset(&r, &offset);
	if (wrong != NULL) return wrong;
	if (r.next != r.end) return "nothing follows the offset";
	aplomb_instant at = APL_INSTANT_MIN + days * APL_DAY + of_day - offset;
	if (at < APL_INSTANT_MIN || at > APL_INSTANT_MAX) return "in UTC it lies outside the years 0001 to 9999";
	*out = at;
	return NULL;
}

int apl_instant_read(const char *text, size_t size, aplomb_instant *out, aplomb_error *error) {
	const char *wrong = read_instant(text, size, out);
	if (wrong == NULL) return APLOMB_OK;
	char shown[APL_SHOWN];
	return apl_fail(
	    error, APLOMB_EINVAL, "instant", "\"%s\" is no instant such as \"2026-11-23T13:06:00Z\": %s", apl_shown(text, size, shown), wrong);
}
