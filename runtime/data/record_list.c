/* SPDX-License-Identifier: MIT */
/*
 * Decides how lists and values of any type are checked and kept: as one text
 * of canonical JSON. Each item of a list is read into a small record of its
 * own, by the code that reads records, and written from there: so defaults
 * are filled in, spellings of instants and amounts are made one, and bounds
 * mean what they mean elsewhere.
 */

#include "data/layout.h"
#include "data/message.h"

/* The arena that holds an item for a moment: the record's own, wound back, or one that lives as long as the list is read. */
typedef struct scratch {
	apl_arena own;
	apl_arena *arena;
	apl_alloc alloc;
} scratch;

static void begin_scratch(scratch *s, const apl_keep *keep) {
	s->arena = keep->arena != NULL ? keep->arena : &s->own;
	s->alloc = keep->arena != NULL ? keep->arena->alloc : *keep->alloc;
	if (keep->arena == NULL) apl_arena_init(&s->own, keep->alloc);
}

static void end_scratch(scratch *s) {
	if (s->arena == &s->own) apl_arena_dispose(&s->own);
}

static int take_item_members(const apl_target *item, const apl_tape *tape, uint32_t cell, aplomb_error *error) {
	uint32_t root = item->layout->root;
	if (tape->cells[cell].kind != APLOMB_MAP) return apl_refuse_type(item, root, tape, cell, error);
	int code = apl_target_take_members(item, root, tape, cell, error);
	if (code != APLOMB_OK) return code;
	uint32_t missing = apl_layout_missing(item->schema, item->layout, item->words, NULL);
	return missing == APL_NO_FIELD ? APLOMB_OK : apl_refuse_missing(item, missing, error);
}

static int write_item(apl_buf *out, const apl_target *item, const apl_tape *tape, uint32_t cell, aplomb_error *error) {
	uint32_t root = item->layout->root;
	const apl_field *field = &item->schema->fields[root];
	if (field->type == APL_TYPE_ANY) {
		apl_json_write(out, tape, cell);
		return APLOMB_OK;
	}
	if (!apl_layout_init(item)) return apl_fail_memory(error);
	int code = field->type == APL_TYPE_FIELDS          ? take_item_members(item, tape, cell, error)
	           : tape->cells[cell].kind == APLOMB_NULL ? apl_refuse_type(item, root, tape, cell, error)
	                                                   : apl_target_take(item, root, tape, cell, error);
	if (code == APLOMB_OK) apl_layout_write(out, item->schema, item->words, root, false);
	return code;
}

static int write_list(
    apl_buf *out, const apl_target *t, uint32_t list, const apl_tape *tape, uint32_t cell, apl_arena *arena, aplomb_error *error) {
	const apl_layout *layout = apl_layout_of_items(t->schema, &t->schema->fields[list]);
	if (layout == NULL) {
		apl_json_write(out, tape, cell);
		return APLOMB_OK;
	}
	apl_where where = {t->where, list, 0};
	apl_target item = {t->schema, layout, NULL, {NULL, arena}, t->what, &where, t->times_are_integers};
	apl_arena_mark before = apl_arena_here(arena);
	item.words = apl_arena_take(arena, (layout->n_words + 1) * sizeof *item.words);
	if (item.words == NULL) return apl_fail_memory(error);
	apl_arena_mark empty = apl_arena_here(arena);
	int code = APLOMB_OK;
	apl_buf_byte(out, '[');
	uint32_t end = tape->cells[cell].as.end;
	for (uint32_t at = cell + 1; at < end && code == APLOMB_OK; at = apl_tape_next(tape, at)) {
		if (where.item++ > 0) apl_buf_byte(out, ',');
		code = write_item(out, &item, tape, at, error);
		apl_arena_rewind(arena, empty);
	}
	apl_buf_byte(out, ']');
	apl_arena_rewind(arena, before);
	return code;
}

int apl_target_take_list(const apl_target *t, uint32_t number, const apl_tape *tape, uint32_t cell, aplomb_error *error) {
	const apl_field *field = &t->schema->fields[number];
	const apl_cell *list = &tape->cells[cell];
	if (list->kind != APLOMB_LIST) return apl_refuse_type(t, number, tape, cell, error);
	if ((field->has_min && list->count < (uint64_t)field->bounds.integer.min) ||
	    (field->has_max && list->count > (uint64_t)field->bounds.integer.max)) {
		return apl_refuse_bounds(t, number, tape, cell, list->count, error);
	}
	scratch item_room;
	begin_scratch(&item_room, &t->keep);
	apl_buf json;
	apl_buf_init(&json, &item_room.alloc);
	int code = write_list(&json, t, number, tape, cell, item_room.arena, error);
	if (code == APLOMB_OK) code = json.failed ? apl_fail_memory(error) : apl_target_put_text(t, field, json.bytes, json.size, error);
	apl_buf_dispose(&json);
	end_scratch(&item_room);
	return code;
}

int apl_target_take_any(const apl_target *t, uint32_t number, const apl_tape *tape, uint32_t cell, aplomb_error *error) {
	if (t->schema->spread != NULL && t->schema->spread->field == number) return apl_spread_take(t, tape, cell, error);
	apl_buf json;
	apl_buf_init(&json, t->keep.arena != NULL ? &t->keep.arena->alloc : t->keep.alloc);
	apl_json_write(&json, tape, cell);
	int code = json.failed ? apl_fail_memory(error) : apl_target_put_text(t, &t->schema->fields[number], json.bytes, json.size, error);
	apl_buf_dispose(&json);
	return code;
}
