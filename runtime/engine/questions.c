/* SPDX-License-Identifier: MIT */
/*
 * Decides what an effect with an answer is: an effect that says which event
 * answers it, and a timer that says so when nobody did. While that timer is
 * armed the question is open; it is an ordinary send in the case's list, so
 * that snapshots, digests and undoing know nothing of questions. The answer,
 * or the word that there will be none, is an event from outside like any other.
 */
#include <stdio.h>

#include "engine/inside.h"
#include "time/instant.h"
#include "time/shown.h"

static const char answered[] = "done.ask.", failed[] = "error.ask.";

/* The event "error.ask.ID", or -1 where it is not declared. */
static int32_t failure_of(const apl_chart *chart, const char *id, size_t size) {
	char name[sizeof failed + APL_MOST_ID];
	if (size == 0 || size > APL_MOST_ID) return -1;
	memcpy(name, failed, sizeof failed - 1);
	memcpy(name + sizeof failed - 1, id, size);
	return apl_chart_event(chart, name, sizeof failed - 1 + size);
}

/* The timer of the open question, or NULL. */
static apl_case_timer *open_one(const apl_case *c, int32_t failure, const char *id, size_t size) {
	apl_case_timer *timer = c->timers;
	while (timer != NULL && (timer->send == NULL || timer->send->event != failure || timer->send->id_size != size ||
	                            memcmp(timer->send->texts, id, size) != 0))
		timer = timer->next;
	return timer;
}

/* It is open no more. false without memory. */
static bool close_one(apl_engine *engine, apl_case_timer *timer) {
	const char *id = timer->send->texts;
	size_t size = timer->send->id_size;
	if (!apl_timer_disarm(engine, timer)) return false;
	apl_buf *items = engine->line;
	apl_item_begin(&engine->step);
	APL_BUF_LITERAL(items, "\"do\":\"cancel\",\"id\":");
	apl_json_write_text(items, id, size);
	APL_BUF_LITERAL(items, ",\"timer\":\"send\"}");
	return true;
}

bool apl_ask_answered(apl_engine *engine, apl_case *c, const apl_event_name *event) {
	size_t begun = event->size > sizeof answered && memcmp(event->name, answered, sizeof answered - 1) == 0 ? sizeof answered - 1
	               : event->size > sizeof failed && memcmp(event->name, failed, sizeof failed - 1) == 0     ? sizeof failed - 1
	                                                                                                        : 0;
	if (begun == 0) return true;
	const char *id = event->name + begun;
	size_t size = event->size - begun;
	apl_case_timer *timer = open_one(c, failure_of(c->program->chart, id, size), id, size);
	return timer == NULL || close_one(engine, timer);
}

/* What error.ask.ID carries when nobody answered, in the turn's arena; NULL without memory. */
static uint64_t *nobody_answered(apl_turn *turn, const apl_schema *schema, const apl_ask *ask) {
	const apl_engine *engine = turn->engine;
	static const char slug[] = "ask-timeout";
	char span[APL_INSTANT_TEXT], shown[APL_SHOWN], message[APL_SHOWN + 64];
	apl_span_write(ask->timeout, span);
	int size = snprintf(message, sizeof message, "nobody answered \"%s\" within %s", apl_shown(ask->id, ask->id_size, shown), span);
	uint64_t *words = apl_arena_take(turn->arena, schema->n_words * sizeof *words);
	const apl_writer writer = {.schema = schema, .words = words, .keep = {&turn->engine->alloc, turn->arena}, .what = "error"};
	if (words == NULL || !apl_record_init(schema, words, writer.keep) ||
	    apl_record_set_text(&writer, engine->error_fields[APL_ERROR_MESSAGE], message, (size_t)size, NULL) ||
	    apl_record_set_text(&writer, engine->error_fields[APL_ERROR_SLUG], slug, sizeof slug - 1, NULL)) {
		return NULL;
	}
	return words;
}

int apl_turn_ask(apl_turn *turn, const apl_ask *ask, aplomb_error *error) {
	const apl_program *program = turn->program;
	char shown[APL_SHOWN];
	int32_t failure = failure_of(program->chart, ask->id, ask->id_size);
	if (failure < 0 || !program->chart->events[failure].declared)
		return apl_fail(error, APLOMB_EREFUSED, "unknown-event",
		    "no event says what answers \"%s\": declare event \"done.ask.%s\" with what the answer carries",
		    apl_shown(ask->id, ask->id_size, shown), shown);
	if (ask->timeout <= 0)
		return apl_fail(error, APLOMB_EREFUSED, "bad-span",
		    "\"%s\" is asked with a timeout of no time at all: give a span of more than zero", apl_shown(ask->id, ask->id_size, shown));
	apl_case_timer *before = open_one(turn->the_case, failure, ask->id, ask->id_size);
	if (before != NULL && !close_one(turn->engine, before)) {
		turn->engine->step.no_memory = true;
		return apl_fail_memory(error);
	}
	uint64_t *words = nobody_answered(turn, program->events[failure], ask);
	if (words == NULL) {
		turn->engine->step.no_memory = true;
		return apl_fail_memory(error);
	}
	const apl_event_name *name = &program->chart->events[failure];
	const apl_send send = {
	    .event = name->name, .event_size = name->size, .words = words, .after = ask->timeout, .id = ask->id, .id_size = ask->id_size};
	int code = apl_turn_effect_with(turn, ask->kind, ask->words, ask->because, ask, error);
	return code ? code : apl_turn_send(turn, &send, error);
}
