/* SPDX-License-Identifier: MIT */
/*
 * Decides what becomes of what a handler asks for during a turn: an item of the
 * entry, and where something must be remembered until the commit, a row that
 * can be taken back. Nothing here acts on the world.
 */
#include "engine/turn.h"

#include <stdarg.h>
#include <stdio.h>

#include "engine/inside.h"
#include "time/instant.h"
#include "time/shown.h"

static apl_step *step_of(apl_turn *turn) {
	return (apl_step *)(void *)turn;
}

apl_writer apl_turn_writer(apl_turn *turn) {
	return (apl_writer){.schema = turn->program->data, .words = turn->data, .keep = {&turn->engine->alloc, NULL}, .what = "data"};
}

void apl_turn_trace(apl_turn *turn, const char *code, const char *message) {
	if (!step_of(turn)->traced) return;
	apl_tell(turn->engine, APLOMB_LOG_TRACE, code, turn->the_case, "%s", message);
}

int apl_turn_breach(apl_turn *turn, const char *slug, apl_place place, const char *format, ...) {
	if (turn->breached) return APL_PORT_BREACH;
	va_list arguments;
	va_start(arguments, format);
	apl_vfail(&turn->breach, APLOMB_ELIMIT, slug, place, format, arguments);
	va_end(arguments);
	turn->breached = true;
	return APL_PORT_BREACH;
}

/* The breach as the failure of a call. */
static int breached(const apl_turn *turn, aplomb_error *error) {
	if (error != NULL) *error = turn->breach;
	return APLOMB_ELIMIT;
}

static int no_memory(apl_turn *turn, aplomb_error *error) {
	step_of(turn)->no_memory = true;
	return apl_fail_memory(error);
}

int apl_turn_takes_one(apl_turn *turn, apl_place place, aplomb_error *error) {
	apl_step *step = step_of(turn);
	if (step->n_asked < turn->engine->limits.effects) {
		step->n_asked++;
		return APLOMB_OK;
	}
	apl_turn_breach(
	    turn, "limit-effects", place, "one step asked for more than %u effects, sends and log lines", turn->engine->limits.effects);
	return breached(turn, error);
}

/* Something was just written at [begun] of the items: is it within the limit on one value? */
static int check_size(apl_turn *turn, size_t begun, const char *what, const char *name, apl_place place, aplomb_error *error) {
	size_t size = turn->engine->line->size - begun;
	if (size <= turn->engine->limits.data) return APLOMB_OK;
	apl_turn_breach(turn, "limit-data", place, "%s \"%s\" carries %zu bytes, more than the %zu that one may have", what, name, size,
	    turn->engine->limits.data);
	return breached(turn, error);
}

/* ---- events --------------------------------------------------------------- */

static int find_event(apl_turn *turn, const char *name, size_t size, int32_t *out, aplomb_error *error) {
	const apl_chart *chart = turn->program->chart;
	int32_t number = apl_chart_event(chart, name, size);
	if (number >= 0 && chart->events[number].declared) {
		*out = number;
		return APLOMB_OK;
	}
	char shown[APL_SHOWN], hint[128];
	apl_nearest nearest = apl_nearest_to(name, size);
	for (uint32_t i = 0; i < chart->n_events; i++) {
		if (chart->events[i].declared) apl_nearest_try(&nearest, chart->events[i].name);
	}
	return apl_fail(error, APLOMB_EREFUSED, "unknown-event", "event \"%s\" is not declared by playbook \"%s\"%s",
	    apl_shown(name, size, shown), turn->program->id, apl_nearest_hint(&nearest, hint, sizeof hint));
}

int apl_turn_event_schema(apl_turn *turn, const char *name, size_t size, const apl_schema **out, aplomb_error *error) {
	int32_t number;
	int code = find_event(turn, name, size, &number, error);
	if (code) return code;
	*out = turn->program->events[number];
	return APLOMB_OK;
}

/* An internal event of the machine; [schema] NULL: without data. */
static int raise_event(apl_turn *turn, int32_t number, const apl_schema *schema, uint64_t *words, const char *id, aplomb_error *error) {
	const apl_event_name *name = &turn->program->chart->events[number];
	apl_payload *payload = apl_arena_take(turn->arena, sizeof *payload);
	if (payload == NULL) return no_memory(turn, error);
	*payload = (apl_payload){.schema = schema, .words = words, .id = id};
	apl_step_event event = {number, name->size, name->name, payload};
	if (apl_machine_raise(turn->engine->machine, &event)) return APLOMB_OK;
	/* Over the bound or without memory: the machine knows which, and ends the step with it. */
	return apl_fail(error, APLOMB_ELIMIT, "limit-internal-events", "one more event cannot be raised in this step");
}

/* "data":{…}, of a record, or nothing when the event declares none. */
static void write_data(apl_buf *items, const apl_schema *schema, const uint64_t *words) {
	if (schema == NULL || words == NULL) return;
	APL_BUF_LITERAL(items, "\"data\":");
	apl_record_write(items, schema, words, false);
	apl_buf_byte(items, ',');
}

int apl_turn_raise(apl_turn *turn, const char *name, size_t size, uint64_t *words, aplomb_error *error) {
	return apl_turn_raise_as(turn, name, size, words, NULL, error);
}

int apl_turn_raise_as(apl_turn *turn, const char *name, size_t size, uint64_t *words, const char *id, aplomb_error *error) {
	int32_t number;
	int code = find_event(turn, name, size, &number, error);
	if (code) return code;
	const apl_schema *schema = turn->program->events[number];
	apl_buf *items = turn->engine->line;
	apl_item_begin(step_of(turn));
	size_t begun = items->size;
	write_data(items, schema, words);
	APL_BUF_LITERAL(items, "\"do\":\"raise\",\"event\":");
	const apl_piece *piece = &step_of(turn)->prepared->event[number];
	apl_buf_add(items, piece->bytes, piece->size);
	if (id != NULL) {
		APL_BUF_LITERAL(items, ",\"id\":");
		apl_json_write_text(items, id, strlen(id));
	}
	apl_buf_byte(items, '}');
	code = check_size(turn, begun, "event", turn->program->chart->events[number].name, APL_NOWHERE, error);
	if (code) return code;
	return raise_event(turn, number, schema, words, id, error);
}

static void raise_error(apl_turn *turn, const aplomb_error *error, int32_t number, const char *sendid) {
	apl_step *step = step_of(turn);
	apl_engine *engine = turn->engine;
	apl_item_finding(step, error);
	const bool is_execution = number == turn->program->chart->error_execution;
	apl_tell(engine, APLOMB_LOG_WARN, is_execution ? "error-execution" : "error-communication", turn->the_case, "%s (%s:%u)", error->slug,
	    error->file, error->line);
	const apl_schema *schema = engine->error_schema;
	const char *file = apl_program_file_name(turn->program, error->file);
	uint64_t *words = apl_arena_take(turn->arena, schema->n_words * sizeof *words);
	const apl_writer writer = {.schema = schema, .words = words, .keep = {&engine->alloc, turn->arena}, .what = "error"};
	if (words == NULL || !apl_record_init(schema, words, writer.keep) ||
	    apl_record_set_text(&writer, engine->error_fields[APL_ERROR_MESSAGE], error->message, strlen(error->message), NULL) ||
	    apl_record_set_text(&writer, engine->error_fields[APL_ERROR_SLUG], error->slug, strlen(error->slug), NULL) ||
	    apl_record_set_text(&writer, engine->error_fields[APL_ERROR_FILE], file, strlen(file), NULL) ||
	    apl_record_set_integer(&writer, engine->error_fields[APL_ERROR_LINE], error->line, NULL) ||
	    (sendid != NULL && apl_record_set_text(&writer, engine->error_fields[APL_ERROR_SENDID], sendid, strlen(sendid), NULL))) {
		step->no_memory = true;
		return;
	}
	raise_event(turn, number, schema, words, NULL, NULL);
}

void apl_turn_error(apl_turn *turn, const aplomb_error *error) {
	raise_error(turn, error, turn->program->chart->error_execution, NULL);
}

void apl_turn_send_failed(apl_turn *turn, const aplomb_error *error, bool is_communication, const char *sendid) {
	const apl_chart *chart = turn->program->chart;
	raise_error(turn, error, is_communication ? chart->error_communication : chart->error_execution, sendid);
}

/* What goes into the journal as text must be text. */
static int check_text(const char *what, const char *bytes, size_t size, size_t most, aplomb_error *error) {
	if (size == 0) return APLOMB_OK;
	if (size > most)
		return apl_fail(error, APLOMB_EREFUSED, "bad-id", "%s: %zu bytes are more than the %zu that it may have", what, size, most);
	if (apl_utf8_valid(bytes, size) == size && (most == SIZE_MAX || memchr(bytes, '\0', size) == NULL)) return APLOMB_OK;
	return apl_fail(error, APLOMB_EREFUSED, "wrong-text", "%s: expected valid UTF-8%s", what, most == SIZE_MAX ? "" : " without NUL");
}

/* ---- sends ---------------------------------------------------------------- */

static bool is_itself(const apl_turn *turn, const apl_send *send) {
	if (send->to == NULL) return true;
	const apl_case *c = turn->the_case;
	return send->to_size == c->id_size && memcmp(send->to, apl_case_id(c), c->id_size) == 0;
}

static apl_send_row *make_row(apl_turn *turn, const apl_send *send, int32_t event) {
	const apl_alloc *alloc = &turn->engine->alloc;
	size_t to_size = is_itself(turn, send) ? 0 : send->to_size;
	apl_send_row *row = apl_new(alloc, sizeof *row + send->id_size + to_size + 2);
	if (row == NULL) return NULL;
	row->event = event;
	row->id_size = (uint32_t)send->id_size;
	row->to_size = (uint32_t)to_size;
	row->at_once = send->after == 0 && to_size == 0;
	row->overdue = (uint8_t)send->overdue;
	if (send->id_size > 0) memcpy(row->texts, send->id, send->id_size);
	if (to_size > 0) memcpy(row->texts + send->id_size + 1, send->to, to_size);
	return row;
}

static void drop_row(apl_turn *turn, apl_send_row *row) {
	const apl_alloc *alloc = &turn->engine->alloc;
	const apl_schema *schema = turn->program->events[row->event];
	if (row->words != NULL) {
		apl_record_dispose(schema, row->words, alloc);
		apl_free(alloc, row->words, schema->n_words * sizeof(uint64_t));
	}
	apl_text_drop(alloc, row->data);
	apl_free(alloc, row, sizeof *row + row->id_size + row->to_size + 2);
}

/* What the event carries: a record for the case itself, JSON for another. */
static bool fill_row(apl_turn *turn, apl_send_row *row, const uint64_t *words) {
	const apl_alloc *alloc = &turn->engine->alloc;
	const apl_schema *schema = turn->program->events[row->event];
	if (schema == NULL || words == NULL) return true;
	if (row->to_size > 0) {
		apl_buf *out = &turn->engine->scratch;
		apl_buf_clear(out);
		apl_record_write(out, schema, words, false);
		row->data = out->failed ? NULL : apl_text_new(alloc, out->bytes, out->size);
		return row->data != NULL;
	}
	size_t size = schema->n_words * sizeof(uint64_t);
	row->words = apl_new(alloc, size);
	if (row->words == NULL) return false;
	if (apl_record_own(alloc, schema, row->words, words)) return true;
	apl_free(alloc, row->words, size);
	row->words = NULL;
	return false;
}

static int arm_send(apl_turn *turn, const apl_send *send, int32_t event, aplomb_error *error) {
	apl_engine *engine = turn->engine;
	apl_step *step = step_of(turn);
	if (apl_case_limited_timers(turn->the_case) >= engine->limits.timers) {
		apl_turn_breach(
		    turn, "limit-timers", APL_NOWHERE, "the case has %u timers armed, the most that its limits allow", engine->limits.timers);
		return breached(turn, error);
	}
	aplomb_instant due_at = turn->now + send->after;
	if (!apl_own_sends(turn)) return breached(turn, error);
	apl_send_row *row = make_row(turn, send, event);
	if (row == NULL) return no_memory(turn, error);
	if (!fill_row(turn, row, send->words) ||
	    apl_timer_arm(engine, turn->the_case, due_at, turn->the_case->seq + 1, APL_NONE, row) == NULL) {
		drop_row(turn, row);
		return no_memory(turn, error);
	}
	apl_buf *items = engine->line;
	apl_item_begin(step);
	APL_BUF_LITERAL(items, "\"do\":\"arm\",\"due\":\"");
	apl_instant_append(items, &engine->instants, due_at);
	APL_BUF_LITERAL(items, "\",\"event\":");
	apl_buf_add(items, step->prepared->event[event].bytes, step->prepared->event[event].size);
	if (row->id_size > 0) {
		APL_BUF_LITERAL(items, ",\"id\":");
		apl_json_write_text(items, row->texts, row->id_size);
	}
	APL_BUF_LITERAL(items, ",\"timer\":\"send\"");
	if (row->to_size > 0) {
		APL_BUF_LITERAL(items, ",\"to\":");
		apl_json_write_text(items, row->texts + row->id_size + 1, row->to_size);
	}
	apl_buf_byte(items, '}');
	return APLOMB_OK;
}

static int send_on(apl_turn *turn, const apl_send *send, int32_t event, aplomb_error *error) {
	apl_engine *engine = turn->engine;
	apl_step *step = step_of(turn);
	const apl_schema *schema = turn->program->events[event];
	if (!apl_hop_is_within(turn, APL_NOWHERE)) return breached(turn, error);
	apl_buf *items = engine->line;
	apl_item_begin(step);
	size_t begun = items->size;
	write_data(items, schema, send->words);
	size_t data_size = items->size > begun ? items->size - begun - strlen("\"data\":,") : 0;
	APL_BUF_LITERAL(items, "\"do\":\"send\",\"event\":");
	apl_buf_add(items, step->prepared->event[event].bytes, step->prepared->event[event].size);
	APL_BUF_LITERAL(items, ",\"to\":");
	apl_json_write_text(items, send->to, send->to_size);
	apl_buf_byte(items, '}');
	int code = check_size(turn, begun, "event", turn->program->chart->events[event].name, APL_NOWHERE, error);
	if (code) return code;
	if (items->failed) return no_memory(turn, error);
	apl_given data = {data_size > 0 ? items->bytes + begun + strlen("\"data\":") : NULL, data_size};
	apl_given name = {turn->program->chart->events[event].name, turn->program->chart->events[event].size};
	apl_given to = {send->to, send->to_size}, invoke = {NULL, 0};
	const apl_given nobody = {NULL, 0};
	apl_relative_of(turn->the_case, to, &to, &invoke);
	return apl_posting_add(engine, APL_POST_EVENT, turn->the_case, step->n_items, turn->now, name, to, data, invoke, nobody)
	           ? APLOMB_OK
	           : no_memory(turn, error);
}

/* The id, terminated; NULL without memory, which then is all that is missing of the error. */
static const char *shown_id(apl_turn *turn, const apl_send *send) {
	return apl_arena_text(turn->arena, send->id, send->id_size);
}

int apl_turn_send(apl_turn *turn, const apl_send *send, aplomb_error *error) {
	int32_t event;
	int code = find_event(turn, send->event, send->event_size, &event, error);
	if (code) return code;
	if (send->after < 0)
		return apl_fail(error, APLOMB_EREFUSED, "bad-span",
		    "event \"%s\" cannot be sent into the past: give after = a span of zero or more", turn->program->chart->events[event].name);
	if (send->after > APL_INSTANT_MAX - turn->now)
		return apl_fail(error, APLOMB_EREFUSED, "bad-span", "event \"%s\" would come after the year 9999: give a shorter span",
		    turn->program->chart->events[event].name);
	code = check_text("id", send->id, send->id_size, APL_MOST_ID, error);
	if (!code) code = check_text("to", send->to, send->to_size, APL_MOST_CASE_ID, error);
	if (!code && send->to != NULL && send->to_size == 0) code = apl_fail(error, APLOMB_EREFUSED, "bad-id", "to: a case's id is not empty");
	if (code) return code;
	code = apl_turn_takes_one(turn, APL_NOWHERE, error);
	if (code) return code;
	bool goes_now = send->after == 0 && !is_itself(turn, send);
	apl_given id, invoke;
	if (goes_now && apl_relative_of(turn->the_case, (apl_given){send->to, send->to_size}, &id, &invoke) == APL_TO_NOBODY) {
		aplomb_error nobody = {0};
		char shown[APL_SHOWN];
		apl_fail(&nobody, APLOMB_EPLAYBOOK, "not-reached", "event \"%s\" cannot be sent: there is no %s",
		    turn->program->chart->events[event].name, apl_shown(send->to, send->to_size, shown));
		apl_turn_send_failed(turn, &nobody, true, send->id_size > 0 ? shown_id(turn, send) : NULL);
		return APLOMB_OK;
	}
	return goes_now ? send_on(turn, send, event, error) : arm_send(turn, send, event, error);
}

int apl_turn_cancel(apl_turn *turn, const char *id, size_t size, aplomb_error *error) {
	apl_case_timer *next;
	for (apl_case_timer *timer = turn->the_case->timers; timer != NULL; timer = next) {
		next = timer->next;
		const apl_send_row *send = timer->send;
		if (size == 0 || send == NULL || send->id_size != size || memcmp(send->texts, id, size) != 0) continue;
		if (!apl_timer_disarm(turn->engine, timer)) return no_memory(turn, error);
		apl_buf *items = turn->engine->line;
		apl_item_begin(step_of(turn));
		APL_BUF_LITERAL(items, "\"do\":\"cancel\",\"id\":");
		apl_json_write_text(items, id, size);
		APL_BUF_LITERAL(items, ",\"timer\":\"send\"}");
	}
	return APLOMB_OK;
}

/* ---- effects and log lines -------------------------------------------------- */

int apl_turn_effect(apl_turn *turn, uint32_t kind, uint64_t *words, const char *because, aplomb_error *error) {
	return apl_turn_effect_with(turn, kind, words, because, NULL, error);
}

int apl_turn_effect_with(apl_turn *turn, uint32_t kind, uint64_t *words, const char *because, const apl_ask *ask, aplomb_error *error) {
	apl_step *step = step_of(turn);
	apl_engine *engine = turn->engine;
	const apl_effect_kind *what = &turn->program->effects[kind];
	int code = because != NULL ? check_text("because", because, strlen(because), SIZE_MAX, error) : APLOMB_OK;
	if (!code) code = apl_turn_takes_one(turn, what->place, error);
	if (code) return code;
	apl_buf *items = engine->line;
	apl_item_begin(step);
	size_t begun = items->size;
	if (ask != NULL) {
		APL_BUF_LITERAL(items, "\"ask\":");
		apl_json_write_text(items, ask->id, ask->id_size);
		apl_buf_byte(items, ',');
	}
	if (because != NULL) {
		APL_BUF_LITERAL(items, "\"because\":");
		apl_json_write_text(items, because, strlen(because));
		apl_buf_byte(items, ',');
	}
	APL_BUF_LITERAL(items, "\"data\":");
	size_t data = items->size;
	apl_record_write(items, what->schema, words, false);
	size_t data_size = items->size - data;
	apl_buf_add(items, step->prepared->kind[kind].bytes, step->prepared->kind[kind].size);
	code = check_size(turn, begun, "effect", what->name, what->place, error);
	if (code) return code;
	if (items->failed) return no_memory(turn, error);
	apl_buf_add(&engine->effect_bytes, items->bytes + begun, items->size - begun);
	if (!apl_tally_once(engine, &step->prepared->effects[kind]) ||
	    !apl_outbox_add(engine, turn->the_case, kind, step->n_items, turn->now, because, items->bytes + data, data_size, ask)) {
		return no_memory(turn, error);
	}
	engine->batch.totals.effects++;
	return APLOMB_OK;
}

/* Does the text hold one that lies in a slot? */
static bool is_in_slots(const char *text, size_t size, const apl_spread *spread, const uint64_t *words) {
	for (uint32_t i = 0; i < spread->n_slots; i++) {
		if (apl_slot_kinds(spread, words)[i] != APL_SLOT_TEXT) continue;
		const apl_text *value = (const apl_text *)(uintptr_t)words[spread->first + i];
		if (value->size > 1 && memmem(text, size, value->bytes, value->size) != NULL) return true;
	}
	return false;
}

/* Does the text hold a value that the schema marks personal? */
static bool is_within(const char *text, size_t size, const apl_schema *schema, const uint64_t *words) {
	if (schema == NULL || words == NULL || !schema->has_personal) return false;
	for (uint32_t i = 0; i < schema->n_text_fields; i++) {
		const apl_field *field = &schema->fields[schema->text_fields[i]];
		const apl_text *value = field->personal ? apl_record_text(words, field) : NULL;
		if (value != NULL && value->size > 1 && memmem(text, size, value->bytes, value->size) != NULL) return true;
	}
	return schema->spread != NULL && schema->fields[schema->spread->field].personal && is_in_slots(text, size, schema->spread, words);
}

static bool is_personal(const apl_turn *turn, const char *text, size_t size) {
	const apl_payload *payload = apl_turn_payload(turn);
	return is_within(text, size, turn->program->data, turn->data) ||
	       (payload != NULL && is_within(text, size, payload->schema, payload->words));
}

int apl_turn_log(apl_turn *turn, aplomb_level level, const char *message, size_t size, const apl_text *fields, aplomb_error *error) {
	static const char *const levels[] = {"off", "error", "warn", "info", "debug", "trace"};
	apl_engine *engine = turn->engine;
	int code = check_text("message", message, size, SIZE_MAX, error);
	if (!code) code = apl_turn_takes_one(turn, APL_NOWHERE, error);
	if (code) return code;
	apl_buf *items = engine->line;
	apl_item_begin(step_of(turn));
	size_t begun = items->size;
	APL_BUF_LITERAL(items, "\"do\":\"log\"");
	if (fields != NULL) {
		APL_BUF_LITERAL(items, ",\"fields\":");
		apl_buf_add(items, fields->bytes, fields->size);
	}
	APL_BUF_LITERAL(items, ",\"level\":\"");
	apl_buf_text(items, levels[level]);
	APL_BUF_LITERAL(items, "\",\"message\":");
	apl_json_write_text(items, message, size);
	apl_buf_byte(items, '}');
	code = check_size(turn, begun, "log line", "case:log", APL_NOWHERE, error);
	if (code) return code;
	if (!apl_wants(engine, level, turn->the_case)) return APLOMB_OK;
	/* The journal has the words; the log must not repeat what is marked personal. */
	bool hides = is_personal(turn, message, size) || (fields != NULL && is_personal(turn, fields->bytes, fields->size));
	char shown[512];
	snprintf(shown, sizeof shown, "%.*s", (int)(size < sizeof shown ? size : sizeof shown - 1), message);
	apl_tell_playbook(engine, level, turn->the_case, hides ? "[personal]" : shown, hides ? NULL : fields);
	return APLOMB_OK;
}
