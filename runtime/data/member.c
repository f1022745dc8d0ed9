/* SPDX-License-Identifier: MIT */
/* Decides which member a name means. Every member of every event comes through here. */

#include "data/layout.h"

uint32_t apl_schema_member(const apl_schema *schema, uint32_t parent, const char *name, size_t size) {
	const struct apl_schema_private *own = schema->private_;
	const apl_member_index *index = &own->indexes[parent];
	if (index->slots == NULL) return APL_NO_FIELD; /* no `fields` */
	apl_key key = apl_key_of(name, size);
	uint32_t at = apl_key_hash(key, size) & index->mask;
	for (;;) {
		const apl_member_slot *slot = &index->slots[at];
		if (slot->field == APL_NO_FIELD) return APL_NO_FIELD;
		if (apl_name_equal(slot->key, schema->fields[slot->field].name, slot->size, key, name, size)) return slot->field;
		at = (at + 1) & index->mask;
	}
}

const char *apl_schema_hint(const apl_schema *schema, uint32_t parent, const char *name, size_t name_size, char *out, size_t out_size) {
	apl_nearest nearest = apl_nearest_to(name, name_size);
	for (uint32_t i = schema->fields[parent].first_child; i != APL_NO_FIELD; i = schema->fields[i].next) {
		apl_nearest_try(&nearest, schema->fields[i].name);
	}
	return apl_nearest_hint(&nearest, out, out_size);
}
