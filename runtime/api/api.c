/* SPDX-License-Identifier: MIT */
/*
 * Decides what a host may call, when, and with what: arguments are checked
 * here, the plugs are wired here, and everything else is handed to the engine.
 * Nothing clever happens in this file.
 */
#include <stdlib.h>
#include <string.h>

#include "api/runtime.h"
#include "api/store_api.h"
#include "chart/chart.h"
#include "data/record.h"
#include "store/store.h"

/* ---- who may enter, and with what --------------------------------------- */

int apl_fail_null(aplomb_error *error, const char *call, const char *argument) {
	return apl_fail(error, APLOMB_EINVAL, "null-argument", "%s: NULL was given as %s", call, argument);
}

static int fail_busy(aplomb_error *error, const char *call, const char *instead) {
	return apl_fail(error, APLOMB_EBUSY, "busy", "%s was called from inside a callback of the same runtime; %s", call, instead);
}

int apl_may_enter(const aplomb_runtime *rt, const char *call, aplomb_error *error) {
	if (rt == NULL) return apl_fail_null(error, call, "the runtime");
	if (rt->presence == APL_OUTSIDE) return APLOMB_OK;
	return fail_busy(error, call, "note what is to be done and do it after aplomb_pump has returned");
}

int apl_may_rehearse(const aplomb_runtime *rt, const char *call, aplomb_error *error) {
	int code = apl_may_enter(rt, call, error);
	if (code != APLOMB_OK || rt->rehearses) return code;
	return apl_fail(error, APLOMB_EINVAL, "no-rehearsal",
	    "%s: this runtime is no rehearsal, and what it acknowledged stands; open one with options.rehearsal for this", call);
}

/* Posting only queues, so receipts and effect handlers may do it. */
static int may_post(const aplomb_runtime *rt, const char *call, aplomb_error *error) {
	if (rt == NULL) return apl_fail_null(error, call, "the runtime");
	if (rt->presence != APL_DEAF) return APLOMB_OK;
	return fail_busy(error, call, "a log or journal sink cannot call the runtime; post from a receipt or an effect handler, or later");
}

bool apl_is_open(const aplomb_runtime *rt) {
	return rt != NULL && rt->presence == APL_OUTSIDE;
}

int apl_take_struct(void *to, size_t to_size, const void *from, const char *what, aplomb_error *error) {
	size_t size;
	memcpy(&size, from, sizeof size);
	if (size < sizeof size)
		return apl_fail(error, APLOMB_EINVAL, "struct-size", "%s: size is %zu; begin with its _INIT macro, which sets it", what, size);
	const char *bytes = from;
	for (size_t i = to_size; i < size; i++)
		if (bytes[i] != 0)
			return apl_fail(error, APLOMB_EINVAL, "struct-size",
			    "%s: it was made by a newer header than this library (%s) and uses a member this library does not know", what,
			    APLOMB_VERSION);
	memset(to, 0, to_size);
	memcpy(to, from, size < to_size ? size : to_size);
	memcpy(to, &to_size, sizeof to_size);
	return APLOMB_OK;
}

/* Not inlined: where gcc sees how large [to] is in one caller, it warns of the newer header's caller that it then cannot have. */
__attribute__((noinline)) void apl_give_struct(void *to, const void *from, size_t from_size) {
	size_t size;
	memcpy(&size, to, sizeof size);
	if (size > from_size) {
		memset((char *)to + from_size, 0, size - from_size);
		size = from_size;
	}
	if (size > sizeof size) memcpy((char *)to + sizeof size, (const char *)from + sizeof size, size - sizeof size);
}

/* ---- sinks -------------------------------------------------------------- */

/* The engine logs and commits in the midst of its work: what the host's sinks would call then is refused. */
static void guard_log(const aplomb_log_record *record, void *payload) {
	aplomb_runtime *rt = payload;
	apl_presence before = rt->presence;
	rt->presence = APL_DEAF;
	rt->log_fn(record, rt->log_payload);
	rt->presence = before;
}

static int guard_journal(const char *lines, size_t size, void *payload) {
	aplomb_runtime *rt = payload;
	apl_presence before = rt->presence;
	rt->presence = APL_DEAF;
	int answer = rt->journal_fn(lines, size, rt->journal_payload);
	rt->presence = before;
	return answer;
}

/* ---- life --------------------------------------------------------------- */

static int check_options(const aplomb_options *options, aplomb_error *error) {
	if (options->allocator != NULL && options->allocator->fn == NULL) return apl_fail_null(error, "aplomb_open", "options->allocator->fn");
	if (options->clock != NULL && options->time_follows_events)
		return apl_fail(error, APLOMB_EINVAL, "two-clocks",
		    "aplomb_open: options->clock and options->time_follows_events are both set; time has one source: leave one out");
	if ((int)options->log_level < APLOMB_LOG_OFF || (int)options->log_level > APLOMB_LOG_TRACE)
		return apl_fail(error, APLOMB_EINVAL, "log-level", "aplomb_open: options->log_level is %d; it goes from 0 to %d",
		    (int)options->log_level, APLOMB_LOG_TRACE);
	return APLOMB_OK;
}

static int open_memory(aplomb_runtime *rt, apl_store *out, aplomb_error *error) {
	const apl_store_memory_options options = {
	    .forget = rt->forgets, .sink = rt->journal_fn != NULL ? guard_journal : NULL, .sink_payload = rt};
	return apl_store_memory_open(out, &rt->alloc, &options, error);
}

/* [rt] holds the allocator and nothing else yet; what is made before a failure is ended by aplomb_close. */
static int wire(aplomb_runtime *rt, const aplomb_options *options, const aplomb_limits *limits, aplomb_error *error) {
	rt->limits = apl_limits_or_default(limits);
	rt->log_fn = options->log;
	rt->log_payload = options->log_payload;
	rt->journal_fn = options->journal;
	rt->journal_payload = options->journal_payload;
	apl_clock_init(&rt->clock, options->clock, options->clock_payload, options->time_follows_events);

	aplomb_level level = options->log_level != APLOMB_LOG_OFF ? options->log_level : APLOMB_LOG_WARN;
	aplomb_log_fn log = options->log != NULL ? guard_log : NULL;
	if (!apl_log_init(&rt->log, &rt->alloc, log, rt, level, options->log_per_second)) return apl_fail_memory(error);
	if (options->trace_case != NULL) {
		rt->trace_case = apl_copy_text(&rt->alloc, options->trace_case, strlen(options->trace_case));
		if (rt->trace_case == NULL) return apl_fail_memory(error);
		rt->log.trace_case = rt->trace_case;
	}

	apl_engine_options engine = {.alloc = rt->alloc,
	    .log = &rt->log,
	    .clock = &rt->clock,
	    .time_follows_events = options->time_follows_events,
	    .limits = rt->limits,
	    .snapshot_every = options->snapshot_every,
	    .resident = options->resident,
	    .loader = {apl_load_kept, rt},
	    .patience = options->effect_patience,
	    .overdue_per_second = options->overdue_per_second,
	    .batch_most = options->batch_most,
	    .batch_within = options->batch_within,
	    .covers = options->coverage,
	    .rehearses = options->rehearsal,
	    .interrupted = &rt->interrupted};
	rt->forgets = options->forget_journal;
	rt->rehearses = options->rehearsal;
	rt->keeps = options->store != NULL || options->own_store != NULL || options->looks;
	rt->looks = options->looks;
	int code = rt->keeps ? apl_open_store(rt, options, rt->journal_fn != NULL ? guard_journal : NULL, &engine.store, error)
	                     : open_memory(rt, &engine.store, error);
	if (code != APLOMB_OK) return code;
	if (rt->looks && options->limits == NULL) {
		apl_look_limits(&rt->alloc, &engine.store, &rt->limits);
		engine.limits = rt->limits;
	}
	const aplomb_instant last_at = rt->keeps ? engine.store.ops->last_at(engine.store.self) : APLOMB_NEVER;
	/* Time that is turned by hand goes on where it stood. */
	if (last_at != APLOMB_NEVER && options->clock == NULL && options->time_follows_events) apl_clock_turn(&rt->clock, last_at);
	code = apl_engine_new(&rt->engine, &engine, error);
	/* Who only looks has nothing to catch up with, and brings back what is asked for. */
	if (code != APLOMB_OK || !rt->keeps || rt->looks) return code;
	/* Nobody was there since. A clock that has gone back since then has not seen the time that passed. */
	if (last_at != APLOMB_NEVER && last_at < apl_clock_now(&rt->clock)) apl_engine_away(rt->engine, last_at, NULL);
	return apl_engine_reload(rt->engine, error);
}

int aplomb_open(aplomb_runtime **out, const aplomb_options *given, aplomb_error *error) {
	if (out == NULL) return apl_fail_null(error, "aplomb_open", "out");
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_limits limits = {.size = sizeof limits};
	int code = APLOMB_OK;
	if (given != NULL) code = apl_take_struct(&options, sizeof options, given, "aplomb_options", error);
	if (code == APLOMB_OK) code = check_options(&options, error);
	if (code == APLOMB_OK && options.limits != NULL) code = apl_take_struct(&limits, sizeof limits, options.limits, "aplomb_limits", error);
	if (code != APLOMB_OK) return code;

	apl_alloc alloc = options.allocator != NULL ? *options.allocator : apl_alloc_system();
	aplomb_runtime *rt = apl_new(&alloc, sizeof *rt);
	if (rt == NULL) return apl_fail_memory(error);
	rt->alloc = alloc;
	code = wire(rt, &options, &limits, error);
	if (code != APLOMB_OK) {
		aplomb_close(rt);
		return code;
	}
	*out = rt;
	return APLOMB_OK;
}

void aplomb_close(aplomb_runtime *rt) {
	if (rt == NULL) return;
	apl_alloc alloc = rt->alloc;
	if (rt->engine != NULL) apl_engine_free(rt->engine);
	apl_log_dispose(&rt->log, &alloc);
	if (rt->trace_case != NULL) apl_free(&alloc, rt->trace_case, strlen(rt->trace_case) + 1);
	apl_free(&alloc, rt, sizeof *rt);
}

int aplomb_reset(aplomb_runtime *rt, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_reset", error);
	if (code != APLOMB_OK) return code;
	if (rt->keeps)
		return apl_fail(error, APLOMB_EINVAL, "store-reset",
		    "aplomb_reset: this runtime's cases are in a store, and what it acknowledged stands; open one without a store for this");
	apl_store store;
	code = open_memory(rt, &store, error);
	if (code != APLOMB_OK) return code;
	code = apl_engine_put_sources(rt->engine, &store, error);
	if (code != APLOMB_OK) {
		store.ops->close(store.self);
		return code;
	}
	apl_engine_reset(rt->engine, store);
	apl_clock_reset(&rt->clock);
	return APLOMB_OK;
}

aplomb_instant aplomb_now(aplomb_runtime *rt) {
	return rt == NULL ? 0 : apl_clock_now(&rt->clock);
}

int aplomb_turn_clock(aplomb_runtime *rt, aplomb_instant at, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_turn_clock", error);
	if (code != APLOMB_OK) return code;
	if (rt->clock.fn != NULL)
		return apl_fail(error, APLOMB_EINVAL, "clock-not-by-hand",
		    "aplomb_turn_clock: this runtime's clock turns by itself; set options.time_follows_events to turn it by hand");
	if (apl_clock_turn(&rt->clock, at)) return APLOMB_OK;
	if (rt->rehearses) {
		apl_clock_put(&rt->clock, at);
		return APLOMB_OK;
	}
	char asked[32], now[32];
	aplomb_instant_write(at, asked);
	aplomb_instant_write(apl_clock_now(&rt->clock), now);
	return apl_fail(error, APLOMB_EINVAL, "clock-backwards",
	    "aplomb_turn_clock: cannot turn to %s: it is %s already, and time only goes forward", asked, now);
}

/* ---- texts given away --------------------------------------------------- */

/* The host frees a text without knowing its size, our allocators want it back: it stands before the text. */
typedef struct given_text {
	size_t size; /* of the block */
	char bytes[];
} given_text;

int apl_give_text(aplomb_runtime *rt, apl_buf *text, char **out, size_t *size, aplomb_error *error) {
	if (text->failed) return apl_fail_memory(error);
	given_text *given = apl_new(&rt->alloc, sizeof *given + text->size + 1);
	if (given == NULL) return apl_fail_memory(error);
	given->size = sizeof *given + text->size + 1;
	if (text->size > 0) memcpy(given->bytes, text->bytes, text->size);
	*out = given->bytes;
	if (size != NULL) *size = text->size;
	return APLOMB_OK;
}

void aplomb_text_free(aplomb_runtime *rt, char *text) {
	if (rt == NULL || text == NULL) return;
	given_text *given = (given_text *)(void *)(text - offsetof(given_text, bytes));
	apl_free(&rt->alloc, given, given->size);
}

/* ---- events ------------------------------------------------------------- */

static int check_event(const aplomb_event *event, const char *call, aplomb_error *error) {
	if (event->case_id == NULL) return apl_fail_null(error, call, "event->case_id");
	if (event->name == NULL) return apl_fail_null(error, call, "event->name");
	if (event->fields == NULL && event->n_fields > 0) return apl_fail_null(error, call, "event->fields");
	return APLOMB_OK;
}

/* A call that may come from a callback leaves the runtime as present as it was. */
static int post_inside(aplomb_runtime *rt, const aplomb_event *event, aplomb_receipt_fn done, void *payload, aplomb_error *error) {
	apl_presence before = rt->presence;
	apl_enter(rt);
	int code = apl_engine_post(rt->engine, event, done, payload, error);
	rt->presence = before;
	return code;
}

int aplomb_post(aplomb_runtime *rt, const aplomb_event *given, aplomb_receipt_fn done, void *payload, aplomb_error *error) {
	int code = may_post(rt, "aplomb_post", error);
	if (code != APLOMB_OK) return code;
	if (given == NULL) return apl_fail_null(error, "aplomb_post", "event");
	aplomb_event taken;
	const aplomb_event *event = given;
	if (given->size != sizeof taken) { /* of another version's header; ours is on the path of every event and needs no copy */
		code = apl_take_struct(&taken, sizeof taken, given, "aplomb_event", error);
		event = &taken;
	}
	if (code == APLOMB_OK) code = check_event(event, "aplomb_post", error);
	if (code != APLOMB_OK) return code;
	return post_inside(rt, event, done, payload, error);
}

int aplomb_post_json(aplomb_runtime *rt, const char *text, size_t size, aplomb_receipt_fn done, void *payload, aplomb_error *error) {
	int code = may_post(rt, "aplomb_post_json", error);
	if (code != APLOMB_OK) return code;
	if (text == NULL) return apl_fail_null(error, "aplomb_post_json", "text");
	apl_presence before = rt->presence;
	apl_enter(rt);
	code = apl_engine_post_json(rt->engine, text, size, done, payload, error);
	rt->presence = before;
	return code;
}

void aplomb_expect(const aplomb_runtime *rt, const char *const *case_ids, size_t count) {
	if (rt != NULL && case_ids != NULL) apl_engine_expect(rt->engine, case_ids, count);
}

/* What waits for its own commit: an event, or an opening. */
typedef int (*wait_fn)(apl_engine *engine, const aplomb_event *event, aplomb_receipt *receipt, aplomb_error *error);

static int wait_for(aplomb_runtime *rt, const aplomb_event *event, wait_fn wait, aplomb_receipt *receipt, aplomb_error *error) {
	aplomb_receipt filled = {.size = sizeof filled};
	if (receipt != NULL && receipt->size < sizeof receipt->size)
		return apl_fail(error, APLOMB_EINVAL, "struct-size", "aplomb_receipt: size is %zu; begin with APLOMB_RECEIPT_INIT, which sets it",
		    receipt->size);
	apl_enter(rt);
	int code = wait(rt->engine, event, &filled, error);
	apl_leave(rt);
	if (receipt != NULL) apl_give_struct(receipt, &filled, sizeof filled);
	return code;
}

int aplomb_post_wait(aplomb_runtime *rt, const aplomb_event *given, aplomb_receipt *receipt, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_post_wait", error);
	if (code != APLOMB_OK) return code;
	if (given == NULL) return apl_fail_null(error, "aplomb_post_wait", "event");
	aplomb_event event;
	code = apl_take_struct(&event, sizeof event, given, "aplomb_event", error);
	if (code == APLOMB_OK) code = check_event(&event, "aplomb_post_wait", error);
	if (code != APLOMB_OK) return code;
	return wait_for(rt, &event, apl_engine_post_wait, receipt, error);
}

int aplomb_case_open(aplomb_runtime *rt, const aplomb_event *given, aplomb_receipt *receipt, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_case_open", error);
	if (code != APLOMB_OK) return code;
	if (given == NULL) return apl_fail_null(error, "aplomb_case_open", "opening");
	aplomb_event opening;
	code = apl_take_struct(&opening, sizeof opening, given, "aplomb_event", error);
	if (code != APLOMB_OK) return code;
	if (opening.case_id == NULL) return apl_fail_null(error, "aplomb_case_open", "opening->case_id");
	if (opening.name != NULL || opening.id != NULL || opening.data != NULL || opening.fields != NULL || opening.n_fields > 0)
		return apl_fail(error, APLOMB_EINVAL, "opening-event",
		    "aplomb_case_open: the opening carries an event; give name, id, data and fields as NULL, or post it with aplomb_post_wait");
	return wait_for(rt, &opening, apl_engine_open_case, receipt, error);
}

int aplomb_pump(aplomb_runtime *rt, uint32_t most, aplomb_pump_report *report, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_pump", error);
	if (code != APLOMB_OK) return code;
	if (report != NULL && report->size < sizeof report->size)
		return apl_fail(error, APLOMB_EINVAL, "struct-size",
		    "aplomb_pump_report: size is %zu; begin with APLOMB_PUMP_REPORT_INIT, which sets it", report->size);
	aplomb_pump_report filled = APLOMB_PUMP_REPORT_INIT;
	apl_enter(rt);
	code = apl_engine_pump(rt->engine, most, &filled, error);
	apl_leave(rt);
	if (report != NULL) apl_give_struct(report, &filled, sizeof filled);
	return code;
}

void aplomb_interrupt(aplomb_runtime *rt) {
	if (rt != NULL) rt->interrupted = true;
}

bool aplomb_next_due(aplomb_runtime *rt, aplomb_instant *at) {
	aplomb_instant due = 0;
	if (!apl_is_open(rt) || !apl_engine_next_due(rt->engine, &due)) return false;
	if (at != NULL) *at = due;
	return true;
}

int aplomb_away(aplomb_runtime *rt, aplomb_instant from, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_away", error);
	return code != APLOMB_OK ? code : apl_engine_away(rt->engine, from, error);
}

/* ---- effects ------------------------------------------------------------ */

int aplomb_on_effect(aplomb_runtime *rt, const char *kind, aplomb_effect_fn fn, void *payload, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_on_effect", error);
	if (code != APLOMB_OK) return code;
	if (kind == NULL) return apl_fail_null(error, "aplomb_on_effect", "kind");
	if (fn == NULL) return apl_fail_null(error, "aplomb_on_effect", "fn");
	if (rt->rehearses)
		return apl_fail(error, APLOMB_EINVAL, "rehearsal-effects",
		    "aplomb_on_effect: this runtime is a rehearsal, and its effects are handed to nobody; read them in the journal");
	return apl_engine_on_effect(rt->engine, kind, fn, payload, error);
}

size_t aplomb_missing_handlers(aplomb_runtime *rt, void (*tell)(const char *kind, const char *playbook, void *payload), void *payload) {
	if (!apl_is_open(rt)) return 0;
	apl_enter(rt);
	size_t count = apl_engine_missing_handlers(rt->engine, tell, payload);
	apl_leave(rt);
	return count;
}

int aplomb_answer_effect(aplomb_runtime *rt, const aplomb_effect_answer *answer, aplomb_error *error) {
	int code = may_post(rt, "aplomb_answer_effect", error);
	if (code != APLOMB_OK) return code;
	if (answer == NULL) return apl_fail_null(error, "aplomb_answer_effect", "answer");
	aplomb_effect_answer taken;
	code = apl_take_struct(&taken, sizeof taken, answer, "aplomb_effect_answer", error);
	if (code != APLOMB_OK) return code;
	if (taken.key == NULL) return apl_fail_null(error, "aplomb_answer_effect", "answer->key");
	if ((int)taken.outcome < APLOMB_OUTCOME_DONE || (int)taken.outcome > APLOMB_OUTCOME_REFUSED)
		return apl_fail(error, APLOMB_EINVAL, "bad-outcome",
		    "aplomb_answer_effect: %d is no outcome: give DONE, FAILED, UNKNOWN or REFUSED", (int)taken.outcome);
	return apl_engine_answer_effect(rt->engine, &taken, error);
}

/* ---- cases -------------------------------------------------------------- */

apl_case *apl_find_case(const aplomb_runtime *rt, const char *case_id) {
	return case_id == NULL ? NULL : apl_engine_case(rt->engine, case_id, strlen(case_id));
}

/* For the calls that want a case and have an error to fill. */
static int get_case(const aplomb_runtime *rt, const char *case_id, const char *call, apl_case **out, aplomb_error *error) {
	int code = apl_may_enter(rt, call, error);
	if (code != APLOMB_OK) return code;
	if (case_id == NULL) return apl_fail_null(error, call, "case_id");
	return apl_engine_find(rt->engine, case_id, strlen(case_id), out, error);
}

int aplomb_case_mend(aplomb_runtime *rt, const char *case_id, const aplomb_mend *mend, aplomb_receipt *receipt, aplomb_error *error) {
	static const char call[] = "aplomb_case_mend";
	apl_case *c;
	int code = get_case(rt, case_id, call, &c, error);
	if (code == APLOMB_OK && mend == NULL) code = apl_fail_null(error, call, "mend");
	aplomb_mend taken;
	if (code == APLOMB_OK) code = apl_take_struct(&taken, sizeof taken, mend, "aplomb_mend", error);
	if (code == APLOMB_OK && receipt != NULL && receipt->size < sizeof receipt->size)
		code = apl_fail(error, APLOMB_EINVAL, "struct-size", "aplomb_receipt: size is %zu; begin with APLOMB_RECEIPT_INIT, which sets it",
		    receipt->size);
	if (code != APLOMB_OK) return code;
	aplomb_receipt filled = APLOMB_RECEIPT_INIT;
	apl_enter(rt);
	code = apl_engine_mend(rt->engine, c, &taken, &filled, error);
	apl_leave(rt);
	if (code == APLOMB_OK && receipt != NULL) apl_give_struct(receipt, &filled, sizeof filled);
	return code;
}

int aplomb_case_get(aplomb_runtime *rt, const char *case_id, aplomb_case_info *out, aplomb_error *error) {
	apl_case *c;
	int code = get_case(rt, case_id, "aplomb_case_get", &c, error);
	if (code != APLOMB_OK) return code;
	if (out == NULL) return apl_fail_null(error, "aplomb_case_get", "out");
	if (out->size < sizeof out->size)
		return apl_fail(error, APLOMB_EINVAL, "struct-size",
		    "aplomb_case_info: size is %zu; begin with APLOMB_CASE_INFO_INIT, which sets it", out->size);
	aplomb_case_info info = {.size = sizeof info,
	    .id = apl_case_id(c),
	    .subject = apl_case_subject(c),
	    .playbook = apl_playbook_of(c->program),
	    .status = (aplomb_case_status)c->status,
	    .seq = c->seq,
	    .opened_at = c->opened_at,
	    .at = c->at,
	    .n_timers = (uint32_t)apl_engine_timers(rt->engine, c, NULL, NULL),
	    .outcome = apl_engine_outcome(c),
	    .parent = apl_case_parent(c),
	    .invoke = apl_case_invoke(c)};
	apl_give_struct(out, &info, sizeof info);
	return APLOMB_OK;
}

size_t aplomb_effects(
    aplomb_runtime *rt, const char *case_id, void (*tell)(const aplomb_waiting_effect *effect, void *payload), void *payload) {
	if (!apl_is_open(rt)) return 0;
	apl_case *c = apl_find_case(rt, case_id);
	if (case_id != NULL && c == NULL) return 0;
	apl_enter(rt);
	size_t count = apl_engine_effects(rt->engine, c, tell, payload);
	apl_leave(rt);
	return count;
}

bool aplomb_case_is_in(aplomb_runtime *rt, const char *case_id, const char *path) {
	if (!apl_is_open(rt) || path == NULL) return false;
	apl_case *c = apl_find_case(rt, case_id);
	if (c == NULL) return false;
	uint32_t state = apl_chart_state(c->program->chart, path, strlen(path));
	return state != APL_NONE && apl_set_has(apl_case_configuration(c), state);
}

size_t aplomb_case_states(aplomb_runtime *rt, const char *case_id, void (*tell)(const char *path, void *payload), void *payload) {
	if (!apl_is_open(rt)) return 0;
	apl_case *c = apl_find_case(rt, case_id);
	if (c == NULL) return 0;
	const apl_chart *chart = c->program->chart;
	size_t count = 0;
	apl_enter(rt);
	for (uint32_t s = 0; s < chart->n_states; s++) {
		bool is_atomic = chart->states[s].kind == APL_ATOMIC || chart->states[s].kind == APL_FINAL;
		if (!is_atomic || !apl_set_has(apl_case_configuration(c), s)) continue;
		count++;
		if (tell != NULL) tell(chart->states[s].path, payload);
	}
	apl_leave(rt);
	return count;
}

size_t aplomb_case_timers(
    aplomb_runtime *rt, const char *case_id, void (*tell)(const char *name, aplomb_instant due_at, void *payload), void *payload) {
	if (!apl_is_open(rt)) return 0;
	apl_case *c = apl_find_case(rt, case_id);
	if (c == NULL) return 0;
	apl_enter(rt);
	size_t count = apl_engine_timers(rt->engine, c, tell, payload);
	apl_leave(rt);
	return count;
}

size_t aplomb_case_children(
    aplomb_runtime *rt, const char *case_id, void (*tell)(const char *invoke, const char *child, void *payload), void *payload) {
	if (!apl_is_open(rt)) return 0;
	const apl_case *c = apl_find_case(rt, case_id);
	if (c == NULL) return 0;
	apl_enter(rt);
	size_t count = apl_engine_children(c, tell, payload);
	apl_leave(rt);
	return count;
}

size_t aplomb_case_counters(
    aplomb_runtime *rt, const char *case_id, void (*tell)(const char *name, uint64_t count, void *payload), void *payload) {
	if (!apl_is_open(rt)) return 0;
	apl_case *c = apl_find_case(rt, case_id);
	if (c == NULL) return 0;
	apl_enter(rt);
	size_t count = apl_engine_counters(c, apl_clock_now(&rt->clock), tell, payload);
	apl_leave(rt);
	return count;
}

static int give_data(
    aplomb_runtime *rt, const char *case_id, const char *call, bool redact, char **json, size_t *size, aplomb_error *error) {
	apl_case *c;
	int code = get_case(rt, case_id, call, &c, error);
	if (code != APLOMB_OK) return code;
	if (json == NULL) return apl_fail_null(error, call, "json");
	apl_buf text;
	apl_buf_init(&text, &rt->alloc);
	apl_record_write(&text, c->program->data, apl_case_data(c), redact);
	code = apl_give_text(rt, &text, json, size, error);
	apl_buf_dispose(&text);
	return code;
}

int aplomb_case_data(aplomb_runtime *rt, const char *case_id, char **json, size_t *size, aplomb_error *error) {
	return give_data(rt, case_id, "aplomb_case_data", false, json, size, error);
}

int aplomb_case_data_shown(aplomb_runtime *rt, const char *case_id, char **json, size_t *size, aplomb_error *error) {
	return give_data(rt, case_id, "aplomb_case_data_shown", true, json, size, error);
}

int aplomb_case_snapshot(aplomb_runtime *rt, const char *case_id, char **json, size_t *size, aplomb_error *error) {
	apl_case *c;
	int code = get_case(rt, case_id, "aplomb_case_snapshot", &c, error);
	if (code != APLOMB_OK) return code;
	if (json == NULL) return apl_fail_null(error, "aplomb_case_snapshot", "json");
	apl_buf text;
	apl_buf_init(&text, &rt->alloc);
	code = apl_engine_snapshot(rt->engine, c, &text, error);
	if (code == APLOMB_OK) code = apl_give_text(rt, &text, json, size, error);
	apl_buf_dispose(&text);
	return code;
}

int aplomb_case_restore(aplomb_runtime *rt, const char *json, size_t size, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_case_restore", error);
	if (code != APLOMB_OK) return code;
	if (json == NULL) return apl_fail_null(error, "aplomb_case_restore", "json");
	apl_enter(rt);
	code = apl_engine_restore(rt->engine, json, size, error);
	apl_leave(rt);
	return code;
}

size_t aplomb_cases(aplomb_runtime *rt, void (*tell)(const char *case_id, void *payload), void *payload) {
	if (!apl_is_open(rt)) return 0;
	apl_enter(rt);
	size_t count = apl_engine_cases(rt->engine, tell, payload);
	apl_leave(rt);
	return count;
}

static int each_line(aplomb_runtime *rt, const char *case_id, const char *call, uint64_t from,
    int (*line)(const char *text, size_t size, void *payload), void *payload, aplomb_error *error) {
	apl_case *c;
	int code = get_case(rt, case_id, call, &c, error);
	if (code != APLOMB_OK) return code;
	if (line == NULL) return apl_fail_null(error, call, "line");
	apl_enter(rt);
	code = apl_engine_journal_each(rt->engine, c, from, line, payload, error);
	apl_leave(rt);
	return code;
}

int aplomb_journal_each(aplomb_runtime *rt, const char *case_id, int (*line)(const char *text, size_t size, void *payload), void *payload,
    aplomb_error *error) {
	return each_line(rt, case_id, "aplomb_journal_each", 0, line, payload, error);
}

int aplomb_journal_from(aplomb_runtime *rt, const char *case_id, uint64_t from, int (*line)(const char *text, size_t size, void *payload),
    void *payload, aplomb_error *error) {
	return each_line(rt, case_id, "aplomb_journal_from", from, line, payload, error);
}

void aplomb_count(aplomb_runtime *rt, aplomb_totals *out) {
	if (out == NULL || out->size < sizeof out->size) return;
	aplomb_totals totals = APLOMB_TOTALS_INIT;
	if (apl_is_open(rt)) apl_engine_count(rt->engine, &totals);
	apl_give_struct(out, &totals, sizeof totals);
}
