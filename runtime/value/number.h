/* SPDX-License-Identifier: MIT */
#ifndef APL_VALUE_NUMBER_H
#define APL_VALUE_NUMBER_H

/*
 * Numbers between text and bits, for the reader and the writer of this room.
 */

#include "aplomb.h"

/* What stood at the start of some bytes. */
typedef struct apl_number_scan {
	aplomb_kind kind;   /* INTEGER, NUMBER, or ABSENT when it is none */
	bool out_of_range;  /* ABSENT because 64 bits cannot hold it */
	const char *behind; /* the first byte behind it; where it goes wrong when it is none */
	int64_t integer;
	double number;
} apl_number_scan;

/* The longest number in JSON's grammar at [at]. */
apl_number_scan apl_number_at(const char *at, const char *end);

enum { APL_NUMBER_DIGITS = 17 }; /* enough for every double */

/*
 * The double nearest to 0.d1d2d3… times ten to [point]: digits as characters,
 * without their point. Infinite when it is too large. At most
 * APL_NUMBER_SIGNIFICANT digits.
 */
enum { APL_NUMBER_SIGNIFICANT = 800 };
double apl_number_compose(const char *digits, size_t count, int64_t point);

/*
 * The other way: the fewest digits that, correctly rounded from [value], read
 * back as [value]. [value] is finite and above zero. Returns how many; the
 * first and the last are not '0'; [*point] as in apl_number_compose.
 */
size_t apl_number_shortest(double value, char digits[APL_NUMBER_DIGITS], int *point);

#endif
