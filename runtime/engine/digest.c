/* SPDX-License-Identifier: MIT */
/*
 * Decides what an entry's digest covers, and in which bytes: configuration and
 * history as 64-bit words, the record, each timer (deadline, length of its
 * name, name; the newest armed first), each clock as the case keeps it (clocks.h), each child (the lengths of both ids, the
 * invocation's, the case's; as the invokes stand in the playbook), each calendar that was changed while the case was open, and the effect
 * items of the entry. All numbers are little-endian. States count by their numbers here, not by their paths, because the chart is pinned by
 * its hash.
 */
#include "engine/asked.h"
#include "engine/clocks.h"
#include "engine/inside.h"

static uint64_t little_endian(uint64_t word) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return __builtin_bswap64(word);
#else
	return word;
#endif
}

static void add_words(apl_buf *out, const uint64_t *words, size_t count) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	for (size_t i = 0; i < count; i++) {
		uint64_t word = little_endian(words[i]);
		apl_buf_add(out, &word, sizeof word);
	}
#else
	apl_buf_add(out, words, count * sizeof *words);
#endif
}

static void add_timers(apl_buf *out, const apl_case *c) {
	const apl_chart *chart = c->program->chart;
	for (const apl_case_timer *timer = c->timers; timer != NULL; timer = timer->next) {
		const uint32_t clock = apl_timer_clock(timer);
		const char *name = timer->send != NULL ? timer->send->texts
		                   : clock != APL_NONE ? chart->clocks[clock].name
		                                       : chart->delays[timer->delay].name;
		uint64_t numbers[2] = {little_endian((uint64_t)timer->timer.due_at), little_endian(strlen(name))};
		apl_buf_add(out, numbers, sizeof numbers);
		apl_buf_text(out, name);
	}
}

/* Of those that were changed while the case was open: which calendar of the playbook, since which entry, the version. */
static void add_calendars(apl_buf *out, const apl_case_calendars *calendars) {
	for (uint32_t i = 0; i < calendars->count; i++) {
		const apl_calendar_slot *slot = &calendars->slots[i];
		if (slot->kept == NULL) continue;
		uint64_t numbers[2] = {little_endian(slot->of), little_endian(slot->since)};
		apl_buf_add(out, numbers, sizeof numbers);
		apl_buf_add(out, apl_calendar_version(slot->kept->calendar), APL_SHA256_HEX);
	}
}

static void add_children(apl_buf *out, const apl_case *c) {
	const apl_chart *chart = c->program->chart;
	for (uint32_t i = 0; i < chart->n_invokes; i++) {
		const apl_child *child = c->more->children[i];
		if (child == NULL) continue;
		uint64_t sizes[2] = {little_endian(strlen(chart->invokes[i].id)), little_endian(child->id_size)};
		apl_buf_add(out, sizes, sizeof sizes);
		apl_buf_text(out, chart->invokes[i].id);
		apl_buf_add(out, child->id, child->id_size);
	}
}

apl_hash128 apl_case_digest(apl_engine *engine, apl_case *c, const char *effects, size_t effects_size) {
	const apl_chart *chart = c->program->chart;
	apl_buf *out = &engine->hashed;
	apl_buf_clear(out);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	/* The words are hashed where they are when there is nothing behind them. */
	if (!apl_prepared_of(c)->is_more_than_words && c->timers == NULL && effects_size == 0) {
		return apl_hash_bytes(c->words, c->n_words * sizeof(uint64_t));
	}
#endif
	add_words(out, c->words, (size_t)chart->n_words * (1 + chart->n_history_slots));
	apl_record_bytes(out, c->program->data, apl_case_data(c));
	if (c->program->n_asked > 0) add_words(out, (const uint64_t *)apl_case_asked(c), (size_t)APL_ASKED_WORDS * c->program->n_asked);
	if (c->timers != NULL) add_timers(out, c);
	if (chart->n_clocks > 0) add_words(out, (const uint64_t *)apl_case_clocks(c), (size_t)APL_CLOCK_WORDS * chart->n_clocks);
	if (chart->n_invokes > 0) add_children(out, c);
	if (c->more != NULL && c->more->calendars.count > 0) add_calendars(out, &c->more->calendars);
	if (effects_size > 0) apl_buf_add(out, effects, effects_size);
	return apl_hash_bytes(out->bytes, out->size);
}
