/* SPDX-License-Identifier: MIT */
/*
 * Every type in every place that a schema guards, given every kind of value: which are taken, as what, and what is said of the others. The
 * answers stand in tests/unit/api/schema_audit.expected, a line each; APLOMB_WRITE_EXPECTED=1 writes that file anew, to be read before it
 * is believed.
 */
#include "../test_cmocka.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aplomb.h"

static const char expected_path[] = "tests/unit/api/schema_audit.expected";

/* ---- what is tried ------------------------------------------------------- */

typedef struct type {
	const char *name;
	const char *word;              /* with bounds; %s: more fields of the word */
	const char *good, *low, *high; /* JSON; NULL: it has no such bound */
	const char *standard;          /* as Lua: a default */
} type;

static const type TYPES[] = {
    {"text", "text { min = 2, max = 3%s }", "\"ab\"", "\"a\"", "\"abcd\"", "\"xyz\""},
    {"integer", "integer { min = -1, max = 9%s }", "5", "-2", "10", "3"},
    {"number", "number { min = -1, max = 1%s }", "0.5", "-1.5", "1.5", "0.25"},
    {"boolean", "boolean {%s }", "true", NULL, NULL, "false"},
    {"money", "money { min = \"1.00 GBP\", max = \"2.00 GBP\"%s }", "\"1.50 GBP\"", "\"0.99 GBP\"", "\"2.01 GBP\"", "\"1.25 GBP\""},
    {"instant", "instant { min = \"2026-01-01T00:00:00Z\", max = \"2026-12-31T00:00:00Z\"%s }", "\"2026-06-01T12:00:00+02:00\"",
        "\"2025-06-01T00:00:00Z\"", "\"2027-06-01T00:00:00Z\"", "\"2026-02-01T00:00:00Z\""},
    {"span", "span { min = \"1m\", max = \"1h\"%s }", "\"90s\"", "\"30s\"", "\"61m\"", "\"2m\""},
    {"one_of", "one_of { \"red\", \"green\"%s }", "\"red\"", NULL, NULL, "\"green\""},
    {"list", "list { of = integer { max = 9 }, min = 1, max = 2%s }", "[1,2]", "[]", "[1,2,3]", "{ 4 }"},
    {"fields", "fields { a = integer { max = 9 }, b = text {} }", "{\"a\":1}", NULL, "{\"a\":10}", NULL},
    {"any", "any {%s }", "{\"x\":[1,null]}", NULL, NULL, "{ y = 1 }"},
};
enum { N_TYPES = sizeof TYPES / sizeof TYPES[0] };

/* What is of one kind of JSON each, and of no good value of a type. */
static const char *const VALUES[] = {"null", "true", "7", "1.25", "\"red alert\"", "[true]", "{\"c\":1}", "9223372036854775808"};
enum { N_VALUES = sizeof VALUES / sizeof VALUES[0] };

typedef enum place { IN_EVENT, IN_PARAMS, IN_OPENING, IN_DATA, IN_EFFECT, N_PLACES } place;
static const char *const PLACES[] = {"event", "params", "opening", "data", "effect"};

/* Where in a record: %s is the value. */
typedef struct position {
	const char *name, *json, *lua;
} position;
static const position POSITIONS[] = {
    {"v", "{\"v\":%s}", "v = %s"},
    {"n.v", "{\"n\":{\"v\":%s}}", "n = { v = %s }"},
    {"l[1]", "{\"l\":[%s]}", "l = { %s }"},
    {"p", "{\"p\":%s}", "p = %s"},
};

/* JSON as Lua writes it. */
static const char *as_lua(const char *json, char *out, size_t size) {
	size_t used = 0;
	for (const char *c = json; *c != '\0' && used + 8 < size; c++) {
		if (strncmp(c, "null", 4) == 0) {
			used += (size_t)snprintf(out + used, size - used, "nil");
			c += 3;
		} else if (*c == '"' && c[1] != '\0' && strchr("abcvxnlp", c[1]) != NULL && c[2] == '"' && c[3] == ':') {
			used += (size_t)snprintf(out + used, size - used, "%c=", c[1]);
			c += 3;
		} else {
			out[used++] = *c == '[' ? '{' : *c == ']' ? '}' : *c;
		}
	}
	out[used] = '\0';
	return out;
}

/* ---- a runtime ------------------------------------------------------------ */

typedef struct audit {
	aplomb_runtime *rt;
	char lines[65536];
	size_t lines_size;
	unsigned n_cases;
	char source[65536];
	size_t source_size;
	char *told;
	size_t told_size;
	FILE *out;
} audit;

static void begin_source(audit *a) {
	a->source_size = 0;
}

static void add_source(audit *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add_source(audit *a, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	int size = vsnprintf(a->source + a->source_size, sizeof a->source - a->source_size, format, arguments);
	va_end(arguments);
	assert_true(size >= 0 && (size_t)size < sizeof a->source - a->source_size);
	a->source_size += (size_t)size;
}

static int take_lines(const char *text, size_t size, void *payload) {
	audit *a = payload;
	size_t from = a->lines_size + size < sizeof a->lines ? a->lines_size : 0;
	assert_true(size < sizeof a->lines);
	memcpy(a->lines + from, text, size);
	a->lines_size = from + size;
	a->lines[a->lines_size] = '\0';
	return 0;
}

static void open_runtime(audit *a, const char *source) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_error error = {0};
	aplomb_playbook *playbook;
	options.time_follows_events = true;
	options.forget_journal = true;
	options.journal = take_lines;
	options.journal_payload = a;
	assert_int_equal(aplomb_open(&a->rt, &options, &error), APLOMB_OK);
	load.path = "audit.lua";
	load.source = source;
	load.source_size = strlen(source);
	if (aplomb_load(a->rt, &load, &playbook, &error) != APLOMB_OK) fail_msg("%s\n%u: %s", source, error.line, error.message);
	a->lines_size = 0;
}

/* The value behind the last [key] of the newest lines, as long as its braces are. */
static const char *value_behind(const audit *a, const char *key, char *out, size_t size) {
	const char *at = NULL;
	for (const char *next = a->lines; (next = strstr(next, key)) != NULL; next++) at = next;
	if (at == NULL) return "?";
	at += strlen(key) - (key[strlen(key) - 1] == '{');
	size_t used = 0;
	int depth = 0;
	do {
		depth += *at == '{' || *at == '[';
		depth -= *at == '}' || *at == ']';
		out[used++] = *at++;
	} while (depth > 0 && used + 1 < size);
	out[used] = '\0';
	return out;
}

/* The text behind the last [key], without its backslashes. */
static const char *text_behind(const audit *a, const char *key, char *out, size_t size) {
	const char *at = NULL;
	for (const char *next = a->lines; (next = strstr(next, key)) != NULL; next++) at = next;
	size_t used = 0;
	for (at = at != NULL ? at + strlen(key) : ""; *at != '"' && *at != '\0' && used + 1 < size; at++) {
		if (*at == '\\') at++;
		out[used++] = *at;
	}
	out[used] = '\0';
	return out;
}

/* ---- one try ------------------------------------------------------------------ */

static int post(audit *a, const char *case_id, const char *name, const char *data, const char *open, aplomb_error *error) {
	char json[1024];
	int size = snprintf(json, sizeof json, "{\"case\":\"%s\",\"event\":\"%s\",\"playbook\":\"audit\"%s%s%s%s}", case_id, name,
	    data != NULL ? ",\"data\":" : "", data != NULL ? data : "", open != NULL ? ",\"open\":" : "", open != NULL ? open : "");
	assert_true(size > 0 && (size_t)size < sizeof json);
	int code = aplomb_post_json(a->rt, json, (size_t)size, NULL, NULL, error);
	if (code != APLOMB_OK) return code;
	return aplomb_pump(a->rt, 0, NULL, error);
}

static void tell(
    audit *a, place where, const type *t, const char *member, const char *value, int code, const aplomb_error *error, const char *kept) {
	fprintf(a->out, "%s %s %s = %s: ", PLACES[where], t->name, member, value);
	if (code == APLOMB_OK)
		fprintf(a->out, "%s\n", kept);
	else
		fprintf(a->out, "%s %s: %s\n", aplomb_code_name(code), error->slug, error->message);
}

/* [n]: which of the events that act it is. */
static void try_one(audit *a, place where, const type *t, const char *member, const char *json, const char *value, unsigned n) {
	static const char *const behind[] = {"\"data\":", "\"params\":{", "\"cause\":{\"data\":", NULL, "\"data\":"};
	char id[32], event[32], open[512], kept[1024];
	aplomb_error error = {0};
	int code = APLOMB_OK;
	snprintf(id, sizeof id, "c%u", a->n_cases++);
	a->lines_size = 0;
	a->lines[0] = '\0';
	if (where == IN_EVENT) {
		code = post(a, id, "carries", json, NULL, &error);
	} else if (where == IN_PARAMS || where == IN_OPENING) {
		snprintf(open, sizeof open, "{\"%s\":%s}", where == IN_PARAMS ? "params" : "data", json);
		code = post(a, id, "starts", NULL, open, &error);
	} else {
		snprintf(event, sizeof event, where == IN_DATA ? "writes%u" : "asks%u", n);
		assert_int_equal(post(a, id, event, NULL, NULL, &error), APLOMB_OK);
		if (strstr(a->lines, "\"do\":\"finding\"") != NULL) {
			code = APLOMB_EREFUSED;
			text_behind(a, "\"slug\":\"", error.slug, sizeof error.slug);
			text_behind(a, "\"message\":\"", error.message, sizeof error.message);
		}
	}
	if (code != APLOMB_OK) {
		tell(a, where, t, member, value, code, &error, "");
	} else if (where != IN_DATA) {
		tell(a, where, t, member, value, code, &error, value_behind(a, behind[where], kept, sizeof kept));
	} else {
		char *data;
		size_t size;
		assert_int_equal(aplomb_case_data(a->rt, id, &data, &size, NULL), APLOMB_OK);
		tell(a, where, t, member, value, code, &error, data);
		aplomb_text_free(a->rt, data);
	}
}

/* ---- a playbook of a type --------------------------------------------------------- */

typedef struct attempt {
	const position *at;
	const char *value; /* JSON; NULL: it is missing */
} attempt;

enum { MOST_ATTEMPTS = 40 };

static unsigned gather(const type *t, attempt *out) {
	const char *const own[] = {t->good, t->low, t->high};
	unsigned count = 0;
	for (size_t i = 0; i < 3; i++)
		if (own[i] != NULL) out[count++] = (attempt){&POSITIONS[0], own[i]};
	for (size_t i = 0; i < N_VALUES; i++) out[count++] = (attempt){&POSITIONS[0], VALUES[i]};
	/* Within a record, and in a list, the path is told. */
	const char *wrong = t->high != NULL ? t->high : VALUES[3];
	for (size_t at = 1; at < 4; at++) {
		if (at == 2 && strcmp(t->name, "any") != 0) out[count++] = (attempt){&POSITIONS[at], "null"};
		out[count++] = (attempt){&POSITIONS[at], t->good};
		out[count++] = (attempt){&POSITIONS[at], wrong};
		out[count++] = (attempt){&POSITIONS[at], VALUES[strcmp(t->name, "boolean") == 0 ? 2 : 1]};
	}
	/* What a person wrote is not said again, whatever is wrong with it. */
	out[count++] = (attempt){&POSITIONS[3], VALUES[4]};
	out[count++] = (attempt){&POSITIONS[3], VALUES[5]};
	assert_true(count < MOST_ATTEMPTS);
	return count;
}

static void write_type(char *out, size_t size, const type *t, const char *more) {
	const char *hole = strstr(t->word, "%s");
	if (hole == NULL) {
		snprintf(out, size, "%s", t->word);
		return;
	}
	/* After an opening brace no comma stands. */
	bool is_first = hole > t->word && hole[-1] == '{';
	snprintf(out, size, "%.*s%s%s%s", (int)(hole - t->word), t->word, more[0] == '\0' ? "" : is_first ? " " : ", ", more, hole + 2);
}

static void audit_type(audit *a, const type *t) {
	attempt attempts[MOST_ATTEMPTS];
	unsigned count = gather(t, attempts);
	char plain[256], personal[256], standard[256], more[128], members[1400], lua[256];
	bool is_fields = strcmp(t->name, "fields") == 0;
	write_type(plain, sizeof plain, t, "");
	write_type(personal, sizeof personal, t, "personal = true");
	snprintf(more, sizeof more, "default = %s", t->standard != NULL ? t->standard : "");
	write_type(standard, sizeof standard, t, t->standard != NULL ? more : "");
	/* What stands in a list are no fields. */
	snprintf(members, sizeof members, "v = %s, n = fields { v = %s }, %s%s%s p = %s, d = %s", plain, plain,
	    is_fields ? "" : "l = list { of = ", is_fields ? "" : plain, is_fields ? "" : " },", personal, standard);
	begin_source(a);
	add_source(a,
	    "return playbook \"audit\" {\nparams = { %s },\ndata = { %s },\nevent \"starts\" {},\nevent \"carries\" { %s },\neffect \"asked\" "
	    "{ %s },\n",
	    members, members, members, members);
	for (unsigned i = 0; i < count; i++) add_source(a, "event \"writes%u\" {}, event \"asks%u\" {},\n", i, i);
	add_source(a, "state \"s\" { on { \"starts\", \"carries\" } {},\n");
	for (unsigned i = 0; i < count; i++) {
		char written[512];
		snprintf(written, sizeof written, attempts[i].at->lua, as_lua(attempts[i].value, lua, sizeof lua));
		if (is_fields && attempts[i].at == &POSITIONS[2]) snprintf(written, sizeof written, "v = nil");
		add_source(a, "on \"writes%u\" { act = function(case) case.data.%s end },\n", i, written);
		add_source(a, "on \"asks%u\" { act = function(case) case:effect(\"asked\", { %s }) end },\n", i, written);
	}
	add_source(a, "} }\n");
	open_runtime(a, a->source);
	for (int where = 0; where < N_PLACES; where++) {
		for (unsigned i = 0; i < count; i++) {
			char json[512];
			if (is_fields && attempts[i].at == &POSITIONS[2]) continue;
			snprintf(json, sizeof json, attempts[i].at->json, attempts[i].value);
			try_one(a, (place)where, t, attempts[i].at->name, json, attempts[i].value, i);
		}
	}
	aplomb_close(a->rt);
}

/* What is required and missing, and what nobody declared. */
static void audit_required(audit *a, const type *t) {
	static const char *const records[] = {"{}", "{\"v\":null}", "{\"n\":{}}", "{\"w\":1}", "{\"n\":{\"w\":1}}", "{\"q\":\"a person's\"}"};
	static const char *const tables[] = {"v = case.data.v", "v = nil", "n = {}", "w = 1", "n = { w = 1 }", "q = \"a person's\""};
	enum { N_RECORDS = sizeof records / sizeof records[0] };
	char needed[256], members[600];
	write_type(needed, sizeof needed, t, "required = true");
	snprintf(members, sizeof members, "v = %s, n = fields { v = %s }, q = fields { who = text { personal = true } }", needed, needed);
	for (int where = 0; where < N_PLACES; where++) {
		/* Only one place has it, or no case would ever open. */
		const char *const of[] = {where == IN_EVENT ? members : "", where == IN_PARAMS ? members : "",
		    where == IN_OPENING || where == IN_DATA ? members : "", where == IN_EFFECT ? members : ""};
		begin_source(a);
		add_source(a,
		    "return playbook \"audit\" {\nparams = { %s },\ndata = { %s },\nevent \"starts\" {},\nevent \"carries\" { %s },\neffect "
		    "\"asked\" { %s },\n",
		    of[1], of[2], of[0], of[3]);
		for (unsigned i = 0; i < N_RECORDS; i++) add_source(a, "event \"writes%u\" {}, event \"asks%u\" {},\n", i, i);
		add_source(a, "state \"s\" { on { \"starts\", \"carries\" } {},\n");
		for (unsigned i = 0; i < N_RECORDS; i++) {
			if (where == IN_EFFECT)
				add_source(a, "on \"asks%u\" { act = function(case) case:effect(\"asked\", { %s }) end },\n", i, i == 0 ? "" : tables[i]);
		}
		add_source(a, "} }\n");
		if (where == IN_DATA) continue; /* a case without what is required never opens: IN_OPENING tells */
		open_runtime(a, a->source);
		for (unsigned i = 0; i < N_RECORDS; i++) try_one(a, (place)where, t, "required", records[i], records[i], i);
		aplomb_close(a->rt);
	}
}

/* ---- against the file ---------------------------------------------------------------- */

static char *read_whole(const char *path) {
	FILE *file = fopen(path, "rb");
	if (file == NULL) return NULL;
	char *text = NULL;
	size_t size = 0;
	FILE *copy = open_memstream(&text, &size);
	assert_non_null(copy);
	for (int c; (c = fgetc(file)) != EOF;) fputc(c, copy);
	fclose(copy);
	fclose(file);
	return text;
}

static void every_value_in_every_place_is_taken_or_told_as_ever(void **state) {
	(void)state;
	audit *a = calloc(1, sizeof *a);
	assert_non_null(a);
	a->out = open_memstream(&a->told, &a->told_size);
	assert_non_null(a->out);
	for (size_t i = 0; i < N_TYPES; i++) audit_type(a, &TYPES[i]);
	for (size_t i = 0; i < N_TYPES; i++)
		if (strcmp(TYPES[i].name, "fields") != 0) audit_required(a, &TYPES[i]);
	fclose(a->out);
	if (getenv("APLOMB_WRITE_EXPECTED") != NULL) {
		FILE *file = fopen(expected_path, "wb");
		assert_non_null(file);
		fputs(a->told, file);
		fclose(file);
	}
	char *expected = read_whole(expected_path);
	assert_non_null(expected);
	unsigned wrong = 0;
	const char *told = a->told, *wanted = expected;
	while ((*told != '\0' || *wanted != '\0') && wrong < 10) {
		size_t told_size = strcspn(told, "\n"), wanted_size = strcspn(wanted, "\n");
		if (told_size != wanted_size || memcmp(told, wanted, told_size) != 0) {
			print_error("expected %.*s\nfound    %.*s\n", (int)wanted_size, wanted, (int)told_size, told);
			wrong++;
		}
		told += told_size + (told[told_size] == '\n');
		wanted += wanted_size + (wanted[wanted_size] == '\n');
	}
	assert_int_equal(wrong, 0);
	free(expected);
	free(a->told);
	free(a);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_value_in_every_place_is_taken_or_told_as_ever),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
