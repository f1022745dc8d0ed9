/* SPDX-License-Identifier: MIT */
/*
 * Decides what a store is told of effects that wait, and how they come back with
 * their case, and what cases sent to one another (postings.c) when a runtime
 * opens. A row is put by the commit that wants the effect, put anew when what is
 * known of it matters after a restart or is all that will be, for it leaves
 * memory with its case, and taken out by the commit
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
	    /* After a restart whatever does not wait for a time is looked at at once. */
	    .due_at = row->state == APL_ROW_WAITS && row->timer.position != 0 ? row->timer.due_at : row->at};
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
		if (!row->has_changed) continue;
		outbox->n_changed--;
		row->has_changed = false;
		row->is_kept = row->state == APL_ROW_WAITS;
	}
	if (engine->sent.over.first != NULL) apl_sent_kept(engine);
}

/* ---- a case comes back -------------------------------------------------------------- */

static int read_text(apl_tape *tape, const apl_case *c, const char *of, const char *text, size_t size, aplomb_error *error) {
	const apl_json_bounds bounds = {.depth = 1024, .size = SIZE_MAX};
	aplomb_error why;
	int code = apl_json_read(tape, text, size, &bounds, &why);
	if (code == APLOMB_ENOMEM) return apl_fail_memory(error);
	if (!code && tape->cells[0].kind == APLOMB_MAP) return APLOMB_OK;
	return apl_fail(error, APLOMB_EDAMAGED, "store-damaged", "case \"%s\": what the store has of %s is no map%s%s", apl_case_id(c), of,
	    code ? ": " : "", code ? why.message : "");
}

typedef struct reading {
	apl_engine *engine;
	apl_case *the_case;
	aplomb_error *error;
} reading;

static int read_row(const apl_store_effect *effect, void *payload) {
	const reading *r = payload;
	apl_tape *tape = &r->engine->pages->tape;
	int code = read_text(tape, r->the_case, "an effect that waits", effect->text, effect->size, r->error);
	if (!code) code = apl_effect_read(r->engine, r->the_case, tape, 0, r->error);
	if (code) return code;
	apl_outbox_row *row = apl_outbox_of(r->engine, r->the_case);
	while (row != NULL && (row->seq != effect->seq || row->item != effect->item)) row = apl_outbox_next_of(row);
	if (row == NULL)
		return apl_fail(r->error, APLOMB_EDAMAGED, "store-damaged",
		    "case \"%s\": what the store has of an effect of entry %llu that waits is another one", apl_case_id(r->the_case),
		    (unsigned long long)effect->seq);
	/* One that the store tells too early would come again and again. */
	row->is_kept = row->state == APL_ROW_WAITS && row->timer.due_at <= effect->due_at;
	return APLOMB_OK;
}

int apl_outbox_come_back(apl_engine *engine, apl_case *c, aplomb_error *error) {
	const apl_store *store = &engine->store;
	reading r = {engine, c, error};
	if (!engine->outbox.keeps) return APLOMB_OK;
	return store->ops->effects(store->self, apl_case_id(c), c->id_size, c->mark, read_row, &r, error);
}

/* ---- when a runtime opens ---------------------------------------------------------- */

typedef struct found_row {
	uint64_t seq;
	uint32_t item, id_size;
	size_t text_size;
} found_row;

/* A row as it is told: its sizes, the case's id, the text. No case is looked for while the store still tells. */
static int note_row(const apl_store_effect *effect, void *payload) {
	apl_buf *rows = payload;
	const found_row sizes = {effect->seq, effect->item, effect->case_id_size, effect->size};
	apl_buf_add(rows, &sizes, sizeof sizes);
	apl_buf_add(rows, effect->case_id, effect->case_id_size);
	apl_buf_add(rows, effect->text, effect->size);
	return rows->failed ? APLOMB_ENOMEM : APLOMB_OK;
}

int apl_sent_reload(apl_engine *engine, aplomb_error *error) {
	const apl_store *store = &engine->store;
	if (!engine->outbox.keeps) return APLOMB_OK;
	aplomb_error own;
	if (error == NULL) error = &own;
	apl_buf rows;
	apl_buf_init(&rows, &engine->alloc);
	int code = store->ops->sent(store->self, note_row, &rows, error);
	if (rows.failed) code = apl_fail_memory(error);
	for (size_t at = 0; at < rows.size && !code;) {
		found_row sizes;
		memcpy(&sizes, rows.bytes + at, sizeof sizes);
		const char *id = rows.bytes + at + sizeof sizes, *text = id + sizes.id_size;
		at += sizeof sizes + sizes.id_size + sizes.text_size;
		apl_case *c = NULL;
		code = apl_page_in(engine, id, sizes.id_size, &c, error);
		if (code == APLOMB_EDAMAGED || code == APLOMB_EDIFFERS) {
			/* One case that cannot be read keeps nobody else from going on. */
			apl_tell(engine, APLOMB_LOG_ERROR, "case-unreadable", NULL, "what case %.*s sent waits, and the case cannot be read: %s",
			    (int)sizes.id_size, id, error->message);
			code = APLOMB_OK;
			continue;
		}
		if (!code) code = read_text(&engine->open_tape, c, "what it sent", text, sizes.text_size, error);
		if (!code) code = apl_sent_read(engine, c, sizes.seq, sizes.item, &engine->open_tape, error);
	}
	apl_buf_dispose(&rows);
	return code ? code : apl_sent_sort(engine, error);
}
