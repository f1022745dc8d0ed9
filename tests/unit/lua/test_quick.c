/* SPDX-License-Identifier: MIT */
/*
 * Functions that are answered without Lua give what Lua gives: thousands of
 * random handlers see the same random events in two engines, one of which has
 * forgotten the translations, and every byte of the journals is compared.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../test_rounds.h"
#include "base/hard.h"
#include "book.h"
#include "lua/quick.h"

static apl_lua *host_of(const book *b) {
	return b->program->self;
}

static uint32_t n_translated(const book *b) {
	uint32_t count = 0;
	for (uint32_t i = 0; i < host_of(b)->n_functions; i++) count += host_of(b)->functions[i].quick != NULL;
	return count;
}

/* ---- which functions --------------------------------------------------------------------- */

static const char shape_frame[] =
    "local outside = 1\n"
    "return playbook 'shapes' {\n"
    "params = { p = integer { default = 3 }, r = text {} },\n"
    "data = { n = integer { default = 0 }, low = integer { min = 0, max = 9 }, b = boolean {}, d = number {}, t = text {}, m = money {},\n"
    "  at = instant {}, s = span {}, one = one_of { 'red', 'green' }, l = list {}, x = any {}, deep = fields { n = integer {} }, tone = "
    "integer {} },\n"
    "event 'go' { tone = integer {}, text = text {}, m = money {}, list = list {} }, event 'other' { name = text {} },\n"
    "state 's' { on 'go' { act = %s } } }\n";

/* Whether this function, as an action, is translated; the book is closed again. */
static bool is_translated(const char *function) {
	static char source[16384];
	snprintf(source, sizeof source, shape_frame, function);
	book b = {0};
	book_open(&b, source, NULL);
	assert_int_equal(host_of(&b)->n_functions, 1);
	bool translated = n_translated(&b) == 1;
	book_close(&b);
	return translated;
}

static void check_shapes(const char *const *functions, size_t count, bool expected) {
	size_t wrong = 0;
	for (size_t i = 0; i < count; i++) {
		if (is_translated(functions[i]) == expected) continue;
		print_error("%s\nis %stranslated\n", functions[i], expected ? "not " : "");
		wrong++;
	}
	assert_int_equal(wrong, 0);
}
#define CHECK_SHAPES(functions, expected) check_shapes((functions), sizeof(functions) / sizeof *(functions), (expected))

static void what_people_write_most_is_translated(void **state) {
	(void)state;
	static const char *const functions[] = {
	    "function(case) case.data.n = case.data.n + 1 end",
	    "function(case, event) local d = case.data d.n = d.n + 1 d.low = event.tone end",
	    "function(case, event) if event.tone < 0 and not case.data.b then case.data.b = true else case.data.n = 0 end end",
	    "function(case) return case.data.n >= case.params.p end", "function(_, event) return event.text == 'yes' or event.tone ~= 2.5 end",
	    "function(case) local d = case.data return d.one == 'red' and d.at > d.n * 2 - 300 end",
	    "function(case) local x <const> = 5 if case.data.t == nil then return end case.data.n = x end",
	    "function(case, event) local x = event.tone or case.params.p case.data.n = x end", "function() end", "function() return nil end",
	    "function(case) return case.data.d == 1 end", "function(_, event) return event.name == 'x' end", /* a member of `other` */
	};
	CHECK_SHAPES(functions, true);
}

static void what_does_more_stays_with_lua(void **state) {
	(void)state;
	static const char *const functions[] = {
	    "function(case) case:raise('other') end",
	    "function(case) for i = 1, 3 do case.data.n = i end end",
	    "function(case) while case.data.n < 3 do case.data.n = case.data.n + 1 end end",
	    "function(case) case.data.n = math.abs(case.data.n) end",
	    "function(case) case.data.n = outside end",
	    "function(case) case.data.t = 'text' end",
	    "function(case) case.data.d = 0.5 end",
	    "function(case) case.data.one = 'red' end",
	    "function(case) case.data.at = case.now end",
	    "function(case) case.data.s = 5 end",
	    "function(case) return case.now > 5 end",
	    "function(case) return case.id == 'c' end",
	    "function(case) return case.data.m == nil end",
	    "function(case) return case.data.l == nil end",
	    "function(case) return case.data.x == nil end",
	    "function(case) return case.data.deep.n == 1 end",
	    "function(case) case.data.deep.n = 1 end",
	    "function(case) case.params.p = 1 end",
	    "function(_, event) event.tone = 1 end",
	    "function(_, event) return event.m == nil end",
	    "function(_, event) return event.id == 'x' end",
	    "function(_, event) return event.nothing end",
	    "function(case) return case.data.nothing end",
	    "function(case) return case.params.nothing end",
	    "function(case) local key = 'n' return case.data[key] end",
	    "function(case) return case.data[1] end",
	    "function(case) return #case.data.t > 3 end",
	    "function(case) return case.data.t .. 'x' end",
	    "function(case) return -case.data.n end",
	    "function(case) return case.data.n / 2 end",
	    "function(case) return case.data.n // 2 end",
	    "function(case) return case.data.n % 2 end",
	    "function(case) return case.data.n & 1 end",
	    "function(case) return { case.data.n } end",
	    "function(case) return 1, 2 end",
	    "function(...) return nil end",
	    "function(case, event, third) return third end",
	    "function(case, event) local d = event if case.data.b then d = case.data end return d.tone end",
	    "function(case) return function() return case end end",
	};
	CHECK_SHAPES(functions, false);
}

static void beyond_what_is_understood_lua_answers(void **state) {
	(void)state;
	static const struct {
		const char *piece;
		int most; /* so many times it is translated, once more it is not */
	} cases[] = {
	    {"d.n = 1 ", 16},                                       /* writes */
	    {"d.n = d.n + 1 ", 16}, {"if d.n then x = 1 end ", 31}, /* instructions, as the compiler makes them: 4 each, and the frame's 3 */
	};
	static char function[8192];
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (int more = 0; more < 2; more++) {
			size_t size = (size_t)snprintf(function, sizeof function, "function(case) local d, x = case.data ");
			for (int n = 0; n < cases[i].most + more; n++)
				size += (size_t)snprintf(function + size, sizeof function - size, "%s", cases[i].piece);
			snprintf(function + size, sizeof function - size, "end");
			assert_int_equal(is_translated(function), more == 0);
		}
	}
	/* Registers: 32, one of which is the case. */
	for (int more = 0; more < 2; more++) {
		size_t size = (size_t)snprintf(function, sizeof function, "function(case) local x0");
		for (int n = 1; n < 31 + more; n++) size += (size_t)snprintf(function + size, sizeof function - size, ", x%d", n);
		snprintf(function + size, sizeof function - size, " end");
		assert_int_equal(is_translated(function), more == 0);
	}
	/* Names: 16. */
	for (int more = 0; more < 2; more++) {
		size_t used = (size_t)snprintf(function, sizeof function, "return playbook 'names' { data = {");
		for (int n = 0; n < 20; n++) used += (size_t)snprintf(function + used, sizeof function - used, "n%d = integer {},", n);
		used += (size_t)snprintf(function + used, sizeof function - used, "}, state 's' { entry(function(case) local d, x = case.data ");
		for (int n = 0; n < 16 + more; n++) used += (size_t)snprintf(function + used, sizeof function - used, "x = d.n%d ", n);
		snprintf(function + used, sizeof function - used, "end) } }");
		book b = {0};
		book_open(&b, function, NULL);
		assert_int_equal(n_translated(&b), more == 0);
		book_close(&b);
	}
}

/* ---- random handlers ----------------------------------------------------------------------- */

typedef struct writer {
	uint64_t random;
	char *text;
	size_t size, capacity;
	int n_locals, next_local;
	int depth;
	bool has_short_names; /* d and p are there */
} writer;

static uint32_t below(writer *w, uint32_t bound) {
	return (uint32_t)(apl_random_next(&w->random) % bound);
}

static bool one_in(writer *w, uint32_t n) {
	return below(w, n) == 0;
}

static void add(writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(writer *w, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	int size = vsnprintf(w->text + w->size, w->capacity - w->size, format, arguments);
	va_end(arguments);
	assert_true(size >= 0 && (size_t)size < w->capacity - w->size);
	w->size += (size_t)size;
}

#define PICK(w, list) ((list)[below((w), sizeof(list) / sizeof *(list))])

static const char *const integers[] = {"0", "1", "-1", "2", "3", "5", "127", "128", "129", "-127", "-128", "-129", "300", "100000",
    "9007199254740992", "9007199254740993", "9223372036854775807", "math_smallest"};
static const char *const numbers[] = {
    "0.0", "1.0", "0.5", "-0.5", "2.0", "300.0", "3.25", "1e300", "-1e300", "9007199254740992.0", "128.0", "-128.0"};
static const char *const texts[] = {"''", "'k'", "'red'", "'green'", "'a\\0b'", "'gr\xc3\xbcn'", "'7'"};

static void add_constant(writer *w) {
	switch (below(w, 8)) {
	case 0: add(w, "%s", PICK(w, numbers)); return;
	case 1: add(w, "%s", PICK(w, texts)); return;
	case 2: add(w, "%s", one_in(w, 2) ? "true" : "false"); return;
	case 3: add(w, "nil"); return;
	default: {
		const char *integer = PICK(w, integers);
		add(w, "%s", strcmp(integer, "math_smallest") == 0 ? "(-9223372036854775807 - 1)" : integer);
		return;
	}
	}
}

static void add_field(writer *w, bool is_numeric) {
	static const char *const data[] = {"n", "m", "low", "d", "at", "s", "b", "f", "t", "one"};
	static const char *const params[] = {"p", "q", "z", "r", "v", "w"};
	static const char *const event[] = {"n", "k", "d", "t", "b", "one"};
	const char *object = w->has_short_names ? "d" : "case.data";
	switch (below(w, 5)) {
	case 0: add(w, "%s.%s", w->has_short_names ? "p" : "case.params", params[below(w, is_numeric ? 3 : 6)]); return;
	case 1: add(w, "event.%s", event[below(w, is_numeric ? 3 : 6)]); return;
	default: add(w, "%s.%s", object, is_numeric ? data[one_in(w, 3) ? below(w, 6) : 0] : PICK(w, data)); return;
	}
}

static void add_operand(writer *w, bool is_numeric) {
	uint32_t choice = below(w, 10);
	if (choice < 2 && w->n_locals > 0) {
		add(w, "v%u", below(w, (uint32_t)w->n_locals));
	} else if (choice < 5) {
		if (is_numeric && !one_in(w, 50))
			add(w, "%s", one_in(w, 4) ? PICK(w, numbers) : integers[below(w, 17)]);
		else
			add_constant(w);
	} else {
		add_field(w, is_numeric && !one_in(w, 50));
	}
}

static void add_sum(writer *w, int depth) {
	static const char *const ops[] = {"+", "-", "*"};
	if (depth == 0 || one_in(w, 2)) {
		add_operand(w, true);
		return;
	}
	add(w, "(");
	add_sum(w, depth - 1);
	add(w, " %s ", PICK(w, ops));
	add_sum(w, depth - 1);
	add(w, ")");
}

static void add_condition(writer *w, int depth) {
	static const char *const orders[] = {"<", "<=", ">", ">="};
	uint32_t choice = below(w, depth > 0 ? 9 : 6);
	if (choice < 3) {
		add_sum(w, 1);
		add(w, " %s ", PICK(w, orders));
		add_sum(w, 1);
	} else if (choice == 3 && one_in(w, 3)) {
		static const char *const sides[] = {"event.t", "case.data.t", "case.data.one", "event.one", "case.params.r", "case.params.w"};
		add(w, "%s ", PICK(w, sides));
		add(w, "%s ", one_in(w, 2) ? "==" : "~=");
		add(w, "%s", one_in(w, 2) ? PICK(w, sides) : PICK(w, texts));
	} else if (choice < 5) {
		bool is_numeric = one_in(w, 2);
		add_operand(w, is_numeric);
		add(w, " %s ", one_in(w, 2) ? "==" : "~=");
		add_operand(w, is_numeric);
	} else if (choice == 5) {
		add_operand(w, false);
	} else if (choice == 6) {
		add(w, "not (");
		add_condition(w, depth - 1);
		add(w, ")");
	} else {
		add(w, "(");
		add_condition(w, depth - 1);
		add(w, choice == 7 ? " and " : " or ");
		add_condition(w, depth - 1);
		add(w, ")");
	}
}

static void add_value(writer *w) {
	if (w->n_locals > 0 && one_in(w, 5)) {
		add(w, "v%u ", below(w, (uint32_t)w->n_locals));
		add(w, "%s ", one_in(w, 2) ? "and" : "or");
		add_operand(w, true);
	} else if (one_in(w, 3)) {
		add_condition(w, 2);
	} else {
		add_sum(w, 2);
	}
}

static void add_write(writer *w) {
	static const char *const whole[] = {"n", "n", "m", "low"};
	static const char *const truth[] = {"b", "f"};
	const char *object = w->has_short_names ? "d" : "case.data";
	if (one_in(w, 3)) {
		add(w, "%s.%s = ", object, PICK(w, truth));
		add_condition(w, 2);
	} else if (one_in(w, 2)) {
		const char *name = PICK(w, whole);
		add(w, "%s.%s = %s.%s + %u", object, name, object, name, below(w, 4));
	} else {
		add(w, "%s.%s = ", object, PICK(w, whole));
		add_value(w);
	}
	add(w, " ");
}

static void add_statements(writer *w, int depth);

static void add_statement(writer *w, int depth) {
	uint32_t choice = below(w, depth > 0 ? 10 : 7);
	if (choice < 4) {
		add_write(w);
	} else if (choice == 4 || (choice < 7 && w->n_locals == 0)) {
		add(w, "local v%d = ", w->n_locals);
		add_value(w);
		add(w, " ");
		w->n_locals++;
	} else if (choice < 7) {
		add(w, "v%u = ", below(w, (uint32_t)w->n_locals));
		add_value(w);
		add(w, " ");
	} else {
		int outer = w->n_locals;
		add(w, "if ");
		add_condition(w, 2);
		add(w, " then ");
		add_statements(w, depth - 1);
		w->n_locals = outer;
		if (one_in(w, 3)) {
			add(w, "elseif ");
			add_condition(w, 1);
			add(w, " then ");
			add_statements(w, depth - 1);
			w->n_locals = outer;
		}
		if (one_in(w, 2)) {
			add(w, "else ");
			add_statements(w, depth - 1);
			w->n_locals = outer;
		}
		add(w, "end ");
	}
}

static void add_statements(writer *w, int depth) {
	for (uint32_t i = below(w, 3); i > 0; i--) add_statement(w, depth);
}

static void add_locals(writer *w) {
	static const char *const parameters[] = {"case, event", "case, event", "case, event", "case, event", "case, event", "case, event, v0"};
	const char *chosen = PICK(w, parameters);
	add(w, "function(%s) ", chosen);
	w->n_locals = strstr(chosen, "v0") != NULL;
	w->has_short_names = one_in(w, 2);
	if (w->has_short_names) add(w, "local d, p = case.data, case.params ");
}

static void add_guard(writer *w) {
	add_locals(w);
	for (uint32_t i = below(w, 3); i > 0; i--) {
		add(w, "local v%d = ", w->n_locals);
		add_value(w);
		add(w, " ");
		w->n_locals++;
	}
	if (one_in(w, 30)) add_write(w);
	if (one_in(w, 4)) {
		add(w, "if ");
		add_condition(w, 2);
		add(w, " then return ");
		add_condition(w, 1);
		add(w, " end ");
	}
	if (!one_in(w, 20)) {
		add(w, "return ");
		/* "not not" makes a boolean of whatever it is. */
		if (!one_in(w, 4)) add(w, "not not ");
		add(w, "(");
		add_condition(w, 3);
		add(w, ")");
	}
	add(w, " end");
}

static void add_action(writer *w) {
	add_locals(w);
	add_statement(w, 2);
	add_statements(w, 2);
	if (one_in(w, 15)) {
		add(w, "return ");
		add_condition(w, 1);
	} else if (one_in(w, 15)) {
		add(w, "return nil");
	}
	add(w, " end");
}

/* What the random functions never do, and what changes the world for them. */
static const char *const set_pieces[] = {
    "function(case, event) local d = case.data d.t = event.t d.d = event.d d.one = event.one d.at = event.at d.s = event.s end",
    "function(case, event) local d = case.data d.t = nil d.d = nil d.b = nil d.m = nil end",
    "function(case) local l = case.data.l if l == nil then case.data.l = { 1 } else l[#l + 1] = 7 end end",
    "function(case, event) if event.name ~= 'e1' then case:raise('e1', { k = 5 }) end end",
    "function(case) for i = 1, 20 do case.data.n = i end end",
};

/* Regions side by side, so that one event asks many functions. */
static void add_book(writer *w, int n_regions) {
	add(w, "return playbook 'random' {\n"
	       "params = { p = integer { default = 3 }, q = number { default = 0.5 }, z = integer { default = 300 }, r = text { default = 'k' "
	       "}, v = boolean "
	       "{},\n"
	       "  w = one_of { 'red', 'green', default = 'red' } },\n"
	       "data = { n = integer { default = 0 }, m = integer { default = 1 }, low = integer { min = -5, max = 20, default = 0 }, b = "
	       "boolean {},\n"
	       "  f = boolean { default = false }, d = number { default = 1.5 }, t = text {}, one = one_of { 'red', 'green' }, at = instant { "
	       "default = '2026-01-01T00:00:00Z' }, s = span {}, "
	       "l = list {} },\n"
	       "event 'e0' { n = integer {}, d = number {}, t = text {}, b = boolean {}, one = one_of { 'red', 'green' }, at = instant {}, s = "
	       "span {} },\n"
	       "event 'e1' { n = number {}, k = integer {}, t = one_of { 'k', 'red' }, b = boolean { default = true } },\n"
	       "event 'e2' { k = span {}, one = integer {} }, event 'e3' {},\n"
	       "parallel 'all' {\n");
	for (int i = 0; i < n_regions; i++) {
		add(w, "state 'r%d' { initial = 'a', state 'a' {\n", i);
		if (one_in(w, 3)) {
			add(w, "entry(");
			add_action(w);
			add(w, "),\n");
		}
		if (i == 0) {
			/* On what no playbook declares, only what raises nothing itself. */
			add(w, "on 'error.execution' { when = function(case, event) return event.line ~= nil and case.data.n == 3 end, "
			       "act = function(case) case.data.b = true end },\n");
		}
		add(w, "on { 'e0', 'e1', 'e2', 'e3' } {\n{ %swhen = ", one_in(w, 4) ? "to = 'a', " : "");
		add_guard(w);
		add(w, ",\nact = { ");
		if (one_in(w, 6)) add(w, "function(case, event) if event.name == 'e0' then case:raise('e1', { k = 3, n = 0.5 }) end end,\n");
		add_action(w);
		add(w, ",\n");
		if (one_in(w, 2))
			add_action(w);
		else
			add(w, "%s", PICK(w, set_pieces));
		add(w, ",\n");
		add_action(w);
		add(w, " } },\n{ act = ");
		add_action(w);
		add(w, " } } } },\n");
	}
	add(w, "} }\n");
}

/* ---- random events ------------------------------------------------------------------------- */

static void add_member(writer *w, bool *is_first, const char *name, const char *value) {
	add(w, "%s\"%s\":%s", *is_first ? "" : ",", name, value);
	*is_first = false;
}

static const char *random_integer(writer *w) {
	const char *text = PICK(w, integers);
	return strcmp(text, "math_smallest") == 0 ? "-9223372036854775808" : text;
}

static void add_random_text(writer *w, bool *is_first) {
	static const char *const given[] = {"\"\"", "\"k\"", "\"red\"", "\"a\\u0000b\"", "\"gr\xc3\xbcn\"", "\"7\""};
	static const int sizes[] = {199, 200, 201, 5000};
	if (!one_in(w, 4)) {
		add_member(w, is_first, "t", PICK(w, given));
		return;
	}
	static char text[6000];
	int size = PICK(w, sizes);
	text[0] = '"';
	memset(text + 1, 'k', (size_t)size);
	text[size + 1] = '"';
	text[size + 2] = '\0';
	add_member(w, is_first, "t", text);
}

/* Writes the event's data and returns its name. */
static const char *add_event(writer *w) {
	static const char *const names[] = {"e0", "e0", "e1", "e2", "e3"};
	const char *name = PICK(w, names);
	bool is_first = true;
	add(w, "{");
	if (strcmp(name, "e0") == 0) {
		if (!one_in(w, 12)) add_member(w, &is_first, "n", random_integer(w));
		if (!one_in(w, 12)) add_member(w, &is_first, "d", PICK(w, numbers));
		if (!one_in(w, 12)) add_random_text(w, &is_first);
		if (!one_in(w, 12)) add_member(w, &is_first, "b", one_in(w, 2) ? "true" : "false");
		if (!one_in(w, 12)) add_member(w, &is_first, "one", one_in(w, 2) ? "\"red\"" : "\"green\"");
		if (!one_in(w, 12)) add_member(w, &is_first, "at", one_in(w, 2) ? "\"2026-01-01T00:00:00Z\"" : "\"1969-12-31T23:59:59Z\"");
		if (!one_in(w, 12)) add_member(w, &is_first, "s", one_in(w, 2) ? "\"2h\"" : "\"0s\"");
	} else if (strcmp(name, "e1") == 0) {
		if (!one_in(w, 12)) add_member(w, &is_first, "n", PICK(w, numbers));
		if (!one_in(w, 12)) add_member(w, &is_first, "k", random_integer(w));
		if (!one_in(w, 12)) add_member(w, &is_first, "t", one_in(w, 2) ? "\"red\"" : "\"k\"");
		if (one_in(w, 4)) add_member(w, &is_first, "b", "null");
	} else if (strcmp(name, "e2") == 0) {
		if (!one_in(w, 12)) add_member(w, &is_first, "k", "\"3s\"");
		if (!one_in(w, 12)) add_member(w, &is_first, "one", random_integer(w));
	}
	add(w, "}");
	return name;
}

static void post(book *b, const char *case_id, const char *name, const char *data, const char *open) {
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = case_id;
	event.playbook = "random";
	event.name = name;
	event.data = data;
	event.open = open;
	b->error = (aplomb_error){0};
	apl_engine_post_wait(b->engine, &event, &b->receipt, &b->error);
}

typedef struct sums {
	uint64_t functions, translated, quickly, left, by_lua, lines, findings, faults;
} sums;

static uint64_t count_of(const char *text, const char *part) {
	uint64_t count = 0;
	for (const char *at = text; (at = strstr(at, part)) != NULL; at++) count++;
	return count;
}

/* The first line in which the journals differ. */
static void show_difference(const char *source, const char *one, const char *other) {
	size_t at = 0, begin = 0;
	for (; one[at] == other[at] && one[at] != '\0'; at++) {
		if (one[at] == '\n') begin = at + 1;
	}
	print_error("%s\nwithout Lua: %.*s\nwith Lua:    %.*s\n", source, (int)strcspn(one + begin, "\n"), one + begin,
	    (int)strcspn(other + begin, "\n"), other + begin);
}

/* The same playbook twice; the other one has forgotten its translations. */
typedef struct pair {
	book one, other;
	const char *source;
	uint64_t calls, others_calls; /* of loading */
} pair;

static void open_both(pair *both, const char *source, const aplomb_limits *limits) {
	memset(both, 0, sizeof *both);
	both->source = source;
	book_open(&both->one, source, limits);
	book_open(&both->other, source, limits);
	apl_quick_forget(host_of(&both->other));
	both->calls = host_of(&both->one)->n_calls;
	both->others_calls = host_of(&both->other)->n_calls;
}

static void post_both(pair *both, const char *case_id, const char *name, const char *data, const char *open) {
	post(&both->one, case_id, name, data, open);
	post(&both->other, case_id, name, data, open);
	assert_int_equal(both->one.error.code, both->other.error.code);
	assert_string_equal(both->one.error.message, both->other.error.message);
	assert_int_equal(both->one.receipt.seq, both->other.receipt.seq);
	const char *lines = apl_buf_terminate(&both->one.lines);
	const char *others_lines = apl_buf_terminate(&both->other.lines);
	if (strcmp(lines, others_lines) == 0) return;
	show_difference(both->source, lines, others_lines);
	fail_msg("they differ after %s %s", name, data);
}

/* Adds up what happened. */
static void close_both(pair *both, sums *sum) {
	const apl_lua *host = host_of(&both->one), *others = host_of(&both->other);
	uint64_t calls = host->n_calls - both->calls;
	uint64_t others_calls = others->n_calls - both->others_calls;
	assert_true(calls <= others_calls);
	assert_int_equal(others->n_left, 0);
	sum->functions += host->n_functions;
	sum->translated += n_translated(&both->one);
	sum->quickly += others_calls - calls;
	sum->left += host->n_left;
	sum->by_lua += calls;
	sum->lines += count_of(both->one.lines.bytes, "\n");
	sum->findings += count_of(both->one.lines.bytes, "\"do\":\"finding\"");
	sum->faults += count_of(both->one.lines.bytes, "\"limit-");
	book_close(&both->one);
	book_close(&both->other);
}

static void compare_books(uint64_t seed, int n_regions, int n_events, uint64_t instructions, sums *sum) {
	static char source[262144], data[8192];
	static const char *const cases[] = {"a", "b", "c"};
	static const char *const opens[] = {NULL, "{\"params\":{\"p\":-1,\"z\":9,\"v\":true}}",
	    "{\"params\":{\"q\":3.0,\"r\":\"\",\"w\":\"green\"},\"data\":{\"m\":4,\"t\":\"k\"}}"};
	aplomb_limits limits = {.size = sizeof limits, .instructions = instructions, .microsteps = 40, .internal_events = 40};
	bool is_open[3] = {false, false, false};
	writer w = {.random = seed, .text = source, .capacity = sizeof source};
	add_book(&w, n_regions);
	pair both;
	open_both(&both, source, &limits);
	for (int i = 0; i < n_events; i++) {
		writer e = {.random = w.random, .text = data, .capacity = sizeof data};
		const char *name = add_event(&e);
		w.random = e.random;
		uint32_t to = below(&w, 3);
		post_both(&both, cases[to], name, data, is_open[to] ? NULL : opens[to]);
		is_open[to] = true;
	}
	close_both(&both, sum);
}

/* ---- what random functions rarely meet --------------------------------------------------------- */

static const char situation_frame[] =
    "return playbook 'random' {\n"
    "data = { n = integer { default = 0 }, m = integer {}, b = boolean {}, l = list { default = { 1, 2, 3 } } },\n"
    "event 'go' { tone = integer {}, text = text {}, half = number {} }, event 'inner' { tone = integer {} }, event 'same' {},\n"
    "state 's' { on { 'go', 'inner', 'same' } { act = { %s } } } }\n";

typedef struct situation {
	const char *functions;
	const char *events[4]; /* each as what it carries; the name is "go" */
	uint64_t least, most;  /* limits on instructions, tried one by one; 0: the default */
} situation;

static void rare_situations_come_out_alike(void **state) {
	(void)state;
	static char long_text[6000];
	snprintf(long_text, sizeof long_text, "{\"text\":\"%05000d\"}", 0);
	static const situation situations[] = {
	    /* What was written is taken back, and that it was there at all: Lua begins anew. */
	    {"function(case, event) local d = case.data if d.b == nil then d.b = true d.n = d.n + event.tone end end", {"{}", "{\"tone\":3}"},
	        0, 0},
	    {"function(case, event) local d = case.data d.n = d.n + 1 d.n = d.n + 1 d.n = d.n + event.tone end", {"{}", "{\"tone\":3}"}, 0, 0},
	    {"function(case, event) local d = case.data if d.m then d.n = 9 end d.m = 1 if d.b then d.n = 5 end d.b = false d.n = event.tone + "
	     "1 end",
	        {"{}", "{}"}, 0, 0},
	    /* What a field and the event's come to: with a number, and with nothing. */
	    {"function(case, event) local d = case.data d.n = d.n + 1 d.n = d.n + event.half end",
	        {"{\"half\":1.5}", "{\"half\":2.0}", "{\"half\":4}", "{}"}, 0, 0},
	    {"function(case, event) local d = case.data d.b = true d.m = d.m + event.tone end, function(case) case.data.m = 1 end",
	        {"{\"tone\":3}", "{\"tone\":3}", "{}"}, 0, 0},
	    {"function(case, event) local d = case.data local x = d.n + event.tone d.n = x d.m = x end", {"{\"tone\":-9}", "{}"}, 0, 0},
	    {"function(case, event) local d, x = case.data, nil d.n = d.n + event.tone x = d.n d.m = x + 1 end", {"{\"tone\":7}", "{}"}, 0, 0},
	    /* A register that holds an object on one of the ways that lead to where it is asked. */
	    {"function(case, event) local x = event.tone if x then x = case.data end case.data.b = x == nil case.data.n = 1 end",
	        {"{}", "{\"tone\":1}"}, 0, 0},
	    {"function(case, event) local x = event.tone or case.data case.data.b = x == 1 case.data.n = 1 end", {"{}", "{\"tone\":1}"}, 0, 0},
	    {"function(case, event) local d = case.data local x = d and event.tone or 4 d.b = not d if d then d.n = x end end",
	        {"{}", "{\"tone\":1}"}, 0, 0},
	    /* Of two values one, in a register of its own. */
	    {"function(case, event) local v = event.tone local x, y = v or 5, v and 7 case.data.n = x case.data.m = y or 8 end",
	        {"{}", "{\"tone\":3}"}, 0, 0},
	    /* Integers and numbers in one sum. */
	    {"function(case, event) local x = event.tone + 0.5 case.data.b = x == 16777217.5 case.data.n = 1 end", {"{\"tone\":16777217}"}, 0,
	        0},
	    {"function(case, event) local x = event.tone * 2.0 case.data.b = x == event.tone case.data.n = 1 end",
	        {"{\"tone\":9007199254740993}", "{\"tone\":0}"}, 0, 0},
	    /* Beyond 2^53 not every integer is a number: Lua compares them exactly. */
	    {"function(case, event) case.data.b = event.tone <= 9007199254740992.0 case.data.n = 1 end", {"{\"tone\":9007199254740993}"}, 0, 0},
	    {"function(case, event) if event.tone == 9007199254740992.0 then case.data.n = 1 end end", {"{\"tone\":9007199254740993}"}, 0, 0},
	    /* A long text is paid for when it is read. */
	    {"function(case, event) if event.text == 'x' then case.data.n = 1 end end,\n"
	     "function(case) for i = 1, 50 do case.data.n = case.data.n + i end end",
	        {long_text}, 1, 600},
	    /* A table that is out is looked at after each function, which is paid for. */
	    {"function(case) case.data.l[1] = 7 end, function(case) case.data.n = 1 end, function(case) case.data.n = 2 end,\n"
	     "function(case) for i = 1, 50 do case.data.n = case.data.n + i end end",
	        {"{}", "{}"}, 1, 600},
	    /* The budget ends in or before a simple function. */
	    {"function(case) case.data.n = case.data.n + 1 end, function(case) case.data.n = case.data.n + 1 end,\n"
	     "function(case) case.data.n = case.data.n + 1 end",
	        {"{}"}, 1, 30},
	    /* Each event is the one that is processed now. */
	    {"function(case, event) if event.tone == 1 then case.data.n = case.data.n + 1 end end,\n"
	     "function(case, event) if event.name == 'go' then case:raise('inner', { tone = 2 }) end end",
	        {"{\"tone\":1}", "{\"tone\":1}"}, 0, 0},
	};
	for (size_t i = 0; i < sizeof situations / sizeof *situations; i++) {
		const situation *one = &situations[i];
		char source[4096];
		snprintf(source, sizeof source, situation_frame, one->functions);
		sums sum = {0};
		for (uint64_t limit = one->least; limit <= one->most; limit += apl_is_watched() ? 29 : 1) {
			aplomb_limits limits = {.size = sizeof limits, .instructions = limit};
			pair both;
			open_both(&both, source, &limits);
			for (size_t e = 0; e < 4 && one->events[e] != NULL; e++) post_both(&both, "c", "go", one->events[e], NULL);
			close_both(&both, &sum);
		}
		assert_true(sum.translated > 0);
		if (!APL_IS_HARD) assert_true(sum.quickly + sum.left > 0 || sum.faults > 0);
		if (one->most > 0) assert_true(sum.faults > 0);
	}
}

static void random_handlers_leave_the_same_journal_with_and_without_lua(void **state) {
	(void)state;
	/* The default, and some that end a step in the middle of it, sooner or later. */
	static const uint64_t limits[] = {0, 0, 0, 0, 700, 300};
	int n_books = APL_ROUNDS(150, 6);
	sums sum = {0};
	for (int i = 0; i < n_books; i++) compare_books(UINT64_C(0x5eed0000) + (uint64_t)i, 8, 60, limits[i % 6], &sum);
	print_message("%llu functions, %llu translated; calls: %llu answered quickly, %llu left to Lua at run time, %llu by Lua in all; "
	              "%llu lines alike, with %llu findings, %llu breaches\n",
	    (unsigned long long)sum.functions, (unsigned long long)sum.translated, (unsigned long long)sum.quickly,
	    (unsigned long long)sum.left, (unsigned long long)sum.by_lua, (unsigned long long)sum.lines, (unsigned long long)sum.findings,
	    (unsigned long long)sum.faults);
	assert_true(sum.translated > 0);
	assert_true(sum.translated < sum.functions);
	assert_true(sum.findings > 0);
	if (APL_IS_HARD) return; /* every answer takes the long way there */
	assert_true(sum.quickly > 0);
	assert_true(sum.left > 0);
	assert_true(sum.faults > 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_people_write_most_is_translated),
	    cmocka_unit_test(what_does_more_stays_with_lua),
	    cmocka_unit_test(beyond_what_is_understood_lua_answers),
	    cmocka_unit_test(rare_situations_come_out_alike),
	    cmocka_unit_test(random_handlers_leave_the_same_journal_with_and_without_lua),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
