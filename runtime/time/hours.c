/* SPDX-License-Identifier: MIT */
/*
 * Decides which texts are days of the week, hours, dates and names of zones.
 * Every mistake is told with what was expected; the reader of a calendar adds
 * where it stands.
 */

#include "time/hours.h"

#include <stdio.h>
#include <string.h>

#include "time/instant.h"
#include "time/shown.h"

const char *const apl_day_names[APL_WEEK_DAYS] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/* ---- days ----------------------------------------------------------------- */

static int day_of(const char *text, size_t size) {
	for (int i = 0; i < APL_WEEK_DAYS; i++) {
		if (strlen(apl_day_names[i]) == size && memcmp(apl_day_names[i], text, size) == 0) return i;
	}
	return -1;
}

static char small(char c) {
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* "Monday" and "mo" mean the day that begins so; for anything else the distance decides. */
static const char *nearest_day(const char *text, size_t size, char *out, size_t out_size) {
	size_t compared = size < 3 ? size : 3;
	for (int i = 0; i < APL_WEEK_DAYS; i++) {
		size_t same = 0;
		while (same < compared && small(text[same]) == apl_day_names[i][same]) same++;
		if (compared < 2 || same < compared) continue;
		snprintf(out, out_size, "; did you mean \"%s\"?", apl_day_names[i]);
		return out;
	}
	apl_nearest nearest = apl_nearest_to(text, size);
	for (int i = 0; i < APL_WEEK_DAYS; i++) apl_nearest_try(&nearest, apl_day_names[i]);
	return apl_nearest_hint(&nearest, out, out_size);
}

static int refuse_day(const char *text, size_t size, aplomb_error *error) {
	char shown[APL_SHOWN], hint[64];
	return apl_fail(error, APLOMB_EINVAL, "calendar-day", "\"%s\" is no day such as \"mon\" and no range such as \"mon-fri\"%s",
	    apl_shown(text, size, shown), nearest_day(text, size, hint, sizeof hint));
}

int apl_days_read(const char *text, size_t size, uint8_t *out, aplomb_error *error) {
	const char *dash = memchr(text, '-', size);
	size_t first_size = dash != NULL ? (size_t)(dash - text) : size;
	int first = day_of(text, first_size);
	if (first < 0) return refuse_day(text, first_size, error);
	int last = first;
	if (dash != NULL) {
		last = day_of(dash + 1, size - first_size - 1);
		if (last < 0) return refuse_day(dash + 1, size - first_size - 1, error);
		if (last <= first) {
			char shown[APL_SHOWN];
			return apl_fail(error, APLOMB_EINVAL, "calendar-day", "\"%s\" goes back in the week, which begins with mon and ends with sun",
			    apl_shown(text, size, shown));
		}
	}
	*out = 0;
	for (int i = first; i <= last; i++) *out |= (uint8_t)(1u << i);
	return APLOMB_OK;
}

/* ---- hours ---------------------------------------------------------------- */

static bool is_digit(char c) {
	return c >= '0' && c <= '9';
}

/* "09:30" at [text]; false when it is none. */
static bool read_time(const char *text, size_t size, uint16_t *out) {
	if (size < 5 || !is_digit(text[0]) || !is_digit(text[1]) || text[2] != ':' || !is_digit(text[3]) || !is_digit(text[4])) return false;
	int hour = (text[0] - '0') * 10 + (text[1] - '0');
	int minute = (text[3] - '0') * 10 + (text[4] - '0');
	if (minute > 59 || hour > 24 || (hour == 24 && minute > 0)) return false;
	*out = (uint16_t)(hour * 60 + minute);
	return true;
}

static const char *mistake_in_hours(const char *text, size_t size, apl_open_hours *out, uint32_t *count) {
	*count = 0;
	if (size == 0) return "it is empty; a day on which nobody is there is left out";
	for (size_t at = 0; at < size; at += 12) {
		apl_open_hours hours;
		if (size - at < 11 || !read_time(text + at, size - at, &hours.from) || text[at + 5] != '-' ||
		    !read_time(text + at + 6, size - at - 6, &hours.until))
			return "hours such as \"09:00-17:30\" were expected, with a space between two of them";
		if (at + 11 < size && (text[at + 11] != ' ' || at + 12 == size))
			return "one space stands between two of them, and nothing behind the last";
		if (hours.from >= hours.until) return "they end before they begin; what goes on beyond midnight is written on both days";
		if (*count > 0 && hours.from < out[*count - 1].from) return "they come in the order of the day";
		if (*count > 0 && hours.from < out[*count - 1].until) return "two of them overlap";
		if (*count == APL_MOST_HOURS) return "there are more than 16 of them in one day";
		out[(*count)++] = hours;
	}
	return NULL;
}

int apl_hours_read(const char *text, size_t size, apl_open_hours *out, uint32_t *count, aplomb_error *error) {
	const char *mistake = mistake_in_hours(text, size, out, count);
	if (mistake == NULL) return APLOMB_OK;
	char shown[APL_SHOWN];
	return apl_fail(error, APLOMB_EINVAL, "calendar-hours", "\"%s\": %s", apl_shown(text, size, shown), mistake);
}

/* ---- dates and zones ------------------------------------------------------- */

int apl_date_read(const char *text, size_t size, apl_date *out, aplomb_error *error) {
	static const char midnight[] = "T00:00:00Z";
	char shown[APL_SHOWN], instant[32];
	aplomb_instant at;
	if (size == 10) {
		memcpy(instant, text, size);
		memcpy(instant + size, midnight, sizeof midnight);
		if (apl_instant_read(instant, strlen(instant), &at, NULL) == APLOMB_OK) {
			/* Midnights: the division has no rest, so it matters to no date that it rounds towards 1970. */
			*out = (apl_date)(at / APL_DAY);
			return APLOMB_OK;
		}
	}
	return apl_fail(
	    error, APLOMB_EINVAL, "calendar-date", "\"%s\" is no day such as \"2026-12-25\" that there is", apl_shown(text, size, shown));
}

static bool is_zone_name(const char *text, size_t size) {
	bool is_first = true;
	if (size > 64) return false;
	for (size_t i = 0; i < size; i++) {
		char c = text[i];
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		bool is_inside = is_letter || is_digit(c) || c == '_' || c == '-' || c == '+';
		if (is_first ? !is_letter : !is_inside && c != '/') return false;
		is_first = c == '/';
	}
	return !is_first;
}

int apl_zone_check(const char *text, size_t size, aplomb_error *error) {
	char shown[APL_SHOWN];
	if (is_zone_name(text, size)) return APLOMB_OK;
	return apl_fail(error, APLOMB_EINVAL, "calendar-zone", "\"%s\" is no name of a zone such as \"Europe/London\" or \"UTC\"",
	    apl_shown(text, size, shown));
}
