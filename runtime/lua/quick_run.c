/* SPDX-License-Identifier: MIT */
/*
 * Decides what a translated function answers. It gives what Lua gives or
 * nothing, and never decides what an error says: then Lua is asked.
 */
#include "lua/quick_inside.h"
#include "lua/slots.h"

#include <math.h>
#include <string.h>

static inline quick_value integer_value(int64_t value) {
	return (quick_value){.kind = V_INTEGER, .as.integer = value};
}

/* A field as it was. */
typedef struct written {
	uint32_t word, bit; /* of a variable: IS_VARIABLE, and the byte of its kind */
	uint64_t before;
	uint64_t was_there; /* bit 0; of a variable its kind */
} written;

#define IS_VARIABLE (UINT32_C(1) << 31)

static inline bool is_true(const quick_value *value) {
	return value->kind > V_FALSE;
}

/* What mod_data.c pushes; false: a text that is left to Lua. */
static inline bool read_field(const apl_field *field, const uint64_t *words, quick_value *out) {
	if (!apl_record_has(words, field)) {
		out->kind = V_NIL;
		return true;
	}
	switch (field->type) {
	case APL_TYPE_BOOLEAN: out->kind = words[field->word] != 0 ? V_TRUE : V_FALSE; return true;
	case APL_TYPE_NUMBER:
		out->kind = V_NUMBER;
		out->as.number = apl_record_number(words, field);
		return true;
	case APL_TYPE_TEXT:
		out->kind = V_TEXT;
		out->size = apl_record_text(words, field)->size;
		out->as.text = apl_record_text(words, field)->bytes;
		/* Of zero bytes Lua takes note: host.h. */
		return out->size <= LONGEST_TEXT && memchr(out->as.text, '\0', out->size) == NULL;
	case APL_TYPE_ONE_OF: {
		const char *choice = field->choices[words[field->word]];
		size_t size = strlen(choice);
		out->kind = V_TEXT;
		out->size = (uint32_t)size;
		out->as.text = choice;
		return size <= LONGEST_TEXT;
	}
	default:
		out->kind = V_INTEGER;
		out->as.integer = apl_record_integer(words, field);
		return true;
	}
}

static inline bool is_number(const quick_value *value) {
	return value->kind == V_INTEGER || value->kind == V_NUMBER;
}
static inline double as_number(const quick_value *value) {
	return value->kind == V_NUMBER ? value->as.number : (double)value->as.integer;
}

/* An integer beside a number is taken for one first, as in Lua; anything but numbers is left to it. */
static bool calculate_numbers(uint8_t op, const quick_value *a, const quick_value *b, quick_value *out) {
	if (!is_number(a) || !is_number(b)) return false;
	double x = as_number(a), y = as_number(b);
	*out = (quick_value){.kind = V_NUMBER, .as.number = op == Q_ADD ? x + y : op == Q_SUBTRACT ? x - y : x * y};
	return true;
}

static inline bool calculate(uint8_t op, const quick_value *a, const quick_value *b, quick_value *out) {
	if (a->kind != V_INTEGER || b->kind != V_INTEGER) return calculate_numbers(op, a, b, out);
	/* Lua's integers wrap around. */
	uint64_t x = (uint64_t)a->as.integer, y = (uint64_t)b->as.integer;
	uint64_t value = op == Q_ADD ? x + y : op == Q_SUBTRACT ? x - y : x * y;
	out->kind = V_INTEGER;
	out->as.integer = (int64_t)value;
	return true;
}

/* Lua compares an integer with a number exactly; so does C as long as the integer is a number, too. */
static inline bool compares_exactly(const quick_value *value) {
	const int64_t most = INT64_C(1) << 53;
	return value->kind == V_NUMBER || (value->as.integer >= -most && value->as.integer <= most);
}

/* a == b: 0, 1, or -1 for Lua to say. */
static inline int equal(const quick_value *a, const quick_value *b) {
	if (a->kind == V_OBJECT || b->kind == V_OBJECT) return -1;
	if (a->kind != b->kind) {
		if (!is_number(a) || !is_number(b)) return 0;
		return compares_exactly(a) && compares_exactly(b) ? as_number(a) == as_number(b) : -1;
	}
	switch ((value_kind)a->kind) {
	case V_INTEGER: return a->as.integer == b->as.integer;
	case V_NUMBER: return a->as.number == b->as.number;
	case V_TEXT: return a->size == b->size && memcmp(a->as.text, b->as.text, a->size) == 0;
	default: return 1;
	}
}

static int numbers_in_order(const quick_value *a, const quick_value *b, bool or_equal) {
	if (!is_number(a) || !is_number(b) || !compares_exactly(a) || !compares_exactly(b)) return -1;
	double x = as_number(a), y = as_number(b);
	return or_equal ? x <= y : x < y;
}

/* a < b, or a <= b: 0, 1, or -1 for Lua to say. */
static inline int in_order(const quick_value *a, const quick_value *b, bool or_equal) {
	if (a->kind != V_INTEGER || b->kind != V_INTEGER) return numbers_in_order(a, b, or_equal);
	return or_equal ? a->as.integer <= b->as.integer : a->as.integer < b->as.integer;
}

static inline bool has_bit(const uint64_t *words, uint32_t bit) {
	return (words[bit >> 6] >> (bit & 63u)) & 1u;
}

static inline void put(uint64_t *words, uint32_t word, uint32_t bit, uint64_t value) {
	words[bit >> 6] |= UINT64_C(1) << (bit & 63u);
	words[word] = value;
}

/* An integer with bounds, or a boolean, as its word; false: for Lua to refuse. */
static bool fits_field(const apl_field *field, const quick_value *value, uint64_t *word) {
	if (field->type == APL_TYPE_BOOLEAN) {
		if (value->kind != V_TRUE && value->kind != V_FALSE) return false;
		*word = value->kind == V_TRUE;
	} else {
		if (value->kind != V_INTEGER) return false;
		if (field->has_min && value->as.integer < field->bounds.integer.min) return false;
		if (field->has_max && value->as.integer > field->bounds.integer.max) return false;
		*word = (uint64_t)value->as.integer;
	}
	return true;
}

/* The field of that name in the event of the moment, remembered for the next time; false: it has none, or is not the playbook's. */
static bool find_event_field(apl_lua *host, const apl_quick *quick, quick_step *step) {
	if (!host->event_is_own) return false;
	const apl_schema *schema = host->program.events[host->event_number];
	uint32_t number = apl_quick_member(schema, &quick->names[step->x]);
	if (number == APL_NO_FIELD) return false;
	const apl_field *field = &schema->fields[number];
	step->y = (uint32_t)host->event_number + 1;
	step->z = field->word;
	step->w = field->bit;
	step->c = field->type;
	step->of.field = field;
	return true;
}

static inline bool knows_event_field(apl_lua *host, const apl_quick *quick, quick_step *step) {
	/* The number of no event of the playbook's own is below zero: y is no such number plus one, but for 0, which is none. */
	return (host->event_is_own && step->y == (uint32_t)host->event_number + 1) || find_event_field(host, quick, step);
}

/* The event's member as [step] has it; false: Lua must read it. */
static inline bool read_event(apl_lua *host, const apl_quick *quick, quick_step *step, quick_value *out) {
	if (!knows_event_field(host, quick, step)) return false;
	const uint64_t *words = host->words[APL_LUA_EVENT];
	if (step->c != APL_TYPE_BOOLEAN && step->c != APL_TYPE_INTEGER) return read_field(step->of.field, words, out);
	bool has = has_bit(words, step->w);
	if (step->c == APL_TYPE_BOOLEAN) {
		out->kind = has ? V_FALSE + (uint32_t)words[step->z] : V_NIL;
	} else {
		out->kind = has ? V_INTEGER : V_NIL;
		out->as.integer = (int64_t)words[step->z];
	}
	return true;
}

static inline void note(written *log, uint32_t *n_log, const quick_step *step, const uint64_t *words, uint32_t word, uint32_t bit) {
	if (step->is_logged) log[(*n_log)++] = (written){word, bit, words[word], has_bit(words, bit)};
}

/* ---- variables ---- */

_Static_assert(V_FALSE == (int)APL_SLOT_FALSE && V_TRUE == (int)APL_SLOT_TRUE && V_INTEGER == (int)APL_SLOT_INTEGER &&
                   V_NUMBER == (int)APL_SLOT_NUMBER && V_NIL == (int)APL_SLOT_ABSENT,
    "what a slot holds is what a register holds");

/* false: a table, a long text, or none where there may be no variables at all. */
static inline bool read_variable(const apl_lua *host, const uint64_t *data, const quick_step *step, quick_value *out) {
	const uint8_t kind = ((const uint8_t *)data)[step->y];
	const apl_text *text;
	switch ((apl_slot_kind)kind) {
	case APL_SLOT_FALSE:
	case APL_SLOT_TRUE:
	case APL_SLOT_INTEGER:
	case APL_SLOT_NUMBER:
		out->kind = kind;
		out->as.integer = (int64_t)data[step->x]; /* the bits of a number, too */
		return true;
	case APL_SLOT_ABSENT:
	case APL_SLOT_NULL: out->kind = V_NIL; return apl_lua_has_variables(host, data);
	case APL_SLOT_TEXT:
		text = (const apl_text *)(uintptr_t)data[step->x];
		out->kind = V_TEXT;
		out->size = text->size;
		out->as.text = text->bytes;
		return text->size <= LONGEST_TEXT;
	case APL_SLOT_JSON: return false;
	}
	return false;
}

/* false: it holds or gets a text, or a number that is not finite: for Lua to do, or to refuse. */
static inline bool write_variable(
    const apl_lua *host, uint64_t *data, const quick_step *step, const quick_value *value, written *log, uint32_t *n_log) {
	uint8_t *kind = (uint8_t *)data + step->y;
	if (*kind >= APL_SLOT_TEXT || value->kind > V_NUMBER || !apl_lua_has_variables(host, data)) return false;
	uint64_t word = 0;
	if (value->kind == V_INTEGER) {
		word = (uint64_t)value->as.integer;
	} else if (value->kind == V_NUMBER) {
		if (!isfinite(value->as.number)) return false;
		const double number = value->as.number == 0 ? 0 : value->as.number; /* minus zero is zero */
		memcpy(&word, &number, sizeof word);
	}
	if (step->is_logged) log[(*n_log)++] = (written){step->x, IS_VARIABLE | step->y, data[step->x], *kind};
	*kind = (uint8_t)value->kind;
	data[step->x] = word;
	return true;
}

int apl_quick_run(apl_lua *host, apl_quick *quick, bool is_guard) {
	if (quick->n_writes > 0 && is_guard) return APL_QUICK_LEFT; /* Lua says that a guard may not */
	quick_value registers[MOST_REGISTERS];
	written log[MOST_WRITES];
	uint32_t n_log = 0;
	const apl_program *program = &host->program;
	uint64_t *data = host->turn->data;
	quick_step *step = quick->steps + quick->first;
	uint64_t word;
	int outcome;
	registers[0].kind = V_OBJECT;
	registers[1].kind = V_OBJECT;
	for (;;) {
		quick_value *a = &registers[step->a];
		switch ((quick_op)step->op) {
		case Q_MOVE: *a = registers[step->b]; break;
		case Q_OBJECT: a->kind = V_OBJECT; break;
		case Q_VALUE: *a = *step->of.constant; break;
		case Q_NIL:
			for (uint32_t i = 0; i <= step->b; i++) a[i].kind = V_NIL;
			break;
		case Q_DATA:
			if (!read_field(step->of.field, data, a)) goto left;
			break;
		case Q_DATA_INTEGER:
			a->kind = has_bit(data, step->y) ? V_INTEGER : V_NIL;
			a->as.integer = (int64_t)data[step->x];
			break;
		case Q_VARIABLE:
			if (!read_variable(host, data, step, a)) goto left;
			break;
		case Q_WRITE_VARIABLE:
			if (!write_variable(host, data, step, &registers[step->b], log, &n_log)) goto left;
			break;
		case Q_WRITE_VARIABLE_K:
			if (!write_variable(host, data, step, step->of.constant, log, &n_log)) goto left;
			break;
		case Q_PARAMS:
			if (!read_field(step->of.field, host->words[APL_LUA_PARAMS], a)) goto left;
			break;
		case Q_EVENT:
			if (!read_event(host, quick, step, a)) goto left;
			break;
		case Q_WRITE:
			if (!fits_field(step->of.field, &registers[step->b], &word)) goto left;
			note(log, &n_log, step, data, step->of.field->word, step->of.field->bit);
			put(data, step->of.field->word, step->of.field->bit, word);
			break;
		case Q_WRITE_K: {
			const apl_field *field = &program->data->fields[step->z];
			if (!fits_field(field, step->of.constant, &word)) goto left;
			note(log, &n_log, step, data, field->word, field->bit);
			put(data, field->word, field->bit, word);
			break;
		}
		case Q_WRITE_INTEGER:
			if (registers[step->b].kind != V_INTEGER) goto left;
			note(log, &n_log, step, data, step->x, step->y);
			put(data, step->x, step->y, (uint64_t)registers[step->b].as.integer);
			break;
		case Q_WRITE_INTEGER_K:
			if (step->of.constant->kind != V_INTEGER) goto left;
			note(log, &n_log, step, data, step->x, step->y);
			put(data, step->x, step->y, (uint64_t)step->of.constant->as.integer);
			break;
		case Q_COUNT: {
			if (!has_bit(data, step->y)) goto left;
			note(log, &n_log, step, data, step->x, step->y);
			uint64_t sum = data[step->x] + (uint64_t)step->of.constant->as.integer;
			data[step->x] = sum;
			*a = integer_value((int64_t)sum);
			break;
		}
		case Q_SUM_EVENT: {
			quick_value *more = &registers[step[1].a];
			if (!has_bit(data, step->y) || !read_event(host, quick, step + 1, more)) goto left;
			/* An integer is the rule; what becomes of another kind the steps behind decide, one by one. */
			if (more->kind != V_INTEGER) {
				*a = integer_value((int64_t)data[step->x]);
				step += 2;
				continue;
			}
			note(log, &n_log, step, data, step->x, step->y);
			uint64_t sum = data[step->x] + (uint64_t)more->as.integer;
			data[step->x] = sum;
			*a = integer_value((int64_t)sum);
			break;
		}
		case Q_ADD:
		case Q_SUBTRACT:
		case Q_MULTIPLY:
			if (!calculate(step->op, &registers[step->b], &registers[step->c], a)) goto left;
			break;
		case Q_ADD_K:
		case Q_SUBTRACT_K:
		case Q_MULTIPLY_K:
			if (!calculate((uint8_t)(step->op - Q_ADD_K + Q_ADD), &registers[step->b], step->of.constant, a)) goto left;
			break;
		case Q_NOT: a->kind = is_true(&registers[step->b]) ? V_FALSE : V_TRUE; break;
		case Q_JUMP: step = &quick->steps[step->x]; continue;
		case Q_EQUAL: outcome = equal(a, &registers[step->b]); goto compared;
		case Q_EQUAL_K: outcome = equal(a, step->of.constant); goto compared;
		case Q_LESS: outcome = in_order(a, &registers[step->b], false); goto compared;
		case Q_LESS_EQUAL: outcome = in_order(a, &registers[step->b], true); goto compared;
		case Q_LESS_K: outcome = in_order(a, step->of.constant, false); goto compared;
		case Q_LESS_EQUAL_K: outcome = in_order(a, step->of.constant, true); goto compared;
		case Q_GREATER_K: outcome = in_order(step->of.constant, a, false); goto compared;
		case Q_GREATER_EQUAL_K:
			outcome = in_order(step->of.constant, a, true);
		compared:
			if (outcome < 0) goto left;
			step = &quick->steps[outcome == step->c ? step->x : step->y];
			continue;
		case Q_TEST: step = &quick->steps[is_true(a) == (step->c != 0) ? step->x : step->y]; continue;
		case Q_TEST_SET:
			if (is_true(&registers[step->b]) != (step->c != 0)) {
				step = &quick->steps[step->y];
				continue;
			}
			*a = registers[step->b];
			step = &quick->steps[step->x];
			continue;
		case Q_RETURN_NOTHING:
			if (is_guard) goto left; /* Lua says that an answer is missing */
			return APL_PORT_FALSE;
		case Q_RETURN:
			if (a->kind == V_NIL) return APL_PORT_FALSE;
			if (!is_guard || (a->kind != V_TRUE && a->kind != V_FALSE)) goto left;
			return a->kind == V_TRUE ? APL_PORT_TRUE : APL_PORT_FALSE;
		}
		step += step->next;
	}
left:
	while (n_log > 0) {
		const written *w = &log[--n_log];
		data[w->word] = w->before;
		if (w->bit & IS_VARIABLE) {
			((uint8_t *)data)[w->bit & ~IS_VARIABLE] = (uint8_t)w->was_there;
			continue;
		}
		data[w->bit >> 6] = (data[w->bit >> 6] & ~(UINT64_C(1) << (w->bit & 63u))) | w->was_there << (w->bit & 63u);
	}
	return APL_QUICK_LEFT;
}
