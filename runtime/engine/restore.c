/* SPDX-License-Identifier: MIT */
/*
 * Decides how a case comes back out of its snapshot. Restoring is not a
 * transition: nothing is entered, no timer begins anew, and no entry is
 * written. What it was made of is checked by its digest in the end.
 */
#include <stdio.h>

#include "engine/asked.h"
#include "engine/clocks.h"
#include "engine/inside.h"
#include "time/instant.h"
#include "time/shown.h"

typedef struct reader {
	apl_engine *engine;
	const apl_tape *tape;
	apl_case *c;
	bool is_moment;     /* the case may be there, and its text has no ids */
	bool is_put_back;   /* the store gave it; what waits in the outbox is not asked for here */
	const apl_ids *ids; /* those of a moment; or NULL */
	aplomb_error *error;
} reader;

static int damaged(const reader *r, const char *what) {
	return apl_fail(r->error, APLOMB_EDAMAGED, "snapshot-shape", "this is no snapshot that can be restored: %s", what);
}

/* The member's cell when it is of that kind, else 0. */
static uint32_t find(const reader *r, uint32_t map, const char *name, aplomb_kind kind) {
	uint32_t cell = apl_tape_find(r->tape, map, name, strlen(name));
	return cell != 0 && r->tape->cells[cell].kind == kind ? cell : 0;
}

static bool read_instant(const reader *r, uint32_t map, const char *name, aplomb_instant *out) {
	uint32_t cell = find(r, map, name, APLOMB_TEXT);
	return cell != 0 && apl_instant_read(r->tape->cells[cell].as.text, r->tape->cells[cell].count, out, NULL) == APLOMB_OK;
}

static bool read_count(const reader *r, uint32_t map, const char *name, uint64_t *out) {
	uint32_t cell = find(r, map, name, APLOMB_INTEGER);
	if (cell == 0 || r->tape->cells[cell].as.integer < 0 || r->tape->cells[cell].as.integer > APL_MOST_RESTORED) return false;
	*out = (uint64_t)r->tape->cells[cell].as.integer;
	return true;
}

static bool read_hash(const reader *r, uint32_t map, const char *name, apl_hash128 *out) {
	uint32_t cell = find(r, map, name, APLOMB_TEXT);
	return cell != 0 && apl_hash_from_hex(r->tape->cells[cell].as.text, r->tape->cells[cell].count, out) == 0;
}

static bool is_text(const reader *r, uint32_t cell, const char *text) {
	return cell != 0 && apl_cell_is(&r->tape->cells[cell], text, strlen(text));
}

static uint32_t state_of(const reader *r, uint32_t cell) {
	const apl_cell *path = &r->tape->cells[cell];
	return path->kind == APLOMB_TEXT ? apl_chart_state(r->c->program->chart, path->as.text, path->count) : APL_NONE;
}

/* ---- parts ----------------------------------------------------------------------- */

static int read_configuration(const reader *r, uint32_t list) {
	const apl_chart *chart = r->c->program->chart;
	uint64_t *set = apl_case_configuration(r->c);
	uint32_t cell = list + 1;
	for (uint32_t i = 0; i < r->tape->cells[list].count; i++, cell = apl_tape_next(r->tape, cell)) {
		uint32_t state = state_of(r, cell);
		if (state == APL_NONE) return damaged(r, "configuration: the playbook has no such state");
		for (; state != APL_NONE; state = chart->states[state].parent) {
			apl_set_add(set, state);
			if (state == 0) break;
		}
	}
	/* Nothing is active in a case that has ended, or that broke a limit before it began. */
	if (r->tape->cells[list].count == 0 && r->c->status != APLOMB_CASE_OPEN) return APLOMB_OK;
	if (!apl_configuration_is_legal(chart, set)) return damaged(r, "configuration: these states are never active together");
	return APLOMB_OK;
}

static int read_history(const reader *r, uint32_t map) {
	const apl_chart *chart = r->c->program->chart;
	uint32_t name = map + 1;
	for (uint32_t i = 0; i < r->tape->cells[map].count; i++, name = apl_tape_next(r->tape, name + 1)) {
		uint32_t state = state_of(r, name);
		if (state == APL_NONE || chart->states[state].history == APL_NONE || r->tape->cells[name + 1].kind != APLOMB_LIST) {
			return damaged(r, "history: the playbook has no such history state");
		}
		uint64_t *set = apl_case_history(r->c) + (size_t)chart->states[state].history * chart->n_words;
		uint32_t cell = name + 2;
		for (uint32_t n = 0; n < r->tape->cells[name + 1].count; n++, cell = apl_tape_next(r->tape, cell)) {
			uint32_t remembered = state_of(r, cell);
			if (remembered == APL_NONE) return damaged(r, "history: the playbook has no such state");
			apl_set_add(set, remembered);
		}
		uint64_t *scratch = apl_new(&r->engine->alloc, chart->n_words * sizeof *scratch);
		if (scratch == NULL) return apl_fail_memory(r->error);
		bool is_legal = apl_history_is_legal(chart, state, set, scratch);
		apl_free(&r->engine->alloc, scratch, chart->n_words * sizeof *scratch);
		if (!is_legal) return damaged(r, "history: these states are never active together there");
	}
	return APLOMB_OK;
}

static int read_counters(const reader *r, uint32_t map) {
	const apl_program *program = r->c->program;
	uint32_t name = map + 1;
	for (uint32_t i = 0; i < r->tape->cells[map].count; i++, name = apl_tape_next(r->tape, name + 1)) {
		uint32_t number = apl_program_counter(program, r->tape->cells[name].as.text, r->tape->cells[name].count);
		const apl_cell *value = &r->tape->cells[name + 1];
		uint8_t kind = number != APL_NONE && program->counters[number].window > 0 ? APLOMB_LIST : APLOMB_INTEGER;
		if (number == APL_NONE || value->kind != kind) return damaged(r, "counters: the playbook has no such counter");
		apl_counted *counted = &r->c->more->counters[number];
		if (counted->total > 0 || counted->count > 0) return damaged(r, "counters: one stands there twice");
		if (kind == APLOMB_INTEGER) {
			if (value->as.integer < 0 || value->as.integer > APL_MOST_RESTORED)
				return damaged(r, "counters: one is negative, or more than anybody counts");
			counted->total = (uint64_t)value->as.integer;
			continue;
		}
		for (uint32_t n = 0; n < value->count; n++) {
			const apl_cell *text = value + 1 + n;
			if (!APL_GROW(&r->engine->alloc, counted->instants, counted->count, counted->capacity)) return apl_fail_memory(r->error);
			if (text->kind != APLOMB_TEXT || apl_instant_read(text->as.text, text->count, &counted->instants[counted->count], NULL)) {
				return damaged(r, "counters: an instant is none");
			}
			if (counted->count > 0 && counted->instants[counted->count] < counted->instants[counted->count - 1])
				return damaged(r, "counters: the instants are not in their order");
			counted->count++;
		}
		/* What will be counted goes behind them. */
		if (counted->count > 0 && counted->instants[counted->count - 1] > r->c->at)
			return damaged(r, "counters: an instant is later than the case's");
	}
	return APLOMB_OK;
}

/* Behind the counters: what something is counted in is known. */
static int read_windows(const reader *r) {
	const apl_program *program = r->c->program;
	const uint32_t map = find(r, 0, "windows", APLOMB_MAP);
	uint32_t name = map + 1;
	for (uint32_t i = 0; map != 0 && i < r->tape->cells[map].count; i++, name = apl_tape_next(r->tape, name + 1)) {
		const uint32_t number = apl_program_counter(program, r->tape->cells[name].as.text, r->tape->cells[name].count);
		if (number == APL_NONE || program->counters[number].window_function == 0)
			return damaged(r, "windows: the playbook has no such counter, or says how long itself");
		apl_asked *asked = &apl_case_asked(r->c)[program->counters[number].asked];
		if (asked->kind != APL_ASKED_NOT) return damaged(r, "windows: one stands there twice");
		if (!apl_asked_read(&r->tape->cells[name + 1], asked) || asked->kind < APL_ASKED_SPAN || asked->value <= 0 ||
		    apl_counter_check(r->c, number, NULL) != APLOMB_OK)
			return damaged(r, "windows: one is no span that this counter can have");
	}
	for (uint32_t i = 0; i < program->n_counters; i++) {
		const apl_counter *counter = &program->counters[i];
		if (counter->window_function != 0 && r->c->more->counters[i].count > 0 &&
		    apl_case_asked(r->c)[counter->asked].kind == APL_ASKED_NOT)
			return damaged(r, "windows: something is counted in one that nobody knows");
	}
	return APLOMB_OK;
}

static int read_times(const reader *r, uint32_t map) {
	apl_stay *stays = r->c->more != NULL ? r->c->more->stays : NULL;
	uint32_t name = map + 1;
	for (uint32_t i = 0; i < r->tape->cells[map].count; i++, name = apl_tape_next(r->tape, name + 1)) {
		uint32_t state = state_of(r, name);
		uint64_t total;
		if (state == APL_NONE || stays == NULL || !read_count(r, name + 1, "total_us", &total))
			return damaged(r, "times: the playbook has no such state");
		stays[state].total = (aplomb_span)total;
		read_instant(r, name + 1, "since", &stays[state].since);
		if (stays[state].since > r->c->at || stays[state].total < 0 || stays[state].total > r->c->at - r->c->opened_at)
			return damaged(r, "times: a stay is longer than the case");
	}
	return APLOMB_OK;
}

/* A record of its own from the member "data", when there is one; [*out] NULL: none. */
static int read_event_data(const reader *r, uint32_t map, const apl_schema *schema, uint64_t **out) {
	uint32_t cell = find(r, map, "data", APLOMB_MAP);
	*out = NULL;
	if (cell == 0 || schema == NULL) return APLOMB_OK;
	const apl_alloc *alloc = &r->engine->alloc;
	uint64_t *words = apl_new(alloc, schema->n_words * sizeof *words);
	if (words == NULL) return apl_fail_memory(r->error);
	const apl_writer writer = {.schema = schema, .words = words, .keep = {alloc, NULL}, .what = "event"};
	int code = apl_record_read(&writer, r->tape, cell, r->error);
	if (code) {
		apl_free(alloc, words, schema->n_words * sizeof *words);
		return code;
	}
	*out = words;
	return APLOMB_OK;
}

static void drop_record(const reader *r, const apl_schema *schema, uint64_t *words) {
	if (words == NULL) return;
	apl_record_dispose(schema, words, &r->engine->alloc);
	apl_free(&r->engine->alloc, words, schema->n_words * sizeof *words);
}

static int event_of(const reader *r, uint32_t map) {
	uint32_t cell = find(r, map, "event", APLOMB_TEXT);
	return cell != 0 ? apl_chart_event(r->c->program->chart, r->tape->cells[cell].as.text, r->tape->cells[cell].count) : -1;
}

static apl_given text_of(const reader *r, uint32_t map, const char *name) {
	uint32_t cell = find(r, map, name, APLOMB_TEXT);
	return cell != 0 ? (apl_given){r->tape->cells[cell].as.text, r->tape->cells[cell].count} : (apl_given){NULL, 0};
}

static int read_deferred_event(const reader *r, uint32_t map) {
	const apl_alloc *alloc = &r->engine->alloc;
	int32_t event = event_of(r, map);
	uint64_t seq, *words;
	if (event < 0 || !read_count(r, map, "seq", &seq)) return damaged(r, "deferred: the playbook has no such event");
	apl_given by = text_of(r, map, "by"), id = text_of(r, map, "id"), invoke = text_of(r, map, "invoke");
	apl_case_more *more = apl_case_more_of(r->engine, r->c);
	if (more == NULL) return apl_fail_memory(r->error);
	const apl_schema *schema = r->c->program->events[event];
	int code = read_event_data(r, map, schema, &words);
	if (code) return code;
	apl_deferred *deferred = apl_new(alloc, sizeof *deferred + by.size + id.size + invoke.size + 3);
	if (deferred == NULL) {
		drop_record(r, schema, words);
		return apl_fail_memory(r->error);
	}
	deferred->the_case = r->c;
	deferred->event = event;
	deferred->words = words;
	deferred->seq = seq;
	deferred->by_size = (uint32_t)by.size;
	deferred->id_size = (uint32_t)id.size;
	if (by.size > 0) memcpy(deferred->texts, by.bytes, by.size);
	if (id.size > 0) memcpy(deferred->texts + by.size + 1, id.bytes, id.size);
	deferred->invoke_size = (uint32_t)invoke.size;
	if (invoke.size > 0) memcpy(deferred->texts + by.size + id.size + 2, invoke.bytes, invoke.size);
	deferred->before = more->last_deferred;
	if (more->last_deferred != NULL) {
		more->last_deferred->next = deferred;
	} else {
		more->deferred = deferred;
	}
	more->last_deferred = deferred;
	more->n_deferred++;
	return APLOMB_OK;
}

static int read_id(const reader *r, uint32_t list) {
	const apl_cell *pair = &r->tape->cells[list];
	apl_hash128 hash;
	if (pair->kind != APLOMB_LIST || pair->count != 2 || pair[1].kind != APLOMB_TEXT || pair[2].kind != APLOMB_INTEGER ||
	    pair[2].as.integer < 1 || apl_hash_from_hex(pair[1].as.text, pair[1].count, &hash) != 0) {
		return damaged(r, "ids: each is a list of hash and entry");
	}
	const apl_seen_id id = {.hash = hash, .seq = (uint64_t)pair[2].as.integer & APL_MOST_SEQ};
	apl_case_more *more = apl_case_more_of(r->engine, r->c);
	return more != NULL && apl_seen_add(&r->engine->alloc, &more->seen, id, 0) ? APLOMB_OK : apl_fail_memory(r->error);
}

/* In the order of their entries, each of which had one event. */
static int read_ids(const reader *r) {
	uint32_t list = find(r, 0, "ids", APLOMB_LIST);
	if (list == 0) return damaged(r, "ids");
	uint64_t newest = 0;
	uint32_t cell = list + 1;
	for (uint32_t i = 0; i < r->tape->cells[list].count; i++, cell = apl_tape_next(r->tape, cell)) {
		int code = read_id(r, cell);
		if (code) return code;
		const uint64_t seq = (uint64_t)r->tape->cells[cell + 2].as.integer;
		if (seq <= newest || seq > r->c->seq) return damaged(r, "ids: they are not in the order of their entries");
		newest = seq;
	}
	return APLOMB_OK;
}

/* What became of some of them. Both lists are in the order of the entries. */
static int read_answers(const reader *r) {
	uint32_t ids = find(r, 0, "ids", APLOMB_LIST), list = find(r, 0, "ids_answers", APLOMB_LIST);
	if (list == 0) return APLOMB_OK;
	const apl_cell *cells = r->tape->cells;
	uint32_t id = ids + 1, left = cells[ids].count, cell = list + 1;
	for (uint32_t i = 0; i < cells[list].count; i++, cell = apl_tape_next(r->tape, cell)) {
		const apl_cell *pair = &cells[cell];
		if (pair->kind != APLOMB_LIST || pair->count != 2 || pair[1].kind != APLOMB_INTEGER || pair[2].kind != APLOMB_INTEGER ||
		    pair[2].as.integer < 1 || pair[2].as.integer > UINT8_MAX)
			return damaged(r, "ids_answers: each is a list of entry and number");
		for (; left > 0 && cells[id + 2].as.integer < pair[1].as.integer; left--) id = apl_tape_next(r->tape, id);
		apl_hash128 hash;
		if (left == 0 || cells[id + 2].as.integer != pair[1].as.integer ||
		    apl_hash_from_hex(cells[id + 1].as.text, cells[id + 1].count, &hash) != 0)
			return damaged(r, "ids_answers: no id is of that entry");
		apl_seen_find(&r->c->more->seen, hash)->how = (uint64_t)pair[2].as.integer & UINT8_MAX;
	}
	return APLOMB_OK;
}

static int take_ids(const reader *r) {
	apl_case_more *more = apl_case_more_of(r->engine, r->c);
	if (more == NULL || !apl_seen_reserve(&r->engine->alloc, &more->seen, r->ids->whole)) return apl_fail_memory(r->error);
	for (const apl_ids *some = r->ids; some != NULL; some = some->before) {
		for (uint32_t i = 0; i < some->count; i++) apl_seen_add(&r->engine->alloc, &more->seen, some->each[i], 0);
	}
	return APLOMB_OK;
}

static uint32_t delay_of(const reader *r, uint32_t cell) {
	const apl_chart *chart = r->c->program->chart;
	for (uint32_t i = 0; i < chart->n_delays; i++) {
		if (is_text(r, cell, chart->delays[i].name)) return i;
	}
	return APL_NONE;
}

static int read_send(const reader *r, uint32_t map, apl_send_row **out) {
	const apl_alloc *alloc = &r->engine->alloc;
	int32_t event = event_of(r, map);
	if (event < 0) return damaged(r, "timers: the playbook has no such event");
	apl_given id = text_of(r, map, "id"), to = text_of(r, map, "to");
	apl_send_row *send = apl_new(alloc, sizeof *send + id.size + to.size + 2);
	if (send == NULL) return apl_fail_memory(r->error);
	send->event = event;
	send->id_size = (uint32_t)id.size;
	send->to_size = (uint32_t)to.size;
	send->at_once = find(r, map, "at_once", APLOMB_BOOLEAN) != 0;
	if (is_text(r, find(r, map, "overdue", APLOMB_TEXT), apl_overdue_name(APL_OVERDUE_SKIP))) send->overdue = APL_OVERDUE_SKIP;
	if (id.size > 0) memcpy(send->texts, id.bytes, id.size);
	if (to.size > 0) memcpy(send->texts + id.size + 1, to.bytes, to.size);
	int code = APLOMB_OK;
	uint32_t data = find(r, map, "data", APLOMB_MAP);
	if (to.size == 0) {
		code = read_event_data(r, map, r->c->program->events[event], &send->words);
	} else if (data != 0) {
		apl_buf *scratch = &r->engine->scratch;
		apl_buf_clear(scratch);
		apl_json_write(scratch, r->tape, data);
		send->data = scratch->failed ? NULL : apl_text_new(alloc, scratch->bytes, scratch->size);
		if (send->data == NULL) code = apl_fail_memory(r->error);
	}
	if (code) {
		apl_free(alloc, send, sizeof *send + id.size + to.size + 2);
		return code;
	}
	*out = send;
	return APLOMB_OK;
}

/* What a delay's span is counted in, and by whom; of the clock nothing is said. */
static bool read_counting(const reader *r, uint32_t map, apl_span_unit *unit, uint32_t *calendar) {
	uint32_t of = find(r, map, "unit", APLOMB_TEXT);
	*calendar = apl_calendar_read_number(r->c, r->tape, map);
	if (of == 0) return *calendar == APL_NO_CALENDAR;
	while (*unit <= APL_SPAN_BUSINESS_DAYS && (*unit == APL_SPAN_CLOCK || !is_text(r, of, apl_business_unit_name(*unit)))) (*unit)++;
	return *unit <= APL_SPAN_BUSINESS_DAYS && *calendar != APL_NONE;
}

static int read_calendars(const reader *r) {
	const uint32_t list = find(r, 0, "calendars", APLOMB_LIST);
	return list == 0 ? APLOMB_OK : apl_calendars_read(r->engine, r->c, r->tape, list, r->error);
}

static int read_clocks(const reader *r) {
	if (r->c->program->chart->n_clocks == 0) return APLOMB_OK;
	const uint32_t map = find(r, 0, "clocks", APLOMB_MAP);
	if (map == 0) return damaged(r, "clocks");
	const char *wrong = apl_clocks_read(r->c, r->tape, map);
	char what[96];
	if (wrong == NULL) return APLOMB_OK;
	snprintf(what, sizeof what, "clocks: %s", wrong);
	return damaged(r, what);
}

/* The number that a clock's timer has in place of a delay's; APL_NONE: there is no such clock, or it has one already. */
static uint32_t clock_of(const reader *r, uint32_t map) {
	const apl_chart *chart = r->c->program->chart;
	const apl_given name = text_of(r, map, "clock");
	const uint32_t clock = name.bytes != NULL ? apl_chart_clock(chart, name.bytes, name.size) : APL_NONE;
	if (clock == APL_NONE || (apl_case_clocks(r->c)[clock].flags & APL_CLOCK_HAS_BEGUN) == 0) return APL_NONE;
	for (const apl_case_timer *other = r->c->timers; other != NULL; other = other->next) {
		if (apl_timer_clock(other) == clock) return APL_NONE;
	}
	return chart->n_delays + clock;
}

static int read_timer(const reader *r, uint32_t map) {
	aplomb_instant due_at;
	uint64_t armed_seq, span = 0;
	apl_span_unit unit = APL_SPAN_CLOCK;
	uint32_t calendar = APL_NO_CALENDAR;
	uint32_t name = find(r, map, "timer", APLOMB_TEXT), delay = APL_NONE;
	if (!read_instant(r, map, "due", &due_at) || !read_count(r, map, "armed_seq", &armed_seq))
		return damaged(r, "timers: a deadline is missing");
	apl_send_row *send = NULL;
	if (is_text(r, name, "send")) {
		int code = read_send(r, map, &send);
		if (code) return code;
	} else if (is_text(r, name, "clock")) {
		delay = clock_of(r, map);
		if (delay == APL_NONE) return damaged(r, "timers: one is of a clock that has none");
	} else {
		delay = delay_of(r, name);
		if (delay == APL_NONE || !read_count(r, map, "span_us", &span)) return damaged(r, "timers: the playbook has no such timer");
		if (!read_counting(r, map, &unit, &calendar)) return damaged(r, "timers: the playbook has no such calendar");
		const apl_delay *it = &r->c->program->chart->delays[delay];
		if (!apl_set_has(apl_case_configuration(r->c), it->state)) return damaged(r, "timers: one is of a state that is not active");
		for (const apl_case_timer *other = r->c->timers; other != NULL; other = other->next) {
			if (other->send == NULL && other->delay == delay) return damaged(r, "timers: one stands there twice");
		}
		if (it->kind == APL_DELAY_EVERY && span == 0) return damaged(r, "timers: one would be due for ever");
	}
	apl_case_timer *timer = apl_timer_restore(r->engine, r->c, due_at, delay, send, r->c->status == APLOMB_CASE_OPEN);
	if (timer == NULL) {
		if (send != NULL) {
			drop_record(r, r->c->program->events[send->event], send->words);
			apl_text_drop(&r->engine->alloc, send->data);
			apl_free(&r->engine->alloc, send, sizeof *send + send->id_size + send->to_size + 2);
		}
		return apl_fail_memory(r->error);
	}
	timer->armed_seq = armed_seq;
	timer->span = (aplomb_span)span;
	timer->unit = (uint8_t)unit;
	timer->calendar = (uint16_t)calendar;
	return APLOMB_OK;
}

/* What was handed out is handed out again, or, where that must not be, is what nobody knows of: both with the next pump. */
static int read_effect(const reader *r, uint32_t map) {
	apl_engine *engine = r->engine;
	const apl_program *program = r->c->program;
	apl_given kind = text_of(r, map, "kind");
	uint64_t seq, item, attempt;
	aplomb_instant at, due_at, answer_by = 0;
	uint32_t data = find(r, map, "data", APLOMB_MAP),
	         number = kind.bytes != NULL ? apl_program_effect(program, kind.bytes, kind.size) : APL_NONE;
	if (number == APL_NONE) return damaged(r, "effects: the playbook has no such effect");
	if (data == 0 || !read_instant(r, map, "at", &at) || !read_count(r, map, "seq", &seq) || !read_count(r, map, "item", &item) ||
	    !read_count(r, map, "attempt", &attempt) || seq == 0 || seq > r->c->seq || item == 0 || item > UINT32_MAX || attempt > INT32_MAX)
		return damaged(r, "effects: a member is missing");
	apl_row_texts texts = {.because = text_of(r, map, "because"), .ask = text_of(r, map, "ask")};
	if (texts.ask.bytes != NULL && (texts.ask.size == 0 || !read_instant(r, map, "answer_by", &answer_by)))
		return damaged(r, "effects: a question says not until when it waits");
	for (const apl_outbox_row *other = apl_outbox_of(engine, r->c); other != NULL; other = apl_outbox_next_of(other)) {
		if (other->seq == seq && other->item == item) return damaged(r, "effects: one stands there twice");
	}
	/* A rehearsal hands nothing out. */
	if (engine->rehearses) return APLOMB_OK;
	apl_buf *scratch = &engine->scratch;
	apl_buf_clear(scratch);
	apl_json_write(scratch, r->tape, data);
	texts.data = (apl_given){scratch->bytes, scratch->size};
	apl_outbox_row *row = scratch->failed ? NULL : apl_outbox_restore(engine, r->c, number, &texts);
	if (row == NULL) return apl_fail_memory(r->error);
	row->seq = seq;
	row->item = (uint32_t)item;
	row->attempt = (uint32_t)attempt;
	row->at = at;
	row->answer_by = answer_by;
	if (find(r, map, "unknown", APLOMB_BOOLEAN) != 0) {
		row->state = APL_ROW_UNKNOWN;
		return APLOMB_OK;
	}
	if (find(r, map, "handed", APLOMB_BOOLEAN) != 0 && program->effects[number].once) row->state = APL_ROW_HANDED;
	bool is_later = row->state == APL_ROW_WAITS && read_instant(r, map, "due", &due_at);
	/* Those that are due at once come in the order in which they were wanted. */
	const aplomb_instant now = apl_clock_now(engine->clock);
	if (!is_later) due_at = at < now ? at : now;
	apl_outbox_schedule(engine, row, due_at);
	return APLOMB_OK;
}

int apl_effect_read(apl_engine *engine, apl_case *c, const apl_tape *tape, uint32_t map, aplomb_error *error) {
	const reader r = {.engine = engine, .tape = tape, .c = c, .error = error};
	return read_effect(&r, map);
}

static int read_each(const reader *r, const char *name, int (*read)(const reader *r, uint32_t cell)) {
	uint32_t list = find(r, 0, name, APLOMB_LIST);
	if (list == 0) return damaged(r, name);
	uint32_t cell = list + 1;
	for (uint32_t i = 0; i < r->tape->cells[list].count; i++, cell = apl_tape_next(r->tape, cell)) {
		int code = read(r, cell);
		if (code) return code;
	}
	return APLOMB_OK;
}

static int read_child(const reader *r, uint32_t map) {
	const apl_chart *chart = r->c->program->chart;
	apl_given id = text_of(r, map, "case"), hash = text_of(r, map, "hash"), invoke = text_of(r, map, "invoke");
	uint32_t number = invoke.bytes != NULL ? apl_chart_invoke(chart, invoke.bytes, invoke.size) : APL_NONE;
	if (number == APL_NONE || r->c->more->children[number] != NULL) return damaged(r, "children: the playbook has no such invoke");
	if (id.size == 0 || id.size > APL_MOST_CASE_ID || hash.size != APL_SHA256_HEX) return damaged(r, "children: a case is missing");
	r->c->more->children[number] = apl_child_new(&r->engine->alloc, id, hash);
	return r->c->more->children[number] != NULL ? APLOMB_OK : apl_fail_memory(r->error);
}

static int read_parent(const reader *r) {
	uint32_t map = find(r, 0, "parent", APLOMB_MAP);
	uint64_t depth;
	if (map == 0) return APLOMB_OK;
	apl_given id = text_of(r, map, "case"), invoke = text_of(r, map, "invoke");
	if (id.size == 0 || id.size > APL_MOST_CASE_ID || invoke.size == 0 || !read_count(r, map, "depth", &depth) || depth == 0 ||
	    depth > UINT32_MAX)
		return damaged(r, "parent");
	r->c->more->parent = apl_parent_new(&r->engine->alloc, id, invoke, (uint32_t)depth);
	return r->c->more->parent != NULL ? APLOMB_OK : apl_fail_memory(r->error);
}

/* ---- the whole --------------------------------------------------------------------- */

static int read_head(const reader *r) {
	apl_case *c = r->c;
	uint32_t status = find(r, 0, "status", APLOMB_TEXT), random = find(r, 0, "random", APLOMB_TEXT),
	         sha256 = find(r, 0, "sha256", APLOMB_TEXT);
	static const char *const names[] = {"open", "closed", "faulted"};
	int known = 0;
	while (known < 3 && !is_text(r, status, names[known])) known++;
	if (known == 3) return damaged(r, "status");
	c->status = (uint8_t)known;
	if (!read_instant(r, 0, "at", &c->at) || !read_instant(r, 0, "opened_at", &c->opened_at) || c->opened_at > c->at)
		return damaged(r, "at");
	if (!read_count(r, 0, "seq", &c->seq) || c->seq == 0) return damaged(r, "seq");
	uint64_t own_steps = 0;
	if (apl_tape_find(r->tape, 0, "own_steps", 9) != 0 && (!read_count(r, 0, "own_steps", &own_steps) || own_steps > UINT32_MAX))
		return damaged(r, "own_steps");
	apl_own_restore(c, (uint32_t)own_steps);
	if (!read_hash(r, 0, "prev", &c->prev)) return damaged(r, "prev");
	char digits[APL_HASH_HEX];
	apl_hash128 state;
	if (random == 0 || r->tape->cells[random].count != APL_HASH_HEX / 2) return damaged(r, "random");
	memcpy(digits, r->tape->cells[random].as.text, APL_HASH_HEX / 2);
	memset(digits + APL_HASH_HEX / 2, '0', APL_HASH_HEX / 2);
	if (apl_hash_from_hex(digits, sizeof digits, &state) != 0) return damaged(r, "random");
	c->random = state.high;
	uint32_t final = apl_tape_find(r->tape, 0, "final", 5);
	if (final != 0) {
		c->final_state = state_of(r, final);
		if (c->final_state == APL_NONE) return damaged(r, "final");
	}
	apl_case_more *more = apl_case_more_of(r->engine, c);
	if (more == NULL) return apl_fail_memory(r->error);
	more->owes_offers = read_count(r, 0, "offered", &more->offered_seq);
	r->engine->n_owing += more->owes_offers;
	uint32_t away = find(r, 0, "away", APLOMB_MAP);
	if (away != 0 && (!read_instant(r, away, "from", &more->away_from) || !read_instant(r, away, "to", &more->away_to)))
		return damaged(r, "away");
	more->has_snapshot = true;
	more->snapshot_seq = c->seq;
	if (sha256 != 0) {
		if (r->tape->cells[sha256].count != APL_SHA256_HEX) return damaged(r, "sha256");
		if (apl_case_sha256_of(r->engine, more) == NULL) return apl_fail_memory(r->error);
		memcpy(more->snapshot_sha256, r->tape->cells[sha256].as.text, APL_SHA256_HEX);
	}
	return APLOMB_OK;
}

static int read_texts(const reader *r) {
	const apl_alloc *alloc = &r->engine->alloc;
	apl_case_more *more = r->c->more;
	apl_given subject = text_of(r, 0, "subject"), locale = text_of(r, 0, "locale");
	if (subject.bytes != NULL) {
		more->subject = apl_copy_text(alloc, subject.bytes, subject.size);
		if (more->subject == NULL) return apl_fail_memory(r->error);
	}
	if (locale.bytes != NULL) {
		more->locale = apl_copy_text(alloc, locale.bytes, locale.size);
		if (more->locale == NULL) return apl_fail_memory(r->error);
	}
	uint32_t history = apl_tape_find(r->tape, 0, "subject_history", 15), fault = find(r, 0, "faulted", APLOMB_MAP);
	apl_buf *scratch = &r->engine->scratch;
	if (fault != 0) {
		apl_buf_clear(scratch);
		apl_json_write(scratch, r->tape, fault);
		more->fault = scratch->failed ? NULL : apl_text_new(alloc, scratch->bytes, scratch->size);
		if (more->fault == NULL) return apl_fail_memory(r->error);
	}
	if (history == 0) return APLOMB_OK;
	apl_buf_clear(scratch);
	apl_json_write(scratch, r->tape, history);
	more->history = scratch->failed ? NULL : apl_text_new(alloc, scratch->bytes, scratch->size);
	return more->history != NULL ? APLOMB_OK : apl_fail_memory(r->error);
}

static int read_record(const reader *r, const char *name, const apl_schema *schema, uint64_t *words) {
	uint32_t cell = find(r, 0, name, APLOMB_MAP);
	if (cell == 0) return damaged(r, name);
	const apl_writer writer = {.schema = schema, .words = words, .keep = {&r->engine->alloc, NULL}, .what = name};
	int code = apl_record_read(&writer, r->tape, cell, r->error);
	if (code) memset(words, 0, schema->n_words * sizeof *words);
	return code;
}

static int read_params(const reader *r) {
	const apl_schema *schema = r->c->program->params;
	apl_case_more *more = r->c->more;
	if (schema->n_fields <= 1) return APLOMB_OK;
	more->params = apl_new(&r->engine->alloc, schema->n_words * sizeof(uint64_t));
	if (more->params == NULL) return apl_fail_memory(r->error);
	return read_record(r, "params", schema, more->params);
}

static int read_map(const reader *r, const char *name, int (*read)(const reader *r, uint32_t cell)) {
	uint32_t map = find(r, 0, name, APLOMB_MAP);
	return map != 0 ? read(r, map) : damaged(r, name);
}

static int read_case(const reader *r) {
	uint32_t configuration = find(r, 0, "configuration", APLOMB_LIST);
	if (configuration == 0) return damaged(r, "configuration");
	int code = read_head(r);
	if (!code && !apl_case_prepare_counts(r->engine, r->c)) code = apl_fail_memory(r->error);
	if (!code) code = read_texts(r);
	if (!code) code = read_configuration(r, configuration);
	if (!code) code = read_map(r, "history", read_history);
	if (!code) code = read_record(r, "data", r->c->program->data, apl_case_data(r->c));
	if (!code) code = read_params(r);
	if (!code) code = apl_case_check_windows(r->c, r->error);
	if (!code) code = read_map(r, "counters", read_counters);
	if (!code && r->c->program->asks_windows) code = read_windows(r);
	if (!code) code = read_map(r, "times", read_times);
	if (!code) code = read_each(r, "deferred", read_deferred_event);
	if (!code && r->is_moment && r->ids != NULL) code = take_ids(r);
	if (!code && !r->is_moment) code = read_ids(r);
	if (!code && !r->is_moment) code = read_answers(r);
	if (!code) code = read_calendars(r);
	if (!code) code = read_clocks(r);
	if (!code) code = read_each(r, "timers", read_timer);
	if (!code && !r->is_put_back && find(r, 0, "effects", APLOMB_LIST) != 0) code = read_each(r, "effects", read_effect);
	if (!code && find(r, 0, "children", APLOMB_LIST) != 0) code = read_each(r, "children", read_child);
	if (!code) code = read_parent(r);
	apl_hash128 digest;
	if (!code && !read_hash(r, 0, "digest", &digest)) code = damaged(r, "digest");
	if (!code && !apl_hash128_equal(digest, apl_case_digest(r->engine, r->c, NULL, 0))) {
		code = r->engine->hashed.failed
		           ? apl_fail_memory(r->error)
		           : apl_fail(r->error, APLOMB_EDAMAGED, "snapshot-digest",
		                 "the snapshot of case \"%s\" does not give the case that its digest names: it was changed", apl_case_id(r->c));
	}
	return code;
}

/* What the snapshot is of: its program and a case of that id which is not there yet. */
static int begin_case(reader *r, aplomb_error *error) {
	const apl_tape *tape = r->tape;
	if (tape->cells[0].kind != APLOMB_MAP || !is_text(r, find(r, 0, "aplomb", APLOMB_TEXT), "snapshot")) return damaged(r, "it is none");
	uint32_t version = find(r, 0, "v", APLOMB_INTEGER), playbook = find(r, 0, "playbook", APLOMB_MAP);
	if (version == 0) return damaged(r, "v");
	if (tape->cells[version].as.integer != APL_SNAPSHOT_VERSION) {
		return apl_fail(error, APLOMB_EVERSION, "snapshot-version", "this snapshot has format %lld; this library reads %d",
		    (long long)tape->cells[version].as.integer, APL_SNAPSHOT_VERSION);
	}
	apl_given id = text_of(r, 0, "case"), hash = playbook != 0 ? text_of(r, playbook, "hash") : (apl_given){NULL, 0};
	if (id.size == 0 || id.size > APL_MOST_CASE_ID || memchr(id.bytes, '\0', id.size) != NULL) return damaged(r, "case");
	if (hash.size != APL_SHA256_HEX) return damaged(r, "playbook");
	char digits[APL_SHA256_HEX + 1] = "";
	memcpy(digits, hash.bytes, hash.size);
	apl_program *program = apl_engine_program_by_hash(r->engine, digits);
	if (program == NULL) {
		return apl_fail(error, APLOMB_ENOTFOUND, "unknown-playbook",
		    "the playbook of hash %s is not loaded: load the version that the case runs", digits);
	}
	if (!r->is_moment && apl_cases_find(&r->engine->cases, id.bytes, id.size) != NULL) {
		char shown[APL_SHOWN];
		return apl_fail(error, APLOMB_EINVAL, "case-exists", "case \"%s\" is there already", apl_shown(id.bytes, id.size, shown));
	}
	r->c = apl_case_new(r->engine, program, id.bytes, (uint32_t)id.size);
	return r->c != NULL ? APLOMB_OK : apl_fail_memory(error);
}

static int read_whole(reader *r, const char *json, size_t size, aplomb_error *error) {
	/* Written by us: as large as the case is. */
	const apl_json_bounds bounds = {.depth = 1024, .size = SIZE_MAX};
	int code = apl_json_read(&r->engine->tape, json, size, &bounds, error);
	if (!code) code = begin_case(r, error);
	if (code) return code;
	code = read_case(r);
	if (code) {
		apl_outbox_forget(r->engine, r->c);
		apl_case_free(r->engine, r->c);
	}
	return code;
}

int apl_case_read(apl_engine *engine, const char *json, size_t size, const apl_ids *ids, apl_case **out, aplomb_error *error) {
	reader r = {.engine = engine, .tape = &engine->tape, .is_moment = true, .ids = ids, .error = error};
	int code = read_whole(&r, json, size, error);
	if (!code) *out = r.c;
	return code;
}

/* What it sent itself waits in the queue again. */
static void wake(apl_engine *engine, const apl_case *c) {
	/* Oldest first: they take their places in the queue in the order they were sent. */
	apl_case_timer *oldest = c->timers;
	while (oldest != NULL && oldest->next != NULL) oldest = oldest->next;
	for (apl_case_timer *timer = oldest; timer != NULL && c->status == APLOMB_CASE_OPEN; timer = timer->before) {
		if (timer->send != NULL && timer->send->at_once) apl_sent_enqueue(engine, timer);
	}
}

void apl_case_restored(apl_engine *engine, apl_case *c) {
	wake(engine, c);
	apl_stats_restored(engine, c);
}

int apl_case_put_back(apl_engine *engine, const apl_tape *tape, aplomb_error *error) {
	reader r = {.engine = engine, .tape = tape, .is_put_back = true, .error = error};
	int code = begin_case(&r, error);
	if (code) return code;
	code = read_case(&r);
	if (!code && !apl_case_enlist(engine, r.c)) code = apl_fail_memory(error);
	if (code) {
		apl_case_free(engine, r.c);
		return code;
	}
	wake(engine, r.c);
	return APLOMB_OK;
}

int apl_engine_restore(apl_engine *engine, const char *json, size_t size, aplomb_error *error) {
	if (engine->inside) return apl_fail(error, APLOMB_EBUSY, "busy", "the runtime is inside a callback: restore cases outside");
	reader r = {.engine = engine, .tape = &engine->tape, .error = error};
	int code = read_whole(&r, json, size, error);
	if (code) return code;
	apl_case *there;
	code = apl_page_look(engine, apl_case_id(r.c), r.c->id_size, &there, error);
	if (!code && there != NULL) code = apl_fail(error, APLOMB_EINVAL, "case-exists", "case \"%s\" is there already", apl_case_id(r.c));
	if (!code && !apl_case_enlist(engine, r.c)) code = apl_fail_memory(error);
	if (code) {
		apl_case_free(engine, r.c);
		return code;
	}
	if (engine->pages != NULL) code = apl_pages_adopt(engine, r.c, json, size, error);
	if (code) {
		apl_case_vanish(engine, r.c, NULL);
		apl_case_free(engine, r.c);
		return code;
	}
	apl_case_restored(engine, r.c);
	for (apl_outbox_row *row = apl_outbox_of(engine, r.c); row != NULL && engine->outbox.keeps; row = apl_outbox_next_of(row)) {
		row->has_changed = true;
		engine->outbox.n_changed++;
	}
	return APLOMB_OK;
}
