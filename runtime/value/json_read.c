/* SPDX-License-Identifier: MIT */
/*
 * Decides which texts are JSON and what tape they make (json.h, docs/json.md).
 * It does not decide what the values mean, nor which members are wanted.
 *
 * One pass, no recursion. While a container is open its cell's as.end holds
 * the cell of the container around it, so the tape is its own stack; closing
 * puts the true end there. Lines and columns are counted only when something
 * is refused.
 */
#include "value/json.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "value/number.h"
#include "value/scan.h"

enum { DEPTH = 64 };
#define SIZE ((size_t)1024 * 1024)
#define NO_CELL UINT32_MAX

void apl_tape_init(apl_tape *tape, const apl_alloc *alloc) {
	*tape = (apl_tape){.alloc = *alloc};
	apl_arena_init(&tape->arena, alloc);
}

void apl_tape_dispose(apl_tape *tape) {
	apl_alloc alloc = tape->alloc;
	apl_free(&alloc, tape->cells, tape->capacity * sizeof *tape->cells);
	apl_arena_dispose(&tape->arena);
	apl_tape_init(tape, &alloc);
}

uint32_t apl_tape_find(const apl_tape *tape, uint32_t map, const char *name, size_t size) {
	const apl_cell *cell = &tape->cells[map];
	if (cell->kind != APLOMB_MAP) return 0;
	uint32_t found = 0;
	for (uint32_t at = map + 1; at < cell->as.end; at = apl_tape_next(tape, at + 1)) {
		const apl_cell *member = &tape->cells[at];
		if (member->count == size && (size == 0 || memcmp(member->as.text, name, size) == 0)) found = at + 1;
	}
	return found;
}

/* What does not change while one text is read. */
typedef struct reader {
	apl_tape *tape;
	const char *start;
	const char *end;
	aplomb_error *error;
	int code; /* of the failure, once something was refused */
} reader;

/* ---- refusing ---------------------------------------------------------- */

/* What stands at [at], for a message. */
static void describe(const reader *r, const char *at, char *out, size_t size) {
	if (at == r->end) {
		snprintf(out, size, "the end of the text");
		return;
	}
	unsigned char byte = (unsigned char)*at;
	size_t left = (size_t)(r->end - at);
	size_t length = 1;
	if (byte > 0x7F) {
		while (length < 4 && length < left && ((unsigned char)at[length] & 0xC0) == 0x80) length++;
	}
	if (byte < 0x20 || byte == 0x7F || apl_utf8_valid(at, length) != length)
		snprintf(out, size, "the byte 0x%02X", byte);
	else if (byte == '"')
		snprintf(out, size, "a text");
	else
		snprintf(out, size, "\"%.*s\"", (int)length, at);
}

static apl_place place_of(const reader *r, const char *at) {
	apl_place place = {NULL, 1, 1};
	for (const char *c = r->start; c < at; c++) {
		if (*c == '\n') {
			place.line++;
			place.column = 1;
		} else if (((unsigned char)*c & 0xC0) != 0x80) {
			place.column++;
		}
	}
	return place;
}

/* Refuses for what stands at [at]: [fact] is a sentence; with [found] it ends in what was found. Returns NULL. */
__attribute__((noinline, cold)) static const char *refuse(reader *r, const char *at, const char *slug, const char *fact, bool found) {
	char what[48] = "";
	if (found) describe(r, at, what, sizeof what);
	r->code = apl_fail_at(r->error, APLOMB_EJSON, slug, place_of(r, at), "%s%s%s", fact, found ? ", found " : "", what);
	return NULL;
}

static const char *expected(reader *r, const char *at, const char *fact) {
	return refuse(r, at, "json-syntax", fact, true);
}

static const char *expected_value(reader *r, const char *at) {
	if (at == r->start && r->end - at >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0)
		return refuse(r, at, "json-syntax", "the text begins with a byte order mark; send it without", false);
	return expected(r, at, "expected a value");
}

__attribute__((noinline, cold)) static const char *refuse_depth(reader *r, const char *at, uint32_t depth) {
	r->code = apl_fail_at(r->error, APLOMB_EJSON, "json-depth", place_of(r, at),
	    "lists and maps are nested deeper than the %u allowed here; flatten the value or raise the limit of depth", depth);
	return NULL;
}

__attribute__((noinline, cold)) static int refuse_size(reader *r, size_t size, size_t most) {
	return apl_fail_at(r->error, APLOMB_EJSON, "json-size", (apl_place){NULL, 1, 1},
	    "the text has %zu bytes, more than the %zu allowed here; send less or raise the limit of data", size, most);
}

/* Member by member: a whole struct would be made elsewhere and then copied, in one load that has to wait for its parts. */
static inline void put_cell(apl_cell *cell, aplomb_kind kind, uint8_t truth, uint16_t plain, uint32_t count) {
	cell->kind = (uint8_t)kind;
	cell->truth = truth;
	cell->plain = plain;
	cell->count = count;
}

static inline void put_text(apl_cell *cell, uint16_t plain, const char *text, size_t size) {
	put_cell(cell, APLOMB_TEXT, 0, plain, (uint32_t)size);
	cell->as.text = text;
}

/* ---- text -------------------------------------------------------------- */

static int hex_digit(char c) {
	if (c >= '0' && c <= '9') return c - '0';
	if (c >= 'a' && c <= 'f') return c - 'a' + 10;
	if (c >= 'A' && c <= 'F') return c - 'A' + 10;
	return -1;
}

/* The four digits at [at], or -1. */
static int hex_four(const char *at, const char *end) {
	if (end - at < 4) return -1;
	int unit = 0;
	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(at[i]);
		if (digit < 0) return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

static char *put_character(char *to, uint32_t character) {
	if (character < 0x80) {
		*to++ = (char)character;
	} else if (character < 0x800) {
		*to++ = (char)(0xC0 | character >> 6);
		*to++ = (char)(0x80 | (character & 0x3F));
	} else if (character < 0x10000) {
		*to++ = (char)(0xE0 | character >> 12);
		*to++ = (char)(0x80 | (character >> 6 & 0x3F));
		*to++ = (char)(0x80 | (character & 0x3F));
	} else {
		*to++ = (char)(0xF0 | character >> 18);
		*to++ = (char)(0x80 | (character >> 12 & 0x3F));
		*to++ = (char)(0x80 | (character >> 6 & 0x3F));
		*to++ = (char)(0x80 | (character & 0x3F));
	}
	return to;
}

/* \uXXXX, and the second half of a pair. [at] is at the backslash; returns behind the escape. */
static const char *read_unicode(reader *r, const char *at, char **to) {
	static const char LONELY[] = "half of a surrogate pair is no character; write both halves (\\uD83D\\uDE00) or the character itself";
	int unit = hex_four(at + 2, r->end);
	if (unit < 0) return refuse(r, at, "json-syntax", "\\u wants four hexadecimal digits", false);
	if (unit < 0xD800 || unit > 0xDFFF) {
		*to = put_character(*to, (uint32_t)unit);
		return at + 6;
	}
	int low = r->end - at >= 8 && unit < 0xDC00 && at[6] == '\\' && at[7] == 'u' ? hex_four(at + 8, r->end) : -1;
	if (low < 0xDC00 || low > 0xDFFF) return refuse(r, at, "json-text", LONELY, false);
	*to = put_character(*to, 0x10000 + ((uint32_t)(unit - 0xD800) << 10) + (uint32_t)(low - 0xDC00));
	return at + 12;
}

/* One escape; [at] is at the backslash. Returns behind it, or NULL. It never writes more bytes than it reads. */
static const char *read_escape(reader *r, const char *at, char **to) {
	char byte;
	switch (r->end - at >= 2 ? at[1] : '\0') {
	case '"': byte = '"'; break;
	case '\\': byte = '\\'; break;
	case '/': byte = '/'; break;
	case 'b': byte = '\b'; break;
	case 'f': byte = '\f'; break;
	case 'n': byte = '\n'; break;
	case 'r': byte = '\r'; break;
	case 't': byte = '\t'; break;
	case 'u': return read_unicode(r, at, to);
	default: return refuse(r, at, "json-syntax", "after a backslash comes one of \" \\ / b f n r t u", false);
	}
	*(*to)++ = byte;
	return at + 2;
}

/* Behind the valid UTF-8 above ASCII that begins at [at], or NULL. */
static const char *pass_characters(reader *r, const char *at) {
	const char *run = at;
	while (run < r->end && (unsigned char)*run > 0x7F) run++;
	size_t valid = apl_utf8_valid(at, (size_t)(run - at));
	if (valid < (size_t)(run - at)) return refuse(r, at + valid, "json-text", "the text is no valid UTF-8", true);
	return run;
}

/* Refuses what a text may not hold at [at]. */
static const char *refuse_in_text(reader *r, const char *at) {
	if (at == r->end) return refuse(r, at, "json-syntax", "a text is not closed; its second \" is missing", false);
	return expected(r, at, "a control character in a text is written as an escape (\\n, \\t, \\u0001)");
}

/* An upper bound for where the text that goes on at [at] ends. */
static const char *end_of_text(const char *at, const char *end) {
	for (; at < end && *at != '"'; at++) {
		if (*at == '\\' && at + 1 < end) at++;
	}
	return at;
}

/* A text with escapes from [at] on, [start] its first byte: unescaped into the arena. Returns behind its quote, or NULL. */
static const char *read_escaped(reader *r, const char *start, const char *at, apl_cell *cell) {
	char *bytes = apl_arena_take(&r->tape->arena, (size_t)(end_of_text(at, r->end) - start));
	if (bytes == NULL) {
		r->code = apl_fail_memory(r->error);
		return NULL;
	}
	memcpy(bytes, start, (size_t)(at - start));
	char *to = bytes + (at - start);
	for (;;) {
		const char *stop = apl_scan_plain(at, r->end);
		memcpy(to, at, (size_t)(stop - at));
		to += stop - at;
		at = stop;
		if (at == r->end) return refuse_in_text(r, at);
		if (*at == '"') break;
		if (*at == '\\') {
			at = read_escape(r, at, &to);
		} else if ((unsigned char)*at > 0x7F) {
			const char *behind = pass_characters(r, at);
			if (behind == NULL) return NULL;
			memcpy(to, at, (size_t)(behind - at));
			to += behind - at;
			at = behind;
		} else {
			return refuse_in_text(r, at);
		}
		if (at == NULL) return NULL;
	}
	put_text(cell, 0, bytes, (size_t)(to - bytes));
	return at + 1;
}

/* A text; [at] is behind its first quote. Returns behind its second, or NULL. */
static inline const char *read_text(reader *r, const char *at, apl_cell *cell) {
	const char *start = at, *end = r->end;
	for (;;) {
		at = apl_scan_plain(at, end);
		if (at == end) return refuse_in_text(r, at);
		if (__builtin_expect(*at == '"', 1)) break;
		if (*at == '\\') return read_escaped(r, start, at, cell);
		if ((unsigned char)*at <= 0x7F) return refuse_in_text(r, at);
		at = pass_characters(r, at);
		if (at == NULL) return NULL;
	}
	put_text(cell, 1, start, (size_t)(at - start));
	return at + 1;
}

/* ---- numbers and words ------------------------------------------------- */

/* Any number; [at] is at its first byte. Returns behind it, or NULL. */
static const char *read_any_number(reader *r, const char *at, apl_cell *cell) {
	apl_number_scan scan = apl_number_at(at, r->end);
	*cell = (apl_cell){.kind = (uint8_t)scan.kind};
	if (scan.kind == APLOMB_INTEGER) {
		cell->as.integer = scan.integer;
	} else if (scan.kind == APLOMB_NUMBER) {
		cell->as.number = scan.number;
	} else if (!scan.out_of_range) {
		return expected(r, scan.behind, "a number is written like 12, -0.5 or 1e9, without zeroes in front");
	} else {
		return refuse(r, at, "json-number",
		    "the number is out of range: integers have 64 bits and are never rounded, others go to 1.8e308; send it as a text if every "
		    "digit counts",
		    false);
	}
	return scan.behind;
}

/* Up to 18 digits and no fraction: nearly every number of an event. */
static inline const char *read_number(reader *r, const char *first, apl_cell *cell) {
	const char *at = first + (*first == '-');
	const char *digits = at;
	uint64_t value = 0;
	while (at < r->end && *at >= '0' && *at <= '9' && at - digits < 18) value = value * 10 + (uint64_t)(*at++ - '0');
	bool is_other = at == digits || (*digits == '0' && at - digits > 1) ||
	                (at < r->end && ((*at >= '0' && *at <= '9') || *at == '.' || *at == 'e' || *at == 'E'));
	if (is_other) return read_any_number(r, first, cell);
	put_cell(cell, APLOMB_INTEGER, 0, 0, 0);
	cell->as.integer = *first == '-' ? -(int64_t)value : (int64_t)value;
	return at;
}

static inline bool is_word(const reader *r, const char *at, const char *word, size_t size) {
	return (size_t)(r->end - at) >= size && memcmp(at, word, size) == 0;
}

/* ---- the whole --------------------------------------------------------- */

/*
 * The tape while it grows: where the next cell goes and where the room ends
 * are held apart from it, for every value asks.
 */
typedef struct growing {
	apl_cell *next, *limit;
} growing;

static __attribute__((noinline)) bool grow(reader *r, growing *g) {
	apl_tape *tape = r->tape;
	tape->count = (uint32_t)(g->next - tape->cells);
	if (!APL_GROW(&tape->alloc, tape->cells, tape->count, tape->capacity)) {
		r->code = apl_fail_memory(r->error);
		return false;
	}
	g->next = tape->cells + tape->count;
	g->limit = tape->cells + tape->capacity;
	return true;
}

static const char *pass_more_space(const char *at, const char *end) {
	while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) at++;
	return at;
}

/* Mostly there is none. */
static inline const char *pass_space(const char *at, const char *end) {
	return at < end && (unsigned char)*at <= ' ' ? pass_more_space(at, end) : at;
}

/* Is this what comes next, maybe behind some space? Mostly it comes at once. */
static inline bool stands(const char **at, const char *end, char wanted) {
	if (__builtin_expect(*at < end && **at == wanted, 1)) return true;
	*at = pass_space(*at, end);
	return *at < end && **at == wanted;
}

static const char *read_value(reader *r, const char *at, uint32_t most_depth) {
	apl_tape *tape = r->tape;
	const char *end = r->end;
	growing g = {tape->cells, tape->cells + tape->capacity};
	uint32_t open = NO_CELL; /* the innermost container; what follows is its own, and in its cell while another is open within */
	uint32_t count = 0;
	bool is_map = false;
	uint32_t depth = 0;
	for (;;) {
		if (is_map) {
			if (!stands(&at, end, '"')) return expected(r, at, "expected a member's name in quotes");
			if (g.next == g.limit && !grow(r, &g)) return NULL;
			at = read_text(r, at + 1, g.next++);
			if (at == NULL) return NULL;
			if (!stands(&at, end, ':')) return expected(r, at, "expected \":\" behind a member's name");
			at++;
		}
		at = pass_space(at, end);
		if (at == end) return expected_value(r, at);
		if (g.next == g.limit && !grow(r, &g)) return NULL;
		apl_cell *cell = g.next++;
		switch (*at) {
		case '"':
			at = read_text(r, at + 1, cell);
			if (at == NULL) return NULL;
			break;
		case '-':
		case '0':
		case '1':
		case '2':
		case '3':
		case '4':
		case '5':
		case '6':
		case '7':
		case '8':
		case '9':
			at = read_number(r, at, cell);
			if (at == NULL) return NULL;
			break;
		case 't':
			if (!is_word(r, at, "true", 4)) return expected_value(r, at);
			put_cell(cell, APLOMB_BOOLEAN, 1, 0, 0);
			at += 4;
			break;
		case 'f':
			if (!is_word(r, at, "false", 5)) return expected_value(r, at);
			put_cell(cell, APLOMB_BOOLEAN, 0, 0, 0);
			at += 5;
			break;
		case 'n':
			if (!is_word(r, at, "null", 4)) return expected_value(r, at);
			put_cell(cell, APLOMB_NULL, 0, 0, 0);
			at += 4;
			break;
		case '{':
		case '[':
			if (++depth > most_depth) return refuse_depth(r, at, most_depth);
			if (open != NO_CELL) tape->cells[open].count = count;
			is_map = *at == '{';
			put_cell(cell, is_map ? APLOMB_MAP : APLOMB_LIST, 0, 0, 0);
			cell->as.end = open;
			open = (uint32_t)(cell - tape->cells);
			count = 0;
			at = pass_space(at + 1, end);
			if (at < end && *at == (is_map ? '}' : ']')) break;
			count = 1;
			continue;
		default: return expected_value(r, at);
		}
		/* A value is whole, or the container just opened is empty: close what ends here. */
		for (;;) {
			if (open == NO_CELL) {
				tape->count = (uint32_t)(g.next - tape->cells);
				return at;
			}
			if (stands(&at, end, ',')) {
				count++;
				at++;
				break;
			}
			if (at == end || *at != (is_map ? '}' : ']'))
				return expected(r, at, is_map ? "expected \",\" or \"}\" behind a member" : "expected \",\" or \"]\" behind an item");
			at++;
			apl_cell *container = &tape->cells[open];
			open = container->as.end;
			container->count = count;
			container->as.end = (uint32_t)(g.next - tape->cells);
			depth--;
			if (open == NO_CELL) continue;
			count = tape->cells[open].count;
			is_map = tape->cells[open].kind == APLOMB_MAP;
		}
	}
}

int apl_json_read(apl_tape *tape, const char *text, size_t size, const apl_json_bounds *bounds, aplomb_error *error) {
	size_t most_size = bounds != NULL && bounds->size != 0 ? bounds->size : SIZE;
	uint32_t most_depth = bounds != NULL && bounds->depth != 0 ? bounds->depth : DEPTH;
	if (most_size > INT32_MAX) most_size = INT32_MAX; /* sizes and cells are counted in 32 bits */
	reader r = {tape, text, text + size, error, APLOMB_OK};
	tape->count = 0;
	apl_arena_reset(&tape->arena);
	if (size > most_size) return refuse_size(&r, size, most_size);
	const char *at = read_value(&r, text, most_depth);
	if (at != NULL) {
		at = pass_space(at, r.end);
		if (at == r.end) return APLOMB_OK;
		expected(&r, at, "expected nothing more behind the value");
	}
	tape->count = 0;
	apl_arena_reset(&tape->arena);
	return r.code;
}
