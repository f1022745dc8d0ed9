/* SPDX-License-Identifier: MIT */
#include "round_trip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT_NINE INT64_C(1774947600000000) /* 2026-03-31T09:00:00Z */

static uint32_t below(round_trip *trip, uint32_t bound) {
	trip->seed ^= trip->seed << 13;
	trip->seed ^= trip->seed >> 7;
	trip->seed ^= trip->seed << 17;
	return (uint32_t)((trip->seed >> 11) % bound);
}

/* ---- what they tell ---------------------------------------------------------------- */

typedef struct round_line {
	aplomb_instant at;
	char event[128];
	char *active;  /* ids separated by spaces; of the configuration after the step, when it changed */
	char *effects; /* kind and data */
	uint32_t n_errors;
	bool is_closed, is_faulted;
	char outcome[64];
} line;

static void append(char **to, const char *text) {
	size_t had = *to != NULL ? strlen(*to) : 0;
	*to = realloc(*to, had + strlen(text) + 2);
	assert_non_null(*to);
	memcpy(*to + had, text, strlen(text));
	(*to)[had + strlen(text)] = ' ';
	(*to)[had + strlen(text) + 1] = '\0';
}

static const char *text_of(aplomb_value map, const char *key) {
	const char *text = aplomb_value_text(aplomb_value_get(map, key), NULL);
	return text != NULL ? text : "";
}

static void read_line(const char *text, size_t size, void *payload) {
	round_lines *all = payload;
	aplomb_value entry;
	aplomb_error error = {0};
	assert_int_equal(aplomb_journal_read(all->reader, text, size, &entry, &error), APLOMB_OK);
	if (aplomb_value_integer(aplomb_value_get(entry, "seq")) == 0) return; /* the head */
	if (strcmp(text_of(entry, "kind"), "refused") == 0) return;            /* only the playbook has a door that looks at fields */
	if (all->count == all->capacity) {
		all->capacity = all->capacity * 2 + 8;
		all->items = realloc(all->items, all->capacity * sizeof *all->items);
		assert_non_null(all->items);
	}
	line *l = &all->items[all->count++];
	*l = (line){.is_faulted = strcmp(text_of(entry, "kind"), "faulted") == 0};
	aplomb_value at = aplomb_value_get(entry, "at");
	size_t at_size;
	const char *at_text = aplomb_value_text(at, &at_size);
	assert_int_equal(aplomb_instant_read(at_text, &l->at, NULL), APLOMB_OK);
	aplomb_value cause = aplomb_value_get(entry, "cause");
	snprintf(l->event, sizeof l->event, "%s", text_of(cause, "event"));
	aplomb_value items = aplomb_value_get(entry, "items");
	for (size_t i = 0; i < aplomb_value_count(items); i++) {
		aplomb_value item = aplomb_value_at(items, i, NULL);
		const char *what = text_of(item, "do");
		if (strcmp(what, "state") == 0) {
			aplomb_value active = aplomb_value_get(item, "active");
			for (size_t k = 0; k < aplomb_value_count(active); k++)
				append(&l->active, aplomb_value_text(aplomb_value_at(active, k, NULL), NULL));
		} else if (strcmp(what, "effect") == 0) {
			char *data = aplomb_value_write(aplomb_value_get(item, "data"));
			append(&l->effects, text_of(item, "kind"));
			append(&l->effects, data != NULL ? data : "");
			append(&l->effects, text_of(item, "because"));
			free(data);
		} else if (strcmp(what, "finding") == 0) {
			l->n_errors++;
		} else if (strcmp(what, "closed") == 0) {
			l->is_closed = true;
			snprintf(l->outcome, sizeof l->outcome, "%s", text_of(item, "outcome"));
		}
	}
}

static int read_lines(const char *text, size_t size, void *payload) {
	while (size > 0) {
		const char *end = memchr(text, '\n', size);
		assert_non_null(end);
		read_line(text, (size_t)(end - text), payload);
		size -= (size_t)(end - text) + 1;
		text = end + 1;
	}
	return 0;
}

static void forget_lines(round_lines *all) {
	for (size_t i = 0; i < all->count; i++) {
		free(all->items[i].active);
		free(all->items[i].effects);
	}
	all->count = 0;
}

/* ---- both of them --------------------------------------------------------------- */

static void tell(const aplomb_finding *finding, void *payload) {
	const bool *tells = payload;
	if (*tells && finding->severity == APLOMB_ERROR)
		print_error("%s:%u: %s [%s]\n", finding->file, finding->line, finding->message, finding->slug);
}

static int load(round_trip *trip, int which, const char *path, const char *source, bool tells, aplomb_error *error) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.time_follows_events = true;
	options.journal = read_lines;
	options.journal_payload = &trip->lines[which];
	assert_int_equal(aplomb_journal_open(&trip->lines[which].reader, NULL), APLOMB_OK);
	assert_int_equal(aplomb_open(&trip->rt[which], &options, NULL), APLOMB_OK);
	aplomb_load_options load_options = APLOMB_LOAD_OPTIONS_INIT;
	load_options.path = path;
	load_options.source = source;
	load_options.source_size = source != NULL ? strlen(source) : 0;
	load_options.on_finding = tell;
	load_options.payload = &tells;
	return aplomb_load(trip->rt[which], &load_options, &trip->playbook[which], error);
}

trip_begin round_trip_begin(round_trip *trip, const char *what, const char *path, const char *source, bool tells) {
	aplomb_error error = {0};
	*trip = (round_trip){.what = what};
	if (load(trip, 0, path, source, tells, &error) != APLOMB_OK) return TRIP_NOT_LOADED;
	size_t size;
	int code = aplomb_export_scxml(trip->rt[0], trip->playbook[0], tell, &tells, &trip->document, &size, &error);
	if (code == APLOMB_EPLAYBOOK) return TRIP_DOES_NOT_FIT;
	if (code != APLOMB_OK) fail_msg("%s: %s", what, error.message);
	bool always = true;
	if (load(trip, 1, "back.scxml", trip->document, always, &error) != APLOMB_OK)
		fail_msg("%s: what was exported does not load: %s:%u: %s\n%s", what, error.file, error.line, error.message, trip->document);
	return TRIP_READY;
}

void round_trip_end(round_trip *trip) {
	if (trip->document != NULL) aplomb_text_free(trip->rt[0], trip->document);
	for (int i = 0; i < 2; i++) {
		aplomb_close(trip->rt[i]);
		aplomb_journal_close(trip->lines[i].reader);
		forget_lines(&trip->lines[i]);
		free(trip->lines[i].items);
	}
}

/* A state's path there is its path here, or its id, or its path with "_" for the dots; around it may stand one state more. */
static bool is_same_state(const char *here, const char *there) {
	const char *last_here = strrchr(here, '.'), *last_there = strrchr(there, '.');
	last_here = last_here != NULL ? last_here + 1 : here;
	last_there = last_there != NULL ? last_there + 1 : there;
	if (strcmp(last_here, last_there) == 0) return true;
	if (strlen(here) != strlen(last_there)) return false;
	for (size_t i = 0; here[i] != '\0'; i++)
		if (here[i] != last_there[i] && !(here[i] == '.' && last_there[i] == '_')) return false;
	return true;
}

static bool are_same_states(const char *here, const char *there) {
	char left[4096], right[4096], *rest[2];
	if (here == NULL || there == NULL) return here == there;
	snprintf(left, sizeof left, "%s", here);
	snprintf(right, sizeof right, "%s", there);
	const char *a = strtok_r(left, " ", &rest[0]), *b = strtok_r(right, " ", &rest[1]);
	for (; a != NULL && b != NULL; a = strtok_r(NULL, " ", &rest[0]), b = strtok_r(NULL, " ", &rest[1]))
		if (!is_same_state(a, b)) return false;
	return a == b;
}

static bool is_same_text(const char *a, const char *b) {
	return (a == NULL || b == NULL) ? a == b : strcmp(a, b) == 0;
}

static int keep_line(const char *text, size_t size, void *payload) {
	fwrite(text, 1, size, payload);
	fputc('\n', payload);
	return 0;
}

/* Everything there is to look at, in the folder that APLOMB_SHOW names. */
static void keep(const round_trip *trip, const char *id) {
	static const char *const files[] = {"playbook.bundle", "back.bundle", "document.scxml", "playbook.journal", "back.journal"};
	for (int i = 0; i < 5; i++) {
		char path[512];
		snprintf(path, sizeof path, "%s/%s", getenv("APLOMB_SHOW"), files[i]);
		FILE *file = fopen(path, "wb");
		if (file == NULL) continue;
		if (i < 2) {
			size_t size;
			const char *source = aplomb_playbook_source(trip->playbook[i], &size);
			fwrite(source, 1, size, file);
		} else if (i == 2) {
			fputs(trip->document, file);
		} else {
			aplomb_journal_each(trip->rt[i - 3], id, keep_line, file, NULL);
		}
		fclose(file);
	}
}

static void differ(round_trip *trip, const char *id, const char *how) {
	if (getenv("APLOMB_SHOW") != NULL) keep(trip, id);
	fail_msg("%s: after %llu events: %s (APLOMB_SHOW=FOLDER keeps the playbook, the document and both journals there)", trip->what,
	    (unsigned long long)trip->n_events, how);
}

static const char *or_nothing(const char *text) {
	return text != NULL ? text : "-";
}

static void compare_lines(round_trip *trip, const char *id) {
	char how[2048];
	round_lines *const all = trip->lines;
	if (all[0].count != all[1].count) {
		snprintf(how, sizeof how, "%zu entries and %zu", all[0].count, all[1].count);
		differ(trip, id, how);
	}
	for (size_t i = 0; i < all[0].count; i++) {
		const line *a = &all[0].items[i], *b = &all[1].items[i];
		const char *what = NULL;
		if (a->at != b->at) what = "time";
		if (strcmp(a->event, b->event) != 0) what = "event";
		if (!are_same_states(a->active, b->active)) what = "states";
		if (!is_same_text(a->effects, b->effects)) what = "effects";
		if ((a->n_errors > 0) != (b->n_errors > 0)) what = "errors";
		if (a->is_closed != b->is_closed || a->is_faulted != b->is_faulted || strcmp(a->outcome, b->outcome) != 0) what = "end";
		if (what != NULL) {
			snprintf(how, sizeof how, "another %s: on %s at %lld: %.200s | %.200s | %u %s, and on %s at %lld: %.200s | %.200s | %u %s",
			    what, a->event, (long long)a->at, or_nothing(a->active), or_nothing(a->effects), a->n_errors, a->outcome, b->event,
			    (long long)b->at, or_nothing(b->active), or_nothing(b->effects), b->n_errors, b->outcome);
			differ(trip, id, how);
		}
		trip->n_effects += a->effects != NULL;
		trip->n_closed += a->is_closed;
	}
	trip->n_entries += all[0].count;
	for (int i = 0; i < 2; i++) forget_lines(&all[i]);
}

/* What one side holds under a name, and the other in the variable of that name. Times are texts here and microseconds there. */
static bool is_same_value(aplomb_value here, aplomb_value there) {
	if (aplomb_value_kind(here) == APLOMB_NULL) return aplomb_value_kind(there) == APLOMB_ABSENT;
	if (aplomb_value_kind(here) == APLOMB_MAP && aplomb_value_kind(there) == APLOMB_MAP) {
		for (size_t i = 0; i < aplomb_value_count(here); i++) {
			const char *key;
			aplomb_value value = aplomb_value_at(here, i, &key);
			if (!is_same_value(value, aplomb_value_get(there, key))) return false;
		}
		return true;
	}
	if (aplomb_value_kind(here) == APLOMB_TEXT && aplomb_value_kind(there) == APLOMB_INTEGER) {
		const char *text = aplomb_value_text(here, NULL);
		aplomb_span span;
		aplomb_instant at;
		if (aplomb_span_read(text, &span, NULL) == APLOMB_OK) return span == aplomb_value_integer(there);
		return aplomb_instant_read(text, &at, NULL) == APLOMB_OK && at == aplomb_value_integer(there);
	}
	char *a = aplomb_value_write(here), *b = aplomb_value_write(there);
	bool is_same = a != NULL && b != NULL && strcmp(a, b) == 0;
	const aplomb_kind kind = aplomb_value_kind(here);
	if (!is_same && (kind == APLOMB_INTEGER || kind == APLOMB_NUMBER))
		is_same = aplomb_value_number(here) == aplomb_value_number(there) && aplomb_value_kind(there) != APLOMB_ABSENT;
	free(a);
	free(b);
	return is_same;
}

static void compare_data(round_trip *trip, const char *id) {
	char *text[2];
	size_t size[2];
	aplomb_json *json[2];
	char how[256];
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	assert_int_equal(aplomb_case_get(trip->rt[0], id, &info, NULL), APLOMB_OK);
	if (info.status == APLOMB_CASE_FAULTED) return; /* what the first step wrote was undone */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(aplomb_case_data(trip->rt[i], id, &text[i], &size[i], NULL), APLOMB_OK);
		assert_int_equal(aplomb_json_read(&json[i], text[i], size[i], NULL), APLOMB_OK);
	}
	aplomb_value here = aplomb_json_root(json[0]), there = aplomb_value_get(aplomb_json_root(json[1]), "variables");
	if (aplomb_playbook_imported(trip->playbook[0]) != NULL) here = aplomb_value_get(here, "variables");
	for (size_t i = 0; i < aplomb_value_count(here); i++) {
		const char *key;
		aplomb_value value = aplomb_value_at(here, i, &key);
		if (is_same_value(value, aplomb_value_get(there, key))) continue;
		snprintf(how, sizeof how, "another value of %s", key);
		print_error("%s\n%s\n", text[0], text[1]);
		differ(trip, id, how);
	}
	for (int i = 0; i < 2; i++) {
		aplomb_json_free(json[i]);
		aplomb_text_free(trip->rt[i], text[i]);
	}
}

/* ---- events ------------------------------------------------------------------------------ */

/* What is due now; false: it never ends, for some clock of no time at all goes round in circles. */
static bool pump(aplomb_runtime *rt) {
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	for (int i = 0; i < 300; i++) {
		assert_int_equal(aplomb_pump(rt, 1, &report, NULL), APLOMB_OK);
		if (!report.more) return true;
	}
	return false;
}

/* Time goes on up to that instant. */
static bool advance(aplomb_runtime *rt, aplomb_instant at) {
	aplomb_instant due;
	for (int i = 0; aplomb_next_due(rt, &due) && due < at; i++) {
		if (i == 2000) return false;
		if (due > aplomb_now(rt)) assert_int_equal(aplomb_turn_clock(rt, due, NULL), APLOMB_OK);
		if (!pump(rt)) return false;
	}
	assert_int_equal(aplomb_turn_clock(rt, at, NULL), APLOMB_OK);
	return pump(rt);
}

static bool open_case(round_trip *trip, const char *id, aplomb_instant at) {
	int code[2];
	aplomb_error error = {0};
	for (int i = 0; i < 2; i++) {
		aplomb_event opening = APLOMB_EVENT_INIT;
		opening.case_id = id;
		opening.playbook = aplomb_playbook_id(trip->playbook[i]);
		opening.has_at = true;
		opening.at = at;
		code[i] = aplomb_case_open(trip->rt[i], &opening, NULL, &error);
		if (code[i] == APLOMB_OK && !pump(trip->rt[i])) code[i] = APLOMB_ELIMIT;
	}
	return code[0] == APLOMB_OK && code[1] == APLOMB_OK;
}

static void write_value(round_trip *trip, const char *type, const char *first_choice, char *out, size_t size) {
	static const char *const spans[] = {"\"30s\"", "\"2m\"", "\"1h30m\"", "\"0s\""};
	static const char *const money[] = {"\"5.00 EUR\"", "\"0.01 EUR\"", "\"-3.50 EUR\"", "\"7.00 GBP\"", "\"92233720368547758.00 EUR\""};
	static const char *const texts[] = {"\"\"", "\"red\"", "\"a b\"", "\"gr\xC3\xBCn\""};
	static const char *const integers[] = {"0", "1", "-2", "3", "7", "9223372036854775807", "-9223372036854775808"};
	static const char *const numbers[] = {"0.5", "-0.75", "1", "0", "1e300"};
	static const char *const instants[] = {
	    "\"2026-11-23T13:06:00Z\"", "\"2024-02-29T23:59:59.250+05:30\"", "\"1969-12-31T23:00:00-01:00\""};
#define PICK(list) (list)[below(trip, sizeof(list) / sizeof *(list))]
	const char *value = "null";
	if (strcmp(type, "integer") == 0) value = PICK(integers);
	if (strcmp(type, "number") == 0) value = PICK(numbers);
	if (strcmp(type, "boolean") == 0) value = below(trip, 2) == 0 ? "true" : "false";
	if (strcmp(type, "text") == 0) value = PICK(texts);
	if (strcmp(type, "money") == 0) value = PICK(money);
	if (strcmp(type, "span") == 0) value = PICK(spans);
	if (strcmp(type, "instant") == 0) value = PICK(instants);
	if (strcmp(type, "list") == 0) value = below(trip, 2) == 0 ? "[\"red\",\"blue\"]" : "[]";
	if (strcmp(type, "one_of") == 0)
		snprintf(out, size, "\"%s\"", first_choice);
	else
		snprintf(out, size, "%s", value);
}

enum { MOST_EVENTS = 128, MOST_BYTES = 4096 };

typedef struct names {
	const char *items[MOST_EVENTS];
	size_t count;
} names;

static void take_event(const aplomb_declaration *declaration, void *payload) {
	names *all = payload;
	if (declaration->what == APLOMB_DECLARES_EVENT && all->count < MOST_EVENTS) all->items[all->count++] = strdup(declaration->name);
}

static bool has_name(const names *all, const char *name) {
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->items[i], name) == 0) return true;
	return false;
}

static void free_names(names *all) {
	for (size_t i = 0; i < all->count; i++) free((void *)(uintptr_t)all->items[i]);
}

typedef struct filling {
	round_trip *trip;
	char text[MOST_BYTES];
	size_t size;
} filling;

static void fill_field(const aplomb_param *field, void *payload) {
	filling *f = payload;
	char value[256];
	if (strchr(field->path, '.') != NULL || strcmp(field->type, "fields") == 0) return;
	if (!field->required && below(f->trip, 3) == 0) return;
	const char *choice = field->n_choices > 0 ? field->choices[below(f->trip, (uint32_t)field->n_choices)] : "";
	write_value(f->trip, field->type, choice, value, sizeof value);
	f->size += (size_t)snprintf(f->text + f->size, sizeof f->text - f->size, "%s\"%s\":%s", f->size > 1 ? "," : "", field->path, value);
	assert_true(f->size < sizeof f->text);
}

/* The same event to both, when the first takes it; what it carries stands under `data` in the document's. false: what follows never ends.
 */
static bool post(round_trip *trip, const char *id, const char *name, aplomb_instant at) {
	const bool is_imported = aplomb_playbook_imported(trip->playbook[0]) != NULL;
	filling f = {.trip = trip, .text = "{", .size = 1};
	char wrapped[MOST_BYTES + 16];
	bool ends[2];
	aplomb_playbook_fields(trip->playbook[0], APLOMB_DECLARES_EVENT, name, fill_field, &f);
	snprintf(f.text + f.size, sizeof f.text - f.size, "}");
	snprintf(wrapped, sizeof wrapped, is_imported ? "%s" : "{\"data\":%s}", f.text);
	for (int i = 0; i < 2; i++) {
		aplomb_event event = APLOMB_EVENT_INIT;
		aplomb_error error = {0};
		event.case_id = id;
		event.name = name;
		event.has_at = true;
		event.at = at;
		event.data = i == 0 ? (f.size > 1 ? f.text : NULL) : wrapped;
		int code = aplomb_post_wait(trip->rt[i], &event, NULL, &error);
		if (i == 0 && code == APLOMB_EREFUSED) return true;
		if (code != APLOMB_OK) fail_msg("%s: %s was refused: %s", trip->what, name, error.message);
		ends[i] = pump(trip->rt[i]);
	}
	trip->n_events++;
	return ends[0] && ends[1];
}

void round_trip_play(round_trip *trip, uint64_t seed, uint32_t n_events) {
	names here = {.count = 0}, there = {.count = 0};
	trip->seed = seed * UINT64_C(0x9E3779B97F4A7C15) + 88172645463325252u;
	aplomb_playbook_declarations(trip->playbook[0], take_event, &here);
	aplomb_playbook_declarations(trip->playbook[1], take_event, &there);
	aplomb_instant at = AT_NINE;
	char id[32] = "";
	for (uint32_t i = 0; i < n_events; i++) {
		aplomb_case_info info = APLOMB_CASE_INFO_INIT;
		const bool is_over = id[0] == '\0' || aplomb_case_get(trip->rt[0], id, &info, NULL) != APLOMB_OK || info.status != APLOMB_CASE_OPEN;
		if (is_over) {
			snprintf(id, sizeof id, "c-%llu", (unsigned long long)++trip->n_opened);
			if (!open_case(trip, id, at)) break;
			compare_lines(trip, id);
			compare_data(trip, id);
		}
		/* Often soon, sometimes long after: whatever is due by then comes first. Never at the instant of the event before. */
		at += 1 + (aplomb_instant)below(trip, 2000) * (below(trip, 8) == 0 ? 200000 : 20000);
		const bool ends[] = {advance(trip->rt[0], at), advance(trip->rt[1], at)};
		assert_int_equal(ends[0], ends[1]);
		if (!ends[0]) break;
		compare_lines(trip, id);
		if (aplomb_case_get(trip->rt[0], id, &info, NULL) != APLOMB_OK || info.status != APLOMB_CASE_OPEN) continue;
		const char *name = here.count > 0 ? here.items[below(trip, (uint32_t)here.count)] : NULL;
		if (name == NULL || !has_name(&there, name)) continue;
		if (!post(trip, id, name, at)) break;
		compare_lines(trip, id);
		compare_data(trip, id);
	}
	free_names(&here);
	free_names(&there);
}
