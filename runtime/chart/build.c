/* SPDX-License-Identifier: MIT */
/*
 * Writes declarations down in document order, and in the end lets resolve.c,
 * check.c and compile.c make a chart of them. It judges nothing itself but the
 * bound on states, beyond which it writes nothing down.
 */
#include "chart/build.h"

#include <string.h>

#include "base/assert.h"
#include "chart/draft.h"

enum { DEFAULT_MOST_STATES = 16384 };

apl_builder *apl_builder_new(const apl_alloc *alloc, const apl_build_options *options) {
	apl_builder *b = apl_new(alloc, sizeof *b);
	if (b == NULL) return NULL;
	b->alloc = *alloc;
	apl_arena_init(&b->arena, alloc);
	apl_arena_init(&b->drafts, alloc);
	apl_map_init(&b->files, alloc);
	b->free_targets = options->free_targets;
	b->any_event = options->any_event;
	b->most_states = options->most_states != 0 ? options->most_states : DEFAULT_MOST_STATES;
	b->current = APL_NONE;
	const char *name = options->name != NULL ? options->name : "";
	b->name = apl_arena_text(&b->arena, name, strlen(name));
	if (b->name == NULL) {
		apl_builder_free(b);
		return NULL;
	}
	return b;
}

void apl_builder_free(apl_builder *b) {
	if (b == NULL) return;
	apl_alloc alloc = b->alloc;
	apl_free(&alloc, b->events, b->capacity_events * sizeof *b->events);
	apl_free(&alloc, b->states, b->capacity_states * sizeof *b->states);
	apl_free(&alloc, b->entries, b->capacity_entries * sizeof *b->entries);
	apl_free(&alloc, b->exits, b->capacity_exits * sizeof *b->exits);
	apl_free(&alloc, b->transitions, b->capacity_transitions * sizeof *b->transitions);
	apl_free(&alloc, b->delays, b->capacity_delays * sizeof *b->delays);
	apl_free(&alloc, b->invokes, b->capacity_invokes * sizeof *b->invokes);
	apl_free(&alloc, b->clocks, b->capacity_clocks * sizeof *b->clocks);
	apl_map_dispose(&b->files);
	apl_arena_dispose(&b->drafts);
	apl_arena_dispose(&b->arena);
	apl_free(&alloc, b, sizeof *b);
}

/* Makes room for one more in the builder's list [name] and zeroes it; an expression that is false without memory. */
#define APPEND(b, name)                                                                                                                    \
	(APL_GROW(&(b)->alloc, (b)->name, (b)->n_##name, (b)->capacity_##name) && clear_item(&(b)->name[(b)->n_##name++], sizeof *(b)->name))

static bool clear_item(void *item, size_t size) {
	memset(item, 0, size);
	return true;
}

/* Replaces *text by a copy in the arena. */
static bool keep(apl_builder *b, const char **text) {
	if (*text == NULL) return true;
	*text = apl_arena_text(&b->arena, *text, strlen(*text));
	return *text != NULL;
}

/* Files are few and places many: one copy a file. */
static bool keep_place(apl_builder *b, apl_place *place) {
	if (place->file == NULL) return true;
	size_t size = strlen(place->file);
	const char *kept = apl_map_get(&b->files, place->file, size);
	if (kept == NULL) {
		char *copy = apl_arena_text(&b->arena, place->file, size);
		if (copy == NULL || !apl_map_put(&b->files, copy, size, copy)) return false;
		kept = copy;
	}
	place->file = kept;
	return true;
}

bool apl_build_event(apl_builder *b, const char *name, apl_place place) {
	if (!keep(b, &name) || !keep_place(b, &place) || !APPEND(b, events)) return false;
	b->events[b->n_events - 1] = (apl_draft_event){name, place};
	return true;
}

bool apl_build_begin(apl_builder *b, apl_build_kind kind, const char *id, apl_place place) {
	APL_ASSERT(!b->root_ended);
	APL_ASSERT(b->current != APL_NONE || kind == APL_BUILD_STATE || kind == APL_BUILD_PARALLEL);
	if (b->skipped > 0 || b->n_states == b->most_states) {
		if (!b->too_many && !keep_place(b, &place)) return false;
		if (!b->too_many) b->too_many_place = place;
		b->too_many = true;
		b->skipped++;
		return true;
	}
	if (!keep(b, &id) || !keep_place(b, &place) || !APPEND(b, states)) return false;
	uint32_t number = b->n_states - 1;
	apl_draft_state *state = &b->states[number];
	*state = (apl_draft_state){
	    .id = id, .kind = kind, .parent = b->current, .initial_block = APL_NO_HANDLER, .initial_place = place, .place = place};
	if (b->current != APL_NONE) {
		apl_draft_state *parent = &b->states[b->current];
		state->depth = parent->depth + 1;
		if (kind == APL_BUILD_HISTORY || kind == APL_BUILD_DEEP_HISTORY)
			parent->n_histories++;
		else
			parent->n_children++;
	}
	b->current = number;
	return true;
}

bool apl_build_end(apl_builder *b) {
	if (b->skipped > 0) {
		b->skipped--;
		return true;
	}
	APL_ASSERT(b->current != APL_NONE);
	apl_draft_state *state = &b->states[b->current];
	state->end = b->n_states;
	b->current = state->parent;
	b->root_ended = b->current == APL_NONE;
	return true;
}

/* The state begun last and not ended; NULL: it is beyond the limit, and nothing about it is kept. */
static apl_draft_state *begun(apl_builder *b) {
	APL_ASSERT(b->current != APL_NONE);
	return b->skipped > 0 ? NULL : &b->states[b->current];
}

bool apl_build_entry(apl_builder *b, int32_t block) {
	if (begun(b) == NULL) return true;
	if (!APPEND(b, entries)) return false;
	b->entries[b->n_entries - 1] = (apl_draft_block){b->current, block};
	return true;
}

bool apl_build_exit(apl_builder *b, int32_t block) {
	if (begun(b) == NULL) return true;
	if (!APPEND(b, exits)) return false;
	b->exits[b->n_exits - 1] = (apl_draft_block){b->current, block};
	return true;
}

bool apl_build_outcome(apl_builder *b, const char *outcome) {
	apl_draft_state *state = begun(b);
	if (state == NULL) return true;
	if (!keep(b, &outcome)) return false;
	state->outcome = outcome;
	return true;
}

bool apl_build_rests(apl_builder *b, const char *why) {
	apl_draft_state *state = begun(b);
	if (state == NULL) return true;
	if (!keep(b, &why)) return false;
	state->rests = why;
	return true;
}

/* Copies the places of each name in [names] for as long as the draft lives. */
static bool keep_places(apl_builder *b, const char *names, const apl_place **places) {
	if (names == NULL) *places = NULL;
	if (*places == NULL) return true;
	uint32_t count = apl_count_words(names);
	apl_place *copy = apl_arena_take(&b->drafts, count * sizeof *copy);
	if (copy == NULL) return false;
	for (uint32_t i = 0; i < count; i++) {
		copy[i] = (*places)[i];
		if (!keep_place(b, &copy[i])) return false;
	}
	*places = copy;
	return true;
}

bool apl_build_initial(apl_builder *b, const char *targets, int32_t block, apl_place place, const apl_place *target_places) {
	apl_draft_state *state = begun(b);
	if (state == NULL) return true;
	if (!keep(b, &targets) || !keep_place(b, &place) || !keep_places(b, targets, &target_places)) return false;
	state->initial = targets;
	state->initial_places = target_places;
	state->initial_block = block;
	state->initial_place = place;
	return true;
}

static bool add_transition(apl_builder *b, const apl_build_transition_options *options, uint32_t delay) {
	apl_build_transition_options copy = *options;
	if (!keep(b, &copy.events) || !keep(b, &copy.targets) || !keep(b, &copy.because) || !keep_place(b, &copy.place)) return false;
	if (!keep_places(b, copy.events, &copy.event_places) || !keep_places(b, copy.targets, &copy.target_places)) return false;
	if (copy.defer_place.line == 0) copy.defer_place = copy.place;
	if (!keep_place(b, &copy.defer_place)) return false;
	if (!APPEND(b, transitions)) return false;
	b->transitions[b->n_transitions - 1] = (apl_draft_transition){b->current, delay, copy};
	return true;
}

uint32_t apl_build_number(const apl_builder *b) {
	return b->current;
}

uint32_t apl_build_parent(const apl_builder *b) {
	return b->states[b->current].parent;
}

const char *apl_build_final(const apl_builder *b, uint32_t n, uint32_t *number) {
	for (uint32_t i = b->current + 1; i < b->n_states && b->skipped == 0; i++) {
		if (b->states[i].parent != b->current || b->states[i].kind != APL_BUILD_FINAL || n-- > 0) continue;
		*number = i;
		return b->states[i].id;
	}
	return NULL;
}

bool apl_build_transition(apl_builder *b, const apl_build_transition_options *options) {
	return begun(b) == NULL || add_transition(b, options, APL_NONE);
}

bool apl_build_delay(apl_builder *b, const apl_build_delay_options *options) {
	if (begun(b) == NULL) return true;
	apl_build_delay_options copy = *options;
	copy.transitions = NULL;
	if (!keep(b, &copy.since) || !keep_place(b, &copy.place) || !keep_places(b, copy.since, &copy.since_places) || !APPEND(b, delays))
		return false;
	b->delays[b->n_delays - 1] = (apl_draft_delay){b->current, copy};
	for (uint32_t i = 0; i < options->n_transitions; i++) {
		APL_ASSERT(options->transitions[i].events == NULL);
		if (!add_transition(b, &options->transitions[i], b->n_delays - 1)) return false;
	}
	return true;
}

/* Of the state begun last: its path, as resolve.c will know it, and which of its invokes is the next. */
static const char *make_invoke_id(apl_builder *b) {
	uint32_t number = b->states[b->current].n_invokes + 1;
	uint32_t around[APL_MOST_DEPTH];
	uint32_t depth = 0;
	for (uint32_t s = b->current; s != 0 && depth < APL_MOST_DEPTH; s = b->states[s].parent) around[depth++] = s;
	apl_buf id;
	apl_buf_init(&id, &b->alloc);
	while (depth > 0) {
		apl_buf_text(&id, b->states[around[--depth]].id);
		apl_buf_byte(&id, '.');
	}
	apl_buf_integer(&id, number);
	const char *kept = id.failed ? NULL : apl_arena_text(&b->arena, id.bytes, id.size);
	apl_buf_dispose(&id);
	return kept;
}

bool apl_build_invoke(apl_builder *b, const apl_build_invoke_options *options) {
	if (begun(b) == NULL) return true;
	apl_build_invoke_options copy = *options;
	if (copy.id == NULL)
		copy.id = make_invoke_id(b);
	else if (!keep(b, &copy.id))
		return false;
	if (copy.id == NULL || !keep(b, &copy.playbook) || !keep(b, &copy.because) || !keep_place(b, &copy.place) || !APPEND(b, invokes))
		return false;
	b->invokes[b->n_invokes - 1] = (apl_draft_invoke){b->current, copy};
	b->states[b->current].n_invokes++;
	return true;
}

bool apl_build_clock(apl_builder *b, const apl_build_clock_options *options) {
	if (begun(b) == NULL) return true;
	apl_build_clock_options copy = *options;
	if (!keep(b, &copy.name) || !keep(b, &copy.states) || !keep_place(b, &copy.place) || !keep_places(b, copy.states, &copy.places) ||
	    !APPEND(b, clocks))
		return false;
	b->clocks[b->n_clocks - 1] = (apl_draft_clock){b->current, copy};
	return true;
}

const char *apl_build_invoke_id(const apl_builder *b) {
	return b->n_invokes > 0 ? b->invokes[b->n_invokes - 1].options.id : "";
}

/* The chart takes the arena over, with all texts in it. */
static apl_chart *take_over(apl_finish *finish) {
	finish->private_->arena = finish->builder->arena;
	apl_arena_init(&finish->builder->arena, &finish->builder->alloc);
	return finish->chart;
}

static void dispose(apl_finish *finish) {
	const apl_alloc *alloc = &finish->builder->alloc;
	apl_map_dispose(&finish->members);
	apl_map_dispose(&finish->ids);
	apl_map_dispose(&finish->known);
	apl_free(alloc, finish->events, finish->capacity_events * sizeof *finish->events);
	apl_buf_dispose(&finish->who);
	apl_arena_dispose(&finish->work);
	if (finish->private_ == NULL) return;
	apl_map_dispose(&finish->private_->events);
	apl_map_dispose(&finish->private_->paths);
	apl_free(alloc, finish->private_, sizeof *finish->private_);
}

static bool prepare(apl_finish *finish) {
	const apl_alloc *alloc = &finish->builder->alloc;
	finish->private_ = apl_new(alloc, sizeof *finish->private_);
	finish->chart = apl_arena_take(finish->arena, sizeof *finish->chart);
	if (finish->private_ == NULL || finish->chart == NULL) return false;
	apl_map_init(&finish->private_->events, alloc);
	apl_map_init(&finish->private_->paths, alloc);
	*finish->chart = (apl_chart){.alloc = *alloc, .name = finish->builder->name, .private_ = finish->private_};
	return true;
}

int apl_build_finish(apl_builder *b, apl_chart **out, apl_findings *findings) {
	APL_ASSERT(b->root_ended); /* every state begun was ended */
	apl_finish finish = {
	    .builder = b, .arena = &b->arena, .findings = findings, .errors_before = findings->errors, .hints_left = APL_MOST_HINTS};
	apl_map_init(&finish.members, &b->alloc);
	apl_map_init(&finish.ids, &b->alloc);
	apl_map_init(&finish.known, &b->alloc);
	apl_buf_init(&finish.who, &b->alloc);
	apl_arena_init(&finish.work, &b->alloc);
	int code = APLOMB_ENOMEM;
	if (!prepare(&finish) || !apl_resolve(&finish)) goto done;
	/* No states: a bound was broken, and there is nothing else to look at. */
	if (finish.chart->n_states > 0 && !apl_check(&finish)) goto done;
	if (findings->out_of_memory || finish.no_memory) goto done;
	code = APLOMB_EPLAYBOOK;
	if (findings->errors > finish.errors_before) goto done;
	code = APLOMB_ENOMEM;
	if (!apl_compile(&finish)) goto done;
	*out = take_over(&finish);
	finish.private_ = NULL; /* the chart's now */
	code = APLOMB_OK;
done:
	dispose(&finish);
	return code;
}
