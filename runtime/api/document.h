/* SPDX-License-Identifier: MIT */
#ifndef APL_API_DOCUMENT_H
#define APL_API_DOCUMENT_H

/*
 * What an aplomb_json is: a copy of the text, and the tape whose cells point
 * into it. A journal reader holds one and fills it line by line.
 */

#include "value/json.h"

/* Where the last aplomb_value_at stood, so that the next one goes on from there. */
typedef struct apl_document_place {
	uint32_t container; /* its cell */
	uint32_t cell;      /* of the n-th item, or of the n-th member's name */
	size_t n;
} apl_document_place;

struct aplomb_json {
	apl_buf text;
	apl_tape tape;
	/* A cursor's readers take the document const; remembering a place changes nothing that they answer. */
	apl_document_place *last;
	apl_document_place last_place;
};

void apl_document_init(aplomb_json *json, const apl_alloc *alloc);
void apl_document_dispose(aplomb_json *json);
/* Keeps a copy of the text, to be parsed into json->tape. false without memory. */
bool apl_document_copy(aplomb_json *json, const char *text, size_t size);
/* After parsing: ends every text with a NUL. false without memory. */
bool apl_document_terminate(aplomb_json *json);

#endif
