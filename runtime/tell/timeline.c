/* SPDX-License-Identifier: MIT */
/*
 * Decides how a journal entry is told to a person, in lines of this shape:
 *
 *   10:02:00  customer   “Where is my parcel?”
 *             moves      listening → answering
 *                        because the customer has finished
 *             wants      suggest “I am sorry that …”
 *             now        conversation.answering
 *             due        10:12:00 in 10m  conversation.answering
 */
#include "tell/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "tell/need.h"
#include "tell/wall.h"

enum { LABEL_COLUMN = 10, TEXT_COLUMN = 21, DAY = 10 };

static const char *text_of(aplomb_value map, const char *key) {
	return aplomb_value_text(aplomb_value_get(map, key), NULL);
}

static bool is_text(const char *text, const char *wanted) {
	return text != NULL && strcmp(text, wanted) == 0;
}

/* ---- days --------------------------------------------------------------- */

static const char *weekday_of(aplomb_instant at) {
	return tell_weekday(tell_wall_utc(at).weekday);
}

/* "2026-11-23T13:06:00Z" taken apart. */
typedef struct moment {
	char text[32];
	int day, month;
} moment;

static moment moment_of(aplomb_instant at) {
	moment m;
	aplomb_instant_write(at, m.text);
	m.month = (m.text[5] - '0') * 10 + m.text[6] - '0';
	m.day = (m.text[8] - '0') * 10 + m.text[9] - '0';
	return m;
}

static const char *time_of(const moment *m, char out[32]) {
	snprintf(out, 32, "%s", m->text + DAY + 1);
	out[strcspn(out, "Z")] = '\0';
	return out;
}

void tell_day_words(aplomb_instant at, char out[40]) {
	moment m = moment_of(at);
	snprintf(out, 40, "%s %d %s %.4s", weekday_of(at), m.day, tell_month(m.month), m.text);
}

/* The instant, without its day when that is the one of [near]. */
const char *tell_due_words(aplomb_instant at, aplomb_instant near, char out[64]) {
	moment m = moment_of(at), here = moment_of(near);
	char clock[32];
	time_of(&m, clock);
	if (memcmp(m.text, here.text, DAY) == 0)
		snprintf(out, 64, "%s", clock);
	else if (memcmp(m.text, here.text, 4) == 0)
		snprintf(out, 64, "%.3s %d %.3s %s", weekday_of(at), m.day, tell_month(m.month), clock);
	else
		snprintf(out, 64, "%d %.3s %.4s %s", m.day, tell_month(m.month), m.text, clock);
	return out;
}

/* ---- lines -------------------------------------------------------------- */

/* A labelled paragraph; the first of an entry carries its time. */
typedef struct telling {
	const tell_timeline *timeline;
	const tell_screen *screen;
	tell_case *the_case;
	const char *time; /* of the entry, until it was put; then NULL */
	tell_page page;
	const char *kind; /* of the effect whose data are told; or NULL */
} telling;

static void label(telling *t, tell_style style, const char *text, size_t size) {
	tell_page_end(&t->page);
	tell_print_styled(t->screen, TELL_FAINT, "%-*s", LABEL_COLUMN - 2, t->time != NULL ? t->time : "");
	tell_print(t->screen, "  ");
	t->time = NULL;
	int room = TEXT_COLUMN - LABEL_COLUMN - 1;
	tell_style_set(t->screen, style);
	tell_put_text(t->screen, text, size, tell_width(text, size) > room ? -1 : room);
	tell_style_set(t->screen, TELL_PLAIN);
	int width = tell_width(text, size);
	t->page = (tell_page){t->screen, TEXT_COLUMN, LABEL_COLUMN + (width > room ? width : room), false};
	/* A label that is too long has the line for itself. */
	if (width > room) {
		fputc('\n', t->screen->file);
		t->page.column = 0;
	}
}

static void own_label(telling *t, const char *text) {
	label(t, TELL_FAINT, text, strlen(text));
}

static void words(telling *t, tell_style style, const char *text, size_t size) {
	tell_style_set(t->screen, style);
	tell_page_words(&t->page, text, size);
	tell_style_set(t->screen, TELL_PLAIN);
}

static void text_words(telling *t, tell_style style, const char *text) {
	if (text != NULL) words(t, style, text, strlen(text));
}

static void next_word(telling *t) {
	t->page.wants_space = t->page.column > TEXT_COLUMN;
}

/* What somebody said, or is to say. */
static void speech(telling *t, const char *text, size_t size) {
	tell_page *page = &t->page;
	char *quoted = malloc(size + 7);
	if (quoted == NULL) {
		words(t, TELL_PLAIN, text, size);
		return;
	}
	/* The quotation marks stay with the first and the last word. */
	while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == ' ')) size--;
	memcpy(quoted, "\xE2\x80\x9C", 3);
	memcpy(quoted + 3, text, size);
	memcpy(quoted + 3 + size, "\xE2\x80\x9D", 3);
	tell_page_words(page, quoted, size + 6);
	free(quoted);
}

/* ---- values ------------------------------------------------------------- */

static const char *const SPEECH[] = {"text", "message", "words", "say", "question", "summary"};

static bool is_speech(const char *key) {
	for (size_t i = 0; i < sizeof SPEECH / sizeof SPEECH[0]; i++)
		if (strcmp(key, SPEECH[i]) == 0) return true;
	return false;
}

/* Behind the last word, without a space. */
static void glued_words(telling *t, tell_style style, const char *text) {
	t->page.wants_space = false;
	text_words(t, style, text);
}

static bool is_list_of_scalars(aplomb_value value) {
	if (aplomb_value_kind(value) != APLOMB_LIST || aplomb_value_count(value) == 0) return false;
	for (size_t i = 0; i < aplomb_value_count(value); i++) {
		aplomb_kind kind = aplomb_value_kind(aplomb_value_at(value, i, NULL));
		if (kind == APLOMB_LIST || kind == APLOMB_MAP) return false;
	}
	return true;
}

/* A text as it is, a boolean as a word, anything else as JSON. */
static void scalar_words(telling *t, aplomb_value value) {
	size_t size;
	const char *text = aplomb_value_text(value, &size);
	if (text != NULL) {
		words(t, TELL_PLAIN, text, size);
		return;
	}
	if (aplomb_value_kind(value) == APLOMB_BOOLEAN) {
		text_words(t, TELL_PLAIN, aplomb_value_boolean(value) ? "yes" : "no");
		return;
	}
	char *written = aplomb_value_write(value);
	text_words(t, TELL_PLAIN, written);
	free(written);
}

/* "order:", which no line parts. */
static void key_words(telling *t, const char *key) {
	size_t size = strlen(key);
	char *named = malloc(size + 1);
	if (named == NULL) {
		text_words(t, TELL_FAINT, key);
		return;
	}
	memcpy(named, key, size);
	named[size] = ':';
	words(t, TELL_FAINT, named, size + 1);
	free(named);
}

static bool is_list_of_maps(aplomb_value value) {
	if (aplomb_value_kind(value) != APLOMB_LIST || aplomb_value_count(value) == 0) return false;
	for (size_t i = 0; i < aplomb_value_count(value); i++)
		if (aplomb_value_kind(aplomb_value_at(value, i, NULL)) != APLOMB_MAP) return false;
	return true;
}

/* What the map is called by, and what it says to people, come first; then what else it has, but what is simply not so. */
static const char *const NAMES[] = {"id", "name", "key"};
static const char *const SAYS[] = {"title", "why", "text"};

static aplomb_value first_of(aplomb_value map, const char *const *keys, size_t count, const char **key) {
	for (size_t i = 0; i < count; i++) {
		aplomb_value value = aplomb_value_get(map, keys[i]);
		if (aplomb_value_kind(value) != APLOMB_TEXT) continue;
		*key = keys[i];
		return value;
	}
	*key = "";
	return (aplomb_value){0};
}

static void map_words(telling *t, aplomb_value map) {
	const char *name_key, *says_key;
	size_t size;
	aplomb_value name = first_of(map, NAMES, sizeof NAMES / sizeof NAMES[0], &name_key);
	aplomb_value says = first_of(map, SAYS, sizeof SAYS / sizeof SAYS[0], &says_key);
	bool is_first = true;
	if (aplomb_value_kind(name) == APLOMB_TEXT) {
		const char *text = aplomb_value_text(name, &size);
		words(t, TELL_STRONG, text, size);
		is_first = false;
	}
	if (aplomb_value_kind(says) == APLOMB_TEXT) {
		const char *text = aplomb_value_text(says, &size);
		if (!is_first) glued_words(t, TELL_FAINT, ":");
		next_word(t);
		words(t, TELL_PLAIN, text, size);
		is_first = false;
	}
	for (size_t i = 0; i < aplomb_value_count(map); i++) {
		const char *key;
		aplomb_value value = aplomb_value_at(map, i, &key);
		if (strcmp(key, name_key) == 0 || strcmp(key, says_key) == 0) continue;
		if (aplomb_value_kind(value) == APLOMB_BOOLEAN && !aplomb_value_boolean(value)) continue;
		if (!is_first) glued_words(t, TELL_FAINT, ";");
		next_word(t);
		is_first = false;
		if (aplomb_value_kind(value) == APLOMB_BOOLEAN) {
			text_words(t, TELL_FAINT, key);
			continue;
		}
		key_words(t, key);
		next_word(t);
		scalar_words(t, value);
	}
}

/* Each on a line of its own. */
static void map_lines(telling *t, aplomb_value list) {
	for (size_t i = 0; i < aplomb_value_count(list); i++) {
		tell_page_break(&t->page);
		text_words(t, TELL_FAINT, "\xE2\x80\xA2");
		t->page.indent = TEXT_COLUMN + 2;
		map_words(t, aplomb_value_at(list, i, NULL));
		t->page.indent = TEXT_COLUMN;
	}
}

static void value_words(telling *t, aplomb_value value) {
	if (is_list_of_scalars(value)) {
		for (size_t i = 0; i < aplomb_value_count(value); i++) {
			if (i > 0) glued_words(t, TELL_FAINT, ";");
			if (i > 0) next_word(t);
			scalar_words(t, aplomb_value_at(value, i, NULL));
		}
		return;
	}
	scalar_words(t, value);
}

/* The members but those that are speech: "order: A-17, days: 3". */
static void field_words(telling *t, aplomb_value data) {
	bool is_first = true, has_lists = false;
	for (size_t i = 0; i < aplomb_value_count(data); i++) {
		const char *key;
		aplomb_value value = aplomb_value_at(data, i, &key);
		if (is_speech(key) && aplomb_value_kind(value) == APLOMB_TEXT) continue;
		if (is_list_of_maps(value)) {
			has_lists = true;
			continue;
		}
		if (!is_first) glued_words(t, TELL_FAINT, ",");
		next_word(t);
		/* "menu choosing" says the same as "menu menu: choosing". */
		if (!is_text(t->kind, key)) key_words(t, key);
		next_word(t);
		value_words(t, value);
		is_first = false;
	}
	/* Lists of maps come last, each under its name; what can be had before what cannot, and why not. */
	size_t count = has_lists ? aplomb_value_count(data) : 0;
	for (size_t i = 0; i < 2 * count; i++) {
		const char *key;
		aplomb_value value = aplomb_value_at(data, i % count, &key);
		if (!is_list_of_maps(value)) continue;
		bool says_why = text_of(aplomb_value_at(value, 0, NULL), "why") != NULL;
		if (says_why != (i >= count)) continue;
		if (t->page.column > TEXT_COLUMN) tell_page_break(&t->page);
		key_words(t, key);
		map_lines(t, value);
	}
}

/* What was said first, then the rest, on a line of its own. */
static void data_words(telling *t, aplomb_value data) {
	size_t n_speeches = 0;
	for (size_t i = 0; i < sizeof SPEECH / sizeof SPEECH[0]; i++) {
		size_t size;
		const char *text = aplomb_value_text(aplomb_value_get(data, SPEECH[i]), &size);
		if (text == NULL) continue;
		next_word(t);
		speech(t, text, size);
		n_speeches++;
	}
	if (n_speeches > 0 && aplomb_value_count(data) > n_speeches) tell_page_break(&t->page);
	field_words(t, data);
}

static void because(telling *t, aplomb_value item) {
	const char *reason = text_of(item, "because");
	if (reason == NULL) return;
	if (t->page.column > TEXT_COLUMN) tell_page_break(&t->page);
	text_words(t, TELL_FAINT, "because ");
	text_words(t, TELL_FAINT, reason);
}

/* ---- items -------------------------------------------------------------- */

/* How much of the paths is the same: up to and with the last dot before they part. */
static size_t shared_prefix(const char *a, const char *b) {
	size_t shared = 0;
	for (size_t i = 0; a[i] != '\0' && a[i] == b[i]; i++)
		if (a[i] == '.') shared = i + 1;
	return shared;
}

/* The target as seen from the source: a state inside of it by its path there, any other without what both paths share. */
static const char *below(const char *from, const char *target, size_t shared) {
	size_t size = strlen(from);
	bool is_inside = size > 0 && strncmp(target, from, size) == 0 && target[size] == '.';
	return is_inside ? target + size + 1 : target + shared;
}

static void transition(telling *t, aplomb_value item) {
	const char *from = text_of(item, "from");
	aplomb_value to = aplomb_value_get(item, "to");
	size_t n_targets = aplomb_value_count(to);
	if (from == NULL) return;
	if (n_targets == 0) {
		/* Nothing moves: worth a line only for its reason. */
		if (text_of(item, "because") == NULL) return;
		own_label(t, "because");
		text_words(t, TELL_FAINT, text_of(item, "because"));
	} else {
		own_label(t, "moves");
		size_t shared = strlen(from);
		for (size_t i = 0; i < n_targets; i++) {
			const char *target = aplomb_value_text(aplomb_value_at(to, i, NULL), NULL);
			size_t here = target != NULL ? shared_prefix(from, target) : 0;
			if (here < shared) shared = here;
		}
		text_words(t, TELL_STATE, from + shared);
		text_words(t, TELL_STATE, " \xE2\x86\x92 ");
		for (size_t i = 0; i < n_targets; i++) {
			const char *target = aplomb_value_text(aplomb_value_at(to, i, NULL), NULL);
			if (target == NULL) continue;
			if (i > 0) text_words(t, TELL_STATE, ", ");
			text_words(t, TELL_STATE, below(from, target, shared));
		}
		because(t, item);
	}
	const char *place = text_of(item, "place");
	if (!t->timeline->shows_places || place == NULL) return;
	tell_page_break(&t->page);
	text_words(t, TELL_FAINT, "at ");
	text_words(t, TELL_FAINT, place);
}

static void effect(telling *t, aplomb_value item) {
	own_label(t, text_of(item, "ask") != NULL ? "asks" : "wants");
	text_words(t, TELL_WISH, text_of(item, "kind"));
	t->kind = text_of(item, "kind");
	data_words(t, aplomb_value_get(item, "data"));
	t->kind = NULL;
	because(t, item);
}

static void event_item(telling *t, aplomb_value item, const char *what) {
	own_label(t, what);
	text_words(t, TELL_PLAIN, text_of(item, "event"));
	const char *to = text_of(item, "to");
	if (to != NULL) {
		text_words(t, TELL_PLAIN, " to ");
		text_words(t, TELL_STRONG, to);
	}
	data_words(t, aplomb_value_get(item, "data"));
}

/* "begins", "cancels", "ended": a case of another playbook, and which. */
static void child_item(telling *t, aplomb_value item, const char *what) {
	own_label(t, what);
	text_words(t, TELL_STRONG, text_of(item, "child"));
	const char *playbook = text_of(aplomb_value_get(item, "playbook"), "id");
	if (playbook == NULL) return;
	text_words(t, TELL_PLAIN, " (");
	text_words(t, TELL_PLAIN, playbook);
	text_words(t, TELL_PLAIN, ")");
	aplomb_value open = aplomb_value_get(item, "open");
	data_words(t, aplomb_value_get(open, "data"));
	because(t, item);
	if (!t->timeline->is_played || text_of(item, "id") == NULL) return;
	char how[320];
	snprintf(how, sizeof how, "not opened here; play it: do done.invoke.%.255s", text_of(item, "id"));
	tell_page_break(&t->page);
	text_words(t, TELL_FAINT, how);
}

static void log_item(telling *t, aplomb_value item) {
	const char *level = text_of(item, "level");
	bool is_loud = is_text(level, "error") || is_text(level, "warn");
	label(t, is_loud ? TELL_CAREFUL : TELL_FAINT, level != NULL ? level : "log", level != NULL ? strlen(level) : 3);
	text_words(t, TELL_PLAIN, text_of(item, "message"));
	field_words(t, aplomb_value_get(item, "fields"));
}

static void finding(telling *t, aplomb_value item) {
	label(t, TELL_BAD, "finding", strlen("finding"));
	text_words(t, TELL_BAD, text_of(item, "message"));
	next_word(t);
	const char *file = text_of(item, "file");
	char place[300];
	snprintf(place, sizeof place, "[%s] %s:%lld", text_of(item, "slug") != NULL ? text_of(item, "slug") : "?", file != NULL ? file : "?",
	    (long long)aplomb_value_integer(aplomb_value_get(item, "line")));
	text_words(t, TELL_FAINT, place);
}

static void now(telling *t, const char *states) {
	own_label(t, "now");
	text_words(t, TELL_STATE, states);
}

static void closed(telling *t, aplomb_value item) {
	own_label(t, "closed");
	const char *outcome = text_of(item, "outcome");
	text_words(t, TELL_GOOD, outcome != NULL ? outcome : "without a named outcome");
}

/* What an absence means for a timer. */
static void missed_item(telling *t, aplomb_value item, bool is_moved) {
	char text[160];
	const char *name = is_text(text_of(item, "timer"), "send") ? text_of(item, "event") : text_of(item, "timer");
	const char *due = text_of(item, "due");
	if (name == NULL) return;
	label(t, TELL_CAREFUL, is_moved ? "missed" : "skips", is_moved ? 6 : 5);
	text_words(t, TELL_PLAIN, name);
	if (!is_moved || due == NULL) return;
	next_word(t);
	snprintf(text, sizeof text, "%lld times; it is due at %s", (long long)aplomb_value_integer(aplomb_value_get(item, "missed")), due);
	text_words(t, TELL_FAINT, text);
}

/* What a clock counts with is told in its own words; what is told here is how much of it. */
/* Until when something was, that moved with its calendar. */
static void was(telling *t, aplomb_value item) {
	const char *before = text_of(item, "was");
	char text[128], when[64];
	aplomb_instant at;
	if (before == NULL || aplomb_instant_read(before, &at, NULL) != APLOMB_OK) return;
	snprintf(text, sizeof text, ", and not %s", tell_due_words(at, t->the_case->at, when));
	text_words(t, TELL_PLAIN, text);
}

static void clock_item(telling *t, aplomb_value item) {
	const char *what = text_of(item, "what"), *target = text_of(item, "target"), *deadline = text_of(item, "deadline");
	char text[192], counted[32], elapsed[32], when[64];
	aplomb_instant at;
	if (what == NULL || is_text(what, "warn") || is_text(what, "breach")) return; /* the timer's own line says so */
	own_label(t, "clock");
	text_words(t, TELL_STRONG, text_of(item, "clock"));
	next_word(t);
	tell_span(aplomb_value_integer(aplomb_value_get(item, "counted_us")), counted);
	tell_span(aplomb_value_integer(aplomb_value_get(item, "elapsed_us")), elapsed);
	if (is_text(what, "recount"))
		snprintf(text, sizeof text, "is counted anew: %s of %s used", elapsed, target != NULL ? target : "its target");
	else if (target != NULL)
		snprintf(text, sizeof text, "%s %s, %s of it used", is_text(what, "move") ? "has now" : "runs:", target, elapsed);
	else if (is_text(what, "restart"))
		snprintf(text, sizeof text, "begins anew");
	else
		snprintf(text, sizeof text, "%s: %s counted, %s in all", is_text(what, "end") ? "ends" : "pauses", counted, elapsed);
	text_words(t, TELL_PLAIN, text);
	if (target != NULL && deadline != NULL && aplomb_instant_read(deadline, &at, NULL) == APLOMB_OK) {
		snprintf(text, sizeof text, ", until %s", tell_due_words(at, t->the_case->at, when));
		text_words(t, TELL_PLAIN, text);
	}
	was(t, item);
	because(t, item);
}

static void show_item(telling *t, aplomb_value item) {
	const char *what = text_of(item, "do");
	if (is_text(what, "effect")) effect(t, item);
	if (what == NULL || t->timeline->effects_only) return;
	if (is_text(what, "transition")) transition(t, item);
	if (is_text(what, "raise")) event_item(t, item, "raises");
	if (is_text(what, "skip")) missed_item(t, item, false);
	if (is_text(what, "move") && aplomb_value_kind(aplomb_value_get(item, "missed")) == APLOMB_INTEGER) missed_item(t, item, true);
	if (is_text(what, "send")) event_item(t, item, "sends");
	if (is_text(what, "invoke")) child_item(t, item, "begins");
	if (is_text(what, "cancelled")) child_item(t, item, "cancels");
	if (is_text(what, "ended")) child_item(t, item, "ended");
	if (is_text(what, "clock")) clock_item(t, item);
	if (is_text(what, "log")) log_item(t, item);
	if (is_text(what, "finding")) finding(t, item);
	if (is_text(what, "closed")) closed(t, item);
	/* One that timers count from has done what it came for. */
	bool is_counted = aplomb_value_kind(aplomb_value_get(item, "counted")) != APLOMB_ABSENT;
	if (is_text(what, "unhandled") && is_counted) {
		own_label(t, "counts");
		text_words(t, TELL_PLAIN, "no state waits for it; a counter has it");
	} else if (is_text(what, "unhandled") && !t->the_case->timers_changed) {
		label(t, TELL_CAREFUL, "unheard", strlen("unheard"));
		text_words(t, TELL_CAREFUL, "no state took this event");
	}
	if (is_text(what, "deferred")) {
		own_label(t, "later");
		text_words(t, TELL_PLAIN, "kept, and offered again when the case has moved");
	}
}

/* Everything that is due, when something about it changed. */
static void due(telling *t) {
	tell_case *c = t->the_case;
	if (t->timeline->is_part || !c->timers_changed || c->status != APLOMB_CASE_OPEN) return;
	own_label(t, "due");
	if (c->n_timers == 0) text_words(t, TELL_FAINT, "nothing");
	for (size_t i = 0; i < c->n_timers; i++) {
		char when[64], span[32], line[128];
		if (i > 0) tell_page_break(&t->page);
		snprintf(line, sizeof line, "%s, in %s: ", tell_due_words(c->timers[i].due_at, c->at, when),
		    tell_span(c->timers[i].due_at - c->at, span));
		text_words(t, TELL_PLAIN, line);
		text_words(t, TELL_STATE, c->timers[i].label);
	}
}

/* ---- entries ------------------------------------------------------------ */

/* Who did what: the first line of an entry. */
static void event_cause(telling *t, aplomb_value cause) {
	const char *by = text_of(cause, "by");
	const char *name = text_of(cause, "event");
	label(t, TELL_STRONG, by != NULL ? by : "system", strlen(by != NULL ? by : "system"));
	/* Of a message, what it says is enough. */
	size_t size = name != NULL ? strlen(name) : 0;
	aplomb_value data = aplomb_value_get(cause, "data");
	bool is_message = size > 8 && strcmp(name + size - 8, ".message") == 0 && aplomb_value_count(data) > 0;
	if (!is_message) text_words(t, TELL_PLAIN, name);
	data_words(t, data);
	int64_t late = aplomb_value_integer(aplomb_value_get(cause, "late_by_us"));
	if (late > 0) {
		char span[32], text[64];
		snprintf(text, sizeof text, "(%s late)", tell_span(late, span));
		next_word(t);
		text_words(t, TELL_CAREFUL, text);
	}
	int64_t deferred = aplomb_value_integer(aplomb_value_get(cause, "deferred_seq"));
	if (deferred > 0) {
		next_word(t);
		text_words(t, TELL_FAINT, "(offered again)");
	}
}

static void timer_cause(telling *t, aplomb_value cause) {
	label(t, TELL_STRONG, "time", strlen("time"));
	const char *state = text_of(cause, "state");
	char span[32];
	if (state == NULL) {
		text_words(t, TELL_PLAIN, text_of(cause, "event"));
		data_words(t, aplomb_value_get(cause, "data"));
		return;
	}
	if (t->the_case->waited >= 0) {
		text_words(t, TELL_PLAIN, tell_span(t->the_case->waited, span));
		text_words(t, TELL_PLAIN, " passed in ");
	} else {
		text_words(t, TELL_PLAIN, "the time was up in ");
	}
	text_words(t, TELL_STATE, state);
}

static void opened_cause(telling *t, aplomb_value cause) {
	own_label(t, "opened");
	aplomb_value data = aplomb_value_get(cause, "data");
	if (aplomb_value_count(data) == 0) text_words(t, TELL_PLAIN, "a new case");
	data_words(t, data);
}

static void refused_cause(telling *t, aplomb_value cause) {
	const char *by = text_of(cause, "by");
	label(t, TELL_STRONG, by != NULL ? by : "system", strlen(by != NULL ? by : "system"));
	text_words(t, TELL_CAREFUL, "refused: ");
	text_words(t, TELL_CAREFUL, text_of(cause, "message"));
	const char *slug = text_of(cause, "slug");
	if (slug == NULL) return;
	char text[64];
	snprintf(text, sizeof text, " [%s]", slug);
	text_words(t, TELL_FAINT, text);
}

/* Whoever invoked the case needs it no more. */
static void cancelled_cause(telling *t, aplomb_value cause) {
	const char *by = text_of(cause, "by");
	label(t, TELL_STRONG, by != NULL ? by : "system", strlen(by != NULL ? by : "system"));
	text_words(t, TELL_CAREFUL, "cancelled: the state that invoked this case was left");
}

static void away_cause(telling *t, aplomb_value cause) {
	aplomb_instant from, to;
	char span[32], text[96];
	const char *from_text = text_of(cause, "from"), *to_text = text_of(cause, "to");
	own_label(t, "away");
	if (from_text == NULL || to_text == NULL || aplomb_instant_read(from_text, &from, NULL) || aplomb_instant_read(to_text, &to, NULL))
		return;
	snprintf(text, sizeof text, "nobody was here for %s, since %s", tell_span(to - from, span), from_text);
	text_words(t, TELL_CAREFUL, text);
}

/* Somebody took care of a case that was faulted. */
static void mended_cause(telling *t, aplomb_value cause) {
	const char *by = text_of(cause, "by"), *what = text_of(cause, "do"), *why = text_of(cause, "because");
	char text[96];
	label(t, TELL_STRONG, by != NULL ? by : "system", strlen(by != NULL ? by : "system"));
	snprintf(text, sizeof text, "%s after the fault: ",
	    is_text(what, "resume") ? "goes on"
	    : is_text(what, "skip") ? "goes on without that"
	    : is_text(what, "set")  ? "sets the data right"
	                            : "closes it");
	text_words(t, TELL_CAREFUL, text);
	next_word(t);
	text_words(t, TELL_PLAIN, why != NULL ? why : "");
	data_words(t, aplomb_value_get(cause, "data"));
}

static void faulted_cause(telling *t, aplomb_value cause) {
	if (text_of(cause, "do") != NULL)
		mended_cause(t, cause);
	else if (text_of(cause, "by") != NULL && text_of(cause, "event") == NULL)
		cancelled_cause(t, cause);
	else if (text_of(cause, "by") != NULL)
		event_cause(t, cause);
	else
		timer_cause(t, cause);
	label(t, TELL_BAD, "FAULTED", strlen("FAULTED"));
	text_words(t, TELL_BAD, "this step broke a limit and was undone; the case takes no more events");
}

/* Somebody said that a calendar is another from now on. What moved are items, and what is due is told behind them. */
static void calendar_cause(telling *t, aplomb_value cause) {
	const char *by = text_of(cause, "by"), *name = text_of(cause, "calendar"), *why = text_of(cause, "because"), *to = text_of(cause, "to");
	char text[192];
	label(t, TELL_STRONG, by != NULL ? by : "system", strlen(by != NULL ? by : "system"));
	snprintf(text, sizeof text, "calendar %.100s is version %.12s from now on; deadlines that stand are %s: ", name != NULL ? name : "?",
	    to != NULL ? to : "?", is_text(text_of(cause, "changes"), "keep") ? "kept" : "recomputed");
	text_words(t, TELL_CAREFUL, text);
	next_word(t);
	text_words(t, TELL_PLAIN, why != NULL ? why : "");
}

/* Somebody tried something in a rehearsal: the first line of it, for the rest is in the journal. */
static void statement_cause(telling *t, aplomb_value cause) {
	size_t size;
	const char *text = aplomb_value_text(aplomb_value_get(cause, "statement"), &size);
	own_label(t, "tried");
	if (text == NULL) return;
	size_t first = strcspn(text, "\r\n");
	char *line = tell_need_copy(text);
	line[first] = '\0';
	text_words(t, TELL_CAREFUL, line);
	free(line);
	if (first < size) text_words(t, TELL_FAINT, "and more lines, which the journal has");
}

static void show_cause(telling *t, aplomb_value entry) {
	aplomb_value cause = aplomb_value_get(entry, "cause");
	const char *kind = text_of(entry, "kind");
	if (is_text(kind, "event")) event_cause(t, cause);
	if (is_text(kind, "timer")) timer_cause(t, cause);
	if (is_text(kind, "opened")) opened_cause(t, cause);
	if (is_text(kind, "refused")) refused_cause(t, cause);
	if (is_text(kind, "away")) away_cause(t, cause);
	if (is_text(kind, "faulted")) faulted_cause(t, cause);
	if (is_text(kind, "statement")) statement_cause(t, cause);
	if (is_text(kind, "cancelled")) cancelled_cause(t, cause);
	if (is_text(kind, "mended")) mended_cause(t, cause);
	if (is_text(kind, "calendar")) calendar_cause(t, cause);
}

/* Whose entry this is, and of which day, when either changed; did it? */
static bool headings(tell_timeline *timeline, tell_case *c) {
	const tell_screen *screen = timeline->screen;
	moment m = moment_of(c->at);
	bool is_other = timeline->last != c;
	bool is_new = c->day[0] == '\0';
	bool is_other_day = memcmp(c->day, m.text, DAY) != 0;
	bool is_first = timeline->is_played ? timeline->shown == 0 : timeline->last == NULL;
	if (!is_first && (is_other || is_other_day)) tell_print(screen, "\n");
	if (is_other) {
		tell_style_set(screen, TELL_STRONG);
		tell_put_text(screen, c->id, strlen(c->id), -1);
		tell_style_set(screen, TELL_PLAIN);
		tell_style_set(screen, TELL_FAINT);
		if (is_new && c->playbook != NULL) {
			tell_print(screen, "  playbook ");
			tell_put_text(screen, c->playbook, strlen(c->playbook), -1);
			if (c->version != NULL) {
				tell_print(screen, " ");
				tell_put_text(screen, c->version, strlen(c->version), -1);
			}
		}
		if (is_new && c->parent != NULL) {
			tell_print(screen, "  invoked by ");
			tell_put_text(screen, c->parent, strlen(c->parent), -1);
		}
		if (is_new && c->subject != NULL) {
			tell_print(screen, "  about ");
			tell_put_text(screen, c->subject, strlen(c->subject), -1);
		}
		tell_style_set(screen, TELL_PLAIN);
		tell_print(screen, "\n");
	}
	if (is_other || is_other_day) {
		char day[40];
		tell_day_words(c->at, day);
		tell_print_styled(screen, TELL_FAINT, "%s", day);
		tell_print(screen, "\n");
	}
	memcpy(c->day, m.text, DAY);
	timeline->last = c;
	return is_other || is_other_day;
}

void tell_timeline_day(tell_timeline *timeline, tell_case *c, aplomb_instant at) {
	moment m = moment_of(at);
	if (memcmp(c->day, m.text, DAY) == 0) return;
	char day[40];
	tell_day_words(at, day);
	if (timeline->shown > 0) tell_print(timeline->screen, "\n");
	tell_print_styled(timeline->screen, TELL_FAINT, "%s", day);
	tell_print(timeline->screen, "\n");
	memcpy(c->day, m.text, DAY);
}

void tell_timeline_show(tell_timeline *timeline, tell_case *c, aplomb_value entry) {
	if (text_of(entry, "aplomb") != NULL) return;
	bool has_heading = headings(timeline, c);
	moment m = moment_of(c->at);
	char clock[32];
	telling t = {timeline, timeline->screen, c, time_of(&m, clock), {timeline->screen, TEXT_COLUMN, 0, false}, NULL};
	/* Below a heading, too; but what is played follows its prompt at once. */
	if (!timeline->is_played || (timeline->shown > 0 && !has_heading)) tell_print(timeline->screen, "\n");
	timeline->shown++;
	show_cause(&t, entry);
	bool moved = false;
	aplomb_value items = aplomb_value_get(entry, "items");
	for (size_t i = 0; i < aplomb_value_count(items); i++) {
		aplomb_value item = aplomb_value_at(items, i, NULL);
		show_item(&t, item);
		moved = moved || is_text(text_of(item, "do"), "state");
	}
	if (!timeline->effects_only && !timeline->is_played && !is_text(text_of(entry, "kind"), "faulted")) {
		if (moved && c->states != NULL && c->status == APLOMB_CASE_OPEN) now(&t, c->states);
		due(&t);
	}
	tell_page_end(&t.page);
}

void tell_line(const tell_screen *screen, const char *time, const char *name, tell_style style, const char *text) {
	telling t = {NULL, screen, NULL, time, {screen, TEXT_COLUMN, 0, false}, NULL};
	own_label(&t, name);
	text_words(&t, style, text);
	tell_page_end(&t.page);
}
