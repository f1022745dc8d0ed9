/* SPDX-License-Identifier: MIT */
/* Decides what in a case's journal was done from outside, and what came of itself. */
#include "repl/retell.h"

#include <stdlib.h>
#include <string.h>

static bool is_text(aplomb_value map, const char *key, const char *wanted) {
	const char *text = aplomb_value_text(aplomb_value_get(map, key), NULL);
	return text != NULL && strcmp(text, wanted) == 0;
}

static bool has(aplomb_value map, const char *key) {
	return aplomb_value_kind(aplomb_value_get(map, key)) != APLOMB_ABSENT;
}

/* Somebody's event, and not one that was kept for later and is offered again. */
static bool is_from_outside(aplomb_value entry) {
	aplomb_value cause = aplomb_value_get(entry, "cause");
	bool is_event = is_text(entry, "kind", "event") || (is_text(entry, "kind", "faulted") && has(cause, "by"));
	return is_event && !has(cause, "deferred_seq");
}

typedef struct retelling {
	const repl_retelling *tell;
	void *payload;
	aplomb_instant now;
	bool has_begun;
	aplomb_json *head;
	size_t left_out;
} retelling;

static void wait_for(retelling *t, aplomb_instant at) {
	if (at > t->now) t->tell->waits(t->payload, at - t->now, at);
	if (at > t->now) t->now = at;
}

static void take(retelling *t, aplomb_value entry) {
	aplomb_instant at;
	if (!tell_entry_at(entry, &at)) return;
	if (is_text(entry, "kind", "opened")) {
		t->now = at;
		t->has_begun = true;
		t->tell->opens(t->payload, aplomb_json_root(t->head), entry, at);
		t->tell->came(t->payload, entry);
		return;
	}
	/* What was refused did not happen; that nobody was here was a matter of the machine. */
	if (is_text(entry, "kind", "refused") || is_text(entry, "kind", "away")) return;
	bool is_known = is_text(entry, "kind", "event") || is_text(entry, "kind", "timer") || is_text(entry, "kind", "faulted");
	if (!is_known) {
		t->left_out++;
		return;
	}
	wait_for(t, at);
	if (is_from_outside(entry)) t->tell->happens(t->payload, entry);
	t->tell->came(t->payload, entry);
}

size_t repl_retell(repl *r, const repl_retelling *tell, void *payload) {
	retelling t = {.tell = tell, .payload = payload};
	for (size_t n = 0; n < repl_story_count(r->story); n++) {
		size_t size;
		const char *line = repl_story_line(r->story, n, &size);
		aplomb_json *json;
		if (line == NULL || aplomb_json_read(&json, line, size, NULL) != APLOMB_OK) continue;
		if (has(aplomb_json_root(json), "aplomb")) {
			aplomb_json_free(t.head);
			t.head = json;
			continue;
		}
		take(&t, aplomb_json_root(json));
		aplomb_json_free(json);
	}
	if (t.has_begun) wait_for(&t, aplomb_now(r->rt));
	aplomb_json_free(t.head);
	return t.left_out;
}

/* ---- what need not be said ------------------------------------------------------ */

typedef struct comparing {
	const char *field;
	const char *json;
	bool is_same;
} comparing;

static void compare(const aplomb_param *field, void *payload) {
	comparing *c = payload;
	if (strcmp(field->path, c->field) == 0 && field->default_value != NULL && strcmp(field->default_value, c->json) == 0) c->is_same = true;
}

bool repl_is_default(const repl *r, aplomb_declares what, const char *name, const char *field, aplomb_value value) {
	char *json = aplomb_value_write(value);
	comparing c = {field, json != NULL ? json : "", false};
	aplomb_playbook_fields(r->playbook, what, name, compare, &c);
	free(json);
	return c.is_same;
}
