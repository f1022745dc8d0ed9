/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as changes to the file of a store, in which cases stand with their deadlines and waiting effects. Checksums are made
 * right again behind most of them, or nothing would get past those. Whatever the file says then: it is verified, opened, its cases are
 * read, spoken to and waited for, and what is wrong is an error. The changes:
 *
 *   byte 0: 1 a process was killed amid its work, or else closed the store; 2 only its structure is verified; 4 it is compacted first
 *   then each: what (change_kind), which row, offset (2 bytes, the lowest first), how many bytes, those bytes
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/hash.h"
#include "world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MINUTE INT64_C(60000000)
enum { MOST_CHANGES = 12, CHECKSUM = 8 };
enum { KILLED = 1, STRUCTURE = 2, COMPACTS = 4 };
/* LOG_TOO is LOG again: there is most in it to be got wrong. */
typedef enum change_kind { LOG, LOG_TOO, LOG_AS_IT_IS, HEADS, EFFECT, SOURCE, CASE_ID, DROP, NUMBER, KINDS } change_kind;

/* It is loaded for every input, so it is small: one of each that a store keeps. */
static const char playbook_text[] =
    "return playbook 'post' {\n"
    "	data = { n = integer { default = 0 }, who = text {} },\n"
    "	event 'go' {}, event 'stop' {}, event 'tell' { to = text { required = true } }, event 'told' { n = integer {} }, event 'loop' {},\n"
    "	effect 'say' { n = integer {} }, effect 'look' {}, event 'done.ask.look' {},\n"
    "	counter 'goes' { of = 'go', window = '1h' },\n"
    "	clock 'reply' { target = '1h', runs_in = 'open.s', warn_at = 0.5 },\n"
    "	state 'open' { state 's' {\n"
    "		on 'go' { to = 't', act = { 'data.n = data.n + 1', function(case) case:effect('say', { n = case.data.n }) end } },\n"
    "		on 'tell' { act = function(case, event) case:send { event = 'told', to = event.to, data = { n = case.data.n } } end },\n"
    "		after '30m' { to = 't' },\n"
    "	},\n"
    "	state 't' {\n"
    "		entry(function(case) case:ask('look', { timeout = '10m' }) case:send { event = 'told', after = '45m', id = 'later' } end),\n"
    "		on 'go' { to = 's' }, every '20m' { act = 'data.n = data.n + 1' },\n"
    "	},\n"
    "	on 'told' { act = 'data.n = event.n' }, on 'stop' { to = 'over' }, on 'loop' { act = function() while true do end end } },\n"
    "	final 'over' {},\n"
    "}\n";

static const char *const ends[] = {"", "-wal", "-shm", "-owner", "-owner-journal", "-journal"};
enum { ENDS = sizeof ends / sizeof *ends, SAVED = 2 };

/* Of the process, as the fuzzer's own tables are. */
static struct {
	char folder[64], path[96];
	struct {
		char *bytes;
		size_t size;
	} saved[2][SAVED]; /* closed, and killed: the file and what SQLite has beside it */
} place;

/* ---- the file ------------------------------------------------------------------- */

static void name_of(size_t end, char out[128]) {
	snprintf(out, 128, "%s%s", place.path, ends[end]);
}

static void remove_all(void) {
	char name[128];
	for (size_t i = 0; i < ENDS; i++) {
		name_of(i, name);
		unlink(name);
	}
}

static void leave(void) {
	remove_all();
	rmdir(place.folder);
	for (size_t i = 0; i < 2 * SAVED; i++) free(place.saved[i / SAVED][i % SAVED].bytes);
}

static void save(int which) {
	for (size_t i = 0; i < SAVED; i++) {
		char name[128];
		name_of(i, name);
		FILE *file = fopen(name, "rb");
		if (file == NULL) continue;
		APL_ASSERT(fseek(file, 0, SEEK_END) == 0);
		size_t size = (size_t)ftell(file);
		rewind(file);
		char *bytes = malloc(size + 1);
		APL_ASSERT(bytes != NULL && fread(bytes, 1, size, file) == size);
		place.saved[which][i].bytes = bytes;
		place.saved[which][i].size = size;
		fclose(file);
	}
}

static void put_back(int which) {
	remove_all();
	for (size_t i = 0; i < SAVED; i++) {
		char name[128];
		name_of(i, name);
		if (place.saved[which][i].bytes == NULL) continue;
		FILE *file = fopen(name, "wb");
		APL_ASSERT(file != NULL && fwrite(place.saved[which][i].bytes, 1, place.saved[which][i].size, file) == place.saved[which][i].size);
		fclose(file);
	}
}

/* ---- a runtime with it ------------------------------------------------------------ */

static int open_store(aplomb_runtime **out, aplomb_error *error) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.store = place.path;
	options.durability = APLOMB_DURABILITY_NORMAL;
	options.time_follows_events = true;
	options.limits = &world_limits;
	options.resident = 2;
	return aplomb_open(out, &options, error);
}

static int take_effect(const aplomb_effect *effect, void *payload) {
	(void)payload;
	APL_ASSERT(effect->case_id != NULL && effect->kind != NULL);
	return effect->seq % 2 == 0 ? APLOMB_EFFECT_DONE : 1;
}

/* Cases in as many ways as there are, and more of them than stay in memory. */
static void fill(void) {
	static const char *const lines[] = {
	    "{\"case\":\"a\",\"event\":\"go\"}",
	    "{\"case\":\"a\",\"event\":\"tell\",\"data\":{\"to\":\"b\"}}",
	    "{\"case\":\"b\",\"event\":\"go\",\"id\":\"first\"}",
	    "{\"case\":\"b\",\"event\":\"go\"}",
	    "{\"case\":\"b\",\"event\":\"tell\",\"data\":{\"to\":\"other\"}}",
	    "{\"case\":\"c\",\"event\":\"go\"}",
	    "{\"case\":\"d\",\"event\":\"loop\"}",
	    "{\"case\":\"e\",\"event\":\"stop\"}",
	    "{\"case\":\"other\",\"event\":\"go\",\"open\":{\"data\":{\"who\":\"Ada\"}}}",
	};
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	aplomb_error error = {0};
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	load.source = playbook_text;
	load.source_size = sizeof playbook_text - 1;
	APL_ASSERT(open_store(&rt, &error) == APLOMB_OK && aplomb_load(rt, &load, &playbook, &error) == APLOMB_OK);
	APL_ASSERT(aplomb_on_effect(rt, "*", take_effect, NULL, &error) == APLOMB_OK);
	APL_ASSERT(aplomb_default_playbook(rt, playbook, &error) == APLOMB_OK && aplomb_turn_clock(rt, WORLD_NOON, &error) == APLOMB_OK);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
			if (aplomb_post_json(rt, lines[i], strlen(lines[i]), NULL, NULL, &error) == APLOMB_OK) world_pump(rt);
		}
		world_turn(rt, 25 * MINUTE);
	}
	APL_ASSERT(aplomb_cases(rt, NULL, NULL) > 4);
	save(1);
	aplomb_close(rt);
	save(0);
}

static void begin(void) {
	const char *where = getenv("TMPDIR");
	snprintf(place.folder, sizeof place.folder, "%.40s/aplomb-XXXXXX", where != NULL && where[0] != '\0' ? where : "/tmp");
	APL_ASSERT(mkdtemp(place.folder) != NULL);
	snprintf(place.path, sizeof place.path, "%s/cases.db", place.folder);
	atexit(leave);
	fill();
}

/* ---- changes ------------------------------------------------------------------------ */

typedef struct change {
	change_kind kind;
	uint8_t row, count;
	uint16_t offset;
	const uint8_t *bytes;
} change;

static bool next_change(const uint8_t **at, const uint8_t *end, change *out) {
	if (end - *at < 5) return false;
	const uint8_t *head = *at;
	*out = (change){.kind = (change_kind)(head[0] % KINDS), .row = head[1], .offset = (uint16_t)(head[2] | head[3] << 8), .count = head[4]};
	*at += 5;
	if (end - *at < out->count) out->count = (uint8_t)(end - *at);
	out->bytes = *at;
	*at += out->count;
	return true;
}

static void run(sqlite3 *db, const char *sql, const change *c) {
	sqlite3_stmt *statement;
	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) return; /* a store that was changed into none */
	sqlite3_bind_int(statement, 1, c->row);
	sqlite3_bind_int64(statement, 2, c->offset);
	sqlite3_bind_blob(statement, 3, c->bytes, c->count, SQLITE_STATIC);
	sqlite3_step(statement);
	sqlite3_finalize(statement);
}

static int64_t row_of(sqlite3 *db, const char *table, const change *c) {
	char sql[160];
	sqlite3_stmt *statement;
	int64_t row = -1;
	snprintf(sql, sizeof sql, "SELECT rowid FROM %s ORDER BY rowid LIMIT 1 OFFSET ?1 %% (SELECT max(1, count(*)) FROM %s)", table, table);
	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) return -1;
	sqlite3_bind_int(statement, 1, c->row);
	if (sqlite3_step(statement) == SQLITE_ROW) row = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return row;
}

/* Bytes of a blob, and the checksum of them that it begins with. */
static void patch(sqlite3 *db, const char *table, const char *column, const change *c, bool mends) {
	sqlite3_blob *blob;
	if (sqlite3_blob_open(db, "main", table, column, row_of(db, table, c), 1, &blob) != SQLITE_OK) return;
	size_t size = (size_t)sqlite3_blob_bytes(blob);
	uint8_t *bytes = malloc(size + 1);
	APL_ASSERT(bytes != NULL && sqlite3_blob_read(blob, bytes, (int)size, 0) == SQLITE_OK);
	size_t from = mends ? CHECKSUM : 0;
	for (size_t i = 0; i < c->count && size > from; i++) bytes[from + (c->offset + i) % (size - from)] = c->bytes[i];
	uint64_t sum = size >= CHECKSUM ? apl_hash64(bytes + CHECKSUM, size - CHECKSUM) : 0;
	for (size_t i = 0; i < CHECKSUM && mends && size >= CHECKSUM; i++) bytes[i] = (uint8_t)(sum >> (8 * i));
	APL_ASSERT(sqlite3_blob_write(blob, bytes, (int)size, 0) == SQLITE_OK);
	free(bytes);
	sqlite3_blob_close(blob);
}

static void apply(sqlite3 *db, const change *c) {
	static const char *const tables[] = {"log", "heads", "effects", "cases", "playbooks"};
	char sql[160];
	switch (c->kind) {
	case LOG:
	case LOG_TOO: patch(db, "log", "chunk", c, true); break;
	case LOG_AS_IT_IS: patch(db, "log", "chunk", c, false); break;
	case HEADS: patch(db, "heads", "bytes", c, true); break;
	case SOURCE: patch(db, "playbooks", "source", c, false); break;
	case CASE_ID: run(db, "UPDATE cases SET id = ?3, playbook = playbook + ?2 % 3 WHERE number = ?1 % 7", c); break;
	case EFFECT: /* from case to case, or of the host */
		run(db,
		    "INSERT OR REPLACE INTO effects(case_id, seq, item, due_at, text) SELECT id, ?2 % 16, ?2 / 4096 + CASE WHEN ?2 & 1024 THEN "
		    "2147483648 ELSE 0 END, 1767225600000000, ?3 FROM cases WHERE number = ?1 % 7",
		    c);
		break;
	case DROP:
		snprintf(sql, sizeof sql, "DELETE FROM %s WHERE rowid = ?1", tables[c->offset % 5]);
		run(db, sql, c);
		break;
	case NUMBER:
		snprintf(sql, sizeof sql, "UPDATE %s SET rowid = (?2 - 32768) * %s WHERE rowid = ?1", tables[c->offset % 5],
		    c->count % 2 == 0 ? "1" : "65536");
		run(db, sql, c);
		break;
	case KINDS: break;
	}
}

static void change_file(const uint8_t *at, const uint8_t *end) {
	sqlite3 *db;
	change c;
	APL_ASSERT(sqlite3_open(place.path, &db) == SQLITE_OK);
	sqlite3_exec(db, "PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; BEGIN", NULL, NULL, NULL);
	for (int i = 0; i < MOST_CHANGES && next_change(&at, end, &c); i++) apply(db, &c);
	sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	sqlite3_close(db);
}

/* ---- what it comes to ------------------------------------------------------------------ */

static void check_damage(const aplomb_store_damage *damage, void *payload) {
	(void)payload;
	APL_ASSERT(damage->table != NULL && damage->slug[0] != '\0' && damage->message[0] != '\0');
}

/* What it says is for whoever reads journals; all of it is there. */
static int read_line(const char *text, size_t size, void *payload) {
	uint64_t *sum = payload;
	if (size > 0) *sum += apl_hash64(text, size);
	return 0;
}

static void pump(aplomb_runtime *rt) {
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	aplomb_error error = {0};
	for (int i = 0; i < 6; i++) {
		int code = aplomb_pump(rt, 20, &report, &error);
		world_check_error(code, &error);
		if (code != APLOMB_OK || !report.more) return;
	}
}

static void live(aplomb_runtime *rt) {
	aplomb_error error = {0};
	uint64_t sum = 0;
	world_ids i;
	world_list(rt, &i);
	world_check_error(aplomb_on_effect(rt, "*", take_effect, NULL, &error), &error);
	for (size_t n = 0; n < i.count; n++) {
		aplomb_case_info info = APLOMB_CASE_INFO_INIT;
		world_check_error(aplomb_case_get(rt, i.all[n], &info, &error), &error);
		world_check_error(aplomb_journal_each(rt, i.all[n], read_line, &sum, &error), &error);
		aplomb_event event = APLOMB_EVENT_INIT;
		event.case_id = i.all[n];
		event.name = "go";
		world_check_error(aplomb_post(rt, &event, NULL, NULL, &error), &error);
		pump(rt);
		free(i.all[n]);
	}
	for (int n = 0; n < 3; n++) {
		int code = aplomb_turn_clock(rt, aplomb_now(rt) + 40 * MINUTE, &error);
		world_check_error(code, &error);
		pump(rt);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	if (size == 0) return 0;
	if (place.path[0] == '\0') begin();
	aplomb_error error = {0};
	put_back((data[0] & KILLED) != 0);
	change_file(data + 1, data + size);
	aplomb_store_verify_options options = APLOMB_STORE_VERIFY_OPTIONS_INIT;
	aplomb_store_verified verified = APLOMB_STORE_VERIFIED_INIT;
	options.on_damage = check_damage;
	options.only_structure = (data[0] & STRUCTURE) != 0;
	int code = (data[0] & COMPACTS) != 0 ? aplomb_store_compact(place.path, &options, NULL, &verified, &error)
	                                     : aplomb_store_verify(place.path, &options, &verified, &error);
	world_check_error(code, &error);
	aplomb_runtime *rt;
	code = open_store(&rt, &error);
	world_check_error(code, &error);
	if (code != APLOMB_OK) return 0;
	live(rt);
	aplomb_close(rt);
	return 0;
}
