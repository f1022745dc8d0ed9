/* SPDX-License-Identifier: MIT */
/*
 * Decides what a snapshot says of a case (docs/formats.md): everything that its
 * further journal depends on, by names and paths, never by numbers of ours.
 * restore.c reads it.
 */
#include <stdlib.h>

#include "engine/asked.h"
#include "engine/inside.h"
#include "time/instant.h"

static void write_instant(apl_buf *out, aplomb_instant at) {
	char text[APL_INSTANT_TEXT];
	apl_buf_byte(out, '"');
	apl_buf_add(out, text, apl_instant_write(at, text));
	apl_buf_byte(out, '"');
}

static void write_text(apl_buf *out, const char *text) {
	if (text == NULL) {
		APL_BUF_LITERAL(out, "null");
	} else {
		apl_json_write_text(out, text, strlen(text));
	}
}

static void write_hash(apl_buf *out, apl_hash128 hash) {
	char digits[APL_HASH_HEX];
	apl_hash_hex(hash, digits);
	apl_json_write_text(out, digits, sizeof digits);
}

/* The states of a set, as paths in document order; with [atomic_only] those without children. */
static void write_states(apl_buf *out, const apl_chart *chart, const uint64_t *set, bool atomic_only) {
	bool any = false;
	apl_buf_byte(out, '[');
	for (uint32_t s = 0; s < chart->n_states; s++) {
		if (!apl_set_has(set, s)) continue;
		if (atomic_only && chart->states[s].kind != APL_ATOMIC && chart->states[s].kind != APL_FINAL) continue;
		if (any) apl_buf_byte(out, ',');
		any = true;
		write_text(out, chart->states[s].path);
	}
	apl_buf_byte(out, ']');
}

/* Names in the order of their bytes, as canonical JSON wants them: an insertion sort, for there are few. */
static void sort_by_name(
    uint32_t *numbers, uint32_t count, const char *(*name)(const apl_program *, uint32_t), const apl_program *program) {
	for (uint32_t i = 1; i < count; i++) {
		uint32_t moving = numbers[i], to = i;
		while (to > 0 && strcmp(name(program, numbers[to - 1]), name(program, moving)) > 0) {
			numbers[to] = numbers[to - 1];
			to--;
		}
		numbers[to] = moving;
	}
}

static const char *state_name(const apl_program *program, uint32_t number) {
	return program->chart->states[number].path;
}

static const char *counter_name(const apl_program *program, uint32_t number) {
	return program->counters[number].name;
}

static bool is_empty(const uint64_t *set, uint32_t n_words) {
	for (uint32_t i = 0; i < n_words; i++) {
		if (set[i] != 0) return false;
	}
	return true;
}

static const uint64_t *recorded(apl_case *c, uint32_t state) {
	const apl_chart *chart = c->program->chart;
	return apl_case_history(c) + (size_t)chart->states[state].history * chart->n_words;
}

static void write_history(apl_buf *out, apl_case *c, uint32_t *numbers) {
	const apl_chart *chart = c->program->chart;
	uint32_t count = 0;
	for (uint32_t s = 0; s < chart->n_states; s++) {
		if (chart->states[s].history == APL_NONE || is_empty(recorded(c, s), chart->n_words)) continue;
		numbers[count++] = s;
	}
	sort_by_name(numbers, count, state_name, c->program);
	apl_buf_byte(out, '{');
	for (uint32_t i = 0; i < count; i++) {
		if (i > 0) apl_buf_byte(out, ',');
		write_text(out, chart->states[numbers[i]].path);
		apl_buf_byte(out, ':');
		write_states(out, chart, recorded(c, numbers[i]), false);
	}
	apl_buf_byte(out, '}');
}

static void name_counters(const apl_program *program, uint32_t *numbers) {
	for (uint32_t i = 0; i < program->n_counters; i++) numbers[i] = i;
	sort_by_name(numbers, program->n_counters, counter_name, program);
}

static void write_counters(apl_buf *out, const apl_case *c, uint32_t *numbers) {
	const apl_program *program = c->program;
	name_counters(program, numbers);
	apl_buf_byte(out, '{');
	for (uint32_t i = 0; i < program->n_counters; i++) {
		const apl_counter *counter = &program->counters[numbers[i]];
		const apl_counted *counted = &c->more->counters[numbers[i]];
		if (i > 0) apl_buf_byte(out, ',');
		write_text(out, counter->name);
		apl_buf_byte(out, ':');
		if (counter->window == 0) {
			apl_json_write_integer(out, (int64_t)counted->total);
			continue;
		}
		/* Those that have left the window count no more; whether they are still in memory depends on how the steps were batched. */
		uint32_t n = 0;
		const aplomb_instant since = apl_counter_since(c, numbers[i], c->at);
		while (n < counted->count && counted->instants[n] <= since) n++;
		apl_buf_byte(out, '[');
		for (uint32_t first = n; n < counted->count; n++) {
			if (n > first) apl_buf_byte(out, ',');
			write_instant(out, counted->instants[n]);
		}
		apl_buf_byte(out, ']');
	}
	apl_buf_byte(out, '}');
}

/* Windows that functions said, by the counter's name; nothing when none has. */
static void write_windows(apl_buf *out, const apl_case *c, uint32_t *numbers) {
	const apl_program *program = c->program;
	bool any = false;
	name_counters(program, numbers);
	for (uint32_t i = 0; i < program->n_counters; i++) {
		const apl_counter *counter = &program->counters[numbers[i]];
		if (counter->window_function == 0 || apl_case_asked_of(c)[counter->asked].kind == APL_ASKED_NOT) continue;
		apl_buf_text(out, any ? "," : ",\"windows\":{");
		write_text(out, counter->name);
		apl_buf_byte(out, ':');
		apl_asked_write(out, &apl_case_asked_of(c)[counter->asked]);
		any = true;
	}
	if (any) apl_buf_byte(out, '}');
}

static void write_deferred(apl_buf *out, const apl_case *c) {
	const apl_program *program = c->program;
	apl_buf_byte(out, '[');
	for (const apl_deferred *deferred = c->more != NULL ? c->more->deferred : NULL; deferred != NULL; deferred = deferred->next) {
		if (deferred->before != NULL) apl_buf_byte(out, ',');
		APL_BUF_LITERAL(out, "{\"by\":");
		write_text(out, deferred->texts);
		if (deferred->words != NULL) {
			APL_BUF_LITERAL(out, ",\"data\":");
			apl_record_write(out, program->events[deferred->event], deferred->words, false);
		}
		APL_BUF_LITERAL(out, ",\"event\":");
		write_text(out, program->chart->events[deferred->event].name);
		if (deferred->id_size > 0) {
			APL_BUF_LITERAL(out, ",\"id\":");
			write_text(out, deferred->texts + deferred->by_size + 1);
		}
		if (deferred->invoke_size > 0) {
			APL_BUF_LITERAL(out, ",\"invoke\":");
			write_text(out, apl_deferred_invoke(deferred));
		}
		APL_BUF_LITERAL(out, ",\"seq\":");
		apl_json_write_integer(out, (int64_t)deferred->seq);
		apl_buf_byte(out, '}');
	}
	apl_buf_byte(out, ']');
}

/* Sifts [at] down: the heap of a heap sort by seq, which needs no memory. */
static void sift(apl_seen_id *ids, uint32_t at, uint32_t count) {
	for (;;) {
		uint32_t child = 2 * at + 1;
		if (child >= count) return;
		if (child + 1 < count && ids[child + 1].seq > ids[child].seq) child++;
		if (ids[at].seq >= ids[child].seq) return;
		apl_seen_id moved = ids[at];
		ids[at] = ids[child];
		ids[child] = moved;
		at = child;
	}
}

/* Ends the list; then, of those of which there is more to say than that they were taken, what: [entry, how]. */
static void write_answers(apl_buf *out, const apl_seen_id *ids, uint32_t count) {
	bool any = false;
	apl_buf_byte(out, ']');
	for (uint32_t i = 0; i < count; i++) {
		if (ids[i].how == 0) continue;
		apl_buf_text(out, any ? ",[" : ",\"ids_answers\":[[");
		any = true;
		apl_json_write_integer(out, (int64_t)ids[i].seq);
		apl_buf_byte(out, ',');
		apl_json_write_integer(out, (int64_t)ids[i].how);
		apl_buf_byte(out, ']');
	}
	if (any) apl_buf_byte(out, ']');
}

/* As [hash, entry], in the order of the entries. Those of events that only wait are
 * not the case's yet. */
static bool write_ids(apl_engine *engine, apl_buf *out, const apl_case *c) {
	const apl_seen *seen = c->more != NULL ? &c->more->seen : NULL;
	apl_buf_byte(out, '[');
	if (seen != NULL && seen->count > 0) {
		size_t size = seen->count * sizeof(apl_seen_id);
		apl_seen_id *ids = apl_resize(&engine->alloc, NULL, 0, size);
		if (ids == NULL) return false;
		uint32_t count = 0;
		const uint64_t floor = apl_seen_floor(engine, c);
		for (uint32_t i = 0; i < seen->capacity; i++) {
			if (seen->slots[i].seq > floor) ids[count++] = seen->slots[i];
		}
		for (uint32_t i = count / 2; i > 0; i--) sift(ids, i - 1, count);
		for (uint32_t rest = count; rest > 1; rest--) {
			apl_seen_id largest = ids[0];
			ids[0] = ids[rest - 1];
			ids[rest - 1] = largest;
			sift(ids, 0, rest - 1);
		}
		for (uint32_t i = 0; i < count; i++) {
			if (i > 0) apl_buf_byte(out, ',');
			apl_buf_byte(out, '[');
			write_hash(out, ids[i].hash);
			apl_buf_byte(out, ',');
			apl_json_write_integer(out, (int64_t)ids[i].seq);
			apl_buf_byte(out, ']');
		}
		write_answers(out, ids, count);
		apl_free(&engine->alloc, ids, size);
		return true;
	}
	apl_buf_byte(out, ']');
	return true;
}

static void write_timer(apl_buf *out, const apl_case_timer *timer) {
	const apl_program *program = timer->owner->program;
	const apl_send_row *send = timer->send;
	const uint32_t clock = apl_timer_clock(timer);
	APL_BUF_LITERAL(out, "{\"armed_seq\":");
	apl_json_write_integer(out, (int64_t)timer->armed_seq);
	if (clock != APL_NONE) {
		APL_BUF_LITERAL(out, ",\"clock\":");
		write_text(out, program->chart->clocks[clock].name);
		APL_BUF_LITERAL(out, ",\"due\":");
		write_instant(out, timer->timer.due_at);
		APL_BUF_LITERAL(out, ",\"timer\":\"clock\"}");
		return;
	}
	if (send == NULL) {
		if (timer->calendar != APL_NO_CALENDAR) {
			apl_buf_byte(out, ',');
			apl_calendar_write_number(out, timer->owner, timer->calendar);
		}
		APL_BUF_LITERAL(out, ",\"due\":");
		write_instant(out, timer->timer.due_at);
		APL_BUF_LITERAL(out, ",\"span_us\":");
		apl_json_write_integer(out, timer->span);
		APL_BUF_LITERAL(out, ",\"timer\":");
		write_text(out, program->chart->delays[timer->delay].name);
		if (timer->unit != APL_SPAN_CLOCK) {
			APL_BUF_LITERAL(out, ",\"unit\":");
			write_text(out, apl_business_unit_name((apl_span_unit)timer->unit));
		}
		apl_buf_byte(out, '}');
		return;
	}
	if (send->at_once) APL_BUF_LITERAL(out, ",\"at_once\":true");
	if (send->words != NULL) {
		APL_BUF_LITERAL(out, ",\"data\":");
		apl_record_write(out, program->events[send->event], send->words, false);
	} else if (send->data != NULL) {
		APL_BUF_LITERAL(out, ",\"data\":");
		apl_buf_add(out, send->data->bytes, send->data->size);
	}
	APL_BUF_LITERAL(out, ",\"due\":");
	write_instant(out, timer->timer.due_at);
	APL_BUF_LITERAL(out, ",\"event\":");
	write_text(out, program->chart->events[send->event].name);
	if (send->id_size > 0) {
		APL_BUF_LITERAL(out, ",\"id\":");
		write_text(out, send->texts);
	}
	if (send->overdue != APL_OVERDUE_FIRE) {
		APL_BUF_LITERAL(out, ",\"overdue\":");
		write_text(out, apl_overdue_name((apl_overdue)send->overdue));
	}
	APL_BUF_LITERAL(out, ",\"timer\":\"send\"");
	if (send->to_size > 0) {
		APL_BUF_LITERAL(out, ",\"to\":");
		write_text(out, send->texts + send->id_size + 1);
	}
	apl_buf_byte(out, '}');
}

/* In the order they were armed, so that arming them again in that order gives the same. */
static void write_timers(apl_buf *out, const apl_case *c) {
	const apl_case_timer *oldest = c->timers;
	while (oldest != NULL && oldest->next != NULL) oldest = oldest->next;
	apl_buf_byte(out, '[');
	for (const apl_case_timer *timer = oldest; timer != NULL; timer = timer->before) {
		if (timer != oldest) apl_buf_byte(out, ',');
		write_timer(out, timer);
	}
	apl_buf_byte(out, ']');
}

static void write_times(apl_buf *out, apl_case *c, uint32_t *numbers) {
	const apl_chart *chart = c->program->chart;
	const apl_stay *stays = c->more != NULL ? c->more->stays : NULL;
	uint32_t count = 0;
	for (uint32_t s = 0; s < chart->n_states && stays != NULL; s++) {
		if (stays[s].total != 0 || apl_set_has(apl_case_configuration(c), s)) numbers[count++] = s;
	}
	sort_by_name(numbers, count, state_name, c->program);
	apl_buf_byte(out, '{');
	for (uint32_t i = 0; i < count; i++) {
		const apl_stay *stay = &stays[numbers[i]];
		if (i > 0) apl_buf_byte(out, ',');
		write_text(out, chart->states[numbers[i]].path);
		APL_BUF_LITERAL(out, ":{");
		if (apl_set_has(apl_case_configuration(c), numbers[i])) {
			APL_BUF_LITERAL(out, "\"since\":");
			write_instant(out, stay->since);
			apl_buf_byte(out, ',');
		}
		APL_BUF_LITERAL(out, "\"total_us\":");
		apl_json_write_integer(out, stay->total);
		apl_buf_byte(out, '}');
	}
	apl_buf_byte(out, '}');
}

/* As the invokes stand in the playbook; nothing when there are none. */
static void write_children(apl_buf *out, const apl_case *c) {
	const apl_chart *chart = c->program->chart;
	bool any = false;
	for (uint32_t i = 0; i < chart->n_invokes; i++) {
		const apl_child *child = c->more->children[i];
		if (child == NULL) continue;
		apl_buf_text(out, any ? "," : ",\"children\":[");
		any = true;
		APL_BUF_LITERAL(out, "{\"case\":");
		apl_json_write_text(out, child->id, child->id_size);
		APL_BUF_LITERAL(out, ",\"hash\":");
		write_text(out, child->hash);
		APL_BUF_LITERAL(out, ",\"invoke\":");
		write_text(out, chart->invokes[i].id);
		apl_buf_byte(out, '}');
	}
	if (any) apl_buf_byte(out, ']');
}

/*
 * An effect that waits. What is `once` and is about to be handed out counts as
 * handed: when this snapshot is all that is left, nobody knows whether it was.
 */
void apl_effect_write(apl_buf *out, const apl_outbox_row *row) {
	const apl_effect_kind *kind = &row->the_case->program->effects[row->kind];
	const bool is_handed = row->state == APL_ROW_HANDED || row->state == APL_ROW_ANSWERED || (row->is_new && kind->once);
	apl_buf_byte(out, '{');
	if (row->ask_size > 0) {
		APL_BUF_LITERAL(out, "\"answer_by\":");
		write_instant(out, row->answer_by);
		APL_BUF_LITERAL(out, ",\"ask\":");
		apl_json_write_text(out, apl_row_ask(row), row->ask_size);
		apl_buf_byte(out, ',');
	}
	APL_BUF_LITERAL(out, "\"at\":");
	write_instant(out, row->at);
	APL_BUF_LITERAL(out, ",\"attempt\":");
	apl_json_write_integer(out, row->attempt);
	if (apl_row_because(row) != NULL) {
		APL_BUF_LITERAL(out, ",\"because\":");
		apl_json_write_text(out, apl_row_because(row), row->because_size);
	}
	APL_BUF_LITERAL(out, ",\"data\":");
	apl_buf_add(out, apl_row_data(row), row->data_size);
	if (row->state == APL_ROW_WAITS && row->timer.position != 0) {
		APL_BUF_LITERAL(out, ",\"due\":");
		write_instant(out, row->timer.due_at);
	}
	if (is_handed) APL_BUF_LITERAL(out, ",\"handed\":true");
	APL_BUF_LITERAL(out, ",\"item\":");
	apl_json_write_integer(out, row->item);
	APL_BUF_LITERAL(out, ",\"kind\":");
	write_text(out, kind->name);
	APL_BUF_LITERAL(out, ",\"seq\":");
	apl_json_write_integer(out, (int64_t)row->seq);
	if (row->state == APL_ROW_UNKNOWN) APL_BUF_LITERAL(out, ",\"unknown\":true");
	apl_buf_byte(out, '}');
}

/* In the order they were wanted; nothing when none waits. */
static void write_effects(apl_buf *out, const apl_engine *engine, const apl_case *c) {
	bool any = false;
	for (const apl_outbox_row *row = apl_outbox_of(engine, c); row != NULL; row = apl_outbox_next_of(row)) {
		if (row->is_over) continue;
		apl_buf_text(out, any ? "," : ",\"effects\":[");
		any = true;
		apl_effect_write(out, row);
	}
	if (any) apl_buf_byte(out, ']');
}

static void write_parent(apl_buf *out, const apl_parent *parent) {
	APL_BUF_LITERAL(out, ",\"parent\":{\"case\":");
	write_text(out, parent->texts);
	APL_BUF_LITERAL(out, ",\"depth\":");
	apl_json_write_integer(out, parent->depth);
	APL_BUF_LITERAL(out, ",\"invoke\":");
	write_text(out, apl_parent_invoke(parent));
	apl_buf_byte(out, '}');
}

static const char *status_name(const apl_case *c) {
	static const char *const names[] = {"open", "closed", "faulted"};
	return names[c->status];
}

/* [sha256] NULL: for a moment, without ids. */
static bool write_snapshot(apl_engine *engine, apl_case *c, const char *sha256, apl_buf *out) {
	const apl_program *program = c->program;
	uint32_t room = program->chart->n_states + program->n_counters;
	uint32_t *numbers = apl_new(&engine->alloc, room * sizeof *numbers);
	if (numbers == NULL) return false;
	APL_BUF_LITERAL(out, "{\"aplomb\":\"snapshot\",\"at\":");
	write_instant(out, c->at);
	if (c->more != NULL && c->more->away_to != 0) {
		APL_BUF_LITERAL(out, ",\"away\":{\"from\":");
		write_instant(out, c->more->away_from);
		APL_BUF_LITERAL(out, ",\"to\":");
		write_instant(out, c->more->away_to);
		apl_buf_byte(out, '}');
	}
	if (c->more != NULL && c->more->calendars.count > 0) {
		apl_buf_byte(out, ',');
		apl_calendars_write(out, c);
	}
	APL_BUF_LITERAL(out, ",\"case\":");
	apl_json_write_text(out, apl_case_id(c), c->id_size);
	if (program->chart->n_invokes > 0) write_children(out, c);
	if (program->chart->n_clocks > 0) apl_clocks_write(out, c);
	APL_BUF_LITERAL(out, ",\"configuration\":");
	write_states(out, program->chart, apl_case_configuration(c), true);
	APL_BUF_LITERAL(out, ",\"counters\":");
	write_counters(out, c, numbers);
	APL_BUF_LITERAL(out, ",\"data\":");
	apl_record_write(out, program->data, apl_case_data(c), false);
	APL_BUF_LITERAL(out, ",\"deferred\":");
	write_deferred(out, c);
	APL_BUF_LITERAL(out, ",\"digest\":");
	write_hash(out, apl_case_digest(engine, c, NULL, 0));
	write_effects(out, engine, c);
	APL_BUF_LITERAL(out, ",\"engine\":\"" APLOMB_VERSION "\"");
	if (c->more != NULL && c->more->fault != NULL) {
		APL_BUF_LITERAL(out, ",\"faulted\":");
		apl_buf_add(out, c->more->fault->bytes, c->more->fault->size);
	}
	if (c->final_state != APL_NONE) {
		APL_BUF_LITERAL(out, ",\"final\":");
		write_text(out, program->chart->states[c->final_state].path);
	}
	APL_BUF_LITERAL(out, ",\"history\":");
	write_history(out, c, numbers);
	bool has_ids = true;
	if (sha256 != NULL) {
		APL_BUF_LITERAL(out, ",\"ids\":");
		has_ids = write_ids(engine, out, c);
	}
	APL_BUF_LITERAL(out, ",\"limits\":");
	apl_buf_add(out, engine->limits_json.bytes, engine->limits_json.size);
	APL_BUF_LITERAL(out, ",\"locale\":");
	write_text(out, apl_case_locale(c));
	if (c->more != NULL && c->more->owes_offers) {
		APL_BUF_LITERAL(out, ",\"offered\":");
		apl_json_write_integer(out, (int64_t)c->more->offered_seq);
	}
	APL_BUF_LITERAL(out, ",\"opened_at\":");
	write_instant(out, c->opened_at);
	if (apl_own_steps_now(c) > 0) {
		APL_BUF_LITERAL(out, ",\"own_steps\":");
		apl_json_write_integer(out, apl_own_steps_now(c));
	}
	APL_BUF_LITERAL(out, ",\"params\":");
	apl_record_write(out, program->params, apl_case_params(c), false);
	if (c->more != NULL && c->more->parent != NULL) write_parent(out, c->more->parent);
	APL_BUF_LITERAL(out, ",\"playbook\":");
	apl_playbook_write(out, program->hash, program->id, program->version);
	APL_BUF_LITERAL(out, ",\"prev\":");
	write_hash(out, c->prev);
	char random[APL_HASH_HEX];
	apl_hash_hex((apl_hash128){c->random, 0}, random);
	APL_BUF_LITERAL(out, ",\"random\":");
	apl_json_write_text(out, random, APL_HASH_HEX / 2);
	APL_BUF_LITERAL(out, ",\"seq\":");
	apl_json_write_integer(out, (int64_t)c->seq);
	APL_BUF_LITERAL(out, ",\"sha256\":");
	write_text(out, sha256 != NULL && sha256[0] != '\0' ? sha256 : NULL);
	APL_BUF_LITERAL(out, ",\"status\":");
	write_text(out, status_name(c));
	APL_BUF_LITERAL(out, ",\"subject\":");
	write_text(out, apl_case_subject(c));
	const apl_text *subject_history = apl_case_subject_history(c);
	if (subject_history != NULL) {
		APL_BUF_LITERAL(out, ",\"subject_history\":");
		apl_buf_add(out, subject_history->bytes, subject_history->size);
	}
	APL_BUF_LITERAL(out, ",\"timers\":");
	write_timers(out, c);
	APL_BUF_LITERAL(out, ",\"times\":");
	write_times(out, c, numbers);
	APL_BUF_LITERAL(out, ",\"v\":1");
	if (program->asks_windows) write_windows(out, c, numbers);
	apl_buf_byte(out, '}');
	apl_free(&engine->alloc, numbers, room * sizeof *numbers);
	return has_ids && !out->failed && !engine->hashed.failed;
}

/* ---- the lines since the last one ---------------------------------------------- */

typedef struct gathered {
	apl_buf *lines;
	uint64_t count;
} gathered;

static int gather(const char *text, size_t size, void *payload) {
	gathered *to = payload;
	apl_buf_add(to->lines, text, size);
	apl_buf_byte(to->lines, '\n');
	to->count++;
	return 0;
}

/* SHA-256 over the case's lines since its last snapshot, those of the running batch too; "" when the store does not have them all. */
static int hash_lines(apl_engine *engine, apl_case *c, char out[APL_SHA256_HEX + 1], aplomb_error *error) {
	const apl_case_more *more = c->more;
	bool has_snapshot = more != NULL && more->has_snapshot;
	uint64_t from = has_snapshot ? more->snapshot_seq + 1 : 0;
	out[0] = '\0';
	if (has_snapshot && more->snapshot_seq == c->seq) {
		if (more->snapshot_sha256 != NULL) memcpy(out, more->snapshot_sha256, APL_SHA256_HEX + 1);
		return APLOMB_OK;
	}
	apl_buf lines;
	apl_buf_init(&lines, &engine->alloc);
	gathered to = {&lines, 0};
	int code = c->mark != 0 ? engine->store.ops->read(engine->store.self, apl_case_id(c), c->id_size, c->mark, from, gather, &to, error)
	                        : APLOMB_OK;
	for (uint32_t i = 0; i < engine->batch.n_lines && !code; i++) {
		const apl_store_line *line = &engine->batch.lines[i];
		if (line->mark == &c->mark && line->seq >= from) gather(line->text, line->size - 1, &to);
	}
	if (!code && lines.failed) code = apl_fail_memory(error);
	if (!code && to.count == c->seq + 1 - from) apl_sha256_hex(&(apl_bytes){lines.bytes, lines.size}, 1, out);
	apl_buf_dispose(&lines);
	return code;
}

bool apl_snapshot_without_ids(apl_engine *engine, apl_case *c, apl_buf *out) {
	return write_snapshot(engine, c, NULL, out);
}

int apl_engine_snapshot(apl_engine *engine, apl_case *c, apl_buf *out, aplomb_error *error) {
	char sha256[APL_SHA256_HEX + 1];
	if (engine->inside) return apl_fail(error, APLOMB_EBUSY, "busy", "the runtime is inside a callback: take snapshots outside");
	int code = hash_lines(engine, c, sha256, error);
	if (code) return code;
	return write_snapshot(engine, c, sha256, out) ? APLOMB_OK : apl_fail_memory(error);
}

/* ---- with the commit -------------------------------------------------------------- */

/* Did the batch break a limit with the case, or mend it? */
static bool met_fault(const apl_engine *engine, const apl_case_undo *image) {
	const apl_batch *batch = &engine->batch;
	if (image->status != APLOMB_CASE_FAULTED && image->the_case->status != APLOMB_CASE_FAULTED) return false;
	for (uint32_t i = 0; i < batch->n_did; i++) {
		if (batch->did[i].deed == APL_DID_FAULT && batch->did[i].the_case == image->the_case) return true;
	}
	return false;
}

/* Where cases leave memory they do not step again what broke a limit, nor what mended that: the limits may be others by then. */
static bool is_due(const apl_engine *engine, const apl_case_undo *image) {
	apl_case *c = image->the_case;
	uint64_t since = c->more != NULL && c->more->has_snapshot ? c->more->snapshot_seq : 0;
	if (engine->pages != NULL && met_fault(engine, image)) return true;
	return c->seq - since >= engine->snapshot_every && (engine->pages == NULL || apl_page_is_due(c));
}

int apl_snapshots_due(apl_engine *engine, apl_store_batch *commit, apl_due_snapshot **due, apl_buf *bytes, aplomb_error *error) {
	uint32_t count = 0, n = 0;
	for (const apl_case_undo *image = engine->batch.touched; image != NULL; image = image->next) count += is_due(engine, image);
	if (count == 0) return APLOMB_OK;
	apl_store_snapshot *snapshots = apl_arena_take(&engine->batch.arena, count * sizeof *snapshots);
	apl_due_snapshot *list = apl_arena_take(&engine->batch.arena, count * sizeof *list);
	if (snapshots == NULL || list == NULL) return apl_fail_memory(error);
	for (const apl_case_undo *image = engine->batch.touched; image != NULL; image = image->next) {
		apl_case *c = image->the_case;
		if (!is_due(engine, image)) continue;
		if (apl_case_more_of(engine, c) == NULL || (engine->pages == NULL && apl_case_sha256_of(engine, c->more) == NULL))
			return apl_fail_memory(error);
		list[n].the_case = c;
		list[n].sha256[0] = '\0';
		/* In a store of cases each snapshot stands beside the lines that it sums up, and to read them again would cost more than the step.
		 */
		int code = engine->pages == NULL ? hash_lines(engine, c, list[n].sha256, error) : APLOMB_OK;
		if (code) return code;
		size_t begun = bytes->size;
		if (!write_snapshot(engine, c, list[n].sha256, bytes)) return apl_fail_memory(error);
		snapshots[n] = (apl_store_snapshot){apl_case_id(c), c->id_size, c->seq, NULL, bytes->size - begun, &c->mark};
		n++;
	}
	/* The bytes have stopped moving. */
	const char *at = bytes->bytes;
	for (n = 0; n < count; n++) {
		snapshots[n].text = at;
		at += snapshots[n].size;
	}
	commit->snapshots = snapshots;
	commit->n_snapshots = count;
	*due = list;
	return APLOMB_OK;
}

void apl_snapshots_taken(const apl_store_batch *commit, const apl_due_snapshot *due) {
	for (uint32_t i = 0; i < commit->n_snapshots; i++) {
		apl_case_more *more = due[i].the_case->more;
		more->has_snapshot = true;
		more->snapshot_seq = commit->snapshots[i].seq;
		if (more->snapshot_sha256 != NULL) memcpy(more->snapshot_sha256, due[i].sha256, sizeof due[i].sha256);
	}
}
