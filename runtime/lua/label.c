/* SPDX-License-Identifier: MIT */
/*
 * Decides what people call a handler. Lua does not know the names of functions,
 * so the line on which one begins is read again: a function with a name is
 * called by it; one that a named function made, by that name and what it was made
 * with; a short one without a name by its own text; any other by its line.
 * Only people read this: nothing is decided by it.
 */
#include "lua/label.h"
#include "lua/reference.h"

#include <string.h>

#include "base/text.h"
#include "lua/lexer.h"
#include "lua/origin.h"
#include "lua/purity.h"

enum {
	MOST_TEXT = 60,        /* bytes of a function's own text */
	MOST_ARGUMENT = 24,    /* bytes of a text that a function was made with */
	MOST_ARGUMENTS = 48,   /* bytes of them all */
	MOST_LINES_BACK = 200, /* how far away the function that made this one may begin */
	MOST_ITEMS = 3,        /* of a list that a function was made with */
	STACK_NEEDED = 12
};

typedef struct span_of_text {
	const char *first;
	const char *end;
} span_of_text;

/* ---- lines -------------------------------------------------------------------------------- */

/* Where each line of the file begins, and at the end where one more would. */
static bool index_lines(apl_lua *host, apl_lua_file *file) {
	uint32_t count = 1;
	for (size_t i = 0; i < file->size; i++) count += file->text[i] == '\n';
	size_t *lines = apl_arena_take(&host->arena, ((size_t)count + 1) * sizeof *lines);
	if (lines == NULL) return false;
	uint32_t n = 0;
	lines[n++] = 0;
	for (size_t i = 0; i < file->size; i++)
		if (file->text[i] == '\n') lines[n++] = i + 1;
	lines[n] = file->size + 1; /* as if a newline ended the last one, too */
	file->lines = lines;
	file->n_lines = count;
	return true;
}

/* Line [number], from 1, without what ends it; empty when there is none. */
static span_of_text line_of(const apl_lua_file *file, uint32_t number) {
	if (number == 0 || number > file->n_lines) return (span_of_text){"", ""};
	const char *first = file->text + file->lines[number - 1];
	const char *end = file->text + file->lines[number] - 1;
	if (end > first && end[-1] == '\r') end--;
	return (span_of_text){first, end};
}

static size_t indentation(span_of_text line) {
	size_t n = 0;
	while (line.first + n < line.end && (line.first[n] == ' ' || line.first[n] == '\t')) n++;
	return n;
}

/* ---- words of Lua --------------------------------------------------------------------------- */

/* The next token of the line from [at] on; empty at its end. */
static span_of_text next_token(const char *at, const char *end) {
	apl_lexer lexer;
	apl_lexer_init(&lexer, at, (size_t)(end - at));
	apl_token token = apl_lexer_next(&lexer);
	if (token.kind == APL_TOKEN_END) return (span_of_text){end, end};
	return (span_of_text){at + token.offset, at + token.offset + token.size};
}

static bool is(span_of_text token, const char *word) {
	size_t size = (size_t)(token.end - token.first);
	return strlen(word) == size && memcmp(token.first, word, size) == 0;
}

static bool is_name(span_of_text token) {
	return apl_token_at(token.first, (size_t)(token.end - token.first), 0).kind == APL_TOKEN_NAME;
}

/* A function's beginning on its line. */
typedef struct beginning {
	span_of_text name;       /* behind the keyword, dots and all; empty when it has none */
	span_of_text before[2];  /* the tokens before the keyword, the nearer one first */
	span_of_text parameters; /* between the parentheses */
	const char *body;        /* behind them */
} beginning;

/* What stands behind the keyword, of which [*at] is the end. false: no parameters on this line. */
static bool read_head(const char **at, const char *end, beginning *out) {
	span_of_text token = next_token(*at, end);
	out->name = (span_of_text){token.first, token.first};
	while (token.first < token.end && !is(token, "(")) {
		out->name.end = token.end;
		token = next_token(token.end, end);
	}
	if (token.first == token.end) return false;
	out->parameters.first = token.end;
	while (token.first < token.end && !is(token, ")")) token = next_token(token.end, end);
	out->parameters.end = token.first;
	out->body = *at = token.end;
	return true;
}

/*
 * The function that begins on the line: the only one, or the only one that
 * stands where [role] says ("when": behind `when =`; "entry": behind `entry(`).
 */
static bool find_beginning(span_of_text line, const char *role, beginning *out) {
	unsigned n_all = 0, n_fitting = 0;
	beginning any = {0}, fitting = {0};
	span_of_text before[2] = {{line.first, line.first}, {line.first, line.first}};
	for (const char *at = line.first;;) {
		span_of_text token = next_token(at, line.end);
		if (token.first == token.end) break;
		at = token.end;
		if (is(token, "function")) {
			beginning found = {.before = {before[0], before[1]}};
			if (!read_head(&at, line.end, &found)) return false;
			bool fits = role != NULL && is(before[1], role) && (is(before[0], "=") || is(before[0], "("));
			n_all++;
			any = found;
			if (fits && n_fitting++ == 0) fitting = found;
			before[0] = before[1] = (span_of_text){at, at};
			continue;
		}
		before[1] = before[0];
		before[0] = token;
	}
	*out = n_fitting == 1 ? fitting : any;
	return n_all == 1 || n_fitting == 1;
}

/* Up to the body's own `end`; false: that stands on another line. */
static bool find_end(const char *body, const char *end, span_of_text *out) {
	unsigned depth = 1;
	span_of_text last = {body, body};
	for (;;) {
		span_of_text token = next_token(last.end, end);
		if (token.first == token.end) return false;
		if (is(token, "function") || is(token, "if") || is(token, "do") || is(token, "repeat")) depth++;
		if ((is(token, "end") || is(token, "until")) && --depth == 0) {
			span_of_text first = next_token(body, end);
			*out = (span_of_text){first.first, last.end};
			return first.first < token.first;
		}
		last = token;
	}
}

/* ---- labels ----------------------------------------------------------------------------------- */

static void add_span(apl_buf *out, span_of_text text) {
	apl_buf_add(out, text.first, (size_t)(text.end - text.first));
}

/* Pushes what the table at the top says its id is, for something with an id is called by it; false: it says none. Asks for no memory. */
static bool push_id(lua_State *L) {
	lua_pushnil(L);
	while (lua_next(L, -2) != 0) {
		bool is_id = lua_type(L, -2) == LUA_TSTRING && strcmp(lua_tostring(L, -2), "id") == 0 && lua_type(L, -1) == LUA_TSTRING;
		if (is_id) {
			lua_remove(L, -2);
			return true;
		}
		lua_pop(L, 1);
	}
	return false;
}

/* The value at the top, as it would stand in the source; what is long or of another kind is "…". */
static void add_value(lua_State *L, apl_buf *out, bool may_be_list) {
	size_t size;
	switch (lua_type(L, -1)) {
	case LUA_TSTRING: {
		const char *text = lua_tolstring(L, -1, &size);
		bool is_plain = size <= MOST_ARGUMENT && apl_utf8_valid(text, size) == size;
		for (size_t i = 0; i < size && is_plain; i++) is_plain = (unsigned char)text[i] >= ' ' && text[i] != '"' && text[i] != '\\';
		if (!is_plain) break;
		apl_buf_format(out, "\"%s\"", text);
		return;
	}
	case LUA_TNUMBER:
		if (!lua_isinteger(L, -1)) break;
		apl_buf_integer(out, lua_tointeger(L, -1));
		return;
	case LUA_TBOOLEAN: apl_buf_text(out, lua_toboolean(L, -1) ? "true" : "false"); return;
	case LUA_TTABLE: {
		apl_lua_see_through(L, -1);
		lua_Integer count = may_be_list ? (lua_Integer)lua_rawlen(L, -1) : 0;
		if (count == 0) {
			if (!push_id(L)) break;
			add_value(L, out, false);
			lua_pop(L, 1);
			return;
		}
		for (lua_Integer i = 1; i <= count && i <= MOST_ITEMS; i++) {
			if (i > 1) APL_BUF_LITERAL(out, ", ");
			lua_rawgeti(L, -1, i);
			add_value(L, out, false);
			lua_pop(L, 1);
		}
		if (count > MOST_ITEMS) APL_BUF_LITERAL(out, ", …");
		return;
	}
	default: break;
	}
	APL_BUF_LITERAL(out, "…");
}

/* Pushes the upvalue of that name of the function at the top; with "..." the first that is a list. */
static bool push_upvalue(lua_State *L, span_of_text name) {
	const char *found;
	for (int i = 1; (found = lua_getupvalue(L, -1, i)) != NULL; i++) {
		apl_lua_see_through(L, -1);
		if (is(name, found) || (is(name, "...") && lua_type(L, -1) == LUA_TTABLE && lua_rawlen(L, -1) > 0)) return true;
		lua_pop(L, 1);
	}
	return false;
}

/* (what the function at the top was made with): what it kept of its maker's parameters. */
static void add_arguments(lua_State *L, apl_buf *out, span_of_text parameters) {
	size_t before = out->size;
	apl_buf_byte(out, '(');
	const char *separator = "";
	for (const char *at = parameters.first; at < parameters.end;) {
		const char *comma = memchr(at, ',', (size_t)(parameters.end - at));
		span_of_text name = {at, comma != NULL ? comma : parameters.end};
		at = comma != NULL ? comma + 1 : parameters.end;
		while (name.first < name.end && *name.first == ' ') name.first++;
		while (name.end > name.first && name.end[-1] == ' ') name.end--;
		apl_buf_text(out, separator);
		separator = ", ";
		if (push_upvalue(L, name)) {
			add_value(L, out, true);
			lua_pop(L, 1);
		} else {
			APL_BUF_LITERAL(out, "…");
		}
	}
	if (!out->failed && out->size - before > MOST_ARGUMENTS) {
		out->size = before;
		APL_BUF_LITERAL(out, "(…");
	}
	apl_buf_byte(out, ')');
}

/* The named function in which line [number] stands, as its indentation shows it. */
static bool find_maker(const apl_lua_file *file, uint32_t number, beginning *out) {
	size_t inside = indentation(line_of(file, number));
	for (uint32_t back = 1; back < number && back <= MOST_LINES_BACK && inside > 0; back++) {
		span_of_text line = line_of(file, number - back);
		size_t indented = indentation(line);
		if (line.first + indented == line.end || indented >= inside) continue;
		inside = indented;
		if (find_beginning(line, NULL, out) && out->name.first < out->name.end) return true;
	}
	return false;
}

/* Words of the language behind which functions stand: they are no functions' names. */
static bool is_word_of_language(span_of_text name) {
	static const char *const words[] = {"when", "act", "entry", "exit", "after", "every", "at"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (is(name, words[i])) return true;
	return false;
}

/* The file that the function stands in, its lines known. */
static const apl_lua_file *file_of(apl_lua *host, const apl_lua_function *function) {
	uint32_t number = 0;
	while (number < host->n_files && host->files[number].shown != function->place.file) number++;
	APL_ASSERT(number < host->n_files);
	apl_lua_file *file = &host->files[number];
	if (file->lines == NULL) index_lines(host, file); /* without memory it has no lines */
	return file;
}

const char *apl_lua_line_at(apl_lua *host, apl_place place, size_t *size) {
	uint32_t number = 0;
	while (number < host->n_files && host->files[number].shown != place.file) number++;
	*size = 0;
	if (number == host->n_files) return "";
	apl_lua_file *file = &host->files[number];
	if (file->lines == NULL) index_lines(host, file);
	span_of_text line = line_of(file, place.line);
	line.first += indentation(line);
	*size = (size_t)(line.end - line.first);
	return line.first;
}

/* The function at the top of the stack. */
static void add_function(apl_lua *host, apl_buf *out, const apl_lua_function *function, const char *role) {
	beginning own = {0}, maker = {0};
	span_of_text text;
	uint32_t number = function->place.line;
	const apl_lua_file *file = file_of(host, function);
	span_of_text line = line_of(file, number);
	if (find_beginning(line, role, &own)) {
		if (own.name.first < own.name.end) {
			add_span(out, own.name);
			return;
		}
		if (is(own.before[0], "=") && is_name(own.before[1]) && !is_word_of_language(own.before[1])) {
			add_span(out, own.before[1]);
			return;
		}
		if (is(own.before[0], "return") && find_maker(file, number, &maker)) {
			add_span(out, maker.name);
			add_arguments(host->L, out, maker.parameters);
			return;
		}
		if (find_end(own.body, line.end, &text)) {
			span_of_text first = next_token(text.first, text.end);
			if (is(first, "return")) text.first = next_token(first.end, text.end).first;
			if (text.end - text.first > 0 && text.end - text.first <= MOST_TEXT) {
				add_span(out, text);
				return;
			}
		}
	}
	if (file == host->files)
		apl_buf_format(out, "function at line %u", (unsigned)apl_origin_place(host, function->place).line);
	else
		apl_buf_format(out, "function at %s:%u", file->name, (unsigned)number);
}

static void add_label(apl_lua *host, apl_buf *out, const apl_lua_handler *handler) {
	if (handler->kind == APL_LUA_IN_STATE) {
		/* The final that the state ended in: `if accepted`. */
		apl_buf_text(out, host->program.chart->states[handler->first].id);
		return;
	}
	if (handler->kind == APL_LUA_EXPRESSION) {
		apl_guard_print(out, host->references[handler->first].value);
		return;
	}
	if (handler->kind != APL_LUA_FUNCTIONS) {
		const apl_schema *schema = handler->kind == APL_LUA_FROM_DATA ? host->program.data : host->program.params;
		apl_buf_format(out, "%s.%s", handler->kind == APL_LUA_FROM_DATA ? "data" : "params", schema->fields[handler->first].path);
		return;
	}
	for (uint32_t i = 0; i < handler->count; i++) {
		const apl_lua_function *function = &host->functions[handler->first + i];
		if (i > 0) APL_BUF_LITERAL(out, ", ");
		if (function->text != NULL) {
			apl_guard_print(out, function->text);
			continue;
		}
		lua_rawgeti(host->L, APL_AT_HANDLERS, (lua_Integer)function->reference);
		add_function(host, out, function, handler->role);
		lua_pop(host->L, 1);
	}
}

const char *apl_lua_label_handler(void *self, int32_t number) {
	apl_lua *host = self;
	if (number < 0 || (uint32_t)number >= host->n_handlers) return NULL;
	if (host->labels == NULL) {
		size_t size = host->n_handlers * sizeof *host->labels;
		host->labels = apl_arena_take(&host->arena, size);
		if (host->labels == NULL) return NULL;
		memset(host->labels, 0, size);
	}
	if (host->labels[number] != NULL) return host->labels[number];
	if (!lua_checkstack(host->L, STACK_NEEDED)) return NULL;
	apl_buf label; /* nothing below raises */
	apl_buf_init(&label, &host->alloc);
	add_label(host, &label, &host->handlers[number]);
	if (!label.failed) host->labels[number] = apl_arena_text(&host->arena, label.bytes, label.size);
	apl_buf_dispose(&label);
	return host->labels[number];
}

bool apl_lua_same_handler(void *self, int32_t a, int32_t b) {
	const apl_lua *host = self;
	const apl_lua_handler *one = &host->handlers[a];
	const apl_lua_handler *other = &host->handlers[b];
	if (one->kind != other->kind || one->count != other->count) return false;
	if (one->kind == APL_LUA_FROM_DATA || one->kind == APL_LUA_FROM_PARAMS) return one->first == other->first;
	if (one->kind == APL_LUA_IN_STATE || one->kind == APL_LUA_EXPRESSION) return one->first == other->first;
	if (one->kind != APL_LUA_FUNCTIONS) return false;
	bool has_text = false;
	for (uint32_t i = 0; i < one->count; i++) {
		const apl_lua_function *left = &host->functions[one->first + i];
		const apl_lua_function *right = &host->functions[other->first + i];
		if ((left->text == NULL) != (right->text == NULL)) return false;
		if (left->text == NULL && left->reference != right->reference) return false;
		has_text = has_text || left->text != NULL;
	}
	if (!has_text) return true;
	/* Texts are the same when they are written the same. */
	const char *left = apl_lua_label_handler(self, a);
	const char *right = apl_lua_label_handler(self, b);
	return left != NULL && right != NULL && strcmp(left, right) == 0;
}
