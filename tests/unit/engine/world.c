/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <string.h>

#include "../data/declare.h"
#include "../test_cmocka.h"
#include "journal/entry.h"
#include "time/instant.h"

/* ---- programs ------------------------------------------------------------- */

/* What ops->free frees. */
typedef struct held_program {
	apl_program program;
	apl_alloc alloc;
	const test_program *spec;
} held_program;

static int guard(void *self, apl_turn *turn, int32_t handler) {
	const test_program *spec = ((held_program *)self)->spec;
	return spec->answer != NULL ? spec->answer(turn, handler) : spec->handlers[handler](turn);
}

static int span(void *self, apl_turn *turn, int32_t handler, aplomb_span *out, apl_span_unit *unit) {
	(void)unit;
	const test_program *spec = ((held_program *)self)->spec;
	if (spec->answer_span == NULL) return spec->spans[handler](turn, out);
	*out = spec->answer_span(turn, handler);
	return APL_PORT_FALSE;
}

static void nothing(void *self, apl_turn *turn) {
	(void)self;
	(void)turn;
}

static void free_schemas(const apl_program *p) {
	apl_schema_free(p->data);
	apl_schema_free(p->params);
	for (uint32_t i = 0; p->events != NULL && i < p->chart->n_events; i++) apl_schema_free(p->events[i]);
	for (uint32_t i = 0; p->effects != NULL && i < p->n_effects; i++) apl_schema_free(p->effects[i].schema);
}

static void free_program(void *self) {
	held_program *held = self;
	apl_program *p = &held->program;
	apl_alloc alloc = held->alloc;
	free_schemas(p);
	if (p->chart != NULL && p->events != NULL) apl_free(&alloc, p->events, p->chart->n_events * sizeof *p->events);
	apl_free(&alloc, p->effects, p->n_effects * sizeof *p->effects);
	for (uint32_t i = 0; p->counters != NULL && i < p->n_counters; i++)
		apl_free(&alloc, (void *)(uintptr_t)p->counters[i].patterns, sizeof(char *));
	apl_free(&alloc, p->counters, p->n_counters * sizeof *p->counters);
	apl_chart_free(p->chart);
	apl_free(&alloc, held, sizeof *held);
}

static const apl_program_ops ops = {.guard = guard, .run = guard, .span = span, .begin = nothing, .end = nothing, .free = free_program};

static void say_finding(const aplomb_finding *finding, void *payload) {
	(void)payload;
	print_error("%s: %s\n", finding->slug, finding->message);
}

static bool make_chart(held_program *held, const test_program *spec) {
	if (spec->chart != NULL) {
		held->program.chart = spec->chart();
		return held->program.chart != NULL;
	}
	const apl_build_options options = {.name = spec->id, .any_event = spec->any_event, .free_targets = spec->free_targets};
	apl_findings findings;
	apl_findings_init(&findings, &held->alloc);
	apl_builder *b = apl_builder_new(&held->alloc, &options);
	bool made = b != NULL;
	for (uint32_t i = 0; i < spec->n_events && made; i++) made = apl_build_event(b, spec->events[i].name, APL_NOWHERE);
	made = made && spec->build(b);
	int code = made ? apl_build_finish(b, &held->program.chart, &findings) : APLOMB_ENOMEM;
	if (code == APLOMB_EPLAYBOOK && !findings.out_of_memory) apl_findings_tell(&findings, say_finding, NULL);
	apl_builder_free(b);
	assert_true(code != APLOMB_EPLAYBOOK || findings.out_of_memory);
	apl_findings_dispose(&findings);
	return code == APLOMB_OK;
}

static bool make_schema(const apl_alloc *alloc, const char *text, apl_schema **out) {
	apl_findings findings;
	apl_findings_init(&findings, alloc);
	int code = declare(alloc, text != NULL ? text : "{}", out, &findings);
	if (code == APLOMB_EPLAYBOOK) apl_findings_tell(&findings, say_finding, NULL);
	assert_int_not_equal(code, APLOMB_EPLAYBOOK);
	apl_findings_dispose(&findings);
	return code == APLOMB_OK;
}

static bool make_events(held_program *held, const test_program *spec) {
	apl_program *p = &held->program;
	p->events = apl_new(&held->alloc, p->chart->n_events * sizeof *p->events);
	if (p->events == NULL) return false;
	for (uint32_t i = 0; i < spec->n_events; i++) {
		if (spec->events[i].schema == NULL) continue;
		int32_t number = apl_chart_event(p->chart, spec->events[i].name, strlen(spec->events[i].name));
		assert_true(number >= 0);
		if (!make_schema(&held->alloc, spec->events[i].schema, &p->events[number])) return false;
	}
	return true;
}

static bool make_effects(held_program *held, const test_program *spec) {
	apl_program *p = &held->program;
	p->n_effects = spec->n_effects;
	p->effects = apl_new(&held->alloc, spec->n_effects * sizeof *p->effects);
	if (p->effects == NULL) return false;
	for (uint32_t i = 0; i < spec->n_effects; i++) {
		p->effects[i].name = spec->effects[i].name;
		if (!make_schema(&held->alloc, spec->effects[i].schema, &p->effects[i].schema)) return false;
	}
	return true;
}

static bool make_counters(held_program *held, const test_program *spec) {
	apl_program *p = &held->program;
	p->n_counters = spec->n_counters;
	p->counters = apl_new(&held->alloc, spec->n_counters * sizeof *p->counters);
	if (p->counters == NULL) return false;
	for (uint32_t i = 0; i < spec->n_counters; i++) {
		const char **patterns = apl_new(&held->alloc, sizeof *patterns);
		if (patterns == NULL) return false;
		*patterns = spec->counters[i].of;
		p->counters[i] = (apl_counter){.name = spec->counters[i].name,
		    .patterns = patterns,
		    .n_patterns = 1,
		    .guard = spec->counters[i].guard,
		    .window = spec->counters[i].window,
		    .place = APL_NOWHERE};
	}
	return true;
}

apl_program *program_new(const apl_alloc *alloc, const test_program *spec) {
	held_program *held = apl_new(alloc, sizeof *held);
	if (held == NULL) return NULL;
	held->alloc = *alloc;
	held->spec = spec;
	apl_program *p = &held->program;
	p->id = spec->id;
	p->source = spec->source != NULL ? spec->source : spec->id;
	p->source_size = strlen(p->source);
	apl_sha256_hex(&(apl_bytes){p->source, p->source_size}, 1, p->hash);
	p->asks_time_in = spec->asks_time_in;
	p->ops = &ops;
	p->self = held;
	if (make_chart(held, spec) && make_schema(alloc, spec->data, &p->data) && make_schema(alloc, spec->params, &p->params) &&
	    make_events(held, spec) && make_effects(held, spec) && make_counters(held, spec)) {
		return p;
	}
	free_program(held);
	return NULL;
}

apl_build_transition_options on(const char *events, const char *targets) {
	return (apl_build_transition_options){
	    .events = events, .targets = targets, .guard = APL_NO_HANDLER, .block = APL_NO_HANDLER, .place = {"desk.lua", 1, 1}};
}

bool state(apl_builder *b, const char *id) {
	return apl_build_begin(b, APL_BUILD_STATE, id, APL_NOWHERE);
}

bool leaf(apl_builder *b, const char *id) {
	return state(b, id) && apl_build_end(b);
}

/* ---- worlds ------------------------------------------------------------------ */

static int take_lines(const char *lines, size_t size, void *payload) {
	world *w = payload;
	w->commits++;
	if (w->commits == w->fail_commit) return 5;
	apl_buf_add(&w->lines, lines, size);
	return 0;
}

static void take_log(const aplomb_log_record *record, void *payload) {
	world *w = payload;
	apl_buf_format(&w->said, "%s %s\n", record->code, record->message);
}

static int take_effect(const aplomb_effect *effect, void *payload) {
	world *w = payload;
	apl_buf_format(&w->effects, "%s %s attempt %u: %.*s%s%s\n", effect->key, effect->kind, effect->attempt, (int)effect->data_size,
	    effect->data, effect->because != NULL ? " because " : "", effect->because != NULL ? effect->because : "");
	if (w->refuse_effects == 0) return 0;
	w->refuse_effects--;
	return 1;
}

bool world_open(world *w, const test_program *spec, const world_options *options) {
	static const world_options plain = {0};
	if (options == NULL) options = &plain;
	uint64_t fail_at = w->heap.fail_at;
	uint32_t fail_commit = w->fail_commit;
	memset(w, 0, sizeof *w);
	w->heap.fail_at = fail_at;
	w->fail_commit = fail_commit;
	w->alloc = test_heap_allocator(&w->heap);
	apl_alloc system = apl_alloc_system();
	apl_buf_init(&w->lines, &system);
	apl_buf_init(&w->said, &system);
	apl_buf_init(&w->receipts, &system);
	apl_buf_init(&w->effects, &system);
	apl_clock_init(&w->clock, NULL, NULL, true);
	apl_clock_turn(&w->clock, NEW_YEAR);
	if (!apl_log_init(&w->log, &system, take_log, w, options->log_level != 0 ? options->log_level : APLOMB_LOG_DEBUG, 100000)) return false;
	w->log.trace_case = options->trace_case;
	const apl_store_memory_options store_options = {.forget = options->forget, .sink = take_lines, .sink_payload = w};
	apl_engine_options engine_options = {
	    .alloc = w->alloc,
	    .log = &w->log,
	    .clock = &w->clock,
	    .time_follows_events = options->time_follows_events,
	    .limits = apl_limits_or_default(options->limits),
	    .snapshot_every = options->snapshot_every,
	    .rehearses = options->rehearses,
	};
	apl_program *program = NULL;
	bool opened = apl_store_memory_open(&engine_options.store, &w->alloc, &store_options, NULL) == APLOMB_OK &&
	              apl_engine_new(&w->engine, &engine_options, NULL) == APLOMB_OK && (program = program_new(&w->alloc, spec)) != NULL &&
	              apl_engine_add(w->engine, program, &program, NULL) == APLOMB_OK &&
	              (options->rehearses || apl_engine_on_effect(w->engine, "*", take_effect, w, NULL) == APLOMB_OK);
	if (!opened) world_close(w);
	return opened;
}

void world_close(world *w) {
	apl_engine_free(w->engine);
	w->engine = NULL;
	apl_alloc system = apl_alloc_system();
	apl_log_dispose(&w->log, &system);
	apl_buf_dispose(&w->lines);
	apl_buf_dispose(&w->said);
	apl_buf_dispose(&w->receipts);
	apl_buf_dispose(&w->effects);
}

void world_end(world *w) {
	world_close(w);
	assert_int_equal(w->heap.blocks, 0);
	assert_int_equal(w->heap.bytes, 0);
}

static void take_receipt(const aplomb_receipt *receipt, void *payload) {
	world *w = payload;
	apl_buf *out = &w->receipts;
	apl_buf_format(out, "%s %s %s %llu", receipt->case_id, receipt->event_id != NULL ? receipt->event_id : "-",
	    aplomb_code_name(receipt->code), (unsigned long long)receipt->seq);
	if (receipt->duplicate) APL_BUF_LITERAL(out, " duplicate");
	if (receipt->unhandled) APL_BUF_LITERAL(out, " unhandled");
	if (receipt->deferred) APL_BUF_LITERAL(out, " deferred");
	if (receipt->faulted) APL_BUF_LITERAL(out, " faulted");
	if (receipt->closed) APL_BUF_LITERAL(out, " closed");
	if (receipt->late_by != 0) apl_buf_format(out, " late %lld", (long long)receipt->late_by);
	if (receipt->message != NULL) apl_buf_format(out, ": %s", receipt->message);
	apl_buf_byte(out, '\n');
}

aplomb_error post_error;

static char *with_double_quotes(const char *text, char *out, size_t size) {
	if (text == NULL) return NULL;
	assert_true(strlen(text) < size);
	for (size_t i = 0; i <= strlen(text); i++) out[i] = text[i] == '\'' ? '"' : text[i];
	return out;
}

int post_as(world *w, const char *id, const char *case_id, const char *event, aplomb_span at, const char *data, const char *open) {
	char data_text[4096], open_text[4096];
	aplomb_event e = APLOMB_EVENT_INIT;
	e.id = id;
	e.case_id = case_id;
	e.playbook = "desk";
	e.name = event;
	e.by = "customer";
	e.has_at = true;
	e.at = NEW_YEAR + at;
	e.data = with_double_quotes(data, data_text, sizeof data_text);
	e.open = with_double_quotes(open, open_text, sizeof open_text);
	if (w->before_post != NULL) w->before_post(w, &e);
	return apl_engine_post(w->engine, &e, take_receipt, w, &post_error);
}

int post(world *w, const char *case_id, const char *event, aplomb_span at, const char *data) {
	return post_as(w, NULL, case_id, event, at, data, NULL);
}

void pump(world *w) {
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	do {
		aplomb_error error;
		int code = apl_engine_pump(w->engine, 0, &report, &error);
		if (code) fail_msg("pump: %s", error.message);
	} while (report.more);
}

void turn_to(world *w, aplomb_span at) {
	assert_true(apl_clock_turn(&w->clock, NEW_YEAR + at));
	pump(w);
}

void happen(world *w, const char *case_id, const char *event, aplomb_span at, const char *data) {
	if (NEW_YEAR + at > w->clock.now) apl_clock_turn(&w->clock, NEW_YEAR + at);
	int code = post(w, case_id, event, at, data);
	if (code) fail_msg("post: %s", post_error.message);
	pump(w);
}

/* ---- looking ------------------------------------------------------------------ */

apl_case *case_of(world *w, const char *id) {
	return apl_engine_case(w->engine, id, strlen(id));
}

const char *states_of(world *w, const char *id) {
	static char out[1024];
	apl_case *c = case_of(w, id);
	if (c == NULL) return "no case";
	const apl_chart *chart = c->program->chart;
	out[0] = '\0';
	for (uint32_t s = 0; s < chart->n_states; s++) {
		if (!apl_set_has(apl_case_configuration(c), s) || (chart->states[s].kind != APL_ATOMIC && chart->states[s].kind != APL_FINAL))
			continue;
		if (out[0] != '\0') strcat(out, " ");
		strcat(out, chart->states[s].path);
	}
	return out;
}

const char *data_of(world *w, const char *id) {
	apl_case *c = case_of(w, id);
	return c != NULL ? as_json(c->program->data, apl_case_data(c), false) : "no case";
}

const char *text_of(apl_buf *buf) {
	return apl_buf_terminate(buf);
}

const char *snapshot_of(world *w, const char *id, bool plain) {
	static char texts[4][65536];
	static unsigned next;
	char *text = texts[next++ % 4];
	apl_alloc system = apl_alloc_system();
	apl_buf out;
	apl_buf_init(&out, &system);
	apl_case *c = case_of(w, id);
	if (c == NULL) return "no case";
	aplomb_error error;
	if (apl_engine_snapshot(w->engine, c, &out, &error)) fail_msg("snapshot: %s", error.message);
	assert_true(out.size < sizeof texts[0]);
	memcpy(text, out.bytes, out.size);
	text[out.size] = '\0';
	char *sha = strstr(text, ",\"sha256\":");
	if (plain) {
		const char *rest = strstr(sha, ",\"status\"");
		memmove(sha, rest, strlen(rest) + 1);
	}
	apl_buf_dispose(&out);
	return text;
}

const char *line_at(world *w, uint32_t n) {
	static char line[65536];
	const char *at = w->lines.bytes, *end = at + w->lines.size;
	for (uint32_t i = 0; at < end; i++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		if (i == n) {
			assert_true((size_t)(newline - at) < sizeof line);
			memcpy(line, at, (size_t)(newline - at));
			line[newline - at] = '\0';
			return line;
		}
		at = newline + 1;
	}
	return NULL;
}

uint32_t count_lines(world *w) {
	uint32_t count = 0;
	for (size_t i = 0; i < w->lines.size; i++) count += w->lines.bytes[i] == '\n';
	return count;
}

const char *last_line(world *w) {
	uint32_t count = count_lines(w);
	return count > 0 ? line_at(w, count - 1) : "";
}

void assert_has(const char *text, const char *part, const char *file, int line) {
	char wanted[4096];
	if (strstr(text, with_double_quotes(part, wanted, sizeof wanted)) != NULL || strstr(text, part) != NULL) return;
	print_error("expected %s\nin %s\n", wanted, text);
	_fail(file, line);
}

void assert_journal(world *w) {
	apl_alloc system = apl_alloc_system();
	apl_journal_reader *reader = apl_journal_reader_new(&system);
	apl_tape tape;
	apl_tape_init(&tape, &system);
	apl_buf again;
	apl_buf_init(&again, &system);
	uint32_t count = count_lines(w);
	const char *at = w->lines.bytes;
	for (uint32_t i = 0; i < count; i++) {
		size_t size = (size_t)((const char *)memchr(at, '\n', 1u << 30) - at);
		aplomb_error error;
		int code = apl_journal_read(reader, at, size, &tape, &error);
		if (code) fail_msg("line %u: %s: %s", i, error.slug, error.message);
		/* Canonical: written again it is the same. */
		apl_buf_clear(&again);
		apl_json_write(&again, &tape, 0);
		if (again.size != size || memcmp(again.bytes, at, size) != 0) fail_msg("line %u is not canonical: %.*s", i, (int)size, at);
		at += size + 1;
	}
	apl_buf_dispose(&again);
	apl_tape_dispose(&tape);
	apl_journal_reader_free(reader);
}
