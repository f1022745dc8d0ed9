/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"
#include "../test_rounds.h"

#include <float.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "value/json.h"

/* Fewer rounds where every instruction is watched. */
static int rounds(int many) {
	return APL_ROUNDS(many, many / 500);
}

static uint64_t bits_of(double value) {
	uint64_t bits;
	memcpy(&bits, &value, sizeof bits);
	return bits;
}

static double from_bits(uint64_t bits) {
	double value;
	memcpy(&value, &bits, sizeof value);
	return value;
}

/* The neighbours of a double above zero. */
static double next_above(double value) {
	return from_bits(bits_of(value) + 1);
}

static double next_below(double value) {
	return from_bits(bits_of(value) - 1);
}

static aplomb_kind read_copy(const char *text, size_t size, int64_t *integer, double *number) {
	char *copy = malloc(size > 0 ? size : 1);
	assert_non_null(copy);
	memcpy(copy, text, size);
	aplomb_kind kind = apl_number_read(copy, size, integer, number);
	free(copy);
	return kind;
}

static void integers_are_read_to_the_last_digit(void **state) {
	(void)state;
	static const struct {
		const char *text;
		int64_t value;
	} cases[] = {
	    {"0", 0},
	    {"-0", 0},
	    {"7", 7},
	    {"-12", -12},
	    {"999999999999999999", 999999999999999999},
	    {"1000000000000000000", 1000000000000000000},
	    {"9007199254740993", 9007199254740993},
	    {"9223372036854775806", INT64_MAX - 1},
	    {"9223372036854775807", INT64_MAX},
	    {"-9223372036854775807", INT64_MIN + 1},
	    {"-9223372036854775808", INT64_MIN},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t integer = 5;
		double number = 5;
		assert_int_equal(read_copy(cases[i].text, strlen(cases[i].text), &integer, &number), APLOMB_INTEGER);
		assert_true(integer == cases[i].value);
		assert_true(number == 5);
	}
}

static void what_is_no_number_or_out_of_range_is_absent(void **state) {
	(void)state;
	static const char *const cases[] = {"", "-", "+1", " 1", "1 ", "01", "-01", "00", "1.", ".5", "-.5", "1e", "1e+", "1e-", "1E 5", "0x10",
	    "1_000", "1,5", "nan", "inf", "Infinity", "1.5.2", "1e5e5", "1e5.5", "9223372036854775808", "-9223372036854775809",
	    "18446744073709551616", "99999999999999999999999999", "1e309", "-1e309", "1.7976931348623159e308", "1e99999999999999999999999",
	    "0.1e400"};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t integer = 5;
		double number = 5;
		if (read_copy(cases[i], strlen(cases[i]), &integer, &number) != APLOMB_ABSENT) fail_msg("%s is taken for a number", cases[i]);
		assert_true(integer == 5 && number == 5);
	}
}

static void doubles_are_the_nearest_ones(void **state) {
	(void)state;
	static const struct {
		const char *text;
		uint64_t bits;
	} cases[] = {
	    {"0.0", 0},
	    {"-0.0", 0},
	    {"0e99999999999999999999", 0},
	    {"-1e-400", 0},
	    {"0.0000000000000000000000000000000000000000000000000000000e9999", 0},
	    {"1.0", 0x3FF0000000000000},
	    {"1e0", 0x3FF0000000000000},
	    {"10e-1", 0x3FF0000000000000},
	    {"1000000000000000000000000000000e-30", 0x3FF0000000000000},
	    {"0.000000000000000000000000000001e30", 0x3FF0000000000000},
	    {"0.1", 0x3FB999999999999A},
	    {"-2.5", 0xC004000000000000},
	    {"9007199254740993.0", 0x4340000000000000}, /* half way: to even */
	    {"9007199254740993.00000000000000000000000000000000000001", 0x4340000000000001},
	    {"9007199254740992.99999999999999999999999999999999999999", 0x4340000000000000},
	    {"9007199254740995.0", 0x4340000000000002},
	    {"5e-324", 1},
	    {"2.4703282292062327e-324", 0}, /* below half of the smallest */
	    {"2.4703282292062328e-324", 1},
	    {"2.2250738585072011e-308", 0x000FFFFFFFFFFFFF},
	    {"2.2250738585072014e-308", 0x0010000000000000},
	    {"1.7976931348623157e308", 0x7FEFFFFFFFFFFFFF},
	    {"1.7976931348623158e308", 0x7FEFFFFFFFFFFFFF},
	    {"1e22", 0x4480F0CF064DD592},
	    {"1e23", 0x44B52D02C7E14AF6},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t integer = 5;
		double number = 5;
		assert_int_equal(read_copy(cases[i].text, strlen(cases[i].text), &integer, &number), APLOMB_NUMBER);
		if (bits_of(number) != cases[i].bits) fail_msg("%s is read as %a", cases[i].text, number);
	}
}

/* More digits than a double can tell apart: half way between two, and one digit more, near and far behind. */
static void digits_without_end_still_count(void **state) {
	(void)state;
	for (size_t zeroes = 0; zeroes < 3000; zeroes += zeroes < 820 && zeroes > 760 ? 1 : 97) {
		char text[4096];
		size_t size = (size_t)sprintf(text, "9007199254740993.");
		memset(text + size, '0', zeroes);
		size += zeroes;
		int64_t integer;
		double number;
		text[size] = '0';
		assert_int_equal(apl_number_read(text, size + 1, &integer, &number), APLOMB_NUMBER);
		assert_true(number == 9007199254740992.0);
		text[size] = '1';
		assert_int_equal(apl_number_read(text, size + 1, &integer, &number), APLOMB_NUMBER);
		assert_true(number == 9007199254740994.0);
	}
}

static void random_decimals_are_read_as_the_c_library_does(void **state) {
	(void)state;
	uint64_t random = 21;
	for (int round = 0; round < rounds(300000); round++) {
		char text[128];
		size_t size = 0;
		if (apl_random_next(&random) % 2) text[size++] = '-';
		size_t whole = apl_random_next(&random) % 12;
		if (whole == 0) text[size++] = '0';
		for (size_t i = 0; i < whole; i++)
			text[size++] = (char)('0' + (i == 0 ? 1 + apl_random_next(&random) % 9 : apl_random_next(&random) % 10));
		text[size++] = '.';
		bool many_zeroes = apl_random_next(&random) % 4 == 0;
		for (size_t i = apl_random_next(&random) % 25 + 1; i > 0; i--)
			text[size++] = (char)('0' + (many_zeroes && i > 3 ? 0 : apl_random_next(&random) % 10));
		if (apl_random_next(&random) % 2) size += (size_t)sprintf(text + size, "e%d", (int)(apl_random_next(&random) % 700) - 350);
		text[size] = '\0';
		double expected = strtod(text, NULL);
		int64_t integer;
		double number = -7;
		aplomb_kind kind = read_copy(text, size, &integer, &number);
		if (isinf(expected)) {
			assert_int_equal(kind, APLOMB_ABSENT);
			continue;
		}
		assert_int_equal(kind, APLOMB_NUMBER);
		if (expected == 0.0) expected = 0.0; /* minus zero is zero */
		if (bits_of(number) != bits_of(expected == 0.0 ? 0.0 : expected)) fail_msg("%s is read as %a, not %a", text, number, expected);
	}
}

static apl_buf out;

static const char *written(double value) {
	apl_buf_clear(&out);
	apl_json_write_number(&out, value);
	return apl_buf_terminate(&out);
}

/* How many digits count: without sign, point, exponent, and zeroes at either end. */
static int digits_in(const char *text) {
	int digits = 0, zeroes = 0;
	for (; *text != '\0' && *text != 'e'; text++) {
		if (*text == '-' || *text == '.' || (*text == '0' && digits == 0)) continue;
		digits++;
		zeroes = *text == '0' ? zeroes + 1 : 0;
	}
	return digits - zeroes;
}

/* The digits that count, as digits_in counts them. */
static void copy_digits(char *to, const char *text) {
	int digits = digits_in(text);
	for (int put = 0; put < digits; text++) {
		if (*text == '-' || *text == '.' || (*text == '0' && put == 0)) continue;
		to[put++] = *text;
		to[put] = '\0';
	}
}

static void is_canonical(double value, bool all_shorter) {
	const char *text = written(value);
	int64_t integer;
	double number = 0;
	if (read_copy(text, strlen(text), &integer, &number) != APLOMB_NUMBER || bits_of(number) != bits_of(value))
		fail_msg("%a is written %s and read as %a", value, text, number);
	int digits = digits_in(text);
	assert_true(digits >= 1 && digits <= 17);
	for (int shorter = digits - 1; shorter > 0 && (all_shorter || shorter == digits - 1); shorter--) {
		char other[64];
		snprintf(other, sizeof other, "%.*g", shorter, value);
		if (strtod(other, NULL) == value) fail_msg("%a is written %s, but %s would do", value, text, other);
	}
	/* The digits are those of the value, correctly rounded to as many. */
	char printed[64], rounded[64], plain[64];
	snprintf(printed, sizeof printed, "%.*e", digits - 1, value);
	copy_digits(plain, text);
	copy_digits(rounded, printed);
	if (strcmp(plain, rounded) != 0) fail_msg("%a is written %s; correctly rounded it is %s", value, text, rounded);
	/* One shape for each size. */
	double size = fabs(value);
	bool has_exponent = strchr(text, 'e') != NULL;
	assert_int_equal(has_exponent, size < 1e-4 || size >= 1e16);
	if (!has_exponent) assert_non_null(strchr(text, '.'));
	assert_null(strchr(text, '+'));
	assert_null(strstr(text, "e0"));
	assert_null(strstr(text, "e-0"));
	assert_null(strstr(text, ".0e"));
}

static void random_doubles_are_written_shortest_and_read_back_to_the_bit(void **state) {
	(void)state;
	uint64_t random = 1;
	for (int round = 0; round < rounds(1000000);) {
		double value = from_bits(apl_random_next(&random));
		if (!isfinite(value) || value == 0.0) continue;
		is_canonical(value, round++ % 64 == 0);
	}
}

static void everyday_doubles_are_written_shortest_and_read_back_to_the_bit(void **state) {
	(void)state;
	uint64_t random = 2;
	for (int round = 0; round < rounds(1000000); round++) {
		/* Up to 17 digits, the point anywhere near; and sums and quotients of such. */
		uint64_t power = 1;
		for (uint64_t digits = apl_random_next(&random) % 18; digits > 0; digits--) power *= 10;
		double value = (double)(apl_random_next(&random) % power + 1);
		for (uint64_t places = apl_random_next(&random) % 25; places > 0; places--) value /= 10;
		if (round % 5 == 0) value /= 3;
		if (round % 7 == 0) value = -value;
		is_canonical(value, round % 64 == 0);
	}
}

static void edges_are_written_shortest_and_read_back_to_the_bit(void **state) {
	(void)state;
	/* Every power of two and of ten, and their neighbours. */
	for (int exponent = -1074; exponent < 1024; exponent++) {
		double value = ldexp(1.0, exponent);
		is_canonical(value, true);
		is_canonical(next_above(value), true);
		if (bits_of(value) > 1) is_canonical(next_below(value), true);
	}
	for (int exponent = -323; exponent < 309; exponent++) {
		char text[16];
		sprintf(text, "1e%d", exponent);
		double value = strtod(text, NULL);
		is_canonical(value, true);
		is_canonical(next_above(value), true);
		is_canonical(next_below(value), true);
		assert_int_equal(digits_in(written(value)), 1);
	}
	is_canonical(DBL_MAX, true);
	assert_string_equal(written(0.0), "0.0");
	assert_string_equal(written(-0.0), "0.0");
}

/* Every decimal of up to five digits is written as itself. */
static void short_decimals_are_written_as_people_write_them(void **state) {
	(void)state;
	for (int places = 1; places <= 4; places++) {
		int scale = places == 1 ? 10 : places == 2 ? 100 : places == 3 ? 1000 : 10000;
		for (int whole = 0; whole < rounds(100000); whole++) {
			char text[32];
			int size = snprintf(text, sizeof text, "%d.%0*d", whole / scale, places, whole % scale);
			double value = strtod(text, NULL);
			while (text[size - 1] == '0' && text[size - 2] != '.') text[--size] = '\0';
			assert_string_equal(written(value), text);
		}
	}
}

static void the_locale_changes_nothing(void **state) {
	(void)state;
	static const char *const with_comma[] = {
	    "de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8", "fr_FR.utf8", "ps_AF.utf8", "it_IT.UTF-8"};
	const char *set = NULL;
	for (size_t i = 0; i < sizeof with_comma / sizeof *with_comma && set == NULL; i++) set = setlocale(LC_ALL, with_comma[i]);
	if (set == NULL) {
		print_message("skipped: no locale with a decimal comma is installed\n");
		skip();
	}
	static const double values[] = {0.1, 1.5, 0.30000000000000004, 1.7976931348623157e308, 5e-324};
	static const char *const texts[] = {"0.1", "1.5", "0.30000000000000004", "1.7976931348623157e308", "5e-324"};
	for (size_t i = 0; i < 5; i++) {
		int64_t integer;
		double number = 0;
		assert_string_equal(written(values[i]), texts[i]);
		assert_int_equal(apl_number_read(texts[i], strlen(texts[i]), &integer, &number), APLOMB_NUMBER);
		assert_true(number == values[i]);
	}
	setlocale(LC_ALL, "C");
}

static int open_buffer(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	apl_buf_init(&out, &alloc);
	return 0;
}

static int close_buffer(void **state) {
	(void)state;
	apl_buf_dispose(&out);
	return 0;
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(integers_are_read_to_the_last_digit),
	    cmocka_unit_test(what_is_no_number_or_out_of_range_is_absent),
	    cmocka_unit_test(doubles_are_the_nearest_ones),
	    cmocka_unit_test(digits_without_end_still_count),
	    cmocka_unit_test(random_decimals_are_read_as_the_c_library_does),
	    cmocka_unit_test(random_doubles_are_written_shortest_and_read_back_to_the_bit),
	    cmocka_unit_test(everyday_doubles_are_written_shortest_and_read_back_to_the_bit),
	    cmocka_unit_test(edges_are_written_shortest_and_read_back_to_the_bit),
	    cmocka_unit_test(short_decimals_are_written_as_people_write_them),
	    cmocka_unit_test(the_locale_changes_nothing),
	};
	return cmocka_run_group_tests(tests, open_buffer, close_buffer);
}
