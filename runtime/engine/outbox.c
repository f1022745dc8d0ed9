/* SPDX-License-Identifier: MIT */
/*
 * Decides when effects are handed to their handlers: first right after the
 * commit, in order; one that was not taken again after 1, 2, 4 … seconds of the
 * runtime's time, at most an hour, always under the same key; one that was taken
 * and about which nothing was said within the runtime's patience likewise, or,
 * when it may not be done twice, never again by itself. A row is made while the
 * case steps, with room for it wherever it may have to stand, so that nothing
 * can fail for memory once the effect is committed. What waits for a time leaves
 * memory with its case, where the store has it, and comes back with it then.
 * What an outcome means for the case is decided by outcomes.c.
 *
 *   wanted ─▶ WAITS ──▶ HANDED ──▶ ANSWERED ──▶ gone, with the commit that has the outcome's event
 *               ▲ refused  │ │ too long, or nobody knows
 *               └──────────┘ └──▶ WAITS, or of `once`: UNKNOWN, until a person says more
 */
#include <stdio.h>

#include "base/assert.h"
#include "base/hard.h"
#include "engine/inside.h"
#include "time/instant.h"

static size_t because_room(const apl_outbox_row *row) {
	return row->because_size == UINT32_MAX ? 0 : row->because_size;
}

static size_t row_size(const apl_outbox_row *row) {
	return sizeof *row + because_room(row) + row->data_size + row->ask_size + 3;
}

const char *apl_row_because(const apl_outbox_row *row) {
	return row->because_size == UINT32_MAX ? NULL : row->texts;
}

const char *apl_row_data(const apl_outbox_row *row) {
	return row->texts + because_room(row) + 1;
}

const char *apl_row_ask(const apl_outbox_row *row) {
	return row->ask_size > 0 ? apl_row_data(row) + row->data_size + 1 : NULL;
}

/* ---- the table by case ---------------------------------------------------------- */

static uint32_t place_of(const apl_outbox *outbox, const apl_case *c) {
	/* The low bits of an address say nothing; a product's high bits depend on all of the others. */
	const uint64_t mixed = ((uint64_t)(uintptr_t)c >> 4) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(mixed >> 32) & (outbox->table_size - 1);
}

/* Behind those of its place. */
static void enter(apl_outbox *outbox, apl_outbox_row *row) {
	apl_outbox_row **link = &outbox->table[place_of(outbox, row->the_case)];
	while (*link != NULL) link = &(*link)->same;
	row->same = NULL;
	*link = row;
}

static void leave(apl_outbox *outbox, apl_outbox_row *row) {
	apl_outbox_row **link = &outbox->table[place_of(outbox, row->the_case)];
	while (*link != row) link = &(*link)->same;
	*link = row->same;
}

/* Room for one more; at most two rows a place on average. */
static bool reserve_place(apl_engine *engine, uint64_t rows) {
	apl_outbox *outbox = &engine->outbox;
	if (rows < 2 * (uint64_t)outbox->table_size) return true;
	const uint32_t size = outbox->table_size > 0 ? 2 * outbox->table_size : 2 * APL_START(32u);
	apl_outbox_row **table = apl_new(&engine->alloc, size * sizeof(apl_outbox_row *));
	if (table == NULL) return false;
	apl_free(&engine->alloc, outbox->table, outbox->table_size * sizeof(apl_outbox_row *));
	outbox->table = table;
	outbox->table_size = size;
	for (apl_outbox_row *row = outbox->first; row != NULL; row = row->next) enter(outbox, row);
	return true;
}

apl_outbox_row *apl_outbox_of(const apl_engine *engine, const apl_case *c) {
	const apl_outbox *outbox = &engine->outbox;
	apl_outbox_row *row = outbox->first != NULL ? outbox->table[place_of(outbox, c)] : NULL;
	while (row != NULL && row->the_case != c) row = row->same;
	return row;
}

apl_outbox_row *apl_outbox_next_of(const apl_outbox_row *row) {
	apl_outbox_row *next = row->same;
	while (next != NULL && next->the_case != row->the_case) next = next->same;
	return next;
}

/* ---- rows ----------------------------------------------------------------------- */

void apl_outbox_row_free(apl_engine *engine, apl_outbox_row *row) {
	apl_outbox *outbox = &engine->outbox;
	if (row->has_changed) outbox->n_changed--;
	engine->totals.undelivered -= !row->is_over;
	outbox->count -= !row->is_over;
	apl_timerq_remove(&outbox->due, &row->timer);
	leave(outbox, row);
	*(row->before != NULL ? &row->before->next : &outbox->first) = row->next;
	*(row->next != NULL ? &row->next->before : &outbox->last) = row->before;
	apl_free(&engine->alloc, row, row_size(row));
}

void apl_outbox_row_over(apl_engine *engine, apl_outbox_row *row) {
	apl_outbox *outbox = &engine->outbox;
	if (!outbox->keeps) {
		apl_outbox_row_free(engine, row);
		return;
	}
	apl_outbox_rest(engine, row, APL_ROW_OVER);
	row->is_over = true;
	engine->totals.undelivered--;
	outbox->count--;
	row->batch_next = outbox->over;
	outbox->over = row;
}

/* In the list and the table, with room in the heap; NULL without memory. */
static apl_outbox_row *make(apl_engine *engine, apl_case *c, uint32_t kind, const apl_row_texts *texts) {
	apl_outbox *outbox = &engine->outbox;
	const uint32_t rows = outbox->count;
	const size_t because = texts->because.bytes != NULL ? texts->because.size : 0;
	/* Every row may have to wait in the heap. */
	if (rows >= UINT32_MAX / 4 || !apl_timerq_reserve(&outbox->due, rows - outbox->due.count + 1) || !reserve_place(engine, rows))
		return NULL;
	apl_outbox_row *row = apl_new(&engine->alloc, sizeof *row + because + texts->data.size + texts->ask.size + 3);
	if (row == NULL) return NULL;
	row->the_case = c;
	row->kind = kind;
	row->because_size = texts->because.bytes != NULL ? (uint32_t)because : UINT32_MAX;
	row->data_size = (uint32_t)texts->data.size;
	row->ask_size = (uint32_t)texts->ask.size;
	if (because > 0) memcpy(row->texts, texts->because.bytes, because);
	if (texts->data.size > 0) memcpy(row->texts + because + 1, texts->data.bytes, texts->data.size);
	if (texts->ask.size > 0) memcpy(row->texts + because + texts->data.size + 2, texts->ask.bytes, texts->ask.size);
	row->before = outbox->last;
	*(outbox->last != NULL ? &outbox->last->next : &outbox->first) = row;
	outbox->last = row;
	enter(outbox, row);
	outbox->count++;
	engine->totals.undelivered++;
	return row;
}

apl_outbox_row *apl_outbox_restore(apl_engine *engine, apl_case *c, uint32_t kind, const apl_row_texts *texts) {
	return make(engine, c, kind, texts);
}

bool apl_outbox_add(apl_engine *engine, apl_case *c, uint32_t kind, uint32_t item, aplomb_instant at, const char *because, const char *data,
    size_t data_size, const apl_ask *ask) {
	if (apl_prepared_of(c)->handlers[kind] == NULL || engine->replay != NULL) return true;
	const apl_row_texts texts = {.because = apl_given_text(because),
	    .data = {data, data_size},
	    .ask = ask != NULL ? (apl_given){ask->id, ask->id_size} : (apl_given){NULL, 0}};
	apl_did *did = apl_did_reserve(engine);
	apl_outbox_row *row = did != NULL ? make(engine, c, kind, &texts) : NULL;
	if (row == NULL) return false;
	row->seq = c->seq + 1;
	row->at = at;
	row->item = item;
	row->is_new = row->is_marked = true;
	if (ask != NULL) row->answer_by = at + ask->timeout;
	apl_batch *batch = &engine->batch;
	row->batch_before = batch->last_effect;
	*(batch->last_effect != NULL ? &batch->last_effect->batch_next : &batch->effects) = row;
	batch->last_effect = row;
	did->deed = APL_DID_OUTBOX;
	apl_did_done(engine);
	return true;
}

void apl_outbox_schedule(apl_engine *engine, apl_outbox_row *row, aplomb_instant due_at) {
	apl_timerq_remove(&engine->outbox.due, &row->timer);
	row->timer.due_at = due_at;
	row->timer.order = engine->next_order++;
	/* Room was made for it when it was. */
	bool pushed = apl_timerq_push(&engine->outbox.due, &row->timer);
	APL_ASSERT(pushed);
}

void apl_outbox_rest(apl_engine *engine, apl_outbox_row *row, apl_row_state state) {
	apl_timerq_remove(&engine->outbox.due, &row->timer);
	row->state = (uint8_t)state;
}

static void note_change(apl_engine *engine, apl_outbox_row *row) {
	engine->outbox.n_changed += !row->has_changed;
	row->has_changed = true;
	row->is_kept = false;
}

/* ---- with a case that leaves ------------------------------------------------------ */

apl_outbox_says apl_outbox_may_leave(const apl_engine *engine, const apl_case *c) {
	apl_outbox_says says = APL_OUTBOX_GO;
	for (const apl_outbox_row *row = apl_outbox_of(engine, c); row != NULL; row = apl_outbox_next_of(row)) {
		if (row->state != APL_ROW_WAITS || row->timer.position == 0 || row->is_over || row->is_new) return APL_OUTBOX_STAY;
		if (!row->is_kept) says = APL_OUTBOX_WAIT;
	}
	return says;
}

void apl_outbox_note_of(apl_engine *engine, const apl_case *c) {
	for (apl_outbox_row *row = apl_outbox_of(engine, c); row != NULL; row = apl_outbox_next_of(row)) {
		if (!row->is_kept) note_change(engine, row);
	}
}

void apl_outbox_leave(apl_engine *engine, const apl_case *c) {
	const uint64_t undelivered = engine->totals.undelivered;
	apl_outbox_forget(engine, c);
	engine->totals.undelivered = undelivered;
}

/* ---- handing out ----------------------------------------------------------------- */

static aplomb_span back_off(uint32_t attempt) {
	aplomb_span span = attempt > 12 ? APL_HOUR : APL_SECOND << (attempt > 0 ? attempt - 1 : 0);
	return span > APL_HOUR ? APL_HOUR : span;
}

/* Nothing was done, or it may be done again: later, once more. */
void apl_outbox_offer_later(apl_engine *engine, apl_outbox_row *row) {
	row->state = APL_ROW_WAITS;
	row->is_kept = false;
	/* A store that has it as handed out would make it unknown after a restart, though it is known not to be done. */
	row->is_marked = false;
	if (engine->outbox.keeps && row->the_case->program->effects[row->kind].once) note_change(engine, row);
	apl_outbox_schedule(engine, row, apl_clock_now(engine->clock) + back_off(row->attempt));
}

void apl_row_tell(const apl_outbox_row *row, apl_row_key *key, aplomb_effect *out) {
	const apl_effect_kind *kind = &row->the_case->program->effects[row->kind];
	snprintf(key->text, sizeof key->text, "%s/%llu/%u", apl_case_id(row->the_case), (unsigned long long)row->seq, row->item);
	*out = (aplomb_effect){
	    .size = sizeof *out,
	    .kind = kind->name,
	    .key = key->text,
	    .case_id = apl_case_id(row->the_case),
	    .subject = apl_case_subject(row->the_case),
	    .seq = row->seq,
	    .item = row->item,
	    .attempt = row->attempt,
	    .at = row->at,
	    .because = apl_row_because(row),
	    .data = apl_row_data(row),
	    .data_size = row->data_size,
	    .ask = apl_row_ask(row),
	    .answer_by = row->answer_by,
	    .once = kind->once,
	};
}

/* The handler says at once what came of it. */
static void conclude(apl_engine *engine, apl_outbox_row *row, aplomb_outcome outcome, const char *key) {
	const apl_effect_kind *kind = &row->the_case->program->effects[row->kind];
	apl_word_of word = {.outcome = outcome};
	aplomb_error error;
	int code = apl_outbox_answer(engine, row, &word, &error);
	if (code == APLOMB_EREFUSED && outcome == APLOMB_OUTCOME_DONE) {
		/* It is done, but the playbook wants to know more of that than was said: that is what its case has to hear. */
		const aplomb_error why = error;
		word = (apl_word_of){.outcome = APLOMB_OUTCOME_FAILED, .message = why.message, .slug = "effect-unfit"};
		code = apl_outbox_answer(engine, row, &word, &error);
	}
	if (code == APLOMB_OK) return;
	apl_tell(engine, APLOMB_LOG_WARN, "effect-unheard", row->the_case, "%s: what came of %s cannot be told to the case now: %s", key,
	    kind->name, error.message);
	if (kind->once) {
		/* It must not be handed out again; whoever looks at what waits finds it. */
		apl_outbox_schedule(engine, row, apl_clock_now(engine->clock) + back_off(row->attempt));
	} else {
		apl_outbox_offer_later(engine, row);
	}
}

static bool is_durable(const apl_store *store, aplomb_error *error) {
	if (store->ops->is_durable == NULL || store->ops->is_durable(store->self) || store->ops->sync == NULL) return true;
	return store->ops->sync(store->self, error) == APLOMB_OK;
}

/*
 * What must not be done twice is handed out when the store knows that it was: what wanted it says so already, but not when it was refused
 * since. false: it is tried again in a second.
 */
static bool mark_handed(apl_engine *engine, apl_outbox_row *row) {
	if (row->is_marked || !engine->outbox.keeps || !row->the_case->program->effects[row->kind].once) return true;
	aplomb_error error;
	row->state = APL_ROW_HANDED;
	note_change(engine, row);
	if (apl_commit(engine, &error) == APLOMB_OK && is_durable(&engine->store, &error)) {
		row->is_marked = true;
		return true;
	}
	apl_tell(engine, APLOMB_LOG_ERROR, "commit-failed", row->the_case, "%s: %s; an effect that must not be done twice waits for that",
	    error.slug, error.message);
	row->state = APL_ROW_WAITS;
	apl_outbox_schedule(engine, row, apl_clock_now(engine->clock) + APL_SECOND);
	return false;
}

static void offer(apl_engine *engine, apl_outbox_row *row) {
	const apl_effect_handler *handler = apl_prepared_of(row->the_case)->handlers[row->kind];
	/* Until somebody registers one. */
	if (handler == NULL || !mark_handed(engine, row)) return;
	apl_row_key key;
	aplomb_effect effect;
	row->attempt++;
	row->state = APL_ROW_HANDED;
	row->is_kept = false;
	apl_row_tell(row, &key, &effect);
	row->in_hand = true;
	int answer = handler->fn(&effect, handler->payload);
	row->in_hand = false;
	if (row->state == APL_ROW_OVER) {
		apl_outbox_row_over(engine, row);
		return;
	}
	/* It was answered from inside the handler. */
	if (row->state != APL_ROW_HANDED) return;
	switch (answer) {
	case APLOMB_EFFECT_DONE:
		if (row->ask_size > 0)
			apl_outbox_row_over(engine, row);
		else
			conclude(engine, row, APLOMB_OUTCOME_DONE, key.text);
		return;
	case APLOMB_EFFECT_LATER:
		apl_outbox_schedule(engine, row, apl_clock_now(engine->clock) + apl_later(engine->outbox.patience, back_off(row->attempt)));
		return;
	case APLOMB_EFFECT_FAILED: conclude(engine, row, APLOMB_OUTCOME_FAILED, key.text); return;
	case APLOMB_EFFECT_UNKNOWN: conclude(engine, row, APLOMB_OUTCOME_UNKNOWN, key.text); return;
	default: break;
	}
	apl_tell(engine, APLOMB_LOG_WARN, "effect-failed", row->the_case, "%s: attempt %u at %s was answered with %d; again in %lld seconds",
	    key.text, row->attempt, effect.kind, answer, (long long)(back_off(row->attempt) / APL_SECOND));
	apl_outbox_offer_later(engine, row);
}

/* Whoever has it has had time enough. */
static void give_up_waiting(apl_engine *engine, apl_outbox_row *row) {
	apl_row_key key;
	aplomb_effect effect;
	apl_row_tell(row, &key, &effect);
	/* The case has been told that nobody answered. */
	if (effect.ask != NULL && apl_clock_now(engine->clock) >= effect.answer_by) {
		apl_outbox_row_over(engine, row);
		return;
	}
	if (effect.once) {
		apl_outbox_unknown(engine, row, "who took it did not say what came of it");
		return;
	}
	if (row->attempt > 0)
		apl_tell(engine, APLOMB_LOG_WARN, "effect-late", row->the_case, "%s: nothing was said of attempt %u at %s; it is handed out again",
		    key.text, row->attempt, effect.kind);
	offer(engine, row);
}

/*
 * How long an effect may wait for the store to have what wants it on the disk, before it is told to: under load its commits come to that
 * by themselves, and a wait for the disk with every pump would cost more than all else. Only where time goes by itself: whoever turns the
 * clock would turn it for nothing.
 */
#define MAY_WAIT (APL_SECOND / 10)

static bool has_something_else(apl_engine *engine, aplomb_instant now) {
	const apl_timer *timer = apl_timerq_first(&engine->timers);
	return engine->queue.cursor != NULL || (timer != NULL && timer->due_at <= now && !apl_away_holds(engine, timer->due_at, now));
}

static bool may_wait(apl_engine *engine, aplomb_instant now) {
	apl_outbox *outbox = &engine->outbox;
	if (!apl_clock_is_systems(engine->clock)) return has_something_else(engine, now);
	if (outbox->held_until == INT64_MIN) outbox->held_until = now + MAY_WAIT;
	return now < outbox->held_until;
}

/* Effects go out only when the steps that want them cannot be lost any more: now, or some time later. */
static bool may_deliver(apl_engine *engine, aplomb_instant now) {
	const apl_store *store = &engine->store;
	apl_outbox *outbox = &engine->outbox;
	if (store->ops->is_durable != NULL && !store->ops->is_durable(store->self) && may_wait(engine, now)) return false;
	outbox->held_until = INT64_MIN;
	aplomb_error error;
	if (is_durable(store, &error)) return true;
	apl_tell(engine, APLOMB_LOG_ERROR, "commit-failed", NULL, "%s: %s; no effect is handed out before what wants it is durable", error.slug,
	    error.message);
	/* In a second, once more. */
	for (apl_timer *due; (due = apl_timerq_first(&outbox->due)) != NULL && due->due_at <= now;) {
		apl_outbox_row *row = (apl_outbox_row *)(void *)due;
		row->is_kept = false;
		apl_outbox_schedule(engine, row, now + APL_SECOND);
	}
	return false;
}

aplomb_instant apl_outbox_next(const apl_engine *engine) {
	const apl_timer *first = apl_timerq_first(&engine->outbox.due);
	return first != NULL ? apl_later(first->due_at, engine->outbox.held_until) : APLOMB_NEVER;
}

void apl_outbox_deliver_due(apl_engine *engine, aplomb_instant now, uint32_t *delivered) {
	const apl_timer *first = apl_timerq_first(&engine->outbox.due);
	if (first == NULL || first->due_at > now || !may_deliver(engine, now)) return;
	/* What came of them is the next commit's, which is not to grow with all that waits: whoever pumps hears that there is more. */
	enum { AT_ONCE = 4096 };
	for (uint32_t n = 0; n < AT_ONCE; n++) {
		apl_timer *timer = apl_timerq_first(&engine->outbox.due);
		if (timer == NULL || timer->due_at > now) return;
		apl_timerq_remove(&engine->outbox.due, timer);
		apl_outbox_row *row = (apl_outbox_row *)(void *)timer;
		++*delivered;
		if (row->state == APL_ROW_HANDED)
			give_up_waiting(engine, row);
		else
			offer(engine, row);
	}
}

void apl_outbox_deliver_new(apl_engine *engine, apl_outbox_row *first, uint32_t *delivered) {
	if (first == NULL) return;
	/* First all of them into the heap: a handler may answer for one that comes behind its own. */
	const aplomb_instant now = apl_clock_now(engine->clock);
	for (apl_outbox_row *row = first; row != NULL; row = row->batch_next) {
		row->is_new = false;
		apl_outbox_schedule(engine, row, now);
	}
	apl_outbox_deliver_due(engine, now, delivered);
}

/* ---- handlers --------------------------------------------------------------- */

static apl_effect_handler *find_handler(const apl_engine *engine, const char *kind) {
	for (apl_effect_handler *handler = engine->outbox.handlers; handler != NULL; handler = handler->next) {
		if (strcmp(handler->kind, kind) == 0) return handler;
	}
	return NULL;
}

/* What came from elsewhere, or lost its handler, and waits for one. */
static void offer_parked(apl_engine *engine, const apl_prepared *prepared) {
	for (apl_outbox_row *row = engine->outbox.first; row != NULL; row = row->next) {
		if (row->state == APL_ROW_WAITS && row->timer.position == 0 && apl_prepared_of(row->the_case) == prepared &&
		    prepared->handlers[row->kind] != NULL)
			apl_outbox_schedule(engine, row, apl_clock_now(engine->clock));
	}
}

void apl_outbox_resolve(apl_engine *engine, apl_prepared *prepared) {
	apl_effect_handler *any = find_handler(engine, "*");
	for (uint32_t i = 0; i < prepared->program->n_effects; i++) {
		apl_effect_handler *own = find_handler(engine, prepared->program->effects[i].name);
		prepared->handlers[i] = own != NULL ? own : any;
	}
	offer_parked(engine, prepared);
}

int apl_engine_on_effect(apl_engine *engine, const char *kind, aplomb_effect_fn fn, void *payload, aplomb_error *error) {
	if (engine->inside) return apl_fail(error, APLOMB_EBUSY, "busy", "the runtime is inside a callback: register handlers outside");
	apl_effect_handler *handler = find_handler(engine, kind);
	if (handler == NULL) {
		size_t size = strlen(kind) + 1;
		handler = apl_new(&engine->alloc, sizeof *handler + size);
		if (handler == NULL) return apl_fail_memory(error);
		memcpy(handler->kind, kind, size);
		handler->next = engine->outbox.handlers;
		engine->outbox.handlers = handler;
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

void apl_outbox_forget(apl_engine *engine, const apl_case *c) {
	for (apl_outbox_row *row; (row = apl_outbox_of(engine, c)) != NULL;) apl_outbox_row_free(engine, row);
}

void apl_outbox_clear(apl_engine *engine) {
	engine->outbox.over = NULL;
	while (engine->outbox.first != NULL) apl_outbox_row_free(engine, engine->outbox.first);
}

void apl_outbox_dispose(apl_engine *engine) {
	apl_outbox *outbox = &engine->outbox;
	apl_outbox_clear(engine);
	apl_timerq_dispose(&outbox->due);
	apl_free(&engine->alloc, outbox->table, outbox->table_size * sizeof(apl_outbox_row *));
	while (outbox->handlers != NULL) {
		apl_effect_handler *gone = outbox->handlers;
		outbox->handlers = gone->next;
		apl_free(&engine->alloc, gone, sizeof *gone + strlen(gone->kind) + 1);
	}
}
