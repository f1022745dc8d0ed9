/* SPDX-License-Identifier: MIT */
/*
 * Decides what names mean: paths of states, numbers of events, targets and
 * descriptors. Lays out states, transitions and delays in document order on
 * the way. Whether what the names amount to is sensible is check.c's.
 */
#include <string.h>

#include "base/assert.h"
#include "chart/draft.h"

#define TAKE(finish, count, type) ((type *)apl_arena_take((finish)->arena, (size_t)(count) * sizeof(type)))
#define WORK(finish, count, type) ((type *)apl_arena_take(&(finish)->work, (size_t)(count) * sizeof(type)))

static bool is_space(char c) {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

const char *apl_next_word(const char **at, size_t *size) {
	const char *word = *at;
	while (is_space(*word)) word++;
	const char *end = word;
	while (*end != '\0' && !is_space(*end)) end++;
	*at = end;
	*size = (size_t)(end - word);
	return *size > 0 ? word : NULL;
}

uint32_t apl_count_words(const char *text) {
	uint32_t count = 0;
	size_t size;
	if (text == NULL) return 0;
	while (apl_next_word(&text, &size) != NULL) count++;
	return count;
}

const char *apl_who(apl_finish *finish, uint32_t number) {
	static const char *const words[] = {"state", "parallel", "final", "history", "history"};
	const apl_draft_state *state = &finish->builder->states[number];
	apl_buf_clear(&finish->who);
	apl_buf_text(&finish->who, number == 0 ? "root" : words[state->kind]);
	APL_BUF_LITERAL(&finish->who, " \"");
	apl_buf_text(&finish->who, number == 0 ? state->id : finish->chart->states[number].path);
	APL_BUF_LITERAL(&finish->who, "\"");
	const char *who = apl_buf_terminate(&finish->who);
	if (finish->who.failed) finish->no_memory = true;
	return who;
}

/* ---- states -------------------------------------------------------------- */

static bool is_plain_id(const char *id) {
	if (*id < 'a' || *id > 'z') return false;
	for (; *id != '\0'; id++)
		if ((*id < 'a' || *id > 'z') && (*id < '0' || *id > '9') && *id != '-') return false;
	return true;
}

static bool has_space(const char *id) {
	while (*id != '\0' && !is_space(*id)) id++;
	return *id != '\0';
}

static void check_id(apl_finish *finish, uint32_t number) {
	const apl_draft_state *state = &finish->builder->states[number];
	const char *fact = NULL;
	if (strlen(state->id) > APL_MOST_ID)
		fact = "an id has at most 255 bytes";
	else if (finish->builder->free_targets) {
		if (state->id[0] == '\0' || has_space(state->id)) fact = "an id is not empty and holds no spaces";
	} else if (!is_plain_id(state->id))
		fact = "an id is made of small letters, digits and \"-\", and begins with a letter";
	if (fact != NULL) apl_found(finish->findings, APLOMB_ERROR, "bad-id", state->place, "%s: %s", apl_who(finish, number), fact);
}

static uint32_t kind_of(const apl_draft_state *state) {
	switch (state->kind) {
	case APL_BUILD_PARALLEL: return APL_PARALLEL;
	case APL_BUILD_FINAL: return APL_FINAL;
	case APL_BUILD_HISTORY: return APL_HISTORY_SHALLOW;
	case APL_BUILD_DEEP_HISTORY: return APL_HISTORY_DEEP;
	case APL_BUILD_STATE: break;
	}
	return state->n_children > 0 ? APL_COMPOUND : APL_ATOMIC;
}

/* The parent's path, a dot, and the id with its dots and backslashes escaped. */
static const char *make_path(apl_finish *finish, const apl_draft_state *state) {
	if (state->parent == APL_NONE) return apl_arena_text(finish->arena, "", 0);
	apl_buf *path = &finish->who;
	apl_buf_clear(path);
	if (state->parent != 0) {
		apl_buf_text(path, finish->chart->states[state->parent].path);
		apl_buf_byte(path, '.');
	}
	for (const char *c = state->id; *c != '\0'; c++) {
		if (*c == '.' || *c == '\\') apl_buf_byte(path, '\\');
		apl_buf_byte(path, *c);
	}
	return path->failed ? NULL : apl_arena_text(finish->arena, path->bytes, path->size);
}

/* The key of finish->members: the parent's number and the id. In the work arena, or NULL. */
static char *member_key(apl_finish *finish, uint32_t parent, const char *id, size_t size) {
	char *key = apl_arena_take(&finish->work, sizeof parent + size);
	if (key == NULL) return NULL;
	memcpy(key, &parent, sizeof parent);
	if (size > 0) memcpy(key + sizeof parent, id, size);
	return key;
}

/* Enters [number] into the maps of names; tells when the name is taken where it must be unique. */
static bool enter_name(apl_finish *finish, uint32_t number) {
	const apl_draft_state *state = &finish->builder->states[number];
	size_t size = strlen(state->id);
	const char *path = finish->chart->states[number].path;
	apl_map *paths = &finish->private_->paths;
	if (apl_number_get(paths, path, strlen(path)) == APL_NONE && !apl_number_put(paths, path, strlen(path), number)) return false;

	uint32_t first = apl_number_get(&finish->ids, state->id, size);
	if (first == APL_NONE && !apl_number_put(&finish->ids, state->id, size, number)) return false;
	if (number == 0) return true;
	if (finish->builder->free_targets) {
		if (first == APL_NONE) return true;
		finish->ambiguous[first] = true;
		apl_found(finish->findings, APLOMB_ERROR, "duplicate-state", state->place, "%s: another state of the chart is called \"%s\"",
		    apl_who(finish, number), state->id);
		return true;
	}
	char *key = member_key(finish, state->parent, state->id, size);
	if (key == NULL) return false;
	first = apl_number_get(&finish->members, key, sizeof state->parent + size);
	if (first == APL_NONE) return apl_number_put(&finish->members, key, sizeof state->parent + size, number);
	finish->ambiguous[first] = true;
	apl_found(finish->findings, APLOMB_ERROR, "duplicate-state", state->place, "%s: another child of the same state is called \"%s\"",
	    apl_who(finish, number), state->id);
	return true;
}

static bool lay_out_states(apl_finish *finish) {
	const apl_builder *b = finish->builder;
	apl_chart *chart = finish->chart;
	chart->n_states = b->n_states;
	chart->n_words = (b->n_states + 63) / 64;
	chart->states = TAKE(finish, b->n_states, apl_state);
	finish->ambiguous = WORK(finish, b->n_states, bool);
	if (chart->states == NULL || finish->ambiguous == NULL) return false;
	memset(finish->ambiguous, 0, b->n_states * sizeof *finish->ambiguous);
	for (uint32_t i = 0; i < b->n_states; i++) {
		const apl_draft_state *from = &b->states[i];
		chart->states[i] = (apl_state){.id = from->id,
		    .kind = kind_of(from),
		    .parent = from->parent,
		    .end = from->end,
		    .first_child = from->end > i + 1 ? i + 1 : APL_NONE,
		    .depth = from->depth,
		    .initial = APL_NONE,
		    .history = APL_NONE,
		    .done_event = -1,
		    .outcome = from->outcome,
		    .rests = from->rests,
		    .place = from->place};
		chart->states[i].path = make_path(finish, from);
		if (chart->states[i].path == NULL || !enter_name(finish, i)) return false;
		check_id(finish, i);
	}
	return true;
}

/* Too many states, or too deep: nothing else is looked at. */
static bool within_bounds(apl_finish *finish) {
	const apl_builder *b = finish->builder;
	if (b->too_many) {
		apl_found(finish->findings, APLOMB_ERROR, "limit-states", b->too_many_place, "the chart has more than %u states", b->most_states);
		return false;
	}
	for (uint32_t i = 0; i < b->n_states; i++) {
		if (b->states[i].depth <= APL_MOST_DEPTH) continue;
		apl_found(finish->findings, APLOMB_ERROR, "limit-depth", b->states[i].place, "state \"%s\" stands more than %d states deep",
		    b->states[i].id, APL_MOST_DEPTH);
		return false;
	}
	return true;
}

static bool lay_out_histories(apl_finish *finish) {
	apl_chart *chart = finish->chart;
	uint32_t count = 0;
	for (uint32_t i = 0; i < chart->n_states; i++) count += finish->builder->states[i].n_histories;
	chart->histories = TAKE(finish, count, uint32_t);
	if (chart->histories == NULL) return false;
	uint32_t next = 0;
	for (uint32_t i = 0; i < chart->n_states; i++) {
		chart->states[i].first_history = next;
		next += finish->builder->states[i].n_histories;
	}
	for (uint32_t i = 1; i < chart->n_states; i++) {
		apl_state *state = &chart->states[i];
		if (state->kind != APL_HISTORY_SHALLOW && state->kind != APL_HISTORY_DEEP) continue;
		apl_state *parent = &chart->states[state->parent];
		chart->histories[parent->first_history + parent->n_history++] = i;
		state->history = chart->n_history_slots++;
	}
	return true;
}

/* Blocks of one kind, gathered by state, in the order declared: chart->blocks[] from [first] on. */
static void lay_out_blocks(apl_chart *chart, const apl_draft_block *blocks, uint32_t count, uint32_t first, bool is_entry) {
	for (uint32_t i = 0; i < count; i++) {
		apl_state *state = &chart->states[blocks[i].state];
		if (is_entry)
			state->n_entry++;
		else
			state->n_exit++;
	}
	for (uint32_t i = 0; i < chart->n_states; i++) {
		apl_state *state = &chart->states[i];
		uint32_t *n = is_entry ? &state->n_entry : &state->n_exit;
		*(is_entry ? &state->first_entry : &state->first_exit) = first;
		first += *n;
		*n = 0; /* counted again while they are put in */
	}
	for (uint32_t i = 0; i < count; i++) {
		apl_state *state = &chart->states[blocks[i].state];
		uint32_t at = is_entry ? state->first_entry + state->n_entry++ : state->first_exit + state->n_exit++;
		chart->blocks[at] = blocks[i].handler;
	}
}

/* ---- events -------------------------------------------------------------- */

/* Tokens of at least one byte, joined by dots; no white space, no "*". */
static bool is_event_name(const char *name, size_t size) {
	bool in_token = false;
	for (size_t i = 0; i < size; i++) {
		if (name[i] == '.') {
			if (!in_token) return false;
			in_token = false;
			continue;
		}
		if (name[i] == '*' || (unsigned char)name[i] <= ' ') return false;
		in_token = true;
	}
	return in_token;
}

static bool append_event(apl_finish *finish, const char *name, size_t size, bool declared) {
	if (size > UINT32_MAX || !APL_GROW(&finish->builder->alloc, finish->events, finish->n_events, finish->capacity_events)) return false;
	finish->events[finish->n_events++] = (apl_event_name){name, (uint32_t)size, declared};
	return true;
}

uint32_t apl_know_event(apl_finish *finish, const char *name, size_t size, bool declared) {
	uint32_t number = apl_number_get(&finish->private_->events, name, size);
	if (number != APL_NONE) {
		if (declared) finish->events[number].declared = true;
		return number;
	}
	if (!append_event(finish, name, size, declared)) return APL_NONE;
	number = finish->n_events - 1;
	if (!apl_number_put(&finish->private_->events, name, size, number)) return APL_NONE;
	for (size_t i = 0; i <= size; i++) {
		if (i < size && name[i] != '.') continue;
		if (apl_number_get(&finish->known, name, i) == APL_NONE && !apl_number_put(&finish->known, name, i, number)) return APL_NONE;
	}
	return number;
}

static bool begins_with(const char *name, const char *beginning) {
	return strncmp(name, beginning, strlen(beginning)) == 0;
}

static bool is_the_machines(const char *name) {
	return begins_with(name, "done.state.") || begins_with(name, "after.") || begins_with(name, "every.") || begins_with(name, "at.");
}

static bool know_declared_events(apl_finish *finish) {
	const apl_builder *b = finish->builder;
	for (uint32_t i = 0; i < b->n_events; i++) {
		const apl_draft_event *event = &b->events[i];
		size_t size = strlen(event->name);
		if (!is_event_name(event->name, size)) {
			apl_found(finish->findings, APLOMB_ERROR, "bad-event-name", event->place,
			    "event \"%s\": a name is words joined by dots, without spaces and \"*\"", event->name);
			continue;
		}
		if (!b->any_event && is_the_machines(event->name)) {
			apl_found(finish->findings, APLOMB_ERROR, "bad-event-name", event->place,
			    "event \"%s\": names that begin with \"done.state.\", \"after.\", \"every.\" or \"at.\" are the machine's own",
			    event->name);
			continue;
		}
		if (apl_know_event(finish, event->name, size, true) == APL_NONE) return false;
	}
	uint32_t execution = apl_know_event(finish, "error.execution", strlen("error.execution"), false);
	uint32_t communication = apl_know_event(finish, "error.communication", strlen("error.communication"), false);
	finish->chart->error_execution = (int32_t)execution;
	finish->chart->error_communication = (int32_t)communication;
	return execution != APL_NONE && communication != APL_NONE;
}

/* done.state.ID for every compound and parallel state but the root: its end is the case's. */
static bool know_done_events(apl_finish *finish) {
	apl_chart *chart = finish->chart;
	for (uint32_t i = 1; i < chart->n_states; i++) {
		apl_state *state = &chart->states[i];
		if (state->kind != APL_COMPOUND && state->kind != APL_PARALLEL) continue;
		static const char beginning[] = "done.state.";
		size_t size = sizeof beginning - 1 + strlen(state->id);
		char *name = apl_arena_take(finish->arena, size + 1);
		if (name == NULL) return false;
		memcpy(name, beginning, sizeof beginning - 1);
		memcpy(name + sizeof beginning - 1, state->id, strlen(state->id) + 1);
		uint32_t number = apl_know_event(finish, name, size, false);
		if (number == APL_NONE) return false;
		state->done_event = (int32_t)number;
	}
	finish->done_first = WORK(finish, finish->n_events, uint32_t);
	finish->done_other = WORK(finish, finish->n_events, uint32_t);
	if (finish->done_first == NULL || finish->done_other == NULL) return false;
	for (uint32_t i = 0; i < finish->n_events; i++) finish->done_first[i] = finish->done_other[i] = APL_NONE;
	for (uint32_t i = 0; i < chart->n_states; i++) {
		int32_t event = chart->states[i].done_event;
		if (event < 0) continue;
		if (finish->done_first[event] == APL_NONE)
			finish->done_first[event] = i;
		else if (finish->done_other[event] == APL_NONE)
			finish->done_other[event] = i;
	}
	return true;
}

static void tell_unknown_event(apl_finish *finish, uint32_t state, apl_place place, const char *pattern) {
	char hint[APL_HINT_SIZE] = "";
	if (finish->hints_left > 0) {
		finish->hints_left--;
		apl_nearest nearest = apl_nearest_to(pattern, strlen(pattern));
		for (uint32_t i = 0; i < finish->n_events; i++) apl_nearest_try(&nearest, finish->events[i].name);
		apl_nearest_hint(&nearest, hint, sizeof hint);
	}
	apl_found(finish->findings, APLOMB_ERROR, "unknown-event", place, "%s: event \"%s\" is not declared%s", apl_who(finish, state), pattern,
	    hint);
}

/* Puts one descriptor into chart->patterns. [state] bears it. */
static bool add_pattern(
    apl_finish *finish, uint32_t *count, uint32_t state, bool is_own_end, apl_place place, const char *word, size_t size) {
	size_t plain = apl_pattern_size(word, size);
	const char *pattern = apl_arena_text(finish->arena, word, plain);
	if (pattern == NULL) return false;
	if (strcmp(pattern, "*") != 0) {
		if (!is_event_name(pattern, plain)) {
			apl_found(finish->findings, APLOMB_ERROR, "bad-event-name", place,
			    "%s: \"%.*s\" names no event: words joined by dots, or \"*\" alone", apl_who(finish, state), (int)size, word);
			return true;
		}
		if (finish->builder->any_event) {
			if (apl_know_event(finish, pattern, plain, false) == APL_NONE) return false;
		} else {
			if (apl_number_get(&finish->known, pattern, plain) == APL_NONE) tell_unknown_event(finish, state, place, pattern);
			uint32_t number = apl_number_get(&finish->private_->events, pattern, plain);
			if (number != APL_NONE && finish->done_other[number] != APL_NONE && !is_own_end)
				apl_found(finish->findings, APLOMB_ERROR, "ambiguous-done", place, "%s: \"%s\" could tell the end of \"%s\" or of \"%s\"",
				    apl_who(finish, state), pattern, finish->chart->states[finish->done_first[number]].path,
				    finish->chart->states[finish->done_other[number]].path);
		}
	}
	finish->chart->patterns[(*count)++] = pattern;
	return true;
}

/* [places]: of each of the words, or NULL. */
static bool add_patterns(
    apl_finish *finish, uint32_t *count, uint32_t state, bool is_own_end, apl_place place, const char *words, const apl_place *places) {
	size_t size;
	uint32_t found = 0;
	for (const char *word; (word = apl_next_word(&words, &size)) != NULL; found++)
		if (!add_pattern(finish, count, state, is_own_end, places != NULL ? places[found] : place, word, size)) return false;
	if (found == 0) apl_found(finish->findings, APLOMB_ERROR, "bad-event-name", place, "%s: no event is named", apl_who(finish, state));
	return true;
}

/* ---- targets ------------------------------------------------------------- */

typedef struct target_words {
	apl_finish *finish;
	uint32_t source; /* the state that carries them */
	uint32_t scope;  /* whose children are looked at first */
	apl_place place;
	const char *word;
	size_t size;
} target_words;

bool apl_child_called(apl_finish *finish, uint32_t parent, const char *id, size_t size, uint32_t *out) {
	apl_arena_mark mark = apl_arena_here(&finish->work);
	char *key = member_key(finish, parent, id, size);
	if (key == NULL) return false;
	*out = apl_number_get(&finish->members, key, sizeof parent + size);
	apl_arena_rewind(&finish->work, mark);
	return true;
}

static size_t part_size(const char *word, size_t size) {
	const char *dot = memchr(word, '.', size);
	return dot != NULL ? (size_t)(dot - word) : size;
}

/* `; did you mean "x"?` among the children of [scope], and of all around it when [outward]. */
static const char *hint_among(apl_finish *finish, uint32_t scope, bool outward, const char *id, size_t size, char hint[APL_HINT_SIZE]) {
	hint[0] = '\0';
	if (finish->hints_left == 0) return hint;
	finish->hints_left--;
	const apl_state *states = finish->chart->states;
	apl_nearest nearest = apl_nearest_to(id, size);
	for (;;) {
		for (uint32_t child = scope + 1; child < states[scope].end; child = states[child].end) apl_nearest_try(&nearest, states[child].id);
		if (!outward || scope == 0) break;
		scope = states[scope].parent;
	}
	return apl_nearest_hint(&nearest, hint, APL_HINT_SIZE);
}

/* The same over all ids, where targets are free. */
static const char *hint_anywhere(apl_finish *finish, const char *id, size_t size, char hint[APL_HINT_SIZE]) {
	hint[0] = '\0';
	if (finish->hints_left == 0) return hint;
	finish->hints_left--;
	apl_nearest nearest = apl_nearest_to(id, size);
	for (uint32_t i = 1; i < finish->chart->n_states; i++) apl_nearest_try(&nearest, finish->chart->states[i].id);
	return apl_nearest_hint(&nearest, hint, APL_HINT_SIZE);
}

static void tell_unknown_target(const target_words *t, uint32_t scope) {
	apl_finish *finish = t->finish;
	char hint[APL_HINT_SIZE];
	size_t size = part_size(t->word, t->size);
	uint32_t elsewhere = apl_number_get(&finish->ids, t->word, size);
	if (elsewhere == 0) {
		apl_found(finish->findings, APLOMB_ERROR, "target-not-legal", t->place,
		    "%s: target \"%.*s\" is the root, which is never left; name a state in it", apl_who(finish, t->source), (int)t->size, t->word);
	} else if (elsewhere != APL_NONE && size == t->size) {
		apl_found(finish->findings, APLOMB_ERROR, "unknown-target", t->place, "%s: target \"%.*s\" is not in reach; there is \"%s\"",
		    apl_who(finish, t->source), (int)t->size, t->word, finish->chart->states[elsewhere].path);
	} else {
		hint_among(finish, scope, true, t->word, size, hint);
		apl_found(finish->findings, APLOMB_ERROR, "unknown-target", t->place, "%s: target \"%.*s\" does not exist%s",
		    apl_who(finish, t->source), (int)t->size, t->word, hint);
	}
}

static void tell_ambiguous(const target_words *t, uint32_t first) {
	apl_found(t->finish->findings, APLOMB_ERROR, "ambiguous-target", t->place,
	    "%s: target \"%.*s\" could be any of the states called \"%s\"", apl_who(t->finish, t->source), (int)t->size, t->word,
	    t->finish->chart->states[first].id);
}

/* Follows the parts behind the first, inward from [from]. Tells when there is no such child. */
static bool inward(const target_words *t, uint32_t from, uint32_t *out) {
	const char *end = t->word + t->size;
	const char *part = t->word + part_size(t->word, t->size);
	*out = from;
	while (part < end) {
		part++;
		size_t size = part_size(part, (size_t)(end - part));
		uint32_t child;
		if (!apl_child_called(t->finish, from, part, size, &child)) return false;
		if (child == APL_NONE) {
			char hint[APL_HINT_SIZE];
			hint_among(t->finish, from, false, part, size, hint);
			apl_found(t->finish->findings, APLOMB_ERROR, "unknown-target", t->place,
			    "%s: target \"%.*s\" does not exist: \"%s\" has no child \"%.*s\"%s", apl_who(t->finish, t->source), (int)t->size, t->word,
			    t->finish->chart->states[from].path, (int)size, part, hint);
			*out = APL_NONE;
			return true;
		}
		*out = from = child;
		part += size;
	}
	return true;
}

/* Looked up like a variable; [*out] is APL_NONE when a finding was told. */
static bool find_lexically(const target_words *t, uint32_t *out) {
	apl_finish *finish = t->finish;
	uint32_t scope = t->scope;
	uint32_t found;
	for (;; scope = finish->chart->states[scope].parent) {
		if (!apl_child_called(finish, scope, t->word, part_size(t->word, t->size), &found)) return false;
		if (found != APL_NONE || scope == 0) break;
	}
	*out = APL_NONE;
	if (found == APL_NONE) {
		tell_unknown_target(t, t->scope);
		return true;
	}
	if (finish->ambiguous[found]) {
		tell_ambiguous(t, found);
		return true;
	}
	return inward(t, found, out);
}

/* Any state's id. */
static void find_freely(const target_words *t, uint32_t *out) {
	apl_finish *finish = t->finish;
	uint32_t found = apl_number_get(&finish->ids, t->word, t->size);
	*out = APL_NONE;
	if (found == 0) {
		tell_unknown_target(t, 0);
	} else if (found == APL_NONE) {
		char hint[APL_HINT_SIZE];
		hint_anywhere(finish, t->word, t->size, hint);
		apl_found(finish->findings, APLOMB_ERROR, "unknown-target", t->place, "%s: target \"%.*s\" does not exist%s",
		    apl_who(finish, t->source), (int)t->size, t->word, hint);
	} else if (finish->ambiguous[found]) {
		tell_ambiguous(t, found);
	} else {
		*out = found;
	}
}

static void put_target(apl_finish *finish, uint32_t *count, uint32_t target, apl_place place) {
	finish->target_places[*count] = place;
	finish->chart->targets[(*count)++] = target;
}

/* What a transition of [source] targets, into chart->targets. */
static bool add_targets(
    apl_finish *finish, uint32_t *count, uint32_t source, uint32_t scope, apl_place place, const char *words, const apl_place *places) {
	target_words t = {.finish = finish, .source = source, .scope = scope, .place = place};
	uint32_t found = 0;
	for (; (t.word = apl_next_word(&words, &t.size)) != NULL; found++) {
		uint32_t target;
		if (places != NULL) t.place = places[found];
		if (finish->builder->free_targets)
			find_freely(&t, &target);
		else if (!find_lexically(&t, &target))
			return false;
		if (target != APL_NONE) put_target(finish, count, target, t.place);
	}
	if (found == 0) apl_found(finish->findings, APLOMB_ERROR, "unknown-target", place, "%s: no target is named", apl_who(finish, source));
	return true;
}

/*
 * What an initial of [state], or a default of one of its histories, targets:
 * descendants of [state] only. [source] carries it, and is told about.
 */
static bool add_inner_targets(
    apl_finish *finish, uint32_t *count, uint32_t state, uint32_t source, apl_place place, const char *words, const apl_place *places) {
	const apl_chart *chart = finish->chart;
	bool is_initial = source == state;
	target_words t = {.finish = finish, .source = source, .scope = source, .place = place};
	uint32_t named = 0;
	for (; (t.word = apl_next_word(&words, &t.size)) != NULL; named++) {
		uint32_t found;
		if (places != NULL) t.place = place = places[named];
		if (finish->builder->free_targets)
			found = apl_number_get(&finish->ids, t.word, t.size);
		else if (!apl_child_called(finish, state, t.word, part_size(t.word, t.size), &found))
			return false;
		bool exists_outside = found == APL_NONE ? apl_number_get(&finish->ids, t.word, t.size) != APL_NONE : false;
		if (found != APL_NONE && !apl_chart_is_descendant(chart, found, state)) {
			exists_outside = true;
			found = APL_NONE;
		}
		if (found == APL_NONE) {
			char hint[APL_HINT_SIZE] = "";
			if (!exists_outside) hint_among(finish, state, false, t.word, part_size(t.word, t.size), hint);
			if (is_initial)
				apl_found(finish->findings, APLOMB_ERROR, "initial-missing", place, "%s: initial \"%.*s\" is not inside it%s",
				    apl_who(finish, source), (int)t.size, t.word, hint);
			else if (exists_outside)
				apl_found(finish->findings, APLOMB_ERROR, "history-default-outside", place, "%s: default \"%.*s\" is not inside \"%s\"",
				    apl_who(finish, source), (int)t.size, t.word, state == 0 ? chart->states[0].id : chart->states[state].path);
			else
				apl_found(finish->findings, APLOMB_ERROR, "unknown-target", place, "%s: default \"%.*s\" does not exist%s",
				    apl_who(finish, source), (int)t.size, t.word, hint);
			continue;
		}
		if (finish->ambiguous[found]) {
			tell_ambiguous(&t, found);
			continue;
		}
		if (!finish->builder->free_targets && !inward(&t, found, &found)) return false;
		if (found != APL_NONE) put_target(finish, count, found, place);
	}
	if (named == 0)
		apl_found(finish->findings, APLOMB_ERROR, is_initial ? "initial-missing" : "history-without-default", place,
		    "%s: %s names no state", apl_who(finish, source), is_initial ? "initial" : "default");
	return true;
}

/* ---- transitions and delays ---------------------------------------------- */

static bool allocate(apl_finish *finish) {
	const apl_builder *b = finish->builder;
	apl_chart *chart = finish->chart;
	size_t targets = 0;
	size_t patterns = b->n_delays;
	uint32_t initials = 0;
	for (uint32_t i = 0; i < b->n_transitions; i++) {
		targets += apl_count_words(b->transitions[i].options.targets);
		patterns += apl_count_words(b->transitions[i].options.events);
	}
	for (uint32_t i = 0; i < b->n_delays; i++) patterns += apl_count_words(b->delays[i].options.since);
	for (uint32_t i = 0; i < b->n_states; i++) {
		if (b->states[i].initial == NULL && chart->states[i].kind != APL_COMPOUND) continue;
		targets += b->states[i].initial != NULL ? apl_count_words(b->states[i].initial) : 1;
		initials++;
	}
	chart->transitions = TAKE(finish, (size_t)b->n_transitions + initials, apl_transition);
	chart->targets = TAKE(finish, targets, uint32_t);
	finish->target_places = WORK(finish, targets, apl_place);
	finish->drafts = WORK(finish, (size_t)b->n_transitions + initials, const apl_draft_transition *);
	chart->patterns = TAKE(finish, patterns, const char *);
	chart->delays = TAKE(finish, b->n_delays, apl_delay);
	chart->invokes = TAKE(finish, b->n_invokes, apl_invoke);
	chart->blocks = TAKE(finish, (size_t)b->n_entries + b->n_exits, int32_t);
	return chart->transitions != NULL && chart->targets != NULL && chart->patterns != NULL && chart->delays != NULL &&
	       chart->invokes != NULL && chart->blocks != NULL && finish->target_places != NULL && finish->drafts != NULL;
}

/* Which of the draft's transitions comes when: by state, then as declared. In the work arena; NULL without memory. */
static uint32_t *transition_order(apl_finish *finish) {
	const apl_builder *b = finish->builder;
	apl_chart *chart = finish->chart;
	uint32_t *order = WORK(finish, b->n_transitions, uint32_t);
	if (order == NULL) return NULL;
	for (uint32_t i = 0; i < b->n_transitions; i++) chart->states[b->transitions[i].state].n_transitions++;
	uint32_t next = 0;
	for (uint32_t i = 0; i < chart->n_states; i++) {
		chart->states[i].first_transition = next;
		next += chart->states[i].n_transitions;
		chart->states[i].n_transitions = 0;
	}
	for (uint32_t i = 0; i < b->n_transitions; i++) {
		apl_state *state = &chart->states[b->transitions[i].state];
		order[state->first_transition + state->n_transitions++] = i;
	}
	return order;
}

/* Delays by state, then as declared; [numbers] tells where each of the draft's went. */
static void lay_out_delays(apl_finish *finish, uint32_t *numbers) {
	const apl_builder *b = finish->builder;
	apl_chart *chart = finish->chart;
	for (uint32_t i = 0; i < b->n_delays; i++) chart->states[b->delays[i].state].n_delays++;
	for (uint32_t i = 0; i < chart->n_states; i++) {
		chart->states[i].first_delay = chart->n_delays;
		chart->n_delays += chart->states[i].n_delays;
		chart->states[i].n_delays = 0;
	}
	for (uint32_t i = 0; i < b->n_delays; i++) {
		apl_state *state = &chart->states[b->delays[i].state];
		numbers[i] = state->first_delay + state->n_delays++;
		const apl_build_delay_options *from = &b->delays[i].options;
		chart->delays[numbers[i]] = (apl_delay){.state = b->delays[i].state,
		    .kind = (uint8_t)from->kind,
		    .overdue = (uint8_t)from->overdue,
		    .span = from->span,
		    .span_us = from->span_us,
		    .span_unit = from->span_unit,
		    .calendar = from->calendar == 0 ? APL_NONE : from->calendar - 1,
		    .calendar_handler = from->calendar_handler == 0 ? APL_NO_HANDLER : (int32_t)from->calendar_handler - 1,
		    .place = from->place};
	}
}

/* Likewise the invokes. */
static void lay_out_invokes(apl_finish *finish) {
	const apl_builder *b = finish->builder;
	apl_chart *chart = finish->chart;
	for (uint32_t i = 0; i < b->n_invokes; i++) chart->states[b->invokes[i].state].n_invokes++;
	for (uint32_t i = 0; i < chart->n_states; i++) {
		chart->states[i].first_invoke = chart->n_invokes;
		chart->n_invokes += chart->states[i].n_invokes;
		chart->states[i].n_invokes = 0;
	}
	for (uint32_t i = 0; i < b->n_invokes; i++) {
		apl_state *state = &chart->states[b->invokes[i].state];
		const apl_build_invoke_options *from = &b->invokes[i].options;
		chart->invokes[state->first_invoke + state->n_invokes++] = (apl_invoke){.state = b->invokes[i].state,
		    .handler = from->handler,
		    .finalize = from->finalize,
		    .autoforward = from->autoforward,
		    .id = from->id,
		    .playbook = from->playbook,
		    .because = from->because,
		    .done = -1,
		    .error = -1,
		    .place = from->place};
	}
	for (uint32_t i = 0; i < chart->n_states; i++)
		chart->states[i].minds = chart->states[i].n_delays > 0 || chart->states[i].n_invokes > 0 || chart->states[i].has_clock;
}

/* The events that tell of a child's end, where they are declared. */
static bool name_invokes(apl_finish *finish) {
	apl_chart *chart = finish->chart;
	for (uint32_t i = 0; i < 2 * chart->n_invokes; i++) {
		apl_invoke *invoke = &chart->invokes[i / 2];
		apl_buf_clear(&finish->who);
		apl_buf_text(&finish->who, i % 2 == 0 ? "done.invoke." : "error.invoke.");
		apl_buf_text(&finish->who, invoke->id);
		if (finish->who.failed) return false;
		uint32_t number = apl_number_get(&finish->private_->events, finish->who.bytes, finish->who.size);
		if (number != APL_NONE) *(i % 2 == 0 ? &invoke->done : &invoke->error) = (int32_t)number;
	}
	return true;
}

/* Their descriptors and names, "after.PATH.N" and the like with N from 1. Their events come behind all others. */
static bool name_delays(apl_finish *finish, uint32_t *n_patterns, const uint32_t *numbers) {
	const apl_builder *b = finish->builder;
	apl_chart *chart = finish->chart;
	for (uint32_t i = 0; i < b->n_delays; i++) {
		apl_delay *delay = &chart->delays[numbers[i]];
		delay->first_since = *n_patterns;
		if (b->delays[i].options.since != NULL && !add_patterns(finish, n_patterns, delay->state, false, delay->place,
		                                              b->delays[i].options.since, b->delays[i].options.since_places))
			return false;
		delay->n_since = *n_patterns - delay->first_since;
	}
	for (uint32_t i = 0; i < chart->n_delays; i++) {
		apl_delay *delay = &chart->delays[i];
		const apl_state *state = &chart->states[delay->state];
		apl_buf_clear(&finish->who);
		apl_buf_text(&finish->who, apl_delay_word((apl_delay_kind)delay->kind));
		apl_buf_byte(&finish->who, '.');
		apl_buf_text(&finish->who, state->path);
		if (delay->state != 0) apl_buf_byte(&finish->who, '.');
		apl_buf_integer(&finish->who, i - state->first_delay + 1);
		if (finish->who.failed) return false;
		size_t size = finish->who.size;
		delay->name = apl_arena_text(finish->arena, finish->who.bytes, size);
		if (delay->name == NULL || !append_event(finish, delay->name, size, false)) return false;
		delay->event = (int32_t)(finish->n_events - 1);
		/* An imported chart may know an event of that name, which stays what it is. */
		apl_map *events = &finish->private_->events;
		if (apl_number_get(events, delay->name, size) == APL_NONE && !apl_number_put(events, delay->name, size, finish->n_events - 1))
			return false;
	}
	return true;
}

static bool lay_out_transitions(apl_finish *finish, uint32_t *n_targets, uint32_t *n_patterns, const uint32_t *delay_numbers) {
	const apl_builder *b = finish->builder;
	apl_chart *chart = finish->chart;
	uint32_t *order = transition_order(finish);
	if (order == NULL) return false;
	for (uint32_t i = 0; i < b->n_transitions; i++) {
		const apl_draft_transition *draft = &b->transitions[order[i]];
		const apl_build_transition_options *from = &draft->options;
		finish->drafts[chart->n_transitions] = draft;
		apl_transition *to = &chart->transitions[chart->n_transitions++];
		*to = (apl_transition){.source = draft->state,
		    .first_target = *n_targets,
		    .guard = from->guard,
		    .block = from->block,
		    .domain = APL_NONE,
		    .first_pattern = *n_patterns,
		    .because = from->because,
		    .place = from->place};
		if (from->internal) to->flags |= APL_INTERNAL;
		if (from->defers) to->flags |= APL_DEFERS;
		if (draft->delay != APL_NONE) {
			to->flags |= APL_DELAYED;
			to->first_pattern = delay_numbers[draft->delay]; /* the delay's number, until its event has a name */
		} else if (from->events == NULL) {
			to->flags |= APL_EVENTLESS;
		} else {
			if (!add_patterns(finish, n_patterns, draft->state, from->outward, from->place, from->events, from->event_places)) return false;
			to->n_patterns = *n_patterns - to->first_pattern;
		}
		uint32_t scope = from->outward && draft->state != 0 ? chart->states[draft->state].parent : draft->state;
		if (from->targets != NULL && !add_targets(finish, n_targets, draft->state, scope, from->place, from->targets, from->target_places))
			return false;
		to->n_targets = *n_targets - to->first_target;
	}
	finish->n_regular = chart->n_transitions;
	return true;
}

/* The initial transition of a compound state, or a history's default; behind all regular ones. */
static bool lay_out_initials(apl_finish *finish, uint32_t *n_targets) {
	apl_chart *chart = finish->chart;
	for (uint32_t i = 0; i < chart->n_states; i++) {
		const apl_draft_state *from = &finish->builder->states[i];
		apl_state *state = &chart->states[i];
		bool is_history = state->kind == APL_HISTORY_SHALLOW || state->kind == APL_HISTORY_DEEP;
		if (from->initial == NULL && state->kind != APL_COMPOUND) continue;
		/* check.c tells about initials where there can be none. */
		if (from->initial != NULL && state->kind != APL_COMPOUND && !is_history) continue;
		finish->drafts[chart->n_transitions] = NULL;
		state->initial = chart->n_transitions++;
		apl_transition *to = &chart->transitions[state->initial];
		*to = (apl_transition){.source = i,
		    .first_target = *n_targets,
		    .guard = APL_NO_HANDLER,
		    .block = from->initial_block,
		    .flags = APL_INITIAL,
		    .domain = is_history ? state->parent : i,
		    .place = from->initial_place};
		if (from->initial != NULL) {
			if (!add_inner_targets(finish, n_targets, to->domain, i, from->initial_place, from->initial, from->initial_places))
				return false;
		} else {
			uint32_t child = state->first_child;
			while (chart->states[child].kind == APL_HISTORY_SHALLOW || chart->states[child].kind == APL_HISTORY_DEEP)
				child = chart->states[child].end;
			put_target(finish, n_targets, child, from->initial_place);
		}
		to->n_targets = *n_targets - to->first_target;
	}
	return true;
}

/* Each delay's event name is the one descriptor of its transitions. */
static void describe_delays(apl_finish *finish, uint32_t *n_patterns) {
	apl_chart *chart = finish->chart;
	uint32_t first = *n_patterns;
	for (uint32_t i = 0; i < chart->n_delays; i++) chart->patterns[(*n_patterns)++] = chart->delays[i].name;
	for (uint32_t i = 0; i < finish->n_regular; i++) {
		apl_transition *transition = &chart->transitions[i];
		if ((transition->flags & APL_DELAYED) == 0) continue;
		transition->first_pattern += first;
		transition->n_patterns = 1;
	}
}

bool apl_resolve(apl_finish *finish) {
	const apl_builder *b = finish->builder;
	apl_chart *chart = finish->chart;
	uint32_t n_targets = 0;
	uint32_t n_patterns = 0;
	if (!within_bounds(finish)) return true;
	if (!lay_out_states(finish) || !lay_out_histories(finish) || !know_declared_events(finish) || !apl_lay_out_clocks(finish) ||
	    !know_done_events(finish))
		return false;
	uint32_t *delay_numbers = WORK(finish, b->n_delays, uint32_t);
	if (delay_numbers == NULL || !allocate(finish)) return false;
	lay_out_blocks(chart, b->entries, b->n_entries, 0, true);
	lay_out_blocks(chart, b->exits, b->n_exits, b->n_entries, false);
	lay_out_delays(finish, delay_numbers);
	lay_out_invokes(finish);
	if (!lay_out_transitions(finish, &n_targets, &n_patterns, delay_numbers) || !lay_out_initials(finish, &n_targets)) return false;
	/* Descriptors of delays may make names known, so the delays' own come last. */
	if (!name_delays(finish, &n_patterns, delay_numbers)) return false;
	describe_delays(finish, &n_patterns);
	if (!name_invokes(finish)) return false;
	chart->n_events = finish->n_events;
	chart->events = TAKE(finish, finish->n_events, apl_event_name);
	if (chart->events == NULL) return false;
	memcpy(chart->events, finish->events, finish->n_events * sizeof *chart->events);
	return true;
}
