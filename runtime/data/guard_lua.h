/* SPDX-License-Identifier: MIT */
#ifndef APL_DATA_GUARD_LUA_H
#define APL_DATA_GUARD_LUA_H

/*
 * A text as an expression of Lua that means the same over variables: for those
 * who carry a playbook somewhere else. The three values stay three: what is
 * missing is nil, a truth that nobody knows is never true and never false.
 * Whatever is trouble here raises an error there.
 */

#include "data/guard.h"

/* Functions that an expression may call; whoever writes it sees that they are there. docs/scxml.md names them. */
typedef enum apl_lua_helper {
	APL_HELPER_LESS, /* of two values: true, false, or nil when one is missing */
	APL_HELPER_AT_MOST,
	APL_HELPER_SAME,
	APL_HELPER_TRUTH,    /* (is, is_not) → true, false, nil */
	APL_HELPER_CONTAINS, /* texts */
	APL_HELPER_HOLDS,    /* a list */
	APL_HELPER_LENGTH,   /* characters */
	APL_HELPER_SIZE,     /* bytes, items */
	APL_HELPER_SUM,      /* sums fail beyond 64 bits, and where a number would be infinite */
	APL_HELPER_DIFFERENCE,
	APL_HELPER_PRODUCT,
	APL_HELPER_QUOTIENT,
	APL_HELPER_FLOOR_QUOTIENT,
	APL_HELPER_REST,
	APL_HELPER_NUMBER, /* as a float */
	APL_HELPER_MONEY,  /* text → minor units, currency, digits */
	APL_HELPER_MONEY_TEXT,
	APL_HELPER_MONEY_LESS,
	APL_HELPER_MONEY_AT_MOST,
	APL_HELPER_MONEY_SAME,
	APL_HELPER_MONEY_SUM,
	APL_HELPER_MONEY_DIFFERENCE,
	APL_HELPER_MONEY_PRODUCT,
	APL_HELPER_SPAN,    /* text, or microseconds → microseconds */
	APL_HELPER_INSTANT, /* likewise */
	APL_HELPER_KNOWN,   /* fails when the value is missing */
	APL_HELPER_WITHIN,  /* (value, min, max): fails beyond */
	APL_HELPER_MONEY_WITHIN,
	APL_HELPER_TEXT_WITHIN,
	APL_HELPER_ONE_OF,
	APL_HELPER_CARRIED, /* a field of the event of the moment */
	APL_HELPER_EVENT_NAME,
	/* Not of texts: what functions and clocks ask for. */
	APL_HELPER_INTEGER, /* fails when it is none; nil stays */
	APL_HELPER_FLOAT,
	APL_HELPER_TEXT,
	APL_HELPER_BOOLEAN,
	APL_HELPER_ANSWER,   /* of a guard: fails on what is neither true, false nor nil */
	APL_HELPER_SECONDS,  /* microseconds → "1.500000s"; fails when negative or missing */
	APL_HELPER_REPEATED, /* the same of what must be more than zero */
	APL_HELPER_MATCHES,  /* (name, descriptor) */
	APL_HELPER_FIRST,    /* late binding */
	APL_HELPERS
} apl_lua_helper;
const char *apl_lua_helper_name(apl_lua_helper helper);

/* How things are called where the expression will stand. */
typedef struct apl_guard_naming {
	void *self;
	void (*needs)(void *self, apl_lua_helper helper);
	/* Adds the variable that holds a field of the data or the params. */
	void (*variable)(void *self, bool is_param, const apl_schema *schema, uint32_t field, apl_buf *out);
	/* May it be missing? */
	bool (*may_lack)(void *self, bool is_param, uint32_t field);
	/* The event of that schema may be the one of the moment, and this field of it is looked at. */
	void (*looks_at)(void *self, const apl_schema *event, uint32_t field);
	/* Adds what a case or an envelope knows; false: there it is not known. */
	bool (*knows)(void *self, apl_guard_topic topic, apl_buf *out);
	/* Adds the question whether a state is active. */
	void (*is_in)(void *self, uint32_t state, apl_buf *out);
} apl_guard_naming;

/*
 * Adds the expression of a truth or a value. false: something in it cannot be
 * said there; a finding tells what (export-clock, export-counter, export-case, export-type).
 */
bool apl_guard_write_lua(const apl_guard *guard, const apl_guard_naming *naming, apl_buf *out, apl_findings *findings);
/* The same of assignment [number]: what is assigned, checked as the record checks it. */
bool apl_guard_write_assigned(
    const apl_guard *guard, uint32_t number, const apl_guard_naming *naming, apl_buf *out, apl_findings *findings);
/* May assignment [number] clear its field? */
bool apl_guard_may_clear(const apl_guard *guard, uint32_t number, const apl_guard_naming *naming);
/* Adds a text as Lua reads it. */
void apl_lua_quote_as(apl_buf *out, char quote, const char *text, size_t size);
/* With single quotes: in XML's attributes they stay as they are. */
static inline void apl_lua_quote(apl_buf *out, const char *text, size_t size) {
	apl_lua_quote_as(out, '\'', text, size);
}

#endif
