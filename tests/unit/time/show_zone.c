/* SPDX-License-Identifier: MIT */
/* A zone as calendars know it, one change a line: second and offset. scripts/zones holds it against somebody else's. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "time/zone.h"

int main(int argc, char **argv) {
	const apl_alloc alloc = apl_alloc_system();
	aplomb_error error;
	apl_zone zone;
	if (argc != 2 || apl_zone_load(&zone, &alloc, argv[1], strlen(argv[1]), &error) != APLOMB_OK) {
		fprintf(stderr, "show_zone: %s\n", argc == 2 ? error.message : "give the name of a zone");
		return 1;
	}
	/* As its text says it: that is what a replay has. */
	apl_buf text;
	apl_zone again;
	apl_buf_init(&text, &alloc);
	apl_zone_write(&zone, &text);
	if (apl_zone_read(&again, &alloc, text.bytes, text.size, &error) != APLOMB_OK) {
		fprintf(stderr, "show_zone: %s\n", error.message);
		return 1;
	}
	for (uint32_t i = 0; i < again.count; i++)
		printf("%" PRId64 " %" PRId64 "\n", i == 0 ? INT64_MIN / APL_SECOND : again.changes[i].at / APL_SECOND,
		    again.changes[i].offset / APL_SECOND);
	apl_buf_dispose(&text);
	apl_zone_dispose(&again);
	apl_zone_dispose(&zone);
	return 0;
}
