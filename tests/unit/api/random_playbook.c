/* SPDX-License-Identifier: MIT */
#include "random_playbook.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

const char *const random_event_names[RANDOM_EVENTS] = {"said", "go", "back", "note", "tick"};
const char *const random_event_fields[RANDOM_EVENTS][4] = {
    {"tone", "abusive", "text", NULL}, {NULL}, {"tone", NULL, NULL, NULL}, {"word", "level", "deep.n", NULL}, {NULL}};

static const char head[] =
    "return playbook 'random' {\n"
    "  params = { limit = integer { default = 2 }, off = boolean {} },\n"
    "  event 'said' { tone = integer { required = true }, abusive = boolean {}, text = text {} },\n"
    "  event 'go' {}, event 'back' { tone = integer { default = 1 } },\n"
    "  event 'note' { word = text { max = 5 }, level = integer { min = 0, max = 9 }, deep = fields { n = integer {} } },\n"
    "  event 'tick' {},\n"
    "  effect 'tell' { n = integer {} },\n";

typedef struct source {
	uint64_t *seed;
	int plain;
	size_t size;
	char text[65536];
	const char *first;    /* the path of a state that is there */
	char regions[64][96]; /* the states of the region being written */
	int n_region;
} source;

uint32_t random_below(uint64_t *seed, uint32_t bound) {
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)((*seed >> 11) % bound);
}

static uint32_t below(source *s, uint32_t bound) {
	return random_below(s->seed, bound);
}

static void put(source *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(source *s, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	int size = vsnprintf(s->text + s->size, sizeof s->text - s->size, format, arguments);
	va_end(arguments);
	s->size += (size_t)size;
	if (s->size >= sizeof s->text) abort();
}

#define PICK(s, list) ((list)[below((s), sizeof(list) / sizeof *(list))])

/* [tone]: the event has one. */
static void put_guard(source *s, int tone) {
	static const char *const plain[] = {"data.a < 3", "data.b >= params.limit", "not data.f", "data.a + 0 > 1 or data.f", "has(data.opt)",
	    "data.opt ~= 2", "data.opt == nil and data.a > 0", "params.off", "data.a ~= data.b", "not (data.a > 2 and data.b < 4)",
	    "data.low <= 2", "true", "data.o == 'x'"};
	static const char *const with_tone[] = {"event.tone < 0", "event.tone >= data.a", "event.tone ~= nil", "not has(event.tone)"};
	static const char *const long_ones[] = {"data.a // data.b > 0", "len(data.word) > 2", "data.word == 'x'", "count('many') > 2"};
	if (below(s, 3) == 0) return;
	if (!s->plain && below(s, 6) == 0) {
		put(s, "when = %s, ",
		    below(s, 2) == 0 ? "function(case) return case.data.a % 2 == 0 end" : "function(case, event) return case.data.f end");
		return;
	}
	if (below(s, 12) == 0) {
		put(s, "when = \"is_in('%s')\", ", s->first);
		return;
	}
	const char *guard = tone && below(s, 2) == 0 ? PICK(s, with_tone) : !s->plain && below(s, 8) == 0 ? PICK(s, long_ones) : PICK(s, plain);
	put(s, "when = \"%s\", ", guard);
}

static void put_text_action(source *s, int tone) {
	static const char *const plain[] = {"data.a = data.a + 1", "data.b = data.b - 1", "data.a = 0; data.b = data.b + 2", "data.f = true",
	    "data.f = false", "data.low = data.low + 1", "data.low = 0", "data.b = data.a", "data.b = data.a + params.limit",
	    "data.opt = data.b", "data.a = 1 + data.a; data.low = data.a - 1", "data.o = 'y'", "data.o = 'x'; data.b = 0"};
	static const char *const with_tone[] = {"data.a = data.a + event.tone", "data.opt = event.tone", "data.b = event.tone - data.a"};
	static const char *const long_ones[] = {"data.opt = nil", "data.word = 'word'", "data.a = data.a * 2", "data.b = data.opt + 1"};
	const char *text = tone && below(s, 2) == 0 ? PICK(s, with_tone) : !s->plain && below(s, 6) == 0 ? PICK(s, long_ones) : PICK(s, plain);
	put(s, "\"%s\"", text);
}

static void put_action(source *s, int tone) {
	static const char *const functions[] = {"function(case) case.data.a = case.data.a + 1 end",
	    "function(case) case:effect('tell', { n = case.data.a }) end", "function(case) case:raise('tick') end",
	    "function(case) case.data.word = 'x' .. case.data.a end", "function(case) case:send('go', nil, { after = '3s' }) end",
	    "function(case) error('no') end", "function(case) for i = 1, 400 do case.data.b = i end end"};
	if (!s->plain && below(s, 5) == 0)
		put(s, "%s", PICK(s, functions));
	else
		put_text_action(s, tone);
}

static void put_target(source *s, uint32_t never) {
	if (below(s, never) > 0) put(s, "to = '%s', ", s->regions[below(s, (uint32_t)s->n_region)]);
}

static void put_transition(source *s) {
	uint32_t event = below(s, RANDOM_EVENTS);
	int tone = event == 0 || event == 2;
	uint32_t kind = s->plain ? 0 : below(s, 16);
	if (kind == 1) {
		put(s, "after '%us' { ", 2 + below(s, 9));
		put_target(s, 100);
		tone = 0;
	} else if (kind == 2) {
		put(s, "always { when = \"data.a > %u\", ", 4 + below(s, 4));
		put(s, "act = \"data.a = 0\", ");
		put_target(s, 2);
		put(s, "},\n");
		return;
	} else if (kind == 3) {
		put(s, "on '%s' { defer = true },\n", random_event_names[event]);
		return;
	} else {
		put(s, "on '%s' { ", random_event_names[event]);
		put_target(s, 3);
	}
	put_guard(s, tone);
	if (below(s, 2) == 0) {
		put(s, "act = ");
		put_action(s, tone);
	}
	put(s, "},\n");
}

/* Its id is known to the region beforehand, so that targets may lead forward. */
static void put_state(source *s, int number, int children) {
	put(s, "state 's%d' {\n", number);
	if (children > 0) put(s, "initial = 's%d',\n", number + 1);
	if (below(s, 2) == 0) {
		put(s, "entry(");
		put_text_action(s, 0);
		put(s, "),\n");
	}
	if (below(s, 3) == 0) {
		put(s, "exit(");
		put_text_action(s, 0);
		put(s, "),\n");
	}
	for (uint32_t i = 0, n = 1 + below(s, 4); i < n; i++) put_transition(s);
	if (children > 0 && !s->plain && below(s, 3) == 0) put(s, "history 'h%d' { default = 's%d' },\n", number, number + 1);
	for (int i = 1; i <= children; i++) put_state(s, number + i, 0);
	put(s, "},\n");
}

static void put_region(source *s, int first, int count) {
	/* s<first> … in order; some hold the one or two behind them. */
	int holds[64];
	s->n_region = 0;
	for (int i = 0; i < count; i++) {
		holds[i] = 0;
		snprintf(s->regions[s->n_region++], sizeof s->regions[0], "s%d", first + i);
		if (below(s, 3) == 0 && i + 1 < count) {
			int most = count - i - 1;
			holds[i] = 1 + (int)below(s, (uint32_t)(most < 2 ? most : 2));
			for (int k = 1; k <= holds[i]; k++)
				snprintf(s->regions[s->n_region++], sizeof s->regions[0], "s%d.s%d", first + i, first + i + k);
			i += holds[i];
		}
	}
	for (int i = 0; i < count; i += 1 + holds[i]) put_state(s, first + i, holds[i]);
}

const char *random_playbook(uint64_t *seed, int plain) {
	static source made;
	source *s = &made;
	s->seed = seed;
	s->plain = plain;
	s->size = 0;
	put(s, "%s", head);
	put(s,
	    "  data = { a = integer { default = 0 }, b = integer { default = 1 }, low = integer { min = 0, max = 4, default = 0 },\n"
	    "    f = boolean { default = false }, opt = integer {}, word = text {}, o = one_of { 'x', 'y', default = 'x' }%s },\n",
	    !plain && below(s, 4) == 0 ? ", need = integer { default = 0, required = true }" : "");
	put(s, "  counter 'many' { of = '%s' },\n", plain ? "tick" : random_event_names[below(s, RANDOM_EVENTS)]);
	int count = 2 + (int)below(s, 5);
	bool is_parallel = below(s, 2) == 0;
	s->first = is_parallel ? "both.r0.s1" : "s1";
	put(s, "initial = '%s',\n", is_parallel ? "both" : "s1");
	if (is_parallel) {
		put(s, "parallel 'both' {\n");
		if (below(s, 2) == 0) {
			s->n_region = 0;
			snprintf(s->regions[s->n_region++], sizeof s->regions[0], "over");
			put(s, "on 'go' { when = \"data.a > 6\", to = '%s' },\n", plain ? "both" : "over");
		}
		for (int region = 0; region < 2; region++) {
			put(s, "state 'r%d' { initial = 's%d',\n", region, 1 + region * count);
			put_region(s, 1 + region * count, count);
			put(s, "},\n");
		}
		put(s, "},\n");
	} else {
		put_region(s, 1, count);
	}
	put(s, "final 'over' {},\n}\n");
	return s->text;
}
