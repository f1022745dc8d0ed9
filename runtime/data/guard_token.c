/* SPDX-License-Identifier: MIT */
/*
 * Decides what the words of a guard's text are: names, numbers, texts, signs;
 * and what to say about signs that other languages have.
 */
#include "data/guard_token.h"

#include "base/text.h"

static bool is_space(char c) {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}
static bool is_digit(char c) {
	return c >= '0' && c <= '9';
}
static bool is_letter(char c) {
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
static bool is_word(char c) {
	return is_letter(c) || is_digit(c);
}
static char char_at(const apl_guard_parser *p, uint32_t at) {
	return at < p->size ? p->text[at] : '\0';
}

/* Digits, a point with digits on both sides, an exponent: JSON's numbers without the sign. */
static void read_number(apl_guard_parser *p) {
	uint32_t begin = p->at, end = begin;
	while (is_word(char_at(p, end)) || (char_at(p, end) == '.' && char_at(p, end + 1) != '.')) {
		char c = char_at(p, end);
		end++;
		if ((c == 'e' || c == 'E') && (char_at(p, end) == '+' || char_at(p, end) == '-')) end++;
	}
	int64_t integer = 0;
	double number = 0;
	char shown[APL_SHOWN];
	/* Lua takes leading zeros, JSON does not. */
	uint32_t from = begin;
	while (from + 1 < end && p->text[from] == '0' && is_digit(p->text[from + 1])) from++;
	aplomb_kind kind = apl_number_read(p->text + from, end - from, &integer, &number);
	p->at = end;
	p->now = (apl_token){.kind = APL_TOKEN_NUMBER, .begin = begin, .end = end};
	if (kind == APLOMB_INTEGER) {
		p->now.value = (apl_guard_value){.type = APL_TYPE_INTEGER, .is_there = true, .as.integer = integer};
	} else if (kind == APLOMB_NUMBER) {
		p->now.value = (apl_guard_value){.type = APL_TYPE_NUMBER, .is_there = true, .as.number = number};
	} else {
		bool all_digits = true;
		for (uint32_t i = begin; i < end; i++) all_digits = all_digits && is_digit(p->text[i]);
		APL_GUARD_WRONG(p, begin, "guard-syntax", "%s is no number that is known here; %s", apl_shown(p->text + begin, end - begin, shown),
		    all_digits ? "an integer has 64 bits" : "write it as 12, 0.5 or 1.5e3");
	}
}

static int hex_value(char c) {
	if (is_digit(c)) return c - '0';
	if (c >= 'a' && c <= 'f') return c - 'a' + 10;
	if (c >= 'A' && c <= 'F') return c - 'A' + 10;
	return -1;
}

/* The escape at [*at], behind the backslash, as one byte; false: it is none that is known. */
static bool read_escape(const apl_guard_parser *p, uint32_t *at, char *out) {
	static const char plain[] = "abfnrtv\\\"'", meaning[] = "\a\b\f\n\r\t\v\\\"'";
	char c = char_at(p, *at);
	const char *found = c != '\0' ? strchr(plain, c) : NULL;
	if (found != NULL) {
		*out = meaning[found - plain];
		++*at;
		return true;
	}
	if (c == 'x' && hex_value(char_at(p, *at + 1)) >= 0 && hex_value(char_at(p, *at + 2)) >= 0) {
		*out = (char)(hex_value(char_at(p, *at + 1)) * 16 + hex_value(char_at(p, *at + 2)));
		*at += 3;
		return true;
	}
	if (!is_digit(c)) return false;
	unsigned value = 0, count = 0;
	for (; count < 3 && is_digit(char_at(p, *at)); count++, ++*at) value = value * 10 + (unsigned)(char_at(p, *at) - '0');
	*out = (char)(unsigned char)value;
	return value <= 255;
}

static void read_text(apl_guard_parser *p) {
	uint32_t begin = p->at, at = begin + 1;
	char quote = p->text[begin];
	char *bytes = apl_arena_take(p->guard->arena, p->size - begin + 1);
	if (bytes == NULL) {
		p->no_memory = true;
		p->now.kind = APL_TOKEN_WRONG;
		return;
	}
	uint32_t size = 0;
	while (at < p->size && p->text[at] != quote) {
		char c = p->text[at++];
		if (c == '\\') {
			uint32_t escape = at - 1;
			if (!read_escape(p, &at, &c)) {
				APL_GUARD_WRONG(p, escape, "guard-syntax",
				    "the escape \\%c is not known here; there are \\n \\t \\r \\a \\b \\f \\v \\\\ \\\" \\' \\65 \\x41",
				    (unsigned char)char_at(p, escape + 1) > 0x20 && (unsigned char)char_at(p, escape + 1) < 0x7f ? char_at(p, escape + 1)
				                                                                                                 : '?');
				return;
			}
		}
		bytes[size++] = c;
	}
	if (at >= p->size) {
		APL_GUARD_WRONG(p, begin, "guard-syntax", "the text that begins here has no end; %s is missing", quote == '"' ? "\"" : "'");
		return;
	}
	p->at = at + 1;
	bytes[size] = '\0';
	if (apl_utf8_valid(bytes, size) != size || memchr(bytes, '\0', size) != NULL) {
		APL_GUARD_WRONG(p, begin, "bad-text", "this text is not valid UTF-8, or has a zero byte in it");
		return;
	}
	p->now = (apl_token){.kind = APL_TOKEN_TEXT, .begin = begin, .end = p->at};
	p->now.value = (apl_guard_value){.type = APL_TYPE_TEXT, .is_there = true, .as.text = {bytes, size}};
}

/* Signs that other languages have, and what to write instead. */
static const struct {
	const char *sign;
	const char *slug;
	const char *instead;
} foreign[] = {
    {"..", "bad-operator", ".. joins texts, which takes memory; a text written here only asks and counts, so use a function"},
    {"^", "bad-operator", "the operator ^ gives other last digits on other machines, so no replay could repeat it; multiply instead"},
    {"--", "guard-syntax", "-- begins a comment in Lua; there are none within a text (for a double minus write -(-x))"},
    {"!=", "guard-syntax", "not equal is written ~="},
    {"<>", "guard-syntax", "not equal is written ~="},
    {"&&", "guard-syntax", "write \"and\" for &&"},
    {"||", "guard-syntax", "write \"or\" for ||"},
    {"<<", "bad-operator", "the operator << is not there; use a function"},
    {">>", "bad-operator", "the operator >> is not there; use a function"},
    {"=>", "guard-syntax", "at least is written >="},
    {"=<", "guard-syntax", "at most is written <="},
    {"!", "guard-syntax", "write \"not\" for !"},
    {"&", "bad-operator", "the operator & is not there; \"and\" joins what is true or false"},
    {"|", "bad-operator", "the operator | is not there; \"or\" joins what is true or false"},
    {"~", "bad-operator", "the operator ~ is not there; not equal is written ~="},
    {"[", "guard-syntax", "a field is named by its path, as data.address.city; items of lists cannot be looked up: use a function"},
    {"{", "guard-syntax", "there are no tables in a text; use a function"},
    {":", "guard-syntax", "questions are asked without \"case:\": is_in(\"path\"), time_in(\"path\"), count(\"counter\")"},
};

static void read_sign(apl_guard_parser *p) {
	static const char *const signs[] = {"==", "~=", "<=", ">=", "//", "<", ">", "+", "-", "*", "/", "%", "#", "(", ")", ",", ";", "=", "."};
	uint32_t begin = p->at, rest = p->size - begin;
	for (int known = 0; known < 2; known++) {
		for (size_t i = 0; i < sizeof signs / sizeof *signs && known == 1; i++) {
			size_t size = strlen(signs[i]);
			if (size > rest || memcmp(p->text + begin, signs[i], size) != 0) continue;
			p->at += (uint32_t)size;
			p->now = (apl_token){.kind = APL_TOKEN_SIGN, .begin = begin, .end = p->at};
			return;
		}
		for (size_t i = 0; i < sizeof foreign / sizeof *foreign && known == 0; i++) {
			size_t size = strlen(foreign[i].sign);
			if (size > rest || memcmp(p->text + begin, foreign[i].sign, size) != 0) continue;
			if (foreign[i].sign[0] == '~' && rest > 1 && p->text[begin + 1] == '=') continue;
			const char *instead = foreign[i].instead;
			if (foreign[i].sign[0] == ':' && p->guard->form == APL_GUARD_ACTIONS)
				instead = "a text assigns, as data.x = 1; what is to be asked of the world belongs into a function";
			APL_GUARD_WRONG(p, begin, foreign[i].slug, "%s", instead);
			return;
		}
	}
	char shown[APL_SHOWN];
	uint32_t size = 1;
	while (size < rest && ((unsigned char)p->text[begin + size] & 0xC0u) == 0x80u) size++;
	APL_GUARD_WRONG(p, begin, "guard-syntax", "\"%s\" means nothing here", apl_shown(p->text + begin, size, shown));
}

void apl_token_next(apl_guard_parser *p) {
	if (p->now.kind == APL_TOKEN_WRONG) return;
	p->last_end = p->now.end;
	bool follows_name = p->now.kind == APL_TOKEN_NAME && p->now.end == p->at; /* data.5 is no number */
	while (p->at < p->size && is_space(p->text[p->at])) p->at++;
	char c = char_at(p, p->at);
	if (p->at >= p->size) {
		p->now = (apl_token){.kind = APL_TOKEN_END, .begin = p->size, .end = p->size};
	} else if (is_letter(c)) {
		uint32_t begin = p->at;
		while (is_word(char_at(p, p->at))) p->at++;
		p->now = (apl_token){.kind = APL_TOKEN_NAME, .begin = begin, .end = p->at};
	} else if (is_digit(c) || (c == '.' && is_digit(char_at(p, p->at + 1)) && !follows_name)) {
		read_number(p);
	} else if (c == '"' || c == '\'') {
		read_text(p);
	} else {
		read_sign(p);
	}
}

bool apl_token_is(const apl_guard_parser *p, const char *word) {
	size_t size = strlen(word);
	return (p->now.kind == APL_TOKEN_NAME || p->now.kind == APL_TOKEN_SIGN) && p->now.end - p->now.begin == size &&
	       memcmp(p->text + p->now.begin, word, size) == 0;
}

const char *apl_token_shown(const apl_guard_parser *p, char out[APL_SHOWN]) {
	if (p->now.kind == APL_TOKEN_END) return "the end";
	return apl_shown(p->text + p->now.begin, p->now.end - p->now.begin, out);
}

bool apl_token_calls(const apl_guard_parser *p, uint32_t at) {
	while (is_space(char_at(p, at))) at++;
	return char_at(p, at) == '(';
}
