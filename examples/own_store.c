/* SPDX-License-Identifier: MIT */
/*
 * A store of one's own: cases are kept by this program, here in its memory, so
 * that one runtime goes on where another stopped. Whoever keeps them in a
 * database of theirs replaces what stands between the comments; what each
 * function must promise is said in aplomb.h (aplomb_store_ops).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <aplomb.h>

typedef struct kept_text {
	char *bytes;
	size_t size;
	uint64_t seq;
} kept_text;

typedef struct kept_case {
	char id[257], playbook[65];
	int status;
	uint64_t first, newest; /* entries: the lines are those from first to newest */
	aplomb_instant due_at;
	bool is_held;
	kept_text snapshot;
	kept_text *lines;
	size_t n_lines;
} kept_case;

/* An effect that waits, or what one case sent another and the other has not taken yet: a row under its case, entry and item. */
typedef struct kept_row {
	char id[257];
	uint64_t seq;
	uint32_t item;
	aplomb_instant due_at;
	kept_text text;
} kept_row;

typedef struct own_store {
	kept_case *cases; /* a mark is the place here, from 1 */
	size_t n_cases;
	kept_row *rows; /* by their names */
	size_t n_rows;
	kept_text sources[8]; /* [bytes]: the hash, NUL, the source */
	size_t n_sources;
	aplomb_instant last_at;
} own_store;

static int fail(aplomb_error *error, int code, const char *slug, const char *message) {
	if (error == NULL) return code;
	*error = (aplomb_error){.code = code};
	snprintf(error->slug, sizeof error->slug, "%s", slug);
	snprintf(error->message, sizeof error->message, "%s", message);
	return code;
}

static kept_case *case_of(own_store *store, const char *id, size_t size) {
	for (size_t i = 0; i < store->n_cases; i++)
		if (strlen(store->cases[i].id) == size && memcmp(store->cases[i].id, id, size) == 0) return &store->cases[i];
	return NULL;
}

/* Nothing is taken before everything has been looked at; a program that has no memory left ends here. */
static void *need(void *block, size_t size) {
	void *more = realloc(block, size);
	if (more == NULL) abort();
	return more;
}

static kept_text copy(const char *bytes, size_t size, uint64_t seq) {
	kept_text made = {need(NULL, size + 1), size, seq};
	memcpy(made.bytes, bytes, size);
	made.bytes[size] = '\0';
	return made;
}

/* ---- a commit ---------------------------------------------------------------- */

/* Does each line come right behind the one before it, in the store or in the batch? */
static int look(own_store *store, const aplomb_store_batch *batch, aplomb_error *error) {
	for (uint32_t i = 0; i < batch->n_lines; i++) {
		const aplomb_store_line *line = &batch->lines[i], *before = NULL;
		for (uint32_t k = 0; k < i; k++)
			if (batch->lines[k].mark == line->mark) before = &batch->lines[k];
		bool follows = before != NULL     ? line->seq == before->seq + 1
		               : *line->mark != 0 ? line->seq == store->cases[*line->mark - 1].newest + 1
		                                  : case_of(store, line->case_id, line->case_id_size) == NULL;
		if (!follows) return fail(error, APLOMB_ESTORE, "store-conflict", "somebody else stepped the case");
	}
	return APLOMB_OK;
}

static kept_case *take(own_store *store, const char *id, size_t size, uint64_t *mark, uint64_t first) {
	if (*mark == 0) {
		store->cases = need(store->cases, (store->n_cases + 1) * sizeof *store->cases);
		kept_case *new = &store->cases[store->n_cases++];
		*new = (kept_case){.first = first, .newest = first - 1, .due_at = APLOMB_NEVER, .is_held = true};
		memcpy(new->id, id, size);
		*mark = store->n_cases;
	}
	return &store->cases[*mark - 1];
}

static int compare(const kept_row *row, const char *id, uint64_t seq, uint32_t item) {
	int order = strcmp(row->id, id);
	if (order != 0) return order;
	if (row->seq != seq) return row->seq < seq ? -1 : 1;
	return row->item == item ? 0 : row->item < item ? -1 : 1;
}

/* Put in the place of the one of that name, or taken out. */
static void keep_row(own_store *store, const aplomb_store_effect *effect) {
	char id[257] = "";
	size_t i = 0;
	memcpy(id, effect->case_id, effect->case_id_size);
	while (i < store->n_rows && compare(&store->rows[i], id, effect->seq, effect->item) < 0) i++;
	bool is_there = i < store->n_rows && compare(&store->rows[i], id, effect->seq, effect->item) == 0;
	if (is_there) {
		free(store->rows[i].text.bytes);
		memmove(&store->rows[i], &store->rows[i + 1], (--store->n_rows - i) * sizeof *store->rows);
	}
	if (effect->text == NULL) return;
	store->rows = need(store->rows, (store->n_rows + 1) * sizeof *store->rows);
	memmove(&store->rows[i + 1], &store->rows[i], (store->n_rows++ - i) * sizeof *store->rows);
	store->rows[i] =
	    (kept_row){.seq = effect->seq, .item = effect->item, .due_at = effect->due_at, .text = copy(effect->text, effect->size, 0)};
	memcpy(store->rows[i].id, id, sizeof id);
}

static int commit(void *self, const aplomb_store_batch *batch, aplomb_error *error) {
	own_store *store = self;
	int code = look(store, batch, error);
	if (code != APLOMB_OK) return code;
	for (uint32_t i = 0; i < batch->n_lines; i++) {
		const aplomb_store_line *line = &batch->lines[i];
		kept_case *c = take(store, line->case_id, line->case_id_size, line->mark, line->seq);
		c->lines = need(c->lines, (c->n_lines + 1) * sizeof *c->lines);
		c->lines[c->n_lines++] = copy(line->text, line->size - 1, line->seq);
		c->newest = line->seq;
	}
	for (uint32_t i = 0; i < batch->n_snapshots; i++) {
		const aplomb_store_snapshot *snapshot = &batch->snapshots[i];
		kept_case *c = take(store, snapshot->case_id, snapshot->case_id_size, snapshot->mark, snapshot->seq + 1);
		free(c->snapshot.bytes);
		c->snapshot = copy(snapshot->text, snapshot->size, snapshot->seq);
	}
	for (uint32_t i = 0; i < batch->n_heads; i++) {
		const aplomb_store_head *head = &batch->heads[i];
		kept_case *c = &store->cases[*head->mark - 1];
		c->status = head->status;
		c->due_at = head->due_at;
		snprintf(c->playbook, sizeof c->playbook, "%s", head->playbook);
	}
	for (uint32_t i = 0; i < batch->n_effects; i++) keep_row(store, &batch->effects[i]);
	store->last_at = batch->now;
	return APLOMB_OK;
}

/* ---- reading -------------------------------------------------------------------- */

static int read_lines(void *self, const char *case_id, uint32_t size, uint64_t mark, uint64_t from,
    int (*line)(const char *text, size_t size, void *payload), void *payload, aplomb_error *error) {
	const own_store *store = self;
	(void)case_id, (void)size, (void)error;
	if (mark == 0) return APLOMB_OK;
	const kept_case *c = &store->cases[mark - 1];
	int answer = APLOMB_OK;
	for (size_t i = 0; i < c->n_lines && answer == APLOMB_OK; i++)
		if (c->lines[i].seq >= from) answer = line(c->lines[i].bytes, c->lines[i].size, payload);
	return answer;
}

static int snapshot(void *self, const char *case_id, uint32_t size, uint64_t mark, uint64_t upto, const char **text, size_t *text_size,
    uint64_t *seq, aplomb_error *error) {
	const own_store *store = self;
	(void)case_id, (void)size;
	const kept_case *c = mark != 0 ? &store->cases[mark - 1] : NULL;
	if (c == NULL || c->snapshot.bytes == NULL || c->snapshot.seq > upto)
		return fail(error, APLOMB_ENOTFOUND, "no-snapshot", "there is none");
	*text = c->snapshot.bytes;
	*text_size = c->snapshot.size;
	*seq = c->snapshot.seq;
	return APLOMB_OK;
}

static int put_source(void *self, const char *hash, const char *bytes, size_t size, aplomb_error *error) {
	own_store *store = self;
	for (size_t i = 0; i < store->n_sources; i++)
		if (strcmp(store->sources[i].bytes, hash) == 0) return APLOMB_OK;
	if (store->n_sources == 8) return fail(error, APLOMB_ESTORE, "store-io", "this example keeps eight versions");
	kept_text *made = &store->sources[store->n_sources++];
	*made = (kept_text){need(NULL, strlen(hash) + 1 + size), size, 0};
	memcpy(made->bytes, hash, strlen(hash) + 1);
	memcpy(made->bytes + strlen(hash) + 1, bytes, size);
	return APLOMB_OK;
}

static int get_source(void *self, const char *hash, const char **bytes, size_t *size, aplomb_error *error) {
	const own_store *store = self;
	for (size_t i = 0; i < store->n_sources; i++) {
		if (strcmp(store->sources[i].bytes, hash) != 0) continue;
		*bytes = store->sources[i].bytes + strlen(hash) + 1;
		*size = store->sources[i].size;
		return APLOMB_OK;
	}
	return fail(error, APLOMB_ENOTFOUND, "no-source", "there is no such version");
}

/* ---- who holds what, and what is due ------------------------------------------------ */

static int find(void *self, const char *case_id, uint32_t size, aplomb_store_found *out, aplomb_error *error) {
	own_store *store = self;
	kept_case *c = case_of(store, case_id, size);
	if (c == NULL) return fail(error, APLOMB_ENOTFOUND, "no-case", "there is no such case");
	c->is_held = true;
	out->mark = (uint64_t)(c - store->cases) + 1;
	out->seq = c->newest;
	out->status = c->status;
	out->due_at = c->due_at;
	return APLOMB_OK;
}

static void leave(void *self, const char *case_id, uint32_t size, uint64_t mark) {
	own_store *store = self;
	(void)case_id, (void)size;
	if (mark != 0) store->cases[mark - 1].is_held = false;
}

static bool is_sent(const kept_row *row) {
	return (row->item & APLOMB_STORE_SENT) != 0;
}

/* By its head, or because an effect of it is due. */
static aplomb_instant wakes_at(const own_store *store, const kept_case *c) {
	aplomb_instant at = c->due_at;
	for (const kept_row *row = store->rows; row < store->rows + store->n_rows; row++)
		if (!is_sent(row) && row->due_at < at && strcmp(row->id, c->id) == 0) at = row->due_at;
	return at;
}

/* The earliest that is later than [told] or, at the same time, behind it. A database asks an index. */
static const kept_case *next_of(const own_store *store, aplomb_instant until, const kept_case *told) {
	const kept_case *next = NULL;
	for (const kept_case *c = store->cases; c < store->cases + store->n_cases; c++) {
		const aplomb_instant at = wakes_at(store, c);
		if (c->is_held || at == APLOMB_NEVER || at > until) continue;
		if (told != NULL && (at < wakes_at(store, told) || (at == wakes_at(store, told) && c <= told))) continue;
		if (next == NULL || at < wakes_at(store, next)) next = c;
	}
	return next;
}

static int due(void *self, aplomb_instant until, uint32_t most,
    void (*tell)(const char *case_id, uint32_t size, aplomb_instant due_at, void *payload), void *payload, aplomb_error *error) {
	const own_store *store = self;
	(void)error;
	const kept_case *c = NULL;
	while (most-- > 0 && (c = next_of(store, until, c)) != NULL) tell(c->id, (uint32_t)strlen(c->id), wakes_at(store, c), payload);
	return APLOMB_OK;
}

static aplomb_instant next_due(void *self) {
	const kept_case *c = next_of(self, APLOMB_NEVER - 1, NULL);
	return c != NULL ? wakes_at(self, c) : APLOMB_NEVER;
}

static int cases(void *self, int (*tell)(const aplomb_store_head *head, void *payload), void *payload, aplomb_error *error) {
	const own_store *store = self;
	(void)error;
	int answer = APLOMB_OK;
	for (const kept_case *c = store->cases; c < store->cases + store->n_cases && answer == APLOMB_OK; c++) {
		const aplomb_store_head head = {c->id, (uint32_t)strlen(c->id), c->status, c->newest, c->due_at, c->playbook, NULL};
		answer = tell(&head, payload);
	}
	return answer;
}

/* Effects, or what was sent; of the case, or of all when it is NULL. */
static int tell_rows(
    const own_store *store, const char *case_id, bool sent, int (*tell)(const aplomb_store_effect *effect, void *payload), void *payload) {
	int answer = APLOMB_OK;
	for (const kept_row *row = store->rows; row < store->rows + store->n_rows && answer == APLOMB_OK; row++) {
		if (is_sent(row) != sent || (case_id != NULL && strcmp(row->id, case_id) != 0)) continue;
		const aplomb_store_effect effect = {
		    row->id, (uint32_t)strlen(row->id), row->seq, row->item, row->due_at, row->text.bytes, row->text.size, NULL};
		answer = tell(&effect, payload);
	}
	return answer;
}

static int effects(void *self, const char *case_id, uint32_t size, uint64_t mark,
    int (*tell)(const aplomb_store_effect *effect, void *payload), void *payload, aplomb_error *error) {
	const own_store *store = self;
	(void)size, (void)error;
	return tell_rows(store, case_id != NULL ? store->cases[mark - 1].id : NULL, false, tell, payload);
}

static uint64_t n_effects(void *self) {
	const own_store *store = self;
	uint64_t n = 0;
	for (size_t i = 0; i < store->n_rows; i++) n += !is_sent(&store->rows[i]);
	return n;
}

static int sent(void *self, int (*tell)(const aplomb_store_effect *effect, void *payload), void *payload, aplomb_error *error) {
	(void)error;
	return tell_rows(self, NULL, true, tell, payload);
}

static aplomb_instant last_at(void *self) {
	return ((const own_store *)self)->last_at;
}

/* The runtime ends, and holds nothing any more; the cases stay with the program. */
static void leave_all(void *self) {
	own_store *store = self;
	for (size_t i = 0; i < store->n_cases; i++) store->cases[i].is_held = false;
}

static const aplomb_store_ops ops = {sizeof ops, commit, read_lines, snapshot, put_source, get_source, find, leave, due, next_due, cases,
    effects, n_effects, sent, last_at, NULL, NULL, leave_all};

/* ---- two runtimes, one after the other ------------------------------------------------- */

static void die(const aplomb_error *error) {
	fprintf(stderr, "%s [%s]\n", error->message, error->slug);
	exit(1);
}

/* Whoever is away takes nothing: what is wanted waits in the store. */
static int take_effect(const aplomb_effect *effect, void *payload) {
	if (*(const bool *)payload) return 1;
	printf("  %s %s\n", effect->key, effect->kind);
	return APLOMB_EFFECT_DONE;
}

static aplomb_runtime *open_runtime(own_store *store, bool *is_away) {
	const aplomb_store own = {sizeof own, &ops, store};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	aplomb_error error;
	options.time_follows_events = true;
	options.own_store = &own;
	options.resident = 1;
	if (aplomb_open(&rt, &options, &error)) die(&error);
	if (aplomb_load_file(rt, "examples/late.lua", &playbook, &error)) die(&error);
	if (aplomb_default_playbook(rt, playbook, &error)) die(&error);
	if (aplomb_on_effect(rt, "*", take_effect, is_away, &error)) die(&error);
	return rt;
}

static void says(aplomb_runtime *rt, const char *case_id, const char *at) {
	aplomb_error error;
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = case_id;
	event.name = "customer.message";
	event.data = "{\"text\":\"Where is it?\"}";
	event.has_at = true;
	if (aplomb_instant_read(at, &event.at, &error)) die(&error);
	if (aplomb_post_wait(rt, &event, NULL, &error)) die(&error);
}

static void print_path(const char *path, void *payload) {
	(void)payload;
	printf(" %s", path);
}

static void print_case(const char *case_id, void *payload) {
	snprintf((char *)payload + strlen(payload), 64, "%.50s\n", case_id);
}

static void print_cases(aplomb_runtime *rt) {
	char ids[4096] = "";
	aplomb_cases(rt, print_case, ids);
	for (char *id = strtok(ids, "\n"); id != NULL; id = strtok(NULL, "\n")) {
		printf("%s:", id);
		aplomb_case_states(rt, id, print_path, NULL);
		printf("\n");
	}
}

int main(void) {
	own_store store = {.last_at = APLOMB_NEVER};
	aplomb_error error;
	bool is_away = true;
	aplomb_runtime *rt = open_runtime(&store, &is_away);
	says(rt, "order-1", "2026-03-31T09:00:00Z");
	says(rt, "order-2", "2026-03-31T09:05:00Z");
	says(rt, "order-3", "2026-03-31T09:08:00Z");
	printf("the first runtime\n");
	print_cases(rt);
	aplomb_close(rt);

	is_away = false;
	rt = open_runtime(&store, &is_away);
	aplomb_instant at, now;
	char text[32];
	if (aplomb_next_due(rt, &at)) {
		aplomb_instant_write(at, text);
		printf("the second one, in which something is due at %s\n", text);
	}
	if (aplomb_instant_read("2026-03-31T09:16:00Z", &now, &error) || aplomb_turn_clock(rt, now, &error)) die(&error);
	printf("what was wanted meanwhile, and then\n");
	if (aplomb_pump(rt, 0, NULL, &error)) die(&error);
	print_cases(rt);
	aplomb_close(rt);

	for (size_t i = 0; i < store.n_cases; i++) {
		for (size_t k = 0; k < store.cases[i].n_lines; k++) free(store.cases[i].lines[k].bytes);
		free(store.cases[i].lines);
		free(store.cases[i].snapshot.bytes);
	}
	for (size_t i = 0; i < store.n_sources; i++) free(store.sources[i].bytes);
	for (size_t i = 0; i < store.n_rows; i++) free(store.rows[i].text.bytes);
	free(store.rows);
	free(store.cases);
	return 0;
}
