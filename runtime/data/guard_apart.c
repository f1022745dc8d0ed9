/* SPDX-License-Identifier: MIT */
/*
 * Decides why a guard came to what it came to: what each of its parts came to,
 * which were asked at all, and on which the answer rests. What a part comes to
 * is guard_eval.c's; only what rests on an event that has not come is worked
 * out here, as the set of all that it may still become.
 */
#include "base/assert.h"
#include "data/guard_tree.h"
#include "time/instant.h"

typedef apl_guard_node node_t;

/* What a truth may become. */
enum { MAY_BE_FALSE = 1, MAY_BE_TRUE = 2, MAY_BE_UNKNOWN = 4, MAY_BE_ANY = 7 };

typedef struct parting {
	const apl_guard *guard;
	const apl_guard_situation *situation;
	const apl_guard_waiting *waiting;
	apl_guard_apart *out;
	uint32_t count;
} parting;

static bool is_truth(const node_t *node) {
	switch ((apl_guard_op)node->op) {
	case APL_OP_IS_IN:
	case APL_OP_CLOCK_RUNNING:
	case APL_OP_CLOCK_BREACHED:
	case APL_OP_NOBODY_ON_DUTY:
	case APL_OP_HAS:
	case APL_OP_CONTAINS:
	case APL_OP_OR:
	case APL_OP_AND:
	case APL_OP_LESS:
	case APL_OP_LESS_EQUAL:
	case APL_OP_GREATER:
	case APL_OP_GREATER_EQUAL:
	case APL_OP_EQUAL:
	case APL_OP_UNEQUAL:
	case APL_OP_NOT: return true;
	case APL_OP_CONSTANT:
	case APL_OP_PATH: return node->type == APL_TYPE_BOOLEAN;
	default: return false;
	}
}

static bool is_comparison(const node_t *node) {
	return node->op >= APL_OP_LESS && node->op <= APL_OP_UNEQUAL;
}

/* ---- what asks for the event --------------------------------------------------- */

static bool asks_for_event(const parting *p, const node_t *node) {
	if (p->waiting == NULL) return false;
	if (node->op == APL_OP_COUNT) return p->waiting->counts != NULL && p->waiting->counts(p->waiting->self, node->number);
	if (node->op != APL_OP_PATH) return false;
	if (node->source == APL_FROM_EVENT) return true;
	return node->source == APL_FROM_ENVELOPE &&
	       (node->topic == APL_GUARD_EVENT_NAME || node->topic == APL_GUARD_EVENT_BY || node->topic == APL_GUARD_EVENT_ID);
}

static bool depends(const parting *p, const node_t *node) {
	if (node == NULL || p->waiting == NULL) return false;
	return asks_for_event(p, node) || depends(p, node->left) || depends(p, node->right);
}

static unsigned mirrored(unsigned set) {
	return (set & MAY_BE_UNKNOWN) | (set & MAY_BE_FALSE ? MAY_BE_TRUE : 0u) | (set & MAY_BE_TRUE ? MAY_BE_FALSE : 0u);
}

static unsigned both(unsigned x, unsigned y) {
	unsigned set = (x | y) & MAY_BE_FALSE;
	if (x & y & MAY_BE_TRUE) set |= MAY_BE_TRUE;
	if ((x & MAY_BE_UNKNOWN && y & (MAY_BE_TRUE | MAY_BE_UNKNOWN)) || (y & MAY_BE_UNKNOWN && x & (MAY_BE_TRUE | MAY_BE_UNKNOWN)))
		set |= MAY_BE_UNKNOWN;
	return set;
}

static unsigned set_of(apl_guard_finding finding) {
	return finding == APL_PART_FALSE ? MAY_BE_FALSE : finding == APL_PART_TRUE ? MAY_BE_TRUE : MAY_BE_UNKNOWN;
}

static apl_guard_finding ask(const parting *p, const node_t *node, apl_guard_value *value);

/* A side that is missing now whatever the event is: then nobody will ever know the answer. */
static bool is_missing(const parting *p, const node_t *node) {
	apl_guard_value value;
	return !depends(p, node) && ask(p, node, &value) == APL_PART_VALUE && !value.is_there;
}

/* Of a truth. An error is taken for what may be anything, for an event may spare it. */
static unsigned may_be(const parting *p, const node_t *node) {
	apl_guard_value value;
	if (!depends(p, node)) {
		apl_guard_finding finding = ask(p, node, &value);
		return finding == APL_PART_ERROR ? (unsigned)MAY_BE_FALSE : set_of(finding);
	}
	switch ((apl_guard_op)node->op) {
	case APL_OP_AND: return both(may_be(p, node->left), may_be(p, node->right));
	case APL_OP_OR: return mirrored(both(mirrored(may_be(p, node->left)), mirrored(may_be(p, node->right))));
	case APL_OP_NOT: return mirrored(may_be(p, node->left));
	case APL_OP_HAS: return MAY_BE_FALSE | MAY_BE_TRUE;
	default: break;
	}
	if (node->kinds == APL_KINDS_NIL && is_comparison(node)) return MAY_BE_FALSE | MAY_BE_TRUE;
	bool is_of_two = node->left != NULL && node->right != NULL;
	return is_of_two && (is_missing(p, node->left) || is_missing(p, node->right)) ? (unsigned)MAY_BE_UNKNOWN : (unsigned)MAY_BE_ANY;
}

/* ---- parts ----------------------------------------------------------------------- */

/* Of a part that does not depend on the event. */
static apl_guard_finding ask(const parting *p, const node_t *node, apl_guard_value *value) {
	apl_guard_trouble trouble = {0};
	if (node->op == APL_OP_NIL) {
		*value = (apl_guard_value){.type = APL_TYPE_ANY};
		return APL_PART_VALUE;
	}
	if (!apl_guard_node_value(p->guard, node, p->situation, value, &trouble)) return APL_PART_ERROR;
	if (!is_truth(node)) return APL_PART_VALUE;
	return !value->is_there ? APL_PART_UNKNOWN : value->as.truth ? APL_PART_TRUE : APL_PART_FALSE;
}

static apl_guard_finding find(const parting *p, const node_t *node, apl_guard_value *value, bool *rests_on_event) {
	*rests_on_event = depends(p, node);
	if (!*rests_on_event) return ask(p, node, value);
	if (!is_truth(node)) return APL_PART_VALUE;
	unsigned set = may_be(p, node);
	if ((set & (set - 1)) != 0) return APL_PART_DEPENDS;
	*rests_on_event = false;
	*value = (apl_guard_value){.type = APL_TYPE_BOOLEAN, .is_there = set != MAY_BE_UNKNOWN, .as.truth = set == MAY_BE_TRUE};
	return set == MAY_BE_UNKNOWN ? APL_PART_UNKNOWN : set == MAY_BE_TRUE ? APL_PART_TRUE : APL_PART_FALSE;
}

/* The first path below that is missing: what makes the part unknown. */
static uint32_t find_missing(const parting *p, const node_t *node) {
	if (node == NULL) return APL_GUARD_NO_PART;
	if (node->op == APL_OP_PATH && !asks_for_event(p, node)) {
		apl_guard_value value;
		apl_guard_finding finding = ask(p, node, &value);
		return finding != APL_PART_ERROR && !value.is_there ? node->order : APL_GUARD_NO_PART;
	}
	uint32_t found = find_missing(p, node->left);
	return found != APL_GUARD_NO_PART ? found : find_missing(p, node->right);
}

static bool ends_at_left(const node_t *node, apl_guard_finding left) {
	if (left == APL_PART_ERROR) return true;
	if (node->op == APL_OP_AND) return left == APL_PART_FALSE;
	return node->op == APL_OP_OR && left == APL_PART_TRUE;
}

/* Writes the part and what belongs to it. Returns its place in [out]. */
static uint32_t walk(parting *p, const node_t *node, uint32_t depth, bool is_asked) {
	uint32_t at = p->count++;
	apl_guard_apart *part = &p->out[at];
	*part = (apl_guard_apart){.part = node->order, .depth = depth, .finding = APL_PART_NOT_ASKED, .missing = APL_GUARD_NO_PART};
	if (is_asked) {
		part->finding = find(p, node, &part->value, &part->depends);
		bool is_unknown = part->finding == APL_PART_UNKNOWN ||
		                  (part->finding == APL_PART_VALUE && !part->depends && !part->value.is_there && node->op != APL_OP_NIL);
		if (is_unknown) part->missing = find_missing(p, node);
	}
	if (node->left != NULL) {
		uint32_t left = walk(p, node->left, depth + 1, is_asked);
		if (node->right != NULL) walk(p, node->right, depth + 1, is_asked && !ends_at_left(node, p->out[left].finding));
	}
	return at;
}

/* ---- on which parts it rests ------------------------------------------------------- */

static uint32_t behind(const parting *p, uint32_t at) {
	uint32_t next = at + 1;
	while (next < p->count && p->out[next].depth > p->out[at].depth) next++;
	return next;
}

static void mark(parting *p, uint32_t at);

/* Of and, or, not: the parts that have the verdict of the whole, or, when none has it, those that are in the way of true. */
static void mark_operands(parting *p, uint32_t at) {
	const node_t *node = p->guard->nodes[p->out[at].part];
	uint32_t sides[2] = {at + 1, node->right != NULL ? behind(p, at + 1) : APL_GUARD_NO_PART};
	apl_guard_finding finding = p->out[at].finding;
	bool one_is_enough = (node->op == APL_OP_AND && finding == APL_PART_FALSE) || (node->op == APL_OP_OR && finding == APL_PART_TRUE);
	bool is_marked = false;
	for (int i = 0; i < 2 && sides[i] != APL_GUARD_NO_PART; i++) {
		bool fits = node->op == APL_OP_NOT || p->out[sides[i]].finding == finding;
		if (!fits || (one_is_enough && is_marked)) continue;
		mark(p, sides[i]);
		is_marked = true;
	}
	for (int i = 0; i < 2 && sides[i] != APL_GUARD_NO_PART && !is_marked; i++) {
		if (p->out[sides[i]].finding != APL_PART_TRUE && p->out[sides[i]].finding != APL_PART_NOT_ASKED) mark(p, sides[i]);
	}
}

static void mark(parting *p, uint32_t at) {
	const node_t *node = p->guard->nodes[p->out[at].part];
	p->out[at].decides = true;
	if (node->op == APL_OP_AND || node->op == APL_OP_OR || node->op == APL_OP_NOT) {
		mark_operands(p, at);
		return;
	}
	/* Of what compares or looks into something: what it looks at. */
	if (!is_truth(node)) return;
	uint32_t end = behind(p, at);
	for (uint32_t side = at + 1; side < end; side = behind(p, side)) {
		if (is_truth(p->guard->nodes[p->out[side].part]))
			mark(p, side);
		else
			p->out[side].decides = true;
	}
}

void apl_guard_take_apart(
    const apl_guard *guard, const apl_guard_situation *situation, const apl_guard_waiting *waiting, apl_guard_apart *out) {
	parting p = {guard, situation, waiting, out, 0};
	APL_ASSERT(guard->n_roots == 1);
	walk(&p, guard->roots[0], 0, true);
	APL_ASSERT(p.count == guard->n_nodes);
	mark(&p, 0);
	/* It never becomes true: that is what it is known for, whether it will be false or unknown. */
	if (out[0].finding == APL_PART_DEPENDS && (may_be(&p, guard->roots[0]) & MAY_BE_TRUE) == 0) out[0].finding = APL_PART_FALSE;
}

/* ---- values as JSON ------------------------------------------------------------------ */

static void write_quoted(apl_buf *out, const char *text, size_t size) {
	apl_buf_byte(out, '"');
	apl_buf_add(out, text, size);
	apl_buf_byte(out, '"');
}

bool apl_guard_write_json(apl_buf *out, const apl_guard_value *value) {
	char text[APL_SPAN_TEXT > APL_INSTANT_TEXT ? APL_SPAN_TEXT : APL_INSTANT_TEXT];
	if (!value->is_there) return false;
	switch ((apl_type)value->type) {
	case APL_TYPE_INTEGER: apl_json_write_integer(out, value->as.integer); return true;
	case APL_TYPE_NUMBER: apl_json_write_number(out, value->as.number); return true;
	case APL_TYPE_BOOLEAN: apl_buf_text(out, value->as.truth ? "true" : "false"); return true;
	case APL_TYPE_TEXT:
	case APL_TYPE_ONE_OF: apl_json_write_text(out, value->as.text.bytes, value->as.text.size); return true;
	case APL_TYPE_MONEY: write_quoted(out, text, apl_money_write(value->as.money, text)); return true;
	case APL_TYPE_INSTANT:
		if (value->as.integer < APL_INSTANT_MIN || value->as.integer > APL_INSTANT_MAX) return false;
		write_quoted(out, text, apl_instant_write(value->as.integer, text));
		return true;
	case APL_TYPE_SPAN: write_quoted(out, text, apl_span_write_in(value->as.integer, (apl_span_unit)value->unit, text)); return true;
	case APL_TYPE_LIST:
	case APL_TYPE_ANY: apl_buf_add(out, value->as.text.bytes, value->as.text.size); return true;
	case APL_TYPE_FIELDS: return false;
	}
	return false;
}
