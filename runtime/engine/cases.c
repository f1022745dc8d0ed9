/* SPDX-License-Identifier: MIT */
/*
 * Decides where a case is found by its id: open addressing over slots of 16
 * bytes, at most seven eighths full. A slot's tag holds enough of the hash to
 * place a case anew when the table grows, so growing reads no case; and a case
 * is read only when its id is most likely the one. With a million cases every
 * line that is not read counts.
 */
#include <string.h>

#include "base/assert.h"
#include "base/hard.h"
#include "base/key.h"
#include "engine/inside.h"

void apl_cases_init(apl_cases *cases, const apl_alloc *alloc) {
	*cases = (apl_cases){.alloc = *alloc};
}

void apl_cases_dispose(apl_cases *cases) {
	apl_free(&cases->alloc, cases->slots, cases->capacity * sizeof *cases->slots);
	apl_alloc alloc = cases->alloc;
	apl_cases_init(cases, &alloc);
}

static inline uint32_t tag_of_key(apl_key key, size_t size) {
	uint32_t tag = apl_key_hash(key, size);
	return tag != 0 ? tag : 1;
}

uint32_t apl_cases_tag(const char *id, size_t size) {
	return tag_of_key(apl_key_of_any(id, size), size);
}

/* Is it the case of that id? */
static inline bool is_of(const apl_case *c, const char *id, size_t size, apl_key key) {
	const char *own = (const char *)c - apl_case_id_room(size);
	if (size > APL_KEY_SHORT) return memcmp(own, id, size) == 0;
	return apl_key_equal(apl_key_of(own, size), key);
}

/*
 * Whoever looks a case up steps it soon, mostly after others: its words and its newest timer are on their way until then. With many cases
 * they are in no cache, and nothing costs a step more than to wait for them.
 */
static inline apl_case *call_for(apl_case *c) {
	enum { LINE = 64 };
	__builtin_prefetch(c->timers);
	__builtin_prefetch((const char *)c + LINE);
	__builtin_prefetch((const char *)c + 2 * LINE);
	__builtin_prefetch((const char *)c + 3 * LINE);
	return c;
}

apl_case *apl_cases_look_up(const apl_cases *cases, const char *id, size_t size, apl_key key) {
	if (cases->capacity == 0) return NULL;
	uint32_t mask = cases->capacity - 1;
	uint32_t tag = tag_of_key(key, size);
	for (uint32_t i = tag & mask; cases->slots[i].tag != 0; i = (i + 1) & mask) {
		const apl_case_slot *slot = &cases->slots[i];
		if (slot->tag == tag && slot->id_size == size && is_of(slot->the_case, id, size, key)) return call_for(slot->the_case);
	}
	return NULL;
}

apl_case *apl_cases_likely(const apl_cases *cases, uint32_t tag, size_t size) {
	const uint32_t mask = cases->capacity - 1;
	for (uint32_t i = tag & mask; cases->slots[i].tag != 0; i = (i + 1) & mask) {
		if (cases->slots[i].tag == tag && cases->slots[i].id_size == size) return cases->slots[i].the_case;
	}
	return NULL;
}

static void place(apl_cases *cases, apl_case_slot slot) {
	uint32_t mask = cases->capacity - 1;
	uint32_t i = slot.tag & mask;
	while (cases->slots[i].tag != 0) i = (i + 1) & mask;
	cases->slots[i] = slot;
}

static bool grow(apl_cases *cases) {
	apl_cases old = *cases;
	if (old.capacity > UINT32_MAX / 2) return false;
	uint32_t capacity = old.capacity > 0 ? old.capacity * 2 : 2 * APL_START(16);
	apl_case_slot *slots = apl_new(&cases->alloc, capacity * sizeof *slots);
	if (slots == NULL) return false;
	cases->slots = slots;
	cases->capacity = capacity;
	for (uint32_t i = 0; i < old.capacity; i++) {
		if (old.slots[i].tag != 0) place(cases, old.slots[i]);
	}
	apl_free(&cases->alloc, old.slots, old.capacity * sizeof *old.slots);
	return true;
}

bool apl_cases_add(apl_cases *cases, apl_case *c) {
	if (cases->count >= cases->capacity - cases->capacity / 8 && !grow(cases)) return false;
	if (cases->count + 1 >= cases->capacity && !grow(cases)) return false; /* one slot is always free, so that walks end */
	place(cases, (apl_case_slot){apl_cases_tag(apl_case_id(c), c->id_size), c->id_size, c});
	cases->count++;
	return true;
}

/* Closes the gap: what was pushed past it by a collision moves back, so that no walk breaks off too early. */
void apl_cases_remove(apl_cases *cases, apl_case *c) {
	if (cases->last == c) cases->last = NULL;
	uint32_t mask = cases->capacity - 1;
	uint32_t gap = apl_cases_tag(apl_case_id(c), c->id_size) & mask;
	while (cases->slots[gap].the_case != c) {
		APL_ASSERT(cases->slots[gap].tag != 0);
		gap = (gap + 1) & mask;
	}
	cases->count--;
	for (uint32_t i = (gap + 1) & mask; cases->slots[i].tag != 0; i = (i + 1) & mask) {
		uint32_t home = cases->slots[i].tag & mask;
		/* It may move when its home does not lie between the gap and where it stands. */
		if (((i - home) & mask) < ((i - gap) & mask)) continue;
		cases->slots[gap] = cases->slots[i];
		gap = i;
	}
	cases->slots[gap] = (apl_case_slot){0, 0, NULL};
}
