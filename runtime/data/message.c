/* SPDX-License-Identifier: MIT */
/*
 * Decides what refusals say: where (data.items[3].price), what was expected,
 * what was found, and the way out. Values of personal fields never appear,
 * only their types. What is refused is decided elsewhere.
 *
 * The parts are gathered in a fixed buffer: a refusal needs no memory.
 */

#include "data/message.h"

#include <stdio.h>

#include "time/instant.h"
#include "time/shown.h"

/* A buffer that begins with room of its own and gets no more. What does not fit is left out whole. */
typedef struct sentence {
	apl_buf buf;
	char room[1024];
} sentence;

static void *no_more(void *payload, void *block, size_t old_size, size_t new_size) {
	(void)payload;
	(void)block;
	(void)old_size;
	(void)new_size;
	return NULL;
}

static apl_buf *begin(sentence *s) {
	s->buf = (apl_buf){.alloc = {no_more, NULL}, .bytes = s->room, .capacity = sizeof s->room};
	return &s->buf;
}

static const char *text_of(sentence *s) {
	s->buf.failed = false;
	if (s->buf.size >= sizeof s->room) s->buf.size = sizeof s->room - 1;
	return apl_buf_terminate(&s->buf);
}

/* ---- where -------------------------------------------------------------- */

/* Within its record, after what is around it: ".address.city". */
static void say_inner_path(apl_buf *out, const apl_schema *schema, uint32_t field) {
	const apl_field *f = &schema->fields[field];
	if (f->parent == APL_NO_FIELD || f->is_item) return;
	say_inner_path(out, schema, f->parent);
	apl_buf_byte(out, '.');
	apl_buf_add(out, f->name, f->name_size);
}

static void say_where(apl_buf *out, const apl_schema *schema, const apl_where *where) {
	if (where == NULL) return;
	say_where(out, schema, where->outer);
	say_inner_path(out, schema, where->list);
	apl_buf_byte(out, '[');
	apl_buf_integer(out, where->item);
	apl_buf_byte(out, ']');
}

static void say_path(apl_buf *out, const apl_target *t, uint32_t field) {
	apl_buf_text(out, t->what);
	say_where(out, t->schema, t->where);
	say_inner_path(out, t->schema, field);
}

/* ---- what --------------------------------------------------------------- */

static void say_quoted(apl_buf *out, const char *bytes, size_t size) {
	char shown[APL_SHOWN];
	apl_buf_byte(out, '"');
	apl_buf_text(out, apl_shown(bytes, size, shown));
	apl_buf_byte(out, '"');
}

static void say_choices(apl_buf *out, const apl_field *field) {
	APL_BUF_LITERAL(out, "one of ");
	for (uint32_t i = 0; i < field->n_choices; i++) {
		if (i > 0) APL_BUF_LITERAL(out, ", ");
		if (i == 12) {
			apl_buf_format(out, "… (%u in all)", (unsigned)field->n_choices);
			break;
		}
		say_quoted(out, field->choices[i], strlen(field->choices[i]));
	}
}

static void say_expected(apl_buf *out, const apl_field *field) {
	switch ((apl_type)field->type) {
	case APL_TYPE_TEXT: APL_BUF_LITERAL(out, "text"); return;
	case APL_TYPE_INTEGER: APL_BUF_LITERAL(out, "an integer"); return;
	case APL_TYPE_NUMBER: APL_BUF_LITERAL(out, "a number"); return;
	case APL_TYPE_BOOLEAN: APL_BUF_LITERAL(out, "true or false"); return;
	case APL_TYPE_MONEY: APL_BUF_LITERAL(out, "money such as \"40.00 GBP\""); return;
	case APL_TYPE_INSTANT: APL_BUF_LITERAL(out, "an instant such as \"2026-11-23T13:06:00Z\""); return;
	case APL_TYPE_SPAN: APL_BUF_LITERAL(out, "a span such as \"2h\""); return;
	case APL_TYPE_ONE_OF: say_choices(out, field); return;
	case APL_TYPE_LIST: APL_BUF_LITERAL(out, "a list"); return;
	case APL_TYPE_ANY: APL_BUF_LITERAL(out, "any value"); return;
	case APL_TYPE_FIELDS: APL_BUF_LITERAL(out, "a map"); return;
	}
}

static void say_number(apl_buf *out, double value) {
	if (value != value)
		APL_BUF_LITERAL(out, "NaN");
	else if (value - value != 0.0)
		apl_buf_text(out, value > 0 ? "infinity" : "-infinity");
	else
		apl_json_write_number(out, value);
}

/* "the integer 12"; of a personal one "an integer". */
static void say_found(apl_buf *out, const apl_cell *cell, bool personal) {
	switch (cell->kind) {
	case APLOMB_BOOLEAN:
		if (personal)
			APL_BUF_LITERAL(out, "a boolean");
		else
			apl_buf_text(out, cell->truth ? "true" : "false");
		return;
	case APLOMB_INTEGER:
		apl_buf_text(out, personal ? "an integer" : "the integer ");
		if (!personal) apl_buf_integer(out, cell->as.integer);
		return;
	case APLOMB_NUMBER:
		apl_buf_text(out, personal ? "a number" : "the number ");
		if (!personal) say_number(out, cell->as.number);
		return;
	case APLOMB_TEXT:
		apl_buf_text(out, personal ? "a text" : "the text ");
		if (!personal) say_quoted(out, cell->as.text, cell->count);
		return;
	case APLOMB_LIST: apl_buf_format(out, "a list of %u %s", (unsigned)cell->count, cell->count == 1 ? "item" : "items"); return;
	case APLOMB_MAP: APL_BUF_LITERAL(out, "a map"); return;
	default: APL_BUF_LITERAL(out, "null"); return;
	}
}

/* ---- refusals ----------------------------------------------------------- */

static int refuse(sentence *s, const char *slug, aplomb_error *error) {
	return apl_fail(error, APLOMB_EREFUSED, slug, "%s", text_of(s));
}

static apl_buf *begin_at(sentence *s, const apl_target *t, uint32_t field) {
	apl_buf *out = begin(s);
	say_path(out, t, field);
	APL_BUF_LITERAL(out, ": ");
	return out;
}

/* A member or an item may be personal though what is around it is not; what stands in its place may be what was meant for it. */
static bool holds_personal(const apl_schema *schema, uint32_t field) {
	if (schema->fields[field].personal) return true;
	for (uint32_t member = schema->fields[field].first_child; member != APL_NO_FIELD; member = schema->fields[member].next)
		if (holds_personal(schema, member)) return true;
	return false;
}

int apl_refuse_type(const apl_target *t, uint32_t field, const apl_tape *tape, uint32_t cell, aplomb_error *error) {
	const apl_field *f = &t->schema->fields[field];
	const apl_cell *found = &tape->cells[cell];
	sentence s;
	apl_buf *out = begin_at(&s, t, field);
	APL_BUF_LITERAL(out, "expected ");
	say_expected(out, f);
	APL_BUF_LITERAL(out, ", found ");
	say_found(out, found, holds_personal(t->schema, field));
	if (found->kind == APLOMB_INTEGER && f->type == APL_TYPE_NUMBER) APL_BUF_LITERAL(out, ", which no number of 64 bits holds exactly");
	if (found->kind == APLOMB_NUMBER && f->type == APL_TYPE_INTEGER && !f->personal) {
		double value = found->as.number;
		/* Below 2^53, where every integer is a double. */
		if (value > -9007199254740992.0 && value < 9007199254740992.0 && (double)(int64_t)value == value) {
			APL_BUF_LITERAL(out, "; write ");
			apl_buf_integer(out, (int64_t)value);
		}
	}
	return refuse(&s, "wrong-type", error);
}

int apl_refuse_reading(
    const apl_target *t, uint32_t field, const apl_tape *tape, uint32_t cell, const aplomb_error *said, aplomb_error *error) {
	if (t->schema->fields[field].personal) return apl_refuse_type(t, field, tape, cell, error);
	sentence s;
	apl_buf *out = begin_at(&s, t, field);
	apl_buf_text(out, said->message);
	return refuse(&s, "wrong-type", error);
}

/* A bound as the playbook would write it. */
void apl_bound_write(apl_buf *out, const apl_field *field, bool max) {
	int64_t integer = max ? field->bounds.integer.max : field->bounds.integer.min;
	char text[APL_SPAN_TEXT];
	switch ((apl_type)field->type) {
	case APL_TYPE_NUMBER: say_number(out, max ? field->bounds.number.max : field->bounds.number.min); return;
	case APL_TYPE_INSTANT: apl_buf_add(out, text, apl_instant_write(integer, text)); return;
	case APL_TYPE_SPAN:
		apl_buf_add(out, text, apl_span_write_in(integer, (apl_span_unit)(max ? field->max_unit : field->min_unit), text));
		return;
	case APL_TYPE_MONEY: apl_buf_add(out, text, apl_money_write((apl_money){integer, field->bound_currency}, text)); return;
	default: apl_buf_integer(out, integer); return;
	}
}

static const char *unit_of(const apl_field *field) {
	if (field->type == APL_TYPE_TEXT) return " characters";
	return field->type == APL_TYPE_LIST ? " items" : "";
}

static void say_bounds(apl_buf *out, const apl_field *field) {
	if (field->has_min && field->has_max) {
		apl_bound_write(out, field, false);
		APL_BUF_LITERAL(out, " to ");
		apl_bound_write(out, field, true);
	} else {
		apl_buf_text(out, field->has_min ? "at least " : "at most ");
		apl_bound_write(out, field, field->has_max);
	}
	apl_buf_text(out, unit_of(field));
}

static void say_found_beyond(apl_buf *out, const apl_field *field, const apl_cell *found, uint64_t size) {
	char text[APL_INSTANT_TEXT];
	if (field->type == APL_TYPE_TEXT || field->type == APL_TYPE_LIST) {
		apl_buf_integer(out, (int64_t)size);
	} else if (found->kind == APLOMB_INTEGER && field->type == APL_TYPE_INSTANT && found->as.integer >= APL_INSTANT_MIN &&
	           found->as.integer <= APL_INSTANT_MAX) {
		apl_buf_add(out, text, apl_instant_write(found->as.integer, text));
	} else if (found->kind == APLOMB_INTEGER && field->type == APL_TYPE_SPAN) {
		apl_buf_add(out, text, apl_span_write(found->as.integer, text));
	} else if (found->kind == APLOMB_INTEGER) {
		apl_buf_integer(out, found->as.integer);
	} else if (found->kind == APLOMB_NUMBER) {
		say_number(out, found->as.number);
	} else {
		char shown[APL_SHOWN];
		apl_buf_text(out, apl_shown(found->as.text, found->count, shown));
	}
}

int apl_refuse_bounds(const apl_target *t, uint32_t field, const apl_tape *tape, uint32_t cell, uint64_t size, aplomb_error *error) {
	const apl_field *f = &t->schema->fields[field];
	sentence s;
	apl_buf *out = begin_at(&s, t, field);
	APL_BUF_LITERAL(out, "expected ");
	say_bounds(out, f);
	if (!f->personal) {
		APL_BUF_LITERAL(out, ", found ");
		say_found_beyond(out, f, &tape->cells[cell], size);
	} else {
		APL_BUF_LITERAL(out, "; what was found is personal");
	}
	return refuse(&s, "out-of-bounds", error);
}

int apl_refuse_choice(const apl_target *t, uint32_t field, const char *bytes, size_t size, aplomb_error *error) {
	const apl_field *f = &t->schema->fields[field];
	sentence s;
	apl_buf *out = begin_at(&s, t, field);
	APL_BUF_LITERAL(out, "expected ");
	say_choices(out, f);
	if (f->personal) {
		APL_BUF_LITERAL(out, "; what was found is personal");
		return refuse(&s, "not-a-choice", error);
	}
	APL_BUF_LITERAL(out, ", found ");
	say_quoted(out, bytes, size);
	apl_nearest nearest = apl_nearest_to(bytes, size);
	for (uint32_t i = 0; i < f->n_choices; i++) apl_nearest_try(&nearest, f->choices[i]);
	char hint[128];
	apl_buf_text(out, apl_nearest_hint(&nearest, hint, sizeof hint));
	return refuse(&s, "not-a-choice", error);
}

int apl_refuse_unknown(const apl_target *t, uint32_t parent, const char *name, size_t size, aplomb_error *error) {
	const apl_field *fields = t->schema->fields;
	sentence s;
	apl_buf *out = begin_at(&s, t, parent);
	APL_BUF_LITERAL(out, "unknown field ");
	say_quoted(out, name, size);
	char hint[128];
	apl_schema_hint(t->schema, parent, name, size, hint, sizeof hint);
	apl_buf_text(out, hint);
	uint32_t member = fields[parent].first_child;
	if (member == APL_NO_FIELD) APL_BUF_LITERAL(out, "; it has no fields");
	/* Nothing near: then say what there is. */
	for (unsigned n = 0; hint[0] == '\0' && member != APL_NO_FIELD; member = fields[member].next, n++) {
		apl_buf_text(out, n == 0 ? "; its fields are " : ", ");
		if (n == 12) {
			APL_BUF_LITERAL(out, "…");
			break;
		}
		apl_buf_add(out, fields[member].name, fields[member].name_size);
	}
	return refuse(&s, "unknown-field", error);
}

int apl_refuse_missing(const apl_target *t, uint32_t field, aplomb_error *error) {
	sentence s;
	apl_buf *out = begin_at(&s, t, field);
	APL_BUF_LITERAL(out, "required, but missing; expected ");
	say_expected(out, &t->schema->fields[field]);
	return refuse(&s, "missing-field", error);
}

int apl_refuse_clearing(const apl_target *t, uint32_t field, aplomb_error *error) {
	sentence s;
	apl_buf *out = begin_at(&s, t, field);
	APL_BUF_LITERAL(out, "required, so it cannot be cleared; expected ");
	say_expected(out, &t->schema->fields[field]);
	return refuse(&s, "missing-field", error);
}

int apl_refuse_saying(const apl_target *t, uint32_t field, const char *slug, const char *words, aplomb_error *error) {
	sentence s;
	apl_buf *out = begin_at(&s, t, field);
	apl_buf_text(out, words);
	return refuse(&s, slug, error);
}
