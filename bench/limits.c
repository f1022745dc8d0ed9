/* SPDX-License-Identifier: MIT */
/*
 * What limits cost: the same playbook with all limits on, and with none, in turns in one run. A limit cannot be switched off, so this
 * program reaches into the loaded playbook: no function is counted any more (no hook), none is charged for, and every number is as large as
 * it can be.
 *
 *   bench_limits [ROUNDS] [EVENTS]
 *
 *   reference        the reference chart; its functions are answered without Lua
 *   … by Lua         the same, answered by Lua: all of its functions are proven to end
 *   … with calls     the same with a call in each guard of a message, which is not proven to end, and is counted
 *   loop             one handler that goes round 1,000 times
 *
 * Net: without generating the event, and of the loop without the step around it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aplomb.h"
#include "measure.h"
#include "lua/host.h"
#include "lua/quick.h"

enum { MOST_ROUNDS = 99, LOOP_SHARE = 50 };

/* ---- playbooks ------------------------------------------------------------ */

static char calls[65536];

/* reference.lua with a call before what each guard of a message answers. */
static void write_calls(const char *path) {
	static const char *const guards[] = {"return event.abusive and", "return event.abusive end"};
	FILE *file = fopen(path, "r");
	size_t size = file != NULL ? fread(calls, 1, sizeof calls / 2, file) : 0;
	if (file != NULL) fclose(file);
	calls[size] = '\0';
	for (size_t i = 0; i < sizeof guards / sizeof *guards; i++) {
		static const char call[] = "math.abs(1) ";
		char *at = strstr(calls, guards[i]);
		if (at == NULL) {
			fprintf(stderr, "bench_limits: %s is not the chart that this program knows\n", path);
			exit(1);
		}
		memmove(at + sizeof call - 1, at, strlen(at) + 1);
		memcpy(at, call, sizeof call - 1);
	}
}

static const char loop[] =
    "return playbook 'loop' { data = { n = integer { default = 0 } }, event 'go' {}, event 'nothing' {},\n"
    "state 's' { on 'go' { act = function(case) local n = 0 for i = 1, 1000 do n = n + i end case.data.n = n end },\n"
    "on 'nothing' { act = function(case) local n = 0 case.data.n = n end } } }";

/* ---- the subjects ----------------------------------------------------------- */

typedef struct subject {
	const char *name;
	bool by_lua, is_loop;
	const char *source; /* NULL: reference.lua */
	double bar;         /* 0: none */
} subject;

static const subject subjects[] = {{"reference", false, false, NULL, 1.1}, {"… by Lua", true, false, NULL, 1.1},
    {"… with calls", true, false, calls, 0}, {"loop", true, true, loop, 2.3}};
#define SUBJECTS (sizeof subjects / sizeof *subjects)

static void lift_limits(apl_lua *host) {
	for (uint32_t i = 0; i < host->n_functions; i++) {
		host->functions[i].is_counted = false;
		host->functions[i].cost = 0;
	}
	host->instruction_limit = UINT64_MAX;
	host->pool.limit = SIZE_MAX;
}

static aplomb_runtime *start(const subject *s, bool has_limits) {
	aplomb_limits most;
	memset(&most, 0x7F, sizeof most); /* each of them half of what it can be */
	most.size = sizeof most;
	most.depth = 999;
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	aplomb_error error = {0};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.clock = frozen;
	options.forget_journal = true;
	if (!has_limits) options.limits = &most;
	must(aplomb_open(&rt, &options, &error), &error);
	if (s->source == NULL) {
		must(aplomb_load_file(rt, REFERENCE_PLAYBOOK, &playbook, &error), &error);
	} else {
		aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
		load.path = "limits.lua";
		load.source = s->source;
		load.source_size = strlen(s->source);
		must(aplomb_load(rt, &load, &playbook, &error), &error);
	}
	apl_lua *host = ((apl_program *)(void *)playbook)->self;
	if (s->by_lua) apl_quick_forget(host);
	if (!has_limits) lift_limits(host);
	return rt;
}

/* ---- events -------------------------------------------------------------------- */

static uint64_t seed;
static uint64_t next_random(void) {
	seed = seed * 16807 % 2147483647;
	return seed;
}

static aplomb_field fields[3];

/* The next event of the reference chart, as bench/reference.c has them. */
static void generate(aplomb_event *event) {
	uint64_t r = next_random() % 100;
	event->n_fields = 0;
	event->fields = NULL;
	event->name = r < 70 ? "offer" : r < 78 ? "accept" : r < 90 ? "reject" : "agent";
	if (r >= 60) return;
	uint64_t v = next_random();
	event->name = "message";
	event->fields = fields;
	event->n_fields = 3;
	fields[0] = (aplomb_field){.name = "abusive", .kind = APLOMB_BOOLEAN, .as.boolean = v % 16 == 0};
	fields[1] = (aplomb_field){.name = "text", .kind = APLOMB_TEXT, .as.text = {"This is the third time!", 23}};
	fields[2] = (aplomb_field){.name = "tone", .kind = APLOMB_INTEGER, .as.integer = (int64_t)(v / 16 % 7) - 3};
}

/* Nanoseconds an event, net. */
static double drive(const subject *s, bool has_limits, uint64_t events) {
	aplomb_error error = {0};
	aplomb_runtime *rt = start(s, has_limits);
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = "c";
	event.playbook = s->is_loop ? "loop" : "reference";
	event.name = s->is_loop ? "nothing" : "hello";
	must(aplomb_post_wait(rt, &event, NULL, &error), &error);
	event.playbook = NULL;
	double taken[2];
	for (int what = 0; what < 2; what++) { /* what is taken off, and all of it */
		seed = 42;
		if (s->is_loop) event.name = what == 0 ? "nothing" : "go";
		double begun = cpu_seconds();
		for (uint64_t done = 0; done < events;) {
			uint32_t pending = 0;
			for (; pending < 256 && done < events; pending++, done++) {
				if (!s->is_loop) generate(&event);
				if (s->is_loop || what == 1) must(aplomb_post(rt, &event, NULL, NULL, &error), &error);
			}
			if (s->is_loop || what == 1) must(aplomb_pump(rt, pending, NULL, &error), &error);
		}
		taken[what] = cpu_seconds() - begun;
	}
	aplomb_close(rt);
	return (taken[1] - taken[0]) * 1e9 / (double)events;
}

static int compare(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *values, int count) {
	qsort(values, (size_t)count, sizeof *values, compare);
	return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

int main(int argc, char **argv) {
	int rounds = argc > 1 ? atoi(argv[1]) : 5;
	uint64_t events = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000;
	if (rounds < 1 || rounds > MOST_ROUNDS) rounds = 5;
	static double ns[SUBJECTS][2][MOST_ROUNDS];
	write_calls(REFERENCE_PLAYBOOK);
	for (int round = 0; round < rounds; round++) {
		for (size_t i = 0; i < SUBJECTS; i++) {
			for (int has_limits = 0; has_limits < 2; has_limits++)
				ns[i][has_limits][round] = drive(&subjects[i], has_limits, subjects[i].is_loop ? events / LOOP_SHARE : events);
		}
	}
	printf("%-16s %12s %12s %8s %8s\n", "limits", "off, ns net", "on, ns net", "ratio", "bar");
	for (size_t i = 0; i < SUBJECTS; i++) {
		double off = median(ns[i][0], rounds), on = median(ns[i][1], rounds);
		const subject *s = &subjects[i];
		printf("%-16s %12.1f %12.1f %8.2f", s->name, off, on, on / off);
		if (s->bar > 0)
			printf(" %8.2f %s\n", s->bar, on / off <= s->bar ? "reached" : "MISSED");
		else
			printf("\n");
	}
	return 0;
}
