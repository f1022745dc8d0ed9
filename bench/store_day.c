/* SPDX-License-Identifier: MIT */
/*
 * A day of mixed load on a store with very many cases: what becomes of memory,
 * of the file, and of the time an event takes.
 *
 *   bench_store_day FILE.db CASES EVENTS
 *
 * CASES are opened first, in the evening before; then EVENTS are spread over the 24 hours of a Monday, and the clock with them, so that
 * deadlines of the clock and of office hours come as they do. A tenth of the cases may be in memory. Of a hundred events 68 are for any
 * case, 15 for one of those opened last, 5 open a case and 5 close one, 5 make a case tell another one, 2 are sent a second time. Of ten
 * effects one is not taken at first and one fails. Each hour is a line. `aplomb store stats` and `verify` say afterwards what the file
 * holds.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "measure.h"

enum { BATCH = 100, NEWEST = 1000, HOURS = 24 };
#define HOUR INT64_C(3600000000)
/* 2026-03-02T00:00:00Z, a Monday. */
#define MIDNIGHT INT64_C(1772409600000000)

typedef struct day {
	aplomb_runtime *rt;
	const char *file;
	uint64_t cases, refused, handed, posted;
	uint64_t random;
} day;

static uint64_t below(day *d, uint64_t bound) {
	d->random ^= d->random << 13, d->random ^= d->random >> 7, d->random ^= d->random << 17;
	return d->random % bound;
}

static double mebibytes_in_memory(void) {
	long pages = 0, resident = 0;
	FILE *file = fopen("/proc/self/statm", "r");
	if (file == NULL || fscanf(file, "%ld %ld", &pages, &resident) != 2) resident = 0;
	if (file != NULL) fclose(file);
	return (double)resident * (double)sysconf(_SC_PAGESIZE) / (1024 * 1024);
}

static double mebibytes_of(const char *file) {
	struct stat about;
	return stat(file, &about) == 0 ? (double)about.st_size / (1024 * 1024) : 0;
}

static int handle(const aplomb_effect *effect, void *payload) {
	day *d = payload;
	d->handed++;
	if (effect->attempt == 1 && below(d, 10) == 0) return 1; /* not taken: it is offered again */
	return below(d, 10) == 0 ? APLOMB_EFFECT_FAILED : APLOMB_EFFECT_DONE;
}

static void open_day(day *d, uint64_t cases) {
	aplomb_error error = {0};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_playbook *playbook;
	options.time_follows_events = options.forget_journal = true;
	options.store = d->file;
	options.durability = APLOMB_DURABILITY_NORMAL;
	options.resident = (uint32_t)(cases / 10 + 1);
	must(aplomb_open(&d->rt, &options, &error), &error);
	must(aplomb_load_file(d->rt, STORE_DAY_PLAYBOOK, &playbook, &error), &error);
	must(aplomb_default_playbook(d->rt, playbook, &error), &error);
	must(aplomb_on_effect(d->rt, "*", handle, d, &error), &error);
}

static void post(day *d, const char *id, uint64_t number, const char *name, aplomb_instant at, const char *data) {
	char of[32];
	aplomb_error error = {0};
	aplomb_event event = APLOMB_EVENT_INIT;
	snprintf(of, sizeof of, "c%llu", (unsigned long long)number);
	event.id = id;
	event.case_id = of;
	event.name = name;
	event.data = data;
	event.has_at = true;
	event.at = at;
	const int code = aplomb_post(d->rt, &event, NULL, NULL, &error);
	if (code == APLOMB_EREFUSED)
		d->refused++; /* it is closed already */
	else
		must(code, &error);
	d->posted++;
}

static void pump(day *d, aplomb_instant at) {
	aplomb_error error = {0};
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	if (at > aplomb_now(d->rt)) must(aplomb_turn_clock(d->rt, at, &error), &error);
	do must(aplomb_pump(d->rt, BATCH, &report, &error), &error);
	while (report.more);
}

static void open_cases(day *d, uint64_t cases) {
	for (uint64_t i = 0; i < cases; i++) {
		const aplomb_instant at = MIDNIGHT - HOUR + (int64_t)(i * (uint64_t)HOUR / cases);
		post(d, NULL, d->cases++, "hello", at,
		    i % 8 == 0 ? "{\"note\":\"the parcel has not come, and nobody answers the telephone\"}" : NULL);
		if (i % BATCH == BATCH - 1) pump(d, at);
	}
	pump(d, MIDNIGHT);
}

static void one_event(day *d, aplomb_instant at) {
	static const char *const said[] = {"{\"tone\":1,\"text\":\"ok thanks\"}", "{\"tone\":-2,\"text\":\"You people never answer me.\"}",
	    "{\"tone\":0,\"text\":\"why is it so slow?\"}", "{\"tone\":-3,\"text\":\"I want my money back now\"}"};
	char data[64], id[32];
	const uint64_t kind = below(d, 100), newest = d->cases < NEWEST ? d->cases : NEWEST;
	uint64_t number = kind < 83 && kind >= 68 ? d->cases - 1 - below(d, newest) : below(d, d->cases);
	if (kind < 83) {
		const bool is_agent = below(d, 4) == 0;
		post(d, NULL, number, is_agent ? "agent" : "message", at, is_agent ? NULL : said[below(d, 4)]);
	} else if (kind < 88) {
		post(d, NULL, d->cases++, "hello", at, NULL);
	} else if (kind < 93) {
		post(d, NULL, number, "close", at, NULL);
	} else if (kind < 98) {
		snprintf(data, sizeof data, "{\"case\":\"c%llu\"}", (unsigned long long)below(d, d->cases));
		post(d, NULL, number, "tell", at, data);
	} else {
		snprintf(id, sizeof id, "e%llu", (unsigned long long)d->posted);
		for (int i = 0; i < 2; i++) post(d, id, number, "message", at, said[below(d, 4)]);
	}
}

int main(int argc, char **argv) {
	if (argc != 4) {
		fprintf(stderr, "usage: bench_store_day FILE.db CASES EVENTS\n");
		return 2;
	}
	day d = {.file = argv[1], .random = 88172645463325252u};
	const uint64_t cases = strtoull(argv[2], NULL, 10), events = strtoull(argv[3], NULL, 10);
	char wal[600];
	snprintf(wal, sizeof wal, "%s-wal", d.file);
	unlink(d.file), unlink(wal);
	open_day(&d, cases);
	open_cases(&d, cases);
	printf("%llu cases opened, %.0f MiB of the file, %.1f MiB of memory\n", (unsigned long long)cases, mebibytes_of(d.file),
	    mebibytes_in_memory());
	printf("hour   events  us/event     cases   refused  effects  file MiB  bytes/event  memory MiB\n");
	for (int hour = 0; hour < HOURS; hour++) {
		const double began = cpu_seconds(), file = mebibytes_of(d.file);
		const uint64_t before = d.posted, refused = d.refused, handed = d.handed, most = events / HOURS;
		for (uint64_t i = 0; i < most; i++) {
			const aplomb_instant at = MIDNIGHT + hour * HOUR + (int64_t)(i * (uint64_t)HOUR / most);
			one_event(&d, at);
			if (i % BATCH == BATCH - 1) pump(&d, at);
		}
		pump(&d, MIDNIGHT + (hour + 1) * HOUR - 1);
		const double posted = (double)(d.posted - before), now = mebibytes_of(d.file);
		printf("%4d %8.0f %9.2f %9llu %9llu %8llu %9.0f %12.0f %11.1f\n", hour, posted, 1e6 * (cpu_seconds() - began) / posted,
		    (unsigned long long)d.cases, (unsigned long long)(d.refused - refused), (unsigned long long)(d.handed - handed), now,
		    (now - file) * 1024 * 1024 / posted, mebibytes_in_memory());
		fflush(stdout);
	}
	aplomb_close(d.rt);
	return 0;
}
