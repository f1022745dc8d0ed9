/* SPDX-License-Identifier: MIT */
/*
 * Decides what a guard comes to over records. What is missing makes a sum
 * missing and a comparison unknown; and, or, not are Kleene's. Whatever has no
 * true answer (a sum beyond 64 bits, a division by zero, two currencies) is
 * trouble and never a guess. Nothing is allocated here but what a record keeps of a text.
 */
#include <math.h>

#include "base/assert.h"
#include "data/guard_tree.h"
#include "time/instant.h"

typedef struct asking {
	const apl_guard *guard;
	const apl_guard_situation *situation;
	apl_guard_trouble *trouble;
} asking;

typedef apl_guard_node node_t;

/* Truths in Kleene's order: "and" is the least of two, "or" the greatest, "not" the mirror image. */
enum { K_TROUBLE = -1, K_FALSE = 0, K_UNKNOWN = 1, K_TRUE = 2 };

static int truth(const asking *a, const node_t *node);
static int integer(const asking *a, const node_t *node, int64_t *out);
static bool value(const asking *a, const node_t *node, apl_guard_value *out);

static __attribute__((noinline, cold)) bool trouble(const asking *a, const node_t *node, const char *slug) {
	a->trouble->slug = slug;
	a->trouble->part = node->order;
	return false;
}

/* ---- slots ----------------------------------------------------------------- */

static inline const uint64_t *words_of(const asking *a, const node_t *node) {
	return node->source == APL_FROM_DATA ? a->situation->data : a->situation->params;
}

/* The event's member, or NULL: this event has none of that name. */
static inline const apl_guard_member *member_of(const asking *a, const node_t *node) {
	const apl_schema *schema = a->situation->event_schema;
	if (schema == NULL || a->situation->event == NULL) return NULL;
	for (uint32_t i = 0; i < node->n_members; i++) {
		if (node->members[i].schema == schema) return &node->members[i];
	}
	return NULL;
}

/* The field that a path leads to, and the record it lies in; false: it is not there. */
static inline bool find_slot(const asking *a, const node_t *path, const uint64_t **words, const apl_field **field) {
	if (path->source <= APL_FROM_PARAMS) {
		*words = words_of(a, path);
		*field = path->field;
	} else {
		const apl_guard_member *member = member_of(a, path);
		if (member == NULL) return false;
		*words = a->situation->event;
		*field = member->field;
	}
	return apl_record_has(*words, *field);
}

static bool read_slot(const uint64_t *words, const apl_field *field, apl_guard_value *out) {
	out->type = field->type;
	out->unit = APL_SPAN_CLOCK;
	out->is_there = apl_record_has(words, field);
	if (!out->is_there) return true;
	switch ((apl_type)field->type) {
	case APL_TYPE_INTEGER:
	case APL_TYPE_INSTANT: out->as.integer = apl_record_integer(words, field); return true;
	case APL_TYPE_SPAN:
		out->as.integer = apl_record_integer(words, field);
		out->unit = (uint8_t)apl_record_span_unit(words, field);
		return true;
	case APL_TYPE_NUMBER: out->as.number = apl_record_number(words, field); return true;
	case APL_TYPE_BOOLEAN: out->as.truth = words[field->word] != 0; return true;
	case APL_TYPE_MONEY: out->as.money = apl_record_money(words, field); return true;
	case APL_TYPE_ONE_OF:
		out->as.text.bytes = field->choices[words[field->word]];
		out->as.text.size = (uint32_t)strlen(out->as.text.bytes);
		return true;
	case APL_TYPE_TEXT:
	case APL_TYPE_LIST:
	case APL_TYPE_ANY:
		out->as.text.bytes = apl_record_text(words, field)->bytes;
		out->as.text.size = apl_record_text(words, field)->size;
		return true;
	case APL_TYPE_FIELDS: return true;
	}
	return true;
}

static bool know(const asking *a, const node_t *node, apl_guard_value *out) {
	*out = (apl_guard_value){.type = node->type};
	if (a->situation->know != NULL) a->situation->know(a->situation->self, (apl_guard_topic)node->topic, node->number, out);
	return true;
}

static bool is_spread(const node_t *node) {
	return node->source == APL_FROM_DATA && node->schema->spread != NULL && node->schema->spread->field == node->field_number;
}

static bool read_path(const asking *a, const node_t *node, apl_guard_value *out) {
	if (node->type == APL_TYPE_ANY && is_spread(node) && apl_record_has(a->situation->data, node->field)) {
		*out = (apl_guard_value){.type = APL_TYPE_ANY, .is_there = true};
		a->situation->whole(a->situation->self, a->situation->data, out);
		return true;
	}
	if (node->source <= APL_FROM_PARAMS) return read_slot(words_of(a, node), node->field, out);
	if (node->source == APL_FROM_EVENT) {
		const apl_guard_member *member = member_of(a, node);
		if (member != NULL) return read_slot(a->situation->event, member->field, out);
		if (!node->has_topic) {
			*out = (apl_guard_value){.type = node->type};
			return true;
		}
	}
	return know(a, node, out);
}

static bool is_there(const asking *a, const node_t *path) {
	apl_guard_value unused;
	if (path->source <= APL_FROM_PARAMS) return apl_record_has(words_of(a, path), path->field);
	const apl_guard_member *member = path->source == APL_FROM_EVENT ? member_of(a, path) : NULL;
	if (member != NULL) return apl_record_has(a->situation->event, member->field);
	return read_path(a, path, &unused) && unused.is_there;
}

/* ---- comparing ----------------------------------------------------------------- */

static int order_texts(const asking *a, const apl_guard_value *x, const apl_guard_value *y) {
	uint32_t size = x->as.text.size < y->as.text.size ? x->as.text.size : y->as.text.size;
	a->trouble->work += size;
	int order = size > 0 ? memcmp(x->as.text.bytes, y->as.text.bytes, size) : 0;
	if (order != 0) return order < 0 ? -1 : 1;
	return x->as.text.size < y->as.text.size ? -1 : x->as.text.size > y->as.text.size;
}

static inline int answer_order(uint8_t op, int order) {
	bool is_true = false;
	switch ((apl_guard_op)op) {
	case APL_OP_LESS: is_true = order < 0; break;
	case APL_OP_LESS_EQUAL: is_true = order <= 0; break;
	case APL_OP_GREATER: is_true = order > 0; break;
	case APL_OP_GREATER_EQUAL: is_true = order >= 0; break;
	case APL_OP_EQUAL: is_true = order == 0; break;
	default: is_true = order != 0; break;
	}
	return is_true ? K_TRUE : K_FALSE;
}

static inline int compare_word(const asking *a, const node_t *node) {
	const uint64_t *words;
	const apl_field *field;
	if (!find_slot(a, node->slot, &words, &field)) return K_UNKNOWN;
	int64_t x = (int64_t)words[field->word], y = (int64_t)node->literal.word;
	return answer_order(node->slot_op, x < y ? -1 : x > y);
}

static inline int compare_number(const asking *a, const node_t *node) {
	const uint64_t *words;
	const apl_field *field;
	if (!find_slot(a, node->slot, &words, &field)) return K_UNKNOWN;
	double x = apl_record_number(words, field), y = node->literal.number;
	return answer_order(node->slot_op, x < y ? -1 : x > y);
}

static bool refuse_currencies(const asking *a, const node_t *node, apl_money x, apl_money y) {
	a->trouble->currencies[0] = x.currency;
	a->trouble->currencies[1] = y.currency;
	return trouble(a, node, "mixed-currencies");
}

/* ---- business time ---------------------------------------------------------------- */

/* How a span is counted: spans counted differently are neither compared nor added. Of none, and of no time at all, it does not matter. */
typedef enum counting { COUNTED_ANY, COUNTED_BY_CLOCK, COUNTED_OPEN, COUNTED_IN_DAYS } counting;

static counting counting_of(const asking *a, const node_t *node) {
	apl_guard_value span;
	if (node->does >= APL_OP_ADD && node->does <= APL_OP_MODULO) return COUNTED_BY_CLOCK; /* or there is no sum */
	if (node->type != APL_TYPE_SPAN || !value(a, node, &span) || !span.is_there || span.as.integer == 0) return COUNTED_ANY;
	if (span.unit == APL_SPAN_CLOCK) return COUNTED_BY_CLOCK;
	return span.unit == APL_SPAN_BUSINESS_DAYS ? COUNTED_IN_DAYS : COUNTED_OPEN;
}

static bool may_compare(const asking *a, const node_t *node) {
	if (node->left->type != APL_TYPE_SPAN) return true;
	counting left = counting_of(a, node->left), right = counting_of(a, node->right);
	return left == right || left == COUNTED_ANY || right == COUNTED_ANY || trouble(a, node, "mixed-time");
}

/* Sums are the clock's: what business time comes to is for a calendar to say. */
static bool may_add(const asking *a, const node_t *node) {
	if (node->left->type != APL_TYPE_SPAN && node->right->type != APL_TYPE_SPAN) return true;
	return (counting_of(a, node->left) <= COUNTED_BY_CLOCK && counting_of(a, node->right) <= COUNTED_BY_CLOCK) ||
	       trouble(a, node, "mixed-time");
}

/* Both sides are truths: they are equal, or not, or one of them is unknown. */
static int compare_truths(const asking *a, const node_t *node) {
	int x = truth(a, node->left);
	int y = x >= 0 ? truth(a, node->right) : x;
	if (x < 0 || y < 0) return K_TROUBLE;
	if (x == K_UNKNOWN || y == K_UNKNOWN) return K_UNKNOWN;
	return (x == y) == (node->op == APL_OP_EQUAL) ? K_TRUE : K_FALSE;
}

static int compare(const asking *a, const node_t *node) {
	apl_guard_value x, y;
	if (node->kinds == APL_KINDS_NIL) {
		const node_t *path = node->left->op == APL_OP_NIL ? node->right : node->left;
		return is_there(a, path) == (node->op == APL_OP_UNEQUAL) ? K_TRUE : K_FALSE;
	}
	if (node->kinds == APL_KINDS_BOOLEANS) return compare_truths(a, node);
	if (node->kinds == APL_KINDS_INTEGERS) {
		int64_t m = 0, n = 0;
		int is_left_there = integer(a, node->left, &m);
		int is_right_there = is_left_there >= 0 ? integer(a, node->right, &n) : K_TROUBLE;
		if (is_left_there < 0 || is_right_there < 0 || !may_compare(a, node)) return K_TROUBLE;
		return is_left_there && is_right_there ? answer_order(node->op, m < n ? -1 : m > n) : K_UNKNOWN;
	}
	if (!value(a, node->left, &x) || !value(a, node->right, &y)) return K_TROUBLE;
	if (!x.is_there || !y.is_there) return K_UNKNOWN;
	switch ((apl_guard_kinds)node->kinds) {
	case APL_KINDS_NUMBERS: return answer_order(node->op, apl_guard_order_numbers(&x, &y));
	case APL_KINDS_TEXTS:
		if (node->op >= APL_OP_EQUAL && x.as.text.size != y.as.text.size) return node->op == APL_OP_EQUAL ? K_FALSE : K_TRUE;
		return answer_order(node->op, order_texts(a, &x, &y));
	case APL_KINDS_MONEY:
		if (x.as.money.currency != y.as.money.currency) {
			refuse_currencies(a, node, x.as.money, y.as.money);
			return K_TROUBLE;
		}
		return answer_order(node->op, x.as.money.minor < y.as.money.minor ? -1 : x.as.money.minor > y.as.money.minor);
	case APL_KINDS_INTEGERS:
	case APL_KINDS_BOOLEANS:
	case APL_KINDS_NIL: break;
	}
	APL_ASSERT(false);
}

/* ---- texts and lists ---------------------------------------------------------------- */

static int64_t count_characters(const char *bytes, uint32_t size) {
	int64_t count = 0;
	for (uint32_t i = 0; i < size; i++) count += ((unsigned char)bytes[i] & 0xC0u) != 0x80u;
	return count;
}

static int contains(const asking *a, const node_t *node) {
	apl_guard_value where, what;
	if (!value(a, node->left, &where) || !value(a, node->right, &what)) return K_TROUBLE;
	if (!where.is_there || !what.is_there) return K_UNKNOWN;
	a->trouble->work += where.as.text.size;
	if (node->left->type != APL_TYPE_LIST) {
		if (what.as.text.size == 0) return K_TRUE;
		return memmem(where.as.text.bytes, where.as.text.size, what.as.text.bytes, what.as.text.size) != NULL ? K_TRUE : K_FALSE;
	}
	return apl_guard_list_has(&where, node->left->item_type, &what) ? K_TRUE : K_FALSE;
}

static bool length(const asking *a, const node_t *node, apl_guard_value *out) {
	apl_guard_value of;
	if (!value(a, node->left, &of)) return false;
	*out = (apl_guard_value){.type = APL_TYPE_INTEGER, .is_there = of.is_there};
	if (!of.is_there) return true;
	a->trouble->work += of.as.text.size;
	if (node->left->type == APL_TYPE_LIST)
		out->as.integer = apl_guard_count_items(&of);
	else
		out->as.integer = node->op == APL_OP_SIZE ? of.as.text.size : count_characters(of.as.text.bytes, of.as.text.size);
	return true;
}

/* ---- sums ------------------------------------------------------------------------------- */

/* Towards minus infinity, as Lua divides. */
static bool divide_integers(const asking *a, const node_t *node, int64_t x, int64_t y, int64_t *out) {
	if (y == 0) return trouble(a, node, "guard-division");
	bool is_modulo = node->op == APL_OP_MODULO;
	if (y == -1) { /* the only one that may overflow */
		if (is_modulo) {
			*out = 0;
			return true;
		}
		return !__builtin_sub_overflow(0, x, out) || trouble(a, node, "guard-overflow");
	}
	int64_t quotient = x / y, rest = x % y;
	bool is_below = rest != 0 && (rest ^ y) < 0;
	*out = is_modulo ? (is_below ? rest + y : rest) : (is_below ? quotient - 1 : quotient);
	return true;
}

static bool calculate_integers(const asking *a, const node_t *node, int64_t x, int64_t y, int64_t *out) {
	bool is_beyond;
	switch ((apl_guard_op)node->op) {
	case APL_OP_ADD: is_beyond = __builtin_add_overflow(x, y, out); break;
	case APL_OP_SUBTRACT: is_beyond = __builtin_sub_overflow(x, y, out); break;
	case APL_OP_MULTIPLY: is_beyond = __builtin_mul_overflow(x, y, out); break;
	default: return divide_integers(a, node, x, y, out);
	}
	return !is_beyond || trouble(a, node, "guard-overflow");
}

static double as_number(const apl_guard_value *value) {
	return value->type == APL_TYPE_NUMBER ? value->as.number : (double)value->as.integer;
}

static bool calculate_numbers(const asking *a, const node_t *node, double x, double y, double *out) {
	bool divides = node->op == APL_OP_DIVIDE || node->op == APL_OP_FLOOR_DIVIDE || node->op == APL_OP_MODULO;
	if (divides && y == 0.0) return trouble(a, node, "guard-division");
	switch ((apl_guard_op)node->op) {
	case APL_OP_ADD: *out = x + y; break;
	case APL_OP_SUBTRACT: *out = x - y; break;
	case APL_OP_MULTIPLY: *out = x * y; break;
	case APL_OP_DIVIDE: *out = x / y; break;
	case APL_OP_FLOOR_DIVIDE: *out = floor(x / y); break;
	default:
		*out = fmod(x, y);
		if (*out > 0 ? y < 0 : (*out < 0 && y > 0)) *out += y; /* it has the sign of the divisor */
		break;
	}
	return isfinite(*out) || trouble(a, node, "guard-overflow");
}

static bool calculate_money(const asking *a, const node_t *node, const apl_guard_value *x, const apl_guard_value *y, apl_money *out) {
	bool is_beyond;
	if (node->op == APL_OP_MULTIPLY) {
		apl_money money = x->type == APL_TYPE_MONEY ? x->as.money : y->as.money;
		int64_t times = x->type == APL_TYPE_MONEY ? y->as.integer : x->as.integer;
		out->currency = money.currency;
		is_beyond = __builtin_mul_overflow(money.minor, times, &out->minor);
	} else {
		if (x->as.money.currency != y->as.money.currency) return refuse_currencies(a, node, x->as.money, y->as.money);
		out->currency = x->as.money.currency;
		is_beyond = node->op == APL_OP_ADD ? __builtin_add_overflow(x->as.money.minor, y->as.money.minor, &out->minor)
		                                   : __builtin_sub_overflow(x->as.money.minor, y->as.money.minor, &out->minor);
	}
	return !is_beyond || trouble(a, node, "guard-overflow");
}

/* Of a node that comes to an integer, an instant or a span: 1, 0 when it is missing, or K_TROUBLE. */
static int integer(const asking *a, const node_t *node, int64_t *out) {
	if (node->does == APL_OP_CONSTANT) {
		*out = node->constant.as.integer;
		return 1;
	}
	if (node->does == APL_OP_PATH && node->source <= APL_FROM_EVENT && !node->has_topic) {
		const uint64_t *words;
		const apl_field *field;
		if (!find_slot(a, node, &words, &field)) return 0;
		*out = apl_record_integer(words, field);
		return 1;
	}
	if (node->does >= APL_OP_ADD && node->does <= APL_OP_MODULO) {
		int64_t x = 0, y = 0;
		int is_left_there = integer(a, node->left, &x);
		int is_right_there = is_left_there >= 0 ? integer(a, node->right, &y) : K_TROUBLE;
		if (is_left_there < 0 || is_right_there < 0) return K_TROUBLE;
		if (!may_add(a, node)) return K_TROUBLE;
		if (!is_left_there || !is_right_there) return 0;
		return calculate_integers(a, node, x, y, out) ? 1 : K_TROUBLE;
	}
	apl_guard_value other;
	if (!value(a, node, &other)) return K_TROUBLE;
	*out = other.as.integer;
	return other.is_there;
}

static bool calculate(const asking *a, const node_t *node, apl_guard_value *out) {
	apl_guard_value x, y;
	if (node->kinds == APL_KINDS_INTEGERS) {
		int is_there = integer(a, node, &out->as.integer);
		out->type = node->type;
		out->unit = APL_SPAN_CLOCK;
		out->is_there = is_there > 0;
		return is_there >= 0;
	}
	if (!value(a, node->left, &x) || !value(a, node->right, &y)) return false;
	out->type = node->type;
	out->unit = APL_SPAN_CLOCK; /* of two units there is no sum but that of the clock */
	out->is_there = x.is_there && y.is_there;
	if (!out->is_there) return true;
	if (node->kinds == APL_KINDS_MONEY) return calculate_money(a, node, &x, &y, &out->as.money);
	return calculate_numbers(a, node, as_number(&x), as_number(&y), &out->as.number);
}

static bool negate(const asking *a, const node_t *node, apl_guard_value *out) {
	if (!value(a, node->left, out)) return false;
	if (!out->is_there) return true;
	bool is_beyond = false;
	if (node->type == APL_TYPE_SPAN && out->unit != APL_SPAN_CLOCK) return trouble(a, node, "mixed-time");
	if (node->kinds == APL_KINDS_NUMBERS)
		out->as.number = -out->as.number;
	else if (node->kinds == APL_KINDS_MONEY)
		is_beyond = __builtin_sub_overflow(0, out->as.money.minor, &out->as.money.minor);
	else
		is_beyond = __builtin_sub_overflow(0, out->as.integer, &out->as.integer);
	return !is_beyond || trouble(a, node, "guard-overflow");
}

/* ---- the two kinds of answer ---------------------------------------------------------------- */

static int truth_of_value(const asking *a, const node_t *node) {
	apl_guard_value flag;
	if (!read_path(a, node, &flag)) return K_TROUBLE;
	return !flag.is_there ? K_UNKNOWN : flag.as.truth ? K_TRUE : K_FALSE;
}

/* Of a node that is true or false. */
static int truth(const asking *a, const node_t *node) {
	int x, y;
	if (node->way == APL_WAY_WORD) return compare_word(a, node);
	if (node->way == APL_WAY_NUMBER) return compare_number(a, node);
	if (node->way == APL_WAY_FLAG) {
		const uint64_t *words;
		const apl_field *field;
		return !find_slot(a, node, &words, &field) ? K_UNKNOWN : words[field->word] != 0 ? K_TRUE : K_FALSE;
	}
	switch ((apl_guard_op)node->does) {
	case APL_OP_AND:
		x = truth(a, node->left);
		if (x <= K_FALSE) return x;
		y = truth(a, node->right);
		return y < x ? y : x;
	case APL_OP_OR:
		x = truth(a, node->left);
		if (x == K_TRUE || x < 0) return x;
		y = truth(a, node->right);
		return y < 0 || y > x ? y : x;
	case APL_OP_NOT: x = truth(a, node->left); return x < 0 ? x : K_TRUE - x;
	case APL_OP_HAS: return is_there(a, node->left) ? K_TRUE : K_FALSE;
	case APL_OP_CONTAINS: return contains(a, node);
	case APL_OP_CONSTANT: return node->constant.as.truth ? K_TRUE : K_FALSE;
	case APL_OP_PATH: return truth_of_value(a, node);
	case APL_OP_CLOCK_RUNNING:
	case APL_OP_CLOCK_BREACHED:
	case APL_OP_NOBODY_ON_DUTY:
	case APL_OP_IS_IN: {
		apl_guard_value answer;
		know(a, node, &answer);
		return !answer.is_there ? K_UNKNOWN : answer.as.truth ? K_TRUE : K_FALSE;
	}
	default: return compare(a, node);
	}
}

static bool truth_as_value(const asking *a, const node_t *node, apl_guard_value *out) {
	int answer = truth(a, node);
	*out = (apl_guard_value){.type = APL_TYPE_BOOLEAN, .is_there = answer != K_UNKNOWN, .as.truth = answer == K_TRUE};
	return answer != K_TROUBLE;
}

static bool value(const asking *a, const node_t *node, apl_guard_value *out) {
	switch ((apl_guard_op)node->does) {
	case APL_OP_CONSTANT: *out = node->constant; return true;
	case APL_OP_NIL: *out = (apl_guard_value){.type = APL_TYPE_ANY}; return true;
	case APL_OP_PATH: return read_path(a, node, out);
	case APL_OP_TIME_IN:
	case APL_OP_CLOCK_ELAPSED:
	case APL_OP_CLOCK_LEFT:
	case APL_OP_CLOCK_TARGET:
	case APL_OP_CLOCK_DEADLINE:
	case APL_OP_ON_DUTY:
	case APL_OP_COUNT: return know(a, node, out);
	case APL_OP_LEN:
	case APL_OP_SIZE: return length(a, node, out);
	case APL_OP_MINUS: return negate(a, node, out);
	case APL_OP_ADD:
	case APL_OP_SUBTRACT:
	case APL_OP_MULTIPLY:
	case APL_OP_DIVIDE:
	case APL_OP_FLOOR_DIVIDE:
	case APL_OP_MODULO: return calculate(a, node, out);
	case APL_OP_ASSIGN: return value(a, node->right, out);
	default: return truth_as_value(a, node, out);
	}
}

/* ---- asking -------------------------------------------------------------------------------------- */

apl_guard_answer apl_guard_ask(const apl_guard *guard, const apl_guard_situation *situation, apl_guard_trouble *trouble_out) {
	static const int8_t answers[] = {[K_FALSE] = APL_GUARD_FALSE, [K_UNKNOWN] = APL_GUARD_UNKNOWN, [K_TRUE] = APL_GUARD_TRUE};
	asking a = {guard, situation, trouble_out};
	trouble_out->slug = NULL;
	int answer = truth(&a, guard->roots[0]);
	return answer < 0 ? APL_GUARD_ERROR : (apl_guard_answer)answers[answer];
}

bool apl_guard_node_value(const apl_guard *guard, const apl_guard_node *node, const apl_guard_situation *situation, apl_guard_value *out,
    apl_guard_trouble *trouble_out) {
	asking a = {guard, situation, trouble_out};
	trouble_out->slug = NULL;
	return value(&a, node, out);
}

bool apl_guard_part_value(
    const apl_guard *guard, uint32_t number, const apl_guard_situation *situation, apl_guard_value *out, apl_guard_trouble *trouble_out) {
	return apl_guard_node_value(guard, guard->nodes[number], situation, out, trouble_out);
}

bool apl_guard_evaluate(
    const apl_guard *guard, const apl_guard_situation *situation, apl_guard_value *out, apl_guard_trouble *trouble_out) {
	if (!apl_guard_node_value(guard, guard->roots[0], situation, out, trouble_out)) return false;
	if (!guard->wants_number) return true;
	*out = (apl_guard_value){.type = APL_TYPE_NUMBER, .is_there = out->is_there, .as.number = (double)out->as.integer};
	return true;
}

/* ---- assigning -------------------------------------------------------------------------------------- */

int apl_guard_write(const apl_writer *writer, uint32_t field, const apl_guard_value *value_in, aplomb_error *error) {
	char text[APL_SPAN_TEXT];
	switch ((apl_type)value_in->type) {
	case APL_TYPE_SPAN:
		/* A span of business time keeps its unit by way of its text. */
		if (value_in->unit != APL_SPAN_CLOCK)
			return apl_record_set_text(
			    writer, field, text, apl_span_write_in(value_in->as.integer, (apl_span_unit)value_in->unit, text), error);
		return apl_record_set_integer(writer, field, value_in->as.integer, error);
	case APL_TYPE_INTEGER:
	case APL_TYPE_INSTANT: return apl_record_set_integer(writer, field, value_in->as.integer, error);
	case APL_TYPE_NUMBER: return apl_record_set_number(writer, field, value_in->as.number, error);
	case APL_TYPE_BOOLEAN: return apl_record_set_boolean(writer, field, value_in->as.truth, error);
	case APL_TYPE_MONEY: return apl_record_set_money(writer, field, value_in->as.money, error);
	case APL_TYPE_TEXT:
	case APL_TYPE_ONE_OF: return apl_record_set_text(writer, field, value_in->as.text.bytes, value_in->as.text.size, error);
	case APL_TYPE_LIST:
	case APL_TYPE_ANY:
	case APL_TYPE_FIELDS: break;
	}
	APL_ASSERT(false);
}

/* Canonical JSON, by way of a tape, which checks the whole of it before anything is changed. */
static int write_json(const apl_guard_writing *writing, uint32_t field, const apl_guard_value *from, aplomb_error *error) {
	apl_json_bounds bounds = {writing->depth, SIZE_MAX};
	int code = apl_json_read(writing->tape, from->as.text.bytes, from->as.text.size, &bounds, error);
	return code == APLOMB_OK ? apl_record_set(writing->writer, field, writing->tape, 0, error) : code;
}

/* The first part that is missing, for the message. */
static const node_t *missing_part(const asking *a, const node_t *node) {
	while (node->left != NULL) {
		apl_guard_value left;
		bool is_left_there = value(a, node->left, &left) && left.is_there;
		if (is_left_there && node->right == NULL) return node;
		node = is_left_there ? node->right : node->left;
	}
	return node;
}

static int assign(const asking *a, const node_t *node, const apl_guard_writing *writing, aplomb_error *error) {
	const node_t *target = node->left;
	apl_guard_value from;
	if (!value(a, node->right, &from)) return apl_guard_explain(a->guard, a->trouble, error);
	if (!from.is_there) {
		/* A path, or nil: what is not there is not there afterwards, as in Lua. A sum is a mistake. */
		if (node->right->op == APL_OP_PATH || node->right->op == APL_OP_NIL)
			return apl_record_clear(writing->writer, target->field_number, error);
		a->trouble->other = missing_part(a, node->right)->order;
		trouble(a, node, "missing-value");
		return apl_guard_explain(a->guard, a->trouble, error);
	}
	if (from.type == APL_TYPE_TEXT || from.type == APL_TYPE_LIST || from.type == APL_TYPE_ANY) a->trouble->work += from.as.text.size;
	if (from.type == APL_TYPE_LIST || from.type == APL_TYPE_ANY) return write_json(writing, target->field_number, &from, error);
	return apl_guard_write(writing->writer, target->field_number, &from, error);
}

static inline void put_word(uint64_t *words, const apl_field *field, uint64_t word) {
	words[field->word] = word;
	words[field->bit >> 6] |= UINT64_C(1) << (field->bit & 63u);
}

static inline bool is_within(const apl_field *field, int64_t integer) {
	return (!field->has_min || integer >= field->bounds.integer.min) && (!field->has_max || integer <= field->bounds.integer.max);
}

/* What actions do all day; false: nothing happened, and the long way finds out why. */
static inline bool assign_simply(const asking *a, const node_t *node, uint64_t *words) {
	const apl_field *field = node->left->field;
	int64_t n;
	int flag;
	apl_guard_value money;
	switch ((apl_guard_way)node->way) {
	case APL_WAY_COUNT:
		if (!apl_record_has(words, field) || __builtin_add_overflow(apl_record_integer(words, field), (int64_t)node->literal.word, &n))
			return false;
		words[field->word] = (uint64_t)n;
		return true;
	case APL_WAY_PUT_INTEGER:
		if (integer(a, node->right, &n) <= 0 || !is_within(field, n)) return false;
		put_word(words, field, (uint64_t)n);
		return true;
	case APL_WAY_PUT_FLAG:
		flag = truth(a, node->right);
		if (flag < 0 || flag == K_UNKNOWN) return false;
		put_word(words, field, flag == K_TRUE);
		return true;
	case APL_WAY_PUT_MONEY:
		if (!value(a, node->right, &money) || !money.is_there) return false;
		if ((field->has_min || field->has_max) &&
		    (money.as.money.currency != field->bound_currency || !is_within(field, money.as.money.minor)))
			return false;
		words[field->word + 1] = money.as.money.currency;
		put_word(words, field, (uint64_t)money.as.money.minor);
		return true;

	default: return false;
	}
}

uint32_t apl_guard_act_simply(
    const apl_guard *guard, const apl_guard_situation *situation, uint64_t *data, apl_guard_trouble *trouble_out) {
	asking a = {guard, situation, trouble_out};
	for (uint32_t i = 0; i < guard->n_roots; i++) {
		if (!assign_simply(&a, guard->roots[i], data)) return i;
	}
	return APL_GUARD_NO_PART;
}

int apl_guard_act(const apl_guard *guard, uint32_t first, const apl_guard_situation *situation, const apl_guard_writing *writing,
    apl_guard_trouble *trouble_out, aplomb_error *error) {
	asking a = {guard, situation, trouble_out};
	for (uint32_t i = first; i < guard->n_roots; i++) {
		if (assign_simply(&a, guard->roots[i], writing->writer->words)) continue;
		trouble_out->slug = NULL; /* the long way finds it again */
		int code = assign(&a, guard->roots[i], writing, error);
		if (code != APLOMB_OK) return code;
	}
	trouble_out->slug = NULL;
	return APLOMB_OK;
}
