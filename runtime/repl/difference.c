/* SPDX-License-Identifier: MIT */
/*
 * Decides what counts as a difference between two histories of a case, and how
 * the first one is told. Compared are when an entry happens, by what cause, and
 * its items in order. Not compared are places, hashes and numbers of entries.
 */
#include "repl/difference.h"

#include <stdlib.h>
#include <string.h>

/* ---- reading both ------------------------------------------------------------------- */

typedef struct side {
	const char *at, *end;
	aplomb_json *json;
	aplomb_value entry; /* absent behind the last */
} side;

/* The next entry; the head is none. */
static bool next(side *s) {
	aplomb_json_free(s->json);
	s->json = NULL;
	s->entry = (aplomb_value){0};
	if (s->at >= s->end) return false;
	size_t size = strcspn(s->at, "\n");
	if (aplomb_json_read(&s->json, s->at, size, NULL) != APLOMB_OK) return false;
	s->entry = aplomb_json_root(s->json);
	s->at += size + 1;
	return true;
}

static bool is_there(aplomb_value value) {
	return aplomb_value_kind(value) != APLOMB_ABSENT;
}

static const char *text_in(aplomb_value map, const char *key) {
	const char *text = aplomb_value_text(aplomb_value_get(map, key), NULL);
	return text != NULL ? text : "";
}

/* ---- comparing ------------------------------------------------------------------------ */

/* The map's members but for those that follow from others, as JSON. */
static void put_members(repl_text *out, aplomb_value map) {
	static const char *const left_out[] = {"place", "armed_seq", "deferred_seq", "file", "line"};
	for (size_t i = 0; i < aplomb_value_count(map); i++) {
		const char *name;
		aplomb_value value = aplomb_value_at(map, i, &name);
		bool is_left_out = false;
		for (size_t n = 0; n < sizeof left_out / sizeof left_out[0]; n++) is_left_out = is_left_out || strcmp(left_out[n], name) == 0;
		if (is_left_out) continue;
		char *json = aplomb_value_write(value);
		repl_text_format(out, "%s=%s ", name, json != NULL ? json : "");
		free(json);
	}
}

static bool is_same(aplomb_value one, aplomb_value other) {
	repl_text left = {0}, right = {0};
	put_members(&left, one);
	put_members(&right, other);
	bool same = strcmp(repl_text_of(&left), repl_text_of(&right)) == 0;
	repl_text_dispose(&left);
	repl_text_dispose(&right);
	return same;
}

static bool is_same_cause(aplomb_value one, aplomb_value other) {
	return strcmp(text_in(one, "kind"), text_in(other, "kind")) == 0 && strcmp(text_in(one, "at"), text_in(other, "at")) == 0 &&
	       is_same(aplomb_value_get(one, "cause"), aplomb_value_get(other, "cause"));
}

/* The first item that differs, or how many there are. */
static size_t first_item(aplomb_value one, aplomb_value other) {
	aplomb_value left = aplomb_value_get(one, "items"), right = aplomb_value_get(other, "items");
	size_t n = 0;
	while (n < aplomb_value_count(left) && n < aplomb_value_count(right) &&
	       is_same(aplomb_value_at(left, n, NULL), aplomb_value_at(right, n, NULL)))
		n++;
	return n;
}

static bool has_same_items(aplomb_value one, aplomb_value other) {
	size_t n = first_item(one, other);
	return n == aplomb_value_count(aplomb_value_get(one, "items")) && n == aplomb_value_count(aplomb_value_get(other, "items"));
}

/* ---- telling ----------------------------------------------------------------------------- */

/* "effect suggest {…}", "transition a → b", "state a, b": the kind, and what says which. */
static void put_item(repl_text *out, aplomb_value item) {
	static const char *const members[] = {
	    "kind", "event", "timer", "from", "on", "to", "due", "data", "because", "active", "outcome", "level", "message", "slug"};
	repl_text_put(out, text_in(item, "do"));
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		aplomb_value value = aplomb_value_get(item, members[i]);
		if (!is_there(value)) continue;
		const char *text = aplomb_value_text(value, NULL);
		char *json = text == NULL ? aplomb_value_write(value) : NULL;
		bool is_named = strcmp(members[i], "kind") != 0 && strcmp(members[i], "data") != 0 && strcmp(members[i], "event") != 0 &&
		                strcmp(members[i], "active") != 0 && strcmp(members[i], "timer") != 0;
		repl_text_format(out, " %s%s%s", is_named ? members[i] : "", is_named ? " " : "", text != NULL ? text : json != NULL ? json : "");
		free(json);
	}
}

/* What led to the item: its own place, or that of the last transition before it. */
static const char *place_of(aplomb_value items, size_t n) {
	for (size_t i = n + 1; i-- > 0;) {
		const char *place = text_in(aplomb_value_at(items, i, NULL), "place");
		if (*place != '\0') return place;
	}
	return "";
}

static void put_cause(repl_text *out, aplomb_value entry) {
	aplomb_value cause = aplomb_value_get(entry, "cause");
	const char *state = text_in(cause, "state"), *event = text_in(cause, "event"), *statement = text_in(cause, "statement");
	repl_text_put(out, text_in(entry, "kind"));
	const char *name = *state != '\0' ? state : *event != '\0' ? event : statement;
	if (*name != '\0') repl_text_format(out, " %.200s", name);
	if (strcmp(text_in(entry, "kind"), "refused") == 0) repl_text_format(out, ": %s", text_in(cause, "message"));
}

static void tell_side(repl *r, const char *label, tell_style style, aplomb_value entry, bool is_cause, size_t n) {
	repl_text line = {0};
	aplomb_value items = aplomb_value_get(entry, "items");
	if (!is_there(entry)) {
		repl_text_put(&line, "nothing more happens");
	} else if (is_cause) {
		repl_text_format(&line, "%s at %s", "", text_in(entry, "at"));
		repl_text_clear(&line);
		put_cause(&line, entry);
		repl_text_format(&line, ", %s", text_in(entry, "at"));
	} else if (n < aplomb_value_count(items)) {
		put_item(&line, aplomb_value_at(items, n, NULL));
	} else {
		repl_text_put(&line, "nothing more in this entry");
	}
	const char *place = is_there(entry) && !is_cause && aplomb_value_count(items) > 0
	                        ? place_of(items, n < aplomb_value_count(items) ? n : aplomb_value_count(items) - 1)
	                        : "";
	if (*place != '\0') repl_text_format(&line, " (%s)", place);
	tell_line(r->out, NULL, label, style, repl_text_of(&line));
	repl_text_dispose(&line);
}

static void tell(repl *r, aplomb_value was, aplomb_value now) {
	aplomb_value one = is_there(was) ? was : now;
	bool is_cause = !is_there(was) || !is_there(now) || !is_same_cause(was, now);
	size_t n = is_cause ? 0 : first_item(was, now);
	repl_text line = {0};
	put_cause(&line, one);
	repl_say(r, "The first difference is in entry %lld, at %s (%s):", (long long)aplomb_value_integer(aplomb_value_get(one, "seq")),
	    text_in(one, "at"), repl_text_of(&line));
	repl_text_dispose(&line);
	tell_side(r, "was", TELL_FAINT, was, is_cause, n);
	tell_side(r, "is", TELL_CAREFUL, now, is_cause, n);
}

void repl_tell_difference(repl *r, const char *was, size_t was_size, const char *now, size_t now_size) {
	side one = {.at = was, .end = was + was_size}, other = {.at = now, .end = now + now_size};
	next(&one);
	next(&other);
	uint64_t count = 0;
	for (;; count++) {
		bool has_one = next(&one), has_other = next(&other);
		if (!has_one && !has_other) break;
		if (has_one && has_other && is_same_cause(one.entry, other.entry) && has_same_items(one.entry, other.entry)) continue;
		tell(r, one.entry, other.entry);
		aplomb_json_free(one.json);
		aplomb_json_free(other.json);
		return;
	}
	char number[32];
	repl_say(r, "All %s entries come out as they were.", tell_count(count, number));
}
