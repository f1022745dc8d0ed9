/* SPDX-License-Identifier: MIT */
/*
 * The reference store: everything in memory, nothing survives the process.
 *
 * Lines lie one behind another in large chunks, in the order of the commits.
 * Each has a small header that says where its case's line before lies, so a
 * mark is the address of a case's newest line and no table of cases is needed:
 *
 *   chunk  [ older │ c1/0 │ c2/0 │ c1/1 │ c1/2 │ c2/1 │ … free ]
 *                     ↑──────────────┘↑─────┘
 *
 * A commit first copies (which may fail for memory), then asks the sink (which
 * may refuse), and only then moves marks (which cannot fail); a refused commit
 * winds the chunks back to where they were.
 *
 * A store that forgets keeps no lines; its mark is the newest entry's number
 * plus one, which is enough to notice a conflict.
 */
#include "store/store.h"

#include <string.h>

#include "base/assert.h"
#include "base/hard.h"
#include "store/memory_kept.h"

/* Each chunk is twice the last: a host of ten cases pays kilobytes, one of a million few calls. In the hostile build none grows. */
#define LEAST_CHUNK (APL_IS_HARD ? (size_t)512 : (size_t)64 * 1024)
#define LARGEST_CHUNK (APL_IS_HARD ? LEAST_CHUNK : (size_t)16 * 1024 * 1024)

typedef struct kept_line {
	struct kept_line *before; /* of the same case, or NULL */
	uint64_t seq;
	uint32_t size; /* with the newline */
	bool followed; /* another line of its case has come since */
	char text[];
} kept_line;

typedef struct chunk {
	struct chunk *older;
	size_t size; /* of the room */
	size_t used;
	_Alignas(16) char room[];
} chunk;

typedef struct memory_store {
	apl_alloc alloc;
	apl_store_memory_options options;
	chunk *newest;
	apl_kept_texts snapshots, sources, effects;
	apl_kept_heads heads;
	aplomb_instant last_at;
	/* Scratch of a commit, kept from one to the next. */
	uint64_t *old_marks;
	uint32_t old_marks_capacity;
} memory_store;

/* The mark of a case that has no line here yet: it came as a snapshot. */
#define NO_LINE 1

/* ---- lines -------------------------------------------------------------- */

static chunk *add_chunk(memory_store *store, size_t at_least) {
	size_t size = store->newest == NULL ? LEAST_CHUNK : store->newest->size * 2;
	if (size > LARGEST_CHUNK) size = LARGEST_CHUNK;
	if (size < at_least) size = at_least;
	chunk *made = apl_resize(&store->alloc, NULL, 0, sizeof *made + size);
	if (made == NULL) return NULL;
	made->older = store->newest;
	made->size = size;
	made->used = 0;
	store->newest = made;
	return made;
}

static void drop_newest_chunk(memory_store *store) {
	chunk *gone = store->newest;
	store->newest = gone->older;
	apl_free(&store->alloc, gone, sizeof *gone + gone->size);
}

static kept_line *line_at(uint64_t mark) {
	return (kept_line *)(uintptr_t)mark;
}

/* Does the line come right after what the mark says is there? */
static bool follows(const memory_store *store, const apl_store_line *line) {
	uint64_t mark = *line->mark;
	if (mark == 0 && store->options.pages && apl_kept_head_find(&store->heads, line->case_id, line->case_id_size) != NULL) return false;
	if (mark == 0 || mark == NO_LINE) return true; /* a new case, or one that goes on here from a snapshot */
	if (store->options.forget) return line->seq == mark;
	const kept_line *before = line_at(mark);
	return !before->followed && line->seq == before->seq + 1;
}

/* Copies the line behind the others and moves its case's mark to it. */
static int keep_line(memory_store *store, const apl_store_line *line, aplomb_error *error) {
	size_t size = (sizeof(kept_line) + line->size + 7u) & ~(size_t)7u;
	chunk *room = store->newest;
	if (room == NULL || room->size - room->used < size) room = add_chunk(store, size);
	if (room == NULL) return apl_fail_memory(error);
	kept_line *kept = (kept_line *)(void *)(room->room + room->used);
	kept->before = *line->mark != NO_LINE ? line_at(*line->mark) : NULL;
	kept->seq = line->seq;
	kept->size = line->size;
	kept->followed = false;
	memcpy(kept->text, line->text, line->size);
	room->used += size;
	if (kept->before != NULL) kept->before->followed = true;
	*line->mark = (uint64_t)(uintptr_t)kept;
	return APLOMB_OK;
}

/* Takes back the first [count] lines of the batch, newest first. */
static void take_back(memory_store *store, const apl_store_batch *batch, uint32_t count, chunk *newest, size_t used) {
	while (count > 0) {
		count--;
		uint64_t *mark = batch->lines[count].mark;
		*mark = store->old_marks[count];
		if (!store->options.forget && *mark != 0 && *mark != NO_LINE) line_at(*mark)->followed = false;
	}
	while (store->newest != newest) drop_newest_chunk(store);
	if (newest != NULL) newest->used = used;
}

static int keep_lines(memory_store *store, const apl_store_batch *batch, uint32_t *kept, aplomb_error *error) {
	for (uint32_t i = 0; i < batch->n_lines; i++, (*kept)++) {
		const apl_store_line *line = &batch->lines[i];
		store->old_marks[i] = *line->mark;
		if (!follows(store, line)) return apl_store_fail_conflict(line, error);
		if (store->options.forget) {
			*line->mark = line->seq + 1;
		} else {
			int code = keep_line(store, line, error);
			if (code) return code;
		}
	}
	return APLOMB_OK;
}

/* ---- commit ------------------------------------------------------------- */

static bool scratch_for(memory_store *store, uint32_t n_lines) {
	if (store->old_marks_capacity >= n_lines) return true;
	uint64_t *marks = apl_resize(&store->alloc, store->old_marks, store->old_marks_capacity * sizeof *marks, n_lines * sizeof *marks);
	if (marks == NULL) return false;
	store->old_marks = marks;
	store->old_marks_capacity = n_lines;
	return true;
}

/* Everything that needs memory, so that putting it in place cannot fail. */
static bool prepare(memory_store *store, const apl_store_batch *batch) {
	store->heads.n_prepared = 0;
	for (uint32_t i = 0; i < batch->n_snapshots; i++) {
		const apl_store_snapshot *snapshot = &batch->snapshots[i];
		if (!apl_kept_prepare(&store->snapshots, snapshot->case_id, snapshot->case_id_size, snapshot->text, snapshot->size, snapshot->seq))
			return false;
	}
	for (uint32_t i = 0; i < batch->n_effects; i++) {
		const apl_store_effect *effect = &batch->effects[i];
		char key[APL_KEPT_EFFECT_KEY];
		size_t key_size = apl_kept_effect_key(key, effect);
		if (effect->text != NULL &&
		    !apl_kept_prepare(&store->effects, key, (uint32_t)key_size, effect->text, effect->size, (uint64_t)effect->due_at))
			return false;
	}
	for (uint32_t i = 0; i < batch->n_heads && store->options.pages; i++) {
		if (!apl_kept_head_prepare(&store->heads, &batch->heads[i])) return false;
	}
	return true;
}

static void place(memory_store *store, const apl_store_batch *batch) {
	apl_kept_place(&store->snapshots);
	apl_kept_place(&store->effects);
	for (uint32_t i = 0; i < batch->n_effects; i++) {
		if (batch->effects[i].text != NULL) continue;
		char key[APL_KEPT_EFFECT_KEY];
		apl_kept_remove(&store->effects, key, (uint32_t)apl_kept_effect_key(key, &batch->effects[i]));
	}
	for (uint32_t i = 0; i < batch->n_heads && store->options.pages; i++) {
		uint64_t *mark = batch->heads[i].mark;
		if (*mark == 0) *mark = NO_LINE;
		apl_kept_head_place(&store->heads, &batch->heads[i]);
	}
	store->last_at = batch->now;
}

static int commit(void *self, const apl_store_batch *batch, aplomb_error *error) {
	memory_store *store = self;
	if (!scratch_for(store, batch->n_lines)) return apl_fail_memory(error);
	chunk *newest = store->newest;
	size_t used = newest != NULL ? newest->used : 0;
	uint32_t kept = 0;
	int code = keep_lines(store, batch, &kept, error);
	if (!code && !prepare(store, batch)) code = apl_fail_memory(error);
	if (!code) code = apl_store_ask_sink(store->options.sink, store->options.sink_payload, batch, error);
	if (code) {
		take_back(store, batch, kept, newest, used);
		apl_kept_drop_prepared(&store->snapshots);
		apl_kept_drop_prepared(&store->effects);
		return code;
	}
	place(store, batch);
	return APLOMB_OK;
}

/* ---- reading ------------------------------------------------------------ */

/* Lines point only backwards: gather their addresses, then tell them in order. */
static int read_lines(void *self, const char *case_id, uint32_t case_id_size, uint64_t mark, uint64_t from,
    int (*line)(const char *text, size_t size, void *payload), void *payload, aplomb_error *error) {
	memory_store *store = self;
	(void)case_id;
	(void)case_id_size;
	if (store->options.forget || mark == 0 || mark == NO_LINE) return APLOMB_OK;
	const kept_line *newest = line_at(mark);
	/* Of a case that goes on here from a snapshot the first ones are not there. */
	uint64_t count = 0;
	for (const kept_line *at = newest; at != NULL && at->seq >= from; at = at->before) count++;
	if (count == 0) return APLOMB_OK;
	if (count > SIZE_MAX / sizeof newest) return apl_fail_memory(error);
	size_t size = (size_t)count * sizeof newest;
	const kept_line **lines = apl_resize(&store->alloc, NULL, 0, size);
	if (lines == NULL) return apl_fail_memory(error);
	uint64_t to_fill = count;
	for (const kept_line *at = newest; to_fill > 0; at = at->before) lines[--to_fill] = at;
	int code = APLOMB_OK;
	for (uint64_t i = 0; i < count && !code; i++) code = line(lines[i]->text, lines[i]->size - 1, payload);
	apl_free(&store->alloc, lines, size);
	return code;
}

static int newest_snapshot(void *self, const char *case_id, uint32_t case_id_size, uint64_t mark, uint64_t upto, const char **text,
    size_t *size, uint64_t *seq, aplomb_error *error) {
	memory_store *store = self;
	(void)mark;
	const apl_kept_text *kept = apl_kept_find(&store->snapshots, case_id, case_id_size);
	if (kept == NULL || kept->number > upto) return apl_store_fail_no_snapshot(case_id, case_id_size, error);
	*text = apl_kept_bytes(kept);
	*size = kept->size;
	*seq = kept->number;
	return APLOMB_OK;
}

static int put_source(void *self, const char *hash, const char *bytes, size_t size, aplomb_error *error) {
	memory_store *store = self;
	uint32_t hash_size = (uint32_t)strlen(hash);
	if (apl_kept_find(&store->sources, hash, hash_size) != NULL) return APLOMB_OK;
	if (!apl_kept_prepare(&store->sources, hash, hash_size, bytes, size, 0)) {
		apl_kept_drop_prepared(&store->sources);
		return apl_fail_memory(error);
	}
	apl_kept_place(&store->sources);
	return APLOMB_OK;
}

static int get_source(void *self, const char *hash, const char **bytes, size_t *size, aplomb_error *error) {
	memory_store *store = self;
	const apl_kept_text *kept = apl_kept_find(&store->sources, hash, (uint32_t)strlen(hash));
	if (kept == NULL) return apl_store_fail_no_source(hash, error);
	*bytes = apl_kept_bytes(kept);
	*size = kept->size;
	return APLOMB_OK;
}

/* ---- who holds what, and what is due --------------------------------------- */

static int find_case(void *self, const char *case_id, uint32_t case_id_size, apl_store_found *out, aplomb_error *error) {
	memory_store *store = self;
	apl_kept_head *head = apl_kept_head_find(&store->heads, case_id, case_id_size);
	if (head == NULL) return apl_store_fail_no_case(case_id, case_id_size, error);
	head->is_held = true;
	out->mark = head->mark;
	out->seq = head->seq;
	out->status = head->status;
	out->due_at = head->due_at;
	return APLOMB_OK;
}

static void leave_case(void *self, const char *case_id, uint32_t case_id_size, uint64_t mark) {
	memory_store *store = self;
	(void)mark;
	apl_kept_head *head = apl_kept_head_find(&store->heads, case_id, case_id_size);
	if (head != NULL) head->is_held = false;
}

static int due_cases(void *self, aplomb_instant until, uint32_t most,
    void (*tell)(const char *case_id, uint32_t case_id_size, aplomb_instant due_at, void *payload), void *payload, aplomb_error *error) {
	memory_store *store = self;
	apl_kept_heads_wake(&store->heads, &store->effects);
	return apl_kept_heads_due(&store->heads, until, most, tell, payload) ? APLOMB_OK : apl_fail_memory(error);
}

static aplomb_instant next_due(void *self) {
	memory_store *store = self;
	apl_kept_heads_wake(&store->heads, &store->effects);
	return apl_kept_heads_next_due(&store->heads);
}

static int all_cases(void *self, int (*tell)(const apl_store_head *head, void *payload), void *payload, aplomb_error *error) {
	const memory_store *store = self;
	(void)error;
	return apl_kept_heads_each(&store->heads, tell, payload);
}

static int each_chosen(const memory_store *store, const apl_kept_choice *choice, int (*tell)(const apl_store_effect *effect, void *payload),
    void *payload, aplomb_error *error) {
	int answer = APLOMB_OK;
	return apl_kept_effects_each(&store->effects, choice, tell, payload, &answer) ? answer : apl_fail_memory(error);
}

static int each_effect(void *self, const char *case_id, uint32_t case_id_size, uint64_t mark,
    int (*tell)(const apl_store_effect *effect, void *payload), void *payload, aplomb_error *error) {
	(void)mark;
	return each_chosen(self, &(apl_kept_choice){.case_id = case_id, .case_id_size = case_id_size}, tell, payload, error);
}

static uint64_t n_effects(void *self) {
	const memory_store *store = self;
	return apl_kept_effects_count(&store->effects, &(apl_kept_choice){.case_id = NULL});
}

static int each_sent(void *self, int (*tell)(const apl_store_effect *effect, void *payload), void *payload, aplomb_error *error) {
	return each_chosen(self, &(apl_kept_choice){.sent = true}, tell, payload, error);
}

static aplomb_instant last_at(void *self) {
	const memory_store *store = self;
	return store->last_at;
}

static void close_store(void *self) {
	memory_store *store = self;
	while (store->newest != NULL) drop_newest_chunk(store);
	apl_kept_dispose(&store->snapshots);
	apl_kept_dispose(&store->sources);
	apl_kept_dispose(&store->effects);
	apl_kept_heads_dispose(&store->heads);
	apl_free(&store->alloc, store->old_marks, store->old_marks_capacity * sizeof *store->old_marks);
	apl_alloc alloc = store->alloc;
	apl_free(&alloc, store, sizeof *store);
}

int apl_store_memory_open(apl_store *out, const apl_alloc *alloc, const apl_store_memory_options *options, aplomb_error *error) {
	static const apl_store_ops ops = {.size = sizeof ops,
	    .commit = commit,
	    .read = read_lines,
	    .snapshot = newest_snapshot,
	    .put_source = put_source,
	    .get_source = get_source,
	    .find = find_case,
	    .leave = leave_case,
	    .due = due_cases,
	    .next_due = next_due,
	    .cases = all_cases,
	    .effects = each_effect,
	    .n_effects = n_effects,
	    .sent = each_sent,
	    .last_at = last_at,
	    .close = close_store};
	memory_store *store = apl_new(alloc, sizeof *store);
	if (store == NULL) return apl_fail_memory(error);
	store->alloc = *alloc;
	if (options != NULL) store->options = *options;
	store->last_at = APLOMB_NEVER;
	apl_kept_init(&store->snapshots, alloc);
	apl_kept_init(&store->sources, alloc);
	apl_kept_init(&store->effects, alloc);
	apl_kept_heads_init(&store->heads, alloc);
	*out = (apl_store){&ops, store, store->options.forget && store->options.sink == NULL, store->options.pages};
	return APLOMB_OK;
}
