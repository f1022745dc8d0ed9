/* SPDX-License-Identifier: MIT */
/*
 * What it costs to keep cases in a file, beside the least that SQLite can be asked
 * for: the same number of rows of the same bytes, appended by number, one row an event, at the same batch, in the same run and in turns.
 *
 *   bench_store run FOLDER CASES EVENTS normal|full [unannounced]
 *       open the cases, then events for cases at random, batches of 100, announced (aplomb_expect) or not
 *
 *   bench_store start FILE.db
 *       open what a run left, and nothing else: how long, how much memory
 *
 *   bench_store cold FILE.db EVENTS
 *       events for cases that are not in memory
 *
 *   bench_store long FOLDER ENTRIES
 *       one case with so many entries: open, read, seek
 *
 * Times are the clock's, for what waits for a disk is part of it; the processor's are told beside them, for others may want it, too.
 * bench/store.lua is the playbook; the JSON of a message has 76 bytes.
 */
#include <sqlite3.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "measure.h"

enum { BATCH = 100, MOST_ROW = 4096, TURNS = 10, SAMPLE = 20000 };

static double seconds(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long peak_kib(void) {
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

static uint64_t seed = 42;
static uint64_t next_random(void) {
	seed = seed * 16807 % 2147483647;
	return seed;
}

static const char *const texts[8] = {"You people never answer me.", "I want my money back now", "This is the third time!", "ok thanks",
    "Let me speak to a manager", "fine", "I will post this online", "why is it so slow?"};

/* An event as JSON for a case. */
static size_t render(char out[256], uint64_t number) {
	uint64_t r = next_random() % 100;
	if (r < 60) {
		int tone = (int)(next_random() % 7) - 3;
		uint64_t v = next_random();
		return (size_t)snprintf(out, 256,
		    "{\"case\":\"c%llu\",\"event\":\"message\",\"data\":{\"tone\":%d,\"abusive\":%s,\"text\":\"%s\"}}", (unsigned long long)number,
		    tone, v % 16 == 0 ? "true" : "false", texts[v / 16 % 8]);
	}
	const char *name = r < 70 ? "offer" : r < 78 ? "accept" : r < 90 ? "reject" : "agent";
	return (size_t)snprintf(out, 256, "{\"case\":\"c%llu\",\"event\":\"%s\"}", (unsigned long long)number, name);
}

static int done(const aplomb_effect *effect, void *payload) {
	(void)effect;
	++*(uint64_t *)payload;
	return 0;
}

/* What lines hold, counted in a run of its own in memory. */
typedef struct content {
	uint64_t lines, bytes, arms, effects;
} content;

static uint64_t how_often(const char *text, size_t size, const char *word) {
	uint64_t count = 0;
	const size_t length = strlen(word);
	for (const char *at = text; (at = memmem(at, size - (size_t)(at - text), word, length)) != NULL; at++) count++;
	return count;
}

static int count(const char *lines, size_t size, void *payload) {
	content *c = payload;
	c->bytes += size;
	c->lines += how_often(lines, size, "\n");
	c->arms += how_often(lines, size, "\"do\":\"arm\"");
	c->effects += how_often(lines, size, "\"do\":\"effect\"");
	return 0;
}

static aplomb_runtime *open_runtime(const char *store, bool full, uint32_t resident, content *c, uint64_t *handed) {
	aplomb_error error = {0};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	options.forget_journal = true;
	options.store = store;
	options.durability = full ? APLOMB_DURABILITY_FULL : APLOMB_DURABILITY_NORMAL;
	options.resident = resident;
	options.journal = c != NULL ? count : NULL;
	options.journal_payload = c;
	must(aplomb_open(&rt, &options, &error), &error);
	must(aplomb_load_file(rt, STORE_PLAYBOOK, &playbook, &error), &error);
	must(aplomb_default_playbook(rt, playbook, &error), &error);
	must(aplomb_on_effect(rt, "*", done, handed, &error), &error);
	return rt;
}

static void pump(aplomb_runtime *rt, uint32_t most) {
	aplomb_error error;
	must(aplomb_pump(rt, most, NULL, &error), &error);
}

static void open_cases(aplomb_runtime *rt, uint64_t n) {
	aplomb_error error;
	char text[64];
	for (uint64_t i = 0; i < n; i++) {
		int size = snprintf(text, sizeof text, "{\"case\":\"c%llu\",\"event\":\"hello\"}", (unsigned long long)i);
		must(aplomb_post_json(rt, text, (size_t)size, NULL, NULL, &error), &error);
		if (i % 256 == 255 || i + 1 == n) pump(rt, 256);
	}
}

static int by_size(const void *a, const void *b) {
	const double one = *(const double *)a, other = *(const double *)b;
	return (one > other) - (one < other);
}

/* How long batches took, in seconds. */
typedef struct batches {
	double *took, total, processor;
	uint64_t count;
} batches;

static void note(batches *b, double took) {
	b->took[b->count++] = took;
	b->total += took;
}

static void tell_batches(const char *whose, batches *b) {
	if (b->count == 0) return;
	qsort(b->took, b->count, sizeof *b->took, by_size);
	printf("  %s, a batch of %d: p50 %.0f us, p99 %.0f us, p99.9 %.0f us, longest %.0f us\n", whose, BATCH, 1e6 * b->took[b->count / 2],
	    1e6 * b->took[b->count * 99 / 100], 1e6 * b->took[b->count * 999 / 1000], 1e6 * b->took[b->count - 1]);
}

static batches room_for(uint64_t events) {
	return (batches){.took = malloc((events / BATCH + 1) * sizeof(double))};
}

/* From the first post of each batch to its last receipt. */
static void drive(aplomb_runtime *rt, uint64_t cases, uint64_t events, bool announces, batches *b) {
	static uint64_t pick = 88172645463325252u;
	static char texts_of[BATCH][256], ids_of[BATCH][24];
	const char *ids[BATCH];
	size_t sizes[BATCH];
	aplomb_error error;
	for (uint64_t done = 0; done < events; done += BATCH) {
		for (int i = 0; i < BATCH; i++) {
			pick ^= pick << 13, pick ^= pick >> 7, pick ^= pick << 17;
			sizes[i] = render(texts_of[i], pick % cases);
			snprintf(ids_of[i], sizeof ids_of[i], "c%llu", (unsigned long long)(pick % cases));
			ids[i] = ids_of[i];
		}
		const double at = seconds(), processor = cpu_seconds();
		if (announces) aplomb_expect(rt, ids, BATCH);
		for (int i = 0; i < BATCH; i++) {
			int code = aplomb_post_json(rt, texts_of[i], sizes[i], NULL, NULL, &error);
			if (code != APLOMB_EREFUSED) must(code, &error);
		}
		pump(rt, BATCH);
		b->processor += cpu_seconds() - processor;
		note(b, seconds() - at);
	}
}

/* Effects may wait until what wants them is on the disk: all of them belong to the time that is taken. */
static void hand_out_the_rest(aplomb_runtime *rt, batches *b) {
	aplomb_instant due;
	const double at = seconds();
	while (aplomb_next_due(rt, &due) && due <= aplomb_now(rt) + 1000000) pump(rt, 0);
	b->total += seconds() - at;
}

static long long size_of(const char *path) {
	struct stat about;
	return stat(path, &about) == 0 ? (long long)about.st_size : 0;
}

/* ---- plain rows --------------------------------------------------------------- */

typedef struct plain {
	sqlite3 *db;
	sqlite3_stmt *insert;
	char row[MOST_ROW];
} plain;

static void plain_do(plain *p, const char *sql) {
	if (sqlite3_exec(p->db, sql, NULL, NULL, NULL) == SQLITE_OK) return;
	fprintf(stderr, "bench: %s: %s\n", sql, sqlite3_errmsg(p->db));
	exit(1);
}

/* With what a store of ours asks of SQLite. */
static void plain_open(plain *p, const char *path, bool full) {
	memset(p->row, 'x', sizeof p->row);
	unlink(path);
	if (sqlite3_open(path, &p->db) != SQLITE_OK) exit(1);
	plain_do(p, "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA cache_size = -8192; PRAGMA secure_delete = OFF");
	plain_do(p, "CREATE TABLE log(id INTEGER PRIMARY KEY, line BLOB)");
	plain_do(p, full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
	if (sqlite3_prepare_v2(p->db, "INSERT INTO log(line) VALUES(?1)", -1, &p->insert, NULL) != SQLITE_OK) exit(1);
}

static void plain_append(plain *p, uint64_t events, int bytes, batches *b) {
	for (uint64_t done = 0; done < events; done += BATCH) {
		const double at = seconds(), processor = cpu_seconds();
		plain_do(p, "BEGIN");
		for (int i = 0; i < BATCH; i++) {
			sqlite3_bind_blob(p->insert, 1, p->row, bytes, SQLITE_STATIC);
			if (sqlite3_step(p->insert) != SQLITE_DONE) exit(1);
			sqlite3_reset(p->insert);
		}
		plain_do(p, "COMMIT");
		b->processor += cpu_seconds() - processor;
		note(b, seconds() - at);
	}
}

static void plain_close(plain *p, const char *path) {
	sqlite3_finalize(p->insert);
	sqlite3_close(p->db);
	unlink(path);
}

/* ---- what is measured ----------------------------------------------------------- */

/* So many events a case as in the run, of fewer cases, in memory. */
static double look_at_content(uint64_t cases, uint64_t events) {
	content c = {0};
	uint64_t handed = 0;
	const uint64_t few = cases < SAMPLE ? cases : SAMPLE;
	aplomb_runtime *rt = open_runtime(NULL, false, 0, &c, &handed);
	open_cases(rt, few);
	c = (content){0};
	batches b = room_for(events);
	drive(rt, few, few * events / cases, false, &b);
	aplomb_close(rt);
	free(b.took);
	printf("an entry: %.0f bytes, %.2f deadlines and %.3f effects\n", (double)c.bytes / (double)c.lines, (double)c.arms / (double)c.lines,
	    (double)c.effects / (double)c.lines);
	return (double)c.bytes / (double)c.lines;
}

static int run(const char *folder, uint64_t cases, uint64_t events, bool full, bool announces) {
	char file[512], plain_file[512], wal[520];
	snprintf(file, sizeof file, "%s/cases.db", folder);
	snprintf(plain_file, sizeof plain_file, "%s/plain.db", folder);
	snprintf(wal, sizeof wal, "%s-wal", file);
	unlink(file), unlink(wal);
	const int mean = (int)look_at_content(cases, events);

	uint64_t handed = 0;
	aplomb_runtime *rt = open_runtime(file, false, (uint32_t)(cases * 2), NULL, &handed);
	double began = seconds();
	open_cases(rt, cases);
	printf("%llu cases opened in %.1f s, %lld bytes a case\n", (unsigned long long)cases, seconds() - began,
	    (size_of(file) + size_of(wal)) / (long long)cases);
	if (full) {
		/* The same cases, all of them in memory again. */
		aplomb_close(rt);
		rt = open_runtime(file, true, (uint32_t)(cases * 2), NULL, &handed);
		for (uint64_t i = 0; i < cases; i++) {
			char id[32];
			aplomb_case_info info = APLOMB_CASE_INFO_INIT;
			snprintf(id, sizeof id, "c%llu", (unsigned long long)i);
			aplomb_case_get(rt, id, &info, NULL);
		}
	}
	const long long before = size_of(file);
	handed = 0;
	static plain rows;
	plain_open(&rows, plain_file, full);
	batches ours = room_for(events), theirs = room_for(events);
	const uint64_t turn = events / TURNS / BATCH * BATCH;
	for (int i = 0; i < TURNS; i++) {
		drive(rt, cases, turn, announces, &ours);
		if (i + 1 == TURNS) hand_out_the_rest(rt, &ours);
		plain_append(&rows, turn, mean, &theirs);
	}
	plain_close(&rows, plain_file);
	events = turn * TURNS;
	printf("%llu events, %s: %.0f a second; plain rows: %.0f a second; ratio %.2f\n", (unsigned long long)events, full ? "full" : "normal",
	    (double)events / ours.total, (double)events / theirs.total, theirs.total / ours.total);
	printf("  of the processor %.2f us an event; plain rows: %.2f us; ratio %.2f\n", 1e6 * ours.processor / (double)events,
	    1e6 * theirs.processor / (double)events, theirs.processor / ours.processor);
	tell_batches("the runtime, from the first post to the last receipt", &ours);
	tell_batches("plain rows", &theirs);
	printf("%.0f bytes of the file an event, %llu effects handed out, %.3f an event; at most %.0f MiB of memory\n",
	    (double)(size_of(file) - before) / (double)events, (unsigned long long)handed, (double)handed / (double)events,
	    (double)peak_kib() / 1024);
	aplomb_close(rt);
	free(ours.took);
	free(theirs.took);
	return 0;
}

static int start(const char *file) {
	uint64_t handed = 0;
	double began = seconds();
	aplomb_runtime *rt = open_runtime(file, false, 0, NULL, &handed);
	printf("opened in %.3f s", seconds() - began);
	printf(", at most %.1f MiB of memory\n", (double)peak_kib() / 1024);
	aplomb_instant at;
	printf("something is due: %s\n", aplomb_next_due(rt, &at) ? "yes" : "no");
	aplomb_close(rt);
	return 0;
}

static int cold(const char *file, uint64_t events) {
	uint64_t handed = 0;
	aplomb_runtime *rt = open_runtime(file, false, 1000, NULL, &handed);
	uint64_t cases = aplomb_cases(rt, NULL, NULL);
	batches b = room_for(events);
	drive(rt, cases, events, false, &b);
	tell_batches("cases that are not in memory", &b);
	const double took = b.total;
	free(b.took);
	printf("%.1f us an event for a case that is not in memory, at most %.1f MiB\n", 1e6 * took / (double)events, (double)peak_kib() / 1024);
	aplomb_close(rt);
	return 0;
}

static int nothing(const char *text, size_t size, void *payload) {
	(void)text;
	*(uint64_t *)payload += size;
	return 0;
}

static int long_case(const char *folder, uint64_t entries) {
	char file[512], wal[520];
	snprintf(file, sizeof file, "%s/long.db", folder);
	snprintf(wal, sizeof wal, "%s-wal", file);
	unlink(file), unlink(wal);
	uint64_t handed = 0, bytes = 0;
	aplomb_error error;
	aplomb_runtime *rt = open_runtime(file, false, 0, NULL, &handed);
	open_cases(rt, 1);
	batches b = room_for(entries);
	drive(rt, 1, entries, false, &b);
	tell_batches("one case", &b);
	free(b.took);
	aplomb_close(rt);
	double began = seconds();
	rt = open_runtime(file, false, 0, NULL, &handed);
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	must(aplomb_case_get(rt, "c0", &info, &error), &error);
	printf("a case of %llu entries came into memory in %.4f s, the store with it\n", (unsigned long long)info.seq, seconds() - began);
	began = seconds();
	must(aplomb_journal_each(rt, "c0", nothing, &bytes, &error), &error);
	printf("its journal, %.0f MB, was read in %.2f s, at most %.1f MiB of memory\n", (double)bytes / 1e6, seconds() - began,
	    (double)peak_kib() / 1024);
	aplomb_close(rt);
	return 0;
}

int main(int argc, char **argv) {
	const bool announces = argc == 6;
	if ((announces || (argc == 7 && strcmp(argv[6], "unannounced") == 0)) && strcmp(argv[1], "run") == 0)
		return run(argv[2], strtoull(argv[3], NULL, 10), strtoull(argv[4], NULL, 10), strcmp(argv[5], "full") == 0, announces);
	if (argc == 3 && strcmp(argv[1], "start") == 0) return start(argv[2]);
	if (argc == 4 && strcmp(argv[1], "cold") == 0) return cold(argv[2], strtoull(argv[3], NULL, 10));
	if (argc == 4 && strcmp(argv[1], "long") == 0) return long_case(argv[2], strtoull(argv[3], NULL, 10));
	fprintf(stderr,
	    "usage: bench_store run FOLDER CASES EVENTS normal|full [unannounced] | start FILE.db | cold FILE.db EVENTS | long FOLDER "
	    "ENTRIES\n");
	return 2;
}
