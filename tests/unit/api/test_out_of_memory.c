/* SPDX-License-Identifier: MIT */
/*
 * The n-th request for memory fails, for every n of a whole story: open, load, open cases, events by call and as JSON, timers, effects,
 * what is asked of a case, snapshot, restore, replay, close. A call that says ENOMEM is made again, and then the story goes on as if
 * nothing had been: in the end every case's journal is byte for byte that of an undisturbed run. Only when Lua's own request failed in the
 * middle of a step is its case faulted (limit-memory); its journal is the undisturbed one up to that entry, and other cases go on.
 * Nothing is left behind, and no block comes back with another size.
 *
 * The steps between two n are chosen so that the test is quick; APLOMB_EVERY_REQUEST=1 takes every n, in a few minutes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../test_cmocka.h"
#include "../test_heap.h"
#include "../test_rounds.h"
#include "aplomb.h"
#include "journal_lines.h"

/* ---- memory that fails --------------------------------------------------------- */

typedef struct failing {
	test_heap heap;
	uint64_t from, count; /* requests that fail */
} failing;

static void *allocate(void *payload, void *block, size_t old_size, size_t new_size) {
	failing *f = payload;
	bool is_request = new_size > 0 && (block == NULL || new_size > old_size);
	if (is_request && f->heap.calls + 1 >= f->from && f->heap.calls + 1 < f->from + f->count) {
		f->heap.calls++;
		return NULL;
	}
	return test_heap_alloc(&f->heap, block, old_size, new_size);
}

/* ---- stories ---------------------------------------------------------------------- */

typedef struct story {
	const char *name;
	const char *path;   /* of a file, or NULL */
	const char *source; /* otherwise */
	bool is_scxml;
	const char *also;         /* the playbook that it invokes, or NULL: what one case lacks the other hears of */
	const char *const *lines; /* envelopes; "+N" turns the clock on by N minutes; "!NAME" steps that event, which is known, in case "a" */
	unsigned steps;           /* how many n are tried, without APLOMB_EVERY_REQUEST */
} story;

static const char everything[] =
    "local function add(case, event) local d = case.data d.n = d.n + 1 d.l = { 'a', event.t or 'b' } d.x = event.x "
    "  local s = ('long '):rep(80) .. d.n d.t = s:upper():sub(1, 60) end\n"
    "return playbook 'everything' { title = 'All of it',\n"
    "params = { wait = span { default = '10m' }, tags = list { of = text {}, default = { 'a' } } },\n"
    "data = { n = integer { default = 0 }, l = list { of = text {} }, x = any {}, t = text {}, m = money { default = '1.00 GBP' }, a = "
    "fields { b "
    "= text { default = 'b' } } },\n"
    "event 'go' { x = any {}, t = text {} }, event 'keep' {}, effect 'tell' { whom = text {}, more = list {} }, counter 'c' { of = 'go', "
    "window = "
    "'1h' },\n"
    "state 's' { initial = { to = 'a', act = function(case) case:log('info', 'opened', { at = case.now }) end },\n"
    "  state 'a' { entry(function(case) case.data.a.b = 'entered' end), on 'keep' { defer = true }, on 'go' { { to = 'b', when = "
    "\"count('c') > 2\" "
    "}, { act = add } },\n"
    "    every '3m' { act = 'data.n = data.n + 1' } },\n"
    "  state 'b' { on 'keep' { act = 'data.n = 100' }, on 'go' { act = function(case, event) error('on purpose') end } },\n"
    "  after(from 'params.wait') { to = 't', because = 'it took too long' } },\n"
    "state 't' { on 'error.ask.tell' { to = 'o' }, on { 'go', 'error.*' } { act = function(case, event) case:effect('tell', { whom = 'x', "
    "more = { 1, { 2 } } }, { because = 'y' })\n"
    "  case:send { event = 'go', data = { t = 'later' }, after = '1h', id = 'z' } case:send { event = 'keep' }\n"
    "  case:ask('tell', { whom = 'y', timeout = '1s' }) end }, on 'done.ask.tell' { to = 'o' } },\n"
    "event 'done.ask.tell' { n = integer {} }, final 'o' { outcome = 'over' } }\n";
static const char *const everything_lines[] = {"{\"case\":\"a\",\"playbook\":\"everything\",\"event\":\"go\",\"id\":\"1\",\"data\":{\"x\":{"
                                               "\"k\":[1,2.5,null]},\"t\":\"text\"},\"open\":{\"data\":{\"n\":"
                                               "3},\"params\":{\"wait\":\"20m\"},\"history\":[{\"a\":1}],\"locale\":\"en\"}}",
    "{\"case\":\"b\",\"playbook\":\"everything\",\"event\":\"go\",\"id\":\"2\",\"subject\":\"Ada\",\"data\":{\"x\":[1,[2,[3]]]}}",
    "{\"case\":\"a\",\"event\":\"keep\",\"id\":\"3\"}", "{\"case\":\"b\",\"event\":\"go\",\"id\":\"4\"}",
    "{\"case\":\"b\",\"event\":\"go\",\"id\":\"5\"}", "+4", "{\"case\":\"a\",\"event\":\"go\",\"id\":\"6\",\"by\":\"agent:1\"}",
    "{\"case\":\"a\",\"event\":\"go\",\"id\":\"7\"}", "{\"case\":\"a\",\"event\":\"nothing\",\"id\":\"8\"}", "+30",
    "{\"case\":\"b\",\"event\":\"go\",\"id\":\"9\",\"data\":{\"t\":\"t\"}}", "+90", NULL};

static const char plain[] =
    "return playbook 'plain' { data = { n = integer { default = 0 }, at = instant {} }, event 'go' { n = integer {} }, event "
    "'stop' {},\n"
    "parallel 'p' { on 'stop' { to = 'over' }, state 'l' { state 'one' { on 'go' { to = 'two', when = 'event.n > 1', act = "
    "'data.n = event.n' } }, state 'two' { after '5m' { to = 'one' } } },\n"
    "  state 'r' { state 'x' { on 'go' { to = 'y' } }, state 'y' { on 'go' { to = 'x' } } } }, final 'over' {} }\n";
static const char *const plain_lines[] = {"{\"case\":\"a\",\"playbook\":\"plain\",\"event\":\"go\",\"id\":\"1\",\"data\":{\"n\":5}}",
    "{\"case\":\"b\",\"playbook\":\"plain\",\"event\":\"go\",\"id\":\"2\",\"data\":{\"n\":1}}", "+6",
    "{\"case\":\"a\",\"event\":\"go\",\"id\":\"3\"}", "{\"case\":\"b\",\"event\":\"stop\",\"id\":\"4\"}", NULL};

static const char document[] =
    "<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" version=\"1.0\" datamodel=\"lua\" name=\"doc\" initial=\"a\"><datamodel><data "
    "id=\"n\" "
    "expr=\"1\"/></datamodel>\n"
    "<state id=\"a\"><onentry><assign location=\"n\" expr=\"n + 1\"/><send event=\"later\" delay=\"2s\"/></onentry><transition "
    "event=\"go\" cond=\"n "
    "&gt; 1\" target=\"p\"/><transition event=\"later\"><script>n = n * 2</script></transition></state>\n"
    "<parallel id=\"p\"><state id=\"p1\"><transition event=\"go\" target=\"f\"/></state><state id=\"p2\"><onentry><raise "
    "event=\"in\"/></onentry>"
    "<transition event=\"in\"><assign location=\"n\" expr=\"_event.name\"/></transition></state></parallel><final id=\"f\"/></scxml>\n";
static const char *const document_lines[] = {"{\"case\":\"a\",\"playbook\":\"doc\",\"event\":\"go\",\"id\":\"1\"}",
    "{\"case\":\"b\",\"playbook\":\"doc\",\"event\":\"go\",\"id\":\"2\"}", "+1", "{\"case\":\"a\",\"event\":\"go\",\"id\":\"3\"}", NULL};

static const char *const late_lines[] = {"{\"case\":\"a\",\"playbook\":\"late-delivery\",\"event\":\"customer.message\",\"id\":\"1\","
                                         "\"by\":\"customer\",\"data\":{\"text\":\"Where is it? You are "
                                         "useless!\",\"tone\":-0.9,\"abusive\":true},\"open\":{\"data\":{\"order\":\"A-17\"}}}",
    "+5", "{\"case\":\"a\",\"event\":\"customer.message\",\"id\":\"2\",\"by\":\"customer\",\"data\":{\"text\":\"Hello?\"}}", "+200", NULL};

/* The child is called "b", for it begins with the entry of that number. */
static const char parent[] =
    "return playbook 'parent' { data = { n = integer { default = 0 } }, event 'go' {}, event 'answer' { n = integer {} },\n"
    "event 'done.invoke.c' { n = integer {} },\n"
    "state 'idle' { on 'go' { to = 'asking' } },\n"
    "state 'asking' { invoke 'child' { id = 'c', data = { n = 3 }, autoforward = true }, on 'answer' { act = function(case, event)\n"
    "  case.data.n = event.n case:send { event = 'answer', data = { n = 1 }, to = 'child:c' } end },\n"
    "  on 'done.invoke.c' { to = 'again', act = 'data.n = event.n' }, on 'error.invoke.c' { to = 'over' } },\n"
    "state 'again' { invoke 'child' { id = 'd', data = { n = 4 } }, on 'go' { to = 'over' } }, final 'over' {} }\n";
static const char child[] =
    "return playbook 'child' { data = { n = integer { required = true } }, event 'answer' { n = integer {} }, event 'go' {},\n"
    "state 's' { entry(function(case) case:send { event = 'answer', data = { n = case.data.n }, to = 'parent' } end),\n"
    "  on 'answer' { act = 'data.n = event.n' }, on 'go' { to = 'f' }, after '2h' { to = 'f' } },\n"
    "final 'f' { donedata = function(case) return { n = case.data.n } end } }\n";
static const char *const parent_lines[] = {"{\"case\":\"a\",\"playbook\":\"parent\",\"event\":\"go\",\"id\":\"1\"}", "+1",
    "{\"case\":\"a\",\"event\":\"go\",\"id\":\"2\"}", "+1", "!go", "+1", NULL};

static const char hours[] =
    "return playbook 'hours' { data = { n = integer { default = 0 } }, params = { wait = span { default = '4 business hours' } },\n"
    "calendar 'c' { zone = 'Europe/London', week = { ['mon-fri'] = '08:00-17:00' }, holidays = { ['2026-01-01'] = 'New Year' } },\n"
    "event 'go' {}, counter 'k' { of = 'go', window = '2 business days' },\n"
    "state 's' { on 'go' { act = \"data.n = count('k')\" }, every '1 business hour' { act = 'data.n = data.n + 1' },\n"
    "  after(from 'params.wait') { to = 't' } }, state 't' { after '2 business days' { to = 'over' } }, final 'over' {} }\n";
static const char *const hours_lines[] = {"{\"case\":\"a\",\"playbook\":\"hours\",\"event\":\"go\",\"id\":\"1\"}", "+1800",
    "{\"case\":\"b\",\"playbook\":\"hours\",\"event\":\"go\",\"id\":\"2\",\"open\":{\"params\":{\"wait\":\"1 business day\"}}}", "!go",
    "+9000", NULL};

static const story stories[] = {{"everything", NULL, everything, false, NULL, everything_lines, 160},
    {"plain", NULL, plain, false, NULL, plain_lines, 80}, {"document", NULL, document, true, NULL, document_lines, 80},
    {"late-delivery", "playbooks/late-delivery/playbook.lua", NULL, false, NULL, late_lines, 12},
    {"parent", NULL, parent, false, child, parent_lines, 60}, {"hours", NULL, hours, false, NULL, hours_lines, 40}};

/* ---- a story told ----------------------------------------------------------------- */

enum { RETRIES = 40 };

typedef struct told {
	journal cases[2];
	uint64_t again; /* calls that said ENOMEM and were made again */
	bool faulted[2];
} told;

static const char *const plain_ids[2] = {"a", "b"}, *const family_ids[2] = {"a", "a/c.2"};
static const char *const *ids_of(const story *s) {
	return s->also != NULL ? family_ids : plain_ids;
}

/* Makes the call until it does not say ENOMEM. */
#define AGAIN(t, code, call)                                                                                                               \
	do {                                                                                                                                   \
		int retries = 0;                                                                                                                   \
		memset(&error, 0, sizeof error);                                                                                                   \
		while ((code = (call)) == APLOMB_ENOMEM) {                                                                                         \
			assert_true(retries++ < RETRIES);                                                                                              \
			assert_int_equal(error.code, APLOMB_ENOMEM);                                                                                   \
			(t)->again++;                                                                                                                  \
		}                                                                                                                                  \
	} while (0)

static int take_effect(const aplomb_effect *effect, void *payload) {
	(void)effect, (void)payload;
	return 0;
}

static aplomb_runtime *open_runtime(failing *f, told *t, bool is_rehearsal) {
	const aplomb_allocator allocator = {allocate, f};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_runtime *rt = NULL;
	aplomb_error error;
	int code;
	options.allocator = &allocator;
	options.time_follows_events = true;
	options.rehearsal = is_rehearsal;
	options.coverage = true;
	AGAIN(t, code, aplomb_open(&rt, &options, &error));
	assert_int_equal(code, APLOMB_OK);
	if (!is_rehearsal) AGAIN(t, code, aplomb_on_effect(rt, "*", take_effect, NULL, &error));
	assert_int_equal(code, APLOMB_OK);
	AGAIN(t, code, aplomb_turn_clock(rt, INT64_C(1767225600000000), &error));
	return rt;
}

static void load(aplomb_runtime *rt, const story *s, told *t, aplomb_playbook **out) {
	aplomb_error error;
	int code;
	aplomb_load_options options = APLOMB_LOAD_OPTIONS_INIT;
	options.path = s->path != NULL ? s->path : s->is_scxml ? "doc.scxml" : "book.lua";
	options.source = s->source;
	options.source_size = s->source != NULL ? strlen(s->source) : 0;
	options.examine = true;
	if (s->also != NULL) {
		aplomb_load_options also = APLOMB_LOAD_OPTIONS_INIT;
		also.path = "also.lua";
		also.source = s->also;
		also.source_size = strlen(s->also);
		AGAIN(t, code, aplomb_load(rt, &also, out, &error));
		assert_int_equal(code, APLOMB_OK);
	}
	if (s->is_scxml) {
		char *text;
		size_t size;
		AGAIN(t, code, aplomb_import_scxml(rt, &options, &text, &size, &error));
		if (code != APLOMB_OK) fail_msg("%s: %s", s->name, error.message);
		aplomb_text_free(rt, text);
	}
	AGAIN(t, code, aplomb_load(rt, &options, out, &error));
	if (code != APLOMB_OK) fail_msg("%s: %u: %s", s->name, error.line, error.message);
}

static void pump(aplomb_runtime *rt, told *t) {
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	aplomb_error error;
	int code;
	do {
		AGAIN(t, code, aplomb_pump(rt, 0, &report, &error));
		assert_int_equal(code, APLOMB_OK);
	} while (report.more);
}

/* An event without data whose case and name are looked up once. */
static void step(aplomb_runtime *rt, aplomb_playbook *playbook, const char *name, told *t) {
	aplomb_error error;
	int code;
	aplomb_known_event event = APLOMB_KNOWN_EVENT_INIT;
	AGAIN(t, code, aplomb_case_find(rt, "a", &event.the_case, &error));
	if (code == APLOMB_ENOTFOUND) return;
	AGAIN(t, code, aplomb_event_kind_find(rt, playbook, name, NULL, 0, &event.kind, &error));
	assert_int_equal(code, APLOMB_OK);
	AGAIN(t, code, aplomb_step(rt, &event, NULL, &error));
	assert_true(code == APLOMB_OK || code == APLOMB_EFAULTED || code == APLOMB_EREFUSED);
}

static void ignore_text(const char *text, void *payload) {
	(void)text, (void)payload;
}

static void ignore_considered(const aplomb_considered *considered, void *payload) {
	(void)considered, (void)payload;
}

/* What may be asked of a case, and changes nothing. */
static void ask(aplomb_runtime *rt, aplomb_playbook *playbook, const char *id, told *t) {
	aplomb_error error;
	char *text;
	size_t size;
	int code;
	aplomb_case_handle handle;
	AGAIN(t, code, aplomb_case_data(rt, id, &text, &size, &error));
	if (code == APLOMB_OK) aplomb_text_free(rt, text);
	AGAIN(t, code, aplomb_case_find(rt, id, &handle, &error));
	aplomb_case_states(rt, id, ignore_text, NULL);
	AGAIN(t, code, aplomb_case_consider(rt, id, ignore_considered, NULL, &error));
	aplomb_event event = APLOMB_EVENT_INIT;
	aplomb_tried tried = APLOMB_TRIED_INIT;
	event.case_id = id;
	event.name = "go";
	AGAIN(t, code, aplomb_try(rt, &event, NULL, &tried, &error));
	aplomb_expression *expression;
	AGAIN(t, code, aplomb_expression_read(rt, playbook, "case.now + 1", 0, &expression, &error));
	if (code != APLOMB_OK) return;
	aplomb_answer answer = APLOMB_ANSWER_INIT;
	AGAIN(t, code, aplomb_expression_answer(expression, id, NULL, 0, &answer, &error));
	aplomb_expression_free(expression);
}

static void draw(aplomb_runtime *rt, aplomb_playbook *playbook, told *t) {
	aplomb_error error;
	char *text;
	size_t size;
	int code;
	AGAIN(t, code, aplomb_playbook_draw(rt, playbook, NULL, &text, &size, &error));
	if (code == APLOMB_OK) aplomb_text_free(rt, text);
}

/* The case as it is, put back elsewhere: what comes out is its snapshot again. */
static void restore_elsewhere(failing *f, aplomb_runtime *rt, const story *s, told *t) {
	aplomb_error error;
	aplomb_playbook *playbook;
	aplomb_runtime *other = open_runtime(f, t, false);
	load(other, s, t, &playbook);
	for (int i = 0; i < 2; i++) {
		char *snapshot, *again;
		size_t size, again_size;
		int code;
		AGAIN(t, code, aplomb_case_snapshot(rt, ids_of(s)[i], &snapshot, &size, &error));
		if (code == APLOMB_ENOTFOUND) continue;
		assert_int_equal(code, APLOMB_OK);
		AGAIN(t, code, aplomb_case_restore(other, snapshot, size, &error));
		if (code != APLOMB_OK) fail_msg("%s: %s", s->name, error.message);
		AGAIN(t, code, aplomb_case_snapshot(other, ids_of(s)[i], &again, &again_size, &error));
		assert_int_equal(code, APLOMB_OK);
		char *hash = strstr(snapshot, "\"sha256\":");
		assert_non_null(hash);
		assert_memory_equal(snapshot, again, (size_t)(hash - snapshot));
		aplomb_text_free(other, again);
		aplomb_text_free(rt, snapshot);
	}
	aplomb_close(other);
}

static void replay(failing *f, const story *s, told *t) {
	aplomb_error error;
	aplomb_playbook *playbook;
	aplomb_runtime *rt = open_runtime(f, t, true);
	load(rt, s, t, &playbook);
	for (int i = 0; i < 2; i++) {
		for (size_t n = 0; n < t->cases[i].count; n++) {
			const char *line = t->cases[i].line[n];
			/* Memory that the host had not then it may have now, and the other way round: there this case's story ends. */
			if (t->faulted[i] && strstr(line, "\"limit-memory\"") != NULL) break;
			aplomb_replayed replayed = APLOMB_REPLAYED_INIT;
			int code;
			AGAIN(t, code, aplomb_replay(rt, s->also != NULL ? NULL : playbook, line, strlen(line), &replayed, &error));
			if (code != APLOMB_OK) fail_msg("%s: replay: %s", s->name, error.message);
			if (replayed.same) continue;
			if (strstr(replayed.text, "\"limit-memory\"") == NULL) fail_msg("recorded %s\nproduced %s", line, replayed.text);
			break;
		}
	}
	aplomb_moment *moment;
	int code;
	AGAIN(t, code, aplomb_moment_keep(rt, "a", &moment, &error));
	if (code == APLOMB_OK) {
		AGAIN(t, code, aplomb_moment_return(rt, moment, &error));
		aplomb_moment_free(moment);
	} else {
		/* It faulted before it was open. */
		assert_true(code == APLOMB_ENOTFOUND && t->faulted[0]);
		code = APLOMB_OK;
	}
	assert_int_equal(code, APLOMB_OK);
	AGAIN(t, code, aplomb_case_run(rt, "a", "local x = { case.now } case:log('info', 'tried', { n = #x })", 0, NULL, &error));
	assert_true(code != APLOMB_ESTORE && code != APLOMB_EBUSY);
	aplomb_close(rt);
}

/* false: a call lacked memory, and the verifier is gone. */
static bool verify_once(failing *f, const story *s, told *t) {
	const aplomb_allocator allocator = {allocate, f};
	aplomb_verifier_options options = APLOMB_VERIFIER_OPTIONS_INIT;
	aplomb_verifier *verifier;
	aplomb_error error = {0};
	aplomb_verified verified = APLOMB_VERIFIED_INIT;
	uint64_t number = 0;
	options.allocator = &allocator;
	int code = aplomb_verifier_open(&verifier, &options, &error);
	if (code == APLOMB_ENOMEM) return false;
	assert_int_equal(code, APLOMB_OK);
	for (int which = s->also != NULL ? 0 : 1; which < 2 && code == APLOMB_OK; which++) {
		aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
		load.path = which == 0 ? "also.lua" : s->path != NULL ? s->path : "book.lua";
		load.source = which == 0 ? s->also : s->source;
		load.source_size = load.source != NULL ? strlen(load.source) : 0;
		code = aplomb_verifier_load(verifier, &load, NULL, &error);
	}
	for (int i = 0; i < 2 && code == APLOMB_OK; i++) {
		for (size_t n = 0; n < t->cases[i].count && code == APLOMB_OK; n++)
			code = aplomb_verify(verifier, t->cases[i].line[n], strlen(t->cases[i].line[n]), ++number, &error);
	}
	if (code == APLOMB_OK) code = aplomb_verifier_end(verifier, &verified, &error);
	aplomb_verifier_close(verifier);
	t->again += code == APLOMB_ENOMEM;
	/* A step of the verifier's may lack what the recorded one had. */
	assert_true(code == APLOMB_OK || code == APLOMB_ENOMEM || code == APLOMB_EDIFFERS);
	return code == APLOMB_OK;
}

/* The same by a verifier, which has runtimes of its own. One that lacked memory is closed, and another one begins. */
static void verify(failing *f, const story *s, told *t) {
	int retries = 0;
	if (s->is_scxml || t->faulted[0] || t->faulted[1]) return;
	while (!verify_once(f, s, t)) assert_true(retries++ < RETRIES);
}

static void tell(failing *f, const story *s, told *t) {
	aplomb_error error;
	aplomb_playbook *playbook;
	int code;
	memset(t, 0, sizeof *t);
	aplomb_runtime *rt = open_runtime(f, t, false);
	load(rt, s, t, &playbook);
	draw(rt, playbook, t);
	for (size_t i = 0; s->lines[i] != NULL; i++) {
		const char *line = s->lines[i];
		const aplomb_instant then = aplomb_now(rt) + (line[0] == '+' ? strtol(line + 1, NULL, 10) * INT64_C(60000000) : 0);
		if (line[0] == '+')
			AGAIN(t, code, aplomb_turn_clock(rt, then, &error));
		else if (line[0] == '!')
			step(rt, playbook, line + 1, t);
		else
			AGAIN(t, code, aplomb_post_json(rt, line, strlen(line), NULL, NULL, &error));
		pump(rt, t);
	}
	for (int i = 0; i < 2; i++) {
		aplomb_case_info info = APLOMB_CASE_INFO_INIT;
		if (aplomb_case_get(rt, ids_of(s)[i], &info, NULL) != APLOMB_OK) continue;
		t->faulted[i] = info.status == APLOMB_CASE_FAULTED;
		ask(rt, playbook, ids_of(s)[i], t);
		do {
			journal_drop(&t->cases[i]);
			code = aplomb_journal_each(rt, ids_of(s)[i], journal_keep, &t->cases[i], &error);
		} while (code == APLOMB_ENOMEM);
		assert_int_equal(code, APLOMB_OK);
	}
	restore_elsewhere(f, rt, s, t);
	replay(f, s, t);
	verify(f, s, t);
	aplomb_close(rt);
	assert_int_equal(f->heap.blocks, 0);
	assert_int_equal(f->heap.bytes, 0);
}

/* ---- every n ------------------------------------------------------------------------- */

static void expect_like(const story *s, uint64_t n, const told *undisturbed, const told *t) {
	/* Of a family the others hear that one is faulted. */
	if (s->also != NULL && (t->faulted[0] || t->faulted[1])) return;
	for (int i = 0; i < 2; i++) {
		const journal *a = &undisturbed->cases[i], *b = &t->cases[i];
		size_t alike = 0;
		while (alike < a->count && alike < b->count && strcmp(a->line[alike], b->line[alike]) == 0) alike++;
		if (alike == a->count && alike == b->count) continue;
		bool lacked = t->faulted[i] && alike + 1 == b->count && strstr(b->line[alike], "\"limit-memory\"") != NULL;
		/* What was refused afterwards, because the case is faulted, is written down, too. */
		for (size_t k = alike; t->faulted[i] && k < b->count && !lacked; k++)
			lacked = strstr(b->line[k], "\"limit-memory\"") != NULL && k == alike;
		if (!lacked)
			fail_msg("%s, request %llu: case %s differs\nundisturbed %s\ndisturbed   %s", s->name, (unsigned long long)n, ids_of(s)[i],
			    alike < a->count ? a->line[alike] : "(nothing)", alike < b->count ? b->line[alike] : "(nothing)");
	}
}

static void fails_whole_and_goes_on(void **state) {
	const story *s = *state;
	failing f = {.from = UINT64_MAX};
	told undisturbed;
	tell(&f, s, &undisturbed);
	assert_int_equal(undisturbed.again, 0);
	const uint64_t requests = f.heap.calls;
	const bool is_thorough = getenv("APLOMB_EVERY_REQUEST") != NULL;
	const unsigned steps = APL_ROUNDS(s->steps, s->steps / 50 + 1);
	uint64_t stride = is_thorough ? 1 : requests / steps + 1, tried = 0, faulted = 0, again = 0;
	/* One that fails alone, and all of a while. */
	static const uint64_t counts[] = {1, 30};
	for (int which = 0; which < 2; which++) {
		for (uint64_t n = 1 + (is_thorough ? 0 : (uint64_t)which * (stride / 2)); n <= requests; n += stride) {
			told t;
			f = (failing){.from = n, .count = counts[which]};
			tell(&f, s, &t);
			expect_like(s, n, &undisturbed, &t);
			tried++;
			faulted += t.faulted[0] || t.faulted[1];
			again += t.again;
			for (int i = 0; i < 2; i++) journal_drop(&t.cases[i]);
		}
	}
	for (int i = 0; i < 2; i++) journal_drop(&undisturbed.cases[i]);
	assert_true(again > 0);
	print_message("%s: %llu requests; %llu stories with failures, %llu calls made again, %llu stories with a faulted case\n", s->name,
	    (unsigned long long)requests, (unsigned long long)tried, (unsigned long long)again, (unsigned long long)faulted);
}

int main(void) {
	struct CMUnitTest tests[sizeof stories / sizeof *stories];
	for (size_t i = 0; i < sizeof stories / sizeof *stories; i++)
		tests[i] = (struct CMUnitTest){stories[i].name, fails_whole_and_goes_on, NULL, NULL, (void *)(uintptr_t)&stories[i]};
	return _cmocka_run_group_tests("out of memory", tests, sizeof tests / sizeof *tests, NULL, NULL);
}
