/* SPDX-License-Identifier: MIT */
/*
 * Decides which timer is first: the earliest deadline, and among equal ones
 * the one armed first. A 4-ary heap: half as deep as a binary one, and the
 * four children of a node lie in one cache line.
 *
 *            0
 *      1   2   3   4
 *   5 6 7 8  9 …
 */

#include "time/timerq.h"

#include "base/assert.h"

#define WAYS 4u

static inline bool goes_before(const apl_timer *a, const apl_timer *b) {
	return a->due_at != b->due_at ? a->due_at < b->due_at : a->order < b->order;
}

static inline void put(apl_timerq *queue, uint32_t index, apl_timer *timer) {
	queue->heap[index] = timer;
	timer->position = index + 1;
}

/* Move [timer], which is to stand at [index], towards the root as far as it belongs. */
static void rise(apl_timerq *queue, uint32_t index, apl_timer *timer) {
	while (index > 0) {
		uint32_t parent = (index - 1) / WAYS;
		if (!goes_before(timer, queue->heap[parent])) break;
		put(queue, index, queue->heap[parent]);
		index = parent;
	}
	put(queue, index, timer);
}

static void sink(apl_timerq *queue, uint32_t index, apl_timer *timer) {
	for (;;) {
		uint64_t first = (uint64_t)index * WAYS + 1;
		if (first >= queue->count) break;
		uint32_t least = (uint32_t)first;
		uint64_t end = first + WAYS < queue->count ? first + WAYS : queue->count;
		for (uint32_t child = least + 1; child < end; child++) {
			if (goes_before(queue->heap[child], queue->heap[least])) least = child;
		}
		if (!goes_before(queue->heap[least], timer)) break;
		put(queue, index, queue->heap[least]);
		index = least;
	}
	put(queue, index, timer);
}

static void settle(apl_timerq *queue, uint32_t index, apl_timer *timer) {
	if (index > 0 && goes_before(timer, queue->heap[(index - 1) / WAYS]))
		rise(queue, index, timer);
	else
		sink(queue, index, timer);
}

void apl_timerq_init(apl_timerq *queue, const apl_alloc *alloc) {
	*queue = (apl_timerq){.alloc = *alloc};
}

void apl_timerq_dispose(apl_timerq *queue) {
	apl_free(&queue->alloc, queue->heap, queue->capacity * sizeof *queue->heap);
	*queue = (apl_timerq){.alloc = queue->alloc};
}

bool apl_timerq_reserve(apl_timerq *queue, uint32_t more) {
	while (queue->capacity - queue->count < more) {
		/* Said to be full, it doubles. */
		if (!APL_GROW(&queue->alloc, queue->heap, queue->capacity, queue->capacity)) return false;
	}
	return true;
}

bool apl_timerq_push(apl_timerq *queue, apl_timer *timer) {
	APL_ASSERT(timer->position == 0);
	if (!apl_timerq_reserve(queue, 1)) return false;
	rise(queue, queue->count++, timer);
	return true;
}

static bool holds(const apl_timerq *queue, const apl_timer *timer) {
	return timer->position <= queue->count && queue->heap[timer->position - 1] == timer;
}

void apl_timerq_remove(apl_timerq *queue, apl_timer *timer) {
	if (timer->position == 0) return;
	APL_ASSERT(holds(queue, timer));
	uint32_t index = timer->position - 1;
	timer->position = 0;
	apl_timer *last = queue->heap[--queue->count];
	if (last != timer) settle(queue, index, last);
}

void apl_timerq_moved(apl_timerq *queue, apl_timer *timer) {
	APL_ASSERT(timer->position != 0 && holds(queue, timer));
	settle(queue, timer->position - 1, timer);
}
