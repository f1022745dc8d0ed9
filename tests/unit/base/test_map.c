/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"
#include "../test_heap.h"

#include <string.h>

#include "base/hash.h"
#include "base/map.h"

static void an_empty_map_holds_nothing(void **state) {
	(void)state;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	apl_map map;
	apl_map_init(&map, &alloc);
	assert_null(apl_map_get(&map, "a", 1));
	assert_null(apl_map_remove(&map, "a", 1));
	assert_int_equal(heap.calls, 0);
	apl_map_dispose(&map);
}

static void putting_again_replaces_key_and_value(void **state) {
	(void)state;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	apl_map map;
	apl_map_init(&map, &alloc);
	int first, second;
	char *key = apl_copy_text(&alloc, "key", 3);
	assert_true(apl_map_put(&map, key, 3, &first));
	assert_true(apl_map_put(&map, "key", 3, &second));
	apl_free(&alloc, key, 4); /* the old key lived with the old value */
	assert_ptr_equal(apl_map_get(&map, "key", 3), &second);
	assert_int_equal(map.count, 1);
	assert_true(apl_map_put(&map, "", 0, &first));
	assert_ptr_equal(apl_map_get(&map, "", 0), &first);
	assert_null(apl_map_get(&map, "ke", 2));
	assert_false(apl_map_put(&map, "x", (size_t)UINT32_MAX + 1, &first));
	apl_map_dispose(&map);
	assert_int_equal(heap.blocks, 0);
}

/* Against a plain table of what is in it, through growth and removal. */
static void a_map_agrees_with_a_plain_table_after_every_step(void **state) {
	(void)state;
	enum { KEYS = 500, STEPS = 100000 };
	static char keys[KEYS][8];
	static bool in[KEYS];
	for (int i = 0; i < KEYS; i++) {
		snprintf(keys[i], sizeof keys[i], "k%d", i);
		in[i] = false;
	}
	apl_alloc alloc = apl_alloc_system();
	apl_map map;
	apl_map_init(&map, &alloc);
	uint64_t random = 42;
	uint32_t count = 0;
	for (int step = 0; step < STEPS; step++) {
		uint64_t draw = apl_random_next(&random);
		/* Phases of filling and emptying, so that removed slots gather. */
		bool puts = (draw >> 32) % 8 < (step / 5000 % 2 ? 2u : 6u);
		char *key = keys[draw % KEYS];
		bool *is_in = &in[draw % KEYS];
		assert_ptr_equal(apl_map_get(&map, key, strlen(key)), *is_in ? key : NULL);
		if (puts) {
			assert_true(apl_map_put(&map, key, strlen(key), key));
			count += !*is_in;
			*is_in = true;
		} else {
			assert_ptr_equal(apl_map_remove(&map, key, strlen(key)), *is_in ? key : NULL);
			count -= *is_in;
			*is_in = false;
		}
		assert_int_equal(map.count, count);
		assert_true(map.used >= map.count && map.used < map.capacity + (map.capacity == 0));
	}
	for (int i = 0; i < KEYS; i++) assert_ptr_equal(apl_map_get(&map, keys[i], strlen(keys[i])), in[i] ? keys[i] : NULL);
	assert_true(map.capacity <= 1024);
	apl_map_dispose(&map);
}

static void a_map_without_memory_stays_as_it_was(void **state) {
	(void)state;
	enum { KEYS = 100 };
	static char keys[KEYS][8];
	for (int i = 0; i < KEYS; i++) snprintf(keys[i], sizeof keys[i], "k%d", i);
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	for (heap.fail_at = 1;; heap.fail_at++) {
		heap.calls = 0;
		apl_map map;
		apl_map_init(&map, &alloc);
		int put = 0;
		while (put < KEYS && apl_map_put(&map, keys[put], strlen(keys[put]), keys[put])) put++;
		assert_int_equal(map.count, put);
		for (int i = 0; i < put; i++) assert_ptr_equal(apl_map_get(&map, keys[i], strlen(keys[i])), keys[i]);
		if (put < KEYS) assert_null(apl_map_get(&map, keys[put], strlen(keys[put])));
		apl_map_dispose(&map);
		assert_int_equal(heap.blocks, 0);
		if (put == KEYS) break;
	}
	assert_true(heap.fail_at > 3);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_empty_map_holds_nothing),
	    cmocka_unit_test(putting_again_replaces_key_and_value),
	    cmocka_unit_test(a_map_agrees_with_a_plain_table_after_every_step),
	    cmocka_unit_test(a_map_without_memory_stays_as_it_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
