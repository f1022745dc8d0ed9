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
	apl_store_head heads[MOST_LINES];
	uint32_t n_heads;
	apl_store_effect effects[8];
	uint32_t n_effects;
	aplomb_instant now;
	char bytes[MOST_LINES * 64];
	size_t size;
} draft;

static const char PLAYBOOK[] = "0123456789012345678901234567890123456789012345678901234567890123";

/* As it is behind what is in the draft. */
static void stands(draft *d, const char *case_id, uint64_t seq, uint64_t *mark, int status, aplomb_instant due_at) {
	uint32_t i = 0;
	while (i < d->n_heads && d->heads[i].mark != mark) i++;
	if (i == d->n_heads) d->n_heads++;
	d->heads[i] = (apl_store_head){case_id, (uint32_t)strlen(case_id), status, seq, due_at, PLAYBOOK, mark};
}

static void add_line(draft *d, const char *case_id, uint64_t seq, uint64_t *mark, const char *note) {
	char *text = d->bytes + d->size;
	int size = snprintf(text, 64, "{\"case\":\"%s\",\"note\":\"%s\",\"seq\":%llu}\n", case_id, note, (unsigned long long)seq);
	d->lines[d->n_lines++] = (apl_store_line){case_id, (uint32_t)strlen(case_id), seq, text, (uint32_t)size, mark};
	d->size += (size_t)size;
	stands(d, case_id, seq, mark, APLOMB_CASE_OPEN, APLOMB_NEVER);
}

static void add_snapshot(draft *d, const char *case_id, uint64_t seq, uint64_t *mark, const char *text) {
	d->snapshots[d->n_snapshots++] = (apl_store_snapshot){case_id, (uint32_t)strlen(case_id), seq, text, strlen(text), mark};
	stands(d, case_id, seq, mark, APLOMB_CASE_OPEN, APLOMB_NEVER);
}

/* [text] NULL: it waits no more. */
static void add_effect(draft *d, const char *case_id, uint64_t seq, uint32_t item, const char *text) {
	const uint64_t *mark = NULL;
	for (uint32_t i = 0; i < d->n_lines; i++) {
		if (strcmp(d->lines[i].case_id, case_id) == 0) mark = d->lines[i].mark;
	}
	d->effects[d->n_effects++] = (apl_store_effect){.case_id = case_id,
	    .case_id_size = (uint32_t)strlen(case_id),
	    .seq = seq,
	    .item = item,
	    .due_at = 1000 + (aplomb_instant)(item & ~APLOMB_STORE_SENT),
	    .text = text,
	    .size = text != NULL ? strlen(text) : 0,
	    .mark = mark};
}

static int commit(bench *b, const draft *d, aplomb_error *error) {
	const apl_store_batch batch = {.size = sizeof batch,
	    .lines = d->lines,
	    .n_lines = d->n_lines,
	    .bytes = d->bytes,
	    .bytes_size = d->size,
	    .snapshots = d->snapshots,
	    .n_snapshots = d->n_snapshots,
	    .heads = d->heads,
	    .n_heads = d->n_heads,
	    .effects = d->effects,
	    .n_effects = d->n_effects,
	    .now = d->now};
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

static int newest_snapshot(
    bench *b, const char *case_id, uint64_t mark, const char **text, size_t *size, uint64_t *seq, aplomb_error *error) {
	return b->store.ops->snapshot(b->store.self, case_id, (uint32_t)strlen(case_id), mark, UINT64_MAX, text, size, seq, error);
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
	uint64_t seq, mark = 0, others[20] = {0};
	aplomb_error error;
	assert_int_equal(newest_snapshot(&b, "one", mark, &text, &size, &seq, &error), APLOMB_ENOTFOUND);
	assert_string_equal(error.slug, "no-snapshot");
	for (uint64_t n = 0; n < 20; n++) {
		draft d = {.n_lines = 0};
		char snapshot[32], other[32];
		snprintf(snapshot, sizeof snapshot, "{\"one\":%u}", (unsigned)n);
		snprintf(other, sizeof other, "case %u", (unsigned)n);
		add_line(&d, "one", n, &mark, "x");
		add_snapshot(&d, "one", n, &mark, snapshot);
		add_snapshot(&d, other, 1, &others[n], "{}");
		assert_int_equal(commit(&b, &d, NULL), APLOMB_OK);
		assert_int_equal(newest_snapshot(&b, "one", mark, &text, &size, &seq, NULL), APLOMB_OK);
		assert_int_equal(seq, n);
		assert_int_equal(size, strlen(snapshot));
		assert_memory_equal(text, snapshot, size);
	}
	/* One that comes with a refused commit does not. */
	draft d = {.n_lines = 0};
	uint64_t new = 0;
	add_line(&d, "one", 3, &mark, "x");
	add_snapshot(&d, "one", 99, &mark, "{\"wrong\":1}");
	add_snapshot(&d, "new", 99, &new, "{\"wrong\":1}");
	assert_int_equal(commit(&b, &d, NULL), APLOMB_ESTORE);
	assert_int_equal(new, 0);
	assert_int_equal(newest_snapshot(&b, "one", mark, &text, &size, &seq, NULL), APLOMB_OK);
	assert_int_equal(seq, 19);
	assert_int_equal(newest_snapshot(&b, "new", 0, &text, &size, &seq, NULL), APLOMB_ENOTFOUND);
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

typedef struct big_line {
	const char *wanted;
	size_t size;
	bool is_same;
} big_line;

static int take_big_line(const char *text, size_t size, void *payload) {
	big_line *big = payload;
	big->is_same = size == big->size && memcmp(text, big->wanted, size) == 0;
	return 0;
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
	const apl_store_head head = {"a", 1, APLOMB_CASE_OPEN, 300, APLOMB_NEVER, PLAYBOOK, &marks[0]};
	const apl_store_batch batch = {
	    .size = sizeof batch, .lines = &line, .n_lines = 1, .bytes = text, .bytes_size = large, .heads = &head, .n_heads = 1};
	assert_int_equal(b.store.ops->commit(b.store.self, &batch, NULL), APLOMB_OK);
	big_line got = {.wanted = text, .size = large - 1};
	assert_int_equal(b.store.ops->read(b.store.self, "a", 1, marks[0], 300, take_big_line, &got, NULL), APLOMB_OK);
	assert_true(got.is_same);
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
			if (seq % 3 == 0) add_snapshot(&d, "one", seq, &one, "{\"a\":1}");
			add_effect(&d, "one", seq % 5, 1, seq % 2 == 0 ? "{}" : NULL);
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

/* ---- who holds what --------------------------------------------------------------- */

static bool pages(const bench *b) {
	return b->store.pages;
}

static void a_case_is_found_as_it_was_left(void **state) {
	(void)state;
	bench b = {0};
	assert_true(open_bench(&b));
	if (pages(&b)) {
		uint64_t one = 0;
		apl_store_found found = {.size = sizeof found};
		aplomb_error error;
		assert_int_equal(b.store.ops->find(b.store.self, "one", 3, &found, &error), APLOMB_ENOTFOUND);
		assert_string_equal(error.slug, "no-case");
		draft d = {.n_lines = 0};
		add_line(&d, "one", 0, &one, "a");
		add_line(&d, "one", 1, &one, "b");
		stands(&d, "one", 1, &one, APLOMB_CASE_FAULTED, 77);
		assert_int_equal(commit(&b, &d, NULL), APLOMB_OK);
		b.store.ops->leave(b.store.self, "one", 3, one);
		assert_int_equal(b.store.ops->find(b.store.self, "one", 3, &found, NULL), APLOMB_OK);
		assert_int_equal(found.mark, one);
		assert_int_equal(found.seq, 1);
		assert_int_equal(found.status, APLOMB_CASE_FAULTED);
		assert_int_equal(found.due_at, 77);
	}
	end_bench(&b);
}

static void a_case_that_is_there_is_not_opened_twice(void **state) {
	(void)state;
	bench b = {0};
	assert_true(open_bench(&b));
	if (pages(&b)) {
		uint64_t one = 0, again = 0;
		draft d = {.n_lines = 0};
		add_line(&d, "one", 0, &one, "a");
		assert_int_equal(commit(&b, &d, NULL), APLOMB_OK);
		draft e = {.n_lines = 0};
		add_line(&e, "one", 0, &again, "b");
		aplomb_error error;
		assert_int_equal(commit(&b, &e, &error), APLOMB_ESTORE);
		assert_string_equal(error.slug, "store-conflict");
		assert_int_equal(again, 0);
		assert_string_equal(lines_of(&b, "one", one, 0), "{\"case\":\"one\",\"note\":\"a\",\"seq\":0}\n");
	}
	end_bench(&b);
}

static void a_case_may_come_as_a_snapshot_alone(void **state) {
	(void)state;
	bench b = {0};
	assert_true(open_bench(&b));
	if (pages(&b)) {
		uint64_t one = 0, seq;
		const char *text;
		size_t size;
		draft d = {.n_lines = 0};
		add_snapshot(&d, "one", 41, &one, "{\"at\":41}");
		assert_int_equal(commit(&b, &d, NULL), APLOMB_OK);
		assert_int_not_equal(one, 0);
		assert_string_equal(lines_of(&b, "one", one, 0), "");
		draft e = {.n_lines = 0};
		add_line(&e, "one", 42, &one, "a");
		assert_int_equal(commit(&b, &e, NULL), APLOMB_OK);
		assert_string_equal(lines_of(&b, "one", one, 0), "{\"case\":\"one\",\"note\":\"a\",\"seq\":42}\n");
		assert_int_equal(newest_snapshot(&b, "one", one, &text, &size, &seq, NULL), APLOMB_OK);
		assert_int_equal(seq, 41);
	}
	end_bench(&b);
}

typedef struct told {
	char names[512];
	uint32_t count;
} told;

static void note(told *t, const char *id, uint32_t size, long long number) {
	size_t used = strlen(t->names);
	snprintf(t->names + used, sizeof t->names - used, "%s%.*s:%lld", used > 0 ? " " : "", (int)size, id, number);
	t->count++;
}

static void note_due(const char *case_id, uint32_t case_id_size, aplomb_instant due_at, void *payload) {
	note(payload, case_id, case_id_size, due_at);
}

static const char *due_by(bench *b, aplomb_instant until, uint32_t most) {
	static told t;
	t = (told){.count = 0};
	assert_int_equal(b->store.ops->due(b->store.self, until, most, note_due, &t, NULL), APLOMB_OK);
	return t.names;
}

static void what_nobody_holds_is_told_by_its_deadline(void **state) {
	(void)state;
	bench b = {0};
	assert_true(open_bench(&b));
	if (pages(&b)) {
		static const char *const ids[] = {"a", "b", "c", "d", "e", "f"};
		static const aplomb_instant due[] = {50, 20, APLOMB_NEVER, 40, 10, 30};
		uint64_t marks[6] = {0};
		draft d = {.n_lines = 0};
		for (size_t i = 0; i < 6; i++) {
			add_line(&d, ids[i], 0, &marks[i], "x");
			stands(&d, ids[i], 0, &marks[i], APLOMB_CASE_OPEN, due[i]);
		}
		assert_int_equal(commit(&b, &d, NULL), APLOMB_OK);
		assert_int_equal(b.store.ops->next_due(b.store.self), APLOMB_NEVER);
		assert_string_equal(due_by(&b, 100, 10), "");
		for (size_t i = 0; i < 6; i++) b.store.ops->leave(b.store.self, ids[i], 1, marks[i]);
		assert_int_equal(b.store.ops->next_due(b.store.self), 10);
		assert_string_equal(due_by(&b, 9, 10), "");
		assert_string_equal(due_by(&b, 30, 10), "e:10 b:20 f:30");
		assert_string_equal(due_by(&b, 100, 2), "e:10 b:20");
		assert_string_equal(due_by(&b, 100, 10), "e:10 b:20 f:30 d:40 a:50");
		apl_store_found found = {.size = sizeof found};
		assert_int_equal(b.store.ops->find(b.store.self, "e", 1, &found, NULL), APLOMB_OK);
		assert_int_equal(b.store.ops->find(b.store.self, "f", 1, &found, NULL), APLOMB_OK);
		assert_string_equal(due_by(&b, 100, 10), "b:20 d:40 a:50");
		draft e = {.n_lines = 0};
		add_line(&e, "e", 1, &marks[4], "x");
		stands(&e, "e", 1, &marks[4], APLOMB_CASE_OPEN, 45);
		assert_int_equal(commit(&b, &e, NULL), APLOMB_OK);
		b.store.ops->leave(b.store.self, "e", 1, marks[4]);
		assert_string_equal(due_by(&b, 100, 10), "b:20 d:40 e:45 a:50");
		assert_int_equal(b.store.ops->next_due(b.store.self), 20);
	}
	end_bench(&b);
}

static int note_case(const aplomb_store_head *head, void *payload) {
	assert_string_equal(head->playbook, PLAYBOOK);
	note(payload, head->case_id, head->case_id_size, head->status);
	return ((told *)payload)->count == 3 ? 5 : 0;
}

static void cases_are_told_in_the_order_of_opening(void **state) {
	(void)state;
	bench b = {0};
	assert_true(open_bench(&b));
	if (pages(&b)) {
		static const char *const ids[] = {"z", "a", "m", "b"};
		uint64_t marks[4] = {0};
		for (size_t i = 0; i < 4; i++) {
			draft d = {.n_lines = 0};
			add_line(&d, ids[i], 0, &marks[i], "x");
			stands(&d, ids[i], 0, &marks[i], i == 1 ? APLOMB_CASE_CLOSED : APLOMB_CASE_OPEN, APLOMB_NEVER);
			assert_int_equal(commit(&b, &d, NULL), APLOMB_OK);
		}
		told t = {.count = 0};
		assert_int_equal(b.store.ops->cases(b.store.self, note_case, &t, NULL), 5);
		assert_string_equal(t.names, "z:0 a:1 m:0");
	}
	end_bench(&b);
}

/* ---- effects ------------------------------------------------------------------------ */

static int note_effect(const apl_store_effect *effect, void *payload) {
	told *t = payload;
	char name[64];
	snprintf(name, sizeof name, "%.*s/%u/%u=%.*s", (int)effect->case_id_size, effect->case_id, (unsigned)effect->seq, effect->item,
	    (int)effect->size, effect->text);
	note(t, name, (uint32_t)strlen(name), effect->due_at);
	return 0;
}

/* Of all cases; of one. */
static const char *effects_of(bench *b) {
	static told t;
	t = (told){.count = 0};
	assert_int_equal(b->store.ops->effects(b->store.self, NULL, 0, 0, note_effect, &t, NULL), APLOMB_OK);
	assert_int_equal(b->store.ops->n_effects(b->store.self), t.count);
	return t.names;
}

static const char *effects_of_case(bench *b, const char *id, uint64_t mark) {
	static told t;
	t = (told){.count = 0};
	assert_int_equal(b->store.ops->effects(b->store.self, id, (uint32_t)strlen(id), mark, note_effect, &t, NULL), APLOMB_OK);
	return t.names;
}

static const char *sent_of(bench *b) {
	static told t;
	t = (told){.count = 0};
	assert_int_equal(b->store.ops->sent(b->store.self, note_effect, &t, NULL), APLOMB_OK);
	return t.names;
}

static void effects_wait_until_they_are_taken_out(void **state) {
	(void)state;
	bench b = {0};
	assert_true(open_bench(&b));
	uint64_t one = 0, longer = 0;
	draft d = {.n_lines = 0};
	add_line(&d, "one", 0, &one, "x");
	add_line(&d, "one/300", 0, &longer, "x");
	add_effect(&d, "one/300", 1, 1, "e");
	add_effect(&d, "one", 300, 2, "b");
	add_effect(&d, "one", 300, 1, "a");
	add_effect(&d, "one", 2, 9, "c");
	assert_string_equal(effects_of(&b), "");
	assert_int_equal(commit(&b, &d, NULL), APLOMB_OK);
	assert_string_equal(effects_of(&b), "one/2/9=c:1009 one/300/1=a:1001 one/300/2=b:1002 one/300/1/1=e:1001");
	assert_string_equal(effects_of_case(&b, "one", one), "one/2/9=c:1009 one/300/1=a:1001 one/300/2=b:1002");
	assert_string_equal(effects_of_case(&b, "one/300", longer), "one/300/1/1=e:1001");
	/* Alone, and one that is not there. */
	draft e = {.n_lines = 0};
	add_effect(&e, "one", 300, 2, "again");
	add_effect(&e, "one", 2, 9, NULL);
	add_effect(&e, "nobody", 1, 1, NULL);
	assert_int_equal(commit(&b, &e, NULL), APLOMB_OK);
	assert_string_equal(effects_of(&b), "one/300/1=a:1001 one/300/2=again:1002 one/300/1/1=e:1001");
	/* A commit that is refused changes none. */
	draft f = {.n_lines = 0};
	add_line(&f, "one", 7, &one, "x");
	add_effect(&f, "one", 300, 1, NULL);
	add_effect(&f, "one", 301, 1, "wrong");
	assert_int_equal(commit(&b, &f, NULL), APLOMB_ESTORE);
	assert_string_equal(effects_of(&b), "one/300/1=a:1001 one/300/2=again:1002 one/300/1/1=e:1001");
	end_bench(&b);
}

static void what_was_sent_waits_beside_effects_under_numbers_of_its_own(void **state) {
	(void)state;
	bench b = {0};
	assert_true(open_bench(&b));
	uint64_t one = 0, other = 0;
	draft d = {.n_lines = 0};
	add_line(&d, "one", 0, &one, "x");
	add_line(&d, "other", 0, &other, "x");
	add_effect(&d, "one", 1, APLOMB_STORE_SENT | 2, "second");
	add_effect(&d, "one", 1, APLOMB_STORE_SENT | 1, "first");
	add_effect(&d, "one", 1, 1, "effect");
	add_effect(&d, "one", 2, 1, "later");
	assert_int_equal(commit(&b, &d, NULL), APLOMB_OK);
	static const char effects[] = "one/1/1=effect:1001 one/2/1=later:1001";
	assert_string_equal(effects_of(&b), effects);
	assert_string_equal(effects_of_case(&b, "one", one), effects);
	assert_string_equal(effects_of_case(&b, "other", other), "");
	assert_string_equal(sent_of(&b), "one/1/2147483649=first:1001 one/1/2147483650=second:1002");
	/* Taken out by the commit of whoever takes it. */
	draft e = {.n_lines = 0};
	add_line(&e, "other", 1, &other, "x");
	add_effect(&e, "one", 1, APLOMB_STORE_SENT | 1, NULL);
	e.effects[0].mark = &one;
	assert_int_equal(commit(&b, &e, NULL), APLOMB_OK);
	static const char rest[] = "one/1/2147483650=second:1002";
	assert_string_equal(sent_of(&b), rest);
	/* Or it waits still, for that commit was refused. */
	draft f = {.n_lines = 0};
	add_line(&f, "other", 7, &other, "x");
	add_effect(&f, "one", 1, APLOMB_STORE_SENT | 2, NULL);
	f.effects[0].mark = &one;
	assert_int_equal(commit(&b, &f, NULL), APLOMB_ESTORE);
	assert_string_equal(sent_of(&b), rest);
	if (factory->reopen != NULL) {
		b.store.ops->close(b.store.self);
		assert_int_equal(factory->reopen(factory->payload, &b.store, &b.alloc, NULL), APLOMB_OK);
		assert_string_equal(sent_of(&b), rest);
		assert_string_equal(effects_of(&b), effects);
	}
	end_bench(&b);
}

static void a_case_that_nobody_holds_is_due_with_its_effects_too(void **state) {
	(void)state;
	bench b = {0};
	assert_true(open_bench(&b));
	if (pages(&b)) {
		static const char *const ids[] = {"a", "b", "c"};
		static const aplomb_instant due[] = {900, APLOMB_NEVER, 1500};
		uint64_t marks[3] = {0};
		draft d = {.n_lines = 0};
		for (size_t i = 0; i < 3; i++) {
			add_line(&d, ids[i], 0, &marks[i], "x");
			stands(&d, ids[i], 0, &marks[i], APLOMB_CASE_OPEN, due[i]);
		}
		/* The n-th item is due at 1000 + n; what was sent is not. */
		add_effect(&d, "a", 1, 5, "e");
		add_effect(&d, "b", 1, 7, "e");
		add_effect(&d, "b", 1, 3, "e");
		add_effect(&d, "c", 1, APLOMB_STORE_SENT | 1, "s");
		assert_int_equal(commit(&b, &d, NULL), APLOMB_OK);
		assert_int_equal(b.store.ops->next_due(b.store.self), APLOMB_NEVER);
		for (size_t i = 0; i < 3; i++) b.store.ops->leave(b.store.self, ids[i], 1, marks[i]);
		assert_int_equal(b.store.ops->next_due(b.store.self), 900);
		assert_string_equal(due_by(&b, 2000, 10), "a:900 b:1003 c:1500");
		/* It is done, by whoever holds the case. */
		apl_store_found found = {.size = sizeof found};
		assert_int_equal(b.store.ops->find(b.store.self, "b", 1, &found, NULL), APLOMB_OK);
		assert_string_equal(due_by(&b, 2000, 10), "a:900 c:1500");
		draft e = {.n_lines = 0};
		add_effect(&e, "b", 1, 3, NULL);
		assert_int_equal(commit(&b, &e, NULL), APLOMB_OK);
		b.store.ops->leave(b.store.self, "b", 1, marks[1]);
		assert_string_equal(due_by(&b, 2000, 10), "a:900 b:1007 c:1500");
		if (factory->reopen != NULL) {
			b.store.ops->close(b.store.self);
			assert_int_equal(factory->reopen(factory->payload, &b.store, &b.alloc, NULL), APLOMB_OK);
			assert_string_equal(due_by(&b, 2000, 10), "a:900 b:1007 c:1500");
		}
	}
	end_bench(&b);
}

/* ---- snapshots of before -------------------------------------------------------------- */

static void an_older_snapshot_is_found_by_what_it_may_hold(void **state) {
	(void)state;
	bench b = {0};
	assert_true(open_bench(&b));
	uint64_t one = 0, seq;
	const char *text;
	size_t size;
	for (uint64_t n = 0; n < 200; n++) {
		draft d = {.n_lines = 0};
		char snapshot[32];
		add_line(&d, "one", n, &one, "x");
		snprintf(snapshot, sizeof snapshot, "{\"one\":%u}", (unsigned)n);
		if (n % 3 == 1) add_snapshot(&d, "one", n, &one, snapshot);
		assert_int_equal(commit(&b, &d, NULL), APLOMB_OK);
	}
	for (uint64_t upto = 0; upto < 220; upto++) {
		int code = b.store.ops->snapshot(b.store.self, "one", 3, one, upto, &text, &size, &seq, NULL);
		uint64_t newest = upto < 199 ? upto : 199, wanted = newest - (newest + 2) % 3;
		if (upto < 1 || (!factory->keeps_old_snapshots && upto < 199)) {
			assert_int_equal(code, upto == 198 ? APLOMB_ENOTFOUND : code);
			continue;
		}
		assert_int_equal(code, APLOMB_OK);
		assert_int_equal(seq, wanted);
		char held[32];
		snprintf(held, sizeof held, "{\"one\":%u}", (unsigned)wanted);
		assert_int_equal(size, strlen(held));
		assert_memory_equal(text, held, size);
	}
	end_bench(&b);
}

/* ---- again ------------------------------------------------------------------------------ */

static void reopen(bench *b) {
	b->store.ops->close(b->store.self);
	assert_int_equal(factory->reopen(factory->payload, &b->store, &b->alloc, NULL), APLOMB_OK);
}

static void what_was_committed_is_there_after_the_store_was_closed(void **state) {
	(void)state;
	if (factory->reopen == NULL) return;
	bench b = {0};
	assert_true(open_bench(&b));
	assert_int_equal(b.store.ops->last_at(b.store.self), APLOMB_NEVER);
	uint64_t marks[5] = {0};
	static const char *const ids[5] = {"a", "b", "c", "d", "e"};
	for (uint64_t seq = 0; seq < 40; seq++) {
		draft d = {.n_lines = 0, .now = (aplomb_instant)seq * 10};
		for (size_t i = 0; i < 5; i++) {
			add_line(&d, ids[i], seq, &marks[i], "some text");
			stands(&d, ids[i], seq, &marks[i], i == 3 && seq == 39 ? APLOMB_CASE_CLOSED : APLOMB_CASE_OPEN,
			    i == 3 ? APLOMB_NEVER : 100 - (aplomb_instant)i);
			if (seq % 7 == i) add_snapshot(&d, ids[i], seq, &marks[i], "{\"a\":1}");
			if (seq % 7 == i && i != 3) stands(&d, ids[i], seq, &marks[i], APLOMB_CASE_OPEN, 100 - (aplomb_instant)i);
		}
		if (seq == 7) add_effect(&d, "a", 7, 1, "effect");
		assert_int_equal(commit(&b, &d, NULL), APLOMB_OK);
		if (seq % 5 == 0) {
			reopen(&b);
			for (size_t i = 0; i < 5; i++) {
				apl_store_found found = {.size = sizeof found};
				assert_int_equal(b.store.ops->find(b.store.self, ids[i], 1, &found, NULL), APLOMB_OK);
				assert_int_equal(found.seq, seq);
				marks[i] = found.mark;
			}
		}
	}
	assert_int_equal(b.store.ops->put_source(b.store.self, "abc", "return 1", 8, NULL), APLOMB_OK);
	reopen(&b);
	assert_int_equal(b.store.ops->last_at(b.store.self), 390);
	assert_string_equal(due_by(&b, 1000, 10), "e:96 c:98 b:99 a:100");
	assert_int_equal(b.store.ops->next_due(b.store.self), 96);
	told t = {.count = 10};
	assert_int_equal(b.store.ops->cases(b.store.self, note_case, &t, NULL), APLOMB_OK);
	assert_string_equal(t.names, "a:0 b:0 c:0 d:1 e:0");
	assert_string_equal(effects_of(&b), "a/7/1=effect:1001");
	const char *bytes;
	size_t size;
	assert_int_equal(b.store.ops->get_source(b.store.self, "abc", &bytes, &size, NULL), APLOMB_OK);
	assert_int_equal(size, 8);
	for (size_t i = 0; i < 5; i++) {
		apl_store_found found = {.size = sizeof found};
		assert_int_equal(b.store.ops->find(b.store.self, ids[i], 1, &found, NULL), APLOMB_OK);
		const char *all = lines_of(&b, ids[i], found.mark, 0);
		for (uint64_t seq = 0; seq < 40; seq++) {
			char wanted[96];
			int length = snprintf(wanted, sizeof wanted, "{\"case\":\"%s\",\"note\":\"some text\",\"seq\":%u}\n", ids[i], (unsigned)seq);
			assert_memory_equal(all, wanted, (size_t)length);
			all += length;
		}
		assert_string_equal(all, "");
		uint64_t seq;
		assert_int_equal(newest_snapshot(&b, ids[i], found.mark, &bytes, &size, &seq, NULL), APLOMB_OK);
		assert_int_equal(seq, i < 5 ? 35 + i : 0);
	}
	end_bench(&b);
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
	    cmocka_unit_test(a_case_is_found_as_it_was_left),
	    cmocka_unit_test(a_case_that_is_there_is_not_opened_twice),
	    cmocka_unit_test(a_case_may_come_as_a_snapshot_alone),
	    cmocka_unit_test(what_nobody_holds_is_told_by_its_deadline),
	    cmocka_unit_test(cases_are_told_in_the_order_of_opening),
	    cmocka_unit_test(effects_wait_until_they_are_taken_out),
	    cmocka_unit_test(what_was_sent_waits_beside_effects_under_numbers_of_its_own),
	    cmocka_unit_test(a_case_that_nobody_holds_is_due_with_its_effects_too),
	    cmocka_unit_test(an_older_snapshot_is_found_by_what_it_may_hold),
	    cmocka_unit_test(what_was_committed_is_there_after_the_store_was_closed),
	};
	return cmocka_run_group_tests_name(factory->name, tests, NULL, NULL);
}
