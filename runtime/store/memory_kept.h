/* SPDX-License-Identifier: MIT */
#ifndef APL_STORE_MEMORY_KEPT_H
#define APL_STORE_MEMORY_KEPT_H

/*
 * What the memory store keeps by name: texts (snapshots, sources, effects that
 * wait) and the heads of cases. Each is put in two moves: prepared, which may fail for
 * memory, and then placed, which cannot; so a commit is taken whole or not at all.
 */

#include "base/map.h"
#include "store/store.h"

typedef struct apl_kept_text {
	struct apl_kept_text *next; /* prepared, not placed yet */
	uint64_t number;            /* the keeper's */
	bool is_there;              /* false: a slot that waits for its text */
	uint32_t key_size;
	size_t size;
	char bytes[]; /* key, then the text, then NUL */
} apl_kept_text;

typedef struct apl_kept_texts {
	apl_map map;
	apl_kept_text *prepared, *last_prepared;
} apl_kept_texts;

static inline const char *apl_kept_bytes(const apl_kept_text *text) {
	return text->bytes + text->key_size;
}

void apl_kept_init(apl_kept_texts *texts, const apl_alloc *alloc);
void apl_kept_dispose(apl_kept_texts *texts);
/* NULL: there is none. */
const apl_kept_text *apl_kept_find(const apl_kept_texts *texts, const char *key, size_t key_size);
/* false without memory. */
bool apl_kept_prepare(apl_kept_texts *texts, const char *key, uint32_t key_size, const char *bytes, size_t size, uint64_t number);
/* What is prepared takes its place, in the order in which it was. */
void apl_kept_place(apl_kept_texts *texts);
void apl_kept_drop_prepared(apl_kept_texts *texts);
void apl_kept_remove(apl_kept_texts *texts, const char *key, uint32_t key_size);

/* The name of an effect as bytes, in the order that those of a case have. */
#define APL_KEPT_EFFECT_KEY (256 + 12)
size_t apl_kept_effect_key(char key[APL_KEPT_EFFECT_KEY], const apl_store_effect *effect);
/* What is asked for: effects or what was sent, of one case or, when [case_id] is NULL, of all. */
typedef struct apl_kept_choice {
	const char *case_id;
	uint32_t case_id_size;
	bool sent;
} apl_kept_choice;
/* Each of them by case, entry and item; [*answer] is what [tell] said last. false without memory: then none was told. */
bool apl_kept_effects_each(const apl_kept_texts *effects, const apl_kept_choice *choice,
    int (*tell)(const apl_store_effect *effect, void *payload), void *payload, int *answer);
uint64_t apl_kept_effects_count(const apl_kept_texts *effects, const apl_kept_choice *choice);

typedef struct apl_kept_head {
	uint64_t mark, seq;
	aplomb_instant due_at;
	aplomb_instant wakes_at; /* that, or when an effect is due: as apl_kept_heads_wake found it */
	int status;
	bool is_held;
	bool is_there; /* false: its first commit has not succeeded */
	uint32_t id_size;
	char playbook[65];
	char id[];
} apl_kept_head;

typedef struct apl_kept_heads {
	apl_map map;
	apl_kept_head **opened; /* in that order */
	uint32_t n_opened, opened_capacity;
	uint32_t n_prepared; /* that may be opened by the running commit */
} apl_kept_heads;

void apl_kept_heads_init(apl_kept_heads *heads, const apl_alloc *alloc);
void apl_kept_heads_dispose(apl_kept_heads *heads);
apl_kept_head *apl_kept_head_find(const apl_kept_heads *heads, const char *id, size_t id_size);
bool apl_kept_head_prepare(apl_kept_heads *heads, const apl_store_head *head);
void apl_kept_head_place(apl_kept_heads *heads, const apl_store_head *head);
/* When each has something to do, by its head or its effects: asked anew each time. */
void apl_kept_heads_wake(apl_kept_heads *heads, const apl_kept_texts *effects);
/* false without memory: then none was told. */
bool apl_kept_heads_due(const apl_kept_heads *heads, aplomb_instant until, uint32_t most,
    void (*tell)(const char *case_id, uint32_t case_id_size, aplomb_instant due_at, void *payload), void *payload);
aplomb_instant apl_kept_heads_next_due(const apl_kept_heads *heads);
int apl_kept_heads_each(const apl_kept_heads *heads, int (*tell)(const apl_store_head *head, void *payload), void *payload);

#endif
