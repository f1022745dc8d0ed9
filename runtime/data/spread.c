/* SPDX-License-Identifier: MIT */
/*
 * Decides how an `any` is kept of which some members have slots: which value
 * goes into a slot, what is left over for the text, and how both become one
 * map again when somebody wants JSON. Which members have slots is decided by
 * whoever spreads the field.
 */

#include "base/assert.h"
#include "data/layout.h"

/* The longest scalar that is no text, with its label's quotes and colon and comma. */
enum { SCALAR_JSON = 32 };

static apl_text *text_of(const uint64_t *words, const apl_spread *spread, uint32_t slot) {
	return (apl_text *)(uintptr_t)words[spread->first + slot];
}

static uint32_t kind_words(const apl_spread *spread) {
	return (spread->n_slots + 7) / 8;
}

/* Of eight kinds at once: is a text among them? */
static bool has_texts(uint64_t eight) {
	return (eight & UINT64_C(0x0808080808080808)) != 0;
}

/* ---- life --------------------------------------------------------------- */

/* The next slot from [slot] on that holds a text; [n_slots]: none. */
static inline uint32_t next_text(const apl_spread *spread, const uint64_t *words, uint32_t slot) {
	const uint8_t *kinds = apl_slot_kinds(spread, words);
	while (slot < spread->n_slots) {
		if ((slot & 7u) == 0 && !has_texts(words[spread->kinds + slot / 8])) {
			slot += 8;
		} else if (kinds[slot] >= APL_SLOT_TEXT) {
			return slot;
		} else {
			slot++;
		}
	}
	return spread->n_slots;
}

#define FOR_EACH_TEXT(slot, spread, words)                                                                                                 \
	for (uint32_t slot = next_text((spread), (words), 0); slot < (spread)->n_slots; slot = next_text((spread), (words), slot + 1))

void apl_spread_share(const apl_spread *spread, const uint64_t *words) {
	FOR_EACH_TEXT(slot, spread, words) {
		apl_text *text = text_of(words, spread, slot);
		APL_ASSERT(text->refs > 0 && text->refs < UINT32_MAX);
		text->refs++;
	}
}

void apl_spread_clear(const apl_spread *spread, uint64_t *words, const apl_alloc *alloc) {
	FOR_EACH_TEXT(slot, spread, words) {
		apl_text *text = text_of(words, spread, slot);
		if (text->refs > 0) apl_text_drop(alloc, text);
	}
	memset(words + spread->kinds, 0, (kind_words(spread) + spread->n_slots) * sizeof *words);
}

static apl_text *new_text(const apl_keep *keep, const char *bytes, size_t size) {
	return keep->arena != NULL ? apl_text_in(keep->arena, bytes, size) : apl_text_new(keep->alloc, bytes, size);
}

bool apl_spread_own(const apl_spread *spread, uint64_t *words, apl_keep keep) {
	FOR_EACH_TEXT(slot, spread, words) {
		apl_text *text = text_of(words, spread, slot);
		text = keep.arena != NULL ? apl_text_in(keep.arena, text->bytes, text->size) : apl_text_keep(keep.alloc, text);
		if (text == NULL) {
			/* What has not been reached is not ours to drop. */
			uint8_t *kinds = apl_slot_kinds_of(spread, words);
			for (uint32_t rest = slot; rest < spread->n_slots; rest++) kinds[rest] = APL_SLOT_ABSENT;
			apl_spread_clear(spread, words, keep.alloc);
			return false;
		}
		words[spread->first + slot] = (uint64_t)(uintptr_t)text;
	}
	return true;
}

/* ---- writing ------------------------------------------------------------ */

/* The text between two quotes at [at], its end; escapes are stepped over. */
static const char *behind_text(const char *at) {
	for (at++; *at != '"'; at++) {
		if (*at == '\\') at++;
	}
	return at + 1;
}

/* Behind the member at [at] of a map that ends at [end]: at its comma, or at [end]. The JSON is canonical, and our own. */
static const char *behind_member(const char *at, const char *end) {
	uint32_t depth = 0;
	at = behind_text(at);
	while (at < end && (depth > 0 || *at != ',')) {
		if (*at == '"') {
			at = behind_text(at);
			continue;
		}
		depth += *at == '{' || *at == '[';
		depth -= *at == '}' || *at == ']';
		at++;
	}
	return at;
}

/* Does the member at [at] stand before one of that name? A slot's name is letters, digits and "_", so what is escaped is less than any. */
static bool stands_before(const char *at, const apl_spread_name *name) {
	at++;
	for (uint32_t i = 0; *at != '"'; i++, at++) {
		if (i == name->size) return false;
		unsigned char byte = (unsigned char)*at, wanted = (unsigned char)name->bytes[i];
		if (byte == '\\') {
			byte = (unsigned char)*++at;
			if (byte != '\\') return true; /* a quote, or a control */
		}
		if (byte != wanted) return byte < wanted;
	}
	return true;
}

static void write_slot(apl_buf *out, const apl_spread *spread, const uint64_t *words, uint32_t slot) {
	uint64_t word = words[spread->first + slot];
	const apl_text *text = text_of(words, spread, slot);
	double number;
	switch ((apl_slot_kind)apl_slot_kinds(spread, words)[slot]) {
	case APL_SLOT_ABSENT: return;
	case APL_SLOT_FALSE: APL_BUF_LITERAL(out, "false"); return;
	case APL_SLOT_TRUE: APL_BUF_LITERAL(out, "true"); return;
	case APL_SLOT_INTEGER: apl_json_write_integer(out, (int64_t)word); return;
	case APL_SLOT_NUMBER:
		memcpy(&number, &word, sizeof number);
		apl_json_write_number(out, number);
		return;
	case APL_SLOT_NULL: APL_BUF_LITERAL(out, "null"); return;
	case APL_SLOT_TEXT: apl_json_write_text(out, text->bytes, text->size); return;
	case APL_SLOT_JSON: apl_buf_add(out, text->bytes, text->size); return;
	}
}

void apl_spread_write(apl_buf *out, const apl_schema *schema, const uint64_t *words) {
	const apl_spread *spread = schema->spread;
	const apl_text *rest = apl_record_text(words, &schema->fields[spread->field]);
	const uint8_t *kinds = apl_slot_kinds(spread, words);
	if (rest->bytes[0] != '{') { /* no map, so no slot holds anything */
		apl_buf_add(out, rest->bytes, rest->size);
		return;
	}
	const char *at = rest->bytes + 1, *end = rest->bytes + rest->size - 1;
	char before = '{';
	for (uint32_t slot = 0; slot < spread->n_slots; slot++) {
		if (kinds[slot] == APL_SLOT_ABSENT) continue;
		while (at < end && stands_before(at, &spread->names[slot])) {
			const char *next = behind_member(at, end);
			apl_buf_byte(out, before);
			apl_buf_add(out, at, (size_t)(next - at));
			at = next < end ? next + 1 : end;
			before = ',';
		}
		apl_buf_byte(out, before);
		before = ',';
		apl_buf_byte(out, '"');
		apl_buf_add(out, spread->names[slot].bytes, spread->names[slot].size);
		APL_BUF_LITERAL(out, "\":");
		write_slot(out, spread, words, slot);
	}
	if (at < end) {
		apl_buf_byte(out, before);
		apl_buf_add(out, at, (size_t)(end - at));
		before = ',';
	}
	if (before == '{') apl_buf_byte(out, '{');
	apl_buf_byte(out, '}');
}

size_t apl_spread_most_bytes(const apl_schema *schema, const uint64_t *words) {
	const apl_spread *spread = schema->spread;
	const apl_text *rest = apl_record_text(words, &schema->fields[spread->field]);
	size_t size = spread->most + (rest != NULL ? rest->size : 0);
	FOR_EACH_TEXT(slot, spread, words) {
		const apl_text *text = text_of(words, spread, slot);
		/* A byte of text becomes six at most, "\u001f". */
		size += apl_slot_kinds(spread, words)[slot] == APL_SLOT_TEXT ? (size_t)text->size * 6 : text->size;
	}
	return size;
}

/* ---- reading ------------------------------------------------------------ */

uint32_t apl_spread_slot(const apl_spread *spread, const char *name, size_t size) {
	uint32_t low = 0, high = spread->n_slots;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const apl_spread_name *have = &spread->names[middle];
		size_t shorter = have->size < size ? have->size : size;
		int order = memcmp(have->bytes, name, shorter);
		if (order == 0 && have->size == size) return middle;
		if (order < 0 || (order == 0 && have->size < size))
			low = middle + 1;
		else
			high = middle;
	}
	return APL_NO_SLOT;
}

/* What a slot will hold. */
typedef struct pending {
	uint64_t word;
	uint8_t kind;
} pending;

static void forget(const apl_keep *keep, pending *what) {
	if (what->kind >= APL_SLOT_TEXT && keep->arena == NULL) apl_text_drop(keep->alloc, (apl_text *)(uintptr_t)what->word);
	*what = (pending){0, APL_SLOT_ABSENT};
}

/* [json]: room. false: no memory. */
static bool take_value(const apl_keep *keep, const apl_tape *tape, uint32_t at, apl_buf *json, pending *out) {
	const apl_cell *cell = &tape->cells[at];
	apl_text *text = NULL;
	forget(keep, out); /* named twice, the last one counts */
	switch (cell->kind) {
	case APLOMB_NULL: out->kind = APL_SLOT_NULL; return true;
	case APLOMB_BOOLEAN: out->kind = cell->truth ? APL_SLOT_TRUE : APL_SLOT_FALSE; return true;
	case APLOMB_INTEGER: *out = (pending){(uint64_t)cell->as.integer, APL_SLOT_INTEGER}; return true;
	case APLOMB_NUMBER:
		out->kind = APL_SLOT_NUMBER;
		memcpy(&out->word, &cell->as.number, sizeof out->word);
		return true;
	case APLOMB_TEXT: text = new_text(keep, cell->as.text, cell->count); break;
	default:
		apl_buf_clear(json);
		apl_json_write(json, tape, at);
		if (!json->failed) text = new_text(keep, json->bytes, json->size);
	}
	if (text == NULL) return false;
	*out = (pending){(uint64_t)(uintptr_t)text, cell->kind == APLOMB_TEXT ? APL_SLOT_TEXT : APL_SLOT_JSON};
	return true;
}

/* The map's members that have no slot, as a map: a copy of their cells. */
static bool write_rest(apl_buf *json, const apl_alloc *alloc, const apl_spread *spread, const apl_tape *tape, uint32_t map) {
	uint32_t end = tape->cells[map].as.end;
	size_t size = (end - map) * sizeof(apl_cell);
	apl_cell *cells = apl_new(alloc, size);
	if (cells == NULL) return false;
	uint32_t count = 1, n_members = 0;
	for (uint32_t name = map + 1, next; name < end; name = next) {
		next = apl_tape_next(tape, name + 1);
		if (apl_spread_slot(spread, tape->cells[name].as.text, tape->cells[name].count) != APL_NO_SLOT) continue;
		n_members++;
		for (uint32_t at = name; at < next; at++, count++) {
			cells[count] = tape->cells[at];
			if (cells[count].kind >= APLOMB_LIST) cells[count].as.end = cells[count].as.end - at + count;
		}
	}
	cells[0] = (apl_cell){.kind = APLOMB_MAP, .count = n_members, .as.end = count};
	const apl_tape rest = {.cells = cells, .count = count};
	apl_buf_clear(json);
	apl_json_write(json, &rest, 0);
	apl_free(alloc, cells, size);
	return !json->failed;
}

static bool take_members(const apl_target *t, const apl_tape *tape, uint32_t map, const apl_alloc *alloc, apl_buf *json, pending *slots) {
	const apl_spread *spread = t->schema->spread;
	bool has_rest = false;
	for (uint32_t name = map + 1; name < tape->cells[map].as.end; name = apl_tape_next(tape, name + 1)) {
		uint32_t slot = apl_spread_slot(spread, tape->cells[name].as.text, tape->cells[name].count);
		if (slot == APL_NO_SLOT)
			has_rest = true;
		else if (!take_value(&t->keep, tape, name + 1, json, &slots[slot]))
			return false;
	}
	if (has_rest) return write_rest(json, alloc, spread, tape, map);
	apl_buf_clear(json);
	APL_BUF_LITERAL(json, "{}");
	return !json->failed;
}

int apl_spread_take(const apl_target *t, const apl_tape *tape, uint32_t cell, aplomb_error *error) {
	const apl_spread *spread = t->schema->spread;
	const apl_alloc *alloc = t->keep.arena != NULL ? &t->keep.arena->alloc : t->keep.alloc;
	size_t size = spread->n_slots * sizeof(pending);
	pending *slots = apl_new(alloc, size);
	if (slots == NULL) return apl_fail_memory(error);
	apl_buf json;
	apl_buf_init(&json, alloc);
	bool is_good;
	if (tape->cells[cell].kind == APLOMB_MAP) {
		is_good = take_members(t, tape, cell, alloc, &json, slots);
	} else {
		apl_json_write(&json, tape, cell);
		is_good = !json.failed;
	}
	int code = is_good ? apl_target_put_text(t, &t->schema->fields[spread->field], json.bytes, json.size, error) : apl_fail_memory(error);
	if (code == APLOMB_OK) {
		apl_spread_clear(spread, t->words, t->keep.alloc);
		for (uint32_t i = 0; i < spread->n_slots; i++) {
			apl_slot_kinds_of(spread, t->words)[i] = slots[i].kind;
			t->words[spread->first + i] = slots[i].word;
		}
	} else {
		for (uint32_t i = 0; i < spread->n_slots; i++) forget(&t->keep, &slots[i]);
	}
	apl_buf_dispose(&json);
	apl_free(alloc, slots, size);
	return code;
}

/* ---- single slots ------------------------------------------------------- */

void apl_spread_put(const apl_spread *spread, uint64_t *words, const apl_alloc *alloc, uint32_t slot, apl_slot_kind kind, uint64_t word) {
	uint8_t *kinds = apl_slot_kinds_of(spread, words);
	if (kinds[slot] >= APL_SLOT_TEXT) apl_text_drop(alloc, text_of(words, spread, slot));
	kinds[slot] = (uint8_t)kind;
	words[spread->first + slot] = word;
}

/* ---- spreading ---------------------------------------------------------- */

/* The default's members go where they belong. */
static bool spread_default(apl_schema *schema, apl_layout *layout) {
	const apl_field *field = &schema->fields[schema->spread->field];
	if (!apl_record_has(layout->initial, field)) return true;
	const apl_text *text = apl_record_text(layout->initial, field);
	const apl_json_bounds bounds = {UINT32_MAX, SIZE_MAX};
	apl_tape tape;
	apl_tape_init(&tape, &schema->alloc);
	apl_target target = {schema, layout, layout->initial, {&schema->alloc, NULL}, "", NULL, false};
	int code = apl_json_read(&tape, text->bytes, text->size, &bounds, NULL);
	if (code == APLOMB_OK) code = apl_spread_take(&target, &tape, 0, NULL);
	apl_tape_dispose(&tape);
	return code == APLOMB_OK;
}

bool apl_schema_spread(apl_schema *schema, uint32_t field, const apl_spread_name *names, uint32_t n_names) {
	struct apl_schema_private *own = schema->private_;
	apl_layout *layout = &own->layouts[0];
	APL_ASSERT(schema->spread == NULL && schema->fields[field].type == APL_TYPE_ANY && own->layout_of[field] == 0);
	if (n_names == 0) return true;
	apl_spread *spread = apl_arena_take(&own->arena, sizeof *spread);
	apl_spread_name *kept = apl_arena_take(&own->arena, n_names * sizeof *kept);
	if (spread == NULL || kept == NULL) return false;
	*spread = (apl_spread){.field = field, .n_slots = n_names, .kinds = layout->n_words, .names = kept};
	spread->first = spread->kinds + kind_words(spread);
	for (uint32_t i = 0; i < n_names; i++) {
		APL_ASSERT(i == 0 || strcmp(names[i - 1].bytes, names[i].bytes) < 0);
		kept[i] = (apl_spread_name){apl_arena_text(&own->arena, names[i].bytes, names[i].size), names[i].size};
		if (kept[i].bytes == NULL) return false;
		spread->most += names[i].size + SCALAR_JSON;
	}
	uint32_t n_words = spread->first + n_names;
	uint64_t *initial = apl_arena_take(&own->arena, n_words * sizeof *initial);
	if (initial == NULL) return false;
	memset(initial, 0, n_words * sizeof *initial);
	memcpy(initial, layout->initial, layout->n_words * sizeof *initial);
	layout->initial = schema->initial = initial;
	layout->n_words = schema->n_words = n_words;
	schema->spread = spread;
	return spread_default(schema, layout);
}
