/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_PLACES_H
#define APL_LUA_PLACES_H

/*
 * Where everything in the table constructors of one Lua file stands. Lua
 * tells a word only the line of its call, and a table nothing at all; so the
 * file's text is read once more, and its constructors and calls are kept in
 * lists, by number. Which of them a value of the running file came from is
 * where.c's to find out.
 *
 * Reading never fails on what Lua would refuse; it then knows the part before.
 * It takes time in proportion to the source (and to n log n of a table's
 * keys), and at most some 100 bytes of memory a byte of it.
 */

#include "base/error.h"
#include "lua/lexer.h"

/* No constructor, no call, no key of that name. */
#define APL_NO_SITE UINT32_MAX

typedef enum apl_key_kind {
	APL_KEY_NONE,    /* an item: it has its place in the row */
	APL_KEY_TEXT,    /* name = or ["name"] = */
	APL_KEY_INTEGER, /* [12] =, [12.0] = */
	APL_KEY_NUMBER,  /* [0.5] = */
	APL_KEY_BOOLEAN, /* [true] = */
	APL_KEY_COMPUTED /* known only when it runs */
} apl_key_kind;

/* What a value is, as far as the text alone tells. */
typedef enum apl_value_kind {
	APL_VALUE_OTHER,    /* a sum, a number, a chain of names, … */
	APL_VALUE_TEXT,     /* nothing but a text: [at] is its quote */
	APL_VALUE_TABLE,    /* nothing but a constructor: [ref] */
	APL_VALUE_CALL,     /* nothing but a call: [ref] */
	APL_VALUE_NAME,     /* nothing but a variable's name */
	APL_VALUE_FUNCTION, /* function … end */
} apl_value_kind;

typedef struct apl_site_entry {
	uint8_t key_kind;
	uint8_t value_kind;
	uint32_t key_at;   /* offset of the key (behind "[", if there is one); of the value when it has none */
	uint32_t value_at; /* offset of the value */
	uint32_t ref;      /* by value_kind: number of a table or a call */
	union {
		struct {
			uint32_t at, size; /* in apl_places.texts */
		} text;
		int64_t integer;
		double number;
	} key;
} apl_site_entry;

/* A constructor, or what stands between the parentheses of a call. */
typedef struct apl_site_table {
	uint32_t at; /* offset of "{" or "(" */
	uint32_t first_entry;
	uint32_t n_items; /* entries without a key, in order; those with keys stand behind them, sorted */
	uint32_t n_keys;
	bool is_arguments;
} apl_site_table;

/* A call: word "name", word { … }, mod.word(…), and each of them once more behind another call. */
typedef struct apl_site_call {
	uint32_t at;        /* offset of what is called: the first name of it */
	uint32_t line;      /* that Lua reports for it */
	uint32_t word;      /* offset and size of the last name of what is called; size 0: it has none */
	uint32_t word_size; /* behind another call: that one's */
	uint32_t name; /* offset and size in [texts] of the text that the word was called with before; size UINT32_MAX: with none, or another
	                  value */
	uint32_t name_size;
	uint32_t before;  /* the call whose answer is called here, or APL_NO_SITE */
	uint32_t text_at; /* offset of the text that is the argument, or APL_NO_SITE */
	uint32_t table;   /* the constructor that is the argument, or the arguments in parentheses; APL_NO_SITE for a text */
	uint32_t next;    /* of calls that nothing tells apart: which comes next. Of the first of them only. */
} apl_site_call;

/* local NAME = { … } */
typedef struct apl_site_local {
	uint32_t name, name_size; /* in the source */
	uint32_t table;           /* APL_NO_SITE: two are called so */
} apl_site_local;

typedef struct apl_places {
	apl_alloc alloc;
	const char *file;
	const char *source; /* the caller's; must stay */
	uint32_t size;
	apl_buf texts; /* keys and names, one behind the other */
	apl_site_table *tables;
	uint32_t n_tables, tables_capacity;
	apl_site_entry *entries;
	uint32_t n_entries, entries_capacity;
	apl_site_call *calls; /* in the order in which they are made */
	uint32_t n_calls, calls_capacity;
	apl_site_local *locals; /* sorted by name */
	uint32_t n_locals, locals_capacity;
	uint32_t *sorted; /* calls by line, word, name, and in the order in which they are made */
	uint32_t *lines;  /* offset of each line's beginning */
	uint32_t n_lines, lines_capacity;
	uint32_t *columns; /* of every APL_PLACES_STRIDE-th byte, in its line */
	uint32_t n_columns;
} apl_places;

#define APL_PLACES_STRIDE 256

typedef struct apl_places_options {
	const char *file; /* outlives the places */
	const char *source;
	size_t size;
	bool line_is_of_arguments; /* for Lua 5.4.6 and later a call stands where its arguments begin; before, where what is called begins */
} apl_places_options;

/* Adds findings: duplicate-key. NULL: no memory. */
apl_places *apl_places_new(const apl_alloc *alloc, const apl_places_options *options, apl_findings *findings);
void apl_places_free(apl_places *places);

/* ---- places_find.c ---- */

apl_place apl_places_at(const apl_places *places, uint32_t offset);

/*
 * The calls that a word's call in this line may be, in the order in which they
 * are made: [*first] is the first of them in [sorted]. [name] NULL: of the word
 * itself (word "name", word { … }); otherwise of what it answered when it was called
 * with that text, or with something else than one text ([name] "").
 */
uint32_t apl_places_calls(
    const apl_places *places, uint32_t line, const char *word, const char *name, size_t name_size, bool is_second, uint32_t *first);
/* The entry, or NULL. */
const apl_site_entry *apl_places_key(const apl_places *places, uint32_t table, const char *key, size_t size);
/* From 1. */
const apl_site_entry *apl_places_item(const apl_places *places, uint32_t table, uint64_t item);
/* The constructor that the entry's value is, or that the local variable holds which it names; APL_NO_SITE. */
uint32_t apl_places_table_of(const apl_places *places, const apl_site_entry *entry);
/*
 * The first byte inside the quotes of the text that the entry's value is; false: it is no plain text. [*is_plain]: its bytes are those of
 * the source, one by one, so that a place in the text is a place in the file.
 */
bool apl_places_text(const apl_places *places, const apl_site_entry *entry, uint32_t *offset, bool *is_plain);

/* ---- between the two files ---- */

/* Sorts by merging; equal ones stay in order. [other] has room for half of them. */
void apl_places_sort(void *items, void *other, size_t count, size_t size,
    int (*compare)(const void *context, const void *left, const void *right), const void *context);
/* Kinds, then values; the texts lie in [texts]. */
int apl_places_compare_keys(const char *texts, const apl_site_entry *left, const apl_site_entry *right);
/* Where lines begin; false: no memory. */
bool apl_places_measure(apl_places *places);
/* Sorts calls and variables; false: no memory. */
bool apl_places_put_in_order(apl_places *places);

#endif
