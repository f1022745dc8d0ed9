/* SPDX-License-Identifier: MIT */
#include "declare.h"

#include <string.h>

#include "../test_cmocka.h"

static const char *kept_text(const apl_tape *tape, uint32_t cell, char *out, size_t size) {
	assert_true(tape->cells[cell].kind == APLOMB_TEXT && tape->cells[cell].count < size);
	memcpy(out, tape->cells[cell].as.text, tape->cells[cell].count);
	out[tape->cells[cell].count] = '\0';
	return out;
}

static apl_type type_named(const char *name) {
	for (int type = 0; type < APL_TYPES; type++) {
		if (strcmp(apl_type_name((apl_type)type), name) == 0) return (apl_type)type;
	}
	fail_msg("there is no type %s", name);
	return APL_TYPE_ANY;
}

static uint32_t find(const apl_tape *tape, uint32_t map, const char *name) {
	return apl_tape_find(tape, map, name, strlen(name));
}

static bool declare_one(apl_schema_builder *builder, uint32_t parent, const char *name, uint32_t line, const apl_tape *tape, uint32_t map) {
	char type[32], choice_texts[MOST_CHOICES][128];
	const char *choices[MOST_CHOICES];
	uint32_t cell;
	apl_field_options options = {.name = name, .place = {"schema.lua", line, 1}};
	options.type = type_named(kept_text(tape, find(tape, map, "type"), type, sizeof type));
	options.required = (cell = find(tape, map, "required")) != 0 && tape->cells[cell].truth;
	options.personal = (cell = find(tape, map, "personal")) != 0 && tape->cells[cell].truth;
	if ((options.default_cell = find(tape, map, "default")) != 0) options.default_tape = tape;
	if ((options.min_cell = find(tape, map, "min")) != 0) options.min_tape = tape;
	if ((options.max_cell = find(tape, map, "max")) != 0) options.max_tape = tape;
	if ((cell = find(tape, map, "choices")) != 0) {
		for (uint32_t at = cell + 1; at < tape->cells[cell].as.end; at = apl_tape_next(tape, at)) {
			choices[options.n_choices] = kept_text(tape, at, choice_texts[options.n_choices], sizeof choice_texts[0]);
			options.n_choices++;
		}
		options.choices = choices;
	}
	uint32_t number;
	if (!apl_schema_add(builder, parent, &options, &number)) return false;
	if ((cell = find(tape, map, "members")) != 0 && !declare_members(builder, number, tape, cell)) return false;
	if ((cell = find(tape, map, "items")) != 0 && !declare_one(builder, number, NULL, line, tape, cell)) return false;
	return true;
}

bool declare_members(apl_schema_builder *builder, uint32_t parent, const apl_tape *tape, uint32_t map) {
	uint32_t line = 0;
	for (uint32_t at = map + 1; at < tape->cells[map].as.end; at = apl_tape_next(tape, at + 1)) {
		char name[256];
		if (!declare_one(builder, parent, kept_text(tape, at, name, sizeof name), ++line, tape, at + 1)) return false;
	}
	return true;
}

void read_json(apl_tape *tape, const char *text) {
	/* Text without escapes points into the source, which must outlive the tape: tests have few tapes at a time. */
	static char copies[8][8192];
	static unsigned next;
	char *copy = copies[next++ % 8];
	size_t size = strlen(text);
	assert_true(size < sizeof copies[0]);
	for (size_t i = 0; i < size; i++) copy[i] = text[i] == '\'' ? '"' : text[i];
	aplomb_error error;
	if (apl_json_read(tape, copy, size, NULL, &error) != APLOMB_OK) fail_msg("%s: %s", text, error.message);
}

int declare(const apl_alloc *alloc, const char *text, apl_schema **out, apl_findings *findings) {
	/* The text is the test's: only the schema's own memory may fail. */
	apl_alloc system = apl_alloc_system();
	apl_tape tape;
	apl_tape_init(&tape, &system);
	read_json(&tape, text);
	apl_schema_builder *builder = apl_schema_builder_new(alloc, "data");
	int code = builder != NULL && declare_members(builder, 0, &tape, 0) ? apl_schema_finish(builder, out, findings) : APLOMB_ENOMEM;
	apl_schema_builder_free(builder);
	apl_tape_dispose(&tape);
	return code;
}

static void say_finding(const aplomb_finding *finding, void *payload) {
	(void)payload;
	print_error("%s: %s\n", finding->slug, finding->message);
}

apl_schema *declared(const apl_alloc *alloc, const char *text) {
	apl_schema *schema = NULL;
	apl_findings findings;
	apl_findings_init(&findings, alloc);
	int code = declare(alloc, text, &schema, &findings);
	if (code != APLOMB_OK) apl_findings_tell(&findings, say_finding, NULL);
	assert_int_equal(code, APLOMB_OK);
	apl_findings_dispose(&findings);
	return schema;
}

uint64_t *new_words(const apl_alloc *alloc, const apl_schema *schema) {
	return apl_new(alloc, (schema->n_words + 1) * sizeof(uint64_t));
}

void free_words(const apl_alloc *alloc, const apl_schema *schema, uint64_t *words) {
	apl_free(alloc, words, (schema->n_words + 1) * sizeof(uint64_t));
}

const char *as_json(const apl_schema *schema, const uint64_t *words, bool redact) {
	static char text[8192];
	apl_alloc system = apl_alloc_system();
	apl_buf out;
	apl_buf_init(&out, &system);
	apl_record_write(&out, schema, words, redact);
	assert_false(out.failed);
	assert_true(out.size < sizeof text);
	memcpy(text, out.bytes, out.size);
	text[out.size] = '\0';
	apl_buf_dispose(&out);
	return text;
}

uint32_t field_at(const apl_schema *schema, const char *path) {
	uint32_t field = 0;
	for (;;) {
		size_t size = strcspn(path, ".");
		field = apl_schema_member(schema, field, path, size);
		assert_int_not_equal(field, APL_NO_FIELD);
		if (path[size] == '\0') return field;
		path += size + 1;
	}
}
