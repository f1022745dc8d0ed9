/* SPDX-License-Identifier: MIT */
/*
 * Decides which texts are handed to Lua at all: text, never bytecode; valid
 * UTF-8; and no power operator, whose last bit depends on the machine's
 * library. The compiler folds constant powers away, so the operator is looked
 * for in the text, outside of strings and comments.
 */

#include "lua/source.h"

#include <string.h>

#include "base/text.h"

typedef struct scanner {
	const char *next;
	const char *end;
	uint32_t line;
} scanner;

static bool starts_with(const scanner *s, const char *text) {
	size_t size = strlen(text);
	return (size_t)(s->end - s->next) >= size && memcmp(s->next, text, size) == 0;
}

static void step(scanner *s) {
	if (*s->next == '\n') s->line++;
	s->next++;
}

/* "[[" or "[==[": how many "=", or -1. */
static int long_bracket(const scanner *s) {
	const char *at = s->next;
	if (at >= s->end || *at != '[') return -1;
	int level = 0;
	for (at++; at < s->end && *at == '='; at++) level++;
	return at < s->end && *at == '[' ? level : -1;
}

static void skip_long(scanner *s, int level) {
	s->next += level + 2;
	while (s->next < s->end) {
		if (*s->next == ']') {
			const char *at = s->next + 1;
			int count = 0;
			while (at < s->end && *at == '=' && count < level) at++, count++;
			if (count == level && at < s->end && *at == ']') {
				s->next = at + 1;
				return;
			}
		}
		step(s);
	}
}

static void skip_short(scanner *s) {
	char quote = *s->next++;
	while (s->next < s->end && *s->next != quote) {
		if (*s->next == '\\' && s->next + 1 < s->end) step(s);
		step(s);
	}
	if (s->next < s->end) s->next++;
}

static void skip_comment(scanner *s) {
	s->next += 2;
	int level = long_bracket(s);
	if (level >= 0) {
		skip_long(s, level);
		return;
	}
	while (s->next < s->end && *s->next != '\n') s->next++;
}

static void look_for_powers(const char *file, const char *source, size_t size, apl_findings *findings) {
	scanner s = {source, source + size, 1};
	while (s.next < s.end) {
		if (starts_with(&s, "--")) {
			skip_comment(&s);
		} else if (*s.next == '"' || *s.next == '\'') {
			skip_short(&s);
		} else if (long_bracket(&s) >= 0) {
			skip_long(&s, long_bracket(&s));
		} else {
			if (*s.next == '^')
				apl_found(findings, APLOMB_ERROR, "bad-operator", (apl_place){file, s.line, 0},
				    "the operator ^ gives other last digits on other machines, so no replay could repeat it; multiply instead");
			step(&s);
		}
	}
}

static uint32_t line_at(const char *source, size_t offset) {
	uint32_t line = 1;
	for (size_t i = 0; i < offset; i++) line += source[i] == '\n';
	return line;
}

bool apl_source_check(const char *file, const char **source, size_t *size, apl_findings *findings) {
	if (*size >= 3 && memcmp(*source, "\xef\xbb\xbf", 3) == 0) *source += 3, *size -= 3;
	if (*size > 0 && **source == '\x1b') {
		apl_found(
		    findings, APLOMB_ERROR, "bytecode", (apl_place){file, 1, 0}, "this is compiled Lua; a playbook is loaded from its text only");
		return false;
	}
	if (*size > 0 && **source == '#') {
		const char *end = memchr(*source, '\n', *size);
		size_t skipped = end != NULL ? (size_t)(end - *source) : *size;
		*source += skipped, *size -= skipped;
	}
	size_t valid = apl_utf8_valid(*source, *size);
	if (valid != *size) {
		apl_found(findings, APLOMB_ERROR, "source-text", (apl_place){file, line_at(*source, valid), 0},
		    "the file is not valid UTF-8 here; save it as UTF-8");
		return false;
	}
	look_for_powers(file, *source, *size, findings);
	return true;
}

static void skip_blanks(scanner *s) {
	while (s->next < s->end && (*s->next == ' ' || *s->next == '\t')) s->next++;
}

bool apl_source_forgets_word(const char *source, size_t size, uint32_t line) {
	scanner s = {source, source + size, 1};
	while (s.next < s.end && s.line < line) step(&s);
	skip_blanks(&s);
	if (s.next >= s.end || (*s.next != '"' && *s.next != '\'')) return false;
	skip_short(&s);
	skip_blanks(&s);
	return s.next < s.end && *s.next == '{';
}
