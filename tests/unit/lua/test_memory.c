/* SPDX-License-Identifier: MIT */
/* The n-th request for memory fails: nothing may be left, and nobody may be told that it worked. */
#include <stdio.h>
#include <string.h>

#include "../test_rounds.h"
#include "book.h"

static const char everything[] =
    "local function add(case, event) case.data.n = case.data.n + 1 case.data.l = { 'a', 'b' } case.data.x = event.x case.data.x.more = "
    "'more' end\n"
    "return playbook 'everything' { title = 'All of it', version = '1',\n"
    "params = { wait = span { default = '10m' }, tags = list { of = text {}, default = { 'a' } } },\n"
    "data = { n = integer { default = 0 }, l = list { of = text {} }, x = any {}, m = money { default = '1.00 GBP' }, a = fields { b = "
    "text { default = 'b' } } },\n"
    "event 'go' { x = any {}, t = text {} }, effect 'tell' { whom = text {}, more = list {} }, counter 'c' { of = 'go', window = '1h' },\n"
    "state 's' { initial = { to = 'a', act = function(case) case:log('info', 'opened', { at = case.now }) end },\n"
    "  state 'a' { entry(function(case) case.data.a.b = 'entered' end), on 'go' { { to = 'b', when = function(case, event) return "
    "case:count 'c' > 5 end }, { act = add } } },\n"
    "  state 'b' { every(from 'params.wait') { act = 'data.n = 9' }, at '2026-01-01T00:01:00Z' {} },\n"
    "  after(from 'params.wait') { to = 't', because = 'it took too long' } },\n"
    "state 't' { on { 'go', 'error.*' } { act = function(case, event) case:effect('tell', { whom = 'x', more = { 1, { 2 } } }, { because = "
    "'y' })\n"
    "  case:send { event = 'go', data = { t = 'later' }, after = '1h', id = 'z' } case:raise('go', { x = { 1 } })\n"
    "  case:ask('tell', { whom = 'y', timeout = '1s' }) end }, on 'done.ask.tell' {}, on 'error.ask.tell' {} },\n"
    "event 'done.ask.tell' { n = integer {} } }\n";

/* Loading is slow where every instruction is looked at. */
static uint64_t each(void) {
	return apl_is_watched() ? 13 : 1;
}

static void loading_fails_whole_at_every_request(void **state) {
	(void)state;
	uint64_t n = 1;
	for (;; n += each()) {
		test_heap heap = {.fail_at = n};
		apl_alloc alloc = test_heap_allocator(&heap);
		apl_alloc system = apl_alloc_system();
		apl_findings findings;
		apl_findings_init(&findings, &system);
		apl_lua_options options = {.path = "book.lua", .source = everything, .source_size = strlen(everything)};
		apl_program *program = NULL;
		aplomb_error error = {0};
		int code = apl_lua_load(&program, &alloc, &options, &findings, &error);
		assert_int_equal(findings.count, 0);
		apl_findings_dispose(&findings);
		if (code == APLOMB_OK) program->ops->free(program->self);
		assert_int_equal(heap.blocks, 0);
		assert_int_equal(heap.bytes, 0);
		if (code == APLOMB_OK && heap.calls < n) break;
		/* Lua may do without what it asked for; otherwise it is told as what it is. */
		if (code != APLOMB_OK) assert_int_equal(code, APLOMB_ENOMEM);
		assert_true(n < 100000);
	}
	print_message("%llu requests\n", (unsigned long long)n - 1);
}

static void a_wrong_playbook_fails_whole_at_every_request(void **state) {
	(void)state;
	static const char source[] = "return playbook 'p' { data = { n = integer { defalt = 1 }, t = text }, event 'go' {}, state 'a' { on "
	                             "'goo' { to = 'b', act = 5 } } }";
	for (uint64_t n = 1;; n += each()) {
		test_heap heap = {.fail_at = n};
		apl_alloc alloc = test_heap_allocator(&heap);
		apl_findings findings;
		apl_findings_init(&findings, &alloc);
		apl_lua_options options = {.path = "book.lua", .source = source, .source_size = strlen(source)};
		apl_program *program = NULL;
		aplomb_error error = {0};
		int code = apl_lua_load(&program, &alloc, &options, &findings, &error);
		apl_findings_dispose(&findings);
		assert_null(program);
		assert_int_equal(heap.blocks, 0);
		assert_true(code == APLOMB_ENOMEM || code == APLOMB_EPLAYBOOK);
		if (heap.calls < n) {
			assert_int_equal(code, APLOMB_EPLAYBOOK);
			break;
		}
	}
}

static void running_without_memory_leaves_nothing(void **state) {
	(void)state;
	for (uint64_t n = 1;; n += each()) {
		book b = {0};
		/* Loading gets what it asks for; then the n-th request fails. */
		book_open(&b, everything, NULL);
		b.heap.calls = 0;
		b.heap.fail_at = n;
		say(&b, "go", "{'x':{'k':[1,2]},'t':'text'}");
		say(&b, "go", "{'x':{'k':[1,2]},'t':'text'}");
		apl_clock_turn(&b.clock, apl_clock_now(&b.clock) + INT64_C(600000000));
		aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
		apl_engine_pump(b.engine, 0, &report, &b.error);
		say(&b, "go", NULL);
		bool is_over = b.heap.calls < n;
		book_close(&b);
		if (is_over) break;
		assert_true(n < 100000);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(loading_fails_whole_at_every_request),
	    cmocka_unit_test(a_wrong_playbook_fails_whole_at_every_request),
	    cmocka_unit_test(running_without_memory_leaves_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
