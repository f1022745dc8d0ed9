/* SPDX-License-Identifier: MIT */
/*
 * Decides where each token of a Lua file begins and ends, as Lua 5.4's own
 * reader would, and what a text is worth. What tokens amount to is places.c's.
 */

#include "lua/lexer.h"

#include <math.h>
#include <string.h>

#include "value/number.h"

/* ---- characters: Lua's own classes, whatever the locale ---------------------- */

static bool is_digit(int c) {
	return c >= '0' && c <= '9';
}

static int hex_digit(int c) {
	if (is_digit(c)) return c - '0';
	if (c >= 'a' && c <= 'f') return c - 'a' + 10;
	if (c >= 'A' && c <= 'F') return c - 'A' + 10;
	return -1;
}

static bool is_letter(int c) {
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_newline(int c) {
	return c == '\n' || c == '\r';
}

static bool is_space(int c) {
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* ---- going through the source ---------------------------------------------------- */

void apl_lexer_init(apl_lexer *lexer, const char *source, size_t size) {
	*lexer = (apl_lexer){source, size < UINT32_MAX ? (uint32_t)size : UINT32_MAX - 1, 0, 1, 0, 1};
}

/* The character [ahead] of the next, or -1 beyond the end. */
static int look(const apl_lexer *lx, uint32_t ahead) {
	return ahead < lx->size - lx->next ? (unsigned char)lx->source[lx->next + ahead] : -1;
}

/* The line break that comes next, of one or two characters. */
static void take_newline(apl_lexer *lx) {
	int first = look(lx, 0), second = look(lx, 1);
	lx->next += is_newline(second) && second != first ? 2 : 1;
	lx->line++;
	lx->counted = lx->next;
	lx->column = 1;
}

/* Counts on from where columns were counted last: all of a line once, however many tokens it has. */
static void count_columns(apl_lexer *lx) {
	for (; lx->counted < lx->next; lx->counted++) lx->column += ((unsigned char)lx->source[lx->counted] & 0xc0) != 0x80;
}

/* "[[" or "[==[" comes next: how many "=", or -1. "[=" without a second bracket: -2. */
static int long_bracket(const apl_lexer *lx) {
	if (look(lx, 0) != '[') return -1;
	uint32_t level = 0;
	while (look(lx, level + 1) == '=') level++;
	if (look(lx, level + 1) == '[') return level < INT32_MAX ? (int)level : -2;
	return level == 0 ? -1 : -2;
}

/* Behind "[==[": until "]==]". false: there is none. [*is_plain]: no line break was written in another way than as "\n". */
static bool take_long(apl_lexer *lx, uint32_t level, bool *is_plain) {
	lx->next += level + 2;
	if (is_newline(look(lx, 0))) take_newline(lx);
	*is_plain = true;
	for (int c; (c = look(lx, 0)) >= 0;) {
		if (is_newline(c)) {
			if (c != '\n' || look(lx, 1) == '\r') *is_plain = false;
			take_newline(lx);
			continue;
		}
		lx->next++;
		if (c != ']') continue;
		uint32_t count = 0;
		while (count < level && look(lx, count) == '=') count++;
		if (count == level && look(lx, count) == ']') {
			lx->next += level + 1;
			return true;
		}
		lx->next += count; /* "=" cannot begin the end of it */
	}
	return false;
}

static void skip_comment(apl_lexer *lx) {
	bool ignored;
	lx->next += 2;
	int level = long_bracket(lx);
	if (level >= 0) {
		take_long(lx, (uint32_t)level, &ignored);
		return;
	}
	while (look(lx, 0) >= 0 && !is_newline(look(lx, 0))) lx->next++;
}

static void skip_blanks(apl_lexer *lx) {
	for (;;) {
		int c = look(lx, 0);
		if (is_newline(c))
			take_newline(lx);
		else if (is_space(c))
			lx->next++;
		else if (c == '-' && look(lx, 1) == '-')
			skip_comment(lx);
		else
			return;
	}
}

/* ---- tokens ------------------------------------------------------------------------ */

/* Behind "\u": the code in braces; false when there is none, or it is beyond 2^31. */
static bool take_code(apl_lexer *lx) {
	uint32_t code = 0;
	if (look(lx, 0) != '{' || hex_digit(look(lx, 1)) < 0) return false;
	for (lx->next++; hex_digit(look(lx, 0)) >= 0; lx->next++) {
		if (code > 0x7fffffffu >> 4) return false;
		code = code << 4 | (uint32_t)hex_digit(look(lx, 0));
	}
	if (look(lx, 0) != '}') return false;
	lx->next++;
	return true;
}

/* Behind a backslash. false: Lua knows no such escape. */
static bool take_escape(apl_lexer *lx) {
	int c = look(lx, 0);
	if (is_newline(c)) {
		take_newline(lx);
		return true;
	}
	if (is_digit(c)) {
		int value = 0;
		for (int i = 0; i < 3 && is_digit(look(lx, 0)); i++, lx->next++) value = value * 10 + look(lx, 0) - '0';
		return value <= UINT8_MAX;
	}
	if (c < 0 || c == 0 || strchr("abfnrtv\\\"'xuz", c) == NULL) return false;
	lx->next++;
	if (c == 'u') return take_code(lx);
	if (c == 'x') {
		if (hex_digit(look(lx, 0)) < 0 || hex_digit(look(lx, 1)) < 0) return false;
		lx->next += 2;
	}
	while (c == 'z' && is_space(look(lx, 0))) {
		if (is_newline(look(lx, 0)))
			take_newline(lx);
		else
			lx->next++;
	}
	return true;
}

/* From a quote on. A text that is wrong ends where it goes wrong. */
static void take_short(apl_lexer *lx, apl_token *token) {
	int quote = look(lx, 0);
	token->is_plain = true;
	lx->next++;
	for (int c; (c = look(lx, 0)) != quote;) {
		if (c < 0 || is_newline(c)) {
			token->kind = APL_TOKEN_WRONG;
			return;
		}
		lx->next++;
		if (c != '\\') continue;
		token->is_plain = false;
		if (take_escape(lx)) continue;
		token->kind = APL_TOKEN_WRONG;
		return;
	}
	lx->next++;
	token->kind = APL_TOKEN_TEXT;
}

/* Is what Lua takes for a number one? */
static bool is_number(const char *text, uint32_t size) {
	uint32_t at = 0, digits = 0;
	bool is_hex = size > 1 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	if (is_hex) at = 2;
	for (bool has_point = false; at < size; at++) {
		if (text[at] == '.' && !has_point)
			has_point = true;
		else if (is_hex ? hex_digit(text[at]) >= 0 : is_digit(text[at]))
			digits++;
		else
			break;
	}
	if (digits == 0) return false;
	if (at == size) return true;
	if ((text[at] | 0x20) != (is_hex ? 'p' : 'e')) return false;
	at++;
	if (at < size && (text[at] == '+' || text[at] == '-')) at++;
	digits = 0;
	for (; at < size && is_digit(text[at]); at++) digits++;
	return digits > 0 && at == size;
}

/* As Lua reads one: everything that could belong to it, and then it is a number or wrong. */
static void take_number(apl_lexer *lx, apl_token *token) {
	int exponent = 'e';
	int first = look(lx, 0);
	lx->next++;
	if (first == '0' && (look(lx, 0) | 0x20) == 'x') {
		exponent = 'p';
		lx->next++;
	}
	for (;;) {
		int c = look(lx, 0);
		if (c >= 0 && (c | 0x20) == exponent) {
			lx->next++;
			if (look(lx, 0) == '+' || look(lx, 0) == '-') lx->next++;
		} else if (hex_digit(c) >= 0 || c == '.') {
			lx->next++;
		} else {
			break;
		}
	}
	/* A letter that touches it makes it wrong. */
	bool touches = is_letter(look(lx, 0));
	while (is_letter(look(lx, 0)) || is_digit(look(lx, 0))) lx->next++;
	bool is_good = !touches && is_number(lx->source + token->offset, lx->next - token->offset);
	token->kind = is_good ? APL_TOKEN_NUMBER : APL_TOKEN_WRONG;
}

static const char *const keywords[APL_LUA_KEYWORDS] = {"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto",
    "if", "in", "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while"};

static void take_name(apl_lexer *lx, apl_token *token) {
	while (is_letter(look(lx, 0)) || is_digit(look(lx, 0))) lx->next++;
	const char *text = lx->source + token->offset;
	uint32_t size = lx->next - token->offset;
	token->kind = APL_TOKEN_NAME;
	for (uint8_t i = 0; i < APL_LUA_KEYWORDS; i++) {
		if (keywords[i][0] != text[0] || strlen(keywords[i]) != size || memcmp(keywords[i], text, size) != 0) continue;
		token->kind = APL_TOKEN_KEYWORD;
		token->symbol = i;
		return;
	}
}

/* Longer signs before those they begin with. */
static const struct {
	char text[4];
	uint8_t symbol;
} signs[] = {{"...", APL_SIGN_ELLIPSIS}, {"..", APL_SIGN_CONCAT}, {"::", APL_SIGN_LABEL}, {"//", APL_SIGN_DOUBLE_SLASH},
    {"==", APL_SIGN_EQUAL}, {"~=", APL_SIGN_NOT_EQUAL}, {"<=", APL_SIGN_LESS_EQUAL}, {">=", APL_SIGN_GREATER_EQUAL},
    {"<<", APL_SIGN_SHIFT_LEFT}, {">>", APL_SIGN_SHIFT_RIGHT}, {"+", APL_SIGN_PLUS}, {"-", APL_SIGN_MINUS}, {"*", APL_SIGN_TIMES},
    {"/", APL_SIGN_SLASH}, {"%", APL_SIGN_PERCENT}, {"^", APL_SIGN_POWER}, {"#", APL_SIGN_LENGTH}, {"&", APL_SIGN_AMPERSAND},
    {"~", APL_SIGN_TILDE}, {"|", APL_SIGN_BAR}, {"<", APL_SIGN_LESS}, {">", APL_SIGN_GREATER}, {"=", APL_SIGN_ASSIGN},
    {"(", APL_SIGN_OPEN_PAREN}, {")", APL_SIGN_CLOSE_PAREN}, {"{", APL_SIGN_OPEN_BRACE}, {"}", APL_SIGN_CLOSE_BRACE},
    {"[", APL_SIGN_OPEN_BRACKET}, {"]", APL_SIGN_CLOSE_BRACKET}, {";", APL_SIGN_SEMICOLON}, {":", APL_SIGN_COLON}, {",", APL_SIGN_COMMA},
    {".", APL_SIGN_DOT}};

static void take_sign(apl_lexer *lx, apl_token *token) {
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		uint32_t at = 0;
		while (signs[i].text[at] != '\0' && look(lx, at) == (unsigned char)signs[i].text[at]) at++;
		if (signs[i].text[at] != '\0') continue;
		lx->next += at;
		token->kind = APL_TOKEN_SIGN;
		token->symbol = signs[i].symbol;
		return;
	}
	/* A character that Lua has no use for, whole. */
	lx->next++;
	while (look(lx, 0) >= 0 && (look(lx, 0) & 0xc0) == 0x80) lx->next++;
	token->kind = APL_TOKEN_WRONG;
}

apl_token apl_lexer_next(apl_lexer *lx) {
	skip_blanks(lx);
	count_columns(lx);
	apl_token token = {APL_TOKEN_END, APL_SYMBOLS, false, 0, lx->next, 0, lx->line, lx->column};
	int c = look(lx, 0);
	if (c < 0) return token;
	int level = long_bracket(lx);
	if (level >= 0) {
		token.level = (uint32_t)level;
		token.kind = take_long(lx, token.level, &token.is_plain) ? APL_TOKEN_LONG_TEXT : APL_TOKEN_WRONG;
	} else if (level == -2) {
		lx->next++;
		while (look(lx, 0) == '=') lx->next++;
		token.kind = APL_TOKEN_WRONG;
	} else if (c == '"' || c == '\'') {
		take_short(lx, &token);
	} else if (is_digit(c) || (c == '.' && is_digit(look(lx, 1)))) {
		take_number(lx, &token);
	} else if (is_letter(c)) {
		take_name(lx, &token);
	} else {
		take_sign(lx, &token);
	}
	token.size = lx->next - token.offset;
	return token;
}

apl_token apl_token_at(const char *source, size_t size, uint32_t offset) {
	apl_lexer lexer;
	apl_lexer_init(&lexer, source, size);
	lexer.next = lexer.counted = offset < lexer.size ? offset : lexer.size;
	return apl_lexer_next(&lexer);
}

/* ---- what texts are worth ----------------------------------------------------------------- */

void apl_token_inside(const char *source, const apl_token *text, uint32_t *from, uint32_t *to) {
	*from = text->offset + 1;
	*to = text->offset + text->size - 1;
	if (text->kind != APL_TOKEN_LONG_TEXT) return;
	*from += text->level + 1;
	*to -= text->level + 1;
	if (*from >= *to || !is_newline(source[*from])) return;
	bool is_pair = *from + 1 < *to && is_newline(source[*from + 1]) && source[*from + 1] != source[*from];
	*from += is_pair ? 2 : 1;
}

/* As Lua writes a code, up to 2^31: UTF-8, and on beyond it by the same rule. */
static void add_code(apl_buf *out, uint32_t code) {
	char bytes[8];
	size_t count = 1;
	if (code < 0x80) {
		bytes[7] = (char)code;
	} else {
		uint32_t first = 0x3f; /* the most that fits beside the marks of the first byte */
		do {
			bytes[8 - count++] = (char)(0x80 | (code & 0x3f));
			code >>= 6;
			first >>= 1;
		} while (code > first);
		bytes[8 - count] = (char)(uint8_t)(~first << 1 | code);
	}
	apl_buf_add(out, bytes + 8 - count, count);
}

static char simple_escape(char c) {
	switch (c) {
	case 'a': return '\a';
	case 'b': return '\b';
	case 'f': return '\f';
	case 'n': return '\n';
	case 'r': return '\r';
	case 't': return '\t';
	case 'v': return '\v';
	default: return c;
	}
}

/* [at] stands behind a backslash; returns behind the escape. The lexer has seen that it is a good one. */
static const char *add_escape(const char *at, const char *end, apl_buf *out) {
	if (is_newline(*at)) {
		apl_buf_byte(out, '\n');
		return at + (at + 1 < end && is_newline(at[1]) && at[1] != at[0] ? 2 : 1);
	}
	if (is_digit(*at)) {
		int value = 0;
		for (int i = 0; i < 3 && at < end && is_digit(*at); i++) value = value * 10 + *at++ - '0';
		apl_buf_byte(out, (char)(uint8_t)value);
		return at;
	}
	switch (*at) {
	case 'x': apl_buf_byte(out, (char)(uint8_t)(hex_digit(at[1]) << 4 | hex_digit(at[2]))); return at + 3;
	case 'z':
		for (at++; at < end && is_space(*at);) at++;
		return at;
	case 'u': {
		uint32_t code = 0;
		for (at += 2; *at != '}'; at++) code = code << 4 | (uint32_t)hex_digit(*at);
		add_code(out, code);
		return at + 1;
	}
	default: apl_buf_byte(out, simple_escape(*at)); return at + 1;
	}
}

void apl_token_value(const char *source, const apl_token *text, apl_buf *out) {
	uint32_t from, to;
	apl_token_inside(source, text, &from, &to);
	const char *at = source + from;
	const char *end = source + to;
	if (text->is_plain) {
		apl_buf_add(out, at, (size_t)(end - at));
		return;
	}
	while (at < end) {
		const char *start = at;
		while (at < end && *at != '\\' && !is_newline(*at)) at++;
		apl_buf_add(out, start, (size_t)(at - start));
		if (at == end) break;
		if (*at == '\\' && text->kind == APL_TOKEN_TEXT) {
			at = add_escape(at + 1, end, out);
		} else if (*at == '\\') {
			apl_buf_byte(out, *at++);
		} else {
			apl_buf_byte(out, '\n');
			at += at + 1 < end && is_newline(at[1]) && at[1] != at[0] ? 2 : 1;
		}
	}
}

/* ---- what numbers are worth ----------------------------------------------------------------- */

static apl_token_number hexadecimal(const char *text, const char *end, int64_t *integer) {
	uint64_t value = 0;
	for (text += 2; text < end; text++) {
		if (hex_digit(*text) < 0) return APL_NUMBER_UNREAD;
		value = value << 4 | (uint64_t)hex_digit(*text); /* wraps around, as in Lua */
	}
	*integer = (int64_t)value;
	return APL_NUMBER_INTEGER;
}

/* Digits alone that 64 bits hold. */
static bool decimal(const char *text, const char *end, int64_t *integer) {
	int64_t value = 0;
	for (; text < end; text++) {
		if (!is_digit(*text) || __builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *text - '0', &value))
			return false;
	}
	*integer = value;
	return true;
}

apl_token_number apl_token_to_number(const char *source, const apl_token *number, int64_t *integer, double *real) {
	const char *at = source + number->offset;
	const char *end = at + number->size;
	if (number->size > 1 && (at[1] | 0x20) == 'x') return hexadecimal(at, end, integer);
	if (decimal(at, end, integer)) return APL_NUMBER_INTEGER;
	char digits[APL_NUMBER_SIGNIFICANT];
	size_t count = 0;
	int64_t point = 0, exponent = 0;
	bool has_point = false;
	for (; at < end && (is_digit(*at) || *at == '.'); at++) {
		if (*at == '.') {
			has_point = true;
		} else if (count == 0 && *at == '0') {
			point -= has_point; /* zeros before the first digit that counts */
		} else {
			if (count == sizeof digits) return APL_NUMBER_UNREAD;
			digits[count++] = *at;
			point += !has_point;
		}
	}
	if (at < end) {
		bool is_negative = at[1] == '-';
		for (at += at[1] == '-' || at[1] == '+' ? 2 : 1; at < end; at++)
			if (exponent < 100000000) exponent = exponent * 10 + *at - '0';
		point += is_negative ? -exponent : exponent;
	}
	*real = count > 0 ? apl_number_compose(digits, count, point) : 0;
	return APL_NUMBER_FLOAT;
}
