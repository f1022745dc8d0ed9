/* SPDX-License-Identifier: MIT */
#include "plain_json.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct cursor {
	const char *at;
	const char *end;
	uint32_t depth; /* containers that may still be opened */
} cursor;

static int peek(const cursor *c) {
	return c->at < c->end ? (unsigned char)*c->at : -1;
}

static bool take(cursor *c, int byte) {
	if (peek(c) != byte) return false;
	c->at++;
	return true;
}

/* RFC 8259, section 2: ws */
static void space(cursor *c) {
	while (peek(c) == ' ' || peek(c) == '\t' || peek(c) == '\n' || peek(c) == '\r') c->at++;
}

static bool word(cursor *c, const char *literal) {
	for (; *literal != '\0'; literal++) {
		if (!take(c, *literal)) return false;
	}
	return true;
}

static bool digits(cursor *c) {
	if (peek(c) < '0' || peek(c) > '9') return false;
	while (peek(c) >= '0' && peek(c) <= '9') c->at++;
	return true;
}

/* Section 6, and our ranges. */
static bool number(cursor *c) {
	const char *start = c->at;
	bool is_integer = true;
	take(c, '-');
	if (!take(c, '0') && !digits(c)) return false;
	if (take(c, '.')) {
		is_integer = false;
		if (!digits(c)) return false;
	}
	if (take(c, 'e') || take(c, 'E')) {
		is_integer = false;
		if (!take(c, '+')) take(c, '-');
		if (!digits(c)) return false;
	}
	size_t size = (size_t)(c->at - start);
	char *copy = malloc(size + 1);
	if (copy == NULL) abort();
	memcpy(copy, start, size);
	copy[size] = '\0';
	errno = 0;
	bool in_range;
	if (is_integer) {
		strtoll(copy, NULL, 10);
		in_range = errno == 0;
	} else {
		in_range = !isinf(strtod(copy, NULL));
	}
	free(copy);
	return in_range;
}

static bool four_digits(cursor *c, unsigned *unit) {
	*unit = 0;
	for (int i = 0; i < 4; i++) {
		int byte = peek(c);
		if (byte < 0 || !isxdigit(byte)) return false;
		*unit = *unit * 16 + (unsigned)(isdigit(byte) ? byte - '0' : tolower(byte) - 'a' + 10);
		c->at++;
	}
	return true;
}

/* Behind the backslash. Section 7; a surrogate stands in a pair. */
static bool escape(cursor *c) {
	int byte = peek(c);
	if (byte > 0 && strchr("\"\\/bfnrt", byte) != NULL) {
		c->at++;
		return true;
	}
	unsigned high, low;
	if (!take(c, 'u') || !four_digits(c, &high)) return false;
	if (high < 0xD800 || high > 0xDFFF) return true;
	return high < 0xDC00 && take(c, '\\') && take(c, 'u') && four_digits(c, &low) && low >= 0xDC00 && low <= 0xDFFF;
}

/* RFC 3629: decoded, and held against the shortest form. */
static bool character(cursor *c) {
	int lead = peek(c);
	int more = lead < 0x80 ? 0 : lead >= 0xC0 && lead < 0xE0 ? 1 : lead >= 0xE0 && lead < 0xF0 ? 2 : lead >= 0xF0 && lead < 0xF8 ? 3 : -1;
	if (lead < 0 || more < 0) return false;
	c->at++;
	uint32_t value = more == 0 ? (uint32_t)lead : (uint32_t)lead & (0x3Fu >> more);
	for (int i = 0; i < more; i++) {
		int byte = peek(c);
		if (byte < 0x80 || byte > 0xBF) return false;
		value = value << 6 | ((uint32_t)byte & 0x3F);
		c->at++;
	}
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
	return value >= least[more] && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
}

static bool text(cursor *c) {
	if (!take(c, '"')) return false;
	while (!take(c, '"')) {
		if (take(c, '\\')) {
			if (!escape(c)) return false;
		} else if (peek(c) < 0x20 || !character(c)) {
			return false;
		}
	}
	return true;
}

static bool value(cursor *c);

static bool container(cursor *c, bool is_map) {
	c->at++;
	if (c->depth == 0) return false;
	c->depth--;
	space(c);
	if (!take(c, is_map ? '}' : ']')) {
		do {
			space(c);
			if (is_map) {
				if (!text(c)) return false;
				space(c);
				if (!take(c, ':')) return false;
				space(c);
			}
			if (!value(c)) return false;
			space(c);
		} while (take(c, ','));
		if (!take(c, is_map ? '}' : ']')) return false;
	}
	c->depth++;
	return true;
}

static bool value(cursor *c) {
	switch (peek(c)) {
	case '{': return container(c, true);
	case '[': return container(c, false);
	case '"': return text(c);
	case 't': return word(c, "true");
	case 'f': return word(c, "false");
	case 'n': return word(c, "null");
	default: return number(c);
	}
}

bool plain_json_accepts(const char *bytes, size_t size, uint32_t depth) {
	cursor c = {bytes, bytes + size, depth};
	space(&c);
	if (!value(&c)) return false;
	space(&c);
	return c.at == c.end;
}
