/* SPDX-License-Identifier: MIT */
/*
 * Decides how the pieces of journal text look that belong to a program alone,
 * and writes them once. They follow docs/formats.md: members in the order of
 * their names, each item without its opening brace, which apl_item_begin writes
 * together with the comma.
 */
#include "engine/prepared.h"

#include <stdio.h>
#include <string.h>

#include "engine/coverage.h"
#include "engine/direct.h"
#include "journal/entry.h"
#include "value/json.h"

/* While the text grows a piece holds its offset; in the end that becomes its address. */
static void begin_piece(apl_piece *piece, const apl_buf *text) {
	piece->size = text->size;
}

static void end_piece(apl_piece *piece, const apl_buf *text) {
	piece->size = text->size - piece->size;
}

static void write_text(apl_buf *out, const char *text) {
	apl_json_write_text(out, text, strlen(text));
}

static void write_taken(apl_buf *out, const apl_chart *chart, const apl_transition *transition) {
	if (transition->because != NULL) {
		APL_BUF_LITERAL(out, "\"because\":");
		write_text(out, transition->because);
		apl_buf_byte(out, ',');
	}
	APL_BUF_LITERAL(out, "\"do\":\"transition\",\"from\":");
	write_text(out, chart->states[transition->source].path);
}

static void write_went(apl_buf *out, const apl_program *program, const apl_transition *transition) {
	const apl_chart *chart = program->chart;
	if (transition->place.file != NULL) {
		char line[16];
		int size = snprintf(line, sizeof line, ":%u\"", transition->place.line);
		APL_BUF_LITERAL(out, ",\"place\":");
		write_text(out, apl_program_file_name(program, transition->place.file));
		if (!out->failed) out->size--; /* the closing quote, for the line goes inside */
		apl_buf_add(out, line, (size_t)size);
	}
	APL_BUF_LITERAL(out, ",\"to\":[");
	for (uint32_t i = 0; i < transition->n_targets; i++) {
		if (i > 0) apl_buf_byte(out, ',');
		write_text(out, chart->states[chart->targets[transition->first_target + i]].path);
	}
	APL_BUF_LITERAL(out, "]}");
}

/* Which event a transition listens to when it can be only one; -1: several, or none. */
static int32_t only_event(const apl_chart *chart, uint32_t number) {
	const apl_transition *transition = &chart->transitions[number];
	int32_t only = -1;
	if (transition->flags & APL_DELAYED) {
		/* Its one descriptor is its delay's own name. */
		const apl_state *source = &chart->states[transition->source];
		for (uint32_t i = source->first_delay; i < source->first_delay + source->n_delays; i++)
			if (chart->delays[i].name == chart->patterns[transition->first_pattern]) return chart->delays[i].event;
		return -1;
	}
	/* An event that the chart has no name for may match as well: then the number tells that it is another. */
	for (uint32_t i = 0; i < chart->n_events - chart->n_delays; i++) { /* delays' own events come last; no descriptor matches them */
		for (uint32_t n = 0; n < transition->n_patterns; n++) {
			if (!apl_pattern_matches(chart->patterns[transition->first_pattern + n], chart->events[i].name, chart->events[i].size))
				continue;
			if (only >= 0) return -1;
			only = (int32_t)i;
			break;
		}
	}
	return only;
}

/* The item as a whole, comma and brace included, for the only event or for an eventless transition. */
static void write_whole(apl_buf *out, apl_prepared *prepared, uint32_t number) {
	const apl_chart *chart = prepared->program->chart;
	const apl_transition *transition = &chart->transitions[number];
	bool is_eventless = transition->flags & APL_EVENTLESS;
	prepared->only[number] = is_eventless || (transition->flags & APL_INITIAL) ? -1 : only_event(chart, number);
	if (!is_eventless && prepared->only[number] < 0) return;
	APL_BUF_LITERAL(out, ",{");
	write_taken(out, chart, transition);
	if (!is_eventless) {
		APL_BUF_LITERAL(out, ",\"on\":");
		write_text(out, chart->events[prepared->only[number]].name);
	}
	write_went(out, prepared->program, transition);
}

#define WRITE_PIECE(piece, statement)                                                                                                      \
	do {                                                                                                                                   \
		begin_piece((piece), out);                                                                                                         \
		statement;                                                                                                                         \
		end_piece((piece), out);                                                                                                           \
	} while (0)

static void write_pieces(apl_prepared *prepared) {
	const apl_program *program = prepared->program;
	const apl_chart *chart = program->chart;
	apl_buf *out = &prepared->text;
	for (uint32_t i = 0; i < chart->n_transitions; i++) {
		WRITE_PIECE(&prepared->taken[i], write_taken(out, chart, &chart->transitions[i]));
		WRITE_PIECE(&prepared->went[i], write_went(out, program, &chart->transitions[i]));
	}
	for (uint32_t i = 0; i < chart->n_transitions; i++) WRITE_PIECE(&prepared->whole[i], write_whole(out, prepared, i));
	for (uint32_t i = 0; i < chart->n_events; i++) {
		begin_piece(&prepared->on[i], out);
		APL_BUF_LITERAL(out, ",\"on\":");
		WRITE_PIECE(&prepared->event[i], write_text(out, chart->events[i].name));
		end_piece(&prepared->on[i], out);
		begin_piece(&prepared->cause[i], out);
		APL_BUF_LITERAL(out, ",\"event\":");
		write_text(out, chart->events[i].name);
		apl_buf_byte(out, '}');
		apl_entry_items(out);
		end_piece(&prepared->cause[i], out);
	}
	for (uint32_t i = 0; i < chart->n_states; i++) WRITE_PIECE(&prepared->path[i], write_text(out, chart->states[i].path));
	for (uint32_t i = 0; i < chart->n_delays; i++) {
		begin_piece(&prepared->timer[i], out);
		APL_BUF_LITERAL(out, "\"timer\":");
		write_text(out, chart->delays[i].name);
		apl_buf_byte(out, '}');
		end_piece(&prepared->timer[i], out);
	}
	for (uint32_t i = 0; i < program->n_effects; i++) {
		begin_piece(&prepared->kind[i], out);
		APL_BUF_LITERAL(out, ",\"do\":\"effect\",\"kind\":");
		write_text(out, program->effects[i].name);
		apl_buf_byte(out, '}');
		end_piece(&prepared->kind[i], out);
	}
	WRITE_PIECE(&prepared->personal, apl_personal_write(out, program));
	char *behind = apl_buf_reserve(out, APL_BLOCK);
	if (behind != NULL) memset(behind, 0, APL_BLOCK);
}

/* The pieces lie one behind another, but for event names, which lie at the end of their `on`. */
static void address_pieces(apl_prepared *prepared) {
	const apl_chart *chart = prepared->program->chart;
	const char *at = prepared->text.bytes;
#define ADDRESS(piece)                                                                                                                     \
	do {                                                                                                                                   \
		(piece)->bytes = at;                                                                                                               \
		at += (piece)->size;                                                                                                               \
	} while (0)
	for (uint32_t i = 0; i < chart->n_transitions; i++) {
		ADDRESS(&prepared->taken[i]);
		ADDRESS(&prepared->went[i]);
	}
	for (uint32_t i = 0; i < chart->n_transitions; i++) ADDRESS(&prepared->whole[i]);
	for (uint32_t i = 0; i < chart->n_events; i++) {
		ADDRESS(&prepared->on[i]);
		prepared->event[i].bytes = at - prepared->event[i].size;
		ADDRESS(&prepared->cause[i]);
	}
	for (uint32_t i = 0; i < chart->n_states; i++) ADDRESS(&prepared->path[i]);
	for (uint32_t i = 0; i < chart->n_delays; i++) ADDRESS(&prepared->timer[i]);
	for (uint32_t i = 0; i < prepared->program->n_effects; i++) ADDRESS(&prepared->kind[i]);
	ADDRESS(&prepared->personal);
#undef ADDRESS
}

static void watch(apl_prepared *prepared, const char *pattern, uint8_t for_what) {
	const apl_chart *chart = prepared->program->chart;
	prepared->watched_any |= for_what;
	for (uint32_t i = 0; i < chart->n_events; i++) {
		if (apl_pattern_matches(pattern, chart->events[i].name, chart->events[i].size)) prepared->watched[i] |= for_what;
	}
}

static void watch_events(apl_prepared *prepared) {
	const apl_program *program = prepared->program;
	const apl_chart *chart = program->chart;
	/* Whether anybody minded: error.* events, as step.c has it. */
	prepared->watched_any |= APL_WATCH_ERROR;
	for (uint32_t i = 0; i < chart->n_events; i++)
		if (chart->events[i].size > 6 && memcmp(chart->events[i].name, "error.", 6) == 0) prepared->watched[i] |= APL_WATCH_ERROR;
	for (uint32_t i = 0; i < chart->n_delays; i++) {
		const apl_delay *delay = &chart->delays[i];
		for (uint32_t n = 0; n < delay->n_since; n++) watch(prepared, chart->patterns[delay->first_since + n], APL_WATCH_SINCE);
	}
	/* Of a chart that invokes every event from outside may be a child's, or be forwarded to one. */
	if (chart->n_invokes > 0) watch(prepared, "*", APL_WATCH_INVOKE);
	for (uint32_t i = 0; i < chart->n_clocks; i++) {
		prepared->watched[chart->clocks[i].warning] |= APL_WATCH_CLOCK;
		prepared->watched[chart->clocks[i].breached] |= APL_WATCH_CLOCK;
	}
	for (uint32_t i = 0; i < program->n_counters; i++) {
		const apl_counter *counter = &program->counters[i];
		for (uint32_t n = 0; n < counter->n_patterns; n++) watch(prepared, counter->patterns[n], APL_WATCH_COUNT);
	}
}

/* At most half full. */
static uint32_t slots_for(uint32_t n_events) {
	uint32_t slots = 2;
	while (slots < 2 * n_events) slots *= 2;
	return slots;
}

static void place_events(apl_prepared *prepared) {
	const apl_chart *chart = prepared->program->chart;
	uint32_t mask = prepared->n_slots - 1;
	for (uint32_t i = 0; i < chart->n_events; i++) {
		const apl_event_name *event = &chart->events[i];
		if (!event->declared) continue;
		apl_key key = apl_key_of_any(event->name, event->size);
		uint32_t at = apl_key_hash(key, event->size) & mask;
		while (prepared->slots[at].name != NULL) at = (at + 1) & mask;
		prepared->slots[at] = (apl_event_slot){event->name, key, event->size, (int32_t)i};
	}
}

apl_prepared *apl_prepared_new(const apl_alloc *alloc, apl_program *program, bool covers, uint64_t instructions) {
	const apl_chart *chart = program->chart;
	apl_prepared *prepared = apl_new(alloc, sizeof *prepared);
	if (prepared == NULL) return NULL;
	prepared->program = program;
	prepared->has_texts = program->data->n_text_fields > 0;
	prepared->is_more_than_words = prepared->has_texts || chart->n_invokes > 0 || chart->n_clocks > 0 || program->n_asked > 0;
	apl_buf_init(&prepared->text, alloc);
	apl_arena_init(&prepared->described_texts, alloc);
	prepared->n_pieces = 3 * chart->n_transitions + 3 * chart->n_events + chart->n_states + chart->n_delays + program->n_effects;
	prepared->pieces = apl_new(alloc, prepared->n_pieces * sizeof *prepared->pieces);
	prepared->only = apl_new(alloc, chart->n_transitions * sizeof *prepared->only);
	prepared->watched = apl_new(alloc, chart->n_events);
	prepared->n_slots = slots_for(chart->n_events);
	prepared->slots = apl_new(alloc, prepared->n_slots * sizeof *prepared->slots);
	prepared->handlers = apl_new(alloc, program->n_effects * sizeof(struct apl_effect_handler *));
	prepared->states = apl_new(alloc, chart->n_states * sizeof *prepared->states);
	prepared->events = apl_new(alloc, chart->n_events * sizeof *prepared->events);
	prepared->effects = apl_new(alloc, program->n_effects * sizeof *prepared->effects);
	prepared->finals = apl_new(alloc, chart->n_states * sizeof *prepared->finals);
	bool has_all = prepared->pieces != NULL && prepared->only != NULL && prepared->watched != NULL && prepared->slots != NULL &&
	               prepared->handlers != NULL && prepared->states != NULL && prepared->events != NULL && prepared->effects != NULL &&
	               prepared->finals != NULL;
	if (has_all && covers) {
		prepared->coverage = apl_coverage_new(alloc, program);
		has_all = prepared->coverage != NULL;
	}
	if (has_all) {
		prepared->taken = prepared->pieces;
		prepared->went = prepared->taken + chart->n_transitions;
		prepared->whole = prepared->went + chart->n_transitions;
		prepared->on = prepared->whole + chart->n_transitions;
		prepared->event = prepared->on + chart->n_events;
		prepared->cause = prepared->event + chart->n_events;
		prepared->path = prepared->cause + chart->n_events;
		prepared->timer = prepared->path + chart->n_states;
		prepared->kind = prepared->timer + chart->n_delays;
		write_pieces(prepared);
	}
	if (!has_all || prepared->text.failed) {
		apl_prepared_free(alloc, prepared);
		return NULL;
	}
	address_pieces(prepared);
	place_events(prepared);
	watch_events(prepared);
	if (!apl_direct_new(&prepared->direct, alloc, program, prepared->watched, instructions)) {
		apl_prepared_free(alloc, prepared);
		return NULL;
	}
	return prepared;
}

void apl_prepared_free(const apl_alloc *alloc, apl_prepared *prepared) {
	if (prepared == NULL) return;
	const apl_program *program = prepared->program;
	const apl_chart *chart = program->chart;
	apl_coverage_free(alloc, prepared->coverage, program);
	apl_free(alloc, prepared->described, chart->n_transitions * sizeof *prepared->described);
	apl_arena_dispose(&prepared->described_texts);
	apl_direct_free(prepared->direct);
	apl_buf_dispose(&prepared->text);
	apl_free(alloc, prepared->pieces, prepared->n_pieces * sizeof *prepared->pieces);
	apl_free(alloc, prepared->only, chart->n_transitions * sizeof *prepared->only);
	apl_free(alloc, prepared->watched, chart->n_events);
	apl_free(alloc, prepared->handlers, program->n_effects * sizeof(struct apl_effect_handler *));
	apl_free(alloc, prepared->states, chart->n_states * sizeof *prepared->states);
	apl_free(alloc, prepared->events, chart->n_events * sizeof *prepared->events);
	apl_free(alloc, prepared->effects, program->n_effects * sizeof *prepared->effects);
	apl_free(alloc, prepared->finals, chart->n_states * sizeof *prepared->finals);
	for (uint32_t i = 0; i < prepared->n_findings; i++) apl_free(alloc, prepared->findings[i], sizeof **prepared->findings);
	apl_free(alloc, prepared->findings, prepared->findings_capacity * sizeof *prepared->findings);
	apl_free(alloc, prepared->slots, prepared->n_slots * sizeof *prepared->slots);
	apl_free(alloc, prepared, sizeof *prepared);
}
