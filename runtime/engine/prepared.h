/* SPDX-License-Identifier: MIT */
#ifndef APL_ENGINE_PREPARED_H
#define APL_ENGINE_PREPARED_H

/*
 * What the engine makes of a program once, when it is added: the pieces of
 * journal text that every step would otherwise write anew, what must be looked
 * at per event, and the numbers for people.
 */

#include "base/buf.h"
#include "base/copy.h"
#include "base/key.h"
#include "engine/program.h"

/* Behind a piece APL_BLOCK more bytes may be read. */
typedef struct apl_piece {
	const char *bytes;
	size_t size;
} apl_piece;

/* What is counted of a state; of events, effects and outcomes only how often. */
typedef struct apl_count {
	uint64_t times;
	uint64_t inside;
	uint64_t total; /* instants left minus instants entered, modulo 2^64: right as soon as all have left */
} apl_count;

/* A declared event in the table by name. */
typedef struct apl_event_slot {
	const char *name; /* NULL: free */
	apl_key key;
	uint32_t size;
	int32_t number;
} apl_event_slot;

typedef struct apl_finding_stat {
	char slug[48];
	apl_count count;
} apl_finding_stat;

typedef struct apl_prepared {
	struct apl_prepared *next; /* the one added before */
	apl_program *program;
	apl_buf text;      /* what the pieces point into */
	apl_piece *pieces; /* all of the arrays below */
	uint32_t n_pieces;
	apl_piece *taken;      /* per transition, as all items without their brace: "because":…,"do":"transition","from":"…" */
	apl_piece *went;       /* per transition: ,"place":"…","to":[…]} */
	apl_piece *whole;      /* per transition: all of it, when it listens to one event only or to none */
	int32_t *only;         /* per transition: the event of its whole piece; -1: several */
	apl_piece *on;         /* per event: ,"on":"…" */
	apl_piece *event;      /* per event: "…" */
	apl_piece *cause;      /* per event: ,"event":"…"} and what comes between cause and items */
	apl_piece *path;       /* per state: "…" */
	apl_piece *timer;      /* per delay: "timer":"…"} */
	apl_piece *kind;       /* per effect kind: ,"do":"effect","kind":"…"} */
	apl_piece personal;    /* ,"personal":{…}: what of heads is marked so; nothing when nothing is */
	apl_event_slot *slots; /* table of declared events by name; power of two */
	uint32_t n_slots;
	uint8_t *watched;        /* per event: WATCH_ bits */
	uint8_t watched_any;     /* what an event that the chart has no number for must be looked at for */
	bool has_texts;          /* the case's record holds counted references */
	bool is_more_than_words; /* to a digest: that, or children, asked spans, or, once some case has one, calendars that were changed */
	struct apl_effect_handler **handlers; /* per effect kind, or NULL */
	apl_count *states;
	apl_count *events;                  /* per event: how many were stepped */
	apl_count *effects;                 /* per kind: how many were recorded */
	apl_count *finals;                  /* per state: cases that ended there */
	struct apl_direct *direct;          /* which steps are known in full; NULL: none */
	struct apl_coverage *coverage;      /* NULL: not counted */
	struct apl_coverage *kept_coverage; /* while something is only tried: trial.c */
	aplomb_transition *described;       /* per transition that can be selected; NULL: nobody asked yet (transitions.c) */
	apl_arena described_texts;
	struct apl_finding_stat **findings; /* each stays where it is */
	uint32_t n_findings;
	uint32_t findings_capacity;
	uint32_t kept_findings; /* as kept_coverage */
} apl_prepared;

enum { APL_WATCH_SINCE = 1, APL_WATCH_COUNT = 2, APL_WATCH_ERROR = 4, APL_WATCH_INVOKE = 8, APL_WATCH_CLOCK = 16 };

/* The number of a declared event of that name, or -1. */
APL_INLINE int32_t apl_prepared_event(const apl_prepared *prepared, const char *name, size_t size) {
	uint32_t mask = prepared->n_slots - 1;
	apl_key key = apl_key_of_any(name, size);
	for (uint32_t at = apl_key_hash(key, size) & mask; prepared->slots[at].name != NULL; at = (at + 1) & mask) {
		const apl_event_slot *slot = &prepared->slots[at];
		if (slot->size != size || !apl_key_equal(slot->key, key)) continue;
		if (size <= APL_KEY_SHORT || memcmp(slot->name, name, size) == 0) return slot->number;
	}
	return -1;
}
/* NULL without memory. Does not take the program over. [instructions]: the limit on those of one step. */
apl_prepared *apl_prepared_new(const apl_alloc *alloc, apl_program *program, bool covers, uint64_t instructions);
void apl_prepared_free(const apl_alloc *alloc, apl_prepared *prepared);

#endif
