/* SPDX-License-Identifier: MIT */
/*
 * Decides what the text of a phrase may hold, and how values look in it. Which
 * text is said in which locale is decided by who keeps the catalogue.
 */

#include "data/phrase.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/assert.h"
#include "value/json.h"

/* ---- for people ------------------------------------------------------------ */

bool apl_type_is_shown(apl_type type) {
	switch (type) {
	case APL_TYPE_TEXT:
	case APL_TYPE_INTEGER:
	case APL_TYPE_NUMBER:
	case APL_TYPE_MONEY:
	case APL_TYPE_INSTANT:
	case APL_TYPE_SPAN:
	case APL_TYPE_ONE_OF: return true;
	case APL_TYPE_BOOLEAN:
	case APL_TYPE_LIST:
	case APL_TYPE_ANY:
	case APL_TYPE_FIELDS: return false;
	}
	return false;
}

void apl_span_show(apl_buf *out, aplomb_span span, apl_span_unit unit) {
	static const struct {
		const char *name;
		int64_t micros;
	} units[] = {{"d", APL_DAY}, {"h", APL_HOUR}, {"min", APL_MINUTE}, {"s", APL_SECOND}, {"ms", 1000}, {"\xc2\xb5s", 1}};
	char text[APL_SPAN_TEXT];
	if (unit != APL_SPAN_CLOCK) {
		apl_buf_add(out, text, apl_span_write_in(span, unit, text));
		return;
	}
	if (span == 0) APL_BUF_LITERAL(out, "0 s");
	bool is_first = true;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (span < units[i].micros) continue;
		if (!is_first) apl_buf_byte(out, ' ');
		apl_buf_integer(out, span / units[i].micros);
		apl_buf_byte(out, ' ');
		apl_buf_text(out, units[i].name);
		span %= units[i].micros;
		is_first = false;
	}
}

/* "2026-11-23T13:06:00Z" is cut and put together anew; a fraction is nothing for people. */
void apl_instant_show(apl_buf *out, aplomb_instant at) {
	char text[APL_INSTANT_TEXT];
	apl_instant_write(at, text);
	apl_buf_add(out, text, 10);
	apl_buf_byte(out, ' ');
	apl_buf_add(out, text + 11, memcmp(text + 16, ":00", 3) == 0 ? 5 : 8);
	APL_BUF_LITERAL(out, " UTC");
}

void apl_field_show(apl_buf *out, const apl_schema *schema, const uint64_t *words, uint32_t number) {
	const apl_field *field = &schema->fields[number];
	char text[APL_SPAN_TEXT];
	switch ((apl_type)field->type) {
	case APL_TYPE_TEXT: apl_buf_add(out, apl_record_text(words, field)->bytes, apl_record_text(words, field)->size); return;
	case APL_TYPE_INTEGER: apl_buf_integer(out, apl_record_integer(words, field)); return;
	case APL_TYPE_NUMBER: apl_json_write_number(out, apl_record_number(words, field)); return;
	case APL_TYPE_MONEY: apl_buf_add(out, text, apl_money_write(apl_record_money(words, field), text)); return;
	case APL_TYPE_INSTANT: apl_instant_show(out, apl_record_integer(words, field)); return;
	case APL_TYPE_SPAN: apl_span_show(out, apl_record_integer(words, field), apl_record_span_unit(words, field)); return;
	case APL_TYPE_ONE_OF: apl_buf_text(out, field->choices[words[field->word]]); return;
	case APL_TYPE_BOOLEAN:
	case APL_TYPE_LIST:
	case APL_TYPE_ANY:
	case APL_TYPE_FIELDS: break;
	}
	APL_ASSERT(apl_type_is_shown((apl_type)field->type));
}

/* ---- reading ---------------------------------------------------------------- */

typedef struct reader {
	apl_wording *out;
	apl_arena *arena;
	const char *text;
	size_t size;
	const apl_schema *data, *params;
	apl_wording_fault_fn fault;
	void *payload;
	bool no_memory;
} reader;

static void blame(reader *r, size_t at, const char *slug, const char *format, ...) __attribute__((format(printf, 4, 5)));
static void blame(reader *r, size_t at, const char *slug, const char *format, ...) {
	char message[512];
	va_list args;
	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	r->fault(r->payload, (uint32_t)at, slug, message);
}

/* Room for every piece there can be was taken at first. */
static apl_piece *add_piece(reader *r, apl_piece_kind kind, size_t at) {
	apl_piece *piece = &r->out->pieces[r->out->n_pieces++];
	*piece = (apl_piece){.kind = (uint8_t)kind, .at = (uint32_t)at};
	return piece;
}

static const char *keep(reader *r, const char *bytes, size_t size) {
	const char *copy = apl_arena_text(r->arena, bytes, size);
	if (copy == NULL) r->no_memory = true;
	return copy;
}

/* Letters, digits and "_", with dots between such names; not empty. */
static bool is_path(const char *name, size_t size) {
	bool is_first = true;
	for (size_t i = 0; i < size; i++) {
		char c = name[i];
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
		bool is_digit = c >= '0' && c <= '9';
		if (is_first ? !is_letter : !is_letter && !is_digit && c != '.') return false;
		is_first = c == '.';
	}
	return !is_first;
}

bool apl_field_may_lack(const apl_schema *schema, uint32_t number) {
	const apl_field *field = &schema->fields[number];
	if (field->has_default) return false;
	for (; number != 0; number = schema->fields[number].parent) {
		if (!schema->fields[number].required) return true;
	}
	return false;
}

/* {data.order} or {params.limit}: the name behind the root. */
static bool find_field(reader *r, const apl_schema *schema, const char *path, size_t size, size_t root, size_t at, uint32_t *out) {
	uint32_t field = 0;
	for (size_t begins = root; begins <= size;) {
		const char *dot = memchr(path + begins, '.', size - begins);
		size_t length = dot != NULL ? (size_t)(dot - path) - begins : size - begins;
		uint32_t member =
		    schema->fields[field].type == APL_TYPE_FIELDS ? apl_schema_member(schema, field, path + begins, length) : APL_NO_FIELD;
		if (member == APL_NO_FIELD) {
			char hint[160] = "";
			if (schema->fields[field].type == APL_TYPE_FIELDS) apl_schema_hint(schema, field, path + begins, length, hint, sizeof hint);
			blame(r, at, "unknown-field", "{%.*s}: there is no such field%s", (int)size, path, hint);
			return false;
		}
		field = member;
		begins += length + 1;
	}
	apl_type type = (apl_type)schema->fields[field].type;
	if (!apl_type_is_shown(type)) {
		blame(r, at, "phrase-placeholder", "{%.*s} is %s, which has no form for people; give an argument that has", (int)size, path,
		    apl_type_name(type));
		return false;
	}
	*out = field;
	return true;
}

static bool begins_with(const char *text, size_t size, const char *word) {
	size_t length = strlen(word);
	return size > length && memcmp(text, word, length) == 0;
}

static bool is_same(const char *text, size_t size, const char *word) {
	return strlen(word) == size && memcmp(text, word, size) == 0;
}

static void unknown_root(reader *r, const char *name, size_t size, size_t at) {
	static const char *const roots[] = {"case.id", "subject"};
	char hint[160];
	apl_nearest nearest = apl_nearest_to(name, size);
	for (size_t i = 0; i < 2; i++) apl_nearest_try(&nearest, roots[i]);
	blame(r, at, "phrase-placeholder", "{%.*s}: a placeholder is data.…, params.…, subject, case.id, or an argument's name%s", (int)size,
	    name, apl_nearest_hint(&nearest, hint, sizeof hint));
}

/* What stands between the braces. */
static void read_placeholder(reader *r, const char *inside, size_t inside_size, size_t at) {
	const char *bar = memchr(inside, '|', inside_size);
	size_t size = bar != NULL ? (size_t)(bar - inside) : inside_size;
	apl_piece piece = {.at = (uint32_t)at};
	if (inside_size > 256 || !is_path(inside, size)) {
		blame(r, at, "phrase-placeholder", "{%.*s}: a placeholder holds a name, such as {data.order}; a brace that is meant is written {{",
		    (int)(inside_size < 60 ? inside_size : 60), inside);
		return;
	}
	bool may_lack = false, is_personal = false;
	if (begins_with(inside, size, "data.") || begins_with(inside, size, "params.")) {
		bool is_data = inside[0] == 'd';
		const apl_schema *schema = is_data ? r->data : r->params;
		piece.kind = is_data ? APL_PIECE_DATA : APL_PIECE_PARAMS;
		if (!find_field(r, schema, inside, size, is_data ? 5 : 7, at, &piece.field)) return;
		may_lack = apl_field_may_lack(schema, piece.field);
		is_personal = schema->fields[piece.field].personal;
	} else if (is_same(inside, size, "subject")) {
		piece.kind = APL_PIECE_SUBJECT;
		may_lack = is_personal = true;
	} else if (is_same(inside, size, "case.id")) {
		piece.kind = APL_PIECE_CASE_ID;
	} else if (memchr(inside, '.', size) == NULL && !is_same(inside, size, "data") && !is_same(inside, size, "params") &&
	           !is_same(inside, size, "case")) {
		piece.kind = APL_PIECE_ARGUMENT;
		piece.text = keep(r, inside, size);
		piece.size = size;
	} else {
		unknown_root(r, inside, size, at);
		return;
	}
	if (bar != NULL) {
		piece.alternative_size = inside_size - size - 1;
		piece.alternative = keep(r, bar + 1, piece.alternative_size);
	} else if (may_lack) {
		blame(r, at, "phrase-may-lack", "{%.*s} may be missing, so the phrase must say what is said then: {%.*s|…}", (int)size, inside,
		    (int)size, inside);
		return;
	}
	*add_piece(r, (apl_piece_kind)piece.kind, at) = piece;
	r->out->is_personal = r->out->is_personal || is_personal;
}

static void add_text(reader *r, size_t from, size_t until) {
	if (until == from) return;
	apl_piece *piece = add_piece(r, APL_PIECE_TEXT, from);
	piece->text = keep(r, r->text + from, until - from);
	piece->size = until - from;
}

bool apl_wording_read(apl_wording *out, apl_arena *arena, const char *text, size_t size, const apl_schema *data, const apl_schema *params,
    apl_wording_fault_fn fault, void *payload) {
	reader r = {out, arena, text, size, data, params, fault, payload, false};
	size_t most = 1;
	for (size_t i = 0; i < size; i++) most += text[i] == '{' ? 2 : 0;
	*out = (apl_wording){.pieces = apl_arena_take(arena, most * sizeof *out->pieces)};
	if (out->pieces == NULL) return false;
	size_t begins = 0;
	for (size_t at = 0; at < size && !r.no_memory; at++) {
		if (text[at] != '{') continue;
		if (at + 1 < size && text[at + 1] == '{') {
			add_text(&r, begins, ++at); /* one brace of the two */
			begins = at + 1;
			continue;
		}
		add_text(&r, begins, at);
		const char *end = memchr(text + at, '}', size - at);
		if (end == NULL) {
			blame(&r, at, "phrase-placeholder", "a brace is opened here and not closed; a brace that is meant is written {{");
			begins = size;
			break;
		}
		read_placeholder(&r, text + at + 1, (size_t)(end - text) - at - 1, at);
		at = (size_t)(end - text);
		begins = at + 1;
	}
	add_text(&r, begins, size);
	return !r.no_memory;
}

/* ---- saying ------------------------------------------------------------------ */

/* false: there is nothing to say. */
static bool fill_piece(const apl_piece *piece, const apl_filling *from, apl_buf *out) {
	bool is_data = piece->kind == APL_PIECE_DATA;
	const apl_schema *schema = is_data ? from->data : from->params;
	const uint64_t *words = is_data ? from->data_words : from->params_words;
	switch ((apl_piece_kind)piece->kind) {
	case APL_PIECE_TEXT: apl_buf_add(out, piece->text, piece->size); return true;
	case APL_PIECE_DATA:
	case APL_PIECE_PARAMS:
		if (!apl_record_has(words, &schema->fields[piece->field])) return false;
		apl_field_show(out, schema, words, piece->field);
		return true;
	case APL_PIECE_SUBJECT:
		if (from->subject == NULL) return false;
		apl_buf_text(out, from->subject);
		return true;
	case APL_PIECE_CASE_ID: apl_buf_text(out, from->case_id); return true;
	case APL_PIECE_ARGUMENT: return from->argument != NULL && from->argument(from->payload, piece->text, out);
	}
	return false;
}

const apl_piece *apl_wording_fill(const apl_wording *wording, const apl_filling *from, apl_buf *out) {
	for (uint32_t i = 0; i < wording->n_pieces; i++) {
		const apl_piece *piece = &wording->pieces[i];
		if (fill_piece(piece, from, out)) continue;
		if (piece->alternative == NULL) return piece;
		apl_buf_add(out, piece->alternative, piece->alternative_size);
	}
	return NULL;
}

const char *apl_piece_label(const apl_piece *piece, const apl_schema *data, const apl_schema *params, char *out, size_t size) {
	switch ((apl_piece_kind)piece->kind) {
	case APL_PIECE_DATA: snprintf(out, size, "data.%s", data->fields[piece->field].path); break;
	case APL_PIECE_PARAMS: snprintf(out, size, "params.%s", params->fields[piece->field].path); break;
	case APL_PIECE_SUBJECT: snprintf(out, size, "subject"); break;
	case APL_PIECE_CASE_ID: snprintf(out, size, "case.id"); break;
	case APL_PIECE_ARGUMENT:
	case APL_PIECE_TEXT: snprintf(out, size, "%.*s", (int)(piece->size < 80 ? piece->size : 80), piece->text); break;
	}
	return out;
}
