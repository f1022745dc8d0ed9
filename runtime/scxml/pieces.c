/* SPDX-License-Identifier: MIT */
/*
 * Decides what becomes of the pieces of Lua in a document: whether they are
 * Lua, how texts are quoted, what the text in an element stands for, and which
 * functions a script leaves behind.
 */

#include "scxml/inside.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "data/guard_lua.h"
#include "lua/lexer.h"
#include "value/json.h"

const char *apl_piece(apl_importing *im, const char *text, size_t size) {
	const char *copy = apl_arena_text(im->arena, text, size);
	if (copy != NULL) return copy;
	im->no_memory = true;
	return "";
}

const char *apl_piece_of(apl_importing *im, apl_buf *buf) {
	if (buf->failed) im->no_memory = true;
	const char *copy = apl_piece(im, buf->bytes, buf->failed ? 0 : buf->size);
	apl_buf_dispose(buf);
	return copy;
}

/* ---- texts ------------------------------------------------------------------- */

const char *apl_piece_quoted(apl_importing *im, const char *text, size_t size) {
	apl_buf out;
	apl_buf_init(&out, &im->alloc);
	apl_lua_quote_as(&out, '\"', text, size);
	return apl_piece_of(im, &out);
}

bool apl_piece_is_name(const char *text, size_t size) {
	apl_lexer lexer;
	apl_lexer_init(&lexer, text, size);
	apl_token token = apl_lexer_next(&lexer);
	return token.kind == APL_TOKEN_NAME && token.size == size;
}

void apl_piece_member(apl_importing *im, apl_buf *out, const char *name, const char *value) {
	(void)im;
	if (apl_piece_is_name(name, strlen(name))) {
		apl_buf_format(out, "%s = %s", name, value);
		return;
	}
	apl_buf_byte(out, '[');
	apl_lua_quote_as(out, '\"', name, strlen(name));
	apl_buf_text(out, "] = ");
	apl_buf_text(out, value);
}

bool apl_piece_names(const char *text, const char *name) {
	apl_lexer lexer;
	apl_lexer_init(&lexer, text, strlen(text));
	for (apl_token token = apl_lexer_next(&lexer); token.kind != APL_TOKEN_END; token = apl_lexer_next(&lexer)) {
		if (token.kind == APL_TOKEN_NAME && token.size == strlen(name) && memcmp(text + token.offset, name, token.size) == 0) return true;
	}
	return false;
}

/* ---- what is Lua ---------------------------------------------------------------- */

static const char *trimmed(const char *text, size_t *size) {
	static const char spaces[] = " \t\r\n";
	while (*size > 0 && strchr(spaces, *text) != NULL) text++, (*size)--;
	while (*size > 0 && strchr(spaces, text[*size - 1]) != NULL) (*size)--;
	return text;
}

static bool has_power(const char *text, size_t size) {
	apl_lexer lexer;
	apl_lexer_init(&lexer, text, size);
	for (apl_token token = apl_lexer_next(&lexer); token.kind != APL_TOKEN_END; token = apl_lexer_next(&lexer)) {
		if (token.kind == APL_TOKEN_SIGN && token.symbol == APL_SIGN_POWER) return true;
	}
	return false;
}

static bool has_comment(const char *text, size_t size) {
	return memmem(text, size, "--", 2) != NULL;
}

const char *apl_piece_checked(apl_importing *im, const apl_xml_node *node, const char *what, apl_syntax_form form, const char *text) {
	static const char *const forms[] = {"no expression of Lua", "nothing that can be assigned to", "no Lua"};
	size_t size = strlen(text);
	text = trimmed(text, &size);
	const char *why = apl_syntax_check(im->syntax, form, text, size);
	if (why != NULL && why[0] == '\0') {
		im->no_memory = true;
		return NULL;
	}
	if (why != NULL) {
		apl_found(im->findings, APLOMB_WARNING, "scxml-expression", apl_scxml_place(im, node),
		    "<%s>: %s is %s (%s); it raises error.execution when it is reached", node->text, what, forms[form], why);
		return NULL;
	}
	if (has_power(text, size))
		apl_found(im->findings, APLOMB_ERROR, "scxml-power", apl_scxml_place(im, node),
		    "<%s>: %s uses \"^\", whose last bit depends on the machine, so no playbook has it; multiply instead", node->text, what);
	if (form != APL_SYNTAX_EXPRESSION || !has_comment(text, size)) return apl_piece(im, text, size);
	apl_buf out; /* what stands behind it must not become part of a comment */
	apl_buf_init(&out, &im->alloc);
	apl_buf_byte(&out, '(');
	apl_buf_add(&out, text, size);
	APL_BUF_LITERAL(&out, "\n)");
	return apl_piece_of(im, &out);
}

const char *apl_piece_single(apl_importing *im, const char *expression) {
	size_t size = strlen(expression);
	bool may_be_several = size > 0 && (expression[size - 1] == ')' || expression[size - 1] == '.');
	if (strncmp(expression, "In(", 3) == 0 && strchr(expression + 3, '(') == NULL) may_be_several = false;
	if (!may_be_several) return expression;
	apl_buf out;
	apl_buf_init(&out, &im->alloc);
	apl_buf_format(&out, "(%s)", expression);
	return apl_piece_of(im, &out);
}

const char *apl_piece_failing(apl_importing *im, const apl_xml_node *node, const char *what) {
	apl_buf out;
	apl_buf_init(&out, &im->alloc);
	apl_buf_format(&out, "error(\"%s of <%s> in line %u of the SCXML document is not Lua\")", what, node->text, (unsigned)node->line);
	return apl_piece_of(im, &out);
}

bool apl_piece_is_constant(const char *text) {
	apl_lexer lexer;
	apl_lexer_init(&lexer, text, strlen(text));
	apl_token token = apl_lexer_next(&lexer);
	if (token.kind == APL_TOKEN_SIGN && token.symbol == APL_SIGN_MINUS) {
		token = apl_lexer_next(&lexer);
		if (token.kind != APL_TOKEN_NUMBER) return false;
	}
	const bool is_word =
	    token.kind == APL_TOKEN_KEYWORD && (token.symbol == APL_LUA_TRUE || token.symbol == APL_LUA_FALSE || token.symbol == APL_LUA_NIL);
	if (token.kind != APL_TOKEN_NUMBER && token.kind != APL_TOKEN_TEXT && token.kind != APL_TOKEN_LONG_TEXT && !is_word) return false;
	return apl_lexer_next(&lexer).kind == APL_TOKEN_END;
}

static bool is_sign(const apl_token *token, uint8_t sign) {
	return token->kind == APL_TOKEN_SIGN && token->symbol == sign;
}

/* Behind In: ('id') */
static bool is_of_text(apl_lexer *lexer) {
	apl_token open = apl_lexer_next(lexer), text = apl_lexer_next(lexer), close = apl_lexer_next(lexer);
	return is_sign(&open, APL_SIGN_OPEN_PAREN) && text.kind == APL_TOKEN_TEXT && is_sign(&close, APL_SIGN_CLOSE_PAREN);
}

/* A name that stands alone, In('id'), or one member of _event, which is there whenever something is evaluated. */
static bool is_safe_name(apl_lexer *lexer, const char *text, const apl_token *name) {
	if (name->size == 2 && memcmp(text + name->offset, "In", 2) == 0) return is_of_text(lexer);
	apl_lexer ahead = *lexer;
	apl_token next = apl_lexer_next(&ahead);
	if (next.kind != APL_TOKEN_SIGN) return true;
	if (next.symbol == APL_SIGN_OPEN_PAREN || next.symbol == APL_SIGN_OPEN_BRACE) return false;
	if (next.symbol != APL_SIGN_DOT) return true;
	if (name->size != 6 || memcmp(text + name->offset, "_event", 6) != 0) return false;
	*lexer = ahead;
	if (apl_lexer_next(lexer).kind != APL_TOKEN_NAME) return false;
	ahead = *lexer;
	next = apl_lexer_next(&ahead);
	return next.kind != APL_TOKEN_SIGN ||
	       (next.symbol != APL_SIGN_DOT && next.symbol != APL_SIGN_OPEN_PAREN && next.symbol != APL_SIGN_OPEN_BRACE);
}

static bool is_safe_sign(const apl_token *token) {
	return token->symbol == APL_SIGN_EQUAL || token->symbol == APL_SIGN_NOT_EQUAL;
}

static bool is_safe_word(const apl_token *token) {
	switch (token->symbol) {
	case APL_LUA_AND:
	case APL_LUA_OR:
	case APL_LUA_NOT:
	case APL_LUA_TRUE:
	case APL_LUA_FALSE:
	case APL_LUA_NIL: return true;
	default: return false;
	}
}

bool apl_piece_cannot_fail(const char *expression) {
	if (apl_piece_is_constant(expression)) return true;
	apl_lexer lexer;
	apl_lexer_init(&lexer, expression, strlen(expression));
	bool was_value = false;
	for (apl_token token = apl_lexer_next(&lexer); token.kind != APL_TOKEN_END; token = apl_lexer_next(&lexer)) {
		const bool is_value = token.kind == APL_TOKEN_NAME || token.kind == APL_TOKEN_NUMBER || token.kind == APL_TOKEN_TEXT;
		if (is_value && was_value) return false; /* f"text" is a call */
		if (token.kind == APL_TOKEN_NAME && !is_safe_name(&lexer, expression, &token)) return false;
		if (token.kind == APL_TOKEN_SIGN && !is_safe_sign(&token)) return false;
		if (token.kind == APL_TOKEN_KEYWORD && !is_safe_word(&token)) return false;
		if (!is_value && token.kind != APL_TOKEN_SIGN && token.kind != APL_TOKEN_KEYWORD) return false;
		was_value = is_value;
	}
	return true;
}

static const char *tried(apl_importing *im, const char *before, const char *body) {
	im->needs_module = true;
	apl_buf out;
	apl_buf_init(&out, &im->alloc);
	apl_buf_format(&out, "%s.try(function() %s%s end)", im->scxml_name, before, body);
	return apl_piece_of(im, &out);
}

const char *apl_piece_tried(apl_importing *im, const char *expression) {
	return apl_piece_cannot_fail(expression) ? expression : tried(im, "return ", expression);
}

const char *apl_piece_tried_failing(apl_importing *im, const char *failing) {
	return tried(im, "", failing);
}

/* ---- the text inside an element ---------------------------------------------------- */

static void add_json(apl_buf *out, const apl_tape *tape, uint32_t at) {
	const apl_cell *cell = &tape->cells[at];
	uint32_t inner = at + 1;
	switch ((aplomb_kind)cell->kind) {
	case APLOMB_TEXT: apl_lua_quote_as(out, '\"', cell->as.text, cell->count); return;
	case APLOMB_LIST:
		APL_BUF_LITERAL(out, "{ ");
		for (uint32_t i = 0; i < cell->count; i++, inner = apl_tape_next(tape, inner)) {
			if (i > 0) APL_BUF_LITERAL(out, ", ");
			add_json(out, tape, inner);
		}
		APL_BUF_LITERAL(out, " }");
		return;
	case APLOMB_MAP:
		APL_BUF_LITERAL(out, "{ ");
		for (uint32_t i = 0; i < cell->count; i++) {
			if (i > 0) APL_BUF_LITERAL(out, ", ");
			APL_BUF_LITERAL(out, "[");
			add_json(out, tape, inner);
			APL_BUF_LITERAL(out, "] = ");
			inner = apl_tape_next(tape, inner);
			add_json(out, tape, inner);
			inner = apl_tape_next(tape, inner);
		}
		APL_BUF_LITERAL(out, " }");
		return;
	case APLOMB_NULL: APL_BUF_LITERAL(out, "nil"); return;
	default: apl_json_write(out, tape, at); return;
	}
}

static const char *as_json(apl_importing *im, const char *text, size_t size) {
	const char *answer = NULL;
	apl_tape tape;
	apl_tape_init(&tape, &im->alloc);
	if (apl_json_read(&tape, text, size, NULL, NULL) == APLOMB_OK) {
		apl_buf out;
		apl_buf_init(&out, &im->alloc);
		add_json(&out, &tape, 0);
		answer = apl_piece_of(im, &out);
	}
	apl_tape_dispose(&tape);
	return answer;
}

/* Every row of spaces is one. */
static const char *with_single_spaces(apl_importing *im, const char *text, size_t size) {
	apl_buf out;
	apl_buf_init(&out, &im->alloc);
	bool was_space = false;
	for (size_t i = 0; i < size; i++) {
		bool is_space = strchr(" \t\r\n", text[i]) != NULL && text[i] != '\0';
		if (!is_space) apl_buf_byte(&out, text[i]);
		if (is_space && !was_space) apl_buf_byte(&out, ' ');
		was_space = is_space;
	}
	const char *single = apl_piece_of(im, &out);
	return apl_piece_quoted(im, single, strlen(single));
}

const char *apl_piece_literal(apl_importing *im, const char *text, size_t size) {
	text = trimmed(text, &size);
	const char *copy = apl_piece(im, text, size);
	if (apl_piece_is_constant(copy)) return copy;
	if (size > 0 && text[0] == '{') {
		const char *why = apl_syntax_check(im->syntax, APL_SYNTAX_EXPRESSION, text, size);
		if (why == NULL) return copy;
		if (why[0] == '\0') im->no_memory = true;
	}
	const char *json = size > 0 && (text[0] == '{' || text[0] == '[') ? as_json(im, text, size) : NULL;
	return json != NULL ? json : with_single_spaces(im, text, size);
}

/* ---- functions of a script ------------------------------------------------------------ */

static bool opens(const apl_token *token) {
	if (token->kind != APL_TOKEN_KEYWORD) return false;
	return token->symbol == APL_LUA_FUNCTION_WORD || token->symbol == APL_LUA_DO || token->symbol == APL_LUA_IF ||
	       token->symbol == APL_LUA_REPEAT;
}

static bool closes(const apl_token *token) {
	return token->kind == APL_TOKEN_KEYWORD && (token->symbol == APL_LUA_END || token->symbol == APL_LUA_UNTIL);
}

/* Behind the `end` of what the token opened. */
static size_t end_of(apl_lexer *lexer) {
	uint32_t depth = 1;
	while (depth > 0) {
		apl_token token = apl_lexer_next(lexer);
		if (token.kind == APL_TOKEN_END) break;
		if (opens(&token)) depth++;
		if (closes(&token)) depth--;
	}
	return lexer->next;
}

/*
 * `function name(…) … end` outside of everything. Such a function cannot be a
 * variable of the case, which are saved; it is the same for all cases, so it
 * becomes a local function of the file. All names are declared before the first,
 * for they may call each other.
 */
const char *apl_piece_hoist(apl_importing *im, const apl_script *whole, const char **functions) {
	const char *script = whole->text;
	const size_t size = whole->size;
	apl_buf names, taken, rest;
	apl_buf_init(&names, &im->alloc);
	apl_buf_init(&taken, &im->alloc);
	apl_buf_init(&rest, &im->alloc);
	apl_lexer lexer;
	apl_lexer_init(&lexer, script, size);
	size_t kept = 0;
	uint32_t depth = 0;
	bool is_local = false;
	for (apl_token token = apl_lexer_next(&lexer); token.kind != APL_TOKEN_END; token = apl_lexer_next(&lexer)) {
		const bool is_function = token.kind == APL_TOKEN_KEYWORD && token.symbol == APL_LUA_FUNCTION_WORD;
		if (is_function && depth == 0 && !is_local) {
			apl_lexer ahead = lexer;
			apl_token name = apl_lexer_next(&ahead);
			apl_token paren = apl_lexer_next(&ahead);
			if (name.kind == APL_TOKEN_NAME && paren.kind == APL_TOKEN_SIGN && paren.symbol == APL_SIGN_OPEN_PAREN) {
				size_t end = end_of(&lexer);
				if (names.size > 0) APL_BUF_LITERAL(&names, ", ");
				apl_buf_add(&names, script + name.offset, name.size);
				if (whole->line != 0)
					apl_mark_running(&taken, whole->line + token.line - 1, token.column + (token.line == 1 ? whole->column - 1 : 0));
				apl_buf_add(&taken, script + token.offset, end - token.offset);
				APL_BUF_LITERAL(&taken, "\n\n");
				apl_buf_add(&rest, script + kept, token.offset - kept);
				for (size_t i = token.offset; i < end; i++)
					if (script[i] == '\n') apl_buf_byte(&rest, '\n');
				kept = end;
				continue;
			}
		}
		is_local = token.kind == APL_TOKEN_KEYWORD && token.symbol == APL_LUA_LOCAL;
		if (opens(&token)) depth++;
		if (closes(&token) && depth > 0) depth--;
	}
	apl_buf_add(&rest, script + kept, size - kept);
	*functions = NULL;
	if (names.size > 0) {
		apl_buf all;
		apl_buf_init(&all, &im->alloc);
		APL_BUF_LITERAL(&all, "local ");
		apl_buf_add(&all, names.bytes, names.size);
		APL_BUF_LITERAL(&all, "\n\n");
		apl_buf_add(&all, taken.bytes, taken.size);
		*functions = apl_piece_of(im, &all);
	}
	apl_buf_dispose(&names);
	apl_buf_dispose(&taken);
	return apl_piece_of(im, &rest);
}
