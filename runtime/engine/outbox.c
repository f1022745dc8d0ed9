/* SPDX-License-Identifier: MIT */
/*
 * Decides when effects are handed to their handlers: first right after the
 * commit, in order; one that was not taken again after 1, 2, 4 … seconds of the
 * runtime's time, at most an hour, always under the same key. A row is made
 * while the case steps, with room in the heap for it, so that nothing can fail
 * for memory once the effect is committed.
 */
#include <stdio.h>

#include "base/assert.h"
#include "engine/inside.h"
#include "time/instant.h"

static size_t row_size(const apl_outbox_row *row) {
	size_t because = row->because_size == UINT32_MAX ? 0 : row->because_size;
	return sizeof *row + because + row->data_size + row->ask_size + 3;
}

void apl_outbox_row_free(apl_engine *engine, apl_outbox_row *row) {
	engine->totals.undelivered--;
	apl_free(&engine->alloc, row, row_size(row));
}

bool apl_outbox_add(apl_engine *engine, apl_case *c, uint32_t kind, uint32_t item, aplomb_instant at, const char *because, const char *data,
    size_t data_size, const apl_ask *ask) {
	const apl_prepared *prepared = apl_prepared_of(c);
	if (prepared->handlers[kind] == NULL) return true;
	apl_did *did = apl_did_reserve(engine);
	size_t because_size = because != NULL ? strlen(because) : 0;
	/* Every row that is not delivered yet may have to wait in the heap. */
	bool has_room = did != NULL && engine->totals.undelivered < UINT32_MAX / 2 &&
	                apl_timerq_reserve(&engine->outbox, (uint32_t)engine->totals.undelivered - engine->outbox.count + 1);
	size_t ask_size = ask != NULL ? ask->id_size : 0;
	apl_outbox_row *row = has_room ? apl_new(&engine->alloc, sizeof *row + because_size + data_size + ask_size + 3) : NULL;
	if (row == NULL) return false;
	row->the_case = c;
	row->handler = prepared->handlers[kind];
	row->kind = c->program->effects[kind].name;
	row->seq = c->seq + 1;
	row->at = at;
	row->item = item;
	row->because_size = because != NULL ? (uint32_t)because_size : UINT32_MAX;
	row->data_size = (uint32_t)data_size;
	if (because_size > 0) memcpy(row->texts, because, because_size);
	memcpy(row->texts + because_size + 1, data, data_size);
	if (ask != NULL) {
		row->answer_by = at + ask->timeout;
		row->ask_size = (uint32_t)ask_size;
		memcpy(row->texts + because_size + data_size + 2, ask->id, ask_size);
	}
	apl_batch *batch = &engine->batch;
	row->before = batch->last_effect;
	if (batch->last_effect != NULL) {
		batch->last_effect->next = row;
	} else {
		batch->effects = row;
	}
	batch->last_effect = row;
	engine->totals.undelivered++;
	did->deed = APL_DID_OUTBOX;
	apl_did_done(engine);
	return true;
}

static aplomb_span back_off(uint32_t attempt) {
	aplomb_span span = attempt > 12 ? APL_HOUR : APL_SECOND << (attempt - 1);
	return span > APL_HOUR ? APL_HOUR : span;
}

/* Offers it once; a row that was not taken waits in the heap. */
static void offer(apl_engine *engine, apl_outbox_row *row) {
	char key[APL_MOST_CASE_ID + 64];
	snprintf(key, sizeof key, "%s/%llu/%u", apl_case_id(row->the_case), (unsigned long long)row->seq, row->item);
	row->attempt++;
	const size_t because_size = row->because_size == UINT32_MAX ? 0 : row->because_size;
	const aplomb_effect effect = {
	    .size = sizeof effect,
	    .kind = row->kind,
	    .key = key,
	    .case_id = apl_case_id(row->the_case),
	    .subject = apl_case_subject(row->the_case),
	    .seq = row->seq,
	    .item = row->item,
	    .attempt = row->attempt,
	    .at = row->at,
	    .because = row->because_size == UINT32_MAX ? NULL : row->texts,
	    .data = row->texts + because_size + 1,
	    .data_size = row->data_size,
	    .ask = row->ask_size > 0 ? row->texts + because_size + row->data_size + 2 : NULL,
	    .answer_by = row->answer_by,
	};
	int answer = row->handler->fn(&effect, row->handler->payload);
	if (answer == 0) {
		apl_outbox_row_free(engine, row);
		return;
	}
	aplomb_span wait = back_off(row->attempt);
	apl_tell(engine, APLOMB_LOG_WARN, "effect-failed", row->the_case, "%s: attempt %u at %s was answered with %d; again in %lld seconds",
	    key, row->attempt, row->kind, answer, (long long)(wait / APL_SECOND));
	row->timer.due_at = apl_clock_now(engine->clock) + wait;
	row->timer.order = engine->next_order++;
	bool pushed = apl_timerq_push(&engine->outbox, &row->timer);
	APL_ASSERT(pushed);
}

void apl_outbox_deliver_new(apl_engine *engine, apl_outbox_row *first, uint32_t *delivered) {
	while (first != NULL) {
		apl_outbox_row *row = first;
		first = row->next;
		++*delivered;
		offer(engine, row);
	}
}

void apl_outbox_deliver_due(apl_engine *engine, aplomb_instant now, uint32_t *delivered) {
	for (;;) {
		apl_timer *timer = apl_timerq_first(&engine->outbox);
		if (timer == NULL || timer->due_at > now) return;
		apl_timerq_remove(&engine->outbox, timer);
		++*delivered;
		offer(engine, (apl_outbox_row *)(void *)timer);
	}
}

/* ---- handlers --------------------------------------------------------------- */

static apl_effect_handler *find_handler(const apl_engine *engine, const char *kind) {
	for (apl_effect_handler *handler = engine->handlers; handler != NULL; handler = handler->next) {
		if (strcmp(handler->kind, kind) == 0) return handler;
	}
	return NULL;
}

void apl_outbox_resolve(apl_engine *engine, apl_prepared *prepared) {
	apl_effect_handler *any = find_handler(engine, "*");
	for (uint32_t i = 0; i < prepared->program->n_effects; i++) {
		apl_effect_handler *own = find_handler(engine, prepared->program->effects[i].name);
		prepared->handlers[i] = own != NULL ? own : any;
	}
}

int apl_engine_on_effect(apl_engine *engine, const char *kind, aplomb_effect_fn fn, void *payload, aplomb_error *error) {
	if (engine->inside) return apl_fail(error, APLOMB_EBUSY, "busy", "the runtime is inside a callback: register handlers outside");
	apl_effect_handler *handler = find_handler(engine, kind);
	if (handler == NULL) {
		size_t size = strlen(kind) + 1;
		handler = apl_new(&engine->alloc, sizeof *handler + size);
		if (handler == NULL) return apl_fail_memory(error);
		memcpy(handler->kind, kind, size);
		handler->next = engine->handlers;
		engine->handlers = handler;
	}
	/* One that is there already gets the new function; effects that wait go there too. */
	handler->fn = fn;
	handler->payload = payload;
	for (apl_prepared *p = engine->programs; p != NULL; p = p->next) apl_outbox_resolve(engine, p);
	return APLOMB_OK;
}

size_t apl_engine_missing_handlers(apl_engine *engine, void (*tell)(const char *kind, const char *playbook, void *payload), void *payload) {
	size_t count = 0;
	for (const apl_prepared *p = engine->programs; p != NULL; p = p->next) {
		for (uint32_t i = 0; i < p->program->n_effects; i++) {
			if (p->handlers[i] != NULL) continue;
			count++;
			if (tell != NULL) tell(p->program->effects[i].name, p->program->id, payload);
		}
	}
	return count;
}

void apl_outbox_clear(apl_engine *engine) {
	while (engine->outbox.count > 0) {
		apl_timer *timer = apl_timerq_first(&engine->outbox);
		apl_timerq_remove(&engine->outbox, timer);
		apl_outbox_row_free(engine, (apl_outbox_row *)(void *)timer);
	}
}

void apl_outbox_dispose(apl_engine *engine) {
	apl_outbox_clear(engine);
	apl_timerq_dispose(&engine->outbox);
	while (engine->handlers != NULL) {
		apl_effect_handler *gone = engine->handlers;
		engine->handlers = gone->next;
		apl_free(&engine->alloc, gone, sizeof *gone + strlen(gone->kind) + 1);
	}
}
