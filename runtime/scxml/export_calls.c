/* SPDX-License-Identifier: MIT */
/*
 * Decides which element a call of an action becomes: what a case raises, sends, cancels, logs and asks the world for, and what
 * comes along as its data. What the world is asked for is a <send> of a type of ours.
 */
#include "scxml/export_inside.h"
#include "scxml/inside.h"

#include <stdio.h>
#include <string.h>

#include "time/instant.h"

/* Of the call whose callee ends at [at]. */
apl_export_arguments apl_export_arguments_of(const apl_moving *m, uint32_t at) {
	apl_export_arguments a = {.n = 0};
	apl_token open = apl_moving_token(m, at);
	if (!apl_sign_is(&open, APL_SIGN_OPEN_PAREN)) {
		a.from[0] = open.offset;
		a.to[0] = apl_moving_skip(m, open.offset);
		a.n = 1;
		return a;
	}
	at = apl_behind(&open);
	while (a.n < APL_EXPORT_MOST_ARGUMENTS) {
		apl_token t = apl_moving_token(m, at);
		if (apl_sign_is(&t, APL_SIGN_CLOSE_PAREN)) return a;
		a.from[a.n] = t.offset;
		a.to[a.n] = at = apl_moving_skip(m, t.offset);
		a.n++;
		t = apl_moving_token(m, at);
		if (!apl_sign_is(&t, APL_SIGN_COMMA)) return a;
		at = apl_behind(&t);
	}
	return a;
}

/* Is the piece one text and nothing else? Its value, in the arena. */
static const char *literal(apl_moving *m, uint32_t from, uint32_t to) {
	apl_token t = apl_moving_token(m, from), next = apl_moving_token(m, apl_behind(&t));
	if ((t.kind != APL_TOKEN_TEXT && t.kind != APL_TOKEN_LONG_TEXT) || next.offset < to) return NULL;
	apl_buf value;
	apl_export_buf(m->ex, &value);
	apl_token_value(m->bytes, &t, &value);
	return apl_export_taken(m->ex, &value);
}

const char *apl_export_piece(apl_moving *m, uint32_t from, uint32_t to) {
	apl_buf out;
	apl_export_buf(m->ex, &out);
	apl_moving_write(m, from, to, &out);
	return apl_export_taken(m->ex, &out);
}

/* name="…" of a text that is known now, otherwise nameexpr="…". */
static void text_or_expression(apl_moving *m, const char *name, const char *name_of_expression, uint32_t from, uint32_t to, apl_buf *out) {
	const char *text = literal(m, from, to);
	apl_export_attribute(out, text != NULL ? name : name_of_expression, text != NULL ? text : apl_export_piece(m, from, to));
}

/* The members of a table that is written out: name after name. */
typedef struct reading {
	uint32_t at;
	bool is_table;
} reading;

static reading begin_members(const apl_moving *m, uint32_t from, uint32_t to) {
	apl_token open = apl_moving_token(m, from);
	const bool is_table = apl_sign_is(&open, APL_SIGN_OPEN_BRACE) && apl_moving_skip(m, from) >= to;
	return (reading){apl_behind(&open), is_table};
}

/* false: there are no more. [*name] NULL: this one has none that is written out. */
static bool next_member(apl_moving *m, reading *r, const char **name, uint32_t *from, uint32_t *to) {
	apl_token t = apl_moving_token(m, r->at);
	if (apl_sign_is(&t, APL_SIGN_COMMA) || apl_sign_is(&t, APL_SIGN_SEMICOLON)) t = apl_moving_token(m, apl_behind(&t));
	if (apl_sign_is(&t, APL_SIGN_CLOSE_BRACE) || t.kind == APL_TOKEN_END) return false;
	apl_token next = apl_moving_token(m, apl_behind(&t));
	*name = NULL;
	*from = t.offset;
	if (t.kind == APL_TOKEN_NAME && apl_sign_is(&next, APL_SIGN_ASSIGN)) {
		*name = apl_export_text(m->ex, m->bytes + t.offset, t.size);
		*from = apl_behind(&next);
	} else if (apl_sign_is(&t, APL_SIGN_OPEN_BRACKET)) {
		apl_token close = apl_moving_token(m, apl_behind(&next)), sign = apl_moving_token(m, apl_behind(&close));
		if (apl_sign_is(&close, APL_SIGN_CLOSE_BRACKET) && apl_sign_is(&sign, APL_SIGN_ASSIGN))
			*name = literal(m, next.offset, apl_behind(&next));
		*from = apl_behind(&sign);
	}
	*to = r->at = apl_moving_skip(m, *from);
	return true;
}

/* The argument of `scxml.WORD(…)`, when the piece is such a call: [*from] and [*to] are its arguments' then. */
static bool unwrap(apl_moving *m, const char *word, apl_export_arguments *a, uint32_t from, uint32_t to) {
	apl_token module = apl_moving_token(m, from), dot = apl_moving_token(m, apl_behind(&module)),
	          what = apl_moving_token(m, apl_behind(&dot));
	if (!m->ex->is_imported || !apl_moving_is(m, &what, word) || !apl_moving_is_module(m, &module, "aplomb.scxml")) return false;
	*a = apl_export_arguments_of(m, apl_behind(&what));
	return a->n > 0 && a->to[a->n - 1] <= to;
}

/*
 * An expression of a function, where a failure would leave out no more than this piece, and not end the block: it is had before, in a
 * variable.
 */
const char *apl_export_had_before(apl_moving *m, const char *expression, uint32_t depth, apl_buf *out) {
	apl_exporting *ex = m->ex;
	if (ex->is_imported || !apl_export_may_fail(expression)) return expression;
	char name[32];
	do {
		snprintf(name, sizeof name, "value_%u", (unsigned)++ex->n_names);
	} while (apl_export_is_taken(ex, name));
	const char *variable = apl_export_text(ex, name, strlen(name));
	apl_export_declare(ex, variable);
	apl_export_assign(out, depth, variable, expression);
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
void apl_export_imported_data(apl_moving *m, uint32_t from, uint32_t to, uint32_t depth, apl_buf *out) {
	const char *name;
	uint32_t value, end;
	apl_export_arguments a, items;
	const bool is_wrapped = unwrap(m, "data", &a, from, to);
	if (!is_wrapped) {
		write_content(out, depth, apl_export_piece(m, from, to));
		return;
	}
	reading r = begin_members(m, a.from[0], a.to[0]);
	while (next_member(m, &r, &name, &value, &end)) {
		if (name == NULL) continue;
		if (!unwrap(m, "list", &items, value, end)) {
			write_param(out, depth, name, apl_export_piece(m, value, end));
			continue;
		}
		for (uint32_t i = 0; i < items.n; i++) write_param(out, depth, name, apl_export_piece(m, items.from[i], items.to[i]));
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
	return apl_export_piece(m, from, to);
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
		write_content(out, depth, apl_export_piece(m, from, to));
		return;
	}
	while (next_member(m, &r, &name, &value, &end)) {
		if (name == NULL) {
			apl_moving_cannot(m, value, "export-function", "each member has to have a name that is written out, for it becomes a <param>");
			continue;
		}
		if (m->ex->is_imported && strcmp(name, "data") == 0 && !c->is_effect) {
			apl_export_imported_data(m, value, end, depth, out);
			continue;
		}
		const uint32_t field =
		    c->schema != NULL && !m->ex->is_imported ? apl_schema_member(c->schema, 0, name, strlen(name)) : APL_NO_FIELD;
		const char *text =
		    field != APL_NO_FIELD ? carried_value(m, &c->schema->fields[field], value, end) : apl_export_piece(m, value, end);
		write_param(out, depth, name, apl_export_had_before(m, text, depth - 1, before));
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

static void write_raise(apl_moving *m, const apl_export_arguments *a, uint32_t depth, apl_buf *out) {
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
	apl_export_close(&element, "send", inside, depth);
	add_behind(m->ex, out, &element);
}

static void write_delay(apl_moving *m, uint32_t from, uint32_t to, apl_buf *out) {
	const char *text = literal(m, from, to);
	aplomb_span span;
	if (text == NULL) {
		apl_token number = apl_moving_token(m, from), next = apl_moving_token(m, apl_behind(&number));
		if (number.kind == APL_TOKEN_NUMBER && number.size == 1 && m->bytes[number.offset] == '0' && next.offset >= to) return;
		apl_export_needs(m->ex, APL_HELPER_SECONDS);
		apl_export_needs(m->ex, APL_HELPER_SPAN);
		apl_buf value;
		apl_export_buf(m->ex, &value);
		apl_buf_format(&value, "Seconds(Span(%s))", apl_export_piece(m, from, to));
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
			else if (location != NULL && strcmp(apl_export_piece(m, value, end), location) == 0)
				apl_export_attribute(&element, "idlocation", location);
			else
				apl_moving_cannot(
				    m, value, "export-function", "the id of what is sent has to be written out, for SCXML has no expression there");
		} else if (strcmp(name, "overdue") == 0) {
			apl_found(m->ex->findings, APLOMB_WARNING, "export-left-out", m->place,
			    "overdue of what is sent is left out: SCXML knows no downtime, and what is due comes");
		} else if (strcmp(name, "to") == 0) {
			apl_moving_cannot(
			    m, value, "export-target", "an event for another case cannot be addressed in SCXML, whose sessions have ids of their own");
		}
	}
	APL_BUF_LITERAL(&element, ">\n");
	size_t inside = element.size;
	if (data_end > 0 && is_of_module)
		apl_export_imported_data(m, data, data_end, depth + 1, &element);
	else if (data_end > 0)
		write_data(m, data, data_end, &carried, depth + 1, out, &element);
	apl_export_close(&element, "send", inside, depth);
	add_behind(m->ex, out, &element);
}

/* What the effect carries though nobody gave it. */
static void write_defaults(apl_moving *m, const apl_export_arguments *a, const apl_schema *schema, uint32_t depth, apl_buf *out) {
	for (uint32_t f = schema->fields[0].first_child; f != APL_NO_FIELD; f = schema->fields[f].next) {
		if (!schema->fields[f].has_default) continue;
		if (a->n > 1 && is_given(m, a->from[1], a->to[1], schema->fields[f].name)) continue;
		apl_buf text;
		apl_export_buf(m->ex, &text);
		apl_export_value(schema, f, &text);
		write_param(out, depth, schema->fields[f].name, apl_export_taken(m->ex, &text));
	}
}

static void write_effect(apl_moving *m, const apl_export_arguments *a, uint32_t depth, apl_buf *out) {
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
	apl_export_close(&element, "send", inside, depth);
	add_behind(m->ex, out, &element);
}

static void write_log(apl_moving *m, const apl_export_arguments *a, uint32_t depth, apl_buf *out) {
	const char *level = a->n > 0 ? literal(m, a->from[0], a->to[0]) : NULL;
	const char *said = a->n > 1 ? literal(m, a->from[1], a->to[1]) : NULL;
	apl_export_indent(out, depth);
	APL_BUF_LITERAL(out, "<log");
	if (m->ex->is_imported && said != NULL && a->n == 2) {
		apl_export_attribute(out, "label", said);
	} else {
		if (level != NULL) apl_export_attribute(out, "label", level);
		if (a->n > 1) apl_export_attribute(out, "expr", apl_export_piece(m, a->from[1], a->to[1]));
		if (a->n > 2)
			apl_found(m->ex->findings, APLOMB_WARNING, "export-left-out", m->place,
			    "the fields of a line of the log are left out: <log> has one value");
	}
	APL_BUF_LITERAL(out, "/>\n");
}

void apl_export_call(apl_moving *m, uint32_t at, const apl_token *word, const char *location, uint32_t depth, apl_buf *out) {
	apl_token name = apl_moving_token(m, at);
	const bool is_of_module = !apl_moving_is(m, &name, m->parameters[0]);
	apl_export_arguments a = apl_export_arguments_of(m, apl_behind(word));
	if (is_of_module && apl_moving_is(m, word, "send")) {
		write_send(m, a.from[1], a.to[1], true, location, depth, out);
	} else if (is_of_module && apl_moving_is(m, word, "log")) {
		const char *label = literal(m, a.from[1], a.to[1]);
		apl_export_indent(out, depth);
		APL_BUF_LITERAL(out, "<log");
		if (label != NULL && label[0] != '\0') apl_export_attribute(out, "label", label);
		apl_export_attribute(out, "expr", apl_export_piece(m, a.from[2], a.to[2]));
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

bool apl_export_may_fail(const char *expression) {
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
