/* SPDX-License-Identifier: MIT */
/* The store in a file: the contract of all stores, and what only it does. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../store/contract.h"
#include "../../store/place.h"
#include "../../store/sql.h"
#include "../test_cmocka.h"
#include "base/buf.h"
#include "store/sqlite.h"

static int open_again(void *payload, apl_store *out, const apl_alloc *alloc, aplomb_error *error) {
	place *p = payload;
	const apl_store_sqlite_options options = {.path = p->path, .most_tail = p->most_tail};
	return apl_store_sqlite_open(out, alloc, &options, error);
}

static int open_new(void *payload, apl_store *out, const apl_alloc *alloc, aplomb_error *error) {
	place *p = payload;
	if (p->count > 0) place_remove_files(p);
	snprintf(p->path, sizeof p->path, "%s/%u.db", p->folder, p->count++);
	return open_again(payload, out, alloc, error);
}

static place *the_place(void **state) {
	return *state;
}

static apl_store open_store(place *p) {
	apl_alloc alloc = apl_alloc_system();
	apl_store store;
	aplomb_error error = {0};
	if (open_again(p, &store, &alloc, &error)) fail_msg("%s", error.message);
	return store;
}

static apl_store new_store(place *p) {
	apl_alloc alloc = apl_alloc_system();
	apl_store store;
	aplomb_error error = {0};
	if (open_new(p, &store, &alloc, &error)) fail_msg("%s", error.message);
	return store;
}

static const char HASH[] = "0123456789012345678901234567890123456789012345678901234567890123";

/* One line of a case, committed by itself. */
static int step(apl_store *store, const char *id, uint64_t seq, uint64_t *mark, aplomb_error *error) {
	char text[128];
	int size = snprintf(text, sizeof text, "{\"case\":\"%s\",\"seq\":%u}\n", id, (unsigned)seq);
	const apl_store_line line = {id, (uint32_t)strlen(id), seq, text, (uint32_t)size, mark};
	const apl_store_head head = {id, (uint32_t)strlen(id), APLOMB_CASE_OPEN, seq, (aplomb_instant)seq, HASH, mark};
	const apl_store_batch batch = {.size = sizeof batch,
	    .lines = &line,
	    .n_lines = 1,
	    .bytes = text,
	    .bytes_size = (size_t)size,
	    .heads = &head,
	    .n_heads = 1,
	    .now = 1};
	return store->ops->commit(store->self, &batch, error);
}

/* An integer, or eight bytes in hex with the lowest first. */
static uint64_t number_in(const char *path, const char *sql) {
	sqlite3 *db;
	sqlite3_stmt *ask;
	uint64_t number = 0;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &ask, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(ask), SQLITE_ROW);
	if (sqlite3_column_type(ask, 0) == SQLITE_INTEGER) {
		number = (uint64_t)sqlite3_column_int64(ask, 0);
	} else {
		const char *digits = (const char *)sqlite3_column_text(ask, 0);
		for (int i = 7; i >= 0; i--) {
			char byte[3] = {digits[2 * i], digits[2 * i + 1], 0};
			number = number << 8 | strtoul(byte, NULL, 16);
		}
	}
	sqlite3_finalize(ask);
	sqlite3_close(db);
	return number;
}

static int opens_with(place *p, bool reads_only, aplomb_error *error) {
	apl_alloc alloc = apl_alloc_system();
	apl_store store;
	const apl_store_sqlite_options options = {.path = p->path, .reads_only = reads_only};
	int code = apl_store_sqlite_open(&store, &alloc, &options, error);
	if (code == APLOMB_OK) store.ops->close(store.self);
	return code;
}

/* ---- who may open it ------------------------------------------------------------ */

static void a_store_has_one_runtime_at_a_time_and_any_number_who_look(void **state) {
	place *p = the_place(state);
	apl_store store = new_store(p);
	uint64_t mark = 0;
	aplomb_error error;
	assert_int_equal(step(&store, "a", 0, &mark, NULL), APLOMB_OK);
	assert_int_equal(opens_with(p, false, &error), APLOMB_ESTORE);
	assert_string_equal(error.slug, "store-in-use");
	assert_non_null(strstr(error.message, p->path));
	assert_int_equal(opens_with(p, true, &error), APLOMB_OK);
	assert_int_equal(step(&store, "a", 1, &mark, NULL), APLOMB_OK);
	store.ops->close(store.self);
	assert_int_equal(opens_with(p, false, &error), APLOMB_OK);
}

static void what_is_looked_at_stands_still(void **state) {
	place *p = the_place(state);
	apl_store store = new_store(p), looker;
	uint64_t mark = 0;
	assert_int_equal(step(&store, "a", 0, &mark, NULL), APLOMB_OK);
	apl_alloc alloc = apl_alloc_system();
	const apl_store_sqlite_options options = {.path = p->path, .reads_only = true};
	assert_int_equal(apl_store_sqlite_open(&looker, &alloc, &options, NULL), APLOMB_OK);
	uint64_t other = 0;
	for (uint64_t seq = 1; seq < 50; seq++) assert_int_equal(step(&store, "a", seq, &mark, NULL), APLOMB_OK);
	assert_int_equal(step(&store, "b", 0, &other, NULL), APLOMB_OK);
	apl_store_found found = {.size = sizeof found};
	assert_int_equal(looker.ops->find(looker.self, "a", 1, &found, NULL), APLOMB_OK);
	assert_int_equal(found.seq, 0);
	assert_int_equal(looker.ops->find(looker.self, "b", 1, &found, NULL), APLOMB_ENOTFOUND);
	uint64_t mine = found.mark;
	aplomb_error error;
	assert_int_equal(step(&looker, "a", 1, &mine, &error), APLOMB_ESTORE);
	looker.ops->close(looker.self);
	store.ops->close(store.self);
}

/* ---- what it is --------------------------------------------------------------------- */

static void a_newer_store_is_refused_and_an_older_one_is_brought_on(void **state) {
	place *p = the_place(state);
	aplomb_error error;
	apl_store store = new_store(p);
	uint64_t mark = 0;
	assert_int_equal(step(&store, "a", 0, &mark, NULL), APLOMB_OK);
	store.ops->close(store.self);
	run_sql(p->path, "PRAGMA user_version = 99");
	assert_int_equal(opens_with(p, false, &error), APLOMB_EVERSION);
	assert_string_equal(error.slug, "store-version");
	assert_non_null(strstr(error.message, "99"));
	/* As it was before effects were kept. */
	run_sql(p->path, "DROP TABLE effects; PRAGMA user_version = 1");
	assert_int_equal(opens_with(p, true, &error), APLOMB_EVERSION);
	store = open_store(p);
	apl_store_found found = {.size = sizeof found};
	assert_int_equal(store.ops->find(store.self, "a", 1, &found, NULL), APLOMB_OK);
	const apl_store_effect effect = {.case_id = "a", .case_id_size = 1, .item = 1, .due_at = 5, .text = "text", .size = 4};
	const apl_store_batch batch = {.size = sizeof batch, .effects = &effect, .n_effects = 1};
	assert_int_equal(store.ops->commit(store.self, &batch, NULL), APLOMB_OK);
	store.ops->close(store.self);
	assert_int_equal(opens_with(p, true, &error), APLOMB_OK);
}

static void what_is_no_store_is_not_taken_for_one(void **state) {
	place *p = the_place(state);
	aplomb_error error;
	apl_store store = new_store(p);
	store.ops->close(store.self);
	place_remove_files(p);
	run_sql(p->path, "CREATE TABLE mine(x)");
	assert_int_equal(opens_with(p, false, &error), APLOMB_EDAMAGED);
	assert_string_equal(error.slug, "store-foreign");
	place_remove_files(p);
	FILE *file = fopen(p->path, "wb");
	for (int i = 0; i < 1000; i++) fputs("this is no database\n", file);
	fclose(file);
	assert_int_equal(opens_with(p, false, &error), APLOMB_EDAMAGED);
	assert_string_equal(error.slug, "store-damaged");
	snprintf(p->path, sizeof p->path, "%s/no/such/folder.db", p->folder);
	assert_int_equal(opens_with(p, false, &error), APLOMB_ESTORE);
	assert_string_equal(error.slug, "store-io");
}

/* ---- damage ---------------------------------------------------------------------------- */

static int nothing(const char *text, size_t size, void *payload) {
	(void)text;
	(void)size;
	++*(int *)payload;
	return 0;
}

static void a_line_ends_with_its_commit_whatever_size_it_is_said_to_have(void **state) {
	place *p = the_place(state);
	aplomb_error error;
	int lines = 0;
	apl_store store = new_store(p);
	uint64_t mark = 0;
	for (uint64_t seq = 0; seq < 20; seq++) assert_int_equal(step(&store, "a", seq, &mark, NULL), APLOMB_OK);
	store.ops->close(store.self);
	forge(p->path, "\x14{\"case\":\"a\",\"seq\":7}", "\x7f{\"case\":\"a\",\"seq\":7}");
	store = open_store(p);
	assert_int_equal(store.ops->read(store.self, "a", 1, mark, 0, nothing, &lines, &error), APLOMB_EDAMAGED);
	assert_non_null(strstr(error.message, "ends in the midst of an entry"));
	assert_int_equal(lines, 7);
	store.ops->close(store.self);
}

static void a_changed_row_is_said_to_be_damaged_and_which(void **state) {
	place *p = the_place(state);
	aplomb_error error;
	apl_store store = new_store(p);
	uint64_t mark = 0;
	for (uint64_t seq = 0; seq < 100; seq++) assert_int_equal(step(&store, "a", seq, &mark, NULL), APLOMB_OK);
	store.ops->close(store.self);
	run_sql(p->path, "UPDATE log SET chunk = substr(chunk, 1, 60) || x'00' || substr(chunk, 62) WHERE id = 7");
	store = open_store(p);
	apl_store_found found = {.size = sizeof found};
	int lines = 0;
	assert_int_equal(store.ops->find(store.self, "a", 1, &found, NULL), APLOMB_OK);
	assert_int_equal(store.ops->read(store.self, "a", 1, found.mark, 90, nothing, &lines, &error), APLOMB_OK);
	assert_int_equal(lines, 10);
	assert_int_equal(store.ops->read(store.self, "a", 1, found.mark, 0, nothing, &lines, &error), APLOMB_EDAMAGED);
	assert_string_equal(error.slug, "store-damaged");
	assert_non_null(strstr(error.message, "row 7 "));
	store.ops->close(store.self);
	run_sql(p->path, "UPDATE heads SET bytes = zeroblob(length(bytes))");
	assert_int_equal(opens_with(p, false, &error), APLOMB_EDAMAGED);
	assert_non_null(strstr(error.message, "page 0 of heads"));
	run_sql(p->path, "DELETE FROM heads; DELETE FROM log WHERE id = 50");
	/* What no page of heads knows any more is not read again, so the way there is what is asked. */
	assert_int_equal(opens_with(p, false, &error), APLOMB_EDAMAGED);
}

/* ---- how it is kept ----------------------------------------------------------------------- */

/* Every case's head, and no commit but the first few, would be read from the log again if pages were never written. */
static void a_restart_reads_little_of_the_log(void **state) {
	place *p = the_place(state);
	p->most_tail = 64 * 1024;
	apl_store store = new_store(p);
	p->most_tail = 0;
	enum { CASES = 2000, STEPS_EACH = 20 };
	uint64_t *marks = calloc(CASES, sizeof *marks);
	for (uint64_t seq = 0; seq < STEPS_EACH; seq++) {
		for (uint32_t first = 0; first < CASES; first += 50) {
			apl_store_line lines[50];
			apl_store_head heads[50];
			char ids[50][16], bytes[50 * 32];
			size_t size = 0;
			for (uint32_t i = 0; i < 50; i++) {
				int length = snprintf(ids[i], sizeof ids[i], "case-%u", first + i);
				int written = snprintf(bytes + size, 32, "line %u\n", (unsigned)seq);
				lines[i] = (apl_store_line){ids[i], (uint32_t)length, seq, bytes + size, (uint32_t)written, &marks[first + i]};
				heads[i] = (apl_store_head){
				    ids[i], (uint32_t)length, APLOMB_CASE_OPEN, seq, (aplomb_instant)(seq * 1000 + first + i), HASH, &marks[first + i]};
				size += (size_t)written;
			}
			const apl_store_batch batch = {
			    .size = sizeof batch, .lines = lines, .n_lines = 50, .bytes = bytes, .bytes_size = size, .heads = heads, .n_heads = 50};
			assert_int_equal(store.ops->commit(store.self, &batch, NULL), APLOMB_OK);
		}
	}
	/* As it lies there now, without having been closed. */
	apl_alloc alloc = apl_alloc_system();
	apl_store looker;
	const apl_store_sqlite_options options = {.path = p->path, .reads_only = true};
	assert_int_equal(apl_store_sqlite_open(&looker, &alloc, &options, NULL), APLOMB_OK);
	assert_int_equal(looker.ops->next_due(looker.self), (STEPS_EACH - 1) * 1000);
	for (uint32_t i = 0; i < CASES; i += 7) {
		char id[16];
		int length = snprintf(id, sizeof id, "case-%u", i);
		apl_store_found found = {.size = sizeof found};
		int lines = 0;
		assert_int_equal(looker.ops->find(looker.self, id, (uint32_t)length, &found, NULL), APLOMB_OK);
		assert_int_equal(found.seq, STEPS_EACH - 1);
		assert_int_equal(found.due_at, (STEPS_EACH - 1) * 1000 + i);
		assert_int_equal(looker.ops->read(looker.self, id, (uint32_t)length, found.mark, 0, nothing, &lines, NULL), APLOMB_OK);
		assert_int_equal(lines, STEPS_EACH);
	}
	looker.ops->close(looker.self);
	const uint64_t rows = number_in(p->path, "SELECT max(id) FROM log"),
	               from = number_in(p->path, "SELECT hex(substr(chunk, 9, 8)) FROM log ORDER BY id DESC LIMIT 1");
	assert_true(from > 1 && from <= rows);
	assert_in_range(rows - from, 1, 40);
	store.ops->close(store.self);
	/* Closed in order, there is nothing to read again. */
	assert_int_equal(number_in(p->path, "SELECT hex(substr(chunk, 9, 8)) FROM log ORDER BY id DESC LIMIT 1"),
	    number_in(p->path, "SELECT max(id) FROM log"));
	free(marks);
}

static int refuse(const char *lines, size_t size, void *payload) {
	(void)lines;
	(void)size;
	return *(int *)payload;
}

static void a_sink_that_does_not_take_the_lines_fails_the_commit(void **state) {
	place *p = the_place(state);
	apl_alloc alloc = apl_alloc_system();
	apl_store store = new_store(p);
	store.ops->close(store.self);
	int answer = 3, lines = 0;
	aplomb_error error;
	uint64_t mark = 0;
	const apl_store_sqlite_options options = {.path = p->path, .sink = refuse, .sink_payload = &answer};
	assert_int_equal(apl_store_sqlite_open(&store, &alloc, &options, NULL), APLOMB_OK);
	assert_int_equal(step(&store, "a", 0, &mark, &error), APLOMB_ESTORE);
	assert_string_equal(error.slug, "journal-sink");
	assert_int_equal(mark, 0);
	answer = 0;
	assert_int_equal(step(&store, "a", 0, &mark, &error), APLOMB_OK);
	assert_int_equal(store.ops->read(store.self, "a", 1, mark, 0, nothing, &lines, NULL), APLOMB_OK);
	assert_int_equal(lines, 1);
	store.ops->close(store.self);
}

int main(void) {
	void *state = NULL;
	place_make(&state);
	const store_factory full = {
	    .name = "the contract, kept by SQLite", .open = open_new, .reopen = open_again, .payload = state, .keeps_old_snapshots = true};
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_store_has_one_runtime_at_a_time_and_any_number_who_look),
	    cmocka_unit_test(what_is_looked_at_stands_still),
	    cmocka_unit_test(a_newer_store_is_refused_and_an_older_one_is_brought_on),
	    cmocka_unit_test(what_is_no_store_is_not_taken_for_one),
	    cmocka_unit_test(a_line_ends_with_its_commit_whatever_size_it_is_said_to_have),
	    cmocka_unit_test(a_changed_row_is_said_to_be_damaged_and_which),
	    cmocka_unit_test(a_restart_reads_little_of_the_log),
	    cmocka_unit_test(a_sink_that_does_not_take_the_lines_fails_the_commit),
	};
	int failed = store_contract(&full);
	place_drop(&state);
	return failed + cmocka_run_group_tests_name("what only the store in a file does", tests, place_make, place_drop);
}
