/* SPDX-License-Identifier: MIT */
/* The queue of timers, against the plainest possible one: look at all of them. */

#include "../test_cmocka.h"
#include "base/hash.h"
#include "time/timerq.h"

static void equal_deadlines_fire_in_arming_order(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	apl_timerq queue;
	apl_timerq_init(&queue, &alloc);
	apl_timer timers[100];
	/* Pushed in another order than armed. */
	for (uint32_t i = 0; i < 100; i++) timers[i] = (apl_timer){.due_at = 5, .order = (i * 37) % 100};
	for (uint32_t i = 0; i < 100; i++) assert_true(apl_timerq_push(&queue, &timers[i]));
	for (uint64_t order = 0; order < 100; order++) {
		apl_timer *first = apl_timerq_first(&queue);
		assert_int_equal(first->order, order);
		apl_timerq_remove(&queue, first);
	}
	assert_null(apl_timerq_first(&queue));
	apl_timerq_dispose(&queue);
}

static void removing_what_is_not_in_the_queue_is_fine(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	apl_timerq queue;
	apl_timerq_init(&queue, &alloc);
	apl_timer timer = {0};
	apl_timerq_remove(&queue, &timer);
	assert_true(apl_timerq_push(&queue, &timer));
	apl_timerq_remove(&queue, &timer);
	apl_timerq_remove(&queue, &timer);
	assert_null(apl_timerq_first(&queue));
	apl_timerq_dispose(&queue);
}

#define MANY 300

static apl_timer *plainly_first(apl_timer *timers) {
	apl_timer *first = NULL;
	for (size_t i = 0; i < MANY; i++) {
		apl_timer *t = &timers[i];
		if (t->position == 0) continue;
		if (first == NULL || t->due_at < first->due_at || (t->due_at == first->due_at && t->order < first->order)) first = t;
	}
	return first;
}

static void pushes_removals_and_moves_agree_with_looking_at_all(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	for (uint64_t seed = 1; seed <= 20; seed++) {
		uint64_t random = seed, order = 0;
		apl_timerq queue;
		apl_timerq_init(&queue, &alloc);
		apl_timer timers[MANY] = {{0, 0, 0}};
		uint32_t count = 0;
		for (int step = 0; step < 5000; step++) {
			uint64_t r = apl_random_next(&random);
			apl_timer *t = &timers[r % MANY];
			aplomb_instant due_at = (aplomb_instant)(r >> 32) % 40 - 20; /* few deadlines: many are equal */
			if (t->position == 0) {
				t->due_at = due_at;
				t->order = order++;
				assert_true(apl_timerq_push(&queue, t));
				count++;
			} else if (r >> 20 & 1) {
				apl_timerq_remove(&queue, t);
				assert_int_equal(t->position, 0);
				count--;
			} else {
				t->due_at = due_at;
				if (r >> 21 & 1) t->order = order++;
				apl_timerq_moved(&queue, t);
			}
			assert_int_equal(queue.count, count);
			assert_ptr_equal(apl_timerq_first(&queue), plainly_first(timers));
		}
		while (apl_timerq_first(&queue) != NULL) {
			assert_ptr_equal(apl_timerq_first(&queue), plainly_first(timers));
			apl_timerq_remove(&queue, apl_timerq_first(&queue));
		}
		assert_null(plainly_first(timers));
		apl_timerq_dispose(&queue);
	}
}

static void *until_told(void *payload, void *block, size_t old_size, size_t new_size) {
	bool *refuses = payload;
	apl_alloc system = apl_alloc_system();
	if (*refuses && new_size > old_size) return NULL;
	return system.fn(system.payload, block, old_size, new_size);
}

static void pushes_within_the_reserved_room_need_no_memory(void **state) {
	(void)state;
	bool refuses = false;
	apl_alloc alloc = {until_told, &refuses};
	apl_timerq queue;
	apl_timerq_init(&queue, &alloc);
	apl_timer timers[1000] = {{0, 0, 0}};
	assert_true(apl_timerq_push(&queue, &timers[0]));
	assert_true(apl_timerq_reserve(&queue, 500));
	refuses = true;
	for (uint32_t i = 1; i <= 500; i++) {
		timers[i].order = i;
		assert_true(apl_timerq_push(&queue, &timers[i]));
	}
	uint32_t pushed = 501;
	while (pushed < 1000 && apl_timerq_push(&queue, &timers[pushed])) pushed++;
	assert_true(pushed < 1000);
	assert_int_equal(timers[pushed].position, 0);
	assert_int_equal(queue.count, pushed);
	assert_false(apl_timerq_reserve(&queue, 1000));
	apl_timerq_dispose(&queue);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(equal_deadlines_fire_in_arming_order),
	    cmocka_unit_test(removing_what_is_not_in_the_queue_is_fine),
	    cmocka_unit_test(pushes_removals_and_moves_agree_with_looking_at_all),
	    cmocka_unit_test(pushes_within_the_reserved_room_need_no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
