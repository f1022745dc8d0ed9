/* SPDX-License-Identifier: MIT */
/*
 * Decides which executable content an action becomes. A text is assignments. Of
 * a function each statement becomes the element that says the same where there is one; the others
 * stand in a <script> together. Calls are for export_calls.c.
 */
#include "scxml/export_inside.h"
#include "scxml/inside.h"

#include <string.h>

/* ---- texts ------------------------------------------------------------------------------------- */

static const char *end_piece(apl_exporting *ex, apl_buf *piece, bool is_good) {
	const char *text = apl_export_taken(ex, piece);
	return is_good ? text : NULL;
}

static void write_text(apl_exporting *ex, const apl_guard *text, uint32_t depth, apl_buf *out) {
	uint32_t field;
	for (uint32_t i = 0; (field = apl_guard_target(text, i)) != APL_NO_FIELD; i++) {
		apl_buf location, value;
		apl_export_buf(ex, &location);
		apl_export_buf(ex, &value);
		ex->naming.variable(ex, false, ex->program->data, field, &location);
		apl_guard_write_assigned(text, i, &ex->naming, &value, ex->findings);
		apl_export_assign(out, depth, apl_buf_terminate(&location), apl_buf_terminate(&value));
		if (location.failed || value.failed) ex->no_memory = true;
		apl_buf_dispose(&location);
		apl_buf_dispose(&value);
	}
}

/* ---- statements ------------------------------------------------------------------------------------ */

/* Behind expressions separated by commas. */
static uint32_t skip_list(const apl_moving *m, uint32_t at) {
	for (;;) {
		at = apl_moving_skip(m, at);
		apl_token t = apl_moving_token(m, at);
		if (!apl_sign_is(&t, APL_SIGN_COMMA)) return at;
		at = apl_behind(&t);
	}
}

/* Behind the `end` or `until` of a block that begins at [at]. */
static uint32_t skip_block(const apl_moving *m, uint32_t at) {
	for (uint32_t depth = 1; depth > 0;) {
		apl_token t = apl_moving_token(m, at);
		if (t.kind == APL_TOKEN_END) return m->size;
		if (apl_sign_is(&t, APL_LUA_FUNCTION_WORD) || apl_sign_is(&t, APL_LUA_DO) || apl_sign_is(&t, APL_LUA_IF) ||
		    apl_sign_is(&t, APL_LUA_REPEAT))
			depth++;
		if (apl_sign_is(&t, APL_LUA_END) || apl_sign_is(&t, APL_LUA_UNTIL)) depth--;
		at = apl_behind(&t);
	}
	return at;
}

static uint32_t skip_statement(const apl_moving *m, uint32_t at) {
	apl_token t = apl_moving_token(m, at);
	uint32_t rest = apl_behind(&t);
	if (t.kind == APL_TOKEN_KEYWORD) {
		switch ((apl_symbol)t.symbol) {
		case APL_LUA_IF:
		case APL_LUA_DO:
		case APL_LUA_FUNCTION_WORD: return skip_block(m, rest);
		case APL_LUA_FOR:
		case APL_LUA_WHILE: {
			apl_token word = apl_moving_token(m, rest);
			while (!apl_sign_is(&word, APL_LUA_DO) && word.kind != APL_TOKEN_END) {
				if (apl_sign_is(&word, APL_LUA_FUNCTION_WORD)) word.size += skip_block(m, apl_behind(&word)) - apl_behind(&word);
				word = apl_moving_token(m, apl_behind(&word));
			}
			return skip_block(m, apl_behind(&word));
		}
		case APL_LUA_REPEAT: return apl_moving_skip(m, skip_block(m, rest));
		case APL_LUA_LOCAL: {
			apl_token next = apl_moving_token(m, rest);
			if (apl_sign_is(&next, APL_LUA_FUNCTION_WORD)) return skip_block(m, apl_behind(&next));
			while (next.kind == APL_TOKEN_NAME || apl_sign_is(&next, APL_SIGN_COMMA) || apl_sign_is(&next, APL_SIGN_LESS) ||
			       apl_sign_is(&next, APL_SIGN_GREATER)) {
				/* A name behind a name belongs to the next statement. */
				apl_token after = apl_moving_token(m, apl_behind(&next));
				rest = apl_behind(&next);
				if (next.kind == APL_TOKEN_NAME && after.kind == APL_TOKEN_NAME) return rest;
				next = after;
			}
			return apl_sign_is(&next, APL_SIGN_ASSIGN) ? skip_list(m, apl_behind(&next)) : rest;
		}
		case APL_LUA_RETURN: {
			apl_token next = apl_moving_token(m, rest);
			const bool is_bare = apl_sign_is(&next, APL_LUA_END) || apl_sign_is(&next, APL_LUA_ELSE) ||
			                     apl_sign_is(&next, APL_LUA_ELSEIF) || apl_sign_is(&next, APL_LUA_UNTIL) ||
			                     apl_sign_is(&next, APL_SIGN_SEMICOLON);
			return is_bare ? rest : skip_list(m, rest);
		}
		case APL_LUA_GOTO: {
			apl_token name = apl_moving_token(m, rest);
			return apl_behind(&name);
		}
		default: return rest;
		}
	}
	if (apl_sign_is(&t, APL_SIGN_LABEL)) {
		apl_token name = apl_moving_token(m, rest), end = apl_moving_token(m, apl_behind(&name));
		return apl_behind(&end);
	}
	if (apl_sign_is(&t, APL_SIGN_SEMICOLON)) return rest;
	uint32_t end = skip_list(m, at);
	apl_token sign = apl_moving_token(m, end);
	return apl_sign_is(&sign, APL_SIGN_ASSIGN) ? skip_list(m, apl_behind(&sign)) : end;
}

/* What a statement does beside Lua: the method or the module's function that it calls, as a token; kind END: nothing. */
static apl_token word_of(apl_moving *m, uint32_t at) {
	const apl_token none = {.kind = APL_TOKEN_END};
	apl_token name = apl_moving_token(m, at);
	if (name.kind != APL_TOKEN_NAME) return none;
	apl_token sign = apl_moving_token(m, apl_behind(&name)), word = apl_moving_token(m, apl_behind(&sign));
	if (m->parameters[0][0] != '\0' && apl_moving_is(m, &name, m->parameters[0])) return apl_sign_is(&sign, APL_SIGN_COLON) ? word : none;
	if (!m->ex->is_imported || !apl_sign_is(&sign, APL_SIGN_DOT)) return none;
	if (!apl_moving_is(m, &word, "send") && !apl_moving_is(m, &word, "log") && !apl_moving_is(m, &word, "id") &&
	    !apl_moving_is(m, &word, "items"))
		return none;
	return apl_moving_is_module(m, &name, "aplomb.scxml") ? word : none;
}

/* Does anything in it ask for more than Lua does? */
static bool has_words(apl_moving *m, uint32_t from, uint32_t to) {
	static const char *const asked[] = {"is_in", "count", "time_in", "clock", "value", "phrase", "phrases"};
	for (uint32_t at = from; at < to;) {
		apl_token t = apl_moving_token(m, at);
		if (t.kind == APL_TOKEN_END) return false;
		apl_token word = t.offset < to ? word_of(m, t.offset) : (apl_token){.kind = APL_TOKEN_END};
		bool is_asked = word.kind == APL_TOKEN_END;
		for (size_t i = 0; i < sizeof asked / sizeof *asked && !is_asked; i++) is_asked = apl_moving_is(m, &word, asked[i]);
		if (!is_asked) return true;
		at = apl_behind(&t);
	}
	return false;
}

/* ---- blocks ------------------------------------------------------------------------------------------------- */

typedef struct chunk {
	uint32_t from, to; /* statements that wait for their <script>; empty when equal */
} chunk;

static void flush(apl_moving *m, chunk *c, uint32_t depth, apl_buf *out) {
	if (c->from < c->to) {
		const char *text = apl_export_piece(m, c->from, c->to);
		apl_export_script(out, depth, text, strlen(text));
	}
	c->from = c->to = 0;
}

static uint32_t write_statements(apl_moving *m, uint32_t at, uint32_t depth, apl_buf *out);

/* From behind the `if`, or the `elseif` that has become one; returns behind its `end`. */
static uint32_t write_if(apl_moving *m, uint32_t at, uint32_t depth, apl_buf *out) {
	uint32_t end = apl_moving_skip(m, at);
	const char *cond = apl_export_had_before(m, apl_export_piece(m, at, end), depth, out);
	apl_export_indent(out, depth);
	APL_BUF_LITERAL(out, "<if");
	apl_export_attribute(out, "cond", cond);
	APL_BUF_LITERAL(out, ">\n");
	for (;;) {
		apl_token then = apl_moving_token(m, end);
		end = write_statements(m, apl_behind(&then), depth + 1, out);
		apl_token next = apl_moving_token(m, end);
		at = apl_behind(&next);
		end = at;
		if (apl_sign_is(&next, APL_LUA_ELSE)) {
			apl_export_indent(out, depth);
			APL_BUF_LITERAL(out, "<else/>\n");
			end = write_statements(m, at, depth + 1, out);
			apl_token last = apl_moving_token(m, end);
			end = apl_behind(&last);
			break;
		}
		if (!apl_sign_is(&next, APL_LUA_ELSEIF)) break;
		end = apl_moving_skip(m, at);
		cond = apl_export_piece(m, at, end);
		if (!m->ex->is_imported && apl_export_may_fail(cond)) {
			/* Its condition is had only when nobody before it held. */
			apl_export_indent(out, depth);
			APL_BUF_LITERAL(out, "<else/>\n");
			end = write_if(m, at, depth + 1, out);
			break;
		}
		apl_export_indent(out, depth);
		APL_BUF_LITERAL(out, "<elseif");
		apl_export_attribute(out, "cond", cond);
		APL_BUF_LITERAL(out, "/>\n");
	}
	apl_export_indent(out, depth);
	APL_BUF_LITERAL(out, "</if>\n");
	return end;
}

/* `LOCATION = NAME`, as the first statements of an imported loop are; the location. */
static const char *given(apl_moving *m, uint32_t at, const char *name, uint32_t *end) {
	uint32_t to = apl_moving_skip(m, at);
	apl_token sign = apl_moving_token(m, to), value = apl_moving_token(m, apl_behind(&sign));
	if (!apl_sign_is(&sign, APL_SIGN_ASSIGN) || !apl_moving_is(m, &value, name)) return NULL;
	*end = apl_behind(&value);
	return apl_export_piece(m, at, to);
}

/* for _, _item in scxml.items(array) do item = _item …: from behind the `for`. false: it is another loop. */
static bool write_foreach(apl_moving *m, uint32_t at, uint32_t depth, apl_buf *out) {
	apl_token index = apl_moving_token(m, at), comma = apl_moving_token(m, apl_behind(&index)),
	          item = apl_moving_token(m, apl_behind(&comma));
	apl_token in = apl_moving_token(m, apl_behind(&item)), module = apl_moving_token(m, apl_behind(&in));
	if (!m->ex->is_imported || !apl_sign_is(&in, APL_LUA_IN) || !apl_moving_is_module(m, &module, "aplomb.scxml")) return false;
	apl_token dot = apl_moving_token(m, apl_behind(&module)), word = apl_moving_token(m, apl_behind(&dot));
	apl_export_arguments a = apl_export_arguments_of(m, apl_behind(&word));
	apl_token close = apl_moving_token(m, a.to[0]), word_do = apl_moving_token(m, apl_behind(&close));
	at = apl_behind(&word_do);
	const char *to_item = given(m, at, "_item", &at);
	const char *to_index = given(m, at, "_index", &at);
	if (to_item == NULL) return false;
	apl_export_indent(out, depth);
	APL_BUF_LITERAL(out, "<foreach");
	apl_export_attribute(out, "array", apl_export_piece(m, a.from[0], a.to[0]));
	apl_export_attribute(out, "item", to_item);
	if (to_index != NULL) apl_export_attribute(out, "index", to_index);
	APL_BUF_LITERAL(out, ">\n");
	size_t inside = out->size;
	write_statements(m, at, depth + 1, out);
	apl_export_close(out, "foreach", inside, depth);
	return true;
}

/* LOCATION = EXPRESSION; false: it is another statement. */
static bool write_assign(apl_moving *m, uint32_t at, uint32_t end, uint32_t depth, apl_buf *out) {
	apl_exporting *ex = m->ex;
	uint32_t to = apl_moving_skip(m, at);
	apl_token sign = apl_moving_token(m, to), first = apl_moving_token(m, at);
	if (!apl_sign_is(&sign, APL_SIGN_ASSIGN) || apl_moving_skip(m, apl_behind(&sign)) < end || first.kind != APL_TOKEN_NAME) return false;
	apl_buf location, value;
	apl_export_buf(ex, &location);
	apl_export_buf(ex, &value);
	const apl_field *field = ex->is_imported ? NULL : apl_moving_field(m, at, to, &location);
	const bool is_good = ex->is_imported || field != NULL;
	if (field != NULL)
		apl_moving_write_checked(m, field, apl_behind(&sign), end, &value);
	else if (is_good) {
		apl_moving_write(m, at, to, &location);
		apl_moving_write(m, apl_behind(&sign), end, &value);
	}
	if (is_good) {
		apl_export_assign(out, depth, apl_buf_terminate(&location), apl_buf_terminate(&value));
	}
	if (location.failed || value.failed) ex->no_memory = true;
	apl_buf_dispose(&location);
	apl_buf_dispose(&value);
	return is_good;
}

/* Up to the word that ends the block, whose offset is returned. */
static uint32_t write_statements(apl_moving *m, uint32_t at, uint32_t depth, apl_buf *out) {
	chunk script = {0, 0};
	const char *location = NULL;
	for (uint32_t end;; at = end) {
		apl_token t = apl_moving_token(m, at);
		at = t.offset;
		if (t.kind == APL_TOKEN_END || apl_sign_is(&t, APL_LUA_END) || apl_sign_is(&t, APL_LUA_ELSE) || apl_sign_is(&t, APL_LUA_ELSEIF) ||
		    apl_sign_is(&t, APL_LUA_UNTIL))
			break;
		if (apl_moving_is_alias(m, at, &end)) continue;
		end = skip_statement(m, at);
		if (end <= at) break; /* what is no statement has not run */
		if (apl_sign_is(&t, APL_SIGN_SEMICOLON)) continue;
		apl_token word = word_of(m, at);
		apl_token sign = apl_moving_token(m, apl_moving_skip(m, at));
		apl_token made = apl_sign_is(&sign, APL_SIGN_ASSIGN) ? word_of(m, apl_behind(&sign)) : (apl_token){.kind = APL_TOKEN_END};
		if (word.kind != APL_TOKEN_END) {
			flush(m, &script, depth, out);
			apl_export_call(m, at, &word, location, depth, out);
			location = NULL;
		} else if (made.kind != APL_TOKEN_END && apl_moving_is(m, &made, "id")) {
			flush(m, &script, depth, out);
			location = apl_export_piece(m, at, apl_moving_skip(m, at));
		} else if (apl_sign_is(&t, APL_LUA_IF) && has_words(m, at, end)) {
			flush(m, &script, depth, out);
			write_if(m, apl_behind(&t), depth, out);
		} else if (apl_sign_is(&t, APL_LUA_FOR) && has_words(m, at, end)) {
			flush(m, &script, depth, out);
			if (!write_foreach(m, apl_behind(&t), depth, out))
				apl_moving_cannot(m, at, "export-function", "a loop cannot send, raise or ask for anything in SCXML, but for a <foreach>");
		} else if (has_words(m, at, end)) {
			apl_moving_cannot(
			    m, at, "export-function", "what a case is asked to do stands in a row or in an if in SCXML, and nowhere else");
		} else if (script.from == script.to && write_assign(m, at, end, depth, out)) {
			continue;
		} else {
			if (script.from == script.to) script.from = at;
			script.to = end;
		}
	}
	flush(m, &script, depth, out);
	return at;
}

static bool has_own_names(apl_moving *m) {
	uint32_t end;
	for (uint32_t at = m->body;;) {
		apl_token t = apl_moving_token(m, at);
		if (t.kind == APL_TOKEN_END) return false;
		if (apl_sign_is(&t, APL_LUA_RETURN) || apl_sign_is(&t, APL_LUA_GOTO)) return true;
		if (apl_sign_is(&t, APL_LUA_LOCAL)) {
			if (!apl_moving_is_alias(m, t.offset, &end)) return true;
			at = end;
			continue;
		}
		at = apl_behind(&t);
	}
}

static void write_function(apl_exporting *ex, uint32_t function, const char *role, uint32_t depth, apl_buf *out) {
	apl_moving m;
	int held = apl_lua_hold(ex->host, function);
	if (apl_moving_begin(ex, &m, held, role, apl_lua_function_place(ex->host, function))) {
		apl_token last = {.offset = m.size >= 3 ? m.size - 3 : 0}; /* its `end` */
		if (!has_own_names(&m)) {
			write_statements(&m, m.body, depth, out);
		} else if (!has_words(&m, m.body, last.offset)) {
			/* With variables and returns of its own it stays in one piece. */
			apl_buf text;
			apl_export_buf(ex, &text);
			apl_moving_write_lines(&m, m.body, last.offset, &text);
			apl_export_script(out, depth, apl_buf_terminate(&text), text.size);
			apl_buf_dispose(&text);
		} else if (ex->is_imported) {
			write_statements(&m, m.body, depth, out);
		} else {
			apl_moving_cannot(&m, m.body, "export-function",
			    "a function that sends or asks for something, and has variables or a return of its own, does not fit: a <script> keeps its "
			    "variables to itself");
		}
	}
	apl_moving_end(&m);
	if (held != 0) apl_lua_release(ex->host, held);
}

/* ---- doors ---------------------------------------------------------------------------------------------------- */

void apl_export_block(apl_exporting *ex, int32_t handler, uint32_t depth, apl_buf *out) {
	if (handler == APL_NO_HANDLER) return;
	const apl_handler_told about = apl_lua_handler_told(ex->host, handler);
	for (uint32_t i = 0; i < about.count; i++) {
		const apl_guard *text = apl_lua_function_guard(ex->host, about.first + i);
		if (text != NULL)
			write_text(ex, text, depth, out);
		else
			write_function(ex, about.first + i, about.role, depth, out);
	}
}

const char *apl_export_guard(apl_exporting *ex, int32_t handler) {
	const apl_handler_told about = apl_lua_handler_told(ex->host, handler);
	apl_buf out;
	apl_export_buf(ex, &out);
	if (about.kind == APL_TOLD_IN_STATE) {
		ex->naming.is_in(ex, about.first, &out);
		return end_piece(ex, &out, true);
	}
	const apl_guard *text = apl_lua_function_guard(ex->host, about.first);
	const bool is_good =
	    text != NULL ? apl_guard_write_lua(text, &ex->naming, &out, ex->findings) : apl_moving_expression(ex, about.first, "when", &out);
	return end_piece(ex, &out, is_good);
}

const char *apl_export_span(apl_exporting *ex, const apl_delay *delay) {
	const apl_handler_told about = apl_lua_handler_told(ex->host, delay->span);
	const apl_lua_helper helper = delay->kind == APL_DELAY_EVERY ? APL_HELPER_REPEATED : APL_HELPER_SECONDS;
	apl_buf out;
	apl_export_buf(ex, &out);
	apl_export_needs(ex, helper);
	apl_buf_format(&out, "%s(", apl_lua_helper_name(helper));
	bool is_good = true;
	switch (about.kind) {
	case APL_TOLD_FROM_DATA: ex->naming.variable(ex, false, ex->program->data, about.first, &out); break;
	case APL_TOLD_FROM_PARAMS: ex->naming.variable(ex, true, ex->program->params, about.first, &out); break;
	case APL_TOLD_EXPRESSION: is_good = apl_guard_write_lua(about.expression, &ex->naming, &out, ex->findings); break;
	default:
		apl_export_needs(ex, APL_HELPER_SPAN);
		APL_BUF_LITERAL(&out, "Span(");
		is_good = apl_moving_expression(ex, about.first, about.role, &out);
		apl_buf_byte(&out, ')');
	}
	apl_buf_byte(&out, ')');
	return end_piece(ex, &out, is_good);
}

void apl_export_donedata(apl_exporting *ex, uint32_t state, uint32_t depth, apl_buf *out) {
	uint32_t function;
	if (!apl_lua_done_function(ex->host, state, &function)) return;
	apl_moving m;
	int held = apl_lua_hold(ex->host, function);
	if (apl_moving_begin(ex, &m, held, "donedata", apl_lua_function_place(ex->host, function))) {
		apl_token first = apl_moving_token(&m, m.body);
		const bool is_return = apl_sign_is(&first, APL_LUA_RETURN);
		apl_token next = apl_moving_token(&m, apl_behind(&first));
		if (apl_sign_is(&next, APL_SIGN_OPEN_PAREN)) first = next; /* which keep several values one */
		const uint32_t from = is_return ? apl_behind(&first) : first.offset;
		apl_export_indent(out, depth);
		APL_BUF_LITERAL(out, "<donedata>\n");
		apl_export_imported_data(&m, from, apl_moving_skip(&m, from), depth + 1, out);
		apl_export_indent(out, depth);
		APL_BUF_LITERAL(out, "</donedata>\n");
	}
	apl_moving_end(&m);
	if (held != 0) apl_lua_release(ex->host, held);
}
