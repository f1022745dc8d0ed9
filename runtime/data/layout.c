/* SPDX-License-Identifier: MIT */
/*
 * Decides where each field's slot and presence bit lie, in which order members
 * are written, how names are found, and which members are demanded when. What
 * the fields are was decided by whoever declared them (schema.c).
 */

#include "data/layout.h"

#include <stdio.h>

#include "base/assert.h"

static void *take(apl_schema *schema, size_t count, size_t size) {
	if (count > SIZE_MAX / 2 / size) return NULL;
	void *block = apl_arena_take(&schema->private_->arena, count * size + 1);
	if (block != NULL) memset(block, 0, count * size + 1);
	return block;
}

static bool has_slot(const apl_field *field) {
	return field->type != APL_TYPE_FIELDS;
}

static void set_bit(uint64_t *words, uint32_t bit) {
	words[bit >> 6] |= UINT64_C(1) << (bit & 63u);
}

/* ---- which layout, which word ------------------------------------------- */

/* Parents have lower numbers than their members, so one pass down sees a parent's layout first. */
static bool number_layouts(apl_schema *schema) {
	struct apl_schema_private *own = schema->private_;
	own->n_layouts = 1;
	for (uint32_t i = 1; i < schema->n_fields; i++) {
		const apl_field *field = &schema->fields[i];
		own->layout_of[i] = field->is_item ? own->n_layouts++ : own->layout_of[field->parent];
	}
	own->layouts = take(schema, own->n_layouts, sizeof *own->layouts);
	if (own->layouts == NULL) return false;
	for (uint32_t i = 1; i < schema->n_fields; i++) {
		if (schema->fields[i].is_item) own->layouts[own->layout_of[i]].root = i;
	}
	return true;
}

static bool place_slots(apl_schema *schema) {
	struct apl_schema_private *own = schema->private_;
	/* A bit each but for the root, which is always there. An item that is no `fields` has one, in a record of one slot. */
	for (uint32_t i = 1; i < schema->n_fields; i++) {
		apl_layout *layout = &own->layouts[own->layout_of[i]];
		apl_field *field = &schema->fields[i];
		if (i == layout->root && !has_slot(field)) continue;
		field->bit = layout->n_presence++;
		if (apl_type_keeps_text((apl_type)field->type)) layout->n_text_fields++;
	}
	/* The units of spans stand behind all presence bits, so that a layout is the same with and without them while they fit its last word.
	 */
	for (uint32_t i = 1; i < schema->n_fields; i++) {
		apl_layout *layout = &own->layouts[own->layout_of[i]];
		if (schema->fields[i].type != APL_TYPE_SPAN) continue;
		schema->fields[i].unit_bit = layout->n_presence;
		layout->n_presence += 2;
	}
	for (uint32_t k = 0; k < own->n_layouts; k++) {
		apl_layout *layout = &own->layouts[k];
		layout->n_presence = (layout->n_presence + 63) / 64;
		layout->n_words = layout->n_presence;
		layout->text_fields = take(schema, layout->n_text_fields, sizeof *layout->text_fields);
		if (layout->text_fields == NULL) return false;
		layout->n_text_fields = 0;
	}
	for (uint32_t i = 1; i < schema->n_fields; i++) {
		apl_layout *layout = &own->layouts[own->layout_of[i]];
		apl_field *field = &schema->fields[i];
		if (!has_slot(field)) continue;
		field->word = layout->n_words;
		layout->n_words += field->type == APL_TYPE_MONEY ? 2 : 1;
		if (apl_type_keeps_text((apl_type)field->type)) layout->text_fields[layout->n_text_fields++] = i;
	}
	for (uint32_t k = 0; k < own->n_layouts; k++) {
		own->layouts[k].initial = take(schema, own->layouts[k].n_words, sizeof(uint64_t));
		if (own->layouts[k].initial == NULL) return false;
	}
	return true;
}

/* ---- names -------------------------------------------------------------- */

static int compare_names(const apl_field *a, const apl_field *b) {
	uint32_t shorter = a->name_size < b->name_size ? a->name_size : b->name_size;
	int order = memcmp(a->name, b->name, shorter);
	if (order != 0) return order;
	return a->name_size < b->name_size ? -1 : a->name_size > b->name_size;
}

/* A playbook's `fields` are short, and this runs at load: a plain insertion into the chain. */
static void order_by_name(apl_schema *schema, uint32_t parent) {
	apl_field *fields = schema->fields;
	uint32_t *first = &fields[parent].first_by_name;
	*first = APL_NO_FIELD;
	for (uint32_t i = fields[parent].first_child; i != APL_NO_FIELD; i = fields[i].next) {
		uint32_t *link = first;
		while (*link != APL_NO_FIELD && compare_names(&fields[*link], &fields[i]) <= 0) link = &fields[*link].next_by_name;
		fields[i].next_by_name = *link;
		*link = i;
	}
}

static bool index_members(apl_schema *schema, uint32_t parent) {
	struct apl_schema_private *own = schema->private_;
	apl_member_index *index = &own->indexes[parent];
	uint32_t members = 0;
	for (uint32_t i = schema->fields[parent].first_child; i != APL_NO_FIELD; i = schema->fields[i].next) members++;
	uint32_t capacity = 4;
	while (capacity < members * 2) capacity *= 2;
	index->slots = take(schema, capacity, sizeof *index->slots);
	if (index->slots == NULL) return false;
	index->mask = capacity - 1;
	for (uint32_t i = 0; i < capacity; i++) index->slots[i].field = APL_NO_FIELD;
	for (uint32_t i = schema->fields[parent].first_child; i != APL_NO_FIELD; i = schema->fields[i].next) {
		uint32_t at = apl_key_hash(own->keys[i], schema->fields[i].name_size) & index->mask;
		while (index->slots[at].field != APL_NO_FIELD) at = (at + 1) & index->mask;
		index->slots[at] = (apl_member_slot){own->keys[i], schema->fields[i].name_size, i};
	}
	return true;
}

static bool name_members(apl_schema *schema) {
	struct apl_schema_private *own = schema->private_;
	for (uint32_t i = 0; i < schema->n_fields; i++) {
		const apl_field *field = &schema->fields[i];
		own->keys[i] = apl_key_of(field->name, field->name_size);
		/* A good name needs no escapes; a bad one keeps the schema from being used. */
		char *label = take(schema, (size_t)field->name_size + 5 + APL_BLOCK, 1); /* to be copied in blocks */
		if (label == NULL) return false;
		snprintf(label, (size_t)field->name_size + 5, ",\"%s\":", field->name);
		own->labels[i] = label;
	}
	for (uint32_t i = 0; i < schema->n_fields; i++) {
		if (schema->fields[i].type != APL_TYPE_FIELDS) continue;
		order_by_name(schema, i);
		if (!index_members(schema, i)) return false;
	}
	return true;
}

/* Members mostly come in the order they were declared, perhaps begun elsewhere: so the one behind is tried before the hash. */
static uint32_t following(const apl_schema *schema, uint32_t member) {
	const apl_field *field = &schema->fields[member];
	return field->next != APL_NO_FIELD ? field->next : schema->fields[field->parent].first_child;
}

static void prepare_plain(apl_schema *schema) {
	struct apl_schema_private *own = schema->private_;
	for (uint32_t i = 1; i < schema->n_fields; i++) {
		const apl_field *field = &schema->fields[i];
		apl_plain *plain = &own->plain[i];
		*plain = (apl_plain){field->name, own->keys[i], UINT64_C(1) << (field->bit & 63u), field->name_size, field->bit >> 6, field->word,
		    field->is_item ? APL_NO_FIELD : following(schema, i), APLOMB_ABSENT};
	}
}

void apl_layout_note_plain(apl_schema *schema) {
	for (uint32_t i = 1; i < schema->n_fields; i++) {
		const apl_field *field = &schema->fields[i];
		apl_plain *plain = &schema->private_->plain[i];
		if (field->parent != 0 || field->has_min || field->has_max) continue;
		if (field->type == APL_TYPE_INTEGER) plain->kind = APLOMB_INTEGER;
		if (field->type == APL_TYPE_BOOLEAN) plain->kind = APLOMB_BOOLEAN;
		if (field->type == APL_TYPE_TEXT) plain->kind = APLOMB_TEXT;
	}
}

/* ---- what is demanded --------------------------------------------------- */

static void gather_required(const apl_schema *schema, uint32_t parent, uint64_t *required) {
	for (uint32_t i = schema->fields[parent].first_child; i != APL_NO_FIELD; i = schema->fields[i].next) {
		const apl_field *field = &schema->fields[i];
		if (!field->required) continue;
		set_bit(required, field->bit);
		if (field->type == APL_TYPE_FIELDS) gather_required(schema, i, required);
	}
}

static void gather_given(const apl_schema *schema, uint32_t parent, uint64_t *given) {
	for (uint32_t i = schema->fields[parent].first_child; i != APL_NO_FIELD; i = schema->fields[i].next) {
		const apl_field *field = &schema->fields[i];
		if (field->type == APL_TYPE_FIELDS)
			gather_given(schema, i, given);
		else if (!field->has_default)
			set_bit(given, field->bit);
	}
}

static bool any_bit(const uint64_t *words, uint32_t count) {
	for (uint32_t i = 0; i < count; i++) {
		if (words[i] != 0) return true;
	}
	return false;
}

static bool add_rule(apl_schema *schema, apl_layout *layout, uint32_t parent, uint32_t *capacity) {
	uint64_t *required = take(schema, layout->n_presence, sizeof *required);
	uint64_t *given = take(schema, layout->n_presence, sizeof *given);
	if (required == NULL || given == NULL) return false;
	gather_required(schema, parent, required);
	if (!any_bit(required, layout->n_presence)) return true;
	gather_given(schema, parent, given);
	if (layout->n_rules == *capacity) {
		uint32_t larger = *capacity == 0 ? 2 : *capacity * 2;
		apl_rule *rules = take(schema, larger, sizeof *rules);
		if (rules == NULL) return false;
		if (layout->n_rules > 0) memcpy(rules, layout->rules, layout->n_rules * sizeof *rules);
		layout->rules = rules;
		*capacity = larger;
	}
	layout->rules[layout->n_rules++] = (apl_rule){parent == layout->root ? NULL : given, required};
	return true;
}

static bool make_rules(apl_schema *schema) {
	struct apl_schema_private *own = schema->private_;
	for (uint32_t k = 0; k < own->n_layouts; k++) {
		apl_layout *layout = &own->layouts[k];
		uint32_t capacity = 0;
		for (uint32_t i = layout->root; i < schema->n_fields; i++) {
			const apl_field *field = &schema->fields[i];
			if (own->layout_of[i] != k || field->type != APL_TYPE_FIELDS) continue;
			if (i != layout->root && field->required) continue; /* its members are in the rule of what is around it */
			if (!add_rule(schema, layout, i, &capacity)) return false;
		}
	}
	return true;
}

/* What members inherit, and what containers know of them. Members have higher numbers, so the way up is the way back. */
static void look_within(apl_schema *schema) {
	apl_field *fields = schema->fields;
	for (uint32_t i = 1; i < schema->n_fields; i++) {
		if (fields[fields[i].parent].personal) fields[i].personal = true;
	}
	for (uint32_t i = schema->n_fields; i-- > 1;) {
		schema->has_personal = schema->has_personal || fields[i].personal;
		uint32_t parent = fields[i].parent;
		bool *within = schema->private_->default_within;
		if (!fields[i].is_item && (fields[i].has_default || within[i])) within[parent] = true;
		/*
		 * A list is kept as one text. With anything personal in its items the
		 * whole of it is personal, for a reader without the schema could not
		 * take it apart.
		 */
		if (fields[i].personal && schema->private_->layout_of[i] != 0) {
			uint32_t item = schema->private_->layouts[schema->private_->layout_of[i]].root;
			fields[fields[item].parent].personal = true;
		}
	}
}

bool apl_layout_build(apl_schema *schema) {
	struct apl_schema_private *own = schema->private_;
	own->layout_of = take(schema, schema->n_fields, sizeof *own->layout_of);
	own->keys = take(schema, schema->n_fields, sizeof *own->keys);
	own->indexes = take(schema, schema->n_fields, sizeof *own->indexes);
	own->labels = take(schema, schema->n_fields, sizeof *own->labels);
	own->plain = take(schema, schema->n_fields, sizeof *own->plain);
	own->default_within = take(schema, schema->n_fields, sizeof *own->default_within);
	if (own->layout_of == NULL || own->keys == NULL || own->indexes == NULL || own->labels == NULL || own->plain == NULL ||
	    own->default_within == NULL)
		return false;
	if (!number_layouts(schema) || !place_slots(schema) || !name_members(schema) || !make_rules(schema)) return false;
	look_within(schema);
	prepare_plain(schema);
	const apl_layout *layout = &own->layouts[0];
	schema->n_words = layout->n_words;
	schema->n_presence = layout->n_presence;
	schema->text_fields = layout->text_fields;
	schema->n_text_fields = layout->n_text_fields;
	schema->initial = layout->initial;
	schema->has_required = layout->n_rules > 0;
	return true;
}
