/* SPDX-License-Identifier: MIT */
/*
 * Decides how the memory store finds by name what it keeps, and how it is put there so that
 * nothing can fail once a commit has been agreed to. It looks through all
 * heads to say what is due: it is the reference, and nobody waits for it.
 */
#include "store/memory_kept.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"

/* ---- texts ---------------------------------------------------------------- */

void apl_kept_init(apl_kept_texts *texts, const apl_alloc *alloc) {
	*texts = (apl_kept_texts){.prepared = NULL};
	apl_map_init(&texts->map, alloc);
}

static size_t text_size(const apl_kept_text *text) {
	return sizeof *text + text->key_size + text->size + 1;
}

static void drop_text(const apl_kept_texts *texts, apl_kept_text *text) {
	if (text != NULL) apl_free(&texts->map.alloc, text, text_size(text));
}

void apl_kept_drop_prepared(apl_kept_texts *texts) {
	while (texts->prepared != NULL) {
		apl_kept_text *gone = texts->prepared;
		texts->prepared = gone->next;
		drop_text(texts, gone);
	}
	texts->last_prepared = NULL;
}

void apl_kept_dispose(apl_kept_texts *texts) {
	apl_kept_drop_prepared(texts);
	for (uint32_t i = 0; i < texts->map.capacity; i++) {
		if (texts->map.slots[i].hash > 1) drop_text(texts, texts->map.slots[i].value);
	}
	apl_map_dispose(&texts->map);
}

const apl_kept_text *apl_kept_find(const apl_kept_texts *texts, const char *key, size_t key_size) {
	const apl_kept_text *text = apl_map_get(&texts->map, key, key_size);
	return text != NULL && text->is_there ? text : NULL;
}

static apl_kept_text *make(const apl_kept_texts *texts, const char *key, uint32_t key_size, const char *bytes, size_t size) {
	if (size > SIZE_MAX - sizeof(apl_kept_text) - key_size - 1) return NULL;
	apl_kept_text *text = apl_resize(&texts->map.alloc, NULL, 0, sizeof *text + key_size + size + 1);
	if (text == NULL) return NULL;
	*text = (apl_kept_text){.key_size = key_size, .size = size};
	memcpy(text->bytes, key, key_size);
	if (size > 0) memcpy(text->bytes + key_size, bytes, size);
	text->bytes[key_size + size] = '\0';
	return text;
}

bool apl_kept_prepare(apl_kept_texts *texts, const char *key, uint32_t key_size, const char *bytes, size_t size, uint64_t number) {
	/* One that is the first of its name gets a slot, which stays behind when the commit fails, and reads as none. */
	if (apl_map_get(&texts->map, key, key_size) == NULL) {
		apl_kept_text *slot = make(texts, key, key_size, "", 0);
		if (slot == NULL || !apl_map_put(&texts->map, slot->bytes, key_size, slot)) {
			drop_text(texts, slot);
			return false;
		}
	}
	apl_kept_text *text = make(texts, key, key_size, bytes, size);
	if (text == NULL) return false;
	text->number = number;
	text->is_there = true;
	if (texts->last_prepared != NULL) {
		texts->last_prepared->next = text;
	} else {
		texts->prepared = text;
	}
	texts->last_prepared = text;
	return true;
}

void apl_kept_place(apl_kept_texts *texts) {
	while (texts->prepared != NULL) {
		apl_kept_text *text = texts->prepared;
		texts->prepared = text->next;
		text->next = NULL;
		apl_kept_text *before = apl_map_get(&texts->map, text->bytes, text->key_size);
		/* There is a slot for it: replacing needs no memory. */
		bool placed = apl_map_put(&texts->map, text->bytes, text->key_size, text);
		APL_ASSERT(placed);
		drop_text(texts, before);
	}
	texts->last_prepared = NULL;
}

void apl_kept_remove(apl_kept_texts *texts, const char *key, uint32_t key_size) {
	drop_text(texts, apl_map_remove(&texts->map, key, key_size));
}

/* ---- effects that wait ------------------------------------------------------ */

/* Big-endian behind the id, so that bytes compare as numbers do. */
size_t apl_kept_effect_key(char key[APL_KEPT_EFFECT_KEY], const apl_store_effect *effect) {
	uint32_t id_size = effect->case_id_size <= 256 ? effect->case_id_size : 256;
	memcpy(key, effect->case_id, id_size);
	for (uint32_t i = 0; i < 8; i++) key[id_size + i] = (char)(effect->seq >> (56 - 8 * i));
	for (uint32_t i = 0; i < 4; i++) key[id_size + 8 + i] = (char)(effect->item >> (24 - 8 * i));
	return id_size + 12;
}

static uint64_t number_at(const char *bytes, uint32_t size) {
	uint64_t number = 0;
	for (uint32_t i = 0; i < size; i++) number = number << 8 | (unsigned char)bytes[i];
	return number;
}

static int by_key(const void *one, const void *other) {
	const apl_kept_text *const a = *(apl_kept_text *const *)one, *const b = *(apl_kept_text *const *)other;
	/* The ids first, as a whole: one may be how another begins. */
	uint32_t size = (a->key_size < b->key_size ? a->key_size : b->key_size) - 12;
	int order = memcmp(a->bytes, b->bytes, size);
	if (order == 0 && a->key_size != b->key_size) order = a->key_size < b->key_size ? -1 : 1;
	return order != 0 ? order : memcmp(a->bytes + size, b->bytes + size, 12);
}

static apl_store_effect effect_in(const apl_kept_text *text) {
	const uint32_t id_size = text->key_size - 12;
	return (apl_store_effect){.case_id = text->bytes,
	    .case_id_size = id_size,
	    .seq = number_at(text->bytes + id_size, 8),
	    .item = (uint32_t)number_at(text->bytes + id_size + 8, 4),
	    .due_at = (aplomb_instant)text->number,
	    .text = apl_kept_bytes(text),
	    .size = text->size};
}

/* The n-th of a map's slots, if an effect stands there that is asked for; or NULL. */
static apl_kept_text *chosen(const apl_map *map, uint32_t n, const apl_kept_choice *choice) {
	if (map->slots[n].hash <= 1) return NULL;
	apl_kept_text *text = map->slots[n].value;
	if (!text->is_there) return NULL;
	const apl_store_effect effect = effect_in(text);
	if (apl_store_is_sent(effect.item) != choice->sent) return NULL;
	if (choice->case_id == NULL) return text;
	return effect.case_id_size == choice->case_id_size && memcmp(effect.case_id, choice->case_id, effect.case_id_size) == 0 ? text : NULL;
}

uint64_t apl_kept_effects_count(const apl_kept_texts *effects, const apl_kept_choice *choice) {
	uint64_t count = 0;
	for (uint32_t i = 0; i < effects->map.capacity; i++) count += chosen(&effects->map, i, choice) != NULL;
	return count;
}

bool apl_kept_effects_each(const apl_kept_texts *effects, const apl_kept_choice *choice,
    int (*tell)(const apl_store_effect *effect, void *payload), void *payload, int *answer) {
	const apl_map *map = &effects->map;
	uint32_t count = 0;
	if (map->count == 0) return true;
	apl_kept_text **each = apl_resize(&map->alloc, NULL, 0, map->count * sizeof(apl_kept_text *));
	if (each == NULL) return false;
	for (uint32_t i = 0; i < map->capacity; i++) {
		apl_kept_text *text = chosen(map, i, choice);
		if (text != NULL) each[count++] = text;
	}
	if (count > 0) qsort(each, count, sizeof(apl_kept_text *), by_key);
	for (uint32_t i = 0; i < count && *answer == 0; i++) {
		const apl_store_effect effect = effect_in(each[i]);
		*answer = tell(&effect, payload);
	}
	apl_free(&map->alloc, each, map->count * sizeof(apl_kept_text *));
	return true;
}

/* ---- heads ------------------------------------------------------------------- */

void apl_kept_heads_init(apl_kept_heads *heads, const apl_alloc *alloc) {
	*heads = (apl_kept_heads){.opened = NULL};
	apl_map_init(&heads->map, alloc);
}

void apl_kept_heads_dispose(apl_kept_heads *heads) {
	const apl_alloc *alloc = &heads->map.alloc;
	for (uint32_t i = 0; i < heads->map.capacity; i++) {
		if (heads->map.slots[i].hash <= 1) continue;
		apl_kept_head *gone = heads->map.slots[i].value;
		apl_free(alloc, gone, sizeof *gone + gone->id_size);
	}
	apl_free(alloc, heads->opened, heads->opened_capacity * sizeof(apl_kept_head *));
	apl_map_dispose(&heads->map);
}

apl_kept_head *apl_kept_head_find(const apl_kept_heads *heads, const char *id, size_t id_size) {
	apl_kept_head *head = apl_map_get(&heads->map, id, id_size);
	return head != NULL && head->is_there ? head : NULL;
}

bool apl_kept_head_prepare(apl_kept_heads *heads, const apl_store_head *head) {
	const apl_alloc *alloc = &heads->map.alloc;
	apl_kept_head *kept = apl_map_get(&heads->map, head->case_id, head->case_id_size);
	if (kept != NULL && kept->is_there) return true;
	while (heads->opened_capacity - heads->n_opened <= heads->n_prepared) {
		/* Said to be full, it doubles. */
		if (!APL_GROW(alloc, heads->opened, heads->opened_capacity, heads->opened_capacity)) return false;
	}
	heads->n_prepared++;
	if (kept != NULL) return true;
	kept = apl_new(alloc, sizeof *kept + head->case_id_size);
	if (kept == NULL) return false;
	kept->id_size = head->case_id_size;
	memcpy(kept->id, head->case_id, head->case_id_size);
	if (apl_map_put(&heads->map, kept->id, kept->id_size, kept)) return true;
	apl_free(alloc, kept, sizeof *kept + kept->id_size);
	return false;
}

void apl_kept_head_place(apl_kept_heads *heads, const apl_store_head *head) {
	apl_kept_head *kept = apl_map_get(&heads->map, head->case_id, head->case_id_size);
	APL_ASSERT(kept != NULL);
	if (!kept->is_there) {
		memcpy(kept->playbook, head->playbook, strnlen(head->playbook, sizeof kept->playbook - 1));
		heads->opened[heads->n_opened++] = kept;
		kept->is_there = kept->is_held = true;
	}
	kept->mark = *head->mark;
	kept->seq = head->seq;
	kept->due_at = head->due_at;
	kept->status = head->status;
}

void apl_kept_heads_wake(apl_kept_heads *heads, const apl_kept_texts *effects) {
	const apl_kept_choice all = {.case_id = NULL};
	for (uint32_t i = 0; i < heads->n_opened; i++) heads->opened[i]->wakes_at = heads->opened[i]->due_at;
	for (uint32_t i = 0; i < effects->map.capacity; i++) {
		const apl_kept_text *text = chosen(&effects->map, i, &all);
		if (text == NULL) continue;
		const apl_store_effect effect = effect_in(text);
		apl_kept_head *head = apl_kept_head_find(heads, effect.case_id, effect.case_id_size);
		if (head != NULL && effect.due_at < head->wakes_at) head->wakes_at = effect.due_at;
	}
}

static int by_deadline(const void *one, const void *other) {
	const apl_kept_head *const a = *(apl_kept_head *const *)one, *const b = *(apl_kept_head *const *)other;
	if (a->wakes_at != b->wakes_at) return a->wakes_at < b->wakes_at ? -1 : 1;
	return a->id_size != b->id_size ? (a->id_size < b->id_size ? -1 : 1) : memcmp(a->id, b->id, a->id_size);
}

bool apl_kept_heads_due(const apl_kept_heads *heads, aplomb_instant until, uint32_t most,
    void (*tell)(const char *case_id, uint32_t case_id_size, aplomb_instant due_at, void *payload), void *payload) {
	const apl_alloc *alloc = &heads->map.alloc;
	uint32_t count = 0;
	if (heads->n_opened == 0) return true;
	apl_kept_head **due = apl_resize(alloc, NULL, 0, heads->n_opened * sizeof(apl_kept_head *));
	if (due == NULL) return false;
	for (uint32_t i = 0; i < heads->n_opened; i++) {
		apl_kept_head *head = heads->opened[i];
		if (!head->is_held && head->wakes_at != APLOMB_NEVER && head->wakes_at <= until) due[count++] = head;
	}
	if (count > 0) qsort(due, count, sizeof(apl_kept_head *), by_deadline);
	for (uint32_t i = 0; i < count && i < most; i++) tell(due[i]->id, due[i]->id_size, due[i]->wakes_at, payload);
	apl_free(alloc, due, heads->n_opened * sizeof(apl_kept_head *));
	return true;
}

aplomb_instant apl_kept_heads_next_due(const apl_kept_heads *heads) {
	aplomb_instant next = APLOMB_NEVER;
	for (uint32_t i = 0; i < heads->n_opened; i++) {
		const apl_kept_head *head = heads->opened[i];
		if (!head->is_held && head->wakes_at < next) next = head->wakes_at;
	}
	return next;
}

int apl_kept_heads_each(const apl_kept_heads *heads, int (*tell)(const apl_store_head *head, void *payload), void *payload) {
	int answer = APLOMB_OK;
	for (uint32_t i = 0; i < heads->n_opened && answer == 0; i++) {
		const apl_kept_head *kept = heads->opened[i];
		const apl_store_head head = {.case_id = kept->id,
		    .case_id_size = kept->id_size,
		    .status = kept->status,
		    .seq = kept->seq,
		    .due_at = kept->due_at,
		    .playbook = kept->playbook};
		answer = tell(&head, payload);
	}
	return answer;
}
