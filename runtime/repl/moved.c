/* SPDX-License-Identifier: MIT */
/*
 * Decides what is said after each step: what happened, entry by entry, in the
 * words of a timeline; then where the case is, as one line, and what will
 * happen next by itself.
 *
 *   09:01:00  customer   “Where is it?”
 *             wants      suggest “I can hear how frustrating this is.”
 *             now        conversation.listening │ respect.calm
 *             due        09:11:00, in 10m: conversation.listening
 */
#include <stdlib.h>
#include <string.h>

#include "repl/inside.h"

/* ---- the state as a line ------------------------------------------------------ */

typedef struct paths {
	char **items;
	size_t count, capacity;
} paths;

static void take_path(const char *path, void *payload) {
	paths *all = payload;
	tell_need_room(&all->items, all->count, 1, &all->capacity, sizeof *all->items);
	all->items[all->count++] = tell_need_copy(path);
}

static void free_paths(paths *all) {
	for (size_t i = 0; i < all->count; i++) free(all->items[i]);
	free(all->items);
}

/* How much the paths have in common from [from] on: up to and with the last dot before they part. */
static size_t shared(char *const *items, size_t count, size_t from) {
	size_t size = from;
	for (size_t at = from; items[0][at] != '\0'; at++) {
		for (size_t i = 1; i < count; i++)
			if (items[i][at] != items[0][at]) return size;
		if (items[0][at] == '.') size = at + 1;
	}
	return size;
}

/* The component of a path that begins at [from] ends here. */
static size_t component(const char *path, size_t from) {
	return from + strcspn(path + from, ".");
}

/*
 * Paths of one part of the chart, in document order. Those that run side by
 * side in the same state stand in brackets behind it: "choosing.(menu │ clock)".
 */
static void put_paths(repl_text *out, char *const *items, size_t count, size_t from) {
	if (count == 1) {
		repl_text_put(out, items[0] + from);
		return;
	}
	for (size_t i = 0; i < count;) {
		size_t end = component(items[i], from), same = 1;
		while (
		    i + same < count && component(items[i + same], from) == end && memcmp(items[i + same] + from, items[i] + from, end - from) == 0)
			same++;
		if (i > 0) repl_text_put(out, " \xE2\x94\x82 ");
		if (same == 1) {
			repl_text_put(out, items[i] + from);
		} else {
			size_t inside = shared(items + i, same, from);
			repl_text_add(out, items[i] + from, inside - from);
			repl_text_put(out, "(");
			put_paths(out, items + i, same, inside);
			repl_text_put(out, ")");
		}
		i += same;
	}
}

/* What all active states stand in needs no saying, as long as there are several. */
static size_t left_out(const paths *all) {
	return all->count > 1 ? shared(all->items, all->count, 0) : 0;
}

char *repl_state_line(repl *r) {
	paths all = {0};
	repl_text out = {0};
	aplomb_case_states(r->rt, r->case_id, take_path, &all);
	if (all.count > 0) put_paths(&out, all.items, all.count, left_out(&all));
	free_paths(&all);
	return out.bytes != NULL ? out.bytes : tell_need_copy("");
}

const char *repl_short_path(repl *r, const char *path) {
	paths all = {0};
	aplomb_case_states(r->rt, r->case_id, take_path, &all);
	size_t size = left_out(&all);
	bool is_below = size > 0 && strncmp(path, all.items[0], size) == 0;
	free_paths(&all);
	return is_below ? path + size : path;
}

/* ---- what is due ------------------------------------------------------------------ */

typedef struct due {
	char *name;
	aplomb_instant at;
} due;

typedef struct dues {
	due *items;
	size_t count, capacity;
} dues;

/* The runtime is not asked anything while it tells. */
static void take_due(const char *name, aplomb_instant at, void *payload) {
	dues *all = payload;
	tell_need_room(&all->items, all->count, 1, &all->capacity, sizeof *all->items);
	all->items[all->count++] = (due){tell_need_copy(name), at};
}

void repl_dues(repl *r, size_t most) {
	dues all = {0};
	aplomb_case_timers(r->rt, r->case_id, take_due, &all);
	if (all.count == 0) tell_line(r->out, NULL, "due", TELL_FAINT, "nothing: the case waits for somebody");
	for (size_t i = 0; i < all.count; i++) {
		char when[96];
		repl_text line = {0};
		if (i < most) {
			repl_when(r, all.items[i].at, when);
			repl_text_format(&line, "%s: %s", when, repl_short_path(r, all.items[i].name));
			if (i + 1 == most && all.count > most) repl_text_format(&line, " (and %zu more: `timers`)", all.count - most);
			tell_line(r->out, NULL, i == 0 ? "due" : "", TELL_PLAIN, repl_text_of(&line));
		}
		repl_text_dispose(&line);
		free(all.items[i].name);
	}
	free(all.items);
}

void repl_stand(repl *r) {
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	if (r->case_id == NULL || aplomb_case_get(r->rt, r->case_id, &info, NULL) != APLOMB_OK) return;
	if (info.status == APLOMB_CASE_CLOSED) {
		repl_text line = {0};
		repl_text_format(
		    &line, "closed%s%s; nothing more can happen", info.outcome != NULL ? ": " : "", info.outcome != NULL ? info.outcome : "");
		tell_line(r->out, NULL, "now", TELL_STATE, repl_text_of(&line));
		repl_text_dispose(&line);
		return;
	}
	if (info.status == APLOMB_CASE_FAULTED) {
		tell_line(r->out, NULL, "now", TELL_BAD, "faulted: the last step broke a limit and was undone");
		return;
	}
	/* Time may have gone on since anything happened. */
	aplomb_instant now = aplomb_now(r->rt);
	char at[32];
	tell_case *c = tell_casebook_find(&r->book, r->case_id);
	aplomb_instant_write(now, at);
	at[strcspn(at, "Z")] = '\0';
	if (c != NULL && now > info.at) tell_timeline_day(&r->timeline, c, now);
	char *states = repl_state_line(r);
	tell_line(r->out, now > info.at ? at + 11 : NULL, "now", TELL_STATE, states);
	free(states);
	repl_dues(r, 1);
}

/* ---- what happened ------------------------------------------------------------------ */

static void tell_fresh(repl *r, const char *line, size_t size) {
	aplomb_json *json;
	if (aplomb_json_read(&json, line, size, NULL) != APLOMB_OK) return;
	aplomb_value entry = aplomb_json_root(json);
	tell_case *c = tell_casebook_note(&r->book, entry);
	if (c != NULL) tell_timeline_show(&r->timeline, c, entry);
	aplomb_json_free(json);
}

bool repl_tell_fresh(repl *r) {
	r->timeline.shown = 0;
	for (const char *at = repl_text_of(&r->fresh), *end = at + r->fresh.size; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t size = (size_t)((newline != NULL ? newline : end) - at);
		tell_fresh(r, at, size);
		at += size + 1;
	}
	repl_text_clear(&r->fresh);
	return r->timeline.shown > 0;
}

void repl_moved(repl *r) {
	repl_tell_fresh(r);
	repl_stand(r);
}

void repl_forget_told(repl *r) {
	tell_casebook_dispose(&r->book);
	tell_casebook_init(&r->book);
	r->timeline.last = NULL;
	repl_text_clear(&r->fresh);
}
