/* SPDX-License-Identifier: MIT */
/*
 * A disk that fails at each of its writes and syncs, one run for each: what was
 * acknowledged is there afterwards, each case's lines are whole and in their order, and
 * of what was refused nothing is left that the runtime goes on from.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../store/faulty_vfs.h"
#include "../../store/place.h"
#include "../test_cmocka.h"
#include "../test_rounds.h"
#include "base/buf.h"
#include "store/sqlite.h"

enum { CASES = 7, COMMITS = 24 };
static const char HASH[] = "0123456789012345678901234567890123456789012345678901234567890123";

/* What a runtime would know of its cases. */
typedef struct known {
	uint64_t marks[CASES], next[CASES];
} known;

static int open_store(const place *p, const char *vfs, bool full, apl_store *out) {
	apl_alloc alloc = apl_alloc_system();
	/* Little tail, so that pages of heads are written as well. */
	const apl_store_sqlite_options options = {.path = p->path, .full = full, .vfs = vfs, .most_tail = 8192};
	aplomb_error error;
	return apl_store_sqlite_open(out, &alloc, &options, &error);
}

static void name_case(char out[16], int i) {
	snprintf(out, 16, "case-%d", i);
}

static int commit(apl_store *store, known *k, int n) {
	apl_store_line lines[CASES];
	apl_store_head heads[CASES];
	apl_store_snapshot snapshot;
	char ids[CASES][16], bytes[CASES * 256];
	uint32_t count = 0;
	size_t size = 0;
	for (int i = 0; i < CASES; i++) {
		if ((n + i) % 3 == 0) continue;
		name_case(ids[count], i);
		int length = snprintf(
		    bytes + size, 256, "{\"case\":\"%s\",\"seq\":%u,\"text\":\"%0*d\"}\n", ids[count], (unsigned)k->next[i], 40 + 20 * i, n);
		const uint32_t id_size = (uint32_t)strlen(ids[count]);
		lines[count] = (apl_store_line){ids[count], id_size, k->next[i], bytes + size, (uint32_t)length, &k->marks[i]};
		heads[count] = (apl_store_head){ids[count], id_size, APLOMB_CASE_OPEN, k->next[i], 1000 * n + i, HASH, &k->marks[i]};
		size += (size_t)length;
		count++;
	}
	/* Their texts have stopped moving; a snapshot of the first now and then. */
	snapshot = (apl_store_snapshot){lines[0].case_id, lines[0].case_id_size, lines[0].seq, "{\"a\":1}", 7, lines[0].mark};
	const apl_store_batch batch = {.size = sizeof batch,
	    .lines = lines,
	    .n_lines = count,
	    .bytes = bytes,
	    .bytes_size = size,
	    .snapshots = &snapshot,
	    .n_snapshots = n % 4 == 0,
	    .heads = heads,
	    .n_heads = count,
	    .now = n};
	aplomb_error error;
	int code = store->ops->commit(store->self, &batch, &error);
	if (code != APLOMB_OK) return code;
	for (int i = 0; i < CASES; i++) k->next[i] += (n + i) % 3 != 0;
	return APLOMB_OK;
}

static int follow(const char *text, size_t size, void *payload) {
	uint64_t *expected = payload;
	char seq[32];
	snprintf(seq, sizeof seq, "\"seq\":%u,", (unsigned)*expected);
	assert_non_null(memmem(text, size, seq, strlen(seq)));
	++*expected;
	return 0;
}

/*
 * What the file holds, by a disk that works. At least what was acknowledged; one commit more, as a whole, when the one that failed had
 * come as far as the file (and only if nothing was committed behind it).
 */
static void check(const place *p, const known *k, bool may_have_one_more, int last) {
	apl_store store;
	assert_int_equal(open_store(p, NULL, true, &store), APLOMB_OK);
	int more = -1;
	for (int i = 0; i < CASES; i++) {
		char id[16];
		apl_store_found found = {.size = sizeof found};
		name_case(id, i);
		int code = store.ops->find(store.self, id, (uint32_t)strlen(id), &found, NULL);
		uint64_t there = code == APLOMB_OK ? found.seq + 1 : 0, lines = 0;
		if (code == APLOMB_OK)
			assert_int_equal(store.ops->read(store.self, id, (uint32_t)strlen(id), found.mark, 0, follow, &lines, NULL), APLOMB_OK);
		assert_int_equal(lines, there);
		assert_true(there == k->next[i] || there == k->next[i] + 1);
		if ((last + i) % 3 == 0) {
			assert_int_equal(there, k->next[i]);
			continue;
		}
		/* All of a commit or nothing of it. */
		const int is_more = there == k->next[i] + 1;
		assert_true(more == -1 || more == is_more);
		more = is_more;
	}
	if (!may_have_one_more) assert_true(more != 1);
	store.ops->close(store.self);
}

/* One run in which the n-th call goes wrong. false: there were not so many. */
static bool run(const place *p, faulty_how how, uint64_t at, bool full) {
	faulty f = {.how = how, .at = at};
	apl_store store;
	known k = {.marks = {0}};
	int last = 0;
	bool failed = false, has_store;
	place_remove_files(p);
	faulty_begin(&f);
	has_store = open_store(p, FAULTY_VFS, full, &store) == APLOMB_OK;
	for (int n = 1; n <= COMMITS && has_store; n++) {
		failed = commit(&store, &k, n) != APLOMB_OK;
		last = n;
		if (failed && how == FAULTY_GONE) break;
		/* It is a disk that failed once: the same again is taken, as if nothing had been. */
		if (failed) {
			failed = commit(&store, &k, n) != APLOMB_OK;
			assert_false(failed);
		}
	}
	if (has_store) store.ops->close(store.self);
	faulty_end();
	if (how == FAULTY_GONE || !has_store) {
		check(p, &k, failed, last);
	} else {
		check(p, &k, false, last);
	}
	return f.hits > 0;
}

static void every_call(const place *p, faulty_how how, bool full) {
	uint64_t at = 1;
	while (run(p, how, at, full)) at += apl_is_watched() ? 7 : 1;
	assert_true(at > COMMITS);
	print_message("%u calls that write or sync\n", (unsigned)at - 1);
}

static void a_write_or_sync_that_fails_takes_its_commit_and_no_other(void **state) {
	every_call(*state, FAULTY_IO, true);
}

static void a_disk_that_is_full_takes_the_commit_and_no_other(void **state) {
	every_call(*state, FAULTY_FULL, false);
}

static void half_a_write_takes_the_commit_and_no_other(void **state) {
	every_call(*state, FAULTY_SHORT, true);
}

static void wherever_a_process_ends_what_was_acknowledged_is_there(void **state) {
	every_call(*state, FAULTY_GONE, true);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_write_or_sync_that_fails_takes_its_commit_and_no_other),
	    cmocka_unit_test(a_disk_that_is_full_takes_the_commit_and_no_other),
	    cmocka_unit_test(half_a_write_takes_the_commit_and_no_other),
	    cmocka_unit_test(wherever_a_process_ends_what_was_acknowledged_is_there),
	};
	return cmocka_run_group_tests_name("a store on a disk that fails", tests, place_make, place_drop);
}
