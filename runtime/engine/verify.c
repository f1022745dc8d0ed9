/* SPDX-License-Identifier: MIT */
/*
 * Decides what counts as a difference between a recorded line and the one that
 * came out in its place, and which of its members is told: the first that
 * differs, as deep inside as it differs, for two long lines tell nobody anything.
 * Who is to blame, and what is done about it, is decided by whoever verifies.
 *
 * A head says what its case stands on. When that is another thing here (another
 * engine, another version of the playbook), it is no difference by itself: what
 * matters is whether anything else comes of it.
 */
#include "engine/inside.h"

#include <stdio.h>

/* Two lines side by side, and the way to where they part. */
typedef struct comparison {
	const apl_tape *recorded, *produced;
	apl_buf *scratch;
	apl_buf path;
	bool ignores_places; /* another version of the playbook has its lines elsewhere */
	uint32_t one, other; /* the cells that differ; 0: it is absent there */
} comparison;

static bool is_container(const apl_tape *tape, uint32_t cell) {
	return tape->cells[cell].kind >= APLOMB_LIST;
}

static bool same_value(comparison *c, uint32_t one, uint32_t other) {
	apl_buf_clear(c->scratch);
	apl_json_write(c->scratch, c->recorded, one);
	size_t size = c->scratch->size;
	apl_json_write(c->scratch, c->produced, other);
	return c->scratch->size == 2 * size && memcmp(c->scratch->bytes, c->scratch->bytes + size, size) == 0;
}

static bool part(comparison *c, uint32_t one, uint32_t other) {
	c->one = one;
	c->other = other;
	return true;
}

static void step_into(comparison *c, const char *name, size_t size) {
	if (c->path.size > 0) apl_buf_byte(&c->path, '.');
	apl_buf_add(&c->path, name, size);
}

static bool differ(comparison *c, uint32_t one, uint32_t other);

static bool is_place(const char *name, size_t size) {
	static const char *const names[] = {"place", "file", "line"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strlen(names[i]) == size && memcmp(names[i], name, size) == 0) return true;
	}
	return false;
}

/* The member of that name, in both. */
static bool differ_in(comparison *c, uint32_t one, uint32_t other, const char *name, size_t size) {
	uint32_t in_one = apl_tape_find(c->recorded, one, name, size), in_other = apl_tape_find(c->produced, other, name, size);
	if (in_one == 0 && in_other == 0) return false;
	size_t before = c->path.size;
	step_into(c, name, size);
	if (in_one == 0 || in_other == 0) return part(c, in_one, in_other);
	if (differ(c, in_one, in_other)) return true;
	c->path.size = before;
	return false;
}

static bool differ_in_any(comparison *c, uint32_t one, uint32_t other, const apl_tape *of, uint32_t map, bool is_item) {
	uint32_t name = map + 1;
	for (uint32_t i = 0; i < of->cells[map].count; i++, name = apl_tape_next(of, name + 1)) {
		if (is_item && c->ignores_places && is_place(of->cells[name].as.text, of->cells[name].count)) continue;
		if (differ_in(c, one, other, of->cells[name].as.text, of->cells[name].count)) return true;
	}
	return false;
}

/* What an item is about comes before what else it says; one that does another thing is another as a whole. */
static bool differ_in_item(comparison *c, uint32_t one, uint32_t other, bool *is_told) {
	static const char *const first[] = {"kind", "event", "timer", "slug"};
	uint32_t does_one = apl_tape_find(c->recorded, one, "do", 2), does_other = apl_tape_find(c->produced, other, "do", 2);
	*is_told = does_one != 0 && does_other != 0;
	if (!*is_told) return false;
	if (!same_value(c, does_one, does_other)) return part(c, one, other);
	for (size_t i = 0; i < sizeof first / sizeof first[0]; i++) {
		if (differ_in(c, one, other, first[i], strlen(first[i]))) return true;
	}
	return false;
}

static bool differ_as_maps(comparison *c, uint32_t one, uint32_t other) {
	bool is_item;
	if (differ_in_item(c, one, other, &is_item)) return true;
	return differ_in_any(c, one, other, c->recorded, one, is_item) || differ_in_any(c, one, other, c->produced, other, is_item);
}

static bool differ_as_lists(comparison *c, uint32_t one, uint32_t other) {
	uint32_t n_one = c->recorded->cells[one].count, n_other = c->produced->cells[other].count;
	uint32_t in_one = one + 1, in_other = other + 1;
	for (uint32_t i = 0; i < n_one || i < n_other; i++) {
		size_t before = c->path.size;
		char index[16];
		snprintf(index, sizeof index, "[%u]", (unsigned)i);
		apl_buf_text(&c->path, index);
		if (i >= n_one || i >= n_other) return part(c, i < n_one ? in_one : 0, i < n_other ? in_other : 0);
		if (differ(c, in_one, in_other)) return true;
		c->path.size = before;
		in_one = apl_tape_next(c->recorded, in_one);
		in_other = apl_tape_next(c->produced, in_other);
	}
	return false;
}

/* Do they? Then where is known. */
static bool differ(comparison *c, uint32_t one, uint32_t other) {
	uint8_t kind = c->recorded->cells[one].kind;
	if (kind == c->produced->cells[other].kind && is_container(c->recorded, one))
		return kind == APLOMB_MAP ? differ_as_maps(c, one, other) : differ_as_lists(c, one, other);
	return !same_value(c, one, other) && part(c, one, other);
}

/* ---- places ------------------------------------------------------------------ */

/* Where an item says that the playbook did it: in the arena, or NULL when it does not. */
static const char *place_of(const apl_tape *tape, uint32_t item, apl_arena *arena) {
	uint32_t place = apl_tape_find(tape, item, "place", 5);
	if (place != 0 && tape->cells[place].kind == APLOMB_TEXT)
		return apl_arena_text(arena, tape->cells[place].as.text, tape->cells[place].count);
	uint32_t file = apl_tape_find(tape, item, "file", 4), line = apl_tape_find(tape, item, "line", 4);
	if (file == 0 || line == 0 || tape->cells[file].kind != APLOMB_TEXT || tape->cells[line].kind != APLOMB_INTEGER) return NULL;
	char text[300];
	int size = snprintf(
	    text, sizeof text, "%.*s:%lld", (int)tape->cells[file].count, tape->cells[file].as.text, (long long)tape->cells[line].as.integer);
	return size > 0 && size < (int)sizeof text ? apl_arena_text(arena, text, (size_t)size) : NULL;
}

/* The newest place up to item [until], which is one of [of_line]'s; what is done behind a transition is done because of it. */
static const char *place_before(const apl_tape *tape, uint32_t until, apl_arena *arena) {
	uint32_t items = apl_tape_find(tape, 0, "items", 5);
	if (items == 0 || tape->cells[items].kind != APLOMB_LIST) return NULL;
	const char *newest = NULL;
	uint32_t item = items + 1;
	for (uint32_t i = 0; i < tape->cells[items].count && i <= until; i++, item = apl_tape_next(tape, item)) {
		const char *place = tape->cells[item].kind == APLOMB_MAP ? place_of(tape, item, arena) : NULL;
		if (place != NULL) newest = place;
	}
	return newest;
}

const char *apl_verify_place(const apl_engine *engine, apl_arena *arena) {
	const apl_tape *tape = &engine->recorded;
	uint32_t items = apl_tape_find(tape, 0, "items", 5);
	for (uint32_t i = 0; items != 0 && i < tape->cells[items].count; i++) {
		const char *place = place_before(tape, i, arena);
		if (place != NULL) return place;
	}
	return NULL;
}

/* ---- heads ----------------------------------------------------------------------- */

static const char *const ground_names[APL_GROUNDS] = {"engine", "playbook", "params", "tzdata", "limits"};

static bool is_named(const apl_tape *tape, uint32_t name, const char *text) {
	return apl_cell_is(&tape->cells[name], text, strlen(text));
}

/* Limits that the head does not name it did not know. */
static bool differ_in_limits(comparison *c, uint32_t one, uint32_t other) {
	uint32_t name = one + 1;
	for (uint32_t i = 0; i < c->recorded->cells[one].count; i++, name = apl_tape_next(c->recorded, name + 1)) {
		if (differ_in(c, one, other, c->recorded->cells[name].as.text, c->recorded->cells[name].count)) return true;
	}
	return false;
}

/* One member of a head. What follows from others is not looked at again: hash and marks are those of params and playbook. */
static bool head_differs(comparison *c, uint32_t name, apl_verdict *out) {
	const apl_tape *tape = c->recorded;
	uint32_t in_made = apl_tape_find(c->produced, 0, tape->cells[name].as.text, tape->cells[name].count);
	if (in_made != 0 && same_value(c, name + 1, in_made)) return false;
	c->path.size = 0;
	for (uint32_t i = 0; i < APL_GROUNDS; i++) {
		if (!is_named(tape, name, ground_names[i])) continue;
		bool is_map = in_made != 0 && tape->cells[name + 1].kind == APLOMB_MAP;
		if (i == APLOMB_GROUND_LIMITS && is_map && !differ_in_limits(c, name + 1, in_made)) return false;
		out->grounds |= 1u << i;
		return false;
	}
	c->path.size = 0;
	return differ_in(c, 0, 0, tape->cells[name].as.text, tape->cells[name].count);
}

static void compare_heads(comparison *c, apl_verdict *out) {
	static const char *const derived[] = {"params_hash", "personal"};
	static const uint32_t because[] = {1u << APLOMB_GROUND_PARAMS, 1u << APLOMB_GROUND_PLAYBOOK};
	bool differs[2] = {false, false};
	uint32_t name = 1;
	out->kind = APL_VERDICT_SAME;
	for (uint32_t i = 0; i < c->recorded->cells[0].count; i++, name = apl_tape_next(c->recorded, name + 1)) {
		size_t which = 0;
		while (which < 2 && !is_named(c->recorded, name, derived[which])) which++;
		if (which < 2) {
			uint32_t in_made = apl_tape_find(c->produced, 0, derived[which], strlen(derived[which]));
			differs[which] = in_made == 0 || !same_value(c, name + 1, in_made);
		} else if (head_differs(c, name, out)) {
			/* A newer engine may say what this one does not know. */
			out->kind = APL_VERDICT_OTHER;
			break;
		}
	}
	for (size_t i = 0; i < 2 && out->kind == APL_VERDICT_SAME; i++) {
		if (!differs[i] || (out->grounds & because[i]) != 0) continue;
		c->path.size = 0;
		if (differ_in(c, 0, 0, derived[i], strlen(derived[i]))) out->kind = APL_VERDICT_OTHER;
	}
	bool is_of_newer = out->kind == APL_VERDICT_OTHER && c->other == 0 && (out->grounds & 1u << APLOMB_GROUND_ENGINE) != 0;
	if (is_of_newer) out->kind = APL_VERDICT_SAME;
	if (out->kind == APL_VERDICT_SAME && out->grounds != 0) out->kind = APL_VERDICT_GROUNDS;
}

/* ---- entries ------------------------------------------------------------------------ */

static void compare_entries(comparison *c, apl_verdict *out) {
	static const char *const members[] = {"prev", "case", "seq", "v", "kind", "at", "cause", "items", "digest"};
	out->kind = APL_VERDICT_OTHER;
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		if (!differ_in(c, 0, 0, members[i], strlen(members[i]))) continue;
		/* The case goes on from the recorded lines: its own chain holds their hashes. */
		if (i == 0) out->kind = APL_VERDICT_CHAIN;
		return;
	}
	/* What no entry has, or the same values in other bytes. */
	if (differ(c, 0, 0)) return;
	c->path.size = 0;
	if (c->ignores_places) out->kind = APL_VERDICT_SAME;
}

/* In which item, and where the playbook did it, as far as the lines say. */
static void find_place(const comparison *c, apl_arena *arena, apl_verdict *out) {
	static const char items[] = "items[";
	uint32_t until = UINT32_MAX;
	if (c->path.size > sizeof items - 1 && memcmp(c->path.bytes, items, sizeof items - 1) == 0) {
		until = 0;
		for (size_t i = sizeof items - 1; i < c->path.size && c->path.bytes[i] != ']'; i++)
			until = until * 10 + (uint32_t)(c->path.bytes[i] - '0');
		out->item = until + 1;
	}
	out->recorded_place = place_before(c->recorded, until, arena);
	out->produced_place = place_before(c->produced, until, arena);
}

/* ---- a line --------------------------------------------------------------------------- */

static const char *value_text(apl_buf *scratch, const apl_tape *tape, uint32_t cell, apl_arena *arena) {
	apl_buf_clear(scratch);
	apl_json_write(scratch, tape, cell);
	return scratch->failed ? NULL : apl_arena_text(arena, scratch->bytes, scratch->size);
}

/* The root is no member: cell 0 stands for an absent one elsewhere. */
static int tell(comparison *c, apl_arena *arena, bool is_head, apl_verdict *out, aplomb_error *error) {
	if (c->path.failed || c->scratch->failed) return apl_fail_memory(error);
	if (out->kind == APL_VERDICT_SAME || out->kind == APL_VERDICT_GROUNDS || c->path.size == 0) return APLOMB_OK;
	out->member = apl_arena_text(arena, c->path.bytes, c->path.size);
	if (c->one != 0) out->recorded = value_text(c->scratch, c->recorded, c->one, arena);
	if (c->other != 0) out->produced = value_text(c->scratch, c->produced, c->other, arena);
	bool lacks = out->member == NULL || (c->one != 0 && out->recorded == NULL) || (c->other != 0 && out->produced == NULL);
	if (lacks) return apl_fail_memory(error);
	if (!is_head) find_place(c, arena, out);
	return APLOMB_OK;
}

int apl_verify_line(apl_engine *engine, bool is_head, bool is_other_version, apl_arena *arena, apl_verdict *out, aplomb_error *error) {
	const apl_json_bounds bounds = {.depth = 1024, .size = SIZE_MAX};
	*out = (apl_verdict){.kind = APL_VERDICT_SAME};
	int code = apl_json_read(&engine->made, engine->replayed.bytes, engine->replayed.size, &bounds, error);
	if (code) return code;
	comparison c = {
	    .recorded = &engine->recorded, .produced = &engine->made, .scratch = &engine->scratch, .ignores_places = is_other_version};
	apl_buf_init(&c.path, &engine->alloc);
	if (is_head)
		compare_heads(&c, out);
	else
		compare_entries(&c, out);
	code = tell(&c, arena, is_head, out, error);
	apl_buf_dispose(&c.path);
	return code;
}

apl_case *apl_verify_case(apl_engine *engine, const char *id, size_t size) {
	for (apl_case *c = engine->readied; c != NULL; c = c->next) {
		if (c->id_size == size && memcmp(apl_case_id(c), id, size) == 0) return c;
	}
	return apl_engine_case(engine, id, size);
}

/* A head for a case that there is not: what can be said of it. */
static void write_grounds(apl_engine *engine, const apl_tape *head, apl_buf *out) {
	uint32_t playbook = apl_tape_find(head, 0, "playbook", 8), id = apl_tape_find(head, playbook, "id", 2);
	const bool has_id = id != 0 && head->cells[id].kind == APLOMB_TEXT;
	const apl_program *program = has_id ? apl_engine_program(engine, head->cells[id].as.text, head->cells[id].count) : NULL;
	APL_BUF_LITERAL(out, "{\"engine\":\"" APLOMB_VERSION "\"");
	if (program != NULL) {
		APL_BUF_LITERAL(out, ",\"playbook\":");
		apl_playbook_write(out, program->hash, program->id, program->version);
	}
	APL_BUF_LITERAL(out, ",\"tzdata\":null}\n");
}

int apl_verify_ground(apl_engine *engine, const apl_case *c, const char *head, size_t head_size, aplomb_ground ground, apl_arena *arena,
    const char **recorded, const char **here, aplomb_error *error) {
	const apl_json_bounds bounds = {.depth = 1024, .size = SIZE_MAX};
	const char *name = ground_names[ground];
	const char **const out[] = {recorded, here};
	apl_buf made;
	apl_buf_init(&made, &engine->alloc);
	if (c != NULL) apl_case_head(engine, c, &made);
	int code = APLOMB_OK;
	for (int i = 0; i < 2 && !code; i++) {
		bool is_made = i == 1 || head == NULL;
		if (is_made && made.failed) code = apl_fail_memory(error);
		if (!code) code = apl_json_read(&engine->made, is_made ? made.bytes : head, is_made ? made.size - 1 : head_size, &bounds, error);
		uint32_t cell = code ? 0 : apl_tape_find(&engine->made, 0, name, strlen(name));
		*out[i] = cell != 0 ? value_text(&engine->scratch, &engine->made, cell, arena) : NULL;
		if (cell != 0 && *out[i] == NULL) code = apl_fail_memory(error);
		if (!code && c == NULL && i == 0) write_grounds(engine, &engine->made, &made);
	}
	apl_buf_dispose(&made);
	return code;
}

/* ---- the end -------------------------------------------------------------------------------- */

void apl_verify_unfinished(const apl_engine *engine, aplomb_instant horizon, apl_unfinished *out) {
	*out = (apl_unfinished){.count = 0};
	for (const apl_case *c = engine->first_case; c != NULL; c = c->next) {
		const apl_case_timer *first = NULL;
		for (const apl_case_timer *timer = c->status == APLOMB_CASE_OPEN ? c->timers : NULL; timer != NULL; timer = timer->next) {
			bool is_at_once = timer->send != NULL && timer->send->at_once;
			if (!is_at_once && timer->timer.due_at >= horizon) continue;
			if (first == NULL || timer->timer.due_at < first->timer.due_at) first = timer;
		}
		if (first == NULL || out->count++ > 0) continue;
		const apl_chart *chart = c->program->chart;
		out->the_case = c;
		out->due_at = first->timer.due_at;
		out->name = first->send != NULL                  ? chart->events[first->send->event].name
		            : apl_timer_clock(first) != APL_NONE ? chart->clocks[apl_timer_clock(first)].name
		                                                 : chart->delays[first->delay].name;
	}
}
