/* SPDX-License-Identifier: MIT */
/* Decides when two schemas say the same. Where and how often they were declared does not matter. */
#include <string.h>

#include "data/schema.h"

static bool same_text(const char *a, const char *b) {
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_choices(const apl_field *a, const apl_field *b) {
	if (a->n_choices != b->n_choices) return false;
	for (uint32_t i = 0; i < a->n_choices; i++) {
		if (strcmp(a->choices[i], b->choices[i]) != 0) return false;
	}
	return true;
}

static bool same_bounds(const apl_field *a, const apl_field *b) {
	if (a->has_min != b->has_min || a->has_max != b->has_max || a->bound_currency != b->bound_currency) return false;
	if (a->type == APL_TYPE_NUMBER)
		return (!a->has_min || !(a->bounds.number.min < b->bounds.number.min || a->bounds.number.min > b->bounds.number.min)) &&
		       (!a->has_max || !(a->bounds.number.max < b->bounds.number.max || a->bounds.number.max > b->bounds.number.max));
	return (!a->has_min || a->bounds.integer.min == b->bounds.integer.min) &&
	       (!a->has_max || a->bounds.integer.max == b->bounds.integer.max);
}

/* Both records begin with what they have by default; presence was compared already. */
static bool same_default(const apl_schema *a, const apl_schema *b, const apl_field *field) {
	bool is_there = (a->initial[field->bit >> 6] >> (field->bit & 63u)) & 1u;
	if (!is_there || field->is_item || field->type == APL_TYPE_FIELDS) return true;
	uint64_t left = a->initial[field->word], right = b->initial[field->word];
	if (field->type == APL_TYPE_MONEY) return left == right && a->initial[field->word + 1] == b->initial[field->word + 1];
	if (field->type != APL_TYPE_TEXT && field->type != APL_TYPE_LIST && field->type != APL_TYPE_ANY) return left == right;
	const apl_text *x = (const apl_text *)(uintptr_t)left;
	const apl_text *y = (const apl_text *)(uintptr_t)right;
	return x->size == y->size && memcmp(x->bytes, y->bytes, x->size) == 0;
}

bool apl_schema_equal(const apl_schema *a, const apl_schema *b) {
	if (a == b) return true;
	/* Only a case's data are spread, and they are compared with nothing. */
	if (a->spread != NULL || b->spread != NULL) return false;
	if (a->n_fields != b->n_fields || a->n_words != b->n_words || a->n_presence != b->n_presence) return false;
	for (uint32_t i = 0; i < a->n_fields; i++) {
		const apl_field *x = &a->fields[i], *y = &b->fields[i];
		if (x->type != y->type || x->parent != y->parent || x->required != y->required || x->personal != y->personal ||
		    x->has_default != y->has_default || x->is_item != y->is_item || !same_text(x->name, y->name) ||
		    !same_text(x->meaning, y->meaning) || !same_choices(x, y) || !same_bounds(x, y))
			return false;
	}
	if (memcmp(a->initial, b->initial, a->n_presence * sizeof *a->initial) != 0) return false;
	for (uint32_t i = 0; i < a->n_fields; i++) {
		if (!same_default(a, b, &a->fields[i])) return false;
	}
	return true;
}
