/* SPDX-License-Identifier: MIT */
#ifndef APL_ENGINE_QUEUE_H
#define APL_ENGINE_QUEUE_H

/*
 * What waits to be stepped, first in, first out. An event's texts and record
 * live in the arena of its block; a block is used again when all of its events
 * are done with. An event that a case sent itself lives inside its row.
 *
 *   first … (stepped in this batch, not yet committed) … cursor … last
 *
 * What is appended while a batch is committed and answered comes behind the
 * cursor and is not stepped, so it is not taken for a part of the batch.
 */

#include "base/assert.h"
#include "base/hard.h"
#include "engine/turn.h"

typedef enum apl_queued_kind {
	APL_QUEUED_EVENT,
	APL_QUEUED_REFUSED,   /* turned away at the door; only its entry is to be written */
	APL_QUEUED_DUPLICATE, /* its id was there already: only an answer */
	APL_QUEUED_SENT,      /* the case sent it to itself, to happen at once */
	APL_QUEUED_CANCEL     /* whoever invoked the case has left the state */
} apl_queued_kind;

/* In place of an event: there is none, the case is to be opened. */
#define APL_ONLY_OPENS (-1)

/* What every event goes through lies in front, what only some have lies behind. */
typedef struct apl_queued {
	struct apl_queued *next, *before;
	struct apl_queue_block *block; /* NULL: inside a timer's row */
	apl_case *the_case;            /* NULL: its opening did not come about */
	uint8_t kind;                  /* apl_queued_kind */
	bool opens;                    /* the case's first event */
	bool has_id;
	bool linked;                               /* it is in the queue */
	bool stepped;                              /* in the running batch */
	bool stays;                                /* whatever becomes of the batch, it waits until it is committed */
	bool unhandled, deferred, faulted, closed; /* the answer, as the step found it */
	int code;                                  /* likewise */
	uint32_t hops;                             /* of an event that led from case to case: how many times; 0: it is from outside */
	int32_t event;                             /* number in the chart, or APL_ONLY_OPENS */
	uint32_t by_size;
	apl_payload payload;
	aplomb_instant at;
	aplomb_receipt_fn done; /* NULL: nobody wants the answer */
	uint64_t seq;           /* the answer goes on */
	aplomb_span late_by;
	const char *why;  /* in the block's arena, or NULL */
	const char *name; /* of a refused one; also the case's id when there is no case */
	void *done_payload;
	uint32_t id_size;
	apl_hash128 id_hash;
	const char *slug, *message; /* of a refused one */
	union {
		struct apl_case_timer *timer; /* of a sent one */
		struct apl_posting *posting;  /* of one that stays: what another case sent, which it disposes of; or NULL */
	};
} apl_queued;

typedef struct apl_queue_block {
	struct apl_queue_block *next;
	apl_arena arena;
	uint32_t taken; /* events made in it */
	uint32_t gone;  /* of those: done with */
} apl_queue_block;

typedef struct apl_queue {
	apl_alloc alloc;
	apl_queued *first, *last, *cursor;
	apl_queued *aside, *last_aside; /* of the running batch: what waits for the next one, before the cursor; or NULL */
	apl_queue_block *filling;       /* where new events go; or NULL */
	apl_queue_block *spare;
	uint32_t count; /* linked events that have a block */
} apl_queue;

void apl_queue_init(apl_queue *queue, const apl_alloc *alloc);
void apl_queue_dispose(apl_queue *queue);

/* Events made in one block: few enough that a slow one does not hold much memory, many enough that blocks are rare. */
#define APL_BLOCK_EVENTS APL_START(128u)

apl_queue_block *apl_queue_new_block(apl_queue *queue);
/* A block to make the next event in; NULL without memory. */
static inline apl_queue_block *apl_queue_block_for_next(apl_queue *queue) {
	apl_queue_block *block = queue->filling;
	return block != NULL && block->taken < APL_BLOCK_EVENTS ? block : apl_queue_new_block(queue);
}
/* Memory for an event, uninitialised, in that block; NULL without. It belongs to the queue once appended. */
static inline apl_queued *apl_queue_make(apl_queue_block *block) {
	return apl_arena_take(&block->arena, sizeof(apl_queued));
}
void apl_queue_append(apl_queue *queue, apl_queued *queued);
/* An event at the cursor or behind it steps out of the row until the batch's steps are done. */
void apl_queue_put_aside(apl_queue *queue, apl_queued *queued);
/* All of those stand before the cursor again, which is the first of them. */
void apl_queue_put_back(apl_queue *queue);
/* The batch is taken back: what it stepped waits again. */
void apl_queue_go_back(apl_queue *queue);
/* Out of the row; its memory stays. */
static inline void apl_queue_unlink(apl_queue *queue, apl_queued *queued) {
	if (queue->cursor == queued) queue->cursor = queued->next;
	if (queued->before != NULL) {
		queued->before->next = queued->next;
	} else {
		queue->first = queued->next;
	}
	if (queued->next != NULL) {
		queued->next->before = queued->before;
	} else {
		queue->last = queued->before;
	}
}
/* Nothing of it is needed any more: it is filled anew, now or when its turn comes. */
void apl_queue_block_is_empty(apl_queue *queue, apl_queue_block *block);
/* Takes it out and gives its memory back to its block. Each event ends with it. */
static inline void apl_queue_release(apl_queue *queue, apl_queued *queued) {
	APL_ASSERT(queued->linked && queue->aside == NULL);
	queued->linked = false;
	apl_queue_unlink(queue, queued);
	apl_queue_block *block = queued->block;
	if (block == NULL) return;
	queue->count--;
	block->gone++;
	if (block->gone == block->taken) apl_queue_block_is_empty(queue, block);
}

#endif
