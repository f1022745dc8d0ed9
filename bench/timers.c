/* SPDX-License-Identifier: MIT */
/*
 * What arming, moving, cancelling and firing a timer cost beside a plain 4-ary
 * heap, with ten million pending: both are done in turns, so that the ratios
 * are of one run. The bar is 1.5.
 *
 * The plain heap is what one would write for these four and nothing else:
 * entries of a deadline and a pointer, in memory that is there from the
 * beginning; the place of each is kept in its row, for else nothing could be
 * moved or cancelled. It knows no order among equal deadlines and asserts
 * nothing. Both have rows as room engine makes them. Rows are made beforehand,
 * for whoever arms a timer has just made its row, and in the order in which
 * they lie, as an allocator gives out what it has.
 *
 *   bench_timers [ROUNDS] [PENDING] [OPERATIONS]
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/hash.h"
#include "engine/inside.h"
#include "measure.h"
#include "time/timerq.h"

enum { MOST_ROUNDS = 99, N_ACTS = 4, N_SIDES = 2, AT_ONCE = 500 };

/* ---- the floor --------------------------------------------------------------- */

typedef struct entry {
	int64_t due_at;
	apl_case_timer *row;
} entry;

typedef struct plain {
	entry *heap;
	uint32_t count;
} plain;

static void put(plain *p, uint32_t at, entry e) {
	p->heap[at] = e;
	e.row->timer.position = at;
}

static void rise(plain *p, uint32_t at, entry e) {
	while (at > 0 && e.due_at < p->heap[(at - 1) / 4].due_at) {
		put(p, at, p->heap[(at - 1) / 4]);
		at = (at - 1) / 4;
	}
	put(p, at, e);
}

static void sink(plain *p, uint32_t at, entry e) {
	for (;;) {
		uint32_t first = at * 4 + 1, least = first;
		if (first >= p->count) break;
		for (uint32_t i = first + 1; i < first + 4 && i < p->count; i++) {
			if (p->heap[i].due_at < p->heap[least].due_at) least = i;
		}
		if (p->heap[least].due_at >= e.due_at) break;
		put(p, at, p->heap[least]);
		at = least;
	}
	put(p, at, e);
}

static void plain_settle(plain *p, uint32_t at, entry e) {
	if (at > 0 && e.due_at < p->heap[(at - 1) / 4].due_at)
		rise(p, at, e);
	else
		sink(p, at, e);
}

static void plain_remove(plain *p, uint32_t at) {
	entry last = p->heap[--p->count];
	if (at < p->count) plain_settle(p, at, last);
}

/* ---- both sides, by number ------------------------------------------------------ */

typedef struct sides {
	plain floor;
	apl_timerq queue;
	apl_case_timer *rows[N_SIDES];
	uint64_t order;
} sides;

/* Whoever arms a timer has just made its row (runtime/engine/timers.c does), so it is near. */
static void make(sides *s, int side, uint32_t number, int64_t due_at) {
	s->rows[side][number] = (apl_case_timer){.timer = {due_at, s->order++, 0}, .owner = (apl_case *)s, .calendar = APL_NO_CALENDAR};
}

static void arm(sides *s, int side, uint32_t number) {
	apl_case_timer *row = &s->rows[side][number];
	if (side == 0)
		rise(&s->floor, s->floor.count++, (entry){row->timer.due_at, row});
	else if (!apl_timerq_push(&s->queue, &row->timer))
		exit(1);
}

static void move(sides *s, int side, uint32_t number, int64_t due_at) {
	apl_case_timer *row = &s->rows[side][number];
	row->timer.due_at = due_at;
	row->timer.order = s->order++;
	if (side == 0)
		plain_settle(&s->floor, row->timer.position, (entry){due_at, row});
	else
		apl_timerq_moved(&s->queue, &row->timer);
}

static void cancel(sides *s, int side, uint32_t number) {
	if (side == 0)
		plain_remove(&s->floor, s->rows[0][number].timer.position);
	else
		apl_timerq_remove(&s->queue, &s->rows[1][number].timer);
}

/* The number of the one that was due first, and when. */
static uint32_t fire(sides *s, int side, int64_t *due_at) {
	if (side == 0) {
		entry first = s->floor.heap[0];
		*due_at = first.due_at;
		plain_remove(&s->floor, 0);
		return (uint32_t)(first.row - s->rows[0]);
	}
	apl_timer *first = apl_timerq_first(&s->queue);
	*due_at = first->due_at;
	apl_timerq_remove(&s->queue, first);
	return (uint32_t)((apl_case_timer *)first - s->rows[1]);
}

/* ---- a round ---------------------------------------------------------------------- */

typedef struct world {
	sides both;
	uint32_t pending, count; /* of timers, of operations a round */
	uint32_t *live;          /* the numbers that are pending, in no order; behind them those that are not */
	uint32_t *where;         /* in [live], of each number */
	uint32_t *chosen;
	int64_t *due;
	double cost[N_ACTS][N_SIDES][MOST_ROUNDS];
} world;

static const int64_t AHEAD = INT64_C(30) * 24 * 3600 * 1000000;

/* Deadlines as cases have them: anywhere within a month. Or many alike: at the ends of its 720 hours. */
static int64_t draw(uint64_t *seed, int64_t now, bool alike) {
	int64_t ahead = (int64_t)(apl_random_next(seed) % (uint64_t)AHEAD), hour = INT64_C(3600) * 1000000;
	return alike ? (now + ahead) / hour * hour + hour : now + ahead;
}

static void swap_live(world *w, uint32_t a, uint32_t b) {
	uint32_t x = w->live[a], y = w->live[b];
	w->live[a] = y, w->where[y] = a;
	w->live[b] = x, w->where[x] = b;
}

/* [count] numbers that are pending, at random, moved to the end of those that are. */
static void choose(world *w, uint64_t *seed, uint32_t pending) {
	for (uint32_t i = 0; i < w->count; i++) {
		swap_live(w, (uint32_t)(apl_random_next(seed) % (pending - i)), pending - 1 - i);
		w->chosen[i] = w->live[pending - 1 - i];
	}
}

static int by_number(const void *a, const void *b) {
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

/* New timers take the rows that are free one after the other, as an allocator gives out what it has. */
static void give_out(world *w) {
	qsort(w->live + w->pending, w->count, sizeof *w->live, by_number);
	for (uint32_t i = w->pending; i < w->pending + w->count; i++) w->where[w->live[i]] = i;
}

static double per(const world *w, double before) {
	return (cpu_seconds() - before) / w->count * 1e9;
}

/* Arms, moves, cancels and fires so many on both sides, each on the same numbers, and leaves as many pending as there were. */
static int64_t one_round(world *w, int round, int64_t now, bool alike) {
	uint64_t seed = (uint64_t)round + 77;
	const uint32_t pending = w->pending;
	give_out(w);
	for (uint32_t i = 0; i < w->count; i++) w->due[i] = draw(&seed, now, alike);
	for (int side = 0; side < N_SIDES; side++) {
		double took = 0;
		for (uint32_t i = 0; i < w->count; i += AT_ONCE) {
			uint32_t end = i + AT_ONCE < w->count ? i + AT_ONCE : w->count;
			for (uint32_t k = i; k < end; k++) make(&w->both, side, w->live[pending + k], w->due[k]);
			double before = cpu_seconds();
			for (uint32_t k = i; k < end; k++) arm(&w->both, side, w->live[pending + k]);
			took += cpu_seconds() - before;
		}
		w->cost[0][side][round] = took / w->count * 1e9;
	}
	choose(w, &seed, pending + w->count);
	for (uint32_t i = 0; i < w->count; i++) w->due[i] = draw(&seed, now, alike);
	for (int side = 0; side < N_SIDES; side++) {
		double before = cpu_seconds();
		for (uint32_t i = 0; i < w->count; i++) move(&w->both, side, w->chosen[i], w->due[i]);
		w->cost[1][side][round] = per(w, before);
	}
	choose(w, &seed, pending + w->count);
	for (int side = 0; side < N_SIDES; side++) {
		double before = cpu_seconds();
		for (uint32_t i = 0; i < w->count; i++) cancel(&w->both, side, w->chosen[i]);
		w->cost[2][side][round] = per(w, before);
	}
	int64_t last[N_SIDES] = {0};
	for (int side = 0; side < N_SIDES; side++) {
		int64_t due_at = 0;
		double before = cpu_seconds();
		for (uint32_t i = 0; i < w->count; i++) {
			uint32_t number = fire(&w->both, side, &due_at);
			w->chosen[i] = number;
			if (due_at < last[side]) exit(1);
			last[side] = due_at;
		}
		w->cost[3][side][round] = per(w, before);
		/* Of equal deadlines the floor takes any: to leave the same pending on both sides, what it took is armed again and ours decides. */
		if (side == 0)
			for (uint32_t i = 0; i < w->count; i++) arm(&w->both, 0, w->chosen[i]);
	}
	if (last[0] != last[1]) {
		fprintf(stderr, "bench_timers: the two heaps fire at other times\n");
		exit(1);
	}
	for (uint32_t i = 0; i < w->count; i++) {
		uint32_t number = w->chosen[i];
		int64_t due_at = draw(&seed, last[1], alike);
		move(&w->both, 0, number, due_at);
		make(&w->both, 1, number, due_at);
		arm(&w->both, 1, number);
	}
	return last[1];
}

/* ---- telling ------------------------------------------------------------------------ */

static int compare(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *values, int n) {
	qsort(values, (size_t)n, sizeof *values, compare);
	return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static bool tell(world *w, int rounds) {
	static const char *const names[N_ACTS] = {"arming", "moving", "cancelling", "firing"};
	bool is_over = false;
	for (int act = 0; act < N_ACTS; act++) {
		double ratios[MOST_ROUNDS];
		for (int r = 0; r < rounds; r++) ratios[r] = w->cost[act][1][r] / w->cost[act][0][r];
		double ratio = median(ratios, rounds);
		printf("  %-12s %6.0f ns, plain %6.0f ns: %.2f\n", names[act], median(w->cost[act][1], rounds), median(w->cost[act][0], rounds),
		    ratio);
		is_over = is_over || ratio > 1.5;
	}
	return is_over;
}

static void *need(size_t size) {
	void *block = calloc(1, size);
	if (block != NULL) return block;
	fprintf(stderr, "bench_timers: no memory\n");
	exit(1);
}

static bool run(int rounds, uint32_t pending, uint32_t count, bool alike) {
	world *w = need(sizeof *w);
	uint32_t all = pending + count;
	uint64_t seed = 1;
	w->pending = pending, w->count = count;
	w->live = need(all * sizeof *w->live), w->where = need(all * sizeof *w->where);
	w->chosen = need(count * sizeof *w->chosen), w->due = need(count * sizeof *w->due);
	w->both.floor.heap = need(all * sizeof *w->both.floor.heap);
	for (int side = 0; side < N_SIDES; side++) w->both.rows[side] = need(all * sizeof(apl_case_timer));
	const apl_alloc alloc = apl_alloc_system();
	apl_timerq_init(&w->both.queue, &alloc);
	for (uint32_t i = 0; i < all; i++) w->live[i] = w->where[i] = i;
	for (uint32_t i = all - 1; i > 0; i--) swap_live(w, i, (uint32_t)(apl_random_next(&seed) % (i + 1)));
	for (uint32_t i = 0; i < pending; i++) {
		int64_t due_at = draw(&seed, 0, alike);
		for (int side = 0; side < N_SIDES; side++) make(&w->both, side, w->live[i], due_at), arm(&w->both, side, w->live[i]);
	}
	printf("%s, %u pending, medians of %d rounds of %u each (%s)\n", alike ? "Deadlines at the ends of 720 hours" : "Random deadlines",
	    pending, rounds, count, alike ? "no bar: the plain heap keeps no order among equals" : "bar: 1.5");
	int64_t now = 0;
	for (int round = 0; round < rounds; round++) now = one_round(w, round, now, alike);
	bool is_over = tell(w, rounds);
	printf("  a pending timer: %zu bytes of row and %.1f of heap\n", sizeof(apl_case_timer),
	    (double)w->both.queue.capacity * sizeof *w->both.queue.heap / pending);
	apl_timerq_dispose(&w->both.queue);
	free(w->both.rows[0]), free(w->both.rows[1]), free(w->both.floor.heap);
	free(w->live), free(w->where), free(w->chosen), free(w->due);
	free(w);
	return is_over;
}

int main(int argc, char **argv) {
	int rounds = argc > 1 ? atoi(argv[1]) : 5;
	int64_t pending = argc > 2 ? atoll(argv[2]) : 10000000, count = argc > 3 ? atoll(argv[3]) : 1000000;
	if (rounds < 1 || rounds > MOST_ROUNDS || pending < 1 || count < 1 || pending + count > 500000000 || count > pending) {
		fprintf(stderr, "usage: bench_timers [ROUNDS] [PENDING] [OPERATIONS]\n");
		return 2;
	}
	bool is_over = run(rounds, (uint32_t)pending, (uint32_t)count, false);
	run(rounds, (uint32_t)pending, (uint32_t)count, true);
	return is_over ? 1 : 0;
}
