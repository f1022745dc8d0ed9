/* SPDX-License-Identifier: MIT */
/*
 * Decides what is remembered of a running test: the journal's lines as they are
 * committed, read once, each with the step of the test that it came of, and
 * what went wrong in them.
 */
#include <stdlib.h>
#include <string.h>

#include "test/inside.h"

const char *apl_test_text_in(aplomb_value map, const char *key) {
	return aplomb_value_text(aplomb_value_get(map, key), NULL);
}

bool apl_test_same(const char *a, const char *b) {
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

int apl_test_take_lines(const char *lines, size_t size, void *payload) {
	apl_test_file *file = payload;
	apl_test_text_add(&file->world.lines, lines, size);
	return file->world.lines.failed ? 1 : 0;
}

static size_t case_of(const apl_test_world *world, const char *id) {
	for (size_t i = 0; i < world->n_cases; i++)
		if (apl_test_same(world->cases[i].id, id)) return i;
	return APL_TEST_NOBODY;
}

static bool grow(void *items, size_t count, size_t *capacity, size_t size) {
	if (count < *capacity) return true;
	size_t wanted = *capacity > 0 ? *capacity * 2 : 16;
	void *block;
	memcpy(&block, items, sizeof block);
	block = realloc(block, wanted * size);
	if (block == NULL) return false;
	memcpy(items, &block, sizeof block);
	*capacity = wanted;
	return true;
}

static bool add_finding(apl_test_file *file, const apl_test_entry *entry, aplomb_value item) {
	apl_test_world *world = &file->world;
	if (!grow(&world->troubles, world->n_troubles, &world->troubles_capacity, sizeof *world->troubles)) return false;
	const char *place, *message = apl_test_text_in(item, "message"), *slug = apl_test_text_in(item, "slug");
	apl_test_trouble *trouble = &world->troubles[world->n_troubles++];
	*trouble = (apl_test_trouble){.kind = APL_TEST_FINDING, .the_case = entry->the_case, .step = entry->step};
	if (apl_test_same(apl_test_text_in(entry->value, "kind"), "faulted")) trouble->kind = APL_TEST_FAULTED;
	trouble->line = apl_test_here(file->L, &place);
	trouble->file = strdup(place);
	trouble->slug = strdup(slug != NULL ? slug : "");
	trouble->message = strdup(message != NULL ? message : "");
	const char *of = apl_test_text_in(item, "file");
	if (of != NULL) {
		apl_test_text_cut(&file->hint, 0);
		apl_test_text_format(&file->hint, "%s:%lld", of, (long long)aplomb_value_integer(aplomb_value_get(item, "line")));
		trouble->place = strdup(apl_test_text_of(&file->hint));
	}
	return trouble->file != NULL && trouble->slug != NULL && trouble->message != NULL;
}

static bool take_line(apl_test_file *file, const char *text, size_t size) {
	apl_test_world *world = &file->world;
	aplomb_json *json;
	if (!grow(&world->entries, world->n_entries, &world->entries_capacity, sizeof *world->entries)) return false;
	if (aplomb_json_read(&json, text, size, NULL) != APLOMB_OK) return false;
	aplomb_value value = aplomb_json_root(json);
	apl_test_entry *entry = &world->entries[world->n_entries++];
	*entry = (apl_test_entry){json, value, (uint64_t)aplomb_value_integer(aplomb_value_get(value, "seq")),
	    case_of(world, apl_test_text_in(value, "case")), world->step};
	aplomb_value items = aplomb_value_get(value, "items");
	for (size_t i = 0; i < aplomb_value_count(items); i++) {
		aplomb_value item = aplomb_value_at(items, i, NULL);
		if (apl_test_same(apl_test_text_in(item, "do"), "finding") && !add_finding(file, entry, item)) return false;
	}
	return true;
}

bool apl_test_read_lines(apl_test_file *file) {
	apl_test_world *world = &file->world;
	while (world->lines_read < world->lines.size) {
		const char *from = world->lines.bytes + world->lines_read;
		const char *newline = memchr(from, '\n', world->lines.size - world->lines_read);
		size_t size = newline != NULL ? (size_t)(newline - from) : world->lines.size - world->lines_read;
		world->lines_read += size + 1;
		if (!take_line(file, from, size)) return false;
	}
	return true;
}

aplomb_value apl_test_next_item(const apl_test_look *look, apl_test_cursor *cursor, const char *what) {
	const apl_test_world *world = &look->file->world;
	for (; cursor->entry < world->n_entries; cursor->entry++, cursor->item = 0) {
		const apl_test_entry *entry = &world->entries[cursor->entry];
		if (entry->the_case != look->the_case || entry->step < look->from_step) continue;
		aplomb_value items = aplomb_value_get(entry->value, "items");
		while (cursor->item < aplomb_value_count(items)) {
			aplomb_value item = aplomb_value_at(items, cursor->item++, NULL);
			if (apl_test_same(apl_test_text_in(item, "do"), what)) return item;
		}
	}
	return (aplomb_value){0};
}

void apl_test_world_clear(apl_test_world *world) {
	for (size_t i = 0; i < world->n_cases; i++) {
		free(world->cases[i].id);
		free(world->cases[i].subject);
		free(world->cases[i].open);
	}
	for (size_t i = 0; i < world->n_entries; i++) aplomb_json_free(world->entries[i].json);
	for (size_t i = 0; i < world->n_troubles; i++) {
		free(world->troubles[i].file);
		free(world->troubles[i].slug);
		free(world->troubles[i].message);
		free(world->troubles[i].place);
	}
	for (size_t i = 0; i < world->n_differences; i++) {
		free((char *)(uintptr_t)world->differences[i].about);
		free((char *)(uintptr_t)world->differences[i].expected);
		free((char *)(uintptr_t)world->differences[i].found);
		free((char *)(uintptr_t)world->differences[i].hint);
	}
	aplomb_json_free(world->read);
	for (size_t i = 0; i < world->n_recorded; i++) aplomb_json_free(world->recorded[i].json);
	free(world->recorded);
	aplomb_journal_close(world->journal);
	apl_test_text_dispose(&world->recorded_text);
	free(world->cases);
	free(world->entries);
	free(world->troubles);
	free(world->differences);
	free(world->message);
	free(world->file);
	apl_test_text_dispose(&world->lines);
	apl_test_text_dispose(&world->printed);
	*world = (apl_test_world){0};
}
