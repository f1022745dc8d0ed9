/* SPDX-License-Identifier: MIT */
/* A store is measured, verified, copied, put back and written anew; whatever is damaged in it is found, whichever table it is in. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../store/place.h"
#include "../../store/sql.h"
#include "late.h"

#include "host.h"

enum { CASES = 5, STEPS = 40 };

static int takes(const aplomb_effect *effect, void *payload) {
	(void)effect;
	(void)payload;
	return APLOMB_EFFECT_LATER;
}

static aplomb_runtime *open_writer(const char *path) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.store = path;
	options.durability = APLOMB_DURABILITY_NORMAL;
	aplomb_runtime *rt = open_late(&options);
	assert_int_equal(aplomb_on_effect(rt, "*", takes, NULL, NULL), APLOMB_OK);
	return rt;
}

static void tells(aplomb_runtime *rt, const char *id, aplomb_instant at) {
	aplomb_event event = said(id, at, SAYS);
	aplomb_error error;
	if (aplomb_post_wait(rt, &event, NULL, &error) != APLOMB_OK) fail_msg("%s: %s", id, error.message);
}

/* So many cases, each with so many entries that it has several snapshots; one is closed. */
static aplomb_runtime *fill(const place *p) {
	place_remove_files(p);
	aplomb_runtime *rt = open_writer(p->path);
	for (int i = 0; i < STEPS; i++) {
		for (int c = 0; c < CASES; c++) {
			char id[16];
			snprintf(id, sizeof id, "case-%d", c);
			tells(rt, id, AT_NINE + (i * CASES + c) * MINUTE / 60);
		}
	}
	aplomb_event done = said("case-4", AT_NINE + 4 * MINUTE, NULL);
	done.name = "done";
	assert_int_equal(aplomb_post_wait(rt, &done, NULL, NULL), APLOMB_OK);
	return rt;
}

static void make(const place *p) {
	aplomb_close(fill(p));
}

/* What was told: "table row case slug", a line each, and the messages behind. */
typedef struct told {
	char lines[8192];
	uint64_t progress;
} told;

static void note_damage(const aplomb_store_damage *damage, void *payload) {
	told *t = payload;
	const size_t used = strlen(t->lines);
	snprintf(t->lines + used, sizeof t->lines - used, "%s %lld %s [%s] %s\n", damage->table, (long long)damage->row,
	    damage->case_id != NULL ? damage->case_id : "-", damage->slug, damage->message);
}

static void note_progress(uint64_t cases, uint64_t of, void *payload) {
	told *t = payload;
	assert_in_range(cases, 1, of);
	t->progress = cases;
}

static int verify(const char *path, told *t, aplomb_store_verified *out, aplomb_error *error) {
	aplomb_store_verify_options options = APLOMB_STORE_VERIFY_OPTIONS_INIT;
	*t = (told){.progress = 0};
	*out = (aplomb_store_verified)APLOMB_STORE_VERIFIED_INIT;
	options.on_damage = note_damage;
	options.on_progress = note_progress;
	options.payload = t;
	return aplomb_store_verify(path, &options, out, error);
}

static void assert_sound(const char *path) {
	told t;
	aplomb_store_verified sum;
	aplomb_error error = {0};
	if (verify(path, &t, &sum, &error) != APLOMB_OK) fail_msg("%s: %s\n%s", path, error.message, t.lines);
	assert_int_equal(sum.damages, 0);
	assert_int_equal(sum.replayed, sum.measure.cases);
}

/* ---- what is sound ------------------------------------------------------------------- */

static void a_sound_store_is_said_to_be_and_measured(void **state) {
	const place *p = *state;
	told t;
	aplomb_error error;
	aplomb_store_verified sum;
	aplomb_runtime *writer = fill(p);
	/* While it is open, and after that. */
	for (int i = 0; i < 2; i++) {
		if (verify(p->path, &t, &sum, &error) != APLOMB_OK) fail_msg("%s\n%s", error.message, t.lines);
		assert_int_equal(sum.replayed, CASES);
		assert_int_equal(sum.lines, CASES * (STEPS + 2) + 1);
		assert_int_equal(t.progress, CASES);
		assert_int_equal(sum.measure.cases, CASES);
		assert_int_equal(sum.measure.entries, CASES * (STEPS + 1) + 1);
		assert_in_range(sum.measure.snapshots, CASES, 3 * CASES);
		assert_true(sum.measure.old_snapshot_bytes > 0 && sum.measure.old_snapshot_bytes < sum.measure.snapshot_bytes);
		assert_true(sum.measure.log_bytes > sum.measure.entry_bytes + sum.measure.snapshot_bytes);
		assert_int_equal(sum.measure.last_at, AT_NINE + 4 * MINUTE);
		assert_int_equal(sum.measure.playbooks, 1);
		aplomb_store_measure measure = APLOMB_STORE_MEASURE_INIT;
		assert_int_equal(aplomb_store_measured(p->path, NULL, &measure, NULL), APLOMB_OK);
		assert_int_equal(measure.entry_bytes, sum.measure.entry_bytes);
		assert_true(measure.file_bytes > 0);
		if (i == 0) aplomb_close(writer);
	}
	/* Only the structure: no case is stepped. */
	aplomb_store_verify_options options = APLOMB_STORE_VERIFY_OPTIONS_INIT;
	options.only_structure = true;
	sum = (aplomb_store_verified)APLOMB_STORE_VERIFIED_INIT;
	assert_int_equal(aplomb_store_verify(p->path, &options, &sum, NULL), APLOMB_OK);
	assert_int_equal(sum.replayed, 0);
	assert_int_equal(sum.measure.cases, CASES);
}

static void a_case_that_came_as_a_snapshot_has_no_beginning(void **state) {
	const place *p = *state;
	place_remove_files(p);
	aplomb_runtime *rt = open_late(NULL);
	tells(rt, "came", AT_NINE);
	char *json;
	size_t size;
	assert_int_equal(aplomb_case_snapshot(rt, "came", &json, &size, NULL), APLOMB_OK);
	aplomb_runtime *writer = open_writer(p->path);
	assert_int_equal(aplomb_case_restore(writer, json, size, NULL), APLOMB_OK);
	tells(writer, "came", AT_NINE + MINUTE);
	aplomb_text_free(rt, json);
	aplomb_close(rt);
	aplomb_close(writer);
	aplomb_store_verified sum = APLOMB_STORE_VERIFIED_INIT;
	aplomb_error error;
	if (aplomb_store_verify(p->path, NULL, &sum, &error) != APLOMB_OK) fail_msg("%s", error.message);
	assert_int_equal(sum.without_beginning, 1);
	assert_int_equal(sum.replayed, 0);
	/* And stays there when the store is written anew. */
	assert_int_equal(aplomb_store_compact(p->path, NULL, NULL, NULL, &error), APLOMB_OK);
	writer = open_writer(p->path);
	assert_true(aplomb_case_is_in(writer, "came", "work.waiting"));
	aplomb_close(writer);
}

static void a_store_of_other_limits_is_as_sound_as_any(void **state) {
	const place *p = *state;
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_limits limits = {.size = sizeof limits, .instructions = 20000};
	place_remove_files(p);
	options.store = p->path;
	options.limits = &limits;
	aplomb_runtime *rt = open_late(&options);
	tells(rt, "c1", AT_NINE);
	aplomb_event spin = said("c1", AT_NINE, NULL);
	spin.name = "spin";
	aplomb_post_wait(rt, &spin, NULL, NULL);
	aplomb_close(rt);
	assert_sound(p->path);
}

/* ---- what is damaged -------------------------------------------------------------------- */

/* The file as it was made. */
typedef struct image {
	char *bytes;
	size_t size;
} image;

static image image_of(const char *path) {
	image it = {NULL, 0};
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	it.size = (size_t)ftell(file);
	it.bytes = malloc(it.size);
	rewind(file);
	assert_int_equal(fread(it.bytes, 1, it.size, file), it.size);
	fclose(file);
	return it;
}

static const image *pristine;

static void put_back(const place *p) {
	place_remove_files(p);
	FILE *file = fopen(p->path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(pristine->bytes, 1, pristine->size, file), pristine->size);
	fclose(file);
}

/* The store as it was made is changed so, and this must be told. */
static void finds(const place *p, const char *sql, const char *line) {
	told t;
	aplomb_error error;
	aplomb_store_verified sum;
	put_back(p);
	run_sql(p->path, sql);
	if (verify(p->path, &t, &sum, &error) != APLOMB_EDAMAGED) fail_msg("%s: nothing was found", sql);
	assert_string_equal(error.slug, "store-damaged");
	assert_true(sum.damages > 0);
	if (strstr(t.lines, line) == NULL) fail_msg("%s: found was\n%sand not\n%s", sql, t.lines, line);
}

/* The whole commit of a case's fifth entry: which row that is hangs on how long the disk took. */
#define A_ROW                                                                                                                              \
	"WHERE id = (SELECT id FROM log WHERE hex(substr(chunk, 33, 8)) = '0000000001000000' AND "                                             \
	"instr(chunk, CAST('\"seq\":5,' AS BLOB)) > 0 ORDER BY id LIMIT 1)"

static void damage_is_found_in_every_table(void **state) {
	const place *p = *state;
	make(p);
	image made = image_of(p->path);
	pristine = &made;
	/* A byte of a chunk; a chunk that is gone; one that is cut. */
	finds(p, "UPDATE log SET chunk = substr(chunk, 1, 100) || x'00' || substr(chunk, 102) " A_ROW,
	    " of the log is not what was written: its checksum is another one\n");
	finds(p, "DELETE FROM log " A_ROW, " - [store-damaged] 1 row is missing before row ");
	finds(p, "DELETE FROM log " A_ROW, "[store-damaged] what stands before it is missing, or stands elsewhere: entry 6\n");
	finds(p, "UPDATE log SET chunk = x'0011' " A_ROW, " of the log has a size that no chunk has\n");
	/* Heads. */
	finds(p, "UPDATE heads SET bytes = substr(bytes, 1, 50) || x'77' || substr(bytes, 52)",
	    "heads 0 - [store-damaged] it is not what was written: its checksum is another one\n");
	finds(p, "UPDATE heads SET bytes = x''", "heads 0 - [store-damaged]");
	finds(p, "INSERT INTO heads SELECT 7, bytes FROM heads", "heads");
	finds(p, "DELETE FROM heads", "neither a line nor a snapshot");
	/* Cases. */
	finds(p, "DELETE FROM cases WHERE number = 2", "cases 2 - [store-damaged] case number 2 is missing\n");
	finds(p, "UPDATE cases SET playbook = 99 WHERE number = 2", "cases 2 case-2 [store-damaged] it is of a playbook that there is not\n");
	finds(p, "INSERT INTO cases VALUES(5, 'more', 1)", "cases 5 more [store-damaged] there is nothing of it in the log\n");
	finds(p, "UPDATE cases SET id = x'' WHERE number = 0", "cases 0 - [store-damaged] its id, of 0 bytes, is none that a case has\n");
	finds(p, "UPDATE cases SET id = CAST('other' AS BLOB) WHERE number = 1", "other [");
	/* Playbooks. */
	finds(p, "UPDATE playbooks SET source = NULL", "playbooks 1 - [store-damaged] version ");
	finds(p, "UPDATE playbooks SET source = CAST(replace(CAST(source AS TEXT), '10m', '11m') AS BLOB)", "playbooks 1 - [");
	finds(p, "UPDATE playbooks SET hash = 'none'", "playbooks 1 - [store-damaged] its hash is none\n");
	/* Effects. */
	finds(p, "INSERT INTO effects VALUES(CAST('case-1' AS BLOB), 2, 9, 0, CAST('nothing' AS BLOB))", "effects -1 case-1 [store-damaged] ");
	finds(p, "INSERT INTO effects VALUES(CAST('nobody' AS BLOB), 2, 9, 0, CAST('{}' AS BLOB))", "effects");
	finds(p, "INSERT INTO effects VALUES(CAST('case-1' AS BLOB), 900, 9, 0, CAST('{\"kind\":\"x\"}' AS BLOB))",
	    "case-1 [store-damaged] entry 900 wanted it, which the case does not have\n");
	put_back(p);
	assert_sound(p->path);
	free(made.bytes);
}

static void what_was_changed_with_its_checksum_does_not_replay(void **state) {
	const place *p = *state;
	told t;
	aplomb_error error;
	aplomb_store_verified sum;
	make(p);
	forge(p->path, "\"because\":\"we answer\"", "\"because\":\"we ponder\"");
	assert_int_equal(verify(p->path, &t, &sum, &error), APLOMB_EDAMAGED);
	assert_says(t.lines, "log -1 case-0 [replay-differs] entry 2 comes out of a replay otherwise than it is recorded: items[");
	assert_int_equal(sum.replayed, CASES - 1);
	make(p);
	forge(p->path, "Where is it?", "Where is he?");
	assert_int_equal(verify(p->path, &t, &sum, &error), APLOMB_EDAMAGED);
	assert_int_equal(sum.damages, 1);
}

/* A page that SQLite itself needs. */
static void damage_of_the_file_is_found(void **state) {
	const place *p = *state;
	told t;
	aplomb_error error;
	aplomb_store_verified sum;
	make(p);
	FILE *file = fopen(p->path, "r+b");
	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	const long pages = ftell(file) / 4096;
	assert_true(pages > 10);
	for (long page = pages - 3; page < pages; page++) {
		fseek(file, page * 4096, SEEK_SET);
		for (int i = 0; i < 64; i++) fputc(0xff, file);
	}
	fclose(file);
	assert_int_equal(verify(p->path, &t, &sum, &error), APLOMB_EDAMAGED);
	assert_says(t.lines, "file -1 - [store-damaged] ");
	/* Of what is no database nothing is told but that. */
	file = fopen(p->path, "wb");
	for (int i = 0; i < 1000; i++) fputs("this is no database\n", file);
	fclose(file);
	assert_int_equal(verify(p->path, &t, &sum, &error), APLOMB_EDAMAGED);
	assert_string_equal(t.lines, "");
	assert_says(error.message, p->path);
	place_remove_files(p);
	assert_int_equal(verify(p->path, &t, &sum, &error), APLOMB_ENOTFOUND);
	assert_string_equal(error.slug, "store-missing");
}

/* ---- copies -------------------------------------------------------------------------------- */

typedef struct other {
	char path[128];
} other;

static other other_of(const place *p, const char *name) {
	other o;
	snprintf(o.path, sizeof o.path, "%s/%s", p->folder, name);
	return o;
}

static void remove_all(const char *path) {
	static const char *const ends[] = {"", "-wal", "-shm", "-owner", "-part", "-part-wal", "-part-shm", "-part-owner"};
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		char name[192];
		snprintf(name, sizeof name, "%s%s", path, ends[i]);
		unlink(name);
	}
}

static bool is_there(const char *path, const char *end) {
	char name[192];
	snprintf(name, sizeof name, "%s%s", path, end);
	return access(name, F_OK) == 0;
}

static uint64_t entries_of(const char *path, const char *id) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_runtime *rt;
	aplomb_error error;
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	options.store = path;
	options.looks = true;
	if (aplomb_open(&rt, &options, &error) != APLOMB_OK) fail_msg("%s", error.message);
	const int code = aplomb_case_get(rt, id, &info, NULL);
	const uint64_t seq = info.seq;
	aplomb_close(rt);
	return code == APLOMB_OK ? seq : 0;
}

static void a_backup_is_of_one_moment_while_a_runtime_goes_on(void **state) {
	const place *p = *state;
	const other copy = other_of(p, "copy.db");
	aplomb_error error;
	aplomb_runtime *writer = fill(p);
	if (aplomb_store_backup(p->path, copy.path, NULL, &error) != APLOMB_OK) fail_msg("%s", error.message);
	tells(writer, "case-0", AT_NINE + 5 * MINUTE);
	tells(writer, "later", AT_NINE + 5 * MINUTE);
	assert_int_equal(entries_of(copy.path, "case-0"), STEPS + 1);
	assert_int_equal(entries_of(copy.path, "later"), 0);
	assert_int_equal(entries_of(p->path, "case-0"), STEPS + 2);
	assert_sound(copy.path);
	assert_false(is_there(copy.path, "-part"));
	/* Nothing is written over. */
	assert_int_equal(aplomb_store_backup(p->path, copy.path, NULL, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "store-exists");
	assert_int_equal(entries_of(copy.path, "later"), 0);
	/* The copy is a store like any other. */
	aplomb_runtime *rt = open_writer(copy.path);
	tells(rt, "case-1", AT_NINE + 6 * MINUTE);
	aplomb_close(rt);
	aplomb_close(writer);
	assert_sound(p->path);
	remove_all(copy.path);
	char nowhere[160];
	snprintf(nowhere, sizeof nowhere, "%s/no/such/copy.db", p->folder);
	assert_int_not_equal(aplomb_store_backup(p->path, nowhere, NULL, &error), APLOMB_OK);
	assert_int_equal(aplomb_store_backup(copy.path, nowhere, NULL, &error), APLOMB_ENOTFOUND);
}

static void a_copy_takes_a_stores_place_once_it_is_verified(void **state) {
	const place *p = *state;
	const other copy = other_of(p, "copy.db"), new = other_of(p, "new.db");
	aplomb_error error;
	aplomb_store_verified sum = APLOMB_STORE_VERIFIED_INIT;
	aplomb_runtime *writer = fill(p);
	assert_int_equal(aplomb_store_backup(p->path, copy.path, NULL, &error), APLOMB_OK);
	tells(writer, "case-0", AT_NINE + 5 * MINUTE);
	/* Where nothing is, and where something is. */
	if (aplomb_store_restore(copy.path, new.path, false, NULL, &sum, &error) != APLOMB_OK) fail_msg("%s", error.message);
	assert_int_equal(sum.replayed, CASES);
	assert_int_equal(entries_of(new.path, "case-0"), STEPS + 1);
	assert_int_equal(aplomb_store_restore(copy.path, p->path, false, NULL, NULL, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "store-exists");
	/* Not while a runtime has it, nor while somebody looks. */
	assert_int_equal(aplomb_store_restore(copy.path, p->path, true, NULL, NULL, &error), APLOMB_ESTORE);
	assert_string_equal(error.slug, "store-in-use");
	aplomb_close(writer);
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_runtime *looker;
	options.store = p->path;
	options.looks = true;
	assert_int_equal(aplomb_open(&looker, &options, NULL), APLOMB_OK);
	assert_int_equal(aplomb_store_restore(copy.path, p->path, true, NULL, NULL, &error), APLOMB_ESTORE);
	assert_string_equal(error.slug, "store-in-use");
	aplomb_close(looker);
	assert_int_equal(entries_of(p->path, "case-0"), STEPS + 2);
	if (aplomb_store_restore(copy.path, p->path, true, NULL, NULL, &error) != APLOMB_OK) fail_msg("%s", error.message);
	assert_int_equal(entries_of(p->path, "case-0"), STEPS + 1);
	assert_sound(p->path);
	/* What is not sound takes nobody's place, not even a damaged one's; and a sound one does. */
	run_sql(copy.path, "UPDATE log SET chunk = substr(chunk, 1, 100) || x'00' || substr(chunk, 102) WHERE id = 3");
	assert_int_equal(aplomb_store_restore(copy.path, p->path, true, NULL, NULL, &error), APLOMB_EDAMAGED);
	assert_sound(p->path);
	assert_false(is_there(p->path, "-part"));
	FILE *file = fopen(p->path, "wb");
	fputs("somebody wrote over it", file);
	fclose(file);
	if (aplomb_store_restore(new.path, p->path, true, NULL, NULL, &error) != APLOMB_OK) fail_msg("%s", error.message);
	assert_sound(p->path);
	remove_all(copy.path);
	remove_all(new.path);
}

/* ---- written anew ---------------------------------------------------------------------------- */

static int keep_line(const char *line, size_t size, void *payload) {
	fprintf(payload, "%.*s\n", (int)size, line);
	return 0;
}

static void write_case(const char *id, void *payload) {
	void **both = payload;
	assert_int_equal(aplomb_journal_each(both[0], id, keep_line, both[1], NULL), APLOMB_OK);
}

typedef struct all_cases {
	char ids[64][16];
	size_t count;
} all_cases;

static void note_id(const char *id, void *payload) {
	all_cases *all = payload;
	snprintf(all->ids[all->count++], sizeof all->ids[0], "%s", id);
}

static void note_waiting(const aplomb_waiting_effect *waiting, void *payload) {
	fprintf(payload, "%s\n", waiting->effect->key);
}

/* Every line of every journal, how each case stands, and what waits. */
static char *all_of(const char *path) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_runtime *rt;
	aplomb_error error;
	char *text = NULL;
	size_t size;
	all_cases all = {.count = 0};
	options.store = path;
	options.looks = true;
	if (aplomb_open(&rt, &options, &error) != APLOMB_OK) fail_msg("%s", error.message);
	FILE *file = open_memstream(&text, &size);
	void *both[] = {rt, file};
	aplomb_cases(rt, note_id, &all);
	for (size_t i = 0; i < all.count; i++) {
		write_case(all.ids[i], both);
		aplomb_case_info info = APLOMB_CASE_INFO_INIT;
		assert_int_equal(aplomb_case_get(rt, all.ids[i], &info, NULL), APLOMB_OK);
		fprintf(file, "%s %d %u %lld\n", all.ids[i], (int)info.status, info.n_timers, (long long)info.at);
	}
	aplomb_effects(rt, NULL, note_waiting, file);
	fclose(file);
	aplomb_close(rt);
	return text;
}

static void a_store_that_is_written_anew_holds_the_same_and_less(void **state) {
	const place *p = *state;
	aplomb_error error;
	aplomb_store_measure before = APLOMB_STORE_MEASURE_INIT;
	aplomb_store_verified sum = APLOMB_STORE_VERIFIED_INIT;
	aplomb_runtime *writer = fill(p);
	for (int i = 0; i < 300; i++) tells(writer, "long", AT_NINE + i * MINUTE);
	assert_int_equal(aplomb_store_compact(p->path, NULL, &before, &sum, &error), APLOMB_ESTORE);
	assert_string_equal(error.slug, "store-in-use");
	aplomb_close(writer);
	char *as_it_was = all_of(p->path);
	if (aplomb_store_compact(p->path, NULL, &before, &sum, &error) != APLOMB_OK) fail_msg("%s", error.message);
	char *as_it_is = all_of(p->path);
	assert_string_equal(as_it_is, as_it_was);
	assert_int_equal(sum.measure.entries, before.entries);
	assert_int_equal(sum.replayed, CASES + 1);
	/* Of the snapshots there are the newest and a few more. */
	assert_in_range(sum.measure.snapshots, CASES + 1, CASES + 4);
	assert_true(sum.measure.snapshots < before.snapshots / 2);
	assert_true(sum.measure.log_bytes < before.log_bytes);
	assert_false(is_there(p->path, "-part"));
	assert_false(is_there(p->path, "-part-owner"));
	/* It goes on. */
	writer = open_writer(p->path);
	tells(writer, "long", AT_NINE + 800 * MINUTE);
	tells(writer, "case-0", AT_NINE + 800 * MINUTE);
	aplomb_close(writer);
	assert_sound(p->path);
	/* Once more there is little to leave out. */
	assert_int_equal(aplomb_store_compact(p->path, NULL, &before, &sum, &error), APLOMB_OK);
	assert_in_range(before.snapshots - sum.measure.snapshots, 0, 2);
	/* What is damaged is not written anew, and stays what it is. */
	run_sql(p->path, "UPDATE log SET chunk = substr(chunk, 1, 100) || x'00' || substr(chunk, 102) WHERE id = 3");
	assert_int_equal(aplomb_store_compact(p->path, NULL, &before, &sum, &error), APLOMB_EDAMAGED);
	assert_false(is_there(p->path, "-part"));
	free(as_it_was);
	free(as_it_is);
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, place_make, place_drop)

int main(void) {
	const struct CMUnitTest tests[] = {
	    WITH_PLACE(a_sound_store_is_said_to_be_and_measured),
	    WITH_PLACE(a_case_that_came_as_a_snapshot_has_no_beginning),
	    WITH_PLACE(a_store_of_other_limits_is_as_sound_as_any),
	    WITH_PLACE(damage_is_found_in_every_table),
	    WITH_PLACE(what_was_changed_with_its_checksum_does_not_replay),
	    WITH_PLACE(damage_of_the_file_is_found),
	    WITH_PLACE(a_backup_is_of_one_moment_while_a_runtime_goes_on),
	    WITH_PLACE(a_copy_takes_a_stores_place_once_it_is_verified),
	    WITH_PLACE(a_store_that_is_written_anew_holds_the_same_and_less),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
