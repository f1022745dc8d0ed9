/* SPDX-License-Identifier: MIT */
#ifndef APL_TEST_HEAP_H
#define APL_TEST_HEAP_H

/*
 * A host's allocator for tests. It holds every size that is given back against
 * the size that was asked for, counts what is still out, and can fail the n-th
 * request. Blocks are as large as was asked, so that AddressSanitizer sees a
 * byte too far.
 *
 *     for (heap.fail_at = 1;; heap.fail_at++) {
 *         heap.calls = 0;
 *         … do it; on success break; otherwise nothing may be left …
 *     }
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"

typedef struct test_heap {
	uint64_t calls;   /* requests for more memory */
	uint64_t fail_at; /* the request that fails; 0: none */
	uint64_t blocks;  /* still out */
	uint64_t bytes;
	uint64_t peak; /* the most bytes that were out at a time, since you last set it */
} test_heap;

enum { TEST_HEAP_HEADER = 16 };

static inline void *test_heap_alloc(void *payload, void *block, size_t old_size, size_t new_size) {
	test_heap *heap = payload;
	char *header = block != NULL ? (char *)block - TEST_HEAP_HEADER : NULL;
	if (header != NULL && *(size_t *)(void *)header != old_size) {
		fprintf(stderr, "a block of %zu bytes came back as one of %zu\n", *(size_t *)(void *)header, old_size);
		abort();
	}
	if (new_size == 0) {
		if (header != NULL) {
			heap->blocks--;
			heap->bytes -= old_size;
		}
		free(header);
		return NULL;
	}
	/* Shrinking does not fail: the contract of an aplomb_allocator. */
	if ((header == NULL || new_size > old_size) && ++heap->calls == heap->fail_at) return NULL;
	char *moved = realloc(header, TEST_HEAP_HEADER + new_size);
	if (moved == NULL) abort();
	heap->blocks += header == NULL;
	heap->bytes += new_size - (header != NULL ? old_size : 0);
	if (heap->bytes > heap->peak) heap->peak = heap->bytes;
	*(size_t *)(void *)moved = new_size;
	return moved + TEST_HEAP_HEADER;
}

static inline apl_alloc test_heap_allocator(test_heap *heap) {
	return (apl_alloc){test_heap_alloc, heap};
}

#endif
