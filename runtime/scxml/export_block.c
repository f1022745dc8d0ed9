/* SPDX-License-Identifier: MIT */
/*
 * Decides which executable content an action becomes. A text is assignments. Of
 * a function each statement becomes the element that says the same where there is one; the others
 * stand in a <script> together. What the world is asked for is a <send> of a type of ours.
 */
#include "scxml/export_inside.h"
#include "scxml/inside.h"

#include <stdio.h>
#include <string.h>

#include "time/instant.h"

/* ---- XML ------------------------------------------------------------------------------------- */

void apl_export_indent(apl_buf *out, uint32_t depth) {
	for (uint32_t i = 0; i < depth; i++) apl_buf_byte(out, '\t');
}

void apl_export_escaped(apl_buf *out, const char *text, size_t size) {
	for (size_t i = 0; i < size; i++) {
		switch (text[i]) {
		case '&': APL_BUF_LITERAL(out, "&amp;"); break;
		case '<': APL_BUF_LITERAL(out, "&lt;"); break;
		case '>': APL_BUF_LITERAL(out, "&gt;"); break;
		case '"': APL_BUF_LITERAL(out, "&quot;"); break;
		case '\n': APL_BUF_LITERAL(out, "&#10;"); break;
		case '\t': APL_BUF_LITERAL(out, "&#9;"); break;
		case '\r': APL_BUF_LITERAL(out, "&#13;"); break;
		default: apl_buf_byte(out, text[i]);
		}
	}
}

void apl_export_attribute(apl_buf *out, const char *name, const char *value) {
	apl_buf_format(out, " %s=\"", name);
	apl_export_escaped(out, value, strlen(value));
	apl_buf_byte(out, '"');
}

const char *apl_export_seconds(aplomb_span span, char out[APL_EXPORT_SECONDS]) {
	const int64_t seconds = span / APL_SECOND, rest = span % APL_SECOND;
	if (rest == 0) {
		snprintf(out, APL_EXPORT_SECONDS, "%llds", (long long)seconds);
		return out;
	}
	int size = snprintf(out, APL_EXPORT_SECONDS, "%lld.%06lld", (long long)seconds, (long long)rest);
	while (size > 0 && out[size - 1] == '0') size--;
	out[size] = 's';
	out[size + 1] = '\0';
	return out;
}

static void escape_script(apl_buf *out, const char *text, size_t size) {
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '&')
			APL_BUF_LITERAL(out, "&amp;");
		else if (text[i] == '<')
			APL_BUF_LITERAL(out, "&lt;");
		else if (text[i] == '>')
			APL_BUF_LITERAL(out, "&gt;");
		else
			apl_buf_byte(out, text[i]);
	}
}

void apl_export_script(apl_buf *out, uint32_t depth, const char *text, size_t size) {
	apl_export_indent(out, depth);
	APL_BUF_LITERAL(out, "<script>");
	escape_script(out, text, size);
	APL_BUF_LITERAL(out, "</script>\n");
}

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
		apl_export_indent(out, depth);
		APL_BUF_LITERAL(out, "<assign");
		apl_export_attribute(out, "location", apl_buf_terminate(&location));
		apl_export_attribute(out, "expr", apl_buf_terminate(&value));
		APL_BUF_LITERAL(out, "/>\n");
		if (location.failed || value.failed) ex->no_memory = true;
		apl_buf_dispose(&location);
		apl_buf_dispose(&value);
	}
}

/* ---- statements ------------------------------------------------------------------------------------ */

static uint32_t behind(const apl_token *token) {
	return token->offset + token->size;
}

/* Behind expressions separated by commas. */
static uint32_t skip_list(const apl_moving *m, uint32_t at) {
	for (;;) {
		at = apl_moving_skip(m, at);
		apl_token t = apl_moving_token(m, at);
		if (!apl_sign_is(&t, APL_SIGN_COMMA)) return at;
		at = behind(&t);
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
		at = behind(&t);
	}
	return at;
}

static uint32_t skip_statement(const apl_moving *m, uint32_t at) {
	apl_token t = apl_moving_token(m, at);
	uint32_t rest = behind(&t);
	if (t.kind == APL_TOKEN_KEYWORD) {
		switch ((apl_symbol)t.symbol) {
		case APL_LUA_IF:
		case APL_LUA_DO:
		case APL_LUA_FUNCTION_WORD: return skip_block(m, rest);
		case APL_LUA_FOR:
		case APL_LUA_WHILE: {
			apl_token word = apl_moving_token(m, rest);
			while (!apl_sign_is(&word, APL_LUA_DO) && word.kind != APL_TOKEN_END) {
				if (apl_sign_is(&word, APL_LUA_FUNCTION_WORD)) word.size += skip_block(m, behind(&word)) - behind(&word);
				word = apl_moving_token(m, behind(&word));
			}
			return skip_block(m, behind(&word));
		}
		case APL_LUA_REPEAT: return apl_moving_skip(m, skip_block(m, rest));
		case APL_LUA_LOCAL: {
			apl_token next = apl_moving_token(m, rest);
			if (apl_sign_is(&next, APL_LUA_FUNCTION_WORD)) return skip_block(m, behind(&next));
			while (next.kind == APL_TOKEN_NAME || apl_sign_is(&next, APL_SIGN_COMMA) || apl_sign_is(&next, APL_SIGN_LESS) ||
			       apl_sign_is(&next, APL_SIGN_GREATER)) {
				/* A name behind a name belongs to the next statement. */
				apl_token after = apl_moving_token(m, behind(&next));
				rest = behind(&next);
				if (next.kind == APL_TOKEN_NAME && after.kind == APL_TOKEN_NAME) return rest;
				next = after;
			}
			return apl_sign_is(&next, APL_SIGN_ASSIGN) ? skip_list(m, behind(&next)) : rest;
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
			return behind(&name);
		}
		default: return rest;
		}
	}
	if (apl_sign_is(&t, APL_SIGN_LABEL)) {
		apl_token name = apl_moving_token(m, rest), end = apl_moving_token(m, behind(&name));
		return behind(&end);
	}
	if (apl_sign_is(&t, APL_SIGN_SEMICOLON)) return rest;
	uint32_t end = skip_list(m, at);
	apl_token sign = apl_moving_token(m, end);
	return apl_sign_is(&sign, APL_SIGN_ASSIGN) ? skip_list(m, behind(&sign)) : end;
}

/* What a statement does beside Lua: the method or the module's function that it calls, as a token; kind END: nothing. */
static apl_token word_of(apl_moving *m, uint32_t at) {
	const apl_token none = {.kind = APL_TOKEN_END};
	apl_token name = apl_moving_token(m, at);
	if (name.kind != APL_TOKEN_NAME) return none;
	apl_token sign = apl_moving_token(m, behind(&name)), word = apl_moving_token(m, behind(&sign));
	if (m->parameters[0][0] != '\0' && apl_moving_is(m, &name, m->parameters[0])) return apl_sign_is(&sign, APL_SIGN_COLON) ? word : none;
	if (!m->ex->is_imported || !apl_sign_is(&sign, APL_SIGN_DOT)) return none;
	if (!apl_moving_is(m, &word, "send") && !apl_moving_is(m, &word, "log") && !apl_moving_is(m, &word, "id") &&
	    !apl_moving_is(m, &word, "items"))
		return none;
	return apl_moving_is_module(m, &name, "aplomb.scxml") ? word : none;
}

/* Does anything in it ask for more than Lua does? */
static bool has_words(apl_moving *m, uint32_t from, uint32_t to) {
	static const char *const asked[] = {"is_in", "count", "time_in", "value", "phrase", "phrases"};
	for (uint32_t at = from; at < to;) {
		apl_token t = apl_moving_token(m, at);
		if (t.kind == APL_TOKEN_END) return false;
		apl_token word = t.offset < to ? word_of(m, t.offset) : (apl_token){.kind = APL_TOKEN_END};
		bool is_asked = word.kind == APL_TOKEN_END;
		for (size_t i = 0; i < sizeof asked / sizeof *asked && !is_asked; i++) is_asked = apl_moving_is(m, &word, asked[i]);
		if (!is_asked) return true;
		at = behind(&t);
	}
	return false;
}

/* ---- calls --------------------------------------------------------------------------------------------- */

enum { MOST_ARGUMENTS = 32 };
typedef struct arguments {
	uint32_t from[MOST_ARGUMENTS], to[MOST_ARGUMENTS];
	uint32_t n;
} arguments;

/* Of the call whose callee ends at [at]. */
static arguments read_arguments(const apl_moving *m, uint32_t at) {
	arguments a = {.n = 0};
	apl_token open = apl_moving_token(m, at);
	if (!apl_sign_is(&open, APL_SIGN_OPEN_PAREN)) {
		a.from[0] = open.offset;
		a.to[0] = apl_moving_skip(m, open.offset);
		a.n = 1;
		return a;
	}
	at = behind(&open);
	while (a.n < MOST_ARGUMENTS) {
		apl_token t = apl_moving_token(m, at);
		if (apl_sign_is(&t, APL_SIGN_CLOSE_PAREN)) return a;
		a.from[a.n] = t.offset;
		a.to[a.n] = at = apl_moving_skip(m, t.offset);
		a.n++;
		t = apl_moving_token(m, at);
		if (!apl_sign_is(&t, APL_SIGN_COMMA)) return a;
		at = behind(&t);
	}
	return a;
}

/* Is the piece one text and nothing else? Its value, in the arena. */
static const char *literal(apl_moving *m, uint32_t from, uint32_t to) {
	apl_token t = apl_moving_token(m, from), next = apl_moving_token(m, behind(&t));
	if ((t.kind != APL_TOKEN_TEXT && t.kind != APL_TOKEN_LONG_TEXT) || next.offset < to) return NULL;
	apl_buf value;
	apl_export_buf(m->ex, &value);
	apl_token_value(m->bytes, &t, &value);
	return apl_export_taken(m->ex, &value);
}

static const char *piece(apl_moving *m, uint32_t from, uint32_t to) {
	apl_buf out;
	apl_export_buf(m->ex, &out);
	apl_moving_write(m, from, to, &out);
	return apl_export_taken(m->ex, &out);
}

/* name="…" of a text that is known now, otherwise nameexpr="…". */
static void text_or_expression(apl_moving *m, const char *name, const char *name_of_expression, uint32_t from, uint32_t to, apl_buf *out) {
	const char *text = literal(m, from, to);
	apl_export_attribute(out, text != NULL ? name : name_of_expression, text != NULL ? text : piece(m, from, to));
}

/* The members of a table that is written out: name after name. */
typedef struct reading {
	uint32_t at;
	bool is_table;
} reading;

static reading begin_members(const apl_moving *m, uint32_t from, uint32_t to) {
	apl_token open = apl_moving_token(m, from);
	const bool is_table = apl_sign_is(&open, APL_SIGN_OPEN_BRACE) && apl_moving_skip(m, from) >= to;
	return (reading){behind(&open), is_table};
}

/* false: there are no more. [*name] NULL: this one has none that is written out. */
static bool next_member(apl_moving *m, reading *r, const char **name, uint32_t *from, uint32_t *to) {
	apl_token t = apl_moving_token(m, r->at);
	if (apl_sign_is(&t, APL_SIGN_COMMA) || apl_sign_is(&t, APL_SIGN_SEMICOLON)) t = apl_moving_token(m, behind(&t));
	if (apl_sign_is(&t, APL_SIGN_CLOSE_BRACE) || t.kind == APL_TOKEN_END) return false;
	apl_token next = apl_moving_token(m, behind(&t));
	*name = NULL;
	*from = t.offset;
	if (t.kind == APL_TOKEN_NAME && apl_sign_is(&next, APL_SIGN_ASSIGN)) {
		*name = apl_export_text(m->ex, m->bytes + t.offset, t.size);
		*from = behind(&next);
	} else if (apl_sign_is(&t, APL_SIGN_OPEN_BRACKET)) {
		apl_token close = apl_moving_token(m, behind(&next)), sign = apl_moving_token(m, behind(&close));
		if (apl_sign_is(&close, APL_SIGN_CLOSE_BRACKET) && apl_sign_is(&sign, APL_SIGN_ASSIGN))
			*name = literal(m, next.offset, behind(&next));
		*from = behind(&sign);
	}
	*to = r->at = apl_moving_skip(m, *from);
	return true;
}

/* The argument of `scxml.WORD(…)`, when the piece is such a call: [*from] and [*to] are its arguments' then. */
static bool unwrap(apl_moving *m, const char *word, arguments *a, uint32_t from, uint32_t to) {
	apl_token module = apl_moving_token(m, from), dot = apl_moving_token(m, behind(&module)), what = apl_moving_token(m, behind(&dot));
	if (!m->ex->is_imported || !apl_moving_is(m, &what, word) || !apl_moving_is_module(m, &module, "aplomb.scxml")) return false;
	*a = read_arguments(m, behind(&what));
	return a->n > 0 && a->to[a->n - 1] <= to;
}

static bool may_fail(const char *expression);

/*
 * An expression of a function, where a failure would leave out no more than this piece, and not end the block: it is had before, in a
 * variable.
 */
static const char *had_before(apl_moving *m, const char *expression, uint32_t depth, apl_buf *out) {
	apl_exporting *ex = m->ex;
	if (ex->is_imported || !may_fail(expression)) return expression;
	char name[32];
	do {
		snprintf(name, sizeof name, "value_%u", (unsigned)++ex->n_names);
	} while (apl_export_is_taken(ex, name));
	const char *variable = apl_export_text(ex, name, strlen(name));
	apl_export_declare(ex, variable);
	apl_export_indent(out, depth);
	APL_BUF_LITERAL(out, "<assign");
	apl_export_attribute(out, "location", variable);
	apl_export_attribute(out, "expr", expression);
	APL_BUF_LITERAL(out, "/>\n");
	return variable;
}

static void write_param(apl_buf *out, uint32_t depth, const char *name, const char *value) {
	apl_export_indent(out, depth);
	APL_BUF_LITERAL(out, "<param");
	apl_export_attribute(out, "name", name);
	apl_export_attribute(out, "expr", value);
	APL_BUF_LITERAL(out, "/>\n");
}

static void write_content(apl_buf *out, uint32_t depth, const char *value) {
	apl_export_indent(out, depth);
	APL_BUF_LITERAL(out, "<content");
	apl_export_attribute(out, "expr", value);
	APL_BUF_LITERAL(out, "/>\n");
}

/* What an imported chart sends under `data`: <param>s again, or a <content>. */
static void write_imported_data(apl_moving *m, uint32_t from, uint32_t to, uint32_t depth, apl_buf *out) {
	const char *name;
	uint32_t value, end;
	arguments a, items;
	const bool is_wrapped = unwrap(m, "data", &a, from, to);
	if (!is_wrapped) {
		write_content(out, depth, piece(m, from, to));
		return;
	}
	reading r = begin_members(m, a.from[0], a.to[0]);
	while (next_member(m, &r, &name, &value, &end)) {
		if (name == NULL) continue;
		if (!unwrap(m, "list", &items, value, end)) {
			write_param(out, depth, name, piece(m, value, end));
			continue;
		}
		for (uint32_t i = 0; i < items.n; i++) write_param(out, depth, name, piece(m, items.from[i], items.to[i]));
	}
}

/* What an event or an effect carries, and who says so. */
typedef struct carrying {
	const apl_schema *schema; /* NULL: anything */
	bool is_effect;
	const char *name;
} carrying;

/* The value of a field of what is carried, checked as the playbook checks it. */
static const char *carried_value(apl_moving *m, const apl_field *field, uint32_t from, uint32_t to) {
	apl_buf out;
	const char *text = literal(m, from, to);
	apl_money money;
	aplomb_span span;
	aplomb_instant at;
	switch ((apl_type)field->type) {
	case APL_TYPE_MONEY:
		if (text != NULL && !field->has_min && !field->has_max && apl_money_read(text, strlen(text), &money, NULL) == APLOMB_OK) break;
		apl_moving_cannot(m, from, "export-type",
		    "%s is money, which can be said in a function only as text, as in \"5.00 EUR\", and without bounds", field->path);
		break;
	case APL_TYPE_SPAN:
	case APL_TYPE_INSTANT:
		if (text != NULL && !field->has_min && !field->has_max &&
		    (field->type == APL_TYPE_SPAN ? apl_span_read(text, strlen(text), &span, NULL)
		                                  : apl_instant_read(text, strlen(text), &at, NULL)) == APLOMB_OK)
			break;
		apl_moving_cannot(m, from, "export-type", "%s is %s, which can be carried only as text that is written out", field->path,
		    apl_type_name((apl_type)field->type));
		break;
	case APL_TYPE_LIST:
	case APL_TYPE_FIELDS:
		apl_moving_cannot(m, from, "export-type", "%s is %s, whose parts are checked one by one, which a <param> does not", field->path,
		    apl_type_name((apl_type)field->type));
		break;
	case APL_TYPE_ANY: break;
	default:
		apl_export_buf(m->ex, &out);
		apl_moving_write_checked(m, field, from, to, &out);
		return apl_export_taken(m->ex, &out);
	}
	return piece(m, from, to);
}

static bool is_given(apl_moving *m, uint32_t from, uint32_t to, const char *wanted) {
	const char *name;
	uint32_t value, end;
	reading r = begin_members(m, from, to);
	while (r.is_table && next_member(m, &r, &name, &value, &end))
		if (name != NULL && strcmp(name, wanted) == 0) return true;
	return false;
}

/* Something that must be carried is not: what the playbook raises as a mistake is one here. */
static bool lacks_required(apl_moving *m, const carrying *c, uint32_t from, uint32_t to, uint32_t depth, apl_buf *out) {
	if (c->schema == NULL) return false;
	for (uint32_t f = c->schema->fields[0].first_child; f != APL_NO_FIELD; f = c->schema->fields[f].next) {
		const apl_field *field = &c->schema->fields[f];
		if (!field->required || field->has_default || is_given(m, from, to, field->name)) continue;
		apl_buf text;
		apl_export_buf(m->ex, &text);
		apl_buf_format(&text, "error(\"%s %s lacks %s, which is required\")", c->is_effect ? "effect" : "event", c->name, field->name);
		apl_export_script(out, depth, apl_buf_terminate(&text), text.size);
		apl_buf_dispose(&text);
		return true;
	}
	return false;
}

/* A <param> for each member, or a <content> for a table that is not written out. [before]: what must be had before the element. */
static void write_data(apl_moving *m, uint32_t from, uint32_t to, const carrying *c, uint32_t depth, apl_buf *before, apl_buf *out) {
	const char *name;
	uint32_t value, end;
	reading r = begin_members(m, from, to);
	if (!r.is_table && !m->ex->is_imported) {
		apl_moving_cannot(m, from, "export-function", "what is carried has to be written out, for each member becomes a <param>");
		return;
	}
	if (!r.is_table) {
		write_content(out, depth, piece(m, from, to));
		return;
	}
	while (next_member(m, &r, &name, &value, &end)) {
		if (name == NULL) {
			apl_moving_cannot(m, value, "export-function", "each member has to have a name that is written out, for it becomes a <param>");
			continue;
		}
		if (m->ex->is_imported && strcmp(name, "data") == 0 && !c->is_effect) {
			write_imported_data(m, value, end, depth, out);
			continue;
		}
		const uint32_t field =
		    c->schema != NULL && !m->ex->is_imported ? apl_schema_member(c->schema, 0, name, strlen(name)) : APL_NO_FIELD;
		const char *text = field != APL_NO_FIELD ? carried_value(m, &c->schema->fields[field], value, end) : piece(m, value, end);
		write_param(out, depth, name, had_before(m, text, depth - 1, before));
	}
}

/* The declared event of that name, as far as it is known. */
static carrying event_carrying(const apl_moving *m, const char *name) {
	const int32_t number = name != NULL && !m->ex->is_imported ? apl_chart_event(m->ex->chart, name, strlen(name)) : -1;
	return (carrying){number >= 0 ? m->ex->program->events[number] : NULL, false, name};
}

/* Adds the element that was written beside, behind what must be had before it. */
static void add_behind(apl_exporting *ex, apl_buf *out, apl_buf *element) {
	apl_buf_add(out, element->bytes, element->size);
	if (element->failed) ex->no_memory = true;
	apl_buf_dispose(element);
}

/* [begun]: where the element began; closes it in itself when nothing stands in it. */
static void close_element(apl_buf *out, const char *name, size_t inside, uint32_t depth) {
	if (out->failed) return;
	if (out->size > inside) {
		apl_export_indent(out, depth);
		apl_buf_format(out, "</%s>\n", name);
		return;
	}
	out->size -= 2; /* ">\n" */
	APL_BUF_LITERAL(out, "/>\n");
}

static void write_raise(apl_moving *m, const arguments *a, uint32_t depth, apl_buf *out) {
	const char *event = a->n > 0 ? literal(m, a->from[0], a->to[0]) : NULL;
	const carrying carried = event_carrying(m, event);
	const uint32_t data_from = a->n > 1 ? a->from[1] : 0, data_to = a->n > 1 ? a->to[1] : 0;
	if (event == NULL && !m->ex->is_imported) {
		apl_moving_cannot(m, a->from[0], "export-function", "the event's name has to be written out");
		return;
	}
	if (lacks_required(m, &carried, data_from, data_to, depth, out)) return;
	if (event != NULL && a->n == 1) {
		apl_export_indent(out, depth);
		APL_BUF_LITERAL(out, "<raise");
		apl_export_attribute(out, "event", event);
		APL_BUF_LITERAL(out, "/>\n");
		return;
	}
	apl_buf element;
	apl_export_buf(m->ex, &element);
	apl_export_indent(&element, depth);
	APL_BUF_LITERAL(&element, "<send target=\"#_internal\"");
	text_or_expression(m, "event", "eventexpr", a->from[0], a->to[0], &element);
	const char *id = a->n > 2 ? literal(m, a->from[2], a->to[2]) : NULL;
	if (id != NULL) apl_export_attribute(&element, "id", id);
	if (a->n > 2 && id == NULL) apl_moving_cannot(m, a->from[2], "export-function", "the id of what is raised has to be written out");
	APL_BUF_LITERAL(&element, ">\n");
	size_t inside = element.size;
	apl_token data = a->n > 1 ? apl_moving_token(m, a->from[1]) : (apl_token){.kind = APL_TOKEN_END};
	if (a->n > 1 && !apl_sign_is(&data, APL_LUA_NIL)) write_data(m, a->from[1], a->to[1], &carried, depth + 1, out, &element);
	close_element(&element, "send", inside, depth);
	add_behind(m->ex, out, &element);
}

static void write_delay(apl_moving *m, uint32_t from, uint32_t to, apl_buf *out) {
	const char *text = literal(m, from, to);
	aplomb_span span;
	if (text == NULL) {
		apl_token number = apl_moving_token(m, from), next = apl_moving_token(m, behind(&number));
		if (number.kind == APL_TOKEN_NUMBER && number.size == 1 && m->bytes[number.offset] == '0' && next.offset >= to) return;
		apl_export_needs(m->ex, APL_HELPER_SECONDS);
		apl_export_needs(m->ex, APL_HELPER_SPAN);
		apl_buf value;
		apl_export_buf(m->ex, &value);
		apl_buf_format(&value, "Seconds(Span(%s))", piece(m, from, to));
		apl_export_attribute(out, "delayexpr", apl_export_taken(m->ex, &value));
		return;
	}
	if (apl_span_read(text, strlen(text), &span, NULL) != APLOMB_OK) {
		apl_moving_cannot(m, from, "export-clock", "\"%.40s\" is no span of clock time, and SCXML has no other", text);
		return;
	}
	char seconds[APL_EXPORT_SECONDS];
	apl_export_attribute(out, "delay", apl_export_seconds(span, seconds));
}

/* case:send { … }, and scxml.send(case, { … }). [location]: the id was made there just before, or NULL. */
static void write_send(apl_moving *m, uint32_t from, uint32_t to, bool is_of_module, const char *location, uint32_t depth, apl_buf *out) {
	static const char *const attributes[][3] = {
	    {"event", "event", "eventexpr"}, {"target", "target", "targetexpr"}, {"type", "type", "typeexpr"}, {"delay", "delay", "delayexpr"}};
	reading r = begin_members(m, from, to);
	if (!r.is_table) {
		apl_moving_cannot(m, from, "export-function", "what is sent has to be written out where it is sent");
		return;
	}
	uint32_t data = 0, data_end = 0, value, end;
	const char *name, *event = NULL;
	reading ahead = r;
	while (next_member(m, &ahead, &name, &value, &end)) {
		if (name != NULL && strcmp(name, "event") == 0) event = literal(m, value, end);
		if (name == NULL || strcmp(name, "data") != 0) continue;
		data = value;
		data_end = end;
	}
	const carrying carried = event_carrying(m, event);
	if (event == NULL && !m->ex->is_imported) {
		apl_moving_cannot(m, from, "export-function", "the event's name has to be written out");
		return;
	}
	if (lacks_required(m, &carried, data, data_end, depth, out)) return;
	apl_buf element;
	apl_export_buf(m->ex, &element);
	apl_export_indent(&element, depth);
	APL_BUF_LITERAL(&element, "<send");
	while (next_member(m, &r, &name, &value, &end)) {
		if (name == NULL) continue;
		bool is_known = false;
		for (size_t i = 0; i < (is_of_module ? 4 : 1) && !is_known; i++) {
			is_known = strcmp(name, attributes[i][0]) == 0;
			if (is_known) text_or_expression(m, attributes[i][1], attributes[i][2], value, end, &element);
		}
		if (is_known) continue;
		if (strcmp(name, "after") == 0) {
			write_delay(m, value, end, &element);
		} else if (strcmp(name, "id") == 0) {
			const char *id = literal(m, value, end);
			if (id != NULL)
				apl_export_attribute(&element, "id", id);
			else if (location != NULL && strcmp(piece(m, value, end), location) == 0)
				apl_export_attribute(&element, "idlocation", location);
			else
				apl_moving_cannot(
				    m, value, "export-function", "the id of what is sent has to be written out, for SCXML has no expression there");
		} else if (strcmp(name, "to") == 0) {
			apl_moving_cannot(
			    m, value, "export-target", "an event for another case cannot be addressed in SCXML, whose sessions have ids of their own");
		}
	}
	APL_BUF_LITERAL(&element, ">\n");
	size_t inside = element.size;
	if (data_end > 0 && is_of_module)
		write_imported_data(m, data, data_end, depth + 1, &element);
	else if (data_end > 0)
		write_data(m, data, data_end, &carried, depth + 1, out, &element);
	close_element(&element, "send", inside, depth);
	add_behind(m->ex, out, &element);
}

/* What the effect carries though nobody gave it. */
static void write_defaults(apl_moving *m, const arguments *a, const apl_schema *schema, uint32_t depth, apl_buf *out) {
	for (uint32_t f = schema->fields[0].first_child; f != APL_NO_FIELD; f = schema->fields[f].next) {
		if (!schema->fields[f].has_default) continue;
		if (a->n > 1 && is_given(m, a->from[1], a->to[1], schema->fields[f].name)) continue;
		apl_buf text;
		apl_export_buf(m->ex, &text);
		apl_export_value(schema, f, &text);
		write_param(out, depth, schema->fields[f].name, apl_export_taken(m->ex, &text));
	}
}

static void write_effect(apl_moving *m, const arguments *a, uint32_t depth, apl_buf *out) {
	const char *kind = a->n > 0 ? literal(m, a->from[0], a->to[0]) : NULL;
	if (kind == NULL) {
		apl_moving_cannot(m, a->from[0], "export-function", "the effect's kind has to be written out, for the <send> names it");
		return;
	}
	const uint32_t number = apl_program_effect(m->ex->program, kind, strlen(kind));
	const carrying carried = {number != APL_NONE && !m->ex->is_imported ? m->ex->program->effects[number].schema : NULL, true, kind};
	if (lacks_required(m, &carried, a->n > 1 ? a->from[1] : 0, a->n > 1 ? a->to[1] : 0, depth, out)) return;
	apl_buf element;
	apl_export_buf(m->ex, &element);
	apl_export_indent(&element, depth);
	APL_BUF_LITERAL(&element, "<send type=\"" APL_SCXML_EFFECT "\"");
	apl_export_attribute(&element, "event", kind);
	const char *name;
	uint32_t value, end;
	if (a->n > 2) {
		reading r = begin_members(m, a->from[2], a->to[2]);
		while (r.is_table && next_member(m, &r, &name, &value, &end)) {
			const char *because = name != NULL && strcmp(name, "because") == 0 ? literal(m, value, end) : NULL;
			if (because != NULL)
				apl_export_attribute(&element, "aplomb:because", because);
			else
				apl_moving_cannot(m, value, "export-function", "only a reason that is written out comes along with an effect");
		}
	}
	APL_BUF_LITERAL(&element, ">\n");
	size_t inside = element.size;
	if (a->n > 1) write_data(m, a->from[1], a->to[1], &carried, depth + 1, out, &element);
	if (carried.schema != NULL) write_defaults(m, a, carried.schema, depth + 1, &element);
	close_element(&element, "send", inside, depth);
	add_behind(m->ex, out, &element);
}

static void write_log(apl_moving *m, const arguments *a, uint32_t depth, apl_buf *out) {
	const char *level = a->n > 0 ? literal(m, a->from[0], a->to[0]) : NULL;
	const char *said = a->n > 1 ? literal(m, a->from[1], a->to[1]) : NULL;
	apl_export_indent(out, depth);
	APL_BUF_LITERAL(out, "<log");
	if (m->ex->is_imported && said != NULL && a->n == 2) {
		apl_export_attribute(out, "label", said);
	} else {
		if (level != NULL) apl_export_attribute(out, "label", level);
		if (a->n > 1) apl_export_attribute(out, "expr", piece(m, a->from[1], a->to[1]));
		if (a->n > 2)
			apl_found(m->ex->findings, APLOMB_WARNING, "export-left-out", m->place,
			    "the fields of a line of the log are left out: <log> has one value");
	}
	APL_BUF_LITERAL(out, "/>\n");
}

static void write_call(apl_moving *m, uint32_t at, const apl_token *word, const char *location, uint32_t depth, apl_buf *out) {
	apl_token name = apl_moving_token(m, at);
	const bool is_of_module = !apl_moving_is(m, &name, m->parameters[0]);
	arguments a = read_arguments(m, behind(word));
	if (is_of_module && apl_moving_is(m, word, "send")) {
		write_send(m, a.from[1], a.to[1], true, location, depth, out);
	} else if (is_of_module && apl_moving_is(m, word, "log")) {
		const char *label = literal(m, a.from[1], a.to[1]);
		apl_export_indent(out, depth);
		APL_BUF_LITERAL(out, "<log");
		if (label != NULL && label[0] != '\0') apl_export_attribute(out, "label", label);
		apl_export_attribute(out, "expr", piece(m, a.from[2], a.to[2]));
		APL_BUF_LITERAL(out, "/>\n");
	} else if (apl_moving_is(m, word, "raise")) {
		write_raise(m, &a, depth, out);
	} else if (apl_moving_is(m, word, "send")) {
		write_send(m, a.from[0], a.to[0], false, location, depth, out);
	} else if (apl_moving_is(m, word, "cancel") && a.n > 0) {
		apl_export_indent(out, depth);
		APL_BUF_LITERAL(out, "<cancel");
		text_or_expression(m, "sendid", "sendidexpr", a.from[0], a.to[0], out);
		APL_BUF_LITERAL(out, "/>\n");
	} else if (apl_moving_is(m, word, "effect")) {
		write_effect(m, &a, depth, out);
	} else if (apl_moving_is(m, word, "log")) {
		write_log(m, &a, depth, out);
	} else if (apl_moving_is(m, word, "ask")) {
		apl_moving_cannot(m, at, "export-ask",
		    "a question that is closed by its first answer has no counterpart in SCXML; ask for an effect, and send yourself an event for "
		    "when nobody answers");
	} else {
		apl_moving_cannot(m, at, "export-function", "case:%.*s has no counterpart in SCXML", (int)word->size, m->bytes + word->offset);
	}
}

static bool may_fail(const char *expression) {
	static const char *const safe[] = {"Carried('", "In('"};
	char rest[2048];
	size_t size = 0;
	while (*expression != '\0') {
		bool is_safe = false;
		for (size_t i = 0; i < sizeof safe / sizeof *safe && !is_safe; i++) {
			const size_t length = strlen(safe[i]);
			const char *end = strncmp(expression, safe[i], length) == 0 ? strstr(expression + length, "')") : NULL;
			if (end == NULL) continue;
			expression = end + 2;
			is_safe = true;
		}
		if (size + 2 > sizeof rest) return true;
		rest[size++] = is_safe ? 'x' : *expression++;
	}
	rest[size] = '\0';
	return !apl_piece_cannot_fail(rest);
}

/* ---- blocks ------------------------------------------------------------------------------------------------- */

typedef struct chunk {
	uint32_t from, to; /* statements that wait for their <script>; empty when equal */
} chunk;

static void flush(apl_moving *m, chunk *c, uint32_t depth, apl_buf *out) {
	if (c->from < c->to) {
		const char *text = piece(m, c->from, c->to);
		apl_export_script(out, depth, text, strlen(text));
	}
	c->from = c->to = 0;
}

static uint32_t write_statements(apl_moving *m, uint32_t at, uint32_t depth, apl_buf *out);

/* From behind the `if`, or the `elseif` that has become one; returns behind its `end`. */
static uint32_t write_if(apl_moving *m, uint32_t at, uint32_t depth, apl_buf *out) {
	uint32_t end = apl_moving_skip(m, at);
	const char *cond = had_before(m, piece(m, at, end), depth, out);
	apl_export_indent(out, depth);
	APL_BUF_LITERAL(out, "<if");
	apl_export_attribute(out, "cond", cond);
	APL_BUF_LITERAL(out, ">\n");
	for (;;) {
		apl_token then = apl_moving_token(m, end);
		end = write_statements(m, behind(&then), depth + 1, out);
		apl_token next = apl_moving_token(m, end);
		at = behind(&next);
		end = at;
		if (apl_sign_is(&next, APL_LUA_ELSE)) {
			apl_export_indent(out, depth);
			APL_BUF_LITERAL(out, "<else/>\n");
			end = write_statements(m, at, depth + 1, out);
			apl_token last = apl_moving_token(m, end);
			end = behind(&last);
			break;
		}
		if (!apl_sign_is(&next, APL_LUA_ELSEIF)) break;
		end = apl_moving_skip(m, at);
		cond = piece(m, at, end);
		if (!m->ex->is_imported && may_fail(cond)) {
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
	apl_token sign = apl_moving_token(m, to), value = apl_moving_token(m, behind(&sign));
	if (!apl_sign_is(&sign, APL_SIGN_ASSIGN) || !apl_moving_is(m, &value, name)) return NULL;
	*end = behind(&value);
	return piece(m, at, to);
}

/* for _, _item in scxml.items(array) do item = _item …: from behind the `for`. false: it is another loop. */
static bool write_foreach(apl_moving *m, uint32_t at, uint32_t depth, apl_buf *out) {
	apl_token index = apl_moving_token(m, at), comma = apl_moving_token(m, behind(&index)), item = apl_moving_token(m, behind(&comma));
	apl_token in = apl_moving_token(m, behind(&item)), module = apl_moving_token(m, behind(&in));
	if (!m->ex->is_imported || !apl_sign_is(&in, APL_LUA_IN) || !apl_moving_is_module(m, &module, "aplomb.scxml")) return false;
	apl_token dot = apl_moving_token(m, behind(&module)), word = apl_moving_token(m, behind(&dot));
	arguments a = read_arguments(m, behind(&word));
	apl_token close = apl_moving_token(m, a.to[0]), word_do = apl_moving_token(m, behind(&close));
	at = behind(&word_do);
	const char *to_item = given(m, at, "_item", &at);
	const char *to_index = given(m, at, "_index", &at);
	if (to_item == NULL) return false;
	apl_export_indent(out, depth);
	APL_BUF_LITERAL(out, "<foreach");
	apl_export_attribute(out, "array", piece(m, a.from[0], a.to[0]));
	apl_export_attribute(out, "item", to_item);
	if (to_index != NULL) apl_export_attribute(out, "index", to_index);
	APL_BUF_LITERAL(out, ">\n");
	size_t inside = out->size;
	write_statements(m, at, depth + 1, out);
	close_element(out, "foreach", inside, depth);
	return true;
}

/* LOCATION = EXPRESSION; false: it is another statement. */
static bool write_assign(apl_moving *m, uint32_t at, uint32_t end, uint32_t depth, apl_buf *out) {
	apl_exporting *ex = m->ex;
	uint32_t to = apl_moving_skip(m, at);
	apl_token sign = apl_moving_token(m, to), first = apl_moving_token(m, at);
	if (!apl_sign_is(&sign, APL_SIGN_ASSIGN) || apl_moving_skip(m, behind(&sign)) < end || first.kind != APL_TOKEN_NAME) return false;
	apl_buf location, value;
	apl_export_buf(ex, &location);
	apl_export_buf(ex, &value);
	const apl_field *field = ex->is_imported ? NULL : apl_moving_field(m, at, to, &location);
	const bool is_good = ex->is_imported || field != NULL;
	if (field != NULL)
		apl_moving_write_checked(m, field, behind(&sign), end, &value);
	else if (is_good) {
		apl_moving_write(m, at, to, &location);
		apl_moving_write(m, behind(&sign), end, &value);
	}
	if (is_good) {
		apl_export_indent(out, depth);
		APL_BUF_LITERAL(out, "<assign");
		apl_export_attribute(out, "location", apl_buf_terminate(&location));
		apl_export_attribute(out, "expr", apl_buf_terminate(&value));
		APL_BUF_LITERAL(out, "/>\n");
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
		apl_token made = apl_sign_is(&sign, APL_SIGN_ASSIGN) ? word_of(m, behind(&sign)) : (apl_token){.kind = APL_TOKEN_END};
		if (word.kind != APL_TOKEN_END) {
			flush(m, &script, depth, out);
			write_call(m, at, &word, location, depth, out);
			location = NULL;
		} else if (made.kind != APL_TOKEN_END && apl_moving_is(m, &made, "id")) {
			flush(m, &script, depth, out);
			location = piece(m, at, apl_moving_skip(m, at));
		} else if (apl_sign_is(&t, APL_LUA_IF) && has_words(m, at, end)) {
			flush(m, &script, depth, out);
			write_if(m, behind(&t), depth, out);
		} else if (apl_sign_is(&t, APL_LUA_FOR) && has_words(m, at, end)) {
			flush(m, &script, depth, out);
			if (!write_foreach(m, behind(&t), depth, out))
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
		at = behind(&t);
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
		apl_token next = apl_moving_token(&m, behind(&first));
		if (apl_sign_is(&next, APL_SIGN_OPEN_PAREN)) first = next; /* which keep several values one */
		const uint32_t from = is_return ? behind(&first) : first.offset;
		apl_export_indent(out, depth);
		APL_BUF_LITERAL(out, "<donedata>\n");
		write_imported_data(&m, from, apl_moving_skip(&m, from), depth + 1, out);
		apl_export_indent(out, depth);
		APL_BUF_LITERAL(out, "</donedata>\n");
	}
	apl_moving_end(&m);
	if (held != 0) apl_lua_release(ex->host, held);
}
