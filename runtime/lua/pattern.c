/* SPDX-License-Identifier: MIT */
/*
 * Decides whether a pattern matches, as Lua 5.4's manual has it (6.4.1), and
 * what that costs. Every way that a pattern can go is tried in Lua's order, so
 * a mistake in it is found only by who comes to it. What remains to be tried
 * lies on a stack of its own and not in calls: each item of the pattern leaves
 * at most one row there, for no pattern goes back in itself.
 *
 * Not decided here: what is done with what was found (mod_search.c).
 */

#include "lua/pattern.h"

#include <stdbool.h>
#include <string.h>

#define ESCAPE '%'

/* ---- what is still to be tried ----------------------------------------------------- */

typedef enum row_kind {
	ROW_OPENED, /* undo: the last capture was opened */
	ROW_CLOSED, /* undo: capture [count] was closed */
	ROW_ONCE,   /* go on at [text] with [rest] */
	ROW_FEWER,  /* of [count] repetitions that begin at [text] take one less, and go on with [rest] */
	ROW_MORE    /* take one more of the item at [item], which ends before [rest] - 1 */
} row_kind;

typedef struct row {
	row_kind kind;
	const char *text;
	const char *item;
	const char *rest;
	size_t count;
} row;

typedef struct search {
	apl_lua_pattern *about;
	uint64_t steps;
	uint32_t n_rows;
	row rows[APL_PATTERN_MOST + 1];
} search;

static void leave(search *s, row what) {
	s->rows[s->n_rows++] = what;
}

/* ---- classes --------------------------------------------------------------------------- */

static bool is_between(unsigned char c, unsigned char low, unsigned char high) {
	return c >= low && c <= high;
}

static bool is_letter(unsigned char c) {
	return is_between((unsigned char)(c | 0x20), 'a', 'z');
}

static bool is_digit(unsigned char c) {
	return is_between(c, '0', '9');
}

/* %a and the others: does [c] belong to the class? A byte that names none stands for itself. */
static bool in_class(unsigned char c, unsigned char name) {
	bool is_in;
	switch (name | 0x20) {
	case 'a': is_in = is_letter(c); break;
	case 'c': is_in = c < ' ' || c == 127; break;
	case 'd': is_in = is_digit(c); break;
	case 'g': is_in = is_between(c, '!', '~'); break;
	case 'l': is_in = is_between(c, 'a', 'z'); break;
	case 'p': is_in = is_between(c, '!', '~') && !is_letter(c) && !is_digit(c); break;
	case 's': is_in = c == ' ' || is_between(c, '\t', '\r'); break;
	case 'u': is_in = is_between(c, 'A', 'Z'); break;
	case 'w': is_in = is_letter(c) || is_digit(c); break;
	case 'x': is_in = is_digit(c) || is_between((unsigned char)(c | 0x20), 'a', 'f'); break;
	case 'z': is_in = c == '\0'; break;
	default: return c == name;
	}
	return is_in != is_between(name, 'A', 'Z');
}

/* The set from "[" to the byte behind its "]". */
static bool in_set(search *s, unsigned char c, const char *set, const char *set_end) {
	const char *last = set_end - 1;
	const char *at = set + 1;
	bool found = true;
	if (*at == '^') {
		found = false;
		at++;
	}
	s->steps += (uint64_t)(last - at) / 4;
	for (; at < last; at++) {
		unsigned char low = (unsigned char)*at;
		if (low == ESCAPE) {
			at++;
			if (in_class(c, (unsigned char)*at)) return found;
		} else if (at[1] == '-' && at + 2 < last) {
			at += 2;
			if (is_between(c, low, (unsigned char)*at)) return found;
		} else if (low == c) {
			return found;
		}
	}
	return !found;
}

/* Is the byte at [text], if there is one, what the item takes? */
static inline bool takes(search *s, const char *text, const char *item, const char *item_end) {
	s->steps++;
	if (text >= s->about->text_end) return false;
	unsigned char c = (unsigned char)*text;
	switch (*item) {
	case '.': return true;
	case ESCAPE: return in_class(c, (unsigned char)item[1]);
	case '[': return in_set(s, c, item, item_end);
	default: return (unsigned char)*item == c;
	}
}

/* ---- items -------------------------------------------------------------------------------- */

static apl_lua_pattern_answer malformed(search *s, const char *mistake, int number) {
	s->about->mistake = mistake;
	s->about->mistake_number = number;
	return APL_PATTERN_MALFORMED;
}

/* Behind the single item at [item]: a byte, a class or a set. NULL: it is malformed. */
static const char *end_of_item(search *s, const char *item) {
	const char *end = s->about->end;
	const char *at = item + 1;
	if (*item == ESCAPE) {
		if (at < end) return at + 1;
		malformed(s, "malformed pattern (ends with '%%')", 0);
		return NULL;
	}
	if (*item != '[') return at;
	if (at < end && *at == '^') at++;
	/* The first byte belongs to the set, whatever it is. */
	for (bool is_first = true; at < end && (is_first || *at != ']'); is_first = false) at += *at == ESCAPE && at + 1 < end ? 2 : 1;
	s->steps += (uint64_t)(at - item) / 4;
	if (at < end) return at + 1;
	malformed(s, "malformed pattern (missing ']')", 0);
	return NULL;
}

/* Behind what "%bxy" takes from [text] on; NULL: nothing. */
static const char *take_balanced(search *s, const char *text, char opens, char closes) {
	const char *end = s->about->text_end;
	size_t depth = 1;
	if (text >= end || *text != opens) return NULL;
	for (text++; text < end; text++) {
		s->steps++;
		if (*text == closes) {
			if (--depth == 0) return text + 1;
		} else if (*text == opens) {
			depth++;
		}
	}
	return NULL;
}

/* "%f[set]": between a byte outside of the set and one inside. Before and behind the text stand zeros. */
static bool is_frontier(search *s, const char *text, const char *set, const char *set_end) {
	const apl_lua_pattern *about = s->about;
	unsigned char before = text == about->text ? '\0' : (unsigned char)text[-1];
	unsigned char behind = text < about->text_end ? (unsigned char)*text : '\0';
	return !in_set(s, before, set, set_end) && in_set(s, behind, set, set_end);
}

/* ---- captures ------------------------------------------------------------------------------- */

static apl_lua_pattern_answer open_capture(search *s, const char *text, size_t size) {
	apl_lua_pattern *about = s->about;
	if (about->n_captures == APL_PATTERN_CAPTURES) return malformed(s, "too many captures", 0);
	about->captures[about->n_captures++] = (apl_capture){text, size};
	leave(s, (row){.kind = ROW_OPENED});
	return APL_PATTERN_YES;
}

static apl_lua_pattern_answer close_capture(search *s, const char *text) {
	apl_lua_pattern *about = s->about;
	for (uint32_t i = about->n_captures; i > 0; i--) {
		apl_capture *capture = &about->captures[i - 1];
		if (capture->size != APL_CAPTURE_OPEN) continue;
		capture->size = (size_t)(text - capture->begin);
		leave(s, (row){.kind = ROW_CLOSED, .count = i - 1});
		return APL_PATTERN_YES;
	}
	return malformed(s, "invalid pattern capture", 0);
}

/* "%1": the text of a capture once more. A position is no text, and matches nothing. */
static apl_lua_pattern_answer take_captured(search *s, const char **text, char digit) {
	apl_lua_pattern *about = s->about;
	int number = digit - '1';
	if (number < 0 || (uint32_t)number >= about->n_captures || about->captures[number].size == APL_CAPTURE_OPEN)
		return malformed(s, "invalid capture index %%%d in pattern", number + 1);
	const apl_capture *capture = &about->captures[number];
	if ((size_t)(about->text_end - *text) < capture->size) return APL_PATTERN_NO;
	s->steps += capture->size / 16;
	if (memcmp(capture->begin, *text, capture->size) != 0) return APL_PATTERN_NO;
	*text += capture->size;
	return APL_PATTERN_YES;
}

/* ---- trying ------------------------------------------------------------------------------------ */

/* Where to go on from, after a way that led nowhere. false: there is no other. */
static bool go_back(search *s, const char **text, const char **pattern) {
	apl_lua_pattern *about = s->about;
	while (s->n_rows > 0) {
		row *last = &s->rows[s->n_rows - 1];
		switch (last->kind) {
		case ROW_OPENED:
			about->n_captures--;
			s->n_rows--;
			continue;
		case ROW_CLOSED:
			about->captures[last->count].size = APL_CAPTURE_OPEN;
			s->n_rows--;
			continue;
		case ROW_FEWER:
			*text = last->text + --last->count;
			*pattern = last->rest;
			if (last->count == 0) s->n_rows--;
			return true;
		case ROW_MORE:
			*pattern = last->rest;
			if (!takes(s, last->text, last->item, last->rest - 1)) {
				s->n_rows--;
				continue;
			}
			*text = ++last->text;
			return true;
		case ROW_ONCE:
			*text = last->text;
			*pattern = last->rest;
			s->n_rows--;
			return true;
		}
	}
	return false;
}

/* The single item at [*pattern], with what stands behind it. */
static apl_lua_pattern_answer take_item(search *s, const char **text, const char **pattern) {
	const char *item = *pattern;
	const char *item_end = end_of_item(s, item);
	if (item_end == NULL) return APL_PATTERN_MALFORMED;
	const char *begin = *text;
	char suffix = item_end < s->about->end ? *item_end : '\0';
	size_t count = 0;
	switch (suffix) {
	case '?':
		*pattern = item_end + 1;
		if (!takes(s, begin, item, item_end)) return APL_PATTERN_YES;
		leave(s, (row){.kind = ROW_ONCE, .text = begin, .rest = item_end + 1});
		*text = begin + 1;
		return APL_PATTERN_YES;
	case '-':
		leave(s, (row){.kind = ROW_MORE, .text = begin, .item = item, .rest = item_end + 1});
		*pattern = item_end + 1;
		return APL_PATTERN_YES;
	case '+':
		if (!takes(s, begin, item, item_end)) return APL_PATTERN_NO;
		begin++;
		/* fall through */
	case '*':
		while (s->steps <= s->about->steps && takes(s, begin + count, item, item_end)) count++;
		if (count > 0) leave(s, (row){.kind = ROW_FEWER, .text = begin, .rest = item_end + 1, .count = count});
		*text = begin + count;
		*pattern = item_end + 1;
		return APL_PATTERN_YES;
	default:
		*pattern = item_end;
		*text = begin + 1;
		return takes(s, begin, item, item_end) ? APL_PATTERN_YES : APL_PATTERN_NO;
	}
}

/* What comes next in the pattern. */
static apl_lua_pattern_answer take_next(search *s, const char **text, const char **pattern) {
	const char *at = *pattern, *end = s->about->end;
	size_t left = (size_t)(end - at);
	switch (*at) {
	case '(':
		if (left > 1 && at[1] == ')') {
			*pattern = at + 2;
			return open_capture(s, *text, APL_CAPTURE_POSITION);
		}
		*pattern = at + 1;
		return open_capture(s, *text, APL_CAPTURE_OPEN);
	case ')': *pattern = at + 1; return close_capture(s, *text);
	case '$':
		if (left > 1) break;
		*pattern = end;
		return *text == s->about->text_end ? APL_PATTERN_YES : APL_PATTERN_NO;
	case ESCAPE:
		if (left > 1 && at[1] == 'b') {
			if (left < 4) return malformed(s, "malformed pattern (missing arguments to '%%b')", 0);
			*text = take_balanced(s, *text, at[2], at[3]);
			*pattern = at + 4;
			return *text != NULL ? APL_PATTERN_YES : APL_PATTERN_NO;
		}
		if (left > 1 && at[1] == 'f') {
			if (left < 3 || at[2] != '[') return malformed(s, "missing '[' after '%%f' in pattern", 0);
			const char *set_end = end_of_item(s, at + 2);
			if (set_end == NULL) return APL_PATTERN_MALFORMED;
			*pattern = set_end;
			return is_frontier(s, *text, at + 2, set_end) ? APL_PATTERN_YES : APL_PATTERN_NO;
		}
		if (left > 1 && is_digit((unsigned char)at[1])) {
			*pattern = at + 2;
			return take_captured(s, text, at[1]);
		}
		break;
	default: break;
	}
	return take_item(s, text, pattern);
}

apl_lua_pattern_answer apl_lua_pattern_match(apl_lua_pattern *about, const char *at, const char **match_end) {
	search s;
	const char *text = at, *pattern = about->begin;
	apl_lua_pattern_answer answer = APL_PATTERN_YES;
	s.about = about;
	s.steps = s.n_rows = 0;
	about->n_captures = 0;
	while (answer == APL_PATTERN_YES && pattern < about->end) {
		s.steps++;
		answer = take_next(&s, &text, &pattern);
		if (answer == APL_PATTERN_NO && go_back(&s, &text, &pattern)) answer = APL_PATTERN_YES;
		if (s.steps > about->steps) answer = APL_PATTERN_TOO_MUCH;
	}
	about->steps -= s.steps < about->steps ? s.steps : about->steps;
	*match_end = text;
	return answer;
}

/* ---- plain text ------------------------------------------------------------------------------------ */

int apl_lua_pattern_is_plain(const char *pattern, size_t size) {
	for (size_t i = 0; i < size; i++) {
		if (pattern[i] != '\0' && strchr("^$*+?.([%-", pattern[i]) != NULL) return 0;
	}
	return 1;
}

const char *apl_lua_pattern_find_plain(const char *text, size_t size, const char *piece, size_t piece_size, uint64_t *steps) {
	/* Each place where the first byte stands costs as if all of the piece were compared there; bytes in between are looked at many at once.
	 */
	const uint64_t each = 1 + piece_size / 16;
	if (piece_size == 0) return text;
	while (size >= piece_size) {
		const char *found = memchr(text, piece[0], size - piece_size + 1);
		size_t passed = found != NULL ? (size_t)(found - text) : size;
		uint64_t taken = passed / 16 + each;
		if (taken > *steps) {
			*steps = 0;
			return NULL;
		}
		*steps -= taken;
		if (found == NULL || memcmp(found, piece, piece_size) == 0) return found;
		text = found + 1;
		size -= passed + 1;
	}
	return NULL;
}
