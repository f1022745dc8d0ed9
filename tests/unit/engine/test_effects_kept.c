/* SPDX-License-Identifier: MIT */
/*
 * The process dies, or a commit fails, at every boundary of a run, one run a
 * boundary: before and after each commit, before and after each effect is done;
 * or one request for memory after the other fails.
 * Then another engine goes on with the same store, what was not acknowledged is
 * posted again, and in the end every effect that a journal wants was done once:
 * by a receiver that knows keys, and, of what must not be done twice, by one that
 * does not.
 */
#include <string.h>

#include "../test_cmocka.h"
#include "engine/inside.h"
#include "time/instant.h"
#include "world.h"

enum { MAIL, CHARGE, CASES = 2, EVENTS = 3, MOST_KEYS = 64 };

/* ---- the playbook: each order wants a mail, which may come twice, and a charge, which may not ------------- */

static int want(apl_turn *turn, uint32_t kind) {
	const apl_schema *schema = turn->program->effects[kind].schema;
	uint64_t *words = apl_arena_take(turn->arena, schema->n_words * sizeof *words);
	if (words == NULL || !apl_record_init(schema, words, (apl_keep){NULL, turn->arena})) return APL_PORT_BREACH;
	return apl_turn_effect(turn, kind, words, NULL, NULL) == APLOMB_OK ? APL_PORT_FALSE : APL_PORT_BREACH;
}

static int order(apl_turn *turn) {
	int answer = want(turn, MAIL);
	return answer != APL_PORT_FALSE ? answer : want(turn, CHARGE);
}

static bool build(apl_builder *b) {
	apl_build_transition_options ordered = on("order", NULL);
	ordered.block = 0;
	const apl_build_transition_options heard = on("done.effect.charge error.effect.charge", NULL);
	return state(b, "root") && state(b, "open") && apl_build_transition(b, &ordered) && apl_build_transition(b, &heard) &&
	       apl_build_end(b) && apl_build_end(b);
}

static const test_handler handlers[] = {order};
static const test_event events[] = {
    {"order", NULL}, {"done.effect.charge", NULL}, {"error.effect.charge", "{'message':{'type':'text'},'slug':{'type':'text'}}"}};
static const test_event effects[] = {{"mail", "{}"}, {"charge", "{}"}};
static const test_program shop = {.id = "shop",
    .data = "{'n':{'type':'integer'}}",
    .params = "{}",
    .events = events,
    .n_events = 3,
    .effects = effects,
    .n_effects = 2,
    .handlers = handlers,
    .build = build};

/* ---- a store that fails, and a receiver --------------------------------------------------------------------- */

typedef enum fault_kind { DIES, FAILS_ONCE, LACKS_MEMORY } fault_kind;

typedef struct matrix {
	apl_store inner; /* of memory; it outlives engines */
	fault_kind fault;
	uint32_t boundary, at; /* the one at which it happens; those so far */
	bool is_dead;
	char keys[2][MOST_KEYS][32]; /* what was done, in the order it was */
	uint32_t n_keys[2];
	uint32_t offered; /* of charges, in all */
	/* Of the engine that lives. */
	apl_engine *engine;
	apl_clock clock;
	apl_log log;
	test_heap heap;
	apl_alloc alloc;
	char later[MOST_KEYS][32]; /* charges that were taken for later */
	uint32_t n_later;
	bool acknowledged[CASES * EVENTS];
	uint32_t resident;
} matrix;

/* Does it happen here? */
static bool strikes(matrix *m) {
	if (m->is_dead) return true;
	if (m->fault == LACKS_MEMORY || ++m->at != m->boundary) return false;
	m->is_dead = m->fault == DIES;
	return true;
}

static int fail_commit(aplomb_error *error) {
	return apl_fail(error, APLOMB_ESTORE, "test", "the disk is full");
}

static int commit(void *self, const apl_store_batch *batch, aplomb_error *error) {
	matrix *m = self;
	if (strikes(m)) return fail_commit(error);
	int code = m->inner.ops->commit(m->inner.self, batch, error);
	/* Done, and nobody hears of it: only death can do that. */
	if (!code && m->fault == DIES && strikes(m)) return fail_commit(error);
	return code;
}

static int read_lines(void *self, const char *case_id, uint32_t size, uint64_t mark, uint64_t from,
    int (*line)(const char *text, size_t text_size, void *payload), void *payload, aplomb_error *error) {
	matrix *m = self;
	return m->inner.ops->read(m->inner.self, case_id, size, mark, from, line, payload, error);
}

static int put_source(void *self, const char *hash, const char *bytes, size_t size, aplomb_error *error) {
	matrix *m = self;
	return m->inner.ops->put_source(m->inner.self, hash, bytes, size, error);
}

static int each_effect(void *self, const char *case_id, uint32_t size, uint64_t mark,
    int (*tell)(const apl_store_effect *effect, void *payload), void *payload, aplomb_error *error) {
	matrix *m = self;
	return m->inner.ops->effects(m->inner.self, case_id, size, mark, tell, payload, error);
}

static uint64_t n_effects(void *self) {
	const matrix *m = self;
	return m->inner.ops->n_effects(m->inner.self);
}

static int each_sent(void *self, int (*tell)(const apl_store_effect *effect, void *payload), void *payload, aplomb_error *error) {
	matrix *m = self;
	return m->inner.ops->sent(m->inner.self, tell, payload, error);
}

static int newest_snapshot(void *self, const char *case_id, uint32_t size, uint64_t mark, uint64_t upto, const char **text,
    size_t *text_size, uint64_t *seq, aplomb_error *error) {
	matrix *m = self;
	return m->inner.ops->snapshot(m->inner.self, case_id, size, mark, upto, text, text_size, seq, error);
}

static int find_case(void *self, const char *case_id, uint32_t size, apl_store_found *out, aplomb_error *error) {
	matrix *m = self;
	return m->inner.ops->find(m->inner.self, case_id, size, out, error);
}

static void leave_case(void *self, const char *case_id, uint32_t size, uint64_t mark) {
	matrix *m = self;
	m->inner.ops->leave(m->inner.self, case_id, size, mark);
}

static int due_cases(void *self, aplomb_instant until, uint32_t most,
    void (*tell)(const char *case_id, uint32_t size, aplomb_instant due_at, void *payload), void *payload, aplomb_error *error) {
	matrix *m = self;
	return m->inner.ops->due(m->inner.self, until, most, tell, payload, error);
}

static aplomb_instant next_due(void *self) {
	const matrix *m = self;
	return m->inner.ops->next_due(m->inner.self);
}

static void leave_open(void *self) {
	(void)self;
}

/* What the receiver has done; one that knows keys does none twice. */
static void do_it(matrix *m, int kind, const char *key) {
	for (uint32_t i = 0; i < m->n_keys[kind]; i++) {
		if (strcmp(m->keys[kind][i], key) == 0) {
			assert_true(kind == MAIL); /* whoever charges knows no keys: it must not come twice */
			return;
		}
	}
	assert_true(m->n_keys[kind] < MOST_KEYS);
	strcpy(m->keys[kind][m->n_keys[kind]++], key);
}

static int handle(const aplomb_effect *effect, void *payload) {
	matrix *m = payload;
	const int kind = strcmp(effect->kind, "charge") == 0 ? CHARGE : MAIL;
	/* Of some it is known that nothing was done. */
	if (effect->attempt == 1 && effect->seq % 2 == 0) return 1;
	if (strikes(m)) return APLOMB_EFFECT_LATER;
	do_it(m, kind, effect->key);
	m->offered += kind == CHARGE;
	if (strikes(m)) return APLOMB_EFFECT_LATER;
	if (kind == CHARGE && effect->seq % 3 != 0) {
		strcpy(m->later[m->n_later++], effect->key);
		return APLOMB_EFFECT_LATER;
	}
	return APLOMB_EFFECT_DONE;
}

/* ---- lives ------------------------------------------------------------------------------------------------------ */

static void begin_life(matrix *m) {
	static const apl_store_ops ops = {.size = sizeof ops,
	    .commit = commit,
	    .read = read_lines,
	    .snapshot = newest_snapshot,
	    .put_source = put_source,
	    .find = find_case,
	    .leave = leave_case,
	    .due = due_cases,
	    .next_due = next_due,
	    .effects = each_effect,
	    .n_effects = n_effects,
	    .sent = each_sent,
	    .close = leave_open};
	const apl_alloc system = apl_alloc_system();
	m->heap = (test_heap){0};
	m->alloc = test_heap_allocator(&m->heap);
	m->n_later = 0;
	m->is_dead = false;
	apl_log_init(&m->log, &system, NULL, NULL, 0, 0);
	aplomb_error error = {0};
	apl_engine_options options = {.alloc = m->alloc,
	    .log = &m->log,
	    .clock = &m->clock,
	    .limits = apl_limits_or_default(NULL),
	    .time_follows_events = true,
	    .snapshot_every = 1,
	    .patience = APL_MINUTE,
	    .resident = m->resident,
	    .store = {.ops = &ops, .self = m, .pages = true}};
	assert_int_equal(apl_engine_new(&m->engine, &options, NULL), APLOMB_OK);
	apl_program *program = program_new(&m->alloc, &shop);
	program->effects[CHARGE].once = true;
	program->hears = APL_HEARS_OUTCOMES;
	assert_int_equal(apl_engine_add(m->engine, program, &program, NULL), APLOMB_OK);
	assert_int_equal(apl_engine_on_effect(m->engine, "*", handle, m, NULL), APLOMB_OK);
	for (int i = 0; i < CASES; i++) {
		apl_case *c;
		const char id[] = {'c', (char)('0' + i), '\0'};
		int code = apl_page_in(m->engine, id, 2, &c, &error);
		if (code != APLOMB_OK && code != APLOMB_ENOTFOUND) fail_msg("%s: %s", id, error.message);
	}
	if (apl_engine_reload(m->engine, &error) != APLOMB_OK) fail_msg("%s", error.message);
	if (m->fault == LACKS_MEMORY) m->heap.fail_at = m->heap.calls + m->boundary;
}

static void end_life(matrix *m) {
	apl_engine_free(m->engine);
	assert_int_equal(m->heap.blocks, 0);
}

static void acknowledge(const aplomb_receipt *receipt, void *payload) {
	if (receipt->code == APLOMB_OK) *(bool *)payload = true;
}

/* Everything that nobody acknowledged, one event a commit. false: it died of that. */
static bool post_all(matrix *m) {
	for (int i = 0; i < CASES * EVENTS && !m->is_dead; i++) {
		const char id[] = {'e', (char)('0' + i), '\0'}, case_id[] = {'c', (char)('0' + i % CASES), '\0'};
		aplomb_event event = APLOMB_EVENT_INIT;
		event.id = id;
		event.case_id = case_id;
		event.playbook = "shop";
		event.name = "order";
		for (int tries = 0; !m->acknowledged[i] && !m->is_dead && tries < 3; tries++) {
			int code = apl_engine_post(m->engine, &event, acknowledge, &m->acknowledged[i], NULL);
			assert_true(code == APLOMB_OK || (code == APLOMB_ENOMEM && m->fault == LACKS_MEMORY));
			apl_engine_pump(m->engine, 0, NULL, NULL);
		}
		assert_true(m->acknowledged[i] || m->is_dead);
	}
	return !m->is_dead;
}

/* Whoever took something for later says so, until nothing waits but what a person is asked. */
static bool answer_all(matrix *m) {
	aplomb_instant due;
	for (int rounds = 0; rounds < 200 && !m->is_dead; rounds++) {
		while (m->n_later > 0 && !m->is_dead) {
			aplomb_effect_answer answer = APLOMB_EFFECT_ANSWER_INIT;
			answer.key = m->later[--m->n_later];
			aplomb_error error;
			int code = apl_engine_answer_effect(m->engine, &answer, &error);
			if (code == APLOMB_ENOMEM && m->fault == LACKS_MEMORY)
				m->n_later++;
			else if (code != APLOMB_OK)
				fail_msg("%s: %s", answer.key, error.message);
		}
		if (!apl_engine_next_due(m->engine, &due)) return true;
		apl_clock_turn(&m->clock, apl_later(apl_clock_now(&m->clock), due));
		apl_engine_pump(m->engine, 0, NULL, NULL);
	}
	assert_true(m->is_dead);
	return false;
}

/* ---- what the journals say in the end ---------------------------------------------------------------------------- */

typedef struct said {
	uint32_t orders, charges, mails, heard, unknown;
} said;

static int count_line(const char *text, size_t size, void *payload) {
	said *s = payload;
	s->orders += memmem(text, size, "\"event\":\"order\"", 15) != NULL;
	s->mails += memmem(text, size, "\"kind\":\"mail\"", 13) != NULL;
	s->charges += memmem(text, size, "\"kind\":\"charge\"", 15) != NULL;
	s->heard += memmem(text, size, "\"event\":\"done.effect.charge\",\"id\"", 33) != NULL;
	s->unknown += memmem(text, size, "\"event\":\"error.effect.charge\",\"id\"", 34) != NULL;
	return 0;
}

typedef struct asked {
	const matrix *m;
	uint32_t count, undone; /* those that nobody has done, too */
} asked;

static void count_asking(const aplomb_waiting_effect *effect, void *payload) {
	asked *a = payload;
	/* Nothing waits but what a person is asked. */
	assert_int_equal(effect->stand, APLOMB_EFFECT_ASKS);
	assert_string_equal(effect->effect->kind, "charge");
	uint32_t at = 0;
	while (at < a->m->n_keys[CHARGE] && strcmp(a->m->keys[CHARGE][at], effect->effect->key) != 0) at++;
	a->count++;
	a->undone += at == a->m->n_keys[CHARGE];
}

/* Runs it all with the fault at that boundary; returns whether it came to it. */
static bool run(fault_kind fault, uint32_t boundary, uint32_t resident, uint32_t *unknown) {
	static matrix it;
	matrix *m = &it;
	memset(m, 0, sizeof *m);
	m->fault = fault;
	m->boundary = boundary;
	m->resident = resident;
	apl_clock_init(&m->clock, NULL, NULL, true);
	apl_clock_turn(&m->clock, NEW_YEAR);
	const apl_alloc system = apl_alloc_system();
	const apl_store_memory_options pages = {.pages = true};
	assert_int_equal(apl_store_memory_open(&m->inner, &system, &pages, NULL), APLOMB_OK);
	uint32_t lives = 0;
	bool is_done = false;
	said s = {0};
	while (!is_done) {
		assert_true(++lives <= 2);
		begin_life(m);
		is_done = post_all(m) && answer_all(m);
		if (fault == LACKS_MEMORY) {
			m->at = m->heap.calls >= m->heap.fail_at ? boundary : 0;
			m->heap.fail_at = 0;
		}
		if (is_done) {
			for (int i = 0; i < CASES; i++) {
				const char id[] = {'c', (char)('0' + i), '\0'};
				apl_case *c = apl_engine_case(m->engine, id, 2);
				assert_non_null(c);
				assert_int_equal(apl_engine_journal_each(m->engine, c, 0, count_line, &s, NULL), APLOMB_OK);
			}
			asked a = {.m = m};
			apl_engine_effects(m->engine, NULL, count_asking, &a);
			*unknown += a.count;
			assert_true(a.count <= 1 || fault == DIES);
			/* Every order was stepped once, and what each wanted was done once, or, of a charge, somebody is asked. */
			assert_int_equal(m->n_keys[MAIL], CASES * EVENTS);
			assert_int_equal(m->n_keys[CHARGE] + a.undone, CASES * EVENTS);
			assert_int_equal(m->offered, m->n_keys[CHARGE]);
			for (int i = 0; i < CASES; i++) {
				const char id[] = {'c', (char)('0' + i), '\0'};
				apl_case *c = apl_engine_case(m->engine, id, 2);
				uint32_t seen = 0;
				for (uint32_t e = 0; e < c->more->seen.capacity; e++) {
					for (int n = i; n < CASES * EVENTS; n += CASES) {
						const char event[] = {'e', (char)('0' + n), '\0'};
						seen += (uint32_t)apl_hash128_equal(c->more->seen.slots[e].hash, apl_hash_bytes(event, 2));
					}
				}
				assert_int_equal(seen, EVENTS);
			}
			if (lives == 1) {
				assert_int_equal(s.orders, CASES * EVENTS);
				assert_int_equal(s.mails, CASES * EVENTS);
				assert_int_equal(s.charges, CASES * EVENTS);
				assert_int_equal(s.heard + s.unknown, CASES * EVENTS);
			}
		}
		end_life(m);
	}
	m->inner.ops->close(m->inner.self);
	return m->at >= boundary;
}

static void every_boundary(fault_kind fault, uint32_t least) {
	/* In memory, both cases; and one at a time, so that what waits leaves it and comes back. */
	for (uint32_t resident = CASES; resident > 0; resident--) {
		uint32_t boundary = 1, unknown = 0;
		while (run(fault, boundary, resident, &unknown)) boundary++;
		print_message("%u boundaries with %u of %d in memory\n", boundary - 1, resident, CASES);
		/* It was a run worth the name, and what nobody can know came about. */
		assert_true(boundary > least);
		if (fault == DIES) assert_true(unknown > 0);
	}
}

static void a_process_that_dies_at_any_boundary_does_nothing_twice_and_loses_nothing(void **state_) {
	(void)state_;
	every_boundary(DIES, 40);
}

static void a_commit_that_fails_at_any_time_does_nothing_twice_and_loses_nothing(void **state_) {
	(void)state_;
	every_boundary(FAILS_ONCE, 20);
}

static void a_lack_of_memory_at_any_time_does_nothing_twice_and_loses_nothing(void **state_) {
	(void)state_;
	every_boundary(LACKS_MEMORY, 60);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_process_that_dies_at_any_boundary_does_nothing_twice_and_loses_nothing),
	    cmocka_unit_test(a_commit_that_fails_at_any_time_does_nothing_twice_and_loses_nothing),
	    cmocka_unit_test(a_lack_of_memory_at_any_time_does_nothing_twice_and_loses_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
