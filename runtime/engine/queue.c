/* SPDX-License-Identifier: MIT */
/*
 * Decides where waiting events live and in which order they come. What is in
 * them, and what becomes of them, is decided by the door and the pump.
 */
#include "engine/queue.h"

#include "base/assert.h"

void apl_queue_init(apl_queue *queue, const apl_alloc *alloc) {
	*queue = (apl_queue){.alloc = *alloc};
}

static void free_block(apl_queue *queue, apl_queue_block *block) {
	if (block == NULL) return;
	apl_arena_dispose(&block->arena);
	apl_free(&queue->alloc, block, sizeof *block);
}

void apl_queue_dispose(apl_queue *queue) {
	while (queue->first != NULL) {
		apl_queued *gone = queue->first;
		apl_queue_release(queue, gone);
	}
	free_block(queue, queue->filling);
	while (queue->spare != NULL) {
		apl_queue_block *block = queue->spare;
		queue->spare = block->next;
		free_block(queue, block);
	}
}

void apl_queue_block_is_empty(apl_queue *queue, apl_queue_block *block) {
	apl_arena_reset(&block->arena);
	block->taken = block->gone = 0;
	if (block == queue->filling) return;
	block->next = queue->spare;
	queue->spare = block;
}

apl_queue_block *apl_queue_new_block(apl_queue *queue) {
	apl_queue_block *block = queue->spare;
	if (block != NULL) {
		queue->spare = block->next;
	} else {
		block = apl_new(&queue->alloc, sizeof *block);
		if (block == NULL) return NULL;
		apl_arena_init(&block->arena, &queue->alloc);
	}
	/* The full one is found again through its events. */
	queue->filling = block;
	return block;
}

void apl_queue_append(apl_queue *queue, apl_queued *queued) {
	APL_ASSERT(!queued->linked);
	queued->linked = true;
	queued->stepped = false;
	queued->next = NULL;
	queued->before = queue->last;
	if (queue->last != NULL) {
		queue->last->next = queued;
	} else {
		queue->first = queued;
	}
	queue->last = queued;
	if (queue->cursor == NULL) queue->cursor = queued;
	if (queued->block != NULL) {
		queued->block->taken++;
		queue->count++;
	}
}

void apl_queue_go_back(apl_queue *queue) {
	for (apl_queued *queued = queue->first; queued != queue->cursor; queued = queued->next) queued->stepped = false;
	queue->cursor = queue->first;
}

void apl_queue_put_aside(apl_queue *queue, apl_queued *queued) {
	apl_queue_unlink(queue, queued);
	queued->next = NULL;
	queued->before = queue->last_aside;
	if (queue->last_aside != NULL) {
		queue->last_aside->next = queued;
	} else {
		queue->aside = queued;
	}
	queue->last_aside = queued;
}

void apl_queue_put_back(apl_queue *queue) {
	apl_queued *first = queue->aside, *last = queue->last_aside, *behind = queue->cursor;
	if (first == NULL) return;
	apl_queued *before = behind != NULL ? behind->before : queue->last;
	first->before = before;
	last->next = behind;
	if (before != NULL) {
		before->next = first;
	} else {
		queue->first = first;
	}
	if (behind != NULL) {
		behind->before = last;
	} else {
		queue->last = last;
	}
	queue->cursor = first;
	queue->aside = queue->last_aside = NULL;
}
