/* SPDX-License-Identifier: MIT */
#ifndef APL_DATA_SCHEMA_H
#define APL_DATA_SCHEMA_H

/*
 * The types of a case's data, its parameters, of events and effects. A schema
 * lays its fields out as a record: a few words that say which fields are
 * present, then one 8-byte slot a field (money: two). `fields` inside `fields` are
 * flattened: address.city has a slot like any other. So an undo is a memcpy.
 * The items of a list have no slot: they are checked one by one and kept as text.
 * A span's slot holds microseconds whatever it was counted in; two bits behind
 * the presence bits keep the unit, so that "2 business days" is written back as such.
 *
 *   type      slot                                JSON                       in Lua
 *   text      apl_text *                          "…"                        string
 *   integer   int64_t                             12                         integer
 *   number    double, finite, never -0.0          0.5 (an integer is taken)  float
 *   boolean   0 or 1                              true                       boolean
 *   money     int64_t minor units, then currency  "40.00 GBP"                money value
 *   instant   int64_t microseconds                "2026-11-23T13:06:00Z"     integer
 *   span      int64_t microseconds                "2h"                       integer
 *   one_of    index into choices                  "high"                     string
 *   list      apl_text * of canonical JSON        […]                        table
 *   any       apl_text * of canonical JSON        anything                   any
 *   fields    none: its members have              {…}                        proxy
 */

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "value/json.h"

typedef enum apl_type {
	APL_TYPE_TEXT,
	APL_TYPE_INTEGER,
	APL_TYPE_NUMBER,
	APL_TYPE_BOOLEAN,
	APL_TYPE_MONEY,
	APL_TYPE_INSTANT,
	APL_TYPE_SPAN,
	APL_TYPE_ONE_OF,
	APL_TYPE_LIST,
	APL_TYPE_ANY,
	APL_TYPE_FIELDS
} apl_type;
#define APL_TYPES 11

/* "text", "integer", … as playbooks write them. */
const char *apl_type_name(apl_type type);

#define APL_NO_FIELD UINT32_MAX

/* Who says what a field is when nobody gives it; a later one stands before an earlier. */
typedef enum apl_default_from { APL_DEFAULT_DECLARED, APL_DEFAULT_POLICY, APL_DEFAULT_GIVEN } apl_default_from;

typedef struct apl_money {
	int64_t minor;
	uint64_t currency; /* the three letters in the low bytes, first letter lowest */
} apl_money;
/* "40.00 GBP", digits after the point as ISO 4217 has them for the currency ("500 JPY"); EINVAL, slug money. */
int apl_money_read(const char *text, size_t size, apl_money *out, aplomb_error *error);
/* [out] holds at least 32 bytes; returns the length. */
size_t apl_money_write(apl_money money, char *out);
/* Is it a currency we know? What apl_money_read gives always is. */
bool apl_money_is_currency(uint64_t currency);

typedef struct apl_field {
	const char *name; /* "" for the root and for a list's item */
	uint32_t name_size;
	uint8_t type; /* apl_type */
	bool required;
	bool personal; /* itself, what it lies in, or anything in the items of this list */
	bool has_default;
	uint8_t default_from; /* apl_default_from */
	bool has_min, has_max;
	bool is_item;               /* describes the items of a list: has no slot */
	uint32_t word;              /* of the slot in the record; unused for fields and items */
	uint32_t bit;               /* of its presence: words[bit >> 6] >> (bit & 63); of `fields`: that any member is there */
	uint32_t unit_bit;          /* of a span: the first of two bits that hold its apl_span_unit */
	uint32_t parent;            /* field, or APL_NO_FIELD */
	uint32_t first_child, next; /* members of `fields` in declared order; a list's item type as first_child */
	uint32_t next_by_name;      /* members in the order of the bytes of their names; the parent's first_by_name begins it */
	uint32_t first_by_name;
	union {
		struct {
			int64_t min, max;
		} integer; /* integer, instant, span; money's minor units; text's and list's length (characters, items) */
		struct {
			double min, max;
		} number;
	} bounds;
	uint64_t bound_currency;    /* of money bounds, or 0 */
	uint8_t min_unit, max_unit; /* of span bounds: apl_span_unit */
	const char *const *choices; /* one_of */
	uint32_t n_choices;
	const char *path;    /* "address.city", for messages */
	const char *meaning; /* a sentence for people, or NULL */
	apl_place place;
	apl_place default_place; /* of the default, when there is one */
	const char *declared;    /* the default as the declaration has it, as canonical JSON, when another one stands before it; or NULL */
} apl_field;

/*
 * One `any` of a record of which some members have a slot each, so that they
 * are read and written without JSON: the variables of a chart from SCXML. The
 * field's own text holds the members that have none; a member with a slot is
 * never in it. What everybody else sees is the whole map: apl_record_write and
 * apl_record_bytes put it together. Behind all other words lie
 *
 *   kinds   a byte a slot, eight to a word
 *   slots   a word each: int64_t, double, apl_text *
 */
typedef enum apl_slot_kind {
	APL_SLOT_ABSENT,
	APL_SLOT_FALSE,
	APL_SLOT_TRUE,
	APL_SLOT_INTEGER,
	APL_SLOT_NUMBER, /* finite, never -0.0 */
	APL_SLOT_NULL,
	APL_SLOT_TEXT = 8, /* from here on an apl_text *: the text itself */
	APL_SLOT_JSON      /* a list or a map, as canonical JSON */
} apl_slot_kind;

typedef struct apl_spread_name {
	const char *bytes; /* letters, digits and "_"; terminated */
	uint32_t size;
} apl_spread_name;

typedef struct apl_spread {
	uint32_t field;
	uint32_t n_slots;
	uint32_t kinds;               /* the first word of the kinds: behind all that other records have */
	uint32_t first;               /* the word of the first slot */
	size_t most;                  /* bytes of JSON that names and scalars may take */
	const apl_spread_name *names; /* in the order of their bytes */
} apl_spread;

typedef struct apl_schema {
	apl_alloc alloc;
	apl_field *fields; /* fields[0]: the root, of type fields */
	uint32_t n_fields;
	uint32_t n_words;      /* of a record */
	uint32_t n_presence;   /* words[0 .. n_presence): presence bits */
	uint32_t *text_fields; /* fields whose slot is an apl_text * */
	uint32_t n_text_fields;
	uint64_t *initial; /* the record a case begins with: defaults (its texts are owned by the schema) */
	bool has_required;
	bool has_personal;
	const apl_spread *spread; /* NULL: no field is spread */
	struct apl_schema_private *private_;
} apl_schema;

typedef struct apl_schema_builder apl_schema_builder;

typedef struct apl_field_options {
	const char *name;
	apl_type type;
	bool required, personal;
	const apl_tape *default_tape; /* a value as JSON, or NULL; checked against the type at finish */
	uint32_t default_cell;
	const apl_tape *min_tape; /* the bounds likewise (a number, or text for money, instant and span), or NULL */
	uint32_t min_cell;
	const apl_tape *max_tape;
	uint32_t max_cell;
	const char *const *choices; /* one_of: texts, at least one */
	uint32_t n_choices;
	const char *meaning; /* a sentence for people, or NULL; copied */
	apl_place place;
	/* Of single values, when they are known; otherwise findings about them stand at [place]. */
	apl_place default_place, min_place, max_place;
	const apl_place *choice_places; /* as many as choices, or NULL */
} apl_field_options;

apl_schema_builder *apl_schema_builder_new(const apl_alloc *alloc, const char *what /* "data", "params", "event x": for messages */);
void apl_schema_builder_free(apl_schema_builder *builder);
/*
 * Add a member to the field [parent] (0: the root), or the item type of a list ([name] NULL).
 * Texts and default are copied. [*out] is the field's number. false: no memory.
 */
bool apl_schema_add(apl_schema_builder *builder, uint32_t parent, const apl_field_options *options, uint32_t *out);
/* The member that was added to [parent] by that name, or APL_NO_FIELD. */
uint32_t apl_schema_added(const apl_schema_builder *builder, uint32_t parent, const char *name, size_t size);
apl_type apl_schema_added_type(const apl_schema_builder *builder, uint32_t field);
/* The hint "; did you mean …" for a name that was not added. */
const char *apl_schema_added_hint(
    const apl_schema_builder *builder, uint32_t parent, const char *name, size_t name_size, char *out, size_t out_size);
/*
 * The field's default is this value from now on, whoever said another before; not of `fields`. Judged at finish like any default; what does
 * not fit is the finding policy-value at [place]. false: no memory.
 */
bool apl_schema_set_default(
    apl_schema_builder *builder, uint32_t field, const apl_tape *tape, uint32_t cell, apl_default_from from, apl_place place);
/* Findings: policy-value, duplicate-field, bad-field-name, bad-default, bad-bounds, bad-choice. EPLAYBOOK, ENOMEM. */
int apl_schema_finish(apl_schema_builder *builder, apl_schema **out, apl_findings *findings);
void apl_schema_free(apl_schema *schema);
/*
 * From now on the members of these names of the `any` [field], which lies in no other field, have slots. Names are copied, and stand in the
 * order of their bytes, none twice. No record of the schema exists yet; one field of a schema at most. false: no memory, and the schema can
 * only be freed.
 */
bool apl_schema_spread(apl_schema *schema, uint32_t field, const apl_spread_name *names, uint32_t n_names);
/* Do both declare the same members, in the same order? Places do not matter. */
bool apl_schema_equal(const apl_schema *a, const apl_schema *b);

/* The member of [parent] with that name, or APL_NO_FIELD. Fast: on the path of every event. */
uint32_t apl_schema_member(const apl_schema *schema, uint32_t parent, const char *name, size_t size);
/* The hint "; did you mean …" for a name that is none. */
const char *apl_schema_hint(const apl_schema *schema, uint32_t parent, const char *name, size_t name_size, char *out, size_t out_size);

#endif
