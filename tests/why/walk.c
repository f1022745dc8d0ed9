/* SPDX-License-Identifier: MIT */
/*
 * For each transition of a playbook: a step in which it is taken and one in
 * which it is not, and what is told of the difference holds.
 *
 *   walk PLAYBOOK [--led FILE] [--certain NUMBERS]
 *
 * Cases are led through the playbook by chance, among what could happen to them;
 * every decision is watched. A guard's verdict and its deciding parts are held
 * against an evaluation of its own, from nothing but the values that are told;
 * what a function is said to have looked at is held against the case and the
 * event. A transition without a guard must be seen not to be taken because
 * its state is not active, another event came, or another one came first. What
 * was not seen both ways is named, and that is a failure.
 *
 * FILE holds JSON lines, { open }, { event, data } or { wait }, that lead cases where chance would seldom come; an empty line begins
 * another case.
 *
 * NUMBERS are those of transitions that are certain: what the playbook says makes their guard true whenever it is asked, so that
 * they are not taken only where it is not asked. That is checked.
 */
#include <aplomb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TRANSITIONS = 256, MOST_FIELDS = 32, MOST_EVENTS = 64, MOST_WORDS = 128, STEPS = 10000, MOST_OF_A_CASE = 60 };

static const aplomb_instant monday = INT64_C(1772442000000000); /* 2026-03-02T09:00:00Z */

typedef struct field {
	char name[64], type[16], choices[12][48];
	size_t n_choices;
	bool required;
} field;

typedef struct fields {
	char name[128];
	field each[MOST_FIELDS];
	size_t count;
} fields;

typedef struct seen {
	char name[700]; /* state, event, target: for people */
	bool has_guard;
	unsigned taken, refused, inactive, other_event, beaten;
} seen;

typedef struct walk {
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	uint64_t random;
	fields events[MOST_EVENTS], data, params;
	size_t n_events;
	char words[MOST_WORDS][64];
	size_t n_words;
	seen transitions[MOST_TRANSITIONS + 1]; /* by number */
	uint32_t n_transitions;
	/* The step that runs. */
	aplomb_json *before, *event; /* the case's data before it; what was posted; or NULL */
	bool is_first;               /* nothing was taken in it yet */
	bool is_posted_one;          /* the event of the moment is the one that was posted */
	/* What could happen now. */
	const char *could[MOST_TRANSITIONS];
	uint32_t could_be[MOST_TRANSITIONS];
	size_t n_could;
	uint64_t steps, guards, functions, looks, failures;
} walk;

__attribute__((format(printf, 2, 3))) static void complain(walk *w, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	if (w->failures++ < 20) {
		vfprintf(stderr, format, arguments);
		fputc('\n', stderr);
	}
	va_end(arguments);
}

static uint64_t chance(walk *w, uint64_t bound) {
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return w->random % bound;
}

/* ---- guards, evaluated once more ------------------------------------------------------ */

static size_t end_of(const aplomb_guard *guard, size_t at) {
	size_t end = at + 1;
	while (end < guard->n_parts && guard->parts[end].depth > guard->parts[at].depth) end++;
	return end;
}

static bool is(const aplomb_part *part, const char *word) {
	return strcmp(part->word, word) == 0;
}

static bool is_comparison(const aplomb_part *part) {
	static const char *const words[] = {"<", "<=", ">", ">=", "==", "~="};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (part->kind == APLOMB_PART_OPERATION && is(part, words[i])) return true;
	return false;
}

/* -1, 0, 1; of spans by their length, of money by its amount, of texts by their bytes. */
static int compare(const char *x, const char *y) {
	char *x_end, *y_end;
	if (x[0] == '"' && y[0] == '"') {
		aplomb_span one, other;
		char left[64], right[64];
		snprintf(left, sizeof left, "%.*s", (int)strlen(x) - 2, x + 1);
		snprintf(right, sizeof right, "%.*s", (int)strlen(y) - 2, y + 1);
		if (aplomb_span_read(left, &one, NULL) == APLOMB_OK && aplomb_span_read(right, &other, NULL) == APLOMB_OK)
			return one < other ? -1 : one > other;
		double m = strtod(left, &x_end), n = strtod(right, &y_end);
		if (x_end > left && y_end > right && strlen(x_end) == 4 && strcmp(x_end, y_end) == 0) return m < n ? -1 : m > n;
		int order = strcmp(x, y);
		return order < 0 ? -1 : order > 0;
	}
	double m = strtod(x, &x_end), n = strtod(y, &y_end);
	if (x_end > x && y_end > y) return m < n ? -1 : m > n;
	return strcmp(x, y);
}

static aplomb_verdict answer_of(const char *word, int order) {
	bool is_true = strcmp(word, "<") == 0    ? order < 0
	               : strcmp(word, "<=") == 0 ? order <= 0
	               : strcmp(word, ">") == 0  ? order > 0
	               : strcmp(word, ">=") == 0 ? order >= 0
	               : strcmp(word, "==") == 0 ? order == 0
	                                         : order != 0;
	return is_true ? APLOMB_VERDICT_TRUE : APLOMB_VERDICT_FALSE;
}

/* From the values alone, whatever the part itself says. Truths that only the case knows are taken as told. */
static aplomb_verdict evaluate(const aplomb_guard *guard, size_t at) {
	const aplomb_part *part = &guard->parts[at];
	size_t left = at + 1, right = left < guard->n_parts && left < end_of(guard, at) ? end_of(guard, left) : left;
	bool has_right = right < end_of(guard, at);
	if (part->kind == APLOMB_PART_OPERATION && is(part, "not")) {
		aplomb_verdict x = evaluate(guard, left);
		return x == APLOMB_VERDICT_TRUE ? APLOMB_VERDICT_FALSE : x == APLOMB_VERDICT_FALSE ? APLOMB_VERDICT_TRUE : x;
	}
	if (part->kind == APLOMB_PART_OPERATION && (is(part, "and") || is(part, "or"))) {
		aplomb_verdict ends = is(part, "and") ? APLOMB_VERDICT_FALSE : APLOMB_VERDICT_TRUE;
		aplomb_verdict x = evaluate(guard, left);
		if (x == ends) return ends;
		aplomb_verdict y = evaluate(guard, right);
		if (y == ends) return ends;
		return x == APLOMB_VERDICT_UNKNOWN || y == APLOMB_VERDICT_UNKNOWN ? APLOMB_VERDICT_UNKNOWN : x;
	}
	if (is_comparison(part) && has_right) {
		const aplomb_part *x = &guard->parts[left], *y = &guard->parts[right];
		if (strcmp(x->text, "nil") == 0 || strcmp(y->text, "nil") == 0)
			return ((x->value == NULL) == (y->value == NULL)) == is(part, "==") ? APLOMB_VERDICT_TRUE : APLOMB_VERDICT_FALSE;
		if (x->value == NULL || y->value == NULL) return APLOMB_VERDICT_UNKNOWN;
		return answer_of(part->word, compare(x->value, y->value));
	}
	if (part->kind == APLOMB_PART_QUESTION && is(part, "has"))
		return guard->parts[left].value != NULL ? APLOMB_VERDICT_TRUE : APLOMB_VERDICT_FALSE;
	if (part->kind == APLOMB_PART_PATH)
		return part->value == NULL ? APLOMB_VERDICT_UNKNOWN : strcmp(part->value, "true") == 0 ? APLOMB_VERDICT_TRUE : APLOMB_VERDICT_FALSE;
	return part->verdict;
}

/* Does the whole rest on exactly those parts that are marked? [marked]: this one should be. */
static void check_marks(walk *w, const aplomb_guard *guard, size_t at, bool marked) {
	const aplomb_part *part = &guard->parts[at];
	if (part->decides != marked) complain(w, "%s: \"%s\" is %smarked", guard->label, part->text, part->decides ? "" : "not ");
	bool is_and = part->kind == APLOMB_PART_OPERATION && is(part, "and"), is_or = part->kind == APLOMB_PART_OPERATION && is(part, "or");
	bool one_is_enough = (is_and && part->verdict == APLOMB_VERDICT_FALSE) || (is_or && part->verdict == APLOMB_VERDICT_TRUE),
	     has_one = false;
	for (size_t i = at + 1; i < end_of(guard, at); i = end_of(guard, i)) {
		bool child = marked && (is_and || is_or ? guard->parts[i].verdict == part->verdict && !(one_is_enough && has_one)
		                                        : part->verdict != APLOMB_VERDICT_NONE);
		has_one = has_one || child;
		check_marks(w, guard, i, child);
	}
}

static void check_text(walk *w, const aplomb_guard *guard) {
	aplomb_verdict found = evaluate(guard, 0);
	if (guard->parts[0].verdict != guard->verdict) complain(w, "%s: the whole and its first part differ", guard->label);
	if (found != guard->verdict) complain(w, "%s is told as %d, and comes to %d", guard->label, (int)guard->verdict, (int)found);
	check_marks(w, guard, 0, true);
}

/* ---- what functions looked at ------------------------------------------------------------ */

/* The member at that path, behind its first name, as canonical JSON; NULL: missing. Yours. */
static char *value_at(const aplomb_json *json, const char *path) {
	char name[64];
	aplomb_value value = aplomb_json_root(json);
	while (*path != '\0') {
		size_t size = strcspn(path, ".");
		snprintf(name, sizeof name, "%.*s", (int)size, path);
		value = aplomb_value_get(value, name);
		path += size + (path[size] == '.');
	}
	return aplomb_value_kind(value) == APLOMB_NULL ? NULL : aplomb_value_write(value);
}

static void check_look(walk *w, const aplomb_guard *guard, const aplomb_part *line, const aplomb_part *part) {
	const char *dot = strrchr(part->text, '.');
	const char *name = dot != NULL && part->kind == APLOMB_PART_PATH ? dot + 1 : part->word;
	w->looks++;
	if (part->kind != APLOMB_PART_CONDITION && strstr(line->text, name) == NULL)
		complain(w, "%s: line %u, \"%s\", does not ask for %s", guard->label, line->line, line->text, part->text);
	/* Only before anything of the step has changed the case is what it was. */
	const aplomb_json *where = NULL;
	if (strncmp(part->text, "data.", 5) == 0 && w->is_first) where = w->before;
	if (strncmp(part->text, "event.", 6) == 0 && w->is_posted_one) where = w->event;
	if (where == NULL || part->kind != APLOMB_PART_PATH) return;
	char *value = value_at(where, strchr(part->text, '.') + 1);
	bool is_same = value == NULL || part->value == NULL ? value == part->value : strcmp(value, part->value) == 0;
	/* A default stands in for what an event does not carry. */
	if (!is_same && !(where == w->event && value == NULL))
		complain(w, "%s: %s is told as %s, and is %s", guard->label, part->text, part->shown, value != NULL ? value : "missing");
	free(value);
}

static void check_function(walk *w, const aplomb_guard *guard) {
	size_t last = 0;
	for (size_t i = 1; i < guard->n_parts; i++)
		if (guard->parts[i].kind == APLOMB_PART_LINE) last = i;
	if (guard->parts[0].verdict != guard->verdict || guard->parts[0].line == 0) complain(w, "%s: the function's part", guard->label);
	for (size_t i = 1; i < guard->n_parts; i++) {
		const aplomb_part *part = &guard->parts[i];
		if (part->depth <= 2 && part->decides != (i >= last)) complain(w, "%s: \"%s\" is marked wrongly", guard->label, part->text);
		if (i < last && part->decides) complain(w, "%s: \"%s\" is marked, and is not of the last line", guard->label, part->text);
		if (part->kind == APLOMB_PART_LINE) {
			for (size_t k = i + 1; k < end_of(guard, i); k = end_of(guard, k)) check_look(w, guard, part, &guard->parts[k]);
		}
		if (part->kind == APLOMB_PART_CONDITION) {
			const aplomb_guard inner = {.size = sizeof inner,
			    .label = part->text,
			    .verdict = part->verdict,
			    .parts = part + 1,
			    .n_parts = end_of(guard, i) - i - 1};
			if (i > last) check_text(w, &inner);
		}
	}
}

static void check_guard(walk *w, const aplomb_guard *guard) {
	w->guards++;
	if (guard->n_parts == 0) {
		complain(w, "%s was not taken apart", guard->label);
		return;
	}
	if (guard->verdict == APLOMB_VERDICT_ERROR && guard->error == NULL)
		complain(w, "%s came to nothing, and nobody says why", guard->label);
	if (guard->parts[0].kind == APLOMB_PART_FUNCTION) {
		w->functions++;
		check_function(w, guard);
	} else if (guard->parts[0].kind != APLOMB_PART_STATE && guard->verdict != APLOMB_VERDICT_ERROR) {
		check_text(w, guard);
	}
}

/* Something is named that made the difference. */
static bool names_what_decides(const aplomb_guard *guard) {
	if (guard->n_parts == 1) return guard->parts[0].decides; /* a flag, or a final state */
	for (size_t i = 1; i < guard->n_parts; i++)
		if (guard->parts[i].decides && guard->parts[i].text[0] != '\0' &&
		    (guard->parts[i].shown[0] != '\0' || guard->parts[i].kind == APLOMB_PART_LINE))
			return true;
	return false;
}

/* ---- decisions ------------------------------------------------------------------------------ */

static void hear(const aplomb_decision *decision, void *payload) {
	walk *w = payload;
	if (decision->kind == APLOMB_DECISION_EVENT) w->is_posted_one = w->event != NULL && !decision->is_internal;
	if (decision->kind == APLOMB_DECISION_SETTLED) w->is_first = false;
	if (decision->guard != NULL) check_guard(w, decision->guard);
	if (decision->kind != APLOMB_DECISION_TRANSITION) return;
	seen *t = &w->transitions[decision->transition->number];
	switch (decision->standing) {
	case APLOMB_STANDS_TAKEN:
		t->taken++;
		if (decision->guard != NULL && decision->guard->verdict != APLOMB_VERDICT_TRUE)
			complain(w, "%s: taken without being true", t->name);
		break;
	case APLOMB_STANDS_REFUSED:
		if (decision->guard != NULL && names_what_decides(decision->guard))
			t->refused++;
		else
			complain(w, "%s: refused, and nothing is named", t->name);
		break;
	case APLOMB_STANDS_BEATEN:
	case APLOMB_STANDS_PREEMPTED:
		if (decision->other == NULL) complain(w, "%s: beaten by nobody", t->name);
		t->beaten++;
		break;
	default: break;
	}
}

static bool listens_to(const char *on, const char *event) {
	size_t size = strlen(event);
	for (const char *at = on; *at != '\0'; at += strspn(at, " ")) {
		size_t length = strcspn(at, " ");
		if ((length == 1 && *at == '*') ||
		    (length <= size && strncmp(at, event, length) == 0 && (event[length] == '\0' || event[length] == '.')))
			return true;
		at += length;
	}
	return false;
}

static const char *chosen; /* the event that comes next, for consider; only one walk runs at a time */

static void consider(const aplomb_considered *considered, void *payload) {
	walk *w = payload;
	seen *t = &w->transitions[considered->transition->number];
	const char *on = considered->transition->on;
	if (considered->standing == APLOMB_STANDS_INACTIVE) t->inactive++;
	if (considered->standing != APLOMB_STANDS_INACTIVE && chosen != NULL && !listens_to(on, chosen)) t->other_event++;
	bool could_be = considered->standing == APLOMB_STANDS_TAKEN || considered->standing == APLOMB_STANDS_DEPENDS;
	if (!could_be || w->n_could == MOST_TRANSITIONS) return;
	w->could_be[w->n_could] = considered->transition->number;
	w->could[w->n_could++] = on;
}

/* ---- events by chance ------------------------------------------------------------------------- */

static void put_value(walk *w, const field *f, char *out, size_t size) {
	static const char *const money[] = {"5.00 GBP", "20.00 GBP", "40.00 GBP", "40.01 GBP", "90.00 GBP"};
	static const char *const numbers[] = {"-1", "-0.9", "-0.61", "-0.3", "0", "0.5", "1"};
	if (f->n_choices > 0)
		snprintf(out, size, "\"%s\"", f->choices[chance(w, f->n_choices)]);
	else if (strcmp(f->type, "boolean") == 0)
		snprintf(out, size, "%s", chance(w, 2) == 0 ? "true" : "false");
	else if (strcmp(f->type, "integer") == 0)
		snprintf(out, size, "%u", (unsigned)chance(w, 7));
	else if (strcmp(f->type, "number") == 0)
		snprintf(out, size, "%s", numbers[chance(w, sizeof numbers / sizeof numbers[0])]);
	else if (strcmp(f->type, "money") == 0)
		snprintf(out, size, "\"%s\"", money[chance(w, sizeof money / sizeof money[0])]);
	else if (strcmp(f->type, "span") == 0)
		snprintf(out, size, "\"%um\"", (unsigned)chance(w, 90));
	else if (strcmp(f->type, "text") == 0)
		snprintf(out, size, "\"%s\"", w->n_words > 0 && chance(w, 8) != 0 ? w->words[chance(w, w->n_words)] : "some words");
	else
		snprintf(out, size, "null");
}

static void put_data(walk *w, const fields *of, char *out, size_t size) {
	size_t used = (size_t)snprintf(out, size, "{");
	for (size_t i = 0; i < of->count; i++) {
		const field *f = &of->each[i];
		char value[128];
		if (!f->required && chance(w, 10) < 3) continue;
		put_value(w, f, value, sizeof value);
		if (strcmp(value, "null") == 0) continue;
		used += (size_t)snprintf(out + used, size - used, "%s\"%s\":%s", used > 1 ? "," : "", f->name, value);
	}
	snprintf(out + used, size - used, "}");
}

/* An event that some transition could take, sooner one that was seldom taken; now and then any. */
static const fields *choose(walk *w) {
	const fields *found = NULL;
	uint64_t whole = 0;
	for (size_t i = 0; i < w->n_events; i++) {
		uint64_t weight = 3;
		for (size_t n = 0; n < w->n_could; n++)
			if (listens_to(w->could[n], w->events[i].name)) weight += 20 + 3000 / (1 + 2 * w->transitions[w->could_be[n]].taken);
		whole += weight;
		if (chance(w, whole) < weight) found = &w->events[i];
	}
	return found;
}

static void read_before(walk *w) {
	char *data;
	size_t size;
	if (w->before != NULL) aplomb_json_free(w->before);
	w->before = NULL;
	if (aplomb_case_data(w->rt, "k", &data, &size, NULL) != APLOMB_OK) return;
	if (aplomb_json_read(&w->before, data, size, NULL) != APLOMB_OK) abort();
	aplomb_text_free(w->rt, data);
}

static void begin_step(walk *w, const char *data) {
	read_before(w);
	if (w->event != NULL) aplomb_json_free(w->event);
	w->event = NULL;
	if (data != NULL && aplomb_json_read(&w->event, data, strlen(data), NULL) != APLOMB_OK) abort();
	w->is_first = true;
	w->steps++;
}

static void look_around(walk *w, const char *event) {
	aplomb_error error;
	chosen = event;
	w->n_could = 0;
	if (aplomb_case_consider(w->rt, "k", consider, w, &error) != APLOMB_OK) complain(w, "consider: %s", error.message);
}

static void let_time_pass(walk *w) {
	aplomb_instant due, now = aplomb_now(w->rt);
	aplomb_error error;
	if (!aplomb_next_due(w->rt, &due)) due = now + INT64_C(3600000000);
	if (chance(w, 3) == 0) due = now + (aplomb_span)chance(w, 600) * INT64_C(1000000);
	begin_step(w, NULL);
	if (due > now && aplomb_turn_clock(w->rt, due, NULL) != APLOMB_OK) abort();
	/* One timer at a time, so that what is looked at is of its own step. */
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	do {
		read_before(w);
		w->is_first = true;
		if (aplomb_pump(w->rt, 1, &report, &error) != APLOMB_OK) complain(w, "pump: %s", error.message);
	} while (report.more);
}

static void let_something_happen(walk *w) {
	look_around(w, NULL);
	const fields *what = choose(w);
	if (what == NULL) return;
	char data[2048];
	aplomb_event event = APLOMB_EVENT_INIT;
	put_data(w, what, data, sizeof data);
	event.case_id = "k";
	event.name = what->name;
	event.by = chance(w, 2) == 0 ? "agent" : "customer";
	event.data = what->count > 0 ? data : NULL;
	look_around(w, what->name);
	begin_step(w, what->count > 0 ? data : "{}");
	/* What is refused for its data is no step. */
	aplomb_post_wait(w->rt, &event, NULL, NULL);
}

static bool open_case(walk *w) {
	char data[2048], params[2048] = "{}", open[4200];
	aplomb_event opening = APLOMB_EVENT_INIT;
	put_data(w, &w->data, data, sizeof data);
	if (chance(w, 3) == 0) put_data(w, &w->params, params, sizeof params);
	snprintf(open, sizeof open, "{\"data\":%s,\"params\":%s}", data, params);
	opening.case_id = "k";
	opening.open = open;
	begin_step(w, NULL);
	w->is_first = false;
	return aplomb_case_open(w->rt, &opening, NULL, NULL) == APLOMB_OK;
}

/* Time up to [at], one timer after the other. */
static void wait_until(walk *w, aplomb_instant at) {
	aplomb_instant due;
	while (aplomb_next_due(w->rt, &due) && due <= at) {
		begin_step(w, NULL);
		if (due > aplomb_now(w->rt) && aplomb_turn_clock(w->rt, due, NULL) != APLOMB_OK) abort();
		if (aplomb_pump(w->rt, 1, NULL, NULL) != APLOMB_OK) complain(w, "pump");
	}
	if (aplomb_turn_clock(w->rt, at, NULL) != APLOMB_OK) abort();
}

/* { open }, { wait }, or { event, data } */
static void do_as_led(walk *w, aplomb_value line) {
	aplomb_span span;
	aplomb_error error = {0};
	const char *wait = aplomb_value_text(aplomb_value_get(line, "wait"), NULL);
	if (wait != NULL && aplomb_span_read(wait, &span, NULL) == APLOMB_OK) {
		wait_until(w, aplomb_now(w->rt) + span);
		return;
	}
	char *open = aplomb_value_write(aplomb_value_get(line, "open")), *data = aplomb_value_write(aplomb_value_get(line, "data"));
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = "k";
	if (open != NULL) {
		event.open = open;
		begin_step(w, NULL);
		w->is_first = false;
		if (aplomb_case_open(w->rt, &event, NULL, &error) != APLOMB_OK) complain(w, "%s: %s", open, error.message);
	} else {
		event.name = aplomb_value_text(aplomb_value_get(line, "event"), NULL);
		event.data = data;
		look_around(w, event.name);
		begin_step(w, data != NULL ? data : "{}");
		if (aplomb_post_wait(w->rt, &event, NULL, &error) != APLOMB_OK) complain(w, "%s: %s", event.name, error.message);
	}
	free(open);
	free(data);
}

static void walk_as_led(walk *w, FILE *file) {
	char text[1024];
	aplomb_error error = {0};
	if (aplomb_turn_clock(w->rt, monday, NULL) != APLOMB_OK) abort();
	while (fgets(text, sizeof text, file) != NULL) {
		aplomb_json *json;
		if (text[0] == '\n') {
			if (aplomb_reset(w->rt, NULL) != APLOMB_OK || aplomb_turn_clock(w->rt, monday, NULL) != APLOMB_OK) abort();
		} else if (aplomb_json_read(&json, text, strlen(text), &error) == APLOMB_OK) {
			do_as_led(w, aplomb_json_root(json));
			aplomb_json_free(json);
		} else {
			complain(w, "%s: %s", text, error.message);
		}
	}
	if (aplomb_reset(w->rt, NULL) != APLOMB_OK) abort();
}

static void walk_one_case(walk *w) {
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	if (aplomb_turn_clock(w->rt, monday, NULL) != APLOMB_OK || !open_case(w)) return;
	uint64_t patience = 25 + chance(w, 35); /* of hundred steps, how many are time that passes */
	for (int i = 0; i < MOST_OF_A_CASE; i++) {
		if (aplomb_case_get(w->rt, "k", &info, NULL) != APLOMB_OK || info.status != APLOMB_CASE_OPEN) return;
		if (chance(w, 100) < patience)
			let_time_pass(w);
		else
			let_something_happen(w);
	}
}

/* ---- the playbook -------------------------------------------------------------------------------- */

static void take_field(const aplomb_param *param, void *payload) {
	fields *to = payload;
	if (to->count == MOST_FIELDS || strchr(param->path, '.') != NULL || strcmp(param->type, "fields") == 0) return;
	field *f = &to->each[to->count++];
	snprintf(f->name, sizeof f->name, "%s", param->path);
	snprintf(f->type, sizeof f->type, "%s", param->type);
	f->required = param->required;
	for (size_t i = 0; i < param->n_choices && i < 12; i++) snprintf(f->choices[f->n_choices++], 48, "%s", param->choices[i]);
}

static void take_declaration(const aplomb_declaration *declaration, void *payload) {
	walk *w = payload;
	fields *to = declaration->what == APLOMB_DECLARES_DATA ? &w->data : &w->events[w->n_events];
	if (declaration->what == APLOMB_DECLARES_EFFECT || w->n_events == MOST_EVENTS) return;
	snprintf(to->name, sizeof to->name, "%s", declaration->name);
	if (declaration->what == APLOMB_DECLARES_EVENT) w->n_events++;
}

/* What guards compare texts with. */
static void take_words(walk *w, const char *label) {
	for (const char *at = label; (at = strpbrk(at, "\"'")) != NULL;) {
		const char *end = strchr(at + 1, *at);
		if (end == NULL) return;
		size_t size = (size_t)(end - at - 1);
		bool is_new = size > 0 && size < 64 && w->n_words < MOST_WORDS;
		for (size_t i = 0; i < w->n_words && is_new; i++) is_new = !(strlen(w->words[i]) == size && memcmp(w->words[i], at + 1, size) == 0);
		if (is_new) snprintf(w->words[w->n_words++], 64, "%.*s", (int)size, at + 1);
		at = end + 1;
	}
}

static void take_transition(const aplomb_transition *transition, void *payload) {
	walk *w = payload;
	if (transition->number > MOST_TRANSITIONS) abort();
	seen *t = &w->transitions[transition->number];
	snprintf(t->name, sizeof t->name, "#%u %s on %s to \"%s\" (%s:%u)%s%s", transition->number, transition->state, transition->on,
	    transition->to, transition->file, transition->line, transition->when != NULL ? " when " : "",
	    transition->when != NULL ? transition->when : "");
	t->has_guard = transition->when != NULL;
	if (transition->when != NULL) take_words(w, transition->when);
	w->n_transitions = transition->number;
}

/* Is the number in the list, "1,2,30"? */
static bool has_number(const char *list, uint32_t number) {
	for (char *at = (char *)(uintptr_t)list; *at != '\0'; at += *at == ',')
		if (strtoul(at, &at, 10) == number) return true;
	return false;
}

int main(int count, char **arguments) {
	static walk w = {.random = UINT64_C(0x9E3779B97F4A7C15)};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_error error = {0};
	if (count < 2) return 2;
	options.time_follows_events = true;
	options.forget_journal = true;
	load.path = arguments[1];
	if (aplomb_open(&w.rt, &options, &error) || aplomb_load(w.rt, &load, &w.playbook, &error) ||
	    aplomb_default_playbook(w.rt, w.playbook, &error)) {
		fprintf(stderr, "%s: %s\n", arguments[1], error.message);
		return 1;
	}
	aplomb_playbook_declarations(w.playbook, take_declaration, &w);
	for (size_t i = 0; i < w.n_events; i++)
		aplomb_playbook_fields(w.playbook, APLOMB_DECLARES_EVENT, w.events[i].name, take_field, &w.events[i]);
	aplomb_playbook_fields(w.playbook, APLOMB_DECLARES_DATA, "data", take_field, &w.data);
	aplomb_playbook_params(w.playbook, take_field, &w.params);
	aplomb_playbook_transitions(w.rt, w.playbook, take_transition, &w);
	const aplomb_watch watch = {sizeof watch, hear, &w};
	if (aplomb_watch_steps(w.rt, &watch, &error)) return 1;
	for (int n = 2; n + 1 < count; n += 2) {
		FILE *file = strcmp(arguments[n], "--led") == 0 ? fopen(arguments[n + 1], "r") : NULL;
		if (file == NULL) continue;
		walk_as_led(&w, file);
		fclose(file);
	}
	while (w.steps < STEPS) {
		walk_one_case(&w);
		if (aplomb_reset(w.rt, &error)) return 1;
	}
	unsigned missing = 0, certain = 0;
	for (uint32_t i = 1; i <= w.n_transitions; i++) {
		const seen *t = &w.transitions[i];
		bool stood_aside = t->inactive + t->other_event + t->beaten > 0;
		bool was_not_taken = t->has_guard ? t->refused > 0 : stood_aside;
		bool is_certain = false;
		for (int n = 2; n + 1 < count; n += 2)
			is_certain = is_certain || (strcmp(arguments[n], "--certain") == 0 && has_number(arguments[n + 1], i));
		if (is_certain && !(t->has_guard && t->taken > 0 && t->refused == 0 && stood_aside))
			complain(&w, "%s is said to be certain, and is not", t->name);
		certain += is_certain;
		if (is_certain || (t->taken > 0 && was_not_taken)) continue;
		fprintf(stderr, "%s: taken %u times, refused %u, inactive %u, another event %u, beaten %u\n", t->name, t->taken, t->refused,
		    t->inactive, t->other_event, t->beaten);
		missing++;
	}
	printf("%s: %u transitions, %u of them seen both ways, %u certain; %llu steps, %llu guards taken "
	       "apart, %llu of them functions that looked at "
	       "%llu things; %llu contradictions\n",
	    arguments[1], w.n_transitions, w.n_transitions - missing - certain, certain, (unsigned long long)w.steps,
	    (unsigned long long)w.guards, (unsigned long long)w.functions, (unsigned long long)w.looks, (unsigned long long)w.failures);
	if (w.before != NULL) aplomb_json_free(w.before);
	if (w.event != NULL) aplomb_json_free(w.event);
	aplomb_close(w.rt);
	return missing > 0 || w.failures > 0;
}
