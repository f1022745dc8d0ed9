/* SPDX-License-Identifier: MIT */
/*
 * Decides how the arguments of commands are read: words, and tables as
 * playbooks write them or as JSON, which both become JSON. What a table may
 * hold is decided by the playbook's types; that names and brackets fit, here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repl/inside.h"

enum { MOST_DEPTH = 64 };

static bool is_blank(char c) {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

const char *repl_skip(const char *text) {
	while (is_blank(*text)) text++;
	return text;
}

bool repl_word(const char **text, char *word, size_t size) {
	const char *from = repl_skip(*text), *end = from;
	while (*end != '\0' && !is_blank(*end)) end++;
	size_t length = (size_t)(end - from);
	if (length == 0 || length >= size) return false;
	memcpy(word, from, length);
	word[length] = '\0';
	*text = end;
	return true;
}

/* ---- tables --------------------------------------------------------------- */

typedef struct reading {
	const char *start, *at;
	repl_text *out;
	char *why;
	size_t why_size;
	int depth;
} reading;

/* Blanks, and comments of Lua's to the end of their line. */
static void skip(reading *r) {
	for (;;) {
		r->at = repl_skip(r->at);
		if (r->at[0] != '-' || r->at[1] != '-') return;
		while (*r->at != '\0' && *r->at != '\n') r->at++;
	}
}

static bool wrong(reading *r, const char *expected) {
	char near[24];
	size_t size = strcspn(r->at, "\n");
	snprintf(near, sizeof near, "%.*s", (int)(size < 20 ? size : 20), r->at);
	if (*r->at == '\0')
		snprintf(r->why, r->why_size, "the table ends too early: expected %s", expected);
	else
		snprintf(r->why, r->why_size, "expected %s before `%s`", expected, near);
	return false;
}

static bool is_name_start(char c) {
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name(char c) {
	return is_name_start(c) || (c >= '0' && c <= '9');
}

static size_t put_utf8(char out[4], unsigned long c) {
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xE0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3F));
		out[2] = (char)(0x80 | (c & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3F));
	out[2] = (char)(0x80 | (c >> 6 & 0x3F));
	out[3] = (char)(0x80 | (c & 0x3F));
	return 4;
}

static bool hex(const char *from, size_t digits, unsigned long *out) {
	*out = 0;
	for (size_t i = 0; i < digits; i++) {
		char c = from[i];
		unsigned long digit = c >= '0' && c <= '9'   ? (unsigned long)(c - '0')
		                      : c >= 'a' && c <= 'f' ? (unsigned long)(c - 'a' + 10)
		                      : c >= 'A' && c <= 'F' ? (unsigned long)(c - 'A' + 10)
		                                             : 16;
		if (digit == 16) return false;
		*out = *out * 16 + digit;
	}
	return true;
}

/* \uXXXX of JSON, two of them where they are a pair, and \u{XXX} of Lua. */
static bool escaped_character(reading *r, repl_text *raw) {
	unsigned long c, low;
	if (r->at[1] == '{') {
		const char *end = strchr(r->at, '}');
		size_t digits = end != NULL ? (size_t)(end - r->at) - 2 : 0;
		if (digits == 0 || digits > 6 || !hex(r->at + 2, digits, &c) || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
			return wrong(r, "a character as \\u{1F600}");
		r->at = end + 1;
	} else {
		if (!hex(r->at + 1, 4, &c)) return wrong(r, "four hexadecimal digits behind \\u");
		r->at += 5;
		if (c >= 0xD800 && c < 0xDC00 && r->at[0] == '\\' && r->at[1] == 'u' && hex(r->at + 2, 4, &low) && low >= 0xDC00 && low < 0xE000) {
			c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
			r->at += 6;
		}
		if (c >= 0xD800 && c < 0xE000) return wrong(r, "the other half of a pair");
	}
	char bytes[4];
	repl_text_add(raw, bytes, put_utf8(bytes, c));
	return true;
}

static bool quoted(reading *r, repl_text *raw) {
	static const char escapes[] = "n\nt\tr\rb\bf\fa\av\v\\\\\"\"''//\n\n";
	char quote = *r->at++;
	while (*r->at != quote) {
		if (*r->at == '\0') return wrong(r, quote == '"' ? "the closing \"" : "the closing '");
		if (*r->at != '\\') {
			repl_text_add(raw, r->at++, 1);
			continue;
		}
		r->at++;
		if (*r->at == 'u') {
			if (!escaped_character(r, raw)) return false;
			continue;
		}
		const char *found = NULL;
		for (const char *e = escapes; *e != '\0' && found == NULL; e += 2)
			if (*e == *r->at) found = e + 1;
		if (*r->at == '\0' || found == NULL) return wrong(r, "an escape such as \\n or \\\"");
		repl_text_add(raw, found, 1);
		r->at++;
	}
	r->at++;
	return true;
}

static bool put_quoted(reading *r) {
	repl_text raw = {0};
	bool is_good = quoted(r, &raw);
	if (is_good) repl_text_json(r->out, repl_text_of(&raw), raw.size);
	repl_text_dispose(&raw);
	return is_good;
}

/* JSON's own shape of a number; what Lua writes otherwise (hexadecimal, ".5") is said to be none. */
static bool number(reading *r) {
	const char *from = r->at, *at = from;
	if (*at == '-') at++;
	const char *digits = at;
	while (*at >= '0' && *at <= '9') at++;
	bool is_good = at > digits && (digits[0] != '0' || at == digits + 1);
	if (is_good && *at == '.') {
		const char *fraction = ++at;
		while (*at >= '0' && *at <= '9') at++;
		is_good = at > fraction;
	}
	if (is_good && (*at == 'e' || *at == 'E')) {
		at++;
		if (*at == '+' || *at == '-') at++;
		const char *power = at;
		while (*at >= '0' && *at <= '9') at++;
		is_good = at > power;
	}
	if (!is_good || is_name(*at) || *at == '.') return wrong(r, "a number such as 3, -0.8 or 1e6");
	repl_text_add(r->out, from, (size_t)(at - from));
	r->at = at;
	return true;
}

static bool value(reading *r);

/* name =, ["name"] =, "name": — false with r->why empty: it is none of them, and nothing was taken. */
static bool key(reading *r, bool *is_key) {
	const char *before = r->at;
	repl_text raw = {0};
	bool is_good = true;
	*is_key = false;
	if (is_name_start(*r->at)) {
		while (is_name(*r->at)) repl_text_add(&raw, r->at++, 1);
	} else if (*r->at == '[') {
		r->at++;
		skip(r);
		is_good = (*r->at == '"' || *r->at == '\'') && quoted(r, &raw);
		skip(r);
		is_good = is_good && *r->at == ']';
		if (is_good) r->at++;
	} else if (*r->at == '"' || *r->at == '\'') {
		is_good = quoted(r, &raw);
	} else {
		is_good = false;
	}
	if (is_good) skip(r);
	*is_key = is_good && ((*r->at == '=' && r->at[1] != '=') || *r->at == ':');
	if (*is_key) {
		r->at++;
		repl_text_json(r->out, repl_text_of(&raw), raw.size);
		repl_text_put(r->out, ":");
	} else {
		r->at = before;
		r->why[0] = '\0';
	}
	repl_text_dispose(&raw);
	return *is_key;
}

static bool table(reading *r) {
	char opening = *r->at, closing = opening == '{' ? '}' : ']';
	if (++r->depth > MOST_DEPTH) return wrong(r, "fewer tables within tables");
	r->at++;
	size_t begun = r->out->size, count = 0;
	bool is_map = opening == '{';
	repl_text_put(r->out, "{");
	for (skip(r); *r->at != closing; skip(r), count++) {
		if (*r->at == '\0') return wrong(r, closing == '}' ? "a closing }" : "a closing ]");
		if (count > 0) repl_text_put(r->out, ",");
		bool is_key = false;
		const char *member = r->at;
		if (opening == '{') key(r, &is_key);
		if (count == 0) is_map = is_key;
		if (is_key != is_map) r->at = member;
		if (is_key != is_map) return wrong(r, is_map ? "name = value, as the others have it" : "a value without a name, as the others are");
		if (!value(r)) return false;
		skip(r);
		if (*r->at == ',' || *r->at == ';')
			r->at++;
		else if (*r->at != closing)
			return wrong(r, closing == '}' ? "a comma or }" : "a comma or ]");
	}
	r->at++;
	if (count == 0) is_map = opening == '{';
	r->out->bytes[begun] = is_map ? '{' : '[';
	repl_text_put(r->out, is_map ? "}" : "]");
	r->depth--;
	return true;
}

static bool word_is(const reading *r, const char *word) {
	size_t size = strlen(word);
	return strncmp(r->at, word, size) == 0 && !is_name(r->at[size]);
}

static bool value(reading *r) {
	static const struct { const char *word, *json; } words[] = {{"true", "true"}, {"false", "false"}, {"nil", "null"}, {"null", "null"}};
	skip(r);
	if (*r->at == '{' || *r->at == '[') return table(r);
	if (*r->at == '"' || *r->at == '\'') return put_quoted(r);
	if (*r->at == '-' || (*r->at >= '0' && *r->at <= '9')) return number(r);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (!word_is(r, words[i].word)) continue;
		repl_text_put(r->out, words[i].json);
		r->at += strlen(words[i].word);
		return true;
	}
	return wrong(r, is_name_start(*r->at) ? "a text in quotes, a number, true, false or a table" : "a value");
}

bool repl_table(const char **text, repl_text *out, char *why, size_t why_size) {
	reading r = {*text, *text, out, why, why_size, 0};
	skip(&r);
	if (*r.at != '{') return wrong(&r, "a table: { name = value, … }");
	if (!table(&r)) return false;
	*text = r.at;
	return true;
}

bool repl_value(const char **text, repl_text *out, char *why, size_t why_size) {
	reading r = {*text, *text, out, why, why_size, 0};
	skip(&r);
	bool is_word = is_name_start(*r.at) && !word_is(&r, "true") && !word_is(&r, "false") && !word_is(&r, "nil") && !word_is(&r, "null");
	if (is_word) {
		const char *from = r.at;
		while (*r.at != '\0' && !is_blank(*r.at)) r.at++;
		repl_text_json(out, from, (size_t)(r.at - from));
	} else if (!value(&r)) {
		return false;
	}
	*text = r.at;
	return true;
}

bool repl_name(const char **text, char *name, size_t size) {
	const char *at = repl_skip(*text);
	char why[8];
	repl_text raw = {0};
	if (*at != '"' && *at != '\'') return repl_word(text, name, size);
	reading r = {at, at, NULL, why, sizeof why, 0};
	bool is_good = quoted(&r, &raw) && raw.size > 0 && raw.size < size;
	if (is_good) {
		memcpy(name, raw.bytes, raw.size + 1);
		*text = r.at;
	}
	repl_text_dispose(&raw);
	return is_good;
}
