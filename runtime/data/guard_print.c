/* SPDX-License-Identifier: MIT */
/*
 * Decides how a guard is shown: where a mistake in it stands, what went wrong
 * when it was asked, its parts and their values, and its text as one would
 * write it. Nothing is decided here about what it means.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/assert.h"
#include "base/text.h"
#include "data/guard_tree.h"
#include "time/instant.h"

/* ---- places ----------------------------------------------------------------- */

static bool continues_character(char c) {
	return ((unsigned char)c & 0xC0u) == 0x80u;
}

/* Characters of the text before [at]. */
static uint32_t characters_before(const apl_guard *guard, uint32_t from, uint32_t at) {
	uint32_t count = 0;
	for (uint32_t i = from; i < at; i++) count += !continues_character(guard->text[i]);
	return count;
}

static apl_place place_of(const apl_guard *guard, uint32_t at) {
	apl_place place = guard->place;
	if (!guard->is_plain) return place;
	uint32_t line_begins = 0;
	for (uint32_t i = 0; i < at; i++) {
		if (guard->text[i] != '\n') continue;
		place.line++;
		line_begins = i + 1;
	}
	uint32_t before = characters_before(guard, line_begins, at);
	place.column = line_begins == 0 ? place.column + before : before + 1;
	return place;
}

/* On one line, and in valid UTF-8 whatever it was. Returns [size]. */
static uint32_t copy_shown(const char *text, uint32_t size, char *out) {
	uint32_t valid = 0;
	for (uint32_t i = 0; i < size; i++) {
		if (i >= valid) valid = i + (uint32_t)apl_utf8_valid(text + i, size - i);
		out[i] = i >= valid ? '?' : (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? ' ' : text[i];
	}
	return size;
}

enum { EXCERPT_BEFORE = 24, EXCERPT_BEHIND = 40, EXCERPT = EXCERPT_BEFORE + EXCERPT_BEHIND + 24 };

/* What stands around [at], on one line. */
static const char *excerpt(const apl_guard *guard, uint32_t at, char out[EXCERPT]) {
	uint32_t from = 0, to = guard->size, used = 0;
	if (guard->size > EXCERPT_BEFORE + EXCERPT_BEHIND) {
		from = at > EXCERPT_BEFORE ? at - EXCERPT_BEFORE : 0;
		to = guard->size - from > EXCERPT_BEFORE + EXCERPT_BEHIND ? from + EXCERPT_BEFORE + EXCERPT_BEHIND : guard->size;
	}
	while (from > 0 && continues_character(guard->text[from])) from--;
	while (to > from && to < guard->size && continues_character(guard->text[to])) to--;
	if (from > 0) used += (uint32_t)snprintf(out, EXCERPT, "\xE2\x80\xA6");
	used += copy_shown(guard->text + from, to - from, out + used);
	snprintf(out + used, EXCERPT - used, "%s", to < guard->size ? "\xE2\x80\xA6" : "");
	return out;
}

void apl_guard_told(
    const apl_guard *guard, apl_findings *findings, aplomb_severity severity, const char *slug, uint32_t begin, const char *format, ...) {
	char said[768], around[EXCERPT];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(said, sizeof said, format, arguments);
	va_end(arguments);
	if (guard->is_plain)
		apl_found(findings, severity, slug, place_of(guard, begin), "%s: %s", guard->what, said);
	else
		apl_found(findings, severity, slug, guard->place, "%s: %s (character %u of \"%s\")", guard->what, said,
		    (unsigned)characters_before(guard, 0, begin) + 1, excerpt(guard, begin, around));
}

const char *apl_guard_piece(const apl_guard *guard, const apl_guard_node *node, char *out, size_t size) {
	enum { MOST = 60 };
	uint32_t length = (uint32_t)(node->end - node->begin), used = 0;
	const char *from = guard->text + node->begin;
	uint32_t kept = length;
	if (kept > MOST) {
		kept = MOST;
		while (kept > 0 && continues_character(from[kept])) kept--;
	}
	APL_ASSERT(size > MOST + 4);
	used += copy_shown(from, kept, out);
	snprintf(out + used, size - used, "%s", kept < length ? "\xE2\x80\xA6" : "");
	return out;
}

/* ---- what went wrong ----------------------------------------------------------- */

static void code_of(uint64_t currency, char out[4]) {
	for (unsigned i = 0; i < 3; i++) out[i] = (char)(currency >> (8 * i) & 0xFFu);
	out[3] = '\0';
}

const char *apl_guard_fact(const apl_guard *guard, const apl_guard_trouble *trouble, char *out, size_t size) {
	char piece[80], other[80], left[4], right[4];
	apl_guard_piece(guard, guard->nodes[trouble->part], piece, sizeof piece);
	if (strcmp(trouble->slug, "missing-value") == 0) {
		snprintf(out, size, "%s: %s is missing, so there is nothing to assign", piece,
		    apl_guard_piece(guard, guard->nodes[trouble->other], other, sizeof other));
	} else if (strcmp(trouble->slug, "mixed-currencies") == 0) {
		code_of(trouble->currencies[0], left);
		code_of(trouble->currencies[1], right);
		snprintf(out, size, "%s: %s and %s are different currencies", piece, left, right);
	} else if (strcmp(trouble->slug, "mixed-time") == 0) {
		snprintf(out, size, "%s: business time is neither compared with nor added to what is counted otherwise", piece);
	} else if (strcmp(trouble->slug, "guard-division") == 0) {
		snprintf(out, size, "%s divides by zero", piece);
	} else {
		snprintf(out, size, "%s is more than there is room for", piece);
	}
	return out;
}

int apl_guard_explain(const apl_guard *guard, const apl_guard_trouble *trouble, aplomb_error *error) {
	char fact[256], around[EXCERPT];
	const apl_guard_node *node = guard->nodes[trouble->part];
	apl_place place = place_of(guard, node->begin);
	apl_guard_fact(guard, trouble, fact, sizeof fact);
	if ((uint32_t)(node->end - node->begin) == guard->size) return apl_fail_at(error, APLOMB_EPLAYBOOK, trouble->slug, place, "%s", fact);
	return apl_fail_at(error, APLOMB_EPLAYBOOK, trouble->slug, place, "%s (in \"%s\")", fact, excerpt(guard, node->begin, around));
}

/* ---- parts ---------------------------------------------------------------------- */

uint32_t apl_guard_parts(const apl_guard *guard) {
	return guard->n_nodes;
}

static uint32_t order_of(const apl_guard_node *node) {
	return node != NULL ? node->order : APL_GUARD_NO_PART;
}

void apl_guard_part_at(const apl_guard *guard, uint32_t number, apl_guard_part *out) {
	const apl_guard_node *node = guard->nodes[number];
	*out = (apl_guard_part){.kind = (apl_guard_kind)apl_guard_ops[node->op].kind,
	    .type = (apl_type)node->type,
	    .text = guard->text + node->begin,
	    .size = (size_t)(node->end - node->begin),
	    .at = node->begin,
	    .parent = order_of(node->parent),
	    .left = order_of(node->left),
	    .right = order_of(node->right),
	    .word = apl_guard_ops[node->op].word,
	    .is_personal = node->is_personal};
}

static void show_instant(apl_buf *out, int64_t value) {
	char text[APL_INSTANT_TEXT];
	if (value >= APL_INSTANT_MIN && value <= APL_INSTANT_MAX)
		apl_buf_add(out, text, apl_instant_write(value, text));
	else
		apl_buf_text(out, "beyond the year 9999");
}

void apl_guard_show(apl_buf *out, const apl_guard_value *value) {
	char text[APL_SPAN_TEXT];
	if (!value->is_there) {
		apl_buf_text(out, value->type == APL_TYPE_BOOLEAN ? "unknown" : "missing");
		return;
	}
	switch ((apl_type)value->type) {
	case APL_TYPE_INTEGER: apl_buf_integer(out, value->as.integer); return;
	case APL_TYPE_NUMBER: apl_json_write_number(out, value->as.number); return;
	case APL_TYPE_BOOLEAN: apl_buf_text(out, value->as.truth ? "true" : "false"); return;
	case APL_TYPE_TEXT:
	case APL_TYPE_ONE_OF: apl_json_write_text(out, value->as.text.bytes, value->as.text.size); return;
	case APL_TYPE_MONEY: apl_buf_add(out, text, apl_money_write(value->as.money, text)); return;
	case APL_TYPE_INSTANT: show_instant(out, value->as.integer); return;
	case APL_TYPE_SPAN: apl_buf_add(out, text, apl_span_write_in(value->as.integer, (apl_span_unit)value->unit, text)); return;
	case APL_TYPE_LIST:
	case APL_TYPE_ANY: apl_buf_add(out, value->as.text.bytes, value->as.text.size); return;
	case APL_TYPE_FIELDS: APL_BUF_LITERAL(out, "{\xE2\x80\xA6}"); return;
	}
}

/* ---- the text again ----------------------------------------------------------------- */

static void print_text(apl_buf *out, const char *bytes, size_t size) {
	apl_buf_byte(out, '"');
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)bytes[i];
		if (c == '"' || c == '\\')
			apl_buf_format(out, "\\%c", c);
		else if (c == '\n')
			APL_BUF_LITERAL(out, "\\n");
		else if (c < 0x20 || c == 0x7F)
			apl_buf_format(out, "\\%03u", c);
		else
			apl_buf_byte(out, (char)c);
	}
	apl_buf_byte(out, '"');
}

/* A literal as it was written, but texts in double quotes: what a text was read as (a span, money) is written as that text. */
static void print_constant(apl_buf *out, const apl_guard *guard, const apl_guard_node *node) {
	char quote = guard->text[node->begin];
	if (quote == '"' || quote == '\'')
		print_text(out, node->name, node->name_size);
	else
		apl_buf_add(out, guard->text + node->begin, (size_t)(node->end - node->begin));
}

static unsigned binding_of(const apl_guard_node *node) {
	unsigned binding = apl_guard_ops[node->op].binding;
	return binding != 0 ? binding : 100;
}

static void print(apl_buf *out, const apl_guard *guard, const apl_guard_node *node, unsigned least);

static void print_node(apl_buf *out, const apl_guard *guard, const apl_guard_node *node) {
	const char *word = apl_guard_ops[node->op].word;
	unsigned binding = binding_of(node);
	switch ((apl_guard_op)node->op) {
	case APL_OP_NIL: APL_BUF_LITERAL(out, "nil"); return;
	case APL_OP_CONSTANT: print_constant(out, guard, node); return;
	case APL_OP_PATH: apl_buf_add(out, node->name, node->name_size); return;
	case APL_OP_IS_IN:
	case APL_OP_TIME_IN:
	case APL_OP_CLOCK_ELAPSED:
	case APL_OP_CLOCK_LEFT:
	case APL_OP_CLOCK_TARGET:
	case APL_OP_CLOCK_DEADLINE:
	case APL_OP_CLOCK_RUNNING:
	case APL_OP_CLOCK_BREACHED:
	case APL_OP_ON_DUTY:
	case APL_OP_NOBODY_ON_DUTY:
	case APL_OP_COUNT:
		apl_buf_text(out, word);
		apl_buf_byte(out, '(');
		print_text(out, node->name, node->name_size);
		if (node->is_total) APL_BUF_LITERAL(out, ", \"total\"");
		apl_buf_byte(out, ')');
		return;
	case APL_OP_HAS:
	case APL_OP_LEN:
	case APL_OP_CONTAINS:
		apl_buf_text(out, word);
		apl_buf_byte(out, '(');
		print(out, guard, node->left, 0);
		if (node->right != NULL) {
			APL_BUF_LITERAL(out, ", ");
			print(out, guard, node->right, 0);
		}
		apl_buf_byte(out, ')');
		return;
	case APL_OP_NOT:
	case APL_OP_MINUS:
	case APL_OP_SIZE:
		apl_buf_text(out, word);
		if (node->op == APL_OP_NOT) apl_buf_byte(out, ' ');
		/* -(-x), for -- begins a comment. */
		print(out, guard, node->left, node->op == APL_OP_MINUS && node->left->op == APL_OP_MINUS ? binding + 1 : binding);
		return;
	default:
		print(out, guard, node->left, binding);
		apl_buf_format(out, " %s ", word);
		print(out, guard, node->right, node->op == APL_OP_ASSIGN ? 0 : binding + 1);
		return;
	}
}

static void print(apl_buf *out, const apl_guard *guard, const apl_guard_node *node, unsigned least) {
	bool inner = binding_of(node) < least;
	if (inner) apl_buf_byte(out, '(');
	print_node(out, guard, node);
	if (inner) apl_buf_byte(out, ')');
}

void apl_guard_print(apl_buf *out, const apl_guard *guard) {
	for (uint32_t i = 0; i < guard->n_roots; i++) {
		if (i > 0) APL_BUF_LITERAL(out, "; ");
		print(out, guard, guard->roots[i], 0);
	}
}
