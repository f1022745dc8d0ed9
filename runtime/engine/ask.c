/* SPDX-License-Identifier: MIT */
/*
 * Decides the answers to what handlers ask about their case: where it is, for
 * how long, how often something happened.
 */
#include "engine/inside.h"
#include "engine/turn.h"
#include "time/shown.h"

static int find_state(const apl_turn *turn, const char *path, size_t size, uint32_t *out, aplomb_error *error) {
	const apl_chart *chart = turn->program->chart;
	*out = apl_chart_state(chart, path, size);
	if (*out != APL_NONE) return APLOMB_OK;
	char shown[APL_SHOWN], hint[128];
	apl_nearest nearest = apl_nearest_to(path, size);
	for (uint32_t s = 1; s < chart->n_states; s++) apl_nearest_try(&nearest, chart->states[s].path);
	return apl_fail(error, APLOMB_EREFUSED, "unknown-state", "playbook \"%s\" has no state \"%s\"%s", turn->program->id,
	    apl_shown(path, size, shown), apl_nearest_hint(&nearest, hint, sizeof hint));
}

int apl_turn_is_in(apl_turn *turn, const char *path, size_t size, bool *out, aplomb_error *error) {
	uint32_t state;
	int code = find_state(turn, path, size, &state, error);
	if (code) return code;
	*out = apl_set_has(apl_case_configuration(turn->the_case), state);
	return APLOMB_OK;
}

aplomb_span apl_turn_time_in_state(const apl_turn *turn, uint32_t state, bool total) {
	const apl_stay *stay = &turn->the_case->more->stays[state];
	aplomb_span span = total ? stay->total : 0;
	if (apl_set_has(apl_case_configuration(turn->the_case), state)) span += turn->now - stay->since;
	return span;
}

int apl_turn_time_in(apl_turn *turn, const char *path, size_t size, bool total, aplomb_span *out, aplomb_error *error) {
	uint32_t state;
	int code = find_state(turn, path, size, &state, error);
	if (code) return code;
	const apl_case *c = turn->the_case;
	if (c->more == NULL || c->more->stays == NULL) {
		return apl_fail(
		    error, APLOMB_EREFUSED, "no-time-in", "playbook \"%s\" keeps no times: write case:time_in by its name", turn->program->id);
	}
	*out = apl_turn_time_in_state(turn, state, total);
	return APLOMB_OK;
}

uint32_t apl_program_counter(const apl_program *program, const char *name, size_t size) {
	for (uint32_t i = 0; i < program->n_counters; i++) {
		if (strlen(program->counters[i].name) == size && memcmp(program->counters[i].name, name, size) == 0) return i;
	}
	return APL_NONE;
}

const char *apl_program_file_name(const apl_program *program, const char *shown) {
	/* An error's copy of a long name is cut. */
	const size_t most = sizeof((aplomb_error *)NULL)->file - 1;
	for (uint32_t i = 0; i < program->n_files; i++) {
		if (strncmp(program->files[i].shown, shown, most) == 0) return program->files[i].name;
	}
	return apl_file_name(shown);
}

uint32_t apl_program_effect(const apl_program *program, const char *name, size_t size) {
	for (uint32_t i = 0; i < program->n_effects; i++) {
		if (strlen(program->effects[i].name) == size && memcmp(program->effects[i].name, name, size) == 0) return i;
	}
	return APL_NONE;
}

/* How often, as of [now]: what is older than the window counts no more. */
static uint64_t count_at(const apl_case *c, uint32_t number, aplomb_instant now) {
	const apl_counted *counted = &c->more->counters[number];
	if (c->program->counters[number].window == 0) return counted->total;
	aplomb_instant since = apl_counter_since(c, number, now);
	/* A case's time does not go back, so they stand in order: however many there are, and however often somebody asks. */
	uint32_t from = 0, end = counted->count;
	while (from < end) {
		uint32_t middle = from + (end - from) / 2;
		if (counted->instants[middle] > since)
			end = middle;
		else
			from = middle + 1;
	}
	return counted->count - from;
}

int64_t apl_turn_count_of(const apl_turn *turn, uint32_t counter) {
	return (int64_t)count_at(turn->the_case, counter, turn->now);
}

int apl_turn_count(apl_turn *turn, const char *name, size_t size, int64_t *out, aplomb_error *error) {
	const apl_program *program = turn->program;
	uint32_t number = apl_program_counter(program, name, size);
	if (number == APL_NONE) {
		char shown[APL_SHOWN], hint[128];
		apl_nearest nearest = apl_nearest_to(name, size);
		for (uint32_t i = 0; i < program->n_counters; i++) apl_nearest_try(&nearest, program->counters[i].name);
		return apl_fail(error, APLOMB_EREFUSED, "unknown-counter", "playbook \"%s\" has no counter \"%s\"%s", program->id,
		    apl_shown(name, size, shown), apl_nearest_hint(&nearest, hint, sizeof hint));
	}
	*out = apl_turn_count_of(turn, number);
	return APLOMB_OK;
}

size_t apl_engine_counters(apl_case *c, aplomb_instant now, void (*tell)(const char *name, uint64_t count, void *payload), void *payload) {
	const apl_program *program = c->program;
	if (tell != NULL) {
		for (uint32_t i = 0; i < program->n_counters; i++) tell(program->counters[i].name, count_at(c, i, apl_later(c->at, now)), payload);
	}
	return program->n_counters;
}
