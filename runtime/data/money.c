/* SPDX-License-Identifier: MIT */
/*
 * Decides which texts are amounts of money and how they are written. An amount
 * is a whole number of the currency's minor units; nothing is rounded, so a
 * text with too few or too many digits is refused. Does not convert.
 *
 * The digits are ISO 4217's minor units: national and supranational currencies
 * and funds codes, without metals, units of account and test codes, which have
 * none. Currencies withdrawn since 2021 stay, for old cases speak of them.
 */

#include "data/schema.h"

#include <stdio.h>
#include <string.h>

#include "time/shown.h"

typedef struct currency {
	char code[4];
	uint8_t digits;
} currency;

/* clang-format off */
static const currency currencies[] = {
	{"AED", 2}, {"AFN", 2}, {"ALL", 2}, {"AMD", 2}, {"ANG", 2}, {"AOA", 2}, {"ARS", 2}, {"AUD", 2}, {"AWG", 2}, {"AZN", 2},
	{"BAM", 2}, {"BBD", 2}, {"BDT", 2}, {"BGN", 2}, {"BHD", 3}, {"BIF", 0}, {"BMD", 2}, {"BND", 2}, {"BOB", 2}, {"BOV", 2},
	{"BRL", 2}, {"BSD", 2}, {"BTN", 2}, {"BWP", 2}, {"BYN", 2}, {"BZD", 2}, {"CAD", 2}, {"CDF", 2}, {"CHE", 2}, {"CHF", 2},
	{"CHW", 2}, {"CLF", 4}, {"CLP", 0}, {"CNY", 2}, {"COP", 2}, {"COU", 2}, {"CRC", 2}, {"CUC", 2}, {"CUP", 2}, {"CVE", 2},
	{"CZK", 2}, {"DJF", 0}, {"DKK", 2}, {"DOP", 2}, {"DZD", 2}, {"EGP", 2}, {"ERN", 2}, {"ETB", 2}, {"EUR", 2}, {"FJD", 2},
	{"FKP", 2}, {"GBP", 2}, {"GEL", 2}, {"GHS", 2}, {"GIP", 2}, {"GMD", 2}, {"GNF", 0}, {"GTQ", 2}, {"GYD", 2}, {"HKD", 2},
	{"HNL", 2}, {"HRK", 2}, {"HTG", 2}, {"HUF", 2}, {"IDR", 2}, {"ILS", 2}, {"INR", 2}, {"IQD", 3}, {"IRR", 2}, {"ISK", 0},
	{"JMD", 2}, {"JOD", 3}, {"JPY", 0}, {"KES", 2}, {"KGS", 2}, {"KHR", 2}, {"KMF", 0}, {"KPW", 2}, {"KRW", 0}, {"KWD", 3},
	{"KYD", 2}, {"KZT", 2}, {"LAK", 2}, {"LBP", 2}, {"LKR", 2}, {"LRD", 2}, {"LSL", 2}, {"LYD", 3}, {"MAD", 2}, {"MDL", 2},
	{"MGA", 2}, {"MKD", 2}, {"MMK", 2}, {"MNT", 2}, {"MOP", 2}, {"MRU", 2}, {"MUR", 2}, {"MVR", 2}, {"MWK", 2}, {"MXN", 2},
	{"MXV", 2}, {"MYR", 2}, {"MZN", 2}, {"NAD", 2}, {"NGN", 2}, {"NIO", 2}, {"NOK", 2}, {"NPR", 2}, {"NZD", 2}, {"OMR", 3},
	{"PAB", 2}, {"PEN", 2}, {"PGK", 2}, {"PHP", 2}, {"PKR", 2}, {"PLN", 2}, {"PYG", 0}, {"QAR", 2}, {"RON", 2}, {"RSD", 2},
	{"RUB", 2}, {"RWF", 0}, {"SAR", 2}, {"SBD", 2}, {"SCR", 2}, {"SDG", 2}, {"SEK", 2}, {"SGD", 2}, {"SHP", 2}, {"SLE", 2},
	{"SLL", 2}, {"SOS", 2}, {"SRD", 2}, {"SSP", 2}, {"STN", 2}, {"SVC", 2}, {"SYP", 2}, {"SZL", 2}, {"THB", 2}, {"TJS", 2},
	{"TMT", 2}, {"TND", 3}, {"TOP", 2}, {"TRY", 2}, {"TTD", 2}, {"TWD", 2}, {"TZS", 2}, {"UAH", 2}, {"UGX", 0}, {"USD", 2},
	{"USN", 2}, {"UYI", 0}, {"UYU", 2}, {"UYW", 4}, {"UZS", 2}, {"VED", 2}, {"VES", 2}, {"VND", 0}, {"VUV", 0}, {"WST", 2},
	{"XAF", 0}, {"XCD", 2}, {"XCG", 2}, {"XOF", 0}, {"XPF", 0}, {"YER", 2}, {"ZAR", 2}, {"ZMW", 2}, {"ZWG", 2}, {"ZWL", 2},
};
/* clang-format on */
#define CURRENCIES (sizeof currencies / sizeof currencies[0])

static const currency *find(const char *code) {
	size_t from = 0, to = CURRENCIES;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = memcmp(code, currencies[middle].code, 3);
		if (order == 0) return &currencies[middle];
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return NULL;
}

static uint64_t pack(const char *code) {
	return (uint64_t)(unsigned char)code[0] | (uint64_t)(unsigned char)code[1] << 8 | (uint64_t)(unsigned char)code[2] << 16;
}

static void unpack(uint64_t packed, char code[4]) {
	for (unsigned i = 0; i < 4; i++) code[i] = (char)(packed >> (8 * i) & 0xFFu);
}

bool apl_money_is_currency(uint64_t packed) {
	char code[4];
	unpack(packed, code);
	return packed >> 24 == 0 && find(code) != NULL;
}

static int refuse(const char *text, size_t size, const char *why, aplomb_error *error) {
	char shown[APL_SHOWN];
	return apl_fail(error, APLOMB_EINVAL, "money", "\"%s\" is no amount such as \"40.00 GBP\": %s", apl_shown(text, size, shown), why);
}

static int refuse_currency(const char *text, size_t size, const char *code, aplomb_error *error) {
	char hint[64], why[160], shown[APL_SHOWN];
	apl_nearest nearest = apl_nearest_to(code, 3);
	for (size_t i = 0; i < CURRENCIES; i++) apl_nearest_try(&nearest, currencies[i].code);
	snprintf(why, sizeof why, "there is no currency \"%s\"%s", apl_shown(code, 3, shown), apl_nearest_hint(&nearest, hint, sizeof hint));
	return refuse(text, size, why, error);
}

static bool is_digit(char byte) {
	return byte >= '0' && byte <= '9';
}

/*
 * text = ["-"] whole ["." fraction] " " code. No point at all means zero minor
 * units, for "40 GBP" cannot be misread; "40.5 GBP" can, and is refused.
 */
int apl_money_read(const char *text, size_t size, apl_money *out, aplomb_error *error) {
	if (size < 5 || text[size - 4] != ' ')
		return refuse(text, size, "an amount, a space and the currency's three letters were expected", error);
	const char *code = text + size - 3, *next = text, *end = code - 1;
	const currency *is = find(code);
	if (is == NULL) return refuse_currency(text, size, code, error);
	bool negative = *next == '-';
	if (negative) next++;
	const char *whole = next;
	while (next < end && is_digit(*next)) next++;
	size_t n_whole = (size_t)(next - whole);
	if (n_whole == 0) return refuse(text, size, "it begins with the digits of the amount", error);
	if (n_whole > 1 && *whole == '0') return refuse(text, size, "an amount has no leading zeros", error);
	const char *fraction = next;
	size_t n_fraction = 0;
	if (next < end && *next == '.') {
		fraction = ++next;
		while (next < end && is_digit(*next)) next++;
		n_fraction = (size_t)(next - fraction);
	}
	if (next != end) return refuse(text, size, "an amount is digits with a point, without separators of thousands", error);
	if (fraction != whole + n_whole && (n_fraction != is->digits || is->digits == 0)) {
		char why[96];
		if (is->digits == 0)
			snprintf(why, sizeof why, "%s has no digits behind the point, and no point", is->code);
		else
			snprintf(why, sizeof why, "%s has %d digits behind the point", is->code, is->digits);
		return refuse(text, size, why, error);
	}
	/* Gathered below zero, where there is one more. */
	int64_t minor = 0;
	for (size_t i = 0; i < n_whole + is->digits; i++) {
		int digit = i < n_whole ? whole[i] - '0' : n_fraction > 0 ? fraction[i - n_whole] - '0' : 0;
		if (__builtin_mul_overflow(minor, 10, &minor) || __builtin_sub_overflow(minor, digit, &minor)) {
			return refuse(text, size, "it is more than 64 bits of minor units hold", error);
		}
	}
	if (!negative && minor == INT64_MIN) return refuse(text, size, "it is more than 64 bits of minor units hold", error);
	*out = (apl_money){negative ? minor : -minor, pack(code)};
	return APLOMB_OK;
}

size_t apl_money_write(apl_money money, char *out) {
	char code[4];
	unpack(money.currency, code);
	const currency *is = find(code);
	unsigned fraction = is != NULL ? is->digits : 0;
	char digits[24]; /* last first */
	unsigned count = 0;
	uint64_t rest = money.minor < 0 ? 0 - (uint64_t)money.minor : (uint64_t)money.minor;
	while (rest > 0 || count <= fraction) {
		digits[count++] = (char)('0' + rest % 10);
		rest /= 10;
	}
	size_t size = 0;
	if (money.minor < 0) out[size++] = '-';
	while (count > 0) {
		out[size++] = digits[--count];
		if (count == fraction && fraction > 0) out[size++] = '.';
	}
	out[size++] = ' ';
	memcpy(out + size, code, 4);
	return size + 3;
}
