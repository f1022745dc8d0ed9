/* SPDX-License-Identifier: MIT */
/*
 * Decides which timer is first: the earliest deadline, and among equal ones
 * the one armed first. A 4-ary heap, half as deep as a binary one, whose
 * entries hold their deadlines: to look at four children is to read 64 bytes
 * that lie side by side, and a timer's own row is read only among equal
 * deadlines. With ten million pending that is a third of what it costs to ask
 * each row (bench/timers.c).
 *
 *            0
 *      1   2   3   4
 *   5 6 7 8  9 …
 */

#include "time/timerq.h"

#include "base/assert.h"

static inline bool goes_before(const apl_timerq_entry *a, const apl_timerq_entry *b) {
	return a->due_at != b->due_at ? a->due_at < b->due_at : a->timer->order < b->timer->order;
}

static inline void put(apl_timerq *queue, uint32_t index, apl_timerq_entry entry) {
	queue->heap[index] = entry;
	entry.timer->position = index + 1;
}

/* Move [entry], which is to stand at [index], towards the root as far as it belongs. */
static void rise(apl_timerq *queue, uint32_t index, apl_timerq_entry entry) {
	while (index > 0) {
		uint32_t parent = (index - 1) / APL_TIMERQ_WAYS;
		if (!goes_before(&entry, &queue->heap[parent])) break;
		put(queue, index, queue->heap[parent]);
		index = parent;
	}
	put(queue, index, entry);
}

static void sink(apl_timerq *queue, uint32_t index, apl_timerq_entry entry) {
	for (;;) {
		uint64_t first = (uint64_t)index * APL_TIMERQ_WAYS + 1;
		if (first >= queue->count) break;
		uint32_t least = (uint32_t)first;
		uint64_t end = first + APL_TIMERQ_WAYS < queue->count ? first + APL_TIMERQ_WAYS : queue->count;
		for (uint32_t child = least + 1; child < end; child++) {
			if (goes_before(&queue->heap[child], &queue->heap[least])) least = child;
		}
		if (!goes_before(&queue->heap[least], &entry)) break;
		put(queue, index, queue->heap[least]);
		index = least;
	}
	put(queue, index, entry);
}

static void settle(apl_timerq *queue, uint32_t index, apl_timerq_entry entry) {
	if (index > 0 && goes_before(&entry, &queue->heap[(index - 1) / APL_TIMERQ_WAYS]))
		rise(queue, index, entry);
	else
		sink(queue, index, entry);
}

void apl_timerq_init(apl_timerq *queue, const apl_alloc *alloc) {
	*queue = (apl_timerq){.alloc = *alloc};
}

void apl_timerq_dispose(apl_timerq *queue) {
	apl_free(&queue->alloc, queue->heap, queue->capacity * sizeof *queue->heap);
	*queue = (apl_timerq){.alloc = queue->alloc};
}

bool apl_timerq_reserve(apl_timerq *queue, uint32_t more) {
	while (queue->capacity - queue->count - queue->aside < more) {
		/* Said to be full, it doubles. */
		if (!APL_GROW(&queue->alloc, queue->heap, queue->capacity, queue->capacity)) return false;
	}
	return true;
}

bool apl_timerq_push(apl_timerq *queue, apl_timer *timer) {
	APL_ASSERT(timer->position == 0);
	if (!apl_timerq_reserve(queue, 1)) return false;
	rise(queue, queue->count++, (apl_timerq_entry){timer->due_at, timer});
	return true;
}

static bool holds(const apl_timerq *queue, const apl_timer *timer) {
	return timer->position <= queue->count && queue->heap[timer->position - 1].timer == timer;
}

void apl_timerq_remove(apl_timerq *queue, apl_timer *timer) {
	if (timer->position == 0) return;
	APL_ASSERT(holds(queue, timer));
	uint32_t index = timer->position - 1;
	timer->position = 0;
	apl_timerq_entry last = queue->heap[--queue->count];
	if (last.timer != timer) settle(queue, index, last);
}

void apl_timerq_moved(apl_timerq *queue, apl_timer *timer) {
	APL_ASSERT(timer->position != 0 && holds(queue, timer));
	settle(queue, timer->position - 1, (apl_timerq_entry){timer->due_at, timer});
}

void apl_timerq_put_aside(apl_timerq *queue, apl_timer *timer) {
	APL_ASSERT(timer->position != 0);
	apl_timerq_remove(queue, timer);
	queue->aside++;
}

void apl_timerq_put_back(apl_timerq *queue, apl_timer *timer) {
	APL_ASSERT(queue->aside > 0);
	queue->aside--;
	bool pushed = apl_timerq_push(queue, timer);
	APL_ASSERT(pushed);
}
