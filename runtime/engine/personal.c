/* SPDX-License-Identifier: MIT */
/*
 * Decides how a journal says which of its values are personal: once, in the
 * head, by the paths of fields. Whoever shows, exports or erases a journal
 * then needs no playbook to know them. What is personal is the playbook's
 * word; a path stands for all that lies below it.
 */
#include <string.h>

#include "engine/program.h"
#include "value/json.h"

/* The personal members of [parent], in the order of their names; those within others are meant with them. */
static void write_paths(apl_buf *out, const apl_schema *schema, uint32_t parent, bool *any) {
	for (uint32_t i = schema->fields[parent].first_by_name; i != APL_NO_FIELD; i = schema->fields[i].next_by_name) {
		const apl_field *field = &schema->fields[i];
		if (!field->personal) {
			if (field->type == APL_TYPE_FIELDS) write_paths(out, schema, i, any);
			continue;
		}
		if (*any) apl_buf_byte(out, ',');
		*any = true;
		apl_json_write_text(out, field->path, strlen(field->path));
	}
}

static void write_list(apl_buf *out, const apl_schema *schema) {
	bool any = false;
	apl_buf_byte(out, '[');
	write_paths(out, schema, 0, &any);
	apl_buf_byte(out, ']');
}

/* Begins the next member of the map that began with [*opening]. */
static void begin_member(apl_buf *out, const char **opening, const char *name) {
	apl_buf_text(out, *opening);
	apl_json_write_text(out, name, strlen(name));
	apl_buf_byte(out, ':');
	*opening = ",";
}

/* Schemas by name: the program's events, or its effects. */
typedef struct named_schemas {
	const apl_program *program;
	bool are_events;
	uint32_t count;
} named_schemas;

static const char *name_at(const named_schemas *all, uint32_t i) {
	return all->are_events ? all->program->chart->events[i].name : all->program->effects[i].name;
}

static bool is_personal_at(const named_schemas *all, uint32_t i) {
	const apl_schema *schema = all->are_events ? all->program->events[i] : all->program->effects[i].schema;
	return schema != NULL && schema->has_personal;
}

/* The first in the order of names behind [last] (NULL: at all) that has something personal; count when there is none. */
static uint32_t next_named(const named_schemas *all, const char *last) {
	uint32_t next = all->count;
	for (uint32_t i = 0; i < all->count; i++) {
		if (!is_personal_at(all, i) || (last != NULL && strcmp(name_at(all, i), last) <= 0)) continue;
		if (next == all->count || strcmp(name_at(all, i), name_at(all, next)) < 0) next = i;
	}
	return next;
}

static void write_named(apl_buf *out, const named_schemas *all, const char **opening, const char *name) {
	uint32_t i = next_named(all, NULL);
	if (i == all->count) return;
	begin_member(out, opening, name);
	const char *inner = "{";
	for (; i < all->count; i = next_named(all, name_at(all, i))) {
		begin_member(out, &inner, name_at(all, i));
		write_list(out, all->are_events ? all->program->events[i] : all->program->effects[i].schema);
	}
	apl_buf_byte(out, '}');
}

void apl_personal_write(apl_buf *out, const apl_program *program) {
	const char *opening = ",\"personal\":{";
	if (program->data->has_personal) {
		begin_member(out, &opening, "data");
		write_list(out, program->data);
	}
	write_named(out, &(named_schemas){program, false, program->n_effects}, &opening, "effects");
	write_named(out, &(named_schemas){program, true, program->chart->n_events}, &opening, "events");
	if (program->params->has_personal) {
		begin_member(out, &opening, "params");
		write_list(out, program->params);
	}
	if (*opening == ',' && opening[1] == '\0') apl_buf_byte(out, '}');
}
