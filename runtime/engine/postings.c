/* SPDX-License-Identifier: MIT */
/*
 * Decides where an event that one case sent another stands until what came of it
 * is committed, and what a store has of it meanwhile. The commit that sends it
 * puts a row, beside the rows of effects that wait; the commit that has what
 * became of it (a step, a refusal, a cancelled child) takes the row out. So after
 * a restart it is posted again, or it has arrived, and never both. What becomes
 * of it when it is posted is send.c's.
 *
 *   step ─▶ the batch's ─▶ waiting ─▶ posted ─▶ gone, with the commit that has what came of it
 *              commit: a row  │  ▲        │ the case that it was for never came about
 *                             │  └────────┘
 *                             ├─▶ over ─▶ gone, with the next commit: nobody is there whose journal could tell of it
 *                             └─▶ left: the case cannot be read. Its row stays, for a restart that can
 */
#include <stdlib.h>

#include "base/assert.h"
#include "engine/inside.h"
#include "time/instant.h"

/* ---- one -------------------------------------------------------------------------- */

static size_t data_room(const apl_posting *posting) {
	return posting->data_size == UINT32_MAX ? 0 : posting->data_size;
}

static size_t posting_size(const apl_posting *posting) {
	return sizeof *posting + posting->event_size + posting->to_size + data_room(posting) + posting->invoke_size + posting->by_size + 5;
}

/* Behind what stands there, terminated. */
static char *put(char *at, apl_given text) {
	if (text.size > 0) memcpy(at, text.bytes, text.size);
	at[text.size] = '\0';
	return at + text.size + 1;
}

apl_posting *apl_posting_new(apl_engine *engine, apl_posting_kind kind, apl_case *from, const apl_posting_texts *texts) {
	const apl_given data = texts->data.bytes != NULL ? texts->data : (apl_given){NULL, 0};
	size_t size = texts->event.size + texts->to.size + data.size + texts->invoke.size + texts->by.size + 5;
	apl_posting *posting = apl_new(&engine->alloc, sizeof *posting + size);
	if (posting == NULL) return NULL;
	posting->the_case = from;
	posting->kind = (uint8_t)kind;
	posting->event_size = (uint32_t)texts->event.size;
	posting->to_size = (uint32_t)texts->to.size;
	posting->data_size = data.bytes != NULL ? (uint32_t)data.size : UINT32_MAX;
	posting->invoke_size = (uint32_t)texts->invoke.size;
	posting->by_size = (uint32_t)texts->by.size;
	put(put(put(put(put(posting->texts, texts->event), texts->to), data), texts->invoke), texts->by);
	return posting;
}

void apl_posting_free(apl_engine *engine, apl_posting *posting) {
	apl_free(&engine->alloc, posting, posting_size(posting));
}

apl_posting_texts apl_posting_texts_of(const apl_posting *posting) {
	const char *to = posting->texts + posting->event_size + 1, *data = to + posting->to_size + 1, *invoke = data + data_room(posting) + 1,
	           *by = invoke + posting->invoke_size + 1;
	return (apl_posting_texts){.event = {posting->texts, posting->event_size},
	    .to = {to, posting->to_size},
	    .data = {posting->data_size == UINT32_MAX ? NULL : data, data_room(posting)},
	    .invoke = {posting->invoke_size > 0 ? invoke : NULL, posting->invoke_size},
	    .by = {posting->by_size > 0 ? by : NULL, posting->by_size}};
}

/* ---- lists ------------------------------------------------------------------------- */

void apl_postings_append(apl_postings *list, apl_posting *posting) {
	posting->next = NULL;
	posting->before = list->last;
	*(list->last != NULL ? &list->last->next : &list->first) = posting;
	list->last = posting;
}

void apl_postings_remove(apl_postings *list, apl_posting *posting) {
	*(posting->before != NULL ? &posting->before->next : &list->first) = posting->next;
	*(posting->next != NULL ? &posting->next->before : &list->last) = posting->before;
}

void apl_postings_join(apl_postings *list, apl_postings *behind) {
	behind->first->before = list->last;
	*(list->last != NULL ? &list->last->next : &list->first) = behind->first;
	list->last = behind->last;
}

void apl_posting_over(apl_engine *engine, apl_posting *posting) {
	if (engine->outbox.keeps)
		apl_postings_append(&engine->sent.over, posting);
	else
		apl_posting_free(engine, posting);
}

int apl_posting_arrives(apl_engine *engine, apl_posting *posting) {
	apl_did *did = apl_did_reserve(engine);
	if (did == NULL) return APLOMB_ENOMEM;
	did->deed = APL_DID_ARRIVE;
	did->what = posting;
	apl_did_done(engine);
	engine->batch.n_arrived++;
	return APLOMB_OK;
}

__attribute__((noinline)) void apl_posting_again(apl_engine *engine, apl_queued *queued) {
	apl_sent *sent = &engine->sent;
	apl_posting *posting = queued->posting, *behind = sent->waiting.first;
	queued->posting = NULL;
	queued->stays = posting->is_queued = false;
	apl_postings_remove(&sent->posted, posting);
	/* In its old place, before what was sent later. */
	while (behind != NULL && behind->order < posting->order) behind = behind->next;
	if (behind == NULL) {
		apl_postings_append(&sent->waiting, posting);
		return;
	}
	posting->next = behind;
	posting->before = behind->before;
	*(behind->before != NULL ? &behind->before->next : &sent->waiting.first) = posting;
	behind->before = posting;
}

void apl_sent_each_case(apl_engine *engine, void (*tell)(apl_case *c, bool pinned), bool pinned) {
	const apl_postings lists[] = {engine->sent.waiting, engine->sent.posted, engine->sent.over, engine->sent.left};
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		for (apl_posting *posting = lists[i].first; posting != NULL; posting = posting->next) tell(posting->the_case, pinned);
	}
}

static void clear(apl_engine *engine, apl_postings *list) {
	while (list->first != NULL) {
		apl_posting *gone = list->first;
		apl_postings_remove(list, gone);
		apl_posting_free(engine, gone);
	}
}

void apl_sent_clear(apl_engine *engine) {
	apl_postings *const lists[] = {&engine->sent.waiting, &engine->sent.posted, &engine->sent.over, &engine->sent.left};
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) clear(engine, lists[i]);
}

/* ---- with a commit ------------------------------------------------------------------- */

static const char *const kinds[] = {
    [APL_POST_EVENT] = "event", [APL_POST_DONE] = "done", [APL_POST_OPENING] = "opening", [APL_POST_CANCEL] = "cancel"};

static void write_text(apl_buf *out, const char *label, apl_given text) {
	if (text.size == 0) return;
	apl_buf_text(out, label);
	apl_json_write_text(out, text.bytes, text.size);
}

static void write_number(apl_buf *out, const char *label, uint64_t number) {
	apl_buf_text(out, label);
	apl_json_write_integer(out, (int64_t)number);
}

/* Canonical JSON, as formats.md says. */
static void write_posting(apl_buf *out, const apl_posting *posting) {
	const apl_posting_texts texts = apl_posting_texts_of(posting);
	const bool opens = posting->kind == APL_POST_OPENING;
	char at[APL_INSTANT_TEXT];
	apl_instant_write(posting->at, at);
	write_text(out, "{\"at\":", apl_given_text(at));
	write_text(out, ",\"by\":", texts.by);
	if (texts.data.bytes != NULL) {
		APL_BUF_LITERAL(out, ",\"data\":");
		apl_buf_add(out, texts.data.bytes, texts.data.size);
	}
	if (!opens) write_text(out, ",\"event\":", texts.event);
	write_number(out, ",\"hops\":", posting->hops);
	write_text(out, ",\"invoke\":", texts.invoke);
	write_number(out, ",\"item\":", posting->item);
	write_number(out, ",\"order\":", posting->order);
	if (opens) write_text(out, ",\"playbook\":", texts.event);
	write_text(out, ",\"sent\":", apl_given_text(kinds[posting->kind]));
	write_text(out, ",\"to\":", texts.to);
	apl_buf_byte(out, '}');
}

__attribute__((noinline)) uint32_t apl_sent_count_news(const apl_engine *engine) {
	uint32_t count = engine->batch.n_arrived;
	for (const apl_posting *posting = engine->batch.postings.first; posting != NULL; posting = posting->next) count++;
	for (const apl_posting *posting = engine->sent.over.first; posting != NULL; posting = posting->next) count++;
	return count;
}

static void name(apl_gathering *g, const apl_posting *posting, size_t begun) {
	g->effects[g->count] = (apl_store_effect){.case_id = apl_case_id(posting->the_case),
	    .case_id_size = posting->the_case->id_size,
	    .seq = posting->seq,
	    .item = APLOMB_STORE_SENT | posting->number,
	    .due_at = posting->at,
	    .size = begun != SIZE_MAX ? g->texts->size - begun : 0,
	    .mark = &posting->the_case->mark};
	g->begun[g->count++] = begun;
}

__attribute__((noinline)) void apl_sent_gather(apl_engine *engine, apl_gathering *g) {
	const apl_batch *batch = &engine->batch;
	for (const apl_posting *posting = batch->postings.first; posting != NULL; posting = posting->next) {
		const size_t begun = g->texts->size;
		write_posting(g->texts, posting);
		name(g, posting, begun);
	}
	for (uint32_t i = 0, left = batch->n_arrived; left > 0; i++) {
		if (batch->did[i].deed != APL_DID_ARRIVE) continue;
		name(g, batch->did[i].what, SIZE_MAX);
		left--;
	}
	for (const apl_posting *posting = engine->sent.over.first; posting != NULL; posting = posting->next) name(g, posting, SIZE_MAX);
}

__attribute__((noinline)) void apl_sent_kept(apl_engine *engine) {
	clear(engine, &engine->sent.over);
}

__attribute__((noinline)) void apl_sent_forget(apl_engine *engine) {
	aplomb_error error;
	if (apl_commit(engine, &error) == APLOMB_OK) return;
	apl_tell(engine, APLOMB_LOG_ERROR, "commit-failed", NULL, "%s: %s; the store does not know yet that what was sent is not taken",
	    error.slug, error.message);
}

/* ---- when a runtime opens ------------------------------------------------------------- */

static __attribute__((noinline, cold)) uint32_t cell_of(const apl_tape *tape, const char *name, aplomb_kind kind) {
	uint32_t cell = apl_tape_find(tape, 0, name, strlen(name));
	return cell != 0 && tape->cells[cell].kind == kind ? cell : 0;
}

static apl_given text_of(const apl_tape *tape, const char *name) {
	uint32_t cell = cell_of(tape, name, APLOMB_TEXT);
	return cell != 0 ? (apl_given){tape->cells[cell].as.text, tape->cells[cell].count} : (apl_given){NULL, 0};
}

static bool read_number(const apl_tape *tape, const char *name, int64_t most, uint64_t *out) {
	uint32_t cell = cell_of(tape, name, APLOMB_INTEGER);
	if (cell == 0 || tape->cells[cell].as.integer < 0 || tape->cells[cell].as.integer > most) return false;
	*out = (uint64_t)tape->cells[cell].as.integer;
	return true;
}

__attribute__((noinline, cold)) int apl_sent_read(
    apl_engine *engine, apl_case *c, uint64_t seq, uint32_t item, const apl_tape *tape, aplomb_error *error) {
	const apl_given at = text_of(tape, "at"), sent = text_of(tape, "sent");
	const uint32_t data = apl_tape_find(tape, 0, "data", 4);
	uint64_t of_item = 0, hops = 0, order = 0;
	aplomb_instant instant = 0;
	uint32_t kind = 0;
	while (kind < sizeof kinds / sizeof *kinds && (sent.size != strlen(kinds[kind]) || memcmp(sent.bytes, kinds[kind], sent.size) != 0))
		kind++;
	apl_posting_texts texts = {.event = text_of(tape, kind == APL_POST_OPENING ? "playbook" : "event"),
	    .to = text_of(tape, "to"),
	    .invoke = text_of(tape, "invoke"),
	    .by = text_of(tape, "by")};
	if (kind == sizeof kinds / sizeof *kinds || seq == 0 || seq > c->seq || texts.to.size == 0 ||
	    (texts.event.size == 0) != (kind == APL_POST_CANCEL) ||
	    (kind == APL_POST_OPENING && (texts.event.size != APL_SHA256_HEX || data == 0 || texts.invoke.size == 0)) ||
	    !read_number(tape, "item", UINT32_MAX, &of_item) || !read_number(tape, "hops", UINT32_MAX, &hops) || hops == 0 ||
	    !read_number(tape, "order", INT64_MAX - 1, &order) || at.bytes == NULL || apl_instant_read(at.bytes, at.size, &instant, NULL))
		return apl_fail(error, APLOMB_EDAMAGED, "store-damaged",
		    "case \"%s\": what the store has of an event that entry %llu sent says none", apl_case_id(c), (unsigned long long)seq);
	apl_buf *scratch = &engine->scratch;
	apl_buf_clear(scratch);
	if (data != 0) apl_json_write(scratch, tape, data);
	if (data != 0) texts.data = (apl_given){scratch->bytes, scratch->size};
	apl_posting *posting = scratch->failed ? NULL : apl_posting_new(engine, (apl_posting_kind)kind, c, &texts);
	if (posting == NULL) return apl_fail_memory(error);
	posting->seq = seq;
	posting->item = (uint32_t)of_item;
	posting->number = item & ~APLOMB_STORE_SENT;
	posting->hops = (uint32_t)hops;
	posting->order = order;
	posting->at = instant;
	apl_sent *sent_here = &engine->sent;
	apl_postings_append(&sent_here->waiting, posting);
	if (sent_here->next_order <= order) sent_here->next_order = order + 1;
	return APLOMB_OK;
}

static int by_order(const void *one, const void *other) {
	const apl_posting *const a = *(apl_posting *const *)one, *const b = *(apl_posting *const *)other;
	return (a->order > b->order) - (a->order < b->order);
}

/* The store tells them by case. */
__attribute__((noinline, cold)) int apl_sent_sort(apl_engine *engine, aplomb_error *error) {
	apl_postings *list = &engine->sent.waiting;
	size_t count = 0, n = 0;
	for (const apl_posting *posting = list->first; posting != NULL; posting = posting->next) count++;
	if (count < 2) return APLOMB_OK;
	apl_posting **sorted = apl_new(&engine->alloc, count * sizeof *sorted);
	if (sorted == NULL) return apl_fail_memory(error);
	for (apl_posting *posting = list->first; posting != NULL; posting = posting->next) sorted[n++] = posting;
	qsort(sorted, count, sizeof *sorted, by_order);
	*list = (apl_postings){NULL, NULL};
	for (n = 0; n < count; n++) apl_postings_append(list, sorted[n]);
	apl_free(&engine->alloc, sorted, count * sizeof *sorted);
	return APLOMB_OK;
}
