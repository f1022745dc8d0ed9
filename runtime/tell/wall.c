/* SPDX-License-Identifier: MIT */
/*
 * Decides how an instant reads once it is known what the clock on the wall
 * shows then, and how a length of time reads.
 */
#include "tell/wall.h"

#include <stdio.h>

const char *tell_weekday(int32_t weekday) {
	static const char *const names[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
	return weekday >= 0 && weekday < 7 ? names[weekday] : "?";
}

const char *tell_month(int32_t month) {
	static const char *const names[] = {
	    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"};
	return month >= 1 && month <= 12 ? names[month - 1] : "?";
}

aplomb_wall tell_wall_utc(aplomb_instant at) {
	const int64_t day_us = INT64_C(86400000000), days = at / day_us - (at % day_us < 0);
	aplomb_wall wall = APLOMB_WALL_INIT;
	char text[32];
	int year, month, day, hour, minute, second;
	aplomb_instant_write(at, text);
	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &year, &month, &day, &hour, &minute, &second) != 6) return wall;
	wall.year = year, wall.month = month, wall.day = day;
	wall.hour = hour, wall.minute = minute, wall.second = second;
	wall.microsecond = (int32_t)(((at % 1000000) + 1000000) % 1000000);
	wall.weekday = (int32_t)(((days + 3) % 7 + 7) % 7); /* 1 January 1970 was a Thursday */
	return wall;
}

const char *tell_wall_time(const aplomb_wall *wall, char out[TELL_TIME]) {
	const int hour = wall->hour, minute = wall->minute, second = wall->second, micros = wall->microsecond;
	if (micros != 0)
		snprintf(out, TELL_TIME, "%02d:%02d:%02d.%06d", hour % 100, minute % 100, second % 100, micros % 1000000);
	else if (second != 0)
		snprintf(out, TELL_TIME, "%02d:%02d:%02d", hour % 100, minute % 100, second % 100);
	else
		snprintf(out, TELL_TIME, "%02d:%02d", hour % 100, minute % 100);
	return out;
}

const char *tell_wall_offset(const aplomb_wall *wall, char out[TELL_OFFSET]) {
	const int offset = wall->offset < 0 ? -wall->offset : wall->offset;
	snprintf(out, TELL_OFFSET, "%c%02d:%02d", wall->offset < 0 ? '-' : '+', offset / 3600 % 100, offset / 60 % 60);
	return out;
}

const char *tell_wall(const aplomb_wall *wall, char out[TELL_WALL]) {
	char time[TELL_TIME], offset[TELL_OFFSET];
	snprintf(out, TELL_WALL, "%.3s %d %s %d %s (%s)", tell_weekday(wall->weekday), (int)wall->day, tell_month(wall->month), (int)wall->year,
	    tell_wall_time(wall, time), tell_wall_offset(wall, offset));
	return out;
}

const char *tell_length(aplomb_span span, bool in_days, char out[TELL_LENGTH]) {
	static const struct {
		int64_t seconds;
		const char *unit;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	int64_t left = span / 1000000;
	size_t used = 0;
	for (size_t i = in_days ? 0 : 1; i < sizeof units / sizeof *units; i++) {
		const int64_t count = left / units[i].seconds;
		left %= units[i].seconds;
		if (count > 0)
			used += (size_t)snprintf(out + used, TELL_LENGTH - used, "%s%lld %s", used > 0 ? " " : "", (long long)count, units[i].unit);
	}
	if (used == 0) snprintf(out, TELL_LENGTH, "no time");
	return out;
}
