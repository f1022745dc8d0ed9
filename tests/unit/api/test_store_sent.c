/* SPDX-License-Identifier: MIT */
/* What one case sent another and the other has not taken yet, in a file: over a restart, and for whoever looks after stores. */
#include "../../store/place.h"
#include "../../store/sql.h"
#include "../../store/talk.h"
#include "late.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "host.h"

/* ---- the stage --------------------------------------------------------------------------- */

static void keep_log(const aplomb_log_record *record, void *payload) {
	char *heard = payload;
	const size_t used = strlen(heard);
	snprintf(heard + used, 2048 - used, "%s: %s\n", record->code, record->message);
}

static char heard[2048];

static aplomb_runtime *open_with(const place *p, const aplomb_limits *limits) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_runtime *rt;
	aplomb_error error;
	options.store = p->path;
	options.durability = APLOMB_DURABILITY_NORMAL;
	options.time_follows_events = true;
	options.batch_most = 1;
	options.resident = 1;
	options.limits = limits;
	options.log = keep_log;
	options.log_payload = heard;
	heard[0] = '\0';
	if (aplomb_open(&rt, &options, &error)) fail_msg("%s", error.message);
	return rt;
}

static aplomb_runtime *open_again(const place *p) {
	aplomb_runtime *rt = open_with(p, NULL);
	load_text(rt, "talker.lua", TALKER);
	load_text(rt, "listener.lua", LISTENER);
	load_text(rt, "worker.lua", WORKER);
	return rt;
}

static aplomb_runtime *open_new(const place *p) {
	place_remove_files(p);
	return open_again(p);
}

static aplomb_instant now = AT_NINE;

static void post(aplomb_runtime *rt, const char *case_id, const char *name, const char *data) {
	aplomb_event event = APLOMB_EVENT_INIT;
	aplomb_error error;
	event.case_id = case_id;
	event.playbook = case_id[0] == 'l' ? "listener" : "talker";
	event.name = name;
	event.data = data;
	event.has_at = true;
	event.at = now += MINUTE;
	if (aplomb_post(rt, &event, NULL, NULL, &error)) fail_msg("%s: %s", case_id, error.message);
}

static void pump(aplomb_runtime *rt, int times) {
	aplomb_error error;
	while (times-- > 0)
		if (aplomb_pump(rt, 0, NULL, &error)) fail_msg("%s", error.message);
}

static void settle(aplomb_runtime *rt) {
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	do assert_int_equal(aplomb_pump(rt, 0, &report, NULL), APLOMB_OK);
	while (report.more);
}

/* A listener and a talker that are open, and at rest. */
static aplomb_runtime *open_both(const place *p) {
	aplomb_runtime *rt = open_new(p);
	post(rt, "l0", "note", "{\"n\":0}");
	post(rt, "t0", "echo", "{\"n\":0}");
	settle(rt);
	return rt;
}

static long long number_of(aplomb_runtime *rt, const char *id, const char *field) {
	char *json, name[32];
	size_t size;
	assert_int_equal(aplomb_case_data(rt, id, &json, &size, NULL), APLOMB_OK);
	snprintf(name, sizeof name, "\"%s\":", field);
	const char *at = strstr(json, name);
	assert_non_null(at);
	long long number = strtoll(at + strlen(name), NULL, 10);
	aplomb_text_free(rt, json);
	return number;
}

static aplomb_store_measure measure_of(const place *p) {
	aplomb_store_measure measure = APLOMB_STORE_MEASURE_INIT;
	aplomb_error error;
	if (aplomb_store_measured(p->path, NULL, &measure, &error)) fail_msg("%s", error.message);
	return measure;
}

static void note_damage(const aplomb_store_damage *damage, void *payload) {
	snprintf(payload, 256, "%s %s: %s", damage->table, damage->case_id != NULL ? damage->case_id : "-", damage->message);
}

static const char *verify(const char *path) {
	static char damage[256];
	aplomb_store_verify_options options = APLOMB_STORE_VERIFY_OPTIONS_INIT;
	aplomb_store_verified out = APLOMB_STORE_VERIFIED_INIT;
	aplomb_error error;
	damage[0] = '\0';
	options.on_damage = note_damage;
	options.payload = damage;
	int code = aplomb_store_verify(path, &options, &out, &error);
	if (code != APLOMB_OK && code != APLOMB_EDAMAGED) fail_msg("%s", error.message);
	return damage;
}

/* ---- a restart ----------------------------------------------------------------------------- */

static void what_was_sent_and_not_taken_is_taken_after_a_restart(void **state) {
	const place *p = *state;
	aplomb_runtime *rt = open_both(p);
	post(rt, "t0", "say", "{\"n\":1,\"to\":\"l0\"}");
	pump(rt, 1); /* the talker has sent, and nobody has heard yet */
	assert_int_equal(number_of(rt, "l0", "notes"), 1);
	aplomb_close(rt);
	assert_int_equal(measure_of(p).sent, 2);
	rt = open_again(p);
	/* Who comes after the restart comes behind. */
	post(rt, "l0", "shut", NULL);
	settle(rt);
	assert_int_equal(number_of(rt, "l0", "notes"), 3);
	assert_int_equal(number_of(rt, "t0", "echoes"), 2);
	aplomb_close(rt);
	assert_int_equal(measure_of(p).sent, 0);
	assert_string_equal(verify(p->path), "");
	rt = open_again(p);
	settle(rt);
	assert_int_equal(number_of(rt, "l0", "notes"), 3);
	aplomb_close(rt);
}

static void it_is_no_effect_and_whoever_looks_leaves_it_alone(void **state) {
	const place *p = *state;
	aplomb_runtime *rt = open_both(p);
	post(rt, "t0", "say", "{\"n\":1,\"to\":\"l0\"}");
	pump(rt, 1);
	assert_int_equal(aplomb_effects(rt, NULL, NULL, NULL), 0);
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_runtime *looker;
	aplomb_error error;
	options.store = p->path;
	options.looks = true;
	if (aplomb_open(&looker, &options, &error)) fail_msg("%s", error.message);
	assert_int_equal(aplomb_effects(looker, NULL, NULL, NULL), 0);
	assert_int_equal(aplomb_effects(looker, "t0", NULL, NULL), 0);
	bool stuck = true;
	assert_int_equal(aplomb_case_stuck(looker, "l0", &stuck, NULL), APLOMB_OK);
	assert_false(stuck);
	assert_int_equal(number_of(looker, "l0", "notes"), 1);
	aplomb_close(looker);
	aplomb_store_measure measure = measure_of(p);
	assert_int_equal(measure.sent, 2);
	assert_true(measure.sent_bytes > 200);
	assert_int_equal(measure.effects, 0);
	assert_int_equal(measure.effect_bytes, 0);
	assert_string_equal(verify(p->path), "");
	settle(rt);
	assert_int_equal(number_of(rt, "l0", "notes"), 3);
	aplomb_close(rt);
}

static void a_copy_has_it_and_so_has_what_was_compacted(void **state) {
	const place *p = *state;
	place copy = *p;
	aplomb_error error;
	aplomb_runtime *rt = open_both(p);
	snprintf(copy.path, sizeof copy.path, "%s/copy.db", p->folder);
	post(rt, "t0", "say", "{\"n\":1,\"to\":\"l0\"}");
	pump(rt, 1);
	if (aplomb_store_backup(p->path, copy.path, NULL, &error)) fail_msg("%s", error.message);
	settle(rt);
	aplomb_close(rt);
	assert_int_equal(measure_of(p).sent, 0);
	assert_int_equal(measure_of(&copy).sent, 2);
	if (aplomb_store_compact(copy.path, NULL, NULL, NULL, &error)) fail_msg("%s", error.message);
	assert_int_equal(measure_of(&copy).sent, 2);
	rt = open_again(&copy);
	settle(rt);
	assert_int_equal(number_of(rt, "l0", "notes"), 3);
	assert_int_equal(number_of(rt, "t0", "echoes"), 2);
	aplomb_close(rt);
	assert_string_equal(verify(copy.path), "");
	place_remove_files(&copy);
}

static aplomb_case_status status_of(aplomb_runtime *rt, const char *id) {
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	aplomb_error error;
	if (aplomb_case_get(rt, id, &info, &error)) fail_msg("%s: %s", id, error.message);
	return info.status;
}

/* One commit a life: whatever is to be done next is done by another runtime. */
static void a_child_comes_and_ends_though_nobody_lives_longer_than_a_commit(void **state) {
	const place *p = *state;
	aplomb_runtime *rt = open_both(p);
	post(rt, "t0", "hire", "{\"patient\":false}");
	pump(rt, 1);
	int lives = 1;
	aplomb_instant due;
	for (;; lives++) {
		aplomb_close(rt);
		rt = open_again(p);
		if (!aplomb_next_due(rt, &due) || due > now || lives > 20) break;
		pump(rt, 1);
	}
	assert_in_range(lives, 6, 8);
	assert_int_equal(number_of(rt, "t0", "jobs"), 1);
	assert_true(aplomb_case_is_in(rt, "t0", "work.free"));
	assert_int_equal(status_of(rt, "t0/job.3"), APLOMB_CASE_CLOSED);
	aplomb_close(rt);
	assert_int_equal(measure_of(p).sent, 0);
	assert_string_equal(verify(p->path), "");
}

static void a_child_that_is_left_before_it_came_about_is_cancelled_all_the_same(void **state) {
	const place *p = *state;
	aplomb_runtime *rt = open_both(p);
	post(rt, "t0", "hire", "{\"patient\":true}");
	post(rt, "t0", "drop", NULL);
	pump(rt, 2);
	aplomb_close(rt);
	assert_int_equal(measure_of(p).sent, 2);
	rt = open_again(p);
	settle(rt);
	assert_int_equal(status_of(rt, "t0/idle.3"), APLOMB_CASE_CLOSED);
	assert_true(aplomb_case_is_in(rt, "t0", "work.free"));
	aplomb_close(rt);
	assert_string_equal(verify(p->path), "");
}

static int append(const char *text, size_t size, void *payload) {
	char *out = payload;
	const size_t used = strlen(out);
	assert_true(used + size + 2 < 65536);
	memcpy(out + used, text, size);
	memcpy(out + used + size, "\n", 2);
	return 0;
}

static void live_on(const place *p, int lives) {
	for (int i = 0; i < lives; i++) {
		aplomb_runtime *rt = open_again(p);
		settle(rt);
		aplomb_close(rt);
	}
}

static void what_a_closed_case_is_sent_is_refused_there_once(void **state) {
	const place *p = *state;
	static char journal[65536];
	aplomb_runtime *rt = open_both(p);
	post(rt, "t0", "say", "{\"n\":1,\"to\":\"l0\"}");
	post(rt, "l0", "shut", NULL);
	pump(rt, 2); /* the notes stand in the queue, and would have stood behind what closes the case */
	aplomb_close(rt);
	live_on(p, 3);
	rt = open_again(p);
	post(rt, "t0", "say", "{\"n\":2,\"to\":\"l0\"}");
	pump(rt, 1);
	aplomb_close(rt);
	live_on(p, 3);
	rt = open_again(p);
	journal[0] = '\0';
	assert_int_equal(aplomb_journal_each(rt, "l0", append, journal, NULL), APLOMB_OK);
	assert_int_equal(count_of(journal, "\"slug\":\"case-closed\""), 4);
	for (int i = 0; i < 4; i++) {
		char id[32];
		snprintf(id, sizeof id, "\"id\":\"t0/%d/%d\"", 3 + i / 2, 2 + i % 2); /* the first item is the transition */
		assert_int_equal(count_of(journal, id), 1);
	}
	aplomb_close(rt);
	assert_int_equal(measure_of(p).sent, 0);
}

static void what_nobody_takes_is_not_kept(void **state) {
	const place *p = *state;
	aplomb_runtime *rt = open_both(p);
	post(rt, "t0", "say", "{\"n\":1,\"to\":\"l9\"}");
	pump(rt, 1);
	assert_says(heard, "send-refused: event note, sent to case l9 by entry 3, was refused there: missing-playbook");
	aplomb_close(rt);
	assert_int_equal(measure_of(p).sent, 0);
	rt = open_again(p);
	settle(rt);
	assert_string_equal(heard, "");
	aplomb_close(rt);
}

/* What opens a case by being sent to one that is not there waits for the playbook that it is to run. */
static void what_opens_a_case_waits_for_its_playbook(void **state) {
	const place *p = *state;
	aplomb_runtime *rt = open_both(p);
	aplomb_error error;
	assert_int_equal(aplomb_default_playbook(rt, load_text(rt, "listener.lua", LISTENER), &error), APLOMB_OK);
	post(rt, "t0", "say", "{\"n\":1,\"to\":\"l9\"}");
	pump(rt, 1);
	aplomb_close(rt);
	assert_int_equal(measure_of(p).sent, 2);
	rt = open_again(p);
	assert_int_equal(aplomb_default_playbook(rt, load_text(rt, "listener.lua", LISTENER), &error), APLOMB_OK);
	settle(rt);
	assert_string_equal(heard, "");
	assert_int_equal(number_of(rt, "l9", "notes"), 2);
	aplomb_close(rt);
}

/* The source of the version that a case runs is another one for a while. */
static void what_is_for_a_case_that_cannot_be_read_waits_until_it_can(void **state) {
	const place *p = *state;
	char sql[512];
	aplomb_runtime *rt = open_both(p);
	snprintf(sql, sizeof sql,
	    "CREATE TABLE kept AS SELECT hash, source FROM playbooks;"
	    "UPDATE playbooks SET source = (SELECT source FROM kept WHERE hash <> '%s' LIMIT 1) WHERE hash = '%s'",
	    aplomb_playbook_hash(load_text(rt, "listener.lua", LISTENER)), aplomb_playbook_hash(load_text(rt, "listener.lua", LISTENER)));
	post(rt, "t1", "echo", "{\"n\":0}");
	settle(rt);
	post(rt, "t0", "say", "{\"n\":1,\"to\":\"l0\"}");
	post(rt, "t0", "say", "{\"n\":2,\"to\":\"t1\"}");
	pump(rt, 2);
	aplomb_close(rt);
	run_sql(p->path, sql);
	assert_int_equal(measure_of(p).sent, 4);
	rt = open_with(p, NULL);
	settle(rt);
	assert_says(heard, "case-unreadable: what entry 3 of case t0 sent to case l0 waits for a restart");
	assert_int_equal(count_of(heard, "case-unreadable"), 1); /* said of the first; the second comes behind it */
	aplomb_close(rt);
	assert_int_equal(measure_of(p).sent, 2);
	run_sql(p->path, "UPDATE playbooks SET source = (SELECT source FROM kept WHERE kept.hash = playbooks.hash); DROP TABLE kept");
	rt = open_again(p);
	settle(rt);
	assert_int_equal(number_of(rt, "l0", "notes"), 3);
	assert_int_equal(number_of(rt, "t0", "echoes"), 2);
	aplomb_close(rt);
	assert_int_equal(measure_of(p).sent, 0);
	assert_string_equal(verify(p->path), "");
}

/* ---- what a row says -------------------------------------------------------------------------- */

/* Each, with its name. A runtime that is closed leaves them in their table. */
static void read_rows(const place *p, char out[2048]) {
	sqlite3 *db;
	sqlite3_stmt *rows;
	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(db, "SELECT CAST(case_id AS TEXT), seq, item - 2147483648, CAST(text AS TEXT) FROM effects", -1, &rows, NULL),
	    SQLITE_OK);
	out[0] = '\0';
	while (sqlite3_step(rows) == SQLITE_ROW) {
		const size_t used = strlen(out);
		snprintf(out + used, 2048 - used, "%s/%d/%d %s\n", (const char *)sqlite3_column_text(rows, 0), sqlite3_column_int(rows, 1),
		    sqlite3_column_int(rows, 2), (const char *)sqlite3_column_text(rows, 3));
	}
	sqlite3_finalize(rows);
	sqlite3_close(db);
}

static void a_row_says_what_was_sent_by_whom_to_whom(void **state) {
	const place *p = *state;
	char rows[2048], hash[65], wanted[1024];
	now = AT_NINE;
	aplomb_runtime *rt = open_both(p);
	snprintf(hash, sizeof hash, "%s", aplomb_playbook_hash(load_text(rt, "worker.lua", WORKER)));
	post(rt, "t0", "say", "{\"n\":1,\"to\":\"l0\"}");
	pump(rt, 1);
	aplomb_close(rt);
	read_rows(p, rows);
	assert_string_equal(rows, "t0/3/1 "
	                          "{\"at\":\"2026-03-31T09:03:00Z\",\"data\":{\"n\":2},\"event\":\"note\",\"hops\":1,\"item\":2,\"order\":0,"
	                          "\"sent\":\"event\",\"to\":\"l0\"}\n"
	                          "t0/3/2 "
	                          "{\"at\":\"2026-03-31T09:03:00Z\",\"data\":{\"n\":3},\"event\":\"note\",\"hops\":1,\"item\":3,\"order\":1,"
	                          "\"sent\":\"event\",\"to\":\"l0\"}\n");
	rt = open_again(p);
	settle(rt);
	post(rt, "t0", "hire", "{\"patient\":true}");
	post(rt, "t0", "drop", NULL);
	pump(rt, 2);
	aplomb_close(rt);
	read_rows(p, rows);
	snprintf(wanted, sizeof wanted,
	    "t0/5/1 "
	    "{\"at\":\"2026-03-31T09:04:00Z\",\"data\":{},\"hops\":1,\"invoke\":\"idle\",\"item\":2,\"order\":3,\"playbook\":\"%s\",\"sent\":"
	    "\"opening\",\"to\":\"t0/idle.5\"}\n"
	    "t0/6/1 "
	    "{\"at\":\"2026-03-31T09:05:00Z\",\"hops\":1,\"invoke\":\"idle\",\"item\":1,\"order\":4,\"sent\":\"cancel\",\"to\":\"t0/"
	    "idle.5\"}\n",
	    hash);
	assert_string_equal(rows, wanted);
	rt = open_again(p);
	settle(rt);
	aplomb_close(rt);
	read_rows(p, rows);
	assert_string_equal(rows, "");
}

/* ---- what is not as it was written ------------------------------------------------------------- */

#define SENT "2147483649" /* the bit, and the first of its entry */

static void damage(const place *p, const char *row, const char *wanted) {
	char sql[512];
	aplomb_close(open_both(p));
	snprintf(sql, sizeof sql, "INSERT INTO effects VALUES(%s)", row);
	run_sql(p->path, sql);
	assert_says(verify(p->path), wanted);
}

static void what_says_nothing_of_an_event_is_found(void **state) {
	const place *p = *state;
	damage(p, "CAST('t0' AS BLOB), 2, " SENT ", 0, CAST('{\"kind\":\"x\"}' AS BLOB)", "effects t0: what is kept of an event that was sent");
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_runtime *rt;
	aplomb_error error;
	options.store = p->path;
	assert_int_equal(aplomb_open(&rt, &options, &error), APLOMB_EDAMAGED);
	assert_string_equal(error.slug, "store-damaged");
	assert_says(error.message, "\"t0\"");
	damage(
	    p, "CAST('t0' AS BLOB), 900, " SENT ", 0, CAST('{\"sent\":\"event\"}' AS BLOB)", "entry 900 sent it, which the case does not have");
	damage(p, "CAST('nobody' AS BLOB), 1, " SENT ", 0, CAST('{\"sent\":\"event\"}' AS BLOB)", "it is of a case that there is not");
}

static void a_store_of_before_is_brought_on(void **state) {
	const place *p = *state;
	aplomb_runtime *rt = open_both(p);
	aplomb_close(rt);
	run_sql(p->path, "PRAGMA user_version = 3");
	rt = open_again(p);
	post(rt, "t0", "say", "{\"n\":1,\"to\":\"l0\"}");
	pump(rt, 1);
	aplomb_close(rt);
	rt = open_again(p);
	settle(rt);
	assert_int_equal(number_of(rt, "l0", "notes"), 3);
	aplomb_close(rt);
}

/* ---- who opens the case, and whom it cannot be opened for ---------------------------------------- */

typedef struct refusing {
	aplomb_runtime *rt;
	int commits, fails_at;
} refusing;

static int take_lines(const char *lines, size_t size, void *payload) {
	refusing *r = payload;
	(void)lines, (void)size;
	return ++r->commits == r->fails_at;
}

static void open_other(const aplomb_receipt *receipt, void *payload) {
	refusing *r = payload;
	aplomb_event event = APLOMB_EVENT_INIT;
	(void)receipt;
	event.case_id = "l5";
	event.playbook = "listener";
	event.name = "note";
	event.data = "{\"n\":0}";
	assert_int_equal(aplomb_post(r->rt, &event, NULL, NULL, NULL), APLOMB_OK);
}

/*
 * The receipt of what makes a case send is where somebody opens the case that it is for; the commit of that opening fails. What was sent
 * was for a case that never came about: it goes to the door once more.
 */
static void what_was_for_a_case_that_never_came_about_is_posted_again(void **state) {
	(void)state;
	refusing r = {.fails_at = 2};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_event event = APLOMB_EVENT_INIT;
	aplomb_error error;
	options.journal = take_lines;
	options.journal_payload = &r;
	options.log = keep_log;
	options.log_payload = heard;
	heard[0] = '\0';
	assert_int_equal(aplomb_open(&r.rt, &options, NULL), APLOMB_OK);
	load_text(r.rt, "talker.lua", TALKER);
	aplomb_playbook *listener = load_text(r.rt, "listener.lua", LISTENER);
	load_text(r.rt, "worker.lua", WORKER);
	event.case_id = "t0";
	event.playbook = "talker";
	event.name = "say";
	event.data = "{\"n\":1,\"to\":\"l5\"}";
	assert_int_equal(aplomb_post(r.rt, &event, open_other, &r, NULL), APLOMB_OK);
	assert_int_equal(aplomb_pump(r.rt, 0, NULL, NULL), APLOMB_OK);
	assert_int_equal(aplomb_pump(r.rt, 0, NULL, &error), APLOMB_ESTORE);
	assert_int_equal(aplomb_default_playbook(r.rt, listener, NULL), APLOMB_OK);
	settle(r.rt);
	assert_int_equal(number_of(r.rt, "l5", "notes"), 2);
	assert_int_equal(number_of(r.rt, "t0", "echoes"), 1);
	aplomb_close(r.rt);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_sent_and_not_taken_is_taken_after_a_restart),
	    cmocka_unit_test(it_is_no_effect_and_whoever_looks_leaves_it_alone),
	    cmocka_unit_test(a_copy_has_it_and_so_has_what_was_compacted),
	    cmocka_unit_test(a_child_comes_and_ends_though_nobody_lives_longer_than_a_commit),
	    cmocka_unit_test(a_child_that_is_left_before_it_came_about_is_cancelled_all_the_same),
	    cmocka_unit_test(what_a_closed_case_is_sent_is_refused_there_once),
	    cmocka_unit_test(what_nobody_takes_is_not_kept),
	    cmocka_unit_test(what_opens_a_case_waits_for_its_playbook),
	    cmocka_unit_test(what_is_for_a_case_that_cannot_be_read_waits_until_it_can),
	    cmocka_unit_test(a_row_says_what_was_sent_by_whom_to_whom),
	    cmocka_unit_test(what_says_nothing_of_an_event_is_found),
	    cmocka_unit_test(a_store_of_before_is_brought_on),
	    cmocka_unit_test(what_was_for_a_case_that_never_came_about_is_posted_again),
	};
	return cmocka_run_group_tests_name("what cases sent, in a store", tests, place_make, place_drop);
}
