/* SPDX-License-Identifier: MIT */
/* Effects that wait, in the store in a file: whatever part of the log a restart reads, they are there, and those that do not wait are not.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../store/place.h"
#include "../test_cmocka.h"
#include "base/buf.h"
#include "store/sqlite.h"

enum { CASES = 5, SEQS = 4, ITEMS = 2, TEXT = 24, NAMES = CASES * SEQS * ITEMS, MOST = 8 };

static const char HASH[] = "0123456789012345678901234567890123456789012345678901234567890123";

typedef struct world {
	place *place;
	apl_store store;
	uint64_t marks[CASES], seqs[CASES], random;
	char waits[NAMES][TEXT]; /* "": it does not */
	uint32_t n_puts;
} world;

static uint32_t dice(world *w, uint32_t sides) {
	w->random = w->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(w->random >> 33) % sides;
}

static apl_store open_with(const place *p, uint64_t most_tail, bool reads_only) {
	apl_alloc alloc = apl_alloc_system();
	apl_store store;
	aplomb_error error = {0};
	const apl_store_sqlite_options options = {.path = p->path, .most_tail = most_tail, .reads_only = reads_only};
	if (apl_store_sqlite_open(&store, &alloc, &options, &error)) fail_msg("%s", error.message);
	return store;
}

static void id_of(uint32_t number, char id[8]) {
	snprintf(id, 8, "case-%u", number);
}

/* A line, so that the log grows, and some effects. [is_wrong]: with a line that does not follow. */
static void commit(world *w, uint32_t n_effects, bool is_wrong) {
	char id[8], ids[MOST][8], texts[MOST][TEXT], line[256];
	const uint32_t number = dice(w, CASES);
	uint64_t mark = w->marks[number];
	id_of(number, id);
	int size = snprintf(line, sizeof line, "{\"note\":\"%0*u\"}\n", (int)(20 + dice(w, 200)), 7u);
	const apl_store_line one = {id, (uint32_t)strlen(id), w->seqs[number] + is_wrong * 5u, line, (uint32_t)size, &w->marks[number]};
	const apl_store_head head = {id, (uint32_t)strlen(id), APLOMB_CASE_OPEN, one.seq, APLOMB_NEVER, HASH, &w->marks[number]};
	apl_store_effect effects[MOST];
	char before[NAMES][TEXT];
	memcpy(before, w->waits, sizeof before);
	for (uint32_t i = 0; i < n_effects; i++) {
		const uint32_t owner = dice(w, CASES), seq = dice(w, SEQS), item = dice(w, ITEMS);
		const bool is_put = dice(w, 3) > 0;
		char *waits = w->waits[(owner * SEQS + seq) * ITEMS + item];
		id_of(owner, ids[i]);
		snprintf(texts[i], TEXT, "{\"put\":%u}", ++w->n_puts);
		effects[i] = (apl_store_effect){.case_id = ids[i],
		    .case_id_size = (uint32_t)strlen(ids[i]),
		    .seq = seq,
		    .item = item,
		    .due_at = w->n_puts,
		    .text = is_put ? texts[i] : NULL,
		    .size = is_put ? strlen(texts[i]) : 0,
		    .mark = dice(w, 2) == 0 ? &w->marks[owner] : NULL};
		snprintf(waits, TEXT, "%s", is_put ? texts[i] : "");
	}
	const apl_store_batch batch = {.size = sizeof batch,
	    .lines = &one,
	    .n_lines = 1,
	    .bytes = line,
	    .bytes_size = (size_t)size,
	    .heads = &head,
	    .n_heads = 1,
	    .effects = effects,
	    .n_effects = n_effects};
	int code = w->store.ops->commit(w->store.self, &batch, NULL);
	assert_int_equal(code, is_wrong ? APLOMB_ESTORE : APLOMB_OK);
	if (is_wrong) {
		memcpy(w->waits, before, sizeof before);
		w->marks[number] = mark;
	} else {
		w->seqs[number]++;
	}
}

typedef struct telling {
	const world *w;
	uint32_t told;
	uint32_t last;
} telling;

static int compare(const apl_store_effect *effect, void *payload) {
	telling *t = payload;
	char id[16];
	snprintf(id, sizeof id, "%.*s", (int)effect->case_id_size, effect->case_id);
	const uint32_t name = (((uint32_t)strtoul(id + 5, NULL, 10) * SEQS) + (uint32_t)effect->seq) * ITEMS + effect->item;
	assert_true(name < NAMES);
	/* Those of a case come by entry and item. */
	assert_true(t->last == 0 || (t->last - 1) / (SEQS * ITEMS) != name / (SEQS * ITEMS) || name + 1 > t->last);
	assert_int_equal(effect->size, strlen(t->w->waits[name]));
	assert_memory_equal(effect->text, t->w->waits[name], effect->size);
	assert_int_equal(effect->due_at, strtoul(t->w->waits[name] + 7, NULL, 10));
	t->last = name + 1;
	t->told++;
	return 0;
}

static void check(const world *w, const apl_store *store) {
	telling all = {.w = w};
	uint32_t expected = 0;
	aplomb_instant first = APLOMB_NEVER;
	char id[8];
	for (uint32_t i = 0; i < NAMES; i++) {
		if (w->waits[i][0] == '\0') continue;
		const aplomb_instant due_at = (aplomb_instant)strtoul(w->waits[i] + 7, NULL, 10);
		if (due_at < first) first = due_at;
		expected++;
	}
	assert_int_equal(store->ops->effects(store->self, NULL, 0, 0, compare, &all, NULL), APLOMB_OK);
	assert_int_equal(all.told, expected);
	assert_int_equal(store->ops->n_effects(store->self), expected);
	/* Of each case; and when nobody holds one, the first of all is what is due. */
	telling each = {.w = w};
	for (uint32_t i = 0; i < CASES; i++) {
		id_of(i, id);
		assert_int_equal(store->ops->effects(store->self, id, (uint32_t)strlen(id), w->marks[i], compare, &each, NULL), APLOMB_OK);
		store->ops->leave(store->self, id, (uint32_t)strlen(id), w->marks[i]);
	}
	assert_int_equal(each.told, expected);
	assert_int_equal(store->ops->next_due(store->self), first);
	for (uint32_t i = 0; i < CASES; i++) {
		apl_store_found found = {.size = sizeof found};
		id_of(i, id);
		assert_int_equal(store->ops->find(store->self, id, (uint32_t)strlen(id), &found, NULL), APLOMB_OK);
	}
	assert_int_equal(store->ops->next_due(store->self), APLOMB_NEVER);
}

static uint32_t rows_in(const place *p) {
	sqlite3 *db;
	sqlite3_stmt *ask;
	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM effects", -1, &ask, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(ask), SQLITE_ROW);
	const uint32_t rows = (uint32_t)sqlite3_column_int(ask, 0);
	sqlite3_finalize(ask);
	sqlite3_close(db);
	return rows;
}

static void begin(world *w, void **state, uint64_t most_tail, uint64_t seed) {
	*w = (world){.place = *state, .random = seed};
	if (w->place->count > 0) place_remove_files(w->place);
	snprintf(w->place->path, sizeof w->place->path, "%s/%u.db", w->place->folder, w->place->count++);
	w->store = open_with(w->place, most_tail, false);
	for (int i = 0; i < 40; i++) commit(w, 0, false); /* all cases are there */
}

static void what_waits_is_there_wherever_a_restart_begins(void **state) {
	for (uint64_t seed = 1; seed <= 3; seed++) {
		static world w;
		const uint64_t most_tail = seed == 3 ? 0 : 4096 * seed;
		begin(&w, state, most_tail, seed);
		uint32_t most_rows = 0;
		for (uint32_t n = 1; n <= 600; n++) {
			/* For a while nothing is said of effects, and those that wait grow old. */
			commit(&w, n / 40 % 2 == 0 ? dice(&w, 4) : 0, dice(&w, 10) == 0);
			if (n % 20 == 0) {
				/* As it lies there now, for whoever comes after a crash. */
				apl_store looker = open_with(w.place, most_tail, true);
				check(&w, &looker);
				looker.ops->close(looker.self);
				check(&w, &w.store);
				const uint32_t rows = rows_in(w.place);
				if (rows > most_rows) most_rows = rows;
			}
			if (n % 150 == 0) {
				w.store.ops->close(w.store.self);
				w.store = open_with(w.place, most_tail, false);
				check(&w, &w.store);
			}
		}
		assert_true(most_rows > 0);
		w.store.ops->close(w.store.self);
	}
}

static void what_waits_for_a_short_time_never_is_a_row(void **state) {
	static world w;
	begin(&w, state, 0, 7);
	for (uint32_t n = 0; n < 100; n++) commit(&w, 6, false);
	assert_int_equal(rows_in(w.place), 0);
	check(&w, &w.store);
	/* Closed in order, all that waits is: the log is not read again. */
	w.store.ops->close(w.store.self);
	uint32_t waiting = 0;
	for (uint32_t i = 0; i < NAMES; i++) waiting += w.waits[i][0] != '\0';
	assert_int_equal(rows_in(w.place), waiting);
}

static void an_effect_of_a_case_that_there_is_not_is_refused(void **state) {
	static world w;
	begin(&w, state, 0, 9);
	const apl_store_effect put = {.case_id = "nobody", .case_id_size = 6, .text = "x", .size = 1},
	                       over = {.case_id = "nobody", .case_id_size = 6};
	const apl_store_batch wrong = {.size = sizeof wrong, .effects = &put, .n_effects = 1},
	                      right = {.size = sizeof right, .effects = &over, .n_effects = 1};
	aplomb_error error;
	assert_int_equal(w.store.ops->commit(w.store.self, &wrong, &error), APLOMB_ESTORE);
	assert_string_equal(error.slug, "store-conflict");
	assert_int_equal(w.store.ops->commit(w.store.self, &right, &error), APLOMB_OK);
	check(&w, &w.store);
	w.store.ops->close(w.store.self);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_waits_is_there_wherever_a_restart_begins),
	    cmocka_unit_test(what_waits_for_a_short_time_never_is_a_row),
	    cmocka_unit_test(an_effect_of_a_case_that_there_is_not_is_refused),
	};
	return cmocka_run_group_tests_name("effects in the store in a file", tests, place_make, place_drop);
}
