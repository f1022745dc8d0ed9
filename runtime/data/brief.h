/* SPDX-License-Identifier: MIT */
#ifndef APL_DATA_BRIEF_H
#define APL_DATA_BRIEF_H

/*
 * Texts in brief: guards that compare fields with each other and with literals,
 * and assignments of integers and flags, as rows of two tables that are gone
 * through without a call. Whoever knows which event a text is asked about has
 * it made once for that event; then every name is a word of one of a few
 * records, and nothing is looked up any more.
 *
 * What is brief means what data/guard.h says of the text. A brief test has no
 * trouble, so only whether it is true is left of it: unknown is false here. A
 * brief write that would be a mistake (something is missing, a bound, an
 * overflow) is not done, and says so: then what was written before it is to be
 * undone, and the long way finds out what is wrong.
 */

#include "data/guard.h"

/* Where a word is looked for: the records, and the set of active states. */
enum { APL_BRIEF_DATA, APL_BRIEF_PARAMS, APL_BRIEF_EVENT, APL_BRIEF_STATES, APL_BRIEF_SOURCES };

typedef enum apl_brief_asks {
	APL_BRIEF_PRESENT,
	APL_BRIEF_ABSENT,
	/* A slot with a literal word; with a number; with another slot. In each in this order. */
	APL_BRIEF_LESS,
	APL_BRIEF_LESS_EQUAL,
	APL_BRIEF_GREATER,
	APL_BRIEF_GREATER_EQUAL,
	APL_BRIEF_EQUAL,
	APL_BRIEF_UNEQUAL,
	APL_BRIEF_NUMBER_LESS,
	APL_BRIEF_NUMBER_LESS_EQUAL,
	APL_BRIEF_NUMBER_GREATER,
	APL_BRIEF_NUMBER_GREATER_EQUAL,
	APL_BRIEF_NUMBER_EQUAL,
	APL_BRIEF_NUMBER_UNEQUAL,
	APL_BRIEF_SLOT_LESS,
	APL_BRIEF_SLOT_LESS_EQUAL,
	APL_BRIEF_SLOT_GREATER,
	APL_BRIEF_SLOT_GREATER_EQUAL,
	APL_BRIEF_SLOT_EQUAL,
	APL_BRIEF_SLOT_UNEQUAL
} apl_brief_asks;

/* Instead of the number of a test: the answer. */
#define APL_BRIEF_YES UINT32_MAX
#define APL_BRIEF_NO (UINT32_MAX - 1)
/* For whoever keeps such numbers: there is none, for the guard cannot be brief. */
#define APL_BRIEF_LONG (UINT32_MAX - 2)

/* A slot, and the bit that says whether it is there. */
typedef struct apl_brief_slot {
	uint32_t source;
	uint32_t word;
	uint32_t presence;
	uint64_t mask;
} apl_brief_slot;

/* It goes on with [yes] or [no]; that is all that is left of and, or, not. */
typedef struct apl_brief_test {
	apl_brief_slot slot;
	uint32_t asks; /* apl_brief_asks */
	uint32_t yes, no;
	union {
		int64_t word;
		double number;
	} literal;
	apl_brief_slot other;
} apl_brief_test;

typedef enum apl_brief_puts {
	APL_BRIEF_PUT, /* the literal */
	APL_BRIEF_COPY,
	APL_BRIEF_ADD,      /* a slot and the literal */
	APL_BRIEF_ADD_SLOT, /* two slots */
	APL_BRIEF_SUBTRACT_SLOT
} apl_brief_puts;

/* Into a slot of the case's data. */
typedef struct apl_brief_write {
	uint32_t puts; /* apl_brief_puts */
	uint32_t word;
	uint32_t presence;
	uint64_t mask;
	apl_brief_slot from, other;
	int64_t literal;
	int64_t min, max;
} apl_brief_write;

typedef struct apl_brief {
	apl_alloc alloc;
	apl_brief_test *tests;
	apl_brief_write *writes;
	uint32_t n_tests, tests_capacity;
	uint32_t n_writes, writes_capacity;
	bool no_memory;
} apl_brief;

void apl_brief_init(apl_brief *brief, const apl_alloc *alloc);
void apl_brief_dispose(apl_brief *brief);

/*
 * Adds a typed guard as it is asked about an event of this schema (NULL: one
 * without data); [*entry] is where it begins, or already the answer. false: it
 * cannot be brief, or there is no memory.
 */
bool apl_brief_guard(apl_brief *brief, const apl_guard *guard, const apl_schema *event, uint32_t *entry);
/* Adds the assignments, one behind another; the same. */
bool apl_brief_actions(apl_brief *brief, const apl_guard *guard, const apl_schema *event);

/* ---- over records ---------------------------------------------------------- */

static inline bool apl_brief_has(const apl_brief_slot *slot, const uint64_t *const sources[]) {
	return (sources[slot->source][slot->presence] & slot->mask) != 0;
}

static inline bool apl_brief_compare(uint32_t asks, int64_t x, int64_t y) {
	switch (asks) {
	case APL_BRIEF_LESS: return x < y;
	case APL_BRIEF_LESS_EQUAL: return x <= y;
	case APL_BRIEF_GREATER: return x > y;
	case APL_BRIEF_GREATER_EQUAL: return x >= y;
	case APL_BRIEF_EQUAL: return x == y;
	default: return x != y;
	}
}

/* What is compared is there. */
static inline bool apl_brief_compare_long(const apl_brief_test *test, uint64_t word, const uint64_t *const sources[]) {
	if (test->asks >= APL_BRIEF_SLOT_LESS) {
		if (!apl_brief_has(&test->other, sources)) return false;
		uint64_t other = sources[test->other.source][test->other.word];
		return apl_brief_compare(test->asks - APL_BRIEF_SLOT_LESS + APL_BRIEF_LESS, (int64_t)word, (int64_t)other);
	}
	double x, y = test->literal.number;
	__builtin_memcpy(&x, &word, sizeof x);
	return apl_brief_compare(test->asks - APL_BRIEF_NUMBER_LESS + APL_BRIEF_LESS, x < y ? -1 : x > y, 0);
}

static inline bool apl_brief_holds(const apl_brief_test *test, const uint64_t *const sources[]) {
	bool has = apl_brief_has(&test->slot, sources);
	if (test->asks <= APL_BRIEF_ABSENT) return has == (test->asks == APL_BRIEF_PRESENT);
	if (!has) return false;
	uint64_t word = sources[test->slot.source][test->slot.word];
	if (test->asks <= APL_BRIEF_UNEQUAL) return apl_brief_compare(test->asks, (int64_t)word, test->literal.word);
	return apl_brief_compare_long(test, word, sources);
}

/* Is the guard that begins at [at] true? */
static inline bool apl_brief_ask(const apl_brief_test *tests, uint32_t at, const uint64_t *const sources[]) {
	while (at < APL_BRIEF_NO) {
		const apl_brief_test *test = &tests[at];
		at = apl_brief_holds(test, sources) ? test->yes : test->no;
	}
	return at == APL_BRIEF_YES;
}

/* What comes out; false: it is a mistake, and nothing happened. */
static inline bool apl_brief_value(const apl_brief_write *write, const uint64_t *const sources[], int64_t *out) {
	if (write->puts == APL_BRIEF_PUT) {
		*out = write->literal;
		return true;
	}
	if (!apl_brief_has(&write->from, sources)) return false;
	int64_t x = (int64_t)sources[write->from.source][write->from.word], y;
	switch (write->puts) {
	case APL_BRIEF_COPY: *out = x; break;
	case APL_BRIEF_ADD:
		if (__builtin_add_overflow(x, write->literal, out)) return false;
		break;
	default:
		if (!apl_brief_has(&write->other, sources)) return false;
		y = (int64_t)sources[write->other.source][write->other.word];
		bool is_beyond = write->puts == APL_BRIEF_ADD_SLOT ? __builtin_add_overflow(x, y, out) : __builtin_sub_overflow(x, y, out);
		if (is_beyond) return false;
	}
	return *out >= write->min && *out <= write->max;
}

#endif
