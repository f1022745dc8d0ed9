/* SPDX-License-Identifier: MIT */
/*
 * Decides what may stand at the end of a piece of Lua: names that an expression
 * of the case's playbook can begin with, the session's own, and behind a dot or
 * a colon what its owner has.
 */
#include <stdlib.h>
#include <string.h>

#include "repl/lua.h"

typedef struct offer {
	repl_candidates *out;
	const char *owner; /* as it is typed, with its dot or colon */
	size_t size;
} offer;

static void add(const char *name, const char *note, void *payload) {
	offer *o = payload;
	repl_text whole = {0};
	repl_text_add(&whole, o->owner, o->size);
	repl_text_put(&whole, name);
	repl_candidate_with(o->out, repl_text_of(&whole), note, "");
	repl_text_dispose(&whole);
}

static bool is_part(char c) {
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == ':';
}

void repl_lua_complete(repl *r, const char *before, repl_candidates *out) {
	const char *end = before + strlen(before), *word = end, *behind = NULL;
	while (word > before && is_part(word[-1])) word--;
	for (const char *at = word; at < end; at++)
		if (*at == '.' || *at == ':') behind = at + 1;
	/* When something was added already, it is the statement's first word, which begins at the same place. */
	if (out->count == 0) repl_candidates_begin_at(out, word);
	offer o = {out, word, behind != NULL ? (size_t)(behind - word) : 0};
	char *owner = tell_need(o.size + 1);
	if (o.size > 0) memcpy(owner, word, o.size - 1);
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	bool has_case = r->case_id != NULL && aplomb_case_get(r->rt, r->case_id, &info, NULL) == APLOMB_OK;
	aplomb_expression_names(r->rt, has_case ? info.playbook : r->playbook, owner, add, &o, NULL);
	for (size_t i = 0; i < r->names.count && o.size == 0; i++) add(r->names.items[i].name, r->names.items[i].literal, &o);
	free(owner);
}
