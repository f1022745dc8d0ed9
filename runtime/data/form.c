/* SPDX-License-Identifier: MIT */
/*
 * Decides which values of an event by position are written as they come. They
 * are those that record_read.c takes so from named fields; nothing else is
 * decided here.
 */
#include "data/form.h"

#include "base/copy.h"
#include "data/layout.h"
#include "data/message.h"

/* Follows "address.city" inwards. */
static int find_field(const apl_target *t, const char *name, uint32_t *out, aplomb_error *error) {
	uint32_t parent = 0;
	for (const char *rest = name;;) {
		size_t size = strcspn(rest, ".");
		uint32_t field = apl_schema_member(t->schema, parent, rest, size);
		if (field == APL_NO_FIELD) return apl_refuse_unknown(t, parent, rest, size, error);
		*out = field;
		if (rest[size] == '\0') return APLOMB_OK;
		if (t->schema->fields[field].type != APL_TYPE_FIELDS) return apl_refuse_unknown(t, parent, rest, strlen(rest), error);
		parent = field;
		rest += size + 1;
	}
}

/* Integers within bounds are as simple as those without. */
static apl_form_row row_of(const apl_schema *schema, uint32_t number) {
	const apl_field *field = &schema->fields[number];
	const apl_plain *plain = &schema->private_->plain[number];
	bool is_bounded = field->type == APL_TYPE_INTEGER && field->parent == 0;
	return (apl_form_row){.kind = is_bounded ? APLOMB_INTEGER : plain->kind,
	    .word = field->word,
	    .presence = field->bit >> 6,
	    .mask = UINT64_C(1) << (field->bit & 63u),
	    .min = is_bounded && field->has_min ? field->bounds.integer.min : INT64_MIN,
	    .max = is_bounded && field->has_max ? field->bounds.integer.max : INT64_MAX};
}

int apl_form_new(apl_form **out, const apl_alloc *alloc, const apl_schema *schema, const char *what, const char *const *names, size_t n,
    aplomb_error *error) {
	size_t texts_size = 0;
	for (size_t i = 0; i < n; i++) texts_size += strlen(names[i]) + 1;
	apl_form *form = n < UINT32_MAX ? apl_new(alloc, sizeof *form + n * sizeof *form->rows) : NULL;
	if (form == NULL) return apl_fail_memory(error);
	form->alloc = *alloc;
	form->schema = schema;
	form->n_rows = (uint32_t)n;
	form->is_checked = schema->has_required;
	const apl_layout *layout = &schema->private_->layouts[0];
	form->is_simply_checked = layout->n_rules == 1 && layout->n_presence == 1 && layout->rules->given == NULL;
	form->texts_size = texts_size;
	form->names = n > 0 ? apl_new(alloc, n * sizeof *form->names) : NULL;
	form->texts = n > 0 ? apl_new(alloc, texts_size) : NULL;
	int code = n == 0 || (form->names != NULL && form->texts != NULL) ? APLOMB_OK : apl_fail_memory(error);
	const apl_target target = {.schema = schema, .layout = layout, .what = what};
	char *text = form->texts;
	for (size_t i = 0; i < n && code == APLOMB_OK; i++) {
		uint32_t number = APL_NO_FIELD;
		code = find_field(&target, names[i], &number, error);
		if (code != APLOMB_OK) break;
		form->names[i] = strcpy(text, names[i]);
		text += strlen(text) + 1;
		form->rows[i] = row_of(schema, number);
	}
	if (code != APLOMB_OK) {
		apl_form_free(form);
		return code;
	}
	*out = form;
	return APLOMB_OK;
}

void apl_form_free(apl_form *form) {
	if (form == NULL) return;
	const apl_alloc alloc = form->alloc;
	apl_free(&alloc, form->names, form->n_rows * sizeof *form->names);
	apl_free(&alloc, form->texts, form->texts_size);
	apl_free(&alloc, form, sizeof *form + form->n_rows * sizeof *form->rows);
}

/* Is it a text that every field takes which takes texts simply? */
static inline bool is_text(const char *bytes, size_t size) {
	if (size > UINT32_MAX - sizeof(apl_text) - 1) return false;
	return apl_is_ascii(bytes, size) || apl_utf8_valid(bytes, size) == size;
}

bool apl_form_fill(const apl_form *form, uint64_t *words, const aplomb_field *values) {
	const apl_layout *layout = &form->schema->private_->layouts[0];
	apl_copy_words(words, layout->initial, layout->n_words);
	for (uint32_t i = 0; i < form->n_rows; i++) {
		const apl_form_row *row = &form->rows[i];
		const aplomb_field *value = &values[i];
		uint64_t word = 0;
		if (row->kind != (uint32_t)value->kind || value->kind == APLOMB_ABSENT) {
			if (value->kind == APLOMB_ABSENT) continue;
			return false;
		}
		if (value->kind == APLOMB_INTEGER && value->as.integer >= row->min && value->as.integer <= row->max)
			word = (uint64_t)value->as.integer;
		else if (value->kind == APLOMB_BOOLEAN)
			word = value->as.boolean;
		else if (value->kind != APLOMB_TEXT || !is_text(value->as.text.bytes, value->as.text.size))
			return false;
		words[row->word] = word;
		words[row->presence] |= row->mask;
	}
	if (!form->is_checked || (form->is_simply_checked && (layout->rules->required[0] & ~words[0]) == 0)) return true;
	return apl_layout_missing(form->schema, layout, words, NULL) == APL_NO_FIELD;
}
