/* SPDX-License-Identifier: MIT */
/*
 * Two states, a guard and an assignment, imported from SCXML when the document is loaded, and driven through aplomb.h: each event is posted
 * by its name, and every so many are pumped. All of the ordinary way is in the time: the door, the step with its limits, the commit, the
 * answers. So it is with Qt SCXML (bench/scxml/pingpong_qt.cpp): its events are submitted by name, as many before each turn of the event
 * loop.
 *
 *   bench_scxml MODE [EVENTS] [BATCH]
 *
 *   plain     nobody wants the journal's lines
 *   journal   the lines are written to memory
 *   lua       as plain, but the chart's functions are of a kind that Lua itself answers
 *   table     as plain, and what is counted lies in a table that a variable holds
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aplomb.h"
#include "measure.h"

static char lines_kept[1024 * 1024];
static size_t lines_used;

static int write_lines(const char *lines, size_t size, void *payload) {
	(void)payload;
	if (size > sizeof lines_kept) return 1;
	if (size > sizeof lines_kept - lines_used) lines_used = 0;
	memcpy(lines_kept + lines_used, lines, size);
	lines_used += size;
	return 0;
}

static char chart[4096];

/* The document of pingpong.scxml with another guard and another assignment. */
static size_t compose(const char *first, const char *guard, const char *location, const char *sum) {
	char transition[2][512];
	for (int i = 0; i < 2; i++) {
		snprintf(transition[i], sizeof transition[i],
		    "<transition event='hit' cond='%s' target='%s'><assign location='%s' expr='%s'/></transition>", guard, i == 0 ? "pong" : "ping",
		    location, sum);
	}
	int size = snprintf(chart, sizeof chart,
	    "<scxml xmlns='http://www.w3.org/2005/07/scxml' version='1.0' datamodel='lua' name='pingpong' initial='ping'>"
	    "<datamodel><data id='hits' expr='%s'/></datamodel><state id='ping'>%s</state><state id='pong'>%s</state></scxml>",
	    first, transition[0], transition[1]);
	return (size_t)size;
}

static aplomb_runtime *start(const char *mode) {
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	aplomb_error error = {0};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.clock = frozen;
	options.forget_journal = true;
	options.journal = strcmp(mode, "journal") == 0 ? write_lines : NULL;
	must(aplomb_open(&rt, &options, &error), &error);
	if (strcmp(mode, "lua") == 0 || strcmp(mode, "table") == 0) {
		bool is_table = mode[0] == 't';
		size_t size = is_table ? compose("{ n = 0 }", "hits.n &lt; 1000000000", "hits.n", "hits.n + 1")
		                       : compose("0", "math.abs(hits) &lt; 1000000000", "hits", "math.max(hits + 1, 0)");
		aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
		load.path = "pingpong.scxml";
		load.source = chart;
		load.source_size = size;
		must(aplomb_load(rt, &load, &playbook, &error), &error);
	} else {
		must(aplomb_load_file(rt, PINGPONG_CHART, &playbook, &error), &error);
	}
	return rt;
}

static double drive(const char *mode, uint64_t events, uint32_t batch) {
	aplomb_error error = {0};
	aplomb_runtime *rt = start(mode);
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = "c";
	event.playbook = "pingpong";
	must(aplomb_case_open(rt, &event, NULL, &error), &error);
	event.name = "hit";
	double begun = cpu_seconds();
	for (uint64_t done = 0; done < events;) {
		uint32_t pending = 0;
		for (; pending < batch && done < events; pending++, done++) must(aplomb_post(rt, &event, NULL, NULL, &error), &error);
		must(aplomb_pump(rt, pending, NULL, &error), &error);
	}
	double taken = cpu_seconds() - begun;
	char *text;
	size_t size;
	must(aplomb_case_data(rt, "c", &text, &size, &error), &error);
	printf("DATA %.*s\n", (int)size, text);
	aplomb_text_free(rt, text);
	aplomb_close(rt);
	return taken;
}

int main(int argc, char **argv) {
	const char *mode = argc > 1 ? argv[1] : "plain";
	uint64_t events = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000;
	uint32_t batch = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 256;
	drive(mode, events / 10, batch); /* warm-up */
	double taken = drive(mode, events, batch);
	printf("RESULT peer=aplomb-scxml-%s-%u n=%llu ns_per_event=%.1f\n", mode, (unsigned)batch, (unsigned long long)events,
	    taken * 1e9 / (double)events);
	return 0;
}
