/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as an .ics file: what is refused says where, in valid UTF-8; of what is read each event has starts in order, lasts, and finds
 * its own starts again.
 */
#include <stdint.h>
#include <string.h>

#include "base/assert.h"
#include "base/text.h"
#include "time/ics.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_event(const apl_ics_event *event) {
	APL_ASSERT(event->n_starts > 0 && event->total > 0 && event->length > 0 && event->line > 0);
	APL_ASSERT(event->period != 0 || event->total == event->n_starts);
	APL_ASSERT(apl_utf8_valid(event->name, strlen(event->name)) == strlen(event->name));
	uint32_t step = event->total / 500 + 1;
	for (uint32_t n = 0; n < event->total; n += step) {
		apl_wall start = apl_ics_start(event, n);
		APL_ASSERT(n == 0 || start > apl_ics_start(event, n - 1));
		APL_ASSERT(apl_ics_find(event, start) == n);
		APL_ASSERT(!event->is_all_day || apl_wall_of_day(start) == 0);
		apl_ics_is_without(event, start);
	}
	for (uint32_t n = 1; n < event->n_without; n++) APL_ASSERT(event->without[n] >= event->without[n - 1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	const apl_alloc alloc = apl_alloc_system();
	aplomb_error error = {0};
	apl_zone zone;
	apl_ics ics;
	APL_ASSERT(apl_zone_load(&zone, &alloc, "UTC", 3, &error) == APLOMB_OK);
	int code = apl_ics_read(&ics, &alloc, &zone, (const char *)data, size, &error);
	if (code == APLOMB_OK) {
		for (uint32_t i = 0; i < ics.n_events; i++) check_event(&ics.events[i]);
		apl_ics_dispose(&ics);
	} else {
		APL_ASSERT(code == APLOMB_EINVAL && error.line > 0 && error.slug[0] != '\0' && error.message[0] != '\0');
		APL_ASSERT(apl_utf8_valid(error.message, strlen(error.message)) == strlen(error.message));
	}
	apl_zone_dispose(&zone);
	return 0;
}
