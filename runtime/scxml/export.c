/* SPDX-License-Identifier: MIT */
/*
 * Decides how states and variables are called in an exported document, which
 * variables there are and what they begin with, and what stands in it in which order.
 */
#include "scxml/export_inside.h"

#include <stdio.h>
#include <string.h>

/* ---- texts ---------------------------------------------------------------------------------- */

void apl_export_buf(apl_exporting *ex, apl_buf *out) {
	apl_buf_init(out, &ex->alloc);
}

const char *apl_export_text(apl_exporting *ex, const char *text, size_t size) {
	const char *copy = apl_arena_text(&ex->arena, text, size);
	if (copy != NULL) return copy;
	ex->no_memory = true;
	return "";
}

const char *apl_export_taken(apl_exporting *ex, apl_buf *buf) {
	if (buf->failed) ex->no_memory = true;
	const char *copy = apl_export_text(ex, buf->bytes, buf->failed ? 0 : buf->size);
	apl_buf_dispose(buf);
	return copy;
}

void apl_export_needs(apl_exporting *ex, apl_lua_helper helper) {
	ex->helpers |= UINT64_C(1) << helper;
}

static const char **take_names(apl_exporting *ex, uint32_t count) {
	const char **names = apl_arena_take(&ex->arena, ((size_t)count + 1) * sizeof *names);
	if (names == NULL) {
		ex->no_memory = true;
		return NULL;
	}
	memset(names, 0, ((size_t)count + 1) * sizeof *names);
	return names;
}

/* ---- names ------------------------------------------------------------------------------------ */

static bool is_reserved(const char *name) {
	static const char *const reserved[] = {"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
	    "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while", "assert", "error", "ipairs", "next", "pairs",
	    "select", "tonumber", "tostring", "type", "math", "string", "table", "utf8", "In", "print", "os", "io", "load", "require", "pcall",
	    "rawget", "rawset", "debug", "coroutine", "package", "case", "scxml"};
	if (name[0] == '_') return true;
	for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
		if (strcmp(name, reserved[i]) == 0) return true;
	for (int i = 0; i < APL_HELPERS; i++)
		if (strcmp(name, apl_lua_helper_name((apl_lua_helper)i)) == 0) return true;
	return false;
}

static bool is_variable(const apl_exporting *ex, const char *name) {
	for (uint32_t i = 0; ex->variables != NULL && i < ex->program->data->n_fields; i++)
		if (ex->variables[i] != NULL && strcmp(ex->variables[i], name) == 0) return true;
	for (uint32_t i = 0; ex->params != NULL && i < ex->program->params->n_fields; i++)
		if (ex->params[i] != NULL && strcmp(ex->params[i], name) == 0) return true;
	return false;
}

bool apl_export_is_taken(const apl_exporting *ex, const char *name) {
	return is_reserved(name) || is_variable(ex, name);
}

/* By its own name, if nobody else has it. */
static void name_members(apl_exporting *ex, const apl_schema *schema, const char **names, const char *prefix) {
	for (uint32_t i = 1; i < schema->n_fields && !ex->no_memory; i++) {
		const apl_field *field = &schema->fields[i];
		if (field->parent != 0 || field->is_item) continue;
		apl_buf name;
		apl_export_buf(ex, &name);
		apl_buf_text(&name, field->name);
		if (apl_export_is_taken(ex, apl_buf_terminate(&name))) {
			apl_buf_clear(&name);
			apl_buf_format(&name, "%s_%s", prefix, field->name);
		}
		while (!name.failed && apl_export_is_taken(ex, apl_buf_terminate(&name))) apl_buf_byte(&name, '_');
		names[i] = apl_export_taken(ex, &name);
	}
}

static bool is_unique(const apl_chart *chart, uint32_t number) {
	for (uint32_t s = 1; s < chart->n_states; s++)
		if (s != number && strcmp(chart->states[s].id, chart->states[number].id) == 0) return false;
	return true;
}

/* SCXML's ids are unique: an id that several states of the playbook have is told apart by its path, with "_" for the dots. */
static void name_states(apl_exporting *ex) {
	const apl_chart *chart = ex->chart;
	ex->ids = take_names(ex, chart->n_states);
	if (ex->ids == NULL) return;
	ex->ids[0] = "";
	for (uint32_t s = 1; s < chart->n_states; s++) {
		const apl_state *state = &chart->states[s];
		if (ex->is_imported || is_unique(chart, s)) {
			ex->ids[s] = state->id;
			continue;
		}
		apl_buf id;
		apl_export_buf(ex, &id);
		for (const char *c = state->path; *c != '\0'; c++) apl_buf_byte(&id, *c == '.' ? '_' : *c);
		ex->ids[s] = apl_export_taken(ex, &id);
	}
	apl_buf shell;
	apl_export_buf(ex, &shell);
	apl_buf_text(&shell, ex->program->id);
	for (bool is_taken = true; is_taken && !shell.failed;) {
		is_taken = false;
		for (uint32_t s = 1; s < chart->n_states && !is_taken; s++) is_taken = strcmp(ex->ids[s], apl_buf_terminate(&shell)) == 0;
		if (is_taken) apl_buf_byte(&shell, '_');
	}
	ex->shell = apl_export_taken(ex, &shell);
}

/* ---- what expressions ask for --------------------------------------------------------------------- */

static void needs(void *self, apl_lua_helper helper) {
	apl_export_needs(self, helper);
}

static void variable(void *self, bool is_param, const apl_schema *schema, uint32_t field, apl_buf *out) {
	apl_exporting *ex = self;
	const char *const *names = is_param ? ex->params : ex->variables;
	uint32_t outermost = field;
	while (schema->fields[outermost].parent != 0) outermost = schema->fields[outermost].parent;
	apl_buf_text(out, names[outermost] != NULL ? names[outermost] : "nil");
	const char *path = schema->fields[field].path;
	if (outermost != field) apl_buf_text(out, path + schema->fields[outermost].name_size);
}

static bool may_lack(void *self, bool is_param, uint32_t field) {
	const apl_exporting *ex = self;
	const apl_schema *schema = is_param ? ex->program->params : ex->program->data;
	const apl_field *about = &schema->fields[field];
	return is_param ? !about->required && !about->has_default : ex->may_lack[field];
}

static void looks_at(void *self, const apl_schema *event, uint32_t field) {
	apl_exporting *ex = self;
	for (uint32_t i = 0; i < ex->n_looked_at; i++)
		if (ex->looked_at[i].schema == event && ex->looked_at[i].field == field) return;
	if (APL_GROW(&ex->alloc, ex->looked_at, ex->n_looked_at, ex->looked_at_capacity))
		ex->looked_at[ex->n_looked_at++] = (apl_looked_at){event, field};
	else
		ex->no_memory = true;
}

static bool knows(void *self, apl_guard_topic topic, apl_buf *out) {
	apl_exporting *ex = self;
	if (topic == APL_GUARD_CASE_ID) {
		APL_BUF_LITERAL(out, "_sessionid");
		return true;
	}
	if (topic != APL_GUARD_EVENT_NAME) return false;
	apl_export_needs(ex, APL_HELPER_EVENT_NAME);
	APL_BUF_LITERAL(out, "EventName()");
	return true;
}

static void is_in(void *self, uint32_t state, apl_buf *out) {
	apl_exporting *ex = self;
	if (state == 0) {
		APL_BUF_LITERAL(out, "true");
		return;
	}
	APL_BUF_LITERAL(out, "In(");
	apl_lua_quote(out, ex->ids[state], strlen(ex->ids[state]));
	apl_buf_byte(out, ')');
}

bool apl_export_variable(apl_exporting *ex, bool is_param, const char *path, apl_buf *out, const apl_field **field) {
	const apl_schema *schema = is_param ? ex->program->params : ex->program->data;
	uint32_t number = 0;
	for (const char *at = path; *at != '\0';) {
		size_t size = strcspn(at, ".");
		number = apl_schema_member(schema, number, at, size);
		if (number == APL_NO_FIELD) return false;
		at += size + (at[size] == '.');
	}
	*field = &schema->fields[number];
	variable(ex, is_param, schema, number, out);
	return true;
}

/* ---- what may be missing ----------------------------------------------------------------------------- */

static void find_what_may_lack(apl_exporting *ex) {
	const apl_schema *data = ex->program->data;
	ex->may_lack = apl_arena_take(&ex->arena, data->n_fields * sizeof *ex->may_lack);
	if (ex->may_lack == NULL) {
		ex->no_memory = true;
		return;
	}
	for (uint32_t i = 0; i < data->n_fields; i++) {
		const apl_field *field = &data->fields[i];
		ex->may_lack[i] = !field->required && (!field->has_default || apl_lua_names_member(ex->host, field->name));
	}
	for (bool is_more = true; is_more;) {
		is_more = false;
		for (uint32_t f = 0; f < apl_lua_functions(ex->host); f++) {
			const apl_guard *text = apl_lua_function_guard(ex->host, f);
			uint32_t field;
			for (uint32_t i = 0; text != NULL && (field = apl_guard_target(text, i)) != APL_NO_FIELD; i++) {
				if (ex->may_lack[field] || !apl_guard_may_clear(text, i, &ex->naming)) continue;
				ex->may_lack[field] = true;
				is_more = true;
			}
		}
	}
}

/* ---- data --------------------------------------------------------------------------------------------- */

/* JSON as Lua writes it, for lists and any: canonical, so it is read by its signs. */
static void add_json_text(apl_buf *out, const char *json, size_t size) {
	bool is_key_next[64];
	uint32_t depth = 0;
	for (size_t i = 0; i < size; i++) {
		const char c = json[i];
		if (c == '"') {
			size_t end = i + 1;
			while (end < size && json[end] != '"') end += json[end] == '\\' ? 2 : 1;
			const bool is_key = depth > 0 && is_key_next[depth & 63];
			if (is_key) apl_buf_byte(out, '[');
			/* Escapes of JSON: those of Lua, but for \uXXXX and \/. */
			apl_buf_byte(out, '"');
			for (size_t k = i + 1; k < end; k++) {
				if (json[k] == '\\' && k + 5 < size && json[k + 1] == 'u') {
					apl_buf_format(out, "\\u{%.4s}", json + k + 2);
					k += 5;
				} else {
					apl_buf_byte(out, json[k]);
				}
			}
			apl_buf_byte(out, '"');
			if (is_key) apl_buf_byte(out, ']');
			i = end;
		} else if (c == '{' || c == '[') {
			depth++;
			is_key_next[depth & 63] = c == '{';
			APL_BUF_LITERAL(out, "{");
		} else if (c == '}' || c == ']') {
			depth--;
			APL_BUF_LITERAL(out, "}");
		} else if (c == ':') {
			is_key_next[depth & 63] = false;
			APL_BUF_LITERAL(out, " = ");
		} else if (c == ',') {
			APL_BUF_LITERAL(out, ", ");
			is_key_next[depth & 63] = false;
			/* A map's comma is followed by a text and a colon. */
			if (i + 1 < size && json[i + 1] == '"') {
				size_t end = i + 2;
				while (end < size && json[end] != '"') end += json[end] == '\\' ? 2 : 1;
				is_key_next[depth & 63] = end + 1 < size && json[end + 1] == ':';
			}
		} else if (strncmp(json + i, "null", 4) == 0) {
			APL_BUF_LITERAL(out, "nil");
			i += 3;
		} else {
			apl_buf_byte(out, c);
		}
	}
}

void apl_export_value(const apl_schema *schema, uint32_t number, apl_buf *out) {
	const apl_field *field = &schema->fields[number];
	const uint64_t *words = schema->initial;
	char text[64];
	if (field->type == APL_TYPE_FIELDS) {
		APL_BUF_LITERAL(out, "{");
		bool is_first = true;
		for (uint32_t child = field->first_child; child != APL_NO_FIELD; child = schema->fields[child].next) {
			if (schema->fields[child].type != APL_TYPE_FIELDS && !apl_record_has(words, &schema->fields[child])) continue;
			apl_buf_format(out, "%s%s = ", is_first ? " " : ", ", schema->fields[child].name);
			apl_export_value(schema, child, out);
			is_first = false;
		}
		apl_buf_text(out, is_first ? "}" : " }");
		return;
	}
	if (!apl_record_has(words, field)) {
		APL_BUF_LITERAL(out, "nil");
		return;
	}
	switch ((apl_type)field->type) {
	case APL_TYPE_INTEGER:
	case APL_TYPE_INSTANT:
	case APL_TYPE_SPAN: apl_buf_integer(out, apl_record_integer(words, field)); return;
	case APL_TYPE_NUMBER:
		snprintf(text, sizeof text, "%.17g", apl_record_number(words, field));
		apl_buf_text(out, text);
		if (strcspn(text, ".e") == strlen(text)) APL_BUF_LITERAL(out, ".0");
		return;
	case APL_TYPE_BOOLEAN: apl_buf_text(out, words[field->word] != 0 ? "true" : "false"); return;
	case APL_TYPE_MONEY: apl_lua_quote(out, text, apl_money_write(apl_record_money(words, field), text)); return;
	case APL_TYPE_ONE_OF: apl_lua_quote(out, field->choices[words[field->word]], strlen(field->choices[words[field->word]])); return;
	case APL_TYPE_TEXT: apl_lua_quote(out, apl_record_text(words, field)->bytes, apl_record_text(words, field)->size); return;
	case APL_TYPE_LIST:
	case APL_TYPE_ANY: add_json_text(out, apl_record_text(words, field)->bytes, apl_record_text(words, field)->size); return;
	case APL_TYPE_FIELDS: return;
	}
}

void apl_export_declare(apl_exporting *ex, const char *name) {
	APL_BUF_LITERAL(&ex->declared, "\t\t<data");
	apl_export_attribute(&ex->declared, "id", name);
	APL_BUF_LITERAL(&ex->declared, "/>\n");
}

static void add_members(apl_exporting *ex, const apl_schema *schema, const char *const *names, apl_buf *out) {
	for (uint32_t i = 1; i < schema->n_fields; i++) {
		if (names[i] == NULL) continue;
		const apl_field *field = &schema->fields[i];
		if (field->type == APL_TYPE_SPAN && apl_record_has(schema->initial, field) &&
		    apl_record_span_unit(schema->initial, field) != APL_SPAN_CLOCK)
			apl_export_cannot(ex, field->place, "export-clock", "%s is business time, and SCXML has no calendar", field->path);
		apl_buf value;
		apl_export_buf(ex, &value);
		apl_export_value(schema, i, &value);
		APL_BUF_LITERAL(out, "\t\t<data");
		apl_export_attribute(out, "id", names[i]);
		if (strcmp(apl_buf_terminate(&value), "nil") != 0) apl_export_attribute(out, "expr", apl_buf_terminate(&value));
		if (field->meaning != NULL) apl_export_attribute(out, "aplomb:meaning", field->meaning);
		APL_BUF_LITERAL(out, "/>\n");
		apl_buf_dispose(&value);
	}
}

/* ---- what an imported playbook does first ----------------------------------------------------------------- */

/* `name = expression`, and nothing else in it: a <data>. Adds what the block holds; false: it holds something else. */
static bool add_as_data(apl_exporting *ex, apl_moving *m, apl_buf *out) {
	apl_buf all;
	apl_export_buf(ex, &all);
	bool is_data = true;
	for (uint32_t at = m->body; is_data;) {
		apl_token name = apl_moving_token(m, at);
		if (apl_sign_is(&name, APL_LUA_END) && name.offset + name.size == m->size) break;
		apl_token sign = apl_moving_token(m, name.offset + name.size);
		is_data = name.kind == APL_TOKEN_NAME && apl_sign_is(&sign, APL_SIGN_ASSIGN) && m->bytes[name.offset] != '_';
		if (!is_data) break;
		uint32_t from = sign.offset + 1, to = apl_moving_skip(m, from);
		apl_buf value;
		apl_export_buf(ex, &value);
		apl_moving_write(m, from, to, &value);
		APL_BUF_LITERAL(&all, "\t\t<data");
		apl_export_attribute(&all, "id", apl_export_text(ex, m->bytes + name.offset, name.size));
		if (strcmp(apl_buf_terminate(&value), "nil") != 0) apl_export_attribute(&all, "expr", apl_buf_terminate(&value));
		APL_BUF_LITERAL(&all, "/>\n");
		apl_buf_dispose(&value);
		at = to;
	}
	if (is_data) apl_buf_add(out, all.bytes, all.size);
	apl_buf_dispose(&all);
	return is_data;
}

/* Each block of the playbook itself: data, or else a part of the one <script> that a document may have. */
static void add_imported_start(apl_exporting *ex, apl_buf *data, apl_buf *script) {
	const apl_state *root = &ex->chart->states[0];
	for (uint32_t i = 0; i < root->n_entry; i++) {
		const apl_handler_told block = apl_lua_handler_told(ex->host, ex->chart->blocks[root->first_entry + i]);
		for (uint32_t k = 0; k < block.count; k++) {
			const uint32_t function = block.first + k;
			int held = apl_lua_function_guard(ex->host, function) == NULL ? apl_lua_hold(ex->host, function) : 0;
			apl_moving m;
			if (!apl_moving_begin(ex, &m, held, "entry", apl_lua_function_place(ex->host, function))) {
				apl_moving_end(&m);
				if (held != 0) apl_lua_release(ex->host, held);
				continue;
			}
			if (script->size > 0 || !add_as_data(ex, &m, data)) {
				if (script->size > 0) {
					apl_found(ex->findings, APLOMB_WARNING, "export-order", m.place,
					    "a document has one <script>: when a block before this one fails, this one is not done any more");
					apl_buf_byte(script, '\n');
				}
				apl_moving_write_lines(&m, m.body, m.size - 3, script);
			}
			apl_moving_end(&m);
			if (held != 0) apl_lua_release(ex->host, held);
		}
	}
}

/* ---- the document -------------------------------------------------------------------------------------------- */

static void check_program(apl_exporting *ex) {
	const apl_program *program = ex->program;
	const apl_state *root = &ex->chart->states[0];
	if (root->kind == APL_PARALLEL)
		apl_export_cannot(ex, root->place, "export-root",
		    "the playbook itself is parallel, and ends when all of its regions have; a document of SCXML cannot");
	for (uint32_t i = 0; i < ex->chart->n_clocks; i++)
		apl_export_cannot(ex, ex->chart->clocks[i].place, "export-clock",
		    "clock \"%s\" pauses and keeps what it has counted, for which SCXML has no word", ex->chart->clocks[i].name);
	for (uint32_t i = 0; i < ex->chart->n_invokes; i++)
		apl_export_cannot(ex, ex->chart->invokes[i].place, "export-invoke",
		    "a case that a state begins is a playbook of its own, and a document that brings it along is not written yet; export each by "
		    "itself");
	for (uint32_t i = 0; i < program->n_calendars; i++)
		apl_found(ex->findings, APLOMB_WARNING, "export-left-out", program->calendars[i].place,
		    "calendar \"%s\" is left out: SCXML has none", program->calendars[i].name);
	for (uint32_t i = 0; i < program->n_effects; i++) {
		if (program->effects[i].once)
			apl_found(ex->findings, APLOMB_WARNING, "export-left-out", program->effects[i].place,
			    "effect \"%s\": once is left out: a <send> does not say whether it may be done twice", program->effects[i].name);
	}
	if (ex->has_shell && root->initial != APL_NONE) {
		const apl_transition *initial = &ex->chart->transitions[root->initial];
		for (uint32_t i = 0; i < initial->n_targets; i++) {
			const apl_state *target = &ex->chart->states[ex->chart->targets[initial->first_target + i]];
			if (target->kind == APL_FINAL && target->parent == 0)
				apl_export_cannot(
				    ex, root->place, "export-root", "the playbook begins in the final that ends it, and does something itself");
		}
	}
}

static bool needs_shell(const apl_exporting *ex) {
	const apl_chart *chart = ex->chart;
	const apl_state *root = &chart->states[0];
	if (root->n_history > 0) return true;
	if (root->n_entry > 0 && !ex->is_imported) return true;
	return root->initial != APL_NONE && chart->transitions[root->initial].block != APL_NO_HANDLER;
}

static void add_comment(apl_buf *out, const char *text) {
	APL_BUF_LITERAL(out, "<!-- ");
	for (char last = 0; *text != '\0'; last = *text++) {
		if (*text == '-' && last == '-') apl_buf_byte(out, ' ');
		apl_buf_byte(out, *text >= 0 && *text < ' ' ? ' ' : *text);
	}
	APL_BUF_LITERAL(out, " -->\n");
}

static void write_document(apl_exporting *ex, apl_buf *out) {
	apl_buf chart, data, script, functions;
	apl_export_buf(ex, &chart);
	apl_export_buf(ex, &data);
	apl_export_buf(ex, &script);
	apl_export_buf(ex, &functions);
	const apl_program *program = ex->program;
	const apl_state *root = &ex->chart->states[0];
	if (ex->is_imported) {
		add_imported_start(ex, &data, &script);
	} else {
		add_members(ex, program->data, ex->variables, &data);
		add_members(ex, program->params, ex->params, &data);
	}
	apl_export_remembered(ex, &data);
	apl_export_chart(ex, &chart);
	apl_buf_add(&data, ex->declared.bytes, ex->declared.size);
	apl_export_helpers(ex, &functions);
	for (uint32_t i = 0; i < ex->n_carried; i++) {
		if (functions.size > 0) apl_buf_byte(&functions, '\n');
		apl_buf_text(&functions, ex->carried[i].text != NULL ? ex->carried[i].text : "");
		apl_buf_byte(&functions, '\n');
	}
	APL_BUF_LITERAL(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	add_comment(out, "Written by `aplomb export`. What stands under aplomb: is for people and for `aplomb import`.");
	APL_BUF_LITERAL(
	    out, "<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" xmlns:aplomb=\"" APL_SCXML_OURS "\" version=\"1.0\" datamodel=\"lua\"");
	apl_export_attribute(out, "name", program->title != NULL ? program->title : program->id);
	if (!ex->has_shell && root->initial != APL_NONE && ex->chart->transitions[root->initial].n_targets > 0) {
		const apl_transition *initial = &ex->chart->transitions[root->initial];
		APL_BUF_LITERAL(out, " initial=\"");
		for (uint32_t i = 0; i < initial->n_targets; i++) {
			if (i > 0) apl_buf_byte(out, ' ');
			const char *id = ex->ids[ex->chart->targets[initial->first_target + i]];
			apl_export_escaped(out, id, strlen(id));
		}
		apl_buf_byte(out, '"');
	} else if (ex->has_shell) {
		apl_export_attribute(out, "initial", ex->shell);
	}
	APL_BUF_LITERAL(out, ">\n");
	if (data.size > 0) {
		APL_BUF_LITERAL(out, "\t<datamodel>\n");
		apl_buf_add(out, data.bytes, data.size);
		APL_BUF_LITERAL(out, "\t</datamodel>\n");
	}
	if (functions.size + script.size > 0) {
		apl_buf both;
		apl_export_buf(ex, &both);
		apl_buf_byte(&both, '\n');
		apl_buf_add(&both, functions.bytes, functions.size);
		apl_buf_add(&both, script.bytes, script.size);
		if (script.size > 0) apl_buf_byte(&both, '\n');
		apl_export_script(out, 1, both.bytes, both.size);
		if (both.failed) ex->no_memory = true;
		apl_buf_dispose(&both);
	}
	apl_buf_add(out, chart.bytes, chart.size);
	APL_BUF_LITERAL(out, "</scxml>\n");
	if (chart.failed || data.failed || script.failed || functions.failed || out->failed) ex->no_memory = true;
	apl_buf_dispose(&functions);
	apl_buf_dispose(&script);
	apl_buf_dispose(&data);
	apl_buf_dispose(&chart);
}

static void export(apl_exporting *ex, apl_buf *out) {
	ex->variables = take_names(ex, ex->program->data->n_fields);
	ex->params = take_names(ex, ex->program->params->n_fields);
	if (ex->variables != NULL && ex->params != NULL && !ex->is_imported) {
		name_members(ex, ex->program->data, ex->variables, "data");
		name_members(ex, ex->program->params, ex->params, "params");
	}
	name_states(ex);
	if (!ex->no_memory) find_what_may_lack(ex);
	if (ex->no_memory) return;
	ex->has_shell = needs_shell(ex);
	check_program(ex);
	write_document(ex, out);
}

int apl_scxml_export(apl_buf *out, const apl_alloc *alloc, const apl_program *program, apl_findings *findings, aplomb_error *error) {
	apl_lua *host = apl_lua_of_program(program);
	if (host == NULL)
		return apl_fail(error, APLOMB_EINVAL, "export-program",
		    "playbook \"%s\" is not written in Lua, so its guards and actions have no text", program->id);
	apl_exporting ex = {.program = program, .chart = program->chart, .host = host, .alloc = *alloc, .findings = findings};
	ex.is_imported = program->imported != NULL;
	ex.naming = (apl_guard_naming){&ex, needs, variable, may_lack, looks_at, knows, is_in};
	apl_arena_init(&ex.arena, alloc);
	apl_buf_init(&ex.declared, alloc);
	export(&ex, out);
	apl_free(alloc, ex.carried, ex.carried_capacity * sizeof *ex.carried);
	apl_free(alloc, ex.looked_at, ex.looked_at_capacity * sizeof *ex.looked_at);
	if (ex.declared.failed) ex.no_memory = true;
	apl_buf_dispose(&ex.declared);
	apl_arena_dispose(&ex.arena);
	return ex.no_memory ? apl_fail_memory(error) : apl_findings_verdict(findings, error);
}
