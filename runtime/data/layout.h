/* SPDX-License-Identifier: MIT */
#ifndef APL_DATA_LAYOUT_H
#define APL_DATA_LAYOUT_H

/*
 * Private to room data: what a schema computes once so that records are quick.
 *
 * A layout is one kind of record. Layout 0 is the schema's own. The item of
 * each list has a layout as well: an item is read into words of its own,
 * checked by the very code that checks records, and then written as JSON. So
 * bounds, defaults and required members mean the same in a list as outside.
 */

#include <string.h>

#include "base/key.h"
#include "base/words.h"
#include "data/record.h"

/* The same name? Only what the keys do not hold is compared byte by byte. */
static inline bool apl_name_equal(apl_key a_key, const char *a, size_t a_size, apl_key b_key, const char *b, size_t b_size) {
	if (!apl_key_equal(a_key, b_key) || a_size != b_size) return false;
	return a_size <= APL_KEY_SHORT || memcmp(a + 8, b + 8, a_size - APL_KEY_SHORT) == 0;
}

/* The members of one `fields` by name: open addressing, at most half full. */
typedef struct apl_member_slot {
	apl_key key;
	uint32_t size;
	uint32_t field; /* APL_NO_FIELD: empty */
} apl_member_slot;
typedef struct apl_member_index {
	apl_member_slot *slots;
	uint32_t mask;
} apl_member_index;

typedef struct apl_choice {
	apl_key key;
	uint32_t size;
	uint32_t json_size;
	const char *json; /* with its quotes and escapes */
} apl_choice;

/*
 * When any bit of [given] is set (NULL: always), every bit of [required] must
 * be. One rule for the record, and one for each optional `fields` that has
 * required members: these are demanded only when a member without a default is
 * there, for a default alone does not mean that anybody gave an address.
 */
typedef struct apl_rule {
	const uint64_t *given;
	const uint64_t *required;
} apl_rule;

typedef struct apl_layout {
	uint32_t root; /* the `fields` whose members it holds; of a list's item: the item, of whatever type */
	uint32_t n_words;
	uint32_t n_presence;
	uint32_t n_text_fields;
	uint32_t n_rules;
	bool has_initial_texts; /* some default is a text */
	uint32_t *text_fields;
	uint64_t *initial;
	apl_rule *rules;
} apl_layout;

/*
 * What reading an event must know of a field whose value is written as it
 * comes, without bounds: all in one place, for a field itself is three cache
 * lines long. Members of `fields` within, and other types, take the long way.
 */
typedef struct apl_plain {
	const char *name;
	apl_key key;
	uint64_t mask; /* of its presence bit */
	uint32_t name_size;
	uint32_t presence;  /* the word of that bit */
	uint32_t word;      /* of its slot */
	uint32_t following; /* the member that most likely comes next */
	uint32_t kind;      /* aplomb_kind that it takes; APLOMB_ABSENT: none that simply */
} apl_plain;

struct apl_schema_private {
	apl_arena arena; /* names, arrays: everything but counted texts */
	apl_layout *layouts;
	uint32_t n_layouts;
	/* By field number: */
	uint32_t *layout_of;       /* the layout that holds its slot */
	apl_key *keys;             /* of its name */
	apl_member_index *indexes; /* of `fields` */
	apl_plain *plain;
	apl_choice **choices; /* of one_of */
	const char **labels;  /* `,"name":` */
	bool *default_within; /* of `fields`: some member, at any depth, has a default */
};

/* Is the slot an apl_text *? */
static inline bool apl_type_keeps_text(apl_type type) {
	return type == APL_TYPE_TEXT || type == APL_TYPE_LIST || type == APL_TYPE_ANY;
}

/* layout.c: fills in words, bits, order by name, keys, rules; false without memory. [initial] is zeroed. */
bool apl_layout_build(apl_schema *schema);
/* Bounds are known: which fields take what comes as it is. */
void apl_layout_note_plain(apl_schema *schema);

/* The list's item is described by this layout; NULL when the list takes anything. */
static inline const apl_layout *apl_layout_of_items(const apl_schema *schema, const apl_field *list) {
	if (list->first_child == APL_NO_FIELD) return NULL;
	return &schema->private_->layouts[schema->private_->layout_of[list->first_child]];
}

/* Around a record of a list's item: which item of which list, for the path in messages. */
typedef struct apl_where {
	const struct apl_where *outer; /* the list is itself in an item */
	uint32_t list;
	uint32_t item; /* from 1, as Lua counts */
} apl_where;

/* What a write goes to. */
typedef struct apl_target {
	const apl_schema *schema;
	const apl_layout *layout;
	uint64_t *words;
	apl_keep keep;
	const char *what;
	const apl_where *where; /* NULL: not in a list */
	bool times_are_integers;
} apl_target;

static inline apl_target apl_target_of(const apl_writer *w) {
	/* Most writers are made right before they are used. */
	const apl_alloc *alloc = w->keep.alloc;
	apl_arena *arena = w->keep.arena;
	APL_APART(alloc, arena);
	return (apl_target){w->schema, &w->schema->private_->layouts[0], w->words, {alloc, arena}, w->what, NULL, w->times_are_integers};
}

/* record.c, by layout */
bool apl_layout_copy_texts(const apl_target *t);
static inline bool apl_layout_init(const apl_target *t) {
	apl_copy_words(t->words, t->layout->initial, t->layout->n_words);
	return !t->layout->has_initial_texts || apl_layout_copy_texts(t);
}
void apl_layout_dispose(const apl_schema *schema, const apl_layout *layout, uint64_t *words, const apl_alloc *alloc);
/* The first field that is required and missing, or APL_NO_FIELD; fields missing in [before] too (or NULL) do not count. */
uint32_t apl_layout_missing(const apl_schema *schema, const apl_layout *layout, const uint64_t *words, const uint64_t *before);
/* It has a value from now on; so the `fields` around it are there too. */
void apl_target_present(const apl_target *t, const apl_field *field);
/* What the span counts in from now on. */
void apl_target_count_in(const apl_target *t, const apl_field *span, apl_span_unit unit);
/* Absent from now on, whether or not it is required; of `fields`: all within. */
void apl_target_forget(const apl_target *t, uint32_t field);

/* record_read.c: one value that is not null, of any type but `fields`; all or nothing. */
int apl_target_take(const apl_target *t, uint32_t field, const apl_tape *tape, uint32_t cell, aplomb_error *error);
/* The members of a map, one after another; after failure some are written. */
int apl_target_take_members(const apl_target *t, uint32_t fields, const apl_tape *tape, uint32_t map, aplomb_error *error);
/* record_read.c: replaces the text in the slot. */
int apl_target_put_text(const apl_target *t, const apl_field *field, const char *bytes, size_t size, aplomb_error *error);
/* record_list.c: a list, or anything, as canonical JSON. */
int apl_target_take_list(const apl_target *t, uint32_t field, const apl_tape *tape, uint32_t cell, aplomb_error *error);
int apl_target_take_any(const apl_target *t, uint32_t field, const apl_tape *tape, uint32_t cell, aplomb_error *error);
/* spread.c: texts of slots, when a record is copied word by word: counted once more; made its own (false: no memory, and no slot holds
 * anything). */
void apl_spread_share(const apl_spread *spread, const uint64_t *words);
bool apl_spread_own(const apl_spread *spread, uint64_t *words, apl_keep keep);
/* No slot holds anything. */
void apl_spread_clear(const apl_spread *spread, uint64_t *words, const apl_alloc *alloc);
/* Anything, for the spread field; all or nothing. */
int apl_spread_take(const apl_target *t, const apl_tape *tape, uint32_t cell, aplomb_error *error);
/* Is this layout the one with the slots? */
static inline bool apl_layout_has_slots(const apl_schema *schema, const apl_layout *layout) {
	return schema->spread != NULL && layout == &schema->private_->layouts[0];
}

/* record_write.c: the value of a field that is present; of `fields`: the map. */
void apl_layout_write(apl_buf *out, const apl_schema *schema, const uint64_t *words, uint32_t field, bool redact);

#endif
