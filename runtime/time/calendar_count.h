/* SPDX-License-Identifier: MIT */
#ifndef APL_TIME_CALENDAR_COUNT_H
#define APL_TIME_CALENDAR_COUNT_H

/* Where no open time lies between: what calendar_walk.c asks of the counting. */

#include "time/calendar_inside.h"

/* The first open instant at or after [at]; false when there is none. */
bool apl_calendar_opening(const apl_calendar *calendar, aplomb_instant at, aplomb_instant *out);
/* The end of the open time that lies before [at], which no open instant stands between; false when there is none. */
bool apl_calendar_closing(const apl_calendar *calendar, aplomb_instant at, aplomb_instant *out);

#endif
