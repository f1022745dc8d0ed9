/* SPDX-License-Identifier: MIT */
/*
 * Decides which bits a number's text means, and which text a double gets, both
 * exactly and without minding the locale.
 *
 * Nearly all numbers that people write have at most 15 digits and a small
 * exponent. For these one multiplication or division of two exact doubles is
 * correctly rounded (W. D. Clinger, 1990), and no library is asked; nor is one
 * for writing 16 or 17 digits of everyday size. The rest goes through strtod
 * and snprintf of the C library, whose results are exact, in a form that has no
 * decimal point: digits, 'e', exponent. So the locale has nothing to change,
 * and none has to be made or switched to.
 */
#include "value/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "value/json.h"

/* The powers of ten that a double holds exactly. */
static const double EXACT_POWER[] = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
enum { MOST_EXACT_POWER = 22 };
#define MOST_EXACT_INTEGER ((uint64_t)1 << 53)

static bool is_digit(char c) {
	return c >= '0' && c <= '9';
}

/* ---- from text --------------------------------------------------------- */

/* Beyond these every number that is not zero is too large or is zero, whatever its at most 800 digits are. */
enum { FARTHEST_POINT = 2000 };

double apl_number_compose(const char *digits, size_t count, int64_t point) {
	char text[APL_NUMBER_SIGNIFICANT + 16];
	APL_ASSERT(count <= APL_NUMBER_SIGNIFICANT);
	if (count == 0) return 0.0;
	if (point > FARTHEST_POINT) point = FARTHEST_POINT;
	if (point < -FARTHEST_POINT) point = -FARTHEST_POINT;
	memcpy(text, digits, count);
	snprintf(text + count, 16, "e%d", (int)(point - (int64_t)count));
	return strtod(text, NULL);
}

/*
 * A number's text, taken apart. The value is 0.d1d2… times ten to the power
 * ([whole] + [exponent]), where d1d2… are the digits from [first] on, a point
 * among them left out.
 */
typedef struct parts {
	bool negative;
	const char *first; /* first digit that is not zero, or [end] */
	const char *end;   /* behind the last digit of the fraction */
	int64_t whole;     /* place of the point relative to [first]; below zero when zeroes stand between */
	int64_t exponent;
} parts;

/* More digits than a double can tell apart change it only by being there: they are dropped, and a 1 says so. */
static double compose_slowly(const parts *number) {
	char digits[APL_NUMBER_SIGNIFICANT];
	size_t count = 0;
	for (const char *at = number->first; at < number->end; at++) {
		if (*at == '.') continue;
		if (count < APL_NUMBER_SIGNIFICANT - 1) {
			digits[count++] = *at;
		} else if (*at != '0') {
			digits[count++] = '1';
			break;
		}
	}
	return apl_number_compose(digits, count, number->whole + number->exponent);
}

/* True, and the value, when one correctly rounded operation gives it. */
static bool compose_quickly(const parts *number, double *out) {
	uint64_t mantissa = 0;
	int64_t count = 0;
	for (const char *at = number->first; at < number->end; at++) {
		if (*at == '.') continue;
		if (++count > 19) return false;
		mantissa = mantissa * 10 + (uint64_t)(*at - '0');
	}
	int64_t power = number->whole + number->exponent - count;
	if (mantissa > MOST_EXACT_INTEGER || power < -MOST_EXACT_POWER || power > MOST_EXACT_POWER) return false;
	*out = power < 0 ? (double)mantissa / EXACT_POWER[-power] : (double)mantissa * EXACT_POWER[power];
	return true;
}

static apl_number_scan no_number(const char *at) {
	return (apl_number_scan){.kind = APLOMB_ABSENT, .behind = at};
}

static apl_number_scan integer(const parts *number) {
	apl_number_scan scan = {.kind = APLOMB_INTEGER, .behind = number->end};
	uint64_t most = number->negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
	uint64_t value = 0;
	for (const char *at = number->first; at < number->end; at++) {
		uint64_t next = (uint64_t)(*at - '0');
		if (value > (most - next) / 10) {
			scan.kind = APLOMB_ABSENT;
			scan.out_of_range = true;
			return scan;
		}
		value = value * 10 + next;
	}
	scan.integer = number->negative ? (int64_t)(0 - value) : (int64_t)value;
	return scan;
}

static apl_number_scan real(const parts *number, const char *behind) {
	apl_number_scan scan = {.kind = APLOMB_NUMBER, .behind = behind};
	double value;
	if (!compose_quickly(number, &value)) value = compose_slowly(number);
	if (isinf(value)) {
		scan.kind = APLOMB_ABSENT;
		scan.out_of_range = true;
	} else if (value != 0.0) {
		scan.number = number->negative ? -value : value;
	}
	return scan;
}

/* Far above any text's length and far below where sums could overflow. */
#define LARGEST_EXPONENT ((int64_t)1 << 60)

apl_number_scan apl_number_at(const char *at, const char *end) {
	parts number = {0};
	if (at < end && *at == '-') {
		number.negative = true;
		at++;
	}
	if (at == end || !is_digit(*at)) return no_number(at);
	const char *start = at;
	while (at < end && is_digit(*at)) at++;
	if (*start == '0' && at - start > 1) return no_number(start + 1);
	number.first = *start == '0' ? start + 1 : start;
	number.end = at;
	number.whole = at - number.first;
	if (at == end || (*at != '.' && *at != 'e' && *at != 'E')) return integer(&number);

	if (*at == '.') {
		at++;
		if (at == end || !is_digit(*at)) return no_number(at);
		if (number.whole == 0) {
			const char *fraction = at;
			while (at < end && *at == '0') at++;
			number.first = at;
			number.whole = fraction - at;
		}
		while (at < end && is_digit(*at)) at++;
		number.end = at;
	}
	if (at < end && (*at == 'e' || *at == 'E')) {
		at++;
		bool negative = at < end && *at == '-';
		if (at < end && (*at == '-' || *at == '+')) at++;
		if (at == end || !is_digit(*at)) return no_number(at);
		for (; at < end && is_digit(*at); at++) {
			if (number.exponent < LARGEST_EXPONENT / 16) number.exponent = number.exponent * 10 + (*at - '0');
		}
		if (negative) number.exponent = -number.exponent;
	}
	return real(&number, at);
}

aplomb_kind apl_number_read(const char *bytes, size_t size, int64_t *integer_out, double *number_out) {
	apl_number_scan scan = apl_number_at(bytes, bytes + size);
	if (scan.kind == APLOMB_ABSENT || scan.behind != bytes + size) return APLOMB_ABSENT;
	if (scan.kind == APLOMB_INTEGER)
		*integer_out = scan.integer;
	else
		*number_out = scan.number;
	return scan.kind;
}

/* ---- to text ----------------------------------------------------------- */

/* The least integers that have so many. */
#define SIXTEEN_DIGITS ((uint64_t)1000000000000000)
#define SEVENTEEN_DIGITS (SIXTEEN_DIGITS * 10)

/* The digits of [value] / 10^[places], which is not zero and has at most 17 of them. Returns how many. */
static size_t put_digits(uint64_t value, int places, char digits[APL_NUMBER_DIGITS], int *point) {
	for (; value % 10 == 0; value /= 10) places--;
	APL_ASSERT(value < SEVENTEEN_DIGITS * 10);
	size_t count = (size_t)(apl_put_integer(digits, (int64_t)value) - digits);
	*point = (int)count - places;
	return count;
}

/*
 * The smallest power of ten that makes an integer of at most 15 digits of
 * [value], if there is one. Any two numbers of 15 digits are different doubles,
 * and the product below is off by less than a quarter, so the first integer
 * that divides back to [value] is the only one, and has the fewest digits.
 */
static size_t shortest_quickly(double value, char digits[APL_NUMBER_DIGITS], int *point) {
	for (int power = 0; power <= MOST_EXACT_POWER; power++) {
		double product = value * EXACT_POWER[power];
		if (!(product < (double)SIXTEEN_DIGITS)) return 0;
		uint64_t whole = (uint64_t)(product + 0.5);
		if (whole != 0 && (double)whole / EXACT_POWER[power] == value) return put_digits(whole, power, digits, point);
	}
	return 0;
}

/* A product of a double's 53 bits and a power of five is exact in this. */
__extension__ typedef unsigned __int128 wide;

/* The bounds between which shortest_quickly has looked at every number of 15 digits. */
#define LEAST_LOOKED_AT 1e-7
#define MOST_LOOKED_AT 1e15

/* A double as [bits] times two to the power -[halvings], and that times ten to the power [places]. */
typedef struct scaled {
	wide bits;       /* 53 bits times a power of five */
	uint64_t fives;  /* that power: what one step of the double's last bit has become */
	int halvings;    /* may be below 1: then it is no use here */
	uint64_t digits; /* rounded to an integer, half to even */
} scaled;

static scaled scale(uint64_t bits, int halvings, int places) {
	scaled s = {bits, 1, halvings - places, 0};
	for (int i = 0; i < places; i++) s.fives *= 5;
	s.bits *= s.fives;
	if (s.halvings < 1) return s;
	wide rest = s.bits & (((wide)1 << s.halvings) - 1);
	wide half = (wide)1 << (s.halvings - 1);
	s.digits = (uint64_t)(s.bits >> s.halvings);
	if (rest > half || (rest == half && s.digits % 2 == 1)) s.digits++;
	return s;
}

/*
 * Sixteen digits if they read back, otherwise seventeen, by exact integers;
 * for numbers of everyday size that shortest_quickly has no fewer digits for.
 * Returns 0 when this is not the way.
 *
 * The double is bits / 2^halvings. With some decimal places, both it and a
 * decimal are integers over the same power of two, and the decimal reads back
 * when they are less than half a step of the double's last bit apart. That step
 * is narrower below a power of two, and a tie goes to the even neighbour; these
 * rare ones are left to the slow way.
 */
static size_t shortest_exactly(double value, char digits[APL_NUMBER_DIGITS], int *point) {
	if (value < LEAST_LOOKED_AT || value >= MOST_LOOKED_AT) return 0;
	uint64_t bits;
	memcpy(&bits, &value, sizeof bits);
	int halvings = 1075 - (int)(bits >> 52);
	bits &= MOST_EXACT_INTEGER / 2 - 1;
	if (bits == 0) return 0; /* a power of two */
	bits |= MOST_EXACT_INTEGER / 2;

	/* The places that make it an integer of seventeen digits; at most 23. */
	int places = 1;
	while (places <= MOST_EXACT_POWER && value * EXACT_POWER[places] < (double)SEVENTEEN_DIGITS) places++;
	scaled seventeen = scale(bits, halvings, places);
	scaled sixteen = scale(bits, halvings, places - 1);
	if (seventeen.halvings < 1 || sixteen.digits < SIXTEEN_DIGITS || seventeen.digits < SEVENTEEN_DIGITS) return 0;
	wide decimal = (wide)sixteen.digits << sixteen.halvings;
	wide apart = 2 * (decimal > sixteen.bits ? decimal - sixteen.bits : sixteen.bits - decimal);
	if (apart == sixteen.fives) return 0;
	if (apart < sixteen.fives) return put_digits(sixteen.digits, places - 1, digits, point);
	return put_digits(seventeen.digits, places, digits, point);
}

/* [count] digits of [value], correctly rounded; zeroes at the end are left out. Returns how many. */
static size_t round_to(double value, int count, char digits[APL_NUMBER_DIGITS], int *point) {
	char text[64];
	snprintf(text, sizeof text, "%.*e", count - 1, value);
	size_t size = 0;
	const char *at = text;
	/* Whatever stands between the digits is the locale's decimal point. */
	for (; *at != 'e'; at++) {
		if (is_digit(*at)) digits[size++] = *at;
	}
	*point = (int)strtol(at + 1, NULL, 10) + 1;
	while (size > 1 && digits[size - 1] == '0') size--;
	return size;
}

size_t apl_number_shortest(double value, char digits[APL_NUMBER_DIGITS], int *point) {
	size_t count = shortest_quickly(value, digits, point);
	if (count == 0) count = shortest_exactly(value, digits, point);
	if (count > 0) return count;
	/*
	 * Fifteen digits survive the way through a double unchanged, so a shorter
	 * text is found by leaving out zeroes. Below the normal doubles they do
	 * not, and every length is tried.
	 */
	for (int tried = value < 0x1p-1022 ? 1 : 15; tried < APL_NUMBER_DIGITS; tried++) {
		count = round_to(value, tried, digits, point);
		if (apl_number_compose(digits, count, *point) == value) return count;
	}
	return round_to(value, APL_NUMBER_DIGITS, digits, point);
}
