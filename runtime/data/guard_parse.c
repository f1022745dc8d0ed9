/* SPDX-License-Identifier: MIT */
/*
 * Decides which texts are guards, values and assignments, and how their parts
 * hang together: Lua's operators with Lua's precedence. What a name means, and
 * whether the parts fit one another, is guard_type.c's.
 *
 * Recursion is bounded: parentheses and signs nest at most
 * APL_GUARD_MOST_DEPTH deep, and so does what is made of them.
 */
#include "data/guard_token.h"

#include "base/text.h"

/* ---- nodes ------------------------------------------------------------------ */

static apl_guard_node *make(apl_guard_parser *p, apl_guard_op op, uint32_t begin, apl_guard_node *left, apl_guard_node *right) {
	if (p->is_wrong || p->no_memory) return NULL;
	apl_guard *guard = p->guard;
	uint32_t depth = left != NULL ? left->depth : 0;
	if (right != NULL && right->depth > depth) depth = right->depth;
	if (guard->n_nodes == APL_GUARD_MOST_PARTS) {
		APL_GUARD_WRONG(p, begin, "limit-guard", "the text has more than %d parts; use a function", APL_GUARD_MOST_PARTS);
		return NULL;
	}
	if (depth == APL_GUARD_MOST_DEPTH) {
		APL_GUARD_WRONG(p, begin, "limit-guard",
		    "the text is nested more than %d deep, or joins more than that in one row; use parentheses or a function",
		    APL_GUARD_MOST_DEPTH);
		return NULL;
	}
	apl_guard_node *node = apl_arena_take(guard->arena, sizeof *node);
	if (node == NULL) {
		p->no_memory = true;
		return NULL;
	}
	memset(node, 0, sizeof *node);
	node->op = node->does = (uint8_t)op;
	node->begin = (uint16_t)begin;
	node->end = (uint16_t)p->last_end;
	node->depth = (uint16_t)(depth + 1);
	node->order = guard->n_nodes++;
	node->left = left;
	node->right = right;
	node->source = APL_FROM_NOWHERE;
	if (left != NULL) left->parent = node;
	if (right != NULL) right->parent = node;
	if (guard->last != NULL)
		guard->last->next = node;
	else
		guard->first = node;
	guard->last = node;
	return node;
}

static apl_guard_node *parse_expression(apl_guard_parser *p, unsigned binding);

static bool enter(apl_guard_parser *p) {
	if (++p->depth <= APL_GUARD_MOST_DEPTH) return true;
	APL_GUARD_WRONG(
	    p, p->now.begin, "limit-guard", "parentheses and signs are nested more than %d deep; use a function", APL_GUARD_MOST_DEPTH);
	return false;
}

static void expect(apl_guard_parser *p, const char *sign) {
	char shown[APL_SHOWN];
	if (apl_token_is(p, sign))
		apl_token_next(p);
	else if (p->now.kind != APL_TOKEN_WRONG)
		APL_GUARD_WRONG(p, p->now.begin, "guard-syntax", "\"%s\" was expected, found %s", sign, apl_token_shown(p, shown));
}

static apl_guard_node *constant(apl_guard_parser *p) {
	apl_guard_value value = p->now.value;
	uint32_t begin = p->now.begin;
	apl_token_next(p);
	apl_guard_node *node = make(p, APL_OP_CONSTANT, begin, NULL, NULL);
	if (node == NULL) return NULL;
	node->constant = value;
	node->type = value.type;
	if (value.type == APL_TYPE_TEXT) {
		/* The words stay, whatever they will be read as. */
		node->name = value.as.text.bytes;
		node->name_size = value.as.text.size;
	}
	return node;
}

/* A dotted path; names behind a point may be anything, keywords too. */
static apl_guard_node *path(apl_guard_parser *p) {
	uint32_t begin = p->now.begin;
	char *name = apl_arena_take(p->guard->arena, p->size - begin + 1);
	uint32_t size = 0;
	if (name == NULL) {
		p->no_memory = true;
		return NULL;
	}
	for (;;) {
		memcpy(name + size, p->text + p->now.begin, p->now.end - p->now.begin);
		size += p->now.end - p->now.begin;
		apl_token_next(p);
		if (!apl_token_is(p, ".")) break;
		name[size++] = '.';
		apl_token_next(p);
		if (p->now.kind != APL_TOKEN_NAME) {
			char shown[APL_SHOWN];
			if (p->now.kind != APL_TOKEN_WRONG)
				APL_GUARD_WRONG(
				    p, p->now.begin, "guard-syntax", "behind the point of a path stands a name, found %s", apl_token_shown(p, shown));
			return NULL;
		}
	}
	name[size] = '\0';
	apl_guard_node *node = make(p, APL_OP_PATH, begin, NULL, NULL);
	if (node == NULL) return NULL;
	node->name = name;
	node->name_size = size;
	return node;
}

/* is_in("path"), time_in("path", "stay"), count("counter"), left("clock"): what is named stands there as a text. */
static apl_guard_node *named_question(apl_guard_parser *p, apl_guard_op op, uint32_t begin) {
	const char *word = apl_guard_ops[op].word;
	char shown[APL_SHOWN];
	bool is_total = false;
	if (p->now.kind != APL_TOKEN_TEXT) {
		if (p->now.kind != APL_TOKEN_WRONG)
			APL_GUARD_WRONG(p, p->now.begin, "guard-syntax", "%s takes a text, as in %s(\"%s\"), found %s", word, word,
			    op == APL_OP_COUNT             ? "counter"
			    : apl_guard_op_is_of_clock(op) ? "clock"
			    : apl_guard_op_is_of_rota(op)  ? "rota"
			                                   : "path.of.state",
			    apl_token_shown(p, shown));
		return NULL;
	}
	apl_guard_value name = p->now.value;
	apl_token_next(p);
	if (op == APL_OP_TIME_IN && apl_token_is(p, ",")) {
		apl_token_next(p);
		bool is_text = p->now.kind == APL_TOKEN_TEXT;
		is_total = is_text && strcmp(p->now.value.as.text.bytes, "total") == 0;
		if (p->now.kind != APL_TOKEN_WRONG && (!is_text || (!is_total && strcmp(p->now.value.as.text.bytes, "stay") != 0))) {
			APL_GUARD_WRONG(
			    p, p->now.begin, "not-a-choice", "time_in: \"stay\" or \"total\" was expected, found %s", apl_token_shown(p, shown));
			return NULL;
		}
		apl_token_next(p);
	}
	expect(p, ")");
	apl_guard_node *node = make(p, op, begin, NULL, NULL);
	if (node == NULL) return NULL;
	node->name = name.as.text.bytes;
	node->name_size = name.as.text.size;
	node->is_total = is_total;
	if (op == APL_OP_TIME_IN) p->guard->asks_time_in = true;
	return node;
}

static const apl_guard_op questions[] = {APL_OP_IS_IN, APL_OP_TIME_IN, APL_OP_COUNT, APL_OP_HAS, APL_OP_LEN, APL_OP_CONTAINS,
    APL_OP_CLOCK_ELAPSED, APL_OP_CLOCK_LEFT, APL_OP_CLOCK_TARGET, APL_OP_CLOCK_DEADLINE, APL_OP_CLOCK_RUNNING, APL_OP_CLOCK_BREACHED,
    APL_OP_ON_DUTY, APL_OP_NOBODY_ON_DUTY};
#define QUESTIONS (sizeof questions / sizeof *questions)

static apl_guard_node *unknown_question(apl_guard_parser *p, uint32_t begin, uint32_t end) {
	char shown[APL_SHOWN], hint[64];
	apl_nearest nearest = apl_nearest_to(p->text + begin, end - begin);
	for (size_t i = 0; i < QUESTIONS; i++) apl_nearest_try(&nearest, apl_guard_ops[questions[i]].word);
	apl_nearest_hint(&nearest, hint, sizeof hint);
	APL_GUARD_WRONG(p, begin, "unknown-name", "there is no question %s(…)%s", apl_shown(p->text + begin, end - begin, shown),
	    hint[0] != '\0' ? hint
	                    : "; there are is_in, time_in, count, has, len, contains, of clocks elapsed, left, target, deadline, "
	                      "is_running and is_breached, and of rotas on_duty and nobody_on_duty; "
	                      "everything else is for a function");
	return NULL;
}

/* [begin, end) is the name, and now is "(". */
static apl_guard_node *question(apl_guard_parser *p, uint32_t begin, uint32_t end) {
	size_t which = 0;
	while (which < QUESTIONS && (strlen(apl_guard_ops[questions[which]].word) != end - begin ||
	                                memcmp(p->text + begin, apl_guard_ops[questions[which]].word, end - begin) != 0))
		which++;
	if (which == QUESTIONS) return unknown_question(p, begin, end);
	apl_guard_op op = questions[which];
	apl_token_next(p);
	if (op == APL_OP_IS_IN || op == APL_OP_TIME_IN || op == APL_OP_COUNT || apl_guard_op_is_of_clock(op) || apl_guard_op_is_of_rota(op))
		return named_question(p, op, begin);
	if (!enter(p)) return NULL;
	apl_guard_node *left = parse_expression(p, 0), *right = NULL;
	if (op == APL_OP_CONTAINS) {
		expect(p, ",");
		right = parse_expression(p, 0);
	}
	expect(p, ")");
	p->depth--;
	return make(p, op, begin, left, right);
}

static apl_guard_node *name_or_question(apl_guard_parser *p) {
	uint32_t begin = p->now.begin, end = p->now.end;
	static const char *const statements[] = {"if", "then", "else", "elseif", "end", "for", "while", "do", "repeat", "until", "function",
	    "local", "return", "goto", "break", "in", "and", "or"};
	for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
		if (!apl_token_is(p, statements[i])) continue;
		if (i + 2 >= sizeof statements / sizeof *statements)
			APL_GUARD_WRONG(p, begin, "guard-syntax", "something is missing before \"%s\"", statements[i]);
		else
			APL_GUARD_WRONG(p, begin, "guard-syntax", "\"%s\" belongs into a function; a text is one expression", statements[i]);
		return NULL;
	}
	if (!apl_token_calls(p, end)) return path(p);
	apl_token_next(p);
	return question(p, begin, end);
}

static apl_guard_node *primary(apl_guard_parser *p) {
	char shown[APL_SHOWN];
	uint32_t begin = p->now.begin;
	switch (p->now.kind) {
	case APL_TOKEN_NUMBER:
	case APL_TOKEN_TEXT: return constant(p);
	case APL_TOKEN_NAME:
		if (apl_token_is(p, "true") || apl_token_is(p, "false")) {
			p->now.value = (apl_guard_value){.type = APL_TYPE_BOOLEAN, .is_there = true, .as.truth = apl_token_is(p, "true")};
			return constant(p);
		}
		if (apl_token_is(p, "nil")) {
			apl_token_next(p);
			return make(p, APL_OP_NIL, begin, NULL, NULL);
		}
		return name_or_question(p);
	case APL_TOKEN_SIGN:
		if (apl_token_is(p, "(")) {
			apl_token_next(p);
			if (!enter(p)) return NULL;
			apl_guard_node *inner = parse_expression(p, 0);
			expect(p, ")");
			p->depth--;
			return inner;
		}
		break;
	case APL_TOKEN_WRONG: return NULL;
	case APL_TOKEN_END: break;
	}
	APL_GUARD_WRONG(p, begin, "guard-syntax", "a value was expected, found %s", apl_token_shown(p, shown));
	return NULL;
}

static apl_guard_node *unary(apl_guard_parser *p) {
	uint32_t begin = p->now.begin;
	apl_guard_op op = apl_token_is(p, "not") ? APL_OP_NOT
	                  : apl_token_is(p, "-") ? APL_OP_MINUS
	                  : apl_token_is(p, "#") ? APL_OP_SIZE
	                                         : APL_OPS;
	if (op == APL_OPS) return primary(p);
	if (!enter(p)) return NULL;
	apl_token_next(p);
	apl_guard_node *operand = unary(p);
	p->depth--;
	return make(p, op, begin, operand, NULL);
}

static apl_guard_op binary_now(const apl_guard_parser *p) {
	for (int op = APL_OP_OR; op <= APL_OP_MODULO; op++) {
		if (apl_token_is(p, apl_guard_ops[op].word)) return (apl_guard_op)op;
	}
	return APL_OPS;
}

/* What binds more tightly than [binding]; all of these operators lean to the left. */
static apl_guard_node *parse_expression(apl_guard_parser *p, unsigned binding) {
	uint32_t begin = p->now.begin;
	apl_guard_node *left = unary(p);
	for (;;) {
		apl_guard_op op = binary_now(p);
		if (op == APL_OPS || apl_guard_ops[op].binding <= binding) return left;
		apl_token_next(p);
		apl_guard_node *right = parse_expression(p, apl_guard_ops[op].binding);
		left = make(p, op, begin, left, right);
		if (left == NULL) return NULL;
	}
}

/* ---- the whole --------------------------------------------------------------- */

static void expect_end(apl_guard_parser *p) {
	char shown[APL_SHOWN];
	if (p->now.kind == APL_TOKEN_END || p->now.kind == APL_TOKEN_WRONG) return;
	if (apl_token_is(p, "="))
		APL_GUARD_WRONG(p, p->now.begin, "guard-syntax", "= assigns, which only an action may do; equal is written ==");
	else if (apl_token_is(p, ";") && p->guard->form != APL_GUARD_ACTIONS)
		APL_GUARD_WRONG(
		    p, p->now.begin, "guard-syntax", "one expression was expected, and another begins behind \";\"; join them with and, or or");
	else
		APL_GUARD_WRONG(p, p->now.begin, "guard-syntax", "an operator was expected, found %s", apl_token_shown(p, shown));
}

static bool add_root(apl_guard_parser *p, apl_guard_node *root) {
	if (root == NULL) return false;
	/* There is room: a root is a node. */
	p->guard->roots[p->guard->n_roots++] = root;
	return true;
}

static void parse_actions(apl_guard_parser *p) {
	while (p->now.kind != APL_TOKEN_END) {
		char shown[APL_SHOWN];
		uint32_t begin = p->now.begin;
		if (apl_token_is(p, ";")) {
			apl_token_next(p);
			continue;
		}
		if (p->now.kind != APL_TOKEN_NAME) {
			if (p->now.kind != APL_TOKEN_WRONG)
				APL_GUARD_WRONG(p, begin, "guard-syntax", "an assignment was expected, as data.x = 1, found %s", apl_token_shown(p, shown));
			return;
		}
		apl_guard_node *target = path(p);
		if (target == NULL) return;
		if (!apl_token_is(p, "=")) {
			if (p->now.kind == APL_TOKEN_WRONG) return;
			if (apl_token_is(p, "("))
				APL_GUARD_WRONG(
				    p, begin, "guard-syntax", "a text assigns, as data.x = 1; what is to be asked of the world belongs into a function");
			else
				APL_GUARD_WRONG(p, p->now.begin, "guard-syntax",
				    "\"=\" was expected, found %s; an action that is text assigns, as data.x = 1", apl_token_shown(p, shown));
			return;
		}
		apl_token_next(p);
		apl_guard_node *value = parse_expression(p, 0);
		if (value == NULL) return;
		if (!apl_token_is(p, ";")) expect_end(p);
		if (!add_root(p, make(p, APL_OP_ASSIGN, begin, target, value))) return;
	}
	if (p->guard->n_roots == 0 && !p->is_wrong)
		APL_GUARD_WRONG(p, 0, "guard-syntax", "the text is empty; an assignment was expected, as data.x = 1");
}

static bool index_nodes(apl_guard *guard) {
	guard->nodes = apl_arena_take(guard->arena, guard->n_nodes * sizeof(apl_guard_node *));
	if (guard->nodes == NULL) return false;
	for (apl_guard_node *node = guard->first; node != NULL; node = node->next) guard->nodes[node->order] = node;
	return true;
}

static apl_guard *begin_guard(apl_arena *arena, apl_guard_form form, const apl_guard_text *text) {
	apl_guard *guard = apl_arena_take(arena, sizeof *guard);
	if (guard == NULL) return NULL;
	*guard = (apl_guard){.form = form,
	    .place = text->place,
	    .is_plain = text->is_plain && text->place.column != 0,
	    .arena = arena,
	    .size = (uint32_t)text->size};
	guard->text = apl_arena_text(arena, text->bytes, text->size);
	guard->what = apl_arena_text(arena, text->what, strlen(text->what));
	uint32_t most = 1;
	for (size_t i = 0; i < text->size && form == APL_GUARD_ACTIONS; i++) most += text->bytes[i] == ';';
	guard->roots = apl_arena_take(arena, most * sizeof(apl_guard_node *));
	return guard->text != NULL && guard->what != NULL && guard->roots != NULL ? guard : NULL;
}

int apl_guard_parse(apl_guard **out, apl_arena *arena, apl_guard_form form, const apl_guard_text *text, apl_findings *findings) {
	if (text->size > APL_GUARD_MOST_BYTES) {
		apl_found(findings, APLOMB_ERROR, "limit-guard", text->place, "%s: the text has %zu bytes, and at most %d are read; use a function",
		    text->what, text->size, APL_GUARD_MOST_BYTES);
		return APLOMB_EPLAYBOOK;
	}
	apl_guard *guard = begin_guard(arena, form, text);
	if (guard == NULL) return APLOMB_ENOMEM;
	apl_guard_parser p = {.guard = guard, .findings = findings, .text = guard->text, .size = guard->size};
	size_t valid = apl_utf8_valid(p.text, p.size);
	if (valid != p.size || memchr(p.text, '\0', p.size) != NULL)
		APL_GUARD_WRONG(&p, 0, "bad-text", "this text is not valid UTF-8, or has a zero byte in it");
	else
		apl_token_next(&p);
	if (form == APL_GUARD_ACTIONS) {
		parse_actions(&p);
	} else if (p.now.kind == APL_TOKEN_END) {
		APL_GUARD_WRONG(&p, 0, "guard-syntax", "the text is empty; %s was expected",
		    form == APL_GUARD_TRUTH ? "something that is true or false" : "a value");
	} else {
		apl_guard_node *root = parse_expression(&p, 0);
		expect_end(&p);
		add_root(&p, root);
	}
	if (p.no_memory || (!p.is_wrong && !index_nodes(guard))) return APLOMB_ENOMEM;
	if (p.is_wrong) return APLOMB_EPLAYBOOK;
	*out = guard;
	return APLOMB_OK;
}

const apl_guard_op_about apl_guard_ops[APL_OPS] = {
    [APL_OP_NIL] = {"nil", 0, APL_GUARD_LITERAL},
    [APL_OP_CONSTANT] = {"", 0, APL_GUARD_LITERAL},
    [APL_OP_PATH] = {"", 0, APL_GUARD_PATH},
    [APL_OP_IS_IN] = {"is_in", 0, APL_GUARD_QUESTION},
    [APL_OP_TIME_IN] = {"time_in", 0, APL_GUARD_QUESTION},
    [APL_OP_COUNT] = {"count", 0, APL_GUARD_QUESTION},
    [APL_OP_CLOCK_ELAPSED] = {"elapsed", 0, APL_GUARD_QUESTION},
    [APL_OP_CLOCK_LEFT] = {"left", 0, APL_GUARD_QUESTION},
    [APL_OP_CLOCK_TARGET] = {"target", 0, APL_GUARD_QUESTION},
    [APL_OP_CLOCK_DEADLINE] = {"deadline", 0, APL_GUARD_QUESTION},
    [APL_OP_CLOCK_RUNNING] = {"is_running", 0, APL_GUARD_QUESTION},
    [APL_OP_CLOCK_BREACHED] = {"is_breached", 0, APL_GUARD_QUESTION},
    [APL_OP_ON_DUTY] = {"on_duty", 0, APL_GUARD_QUESTION},
    [APL_OP_NOBODY_ON_DUTY] = {"nobody_on_duty", 0, APL_GUARD_QUESTION},
    [APL_OP_HAS] = {"has", 0, APL_GUARD_QUESTION},
    [APL_OP_LEN] = {"len", 0, APL_GUARD_QUESTION},
    [APL_OP_CONTAINS] = {"contains", 0, APL_GUARD_QUESTION},
    [APL_OP_OR] = {"or", 1, APL_GUARD_OPERATION},
    [APL_OP_AND] = {"and", 2, APL_GUARD_OPERATION},
    [APL_OP_LESS] = {"<", APL_BINDING_COMPARISON, APL_GUARD_OPERATION},
    [APL_OP_LESS_EQUAL] = {"<=", APL_BINDING_COMPARISON, APL_GUARD_OPERATION},
    [APL_OP_GREATER] = {">", APL_BINDING_COMPARISON, APL_GUARD_OPERATION},
    [APL_OP_GREATER_EQUAL] = {">=", APL_BINDING_COMPARISON, APL_GUARD_OPERATION},
    [APL_OP_EQUAL] = {"==", APL_BINDING_COMPARISON, APL_GUARD_OPERATION},
    [APL_OP_UNEQUAL] = {"~=", APL_BINDING_COMPARISON, APL_GUARD_OPERATION},
    [APL_OP_ADD] = {"+", 10, APL_GUARD_OPERATION},
    [APL_OP_SUBTRACT] = {"-", 10, APL_GUARD_OPERATION},
    [APL_OP_MULTIPLY] = {"*", 11, APL_GUARD_OPERATION},
    [APL_OP_DIVIDE] = {"/", 11, APL_GUARD_OPERATION},
    [APL_OP_FLOOR_DIVIDE] = {"//", 11, APL_GUARD_OPERATION},
    [APL_OP_MODULO] = {"%", 11, APL_GUARD_OPERATION},
    [APL_OP_NOT] = {"not", APL_BINDING_UNARY, APL_GUARD_OPERATION},
    [APL_OP_MINUS] = {"-", APL_BINDING_UNARY, APL_GUARD_OPERATION},
    [APL_OP_SIZE] = {"#", APL_BINDING_UNARY, APL_GUARD_OPERATION},
    [APL_OP_ASSIGN] = {"=", 0, APL_GUARD_ASSIGNMENT},
};
