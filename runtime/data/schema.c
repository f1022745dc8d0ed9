/* SPDX-License-Identifier: MIT */
/*
 * Decides whether a declaration makes sense: names, bounds, choices, defaults.
 * The builder only gathers; everything is judged at finish, so that all
 * findings come at once. Where fields lie in a record is layout.c's.
 */

#include <stdio.h>

#include "base/assert.h"
#include "data/layout.h"
#include "time/instant.h"

const char *apl_type_name(apl_type type) {
	static const char *const names[APL_TYPES] = {
	    "text", "integer", "number", "boolean", "money", "instant", "span", "one_of", "list", "any", "fields"};
	return (unsigned)type < APL_TYPES ? names[type] : "?";
}

/* ---- gathering ---------------------------------------------------------- */

/* A default or a bound, kept as canonical JSON. */
typedef struct kept_value {
	const char *json; /* NULL: none */
	size_t size;
	apl_place place;
} kept_value;

typedef struct pending_field {
	const char *name; /* NULL: a list's item */
	apl_type type;
	bool required, personal;
	kept_value default_value, declared, min, max;
	const char **choices;
	apl_place *choice_places; /* or NULL */
	uint32_t n_choices;
	const char *meaning;
	apl_place place, default_place;
	apl_default_from default_from;
	uint32_t parent, first_child, last_child, next;
} pending_field;

struct apl_schema_builder {
	apl_alloc alloc;
	apl_arena arena;
	const char *what;
	pending_field *fields;
	uint32_t n_fields;
	uint32_t capacity;
};

apl_schema_builder *apl_schema_builder_new(const apl_alloc *alloc, const char *what) {
	apl_schema_builder *builder = apl_new(alloc, sizeof *builder);
	if (builder == NULL) return NULL;
	builder->alloc = *alloc;
	apl_arena_init(&builder->arena, alloc);
	builder->what = apl_arena_text(&builder->arena, what, strlen(what));
	if (builder->what == NULL || !APL_GROW(alloc, builder->fields, 0, builder->capacity)) {
		apl_schema_builder_free(builder);
		return NULL;
	}
	builder->fields[0] = (pending_field){
	    .type = APL_TYPE_FIELDS, .parent = APL_NO_FIELD, .first_child = APL_NO_FIELD, .last_child = APL_NO_FIELD, .next = APL_NO_FIELD};
	builder->n_fields = 1;
	return builder;
}

void apl_schema_builder_free(apl_schema_builder *builder) {
	if (builder == NULL) return;
	apl_alloc alloc = builder->alloc;
	apl_free(&alloc, builder->fields, builder->capacity * sizeof *builder->fields);
	apl_arena_dispose(&builder->arena);
	apl_free(&alloc, builder, sizeof *builder);
}

static bool keep_value(apl_schema_builder *builder, const apl_tape *tape, uint32_t cell, apl_place place, kept_value *out) {
	*out = (kept_value){NULL, 0, place};
	if (tape == NULL) return true;
	apl_buf json;
	apl_buf_init(&json, &builder->alloc);
	apl_json_write(&json, tape, cell);
	if (!json.failed) *out = (kept_value){apl_arena_text(&builder->arena, json.bytes, json.size), json.size, place};
	apl_buf_dispose(&json);
	return out->json != NULL;
}

static bool keep_choices(apl_schema_builder *builder, const apl_field_options *options, pending_field *field) {
	field->n_choices = options->n_choices;
	if (options->n_choices == 0) return true;
	field->choices = apl_arena_take(&builder->arena, options->n_choices * sizeof *field->choices);
	if (field->choices == NULL) return false;
	for (uint32_t i = 0; i < options->n_choices; i++) {
		field->choices[i] = apl_arena_text(&builder->arena, options->choices[i], strlen(options->choices[i]));
		if (field->choices[i] == NULL) return false;
	}
	if (options->choice_places == NULL) return true;
	field->choice_places = apl_arena_take(&builder->arena, options->n_choices * sizeof *field->choice_places);
	if (field->choice_places == NULL) return false;
	memcpy(field->choice_places, options->choice_places, options->n_choices * sizeof *field->choice_places);
	return true;
}

/* The value's own place, or the field's. */
static apl_place place_or(apl_place own, apl_place place) {
	return own.line != 0 ? own : place;
}

bool apl_schema_add(apl_schema_builder *builder, uint32_t parent, const apl_field_options *options, uint32_t *out) {
	APL_ASSERT(parent < builder->n_fields);
	apl_type around = builder->fields[parent].type;
	APL_ASSERT(around == APL_TYPE_FIELDS || around == APL_TYPE_LIST);
	pending_field field = {.type = options->type,
	    .required = options->required,
	    .personal = options->personal,
	    .place = options->place,
	    .default_place = place_or(options->default_place, options->place),
	    .parent = parent,
	    .first_child = APL_NO_FIELD,
	    .last_child = APL_NO_FIELD,
	    .next = APL_NO_FIELD};
	if (around == APL_TYPE_FIELDS) {
		const char *name = options->name != NULL ? options->name : "";
		field.name = apl_arena_text(&builder->arena, name, strlen(name));
		if (field.name == NULL) return false;
	}
	if (options->meaning != NULL) {
		field.meaning = apl_arena_text(&builder->arena, options->meaning, strlen(options->meaning));
		if (field.meaning == NULL) return false;
	}
	if (!keep_value(builder, options->default_tape, options->default_cell, place_or(options->default_place, options->place),
	        &field.default_value) ||
	    !keep_value(builder, options->min_tape, options->min_cell, place_or(options->min_place, options->place), &field.min) ||
	    !keep_value(builder, options->max_tape, options->max_cell, place_or(options->max_place, options->place), &field.max) ||
	    !keep_choices(builder, options, &field)) {
		return false;
	}
	if (!APL_GROW(&builder->alloc, builder->fields, builder->n_fields, builder->capacity)) return false;
	uint32_t number = builder->n_fields++;
	builder->fields[number] = field;
	pending_field *holder = &builder->fields[parent];
	if (holder->last_child == APL_NO_FIELD)
		holder->first_child = number;
	else
		builder->fields[holder->last_child].next = number;
	holder->last_child = number;
	*out = number;
	return true;
}

/* ---- values from elsewhere ---------------------------------------------- */

uint32_t apl_schema_added(const apl_schema_builder *builder, uint32_t parent, const char *name, size_t size) {
	for (uint32_t i = builder->fields[parent].first_child; i != APL_NO_FIELD; i = builder->fields[i].next) {
		const char *added = builder->fields[i].name;
		if (added != NULL && strlen(added) == size && memcmp(added, name, size) == 0) return i;
	}
	return APL_NO_FIELD;
}

apl_type apl_schema_added_type(const apl_schema_builder *builder, uint32_t field) {
	return builder->fields[field].type;
}

const char *apl_schema_added_hint(
    const apl_schema_builder *builder, uint32_t parent, const char *name, size_t name_size, char *out, size_t out_size) {
	apl_nearest nearest = apl_nearest_to(name, name_size);
	for (uint32_t i = builder->fields[parent].first_child; i != APL_NO_FIELD; i = builder->fields[i].next) {
		if (builder->fields[i].name != NULL) apl_nearest_try(&nearest, builder->fields[i].name);
	}
	return apl_nearest_hint(&nearest, out, out_size);
}

bool apl_schema_set_default(
    apl_schema_builder *builder, uint32_t field, const apl_tape *tape, uint32_t cell, apl_default_from from, apl_place place) {
	pending_field *pending = &builder->fields[field];
	APL_ASSERT(pending->type != APL_TYPE_FIELDS && pending->name != NULL);
	if (pending->default_from == APL_DEFAULT_DECLARED) pending->declared = pending->default_value;
	pending->default_from = from;
	pending->default_place = place;
	return keep_value(builder, tape, cell, place, &pending->default_value);
}

/* ---- finishing ---------------------------------------------------------- */

typedef struct finishing {
	const apl_schema_builder *builder;
	apl_schema *schema;
	apl_findings *findings;
	apl_tape tape; /* reused */
	bool no_memory;
} finishing;

/* "data.address.city", or "data.items[]". */
static const char *full_path(const finishing *f, uint32_t field, char *out, size_t size) {
	const char *path = f->schema->fields[field].path;
	snprintf(out, size, "%s%s%s", f->builder->what, path[0] != '\0' && path[0] != '[' ? "." : "", path);
	return out;
}

static void find_fault_at(finishing *f, apl_place place, uint32_t field, const char *slug, const char *sentence) {
	char path[256];
	apl_found(f->findings, APLOMB_ERROR, slug, place, "%s: %s", full_path(f, field, path, sizeof path), sentence);
}

static void find_fault(finishing *f, uint32_t field, const char *slug, const char *sentence) {
	find_fault_at(f, f->schema->fields[field].place, field, slug, sentence);
}

static char *join_path(finishing *f, const char *around, const char *name) {
	size_t size = strlen(around) + strlen(name) + 4;
	char *path = apl_arena_take(&f->schema->private_->arena, size);
	if (path != NULL) snprintf(path, size, "%s%s%s", around, around[0] != '\0' && name[0] != '[' ? "." : "", name);
	return path;
}

static bool copy_choices(finishing *f, const pending_field *from, uint32_t number) {
	struct apl_schema_private *own = f->schema->private_;
	apl_field *field = &f->schema->fields[number];
	const char **texts = apl_arena_take(&own->arena, from->n_choices * sizeof *texts);
	apl_choice *choices = apl_arena_take(&own->arena, from->n_choices * sizeof *choices);
	if (texts == NULL || choices == NULL) return false;
	apl_buf json;
	apl_buf_init(&json, &f->builder->alloc);
	for (uint32_t i = 0; i < from->n_choices; i++) {
		size_t size = strlen(from->choices[i]);
		texts[i] = apl_arena_text(&own->arena, from->choices[i], size);
		apl_buf_clear(&json);
		apl_json_write_text(&json, from->choices[i], size);
		char *written = json.failed ? NULL : apl_arena_text(&own->arena, json.bytes, json.size);
		if (texts[i] == NULL || written == NULL) {
			apl_buf_dispose(&json);
			return false;
		}
		choices[i] = (apl_choice){apl_key_of(texts[i], size), (uint32_t)size, (uint32_t)json.size, written};
	}
	apl_buf_dispose(&json);
	field->choices = texts;
	field->n_choices = from->n_choices;
	own->choices[number] = choices;
	return true;
}

/* Everything but words, bits and bounds. */
static bool copy_field(finishing *f, uint32_t number) {
	const pending_field *from = &f->builder->fields[number];
	apl_schema *schema = f->schema;
	apl_field *field = &schema->fields[number];
	bool is_item = from->name == NULL && number > 0;
	const char *name = from->name != NULL ? from->name : "";
	*field = (apl_field){
	    .type = (uint8_t)from->type,
	    .required = from->required && !is_item,
	    .personal = from->personal,
	    .has_default = from->default_value.json != NULL,
	    .is_item = is_item,
	    .parent = from->parent,
	    .first_child = from->first_child,
	    .next = from->next,
	    .next_by_name = APL_NO_FIELD,
	    .first_by_name = APL_NO_FIELD,
	    .place = from->place,
	    .default_from = (uint8_t)from->default_from,
	    .default_place = from->default_place,
	    .name_size = (uint32_t)strlen(name),
	};
	field->name = apl_arena_text(&schema->private_->arena, name, field->name_size);
	field->path = number == 0 ? "" : join_path(f, schema->fields[from->parent].path, is_item ? "[]" : name);
	if (field->name == NULL || field->path == NULL) return false;
	if (from->declared.json != NULL) {
		field->declared = apl_arena_text(&schema->private_->arena, from->declared.json, from->declared.size);
		if (field->declared == NULL) return false;
	}
	if (from->meaning != NULL) {
		field->meaning = apl_arena_text(&schema->private_->arena, from->meaning, strlen(from->meaning));
		if (field->meaning == NULL) return false;
	}
	return from->n_choices == 0 || copy_choices(f, from, number);
}

#define LONGEST_NAME 64u

static bool is_good_name(const char *name, size_t size) {
	if (size == 0 || size > LONGEST_NAME) return false;
	for (size_t i = 0; i < size; i++) {
		char c = name[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
		if (!letter && (i == 0 || c < '0' || c > '9')) return false;
	}
	return true;
}

static void judge_name(finishing *f, uint32_t number) {
	const apl_field *field = &f->schema->fields[number];
	if (field->is_item) {
		if (f->schema->fields[field->parent].first_child != number) {
			find_fault(f, number, "duplicate-field", "a list has one type of items, but another one was given already");
		}
		return;
	}
	if (!is_good_name(field->name, field->name_size)) {
		find_fault(f, number, "bad-field-name",
		    "a field's name begins with a letter or \"_\", goes on with letters, digits and \"_\", and has at most 64 of them");
	}
	/* Found by name, the first of that name comes out. */
	if (apl_schema_member(f->schema, field->parent, field->name, field->name_size) != number) {
		find_fault(f, number, "duplicate-field", "there is a field of this name already");
	}
}

static void judge_choices(finishing *f, uint32_t number) {
	const apl_field *field = &f->schema->fields[number];
	const apl_place *places = f->builder->fields[number].choice_places;
	if (field->type != APL_TYPE_ONE_OF) {
		if (field->n_choices > 0) find_fault(f, number, "bad-choice", "only one_of has choices");
		return;
	}
	if (field->n_choices == 0) find_fault(f, number, "bad-choice", "one_of needs at least one choice");
	for (uint32_t i = 0; i < field->n_choices; i++) {
		apl_place place = places != NULL ? places[i] : field->place;
		size_t size = strlen(field->choices[i]);
		if (size == 0 || apl_utf8_valid(field->choices[i], size) != size) {
			find_fault_at(f, place, number, "bad-choice", "a choice is a text that is not empty, in UTF-8");
		}
		for (uint32_t j = 0; j < i; j++) {
			if (strcmp(field->choices[i], field->choices[j]) != 0) continue;
			char sentence[128];
			snprintf(sentence, sizeof sentence, "the choice \"%.64s\" is given twice", field->choices[i]);
			find_fault_at(f, place, number, "bad-choice", sentence);
			break;
		}
	}
}

/* ---- bounds ------------------------------------------------------------- */

/* The tape's root; NULL without memory, or when the value is larger or deeper than values may be, which is then found fault with. */
static const apl_cell *read_kept(finishing *f, uint32_t number, const char *slug, kept_value value) {
	aplomb_error error;
	int code = apl_json_read(&f->tape, value.json, value.size, NULL, &error);
	if (code == APLOMB_OK) return &f->tape.cells[0];
	if (code == APLOMB_ENOMEM)
		f->no_memory = true;
	else
		find_fault_at(f, value.place, number, slug, error.message);
	return NULL;
}

typedef struct bound {
	int64_t integer;
	double number;
	uint64_t currency;
	apl_span_unit unit;
} bound;

/* What a bound of this type must be; NULL when [*out] is one. */
static const char *read_bound(apl_type type, const apl_cell *cell, bound *out, aplomb_error *said) {
	*out = (bound){0, 0.0, 0, APL_SPAN_CLOCK};
	bool is_text = cell->kind == APLOMB_TEXT;
	said->message[0] = '\0';
	switch (type) {
	case APL_TYPE_INTEGER:
		out->integer = cell->as.integer;
		return cell->kind == APLOMB_INTEGER ? NULL : "a bound of an integer is an integer";
	case APL_TYPE_NUMBER:
		out->number = cell->kind == APLOMB_INTEGER ? (double)cell->as.integer : cell->as.number;
		return cell->kind == APLOMB_INTEGER || cell->kind == APLOMB_NUMBER ? NULL : "a bound of a number is a number";
	case APL_TYPE_TEXT:
	case APL_TYPE_LIST:
		out->integer = cell->as.integer;
		if (cell->kind == APLOMB_INTEGER && cell->as.integer >= 0) return NULL;
		return type == APL_TYPE_TEXT ? "a bound of a text is its length in characters, an integer from 0"
		                             : "a bound of a list is its length, an integer from 0";
	case APL_TYPE_INSTANT:
		return is_text && apl_instant_read(cell->as.text, cell->count, &out->integer, said) == APLOMB_OK
		           ? NULL
		           : "a bound of an instant is an instant such as \"2026-11-23T13:06:00Z\"";
	case APL_TYPE_SPAN:
		return is_text && apl_span_read_any(cell->as.text, cell->count, &out->integer, &out->unit, said) == APLOMB_OK
		           ? NULL
		           : "a bound of a span is a span such as \"2h\"";
	case APL_TYPE_MONEY: {
		apl_money money = {0, 0};
		if (!is_text || apl_money_read(cell->as.text, cell->count, &money, said) != APLOMB_OK) {
			return "a bound of money is an amount such as \"40.00 GBP\"";
		}
		out->integer = money.minor;
		out->currency = money.currency;
		return NULL;
	}
	case APL_TYPE_BOOLEAN:
	case APL_TYPE_ONE_OF:
	case APL_TYPE_ANY:
	case APL_TYPE_FIELDS: break;
	}
	return "this type has no bounds";
}

static void blame_bound(finishing *f, apl_place place, uint32_t number, const char *expected, const aplomb_error *said) {
	char sentence[1024];
	if (said->message[0] == '\0') {
		find_fault_at(f, place, number, "bad-bounds", expected);
		return;
	}
	snprintf(sentence, sizeof sentence, "%s; %s", expected, said->message);
	find_fault_at(f, place, number, "bad-bounds", sentence);
}

/* Returns whether the field can be used to check a default. */
static bool set_bounds(finishing *f, uint32_t number) {
	const pending_field *from = &f->builder->fields[number];
	apl_field *field = &f->schema->fields[number];
	bool is_number = field->type == APL_TYPE_NUMBER;
	if (is_number) field->bounds.number.min = field->bounds.number.max = 0.0;
	kept_value values[2] = {from->min, from->max};
	bound bounds[2] = {{0, 0.0, 0, APL_SPAN_CLOCK}, {0, 0.0, 0, APL_SPAN_CLOCK}};
	for (unsigned i = 0; i < 2; i++) {
		if (values[i].json == NULL) continue;
		const apl_cell *cell = read_kept(f, number, "bad-bounds", values[i]);
		if (cell == NULL) return false;
		aplomb_error said;
		const char *expected = read_bound((apl_type)field->type, cell, &bounds[i], &said);
		if (expected != NULL) {
			blame_bound(f, values[i].place, number, expected, &said);
			return false;
		}
	}
	field->has_min = from->min.json != NULL;
	field->has_max = from->max.json != NULL;
	field->min_unit = (uint8_t)bounds[0].unit;
	field->max_unit = (uint8_t)bounds[1].unit;
	field->bound_currency = field->has_min ? bounds[0].currency : bounds[1].currency;
	if (is_number) {
		field->bounds.number.min = bounds[0].number;
		field->bounds.number.max = bounds[1].number;
	} else {
		field->bounds.integer.min = bounds[0].integer;
		field->bounds.integer.max = bounds[1].integer;
	}
	if (!field->has_min || !field->has_max) return true;
	if (bounds[0].currency != bounds[1].currency) {
		find_fault_at(f, from->max.place, number, "bad-bounds", "min and max are in different currencies");
		return false;
	}
	if (is_number ? bounds[0].number > bounds[1].number : bounds[0].integer > bounds[1].integer) {
		find_fault_at(f, from->max.place, number, "bad-bounds", "min is greater than max, so nothing would fit");
		return false;
	}
	return true;
}

/* ---- defaults ----------------------------------------------------------- */

static void set_default(finishing *f, uint32_t number) {
	const pending_field *from = &f->builder->fields[number];
	const apl_field *field = &f->schema->fields[number];
	if (from->default_value.json == NULL) return;
	if (field->is_item) {
		find_fault_at(f, field->default_place, number, "bad-default", "the items of a list have no default; the list may have one");
		return;
	}
	if (field->type == APL_TYPE_FIELDS) {
		find_fault_at(f, field->default_place, number, "bad-default", "fields have no default of their own; give their members one");
		return;
	}
	const apl_cell *cell = read_kept(f, number, "bad-default", from->default_value);
	if (cell == NULL) return;
	if (cell->kind == APLOMB_NULL) {
		find_fault_at(f, field->default_place, number, "bad-default", "null is no value; leave the default out");
		return;
	}
	apl_layout *layout = &f->schema->private_->layouts[f->schema->private_->layout_of[number]];
	apl_target target = {f->schema, layout, layout->initial, {&f->schema->alloc, NULL}, f->builder->what, NULL, false};
	aplomb_error error;
	int code = apl_target_take(&target, number, &f->tape, 0, &error);
	if (code == APLOMB_OK && apl_type_keeps_text((apl_type)field->type)) layout->has_initial_texts = true;
	if (code == APLOMB_ENOMEM) {
		f->no_memory = true;
	} else if (code != APLOMB_OK) {
		if (from->default_from == APL_DEFAULT_DECLARED)
			apl_found(f->findings, APLOMB_ERROR, "bad-default", field->default_place, "the default does not fit: %s", error.message);
		else
			apl_found(f->findings, APLOMB_ERROR, "policy-value", field->default_place, "%s", error.message);
	}
}

static void judge(finishing *f) {
	for (uint32_t i = 1; i < f->schema->n_fields; i++) judge_name(f, i);
	/*
	 * From the last to the first: when a list's default is checked, the
	 * defaults of its items' members are known. The findings are sorted by
	 * place anyway.
	 */
	for (uint32_t i = f->schema->n_fields; i-- > 1 && !f->no_memory;) {
		judge_choices(f, i);
		if (set_bounds(f, i)) set_default(f, i);
	}
}

static apl_schema *copy_schema(finishing *f) {
	const apl_alloc *alloc = &f->builder->alloc;
	apl_schema *schema = apl_new(alloc, sizeof *schema);
	struct apl_schema_private *own = apl_new(alloc, sizeof *own);
	if (schema == NULL || own == NULL) {
		apl_free(alloc, schema, sizeof *schema);
		apl_free(alloc, own, sizeof *own);
		return NULL;
	}
	schema->alloc = *alloc;
	schema->private_ = own;
	f->schema = schema;
	apl_arena_init(&own->arena, alloc);
	schema->n_fields = f->builder->n_fields;
	schema->fields = apl_arena_take(&own->arena, schema->n_fields * sizeof *schema->fields);
	own->choices = apl_arena_take(&own->arena, schema->n_fields * sizeof *own->choices);
	bool fine = schema->fields != NULL && own->choices != NULL;
	if (fine) memset(own->choices, 0, schema->n_fields * sizeof *own->choices);
	for (uint32_t i = 0; fine && i < schema->n_fields; i++) fine = copy_field(f, i);
	if (fine && apl_layout_build(schema)) return schema;
	apl_schema_free(schema);
	return NULL;
}

int apl_schema_finish(apl_schema_builder *builder, apl_schema **out, apl_findings *findings) {
	finishing f = {.builder = builder, .findings = findings};
	uint32_t errors = findings->errors;
	apl_schema *schema = copy_schema(&f);
	if (schema == NULL) return APLOMB_ENOMEM;
	apl_tape_init(&f.tape, &builder->alloc);
	judge(&f);
	apl_tape_dispose(&f.tape);
	int code = f.no_memory || findings->out_of_memory ? APLOMB_ENOMEM : findings->errors > errors ? APLOMB_EPLAYBOOK : APLOMB_OK;
	if (code == APLOMB_OK) {
		apl_layout_note_plain(schema);
		*out = schema;
	} else {
		apl_schema_free(schema);
	}
	return code;
}

void apl_schema_free(apl_schema *schema) {
	if (schema == NULL) return;
	struct apl_schema_private *own = schema->private_;
	for (uint32_t k = 0; own->layouts != NULL && k < own->n_layouts; k++) {
		/* What a schema half built has no words yet, holds no texts either. */
		if (own->layouts[k].initial != NULL) apl_layout_dispose(schema, &own->layouts[k], own->layouts[k].initial, &schema->alloc);
	}
	apl_alloc alloc = schema->alloc;
	apl_arena_dispose(&own->arena);
	apl_free(&alloc, own, sizeof *own);
	apl_free(&alloc, schema, sizeof *schema);
}
