/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"
#include "../test_heap.h"

#include <string.h>

#include "base/alloc.h"
#include "base/hard.h"

static void new_memory_is_zeroed(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	for (size_t size = 0; size < 100; size++) {
		unsigned char *block = apl_new(&alloc, size);
		assert_non_null(block);
		for (size_t i = 0; i < size; i++) assert_int_equal(block[i], 0);
		apl_free(&alloc, block, size);
	}
}

static void an_empty_block_is_a_block(void **state) {
	(void)state;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	void *block = apl_new(&alloc, 0);
	assert_non_null(block);
	block = apl_resize(&alloc, block, 0, 10);
	assert_non_null(block);
	block = apl_resize(&alloc, block, 10, 0);
	assert_non_null(block);
	assert_int_equal(heap.blocks, 1);
	apl_free(&alloc, block, 0);
	assert_int_equal(heap.blocks, 0);
	apl_free(&alloc, NULL, 17);
}

static void resizing_keeps_what_was_there(void **state) {
	(void)state;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	char *block = apl_resize(&alloc, NULL, 0, 4);
	memcpy(block, "abcd", 4);
	block = apl_resize(&alloc, block, 4, 1000);
	assert_memory_equal(block, "abcd", 4);
	block = apl_resize(&alloc, block, 1000, 2);
	assert_memory_equal(block, "ab", 2);
	heap.fail_at = heap.calls + 1;
	assert_null(apl_resize(&alloc, block, 2, 100000));
	assert_memory_equal(block, "ab", 2);
	apl_free(&alloc, block, 2);
	assert_int_equal(heap.bytes, 0);
}

static void shrinking_succeeds_without_memory(void **state) {
	(void)state;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	char *block = apl_new(&alloc, 64);
	block[0] = 'x';
	/* In the hard build shrinking moves, and is refused room for it. */
	heap.fail_at = heap.calls + 1;
	char *smaller = apl_resize(&alloc, block, 64, 8);
	assert_non_null(smaller);
	assert_int_equal(smaller[0], 'x');
	apl_free(&alloc, smaller, 8);
	assert_int_equal(heap.blocks, 0);
}

static void a_copied_text_is_terminated(void **state) {
	(void)state;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	char *copy = apl_copy_text(&alloc, "resolved, or so", 8);
	assert_string_equal(copy, "resolved");
	apl_free(&alloc, copy, 9);
	copy = apl_copy_text(&alloc, NULL, 0);
	assert_string_equal(copy, "");
	apl_free(&alloc, copy, 1);
	assert_null(apl_copy_text(&alloc, "x", SIZE_MAX));
	heap.fail_at = heap.calls + 1;
	assert_null(apl_copy_text(&alloc, "x", 1));
	assert_int_equal(heap.blocks, 0);
}

static void an_array_grows_by_doubling_and_stays_without_memory(void **state) {
	(void)state;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	uint64_t *items = NULL;
	uint32_t capacity = 0;
	uint32_t count = 0;
	for (; count < 5000; count++) {
		assert_true(APL_GROW(&alloc, items, count, capacity));
		items[count] = count * 3u;
	}
	assert_true(heap.calls < 16);
	while (count < capacity) items[count++] = 0;
	heap.fail_at = heap.calls + 1;
	uint64_t *before = items;
	uint32_t capacity_before = capacity;
	assert_false(APL_GROW(&alloc, items, count, capacity));
	assert_ptr_equal(items, before);
	assert_int_equal(capacity, capacity_before);
	for (uint32_t i = 0; i < 5000; i++) assert_int_equal(items[i], i * 3u);
	apl_free(&alloc, items, capacity * sizeof *items);
	assert_int_equal(heap.bytes, 0);
}

static void arena_memory_is_aligned_and_apart(void **state) {
	(void)state;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	apl_arena arena;
	apl_arena_init(&arena, &alloc);
	assert_non_null(apl_arena_take(&arena, 0));
	assert_int_equal(heap.blocks, 0);
	unsigned char *blocks[300];
	for (size_t i = 0; i < 300; i++) {
		blocks[i] = apl_arena_take(&arena, i * 7);
		assert_non_null(blocks[i]);
		assert_int_equal((uintptr_t)blocks[i] % 16, 0);
		memset(blocks[i], (int)(i % 251), i * 7);
	}
	for (size_t i = 0; i < 300; i++) {
		for (size_t j = 0; j < i * 7; j++) assert_int_equal(blocks[i][j], i % 251);
	}
	apl_arena_dispose(&arena);
	assert_int_equal(heap.bytes, 0);
	apl_arena_dispose(&arena);
}

static void an_arena_that_is_emptied_keeps_one_chunk(void **state) {
	(void)state;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	apl_arena arena;
	apl_arena_init(&arena, &alloc);
	apl_arena_reset(&arena);
	void *first = apl_arena_take(&arena, 1);
	for (int i = 0; i < 1000; i++) assert_non_null(apl_arena_take(&arena, 100));
	assert_true(heap.blocks > 1);
	apl_arena_reset(&arena);
	assert_int_equal(heap.blocks, 1);
	assert_ptr_equal(apl_arena_take(&arena, 16), first);
	apl_arena_dispose(&arena);
	assert_int_equal(heap.blocks, 0);
}

static void rewinding_gives_back_what_came_after_the_mark(void **state) {
	(void)state;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	apl_arena arena;
	apl_arena_init(&arena, &alloc);
	apl_arena_mark empty = apl_arena_here(&arena);
	char *kept = apl_arena_text(&arena, "kept", 4);
	apl_arena_mark mark = apl_arena_here(&arena);
	uint64_t blocks = heap.blocks;
	void *next = apl_arena_take(&arena, 1);
	for (int i = 0; i < 500; i++) assert_non_null(apl_arena_take(&arena, 100));
	apl_arena_rewind(&arena, mark);
	assert_int_equal(heap.blocks, blocks);
	assert_string_equal(kept, "kept");
	if (!APL_IS_HARD) assert_ptr_equal(apl_arena_take(&arena, 1), next);
	apl_arena_rewind(&arena, mark);
	apl_arena_rewind(&arena, empty);
	assert_int_equal(heap.blocks, 1);
	apl_arena_dispose(&arena);
	assert_int_equal(heap.blocks, 0);
}

static void an_arena_without_memory_stays_as_it_was(void **state) {
	(void)state;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	apl_arena arena;
	apl_arena_init(&arena, &alloc);
	assert_null(apl_arena_take(&arena, SIZE_MAX));
	assert_null(apl_arena_take(&arena, SIZE_MAX - 14));
	assert_null(apl_arena_text(&arena, "x", SIZE_MAX));
	heap.fail_at = 1;
	assert_null(apl_arena_take(&arena, 1));
	heap.fail_at = 0;
	char *text = apl_arena_text(&arena, "still", 5);
	heap.fail_at = heap.calls + 1;
	assert_null(apl_arena_take(&arena, 1000000));
	heap.fail_at = 0;
	assert_string_equal(text, "still");
	assert_non_null(apl_arena_take(&arena, 1000000));
	apl_arena_dispose(&arena);
	assert_int_equal(heap.blocks, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(new_memory_is_zeroed),
	    cmocka_unit_test(an_empty_block_is_a_block),
	    cmocka_unit_test(resizing_keeps_what_was_there),
	    cmocka_unit_test(shrinking_succeeds_without_memory),
	    cmocka_unit_test(a_copied_text_is_terminated),
	    cmocka_unit_test(an_array_grows_by_doubling_and_stays_without_memory),
	    cmocka_unit_test(arena_memory_is_aligned_and_apart),
	    cmocka_unit_test(an_arena_that_is_emptied_keeps_one_chunk),
	    cmocka_unit_test(rewinding_gives_back_what_came_after_the_mark),
	    cmocka_unit_test(an_arena_without_memory_stays_as_it_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
