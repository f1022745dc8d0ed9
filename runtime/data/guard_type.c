/* SPDX-License-Identifier: MIT */
/*
 * Decides which parts of a text go together: like is
 * compared with like, and what a text is read as follows from what stands
 * beside it. Everything is told at once, but nothing about what stands around a mistake.
 */
#include <stdio.h>

#include "base/assert.h"
#include "data/guard_typing.h"
#include "data/message.h"
#include "time/instant.h"
#include "time/shown.h"

/* ---- literals ------------------------------------------------------------------- */

static bool read_choice(apl_guard_typing *t, apl_guard_node *literal, const apl_guard_node *beside, const char *whose) {
	apl_guard_member own = {beside->schema, beside->field, beside->field_number};
	const apl_guard_member *members = beside->n_members > 0 ? beside->members : &own;
	uint32_t count = beside->n_members > 0 ? beside->n_members : 1;
	for (uint32_t m = 0; m < count; m++) {
		for (uint32_t i = 0; i < members[m].field->n_choices; i++) {
			if (strcmp(members[m].field->choices[i], literal->name) != 0) continue;
			literal->type = APL_TYPE_ONE_OF;
			literal->constant.type = APL_TYPE_ONE_OF;
			literal->number = i; /* counts where there is one field only */
			return true;
		}
	}
	static const char *const whats[] = {[APL_FROM_DATA] = "data", [APL_FROM_PARAMS] = "params", [APL_FROM_EVENT] = "event"};
	aplomb_error error;
	apl_target target = {.schema = members[0].schema,
	    .layout = &members[0].schema->private_->layouts[0],
	    .what = whose != NULL ? whose : whats[beside->source]};
	apl_refuse_choice(&target, members[0].number, literal->name, literal->name_size, &error);
	return APL_GUARD_MISTAKE(t, literal, "not-a-choice", "%s", error.message);
}

/* A text literal as a value of the type; told when it is none. */
static bool read_literal(apl_guard_typing *t, apl_guard_node *literal, apl_type type) {
	aplomb_error error = {0};
	int code = APLOMB_OK;
	apl_span_unit unit = APL_SPAN_CLOCK;
	apl_guard_value value = {.type = (uint8_t)type, .is_there = true};
	if (type == APL_TYPE_MONEY)
		code = apl_money_read(literal->name, literal->name_size, &value.as.money, &error);
	else if (type == APL_TYPE_SPAN)
		code = apl_span_read_any(literal->name, literal->name_size, &value.as.integer, &unit, &error);
	else if (type == APL_TYPE_INSTANT)
		code = apl_instant_read(literal->name, literal->name_size, &value.as.integer, &error);
	else
		return true;
	if (code != APLOMB_OK) return APL_GUARD_MISTAKE(t, literal, error.slug, "%s", error.message);
	value.unit = (uint8_t)unit;
	literal->constant = value;
	literal->type = (uint8_t)type;
	return true;
}

/* Beside what the clock measures no business time stands; told when it does. */
static bool is_of_clock(apl_guard_typing *t, apl_guard_node *literal) {
	if (literal->type != APL_TYPE_SPAN || literal->constant.unit == APL_SPAN_CLOCK) return true;
	return APL_GUARD_MISTAKE(t, literal, "mixed-time",
	    "\"%s\" is business time, and what stands beside it is the clock's; only a calendar could tell what that comes to", literal->name);
}

static bool is_text_literal(const apl_guard_node *node) {
	return node->op == APL_OP_CONSTANT && node->type == APL_TYPE_TEXT;
}

/* A text is what stands beside it; false: it is not, which was told. */
static bool adapt(apl_guard_typing *t, apl_guard_node *literal, const apl_guard_node *beside) {
	if (!is_text_literal(literal) || beside->op == APL_OP_NIL || is_text_literal(beside)) return true;
	if (beside->type == APL_TYPE_ONE_OF && is_path(beside)) return read_choice(t, literal, beside, NULL);
	return read_literal(t, literal, (apl_type)beside->type) &&
	       (is_path(beside) || apl_guard_op_is_of_clock(beside->op) || is_of_clock(t, literal));
}

/* ---- operations -------------------------------------------------------------------- */

static bool type_has(apl_guard_typing *t, apl_guard_node *node) {
	char text[APL_GUARD_PIECE];
	node->type = APL_TYPE_BOOLEAN;
	if (is_path(node->left)) return true;
	return APL_GUARD_MISTAKE(t, node->left, "wrong-type", "has(…) takes a path such as data.x, found %s", piece(t, node->left, text));
}

static bool type_length(apl_guard_typing *t, apl_guard_node *node) {
	char text[APL_GUARD_PIECE];
	node->type = APL_TYPE_INTEGER;
	if (is_text(node->left) || is_a(node->left, APL_TYPE_LIST)) return true;
	return APL_GUARD_MISTAKE(
	    t, node->left, "wrong-type", "%s is %s; only text and lists have a length", piece(t, node->left, text), kind_of(node->left));
}

/* May an item of this type be the value? Items that are not declared are what they are. */
static bool may_be_item(apl_type item, const apl_guard_node *value) {
	bool is_plain = is_text(value) || is_numeric(value) || is_a(value, APL_TYPE_BOOLEAN);
	switch (item) {
	case APL_TYPE_ANY: return is_plain;
	case APL_TYPE_TEXT:
	case APL_TYPE_ONE_OF: return is_text(value);
	case APL_TYPE_INTEGER:
	case APL_TYPE_NUMBER: return is_numeric(value);
	case APL_TYPE_LIST:
	case APL_TYPE_FIELDS: return false;
	default: return value->type == item;
	}
}

static bool read_item(apl_guard_typing *t, apl_guard_node *literal, const apl_guard_node *list) {
	if (!is_text_literal(literal)) return true;
	if (list->item_type != APL_TYPE_ONE_OF) return read_literal(t, literal, (apl_type)list->item_type);
	uint32_t item = list->field->first_child;
	apl_guard_node beside = {.op = APL_OP_PATH,
	    .type = APL_TYPE_ONE_OF,
	    .source = list->source,
	    .schema = list->schema,
	    .field = &list->schema->fields[item],
	    .field_number = item};
	char text[APL_GUARD_PIECE], whose[APL_GUARD_PIECE + 16];
	snprintf(whose, sizeof whose, "the items of %s", piece(t, list, text));
	return read_choice(t, literal, &beside, whose);
}

static bool type_contains(apl_guard_typing *t, apl_guard_node *node) {
	char text[APL_GUARD_PIECE], value[APL_GUARD_PIECE];
	apl_guard_node *where = node->left, *what = node->right;
	node->type = APL_TYPE_BOOLEAN;
	if (!is_text(where) && !is_a(where, APL_TYPE_LIST))
		return APL_GUARD_MISTAKE(
		    t, where, "wrong-type", "%s is %s; only a list or a text contains something", piece(t, where, text), kind_of(where));
	if (is_text(where)) {
		if (is_text(what)) return true;
		return APL_GUARD_MISTAKE(t, what, "wrong-type", "%s is %s; a text contains only text", piece(t, what, value), kind_of(what));
	}
	if (!read_item(t, what, where)) return false;
	if (what->op != APL_OP_NIL && may_be_item((apl_type)where->item_type, what)) return true;

	return APL_GUARD_MISTAKE(t, what, "wrong-type", "%s is %s, and the items of %s are %s", piece(t, what, value), kind_of(what),
	    piece(t, where, text),
	    where->item_type == APL_TYPE_ANY ? "not declared; only text, numbers and booleans are compared with such"
	                                     : kind_of_type(where->item_type));
}

static bool type_logic(apl_guard_typing *t, apl_guard_node *node) {
	char text[APL_GUARD_PIECE];
	node->type = APL_TYPE_BOOLEAN;
	bool is_good = true;
	apl_guard_node *sides[] = {node->left, node->right};
	for (int i = 0; i < 2 && sides[i] != NULL; i++) {
		if (is_a(sides[i], APL_TYPE_BOOLEAN)) continue;
		piece(t, sides[i], text);
		is_good = APL_GUARD_MISTAKE(t, sides[i], "wrong-type", "%s is %s, and \"%s\" is about what is true or false%s%s%s", text,
		    kind_of(sides[i]), apl_guard_ops[node->op].word, is_path(sides[i]) ? "; did you mean has(" : "", is_path(sides[i]) ? text : "",
		    is_path(sides[i]) ? ")?" : "");
	}
	return is_good;
}

/* How the sides of a comparison go together. */
static bool compares(const apl_guard_node *a, const apl_guard_node *b, apl_guard_kinds *out) {
	if (a->op == APL_OP_NIL || b->op == APL_OP_NIL) return false;
	if (is_numeric(a) && is_numeric(b)) {
		*out = a->type == APL_TYPE_INTEGER && b->type == APL_TYPE_INTEGER ? APL_KINDS_INTEGERS : APL_KINDS_NUMBERS;
		return true;
	}
	if (is_text(a) && is_text(b)) {
		*out = APL_KINDS_TEXTS;
		return true;
	}
	if (a->type != b->type) return false;
	switch ((apl_type)a->type) {
	case APL_TYPE_MONEY: *out = APL_KINDS_MONEY; return true;
	case APL_TYPE_BOOLEAN: *out = APL_KINDS_BOOLEANS; return true;
	case APL_TYPE_INSTANT:
	case APL_TYPE_SPAN: *out = APL_KINDS_INTEGERS; return true;
	default: return false;
	}
}

static bool type_nil(apl_guard_typing *t, apl_guard_node *node) {
	bool is_equality = node->op == APL_OP_EQUAL || node->op == APL_OP_UNEQUAL;
	apl_guard_node *other = node->left->op == APL_OP_NIL ? node->right : node->left;
	node->kinds = APL_KINDS_NIL;
	if (is_equality && is_path(other)) return true;
	return APL_GUARD_MISTAKE(
	    t, node, "wrong-type", "nil stands only beside a path and == or ~=: data.x == nil asks whether data.x is missing");
}

/* What to write instead of a comparison that does not fit. */
static const char *comparison_hint(const apl_guard_node *a, const apl_guard_node *b) {
	if (is_a(b, APL_TYPE_SPAN) || is_a(b, APL_TYPE_MONEY)) {
		const apl_guard_node *swap = a;
		a = b;
		b = swap;
	}
	if (is_a(a, APL_TYPE_SPAN) && is_numeric(b)) return "; write the span as text, as in \"90s\"";
	if (is_a(a, APL_TYPE_MONEY) && is_numeric(b)) return "; write the amount as text, as in \"40.00 GBP\"";
	return "";
}

/* Is it a span of business time (1), or of the clock's (0)? -1: that shows when it is asked. */
static int counts_business(const apl_guard_typing *t, const apl_guard_node *node) {
	if (node->type != APL_TYPE_SPAN) return -1;
	if (node->op == APL_OP_CONSTANT) return node->constant.unit != APL_SPAN_CLOCK;
	if (!apl_guard_op_is_of_clock(node->op) || t->scope->clock_counts == NULL || t->scope->clock == NULL) return -1;
	return t->scope->clock_counts(t->scope->self, node->number);
}

/* Two kinds of time are not compared; what shows only when it is asked is told then. */
static bool are_alike(apl_guard_typing *t, apl_guard_node *a, apl_guard_node *b) {
	static const char *const kinds[] = {"clock time", "business time"};
	char left[APL_GUARD_PIECE], right[APL_GUARD_PIECE];
	int x = counts_business(t, a), y = counts_business(t, b);
	if (x < 0 || y < 0 || x == y || (a->op == APL_OP_CONSTANT && b->op == APL_OP_CONSTANT)) return true;
	return APL_GUARD_MISTAKE(t, a->op == APL_OP_CONSTANT ? a : b, "mixed-time",
	    "%s is %s and %s is %s; only a calendar could tell what that comes to", piece(t, a, left), kinds[x], piece(t, b, right), kinds[y]);
}

static bool type_comparison(apl_guard_typing *t, apl_guard_node *node) {
	char left[APL_GUARD_PIECE], right[APL_GUARD_PIECE];
	apl_guard_node *a = node->left, *b = node->right;
	const char *word = apl_guard_ops[node->op].word;
	bool is_order = node->op < APL_OP_EQUAL;
	apl_guard_kinds kinds = APL_KINDS_INTEGERS;
	node->type = APL_TYPE_BOOLEAN;
	if (a->op == APL_OP_NIL || b->op == APL_OP_NIL) return type_nil(t, node);
	for (int i = 0; i < 2; i++) {
		apl_guard_node *side = i == 0 ? a : b;
		if (side->type < APL_TYPE_LIST) continue;
		return APL_GUARD_MISTAKE(t, side, "wrong-type", "%s is %s, which is not compared%s", piece(t, side, left), kind_of(side),
		    side->type == APL_TYPE_LIST  ? "; there are len(…) and contains(…)"
		    : side->type == APL_TYPE_ANY ? "; has(…) asks whether it is there, and a function can do more"
		                                 : "; name one of them");
	}
	if (!adapt(t, a, b) || !adapt(t, b, a) || !are_alike(t, a, b)) return false;
	if (!compares(a, b, &kinds))
		return APL_GUARD_MISTAKE(t, node, "wrong-type", "%s is %s and %s is %s; %s compares like with like%s", piece(t, a, left),
		    kind_of(a), piece(t, b, right), kind_of(b), word, comparison_hint(a, b));
	node->kinds = (uint8_t)kinds;
	if (is_order && kinds == APL_KINDS_BOOLEANS)
		return APL_GUARD_MISTAKE(t, node, "wrong-type", "true and false have no order, so %s cannot compare them", word);
	if (is_order && (a->type == APL_TYPE_ONE_OF || b->type == APL_TYPE_ONE_OF))
		return APL_GUARD_MISTAKE(t, node, "wrong-type",
		    "the choices of a one_of have no order, so %s cannot compare %s; there are == and ~=", word,
		    piece(t, is_path(a) && a->type == APL_TYPE_ONE_OF ? a : b, left));
	return true;
}

/* What a sum of two types comes to; false: nothing. */
static bool calculates(apl_guard_op op, const apl_guard_node *a, const apl_guard_node *b, apl_type *out) {
	bool sums = op == APL_OP_ADD || op == APL_OP_SUBTRACT;
	if (is_numeric(a) && is_numeric(b)) {
		bool is_integer = a->type == APL_TYPE_INTEGER && b->type == APL_TYPE_INTEGER && op != APL_OP_DIVIDE;
		*out = is_integer ? APL_TYPE_INTEGER : APL_TYPE_NUMBER;
		return true;
	}
	for (int money_or_span = 0; money_or_span < 2; money_or_span++) {
		apl_type type = money_or_span == 0 ? APL_TYPE_MONEY : APL_TYPE_SPAN;
		*out = type;
		if (sums && is_a(a, type) && is_a(b, type)) return true;
		if (op == APL_OP_MULTIPLY && is_a(a, type) && is_a(b, APL_TYPE_INTEGER)) return true;
		if (op == APL_OP_MULTIPLY && is_a(a, APL_TYPE_INTEGER) && is_a(b, type)) return true;
	}
	if (is_a(a, APL_TYPE_SPAN) && op == APL_OP_FLOOR_DIVIDE && is_a(b, APL_TYPE_INTEGER)) return true;
	if (is_a(a, APL_TYPE_SPAN) && op == APL_OP_MODULO && is_a(b, APL_TYPE_SPAN)) return true;
	*out = APL_TYPE_INTEGER;
	if (is_a(a, APL_TYPE_SPAN) && op == APL_OP_FLOOR_DIVIDE && is_a(b, APL_TYPE_SPAN)) return true;
	*out = APL_TYPE_SPAN;
	if (op == APL_OP_SUBTRACT && is_a(a, APL_TYPE_INSTANT) && is_a(b, APL_TYPE_INSTANT)) return true;
	*out = APL_TYPE_INSTANT;
	if (sums && is_a(a, APL_TYPE_INSTANT) && is_a(b, APL_TYPE_SPAN)) return true;
	return op == APL_OP_ADD && is_a(a, APL_TYPE_SPAN) && is_a(b, APL_TYPE_INSTANT);
}

/* A text beside an instant is a span, or, subtracted, an instant when it reads as one. */
static bool adapt_operand(apl_guard_typing *t, apl_guard_op op, apl_guard_node *literal, const apl_guard_node *beside) {
	if (!is_text_literal(literal) || is_text_literal(beside)) return true;
	if (is_a(beside, APL_TYPE_INSTANT)) {
		aplomb_instant at;
		bool is_instant = op == APL_OP_SUBTRACT && apl_instant_read(literal->name, literal->name_size, &at, NULL) == APLOMB_OK;
		return read_literal(t, literal, is_instant ? APL_TYPE_INSTANT : APL_TYPE_SPAN) && is_of_clock(t, literal);
	}
	if (is_a(beside, APL_TYPE_SPAN) || is_a(beside, APL_TYPE_MONEY))
		return read_literal(t, literal, (apl_type)beside->type) && is_of_clock(t, literal);
	return true;
}

static const char *calculation_hint(apl_guard_op op, const apl_guard_node *a, const apl_guard_node *b) {
	bool divides = op == APL_OP_DIVIDE || op == APL_OP_FLOOR_DIVIDE || op == APL_OP_MODULO;
	if (divides && (is_a(a, APL_TYPE_MONEY) || is_a(b, APL_TYPE_MONEY))) return "; money is not divided, for a penny would be lost";
	if (op == APL_OP_DIVIDE && is_a(a, APL_TYPE_SPAN)) return "; write // for whole microseconds or whole times";
	if (is_a(a, APL_TYPE_MONEY) != is_a(b, APL_TYPE_MONEY) && (is_a(a, APL_TYPE_NUMBER) || is_a(b, APL_TYPE_NUMBER)))
		return "; money is multiplied by integers only";
	if (is_text(a) || is_text(b)) return "; text is no number";
	return "";
}

static bool type_arithmetic(apl_guard_typing *t, apl_guard_node *node) {
	static const char *const done[] = {[APL_OP_ADD] = "added",
	    [APL_OP_SUBTRACT] = "subtracted",
	    [APL_OP_MULTIPLY] = "multiplied",
	    [APL_OP_DIVIDE] = "divided",
	    [APL_OP_FLOOR_DIVIDE] = "divided",
	    [APL_OP_MODULO] = "divided"};
	char left[APL_GUARD_PIECE], right[APL_GUARD_PIECE];
	apl_guard_node *a = node->left, *b = node->right;
	apl_guard_op op = (apl_guard_op)node->op;
	apl_type type;
	if (!adapt_operand(t, op, a, b) || !adapt_operand(t, op, b, a)) return false;
	if (!calculates(op, a, b, &type))
		return APL_GUARD_MISTAKE(t, node, "wrong-type", "%s is %s and %s is %s; that cannot be %s%s", piece(t, a, left), kind_of(a),
		    piece(t, b, right), kind_of(b), done[op], calculation_hint(op, a, b));
	node->type = (uint8_t)type;
	node->kinds = type == APL_TYPE_NUMBER ? APL_KINDS_NUMBERS : type == APL_TYPE_MONEY ? APL_KINDS_MONEY : APL_KINDS_INTEGERS;
	return true;
}

static bool type_minus(apl_guard_typing *t, apl_guard_node *node) {
	char text[APL_GUARD_PIECE];
	node->type = node->left->type;
	if (is_numeric(node->left) || is_a(node->left, APL_TYPE_SPAN) || is_a(node->left, APL_TYPE_MONEY)) {
		node->kinds = node->type == APL_TYPE_NUMBER  ? APL_KINDS_NUMBERS
		              : node->type == APL_TYPE_MONEY ? APL_KINDS_MONEY
		                                             : APL_KINDS_INTEGERS;
		if (node->left->op != APL_OP_NIL) return true;
	}
	return APL_GUARD_MISTAKE(t, node, "wrong-type", "%s is %s, which has no minus", piece(t, node->left, text), kind_of(node->left));
}

/* ---- assignments ---------------------------------------------------------------------- */

/* Would the record take it? Asked of a record that nothing else is in. */
static bool try_constant(apl_guard_typing *t, apl_guard_node *node) {
	const apl_guard_node *target = node->left;
	const apl_schema *schema = target->schema;
	aplomb_error error = {0};
	apl_guard_value value;
	apl_guard_trouble trouble = {0};
	apl_guard_situation nothing = {0};
	uint64_t *words = apl_arena_take(t->guard->arena, (schema->n_words + 1) * sizeof *words);
	apl_writer writer = {.schema = schema, .words = words, .keep = {NULL, t->guard->arena}, .what = "data"};
	if (words == NULL || !apl_record_init(schema, words, writer.keep)) {
		t->no_memory = true;
		return false;
	}
	if (!apl_guard_node_value(t->guard, node->right, &nothing, &value, &trouble)) return true; /* told by check_constants */
	int code = apl_guard_write(&writer, target->field_number, &value, &error);
	if (code == APLOMB_OK) return true;
	if (code == APLOMB_ENOMEM) {
		t->no_memory = true;
		return false;
	}
	return APL_GUARD_MISTAKE(t, node->right, error.slug, "%s", error.message);
}

static bool type_assignment(apl_guard_typing *t, apl_guard_node *node) {
	char text[APL_GUARD_PIECE];
	apl_guard_node *target = node->left, *value = node->right;
	const apl_field *field = target->field;
	node->type = target->type;
	if (target->source != APL_FROM_DATA) return APL_GUARD_MISTAKE(t, target, "locked", "%s cannot be changed; only data can", target->name);
	if (field->type == APL_TYPE_FIELDS)
		return APL_GUARD_MISTAKE(
		    t, target, "wrong-type", "%s is a group of fields; assign one of them, as %s.x", target->name, target->name);
	if (value->op == APL_OP_NIL) {
		if (!field->required) return true;
		return APL_GUARD_MISTAKE(t, value, "missing-field", "%s: required, so it cannot be cleared", target->name);
	}
	if (field->type == APL_TYPE_ONE_OF && is_text_literal(value) && !read_choice(t, value, target, NULL)) return false;
	if (is_text_literal(value) && !read_literal(t, value, (apl_type)field->type)) return false;
	bool fits = value->type == field->type;
	fits = fits || (field->type == APL_TYPE_NUMBER && is_a(value, APL_TYPE_INTEGER));
	fits = fits || ((field->type == APL_TYPE_TEXT || field->type == APL_TYPE_ONE_OF) && is_text(value));
	fits = fits || (field->type == APL_TYPE_ANY && value->type != APL_TYPE_FIELDS);
	if (!fits)
		return APL_GUARD_MISTAKE(t, value, "wrong-type", "%s is %s, and %s is %s%s", target->name, kind_of(target), piece(t, value, text),
		    kind_of(value), comparison_hint(target, value));
	if (value->is_constant) return try_constant(t, node);
	return true;
}

/* ---- the whole ----------------------------------------------------------------------------- */

static bool type_this(apl_guard_typing *t, apl_guard_node *node) {
	const apl_guard_node *a = node->left, *b = node->right;
	if ((a != NULL && a->is_wrong) || (b != NULL && b->is_wrong)) return false;
	node->is_personal = (a != NULL && a->is_personal) || (b != NULL && b->is_personal);
	node->is_constant =
	    node->op == APL_OP_CONSTANT || (node->op >= APL_OP_LEN && a != NULL && a->is_constant && (b == NULL || b->is_constant));
	switch ((apl_guard_op)node->op) {
	case APL_OP_NIL:
	case APL_OP_CONSTANT: return true;
	case APL_OP_PATH: return apl_guard_name_path(t, node);
	case APL_OP_IS_IN:
	case APL_OP_TIME_IN:
	case APL_OP_COUNT: return apl_guard_name_state_or_counter(t, node);
	case APL_OP_CLOCK_ELAPSED:
	case APL_OP_CLOCK_LEFT:
	case APL_OP_CLOCK_TARGET:
	case APL_OP_CLOCK_DEADLINE:
	case APL_OP_CLOCK_RUNNING:
	case APL_OP_CLOCK_BREACHED: return apl_guard_name_clock(t, node);
	case APL_OP_ON_DUTY:
	case APL_OP_NOBODY_ON_DUTY: return apl_guard_name_rota(t, node);
	case APL_OP_HAS: return type_has(t, node);
	case APL_OP_LEN:
	case APL_OP_SIZE: return type_length(t, node);
	case APL_OP_CONTAINS: return type_contains(t, node);
	case APL_OP_OR:
	case APL_OP_AND:
	case APL_OP_NOT: return type_logic(t, node);
	case APL_OP_LESS:
	case APL_OP_LESS_EQUAL:
	case APL_OP_GREATER:
	case APL_OP_GREATER_EQUAL:
	case APL_OP_EQUAL:
	case APL_OP_UNEQUAL: return type_comparison(t, node);
	case APL_OP_ADD:
	case APL_OP_SUBTRACT:
	case APL_OP_MULTIPLY:
	case APL_OP_DIVIDE:
	case APL_OP_FLOOR_DIVIDE:
	case APL_OP_MODULO: return type_arithmetic(t, node);
	case APL_OP_MINUS: return type_minus(t, node);
	case APL_OP_ASSIGN: return type_assignment(t, node);
	case APL_OPS: break;
	}
	APL_ASSERT(false);
}

/* Whatever is wrong in it, nothing is said about what stands around it. */
static bool type_node(apl_guard_typing *t, apl_guard_node *node) {
	if (!type_this(t, node)) node->is_wrong = true;
	return !node->is_wrong;
}

static bool type_truth(apl_guard_typing *t, apl_guard_node *root) {
	char text[APL_GUARD_PIECE];
	if (is_a(root, APL_TYPE_BOOLEAN)) return true;
	piece(t, root, text);
	return APL_GUARD_MISTAKE(t, root, "wrong-type", "something that is true or false was expected, but %s is %s%s%s%s", text, kind_of(root),
	    is_path(root) ? "; did you mean has(" : "", is_path(root) ? text : "", is_path(root) ? ")?" : "");
}

static bool type_value(apl_guard_typing *t, apl_guard_node *root, int wanted) {
	char text[APL_GUARD_PIECE];
	bool wants_text = wanted == APL_TYPE_TEXT || wanted == APL_TYPE_ONE_OF;

	if (wanted == APL_GUARD_ANY_SCALAR) {
		if (root->op != APL_OP_NIL && root->type < APL_TYPE_LIST) return true;
		return APL_GUARD_MISTAKE(t, root, "wrong-type", "a single value was expected, but %s is %s", piece(t, root, text), kind_of(root));
	}
	if (is_text_literal(root) && !read_literal(t, root, (apl_type)wanted)) return false;
	t->guard->wants_number = wanted == APL_TYPE_NUMBER && is_a(root, APL_TYPE_INTEGER);
	bool fits = root->op != APL_OP_NIL && (root->type == wanted || t->guard->wants_number || (wants_text && is_text(root)));
	if (fits) return true;
	return APL_GUARD_MISTAKE(
	    t, root, "wrong-type", "%s was expected, but %s is %s", kind_of_type((uint8_t)wanted), piece(t, root, text), kind_of(root));
}

/* Sums of nothing but literals are done once, now: the largest of them, whose operands need not be looked at. */
static bool check_constants(apl_guard_typing *t) {
	bool is_good = true;
	apl_guard_situation nothing = {0};
	for (apl_guard_node *node = t->guard->first; node != NULL; node = node->next) {
		apl_guard_value value;
		apl_guard_trouble trouble = {0};
		char fact[256];
		bool is_largest = node->is_constant && (node->parent == NULL || !node->parent->is_constant);
		if (node->is_wrong || !is_largest || node->op == APL_OP_CONSTANT) continue;
		if (apl_guard_node_value(t->guard, node, &nothing, &value, &trouble)) continue;
		is_good =
		    APL_GUARD_MISTAKE(t, t->guard->nodes[trouble.part], trouble.slug, "%s", apl_guard_fact(t->guard, &trouble, fact, sizeof fact));
	}
	return is_good;
}

int apl_guard_type(apl_guard *guard, const apl_guard_scope *scope, int wanted, apl_findings *findings) {
	apl_guard_typing t = {guard, scope, findings, false};
	bool is_good = true;
	for (apl_guard_node *node = guard->first; node != NULL && !t.no_memory; node = node->next) is_good = type_node(&t, node) && is_good;
	if (is_good && guard->form == APL_GUARD_TRUTH) is_good = type_truth(&t, guard->roots[0]);
	if (is_good && guard->form == APL_GUARD_VALUE) is_good = type_value(&t, guard->roots[0], wanted);
	if (t.no_memory) return APLOMB_ENOMEM;
	is_good = check_constants(&t) && is_good;
	if (!is_good) return APLOMB_EPLAYBOOK;
	apl_guard_find_ways(guard);
	return APLOMB_OK;
}

/* ---- what is known then ------------------------------------------------------------------------ */

bool apl_guard_asks_time_in(const apl_guard *guard) {
	return guard->asks_time_in;
}

bool apl_guard_sees_event(const apl_guard *guard) {
	return guard->sees_event;
}

uint32_t apl_guard_cost(const apl_guard *guard) {
	return guard->n_nodes;
}

apl_type apl_guard_type_of(const apl_guard *guard) {
	return guard->wants_number ? APL_TYPE_NUMBER : (apl_type)guard->roots[0]->type;
}

const char *apl_guard_source(const apl_guard *guard, size_t *size) {
	if (size != NULL) *size = guard->size;
	return guard->text;
}

uint32_t apl_guard_target(const apl_guard *guard, uint32_t number) {
	if (guard->form != APL_GUARD_ACTIONS || number >= guard->n_roots) return APL_NO_FIELD;
	return guard->roots[number]->left->field_number;
}
