/* SPDX-License-Identifier: MIT */
#include "contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/test_cmocka.h"
#include "../unit/test_heap.h"
#include "base/buf.h"

static const store_factory *factory;

typedef struct bench {
	test_heap heap;
	apl_alloc alloc;
	apl_store store;
} bench;

static bool open_bench(bench *b) {
	b->alloc = test_heap_allocator(&b->heap);
	return factory->open(factory->payload, &b->store, &b->alloc, NULL) == APLOMB_OK;
}

static void end_bench(bench *b) {
	b->store.ops->close(b->store.self);
	assert_int_equal(b->heap.blocks, 0);
}

/* ---- making batches ---------------------------------------------------------- */

enum { MOST_LINES = 64 };

typedef struct draft {
	apl_store_line lines[MOST_LINES];
	uint32_t n_lines;
	apl_store_snapshot snapshots[8];
	uint32_t n_snapshots;
	char bytes[MOST_LINES * 64];
	size_t size;
} draft;

static void add_line(draft *d, const char *case_id, uint64_t seq, uint64_t *mark, const char *note) {
	char *text = d->bytes + d->size;
	int size = snprintf(text, 64, "{\"case\":\"%s\",\"note\":\"%s\",\"seq\":%llu}\n", case_id, note, (unsigned long long)seq);
	d->lines[d->n_lines++] = (apl_store_line){case_id, (uint32_t)strlen(case_id), seq, text, (uint32_t)size, mark};
	d->size += (size_t)size;
}

static void add_snapshot(draft *d, const char *case_id, uint64_t seq, const char *text) {
	d->snapshots[d->n_snapshots++] = (apl_store_snapshot){case_id, (uint32_t)strlen(case_id), seq, text, strlen(text)};
}

static int commit(bench *b, const draft *d, aplomb_error *error) {
	const apl_store_batch batch = {d->lines, d->n_lines, d->bytes, d->size, d->snapshots, d->n_snapshots};
	return b->store.ops->commit(b->store.self, &batch, error);
}

static int append_text(const char *text, size_t size, void *payload) {
	apl_buf_add(payload, text, size);
	apl_buf_byte(payload, '\n');
	return 0;
}

/* All lines of the case from [from] on, in a static buffer. */
static const char *lines_of(bench *b, const char *case_id, uint64_t mark, uint64_t from) {
	static char text[65536];
	apl_alloc system = apl_alloc_system();
	apl_buf out;
	apl_buf_init(&out, &system);
	assert_int_equal(b->store.ops->read(b->store.self, case_id, (uint32_t)strlen(case_id), mark, from, append_text, &out, NULL), APLOMB_OK);
	assert_true(out.size < sizeof text);
	memcpy(text, out.bytes, out.size);
	text[out.size] = '\0';
	apl_buf_dispose(&out);
	return text;
}

/* ---- the contract --------------------------------------------------------------- */

static void what_was_committed_is_read_in_order(void **state) {
	(void)state;
	bench b = {0};
	assert_true(open_bench(&b));
	uint64_t one = 0, two = 0;
	draft d = {.n_lines = 0};
	add_line(&d, "one", 0, &one, "a");
	add_line(&d, "two", 0, &two, "b");
	add_line(&d, "one", 1, &one, "c");
	assert_int_equal(commit(&b, &d, NULL), APLOMB_OK);
	assert_int_not_equal(one, 0);
	assert_int_not_equal(two, 0);
	draft e = {.n_lines = 0};
	add_line(&e, "two", 1, &two, "d");
	add_line(&e, "one", 2, &one, "e");
	add_line(&e, "two", 2, &two, "f");
	assert_int_equal(commit(&b, &e, NULL), APLOMB_OK);
	assert_string_equal(lines_of(&b, "one", one, 0), "{\"case\":\"one\",\"note\":\"a\",\"seq\":0}\n{\"case\":\"one\",\"note\":\"c\","
	                                                 "\"seq\":1}\n{\"case\":\"one\",\"note\":\"e\",\"seq\":2}\n");
	assert_string_equal(
	    lines_of(&b, "two", two, 1), "{\"case\":\"two\",\"note\":\"d\",\"seq\":1}\n{\"case\":\"two\",\"note\":\"f\",\"seq\":2}\n");
	assert_string_equal(lines_of(&b, "two", two, 3), "");
	assert_string_equal(lines_of(&b, "none", 0, 0), "");
	end_bench(&b);
}

static void a_line_that_does_not_follow_fails_the_whole_commit(void **state) {
	(void)state;
	static const uint64_t wrong[] = {0, 1, 3, 9};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		bench b = {0};
		assert_true(open_bench(&b));
		uint64_t one = 0, two = 0;
		draft d = {.n_lines = 0};
		add_line(&d, "one", 0, &one, "a");
		add_line(&d, "one", 1, &one, "b");
		assert_int_equal(commit(&b, &d, NULL), APLOMB_OK);
		uint64_t before = one;
		draft e = {.n_lines = 0};
		add_line(&e, "two", 0, &two, "c");
		add_line(&e, "one", wrong[i], &one, "d");
		aplomb_error error;
		assert_int_equal(commit(&b, &e, &error), APLOMB_ESTORE);
		assert_string_equal(error.slug, "store-conflict");
		assert_int_equal(one, before);
		assert_int_equal(two, 0);
		assert_string_equal(lines_of(&b, "one", one, 1), "{\"case\":\"one\",\"note\":\"b\",\"seq\":1}\n");
		/* The same case goes on as if nothing had been. */
		draft f = {.n_lines = 0};
		add_line(&f, "one", 2, &one, "e");
		add_line(&f, "two", 0, &two, "f");
		assert_int_equal(commit(&b, &f, NULL), APLOMB_OK);
		assert_string_equal(lines_of(&b, "one", one, 2), "{\"case\":\"one\",\"note\":\"e\",\"seq\":2}\n");
		end_bench(&b);
	}
}

static void the_slower_of_two_commits_is_refused(void **state) {
	(void)state;
	bench b = {0};
	assert_true(open_bench(&b));
	uint64_t mine = 0;
	draft d = {.n_lines = 0};
	add_line(&d, "one", 0, &mine, "a");
	assert_int_equal(commit(&b, &d, NULL), APLOMB_OK);
	uint64_t theirs = mine;
	draft e = {.n_lines = 0};
	add_line(&e, "one", 1, &theirs, "b");
	assert_int_equal(commit(&b, &e, NULL), APLOMB_OK);
	draft f = {.n_lines = 0};
	add_line(&f, "one", 1, &mine, "c");
	aplomb_error error;
	assert_int_equal(commit(&b, &f, &error), APLOMB_ESTORE);
	assert_string_equal(error.slug, "store-conflict");
	assert_string_equal(lines_of(&b, "one", theirs, 1), "{\"case\":\"one\",\"note\":\"b\",\"seq\":1}\n");
	end_bench(&b);
}

static void a_case_may_go_on_from_a_snapshot(void **state) {
	(void)state;
	bench b = {0};
	assert_true(open_bench(&b));
	uint64_t mark = 0;
	draft d = {.n_lines = 0};
	add_line(&d, "one", 17, &mark, "a");
	add_line(&d, "one", 18, &mark, "b");
	assert_int_equal(commit(&b, &d, NULL), APLOMB_OK);
	assert_string_equal(
	    lines_of(&b, "one", mark, 17), "{\"case\":\"one\",\"note\":\"a\",\"seq\":17}\n{\"case\":\"one\",\"note\":\"b\",\"seq\":18}\n");
	end_bench(&b);
}

static int stop_at_second(const char *text, size_t size, void *payload) {
	(void)text;
	(void)size;
	return ++*(int *)payload == 2 ? 7 : 0;
}

static void reading_stops_when_it_is_told_to(void **state) {
	(void)state;
	bench b = {0};
	assert_true(open_bench(&b));
	uint64_t mark = 0;
	draft d = {.n_lines = 0};
	for (uint64_t seq = 0; seq < 5; seq++) add_line(&d, "one", seq, &mark, "x");
	assert_int_equal(commit(&b, &d, NULL), APLOMB_OK);
	int told = 0;
	assert_int_equal(b.store.ops->read(b.store.self, "one", 3, mark, 0, stop_at_second, &told, NULL), 7);
	assert_int_equal(told, 2);
	end_bench(&b);
}

static void the_newest_snapshot_counts(void **state) {
	(void)state;
	bench b = {0};
	assert_true(open_bench(&b));
	const char *text;
	size_t size;
	uint64_t seq, mark = 0;
	aplomb_error error;
	assert_int_equal(b.store.ops->snapshot(b.store.self, "one", 3, &text, &size, &seq, &error), APLOMB_ENOTFOUND);
	for (uint64_t n = 0; n < 20; n++) {
		draft d = {.n_lines = 0};
		char snapshot[32], other[32];
		snprintf(snapshot, sizeof snapshot, "{\"one\":%u}", (unsigned)n);
		snprintf(other, sizeof other, "case %u", (unsigned)n);
		add_line(&d, "one", n, &mark, "x");
		add_snapshot(&d, "one", n, snapshot);
		add_snapshot(&d, other, 1, "{}");
		assert_int_equal(commit(&b, &d, NULL), APLOMB_OK);
		assert_int_equal(b.store.ops->snapshot(b.store.self, "one", 3, &text, &size, &seq, NULL), APLOMB_OK);
		assert_int_equal(seq, n);
		assert_int_equal(size, strlen(snapshot));
		assert_memory_equal(text, snapshot, size);
	}
	/* One that comes with a refused commit does not. */
	draft d = {.n_lines = 0};
	add_line(&d, "one", 3, &mark, "x");
	add_snapshot(&d, "one", 99, "{\"wrong\":1}");
	add_snapshot(&d, "new", 99, "{\"wrong\":1}");
	assert_int_equal(commit(&b, &d, NULL), APLOMB_ESTORE);
	assert_int_equal(b.store.ops->snapshot(b.store.self, "one", 3, &text, &size, &seq, NULL), APLOMB_OK);
	assert_int_equal(seq, 19);
	assert_int_equal(b.store.ops->snapshot(b.store.self, "new", 3, &text, &size, &seq, NULL), APLOMB_ENOTFOUND);
	end_bench(&b);
}

static void sources_are_kept_by_their_hash(void **state) {
	(void)state;
	bench b = {0};
	assert_true(open_bench(&b));
	const char *bytes;
	size_t size;
	assert_int_equal(b.store.ops->get_source(b.store.self, "abc", &bytes, &size, NULL), APLOMB_ENOTFOUND);
	assert_int_equal(b.store.ops->put_source(b.store.self, "abc", "return 1", 8, NULL), APLOMB_OK);
	assert_int_equal(b.store.ops->put_source(b.store.self, "abd", "", 0, NULL), APLOMB_OK);
	assert_int_equal(b.store.ops->put_source(b.store.self, "abc", "return 1", 8, NULL), APLOMB_OK);
	assert_int_equal(b.store.ops->get_source(b.store.self, "abc", &bytes, &size, NULL), APLOMB_OK);
	assert_int_equal(size, 8);
	assert_memory_equal(bytes, "return 1", 8);
	assert_int_equal(b.store.ops->get_source(b.store.self, "abd", &bytes, &size, NULL), APLOMB_OK);
	assert_int_equal(size, 0);
	end_bench(&b);
}

static void long_histories_and_large_lines_are_kept(void **state) {
	(void)state;
	bench b = {0};
	assert_true(open_bench(&b));
	uint64_t marks[8] = {0};
	static const char *const ids[8] = {"a", "b", "c", "d", "e", "f", "g", "h"};
	for (uint64_t seq = 0; seq < 300; seq++) {
		draft d = {.n_lines = 0};
		for (size_t i = 0; i < 8; i++) add_line(&d, ids[i], seq, &marks[i], "some text");
		assert_int_equal(commit(&b, &d, NULL), APLOMB_OK);
	}
	size_t large = 3 * 1024 * 1024;
	char *text = malloc(large);
	memset(text, 'x', large);
	text[large - 1] = '\n';
	const apl_store_line line = {"a", 1, 300, text, (uint32_t)large, &marks[0]};
	const apl_store_batch batch = {&line, 1, text, large, NULL, 0};
	assert_int_equal(b.store.ops->commit(b.store.self, &batch, NULL), APLOMB_OK);
	free(text);
	for (size_t i = 1; i < 8; i++) {
		const char *all = lines_of(&b, ids[i], marks[i], 0);
		for (uint64_t seq = 0; seq < 300; seq++) {
			char wanted[96];
			int size = snprintf(wanted, sizeof wanted, "{\"case\":\"%s\",\"note\":\"some text\",\"seq\":%u}\n", ids[i], (unsigned)seq);
			assert_memory_equal(all, wanted, (size_t)size);
			all += size;
		}
		assert_string_equal(all, "");
	}
	end_bench(&b);
}

static void without_memory_a_commit_is_not_taken_at_all(void **state) {
	(void)state;
	for (uint64_t fail_at = 1;; fail_at++) {
		bench b = {.heap = {.fail_at = fail_at}};
		bool opened = open_bench(&b);
		if (!opened) {
			assert_int_equal(b.heap.blocks, 0);
			continue;
		}
		uint64_t one = 0, two = 0;
		bool failed = false;
		for (uint64_t seq = 0; seq < 30; seq++) {
			draft d = {.n_lines = 0};
			add_line(&d, "one", seq, &one, "x");
			add_line(&d, "two", seq, &two, "y");
			if (seq % 3 == 0) add_snapshot(&d, "one", seq, "{\"a\":1}");
			uint64_t before_one = one, before_two = two;
			aplomb_error error;
			int code = commit(&b, &d, &error);
			if (code) {
				failed = true;
				assert_int_equal(code, APLOMB_ENOMEM);
				assert_int_equal(one, before_one);
				assert_int_equal(two, before_two);
				assert_int_equal(commit(&b, &d, NULL), APLOMB_OK);
			}
		}
		uint64_t armed = b.heap.fail_at;
		b.heap.fail_at = 0;
		assert_non_null(strstr(lines_of(&b, "two", two, 0), "\"seq\":29}"));
		b.heap.fail_at = armed;
		end_bench(&b);
		if (!failed && b.heap.calls < fail_at) break;
	}
}

int store_contract(const store_factory *the_factory) {
	factory = the_factory;
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_committed_is_read_in_order),
	    cmocka_unit_test(a_line_that_does_not_follow_fails_the_whole_commit),
	    cmocka_unit_test(the_slower_of_two_commits_is_refused),
	    cmocka_unit_test(a_case_may_go_on_from_a_snapshot),
	    cmocka_unit_test(reading_stops_when_it_is_told_to),
	    cmocka_unit_test(the_newest_snapshot_counts),
	    cmocka_unit_test(sources_are_kept_by_their_hash),
	    cmocka_unit_test(long_histories_and_large_lines_are_kept),
	    cmocka_unit_test(without_memory_a_commit_is_not_taken_at_all),
	};
	return cmocka_run_group_tests_name(factory->name, tests, NULL, NULL);
}
