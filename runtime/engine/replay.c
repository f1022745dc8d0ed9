/* SPDX-License-Identifier: MIT */
/*
 * Decides how a recorded line is stepped again: which cause it names, that this
 * one cause and nothing else happens to the case, at the recorded time, and what
 * is said about the line that comes out. What a step is, is decided where it
 * always is; the recorded order takes the place of clock and queue.
 *
 * What is not asked anew, because the journal does not hold what would be asked:
 * a refusal is written down again as it was, and an absence with what follows
 * from it.
 */
#include "base/assert.h"
#include "engine/inside.h"
#include "time/instant.h"
#include "time/shown.h"

/* A line as it is read: all texts are in engine->recorded. */
typedef struct recorded {
	apl_engine *engine;
	const char *line;
	size_t size;
	const apl_tape *tape;
	apl_line_head head;
	apl_program *program; /* on which a head begins; or NULL */
	apl_entry_kind kind;
	uint32_t cause;
	aplomb_instant at;
	apl_case *c;
	bool offers;            /* the line offers a deferred event ... */
	uint64_t offer_seq;     /* ... that this entry kept */
	apl_queued *queued;     /* what was let in for it; or NULL */
	uint32_t n_alike, pick; /* timers that the line may mean, and which of them is tried */
	bool has_faulted_id;    /* this one counts as seen because of the line */
	apl_hash128 faulted_id;
	bool no_memory; /* to say which timer is meant */
	bool follows;   /* the next line of the case is to name this one as it is recorded */
	aplomb_error *error;
} recorded;

static apl_given text_in(const recorded *r, uint32_t map, const char *name) {
	uint32_t cell = apl_tape_find(r->tape, map, name, strlen(name));
	if (cell == 0 || r->tape->cells[cell].kind != APLOMB_TEXT) return (apl_given){NULL, 0};
	return (apl_given){r->tape->cells[cell].as.text, r->tape->cells[cell].count};
}

static bool has(const recorded *r, const char *name) {
	return apl_tape_find(r->tape, r->cause, name, strlen(name)) != 0;
}

static uint64_t count_in(const recorded *r, const char *name) {
	uint32_t cell = apl_tape_find(r->tape, r->cause, name, strlen(name));
	return cell != 0 && r->tape->cells[cell].kind == APLOMB_INTEGER ? (uint64_t)r->tape->cells[cell].as.integer : 0;
}

/* Of an event that led from case to case so often that it matters; otherwise 0. */
static uint32_t hops_in(const recorded *r) {
	const uint64_t hops = count_in(r, "hops");
	return hops < UINT32_MAX ? (uint32_t)hops : UINT32_MAX;
}

static bool is_text(apl_given given, const char *text, size_t size) {
	return given.bytes != NULL ? given.size == size && memcmp(given.bytes, text, size) == 0 : size == 0;
}

static int misshapen(const recorded *r, const char *what) {
	return apl_fail(r->error, APLOMB_EDAMAGED, "journal-shape", "this line is no journal entry: %s", what);
}

/* ---- heads ------------------------------------------------------------------ */

static int find_program(recorded *r) {
	if (r->program != NULL) return APLOMB_OK;
	uint32_t playbook = apl_tape_find(r->tape, 0, "playbook", 8);
	apl_given id = text_in(r, playbook, "id"), hash = text_in(r, playbook, "hash");
	for (apl_prepared *p = r->engine->programs; p != NULL; p = p->next) {
		if (is_text(hash, p->program->hash, strlen(p->program->hash))) r->program = p->program;
	}
	if (r->program == NULL && id.bytes != NULL) r->program = apl_engine_program(r->engine, id.bytes, id.size);
	if (r->program != NULL) return APLOMB_OK;
	char shown[APL_SHOWN];
	return apl_fail(r->error, APLOMB_ENOTFOUND, "unknown-playbook",
	    "no version of playbook \"%s\" is loaded: load the one that the journal's case ran", apl_shown(id.bytes, id.size, shown));
}

static apl_case **find_readied(const recorded *r) {
	apl_case **link = &r->engine->readied;
	while (*link != NULL && !((*link)->id_size == r->head.id_size && memcmp(apl_case_id(*link), r->head.id, r->head.id_size) == 0))
		link = &(*link)->next;
	return link;
}

/* The case is made ready; it comes about with its `opened` entry, and with it the head goes into the journal. */
static int replay_head(recorded *r) {
	apl_engine *engine = r->engine;
	char shown[APL_SHOWN];
	apl_shown(r->head.id, r->head.id_size, shown);
	if (r->head.id_size > APL_MOST_CASE_ID || memchr(r->head.id, '\0', r->head.id_size) != NULL)
		return misshapen(r, "case: no case has such an id");
	if (*find_readied(r) != NULL || apl_cases_find(&engine->cases, r->head.id, r->head.id_size) != NULL) {
		return apl_fail(r->error, APLOMB_EINVAL, "case-exists", "case \"%s\" is there already: forget it before it is replayed", shown);
	}
	int code = find_program(r);
	if (code) return code;
	apl_case *c = apl_case_new(engine, r->program, r->head.id, r->head.id_size);
	if (c == NULL) return apl_fail_memory(r->error);
	code = apl_case_from_head(engine, c, r->tape, r->error);
	if (!code) {
		apl_case_head(engine, c, &engine->replayed);
		if (engine->replayed.failed) code = apl_fail_memory(r->error);
	}
	if (code) {
		apl_case_free(engine, c);
		return code;
	}
	if (r->follows) c->prev = apl_hash_bytes(r->line, r->size);
	c->next = engine->readied;
	engine->readied = c;
	r->c = c;
	return APLOMB_OK;
}

/* ---- causes ------------------------------------------------------------------- */

static int replay_opened(recorded *r) {
	r->kind = APL_ENTRY_OPENED;
	int code = apl_case_fill(r->engine, r->c, r->tape, r->cause, r->error);
	return code ? code : apl_case_open(r->engine, r->c, r->at);
}

/* As at the door, but that it happens at the recorded time and before anything that waits. */
static int replay_event(recorded *r) {
	apl_engine *engine = r->engine;
	aplomb_instant at = r->at;
	apl_given sent_at = text_in(r, r->cause, "sent_at");
	if (sent_at.bytes != NULL && apl_instant_read(sent_at.bytes, sent_at.size, &at, NULL))
		return misshapen(r, "sent_at: an instant is missing");
	uint32_t data = apl_tape_find(r->tape, r->cause, "data", 4);
	const apl_sender sender = {.invoke = text_in(r, r->cause, "invoke"), .hops = hops_in(r)};
	const apl_inbound in = {
	    .id = text_in(r, r->cause, "id"),
	    .case_id = {r->head.id, r->head.id_size},
	    .event = text_in(r, r->cause, "event"),
	    .by = text_in(r, r->cause, "by"),
	    .sender = &sender,
	    .data = data != 0 ? r->tape : NULL,
	    .data_cell = data,
	};
	const apl_queued *last = engine->queue.last;
	apl_queued *queued = NULL;
	int code = apl_door(engine, &in, NULL, NULL, &queued, r->error);
	/* Turned away here, as it was not then: its entry is what comes out. */
	if ((code == APLOMB_EREFUSED || code == APLOMB_EFAULTED) && engine->queue.last != last) queued = engine->queue.last;
	if (queued == NULL) return code;
	r->queued = queued;
	queued->at = at;
	if (queued->kind != APL_QUEUED_DUPLICATE) return apl_take_queued(engine, queued);
	char shown[APL_SHOWN];
	return apl_fail(r->error, APLOMB_EREFUSED, "replay-duplicate",
	    "entry %llu: the case has seen the event's id \"%s\" before, in entry %llu", (unsigned long long)r->head.seq,
	    apl_shown(in.id.bytes, in.id.size, shown), (unsigned long long)apl_seen_find(&r->c->more->seen, queued->id_hash)->seq);
}

static int replay_offer(recorded *r) {
	apl_engine *engine = r->engine;
	r->offers = true;
	r->offer_seq = count_in(r, "deferred_seq");
	apl_deferred *deferred = r->c->more != NULL && r->c->status == APLOMB_CASE_OPEN ? r->c->more->deferred : NULL;
	while (deferred != NULL && deferred->seq != r->offer_seq) deferred = deferred->next;
	if (deferred == NULL) {
		return apl_fail(r->error, APLOMB_EREFUSED, "replay-deferred",
		    "entry %llu takes the event that entry %llu deferred, and no such event is kept here", (unsigned long long)r->head.seq,
		    (unsigned long long)r->offer_seq);
	}
	apl_batch_mark before = apl_batch_here(engine);
	if (!apl_deferred_take(engine, deferred)) return APLOMB_ENOMEM;
	apl_outcome outcome;
	engine->hops = hops_in(r);
	int code = apl_offer_one(engine, r->c, deferred, before, &outcome);
	engine->hops = 0;
	if (code) return code;
	engine->replay->moved = outcome.moved && !outcome.closed && !outcome.faulted;
	if (!outcome.deferred) return APLOMB_OK;
	return apl_fail(r->error, APLOMB_EREFUSED, "replay-deferred",
	    "entry %llu takes the event that entry %llu deferred, which is deferred again here", (unsigned long long)r->head.seq,
	    (unsigned long long)r->offer_seq);
}

/* Does it carry what the cause says? */
static bool carries(recorded *r, const apl_case_timer *timer) {
	const apl_send_row *send = timer->send;
	if (send == NULL) return true;
	uint32_t data = apl_tape_find(r->tape, r->cause, "data", 4);
	apl_buf *scratch = &r->engine->scratch;
	apl_buf_clear(scratch);
	if (send->words != NULL) {
		apl_record_write(scratch, timer->owner->program->events[send->event], send->words, false);
	} else if (send->data != NULL) {
		apl_buf_add(scratch, send->data->bytes, send->data->size);
	}
	size_t size = scratch->size;
	if (data != 0) apl_json_write(scratch, r->tape, data);
	if (scratch->failed) r->no_memory = true;
	return !scratch->failed && scratch->size == 2 * size && memcmp(scratch->bytes, scratch->bytes + size, size) == 0;
}

/* How well it fits what else the entry says of it. */
static uint32_t fit(recorded *r, const apl_case_timer *timer) {
	bool is_of_then = timer->armed_seq == count_in(r, "armed_seq"), is_due = apl_later(r->c->at, timer->timer.due_at) == r->at;
	return 4u * is_of_then + 2u * is_due + carries(r, timer);
}

/*
 * The timer that the entry names. Of several alike, as sends without an id may
 * be, the one that fits best; none has to fit in all, for another version may
 * have armed it elsewhere. Those that fit equally are counted, the one that
 * would fire first first: see try_again.
 */
static apl_case_timer *find_timer(recorded *r) {
	apl_case_timer *found = NULL;
	uint32_t best = 0;
	r->n_alike = 0;
	for (apl_case_timer *timer = r->c->timers; timer != NULL; timer = timer->next) {
		uint32_t fits = apl_timer_is_named(timer, r->tape, r->cause) ? 1 + fit(r, timer) : 0;
		r->n_alike = fits > best ? 1 : r->n_alike + (fits > 0 && fits == best);
		best = fits > best ? fits : best;
	}
	/* There are few: picking the next one each time needs no memory. */
	for (uint32_t n = 0; n <= r->pick && n < r->n_alike; n++) {
		const apl_case_timer *before = found;
		found = NULL;
		for (apl_case_timer *timer = r->c->timers; timer != NULL; timer = timer->next) {
			if (!apl_timer_is_named(timer, r->tape, r->cause) || 1 + fit(r, timer) != best) continue;
			if ((before == NULL || apl_timer_is_before(&before->timer, &timer->timer)) &&
			    (found == NULL || apl_timer_is_before(&timer->timer, &found->timer)))
				found = timer;
		}
	}
	return found;
}

static int replay_timer(recorded *r) {
	apl_case_timer *timer = r->c->status == APLOMB_CASE_OPEN ? find_timer(r) : NULL;
	/* It may be another one than the one that was meant. */
	if (r->no_memory) return APLOMB_ENOMEM;
	if (timer != NULL) return apl_fire(r->engine, timer);
	char shown[APL_SHOWN];
	apl_given name = text_in(r, r->cause, "event");
	return apl_fail(r->error, APLOMB_EREFUSED, "replay-timer", "entry %llu: no timer of \"%s\" is armed here",
	    (unsigned long long)r->head.seq, apl_shown(name.bytes != NULL ? name.bytes : "", name.size, shown));
}

/* What was refused is not in the journal, so nobody can be asked again. */
static int replay_refused(recorded *r) {
	apl_given by = text_in(r, r->cause, "by"), event = text_in(r, r->cause, "event"), id = text_in(r, r->cause, "id"),
	          message = text_in(r, r->cause, "message"), slug = text_in(r, r->cause, "slug");
	if (by.bytes == NULL || event.bytes == NULL || message.bytes == NULL || slug.bytes == NULL)
		return misshapen(r, "cause: a text is missing");
	apl_arena *arena = &r->engine->batch.arena;
	apl_given invoke = text_in(r, r->cause, "invoke");
	apl_queued queued = {
	    .kind = APL_QUEUED_REFUSED, .at = r->at, .has_id = id.bytes != NULL, .id_size = (uint32_t)id.size, .by_size = (uint32_t)by.size};
	queued.payload.by = by.bytes;
	queued.payload.id = id.bytes;
	const char *name = apl_arena_text(arena, event.bytes, event.size);
	queued.slug = apl_arena_text(arena, slug.bytes, slug.size);
	queued.message = apl_arena_text(arena, message.bytes, message.size);
	if (invoke.bytes != NULL) {
		queued.payload.invoke = apl_arena_text(arena, invoke.bytes, invoke.size);
		if (queued.payload.invoke == NULL) return APLOMB_ENOMEM;
	}
	if (name == NULL || queued.slug == NULL || queued.message == NULL) return APLOMB_ENOMEM;
	return apl_write_refusal(r->engine, r->c, &queued, name, queued.slug, queued.message);
}

/* By whoever invoked it, who need not be there. */
static int replay_cancelled(recorded *r) {
	const apl_given by = text_in(r, r->cause, "by"), id = {r->head.id, r->head.id_size};
	if (by.bytes == NULL || r->c->more == NULL || r->c->more->parent == NULL) return misshapen(r, "cause: nobody invoked the case");
	if (r->c->status != APLOMB_CASE_OPEN)
		return apl_fail(r->error, APLOMB_EREFUSED, "case-closed", "entry %llu cancels the case, which is not open here",
		    (unsigned long long)r->head.seq);
	int code = apl_door_cancel(r->engine, id, by, apl_clock_now(r->engine->clock), NULL, &r->queued, r->error);
	if (code) return code;
	r->queued->at = r->at;
	return apl_take_queued(r->engine, r->queued);
}

/* How long nobody was there cannot be asked again; what that means for timers is decided anew. */
static int replay_away(recorded *r) {
	apl_given given[] = {text_in(r, r->cause, "from"), text_in(r, r->cause, "to")};
	aplomb_instant instants[2];
	for (int i = 0; i < 2; i++) {
		if (given[i].bytes == NULL || apl_instant_read(given[i].bytes, given[i].size, &instants[i], NULL) != APLOMB_OK)
			return misshapen(r, "cause: an instant is missing");
	}
	return apl_away_note(r->engine, r->c, r->at, instants[0], instants[1]);
}

/* Tried again: on another version it may well fail. */
static int replay_statement(recorded *r) {
	const apl_program *program = r->c->program;
	apl_given text = text_in(r, r->cause, "statement");
	apl_outcome outcome = {0};
	apl_aside *aside;
	if (text.bytes == NULL) return misshapen(r, "statement: a text is missing");
	aplomb_error why = {0};
	int code = program->ops->read_aside == NULL
	               ? apl_fail(&why, APLOMB_EINVAL, "not-lua", "the playbook is not written in Lua")
	               : program->ops->read_aside(program->self, APL_ASIDE_STATEMENT, text.bytes, text.size, &aside, &why);
	if (code == APLOMB_OK) {
		code = apl_statement_step(r->engine, r->c, aside, text, r->at, &outcome, &why);
		program->ops->free_aside(program->self, aside);
	}
	if (code == APLOMB_OK || code == APLOMB_ENOMEM) return code;
	return apl_fail(r->error, APLOMB_EREFUSED, "replay-statement", "entry %llu: the statement fails here, in line %u: %s",
	    (unsigned long long)r->head.seq, (unsigned)why.line, why.message);
}

/*
 * How much memory is too much depends on the machine and on how the library was built, so that a step broke that limit is a
 * fact like an absence: it is written down again, and what it does to a case is done.
 */
static bool ran_out_of_memory(const recorded *r) {
	if (r->kind != APL_ENTRY_FAULTED || r->head.seq == 1) return false;
	uint32_t items = apl_tape_find(r->tape, 0, "items", 5);
	return r->tape->cells[items].count > 0 && is_text(text_in(r, items + 1, "slug"), "limit-memory", sizeof "limit-memory" - 1);
}

static int replay_memory(recorded *r) {
	apl_engine *engine = r->engine;
	apl_case *c = r->c;
	if (c->status != APLOMB_CASE_OPEN)
		return apl_fail(r->error, APLOMB_EREFUSED, "replay-faulted", "entry %llu: the case took nothing any more before it",
		    (unsigned long long)r->head.seq);
	apl_given given = text_in(r, r->cause, "id");
	if (given.bytes != NULL && !has(r, "deferred_seq")) {
		apl_case_more *more = apl_case_more_of(engine, c);
		r->faulted_id = apl_hash_bytes(given.bytes, given.size);
		const uint64_t floor = apl_seen_floor(engine, c);
		const apl_seen_id *known = more != NULL ? apl_seen_find(&more->seen, r->faulted_id) : NULL;
		r->has_faulted_id = more != NULL && (known == NULL || apl_seen_is_forgotten(known, floor));
		const apl_seen_id id = {.hash = r->faulted_id, .seq = r->head.seq & APL_MOST_SEQ, .how = APL_SEEN_FAULTED};
		if (more == NULL || (r->has_faulted_id && !apl_seen_add(&engine->alloc, &more->seen, id, floor))) return APLOMB_ENOMEM;
	}
	apl_line_begin(engine, c, r->at);
	apl_json_write(engine->line, r->tape, r->cause);
	apl_line_items(engine);
	uint32_t items = apl_tape_find(r->tape, 0, "items", 5), item = items + 1;
	for (uint32_t i = 0; i < r->tape->cells[items].count; i++, item = apl_tape_next(r->tape, item)) {
		if (i > 0) apl_buf_byte(engine->line, ',');
		apl_json_write(engine->line, r->tape, item);
	}
	return apl_step_fault(engine, c, apl_later(c->at, r->at));
}

static int replay_mended(recorded *r) {
	uint32_t data = apl_tape_find(r->tape, r->cause, "data", 4);
	apl_mend mend = {.because = text_in(r, r->cause, "because"),
	    .by = text_in(r, r->cause, "by"),
	    .limits = r->tape,
	    .limits_cell = apl_tape_find(r->tape, r->cause, "limits", 6)};
	if (data != 0 && r->tape->cells[data].kind == APLOMB_MAP) {
		mend.data = r->tape;
		mend.data_cell = data;
	}
	if (!apl_mend_named(text_in(r, r->cause, "do"), &mend.kind) || mend.because.bytes == NULL || mend.by.bytes == NULL ||
	    (mend.data != NULL) != (mend.kind == APLOMB_MEND_SET))
		return misshapen(r, "cause: it does not say how the case was mended");
	apl_outcome outcome;
	aplomb_error why = {0};
	int code = apl_mend_step(r->engine, r->c, &mend, r->at, &outcome, &r->queued, &why);
	if (code == APLOMB_OK || code == APLOMB_ENOMEM) return code;
	return apl_fail(r->error, APLOMB_EREFUSED, "replay-mended", "entry %llu: the case cannot be mended so here: %s",
	    (unsigned long long)r->head.seq, why.message);
}

/* By the definition that the entry holds, whatever the playbook says of its calendar here. */
static int replay_calendar(recorded *r) {
	apl_engine *engine = r->engine;
	const apl_program *program = r->c->program;
	const apl_given name = text_in(r, r->cause, "calendar"), to = text_in(r, r->cause, "to");
	const uint32_t definition = apl_tape_find(r->tape, r->cause, "definition", 10);
	apl_change change = {.because = text_in(r, r->cause, "because"), .by = text_in(r, r->cause, "by")};
	char shown[APL_SHOWN];
	const apl_given way = text_in(r, r->cause, "changes");
	if (name.bytes == NULL || to.bytes == NULL || definition == 0 || change.because.bytes == NULL || change.by.bytes == NULL ||
	    way.bytes == NULL || !apl_calendar_way_named(way.bytes, way.size, &change.way))
		return misshapen(r, "cause: it does not say what became of a calendar");
	while (
	    change.of < program->n_calendars && !is_text(name, program->calendars[change.of].name, strlen(program->calendars[change.of].name)))
		change.of++;
	if (change.of == program->n_calendars)
		return apl_fail(r->error, APLOMB_EREFUSED, "replay-calendar", "entry %llu changes calendar \"%s\", and the playbook has none here",
		    (unsigned long long)r->head.seq, apl_shown(name.bytes, name.size, shown));
	apl_buf *scratch = &engine->scratch;
	apl_buf_clear(scratch);
	apl_json_write(scratch, r->tape, definition);
	if (scratch->failed) return APLOMB_ENOMEM;
	apl_kept_calendar *kept;
	int code = apl_calendar_keep_text(engine, scratch->bytes, scratch->size, &kept, r->error);
	if (code) return code;
	change.calendar = kept->calendar;
	aplomb_error why = {0};
	bool is_changed = false;
	if (!is_text(to, apl_calendar_version(kept->calendar), APL_SHA256_HEX))
		code = apl_fail(r->error, APLOMB_EDAMAGED, "journal-calendar",
		    "entry %llu: the definition of calendar \"%s\" is not of the version that the entry names: it was changed",
		    (unsigned long long)r->head.seq, apl_shown(name.bytes, name.size, shown));
	if (!code) {
		code = apl_calendar_step(engine, r->c, &change, r->at, &is_changed, &why);
		if (!code && !is_changed) code = apl_fail(&why, APLOMB_EREFUSED, "replay-calendar", "it is that version already");
		if (code && code != APLOMB_ENOMEM)
			code = apl_fail(r->error, APLOMB_EREFUSED, "replay-calendar", "entry %llu: calendar \"%s\" cannot be changed here: %s",
			    (unsigned long long)r->head.seq, apl_shown(name.bytes, name.size, shown), why.message);
	}
	apl_calendar_drop(engine, kept);
	return code;
}

/* By what the cause holds: a faulted entry has that of the step that was undone. */
static int replay_cause(recorded *r) {
	switch (r->kind) {
	case APL_ENTRY_REFUSED: return replay_refused(r);
	case APL_ENTRY_AWAY: return replay_away(r);
	case APL_ENTRY_CANCELLED: return replay_cancelled(r);
	case APL_ENTRY_MENDED: return replay_mended(r);
	case APL_ENTRY_CALENDAR: return replay_calendar(r);
	default: break;
	}
	if (r->head.seq == 1) return replay_opened(r);
	if (has(r, "do")) return replay_mended(r);
	if (ran_out_of_memory(r)) return replay_memory(r);
	if (has(r, "armed_seq")) return replay_timer(r);
	if (has(r, "deferred_seq")) return replay_offer(r);
	if (has(r, "event")) return replay_event(r);
	if (has(r, "statement")) return replay_statement(r);
	if (has(r, "invoke")) return replay_cancelled(r);
	return misshapen(r, "cause: it names nothing that may happen to a case");
}

/* ---- the batch of one ------------------------------------------------------------ */

/* What was let in for this line leaves the queue again. */
static void release_queued(recorded *r) {
	apl_queued *queued = r->queued;
	if (queued == NULL) return;
	/* As after any batch: an id counts as seen only with an entry. */
	if (queued->kind == APL_QUEUED_EVENT && queued->has_id && apl_seen_find(&r->c->more->seen, queued->id_hash)->seq == 0)
		apl_seen_remove(&r->c->more->seen, queued->id_hash);
	apl_queue_release(&r->engine->queue, queued);
}

/* What the case owes its deferred events from now on. */
static void note_offers(recorded *r, bool moved) {
	apl_case_more *more = r->c->more;
	bool owed = more != NULL && more->owes_offers;
	apl_owe_nothing(r->engine, r->c);
	bool owes = more != NULL && more->deferred != NULL && r->c->status == APLOMB_CASE_OPEN && (moved || (r->offers && owed));
	if (!owes) return;
	more->owes_offers = true;
	more->offered_seq = moved ? 0 : r->offer_seq;
	r->engine->n_owing++;
}

static int take_line(apl_engine *engine) {
	const apl_batch *batch = &engine->batch;
	APL_ASSERT(batch->n_lines > 0 && !batch->bytes.failed);
	uint32_t size = batch->lines[batch->n_lines - 1].size;
	apl_buf_add(&engine->replayed, batch->bytes.bytes + batch->bytes.size - size, size - 1);
	return engine->replayed.failed ? APLOMB_ENOMEM : APLOMB_OK;
}

static int step_line(recorded *r) {
	int code = replay_cause(r);
	return code ? code : take_line(r->engine);
}

static bool is_same(const recorded *r) {
	const apl_buf *made = &r->engine->replayed;
	return made->size == r->size && memcmp(made->bytes, r->line, r->size) == 0;
}

/*
 * Which of several timers alike fired is not said by the entry's cause, but its
 * digest covers those that are left: the right one is the one with which it
 * comes out. If none is, it is the first.
 */
static int try_again(recorded *r, apl_replay *replay) {
	do {
		r->pick = r->pick + 1 < r->n_alike ? r->pick + 1 : 0;
		apl_batch_take_back(r->engine);
		apl_buf_clear(&r->engine->replayed);
		replay->moved = false;
		int code = step_line(r);
		if (code) return code;
	} while (r->pick > 0 && !is_same(r));
	return APLOMB_OK;
}

/* One step, one commit. */
static int replay_entry(recorded *r) {
	apl_engine *engine = r->engine;
	apl_replay replay = {.follows = r->follows, .tape = r->tape};
	engine->replay = &replay;
	engine->inside = true;
	int code = step_line(r);
	if (!code && r->n_alike > 1 && !is_same(r)) code = try_again(r, &replay);
	if (!code) code = apl_commit(engine, r->error);
	engine->replay = NULL;
	engine->inside = false;
	if (code) {
		apl_batch_take_back(engine);
		if (r->has_faulted_id) apl_seen_remove(&r->c->more->seen, r->faulted_id);
		release_queued(r);
		if (code == APLOMB_EINTERRUPTED) return apl_fail_interrupted(r->error);
		return code == APLOMB_ENOMEM ? apl_fail_memory(r->error) : code;
	}
	if (!apl_is_recalling(engine->pages)) apl_stats_apply(engine);
	apl_postings_drop(engine);
	apl_batch_settle(engine);
	release_queued(r);
	note_offers(r, replay.moved);
	apl_clock_turn(engine->clock, r->c->at);
	if (r->follows && !is_same(r)) r->c->prev = apl_hash_bytes(r->line, r->size);
	return APLOMB_OK;
}

/* The case of an `opened` entry, or of one that was faulted by its opening, comes out of those that are ready, and goes back there when it
 * does not come about. */
static int replay_first(recorded *r) {
	apl_engine *engine = r->engine;
	apl_case **link = find_readied(r), *c = *link;
	char shown[APL_SHOWN];
	apl_shown(r->head.id, r->head.id_size, shown);
	if (c == NULL)
		return apl_fail(
		    r->error, APLOMB_ENOTFOUND, "replay-headless", "case \"%s\": entry 1 comes without its head: replay that first", shown);
	if (r->kind != APL_ENTRY_OPENED && r->kind != APL_ENTRY_FAULTED)
		return apl_fail(r->error, APLOMB_EINVAL, "replay-order", "case \"%s\": a case is opened with entry 1, and this one is \"%s\"",
		    shown, apl_entry_kind_name(r->kind));
	if (apl_cases_find(&engine->cases, r->head.id, r->head.id_size) != NULL)
		return apl_fail(r->error, APLOMB_EINVAL, "case-exists", "case \"%s\" is there already: forget it before it is replayed", shown);
	*link = c->next;
	c->next = NULL;
	r->c = c;
	bool is_listed = apl_case_enlist(engine, c);
	int code = is_listed ? replay_entry(r) : apl_fail_memory(r->error);
	if (!code) return APLOMB_OK;
	if (is_listed) apl_case_vanish(engine, c, NULL);
	c->next = engine->readied;
	engine->readied = c;
	return code;
}

static int replay_next(recorded *r) {
	char shown[APL_SHOWN];
	apl_shown(r->head.id, r->head.id_size, shown);
	r->c = apl_engine_case(r->engine, r->head.id, r->head.id_size);
	if (r->c == NULL)
		return apl_fail(r->error, APLOMB_ENOTFOUND, "replay-headless",
		    "case \"%s\" is not there: replay it from its head, or put it back from a snapshot first", shown);
	if (r->head.seq != r->c->seq + 1)
		return apl_fail(r->error, APLOMB_EINVAL, "replay-order", "case \"%s\" stands at entry %llu: entry %llu is next, not entry %llu",
		    shown, (unsigned long long)r->c->seq, (unsigned long long)r->c->seq + 1, (unsigned long long)r->head.seq);
	return replay_entry(r);
}

/* ---- what came out ---------------------------------------------------------------- */

static bool same_member(const apl_tape *a, const apl_tape *b, const char *name, apl_buf *scratch) {
	uint32_t one = apl_tape_find(a, 0, name, strlen(name)), other = apl_tape_find(b, 0, name, strlen(name));
	if (one == 0 || other == 0) return one == other;
	apl_buf_clear(scratch);
	apl_json_write(scratch, a, one);
	size_t size = scratch->size;
	apl_json_write(scratch, b, other);
	return scratch->size == 2 * size && memcmp(scratch->bytes, scratch->bytes + size, size) == 0;
}

static int tell_difference(apl_engine *engine, bool is_head, const char **out, aplomb_error *error) {
	static const char *const of_head[] = {"playbook", "params", "seed", "subject", "locale", "parent", "limits", NULL};
	static const char *const of_entry[] = {"kind", "at", "cause", "items", "digest", "prev", NULL};
	const apl_json_bounds bounds = {.depth = 1024, .size = SIZE_MAX};
	int code = apl_json_read(&engine->made, engine->replayed.bytes, engine->replayed.size, &bounds, error);
	if (code) return code;
	const char *const *name = is_head ? of_head : of_entry;
	while (*name != NULL && same_member(&engine->recorded, &engine->made, *name, &engine->scratch)) name++;
	*out = *name != NULL ? *name : "other";
	return engine->scratch.failed ? apl_fail_memory(error) : APLOMB_OK;
}

int apl_replay_read(apl_engine *engine, const char *line, size_t size, apl_line_head *head, aplomb_error *error) {
	const apl_json_bounds bounds = {.depth = 1024, .size = (size_t)1 << 30};
	int code = apl_json_read(&engine->recorded, line, size, &bounds, error);
	return code ? code : apl_line_shape(&engine->recorded, head, error);
}

const apl_tape *apl_replay_tape(const apl_engine *engine) {
	return &engine->recorded;
}

static int look_into(recorded *r) {
	if (r->head.is_head) return APLOMB_OK;
	apl_given at = text_in(r, 0, "at"), kind = text_in(r, 0, "kind");
	r->cause = apl_tape_find(r->tape, 0, "cause", 5);
	while (!is_text(kind, apl_entry_kind_name(r->kind), strlen(apl_entry_kind_name(r->kind)))) r->kind++;
	return apl_instant_read(at.bytes, at.size, &r->at, r->error);
}

int apl_replay_step(apl_engine *engine, apl_program *program, const apl_recorded_line *line, aplomb_replayed *out, aplomb_error *error) {
	APL_ASSERT((engine->rehearses || apl_is_recalling(engine->pages)) && !engine->inside);
	aplomb_error own;
	recorded r = {.engine = engine,
	    .line = line->text,
	    .size = line->size,
	    .tape = &engine->recorded,
	    .head = line->head,
	    .follows = line->follows,
	    .program = program,
	    .error = error != NULL ? error : &own};
	apl_buf_clear(&engine->replayed);
	int code = look_into(&r);
	if (!code) code = r.head.is_head ? replay_head(&r) : r.head.seq == 1 ? replay_first(&r) : replay_next(&r);
	if (code) return code;
	/* A head is written with the newline that ends it. */
	if (r.head.is_head) engine->replayed.size--;
	out->case_id = apl_case_id(r.c);
	out->seq = r.c->seq;
	out->text = apl_buf_terminate(&engine->replayed);
	out->text_size = engine->replayed.size;
	out->same = is_same(&r);
	out->differs = NULL;
	return APLOMB_OK;
}

int apl_engine_replay(apl_engine *engine, apl_program *program, const char *line, size_t size, aplomb_replayed *out, aplomb_error *error) {
	apl_recorded_line recorded_line = {.text = line, .size = size};
	int code = apl_replay_read(engine, line, size, &recorded_line.head, error);
	if (!code) code = apl_replay_step(engine, program, &recorded_line, out, error);
	if (code || out->same) return code;
	/* The step is taken, and cannot be told as failed: where there is no memory to find the member, the texts are there to be compared. */
	if (tell_difference(engine, recorded_line.head.is_head, &out->differs, NULL) != APLOMB_OK) out->differs = "other";
	return APLOMB_OK;
}

/* ---- limits ------------------------------------------------------------------------- */

int apl_head_limits(const apl_alloc *alloc, const char *line, size_t size, aplomb_limits *out, aplomb_error *error) {
	apl_tape tape;
	apl_tape_init(&tape, alloc);
	const apl_json_bounds bounds = {.depth = 1024, .size = (size_t)1 << 30};
	apl_line_head head;
	int code = apl_json_read(&tape, line, size, &bounds, error);
	if (!code) code = apl_line_shape(&tape, &head, error);
	if (!code && !head.is_head)
		code = apl_fail(error, APLOMB_EDAMAGED, "journal-headless", "entry %llu is no head, and only a head names limits",
		    (unsigned long long)head.seq);
	if (!code) apl_limits_read(&tape, apl_tape_find(&tape, 0, "limits", 6), out);
	apl_tape_dispose(&tape);
	return code;
}
