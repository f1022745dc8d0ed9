/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_CALENDAR_INSIDE_H
#define APL_LUA_CALENDAR_INSIDE_H

/*
 * What the files that read a calendar's declaration share: calendar.c reads
 * what stands in the playbook, holidays.c what stands in .ics files.
 */

#include "lua/where.h"
#include "time/calendar.h"

enum { APL_CALENDAR_MOST_WRITTEN = 4096, APL_CALENDAR_MOST_READ = 40000 }; /* days, by hand and from files */

/* Hours of a date that an event of a file takes away. */
typedef struct apl_closing {
	apl_date date;
	uint16_t from, until; /* minutes of the day */
	const char *name, *source;
	apl_place place;
} apl_closing;

/* What the declaration says, kept in the program's arena: nothing of it is lost when Lua jumps. */
typedef struct apl_calendar_draft {
	apl_open_hours week[APL_WEEK_DAYS][APL_MOST_HOURS];
	uint32_t n_week[APL_WEEK_DAYS];
	uint8_t given; /* a bit a day */
	const char *zone;
	apl_special_day *days;
	uint32_t n_days, days_capacity;
	apl_open_hours *hours;
	uint32_t n_hours;
	apl_closing *closings;
	uint32_t n_closings, closings_capacity;
} apl_calendar_draft;

typedef struct apl_calendar_reader {
	lua_State *L;
	const char *label;
	const apl_spot *spot;
	bool is_wrong;
	apl_calendar_draft *out;
} apl_calendar_reader;

/* Zeroed, in the program's arena. raises */
void *apl_calendar_take(apl_calendar_reader *r, size_t size);
/* Room for one more day, to be filled. raises */
apl_special_day *apl_calendar_add_day(apl_calendar_reader *r);

/* The file, or the table about one, at the top, which is that item of the holidays. raises */
void apl_calendar_read_file(apl_calendar_reader *r, const apl_spot *spot, uint64_t item);
/* All is read: dates with closings get the hours that are left. raises */
void apl_calendar_close(apl_calendar_reader *r);

#endif
