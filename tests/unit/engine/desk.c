/* SPDX-License-Identifier: MIT */
#include "desk.h"

#include <string.h>

#include "time/instant.h"

/* ---- handlers --------------------------------------------------------------- */

static uint32_t field(const apl_schema *schema, const char *name) {
	return apl_schema_member(schema, 0, name, strlen(name));
}

static int64_t datum(apl_turn *turn, const char *name) {
	const apl_schema *schema = turn->program->data;
	return apl_record_integer(turn->data, &schema->fields[field(schema, name)]);
}

static int set_datum(apl_turn *turn, const char *name, int64_t value) {
	apl_writer writer = apl_turn_writer(turn);
	aplomb_error error;
	if (apl_record_set_integer(&writer, field(writer.schema, name), value, &error) == APLOMB_OK) return APL_PORT_FALSE;
	apl_turn_error(turn, &error);
	return APL_PORT_ERROR;
}

static int64_t carried(apl_turn *turn, const char *name) {
	const apl_payload *payload = apl_turn_payload(turn);
	if (payload == NULL || payload->schema == NULL) return 0;
	uint32_t number = field(payload->schema, name);
	return number != APL_NO_FIELD ? apl_record_integer(payload->words, &payload->schema->fields[number]) : 0;
}

static const apl_text *carried_text(apl_turn *turn, const char *name) {
	const apl_payload *payload = apl_turn_payload(turn);
	uint32_t number = payload != NULL && payload->schema != NULL ? field(payload->schema, name) : APL_NO_FIELD;
	return number != APL_NO_FIELD ? apl_record_text(payload->words, &payload->schema->fields[number]) : NULL;
}

/* What the api rooms do with a code: a breach stops, anything else is the author's error. */
static int answer(apl_turn *turn, int code, const aplomb_error *error) {
	if (code == APLOMB_OK) return APL_PORT_FALSE;
	if (code == APLOMB_ELIMIT) return APL_PORT_BREACH;
	apl_turn_error(turn, error);
	return APL_PORT_ERROR;
}

static int note_message(apl_turn *turn) {
	if (set_datum(turn, "messages", datum(turn, "messages") + 1) != APL_PORT_FALSE) return APL_PORT_ERROR;
	const apl_text *text = carried_text(turn, "text");
	if (text == NULL) return APL_PORT_FALSE;
	apl_writer writer = apl_turn_writer(turn);
	aplomb_error error;
	return answer(turn, apl_record_set_text(&writer, field(writer.schema, "last"), text->bytes, text->size, &error), &error);
}

static int is_rude(apl_turn *turn) {
	return carried(turn, "tone") < 0;
}

static int is_often_rude(apl_turn *turn) {
	int64_t count;
	if (apl_turn_count(turn, "rude", 4, &count, NULL)) return APL_PORT_ERROR;
	return count >= 2;
}

static int notify(apl_turn *turn) {
	const apl_effect_kind *kind = &turn->program->effects[0];
	uint64_t *words = apl_arena_take(turn->arena, kind->schema->n_words * sizeof *words);
	const apl_writer writer = {.schema = kind->schema, .words = words, .keep = {NULL, turn->arena}, .what = "effect"};
	aplomb_error error;
	if (words == NULL || !apl_record_init(kind->schema, words, writer.keep)) return APL_PORT_BREACH;
	apl_record_set_integer(&writer, field(kind->schema, "messages"), datum(turn, "messages"), &error);
	return answer(turn, apl_turn_effect(turn, 0, words, "they wait", &error), &error);
}

static uint64_t *number_record(apl_turn *turn, const char *event, int64_t value) {
	const apl_schema *schema;
	if (apl_turn_event_schema(turn, event, strlen(event), &schema, NULL)) return NULL;
	uint64_t *words = apl_arena_take(turn->arena, schema->n_words * sizeof *words);
	const apl_writer writer = {.schema = schema, .words = words, .keep = {NULL, turn->arena}, .what = "event"};
	if (words == NULL || !apl_record_init(schema, words, writer.keep)) return NULL;
	apl_record_set_integer(&writer, field(schema, "n"), value, NULL);
	return words;
}

static int send(apl_turn *turn, const char *to, aplomb_span after, const char *id) {
	aplomb_error error;
	const apl_send what = {.event = "remind",
	    .event_size = 6,
	    .words = number_record(turn, "remind", carried(turn, "n")),
	    .to = to,
	    .to_size = to != NULL ? strlen(to) : 0,
	    .after = after,
	    .id = id,
	    .id_size = id != NULL ? strlen(id) : 0};
	return answer(turn, apl_turn_send(turn, &what, &error), &error);
}

static int send_later(apl_turn *turn) {
	return send(turn, NULL, APL_HOUR, "nudge");
}

static int send_now(apl_turn *turn) {
	return send(turn, NULL, 0, NULL);
}

static int send_other(apl_turn *turn) {
	return send(turn, "other", 0, NULL);
}

static int send_other_later(apl_turn *turn) {
	return send(turn, "other", APL_MINUTE, "later");
}

static int cancel(apl_turn *turn) {
	aplomb_error error;
	return answer(turn, apl_turn_cancel(turn, "nudge", 5, &error), &error);
}

static int raise_ping(apl_turn *turn) {
	aplomb_error error;
	return answer(turn, apl_turn_raise(turn, "ping", 4, NULL, &error), &error);
}

static int add_reminder(apl_turn *turn) {
	return set_datum(turn, "reminders", datum(turn, "reminders") + 1 + 10 * carried(turn, "n"));
}

static int fail(apl_turn *turn) {
	aplomb_error error;
	apl_fail_at(&error, APLOMB_EREFUSED, "error-execution", (apl_place){"desk.lua", 77, 3}, "it went wrong on purpose");
	apl_turn_error(turn, &error);
	return APL_PORT_ERROR;
}

static int note_error(apl_turn *turn) {
	const apl_text *message = carried_text(turn, "message");
	if (message == NULL || carried(turn, "line") != 77) return APL_PORT_FALSE;
	return set_datum(turn, "errors", datum(turn, "errors") + 1);
}

static int breach(apl_turn *turn) {
	if (set_datum(turn, "messages", 999) != APL_PORT_FALSE) return APL_PORT_ERROR;
	return apl_turn_breach(turn, "limit-instructions", (apl_place){"desk.lua", 88, 1}, "too many instructions");
}

static int many_effects(apl_turn *turn) {
	for (int i = 0; i < 1000; i++) {
		int done = notify(turn);
		if (done != APL_PORT_FALSE) return done;
	}
	return APL_PORT_FALSE;
}

static int many_sends(apl_turn *turn) {
	for (int i = 0; i < 2000; i++) {
		int done = send(turn, NULL, APL_DAY, NULL);
		if (done != APL_PORT_FALSE) return done;
	}
	return APL_PORT_FALSE;
}

static int log_line(apl_turn *turn) {
	aplomb_error error;
	const apl_text *text = carried_text(turn, "text");
	int code = text == NULL ? apl_turn_log(turn, APLOMB_LOG_INFO, "all is well", 11, NULL, &error)
	                        : apl_turn_log(turn, APLOMB_LOG_INFO, text->bytes, text->size, NULL, &error);
	return answer(turn, code, &error);
}

static int roll(apl_turn *turn) {
	return set_datum(turn, "luck", (int64_t)(apl_turn_random(turn) % 1000));
}

static int grow_text(apl_turn *turn) {
	static char large[4096];
	memset(large, 'x', sizeof large);
	apl_writer writer = apl_turn_writer(turn);
	aplomb_error error;
	return answer(turn, apl_record_set_text(&writer, field(writer.schema, "last"), large, sizeof large, &error), &error);
}

static int note_time(apl_turn *turn) {
	aplomb_span stay, total;
	if (apl_turn_time_in(turn, "work.conversation.waiting", 25, false, &stay, NULL) ||
	    apl_turn_time_in(turn, "work.conversation.waiting", 25, true, &total, NULL)) {
		return APL_PORT_ERROR;
	}
	return set_datum(turn, "waited", total / APL_SECOND * 10000 + stay / APL_SECOND);
}

enum {
	NOTE_MESSAGE,
	IS_RUDE,
	IS_OFTEN_RUDE,
	NOTIFY,
	SEND_LATER,
	SEND_NOW,
	SEND_OTHER,
	SEND_OTHER_LATER,
	CANCEL,
	RAISE_PING,
	ADD_REMINDER,
	FAIL,
	NOTE_ERROR,
	BREACH,
	MANY_EFFECTS,
	MANY_SENDS,
	LOG_LINE,
	ROLL,
	GROW_TEXT,
	NOTE_TIME
};
static const test_handler handlers[] = {note_message, is_rude, is_often_rude, notify, send_later, send_now, send_other, send_other_later,
    cancel, raise_ping, add_reminder, fail, note_error, breach, many_effects, many_sends, log_line, roll, grow_text, note_time};

static int patience(apl_turn *turn, aplomb_span *out) {
	const apl_schema *schema = turn->program->params;
	*out = apl_record_integer(apl_case_params(turn->the_case), &schema->fields[field(schema, "patience")]);
	return APL_PORT_FALSE;
}

static const test_span spans[] = {patience};

/* ---- the chart ----------------------------------------------------------------- */

static bool when(apl_builder *b, const char *events, const char *targets, int32_t guard, int32_t block) {
	apl_build_transition_options options = on(events, targets);
	options.guard = guard;
	options.block = block;
	return apl_build_transition(b, &options);
}

static bool deferring(apl_builder *b, const char *events) {
	apl_build_transition_options options = on(events, NULL);
	options.defers = true;
	return apl_build_transition(b, &options);
}

static bool after(apl_builder *b, aplomb_span fixed, int32_t handler, const char *since, const char *target, int32_t block) {
	apl_build_transition_options to = on(NULL, target);
	to.block = block;
	to.because = "nobody answered";
	const apl_build_delay_options delay = {
	    .span = handler, .span_us = fixed, .since = since, .transitions = &to, .n_transitions = 1, .place = {"desk.lua", 5, 1}};
	return apl_build_delay(b, &delay);
}

#define NONE APL_NO_HANDLER

static bool conversation(apl_builder *b) {
	return state(b, "conversation") && state(b, "waiting") && after(b, 10 * APL_MINUTE, NONE, "agent.note", "chased", NOTIFY) &&
	       after(b, 0, 0, NULL, NULL, ADD_REMINDER) && when(b, "agent.message", "answered", NONE, NONE) && apl_build_end(b) &&
	       state(b, "answered") && when(b, "customer.message", "waiting", NONE, NOTE_MESSAGE) && apl_build_end(b) && state(b, "chased") &&
	       apl_build_entry(b, NOTIFY) && apl_build_entry(b, ROLL) && when(b, "agent.message", "answered", NONE, NONE) && apl_build_end(b) &&
	       state(b, "paused") && deferring(b, "customer.message") && when(b, "resume", "back", NONE, NONE) &&
	       when(b, "next", "answered", NONE, NONE) && apl_build_end(b) && apl_build_begin(b, APL_BUILD_HISTORY, "back", APL_NOWHERE) &&
	       apl_build_initial(b, "waiting", NONE, APL_NOWHERE, NULL) && apl_build_end(b) && when(b, "pause", "paused", NONE, NONE) &&
	       apl_build_end(b);
}

static bool respect(apl_builder *b) {
	return state(b, "respect") && state(b, "calm") && when(b, "customer.message", "warned", IS_OFTEN_RUDE, NONE) && apl_build_end(b) &&
	       state(b, "warned") && after(b, APL_DAY, NONE, NULL, "calm", NONE) && apl_build_end(b) && apl_build_end(b);
}

static bool build(apl_builder *b) {
	return state(b, "root") && apl_build_begin(b, APL_BUILD_PARALLEL, "work", APL_NOWHERE) && conversation(b) && respect(b) &&
	       when(b, "solved", "done", NONE, NOTIFY) && when(b, "later", NULL, NONE, SEND_LATER) && when(b, "now", NULL, NONE, SEND_NOW) &&
	       when(b, "tell", NULL, NONE, SEND_OTHER) && when(b, "delayed", NULL, NONE, SEND_OTHER_LATER) &&
	       when(b, "forget", NULL, NONE, CANCEL) && when(b, "call", NULL, NONE, RAISE_PING) &&
	       when(b, "remind ping", NULL, NONE, ADD_REMINDER) && when(b, "boom", NULL, NONE, FAIL) && when(b, "doubt", NULL, FAIL, NONE) &&
	       when(b, "error.execution", NULL, NONE, NOTE_ERROR) && when(b, "breach", "done", NONE, BREACH) &&
	       when(b, "effects", NULL, NONE, MANY_EFFECTS) && when(b, "sends", NULL, NONE, MANY_SENDS) &&
	       when(b, "say", NULL, NONE, LOG_LINE) && when(b, "grow", NULL, NONE, GROW_TEXT) && when(b, "time", NULL, NONE, NOTE_TIME) &&
	       when(b, "round", "work", NONE, NONE) && apl_build_end(b) && apl_build_begin(b, APL_BUILD_FINAL, "done", APL_NOWHERE) &&
	       apl_build_outcome(b, "resolved") && apl_build_end(b) && apl_build_end(b);
}

static const test_event events[] = {
    {"customer.message", "{'text':{'type':'text','personal':true,'max':200},'tone':{'type':'integer','default':0,'min':-5,'max':5}}"},
    {"agent.message", NULL},
    {"agent.note", NULL},
    {"pause", NULL},
    {"resume", NULL},
    {"next", NULL},
    {"solved", NULL},
    {"later", "{'n':{'type':'integer','default':0}}"},
    {"now", "{'n':{'type':'integer','default':0}}"},
    {"tell", "{'n':{'type':'integer','default':0}}"},
    {"delayed", "{'n':{'type':'integer','default':0}}"},
    {"forget", NULL},
    {"call", NULL},
    {"remind", "{'n':{'type':'integer','default':0}}"},
    {"ping", NULL},
    {"boom", NULL},
    {"doubt", NULL},
    {"breach", NULL},
    {"effects", NULL},
    {"sends", NULL},
    {"say", "{'text':{'type':'text','personal':true}}"},
    {"grow", NULL},
    {"time", NULL},
    {"round", NULL},
    {"unloved", NULL},
};
static const test_event effects[] = {{"notify", "{'messages':{'type':'integer'}}"}, {"page", "{'who':{'type':'text'}}"}};
static const test_counter counters[] = {{"rude", "customer.message", IS_RUDE, 30 * APL_MINUTE}, {"all", "*", APL_NO_HANDLER, 0}};

const test_program desk = {
    .id = "desk",
    .source = "the help desk",
    .data = "{'messages':{'type':'integer','default':0},'last':{'type':'text','personal':true},'reminders':{'type':'integer','default':0},"
            "'errors':{'type':'integer','default':0},'luck':{'type':'integer'},'waited':{'type':'integer'},'order':{'type':'text','default'"
            ":'none'}}",
    .params = "{'patience':{'type':'span','default':'2h'}}",
    .events = events,
    .n_events = sizeof events / sizeof events[0],
    .effects = effects,
    .n_effects = 2,
    .counters = counters,
    .n_counters = 2,
    .asks_time_in = true,
    .handlers = handlers,
    .spans = spans,
    .build = build,
};
