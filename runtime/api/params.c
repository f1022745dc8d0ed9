/* SPDX-License-Identifier: MIT */
/*
 * Decides how a playbook's parameters are told to its host: each with what it
 * means, what it may be, what it is, and who said so. Which value stands before
 * which was decided when the playbook was loaded (room lua).
 */
#include "api/runtime.h"

typedef struct telling {
	const apl_schema *schema;
	apl_buf value, min, max;
	void (*tell)(const aplomb_param *param, void *payload);
	void *payload;
	size_t count;
} telling;

static const char *bound(apl_buf *out, const apl_field *field, bool has, bool max) {
	apl_buf_clear(out);
	if (!has) return NULL;
	apl_bound_write(out, field, max);
	return apl_buf_terminate(out);
}

static aplomb_param_from who_says(const apl_field *field) {
	if (!field->has_default) return APLOMB_PARAM_NOBODY;
	switch ((apl_default_from)field->default_from) {
	case APL_DEFAULT_POLICY: return APLOMB_PARAM_POLICY;
	case APL_DEFAULT_GIVEN: return APLOMB_PARAM_GIVEN;
	case APL_DEFAULT_DECLARED: break;
	}
	return APLOMB_PARAM_DEFAULT;
}

static void tell_field(telling *t, uint32_t number) {
	const apl_schema *schema = t->schema;
	const apl_field *field = &schema->fields[number];
	t->count++;
	if (t->tell == NULL) return;
	aplomb_param_from from = who_says(field);
	apl_place place = from == APLOMB_PARAM_NOBODY ? field->place : field->default_place;
	apl_buf_clear(&t->value);
	if (field->has_default) apl_field_write(&t->value, schema, schema->initial, number);
	const char *value = field->has_default ? apl_buf_terminate(&t->value) : NULL;
	aplomb_param param = {.size = sizeof param,
	    .path = field->path,
	    .type = apl_type_name((apl_type)field->type),
	    .meaning = field->meaning,
	    .value = value,
	    .from = from,
	    .file = place.file,
	    .line = place.line,
	    .column = place.column,
	    .default_value = from == APLOMB_PARAM_DEFAULT ? value : field->declared,
	    .min = bound(&t->min, field, field->has_min, false),
	    .max = bound(&t->max, field, field->has_max, true),
	    .choices = field->choices,
	    .n_choices = field->n_choices,
	    .required = field->required,
	    .personal = field->personal};
	t->tell(&param, t->payload);
}

static void tell_members(telling *t, uint32_t parent) {
	const apl_field *fields = t->schema->fields;
	for (uint32_t i = fields[parent].first_child; i != APL_NO_FIELD; i = fields[i].next) {
		if (fields[i].type == APL_TYPE_FIELDS)
			tell_members(t, i);
		else
			tell_field(t, i);
	}
}

size_t aplomb_playbook_params(const aplomb_playbook *playbook, void (*tell)(const aplomb_param *param, void *payload), void *payload) {
	if (playbook == NULL) return 0;
	telling t = {.schema = apl_program_of(playbook)->params, .tell = tell, .payload = payload};
	apl_buf *buffers[] = {&t.value, &t.min, &t.max};
	for (size_t i = 0; i < 3; i++) apl_buf_init(buffers[i], &t.schema->alloc);
	tell_members(&t, 0);
	for (size_t i = 0; i < 3; i++) apl_buf_dispose(buffers[i]);
	return t.count;
}
