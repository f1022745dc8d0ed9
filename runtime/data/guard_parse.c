/* SPDX-License-Identifier: MIT */
/*
 * Decides which texts are guards, values and assignments, and how their parts
 * hang together: Lua's operators with Lua's precedence. What a name means, and
 * whether the parts fit one another, is guard_type.c's.
 *
 * Recursion is bounded: parentheses and signs nest at most
 * APL_GUARD_MOST_DEPTH deep, and so does what is made of them.
 */
#include "data/guard_tree.h"

#include <stdio.h>

#include "base/text.h"
#include "time/shown.h"

typedef enum token_kind {
	T_END,
	T_NAME, /* and, or, not, true, false, nil too */
	T_NUMBER,
	T_TEXT,
	T_SIGN, /* an operator or a bracket */
	T_WRONG /* told already */
} token_kind;

typedef struct token {
	token_kind kind;
	uint32_t begin, end;
	/* The constant of a number or a text. */
	apl_guard_value value;
} token;

typedef struct parser {
	apl_guard *guard;
	apl_findings *findings;
	const char *text;
	uint32_t size;
	uint32_t at;       /* behind [now] */
	uint32_t last_end; /* of the token before [now] */
	token now;
	unsigned depth;
	bool is_wrong;
	bool no_memory;
} parser;

/* Told once: what follows from the first mistake of syntax is no news. */
#define WRONG(p, begin, slug, ...)                                                                                                         \
	do {                                                                                                                                   \
		if (!(p)->is_wrong && !(p)->no_memory) apl_guard_found((p)->guard, (p)->findings, (slug), (begin), __VA_ARGS__);                   \
		(p)->is_wrong = true;                                                                                                              \
		(p)->now.kind = T_WRONG;                                                                                                           \
	} while (0)

/* ---- tokens ---------------------------------------------------------------- */

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
static char char_at(const parser *p, uint32_t at) {
	return at < p->size ? p->text[at] : '\0';
}

/* Digits, a point with digits on both sides, an exponent: JSON's numbers without the sign. */
static void read_number(parser *p) {
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
	p->now = (token){.kind = T_NUMBER, .begin = begin, .end = end};
	if (kind == APLOMB_INTEGER) {
		p->now.value = (apl_guard_value){.type = APL_TYPE_INTEGER, .is_there = true, .as.integer = integer};
	} else if (kind == APLOMB_NUMBER) {
		p->now.value = (apl_guard_value){.type = APL_TYPE_NUMBER, .is_there = true, .as.number = number};
	} else {
		bool all_digits = true;
		for (uint32_t i = begin; i < end; i++) all_digits = all_digits && is_digit(p->text[i]);
		WRONG(p, begin, "guard-syntax", "%s is no number that is known here; %s", apl_shown(p->text + begin, end - begin, shown),
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
static bool read_escape(const parser *p, uint32_t *at, char *out) {
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

static void read_text(parser *p) {
	uint32_t begin = p->at, at = begin + 1;
	char quote = p->text[begin];
	char *bytes = apl_arena_take(p->guard->arena, p->size - begin + 1);
	if (bytes == NULL) {
		p->no_memory = true;
		p->now.kind = T_WRONG;
		return;
	}
	uint32_t size = 0;
	while (at < p->size && p->text[at] != quote) {
		char c = p->text[at++];
		if (c == '\\') {
			uint32_t escape = at - 1;
			if (!read_escape(p, &at, &c)) {
				WRONG(p, escape, "guard-syntax",
				    "the escape \\%c is not known here; there are \\n \\t \\r \\a \\b \\f \\v \\\\ \\\" \\' \\65 \\x41",
				    (unsigned char)char_at(p, escape + 1) > 0x20 && (unsigned char)char_at(p, escape + 1) < 0x7f ? char_at(p, escape + 1)
				                                                                                                 : '?');
				return;
			}
		}
		bytes[size++] = c;
	}
	if (at >= p->size) {
		WRONG(p, begin, "guard-syntax", "the text that begins here has no end; %s is missing", quote == '"' ? "\"" : "'");
		return;
	}
	p->at = at + 1;
	bytes[size] = '\0';
	if (apl_utf8_valid(bytes, size) != size || memchr(bytes, '\0', size) != NULL) {
		WRONG(p, begin, "bad-text", "this text is not valid UTF-8, or has a zero byte in it");
		return;
	}
	p->now = (token){.kind = T_TEXT, .begin = begin, .end = p->at};
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

static void read_sign(parser *p) {
	static const char *const signs[] = {"==", "~=", "<=", ">=", "//", "<", ">", "+", "-", "*", "/", "%", "#", "(", ")", ",", ";", "=", "."};
	uint32_t begin = p->at, rest = p->size - begin;
	for (int known = 0; known < 2; known++) {
		for (size_t i = 0; i < sizeof signs / sizeof *signs && known == 1; i++) {
			size_t size = strlen(signs[i]);
			if (size > rest || memcmp(p->text + begin, signs[i], size) != 0) continue;
			p->at += (uint32_t)size;
			p->now = (token){.kind = T_SIGN, .begin = begin, .end = p->at};
			return;
		}
		for (size_t i = 0; i < sizeof foreign / sizeof *foreign && known == 0; i++) {
			size_t size = strlen(foreign[i].sign);
			if (size > rest || memcmp(p->text + begin, foreign[i].sign, size) != 0) continue;
			if (foreign[i].sign[0] == '~' && rest > 1 && p->text[begin + 1] == '=') continue;
			WRONG(p, begin, foreign[i].slug, "%s", foreign[i].instead);
			return;
		}
	}
	char shown[APL_SHOWN];
	uint32_t size = 1;
	while (size < rest && ((unsigned char)p->text[begin + size] & 0xC0u) == 0x80u) size++;
	WRONG(p, begin, "guard-syntax", "\"%s\" means nothing here", apl_shown(p->text + begin, size, shown));
}

static void advance(parser *p) {
	if (p->now.kind == T_WRONG) return;
	p->last_end = p->now.end;
	while (p->at < p->size && is_space(p->text[p->at])) p->at++;
	char c = char_at(p, p->at);
	if (p->at >= p->size) {
		p->now = (token){.kind = T_END, .begin = p->size, .end = p->size};
	} else if (is_letter(c)) {
		uint32_t begin = p->at;
		while (is_word(char_at(p, p->at))) p->at++;
		p->now = (token){.kind = T_NAME, .begin = begin, .end = p->at};
	} else if (is_digit(c) || (c == '.' && is_digit(char_at(p, p->at + 1)))) {
		read_number(p);
	} else if (c == '"' || c == '\'') {
		read_text(p);
	} else {
		read_sign(p);
	}
}

static bool is_now(const parser *p, const char *word) {
	size_t size = strlen(word);
	return (p->now.kind == T_NAME || p->now.kind == T_SIGN) && p->now.end - p->now.begin == size &&
	       memcmp(p->text + p->now.begin, word, size) == 0;
}

static const char *shown_now(const parser *p, char out[APL_SHOWN]) {
	if (p->now.kind == T_END) return "the end";
	return apl_shown(p->text + p->now.begin, p->now.end - p->now.begin, out);
}

/* ---- nodes ------------------------------------------------------------------ */

static apl_guard_node *make(parser *p, apl_guard_op op, uint32_t begin, apl_guard_node *left, apl_guard_node *right) {
	if (p->is_wrong || p->no_memory) return NULL;
	apl_guard *guard = p->guard;
	uint32_t depth = left != NULL ? left->depth : 0;
	if (right != NULL && right->depth > depth) depth = right->depth;
	if (guard->n_nodes == APL_GUARD_MOST_PARTS) {
		WRONG(p, begin, "limit-guard", "the text has more than %d parts; use a function", APL_GUARD_MOST_PARTS);
		return NULL;
	}
	if (depth == APL_GUARD_MOST_DEPTH) {
		WRONG(p, begin, "limit-guard",
		    "the text is nested more than %d deep, or joins more than that in one row; use parentheses or a function",
		    APL_GUARD_MOST_DEPTH);
		return NULL;
	}
	apl_guard_node *node = apl_arena_take(guard->arena, sizeof *node);
	if (node == NULL) {
		p->no_memory = true;
		return NULL;
	}
	memset(node, 0, sizeof *node);
	node->op = node->does = (uint8_t)op;
	node->begin = (uint16_t)begin;
	node->end = (uint16_t)p->last_end;
	node->depth = (uint16_t)(depth + 1);
	node->order = guard->n_nodes++;
	node->left = left;
	node->right = right;
	node->source = APL_FROM_NOWHERE;
	if (left != NULL) left->parent = node;
	if (right != NULL) right->parent = node;
	if (guard->last != NULL)
		guard->last->next = node;
	else
		guard->first = node;
	guard->last = node;
	return node;
}

static apl_guard_node *parse_expression(parser *p, unsigned binding);

static bool enter(parser *p) {
	if (++p->depth <= APL_GUARD_MOST_DEPTH) return true;
	WRONG(p, p->now.begin, "limit-guard", "parentheses and signs are nested more than %d deep; use a function", APL_GUARD_MOST_DEPTH);
	return false;
}

static void expect(parser *p, const char *sign) {
	char shown[APL_SHOWN];
	if (is_now(p, sign))
		advance(p);
	else if (p->now.kind != T_WRONG)
		WRONG(p, p->now.begin, "guard-syntax", "\"%s\" was expected, found %s", sign, shown_now(p, shown));
}

static apl_guard_node *constant(parser *p) {
	apl_guard_value value = p->now.value;
	uint32_t begin = p->now.begin;
	advance(p);
	apl_guard_node *node = make(p, APL_OP_CONSTANT, begin, NULL, NULL);
	if (node == NULL) return NULL;
	node->constant = value;
	node->type = value.type;
	if (value.type == APL_TYPE_TEXT) {
		/* The words stay, whatever they will be read as. */
		node->name = value.as.text.bytes;
		node->name_size = value.as.text.size;
	}
	return node;
}

/* A dotted path; names behind a point may be anything, keywords too. */
static apl_guard_node *path(parser *p) {
	uint32_t begin = p->now.begin;
	char *name = apl_arena_take(p->guard->arena, p->size - begin + 1);
	uint32_t size = 0;
	if (name == NULL) {
		p->no_memory = true;
		return NULL;
	}
	for (;;) {
		memcpy(name + size, p->text + p->now.begin, p->now.end - p->now.begin);
		size += p->now.end - p->now.begin;
		advance(p);
		if (!is_now(p, ".")) break;
		name[size++] = '.';
		advance(p);
		if (p->now.kind != T_NAME) {
			char shown[APL_SHOWN];
			if (p->now.kind != T_WRONG)
				WRONG(p, p->now.begin, "guard-syntax", "behind the point of a path stands a name, found %s", shown_now(p, shown));
			return NULL;
		}
	}
	name[size] = '\0';
	apl_guard_node *node = make(p, APL_OP_PATH, begin, NULL, NULL);
	if (node == NULL) return NULL;
	node->name = name;
	node->name_size = size;
	return node;
}

/* is_in("path"), time_in("path", "stay"), count("counter"): what is named stands there as a text. */
static apl_guard_node *named_question(parser *p, apl_guard_op op, uint32_t begin) {
	const char *word = apl_guard_ops[op].word;
	char shown[APL_SHOWN];
	bool is_total = false;
	if (p->now.kind != T_TEXT) {
		if (p->now.kind != T_WRONG)
			WRONG(p, p->now.begin, "guard-syntax", "%s takes a text, as in %s(\"%s\"), found %s", word, word,
			    op == APL_OP_COUNT ? "counter" : "path.of.state", shown_now(p, shown));
		return NULL;
	}
	apl_guard_value name = p->now.value;
	advance(p);
	if (op == APL_OP_TIME_IN && is_now(p, ",")) {
		advance(p);
		bool is_text = p->now.kind == T_TEXT;
		is_total = is_text && strcmp(p->now.value.as.text.bytes, "total") == 0;
		if (p->now.kind != T_WRONG && (!is_text || (!is_total && strcmp(p->now.value.as.text.bytes, "stay") != 0))) {
			WRONG(p, p->now.begin, "not-a-choice", "time_in: \"stay\" or \"total\" was expected, found %s", shown_now(p, shown));
			return NULL;
		}
		advance(p);
	}
	expect(p, ")");
	apl_guard_node *node = make(p, op, begin, NULL, NULL);
	if (node == NULL) return NULL;
	node->name = name.as.text.bytes;
	node->name_size = name.as.text.size;
	node->is_total = is_total;
	if (op == APL_OP_TIME_IN) p->guard->asks_time_in = true;
	return node;
}

static const apl_guard_op questions[] = {APL_OP_IS_IN, APL_OP_TIME_IN, APL_OP_COUNT, APL_OP_HAS, APL_OP_LEN, APL_OP_CONTAINS};
#define QUESTIONS (sizeof questions / sizeof *questions)

static apl_guard_node *unknown_question(parser *p, uint32_t begin, uint32_t end) {
	char shown[APL_SHOWN], hint[64];
	apl_nearest nearest = apl_nearest_to(p->text + begin, end - begin);
	for (size_t i = 0; i < QUESTIONS; i++) apl_nearest_try(&nearest, apl_guard_ops[questions[i]].word);
	apl_nearest_hint(&nearest, hint, sizeof hint);
	WRONG(p, begin, "unknown-name", "there is no question %s(…)%s", apl_shown(p->text + begin, end - begin, shown),
	    hint[0] != '\0' ? hint : "; there are is_in, time_in, count, has, len and contains, and everything else is for a function");
	return NULL;
}

/* [begin, end) is the name, and now is "(". */
static apl_guard_node *question(parser *p, uint32_t begin, uint32_t end) {
	size_t which = 0;
	while (which < QUESTIONS && (strlen(apl_guard_ops[questions[which]].word) != end - begin ||
	                                memcmp(p->text + begin, apl_guard_ops[questions[which]].word, end - begin) != 0))
		which++;
	if (which == QUESTIONS) return unknown_question(p, begin, end);
	apl_guard_op op = questions[which];
	advance(p);
	if (op == APL_OP_IS_IN || op == APL_OP_TIME_IN || op == APL_OP_COUNT) return named_question(p, op, begin);
	if (!enter(p)) return NULL;
	apl_guard_node *left = parse_expression(p, 0), *right = NULL;
	if (op == APL_OP_CONTAINS) {
		expect(p, ",");
		right = parse_expression(p, 0);
	}
	expect(p, ")");
	p->depth--;
	return make(p, op, begin, left, right);
}

static apl_guard_node *name_or_question(parser *p) {
	uint32_t begin = p->now.begin, end = p->now.end;
	static const char *const statements[] = {"if", "then", "else", "elseif", "end", "for", "while", "do", "repeat", "until", "function",
	    "local", "return", "goto", "break", "in", "and", "or"};
	for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
		if (!is_now(p, statements[i])) continue;
		if (i + 2 >= sizeof statements / sizeof *statements)
			WRONG(p, begin, "guard-syntax", "something is missing before \"%s\"", statements[i]);
		else
			WRONG(p, begin, "guard-syntax", "\"%s\" belongs into a function; a text is one expression", statements[i]);
		return NULL;
	}
	uint32_t behind = end;
	while (is_space(char_at(p, behind))) behind++;
	if (char_at(p, behind) != '(') return path(p);
	advance(p);
	return question(p, begin, end);
}

static apl_guard_node *primary(parser *p) {
	char shown[APL_SHOWN];
	uint32_t begin = p->now.begin;
	switch (p->now.kind) {
	case T_NUMBER:
	case T_TEXT: return constant(p);
	case T_NAME:
		if (is_now(p, "true") || is_now(p, "false")) {
			p->now.value = (apl_guard_value){.type = APL_TYPE_BOOLEAN, .is_there = true, .as.truth = is_now(p, "true")};
			return constant(p);
		}
		if (is_now(p, "nil")) {
			advance(p);
			return make(p, APL_OP_NIL, begin, NULL, NULL);
		}
		return name_or_question(p);
	case T_SIGN:
		if (is_now(p, "(")) {
			advance(p);
			if (!enter(p)) return NULL;
			apl_guard_node *inner = parse_expression(p, 0);
			expect(p, ")");
			p->depth--;
			return inner;
		}
		break;
	case T_WRONG: return NULL;
	case T_END: break;
	}
	WRONG(p, begin, "guard-syntax", "a value was expected, found %s", shown_now(p, shown));
	return NULL;
}

static apl_guard_node *unary(parser *p) {
	uint32_t begin = p->now.begin;
	apl_guard_op op = is_now(p, "not") ? APL_OP_NOT : is_now(p, "-") ? APL_OP_MINUS : is_now(p, "#") ? APL_OP_SIZE : APL_OPS;
	if (op == APL_OPS) return primary(p);
	if (!enter(p)) return NULL;
	advance(p);
	apl_guard_node *operand = unary(p);
	p->depth--;
	return make(p, op, begin, operand, NULL);
}

static apl_guard_op binary_now(const parser *p) {
	for (int op = APL_OP_OR; op <= APL_OP_MODULO; op++) {
		if (is_now(p, apl_guard_ops[op].word)) return (apl_guard_op)op;
	}
	return APL_OPS;
}

/* What binds more tightly than [binding]; all of these operators lean to the left. */
static apl_guard_node *parse_expression(parser *p, unsigned binding) {
	uint32_t begin = p->now.begin;
	apl_guard_node *left = unary(p);
	for (;;) {
		apl_guard_op op = binary_now(p);
		if (op == APL_OPS || apl_guard_ops[op].binding <= binding) return left;
		advance(p);
		apl_guard_node *right = parse_expression(p, apl_guard_ops[op].binding);
		left = make(p, op, begin, left, right);
		if (left == NULL) return NULL;
	}
}

/* ---- the whole --------------------------------------------------------------- */

static void expect_end(parser *p) {
	char shown[APL_SHOWN];
	if (p->now.kind == T_END || p->now.kind == T_WRONG) return;
	if (is_now(p, "="))
		WRONG(p, p->now.begin, "guard-syntax", "= assigns, which only an action may do; equal is written ==");
	else if (is_now(p, ";") && p->guard->form != APL_GUARD_ACTIONS)
		WRONG(p, p->now.begin, "guard-syntax", "one expression was expected, and another begins behind \";\"; join them with and, or or");
	else
		WRONG(p, p->now.begin, "guard-syntax", "an operator was expected, found %s", shown_now(p, shown));
}

static bool add_root(parser *p, apl_guard_node *root) {
	if (root == NULL) return false;
	/* There is room: a root is a node. */
	p->guard->roots[p->guard->n_roots++] = root;
	return true;
}

static void parse_actions(parser *p) {
	while (p->now.kind != T_END) {
		char shown[APL_SHOWN];
		uint32_t begin = p->now.begin;
		if (is_now(p, ";")) {
			advance(p);
			continue;
		}
		if (p->now.kind != T_NAME) {
			if (p->now.kind != T_WRONG)
				WRONG(p, begin, "guard-syntax", "an assignment was expected, as data.x = 1, found %s", shown_now(p, shown));
			return;
		}
		apl_guard_node *target = path(p);
		if (target == NULL) return;
		if (!is_now(p, "=")) {
			if (p->now.kind == T_WRONG) return;
			if (is_now(p, "("))
				WRONG(p, begin, "guard-syntax", "a text assigns, as data.x = 1; what is to be asked of the world belongs into a function");
			else
				WRONG(p, p->now.begin, "guard-syntax", "\"=\" was expected, found %s; an action that is text assigns, as data.x = 1",
				    shown_now(p, shown));
			return;
		}
		advance(p);
		apl_guard_node *value = parse_expression(p, 0);
		if (value == NULL) return;
		if (!is_now(p, ";")) expect_end(p);
		if (!add_root(p, make(p, APL_OP_ASSIGN, begin, target, value))) return;
	}
	if (p->guard->n_roots == 0 && !p->is_wrong) WRONG(p, 0, "guard-syntax", "the text is empty; an assignment was expected, as data.x = 1");
}

static bool index_nodes(apl_guard *guard) {
	guard->nodes = apl_arena_take(guard->arena, guard->n_nodes * sizeof(apl_guard_node *));
	if (guard->nodes == NULL) return false;
	for (apl_guard_node *node = guard->first; node != NULL; node = node->next) guard->nodes[node->order] = node;
	return true;
}

static apl_guard *begin_guard(apl_arena *arena, apl_guard_form form, const apl_guard_text *text) {
	apl_guard *guard = apl_arena_take(arena, sizeof *guard);
	if (guard == NULL) return NULL;
	*guard = (apl_guard){.form = form,
	    .place = text->place,
	    .is_plain = text->is_plain && text->place.column != 0,
	    .arena = arena,
	    .size = (uint32_t)text->size};
	guard->text = apl_arena_text(arena, text->bytes, text->size);
	guard->what = apl_arena_text(arena, text->what, strlen(text->what));
	uint32_t most = 1;
	for (size_t i = 0; i < text->size && form == APL_GUARD_ACTIONS; i++) most += text->bytes[i] == ';';
	guard->roots = apl_arena_take(arena, most * sizeof(apl_guard_node *));
	return guard->text != NULL && guard->what != NULL && guard->roots != NULL ? guard : NULL;
}

int apl_guard_parse(apl_guard **out, apl_arena *arena, apl_guard_form form, const apl_guard_text *text, apl_findings *findings) {
	if (text->size > APL_GUARD_MOST_BYTES) {
		apl_found(findings, APLOMB_ERROR, "limit-guard", text->place, "%s: the text has %zu bytes, and at most %d are read; use a function",
		    text->what, text->size, APL_GUARD_MOST_BYTES);
		return APLOMB_EPLAYBOOK;
	}
	apl_guard *guard = begin_guard(arena, form, text);
	if (guard == NULL) return APLOMB_ENOMEM;
	parser p = {.guard = guard, .findings = findings, .text = guard->text, .size = guard->size};
	size_t valid = apl_utf8_valid(p.text, p.size);
	if (valid != p.size || memchr(p.text, '\0', p.size) != NULL)
		WRONG(&p, 0, "bad-text", "this text is not valid UTF-8, or has a zero byte in it");
	else
		advance(&p);
	if (form == APL_GUARD_ACTIONS) {
		parse_actions(&p);
	} else if (p.now.kind == T_END) {
		WRONG(&p, 0, "guard-syntax", "the text is empty; %s was expected",
		    form == APL_GUARD_TRUTH ? "something that is true or false" : "a value");
	} else {
		apl_guard_node *root = parse_expression(&p, 0);
		expect_end(&p);
		add_root(&p, root);
	}
	if (p.no_memory || (!p.is_wrong && !index_nodes(guard))) return APLOMB_ENOMEM;
	if (p.is_wrong) return APLOMB_EPLAYBOOK;
	*out = guard;
	return APLOMB_OK;
}

const apl_guard_op_about apl_guard_ops[APL_OPS] = {
    [APL_OP_NIL] = {"nil", 0, APL_GUARD_LITERAL},
    [APL_OP_CONSTANT] = {"", 0, APL_GUARD_LITERAL},
    [APL_OP_PATH] = {"", 0, APL_GUARD_PATH},
    [APL_OP_IS_IN] = {"is_in", 0, APL_GUARD_QUESTION},
    [APL_OP_TIME_IN] = {"time_in", 0, APL_GUARD_QUESTION},
    [APL_OP_COUNT] = {"count", 0, APL_GUARD_QUESTION},
    [APL_OP_HAS] = {"has", 0, APL_GUARD_QUESTION},
    [APL_OP_LEN] = {"len", 0, APL_GUARD_QUESTION},
    [APL_OP_CONTAINS] = {"contains", 0, APL_GUARD_QUESTION},
    [APL_OP_OR] = {"or", 1, APL_GUARD_OPERATION},
    [APL_OP_AND] = {"and", 2, APL_GUARD_OPERATION},
    [APL_OP_LESS] = {"<", APL_BINDING_COMPARISON, APL_GUARD_OPERATION},
    [APL_OP_LESS_EQUAL] = {"<=", APL_BINDING_COMPARISON, APL_GUARD_OPERATION},
    [APL_OP_GREATER] = {">", APL_BINDING_COMPARISON, APL_GUARD_OPERATION},
    [APL_OP_GREATER_EQUAL] = {">=", APL_BINDING_COMPARISON, APL_GUARD_OPERATION},
    [APL_OP_EQUAL] = {"==", APL_BINDING_COMPARISON, APL_GUARD_OPERATION},
    [APL_OP_UNEQUAL] = {"~=", APL_BINDING_COMPARISON, APL_GUARD_OPERATION},
    [APL_OP_ADD] = {"+", 10, APL_GUARD_OPERATION},
    [APL_OP_SUBTRACT] = {"-", 10, APL_GUARD_OPERATION},
    [APL_OP_MULTIPLY] = {"*", 11, APL_GUARD_OPERATION},
    [APL_OP_DIVIDE] = {"/", 11, APL_GUARD_OPERATION},
    [APL_OP_FLOOR_DIVIDE] = {"//", 11, APL_GUARD_OPERATION},
    [APL_OP_MODULO] = {"%", 11, APL_GUARD_OPERATION},
    [APL_OP_NOT] = {"not", APL_BINDING_UNARY, APL_GUARD_OPERATION},
    [APL_OP_MINUS] = {"-", APL_BINDING_UNARY, APL_GUARD_OPERATION},
    [APL_OP_SIZE] = {"#", APL_BINDING_UNARY, APL_GUARD_OPERATION},
    [APL_OP_ASSIGN] = {"=", 0, APL_GUARD_ASSIGNMENT},
};
