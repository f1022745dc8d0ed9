/* SPDX-License-Identifier: MIT */
/*
 * Decides what it is to ask a case something, and to try a statement on it. An
 * answer is given as if a step were about to happen now, and nothing is left of
 * it. A statement is a step with an entry of its own; when it fails, or what it
 * sets in motion breaks a limit, it never was.
 */
#include <string.h>

#include "engine/inside.h"

/* ---- the newest event -------------------------------------------------------------------- */

typedef struct newest_event {
	apl_step_event event;
	apl_payload payload;
} newest_event;

static const char *text_at(const apl_tape *tape, uint32_t map, const char *name, apl_arena *arena) {
	uint32_t cell = apl_tape_find(tape, map, name, strlen(name));
	if (cell == 0 || tape->cells[cell].kind != APLOMB_TEXT) return NULL;
	return apl_arena_text(arena, tape->cells[cell].as.text, tape->cells[cell].count);
}

static bool is_kind(const apl_cell *cell, apl_entry_kind kind) {
	const char *name = apl_entry_kind_name(kind);
	return apl_cell_is(cell, name, strlen(name));
}

/*
 * The event that the journal line speaks of, as its step saw it; [out->event.name] NULL: it
 * speaks of none. What a turn was about does not outlive it, the line does.
 */
static int read_event(apl_engine *engine, const apl_case *c, const char *line, size_t size, newest_event *out, aplomb_error *error) {
	const apl_json_bounds bounds = {1024, (size_t)1 << 30};
	apl_tape *tape = &engine->tape;
	int code = apl_json_read(tape, line, size, &bounds, error);
	if (code) return code;
	uint32_t cause = apl_tape_find(tape, 0, "cause", 5);
	uint32_t name = cause != 0 ? apl_tape_find(tape, cause, "event", 5) : 0;
	uint32_t kind = apl_tape_find(tape, 0, "kind", 4);
	if (name == 0 || kind == 0 || tape->cells[name].kind != APLOMB_TEXT || tape->cells[kind].kind != APLOMB_TEXT) return APLOMB_OK;
	/* Of other kinds it did not come about. */
	if (!is_kind(&tape->cells[kind], APL_ENTRY_EVENT) && !is_kind(&tape->cells[kind], APL_ENTRY_TIMER)) return APLOMB_OK;
	const apl_chart *chart = c->program->chart;
	int32_t number = apl_chart_event(chart, tape->cells[name].as.text, tape->cells[name].count);
	if (number < 0) return APLOMB_OK;
	const apl_event_name *known = &chart->events[number];
	const apl_schema *schema = c->program->events[number];
	out->payload = (apl_payload){
	    .schema = schema, .id = text_at(tape, cause, "id", &engine->turn_arena), .by = text_at(tape, cause, "by", &engine->turn_arena)};
	if (schema != NULL) {
		uint32_t data = apl_tape_find(tape, cause, "data", 4);
		out->payload.words = apl_arena_take(&engine->turn_arena, (schema->n_words + 1) * sizeof(uint64_t));
		if (out->payload.words == NULL) return apl_fail_memory(error);
		const apl_writer writer = {
		    .schema = schema, .words = out->payload.words, .keep = {&engine->alloc, &engine->turn_arena}, .what = "event"};
		/* A line of another version may not fit this one's declaration; then there is no such event to see. */
		code = apl_record_read(&writer, tape, data != 0 ? data : APL_NO_FIELD, error);
		if (code == APLOMB_ENOMEM) return code;
		if (code) return APLOMB_OK;
	}
	out->event = (apl_step_event){number, known->size, known->name, &out->payload};
	return APLOMB_OK;
}

/* The first line that is told. */
static int keep_line(const char *text, size_t size, void *payload) {
	apl_buf_add(payload, text, size);
	return 1;
}

/* Further back nobody would call it the newest. */
enum { MOST_LOOKED_THROUGH = 100 };

/* Of the lines that the store has, the newest that speaks of an event. */
static int find_newest(apl_engine *engine, const apl_case *c, newest_event *out, aplomb_error *error) {
	apl_buf line;
	apl_buf_init(&line, &engine->alloc);
	int code = APLOMB_OK;
	for (uint64_t from = c->seq, i = 0; from > 0 && i < MOST_LOOKED_THROUGH && !code && out->event.name == NULL; from--, i++) {
		apl_buf_clear(&line);
		code = engine->store.ops->read(engine->store.self, apl_case_id(c), c->id_size, c->mark, from, keep_line, &line, error);
		if (code == 1) code = APLOMB_OK;
		if (line.failed) code = apl_fail_memory(error);
		if (code || line.size == 0) break;
		code = read_event(engine, c, line.bytes, line.size, out, error);
	}
	apl_buf_dispose(&line);
	return code;
}

/* ---- asking ---------------------------------------------------------------------------------- */

int apl_engine_ask(
    apl_engine *engine, apl_case *c, apl_aside *aside, const char *line, size_t size, aplomb_answer *out, aplomb_error *error) {
	newest_event newest;
	memset(&newest, 0, sizeof newest);
	int code = line != NULL ? read_event(engine, c, line, size, &newest, error) : find_newest(engine, c, &newest, error);
	if (code == APLOMB_OK) {
		const apl_program *program = c->program;
		const apl_step before = engine->step;
		apl_turn *turn = apl_step_look(engine, c, newest.event.name != NULL ? &newest.event : NULL);
		program->ops->begin(program->self, turn);
		code = program->ops->ask_aside(program->self, turn, aside, out, error);
		program->ops->end(program->self, turn);
		engine->step = before;
	}
	apl_arena_reset(&engine->turn_arena);
	return code;
}

/* ---- trying a statement ------------------------------------------------------------------------- */

static int check_open(const apl_case *c, aplomb_error *error) {
	if (c->status == APLOMB_CASE_CLOSED)
		return apl_fail(error, APLOMB_EREFUSED, "case-closed", "case \"%s\" is closed: nothing can be done to it any more", apl_case_id(c));
	if (c->status == APLOMB_CASE_FAULTED)
		return apl_fail(error, APLOMB_EFAULTED, "case-faulted", "case \"%s\" is faulted: nothing can be done to it", apl_case_id(c));
	return APLOMB_OK;
}

int apl_statement_step(
    apl_engine *engine, apl_case *c, apl_aside *aside, apl_given text, aplomb_instant at, apl_outcome *outcome, aplomb_error *error) {
	int code = check_open(c, error);
	if (code) return code;
	apl_line_begin(engine, c, at);
	apl_buf *cause = engine->line;
	APL_BUF_LITERAL(cause, "{\"statement\":");
	apl_json_write_text(cause, text.bytes, text.size);
	apl_buf_byte(cause, '}');
	apl_line_items(engine);
	code = apl_step_perform(engine, c, aside, at, outcome, error);
	if (code) return code;
	return apl_after_step(engine, c, outcome) ? apl_fail_memory(error) : APLOMB_OK;
}

int apl_engine_perform(apl_engine *engine, apl_case *c, apl_aside *aside, const char *text, size_t size, aplomb_instant at, uint64_t *seq,
    aplomb_error *error) {
	apl_outcome outcome = {0};
	engine->inside = true;
	int code = apl_statement_step(engine, c, aside, (apl_given){text, size}, apl_later(c->at, at), &outcome, error);
	if (code)
		apl_batch_take_back(engine);
	else
		code = apl_batch_commit(engine, error);
	engine->inside = false;
	if (!code && seq != NULL) *seq = outcome.seq;
	return code;
}
