/* SPDX-License-Identifier: MIT */
/*
 * What it costs to keep cases in a file, beside the least that SQLite can be asked
 * for: the same number of rows of the same bytes, appended by number, one row an event, at the same batch, in the same run.
 *
 *   bench_store run FOLDER CASES EVENTS normal|full   open the cases, then events for cases at random, batches of 100
 *   bench_store start FILE.db                          open what a run left, and nothing else: how long, how much memory
 *   bench_store cold FILE.db EVENTS                    events for cases that are not in memory
 *   bench_store long FOLDER ENTRIES                    one case with so many entries: open, read, seek
 *
 * Times are the clock's, for what waits for a disk is part of it. bench/store.lua is the playbook; the JSON of a message has 76 bytes.
 */
#include <sqlite3.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "measure.h"

enum { BATCH = 100, MOST_ROW = 4096 };

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

static int count(const char *lines, size_t size, void *payload) {
	content *c = payload;
	c->bytes += size;
	for (const char *at = lines; (at = memchr(at, '\n', size - (size_t)(at - lines))) != NULL && ++at < lines + size;) c->lines++;
	c->lines++;
	for (const char *at = lines; (at = memmem(at, size - (size_t)(at - lines), "\"do\":\"arm\"", 10)) != NULL; at++) c->arms++;
	for (const char *at = lines; (at = memmem(at, size - (size_t)(at - lines), "\"do\":\"effect\"", 13)) != NULL; at++) c->effects++;
	return 0;
}

static aplomb_runtime *open_runtime(const char *store, bool full, uint32_t resident, content *c, uint64_t *handed) {
	aplomb_error error = {0};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	options.clock = frozen;
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

/* Returns the seconds; tells how long batches took. */
static double drive(aplomb_runtime *rt, uint64_t cases, uint64_t events) {
	aplomb_error error;
	char text[256];
	uint64_t pick = 88172645463325252u, n_batches = events / BATCH;
	double *batches = malloc((n_batches + 1) * sizeof *batches), began = seconds();
	for (uint64_t b = 0; b < n_batches; b++) {
		const double at = seconds();
		for (int i = 0; i < BATCH; i++) {
			pick ^= pick << 13, pick ^= pick >> 7, pick ^= pick << 17;
			size_t size = render(text, pick % cases);
			int code = aplomb_post_json(rt, text, size, NULL, NULL, &error);
			if (code != APLOMB_EREFUSED) must(code, &error);
		}
		pump(rt, BATCH);
		batches[b] = seconds() - at;
	}
	const double took = seconds() - began;
	qsort(batches, n_batches, sizeof *batches, by_size);
	printf("  a batch of %d, from the first post to the last receipt: p50 %.0f us, p99 %.0f us, p99.9 %.0f us\n", BATCH,
	    1e6 * batches[n_batches / 2], 1e6 * batches[n_batches * 99 / 100], 1e6 * batches[n_batches * 999 / 1000]);
	free(batches);
	return took;
}

static long long size_of(const char *path) {
	struct stat about;
	return stat(path, &about) == 0 ? (long long)about.st_size : 0;
}

static double plain_rows(const char *path, uint64_t events, int bytes, bool full) {
	sqlite3 *db;
	sqlite3_stmt *insert;
	char row[MOST_ROW];
	memset(row, 'x', sizeof row);
	unlink(path);
	sqlite3_open(path, &db);
	sqlite3_exec(
	    db, "PRAGMA journal_mode = WAL; PRAGMA cache_size = -8192; CREATE TABLE log(id INTEGER PRIMARY KEY, line BLOB)", NULL, NULL, NULL);
	sqlite3_exec(db, full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", NULL, NULL, NULL);
	sqlite3_prepare_v2(db, "INSERT INTO log(line) VALUES(?1)", -1, &insert, NULL);
	const double began = seconds();
	for (uint64_t i = 0; i < events; i++) {
		if (i % BATCH == 0) sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
		sqlite3_bind_blob(insert, 1, row, bytes, SQLITE_STATIC);
		sqlite3_step(insert);
		sqlite3_reset(insert);
		if (i % BATCH == BATCH - 1) sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	}
	const double took = seconds() - began;
	sqlite3_finalize(insert);
	sqlite3_close(db);
	unlink(path);
	return took;
}

static int run(const char *folder, uint64_t cases, uint64_t events, bool full) {
	char file[512], plain[512], wal[520];
	snprintf(file, sizeof file, "%s/cases.db", folder);
	snprintf(plain, sizeof plain, "%s/plain.db", folder);
	snprintf(wal, sizeof wal, "%s-wal", file);
	unlink(file), unlink(wal);
	content c = {0};
	uint64_t handed = 0;
	aplomb_runtime *rt = open_runtime(NULL, false, 0, &c, &handed);
	open_cases(rt, 1000);
	c = (content){0};
	drive(rt, 1000, 100000);
	aplomb_close(rt);
	const double mean = (double)c.bytes / (double)c.lines;
	printf("an entry: %.0f bytes, %.2f deadlines and %.2f effects\n", mean, (double)c.arms / (double)c.lines,
	    (double)c.effects / (double)c.lines);

	handed = 0;
	rt = open_runtime(file, false, (uint32_t)(cases * 2), NULL, &handed);
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
	const double took = drive(rt, cases, events), rows = plain_rows(plain, events, (int)mean, full);
	printf("%llu events: %.0f a second; plain rows: %.0f a second; ratio %.2f\n", (unsigned long long)events, (double)events / took,
	    (double)events / rows, rows / took);
	printf("%.0f bytes of the file an event, %llu effects handed out\n", (double)(size_of(file) - before) / (double)events,
	    (unsigned long long)handed);
	aplomb_close(rt);
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
	const double took = drive(rt, cases, events);
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
	drive(rt, 1, entries);
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
	if (argc == 6 && strcmp(argv[1], "run") == 0)
		return run(argv[2], strtoull(argv[3], NULL, 10), strtoull(argv[4], NULL, 10), strcmp(argv[5], "full") == 0);
	if (argc == 3 && strcmp(argv[1], "start") == 0) return start(argv[2]);
	if (argc == 4 && strcmp(argv[1], "cold") == 0) return cold(argv[2], strtoull(argv[3], NULL, 10));
	if (argc == 4 && strcmp(argv[1], "long") == 0) return long_case(argv[2], strtoull(argv[3], NULL, 10));
	fprintf(stderr, "usage: bench_store run FOLDER CASES EVENTS normal|full | start FILE.db | cold FILE.db EVENTS | long FOLDER ENTRIES\n");
	return 2;
}
