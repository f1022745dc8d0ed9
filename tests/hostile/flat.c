/* SPDX-License-Identifier: MIT */
/*
 * Does memory stay where it is? One runtime evaluates guards and actions, as text and in Lua, that do, err, and break a limit; cases open,
 * close and fault; every thousand rounds everything begins anew (aplomb_reset). What the runtime holds after the first tenth, and the most
 * it ever held by then, is what it holds, and held, in the end.
 *
 *     flat [EVALUATIONS]     100,000 when nothing is said; tests run that
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../unit/test_heap.h"
#include "../unit/test_rounds.h"
#include "aplomb.h"

enum { CASES = 16, ROUNDS_OF_A_LIFE = 1000 };

static const char source[] =
    "local function join(case, event) local t = {} for i = 1, 5 do t[i] = ('x'):rep(i + event.n % 7) end case.data.t = table.concat(t) "
    "end\n"
    "return playbook 'flat' { data = { n = integer { default = 0 }, t = text {}, x = any {} },\n"
    "event 'go' { n = integer { required = true } }, event 'err' {}, event 'loop' {}, event 'close' {}, effect 'tell' { n = integer {} },\n"
    "counter 'gone' { of = 'go', window = '10m' },\n"
    "state 's' { on 'go' { { when = 'event.n % 3 == 0 and data.n >= 0', act = 'data.n = data.n + 1' },\n"
    "  { when = function(case, event) return event.n % 3 == 1 end, act = join },\n"
    "  { act = function(case, event) case.data.x = { event.n, { k = case.data.t } } case:effect('tell', { n = event.n }) end } },\n"
    "  on 'err' { act = function(case) error('on purpose ' .. case.data.n) end }, on 'error.*' { act = 'data.n = 0' },\n"
    "  on 'loop' { act = function() local t = {} while true do t[#t + 1] = {} end end }, on 'close' { to = 'over' },\n"
    "  every '1m' { act = 'data.n = data.n + 1' } }, final 'over' {} }\n";

static void check(int code, const aplomb_error *error) {
	if (code == APLOMB_OK) return;
	fprintf(stderr, "flat: %s: %s\n", error->slug, error->message);
	exit(1);
}

static int take_effect(const aplomb_effect *effect, void *payload) {
	(void)effect, (void)payload;
	return 0;
}

static void post(aplomb_runtime *rt, int number, const char *name, int64_t n) {
	char id[16];
	aplomb_error error = {0};
	aplomb_event event = APLOMB_EVENT_INIT;
	const aplomb_field field = {.name = "n", .kind = APLOMB_INTEGER, .as.integer = n};
	snprintf(id, sizeof id, "case-%d", number);
	event.case_id = id;
	event.playbook = "flat";
	event.name = name;
	if (n >= 0) event.fields = &field, event.n_fields = 1;
	check(aplomb_post(rt, &event, NULL, NULL, &error), &error);
}

static void pump(aplomb_runtime *rt) {
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	aplomb_error error = {0};
	do check(aplomb_pump(rt, 0, &report, &error), &error);
	while (report.more);
}

/* One life of the runtime's cases. Returns how many guards and actions were evaluated. */
static uint64_t live(aplomb_runtime *rt) {
	uint64_t evaluations = 0;
	aplomb_error error = {0};
	for (int round = 0; round < ROUNDS_OF_A_LIFE; round++) {
		const int number = round % CASES;
		post(rt, number, "go", round);
		evaluations += round % 3 == 0 ? 2 : 3;
		if (round % 16 == 7) {
			post(rt, number, "err", -1);
			evaluations += 2;
		}
		if (round % CASES == CASES - 1) pump(rt);
		if (round % 100 == 99) {
			check(aplomb_turn_clock(rt, aplomb_now(rt) + INT64_C(60000000), &error), &error);
			pump(rt);
			evaluations += CASES;
		}
	}
	post(rt, 0, "loop", -1);
	post(rt, 1, "close", -1);
	pump(rt);
	evaluations++;
	aplomb_totals totals = APLOMB_TOTALS_INIT;
	aplomb_count(rt, &totals);
	if (totals.faulted != 1 || totals.closed != 1 || totals.cases != CASES) {
		fprintf(stderr, "flat: %llu faulted, %llu closed of %llu cases\n", (unsigned long long)totals.faulted,
		    (unsigned long long)totals.closed, (unsigned long long)totals.cases);
		exit(1);
	}
	check(aplomb_reset(rt, &error), &error);
	return evaluations;
}

static size_t resident_bytes(void) {
	long pages = 0, resident = 0;
	FILE *file = fopen("/proc/self/statm", "r");
	if (file == NULL) return 0;
	if (fscanf(file, "%ld %ld", &pages, &resident) != 2) resident = 0;
	fclose(file);
	return (size_t)resident * (size_t)sysconf(_SC_PAGESIZE);
}

static void tell(const char *when, uint64_t evaluations, const test_heap *h) {
	printf("%-6s %11llu evaluations: %9llu bytes held, %9llu at most, %.1f MiB resident\n", when, (unsigned long long)evaluations,
	    (unsigned long long)h->bytes, (unsigned long long)h->peak, (double)resident_bytes() / (1 << 20));
}

int main(int argc, char **argv) {
	const uint64_t wanted = argc > 1 ? strtoull(argv[1], NULL, 10) : APL_ROUNDS(UINT64_C(100000), UINT64_C(20000));
	test_heap h = {0};
	const aplomb_allocator allocator = {test_heap_alloc, &h};
	const aplomb_limits limits = {.size = sizeof limits, .instructions = 5000, .memory = 1 << 20};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	aplomb_error error = {0};
	options.allocator = &allocator;
	options.time_follows_events = true;
	options.forget_journal = true;
	options.limits = &limits;
	check(aplomb_open(&rt, &options, &error), &error);
	check(aplomb_on_effect(rt, "*", take_effect, NULL, &error), &error);
	load.source = source;
	load.source_size = strlen(source);
	check(aplomb_load(rt, &load, &playbook, &error), &error);
	uint64_t evaluations = 0;
	while (evaluations < wanted / 10) evaluations += live(rt);
	/* What is collected when depends on what was there before: a few lives more, and it has settled. */
	for (int i = 0; i < 4; i++) evaluations += live(rt);
	const test_heap early = h;
	tell("early", evaluations, &early);
	while (evaluations < wanted) evaluations += live(rt);
	tell("late", evaluations, &h);
	/* Lua collects when it has made so much, not when it holds so much: a little up and down is its way. */
	const size_t most = (size_t)256 << 10;
	const bool is_flat = h.bytes <= early.bytes + most && h.peak <= early.peak + most;
	aplomb_close(rt);
	if (h.bytes != 0) fprintf(stderr, "flat: %zu bytes are left behind\n", h.bytes);
	if (!is_flat) fprintf(stderr, "flat: it is not\n");
	return is_flat && h.bytes == 0 ? 0 : 1;
}
