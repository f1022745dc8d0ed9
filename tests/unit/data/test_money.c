/* SPDX-License-Identifier: MIT */
/* Amounts of money as text. */

#include <stdio.h>
#include <string.h>

#include "../test_cmocka.h"
#include "base/hash.h"
#include "data/schema.h"

static uint64_t currency(const char *code) {
	return (uint64_t)(unsigned char)code[0] | (uint64_t)(unsigned char)code[1] << 8 | (uint64_t)(unsigned char)code[2] << 16;
}

static void amounts_are_read_exactly_and_written_with_the_currencys_digits(void **state) {
	(void)state;
	static const struct {
		const char *text;
		int64_t minor;
		const char *code;
		const char *written;
	} cases[] = {
	    {"40.00 GBP", 4000, "GBP", "40.00 GBP"},
	    {"40 GBP", 4000, "GBP", "40.00 GBP"},
	    {"-3.50 EUR", -350, "EUR", "-3.50 EUR"},
	    {"0.05 USD", 5, "USD", "0.05 USD"},
	    {"-0.05 USD", -5, "USD", "-0.05 USD"},
	    {"0 USD", 0, "USD", "0.00 USD"},
	    {"-0.00 USD", 0, "USD", "0.00 USD"},
	    {"500 JPY", 500, "JPY", "500 JPY"},
	    {"0 JPY", 0, "JPY", "0 JPY"},
	    {"1.234 KWD", 1234, "KWD", "1.234 KWD"},
	    {"12 BHD", 12000, "BHD", "12.000 BHD"},
	    {"0.0001 CLF", 1, "CLF", "0.0001 CLF"},
	    {"92233720368547758.07 EUR", INT64_MAX, "EUR", "92233720368547758.07 EUR"},
	    {"-92233720368547758.08 EUR", INT64_MIN, "EUR", "-92233720368547758.08 EUR"},
	    {"9223372036854775807 JPY", INT64_MAX, "JPY", "9223372036854775807 JPY"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		apl_money money;
		aplomb_error error;
		char text[32];
		if (apl_money_read(cases[i].text, strlen(cases[i].text), &money, &error) != APLOMB_OK) fail_msg("%s", error.message);
		assert_int_equal(money.minor, cases[i].minor);
		assert_int_equal(money.currency, currency(cases[i].code));
		assert_int_equal(apl_money_write(money, text), strlen(cases[i].written));
		assert_string_equal(text, cases[i].written);
	}
}

static void what_is_no_amount_is_refused_with_the_reason(void **state) {
	(void)state;
	static const struct {
		const char *text;
		const char *reason;
	} cases[] = {
	    {"", "an amount, a space and the currency's three letters were expected"},
	    {"40", "an amount, a space and the currency's three letters were expected"},
	    {"40.00GBP", "an amount, a space and the currency's three letters were expected"},
	    {"GBP 40.00", "an amount, a space and the currency's three letters were expected"},
	    {"40.00 GB", "an amount, a space and the currency's three letters were expected"},
	    {"40.00 GBPX", "an amount, a space and the currency's three letters were expected"},
	    {"GBP", "an amount, a space and the currency's three letters were expected"},
	    {" GBP", "an amount, a space and the currency's three letters were expected"},
	    {"40.00 GPB", "there is no currency \"GPB\"; did you mean \"GBP\"?"},
	    {"40.00 gbp", "there is no currency \"gbp\"; did you mean \"GBP\"?"},
	    {"40.00 XXX", "there is no currency \"XXX\""},
	    {"40.5 GBP", "GBP has 2 digits behind the point"},
	    {"40. GBP", "GBP has 2 digits behind the point"},
	    {"40.000 GBP", "GBP has 2 digits behind the point"},
	    {"1.23 KWD", "KWD has 3 digits behind the point"},
	    {"500.00 JPY", "JPY has no digits behind the point, and no point"},
	    {"500. JPY", "JPY has no digits behind the point, and no point"},
	    {".50 GBP", "it begins with the digits of the amount"},
	    {"+1.00 GBP", "it begins with the digits of the amount"},
	    {"--1.00 GBP", "it begins with the digits of the amount"},
	    {" 1.00 GBP", "it begins with the digits of the amount"},
	    {"- GBP", "it begins with the digits of the amount"},
	    {"007.00 GBP", "an amount has no leading zeros"},
	    {"1,000.00 GBP", "an amount is digits with a point, without separators of thousands"},
	    {"1.00  GBP", "an amount is digits with a point, without separators of thousands"},
	    {"1e3 GBP", "an amount is digits with a point, without separators of thousands"},
	    {"92233720368547758.08 EUR", "it is more than 64 bits of minor units hold"},
	    {"-92233720368547758.09 EUR", "it is more than 64 bits of minor units hold"},
	    {"92233720368547759 EUR", "it is more than 64 bits of minor units hold"},
	    {"99999999999999999999999999 JPY", "it is more than 64 bits of minor units hold"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		apl_money money = {42, 42};
		aplomb_error error = {0};
		char expected[256];
		assert_int_equal(apl_money_read(cases[i].text, strlen(cases[i].text), &money, &error), APLOMB_EINVAL);
		snprintf(expected, sizeof expected, "\"%s\" is no amount such as \"40.00 GBP\": %s", cases[i].text, cases[i].reason);
		assert_string_equal(error.message, expected);
		assert_string_equal(error.slug, "money");
		assert_true(money.minor == 42 && money.currency == 42);
	}
}

static void what_is_written_is_read_back(void **state) {
	(void)state;
	static const char *const codes[] = {"AED", "EUR", "JPY", "KWD", "CLF", "ZWL"};
	uint64_t random = 3;
	for (int i = 0; i < 60000; i++) {
		apl_money money = {(int64_t)(apl_random_next(&random)) >> (apl_random_next(&random) % 64), currency(codes[i % 6])}, back;
		char text[32];
		size_t size = apl_money_write(money, text);
		assert_true(size < 32);
		assert_int_equal(apl_money_read(text, size, &back, NULL), APLOMB_OK);
		assert_true(back.minor == money.minor && back.currency == money.currency);
	}
}

static void only_known_currencies_are_currencies(void **state) {
	(void)state;
	/* Of all the codes there could be: as many as the table has, so that each of its lines is found. */
	uint32_t known = 0;
	for (char a = 'A'; a <= 'Z'; a++) {
		for (char b = 'A'; b <= 'Z'; b++) {
			for (char c = 'A'; c <= 'Z'; c++) {
				const char code[3] = {a, b, c};
				known += apl_money_is_currency(currency(code));
			}
		}
	}
	assert_int_equal(known, 170);
	assert_false(apl_money_is_currency(0));
	assert_false(apl_money_is_currency(currency("GBP") | UINT64_C(1) << 24));
	assert_false(apl_money_is_currency(currency("gbp")));
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(amounts_are_read_exactly_and_written_with_the_currencys_digits),
	    cmocka_unit_test(what_is_no_amount_is_refused_with_the_reason),
	    cmocka_unit_test(what_is_written_is_read_back),
	    cmocka_unit_test(only_known_currencies_are_currencies),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
