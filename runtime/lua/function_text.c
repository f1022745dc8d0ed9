/* SPDX-License-Identifier: MIT */
/*
 * Decides which piece of a file a function is. Lua knows the lines on which it
 * begins and ends; where several begin in one line, the field that it stands behind and its
 * parameters tell them apart, and when they do not, nobody guesses.
 */
#include "lua/function_text.h"

#include <stdio.h>
#include <string.h>

#include "data/guard_lua.h"
#include "lua/files.h"
#include "lua/lexer.h"
#include "lua/modules.h"
#include "lua/reference.h"

enum { STACK_NEEDED = 24 };

/* ---- what handlers are --------------------------------------------------------------------- */

apl_lua *apl_lua_of_program(const apl_program *program) {
	return program->ops == &apl_lua_ops ? program->self : NULL;
}

apl_handler_told apl_lua_handler_told(const apl_lua *host, int32_t handler) {
	static const apl_told_kind kinds[] = {[APL_LUA_FUNCTIONS] = APL_TOLD_FUNCTIONS,
	    [APL_LUA_FROM_DATA] = APL_TOLD_FROM_DATA,
	    [APL_LUA_FROM_PARAMS] = APL_TOLD_FROM_PARAMS,
	    [APL_LUA_EXPRESSION] = APL_TOLD_EXPRESSION,
	    [APL_LUA_IN_STATE] = APL_TOLD_IN_STATE};
	const apl_lua_handler *h = &host->handlers[handler];
	apl_handler_told told = {.kind = kinds[h->kind], .first = h->first, .role = h->role};
	if (h->kind == APL_LUA_FUNCTIONS) told.count = h->count;
	if (h->kind == APL_LUA_EXPRESSION) told.expression = host->references[h->first].value;
	return told;
}

uint32_t apl_lua_functions(const apl_lua *host) {
	return host->n_functions;
}

const apl_guard *apl_lua_function_guard(const apl_lua *host, uint32_t function) {
	return host->functions[function].text;
}

apl_place apl_lua_function_place(const apl_lua *host, uint32_t function) {
	return host->functions[function].place;
}

bool apl_lua_done_function(const apl_lua *host, uint32_t state, uint32_t *function) {
	for (uint32_t i = 0; i < host->n_finals; i++) {
		if (host->finals[i].state != state) continue;
		*function = host->finals[i].function;
		return true;
	}
	return false;
}

bool apl_lua_names_member(const apl_lua *host, const char *name) {
	const size_t size = strlen(name);
	bool has_functions = false;
	for (uint32_t i = 0; i < host->n_functions; i++) has_functions = has_functions || host->functions[i].text == NULL;
	for (uint32_t f = 0; has_functions && f < host->n_files; f++) {
		const apl_lua_file *file = &host->files[f];
		apl_lexer lexer;
		apl_lexer_init(&lexer, file->text, file->size);
		bool is_behind_dot = false;
		for (apl_token t = apl_lexer_next(&lexer); t.kind != APL_TOKEN_END; t = apl_lexer_next(&lexer)) {
			if (is_behind_dot && t.kind == APL_TOKEN_NAME && t.size == size && memcmp(file->text + t.offset, name, size) == 0) return true;
			is_behind_dot = t.kind == APL_TOKEN_SIGN && t.symbol == APL_SIGN_DOT;
		}
	}
	return false;
}

int apl_lua_hold(apl_lua *host, uint32_t function) {
	if (!lua_checkstack(host->L, STACK_NEEDED)) return 0;
	lua_rawgeti(host->L, APL_AT_HANDLERS, (lua_Integer)host->functions[function].reference);
	return lua_gettop(host->L);
}

void apl_lua_release(apl_lua *host, int held) {
	lua_settop(host->L, held - 1);
}

/* ---- the text --------------------------------------------------------------------------- */

static bool is_sign(const apl_token *token, apl_symbol symbol) {
	return (token->kind == APL_TOKEN_SIGN || token->kind == APL_TOKEN_KEYWORD) && token->symbol == symbol;
}

static bool is_text(const char *source, const apl_token *token, const char *text) {
	return token->size == strlen(text) && memcmp(source + token->offset, text, token->size) == 0;
}

/* What a function that begins in the line looks like. */
typedef struct seen {
	apl_token keyword;
	uint32_t open;      /* of its parameters */
	uint32_t end;       /* behind its `end` */
	uint32_t last_line; /* of that */
	uint32_t n_parameters;
	bool takes_any;
	bool fits_role;
} seen;

/* Reads on from behind the keyword; false: it has no end. */
static bool read_function(apl_lexer *lexer, seen *out) {
	apl_token token = apl_lexer_next(lexer);
	while (token.kind == APL_TOKEN_NAME || is_sign(&token, APL_SIGN_DOT) || is_sign(&token, APL_SIGN_COLON)) token = apl_lexer_next(lexer);
	if (!is_sign(&token, APL_SIGN_OPEN_PAREN)) return false;
	out->open = token.offset;
	for (token = apl_lexer_next(lexer); !is_sign(&token, APL_SIGN_CLOSE_PAREN); token = apl_lexer_next(lexer)) {
		if (token.kind == APL_TOKEN_END) return false;
		out->n_parameters += token.kind == APL_TOKEN_NAME;
		out->takes_any = out->takes_any || is_sign(&token, APL_SIGN_ELLIPSIS);
	}
	for (uint32_t depth = 1; depth > 0;) {
		token = apl_lexer_next(lexer);
		if (token.kind == APL_TOKEN_END) return false;
		if (is_sign(&token, APL_LUA_FUNCTION_WORD) || is_sign(&token, APL_LUA_DO) || is_sign(&token, APL_LUA_IF) ||
		    is_sign(&token, APL_LUA_REPEAT))
			depth++;
		if (is_sign(&token, APL_LUA_END) || is_sign(&token, APL_LUA_UNTIL)) depth--;
	}
	out->end = token.offset + token.size;
	out->last_line = token.line;
	return true;
}

/* Lexes the whole file, for only so it is certain what is a comment; exports are made once. */
static apl_found_text find(const apl_lua_file *file, const lua_Debug *about, const char *role, apl_function_text *out) {
	seen best = {0};
	uint32_t n_all = 0, n_fitting = 0;
	seen fitting = {0};
	apl_lexer lexer;
	apl_lexer_init(&lexer, file->text, file->size);
	apl_token before[2] = {{.kind = APL_TOKEN_WRONG}, {.kind = APL_TOKEN_WRONG}};
	for (apl_token token = apl_lexer_next(&lexer); token.kind != APL_TOKEN_END; token = apl_lexer_next(&lexer)) {
		if (token.line > (uint32_t)about->linedefined) break;
		if (is_sign(&token, APL_LUA_FUNCTION_WORD) && token.line == (uint32_t)about->linedefined) {
			seen found = {.keyword = token};
			apl_lexer ahead = lexer;
			const bool is_whole = read_function(&ahead, &found);
			const bool fits = is_whole && found.last_line == (uint32_t)about->lastlinedefined && found.n_parameters == about->nparams &&
			                  found.takes_any == (about->isvararg != 0);
			const bool is_behind = role != NULL && is_text(file->text, &before[1], role) &&
			                       (is_sign(&before[0], APL_SIGN_ASSIGN) || is_sign(&before[0], APL_SIGN_OPEN_PAREN));
			if (fits) best = found;
			n_all += fits;
			if (fits && is_behind) fitting = found;
			n_fitting += fits && is_behind;
		}
		before[1] = before[0];
		before[0] = token;
	}
	if (n_all == 0) return APL_TEXT_NOT_THERE;
	if (n_all > 1 && n_fitting != 1) return APL_TEXT_AMBIGUOUS;
	if (n_all > 1) best = fitting;
	*out = (apl_function_text){.file = file->shown,
	    .bytes = file->text + best.open,
	    .size = best.end - best.open,
	    .line = best.keyword.line,
	    .column = best.keyword.column,
	    .has_file = true};
	return APL_TEXT_FOUND;
}

apl_found_text apl_lua_held_text(apl_lua *host, int held, const char *role, apl_function_text *out) {
	lua_Debug about;
	*out = (apl_function_text){.file = NULL};
	if (lua_iscfunction(host->L, held)) return APL_TEXT_NOT_THERE;
	lua_pushvalue(host->L, held);
	if (lua_getinfo(host->L, ">Su", &about) == 0) return APL_TEXT_NOT_THERE;
	uint32_t number = apl_lua_file_of_chunk(host, about.source);
	if (number >= host->n_files || about.linedefined <= 0) return APL_TEXT_NOT_THERE;
	return find(&host->files[number], &about, role, out);
}

/* ---- what is outside of it --------------------------------------------------------------- */

static void add_number(apl_buf *out, double number) {
	char text[40];
	snprintf(text, sizeof text, "%.17g", number);
	apl_buf_text(out, text);
	if (text[strspn(text, "-0123456789")] == '\0') APL_BUF_LITERAL(out, ".0");
}

/* The name of the module at the top, or NULL. */
static const char *module_of(lua_State *L) {
	int top = lua_gettop(L);
	const char *name = apl_lua_to_module(L, -1);
	lua_settop(L, top);
	return name;
}

static apl_upvalue read_value(lua_State *L, apl_buf *out) {
	size_t size;
	const char *text;
	switch (lua_type(L, -1)) {
	case LUA_TNIL: APL_BUF_LITERAL(out, "nil"); return APL_UPVALUE_VALUE;
	case LUA_TBOOLEAN: apl_buf_text(out, lua_toboolean(L, -1) ? "true" : "false"); return APL_UPVALUE_VALUE;
	case LUA_TNUMBER:
		if (!lua_isinteger(L, -1)) {
			const double number = lua_tonumber(L, -1);
			if (number - number != 0.0) return APL_UPVALUE_OTHER; /* no literal of Lua */
			add_number(out, number);
		} else if (lua_tointeger(L, -1) == INT64_MIN) {
			APL_BUF_LITERAL(out, "math.mininteger");
		} else {
			apl_buf_integer(out, lua_tointeger(L, -1));
		}
		return APL_UPVALUE_VALUE;
	case LUA_TSTRING:
		text = lua_tolstring(L, -1, &size);
		apl_lua_quote(out, text, size);
		return APL_UPVALUE_VALUE;
	case LUA_TFUNCTION: return APL_UPVALUE_FUNCTION;
	default: break;
	}
	const char *module = module_of(L);
	if (module == NULL) return APL_UPVALUE_OTHER;
	apl_buf_text(out, module);
	return APL_UPVALUE_MODULE;
}

apl_upvalue apl_lua_held_upvalue(apl_lua *host, int held, const char *name, size_t size, apl_buf *out, int *function) {
	lua_State *L = host->L;
	if (!lua_checkstack(L, STACK_NEEDED)) return APL_UPVALUE_OTHER;
	for (int i = 1;; i++) {
		const char *known = lua_getupvalue(L, held, i);
		if (known == NULL) return APL_UPVALUE_NONE;
		if (strlen(known) == size && memcmp(known, name, size) == 0) break;
		lua_pop(L, 1);
	}
	apl_upvalue kind = read_value(L, out);
	if (kind == APL_UPVALUE_FUNCTION)
		*function = lua_gettop(L);
	else
		lua_pop(L, 1);
	return kind;
}
