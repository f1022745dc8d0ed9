/* SPDX-License-Identifier: MIT */
#ifndef APL_TIME_TIMERQ_H
#define APL_TIME_TIMERQ_H

/*
 * Timers by deadline, then by the order they were armed: a 4-ary heap. The
 * timer is embedded in what its owner keeps; the queue points to it, keeps its
 * deadline and writes its position into it.
 */

#include "base/alloc.h"
#include "base/copy.h"

#define APL_TIMERQ_WAYS 4u /* children of an entry of the heap */

typedef struct apl_timer {
	aplomb_instant due_at;
	uint64_t order;    /* of arming, unique in the queue; the owner's to give */
	uint32_t position; /* in the heap plus 1; 0: not in the queue */
} apl_timer;

/* Is it due before the other one? */
static inline bool apl_timer_is_before(const apl_timer *a, const apl_timer *b) {
	return a->due_at != b->due_at ? a->due_at < b->due_at : a->order < b->order;
}

typedef struct apl_timerq_entry {
	aplomb_instant due_at; /* the timer's, as it was pushed or moved */
	apl_timer *timer;
} apl_timerq_entry;

typedef struct apl_timerq {
	apl_alloc alloc;
	apl_timerq_entry *heap;
	uint32_t count;
	uint32_t capacity;
	uint32_t aside; /* timers that are out for a while, and whose place is kept */
} apl_timerq;

void apl_timerq_init(apl_timerq *queue, const apl_alloc *alloc);
void apl_timerq_dispose(apl_timerq *queue);
/* Room for [more] pushes that then cannot fail. */
bool apl_timerq_reserve(apl_timerq *queue, uint32_t more);
/* false without memory. The timer is not in the queue yet (asserted). */
bool apl_timerq_push(apl_timerq *queue, apl_timer *timer);
/* Fine when it is not in the queue. */
void apl_timerq_remove(apl_timerq *queue, apl_timer *timer);
/* Takes it out for a while: to put it back needs no memory, whatever was pushed meanwhile. */
void apl_timerq_put_aside(apl_timerq *queue, apl_timer *timer);
void apl_timerq_put_back(apl_timerq *queue, apl_timer *timer);
/* It is removed or moved soon: what that touches first of the heap is on its way. In line: gcc drops the call of what only prefetches. */
APL_INLINE void apl_timerq_call_for(const apl_timerq *queue, const apl_timer *timer) {
	if (timer->position == 0) return;
	const uint32_t index = timer->position - 1;
	const uint64_t first = (uint64_t)index * APL_TIMERQ_WAYS + 1;
	__builtin_prefetch(&queue->heap[index]);
	if (index > 0) __builtin_prefetch(&queue->heap[(index - 1) / APL_TIMERQ_WAYS]);
	if (first < queue->count) __builtin_prefetch(&queue->heap[first]);
}
/* After due_at or order of a timer in the queue were changed. */
void apl_timerq_moved(apl_timerq *queue, apl_timer *timer);
/* The one due first, or NULL. */
static inline apl_timer *apl_timerq_first(const apl_timerq *queue) {
	return queue->count > 0 ? queue->heap[0].timer : NULL;
}

#endif
