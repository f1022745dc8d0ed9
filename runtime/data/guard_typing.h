/* SPDX-License-Identifier: MIT */
#ifndef APL_DATA_GUARD_TYPING_H
#define APL_DATA_GUARD_TYPING_H

/* Private to room data: what guard_names.c and guard_type.c share while a text is typed. */

#include "data/guard_tree.h"

typedef struct apl_guard_typing {
	apl_guard *guard;
	const apl_guard_scope *scope;
	apl_findings *findings;
	bool no_memory;
} apl_guard_typing;

enum { APL_GUARD_PIECE = 80, APL_GUARD_HINT = 160 };

/* A mistake at the node, which is wrong from now on; evaluates to false. */
#define APL_GUARD_MISTAKE(t, node, slug, ...)                                                                                              \
	(apl_guard_found((t)->guard, (t)->findings, (slug), (node)->begin, __VA_ARGS__), (node)->is_wrong = true, false)

static inline const char *piece(const apl_guard_typing *t, const apl_guard_node *node, char out[APL_GUARD_PIECE]) {
	return apl_guard_piece(t->guard, node, out, APL_GUARD_PIECE);
}

/* "an integer", as in "data.n is an integer". */
static inline const char *kind_of_type(uint8_t type) {
	static const char *const names[APL_TYPES] = {[APL_TYPE_TEXT] = "text",
	    [APL_TYPE_INTEGER] = "an integer",
	    [APL_TYPE_NUMBER] = "a number",
	    [APL_TYPE_BOOLEAN] = "a boolean",
	    [APL_TYPE_MONEY] = "money",
	    [APL_TYPE_INSTANT] = "an instant",
	    [APL_TYPE_SPAN] = "a span",
	    [APL_TYPE_ONE_OF] = "a choice",
	    [APL_TYPE_LIST] = "a list",
	    [APL_TYPE_ANY] = "of any type",
	    [APL_TYPE_FIELDS] = "a group of fields"};
	return names[type];
}

static inline const char *kind_of(const apl_guard_node *node) {
	return node->op == APL_OP_NIL ? "nothing" : kind_of_type(node->type);
}

static inline bool is_path(const apl_guard_node *node) {
	return node->op == APL_OP_PATH;
}
static inline bool is_a(const apl_guard_node *node, apl_type type) {
	return node->op != APL_OP_NIL && node->type == type;
}
static inline bool is_text(const apl_guard_node *node) {
	return is_a(node, APL_TYPE_TEXT) || is_a(node, APL_TYPE_ONE_OF);
}
static inline bool is_numeric(const apl_guard_node *node) {
	return is_a(node, APL_TYPE_INTEGER) || is_a(node, APL_TYPE_NUMBER);
}

/* guard_names.c: what a path, or a question about a state or counter, is about; false: nothing, which was told. */
bool apl_guard_name_path(apl_guard_typing *t, apl_guard_node *node);
bool apl_guard_name_state_or_counter(apl_guard_typing *t, apl_guard_node *node);
bool apl_guard_name_clock(apl_guard_typing *t, apl_guard_node *node);
bool apl_guard_name_rota(apl_guard_typing *t, apl_guard_node *node);

#endif
