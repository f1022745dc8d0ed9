/* SPDX-License-Identifier: MIT */
/*
 * Decides which texts are handed to Lua at all: text, never bytecode; not too
 * long; valid UTF-8; not so many conditions that compiling them takes for
 * ever; and no power operator, whose last bit depends on the machine's library. The compiler folds constant powers away, so the operator is
 * looked for in the text, outside of strings and comments.
 */

#include "lua/source.h"

#include <string.h>

#include "base/text.h"
#include "lua/lexer.h"

/* Lua's compiler goes through all jumps of a condition, or of an "if", to add another one. */
enum { MOST_JUMPS = 32768 };

/* false: there are so many jumps that compiling them would take too long. */
static bool look_at_tokens(const char *file, const char *source, size_t size, apl_findings *findings) {
	apl_lexer lexer;
	uint32_t jumps = 0;
	apl_lexer_init(&lexer, source, size);
	for (apl_token token; (token = apl_lexer_next(&lexer)).kind != APL_TOKEN_END;) {
		bool is_jump = token.kind == APL_TOKEN_KEYWORD &&
		               (token.symbol == APL_LUA_AND || token.symbol == APL_LUA_OR || token.symbol == APL_LUA_ELSEIF);
		if (is_jump && ++jumps > MOST_JUMPS) {
			apl_found(findings, APLOMB_ERROR, "limit-source", (apl_place){file, token.line, token.column},
			    "the file has more than %d of \"and\", \"or\" and \"elseif\"; divide it into modules", MOST_JUMPS);
			return false;
		}
		if (token.symbol == APL_SIGN_POWER)
			apl_found(findings, APLOMB_ERROR, "bad-operator", (apl_place){file, token.line, token.column},
			    "the operator ^ gives other last digits on other machines, so no replay could repeat it; multiply instead");
	}
	return true;
}

/* Where the byte at [offset] stands. */
static apl_place place_of(const char *file, const char *source, size_t offset) {
	apl_place place = {file, 1, 1};
	for (size_t i = 0; i < offset; i++) {
		if (source[i] == '\n') {
			place.line++;
			place.column = 1;
		} else {
			place.column += ((unsigned char)source[i] & 0xc0) != 0x80;
		}
	}
	return place;
}

bool apl_source_check(const char *file, const char **source, size_t *size, apl_findings *findings) {
	if (*size > APL_SOURCE_MOST) {
		apl_found(findings, APLOMB_ERROR, "limit-source", (apl_place){file, 1, 1},
		    "the file has %zu bytes, and the loader reads at most %zu; divide it into modules", *size, APL_SOURCE_MOST);
		return false;
	}
	if (*size >= 3 && memcmp(*source, "\xef\xbb\xbf", 3) == 0) *source += 3, *size -= 3;
	if (*size > 0 && **source == '\x1b') {
		apl_found(
		    findings, APLOMB_ERROR, "bytecode", (apl_place){file, 1, 1}, "this is compiled Lua; a playbook is loaded from its text only");
		return false;
	}
	if (*size > 0 && **source == '#') {
		const char *end = memchr(*source, '\n', *size);
		size_t skipped = end != NULL ? (size_t)(end - *source) : *size;
		*source += skipped, *size -= skipped;
	}
	size_t valid = apl_utf8_valid(*source, *size);
	if (valid != *size) {
		apl_found(
		    findings, APLOMB_ERROR, "source-text", place_of(file, *source, valid), "the file is not valid UTF-8 here; save it as UTF-8");
		return false;
	}
	return look_at_tokens(file, *source, *size, findings);
}

bool apl_source_forgets_word(const char *source, size_t size, uint32_t line) {
	apl_lexer lexer;
	apl_lexer_init(&lexer, source, size);
	apl_token token;
	do token = apl_lexer_next(&lexer);
	while (token.kind != APL_TOKEN_END && token.line < line);
	if (token.line != line || token.kind != APL_TOKEN_TEXT) return false;
	return apl_lexer_next(&lexer).symbol == APL_SIGN_OPEN_BRACE;
}
