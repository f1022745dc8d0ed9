/* SPDX-License-Identifier: MIT */
/* A case that comes back out of its snapshot goes on as if nothing had been. */
#include <stdlib.h>
#include <string.h>

#include "../test_cmocka.h"
#include "../test_rounds.h"
#include "engine/inside.h"
#include "random_program.h"
#include "time/instant.h"

/* ---- comparing -------------------------------------------------------------------- */

/* The lines of one case from [from] on, one behind another. */
static void lines_of(world *w, const char *id, size_t from, apl_buf *out) {
	char member[64];
	int size = snprintf(member, sizeof member, "\"case\":\"%s\",\"cause\"", id);
	apl_buf_clear(out);
	const char *at = w->lines.bytes + from, *end = w->lines.bytes + w->lines.size;
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		if (memmem(at, (size_t)(newline - at), member, (size_t)size) != NULL) apl_buf_add(out, at, (size_t)(newline - at) + 1);
		at = newline + 1;
	}
}

enum { ROUNDS = 14, ACTS = 5 };

typedef int (*test_act)(world *w, scenario *s);

static void play(world *w, scenario *s, test_act what, uint32_t rounds) {
	for (uint32_t round = 0; round < rounds; round++) {
		for (uint32_t i = 0; i < ACTS; i++) what(w, s);
		/* Bounded: a case that always sends itself something is never quiet. */
		for (uint32_t i = 0; i < 50; i++) assert_int_equal(apl_engine_pump(w->engine, 0, NULL, NULL), APLOMB_OK);
	}
}

static uint32_t compare_from(const test_program *spec, test_act what, uint64_t seed, uint32_t rounds, const world_options *options) {
	uint32_t compared = 0;
	apl_alloc system = apl_alloc_system();
	apl_buf one, other;
	apl_buf_init(&one, &system);
	apl_buf_init(&other, &system);
	world through = {0}, again = {0};
	scenario s = {.random = seed};
	assert_true(world_open(&through, spec, options));
	play(&through, &s, what, rounds);
	size_t from = through.lines.size;
	assert_true(world_open(&again, spec, options));
	again.clock = through.clock;
	scenario s_again = s;
	for (apl_case *c = through.engine->first_case; c != NULL; c = c->next) {
		if (c->seq == 0) continue;
		const char *snapshot = snapshot_of(&through, apl_case_id(c), false);
		aplomb_error error;
		if (apl_engine_restore(again.engine, snapshot, strlen(snapshot), &error)) fail_msg("%s: %s", error.message, snapshot);
		assert_string_equal(snapshot_of(&again, apl_case_id(c), false), snapshot);
	}
	play(&through, &s, what, 3);
	play(&again, &s_again, what, 3);
	for (apl_case *c = through.engine->first_case; c != NULL; c = c->next) {
		if (c->seq == 0 || strchr(apl_case_id(c), '"') != NULL) continue;
		lines_of(&through, apl_case_id(c), from, &one);
		lines_of(&again, apl_case_id(c), 0, &other);
		if (strcmp(text_of(&one), text_of(&other)) != 0)
			fail_msg("seed %u, round %u, case %s:\n%s\n%s", (unsigned)seed, rounds, apl_case_id(c), one.bytes, other.bytes);
		assert_string_equal(snapshot_of(&through, apl_case_id(c), true), snapshot_of(&again, apl_case_id(c), true));
		compared++;
	}
	apl_buf_dispose(&one);
	apl_buf_dispose(&other);
	world_end(&through);
	world_end(&again);
	return compared;
}

static void a_restored_case_writes_the_lines_of_one_that_was_never_interrupted(void **state_) {
	(void)state_;
	uint32_t compared = 0, programs = 0;
	uint32_t most = APL_ROUNDS(30, 2);
	for (uint64_t seed = 1; seed <= most; seed++) {
		for (uint32_t rounds = 1; rounds < ROUNDS; rounds += 2) compared += compare_from(&desk, act, seed, rounds, NULL);
	}
	const aplomb_limits limits = {.size = sizeof limits, .microsteps = 60, .internal_events = 60, .timers = 20};
	const world_options options = {.limits = &limits, .log_level = APLOMB_LOG_ERROR};
	for (chart_seed = 1; chart_seed <= most * 2; chart_seed++) {
		apl_chart *chart = random_one();
		if (chart == NULL) continue;
		apl_chart_free(chart);
		programs++;
		for (uint32_t rounds = 1; rounds < ROUNDS; rounds += 4)
			compared += compare_from(&random_program, act_randomly, chart_seed, rounds, &options);
	}
	print_message("%u restored cases compared; %u random programs\n", compared, programs);
}

static uint32_t count_of(const apl_buf *lines, const char *part) {
	uint32_t count = 0;
	size_t size = strlen(part);
	for (const char *at = lines->bytes, *end = at + lines->size; (at = memmem(at, (size_t)(end - at), part, size)) != NULL; at += size)
		count++;
	return count;
}

/* Random programs have delays of all kinds, or the test above would not be about them. */
static void random_programs_arm_delays_of_all_kinds(void **state_) {
	(void)state_;
	static const char *const causes[] = {",\"event\":\"after.", ",\"event\":\"every.", ",\"event\":\"at."};
	uint32_t seen[3] = {0};
	for (chart_seed = 1; chart_seed <= 30; chart_seed++) {
		apl_chart *chart = random_one();
		if (chart == NULL) continue;
		apl_chart_free(chart);
		world w = {0};
		scenario s = {.random = chart_seed};
		assert_true(world_open(&w, &random_program, NULL));
		play(&w, &s, act_randomly, 6);
		for (int i = 0; i < 3; i++) seen[i] += count_of(&w.lines, causes[i]);
		world_end(&w);
	}
	print_message("fired: after %u, every %u, at %u\n", seen[0], seen[1], seen[2]);
	for (int i = 0; i < 3; i++) assert_true(seen[i] > 5);
}

static void what_is_no_snapshot_is_not_restored(void **state_) {
	(void)state_;
	static const struct {
		const char *from, *to, *slug;
		int code;
	} changes[] = {
	    {"\"messages\":1", "\"messages\":2", "snapshot-digest", APLOMB_EDAMAGED},
	    {"work.respect.calm", "work.respect.warned", "snapshot-digest", APLOMB_EDAMAGED},
	    {"work.respect.calm", "work.respect.clam", "snapshot-shape", APLOMB_EDAMAGED},
	    {"\"aplomb\":\"snapshot\"", "\"aplomb\":\"journal\"", "snapshot-shape", APLOMB_EDAMAGED},
	    {"\"v\":1}", "\"v\":2}", "snapshot-version", APLOMB_EVERSION},
	    {"\"hash\":\"d8", "\"hash\":\"d9", "unknown-playbook", APLOMB_ENOTFOUND},
	    {"\"seq\":2,", "\"seq\":0,", "snapshot-shape", APLOMB_EDAMAGED},
	    {"\"prev\":\"", "\"prev\":\"x", "snapshot-shape", APLOMB_EDAMAGED},
	    {"\"random\":\"", "\"random\":\"x", "snapshot-shape", APLOMB_EDAMAGED},
	    {"after.work.conversation.waiting.1", "after.work.conversation.waiting.9", "snapshot-shape", APLOMB_EDAMAGED},
	    {"\"status\":\"open\"", "\"status\":\"ajar\"", "snapshot-shape", APLOMB_EDAMAGED},
	    {"\"opened_at\":\"2026", "\"opened_at\":\"2027", "snapshot-shape", APLOMB_EDAMAGED},
	    {"\"since\":\"2026", "\"since\":\"2027", "snapshot-shape", APLOMB_EDAMAGED},
	    {"\"total_us\":0", "\"total_us\":9000000000000000000", "snapshot-shape", APLOMB_EDAMAGED},
	    {"{", "", "json-syntax", APLOMB_EJSON},
	};
	world w = {0}, other = {0};
	assert_true(world_open(&w, &desk, NULL));
	assert_true(world_open(&other, &desk, NULL));
	happen(&w, "a", "agent.message", 0, NULL);
	happen(&w, "b", "unloved", 0, NULL);
	happen(&w, "a", "customer.message", 0, NULL);
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		char text[8192];
		const char *good = snapshot_of(&w, i == 6 ? "b" : "a", false);
		const char *at = strstr(good, changes[i].from);
		assert_non_null(at);
		snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, changes[i].to, at + strlen(changes[i].from));
		aplomb_error error;
		int code = apl_engine_restore(other.engine, text, strlen(text), &error);
		if (code != changes[i].code || strcmp(error.slug, changes[i].slug) != 0) fail_msg("%zu: %s: %s", i, error.slug, error.message);
		assert_null(case_of(&other, "a"));
		assert_int_equal(other.engine->timers.count, 0);
	}
	const char *good = snapshot_of(&w, "a", false);
	assert_int_equal(apl_engine_restore(other.engine, good, strlen(good), NULL), APLOMB_OK);
	aplomb_error error;
	assert_int_equal(apl_engine_restore(other.engine, good, strlen(good), &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "case-exists");
	world_end(&w);
	world_end(&other);
}

static void restoring_without_memory_leaves_nothing(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	scenario s = {.random = 11};
	for (int i = 0; i < 60; i++) act(&w, &s);
	pump(&w);
	happen(&w, "rich", "pause", s.now, NULL);
	assert_int_equal(post_as(&w, "r1", "rich", "customer.message", s.now, "{'text':'kept'}", NULL), APLOMB_OK);
	happen(&w, "rich", "later", s.now, "{'n':3}");
	happen(&w, "rich", "delayed", s.now, "{'n':4}");
	const char *snapshot = snapshot_of(&w, "rich", false);
	for (uint64_t fail_at = 1;; fail_at++) {
		world other = {0};
		assert_true(world_open(&other, &desk, NULL));
		other.heap.calls = 0;
		other.heap.fail_at = fail_at;
		int code = apl_engine_restore(other.engine, snapshot, strlen(snapshot), NULL);
		other.heap.fail_at = 0;
		if (code == APLOMB_OK) {
			assert_string_equal(snapshot_of(&other, "rich", false), snapshot);
		} else {
			assert_int_equal(code, APLOMB_ENOMEM);
			assert_null(apl_cases_find(&other.engine->cases, "rich", 4));
			assert_int_equal(other.engine->timers.count, 0);
		}
		world_end(&other);
		if (code == APLOMB_OK) break;
	}
	world_end(&w);
}

static void snapshots_go_into_the_store_with_the_commit(void **state_) {
	(void)state_;
	world w = {0};
	const world_options options = {.snapshot_every = 3};
	assert_true(world_open(&w, &desk, &options));
	const apl_store *store = &w.engine->store;
	const char *text;
	size_t size;
	uint64_t seq;
	happen(&w, "a", "unloved", 0, NULL);
	assert_int_equal(store->ops->snapshot(store->self, "a", 1, 0, UINT64_MAX, &text, &size, &seq, NULL), APLOMB_ENOTFOUND);
	happen(&w, "a", "agent.message", 0, NULL);
	assert_int_equal(store->ops->snapshot(store->self, "a", 1, 0, UINT64_MAX, &text, &size, &seq, NULL), APLOMB_OK);
	assert_int_equal(seq, 3);
	char hex[APL_SHA256_HEX + 1];
	apl_sha256_hex(&(apl_bytes){w.lines.bytes, w.lines.size}, 1, hex);
	assert_text_has(text, hex);
	assert_int_equal(strlen(snapshot_of(&w, "a", false)), size);
	assert_memory_equal(snapshot_of(&w, "a", false), text, size);
	size_t before = w.lines.size;
	for (int i = 0; i < 3; i++) happen(&w, "a", "unloved", 0, NULL);
	assert_int_equal(store->ops->snapshot(store->self, "a", 1, 0, UINT64_MAX, &text, &size, &seq, NULL), APLOMB_OK);
	assert_int_equal(seq, 6);
	apl_sha256_hex(&(apl_bytes){w.lines.bytes + before, w.lines.size - before}, 1, hex);
	assert_text_has(text, hex);
	world_end(&w);
}

static void without_a_journal_snapshots_say_null(void **state_) {
	(void)state_;
	world w = {0};
	const world_options options = {.forget = true};
	assert_true(world_open(&w, &desk, &options));
	happen(&w, "a", "unloved", 0, NULL);
	assert_text_has(snapshot_of(&w, "a", false), "'sha256':null");
	world_end(&w);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_restored_case_writes_the_lines_of_one_that_was_never_interrupted),
	    cmocka_unit_test(random_programs_arm_delays_of_all_kinds),
	    cmocka_unit_test(what_is_no_snapshot_is_not_restored),
	    cmocka_unit_test(restoring_without_memory_leaves_nothing),
	    cmocka_unit_test(snapshots_go_into_the_store_with_the_commit),
	    cmocka_unit_test(without_a_journal_snapshots_say_null),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
