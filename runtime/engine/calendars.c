/* SPDX-License-Identifier: MIT */
/*
 * Decides how the calendars that were changed while a case was open are kept:
 * each version once in memory, however many cases have it, and in a case as
 * long as it counts what begins, or something that began still stands by it.
 *
 * A version's number in its case does not change while it is there, so that
 * clocks and timers can name it; a number that is free is given again.
 */
#include "engine/clocks.h"
#include "engine/inside.h"

/* ---- versions ------------------------------------------------------------------- */

static apl_kept_calendar *find_kept(const apl_engine *engine, const char *version) {
	apl_kept_calendar *kept = engine->calendars;
	while (kept != NULL && memcmp(apl_calendar_version(kept->calendar), version, APL_SHA256_HEX) != 0) kept = kept->next;
	if (kept != NULL) kept->refs++;
	return kept;
}

int apl_calendar_keep_text(apl_engine *engine, const char *text, size_t size, apl_kept_calendar **out, aplomb_error *error) {
	apl_calendar *calendar;
	int code = apl_calendar_read(&calendar, &engine->alloc, text, size, error);
	if (code) return code;
	*out = find_kept(engine, apl_calendar_version(calendar));
	if (*out == NULL) {
		*out = apl_new(&engine->alloc, sizeof **out);
		if (*out != NULL) {
			**out = (apl_kept_calendar){.next = engine->calendars, .calendar = calendar, .refs = 1};
			engine->calendars = *out;
			return APLOMB_OK;
		}
		code = apl_fail_memory(error);
	}
	apl_calendar_free(calendar);
	return code;
}

apl_kept_calendar *apl_calendar_keep(apl_engine *engine, const apl_calendar *calendar) {
	apl_kept_calendar *kept = find_kept(engine, apl_calendar_version(calendar));
	size_t size;
	const char *text = apl_calendar_text(calendar, &size);
	/* Whoever gave it may close it: it is read anew. */
	if (kept == NULL && apl_calendar_keep_text(engine, text, size, &kept, NULL) != APLOMB_OK) return NULL;
	return kept;
}

void apl_calendar_drop(apl_engine *engine, apl_kept_calendar *kept) {
	if (kept == NULL || --kept->refs > 0) return;
	apl_kept_calendar **link = &engine->calendars;
	while (*link != kept) link = &(*link)->next;
	*link = kept->next;
	apl_calendar_free(kept->calendar);
	apl_free(&engine->alloc, kept, sizeof *kept);
}

/* ---- those of a case -------------------------------------------------------------- */

const apl_calendar_slot *apl_calendar_slot_of(const apl_case *c, uint32_t number) {
	return &c->more->calendars.slots[number - c->program->n_calendars];
}

static uint32_t newest_slot(const apl_case_calendars *all, uint32_t of) {
	uint32_t newest = APL_NONE;
	for (uint32_t i = 0; i < all->count; i++) {
		if (all->slots[i].kept == NULL || all->slots[i].of != of) continue;
		if (newest == APL_NONE || all->slots[i].since > all->slots[newest].since) newest = i;
	}
	return newest;
}

uint32_t apl_calendar_newest(const apl_case *c, uint32_t number) {
	if (c->more == NULL || c->more->calendars.count == 0) return number;
	const uint32_t slot = newest_slot(&c->more->calendars, number);
	return slot == APL_NONE ? number : c->program->n_calendars + slot;
}

/* What lies behind the last that is there is no more. */
static void trim(apl_case_calendars *all) {
	while (all->count > 0 && all->slots[all->count - 1].kept == NULL) all->count--;
}

/* The slot becomes this; what it was is for the batch to take back. false without memory, and nothing has changed. */
static bool put(apl_engine *engine, apl_case *c, uint32_t slot, apl_calendar_slot is) {
	apl_calendar_slot *was = &c->more->calendars.slots[slot];
	apl_did *did = apl_did_reserve(engine);
	if (did == NULL) return false;
	did->deed = APL_DID_CALENDAR;
	did->the_case = c;
	did->number = slot;
	did->what = was->kept;
	did->order = was->of;
	did->seq = was->since;
	apl_did_done(engine);
	*was = is;
	return true;
}

void apl_calendar_undo(apl_engine *engine, const apl_did *did) {
	apl_case_calendars *all = &did->the_case->more->calendars;
	while (all->count <= did->number) all->slots[all->count++] = (apl_calendar_slot){0};
	apl_calendar_slot *slot = &all->slots[did->number];
	apl_calendar_drop(engine, slot->kept);
	*slot = (apl_calendar_slot){.kept = did->what, .of = (uint32_t)did->order, .since = did->seq};
	trim(all);
}

/* Where that version is, or may be put; APL_NONE: there is no place for it. */
static uint32_t place_for(apl_engine *engine, apl_case_calendars *all, const apl_kept_calendar *kept, uint32_t of) {
	uint32_t free = APL_NONE;
	for (uint32_t i = 0; i < all->count; i++) {
		const apl_calendar_slot *slot = &all->slots[i];
		if (slot->kept == kept && slot->of == of) return i;
		if (slot->kept == NULL && free == APL_NONE) free = i;
	}
	if (free != APL_NONE) return free;
	if (!APL_GROW(&engine->alloc, all->slots, all->count, all->capacity)) return APL_NONE;
	all->slots[all->count] = (apl_calendar_slot){0};
	return all->count++;
}

uint32_t apl_calendar_adopt(apl_engine *engine, apl_case *c, apl_kept_calendar *kept, uint32_t of, uint64_t since) {
	apl_case_more *more = apl_case_more_of(engine, c);
	const uint32_t slot = more != NULL ? place_for(engine, &more->calendars, kept, of) : APL_NONE;
	if (slot == APL_NONE || !put(engine, c, slot, (apl_calendar_slot){.kept = kept, .of = of, .since = since})) {
		if (slot != APL_NONE) trim(&more->calendars);
		apl_calendar_drop(engine, kept);
		return APL_NONE;
	}
	apl_prepared_of(c)->is_more_than_words = true;
	return c->program->n_calendars + slot;
}

static bool is_used(const apl_case *c, uint32_t number) {
	for (uint32_t i = 0; i < c->program->chart->n_clocks; i++) {
		if (apl_clock_calendar(c, i) == number) return true;
	}
	for (const apl_case_timer *timer = c->timers; timer != NULL; timer = timer->next) {
		if (timer->calendar == number) return true;
	}
	return false;
}

bool apl_calendars_sweep(apl_engine *engine, apl_case *c) {
	apl_case_calendars *all = &c->more->calendars;
	for (uint32_t i = 0; i < all->count; i++) {
		const apl_calendar_slot *slot = &all->slots[i];
		if (slot->kept == NULL || newest_slot(all, slot->of) == i || is_used(c, c->program->n_calendars + i)) continue;
		if (!put(engine, c, i, (apl_calendar_slot){0})) return false;
	}
	trim(all);
	return true;
}

void apl_calendars_free(apl_engine *engine, apl_case *c) {
	apl_case_calendars *all = &c->more->calendars;
	for (uint32_t i = 0; i < all->count; i++) apl_calendar_drop(engine, all->slots[i].kept);
	apl_free(&engine->alloc, all->slots, all->capacity * sizeof *all->slots);
	*all = (apl_case_calendars){0};
}

/* ---- in items ------------------------------------------------------------------------ */

void apl_calendar_write_counting(apl_buf *out, const apl_case *c, uint32_t calendar) {
	const apl_calendar *counted = calendar != APL_NO_CALENDAR ? apl_case_calendar(c, calendar) : NULL;
	if (counted == NULL) return;
	const char *name = apl_case_calendar_name(c, calendar);
	APL_BUF_LITERAL(out, "\"calendar\":");
	apl_json_write_text(out, name, strlen(name));
	APL_BUF_LITERAL(out, ",\"calendar_version\":\"");
	apl_buf_add(out, apl_calendar_version(counted), APL_SHA256_HEX);
	APL_BUF_LITERAL(out, "\",");
}

/* ---- in snapshots ------------------------------------------------------------------- */

void apl_calendars_write(apl_buf *out, const apl_case *c) {
	const apl_case_calendars *all = &c->more->calendars;
	APL_BUF_LITERAL(out, "\"calendars\":[");
	for (uint32_t i = 0; i < all->count; i++) {
		const apl_calendar_slot *slot = &all->slots[i];
		if (i > 0) apl_buf_byte(out, ',');
		if (slot->kept == NULL) {
			APL_BUF_LITERAL(out, "null");
			continue;
		}
		const char *name = c->program->calendars[slot->of].name;
		size_t size;
		const char *text = apl_calendar_text(slot->kept->calendar, &size);
		APL_BUF_LITERAL(out, "{\"calendar\":");
		apl_json_write_text(out, name, strlen(name));
		APL_BUF_LITERAL(out, ",\"definition\":");
		apl_buf_add(out, text, size);
		APL_BUF_LITERAL(out, ",\"since_seq\":");
		apl_json_write_integer(out, (int64_t)slot->since);
		apl_buf_byte(out, '}');
	}
	apl_buf_byte(out, ']');
}

static uint32_t find_declared(const apl_program *program, const apl_cell *name) {
	for (uint32_t i = 0; i < program->n_calendars; i++) {
		if (apl_cell_is(name, program->calendars[i].name, strlen(program->calendars[i].name))) return i;
	}
	return APL_NONE;
}

static int damaged(aplomb_error *error, const char *what) {
	return apl_fail(error, APLOMB_EDAMAGED, "snapshot-shape", "this is no snapshot: calendars: %s", what);
}

static int read_slot(
    apl_engine *engine, const apl_case *c, const apl_tape *tape, uint32_t map, apl_calendar_slot *out, aplomb_error *error) {
	const apl_cell *cells = tape->cells;
	if (cells[map].kind == APLOMB_NULL) return APLOMB_OK;
	if (cells[map].kind != APLOMB_MAP) return damaged(error, "one is no map");
	const uint32_t name = apl_tape_find(tape, map, "calendar", 8), definition = apl_tape_find(tape, map, "definition", 10),
	               since = apl_tape_find(tape, map, "since_seq", 9);
	out->of = name != 0 ? find_declared(c->program, &cells[name]) : APL_NONE;
	if (out->of == APL_NONE) return damaged(error, "the playbook has no such calendar");
	if (definition == 0 || since == 0 || cells[since].kind != APLOMB_INTEGER || cells[since].as.integer < 1 ||
	    (uint64_t)cells[since].as.integer > c->seq)
		return damaged(error, "a member is missing");
	out->since = (uint64_t)cells[since].as.integer;
	apl_buf *scratch = &engine->scratch;
	apl_buf_clear(scratch);
	apl_json_write(scratch, tape, definition);
	if (scratch->failed) return apl_fail_memory(error);
	return apl_calendar_keep_text(engine, scratch->bytes, scratch->size, &out->kept, error);
}

int apl_calendars_read(apl_engine *engine, apl_case *c, const apl_tape *tape, uint32_t list, aplomb_error *error) {
	apl_case_more *more = apl_case_more_of(engine, c);
	if (more == NULL) return apl_fail_memory(error);
	apl_case_calendars *all = &more->calendars;
	uint32_t cell = list + 1;
	for (uint32_t i = 0; i < tape->cells[list].count; i++, cell = apl_tape_next(tape, cell)) {
		if (!APL_GROW(&engine->alloc, all->slots, all->count, all->capacity)) return apl_fail_memory(error);
		apl_calendar_slot slot = {0};
		int code = read_slot(engine, c, tape, cell, &slot, error);
		if (code) return code;
		for (uint32_t other = 0; other < all->count && slot.kept != NULL; other++) {
			if (all->slots[other].kept != slot.kept || all->slots[other].of != slot.of) continue;
			apl_calendar_drop(engine, slot.kept);
			return damaged(error, "one stands there twice");
		}
		all->slots[all->count++] = slot;
	}
	if (all->count > 0 && all->slots[all->count - 1].kept == NULL) return damaged(error, "the last one is none");
	apl_prepared_of(c)->is_more_than_words = true;
	return APLOMB_OK;
}

void apl_calendar_write_number(apl_buf *out, const apl_case *c, uint32_t number) {
	const char *name = apl_case_calendar_name(c, number);
	APL_BUF_LITERAL(out, "\"calendar\":");
	apl_json_write_text(out, name, strlen(name));
	if (number < c->program->n_calendars) return;
	APL_BUF_LITERAL(out, ",\"calendar_version\":\"");
	apl_buf_add(out, apl_calendar_version(apl_case_calendar(c, number)), APL_SHA256_HEX);
	apl_buf_byte(out, '"');
}

uint32_t apl_calendar_read_number(const apl_case *c, const apl_tape *tape, uint32_t map) {
	const uint32_t name = apl_tape_find(tape, map, "calendar", 8), version = apl_tape_find(tape, map, "calendar_version", 16);
	if (name == 0) return APL_NO_CALENDAR;
	const uint32_t of = find_declared(c->program, &tape->cells[name]);
	if (version == 0 || of == APL_NONE) return of;
	const apl_case_calendars *all = c->more != NULL ? &c->more->calendars : NULL;
	for (uint32_t i = 0; all != NULL && i < all->count; i++) {
		const apl_calendar_slot *slot = &all->slots[i];
		if (slot->kept != NULL && slot->of == of &&
		    apl_cell_is(&tape->cells[version], apl_calendar_version(slot->kept->calendar), APL_SHA256_HEX))
			return c->program->n_calendars + i;
	}
	return APL_NONE;
}
