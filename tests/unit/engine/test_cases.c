/* SPDX-License-Identifier: MIT */
/* Many cases: found again, in order, and small. */
#include <stdlib.h>
#include <string.h>

#include "../test_cmocka.h"
#include "../test_rounds.h"
#include "engine/inside.h"
#include "world.h"

static int nothing_to_do(apl_turn *turn, int32_t handler) {
	(void)turn;
	(void)handler;
	return APL_PORT_FALSE;
}

/* The shape of the reference chart: 13 states in two regions, 14 integers. */
static bool build_reference(apl_builder *b) {
	static const char *const first[] = {"greeting", "listening", "solving", "resolved", "escalated"};
	static const char *const second[] = {"calm", "warned", "final-warning"};
	bool good = apl_build_begin(b, APL_BUILD_PARALLEL, "root", APL_NOWHERE) && state(b, "conversation");
	for (size_t i = 0; i < 5 && good; i++) {
		good = state(b, first[i]) && (i != 2 || (leaf(b, "offering") && leaf(b, "negotiating"))) && apl_build_end(b);
	}
	good = good && apl_build_end(b) && state(b, "boundary");
	for (size_t i = 0; i < 3 && good; i++) good = leaf(b, second[i]);
	return good && apl_build_end(b) && apl_build_end(b);
}

static const test_event reference_events[] = {{"hello", NULL}};
static const test_program reference = {.id = "desk",
    .data = "{'messages':{'type':'integer','default':0},'tone':{'type':'integer','default':0},'abuses':{'type':'integer','default':0},'"
            "rejects':{'type':'integer','default':0},"
            "'n_0':{'type':'integer','default':0},'n_1':{'type':'integer','default':0},'n_2':{'type':'integer','default':0},'n_3':{'type':'"
            "integer','default':0},"
            "'n_4':{'type':'integer','default':0},'n_5':{'type':'integer','default':0},'n_6':{'type':'integer','default':0},'n_7':{'type':'"
            "integer','default':0},"
            "'n_8':{'type':'integer','default':0},'n_9':{'type':'integer','default':0}}",
    .events = reference_events,
    .n_events = 1,
    .answer = nothing_to_do,
    .build = build_reference};

static void open_many(world *w, uint32_t from, uint32_t to) {
	for (uint32_t i = from; i < to; i++) {
		char id[16];
		snprintf(id, sizeof id, "c%u", i);
		assert_int_equal(post(w, id, "hello", 0, NULL), APLOMB_OK);
		if (i % 256 == 255) pump(w);
	}
	pump(w);
}

static void an_idle_case_costs_at_most_320_bytes(void **state_) {
	(void)state_;
	uint32_t most = APL_ROUNDS(120000, 2000);
	double worst = 0;
	/* The table of cases doubles: right after that a case costs most. */
	static const uint32_t counts[] = {1000, 1800, 29000, 58000, 100000, 115000};
	for (size_t i = 0; i < sizeof counts / sizeof counts[0] && counts[i] <= most; i++) {
		world w = {0};
		const world_options options = {.forget = true, .log_level = APLOMB_LOG_ERROR};
		assert_true(world_open(&w, &reference, &options));
		apl_chart *chart = apl_engine_program(w.engine, "desk", 4)->chart;
		assert_int_equal(chart->n_states, 13);
		open_many(&w, 0, 600); /* buffers that serve all cases are as large as they get */
		uint64_t bytes = w.heap.bytes, blocks = w.heap.blocks, table = (uint64_t)w.engine->cases.capacity * sizeof(apl_case_slot);
		open_many(&w, 600, 600 + counts[i]);
		double each = (double)(w.heap.bytes - bytes + table * 600 / (600 + counts[i])) / counts[i] +
		              8.0 * (double)(w.heap.blocks - blocks) / counts[i];
		print_message("%u idle cases: %.1f bytes each, allocator's headers of 8 bytes included\n", counts[i], each);
		if (each > worst) worst = each;
		world_end(&w);
	}
	assert_true(worst <= 320);
}

static void count_ids(const char *id, void *payload) {
	uint32_t *count = payload;
	char expected[16];
	snprintf(expected, sizeof expected, "c%u", *count);
	assert_string_equal(id, expected);
	++*count;
}

static void cases_are_found_by_their_ids_and_told_in_order(void **state_) {
	(void)state_;
	world w = {0};
	const world_options options = {.forget = true, .log_level = APLOMB_LOG_ERROR};
	assert_true(world_open(&w, &reference, &options));
	uint32_t n = APL_ROUNDS(5000, 500), count = 0;
	open_many(&w, 0, n);
	assert_int_equal(apl_engine_cases(w.engine, count_ids, &count), n);
	assert_int_equal(count, n);
	for (uint32_t i = 0; i < n; i++) {
		char id[16];
		snprintf(id, sizeof id, "c%u", i);
		assert_string_equal(apl_case_id(case_of(&w, id)), id);
	}
	assert_null(case_of(&w, "c"));
	assert_null(case_of(&w, "c999999"));
	world_end(&w);
}

static void removed_cases_leave_the_others_to_be_found(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &reference, NULL));
	enum { N = 400 };
	apl_case *made[N];
	bool there[N];
	apl_cases table;
	apl_cases_init(&table, &w.alloc);
	uint64_t random = 1;
	for (uint32_t i = 0; i < N; i++) {
		char id[16];
		int size = snprintf(id, sizeof id, "c%u", i);
		made[i] = apl_case_new(w.engine, apl_engine_program(w.engine, "desk", 4), id, (uint32_t)size);
		assert_true(apl_cases_add(&table, made[i]));
		there[i] = true;
	}
	for (uint32_t round = 0; round < 3000; round++) {
		uint32_t i = (uint32_t)(apl_random_next(&random) % N);
		if (there[i]) {
			apl_cases_remove(&table, made[i]);
		} else {
			assert_true(apl_cases_add(&table, made[i]));
		}
		there[i] = !there[i];
		uint32_t other = (uint32_t)(apl_random_next(&random) % N);
		assert_ptr_equal(apl_cases_find(&table, apl_case_id(made[other]), made[other]->id_size), there[other] ? made[other] : NULL);
	}
	apl_cases_dispose(&table);
	for (uint32_t i = 0; i < N; i++) apl_case_free(w.engine, made[i]);
	world_end(&w);
}

static void removed_ids_leave_the_others_to_be_found(void **state_) {
	(void)state_;
	apl_alloc system = apl_alloc_system();
	enum { N = 300 };
	apl_seen seen = {NULL, 0, 0};
	bool there[N] = {false};
	uint64_t random = 2;
	for (uint32_t round = 0; round < 5000; round++) {
		uint32_t i = (uint32_t)(apl_random_next(&random) % N);
		/* Few homes, so that runs are long. */
		apl_hash128 hash = {i + 1, i % 16};
		if (there[i]) {
			apl_seen_remove(&seen, hash);
		} else {
			const apl_seen_id id = {.hash = hash, .seq = i};
			assert_true(apl_seen_add(&system, &seen, id, 0));
		}
		there[i] = !there[i];
		uint32_t other = (uint32_t)(apl_random_next(&random) % N);
		apl_seen_id *found = apl_seen_find(&seen, (apl_hash128){other + 1, other % 16});
		assert_true((found != NULL) == there[other]);
		if (found != NULL) assert_true(found->seq == other);
	}
	apl_seen_dispose(&system, &seen);
}

static void ids_that_are_forgotten_make_room(void **state_) {
	(void)state_;
	apl_alloc system = apl_alloc_system();
	enum { N = 20000, KEPT = 100 };
	apl_seen seen = {NULL, 0, 0};
	for (uint32_t seq = 1; seq <= N; seq++) {
		const uint64_t floor = seq > KEPT ? seq - KEPT : 0;
		const apl_seen_id id = {.hash = {seq, seq * 7u}, .seq = seq, .how = APL_SEEN_UNHANDLED};
		assert_true(apl_seen_add(&system, &seen, id, floor));
		/* What is remembered is found, as it was. */
		const uint32_t oldest = (uint32_t)floor + 1;
		const apl_seen_id *found = apl_seen_find(&seen, (apl_hash128){oldest, oldest * 7u});
		assert_true(found != NULL && found->seq == oldest && found->how == APL_SEEN_UNHANDLED);
		assert_false(apl_seen_is_forgotten(found, floor));
	}
	assert_true(seen.capacity <= 8 * KEPT);
	/* Seen anew, a forgotten one stands there once. */
	const uint32_t count = seen.count;
	const apl_seen_id anew = {.hash = {N, N * 7u}};
	assert_true(apl_seen_add(&system, &seen, anew, N));
	assert_int_equal(seen.count, count);
	assert_false(apl_seen_is_forgotten(apl_seen_find(&seen, anew.hash), N));
	apl_seen_dispose(&system, &seen);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_idle_case_costs_at_most_320_bytes),
	    cmocka_unit_test(cases_are_found_by_their_ids_and_told_in_order),
	    cmocka_unit_test(removed_cases_leave_the_others_to_be_found),
	    cmocka_unit_test(removed_ids_leave_the_others_to_be_found),
	    cmocka_unit_test(ids_that_are_forgotten_make_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
