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
#include "base/map.h"

#define CHUNK_SIZE (APL_IS_HARD ? (size_t)512 : (size_t)16 * 1024 * 1024)

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

/* What is kept by name: a case's newest snapshot, or a playbook's source. */
typedef struct kept_text {
	uint64_t seq;
	uint32_t key_size;
	size_t size;
	char bytes[]; /* key, then the text, then NUL */
} kept_text;

typedef struct memory_store {
	apl_alloc alloc;
	apl_store_memory_options options;
	chunk *newest;
	apl_map snapshots;
	apl_map sources;
	/* Scratch of a commit, kept from one to the next. */
	uint64_t *old_marks;
	uint32_t old_marks_capacity;
	kept_text **new_snapshots;
	uint32_t new_snapshots_capacity;
} memory_store;

/* ---- texts by name ------------------------------------------------------ */

static size_t kept_size(const kept_text *text) {
	return sizeof *text + text->key_size + text->size + 1;
}

static kept_text *keep_text(memory_store *store, const char *key, uint32_t key_size, const char *bytes, size_t size, uint64_t seq) {
	if (size > SIZE_MAX - sizeof(kept_text) - key_size - 1) return NULL;
	kept_text *text = apl_resize(&store->alloc, NULL, 0, sizeof *text + key_size + size + 1);
	if (text == NULL) return NULL;
	text->seq = seq;
	text->key_size = key_size;
	text->size = size;
	memcpy(text->bytes, key, key_size);
	if (size > 0) memcpy(text->bytes + key_size, bytes, size);
	text->bytes[key_size + size] = '\0';
	return text;
}

static void drop_text(memory_store *store, kept_text *text) {
	if (text != NULL) apl_free(&store->alloc, text, kept_size(text));
}

static void drop_texts(memory_store *store, apl_map *map) {
	for (uint32_t i = 0; i < map->capacity; i++) {
		if (map->slots[i].hash > 1) drop_text(store, map->slots[i].value);
	}
	apl_map_dispose(map);
}

/* ---- lines -------------------------------------------------------------- */

static chunk *add_chunk(memory_store *store, size_t at_least) {
	size_t size = at_least > CHUNK_SIZE ? at_least : CHUNK_SIZE;
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
	if (mark == 0) return true; /* a new case, or one that goes on here from a snapshot */
	if (store->options.forget) return line->seq == mark;
	const kept_line *before = line_at(mark);
	return !before->followed && line->seq == before->seq + 1;
}

static int conflict(const apl_store_line *line, aplomb_error *error) {
	return apl_fail(error, APLOMB_ESTORE, "store-conflict",
	    "case \"%.*s\": entry %llu does not follow the newest one in the store: somebody else stepped the case", (int)line->case_id_size,
	    line->case_id, (unsigned long long)line->seq);
}

/* Copies the line behind the others and moves its case's mark to it. */
static int keep_line(memory_store *store, const apl_store_line *line, aplomb_error *error) {
	size_t size = (sizeof(kept_line) + line->size + 7u) & ~(size_t)7u;
	chunk *room = store->newest;
	if (room == NULL || room->size - room->used < size) room = add_chunk(store, size);
	if (room == NULL) return apl_fail_memory(error);
	kept_line *kept = (kept_line *)(void *)(room->room + room->used);
	kept->before = line_at(*line->mark);
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
		if (!store->options.forget && *mark != 0) line_at(*mark)->followed = false;
	}
	while (store->newest != newest) drop_newest_chunk(store);
	if (newest != NULL) newest->used = used;
}

static int keep_lines(memory_store *store, const apl_store_batch *batch, uint32_t *kept, aplomb_error *error) {
	for (uint32_t i = 0; i < batch->n_lines; i++, (*kept)++) {
		const apl_store_line *line = &batch->lines[i];
		store->old_marks[i] = *line->mark;
		if (!follows(store, line)) return conflict(line, error);
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

static bool scratch_for(memory_store *store, const apl_store_batch *batch) {
	if (store->old_marks_capacity < batch->n_lines) {
		uint64_t *marks =
		    apl_resize(&store->alloc, store->old_marks, store->old_marks_capacity * sizeof *marks, batch->n_lines * sizeof *marks);
		if (marks == NULL) return false;
		store->old_marks = marks;
		store->old_marks_capacity = batch->n_lines;
	}
	if (store->new_snapshots_capacity < batch->n_snapshots) {
		kept_text **snapshots = apl_resize(&store->alloc, store->new_snapshots, store->new_snapshots_capacity * sizeof(kept_text *),
		    batch->n_snapshots * sizeof(kept_text *));
		if (snapshots == NULL) return false;
		store->new_snapshots = snapshots;
		store->new_snapshots_capacity = batch->n_snapshots;
	}
	return true;
}

/*
 * Copies the batch's snapshots and makes a slot for each that is its case's
 * first, so that putting them in place cannot fail. A slot that stays behind
 * when the commit fails later holds an empty text, which reads as none.
 */
static int copy_snapshots(memory_store *store, const apl_store_batch *batch, uint32_t *copied, aplomb_error *error) {
	for (; *copied < batch->n_snapshots; (*copied)++) {
		const apl_store_snapshot *snapshot = &batch->snapshots[*copied];
		kept_text *text = keep_text(store, snapshot->case_id, snapshot->case_id_size, snapshot->text, snapshot->size, snapshot->seq);
		if (text == NULL) return apl_fail_memory(error);
		store->new_snapshots[*copied] = text;
		if (apl_map_get(&store->snapshots, text->bytes, text->key_size) != NULL) continue;
		kept_text *empty = keep_text(store, snapshot->case_id, snapshot->case_id_size, "", 0, 0);
		if (empty == NULL || !apl_map_put(&store->snapshots, empty->bytes, empty->key_size, empty)) {
			drop_text(store, empty);
			drop_text(store, text);
			return apl_fail_memory(error);
		}
	}
	return APLOMB_OK;
}

static void place_snapshots(memory_store *store, uint32_t count) {
	for (uint32_t i = 0; i < count; i++) {
		kept_text *text = store->new_snapshots[i];
		kept_text *before = apl_map_get(&store->snapshots, text->bytes, text->key_size);
		/* There is a slot for it: replacing needs no memory. */
		bool placed = apl_map_put(&store->snapshots, text->bytes, text->key_size, text);
		APL_ASSERT(placed);
		drop_text(store, before);
	}
}

static int ask_sink(const memory_store *store, const apl_store_batch *batch, aplomb_error *error) {
	if (store->options.sink == NULL || batch->size == 0) return APLOMB_OK;
	int answer = store->options.sink(batch->bytes, batch->size, store->options.sink_payload);
	if (answer == 0) return APLOMB_OK;
	return apl_fail(
	    error, APLOMB_ESTORE, "journal-sink", "the journal's sink did not take %zu bytes of lines and answered %d", batch->size, answer);
}

static int commit(void *self, const apl_store_batch *batch, aplomb_error *error) {
	memory_store *store = self;
	if (!scratch_for(store, batch)) return apl_fail_memory(error);
	chunk *newest = store->newest;
	size_t used = newest != NULL ? newest->used : 0;
	uint32_t kept = 0, copied = 0;
	int code = keep_lines(store, batch, &kept, error);
	if (!code) code = copy_snapshots(store, batch, &copied, error);
	if (!code) code = ask_sink(store, batch, error);
	if (code) {
		take_back(store, batch, kept, newest, used);
		for (uint32_t i = 0; i < copied; i++) drop_text(store, store->new_snapshots[i]);
		return code;
	}
	place_snapshots(store, copied);
	return APLOMB_OK;
}

/* ---- reading ------------------------------------------------------------ */

/* Lines point only backwards: gather their addresses, then tell them in order. */
static int read_lines(void *self, const char *case_id, uint32_t case_id_size, uint64_t mark, uint64_t from,
    int (*line)(const char *text, size_t size, void *payload), void *payload, aplomb_error *error) {
	memory_store *store = self;
	(void)case_id;
	(void)case_id_size;
	if (store->options.forget || mark == 0) return APLOMB_OK;
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

static int newest_snapshot(
    void *self, const char *case_id, uint32_t case_id_size, const char **text, size_t *size, uint64_t *seq, aplomb_error *error) {
	memory_store *store = self;
	const kept_text *kept = apl_map_get(&store->snapshots, case_id, case_id_size);
	if (kept == NULL || kept->size == 0) {
		return apl_fail(error, APLOMB_ENOTFOUND, "no-snapshot", "case \"%.*s\" has no snapshot in the store", (int)case_id_size, case_id);
	}
	*text = kept->bytes + kept->key_size;
	*size = kept->size;
	*seq = kept->seq;
	return APLOMB_OK;
}

static int put_source(void *self, const char *hash, const char *bytes, size_t size, aplomb_error *error) {
	memory_store *store = self;
	uint32_t hash_size = (uint32_t)strlen(hash);
	if (apl_map_get(&store->sources, hash, hash_size) != NULL) return APLOMB_OK;
	kept_text *text = keep_text(store, hash, hash_size, bytes, size, 0);
	if (text == NULL || !apl_map_put(&store->sources, text->bytes, hash_size, text)) {
		drop_text(store, text);
		return apl_fail_memory(error);
	}
	return APLOMB_OK;
}

static int get_source(void *self, const char *hash, const char **bytes, size_t *size, aplomb_error *error) {
	memory_store *store = self;
	const kept_text *text = apl_map_get(&store->sources, hash, strlen(hash));
	if (text == NULL) return apl_fail(error, APLOMB_ENOTFOUND, "no-source", "the store holds no playbook of hash %s", hash);
	*bytes = text->bytes + text->key_size;
	*size = text->size;
	return APLOMB_OK;
}

static void close_store(void *self) {
	memory_store *store = self;
	while (store->newest != NULL) drop_newest_chunk(store);
	drop_texts(store, &store->snapshots);
	drop_texts(store, &store->sources);
	apl_free(&store->alloc, store->old_marks, store->old_marks_capacity * sizeof *store->old_marks);
	apl_free(&store->alloc, store->new_snapshots, store->new_snapshots_capacity * sizeof(kept_text *));
	apl_alloc alloc = store->alloc;
	apl_free(&alloc, store, sizeof *store);
}

int apl_store_memory_open(apl_store *out, const apl_alloc *alloc, const apl_store_memory_options *options, aplomb_error *error) {
	static const apl_store_ops ops = {commit, read_lines, newest_snapshot, put_source, get_source, close_store};
	memory_store *store = apl_new(alloc, sizeof *store);
	if (store == NULL) return apl_fail_memory(error);
	store->alloc = *alloc;
	if (options != NULL) store->options = *options;
	apl_map_init(&store->snapshots, alloc);
	apl_map_init(&store->sources, alloc);
	*out = (apl_store){&ops, store, store->options.forget && store->options.sink == NULL};
	return APLOMB_OK;
}
