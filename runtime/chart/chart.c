/* SPDX-License-Identifier: MIT */
/*
 * Decides how names are looked up in a finished chart and what an event
 * descriptor means. How a chart comes to be is decided in build.c and its
 * neighbours.
 */
#include "chart/chart.h"

#include <string.h>

#include "chart/draft.h"

void apl_chart_free(apl_chart *chart) {
	if (chart == NULL) return;
	/* The chart itself lies in its arena. */
	apl_alloc alloc = chart->alloc;
	struct apl_chart_private *private_ = chart->private_;
	apl_map_dispose(&private_->events);
	apl_map_dispose(&private_->paths);
	apl_arena_dispose(&private_->arena);
	apl_free(&alloc, private_, sizeof *private_);
}

const char *apl_overdue_name(apl_overdue overdue) {
	static const char *const names[] = {"fire", "skip", "collapse"};
	return names[overdue];
}

const char *apl_delay_word(apl_delay_kind kind) {
	static const char *const words[] = {"after", "every", "at"};
	return words[kind];
}

int32_t apl_chart_event(const apl_chart *chart, const char *name, size_t size) {
	return (int32_t)apl_number_get(&chart->private_->events, name, size); /* APL_NONE becomes -1 */
}

uint32_t apl_chart_state(const apl_chart *chart, const char *path, size_t size) {
	return apl_number_get(&chart->private_->paths, path, size);
}

uint32_t apl_chart_invoke(const apl_chart *chart, const char *id, size_t size) {
	uint32_t i = 0;
	while (i < chart->n_invokes && (strlen(chart->invokes[i].id) != size || memcmp(chart->invokes[i].id, id, size) != 0)) i++;
	return i < chart->n_invokes ? i : APL_NONE;
}

uint32_t apl_chart_clock(const apl_chart *chart, const char *name, size_t size) {
	uint32_t i = 0;
	while (i < chart->n_clocks && (strlen(chart->clocks[i].name) != size || memcmp(chart->clocks[i].name, name, size) != 0)) i++;
	return i < chart->n_clocks ? i : APL_NONE;
}

uint32_t apl_chart_clock_of(const apl_chart *chart, int32_t event) {
	uint32_t i = 0;
	while (i < chart->n_clocks && (event < 0 || (chart->clocks[i].warning != event && chart->clocks[i].breached != event))) i++;
	return i < chart->n_clocks ? i : APL_NONE;
}

uint32_t apl_chart_invoke_ended_by(const apl_chart *chart, int32_t event) {
	uint32_t i = 0;
	while (i < chart->n_invokes && (event < 0 || (chart->invokes[i].done != event && chart->invokes[i].error != event))) i++;
	return i < chart->n_invokes ? i : APL_NONE;
}

size_t apl_pattern_size(const char *pattern, size_t size) {
	if (size >= 2 && pattern[size - 2] == '.' && pattern[size - 1] == '*') return size - 2;
	if (size >= 1 && pattern[size - 1] == '.') return size - 1;
	return size;
}

bool apl_pattern_matches(const char *pattern, const char *event, size_t size) {
	size_t length = apl_pattern_size(pattern, strlen(pattern));
	if (length == 1 && pattern[0] == '*') return true;
	if (length > size || memcmp(pattern, event, length) != 0) return false;
	return length == size || event[length] == '.';
}

bool apl_chart_listens(const apl_chart *chart, const apl_transition *transition, int32_t number, const char *name, size_t size) {
	if ((transition->flags & (APL_EVENTLESS | APL_INITIAL)) != 0) return false;
	bool delay = apl_chart_is_delay(chart, number);
	if (delay || (transition->flags & APL_DELAYED) != 0)
		return delay && chart->patterns[transition->first_pattern] == chart->events[number].name;
	for (uint32_t i = 0; i < transition->n_patterns; i++)
		if (apl_pattern_matches(chart->patterns[transition->first_pattern + i], name, size)) return true;
	return false;
}
