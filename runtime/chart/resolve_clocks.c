/* SPDX-License-Identifier: MIT */
/*
 * Decides in which states a clock runs, by the names that it was given, and
 * what its events are called. When it runs, and against what, is not the
 * chart's.
 */
#include <stdio.h>
#include <string.h>

#include "chart/draft.h"

#define TAKE(finish, count, type) ((type *)apl_arena_take((finish)->arena, (size_t)(count) * sizeof(type)))

/* As guards find one: a plain name among the children of [from], itself, its siblings, then outward; else the path from the root. */
static bool find_clocked(apl_finish *finish, uint32_t from, const char *word, size_t size, uint32_t *out) {
	const apl_chart *chart = finish->chart;
	*out = APL_NONE;
	for (uint32_t s = from; memchr(word, '.', size) == NULL; s = chart->states[s].parent) {
		if (!apl_child_called(finish, s, word, size, out)) return false;
		if (*out != APL_NONE || s == 0) break;
	}
	if (*out == APL_NONE) *out = apl_number_get(&finish->private_->paths, word, size);
	return true;
}

static void tell_unknown_clocked(
    apl_finish *finish, const apl_named_clock *clock, apl_place place, const char *word, size_t size, uint32_t found) {
	const apl_chart *chart = finish->chart;
	char hint[APL_HINT_SIZE + 64] = "";
	if (found != APL_NONE) {
		apl_found(finish->findings, APLOMB_ERROR, "unknown-state", place,
		    "clock \"%s\": runs_in: \"%.*s\" is %s; name the states around it", clock->name, (int)size, word,
		    found == 0 ? "the whole case" : "a history, which is never active");
		return;
	}
	const uint32_t elsewhere = apl_number_get(&finish->ids, word, size);
	if (elsewhere != APL_NONE && elsewhere != 0) {
		snprintf(hint, sizeof hint, "; from here it is called \"%.200s\"", chart->states[elsewhere].path);
	} else if (finish->hints_left > 0) {
		finish->hints_left--;
		apl_nearest nearest = apl_nearest_to(word, size);
		for (uint32_t i = 1; i < chart->n_states; i++) apl_nearest_try(&nearest, chart->states[i].path);
		for (uint32_t i = 1; i < chart->n_states && nearest.best == NULL; i++) apl_nearest_try(&nearest, chart->states[i].id);
		apl_nearest_hint(&nearest, hint, sizeof hint);
	}
	apl_found(finish->findings, APLOMB_ERROR, "unknown-state", place, "clock \"%s\": runs_in: there is no state \"%.*s\"%s", clock->name,
	    (int)size, word, hint);
}

static bool name_clock_event(apl_finish *finish, const char *name, const char *what, int32_t *out) {
	apl_buf_clear(&finish->who);
	apl_buf_text(&finish->who, "clock.");
	apl_buf_text(&finish->who, name);
	apl_buf_text(&finish->who, what);
	const char *kept = finish->who.failed ? NULL : apl_arena_text(finish->arena, finish->who.bytes, finish->who.size);
	uint32_t number = kept != NULL ? apl_know_event(finish, kept, strlen(kept), false) : APL_NONE;
	*out = (int32_t)number;
	return number != APL_NONE;
}

bool apl_lay_out_clocks(apl_finish *finish) {
	const apl_builder *b = finish->builder;
	apl_chart *chart = finish->chart;
	chart->clocks = TAKE(finish, b->n_clocks, apl_named_clock);
	if (chart->clocks == NULL) return false;
	for (uint32_t i = 0; i < b->n_clocks; i++) {
		const apl_build_clock_options *from = &b->clocks[i].options;
		apl_named_clock *clock = &chart->clocks[chart->n_clocks++];
		*clock = (apl_named_clock){.name = from->name, .states = TAKE(finish, chart->n_words, uint64_t), .place = from->place};
		if (clock->states == NULL || !name_clock_event(finish, from->name, ".warning", &clock->warning) ||
		    !name_clock_event(finish, from->name, ".breached", &clock->breached))
			return false;
		memset(clock->states, 0, chart->n_words * sizeof *clock->states);
		const char *words = from->states, *word;
		size_t size;
		for (uint32_t n = 0; (word = apl_next_word(&words, &size)) != NULL; n++) {
			uint32_t found;
			if (!find_clocked(finish, b->clocks[i].state, word, size, &found)) return false;
			const bool is_state = found != APL_NONE && found != 0 && chart->states[found].kind != APL_HISTORY_SHALLOW &&
			                      chart->states[found].kind != APL_HISTORY_DEEP;
			if (!is_state) {
				tell_unknown_clocked(finish, clock, from->places != NULL ? from->places[n] : from->place, word, size, found);
				continue;
			}
			apl_set_add(clock->states, found);
			chart->states[found].has_clock = true;
		}
	}
	return true;
}
