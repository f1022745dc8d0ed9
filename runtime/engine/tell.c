/* SPDX-License-Identifier: MIT */
/*
 * Decides how the engine's lines for operators are filled in. Whether they are
 * wanted, and how often, is decided by base/log; nothing here may hold what a
 * customer said.
 */
#include <stdarg.h>
#include <stdio.h>

#include "engine/inside.h"

bool apl_wants(const apl_engine *engine, aplomb_level level, const apl_case *c) {
	return apl_log_wants(engine->log, level, c != NULL ? apl_case_id(c) : NULL);
}

/* The active atomic states, space separated, cut at the end of [out]. */
static const char *states_of(apl_case *c, char *out, size_t size) {
	const apl_chart *chart = c->program->chart;
	size_t used = 0;
	out[0] = '\0';
	for (uint32_t s = 0; s < chart->n_states; s++) {
		const apl_state *state = &chart->states[s];
		if (!apl_set_has(apl_case_configuration(c), s) || (state->kind != APL_ATOMIC && state->kind != APL_FINAL)) continue;
		int wrote = snprintf(out + used, size - used, "%s%s", used > 0 ? " " : "", state->path);
		if (wrote < 0 || (size_t)wrote >= size - used) break;
		used += (size_t)wrote;
	}
	return out;
}

static void fill(apl_engine *engine, aplomb_log_record *record, apl_case *c, char *states, size_t size) {
	record->at = engine->clock->now;
	if (c == NULL) return;
	record->case_id = apl_case_id(c);
	record->playbook = c->program->id;
	record->state = states_of(c, states, size);
	record->entry = c->seq;
	/* Virtual time has run ahead to the newest event posted; what is told happened at the case's own time. */
	aplomb_instant at = engine->step.turn.the_case == c ? apl_later(c->at, engine->step.turn.now) : c->at;
	record->at = engine->time_follows_events ? at : apl_later(record->at, at);
}

void apl_tell(apl_engine *engine, aplomb_level level, const char *code, apl_case *c, const char *format, ...) {
	if (!apl_wants(engine, level, c)) return;
	char message[768], states[512];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(message, sizeof message, format, arguments);
	va_end(arguments);
	aplomb_log_record record = {.level = level, .room = "engine", .code = code, .message = message};
	fill(engine, &record, c, states, sizeof states);
	apl_log_send(engine->log, &record);
}

/* Most fields of one line; more are left out. */
#define MOST_FIELDS 16

static aplomb_field field_of(const apl_tape *tape, uint32_t name, uint32_t value, char *names, size_t room) {
	const apl_cell *cell = &tape->cells[value];
	aplomb_field field = {.kind = (aplomb_kind)cell->kind};
	snprintf(names, room, "%.*s", (int)tape->cells[name].count, tape->cells[name].as.text);
	field.name = names;
	switch (field.kind) {
	case APLOMB_BOOLEAN: field.as.boolean = cell->truth != 0; break;
	case APLOMB_INTEGER: field.as.integer = cell->as.integer; break;
	case APLOMB_NUMBER: field.as.number = cell->as.number; break;
	case APLOMB_TEXT:
		/* The playbook may have copied it from anywhere. */
		field.personal = true;
		field.as.text.bytes = cell->as.text;
		field.as.text.size = cell->count;
		break;
	default: field.kind = APLOMB_NULL;
	}
	return field;
}

void apl_tell_playbook(apl_engine *engine, aplomb_level level, apl_case *c, const char *message, const apl_text *fields) {
	if (!apl_wants(engine, level, c)) return;
	char states[512], names[MOST_FIELDS][48];
	aplomb_field list[MOST_FIELDS];
	size_t count = 0;
	apl_tape tape;
	apl_tape_init(&tape, &engine->alloc);
	if (fields != NULL && apl_json_read(&tape, fields->bytes, fields->size, NULL, NULL) == APLOMB_OK && tape.cells[0].kind == APLOMB_MAP) {
		uint32_t cell = 1;
		for (uint32_t i = 0; i < tape.cells[0].count && count < MOST_FIELDS; i++) {
			list[count] = field_of(&tape, cell, cell + 1, names[count], sizeof names[count]);
			count++;
			cell = apl_tape_next(&tape, cell + 1);
		}
	}
	aplomb_log_record record = {
	    .level = level, .room = "playbook", .code = "playbook-log", .message = message, .fields = list, .n_fields = count};
	fill(engine, &record, c, states, sizeof states);
	apl_log_send(engine->log, &record);
	apl_tape_dispose(&tape);
}
