/* SPDX-License-Identifier: MIT */
/*
 * Decides which texts can be brief, and makes them so. And, or and not vanish:
 * each comparison knows where to go on when it is true and when it is not.
 * "not" goes inward before that, for what is unknown is as little true under
 * it as without it. What the texts mean stands in guard_eval.c, whose simple
 * ways these are.
 */
#include "data/brief.h"

#include "data/guard_tree.h"

typedef apl_guard_node node_t;

void apl_brief_init(apl_brief *brief, const apl_alloc *alloc) {
	*brief = (apl_brief){.alloc = *alloc};
}

void apl_brief_dispose(apl_brief *brief) {
	apl_free(&brief->alloc, brief->tests, brief->tests_capacity * sizeof *brief->tests);
	apl_free(&brief->alloc, brief->writes, brief->writes_capacity * sizeof *brief->writes);
	brief->tests = NULL;
	brief->writes = NULL;
}

typedef struct making {
	apl_brief *brief;
	const apl_schema *event;
	bool is_refused; /* it cannot be brief, or there is no memory */
} making;

/* ---- slots ------------------------------------------------------------------- */

static bool leads_to_slot(const node_t *node) {
	return node->op == APL_OP_PATH && node->source <= APL_FROM_EVENT && !node->has_topic;
}

/* NULL: an event of this schema has no such field. */
static const apl_field *field_of(const making *m, const node_t *path) {
	if (path->source <= APL_FROM_PARAMS) return path->field;
	for (uint32_t i = 0; m->event != NULL && i < path->n_members; i++) {
		if (path->members[i].schema == m->event) return path->members[i].field;
	}
	return NULL;
}

static bool find_slot(const making *m, const node_t *path, apl_brief_slot *out) {
	const apl_field *field = field_of(m, path);
	if (field == NULL) return false;
	uint32_t source = path->source == APL_FROM_DATA ? APL_BRIEF_DATA : path->source == APL_FROM_PARAMS ? APL_BRIEF_PARAMS : APL_BRIEF_EVENT;
	*out = (apl_brief_slot){source, field->word, field->bit >> 6, UINT64_C(1) << (field->bit & 63u)};
	return true;
}

/* ---- guards -------------------------------------------------------------------- */

static uint32_t refuse(making *m) {
	m->is_refused = true;
	return APL_BRIEF_NO;
}

static uint32_t add_test(making *m, const apl_brief_test *test) {
	apl_brief *brief = m->brief;
	if (brief->n_tests == APL_BRIEF_LONG || !APL_GROW(&brief->alloc, brief->tests, brief->n_tests, brief->tests_capacity)) {
		brief->no_memory = true;
		return refuse(m);
	}
	brief->tests[brief->n_tests] = *test;
	return brief->n_tests++;
}

/* The comparison as it is, or the one that is true when it is false. */
static uint32_t asks_of(making *m, uint8_t op, bool wanted, uint32_t first) {
	static const struct {
		uint8_t op, is, is_not;
	} rows[] = {{APL_OP_LESS, APL_BRIEF_LESS, APL_BRIEF_GREATER_EQUAL}, {APL_OP_LESS_EQUAL, APL_BRIEF_LESS_EQUAL, APL_BRIEF_GREATER},
	    {APL_OP_GREATER, APL_BRIEF_GREATER, APL_BRIEF_LESS_EQUAL}, {APL_OP_GREATER_EQUAL, APL_BRIEF_GREATER_EQUAL, APL_BRIEF_LESS},
	    {APL_OP_EQUAL, APL_BRIEF_EQUAL, APL_BRIEF_UNEQUAL}, {APL_OP_UNEQUAL, APL_BRIEF_UNEQUAL, APL_BRIEF_EQUAL}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (rows[i].op == op) return first - APL_BRIEF_LESS + (wanted ? rows[i].is : rows[i].is_not);
	}
	return refuse(m);
}

/* A slot with a literal. */
static uint32_t add_literal(making *m, const node_t *node, bool wanted, uint32_t yes, uint32_t no) {
	apl_brief_test test = {.yes = yes, .no = no};
	if (!find_slot(m, node->slot, &test.slot)) return no; /* unknown */
	bool is_number = node->way == APL_WAY_NUMBER;
	test.asks = asks_of(m, node->slot_op, wanted, is_number ? APL_BRIEF_NUMBER_LESS : APL_BRIEF_LESS);
	if (is_number)
		test.literal.number = node->literal.number;
	else
		test.literal.word = (int64_t)node->literal.word;
	return add_test(m, &test);
}

static uint32_t add_flag(making *m, const node_t *node, bool wanted, uint32_t yes, uint32_t no) {
	apl_brief_test test = {.yes = yes, .no = no, .asks = wanted ? APL_BRIEF_UNEQUAL : APL_BRIEF_EQUAL};
	return find_slot(m, node, &test.slot) ? add_test(m, &test) : no;
}

/* Never unknown. */
static uint32_t add_presence(making *m, const node_t *path, bool wanted, uint32_t yes, uint32_t no) {
	apl_brief_test test = {.yes = yes, .no = no, .asks = wanted ? APL_BRIEF_PRESENT : APL_BRIEF_ABSENT};
	if (!leads_to_slot(path)) return refuse(m);
	if (!find_slot(m, path, &test.slot)) return wanted ? no : yes;
	return add_test(m, &test);
}

/* Two slots. */
static uint32_t add_pair(making *m, const node_t *node, bool wanted, uint32_t yes, uint32_t no) {
	apl_brief_test test = {.yes = yes, .no = no};
	if (!leads_to_slot(node->left) || !leads_to_slot(node->right)) return refuse(m);
	if (!find_slot(m, node->left, &test.slot) || !find_slot(m, node->right, &test.other)) return no;
	test.asks = asks_of(m, node->op, wanted, APL_BRIEF_SLOT_LESS);
	return add_test(m, &test);
}

static uint32_t add_comparison(making *m, const node_t *node, bool wanted, uint32_t yes, uint32_t no) {
	if (node->kinds == APL_KINDS_NIL) {
		const node_t *path = node->left->op == APL_OP_NIL ? node->right : node->left;
		return add_presence(m, path, wanted == (node->op == APL_OP_UNEQUAL), yes, no);
	}
	return node->kinds == APL_KINDS_INTEGERS ? add_pair(m, node, wanted, yes, no) : refuse(m);
}

static uint32_t add_is_in(making *m, const node_t *node, bool wanted, uint32_t yes, uint32_t no) {
	if (node->number == APL_NO_FIELD) return refuse(m);
	const apl_brief_test test = {.slot = {APL_BRIEF_STATES, 0, node->number >> 6, UINT64_C(1) << (node->number & 63u)},
	    .yes = yes,
	    .no = no,
	    .asks = wanted ? APL_BRIEF_PRESENT : APL_BRIEF_ABSENT};
	return add_test(m, &test);
}

/* Where to begin when [yes] is where to go on if the node is true (or false, as [wanted]), and [no] otherwise. As deep as the text. */
static uint32_t add_truth(making *m, const node_t *node, bool wanted, uint32_t yes, uint32_t no) {
	if (m->is_refused) return no;
	if (node->way == APL_WAY_WORD || node->way == APL_WAY_NUMBER) return add_literal(m, node, wanted, yes, no);
	if (node->way == APL_WAY_FLAG) return add_flag(m, node, wanted, yes, no);
	uint32_t right;
	switch ((apl_guard_op)node->does) {
	case APL_OP_AND:
	case APL_OP_OR:
		right = add_truth(m, node->right, wanted, yes, no);
		/* Both must be so, or one of them: which it is, "not" has turned round. */
		return (node->does == APL_OP_AND) == wanted ? add_truth(m, node->left, wanted, right, no)
		                                            : add_truth(m, node->left, wanted, yes, right);
	case APL_OP_NOT: return add_truth(m, node->left, !wanted, yes, no);
	case APL_OP_CONSTANT: return node->constant.as.truth == wanted ? yes : no;
	case APL_OP_HAS: return add_presence(m, node->left, wanted, yes, no);
	case APL_OP_IS_IN: return add_is_in(m, node, wanted, yes, no);
	case APL_OP_LESS:
	case APL_OP_LESS_EQUAL:
	case APL_OP_GREATER:
	case APL_OP_GREATER_EQUAL:
	case APL_OP_EQUAL:
	case APL_OP_UNEQUAL: return add_comparison(m, node, wanted, yes, no);
	default: return refuse(m);
	}
}

bool apl_brief_guard(apl_brief *brief, const apl_guard *guard, const apl_schema *event, uint32_t *entry) {
	making m = {brief, event, false};
	uint32_t n_tests = brief->n_tests;
	if (guard->form != APL_GUARD_TRUTH) return false;
	*entry = add_truth(&m, guard->roots[0], true, APL_BRIEF_YES, APL_BRIEF_NO);
	if (!m.is_refused) return true;
	brief->n_tests = n_tests;
	return false;
}

/* ---- assignments ------------------------------------------------------------------ */

static bool is_literal(const node_t *node) {
	return node->does == APL_OP_CONSTANT && node->type == APL_TYPE_INTEGER;
}

static bool is_slot(const making *m, const node_t *node, apl_brief_slot *out) {
	return leads_to_slot(node) && node->type == APL_TYPE_INTEGER && find_slot(m, node, out);
}

/* What an integer field is given: a literal, a slot, or a sum of two of them. */
static bool integer_of(const making *m, const node_t *value, apl_brief_write *write) {
	if (is_literal(value)) {
		write->puts = APL_BRIEF_PUT;
		write->literal = value->constant.as.integer;
		return write->literal >= write->min && write->literal <= write->max;
	}
	write->puts = APL_BRIEF_COPY;
	if (is_slot(m, value, &write->from)) return true;
	bool adds = value->does == APL_OP_ADD;
	if (!adds && value->does != APL_OP_SUBTRACT) return false;
	const node_t *left = value->left, *right = value->right;
	if (adds && is_literal(left)) {
		left = value->right;
		right = value->left;
	}
	if (!is_slot(m, left, &write->from)) return false;
	if (is_slot(m, right, &write->other)) {
		write->puts = adds ? APL_BRIEF_ADD_SLOT : APL_BRIEF_SUBTRACT_SLOT;
		return true;
	}
	if (!is_literal(right) || (!adds && right->constant.as.integer == INT64_MIN)) return false;
	write->puts = APL_BRIEF_ADD;
	write->literal = adds ? right->constant.as.integer : -right->constant.as.integer;
	return true;
}

static bool flag_of(const making *m, const node_t *value, apl_brief_write *write) {
	if (value->does == APL_OP_CONSTANT) {
		write->puts = APL_BRIEF_PUT;
		write->literal = value->constant.as.truth;
		return true;
	}
	write->puts = APL_BRIEF_COPY;
	return value->way == APL_WAY_FLAG && find_slot(m, value, &write->from);
}

/* A choice by its name. */
static bool choice_of(const apl_field *field, const node_t *value, apl_brief_write *write) {
	if (value->does != APL_OP_CONSTANT || (value->type != APL_TYPE_ONE_OF && value->type != APL_TYPE_TEXT)) return false;
	const char *name = value->constant.as.text.bytes;
	uint32_t size = value->constant.as.text.size;
	for (uint32_t i = 0; i < field->n_choices; i++) {
		if (strlen(field->choices[i]) != size || memcmp(field->choices[i], name, size) != 0) continue;
		write->puts = APL_BRIEF_PUT;
		write->literal = i;
		return true;
	}
	return false;
}

static bool write_of(const making *m, const node_t *node, apl_brief_write *write) {
	const apl_field *field = node->left->field;
	*write = (apl_brief_write){.word = field->word,
	    .presence = field->bit >> 6,
	    .mask = UINT64_C(1) << (field->bit & 63u),
	    .min = field->has_min ? field->bounds.integer.min : INT64_MIN,
	    .max = field->has_max ? field->bounds.integer.max : INT64_MAX};
	if (field->type == APL_TYPE_ONE_OF) return field->parent == 0 && choice_of(field, node->right, write);
	switch ((apl_guard_way)node->way) {
	case APL_WAY_COUNT:
	case APL_WAY_PUT_INTEGER: return integer_of(m, node->right, write);
	case APL_WAY_PUT_FLAG: write->min = INT64_MIN, write->max = INT64_MAX; return flag_of(m, node->right, write);
	default: return false;
	}
}

bool apl_brief_actions(apl_brief *brief, const apl_guard *guard, const apl_schema *event) {
	const making m = {brief, event, false};
	uint32_t n_writes = brief->n_writes;
	bool is_brief = guard->form == APL_GUARD_ACTIONS;
	for (uint32_t i = 0; i < guard->n_roots && is_brief; i++) {
		apl_brief_write write;
		is_brief = write_of(&m, guard->roots[i], &write);
		if (!is_brief) break;
		if (!APL_GROW(&brief->alloc, brief->writes, brief->n_writes, brief->writes_capacity)) {
			brief->no_memory = true;
			is_brief = false;
			break;
		}
		brief->writes[brief->n_writes++] = write;
	}
	if (!is_brief) brief->n_writes = n_writes;
	return is_brief;
}
