/* SPDX-License-Identifier: MIT */
/*
 * Decides when a case leaves memory and how it comes back: out of its newest
 * snapshot and the lines behind it, which are stepped again as in a replay. So
 * leaving costs nothing, for everything is in the store already; and whether a
 * case comes back because it was idle or because the process was killed makes
 * no difference.
 *
 *   in memory  ──(not used since the hand came by, and nothing points to it)──►  in the store
 *   in memory  ◄──(an event, a deadline, somebody who asks)──────────────────  in the store
 */
#include "engine/paging.h"

#include "base/assert.h"
#include "engine/inside.h"
#include "time/shown.h"

#define USUAL_RESIDENT 100000

/* ---- life --------------------------------------------------------------------- */

int apl_pages_new(apl_pages **out, const apl_alloc *alloc, const apl_engine_options *options, aplomb_error *error) {
	apl_pages *pages = apl_new(alloc, sizeof *pages);
	if (pages == NULL) return apl_fail_memory(error);
	pages->loader = options->loader;
	pages->most = options->resident > 0 ? options->resident : USUAL_RESIDENT;
	pages->quiet.level = APLOMB_LOG_ERROR;
	apl_tape_init(&pages->tape, alloc);
	apl_buf_init(&pages->text, alloc);
	apl_buf_init(&pages->lines, alloc);
	*out = pages;
	return APLOMB_OK;
}

void apl_pages_free(apl_pages *pages, const apl_alloc *alloc) {
	if (pages == NULL) return;
	apl_tape_dispose(&pages->tape);
	apl_buf_dispose(&pages->text);
	apl_buf_dispose(&pages->lines);
	apl_free(alloc, pages->known.slots, pages->known.capacity * sizeof *pages->known.slots);
	apl_free(alloc, pages, sizeof *pages);
}

apl_page *apl_page_of(apl_case *c) {
	return (apl_page *)(void *)(c->words + c->n_words);
}

/* ---- who was here before --------------------------------------------------------- */

/* Marks are mostly numbers one behind the other: 64 of them are a slot. This one's, or a free one for it. */
static apl_mark_slot *slot_of(const apl_marks *marks, uint64_t common) {
	uint64_t mixed = common;
	uint32_t at = (uint32_t)(apl_random_next(&mixed) & (marks->capacity - 1));
	while (marks->slots[at].which != 0 && marks->slots[at].common != common) at = (at + 1) & (marks->capacity - 1);
	return &marks->slots[at];
}

static uint64_t bit_of(uint64_t mark) {
	return UINT64_C(1) << (mark & 63);
}

static bool is_known(const apl_marks *marks, uint64_t mark) {
	return marks->capacity > 0 && (slot_of(marks, mark >> 6)->which & bit_of(mark)) != 0;
}

static bool make_room(apl_marks *marks, const apl_alloc *alloc) {
	if (marks->count < marks->capacity / 4 * 3) return true;
	apl_marks more = {.capacity = marks->capacity > 0 ? marks->capacity * 2 : 64, .count = marks->count};
	more.slots = more.capacity > marks->capacity ? apl_new(alloc, more.capacity * sizeof *more.slots) : NULL;
	if (more.slots == NULL) return false;
	for (uint32_t i = 0; i < marks->capacity; i++) {
		if (marks->slots[i].which != 0) *slot_of(&more, marks->slots[i].common) = marks->slots[i];
	}
	apl_free(alloc, marks->slots, marks->capacity * sizeof *marks->slots);
	*marks = more;
	return true;
}

static bool know(apl_marks *marks, const apl_alloc *alloc, uint64_t mark) {
	if (!make_room(marks, alloc)) return false;
	apl_mark_slot *slot = slot_of(marks, mark >> 6);
	marks->count += slot->which == 0;
	slot->common = mark >> 6;
	slot->which |= bit_of(mark);
	return true;
}

/* ---- out ---------------------------------------------------------------------------- */

static void pin(apl_case *c, bool pinned) {
	if (c != NULL) apl_page_of(c)->is_pinned = pinned;
}

/* Whatever holds a pointer to a case, but for effects that wait: they are found by their case, and may leave with it. */
static void pin_all(apl_engine *engine, bool pinned) {
	for (apl_queued *queued = engine->queue.first; queued != NULL; queued = queued->next) pin(queued->the_case, pinned);
	apl_sent_each_case(engine, pin, pinned);
}

static bool nothing_holds(apl_case *c) {
	const apl_page *page = apl_page_of(c);
	if (page->is_pinned || c->handle != 0 || c->mark == 0 || c->undo != NULL) return false;
	return c->more == NULL || !c->more->owes_offers;
}

static void leave(apl_engine *engine, apl_case *c) {
	apl_outbox_leave(engine, c);
	apl_cases_remove(&engine->cases, c);
	engine->store.ops->leave(engine->store.self, apl_case_id(c), c->id_size, c->mark);
	apl_case_free(engine, c);
}

/*
 * Are there so many that the hand goes by? Where many have to stay (each has an effect without a handler, say), going by all of them for
 * nothing is not done again before there are more of them, or as much has happened as there are cases.
 */
static bool is_time(const apl_engine *engine) {
	const apl_pages *pages = engine->pages;
	const uint32_t count = engine->cases.count, least = pages->most > pages->stayed ? pages->most : pages->stayed;
	return count > pages->most + pages->most / 8 && (count > least + least / 8 || pages->lines_since >= count);
}

/*
 * The list of cases is a clock: who was used goes behind the others once more. Goes by each once at most, and [*left] of them. Returns how
 * many would leave, had a commit put their effects; that is not to grow with all that waits, so the hand stands still for it.
 */
static uint32_t hand_goes_by(apl_engine *engine, uint32_t *left) {
	enum { AT_ONCE = 1024 };
	apl_pages *pages = engine->pages;
	uint32_t n_waiting = 0;
	for (uint32_t turn = engine->cases.count; turn > 0 && *left > 0 && engine->cases.count > pages->most && n_waiting < AT_ONCE; turn--) {
		apl_case *c = engine->first_case;
		engine->first_case = c->next;
		if (engine->first_case == NULL) engine->last_case = NULL;
		apl_page *page = apl_page_of(c);
		--*left;
		if (!page->is_used && nothing_holds(c)) {
			const apl_outbox_says says = apl_outbox_may_leave(engine, c);
			/* One that cannot be noted as known stays: it would be counted twice. */
			if (says == APL_OUTBOX_GO && know(&pages->known, &engine->alloc, c->mark)) {
				leave(engine, c);
				continue;
			}
			if (says == APL_OUTBOX_WAIT) {
				apl_outbox_note_of(engine, c);
				n_waiting++;
			}
		}
		page->is_used = false;
		apl_case_append(engine, c);
	}
	return n_waiting;
}

/* Those of whom it cannot be stay. */
static bool put_effects(apl_engine *engine) {
	aplomb_error error;
	if (apl_commit(engine, &error) == APLOMB_OK) return true;
	apl_tell(engine, APLOMB_LOG_ERROR, "commit-failed", NULL, "%s: %s; cases whose effects wait stay in memory", error.slug, error.message);
	return false;
}

void apl_pages_out(apl_engine *engine) {
	apl_pages *pages = engine->pages;
	/* Inside, somebody may still have a case in hand. */
	if (pages == NULL || pages->is_recalling || engine->inside || !is_time(engine)) return;
	/* Around twice, and once more for those whose effects were put meanwhile. */
	uint32_t left = 3 * engine->cases.count;
	pin_all(engine, true);
	while (left > 0 && engine->cases.count > pages->most) {
		if (hand_goes_by(engine, &left) > 0 && !put_effects(engine)) break;
	}
	pin_all(engine, false);
	pages->stayed = engine->cases.count;
	pages->lines_since = 0;
}

/* ---- with a commit ----------------------------------------------------------------------- */

static apl_case *case_of(uint64_t *mark) {
	return (apl_case *)(void *)((char *)mark - offsetof(apl_case, mark));
}

static apl_store_head head_of(apl_case *c) {
	return (apl_store_head){.case_id = apl_case_id(c),
	    .case_id_size = c->id_size,
	    .status = c->status,
	    .seq = c->seq,
	    .due_at = apl_case_due(c),
	    .playbook = c->program->hash,
	    .mark = &c->mark};
}

int apl_pages_commit(apl_engine *engine, apl_store_batch *commit, aplomb_error *error) {
	uint32_t count = 0;
	for (const apl_case_undo *image = engine->batch.touched; image != NULL; image = image->next) count += image->the_case->seq > 0;
	commit->now = engine->mends_alone ? engine->away.from : apl_clock_now(engine->clock);
	if (count == 0) return APLOMB_OK;
	apl_store_head *heads = apl_arena_take(&engine->batch.arena, count * sizeof *heads);
	if (heads == NULL) return apl_fail_memory(error);
	count = 0;
	for (const apl_case_undo *image = engine->batch.touched; image != NULL; image = image->next) {
		apl_case *c = image->the_case;
		if (c->seq > 0) heads[count++] = head_of(c);
	}
	commit->heads = heads;
	commit->n_heads = count;
	return APLOMB_OK;
}

void apl_pages_committed(apl_pages *pages, const apl_store_batch *commit) {
	pages->lines_since += commit->n_lines;
	for (uint32_t i = 0; i < commit->n_lines; i++) {
		apl_page *page = apl_page_of(case_of(commit->lines[i].mark));
		page->since += commit->lines[i].size;
		page->is_used = true;
	}
	for (uint32_t i = 0; i < commit->n_snapshots; i++) {
		apl_page *page = apl_page_of(case_of(commit->snapshots[i].mark));
		page->since = 0;
		page->snapshot = commit->snapshots[i].size;
	}
}

int apl_pages_adopt(apl_engine *engine, apl_case *c, const char *json, size_t size, aplomb_error *error) {
	const apl_store_head head = head_of(c);
	const apl_store_snapshot snapshot = {apl_case_id(c), c->id_size, c->seq, json, size, &c->mark};
	const apl_store_batch batch = {
	    .size = sizeof batch, .snapshots = &snapshot, .n_snapshots = 1, .heads = &head, .n_heads = 1, .now = apl_clock_now(engine->clock)};
	int code = engine->store.ops->commit(engine->store.self, &batch, error);
	if (!code) apl_pages_committed(engine->pages, &batch);
	return code;
}

bool apl_page_is_due(apl_case *c) {
	const apl_page *page = apl_page_of(c);
	return page->since >= page->snapshot;
}

/* ---- in ------------------------------------------------------------------------------------ */

int apl_page_program(apl_engine *engine, const char *hash, apl_program **out, aplomb_error *error) {
	*out = apl_engine_program_by_hash(engine, hash);
	if (*out != NULL) return APLOMB_OK;
	const char *source;
	size_t size;
	int code = engine->store.ops->get_source(engine->store.self, hash, &source, &size, error);
	if (code) return code;
	/* New cases go on to take the version that the host loaded. */
	engine->adds_behind = true;
	code = engine->pages->loader.load(engine->pages->loader.payload, source, size, error);
	engine->adds_behind = false;
	if (code) return code;
	*out = apl_engine_program_by_hash(engine, hash);
	if (*out != NULL) return APLOMB_OK;
	return apl_fail(
	    error, APLOMB_EDAMAGED, "store-damaged", "the source that the store keeps under hash %s is that of another version", hash);
}

/* What the members of "playbook" say in a head or a snapshot that was read. */
static int program_in(apl_engine *engine, const apl_tape *tape, apl_program **out, aplomb_error *error) {
	char hash[APL_SHA256_HEX + 1] = "";
	uint32_t playbook = apl_tape_find(tape, 0, "playbook", 8);
	uint32_t cell = playbook != 0 && tape->cells[playbook].kind == APLOMB_MAP ? apl_tape_find(tape, playbook, "hash", 4) : 0;
	if (cell == 0 || tape->cells[cell].kind != APLOMB_TEXT || tape->cells[cell].count != APL_SHA256_HEX)
		return apl_fail(error, APLOMB_EDAMAGED, "journal-shape", "this line is no journal entry: playbook: a hash is missing");
	memcpy(hash, tape->cells[cell].as.text, APL_SHA256_HEX);
	return apl_page_program(engine, hash, out, error);
}

static int keep_line(const char *text, size_t size, void *payload) {
	apl_buf *lines = payload;
	apl_buf_add(lines, text, size);
	apl_buf_byte(lines, '\n');
	return 0;
}

static int fail_differs(const aplomb_replayed *out, aplomb_error *error) {
	return apl_fail(error, APLOMB_EDIFFERS, "case-differs",
	    "case \"%s\" does not come back as it was: its entry %llu comes out otherwise than the store has it; "
	    "give the limits, and the version of Aplomb, that wrote it",
	    out->case_id, (unsigned long long)out->seq);
}

/* The lines in [lines], one by one; the first may be the head. */
static int recall(apl_engine *engine, aplomb_error *error) {
	const apl_buf *lines = &engine->pages->lines;
	for (size_t at = 0; at < lines->size;) {
		const char *end = memchr(lines->bytes + at, '\n', lines->size - at);
		APL_ASSERT(end != NULL);
		apl_recorded_line line = {.text = lines->bytes + at, .size = (size_t)(end - lines->bytes) - at, .follows = true};
		aplomb_replayed out = {.size = sizeof out};
		apl_program *program = NULL;
		int code = apl_replay_read(engine, line.text, line.size, &line.head, error);
		if (!code && line.head.is_head) code = program_in(engine, apl_replay_tape(engine), &program, error);
		if (!code) code = apl_replay_step(engine, program, &line, &out, error);
		/* What a head says of the library and its limits may well be different now; what happened may not. */
		if (!code && !out.same && !line.head.is_head) code = fail_differs(&out, error);
		if (code) return code;
		at += line.size + 1;
	}
	return APLOMB_OK;
}

/* What the recalled steps must not touch is put aside. */
typedef struct put_aside {
	apl_log *log;
	struct apl_watching *watching;
	aplomb_totals totals;
	bool inside, interrupted;
} put_aside;

static put_aside begin_recall(apl_engine *engine) {
	const put_aside aside = {
	    engine->log, engine->watching, engine->totals, engine->inside, engine->interrupted != NULL && *engine->interrupted};
	engine->pages->is_recalling = true;
	engine->log = &engine->pages->quiet;
	engine->watching = NULL;
	engine->inside = false;
	if (engine->interrupted != NULL) *engine->interrupted = false;
	return aside;
}

static void end_recall(apl_engine *engine, const put_aside *aside) {
	engine->pages->is_recalling = false;
	engine->log = aside->log;
	engine->watching = aside->watching;
	engine->totals = aside->totals;
	engine->inside = aside->inside;
	if (aside->interrupted) *engine->interrupted = true;
}

static void take_out(apl_engine *engine, const char *id, size_t size) {
	apl_case *c = apl_cases_find(&engine->cases, id, size);
	if (c != NULL) {
		apl_outbox_forget(engine, c);
		apl_case_vanish(engine, c, NULL);
		apl_case_free(engine, c);
	}
	apl_engine_forget(engine, id, size); /* one whose head was read and nothing more */
}

static int restore(apl_engine *engine, const apl_store_found *found, const char *id, size_t size, aplomb_error *error) {
	apl_pages *pages = engine->pages;
	const char *text;
	size_t text_size;
	uint64_t from = 0;
	int code =
	    engine->store.ops->snapshot(engine->store.self, id, (uint32_t)size, found->mark, UINT64_MAX, &text, &text_size, &from, error);
	bool has_snapshot = code == APLOMB_OK;
	if (code && code != APLOMB_ENOTFOUND) return code;
	if (has_snapshot) {
		apl_program *program;
		apl_buf_clear(&pages->text);
		apl_buf_add(&pages->text, text, text_size);
		if (pages->text.failed) return apl_fail_memory(error);
		const apl_json_bounds bounds = {.depth = 1024, .size = SIZE_MAX};
		code = apl_json_read(&pages->tape, pages->text.bytes, pages->text.size, &bounds, error);
		if (!code) code = program_in(engine, &pages->tape, &program, error);
		if (!code) code = apl_case_put_back(engine, &pages->tape, error);
		if (code) return code;
		from++;
	}
	apl_buf_clear(&pages->lines);
	code = engine->store.ops->read(engine->store.self, id, (uint32_t)size, found->mark, from, keep_line, &pages->lines, error);
	if (!code && pages->lines.failed) code = apl_fail_memory(error);
	return code ? code : recall(engine, error);
}

int apl_page_in(apl_engine *engine, const char *id, size_t size, apl_case **out, aplomb_error *error) {
	apl_pages *pages = engine->pages;
	aplomb_error own;
	if (error == NULL) error = &own;
	*out = apl_cases_find(&engine->cases, id, size);
	if (*out != NULL) return APLOMB_OK;
	char shown[APL_SHOWN];
	if (pages == NULL || pages->is_recalling || size == 0 || size > APL_MOST_CASE_ID)
		return apl_fail(error, APLOMB_ENOTFOUND, "no-case", "the store holds no case \"%s\"", apl_shown(id, size, shown));
	/* The id may be somebody's who lives in what is put away. */
	char copy[APL_MOST_CASE_ID + 1];
	memcpy(copy, id, size);
	copy[size] = '\0';
	apl_store_found found = {.size = sizeof found};
	int code = engine->store.ops->find(engine->store.self, copy, (uint32_t)size, &found, error);
	if (code) return code;
	APL_ASSERT(engine->batch.touched == NULL && engine->batch.n_lines == 0);
	apl_pages_out(engine);
	const put_aside aside = begin_recall(engine);
	code = restore(engine, &found, copy, size, error);
	if (code == APLOMB_ENOTFOUND) code = error->code = APLOMB_EDAMAGED; /* the case is there; what it needs is not (no-source) */
	apl_case *c = code ? NULL : apl_cases_find(&engine->cases, copy, size);
	if (!code && (c == NULL || c->seq != found.seq))
		code = apl_fail(error, APLOMB_EDAMAGED, "store-damaged",
		    "case \"%s\" has %llu entries, and the store's snapshot and lines of it end at %llu", apl_shown(copy, size, shown),
		    (unsigned long long)found.seq, (unsigned long long)(c != NULL ? c->seq : 0));
	if (!code) {
		c->mark = found.mark;
		code = apl_outbox_come_back(engine, c, error);
	}
	if (code) {
		take_out(engine, copy, size);
		end_recall(engine, &aside);
		/* There may be memory the next time. Otherwise it stays held: what is due again and again would fail again and again. */
		if (code == APLOMB_ENOMEM) engine->store.ops->leave(engine->store.self, copy, (uint32_t)size, found.mark);
		return code;
	}
	end_recall(engine, &aside);
	*apl_page_of(c) = (apl_page){.since = pages->lines.size, .snapshot = pages->text.size, .is_used = true};
	if (c->more != NULL) apl_owe_nothing(engine, c); /* nothing but lines that were committed whole has been recalled */
	if (!is_known(&pages->known, c->mark)) apl_stats_restored(engine, c);
	*out = c;
	return APLOMB_OK;
}

int apl_page_look(apl_engine *engine, const char *id, size_t size, apl_case **out, aplomb_error *error) {
	*out = NULL;
	if (engine->pages == NULL) return APLOMB_OK;
	int code = apl_page_in(engine, id, size, out, error);
	return code == APLOMB_ENOTFOUND && *out == NULL ? APLOMB_OK : code;
}

bool apl_page_is_closed(apl_engine *engine, const char *id, size_t size) {
	apl_store_found found = {.size = sizeof found};
	if (engine->pages == NULL || engine->store.ops->find(engine->store.self, id, (uint32_t)size, &found, NULL) != APLOMB_OK) return false;
	engine->store.ops->leave(engine->store.self, id, (uint32_t)size, found.mark);
	return found.status == APLOMB_CASE_CLOSED;
}

/* ---- what is due ------------------------------------------------------------------------------ */

/* Behind the others, terminated. */
static void keep_id(const char *case_id, uint32_t case_id_size, aplomb_instant due_at, void *payload) {
	(void)due_at;
	apl_buf *ids = payload;
	apl_buf_add(ids, case_id, case_id_size);
	apl_buf_byte(ids, '\0');
}

aplomb_instant apl_pages_next_due(apl_engine *engine, aplomb_instant now) {
	const aplomb_instant due_at = engine->store.ops->next_due(engine->store.self);
	return apl_away_holds(engine, due_at, now) ? apl_away_goes_on(engine) : due_at;
}

/* One that does not come back must not keep the others waiting: operators are told, and it is left alone until a restart. */
int apl_pages_due(apl_engine *engine, aplomb_instant now, uint32_t most, aplomb_error *error) {
	const apl_store *store = &engine->store;
	if (apl_pages_next_due(engine, now) > now) return APLOMB_OK;
	apl_buf ids;
	apl_buf_init(&ids, &engine->alloc);
	aplomb_error own;
	if (error == NULL) error = &own;
	int code = store->ops->due(store->self, now, most, keep_id, &ids, error);
	if (code == APLOMB_EDAMAGED) {
		apl_tell(engine, APLOMB_LOG_ERROR, "case-unreadable", NULL, "a case is due and cannot be read: %s", error->message);
		code = APLOMB_OK;
	}
	if (!code && ids.failed) code = apl_fail_memory(error);
	for (size_t at = 0; at < ids.size && !code;) {
		const char *id = ids.bytes + at;
		size_t size = strlen(id);
		apl_case *c;
		aplomb_error why;
		at += size + 1;
		int came = apl_page_in(engine, id, size, &c, &why);
		if (came == APLOMB_ENOMEM) code = apl_fail_memory(error);
		if (came && came != APLOMB_ENOMEM)
			apl_tell(engine, APLOMB_LOG_ERROR, "case-unreadable", NULL, "case %s is due and cannot be read: %s", id, why.message);
	}
	apl_buf_dispose(&ids);
	return code;
}
