/* SPDX-License-Identifier: MIT */
/*
 * Decides what a store is told of effects that wait, and how they, and with them what cases sent to one another (postings.c), come back
 * when a runtime opens. A row is put by the commit that wants the effect, put anew
 * when what is known of it matters after a restart, and taken out by the commit
 * that has its outcome, or, when nobody hears of that, by the next one. So what
 * a store holds may have been done already, and is handed out once more, under
 * the same key; but what is not in it any more was.
 */
#include "base/assert.h"
#include "engine/inside.h"

bool apl_outbox_has_news(const apl_engine *engine) {
	const apl_outbox *outbox = &engine->outbox;
	if (outbox->first == NULL) return false;
	if (engine->batch.effects != NULL || outbox->over != NULL || outbox->n_changed > 0) return true;
	for (uint32_t i = 0; i < engine->batch.n_did; i++) {
		if (engine->batch.did[i].deed == APL_DID_SETTLE) return true;
	}
	return false;
}

static void name(apl_gathering *g, const apl_outbox_row *row) {
	g->effects[g->count] = (apl_store_effect){.case_id = apl_case_id(row->the_case),
	    .case_id_size = row->the_case->id_size,
	    .seq = row->seq,
	    .item = row->item,
	    .mark = &row->the_case->mark,
	    .due_at = row->timer.position != 0      ? row->timer.due_at
	              : row->state == APL_ROW_WAITS ? row->at
	                                            : APLOMB_NEVER};
	g->begun[g->count] = SIZE_MAX;
	g->count++;
}

static void put(apl_gathering *g, const apl_outbox_row *row) {
	const size_t begun = g->texts->size;
	name(g, row);
	apl_effect_write(g->texts, row);
	g->begun[g->count - 1] = begun;
	g->effects[g->count - 1].size = g->texts->size - begun;
}

static bool is_settled(const apl_engine *engine, const apl_outbox_row *row) {
	for (uint32_t i = 0; i < engine->batch.n_did; i++) {
		if (engine->batch.did[i].deed == APL_DID_SETTLE && engine->batch.did[i].what == row) return true;
	}
	return false;
}

bool apl_outbox_gather(apl_engine *engine, apl_store_batch *commit, apl_buf *texts) {
	const apl_outbox *outbox = &engine->outbox;
	apl_batch *batch = &engine->batch;
	size_t most = outbox->n_changed;
	for (const apl_outbox_row *row = batch->effects; row != NULL; row = row->batch_next) most++;
	for (const apl_outbox_row *row = outbox->over; row != NULL; row = row->batch_next) most++;
	for (uint32_t i = 0; i < batch->n_did; i++) most += batch->did[i].deed == APL_DID_SETTLE;
	const bool has_sent = apl_sent_has_news(engine);
	if (has_sent) most += apl_sent_count_news(engine);
	apl_gathering g = {.effects = apl_arena_take(&batch->arena, most * sizeof *g.effects),
	    .begun = apl_arena_take(&batch->arena, most * sizeof *g.begun),
	    .texts = texts};
	if (g.effects == NULL || g.begun == NULL) return false;
	size_t left = outbox->n_changed;
	for (const apl_outbox_row *row = outbox->first; row != NULL && left > 0; row = row->next) {
		if (!row->has_changed) continue;
		left--;
		if (!row->is_over && !is_settled(engine, row)) put(&g, row);
	}
	for (const apl_outbox_row *row = batch->effects; row != NULL; row = row->batch_next) put(&g, row);
	for (const apl_outbox_row *row = outbox->over; row != NULL; row = row->batch_next) name(&g, row);
	for (uint32_t i = 0; i < batch->n_did; i++) {
		if (batch->did[i].deed == APL_DID_SETTLE) name(&g, batch->did[i].what);
	}
	if (has_sent) apl_sent_gather(engine, &g);
	if (texts->failed) return false;
	/* The texts moved while they were written. */
	for (uint32_t i = 0; i < g.count; i++) {
		if (g.begun[i] != SIZE_MAX) g.effects[i].text = texts->bytes + g.begun[i];
	}
	commit->effects = g.effects;
	commit->n_effects = g.count;
	return true;
}

void apl_outbox_kept(apl_engine *engine) {
	apl_outbox *outbox = &engine->outbox;
	while (outbox->over != NULL) {
		apl_outbox_row *gone = outbox->over;
		outbox->over = gone->batch_next;
		apl_outbox_row_free(engine, gone);
	}
	for (apl_outbox_row *row = outbox->first; row != NULL && outbox->n_changed > 0; row = row->next) {
		outbox->n_changed -= row->has_changed;
		row->has_changed = false;
	}
	if (engine->sent.over.first != NULL) apl_sent_kept(engine);
}

/* ---- when a runtime opens ---------------------------------------------------------- */

typedef struct found_row {
	uint64_t seq;
	uint32_t item, id_size;
	size_t text_size;
} found_row;

typedef struct noting {
	apl_buf rows;
	const apl_case *only; /* or NULL: of all */
	bool looks;
} noting;

/* A row as it is told: its sizes, the case's id, the text. No case is looked for while the store still tells. */
static int note_row(const apl_store_effect *effect, void *payload) {
	noting *it = payload;
	apl_buf *rows = &it->rows;
	if (it->looks && apl_is_sent_row(effect->item)) return APLOMB_OK;
	if (it->only != NULL &&
	    (effect->case_id_size != it->only->id_size || memcmp(effect->case_id, apl_case_id(it->only), effect->case_id_size) != 0))
		return APLOMB_OK;
	const found_row sizes = {effect->seq, effect->item, effect->case_id_size, effect->size};
	apl_buf_add(rows, &sizes, sizeof sizes);
	apl_buf_add(rows, effect->case_id, effect->case_id_size);
	apl_buf_add(rows, effect->text, effect->size);
	return rows->failed ? APLOMB_ENOMEM : APLOMB_OK;
}

int apl_outbox_reload(apl_engine *engine, int (*find)(apl_engine *engine, const char *id, size_t size, apl_case **out, aplomb_error *error),
    const apl_case *only, bool looks, aplomb_error *error) {
	const apl_store *store = &engine->store;
	if (store->ops->effects == NULL || !engine->outbox.keeps) return APLOMB_OK;
	aplomb_error own;
	if (error == NULL) error = &own;
	noting it = {.only = only, .looks = looks};
	apl_buf_init(&it.rows, &engine->alloc);
	int code = store->ops->effects(store->self, note_row, &it, error);
	const apl_buf *rows = &it.rows;
	const apl_case *last = NULL; /* whose row was read before this one: those of a case follow one another */
	if (rows->failed) code = apl_fail_memory(error);
	for (size_t at = 0; at < rows->size && !code;) {
		found_row sizes;
		memcpy(&sizes, rows->bytes + at, sizeof sizes);
		const char *id = rows->bytes + at + sizeof sizes, *text = id + sizes.id_size;
		at += sizeof sizes + sizes.id_size + sizes.text_size;
		apl_case *c = NULL;
		code = find(engine, id, sizes.id_size, &c, error);
		if (code == APLOMB_EDAMAGED || code == APLOMB_EDIFFERS) {
			/* One case that cannot be read keeps nobody else from going on. */
			apl_tell(engine, APLOMB_LOG_ERROR, "case-unreadable", NULL, "%s of case %.*s waits, which cannot be read: %s",
			    apl_is_sent_row(sizes.item) ? "what was sent" : "an effect", (int)sizes.id_size, id, error->message);
			code = APLOMB_OK;
			continue;
		}
		const bool is_sent = apl_is_sent_row(sizes.item);
		if (!code && !is_sent && c != last && apl_outbox_of(engine, c) != NULL) continue;
		if (!is_sent) last = c;
		const apl_json_bounds bounds = {.depth = 1024, .size = SIZE_MAX};
		if (!code) code = apl_json_read(&engine->open_tape, text, sizes.text_size, &bounds, error);
		if (!code && engine->open_tape.cells[0].kind != APLOMB_MAP)
			code = apl_fail(error, APLOMB_EDAMAGED, "store-damaged", "case \"%s\": what the store has of an effect that waits is no map",
			    apl_case_id(c));
		if (!code && is_sent) code = apl_sent_read(engine, c, sizes.seq, sizes.item, &engine->open_tape, error);
		if (!code && !is_sent) code = apl_effect_read(engine, c, &engine->open_tape, 0, error);
	}
	apl_buf_dispose(&it.rows);
	return code ? code : apl_sent_sort(engine, error);
}
