/* SPDX-License-Identifier: MIT */
/*
 * Decides how a place, a key, an item and a call are found again in what
 * places.c has read. Every question costs a binary search, not a walk.
 */

#include "lua/places.h"

#include <string.h>

/* ---- orders ---------------------------------------------------------------------- */

/* Items are swapped as bytes: they are small, and few sorts are needed. */
void apl_places_sort(void *items, void *other, size_t count, size_t size,
    int (*compare)(const void *context, const void *left, const void *right), const void *context) {
	if (count < 2) return;
	size_t half = count / 2;
	char *to = items;
	apl_places_sort(to, other, half, size, compare, context);
	apl_places_sort(to + half * size, other, count - half, size, compare, context);
	memcpy(other, to, half * size);
	const char *left = other;
	const char *left_end = left + half * size;
	const char *right = to + half * size;
	const char *right_end = to + count * size;
	for (; left < left_end; to += size) {
		bool takes_left = right == right_end || compare(context, left, right) <= 0;
		memcpy(to, takes_left ? left : right, size);
		if (takes_left)
			left += size;
		else
			right += size;
	}
}

static int sign_of(int64_t left, int64_t right) {
	return (left > right) - (left < right);
}

static int compare_bytes(const char *left, uint32_t left_size, const char *right, uint32_t right_size) {
	uint32_t least = left_size < right_size ? left_size : right_size;
	int order = least > 0 ? memcmp(left, right, least) : 0;
	return order != 0 ? order : sign_of(left_size, right_size);
}

int apl_places_compare_keys(const char *texts, const apl_site_entry *left, const apl_site_entry *right) {
	if (left->key_kind != right->key_kind) return left->key_kind < right->key_kind ? -1 : 1;
	switch ((apl_key_kind)left->key_kind) {
	case APL_KEY_TEXT:
		return compare_bytes(texts + left->key.text.at, left->key.text.size, texts + right->key.text.at, right->key.text.size);
	case APL_KEY_INTEGER:
	case APL_KEY_BOOLEAN: return sign_of(left->key.integer, right->key.integer);
	case APL_KEY_NUMBER: return (left->key.number > right->key.number) - (left->key.number < right->key.number);
	case APL_KEY_NONE:
	case APL_KEY_COMPUTED: break;
	}
	return 0;
}

/* What tells calls apart. */
typedef struct call_key {
	uint32_t line;
	const char *word;
	uint32_t word_size;
	bool is_second;
	const char *name;
	uint32_t name_size;
} call_key;

static call_key key_of(const apl_places *places, uint32_t number) {
	const apl_site_call *call = &places->calls[number];
	const apl_site_call *named = call->before == APL_NO_SITE ? call : &places->calls[call->before];
	bool has_name = named->name_size != UINT32_MAX;
	return (call_key){call->line, places->source + call->word, call->word_size, call->before != APL_NO_SITE,
	    has_name ? places->texts.bytes + named->name : NULL, has_name ? named->name_size : 0};
}

static int compare_call_keys(const call_key *a, const call_key *b) {
	if (a->line != b->line) return a->line < b->line ? -1 : 1;
	int order = compare_bytes(a->word, a->word_size, b->word, b->word_size);
	if (order != 0) return order;
	if (a->is_second != b->is_second) return b->is_second ? -1 : 1;
	return compare_bytes(a->name, a->name_size, b->name, b->name_size);
}

static int compare_calls(const void *context, const void *left, const void *right) {
	const apl_places *places = context;
	call_key a = key_of(places, *(const uint32_t *)left);
	call_key b = key_of(places, *(const uint32_t *)right);
	return compare_call_keys(&a, &b);
}

static int compare_locals(const void *context, const void *left, const void *right) {
	const apl_places *places = context;
	const apl_site_local *a = left;
	const apl_site_local *b = right;
	return compare_bytes(places->source + a->name, a->name_size, places->source + b->name, b->name_size);
}

/* Of several variables with one name none is meant. */
static void drop_ambiguous(apl_places *places) {
	uint32_t kept = 0;
	for (uint32_t i = 0; i < places->n_locals; i++) {
		if (kept > 0 && compare_locals(places, &places->locals[kept - 1], &places->locals[i]) == 0)
			places->locals[kept - 1].table = APL_NO_SITE;
		else
			places->locals[kept++] = places->locals[i];
	}
	places->n_locals = kept;
}

bool apl_places_put_in_order(apl_places *places) {
	const apl_alloc *alloc = &places->alloc;
	size_t calls_size = (places->n_calls / 2 + 1) * sizeof *places->sorted;
	size_t locals_size = (places->n_locals / 2 + 1) * sizeof *places->locals;
	places->sorted = apl_new(alloc, (places->n_calls + 1) * sizeof *places->sorted);
	void *calls = apl_new(alloc, calls_size);
	void *locals = apl_new(alloc, locals_size);
	bool has_memory = places->sorted != NULL && calls != NULL && locals != NULL;
	if (has_memory) {
		for (uint32_t i = 0; i < places->n_calls; i++) places->sorted[i] = i;
		apl_places_sort(places->sorted, calls, places->n_calls, sizeof *places->sorted, compare_calls, places);
		apl_places_sort(places->locals, locals, places->n_locals, sizeof *places->locals, compare_locals, places);
		drop_ambiguous(places);
	}
	apl_free(alloc, locals, locals_size);
	apl_free(alloc, calls, calls_size);
	return has_memory;
}

/* ---- lines and columns ---------------------------------------------------------------- */

static bool is_newline(char c) {
	return c == '\n' || c == '\r';
}

static bool begins_character(char c) {
	return ((unsigned char)c & 0xc0) != 0x80;
}

static bool add_line(apl_places *places, uint32_t at) {
	if (!APL_GROW(&places->alloc, places->lines, places->n_lines, places->lines_capacity)) return false;
	places->lines[places->n_lines++] = at;
	return true;
}

bool apl_places_measure(apl_places *places) {
	const char *source = places->source;
	places->n_columns = places->size / APL_PLACES_STRIDE + 1;
	places->columns = apl_new(&places->alloc, places->n_columns * sizeof *places->columns);
	if (places->columns == NULL || !add_line(places, 0)) return false;
	uint32_t column = 1;
	for (uint32_t at = 0; at < places->size; at++) {
		if (at % APL_PLACES_STRIDE == 0) places->columns[at / APL_PLACES_STRIDE] = column;
		column += begins_character(source[at]);
		if (!is_newline(source[at])) continue;
		/* Of the two characters of one line break the second ends the line. */
		bool is_first = at + 1 < places->size && is_newline(source[at + 1]) && source[at + 1] != source[at];
		if (is_first) {
			at++;
			if (at % APL_PLACES_STRIDE == 0) places->columns[at / APL_PLACES_STRIDE] = column;
		}
		if (!add_line(places, at + 1)) return false;
		column = 1;
	}
	if (places->size % APL_PLACES_STRIDE == 0) places->columns[places->size / APL_PLACES_STRIDE] = column;
	return true;
}

apl_place apl_places_at(const apl_places *places, uint32_t offset) {
	if (offset > places->size) offset = places->size;
	uint32_t low = 0, high = places->n_lines; /* the last line that does not begin behind it */
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		if (places->lines[middle] <= offset)
			low = middle;
		else
			high = middle;
	}
	uint32_t at = offset - offset % APL_PLACES_STRIDE;
	uint32_t column = places->columns[offset / APL_PLACES_STRIDE];
	if (places->lines[low] >= at) {
		at = places->lines[low];
		column = 1;
	}
	for (; at < offset; at++) column += begins_character(places->source[at]);
	return (apl_place){places->file, low + 1, column};
}

/* ---- calls, keys, items --------------------------------------------------------------------- */

uint32_t apl_places_calls(
    const apl_places *places, uint32_t line, const char *word, const char *name, size_t name_size, bool is_second, uint32_t *first) {
	call_key wanted = {line, word, (uint32_t)strlen(word), is_second, name, (uint32_t)name_size};
	uint32_t low = 0, high = places->n_calls;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		call_key key = key_of(places, places->sorted[middle]);
		if (compare_call_keys(&key, &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*first = low;
	uint32_t end = low;
	/* Equal ones stand together; their end is found by doubling, so that many of them cost no walk each time. */
	uint32_t step = 1;
	high = places->n_calls;
	while (end < high) {
		uint32_t ahead = step < high - end ? end + step - 1 : high - 1;
		call_key key = key_of(places, places->sorted[ahead]);
		if (compare_call_keys(&key, &wanted) == 0) {
			end = ahead + 1;
			step *= 2;
		} else {
			high = ahead;
			step = step > 1 ? step / 2 : 1;
		}
	}
	return end - low;
}

const apl_site_entry *apl_places_key(const apl_places *places, uint32_t table, const char *key, size_t size) {
	if (table == APL_NO_SITE) return NULL;
	const apl_site_table *t = &places->tables[table];
	const apl_site_entry *keys = places->entries + t->first_entry + t->n_items;
	uint32_t low = 0, high = t->n_keys;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const apl_site_entry *entry = &keys[middle];
		/* Keys that are texts stand before all others. */
		int order = entry->key_kind != APL_KEY_TEXT
		                ? 1
		                : compare_bytes(places->texts.bytes + entry->key.text.at, entry->key.text.size, key, (uint32_t)size);
		if (order == 0) return entry;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const apl_site_entry *apl_places_item(const apl_places *places, uint32_t table, uint64_t item) {
	if (table == APL_NO_SITE || item < 1 || item > places->tables[table].n_items) return NULL;
	return &places->entries[places->tables[table].first_entry + item - 1];
}

static uint32_t size_of_name(const char *name, const char *end) {
	const char *at = name;
	while (at < end && ((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') || *at == '_')) at++;
	return (uint32_t)(at - name);
}

uint32_t apl_places_table_of(const apl_places *places, const apl_site_entry *entry) {
	if (entry == NULL) return APL_NO_SITE;
	if (entry->value_kind == APL_VALUE_TABLE) return entry->ref;
	if (entry->value_kind != APL_VALUE_NAME) return APL_NO_SITE;
	const apl_site_local wanted = {
	    entry->value_at, size_of_name(places->source + entry->value_at, places->source + places->size), APL_NO_SITE};
	uint32_t low = 0, high = places->n_locals;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = compare_locals(places, &places->locals[middle], &wanted);
		if (order == 0) return places->locals[middle].table;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return APL_NO_SITE;
}

bool apl_places_text(const apl_places *places, const apl_site_entry *entry, uint32_t *offset, bool *is_plain) {
	if (entry == NULL || entry->value_kind != APL_VALUE_TEXT) return false;
	apl_token token = apl_token_at(places->source, places->size, entry->value_at);
	uint32_t to;
	apl_token_inside(places->source, &token, offset, &to);
	*is_plain = token.is_plain;
	return true;
}
