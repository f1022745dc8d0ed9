/* SPDX-License-Identifier: MIT */
/*
 * Decides how a case comes about: what `open` may carry, checked at the door,
 * and the head and the `opened` entry, written when its first event is stepped.
 * Until then the case is there, so that later events find it, but has no entry.
 */
#include "engine/inside.h"
#include "time/shown.h"

#define MOST_LOCALE 64

typedef struct open_members {
	uint32_t data, params, history, locale, seed; /* cells; 0: not given */
} open_members;

static int find_members(const apl_tape *tape, uint32_t cell, open_members *out, aplomb_error *error) {
	if (tape->cells[cell].kind != APLOMB_MAP) return apl_fail(error, APLOMB_EREFUSED, "wrong-type", "open: expected a map");
	struct {
		const char *name;
		uint32_t *cell;
	} const members[] = {
	    {"data", &out->data}, {"params", &out->params}, {"history", &out->history}, {"locale", &out->locale}, {"seed", &out->seed}};
	const size_t n_members = sizeof members / sizeof members[0];
	uint32_t at = cell + 1;
	for (uint32_t i = 0; i < tape->cells[cell].count; i++, at = apl_tape_next(tape, at + 1)) {
		const char *name = tape->cells[at].as.text;
		uint32_t size = tape->cells[at].count;
		size_t n = 0;
		while (n < n_members && (strlen(members[n].name) != size || memcmp(members[n].name, name, size) != 0)) n++;
		if (n < n_members) {
			*members[n].cell = at + 1;
			continue;
		}
		char shown[APL_SHOWN], hint[128];
		apl_nearest nearest = apl_nearest_to(name, size);
		for (n = 0; n < n_members; n++) apl_nearest_try(&nearest, members[n].name);
		return apl_fail(error, APLOMB_EREFUSED, "unknown-field", "open.%s: there is no such member%s", apl_shown(name, size, shown),
		    apl_nearest_hint(&nearest, hint, sizeof hint));
	}
	return APLOMB_OK;
}

static int read_record(apl_engine *engine, const apl_schema *schema, uint64_t *words, const char *what, const apl_tape *tape, uint32_t cell,
    aplomb_error *error) {
	const apl_writer writer = {.schema = schema, .words = words, .keep = {&engine->alloc, NULL}, .what = what};
	int code = apl_record_read(&writer, tape, cell != 0 ? cell : APL_NO_FIELD, error);
	if (code) memset(words, 0, schema->n_words * sizeof *words);
	return code;
}

static int read_params(apl_engine *engine, apl_case *c, const apl_tape *tape, uint32_t cell, aplomb_error *error) {
	const apl_schema *schema = c->program->params;
	/* Most cases have the playbook's own; they share the schema's. */
	if (cell == 0 && !schema->has_required) return APLOMB_OK;
	apl_case_more *more = apl_case_more_of(engine, c);
	if (more == NULL) return apl_fail_memory(error);
	more->params = apl_new(&engine->alloc, schema->n_words * sizeof(uint64_t));
	if (more->params == NULL) return apl_fail_memory(error);
	return read_record(engine, schema, more->params, "params", tape, cell, error);
}

int apl_case_check_windows(const apl_case *c, aplomb_error *error) {
	const apl_program *program = c->program;
	for (uint32_t i = 0; i < program->n_counters; i++) {
		aplomb_span window;
		apl_span_unit unit;
		int code = APLOMB_OK;
		if (program->counters[i].window == 0) continue;
		if (program->counters[i].window_handler != 0)
			code = program->ops->window(
			    program->self, (int32_t)program->counters[i].window_handler - 1, apl_case_params(c), &window, &unit, error);
		if (!code) code = apl_counter_check(c, i, error);
		if (code) return code;
	}
	return APLOMB_OK;
}

static int read_history(apl_engine *engine, apl_case *c, const apl_tape *tape, uint32_t cell, aplomb_error *error) {
	apl_case_more *more = apl_case_more_of(engine, c);
	if (more == NULL) return apl_fail_memory(error);
	apl_buf *out = &engine->scratch;
	apl_buf_clear(out);
	apl_json_write(out, tape, cell);
	more->history = out->failed ? NULL : apl_text_new(&engine->alloc, out->bytes, out->size);
	return more->history != NULL ? APLOMB_OK : apl_fail_memory(error);
}

static int read_locale(apl_engine *engine, apl_case *c, const apl_cell *cell, aplomb_error *error) {
	if (cell->kind == APLOMB_NULL) return APLOMB_OK;
	if (cell->kind != APLOMB_TEXT || cell->count == 0 || cell->count > MOST_LOCALE || memchr(cell->as.text, '\0', cell->count) != NULL) {
		return apl_fail(error, APLOMB_EREFUSED, "wrong-type", "open.locale: expected a text like \"en\" of at most %d bytes", MOST_LOCALE);
	}
	apl_case_more *more = apl_case_more_of(engine, c);
	if (more != NULL) more->locale = apl_copy_text(&engine->alloc, cell->as.text, cell->count);
	return more != NULL && more->locale != NULL ? APLOMB_OK : apl_fail_memory(error);
}

static int take_subject(apl_engine *engine, apl_case *c, const char *subject, size_t size, aplomb_error *error) {
	apl_case_more *more = apl_case_more_of(engine, c);
	if (more != NULL) more->subject = apl_copy_text(&engine->alloc, subject, size);
	return more != NULL && more->subject != NULL ? APLOMB_OK : apl_fail_memory(error);
}

int apl_case_begin(apl_engine *engine, apl_case *c, const char *subject, const apl_tape *tape, uint32_t cell, aplomb_error *error) {
	open_members members = {0, 0, 0, 0, 0};
	int code = tape != NULL ? find_members(tape, cell, &members, error) : APLOMB_OK;
	if (!code) code = read_record(engine, c->program->data, apl_case_data(c), "data", tape, members.data, error);
	if (!code) code = read_params(engine, c, tape, members.params, error);
	if (!code) code = apl_case_check_windows(c, error);
	if (!code && members.history != 0) code = read_history(engine, c, tape, members.history, error);
	if (!code && members.locale != 0) code = read_locale(engine, c, &tape->cells[members.locale], error);
	if (code) return code;
	c->random = apl_hash64(apl_case_id(c), c->id_size) & INT64_MAX;
	if (members.seed != 0) {
		const apl_cell *seed = &tape->cells[members.seed];
		if (seed->kind != APLOMB_INTEGER || seed->as.integer < 0) {
			return apl_fail(error, APLOMB_EREFUSED, "wrong-type", "open.seed: expected an integer of zero or more");
		}
		c->random = (uint64_t)seed->as.integer;
	}
	if (subject != NULL) code = take_subject(engine, c, subject, strlen(subject), error);
	if (code) return code;
	return apl_case_prepare_counts(engine, c) ? APLOMB_OK : apl_fail_memory(error);
}

void apl_case_append(apl_engine *engine, apl_case *c) {
	c->next = NULL;
	if (engine->last_case != NULL) {
		engine->last_case->next = c;
	} else {
		engine->first_case = c;
	}
	engine->last_case = c;
}

bool apl_case_enlist(apl_engine *engine, apl_case *c) {
	if (!apl_cases_add(&engine->cases, c)) return false;
	apl_case_append(engine, c);
	return true;
}

apl_hash128 apl_case_head(apl_engine *engine, const apl_case *c, apl_buf *out) {
	apl_buf *scratch = &engine->scratch;
	apl_buf_clear(scratch);
	apl_json_write_text(scratch, apl_case_id(c), c->id_size);
	size_t id_size = scratch->size;
	apl_record_write(scratch, c->program->params, apl_case_params(c), false);
	if (scratch->failed) {
		out->failed = true;
		return (apl_hash128){0, 0};
	}
	const apl_parent *parent = c->more != NULL ? c->more->parent : NULL;
	const apl_head head = {
	    .case_json = scratch->bytes,
	    .case_json_size = id_size,
	    .limits = engine->limits_json.bytes,
	    .limits_size = engine->limits_json.size,
	    .params = scratch->bytes + id_size,
	    .params_size = scratch->size - id_size,
	    .personal = apl_prepared_of(c)->personal.bytes,
	    .personal_size = apl_prepared_of(c)->personal.size,
	    .parent = parent != NULL ? parent->texts : NULL,
	    .parent_invoke = parent != NULL ? apl_parent_invoke(parent) : NULL,
	    .parent_depth = parent != NULL ? parent->depth : 0,
	    .locale = apl_case_locale(c),
	    .subject = apl_case_subject(c),
	    .playbook = c->program->id,
	    .playbook_hash = c->program->hash,
	    .playbook_version = c->program->version,
	    .seed = (int64_t)c->random, /* nobody has drawn from it yet */
	};
	return apl_head_write(out, &head);
}

static bool write_head(apl_engine *engine, apl_case *c) {
	if (!engine->composes) return true;
	size_t begun = engine->batch.bytes.size;
	apl_hash128 head = apl_case_head(engine, c, &engine->batch.bytes);
	if (engine->replay == NULL || !engine->replay->follows) c->prev = head;
	return apl_line_add(engine, c, 0, begun);
}

static int read_parent(apl_engine *engine, apl_case *c, const apl_tape *tape, uint32_t cell, aplomb_error *error) {
	if (cell == 0) return APLOMB_OK;
	uint32_t id = apl_tape_find(tape, cell, "case", 4), invoke = apl_tape_find(tape, cell, "invoke", 6),
	         depth = apl_tape_find(tape, cell, "depth", 5);
	if (id == 0 || invoke == 0 || depth == 0 || tape->cells[id].kind != APLOMB_TEXT || tape->cells[invoke].kind != APLOMB_TEXT ||
	    tape->cells[depth].kind != APLOMB_INTEGER || tape->cells[depth].as.integer < 1 || tape->cells[depth].as.integer > UINT32_MAX)
		return apl_fail(
		    error, APLOMB_EDAMAGED, "journal-shape", "this line is no journal entry: parent: case, depth and invoke are missing");
	apl_case_more *more = apl_case_more_of(engine, c);
	if (more == NULL) return apl_fail_memory(error);
	more->parent = apl_parent_new(&engine->alloc, (apl_given){tape->cells[id].as.text, tape->cells[id].count},
	    (apl_given){tape->cells[invoke].as.text, tape->cells[invoke].count}, (uint32_t)tape->cells[depth].as.integer);
	return more->parent != NULL ? APLOMB_OK : apl_fail_memory(error);
}

int apl_case_from_head(apl_engine *engine, apl_case *c, const apl_tape *tape, aplomb_error *error) {
	uint32_t seed = apl_tape_find(tape, 0, "seed", 4), locale = apl_tape_find(tape, 0, "locale", 6),
	         subject = apl_tape_find(tape, 0, "subject", 7);
	int code = read_params(engine, c, tape, apl_tape_find(tape, 0, "params", 6), error);
	if (!code) code = apl_case_check_windows(c, error);
	if (!code && locale != 0) code = read_locale(engine, c, &tape->cells[locale], error);
	if (!code && subject != 0 && tape->cells[subject].kind == APLOMB_TEXT) {
		code = take_subject(engine, c, tape->cells[subject].as.text, tape->cells[subject].count, error);
	}
	if (!code) code = read_parent(engine, c, tape, apl_tape_find(tape, 0, "parent", 6), error);
	if (code) return code;
	c->random = (uint64_t)tape->cells[seed].as.integer;
	return apl_case_prepare_counts(engine, c) ? APLOMB_OK : apl_fail_memory(error);
}

int apl_case_fill(apl_engine *engine, apl_case *c, const apl_tape *tape, uint32_t cause, aplomb_error *error) {
	uint32_t data = apl_tape_find(tape, cause, "data", 4), history = apl_tape_find(tape, cause, "history", 7);
	apl_record_dispose(c->program->data, apl_case_data(c), &engine->alloc);
	memset(apl_case_data(c), 0, c->program->data->n_words * sizeof(uint64_t));
	if (c->more != NULL) {
		apl_text_drop(&engine->alloc, c->more->history);
		c->more->history = NULL;
	}
	int code = read_record(engine, c->program->data, apl_case_data(c), "data", tape, data, error);
	return code || history == 0 ? code : read_history(engine, c, tape, history, error);
}

int apl_case_open(apl_engine *engine, apl_case *c, aplomb_instant at) {
	if (!apl_touch(engine, c)) return APLOMB_ENOMEM;
	c->opened_at = c->at = at;
	if (!write_head(engine, c)) return APLOMB_ENOMEM;
	apl_line_begin(engine, c, at);
	apl_buf *cause = engine->line;
	APL_BUF_LITERAL(cause, "{\"data\":");
	apl_record_write(cause, c->program->data, apl_case_data(c), false);
	const apl_text *history = apl_case_subject_history(c);
	if (history != NULL) {
		APL_BUF_LITERAL(cause, ",\"history\":");
		apl_buf_add(cause, history->bytes, history->size);
	}
	apl_buf_byte(cause, '}');
	apl_line_items(engine);
	engine->batch.totals.cases++;
	engine->batch.totals.invoked += apl_case_parent(c) != NULL;
	const apl_stimulus stimulus = {APL_ENTRY_OPENED, NULL, at};
	apl_outcome outcome;
	return apl_step_run(engine, c, &stimulus, apl_batch_here(engine), false, &outcome);
}

static void unlink_case(apl_engine *engine, apl_case *c) {
	apl_case *before = NULL;
	for (apl_case *at = engine->first_case; at != c; at = at->next) before = at;
	if (before != NULL) {
		before->next = c->next;
	} else {
		engine->first_case = c->next;
	}
	if (engine->last_case == c) engine->last_case = before;
}

void apl_case_vanish(apl_engine *engine, apl_case *c, apl_queued *from) {
	apl_cases_remove(&engine->cases, c);
	unlink_case(engine, c);
	for (apl_queued *queued = from; queued != NULL; queued = queued->next) {
		if (queued->the_case != c) continue;
		queued->the_case = NULL;
		queued->name = apl_arena_text(&queued->block->arena, apl_case_id(c), c->id_size);
	}
}
