/* SPDX-License-Identifier: MIT */
/*
 * Decides how a record begins, is shared for an undo, ends, and which of its
 * fields are there. What may be written into it is record_read.c's.
 *
 * A bit says that a field is there. `fields` have one too, though no slot: it
 * is set while any member is there. The slot of what is absent is zero, so
 * that equal records are equal words.
 */

#include <stdio.h>

#include "base/assert.h"
#include "base/words.h"
#include "data/layout.h"
#include "data/message.h"

static apl_text *text_at(const uint64_t *words, uint32_t word) {
	return (apl_text *)(uintptr_t)words[word];
}

static bool is_set(const uint64_t *words, uint32_t bit) {
	return (words[bit >> 6] >> (bit & 63u)) & 1u;
}
static void set(uint64_t *words, uint32_t bit) {
	words[bit >> 6] |= UINT64_C(1) << (bit & 63u);
}
static void unset(uint64_t *words, uint32_t bit) {
	words[bit >> 6] &= ~(UINT64_C(1) << (bit & 63u));
}

/* ---- life --------------------------------------------------------------- */

/* The defaults' texts: their words are copied, but they are the schema's. */
bool apl_layout_copy_texts(const apl_target *t) {
	const apl_layout *layout = t->layout;
	if (apl_layout_has_slots(t->schema, layout) && !apl_spread_own(t->schema->spread, t->words, t->keep)) {
		for (uint32_t i = 0; i < layout->n_text_fields; i++) t->words[t->schema->fields[layout->text_fields[i]].word] = 0;
		return false;
	}
	for (uint32_t i = 0; i < layout->n_text_fields; i++) {
		uint32_t word = t->schema->fields[layout->text_fields[i]].word;
		apl_text *text = text_at(layout->initial, word);
		if (text == NULL) continue;
		/* Also in an arena a copy of its own: then every text of an arena's record has refs 0 and nobody counts. */
		text = t->keep.arena != NULL ? apl_text_in(t->keep.arena, text->bytes, text->size) : apl_text_keep(t->keep.alloc, text);
		if (text == NULL) {
			for (uint32_t j = i; j < layout->n_text_fields; j++) t->words[t->schema->fields[layout->text_fields[j]].word] = 0;
			apl_layout_dispose(t->schema, layout, t->words, t->keep.alloc);
			return false;
		}
		t->words[word] = (uint64_t)(uintptr_t)text;
	}
	return true;
}

bool apl_record_init(const apl_schema *schema, uint64_t *words, apl_keep keep) {
	apl_target target = {schema, &schema->private_->layouts[0], words, keep, "", NULL, false};
	return apl_layout_init(&target);
}

void apl_layout_dispose(const apl_schema *schema, const apl_layout *layout, uint64_t *words, const apl_alloc *alloc) {
	for (uint32_t i = 0; i < layout->n_text_fields; i++) {
		uint32_t word = schema->fields[layout->text_fields[i]].word;
		apl_text *text = text_at(words, word);
		/* A text in an arena is nobody's to drop; there [alloc] may be NULL. */
		if (text != NULL && text->refs > 0) apl_text_drop(alloc, text);
		words[word] = 0;
	}
	if (apl_layout_has_slots(schema, layout)) apl_spread_clear(schema->spread, words, alloc);
}

void apl_record_dispose(const apl_schema *schema, uint64_t *words, const apl_alloc *alloc) {
	apl_layout_dispose(schema, &schema->private_->layouts[0], words, alloc);
}

void apl_record_share(const apl_schema *schema, uint64_t *to, const uint64_t *from) {
	if (schema->n_words > 0) memcpy(to, from, schema->n_words * sizeof *to);
	for (uint32_t i = 0; i < schema->n_text_fields; i++) {
		apl_text *text = text_at(to, schema->fields[schema->text_fields[i]].word);
		if (text == NULL) continue;
		APL_ASSERT(text->refs > 0 && text->refs < UINT32_MAX);
		text->refs++;
	}
	if (schema->spread != NULL) apl_spread_share(schema->spread, to);
}

/* ---- presence ----------------------------------------------------------- */

/* Has this field `fields` around it that have a bit? */
static bool is_nested(const apl_target *t, const apl_field *field) {
	return !field->is_item && field->parent != t->layout->root;
}

void apl_target_present(const apl_target *t, const apl_field *field) {
	set(t->words, field->bit);
	while (is_nested(t, field)) {
		field = &t->schema->fields[field->parent];
		if (is_set(t->words, field->bit)) return;
		set(t->words, field->bit);
	}
}

void apl_target_count_in(const apl_target *t, const apl_field *span, apl_span_unit unit) {
	for (uint32_t i = 0; i < 2; i++) {
		if ((unsigned)unit >> i & 1u)
			set(t->words, span->unit_bit + i);
		else
			unset(t->words, span->unit_bit + i);
	}
}

static bool any_member(const apl_target *t, const apl_field *fields) {
	for (uint32_t i = fields->first_child; i != APL_NO_FIELD; i = t->schema->fields[i].next) {
		if (is_set(t->words, t->schema->fields[i].bit)) return true;
	}
	return false;
}

static void forget_value(const apl_target *t, const apl_field *field) {
	if (!is_set(t->words, field->bit)) return;
	unset(t->words, field->bit);
	if (apl_type_keeps_text((apl_type)field->type)) {
		apl_text *text = text_at(t->words, field->word);
		if (text->refs > 0) apl_text_drop(t->keep.alloc, text);
		const apl_spread *spread = t->schema->spread;
		if (spread != NULL && field == &t->schema->fields[spread->field]) apl_spread_clear(spread, t->words, t->keep.alloc);
	}
	t->words[field->word] = 0;
	if (field->type == APL_TYPE_MONEY) t->words[field->word + 1] = 0;
	if (field->type == APL_TYPE_SPAN) apl_target_count_in(t, field, APL_SPAN_CLOCK);
}

static void forget_within(const apl_target *t, const apl_field *field) {
	if (field->type != APL_TYPE_FIELDS) {
		forget_value(t, field);
		return;
	}
	for (uint32_t i = field->first_child; i != APL_NO_FIELD; i = t->schema->fields[i].next) forget_within(t, &t->schema->fields[i]);
	unset(t->words, field->bit);
}

void apl_target_forget(const apl_target *t, uint32_t number) {
	const apl_field *field = &t->schema->fields[number];
	forget_within(t, field);
	while (is_nested(t, field)) {
		field = &t->schema->fields[field->parent];
		if (any_member(t, field)) return;
		unset(t->words, field->bit);
	}
}

/* ---- what is required --------------------------------------------------- */

static bool any_common(const uint64_t *a, const uint64_t *b, uint32_t count) {
	for (uint32_t i = 0; i < count; i++) {
		if ((a[i] & b[i]) != 0) return true;
	}
	return false;
}

/* The bits of word [i] that this rule demands of [words] and does not find. */
static uint64_t missing_bits(const apl_layout *layout, const apl_rule *rule, const uint64_t *words, uint32_t i) {
	if (rule->given != NULL && !any_common(rule->given, words, layout->n_presence)) return 0;
	return rule->required[i] & ~words[i];
}

static uint32_t field_of_bit(const apl_schema *schema, const apl_layout *layout, uint32_t bit) {
	for (uint32_t i = 1; i < schema->n_fields; i++) {
		if (i != layout->root && schema->fields[i].bit == bit && &schema->private_->layouts[schema->private_->layout_of[i]] == layout)
			return i;
	}
	APL_ASSERT(false);
}

/* Kept out of the function that calls it, so that those which miss nothing do not pay for it. */
static __attribute__((noinline)) uint32_t first_missing(
    const apl_schema *schema, const apl_layout *layout, const uint64_t *words, const uint64_t *before) {
	for (uint32_t k = 0; k < layout->n_rules; k++) {
		for (uint32_t i = 0; i < layout->n_presence; i++) {
			uint64_t missing = missing_bits(layout, &layout->rules[k], words, i);
			if (missing != 0 && before != NULL) missing &= ~missing_bits(layout, &layout->rules[k], before, i);
			if (missing != 0) return field_of_bit(schema, layout, i * 64 + (uint32_t)__builtin_ctzll(missing));
		}
	}
	return APL_NO_FIELD;
}

static inline bool is_kept(const apl_layout *layout, const apl_rule *rule, const uint64_t *words) {
	if (rule->given != NULL && !any_common(rule->given, words, layout->n_presence)) return true;
	for (uint32_t i = 0; i < layout->n_presence; i++) {
		if ((rule->required[i] & ~words[i]) != 0) return false;
	}
	return true;
}

uint32_t apl_layout_missing(const apl_schema *schema, const apl_layout *layout, const uint64_t *words, const uint64_t *before) {
	for (uint32_t k = 0; k < layout->n_rules; k++) {
		if (!is_kept(layout, &layout->rules[k], words)) return first_missing(schema, layout, words, before);
	}
	return APL_NO_FIELD;
}

int apl_record_check(const apl_writer *w, aplomb_error *error) {
	return apl_record_check_since(w, NULL, error);
}

int apl_record_check_since(const apl_writer *w, const uint64_t *before, aplomb_error *error) {
	if (!w->schema->has_required) return APLOMB_OK;
	apl_target target = apl_target_of(w);
	uint32_t missing = apl_layout_missing(w->schema, target.layout, w->words, before);
	if (missing == APL_NO_FIELD) return APLOMB_OK;
	int code = apl_refuse_missing(&target, missing, error);
	apl_place place = w->schema->fields[missing].place;
	if (error != NULL && place.file != NULL) {
		snprintf(error->file, sizeof error->file, "%s", place.file);
		error->line = place.line;
		error->column = place.column;
	}
	return code;
}
