/* SPDX-License-Identifier: MIT */
/*
 * Decides what of a case is brought near before its event comes.
 *
 * With very many cases each of them lies somewhere in memory that no cache
 * holds, and one leads to the next: the slot to the case, the case to its
 * timer, the timer to its place in the heap. Whoever posts one event after
 * another waits for each of these in turn. Of a group of cases that is known
 * beforehand, each step of that way is asked for of all of them before the
 * first is needed, so that they are waited for together. Nothing here changes
 * anything: a case that is not found, or was not meant, costs a look.
 */
#include <string.h>

#include "base/copy.h"
#include "engine/inside.h"

enum { GROUP = 64, LINE = 64, LINES = 6 };

typedef struct near {
	uint32_t tag, size; /* [size] 0: none */
	apl_case *the_case; /* most likely the one; or NULL */
} near;

/* In line: gcc drops the call of what only prefetches. */
APL_INLINE void call_for(const void *at, size_t size) {
	for (size_t line = 0; line < size; line += LINE) __builtin_prefetch((const char *)at + line);
}

static void expect_group(const apl_engine *engine, const char *const *ids, size_t count) {
	const apl_cases *cases = &engine->cases;
	const apl_timerq *timers = &engine->timers;
	near group[GROUP];
	for (size_t i = 0; i < count; i++) {
		const size_t size = ids[i] != NULL ? strlen(ids[i]) : 0;
		group[i] = (near){.size = size <= APL_MOST_CASE_ID ? (uint32_t)size : 0};
		if (group[i].size == 0) continue;
		group[i].tag = apl_cases_tag(ids[i], size);
		__builtin_prefetch(&cases->slots[group[i].tag & (cases->capacity - 1)]);
	}
	for (size_t i = 0; i < count; i++) {
		if (group[i].size > 0) group[i].the_case = apl_cases_likely(cases, group[i].tag, group[i].size);
		const apl_case *c = group[i].the_case;
		if (c != NULL) call_for((const char *)c - apl_case_id_room(group[i].size), LINES * LINE);
	}
	for (size_t i = 0; i < count; i++) {
		const apl_case *c = group[i].the_case;
		if (c == NULL) continue;
		if (c->timers != NULL) call_for(c->timers, sizeof *c->timers);
		if (c->more != NULL) call_for(c->more, sizeof *c->more);
	}
	for (size_t i = 0; i < count; i++) {
		const apl_case *c = group[i].the_case;
		if (c != NULL && c->timers != NULL) apl_timerq_call_for(timers, &c->timers->timer);
	}
}

void apl_engine_expect(const apl_engine *engine, const char *const *ids, size_t count) {
	if (engine->cases.capacity == 0) return;
	for (size_t from = 0; from < count; from += GROUP) expect_group(engine, ids + from, count - from < GROUP ? count - from : GROUP);
}
