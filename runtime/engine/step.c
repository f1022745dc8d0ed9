/* SPDX-License-Identifier: MIT */
/*
 * Decides what one step of one case is: what the machine says becomes items,
 * what it found in the end becomes an entry, and a broken limit takes the step
 * back. Which case steps and when is the pump's; what handlers ask for is in
 * turn.c.
 */
#include "engine/direct.h"
#include "engine/watch.h"

#include <stdio.h>

#include "base/assert.h"

/* ---- items --------------------------------------------------------------- */

void apl_item_begin(apl_step *step) {
	apl_buf *items = step->turn.engine->line;
	if (step->n_items++ > 0) {
		APL_BUF_LITERAL(items, ",{");
	} else {
		apl_buf_byte(items, '{');
	}
}

void apl_item_finding(apl_step *step, const aplomb_error *error) {
	apl_engine *engine = step->turn.engine;
	apl_buf *items = engine->line;
	apl_item_begin(step);
	APL_BUF_LITERAL(items, "\"do\":\"finding\"");
	if (error->file[0] != '\0') {
		APL_BUF_LITERAL(items, ",\"file\":");
		const char *file = apl_program_file_name(step->turn.program, error->file);
		apl_json_write_text(items, file, strlen(file));
		APL_BUF_LITERAL(items, ",\"line\":");
		apl_json_write_integer(items, error->line);
	}
	APL_BUF_LITERAL(items, ",\"message\":");
	apl_json_write_text(items, error->message, strlen(error->message));
	APL_BUF_LITERAL(items, ",\"slug\":");
	apl_json_write_text(items, error->slug, strlen(error->slug));
	apl_buf_byte(items, '}');
	apl_count *count = apl_stats_finding(engine, step->prepared, error->slug);
	if (count == NULL || !apl_tally_once(engine, count)) step->no_memory = true;
	engine->batch.totals.findings++;
}

static void item_state(apl_step *step) {
	if (!step->turn.engine->composes) return;
	const apl_chart *chart = step->turn.program->chart;
	const uint64_t *configuration = apl_case_configuration(step->turn.the_case);
	apl_buf *items = step->turn.engine->line;
	apl_item_begin(step);
	APL_BUF_LITERAL(items, "\"active\":[");
	bool any = false;
	for (uint32_t word = 0; word < chart->n_words; word++) {
		for (uint64_t rest = configuration[word]; rest != 0; rest &= rest - 1) {
			uint32_t s = word * 64 + (uint32_t)__builtin_ctzll(rest);
			if (chart->states[s].kind != APL_ATOMIC && chart->states[s].kind != APL_FINAL) continue;
			if (any) apl_buf_byte(items, ',');
			any = true;
			apl_buf_add_blocks(items, step->prepared->path[s].bytes, step->prepared->path[s].size);
		}
	}
	APL_BUF_LITERAL(items, "],\"do\":\"state\"}");
}

static void item_closed(apl_step *step, const char *outcome) {
	apl_buf *items = step->turn.engine->line;
	apl_item_begin(step);
	APL_BUF_LITERAL(items, "\"do\":\"closed\",\"outcome\":");
	if (outcome != NULL) {
		apl_json_write_text(items, outcome, strlen(outcome));
	} else {
		APL_BUF_LITERAL(items, "null");
	}
	apl_buf_byte(items, '}');
}

static void item_word(apl_step *step, const char *word, size_t size) {
	apl_item_begin(step);
	apl_buf_add(step->turn.engine->line, word, size);
}
#define ITEM_WORD(step, word) item_word((step), "\"do\":\"" word "\"}", sizeof("\"do\":\"" word "\"}") - 1)

/* ---- the machine's port --------------------------------------------------- */

/* Which transition asked, and what the guard answered. Only for a traced case, so that looking for it costs nobody else. */
static void trace_guard(apl_step *step, int32_t handler, int answer) {
	static const char *const answers[] = {
	    "a limit was broken", "an error, taken for false", "false", "true", "unknown, for something is missing; taken for false"};
	const apl_chart *chart = step->turn.program->chart;
	const apl_program *program = step->turn.program;
	const char *label = program->ops->label != NULL ? program->ops->label(program->self, handler) : NULL;
	if (label == NULL) label = "?";
	uint32_t number = 0;
	while (number < chart->n_transitions && chart->transitions[number].guard != handler) number++;
	char message[512];
	if (number == chart->n_transitions) {
		snprintf(message, sizeof message, "a counter's: %s: %s", label, answers[answer - APL_PORT_BREACH]);
	} else {
		const apl_transition *transition = &chart->transitions[number];
		snprintf(message, sizeof message, "%s %s%s (%s:%u): %s: %s", chart->states[transition->source].path,
		    transition->n_patterns > 0 ? "on " : "",
		    transition->n_patterns > 0        ? chart->patterns[transition->first_pattern]
		    : transition->flags & APL_DELAYED ? "after its delay"
		                                      : "always",
		    transition->place.file != NULL ? apl_program_file_name(step->turn.program, transition->place.file) : "?",
		    transition->place.line, label, answers[answer - APL_PORT_BREACH]);
	}
	apl_turn_trace(&step->turn, "guard", message);
}

static int ask_guard(void *self, int32_t handler) {
	apl_step *step = self;
	if (step->breach_pending) return APL_PORT_BREACH;
	const apl_program *program = step->turn.program;
	int answer = program->ops->guard(program->self, &step->turn, handler);
	if (step->traced) trace_guard(step, handler, answer);
	return answer;
}

static int run_block(void *self, int32_t handler) {
	apl_step *step = self;
	if (step->breach_pending) return APL_PORT_BREACH;
	const apl_program *program = step->turn.program;
	return program->ops->run(program->self, &step->turn, handler);
}

/* That a question had no answer is no error of the playbook: it is an event from outside, and told as unhandled like any other. */
static bool is_error(const apl_step_event *event) {
	return event->size > 6 && memcmp(event->name, "error.", 6) == 0 && (event->size <= 10 || memcmp(event->name, "error.ask.", 10) != 0);
}

/* The event that was being processed is over: did anybody mind that it was an error? */
static void error_is_over(apl_step *step) {
	step->error_untaken = false;
	apl_tell(step->turn.engine, APLOMB_LOG_WARN, "error-unhandled", step->turn.the_case,
	    "no state took %s: the finding stands in the journal, entry %llu", step->turn.event->name,
	    (unsigned long long)step->turn.the_case->seq + 1);
}

static bool counts(const apl_counter *counter, const apl_step_event *event) {
	for (uint32_t i = 0; i < counter->n_patterns; i++) {
		if (apl_pattern_matches(counter->patterns[i], event->name, event->size)) return true;
	}
	return false;
}

static void count_one(apl_step *step, uint32_t number) {
	apl_engine *engine = step->turn.engine;
	apl_case *c = step->turn.the_case;
	apl_counted *counted = &c->more->counters[number];
	apl_did *did = apl_did_reserve(engine);
	bool has_room = did != NULL && (c->program->counters[number].window == 0 ||
	                                   APL_GROW(&engine->alloc, counted->instants, counted->count, counted->capacity));
	if (!has_room) {
		step->no_memory = true;
		return;
	}
	did->deed = APL_DID_COUNT;
	did->the_case = c;
	did->number = number;
	apl_did_done(engine);
	/* One that counts everything wanted nothing in particular. */
	if (strcmp(c->program->counters[number].patterns[0], "*") != 0) step->counted = true;
	if (c->program->counters[number].window == 0) {
		counted->total++;
	} else {
		counted->instants[counted->count++] = step->turn.now;
	}
}

/* APL_PORT_TRUE: it is known, and the event can be counted. */
static int ask_window(apl_step *step, uint32_t number) {
	if (step->breach_pending) return APL_PORT_BREACH;
	const int answer = apl_counter_ask_window(&step->turn, number);
	return answer == APL_PORT_FALSE ? APL_PORT_TRUE : answer;
}

static void count(apl_step *step, const apl_step_event *event) {
	const apl_program *program = step->turn.program;
	for (uint32_t i = 0; i < program->n_counters; i++) {
		const apl_counter *counter = &program->counters[i];
		if (!counts(counter, event)) continue;
		const bool is_watched = step->turn.engine->watching != NULL;
		int answer = counter->guard == APL_NO_HANDLER ? APL_PORT_TRUE
		             : is_watched                     ? apl_watch_guard(step, counter->guard)
		                                              : ask_guard(step, counter->guard);
		if (step->prepared->coverage != NULL && counter->guard != APL_NO_HANDLER)
			apl_coverage_answer(step->prepared->coverage, counter->guard, answer);
		if (answer == APL_PORT_TRUE && counter->window_function != 0) answer = ask_window(step, i);
		if (answer == APL_PORT_BREACH) step->breach_pending = true;
		if (answer == APL_PORT_TRUE) count_one(step, i);
		if (is_watched) apl_watch_counter(step, i, counter->guard != APL_NO_HANDLER);
	}
}

/* What is watched is looked up again: to keep it would cost every event something. */
static __attribute__((noinline)) void outside_begins(apl_step *step, const apl_step_event *event) {
	const uint8_t watched = event->number >= 0 ? step->prepared->watched[event->number] : step->prepared->watched_any;
	if (watched & APL_WATCH_CLOCK) apl_clock_fired(step, event);
	if (watched & APL_WATCH_INVOKE) apl_children_hear(step, event);
}

static void event_begins(void *self, const apl_step_event *event) {
	apl_step *step = self;
	if (step->error_untaken) error_is_over(step);
	step->turn.event = event;
	uint8_t watched = event->number >= 0 ? step->prepared->watched[event->number] : step->prepared->watched_any;
	step->error_untaken = (watched & APL_WATCH_ERROR) != 0 && (event->number >= 0 || is_error(event));
	if (watched & APL_WATCH_SINCE && step->turn.the_case->timers != NULL) apl_delays_restart(step, event);
	if (watched & APL_WATCH_COUNT) count(step, event);
	if (watched & (APL_WATCH_INVOKE | APL_WATCH_CLOCK) && event == step->turn.outside) outside_begins(step, event);
	if (step->traced) apl_turn_trace(&step->turn, "event", event->name);
}

static void transition_taken(void *self, uint32_t number) {
	apl_step *step = self;
	const apl_transition *transition = &step->turn.program->chart->transitions[number];
	if (transition->flags & APL_INITIAL) return;
	step->last_taken = number;
	bool is_eventless = transition->flags & APL_EVENTLESS;
	if (!is_eventless) step->error_untaken = false;
	if (step->traced) apl_turn_trace(&step->turn, "transition", step->turn.program->chart->states[transition->source].path);
	if (!step->turn.engine->composes) {
		step->n_items++;
		return;
	}
	const apl_prepared *prepared = step->prepared;
	const apl_step_event *event = step->turn.event;
	apl_buf *items = step->turn.engine->line;
	const apl_piece *whole = &prepared->whole[number];
	if (is_eventless || (prepared->only[number] >= 0 && prepared->only[number] == event->number)) {
		/* The first item has no comma before it. */
		size_t comma = step->n_items++ == 0;
		apl_buf_add_blocks(items, whole->bytes + comma, whole->size - comma);
		return;
	}
	apl_item_begin(step);
	apl_buf_add(items, prepared->taken[number].bytes, prepared->taken[number].size);
	if (event->number >= 0) {
		apl_buf_add(items, prepared->on[event->number].bytes, prepared->on[event->number].size);
	} else {
		APL_BUF_LITERAL(items, ",\"on\":");
		apl_json_write_text(items, event->name, event->size);
	}
	apl_buf_add(items, prepared->went[number].bytes, prepared->went[number].size);
}

static void wait_until_quiet(apl_step *step, const apl_state *state) {
	if (state->n_invokes == 0 && !state->has_clock) return;
	apl_step_pends(step);
	if (state->has_clock) step->clocks_pend = true;
}

/* What lasts as long as a state: its delays, the cases that it invokes, and clocks. */
static __attribute__((noinline)) void begins_with(apl_step *step, uint32_t number) {
	const apl_state *state = &step->turn.program->chart->states[number];
	wait_until_quiet(step, state);
	if (state->n_delays > 0) apl_delays_arm(step, number);
	if (state->n_invokes > 0) apl_invokes_entered(step, number);
}

static __attribute__((noinline)) void ends_with(apl_step *step, uint32_t number) {
	const apl_state *state = &step->turn.program->chart->states[number];
	wait_until_quiet(step, state);
	if (state->n_delays > 0) apl_delays_disarm(step, number);
	if (state->n_invokes > 0) apl_invokes_left(step, number);
}

static void state_entered(void *self, uint32_t number) {
	apl_step *step = self;
	apl_engine *engine = step->turn.engine;
	if (!apl_tally_add(engine, &step->prepared->states[number], 1, 1, 0 - (uint64_t)step->turn.now)) step->no_memory = true;
	if (step->turn.program->asks_time_in) step->turn.the_case->more->stays[number].since = step->turn.now;
	if (step->turn.program->chart->states[number].minds) begins_with(step, number);
	if (step->traced) apl_turn_trace(&step->turn, "entered", step->turn.program->chart->states[number].path);
}

static void state_exited(void *self, uint32_t number) {
	apl_step *step = self;
	apl_engine *engine = step->turn.engine;
	if (!apl_tally_add(engine, &step->prepared->states[number], 0, -1, (uint64_t)step->turn.now)) step->no_memory = true;
	if (step->turn.program->asks_time_in) {
		apl_stay *stay = &step->turn.the_case->more->stays[number];
		stay->total += step->turn.now - stay->since;
	}
	if (step->turn.program->chart->states[number].minds) ends_with(step, number);
	if (step->traced) apl_turn_trace(&step->turn, "exited", step->turn.program->chart->states[number].path);
}

static int state_done(void *self, uint32_t final, void **payload) {
	apl_step *step = self;
	const apl_program *program = step->turn.program;
	if (program->ops->done == NULL) return APL_PORT_FALSE;
	const apl_schema *schema = NULL;
	uint64_t *words = NULL;
	int answer = program->ops->done(program->self, &step->turn, final, &schema, &words);
	if (answer != APL_PORT_FALSE || schema == NULL) return answer;
	apl_payload *made = apl_arena_take(step->turn.arena, sizeof *made);
	if (made == NULL) {
		step->no_memory = true;
		return APL_PORT_BREACH;
	}
	*made = (apl_payload){.schema = schema, .words = words};
	*payload = made;
	return APL_PORT_FALSE;
}

/* ---- the same, counting what is used -------------------------------------- */

static int ask_guard_covered(void *self, int32_t handler) {
	apl_step *step = self;
	int answer = ask_guard(step, handler);
	apl_coverage_answer(step->prepared->coverage, handler, answer);
	return answer;
}

static void transition_taken_covered(void *self, uint32_t number) {
	apl_step *step = self;
	step->prepared->coverage->taken[number]++;
	transition_taken(step, number);
}

static void state_entered_covered(void *self, uint32_t number) {
	apl_step *step = self;
	step->prepared->coverage->entered[number]++;
	state_entered(step, number);
}

/* ---- the same, being watched ----------------------------------------------- */

static int ask_guard_watched(void *self, int32_t handler) {
	apl_step *step = self;
	if (step->breach_pending) return APL_PORT_BREACH;
	int answer = apl_watch_guard(step, handler);
	if (step->traced) trace_guard(step, handler, answer);
	if (step->prepared->coverage != NULL) apl_coverage_answer(step->prepared->coverage, handler, answer);
	return answer;
}

static void transition_taken_watched(void *self, uint32_t number) {
	apl_step *step = self;
	if (step->prepared->coverage != NULL) step->prepared->coverage->taken[number]++;
	transition_taken(step, number);
}

static void event_begins_watched(void *self, const apl_step_event *event) {
	apl_watch_event(self, event);
	event_begins(self, event);
}

static void state_entered_watched(void *self, uint32_t number) {
	apl_step *step = self;
	apl_watch_state(step, number, true);
	if (step->prepared->coverage != NULL) step->prepared->coverage->entered[number]++;
	state_entered(step, number);
}

static void state_exited_watched(void *self, uint32_t number) {
	apl_watch_state(self, number, false);
	state_exited(self, number);
}

/* ---- entries -------------------------------------------------------------- */

bool apl_line_add(apl_engine *engine, apl_case *c, uint64_t seq, size_t begun) {
	apl_batch *batch = &engine->batch;
	apl_prev_settle(batch);
	if (batch->bytes.failed || batch->bytes.size - begun > UINT32_MAX) return false;
	if (batch->n_lines == batch->lines_capacity && !APL_GROW(&engine->alloc, batch->lines, batch->n_lines, batch->lines_capacity))
		return false;
	/* The text's address is known when the batch is complete: see commit.c. */
	batch->lines[batch->n_lines++] =
	    (apl_store_line){apl_case_id(c), c->id_size, seq, NULL, (uint32_t)(batch->bytes.size - begun), &c->mark};
	return true;
}

void apl_line_begin(apl_engine *engine, apl_case *c, aplomb_instant at) {
	engine->step.n_items = 0;
	apl_buf_clear(&engine->effect_bytes);
	if (!engine->composes) {
		apl_buf_clear(engine->line);
		engine->line_begun = engine->items_begun = 0;
		return;
	}
	engine->line_begun = engine->line->size;
	apl_entry_begin(engine->line, &engine->instants, at, apl_case_id(c), c->id_size, c->plain_id);
}

void apl_line_items(apl_engine *engine) {
	apl_entry_items(engine->line);
	apl_line_items_begun(engine);
}

void apl_line_items_begun(apl_engine *engine) {
	engine->items_begun = engine->line->size;
}

/* Ends the line; the case's time becomes [at]. */
static int end_line(apl_engine *engine, apl_case *c, apl_entry_kind kind, aplomb_instant at) {
	engine->batch.totals.entries++;
	if (engine->composes) {
		apl_prev_settle(&engine->batch);
		apl_hash128 digest = apl_case_digest(engine, c, engine->effect_bytes.bytes, engine->effect_bytes.size);
		apl_entry_end(engine->line, engine->items_begun, kind, c->seq + 1, digest, (apl_hash128){c->prev.high, c->prev.low});
		if (engine->effect_bytes.failed || engine->hashed.failed) return APLOMB_ENOMEM;
		if (!apl_line_add(engine, c, c->seq + 1, engine->line_begun)) return APLOMB_ENOMEM;
		engine->batch.unhashed = c;
		engine->batch.unhashed_begun = engine->line_begun;
	} else if (engine->line->failed) {
		return APLOMB_ENOMEM;
	}
	c->at = at;
	c->seq++;
	return APLOMB_OK;
}

int apl_step_note(apl_engine *engine, apl_case *c, apl_entry_kind kind, aplomb_instant at) {
	if (!apl_touch(engine, c)) return APLOMB_ENOMEM;
	return end_line(engine, c, kind, at);
}

/* ---- a step --------------------------------------------------------------- */

APL_INLINE void begin(apl_engine *engine, apl_case *c, const apl_stimulus *stimulus) {
	apl_step *step = &engine->step;
	step->turn.engine = engine;
	step->turn.the_case = c;
	step->turn.program = c->program;
	step->turn.now = stimulus->at;
	step->turn.event = step->turn.outside = stimulus->event;
	step->turn.arena = &engine->turn_arena;
	step->turn.data = apl_case_data(c);
	step->turn.breached = false;
	step->prepared = apl_prepared_of(c);
	step->n_asked = 0;
	step->pends = false;
	step->last_taken = APL_NONE;
	step->no_memory = step->error_untaken = step->breach_pending = step->counted = false;
	step->traced = engine->log->sink != NULL && apl_wants(engine, APLOMB_LOG_TRACE, c);
}

void apl_step_prepare(apl_engine *engine, apl_case *c, aplomb_instant at) {
	const apl_stimulus nothing = {APL_ENTRY_EVENT, NULL, at};
	apl_line_begin(engine, c, at);
	begin(engine, c, &nothing);
	apl_machine_use(engine->machine, c->program->chart, apl_case_configuration(c), apl_case_history(c), NULL, &engine->step,
	    &(apl_machine_bounds){engine->limits.microsteps, engine->limits.internal_events});
	apl_machine_begin(engine->machine);
}

/*
 * Single writes may leave out what is required, for an order is filled in field
 * by field; when the step is quiet it has to be there. An author's error, told
 * once: the step goes on with its event.
 */
static __attribute__((noinline)) apl_step_result check_required(apl_step *step, const apl_case_undo *image, apl_step_result result) {
	const apl_turn *turn = &step->turn;
	if (result != APL_STEP_STABLE && result != APL_STEP_UNHANDLED) return result;
	aplomb_error error = {0};
	const apl_writer writer = apl_turn_writer(&step->turn);
	if (apl_record_check_since(&writer, image->words + (turn->data - turn->the_case->words), &error) == APLOMB_OK) return result;
	apl_turn_error(&step->turn, &error);
	return apl_machine_go_on(turn->engine->machine, result);
}

/*
 * A step that is known in full needs neither the machine nor the program: what
 * it took is told as the machine would have told it. false: nothing happened.
 */
static __attribute__((noinline)) bool step_directly(apl_engine *engine, apl_case *c, const apl_step_event *event, apl_step_result *result) {
	apl_step *step = &engine->step;
	const apl_direct *direct = step->prepared->direct;
	if (step->traced || engine->watching != NULL || engine->covers) return false;
	const apl_payload *payload = event->payload;
	/* What a case sent itself may lack the data that the event declares. */
	if (payload->schema != c->program->events[event->number]) return false;
	apl_direct_step taken;
	if (!apl_direct_take(direct, c, event->number, payload->words, &taken)) return false;
	for (uint32_t i = 0; i < taken.n; i++) {
		const apl_direct_move *move = taken.moves[i];
		transition_taken(step, move->transition);
		for (uint32_t k = 0; k < move->n_left; k++) state_exited(step, direct->states[move->first_left + k]);
		for (uint32_t k = 0; k < move->n_entered; k++) state_entered(step, direct->states[move->first_entered + k]);
	}
	engine->n_direct++;
	*result = taken.n > 0 ? APL_STEP_STABLE : APL_STEP_UNHANDLED;
	return true;
}

static inline bool may_be_direct(const apl_step *step, const apl_step_event *event) {
	const apl_direct *direct = step->prepared->direct;
	return direct != NULL && event != NULL && direct->rows_of[event->number] != APL_NONE;
}

/* A statement that is tried, and what became of it. */
struct apl_attempt {
	apl_aside *aside;
	aplomb_error *error;
	int code; /* EINVAL, ELIMIT, EINTERRUPTED: it failed, and so does the step */
};

/* The statement, and what it sets in motion. */
static __attribute__((noinline)) apl_step_result attempt(apl_engine *engine, struct apl_attempt *tried, const apl_case_undo *image) {
	apl_turn *turn = &engine->step.turn;
	const apl_program *program = turn->program;
	apl_machine_begin(engine->machine);
	tried->code = program->ops->run_aside(program->self, turn, tried->aside, tried->error);
	if (!tried->code && program->data->has_required) {
		const apl_writer writer = apl_turn_writer(turn);
		tried->code = apl_record_check_since(&writer, image->words + (turn->data - turn->the_case->words), tried->error);
		if (tried->code == APLOMB_EREFUSED) tried->code = APLOMB_EINVAL;
		if (tried->code && tried->error != NULL) tried->error->code = tried->code;
	}
	return tried->code ? APL_STEP_STABLE : apl_machine_go_on(engine->machine, APL_STEP_STABLE);
}

/* The step is quiet: what was entered begins, clocks run or stop. An error in that may lead elsewhere. */
static __attribute__((noinline)) apl_step_result do_what_pends(apl_step *step, apl_step_result result) {
	apl_machine *machine = step->turn.engine->machine;
	while (step->n_invoking > 0 || step->clocks_pend) {
		if (result != APL_STEP_STABLE && result != APL_STEP_UNHANDLED && result != APL_STEP_FINISHED) return result;
		if (step->n_invoking > 0) result = apl_invokes_begin(step, result);
		if (result == APL_STEP_FINISHED) step->n_invoking = 0; /* nothing begins any more */
		if (!step->clocks_pend || (result != APL_STEP_STABLE && result != APL_STEP_UNHANDLED && result != APL_STEP_FINISHED)) continue;
		step->clocks_pend = false;
		apl_clocks_settle(step, result == APL_STEP_FINISHED);
		if (step->no_memory) return APL_STEP_NO_MEMORY;
		if (step->breach_pending) return APL_STEP_BREACH;
		if (result != APL_STEP_FINISHED && apl_machine_is_waiting(machine)) result = apl_machine_go_on(machine, result);
	}
	return result;
}

APL_INLINE apl_step_result macrostep(apl_engine *engine, apl_case *c, const apl_stimulus *stimulus, const apl_case_undo *image) {
	static const apl_port plain = {ask_guard, run_block, event_begins, transition_taken, state_entered, state_exited, state_done};
	static const apl_port counting = {
	    ask_guard_covered, run_block, event_begins, transition_taken_covered, state_entered_covered, state_exited, state_done};
	static const apl_port watched = {ask_guard_watched, run_block, event_begins_watched, transition_taken_watched, state_entered_watched,
	    state_exited_watched, state_done};
	const apl_program *program = c->program;
	const apl_machine_bounds bounds = {engine->limits.microsteps, engine->limits.internal_events};
	apl_step *step = &engine->step;
	apl_step_result direct;
	if (may_be_direct(step, stimulus->event) && step_directly(engine, c, stimulus->event, &direct)) return direct;
	apl_machine_use(engine->machine, program->chart, apl_case_configuration(c), apl_case_history(c),
	    engine->watching != NULL               ? &watched
	    : apl_prepared_of(c)->coverage == NULL ? &plain
	                                           : &counting,
	    step, &bounds);
	if (engine->watching != NULL) apl_watch_step(step);
	program->ops->begin(program->self, &step->turn);
	apl_step_result result = stimulus->event != NULL                 ? apl_machine_step(engine->machine, stimulus->event)
	                         : engine->attempt != NULL               ? attempt(engine, engine->attempt, image)
	                         : stimulus->kind == APL_ENTRY_CANCELLED ? apl_machine_end(engine->machine)
	                                                                 : apl_machine_start(engine->machine);
	if (program->data->has_required) result = check_required(step, image, result);
	if (step->pends) result = do_what_pends(step, result);
	if (result == APL_STEP_FINISHED && c->more != NULL && c->more->parent != NULL && stimulus->kind != APL_ENTRY_CANCELLED &&
	    !apl_parent_hears_done(step, apl_machine_final(engine->machine)))
		step->no_memory = true;
	if (engine->watching != NULL) apl_watching_flush(engine);
	program->ops->end(program->self, &step->turn);
	return result;
}

apl_turn *apl_step_look(apl_engine *engine, apl_case *c, const apl_step_event *event) {
	const apl_stimulus stimulus = {APL_ENTRY_EVENT, event, apl_later(c->at, apl_clock_now(engine->clock))};
	begin(engine, c, &stimulus);
	engine->step.traced = false;
	return &engine->step.turn;
}

/* The bytes of the spread field as one value, when they are more than the limit; 0: they are not, or this step did not write there. */
static __attribute__((noinline)) size_t excess_of_spread(const apl_step *step, const uint64_t *before) {
	apl_engine *engine = step->turn.engine;
	const apl_schema *schema = step->turn.program->data;
	const apl_spread *spread = schema->spread;
	const uint64_t *now = step->turn.data;
	if (!apl_record_has(now, &schema->fields[spread->field])) return 0;
	/* Mostly this is all that is asked. */
	if (apl_spread_most_bytes(schema, now) <= engine->limits.data) return 0;
	const uint32_t word = schema->fields[spread->field].word;
	if (before[word] == now[word] &&
	    memcmp(before + spread->kinds, now + spread->kinds, (schema->n_words - spread->kinds) * sizeof *now) == 0)
		return 0;
	apl_buf_clear(&engine->scratch);
	apl_spread_write(&engine->scratch, schema, now);
	return engine->scratch.size > engine->limits.data ? engine->scratch.size : 0;
}

/* The texts that this step wrote into the record, against the limit on one value. */
static void check_data(apl_step *step, const apl_case_undo *image) {
	if (!step->prepared->has_texts) return;
	const apl_engine *engine = step->turn.engine;
	const apl_schema *schema = step->turn.program->data;
	const uint64_t *before = image->words + (step->turn.data - step->turn.the_case->words);
	const uint32_t spread = schema->spread != NULL ? schema->spread->field : APL_NO_FIELD;
	for (uint32_t i = 0; i < schema->n_text_fields; i++) {
		const uint32_t number = schema->text_fields[i];
		const apl_field *field = &schema->fields[number];
		const apl_text *text = apl_record_text(step->turn.data, field);
		if (number != spread && (text == NULL || before[field->word] == step->turn.data[field->word] || text->size <= engine->limits.data))
			continue;
		size_t size = number == spread ? excess_of_spread(step, before) : text->size;
		if (size == 0) continue;
		apl_turn_breach(&step->turn, "limit-data", field->place, "data.%s: %zu bytes are more than the %zu that one value may have",
		    field->path, size, engine->limits.data);
		return;
	}
}

/* Which limit it was, when the machine met it or the one who met it did not say. */
static void name_breach(apl_step *step, apl_step_result result) {
	if (result != APL_STEP_MICROSTEPS && result != APL_STEP_QUEUE && result != APL_STEP_BREACH) return;
	const aplomb_limits *limits = &step->turn.engine->limits;
	const apl_chart *chart = step->turn.program->chart;
	apl_place place = step->last_taken != APL_NONE ? chart->transitions[step->last_taken].place : chart->states[0].place;
	if (result == APL_STEP_MICROSTEPS) {
		apl_turn_breach(&step->turn, "limit-microsteps", place,
		    "%u microsteps were not enough to become quiet: eventless transitions or raised events go round in a circle",
		    limits->microsteps);
	} else if (result == APL_STEP_QUEUE) {
		apl_turn_breach(
		    &step->turn, "limit-internal-events", place, "more than %u events were raised in one step", limits->internal_events);
	} else if (result == APL_STEP_BREACH) {
		apl_turn_breach(&step->turn, "limit", place, "a limit of the step was broken");
	}
}

static int park_timers(apl_engine *engine, apl_case *c) {
	for (apl_case_timer *timer = c->timers; timer != NULL; timer = timer->next) {
		if (!apl_timer_park(engine, timer)) return APLOMB_ENOMEM;
	}
	return APLOMB_OK;
}

static int cancel_timers(apl_engine *engine, apl_case *c) {
	while (c->timers != NULL) {
		apl_case_timer *timer = c->timers;
		apl_send_row *send = timer->send;
		if (!apl_timer_disarm(engine, timer)) return APLOMB_ENOMEM;
		if (apl_timer_clock(timer) != APL_NONE) continue; /* what ends a clock says so itself */
		apl_buf *items = engine->line;
		apl_item_begin(&engine->step);
		APL_BUF_LITERAL(items, "\"do\":\"cancel\",");
		if (send == NULL) {
			const apl_piece *name = &engine->step.prepared->timer[timer->delay];
			apl_buf_add(items, name->bytes, name->size);
			continue;
		}
		if (send->id_size > 0) {
			APL_BUF_LITERAL(items, "\"id\":");
			apl_json_write_text(items, send->texts, send->id_size);
			apl_buf_byte(items, ',');
		}
		APL_BUF_LITERAL(items, "\"timer\":\"send\"}");
	}
	return APLOMB_OK;
}

/*
 * A limit was broken: the case is what it was before the step, keeps the event
 * in its entry, and takes no more until somebody looks at it.
 */
static int fault(apl_engine *engine, apl_case *c, const apl_stimulus *stimulus, apl_outcome *out) {
	apl_step *step = &engine->step;
	if (!engine->line->failed) engine->line->size = engine->items_begun;
	apl_buf_clear(&engine->effect_bytes);
	step->n_items = 0;
	step->no_memory = false;
	c->status = APLOMB_CASE_FAULTED;
	/* One that was resumed keeps what broke it first. */
	if (stimulus->kind != APL_ENTRY_MENDED && !apl_fault_keep(engine, c)) return APLOMB_ENOMEM;
	apl_item_finding(step, &step->turn.breach);
	if (step->no_memory || park_timers(engine, c)) return APLOMB_ENOMEM;
	/* Who invoked it need not wait for a case that does nothing more. */
	if (c->more != NULL && c->more->parent != NULL && stimulus->kind != APL_ENTRY_CANCELLED &&
	    !apl_parent_hears_error(engine, c, &step->turn.breach, stimulus->at))
		return APLOMB_ENOMEM;
	int code = end_line(engine, c, APL_ENTRY_FAULTED, stimulus->at);
	if (code) return code;
	out->faulted = true;
	engine->batch.totals.faulted++;
	apl_tell(engine, APLOMB_LOG_ERROR, "case-faulted", c, "%s: %s", step->turn.breach.slug, step->turn.breach.message);
	return APLOMB_OK;
}

int apl_step_fault(apl_engine *engine, apl_case *c, aplomb_instant at) {
	if (!apl_touch(engine, c)) return APLOMB_ENOMEM;
	c->status = APLOMB_CASE_FAULTED;
	if (!apl_fault_keep(engine, c) || park_timers(engine, c)) return APLOMB_ENOMEM;
	engine->batch.totals.faulted++;
	engine->batch.totals.findings++;
	return end_line(engine, c, APL_ENTRY_FAULTED, at);
}

int apl_step_refuse(
    apl_engine *engine, apl_case *c, const apl_stimulus *stimulus, apl_batch_mark before, const aplomb_error *breach, apl_outcome *out) {
	if (!apl_touch(engine, c)) return APLOMB_ENOMEM;
	begin(engine, c, stimulus);
	engine->step.turn.breach = *breach;
	engine->step.turn.breached = true;
	/* The case itself is untouched; what was done to its timers is not. */
	apl_batch_undo(engine, before);
	*out = (apl_outcome){.seq = c->seq + 1};
	return fault(engine, c, stimulus, out);
}

static bool keep_deferred(apl_engine *engine, apl_case *c, const apl_step_event *event) {
	const apl_payload *payload = event->payload;
	apl_case_more *more = apl_case_more_of(engine, c);
	apl_did *did = apl_did_reserve(engine);
	if (more == NULL || did == NULL) return false;
	const apl_schema *schema = payload->schema;
	size_t by_size = payload->by != NULL ? strlen(payload->by) : 0, id_size = payload->id != NULL ? strlen(payload->id) : 0;
	size_t invoke_size = payload->invoke != NULL ? strlen(payload->invoke) : 0;
	apl_deferred *deferred = apl_new(&engine->alloc, sizeof *deferred + by_size + id_size + invoke_size + 3);
	if (deferred == NULL) return false;
	deferred->the_case = c;
	deferred->event = event->number;
	deferred->seq = c->seq + 1;
	deferred->by_size = (uint32_t)by_size;
	deferred->id_size = (uint32_t)id_size;
	if (by_size > 0) memcpy(deferred->texts, payload->by, by_size);
	if (id_size > 0) memcpy(deferred->texts + by_size + 1, payload->id, id_size);
	deferred->invoke_size = (uint32_t)invoke_size;
	if (invoke_size > 0) memcpy(deferred->texts + by_size + id_size + 2, payload->invoke, invoke_size);
	if (schema != NULL && payload->words != NULL) {
		size_t size = schema->n_words * sizeof(uint64_t);
		uint64_t *words = apl_new(&engine->alloc, size);
		if (words == NULL || !apl_record_own(&engine->alloc, schema, words, payload->words)) {
			apl_free(&engine->alloc, words, size);
			apl_deferred_free(engine, deferred);
			return false;
		}
		deferred->words = words;
	}
	deferred->before = more->last_deferred;
	if (more->last_deferred != NULL) {
		more->last_deferred->next = deferred;
	} else {
		more->deferred = deferred;
	}
	more->last_deferred = deferred;
	more->n_deferred++;
	did->deed = APL_DID_DEFER;
	did->the_case = c;
	did->what = deferred;
	apl_did_done(engine);
	return true;
}

/* Kept for later, or one too many. */
static int defer(apl_engine *engine, apl_case *c, const apl_stimulus *stimulus) {
	apl_step *step = &engine->step;
	uint32_t kept = c->more != NULL ? c->more->n_deferred : 0;
	if (kept >= engine->limits.deferred) {
		const apl_chart *chart = c->program->chart;
		apl_turn_breach(&step->turn, "limit-deferred", chart->transitions[apl_machine_deferring(engine->machine)].place,
		    "%u events wait deferred, the most that the case's limits allow", kept);
		return APLOMB_ELIMIT;
	}
	ITEM_WORD(step, "deferred");
	return keep_deferred(engine, c, stimulus->event) ? APLOMB_OK : APLOMB_ENOMEM;
}

static int close_case(apl_engine *engine, apl_case *c) {
	apl_step *step = &engine->step;
	c->final_state = apl_machine_final(engine->machine);
	c->status = APLOMB_CASE_CLOSED;
	if (cancel_timers(engine, c)) return APLOMB_ENOMEM;
	if (c->more != NULL && c->more->n_deferred > 0) {
		apl_tell(
		    engine, APLOMB_LOG_INFO, "deferred-left", c, "the case closed with %u deferred events that nobody took", c->more->n_deferred);
	}
	const char *outcome = c->final_state != APL_NONE ? c->program->chart->states[c->final_state].outcome : NULL;
	item_closed(step, outcome);
	engine->batch.totals.closed++;
	if (c->final_state == APL_NONE) return APLOMB_OK;
	return apl_tally_once(engine, &step->prepared->finals[c->final_state]) ? APLOMB_OK : APLOMB_ENOMEM;
}

int apl_step_close(apl_engine *engine, apl_case *c, aplomb_instant at) {
	apl_step *step = &engine->step;
	const apl_stimulus stimulus = {APL_ENTRY_MENDED, NULL, at};
	const apl_chart *chart = c->program->chart;
	begin(engine, c, &stimulus);
	apl_step_pends(step); /* nobody is being invoked */
	for (uint32_t s = 0; s < chart->n_states && apl_has_invokes(c); s++) {
		if (apl_set_has(apl_case_configuration(c), s)) apl_invokes_left(step, s);
	}
	if (chart->n_clocks > 0) apl_clocks_settle(step, true);
	c->final_state = APL_NONE;
	c->status = APLOMB_CASE_CLOSED;
	if (step->no_memory || cancel_timers(engine, c)) return APLOMB_ENOMEM;
	item_closed(step, NULL);
	engine->batch.totals.closed++;
	return step->no_memory ? APLOMB_ENOMEM : APLOMB_OK;
}

/* What the machine found becomes the last items; ELIMIT: the step is to be taken back after all. */
APL_INLINE int conclude(
    apl_engine *engine, apl_case *c, const apl_stimulus *stimulus, apl_step_result result, const apl_case_undo *image, apl_outcome *out) {
	static const char counted[] = "\"counted\":true,\"do\":\"unhandled\"}";
	apl_step *step = &engine->step;
	if (step->error_untaken) error_is_over(step);
	uint32_t word = 0;
	do out->moved = image->words[word] != c->words[word];
	while (!out->moved && ++word < c->program->chart->n_words);
	if (out->moved) item_state(step);
	switch (result) {
	case APL_STEP_UNHANDLED:
		/* What a clock has to tell stands in its own item, whether or not somebody listens. */
		if (apl_chart_clock_of(c->program->chart, stimulus->event->number) != APL_NONE) return APLOMB_OK;
		/* A counter may be all that somebody wanted of it. */
		if (step->counted)
			item_word(step, counted, sizeof counted - 1);
		else
			ITEM_WORD(step, "unhandled");
		out->unhandled = true;
		engine->batch.totals.unhandled++;
		if (engine->log->sink != NULL) apl_tell(engine, APLOMB_LOG_INFO, "event-unhandled", c, "no state took %s", stimulus->event->name);
		return APLOMB_OK;
	case APL_STEP_DEFERRED:
		out->deferred = true;
		engine->batch.totals.deferred++;
		return defer(engine, c, stimulus);
	case APL_STEP_FINISHED: out->closed = true; return close_case(engine, c);
	default: return APLOMB_OK;
	}
}

/* What a step counts before it is known to stay. */
typedef struct apl_step_totals {
	uint64_t unhandled, deferred, closed, effects, findings;
} apl_step_totals;

static inline apl_step_totals totals_of(const aplomb_totals *totals) {
	return (apl_step_totals){totals->unhandled, totals->deferred, totals->closed, totals->effects, totals->findings};
}

/* It is as if the step had not been: what the machine and the handlers did to the case and its lists is undone. */
static void take_back(apl_engine *engine, apl_case_undo *image, bool is_of_batch, apl_batch_mark before, const apl_step_totals *totals) {
	engine->batch.totals.unhandled = totals->unhandled;
	engine->batch.totals.deferred = totals->deferred;
	engine->batch.totals.closed = totals->closed;
	engine->batch.totals.effects = totals->effects;
	engine->batch.totals.findings = totals->findings;
	/* The batch's image may be needed once more, when the commit fails. */
	apl_image_put_back(engine, image, is_of_batch);
	apl_batch_undo(engine, before);
}

/* The outcome of the machine's work, written down; [*is_back] says that the step was taken back, which uses its own image up. */
static int settle(apl_engine *engine, apl_case *c, const apl_stimulus *stimulus, apl_step_result result, apl_case_undo *image,
    apl_batch_mark before, bool quiet, const apl_step_totals *totals, apl_outcome *out, bool *is_back) {
	apl_step *step = &engine->step;
	bool is_of_batch = image == c->undo;
	if (result == APL_STEP_NO_MEMORY || step->no_memory) return APLOMB_ENOMEM;
	/* Whatever limit was met: nobody is to blame for a step that was broken off. */
	if ((step->turn.breached || result == APL_STEP_BREACH) && apl_turn_is_interrupted(&step->turn)) return APLOMB_EINTERRUPTED;
	check_data(step, image);
	name_breach(step, result);
	if (quiet && result == APL_STEP_DEFERRED && !step->turn.breached) {
		*is_back = true;
		take_back(engine, image, is_of_batch, before, totals);
		if (!engine->line->failed) engine->line->size = engine->line_begun;
		out->deferred = true;
		return APLOMB_OK;
	}
	if (!step->turn.breached) {
		int code = conclude(engine, c, stimulus, result, image, out);
		if (code == APLOMB_ENOMEM || step->no_memory) return APLOMB_ENOMEM;
		if (code == APLOMB_OK) return end_line(engine, c, stimulus->kind, stimulus->at);
	}
	*is_back = true;
	take_back(engine, image, is_of_batch, before, totals);
	*out = (apl_outcome){.seq = c->seq + 1};
	return fault(engine, c, stimulus, out);
}

int apl_step_run(apl_engine *engine, apl_case *c, const apl_stimulus *stimulus, apl_batch_mark before, bool quiet, apl_outcome *out) {
	bool is_first = c->undo == NULL;
	if (!apl_touch(engine, c)) return APLOMB_ENOMEM;
	/* When the batch has not touched the case before, its image is also the step's. */
	apl_case_undo *image = is_first ? c->undo : apl_image_take(&engine->turn_arena, c);
	if (image == NULL) return APLOMB_ENOMEM;
	const apl_step_totals totals = totals_of(&engine->batch.totals);
	begin(engine, c, stimulus);
	apl_step_result result = macrostep(engine, c, stimulus, image);
	*out = (apl_outcome){.seq = c->seq + 1};
	bool is_back = false;
	int code = settle(engine, c, stimulus, result, image, before, quiet, &totals, out, &is_back);
	if (!is_first && !is_back && engine->step.prepared->has_texts) apl_image_drop(engine, image);
	apl_arena_reset(&engine->turn_arena);
	return code;
}

/* ---- a statement's step ----------------------------------------------------- */

static int perform(apl_engine *engine, apl_case *c, const apl_stimulus *stimulus, apl_outcome *out, aplomb_error *error) {
	apl_step *step = &engine->step;
	begin(engine, c, stimulus);
	apl_step_result result = macrostep(engine, c, stimulus, c->undo);
	if (result == APL_STEP_NO_MEMORY || step->no_memory) return apl_fail_memory(error);
	if (engine->attempt->code) return engine->attempt->code;
	check_data(step, c->undo);
	name_breach(step, result);
	if (step->turn.breached) {
		if (apl_turn_is_interrupted(&step->turn)) return apl_fail_interrupted(error);
		if (error != NULL) *error = step->turn.breach;
		return APLOMB_ELIMIT;
	}
	*out = (apl_outcome){.seq = c->seq + 1};
	int code = conclude(engine, c, stimulus, result, c->undo, out);
	if (!code && step->no_memory) code = APLOMB_ENOMEM;
	if (!code) code = end_line(engine, c, stimulus->kind, stimulus->at);
	return code ? apl_fail_memory(error) : APLOMB_OK;
}

int apl_step_perform(apl_engine *engine, apl_case *c, apl_aside *aside, aplomb_instant at, apl_outcome *out, aplomb_error *error) {
	APL_ASSERT(c->undo == NULL); /* the batch is this step's alone */
	if (!apl_touch(engine, c)) return apl_fail_memory(error);
	struct apl_attempt tried = {.aside = aside, .error = error};
	const apl_stimulus stimulus = {APL_ENTRY_STATEMENT, NULL, at};
	engine->attempt = &tried;
	int code = perform(engine, c, &stimulus, out, error);
	engine->attempt = NULL;
	apl_arena_reset(&engine->turn_arena);
	return code;
}
