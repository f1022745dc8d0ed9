/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_TEXT_H
#define APL_LUA_TEXT_H

/*
 * Guards and assignments that a playbook writes as text, between the words
 * that carry them and data/guard.h, which knows what they mean: which events a
 * text may see, which state it stands in, and what the case of the turn
 * answers to its questions.
 */

#include "lua/where.h"

/* Who carries a text. */
typedef struct apl_lua_text_owner {
	apl_guard_form form;
	const char *label;  /* the word: `on "go"` */
	const char *field;  /* "when", "act"; NULL: the word itself */
	const char *events; /* the descriptors that its transition listens to, separated by spaces, kept; NULL: any event may be the one of the
	                       moment */
} apl_lua_text_owner;

/* Parses the text at [index] and adds it to the host's functions: one of a handler's, like a function. Findings. raises */
void apl_lua_add_text(lua_State *L, int index, const apl_lua_text_owner *owner, const apl_text_place *place);
/* The schemas are there, and the chart unless it has mistakes: looks every name up and types all texts. Findings. raises */
void apl_lua_type_texts(lua_State *L);

/*
 * A text that somebody asks of a loaded playbook, as if it stood at its root: any event may be the one of the moment. The guard lives in
 * [arena]. EPLAYBOOK with findings: it is no such text, which is nobody's mistake yet. ENOMEM. Does not raise.
 */
int apl_lua_read_text(
    apl_lua *host, apl_arena *arena, apl_guard_form form, const apl_guard_text *text, apl_findings *findings, apl_guard **out);

/* The number of the rota of that name, while the playbook is loaded; or APL_NO_FIELD, and [hint] says which there is like it. */
uint32_t apl_lua_find_rota(const apl_lua *host, const char *name, size_t size, char *hint, size_t hint_size);

/* What the text is answered over now. */
static inline const apl_guard_situation *apl_lua_situation(apl_lua *host, const apl_lua_function *text) {
	if (!text->sees_event) return &host->situation;
	const apl_step_event *event = host->turn->event;
	const apl_payload *payload = apl_turn_payload(host->turn);
	host->situation.event = payload != NULL ? payload->words : NULL;
	host->situation.event_schema = payload != NULL ? payload->schema : NULL;
	/* A record of the machine's own schema is one of ours: apl_error_schema_new. */
	if (host->error_schema != NULL && payload != NULL && payload->schema != NULL &&
	    (event->number == host->program.chart->error_execution || event->number == host->program.chart->error_communication))
		host->situation.event_schema = host->error_schema;
	return &host->situation;
}

/* What the texts ask of the case of the turn. */
void apl_lua_know(void *self, apl_guard_topic topic, uint32_t number, apl_guard_value *out);
/* data.variables of an imported chart as one text. Without memory the turn is over: its breach says so. */
void apl_lua_whole(void *self, const uint64_t *data, apl_guard_value *out);

#endif
