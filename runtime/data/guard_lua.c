/* SPDX-License-Identifier: MIT */
/*
 * Decides which expression of Lua says what a text says. Truths are written
 * twice over, as "is it true" and "is it false": what is missing makes neither
 * hold, and so `not` is the other one of the two. Errors come where and only where the
 * text has trouble, so what the text would look at is looked at, too.
 */
#include "data/guard_lua.h"

#include <stdio.h>

#include "data/guard_tree.h"
#include "time/instant.h"

typedef struct writing {
	const apl_guard *guard;
	const apl_guard_naming *naming;
	apl_buf *out;
	apl_findings *findings;
	bool is_good;
} writing;

typedef apl_guard_node node_t;

static const char *const names[APL_HELPERS] = {
    [APL_HELPER_LESS] = "Less",
    [APL_HELPER_AT_MOST] = "AtMost",
    [APL_HELPER_SAME] = "Same",
    [APL_HELPER_TRUTH] = "Truth",
    [APL_HELPER_CONTAINS] = "Contains",
    [APL_HELPER_HOLDS] = "Holds",
    [APL_HELPER_LENGTH] = "Length",
    [APL_HELPER_SIZE] = "Size",
    [APL_HELPER_SUM] = "Sum",
    [APL_HELPER_DIFFERENCE] = "Difference",
    [APL_HELPER_PRODUCT] = "Product",
    [APL_HELPER_QUOTIENT] = "Quotient",
    [APL_HELPER_FLOOR_QUOTIENT] = "FloorQuotient",
    [APL_HELPER_REST] = "Rest",
    [APL_HELPER_NUMBER] = "Number",
    [APL_HELPER_MONEY] = "Money",
    [APL_HELPER_MONEY_TEXT] = "MoneyText",
    [APL_HELPER_MONEY_LESS] = "MoneyLess",
    [APL_HELPER_MONEY_AT_MOST] = "MoneyAtMost",
    [APL_HELPER_MONEY_SAME] = "MoneySame",
    [APL_HELPER_MONEY_SUM] = "MoneySum",
    [APL_HELPER_MONEY_DIFFERENCE] = "MoneyDifference",
    [APL_HELPER_MONEY_PRODUCT] = "MoneyProduct",
    [APL_HELPER_SPAN] = "Span",
    [APL_HELPER_INSTANT] = "Instant",
    [APL_HELPER_KNOWN] = "Known",
    [APL_HELPER_WITHIN] = "Within",
    [APL_HELPER_MONEY_WITHIN] = "MoneyWithin",
    [APL_HELPER_TEXT_WITHIN] = "TextWithin",
    [APL_HELPER_ONE_OF] = "OneOf",
    [APL_HELPER_CARRIED] = "Carried",
    [APL_HELPER_EVENT_NAME] = "EventName",
    [APL_HELPER_INTEGER] = "Integer",
    [APL_HELPER_FLOAT] = "Float",
    [APL_HELPER_TEXT] = "Text",
    [APL_HELPER_BOOLEAN] = "Boolean",
    [APL_HELPER_ANSWER] = "Answer",
    [APL_HELPER_SECONDS] = "Seconds",
    [APL_HELPER_REPEATED] = "Repeated",
    [APL_HELPER_MATCHES] = "Matches",
    [APL_HELPER_FIRST] = "First",
};

const char *apl_lua_helper_name(apl_lua_helper helper) {
	return names[helper];
}

void apl_lua_quote_as(apl_buf *out, char quote, const char *text, size_t size) {
	apl_buf_byte(out, quote);
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c == (unsigned char)quote || c == '\\')
			apl_buf_format(out, "\\%c", c);
		else if (c == '\n')
			APL_BUF_LITERAL(out, "\\n");
		else if (c == '\t')
			APL_BUF_LITERAL(out, "\\t");
		else if (c < 32 || c == 127)
			apl_buf_format(out, "\\x%02x", c);
		else
			apl_buf_byte(out, (char)c);
	}
	apl_buf_byte(out, quote);
}

#define cannot(w, node, slug, ...)                                                                                                         \
	((w)->is_good = false, apl_guard_told((w)->guard, (w)->findings, APLOMB_ERROR, (slug), (node)->begin, __VA_ARGS__))

static void call(writing *w, apl_lua_helper helper) {
	w->naming->needs(w->naming->self, helper);
	apl_buf_text(w->out, names[helper]);
	apl_buf_byte(w->out, '(');
}

/* ---- what is known of a part ------------------------------------------------------------- */

static bool is_path(const node_t *node) {
	return node->does == APL_OP_PATH;
}

static bool is_of_case(const node_t *node) {
	return is_path(node) && node->source <= APL_FROM_PARAMS;
}

static bool may_lack(const writing *w, const node_t *node) {
	if (node->does == APL_OP_CONSTANT) return false;
	if (node->does == APL_OP_NIL) return true;
	if (is_of_case(node)) return w->naming->may_lack(w->naming->self, node->source == APL_FROM_PARAMS, node->field_number);
	if (is_path(node)) return true;
	if (node->does == APL_OP_HAS || node->does == APL_OP_IS_IN || node->kinds == APL_KINDS_NIL) return false;
	if (apl_guard_op_is_of_clock(node->does) || apl_guard_op_is_of_rota(node->does) || node->does == APL_OP_COUNT ||
	    node->does == APL_OP_TIME_IN)
		return true;
	return (node->left != NULL && may_lack(w, node->left)) || (node->right != NULL && may_lack(w, node->right));
}

static bool is_comparison(const node_t *node) {
	return node->does >= APL_OP_LESS && node->does <= APL_OP_UNEQUAL;
}

/* May it be trouble? */
static bool may_fail(const node_t *node) {
	if (node->does == APL_OP_CONSTANT) return false;
	if (node->does >= APL_OP_ADD && node->does <= APL_OP_MODULO) return true;
	if (node->does == APL_OP_MINUS) return true;
	if (is_comparison(node) && node->kinds == APL_KINDS_MONEY) return true;
	/* A field of an event that is text where a time should be. */
	if (is_path(node) && node->source == APL_FROM_EVENT && (node->type == APL_TYPE_SPAN || node->type == APL_TYPE_INSTANT)) return true;
	return (node->left != NULL && may_fail(node->left)) || (node->right != NULL && may_fail(node->right));
}

/* May it stand twice in an expression? */
static bool is_plain(const node_t *node) {
	return node->does == APL_OP_CONSTANT || is_of_case(node);
}

/* ---- values ------------------------------------------------------------------------------- */

static void value(writing *w, const node_t *node);
enum { BIND_OR = 1, BIND_AND, BIND_COMPARISON, BIND_UNARY, BIND_ATOM };
static void truth(writing *w, const node_t *node, bool wanted, int binding);

static void constant(writing *w, const node_t *node) {
	const apl_guard_value *c = &node->constant;
	char text[64];
	switch ((apl_type)c->type) {
	case APL_TYPE_INTEGER:
	case APL_TYPE_INSTANT:
	case APL_TYPE_SPAN:
		if (c->as.integer == INT64_MIN)
			APL_BUF_LITERAL(w->out, "math.mininteger");
		else
			apl_buf_integer(w->out, c->as.integer);
		if (c->type == APL_TYPE_SPAN && c->unit != APL_SPAN_CLOCK)
			cannot(w, node, "export-clock", "a span of business time is counted by a calendar, which SCXML has not");
		return;
	case APL_TYPE_NUMBER:
		snprintf(text, sizeof text, "%.17g", c->as.number);
		apl_buf_text(w->out, text);
		if (strcspn(text, ".en") == strlen(text)) APL_BUF_LITERAL(w->out, ".0");
		return;
	case APL_TYPE_BOOLEAN: apl_buf_text(w->out, c->as.truth ? "true" : "false"); return;
	case APL_TYPE_MONEY: apl_lua_quote(w->out, text, apl_money_write(c->as.money, text)); return;
	case APL_TYPE_TEXT:
	case APL_TYPE_ONE_OF: apl_lua_quote(w->out, c->as.text.bytes, c->as.text.size); return;
	case APL_TYPE_LIST:
	case APL_TYPE_ANY:
	case APL_TYPE_FIELDS: break;
	}
	APL_BUF_LITERAL(w->out, "nil");
}

static void carried(writing *w, const node_t *node, const char *path) {
	for (uint32_t i = 0; i < node->n_members; i++) w->naming->looks_at(w->naming->self, node->members[i].schema, node->members[i].number);
	call(w, APL_HELPER_CARRIED);
	apl_lua_quote(w->out, path, strlen(path));
	apl_buf_byte(w->out, ')');
}

/* [is_counted]: its value goes into a sum or a field, and must be of its type. */
static void path(writing *w, const node_t *node, bool is_counted) {
	if (is_of_case(node)) {
		w->naming->variable(w->naming->self, node->source == APL_FROM_PARAMS, node->schema, node->field_number, w->out);
		return;
	}
	if (node->source == APL_FROM_EVENT && node->n_members > 0) {
		if (node->has_topic) cannot(w, node, "export-case", "%s is a field of some events and of others' envelope", node->name);
		const bool is_time = node->type == APL_TYPE_SPAN || node->type == APL_TYPE_INSTANT;
		const bool is_number = node->type == APL_TYPE_NUMBER && is_counted;
		if (is_time) call(w, node->type == APL_TYPE_SPAN ? APL_HELPER_SPAN : APL_HELPER_INSTANT);
		if (is_number) call(w, APL_HELPER_NUMBER);
		carried(w, node, node->field->path);
		if (is_time || is_number) apl_buf_byte(w->out, ')');
		return;
	}
	if (!w->naming->knows(w->naming->self, (apl_guard_topic)node->topic, w->out)) {
		const bool is_time = node->topic == APL_GUARD_CASE_NOW || node->topic == APL_GUARD_CASE_OPENED_AT;
		cannot(w, node, is_time ? "export-clock" : "export-case", "%s is not known to a chart of SCXML%s", node->name,
		    is_time ? ", which has no clock to look at" : "");
		APL_BUF_LITERAL(w->out, "nil");
	}
}

static void arithmetic(writing *w, const node_t *node) {
	static const apl_lua_helper numbers[] = {
	    APL_HELPER_SUM, APL_HELPER_DIFFERENCE, APL_HELPER_PRODUCT, APL_HELPER_QUOTIENT, APL_HELPER_FLOOR_QUOTIENT, APL_HELPER_REST};
	static const apl_lua_helper money[] = {APL_HELPER_MONEY_SUM, APL_HELPER_MONEY_DIFFERENCE, APL_HELPER_MONEY_PRODUCT};
	const node_t *left = node->left, *right = node->right;
	if (node->kinds == APL_KINDS_MONEY) {
		/* "times" stands second. */
		if (node->does == APL_OP_MULTIPLY && left->type != APL_TYPE_MONEY) left = node->right, right = node->left;
		call(w, money[node->does - APL_OP_ADD]);
	} else {
		call(w, numbers[node->does - APL_OP_ADD]);
	}
	value(w, left);
	APL_BUF_LITERAL(w->out, ", ");
	value(w, right);
	apl_buf_byte(w->out, ')');
}

static void value(writing *w, const node_t *node) {
	switch ((apl_guard_op)node->does) {
	case APL_OP_CONSTANT: constant(w, node); return;
	case APL_OP_NIL: APL_BUF_LITERAL(w->out, "nil"); return;
	case APL_OP_PATH: path(w, node, true); return;
	case APL_OP_TIME_IN: cannot(w, node, "export-clock", "time_in asks for how long, and a chart of SCXML has no clock to look at"); return;
	case APL_OP_CLOCK_ELAPSED:
	case APL_OP_CLOCK_LEFT:
	case APL_OP_CLOCK_TARGET:
	case APL_OP_CLOCK_DEADLINE:
	case APL_OP_CLOCK_RUNNING:
	case APL_OP_CLOCK_BREACHED: cannot(w, node, "export-clock", "a clock is asked, for which SCXML has no word"); return;
	case APL_OP_ON_DUTY:
	case APL_OP_NOBODY_ON_DUTY: cannot(w, node, "export-clock", "who is on duty is asked, for which SCXML has no word"); return;
	case APL_OP_COUNT: cannot(w, node, "export-counter", "a counter is asked, for which SCXML has no word"); return;
	case APL_OP_LEN:
	case APL_OP_SIZE: {
		const bool is_characters = node->does == APL_OP_LEN && node->left->type != APL_TYPE_LIST;
		call(w, is_characters ? APL_HELPER_LENGTH : APL_HELPER_SIZE);
		value(w, node->left);
		apl_buf_byte(w->out, ')');
		return;
	}
	case APL_OP_MINUS:
		call(w, node->kinds == APL_KINDS_MONEY ? APL_HELPER_MONEY_PRODUCT : APL_HELPER_DIFFERENCE);
		if (node->kinds == APL_KINDS_MONEY) {
			value(w, node->left);
			APL_BUF_LITERAL(w->out, ", -1)");
		} else {
			apl_buf_text(w->out, node->kinds == APL_KINDS_NUMBERS ? "-0.0, " : "0, ");
			value(w, node->left);
			apl_buf_byte(w->out, ')');
		}
		return;
	case APL_OP_ADD:
	case APL_OP_SUBTRACT:
	case APL_OP_MULTIPLY:
	case APL_OP_DIVIDE:
	case APL_OP_FLOOR_DIVIDE:
	case APL_OP_MODULO: arithmetic(w, node); return;
	case APL_OP_ASSIGN: value(w, node->right); return;
	default:
		if (!may_lack(w, node)) {
			truth(w, node, true, BIND_OR);
			return;
		}
		call(w, APL_HELPER_TRUTH);
		truth(w, node, true, BIND_OR);
		APL_BUF_LITERAL(w->out, ", ");
		truth(w, node, false, BIND_OR);
		apl_buf_byte(w->out, ')');
		return;
	}
}

/* ---- truths --------------------------------------------------------------------------------- */

static void open_below(writing *w, int own, int binding) {
	if (own < binding) apl_buf_byte(w->out, '(');
}

static void close_below(writing *w, int own, int binding) {
	if (own < binding) apl_buf_byte(w->out, ')');
}

/* and, or: [is_all] of the parts, each [wanted]. What the text looks at although it knows nothing yet is looked at here, too. */
static void both(writing *w, const node_t *node, bool is_all, bool wanted, int binding) {
	const bool looks_on = is_all && may_fail(node->right) && may_lack(w, node->left);
	const int own = is_all ? BIND_AND : BIND_OR;
	const char *word = is_all ? " and " : " or ";
	open_below(w, own, binding);
	if (looks_on) {
		APL_BUF_LITERAL(w->out, "not ");
		truth(w, node->left, !wanted, BIND_ATOM);
		apl_buf_text(w->out, word);
		truth(w, node->right, wanted, own);
		apl_buf_text(w->out, word);
		truth(w, node->left, wanted, own);
	} else {
		truth(w, node->left, wanted, own);
		apl_buf_text(w->out, word);
		truth(w, node->right, wanted, own);
	}
	close_below(w, own, binding);
}

/* The order or sameness that is asked for: as an operator, or as a function of the two, which may have changed places. */
static void order(writing *w, const node_t *node, bool wanted, int binding) {
	static const char *const words[] = {"<", "<=", ">", ">=", "==", "~="};
	static const char *const opposites[] = {">=", ">", "<=", "<", "~=", "=="};
	static const apl_lua_helper helpers[] = {
	    APL_HELPER_LESS, APL_HELPER_AT_MOST, APL_HELPER_LESS, APL_HELPER_AT_MOST, APL_HELPER_SAME, APL_HELPER_SAME};
	static const apl_lua_helper of_money[] = {APL_HELPER_MONEY_LESS, APL_HELPER_MONEY_AT_MOST, APL_HELPER_MONEY_LESS,
	    APL_HELPER_MONEY_AT_MOST, APL_HELPER_MONEY_SAME, APL_HELPER_MONEY_SAME};
	const int which = node->does - APL_OP_LESS;
	const node_t *left = node->left, *right = node->right;
	const bool lacks = may_lack(w, left) || may_lack(w, right);
	if (node->kinds == APL_KINDS_MONEY || (lacks && !(is_plain(left) && is_plain(right)))) {
		const bool is_swapped = node->does == APL_OP_GREATER || node->does == APL_OP_GREATER_EQUAL;
		const bool is_false = (node->does == APL_OP_UNEQUAL) == wanted;
		open_below(w, is_false ? BIND_COMPARISON : BIND_ATOM, binding);
		call(w, (node->kinds == APL_KINDS_MONEY ? of_money : helpers)[which]);
		value(w, is_swapped ? right : left);
		APL_BUF_LITERAL(w->out, ", ");
		value(w, is_swapped ? left : right);
		apl_buf_byte(w->out, ')');
		if (is_false) APL_BUF_LITERAL(w->out, " == false");
		close_below(w, is_false ? BIND_COMPARISON : BIND_ATOM, binding);
		return;
	}
	const int own = lacks ? BIND_AND : BIND_COMPARISON;
	open_below(w, own, binding);
	const node_t *sides[] = {left, right};
	for (int i = 0; i < 2; i++) {
		if (!may_lack(w, sides[i])) continue;
		value(w, sides[i]);
		APL_BUF_LITERAL(w->out, " ~= nil and ");
	}
	value(w, left);
	apl_buf_format(w->out, " %s ", (wanted ? words : opposites)[which]);
	value(w, right);
	close_below(w, own, binding);
}

/* Two truths are the same, or not. */
static void same_truths(writing *w, const node_t *node, bool wanted, int binding) {
	const bool is_same = (node->does == APL_OP_EQUAL) == wanted;
	const node_t *known = node->right->does == APL_OP_CONSTANT ? node->right : node->left;
	if (known->does == APL_OP_CONSTANT) {
		const node_t *other = known == node->right ? node->left : node->right;
		truth(w, other, known->constant.as.truth == is_same, binding);
		return;
	}
	open_below(w, is_same ? BIND_ATOM : BIND_COMPARISON, binding);
	call(w, APL_HELPER_SAME);
	value(w, node->left);
	APL_BUF_LITERAL(w->out, ", ");
	value(w, node->right);
	apl_buf_byte(w->out, ')');
	if (!is_same) APL_BUF_LITERAL(w->out, " == false");
	close_below(w, is_same ? BIND_ATOM : BIND_COMPARISON, binding);
}

/* Adds "x ~= nil", of a group of fields that one of them is there. */
static void is_there_within(writing *w, const node_t *node, uint32_t number, bool *is_first) {
	const apl_field *field = &node->schema->fields[number];
	if (field->type == APL_TYPE_FIELDS) {
		for (uint32_t child = field->first_child; child != APL_NO_FIELD; child = node->schema->fields[child].next)
			is_there_within(w, node, child, is_first);
		return;
	}
	if (!*is_first) APL_BUF_LITERAL(w->out, " or ");
	*is_first = false;
	w->naming->variable(w->naming->self, node->source == APL_FROM_PARAMS, node->schema, number, w->out);
	APL_BUF_LITERAL(w->out, " ~= nil");
}

static void presence(writing *w, const node_t *node, bool wanted, int binding) {
	if (is_path(node) && node->type == APL_TYPE_FIELDS) {
		if (!is_of_case(node)) {
			cannot(w, node, "export-type", "%s is a group of an event's fields; ask for one of them", node->name);
			return;
		}
		const int own = wanted ? BIND_OR : BIND_UNARY;
		open_below(w, own, binding);
		apl_buf_text(w->out, wanted ? "" : "not (");
		bool is_first = true;
		is_there_within(w, node, node->field_number, &is_first);
		apl_buf_text(w->out, is_first ? "false" : "");
		apl_buf_text(w->out, wanted ? "" : ")");
		close_below(w, own, binding);
		return;
	}
	open_below(w, BIND_COMPARISON, binding);
	path(w, node, false);
	apl_buf_text(w->out, wanted ? " ~= nil" : " == nil");
	close_below(w, BIND_COMPARISON, binding);
}

static void compared(writing *w, const node_t *node, bool wanted, int binding) {
	if (node->kinds == APL_KINDS_NIL) {
		const node_t *path_of = node->left->op == APL_OP_NIL ? node->right : node->left;
		presence(w, path_of, (node->does == APL_OP_UNEQUAL) == wanted, binding);
	} else if (node->kinds == APL_KINDS_BOOLEANS) {
		same_truths(w, node, wanted, binding);
	} else {
		order(w, node, wanted, binding);
	}
}

static void contained(writing *w, const node_t *node, bool wanted, int binding) {
	const bool is_list = node->left->type == APL_TYPE_LIST;
	const uint8_t item = node->left->item_type;
	if (is_list && (item == APL_TYPE_MONEY || item == APL_TYPE_SPAN || item == APL_TYPE_INSTANT))
		cannot(w, node, "export-type", "a list of %s is kept as texts in SCXML, and they are not compared as such",
		    apl_type_name((apl_type)item));
	open_below(w, wanted ? BIND_ATOM : BIND_COMPARISON, binding);
	call(w, is_list ? APL_HELPER_HOLDS : APL_HELPER_CONTAINS);
	value(w, node->left);
	APL_BUF_LITERAL(w->out, ", ");
	value(w, node->right);
	apl_buf_byte(w->out, ')');
	if (!wanted) APL_BUF_LITERAL(w->out, " == false");
	close_below(w, wanted ? BIND_ATOM : BIND_COMPARISON, binding);
}

/* Adds what holds exactly when the node is true, or, with [wanted] false, when it is false. */
static void truth(writing *w, const node_t *node, bool wanted, int binding) {
	switch ((apl_guard_op)node->does) {
	case APL_OP_AND: both(w, node, wanted, wanted, binding); return;
	case APL_OP_OR: both(w, node, !wanted, wanted, binding); return;
	case APL_OP_NOT: truth(w, node->left, !wanted, binding); return;
	case APL_OP_HAS: presence(w, node->left, wanted, binding); return;
	case APL_OP_CONTAINS: contained(w, node, wanted, binding); return;
	case APL_OP_CONSTANT: apl_buf_text(w->out, node->constant.as.truth == wanted ? "true" : "false"); return;
	case APL_OP_PATH: {
		const int own = wanted ? BIND_ATOM : BIND_COMPARISON;
		open_below(w, own, binding);
		path(w, node, false);
		if (!wanted) APL_BUF_LITERAL(w->out, " == false");
		close_below(w, own, binding);
		return;
	}
	case APL_OP_CLOCK_RUNNING:
	case APL_OP_CLOCK_BREACHED:
	case APL_OP_NOBODY_ON_DUTY: value(w, node); return; /* which it cannot say, and tells */
	case APL_OP_IS_IN: {
		const int own = wanted ? BIND_ATOM : BIND_UNARY;
		open_below(w, own, binding);
		if (!wanted) APL_BUF_LITERAL(w->out, "not ");
		w->naming->is_in(w->naming->self, node->number, w->out);
		close_below(w, own, binding);
		return;
	}
	default: compared(w, node, wanted, binding); return;
	}
}

/* ---- assignments ------------------------------------------------------------------------------ */

static void bound_of(writing *w, const apl_field *field, bool is_there, int64_t integer, double number) {
	char text[32];
	if (!is_there) {
		APL_BUF_LITERAL(w->out, ", nil");
	} else if (field->type == APL_TYPE_NUMBER) {
		apl_buf_format(w->out, ", %.17g", number);
	} else if (field->type == APL_TYPE_MONEY) {
		APL_BUF_LITERAL(w->out, ", ");
		apl_lua_quote(w->out, text, apl_money_write((apl_money){integer, field->bound_currency}, text));
	} else {
		apl_buf_format(w->out, ", %lld", (long long)integer);
	}
}

static void bounds(writing *w, const apl_field *field) {
	const bool is_number = field->type == APL_TYPE_NUMBER;
	bound_of(w, field, field->has_min, is_number ? 0 : field->bounds.integer.min, is_number ? field->bounds.number.min : 0);
	if (field->has_max) bound_of(w, field, true, is_number ? 0 : field->bounds.integer.max, is_number ? field->bounds.number.max : 0);
	apl_buf_byte(w->out, ')');
}

static bool is_same_list(const node_t *target, const node_t *from) {
	if (target->type != APL_TYPE_LIST || from->type != APL_TYPE_LIST || target->field->has_min || target->field->has_max) return false;
	if (target->item_type == APL_TYPE_ANY) return true;
	const uint32_t item = target->field->first_child, other = from->field->first_child;
	if (item == APL_NO_FIELD) return true;
	if (other == APL_NO_FIELD || target->item_type != from->item_type || target->item_type > APL_TYPE_BOOLEAN) return false;
	return !target->schema->fields[item].has_min && !target->schema->fields[item].has_max;
}

static void assigned(writing *w, const node_t *node) {
	const node_t *target = node->left, *from = node->right;
	const apl_field *field = target->field;
	const bool is_constant = from->does == APL_OP_CONSTANT;
	const bool is_clearing = is_path(from) || from->does == APL_OP_NIL;
	const bool must_be_known = may_lack(w, from) && (!is_clearing || field->required);
	if (must_be_known) call(w, APL_HELPER_KNOWN);
	bool is_checked = false;
	switch ((apl_type)field->type) {
	case APL_TYPE_LIST:
		if (from->does != APL_OP_NIL && !is_same_list(target, from))
			cannot(w, from, "export-type", "%s checks each of its items and how many they are, which an <assign> does not", target->name);
		value(w, from);
		break;
	case APL_TYPE_ANY:
		if (from->type == APL_TYPE_SPAN || from->type == APL_TYPE_INSTANT)
			cannot(w, from, "export-type", "%s keeps a time as text there, and SCXML's variable as microseconds", target->name);
		value(w, from);
		break;
	case APL_TYPE_ONE_OF:
		is_checked = !is_constant && from->does != APL_OP_NIL && !(is_path(from) && from->field == field);
		if (is_checked) call(w, APL_HELPER_ONE_OF);
		value(w, from);
		for (uint32_t i = 0; is_checked && i < field->n_choices; i++) {
			APL_BUF_LITERAL(w->out, ", ");
			apl_lua_quote(w->out, field->choices[i], strlen(field->choices[i]));
		}
		if (is_checked) apl_buf_byte(w->out, ')');
		break;
	default: {
		is_checked = (field->has_min || field->has_max) && !is_constant && from->does != APL_OP_NIL;
		const bool is_number = field->type == APL_TYPE_NUMBER && from->type == APL_TYPE_INTEGER && from->does != APL_OP_NIL;
		if (is_checked)
			call(w, field->type == APL_TYPE_MONEY  ? APL_HELPER_MONEY_WITHIN
			        : field->type == APL_TYPE_TEXT ? APL_HELPER_TEXT_WITHIN
			                                       : APL_HELPER_WITHIN);
		if (is_number) call(w, APL_HELPER_NUMBER);
		value(w, from);
		if (is_number) apl_buf_byte(w->out, ')');
		if (is_checked) bounds(w, field);
		break;
	}
	}
	if (must_be_known) apl_buf_byte(w->out, ')');
}

/* ---- doors -------------------------------------------------------------------------------------- */

bool apl_guard_write_lua(const apl_guard *guard, const apl_guard_naming *naming, apl_buf *out, apl_findings *findings) {
	writing w = {guard, naming, out, findings, true};
	if (guard->form == APL_GUARD_TRUTH)
		truth(&w, guard->roots[0], true, BIND_OR);
	else
		value(&w, guard->roots[0]);
	return w.is_good;
}

bool apl_guard_write_assigned(
    const apl_guard *guard, uint32_t number, const apl_guard_naming *naming, apl_buf *out, apl_findings *findings) {
	writing w = {guard, naming, out, findings, true};
	assigned(&w, guard->roots[number]);
	return w.is_good;
}

bool apl_guard_may_clear(const apl_guard *guard, uint32_t number, const apl_guard_naming *naming) {
	const writing w = {.guard = guard, .naming = naming};
	const node_t *node = guard->roots[number];
	return !node->left->field->required && (is_path(node->right) || node->right->does == APL_OP_NIL) && may_lack(&w, node->right);
}
