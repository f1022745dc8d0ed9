/* SPDX-License-Identifier: MIT */
/*
 * Decides how a playbook's parameters, and what else it declares, are told to its host: each with what it
 * means, what it may be, what it is, and who said so. Which value stands before
 * which was decided when the playbook was loaded (room lua).
 */
#include <string.h>

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

static size_t tell_schema(const apl_schema *schema, void (*tell)(const aplomb_param *param, void *payload), void *payload) {
	telling t = {.schema = schema, .tell = tell, .payload = payload};
	apl_buf *buffers[] = {&t.value, &t.min, &t.max};
	for (size_t i = 0; i < 3; i++) apl_buf_init(buffers[i], &t.schema->alloc);
	tell_members(&t, 0);
	for (size_t i = 0; i < 3; i++) apl_buf_dispose(buffers[i]);
	return t.count;
}

size_t aplomb_playbook_params(const aplomb_playbook *playbook, void (*tell)(const aplomb_param *param, void *payload), void *payload) {
	return playbook != NULL ? tell_schema(apl_program_of(playbook)->params, tell, payload) : 0;
}

/* ---- what is declared -------------------------------------------------------- */

/* The n-th declaration, from 0; false behind the last. [*schema] NULL: it carries nothing. */
static bool declaration_at(const apl_program *program, size_t n, aplomb_declares *what, const char **name, const apl_schema **schema) {
	if (n == 0) {
		*what = APLOMB_DECLARES_DATA;
		*name = "data";
		*schema = program->data;
		return true;
	}
	n--;
	const apl_chart *chart = program->chart;
	for (uint32_t i = 0; i < chart->n_events; i++) {
		if (!chart->events[i].declared || n-- > 0) continue;
		*what = APLOMB_DECLARES_EVENT;
		*name = chart->events[i].name;
		*schema = program->events[i];
		return true;
	}
	if (n >= program->n_effects) return false;
	*what = APLOMB_DECLARES_EFFECT;
	*name = program->effects[n].name;
	*schema = program->effects[n].schema;
	return true;
}

size_t aplomb_playbook_declarations(
    const aplomb_playbook *playbook, void (*tell)(const aplomb_declaration *declaration, void *payload), void *payload) {
	size_t count = 0;
	aplomb_declaration declaration = {.size = sizeof declaration};
	const apl_schema *schema;
	if (playbook == NULL) return 0;
	for (; declaration_at(apl_program_of(playbook), count, &declaration.what, &declaration.name, &schema); count++) {
		if (tell == NULL) continue;
		declaration.n_fields = schema != NULL ? tell_schema(schema, NULL, NULL) : 0;
		tell(&declaration, payload);
	}
	return count;
}

size_t aplomb_playbook_fields(const aplomb_playbook *playbook, aplomb_declares what, const char *name,
    void (*tell)(const aplomb_param *field, void *payload), void *payload) {
	aplomb_declares found;
	const char *found_name;
	const apl_schema *schema;
	if (playbook == NULL || (what != APLOMB_DECLARES_DATA && name == NULL)) return 0;
	for (size_t i = 0; declaration_at(apl_program_of(playbook), i, &found, &found_name, &schema); i++) {
		if (found != what || (what != APLOMB_DECLARES_DATA && strcmp(found_name, name) != 0)) continue;
		return schema != NULL ? tell_schema(schema, tell, payload) : 0;
	}
	return 0;
}
