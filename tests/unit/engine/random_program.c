/* SPDX-License-Identifier: MIT */
#include "random_program.h"

#include <stdlib.h>

#include "../step/random_chart.h"
#include "../test_cmocka.h"
#include "engine/inside.h"
#include "time/instant.h"

uint64_t chart_seed;

apl_chart *random_one(void) {
	random_chart *description = calloc(1, sizeof *description);
	generate(description, chart_seed);
	apl_chart *chart = build(description, stderr);
	free(description);
	return chart;
}

static uint64_t *numbered(apl_turn *turn, const apl_schema *schema, int64_t value) {
	uint64_t *words = apl_arena_take(turn->arena, schema->n_words * sizeof *words);
	const apl_writer writer = {.schema = schema, .words = words, .keep = {NULL, turn->arena}, .what = "event"};
	assert_non_null(words);
	assert_true(apl_record_init(schema, words, writer.keep));
	assert_int_equal(apl_record_set_integer(&writer, apl_schema_member(schema, 0, "n", 1), value, NULL), APLOMB_OK);
	return words;
}

static void write_data(apl_turn *turn, uint64_t random) {
	apl_writer writer = apl_turn_writer(turn);
	char text[32];
	int size = snprintf(text, sizeof text, "t%u", (unsigned)(random % 1000));
	assert_int_equal(apl_record_set_text(&writer, apl_schema_member(writer.schema, 0, "text", 4), text, (size_t)size, NULL), APLOMB_OK);
	assert_int_equal(
	    apl_record_set_integer(&writer, apl_schema_member(writer.schema, 0, "n", 1), (int64_t)(random % 100000), NULL), APLOMB_OK);
}

static int random_answer(apl_turn *turn, int32_t handler) {
	uint64_t random = apl_turn_random(turn);
	if (handler >= GUARDS && handler < BLOCKS) return random % 3 != 0;
	aplomb_error error;
	int code = APLOMB_OK;
	const apl_schema *schema;
	switch (random % 16) {
	case 0:
	case 1:
	case 2: write_data(turn, random >> 8); return APL_PORT_FALSE;
	case 3:
		code = apl_turn_event_schema(turn, "a.b", 3, &schema, &error);
		if (!code) code = apl_turn_raise(turn, "a.b", 3, numbered(turn, schema, handler), &error);
		break;
	case 4:
	case 5: {
		apl_turn_event_schema(turn, "a", 1, &schema, &error);
		const apl_send send = {.event = "a",
		    .event_size = 1,
		    .words = numbered(turn, schema, handler),
		    .after = (aplomb_span)(random >> 8) % 4 * APL_MINUTE,
		    .id = "s",
		    .id_size = random >> 20 & 1};
		code = apl_turn_send(turn, &send, &error);
		break;
	}
	case 6: code = apl_turn_cancel(turn, "s", 1, &error); break;
	case 7: code = apl_turn_effect(turn, 0, numbered(turn, turn->program->effects[0].schema, handler), NULL, &error); break;
	case 8:
		apl_fail(&error, APLOMB_EREFUSED, "error-execution", "handler %d fails", handler);
		apl_turn_error(turn, &error);
		return APL_PORT_ERROR;
	default: return APL_PORT_FALSE;
	}
	if (code == APLOMB_ELIMIT) return APL_PORT_BREACH;
	assert_int_equal(code, APLOMB_OK);
	return APL_PORT_FALSE;
}

static aplomb_span random_span(apl_turn *turn, int32_t handler) {
	aplomb_span span = (aplomb_span)(apl_turn_random(turn) % 600) * APL_SECOND;
	/* Some of these instants have passed. */
	return kind_of_delay((uint32_t)(handler - SPANS)) == APL_DELAY_AT ? turn->now + span - APL_MINUTE : span;
}

static const test_event random_events[] = {{"a", "{'n':{'type':'integer','default':0}}"}, {"a.b", "{'n':{'type':'integer','default':0}}"},
    {"a.b.c.d", NULL}, {"b", NULL}, {"c", NULL}};
static const test_event random_effects[] = {{"do-it", "{'n':{'type':'integer'}}"}};
static const test_counter random_counters[] = {{"some", "a", APL_NO_HANDLER, APL_MINUTE}, {"all", "*", APL_NO_HANDLER, 0}};
const test_program random_program = {.id = "desk",
    .data = "{'n':{'type':'integer','default':0},'text':{'type':'text'}}",
    .events = random_events,
    .n_events = 5,
    .effects = random_effects,
    .n_effects = 1,
    .counters = random_counters,
    .n_counters = 2,
    .asks_time_in = true,
    .answer = random_answer,
    .answer_span = random_span,
    .chart = random_one};

int act_randomly(world *w, scenario *s) {
	static const char *const cases[] = {"a", "b"};
	s->acts++;
	s->now += (aplomb_span)(apl_random_next(&s->random) % 5) * 17 * APL_SECOND;
	if (NEW_YEAR + s->now > w->clock.now) apl_clock_turn(&w->clock, NEW_YEAR + s->now);
	char id[24];
	snprintf(id, sizeof id, "e%u", s->acts);
	uint64_t pick = apl_random_next(&s->random);
	return post_as(w, pick % 2 == 0 ? id : NULL, cases[pick >> 8 & 1], random_events[(pick >> 16) % 5].name, s->now, NULL, NULL);
}
