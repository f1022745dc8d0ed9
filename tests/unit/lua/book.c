/* SPDX-License-Identifier: MIT */
#include "book.h"

#include <stdio.h>
#include <string.h>

static int take_lines(const char *lines, size_t size, void *payload) {
	apl_buf_add(&((book *)payload)->lines, lines, size);
	return 0;
}

static void take_log(const aplomb_log_record *record, void *payload) {
	(void)record;
	(void)payload;
}

static void take_finding(const aplomb_finding *finding, void *payload) {
	if (strcmp(finding->file, "book.lua") != 0) apl_buf_format(payload, "%s:", finding->file);
	apl_buf_format(payload, "%u %s%s: %s\n", (unsigned)finding->line,
	    finding->severity == APLOMB_ERROR     ? ""
	    : finding->severity == APLOMB_WARNING ? "(warning) "
	                                          : "(note) ",
	    finding->slug, finding->message);
}

static int take_effect(const aplomb_effect *effect, void *payload) {
	(void)effect;
	(void)payload;
	return 0;
}

/* ---- files ------------------------------------------------------------------------------- */

static int read_file(void *self, const char *name, size_t most, apl_buf *text, apl_buf *shown, aplomb_error *error) {
	(void)most;
	for (const book_file *file = self; file != NULL && file->name != NULL; file++) {
		if (strcmp(file->name, name) != 0) continue;
		if (file->text == NULL) return apl_fail(error, APLOMB_EIO, "file-unreadable", "cannot read %s: the disk is gone", name);
		apl_buf_text(text, file->text);
		apl_buf_text(shown, "folder/");
		apl_buf_text(shown, name);
		return APLOMB_OK;
	}
	return APLOMB_ENOTFOUND;
}

static void list_files(void *self, void (*tell)(const char *name, void *payload), void *payload) {
	for (const book_file *file = self; file != NULL && file->name != NULL; file++) tell(file->name, payload);
}

static int load(book *b, const char *source, const aplomb_limits *limits, apl_program **program) {
	apl_alloc system = apl_alloc_system();
	apl_findings findings;
	apl_findings_init(&findings, &system);
	apl_lua_options options = {.path = "book.lua", .source = source, .source_size = strlen(source), .limits = limits};
	const apl_lua_reader reader = {read_file, list_files, (void *)(uintptr_t)b->files, read_file};
	options.reader = &reader;
	options.params = b->params;
	options.params_size = b->params != NULL ? strlen(b->params) : 0;
	options.params_path = "params";
	int code = apl_lua_load(program, &b->alloc, &options, &findings, &b->error);
	apl_findings_tell(&findings, take_finding, &b->found);
	apl_findings_dispose(&findings);
	return code;
}

static int open_engine(book *b, apl_program *program, const aplomb_limits *limits) {
	const apl_store_memory_options store_options = {
	    .forget = true, .sink = take_lines, .sink_payload = b}; /* what the sink was handed is enough */
	apl_engine_options options = {.alloc = b->alloc, .log = &b->log, .clock = &b->clock, .limits = apl_limits_or_default(limits)};
	int code = apl_store_memory_open(&options.store, &b->alloc, &store_options, &b->error);
	if (code != APLOMB_OK) {
		program->ops->free(program->self);
		return code;
	}
	code = apl_engine_new(&b->engine, &options, &b->error);
	if (code != APLOMB_OK) {
		program->ops->free(program->self);
		return code;
	}
	code = apl_engine_add(b->engine, program, &b->program, &b->error);
	if (code == APLOMB_OK) code = apl_engine_on_effect(b->engine, "*", take_effect, NULL, &b->error);
	return code;
}

int book_try(book *b, const char *source, const aplomb_limits *limits) {
	uint64_t fail_at = b->heap.fail_at;
	const book_file *files = b->files;
	const char *params = b->params;
	apl_alloc system = apl_alloc_system();
	memset(b, 0, sizeof *b);
	b->heap.fail_at = fail_at;
	b->files = files;
	b->params = params;
	b->alloc = test_heap_allocator(&b->heap);
	apl_buf_init(&b->lines, &system);
	apl_buf_init(&b->found, &system);
	apl_clock_init(&b->clock, NULL, NULL, true);
	apl_clock_turn(&b->clock, NEW_YEAR);
	assert_true(apl_log_init(&b->log, &system, take_log, b, APLOMB_LOG_DEBUG, 100000));
	apl_program *program = NULL;
	int code = load(b, source, limits, &program);
	if (code != APLOMB_OK) {
		assert_null(program);
		return code;
	}
	return open_engine(b, program, limits);
}

void book_open(book *b, const char *source, const aplomb_limits *limits) {
	b->heap.fail_at = 0;
	int code = book_try(b, source, limits);
	apl_buf_terminate(&b->found);
	if (code != APLOMB_OK) fail_msg("the playbook does not load: %s (%s)\n%s", aplomb_code_name(code), b->error.message, b->found.bytes);
}

void book_close(book *b) {
	apl_alloc system = apl_alloc_system();
	apl_engine_free(b->engine);
	b->engine = NULL;
	apl_log_dispose(&b->log, &system);
	apl_buf_dispose(&b->lines);
	apl_buf_dispose(&b->found);
	assert_int_equal(b->heap.blocks, 0);
	assert_int_equal(b->heap.bytes, 0);
}

const char *findings_of(const char *source) {
	return findings_among(source, NULL);
}

const char *findings_among(const char *source, const book_file *files) {
	static char text[16384];
	book b = {.files = files};
	apl_program *program = NULL;
	apl_alloc system = apl_alloc_system();
	b.alloc = test_heap_allocator(&b.heap);
	apl_buf_init(&b.found, &system);
	int code = load(&b, source, NULL, &program);
	if (code == APLOMB_OK) program->ops->free(program->self);
	snprintf(text, sizeof text, "%s", apl_buf_terminate(&b.found));
	apl_buf_dispose(&b.found);
	assert_int_equal(b.heap.blocks, 0);
	return text;
}

/* ---- speaking ---------------------------------------------------------------------------- */

static char *double_quotes(const char *text) {
	if (text == NULL) return NULL;
	char *copy = strdup(text);
	for (char *c = copy; *c != '\0'; c++) {
		if (*c == '\'') *c = '"';
	}
	return copy;
}

static const char *single_quotes(char *text) {
	for (char *c = text; *c != '\0'; c++) {
		if (*c == '"') *c = '\'';
	}
	return text;
}

int say_opening(book *b, const char *name, const char *data, const char *open) {
	char *json = double_quotes(data);
	char *opening = double_quotes(open);
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = "c";
	event.playbook = b->program->id;
	event.name = name;
	event.by = "customer";
	event.data = json;
	event.open = opening;
	int code = apl_engine_post_wait(b->engine, &event, &b->receipt, &b->error);
	while (code == APLOMB_OK) {
		aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
		if (apl_engine_pump(b->engine, 0, &report, &b->error) != APLOMB_OK || !report.more) break;
	}
	free(json);
	free(opening);
	return code;
}

int say(book *b, const char *name, const char *data) {
	return say_opening(b, name, data, NULL);
}

void wait_for(book *b, aplomb_span span) {
	assert_true(apl_clock_turn(&b->clock, apl_clock_now(&b->clock) + span));
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	do {
		assert_int_equal(apl_engine_pump(b->engine, 0, &report, &b->error), APLOMB_OK);
	} while (report.more);
}

static apl_case *the_case(book *b) {
	apl_case *c = apl_engine_case(b->engine, "c", 1);
	assert_non_null(c);
	return c;
}

const char *data_of(book *b) {
	static char text[65536];
	apl_alloc system = apl_alloc_system();
	apl_buf out;
	apl_buf_init(&out, &system);
	apl_record_write(&out, b->program->data, apl_case_data(the_case(b)), false);
	snprintf(text, sizeof text, "%s", apl_buf_terminate(&out));
	apl_buf_dispose(&out);
	return single_quotes(text);
}

const char *states_of(book *b) {
	static char text[1024];
	const apl_chart *chart = b->program->chart;
	const uint64_t *configuration = apl_case_configuration(the_case(b));
	size_t used = 0;
	text[0] = '\0';
	for (uint32_t i = 0; i < chart->n_states; i++) {
		if (!apl_set_has(configuration, i) || (chart->states[i].kind != APL_ATOMIC && chart->states[i].kind != APL_FINAL)) continue;
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used > 0 ? " " : "", chart->states[i].path);
	}
	return text;
}

const char *line_of(book *b) {
	static char text[65536];
	const char *lines = apl_buf_terminate(&b->lines);
	size_t size = b->lines.size;
	if (size > 0) size--;
	size_t from = size;
	while (from > 0 && lines[from - 1] != '\n') from--;
	snprintf(text, sizeof text, "%.*s", (int)(size - from), lines + from);
	return single_quotes(text);
}

/* The text of a JSON member behind [at], without its escapes. */
static void copy_member(const char *at, const char *name, char *out, size_t size) {
	out[0] = '\0';
	const char *found = strstr(at, name);
	if (found == NULL) return;
	found += strlen(name);
	size_t used = 0;
	bool quoted = *found == '"';
	if (quoted) found++;
	for (; used + 1 < size && *found != '\0' && (quoted ? *found != '"' : *found != ',' && *found != '}'); found++) {
		if (*found == '\\' && found[1] != '\0') found++;
		out[used++] = *found;
	}
	out[used] = '\0';
}

const char *mistake_of(book *b) {
	static char text[2048];
	char line[16], slug[64], message[1024];
	const char *lines = apl_buf_terminate(&b->lines);
	const char *at = strrchr(lines, '\n');
	while (at != NULL && at > lines && at[-1] != '\n') at--;
	const char *finding = at != NULL ? strstr(at, "\"do\":\"finding\"") : NULL;
	if (finding == NULL && at != NULL && strstr(at, "\"slug\":") != NULL) finding = at;
	if (finding == NULL) return "";
	copy_member(finding, "\"line\":", line, sizeof line);
	copy_member(finding, "\"slug\":", slug, sizeof slug);
	copy_member(finding, "\"message\":", message, sizeof message);
	snprintf(text, sizeof text, "%s %s: %s", line, slug, message);
	return text;
}

/* ---- one body -------------------------------------------------------------------------------- */

static const char frame[] =
    "return playbook \"one\" {\n"
    "params = { limit = money { default = \"40.00 GBP\" }, tags = list { of = text {}, default = { \"a\", \"b\" } }, deep = fields { n = "
    "integer { default = 7 } } },\n"
    "data = { n = integer {}, small = integer { min = 0, max = 9 }, d = number {}, b = boolean {}, t = text {}, short = text { max = 3 },\n"
    "  m = money {}, at = instant {}, s = span {}, one = one_of { \"red\", \"green\" }, l = list { of = text {} }, x = any {}, free = list "
    "{},\n"
    "  address = fields { street = text {}, city = text {}, zip = fields { code = integer {} } }, must = integer { default = 1, required = "
    "true } },\n"
    "event \"go\" { tone = integer {}, text = text {}, items = list {}, place = fields { city = text {} }, any = any {}, id = text {} },\n"
    "event \"other\" { elsewhere = integer {} }, event \"bare\" {},\n"
    "effect \"tell\" { whom = text { required = true }, times = integer {}, more = any {} },\n"
    "counter \"goes\" { of = \"go\" },\n"
    "state \"s\" { on \"go\" { %s = function(case, event)\n%s\nend }, on { \"other\", \"bare\" } { act = function(case, event)\n%s\nend } "
    "} }\n";

static book one;
static bool is_open;

book *the_book(void) {
	return &one;
}

void end_book(void) {
	if (is_open) book_close(&one);
	is_open = false;
}

static void open_one(const char *what, const char *body, const char *other) {
	static char source[65536];
	end_book();
	int size = snprintf(source, sizeof source, frame, what, body, other);
	assert_true(size > 0 && (size_t)size < sizeof source);
	one = (book){0};
	is_open = true;
	book_open(&one, source, NULL);
}

const char *act(const char *body, const char *event_data) {
	open_one("act", body, "");
	int code = say(&one, "go", event_data);
	if (code != APLOMB_OK) fail_msg("the event was not taken: %s", one.error.message);
	return mistake_of(&one);
}

const char *ask(const char *body) {
	open_one("when", body, "");
	int code = say(&one, "go", "{'tone':5,'items':[1,2],'any':{'a':[],'b':null}}");
	if (code != APLOMB_OK) fail_msg("the event was not taken: %s", one.error.message);
	const char *mistake = mistake_of(&one);
	if (mistake[0] != '\0') return mistake;
	return one.receipt.unhandled ? "false" : "true";
}

void assert_has(const char *text, const char *part, const char *file, int line) {
	if (strstr(text, part) != NULL) return;
	print_error("\"%s\"\nis not in\n%s\n", part, text);
	_fail(file, line);
}

char *read_whole(const char *path, size_t *size) {
	FILE *file = fopen(path, "rb");
	if (file == NULL) return NULL;
	apl_alloc system = apl_alloc_system();
	apl_buf buf;
	apl_buf_init(&buf, &system);
	char block[4096];
	for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;) apl_buf_add(&buf, block, got);
	fclose(file);
	char *text = malloc(buf.size + 1);
	if (buf.size > 0) memcpy(text, buf.bytes, buf.size);
	text[buf.size] = '\0';
	*size = buf.size;
	apl_buf_dispose(&buf);
	return text;
}

void check_actions(const action_case *cases, size_t count, const char *event_data, const char *(*shown)(book *b)) {
	size_t wrong = 0;
	for (size_t i = 0; i < count; i++) {
		const char *mistake = act(cases[i].body, event_data);
		if (strcmp(mistake, cases[i].mistake) != 0) {
			print_error("%s\ngives:    %s\nexpected: %s\n", cases[i].body, mistake, cases[i].mistake);
			wrong++;
		}
		if (cases[i].part != NULL && strstr(shown(the_book()), cases[i].part) == NULL) {
			print_error("%s\nshows %s\nwithout %s\n", cases[i].body, shown(the_book()), cases[i].part);
			wrong++;
		}
	}
	end_book();
	assert_int_equal(wrong, 0);
}
