/* SPDX-License-Identifier: MIT */
/*
 * Decides the numbers for people: how often and how long cases were where, what
 * came in and went out. They are added up after a commit, so what was taken
 * back is not in them, and nothing is kept per case.
 */
#include "engine/inside.h"

void apl_stats_apply(apl_engine *engine) {
	const apl_batch *batch = &engine->batch;
	for (const apl_tally *tally = batch->tallies, *end = tally + batch->n_tallies; tally < end; tally++) {
		apl_count *count = tally->count;
		count->times += (uint64_t)(int64_t)tally->times;
		count->inside += (uint64_t)(int64_t)tally->inside;
		count->total += tally->total;
	}
	aplomb_totals *totals = &engine->totals;
	const aplomb_totals *more = &batch->totals;
	totals->cases += more->cases;
	totals->closed += more->closed;
	totals->faulted += more->faulted;
	totals->events += more->events;
	totals->refused += more->refused;
	totals->duplicates += more->duplicates;
	totals->late += more->late;
	totals->unhandled += more->unhandled;
	totals->deferred += more->deferred;
	totals->timers += more->timers;
	totals->effects += more->effects;
	totals->findings += more->findings;
	totals->entries += more->entries;
	totals->invoked += more->invoked;
}

void apl_stats_restored(apl_engine *engine, apl_case *c) {
	apl_prepared *prepared = apl_prepared_of(c);
	for (uint32_t s = 0; s < c->program->chart->n_states; s++) {
		if (!apl_set_has(apl_case_configuration(c), s)) continue;
		prepared->states[s].inside++;
		prepared->states[s].total -= (uint64_t)c->at;
	}
	engine->totals.cases++;
	engine->totals.invoked += apl_case_parent(c) != NULL;
	if (c->status == APLOMB_CASE_CLOSED) engine->totals.closed++;
	if (c->status == APLOMB_CASE_FAULTED) engine->totals.faulted++;
}

void apl_stats_gone(apl_engine *engine, apl_case *c) {
	apl_prepared *prepared = apl_prepared_of(c);
	for (uint32_t s = 0; s < c->program->chart->n_states; s++) {
		if (!apl_set_has(apl_case_configuration(c), s)) continue;
		prepared->states[s].inside--;
		prepared->states[s].total += (uint64_t)c->at;
	}
	engine->totals.cases--;
	engine->totals.invoked -= apl_case_parent(c) != NULL;
	if (c->status == APLOMB_CASE_CLOSED) engine->totals.closed--;
	if (c->status == APLOMB_CASE_FAULTED) engine->totals.faulted--;
}

void apl_stats_clear(apl_prepared *prepared) {
	const apl_program *program = prepared->program;
	const apl_chart *chart = program->chart;
	memset(prepared->states, 0, chart->n_states * sizeof *prepared->states);
	memset(prepared->finals, 0, chart->n_states * sizeof *prepared->finals);
	if (chart->n_events > 0) memset(prepared->events, 0, chart->n_events * sizeof *prepared->events);
	if (program->n_effects > 0) memset(prepared->effects, 0, program->n_effects * sizeof *prepared->effects);
	for (uint32_t i = 0; i < prepared->n_findings; i++) prepared->findings[i]->count = (apl_count){0};
}

apl_count *apl_stats_finding(apl_engine *engine, apl_prepared *prepared, const char *slug) {
	for (uint32_t i = 0; i < prepared->n_findings; i++) {
		if (strcmp(prepared->findings[i]->slug, slug) == 0) return &prepared->findings[i]->count;
	}
	if (!APL_GROW(&engine->alloc, prepared->findings, prepared->n_findings, prepared->findings_capacity)) return NULL;
	apl_finding_stat *finding = apl_new(&engine->alloc, sizeof *finding);
	if (finding == NULL) return NULL;
	memcpy(finding->slug, slug, strnlen(slug, sizeof finding->slug - 1));
	prepared->findings[prepared->n_findings++] = finding;
	return &finding->count;
}

void apl_engine_count(apl_engine *engine, aplomb_totals *out) {
	size_t size = out->size;
	*out = engine->totals;
	out->size = size;
	out->open = out->cases - out->closed - out->faulted;
}

typedef struct teller {
	void (*line)(const aplomb_stat_line *line, void *payload);
	void *payload;
} teller;

static void tell(const teller *to, aplomb_stat_line line) {
	line.size = sizeof line;
	to->line(&line, to->payload);
}

static void tell_outcomes(const teller *to, const apl_prepared *prepared) {
	const apl_chart *chart = prepared->program->chart;
	for (uint32_t s = 0; s < chart->n_states; s++) {
		const char *outcome = chart->states[s].outcome;
		if (outcome == NULL) continue;
		uint64_t count = 0;
		bool told = false;
		for (uint32_t other = 0; other < chart->n_states; other++) {
			if (chart->states[other].outcome == NULL || strcmp(chart->states[other].outcome, outcome) != 0) continue;
			if (other < s) told = true;
			count += prepared->finals[other].times;
		}
		if (!told) tell(to, (aplomb_stat_line){.stat = APLOMB_STAT_OUTCOME, .name = outcome, .count = count});
	}
}

void apl_engine_stats(apl_engine *engine, const apl_program *program, void (*line)(const aplomb_stat_line *, void *), void *payload) {
	const apl_prepared *prepared = program->prepared;
	const apl_chart *chart = program->chart;
	const teller to = {line, payload};
	uint64_t now = (uint64_t)apl_clock_now(engine->clock);
	for (uint32_t s = 1; s < chart->n_states; s++) {
		if (chart->states[s].kind == APL_HISTORY_SHALLOW || chart->states[s].kind == APL_HISTORY_DEEP) continue;
		const apl_count *state = &prepared->states[s];
		aplomb_span total = (aplomb_span)(state->total + state->inside * now);
		tell(&to, (aplomb_stat_line){0, APLOMB_STAT_STATE, chart->states[s].path, state->times, state->inside, total});
	}
	for (uint32_t i = 0; i < chart->n_events; i++) {
		if (!chart->events[i].declared) continue;
		tell(&to, (aplomb_stat_line){.stat = APLOMB_STAT_EVENT, .name = chart->events[i].name, .count = prepared->events[i].times});
	}
	for (uint32_t i = 0; i < program->n_effects; i++) {
		tell(&to, (aplomb_stat_line){.stat = APLOMB_STAT_EFFECT, .name = program->effects[i].name, .count = prepared->effects[i].times});
	}
	tell_outcomes(&to, prepared);
	for (uint32_t i = 0; i < prepared->n_findings; i++) {
		const apl_finding_stat *finding = prepared->findings[i];
		if (finding->count.times == 0) continue;
		tell(&to, (aplomb_stat_line){.stat = APLOMB_STAT_FINDING, .name = finding->slug, .count = finding->count.times});
	}
}
