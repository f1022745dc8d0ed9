/* SPDX-License-Identifier: MIT */
/*
 * Decides which item of a list is the value that is looked for. A list is
 * canonical JSON, read as it lies: nothing is copied, nothing is taken apart.
 */
#include "data/guard_tree.h"
#include "time/instant.h"

/* -1, 0, 1: an integer beside a number, exactly. Numbers are finite here. */
static int order_mixed(int64_t integer, double number) {
	if (number >= 9223372036854775808.0) return -1;
	if (number < -9223372036854775808.0) return 1;
	int64_t whole = (int64_t)number; /* towards zero */
	if (integer != whole) return integer < whole ? -1 : 1;
	double rest = number - (double)whole;
	return rest > 0 ? -1 : rest < 0 ? 1 : 0;
}

int apl_guard_order_numbers(const apl_guard_value *x, const apl_guard_value *y) {
	if (x->type == APL_TYPE_INTEGER && y->type == APL_TYPE_INTEGER)
		return x->as.integer < y->as.integer ? -1 : x->as.integer > y->as.integer;
	if (x->type == APL_TYPE_INTEGER) return order_mixed(x->as.integer, y->as.number);
	if (y->type == APL_TYPE_INTEGER) return -order_mixed(y->as.integer, x->as.number);
	return x->as.number < y->as.number ? -1 : x->as.number > y->as.number;
}

/* Behind the item of canonical JSON that begins at [at]. */
static const char *behind_item(const char *at, const char *end) {
	unsigned depth = 0;
	for (; at < end; at++) {
		if (*at == '"') {
			for (at++; at < end && *at != '"'; at++) at += *at == '\\';
		} else if (*at == '[' || *at == '{') {
			depth++;
		} else if (*at == ']' || *at == '}') {
			if (depth == 0) return at;
			depth--;
		} else if (*at == ',' && depth == 0) {
			return at;
		}
	}
	return end;
}

/* A list as canonical JSON: its next item in [at, end), or NULL. [*rest] begins as the list's second byte. */
static const char *next_item(const char **rest, const char *end, size_t *size) {
	const char *at = *rest;
	if (at >= end || *at == ']') return NULL;
	const char *behind = behind_item(at, end);
	*size = (size_t)(behind - at);
	*rest = behind < end && *behind == ',' ? behind + 1 : behind;
	return at;
}

int64_t apl_guard_count_items(const apl_guard_value *list) {
	const char *rest = list->as.text.bytes + 1, *end = list->as.text.bytes + list->as.text.size;
	size_t size;
	int64_t count = 0;
	while (next_item(&rest, end, &size) != NULL) count++;
	return count;
}

static int hex_digit(char c) {
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Is the text in canonical JSON, quotes included, this one? Canonical escapes are \" \\ \b \f \n \r \t \u00xx. */
static bool is_same_text(const char *json, size_t json_size, const char *bytes, uint32_t size) {
	static const char names[] = "\"\\bfnrt", meaning[] = "\"\\\b\f\n\r\t";
	uint32_t at = 0;
	for (size_t i = 1; i + 1 < json_size; i++) {
		char c = json[i];
		if (c == '\\') {
			const char *name = strchr(names, json[++i]);
			if (name != NULL) {
				c = meaning[name - names];
			} else {
				c = (char)(hex_digit(json[i + 3]) * 16 + hex_digit(json[i + 4]));
				i += 4;
			}
		}
		if (at >= size || bytes[at++] != c) return false;
	}
	return at == size;
}

static bool is_same_item(const char *item, size_t size, uint8_t item_type, const apl_guard_value *wanted) {
	bool is_text = item[0] == '"';
	const char *inner = item + 1;
	size_t inner_size = is_text ? size - 2 : 0;
	switch ((apl_type)wanted->type) {
	case APL_TYPE_TEXT:
	case APL_TYPE_ONE_OF: return is_text && is_same_text(item, size, wanted->as.text.bytes, wanted->as.text.size);
	case APL_TYPE_INTEGER:
	case APL_TYPE_NUMBER: {
		apl_guard_value found = {.is_there = true};
		aplomb_kind kind = is_text ? APLOMB_ABSENT : apl_number_read(item, size, &found.as.integer, &found.as.number);
		if (kind != APLOMB_INTEGER && kind != APLOMB_NUMBER) return false;
		found.type = kind == APLOMB_INTEGER ? APL_TYPE_INTEGER : APL_TYPE_NUMBER;
		return apl_guard_order_numbers(&found, wanted) == 0;
	}
	case APL_TYPE_BOOLEAN: return wanted->as.truth ? size == 4 && item[0] == 't' : size == 5 && item[0] == 'f';
	case APL_TYPE_MONEY: {
		apl_money money;
		return is_text && apl_money_read(inner, inner_size, &money, NULL) == APLOMB_OK && money.minor == wanted->as.money.minor &&
		       money.currency == wanted->as.money.currency;
	}
	case APL_TYPE_SPAN:
	case APL_TYPE_INSTANT: {
		int64_t time;
		if (!is_text) return false;
		apl_span_unit unit;
		int code = item_type == APL_TYPE_SPAN ? apl_span_read_any(inner, inner_size, &time, &unit, NULL)
		                                      : apl_instant_read(inner, inner_size, &time, NULL);
		return code == APLOMB_OK && time == wanted->as.integer;
	}
	default: return false;
	}
}

bool apl_guard_list_has(const apl_guard_value *list, uint8_t item_type, const apl_guard_value *wanted) {
	const char *rest = list->as.text.bytes + 1, *end = list->as.text.bytes + list->as.text.size;
	size_t size;
	for (const char *item; (item = next_item(&rest, end, &size)) != NULL;) {
		if (is_same_item(item, size, item_type, wanted)) return true;
	}
	return false;
}
