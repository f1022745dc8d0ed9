/* SPDX-License-Identifier: MIT */
/*
 * Decides what a zone of this machine is: GLib's GTimeZone is asked here and
 * nowhere else, once for each zone while a playbook is loaded, and what it
 * knows is copied into an array of ours. Up to 2037 it is right in all zones: it
 * says what Python's zoneinfo says (scripts/zones counts the differences). For
 * later years it reads the rule at the end of a zone's file, and misunderstands
 * one that calls the winter's time the one that saves (Europe/Dublin; GLib 2.74):
 * so where the years that a file spells out, which end with 2037, follow a rule,
 * we go on by that.
 *
 * GLib takes no allocator and aborts the process when there is no memory. A
 * zone needs some tens of kilobytes, which it keeps in a cache of its own until
 * its last reader is gone. Nothing of it is held when this returns, and a case
 * that steps never comes here.
 */

#include "time/hours.h"
#include "time/zone.h"

#include <glib.h>

#include "time/shown.h"

enum { SPELT_OUT = 2037 };

/* GLib reads "Paris5" as a rule of POSIX. Names of zones without a slash and with digits are these only. */
static bool may_be_name(const char *name) {
	static const char *const with_digits[] = {"CST6CDT", "EST5EDT", "GMT+0", "GMT-0", "GMT0", "MST7MDT", "PST8PDT"};
	if (strchr(name, '/') != NULL || strpbrk(name, "0123456789+") == NULL) return true;
	for (size_t i = 0; i < sizeof with_digits / sizeof with_digits[0]; i++) {
		if (strcmp(name, with_digits[i]) == 0) return true;
	}
	return false;
}

static gint interval_at(GTimeZone *zone, int64_t second) {
	return g_time_zone_find_interval(zone, G_TIME_TYPE_UNIVERSAL, second);
}

static int64_t offset_of(GTimeZone *zone, gint interval) {
	return g_time_zone_get_offset(zone, interval) * APL_SECOND;
}

/* Intervals have numbers, and where one begins is found by halving. */
static bool copy_changes(GTimeZone *zone, apl_zone *out) {
	int64_t from = APL_ZONE_BEGIN / APL_SECOND, end = APL_ZONE_END / APL_SECOND - 1;
	gint last = interval_at(zone, end);
	gint interval = interval_at(zone, from);
	if (!apl_zone_add(out, INT64_MIN, offset_of(zone, interval))) return false;
	while (interval < last) {
		int64_t low = from, high = end;
		while (high - low > 1) {
			int64_t middle = low + (high - low) / 2;
			if (interval_at(zone, middle) > interval)
				high = middle;
			else
				low = middle;
		}
		/* More than one number may be passed at once. */
		interval = interval_at(zone, high);
		if (!apl_zone_add(out, high * APL_SECOND, offset_of(zone, interval))) return false;
		from = high;
	}
	return true;
}

static bool is_fit(const apl_zone *zone) {
	for (uint32_t i = 2; i < zone->count; i++) {
		if (zone->changes[i].at - zone->changes[i - 1].at < APL_DAY) return false;
	}
	return true;
}

int apl_zone_load(apl_zone *out, const apl_alloc *alloc, const char *name, size_t size, aplomb_error *error) {
	char shown[APL_SHOWN];
	*out = (apl_zone){.alloc = *alloc};
	int code = apl_zone_check(name, size, error);
	if (code != APLOMB_OK) return code;
	out->name = apl_copy_text(alloc, name, size);
	if (out->name == NULL) return apl_fail_memory(error);
	GTimeZone *zone = may_be_name(out->name) ? g_time_zone_new_identifier(out->name) : NULL;
	bool copied = zone != NULL && copy_changes(zone, out) && apl_zone_repeat(out, SPELT_OUT);
	if (zone == NULL)
		code = apl_fail(error, APLOMB_EINVAL, "calendar-zone",
		    "\"%s\" is no zone that this machine's zone data (tzdata) has; they are called like \"Europe/London\" or \"UTC\"",
		    apl_shown(name, size, shown));
	else if (!copied)
		code = apl_fail_memory(error);
	else if (!is_fit(out))
		code = apl_fail(error, APLOMB_EINVAL, "calendar-zone",
		    "the zone \"%s\" changes twice within a day; no calendar can count with that", apl_shown(name, size, shown));
	if (zone != NULL) g_time_zone_unref(zone);
	if (code != APLOMB_OK) apl_zone_dispose(out);
	return code;
}
