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

#include "engine/turn.h"

typedef enum apl_queued_kind {
	APL_QUEUED_EVENT,
	APL_QUEUED_REFUSED,   /* turned away at the door; only its entry is to be written */
	APL_QUEUED_DUPLICATE, /* its id was there already: only an answer */
	APL_QUEUED_SENT       /* the case sent it to itself, to happen at once */
} apl_queued_kind;

typedef struct apl_queued {
	struct apl_queued *next, *before;
	struct apl_queue_block *block; /* NULL: inside a timer's row */
	apl_case *the_case;            /* NULL: its opening did not come about */
	uint8_t kind;                  /* apl_queued_kind */
	bool opens;                    /* the case's first event */
	bool has_id;
	bool linked;   /* it is in the queue */
	bool stepped;  /* in the running batch */
	int32_t event; /* number in the chart */
	uint32_t id_size, by_size;
	apl_payload payload;
	apl_hash128 id_hash;
	aplomb_instant at;
	aplomb_receipt_fn done;
	void *done_payload;
	const char *slug, *message, *name; /* of a refused one; name: also the case's id when there is no case */
	struct apl_case_timer *timer;      /* of a sent one */
	/* The answer, as the step found it. */
	int code;
	bool unhandled, deferred, faulted, closed;
	uint64_t seq;
	aplomb_span late_by;
	const char *why; /* in the block's arena, or NULL */
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
	apl_queue_block *filling; /* where new events go; or NULL */
	apl_queue_block *spare;
	uint32_t count; /* linked events that have a block */
} apl_queue;

void apl_queue_init(apl_queue *queue, const apl_alloc *alloc);
void apl_queue_dispose(apl_queue *queue);

/* A block to make the next event in; NULL without memory. */
apl_queue_block *apl_queue_block_for_next(apl_queue *queue);
/* Memory for an event, uninitialised, in that block; NULL without. It belongs to the queue once appended. */
apl_queued *apl_queue_make(apl_queue_block *block);
void apl_queue_append(apl_queue *queue, apl_queued *queued);
/* The batch is taken back: what it stepped waits again. */
void apl_queue_go_back(apl_queue *queue);
/* Takes it out and gives its memory back to its block. */
void apl_queue_release(apl_queue *queue, apl_queued *queued);

#endif
