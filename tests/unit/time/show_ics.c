/* SPDX-License-Identifier: MIT */
/*
 * The events of an .ics file as scripts/ics compares them: one line for each that takes place within the years asked for, in no order:
 *   all-day FROM UNTIL SUMMARY     dates
 *   timed FROM UNTIL SUMMARY       seconds since 1970
 * Times without a zone are of the zone named.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "time/ics.h"

static char *read_file(const char *path, size_t *size) {
	FILE *file = fopen(path, "rb");
	if (file == NULL || fseek(file, 0, SEEK_END) != 0) return NULL;
	long end = ftell(file);
	rewind(file);
	char *text = end >= 0 ? malloc((size_t)end + 1) : NULL;
	if (text != NULL) *size = fread(text, 1, (size_t)end, file);
	fclose(file);
	return text;
}

static void put_date(apl_wall wall) {
	apl_civil date = apl_civil_of(apl_wall_date(wall));
	printf(" %04d-%02d-%02d", (int)date.year, (int)date.month, (int)date.day);
}

static void put_event(const apl_ics_event *event, int32_t first, int32_t last) {
	apl_wall begin = (apl_wall)apl_date_of(first, 1, 1) * APL_DAY, end = (apl_wall)apl_date_of(last + 1, 1, 1) * APL_DAY;
	for (uint32_t n = apl_ics_find(event, begin); n < event->total; n++) {
		apl_wall start = apl_ics_start(event, n);
		if (start >= end) break;
		if (apl_ics_is_without(event, start)) continue;
		printf(event->is_all_day ? "all-day" : "timed");
		if (event->is_all_day) {
			put_date(start);
			put_date(start + event->length);
		} else {
			printf(" %lld %lld", (long long)(apl_zone_instant(event->zone, start) / APL_SECOND),
			    (long long)(apl_zone_instant(event->zone, start + event->length) / APL_SECOND));
		}
		printf(" %s\n", event->name);
	}
}

int main(int count, char **arguments) {
	const apl_alloc alloc = apl_alloc_system();
	aplomb_error error = {0};
	apl_zone zone;
	apl_ics ics;
	size_t size;
	if (count != 5) {
		fprintf(stderr, "usage: show_ics FILE ZONE FIRST-YEAR LAST-YEAR\n");
		return 2;
	}
	char *text = read_file(arguments[1], &size);
	if (text == NULL) {
		perror(arguments[1]);
		return 2;
	}
	int code = apl_zone_load(&zone, &alloc, arguments[2], strlen(arguments[2]), &error);
	if (code == APLOMB_OK) code = apl_ics_read(&ics, &alloc, &zone, text, size, &error);
	free(text);
	if (code != APLOMB_OK) {
		fprintf(stderr, "%s:%u: %s [%s]\n", arguments[1], (unsigned)error.line, error.message, error.slug);
		return 1;
	}
	for (uint32_t i = 0; i < ics.n_events; i++) put_event(&ics.events[i], atoi(arguments[3]), atoi(arguments[4]));
	apl_ics_dispose(&ics);
	apl_zone_dispose(&zone);
	return 0;
}
