/* SPDX-License-Identifier: MIT */
/*
 * Decides how a host reads the JSON that this library writes: documents and
 * cursors. What is JSON is decided by room value.
 *
 * No runtime is asked for, so the memory is the C library's.
 */
#include <stdlib.h>

#include "api/document.h"
#include "base/assert.h"

/* Journal lines hold an event's data, which may be nested as deep as the limit says, some levels down. */
enum { DEPTH = 1024 };

void apl_document_init(aplomb_json *json, const apl_alloc *alloc) {
	apl_buf_init(&json->text, alloc);
	apl_tape_init(&json->tape, alloc);
	json->last_place = (apl_document_place){0};
	json->last = &json->last_place;
}

void apl_document_dispose(aplomb_json *json) {
	apl_tape_dispose(&json->tape);
	apl_buf_dispose(&json->text);
}

bool apl_document_copy(aplomb_json *json, const char *text, size_t size) {
	json->last_place = (apl_document_place){0};
	apl_buf_clear(&json->text);
	apl_buf_add(&json->text, text, size);
	apl_buf_terminate(&json->text);
	return !json->text.failed;
}

/*
 * A text without escapes lies in our copy with its closing quote behind it,
 * which nobody needs any more and which therefore becomes the NUL. One with
 * escapes was unescaped into the arena and is copied there once more.
 */
bool apl_document_terminate(aplomb_json *json) {
	char *start = json->text.bytes;
	for (uint32_t i = 0; i < json->tape.count; i++) {
		apl_cell *cell = &json->tape.cells[i];
		if (cell->kind != APLOMB_TEXT) continue;
		uintptr_t at = (uintptr_t)cell->as.text;
		if (at >= (uintptr_t)start && at < (uintptr_t)start + json->text.size) {
			start[at - (uintptr_t)start + cell->count] = '\0';
			continue;
		}
		cell->as.text = apl_arena_text(&json->tape.arena, cell->as.text, cell->count);
		if (cell->as.text == NULL) return false;
	}
	return true;
}

int aplomb_json_read(aplomb_json **out, const char *text, size_t size, aplomb_error *error) {
	if (out == NULL) return apl_fail(error, APLOMB_EINVAL, "null-argument", "aplomb_json_read: out is NULL; it receives the document");
	if (text == NULL && size > 0)
		return apl_fail(error, APLOMB_EINVAL, "null-argument", "aplomb_json_read: text is NULL but size is %zu", size);
	apl_alloc alloc = apl_alloc_system();
	aplomb_json *json = apl_new(&alloc, sizeof *json);
	if (json == NULL) return apl_fail_memory(error);
	apl_document_init(json, &alloc);
	apl_json_bounds bounds = {.depth = DEPTH, .size = size > 0 ? size : 1};
	int code = APLOMB_OK;
	if (!apl_document_copy(json, text, size))
		code = apl_fail_memory(error);
	else
		code = apl_json_read(&json->tape, json->text.bytes, size, &bounds, error);
	if (code == APLOMB_OK && !apl_document_terminate(json)) code = apl_fail_memory(error);
	if (code != APLOMB_OK) {
		aplomb_json_free(json);
		return code;
	}
	*out = json;
	return APLOMB_OK;
}

void aplomb_json_free(aplomb_json *json) {
	if (json == NULL) return;
	apl_alloc alloc = json->text.alloc;
	apl_document_dispose(json);
	apl_free(&alloc, json, sizeof *json);
}

static const aplomb_value ABSENT = {NULL, 0};

/* The value's cell, or NULL when it is absent. */
static const apl_cell *cell_of(aplomb_value value) {
	if (value.json == NULL || value.cell >= value.json->tape.count) return NULL;
	return &value.json->tape.cells[value.cell];
}

/* The same, but NULL too when it is of another kind. */
static const apl_cell *cell_as(aplomb_value value, aplomb_kind kind) {
	const apl_cell *cell = cell_of(value);
	return cell != NULL && cell->kind == kind ? cell : NULL;
}

aplomb_value aplomb_json_root(const aplomb_json *json) {
	return (aplomb_value){json, 0};
}

aplomb_kind aplomb_value_kind(aplomb_value value) {
	const apl_cell *cell = cell_of(value);
	return cell == NULL ? APLOMB_ABSENT : (aplomb_kind)cell->kind;
}

aplomb_value aplomb_value_get(aplomb_value map, const char *key) {
	if (key == NULL || cell_as(map, APLOMB_MAP) == NULL) return ABSENT;
	uint32_t cell = apl_tape_find(&map.json->tape, map.cell, key, strlen(key));
	return cell == 0 ? ABSENT : (aplomb_value){map.json, cell};
}

size_t aplomb_value_count(aplomb_value value) {
	const apl_cell *cell = cell_of(value);
	return cell != NULL && (cell->kind == APLOMB_LIST || cell->kind == APLOMB_MAP) ? cell->count : 0;
}

aplomb_value aplomb_value_at(aplomb_value value, size_t n, const char **key) {
	if (n >= aplomb_value_count(value)) return ABSENT;
	const apl_tape *tape = &value.json->tape;
	bool is_map = tape->cells[value.cell].kind == APLOMB_MAP;
	apl_document_place *last = value.json->last;
	/* Cell 0 is the root and inside nothing: a place that is all zero remembers none. */
	bool goes_on = last->cell != 0 && last->container == value.cell && last->n <= n;
	apl_document_place place = goes_on ? *last : (apl_document_place){value.cell, value.cell + 1, 0};
	for (; place.n < n; place.n++) place.cell = apl_tape_next(tape, is_map ? place.cell + 1 : place.cell);
	*last = place;
	if (!is_map) return (aplomb_value){value.json, place.cell};
	if (key != NULL) *key = tape->cells[place.cell].as.text;
	return (aplomb_value){value.json, place.cell + 1};
}

const char *aplomb_value_text(aplomb_value value, size_t *size) {
	const apl_cell *cell = cell_as(value, APLOMB_TEXT);
	if (size != NULL) *size = cell == NULL ? 0 : cell->count;
	return cell == NULL ? NULL : cell->as.text;
}

int64_t aplomb_value_integer(aplomb_value value) {
	const apl_cell *cell = cell_as(value, APLOMB_INTEGER);
	return cell == NULL ? 0 : cell->as.integer;
}

double aplomb_value_number(aplomb_value value) {
	const apl_cell *cell = cell_as(value, APLOMB_NUMBER);
	return cell == NULL ? (double)aplomb_value_integer(value) : cell->as.number;
}

bool aplomb_value_boolean(aplomb_value value) {
	const apl_cell *cell = cell_as(value, APLOMB_BOOLEAN);
	return cell != NULL && cell->truth != 0;
}

char *aplomb_value_write(aplomb_value value) {
	if (cell_of(value) == NULL) return NULL;
	apl_alloc alloc = apl_alloc_system();
	apl_buf out;
	apl_buf_init(&out, &alloc);
	apl_json_write(&out, &value.json->tape, value.cell);
	apl_buf_byte(&out, '\0');
	char *text = out.failed ? NULL : malloc(out.size);
	if (text != NULL) memcpy(text, out.bytes, out.size);
	apl_buf_dispose(&out);
	return text;
}
