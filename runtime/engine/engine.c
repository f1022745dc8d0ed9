/* SPDX-License-Identifier: MIT */
/*
 * Decides the engine's life: what it is made of, which programs it knows, and
 * what may be asked about its cases from outside.
 */
#include "engine/inside.h"

#include "base/assert.h"
#include "time/shown.h"

aplomb_limits apl_limits_or_default(const aplomb_limits *given) {
	aplomb_limits limits = {.size = sizeof limits};
	if (given != NULL) memcpy(&limits, given, given->size < sizeof limits ? given->size : sizeof limits);
	limits.size = sizeof limits;
#define DEFAULT(member, value)                                                                                                             \
	do {                                                                                                                                   \
		if (limits.member == 0) limits.member = (value);                                                                                   \
	} while (0)
	DEFAULT(instructions, 1000000);
	DEFAULT(memory, (size_t)16 * 1024 * 1024);
	DEFAULT(microsteps, 1000);
	DEFAULT(internal_events, 1000);
	DEFAULT(effects, 256);
	DEFAULT(queue, 1000000);
	DEFAULT(timers, 1000);
	DEFAULT(deferred, 100);
	DEFAULT(states, 16384);
	DEFAULT(data, (size_t)1024 * 1024);
	DEFAULT(depth, 64);
	DEFAULT(children, APL_USUAL_CHILDREN);
	DEFAULT(invoke_depth, APL_USUAL_INVOKE_DEPTH);
	DEFAULT(own_steps, APL_USUAL_OWN_STEPS);
	DEFAULT(hops, APL_USUAL_HOPS);
	DEFAULT(ids, APL_USUAL_IDS);
#undef DEFAULT
	return limits;
}

/* Of a case that may leave memory: so few lines are stepped again when it comes back, and they are most of what it takes to keep it. */
#define USUAL_SNAPSHOTS 16

/* ---- life --------------------------------------------------------------------- */

apl_schema *apl_error_schema_new(const apl_alloc *alloc, uint32_t fields[APL_ERROR_FIELDS]) {
	static const apl_field_options members[APL_ERROR_FIELDS] = {[APL_ERROR_MESSAGE] = {.name = "message", .type = APL_TYPE_TEXT},
	    [APL_ERROR_SLUG] = {.name = "slug", .type = APL_TYPE_TEXT},
	    [APL_ERROR_FILE] = {.name = "file", .type = APL_TYPE_TEXT},
	    [APL_ERROR_LINE] = {.name = "line", .type = APL_TYPE_INTEGER},
	    [APL_ERROR_SENDID] = {.name = "sendid", .type = APL_TYPE_TEXT}};
	apl_schema_builder *builder = apl_schema_builder_new(alloc, "error");
	if (builder == NULL) return NULL;
	apl_findings findings;
	apl_findings_init(&findings, alloc);
	apl_schema *schema = NULL;
	bool made = true;
	for (size_t i = 0; i < APL_ERROR_FIELDS && made; i++) made = apl_schema_add(builder, 0, &members[i], &fields[i]);
	if (made && apl_schema_finish(builder, &schema, &findings) != APLOMB_OK) schema = NULL;
	apl_findings_dispose(&findings);
	apl_schema_builder_free(builder);
	return schema;
}

int apl_engine_new(apl_engine **out, const apl_engine_options *options, aplomb_error *error) {
	apl_engine *engine = apl_new(&options->alloc, sizeof *engine);
	if (engine == NULL) {
		options->store.ops->close(options->store.self);
		return apl_fail_memory(error);
	}
	engine->alloc = options->alloc;
	engine->log = options->log;
	engine->clock = options->clock;
	engine->time_follows_events = options->time_follows_events;
	engine->store = options->store;
	engine->limits = options->limits;
	engine->snapshot_every = options->snapshot_every;
	if (options->store.pages) {
		if (engine->snapshot_every == 0) engine->snapshot_every = USUAL_SNAPSHOTS;
		int code = apl_pages_new(&engine->pages, &options->alloc, options, error);
		if (code) {
			options->store.ops->close(options->store.self);
			apl_free(&options->alloc, engine, sizeof *engine);
			return code;
		}
	}
	engine->covers = options->covers;
	/* In a rehearsal lines are told to whoever replays, kept or not. */
	engine->composes = options->rehearses || !options->store.drops_lines;
	engine->rehearses = options->rehearses;
	engine->steps_in_place = !engine->composes && !engine->covers && engine->snapshot_every == 0;
	engine->interrupted = options->interrupted;
	engine->step.turn.interrupted = options->interrupted;
	engine->totals.size = sizeof engine->totals;
	const apl_alloc *alloc = &engine->alloc;
	apl_cases_init(&engine->cases, alloc);
	apl_timerq_init(&engine->timers, alloc);
	apl_timerq_init(&engine->outbox.due, alloc);
	apl_away_init(&engine->away, options->overdue_per_second);
	engine->batch_most = options->batch_most > 0 ? options->batch_most : 256;
	engine->batch_within = options->batch_within > 0 ? options->batch_within : APL_SECOND / 20;
	engine->outbox.held_until = INT64_MIN;
	engine->outbox.keeps = options->store.pages && !options->rehearses;
	if (engine->outbox.keeps) engine->totals.undelivered = options->store.ops->n_effects(options->store.self);
	engine->outbox.patience = options->patience > 0 ? options->patience : APL_MINUTE;
	apl_queue_init(&engine->queue, alloc);
	apl_batch_init(&engine->batch, alloc);
	apl_arena_init(&engine->turn_arena, alloc);
	apl_buf *const bufs[] = {
	    &engine->no_line, &engine->hashed, &engine->effect_bytes, &engine->scratch, &engine->limits_json, &engine->answer, &engine->tried};
	for (size_t i = 0; i < sizeof bufs / sizeof bufs[0]; i++) apl_buf_init(bufs[i], alloc);
	engine->step.turn.engine = engine;
	engine->line = engine->composes ? &engine->batch.bytes : &engine->no_line;
	apl_tape_init(&engine->tape, alloc);
	apl_tape_init(&engine->open_tape, alloc);
	apl_tape_init(&engine->recorded, alloc);
	apl_tape_init(&engine->made, alloc);
	apl_buf_init(&engine->replayed, alloc);
	engine->machine = apl_machine_new(alloc);
	apl_limits_write(&engine->limits_json, &engine->limits);
	if (engine->machine == NULL || engine->limits_json.failed ||
	    (engine->error_schema = apl_error_schema_new(&engine->alloc, engine->error_fields)) == NULL) {
		apl_engine_free(engine);
		return apl_fail_memory(error);
	}
	*out = engine;
	return APLOMB_OK;
}

/* Every case, and what waits for one: nothing of it was acknowledged that is not in the journal. */
static void forget_cases(apl_engine *engine) {
	while (engine->first_case != NULL) {
		apl_case *gone = engine->first_case;
		engine->first_case = gone->next;
		apl_case_free(engine, gone);
	}
	engine->last_case = NULL;
	while (engine->readied != NULL) {
		apl_case *gone = engine->readied;
		engine->readied = gone->next;
		apl_case_free(engine, gone);
	}
	/* What cases sent themselves went with them. */
	while (engine->queue.first != NULL) apl_queue_release(&engine->queue, engine->queue.first);
	apl_outbox_clear(engine);
	apl_sent_clear(engine);
}

void apl_engine_reset(apl_engine *engine, apl_store store) {
	forget_cases(engine);
	const apl_alloc alloc = engine->alloc;
	apl_cases_dispose(&engine->cases);
	apl_cases_init(&engine->cases, &alloc);
	engine->next_order = 0;
	apl_away_init(&engine->away, engine->away.per_second);
	engine->totals = (aplomb_totals){.size = sizeof engine->totals};
	for (apl_prepared *p = engine->programs; p != NULL; p = p->next) apl_stats_clear(p);
	engine->store.ops->close(engine->store.self);
	engine->store = store;
}

int apl_engine_put_sources(const apl_engine *engine, const apl_store *store, aplomb_error *error) {
	int code = APLOMB_OK;
	for (const apl_prepared *p = engine->programs; p != NULL && code == APLOMB_OK; p = p->next)
		code = store->ops->put_source(store->self, p->program->hash, p->program->source, p->program->source_size, error);
	return code;
}

void apl_engine_free(apl_engine *engine) {
	if (engine == NULL) return;
	const apl_alloc alloc = engine->alloc;
	forget_cases(engine);
	apl_queue_dispose(&engine->queue);
	apl_outbox_dispose(engine);
	while (engine->spare_timers != NULL) {
		apl_case_timer *gone = engine->spare_timers;
		engine->spare_timers = gone->next;
		apl_free(&alloc, gone, sizeof *gone);
	}
	apl_timerq_dispose(&engine->timers);
	apl_cases_dispose(&engine->cases);
	apl_batch_dispose(&engine->batch);
	apl_handles_dispose(&engine->handles, &alloc);
	apl_kinds_free(engine);
	while (engine->programs != NULL) {
		apl_prepared *gone = engine->programs;
		apl_program *program = gone->program;
		engine->programs = gone->next;
		apl_prepared_free(&alloc, gone);
		program->ops->free(program->self);
	}
	apl_schema_free(engine->error_schema);
	apl_engine_watch_end(engine);
	apl_machine_free(engine->machine);
	apl_free(&alloc, engine->invoking, engine->invoking_capacity * sizeof *engine->invoking);
	apl_arena_dispose(&engine->turn_arena);
	apl_buf *const bufs[] = {
	    &engine->no_line, &engine->hashed, &engine->effect_bytes, &engine->scratch, &engine->limits_json, &engine->answer, &engine->tried};
	for (size_t i = 0; i < sizeof bufs / sizeof bufs[0]; i++) apl_buf_dispose(bufs[i]);
	apl_tape_dispose(&engine->tape);
	apl_tape_dispose(&engine->open_tape);
	apl_tape_dispose(&engine->recorded);
	apl_tape_dispose(&engine->made);
	apl_buf_dispose(&engine->replayed);
	engine->store.ops->close(engine->store.self);
	apl_pages_free(engine->pages, &alloc);
	apl_free(&alloc, engine, sizeof *engine);
}

int apl_engine_reload(apl_engine *engine, aplomb_error *error) {
	int code = apl_sent_reload(engine, error);
	if (!code) apl_postings_resume(engine);
	return code;
}

/* ---- programs -------------------------------------------------------------------- */

apl_program *apl_engine_program_by_hash(const apl_engine *engine, const char *hash) {
	for (const apl_prepared *p = engine->programs; p != NULL; p = p->next) {
		if (strcmp(p->program->hash, hash) == 0) return p->program;
	}
	return NULL;
}

apl_program *apl_engine_program(const apl_engine *engine, const char *id, size_t size) {
	for (const apl_prepared *p = engine->programs; p != NULL; p = p->next) {
		if (strlen(p->program->id) == size && memcmp(p->program->id, id, size) == 0) return p->program;
	}
	return NULL;
}

void apl_engine_default(apl_engine *engine, apl_program *program) {
	engine->default_program = program;
}

/* Moves it to the front: the latest loaded counts for new cases. */
static void prefer(apl_engine *engine, const apl_program *program) {
	apl_prepared **link = &engine->programs;
	while ((*link)->program != program) link = &(*link)->next;
	apl_prepared *found = *link;
	*link = found->next;
	found->next = engine->programs;
	engine->programs = found;
}

int apl_engine_add(apl_engine *engine, apl_program *program, apl_program **out, aplomb_error *error) {
	apl_program *known = apl_engine_program_by_hash(engine, program->hash);
	if (known != NULL) {
		program->ops->free(program->self);
		if (!engine->adds_behind) prefer(engine, known);
		*out = known;
		return APLOMB_OK;
	}
	apl_prepared *prepared = apl_prepared_new(&engine->alloc, program, engine->covers, engine->limits.instructions);
	int code = prepared != NULL
	               ? engine->store.ops->put_source(engine->store.self, program->hash, program->source, program->source_size, error)
	               : apl_fail_memory(error);
	if (code) {
		apl_prepared_free(&engine->alloc, prepared);
		program->ops->free(program->self);
		return code;
	}
	program->prepared = prepared;
	apl_prepared **link = &engine->programs;
	while (engine->adds_behind && *link != NULL) link = &(*link)->next;
	prepared->next = *link;
	*link = prepared;
	apl_outbox_resolve(engine, prepared);
	*out = program;
	return APLOMB_OK;
}

/* ---- cases ------------------------------------------------------------------------- */

int apl_engine_find(apl_engine *engine, const char *id, size_t size, apl_case **out, aplomb_error *error) {
	*out = apl_cases_look_up(&engine->cases, id, size, apl_key_of_any(id, size));
	if (*out == NULL) {
		int code = apl_page_look(engine, id, size, out, error);
		if (code) return code;
	}
	if (*out != NULL && (*out)->seq > 0) return APLOMB_OK;
	*out = NULL;
	char shown[APL_SHOWN];
	return apl_fail(error, APLOMB_ENOTFOUND, "unknown-case", "there is no case \"%s\" in this runtime", apl_shown(id, size, shown));
}

apl_case *apl_engine_case(apl_engine *engine, const char *id, size_t size) {
	apl_case *c = apl_cases_look_up(&engine->cases, id, size, apl_key_of_any(id, size));
	if (c != NULL || engine->pages == NULL) return c != NULL && c->seq > 0 ? c : NULL;
	aplomb_error error;
	if (apl_page_look(engine, id, size, &c, &error) != APLOMB_OK) {
		apl_tell(engine, APLOMB_LOG_ERROR, "case-unreadable", NULL, "%s", error.message);
		return NULL;
	}
	return c;
}

/* Where they leave memory, the store knows them all. */
typedef struct case_teller {
	void (*tell)(const char *case_id, void *payload);
	void *payload;
	size_t count;
} case_teller;

static int tell_case(const apl_store_head *head, void *payload) {
	case_teller *to = payload;
	char id[APL_MOST_CASE_ID + 1];
	to->count++;
	if (to->tell == NULL || head->case_id_size > APL_MOST_CASE_ID) return 0;
	memcpy(id, head->case_id, head->case_id_size);
	id[head->case_id_size] = '\0';
	to->tell(id, to->payload);
	return 0;
}

size_t apl_engine_cases(apl_engine *engine, void (*tell)(const char *case_id, void *payload), void *payload) {
	size_t count = 0;
	if (engine->pages != NULL) {
		case_teller to = {tell, payload, 0};
		aplomb_error error;
		if (engine->store.ops->cases(engine->store.self, tell_case, &to, &error) != APLOMB_OK)
			apl_tell(engine, APLOMB_LOG_ERROR, "case-unreadable", NULL, "%s", error.message);
		return to.count;
	}
	for (apl_case *c = engine->first_case; c != NULL; c = c->next) {
		if (c->seq == 0) continue;
		count++;
		if (tell != NULL) tell(apl_case_id(c), payload);
	}
	return count;
}

/* What a store tells becomes what the host is told. The version that a case runs is loaded between two tellings, for a store is not called
 * while it tells. */
typedef struct brief_teller {
	apl_engine *engine;
	int (*tell)(const aplomb_case_brief *brief, void *payload);
	void *payload;
	uint64_t told, seen;
	char missing[APL_SHA256_HEX + 1]; /* the version that is to be loaded next; "": none */
	apl_buf lost;                     /* hashes of those that cannot be, each terminated */
	int answer;
} brief_teller;

static bool is_lost(const brief_teller *to, const char *hash) {
	for (size_t at = 0; at < to->lost.size; at += APL_SHA256_HEX + 1)
		if (strcmp(to->lost.bytes + at, hash) == 0) return true;
	return false;
}

static int tell_brief(const apl_store_head *head, void *payload) {
	brief_teller *to = payload;
	char id[APL_MOST_CASE_ID + 1], hash[APL_SHA256_HEX + 1] = "";
	if (to->seen++ < to->told || head->case_id_size > APL_MOST_CASE_ID) return 0;
	if (head->playbook != NULL) memcpy(hash, head->playbook, strnlen(head->playbook, APL_SHA256_HEX));
	apl_program *program = apl_engine_program_by_hash(to->engine, hash);
	if (program == NULL && !is_lost(to, hash)) {
		memcpy(to->missing, hash, sizeof hash);
		return 1;
	}
	to->told++;
	memcpy(id, head->case_id, head->case_id_size);
	id[head->case_id_size] = '\0';
	const aplomb_case_brief brief = {.size = sizeof brief,
	    .id = id,
	    .status = (aplomb_case_status)head->status,
	    .due_at = head->status == APLOMB_CASE_OPEN ? head->due_at : APLOMB_NEVER,
	    .playbook = (const aplomb_playbook *)program,
	    .playbook_hash = hash};
	to->answer = to->tell(&brief, to->payload);
	return to->answer;
}

static int each_kept(apl_engine *engine, brief_teller *to, aplomb_error *error) {
	for (;;) {
		to->seen = 0;
		to->missing[0] = '\0';
		int code = engine->store.ops->cases(engine->store.self, tell_brief, to, error);
		if (to->answer != 0) return to->answer;
		if (to->missing[0] == '\0') return code;
		apl_program *program;
		code = apl_page_program(engine, to->missing, &program, error);
		if (code == APLOMB_ENOMEM) return code;
		if (code) {
			apl_tell(engine, APLOMB_LOG_ERROR, "case-unreadable", NULL, "the version %.12s of a playbook cannot be loaded: %s", to->missing,
			    error != NULL ? error->message : "");
			apl_buf_add(&to->lost, to->missing, sizeof to->missing);
			if (to->lost.failed) return apl_fail_memory(error);
		}
	}
}

int apl_engine_each(apl_engine *engine, int (*tell)(const aplomb_case_brief *brief, void *payload), void *payload, aplomb_error *error) {
	aplomb_error own;
	if (error == NULL) error = &own;
	if (engine->pages != NULL) {
		brief_teller to = {.engine = engine, .tell = tell, .payload = payload};
		apl_buf_init(&to.lost, &engine->alloc);
		int code = each_kept(engine, &to, error);
		apl_buf_dispose(&to.lost);
		return code;
	}
	for (apl_case *c = engine->first_case; c != NULL; c = c->next) {
		if (c->seq == 0) continue;
		const aplomb_case_brief brief = {.size = sizeof brief,
		    .id = apl_case_id(c),
		    .status = (aplomb_case_status)c->status,
		    .due_at = apl_case_due(c),
		    .playbook = (const aplomb_playbook *)c->program,
		    .playbook_hash = c->program->hash};
		int answer = tell(&brief, payload);
		if (answer != 0) return answer;
	}
	return APLOMB_OK;
}

const char *apl_engine_outcome(const apl_case *c) {
	return c->final_state != APL_NONE ? c->program->chart->states[c->final_state].outcome : NULL;
}

size_t apl_engine_timers(
    apl_engine *engine, apl_case *c, void (*tell)(const char *name, aplomb_instant due_at, void *payload), void *payload) {
	(void)engine;
	const apl_chart *chart = c->program->chart;
	size_t count = apl_case_count_timers(c);
	/* A case has few: picking the next one each time needs no memory. */
	const apl_case_timer *told = NULL;
	for (size_t i = 0; i < count && tell != NULL; i++) {
		const apl_case_timer *next = NULL;
		for (const apl_case_timer *timer = c->timers; timer != NULL; timer = timer->next) {
			if ((told == NULL || apl_timer_is_before(&told->timer, &timer->timer)) &&
			    (next == NULL || apl_timer_is_before(&timer->timer, &next->timer)))
				next = timer;
		}
		APL_ASSERT(next != NULL);
		told = next;
		const uint32_t clock = apl_timer_clock(next);
		tell(next->send != NULL  ? next->send->texts
		     : clock != APL_NONE ? chart->events[apl_clock_next_event(c, clock)].name
		                         : chart->states[chart->delays[next->delay].state].path,
		    next->timer.due_at, payload);
	}
	return count;
}

int apl_engine_journal_each(apl_engine *engine, apl_case *c, uint64_t from, int (*line)(const char *text, size_t size, void *payload),
    void *payload, aplomb_error *error) {
	return engine->store.ops->read(engine->store.self, apl_case_id(c), c->id_size, c->mark, from, line, payload, error);
}
