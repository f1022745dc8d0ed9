/* SPDX-License-Identifier: MIT */
/* An event that is tried does what a posted one does, and leaves nothing behind. */
#include <stdlib.h>
#include <string.h>

#include "../test_cmocka.h"
#include "../test_rounds.h"
#include "engine/watch.h"
#include "random_program.h"
#include "scenario.h"
#include "time/instant.h"

/* Everything that can be seen from outside, and what only the engine knows but would show later. */
static void look(world *w, apl_buf *out) {
	const apl_engine *engine = w->engine;
	apl_buf_clear(out);
	for (apl_case *c = engine->first_case; c != NULL; c = c->next) {
		if (c->seq == 0) continue;
		apl_buf_text(out, snapshot_of(w, apl_case_id(c), false));
		apl_buf_byte(out, '\n');
	}
	apl_buf_format(out, "%u cases, %u timers, %u queued, clock %lld, order %llu\n", engine->cases.count, engine->timers.count,
	    engine->queue.count, (long long)engine->clock->now, (unsigned long long)engine->next_order);
	apl_buf_add(out, &engine->totals, sizeof engine->totals);
	for (const apl_prepared *p = engine->programs; p != NULL; p = p->next) {
		const apl_chart *chart = p->program->chart;
		apl_buf_format(out, "%u findings\n", p->n_findings);
		apl_buf_add(out, p->states, chart->n_states * sizeof *p->states);
		apl_buf_add(out, p->events, chart->n_events * sizeof *p->events);
		apl_buf_add(out, p->finals, chart->n_states * sizeof *p->finals);
		if (p->coverage == NULL) continue;
		apl_buf_add(out, p->coverage->taken, chart->n_transitions * sizeof *p->coverage->taken);
		apl_buf_add(out, p->coverage->entered, chart->n_states * sizeof *p->coverage->entered);
		apl_buf_add(out, p->coverage->answers, p->coverage->n_handlers * sizeof *p->coverage->answers);
		apl_buf_add(out, p->coverage->delays, chart->n_delays * sizeof *p->coverage->delays);
	}
	apl_buf_format(out, "%zu said, %zu receipts, %zu effects, %zu lines, %u commits\n", w->said.size, w->receipts.size, w->effects.size,
	    w->lines.size, w->commits);
	assert_false(out->failed);
}

static void assert_same(const apl_buf *before, const apl_buf *after, const char *what) {
	if (before->size == after->size && memcmp(before->bytes, after->bytes, before->size) == 0) return;
	size_t at = 0;
	while (at < before->size && at < after->size && before->bytes[at] == after->bytes[at]) at++;
	fail_msg("%s left something behind, at byte %zu:\n%.*s\n%.*s", what, at, 300, before->bytes + (at > 100 ? at - 100 : 0), 300,
	    after->bytes + (at > 100 ? at - 100 : 0));
}

/* ---- what a watcher hears is what happens ------------------------------------------- */

/* Transitions and states as the decisions tell them, and as the journal's lines do. */
typedef struct hearing {
	apl_buf taken;
	const char *case_id; /* of the event; timers of other cases may be due before it */
	uint32_t decisions, refused, beaten, preempted, deferred, counters;
} hearing;

static void hear(const aplomb_decision *decision, void *payload) {
	hearing *heard = payload;
	assert_int_equal(decision->size, sizeof *decision);
	if (strcmp(decision->case_id, heard->case_id) != 0) return;
	heard->decisions++;
	if (decision->kind == APLOMB_DECISION_COUNTER) heard->counters++;
	if (decision->kind != APLOMB_DECISION_TRANSITION) return;
	assert_non_null(decision->transition);
	switch (decision->standing) {
	case APLOMB_STANDS_TAKEN:
		assert_null(decision->other);
		apl_buf_format(&heard->taken, "%s>%s\n", decision->transition->state, decision->transition->to);
		return;
	case APLOMB_STANDS_REFUSED: heard->refused++; return;
	case APLOMB_STANDS_BEATEN:
		heard->beaten++;
		assert_non_null(decision->other);
		/* The one that was taken instead is of the same state and before it, or of a state inside. */
		if (strcmp(decision->other->state, decision->transition->state) == 0)
			assert_true(decision->other->number < decision->transition->number);
		else
			assert_int_equal(strncmp(decision->other->state, decision->transition->state, strlen(decision->transition->state)), 0);
		return;
	case APLOMB_STANDS_PREEMPTED:
		heard->preempted++;
		assert_non_null(decision->other);
		return;
	case APLOMB_STANDS_DEFERRED: heard->deferred++; return;
	default: fail_msg("standing %d", (int)decision->standing);
	}
}

/* The transitions of the lines, in the same form; steps that a limit ended have none. */
static void transitions_of(const char *lines, size_t size, apl_buf *out) {
	apl_alloc system = apl_alloc_system();
	apl_tape tape;
	apl_tape_init(&tape, &system);
	for (const char *at = lines, *end = lines + size; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		assert_non_null(newline);
		assert_int_equal(apl_json_read(&tape, at, (size_t)(newline - at), NULL, NULL), APLOMB_OK);
		at = newline + 1;
		uint32_t items = apl_tape_find(&tape, 0, "items", strlen("items"));
		if (items == 0) continue;
		uint32_t item = items + 1;
		for (uint32_t i = 0; i < tape.cells[items].count; i++, item = apl_tape_next(&tape, item)) {
			uint32_t what = apl_tape_find(&tape, item, "do", strlen("do"));
			if (tape.cells[what].count != 10 || memcmp(tape.cells[what].as.text, "transition", 10) != 0) continue;
			uint32_t from = apl_tape_find(&tape, item, "from", strlen("from")), to = apl_tape_find(&tape, item, "to", strlen("to"));
			apl_buf_add(out, tape.cells[from].as.text, tape.cells[from].count);
			apl_buf_byte(out, '>');
			uint32_t target = to + 1;
			for (uint32_t n = 0; n < tape.cells[to].count; n++, target++) {
				if (n > 0) apl_buf_byte(out, ' ');
				apl_buf_add(out, tape.cells[target].as.text, tape.cells[target].count);
			}
			apl_buf_byte(out, '\n');
		}
	}
	apl_tape_dispose(&tape);
}

/* ---- random walks -------------------------------------------------------------------- */

static struct {
	apl_buf before, after, lines, in_lines;
	hearing heard;
	char case_id[40];
	bool has_tried;
	uint32_t tries, refusals, openings, timers, lines_compared, compared_transitions;
} walk;

/* Entries of the case from [from] of all lines on; heads are left out. */
static void entries_of(const char *lines, size_t size, const char *id, apl_buf *out) {
	char member[64];
	int length = snprintf(member, sizeof member, "\"case\":\"%s\",\"cause\"", id);
	for (const char *at = lines, *end = lines + size; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		if (memmem(at, (size_t)(newline - at), member, (size_t)length) != NULL) apl_buf_add(out, at, (size_t)(newline - at) + 1);
		at = newline + 1;
	}
}

static void try_first(world *w, const aplomb_event *event) {
	aplomb_watch watch = {sizeof watch, hear, &walk.heard};
	aplomb_tried tried = APLOMB_TRIED_INIT;
	aplomb_error error;
	look(w, &walk.before);
	apl_buf_clear(&walk.heard.taken);
	walk.heard.case_id = event->case_id;
	/* Watched or not: every other time. */
	bool is_watched = walk.tries++ % 2 == 0;
	int code = apl_engine_try(w->engine, event, is_watched ? &watch : NULL, &tried, &error);
	if (code) fail_msg("try: %s", error.message);
	look(w, &walk.after);
	assert_same(&walk.before, &walk.after, "the try");
	if (tried.code != APLOMB_OK) walk.refusals++;
	if (tried.lines != NULL && strstr(tried.lines, "\"aplomb\":\"journal\"") != NULL) walk.openings++;
	apl_buf_clear(&walk.lines);
	walk.has_tried = strchr(event->case_id, '"') == NULL && tried.lines != NULL;
	if (!walk.has_tried) return;
	snprintf(walk.case_id, sizeof walk.case_id, "%s", event->case_id);
	assert_int_equal(strlen(tried.lines), tried.lines_size);
	entries_of(tried.lines, tried.lines_size, event->case_id, &walk.lines);
	assert_true(is_watched || walk.heard.taken.size == 0);
	if (!is_watched || strstr(tried.lines, "\"kind\":\"faulted\"") != NULL || w->engine->queue.count > 0) return;
	apl_buf_clear(&walk.in_lines);
	transitions_of(tried.lines, tried.lines_size, &walk.in_lines);
	/* An event that is offered again and deferred again leaves no line, and takes nothing either. */
	if (walk.heard.taken.size < walk.in_lines.size || strstr(text_of(&walk.heard.taken), text_of(&walk.in_lines)) == NULL)
		fail_msg("the watcher heard\n%sthe lines say\n%s%s", text_of(&walk.heard.taken), text_of(&walk.in_lines), tried.lines);
	walk.compared_transitions++;
}

static void try_timer(world *w, const char *case_id) {
	aplomb_tried tried = APLOMB_TRIED_INIT;
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = case_id;
	look(w, &walk.before);
	int code = apl_engine_try(w->engine, &event, NULL, &tried, NULL);
	look(w, &walk.after);
	assert_same(&walk.before, &walk.after, "the timer");
	if (code == APLOMB_OK) {
		assert_true(tried.lines_size > 0);
		walk.timers++;
	}
}

static void consider_nothing(const aplomb_considered *considered, void *payload) {
	(void)considered;
	++*(uint32_t *)payload;
}

typedef int (*test_act)(world *w, scenario *s);

static void walk_through(const test_program *spec, test_act what, uint64_t seed, uint32_t acts, const world_options *options) {
	world w = {0};
	assert_true(world_open(&w, spec, options));
	w.before_post = try_first;
	scenario s = {.random = seed};
	apl_alloc system = apl_alloc_system();
	apl_buf written;
	apl_buf_init(&written, &system);
	for (uint32_t i = 0; i < acts; i++) {
		size_t from = w.lines.size;
		what(&w, &s);
		/* Bounded: a case that always sends itself something is never quiet. */
		for (uint32_t n = 0; n < 5; n++) assert_int_equal(apl_engine_pump(w.engine, 0, NULL, NULL), APLOMB_OK);
		if (walk.has_tried) {
			apl_buf_clear(&written);
			entries_of(w.lines.bytes + from, w.lines.size - from, walk.case_id, &written);
			bool fits = written.size >= walk.lines.size && memcmp(written.bytes, walk.lines.bytes, walk.lines.size) == 0;
			if (!fits) fail_msg("seed %u, act %u: tried\n%swritten\n%s", (unsigned)seed, i, text_of(&walk.lines), text_of(&written));
			walk.lines_compared++;
		}
		for (apl_case *c = w.engine->first_case; c != NULL && i % 7 == 0; c = c->next) {
			uint32_t told = 0;
			try_timer(&w, apl_case_id(c));
			look(&w, &walk.before);
			assert_int_equal(apl_engine_consider(w.engine, c, consider_nothing, &told, NULL), APLOMB_OK);
			look(&w, &walk.after);
			assert_same(&walk.before, &walk.after, "considering");
			assert_true(told > 0 || apl_transitions_described(w.engine, c->program) == 0);
		}
	}
	assert_journal(&w);
	apl_buf_dispose(&written);
	world_end(&w);
}

static void begin_walks(void) {
	apl_alloc system = apl_alloc_system();
	memset(&walk, 0, sizeof walk);
	apl_buf_init(&walk.before, &system);
	apl_buf_init(&walk.after, &system);
	apl_buf_init(&walk.lines, &system);
	apl_buf_init(&walk.in_lines, &system);
	apl_buf_init(&walk.heard.taken, &system);
}

static void tell_walks(void) {
	print_message("%u tries, %u of them refused, %u openings, %u timers; %u compared with what was written, %u with what was heard; "
	              "heard: %u decisions, %u refused, %u beaten, %u preempted, %u deferred, %u counted\n",
	    walk.tries, walk.refusals, walk.openings, walk.timers, walk.lines_compared, walk.compared_transitions, walk.heard.decisions,
	    walk.heard.refused, walk.heard.beaten, walk.heard.preempted, walk.heard.deferred, walk.heard.counters);
}

static void end_walks(void) {
	apl_buf_dispose(&walk.before);
	apl_buf_dispose(&walk.after);
	apl_buf_dispose(&walk.lines);
	apl_buf_dispose(&walk.in_lines);
	apl_buf_dispose(&walk.heard.taken);
}

static void what_is_tried_is_what_is_written_afterwards_and_leaves_nothing(void **state_) {
	(void)state_;
	const uint64_t walks = APL_ROUNDS(12, 1);
	begin_walks();
	for (uint64_t seed = 1; seed <= walks; seed++) walk_through(&desk, act, seed, apl_is_watched() ? 60 : 220, NULL);
	tell_walks();
	assert_true(walks < 12 || (walk.refusals > 100 && walk.openings > 20 && walk.timers > 200));
	assert_true(walks < 12 || (walk.heard.deferred > 20 && walk.heard.counters > 50));
	end_walks();
}

static void so_it_is_with_charts_made_by_chance(void **state_) {
	(void)state_;
	uint64_t most = APL_ROUNDS(60, 3);
	const aplomb_limits limits = {.size = sizeof limits, .microsteps = 60, .internal_events = 60, .timers = 20};
	const world_options options = {.limits = &limits, .log_level = APLOMB_LOG_ERROR};
	begin_walks();
	for (chart_seed = 1; chart_seed <= most; chart_seed++) {
		apl_chart *chart = random_one();
		if (chart == NULL) continue;
		apl_chart_free(chart);
		walk_through(&random_program, act_randomly, chart_seed, 40, &options);
	}
	tell_walks();
	assert_true(most < 60 || (walk.heard.preempted > 20 && walk.heard.beaten > 500 && walk.compared_transitions > 200));
	end_walks();
}

static void count_one(const aplomb_decision *decision, void *payload) {
	(void)decision;
	++*(uint32_t *)payload;
}

/* Each request for memory fails once; the try says so, and nothing is another. */
static void without_memory_nothing_is_left_behind_either(void **state_) {
	(void)state_;
	static const struct {
		const char *case_id, *event, *data, *id;
	} tries[] = {{"a", "customer.message", "{\"text\":\"hello there\",\"tone\":-2}", "new"}, {"a", "pause", NULL, NULL},
	    {"a", NULL, NULL, NULL}, {"fresh", "now", "{\"n\":1}", "first"}, {"a", "nonsense", NULL, NULL}, {"a", "tell", "{\"n\":5}", NULL}};
	apl_alloc system = apl_alloc_system();
	apl_buf before, after;
	apl_buf_init(&before, &system);
	apl_buf_init(&after, &system);
	uint32_t failed = 0, step = APL_STRIDE(7);
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		bool is_over = false;
		for (uint64_t n = 1; !is_over; n += step) {
			world w = {0};
			assert_true(world_open(&w, &desk, NULL));
			happen(&w, "a", "agent.message", 0, NULL);
			happen(&w, "a", "later", 0, "{'n':2}");
			const aplomb_event event = {.size = sizeof event,
			    .case_id = tries[i].case_id,
			    .playbook = "desk",
			    .name = tries[i].event,
			    .data = tries[i].data,
			    .id = tries[i].id};
			uint32_t heard = 0;
			const aplomb_watch watch = {sizeof watch, count_one, &heard};
			aplomb_tried tried = APLOMB_TRIED_INIT;
			aplomb_error error = {0};
			look(&w, &before);
			w.heap.fail_at = w.heap.calls + n;
			int code = apl_engine_try(w.engine, &event, &watch, &tried, &error);
			is_over = w.heap.calls < w.heap.fail_at;
			w.heap.fail_at = 0;
			look(&w, &after);
			assert_same(&before, &after, "a try without memory");
			if (!is_over && code != APLOMB_OK) assert_int_equal(code, APLOMB_ENOMEM);
			if (is_over) assert_int_equal(code, APLOMB_OK);
			failed += code == APLOMB_ENOMEM;
			/* And life goes on. */
			happen(&w, "a", "customer.message", 0, NULL);
			world_end(&w);
		}
	}
	print_message("%u tries were without memory\n", failed);
	assert_true(failed > 30 || step > 1);
	apl_buf_dispose(&before);
	apl_buf_dispose(&after);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_tried_is_what_is_written_afterwards_and_leaves_nothing),
	    cmocka_unit_test(without_memory_nothing_is_left_behind_either),
	    cmocka_unit_test(so_it_is_with_charts_made_by_chance),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
