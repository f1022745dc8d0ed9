/* SPDX-License-Identifier: MIT */
#ifndef TELL_WALL_H
#define TELL_WALL_H

/* What a clock on the wall shows, and lengths of time, in words: one way for every page. */
#include "aplomb.h"

enum { TELL_TIME = 32, TELL_OFFSET = 16, TELL_WALL = 128, TELL_LENGTH = 64 };

/* "Monday" of 0, "January" of 1; who wants "Mon" and "Jan" prints three letters. "?" of what is none. */
const char *tell_weekday(int32_t weekday);
const char *tell_month(int32_t month);
/* What it shows in UTC. */
aplomb_wall tell_wall_utc(aplomb_instant at);
/* "11:00", "11:00:30", "11:00:30.000001". */
const char *tell_wall_time(const aplomb_wall *wall, char out[TELL_TIME]);
/* "+01:00" */
const char *tell_wall_offset(const aplomb_wall *wall, char out[TELL_OFFSET]);
/* "Mon 23 November 2026 11:00 (+00:00)" */
const char *tell_wall(const aplomb_wall *wall, char out[TELL_WALL]);

/* "1 h 30 min 10 s", and "60 h" or, in days, "2 d 12 h"; "no time". What is less than a second is left out. */
const char *tell_length(aplomb_span span, bool in_days, char out[TELL_LENGTH]);

#endif
