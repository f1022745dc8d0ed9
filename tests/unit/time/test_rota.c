/* SPDX-License-Identifier: MIT */
/*
 * Rotas against a slow one, minute by minute, which asks the C library what the clock shows and stands on nothing of ours. What the
 * language makes of turns and layers is looked at in tests/unit/api/test_rotas.c.
 *
 * APLOMB_ROTA_ROUNDS is how many rotas are tried; each is looked at in a window of twelve days around a change of the clocks.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../test_cmocka.h"
#include "../test_heap.h"
#include "../test_rounds.h"
#include "time/rota.h"

enum { DAYS = 12, MINUTES = DAYS * 1440, MOST = 12, MOST_STARTS = 8 };

static uint64_t seed = 20261126;
static uint32_t below(uint32_t limit) {
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((seed >> 33) % limit);
}

/* ---- the slow one ------------------------------------------------------------------------ */

typedef struct slow {
	aplomb_instant begin;
	int64_t shown[MINUTES]; /* minutes since 1970 on the clock, or the latest that it showed before */
} slow;

static void slow_look(slow *s, const char *zone, aplomb_instant begin) {
	setenv("TZ", zone, 1);
	tzset();
	s->begin = begin;
	int64_t latest = INT64_MIN;
	for (int i = 0; i < MINUTES; i++) {
		time_t second = (time_t)(begin / APL_SECOND + i * 60);
		struct tm tm;
		localtime_r(&second, &tm);
		int64_t now = (int64_t)apl_date_of(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday) * 1440 + tm.tm_hour * 60 + tm.tm_min;
		if (now > latest) latest = now;
		s->shown[i] = latest;
	}
}

/* The first minute at which the clock shows that time, or has jumped over it. */
static int64_t first_shown(const slow *s, apl_wall wall) {
	int64_t wanted = wall / APL_MINUTE;
	if (s->shown[0] >= wanted) return wanted - s->shown[0] - 1; /* before the window, in its order */
	int low = 0, high = MINUTES;
	while (low < high) {
		int middle = (low + high) / 2;
		if (s->shown[middle] < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const char *slow_who(const slow *s, const apl_rota_shift *shifts, uint32_t count, int minute) {
	const char *who = NULL;
	int64_t best_rank = -1, best_began = 0;
	for (uint32_t i = 0; i < count; i++) {
		const apl_ics_event *when = &shifts[i].when;
		if (minute < first_shown(s, shifts[i].from) || minute >= first_shown(s, shifts[i].until)) continue;
		for (uint32_t n = 0; n < when->total; n++) {
			apl_wall start = when->starts[n % when->n_starts] + (apl_wall)(n / when->n_starts) * when->period;
			bool is_without = false;
			for (uint32_t k = 0; k < when->n_without; k++) is_without = is_without || when->without[k] == start;
			int64_t began = first_shown(s, start);
			if (is_without || began > minute || first_shown(s, start + when->length) <= minute) continue;
			if (shifts[i].rank < best_rank || (shifts[i].rank == best_rank && began < best_began)) continue;
			best_rank = shifts[i].rank;
			best_began = began;
			who = shifts[i].who;
		}
	}
	return who;
}

/* ---- random ones ---------------------------------------------------------------------------- */

static const char *const names[] = {"Ada", "Bob", "Cleo", "Dee", NULL};

typedef struct made {
	apl_rota_shift shifts[MOST];
	apl_wall starts[MOST][MOST_STARTS], without[MOST][2];
	uint32_t count;
} made;

/* Walls within a day or two of the middle are where the clock changes. */
static apl_wall random_wall(apl_wall begin) {
	uint32_t days = below(3) > 0 ? DAYS / 2 - 1 + below(3) : below(DAYS);
	return begin + days * APL_DAY + below(96) * 15 * APL_MINUTE;
}

static void make(made *m, const apl_zone *zone, apl_wall begin) {
	m->count = 1 + below(MOST);
	for (uint32_t i = 0; i < m->count; i++) {
		apl_rota_shift *shift = &m->shifts[i];
		*shift = (apl_rota_shift){.who = names[below(5)], .source = "turns", .rank = below(4)};
		shift->from = below(4) == 0 ? random_wall(begin) : begin - 100 * APL_DAY;
		shift->until = below(4) == 0 ? random_wall(begin) : begin + 100 * APL_DAY;
		apl_ics_event *when = &shift->when;
		*when = (apl_ics_event){.name = "", .zone = zone, .starts = m->starts[i], .without = m->without[i]};
		when->n_starts = 1 + below(MOST_STARTS);
		apl_wall start = random_wall(begin) - below(6) * APL_DAY;
		for (uint32_t k = 0; k < when->n_starts; k++) {
			m->starts[i][k] = start;
			start += (1 + below(150)) * 15 * APL_MINUTE;
		}
		when->period = below(2) * (start - m->starts[i][0]);
		when->total = when->period > 0 ? when->n_starts * 3 : when->n_starts;
		when->length = (1 + below(200)) * 15 * APL_MINUTE;
		if (below(3) == 0) {
			m->without[i][0] = m->starts[i][below(when->n_starts)];
			when->n_without = 1;
		}
	}
}

static bool is_same(const char *a, const char *b) {
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static uint64_t compare(const apl_rota *rota, const slow *s, const made *m, const char *zone) {
	uint64_t compared = 0;
	apl_rota_duty duty = {0, 0, NULL, NULL};
	for (int i = 0; i < MINUTES; i++) {
		aplomb_instant at = s->begin + i * APL_MINUTE;
		const char *expected = slow_who(s, m->shifts, m->count, i), *who = apl_rota_who(rota, at);
		if (!is_same(who, expected)) {
			char text[APL_INSTANT_TEXT];
			apl_instant_write(at, text);
			fail_msg("%s, %s: %s, and slowly %s", zone, text, who != NULL ? who : "nobody", expected != NULL ? expected : "nobody");
		}
		if (i == 0 || at >= duty.until) apl_rota_duty_at(rota, at, &duty);
		assert_true(duty.from <= at && at < duty.until && is_same(duty.who, who));
		compared++;
		/* Most minutes are like those beside them; all are looked at around the change. */
		if (i < (DAYS / 2 - 1) * 1440 || i > (DAYS / 2 + 2) * 1440) i += 28;
	}
	return compared;
}

static void it_is_who_a_slow_one_says_at_every_minute(void **state) {
	(void)state;
	static const char *const zones[] = {"Europe/London", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia",
	    "Asia/Tehran", "America/Sao_Paulo", "UTC"};
	const apl_alloc alloc = apl_alloc_system();
	const char *asked = getenv("APLOMB_ROTA_ROUNDS");
	uint64_t rounds = asked != NULL ? strtoull(asked, NULL, 10) : APL_ROUNDS(240u, 4u), compared = 0;
	slow *s = malloc(sizeof *s);
	made *m = malloc(sizeof *m);
	assert_true(s != NULL && m != NULL);
	for (uint64_t round = 0; round < rounds; round++) {
		const char *name = zones[round % (sizeof zones / sizeof *zones)];
		apl_zone zone;
		apl_rota *rota, *again;
		size_t size;
		assert_int_equal(apl_zone_load(&zone, &alloc, name, strlen(name), NULL), APLOMB_OK);
		/* Between 2000 and 2037, where the C library and we know alike. */
		uint32_t first = 0, last = 0;
		for (uint32_t i = 0; i < zone.count; i++) {
			if (zone.changes[i].at > 0 && zone.changes[i].at < INT64_C(946684800000000)) first = i + 1;
			if (zone.changes[i].at < INT64_C(2114380800000000)) last = i;
		}
		aplomb_instant change = last > first ? zone.changes[first + below(last - first)].at : INT64_C(1709164800000000);
		aplomb_instant begin = (change / APL_DAY - DAYS / 2) * APL_DAY;
		slow_look(s, name, begin);
		make(m, &zone,
		    apl_wall_of_day(apl_zone_wall(&zone, begin)) >= 0 ? (apl_wall)apl_wall_date(apl_zone_wall(&zone, begin)) * APL_DAY : 0);
		const apl_rota_parts parts = {&zone, m->shifts, m->count};
		assert_int_equal(apl_rota_new(&rota, &alloc, &parts, NULL), APLOMB_OK);
		compared += compare(rota, s, m, name);
		/* And read back from its text it is the same. */
		const char *text = apl_rota_text(rota, &size);
		assert_int_equal(apl_rota_read(&again, &alloc, text, size, NULL), APLOMB_OK);
		assert_string_equal(apl_rota_version(again), apl_rota_version(rota));
		apl_rota_free(again);
		apl_rota_free(rota);
		apl_zone_dispose(&zone);
	}
	unsetenv("TZ");
	print_message("%llu rotas, %llu minutes compared\n", (unsigned long long)rounds, (unsigned long long)compared);
	free(s);
	free(m);
}

static apl_rota *simple(const apl_alloc *alloc, aplomb_error *error) {
	static const apl_wall starts[] = {0, 7 * APL_DAY}, without[] = {14 * APL_DAY};
	apl_zone utc;
	apl_rota *rota = NULL;
	const apl_alloc system = apl_alloc_system();
	assert_int_equal(apl_zone_load(&utc, &system, "UTC", 3, NULL), APLOMB_OK);
	apl_ics_event when = {.zone = &utc,
	    .starts = starts,
	    .n_starts = 2,
	    .period = 14 * APL_DAY,
	    .total = 6,
	    .length = 7 * APL_DAY,
	    .without = without,
	    .n_without = 1};
	const apl_rota_shift shifts[] = {{"Ada", "turns", 0, when, APL_ROTA_ALWAYS_FROM, 30 * APL_DAY}};
	const apl_rota_parts parts = {&utc, shifts, 1};
	apl_rota_new(&rota, alloc, &parts, error);
	apl_zone_dispose(&utc);
	return rota;
}

static void turns_of_one_person_are_one_stretch(void **state) {
	(void)state;
	const apl_alloc alloc = apl_alloc_system();
	apl_rota *rota = simple(&alloc, NULL);
	apl_rota_duty duty;
	apl_rota_duty_at(rota, 3 * APL_DAY, &duty);
	assert_int_equal(duty.from, 0);
	assert_int_equal(duty.until, 14 * APL_DAY);
	apl_rota_duty_at(rota, 15 * APL_DAY, &duty);
	assert_null(duty.who);
	assert_int_equal(duty.until, 21 * APL_DAY);
	apl_rota_duty_at(rota, 29 * APL_DAY, &duty);
	assert_int_equal(duty.from, 21 * APL_DAY);
	assert_int_equal(duty.until, 30 * APL_DAY);
	apl_rota_duty_at(rota, -APL_DAY, &duty);
	assert_int_equal(duty.from, INT64_MIN);
	assert_int_equal(duty.until, 0);
	apl_rota_duty_at(rota, 31 * APL_DAY, &duty);
	assert_int_equal(duty.until, INT64_MAX);
	aplomb_instant next;
	assert_true(apl_rota_next(rota, 15 * APL_DAY, &next));
	assert_int_equal(next, 21 * APL_DAY);
	assert_true(apl_rota_next(rota, 5, &next));
	assert_int_equal(next, 5);
	assert_false(apl_rota_next(rota, 30 * APL_DAY, &next));
	apl_rota_free(rota);
}

static void a_text_that_was_changed_is_refused(void **state) {
	(void)state;
	static const char *const texts[] = {"[]", "{}", "{\"shifts\":[],\"v\":2,\"zones\":[]}", "{\"shifts\":[],\"v\":1,\"zones\":[]}",
	    "{\"shifts\":[1],\"v\":1,\"zones\":[{\"changes\":[],\"first\":0,\"name\":\"UTC\",\"v\":1}]}",
	    "{\"shifts\":[{\"for\":0,\"period\":0,\"rank\":0,\"source\":\"turns\",\"starts\":[0],\"total\":1,\"zone\":0}],\"v\":1,\"zones\":[{"
	    "\"changes\":[],\"first\":0,\"name\":\"UTC\",\"v\":1}]}",
	    "{\"shifts\":[{\"for\":60,\"period\":0,\"rank\":0,\"source\":\"turns\",\"starts\":[5,5],\"total\":2,\"zone\":0}],\"v\":1,\"zones\":"
	    "[{"
	    "\"changes\":[],\"first\":0,\"name\":\"UTC\",\"v\":1}]}",
	    "{\"shifts\":[{\"for\":60,\"period\":1,\"rank\":0,\"source\":\"turns\",\"starts\":[0,9],\"total\":8,\"zone\":0}],\"v\":1,\"zones\":"
	    "[{"
	    "\"changes\":[],\"first\":0,\"name\":\"UTC\",\"v\":1}]}",
	    "{\"shifts\":[{\"for\":60,\"period\":0,\"rank\":0,\"source\":\"turns\",\"starts\":[0],\"total\":1,\"zone\":1}],\"v\":1,\"zones\":[{"
	    "\"changes\":[],\"first\":0,\"name\":\"UTC\",\"v\":1}]}"};
	const apl_alloc alloc = apl_alloc_system();
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		apl_rota *rota = NULL;
		aplomb_error error = {0};
		assert_int_equal(apl_rota_read(&rota, &alloc, texts[i], strlen(texts[i]), &error), APLOMB_EINVAL);
		assert_string_equal(error.slug, "rota-material");
		assert_null(rota);
	}
}

static void without_memory_no_rota_is_left(void **state) {
	(void)state;
	test_heap heap = {0};
	const apl_alloc alloc = test_heap_allocator(&heap);
	apl_rota *rota = NULL;
	for (heap.fail_at = 1; rota == NULL; heap.fail_at++) {
		aplomb_error error = {0};
		heap.calls = 0;
		rota = simple(&alloc, &error);
		if (rota == NULL) assert_int_equal(error.code, APLOMB_ENOMEM);
		if (rota == NULL) assert_int_equal(heap.blocks, 0);
	}
	heap.fail_at = 0;
	size_t size;
	const char *text = apl_rota_text(rota, &size);
	apl_rota *again = NULL;
	uint64_t blocks = heap.blocks;
	for (uint64_t n = 1; again == NULL; n++) {
		heap.calls = 0;
		heap.fail_at = n;
		int code = apl_rota_read(&again, &alloc, text, size, NULL);
		assert_true(code == APLOMB_OK || (code == APLOMB_ENOMEM && heap.blocks == blocks));
	}
	apl_rota_free(again);
	apl_rota_free(rota);
	assert_int_equal(heap.blocks, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_is_who_a_slow_one_says_at_every_minute),
	    cmocka_unit_test(turns_of_one_person_are_one_stretch),
	    cmocka_unit_test(a_text_that_was_changed_is_refused),
	    cmocka_unit_test(without_memory_no_rota_is_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
