/* SPDX-License-Identifier: MIT */
/*
 * Decides what a case's journal says about where the case is now. Whether the
 * journal is sound was decided before; a line that is not is taken for what it
 * says, as far as it says anything.
 */
#include "tell/casebook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tell/need.h"

void tell_casebook_init(tell_casebook *book) {
	*book = (tell_casebook){0};
}

static void free_timer(tell_timer *timer) {
	free(timer->name);
	free(timer->label);
}

static void free_case(tell_case *c) {
	for (size_t i = 0; i < c->n_timers; i++) free_timer(&c->timers[i]);
	free(c->timers);
	free(c->id);
	free(c->subject);
	free(c->parent);
	free(c->playbook);
	free(c->version);
	free(c->states);
	free(c->outcome);
	free(c);
}

void tell_casebook_dispose(tell_casebook *book) {
	for (size_t i = 0; i < book->count; i++) free_case(book->cases[i]);
	free(book->cases);
	free(book->slots);
	*book = (tell_casebook){0};
}

/* ---- finding ------------------------------------------------------------ */

/* FNV-1a: ids are short and nobody attacks their own terminal. */
static size_t hash_of(const char *id) {
	uint64_t hash = 14695981039346656037u;
	for (; *id != '\0'; id++) hash = (hash ^ (unsigned char)*id) * 1099511628211u;
	return (size_t)(hash ^ hash >> 32);
}

static tell_case **slot_of(const tell_casebook *book, const char *id) {
	size_t at = hash_of(id) & (book->capacity - 1);
	while (book->slots[at] != NULL && strcmp(book->slots[at]->id, id) != 0) at = (at + 1) & (book->capacity - 1);
	return &book->slots[at];
}

tell_case *tell_casebook_find(const tell_casebook *book, const char *id) {
	return book->capacity == 0 ? NULL : *slot_of(book, id);
}

static void grow(tell_casebook *book) {
	free(book->slots);
	book->capacity = book->capacity > 0 ? book->capacity * 2 : 64;
	book->slots = tell_need(book->capacity * sizeof *book->slots);
	for (size_t i = 0; i < book->count; i++) *slot_of(book, book->cases[i]->id) = book->cases[i];
}

static tell_case *add(tell_casebook *book, const char *id) {
	if (book->count + 1 > book->capacity / 2) grow(book);
	tell_case *c = tell_need(sizeof *c);
	c->id = tell_need_copy(id);
	tell_need_room(&book->cases, book->count, 1, &book->cases_capacity, sizeof *book->cases);
	book->cases[book->count++] = c;
	*slot_of(book, id) = c;
	return c;
}

/* ---- reading ------------------------------------------------------------ */

static const char *text_of(aplomb_value map, const char *key) {
	return aplomb_value_text(aplomb_value_get(map, key), NULL);
}

static bool is_text(aplomb_value map, const char *key, const char *text) {
	const char *found = text_of(map, key);
	return found != NULL && strcmp(found, text) == 0;
}

bool tell_entry_at(aplomb_value entry, aplomb_instant *out) {
	const char *text = text_of(entry, "at");
	return text != NULL && aplomb_instant_read(text, out, NULL) == APLOMB_OK;
}

static void set(char **member, const char *text) {
	free(*member);
	*member = tell_need_copy(text);
}

/* The path in "after.<path>.<n>" and the like, or the name as it is. */
static char *label_of(const char *name, const char *event) {
	static const char *const words[] = {"after.", "every.", "at."};
	if (event != NULL) return tell_need_copy(event);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strncmp(name, words[i], strlen(words[i])) != 0) continue;
		name += strlen(words[i]);
		break;
	}
	char *label = tell_need_copy(name);
	char *last = strrchr(label, '.');
	if (last != NULL && last != label && strspn(last + 1, "0123456789") == strlen(last + 1)) *last = '\0';
	return label;
}

static void remove_timer(tell_case *c, size_t at) {
	free_timer(&c->timers[at]);
	memmove(&c->timers[at], &c->timers[at + 1], (--c->n_timers - at) * sizeof *c->timers);
	c->timers_changed = true;
}

static size_t find_timer(const tell_case *c, bool is_send, const char *name) {
	size_t at = 0;
	while (at < c->n_timers && (c->timers[at].is_send != is_send || strcmp(c->timers[at].name, name) != 0)) at++;
	return at;
}

static void insert_timer(tell_case *c, tell_timer timer) {
	tell_need_room(&c->timers, c->n_timers, 1, &c->timers_capacity, sizeof *c->timers);
	size_t at = c->n_timers++;
	for (; at > 0 && c->timers[at - 1].due_at > timer.due_at; at--) c->timers[at] = c->timers[at - 1];
	c->timers[at] = timer;
	c->timers_changed = true;
}

/* What tells timers apart: a delay's name; a send's id, or its event when it has none. */
static const char *name_of(aplomb_value item, bool *is_send) {
	*is_send = is_text(item, "timer", "send");
	if (!*is_send) return text_of(item, "timer");
	const char *id = text_of(item, "id");
	return id != NULL ? id : text_of(item, "event");
}

static void note_timer(tell_case *c, aplomb_value item, const char *what) {
	bool is_send;
	const char *name = name_of(item, &is_send);
	if (name == NULL) {
		/* A send without a name was taken back: the one due first is as good a guess as any. */
		size_t at = 0;
		while (at < c->n_timers && !c->timers[at].is_send) at++;
		if (at < c->n_timers && strcmp(what, "cancel") == 0) remove_timer(c, at);
		return;
	}
	size_t at = find_timer(c, is_send, name);
	if (strcmp(what, "cancel") == 0) {
		if (at < c->n_timers) remove_timer(c, at);
		return;
	}
	aplomb_instant due_at;
	const char *due = text_of(item, "due");
	if (due == NULL || aplomb_instant_read(due, &due_at, NULL) != APLOMB_OK) return;
	tell_timer timer = {tell_need_copy(name), label_of(name, is_send ? text_of(item, "event") : NULL), is_send, due_at, due_at - c->at};
	if (strcmp(what, "move") == 0 && at < c->n_timers) {
		timer.span = c->timers[at].span;
		remove_timer(c, at);
	}
	insert_timer(c, timer);
}

/* What a clock will tell next, which no other item says. */
static void note_clock(tell_case *c, aplomb_value item) {
	aplomb_instant due_at;
	const char *clock = text_of(item, "clock"), *due = text_of(item, "due");
	if (clock == NULL) return;
	const size_t size = strlen(clock) + sizeof "clock.";
	char *name = tell_need(size), *label = tell_need(size);
	snprintf(name, size, "clock.%s", clock);
	snprintf(label, size, "clock %s", clock);
	const size_t at = find_timer(c, false, name);
	if (at < c->n_timers) remove_timer(c, at);
	if (due != NULL && aplomb_instant_read(due, &due_at, NULL) == APLOMB_OK) {
		insert_timer(c, (tell_timer){name, label, false, due_at, due_at - c->at});
		return;
	}
	free(name);
	free(label);
}

/* The timer that fired is armed no more; nothing in the items says so. */
static void note_fired(tell_case *c, aplomb_value cause) {
	const char *send = text_of(cause, "send");
	const char *event = text_of(cause, "event");
	bool is_send = text_of(cause, "state") == NULL;
	const char *name = is_send && send != NULL ? send : event;
	if (name == NULL) return;
	size_t at = find_timer(c, is_send, name);
	if (at == c->n_timers) return;
	c->waited = c->timers[at].span;
	remove_timer(c, at);
}

static void note_states(tell_case *c, aplomb_value active) {
	size_t size = 1;
	for (size_t i = 0; i < aplomb_value_count(active); i++) {
		const char *path = aplomb_value_text(aplomb_value_at(active, i, NULL), NULL);
		if (path != NULL) size += strlen(path) + 2;
	}
	char *states = tell_need(size);
	for (size_t i = 0; i < aplomb_value_count(active); i++) {
		const char *path = aplomb_value_text(aplomb_value_at(active, i, NULL), NULL);
		if (path == NULL) continue;
		if (states[0] != '\0') strcat(states, ", ");
		strcat(states, path);
	}
	free(c->states);
	c->states = states;
}

static void note_item(tell_case *c, aplomb_value item) {
	const char *what = text_of(item, "do");
	if (what == NULL) return;
	if (strcmp(what, "arm") == 0 || strcmp(what, "cancel") == 0 || strcmp(what, "move") == 0) {
		note_timer(c, item, what);
	} else if (strcmp(what, "skip") == 0) {
		note_timer(c, item, "cancel");
	} else if (strcmp(what, "clock") == 0) {
		note_clock(c, item);
	} else if (strcmp(what, "state") == 0) {
		note_states(c, aplomb_value_get(item, "active"));
	} else if (strcmp(what, "effect") == 0) {
		c->effects++;
	} else if (strcmp(what, "closed") == 0) {
		c->status = APLOMB_CASE_CLOSED;
		set(&c->outcome, text_of(item, "outcome"));
	}
}

static void note_head(tell_case *c, aplomb_value head) {
	aplomb_value playbook = aplomb_value_get(head, "playbook");
	set(&c->playbook, text_of(playbook, "id"));
	set(&c->version, text_of(playbook, "version"));
	set(&c->subject, text_of(head, "subject"));
	set(&c->parent, text_of(aplomb_value_get(head, "parent"), "case"));
}

static void note_entry(tell_case *c, aplomb_value entry) {
	aplomb_instant at;
	if (tell_entry_at(entry, &at)) {
		c->at = at;
		if (c->entries == 0) c->opened_at = at;
	}
	c->entries++;
	if (is_text(entry, "kind", "faulted")) {
		/* Its step was undone: only that it happened counts. */
		c->status = APLOMB_CASE_FAULTED;
		return;
	}
	/* Set right it is faulted still; closed, an item says so. */
	if (is_text(entry, "kind", "mended") && !is_text(aplomb_value_get(entry, "cause"), "do", "set")) c->status = APLOMB_CASE_OPEN;
	if (is_text(entry, "kind", "timer")) note_fired(c, aplomb_value_get(entry, "cause"));
	aplomb_value items = aplomb_value_get(entry, "items");
	for (size_t i = 0; i < aplomb_value_count(items); i++) note_item(c, aplomb_value_at(items, i, NULL));
}

tell_case *tell_casebook_note(tell_casebook *book, aplomb_value entry) {
	const char *id = text_of(entry, "case");
	if (id == NULL) return NULL;
	tell_case *c = tell_casebook_find(book, id);
	if (c == NULL) c = add(book, id);
	c->timers_changed = false;
	c->waited = -1;
	if (is_text(entry, "aplomb", "journal"))
		note_head(c, entry);
	else
		note_entry(c, entry);
	return c;
}
