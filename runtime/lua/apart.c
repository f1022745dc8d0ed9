/* SPDX-License-Identifier: MIT */
/*
 * Decides how a guard is taken apart: a text as data/guard.h does it; a
 * function by what it looked at while it answered, line of code by line of code,
 * for which of them made the difference only Lua could say, and Lua stops at
 * the first that does. So the last line at which it looked at something is the
 * one on which its answer rests.
 */
#include "lua/apart.h"

#include <stdio.h>
#include <string.h>

#include "lua/define.h"
#include "lua/label.h"
#include "lua/origin.h"
#include "lua/text.h"

/* ---- texts ---------------------------------------------------------------------- */

static const char not_known_yet[] = "depends on the event";

static aplomb_verdict verdict_of(apl_guard_finding finding) {
	return finding <= APL_PART_DEPENDS ? (aplomb_verdict)finding : APLOMB_VERDICT_NONE;
}

static const char *text_of(apl_apart *out, apl_buf *buf) {
	const char *text = buf->failed ? "" : apl_apart_text(out, buf->bytes, buf->size);
	out->failed = out->failed || buf->failed;
	apl_buf_clear(buf);
	return text;
}

static void show_truth(aplomb_part *part) {
	static const char *const words[] = {"false", "true", "unknown", not_known_yet};
	part->shown = part->verdict == APLOMB_VERDICT_ERROR ? "an error" : part->verdict <= APLOMB_VERDICT_DEPENDS ? words[part->verdict] : "";
	part->value = part->verdict == APLOMB_VERDICT_TRUE ? "true" : part->verdict == APLOMB_VERDICT_FALSE ? "false" : NULL;
}

static void fill_text_part(apl_apart *out, apl_buf *buf, const apl_guard *guard, const apl_guard_apart *apart, uint32_t depth) {
	apl_guard_part about;
	apl_guard_part_at(guard, apart->part, &about);
	aplomb_part *part = apl_apart_add(out, (aplomb_part_kind)about.kind, depth + apart->depth);
	if (part == NULL) return;
	part->word = about.word;
	part->is_personal = about.is_personal;
	part->decides = apart->decides;
	part->verdict = verdict_of(apart->finding);
	part->text = apl_apart_text(out, about.text, about.size);
	if (apart->missing != APL_GUARD_NO_PART) {
		apl_guard_part_at(guard, apart->missing, &about);
		part->missing = apl_apart_text(out, about.text, about.size);
	}
	if (apart->finding == APL_PART_NOT_ASKED) {
		part->shown = "not asked";
	} else if (apart->finding != APL_PART_VALUE) {
		show_truth(part);
	} else if (apart->depends) {
		part->shown = not_known_yet;
	} else {
		if (apl_guard_write_json(buf, &apart->value)) part->value = text_of(out, buf);
		apl_guard_show(buf, &apart->value);
		part->shown = text_of(out, buf);
	}
}

/* What the whole came to. */
static apl_guard_finding add_text(apl_lua *host, apl_apart *out, const apl_lua_function *function, uint32_t depth) {
	const apl_guard *guard = function->text;
	const apl_guard_waiting waiting = {out->counts, out->self};
	uint32_t count = apl_guard_parts(guard);
	apl_guard_apart *apart = apl_arena_take(out->arena, count * sizeof *apart);
	if (apart == NULL) {
		out->failed = true;
		return APL_PART_NOT_ASKED;
	}
	apl_guard_take_apart(guard, apl_lua_situation(host, function), out->lacks_event ? &waiting : NULL, apart);
	apl_buf buf;
	apl_buf_init(&buf, &host->alloc);
	for (uint32_t i = 0; i < count; i++) fill_text_part(out, &buf, guard, &apart[i], depth);
	apl_buf_dispose(&buf);
	return apart[0].finding;
}

/* ---- what functions look at ------------------------------------------------------- */

/* The part that holds the line of code on which the running function stands; NULL without memory. */
static aplomb_part *line_of(lua_State *L, apl_apart *out) {
	apl_lua *host = apl_lua_of(L);
	apl_place place = apl_lua_place(L, 0);
	const apl_place shown = apl_origin_place(host, place);
	uint32_t at = out->n_parts;
	while (at > 0 && out->parts[at - 1].kind != APLOMB_PART_LINE) at--;
	if (at > 0 && out->parts[at - 1].line == shown.line && out->parts[at - 1].file == shown.file) return &out->parts[at - 1];
	size_t size;
	const char *line = apl_lua_line_at(host, place, &size);
	const char *text = apl_apart_text(out, line, size);
	aplomb_part *part = apl_apart_add(out, APLOMB_PART_LINE, 1);
	if (part == NULL) return NULL;
	part->text = text;
	part->file = shown.file;
	part->line = shown.line;
	return part;
}

/* A part for what was looked at; NULL: it stands there already, or there is no memory. */
static aplomb_part *add_look(lua_State *L, apl_buf *buf, aplomb_part_kind kind) {
	apl_apart *out = apl_lua_of(L)->apart;
	const aplomb_part *line = line_of(L, out);
	const char *text = text_of(out, buf);
	if (line == NULL) return NULL;
	for (const aplomb_part *part = line + 1; part < out->parts + out->n_parts; part++)
		if (part->depth == 2 && strcmp(part->text, text) == 0) return NULL;
	aplomb_part *part = apl_apart_add(out, kind, 2);
	if (part != NULL) part->text = text;
	return part;
}

/* [buf] holds the value as JSON. Times and money are shown without the quotes. */
static void show_value(apl_apart *out, apl_buf *buf, aplomb_part *part, bool is_quoted) {
	if (buf->size == 0) {
		part->shown = "missing";
		part->missing = part->text;
		return;
	}
	part->shown =
	    is_quoted && buf->size >= 2 ? apl_apart_text(out, buf->bytes + 1, buf->size - 2) : apl_apart_text(out, buf->bytes, buf->size);
	part->value = text_of(out, buf);
}

void apl_lua_looked_at_member(lua_State *L, const apl_lua_node *node, const uint64_t *words, const char *name) {
	apl_lua *host = apl_lua_of(L);
	const apl_schema *schema = node->schema;
	bool is_event = node->source == APL_LUA_EVENT;
	if (name == NULL) return;
	if (is_event && host->apart->lacks_event) host->apart->looked_at_event = true;
	uint32_t number = schema != NULL && words != NULL ? apl_schema_member(schema, node->field, name, strlen(name)) : APL_NO_FIELD;
	const apl_field *field = number != APL_NO_FIELD ? &schema->fields[number] : NULL;
	/* What is looked at within it comes next. */
	if (field != NULL && field->type == APL_TYPE_FIELDS) return;
	apl_buf buf;
	apl_buf_init(&buf, &host->alloc);
	apl_buf_format(
	    &buf, "%s.%s%s%s", node->what, node->field != 0 ? schema->fields[node->field].path : "", node->field != 0 ? "." : "", name);
	aplomb_part *part = add_look(L, &buf, APLOMB_PART_PATH);
	if (part != NULL && is_event && host->apart->lacks_event) {
		part->shown = not_known_yet;
	} else if (part != NULL) {
		const apl_step_event *event = host->turn->event;
		const apl_payload *payload = apl_turn_payload(host->turn);
		const char *known = field != NULL || !is_event    ? NULL
		                    : strcmp(name, "name") == 0   ? (event != NULL ? event->name : NULL)
		                    : payload == NULL             ? NULL
		                    : strcmp(name, "by") == 0     ? payload->by
		                    : strcmp(name, "id") == 0     ? payload->id
		                    : strcmp(name, "invoke") == 0 ? payload->invoke
		                                                  : NULL;
		if (field != NULL && apl_record_has(words, field)) apl_field_write(&buf, schema, words, number);
		if (known != NULL) apl_json_write_text(&buf, known, strlen(known));
		part->is_personal = field != NULL && field->personal;
		show_value(host->apart, &buf, part,
		    field != NULL && (field->type == APL_TYPE_MONEY || field->type == APL_TYPE_SPAN || field->type == APL_TYPE_INSTANT));
	}
	apl_buf_dispose(&buf);
}

void apl_lua_looked_at_state(lua_State *L, const char *path, bool answer) {
	apl_lua *host = apl_lua_of(L);
	apl_buf buf;
	apl_buf_init(&buf, &host->alloc);
	apl_buf_format(&buf, "is_in(\"%s\")", path);
	aplomb_part *part = add_look(L, &buf, APLOMB_PART_QUESTION);
	if (part != NULL) {
		part->word = "is_in";
		part->verdict = answer ? APLOMB_VERDICT_TRUE : APLOMB_VERDICT_FALSE;
		show_truth(part);
	}
	apl_buf_dispose(&buf);
}

void apl_lua_looked_at_time(lua_State *L, const char *path, bool total, aplomb_span answer) {
	apl_lua *host = apl_lua_of(L);
	char span[APL_SPAN_TEXT];
	apl_buf buf;
	apl_buf_init(&buf, &host->alloc);
	apl_buf_format(&buf, "time_in(\"%s\"%s)", path, total ? ", \"total\"" : "");
	aplomb_part *part = add_look(L, &buf, APLOMB_PART_QUESTION);
	if (part != NULL) {
		part->word = "time_in";
		apl_buf_byte(&buf, '"');
		apl_buf_add(&buf, span, apl_span_write(answer, span));
		apl_buf_byte(&buf, '"');
		show_value(host->apart, &buf, part, true);
	}
	apl_buf_dispose(&buf);
}

void apl_lua_looked_at_count(lua_State *L, const char *name, int64_t answer) {
	apl_lua *host = apl_lua_of(L);
	apl_apart *out = host->apart;
	bool may_count = false;
	for (uint32_t i = 0; i < host->n_counters && out->lacks_event && out->counts != NULL; i++)
		may_count = may_count || (strcmp(host->counters[i].name, name) == 0 && out->counts(out->self, i));
	out->looked_at_event = out->looked_at_event || may_count;
	apl_buf buf;
	apl_buf_init(&buf, &host->alloc);
	apl_buf_format(&buf, "count(\"%s\")", name);
	aplomb_part *part = add_look(L, &buf, APLOMB_PART_QUESTION);
	if (part != NULL) {
		part->word = "count";
		apl_buf_integer(&buf, answer);
		show_value(out, &buf, part, false);
	}
	apl_buf_dispose(&buf);
}

void apl_lua_looked_at_clock(lua_State *L, const char *name, const char *field, const char *answer) {
	apl_lua *host = apl_lua_of(L);
	apl_buf buf;
	apl_buf_init(&buf, &host->alloc);
	apl_buf_format(&buf, "%s(\"%s\")", field, name);
	aplomb_part *part = add_look(L, &buf, APLOMB_PART_QUESTION);
	if (part != NULL) {
		const bool is_truth = strncmp(field, "is_", 3) == 0;
		part->word = field;
		if (is_truth) {
			part->verdict = strcmp(answer, "true") == 0 ? APLOMB_VERDICT_TRUE : APLOMB_VERDICT_FALSE;
			show_truth(part);
		} else {
			if (answer != NULL) apl_json_write_text(&buf, answer, strlen(answer));
			show_value(host->apart, &buf, part, true);
		}
	}
	apl_buf_dispose(&buf);
}

void apl_lua_looked_at_condition(lua_State *L, const apl_lua_function *condition) {
	apl_lua *host = apl_lua_of(L);
	apl_apart *out = host->apart;
	size_t size;
	const char *source = apl_guard_source(condition->text, &size);
	apl_buf buf;
	apl_buf_init(&buf, &host->alloc);
	apl_buf_add(&buf, source, size);
	aplomb_part *part = add_look(L, &buf, APLOMB_PART_CONDITION);
	apl_buf_dispose(&buf);
	if (part == NULL) return;
	size_t at = (size_t)(part - out->parts);
	part->file = condition->place.file;
	part->line = condition->place.line;
	apl_guard_finding finding = add_text(host, out, condition, 3);
	if (finding == APL_PART_DEPENDS) out->looked_at_event = true;
	out->parts[at].verdict = verdict_of(finding);
	show_truth(&out->parts[at]);
}

/* ---- guards -------------------------------------------------------------------------- */

static void add_state(apl_lua *host, apl_turn *turn, uint32_t state, apl_apart *out) {
	aplomb_part *part = apl_apart_add(out, APLOMB_PART_STATE, 0);
	if (part == NULL) return;
	part->text = host->program.chart->states[state].path;
	part->decides = true;
	part->verdict = apl_set_has(apl_case_configuration(turn->the_case), state) ? APLOMB_VERDICT_TRUE : APLOMB_VERDICT_FALSE;
	show_truth(part);
}

static int finish(apl_lua *host, apl_apart *out, size_t whole, int answer) {
	if (answer == APL_PORT_ERROR) {
		out->has_error = true;
		out->error = host->error;
	}
	if (out->n_parts <= whole) return answer;
	aplomb_part *part = &out->parts[whole];
	part->decides = true;
	part->verdict = answer == APL_PORT_BREACH ? APLOMB_VERDICT_ERROR : (aplomb_verdict)answer;
	show_truth(part);
	return answer;
}

/* Only what was looked at last decides; what a condition in it rests on is marked already. */
static void mark_last_line(apl_apart *out) {
	uint32_t last = out->n_parts;
	while (last > 1 && out->parts[last - 1].kind != APLOMB_PART_LINE) last--;
	for (uint32_t i = 1; i + 1 < last; i++) out->parts[i].decides = false;
	for (uint32_t i = last > 0 ? last - 1 : 0; i < out->n_parts; i++)
		if (out->parts[i].depth <= 2) out->parts[i].decides = true;
}

static int apart_function(apl_lua *host, apl_turn *turn, int32_t handler, const apl_lua_function *function, apl_apart *out) {
	/* Made before it runs: it asks Lua. */
	const char *label = apl_lua_label_handler(host, handler);
	aplomb_part *part = apl_apart_add(out, APLOMB_PART_FUNCTION, 0);
	if (part != NULL) {
		part->text = label != NULL ? label : "";
		host->phase = APL_LUA_GUARD;
		const apl_place place = apl_origin_place(host, function->place);
		host->phase = APL_LUA_IDLE;
		part->file = place.file;
		part->line = place.line;
		host->apart = out;
	}
	int answer = apl_lua_answer_guard(host, turn, handler);
	host->apart = NULL;
	if (out->lacks_event && out->looked_at_event && answer != APL_PORT_BREACH) answer = APL_PORT_DEPENDS;
	mark_last_line(out);
	return finish(host, out, 0, answer);
}

static int port_answer(apl_guard_finding finding) {
	return finding <= APL_PART_DEPENDS ? (int)finding : APL_PORT_UNKNOWN;
}

int apl_lua_apart(void *self, apl_turn *turn, int32_t handler, apl_apart *out) {
	apl_lua *host = self;
	const apl_lua_handler *what = &host->handlers[handler];
	if (what->kind == APL_LUA_IN_STATE) {
		add_state(host, turn, what->first, out);
		return apl_lua_answer_guard(host, turn, handler);
	}
	const apl_lua_function *function = &host->functions[what->first];
	if (function->text == NULL) return apart_function(host, turn, handler, function, out);
	apl_guard_finding finding = add_text(host, out, function, 0);
	/* What asks for an event that has not come is not really asked: its errors would be none. */
	if (out->lacks_event && finding != APL_PART_ERROR) return port_answer(finding);
	int answer = apl_lua_answer_guard(host, turn, handler);
	return finish(host, out, 0, answer);
}

/* ---- what modules made ------------------------------------------------------------------ */

/* The condition as it is now, in the arena; NULL without memory. */
static const aplomb_guard *ask_condition(apl_lua *host, const apl_lua_function *condition, const char *label, apl_apart *apart) {
	apl_apart_clear(apart);
	apl_guard_finding finding = add_text(host, apart, condition, 0);
	aplomb_guard *guard = apl_arena_take(apart->arena, sizeof *guard);
	aplomb_part *parts = apl_arena_take(apart->arena, (apart->n_parts + 1) * sizeof *parts);
	if (guard == NULL || parts == NULL || apart->failed) return NULL;
	memcpy(parts, apart->parts, apart->n_parts * sizeof *parts);
	*guard =
	    (aplomb_guard){.size = sizeof *guard, .label = label, .verdict = verdict_of(finding), .parts = parts, .n_parts = apart->n_parts};
	return guard;
}

static bool tell_one(
    apl_lua *host, const apl_lua_made *made, apl_apart *apart, void (*tell)(const aplomb_made *made, void *payload), void *payload) {
	aplomb_made_field *fields = apl_arena_take(apart->arena, (made->n_fields + 1) * sizeof *fields);
	if (fields == NULL) return false;
	for (uint32_t i = 0; i < made->n_fields; i++) {
		const apl_lua_made_field *field = &made->fields[i];
		fields[i] = (aplomb_made_field){.size = sizeof fields[i], .name = field->name, .value = field->json};
		if (field->condition == UINT32_MAX) continue;
		size_t size;
		const char *source = apl_guard_source(host->functions[field->condition].text, &size);
		fields[i].guard = ask_condition(host, &host->functions[field->condition], apl_apart_text(apart, source, size), apart);
		if (fields[i].guard == NULL) return false;
	}
	const aplomb_made told = {.size = sizeof told,
	    .word = host->module_words[made->word].name,
	    .id = made->id,
	    .file = made->place.file != NULL ? made->place.file : "",
	    .line = made->place.line,
	    .fields = fields,
	    .n_fields = made->n_fields};
	tell(&told, payload);
	return true;
}

bool apl_lua_tell_made(void *self, apl_turn *turn, apl_apart *apart, void (*tell)(const aplomb_made *made, void *payload), void *payload) {
	apl_lua *host = self;
	(void)turn;
	for (uint32_t i = 0; i < host->n_made; i++)
		if (!tell_one(host, &host->made[i], apart, tell, payload)) return false;
	return true;
}
