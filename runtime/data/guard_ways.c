/* SPDX-License-Identifier: MIT */
/*
 * Decides which parts of a typed text are simpler than their kind, and can be
 * answered in one go: a slot beside a literal, a flag, a counter. Sums of
 * literals are done here, once. What is marked here comes to what the long way
 * comes to, or the short way gives up and the long one is gone.
 */
#include "data/guard_tree.h"

/* A path that leads into a record, and nowhere else. */
static bool has_slot(const apl_guard_node *node) {
	return node->op == APL_OP_PATH && node->source <= APL_FROM_EVENT && !node->has_topic;
}

/* Nothing of the case is in it: its value from now on is that of a literal. */
static void fold(const apl_guard *guard, apl_guard_node *node) {
	apl_guard_value value;
	apl_guard_trouble trouble = {0};
	apl_guard_situation nothing = {0};
	if (!node->is_constant || node->op == APL_OP_CONSTANT || !apl_guard_node_value(guard, node, &nothing, &value, &trouble)) return;
	if (!value.is_there) return;
	node->constant = value;
	node->does = APL_OP_CONSTANT;
}

/* The literal as the word that a slot of its kind has. */
static bool constant_word(const apl_guard_node *node, uint64_t *out) {
	if (node->does != APL_OP_CONSTANT) return false;
	switch ((apl_type)node->type) {
	case APL_TYPE_INTEGER:
	case APL_TYPE_INSTANT: *out = (uint64_t)node->constant.as.integer; return true;
	case APL_TYPE_BOOLEAN: *out = node->constant.as.truth; return true;
	case APL_TYPE_ONE_OF: *out = node->number; return true;
	default: return false;
	}
}

/* The literal as a number that compares with numbers as it does itself. */
static bool constant_number(const apl_guard_node *node, double *out) {
	const int64_t most = INT64_C(1) << 53;
	if (node->does != APL_OP_CONSTANT) return false;
	if (node->type == APL_TYPE_NUMBER) {
		*out = node->constant.as.number;
		return true;
	}
	*out = (double)node->constant.as.integer;
	return node->type == APL_TYPE_INTEGER && node->constant.as.integer >= -most && node->constant.as.integer <= most;
}

static uint8_t turned(uint8_t op) {
	switch ((apl_guard_op)op) {
	case APL_OP_LESS: return APL_OP_GREATER;
	case APL_OP_LESS_EQUAL: return APL_OP_GREATER_EQUAL;
	case APL_OP_GREATER: return APL_OP_LESS;
	case APL_OP_GREATER_EQUAL: return APL_OP_LESS_EQUAL;
	default: return op;
	}
}

static void find_way_of_comparison(apl_guard_node *node) {
	const apl_guard_node *slot = has_slot(node->left) ? node->left : node->right;
	const apl_guard_node *literal = slot == node->left ? node->right : node->left;
	if (!has_slot(slot) || node->kinds == APL_KINDS_NIL) return;
	if (slot->type == APL_TYPE_NUMBER && constant_number(literal, &node->literal.number)) {
		node->way = APL_WAY_NUMBER;
	} else if (slot->type == literal->type && constant_word(literal, &node->literal.word)) {
		/* Two events may number their choices differently. */
		if (slot->type == APL_TYPE_ONE_OF && slot->n_members > 1) return;
		node->way = APL_WAY_WORD;
	} else {
		return;
	}
	node->slot = slot;
	node->slot_op = slot == node->left ? node->op : turned(node->op);
}

static void find_way_of_assignment(apl_guard_node *node) {
	const apl_guard_node *value = node->right;
	const apl_field *field = node->left->field;
	if (field->parent != 0 || value->op == APL_OP_NIL || value->type != field->type) return;
	if (field->type == APL_TYPE_BOOLEAN) node->way = APL_WAY_PUT_FLAG;
	if (field->type == APL_TYPE_MONEY) node->way = APL_WAY_PUT_MONEY;
	if (field->type != APL_TYPE_INTEGER) return;
	node->way = APL_WAY_PUT_INTEGER;
	bool is_sum = value->op == APL_OP_ADD || value->op == APL_OP_SUBTRACT;
	bool is_free = !field->has_min && !field->has_max;
	if (!is_sum || !is_free || value->left->op != APL_OP_PATH || value->left->field != field) return;
	uint64_t step;
	if (!constant_word(value->right, &step) || (value->op == APL_OP_SUBTRACT && step == (uint64_t)INT64_MIN)) return;
	node->literal.word = value->op == APL_OP_SUBTRACT ? 0 - step : step;
	node->way = APL_WAY_COUNT;
}

void apl_guard_find_ways(apl_guard *guard) {
	for (apl_guard_node *node = guard->first; node != NULL; node = node->next) {
		fold(guard, node);
		if (node->op == APL_OP_PATH && node->source == APL_FROM_EVENT) guard->sees_event = true;
		if (node->op >= APL_OP_LESS && node->op <= APL_OP_UNEQUAL)
			find_way_of_comparison(node);
		else if (has_slot(node) && node->type == APL_TYPE_BOOLEAN)
			node->way = APL_WAY_FLAG;
		else if (node->op == APL_OP_ASSIGN)
			find_way_of_assignment(node);
	}
}
