/* SPDX-License-Identifier: MIT */
#ifndef APL_DATA_PHRASE_H
#define APL_DATA_PHRASE_H

/*
 * What a phrase says, taken apart: pieces of text, and placeholders between
 * them that are filled when it is said.
 *
 *   {data.order} {params.limit} {subject} {case.id}   what the case knows
 *   {amount}                                          an argument
 *   {data.name|there}                                 said instead when it is missing
 *   {{                                                a brace
 *
 * A placeholder of what may be missing needs an alternative, so nothing is ever
 * said with a hole in it. Values are written for people in one form that minds
 * no locale: 40.00 GBP, 2 h 30 min, 2026-11-23 13:06 UTC.
 */

#include "data/record.h"

typedef enum apl_piece_kind {
	APL_PIECE_TEXT,
	APL_PIECE_DATA,
	APL_PIECE_PARAMS,
	APL_PIECE_SUBJECT,
	APL_PIECE_CASE_ID,
	APL_PIECE_ARGUMENT
} apl_piece_kind;

typedef struct apl_piece {
	uint8_t kind;     /* apl_piece_kind */
	uint32_t field;   /* of data or params */
	uint32_t at;      /* byte of the phrase's text at which it begins */
	const char *text; /* itself; an argument's name, terminated; NULL otherwise */
	size_t size;
	const char *alternative; /* or NULL */
	size_t alternative_size;
} apl_piece;

typedef struct apl_wording {
	apl_piece *pieces;
	uint32_t n_pieces;
	bool is_personal; /* filled with the subject, or with what is marked personal */
} apl_wording;

/* Told of each mistake: where in the text, its slug, what is wrong. */
typedef void (*apl_wording_fault_fn)(void *payload, uint32_t at, const char *slug, const char *message);

/*
 * Takes the text apart, into the arena. Faults: phrase-placeholder,
 * unknown-field, phrase-may-lack. false: no memory. With faults [*out] is the
 * part that was understood.
 */
bool apl_wording_read(apl_wording *out, apl_arena *arena, const char *text, size_t size, const apl_schema *data, const apl_schema *params,
    apl_wording_fault_fn fault, void *payload);

/* What a phrase is filled from. */
typedef struct apl_filling {
	const apl_schema *data;
	const uint64_t *data_words;
	const apl_schema *params;
	const uint64_t *params_words;
	const char *subject; /* or NULL */
	const char *case_id;
	/* Adds the argument's value to [out]; false: there is none. */
	bool (*argument)(void *payload, const char *name, apl_buf *out);
	void *payload;
} apl_filling;

/* Adds what the phrase says to [out]. NULL, or the first placeholder that has neither a value nor an alternative. */
const apl_piece *apl_wording_fill(const apl_wording *wording, const apl_filling *from, apl_buf *out);

/* The placeholder as it is written, without an alternative: "data.order". For messages. Returns [out]. */
const char *apl_piece_label(const apl_piece *piece, const apl_schema *data, const apl_schema *params, char *out, size_t size);

/* May the field be missing from a record that was accepted? Not when it and all around it are required, or when it has a default. */
bool apl_field_may_lack(const apl_schema *schema, uint32_t field);
/* Has the type a form for people? All single values but truth have. */
bool apl_type_is_shown(apl_type type);
/* A field that is there, for people. */
void apl_field_show(apl_buf *out, const apl_schema *schema, const uint64_t *words, uint32_t field);
void apl_span_show(apl_buf *out, aplomb_span span, apl_span_unit unit);
void apl_instant_show(apl_buf *out, aplomb_instant at);

#endif
