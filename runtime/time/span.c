/* SPDX-License-Identifier: MIT */
/*
 * Decides how a clock span is written and which texts are spans. A day is 24
 * hours here; business time needs a calendar and is refused, so that "2
 * business days" can never be taken for two days.
 */

#include "time/instant.h"

#include "time/shown.h"

typedef struct unit {
	char name[3];
	uint8_t size; /* of the name */
	bool is_written;
	uint64_t micros;
} unit;

/* Largest first. */
static const unit units[] = {
    {"w", 1, false, 7 * (uint64_t)APL_DAY},
    {"d", 1, true, (uint64_t)APL_DAY},
    {"h", 1, true, (uint64_t)APL_HOUR},
    {"m", 1, true, (uint64_t)APL_MINUTE},
    {"s", 1, true, (uint64_t)APL_SECOND},
    {"ms", 2, true, 1000},
    {"us", 2, true, 1},
};
#define UNITS (sizeof units / sizeof units[0])

static size_t write_number(uint64_t value, char *out) {
	char digits[20];
	size_t count = 0;
	do {
		digits[count++] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	for (size_t i = 0; i < count; i++) out[i] = digits[count - 1 - i];
	return count;
}

size_t apl_span_write(aplomb_span span, char out[APL_INSTANT_TEXT]) {
	size_t size = 0;
	/* Unsigned, for the most negative span has no positive one. */
	uint64_t rest = span < 0 ? 0 - (uint64_t)span : (uint64_t)span;
	if (span < 0) out[size++] = '-';
	if (rest == 0) {
		memcpy(out, "0s", 3);
		return 2;
	}
	for (size_t i = 0; i < UNITS; i++) {
		if (!units[i].is_written || rest < units[i].micros) continue;
		size += write_number(rest / units[i].micros, out + size);
		memcpy(out + size, units[i].name, units[i].size);
		size += units[i].size;
		rest %= units[i].micros;
	}
	out[size] = '\0';
	return size;
}

static bool is_digit(char byte) {
	return byte >= '0' && byte <= '9';
}
static bool is_letter(char byte) {
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool speaks_of_business(const char *text, size_t size) {
	static const char word[] = "business";
	for (size_t at = 0; at + sizeof word - 1 <= size; at++) {
		if (memcmp(text + at, word, sizeof word - 1) == 0) return true;
	}
	return false;
}

typedef struct wrong {
	const char *slug;
	const char *what;
} wrong;
#define FINE ((wrong){NULL, NULL})

static wrong is_no_span(const char *what) {
	return (wrong){"span", what};
}

static wrong read_span(const char *text, size_t size, aplomb_span *out) {
	if (size == 0) return is_no_span("it is empty");
	if (speaks_of_business(text, size)) return (wrong){"business-span", "business time needs a calendar; here only clock time is taken"};
	if (text[0] == '-') return is_no_span("a span is not negative");
	uint64_t total = 0;
	size_t at = 0, next_unit = 0;
	while (at < size) {
		if (!is_digit(text[at])) return is_no_span("a number and its unit were expected, such as \"90s\"");
		uint64_t number = 0;
		bool too_much = false;
		for (; at < size && is_digit(text[at]); at++) {
			too_much = too_much || number > (uint64_t)INT64_MAX / 10;
			number = too_much ? number : number * 10 + (uint64_t)(text[at] - '0');
		}
		if (at < size && text[at] == '.') return is_no_span("numbers are whole; write \"1h30m\" for an hour and a half");
		if (at < size && text[at] == ' ') return is_no_span("there are no spaces within a span; write \"2h\"");
		size_t begins = at;
		while (at < size && is_letter(text[at])) at++;
		size_t length = at - begins, found = UNITS;
		for (size_t i = 0; i < UNITS; i++) {
			if (units[i].size == length && memcmp(units[i].name, text + begins, length) == 0) found = i;
		}
		if (length == 0) return is_no_span("a unit is missing: w, d, h, m, s, ms or us");
		if (found == UNITS) return is_no_span("the units are w, d, h, m, s, ms and us");
		if (found < next_unit) return is_no_span("the units come largest first, each once");
		next_unit = found + 1;
		uint64_t micros;
		if (too_much || __builtin_mul_overflow(number, units[found].micros, &micros) || __builtin_add_overflow(total, micros, &total) ||
		    total > (uint64_t)INT64_MAX) {
			return (wrong){"span-overflow", "the longest span is some 292,000 years"};
		}
	}
	*out = (aplomb_span)total;
	return FINE;
}

int apl_span_read(const char *text, size_t size, aplomb_span *out, aplomb_error *error) {
	wrong is = read_span(text, size, out);
	if (is.slug == NULL) return APLOMB_OK;
	char shown[APL_SHOWN];
	return apl_fail(error, APLOMB_EINVAL, is.slug, "\"%s\" is no span such as \"1h30m\": %s", apl_shown(text, size, shown), is.what);
}
