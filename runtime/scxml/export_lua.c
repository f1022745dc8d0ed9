/* SPDX-License-Identifier: MIT */
/*
 * Decides how a piece of Lua reads at another place: what it calls the case's data
 * are variables there, what it sees of its event is carried by that, values from
 * outside of the function are written out, functions from there come along. What
 * has no meaning there is told with its line; nothing is guessed.
 *
 * It reads tokens, not a tree: a piece is known to be Lua, for it has run.
 */
#include "scxml/export_inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- tokens ------------------------------------------------------------------------------- */

apl_token apl_moving_token(const apl_moving *m, uint32_t offset) {
	apl_lexer lexer;
	apl_lexer_init(&lexer, m->bytes + offset, m->size - offset);
	apl_token token = apl_lexer_next(&lexer);
	token.offset += offset;
	return token;
}

bool apl_moving_is(const apl_moving *m, const apl_token *token, const char *text) {
	return token->size == strlen(text) && memcmp(m->bytes + token->offset, text, token->size) == 0;
}

bool apl_sign_is(const apl_token *token, apl_symbol symbol) {
	return (token->kind == APL_TOKEN_SIGN || token->kind == APL_TOKEN_KEYWORD) && token->symbol == symbol;
}

static bool opens(const apl_token *t) {
	return apl_sign_is(t, APL_SIGN_OPEN_PAREN) || apl_sign_is(t, APL_SIGN_OPEN_BRACE) || apl_sign_is(t, APL_SIGN_OPEN_BRACKET);
}

static bool closes(const apl_token *t) {
	return apl_sign_is(t, APL_SIGN_CLOSE_PAREN) || apl_sign_is(t, APL_SIGN_CLOSE_BRACE) || apl_sign_is(t, APL_SIGN_CLOSE_BRACKET);
}

/* An operator that stands between two operands. */
static bool joins(const apl_token *t) {
	if (apl_sign_is(t, APL_LUA_AND) || apl_sign_is(t, APL_LUA_OR)) return true;
	return t->kind == APL_TOKEN_SIGN && ((t->symbol >= APL_SIGN_PLUS && t->symbol <= APL_SIGN_GREATER && t->symbol != APL_SIGN_LENGTH) ||
	                                        t->symbol == APL_SIGN_DOT || t->symbol == APL_SIGN_COLON || t->symbol == APL_SIGN_CONCAT);
}

static bool is_text(const apl_token *t) {
	return t->kind == APL_TOKEN_TEXT || t->kind == APL_TOKEN_LONG_TEXT;
}

/* Behind the `end` of a function whose keyword ends at [from]. */
static uint32_t skip_function(const apl_moving *m, uint32_t from) {
	for (uint32_t depth = 1; depth > 0;) {
		apl_token t = apl_moving_token(m, from);
		if (t.kind == APL_TOKEN_END) return m->size;
		if (apl_sign_is(&t, APL_LUA_FUNCTION_WORD) || apl_sign_is(&t, APL_LUA_DO) || apl_sign_is(&t, APL_LUA_IF) ||
		    apl_sign_is(&t, APL_LUA_REPEAT))
			depth++;
		if (apl_sign_is(&t, APL_LUA_END) || apl_sign_is(&t, APL_LUA_UNTIL)) depth--;
		from = apl_behind(&t);
	}
	return from;
}

/* Behind the bracket that closes the one which ends at [from]. */
static uint32_t skip_brackets(const apl_moving *m, uint32_t from) {
	for (uint32_t depth = 1; depth > 0;) {
		apl_token t = apl_moving_token(m, from);
		if (t.kind == APL_TOKEN_END) return m->size;
		if (opens(&t)) depth++;
		if (closes(&t)) depth--;
		from = apl_behind(&t);
	}
	return from;
}

uint32_t apl_moving_skip(const apl_moving *m, uint32_t from) {
	bool wants_operand = true;
	uint32_t end = from;
	for (;;) {
		apl_token t = apl_moving_token(m, end);
		if (t.kind == APL_TOKEN_END || t.kind == APL_TOKEN_WRONG) return end;
		if (wants_operand) {
			const bool is_unary = apl_sign_is(&t, APL_LUA_NOT) || apl_sign_is(&t, APL_SIGN_MINUS) || apl_sign_is(&t, APL_SIGN_LENGTH) ||
			                      apl_sign_is(&t, APL_SIGN_TILDE);
			if (!is_unary) wants_operand = false;
			if (apl_sign_is(&t, APL_LUA_FUNCTION_WORD))
				end = skip_function(m, apl_behind(&t));
			else if (opens(&t))
				end = skip_brackets(m, apl_behind(&t));
			else
				end = apl_behind(&t);
			continue;
		}
		if (opens(&t)) {
			end = skip_brackets(m, apl_behind(&t));
		} else if (is_text(&t)) {
			end = apl_behind(&t);
		} else if (joins(&t)) {
			wants_operand = true;
			end = apl_behind(&t);
		} else {
			return end;
		}
	}
}

/* ---- findings ------------------------------------------------------------------------------- */

static apl_place place_at(const apl_moving *m, uint32_t offset) {
	apl_place place = m->place;
	uint32_t column = 1;
	bool is_first = true;
	for (uint32_t i = 0; i < offset && i < m->size; i++) {
		column++;
		if (m->bytes[i] != '\n') continue;
		place.line++;
		column = 1;
		is_first = false;
	}
	place.column = is_first ? 0 : column;
	return place;
}

void apl_moving_cannot(apl_moving *m, uint32_t offset, const char *slug, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	apl_vfound(m->ex->findings, APLOMB_ERROR, slug, place_at(m, offset), format, arguments);
	va_end(arguments);
	m->is_good = false;
}

/* ---- names -------------------------------------------------------------------------------------- */

static bool is_local(const apl_moving *m, const apl_token *name) {
	for (uint32_t i = 0; i < m->n_locals; i++)
		if (apl_moving_is(m, name, m->locals[i])) return true;
	return false;
}

static void add_local(apl_moving *m, const apl_token *name) {
	if (is_local(m, name)) return;
	if (APL_GROW(&m->ex->alloc, m->locals, m->n_locals, m->locals_capacity))
		m->locals[m->n_locals++] = apl_export_text(m->ex, m->bytes + name->offset, name->size);
	else
		m->ex->no_memory = true;
}

/* Names up to what ends a list of them. */
static uint32_t add_locals(apl_moving *m, uint32_t from) {
	for (;;) {
		apl_token t = apl_moving_token(m, from);
		if (t.kind == APL_TOKEN_NAME)
			add_local(m, &t);
		else if (apl_sign_is(&t, APL_SIGN_LESS)) {
			apl_token attribute = apl_moving_token(m, apl_behind(&t)); /* <const> */
			t = apl_moving_token(m, apl_behind(&attribute));
		} else if (!apl_sign_is(&t, APL_SIGN_COMMA) && !apl_sign_is(&t, APL_SIGN_ELLIPSIS))
			return from;
		from = apl_behind(&t);
	}
}

static bool are(const apl_moving *m, uint32_t from, const char *const *words, uint32_t n, uint32_t *end) {
	for (uint32_t i = 0; i < n; i++) {
		apl_token t = apl_moving_token(m, from);
		if (!apl_moving_is(m, &t, words[i])) return false;
		from = apl_behind(&t);
	}
	*end = from;
	return true;
}

/* `local data = case.data`, for which the name stands from then on. */
static bool read_alias(apl_moving *m, uint32_t from, uint32_t *end) {
	apl_token name = apl_moving_token(m, from);
	if (name.kind != APL_TOKEN_NAME || m->parameters[0][0] == '\0') return false;
	const char *of_data[] = {"=", m->parameters[0], ".", "data"}, *of_params[] = {"=", m->parameters[0], ".", "params"};
	const bool is_data = are(m, apl_behind(&name), of_data, 4, end);
	if (!is_data && !are(m, apl_behind(&name), of_params, 4, end)) return false;
	apl_token next = apl_moving_token(m, *end);
	if (apl_sign_is(&next, APL_SIGN_DOT) || apl_sign_is(&next, APL_SIGN_OPEN_BRACKET) || joins(&next) || opens(&next) || is_text(&next))
		return false;
	const char **alias = is_data ? &m->data_alias : &m->params_alias;
	if (*alias != NULL && !apl_moving_is(m, &name, *alias)) return false;
	*alias = apl_export_text(m->ex, m->bytes + name.offset, name.size);
	return true;
}

static void gather_locals(apl_moving *m) {
	for (uint32_t at = m->body;;) {
		apl_token t = apl_moving_token(m, at);
		if (t.kind == APL_TOKEN_END) return;
		at = apl_behind(&t);
		uint32_t end;
		if (apl_sign_is(&t, APL_LUA_LOCAL)) {
			apl_token next = apl_moving_token(m, at);
			if (apl_sign_is(&next, APL_LUA_FUNCTION_WORD)) {
				apl_token name = apl_moving_token(m, apl_behind(&next));
				add_local(m, &name);
			} else if (!m->ex->is_imported && read_alias(m, at, &end)) {
				at = end;
			} else {
				at = add_locals(m, at);
			}
		} else if (apl_sign_is(&t, APL_LUA_FOR)) {
			at = add_locals(m, at);
		} else if (apl_sign_is(&t, APL_LUA_FUNCTION_WORD)) {
			apl_token next = apl_moving_token(m, at);
			if (next.kind == APL_TOKEN_NAME) next = apl_moving_token(m, apl_behind(&next));
			if (apl_sign_is(&next, APL_SIGN_OPEN_PAREN)) at = add_locals(m, apl_behind(&next));
		}
	}
}

/* ---- the beginning of a function ------------------------------------------------------------------ */

bool apl_moving_begin(apl_exporting *ex, apl_moving *m, int held, const char *role, apl_place fallback) {
	apl_function_text text;
	*m = (apl_moving){.ex = ex, .held = held, .is_good = true, .parameters = {"", ""}};
	apl_found_text found = held == 0 ? APL_TEXT_NOT_THERE : apl_lua_held_text(ex->host, held, role, &text);
	if (found != APL_TEXT_FOUND) {
		apl_export_cannot(ex, fallback, "export-function", "%s",
		    found == APL_TEXT_AMBIGUOUS
		        ? "several functions begin in this line, and it is not certain which of them this one is; give each a line of its own"
		        : "the function's text is not there, so it cannot be carried over");
		m->is_good = false;
		return false;
	}
	m->bytes = text.bytes;
	m->size = (uint32_t)text.size;
	m->place = (apl_place){text.file, text.line, text.column};
	uint32_t n = 0;
	uint32_t at = 1; /* behind "(" */
	for (;;) {
		apl_token t = apl_moving_token(m, at);
		at = apl_behind(&t);
		if (t.kind == APL_TOKEN_NAME && n < 2) m->parameters[n++] = apl_export_text(ex, m->bytes + t.offset, t.size);
		if (apl_sign_is(&t, APL_SIGN_CLOSE_PAREN) || t.kind == APL_TOKEN_END) break;
	}
	m->body = at;
	gather_locals(m);
	return true;
}

void apl_moving_end(apl_moving *m) {
	apl_free(&m->ex->alloc, m->locals, m->locals_capacity * sizeof *m->locals);
	m->locals = NULL;
}

/* ---- functions from outside ------------------------------------------------------------------------- */

static const char *carry(apl_moving *m, const apl_token *name, int held);

/* Does what is called so there hold nothing of a playbook? */
static bool is_of_library(const apl_moving *m, const apl_token *name) {
	static const char *const known[] = {
	    "assert", "error", "ipairs", "next", "pairs", "select", "tonumber", "tostring", "type", "math", "string", "table", "utf8"};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (apl_moving_is(m, name, known[i])) return true;
	return false;
}

bool apl_moving_is_module(apl_moving *m, const apl_token *token, const char *module) {
	if (token->kind != APL_TOKEN_NAME) return false;
	apl_buf out;
	apl_export_buf(m->ex, &out);
	int function;
	apl_upvalue kind = apl_lua_held_upvalue(m->ex->host, m->held, m->bytes + token->offset, token->size, &out, &function);
	if (kind == APL_UPVALUE_FUNCTION) apl_lua_release(m->ex->host, function);
	const bool is_it = kind == APL_UPVALUE_MODULE && strcmp(apl_buf_terminate(&out), module) == 0;
	apl_buf_dispose(&out);
	return is_it;
}

static void write_outside(apl_moving *m, const apl_token *name, apl_buf *out) {
	apl_exporting *ex = m->ex;
	apl_buf value;
	apl_export_buf(ex, &value);
	int function = 0;
	switch (apl_lua_held_upvalue(ex->host, m->held, m->bytes + name->offset, name->size, &value, &function)) {
	case APL_UPVALUE_NONE:
		if (!is_of_library(m, name) && !ex->is_imported)
			apl_moving_cannot(
			    m, name->offset, "export-function", "%.*s is not known to a chart of SCXML", (int)name->size, m->bytes + name->offset);
		apl_buf_add(out, m->bytes + name->offset, name->size);
		break;
	case APL_UPVALUE_VALUE: apl_buf_add(out, value.bytes, value.size); break;
	case APL_UPVALUE_FUNCTION: apl_buf_text(out, carry(m, name, function)); break;
	case APL_UPVALUE_MODULE:
	case APL_UPVALUE_OTHER:
		apl_moving_cannot(m, name->offset, "export-function",
		    "%.*s is a table from outside of the function, which does not come along; write what is needed of it into the function",
		    (int)name->size, m->bytes + name->offset);
		break;
	}
	if (value.failed) ex->no_memory = true;
	apl_buf_dispose(&value);
}

static const char *free_name(apl_exporting *ex, const char *bytes, uint32_t size) {
	apl_buf name;
	apl_export_buf(ex, &name);
	apl_buf_add(&name, bytes, size);
	while (!name.failed) {
		bool is_taken = apl_export_is_taken(ex, apl_buf_terminate(&name));
		for (uint32_t i = 0; i < ex->n_carried && !is_taken; i++) is_taken = strcmp(ex->carried[i].name, apl_buf_terminate(&name)) == 0;
		if (!is_taken) break;
		apl_buf_byte(&name, '_');
	}
	return apl_export_taken(ex, &name);
}

/* The held function's name in the document, where it stands once; released. */
static const char *carry(apl_moving *m, const apl_token *name, int held) {
	apl_exporting *ex = m->ex;
	apl_moving own;
	const apl_place here = place_at(m, name->offset);
	if (!apl_moving_begin(ex, &own, held, NULL, here)) {
		m->is_good = false;
		apl_lua_release(ex->host, held);
		return "";
	}
	own.is_carried = true;
	own.parameters[0] = own.parameters[1] = "";
	const char *called = NULL;
	for (uint32_t i = 0; i < ex->n_carried && called == NULL; i++) {
		const apl_carried *c = &ex->carried[i];
		if (strcmp(c->file, own.place.file) == 0 && c->line == own.place.line && c->column == own.place.column) called = c->name;
	}
	if (called == NULL) {
		called =
		    ex->is_imported ? apl_export_text(ex, m->bytes + name->offset, name->size) : free_name(ex, m->bytes + name->offset, name->size);
		uint32_t number = ex->n_carried;
		if (APL_GROW(&ex->alloc, ex->carried, ex->n_carried, ex->carried_capacity)) {
			ex->carried[ex->n_carried++] = (apl_carried){own.place.file, own.place.line, own.place.column, called, NULL};
			apl_buf text;
			apl_export_buf(ex, &text);
			apl_buf_format(&text, "function %s", called);
			add_locals(&own, 1); /* its parameters */
			apl_moving_write_lines(&own, 0, own.size, &text);
			ex->carried[number].text = apl_export_taken(ex, &text);
		} else {
			ex->no_memory = true;
		}
	}
	if (!own.is_good) m->is_good = false;
	apl_moving_end(&own);
	apl_lua_release(ex->host, held);
	return called;
}

/* ---- what a function sees of its case ------------------------------------------------------------------ */

/* "a.b.c" behind [at]; returns behind it. */
static uint32_t read_path(const apl_moving *m, uint32_t at, apl_buf *path) {
	for (;;) {
		apl_token dot = apl_moving_token(m, at);
		if (!apl_sign_is(&dot, APL_SIGN_DOT)) return at;
		apl_token name = apl_moving_token(m, apl_behind(&dot));
		if (name.kind != APL_TOKEN_NAME) return at;
		if (path->size > 0) apl_buf_byte(path, '.');
		apl_buf_add(path, m->bytes + name.offset, name.size);
		at = apl_behind(&name);
	}
}

/* Types whose values are something else in Lua of a playbook, or are changed in place. */
static const char *foreign_type(const apl_field *field) {
	switch ((apl_type)field->type) {
	case APL_TYPE_MONEY:
		return "money is a value of its own in a function, and text in SCXML's variable; a text as guard or action does fit";
	case APL_TYPE_LIST:
	case APL_TYPE_ANY: return "a table is checked and copied when a function of a playbook has done, and not in SCXML";
	case APL_TYPE_FIELDS: return "a group of fields is no table; name one of its fields";
	default: return NULL;
	}
}

static void write_tokens(apl_moving *m, uint32_t from, uint32_t to, bool keeps_lines, apl_buf *out);

static void open_check(apl_moving *m, apl_lua_helper helper, apl_buf *out, uint32_t *n_open) {
	apl_export_needs(m->ex, helper);
	apl_buf_format(out, "%s(", apl_lua_helper_name(helper));
	(*n_open)++;
}

/* A truth or an integer that is written out where one belongs. */
static bool is_evident(const apl_moving *m, const apl_field *field, uint32_t from, uint32_t to) {
	apl_token t = apl_moving_token(m, from), next = apl_moving_token(m, apl_behind(&t));
	if (next.offset < to || field->has_min || field->has_max) return false;
	if (field->type == APL_TYPE_BOOLEAN) return apl_sign_is(&t, APL_LUA_TRUE) || apl_sign_is(&t, APL_LUA_FALSE);
	if (field->type == APL_TYPE_TEXT) return is_text(&t);
	if (field->type != APL_TYPE_INTEGER || t.kind != APL_TOKEN_NUMBER) return false;
	return t.size == strspn(m->bytes + t.offset, "0123456789") && t.size < 19;
}

void apl_moving_write_checked(apl_moving *m, const apl_field *field, uint32_t from, uint32_t to, apl_buf *out) {
	if (is_evident(m, field, from, to)) {
		write_tokens(m, from, to, false, out);
		return;
	}
	const bool is_whole = field->type == APL_TYPE_INTEGER, is_text = field->type == APL_TYPE_TEXT;
	uint32_t n_open = 0;
	if (field->required) open_check(m, APL_HELPER_KNOWN, out, &n_open);
	const bool is_bounded = field->has_min || field->has_max;
	if (is_bounded) open_check(m, is_text ? APL_HELPER_TEXT_WITHIN : APL_HELPER_WITHIN, out, &n_open);
	switch ((apl_type)field->type) {
	case APL_TYPE_INTEGER: open_check(m, APL_HELPER_INTEGER, out, &n_open); break;
	case APL_TYPE_NUMBER: open_check(m, APL_HELPER_FLOAT, out, &n_open); break;
	case APL_TYPE_BOOLEAN: open_check(m, APL_HELPER_BOOLEAN, out, &n_open); break;
	case APL_TYPE_TEXT: open_check(m, APL_HELPER_TEXT, out, &n_open); break;
	case APL_TYPE_ONE_OF: open_check(m, APL_HELPER_ONE_OF, out, &n_open); break;
	default:
		apl_moving_cannot(m, from, "export-type",
		    "%s is %s, which a function writes as text or as microseconds; write it with a text, as in \"data.x = …\"", field->path,
		    apl_type_name((apl_type)field->type));
	}
	write_tokens(m, from, to, false, out);
	for (uint32_t i = 0; field->type == APL_TYPE_ONE_OF && i < field->n_choices; i++) {
		APL_BUF_LITERAL(out, ", ");
		apl_lua_quote(out, field->choices[i], strlen(field->choices[i]));
	}
	if (n_open > (uint32_t)field->required + is_bounded) {
		apl_buf_byte(out, ')');
		n_open--;
	}
	if (is_bounded) {
		const int64_t min = is_whole || is_text ? field->bounds.integer.min : 0, max = is_whole || is_text ? field->bounds.integer.max : 0;
		if (!field->has_min)
			APL_BUF_LITERAL(out, ", nil");
		else if (field->type == APL_TYPE_NUMBER)
			apl_buf_format(out, ", %.17g", field->bounds.number.min);
		else
			apl_buf_format(out, ", %lld", (long long)min);
		if (field->has_max && field->type == APL_TYPE_NUMBER)
			apl_buf_format(out, ", %.17g", field->bounds.number.max);
		else if (field->has_max)
			apl_buf_format(out, ", %lld", (long long)max);
	}
	for (; n_open > 0; n_open--) apl_buf_byte(out, ')');
}

/* Data or params: behind the path, whose longest part that is a field is written. */
static uint32_t write_field(apl_moving *m, uint32_t at, bool is_param, apl_buf *out) {
	const uint32_t begun = at;
	apl_buf path;
	apl_export_buf(m->ex, &path);
	at = read_path(m, at, &path);
	const apl_field *field = NULL;
	const bool is_there = path.size > 0 && apl_export_variable(m->ex, is_param, apl_buf_terminate(&path), out, &field);
	if (!is_there)
		apl_moving_cannot(m, begun, "export-function", "only single fields of the %s can be named in SCXML, as in case.%s.x",
		    is_param ? "params" : "data", is_param ? "params" : "data");
	else if (foreign_type(field) != NULL)
		apl_moving_cannot(m, begun, "export-type", "%s is %s: %s", field->path, apl_type_name((apl_type)field->type), foreign_type(field));
	apl_buf_dispose(&path);
	apl_token next = apl_moving_token(m, at);
	if (is_there && apl_sign_is(&next, APL_SIGN_ASSIGN)) {
		const uint32_t end = apl_moving_skip(m, apl_behind(&next));
		APL_BUF_LITERAL(out, " = ");
		apl_moving_write_checked(m, field, apl_behind(&next), end, out);
		return end;
	}
	return at;
}

static const apl_field *event_field(apl_moving *m, const char *path) {
	const apl_field *known = NULL;
	for (uint32_t e = 0; e < m->ex->chart->n_events; e++) {
		const apl_schema *schema = m->ex->program->events[e];
		if (schema == NULL) continue;
		uint32_t number = 0;
		for (const char *at = path; number != APL_NO_FIELD && *at != '\0';) {
			size_t size = strcspn(at, ".");
			number = apl_schema_member(schema, number, at, size);
			at += size + (at[size] == '.');
		}
		if (number == APL_NO_FIELD) continue;
		m->ex->naming.looks_at(m->ex, schema, number);
		known = &schema->fields[number];
	}
	return known;
}

static uint32_t write_event(apl_moving *m, uint32_t at, uint32_t begun, apl_buf *out) {
	apl_exporting *ex = m->ex;
	apl_buf path;
	apl_export_buf(ex, &path);
	at = read_path(m, at, &path);
	const char *text = apl_buf_terminate(&path);
	const apl_field *field = path.size > 0 ? event_field(m, text) : NULL;
	if (path.size == 0) {
		apl_moving_cannot(m, begun, "export-function", "an event can only be asked for a field in SCXML, as in event.x");
	} else if (field == NULL && strcmp(text, "name") == 0) {
		ex->naming.knows(ex, APL_GUARD_EVENT_NAME, out);
	} else if (field == NULL) {
		apl_moving_cannot(m, begun, "export-case", "event.%.60s is not known to a chart of SCXML", text);
	} else if (foreign_type(field) != NULL) {
		apl_moving_cannot(
		    m, begun, "export-type", "event.%.60s is %s: %s", text, apl_type_name((apl_type)field->type), foreign_type(field));
	} else {
		const bool is_time = field->type == APL_TYPE_SPAN || field->type == APL_TYPE_INSTANT;
		const bool is_wrapped = is_time || field->type == APL_TYPE_NUMBER;
		const apl_lua_helper wrap = field->type == APL_TYPE_NUMBER ? APL_HELPER_NUMBER
		                            : field->type == APL_TYPE_SPAN ? APL_HELPER_SPAN
		                                                           : APL_HELPER_INSTANT;
		apl_export_needs(ex, APL_HELPER_CARRIED);
		if (is_wrapped) {
			apl_export_needs(ex, wrap);
			apl_buf_format(out, "%s(", apl_lua_helper_name(wrap));
		}
		APL_BUF_LITERAL(out, "Carried(");
		apl_lua_quote(out, text, path.size);
		apl_buf_text(out, is_wrapped ? "))" : ")");
	}
	apl_buf_dispose(&path);
	return at;
}

/* case:is_in("path"), the one question that SCXML can answer. */
static uint32_t write_question(apl_moving *m, uint32_t at, uint32_t begun, apl_buf *out) {
	apl_exporting *ex = m->ex;
	apl_token name = apl_moving_token(m, at);
	apl_token open = apl_moving_token(m, apl_behind(&name));
	const bool has_parens = apl_sign_is(&open, APL_SIGN_OPEN_PAREN);
	apl_token text = has_parens ? apl_moving_token(m, apl_behind(&open)) : open;
	apl_token close = has_parens ? apl_moving_token(m, apl_behind(&text)) : text;
	if (apl_moving_is(m, &name, "is_in") && is_text(&text) && (!has_parens || apl_sign_is(&close, APL_SIGN_CLOSE_PAREN))) {
		apl_buf path;
		apl_export_buf(ex, &path);
		apl_token_value(m->bytes, &text, &path);
		uint32_t state = apl_chart_state(ex->chart, path.bytes, path.size);
		if (state != APL_NONE)
			ex->naming.is_in(ex, state, out);
		else
			apl_moving_cannot(m, text.offset, "export-function", "there is no state \"%.60s\"", apl_buf_terminate(&path));
		apl_buf_dispose(&path);
		return apl_behind(&close);
	}
	const bool is_count = apl_moving_is(m, &name, "count"),
	           is_time = apl_moving_is(m, &name, "time_in") || apl_moving_is(m, &name, "clock");
	apl_moving_cannot(m, begun,
	    is_count  ? "export-counter"
	    : is_time ? "export-clock"
	              : "export-function",
	    "case:%.*s has no counterpart in SCXML%s", (int)name.size, m->bytes + name.offset,
	    apl_moving_is(m, &name, "is_in") ? " unless the path is written out" : " at this place");
	return apl_behind(&name);
}

static uint32_t write_case(apl_moving *m, uint32_t at, uint32_t begun, apl_buf *out) {
	apl_exporting *ex = m->ex;
	apl_token sign = apl_moving_token(m, at);
	apl_token name = apl_moving_token(m, apl_behind(&sign));
	if (apl_sign_is(&sign, APL_SIGN_COLON)) return write_question(m, apl_behind(&sign), begun, out);
	if (apl_sign_is(&sign, APL_SIGN_DOT) && !ex->is_imported) {
		if (apl_moving_is(m, &name, "data")) return write_field(m, apl_behind(&name), false, out);
		if (apl_moving_is(m, &name, "params")) return write_field(m, apl_behind(&name), true, out);
	}
	if (apl_sign_is(&sign, APL_SIGN_DOT) && apl_moving_is(m, &name, "id")) {
		APL_BUF_LITERAL(out, "_sessionid");
		return apl_behind(&name);
	}
	const bool is_time = apl_moving_is(m, &name, "now") || apl_moving_is(m, &name, "opened_at");
	if (apl_sign_is(&sign, APL_SIGN_DOT))
		apl_moving_cannot(m, begun, is_time ? "export-clock" : "export-case", "case.%.*s is not known to a chart of SCXML", (int)name.size,
		    m->bytes + name.offset);
	else
		apl_moving_cannot(m, begun, "export-function", "the case itself cannot be handed on in SCXML");
	return at;
}

/* ---- pieces --------------------------------------------------------------------------------------------- */

/* Where the expression begins and ends that `scxml.try(function() return … end)` stands for, from behind "try"; behind all of it. */
static uint32_t inside_try(const apl_moving *m, uint32_t at, uint32_t *from, uint32_t *to) {
	apl_token open = apl_moving_token(m, at);
	for (uint32_t i = 0; i < 3; i++) {
		apl_token next = apl_moving_token(m, apl_behind(&open)); /* function ( ) */
		open = next;
	}
	apl_token word = apl_moving_token(m, apl_behind(&open));
	*from = apl_sign_is(&word, APL_LUA_RETURN) ? apl_behind(&word) : word.offset;
	*to = apl_moving_skip(m, *from);
	apl_token end = apl_moving_token(m, *to), close = apl_moving_token(m, apl_behind(&end));
	return apl_behind(&close);
}

/* What the module aplomb.scxml does for an imported chart, as SCXML does it by itself. From behind its name. */
static uint32_t write_module(apl_moving *m, uint32_t at, apl_buf *out) {
	apl_token dot = apl_moving_token(m, at), what = apl_moving_token(m, apl_behind(&dot));
	if (apl_moving_is(m, &what, "try")) {
		uint32_t from, to, end = inside_try(m, apl_behind(&what), &from, &to);
		apl_moving_write(m, from, to, out);
		return end;
	}
	apl_token open = apl_moving_token(m, apl_behind(&what)), the_case = apl_moving_token(m, apl_behind(&open)),
	          comma = apl_moving_token(m, apl_behind(&the_case));
	if (apl_moving_is(m, &what, "first") && apl_sign_is(&comma, APL_SIGN_COMMA)) {
		apl_export_needs(m->ex, APL_HELPER_FIRST);
		APL_BUF_LITERAL(out, "First(");
		apl_token next = apl_moving_token(m, apl_behind(&comma));
		return next.offset;
	}
	apl_moving_cannot(
	    m, what.offset, "export-function", "scxml.%.*s stands where SCXML has no place for it", (int)what.size, m->bytes + what.offset);
	return apl_behind(&what);
}

/* Writes the name and what belongs to it; returns behind. */
static uint32_t write_name(apl_moving *m, const apl_token *name, apl_buf *out) {
	const uint32_t at = apl_behind(name);
	if (m->data_alias != NULL && apl_moving_is(m, name, m->data_alias)) return write_field(m, at, false, out);
	if (m->params_alias != NULL && apl_moving_is(m, name, m->params_alias)) return write_field(m, at, true, out);
	if (is_local(m, name)) {
		apl_buf_add(out, m->bytes + name->offset, name->size);
		return at;
	}
	if (m->parameters[0][0] != '\0' && apl_moving_is(m, name, m->parameters[0])) return write_case(m, at, name->offset, out);
	if (m->parameters[1][0] != '\0' && apl_moving_is(m, name, m->parameters[1])) return write_event(m, at, name->offset, out);
	if (m->ex->is_imported && apl_moving_is_module(m, name, "aplomb.scxml")) return write_module(m, at, out);
	write_outside(m, name, out);
	return at;
}

static void write_tokens(apl_moving *m, uint32_t from, uint32_t to, bool keeps_lines, apl_buf *out) {
	apl_token last = {.kind = APL_TOKEN_WRONG};
	uint32_t depth = 0, end;
	bool is_declaring = false; /* names of new variables, up to what they are given */
	for (uint32_t at = from;;) {
		apl_token t = apl_moving_token(m, at);
		if (t.kind == APL_TOKEN_END || t.offset >= to) return;
		/* Between tokens stands a space where there was something, or the line's end and what the next one is indented by. */
		if (t.offset > at && last.kind != APL_TOKEN_WRONG) {
			const char *newline = NULL;
			for (uint32_t i = at; i < t.offset; i++)
				if (m->bytes[i] == '\n') newline = m->bytes + i;
			if (newline != NULL && keeps_lines)
				apl_buf_add(out, newline, (size_t)(m->bytes + t.offset - newline));
			else
				apl_buf_byte(out, ' ');
		}
		if (opens(&t)) depth++;
		if (closes(&t) && depth > 0) depth--;
		if (apl_sign_is(&t, APL_LUA_LOCAL)) {
			if (!m->ex->is_imported && read_alias(m, apl_behind(&t), &end)) {
				at = end;
				continue;
			}
			is_declaring = true;
		}
		if (apl_sign_is(&t, APL_SIGN_ASSIGN)) is_declaring = false;
		const bool is_member = apl_sign_is(&last, APL_SIGN_DOT) || apl_sign_is(&last, APL_SIGN_COLON) || apl_sign_is(&last, APL_LUA_GOTO);
		apl_token next = apl_moving_token(m, apl_behind(&t));
		const bool is_key =
		    apl_sign_is(&next, APL_SIGN_ASSIGN) &&
		    (apl_sign_is(&last, APL_SIGN_OPEN_BRACE) || apl_sign_is(&last, APL_SIGN_COMMA) || apl_sign_is(&last, APL_SIGN_SEMICOLON)) &&
		    !m->ex->is_imported;
		if (t.kind == APL_TOKEN_NAME && !is_member && !is_key) {
			at = write_name(m, &t, out);
			if (apl_sign_is(&last, APL_SIGN_COMMA) && depth == 0 && !is_declaring && !m->ex->is_imported) {
				apl_token sign = apl_moving_token(m, at);
				if (apl_sign_is(&sign, APL_SIGN_ASSIGN) || memchr(m->bytes + t.offset, '=', at - t.offset) != NULL)
					apl_moving_cannot(m, t.offset, "export-function", "several variables are assigned at once; assign one after the other");
			}
		} else {
			apl_buf_add(out, m->bytes + t.offset, t.size);
			at = apl_behind(&t);
		}
		last = t;
	}
}

void apl_moving_write(apl_moving *m, uint32_t from, uint32_t to, apl_buf *out) {
	write_tokens(m, from, to, false, out);
}

void apl_moving_write_lines(apl_moving *m, uint32_t from, uint32_t to, apl_buf *out) {
	write_tokens(m, from, to, true, out);
}

const apl_field *apl_moving_field(apl_moving *m, uint32_t from, uint32_t to, apl_buf *out) {
	apl_token name = apl_moving_token(m, from);
	uint32_t at = apl_behind(&name);
	if (name.kind != APL_TOKEN_NAME) return NULL;
	if (m->data_alias == NULL || !apl_moving_is(m, &name, m->data_alias)) {
		apl_token dot = apl_moving_token(m, at), what = apl_moving_token(m, apl_behind(&dot));
		if (m->parameters[0][0] == '\0' || !apl_moving_is(m, &name, m->parameters[0]) || !apl_moving_is(m, &what, "data")) return NULL;
		at = apl_behind(&what);
	}
	apl_buf path;
	apl_export_buf(m->ex, &path);
	at = read_path(m, at, &path);
	const apl_field *field = NULL;
	apl_token next = apl_moving_token(m, at);
	const bool is_there = path.size > 0 && next.offset >= to && apl_export_variable(m->ex, false, apl_buf_terminate(&path), out, &field);
	apl_buf_dispose(&path);
	return is_there ? field : NULL;
}

bool apl_moving_is_alias(apl_moving *m, uint32_t from, uint32_t *end) {
	apl_token t = apl_moving_token(m, from);
	return !m->ex->is_imported && apl_sign_is(&t, APL_LUA_LOCAL) && read_alias(m, apl_behind(&t), end);
}

/* ---- guards and spans ---------------------------------------------------------------------------------------- */

/* Does the piece say true or false whatever it is asked? A comparison, a not, or and's and or's of such. */
static bool is_surely_truth(const apl_moving *m, uint32_t from, uint32_t to) {
	uint32_t depth = 0;
	bool has_comparison = false, is_first = true;
	for (uint32_t at = from;;) {
		apl_token t = apl_moving_token(m, at);
		if (t.kind == APL_TOKEN_END || t.offset >= to) {
			if (!has_comparison) return false;
			return true;
		}
		if (depth == 0 && is_first && (apl_sign_is(&t, APL_LUA_NOT) || apl_sign_is(&t, APL_LUA_TRUE) || apl_sign_is(&t, APL_LUA_FALSE)))
			has_comparison = true;
		is_first = false;
		if (depth == 0 && t.kind == APL_TOKEN_SIGN && t.symbol >= APL_SIGN_EQUAL && t.symbol <= APL_SIGN_GREATER) has_comparison = true;
		if (depth == 0 && (apl_sign_is(&t, APL_LUA_AND) || apl_sign_is(&t, APL_LUA_OR))) {
			if (!has_comparison) return false;
			has_comparison = false;
			is_first = true;
		}
		if (opens(&t)) depth++;
		if (closes(&t) && depth > 0) depth--;
		at = apl_behind(&t);
	}
}

bool apl_moving_expression(apl_exporting *ex, uint32_t function, const char *role, apl_buf *out) {
	apl_moving m;
	int held = apl_lua_hold(ex->host, function);
	bool is_good = apl_moving_begin(ex, &m, held, role, apl_lua_function_place(ex->host, function));
	if (is_good) {
		apl_token first = apl_moving_token(&m, m.body);
		/* An imported piece that is no Lua is a call of error. */
		const bool is_call = ex->is_imported && apl_moving_is(&m, &first, "error");
		uint32_t from = is_call ? first.offset : apl_behind(&first);
		uint32_t to = is_call || apl_sign_is(&first, APL_LUA_RETURN) ? apl_moving_skip(&m, from) : 0;
		apl_token next = apl_moving_token(&m, to);
		/* Parentheses around the whole keep several values one, and there is no more than one here. */
		for (apl_token open = apl_moving_token(&m, from); to > 0 && apl_sign_is(&open, APL_SIGN_OPEN_PAREN);
		     open = apl_moving_token(&m, from)) {
			const uint32_t end = skip_brackets(&m, apl_behind(&open));
			if (end < to) break;
			from = apl_behind(&open);
			to = end - 1;
		}
		if (to > 0 && apl_sign_is(&next, APL_SIGN_SEMICOLON)) next = apl_moving_token(&m, apl_behind(&next));
		const bool is_guard = !ex->is_imported && role != NULL && strcmp(role, "when") == 0;
		if (to > 0 && apl_sign_is(&next, APL_LUA_END) && apl_behind(&next) == m.size) {
			const bool is_asked = is_guard && !is_surely_truth(&m, from, to);
			if (is_asked) {
				apl_export_needs(ex, APL_HELPER_ANSWER);
				APL_BUF_LITERAL(out, "Answer(");
			}
			apl_moving_write(&m, from, to, out);
			if (is_asked) apl_buf_byte(out, ')');
		} else {
			/* More than one expression: a function of the document, called where it was. */
			char name[32];
			do {
				snprintf(name, sizeof name, "%s%u", is_guard ? "Guard" : "Value", (unsigned)++ex->n_names);
			} while (apl_export_is_taken(ex, name));
			apl_buf text;
			apl_export_buf(ex, &text);
			apl_buf_format(&text, "function %s()", name);
			apl_moving_write_lines(&m, m.body, m.size, &text);
			if (APL_GROW(&ex->alloc, ex->carried, ex->n_carried, ex->carried_capacity))
				ex->carried[ex->n_carried++] = (apl_carried){m.place.file, m.place.line, UINT32_MAX - ex->n_names,
				    apl_export_text(ex, name, strlen(name)), apl_export_taken(ex, &text)};
			else
				ex->no_memory = true;
			if (is_guard) apl_export_needs(ex, APL_HELPER_ANSWER);
			apl_buf_format(out, is_guard ? "Answer(%s())" : "%s()", name);
		}
		is_good = m.is_good;
	}
	apl_moving_end(&m);
	if (held != 0) apl_lua_release(ex->host, held);
	return is_good;
}
