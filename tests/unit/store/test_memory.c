/* SPDX-License-Identifier: MIT */
/* The memory store: the contract of all stores, and what only it does. */
#include <string.h>

#include "../../store/contract.h"
#include "../test_cmocka.h"
#include "base/buf.h"

static int open_memory(void *payload, apl_store *out, const apl_alloc *alloc, aplomb_error *error) {
	(void)payload;
	return apl_store_memory_open(out, alloc, NULL, error);
}

static int open_paging(void *payload, apl_store *out, const apl_alloc *alloc, aplomb_error *error) {
	(void)payload;
	const apl_store_memory_options options = {.pages = true};
	return apl_store_memory_open(out, alloc, &options, error);
}

typedef struct sink {
	apl_buf got;
	int answer;
} sink;

static int take(const char *lines, size_t size, void *payload) {
	sink *s = payload;
	if (s->answer == 0) apl_buf_add(&s->got, lines, size);
	return s->answer;
}

static int count_line(const char *text, size_t size, void *payload) {
	(void)text;
	(void)size;
	++*(int *)payload;
	return 0;
}

static void the_sink_gets_each_commit_and_may_refuse_it(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	sink s = {.answer = 0};
	apl_buf_init(&s.got, &alloc);
	const apl_store_memory_options options = {.sink = take, .sink_payload = &s};
	apl_store store;
	assert_int_equal(apl_store_memory_open(&store, &alloc, &options, NULL), APLOMB_OK);
	assert_false(store.drops_lines);
	uint64_t mark = 0;
	apl_store_line line = {"a", 1, 0, "first\n", 6, &mark};
	apl_store_batch batch = {.size = sizeof batch, .lines = &line, .n_lines = 1, .bytes = "first\n", .bytes_size = 6};
	assert_int_equal(store.ops->commit(store.self, &batch, NULL), APLOMB_OK);
	s.answer = 3;
	line = (apl_store_line){"a", 1, 1, "second\n", 7, &mark};
	batch = (apl_store_batch){.size = sizeof batch, .lines = &line, .n_lines = 1, .bytes = "second\n", .bytes_size = 7};
	uint64_t before = mark;
	aplomb_error error;
	assert_int_equal(store.ops->commit(store.self, &batch, &error), APLOMB_ESTORE);
	assert_string_equal(error.slug, "journal-sink");
	assert_int_equal(mark, before);
	int count = 0;
	assert_int_equal(store.ops->read(store.self, "a", 1, mark, 0, count_line, &count, NULL), APLOMB_OK);
	assert_int_equal(count, 1);
	s.answer = 0;
	assert_int_equal(store.ops->commit(store.self, &batch, NULL), APLOMB_OK);
	assert_string_equal(apl_buf_terminate(&s.got), "first\nsecond\n");
	store.ops->close(store.self);
	apl_buf_dispose(&s.got);
}

/* Its first line here is one in the midst of it. */
static void a_case_that_goes_on_from_a_snapshot_reads_what_came_since(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	apl_store store;
	assert_int_equal(apl_store_memory_open(&store, &alloc, NULL, NULL), APLOMB_OK);
	uint64_t mark = 0;
	const apl_store_line lines[] = {{"a", 1, 7, "x\n", 2, &mark}, {"a", 1, 8, "y\n", 2, &mark}};
	const apl_store_batch batch = {.size = sizeof batch, .lines = lines, .n_lines = 2, .bytes = "x\ny\n", .bytes_size = 4};
	assert_int_equal(store.ops->commit(store.self, &batch, NULL), APLOMB_OK);
	int count = 0;
	assert_int_equal(store.ops->read(store.self, "a", 1, mark, 0, count_line, &count, NULL), APLOMB_OK);
	assert_int_equal(count, 2);
	assert_int_equal(store.ops->read(store.self, "a", 1, mark, 8, count_line, &count, NULL), APLOMB_OK);
	assert_int_equal(count, 3);
	assert_int_equal(store.ops->read(store.self, "a", 1, mark, 9, count_line, &count, NULL), APLOMB_OK);
	assert_int_equal(count, 3);
	store.ops->close(store.self);
}

static void one_that_forgets_still_notices_conflicts(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	const apl_store_memory_options options = {.forget = true};
	apl_store store;
	assert_int_equal(apl_store_memory_open(&store, &alloc, &options, NULL), APLOMB_OK);
	assert_true(store.drops_lines);
	uint64_t mark = 0;
	const apl_store_line lines[] = {{"a", 1, 0, "x\n", 2, &mark}, {"a", 1, 1, "y\n", 2, &mark}};
	const apl_store_batch batch = {.size = sizeof batch, .lines = lines, .n_lines = 2, .bytes = "x\ny\n", .bytes_size = 4};
	assert_int_equal(store.ops->commit(store.self, &batch, NULL), APLOMB_OK);
	assert_int_equal(store.ops->commit(store.self, &batch, NULL), APLOMB_ESTORE);
	int count = 0;
	assert_int_equal(store.ops->read(store.self, "a", 1, mark, 0, count_line, &count, NULL), APLOMB_OK);
	assert_int_equal(count, 0);
	store.ops->close(store.self);
}

int main(void) {
	const store_factory memory = {.name = "the contract, kept by the memory store", .open = open_memory};
	const store_factory paging = {.name = "the contract, kept by the memory store with heads", .open = open_paging};
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_sink_gets_each_commit_and_may_refuse_it),
	    cmocka_unit_test(a_case_that_goes_on_from_a_snapshot_reads_what_came_since),
	    cmocka_unit_test(one_that_forgets_still_notices_conflicts),
	};
	int failed = store_contract(&memory) + store_contract(&paging);
	return failed + cmocka_run_group_tests_name("what only the memory store does", tests, NULL, NULL);
}
