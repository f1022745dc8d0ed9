/* SPDX-License-Identifier: MIT */
/*
 * What comes back of a playbook by way of SCXML does what the playbook does: on
 * random events at random times, for random charts, the examples and the
 * playbooks of the documentation. What becomes of each word: tests/unit/scxml/test_export.c.
 */
#include "../test_rounds.h"
#include "round_trip.h"

#include <stdarg.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../step/random_chart.h"

/* ---- random playbooks ------------------------------------------------------------ */

typedef struct writer {
	char text[1 << 17];
	size_t size;
	uint64_t rng;
	const random_chart *chart;
} writer;

static void put(writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(writer *w, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	int size = vsnprintf(w->text + w->size, sizeof w->text - w->size, format, arguments);
	va_end(arguments);
	w->size += (size_t)size;
	assert_true(w->size < sizeof w->text);
}
#define PICK(w, list) (list)[below(&(w)->rng, sizeof(list) / sizeof *(list))]

static void put_truth(writer *w, unsigned depth, bool is_event) {
	static const char *const plain[] = {"data.n < 3", "data.n >= params.lim", "data.f", "data.o == nil", "has(data.o)", "data.o > 1",
	    "data.t == 'red'", "data.k ~= 'b'", "data.k == 'c'", "data.m <= '7.50 EUR'", "data.m > data.m2", "data.w < '2m'", "data.x >= 0.5",
	    "contains(data.t, 'e')", "len(data.t) < 3", "data.n + data.o > 4", "data.n * 2 == data.p", "data.n // data.o > 0",
	    "data.n % 3 == 1", "data.x / data.n < 1", "data.f == data.g", "data.g", "-data.n < data.o", "is_in('s1')", "data.a.b == 2",
	    "has(data.a)", "contains(data.l, 'red')", "#data.l > 1", "data.w * 2 > params.wait", "data.i < '2026-01-01T00:00:00Z'",
	    "data.i - data.w < '2025-06-01T00:00:00Z'", "data.m + data.m2 > '6.00 EUR'", "data.n ~= 2", "params.on"};
	static const char *const carried[] = {"event.v > 1", "event.b", "event.z < 0", "event.s >= '1m'", "event.y < data.m",
	    "event.i > data.i", "event.q == 'red'", "has(event.v)", "event.b == data.f", "event.z * 2 > data.x", "event.v + data.n < 5",
	    "contains(event.h, data.t)", "event.name == 'b'"};
	const uint32_t r = below(&w->rng, 10);
	if (depth > 0 && r < 2) {
		put(w, "not (");
		put_truth(w, depth - 1, is_event);
		put(w, ")");
	} else if (depth > 0 && r < 5) {
		put(w, "(");
		put_truth(w, depth - 1, is_event);
		put(w, r < 4 ? " and " : " or ");
		put_truth(w, depth - 1, is_event);
		put(w, ")");
	} else {
		put(w, "%s", is_event && r < 8 ? PICK(w, carried) : PICK(w, plain));
	}
}

static void put_assignment(writer *w, bool is_event) {
	static const char *const plain[] = {"data.n = data.n + 1", "data.n = 0", "data.o = data.n", "data.o = nil", "data.f = not data.f",
	    "data.f = data.o > 2", "data.g = data.f", "data.t = 'red'", "data.t = data.k", "data.k = 'b'", "data.k = data.t",
	    "data.m = data.m + '1.25 EUR'", "data.m2 = data.m * 2", "data.m = -data.m2", "data.w = data.w + '10s'", "data.w = data.w // 2",
	    "data.x = data.x * 1.5", "data.x = data.n", "data.p = data.p + 1", "data.p = data.n", "data.a.b = data.n", "data.a.c = 'x'",
	    "data.l = nil", "data.i = data.i + data.w", "data.o = data.n // data.o", "data.x = data.n / data.o", "data.n = data.o",
	    "data.t = nil", "data.u = data.t", "data.n = data.n * data.n"};
	static const char *const carried[] = {"data.n = event.v", "data.f = event.b", "data.x = event.z", "data.w = event.s",
	    "data.m = event.y", "data.i = event.i", "data.t = event.q", "data.l = event.h", "data.o = event.v", "data.p = event.v",
	    "data.k = event.q"};
	put(w, "%s", is_event && below(&w->rng, 2) == 0 ? PICK(w, carried) : PICK(w, plain));
}

static void put_function(writer *w, bool is_event) {
	static const char *const statements[] = {"case.data.n = case.data.n + 1", "case.data.f = case.data.n > 2", "case.data.t = \"a b\"",
	    "case.data.p = case.data.p + 2", "case:effect(\"say\", { n = case.data.n, text = \"hello\" }, { because = \"it is \\\"so\\\"\" })",
	    "case:effect(\"ring\")", "if case.data.f then case:effect(\"ring\") else case.data.n = 1 end",
	    "if case.data.o > 1 then case:effect(\"say\", { n = case.data.o }) elseif case.data.n > 2 then case:effect(\"ring\") end",
	    "if case.data.left > 0 then case.data.left = case.data.left - 1 case:raise(\"c\") end",
	    "if case.data.left > 0 then case.data.left = case.data.left - 1 case:raise(\"b\", { v = 2, b = true }) end",
	    "case:send { event = \"a.b\", after = \"45s\", id = \"later\" }", "case:cancel(\"later\")",
	    "case:send { event = \"b\", data = { v = case.data.n }, after = \"3m\" }", "case:log(\"info\", \"here\")",
	    "for i = 1, 3 do case.data.n = case.data.n + i end", "case.data.k = case.data.f and \"a\" or \"c\"", "twice(2)",
	    "case.data.x = case.data.n", "case:effect(\"say\", { n = case.data.n + case.data.o })",
	    "if case:is_in(\"s1\") then case:effect(\"ring\") end", "case.data.n = double(case.data.n)"};
	static const char *const carried[] = {
	    "case.data.o = event.v", "if event.b then case:effect(\"say\", { n = 1 }) end", "case:effect(\"say\", { n = event.v })"};
	put(w, "function(case, event) ");
	const uint32_t count = 1 + below(&w->rng, 3);
	for (uint32_t i = 0; i < count; i++) put(w, "%s ", is_event && below(&w->rng, 3) == 0 ? PICK(w, carried) : PICK(w, statements));
	put(w, "end");
}

static void put_block(writer *w, bool is_event) {
	if (below(&w->rng, 2) == 0) {
		put_function(w, is_event);
		return;
	}
	put(w, "\"");
	put_assignment(w, is_event);
	if (below(&w->rng, 3) == 0) {
		put(w, "; ");
		put_assignment(w, is_event);
	}
	put(w, "\"");
}

/* Is that target one that a playbook's transition may have: in its own region of every parallel around its source? */
static bool is_legal(const random_chart *chart, uint32_t source, bool is_inward, uint32_t target) {
	for (uint32_t inner = source, outer = chart->nodes[source].parent; outer != APL_NONE;
	     inner = outer, outer = chart->nodes[outer].parent) {
		if (chart->nodes[outer].kind != APL_BUILD_PARALLEL) continue;
		const bool is_in_inner = target > inner && target < chart->nodes[inner].end;
		if (!is_in_inner || (inner == source && !is_inward)) return false;
	}
	return true;
}

/* From inside of [scope] on. */
static void put_path(writer *w, uint32_t scope, uint32_t n) {
	if (w->chart->nodes[n].parent != scope && w->chart->nodes[n].parent != 0) {
		put_path(w, scope, w->chart->nodes[n].parent);
		put(w, ".");
	}
	put(w, "s%u", n);
}

static void put_targets(writer *w, uint32_t scope, const uint32_t *targets, uint32_t count) {
	put(w, "{ ");
	for (uint32_t i = 0; i < count; i++) {
		put(w, "%s\"", i > 0 ? ", " : "");
		put_path(w, scope, targets[i]);
		put(w, "\"");
	}
	put(w, " }");
}

static bool has_final(const random_chart *chart, uint32_t n) {
	for (uint32_t child = n + 1; child < chart->nodes[n].end; child = chart->nodes[child].end)
		if (chart->nodes[child].kind == APL_BUILD_FINAL) return true;
	return false;
}

static void put_edge(writer *w, uint32_t number) {
	static const char *const events[] = {"\"a\"", "\"a.b\"", "\"b\"", "\"c\"", "\"*\"", "\"a.b.d\"", "{ \"b\", \"c\" }", "\"b\"", "\"c\""};
	static const char *const spans[] = {"\"30s\"", "\"1m\"", "\"90s\"", "\"2m\"", "\"10m\"", "from \"params.wait\"", "from \"data.w\"",
	    "from \"data.w * 2\"", "function(case) return case.data.n * 1000000 end"};
	const random_chart *chart = w->chart;
	const edge *e = &chart->edges[number];
	if (e->defers) return;
	for (uint32_t i = 0; i < e->n_targets; i++)
		if (!is_legal(chart, e->source, e->internal && chart->nodes[e->source].kind == APL_BUILD_STATE, e->targets[i])) return;
	bool is_event = e->kind == EDGE_EVENT;
	bool has_guard = e->guard || (e->kind == EDGE_EVENTLESS);
	if (e->kind == EDGE_DELAY) {
		const bool is_every = number % 2 == 0;
		put(w, "%s(%s) { ", is_every ? "every" : "after", PICK(w, spans));
		if (below(&w->rng, 4) == 0) put(w, "since = \"%s\", ", below(&w->rng, 2) == 0 ? "a" : "b");
	} else if (e->kind == EDGE_EVENTLESS) {
		put(w, "always { ");
	} else if (below(&w->rng, 8) == 0 && e->source != 0 && has_final(chart, e->source)) {
		put(w, "on \"done.state.s%u\" { ", e->source);
		is_event = false;
	} else if (below(&w->rng, 10) == 0) {
		put(w, "on \"error.execution\" { ");
		is_event = false;
	} else {
		put(w, "on %s { ", PICK(w, events));
	}
	if (e->n_targets > 0) {
		put(w, "to = ");
		put_targets(w, 0, e->targets, e->n_targets);
		put(w, ", ");
	}
	if (has_guard && e->kind != EDGE_EVENTLESS && below(&w->rng, 3) == 0) {
		static const char *const functions[] = {"function(case) return case.data.n > 1 end", "function(case) return case.data.f end",
		    "function(case) return case.data.o < 3 end",
		    "function(case, event) if event.v == nil then return false end return event.v > case.data.n end",
		    "function(case) return not case.data.f or double(case.data.n) > 4 end"};
		put(w, "when = %s, ", PICK(w, functions));
	} else if (has_guard) {
		put(w, "when = \"%s", e->kind == EDGE_EVENTLESS ? "data.left > 0 and (" : "(");
		put_truth(w, 2, is_event);
		put(w, ")\", ");
	}
	if (e->kind == EDGE_EVENTLESS)
		put(w, "act = \"data.left = data.left - 1\", ");
	else if (e->block || e->n_targets == 0) {
		put(w, "act = ");
		put_block(w, is_event);
		put(w, ", ");
	}
	if (e->internal && e->n_targets > 0) put(w, "internal = true, ");
	if (below(&w->rng, 4) == 0) put(w, "because = \"one & two <%u>\", ", number);
	put(w, "},\n");
}

static void put_node(writer *w, uint32_t n) {
	static const char *const words[] = {"state", "parallel", "final", "history", "history"};
	const random_chart *chart = w->chart;
	const node *state = &chart->nodes[n];
	const bool is_history = state->kind == APL_BUILD_HISTORY || state->kind == APL_BUILD_DEEP_HISTORY;
	if (n > 0) {
		put(w, "%s \"s%u\" { ", words[state->kind], n);
		if (state->kind == APL_BUILD_DEEP_HISTORY) put(w, "deep = true, ");
		if (state->kind == APL_BUILD_FINAL && state->parent == 0 && n % 2 == 0) put(w, "outcome = \"out of %u\", ", n);
	}
	if (state->has_initial) {
		put(w, "%s = { to = ", is_history ? "default" : "initial");
		put_targets(w, is_history ? state->parent : n, state->targets, state->n_targets);
		if (state->initial_block) {
			put(w, ", act = ");
			put_block(w, false);
		}
		put(w, " }, ");
	}
	put(w, "\n");
	for (uint32_t i = 0; i < state->n_entry; i++) {
		put(w, "entry(");
		put_block(w, false);
		put(w, "),\n");
	}
	for (uint32_t i = 0; n > 0 && i < state->n_exit; i++) {
		put(w, "exit(");
		put_block(w, false);
		put(w, "),\n");
	}
	for (uint32_t e = 0; e < chart->n_edges; e++)
		if (n > 0 && chart->edges[e].source == n) put_edge(w, e);
	for (uint32_t child = n + 1; child < state->end; child = chart->nodes[child].end) put_node(w, child);
	if (n > 0) put(w, "},\n");
}

#define CARRIES(flag)                                                                                                                      \
	"z = number {}, s = span {}, y = money {}, i = instant {}, q = text { default = \"red\" }, h = list { of = text {} }, b = boolean "    \
	"{ " flag " }"

static const char *write_playbook(writer *w, const random_chart *chart, uint64_t seed) {
	*w = (writer){.rng = seed, .chart = chart};
	put(w,
	    "local step = 2\n"
	    "local function double(n) return n * step end\n"
	    "local function twice(n)\n\tfor _ = 1, n do n = double(n) end\n\treturn n\nend\n"
	    "return playbook \"random\" {\n"
	    "data = { n = integer { default = 0 }, left = integer { default = 20 }, f = boolean { default = false }, g = boolean {}, o = "
	    "integer {}, t = text {}, u = text { max = 3 },\n"
	    "k = one_of { \"a\", \"b\", \"c\", default = \"a\" }, m = money { default = \"5.00 EUR\" }, m2 = money { max = \"50.00 EUR\", "
	    "default = \"0.00 EUR\" }, w = span { default = \"2m\" }, x = number { default = 0.5 },\n"
	    "p = integer { default = 0, min = 0, max = 5 }, a = fields { b = integer {}, c = text {} }, l = list { of = text {} }, i = instant "
	    "{ default = \"2026-01-01T00:00:00Z\" } },\n"
	    "params = { lim = integer { default = 3 }, wait = span { default = \"75s\" }, on = boolean {} },\n"
	    "event \"a\" { " CARRIES("default = false") ", v = integer {} }, event \"a.b\" { " CARRIES(
	        "") ", v = integer {} }, event \"a.b.d\" { " CARRIES("") ", v = integer {} },\n"
	                                                                 "event \"b\" { " CARRIES(
	                                                                     "default = true") ", v = integer { default = 3 } }, event \"c\" "
	                                                                                       "{ " CARRIES("") ", v = integer { required = "
	                                                                                                        "true } },\n"
	                                                                                                        "effect \"say\" { n = integer "
	                                                                                                        "{}, text = text { default = "
	                                                                                                        "\"nothing\" } }, effect "
	                                                                                                        "\"ring\" {},\n");
	put_node(w, 0);
	put(w, "}\n");
	return w->text;
}

/* How many charts, each of 100 events. */
static uint32_t wanted(uint32_t usual) {
	const char *given = getenv("APLOMB_ROUND_TRIPS");
	if (given != NULL) return (uint32_t)strtoul(given, NULL, 10);
	return APL_ROUNDS(usual, usual / 20);
}

static void random_playbooks_come_back_as_they_were(void **state) {
	(void)state;
	static writer w;
	static random_chart chart;
	const uint32_t n = wanted(30);
	uint32_t done = 0, unfit = 0, unloaded = 0;
	uint64_t events = 0, entries = 0, effects = 0, closed = 0;
	for (uint64_t seed = 1; done < n; seed++) {
		generate(&chart, seed);
		if (chart.nodes[0].kind == APL_BUILD_PARALLEL) continue;
		round_trip trip;
		char what[64];
		snprintf(what, sizeof what, "random playbook %llu", (unsigned long long)seed);
		trip_begin begun = round_trip_begin(&trip, what, "random.lua", write_playbook(&w, &chart, seed), getenv("APLOMB_SHOW") != NULL);
		if (begun == TRIP_READY) {
			round_trip_play(&trip, seed, 100);
			done++;
		}
		unfit += begun == TRIP_DOES_NOT_FIT;
		unloaded += begun == TRIP_NOT_LOADED;
		events += trip.n_events;
		entries += trip.n_entries;
		effects += trip.n_effects;
		closed += trip.n_closed;
		round_trip_end(&trip);
		assert_true(seed < 100u * n + 1000);
	}
	print_message(
	    "%u random playbooks, %llu events, %llu entries, %llu with effects, %llu cases closed: no difference; %u do not fit, %u are none\n",
	    done, (unsigned long long)events, (unsigned long long)entries, (unsigned long long)effects, (unsigned long long)closed, unfit,
	    unloaded);
	assert_true(unfit < done && entries > events);
}

/* ---- what is there --------------------------------------------------------------------- */

typedef struct count {
	uint32_t fit, unfit, none, n_seen;
	uint64_t events;
} count;

static void try_one(count *c, const char *what, const char *path, const char *source) {
	round_trip trip;
	/* Under valgrind some of them are enough. */
	if (apl_is_watched() && c->n_seen++ % 9 != 0) return;
	switch (round_trip_begin(&trip, what, path, source, false)) {
	case TRIP_READY:
		round_trip_play(&trip, 7, APL_ROUNDS(200, 20));
		c->fit++;
		break;
	case TRIP_DOES_NOT_FIT: c->unfit++; break;
	case TRIP_NOT_LOADED: c->none++; break;
	}
	c->events += trip.n_events;
	round_trip_end(&trip);
}

static char *read_file(const char *path) {
	FILE *file = fopen(path, "rb");
	if (file == NULL) return NULL;
	char *text = calloc(1, 1 << 20);
	assert_non_null(text);
	assert_true(fread(text, 1, (1 << 20) - 1, file) < (1 << 20) - 1);
	fclose(file);
	return text;
}

/* Every whole playbook that a page shows. */
static void try_page(count *c, const char *path) {
	static const char begin[] = "```lua playbook\n";
	char what[256];
	char *page = read_file(path);
	assert_non_null(page);
	uint32_t number = 0;
	for (char *at = strstr(page, begin); at != NULL; at = strstr(at, begin)) {
		at += sizeof begin - 1;
		char *end = strstr(at, "\n```");
		assert_non_null(end);
		*end = '\0';
		snprintf(what, sizeof what, "playbook %u of %s", ++number, path);
		try_one(c, what, "docs/page.lua", at);
		at = end + 1;
	}
	free(page);
}

static void what_the_documentation_shows_comes_back_if_it_fits(void **state) {
	(void)state;
	static const char *const pages[] = {
	    "docs/language.md", "docs/words.md", "docs/guards.md", "docs/phrases.md", "docs/policy.md", "docs/embedding.md", "docs/testing.md"};
	static const char *const files[] = {"examples/late.lua", "examples/mood.lua", "examples/conversations/upset_customer.lua",
	    "playbooks/late-delivery/playbook.lua", "playbooks/service-desk/playbook.lua", "playbooks/it-incident/playbook.lua"};
	count c = {0};
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) try_page(&c, pages[i]);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) try_one(&c, files[i], files[i], NULL);
	print_message("%u playbooks of the documentation come back, %llu events: no difference; %u do not fit, %u need files beside them\n",
	    c.fit, (unsigned long long)c.events, c.unfit, c.none);
	assert_true(c.fit >= (apl_is_watched() ? 1 : 10));
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_the_documentation_shows_comes_back_if_it_fits),
	    cmocka_unit_test(random_playbooks_come_back_as_they_were),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
