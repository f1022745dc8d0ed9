/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as the files of a playbook: the playbook itself, and behind lines such as "--- policy.lua" what stands beside it (its policy,
 * its phrases, its modules). What is refused has an error, and every finding is a sentence in valid UTF-8 with a slug. What is accepted is
 * given all its events, and time; its snapshot is taken by another engine with the same version. Whatever it does, nothing is left behind
 * (the sanitizers see to that).
 */
#include <stdint.h>
#include <string.h>

#include "base/assert.h"
#include "base/text.h"
#include "engine/engine.h"
#include "lua/load.h"
#include "time/instant.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_FILES = 8, MOST_EVENTS = 12 };

typedef struct file {
	const char *name, *text;
	size_t name_size, size;
} file;

typedef struct files {
	file all[MOST_FILES]; /* the playbook is the first */
	size_t count;
} files;

/* For inputs that are only about what stands beside a playbook. */
static const char usual[] =
    "return playbook 'p' { params = { n = integer { default = 1, min = 0, max = 9 }, limit = money { default = '1.00 GBP' }, wait = span { "
    "default = '1h' },\n"
    "one = one_of { 'a', 'b', default = 'a' }, l = list { of = text {}, default = { 'x' } }, at = instant {}, f = fields { t = text { max "
    "= 5 } } },\n"
    "data = { who = text { default = 'Ada' }, m = money { default = '2.50 GBP' } }, event 'go' {}, effect 'say' { text = text {} },\n"
    "state 's' { on 'go' { act = function(case) case:effect('say', { text = phrase 'hello' }) for _, id in ipairs(case:phrases {}) do "
    "case:phrase(id) end end } } }";

static void split(const uint8_t *data, size_t size, files *out) {
	static const char mark[] = "\n--- ";
	const char *at = (const char *)data, *end = at + size;
	out->count = 1;
	out->all[0] = (file){"fuzz.lua", at, 8, size};
	for (; out->count < MOST_FILES; out->count++) {
		file *last = &out->all[out->count - 1];
		const char *found = memmem(last->text, (size_t)(end - last->text), mark, sizeof mark - 1);
		if (found == NULL) break;
		const char *name = found + sizeof mark - 1;
		const char *newline = memchr(name, '\n', (size_t)(end - name));
		if (newline == NULL) break;
		last->size = (size_t)(found - last->text);
		out->all[out->count] = (file){name, newline + 1, (size_t)(newline - name), (size_t)(end - newline - 1)};
	}
	if (out->all[0].size == 0) out->all[0] = (file){"fuzz.lua", usual, 8, sizeof usual - 1};
}

static int read_file(void *self, const char *name, size_t most, apl_buf *text, apl_buf *shown, aplomb_error *error) {
	const files *f = self;
	(void)most, (void)error;
	for (size_t i = 1; i < f->count; i++) {
		if (strlen(name) != f->all[i].name_size || memcmp(name, f->all[i].name, f->all[i].name_size) != 0) continue;
		apl_buf_add(text, f->all[i].text, f->all[i].size);
		apl_buf_text(shown, name);
		return text->failed || shown->failed ? APLOMB_ENOMEM : APLOMB_OK;
	}
	return APLOMB_ENOTFOUND;
}

static void list_files(void *self, void (*tell)(const char *name, void *payload), void *payload) {
	(void)self;
	tell("policy.lua", payload);
}

static void check_finding(const aplomb_finding *finding, void *payload) {
	(void)payload;
	size_t size = strlen(finding->message);
	APL_ASSERT(size > 0 && apl_utf8_valid(finding->message, size) == size);
	APL_ASSERT(finding->slug != NULL && finding->slug[0] != '\0');
	APL_ASSERT(finding->file != NULL && apl_utf8_valid(finding->file, strlen(finding->file)) == strlen(finding->file));
}

/* ---- what it does ------------------------------------------------------------------ */

static int no_lines(const char *lines, size_t size, void *payload) {
	(void)lines, (void)size, (void)payload;
	return 0;
}

static void no_log(const aplomb_log_record *record, void *payload) {
	(void)record, (void)payload;
}

typedef struct stage {
	apl_alloc alloc;
	apl_log log;
	apl_clock clock;
	apl_engine *engine;
	apl_program *program;
} stage;

static const aplomb_limits limits = {
    .size = sizeof limits, .instructions = 20000, .memory = 1 << 20, .microsteps = 50, .internal_events = 50, .timers = 20, .data = 4096};

static int load(const files *f, const apl_alloc *alloc, apl_program **out) {
	apl_findings findings;
	apl_findings_init(&findings, alloc);
	const apl_lua_reader reader = {read_file, list_files, (void *)(uintptr_t)f, read_file};
	const apl_lua_options options = {
	    .path = "fuzz.lua", .source = f->all[0].text, .source_size = f->all[0].size, .limits = &limits, .reader = &reader, .examine = true};
	aplomb_error error = {0};
	int code = apl_lua_load(out, alloc, &options, &findings, &error);
	APL_ASSERT(code == APLOMB_OK || code == APLOMB_EPLAYBOOK || code == APLOMB_ELIMIT);
	APL_ASSERT((code == APLOMB_OK) == (findings.errors == 0));
	if (code != APLOMB_OK)
		APL_ASSERT(error.message[0] != '\0' && apl_utf8_valid(error.message, strlen(error.message)) == strlen(error.message));
	apl_findings_tell(&findings, check_finding, NULL);
	apl_findings_dispose(&findings);
	return code;
}

static void open_stage(stage *s, const files *f) {
	aplomb_error error;
	s->alloc = apl_alloc_system();
	apl_clock_init(&s->clock, NULL, NULL, true);
	apl_clock_turn(&s->clock, INT64_C(1767225600000000));
	APL_ASSERT(apl_log_init(&s->log, &s->alloc, no_log, NULL, APLOMB_LOG_DEBUG, 100000));
	apl_program *program = NULL;
	APL_ASSERT(load(f, &s->alloc, &program) == APLOMB_OK);
	const apl_store_memory_options store = {.forget = true, .sink = no_lines};
	apl_engine_options options = {.alloc = s->alloc, .log = &s->log, .clock = &s->clock, .limits = apl_limits_or_default(&limits)};
	APL_ASSERT(apl_store_memory_open(&options.store, &s->alloc, &store, &error) == APLOMB_OK);
	APL_ASSERT(apl_engine_new(&s->engine, &options, &error) == APLOMB_OK);
	APL_ASSERT(apl_engine_add(s->engine, program, &s->program, &error) == APLOMB_OK);
}

static void close_stage(stage *s) {
	apl_engine_free(s->engine);
	apl_log_dispose(&s->log, &s->alloc);
}

static void pump(stage *s) {
	aplomb_error error;
	/* Bounded: what always sends itself something is never quiet. */
	for (int i = 0; i < 4; i++) APL_ASSERT(apl_engine_pump(s->engine, 50, NULL, &error) == APLOMB_OK);
}

static void act(stage *s) {
	const apl_chart *chart = s->program->chart;
	uint32_t posted = 0;
	for (uint32_t i = 0; i < chart->n_events && posted < MOST_EVENTS; i++) {
		if (!chart->events[i].declared) continue;
		aplomb_event event = APLOMB_EVENT_INIT;
		aplomb_error error;
		event.case_id = "c";
		event.playbook = s->program->id;
		event.name = chart->events[i].name;
		posted++;
		apl_engine_post(s->engine, &event, NULL, NULL, &error);
		pump(s);
		apl_clock_turn(&s->clock, apl_clock_now(&s->clock) + APL_HOUR);
		pump(s);
	}
}

static void move_house(stage *from, const files *f) {
	apl_case *c = apl_engine_case(from->engine, "c", 1);
	if (c == NULL || c->seq == 0) return;
	aplomb_error error;
	apl_buf snapshot, again;
	apl_buf_init(&snapshot, &from->alloc);
	apl_buf_init(&again, &from->alloc);
	APL_ASSERT(apl_engine_snapshot(from->engine, c, &snapshot, &error) == APLOMB_OK);
	stage to = {0};
	open_stage(&to, f);
	APL_ASSERT(apl_engine_restore(to.engine, snapshot.bytes, snapshot.size, &error) == APLOMB_OK);
	APL_ASSERT(apl_engine_snapshot(to.engine, apl_engine_case(to.engine, "c", 1), &again, &error) == APLOMB_OK);
	/* But for the hash of lines that the other engine has not seen. */
	const char *hash = memmem(snapshot.bytes, snapshot.size, "\"sha256\":", 9), *other = memmem(again.bytes, again.size, "\"sha256\":", 9);
	APL_ASSERT(hash != NULL && other != NULL && hash - snapshot.bytes == other - again.bytes);
	APL_ASSERT(memcmp(snapshot.bytes, again.bytes, (size_t)(hash - snapshot.bytes)) == 0);
	close_stage(&to);
	apl_buf_dispose(&snapshot);
	apl_buf_dispose(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	files f;
	split(data, size, &f);
	apl_alloc alloc = apl_alloc_system();
	apl_program *program = NULL;
	if (load(&f, &alloc, &program) != APLOMB_OK) return 0;
	program->ops->free(program->self);
	stage s = {0};
	open_stage(&s, &f);
	act(&s);
	move_house(&s, &f);
	close_stage(&s);
	return 0;
}
