/* SPDX-License-Identifier: MIT */
/*
 * Decides how decisions are kept, how a recorded step is watched once more, and
 * how a person may name a transition. What is said of them is why_words.c's.
 */
#include "repl/why.h"

#include <stdlib.h>
#include <string.h>

#include "repl/complete.h"
#include "repl/travel.h"

/* ---- guards and decisions ------------------------------------------------------ */

why_guard *why_guard_copy(const aplomb_guard *from) {
	if (from == NULL) return NULL;
	why_guard *guard = tell_need(sizeof *guard);
	guard->label = tell_need_copy(from->label);
	guard->verdict = from->verdict;
	guard->is_implied = from->is_implied;
	guard->n_parts = from->n_parts;
	guard->parts = tell_need((from->n_parts + 1) * sizeof *guard->parts);
	for (size_t i = 0; i < from->n_parts; i++) {
		aplomb_part *part = &guard->parts[i];
		*part = from->parts[i];
		part->text = tell_need_copy(part->text);
		part->word = tell_need_copy(part->word);
		part->value = tell_need_copy(part->value);
		part->shown = tell_need_copy(part->shown);
		part->missing = tell_need_copy(part->missing);
		part->file = tell_need_copy(part->file);
	}
	if (from->error != NULL) {
		repl_text text = {0};
		repl_text_format(&text, "%s (%s:%u) [%s]", from->error->message, from->error->file, from->error->line, from->error->slug);
		guard->error = text.bytes;
	}
	return guard;
}

static void free_text(const char *text) {
	free((char *)(uintptr_t)text);
}

void why_guard_free(why_guard *guard) {
	if (guard == NULL) return;
	for (size_t i = 0; i < guard->n_parts; i++) {
		const aplomb_part *part = &guard->parts[i];
		free_text(part->text);
		free_text(part->word);
		free_text(part->value);
		free_text(part->shown);
		free_text(part->missing);
		free_text(part->file);
	}
	free(guard->parts);
	free(guard->label);
	free(guard->error);
	free(guard);
}

void why_note(const aplomb_decision *decision, void *payload) {
	why_record *record = payload;
	tell_need_room(&record->items, record->count, 1, &record->capacity, sizeof *record->items);
	why_decision *kept = &record->items[record->count++];
	*kept = (why_decision){.kind = decision->kind,
	    .entry = decision->entry,
	    .name = tell_need_copy(decision->name),
	    .is_internal = decision->is_internal,
	    .is_eventless = decision->is_eventless,
	    .standing = decision->standing,
	    .guard = why_guard_copy(decision->guard),
	    .count = decision->count};
	/* Their texts live as long as the playbook. */
	if (decision->transition != NULL) kept->transition = *decision->transition;
	if (decision->other != NULL) kept->other = *decision->other;
}

void why_record_dispose(why_record *record) {
	for (size_t i = 0; i < record->count; i++) {
		free(record->items[i].name);
		why_guard_free(record->items[i].guard);
	}
	free(record->items);
	*record = (why_record){0};
}

/* ---- a step once more ------------------------------------------------------------ */

/* The case stands right before the entry; before the first there is only the head. */
static bool go_before(repl *r, uint64_t seq) {
	aplomb_error error = {0};
	aplomb_replayed replayed = APLOMB_REPLAYED_INIT;
	size_t size;
	if (seq > 1) return repl_travel(r, (repl_place){r->story->branch, seq - 1, REPL_ENTRY_TIME}) == REPL_DONE;
	const char *head = repl_story_line(r->story, 0, &size);
	int code = aplomb_case_forget(r->rt, r->case_id, &error);
	if (code == APLOMB_OK) code = aplomb_replay(r->rt, r->playbook, head, size, &replayed, &error);
	if (code != APLOMB_OK) repl_fail_error(r, &error);
	return code == APLOMB_OK;
}

bool why_again(repl *r, uint64_t seq, why_record *record) {
	aplomb_error error = {0};
	aplomb_moment *here;
	aplomb_replayed replayed = APLOMB_REPLAYED_INIT;
	const aplomb_watch watch = {sizeof watch, why_note, record};
	const size_t branch = r->story->branch;
	const uint64_t count = r->story->count;
	if (aplomb_moment_keep(r->rt, r->case_id, &here, &error) != APLOMB_OK) {
		repl_fail_error(r, &error);
		return false;
	}
	bool is_there = go_before(r, seq);
	r->is_seeking = true;
	int code = APLOMB_OK;
	if (is_there) {
		size_t size;
		const char *line = repl_story_line(r->story, (size_t)seq, &size);
		code = aplomb_watch_steps(r->rt, &watch, &error);
		if (code == APLOMB_OK) code = aplomb_replay(r->rt, r->playbook, line, size, &replayed, &error);
		aplomb_watch_steps(r->rt, NULL, NULL);
	}
	/* The case stands where it stood, and so does the story. */
	int back = aplomb_moment_return(r->rt, here, code == APLOMB_OK ? &error : NULL);
	aplomb_moment_free(here);
	r->story->branch = branch;
	r->story->count = count;
	r->is_seeking = false;
	if (code == APLOMB_OK) code = back;
	if (code != APLOMB_OK) repl_fail_error(r, &error);
	return is_there && code == APLOMB_OK;
}

/* ---- naming transitions ------------------------------------------------------------ */

static void take_transition(const aplomb_transition *transition, void *payload) {
	why_transitions *all = payload;
	tell_need_room(&all->items, all->count, 1, &all->capacity, sizeof *all->items);
	all->items[all->count++] = *transition;
}

void why_transitions_of(repl *r, why_transitions *out) {
	aplomb_playbook_transitions(r->rt, r->playbook, take_transition, out);
}

void why_transitions_dispose(why_transitions *all) {
	free(all->items);
	*all = (why_transitions){0};
}

bool why_is_path(const char *path, const char *name) {
	size_t path_size = strlen(path), size = strlen(name);
	if (size == 0 || size > path_size || strcmp(path + path_size - size, name) != 0) return false;
	return size == path_size || path[path_size - size - 1] == '.';
}

/* One word of [words] is [word], or, with [has_prefixes], a descriptor that takes it. */
static bool has_word(const char *words, const char *word, bool (*fits)(const char *one, const char *word)) {
	char one[256];
	while (repl_word(&words, one, sizeof one))
		if (fits(one, word)) return true;
	return false;
}

static bool takes_event(const char *descriptor, const char *event) {
	size_t size = strlen(descriptor);
	if (strcmp(descriptor, "*") == 0) return true;
	return strncmp(descriptor, event, size) == 0 && (event[size] == '\0' || event[size] == '.');
}

bool why_listens(const aplomb_transition *transition, const char *event) {
	return has_word(transition->on, event, takes_event);
}

static bool fits(const aplomb_transition *transition, const char *state, const char *event, const char *target) {
	if (!why_is_path(transition->state, state)) return false;
	if (event[0] != '\0' && !why_listens(transition, event)) return false;
	return target[0] == '\0' || has_word(transition->to, target, why_is_path);
}

void why_narrow(why_transitions *all, const char *name) {
	char state[256] = "", event[256] = "", target[256] = "", arrow[8];
	size_t kept = 0;
	repl_word(&name, state, sizeof state);
	repl_word(&name, event, sizeof event);
	const char *at = name;
	/* An arrow may be written, as it is shown. */
	if (repl_word(&at, arrow, sizeof arrow) && (strcmp(arrow, "->") == 0 || strcmp(arrow, "\xE2\x86\x92") == 0)) name = at;
	repl_word(&name, target, sizeof target);
	unsigned long number = state[0] == '#' ? strtoul(state + 1, NULL, 10) : 0;
	for (size_t i = 0; i < all->count; i++) {
		bool is_meant = number > 0 ? all->items[i].number == number : fits(&all->items[i], state, event, target);
		if (is_meant) all->items[kept++] = all->items[i];
	}
	all->count = kept;
}

void why_complete(repl *r, const char *before, repl_candidates *out) {
	char state[256] = "";
	const char *behind = before;
	if (!repl_word(&behind, state, sizeof state) || *behind == '\0') {
		repl_complete_state(r, before, out);
		repl_complete_option(r, before, out);
		return;
	}
	why_transitions all = {0};
	why_transitions_of(r, &all);
	for (size_t i = 0; i < all.count; i++) {
		char event[256];
		const char *on = all.items[i].on;
		while (why_is_path(all.items[i].state, state) && repl_word(&on, event, sizeof event)) repl_candidate(out, event, "");
	}
	why_transitions_dispose(&all);
}

/* ---- where they stand ---------------------------------------------------------------- */

static void take_stand(const aplomb_considered *considered, void *payload) {
	why_stands *all = payload;
	tell_need_room(&all->items, all->count, 1, &all->capacity, sizeof *all->items);
	why_stand *stand = &all->items[all->count++];
	*stand = (why_stand){.transition = *considered->transition,
	    .standing = considered->standing,
	    .guard = why_guard_copy(considered->guard),
	    .has_due = considered->has_due,
	    .due_at = considered->due_at};
	if (considered->other != NULL) stand->other = *considered->other;
}

bool why_consider(repl *r, why_stands *out) {
	aplomb_error error = {0};
	if (aplomb_case_consider(r->rt, r->case_id, take_stand, out, &error) == APLOMB_OK) return true;
	repl_fail_error(r, &error);
	return false;
}

void why_stands_dispose(why_stands *all) {
	for (size_t i = 0; i < all->count; i++) why_guard_free(all->items[i].guard);
	free(all->items);
	*all = (why_stands){0};
}
