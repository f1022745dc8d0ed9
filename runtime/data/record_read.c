/* SPDX-License-Identifier: MIT */
/*
 * Decides what fits a field, and writes it. Every event's data come through
 * apl_record_read, so the way of a value that fits is short; refusals are
 * worded in message.c.
 */

#include <math.h>

#include "base/assert.h"
#include "data/layout.h"
#include "data/message.h"
#include "time/instant.h"

/*
 * Kept out of the function that calls it: its registers and its room for an
 * error would be paid for by every integer that passes.
 */
#define APART __attribute__((noinline))

/* ---- single values ------------------------------------------------------ */

static inline bool within(const apl_field *field, int64_t value) {
	return (!field->has_min || value >= field->bounds.integer.min) && (!field->has_max || value <= field->bounds.integer.max);
}

static inline void mark_present(uint64_t *words, const apl_field *field) {
	words[field->bit >> 6] |= UINT64_C(1) << (field->bit & 63u);
}

static inline void put_word(const apl_target *t, const apl_field *field, uint64_t word) {
	t->words[field->word] = word;
	mark_present(t->words, field);
	if (field->parent != t->layout->root) apl_target_present(t, field);
}

int apl_target_put_text(const apl_target *t, const apl_field *field, const char *bytes, size_t size, aplomb_error *error) {
	apl_text *text = t->keep.arena != NULL ? apl_text_in(t->keep.arena, bytes, size) : apl_text_new(t->keep.alloc, bytes, size);
	if (text == NULL) return apl_fail_memory(error);
	apl_text *old = (apl_text *)(uintptr_t)t->words[field->word];
	if (old != NULL && old->refs > 0) apl_text_drop(t->keep.alloc, old);
	put_word(t, field, (uint64_t)(uintptr_t)text);
	return APLOMB_OK;
}

/* Every byte but those that go on with a character. */
static uint64_t count_characters(const char *bytes, size_t size) {
	uint64_t count = 0;
	for (size_t i = 0; i < size; i++) count += ((unsigned char)bytes[i] & 0xC0u) != 0x80u;
	return count;
}

static APART int take_text(const apl_target *t, uint32_t number, const apl_tape *tape, uint32_t at, aplomb_error *error) {
	const apl_field *field = &t->schema->fields[number];
	const apl_cell *cell = &tape->cells[at];
	if (cell->kind != APLOMB_TEXT) return apl_refuse_type(t, number, tape, at, error);
	if (field->has_min || field->has_max) {
		uint64_t characters = count_characters(cell->as.text, cell->count);
		if (!within(field, (int64_t)characters)) return apl_refuse_bounds(t, number, tape, at, characters, error);
	}
	return apl_target_put_text(t, field, cell->as.text, cell->count, error);
}

/* Is the integer the same after it went through a double? */
static bool fits_double(int64_t value) {
	double number = (double)value;
	/* 2^63 itself is a double, but no integer to compare with. */
	return number < 9223372036854775808.0 && (int64_t)number == value;
}

static int take_number(const apl_target *t, uint32_t number, const apl_tape *tape, uint32_t at, aplomb_error *error) {
	const apl_field *field = &t->schema->fields[number];
	const apl_cell *cell = &tape->cells[at];
	double value;
	if (cell->kind == APLOMB_NUMBER && isfinite(cell->as.number))
		value = cell->as.number;
	else if (cell->kind == APLOMB_INTEGER && fits_double(cell->as.integer))
		value = (double)cell->as.integer;
	else
		return apl_refuse_type(t, number, tape, at, error);
	if ((field->has_min && value < field->bounds.number.min) || (field->has_max && value > field->bounds.number.max)) {
		return apl_refuse_bounds(t, number, tape, at, 0, error);
	}
	if (value == 0.0) value = 0.0; /* minus zero too, so that equal values are equal words */
	uint64_t word;
	memcpy(&word, &value, sizeof word);
	put_word(t, field, word);
	return APLOMB_OK;
}

static int put_money(const apl_target *t, uint32_t number, apl_money money, const apl_tape *tape, uint32_t at, aplomb_error *error) {
	const apl_field *field = &t->schema->fields[number];
	if ((field->has_min || field->has_max) && (money.currency != field->bound_currency || !within(field, money.minor))) {
		return apl_refuse_bounds(t, number, tape, at, 0, error);
	}
	t->words[field->word + 1] = money.currency;
	put_word(t, field, (uint64_t)money.minor);
	return APLOMB_OK;
}

static APART int take_money(const apl_target *t, uint32_t number, const apl_tape *tape, uint32_t at, aplomb_error *error) {
	const apl_cell *cell = &tape->cells[at];
	if (cell->kind != APLOMB_TEXT) return apl_refuse_type(t, number, tape, at, error);
	apl_money money;
	aplomb_error said;
	if (apl_money_read(cell->as.text, cell->count, &money, &said) != APLOMB_OK)
		return apl_refuse_reading(t, number, tape, at, &said, error);
	return put_money(t, number, money, tape, at, error);
}

static int put_time(
    const apl_target *t, uint32_t number, int64_t value, apl_span_unit unit, const apl_tape *tape, uint32_t at, aplomb_error *error) {
	const apl_field *field = &t->schema->fields[number];
	/* What could not be written and read again is not taken. */
	if (field->type == APL_TYPE_SPAN && value < 0) return apl_refuse_saying(t, number, "out-of-bounds", "a span is not negative", error);
	if (field->type == APL_TYPE_INSTANT && (value < APL_INSTANT_MIN || value > APL_INSTANT_MAX)) {
		return apl_refuse_saying(t, number, "out-of-bounds", "an instant lies within the years 0001 to 9999", error);
	}
	if (!within(field, value)) return apl_refuse_bounds(t, number, tape, at, 0, error);
	put_word(t, field, (uint64_t)value);
	if (field->type == APL_TYPE_SPAN) apl_target_count_in(t, field, unit);
	return APLOMB_OK;
}

static APART int take_time(const apl_target *t, uint32_t number, const apl_tape *tape, uint32_t at, aplomb_error *error) {
	const apl_cell *cell = &tape->cells[at];
	if (cell->kind == APLOMB_INTEGER && t->times_are_integers)
		return put_time(t, number, cell->as.integer, APL_SPAN_CLOCK, tape, at, error);
	if (cell->kind != APLOMB_TEXT) return apl_refuse_type(t, number, tape, at, error);
	int64_t value;
	apl_span_unit unit = APL_SPAN_CLOCK;
	aplomb_error said;
	int code = t->schema->fields[number].type == APL_TYPE_INSTANT ? apl_instant_read(cell->as.text, cell->count, &value, &said)
	                                                              : apl_span_read_any(cell->as.text, cell->count, &value, &unit, &said);
	if (code != APLOMB_OK) return apl_refuse_reading(t, number, tape, at, &said, error);
	return put_time(t, number, value, unit, tape, at, error);
}

static int take_choice(const apl_target *t, uint32_t number, const apl_tape *tape, uint32_t at, aplomb_error *error) {
	const apl_field *field = &t->schema->fields[number];
	const apl_cell *cell = &tape->cells[at];
	if (cell->kind != APLOMB_TEXT) return apl_refuse_type(t, number, tape, at, error);
	const apl_choice *choices = t->schema->private_->choices[number];
	apl_key key = apl_key_of(cell->as.text, cell->count);
	for (uint32_t i = 0; i < field->n_choices; i++) {
		if (!apl_name_equal(choices[i].key, field->choices[i], choices[i].size, key, cell->as.text, cell->count)) continue;
		put_word(t, field, i);
		return APLOMB_OK;
	}
	return apl_refuse_choice(t, number, cell->as.text, cell->count, error);
}

/* Integers and booleans that fit are most of what comes. false: left to whoever knows the rest. */
static inline bool take_integer(const apl_target *t, const apl_field *field, int64_t value) {
	if (field->type != APL_TYPE_INTEGER || !within(field, value)) return false;
	put_word(t, field, (uint64_t)value);
	return true;
}

static inline bool take_boolean(const apl_target *t, const apl_field *field, bool value) {
	if (field->type != APL_TYPE_BOOLEAN) return false;
	put_word(t, field, value);
	return true;
}

static inline bool takes_any_text(const apl_field *field) {
	return field->type == APL_TYPE_TEXT && !field->has_min && !field->has_max;
}

/* What take() leaves over. */
static APART int take_other(const apl_target *t, uint32_t number, const apl_tape *tape, uint32_t at, aplomb_error *error) {
	const apl_field *field = &t->schema->fields[number];
	switch ((apl_type)field->type) {
	case APL_TYPE_TEXT: return take_text(t, number, tape, at, error);
	case APL_TYPE_INTEGER:
		if (tape->cells[at].kind == APLOMB_INTEGER) return apl_refuse_bounds(t, number, tape, at, 0, error);
		return apl_refuse_type(t, number, tape, at, error);
	case APL_TYPE_NUMBER: return take_number(t, number, tape, at, error);
	case APL_TYPE_BOOLEAN: return apl_refuse_type(t, number, tape, at, error);
	case APL_TYPE_MONEY: return take_money(t, number, tape, at, error);
	case APL_TYPE_INSTANT:
	case APL_TYPE_SPAN: return take_time(t, number, tape, at, error);
	case APL_TYPE_ONE_OF: return take_choice(t, number, tape, at, error);
	case APL_TYPE_LIST: return apl_target_take_list(t, number, tape, at, error);
	case APL_TYPE_ANY: return apl_target_take_any(t, number, tape, at, error);
	case APL_TYPE_FIELDS: break;
	}
	APL_ASSERT(field->type != APL_TYPE_FIELDS);
	return APLOMB_EINVAL;
}

static inline int take(const apl_target *t, uint32_t number, const apl_tape *tape, uint32_t at, aplomb_error *error) {
	const apl_field *field = &t->schema->fields[number];
	const apl_cell *cell = &tape->cells[at];
	if (cell->kind == APLOMB_INTEGER && take_integer(t, field, cell->as.integer)) return APLOMB_OK;
	if (cell->kind == APLOMB_BOOLEAN && take_boolean(t, field, cell->truth != 0)) return APLOMB_OK;
	if (cell->kind == APLOMB_TEXT && takes_any_text(field)) return apl_target_put_text(t, field, cell->as.text, cell->count, error);
	return take_other(t, number, tape, at, error);
}

int apl_target_take(const apl_target *t, uint32_t number, const apl_tape *tape, uint32_t at, aplomb_error *error) {
	return take(t, number, tape, at, error);
}

/* ---- maps --------------------------------------------------------------- */

static inline bool is_named(const apl_plain *plain, const apl_cell *name) {
	apl_key key = apl_key_of(name->as.text, name->count);
	return apl_name_equal(plain->key, plain->name, plain->name_size, key, name->as.text, name->count);
}

static inline void put_plain(const apl_target *t, const apl_plain *plain, uint64_t word) {
	t->words[plain->word] = word;
	t->words[plain->presence] |= plain->mask;
}

/*
 * A value whose field takes it as it is: nearly every value of nearly every
 * event. False: nothing happened, and the long way says what is to be done.
 */
static inline bool take_plain_cell(const apl_target *t, const apl_plain *plain, const apl_cell *cell) {
	if (plain->kind != cell->kind) return false;
	if (cell->kind == APLOMB_TEXT) {
		if (t->keep.arena == NULL) return false;
		apl_text *text = apl_text_in(t->keep.arena, cell->as.text, cell->count);
		if (text == NULL) return false;
		put_plain(t, plain, (uint64_t)(uintptr_t)text);
		return true;
	}
	put_plain(t, plain, cell->kind == APLOMB_INTEGER ? (uint64_t)cell->as.integer : cell->truth);
	return true;
}

static inline bool take_plain_field(const apl_target *t, const apl_plain *plain, const aplomb_field *from) {
	if (plain->kind != (uint32_t)from->kind) return false;
	if (from->kind == APLOMB_TEXT) {
		if (t->keep.arena == NULL) return false;
		apl_text *text = apl_text_in_ascii(t->keep.arena, from->as.text.bytes, from->as.text.size);
		if (text == NULL) return false; /* valid UTF-8, or not: the long way sees */
		put_plain(t, plain, (uint64_t)(uintptr_t)text);
		return true;
	}
	put_plain(t, plain, from->kind == APLOMB_INTEGER ? (uint64_t)from->as.integer : from->as.boolean);
	return true;
}

/* What `fields` begin with, once more. */
static bool begin_again(const apl_target *t, uint32_t number) {
	const apl_field *fields = t->schema->fields;
	if (fields[number].type == APL_TYPE_FIELDS) {
		for (uint32_t i = fields[number].first_child; i != APL_NO_FIELD; i = fields[i].next) {
			if (!begin_again(t, i)) return false;
		}
		return true;
	}
	const apl_field *field = &fields[number];
	apl_target_forget(t, number);
	if (!apl_record_has(t->layout->initial, field)) return true;
	uint64_t word = t->layout->initial[field->word];
	if (field->type == APL_TYPE_TEXT || field->type == APL_TYPE_LIST || field->type == APL_TYPE_ANY) {
		const apl_text *text = (const apl_text *)(uintptr_t)word;
		return apl_target_put_text(t, field, text->bytes, text->size, NULL) == APLOMB_OK;
	}
	if (field->type == APL_TYPE_MONEY) t->words[field->word + 1] = t->layout->initial[field->word + 1];
	put_word(t, field, word);
	return true;
}

int apl_target_take_members(const apl_target *t, uint32_t parent, const apl_tape *tape, uint32_t map, aplomb_error *error) {
	const apl_field *fields = t->schema->fields;
	const apl_plain *plain = t->schema->private_->plain;
	uint32_t likely = fields[parent].first_child;
	uint32_t end = tape->cells[map].as.end;
	uint64_t seen = 0; /* which `fields` were filled; several may share a bit */
	for (uint32_t name = map + 1; name < end; name = apl_tape_next(tape, name + 1)) {
		const apl_cell *value = &tape->cells[name + 1];
		uint32_t number = likely;
		if (likely == APL_NO_FIELD || !is_named(&plain[likely], &tape->cells[name]))
			number = apl_schema_member(t->schema, parent, tape->cells[name].as.text, tape->cells[name].count);
		if (number == APL_NO_FIELD) return apl_refuse_unknown(t, parent, tape->cells[name].as.text, tape->cells[name].count, error);
		likely = plain[number].following;
		if (take_plain_cell(t, &plain[number], value)) continue;
		const apl_field *field = &fields[number];
		if (value->kind == APLOMB_NULL) {
			apl_target_forget(t, number);
			continue;
		}
		int code;
		if (field->type != APL_TYPE_FIELDS) {
			code = take(t, number, tape, name + 1, error);
		} else if (value->kind != APLOMB_MAP) {
			return apl_refuse_type(t, number, tape, name + 1, error);
		} else {
			/* Named twice, the last one counts, and not a mixture. */
			uint64_t bit = UINT64_C(1) << (field->bit & 63u);
			if ((seen & bit) != 0 && !begin_again(t, number)) return apl_fail_memory(error);
			seen |= bit;
			code = apl_target_take_members(t, number, tape, name + 1, error);
		}
		if (code != APLOMB_OK) return code;
	}
	return APLOMB_OK;
}

/* One rule, for the record as a whole, and few fields: what nearly every event has. False: the long way sees. */
static inline bool has_all_of_few(const apl_target *t) {
	const apl_layout *layout = t->layout;
	return layout->n_rules == 1 && layout->n_presence == 1 && layout->rules->given == NULL &&
	       (layout->rules->required[0] & ~t->words[0]) == 0;
}

static int take_record(const apl_target *t, const apl_tape *tape, uint32_t cell, aplomb_error *error) {
	if (cell != APL_NO_FIELD && tape->cells[cell].kind != APLOMB_NULL) {
		if (tape->cells[cell].kind != APLOMB_MAP) return apl_refuse_type(t, 0, tape, cell, error);
		int code = apl_target_take_members(t, 0, tape, cell, error);
		if (code != APLOMB_OK) return code;
	}
	if (!t->schema->has_required || has_all_of_few(t)) return APLOMB_OK;
	uint32_t missing = apl_layout_missing(t->schema, t->layout, t->words, NULL);
	return missing == APL_NO_FIELD ? APLOMB_OK : apl_refuse_missing(t, missing, error);
}

int apl_record_read(const apl_writer *w, const apl_tape *tape, uint32_t cell, aplomb_error *error) {
	apl_target target = apl_target_of(w);
	if (!apl_layout_init(&target)) return apl_fail_memory(error);
	int code = take_record(&target, tape, cell, error);
	if (code != APLOMB_OK) apl_layout_dispose(w->schema, target.layout, w->words, w->keep.alloc);
	return code;
}

/* ---- single writes ------------------------------------------------------ */

/* Around a change that may break a rule or fail half-way: the record as it was. Small ones need no memory. */
#define FEW_WORDS 64u
typedef struct trial {
	const apl_target *real;
	apl_target target; /* writes go here */
	uint64_t few[FEW_WORDS];
} trial;

static bool begin_trial(trial *attempt, const apl_target *t) {
	uint32_t n_words = t->layout->n_words;
	attempt->real = t;
	attempt->target = *t;
	attempt->target.words = attempt->few;
	if (n_words > FEW_WORDS) {
		size_t size = n_words * sizeof(uint64_t);
		attempt->target.words = t->keep.arena != NULL ? apl_arena_take(t->keep.arena, size) : apl_new(t->keep.alloc, size);
		if (attempt->target.words == NULL) return false;
	}
	if (t->keep.arena == NULL)
		apl_record_share(t->schema, attempt->target.words, t->words);
	else if (n_words > 0)
		memcpy(attempt->target.words, t->words, n_words * sizeof(uint64_t));
	return true;
}

/* Keeps what was tried, or forgets it. */
static void end_trial(trial *attempt, bool keep) {
	const apl_target *t = attempt->real;
	uint32_t n_words = t->layout->n_words;
	apl_layout_dispose(t->schema, t->layout, keep ? t->words : attempt->target.words, t->keep.alloc);
	if (keep && n_words > 0) memcpy(t->words, attempt->target.words, n_words * sizeof(uint64_t));
	if (n_words > FEW_WORDS && t->keep.arena == NULL) apl_free(t->keep.alloc, attempt->target.words, n_words * sizeof(uint64_t));
}

static int clear(const apl_target *t, uint32_t field, aplomb_error *error) {
	if (!t->schema->has_required) {
		apl_target_forget(t, field);
		return APLOMB_OK;
	}
	trial attempt;
	if (!begin_trial(&attempt, t)) return apl_fail_memory(error);
	apl_target_forget(&attempt.target, field);
	uint32_t missing = apl_layout_missing(t->schema, t->layout, attempt.target.words, t->words);
	end_trial(&attempt, missing == APL_NO_FIELD);
	return missing == APL_NO_FIELD ? APLOMB_OK : apl_refuse_clearing(t, missing, error);
}

static int merge(const apl_target *t, uint32_t field, const apl_tape *tape, uint32_t cell, aplomb_error *error) {
	if (tape->cells[cell].kind != APLOMB_MAP) return apl_refuse_type(t, field, tape, cell, error);
	trial attempt;
	if (!begin_trial(&attempt, t)) return apl_fail_memory(error);
	int code = apl_target_take_members(&attempt.target, field, tape, cell, error);
	uint32_t missing = APL_NO_FIELD;
	if (code == APLOMB_OK) missing = apl_layout_missing(t->schema, t->layout, attempt.target.words, t->words);
	if (missing != APL_NO_FIELD) code = apl_refuse_missing(t, missing, error);
	end_trial(&attempt, code == APLOMB_OK);
	return code;
}

static int set(const apl_target *t, uint32_t field, const apl_tape *tape, uint32_t cell, aplomb_error *error) {
	if (tape->cells[cell].kind == APLOMB_NULL) return clear(t, field, error);
	if (t->schema->fields[field].type == APL_TYPE_FIELDS) return merge(t, field, tape, cell, error);
	return apl_target_take(t, field, tape, cell, error);
}

int apl_record_clear(const apl_writer *w, uint32_t field, aplomb_error *error) {
	apl_target target = apl_target_of(w);
	return clear(&target, field, error);
}

int apl_record_set(const apl_writer *w, uint32_t field, const apl_tape *tape, uint32_t cell, aplomb_error *error) {
	apl_target target = apl_target_of(w);
	return set(&target, field, tape, cell, error);
}

/* A scalar from C goes the way of a parsed one: a tape of one cell. */
static int set_cell(const apl_target *t, uint32_t field, apl_cell cell, aplomb_error *error) {
	apl_target target = *t;
	target.times_are_integers = true;
	apl_tape tape = {.cells = &cell, .count = 1};
	return set(&target, field, &tape, 0, error);
}

static int set_text(const apl_target *t, uint32_t number, const char *bytes, size_t size, aplomb_error *error) {
	if (size > UINT32_MAX) return apl_refuse_saying(t, number, "wrong-text", "a text has less than 4 GiB", error);
	if (apl_utf8_valid(bytes, size) != size) return apl_refuse_saying(t, number, "wrong-text", "expected text in valid UTF-8", error);
	return set_cell(t, number, (apl_cell){.kind = APLOMB_TEXT, .count = (uint32_t)size, .as.text = bytes}, error);
}

static int set_number(const apl_target *t, uint32_t field, double value, aplomb_error *error) {
	/* The writer of JSON, which `any` needs, knows no others. */
	if (!isfinite(value)) return apl_refuse_saying(t, field, "wrong-type", "expected a finite number, found NaN or infinity", error);
	return set_cell(t, field, (apl_cell){.kind = APLOMB_NUMBER, .as.number = value == 0.0 ? 0.0 : value}, error);
}

int apl_record_set_integer(const apl_writer *w, uint32_t number, int64_t value, aplomb_error *error) {
	const apl_field *field = &w->schema->fields[number];
	if (field->type == APL_TYPE_INTEGER && field->parent == 0 && within(field, value)) {
		/* What actions do all day: spared the long way. */
		w->words[field->word] = (uint64_t)value;
		mark_present(w->words, field);
		return APLOMB_OK;
	}
	apl_target target = apl_target_of(w);
	return set_cell(&target, number, (apl_cell){.kind = APLOMB_INTEGER, .as.integer = value}, error);
}

int apl_record_set_number(const apl_writer *w, uint32_t field, double value, aplomb_error *error) {
	apl_target target = apl_target_of(w);
	return set_number(&target, field, value, error);
}

int apl_record_set_boolean(const apl_writer *w, uint32_t field, bool value, aplomb_error *error) {
	apl_target target = apl_target_of(w);
	return set_cell(&target, field, (apl_cell){.kind = APLOMB_BOOLEAN, .truth = value}, error);
}

int apl_record_set_money(const apl_writer *w, uint32_t field, apl_money value, aplomb_error *error) {
	apl_target target = apl_target_of(w);
	char text[32];
	if (!apl_money_is_currency(value.currency)) return apl_refuse_saying(&target, field, "wrong-type", "the currency is not known", error);
	/* As text too: for `any`, and for messages. */
	apl_cell cell = {.kind = APLOMB_TEXT, .count = (uint32_t)apl_money_write(value, text), .as.text = text};
	apl_tape tape = {.cells = &cell, .count = 1};
	if (w->schema->fields[field].type == APL_TYPE_MONEY) return put_money(&target, field, value, &tape, 0, error);
	if (w->schema->fields[field].type == APL_TYPE_ANY) return apl_target_take(&target, field, &tape, 0, error);
	return apl_refuse_type(&target, field, &tape, 0, error);
}

int apl_record_set_text(const apl_writer *w, uint32_t field, const char *bytes, size_t size, aplomb_error *error) {
	apl_target target = apl_target_of(w);
	return set_text(&target, field, bytes, size, error);
}

/* ---- from named scalars ------------------------------------------------- */

/* Follows "address.city" inwards. */
static APART int find_path(const apl_target *t, const char *name, uint32_t *out, aplomb_error *error) {
	uint32_t parent = 0;
	for (;;) {
		const char *dot = strchr(name, '.');
		size_t size = dot != NULL ? (size_t)(dot - name) : strlen(name);
		uint32_t field = apl_schema_member(t->schema, parent, name, size);
		if (field == APL_NO_FIELD) return apl_refuse_unknown(t, parent, name, size, error);
		if (dot == NULL) {
			*out = field;
			return APLOMB_OK;
		}
		if (t->schema->fields[field].type != APL_TYPE_FIELDS) return apl_refuse_unknown(t, parent, name, strlen(name), error);
		parent = field;
		name = dot + 1;
	}
}

static inline bool is_text(const char *bytes, size_t size) {
	return size <= UINT32_MAX && apl_utf8_valid(bytes, size) == size;
}

/* Behind a member of `fields` comes most likely one of the root, and never another of theirs without its path. */
static inline uint32_t fields_follow(const apl_schema *schema, uint32_t number) {
	return schema->fields[number].parent == 0 ? schema->private_->plain[number].following : schema->fields[0].first_child;
}

static APART int take_other_field(const apl_target *t, uint32_t number, const aplomb_field *from, aplomb_error *error) {
	switch (from->kind) {
	case APLOMB_NULL: apl_target_forget(t, number); return APLOMB_OK;
	case APLOMB_BOOLEAN: return set_cell(t, number, (apl_cell){.kind = APLOMB_BOOLEAN, .truth = from->as.boolean}, error);
	case APLOMB_INTEGER: return set_cell(t, number, (apl_cell){.kind = APLOMB_INTEGER, .as.integer = from->as.integer}, error);
	case APLOMB_NUMBER: return set_number(t, number, from->as.number, error);
	case APLOMB_TEXT: return set_text(t, number, from->as.text.bytes, from->as.text.size, error);
	default: return apl_refuse_saying(t, number, "wrong-type", "a named field is a boolean, an integer, a number, a text or null", error);
	}
}

static inline int take_field(const apl_target *t, uint32_t number, const aplomb_field *from, aplomb_error *error) {
	const apl_field *field = &t->schema->fields[number];
	if (from->kind == APLOMB_INTEGER && take_integer(t, field, from->as.integer)) return APLOMB_OK;
	if (from->kind == APLOMB_BOOLEAN && take_boolean(t, field, from->as.boolean)) return APLOMB_OK;
	if (from->kind == APLOMB_TEXT && takes_any_text(field) && is_text(from->as.text.bytes, from->as.text.size))
		return apl_target_put_text(t, field, from->as.text.bytes, from->as.text.size, error);
	return take_other_field(t, number, from, error);
}

/* In line: names are short and nearly always the expected one, so that a call takes longer than the comparison. */
static inline bool is_expected(const char *name, const char *expected) {
	while (*name == *expected) {
		if (*name == '\0') return true;
		name++, expected++;
	}
	return false;
}

int apl_record_read_fields(const apl_writer *w, const aplomb_field *fields, size_t count, aplomb_error *error) {
	apl_target target = apl_target_of(w);
	if (!apl_layout_init(&target)) return apl_fail_memory(error);
	int code = APLOMB_OK;
	const apl_plain *plain = w->schema->private_->plain;
	uint32_t likely = w->schema->fields[0].first_child;
	for (size_t i = 0; i < count && code == APLOMB_OK; i++) {
		uint32_t number = likely;
		/* No member's name has a dot in it, so what is equal is no path. */
		if (likely == APL_NO_FIELD || !is_expected(fields[i].name, plain[likely].name))
			code = find_path(&target, fields[i].name, &number, error);
		else if (take_plain_field(&target, &plain[number], &fields[i])) {
			likely = plain[number].following;
			continue;
		}
		if (code == APLOMB_OK) code = take_field(&target, number, &fields[i], error);
		if (code == APLOMB_OK) likely = fields_follow(w->schema, number);
	}
	if (code == APLOMB_OK) code = take_record(&target, NULL, APL_NO_FIELD, error);
	if (code != APLOMB_OK) apl_layout_dispose(w->schema, target.layout, w->words, w->keep.alloc);
	return code;
}
