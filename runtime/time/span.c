/* SPDX-License-Identifier: MIT */
/*
 * Decides how a span is written and which texts are spans. A clock span mixes
 * units of 24-hour days and less; a business span counts one unit of working
 * time. They are told apart by who reads them: a text with "business" in it is
 * never a clock span by accident. What a business span comes to is decided by
 * a calendar, which is not here; its microseconds are those of the clock.
 */

#include "time/instant.h"

#include "time/shown.h"

typedef struct clock_unit {
	char name[3];
	uint8_t size; /* of the name */
	bool is_written;
	uint64_t micros;
} clock_unit;

/* Largest first. */
static const clock_unit units[] = {
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

typedef struct wrong {
	const char *slug;
	const char *what;
} wrong;
#define FINE ((wrong){NULL, NULL})

static wrong is_no_span(const char *what) {
	return (wrong){"span", what};
}

static wrong is_too_long(void) {
	return (wrong){"span-overflow", "the longest span is some 292,000 years"};
}

static wrong read_clock(const char *text, size_t size, aplomb_span *out) {
	if (size == 0) return is_no_span("it is empty");
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
			return is_too_long();
		}
	}
	*out = (aplomb_span)total;
	return FINE;
}

/* ---- business time ------------------------------------------------------ */

typedef struct business_unit {
	const char *name; /* of one; of several with an "s" */
	uint64_t micros;
} business_unit;

static const business_unit business_units[] = {
    [APL_SPAN_BUSINESS_MINUTES] = {"minute", (uint64_t)APL_MINUTE},
    [APL_SPAN_BUSINESS_HOURS] = {"hour", (uint64_t)APL_HOUR},
    [APL_SPAN_BUSINESS_DAYS] = {"day", (uint64_t)APL_DAY},
};
#define BUSINESS_UNITS (sizeof business_units / sizeof business_units[0])

static bool speaks_of_business(const char *text, size_t size) {
	static const char word[] = "business";
	for (size_t at = 0; at + sizeof word - 1 <= size; at++) {
		if (memcmp(text + at, word, sizeof word - 1) == 0) return true;
	}
	return false;
}

/* Does [text] begin with the word? Then it goes on behind it. */
static bool skip_word(const char **text, size_t *size, const char *word) {
	size_t length = strlen(word);
	if (*size < length || memcmp(*text, word, length) != 0) return false;
	*text += length;
	*size -= length;
	return true;
}

static wrong read_business(const char *text, size_t size, aplomb_span *out, apl_span_unit *unit) {
	static const char form[] = "business time is a number, \"business\" and minutes, hours or days, such as \"2 business hours\"";
	uint64_t number = 0;
	bool too_much = false;
	size_t digits = 0;
	for (; size > 0 && is_digit(*text); text++, size--, digits++) {
		too_much = too_much || number > (uint64_t)INT64_MAX / 10;
		number = too_much ? number : number * 10 + (uint64_t)(*text - '0');
	}
	if (digits > 0 && size > 0 && is_letter(*text))
		return (wrong){"business-span", "clock time and business time are not mixed in one span"};
	if (digits == 0 || !skip_word(&text, &size, " business ")) return (wrong){"business-span", form};
	for (size_t i = 1; i < BUSINESS_UNITS; i++) {
		const char *rest = text;
		size_t left = size;
		if (!skip_word(&rest, &left, business_units[i].name)) continue;
		skip_word(&rest, &left, "s");
		if (left > 0 && *rest == ' ') return (wrong){"business-span", "a business span has one number and one unit"};
		if (left > 0) break;
		uint64_t micros;
		if (too_much || __builtin_mul_overflow(number, business_units[i].micros, &micros) || micros > (uint64_t)INT64_MAX)
			return is_too_long();
		*out = (aplomb_span)micros;
		*unit = (apl_span_unit)i;
		return FINE;
	}
	return (wrong){"business-span", form};
}

const char *apl_business_unit_name(apl_span_unit unit) {
	static const char *const names[] = {
	    [APL_SPAN_BUSINESS_MINUTES] = "minutes", [APL_SPAN_BUSINESS_HOURS] = "hours", [APL_SPAN_BUSINESS_DAYS] = "days"};
	return unit > APL_SPAN_CLOCK && unit <= APL_SPAN_BUSINESS_DAYS ? names[unit] : NULL;
}

size_t apl_span_write_in(aplomb_span span, apl_span_unit unit, char out[APL_SPAN_TEXT]) {
	/* What its unit does not divide was no business span; it is told as what it is. */
	if (unit == APL_SPAN_CLOCK || (size_t)unit >= BUSINESS_UNITS || span < 0 || (uint64_t)span % business_units[unit].micros != 0)
		return apl_span_write(span, out);
	uint64_t number = (uint64_t)span / business_units[unit].micros;
	size_t size = write_number(number, out);
	const char *pieces[] = {" business ", business_units[unit].name, number == 1 ? "" : "s"};
	for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
		size_t length = strlen(pieces[i]);
		memcpy(out + size, pieces[i], length);
		size += length;
	}
	out[size] = '\0';
	return size;
}

/* ---- reading ------------------------------------------------------------ */

static int refuse(const char *text, size_t size, wrong is, aplomb_error *error) {
	char shown[APL_SHOWN];
	return apl_fail(error, APLOMB_EINVAL, is.slug, "\"%s\" is no span such as \"1h30m\": %s", apl_shown(text, size, shown), is.what);
}

int apl_span_read(const char *text, size_t size, aplomb_span *out, aplomb_error *error) {
	wrong is = {"business-span", "business time needs a calendar; here only clock time is taken"};
	if (!speaks_of_business(text, size)) is = read_clock(text, size, out);
	return is.slug == NULL ? APLOMB_OK : refuse(text, size, is, error);
}

int apl_span_read_any(const char *text, size_t size, aplomb_span *out, apl_span_unit *unit, aplomb_error *error) {
	bool is_business = speaks_of_business(text, size);
	wrong is = is_business ? read_business(text, size, out, unit) : read_clock(text, size, out);
	if (is.slug != NULL) return refuse(text, size, is, error);
	if (!is_business) *unit = APL_SPAN_CLOCK;
	return APLOMB_OK;
}
