/* SPDX-License-Identifier: MIT */
/*
 * What one guard, and one action, costs when it is written as text, as a
 * function that is answered without Lua (quick), and as a function that Lua runs. Each
 * is put MANY times into one step, and the step without them is taken off;
 * all of it through aplomb.h, in turns, so that the ratios are of one run.
 *
 *   bench_guards [ROUNDS] [EVENTS]
 *
 * A function that uses a local of the file (`outside`) is never answered
 * without Lua; that costs it one instruction.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aplomb.h"
#include "measure.h"

enum { MANY = 100, WAYS = 3, MOST_ROUNDS = 99 };

typedef struct subject {
	const char *name;
	bool is_action;
	const char *text; /* false, or it would be taken */
	const char *function;
	bool is_quick; /* can the function be answered without Lua? */
} subject;

static const subject subjects[] = {
    {"data.n < 2", false, "data.n < 2", "return case.data.n < 2", true},
    {"event.rude and data.n >= 10", false, "event.rude and data.n >= 10", "return event.rude and case.data.n >= 10", true},
    {"event.tone < -0.6 or data.cause == 'x'", false, "event.tone < -0.6 or data.cause == 'x'",
        "return event.tone < -0.6 or case.data.cause == 'x'", true},
    {"data.value <= params.limit", false, "data.value <= params.limit", "return case.data.value <= case.params.limit", false},
    {"is_in('t')", false, "is_in('t')", "return case:is_in('t')", false},
    {"data.n // 2 * 3 + 1 > 7 or data.t == 'b'", false, "data.n // 2 * 3 + 1 > 7 or data.t == 'b'",
        "return case.data.n // 2 * 3 + 1 > 7 or case.data.t == 'b'", false},
    {"data.m = data.m + 1", true, "data.m = data.m + 1", "case.data.m = case.data.m + 1", true},
    {"data.low = 3; data.on = event.rude", true, "data.low = 3; data.on = event.rude", "case.data.low = 3 case.data.on = event.rude", true},
    {"data.value = data.value + '0.01 GBP'", true, "data.value = data.value + '0.01 GBP'", "case.data.value = case.data.value + '0.01 GBP'",
        false},
};
#define SUBJECTS (sizeof subjects / sizeof *subjects)

/* [way]: 0 text, 1 quick, 2 Lua; [count] of them. */
static void write_playbook(char *out, size_t size, const subject *s, int way, int count) {
	size_t used = (size_t)snprintf(out, size,
	    "local outside = 0\nreturn playbook 'p' { params = { limit = money { default = '40.00 GBP' } },\n"
	    "data = { n = integer { default = 5 }, m = integer { default = 0 }, low = integer { min = 0, max = 9 }, on = boolean {},\n"
	    "  cause = one_of { 'a', 'x', default = 'a' }, t = text { default = 'a' }, value = money { default = '50.00 GBP' } },\n"
	    "event 'go' { rude = boolean {}, tone = number {} },\n"
	    "state 's' { on 'go' {");
	if (s->is_action) used += (size_t)snprintf(out + used, size - used, " act = { 'data.m = 0',");
	for (int i = 0; i < count; i++) {
		if (!s->is_action) used += (size_t)snprintf(out + used, size - used, " { to = 't', when = ");
		if (way == 0)
			used += (size_t)snprintf(out + used, size - used, "\"%s\"", s->text);
		else
			used += (size_t)snprintf(
			    out + used, size - used, "function(case, event) %s%s end", way == 2 ? "local _ = outside " : "", s->function);
		used += (size_t)snprintf(out + used, size - used, s->is_action ? "," : " },");
	}
	snprintf(out + used, size - used, "%s } }, state 't' {} }", s->is_action ? " }" : " { act = 'data.m = 0' },");
}

/* Seconds of CPU for so many events through the playbook. */
static double drive(const char *source, uint64_t events) {
	aplomb_error error = {0};
	aplomb_runtime *rt;
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.forget_journal = true;
	must(aplomb_open(&rt, &options, &error), &error);
	aplomb_playbook *playbook;
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	load.path = "guards.lua";
	load.source = source;
	load.source_size = strlen(source);
	must(aplomb_load(rt, &load, &playbook, &error), &error);
	const aplomb_field fields[2] = {
	    {.name = "rude", .kind = APLOMB_BOOLEAN, .as.boolean = true}, {.name = "tone", .kind = APLOMB_NUMBER, .as.number = 0.25}};
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = "c";
	event.playbook = "p";
	event.name = "go";
	event.fields = fields;
	event.n_fields = 2;
	double begun = 0;
	for (uint64_t i = 0; i < events + 1000; i++) {
		if (i == 1000) begun = cpu_seconds();
		must(aplomb_post(rt, &event, NULL, NULL, &error), &error);
		event.playbook = NULL;
		if (i % 250 == 249) must(aplomb_pump(rt, 250, NULL, &error), &error);
	}
	must(aplomb_pump(rt, 0, NULL, &error), &error);
	double taken = cpu_seconds() - begun;
	aplomb_close(rt);
	return taken;
}

static int by_value(const void *left, const void *right) {
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

/* Nanoseconds for one of them: the median of the rounds. */
static void measure(const subject *s, int rounds, uint64_t events, double out[WAYS]) {
	static char sources[WAYS + 1][64 * 1024];
	double seen[WAYS][MOST_ROUNDS];
	for (int way = 0; way < WAYS; way++) write_playbook(sources[way], sizeof sources[way], s, way, MANY);
	write_playbook(sources[WAYS], sizeof sources[WAYS], s, 0, 0);
	for (int round = 0; round < rounds; round++) {
		double empty = drive(sources[WAYS], events);
		for (int way = 0; way < WAYS; way++) seen[way][round] = (drive(sources[way], events) - empty) * 1e9 / (double)events / MANY;
	}
	for (int way = 0; way < WAYS; way++) {
		qsort(seen[way], (size_t)rounds, sizeof seen[way][0], by_value);
		out[way] = seen[way][rounds / 2];
	}
}

int main(int argc, char **argv) {
	int rounds = argc > 1 ? atoi(argv[1]) : 5;
	uint64_t events = argc > 2 ? strtoull(argv[2], NULL, 10) : 20000;
	if (rounds < 1 || rounds > MOST_ROUNDS || events == 0) {
		fprintf(stderr, "usage: bench_guards [ROUNDS] [EVENTS]\n");
		return 64;
	}
	printf("%-50s %8s %8s %8s %10s %10s\n", "ns for one", "text", "quick", "Lua", "text/quick", "text/Lua");
	for (size_t i = 0; i < SUBJECTS; i++) {
		double ns[WAYS];
		measure(&subjects[i], rounds, events, ns);
		printf("%-50s %8.1f ", subjects[i].name, ns[0]);
		if (subjects[i].is_quick)
			printf("%8.1f %8.1f %10.2f %10.2f\n", ns[1], ns[2], ns[0] / ns[1], ns[0] / ns[2]);
		else
			printf("%8s %8.1f %10s %10.2f\n", "-", ns[2], "-", ns[0] / ns[2]);
	}
	return 0;
}
