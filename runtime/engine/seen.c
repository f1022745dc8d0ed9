/* SPDX-License-Identifier: MIT */
/*
 * Decides how a case remembers which event ids it has seen: by their 128-bit
 * hash, the entry that holds them and what became of them, 24 bytes each, until
 * so many entries have come behind that one that nobody sends them again. (That two ids of one case share a hash is less likely than any
 * failure of the machine.)
 */
#include "base/assert.h"
#include "base/hard.h"
#include "engine/inside.h"

static bool is_free(const apl_seen_id *id) {
	return id->hash.high == 0 && id->hash.low == 0;
}

static uint32_t home_of(const apl_seen *seen, apl_hash128 hash) {
	return (uint32_t)hash.low & (seen->capacity - 1);
}

static uint32_t after(const apl_seen *seen, uint32_t slot) {
	return (slot + 1) & (seen->capacity - 1);
}

apl_seen_id *apl_seen_find(const apl_seen *seen, apl_hash128 hash) {
	if (seen->capacity == 0) return NULL;
	for (uint32_t i = home_of(seen, hash);; i = after(seen, i)) {
		apl_seen_id *id = &seen->slots[i];
		if (is_free(id)) return NULL;
		if (apl_hash128_equal(id->hash, hash)) return id;
	}
}

static void place(apl_seen *seen, apl_seen_id id) {
	uint32_t i = home_of(seen, id.hash);
	while (!is_free(&seen->slots[i])) i = after(seen, i);
	seen->slots[i] = id;
}

/* Twice the room, or as much as before when so many are forgotten that it suffices. */
static bool grow(const apl_alloc *alloc, apl_seen *seen, uint64_t floor) {
	apl_seen old = *seen;
	if (old.capacity > UINT32_MAX / 2) return false;
	uint32_t forgotten = 0;
	for (uint32_t i = 0; i < old.capacity && floor > 0; i++) forgotten += apl_seen_is_forgotten(&old.slots[i], floor);
	const uint32_t twice = old.capacity > 0 ? old.capacity * 2 : 2 * APL_START(2);
	const uint32_t capacity = forgotten > old.capacity / 4 ? old.capacity : twice;
	apl_seen_id *slots = apl_new(alloc, capacity * sizeof *slots);
	if (slots == NULL) return false;
	seen->slots = slots;
	seen->capacity = capacity;
	seen->count = old.count - forgotten;
	for (uint32_t i = 0; i < old.capacity; i++) {
		if (!is_free(&old.slots[i]) && !apl_seen_is_forgotten(&old.slots[i], floor)) place(seen, old.slots[i]);
	}
	apl_free(alloc, old.slots, old.capacity * sizeof *old.slots);
	return true;
}

bool apl_seen_reserve(const apl_alloc *alloc, apl_seen *seen, uint32_t count) {
	while (((uint64_t)count + 1) * 4 > (uint64_t)seen->capacity * 3) {
		if (!grow(alloc, seen, 0)) return false;
	}
	return true;
}

bool apl_seen_add(const apl_alloc *alloc, apl_seen *seen, apl_seen_id id, uint64_t floor) {
	apl_seen_id *known = floor > 0 ? apl_seen_find(seen, id.hash) : NULL;
	if (known != NULL) {
		*known = id;
		return true;
	}
	/* At most three quarters full, so one slot is always free and walks end. */
	if ((seen->count + 1) * 4 > seen->capacity * 3 && !grow(alloc, seen, floor)) return false;
	place(seen, id);
	seen->count++;
	return true;
}

uint64_t apl_seen_floor(const apl_engine *engine, const apl_case *c) {
	return c->seq > engine->limits.ids ? c->seq - engine->limits.ids : 0;
}

/* Closes the gap as the table of cases does. */
void apl_seen_remove(apl_seen *seen, apl_hash128 hash) {
	apl_seen_id *found = apl_seen_find(seen, hash);
	if (found == NULL) return;
	uint32_t mask = seen->capacity - 1;
	uint32_t gap = (uint32_t)(found - seen->slots);
	seen->count--;
	for (uint32_t i = after(seen, gap); !is_free(&seen->slots[i]); i = after(seen, i)) {
		uint32_t home = home_of(seen, seen->slots[i].hash);
		if (((i - home) & mask) < ((i - gap) & mask)) continue;
		seen->slots[gap] = seen->slots[i];
		gap = i;
	}
	seen->slots[gap] = (apl_seen_id){.seq = 0};
}

void apl_seen_dispose(const apl_alloc *alloc, apl_seen *seen) {
	apl_free(alloc, seen->slots, seen->capacity * sizeof *seen->slots);
	*seen = (apl_seen){NULL, 0, 0};
}
