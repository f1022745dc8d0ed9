/* SPDX-License-Identifier: MIT */
/*
 * Decides what becomes of an effect when somebody says what came of it: which
 * event its case hears, when it waits no more, and what happens when nobody can
 * say whether it was done. The event is an ordinary one from outside, named by
 * the effect's key, so that journals, replays and undoing know nothing of
 * effects that wait. When they are handed out is decided by outbox.c.
 */
#include <stdio.h>

#include "engine/inside.h"
#include "time/shown.h"

static const char done_effect[] = "done.effect.", error_effect[] = "error.effect.";
static const char done_ask[] = "done.ask.", error_ask[] = "error.ask.";

#define MOST_NAME (sizeof error_effect + APL_MOST_ID)

static const apl_effect_kind *kind_of(const apl_outbox_row *row) {
	return &row->the_case->program->effects[row->kind];
}

/* The event that says what came of it. false: it would be longer than a name can be. */
static bool event_of(const apl_outbox_row *row, bool is_done, char out[MOST_NAME]) {
	const char *ask = apl_row_ask(row);
	const char *prefix = ask != NULL ? is_done ? done_ask : error_ask : is_done ? done_effect : error_effect;
	int size = snprintf(out, MOST_NAME, "%s%s", prefix, ask != NULL ? ask : kind_of(row)->name);
	return size > 0 && (size_t)size < MOST_NAME;
}

/* Does the case's playbook want to hear of it? */
static bool is_heard(const apl_outbox_row *row) {
	char name[MOST_NAME];
	return event_of(row, true, name) && apl_prepared_event(apl_prepared_of(row->the_case), name, strlen(name)) >= 0;
}

/* ---- keys ---------------------------------------------------------------------- */

/* "/SEQ/ITEM", all of it. */
static bool read_numbers(apl_given text, uint64_t *seq, uint64_t *item) {
	uint64_t *const numbers[] = {seq, item};
	size_t at = 0;
	for (int i = 0; i < 2; i++) {
		if (at == text.size || text.bytes[at++] != '/') return false;
		size_t begun = at;
		*numbers[i] = 0;
		for (; at < text.size && text.bytes[at] >= '0' && text.bytes[at] <= '9'; at++) {
			if (*numbers[i] > UINT64_MAX / 16) return false;
			*numbers[i] = *numbers[i] * 10 + (uint64_t)(text.bytes[at] - '0');
		}
		if (at == begun) return false;
	}
	return at == text.size;
}

apl_outbox_row *apl_outbox_find(const apl_engine *engine, const apl_case *c, apl_given key) {
	uint64_t seq, item;
	if (key.size <= c->id_size || memcmp(key.bytes, apl_case_id(c), c->id_size) != 0 ||
	    !read_numbers((apl_given){key.bytes + c->id_size, key.size - c->id_size}, &seq, &item))
		return NULL;
	apl_outbox_row *row = apl_outbox_of(engine, c);
	while (row != NULL && (row->seq != seq || row->item != item)) row = apl_outbox_next_of(row);
	return row;
}

/* A case's id may hold slashes itself: what stands before the last but one. NULL: no such effect waits. */
static int find_anywhere(apl_engine *engine, apl_given key, apl_outbox_row **out, aplomb_error *error) {
	size_t size = key.size, slashes = 0;
	while (size > 0 && (slashes += key.bytes[size - 1] == '/') < 2) size--;
	*out = NULL;
	if (size < 2) return APLOMB_OK;
	apl_case *c = apl_cases_find(&engine->cases, key.bytes, size - 1);
	int code = c == NULL ? apl_page_look(engine, key.bytes, size - 1, &c, error) : APLOMB_OK;
	if (!code && c != NULL) *out = apl_outbox_find(engine, c, key);
	return code;
}

/* ---- what the case hears --------------------------------------------------------- */

/* It waits no more. Its handler may be about to return. */
static void end_row(apl_engine *engine, apl_outbox_row *row) {
	if (row->in_hand)
		apl_outbox_rest(engine, row, APL_ROW_OVER);
	else
		apl_outbox_row_over(engine, row);
}

static int post(apl_engine *engine, const apl_outbox_row *row, const apl_word_of *word, apl_queued **out, aplomb_error *error) {
	const bool is_done = word->outcome == APLOMB_OUTCOME_DONE, is_unknown = word->outcome == APLOMB_OUTCOME_UNKNOWN;
	char name[MOST_NAME], by[APL_MOST_ID], id[sizeof(apl_row_key) + 16];
	apl_row_key key;
	aplomb_effect effect;
	apl_row_tell(row, &key, &effect);
	event_of(row, is_done, name);
	/* More may be said of it later: that is another event. */
	snprintf(id, sizeof id, "%s%s", key.text, is_unknown ? "/unknown" : "");
	snprintf(by, sizeof by, "effect:%.400s", effect.kind);
	apl_buf failure;
	apl_buf_init(&failure, &engine->alloc);
	apl_given data = word->data;
	if (!is_done) {
		APL_BUF_LITERAL(&failure, "{\"message\":");
		const char *message = word->message != NULL ? word->message
		                      : is_unknown          ? "nobody can say whether it was done"
		                                            : "it could not be done";
		apl_json_write_text(&failure, message, strlen(message));
		APL_BUF_LITERAL(&failure, ",\"slug\":");
		const char *slug = word->slug != NULL ? word->slug : is_unknown ? "effect-unknown" : "effect-not-done";
		apl_json_write_text(&failure, slug, strlen(slug));
		apl_buf_byte(&failure, '}');
		data = (apl_given){failure.bytes, failure.size};
	}
	const apl_sender sender = {.stays = true};
	apl_inbound in = {
	    .id = apl_given_text(id),
	    .case_id = {apl_case_id(row->the_case), row->the_case->id_size},
	    .event = apl_given_text(name),
	    .by = apl_given_text(word->by != NULL ? word->by : by),
	    .sender = &sender,
	};
	int code = failure.failed ? apl_fail_memory(error) : APLOMB_OK;
	if (!code && data.bytes != NULL) {
		const apl_json_bounds bounds = {engine->limits.depth, engine->limits.data};
		code = apl_json_read(&engine->tape, data.bytes, data.size, &bounds, error);
		in.data = &engine->tape;
	}
	if (!code) code = apl_door(engine, &in, NULL, NULL, out, error);
	apl_buf_dispose(&failure);
	return code;
}

int apl_outbox_answer(apl_engine *engine, apl_outbox_row *row, const apl_word_of *word, aplomb_error *error) {
	apl_case *c = row->the_case;
	const bool is_unknown = word->outcome == APLOMB_OUTCOME_UNKNOWN;
	const apl_effect_kind *kind = kind_of(row);
	if (row->state == APL_ROW_ANSWERED || row->state == APL_ROW_OVER)
		return apl_fail(
		    error, APLOMB_ENOTFOUND, "effect-not-waiting", "effect %s of case \"%s\" was answered already", kind->name, apl_case_id(c));
	if (word->outcome == APLOMB_OUTCOME_REFUSED || (is_unknown && !kind->once)) {
		/* It may be done now or again, so there is nothing to find out. */
		apl_outbox_offer_later(engine, row);
		return APLOMB_OK;
	}
	if (is_unknown && row->state == APL_ROW_UNKNOWN) return APLOMB_OK;
	if (!is_heard(row) || c->status == APLOMB_CASE_CLOSED) {
		if (word->outcome != APLOMB_OUTCOME_DONE)
			apl_tell(engine, APLOMB_LOG_WARN, is_unknown ? "effect-unknown" : "effect-given-up", c, "entry %llu, item %u: %s: %s",
			    (unsigned long long)row->seq, row->item, kind->name, word->message != NULL ? word->message : "no more was said");
		if (is_unknown)
			apl_outbox_rest(engine, row, APL_ROW_UNKNOWN);
		else
			end_row(engine, row);
		return APLOMB_OK;
	}
	apl_queued *queued = NULL;
	int code = post(engine, row, word, &queued, error);
	if (code) return code;
	if (is_unknown)
		apl_outbox_rest(engine, row, APL_ROW_UNKNOWN);
	else if (queued->kind == APL_QUEUED_DUPLICATE)
		end_row(engine, row);
	else
		apl_outbox_rest(engine, row, APL_ROW_ANSWERED);
	return APLOMB_OK;
}

void apl_outbox_unknown(apl_engine *engine, apl_outbox_row *row, const char *why) {
	const apl_word_of word = {.outcome = APLOMB_OUTCOME_UNKNOWN, .message = why};
	aplomb_error error;
	apl_tell(engine, APLOMB_LOG_ERROR, "effect-unknown", row->the_case,
	    "entry %llu, item %u: nobody knows whether %s was done: %s; it is not done again, somebody is to find out and to say",
	    (unsigned long long)row->seq, row->item, kind_of(row)->name, why);
	/* Whatever the door says: it is not handed out again, and stands among those that ask. */
	if (apl_outbox_answer(engine, row, &word, &error) != APLOMB_OK) apl_outbox_rest(engine, row, APL_ROW_UNKNOWN);
}

bool apl_outcome_heard(apl_engine *engine, apl_case *c, const apl_event_name *event, const apl_payload *payload) {
	apl_outbox_row *row = apl_outbox_of(engine, c) != NULL ? apl_outbox_find(engine, c, apl_given_text(payload->id)) : NULL;
	char done[MOST_NAME], failure[MOST_NAME];
	if (row == NULL || row->is_over || !event_of(row, true, done) || !event_of(row, false, failure)) return true;
	if (strcmp(event->name, done) != 0 && strcmp(event->name, failure) != 0) return true;
	apl_did *did = apl_did_reserve(engine);
	if (did == NULL) return false;
	did->deed = APL_DID_SETTLE;
	did->what = row;
	apl_did_done(engine);
	return true;
}

/* ---- for hosts ----------------------------------------------------------------------- */

int apl_engine_answer_effect(apl_engine *engine, const aplomb_effect_answer *answer, aplomb_error *error) {
	const apl_given key = apl_given_text(answer->key);
	apl_outbox_row *row;
	int code = find_anywhere(engine, key, &row, error);
	if (code) return code;
	if (row == NULL) {
		char shown[APL_SHOWN];
		return apl_fail(error, APLOMB_ENOTFOUND, "effect-not-waiting",
		    "no effect of key \"%s\" waits: it was answered before, or nobody wanted it", apl_shown(key.bytes, key.size, shown));
	}
	const apl_word_of word = {
	    .outcome = answer->outcome,
	    .data = {answer->data, answer->data == NULL    ? 0
	                           : answer->data_size > 0 ? answer->data_size
	                                                   : strlen(answer->data)},
	    .message = answer->message,
	    .slug = answer->slug,
	    .by = answer->by,
	};
	return apl_outbox_answer(engine, row, &word, error);
}

static void tell_row(const apl_outbox_row *row, void (*tell)(const aplomb_waiting_effect *effect, void *payload), void *payload) {
	static const aplomb_effect_stand stands[] = {[APL_ROW_WAITS] = APLOMB_EFFECT_WAITS,
	    [APL_ROW_HANDED] = APLOMB_EFFECT_HANDED,
	    [APL_ROW_ANSWERED] = APLOMB_EFFECT_ANSWERED,
	    [APL_ROW_UNKNOWN] = APLOMB_EFFECT_ASKS,
	    [APL_ROW_OVER] = APLOMB_EFFECT_ANSWERED};
	apl_row_key key;
	aplomb_effect effect;
	apl_row_tell(row, &key, &effect);
	const aplomb_waiting_effect waiting = {.size = sizeof waiting,
	    .effect = &effect,
	    .stand = stands[row->state],
	    .has_due = row->timer.position != 0,
	    .due_at = row->timer.due_at};
	tell(&waiting, payload);
}

static size_t tell_rows(
    const apl_engine *engine, const apl_case *c, void (*tell)(const aplomb_waiting_effect *effect, void *payload), void *payload) {
	size_t count = 0;
	for (const apl_outbox_row *row = c != NULL ? apl_outbox_of(engine, c) : engine->outbox.first; row != NULL;
	     row = c != NULL ? apl_outbox_next_of(row) : row->next) {
		if (row->is_over) continue;
		count++;
		if (tell != NULL) tell_row(row, tell, payload);
	}
	return count;
}

typedef struct elsewhere {
	apl_engine *engine;
	apl_buf ids; /* each terminated */
	size_t last; /* where the last of them begins */
} elsewhere;

/* Those of a case follow one another. */
static int note_elsewhere(const apl_store_effect *effect, void *payload) {
	elsewhere *e = payload;
	const char *id = effect->case_id;
	const size_t size = effect->case_id_size;
	if (apl_cases_find(&e->engine->cases, id, size) != NULL) return APLOMB_OK;
	if (e->ids.size - e->last == size + 1 && memcmp(e->ids.bytes + e->last, id, size) == 0) return APLOMB_OK;
	e->last = e->ids.size;
	apl_buf_add(&e->ids, id, size);
	apl_buf_byte(&e->ids, '\0');
	return e->ids.failed ? APLOMB_ENOMEM : APLOMB_OK;
}

/* Of cases that are not in memory: one after the other they come. */
static size_t tell_elsewhere(
    apl_engine *engine, const apl_buf *ids, void (*tell)(const aplomb_waiting_effect *effect, void *payload), void *payload) {
	size_t count = 0;
	for (size_t at = 0; at < ids->size; at += strlen(ids->bytes + at) + 1) {
		apl_case *c;
		aplomb_error error;
		if (apl_page_in(engine, ids->bytes + at, strlen(ids->bytes + at), &c, &error) == APLOMB_OK)
			count += tell_rows(engine, c, tell, payload);
		else
			apl_tell(engine, APLOMB_LOG_ERROR, "case-unreadable", NULL, "an effect of case %s waits, and the case cannot be read: %s",
			    ids->bytes + at, error.message);
	}
	return count;
}

size_t apl_engine_effects(
    apl_engine *engine, apl_case *c, void (*tell)(const aplomb_waiting_effect *effect, void *payload), void *payload) {
	const apl_store *store = &engine->store;
	if (c != NULL || !engine->outbox.keeps) return tell_rows(engine, c, tell, payload);
	elsewhere e = {.engine = engine};
	aplomb_error error;
	apl_buf_init(&e.ids, &engine->alloc);
	/* Asked first, for while they are told others may leave. */
	int code = store->ops->effects(store->self, NULL, 0, 0, note_elsewhere, &e, &error);
	if (e.ids.failed) apl_fail_memory(&error);
	if (code) apl_tell(engine, APLOMB_LOG_ERROR, "case-unreadable", NULL, "not all effects that wait are told: %s", error.message);
	size_t count = tell_rows(engine, NULL, tell, payload);
	count += tell_elsewhere(engine, &e.ids, tell, payload);
	apl_buf_dispose(&e.ids);
	return count;
}
